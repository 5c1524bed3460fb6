// Time of each elementary function, ours and the C library's by turns in the same run. Prints one JSON object a line.
#include "v/math.h"
#include "v/random.h"
#include "v/thread.h"

#include <stdio.h>
#include <stdlib.h>

#define ARGUMENTS 4096
#define SWEEPS    8 // of all arguments in one timed run: short, so that few runs meet an interruption
#define RUNS      101

typedef float (*unary)(float x);
typedef float (*binary)(float a, float b);

typedef struct subject {
    const char *name;
    float low, high;             // of the first argument
    unary ours, peer;            // either these,
    binary ours_of_2, peer_of_2; // or these,
    float second_low, second_high;
} subject;

static float ours_sin_cos(float x)
{
    float s, c;
    v_sin_cos(x, &s, &c);
    return s + c;
}

static float peer_sin_cos(float x)
{
    float s, c;
    sincosf(x, &s, &c);
    return s + c;
}

static const subject subjects[] = {
    { .name = "math_sin", .low = -10.0f, .high = 10.0f, .ours = v_sin, .peer = sinf },
    { .name = "math_sin_huge", .low = 1e9f, .high = 1e30f, .ours = v_sin, .peer = sinf },
    { .name = "math_cos", .low = -10.0f, .high = 10.0f, .ours = v_cos, .peer = cosf },
    { .name = "math_sin_cos", .low = -10.0f, .high = 10.0f, .ours = ours_sin_cos, .peer = peer_sin_cos },
    { .name = "math_tan", .low = -10.0f, .high = 10.0f, .ours = v_tan, .peer = tanf },
    { .name = "math_asin", .low = -1.0f, .high = 1.0f, .ours = v_asin, .peer = asinf },
    { .name = "math_acos", .low = -1.0f, .high = 1.0f, .ours = v_acos, .peer = acosf },
    { .name = "math_atan", .low = -10.0f, .high = 10.0f, .ours = v_atan, .peer = atanf },
    { .name = "math_atan2",
      .low = -10.0f,
      .high = 10.0f,
      .ours_of_2 = v_atan2,
      .peer_of_2 = atan2f,
      .second_low = -10.0f,
      .second_high = 10.0f },
    { .name = "math_exp", .low = -80.0f, .high = 80.0f, .ours = v_exp, .peer = expf },
    { .name = "math_exp2", .low = -120.0f, .high = 120.0f, .ours = v_exp2, .peer = exp2f },
    { .name = "math_log_e", .low = 0.001f, .high = 100.0f, .ours = v_log_e, .peer = logf },
    { .name = "math_log2", .low = 0.001f, .high = 100.0f, .ours = v_log2, .peer = log2f },
    { .name = "math_pow",
      .low = 0.001f,
      .high = 10.0f,
      .ours_of_2 = v_pow,
      .peer_of_2 = powf,
      .second_low = -10.0f,
      .second_high = 10.0f },
    { .name = "math_floor", .low = -1000.0f, .high = 1000.0f, .ours = v_floor, .peer = floorf },
    { .name = "math_round", .low = -1000.0f, .high = 1000.0f, .ours = v_round, .peer = roundf },
    { .name = "math_mod",
      .low = -1000.0f,
      .high = 1000.0f,
      .ours_of_2 = v_mod,
      .peer_of_2 = fmodf,
      .second_low = 0.5f,
      .second_high = 10.0f },
};

typedef struct arguments {
    float first[ARGUMENTS], second[ARGUMENTS], result[ARGUMENTS];
} arguments;

/// Nanoseconds per call. Both sides are called through a pointer, so that neither is inlined.
static double time_run(arguments *a, unary of_1, binary of_2)
{
    uint64_t start_ns = v_clock_ns();
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        for (int i = 0; i < ARGUMENTS; i++) {
            a->result[i] = of_2 != NULL ? of_2(a->first[i], a->second[i]) : of_1(a->first[i]);
        }
        __asm__ volatile("" : : "r"(a->result) : "memory"); // the results count as read
    }
    return (double)(v_clock_ns() - start_ns) / ((double)SWEEPS * ARGUMENTS);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void measure(const subject *s, arguments *a)
{
    v_random random = v_random_seed(1, 1);
    for (int i = 0; i < ARGUMENTS; i++) {
        a->first[i] = v_random_range(&random, s->low, s->high);
        a->second[i] = v_random_range(&random, s->second_low, s->second_high);
    }
    double ours[RUNS], peer[RUNS];
    for (int run = -1; run < RUNS; run++) { // the first warms up and is overwritten
        int slot = run < 0 ? 0 : run;
        ours[slot] = time_run(a, s->ours, s->ours_of_2);
        peer[slot] = time_run(a, s->peer, s->peer_of_2);
    }
    qsort(ours, RUNS, sizeof(ours[0]), compare);
    qsort(peer, RUNS, sizeof(peer[0]), compare);
    double our_median = ours[RUNS / 2], peer_median = peer[RUNS / 2];
    printf("{\"name\": \"%s\", \"unit\": \"ns\", \"better\": \"lower\", \"ours\": %.2f, \"spread\": [%.2f, %.2f], "
           "\"peers\": {\"glibc\": %.2f}, \"ratio\": {\"glibc\": %.2f}, "
           "\"notes\": \"per call, arguments in [%g, %g]; spread: 10th to 90th percentile of %d runs\"}\n",
           s->name, our_median, ours[RUNS / 10], ours[RUNS - 1 - RUNS / 10], peer_median, peer_median / our_median,
           (double)s->low, (double)s->high, RUNS);
}

int main(void)
{
    static arguments a;
    for (size_t i = 0; i < V_COUNT_OF(subjects); i++) {
        measure(&subjects[i], &a);
    }
    return 0;
}
