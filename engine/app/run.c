// A run: project, config and level in; ticks, frames, recording, hashes and report out.
#include "run.h"

#include "v/file.h"
#include "v/thread.h"
#include "v/timing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

static const v_config_key run_keys[] = {
    V_CONFIG_BOOL("frames.vsync", true, "Windows wait for the display"),
    V_CONFIG_INT("frames.max_fps", 0, 0, 100000, "Frames per second at most, 0: unlimited"),
    V_CONFIG_TEXT("frames.present_mode", "auto", "auto|fifo|mailbox|immediate", "How windows present"),
    V_CONFIG_INT("render.shadow_px", 2048, 256, 8192, "Edge of the shadow map in texels"),
    V_CONFIG_INT("render.supersample", 1, 1, 4,
                 "Lit pixels per picture pixel and edge; 2 costs four times, for stills"),
};

static const v_config_key project_keys[] = {
    V_CONFIG_TEXT("title", "vengine", NULL, "Shown in the window's title"),
    V_CONFIG_TEXT("default_level", "level_0", NULL, "Level that runs when none is named"),
};

int app_exit_code(v_status status)
{
    switch (status) {
    case V_OK:
        return V_EXIT_OK;
    case V_ERROR_BAD_INPUT:
    case V_ERROR_NOT_FOUND:
        return V_EXIT_BAD_INPUT;
    case V_ERROR_NO_DEVICE:
        return V_EXIT_NO_DEVICE;
    default:
        return V_EXIT_FAILED;
    }
}

// What was asked for and cannot be read is bad input (exit code 3); what cannot be written is a failed run (1).
static v_status as_input(v_status status)
{
    return status == V_ERROR_IO || status == V_ERROR_FULL ? V_ERROR_BAD_INPUT : status;
}

static v_status as_output(v_status status)
{
    return status == V_ERROR_NOT_FOUND ? V_ERROR_IO : status;
}

// Config and level.
//
static v_status load_project(app_run *run)
{
    if (run->options.project == NULL) {
        return V_OK;
    }
    char path[4096];
    V_TRY(v_path_join(path, sizeof(path), run->options.project, "project.toml"));
    if (!v_directory_exists(run->options.project) || !v_file_exists(path)) {
        return v_fail(V_ERROR_NOT_FOUND, "%s: is no project (a directory with project.toml)", run->options.project);
    }
    V_TRY(v_config_create(run->allocator, run->log, &run->project));
    V_TRY(v_config_register(run->project, project_keys, V_COUNT_OF(project_keys)));
    V_TRY(v_config_load_file(run->project, path));
    V_TRY(v_path_join(path, sizeof(path), run->options.project, "config"));
    return v_directory_exists(path) ? v_config_load_directory(run->config, path) : V_OK;
}

static v_status load_config(app_run *run)
{
    size_t count;
    const v_config_key *keys = v_engine_config_keys(&count);
    V_TRY(v_config_create(run->allocator, run->log, &run->config));
    V_TRY(v_config_register(run->config, keys, count));
    V_TRY(v_config_register(run->config, run_keys, V_COUNT_OF(run_keys)));
    V_TRY(as_input(load_project(run)));
    V_TRY(v_config_load_environment(run->config, (const char *const *)environ));
    for (uint32_t i = 0; i < run->options.set_count; i++) {
        V_TRY(v_config_set(run->config, run->options.sets[i]));
    }
    return V_OK;
}

static v_status load_level(app_run *run)
{
    const char *level = run->options.level;
    if (level == NULL && run->project != NULL) {
        level = v_config_text(run->project, "default_level");
    }
    if (level == NULL) {
        return V_OK;
    }
    char name[1024], path[4096];
    bool is_file = strchr(level, '/') != NULL || strcmp(v_path_extension(level), ".toml") == 0;
    if (is_file || run->options.project == NULL) {
        return as_input(v_level_load(level, run->allocator, &run->level));
    }
    if ((size_t)snprintf(name, sizeof(name), "levels/%s.toml", level) >= sizeof(name)) {
        return v_fail(V_ERROR_BAD_INPUT, "--level: a name of %zu bytes is too long", strlen(level));
    }
    V_TRY(as_input(v_path_join(path, sizeof(path), run->options.project, name)));
    return as_input(v_level_load(path, run->allocator, &run->level));
}

// Outputs.
//
static v_status make_parent(const char *path)
{
    char directory[4096];
    if (path == NULL) {
        return V_OK;
    }
    V_TRY(v_path_directory(directory, sizeof(directory), path));
    return v_directory_exists(directory) ? V_OK : v_directory_create(directory);
}

static v_status open_outputs(app_run *run)
{
    const run_options *options = &run->options;
    const char *const files[] = { options->record, options->hashes, options->screenshot, options->video,
                                  options->report };
    for (size_t i = 0; i < V_COUNT_OF(files); i++) {
        V_TRY(make_parent(files[i]));
    }
    if (options->frames != NULL) {
        V_TRY(v_directory_create(options->frames));
    }
    if (options->hashes != NULL) {
        run->hashes = fopen(options->hashes, "w");
        if (run->hashes == NULL) {
            return v_fail(V_ERROR_IO, "%s: cannot write: %s", options->hashes, strerror(errno));
        }
    }
    if (options->record != NULL) {
        V_TRY(v_recorder_create(run->engine, options->record, &run->recorder));
    }
    return V_OK;
}

static v_status open_stage(app_run *run)
{
    const run_options *options = &run->options;
    bool draws = options->screenshot != NULL || options->frames != NULL || options->video != NULL;
    if (options->headless && !draws) {
        return V_OK;
    }
    app_stage_desc desc = {
        .allocator = run->allocator,
        .log = run->log,
        .width_px = options->width_px,
        .height_px = options->height_px,
        .shadow_px = (uint32_t)v_config_int(run->config, "render.shadow_px"),
        .supersample = (uint32_t)v_config_int(run->config, "render.supersample"),
        .window = !options->headless,
        .vsync = v_config_bool(run->config, "frames.vsync"),
        .present = v_config_text(run->config, "frames.present_mode"),
        .validation = options->validation,
        .title = run->title,
        .gpu_name = options->gpu,
    };
    V_TRY(app_stage_create(&desc, &run->stage));
    return options->video != NULL ? app_stage_video_open(run->stage, options->video, 60) : V_OK;
}

static v_status write_frame(app_run *run, uint64_t tick)
{
    const run_options *options = &run->options;
    if (options->frames != NULL) {
        char name[64], path[4096];
        snprintf(name, sizeof(name), "frame_%04llu.png", (unsigned long long)tick);
        V_TRY(v_path_join(path, sizeof(path), options->frames, name));
        V_TRY(app_stage_screenshot(run->stage, path));
    }
    return options->video != NULL ? app_stage_video_frame(run->stage) : V_OK;
}

// Ticks.
//
static v_status fail_hashes(const app_run *run)
{
    return v_fail(V_ERROR_IO, "%s: cannot write: %s", run->options.hashes, strerror(errno));
}

static v_status run_tick(app_run *run)
{
    uint64_t start_ns = v_clock_ns();
    V_TRY(v_engine_tick(run->engine));
    run->tick_ns_total += v_clock_ns() - start_ns;
    run_report_add_tick(run);
    if (run->recorder == NULL && run->hashes == NULL) {
        return V_OK;
    }
    v_hash128 hash = v_world_hash(v_engine_world(run->engine));
    if (run->hashes != NULL) {
        char text[33];
        v_hash128_text(hash, text);
        uint64_t number = v_world_tick(v_engine_world(run->engine));
        if (fprintf(run->hashes, "%llu %s\n", (unsigned long long)number, text) < 0) {
            return fail_hashes(run);
        }
    }
    return run->recorder != NULL ? v_recorder_tick(run->recorder, hash) : V_OK;
}

static v_status run_headless(app_run *run, v_timing *timing)
{
    bool every_frame = run->options.frames != NULL || run->options.video != NULL;
    for (uint64_t tick = 1; tick <= run->options.ticks; tick++) {
        v_timing_begin_frame(timing);
        V_TRY(run_tick(run));
        if (run->stage != NULL && every_frame) {
            V_TRY(app_stage_draw(run->stage, run->engine, 1.0f));
            V_TRY(write_frame(run, tick));
        }
        run_progress(run, tick);
        v_timing_end_frame(timing);
    }
    return V_OK;
}

// Settings of frames follow their files while a window is open; those of the simulation are fixed for a run.
static v_status reload_config(app_run *run, v_timing *timing)
{
    uint32_t changed = 0;
    if (v_config_reload(run->config, &changed) != V_OK || changed == 0) {
        return V_OK; // a broken file is logged, the old values stay
    }
    if (!run->options.max_fps_given) {
        v_timing_set_max_fps(timing, (uint32_t)v_config_int(run->config, "frames.max_fps"));
    }
    return app_stage_set_present(run->stage, v_config_text(run->config, "frames.present_mode"),
                                 v_config_bool(run->config, "frames.vsync"));
}

static bool same_input(const v_input *a, const v_input *b)
{
    return a->move_x == b->move_x && a->move_y == b->move_y && a->look_x == b->look_x && a->look_y == b->look_y &&
           a->buttons == b->buttons;
}

static v_status run_window(app_run *run, v_timing *timing)
{
    v_input input = { 0 }, latest = { 0 };
    uint64_t tick = 0, frame = 0;
    while (app_stage_poll(run->stage, &input) && (run->options.ticks == 0 || tick < run->options.ticks)) {
        if (++frame % 64 == 0) {
            V_TRY(reload_config(run, timing));
        }
        v_timing_begin_frame(timing);
        while ((run->options.ticks == 0 || tick < run->options.ticks) && v_timing_next_tick(timing)) {
            if (!same_input(&input, &latest)) {
                V_TRY(v_engine_set_input(run->engine, &input));
                latest = input;
            }
            V_TRY(run_tick(run));
            tick++;
            if (run->options.frames != NULL || run->options.video != NULL) {
                V_TRY(app_stage_draw(run->stage, run->engine, 1.0f));
                V_TRY(write_frame(run, tick));
            }
            run_progress(run, tick);
        }
        V_TRY(app_stage_draw(run->stage, run->engine, v_timing_alpha(timing)));
        v_timing_end_frame(timing);
    }
    return V_OK;
}

static v_status run_loop(app_run *run)
{
    v_timing_desc desc = {
        .allocator = run->allocator,
        .max_fps =
            run->options.max_fps_given ? run->options.max_fps : (uint32_t)v_config_int(run->config, "frames.max_fps"),
    };
    v_timing *timing;
    V_TRY(v_timing_create(&desc, &timing));
    run->start_ns = v_clock_ns();
    v_status status = run->options.headless ? run_headless(run, timing) : run_window(run, timing);
    run->wall_ns = v_clock_ns() - run->start_ns;
    run->pacing = v_timing_get_stats(timing);
    run_progress_end(run);
    v_timing_destroy(timing);
    return status;
}

// Life.
//
// With a display a run opens a window, without one it is headless.
static bool has_display(void)
{
#ifdef V_WITH_PLATFORM
    const char *const names[] = { "DISPLAY", "WAYLAND_DISPLAY" };
    for (size_t i = 0; i < V_COUNT_OF(names); i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0') {
            return true;
        }
    }
    return false;
#else
    return false;
#endif
}

static v_status run_open(app_run *run)
{
    run->options.headless = run->options.headless || !has_display();
    V_TRY(load_config(run));
    V_TRY(load_level(run));
    const v_level_data *level = run->level != NULL ? v_level_get_data(run->level) : NULL;
    run->title = run->game != NULL && run->game->title != NULL ? run->game->title
                 : run->project != NULL                        ? v_config_text(run->project, "title")
                                                               : "vengine";
    if (!run->options.seed_given) {
        run->options.seed = level != NULL ? level->seed : 1;
    }
    if (run->options.headless && run->options.ticks == 0) {
        run->options.ticks = 600;
    }
    v_engine_desc desc = {
        .allocator = run->allocator,
        .log = run->log,
        .config = run->config,
        .threads = run->options.threads,
        .seed = run->options.seed,
        .game = run->game,
        .level = level,
    };
    V_TRY(v_engine_create(&desc, &run->engine));
    V_TRY(v_engine_start(run->engine));
    V_TRY(open_stage(run));
    return as_output(open_outputs(run));
}

static v_status finish_pictures(app_run *run)
{
    v_status status = V_OK;
    if (run->stage != NULL && run->options.screenshot != NULL) {
        status = app_stage_draw(run->stage, run->engine, 1.0f);
        status = status == V_OK ? app_stage_screenshot(run->stage, run->options.screenshot) : status;
    }
    return status;
}

static v_status finish_video(app_run *run)
{
    return run->stage != NULL && run->options.video != NULL ? app_stage_video_close(run->stage) : V_OK;
}

static v_status finish_recording(app_run *run)
{
    v_recorder *recorder = run->recorder;
    run->recorder = NULL;
    return v_recorder_destroy(recorder);
}

static v_status finish_hashes(app_run *run)
{
    FILE *hashes = run->hashes;
    run->hashes = NULL;
    return hashes == NULL || fclose(hashes) == 0 ? V_OK : fail_hashes(run);
}

static v_status finish_report(app_run *run)
{
    return run->options.report != NULL ? run_report_write(run, run->options.report) : V_OK;
}

// Each result is written even when another one cannot be; the first error is the run's.
static v_status run_finish(app_run *run)
{
    typedef v_status (*finish_step)(app_run * run);
    static const finish_step steps[] = { finish_pictures, finish_video, finish_recording, finish_hashes,
                                         finish_report };
    v_status first = V_OK;
    char message[1024] = "";
    run->final_hash = v_world_hash(v_engine_world(run->engine));
    for (size_t i = 0; i < V_COUNT_OF(steps); i++) {
        v_status status = as_output(steps[i](run));
        if (status != V_OK && first == V_OK) {
            first = status;
            snprintf(message, sizeof(message), "%s", v_status_message());
        }
    }
    if (first != V_OK) {
        return v_fail(first, "%s", message);
    }
    run_report_print(run);
    return V_OK;
}

static void run_close(app_run *run, v_status status)
{
    char message[1024];
    snprintf(message, sizeof(message), "%s", v_status_message());
    (void)v_recorder_destroy(run->recorder);
    if (run->hashes != NULL) {
        (void)fclose(run->hashes);
    }
    app_stage_destroy(run->stage);
    v_engine_destroy(run->engine);
    v_level_destroy(run->level);
    v_config_destroy(run->config);
    v_config_destroy(run->project);
    v_log_destroy(run->log);
    (void)v_fail(status, "%s", message);
}

static v_log_level log_level_of(const run_options *options)
{
    return options->verbose ? V_LOG_DEBUG : options->quiet ? V_LOG_ERROR : V_LOG_INFO;
}

static v_status run_whole(app_run *run)
{
    v_log_desc log = { .allocator = run->allocator, .level = log_level_of(&run->options) };
    V_TRY(v_log_create(&log, &run->log));
    V_TRY(run_open(run));
    v_log_flush(run->log);
    V_TRY(as_output(run_loop(run)));
    return run_finish(run);
}

static int report_failure(v_status status)
{
    fprintf(stderr, "vengine: %s\n", v_status_message());
    return app_exit_code(status);
}

static int run_with_options(const run_options *options, const v_game *game)
{
    v_counted_allocator counted;
    v_counted_allocator_init(&counted, NULL);
    app_run run = { .options = *options, .game = game, .allocator = &counted.allocator, .counted = &counted };
    v_status status = run_whole(&run);
    run_close(&run, status);
    return status == V_OK ? V_EXIT_OK : report_failure(status);
}

int v_command_run(int argc, char **argv, const v_game *game)
{
    run_options options;
    if (run_options_parse(argc, argv, RUN_WORDS_PROJECT, &options) != V_OK) {
        fprintf(stderr, "vengine run: %s (try vengine help run)\n", v_status_message());
        return V_EXIT_USAGE;
    }
    if (options.help) {
        printf("usage: vengine run PROJECT [options]\n\n%s", v_command_run_help());
        return V_EXIT_OK;
    }
    return run_with_options(&options, game);
}

int v_main(int argc, char **argv, const v_game *game)
{
    run_options options;
    if (argc < 1 || run_options_parse(argc - 1, argv + 1, RUN_WORDS_GAME, &options) != V_OK) {
        fprintf(stderr, "%s: %s (try --help)\n", argc > 0 ? argv[0] : "vengine", v_status_message());
        return V_EXIT_USAGE;
    }
    if (options.replay != NULL && run_options_check_replay(&options) != V_OK) {
        fprintf(stderr, "%s: %s (try --help)\n", argv[0], v_status_message());
        return V_EXIT_USAGE;
    }
    if (options.help) {
        printf("usage: %s [options]\n\n%s  --replay FILE        run a recording again and compare every tick\n",
               argv[0], v_command_run_help());
        return V_EXIT_OK;
    }
    return options.replay != NULL ? run_replay(&options, game) : run_with_options(&options, game);
}
