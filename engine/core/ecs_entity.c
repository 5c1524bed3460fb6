// Entities and their components: create, destroy, set, remove, get.
#include "ecs_internal.h"

v_status ecs_check_world(const v_world *world, const char *function)
{
    return world != NULL ? V_OK : v_fail(V_ERROR_INVALID_ARGUMENT, "%s: world is null", function);
}

v_status ecs_check_change(const v_world *world, const char *function)
{
    if (ECS_UNLIKELY(world == NULL)) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "%s: world is null", function);
    }
    if (ECS_UNLIKELY(world->guard != 0) && (world->observer_depth != 0 || (world->guard & ECS_GUARD_QUERY_FOR) != 0)) {
        return v_fail(V_ERROR_STATE, "%s: called %s; use v_commands (v/ecs.h) there", function,
                      world->observer_depth == 0 ? "within v_query_for" : "by an observer");
    }
    return V_OK;
}

v_status ecs_check_entity(const v_world *world, v_entity entity, const char *function)
{
    if (ECS_UNLIKELY(!ecs_is_alive(&world->store, entity))) {
        return v_fail(V_ERROR_STALE, "%s: entity %u:%u is not alive", function, entity.index, entity.generation);
    }
    return V_OK;
}

v_status ecs_check_component(const v_world *world, v_component component, const char *function)
{
    if (ECS_UNLIKELY(component.id - ECS_NAME >= world->type_count - ECS_NAME)) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "%s: component %u is not registered (%u are)", function, component.id,
                      world->type_count - ECS_NAME);
    }
    if (ECS_UNLIKELY(component.id < ECS_FIRST_OPEN)) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "%s: %s belongs to the world; use the function for it in v/ecs.h",
                      function, world->types[component.id].info->name);
    }
    return V_OK;
}

/// memcpy with the common sizes inlined: a call per value would cost as much as all the rest.
static inline void copy_value(void *out, const void *value, uint32_t size_bytes)
{
    switch (size_bytes) {
    case 4:
        memcpy(out, value, 4);
        break;
    case 8:
        memcpy(out, value, 8);
        break;
    case 12:
        memcpy(out, value, 12);
        break;
    case 16:
        memcpy(out, value, 16);
        break;
    default:
        memcpy(out, value, size_bytes);
        break;
    }
}

/// Note that slot `index` has the component now; it had not.
static inline void gain(v_world *world, ecs_column *column, uint32_t ordinal, uint32_t index)
{
    ecs_set_bit(&world->store, ordinal, index);
    column->count++;
    world->versions[ordinal]++;
}

void *ecs_add_raw(v_world *world, uint32_t index, uint32_t ordinal)
{
    ecs_store *store = &world->store;
    ecs_column *column = &store->columns[ordinal];
    bool is_tag = column->size_bytes == 0;
    if (ecs_store_make_page(world, store, ordinal, index) == NULL && !is_tag) {
        return NULL;
    }
    if (!ecs_has(store, ordinal, index)) {
        gain(world, column, ordinal, index);
        if (!is_tag) {
            *ecs_stamp(column, index) = store->ids[index].generation;
        }
    }
    // A tag has no page; its place is never written, only not null.
    return is_tag ? (void *)ecs_word(store, ordinal, index) : (void *)ecs_place(column, index);
}

v_status ecs_set(v_world *world, v_entity entity, uint32_t ordinal, const void *value)
{
    bool observed = ECS_UNLIKELY(world->types[ordinal].observed != 0);
    bool had = observed && ecs_has(&world->store, ordinal, entity.index);
    uint32_t size_bytes = world->store.columns[ordinal].size_bytes;
    void *place = ecs_add_raw(world, entity.index, ordinal);
    if (ECS_UNLIKELY(place == NULL)) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    if (value != NULL) {
        copy_value(place, value, size_bytes);
    } else if (size_bytes != 0) {
        memset(place, 0, size_bytes);
    }
    if (observed) {
        if (!had) {
            ecs_notify(world, entity, ordinal, V_ON_ADD);
        }
        ecs_notify(world, entity, ordinal, V_ON_SET);
    }
    return V_OK;
}

/// Take the component from slot `index`, which has it. `word` is its presence word.
static inline void lose(v_world *world, uint32_t ordinal, uint32_t index, uint64_t *word)
{
    ecs_column *column = &world->store.columns[ordinal];
    *word &= ~(1ull << (index & 63));
    if (column->size_bytes != 0) {
        *ecs_stamp(column, index) = 0;
    }
    column->count--;
    world->versions[ordinal]++;
}

void ecs_remove(v_world *world, v_entity entity, uint32_t ordinal)
{
    if (ECS_UNLIKELY(world->types[ordinal].observed != 0)) {
        ecs_notify(world, entity, ordinal, V_ON_REMOVE);
    }
    lose(world, ordinal, entity.index, ecs_word(&world->store, ordinal, entity.index));
}

v_entity ecs_create(v_world *world)
{
    uint32_t index = ecs_store_take_slot(world, &world->store);
    if (ECS_UNLIKELY(index == 0)) {
        return (v_entity){ 0 };
    }
    world->versions[ECS_ALIVE]++;
    return world->store.ids[index];
}

/// Take all components from slot `index` and give it back. `words` are its presence words, liveness first.
static inline void strip_and_free(v_world *world, uint32_t index, uint64_t *words)
{
    uint64_t bit = 1ull << (index & 63);
    uint64_t *word = words + ECS_BLOCK_WORDS;
    for (uint32_t i = ECS_NAME; i < world->type_count; i++, word += ECS_BLOCK_WORDS) {
        if ((*word & bit) != 0) {
            lose(world, i, index, word);
        }
    }
    ecs_store_free_slot(&world->store, index);
    world->versions[ECS_ALIVE]++;
}

/// Remove everything from one entity that has no children any more, and give its slot back.
static void destroy_one(v_world *world, v_entity entity)
{
    ecs_store *store = &world->store;
    uint64_t *words = ecs_word(store, 0, entity.index);
    uint64_t bit = 1ull << (entity.index & 63);
    if (ECS_UNLIKELY((words[ECS_NODE * ECS_BLOCK_WORDS] & bit) != 0)) {
        ecs_unlink(world, entity);
    }
    if (ECS_UNLIKELY((words[ECS_NAME * ECS_BLOCK_WORDS] & bit) != 0)) {
        ecs_forget_name(world, entity.index);
    }
    for (uint32_t i = ECS_NAME; ECS_UNLIKELY(world->guard != 0) && i < world->type_count; i++) {
        if ((words[i * ECS_BLOCK_WORDS] & bit) != 0) {
            ecs_remove(world, entity, i);
        }
    }
    strip_and_free(world, entity.index, words);
}

void ecs_destroy(v_world *world, v_entity entity)
{
    // Depth first without recursion: a chain of a million children is legal.
    while (ecs_has(&world->store, ECS_NODE, entity.index)) {
        v_entity deepest = entity;
        const ecs_node *node = ecs_node_get(world, deepest.index);
        while (node != NULL && !v_entity_is_null(node->first)) {
            deepest = node->first;
            node = ecs_node_get(world, deepest.index);
        }
        if (v_entity_equal(deepest, entity)) {
            break;
        }
        destroy_one(world, deepest);
    }
    destroy_one(world, entity);
}

void ecs_settle(v_world *world)
{
    if (ECS_UNLIKELY((world->guard & ECS_GUARD_OBSERVERS) != 0) && !world->in_tick) {
        ecs_commands_apply(world);
    }
}

v_entity v_entity_create(v_world *world)
{
    if (ECS_UNLIKELY(ecs_check_change(world, "v_entity_create") != V_OK)) {
        return (v_entity){ 0 };
    }
    v_entity entity = ecs_create(world);
    if (ecs_journaling(world) && !v_entity_is_null(entity)) {
        (void)v_world_journal_begin(world);
        v_world_journal_commit(world, V_OP_ENTITY_CREATE);
    }
    return entity;
}

static void journal_entity(v_world *world, uint16_t operation, v_entity entity, uint32_t component)
{
    v_writer *writer = v_world_journal_begin(world);
    if (writer != NULL) {
        ecs_write_entity(writer, entity);
        if (component != 0) {
            v_write_text(writer, world->types[component].info->name);
        }
        v_world_journal_commit(world, operation);
    }
}

static __attribute__((noinline)) v_status destroy_carefully(v_world *world, v_entity entity)
{
    V_TRY(ecs_check_change(world, "v_entity_destroy"));
    V_TRY(ecs_check_entity(world, entity, "v_entity_destroy"));
    if (ecs_journaling(world)) {
        journal_entity(world, V_OP_ENTITY_DESTROY, entity, 0);
    }
    ecs_destroy(world, entity);
    ecs_settle(world);
    return V_OK;
}

v_status v_entity_destroy(v_world *world, v_entity entity)
{
    if (ECS_UNLIKELY(world == NULL || world->guard != 0 || !ecs_is_alive(&world->store, entity))) {
        return destroy_carefully(world, entity);
    }
    uint64_t *words = ecs_word(&world->store, ECS_ALIVE, entity.index);
    uint64_t special = words[ECS_NAME * ECS_BLOCK_WORDS] | words[ECS_NODE * ECS_BLOCK_WORDS];
    if (ECS_UNLIKELY((special >> (entity.index & 63) & 1) != 0)) {
        return destroy_carefully(world, entity);
    }
    strip_and_free(world, entity.index, words);
    return V_OK;
}

bool v_entity_is_alive(const v_world *world, v_entity entity)
{
    return world != NULL && ecs_is_alive(&world->store, entity);
}

uint32_t v_entity_count(const v_world *world)
{
    return world != NULL ? world->store.alive_count : 0;
}

static __attribute__((noinline)) v_status set_carefully(v_world *world, v_entity entity, v_component component,
                                                        const void *value)
{
    V_TRY(ecs_check_change(world, "v_component_set"));
    V_TRY(ecs_check_entity(world, entity, "v_component_set"));
    V_TRY(ecs_check_component(world, component, "v_component_set"));
    if (ecs_journaling(world)) {
        const ecs_type *type = &world->types[component.id];
        v_writer *writer = v_world_journal_begin(world);
        uint8_t encoded[ECS_COMPONENT_BYTES_MAX];
        memset(encoded, 0, type->encoded_bytes);
        if (value != NULL) {
            ecs_encode(type, value, encoded);
        }
        ecs_write_entity(writer, entity);
        v_write_text(writer, type->info->name);
        v_write_u32(writer, type->encoded_bytes);
        v_write_bytes(writer, encoded, type->encoded_bytes);
        v_world_journal_commit(world, V_OP_COMPONENT_SET);
    }
    V_TRY(ecs_set(world, entity, component.id, value));
    ecs_settle(world);
    return V_OK;
}

v_status v_component_set(v_world *world, v_entity entity, v_component component, const void *value)
{
    // The common case in few instructions: nobody watches, the page is there, the arguments are right.
    if (ECS_UNLIKELY(world == NULL || world->guard != 0 || value == NULL ||
                     component.id - ECS_FIRST_OPEN >= world->type_count - ECS_FIRST_OPEN ||
                     !ecs_is_alive(&world->store, entity))) {
        return set_carefully(world, entity, component, value);
    }
    ecs_column *column = &world->store.columns[component.id];
    uint8_t *page = column->pages[entity.index >> column->page_shift];
    if (ECS_UNLIKELY(page == NULL)) {
        return set_carefully(world, entity, component, value);
    }
    uint32_t in_page = entity.index & column->page_mask;
    uint32_t *stamp = (uint32_t *)(void *)page + in_page;
    if (*stamp == 0) {
        *stamp = entity.generation;
        gain(world, column, component.id, entity.index);
    }
    copy_value(page + column->values_offset + (size_t)in_page * column->size_bytes, value, column->size_bytes);
    return V_OK;
}

static __attribute__((noinline)) v_status remove_carefully(v_world *world, v_entity entity, v_component component)
{
    V_TRY(ecs_check_change(world, "v_component_remove"));
    V_TRY(ecs_check_entity(world, entity, "v_component_remove"));
    V_TRY(ecs_check_component(world, component, "v_component_remove"));
    if (!ecs_has(&world->store, component.id, entity.index)) {
        return v_fail(V_ERROR_NOT_FOUND, "v_component_remove: entity %u:%u has no %s", entity.index, entity.generation,
                      world->types[component.id].info->name);
    }
    if (ecs_journaling(world)) {
        journal_entity(world, V_OP_COMPONENT_REMOVE, entity, component.id);
    }
    ecs_remove(world, entity, component.id);
    ecs_settle(world);
    return V_OK;
}

v_status v_component_remove(v_world *world, v_entity entity, v_component component)
{
    if (ECS_UNLIKELY(world == NULL || world->guard != 0 ||
                     component.id - ECS_FIRST_OPEN >= world->type_count - ECS_FIRST_OPEN ||
                     !ecs_is_alive(&world->store, entity))) {
        return remove_carefully(world, entity, component);
    }
    uint64_t *word = ecs_word(&world->store, component.id, entity.index);
    if (ECS_UNLIKELY((*word >> (entity.index & 63) & 1) == 0)) {
        return remove_carefully(world, entity, component);
    }
    lose(world, component.id, entity.index, word);
    return V_OK;
}

/// A tag has no pages: its presence word stands for the value.
static __attribute__((noinline)) void *find_tag(const v_world *world, v_entity entity, v_component component)
{
    const ecs_store *store = &world->store;
    bool there = store->columns[component.id].size_bytes == 0 && ecs_is_alive(store, entity) &&
                 ecs_has(store, component.id, entity.index);
    return there ? ecs_word(store, component.id, entity.index) : NULL;
}

/// Two cache misses in a large world, which the processor overlaps with those of the next look-ups if there are few
/// enough instructions between them: hence no call, and nothing twice.
static inline void *find_value(const v_world *world, v_entity entity, v_component component)
{
    if (ECS_UNLIKELY(world == NULL || component.id >= world->type_count || component.id == 0 ||
                     entity.index >= world->store.slot_capacity || entity.generation == 0)) {
        return NULL;
    }
    const ecs_column *column = &world->store.columns[component.id];
    uint8_t *page = column->pages[entity.index >> column->page_shift];
    if (ECS_UNLIKELY(page == NULL)) {
        return find_tag(world, entity, component);
    }
    uint32_t in_page = entity.index & column->page_mask;
    if (ECS_UNLIKELY(((const uint32_t *)(const void *)page)[in_page] != entity.generation)) {
        return NULL;
    }
    return page + column->values_offset + (size_t)in_page * column->size_bytes;
}

const void *v_component_get(const v_world *world, v_entity entity, v_component component)
{
    return find_value(world, entity, component);
}

void *v_component_get_mutable(v_world *world, v_entity entity, v_component component)
{
    return component.id >= ECS_FIRST_OPEN ? find_value(world, entity, component) : NULL;
}

bool v_component_has(const v_world *world, v_entity entity, v_component component)
{
    return find_value(world, entity, component) != NULL;
}

uint32_t v_component_count(const v_world *world, v_component component)
{
    bool known = world != NULL && component.id != 0 && component.id < world->type_count;
    return known ? world->store.columns[component.id].count : 0;
}

v_entity v_entity_next(const v_world *world, v_entity previous)
{
    uint32_t index = previous.index + 1;
    while (world != NULL && index != 0 && index < world->store.slot_count) {
        uint64_t word = *ecs_word(&world->store, ECS_ALIVE, index) >> (index & 63);
        if (word != 0) {
            return world->store.ids[index + (uint32_t)__builtin_ctzll(word)];
        }
        index = (index | 63) + 1;
    }
    return (v_entity){ 0 };
}
