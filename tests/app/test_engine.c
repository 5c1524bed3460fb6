// The engine as a whole: levels become worlds, ticks are a pure function of seed and inputs (E30, E35).
#include "app_fixture.h"

typedef struct Purse {
    int32_t coins;
} Purse;
V_COMPONENT(Purse, V_INT(coins))

static v_hash128 hash_after(uint32_t threads, uint64_t seed, int ticks, v_hash128 *out_each)
{
    v_engine *engine = fixture_engine(threads, seed, NULL);
    for (int i = 0; i < ticks; i++) {
        assert_ok(v_engine_tick(engine));
        if (out_each != NULL) {
            out_each[i] = v_world_hash(v_engine_world(engine));
        }
    }
    v_hash128 hash = v_world_hash(v_engine_world(engine));
    v_engine_destroy(engine);
    return hash;
}

static void every_tick_has_the_same_hash_on_any_worker_count(void **state)
{
    (void)state;
    enum { TICKS = 300 };
    static v_hash128 reference[TICKS], other[TICKS];
    (void)hash_after(1, 3, TICKS, reference);
    const uint32_t threads[] = { 2, 3, 8 };
    for (size_t t = 0; t < V_COUNT_OF(threads); t++) {
        (void)hash_after(threads[t], 3, TICKS, other);
        for (int i = 0; i < TICKS; i++) {
            if (!v_hash128_equal(reference[i], other[i])) {
                fail_msg("%u workers differ from 1 at tick %d", threads[t], i + 1);
            }
        }
    }
}

static void seed_changes_the_run_and_nothing_else_does(void **state)
{
    (void)state;
    v_hash128 a = hash_after(1, 3, 120, NULL), b = hash_after(1, 4, 120, NULL), again = hash_after(1, 3, 120, NULL);
    assert_true(v_hash128_equal(a, again));
    assert_false(v_hash128_equal(a, b));
}

static void level_becomes_entities_with_bodies(void **state)
{
    (void)state;
    v_engine *engine = fixture_engine(1, 3, NULL);
    v_world *world = v_engine_world(engine);
    v_entity ball = v_entity_find(world, "ball[5]");
    assert_true(v_entity_is_alive(world, ball));
    v_body body = v_body_of(engine, ball);
    assert_true(v_body_is_alive(world, body));
    assert_int_equal(v_physics_body_count(world), 1 + 27 + 8);
    for (int i = 0; i < 300; i++) {
        assert_ok(v_engine_tick(engine));
    }
    // What fell lies on the floor, and places follow bodies.
    v_body_state body_state;
    assert_ok(v_body_get_state(world, body, &body_state));
    const v_place *place = v_component_get(world, ball, v_engine_get_components(engine).place);
    assert_true(place->pos_m.y == body_state.pos_m.y);
    assert_true(place->pos_m.y > 0.3f && place->pos_m.y < 4.0f);
    assert_ok(v_despawn(engine, ball));
    assert_false(v_body_is_alive(world, body));
    assert_fails(v_despawn(engine, ball), V_ERROR_STALE, "not alive");
    v_engine_destroy(engine);
}

static void failed_spawn_leaves_nothing_behind(void **state)
{
    (void)state;
    v_engine *engine;
    assert_ok(v_engine_create(&(v_engine_desc){ .threads = 1 }, &engine));
    v_body_desc bad = { .kind = V_BODY_DYNAMIC, .shape = V_SPHERE(-1.0f) };
    v_entity entity = v_spawn(engine, &(v_spawn_desc){ .name = "bad", .body = &bad });
    assert_true(v_entity_is_null(entity));
    assert_non_null(strstr(v_status_message(), "-1"));
    assert_int_equal(v_entity_count(v_engine_world(engine)), 0);
    v_body_desc good = { .kind = V_BODY_DYNAMIC, .shape = V_SPHERE(1.0f) };
    assert_false(v_entity_is_null(v_spawn(engine, &(v_spawn_desc){ .name = "good", .body = &good })));
    assert_true(v_entity_is_null(v_spawn(engine, &(v_spawn_desc){ .name = "good", .body = &good })));
    assert_int_equal(v_entity_count(v_engine_world(engine)), 1);
    assert_int_equal(v_physics_body_count(v_engine_world(engine)), 1);
    v_engine_destroy(engine);
}

static void children_go_with_their_bodies(void **state)
{
    (void)state;
    v_engine *engine;
    assert_ok(v_engine_create(&(v_engine_desc){ .threads = 1 }, &engine));
    v_world *world = v_engine_world(engine);
    v_body_desc body = { .kind = V_BODY_DYNAMIC, .shape = V_SPHERE(1.0f) };
    v_entity parent = v_spawn(engine, &(v_spawn_desc){ .body = &body });
    v_entity child = v_spawn(engine, &(v_spawn_desc){ .pos_m = { 5.0f, 0.0f, 0.0f }, .body = &body });
    v_entity other = v_spawn(engine, &(v_spawn_desc){ .pos_m = { 9.0f, 0.0f, 0.0f }, .body = &body });
    assert_ok(v_entity_set_parent(world, child, parent));
    assert_ok(v_despawn(engine, parent));
    assert_int_equal(v_physics_body_count(world), 1);
    // Not by v_despawn: the world's own calls take the body along too.
    assert_ok(v_component_remove(world, other, v_engine_get_components(engine).rigid_body));
    assert_int_equal(v_physics_body_count(world), 0);
    v_engine_destroy(engine);
}

static void destroy_everything(v_engine *engine, void *state, const v_input *input)
{
    (void)state;
    (void)input;
    v_world *world = v_engine_world(engine);
    for (v_entity entity = v_entity_next(world, (v_entity){ 0 }), next; !v_entity_is_null(entity); entity = next) {
        next = v_entity_next(world, entity);
        assert_ok(v_despawn(engine, entity));
    }
}

static void game_that_destroys_its_own_state_is_told_so(void **state)
{
    (void)state;
    v_game game = { .state = V_COMPONENT_OF(Purse), .tick = destroy_everything };
    v_engine *engine;
    assert_ok(v_engine_create(&(v_engine_desc){ .threads = 1, .game = &game }, &engine));
    assert_ok(v_engine_tick(engine));
    assert_fails(v_engine_tick(engine), V_ERROR_STATE, "destroyed the entity");
    v_engine_destroy(engine);
}

// A heap of bodies whose masses are 10^20 apart, under the strongest gravity: floats overflow, places must not.
static void far_ends_of_the_ranges_stay_finite(void **state)
{
    (void)state;
    const char *text = "format = 1\ngravity_m_s2 = [1000, -1000, 1000]\n"
                       "[[entity]]\nid = \"a\"\nshape = \"box\"\nhalf_extents_m = [10000, 0.001, 10000]\n"
                       "body = \"dynamic\"\ndensity_kg_m3 = 1e6\ngravity_scale = -100\n"
                       "grid = { count = [5, 5, 5], step_m = [1, 1, 1] }\n"
                       "[[entity]]\nid = \"b\"\nshape = \"capsule\"\nradius_m = 0.001\nhalf_height_m = 10000\n"
                       "body = \"dynamic\"\ndensity_kg_m3 = 0.001\nfriction = 10\nrestitution = 1\n"
                       "grid = { count = [5, 5, 5], step_m = [0, 0, 0] }\n";
    v_level *level;
    v_engine *engine;
    assert_ok(v_level_parse("ends.toml", text, strlen(text), NULL, &level));
    assert_ok(v_engine_create(&(v_engine_desc){ .threads = 1, .level = v_level_get_data(level) }, &engine));
    for (int i = 0; i < 30; i++) {
        assert_ok(v_engine_tick(engine));
    }
    v_world *world = v_engine_world(engine);
    for (v_entity at = v_entity_next(world, (v_entity){ 0 }); !v_entity_is_null(at); at = v_entity_next(world, at)) {
        const v_place *place = v_component_get(world, at, v_engine_get_components(engine).place);
        assert_true(place == NULL || (v_vec3_is_finite(place->pos_m) && place->rot.w == place->rot.w));
    }
    v_engine_destroy(engine);
    v_level_destroy(level);
}

static void steady_ticks_allocate_nothing(void **state)
{
    (void)state;
    v_counted_allocator counted;
    v_counted_allocator_init(&counted, NULL);
    v_level *level;
    v_engine *engine;
    assert_ok(v_level_parse("yard.toml", LEVEL_TEXT, strlen(LEVEL_TEXT), NULL, &level));
    v_engine_desc desc = { .allocator = &counted.allocator, .threads = 2, .seed = 3, .level = v_level_get_data(level) };
    assert_ok(v_engine_create(&desc, &engine));
    // Until the pushes have ended and every buffer has seen its largest tick.
    for (int i = 0; i < 400; i++) {
        assert_ok(v_engine_tick(engine));
    }
    uint64_t before = v_counted_allocator_read(&counted).alloc_count;
    for (int i = 0; i < 300; i++) {
        assert_ok(v_engine_tick(engine));
    }
    assert_int_equal(v_counted_allocator_read(&counted).alloc_count, before);
    v_engine_destroy(engine);
    v_level_destroy(level);
    assert_int_equal(v_counted_allocator_read(&counted).live_bytes, 0);
}

static void rewound_world_runs_the_same_again(void **state)
{
    (void)state;
    v_engine *engine = fixture_engine(2, 3, NULL);
    v_world *world = v_engine_world(engine);
    v_writer snapshot = { 0 };
    v_hash128 hashes[60];
    for (int i = 0; i < 50; i++) {
        assert_ok(v_engine_tick(engine));
    }
    assert_ok(v_world_snapshot(world, &snapshot));
    for (int i = 0; i < 60; i++) {
        assert_ok(v_engine_tick(engine));
        hashes[i] = v_world_hash(world);
    }
    for (int round = 0; round < 3; round++) {
        assert_ok(v_world_restore(world, snapshot.data, snapshot.size_bytes));
        for (int i = 0; i < 60; i++) {
            assert_ok(v_engine_tick(engine));
            assert_true(v_hash128_equal(hashes[i], v_world_hash(world)));
        }
    }
    v_writer_destroy(&snapshot);
    v_engine_destroy(engine);
}

static void bad_arguments_are_errors(void **state)
{
    (void)state;
    v_engine *engine;
    assert_fails(v_engine_create(NULL, &engine), V_ERROR_INVALID_ARGUMENT, "v_engine_create");
    assert_fails(v_engine_tick(NULL), V_ERROR_INVALID_ARGUMENT, "v_engine_tick");
    assert_ok(v_engine_create(&(v_engine_desc){ .threads = 1 }, &engine));
    assert_fails(v_engine_set_input(engine, &(v_input){ .move_x = 2.0f }), V_ERROR_INVALID_ARGUMENT, "-1..1");
    assert_ok(v_engine_start(engine));
    assert_fails(v_engine_start(engine), V_ERROR_STATE, "twice");
    assert_true(v_entity_is_null(v_spawn(engine, NULL)));
    assert_true(v_entity_is_null(v_spawn(engine, &(v_spawn_desc){ .rot = { 2.0f, 0.0f, 0.0f, 0.0f } })));
    assert_int_equal(v_status_latest(), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_entity_count(v_engine_world(engine)), 0);
    assert_true(v_entity_is_null(v_spawn(NULL, &(v_spawn_desc){ 0 })));
    assert_null(v_engine_game_state(engine));
    v_engine_destroy(engine);
    v_engine_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_tick_has_the_same_hash_on_any_worker_count),
        cmocka_unit_test(seed_changes_the_run_and_nothing_else_does),
        cmocka_unit_test(level_becomes_entities_with_bodies),
        cmocka_unit_test(failed_spawn_leaves_nothing_behind),
        cmocka_unit_test(children_go_with_their_bodies),
        cmocka_unit_test(game_that_destroys_its_own_state_is_told_so),
        cmocka_unit_test(far_ends_of_the_ranges_stay_finite),
        cmocka_unit_test(steady_ticks_allocate_nothing),
        cmocka_unit_test(rewound_world_runs_the_same_again),
        cmocka_unit_test(bad_arguments_are_errors),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
