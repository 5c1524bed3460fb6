// The replay command: run a recording again and say whether it was identical.
#include "run.h"

#include "v/thread.h"

#include <inttypes.h>

static void replay_progress(void *user, v_engine *engine, uint64_t tick, uint64_t tick_count)
{
    (void)engine;
    app_run *progress = user;
    progress->options.ticks = tick_count;
    run_progress(progress, tick);
}

static int print_verdict(const char *path, const v_replay_result *result)
{
    char hash[33];
    v_hash128_text(result->final_hash, hash);
    if (result->unfinished) {
        printf("%s: has no valid end mark, it was cut off while being written or is damaged\n", path);
    }
    if (result->identical) {
        printf("%s: identical, %" PRIu64 " ticks, state hash %s\n", path, result->ticks, hash);
        return V_EXIT_OK;
    }
    printf("%s: differs first at tick %" PRIu64, path, result->differing_tick);
    if (v_entity_is_null(result->differing_entity)) {
        printf(", in state that belongs to no single entity\n");
    } else {
        printf(", entity %u%s%s%s\n", result->differing_entity.index, result->differing_name[0] != '\0' ? " \"" : "",
               result->differing_name, result->differing_name[0] != '\0' ? "\"" : "");
    }
    return V_EXIT_FAILED;
}

int run_replay(const run_options *options, const v_game *game)
{
    v_log *log = NULL;
    v_log_level level = options->verbose ? V_LOG_DEBUG : options->quiet ? V_LOG_ERROR : V_LOG_INFO;
    v_status status = v_log_create(&(v_log_desc){ .level = level }, &log);
    app_run progress = { .options = *options, .start_ns = v_clock_ns() };
    v_replay_desc desc = {
        .log = log,
        .path = options->replay,
        .threads = options->threads,
        .game = game,
        .after_tick = replay_progress,
        .user = &progress,
    };
    v_replay_result result;
    status = status == V_OK ? v_replay(&desc, &result) : status;
    run_progress_end(&progress);
    v_log_destroy(log);
    if (status != V_OK) {
        fprintf(stderr, "vengine: %s\n", v_status_message());
        return status == V_ERROR_IO ? V_EXIT_BAD_INPUT : app_exit_code(status);
    }
    return print_verdict(options->replay, &result);
}

int v_command_replay(int argc, char **argv, const v_game *game)
{
    run_options options = { 0 };
    v_status status = run_options_parse(argc, argv, RUN_WORDS_RECORDING, &options);
    if (status == V_OK && options.help) {
        printf("usage: vengine replay FILE [--threads N] [--verbose|--quiet]\n");
        return V_EXIT_OK;
    }
    if (status != V_OK) {
        fprintf(stderr, "vengine replay: %s (usage: vengine replay FILE)\n", v_status_message());
        return V_EXIT_USAGE;
    }
    options.replay = options.project;
    return run_replay(&options, game);
}
