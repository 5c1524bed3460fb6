// Checks that simulation code calls nothing whose result differs between machines or runs.
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "tidy.h"

/// Modules whose every result goes into the state hash.
static const char *const simulation_folders[] = { "engine/core/", "engine/physics/", "engine/assets/",
                                                  "engine/ai/",   "engine/nav/",     "games/" };

/// Files of those modules that measure or wait, which never reaches the state: the scheduler and the clocks. Elsewhere
/// a line that only measures says so with the comment CLOCK_MARK.
static const char *const timing_files[] = { "engine/core/jobs", "engine/core/timing" };

#define CLOCK_MARK "// tidy: clock"

/// <math.h> without sqrt and fabs, which IEEE 754 makes exact; each also with the suffix f or l.
static const char *const math_names[] = {
    "acos",   "acosh", "asin",   "asinh",     "atan",      "atan2",      "atanh",     "cbrt",   "ceil",   "copysign",
    "cos",    "cosh",  "erf",    "erfc",      "exp",       "exp2",       "expm1",     "fdim",   "floor",  "fma",
    "fmax",   "fmin",  "fmod",   "frexp",     "hypot",     "ilogb",      "j0",        "j1",     "ldexp",  "lgamma",
    "log",    "log10", "log1p",  "log2",      "logb",      "llrint",     "llround",   "lrint",  "lround", "modf",
    "nan",    "pow",   "rint",   "nextafter", "nearbyint", "nexttoward", "remainder", "remquo", "round",  "scalbln",
    "scalbn", "sin",   "sincos", "sinh",      "tan",       "tanh",       "tgamma",    "trunc",
};

static const char *const random_names[] = { "arc4random", "drand48", "getrandom", "lrand48", "mrand48",
                                            "rand",       "rand_r",  "random",    "srand",   "srandom" };

static const char *const clock_names[] = { "clock",     "clock_gettime", "ftime",        "gettimeofday", "gmtime",
                                           "localtime", "time",          "timespec_get", "v_clock_ns" };

/// Parts of intrinsics' names: fused or approximate, so not the same bits everywhere.
static const char *const intrinsic_parts[] = { "_fmadd", "_fmsub",  "_fnmadd", "_fnmsub", "_rsqrt",
                                               "_rcp",   "vrsqrte", "vrecpe",  "vfma",    "__builtin_fma" };

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static bool is_listed(const char *name, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        if (strcmp(name, list[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_math(const char *name)
{
    if (is_listed(name, math_names, COUNT_OF(math_names))) {
        return true;
    }
    char bare[32];
    size_t length = strlen(name);
    if (length < 2 || length > sizeof bare || (name[length - 1] != 'f' && name[length - 1] != 'l')) {
        return false;
    }
    snprintf(bare, sizeof bare, "%.*s", (int)(length - 1), name);
    return is_listed(bare, math_names, COUNT_OF(math_names));
}

static bool is_inexact_intrinsic(const char *name)
{
    for (size_t i = 0; i < COUNT_OF(intrinsic_parts); ++i) {
        if (strstr(name, intrinsic_parts[i]) != NULL) {
            return true;
        }
    }
    return false;
}

static void check_call(tidy_tree *tree, const tidy_source *source, size_t line, const char *name, bool may_time)
{
    if (is_math(name)) {
        tidy_find(tree, source, line, "%s() differs between C libraries; use v/math.h", name);
    } else if (is_listed(name, random_names, COUNT_OF(random_names))) {
        tidy_find(tree, source, line, "%s() in simulation code; use v/random.h with the world's seed", name);
    } else if (!may_time && is_listed(name, clock_names, COUNT_OF(clock_names))) {
        tidy_find(tree, source, line, "%s() in simulation code; a tick knows no clock", name);
    } else if (is_inexact_intrinsic(name)) {
        tidy_find(tree, source, line, "%s() is fused or approximate: not the same bits everywhere", name);
    }
}

static bool says_clock(const tidy_source *source, size_t at)
{
    size_t end = tidy_line_end(source, at);
    const char *mark = strstr(source->text + at, CLOCK_MARK);
    return mark != NULL && (size_t)(mark - source->text) < end;
}

/// Calls `check_call` for every identifier that is followed by '(' and is not a member.
static void check_source(tidy_tree *tree, const tidy_source *source, bool may_time)
{
    const char *code = source->code;
    size_t line = 1;
    for (size_t at = 0; at < source->size_bytes;) {
        if (code[at] == '\n') {
            ++line;
        }
        if (!isalpha((unsigned char)code[at]) && code[at] != '_') {
            ++at;
            continue;
        }
        size_t end = at;
        while (isalnum((unsigned char)code[end]) || code[end] == '_') {
            ++end;
        }
        size_t next = end + strspn(code + end, " \t");
        bool member = at > 0 && (code[at - 1] == '.' || (at > 1 && code[at - 1] == '>' && code[at - 2] == '-'));
        if (code[next] == '(' && !member) {
            char name[128];
            snprintf(name, sizeof name, "%.*s", (int)(end - at), code + at);
            check_call(tree, source, line, name, may_time || says_clock(source, at));
        }
        // A number's suffix or a preprocessor's paste is no identifier of its own; step over the whole word.
        at = end;
    }
}

static bool starts_with_any(const char *path, const char *const *prefixes, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        if (tidy_starts_with(path, prefixes[i])) {
            return true;
        }
    }
    return false;
}

void tidy_check_calls(tidy_tree *tree)
{
    for (size_t i = 0; i < tree->source_count; ++i) {
        const tidy_source *source = &tree->sources[i];
        if (tidy_is_c(source) && starts_with_any(source->path, simulation_folders, COUNT_OF(simulation_folders))) {
            check_source(tree, source, starts_with_any(source->path, timing_files, COUNT_OF(timing_files)));
        }
    }
}
