// Recordings and replay (E35, E72).
#include "app_fixture.h"

typedef struct Score {
    int32_t points;
    v_vec3 last_m;
} Score;
V_COMPONENT(Score, V_INT(points), V_VEC3(last_m))

static void score_setup(v_engine *engine, void *state)
{
    (void)engine;
    ((Score *)state)->points = 100;
}

static void score_tick(v_engine *engine, void *state, const v_input *input)
{
    Score *score = state;
    score->points += input->move_x > 0.0f ? 3 : 1;
    v_entity ball = v_entity_find(v_engine_world(engine), "ball[0]");
    v_body_state ball_state;
    if (v_body_get_state(v_engine_world(engine), v_body_of(engine, ball), &ball_state) == V_OK) {
        score->last_m = ball_state.pos_m;
    }
    if (score->points % 25 == 0) {
        v_random random = v_engine_random(engine, 1);
        v_vec3 push = { 0.0f, 100.0f + 200.0f * v_random_unit(&random), 0.0f };
        assert_ok(v_body_apply_impulse(v_engine_world(engine), v_body_of(engine, ball), push, ball_state.pos_m));
    }
}

static const v_game score_game = {
    .title = "Score",
    .setup = score_setup,
    .tick = score_tick,
};

static v_game game_with_state(void)
{
    v_game game = score_game;
    game.state = V_COMPONENT_OF(Score);
    return game;
}

// Every kind of call from outside a tick, spread over the run.
static void meddle(v_engine *engine, int tick)
{
    v_world *world = v_engine_world(engine);
    v_body ball = v_body_of(engine, v_entity_find(world, "ball[3]"));
    if (tick == 10) {
        v_body_desc body = { .kind = V_BODY_DYNAMIC, .shape = V_CAPSULE(0.2f, 0.4f), .density_kg_m3 = 500.0f };
        v_look look = { .base_color = { 1.0f, 0.0f, 0.0f } };
        v_spawn_desc spawn = { .name = "late", .pos_m = { 0.5f, 6.0f, 0.5f }, .body = &body, .look = &look };
        assert_false(v_entity_is_null(v_spawn(engine, &spawn)));
    }
    if (tick == 20) {
        assert_ok(v_body_apply_impulse(world, ball, v_vec3_make(150.0f, 200.0f, 0.0f), v_vec3_make(0.0f, 3.0f, 0.0f)));
    }
    if (tick == 30) {
        assert_ok(v_body_set_pose(world, ball, v_vec3_make(-3.0f, 5.0f, 1.0f), V_QUAT_IDENTITY));
        assert_ok(v_body_set_velocity(world, ball, v_vec3_make(0.0f, 0.0f, 4.0f), v_vec3_make(1.0f, 2.0f, 3.0f)));
    }
    if (tick == 40) {
        assert_ok(v_engine_set_input(engine, &(v_input){ .move_x = 0.5f, .buttons = V_BUTTON_JUMP }));
        assert_ok(v_body_apply_force(world, ball, v_vec3_make(0.0f, 900.0f, 0.0f)));
    }
    if (tick == 50) {
        assert_ok(v_despawn(engine, v_entity_find(world, "crate[4]")));
        assert_ok(v_body_wake(world, ball));
    }
}

static void record(const char *path, uint32_t threads, int ticks, const v_game *game, bool with_meddling)
{
    v_engine *engine = fixture_engine(threads, 11, game);
    v_recorder *recorder;
    assert_ok(v_recorder_create(engine, path, &recorder));
    for (int tick = 0; tick < ticks; tick++) {
        if (with_meddling) {
            meddle(engine, tick);
        }
        assert_ok(v_engine_tick(engine));
        assert_ok(v_recorder_tick(recorder, v_world_hash(v_engine_world(engine))));
    }
    assert_ok(v_recorder_destroy(recorder));
    v_engine_destroy(engine);
}

static v_replay_result replay_file(const char *path, uint32_t threads, const v_game *game)
{
    v_replay_result result;
    assert_ok(v_replay(&(v_replay_desc){ .path = path, .threads = threads, .game = game }, &result));
    return result;
}

static void recording_replays_identically_on_any_worker_count(void **state)
{
    (void)state;
    const char *path = fixture_path("plain.vrec");
    record(path, 2, 200, NULL, false);
    const uint32_t threads[] = { 1, 2, 3, 8 };
    for (size_t i = 0; i < V_COUNT_OF(threads); i++) {
        v_replay_result result = replay_file(path, threads[i], NULL);
        assert_true(result.identical && !result.unfinished);
        assert_int_equal(result.ticks, 200);
    }
}

static void calls_from_outside_a_tick_are_part_of_the_recording(void **state)
{
    (void)state;
    const char *path = fixture_path("meddled.vrec"), *plain = fixture_path("unmeddled.vrec");
    record(path, 1, 120, NULL, true);
    record(plain, 1, 120, NULL, false);
    v_replay_result result = replay_file(path, 2, NULL), other = replay_file(plain, 2, NULL);
    assert_true(result.identical && other.identical);
    assert_false(v_hash128_equal(result.final_hash, other.final_hash));
}

static void game_state_is_saved_hashed_and_replayed(void **state)
{
    (void)state;
    v_game game = game_with_state();
    const char *path = fixture_path("game.vrec");
    record(path, 1, 120, &game, true);
    assert_true(replay_file(path, 2, &game).identical);
    v_replay_result result;
    assert_fails(v_replay(&(v_replay_desc){ .path = path, .threads = 1 }, &result), V_ERROR_BAD_INPUT,
                 "by the game \"Score\"");
}

static v_blob read_recording(const char *path)
{
    v_blob blob;
    assert_ok(v_file_read(path, NULL, 0, &blob));
    return blob;
}

// Find the recorded impulse of meddle() (its 150.0f) and make it another.
static void changed_recording_names_the_first_differing_tick_and_entity(void **state)
{
    (void)state;
    const char *path = fixture_path("changed.vrec");
    record(path, 1, 60, NULL, true);
    v_blob blob = read_recording(path);
    const uint8_t impulse[8] = { 0x00, 0x00, 0x16, 0x43, 0x00, 0x00, 0x48, 0x43 }; // 150.0f, 200.0f
    uint8_t *found = memmem(blob.data, blob.size_bytes, impulse, sizeof(impulse));
    assert_non_null(found);
    found[2] = 0x17;
    v_replay_result result;
    assert_ok(v_replay(&(v_replay_desc){ .path = path, .data = blob.data, .size_bytes = blob.size_bytes, .threads = 2 },
                       &result));
    assert_false(result.identical);
    assert_true(result.unfinished); // its end mark's hash no longer fits
    assert_int_equal(result.differing_tick, 21);
    assert_string_equal(result.differing_name, "ball[3]");
    v_blob_free(&blob, NULL);
}

static void unfinished_recording_replays_up_to_its_last_tick(void **state)
{
    (void)state;
    const char *path = fixture_path("whole.vrec");
    record(path, 1, 60, NULL, true);
    v_blob blob = read_recording(path);
    v_replay_desc desc = { .path = path, .data = blob.data, .size_bytes = blob.size_bytes - 30, .threads = 1 };
    v_replay_result result;
    assert_ok(v_replay(&desc, &result));
    assert_true(result.identical && result.unfinished);
    assert_int_equal(result.ticks, 59);
    v_blob_free(&blob, NULL);
}

// Wherever the writer died: in a snapshot nothing can be replayed, behind it every whole tick can.
static void recording_cut_off_anywhere_replays_its_whole_ticks(void **state)
{
    (void)state;
    const char *path = fixture_path("cut.vrec");
    record(path, 1, 12, NULL, true); // a spawn stands before tick 11
    v_blob blob = read_recording(path);
    v_replay_result whole = replay_file(path, 1, NULL), result;
    uint64_t ticks = whole.ticks;
    for (size_t cut = 1; ticks > 1; cut += 1 + cut / 24) {
        v_replay_desc desc = { .path = path, .data = blob.data, .size_bytes = blob.size_bytes - cut, .threads = 1 };
        assert_ok(v_replay(&desc, &result));
        assert_true(result.identical && result.unfinished);
        assert_true(result.ticks <= ticks && result.ticks + 2 >= ticks);
        ticks = result.ticks;
    }
    v_blob_free(&blob, NULL);
}

static void damaged_end_mark_is_named(void **state)
{
    (void)state;
    const char *path = fixture_path("damaged.vrec");
    record(path, 1, 3, NULL, false);
    v_blob blob = read_recording(path);
    blob.data[blob.size_bytes - 1] ^= 1;
    v_replay_desc desc = { .path = path, .data = blob.data, .size_bytes = blob.size_bytes, .threads = 1 };
    v_replay_result result;
    assert_fails(v_replay(&desc, &result), V_ERROR_BAD_INPUT, "is damaged");
    v_blob_free(&blob, NULL);
}

typedef struct Bell {
    int32_t rings;
} Bell;
V_COMPONENT(Bell, V_INT(rings))

static void bell_rings(void *user, v_event_type type, const void *event)
{
    (void)type;
    (void)event;
    Bell *bell = v_engine_game_state(user);
    bell->rings += 3;
}

static void bell_attach(v_engine *engine)
{
    v_events *events = v_engine_events(engine);
    assert_ok(v_event_on(events, v_event_declare(events, "bell", sizeof(int)), bell_rings, engine, NULL));
}

// Declares the event, listens to nothing.
static void bell_attach_none(v_engine *engine)
{
    v_events *events = v_engine_events(engine);
    assert_true(v_event_declare(events, "bell", sizeof(int)).id != 0);
}

static void bell_tick(v_engine *engine, void *state, const v_input *input)
{
    (void)state;
    (void)input;
    v_events *events = v_engine_events(engine);
    assert_ok(v_event_post(events, 0, v_event_find(events, "bell"), 1, &(int){ 1 }));
}

static void listeners_of_a_game_hear_its_replay_too(void **state)
{
    (void)state;
    v_game game = { .title = "Bell", .state = V_COMPONENT_OF(Bell), .attach = bell_attach, .tick = bell_tick };
    const char *path = fixture_path("bell.vrec");
    record(path, 1, 20, &game, false);
    assert_true(replay_file(path, 2, &game).identical);
    game.attach = bell_attach_none;
    assert_false(replay_file(path, 1, &game).identical); // the listener's work is what is compared
}

static void long_title_is_no_obstacle(void **state)
{
    (void)state;
    char title[400];
    memset(title, 't', sizeof(title) - 1);
    title[sizeof(title) - 1] = '\0';
    v_game game = { .title = title };
    const char *path = fixture_path("title.vrec");
    record(path, 1, 2, &game, false);
    assert_true(replay_file(path, 1, &game).identical);
}

// Above the limit no entity hashes are recorded, so none may be blamed.
static void large_world_that_differs_names_no_entity(void **state)
{
    (void)state;
    const char *path = fixture_path("large.vrec");
    v_engine *engine = fixture_engine(1, 11, NULL);
    for (int i = 0; i < 8200; i++) {
        assert_false(v_entity_is_null(v_entity_create(v_engine_world(engine))));
    }
    v_recorder *recorder;
    assert_ok(v_recorder_create(engine, path, &recorder));
    assert_ok(v_engine_tick(engine));
    assert_ok(v_recorder_tick(recorder, (v_hash128){ .low = 1 }));
    assert_ok(v_recorder_destroy(recorder));
    v_engine_destroy(engine);
    v_replay_result result = replay_file(path, 1, NULL);
    assert_false(result.identical);
    assert_int_equal(result.differing_tick, 1);
    assert_true(v_entity_is_null(result.differing_entity));
}

static v_engine *recorded_in_tick;

static void record_tick(v_engine *engine, void *state, const v_input *input)
{
    (void)state;
    (void)input;
    v_recorder *recorder = NULL;
    recorded_in_tick = engine;
    assert_fails(v_recorder_create(engine, fixture_path("in_tick.vrec"), &recorder), V_ERROR_STATE, "inside a tick");
}

static void recording_begins_between_ticks_of_a_started_game_and_once(void **state)
{
    (void)state;
    v_game game = { .setup = score_setup, .state = V_COMPONENT_OF(Score), .tick = record_tick };
    v_engine *engine;
    v_recorder *recorder = NULL, *second = NULL;
    assert_ok(v_engine_create(&(v_engine_desc){ .threads = 1, .game = &game }, &engine));
    assert_fails(v_recorder_create(engine, fixture_path("early.vrec"), &recorder), V_ERROR_STATE, "v_engine_start");
    assert_fails(v_engine_tick(engine), V_ERROR_STATE, "v_engine_start");
    assert_ok(v_engine_start(engine));
    assert_ok(v_engine_tick(engine));
    assert_ptr_equal(recorded_in_tick, engine);
    assert_ok(v_recorder_create(engine, fixture_path("first.vrec"), &recorder));
    assert_fails(v_recorder_create(engine, fixture_path("second.vrec"), &second), V_ERROR_STATE, "already");
    assert_false(v_file_exists(fixture_path("second.vrec.part")));
    assert_ok(v_recorder_destroy(recorder));
    assert_ok(v_recorder_create(engine, fixture_path("second.vrec"), &second));
    assert_ok(v_recorder_destroy(second));
    v_engine_destroy(engine);
}

static void bad_recordings_are_refused_with_a_reason(void **state)
{
    (void)state;
    const char *path = fixture_path("good.vrec");
    record(path, 1, 8, NULL, false);
    v_blob blob = read_recording(path);
    v_replay_result result;
    v_replay_desc desc = { .path = "x.vrec", .data = blob.data, .size_bytes = blob.size_bytes, .threads = 1 };
    assert_ok(v_replay(&desc, &result));
    desc.data = "TOML";
    desc.size_bytes = 4;
    assert_fails(v_replay(&desc, &result), V_ERROR_BAD_INPUT, "x.vrec: is not a recording");
    uint8_t *copy = malloc(blob.size_bytes);
    memcpy(copy, blob.data, blob.size_bytes);
    copy[4] = 99;
    desc.data = copy;
    desc.size_bytes = blob.size_bytes;
    assert_fails(v_replay(&desc, &result), V_ERROR_BAD_INPUT, "version 99");
    // Truncations and single flipped bits, spread over the file: an error or a difference, never identical and whole.
    for (size_t cut = 0; cut < blob.size_bytes; cut += 1 + cut / 20) {
        v_replay_desc cut_desc = { .path = "cut", .data = blob.data, .size_bytes = cut + 1, .threads = 1 };
        v_status status = cut + 1 < blob.size_bytes ? v_replay(&cut_desc, &result) : V_ERROR_BAD_INPUT;
        assert_true(status != V_OK || result.unfinished);
    }
    for (size_t at = 0; at < blob.size_bytes; at += 1 + blob.size_bytes / 200) {
        memcpy(copy, blob.data, blob.size_bytes);
        copy[at] ^= (uint8_t)(1u << (at % 8));
        v_status status = v_replay(&desc, &result);
        assert_true(status != V_OK || result.unfinished);
    }
    free(copy);
    v_blob_free(&blob, NULL);
    desc = (v_replay_desc){ .path = "/nonexistent.vrec" };
    assert_fails(v_replay(&desc, &result), V_ERROR_NOT_FOUND, "/nonexistent.vrec");
}

static void recording_into_a_missing_directory_fails_and_leaves_nothing(void **state)
{
    (void)state;
    v_engine *engine = fixture_engine(1, 1, NULL);
    v_recorder *recorder = NULL;
    assert_fails(v_recorder_create(engine, fixture_path("no/such/x.vrec"), &recorder), V_ERROR_IO, "cannot write");
    assert_null(recorder);
    assert_ok(v_engine_tick(engine));
    v_engine_destroy(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(recording_replays_identically_on_any_worker_count),
        cmocka_unit_test(calls_from_outside_a_tick_are_part_of_the_recording),
        cmocka_unit_test(game_state_is_saved_hashed_and_replayed),
        cmocka_unit_test(changed_recording_names_the_first_differing_tick_and_entity),
        cmocka_unit_test(unfinished_recording_replays_up_to_its_last_tick),
        cmocka_unit_test(recording_cut_off_anywhere_replays_its_whole_ticks),
        cmocka_unit_test(damaged_end_mark_is_named),
        cmocka_unit_test(listeners_of_a_game_hear_its_replay_too),
        cmocka_unit_test(long_title_is_no_obstacle),
        cmocka_unit_test(large_world_that_differs_names_no_entity),
        cmocka_unit_test(recording_begins_between_ticks_of_a_started_game_and_once),
        cmocka_unit_test(bad_recordings_are_refused_with_a_reason),
        cmocka_unit_test(recording_into_a_missing_directory_fails_and_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
