// Dynamic array growth, hash map, ring.
#include "v/container.h"

#include <string.h>

v_status v_array_reserve_bytes(void **items, uint32_t *capacity, uint32_t needed, size_t item_bytes, size_t align_bytes,
                               const v_allocator *allocator)
{
    if (needed <= *capacity) {
        return V_OK;
    }
    uint32_t grown = *capacity < UINT32_MAX / 2 ? *capacity * 2 : UINT32_MAX;
    grown = grown < 8 ? 8 : grown;
    grown = grown < needed ? needed : grown;
    size_t grown_bytes;
    if (__builtin_mul_overflow((size_t)grown, item_bytes, &grown_bytes)) {
        return v_fail(V_ERROR_OUT_OF_MEMORY, "array of %u items of %zu bytes does not fit in memory", grown,
                      item_bytes);
    }
    void *moved = v_realloc(allocator, *items, *capacity * item_bytes, grown_bytes, align_bytes);
    if (moved == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    *items = moved;
    *capacity = grown;
    return V_OK;
}

// Linear probing with backward-shift deletion: no tombstones, at most 3/4 full.
typedef struct v_map_slot {
    uint64_t key, value;
    bool used;
} v_map_slot;

static uint64_t map_mix(uint64_t key)
{
    // The finaliser of MurmurHash3 (Austin Appleby): every key bit reaches the low bits that choose the slot.
    key ^= key >> 33;
    key *= 0xff51afd7ed558ccdull;
    key ^= key >> 33;
    key *= 0xc4ceb9fe1a85ec53ull;
    return key ^ (key >> 33);
}

static uint32_t map_find_slot(const v_map *map, uint64_t key)
{
    uint32_t mask = map->capacity - 1;
    uint32_t slot = (uint32_t)map_mix(key) & mask;
    while (map->slots[slot].used && map->slots[slot].key != key) {
        slot = (slot + 1) & mask;
    }
    return slot;
}

static v_status map_grow(v_map *map)
{
    if (map->capacity >= 1u << 31) {
        return v_fail(V_ERROR_FULL, "v_map: %u entries is the limit", map->count);
    }
    v_map grown = { .allocator = map->allocator, .capacity = map->capacity != 0 ? map->capacity * 2 : 16 };
    grown.slots = V_NEW_ARRAY(map->allocator, v_map_slot, grown.capacity);
    if (grown.slots == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    for (uint32_t i = 0; i < map->capacity; i++) {
        if (map->slots[i].used) {
            grown.slots[map_find_slot(&grown, map->slots[i].key)] = map->slots[i];
        }
    }
    grown.count = map->count;
    V_DELETE_ARRAY(map->allocator, map->slots, map->capacity);
    *map = grown;
    return V_OK;
}

v_status v_map_set(v_map *map, uint64_t key, uint64_t value)
{
    if (map->count >= map->capacity / 4 * 3) {
        V_TRY(map_grow(map));
    }
    v_map_slot *slot = &map->slots[map_find_slot(map, key)];
    map->count += slot->used ? 0 : 1;
    *slot = (v_map_slot){ .key = key, .value = value, .used = true };
    return V_OK;
}

uint64_t *v_map_find(const v_map *map, uint64_t key)
{
    if (map->count == 0) {
        return NULL;
    }
    v_map_slot *slot = &map->slots[map_find_slot(map, key)];
    return slot->used ? &slot->value : NULL;
}

bool v_map_remove(v_map *map, uint64_t key)
{
    if (map->count == 0) {
        return false;
    }
    uint32_t mask = map->capacity - 1;
    uint32_t hole = map_find_slot(map, key);
    if (!map->slots[hole].used) {
        return false;
    }
    for (uint32_t next = (hole + 1) & mask; map->slots[next].used; next = (next + 1) & mask) {
        uint32_t home = (uint32_t)map_mix(map->slots[next].key) & mask;
        // The entry may fill the hole unless its home lies cyclically in (hole, next].
        if (((next - home) & mask) >= ((next - hole) & mask)) {
            map->slots[hole] = map->slots[next];
            hole = next;
        }
    }
    map->slots[hole].used = false;
    map->count--;
    return true;
}

void v_map_clear(v_map *map)
{
    for (uint32_t i = 0; i < map->capacity; i++) {
        map->slots[i].used = false;
    }
    map->count = 0;
}

void v_map_destroy(v_map *map)
{
    V_DELETE_ARRAY(map->allocator, map->slots, map->capacity);
    map->slots = NULL;
    map->count = map->capacity = 0;
}

v_status v_ring_create(v_ring *ring, const v_allocator *allocator, uint32_t item_bytes, uint32_t capacity)
{
    if (ring == NULL || item_bytes == 0 || capacity == 0) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_ring_create: item_bytes %u and capacity %u must be above 0",
                      item_bytes, capacity);
    }
    *ring = (v_ring){ .allocator = allocator, .item_bytes = item_bytes, .capacity = capacity };
    ring->items = v_alloc_zeroed(allocator, capacity, item_bytes, _Alignof(max_align_t));
    if (ring->items == NULL) {
        *ring = (v_ring){ 0 }; // full and empty at once: every push is refused
        return V_ERROR_OUT_OF_MEMORY;
    }
    return V_OK;
}

v_status v_ring_push(v_ring *ring, const void *item)
{
    if (ring->count == ring->capacity) {
        return v_fail(V_ERROR_FULL, "v_ring_push: the ring holds its %u items", ring->capacity);
    }
    uint32_t slot = (uint32_t)(((uint64_t)ring->head + ring->count) % ring->capacity);
    memcpy(ring->items + (size_t)slot * ring->item_bytes, item, ring->item_bytes);
    ring->count++;
    return V_OK;
}

bool v_ring_pop(v_ring *ring, void *out_item)
{
    if (ring->count == 0) {
        return false;
    }
    memcpy(out_item, ring->items + (size_t)ring->head * ring->item_bytes, ring->item_bytes);
    ring->head = (ring->head + 1) % ring->capacity;
    ring->count--;
    return true;
}

void v_ring_destroy(v_ring *ring)
{
    v_free(ring->allocator, ring->items, (size_t)ring->capacity * ring->item_bytes, _Alignof(max_align_t));
    *ring = (v_ring){ 0 };
}
