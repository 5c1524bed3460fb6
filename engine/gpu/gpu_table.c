// gpu_table.c: the slot table behind ids by value.
#include "gpu_table.h"

#include <string.h>

static v_status grow(gpu_table *table, const v_allocator *allocator)
{
    uint32_t capacity = table->capacity == 0 ? 16 : table->capacity * 2;
    uint8_t *items = v_alloc(allocator, capacity * table->item_bytes, _Alignof(max_align_t));
    uint32_t *generations = V_NEW_ARRAY(allocator, uint32_t, capacity);
    uint32_t *free_slots = V_NEW_ARRAY(allocator, uint32_t, capacity);
    if (items == NULL || generations == NULL || free_slots == NULL) {
        v_free(allocator, items, capacity * table->item_bytes, _Alignof(max_align_t));
        V_DELETE_ARRAY(allocator, generations, capacity);
        V_DELETE_ARRAY(allocator, free_slots, capacity);
        return V_ERROR_OUT_OF_MEMORY;
    }
    if (table->count > 0) {
        memcpy(items, table->items, table->count * table->item_bytes);
        memcpy(generations, table->generations, table->count * sizeof(uint32_t));
        memcpy(free_slots, table->free_slots, table->free_count * sizeof(uint32_t));
    }
    gpu_table old = *table;
    table->items = items;
    table->generations = generations;
    table->free_slots = free_slots;
    table->capacity = capacity;
    old.count = 0;
    gpu_table_finish(&old, allocator);
    return V_OK;
}

v_status gpu_table_add(gpu_table *table, const v_allocator *allocator, uint32_t *out_index, uint32_t *out_generation,
                       void **out_item)
{
    if (table->free_count == 0 && table->count == table->capacity) {
        V_TRY(grow(table, allocator));
    }
    uint32_t index = table->free_count > 0 ? table->free_slots[--table->free_count] : table->count++;
    table->generations[index] += 1;
    table->live += 1;
    void *item = table->items + index * table->item_bytes;
    memset(item, 0, table->item_bytes);
    *out_index = index;
    *out_generation = table->generations[index];
    *out_item = item;
    return V_OK;
}

void *gpu_table_get(const gpu_table *table, uint32_t index, uint32_t generation)
{
    if (index >= table->count || generation % 2 == 0 || table->generations[index] != generation) {
        return NULL;
    }
    return table->items + index * table->item_bytes;
}

void gpu_table_remove(gpu_table *table, uint32_t index)
{
    table->generations[index] += 1;
    table->free_slots[table->free_count++] = index;
    table->live -= 1;
}

bool gpu_table_next(const gpu_table *table, uint32_t from, uint32_t *out_index, uint32_t *out_generation)
{
    for (uint32_t i = from; i < table->count; i++) {
        if (table->generations[i] % 2 == 1) {
            *out_index = i;
            *out_generation = table->generations[i];
            return true;
        }
    }
    return false;
}

void gpu_table_finish(gpu_table *table, const v_allocator *allocator)
{
    v_free(allocator, table->items, table->capacity * table->item_bytes, _Alignof(max_align_t));
    V_DELETE_ARRAY(allocator, table->generations, table->capacity);
    V_DELETE_ARRAY(allocator, table->free_slots, table->capacity);
    table->items = NULL;
    table->generations = NULL;
    table->free_slots = NULL;
    table->count = table->capacity = table->free_count = table->live = 0;
}
