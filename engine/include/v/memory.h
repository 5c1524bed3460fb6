// v/memory.h: replaceable allocator, counted allocator, arenas and pools. Floor 0.
//
//     v_counted_allocator counted;
//     v_counted_allocator_init(&counted, NULL);                    // NULL: the C heap
//     v_arena arena = { .allocator = &counted.allocator };
//     float *values = v_arena_alloc(&arena, 100 * sizeof(float), alignof(float));
//     v_arena_destroy(&arena);
#ifndef V_MEMORY_H
#define V_MEMORY_H

#include "v/base.h"

V_EXTERN_C_BEGIN

/// Where memory comes from. The caller keeps it alive for as long as anything made with it. Both functions are called
/// from any thread. `alloc` returns null when it has none; `size_bytes` is never zero; `align_bytes` is a power of two.
typedef struct v_allocator {
    void *(*alloc)(void *user, size_t size_bytes, size_t align_bytes);
    void (*free)(void *user, void *memory, size_t size_bytes, size_t align_bytes);
    void *user;
} v_allocator;

/// The C heap. Everywhere that an allocator is asked for, null means this one.
V_API const v_allocator *v_allocator_default(void);

/// Allocate; null on failure (with a message) or when size_bytes is 0. Contents are undefined. Any thread.
V_API void *v_alloc(const v_allocator *allocator, size_t size_bytes, size_t align_bytes);
/// As v_alloc, zeroed. `count * size_bytes` is checked for overflow.
V_API void *v_alloc_zeroed(const v_allocator *allocator, size_t count, size_t size_bytes, size_t align_bytes);
/// Free what v_alloc gave, with the same size and alignment. Null is allowed.
V_API void v_free(const v_allocator *allocator, void *memory, size_t size_bytes, size_t align_bytes);
/// Grow or shrink by allocate, copy, free. On failure returns null and the old memory stays.
V_API void *v_realloc(const v_allocator *allocator, void *memory, size_t old_size_bytes, size_t new_size_bytes,
                      size_t align_bytes);

#define V_NEW(allocator, type)              ((type *)v_alloc_zeroed((allocator), 1, sizeof(type), _Alignof(type)))
#define V_NEW_ARRAY(allocator, type, count) ((type *)v_alloc_zeroed((allocator), (count), sizeof(type), _Alignof(type)))
#define V_DELETE(allocator, pointer)                                                                                   \
    v_free((allocator), (pointer), sizeof(*(pointer)), _Alignof(__typeof__(*(pointer))))
#define V_DELETE_ARRAY(allocator, pointer, count)                                                                      \
    v_free((allocator), (pointer), (count) * sizeof(*(pointer)), _Alignof(__typeof__(*(pointer))))

typedef struct v_allocation_counters {
    uint64_t alloc_count; ///< Calls of alloc so far. A steady-state frame leaves it unchanged.
    uint64_t free_count;
    uint64_t live_bytes;
    uint64_t peak_bytes;
} v_allocation_counters;

/// An allocator that counts what passes through it to `parent`. Fields are private but for `allocator`.
typedef struct v_counted_allocator {
    v_allocator allocator; ///< Hand this out.
    v_allocator parent;
    uint64_t alloc_count, free_count, live_bytes, peak_bytes; // atomics; read them by v_counted_allocator_read
} v_counted_allocator;

/// `parent` null: the C heap. The struct must not move afterwards.
V_API void v_counted_allocator_init(v_counted_allocator *counted, const v_allocator *parent);
/// Any thread; the four values are each exact, together only when no other thread allocates.
V_API v_allocation_counters v_counted_allocator_read(const v_counted_allocator *counted);

/// A bump allocator over a chain of chunks. Zero-initialise with `allocator` (and `chunk_bytes`, default 64 KiB). Keeps
/// its chunks when it is reset, so a steady user allocates nothing. One thread at a time.
typedef struct v_arena {
    const v_allocator *allocator;
    size_t chunk_bytes;
    struct v_arena_chunk *first, *current; // private
    size_t used_bytes;                     ///< Bytes handed out since the last reset, padding included.
    size_t capacity_bytes;                 ///< Bytes held from the allocator.
} v_arena;

typedef struct v_arena_mark {
    struct v_arena_chunk *chunk;
    size_t chunk_used_bytes, used_bytes;
} v_arena_mark;

/// Null on out of memory (with a message). Contents undefined.
V_API void *v_arena_alloc(v_arena *arena, size_t size_bytes, size_t align_bytes);
V_API char *v_arena_strdup(v_arena *arena, const char *text);
V_API v_arena_mark v_arena_get_mark(const v_arena *arena);
/// Give back everything allocated since the mark.
V_API void v_arena_release(v_arena *arena, v_arena_mark mark);
/// Give back everything; chunks are kept.
V_API void v_arena_reset(v_arena *arena);
/// Return the chunks to the allocator; the arena can be used again.
V_API void v_arena_destroy(v_arena *arena);

#define V_ARENA_NEW_ARRAY(arena, type, count)                                                                          \
    ((type *)v_arena_alloc((arena), (size_t)(count) * sizeof(type), _Alignof(type)))

/// Fixed-size blocks with a free list. Zero-initialise with allocator, block_bytes (>= 8), align_bytes, and optionally
/// blocks_per_chunk (default 64). One thread at a time.
typedef struct v_pool {
    const v_allocator *allocator;
    size_t block_bytes, align_bytes;
    uint32_t blocks_per_chunk;
    uint32_t live_count;
    void *free_list;             // private
    struct v_pool_chunk *chunks; // private
} v_pool;

V_API void *v_pool_alloc(v_pool *pool);
V_API void v_pool_free(v_pool *pool, void *block);
V_API void v_pool_destroy(v_pool *pool);

V_EXTERN_C_END
#endif
