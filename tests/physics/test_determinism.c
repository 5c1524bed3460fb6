// test_determinism.c: equal hashes for any worker count, after restore, and stage by stage (E35).
#include "physics_test.h"

#define PILE_COUNT 300u
#define TICKS      600u

static void hash_run(uint32_t workers, uint32_t ticks, v_hash128 *out_hashes)
{
    v_jobs *jobs = NULL;
    assert_ok(v_jobs_create(&(v_jobs_desc){ .worker_count = workers }, &jobs));
    v_world *world = world_with(&(v_physics_desc){ 0 }, jobs, NULL);
    static v_body bodies[PILE_COUNT];
    create_mixed_pile(world, PILE_COUNT, bodies);
    for (uint32_t i = 0; i < ticks; ++i) {
        step(world, 1);
        out_hashes[i] = v_world_hash(world);
        if (i % 97 == 50) {
            v_body body = bodies[i % PILE_COUNT];
            assert_ok(v_body_apply_impulse(world, body, v_vec3_make(300, 900, -200), state_of(world, body).pos_m));
        }
    }
    v_world_destroy(world);
    v_jobs_destroy(jobs);
}

static void a_pile_has_the_same_hashes_for_1_2_3_and_8_workers(void **state)
{
    (void)state;
    static v_hash128 expected[TICKS], hashes[TICKS];
    hash_run(1, TICKS, expected);
    const uint32_t workers[] = { 2, 3, 8 };
    for (uint32_t k = 0; k < 3; ++k) {
        hash_run(workers[k], TICKS, hashes);
        for (uint32_t i = 0; i < TICKS; ++i) {
            if (!v_hash128_equal(hashes[i], expected[i])) {
                fail_msg("tick %u differs with %u workers", i, workers[k]);
            }
        }
    }
    assert_false(v_hash128_equal(expected[TICKS - 1], expected[TICKS - 2]));
}

static void a_wide_pile_uses_parallel_colours_with_the_same_hash(void **state)
{
    (void)state;
    v_hash128 hashes[2];
    for (uint32_t k = 0; k < 2; ++k) {
        v_jobs *jobs = NULL;
        assert_ok(v_jobs_create(&(v_jobs_desc){ .worker_count = 1 + 2 * k }, &jobs));
        v_world *world = world_with(&(v_physics_desc){ .no_sleep = true }, jobs, NULL);
        create_ground(world);
        for (uint32_t i = 0; i < 1200; ++i) { // 600 stacks of two: colours of more than one chunk
            v_vec3 pos_m =
                v_vec3_make((float)(i / 2 % 30) * 1.5f - 20, 0.5f + (float)(i % 2), (float)(i / 60) * 1.5f - 15);
            create_at(world, V_BOX(0.5f, 0.5f, 0.5f), pos_m);
        }
        step(world, 20);
        hashes[k] = v_world_hash(world);
        v_world_destroy(world);
        v_jobs_destroy(jobs);
    }
    assert_true(v_hash128_equal(hashes[0], hashes[1]));
}

static void restoring_a_snapshot_repeats_120_ticks_bit_for_bit(void **state)
{
    (void)state;
    v_world *world = world_default();
    static v_body bodies[200];
    create_mixed_pile(world, 200, bodies);
    step(world, 100);
    for (uint32_t i = 0; i < 200; i += 9) { // holes in the id space, in an order of their own
        assert_ok(v_body_destroy(world, bodies[(i * 7) % 200]));
    }
    assert_ok(v_body_apply_force(world, bodies[1], v_vec3_make(0, 5000, 0)));
    v_writer writer = { 0 };
    assert_ok(v_world_snapshot(world, &writer));
    v_hash128 start = v_world_hash(world), hashes[120];
    v_body_state state_before = state_of(world, bodies[1]);
    for (uint32_t round = 0; round < 3; ++round) {
        for (uint32_t i = 0; i < 120; ++i) {
            step(world, 1);
            v_hash128 hash = v_world_hash(world);
            assert_true(round == 0 || v_hash128_equal(hash, hashes[i]));
            hashes[i] = hash;
            if (i % 10 == 5) { // ids come from the restored free list
                v_body body = create_at(world, V_SPHERE(0.3f), v_vec3_make(2, 12, (float)i * 0.05f));
                assert_true(v_body_is_alive(world, body));
            }
        }
        assert_ok(v_world_restore(world, writer.data, writer.size_bytes));
        assert_true(v_hash128_equal(v_world_hash(world), start));
        v_body_state after = state_of(world, bodies[1]);
        assert_memory_equal(&after.pos_m, &state_before.pos_m, sizeof(after.pos_m));
    }
    v_writer again = { 0 };
    assert_ok(v_world_snapshot(world, &again));
    assert_int_equal(again.size_bytes, writer.size_bytes);
    assert_memory_equal(again.data, writer.data, writer.size_bytes);
    v_writer_destroy(&again);
    v_writer_destroy(&writer);
    v_world_destroy(world);
}

static void a_sleeping_world_restores_and_wakes_alike(void **state)
{
    (void)state;
    v_hash128 hashes[2];
    v_world *worlds[2] = { world_default(), world_default() };
    create_ground(worlds[0]);
    v_body boxes[6];
    for (uint32_t i = 0; i < 6; ++i) {
        boxes[i] = create_at(worlds[0], V_BOX(0.5f, 0.5f, 0.5f), v_vec3_make(0, 0.5f + (float)i, 0));
    }
    step(worlds[0], 300);
    assert_true(state_of(worlds[0], boxes[0]).asleep);
    v_writer writer = { 0 };
    assert_ok(v_world_snapshot(worlds[0], &writer));
    assert_ok(v_world_restore(worlds[1], writer.data, writer.size_bytes));
    for (uint32_t k = 0; k < 2; ++k) {
        assert_ok(v_body_destroy(worlds[k], boxes[2]));
        step(worlds[k], 100);
        hashes[k] = v_world_hash(worlds[k]);
        v_world_destroy(worlds[k]);
    }
    assert_true(v_hash128_equal(hashes[0], hashes[1]));
    v_writer_destroy(&writer);
}

static void damaged_snapshots_are_refused_and_change_nothing(void **state)
{
    (void)state;
    v_world *world = world_default();
    static v_body bodies[30];
    create_mixed_pile(world, 30, bodies);
    step(world, 200);
    assert_ok(v_body_destroy(world, bodies[3]));
    v_writer writer = { 0 };
    assert_ok(v_world_snapshot(world, &writer));
    step(world, 5);
    v_hash128 before = v_world_hash(world);
    uint8_t *copy = v_alloc(NULL, writer.size_bytes, 1);
    v_random random = v_random_seed(5, 5);
    for (size_t size = 0; size < writer.size_bytes; size += 41) {
        assert_int_not_equal(v_world_restore(world, writer.data, size), V_OK);
        assert_true(v_hash128_equal(v_world_hash(world), before));
    }
    for (uint32_t i = 0; i < 3000; ++i) { // whatever is accepted can be stepped
        memcpy(copy, writer.data, writer.size_bytes);
        for (uint32_t k = 0; k < 1 + i % 3; ++k) {
            copy[v_random_below(&random, (uint32_t)writer.size_bytes)] = (uint8_t)v_random_u32(&random);
        }
        if (v_world_restore(world, copy, writer.size_bytes) == V_OK) {
            step(world, 2);
        }
    }
    assert_ok(v_world_restore(world, writer.data, writer.size_bytes));
    step(world, 5);
    assert_true(v_hash128_equal(v_world_hash(world), before));
    v_free(NULL, copy, writer.size_bytes, 1);
    v_writer_destroy(&writer);
    v_world_destroy(world);
}

// Three bodies of one entity: each counts, none is counted when it is gone, and a restored world agrees.
static void the_hash_of_an_entity_covers_all_its_bodies(void **state)
{
    (void)state;
    v_world *world = world_with(&(v_physics_desc){ .zero_gravity = true }, NULL, NULL);
    v_entity owner = v_entity_create(world), other = v_entity_create(world);
    v_body bodies[4];
    for (uint32_t i = 0; i < 4; ++i) {
        v_body_desc desc = { .kind = V_BODY_DYNAMIC, .shape = V_SPHERE(0.2f), .pos_m = { (float)i, 1, 0 } };
        desc.entity = i == 2 ? other : owner;
        bodies[i] = v_body_create(world, &desc);
    }
    uint32_t before = v_world_hash_entity(world, owner);
    for (uint32_t i = 0; i < 4; ++i) {
        v_vec3 pos_m = state_of(world, bodies[i]).pos_m;
        assert_ok(v_body_set_pose(world, bodies[i], v_vec3_make(pos_m.x, 2, 0), V_QUAT_IDENTITY));
        assert_int_equal(v_world_hash_entity(world, owner) != before, i != 2);
        assert_ok(v_body_set_pose(world, bodies[i], pos_m, V_QUAT_IDENTITY));
        assert_int_equal(v_world_hash_entity(world, owner), before);
    }
    v_writer snapshot = { 0 };
    assert_ok(v_world_snapshot(world, &snapshot));
    assert_ok(v_body_destroy(world, bodies[1]));
    assert_int_not_equal(v_world_hash_entity(world, owner), before);
    assert_ok(v_body_destroy(world, bodies[0]));
    assert_ok(v_body_destroy(world, bodies[3]));
    uint32_t none = v_world_hash_entity(world, owner);
    assert_ok(v_body_destroy(world, bodies[2]));
    assert_int_equal(v_world_hash_entity(world, owner), none);
    assert_ok(v_world_restore(world, snapshot.data, snapshot.size_bytes));
    assert_int_equal(v_world_hash_entity(world, owner), before);
    v_writer_destroy(&snapshot);
    v_world_destroy(world);
}

static void stages_run_one_by_one_give_the_step(void **state)
{
    (void)state;
    v_hash128 hashes[2];
    for (uint32_t k = 0; k < 2; ++k) {
        v_world *world = world_default();
        static v_body bodies[60];
        create_mixed_pile(world, 60, bodies);
        for (uint32_t i = 0; i < 60; ++i) {
            if (k == 0) {
                step(world, 1);
                continue;
            }
            assert_ok(v_world_begin_tick(world));
            for (uint32_t stage = 0; stage < V_PHYSICS_STAGE_COUNT; ++stage) {
                assert_ok(v_physics_run_stage(world, (v_physics_stage)stage));
            }
            assert_ok(v_world_end_tick(world));
        }
        hashes[k] = v_world_hash(world);
        v_world_destroy(world);
    }
    assert_true(v_hash128_equal(hashes[0], hashes[1]));
}

static void stages_out_of_order_and_changes_between_them_are_refused(void **state)
{
    (void)state;
    v_world *world = world_default();
    v_body ball = create_at(world, V_SPHERE(0.5f), v_vec3_make(0, 1, 0));
    assert_fails(v_physics_step(world), V_ERROR_STATE, "begin_tick");
    assert_fails(v_physics_run_stage(world, V_PHYSICS_INTEGRATE_VELOCITIES), V_ERROR_STATE, "begin_tick");
    assert_ok(v_world_begin_tick(world));
    assert_fails(v_physics_run_stage(world, V_PHYSICS_SOLVE), V_ERROR_STATE, "integrate velocities");
    assert_fails(v_physics_run_stage(world, (v_physics_stage)99), V_ERROR_INVALID_ARGUMENT, "99");
    assert_ok(v_physics_run_stage(world, V_PHYSICS_INTEGRATE_VELOCITIES));
    assert_fails(v_physics_run_stage(world, V_PHYSICS_INTEGRATE_VELOCITIES), V_ERROR_STATE, "broadphase");
    assert_fails(v_physics_step(world), V_ERROR_STATE, "broadphase");
    assert_fails(v_body_destroy(world, ball), V_ERROR_STATE, "under way");
    assert_fails(v_body_wake(world, ball), V_ERROR_STATE, "under way");
    assert_int_equal(v_body_create(world, &(v_body_desc){ .shape = V_SPHERE(1) }).index, 0);
    v_writer writer = { 0 };
    assert_int_not_equal(v_world_snapshot(world, &writer), V_OK);
    for (uint32_t stage = V_PHYSICS_BROADPHASE; stage < V_PHYSICS_STAGE_COUNT; ++stage) {
        assert_ok(v_physics_run_stage(world, (v_physics_stage)stage));
    }
    assert_ok(v_world_end_tick(world));
    assert_ok(v_body_destroy(world, ball));
    assert_string_equal(v_physics_stage_name(V_PHYSICS_MANIFOLD_CACHE), "manifold cache");
    v_writer_destroy(&writer);
    v_world_destroy(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pile_has_the_same_hashes_for_1_2_3_and_8_workers),
        cmocka_unit_test(a_wide_pile_uses_parallel_colours_with_the_same_hash),
        cmocka_unit_test(restoring_a_snapshot_repeats_120_ticks_bit_for_bit),
        cmocka_unit_test(a_sleeping_world_restores_and_wakes_alike),
        cmocka_unit_test(damaged_snapshots_are_refused_and_change_nothing),
        cmocka_unit_test(the_hash_of_an_entity_covers_all_its_bodies),
        cmocka_unit_test(stages_run_one_by_one_give_the_step),
        cmocka_unit_test(stages_out_of_order_and_changes_between_them_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
