// test_dynamics.c: motion against closed forms and conservation laws.
#include "physics_test.h"

static void free_fall_follows_the_integrators_closed_form(void **state)
{
    (void)state;
    v_world *world = world_default();
    v_body ball = create_at(world, V_SPHERE(0.5f), v_vec3_make(0, 100, 0));
    v_physics_desc desc = v_physics_get_desc(world);
    double substeps = 2.0 * desc.velocity_iterations, h = 1.0 / 60.0 / substeps;
    for (uint32_t tick = 1; tick <= 120; ++tick) {
        step(world, 1);
        // Semi-implicit Euler: v = −g n h, y = y0 − g h² n (n + 1) / 2 after n sub-steps.
        double n = substeps * tick;
        v_body_state s = state_of(world, ball);
        assert_true(fabs((double)s.velocity_m_s.y + 9.81 * n * h) < 1e-3);
        assert_true(fabs((double)s.pos_m.y - (100.0 - 9.81 * h * h * n * (n + 1.0) / 2.0)) < 1e-3);
        assert_true(s.pos_m.x == 0.0f && s.pos_m.z == 0.0f);
    }
    v_world_destroy(world);
}

static void damping_and_force_act_as_stated(void **state)
{
    (void)state;
    v_world *world = world_with(&(v_physics_desc){ .zero_gravity = true }, NULL, NULL);
    v_body damped = create(world, &(v_body_desc){ .kind = V_BODY_DYNAMIC,
                                                  .shape = V_SPHERE(0.5f),
                                                  .velocity_m_s = { 10, 0, 0 },
                                                  .linear_damping_per_s = 0.5f });
    v_body pushed = create_at(world, V_SPHERE(0.5f), v_vec3_make(0, 10, 0));
    float mass = v_body_mass_kg(world, pushed);
    for (uint32_t i = 0; i < 60; ++i) {
        assert_ok(v_body_apply_force(world, pushed, v_vec3_make(0, 0, 3.0f * mass)));
        step(world, 1);
    }
    assert_true(fabsf(state_of(world, damped).velocity_m_s.x - 10.0f * v_exp(-0.5f)) < 0.02f);
    assert_true(fabsf(state_of(world, pushed).velocity_m_s.z - 3.0f) < 1e-3f);
    step(world, 60); // a force lasts one tick
    assert_true(fabsf(state_of(world, pushed).velocity_m_s.z - 3.0f) < 1e-3f);
    v_world_destroy(world);
}

static v_vec3 spin_momentum(const v_world *world, v_body body, v_vec3 inertia)
{
    v_body_state s = state_of(world, body);
    v_vec3 local = v_quat_rotate_inverse(s.rot, s.angular_velocity_rad_s);
    return v_quat_rotate(s.rot, v_vec3_mul(inertia, local));
}

static void collisions_without_friction_conserve_momentum(void **state)
{
    (void)state;
    v_world *world = world_with(&(v_physics_desc){ .zero_gravity = true }, NULL, NULL);
    v_body balls[20];
    v_random random = v_random_seed(3, 1);
    v_vec3 before = v_vec3_make(0, 0, 0), turn_before = v_vec3_make(0, 0, 0);
    float scale = 0.0f;
    for (uint32_t i = 0; i < 20; ++i) {
        v_body_desc desc = { .kind = V_BODY_DYNAMIC,
                             .shape = V_SPHERE(0.4f + 0.01f * (float)i),
                             .pos_m = { (float)(i % 5) * 1.5f, (float)(i / 5) * 1.5f, 0.1f * (float)(i % 3) },
                             .velocity_m_s = random_vec3(&random, 5.0f),
                             .restitution = 0.3f,
                             .frictionless = true,
                             .no_sleep = true };
        desc.velocity_m_s.z *= 0.05f; // stay together
        balls[i] = create(world, &desc);
        float mass = v_body_mass_kg(world, balls[i]);
        before = v_vec3_mul_add(before, desc.velocity_m_s, mass);
        turn_before = v_vec3_mul_add(turn_before, v_vec3_cross(desc.pos_m, desc.velocity_m_s), mass);
        scale += mass * v_vec3_length(desc.velocity_m_s);
    }
    uint32_t contacts = 0;
    for (uint32_t i = 0; i < 120; ++i) {
        step(world, 1);
        contacts += v_physics_get_stats(world).contacts;
    }
    assert_true(contacts > 20);
    v_vec3 after = v_vec3_make(0, 0, 0), turn_after = v_vec3_make(0, 0, 0);
    for (uint32_t i = 0; i < 20; ++i) {
        v_body_state s = state_of(world, balls[i]);
        float mass = v_body_mass_kg(world, balls[i]);
        after = v_vec3_mul_add(after, s.velocity_m_s, mass);
        turn_after = v_vec3_mul_add(turn_after, v_vec3_cross(s.pos_m, s.velocity_m_s), mass);
        assert_true(v_vec3_length(s.angular_velocity_rad_s) < 1e-4f);
    }
    assert_true(v_vec3_distance(before, after) < 1e-4f * scale);
    // Overlaps are pushed out along the line of centres, so angular momentum only feels the linearised turn.
    assert_true(v_vec3_distance(turn_before, turn_after) < 0.01f * scale);
    v_world_destroy(world);
}

static void a_tumbling_box_keeps_its_energy_and_angular_momentum(void **state)
{
    (void)state;
    v_world *world = world_with(&(v_physics_desc){ .zero_gravity = true, .no_sleep = true }, NULL, NULL);
    v_body box = create(world, &(v_body_desc){ .kind = V_BODY_DYNAMIC,
                                               .shape = V_BOX(0.5f, 0.25f, 0.1f),
                                               .angular_velocity_rad_s = { 0.1f, 3, 0.05f } });
    float mass = v_body_mass_kg(world, box);
    v_vec3 h = v_vec3_make(0.5f, 0.25f, 0.1f);
    v_vec3 inertia =
        v_vec3_scale(v_vec3_make(h.y * h.y + h.z * h.z, h.x * h.x + h.z * h.z, h.x * h.x + h.y * h.y), mass / 3.0f);
    double energy = v_physics_energy_j(world);
    v_vec3 momentum = spin_momentum(world, box, inertia);
    bool flipped = false;
    for (uint32_t i = 0; i < 600; ++i) {
        step(world, 1);
        v_vec3 axis = v_quat_rotate(state_of(world, box).rot, v_vec3_make(0, 1, 0));
        flipped = flipped || axis.y < -0.5f; // the middle axis is unstable (Dzhanibekov)
        assert_true(fabs(v_physics_energy_j(world) - energy) < 0.002 * energy);
    }
    assert_true(flipped);
    assert_true(v_vec3_distance(spin_momentum(world, box, inertia), momentum) < 0.02f * v_vec3_length(momentum));
    v_world_destroy(world);
}

static void restitution_1_returns_a_ball_to_its_height(void **state)
{
    (void)state;
    v_world *world = world_with(&(v_physics_desc){ .no_sleep = true }, NULL, NULL);
    create_ground(world);
    v_body ball = create(
        world, &(v_body_desc){
                   .kind = V_BODY_DYNAMIC, .shape = V_SPHERE(0.5f), .pos_m = { 0, 3.5f, 0 }, .restitution = 1.0f });
    float height = 0.0f, last_speed = 0.0f;
    uint32_t tops = 0;
    for (uint32_t i = 0; i < 1200; ++i) {
        step(world, 1);
        v_body_state s = state_of(world, ball);
        height = v_max(height, s.pos_m.y);
        if (last_speed < 0.0f && s.velocity_m_s.y > 0.0f) {
            height = 0.0f; // a bounce
        }
        if (last_speed > 0.0f && s.velocity_m_s.y <= 0.0f) {
            ++tops;
            assert_true(fabsf(height - 0.5f - 3.0f) < 0.03f); // 1 % of the energy
        }
        last_speed = s.velocity_m_s.y;
    }
    assert_true(tops >= 10);
    v_world_destroy(world);
}

static void restitution_0_ends_at_rest_and_half_bounces_a_quarter(void **state)
{
    (void)state;
    v_world *world = world_default();
    create_ground(world);
    v_body dead = create_at(world, V_SPHERE(0.5f), v_vec3_make(0, 3, 0));
    v_body half = create(
        world, &(v_body_desc){
                   .kind = V_BODY_DYNAMIC, .shape = V_SPHERE(0.5f), .pos_m = { 5, 4.5f, 0 }, .restitution = 0.5f });
    float top = 0.0f;
    bool bounced = false;
    for (uint32_t i = 0; i < 120; ++i) {
        step(world, 1);
        v_body_state s = state_of(world, half);
        bounced = bounced || s.velocity_m_s.y > 0.0f;
        top = bounced ? v_max(top, s.pos_m.y) : 0.0f;
        assert_true(state_of(world, dead).velocity_m_s.y < 0.05f);
    }
    assert_true(fabsf(top - 0.5f - 1.0f) < 0.03f); // e² · 4 m
    step(world, 480);
    assert_true(state_of(world, dead).asleep && state_of(world, half).asleep);
    assert_true(fabsf(state_of(world, dead).pos_m.y - 0.5f) < 0.005f);
    v_world_destroy(world);
}

/// How far a box slides down a slope in two seconds.
static float slide_on_slope(float friction, float angle_rad)
{
    v_world *world = world_default();
    v_quat rot = v_quat_from_axis_angle(v_vec3_make(0, 0, 1), angle_rad);
    v_vec3 up = v_quat_rotate(rot, v_vec3_make(0, 1, 0));
    create(world, &(v_body_desc){
                      .shape = V_BOX(40, 1, 10), .pos_m = v_vec3_scale(up, -1.0f), .rot = rot, .friction = friction });
    v_body box = create(world, &(v_body_desc){ .kind = V_BODY_DYNAMIC,
                                               .shape = V_BOX(0.5f, 0.25f, 0.5f),
                                               .pos_m = v_vec3_scale(up, 0.25f),
                                               .rot = rot,
                                               .friction = friction,
                                               .no_sleep = true });
    step(world, 30);
    v_vec3 start_m = state_of(world, box).pos_m;
    step(world, 120);
    float way_m = v_vec3_distance(state_of(world, box).pos_m, start_m);
    v_world_destroy(world);
    return way_m;
}

static void a_box_sticks_below_and_slides_above_the_friction_angle(void **state)
{
    (void)state;
    const float coefficients[] = { 0.2f, 0.4f, 0.6f };
    for (uint32_t i = 0; i < 3; ++i) {
        float limit = v_atan(coefficients[i]), half_degree = 0.5f * V_PI / 180.0f;
        assert_true(slide_on_slope(coefficients[i], limit - half_degree) < 0.002f);
        // From rest, two seconds at g (sin − µ cos) after half a second.
        float angle = limit + half_degree;
        float pull = 9.81f * (v_sin(angle) - coefficients[i] * v_cos(angle));
        float way = slide_on_slope(coefficients[i], angle), expected = pull * (2.0f * 0.5f + 2.0f);
        assert_true(way > 0.8f * expected && way < 1.2f * expected);
    }
}

static void friction_stops_a_spinning_disc(void **state)
{
    (void)state;
    v_world *world = world_default();
    create_ground(world);
    v_body disc = create(world, &(v_body_desc){ .kind = V_BODY_DYNAMIC,
                                                .shape = V_BOX(0.5f, 0.1f, 0.5f),
                                                .pos_m = { 0, 0.1f, 0 },
                                                .angular_velocity_rad_s = { 0, 5, 0 } });
    step(world, 120);
    v_body_state s = state_of(world, disc);
    assert_true(fabsf(s.angular_velocity_rad_s.y) < 1e-3f && fabsf(s.pos_m.x) < 0.02f && fabsf(s.pos_m.z) < 0.02f);
    v_world_destroy(world);
}

static void a_pile_of_all_shapes_loses_energy_and_stays_apart(void **state)
{
    (void)state;
    v_world *world = world_default();
    static v_body bodies[250];
    create_mixed_pile(world, 250, bodies);
    double last = v_physics_energy_j(world);
    for (uint32_t i = 0; i < 480; i += 20) {
        step(world, 20);
        double energy = v_physics_energy_j(world);
        assert_true(energy < last + 0.002 * fabs(last));
        last = energy;
    }
    v_physics_stats stats = v_physics_get_stats(world);
    assert_true(stats.largest_penetration_m < 0.03f);
    for (uint32_t i = 0; i < 250; ++i) {
        v_body_state s = state_of(world, bodies[i]);
        bool over_ground = fabsf(s.pos_m.x) < 49.0f && fabsf(s.pos_m.z) < 49.0f;
        assert_true(!over_ground || s.pos_m.y > 0.25f);
        assert_true(!over_ground || v_vec3_length(s.velocity_m_s) < 8.0f);
    }
    v_world_destroy(world);
}

static void a_heavy_box_rests_on_a_light_one(void **state)
{
    (void)state;
    v_world *world = world_default();
    create_ground(world);
    v_body light = create_at(world, V_BOX(0.5f, 0.5f, 0.5f), v_vec3_make(0, 0.5f, 0));
    v_body heavy = create(world, &(v_body_desc){ .kind = V_BODY_DYNAMIC,
                                                 .shape = V_BOX(0.5f, 0.5f, 0.5f),
                                                 .pos_m = { 0, 1.5f, 0 },
                                                 .density_kg_m3 = 50000.0f });
    step(world, 600);
    assert_true(state_of(world, heavy).pos_m.y > 1.4f && fabsf(state_of(world, heavy).pos_m.x) < 0.05f);
    assert_true(state_of(world, light).pos_m.y > 0.45f);
    v_world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(free_fall_follows_the_integrators_closed_form),
        cmocka_unit_test(damping_and_force_act_as_stated),
        cmocka_unit_test(collisions_without_friction_conserve_momentum),
        cmocka_unit_test(a_tumbling_box_keeps_its_energy_and_angular_momentum),
        cmocka_unit_test(restitution_1_returns_a_ball_to_its_height),
        cmocka_unit_test(restitution_0_ends_at_rest_and_half_bounces_a_quarter),
        cmocka_unit_test(a_box_sticks_below_and_slides_above_the_friction_angle),
        cmocka_unit_test(friction_stops_a_spinning_disc),
        cmocka_unit_test(a_pile_of_all_shapes_loses_energy_and_stays_apart),
        cmocka_unit_test(a_heavy_box_rests_on_a_light_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
