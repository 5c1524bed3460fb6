// Allocators, arenas, pools (E07).
#include "v_test.h"

#include "v/memory.h"
#include "v/random.h"

#include <stdlib.h>
#include <string.h>

static void status_message_keeps_the_latest_failure(void **state)
{
    (void)state;
    assert_int_equal(v_fail(V_ERROR_IO, "disk %d\nfull", 3), V_ERROR_IO);
    assert_string_equal(v_status_message(), "disk 3 full");
    (void)v_fail(V_ERROR_IO, "again: %s", v_status_message());
    assert_string_equal(v_status_message(), "again: disk 3 full");
    char text[2000];
    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    (void)v_fail(V_ERROR_IO, "%s", text);
    assert_int_equal(strlen(v_status_message()), 1023);
    for (int status = 0; status < V_STATUS_COUNT; status++) {
        assert_int_equal(strncmp(v_status_name((v_status)status), status == 0 ? "V_OK" : "V_ERROR_", 4), 0);
    }
    assert_string_equal(v_status_name((v_status)9999), "V_STATUS_UNKNOWN");
}

static void counted_allocator_counts_every_byte(void **state)
{
    (void)state;
    v_counted_allocator counted;
    v_counted_allocator_init(&counted, NULL);
    void *a = v_alloc(&counted.allocator, 100, 8);
    void *b = v_alloc_zeroed(&counted.allocator, 10, 20, 64);
    assert_int_equal((uintptr_t)b % 64, 0);
    v_allocation_counters counters = v_counted_allocator_read(&counted);
    assert_int_equal(counters.alloc_count, 2);
    assert_int_equal(counters.live_bytes, 300);
    a = v_realloc(&counted.allocator, a, 100, 150, 8);
    v_free(&counted.allocator, a, 150, 8);
    v_free(&counted.allocator, b, 200, 64);
    v_free(&counted.allocator, NULL, 5, 8);
    counters = v_counted_allocator_read(&counted);
    assert_int_equal(counters.live_bytes, 0);
    assert_int_equal(counters.peak_bytes, 450);
    assert_int_equal(counters.alloc_count, counters.free_count);
}

static void *refuse(void *user, size_t size_bytes, size_t align_bytes)
{
    (void)user;
    (void)size_bytes;
    (void)align_bytes;
    return NULL;
}

static void refused_memory_is_a_message_and_no_crash(void **state)
{
    (void)state;
    v_allocator none = { .alloc = refuse };
    assert_null(v_alloc(&none, 64, 8));
    assert_non_null(strstr(v_status_message(), "64 bytes"));
    assert_null(v_alloc_zeroed(NULL, SIZE_MAX / 2, 4, 8));
    assert_null(v_alloc(NULL, 0, 8));
    v_arena arena = { .allocator = &none };
    assert_null(v_arena_alloc(&arena, 10, 1));
    v_pool pool = { .allocator = &none, .block_bytes = 16, .align_bytes = 8 };
    assert_null(v_pool_alloc(&pool));
}

// Random allocations filled with a pattern: none may overlap, marks give back exactly what came after them.
static void arena_ranges_never_overlap(void **state)
{
    (void)state;
    v_counted_allocator counted;
    v_counted_allocator_init(&counted, NULL);
    v_arena arena = { .allocator = &counted.allocator, .chunk_bytes = 512 };
    v_random random = v_random_seed(5, 5);
    for (int round = 0; round < 50; round++) {
        uint8_t *blocks[64];
        size_t sizes[64];
        v_arena_mark mark = v_arena_get_mark(&arena);
        for (int i = 0; i < 64; i++) {
            size_t align = (size_t)1 << v_random_below(&random, 7);
            sizes[i] = 1 + v_random_below(&random, 900);
            blocks[i] = v_arena_alloc(&arena, sizes[i], align);
            assert_non_null(blocks[i]);
            assert_int_equal((uintptr_t)blocks[i] % align, 0);
            memset(blocks[i], i, sizes[i]);
        }
        for (int i = 0; i < 64; i++) {
            for (size_t b = 0; b < sizes[i]; b++) {
                assert_int_equal(blocks[i][b], i);
            }
        }
        if (round % 2 == 0) {
            v_arena_release(&arena, mark);
        } else {
            v_arena_reset(&arena);
        }
    }
    assert_int_equal(arena.used_bytes, 0);
    uint64_t before = v_counted_allocator_read(&counted).alloc_count;
    assert_non_null(v_arena_alloc(&arena, 400, 8));
    assert_int_equal(v_counted_allocator_read(&counted).alloc_count, before);
    assert_string_equal(v_arena_strdup(&arena, "text"), "text");
    v_arena_destroy(&arena);
    assert_int_equal(v_counted_allocator_read(&counted).live_bytes, 0);
}

static void pool_hands_out_distinct_blocks_and_reuses_them(void **state)
{
    (void)state;
    v_counted_allocator counted;
    v_counted_allocator_init(&counted, NULL);
    v_pool pool = { .allocator = &counted.allocator, .block_bytes = 24, .align_bytes = 32, .blocks_per_chunk = 8 };
    uint8_t *blocks[100];
    for (int i = 0; i < 100; i++) {
        blocks[i] = v_pool_alloc(&pool);
        assert_int_equal((uintptr_t)blocks[i] % 32, 0);
        memset(blocks[i], i, 24);
    }
    for (int i = 0; i < 100; i++) {
        assert_int_equal(blocks[i][0], i);
        assert_int_equal(blocks[i][23], i);
    }
    assert_int_equal(pool.live_count, 100);
    uint64_t before = v_counted_allocator_read(&counted).alloc_count;
    for (int i = 0; i < 100; i++) {
        v_pool_free(&pool, blocks[i]);
    }
    for (int i = 0; i < 100; i++) {
        assert_non_null(v_pool_alloc(&pool));
    }
    assert_int_equal(v_counted_allocator_read(&counted).alloc_count, before);
    v_pool tiny = { .block_bytes = 2 };
    assert_null(v_pool_alloc(&tiny));
    v_pool_destroy(&pool);
    assert_int_equal(v_counted_allocator_read(&counted).live_bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(status_message_keeps_the_latest_failure),
        cmocka_unit_test(counted_allocator_counts_every_byte),
        cmocka_unit_test(refused_memory_is_a_message_and_no_crash),
        cmocka_unit_test(arena_ranges_never_overlap),
        cmocka_unit_test(pool_hands_out_distinct_blocks_and_reuses_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
