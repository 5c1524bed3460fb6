// test_sleep.c: stacks that stand, islands that sleep and wake.
#include "physics_test.h"

static uint32_t create_stack(v_world *world, v_body *bodies, uint32_t count, float x_m)
{
    for (uint32_t i = 0; i < count; ++i) {
        bodies[i] = create_at(world, V_BOX(0.5f, 0.5f, 0.5f), v_vec3_make(x_m, 0.5f + (float)i, 0));
    }
    return count;
}

static void a_stack_of_20_stands_for_60_seconds_and_sleeps(void **state)
{
    (void)state;
    v_world *world = world_default();
    create_ground(world);
    v_body boxes[20];
    create_stack(world, boxes, 20, 0.0f);
    step(world, 600);
    v_vec3 settled_m = state_of(world, boxes[19]).pos_m;
    assert_true(settled_m.y > 19.4f && fabsf(settled_m.x) < 0.05f && fabsf(settled_m.z) < 0.05f);
    step(world, 3000);
    for (uint32_t i = 0; i < 20; ++i) {
        assert_true(state_of(world, boxes[i]).asleep);
    }
    assert_true(v_vec3_distance(state_of(world, boxes[19]).pos_m, settled_m) < 0.001f);
    v_world_destroy(world);
}

static void a_stack_of_20_stands_for_60_seconds_without_sleep(void **state)
{
    (void)state;
    v_world *world = world_with(&(v_physics_desc){ .no_sleep = true }, NULL, NULL);
    create_ground(world);
    v_body boxes[20];
    create_stack(world, boxes, 20, 0.0f);
    step(world, 3600);
    v_vec3 top_m = state_of(world, boxes[19]).pos_m;
    assert_true(top_m.y > 19.4f && fabsf(top_m.x) < 0.05f && fabsf(top_m.z) < 0.05f);
    v_world_destroy(world);
}

static void a_pyramid_of_20_stands(void **state)
{
    (void)state;
    v_world *world = world_with(&(v_physics_desc){ .no_sleep = true }, NULL, NULL);
    create_ground(world);
    v_body top = { 0 };
    for (int row = 0; row < 20; ++row) {
        for (int j = 0; j < 20 - row; ++j) {
            float x = ((float)j - (float)(20 - row - 1) / 2.0f) * 1.05f;
            top = create_at(world, V_BOX(0.5f, 0.5f, 0.5f), v_vec3_make(x, 0.5f + (float)row, 0));
        }
    }
    step(world, 900);
    v_body_state s = state_of(world, top);
    assert_true(s.pos_m.y > 19.4f && fabsf(s.pos_m.x) < 0.05f && fabsf(s.pos_m.z) < 0.05f);
    assert_true(v_vec3_length(s.velocity_m_s) < 0.01f);
    v_world_destroy(world);
}

static void a_sleeping_island_wakes_when_touched(void **state)
{
    (void)state;
    v_world *world = world_default();
    create_ground(world);
    v_body boxes[5], far_boxes[2];
    create_stack(world, boxes, 5, 0.0f);
    create_stack(world, far_boxes, 2, 10.0f);
    step(world, 300);
    assert_true(state_of(world, boxes[0]).asleep && state_of(world, far_boxes[0]).asleep);
    assert_int_equal(v_physics_get_stats(world).awake, 0);
    v_body ball = create(world, &(v_body_desc){ .kind = V_BODY_DYNAMIC,
                                                .shape = V_SPHERE(0.4f),
                                                .pos_m = { -5, 4.5f, 0 },
                                                .velocity_m_s = { 20, 2, 0 },
                                                .density_kg_m3 = 5000.0f });
    step(world, 10);
    assert_true(state_of(world, boxes[4]).asleep); // not there yet
    step(world, 20);
    assert_false(state_of(world, boxes[0]).asleep);
    assert_true(state_of(world, boxes[4]).pos_m.x > 0.1f);
    assert_true(state_of(world, far_boxes[0]).asleep);
    assert_true(v_body_is_alive(world, ball));
    v_world_destroy(world);
}

static void removing_a_body_wakes_what_rested_on_it(void **state)
{
    (void)state;
    v_world *world = world_default();
    v_body ground = create_ground(world);
    v_body boxes[4], other[2];
    create_stack(world, boxes, 4, 0.0f);
    create_stack(world, other, 2, 10.0f);
    step(world, 300);
    assert_true(state_of(world, boxes[3]).asleep);
    assert_ok(v_body_destroy(world, boxes[0]));
    assert_false(state_of(world, boxes[3]).asleep);
    assert_true(state_of(world, other[0]).asleep);
    step(world, 300);
    assert_true(fabsf(state_of(world, boxes[3]).pos_m.y - 2.5f) < 0.02f);
    assert_ok(v_body_destroy(world, ground)); // static: all that stood on it falls
    assert_false(state_of(world, other[0]).asleep);
    step(world, 60);
    assert_true(state_of(world, boxes[3]).pos_m.y < 0.0f && state_of(world, other[0]).pos_m.y < -2.0f);
    v_world_destroy(world);
}

static void calls_that_change_motion_wake_the_island(void **state)
{
    (void)state;
    for (uint32_t which = 0; which < 6; ++which) {
        v_world *world = world_default();
        v_body ground = create_ground(world);
        v_body boxes[3];
        create_stack(world, boxes, 3, 0.0f);
        step(world, 300);
        assert_true(state_of(world, boxes[2]).asleep);
        v_vec3 still = v_vec3_make(0, 0, 0);
        switch (which) {
        case 0:
            assert_ok(v_body_wake(world, boxes[0]));
            break;
        case 1:
            assert_ok(v_body_apply_impulse(world, boxes[0], v_vec3_make(100, 0, 0), still));
            break;
        case 2:
            assert_ok(v_body_apply_force(world, boxes[0], v_vec3_make(100, 0, 0)));
            break;
        case 3:
            assert_ok(v_body_set_velocity(world, boxes[0], still, still));
            break;
        case 4:
            assert_ok(v_body_set_pose(world, boxes[0], v_vec3_make(5, 0.5f, 0), V_QUAT_IDENTITY));
            break;
        default:
            assert_ok(v_body_set_pose(world, ground, v_vec3_make(0, -3, 0), V_QUAT_IDENTITY));
            break;
        }
        assert_false(state_of(world, boxes[2]).asleep);
        step(world, 60);
        if (which == 4) {
            assert_true(state_of(world, boxes[2]).pos_m.y < 2.0f); // fell into the gap
        }
        v_world_destroy(world);
    }
}

static void no_sleep_keeps_a_body_awake(void **state)
{
    (void)state;
    v_world *world = world_default();
    create_ground(world);
    v_body awake = create(world, &(v_body_desc){ .kind = V_BODY_DYNAMIC,
                                                 .shape = V_BOX(0.5f, 0.5f, 0.5f),
                                                 .pos_m = { 0, 0.5f, 0 },
                                                 .no_sleep = true });
    v_body neighbour = create_at(world, V_BOX(0.5f, 0.5f, 0.5f), v_vec3_make(0, 1.5f, 0));
    step(world, 300);
    assert_false(state_of(world, awake).asleep);
    assert_false(state_of(world, neighbour).asleep); // same island
    v_world_destroy(world);
}

static void lasting_contacts_start_warm(void **state)
{
    (void)state;
    v_world *world = world_with(&(v_physics_desc){ .no_sleep = true }, NULL, NULL);
    create_ground(world);
    v_body boxes[5];
    create_stack(world, boxes, 5, 0.0f);
    step(world, 1);
    assert_int_equal(v_physics_get_stats(world).warm_hits, 0);
    assert_int_equal(v_physics_get_stats(world).warm_misses, 20);
    step(world, 60);
    assert_int_equal(v_physics_get_stats(world).warm_hits, 20);
    assert_int_equal(v_physics_get_stats(world).warm_misses, 0);
    uint32_t count;
    const v_manifold *manifolds = v_physics_manifolds(world, &count);
    assert_int_equal(count, 5);
    float weight = v_body_mass_kg(world, boxes[0]) * 9.81f / 60.0f, carried = 0.0f;
    for (uint32_t i = 0; i < manifolds[0].point_count; ++i) {
        carried += manifolds[0].points[i].normal_impulse_n_s;
    }
    float substeps = 2.0f * (float)v_physics_get_desc(world).velocity_iterations;
    assert_true(fabsf(carried * substeps - 5.0f * weight) < 0.05f * 5.0f * weight);
    v_world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stack_of_20_stands_for_60_seconds_and_sleeps),
        cmocka_unit_test(a_stack_of_20_stands_for_60_seconds_without_sleep),
        cmocka_unit_test(a_pyramid_of_20_stands),
        cmocka_unit_test(a_sleeping_island_wakes_when_touched),
        cmocka_unit_test(removing_a_body_wakes_what_rested_on_it),
        cmocka_unit_test(calls_that_change_motion_wake_the_island),
        cmocka_unit_test(no_sleep_keeps_a_body_awake),
        cmocka_unit_test(lasting_contacts_start_warm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
