// The entity store: slots with generations, the set of dead slots, presence bits.
#include "ecs_internal.h"

enum { SLAB_ALIGN = 64 };

static size_t align_up(size_t size_bytes)
{
    return (size_bytes + SLAB_ALIGN - 1) & ~(size_t)(SLAB_ALIGN - 1);
}

static uint32_t free_level_words(uint32_t slot_capacity, uint32_t level)
{
    uint32_t shift = 6 * (level + 1);
    return (slot_capacity + (1u << shift) - 1) >> shift;
}

/// Point the arrays of `store` into `slab` (null: only measure) and return the bytes used.
static size_t lay_out(ecs_store *store, void *memory)
{
    uintptr_t slab = (uintptr_t)memory; // an integer: adding to a null pointer is undefined
    size_t used = 0;
    store->ids = (v_entity *)(slab + used);
    used += align_up((size_t)store->slot_capacity * sizeof(v_entity));
    store->present = (uint64_t *)(slab + used);
    used += align_up((size_t)(store->slot_capacity / 64) * store->stride * sizeof(uint64_t));
    for (uint32_t level = 0; level < ECS_FREE_LEVELS; level++) {
        store->free_bits[level] = (uint64_t *)(slab + used);
        used += align_up(free_level_words(store->slot_capacity, level) * sizeof(uint64_t));
    }
    for (uint32_t i = ECS_NAME; i < store->column_count; i++) {
        store->columns[i].pages = (uint8_t **)(slab + used);
        used += align_up((store->slot_capacity >> store->columns[i].page_shift) * sizeof(uint8_t *));
    }
    return used;
}

static void copy_arrays(ecs_store *to, const ecs_store *from)
{
    memcpy(to->ids, from->ids, (size_t)from->slot_count * sizeof(v_entity));
    for (uint32_t base = 0; base < from->slot_capacity; base += ECS_BLOCK_SLOTS) {
        memcpy(ecs_word(to, 0, base), ecs_word(from, 0, base),
               (size_t)from->column_count * ECS_BLOCK_WORDS * sizeof(uint64_t));
    }
    for (uint32_t level = 0; level < ECS_FREE_LEVELS; level++) {
        memcpy(to->free_bits[level], from->free_bits[level],
               free_level_words(from->slot_capacity, level) * sizeof(uint64_t));
    }
    for (uint32_t i = ECS_NAME; i < from->column_count; i++) {
        memcpy(to->columns[i].pages, from->columns[i].pages,
               (from->slot_capacity >> from->columns[i].page_shift) * sizeof(uint8_t *));
    }
}

/// Give the store room for `slots` slots and for every registered component. All or nothing.
v_status ecs_store_reserve(const v_world *world, ecs_store *store, uint32_t slots)
{
    if (slots <= store->slot_capacity && store->column_count == world->type_count) {
        return V_OK;
    }
    const uint32_t page_slots = 1u << ECS_PAGE_SHIFT;
    uint32_t most = (world->entities_max + page_slots) & ~(page_slots - 1); // whole pages and blocks
    uint32_t capacity = store->slot_capacity != 0 ? store->slot_capacity : page_slots;
    while (capacity < slots) {
        capacity *= 4; // reserved address space costs nothing until ids are written there
    }
    ecs_store grown = *store;
    grown.slot_capacity = capacity < most ? capacity : most;
    grown.column_count = world->type_count;
    grown.stride = store->stride != 0 ? store->stride : 16;
    while (grown.stride < grown.column_count) {
        grown.stride *= 2;
    }
    for (uint32_t i = store->column_count; i < grown.column_count; i++) {
        uint32_t size_bytes = i == ECS_ALIVE ? 0 : world->types[i].info->size_bytes;
        uint32_t shift = ECS_PAGE_SHIFT;
        while (shift > 6 && (size_bytes << shift) > ECS_PAGE_BYTES) {
            shift--;
        }
        grown.columns[i] = (ecs_column){
            .size_bytes = size_bytes,
            .page_shift = shift,
            .page_mask = (1u << shift) - 1,
            .values_offset = (uint32_t)sizeof(uint32_t) << shift,
        };
    }
    ecs_store measured = grown;
    grown.slab_bytes = lay_out(&measured, NULL);
    grown.slab = ecs_alloc_large(world, grown.slab_bytes);
    if (grown.slab == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    (void)lay_out(&grown, grown.slab);
    // All but the ids, which are written as slots are taken.
    memset(grown.present, 0, grown.slab_bytes - (size_t)((uint8_t *)grown.present - (uint8_t *)grown.slab));
    grown.ids[0] = (v_entity){ .index = UINT32_MAX };
    if (store->slab != NULL) {
        copy_arrays(&grown, store);
        ecs_free_large(world, store->slab, store->slab_bytes);
    }
    *store = grown;
    return V_OK;
}

void ecs_store_clear(ecs_store *store)
{
    if (store->slab != NULL) {
        memset(store->present, 0, (size_t)(store->slot_capacity / 64) * store->stride * sizeof(uint64_t));
        for (uint32_t level = 0; level < ECS_FREE_LEVELS; level++) {
            memset(store->free_bits[level], 0, free_level_words(store->slot_capacity, level) * sizeof(uint64_t));
        }
    }
    ecs_store_clear_pages(store);
    store->slot_count = 1;
    store->alive_count = store->free_count = store->free_low = 0;
    v_map_clear(&store->names);
}

void ecs_store_destroy(const v_world *world, ecs_store *store)
{
    ecs_store_free_pages(world, store);
    ecs_free_large(world, store->slab, store->slab_bytes);
    v_map_destroy(&store->names);
    memset(store, 0, sizeof(*store));
}

/// Take the lowest free slot; there is one.
static uint32_t take_lowest(ecs_store *store)
{
    uint64_t *word = &store->free_bits[0][store->free_low];
    uint32_t index = store->free_low << 6 | (uint32_t)__builtin_ctzll(*word);
    *word &= *word - 1;
    store->free_count--;
    if (ECS_UNLIKELY(*word == 0) && store->free_count != 0) {
        uint32_t at = store->free_low;
        for (uint32_t level = 1; level < ECS_FREE_LEVELS; level++, at >>= 6) {
            uint64_t *above = &store->free_bits[level][at >> 6];
            *above &= ~(1ull << (at & 63));
            if (*above != 0) {
                break;
            }
        }
        at = 0;
        for (uint32_t level = ECS_FREE_LEVELS; level-- > 1;) {
            at = at << 6 | (uint32_t)__builtin_ctzll(store->free_bits[level][at]);
        }
        store->free_low = at;
    } else if (ECS_UNLIKELY(*word == 0)) {
        uint32_t at = store->free_low;
        for (uint32_t level = 1; level < ECS_FREE_LEVELS; level++, at >>= 6) {
            store->free_bits[level][at >> 6] = 0;
        }
    }
    return index;
}

uint32_t ecs_store_take_slot(const v_world *world, ecs_store *store)
{
    if (store->alive_count >= world->entities_max) {
        (void)v_fail(V_ERROR_FULL, "v_entity_create: %u entities are alive, entities_max is %u", store->alive_count,
                     world->entities_max);
        return 0;
    }
    uint32_t index;
    if (store->free_count != 0) {
        index = take_lowest(store);
        store->ids[index].index = index;
    } else {
        if (store->slot_count > world->entities_max) {
            (void)v_fail(V_ERROR_FULL, "v_entity_create: the remaining slots of entities_max %u are worn out",
                         world->entities_max);
            return 0;
        }
        if (ECS_UNLIKELY(store->slot_count == store->slot_capacity) &&
            ecs_store_reserve(world, store, store->slot_count + 1) != V_OK) {
            return 0;
        }
        index = store->slot_count++;
        store->ids[index] = (v_entity){ .index = index, .generation = 1 };
    }
    ecs_set_bit(store, ECS_ALIVE, index);
    store->alive_count++;
    return index;
}

void ecs_store_mark_free(ecs_store *store, uint32_t index)
{
    store->ids[index].index = 0;
    if (store->free_count++ == 0 || index >> 6 < store->free_low) {
        store->free_low = index >> 6;
    }
    for (uint32_t level = 0; level < ECS_FREE_LEVELS; level++, index >>= 6) {
        uint64_t *word = &store->free_bits[level][index >> 6];
        bool was_zero = *word == 0;
        *word |= 1ull << (index & 63);
        if (!was_zero) {
            return;
        }
    }
}

void ecs_store_free_slot(ecs_store *store, uint32_t index)
{
    ecs_clear_bit(store, ECS_ALIVE, index);
    store->alive_count--;
    // A slot whose generations are used up is never alive again: better one slot lost than a stale id that matches.
    if (ECS_UNLIKELY(store->ids[index].generation == UINT32_MAX)) {
        store->ids[index].index = 0;
        return;
    }
    store->ids[index].generation++;
    ecs_store_mark_free(store, index);
}

bool ecs_next_run(const uint64_t *words, uint32_t bit_count, uint32_t limit, uint32_t *begin, uint32_t *length)
{
    uint32_t at = *begin;
    while (at < bit_count) {
        uint64_t word = words[at >> 6] >> (at & 63);
        if (word != 0) {
            at += (uint32_t)__builtin_ctzll(word);
            break;
        }
        at = (at | 63) + 1;
    }
    if (at >= bit_count) {
        return false;
    }
    uint32_t stop = (at | (limit - 1)) + 1;
    stop = stop < bit_count ? stop : bit_count;
    uint32_t end = at;
    while (end < stop) {
        uint64_t zeros = ~(words[end >> 6] >> (end & 63));
        uint32_t ones = zeros != 0 ? (uint32_t)__builtin_ctzll(zeros) : 64;
        uint32_t in_word = 64 - (end & 63);
        end += ones < in_word ? ones : in_word;
        if (ones < in_word) {
            break;
        }
    }
    *begin = at;
    *length = (end < stop ? end : stop) - at;
    return true;
}
