// Snapshots of the world: restore and re-run, damaged and foreign data (E06, E35).
#include "ecs_fixture.h"

#include "ecs_internal.h"

static void populate(fixture *f, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        set_by_mask(f, v_entity_create(f->world), i * 2654435761u >> 11, (float)i);
    }
    for (uint32_t i = 3; i < count; i += 5) {
        (void)v_entity_destroy(f->world, (v_entity){ i, 1 });
    }
    v_entity parent = { 1, 1 };
    (void)v_entity_set_name(f->world, parent, "root");
    for (uint32_t i = 2; i < count && i < 20; i++) {
        if (v_entity_is_alive(f->world, (v_entity){ i, 1 })) {
            assert_int_equal(v_entity_set_parent(f->world, (v_entity){ i, 1 }, parent), V_OK);
            parent = i % 4 == 0 ? (v_entity){ i, 1 } : parent;
        }
    }
}

/// One tick of a small game: moves, creates and destroys by a random sequence that is a function of the tick.
static void run_tick(fixture *f, v_query *moving)
{
    v_random random = v_random_seed(v_world_seed(f->world), v_world_tick(f->world));
    assert_int_equal(v_world_begin_tick(f->world), V_OK);
    for (v_query_iter it = { 0 }; v_query_next(moving, &it);) {
        Position *positions = it.columns[0];
        const Velocity *velocities = it.columns[1];
        for (uint32_t i = 0; i < it.count; i++) {
            positions[i].at_m = v_vec3_add(positions[i].at_m, v_vec3_scale(velocities[i].m_s, 0.1f));
        }
    }
    for (uint32_t i = 0; i < 6; i++) {
        v_entity made = v_entity_create(f->world);
        set_by_mask(f, made, v_random_u32(&random), v_random_unit(&random));
    }
    uint32_t skip = v_random_below(&random, 40);
    v_commands commands = v_commands_of(f->world, 0, 0);
    for (v_entity e = v_entity_next(f->world, (v_entity){ 0 }); !v_entity_is_null(e); e = v_entity_next(f->world, e)) {
        if (e.index % 41 == skip) {
            assert_int_equal(v_commands_destroy(&commands, e), V_OK);
        }
    }
    assert_int_equal(v_world_end_tick(f->world), V_OK);
}

static v_query *moving_query(fixture *f)
{
    v_query *query = NULL;
    v_query_desc desc = { .terms = { { f->position, V_TERM_WITH }, { f->velocity, V_TERM_WITH } }, .term_count = 2 };
    assert_int_equal(v_query_create(f->world, &desc, &query), V_OK);
    return query;
}

static void a_restored_world_runs_like_the_straight_one(void **state)
{
    (void)state;
    enum { TICKS = 60 };
    fixture f = fixture_create(&(v_world_desc){ .seed = 11 });
    v_query *moving = moving_query(&f);
    populate(&f, 3000);
    v_hash128 straight[TICKS];
    v_entity straight_next[TICKS];
    v_writer snapshot = { 0 };
    assert_int_equal(v_world_snapshot(f.world, &snapshot), V_OK);
    for (uint32_t t = 0; t < TICKS; t++) {
        run_tick(&f, moving);
        straight[t] = v_world_hash(f.world);
        straight_next[t] = v_entity_next(f.world, (v_entity){ 2000, 0 });
    }
    // Into the same world twice, and into a fresh one of another seed.
    fixture g = fixture_create(&(v_world_desc){ .seed = 12 });
    v_query *moving_g = moving_query(&g);
    for (uint32_t k = 0; k < 3; k++) {
        fixture *into = k < 2 ? &f : &g;
        assert_int_equal(v_world_restore(into->world, snapshot.data, snapshot.size_bytes), V_OK);
        assert_int_equal(v_world_tick(into->world), 0);
        for (uint32_t t = 0; t < TICKS; t++) {
            run_tick(into, k < 2 ? moving : moving_g);
            assert_hash_equal(straight[t], v_world_hash(into->world));
            assert_true(v_entity_equal(straight_next[t], v_entity_next(into->world, (v_entity){ 2000, 0 })));
        }
    }
    v_writer_destroy(&snapshot);
    v_world_destroy(f.world);
    v_world_destroy(g.world);
}

static void equal_states_give_equal_snapshots(void **state)
{
    (void)state;
    fixture f = fixture_create(&(v_world_desc){ 0 });
    populate(&f, 500);
    v_writer one = { 0 }, two = { 0 };
    v_write_u8(&two, 7); // a snapshot is appended to what is there
    assert_int_equal(v_world_snapshot(f.world, &one), V_OK);
    assert_int_equal(v_world_restore(f.world, one.data, one.size_bytes), V_OK);
    assert_int_equal(v_world_snapshot(f.world, &two), V_OK);
    assert_int_equal(two.size_bytes, one.size_bytes + 1);
    assert_memory_equal(one.data, two.data + 1, one.size_bytes);
    v_entity root = v_entity_find(f.world, "root");
    assert_int_equal(root.index, 1);
    assert_int_not_equal(v_entity_child_count(f.world, root), 0);
    v_writer_destroy(&one);
    v_writer_destroy(&two);
    v_world_destroy(f.world);
}

static void every_damaged_byte_and_every_truncation_is_refused(void **state)
{
    (void)state;
    fixture f = fixture_create(&(v_world_desc){ .entities_max = 2000 });
    populate(&f, 24);
    v_writer snapshot = { 0 };
    assert_int_equal(v_world_snapshot(f.world, &snapshot), V_OK);
    v_hash128 before = v_world_hash(f.world);
    for (size_t i = 0; i < snapshot.size_bytes; i++) {
        snapshot.data[i] ^= (uint8_t)(1u << (i % 8));
        assert_int_not_equal(v_world_restore(f.world, snapshot.data, snapshot.size_bytes), V_OK);
        snapshot.data[i] ^= (uint8_t)(1u << (i % 8));
        assert_int_not_equal(v_world_restore(f.world, snapshot.data, i), V_OK);
    }
    assert_hash_equal(before, v_world_hash(f.world));
    v_write_u8(&snapshot, 0);
    assert_int_not_equal(v_world_restore(f.world, snapshot.data, snapshot.size_bytes), V_OK);
    v_writer_destroy(&snapshot);
    v_world_destroy(f.world);
}

/// Write the checksum that the body has now: an attacker can do that too.
static void sign(v_writer *snapshot)
{
    v_hash128 sum = ecs_snapshot_checksum(NULL, snapshot->data + 48, snapshot->size_bytes - 48);
    for (uint32_t i = 0; i < 8; i++) {
        snapshot->data[32 + i] = (uint8_t)(sum.low >> (8 * i));
        snapshot->data[40 + i] = (uint8_t)(sum.high >> (8 * i));
    }
}

static void damage_with_a_right_checksum_is_refused_or_consistent(void **state)
{
    (void)state;
    fixture f = fixture_create(&(v_world_desc){ .entities_max = 2000 });
    populate(&f, 24);
    v_writer good = { 0 }, bad = { 0 }, again = { 0 };
    assert_int_equal(v_world_snapshot(f.world, &good), V_OK);
    uint32_t accepted = 0, refused = 0;
    for (size_t i = 48; i < good.size_bytes; i++) {
        for (uint32_t bit = 0; bit < 8; bit += 3) {
            bad.size_bytes = 0;
            v_write_bytes(&bad, good.data, good.size_bytes);
            bad.data[i] ^= (uint8_t)(1u << bit);
            sign(&bad);
            v_hash128 before = v_world_hash(f.world);
            if (v_world_restore(f.world, bad.data, bad.size_bytes) != V_OK) {
                assert_hash_equal(before, v_world_hash(f.world));
                refused++;
                continue;
            }
            // What was accepted is a whole state: it can be saved, brought back, walked and changed.
            accepted++;
            again.size_bytes = 0;
            v_hash128 now = v_world_hash(f.world);
            assert_int_equal(v_world_snapshot(f.world, &again), V_OK);
            assert_int_equal(v_world_restore(f.world, again.data, again.size_bytes), V_OK);
            assert_hash_equal(now, v_world_hash(f.world));
            for (v_entity e = v_entity_next(f.world, (v_entity){ 0 }); !v_entity_is_null(e);
                 e = v_entity_next(f.world, (v_entity){ 0 })) {
                assert_int_equal(v_entity_destroy(f.world, e), V_OK);
            }
            assert_int_equal(v_entity_count(f.world), 0);
            assert_int_equal(v_component_count(f.world, v_component_find(f.world, "v.Node")), 0);
        }
    }
    assert_int_not_equal(accepted, 0);
    assert_int_not_equal(refused, 0);
    v_writer_destroy(&good);
    v_writer_destroy(&bad);
    v_writer_destroy(&again);
    v_world_destroy(f.world);
}

static void foreign_snapshots_are_refused(void **state)
{
    (void)state;
    fixture f = fixture_create(&(v_world_desc){ 0 }), rate = fixture_create(&(v_world_desc){ .tick_hz = 50 });
    fixture small = fixture_create(&(v_world_desc){ .entities_max = 10 });
    populate(&f, 100);
    v_writer snapshot = { 0 };
    assert_int_equal(v_world_snapshot(f.world, &snapshot), V_OK);
    v_world *bare = NULL;
    assert_int_equal(v_world_create(&(v_world_desc){ 0 }, &bare), V_OK);
    assert_int_equal(v_world_restore(bare, snapshot.data, snapshot.size_bytes), V_ERROR_MISMATCH);
    assert_int_equal(v_world_restore(rate.world, snapshot.data, snapshot.size_bytes), V_ERROR_MISMATCH);
    assert_int_equal(v_world_restore(small.world, snapshot.data, snapshot.size_bytes), V_ERROR_BAD_INPUT);
    snapshot.data[4] = 99;
    assert_int_equal(v_world_restore(f.world, snapshot.data, snapshot.size_bytes), V_ERROR_UNSUPPORTED);
    assert_non_null(strstr(v_status_message(), "99"));
    v_writer_destroy(&snapshot);
    v_world_destroy(bare);
    v_world_destroy(f.world);
    v_world_destroy(rate.world);
    v_world_destroy(small.world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_restored_world_runs_like_the_straight_one),
        cmocka_unit_test(equal_states_give_equal_snapshots),
        cmocka_unit_test(every_damaged_byte_and_every_truncation_is_refused),
        cmocka_unit_test(damage_with_a_right_checksum_is_refused_or_consistent),
        cmocka_unit_test(foreign_snapshots_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
