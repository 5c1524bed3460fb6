// XXH3 hashing: reference values, streaming in any pieces, canonical values, text form.
#include "v/hash.h"
#include "v/random.h"
#include "v_test.h"

#include <string.h>

/// The input of xxHash's own sanity check: bytes of a multiplicative generator.
static void fill_like_xxhash(uint8_t *bytes, size_t size_bytes)
{
    uint64_t generator = 2654435761u;
    for (size_t i = 0; i < size_bytes; i++) {
        bytes[i] = (uint8_t)(generator >> 56);
        generator *= 11400714785074694797u;
    }
}

static void assert_hash(v_hash128 hash, uint64_t high, uint64_t low)
{
    if (hash.high != high || hash.low != low) {
        char text[33];
        v_hash128_text(hash, text);
        fail_msg("hash is %s, wanted %016llx%016llx", text, (unsigned long long)high, (unsigned long long)low);
    }
}

/// Values published in xxHash's cli/xsum_sanity_check.c: each size takes another path through the algorithm.
static void hash_gives_the_published_xxh3_values(void **state)
{
    (void)state;
    uint8_t bytes[2367];
    fill_like_xxhash(bytes, sizeof(bytes));
    assert_hash(v_hash_bytes(NULL, 0), 0x99aa06d3014798d8u, 0x6001c324468d497fu);
    assert_hash(v_hash_bytes(bytes, 1), 0xa6cd5e9392000f6au, 0xc44bdff4074eecdbu);
    assert_hash(v_hash_bytes(bytes, 6), 0x082afe0b8162d12au, 0x3e7039bdda43cfc6u);
    assert_hash(v_hash_bytes(bytes, 12), 0x6e3efd8fc7802b18u, 0x061a192713f69ad9u);
    assert_hash(v_hash_bytes(bytes, 24), 0x0ce966e4678d3761u, 0x1e7044d28b1b901du);
    assert_hash(v_hash_bytes(bytes, 48), 0xa002ac4e5478227eu, 0xf942219aed80f67bu);
    assert_hash(v_hash_bytes(bytes, 81), 0x4952f58181ab0042u, 0x5e8bafb9f95fb803u);
    assert_hash(v_hash_bytes(bytes, 222), 0x337e09641b948717u, 0xf1aebd597cec6b3au);
    assert_hash(v_hash_bytes(bytes, 403), 0x1b6de21e332dd73du, 0xcdeb804d65c6dea4u);
    assert_hash(v_hash_bytes(bytes, 512), 0x18d2d110dcc9bca1u, 0x617e49599013cb6bu);
    assert_hash(v_hash_bytes(bytes, 2048), 0xf736557fd47073a5u, 0xdd59e2c3a5f038e0u);
    assert_hash(v_hash_bytes(bytes, 2240), 0xccb134fbfa7ce49du, 0x6e73a90539cf2948u);
    assert_hash(v_hash_bytes(bytes, 2367), 0xe89c0f6ff369b427u, 0xcb37aeb9e5d361edu);
    assert_true(v_hash64(NULL, 0, 0) == 0x2d06800538d394c2u);
    assert_true(v_hash64(bytes, 1, 0) == 0xc44bdff4074eecdbu);
    assert_true(v_hash64(bytes, 2048, 0) == 0xdd59e2c3a5f038e0u);
}

static void hasher_in_any_pieces_equals_the_whole(void **state)
{
    (void)state;
    uint8_t bytes[3000];
    fill_like_xxhash(bytes, sizeof(bytes));
    v_random random = v_random_seed(7, 7);
    for (int round = 0; round < 500; round++) {
        size_t size = v_random_below(&random, sizeof(bytes) + 1);
        uint32_t longest = 1u << v_random_below(&random, 12);
        v_hasher hasher;
        v_hasher_init(&hasher);
        for (size_t at = 0; at < size;) {
            size_t piece = 1 + v_random_below(&random, longest);
            piece = piece < size - at ? piece : size - at;
            v_hasher_bytes(&hasher, bytes + at, piece);
            at += piece;
        }
        assert_true(v_hash128_equal(v_hasher_finish(&hasher), v_hash_bytes(bytes, size)));
    }
}

static void hasher_values_are_little_endian_bytes(void **state)
{
    (void)state;
    const uint8_t canonical[] = { 0x44, 0x33, 0x22, 0x11, 8, 7, 6, 5, 4, 3, 2, 1,
                                  0,    0,    0x20, 0xc1, 1, 0, 0, 0, 2, 0, 0, 0 };
    const uint32_t words[] = { 1, 2 };
    v_hasher hasher;
    v_hasher_init(&hasher);
    v_hasher_u32(&hasher, 0x11223344u);
    v_hasher_u64(&hasher, 0x0102030405060708u);
    v_hasher_f32(&hasher, -10.0f);
    v_hasher_words(&hasher, words, 2);
    assert_true(v_hash128_equal(v_hasher_finish(&hasher), v_hash_bytes(canonical, sizeof(canonical))));
}

static void hasher_can_be_copied_and_finished_twice(void **state)
{
    (void)state;
    uint8_t bytes[1000];
    fill_like_xxhash(bytes, sizeof(bytes));
    v_hasher first;
    v_hasher_init(&first);
    v_hasher_bytes(&first, bytes, 700);
    v_hasher second = first;
    assert_true(v_hash128_equal(v_hasher_finish(&first), v_hash_bytes(bytes, 700)));
    v_hasher_bytes(&first, bytes + 700, 300);
    assert_true(v_hash128_equal(v_hasher_finish(&first), v_hash_bytes(bytes, 1000)));
    assert_true(v_hash128_equal(v_hasher_finish(&second), v_hash_bytes(bytes, 700)));
}

static void hash_text_round_trips(void **state)
{
    (void)state;
    char text[33];
    v_hash128 hash = { .low = 0x0123456789abcdefu, .high = 0xfedcba9876543210u };
    v_hash128_text(hash, text);
    assert_string_equal(text, "fedcba98765432100123456789abcdef");
    v_hash128 parsed = { 0, 0 };
    assert_true(v_hash128_parse(text, &parsed));
    assert_true(v_hash128_equal(parsed, hash));
    assert_true(v_hash128_parse("FEDCBA98765432100123456789ABCDEF rest of the line", &parsed));
    assert_true(v_hash128_equal(parsed, hash));
}

static void hash_parse_rejects_what_is_no_hash(void **state)
{
    (void)state;
    static const char *const bad[] = { "",
                                       "fedcba98765432100123456789abcde",
                                       "fedcba98765432100123456789abcdef0",
                                       "fedcba98765432100123456789abcdefg",
                                       "fedcba9876543210 123456789abcdef",
                                       "0xedcba98765432100123456789abcde",
                                       " fedcba98765432100123456789abcdef" };
    v_hash128 kept = { 1, 2 };
    for (size_t i = 0; i < V_COUNT_OF(bad); i++) {
        assert_false(v_hash128_parse(bad[i], &kept));
    }
    assert_false(v_hash128_parse(NULL, &kept));
    assert_false(v_hash128_parse("fedcba98765432100123456789abcdef", NULL));
    assert_true(kept.low == 1 && kept.high == 2);
}

static void hash_survives_null_arguments(void **state)
{
    (void)state;
    v_hasher hasher;
    v_hasher_init(&hasher);
    v_hasher_bytes(&hasher, NULL, 10);
    v_hasher_words(&hasher, NULL, 10);
    assert_true(v_hash128_equal(v_hasher_finish(&hasher), v_hash_bytes(NULL, 0)));
    assert_true(v_hash128_equal(v_hash_bytes(NULL, 10), v_hash_bytes(NULL, 0)));
    assert_true(v_hash64_text(NULL) == v_hash64_text(""));
    assert_true(v_hash64_text("abc") == v_hash64("abc", 3, 0));
    v_hasher_init(NULL);
    v_hasher_bytes(NULL, "x", 1);
    v_hasher_u32(NULL, 1);
    v_hasher_u64(NULL, 1);
    v_hasher_f32(NULL, 1.0f);
    v_hasher_words(NULL, "abcd", 1);
    assert_true(v_hash128_equal(v_hasher_finish(NULL), (v_hash128){ 0, 0 }));
    v_hash128_text((v_hash128){ 0, 0 }, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hash_gives_the_published_xxh3_values),
        cmocka_unit_test(hasher_in_any_pieces_equals_the_whole),
        cmocka_unit_test(hasher_values_are_little_endian_bytes),
        cmocka_unit_test(hasher_can_be_copied_and_finished_twice),
        cmocka_unit_test(hash_text_round_trips),
        cmocka_unit_test(hash_parse_rejects_what_is_no_hash),
        cmocka_unit_test(hash_survives_null_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
