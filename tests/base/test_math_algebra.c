// Laws of quaternions, matrices, projections and transforms over seeded random values.
#include "v/math.h"
#include "v/random.h"
#include "v_test.h"

#include <string.h>

#define ROUNDS 2000

static v_random random_source(void)
{
    return v_random_seed(20, 26);
}

static v_vec3 any_vector(v_random *random, float size)
{
    float x = v_random_range(random, -size, size);
    float y = v_random_range(random, -size, size);
    float z = v_random_range(random, -size, size);
    return v_vec3_make(x, y, z);
}

/// Not uniform, but every rotation can come.
static v_quat any_rotation(v_random *random)
{
    v_vec3 v = any_vector(random, 1.0f);
    return v_quat_normalize(v_quat_make(v.x, v.y, v.z, v_random_range(random, -1.0f, 1.0f)));
}

static v_mat4 any_mat4(v_random *random)
{
    v_mat4 m;
    for (int i = 0; i < 4; i++) {
        v_vec3 v = any_vector(random, 2.0f);
        m.c[i] = (v_vec4){ v.x, v.y, v.z, v_random_range(random, -2.0f, 2.0f) };
    }
    return m;
}

static v_mat3 any_mat3(v_random *random)
{
    v_vec3 a = any_vector(random, 2.0f), b = any_vector(random, 2.0f), c = any_vector(random, 2.0f);
    return (v_mat3){ { a, b, c } };
}

static void assert_near(float got, float wanted, float tolerance)
{
    if (!(fabsf(got - wanted) <= tolerance)) {
        fail_msg("%.9g, wanted %.9g within %g", (double)got, (double)wanted, (double)tolerance);
    }
}

static void assert_vec3_near(v_vec3 got, v_vec3 wanted, float tolerance)
{
    assert_near(got.x, wanted.x, tolerance);
    assert_near(got.y, wanted.y, tolerance);
    assert_near(got.z, wanted.z, tolerance);
}

/// Both give the same rotation: q and -q count as equal.
static void assert_same_rotation(v_quat a, v_quat b, float tolerance)
{
    assert_near(fabsf(a.x * b.x + a.y * b.y + a.z * b.z + a.w * b.w), 1.0f, tolerance);
}

static void assert_mat4_near(v_mat4 got, v_mat4 wanted, float tolerance)
{
    float a[16], b[16];
    memcpy(a, &got, sizeof(a));
    memcpy(b, &wanted, sizeof(b));
    for (int i = 0; i < 16; i++) {
        assert_near(a[i], b[i], tolerance);
    }
}

static void quat_multiplication_is_composition_and_associative(void **state)
{
    (void)state;
    v_random random = random_source();
    for (int i = 0; i < ROUNDS; i++) {
        v_quat p = any_rotation(&random), q = any_rotation(&random), r = any_rotation(&random);
        v_vec3 v = any_vector(&random, 10.0f);
        assert_vec3_near(v_quat_rotate(v_quat_mul(p, q), v), v_quat_rotate(p, v_quat_rotate(q, v)), 2e-5f);
        assert_same_rotation(v_quat_mul(v_quat_mul(p, q), r), v_quat_mul(p, v_quat_mul(q, r)), 1e-6f);
        assert_vec3_near(v_quat_rotate_inverse(p, v_quat_rotate(p, v)), v, 2e-5f);
        assert_near(v_vec3_length(v_quat_rotate(p, v)), v_vec3_length(v), 2e-5f);
        assert_vec3_near(v_mat3_mul_vec3(v_mat3_from_quat(p), v), v_quat_rotate(p, v), 2e-5f);
    }
}

static void quat_from_axis_angle_turns_right_handed(void **state)
{
    (void)state;
    const v_vec3 x = { 1.0f, 0.0f, 0.0f }, y = { 0.0f, 1.0f, 0.0f }, z = { 0.0f, 0.0f, 1.0f };
    assert_vec3_near(v_quat_rotate(v_quat_from_axis_angle(z, V_PI / 2), x), y, 1e-6f);
    assert_vec3_near(v_quat_rotate(v_quat_from_axis_angle(x, V_PI / 2), y), z, 1e-6f);
    assert_vec3_near(v_quat_rotate(v_quat_from_axis_angle(v_vec3_scale(y, 7.0f), V_PI / 2), z), x, 1e-6f);
    assert_same_rotation(v_quat_from_axis_angle(v_vec3_make(0.0f, 0.0f, 0.0f), 1.0f), V_QUAT_IDENTITY, 0.0f);
    assert_same_rotation(v_quat_from_axis_angle(v_vec3_make(INFINITY, 0.0f, 0.0f), 1.0f), V_QUAT_IDENTITY, 0.0f);
}

static void quat_from_yaw_pitch_roll_turns_in_that_order(void **state)
{
    (void)state;
    v_random random = random_source();
    for (int i = 0; i < ROUNDS; i++) {
        v_vec3 angles = any_vector(&random, 4.0f), v = any_vector(&random, 1.0f);
        v_vec3 wanted = v_quat_rotate(v_quat_from_axis_angle(v_vec3_make(0.0f, 0.0f, 1.0f), angles.z), v);
        wanted = v_quat_rotate(v_quat_from_axis_angle(v_vec3_make(1.0f, 0.0f, 0.0f), angles.y), wanted);
        wanted = v_quat_rotate(v_quat_from_axis_angle(v_vec3_make(0.0f, 1.0f, 0.0f), angles.x), wanted);
        assert_vec3_near(v_quat_rotate(v_quat_from_yaw_pitch_roll(angles.x, angles.y, angles.z), v), wanted, 2e-6f);
    }
}

static void slerp_meets_its_ends_and_turns_at_constant_speed(void **state)
{
    (void)state;
    v_random random = random_source();
    for (int i = 0; i < ROUNDS; i++) {
        v_quat a = any_rotation(&random);
        v_vec3 axis = v_vec3_normalize_or(any_vector(&random, 1.0f), v_vec3_make(1.0f, 0.0f, 0.0f));
        float angle = v_random_range(&random, 0.0f, 3.1f), t = v_random_unit(&random);
        v_quat b = v_quat_mul(v_quat_from_axis_angle(axis, angle), a);
        b = i % 2 == 0 ? b : v_quat_make(-b.x, -b.y, -b.z, -b.w);
        v_quat wanted = v_quat_mul(v_quat_from_axis_angle(axis, angle * t), a);
        assert_same_rotation(v_quat_slerp(a, b, 0.0f), a, 1e-6f);
        assert_same_rotation(v_quat_slerp(a, b, 1.0f), b, 1e-6f);
        // Rotated points compare angles to first order; the quaternions' product only to second.
        v_vec3 v = any_vector(&random, 1.0f);
        assert_vec3_near(v_quat_rotate(v_quat_slerp(a, b, t), v), v_quat_rotate(wanted, v), 1e-5f);
        v_quat half = v_quat_mul(v_quat_from_axis_angle(axis, angle * 0.5f), a);
        assert_vec3_near(v_quat_rotate(v_quat_nlerp(a, b, 0.5f), v), v_quat_rotate(half, v), 1e-5f);
    }
}

static void normalising_degenerate_quaternions_gives_the_identity(void **state)
{
    (void)state;
    static const v_quat bad[] = { { 0.0f, 0.0f, 0.0f, 0.0f },
                                  { NAN, 0.0f, 0.0f, 1.0f },
                                  { INFINITY, 0.0f, 0.0f, 0.0f } };
    for (size_t i = 0; i < V_COUNT_OF(bad); i++) {
        v_quat q = v_quat_normalize(bad[i]);
        assert_true(q.x == 0.0f && q.y == 0.0f && q.z == 0.0f && q.w == 1.0f);
    }
}

static void mat3_inverse_times_matrix_is_the_identity(void **state)
{
    (void)state;
    v_random random = random_source();
    int inverted = 0;
    for (int i = 0; i < ROUNDS; i++) {
        v_mat3 m = any_mat3(&random), inverse;
        float volume = v_vec3_dot(m.c[0], v_vec3_cross(m.c[1], m.c[2]));
        if (fabsf(volume) < 0.5f) {
            continue;
        }
        inverted++;
        assert_true(v_mat3_inverse(m, &inverse));
        v_vec3 v = any_vector(&random, 1.0f);
        assert_vec3_near(v_mat3_mul_vec3(v_mat3_mul(inverse, m), v), v, 2e-5f);
        assert_vec3_near(v_mat3_mul_vec3(inverse, v_mat3_mul_vec3(m, v)), v, 2e-5f);
    }
    assert_true(inverted > ROUNDS / 3);
}

static void mat3_transpose_swaps_rows_and_columns(void **state)
{
    (void)state;
    v_random random = random_source();
    for (int i = 0; i < ROUNDS; i++) {
        v_mat3 m = any_mat3(&random), n = any_mat3(&random);
        v_vec3 a = any_vector(&random, 1.0f), b = any_vector(&random, 1.0f);
        assert_near(v_vec3_dot(v_mat3_mul_vec3(m, a), b), v_vec3_dot(a, v_mat3_mul_vec3(v_mat3_transpose(m), b)),
                    1e-5f);
        v_mat3 left = v_mat3_transpose(v_mat3_mul(m, n)), right = v_mat3_mul(v_mat3_transpose(n), v_mat3_transpose(m));
        assert_vec3_near(v_mat3_mul_vec3(left, a), v_mat3_mul_vec3(right, a), 2e-5f);
    }
}

static void singular_and_overflowing_matrices_have_no_inverse(void **state)
{
    (void)state;
    v_mat3 kept3 = { { { 1.0f, 2.0f, 3.0f }, { 4.0f, 5.0f, 6.0f }, { 7.0f, 8.0f, 10.0f } } }, out3 = kept3;
    v_mat4 kept4 = v_mat4_identity(), out4 = kept4;
    v_mat3 flat = { { { 1.0f, 2.0f, 3.0f }, { 2.0f, 4.0f, 6.0f }, { 0.0f, 1.0f, 0.0f } } };
    v_mat3 small = { { { 1e-39f, 0.0f, 0.0f }, { 0.0f, 1e20f, 0.0f }, { 0.0f, 0.0f, 1e20f } } };
    v_mat3 unknown = { { { NAN, 0.0f, 0.0f }, { 0.0f, 1.0f, 0.0f }, { 0.0f, 0.0f, 1.0f } } };
    assert_false(v_mat3_inverse(flat, &out3));
    assert_false(v_mat3_inverse(small, &out3)); // 1e39 is no float
    assert_false(v_mat3_inverse(unknown, &out3));
    assert_false(v_mat3_inverse(kept3, NULL));
    assert_memory_equal(&out3, &kept3, sizeof(out3));
    v_mat4 flat4 = v_mat4_identity();
    flat4.c[3] = flat4.c[1];
    assert_false(v_mat4_inverse(flat4, &out4));
    flat4.c[3].y = NAN;
    assert_false(v_mat4_inverse(flat4, &out4));
    flat4 = v_mat4_identity();
    flat4.c[0].x = 1e-39f;
    flat4.c[1].y = 1e20f;
    assert_false(v_mat4_inverse(flat4, &out4));
    assert_false(v_mat4_inverse(kept4, NULL));
    assert_memory_equal(&out4, &kept4, sizeof(out4));
}

static void mat4_inverse_and_product_obey_the_group_laws(void **state)
{
    (void)state;
    v_random random = random_source();
    int inverted = 0;
    for (int i = 0; i < ROUNDS; i++) {
        v_mat4 a = any_mat4(&random), b = any_mat4(&random), c = any_mat4(&random), inverse, again;
        assert_mat4_near(v_mat4_mul(v_mat4_mul(a, b), c), v_mat4_mul(a, v_mat4_mul(b, c)), 1e-4f);
        assert_mat4_near(v_mat4_mul(a, v_mat4_identity()), a, 0.0f);
        if (v_mat4_inverse(a, &inverse) && v_mat4_inverse(inverse, &again)) {
            float largest = 0.0f, element[16];
            memcpy(element, &inverse, sizeof(element));
            for (int k = 0; k < 16; k++) {
                largest = v_max(largest, fabsf(element[k]));
            }
            if (largest < 4.0f) {
                inverted++;
                assert_mat4_near(v_mat4_mul(a, inverse), v_mat4_identity(), 1e-5f);
                assert_mat4_near(v_mat4_mul(inverse, a), v_mat4_identity(), 1e-5f);
                assert_mat4_near(again, a, 1e-4f);
            }
        }
    }
    assert_true(inverted > ROUNDS / 2);
}

static v_vec3 project(v_mat4 m, v_vec3 point)
{
    v_vec4 clip = v_mat4_mul_vec4(m, (v_vec4){ point.x, point.y, point.z, 1.0f });
    return v_vec3_make(clip.x / clip.w, clip.y / clip.w, clip.z / clip.w);
}

static void perspective_maps_near_to_1_far_to_0_and_up_to_minus_y(void **state)
{
    (void)state;
    v_mat4 m = v_mat4_perspective(V_PI / 2, 2.0f, 0.5f, 200.0f);
    assert_vec3_near(project(m, v_vec3_make(0.0f, 0.0f, -0.5f)), v_vec3_make(0.0f, 0.0f, 1.0f), 1e-6f);
    assert_vec3_near(project(m, v_vec3_make(0.0f, 0.0f, -200.0f)), v_vec3_make(0.0f, 0.0f, 0.0f), 1e-6f);
    v_vec3 corner = project(m, v_vec3_make(20.0f, 10.0f, -10.0f)); // top right, at 45 degrees up
    assert_near(corner.x, 1.0f, 1e-6f);
    assert_near(corner.y, -1.0f, 1e-6f);
    assert_true(corner.z > 0.0f && corner.z < 0.1f);
    v_mat4 endless = v_mat4_perspective(V_PI / 2, 2.0f, 0.5f, INFINITY);
    assert_near(project(endless, v_vec3_make(0.0f, 0.0f, -0.5f)).z, 1.0f, 1e-6f);
    assert_near(project(endless, v_vec3_make(0.0f, 0.0f, -1e9f)).z, 0.0f, 1e-8f);
}

static void orthographic_maps_its_box_to_the_clip_cube(void **state)
{
    (void)state;
    v_mat4 m = v_mat4_orthographic(-3.0f, 5.0f, 2.0f, 10.0f, -1.0f, 99.0f);
    assert_vec3_near(project(m, v_vec3_make(-3.0f, 2.0f, 1.0f)), v_vec3_make(-1.0f, 1.0f, 1.0f), 1e-6f);
    assert_vec3_near(project(m, v_vec3_make(5.0f, 10.0f, -99.0f)), v_vec3_make(1.0f, -1.0f, 0.0f), 1e-6f);
}

static void projections_name_arguments_that_describe_no_frustum(void **state)
{
    (void)state;
    static const float bad[][4] = {
        { 0.0f, 1.0f, 0.1f, 10.0f }, { 3.2f, 1.0f, 0.1f, 10.0f },     { 1.0f, 0.0f, 0.1f, 10.0f },
        { 1.0f, 1.0f, 0.0f, 10.0f }, { 1.0f, 1.0f, 2.0f, 2.0f },      { NAN, 1.0f, 0.1f, 10.0f },
        { 1.0f, 1.0f, 0.1f, NAN },   { 1.0f, INFINITY, 0.1f, 10.0f },
    };
    for (size_t i = 0; i < V_COUNT_OF(bad); i++) {
        (void)v_fail(V_ERROR_STATE, "stale");
        v_mat4 m = v_mat4_perspective(bad[i][0], bad[i][1], bad[i][2], bad[i][3]);
        assert_mat4_near(m, v_mat4_identity(), 0.0f);
        assert_non_null(strstr(v_status_message(), "v_mat4_perspective"));
    }
    (void)v_mat4_orthographic(1.0f, 1.0f, 0.0f, 1.0f, 0.0f, 1.0f);
    assert_non_null(strstr(v_status_message(), "v_mat4_orthographic"));
    (void)v_fail(V_ERROR_STATE, "stale");
    (void)v_mat4_orthographic(0.0f, 1.0f, 0.0f, 1.0f, 0.0f, INFINITY);
    assert_non_null(strstr(v_status_message(), "v_mat4_orthographic"));
}

static void look_at_puts_the_target_ahead_and_up_above(void **state)
{
    (void)state;
    v_random random = random_source();
    const v_vec3 up = { 0.0f, 1.0f, 0.0f };
    for (int i = 0; i < ROUNDS; i++) {
        v_vec3 eye = any_vector(&random, 10.0f), target = any_vector(&random, 10.0f);
        v_mat4 view = v_mat4_look_at(eye, target, up);
        float distance = v_vec3_distance(eye, target);
        assert_vec3_near(project(view, eye), v_vec3_make(0.0f, 0.0f, 0.0f), 1e-5f);
        assert_vec3_near(project(view, target), v_vec3_make(0.0f, 0.0f, -distance), 2e-5f);
        v_vec3 above = project(view, v_vec3_add(eye, up));
        assert_near(above.x, 0.0f, 2e-5f);
        assert_true(above.y > 0.0f);
    }
}

/// Straight down, a point on itself, no up: still a rotation.
static void look_at_is_a_rotation_for_degenerate_arguments(void **state)
{
    (void)state;
    const v_vec3 up = { 0.0f, 1.0f, 0.0f }, zero = { 0.0f, 0.0f, 0.0f };
    const v_mat4 views[] = { v_mat4_look_at(v_vec3_make(0.0f, 5.0f, 0.0f), zero, up),
                             v_mat4_look_at(v_vec3_make(0.0f, -5.0f, 0.0f), zero, up),
                             v_mat4_look_at(zero, zero, up),
                             v_mat4_look_at(v_vec3_make(1.0f, 2.0f, 3.0f), zero, zero),
                             v_mat4_look_at(v_vec3_make(0.0f, 0.0f, 3.0f), zero, v_vec3_make(0.0f, 0.0f, -2.0f)),
                             v_mat4_look_at(v_vec3_make(3.0f, 0.0f, 0.0f), zero, v_vec3_make(1.0f, 0.0f, 0.0f)) };
    for (size_t i = 0; i < V_COUNT_OF(views); i++) {
        v_vec4 x = views[i].c[0], y = views[i].c[1], z = views[i].c[2];
        v_vec3 a = { x.x, x.y, x.z }, b = { y.x, y.y, y.z }, c = { z.x, z.y, z.z };
        assert_near(v_vec3_length(a), 1.0f, 1e-6f);
        assert_near(v_vec3_length(b), 1.0f, 1e-6f);
        assert_near(v_vec3_length(c), 1.0f, 1e-6f);
        assert_vec3_near(v_vec3_cross(a, b), c, 1e-6f); // orthogonal, and no mirror image
    }
}

static void transform_matrix_point_and_product_agree(void **state)
{
    (void)state;
    v_random random = random_source();
    for (int i = 0; i < ROUNDS; i++) {
        float scale = v_random_range(&random, 0.2f, 3.0f);
        v_transform parent = { any_vector(&random, 10.0f), any_rotation(&random), { scale, scale, scale } };
        v_transform child = { any_vector(&random, 10.0f), any_rotation(&random), any_vector(&random, 2.0f) };
        v_vec3 point = any_vector(&random, 5.0f);
        v_vec3 wanted = v_transform_point(parent, v_transform_point(child, point));
        assert_vec3_near(v_transform_point(v_transform_mul(parent, child), point), wanted, 2e-4f);
        assert_vec3_near(project(v_mat4_from_transform(child), point), v_transform_point(child, point), 2e-5f);
        v_mat4 product = v_mat4_mul(v_mat4_from_transform(parent), v_mat4_from_transform(child));
        assert_vec3_near(project(product, point), wanted, 2e-4f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quat_multiplication_is_composition_and_associative),
        cmocka_unit_test(quat_from_axis_angle_turns_right_handed),
        cmocka_unit_test(quat_from_yaw_pitch_roll_turns_in_that_order),
        cmocka_unit_test(slerp_meets_its_ends_and_turns_at_constant_speed),
        cmocka_unit_test(normalising_degenerate_quaternions_gives_the_identity),
        cmocka_unit_test(mat3_inverse_times_matrix_is_the_identity),
        cmocka_unit_test(mat3_transpose_swaps_rows_and_columns),
        cmocka_unit_test(singular_and_overflowing_matrices_have_no_inverse),
        cmocka_unit_test(mat4_inverse_and_product_obey_the_group_laws),
        cmocka_unit_test(perspective_maps_near_to_1_far_to_0_and_up_to_minus_y),
        cmocka_unit_test(orthographic_maps_its_box_to_the_clip_cube),
        cmocka_unit_test(projections_name_arguments_that_describe_no_frustum),
        cmocka_unit_test(look_at_puts_the_target_ahead_and_up_above),
        cmocka_unit_test(look_at_is_a_rotation_for_degenerate_arguments),
        cmocka_unit_test(transform_matrix_point_and_product_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
