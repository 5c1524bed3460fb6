// v/container.h: typed dynamic arrays, a hash map from 64-bit keys, a ring. Floor 0. One thread at a time.
//
//     typedef V_ARRAY(float) float_array;
//     float_array values = { 0 };
//     v_status status = V_ARRAY_PUSH(&values, allocator, 1.5f);
//     V_ARRAY_DESTROY(&values, allocator);
#ifndef V_CONTAINER_H
#define V_CONTAINER_H

#include "v/memory.h"

V_EXTERN_C_BEGIN

/// A growing array. Zero is an empty array. `items` moves when it grows.
#define V_ARRAY(type)                                                                                                  \
    struct {                                                                                                           \
        type *items;                                                                                                   \
        uint32_t count, capacity;                                                                                      \
    }

// Private: grow *items so that `capacity` is at least `needed`.
V_API v_status v_array_reserve_bytes(void **items, uint32_t *capacity, uint32_t needed, size_t item_bytes,
                                     size_t align_bytes, const v_allocator *allocator);

/// Make room for `needed` items in all. V_ERROR_OUT_OF_MEMORY leaves the array as it was.
#define V_ARRAY_RESERVE(array, allocator, needed)                                                                      \
    v_array_reserve_bytes((void **)&(array)->items, &(array)->capacity, (needed), sizeof(*(array)->items),             \
                          _Alignof(__typeof__(*(array)->items)), (allocator))
/// Append one item; evaluates to a status.
#define V_ARRAY_PUSH(array, allocator, ...)                                                                            \
    (((array)->count < (array)->capacity || V_ARRAY_RESERVE((array), (allocator), (array)->count + 1) == V_OK)         \
         ? ((array)->items[(array)->count++] = (__VA_ARGS__), V_OK)                                                    \
         : V_ERROR_OUT_OF_MEMORY)
/// Remove item `index` by moving the last one into its place.
#define V_ARRAY_SWAP_REMOVE(array, index)                                                                              \
    ((array)->items[(index)] = (array)->items[(array)->count - 1], (array)->count--)
#define V_ARRAY_DESTROY(array, allocator)                                                                              \
    (V_DELETE_ARRAY((allocator), (array)->items, (array)->capacity), (array)->items = NULL,                            \
     (array)->count = (array)->capacity = 0)

/// Open addressing from 64-bit keys (any value) to 64-bit values. Zero-initialise with `allocator`. Never iterate it in
/// a way that reaches simulation state: its order is not part of any contract.
typedef struct v_map {
    const v_allocator *allocator;
    struct v_map_slot *slots; // private
    uint32_t count, capacity;
} v_map;

/// Insert or replace. V_ERROR_OUT_OF_MEMORY leaves the map as it was.
V_API v_status v_map_set(v_map *map, uint64_t key, uint64_t value);
/// Null when absent; valid until the next set or remove.
V_API uint64_t *v_map_find(const v_map *map, uint64_t key);
/// True when the key was there.
V_API bool v_map_remove(v_map *map, uint64_t key);
/// Empty it, keep its memory.
V_API void v_map_clear(v_map *map);
V_API void v_map_destroy(v_map *map);

/// A FIFO of fixed-size items with a fixed capacity.
typedef struct v_ring {
    const v_allocator *allocator;
    uint8_t *items; // private
    uint32_t item_bytes, capacity, head, count;
} v_ring;

V_API v_status v_ring_create(v_ring *ring, const v_allocator *allocator, uint32_t item_bytes, uint32_t capacity);
/// V_ERROR_FULL when full; nothing is overwritten.
V_API v_status v_ring_push(v_ring *ring, const void *item);
/// False when empty.
V_API bool v_ring_pop(v_ring *ring, void *out_item);
V_API void v_ring_destroy(v_ring *ring);

V_EXTERN_C_END
#endif
