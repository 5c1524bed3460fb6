// Command-line options of runs: one table, one parser.
#include "run_options.h"

#include "v/app.h"
#include "v/text.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef enum option_kind {
    OPTION_TEXT,
    OPTION_U32,
    OPTION_U64,
    OPTION_FLAG,
    OPTION_SIZE,
    OPTION_SET,
} option_kind;

#define RUNS   (RUN_WORDS_PROJECT | RUN_WORDS_GAME)
#define ALWAYS (RUNS | RUN_WORDS_RECORDING)

static const struct option {
    const char *name;
    option_kind kind;
    size_t offset_bytes;
    uint64_t min, max;
    unsigned words; // RUN_WORDS_… bits: where it has a meaning; elsewhere it is refused
} options[] = {
    { "--level", OPTION_TEXT, offsetof(run_options, level), 0, 0, RUNS },
    { "--ticks", OPTION_U64, offsetof(run_options, ticks), 1, 1000000000, RUNS },
    { "--seed", OPTION_U64, offsetof(run_options, seed), 0, UINT64_MAX, RUNS },
    { "--threads", OPTION_U32, offsetof(run_options, threads), 1, V_JOBS_WORKERS_MAX, ALWAYS },
    { "--headless", OPTION_FLAG, offsetof(run_options, headless), 0, 0, RUNS },
    { "--size", OPTION_SIZE, 0, 0, 0, RUNS },
    { "--set", OPTION_SET, 0, 0, 0, RUNS },
    { "--record", OPTION_TEXT, offsetof(run_options, record), 0, 0, RUNS },
    { "--hashes", OPTION_TEXT, offsetof(run_options, hashes), 0, 0, RUNS },
    { "--screenshot", OPTION_TEXT, offsetof(run_options, screenshot), 0, 0, RUNS },
    { "--frames", OPTION_TEXT, offsetof(run_options, frames), 0, 0, RUNS },
    { "--video", OPTION_TEXT, offsetof(run_options, video), 0, 0, RUNS },
    { "--report", OPTION_TEXT, offsetof(run_options, report), 0, 0, RUNS },
    { "--max-fps", OPTION_U32, offsetof(run_options, max_fps), 0, 100000, RUNS },
    { "--gpu", OPTION_TEXT, offsetof(run_options, gpu), 0, 0, RUNS },
    { "--validation", OPTION_FLAG, offsetof(run_options, validation), 0, 0, RUNS },
    { "--replay", OPTION_TEXT, offsetof(run_options, replay), 0, 0, RUN_WORDS_GAME },
    { "--verbose", OPTION_FLAG, offsetof(run_options, verbose), 0, 0, ALWAYS },
    { "--quiet", OPTION_FLAG, offsetof(run_options, quiet), 0, 0, ALWAYS },
    { "--help", OPTION_FLAG, offsetof(run_options, help), 0, 0, ALWAYS },
};

static_assert(V_COUNT_OF(options) <= 32, "run_options.given has a bit for each");

const char *v_command_run_help(void)
{
    return "  --level NAME|FILE    level of the project, or a level file\n"
           "  --ticks N            ticks to run (headless: default 600; window: until it is closed)\n"
           "  --seed N             seed of the run (default: the level's)\n"
           "  --threads N          job workers, 1 to 64 (default: one per processor); never changes results\n"
           "  --headless           no window, as fast as possible\n"
           "  --size WxH           picture size (default 1280x720)\n"
           "  --set KEY=VALUE      override a configuration key; may be repeated\n"
           "  --record FILE        write a recording (.vrec)\n"
           "  --hashes FILE        write the state hash of each tick as text\n"
           "  --screenshot FILE    write the last frame as PNG\n"
           "  --frames DIR         write each tick's frame as DIR/frame_NNNN.png\n"
           "  --video FILE         write a video at 60 frames/s (.y4m; other kinds need ffmpeg)\n"
           "  --report FILE        write figures of the run as JSON\n"
           "  --max-fps N          limit frames per second, 0: unlimited\n"
           "  --gpu NAME           use the first device whose name contains NAME\n"
           "  --validation         switch on the Vulkan validation layer\n"
           "  --verbose, --quiet   more or fewer log lines\n";
}

v_status run_parse_number(const char *option, const char *text, uint64_t min, uint64_t max, uint64_t *out_value)
{
    char *end = NULL;
    errno = 0;
    uint64_t value = text[0] >= '0' && text[0] <= '9' ? strtoull(text, &end, 10) : 0;
    if (end == NULL || *end != '\0' || errno != 0 || value < min || value > max) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "%s: \"%s\" is not a whole number from %llu to %llu", option, text,
                      (unsigned long long)min, (unsigned long long)max);
    }
    *out_value = value;
    return V_OK;
}

static v_status parse_size(const char *text, run_options *out)
{
    char width[16];
    const char *x = strchr(text, 'x');
    if (x == NULL || (size_t)(x - text) >= sizeof(width)) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "--size: \"%s\" is not WIDTHxHEIGHT, for instance 1280x720", text);
    }
    memcpy(width, text, (size_t)(x - text));
    width[x - text] = '\0';
    uint64_t width_px = 0, height_px = 0;
    V_TRY(run_parse_number("--size", width, 16, 16384, &width_px));
    V_TRY(run_parse_number("--size", x + 1, 16, 16384, &height_px));
    out->width_px = (uint32_t)width_px;
    out->height_px = (uint32_t)height_px;
    return V_OK;
}

static v_status apply_option(const struct option *option, const char *value, run_options *out)
{
    void *field = (char *)out + option->offset_bytes;
    uint64_t number = 0;
    switch (option->kind) {
    case OPTION_FLAG:
        *(bool *)field = true;
        return V_OK;
    case OPTION_TEXT:
        *(const char **)field = value;
        return value[0] != '\0' ? V_OK : v_fail(V_ERROR_INVALID_ARGUMENT, "%s: is empty", option->name);
    case OPTION_SIZE:
        return parse_size(value, out);
    case OPTION_SET:
        if (out->set_count == RUN_SETS_MAX) {
            return v_fail(V_ERROR_INVALID_ARGUMENT, "--set: more than %d times", RUN_SETS_MAX);
        }
        out->sets[out->set_count++] = value;
        return V_OK;
    case OPTION_U32:
    case OPTION_U64:
        break;
    }
    V_TRY(run_parse_number(option->name, value, option->min, option->max, &number));
    if (option->kind == OPTION_U32) {
        *(uint32_t *)field = (uint32_t)number;
    } else {
        *(uint64_t *)field = number;
    }
    out->seed_given |= field == &out->seed;
    out->max_fps_given |= field == &out->max_fps;
    return V_OK;
}

static const struct option *find_option(const char *word, size_t length)
{
    for (size_t i = 0; i < V_COUNT_OF(options); i++) {
        if (strlen(options[i].name) == length && memcmp(options[i].name, word, length) == 0) {
            return &options[i];
        }
    }
    return NULL;
}

static v_status fail_unknown(const char *word, run_words words)
{
    const char *names[V_COUNT_OF(options)];
    size_t count = 0;
    for (size_t i = 0; i < V_COUNT_OF(options); i++) {
        names[count] = options[i].name;
        count += (options[i].words & words) != 0 ? 1 : 0;
    }
    const char *hint = v_text_closest(word, names, count);
    return v_fail(V_ERROR_INVALID_ARGUMENT, "unknown option %s%s%s%s", word, hint != NULL ? ", did you mean " : "",
                  hint != NULL ? hint : "", hint != NULL ? "?" : "");
}

v_status run_options_check_replay(const run_options *parsed)
{
    for (size_t i = 0; i < V_COUNT_OF(options); i++) {
        if ((parsed->given >> i & 1) != 0 && options[i].words == RUNS) {
            return v_fail(V_ERROR_INVALID_ARGUMENT, "%s: has no meaning with --replay", options[i].name);
        }
    }
    return V_OK;
}

v_status run_options_parse(int argc, char **argv, run_words words, run_options *out_options)
{
    bool with_project = words != RUN_WORDS_GAME;
    run_options parsed = { .width_px = 1280, .height_px = 720 };
    for (int i = 0; i < argc; i++) {
        const char *word = argv[i];
        if (word[0] != '-') {
            if (!with_project || parsed.project != NULL) {
                return v_fail(V_ERROR_INVALID_ARGUMENT, "unexpected word \"%s\"", word);
            }
            parsed.project = word;
            continue;
        }
        const char *equals = strchr(word, '=');
        size_t length = equals != NULL ? (size_t)(equals - word) : strlen(word);
        const struct option *option = find_option(word, length);
        if (option == NULL || (option->words & words) == 0) {
            return fail_unknown(word, words);
        }
        parsed.given |= 1u << (option - options);
        const char *value = equals != NULL ? equals + 1 : NULL;
        if (option->kind != OPTION_FLAG && value == NULL) {
            if (i + 1 == argc) {
                return v_fail(V_ERROR_INVALID_ARGUMENT, "%s: needs a value", word);
            }
            value = argv[++i];
        } else if (option->kind == OPTION_FLAG && value != NULL) {
            return v_fail(V_ERROR_INVALID_ARGUMENT, "%s: takes no value", word);
        }
        V_TRY(apply_option(option, value, &parsed));
    }
    if (with_project && parsed.project == NULL && !parsed.help) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "the name of a %s is missing",
                      words == RUN_WORDS_PROJECT ? "project" : "recording");
    }
    *out_options = parsed;
    return V_OK;
}
