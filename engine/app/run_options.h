// The options of `vengine run` and `vengine replay`, parsed.
#ifndef V_APP_RUN_OPTIONS_H
#define V_APP_RUN_OPTIONS_H

#include "v/base.h"

#define RUN_SETS_MAX 64

/// Whose words are parsed: those after "vengine run", after "vengine replay", or of a game's own program.
typedef enum run_words { RUN_WORDS_PROJECT = 1, RUN_WORDS_RECORDING = 2, RUN_WORDS_GAME = 4 } run_words;

typedef struct run_options {
    uint32_t given;      ///< A bit for each option that was named, in the parser's order.
    const char *project; ///< Directory; null for games without one.
    const char *level;   ///< Name or file; null: the project's default.
    const char *replay;  ///< --replay FILE of v_main.
    uint64_t ticks;      ///< 0: not given.
    uint64_t seed;
    bool seed_given;
    uint32_t threads; ///< 0: one per processor.
    bool headless, verbose, quiet, validation, help;
    uint32_t width_px, height_px;
    const char *sets[RUN_SETS_MAX];
    uint32_t set_count;
    const char *record, *hashes, *screenshot, *frames, *video, *report;
    uint32_t max_fps;
    bool max_fps_given;
    const char *gpu;
} run_options;

/// Parse words. Except for games, one plain word (project directory or recording) is needed.
v_status run_options_parse(int argc, char **argv, run_words words, run_options *out_options);
/// Refuse options that a replay would pass over in silence.
v_status run_options_check_replay(const run_options *options);
/// Whole decimal numbers only; the message names the option.
v_status run_parse_number(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *out_value);

#endif
