// Allocators, arenas and pools.
#include "v/memory.h"

#include <stdlib.h>
#include <string.h>

static void *heap_alloc(void *user, size_t size_bytes, size_t align_bytes)
{
    (void)user;
    if (align_bytes <= _Alignof(max_align_t)) {
        return malloc(size_bytes);
    }
    void *memory = NULL;
    return posix_memalign(&memory, align_bytes, size_bytes) == 0 ? memory : NULL;
}

static void heap_free(void *user, void *memory, size_t size_bytes, size_t align_bytes)
{
    (void)user;
    (void)size_bytes;
    (void)align_bytes;
    free(memory);
}

const v_allocator *v_allocator_default(void)
{
    static const v_allocator heap = { .alloc = heap_alloc, .free = heap_free };
    return &heap;
}

static bool is_alignment(size_t align_bytes)
{
    return align_bytes != 0 && (align_bytes & (align_bytes - 1)) == 0;
}

void *v_alloc(const v_allocator *allocator, size_t size_bytes, size_t align_bytes)
{
    if (size_bytes == 0) {
        return NULL;
    }
    if (!is_alignment(align_bytes)) {
        (void)v_fail(V_ERROR_INVALID_ARGUMENT, "v_alloc: align_bytes is %zu, must be a power of two", align_bytes);
        return NULL;
    }
    const v_allocator *from = allocator != NULL ? allocator : v_allocator_default();
    void *memory = from->alloc(from->user, size_bytes, align_bytes);
    if (memory == NULL) {
        (void)v_fail(V_ERROR_OUT_OF_MEMORY, "out of memory: %zu bytes refused", size_bytes);
    }
    return memory;
}

void *v_alloc_zeroed(const v_allocator *allocator, size_t count, size_t size_bytes, size_t align_bytes)
{
    size_t total_bytes;
    if (__builtin_mul_overflow(count, size_bytes, &total_bytes)) {
        (void)v_fail(V_ERROR_OUT_OF_MEMORY, "out of memory: %zu items of %zu bytes", count, size_bytes);
        return NULL;
    }
    void *memory = v_alloc(allocator, total_bytes, align_bytes);
    if (memory != NULL) {
        memset(memory, 0, total_bytes);
    }
    return memory;
}

void v_free(const v_allocator *allocator, void *memory, size_t size_bytes, size_t align_bytes)
{
    if (memory != NULL) {
        const v_allocator *from = allocator != NULL ? allocator : v_allocator_default();
        from->free(from->user, memory, size_bytes, align_bytes);
    }
}

void *v_realloc(const v_allocator *allocator, void *memory, size_t old_size_bytes, size_t new_size_bytes,
                size_t align_bytes)
{
    void *grown = v_alloc(allocator, new_size_bytes, align_bytes);
    if (grown != NULL && memory != NULL) {
        memcpy(grown, memory, old_size_bytes < new_size_bytes ? old_size_bytes : new_size_bytes);
        v_free(allocator, memory, old_size_bytes, align_bytes);
    }
    return grown;
}

// Counted allocator.
//
static void *counted_alloc(void *user, size_t size_bytes, size_t align_bytes)
{
    v_counted_allocator *counted = user;
    void *memory = counted->parent.alloc(counted->parent.user, size_bytes, align_bytes);
    if (memory == NULL) {
        return NULL;
    }
    __atomic_add_fetch(&counted->alloc_count, 1, __ATOMIC_RELAXED);
    uint64_t live = __atomic_add_fetch(&counted->live_bytes, size_bytes, __ATOMIC_RELAXED);
    uint64_t peak = __atomic_load_n(&counted->peak_bytes, __ATOMIC_RELAXED);
    while (live > peak &&
           !__atomic_compare_exchange_n(&counted->peak_bytes, &peak, live, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED)) {
    }
    return memory;
}

static void counted_free(void *user, void *memory, size_t size_bytes, size_t align_bytes)
{
    v_counted_allocator *counted = user;
    __atomic_add_fetch(&counted->free_count, 1, __ATOMIC_RELAXED);
    __atomic_sub_fetch(&counted->live_bytes, size_bytes, __ATOMIC_RELAXED);
    counted->parent.free(counted->parent.user, memory, size_bytes, align_bytes);
}

void v_counted_allocator_init(v_counted_allocator *counted, const v_allocator *parent)
{
    *counted = (v_counted_allocator){
        .allocator = { .alloc = counted_alloc, .free = counted_free, .user = counted },
        .parent = parent != NULL ? *parent : *v_allocator_default(),
    };
}

v_allocation_counters v_counted_allocator_read(const v_counted_allocator *counted)
{
    return (v_allocation_counters){
        .alloc_count = __atomic_load_n(&counted->alloc_count, __ATOMIC_RELAXED),
        .free_count = __atomic_load_n(&counted->free_count, __ATOMIC_RELAXED),
        .live_bytes = __atomic_load_n(&counted->live_bytes, __ATOMIC_RELAXED),
        .peak_bytes = __atomic_load_n(&counted->peak_bytes, __ATOMIC_RELAXED),
    };
}

// Arena.
//
typedef struct v_arena_chunk {
    struct v_arena_chunk *next;
    size_t size_bytes, used_bytes;
    _Alignas(max_align_t) uint8_t data[];
} v_arena_chunk;

static size_t arena_padding(const v_arena_chunk *chunk, size_t align_bytes)
{
    uintptr_t top = (uintptr_t)(chunk->data + chunk->used_bytes);
    return (size_t)(-top & (align_bytes - 1));
}

static v_arena_chunk *arena_add_chunk(v_arena *arena, size_t needed_bytes)
{
    size_t standard = arena->chunk_bytes != 0 ? arena->chunk_bytes : (size_t)64 * 1024;
    size_t data_bytes = needed_bytes > standard ? needed_bytes : standard;
    v_arena_chunk *chunk = v_alloc(arena->allocator, sizeof(v_arena_chunk) + data_bytes, _Alignof(v_arena_chunk));
    if (chunk == NULL) {
        return NULL;
    }
    *chunk = (v_arena_chunk){ .size_bytes = data_bytes };
    // Behind the current chunk, so that what follows it (kept from before a reset) stays reachable.
    if (arena->current != NULL) {
        chunk->next = arena->current->next;
        arena->current->next = chunk;
    } else {
        chunk->next = arena->first;
        arena->first = chunk;
    }
    arena->capacity_bytes += data_bytes;
    return chunk;
}

void *v_arena_alloc(v_arena *arena, size_t size_bytes, size_t align_bytes)
{
    if (size_bytes == 0) {
        return NULL;
    }
    if (arena == NULL || !is_alignment(align_bytes) || size_bytes > SIZE_MAX / 2 || align_bytes > SIZE_MAX / 4) {
        (void)v_fail(V_ERROR_INVALID_ARGUMENT, "v_arena_alloc: %s, %zu bytes aligned to %zu",
                     arena == NULL ? "no arena" : "arena", size_bytes, align_bytes);
        return NULL;
    }
    v_arena_chunk *chunk = arena->current != NULL ? arena->current : arena->first;
    for (; chunk != NULL; chunk = chunk->next) {
        size_t padding = arena_padding(chunk, align_bytes);
        if (padding + size_bytes <= chunk->size_bytes - chunk->used_bytes) {
            break;
        }
    }
    if (chunk == NULL) {
        chunk = arena_add_chunk(arena, size_bytes + align_bytes);
        if (chunk == NULL) {
            return NULL;
        }
    }
    size_t padding = arena_padding(chunk, align_bytes);
    void *memory = chunk->data + chunk->used_bytes + padding;
    chunk->used_bytes += padding + size_bytes;
    arena->used_bytes += padding + size_bytes;
    arena->current = chunk;
    return memory;
}

char *v_arena_strdup(v_arena *arena, const char *text)
{
    if (text == NULL) {
        (void)v_fail(V_ERROR_INVALID_ARGUMENT, "v_arena_strdup: text must not be null");
        return NULL;
    }
    size_t size_bytes = strlen(text) + 1;
    char *copy = v_arena_alloc(arena, size_bytes, 1);
    return copy != NULL ? memcpy(copy, text, size_bytes) : NULL;
}

v_arena_mark v_arena_get_mark(const v_arena *arena)
{
    return (v_arena_mark){
        .chunk = arena->current,
        .chunk_used_bytes = arena->current != NULL ? arena->current->used_bytes : 0,
        .used_bytes = arena->used_bytes,
    };
}

void v_arena_release(v_arena *arena, v_arena_mark mark)
{
    v_arena_chunk *after = mark.chunk != NULL ? mark.chunk->next : arena->first;
    for (v_arena_chunk *chunk = after; chunk != NULL; chunk = chunk->next) {
        chunk->used_bytes = 0;
    }
    if (mark.chunk != NULL) {
        mark.chunk->used_bytes = mark.chunk_used_bytes;
    }
    arena->current = mark.chunk;
    arena->used_bytes = mark.used_bytes;
}

void v_arena_reset(v_arena *arena)
{
    v_arena_release(arena, (v_arena_mark){ 0 });
}

void v_arena_destroy(v_arena *arena)
{
    for (v_arena_chunk *chunk = arena->first; chunk != NULL;) {
        v_arena_chunk *next = chunk->next;
        v_free(arena->allocator, chunk, sizeof(v_arena_chunk) + chunk->size_bytes, _Alignof(v_arena_chunk));
        chunk = next;
    }
    arena->first = arena->current = NULL;
    arena->used_bytes = arena->capacity_bytes = 0;
}

// Pool.
//
typedef struct v_pool_chunk {
    struct v_pool_chunk *next;
    size_t size_bytes, align_bytes;
} v_pool_chunk;

static bool pool_grow(v_pool *pool)
{
    size_t count = pool->blocks_per_chunk != 0 ? pool->blocks_per_chunk : 64;
    size_t align = pool->align_bytes > _Alignof(v_pool_chunk) ? pool->align_bytes : _Alignof(v_pool_chunk);
    size_t stride = (pool->block_bytes + align - 1) & ~(align - 1);
    size_t header = (sizeof(v_pool_chunk) + align - 1) & ~(align - 1);
    size_t body_bytes;
    if (pool->block_bytes < sizeof(void *) || __builtin_mul_overflow(stride, count, &body_bytes)) {
        (void)v_fail(V_ERROR_INVALID_ARGUMENT, "v_pool: block_bytes is %zu, must be at least %zu", pool->block_bytes,
                     sizeof(void *));
        return false;
    }
    v_pool_chunk *chunk = v_alloc(pool->allocator, header + body_bytes, align);
    if (chunk == NULL) {
        return false;
    }
    *chunk = (v_pool_chunk){ .next = pool->chunks, .size_bytes = header + body_bytes, .align_bytes = align };
    pool->chunks = chunk;
    for (size_t i = count; i-- > 0;) {
        void *block = (uint8_t *)chunk + header + i * stride;
        memcpy(block, &pool->free_list, sizeof(void *));
        pool->free_list = block;
    }
    return true;
}

void *v_pool_alloc(v_pool *pool)
{
    if (pool->free_list == NULL && !pool_grow(pool)) {
        return NULL;
    }
    void *block = pool->free_list;
    memcpy(&pool->free_list, block, sizeof(void *));
    pool->live_count++;
    return block;
}

void v_pool_free(v_pool *pool, void *block)
{
    if (block != NULL) {
        memcpy(block, &pool->free_list, sizeof(void *));
        pool->free_list = block;
        pool->live_count--;
    }
}

void v_pool_destroy(v_pool *pool)
{
    for (v_pool_chunk *chunk = pool->chunks; chunk != NULL;) {
        v_pool_chunk *next = chunk->next;
        v_free(pool->allocator, chunk, chunk->size_bytes, chunk->align_bytes);
        chunk = next;
    }
    pool->chunks = NULL;
    pool->free_list = NULL;
    pool->live_count = 0;
}
