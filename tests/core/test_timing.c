// Fixed step, limiter and statistics on a virtual clock (E01).
#include "v/timing.h"

#include "v/random.h"
#include "v/thread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NS_PER_S 1000000000ull

static v_timing *create(v_virtual_clock *clock, uint32_t tick_hz, uint32_t max_fps)
{
    v_timing *timing = NULL;
    const v_timing_desc desc = { .source = v_virtual_clock_source(clock), .tick_hz = tick_hz, .max_fps = max_fps };
    assert_int_equal(v_timing_create(&desc, &timing), V_OK);
    return timing;
}

static uint32_t run_ticks(v_timing *timing)
{
    uint32_t ticks = 0;
    while (v_timing_next_tick(timing)) {
        ticks++;
    }
    return ticks;
}

static void timing_ticks_follow_the_clock(void **state)
{
    (void)state;
    // Frame lengths in microseconds, and the ticks that each frame must run at 100 Hz (10 ms).
    static const struct {
        uint32_t advance_us, ticks;
        float alpha;
    } frames[] = { { 0, 0, 0.0f },     { 9999, 0, 0.9999f }, { 1, 1, 0.0f },      { 4000, 0, 0.4f },
                   { 16000, 2, 0.0f }, { 25000, 2, 0.5f },   { 80000, 8, 0.5f },  { 4999, 0, 0.9999f },
                   { 1, 1, 0.0f },     { 35000, 3, 0.5f },   { 150000, 8, 0.5f }, { 5000, 1, 0.0f } };
    v_virtual_clock clock = { .now_ns = 12345 };
    v_timing *timing = create(&clock, 100, 0);
    for (uint32_t i = 0; i < V_COUNT_OF(frames); i++) {
        v_virtual_clock_advance(&clock, frames[i].advance_us * 1000ull);
        v_timing_begin_frame(timing);
        assert_int_equal(run_ticks(timing), frames[i].ticks);
        assert_float_equal(v_timing_alpha(timing), frames[i].alpha, 1e-6f);
        v_timing_end_frame(timing);
    }
    v_timing_stats stats = v_timing_get_stats(timing);
    assert_int_equal(stats.frames, V_COUNT_OF(frames));
    assert_int_equal(stats.ticks, 26);
    assert_int_equal(stats.dropped_ticks, 7); // the frame of 150 ms had 15 due and ran 8
    v_timing_destroy(timing);
}

static void timing_ticks_do_not_drift_over_a_million(void **state)
{
    (void)state;
    const uint32_t rates[] = { 60, 59, 7, 144, 1000 };
    for (uint32_t i = 0; i < V_COUNT_OF(rates); i++) {
        v_virtual_clock clock = { 0 };
        v_timing *timing = create(&clock, rates[i], 0);
        v_random random = v_random_seed(i, 0);
        v_timing_begin_frame(timing);
        uint64_t ticks = 0;
        while (ticks < 1000000) {
            v_virtual_clock_advance(&clock, 1 + v_random_below(&random, 2000000000u / rates[i]));
            v_timing_begin_frame(timing);
            ticks += run_ticks(timing);
            // The oracle: exact rational arithmetic on the whole time.
            uint64_t whole_s = clock.now_ns / NS_PER_S, rest_ns = clock.now_ns % NS_PER_S;
            assert_int_equal(ticks, whole_s * rates[i] + rest_ns * rates[i] / NS_PER_S);
        }
        assert_int_equal(v_timing_get_stats(timing).ticks, ticks);
        assert_int_equal(v_timing_get_stats(timing).dropped_ticks, 0);
        v_timing_destroy(timing);
    }
}

static void timing_a_stall_is_clamped_and_counted(void **state)
{
    (void)state;
    static const struct {
        uint32_t catch_up, expected_ticks;
        uint64_t stall_ns, dropped;
    } cases[] = {
        { 0, 8, 2 * NS_PER_S, 112 },
        { 1, 1, NS_PER_S, 59 },
        { 60, 60, NS_PER_S, 0 },
        { 100, 60, NS_PER_S, 0 },
        { 8, 8, 86400ull * 365 * NS_PER_S, 86400ull * 365 * 60 - 8 }, // a year of suspension
        { 8, 8, UINT64_MAX, UINT64_MAX / NS_PER_S * 60 + UINT64_MAX % NS_PER_S * 60 / NS_PER_S - 8 },
    };
    for (uint32_t i = 0; i < V_COUNT_OF(cases); i++) {
        v_virtual_clock clock = { 0 };
        v_timing *timing = NULL;
        const v_timing_desc desc = { .source = v_virtual_clock_source(&clock), .catch_up_ticks = cases[i].catch_up };
        assert_int_equal(v_timing_create(&desc, &timing), V_OK);
        v_timing_begin_frame(timing);
        v_virtual_clock_advance(&clock, cases[i].stall_ns);
        v_timing_begin_frame(timing);
        assert_int_equal(run_ticks(timing), cases[i].expected_ticks);
        assert_int_equal(v_timing_get_stats(timing).dropped_ticks, cases[i].dropped);
        assert_true(v_timing_alpha(timing) >= 0.0f && v_timing_alpha(timing) <= 1.0f);
        v_timing_destroy(timing);
    }
}

static void timing_ticks_left_over_stay_due(void **state)
{
    (void)state;
    v_virtual_clock clock = { 0 };
    v_timing *timing = create(&clock, 100, 0);
    v_timing_begin_frame(timing);
    v_virtual_clock_advance(&clock, 30000000);
    v_timing_begin_frame(timing);
    assert_true(v_timing_next_tick(timing));
    assert_float_equal(v_timing_alpha(timing), 1.0f, 0.0f);
    v_timing_begin_frame(timing);
    assert_int_equal(run_ticks(timing), 2);
    v_timing_destroy(timing);
}

static void timing_a_clock_that_goes_back_gives_no_ticks(void **state)
{
    (void)state;
    v_virtual_clock clock = { .now_ns = NS_PER_S };
    v_timing *timing = create(&clock, 60, 30);
    v_timing_begin_frame(timing);
    v_timing_end_frame(timing);
    clock.now_ns = 0;
    v_timing_begin_frame(timing);
    assert_int_equal(run_ticks(timing), 0);
    v_timing_destroy(timing);
}

static void timing_limiter_meets_every_deadline_exactly(void **state)
{
    (void)state;
    const uint32_t rates[] = { 1, 7, 24, 30, 59, 60, 144, 1000, 999983 };
    for (uint32_t i = 0; i < V_COUNT_OF(rates); i++) {
        const uint64_t start_ns = 987654321;
        v_virtual_clock clock = { .now_ns = start_ns };
        v_timing *timing = create(&clock, 60, rates[i]);
        v_random random = v_random_seed(i, 0);
        for (uint64_t frame = 1; frame <= 20000; frame++) {
            v_timing_begin_frame(timing);
            v_virtual_clock_advance(&clock, v_random_below(&random, (uint32_t)(NS_PER_S / rates[i])));
            v_timing_end_frame(timing);
            assert_int_equal(clock.now_ns, start_ns + frame * NS_PER_S / rates[i]);
        }
        v_timing_destroy(timing);
    }
}

static void timing_limiter_handles_late_frames(void **state)
{
    (void)state;
    // max_fps 100. Work and the time at which the frame must end, in ms since the start.
    static const struct {
        uint32_t work_ms, end_ms;
    } frames[] = {
        { 3, 10 },   { 10, 20 }, { 0, 30 },    { 15, 45 }, // 5 ms late: no wait
        { 2, 50 },                                         // back on the schedule
        { 20, 70 },                                        // exactly one period late: the schedule stays
        { 1, 71 },   { 1, 80 },                            // deadlines 70 and 80
        { 25, 105 },                                       // later than a period: a new schedule starts here
        { 4, 115 },  { 4, 125 }, { 500, 625 }, { 1, 635 },
    };
    v_virtual_clock clock = { 0 };
    v_timing *timing = create(&clock, 60, 100);
    for (uint32_t i = 0; i < V_COUNT_OF(frames); i++) {
        v_timing_begin_frame(timing);
        v_virtual_clock_advance(&clock, frames[i].work_ms * 1000000ull);
        v_timing_end_frame(timing);
        assert_int_equal(clock.now_ns, frames[i].end_ms * 1000000ull);
    }
    v_timing_destroy(timing);
}

static void timing_max_fps_may_change_between_frames(void **state)
{
    (void)state;
    v_virtual_clock clock = { 0 };
    v_timing *timing = create(&clock, 60, 0);
    static const struct {
        uint32_t max_fps, end_ms;
    } frames[] = { { 0, 1 }, { 100, 11 }, { 100, 21 }, { 50, 41 }, { 50, 61 }, { 0, 62 }, { 10, 162 } };
    for (uint32_t i = 0; i < V_COUNT_OF(frames); i++) {
        v_timing_set_max_fps(timing, frames[i].max_fps);
        v_timing_begin_frame(timing);
        v_virtual_clock_advance(&clock, 1000000);
        v_timing_end_frame(timing);
        assert_int_equal(clock.now_ns, frames[i].end_ms * 1000000ull);
    }
    v_timing_destroy(timing);
}

static int compare_u64(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;
    return (left > right) - (left < right);
}

static void timing_stats_cover_the_last_1024_frames(void **state)
{
    (void)state;
    const uint32_t frame_counts[] = { 1, 2, 3, 99, 100, 101, 1023, 1024, 1025, 5000 };
    for (uint32_t c = 0; c < V_COUNT_OF(frame_counts); c++) {
        static uint64_t durations[5000];
        v_virtual_clock clock = { 0 };
        v_timing *timing = create(&clock, 60, 0);
        v_random random = v_random_seed(c, 0);
        for (uint32_t i = 0; i < frame_counts[c]; i++) {
            durations[i] = v_random_below(&random, i % 50 == 0 ? 100000000 : 1000); // few large ones, many equal
            v_timing_begin_frame(timing);
            v_virtual_clock_advance(&clock, durations[i]);
            v_timing_end_frame(timing);
        }
        uint32_t count = frame_counts[c] < 1024 ? frame_counts[c] : 1024;
        uint64_t *window = durations + frame_counts[c] - count, sum = 0, jitter = 0;
        for (uint32_t i = 0; i < count; i++) {
            sum += window[i];
            jitter += i > 0 ? (uint64_t)llabs((long long)window[i] - (long long)window[i - 1]) : 0;
        }
        v_timing_stats stats = v_timing_get_stats(timing);
        assert_int_equal(stats.mean_ns, sum / count);
        assert_int_equal(stats.jitter_ns, count > 1 ? jitter / (count - 1) : 0);
        qsort(window, count, sizeof(*window), compare_u64);
        assert_int_equal(stats.max_ns, window[count - 1]);
        assert_int_equal(stats.p99_ns, window[(count * 99 + 99) / 100 - 1]); // nearest rank
        v_timing_destroy(timing);
    }
}

static void timing_real_clock_waits_at_least_to_the_deadline(void **state)
{
    (void)state;
    v_timing *timing = NULL;
    assert_int_equal(v_timing_create(&(v_timing_desc){ .max_fps = 200 }, &timing), V_OK);
    uint64_t begin_ns = v_clock_ns();
    for (uint32_t frame = 0; frame < 10; frame++) {
        v_timing_begin_frame(timing);
        (void)run_ticks(timing);
        v_timing_end_frame(timing);
        assert_true(v_clock_ns() - begin_ns >= (frame + 1) * 5000000ull);
    }
    assert_int_equal(v_timing_get_stats(timing).frames, 10);
    v_timing_destroy(timing);
}

static void timing_allocates_nothing_after_create(void **state)
{
    (void)state;
    v_counted_allocator counted;
    v_counted_allocator_init(&counted, NULL);
    v_virtual_clock clock = { 0 };
    v_timing *timing = NULL;
    const v_timing_desc desc = { .allocator = &counted.allocator, .source = v_virtual_clock_source(&clock) };
    assert_int_equal(v_timing_create(&desc, &timing), V_OK);
    uint64_t before = v_counted_allocator_read(&counted).alloc_count;
    for (uint32_t i = 0; i < 3000; i++) {
        v_timing_begin_frame(timing);
        v_virtual_clock_advance(&clock, 20000000);
        (void)run_ticks(timing);
        v_timing_end_frame(timing);
        (void)v_timing_get_stats(timing);
    }
    assert_int_equal(v_counted_allocator_read(&counted).alloc_count, before);
    v_timing_destroy(timing);
    assert_int_equal(v_counted_allocator_read(&counted).live_bytes, 0);
}

static void timing_bad_arguments_are_errors(void **state)
{
    (void)state;
    v_timing *timing = NULL;
    assert_int_equal(v_timing_create(NULL, &timing), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_timing_create(&(v_timing_desc){ 0 }, NULL), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_timing_create(&(v_timing_desc){ .tick_hz = 1000001 }, &timing), V_ERROR_INVALID_ARGUMENT);
    assert_non_null(strstr(v_status_message(), "tick_hz is 1000001"));
    assert_int_equal(v_timing_create(&(v_timing_desc){ .max_fps = 1000001 }, &timing), V_ERROR_INVALID_ARGUMENT);
    v_time_source half = { .now_ns = v_real_clock_source().now_ns };
    assert_int_equal(v_timing_create(&(v_timing_desc){ .source = half }, &timing), V_ERROR_INVALID_ARGUMENT);
    assert_null(timing);
    assert_null(v_virtual_clock_source(NULL).now_ns);
    v_virtual_clock_advance(NULL, 1);
    v_timing_begin_frame(NULL);
    v_timing_end_frame(NULL);
    v_timing_set_max_fps(NULL, 1);
    assert_false(v_timing_next_tick(NULL));
    assert_int_equal(v_timing_tick_ns(NULL), 0);
    assert_int_equal(v_timing_get_stats(NULL).frames, 0);
    v_timing_destroy(NULL);

    v_virtual_clock clock = { 0 };
    timing = create(&clock, 0, 0);
    assert_int_equal(v_timing_tick_ns(timing), 16666666);
    assert_float_equal(v_timing_tick_s(timing), 1.0f / 60.0f, 0.0f);
    v_timing_end_frame(timing); // no frame was begun
    assert_non_null(strstr(v_status_message(), "no frame was begun"));
    assert_int_equal(v_timing_get_stats(timing).frames, 0);
    v_timing_set_max_fps(timing, 2000000);
    v_timing_begin_frame(timing);
    v_timing_end_frame(timing);
    assert_int_equal(clock.now_ns, 0); // refused: still unlimited
    v_timing_destroy(timing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timing_ticks_follow_the_clock),
        cmocka_unit_test(timing_ticks_do_not_drift_over_a_million),
        cmocka_unit_test(timing_a_stall_is_clamped_and_counted),
        cmocka_unit_test(timing_ticks_left_over_stay_due),
        cmocka_unit_test(timing_a_clock_that_goes_back_gives_no_ticks),
        cmocka_unit_test(timing_limiter_meets_every_deadline_exactly),
        cmocka_unit_test(timing_limiter_handles_late_frames),
        cmocka_unit_test(timing_max_fps_may_change_between_frames),
        cmocka_unit_test(timing_stats_cover_the_last_1024_frames),
        cmocka_unit_test(timing_real_clock_waits_at_least_to_the_deadline),
        cmocka_unit_test(timing_allocates_nothing_after_create),
        cmocka_unit_test(timing_bad_arguments_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
