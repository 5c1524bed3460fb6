// Names of entities: the built-in component v.Name, and an index from names to entities.
#include "ecs_internal.h"

static ecs_name *name_of(const ecs_store *store, uint32_t index)
{
    bool has = ecs_has(store, ECS_NAME, index);
    return has ? (ecs_name *)(void *)ecs_place(&store->columns[ECS_NAME], index) : NULL;
}

void ecs_forget_name(v_world *world, uint32_t index)
{
    (void)v_map_remove(&world->store.names, v_hash64_text(name_of(&world->store, index)->text));
}

v_status ecs_index_names(const v_world *world, ecs_store *store)
{
    (void)world;
    for (uint32_t i = 1, found = 0; found < store->columns[ECS_NAME].count; i++) {
        const ecs_name *name = name_of(store, i);
        if (name == NULL) {
            continue;
        }
        found++;
        uint64_t key = v_hash64_text(name->text);
        if (name->text[0] == '\0' || v_map_find(&store->names, key) != NULL) {
            return v_fail(V_ERROR_BAD_INPUT, "v_world_restore: two entities of the name \"%s\"", name->text);
        }
        V_TRY(v_map_set(&store->names, key, i));
    }
    return V_OK;
}

/// Give `entity` a name that is free.
static v_status put_name(v_world *world, v_entity entity, const char *name, size_t length)
{
    ecs_store *store = &world->store;
    bool had = ecs_has(store, ECS_NAME, entity.index);
    // What may fail comes first: the page, then the index.
    ecs_name *place = had ? name_of(store, entity.index) : ecs_add_raw(world, entity.index, ECS_NAME);
    if (place == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    v_status status = v_map_set(&store->names, v_hash64_text(name), entity.index);
    if (status != V_OK) {
        if (!had) {
            ecs_remove(world, entity, ECS_NAME);
        }
        return status;
    }
    if (had) {
        ecs_forget_name(world, entity.index);
    }
    memset(place->text, 0, sizeof(place->text));
    memcpy(place->text, name, length);
    return V_OK;
}

v_status v_entity_set_name(v_world *world, v_entity entity, const char *name)
{
    V_TRY(ecs_check_change(world, "v_entity_set_name"));
    V_TRY(ecs_check_entity(world, entity, "v_entity_set_name"));
    size_t length = name != NULL ? strnlen(name, V_ENTITY_NAME_MAX + 1) : 0;
    if (length > V_ENTITY_NAME_MAX) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_entity_set_name: \"%.20s...\" is longer than %d bytes", name,
                      V_ENTITY_NAME_MAX);
    }
    if (length == 0) {
        if (ecs_has(&world->store, ECS_NAME, entity.index)) {
            ecs_forget_name(world, entity.index);
            ecs_remove(world, entity, ECS_NAME);
        }
    } else if (strcmp(v_entity_name(world, entity), name) != 0) {
        const uint64_t *taken = v_map_find(&world->store.names, v_hash64_text(name));
        if (taken != NULL) {
            return v_fail(V_ERROR_INVALID_ARGUMENT, "v_entity_set_name: \"%s\" is the name of entity %u", name,
                          (uint32_t)*taken);
        }
        V_TRY(put_name(world, entity, name, length));
    }
    v_writer *writer = v_world_journal_begin(world);
    if (writer != NULL) {
        ecs_write_entity(writer, entity);
        v_write_text(writer, name);
        v_world_journal_commit(world, V_OP_ENTITY_SET_NAME);
    }
    return V_OK;
}

const char *v_entity_name(const v_world *world, v_entity entity)
{
    bool alive = v_entity_is_alive(world, entity);
    const ecs_name *name = alive ? name_of(&world->store, entity.index) : NULL;
    return name != NULL ? name->text : "";
}

v_entity v_entity_find(const v_world *world, const char *name)
{
    if (world == NULL || name == NULL) {
        return (v_entity){ 0 };
    }
    const uint64_t *found = v_map_find(&world->store.names, v_hash64_text(name));
    const ecs_name *held = found != NULL ? name_of(&world->store, (uint32_t)*found) : NULL;
    if (held == NULL || strcmp(held->text, name) != 0) {
        return (v_entity){ 0 };
    }
    return world->store.ids[*found];
}
