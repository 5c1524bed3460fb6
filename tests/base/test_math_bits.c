// The elementary functions and the vector math give the same bits everywhere: one golden hash per function over a fixed
// set of arguments, equal for every compiler, optimisation level and processor.
//
// A changed hash means that every recording and every state hash of the engine changes with it. `test_base_math_bits
// print` prints the hashes of this build.
#include "math_functions.h"
#include "v/hash.h"
#include "v/random.h"
#include "v_test.h"

#include <stdio.h>

static const unary_function unary_functions[] = { UNARY_FUNCTIONS };
static const binary_function binary_functions[] = { BINARY_FUNCTIONS };

/// One hash per entry of the two tables, then one for the vector math.
static const char *const golden[] = {
    "b69f5e97a81fbf6ef8e5d27d005dfa36", // sin
    "8a70ea5b749be66e6fca3c8977d791e0", // cos
    "b69f5e97a81fbf6ef8e5d27d005dfa36", // sin_cos.sin
    "8a70ea5b749be66e6fca3c8977d791e0", // sin_cos.cos
    "383d283e495cf879a80e5bf726509848", // tan
    "a7db4af5aa0a2bdc43344675fda7da6c", // asin
    "0d64e5ed52193de3b9e226aca442750a", // acos
    "cceabde8ca50c8e0a910f1f2f91f374c", // atan
    "a6bdff9c741a99dae47e221f43c495e1", // exp
    "4a3f0acfd25d10befdd703ae4f8b3082", // exp2
    "cf93010330a381b5ee4c816e4f0c559c", // log_e
    "c9909debfa4e679351dd1ebd3603cb30", // log2
    "0b9e31d64c188ecba25a653e0fd260a3", // floor
    "ffa20b3e6830a5f92ac37d5e638cde16", // ceil
    "d1f6479d87e6dce7aeffe40a93b4f40c", // round
    "0c8c519965cd2e8c2b355b203404ee54", // atan2
    "cccb04a16d9a44cfd80a44928dca42dd", // pow
    "7a3b0350c74f4a00fb074a2667e784bf", // mod
    "4ea26c8c8482e30069794f551a762acf", // vector math
};

enum { UNARY_COUNT = V_COUNT_OF(unary_functions), BINARY_COUNT = V_COUNT_OF(binary_functions) };

/// Every exponent and sign with special and random mantissas (so also NaN, infinity, zeros and subnormals), then
/// ordinary sizes.
static float argument(v_random *random, uint32_t index)
{
    if (index < 65536) {
        uint32_t mantissa = index % 128 == 0 ? 0 : index % 128 == 1 ? 0x7fffffu : v_random_u32(random) & 0x7fffffu;
        return from_bits((index / 128) << 23 | mantissa);
    }
    return v_random_range(random, -100.0f, 100.0f);
}

static v_hash128 hash_of_unary(const unary_function *function)
{
    v_random random = v_random_seed(1, 1);
    v_hasher hasher;
    v_hasher_init(&hasher);
    for (uint32_t i = 0; i < 200000; i++) {
        v_hasher_f32(&hasher, function->call(argument(&random, i)));
    }
    return v_hasher_finish(&hasher);
}

static v_hash128 hash_of_binary(const binary_function *function)
{
    v_random random = v_random_seed(2, 2);
    v_hasher hasher;
    v_hasher_init(&hasher);
    for (uint32_t i = 0; i < 200000; i++) {
        float a = argument(&random, i);
        // Mixes every kind of the one with every kind of the other.
        float b = argument(&random, v_random_below(&random, 131072));
        v_hasher_f32(&hasher, function->call(a, b));
    }
    return v_hasher_finish(&hasher);
}

static v_vec3 random_vector(v_random *random, float size)
{
    float x = v_random_range(random, -size, size);
    float y = v_random_range(random, -size, size);
    float z = v_random_range(random, -size, size);
    return v_vec3_make(x, y, z);
}

static void hash_vec3(v_hasher *hasher, v_vec3 v)
{
    v_hasher_f32(hasher, v.x);
    v_hasher_f32(hasher, v.y);
    v_hasher_f32(hasher, v.z);
}

static void hash_quat(v_hasher *hasher, v_quat q)
{
    v_hasher_f32(hasher, q.x);
    v_hasher_f32(hasher, q.y);
    v_hasher_f32(hasher, q.z);
    v_hasher_f32(hasher, q.w);
}

static void hash_mat4(v_hasher *hasher, v_mat4 m)
{
    v_hasher_words(hasher, &m, sizeof(m) / sizeof(float));
}

static v_hash128 hash_of_vector_math(void)
{
    v_random random = v_random_seed(3, 3);
    v_hasher hasher;
    v_hasher_init(&hasher);
    for (int i = 0; i < 5000; i++) {
        v_vec3 a = random_vector(&random, 100.0f), b = random_vector(&random, 1.0f);
        float angle = v_random_range(&random, -10.0f, 10.0f), t = v_random_unit(&random);
        v_quat p = v_quat_from_axis_angle(b, angle), q = v_quat_from_yaw_pitch_roll(b.x, b.y, b.z);
        v_transform parent = { a, p, { 1.0f + t, 1.0f + t, 1.0f + t } }, child = { b, q, { 2.0f, 0.5f, t } };
        v_transform product = v_transform_mul(parent, child);
        hash_vec3(&hasher, v_vec3_normalize_or(v_vec3_cross(a, b), a));
        hash_vec3(&hasher, v_quat_rotate(p, a));
        hash_vec3(&hasher, v_transform_point(product, b));
        hash_quat(&hasher, v_quat_slerp(p, q, t));
        hash_quat(&hasher, v_quat_nlerp(p, q, t));
        v_mat4 view = v_mat4_look_at(a, b, v_vec3_make(0.0f, 1.0f, 0.0f));
        v_mat4 clip = v_mat4_mul(v_mat4_perspective(0.5f + t, 1.0f + t, 0.1f, 100.0f), view);
        v_mat4 inverse = v_mat4_identity();
        (void)v_mat4_inverse(clip, &inverse);
        hash_mat4(&hasher, inverse);
        hash_mat4(&hasher, v_mat4_from_transform(product));
        v_mat3 rotation = v_mat3_mul(v_mat3_from_quat(p), v_mat3_from_quat(q)), inverse_rotation = rotation;
        (void)v_mat3_inverse(rotation, &inverse_rotation);
        v_hasher_words(&hasher, &inverse_rotation, sizeof(inverse_rotation) / sizeof(float));
    }
    return v_hasher_finish(&hasher);
}

static const char *name_of(size_t index)
{
    if (index < UNARY_COUNT) {
        return unary_functions[index].name;
    }
    return index < UNARY_COUNT + BINARY_COUNT ? binary_functions[index - UNARY_COUNT].name : "vector math";
}

static void text_of(size_t index, char text[33])
{
    v_hash128 hash;
    if (index < UNARY_COUNT) {
        hash = hash_of_unary(&unary_functions[index]);
    } else if (index < UNARY_COUNT + BINARY_COUNT) {
        hash = hash_of_binary(&binary_functions[index - UNARY_COUNT]);
    } else {
        hash = hash_of_vector_math();
    }
    v_hash128_text(hash, text);
}

static void math_gives_the_same_bits_everywhere(void **state)
{
    (void)state;
    char text[33];
    bool same = true;
    for (size_t i = 0; i < V_COUNT_OF(golden); i++) {
        text_of(i, text);
        if (strcmp(text, golden[i]) != 0) {
            print_error("%s: %s, golden %s\n", name_of(i), text, golden[i]);
            same = false;
        }
    }
    assert_true(same);
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "print") == 0) {
        char text[33];
        for (size_t i = 0; i < V_COUNT_OF(golden); i++) {
            text_of(i, text);
            printf("    \"%s\", // %s\n", text, name_of(i));
        }
        return 0;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(math_gives_the_same_bits_everywhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
