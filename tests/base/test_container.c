// Dynamic arrays, hash map, ring, nearest words (E07).
#include "v_test.h"

#include "v/container.h"
#include "v/random.h"
#include "v/text.h"

#include <string.h>

static void array_keeps_its_items_while_it_grows(void **state)
{
    (void)state;
    v_counted_allocator counted;
    v_counted_allocator_init(&counted, NULL);
    V_ARRAY(uint32_t) array = { 0 };
    for (uint32_t i = 0; i < 10000; i++) {
        assert_ok(V_ARRAY_PUSH(&array, &counted.allocator, i * 7));
    }
    for (uint32_t i = 0; i < 10000; i++) {
        assert_int_equal(array.items[i], i * 7);
    }
    V_ARRAY_SWAP_REMOVE(&array, 5);
    assert_int_equal(array.items[5], 9999 * 7);
    assert_int_equal(array.count, 9999);
    V_ARRAY_DESTROY(&array, &counted.allocator);
    assert_int_equal(v_counted_allocator_read(&counted).live_bytes, 0);
}

// Against a table of the same keys: the map must agree after any sequence of sets and removes.
static void map_agrees_with_a_table(void **state)
{
    (void)state;
    enum { KEYS = 512 };
    static uint64_t values[KEYS];
    static bool present[KEYS];
    v_map map = { 0 };
    v_random random = v_random_seed(9, 1);
    uint32_t count = 0;
    for (uint32_t step = 0; step < 200000; step++) {
        uint32_t k = v_random_below(&random, KEYS);
        uint64_t key = k % 3 == 0 ? k : (uint64_t)k << 40;
        if (v_random_below(&random, 100) < 45) {
            assert_int_equal(v_map_remove(&map, key), present[k]);
            count -= present[k] ? 1 : 0;
            present[k] = false;
        } else {
            values[k] = step;
            count += present[k] ? 0 : 1;
            present[k] = true;
            assert_ok(v_map_set(&map, key, step));
        }
        uint32_t probe = v_random_below(&random, KEYS);
        uint64_t *found = v_map_find(&map, probe % 3 == 0 ? probe : (uint64_t)probe << 40);
        assert_int_equal(found != NULL, present[probe]);
        assert_true(found == NULL || *found == values[probe]);
        assert_int_equal(map.count, count);
    }
    v_map_clear(&map);
    assert_null(v_map_find(&map, 3));
    v_map_destroy(&map);
}

static void ring_is_first_in_first_out_and_refuses_when_full(void **state)
{
    (void)state;
    v_ring ring;
    assert_ok(v_ring_create(&ring, NULL, sizeof(uint32_t), 3));
    uint32_t next_in = 0, next_out = 0, item;
    for (int round = 0; round < 100; round++) {
        while (ring.count < 3) {
            assert_ok(v_ring_push(&ring, &next_in));
            next_in++;
        }
        assert_fails(v_ring_push(&ring, &next_in), V_ERROR_FULL, "3 items");
        for (int i = 0; i <= round % 3; i++) {
            assert_true(v_ring_pop(&ring, &item));
            assert_int_equal(item, next_out);
            next_out++;
        }
    }
    while (v_ring_pop(&ring, &item)) {
        assert_int_equal(item, next_out);
        next_out++;
    }
    assert_int_equal(next_in, next_out);
    v_ring_destroy(&ring);
    assert_fails(v_ring_create(&ring, NULL, 0, 3), V_ERROR_INVALID_ARGUMENT, "item_bytes 0");
}

static void closest_word_is_within_reach_or_none(void **state)
{
    (void)state;
    const char *const words[] = { "friction", "restitution", "radius_m", "rot_deg" };
    assert_string_equal(v_text_closest("fricton", words, 4), "friction");
    assert_string_equal(v_text_closest("Radius_M", words, 4), "radius_m");
    assert_string_equal(v_text_closest("rotdeg", words, 4), "rot_deg");
    assert_string_equal(v_text_closest("firction", words, 4), "friction"); // one swap
    assert_null(v_text_closest("colour", words, 4));
    assert_null(v_text_closest("xy", words, 4));
    assert_null(v_text_closest("", words, 4));
    char huge[1000];
    memset(huge, 'a', sizeof(huge) - 1);
    huge[sizeof(huge) - 1] = '\0';
    const char *const huge_words[] = { huge };
    assert_null(v_text_closest("b", huge_words, 1));
    assert_non_null(v_text_closest(huge, huge_words, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(array_keeps_its_items_while_it_grows),
        cmocka_unit_test(map_agrees_with_a_table),
        cmocka_unit_test(ring_is_first_in_first_out_and_refuses_when_full),
        cmocka_unit_test(closest_word_is_within_reach_or_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
