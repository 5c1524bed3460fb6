// gpu_table.h: slots behind ids by value: index, generation, and an item of one type. Items move when the table grows.
#ifndef V_GPU_TABLE_H
#define V_GPU_TABLE_H

#include "v/memory.h"

typedef struct gpu_table {
    uint8_t *items;
    uint32_t *generations; ///< Odd: live. Even: free.
    uint32_t *free_slots;  ///< A stack of free indices.
    size_t item_bytes;
    uint32_t count, capacity, free_count, live;
} gpu_table;

/// Take a zeroed slot.
v_status gpu_table_add(gpu_table *table, const v_allocator *allocator, uint32_t *out_index, uint32_t *out_generation,
                       void **out_item);
/// Null for null, stale and foreign ids.
void *gpu_table_get(const gpu_table *table, uint32_t index, uint32_t generation);
/// The id must be live.
void gpu_table_remove(gpu_table *table, uint32_t index);
/// Walk: the first live slot at or after `from`, or false.
bool gpu_table_next(const gpu_table *table, uint32_t from, uint32_t *out_index, uint32_t *out_generation);
void gpu_table_finish(gpu_table *table, const v_allocator *allocator);

#endif
