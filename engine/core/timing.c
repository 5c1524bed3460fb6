// timing.c: fixed-step accumulator, frame limiter, pacing statistics (E01).
//
// 1/60 s is no whole number of nanoseconds, so time is accumulated in units of 1 / tick_hz nanoseconds: a tick is
// exactly 1e9 of them, and a million ticks take exactly a million tick lengths. Deadlines are computed from the start
// of their sequence for the same reason.
#include "v/timing.h"

#include <string.h>

#define NS_PER_S         1000000000u
#define TICK_HZ_DEFAULT  60u
#define RATE_MAX         1000000u
#define CATCH_UP_DEFAULT 8u
#define HISTORY_COUNT    1024u

struct v_timing {
    const v_allocator *allocator;
    v_time_source source;
    uint32_t tick_hz, max_fps, catch_up_ticks;
    bool started;               // a frame was begun
    uint64_t frame_begin_ns;    // of the frame in progress or the last one
    uint64_t frame_end_ns;      // of the last frame; before the first one's end, its begin
    uint64_t accumulated_units; // 1 / tick_hz ns each; always less than a tick
    uint64_t due_ticks;         // ticks that next_tick has to give out
    uint64_t sequence_ns;       // the limiter's deadlines are sequence_ns + n / max_fps
    uint64_t sequence_frames;   // n of the last frame
    uint64_t frames, ticks, dropped_ticks;
    uint64_t durations_ns[HISTORY_COUNT]; // ring; frame i is at i % HISTORY_COUNT
};

static v_status check_desc(const v_timing_desc *desc, v_timing **out_timing)
{
    if (desc == NULL || out_timing == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_timing_create: %s is null", desc == NULL ? "desc" : "out_timing");
    }
    if (desc->tick_hz > RATE_MAX || desc->max_fps > RATE_MAX) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_timing_create: %s is %u, at most %u is supported",
                      desc->tick_hz > RATE_MAX ? "tick_hz" : "max_fps",
                      desc->tick_hz > RATE_MAX ? desc->tick_hz : desc->max_fps, RATE_MAX);
    }
    if ((desc->source.now_ns == NULL) != (desc->source.wait_until_ns == NULL)) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_timing_create: source has %s but no %s",
                      desc->source.now_ns != NULL ? "now_ns" : "wait_until_ns",
                      desc->source.now_ns != NULL ? "wait_until_ns" : "now_ns");
    }
    return V_OK;
}

v_status v_timing_create(const v_timing_desc *desc, v_timing **out_timing)
{
    V_TRY(check_desc(desc, out_timing));
    *out_timing = NULL;
    v_timing *timing = V_NEW(desc->allocator, v_timing);
    if (timing == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    timing->allocator = desc->allocator;
    timing->source = desc->source.now_ns != NULL ? desc->source : v_real_clock_source();
    timing->tick_hz = desc->tick_hz != 0 ? desc->tick_hz : TICK_HZ_DEFAULT;
    timing->max_fps = desc->max_fps;
    timing->catch_up_ticks = desc->catch_up_ticks != 0 ? desc->catch_up_ticks : CATCH_UP_DEFAULT;
    *out_timing = timing;
    return V_OK;
}

void v_timing_destroy(v_timing *timing)
{
    if (timing != NULL) {
        V_DELETE(timing->allocator, timing);
    }
}

static bool is_null(const v_timing *timing, const char *caller)
{
    if (timing == NULL) {
        (void)v_fail(V_ERROR_INVALID_ARGUMENT, "%s: timing is null", caller);
    }
    return timing == NULL;
}

static void start_sequence(v_timing *timing, uint64_t now_ns)
{
    timing->sequence_ns = now_ns;
    timing->sequence_frames = 0;
}

void v_timing_set_max_fps(v_timing *timing, uint32_t max_fps)
{
    if (is_null(timing, "v_timing_set_max_fps")) {
        return;
    }
    if (max_fps > RATE_MAX) {
        (void)v_fail(V_ERROR_INVALID_ARGUMENT, "v_timing_set_max_fps: max_fps is %u, at most %u is supported", max_fps,
                     RATE_MAX);
        return;
    }
    if (max_fps != timing->max_fps) {
        timing->max_fps = max_fps;
        start_sequence(timing, timing->frame_end_ns);
    }
}

static void accumulate(v_timing *timing, uint64_t elapsed_ns)
{
    // Whole seconds apart, so that no product overflows, however long the machine was suspended.
    uint64_t units = timing->accumulated_units + elapsed_ns % NS_PER_S * timing->tick_hz;
    timing->accumulated_units = units % NS_PER_S;
    timing->due_ticks += elapsed_ns / NS_PER_S * timing->tick_hz + units / NS_PER_S;
    if (timing->due_ticks > timing->catch_up_ticks) {
        timing->dropped_ticks += timing->due_ticks - timing->catch_up_ticks;
        timing->due_ticks = timing->catch_up_ticks;
    }
}

void v_timing_begin_frame(v_timing *timing)
{
    if (is_null(timing, "v_timing_begin_frame")) {
        return;
    }
    uint64_t now_ns = timing->source.now_ns(timing->source.user);
    if (!timing->started) {
        timing->started = true;
        timing->frame_end_ns = now_ns;
        start_sequence(timing, now_ns);
    } else if (now_ns > timing->frame_begin_ns) { // a source that goes back gives no time
        accumulate(timing, now_ns - timing->frame_begin_ns);
    }
    timing->frame_begin_ns = now_ns;
}

bool v_timing_next_tick(v_timing *timing)
{
    if (is_null(timing, "v_timing_next_tick") || timing->due_ticks == 0) {
        return false;
    }
    timing->due_ticks--;
    timing->ticks++;
    return true;
}

float v_timing_alpha(const v_timing *timing)
{
    if (is_null(timing, "v_timing_alpha")) {
        return 0.0f;
    }
    return timing->due_ticks != 0 ? 1.0f : (float)((double)timing->accumulated_units / NS_PER_S);
}

// Deadline n of the limiter's sequence, exact to the nanosecond below.
static uint64_t deadline_ns(const v_timing *timing, uint64_t n)
{
    uint64_t fps = timing->max_fps;
    return timing->sequence_ns + n / fps * NS_PER_S + n % fps * NS_PER_S / fps;
}

static uint64_t limit_frame(v_timing *timing, uint64_t now_ns)
{
    uint64_t n = timing->sequence_frames + 1;
    if (now_ns > deadline_ns(timing, n + 1)) {
        start_sequence(timing, now_ns);
        return now_ns;
    }
    timing->sequence_frames = n;
    if (now_ns >= deadline_ns(timing, n)) {
        return now_ns;
    }
    timing->source.wait_until_ns(timing->source.user, deadline_ns(timing, n));
    return timing->source.now_ns(timing->source.user);
}

void v_timing_end_frame(v_timing *timing)
{
    if (is_null(timing, "v_timing_end_frame")) {
        return;
    }
    if (!timing->started) {
        (void)v_fail(V_ERROR_STATE, "v_timing_end_frame: no frame was begun");
        return;
    }
    uint64_t now_ns = timing->source.now_ns(timing->source.user);
    if (timing->max_fps != 0) {
        now_ns = limit_frame(timing, now_ns);
    }
    uint64_t duration_ns = now_ns > timing->frame_end_ns ? now_ns - timing->frame_end_ns : 0;
    timing->durations_ns[timing->frames % HISTORY_COUNT] = duration_ns;
    timing->frames++;
    timing->frame_end_ns = now_ns;
}

uint64_t v_timing_tick_ns(const v_timing *timing)
{
    return is_null(timing, "v_timing_tick_ns") ? 0 : NS_PER_S / timing->tick_hz;
}

float v_timing_tick_s(const v_timing *timing)
{
    return is_null(timing, "v_timing_tick_s") ? 0.0f : 1.0f / (float)timing->tick_hz;
}

// The value of the given rank (0: the least). Hoare's quickselect; reorders the values.
static uint64_t select_rank(uint64_t *values, uint32_t count, uint32_t rank)
{
    uint32_t low = 0, high = count - 1;
    while (low < high) {
        uint64_t pivot = values[low + (high - low) / 2];
        int64_t i = low, j = high;
        while (i <= j) {
            while (values[i] < pivot) {
                i++;
            }
            while (values[j] > pivot) {
                j--;
            }
            if (i <= j) {
                uint64_t swapped = values[i];
                values[i++] = values[j];
                values[j--] = swapped;
            }
        }
        if (rank <= j) {
            high = (uint32_t)j;
        } else if (rank >= i) {
            low = (uint32_t)i;
        } else {
            break;
        }
    }
    return values[rank];
}

v_timing_stats v_timing_get_stats(const v_timing *timing)
{
    v_timing_stats stats = { 0 };
    if (is_null(timing, "v_timing_get_stats")) {
        return stats;
    }
    stats.frames = timing->frames;
    stats.ticks = timing->ticks;
    stats.dropped_ticks = timing->dropped_ticks;
    uint32_t count = timing->frames < HISTORY_COUNT ? (uint32_t)timing->frames : HISTORY_COUNT;
    if (count == 0) {
        return stats;
    }
    uint64_t sum_ns = 0, difference_sum_ns = 0, previous_ns = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint64_t duration_ns = timing->durations_ns[(timing->frames - count + i) % HISTORY_COUNT];
        sum_ns += duration_ns;
        stats.max_ns = duration_ns > stats.max_ns ? duration_ns : stats.max_ns;
        if (i > 0) {
            difference_sum_ns += duration_ns > previous_ns ? duration_ns - previous_ns : previous_ns - duration_ns;
        }
        previous_ns = duration_ns;
    }
    uint64_t sorted[HISTORY_COUNT];
    memcpy(sorted, timing->durations_ns, count * sizeof(*sorted));
    stats.mean_ns = sum_ns / count;
    stats.p99_ns = select_rank(sorted, count, (count * 99 + 99) / 100 - 1);
    stats.jitter_ns = count > 1 ? difference_sum_ns / (count - 1) : 0;
    return stats;
}
