// test_collide.c: manifolds of random pairs against a brute-force search for the separating direction.
#include "physics_collide.h"
#include "physics_internal.h"
#include "physics_test.h"

#define DIRECTIONS  1000u
#define PAIRS       80u ///< Per combination of shapes.
#define MARGIN_M    0.05f
#define TOLERANCE_M 4e-3f ///< Preference for faces over edges, and the search's own error.

/// Farthest extent of a shape along a unit direction, from its centre.
static float reach_along(const collider *c, v_vec3 n)
{
    if (c->kind == V_SHAPE_BOX) {
        return c->half_extents_m.x * fabsf(v_vec3_dot(n, c->axes.c[0])) +
               c->half_extents_m.y * fabsf(v_vec3_dot(n, c->axes.c[1])) +
               c->half_extents_m.z * fabsf(v_vec3_dot(n, c->axes.c[2]));
    }
    return c->radius_m + c->half_height_m * fabsf(v_vec3_dot(n, c->axes.c[1]));
}

/// Gap between the shapes' shadows on a line from a to b.
static float gap_along(const collider *a, const collider *b, v_vec3 n)
{
    return v_vec3_dot(n, v_vec3_sub(b->pos_m, a->pos_m)) - reach_along(a, n) - reach_along(b, n);
}

/// Climb from a direction while turning it a little still widens the gap.
static float refine(const collider *a, const collider *b, v_vec3 n, float gap)
{
    for (float angle = 0.15f; angle > 2e-5f;) {
        v_vec3 u = v_vec3_normalize_or(v_vec3_cross(n, fabsf(n.x) < 0.7f ? v_vec3_make(1, 0, 0) : v_vec3_make(0, 1, 0)),
                                       v_vec3_make(0, 0, 1));
        v_vec3 v = v_vec3_cross(n, u);
        v_vec3 best = n;
        for (int k = 0; k < 16; ++k) {
            float turn = (float)k * 0.125f * V_PI + 1e3f * angle; // ridges lie in no special direction
            v_vec3 way = v_vec3_add(v_vec3_scale(u, v_cos(turn)), v_vec3_scale(v, v_sin(turn)));
            v_vec3 candidate = v_vec3_normalize_or(v_vec3_mul_add(n, way, angle), n);
            float candidate_gap = gap_along(a, b, candidate);
            if (candidate_gap > gap) {
                gap = candidate_gap;
                best = candidate;
            }
        }
        angle = v_vec3_distance(best, n) > 0.0f ? angle : 0.7f * angle;
        n = best;
    }
    return gap;
}

/// The largest gap over all directions: distance when apart, depth of the shallowest overlap (negative) when not.
static float true_separation(const collider *a, const collider *b)
{
    float best = -FLT_MAX;
    v_vec3 starts[6] = { 0 };
    float gaps[6] = { -FLT_MAX, -FLT_MAX, -FLT_MAX, -FLT_MAX, -FLT_MAX, -FLT_MAX };
    for (uint32_t i = 0; i < DIRECTIONS; ++i) { // a spiral over the sphere
        float y = 1.0f - (2.0f * (float)i + 1.0f) / (float)DIRECTIONS;
        float r = sqrtf(1.0f - y * y), turn = 2.39996323f * (float)i;
        v_vec3 n = v_vec3_make(r * v_cos(turn), y, r * v_sin(turn));
        float gap = gap_along(a, b, n);
        uint32_t worst = 0;
        for (uint32_t k = 1; k < 6; ++k) {
            worst = gaps[k] < gaps[worst] ? k : worst;
        }
        if (gap > gaps[worst]) {
            gaps[worst] = gap;
            starts[worst] = n;
        }
    }
    for (uint32_t k = 0; k < 6; ++k) {
        best = v_max(best, refine(a, b, starts[k], gaps[k]));
    }
    return best;
}

/// Distance from a world point to a shape's surface, negative inside.
static float surface_distance(const collider *c, v_vec3 point)
{
    v_vec3 d = v_vec3_sub(point, c->pos_m);
    v_vec3 p = v_vec3_make(v_vec3_dot(d, c->axes.c[0]), v_vec3_dot(d, c->axes.c[1]), v_vec3_dot(d, c->axes.c[2]));
    if (c->kind != V_SHAPE_BOX) {
        p.y -= v_clamp(p.y, -c->half_height_m, c->half_height_m);
        return v_vec3_length(p) - c->radius_m;
    }
    v_vec3 q = v_vec3_sub(v_vec3_abs(p), c->half_extents_m);
    float outside = v_vec3_length(v_vec3_max(q, v_vec3_make(0, 0, 0)));
    return outside > 0.0f ? outside : v_max(q.x, v_max(q.y, q.z));
}

static v_shape random_shape(v_random *random, v_shape_kind kind)
{
    float x = v_random_range(random, 0.2f, 1.0f), y = v_random_range(random, 0.2f, 1.0f);
    float z = v_random_range(random, 0.2f, 1.0f);
    return kind == V_SHAPE_SPHERE ? V_SPHERE(x) : kind == V_SHAPE_CAPSULE ? V_CAPSULE(x, y) : V_BOX(x, y, z);
}

/// Two shapes in a random attitude, brought to about the wanted separation along a random line.
static void random_pair(v_random *random, v_shape_kind kind_a, v_shape_kind kind_b, collider *a, collider *b)
{
    v_shape shape_a = random_shape(random, kind_a), shape_b = random_shape(random, kind_b);
    body_pose pose = { .pos_m = random_vec3(random, 20.0f), .rot = random_rotation(random) };
    physics_place_collider(a, &shape_a, &pose, 0.0f);
    v_vec3 way = v_vec3_normalize_or(random_vec3(random, 1.0f), v_vec3_make(0, 1, 0));
    bool aligned = v_random_below(random, 4) == 0;
    body_pose pose_b = { .pos_m = pose.pos_m, .rot = aligned ? pose.rot : random_rotation(random) };
    physics_place_collider(b, &shape_b, &pose_b, 0.0f);
    float wanted = v_random_range(random, -0.15f, 0.08f);
    float distance = 0.0f;
    for (uint32_t i = 0; i < 8; ++i) { // the separation changes by at most the way
        pose_b.pos_m = v_vec3_mul_add(pose.pos_m, way, distance);
        physics_place_collider(b, &shape_b, &pose_b, 0.0f);
        distance += wanted - true_separation(a, b);
    }
}

static float smallest_separation(const contact_manifold *m)
{
    float least = FLT_MAX;
    for (uint32_t i = 0; i < m->count; ++i) {
        least = v_min(least, m->points[i].separation_m);
    }
    return least;
}

static void check_points(const collider *a, const collider *b, const contact_manifold *m)
{
    assert_in_range(m->count, 1, V_MANIFOLD_POINTS_MAX);
    assert_true(fabsf(v_vec3_length(m->normal) - 1.0f) < 1e-4f);
    for (uint32_t i = 0; i < m->count; ++i) {
        const contact_point *point = &m->points[i];
        v_vec3 from_a = v_vec3_add(a->pos_m, point->arm_a), from_b = v_vec3_add(b->pos_m, point->arm_b);
        assert_true(v_vec3_distance(from_a, from_b) < 1e-4f);
        assert_true(point->separation_m < MARGIN_M);
        float half = 0.5f * fabsf(point->separation_m) + TOLERANCE_M;
        assert_true(surface_distance(a, from_a) < half && surface_distance(b, from_a) < half);
        for (uint32_t k = 0; k < i; ++k) {
            assert_true(m->points[k].feature != point->feature);
        }
    }
}

static void check_pair(const collider *a, const collider *b)
{
    float truth = true_separation(a, b);
    contact_manifold m = { 0 }, mirrored = { 0 };
    bool touching = collide(a, b, MARGIN_M, &m);
    assert_int_equal(collide(b, a, MARGIN_M, &mirrored), touching);
    bool boxes = a->kind == V_SHAPE_BOX && b->kind == V_SHAPE_BOX;
    if (!touching) {
        assert_true(truth > (boxes ? 0.0f : MARGIN_M - TOLERANCE_M));
        return;
    }
    check_points(a, b, &m);
    check_points(b, a, &mirrored);
    assert_true(fabsf(smallest_separation(&mirrored) - smallest_separation(&m)) < TOLERANCE_M);
    if (truth < -0.12f) {
        return; // deep inside, any way out will do
    }
    if (!boxes || truth < 0.0f) {
        if (fabsf(smallest_separation(&m) - truth) > TOLERANCE_M) {
            fail_msg("shapes %d and %d: separation %g, true %g, count %u, feature %x", (int)a->kind, (int)b->kind,
                     (double)smallest_separation(&m), (double)truth, m.count, m.points[0].feature);
        }
    } else {
        assert_true(smallest_separation(&m) <= truth + TOLERANCE_M); // two corners: a face's plane is nearer
    }
    // The normal nearly separates as well as any direction. (A capsule may hang over the edge of the face it lies on.)
    bool lies = a->kind + b->kind == V_SHAPE_CAPSULE + V_SHAPE_BOX && m.points[0].feature >= 16;
    float gap = gap_along(a, b, m.normal);
    if (!lies && gap < truth - TOLERANCE_M - (boxes && truth > 0.0f ? 0.6f * truth : 0.0f)) {
        fail_msg("shapes %d and %d: normal separates by %g, true %g, feature %x", (int)a->kind, (int)b->kind,
                 (double)gap, (double)truth, m.points[0].feature);
    }
}

static void random_pairs_agree_with_the_brute_force_search(void **state)
{
    (void)state;
    v_random random = v_random_seed(11, 3);
    for (int a = V_SHAPE_SPHERE; a <= V_SHAPE_BOX; ++a) {
        for (int b = V_SHAPE_SPHERE; b <= V_SHAPE_BOX; ++b) {
            for (uint32_t i = 0; i < PAIRS; ++i) {
                collider first, second;
                random_pair(&random, (v_shape_kind)a, (v_shape_kind)b, &first, &second);
                check_pair(&first, &second);
            }
        }
    }
}

static collider place(v_shape shape, v_vec3 pos_m, v_quat rot)
{
    collider c;
    body_pose pose = { pos_m, rot };
    physics_place_collider(&c, &shape, &pose, 0.0f);
    return c;
}

static void a_box_on_a_box_has_four_contacts_with_stable_features(void **state)
{
    (void)state;
    collider ground = place(V_BOX(5, 1, 5), v_vec3_make(0, -1, 0), V_QUAT_IDENTITY);
    uint32_t features[4] = { 0 };
    for (int i = 0; i < 50; ++i) {
        v_quat rot = v_quat_from_axis_angle(v_vec3_make(0, 1, 0), 0.01f * (float)i);
        collider box = place(V_BOX(0.5f, 0.5f, 0.5f), v_vec3_make(0.02f * (float)i, 0.499f, 0), rot);
        contact_manifold m;
        assert_true(collide(&ground, &box, MARGIN_M, &m));
        assert_int_equal(m.count, 4);
        assert_true(m.normal.y > 0.999f);
        for (uint32_t k = 0; k < 4; ++k) {
            assert_true(fabsf(m.points[k].separation_m + 0.001f) < 1e-4f);
            assert_true(i == 0 || features[k] == m.points[k].feature);
            features[k] = m.points[k].feature;
        }
    }
}

static void a_capsule_lying_on_a_box_has_two_contacts_and_standing_one(void **state)
{
    (void)state;
    collider ground = place(V_BOX(5, 1, 5), v_vec3_make(0, -1, 0), V_QUAT_IDENTITY);
    v_quat lying = v_quat_from_axis_angle(v_vec3_make(0, 0, 1), 0.5f * V_PI);
    contact_manifold m;
    collider capsule = place(V_CAPSULE(0.3f, 0.5f), v_vec3_make(0, 0.29f, 0), lying);
    assert_true(collide(&capsule, &ground, MARGIN_M, &m));
    assert_int_equal(m.count, 2);
    assert_true(m.normal.y < -0.999f);
    capsule = place(V_CAPSULE(0.3f, 0.5f), v_vec3_make(0, 0.79f, 0), V_QUAT_IDENTITY);
    assert_true(collide(&capsule, &ground, MARGIN_M, &m));
    assert_int_equal(m.count, 1);
}

static void parallel_capsules_have_two_contacts(void **state)
{
    (void)state;
    collider a = place(V_CAPSULE(0.3f, 0.5f), v_vec3_make(0, 0, 0), V_QUAT_IDENTITY);
    collider b = place(V_CAPSULE(0.3f, 0.5f), v_vec3_make(0.59f, 0.2f, 0), V_QUAT_IDENTITY);
    contact_manifold m;
    assert_true(collide(&a, &b, MARGIN_M, &m));
    assert_int_equal(m.count, 2);
    assert_true(m.normal.x > 0.999f);
}

static void shapes_with_the_same_centre_get_a_finite_normal(void **state)
{
    (void)state;
    const v_shape shapes[] = { V_SPHERE(0.5f), V_CAPSULE(0.3f, 0.4f), V_BOX(0.4f, 0.5f, 0.6f) };
    for (uint32_t i = 0; i < 3; ++i) {
        for (uint32_t k = 0; k < 3; ++k) {
            collider a = place(shapes[i], v_vec3_make(1, 2, 3), V_QUAT_IDENTITY);
            collider b = place(shapes[k], v_vec3_make(1, 2, 3), V_QUAT_IDENTITY);
            contact_manifold m = { 0 };
            assert_true(collide(&a, &b, MARGIN_M, &m));
            assert_true(fabsf(v_vec3_length(m.normal) - 1.0f) < 1e-3f);
            assert_true(m.count >= 1 && m.points[0].separation_m < 0.0f);
        }
    }
}

static void a_manifold_is_reduced_to_the_widest_four(void **state)
{
    (void)state;
    contact_candidate candidates[8];
    for (uint32_t i = 0; i < 8; ++i) { // an octagon, its third corner deepest
        float turn = (float)i * 0.25f * V_PI;
        candidates[i] = (contact_candidate){ .arm_a = v_vec3_make(v_cos(turn), 0, v_sin(turn)),
                                             .separation_m = i == 2 ? -0.02f : -0.01f,
                                             .feature = i };
    }
    contact_manifold m;
    collide_reduce(candidates, 8, v_vec3_make(0, 1, 0), v_vec3_make(0, 1, 0), &m);
    assert_int_equal(m.count, 4);
    uint32_t corners = 0;
    for (uint32_t i = 0; i < 4; ++i) {
        corners |= 1u << m.points[i].feature;
    }
    assert_int_equal(corners, 0x55); // 2, 6 and the two between them
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_pairs_agree_with_the_brute_force_search),
        cmocka_unit_test(a_box_on_a_box_has_four_contacts_with_stable_features),
        cmocka_unit_test(a_capsule_lying_on_a_box_has_two_contacts_and_standing_one),
        cmocka_unit_test(parallel_capsules_have_two_contacts),
        cmocka_unit_test(shapes_with_the_same_centre_get_a_finite_normal),
        cmocka_unit_test(a_manifold_is_reduced_to_the_widest_four),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
