// Prefabs: entities that queries skip, and copies of them with everything below.
#include "ecs_internal.h"

void ecs_mark_prefab(v_world *world, v_entity entity)
{
    for (v_entity at = entity; !v_entity_is_null(at); at = ecs_next_below(world, entity, at)) {
        (void)ecs_add_raw(world, at.index, ECS_PREFAB); // a tag: needs no memory
    }
}

v_status v_entity_make_prefab(v_world *world, v_entity entity)
{
    V_TRY(ecs_check_change(world, "v_entity_make_prefab"));
    V_TRY(ecs_check_entity(world, entity, "v_entity_make_prefab"));
    ecs_mark_prefab(world, entity);
    v_writer *writer = v_world_journal_begin(world);
    if (writer != NULL) {
        ecs_write_entity(writer, entity);
        v_world_journal_commit(world, V_OP_ENTITY_MAKE_PREFAB);
    }
    return V_OK;
}

bool v_entity_is_prefab(const v_world *world, v_entity entity)
{
    return v_entity_is_alive(world, entity) && ecs_has(&world->store, ECS_PREFAB, entity.index);
}

/// Create the copies' slots and links; their components come later. `map` gets pattern index to copy index.
static v_entity copy_tree(v_world *world, v_entity pattern, v_map *map)
{
    v_entity root = { 0 };
    for (v_entity at = pattern; !v_entity_is_null(at); at = ecs_next_below(world, pattern, at)) {
        v_entity copy = ecs_create(world);
        v_status status = v_entity_is_null(copy) ? V_ERROR_FULL : v_map_set(map, at.index, copy.index);
        if (status == V_OK && !v_entity_equal(at, pattern)) {
            uint32_t above = (uint32_t)*v_map_find(map, ecs_node_get(world, at.index)->parent.index);
            status = ecs_set_parent(world, copy, world->store.ids[above]);
        }
        if (v_entity_is_null(root)) {
            root = copy;
        }
        if (status != V_OK) {
            if (!v_entity_is_null(copy) && !v_entity_equal(copy, root)) {
                ecs_destroy(world, copy);
            }
            if (!v_entity_is_null(root)) {
                ecs_destroy(world, root);
            }
            return (v_entity){ 0 };
        }
    }
    return root;
}

/// Point entity fields of a copied value at the copies where they meant the pattern.
static void redirect(const v_world *world, const ecs_type *type, const v_map *map, uint8_t *value)
{
    for (uint32_t f = 0; f < type->info->field_count; f++) {
        const v_field *field = &type->info->fields[f];
        for (uint32_t i = 0; field->kind == V_FIELD_ENTITY && i < field->count; i++) {
            uint8_t *at = value + field->offset_bytes + i * sizeof(v_entity);
            v_entity entity;
            memcpy(&entity, at, sizeof(entity));
            const uint64_t *copy = ecs_is_alive(&world->store, entity) ? v_map_find(map, entity.index) : NULL;
            if (copy != NULL) {
                memcpy(at, &world->store.ids[*copy], sizeof(entity));
            }
        }
    }
}

static v_status copy_values(v_world *world, v_entity pattern, v_entity copy, const v_map *map)
{
    for (uint32_t i = ECS_FIRST_OPEN; i < world->type_count; i++) {
        if (!ecs_has(&world->store, i, pattern.index)) {
            continue;
        }
        const ecs_column *column = &world->store.columns[i];
        uint8_t *place = ecs_add_raw(world, copy.index, i);
        if (place == NULL) {
            return V_ERROR_OUT_OF_MEMORY;
        }
        if (column->size_bytes != 0) {
            memcpy(place, ecs_place(column, pattern.index), column->size_bytes);
            redirect(world, &world->types[i], map, place);
        }
    }
    return V_OK;
}

/// Tell observers about a finished copy. They cannot change the structure, so the walk is safe.
static void notify_tree(v_world *world, v_entity root)
{
    for (v_entity at = root; !v_entity_is_null(at); at = ecs_next_below(world, root, at)) {
        for (uint32_t i = ECS_FIRST_OPEN; i < world->type_count; i++) {
            if (world->types[i].observed != 0 && ecs_has(&world->store, i, at.index)) {
                ecs_notify(world, at, i, V_ON_ADD);
                ecs_notify(world, at, i, V_ON_SET);
            }
        }
    }
}

v_entity ecs_instantiate(v_world *world, v_entity prefab)
{
    v_map *map = &world->copies;
    v_map_clear(map);
    v_entity root = copy_tree(world, prefab, map);
    if (v_entity_is_null(root)) {
        return root;
    }
    v_entity from = prefab;
    for (v_entity to = root; !v_entity_is_null(to); to = ecs_next_below(world, root, to)) {
        if (copy_values(world, from, to, map) != V_OK) {
            // Nobody has seen the copy: take it back without telling observers.
            world->quiet = true;
            ecs_destroy(world, root);
            world->quiet = false;
            return (v_entity){ 0 };
        }
        from = ecs_next_below(world, prefab, from);
    }
    notify_tree(world, root);
    return root;
}

v_entity v_entity_instantiate(v_world *world, v_entity prefab)
{
    if (ecs_check_change(world, "v_entity_instantiate") != V_OK ||
        ecs_check_entity(world, prefab, "v_entity_instantiate") != V_OK) {
        return (v_entity){ 0 };
    }
    v_entity copy = ecs_instantiate(world, prefab);
    v_writer *writer = v_entity_is_null(copy) ? NULL : v_world_journal_begin(world);
    if (writer != NULL) {
        ecs_write_entity(writer, prefab);
        v_world_journal_commit(world, V_OP_ENTITY_INSTANTIATE);
    }
    ecs_settle(world);
    return copy;
}
