// Many entities of the same make at once: whole runs of slots, bits and values instead of one call each.
#include "ecs_internal.h"

typedef struct bulk {
    uint32_t count, component_count;
    const v_component *components;
    const void *const *values;
    const v_entity *entities;
} bulk;

static v_status check_bulk(const v_world *world, const v_component *components, uint32_t component_count)
{
    if (component_count >= ECS_ORDINALS_MAX || (component_count != 0 && components == NULL)) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_entity_create_many: %u components%s", component_count,
                      components == NULL ? ", but no list" : "");
    }
    for (uint32_t c = 0; c < component_count; c++) {
        V_TRY(ecs_check_component(world, components[c], "v_entity_create_many"));
        for (uint32_t other = 0; other < c; other++) {
            if (components[other].id == components[c].id) {
                return v_fail(V_ERROR_INVALID_ARGUMENT, "v_entity_create_many: component %s twice",
                              world->types[components[c].id].info->name);
            }
        }
    }
    return V_OK;
}

/// Undo `count` calls of ecs_store_take_slot, of which the first `recycled` took dead slots. No generation changes.
static void give_slots_back(ecs_store *store, const v_entity *entities, uint32_t count, uint32_t recycled)
{
    for (uint32_t i = 0; i < count; i++) {
        ecs_clear_bit(store, ECS_ALIVE, entities[i].index);
        if (i < recycled) {
            ecs_store_mark_free(store, entities[i].index);
        }
    }
    store->alive_count -= count;
    store->slot_count -= count > recycled ? count - recycled : 0;
}

/// Length of the run of ascending indices at `begin` that stays within pages of 2^shift slots.
static uint32_t run_length(const bulk *b, uint32_t begin, uint32_t shift)
{
    uint32_t first = b->entities[begin].index;
    uint32_t most = ((first >> shift) + 1) << shift;
    uint32_t end = begin + 1;
    while (end < b->count && b->entities[end].index == first + (end - begin) && b->entities[end].index < most) {
        end++;
    }
    return end - begin;
}

static v_status make_pages(const v_world *world, ecs_store *store, const bulk *b)
{
    for (uint32_t c = 0; c < b->component_count; c++) {
        const ecs_column *column = &store->columns[b->components[c].id];
        for (uint32_t i = 0; column->size_bytes != 0 && i < b->count;) {
            if (ecs_store_make_page(world, store, b->components[c].id, b->entities[i].index) == NULL) {
                return V_ERROR_OUT_OF_MEMORY;
            }
            i += run_length(b, i, column->page_shift);
        }
    }
    return V_OK;
}

static void set_bits(ecs_store *store, uint32_t ordinal, uint32_t first, uint32_t count)
{
    while (count != 0) {
        uint32_t bit = first & 63, in_word = 64 - bit < count ? 64 - bit : count;
        uint64_t ones = in_word == 64 ? UINT64_MAX : (1ull << in_word) - 1;
        *ecs_word(store, ordinal, first) |= ones << bit;
        first += in_word;
        count -= in_word;
    }
}

static void fill_columns(v_world *world, const bulk *b)
{
    for (uint32_t c = 0; c < b->component_count; c++) {
        uint32_t ordinal = b->components[c].id;
        ecs_column *column = &world->store.columns[ordinal];
        const uint8_t *values = b->values != NULL ? b->values[c] : NULL;
        for (uint32_t i = 0; i < b->count;) {
            uint32_t first = b->entities[i].index, length = run_length(b, i, column->page_shift);
            size_t size_bytes = (size_t)length * column->size_bytes;
            set_bits(&world->store, ordinal, first, length);
            for (uint32_t k = 0; column->size_bytes != 0 && k < length; k++) {
                ecs_stamp(column, first)[k] = b->entities[i + k].generation;
            }
            if (size_bytes != 0 && values != NULL) {
                memcpy(ecs_place(column, first), values + (size_t)i * column->size_bytes, size_bytes);
            } else if (size_bytes != 0) {
                memset(ecs_place(column, first), 0, size_bytes);
            }
            i += length;
        }
        column->count += b->count;
        world->versions[ordinal]++;
    }
    world->versions[ECS_ALIVE]++;
}

static void notify_all(v_world *world, const bulk *b)
{
    for (uint32_t c = 0, any = 0; c < b->component_count; c++) {
        any |= world->types[b->components[c].id].observed;
        if (c + 1 == b->component_count && any == 0) {
            return;
        }
    }
    for (uint32_t i = 0; i < b->count; i++) {
        for (uint32_t c = 0; c < b->component_count; c++) {
            ecs_notify(world, b->entities[i], b->components[c].id, V_ON_ADD);
            ecs_notify(world, b->entities[i], b->components[c].id, V_ON_SET);
        }
    }
}

static void journal_bulk(v_world *world, const bulk *b)
{
    v_writer *writer = v_world_journal_begin(world);
    if (writer == NULL) {
        return;
    }
    uint8_t encoded[ECS_COMPONENT_BYTES_MAX];
    v_write_u32(writer, b->count);
    v_write_u32(writer, b->component_count);
    for (uint32_t c = 0; c < b->component_count; c++) {
        const ecs_type *type = &world->types[b->components[c].id];
        const uint8_t *values = b->values != NULL ? b->values[c] : NULL;
        uint64_t size_bytes = (uint64_t)b->count * type->encoded_bytes;
        if (size_bytes > UINT32_MAX) {
            writer->status = v_fail(V_ERROR_FULL, "v_entity_create_many: %llu bytes of %s do not fit the journal",
                                    (unsigned long long)size_bytes, type->info->name);
            break;
        }
        v_write_text(writer, type->info->name);
        v_write_u32(writer, (uint32_t)size_bytes);
        memset(encoded, 0, type->encoded_bytes);
        for (uint32_t i = 0; i < b->count; i++) {
            if (values != NULL) {
                ecs_encode(type, values + (size_t)i * type->info->size_bytes, encoded);
            }
            v_write_bytes(writer, encoded, type->encoded_bytes);
        }
    }
    v_world_journal_commit(world, V_OP_ENTITY_CREATE_MANY);
}

v_status v_entity_create_many(v_world *world, uint32_t count, const v_component *components, uint32_t component_count,
                              const void *const *values, v_entity *out_entities)
{
    V_TRY(ecs_check_change(world, "v_entity_create_many"));
    V_TRY(check_bulk(world, components, component_count));
    ecs_store *store = &world->store;
    uint32_t recycled = store->free_count < count ? store->free_count : count;
    if (count - recycled > world->entities_max + 1 - store->slot_count) {
        return v_fail(V_ERROR_FULL, "v_entity_create_many: %u entities and %u new ones, entities_max is %u",
                      store->alive_count, count, world->entities_max);
    }
    V_TRY(ecs_store_reserve(world, store, store->slot_count + (count - recycled)));
    if (out_entities == NULL && count > world->taken.capacity) {
        V_TRY(V_ARRAY_RESERVE(&world->taken, world->allocator, count));
    }
    v_entity *entities = out_entities != NULL ? out_entities : world->taken.items;
    for (uint32_t i = 0; i < count; i++) {
        entities[i] = ecs_store_take_slot(world, store); // cannot fail: there is room
    }
    bulk b = { count, component_count, components, values, entities };
    v_status status = make_pages(world, store, &b);
    if (status != V_OK) {
        give_slots_back(store, entities, count, recycled);
        return status;
    }
    fill_columns(world, &b);
    journal_bulk(world, &b);
    notify_all(world, &b);
    ecs_settle(world);
    return V_OK;
}
