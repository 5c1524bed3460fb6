// Memory of the entity store: pages cut from chunks that grow with the world, in huge pages where the system has them.
//
// A world of a million entities touches thousands of small pages for the first time, and each costs a page fault; in
// random access the processor then looks each of them up. Large chunks save both. A small world takes small chunks.
#include "ecs_internal.h"

#ifdef __linux__
#include <sys/mman.h>
#endif

enum { LINE_BYTES = 64, HUGE_BYTES = 1 << 21, CHUNK_BYTES_MAX = HUGE_BYTES };

/// In front of its own memory. Pages are never given back one by one, so a chunk is only ever filled.
struct ecs_chunk {
    ecs_chunk *next;
    size_t size_bytes, used_bytes;
};

static size_t alignment_of(size_t size_bytes)
{
    return size_bytes >= HUGE_BYTES ? HUGE_BYTES : LINE_BYTES;
}

void *ecs_alloc_large(const v_world *world, size_t size_bytes)
{
    void *memory = v_alloc(world->allocator, size_bytes, alignment_of(size_bytes));
#ifdef MADV_HUGEPAGE
    if (memory != NULL && size_bytes >= HUGE_BYTES) {
        // Whole huge pages inside of the allocation only. Advice: where it is refused, nothing but speed is lost.
        (void)madvise(memory, size_bytes & ~(size_t)(HUGE_BYTES - 1), MADV_HUGEPAGE);
    }
#endif
    return memory;
}

void ecs_free_large(const v_world *world, void *memory, size_t size_bytes)
{
    v_free(world->allocator, memory, size_bytes, alignment_of(size_bytes));
}

/// A chunk with room for `needed_bytes`. Chunks double what the store has, so that a small world stays small.
static ecs_chunk *add_chunk(const v_world *world, ecs_store *store, size_t needed_bytes)
{
    size_t size_bytes = LINE_BYTES + needed_bytes;
    bool is_shared = size_bytes <= CHUNK_BYTES_MAX / 4; // a larger page has its chunk alone, or much would be wasted
    if (is_shared) {
        size_t wanted = store->chunk_bytes < CHUNK_BYTES_MAX / 2 ? store->chunk_bytes : CHUNK_BYTES_MAX;
        size_bytes = size_bytes < wanted ? wanted : size_bytes;
    }
    ecs_chunk *chunk = ecs_alloc_large(world, size_bytes);
    if (chunk == NULL) {
        return NULL;
    }
    *chunk = (ecs_chunk){ .size_bytes = size_bytes, .used_bytes = LINE_BYTES };
    store->chunk_bytes += size_bytes;
    ecs_chunk **before = !is_shared && store->chunks != NULL ? &store->chunks->next : &store->chunks;
    chunk->next = *before;
    *before = chunk;
    return chunk;
}

static void clear_stamps(const ecs_column *column, uint8_t *page)
{
    memset(page, 0, column->values_offset);
}

uint8_t *ecs_store_make_page(const v_world *world, ecs_store *store, uint32_t ordinal, uint32_t index)
{
    ecs_column *column = &store->columns[ordinal];
    uint8_t **page = &column->pages[index >> column->page_shift];
    if (*page != NULL || column->size_bytes == 0) {
        return *page;
    }
    size_t page_bytes = column->values_offset + ((size_t)column->size_bytes << column->page_shift);
    page_bytes = (page_bytes + LINE_BYTES - 1) & ~(size_t)(LINE_BYTES - 1);
    ecs_chunk *chunk = store->chunks;
    if (chunk == NULL || chunk->size_bytes - chunk->used_bytes < page_bytes) {
        chunk = add_chunk(world, store, page_bytes);
    }
    if (chunk != NULL) {
        *page = (uint8_t *)chunk + chunk->used_bytes;
        chunk->used_bytes += page_bytes;
        clear_stamps(column, *page);
    }
    return *page;
}

void ecs_store_clear_pages(ecs_store *store)
{
    for (uint32_t i = ECS_NAME; i < store->column_count; i++) {
        ecs_column *column = &store->columns[i];
        column->count = 0;
        for (uint32_t p = 0; p < store->slot_capacity >> column->page_shift; p++) {
            if (column->pages[p] != NULL) {
                clear_stamps(column, column->pages[p]);
            }
        }
    }
}

void ecs_store_free_pages(const v_world *world, ecs_store *store)
{
    while (store->chunks != NULL) {
        ecs_chunk *chunk = store->chunks;
        store->chunks = chunk->next;
        ecs_free_large(world, chunk, chunk->size_bytes);
    }
}
