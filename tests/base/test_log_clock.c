// The logger's timestamps agree with the system's clock, whatever counter they were taken from (E02).
#include "v_test.h"

#include "v/log.h"
#include "v/thread.h"

enum { LINES = 40 };

typedef struct times {
    uint64_t line_ns[LINES];
    uint32_t count;
} times;

static void keep_time(void *user, const v_log_line *line)
{
    times *kept = user;
    if (kept->count < LINES) {
        kept->line_ns[kept->count++] = line->time_ns;
    }
}

// Each line is written between two readings of the clock; so distances between lines lie between distances of readings.
static void timestamps_keep_the_distances_of_the_clock(void **state)
{
    (void)state;
    const uint64_t slack_ns = 50000; // of reading two clocks one after the other, and of rounding
    times kept = { .count = 0 };
    uint64_t before_ns[LINES], after_ns[LINES];
    v_log *log;
    assert_ok(v_log_create(&(v_log_desc){ .no_stderr = true, .callback = keep_time, .user = &kept }, &log));
    for (int i = 0; i < LINES; i++) {
        before_ns[i] = v_clock_ns();
        V_LOG_INFO(log, "test", "line %d", i);
        after_ns[i] = v_clock_ns();
        v_sleep_ns(i % 4 == 0 ? 5000000 : 1000);
    }
    v_log_flush(log);
    v_log_destroy(log);
    assert_int_equal(kept.count, LINES);
    for (int i = 1; i < LINES; i++) {
        uint64_t distance_ns = kept.line_ns[i] - kept.line_ns[0];
        assert_true(kept.line_ns[i] >= kept.line_ns[i - 1]);
        assert_true(distance_ns + slack_ns >= before_ns[i] - after_ns[0]);
        assert_true(distance_ns <= after_ns[i] - before_ns[0] + slack_ns);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(timestamps_keep_the_distances_of_the_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
