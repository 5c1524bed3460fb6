// E03: defaults, sources and their order, checks, suggestions, clamps, hot reload.
#include "v_test.h"

#include "v/config.h"
#include "v/file.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define WARNING_CAPACITY 32

// A config with the keys below, and what it says to its log.
typedef struct config_fixture {
    v_log *log;
    v_config *config;
    char warnings[WARNING_CAPACITY][512];
    uint32_t warning_count;
    char directory[512];
} config_fixture;

static const v_config_key keys[] = {
    V_CONFIG_INT("physics.solver.iterations", 8, 1, 16, "Solver sweeps at most"),
    V_CONFIG_FLOAT("physics.gravity_m_s2", -9.81, -100.0, 100.0, "Downwards is negative"),
    V_CONFIG_BOOL("frames.vsync", true, "Wait for the display"),
    V_CONFIG_INT("frames.max_fps", 0, 0, 1000, "0: unlimited"),
    V_CONFIG_TEXT("render.present_mode", "fifo", "fifo|mailbox|immediate", "How images reach the display"),
    V_CONFIG_TEXT("app.title", "V", NULL, "Of the window"),
    V_CONFIG_INT("seed", 1, 0, 0, "Of the run"),
    V_CONFIG_FLOAT("audio.gain", 1.0, 0.0, 0.0, "Any"),
};

static void remember_warning(void *user, const v_log_line *line)
{
    config_fixture *fixture = user;
    if (fixture->warning_count < WARNING_CAPACITY) {
        snprintf(fixture->warnings[fixture->warning_count++], sizeof(fixture->warnings[0]), "%s %s %s", line->channel,
                 v_log_level_name(line->level), line->text);
    }
}

static void fixture_create(config_fixture *fixture)
{
    memset(fixture, 0, sizeof(*fixture));
    assert_ok(
        v_log_create(&(v_log_desc){ .no_stderr = true, .callback = remember_warning, .user = fixture }, &fixture->log));
    assert_ok(v_config_create(NULL, fixture->log, &fixture->config));
    assert_ok(v_config_register(fixture->config, keys, V_COUNT_OF(keys)));
    snprintf(fixture->directory, sizeof(fixture->directory), "%s/test_config_%ld", V_BINARY_DIR, (long)getpid());
    assert_ok(v_directory_create(fixture->directory));
}

static void fixture_destroy(config_fixture *fixture)
{
    v_config_destroy(fixture->config);
    v_log_destroy(fixture->log);
    char path[600];
    const char *const files[] = { "a.toml", "b.toml", "c.toml", "ignored.txt" };
    for (size_t i = 0; i < V_COUNT_OF(files); i++) {
        snprintf(path, sizeof(path), "%s/%s", fixture->directory, files[i]);
        unlink(path);
    }
    rmdir(fixture->directory);
}

static v_status load(const config_fixture *fixture, const char *text)
{
    return v_config_load_text(fixture->config, "test.toml", text, strlen(text));
}

static int64_t iterations(const config_fixture *fixture)
{
    return v_config_int(fixture->config, "physics.solver.iterations");
}

// Each write gives the file another size, as a reload by time alone could miss it within one clock tick.
static void write_file(const config_fixture *fixture, const char *name, const char *text, char out_path[1024])
{
    char path[1024];
    snprintf(path, sizeof(path), "%s/%s", fixture->directory, name);
    assert_ok(v_file_write(path, text, strlen(text)));
    if (out_path != NULL) {
        snprintf(out_path, 1024, "%s", path);
    }
}

static void keys_start_with_their_defaults(void **state)
{
    (void)state;
    config_fixture test;
    fixture_create(&test);
    assert_int_equal(iterations(&test), 8);
    assert_true(v_config_float(test.config, "physics.gravity_m_s2") == -9.81);
    assert_true(v_config_bool(test.config, "frames.vsync"));
    assert_string_equal(v_config_text(test.config, "render.present_mode"), "fifo");
    assert_string_equal(v_config_source(test.config, "frames.vsync"), "default");
    fixture_destroy(&test);
}

static void a_file_sets_values_and_is_their_source(void **state)
{
    (void)state;
    config_fixture test;
    fixture_create(&test);
    char path[1024];
    char source[1100];
    write_file(&test, "a.toml",
               "# settings\nseed = 42\n[physics]\ngravity_m_s2 = -1.62 # the moon\nsolver.iterations = 4\n"
               "[frames]\nvsync = false\n[render]\npresent_mode = \"mailbox\"\n[app]\ntitle = 'Void Frontier'\n",
               path);
    assert_ok(v_config_load_file(test.config, path));
    assert_int_equal(v_config_int(test.config, "seed"), 42);
    assert_int_equal(iterations(&test), 4);
    assert_true(v_config_float(test.config, "physics.gravity_m_s2") == -1.62);
    assert_false(v_config_bool(test.config, "frames.vsync"));
    assert_string_equal(v_config_text(test.config, "render.present_mode"), "mailbox");
    assert_string_equal(v_config_text(test.config, "app.title"), "Void Frontier");
    snprintf(source, sizeof(source), "%s:5", path);
    assert_string_equal(v_config_source(test.config, "physics.solver.iterations"), source);
    assert_string_equal(v_config_source(test.config, "frames.max_fps"), "default");
    fixture_destroy(&test);
}

static void later_sources_win_whatever_the_order_of_the_calls(void **state)
{
    (void)state;
    config_fixture test;
    fixture_create(&test);
    const char *const environment[] = { "V_PHYSICS__SOLVER__ITERATIONS=5", "V_FRAMES__MAX_FPS=50", NULL };
    assert_ok(v_config_set(test.config, "frames.max_fps=60"));
    assert_ok(v_config_load_environment(test.config, environment));
    assert_ok(load(&test, "[frames]\nmax_fps = 30\n[physics.solver]\niterations = 3\n[app]\ntitle = 'one'"));
    assert_ok(load(&test, "seed = 7\n[app]\ntitle = 'two'"));
    assert_int_equal(v_config_int(test.config, "frames.max_fps"), 60);
    assert_string_equal(v_config_source(test.config, "frames.max_fps"), "--set");
    assert_int_equal(iterations(&test), 5);
    assert_string_equal(v_config_source(test.config, "physics.solver.iterations"), "environment");
    assert_string_equal(v_config_text(test.config, "app.title"), "two");
    assert_string_equal(v_config_source(test.config, "app.title"), "test.toml:3");
    assert_int_equal(v_config_int(test.config, "seed"), 7);
    fixture_destroy(&test);
}

static void a_file_loaded_again_counts_from_its_new_place(void **state)
{
    (void)state;
    config_fixture test;
    fixture_create(&test);
    char first[1024];
    char second[1024];
    write_file(&test, "a.toml", "seed = 1\n[app]\ntitle = 'a'", first);
    write_file(&test, "b.toml", "seed = 2", second);
    assert_ok(v_config_load_file(test.config, first));
    assert_ok(v_config_load_file(test.config, second));
    assert_int_equal(v_config_int(test.config, "seed"), 2);
    write_file(&test, "a.toml", "seed = 3", first);
    assert_ok(v_config_load_file(test.config, first));
    assert_int_equal(v_config_int(test.config, "seed"), 3);
    assert_string_equal(v_config_text(test.config, "app.title"), "V");
    fixture_destroy(&test);
}

typedef struct bad_text {
    const char *text, *message;
} bad_text;

static void bad_files_get_one_error_with_the_place(void **state)
{
    (void)state;
    config_fixture test;
    fixture_create(&test);
    const bad_text table[] = {
        { "[physics.solver]\n iteratons = 4", "test.toml:2:2: unknown key 'physics.solver.iteratons', did you mean "
                                              "'physics.solver.iterations'?" },
        { "frames.vsinc = true", "test.toml:1:8: unknown key 'frames.vsinc', did you mean 'frames.vsync'?" },
        { "frames.vsnyc = true", "did you mean 'frames.vsync'?" },
        { "[phisics.solver]\niterations = 4", "did you mean 'physics.solver.iterations'?" },
        { "[solver]\niterations = 4",
          "test.toml:2:1: unknown key 'solver.iterations', did you mean 'physics.solver.iterations'?" },
        { "[nothing.like.it]\n", "test.toml:1:15: unknown key 'nothing.like.it'" },
        { "\"physics.solver.iterations\" = 4", "test.toml:1:1: unknown key 'physics.solver.iterations'" },
        { "[[frames]]\nvsync = true", "'frames' is a table of settings, not an array" },
        { "physics = 3", "test.toml:1:11: 'physics' is a table of settings, not an integer" },
        { "frames.vsync = 'yes'", "test.toml:1:16: frames.vsync must be a boolean, not a string" },
        { "frames.vsync = 1", "frames.vsync must be a boolean, not an integer" },
        { "seed = 1.0", "test.toml:1:8: seed must be an integer, not a float" },
        { "seed = '1'", "seed must be an integer, not a string" },
        { "seed = [1]", "seed must be an integer, not an array" },
        { "[seed]\nx = 1", "test.toml:1:1: seed must be an integer, not a table" },
        { "seed = 1979-05-27", "seed must be an integer, not a date" },
        { "audio.gain = true", "audio.gain must be a float, not a boolean" },
        { "audio.gain = nan", "test.toml:1:14: audio.gain must be a finite number" },
        { "audio.gain = -inf", "audio.gain must be a finite number" },
        { "app.title = 5", "app.title must be a string, not an integer" },
        { "app.title = \"a\\u0000b\"", "app.title must not contain a NUL character" },
        { "render.present_mode = 'vsync'",
          "test.toml:1:23: render.present_mode = \"vsync\" must be one of fifo, mailbox, immediate" },
        { "render.present_mode = ''", "must be one of fifo" },
        { "render.present_mode = 'fifo|mailbox'", "must be one of fifo" },
        { "seed = 1\nseed = 2", "test.toml:2:" },
        { "seed = 1\n[frames\n", "test.toml:2:" },
        { "seed = 99999999999999999999", "test.toml:1:" },
    };
    for (size_t i = 0; i < V_COUNT_OF(table); i++) {
        assert_fails(load(&test, table[i].text), V_ERROR_BAD_INPUT, table[i].message);
        assert_memory_equal(v_status_message(), "test.toml:", 10);
    }
    v_log_flush(test.log);
    assert_int_equal(test.warning_count, 0);
    fixture_destroy(&test);
}

static void no_suggestion_is_better_than_a_far_one(void **state)
{
    (void)state;
    config_fixture test;
    fixture_create(&test);
    assert_int_equal(load(&test, "zzz = 1"), V_ERROR_BAD_INPUT);
    assert_null(strstr(v_status_message(), "did you mean"));
    char text[400];
    snprintf(text, sizeof(text), "%0300d = 1", 7);
    assert_int_equal(load(&test, text), V_ERROR_BAD_INPUT);
    assert_null(strstr(v_status_message(), "did you mean"));
    fixture_destroy(&test);
}

static void a_load_is_all_or_nothing(void **state)
{
    (void)state;
    config_fixture test;
    fixture_create(&test);
    assert_ok(load(&test, "seed = 5\n[physics.solver]\niterations = 99"));
    v_log_flush(test.log);
    assert_int_equal(test.warning_count, 1);
    assert_int_equal(load(&test, "seed = 6\n[physics.solver]\niterations = 77\n[frames]\nvsync = 3"),
                     V_ERROR_BAD_INPUT);
    assert_int_equal(v_config_int(test.config, "seed"), 5);
    assert_int_equal(iterations(&test), 16);
    assert_true(v_config_bool(test.config, "frames.vsync"));
    v_log_flush(test.log);
    assert_int_equal(test.warning_count, 1); // the clamp of the refused file is not announced
    fixture_destroy(&test);
}

static void numbers_outside_their_range_are_clamped_with_a_warning(void **state)
{
    (void)state;
    config_fixture test;
    fixture_create(&test);
    assert_ok(load(&test, "seed = -9\n[physics]\ngravity_m_s2 = 1e6\nsolver.iterations = 0\n[audio]\ngain = 1e300"));
    assert_int_equal(iterations(&test), 1);
    assert_true(v_config_float(test.config, "physics.gravity_m_s2") == 100.0);
    assert_int_equal(v_config_int(test.config, "seed"), -9);
    assert_true(v_config_float(test.config, "audio.gain") == 1e300);
    const char *const environment[] = { "V_FRAMES__MAX_FPS=-1", NULL };
    assert_ok(v_config_load_environment(test.config, environment));
    assert_int_equal(v_config_int(test.config, "frames.max_fps"), 0);
    assert_ok(v_config_set(test.config, "frames.max_fps=5000"));
    assert_int_equal(v_config_int(test.config, "frames.max_fps"), 1000);
    v_log_flush(test.log);
    assert_int_equal(test.warning_count, 4);
    assert_string_equal(test.warnings[0],
                        "config WARN test.toml:3:16: physics.gravity_m_s2 = 1000000.0 is out of range, using 100.0");
    assert_string_equal(test.warnings[1],
                        "config WARN test.toml:4:21: physics.solver.iterations = 0 is out of range, using 1");
    assert_string_equal(
        test.warnings[2],
        "config WARN environment variable V_FRAMES__MAX_FPS: frames.max_fps = -1 is out of range, using 0");
    assert_string_equal(test.warnings[3],
                        "config WARN --set frames.max_fps=5000: frames.max_fps = 5000 is out of range, using 1000");
    fixture_destroy(&test);
}

static void an_integer_is_a_float_where_a_float_is_wanted(void **state)
{
    (void)state;
    config_fixture test;
    fixture_create(&test);
    assert_ok(load(&test, "audio.gain = 2"));
    assert_true(v_config_float(test.config, "audio.gain") == 2.0);
    assert_ok(v_config_set(test.config, "audio.gain=3"));
    assert_true(v_config_float(test.config, "audio.gain") == 3.0);
    fixture_destroy(&test);
}

static void a_directory_loads_in_byte_order_all_or_nothing(void **state)
{
    (void)state;
    config_fixture test;
    fixture_create(&test);
    write_file(&test, "b.toml", "seed = 2", NULL);
    write_file(&test, "a.toml", "seed = 1\napp.title = 'a'", NULL);
    write_file(&test, "ignored.txt", "not toml at all", NULL);
    assert_ok(v_config_load_directory(test.config, test.directory));
    assert_int_equal(v_config_int(test.config, "seed"), 2);
    assert_string_equal(v_config_text(test.config, "app.title"), "a");
    write_file(&test, "a.toml", "seed = 5\napp.title = 'changed'", NULL);
    write_file(&test, "c.toml", "sead = 3", NULL);
    assert_fails(v_config_load_directory(test.config, test.directory), V_ERROR_BAD_INPUT,
                 "c.toml:1:1: unknown key 'sead', did you mean 'seed'?");
    assert_string_equal(v_config_text(test.config, "app.title"), "a");
    assert_fails(v_config_load_directory(test.config, "/nowhere"), V_ERROR_NOT_FOUND, "/nowhere");
    fixture_destroy(&test);
}

static void a_missing_file_is_named(void **state)
{
    (void)state;
    config_fixture test;
    fixture_create(&test);
    assert_fails(v_config_load_file(test.config, "/nowhere/x.toml"), V_ERROR_NOT_FOUND, "/nowhere/x.toml");
    assert_int_not_equal(v_config_load_file(test.config, test.directory), V_OK);
    fixture_destroy(&test);
}

static void the_environment_maps_to_keys(void **state)
{
    (void)state;
    config_fixture test;
    fixture_create(&test);
    const char *const environment[] = { "HOME=/root",
                                        "V_",
                                        "V_SEED=9",
                                        "VX__Y=1",
                                        "V_NOT_OURS=a__b",
                                        "NAME",
                                        "V_PHYSICS__GRAVITY_M_S2=-3.7",
                                        "V_FRAMES__VSYNC=false",
                                        "V_APP__TITLE=a = b # c",
                                        "V_RENDER__PRESENT_MODE=immediate",
                                        NULL };
    assert_ok(v_config_load_environment(test.config, environment));
    assert_int_equal(v_config_int(test.config, "seed"), 1);
    assert_true(v_config_float(test.config, "physics.gravity_m_s2") == -3.7);
    assert_false(v_config_bool(test.config, "frames.vsync"));
    assert_string_equal(v_config_text(test.config, "app.title"), "a = b # c");
    assert_string_equal(v_config_text(test.config, "render.present_mode"), "immediate");
    const char *const nothing[] = { NULL };
    assert_ok(v_config_load_environment(test.config, nothing));
    assert_true(v_config_bool(test.config, "frames.vsync"));
    fixture_destroy(&test);
}

static void bad_environment_variables_are_named_and_nothing_is_applied(void **state)
{
    (void)state;
    const bad_text table[] = {
        { "V_FRAMES__VSINC=true",
          "environment variable V_FRAMES__VSINC: unknown key 'frames.vsinc', did you mean 'frames.vsync'?" },
        { "V_FRAMES__VSYNC=1", "environment variable V_FRAMES__VSYNC: frames.vsync must be a boolean, not '1'" },
        { "V_FRAMES__MAX_FPS=fast", "frames.max_fps must be an integer, not 'fast'" },
        { "V_FRAMES__MAX_FPS=", "frames.max_fps must be an integer, not ''" },
        { "V_FRAMES__MAX_FPS=1 2", "frames.max_fps must be an integer, not '1 2'" },
        { "V_FRAMES__MAX_FPS=1\nseed=2", "frames.max_fps must be an integer" },
        { "V_FRAMES__MAX_FPS=1.5", "frames.max_fps must be an integer, not '1.5'" },
        { "V_FRAMES__MAX_FPS=99999999999999999999", "frames.max_fps must be an integer" },
        { "V_AUDIO__GAIN=inf", "audio.gain must be a finite number" },
        { "V_AUDIO__GAIN=1e999", "audio.gain must be" },
        { "V_AUDIO__GAIN=0x1p3", "audio.gain must be a float, not '0x1p3'" },
        { "V_RENDER__PRESENT_MODE=fif", "must be one of fifo, mailbox, immediate" },
    };
    config_fixture test;
    fixture_create(&test);
    for (size_t i = 0; i < V_COUNT_OF(table); i++) {
        const char *const environment[] = { "V_APP__TITLE=changed", table[i].text, NULL };
        assert_fails(v_config_load_environment(test.config, environment), V_ERROR_BAD_INPUT, table[i].message);
        assert_string_equal(v_config_text(test.config, "app.title"), "V");
    }
    fixture_destroy(&test);
}

static void set_takes_key_equals_value(void **state)
{
    (void)state;
    config_fixture test;
    fixture_create(&test);
    assert_ok(v_config_set(test.config, "app.title=a=b"));
    assert_string_equal(v_config_text(test.config, "app.title"), "a=b");
    assert_ok(v_config_set(test.config, "app.title="));
    assert_string_equal(v_config_text(test.config, "app.title"), "");
    assert_ok(v_config_set(test.config, "seed=0xFF"));
    assert_int_equal(v_config_int(test.config, "seed"), 255);
    assert_ok(v_config_set(test.config, "seed=1_000"));
    assert_int_equal(v_config_int(test.config, "seed"), 1000);
    assert_ok(v_config_set(test.config, "audio.gain=-1.5e-3"));
    assert_true(v_config_float(test.config, "audio.gain") == -1.5e-3);
    assert_fails(v_config_set(test.config, "seed"), V_ERROR_BAD_INPUT, "--set seed: must have the form key=value");
    assert_fails(v_config_set(test.config, "=1"), V_ERROR_BAD_INPUT, "must have the form key=value");
    assert_fails(v_config_set(test.config, "sed=1"), V_ERROR_BAD_INPUT,
                 "--set sed=1: unknown key 'sed', did you mean 'seed'?");
    assert_fails(v_config_set(test.config, "seed=one"), V_ERROR_BAD_INPUT,
                 "--set seed=one: seed must be an integer, not 'one'");
    char text[1200];
    snprintf(text, sizeof(text), "app.title=%01100d", 0);
    assert_fails(v_config_set(test.config, text), V_ERROR_BAD_INPUT, "1100 bytes");
    snprintf(text, sizeof(text), "%01100d=1", 0);
    assert_int_equal(v_config_set(test.config, text), V_ERROR_BAD_INPUT);
    assert_int_equal(v_config_int(test.config, "seed"), 1000);
    fixture_destroy(&test);
}

// Which keys a reload announced.
typedef struct change_list {
    char keys[8][64];
    uint32_t count;
    v_config *config;
    v_status nested_status;
} change_list;

static void note_change(void *user, const char *key)
{
    change_list *list = user;
    snprintf(list->keys[list->count++ % 8], sizeof(list->keys[0]), "%s", key);
    list->nested_status = v_config_reload(list->config, NULL);
}

static void a_reload_applies_changes_and_tells_listeners_in_order(void **state)
{
    (void)state;
    config_fixture test;
    fixture_create(&test);
    char path[1024];
    write_file(&test, "a.toml", "seed = 1\n[frames]\nvsync = false\nmax_fps = 30\n", path);
    assert_ok(v_config_load_file(test.config, path));
    change_list list = { .config = test.config };
    assert_ok(v_config_on_change(test.config, note_change, &list));
    uint32_t changed = 99;
    assert_ok(v_config_reload(test.config, &changed));
    assert_int_equal(changed, 0);
    assert_int_equal(list.count, 0);

    write_file(&test, "a.toml", "seed = 22222\n[frames]\nmax_fps = 30\n[app]\ntitle = 'new'", path);
    assert_ok(v_config_reload(test.config, &changed));
    assert_int_equal(changed, 3);
    assert_int_equal(list.count, 3);
    assert_string_equal(list.keys[0], "app.title");
    assert_string_equal(list.keys[1], "frames.vsync");
    assert_string_equal(list.keys[2], "seed");
    assert_int_equal(list.nested_status, V_ERROR_STATE);
    assert_int_equal(v_config_int(test.config, "seed"), 22222);
    assert_true(v_config_bool(test.config, "frames.vsync"));
    assert_ok(v_config_reload(test.config, &changed));
    assert_int_equal(changed, 0);
    fixture_destroy(&test);
}

static void a_reload_does_not_beat_environment_and_set(void **state)
{
    (void)state;
    config_fixture test;
    fixture_create(&test);
    char path[1024];
    write_file(&test, "a.toml", "seed = 1\nframes.max_fps = 10", path);
    assert_ok(v_config_load_file(test.config, path));
    const char *const environment[] = { "V_FRAMES__MAX_FPS=50", NULL };
    assert_ok(v_config_load_environment(test.config, environment));
    assert_ok(v_config_set(test.config, "seed=7"));
    write_file(&test, "a.toml", "seed = 1000\nframes.max_fps = 200", path);
    uint32_t changed = 99;
    assert_ok(v_config_reload(test.config, &changed));
    assert_int_equal(changed, 0);
    assert_int_equal(v_config_int(test.config, "seed"), 7);
    assert_int_equal(v_config_int(test.config, "frames.max_fps"), 50);
    fixture_destroy(&test);
}

static void a_broken_reload_keeps_the_old_values_and_is_logged_once(void **state)
{
    (void)state;
    config_fixture test;
    fixture_create(&test);
    char broken[1024];
    char good[1024];
    write_file(&test, "a.toml", "seed = 1\napp.title = 'old'", broken);
    write_file(&test, "b.toml", "frames.max_fps = 10", good);
    assert_ok(v_config_load_file(test.config, broken));
    assert_ok(v_config_load_file(test.config, good));
    write_file(&test, "a.toml", "seed = 2\napp.title = 5555", NULL);
    write_file(&test, "b.toml", "frames.max_fps = 200", NULL);
    uint32_t changed = 99;
    assert_fails(v_config_reload(test.config, &changed), V_ERROR_BAD_INPUT,
                 "a.toml:2:13: app.title must be a string, not an integer");
    assert_int_equal(changed, 1);
    assert_int_equal(v_config_int(test.config, "seed"), 1);
    assert_string_equal(v_config_text(test.config, "app.title"), "old");
    assert_int_equal(v_config_int(test.config, "frames.max_fps"), 200);
    assert_ok(v_config_reload(test.config, &changed));
    assert_ok(v_config_reload(test.config, &changed));
    v_log_flush(test.log);
    assert_int_equal(test.warning_count, 1);
    assert_non_null(strstr(test.warnings[0], "app.title must be a string, not an integer (the old values stay)"));

    unlink(broken);
    assert_fails(v_config_reload(test.config, NULL), V_ERROR_NOT_FOUND, "a.toml");
    assert_ok(v_config_reload(test.config, NULL));
    assert_int_equal(v_config_int(test.config, "seed"), 1);
    write_file(&test, "a.toml", "seed = 333", NULL);
    assert_ok(v_config_reload(test.config, &changed));
    assert_int_equal(changed, 2);
    assert_int_equal(v_config_int(test.config, "seed"), 333);
    fixture_destroy(&test);
}

static void listeners_are_limited(void **state)
{
    (void)state;
    config_fixture test;
    fixture_create(&test);
    for (int i = 0; i < 32; i++) {
        assert_ok(v_config_on_change(test.config, note_change, NULL));
    }
    assert_fails(v_config_on_change(test.config, note_change, NULL), V_ERROR_FULL, "32");
    fixture_destroy(&test);
}

static void asking_for_the_wrong_thing_is_logged_and_gives_nothing(void **state)
{
    (void)state;
    config_fixture test;
    fixture_create(&test);
    assert_int_equal(v_config_int(test.config, "sed"), 0);
    assert_string_equal(v_config_text(test.config, "seed"), "");
    assert_true(v_config_float(test.config, "seed") == 0.0);
    assert_false(v_config_bool(test.config, "seed"));
    assert_string_equal(v_config_source(test.config, "sed"), "");
    v_log_flush(test.log);
    assert_int_equal(test.warning_count, 5);
    assert_string_equal(test.warnings[0], "config ERROR key 'sed' is asked for and not registered");
    assert_string_equal(test.warnings[1], "config ERROR key 'seed' is an integer and is asked for as a string");
    fixture_destroy(&test);
}

static void note_each(void *user, const v_config_key *key, const char *value)
{
    char *text = user;
    size_t used = strlen(text);
    snprintf(text + used, 2048 - used, "%s=%s\n", key->name, value);
}

static void each_lists_keys_in_byte_order_as_toml(void **state)
{
    (void)state;
    config_fixture test;
    fixture_create(&test);
    assert_ok(load(&test, "audio.gain = 0.1\n[app]\ntitle = \"q\\\" b\\\\ n\\n \\u00e4 \\u007f\""));
    char text[2048] = "";
    v_config_each(test.config, note_each, text);
    assert_string_equal(text, "app.title=\"q\\\" b\\\\ n\\u000A \xC3\xA4 \\u007F\"\n"
                              "audio.gain=0.1\n"
                              "frames.max_fps=0\n"
                              "frames.vsync=true\n"
                              "physics.gravity_m_s2=-9.81\n"
                              "physics.solver.iterations=8\n"
                              "render.present_mode=\"fifo\"\n"
                              "seed=1\n");
    // What it printed can be loaded, and gives the same again.
    char again[2048] = "";
    assert_ok(load(&test, text));
    v_config_each(test.config, note_each, again);
    assert_string_equal(again, text);
    fixture_destroy(&test);
}

static void floats_print_so_that_they_read_back_the_same(void **state)
{
    (void)state;
    const double numbers[] = { 0.1,
                               1.0 / 3.0,
                               1e22,
                               5e-324,
                               DBL_MAX,
                               123456789.0,
                               -2.5e-7,
                               1e17,
                               0.0,
                               1e-4,
                               0.00012345678901234567,
                               999999999999999.9,
                               1e15,
                               -1e15 };
    config_fixture test;
    fixture_create(&test);
    for (size_t i = 0; i < V_COUNT_OF(numbers); i++) {
        char text[64];
        snprintf(text, sizeof(text), "audio.gain=%.17e", numbers[i]);
        assert_ok(v_config_set(test.config, text));
        assert_true(v_config_float(test.config, "audio.gain") == numbers[i]);
        char printed[2048] = "";
        v_config_each(test.config, note_each, printed);
        assert_ok(load(&test, printed));
        char *start = strstr(printed, "audio.gain=");
        *strchr(start, '\n') = '\0';
        assert_ok(v_config_set(test.config, start));
        assert_true(v_config_float(test.config, "audio.gain") == numbers[i]);
    }
    fixture_destroy(&test);
}

static void bad_keys_are_refused_and_nothing_is_registered(void **state)
{
    (void)state;
    static const v_config_key table[] = {
        V_CONFIG_INT("seed", 0, 0, 1, "taken"),
        V_CONFIG_INT("physics", 0, 0, 1, "a table"),
        V_CONFIG_INT("seed.inner", 0, 0, 1, "inside a key"),
        V_CONFIG_INT("", 0, 0, 1, "empty"),
        V_CONFIG_INT(".a", 0, 0, 1, "dot"),
        V_CONFIG_INT("a.", 0, 0, 1, "dot"),
        V_CONFIG_INT("a..b", 0, 0, 1, "dots"),
        V_CONFIG_INT("a__b", 0, 0, 1, "the environment could not name it"),
        V_CONFIG_INT("a_.b", 0, 0, 1, "the environment could not name it"),
        V_CONFIG_INT("Upper", 0, 0, 1, "case"),
        V_CONFIG_INT("a", 5, 0, 1, "default outside"),
        V_CONFIG_INT("a", 0, 1, 0, "range upside down"),
        V_CONFIG_FLOAT("a", 5.0, 0.0, 1.0, "default outside"),
        V_CONFIG_FLOAT("a", NAN, 0.0, 1.0, "no number"),
        V_CONFIG_BOOL("a", 2, "no boolean"),
        V_CONFIG_TEXT("a", NULL, NULL, "no default"),
        V_CONFIG_TEXT("a", "x", "y|z", "default is no choice"),
        { .name = "a", .type = (v_config_type)9 },
        { .name = NULL },
    };
    config_fixture test;
    fixture_create(&test);
    for (size_t i = 0; i < V_COUNT_OF(table); i++) {
        const v_config_key pair[] = { V_CONFIG_INT("fresh", 0, 0, 1, "good"), table[i] };
        assert_int_equal(v_config_register(test.config, pair, 2), V_ERROR_INVALID_ARGUMENT);
        assert_int_equal(v_config_set(test.config, "fresh=1"), V_ERROR_BAD_INPUT);
    }
    const v_config_key twice[] = { V_CONFIG_BOOL("fresh", 0, ""), V_CONFIG_BOOL("fresh", 1, "") };
    assert_fails(v_config_register(test.config, twice, 2), V_ERROR_INVALID_ARGUMENT, "fresh");
    assert_ok(v_config_register(test.config, twice, 1));
    assert_ok(load(&test, "fresh = true"));
    assert_fails(v_config_register(test.config, twice, 1), V_ERROR_STATE, "before");
    fixture_destroy(&test);
}

static void null_arguments_are_errors(void **state)
{
    (void)state;
    assert_fails(v_config_create(NULL, NULL, NULL), V_ERROR_INVALID_ARGUMENT, "out_config");
    assert_int_equal(v_config_register(NULL, keys, 1), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_config_load_file(NULL, "x"), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_config_load_text(NULL, "x", "", 0), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_config_load_directory(NULL, "x"), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_config_load_environment(NULL, NULL), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_config_set(NULL, "a=b"), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_config_reload(NULL, NULL), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_config_on_change(NULL, note_change, NULL), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_config_int(NULL, "seed"), 0);
    assert_string_equal(v_config_text(NULL, "seed"), "");
    assert_string_equal(v_config_source(NULL, "seed"), "");
    v_config_each(NULL, note_each, NULL);
    v_config_destroy(NULL);

    v_config *config;
    assert_ok(v_config_create(NULL, NULL, &config));
    assert_int_equal(v_config_int(config, "seed"), 0); // no keys, no log
    assert_fails(v_config_load_text(config, "t", "a = 1", 5), V_ERROR_BAD_INPUT, "t:1:1: unknown key 'a'");
    assert_ok(v_config_load_text(config, "t", NULL, 0));
    assert_ok(v_config_reload(config, NULL));
    v_config_destroy(config);
}

static void memory_is_given_back_and_its_lack_is_reported(void **state)
{
    (void)state;
    v_counted_allocator counted;
    v_counted_allocator_init(&counted, NULL);
    v_config *config;
    assert_ok(v_config_create(&counted.allocator, NULL, &config));
    assert_ok(v_config_register(config, keys, V_COUNT_OF(keys)));
    for (int i = 0; i < 3; i++) {
        assert_ok(v_config_load_text(config, "t", "app.title = 'x'", 15));
        assert_int_equal(v_config_load_text(config, "t", "app.title = 'x'\nb=1", 19), V_ERROR_BAD_INPUT);
        assert_ok(v_config_set(config, "app.title=longer than before"));
    }
    v_config_destroy(config);
    assert_int_equal(v_counted_allocator_read(&counted).live_bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_start_with_their_defaults),
        cmocka_unit_test(a_file_sets_values_and_is_their_source),
        cmocka_unit_test(later_sources_win_whatever_the_order_of_the_calls),
        cmocka_unit_test(a_file_loaded_again_counts_from_its_new_place),
        cmocka_unit_test(bad_files_get_one_error_with_the_place),
        cmocka_unit_test(no_suggestion_is_better_than_a_far_one),
        cmocka_unit_test(a_load_is_all_or_nothing),
        cmocka_unit_test(numbers_outside_their_range_are_clamped_with_a_warning),
        cmocka_unit_test(an_integer_is_a_float_where_a_float_is_wanted),
        cmocka_unit_test(a_directory_loads_in_byte_order_all_or_nothing),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(the_environment_maps_to_keys),
        cmocka_unit_test(bad_environment_variables_are_named_and_nothing_is_applied),
        cmocka_unit_test(set_takes_key_equals_value),
        cmocka_unit_test(a_reload_applies_changes_and_tells_listeners_in_order),
        cmocka_unit_test(a_reload_does_not_beat_environment_and_set),
        cmocka_unit_test(a_broken_reload_keeps_the_old_values_and_is_logged_once),
        cmocka_unit_test(listeners_are_limited),
        cmocka_unit_test(asking_for_the_wrong_thing_is_logged_and_gives_nothing),
        cmocka_unit_test(each_lists_keys_in_byte_order_as_toml),
        cmocka_unit_test(floats_print_so_that_they_read_back_the_same),
        cmocka_unit_test(bad_keys_are_refused_and_nothing_is_registered),
        cmocka_unit_test(null_arguments_are_errors),
        cmocka_unit_test(memory_is_given_back_and_its_lack_is_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
