// What fails under the engine: memory that runs out at any allocation, disks that are full, paths that are no files.
#include "app_fixture.h"

#include <fcntl.h>
#include <sys/stat.h>

// An allocator that refuses one allocation, or that one and every later one. One thread at a time.
typedef struct fault_allocator {
    v_counted_allocator counted;
    v_allocator allocator;
    uint64_t countdown; // the allocation that brings it to 0 is refused
    bool stays_broken, has_failed;
} fault_allocator;

static void *fault_alloc(void *user, size_t size_bytes, size_t align_bytes)
{
    fault_allocator *fault = user;
    if (fault->countdown == 0 ? fault->stays_broken : --fault->countdown == 0) {
        fault->has_failed = true;
        return NULL;
    }
    return fault->counted.allocator.alloc(&fault->counted, size_bytes, align_bytes);
}

static void fault_free(void *user, void *memory, size_t size_bytes, size_t align_bytes)
{
    fault_allocator *fault = user;
    fault->counted.allocator.free(&fault->counted, memory, size_bytes, align_bytes);
}

static void fault_init(fault_allocator *fault, uint64_t countdown, bool stays_broken)
{
    *fault = (fault_allocator){ .countdown = countdown, .stays_broken = stays_broken };
    v_counted_allocator_init(&fault->counted, NULL);
    fault->allocator = (v_allocator){ .alloc = fault_alloc, .free = fault_free, .user = fault };
}

static v_status tick_and_spawn(v_engine *engine, v_recorder *recorder)
{
    for (int tick = 0; tick < 4; tick++) {
        v_body_desc body = { .kind = V_BODY_DYNAMIC, .shape = V_SPHERE(0.3f) };
        v_look look = { .base_color = { 1.0f, 0.0f, 0.0f } };
        v_spawn_desc spawn = { .pos_m = { 0.0f, 9.0f + (float)tick, 0.0f }, .body = &body, .look = &look };
        uint32_t entities = v_entity_count(v_engine_world(engine));
        uint32_t bodies = v_physics_body_count(v_engine_world(engine));
        v_entity spawned = v_spawn(engine, &spawn);
        uint32_t more = v_entity_is_null(spawned) ? 0 : 1;
        assert_int_equal(v_entity_count(v_engine_world(engine)), entities + more);
        assert_int_equal(v_physics_body_count(v_engine_world(engine)), bodies + more);
        V_TRY(more != 0 ? V_OK : V_ERROR_OUT_OF_MEMORY);
        V_TRY(v_engine_tick(engine));
        V_TRY(v_recorder_tick(recorder, v_world_hash(v_engine_world(engine))));
    }
    return V_OK;
}

static v_status record_and_rewind(v_engine *engine, const v_allocator *allocator, const char *path)
{
    v_recorder *recorder = NULL;
    v_writer snapshot = { .allocator = allocator };
    V_TRY(v_engine_start(engine));
    V_TRY(v_recorder_create(engine, path, &recorder));
    v_status status = tick_and_spawn(engine, recorder);
    v_status closed = v_recorder_destroy(recorder);
    status = status == V_OK ? closed : status;
    status = status == V_OK ? v_world_snapshot(v_engine_world(engine), &snapshot) : status;
    if (status == V_OK) {
        v_hash128 before = v_world_hash(v_engine_world(engine));
        status = v_world_restore(v_engine_world(engine), snapshot.data, snapshot.size_bytes);
        assert_true(v_hash128_equal(before, v_world_hash(v_engine_world(engine)))); // all or nothing
    }
    v_writer_destroy(&snapshot);
    return status;
}

// All that a run does, with one allocator.
static v_status whole_run(const v_allocator *allocator, const char *path)
{
    v_level *level = NULL;
    v_engine *engine = NULL;
    V_TRY(v_level_parse("yard.toml", LEVEL_TEXT, strlen(LEVEL_TEXT), allocator, &level));
    v_engine_desc desc = { .allocator = allocator, .threads = 1, .level = v_level_get_data(level) };
    v_status status = v_engine_create(&desc, &engine);
    status = status == V_OK ? record_and_rewind(engine, allocator, path) : status;
    v_engine_destroy(engine);
    v_level_destroy(level);
    v_replay_result result;
    status = status == V_OK ? v_replay(&(v_replay_desc){ .allocator = allocator, .path = path, .threads = 1 }, &result)
                            : status;
    assert_true(status != V_OK || (result.identical && result.ticks == 4));
    return status;
}

static void memory_that_runs_out_is_an_error_and_leaves_nothing_behind(void **state)
{
    (void)state;
    const char *path = fixture_path("faults.vrec");
    for (int stays_broken = 0; stays_broken < 2; stays_broken++) {
        uint64_t refused = 1;
        for (;; refused++) {
            fault_allocator fault;
            fault_init(&fault, refused, stays_broken != 0);
            v_status status = whole_run(&fault.allocator, path);
            if (v_counted_allocator_read(&fault.counted).live_bytes != 0) {
                fail_msg("allocation %llu refused: %llu bytes are left", (unsigned long long)refused,
                         (unsigned long long)v_counted_allocator_read(&fault.counted).live_bytes);
            }
            if (!fault.has_failed) {
                assert_ok(status);
                break;
            }
            if (status != V_OK && status != V_ERROR_OUT_OF_MEMORY) {
                fail_msg("allocation %llu refused: %s: %s", (unsigned long long)refused, v_status_name(status),
                         v_status_message());
            }
        }
        assert_true(refused > 50); // the run does allocate, so the loop did test something
    }
}

static void recording_onto_a_full_device_fails_and_leaves_the_device(void **state)
{
    (void)state;
    const char *path = fixture_path("full.vrec");
    assert_int_equal(symlink("/dev/full", path), 0);
    v_engine *engine = fixture_engine(1, 3, NULL);
    v_recorder *recorder = NULL;
    assert_fails(v_recorder_create(engine, path, &recorder), V_ERROR_IO, "No space left");
    assert_null(recorder);
    struct stat info;
    assert_int_equal(lstat(path, &info), 0);
    assert_true(S_ISLNK(info.st_mode));
    assert_false(v_file_exists(fixture_path("full.vrec.part")));
    // The engine is as before: it ticks, and can be recorded elsewhere.
    assert_ok(v_recorder_create(engine, fixture_path("elsewhere.vrec"), &recorder));
    assert_ok(v_engine_tick(engine));
    assert_ok(v_recorder_destroy(recorder));
    v_engine_destroy(engine);
}

static void recording_onto_a_directory_fails(void **state)
{
    (void)state;
    v_engine *engine = fixture_engine(1, 3, NULL);
    v_recorder *recorder = NULL;
    assert_fails(v_recorder_create(engine, fixture_directory, &recorder), V_ERROR_IO, "Is a directory");
    assert_fails(v_recorder_create(engine, "", &recorder), V_ERROR_INVALID_ARGUMENT, "must be given");
    char path[5000];
    memset(path, 'p', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    assert_fails(v_recorder_create(engine, path, &recorder), V_ERROR_FULL, "too long");
    v_engine_destroy(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_that_runs_out_is_an_error_and_leaves_nothing_behind),
        cmocka_unit_test(recording_onto_a_full_device_fails_and_leaves_the_device),
        cmocka_unit_test(recording_onto_a_directory_fails),
    };
    return cmocka_run_group_tests(tests, fixture_open, fixture_close);
}
