// E02: what a line looks like, where it goes, what is dropped, and that many threads lose nothing.
#include "v_test.h"

#include "log_internal.h"
#include "v/file.h"
#include "v/log.h"
#include "v/thread.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#define LINE_CAPACITY  64
#define PRODUCER_COUNT 8
#define LINES_EACH     2000

// Allows some allocations and refuses the rest.
typedef struct failing_allocator {
    v_allocator allocator;
    int allowed, live_count;
} failing_allocator;

static void *failing_alloc(void *user, size_t size_bytes, size_t align_bytes)
{
    failing_allocator *failing = user;
    if (failing->allowed == 0) {
        return NULL;
    }
    failing->allowed--;
    failing->live_count++;
    return v_alloc(NULL, size_bytes, align_bytes);
}

static void failing_free(void *user, void *memory, size_t size_bytes, size_t align_bytes)
{
    failing_allocator *failing = user;
    failing->live_count--;
    v_free(NULL, memory, size_bytes, align_bytes);
}

static void failing_allocator_init(failing_allocator *failing, int allowed)
{
    *failing = (failing_allocator){ .allocator = { failing_alloc, failing_free, failing }, .allowed = allowed };
}

// What a callback saw.
typedef struct log_recorder {
    v_log *log;
    v_log_line lines[LINE_CAPACITY];
    char texts[LINE_CAPACITY][LOG_TEXT_BYTES + 1];
    uint32_t count;
} log_recorder;

static void record(void *user, const v_log_line *line)
{
    log_recorder *recorder = user;
    if (recorder->count < LINE_CAPACITY) {
        recorder->lines[recorder->count] = *line;
        snprintf(recorder->texts[recorder->count], LOG_TEXT_BYTES + 1, "%s", line->text);
        recorder->count++;
    }
}

static v_log *create_recorded(log_recorder *recorder, v_log_desc desc)
{
    memset(recorder, 0, sizeof(*recorder));
    desc.no_stderr = true;
    desc.callback = record;
    desc.user = recorder;
    assert_ok(v_log_create(&desc, &recorder->log));
    return recorder->log;
}

static void temporary_path(char *out, size_t capacity, const char *name)
{
    snprintf(out, capacity, "%s/test_log_%ld_%s", V_BINARY_DIR, (long)getpid(), name);
    (void)unlink(out);
}

static void a_line_in_the_file_has_time_channel_level_and_text(void **state)
{
    (void)state;
    char path[512];
    temporary_path(path, sizeof(path), "line.log");
    v_log *log;
    assert_ok(v_log_create(&(v_log_desc){ .no_stderr = true, .file_path = path }, &log));
    V_LOG_INFO(log, "render", "Present mode: %s", "FIFO");
    V_LOG_ERROR(log, "gpu", "device %d lost", 2);
    v_log_destroy(log);

    v_blob blob;
    assert_ok(v_file_read(path, NULL, 0, &blob));
    const char *text = (const char *)blob.data;
    unsigned seconds, microseconds;
    int end = 0;
    assert_int_equal(sscanf(text, "[%u.%6us] [render] INFO Present mode: FIFO\n%n", &seconds, &microseconds, &end), 2);
    assert_true(end > 0);
    assert_true(text[0] == '[' && strchr(text, 's') - strchr(text, '.') == 7);
    int second_end = 0;
    sscanf(text + end, "[%u.%6us] [gpu] ERROR device 2 lost\n%n", &seconds, &microseconds, &second_end);
    assert_int_equal(end + second_end, blob.size_bytes);
    v_blob_free(&blob, NULL);
    unlink(path);
}

static void the_file_is_appended_to(void **state)
{
    (void)state;
    char path[512];
    temporary_path(path, sizeof(path), "append.log");
    for (int i = 0; i < 2; i++) {
        v_log *log;
        assert_ok(v_log_create(&(v_log_desc){ .no_stderr = true, .file_path = path }, &log));
        V_LOG_INFO(log, "test", "run %d", i);
        v_log_destroy(log);
    }
    v_blob blob;
    assert_ok(v_file_read(path, NULL, 0, &blob));
    assert_non_null(strstr((const char *)blob.data, "run 0\n"));
    assert_non_null(strstr((const char *)blob.data, "run 1\n"));
    v_blob_free(&blob, NULL);
    unlink(path);
}

static void a_file_that_cannot_be_opened_is_named(void **state)
{
    (void)state;
    char untouched;
    v_log *log = (v_log *)&untouched;
    assert_fails(v_log_create(&(v_log_desc){ .no_stderr = true, .file_path = "/nowhere/x.log" }, &log), V_ERROR_IO,
                 "/nowhere/x.log");
    assert_null(log);
}

static void a_full_disk_ends_the_file_and_is_reported(void **state)
{
    (void)state;
    if (access("/dev/full", W_OK) != 0) {
        skip();
    }
    log_recorder recorder;
    v_log *log = create_recorded(&recorder, (v_log_desc){ .file_path = "/dev/full" });
    V_LOG_INFO(log, "test", "one");
    v_log_flush(log);
    V_LOG_INFO(log, "test", "two");
    v_log_destroy(log);
    assert_int_equal(recorder.count, 3);
    assert_non_null(strstr(recorder.texts[1], "cannot write log file '/dev/full'"));
    assert_string_equal(recorder.texts[2], "two");
}

static void bad_descriptions_are_refused(void **state)
{
    (void)state;
    v_log *log;
    assert_fails(v_log_create(NULL, NULL), V_ERROR_INVALID_ARGUMENT, "out_log");
    assert_fails(v_log_create(&(v_log_desc){ .level = (v_log_level)9 }, &log), V_ERROR_INVALID_ARGUMENT, "level");
    assert_fails(v_log_create(&(v_log_desc){ .queue_lines = 1u << 30 }, &log), V_ERROR_INVALID_ARGUMENT, "queue_lines");
    assert_fails(v_log_create(&(v_log_desc){ .ring_lines = 1u << 30 }, &log), V_ERROR_INVALID_ARGUMENT, "ring_lines");
}

static void a_null_log_drops_everything(void **state)
{
    (void)state;
    V_LOG_ERROR(NULL, "test", "nobody hears %d", 1);
    v_log_flush(NULL);
    v_log_set_level(NULL, V_LOG_INFO);
    assert_int_equal(v_log_get_level(NULL), V_LOG_OFF);
    assert_int_equal(v_log_get_stats(NULL).written, 0);
    v_log_recent(NULL, record, NULL);
    v_log_destroy(NULL);
}

static void lines_below_the_level_are_dropped_uncounted(void **state)
{
    (void)state;
    log_recorder recorder;
    v_log *log = create_recorded(&recorder, (v_log_desc){ .level = V_LOG_INFO });
    V_LOG_DEBUG(log, "test", "hidden");
    V_LOG_INFO(log, "test", "shown");
    v_log_set_level(log, V_LOG_ERROR);
    assert_int_equal(v_log_get_level(log), V_LOG_ERROR);
    V_LOG_WARN(log, "test", "hidden");
    V_LOG_ERROR(log, "test", "shown");
    v_log_set_level(log, V_LOG_OFF);
    V_LOG_ERROR(log, "test", "hidden");
    v_log_write(log, V_LOG_OFF, "test", "hidden");
    v_log_write(log, (v_log_level)77, "test", "hidden");
    v_log_flush(log);
    assert_int_equal(recorder.count, 2);
    assert_int_equal(v_log_get_stats(log).written, 2);
    assert_int_equal(v_log_get_stats(log).dropped, 0);
    v_log_destroy(log);
}

static void level_names_are_those_of_the_lines(void **state)
{
    (void)state;
    assert_string_equal(v_log_level_name(V_LOG_TRACE), "TRACE");
    assert_string_equal(v_log_level_name(V_LOG_DEBUG), "DEBUG");
    assert_string_equal(v_log_level_name(V_LOG_INFO), "INFO");
    assert_string_equal(v_log_level_name(V_LOG_WARN), "WARN");
    assert_string_equal(v_log_level_name(V_LOG_ERROR), "ERROR");
    assert_string_equal(v_log_level_name((v_log_level)-1), "UNKNOWN");
}

static void times_count_from_the_start_of_the_process(void **state)
{
    (void)state;
    log_recorder recorder;
    v_log *log = create_recorded(&recorder, (v_log_desc){ 0 });
    uint64_t before = log_time_ns();
    V_LOG_INFO(log, "test", "x");
    uint64_t after = log_time_ns();
    v_log_flush(log);
    assert_in_range(recorder.lines[0].time_ns, before, after);
    assert_true(before < v_clock_ns());
    v_log_destroy(log);
}

static void newlines_and_control_characters_become_spaces(void **state)
{
    (void)state;
    log_recorder recorder;
    v_log *log = create_recorded(&recorder, (v_log_desc){ 0 });
    V_LOG_INFO(log, "test", "a\nb%s%c\td", "\r\x1b[2J\x7f", 0);
    v_log_flush(log);
    assert_string_equal(recorder.texts[0], "a b  [2J  \td");
    v_log_destroy(log);
}

static void text_is_cut_at_400_bytes_between_code_points(void **state)
{
    (void)state;
    log_recorder recorder;
    v_log *log = create_recorded(&recorder, (v_log_desc){ 0 });
    char text[600];
    memset(text, 'x', sizeof(text));
    text[599] = '\0';
    V_LOG_INFO(log, "test", "%s", text);
    memcpy(text + 399, "\xC3\xA4", 2); // an a-umlaut across the limit
    V_LOG_INFO(log, "test", "%s", text);
    V_LOG_INFO(log, "test", "%300s|%300s", "left", "right");
    memcpy(text + 398, "\xC3\xA4z", 3); // one that ends at it
    V_LOG_INFO(log, "test", "%.450s", text);
    v_log_flush(log);
    assert_int_equal(strlen(recorder.texts[0]), 400);
    assert_int_equal(strlen(recorder.texts[1]), 399);
    assert_int_equal(strlen(recorder.texts[2]), 400);
    assert_memory_equal(recorder.texts[2] + 294, "  left|  ", 9);
    assert_int_equal(strlen(recorder.texts[3]), 400);
    v_log_destroy(log);
}

static void strings_are_copied_at_the_call(void **state)
{
    (void)state;
    log_recorder recorder;
    v_log *log = create_recorded(&recorder, (v_log_desc){ 0 });
    char name[16] = "before";
    V_LOG_INFO(log, "test", "%s and %.3s", name, name);
    memset(name, '?', sizeof(name) - 1);
    v_log_flush(log);
    assert_string_equal(recorder.texts[0], "before and bef");
    v_log_destroy(log);
}

// Each format is printed by the logger and by snprintf; the texts must be the same.
#define assert_same_text(...)                                                                                          \
    do {                                                                                                               \
        char expected[1024];                                                                                           \
        snprintf(expected, sizeof(expected), __VA_ARGS__);                                                             \
        expected[LOG_TEXT_BYTES] = '\0';                                                                               \
        log_recorder recorder;                                                                                         \
        v_log *log = create_recorded(&recorder, (v_log_desc){ 0 });                                                    \
        V_LOG_INFO(log, "test", __VA_ARGS__);                                                                          \
        v_log_destroy(log);                                                                                            \
        assert_int_equal(recorder.count, 1);                                                                           \
        assert_string_equal(recorder.texts[0], expected);                                                              \
    } while (0)

// A format that the compiler must not check: it would refuse arguments that the conversion cuts, and repeated flags.
static const char *unchecked(const char *format)
{
    return format;
}

static void every_conversion_prints_as_printf_does(void **state)
{
    (void)state;
    assert_same_text("plain");
    assert_same_text("%%|%d%%|%%%i|%u", -1, INT32_MIN, UINT32_MAX);
    assert_same_text("%5d|%-5d|%05d|%+d|% d|%.3d|%*d|%-*d|%.*d", 42, 42, 42, 42, 42, 42, 6, 42, 6, 42, 4, 42);
    assert_same_text("%*d|%.*d|%.*s", -6, 42, -1, 42, -1, "whole");
    assert_same_text("%.0d|%.s|%#.0f", 0, "gone", 3.0);
    assert_same_text(unchecked("%hhd %hhu %hd %hu"), 300, 300, 70000, 70000);
    assert_same_text("%ld %lu %lld %llu", INT64_MIN, UINT64_MAX, (long long)INT64_MAX, (unsigned long long)UINT64_MAX);
    assert_same_text("%jd %ju %zu %zd %td", INTMAX_MIN, UINTMAX_MAX, SIZE_MAX, (ssize_t)-3, (ptrdiff_t)-4);
    assert_same_text("%" PRId64 " %" PRIu64 " %" PRIx64, INT64_MIN, UINT64_MAX, UINT64_MAX);
    assert_same_text("%x %X %#x %o %#o %08x", 0xBEEFu, 0xBEEFu, 0xBEEFu, 8u, 8u, 0xABCu);
    assert_same_text("%f %.2f %8.3f %e %E %g %G %a %A %lf", 1.5, 2.345, -3.0, 1e10, 1e-10, 0.1, 1e20, 1.0, 2.0, 4.25);
    assert_same_text("%f %F %g", (double)INFINITY, -(double)INFINITY, (double)NAN);
    assert_same_text("%c%c%c|%3c|%-3c|", 'a', 'b', 'c', 'd', 'e');
    assert_same_text("%s|%10s|%-10s|%.2s|%10.2s|%*.*s", "text", "text", "text", "text", "text", 8, 3, "text");
    assert_same_text("%p %p", (void *)expected, NULL);
    assert_same_text("%s %s", "", "after nothing");
}

static void a_null_string_prints_as_null(void **state)
{
    (void)state;
    log_recorder recorder;
    v_log *log = create_recorded(&recorder, (v_log_desc){ 0 });
    const char *const volatile nothing = NULL;
    V_LOG_INFO(log, "test", "%s", nothing);
    v_log_write(log, V_LOG_INFO, NULL, "no channel");
    v_log_write(log, V_LOG_INFO, "test", (const char *)nothing);
    v_log_destroy(log);
    assert_int_equal(recorder.count, 2);
    assert_string_equal(recorder.texts[0], "(null)");
    assert_string_equal(recorder.lines[1].channel, "");
}

static void rare_conversions_take_the_slow_path_and_print_the_same(void **state)
{
    (void)state;
    assert_same_text("%Lf %d", (long double)1.25L, 7);
    assert_same_text("%ls %d", L"wide", 7);
    assert_same_text("%lc %d", (wint_t)L'w', 7);
    assert_same_text(unchecked("%------------------------------5d|"), 7);
    assert_same_text("%2$s %1$d", 7, "position");
    // More arguments than a slot holds.
    assert_same_text("%d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d "
                     "%d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d %d",
                     0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
                     27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51,
                     52, 53, 54, 55, 56, 57, 58, 59);
    char text[480];
    memset(text, 'y', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    assert_same_text("%460s|%d", text, 7);
}

// Holds the logger's thread in the callback of its first line until the gate opens.
typedef struct log_gate {
    v_mutex *mutex;
    v_condition *condition;
    bool is_entered, is_open;
    uint32_t line_count;
    char last_text[LOG_TEXT_BYTES + 1];
} log_gate;

static void wait_at_gate(void *user, const v_log_line *line)
{
    log_gate *gate = user;
    v_mutex_lock(gate->mutex);
    gate->is_entered = true;
    v_condition_broadcast(gate->condition);
    while (!gate->is_open) {
        v_condition_wait(gate->condition, gate->mutex);
    }
    gate->line_count++;
    snprintf(gate->last_text, sizeof(gate->last_text), "%s", line->text);
    v_mutex_unlock(gate->mutex);
}

static v_log *create_gated(log_gate *gate)
{
    *gate = (log_gate){ 0 };
    assert_ok(v_mutex_create(NULL, &gate->mutex));
    assert_ok(v_condition_create(NULL, &gate->condition));
    v_log *log;
    assert_ok(v_log_create(&(v_log_desc){ .no_stderr = true, .queue_lines = 5, .callback = wait_at_gate, .user = gate },
                           &log));
    V_LOG_INFO(log, "test", "first");
    v_mutex_lock(gate->mutex);
    while (!gate->is_entered) {
        v_condition_wait(gate->condition, gate->mutex);
    }
    v_mutex_unlock(gate->mutex);
    return log;
}

static void open_gate(log_gate *gate)
{
    v_mutex_lock(gate->mutex);
    gate->is_open = true;
    v_condition_broadcast(gate->condition);
    v_mutex_unlock(gate->mutex);
}

static void destroy_gated(log_gate *gate, v_log *log)
{
    v_log_destroy(log);
    v_condition_destroy(gate->condition);
    v_mutex_destroy(gate->mutex);
}

static void a_full_queue_drops_and_counts_and_says_so(void **state)
{
    (void)state;
    log_gate gate;
    v_log *log = create_gated(&gate);
    // The queue has 8 slots (5 rounded up), and the first line still holds one.
    for (int i = 0; i < 10; i++) {
        V_LOG_INFO(log, "test", "line %d", i);
    }
    assert_int_equal(v_log_get_stats(log).dropped, 3);
    open_gate(&gate);
    v_log_flush(log);
    assert_int_equal(v_log_get_stats(log).written, 8);
    V_LOG_INFO(log, "test", "after");
    v_log_flush(log);
    assert_int_equal(v_log_get_stats(log).written, 9);
    assert_int_equal(gate.line_count, 10);
    destroy_gated(&gate, log);
}

static void write_warning(void *user)
{
    V_LOG_WARN((v_log *)user, "test", "a warning that waits");
}

static void warnings_wait_for_room(void **state)
{
    (void)state;
    log_gate gate;
    v_log *log = create_gated(&gate);
    for (int i = 0; i < 7; i++) {
        V_LOG_INFO(log, "test", "line %d", i);
    }
    v_thread *thread;
    assert_ok(v_thread_create(NULL, "warner", write_warning, log, &thread));
    open_gate(&gate);
    v_thread_join(thread);
    v_log_flush(log);
    assert_int_equal(v_log_get_stats(log).dropped, 0);
    assert_int_equal(gate.line_count, 9);
    assert_string_equal(gate.last_text, "a warning that waits");
    destroy_gated(&gate, log);
}

static uint64_t current_second(void)
{
    return log_time_ns() / 1000000000u;
}

static void each_format_has_its_own_rate_limit(void **state)
{
    (void)state;
    log_recorder recorder;
    uint64_t second;
    v_log *log = NULL;
    do { // again when the second ended meanwhile
        v_log_destroy(log);
        log = create_recorded(&recorder, (v_log_desc){ .rate_limit_per_s = 3 });
        second = current_second();
        for (int i = 0; i < 10; i++) {
            V_LOG_ERROR(log, "test", "often %d", i);
        }
        V_LOG_INFO(log, "test", "rare");
    } while (current_second() != second);
    assert_int_equal(v_log_get_stats(log).rate_limited, 7);
    while (current_second() == second) {
        v_sleep_ns(1000000);
    }
    V_LOG_INFO(log, "test", "often %d", 10);
    for (int i = 0; i < 3; i++) {
        V_LOG_INFO(log, "test", "another");
    }
    v_log_destroy(log);
    const char *const expected[] = { "often 0", "often 1", "often 2", "rare" };
    for (size_t i = 0; i < V_COUNT_OF(expected); i++) {
        assert_string_equal(recorder.texts[i], expected[i]);
    }
    assert_string_equal(recorder.texts[4], "0 lines dropped by the full queue, 7 by the rate limit");
    assert_int_equal(recorder.lines[4].level, V_LOG_WARN);
    assert_string_equal(recorder.lines[4].channel, "log");
    assert_string_equal(recorder.texts[5], "often 10");
    assert_int_equal(recorder.count, 9);
}

static void a_flush_returns_after_the_sinks_have_every_line(void **state)
{
    (void)state;
    char path[512];
    temporary_path(path, sizeof(path), "flush.log");
    log_recorder recorder;
    v_log *log = create_recorded(&recorder, (v_log_desc){ .file_path = path });
    size_t previous_size = 0;
    for (uint32_t i = 1; i <= 50; i++) {
        V_LOG_INFO(log, "test", "line %u", i);
        v_log_flush(log);
        assert_int_equal(recorder.count, i);
        v_blob blob;
        assert_ok(v_file_read(path, NULL, 0, &blob));
        assert_true(blob.size_bytes > previous_size);
        previous_size = blob.size_bytes;
        v_blob_free(&blob, NULL);
    }
    v_log_destroy(log);
    unlink(path);
}

static void destroy_writes_what_is_queued(void **state)
{
    (void)state;
    log_recorder recorder;
    v_log *log = create_recorded(&recorder, (v_log_desc){ 0 });
    for (int i = 0; i < 40; i++) {
        V_LOG_INFO(log, "test", "line %d", i);
    }
    v_log_destroy(log);
    assert_int_equal(recorder.count, 40);
    assert_string_equal(recorder.texts[39], "line 39");
}

static void the_ring_keeps_the_latest_lines_oldest_first(void **state)
{
    (void)state;
    v_log *log;
    assert_ok(v_log_create(&(v_log_desc){ .no_stderr = true, .ring_lines = 4 }, &log));
    log_recorder recorder = { 0 };
    v_log_recent(log, record, &recorder);
    assert_int_equal(recorder.count, 0);
    for (int i = 0; i < 10; i++) {
        V_LOG_WARN(log, "ui", "line %d", i);
    }
    v_log_flush(log);
    v_log_recent(log, record, &recorder);
    assert_int_equal(recorder.count, 4);
    for (uint32_t i = 0; i < 4; i++) {
        char expected[16];
        snprintf(expected, sizeof(expected), "line %u", i + 6);
        assert_string_equal(recorder.texts[i], expected);
        assert_string_equal(recorder.lines[i].channel, "ui");
        assert_int_equal(recorder.lines[i].level, V_LOG_WARN);
    }
    v_log_destroy(log);
}

static void a_line_costs_no_allocation(void **state)
{
    (void)state;
    v_counted_allocator counted;
    v_counted_allocator_init(&counted, NULL);
    v_log *log;
    assert_ok(v_log_create(
        &(v_log_desc){ .allocator = &counted.allocator, .no_stderr = true, .rate_limit_per_s = 100000 }, &log));
    uint64_t before = v_counted_allocator_read(&counted).alloc_count;
    for (int i = 0; i < 1000; i++) {
        V_LOG_INFO(log, "test", "line %d of %s", i, "many");
    }
    v_log_flush(log);
    assert_int_equal(v_counted_allocator_read(&counted).alloc_count, before);
    v_log_destroy(log);
    assert_int_equal(v_counted_allocator_read(&counted).live_bytes, 0);
}

static void log_from_callback(void *user, const v_log_line *line)
{
    v_log **log = user;
    if (strcmp(line->text, "start") == 0) {
        for (int i = 0; i < 20; i++) {
            V_LOG_ERROR(*log, "test", "from the callback");
        }
        v_log_flush(*log);
    }
}

static void a_callback_that_logs_does_not_hang(void **state)
{
    (void)state;
    v_log *log;
    assert_ok(v_log_create(
        &(v_log_desc){ .no_stderr = true, .queue_lines = 8, .callback = log_from_callback, .user = &log }, &log));
    V_LOG_INFO(log, "test", "start");
    v_log_flush(log);
    v_log_flush(log);
    v_log_stats stats = v_log_get_stats(log);
    assert_int_equal(stats.written, 8);
    assert_int_equal(stats.dropped, 13);
    v_log_destroy(log);
}

// What many producers wrote, as one callback saw it.
typedef struct log_crowd {
    v_log *log;
    v_log_level level;
    _Atomic uint32_t next_producer;
    uint32_t next_line[PRODUCER_COUNT];
    uint32_t line_count, wrong_count;
} log_crowd;

static void check_crowd_line(void *user, const v_log_line *line)
{
    log_crowd *crowd = user;
    if (strcmp(line->channel, "crowd") != 0) {
        return;
    }
    unsigned producer = PRODUCER_COUNT;
    unsigned number = 0;
    char expected[128];
    sscanf(line->text, "producer %u line %u", &producer, &number);
    snprintf(expected, sizeof(expected), "producer %u line %u %s %.3f", producer, number,
             number % 2 == 0 ? "even even even even even" : "odd", (double)number * 0.5);
    crowd->line_count++;
    if (producer >= PRODUCER_COUNT || strcmp(line->text, expected) != 0 || number < crowd->next_line[producer]) {
        crowd->wrong_count++;
        return;
    }
    crowd->next_line[producer] = number + 1;
}

static void produce(void *user)
{
    log_crowd *crowd = user;
    uint32_t producer = atomic_fetch_add(&crowd->next_producer, 1);
    for (uint32_t i = 0; i < LINES_EACH; i++) {
        v_log_write(crowd->log, crowd->level, "crowd", "producer %u line %u %s %.3f", producer, i,
                    i % 2 == 0 ? "even even even even even" : "odd", (double)i * 0.5);
        if (i % 500 == 0) {
            v_log_flush(crowd->log);
        }
    }
}

static void count_line(void *user, const v_log_line *line)
{
    (void)line;
    (*(uint32_t *)user)++;
}

static v_log_stats run_crowd(log_crowd *crowd, v_log_level level, uint32_t queue_lines)
{
    *crowd = (log_crowd){ .level = level };
    assert_ok(v_log_create(
        &(v_log_desc){ .no_stderr = true, .queue_lines = queue_lines, .callback = check_crowd_line, .user = crowd },
        &crowd->log));
    v_thread *threads[PRODUCER_COUNT];
    for (int i = 0; i < PRODUCER_COUNT; i++) {
        assert_ok(v_thread_create(NULL, "producer", produce, crowd, &threads[i]));
    }
    uint32_t recent_count = 0;
    for (int i = 0; i < 20; i++) {
        v_log_recent(crowd->log, count_line, &recent_count);
    }
    for (int i = 0; i < PRODUCER_COUNT; i++) {
        v_thread_join(threads[i]);
    }
    v_log_flush(crowd->log);
    v_log_stats stats = v_log_get_stats(crowd->log);
    v_log_destroy(crowd->log);
    return stats;
}

static void eight_producers_lose_no_warning_and_keep_their_order(void **state)
{
    (void)state;
    log_crowd crowd;
    v_log_stats stats = run_crowd(&crowd, V_LOG_WARN, 64);
    assert_int_equal(stats.dropped, 0);
    assert_int_equal(crowd.wrong_count, 0);
    assert_int_equal(crowd.line_count, PRODUCER_COUNT * LINES_EACH);
    assert_int_equal(stats.written, PRODUCER_COUNT * LINES_EACH);
    for (int i = 0; i < PRODUCER_COUNT; i++) {
        assert_int_equal(crowd.next_line[i], LINES_EACH);
    }
}

static void every_line_of_eight_producers_is_written_or_counted(void **state)
{
    (void)state;
    log_crowd crowd;
    v_log_stats stats = run_crowd(&crowd, V_LOG_INFO, 64);
    assert_int_equal(crowd.wrong_count, 0);
    assert_int_equal(stats.written + stats.dropped, PRODUCER_COUNT * LINES_EACH);
    assert_int_equal(crowd.line_count, stats.written);
}

static void allocation_failures_are_reported(void **state)
{
    (void)state;
    v_log *log = NULL;
    for (int allowed = 0; allowed < 64; allowed++) {
        failing_allocator failing;
        failing_allocator_init(&failing, allowed);
        v_status status = v_log_create(
            &(v_log_desc){
                .allocator = &failing.allocator, .no_stderr = true, .rate_limit_per_s = 1, .file_path = "/dev/null" },
            &log);
        v_log_destroy(log);
        assert_int_equal(failing.live_count, 0);
        if (status == V_OK) {
            assert_true(allowed > 5);
            return;
        }
        assert_int_equal(status, V_ERROR_OUT_OF_MEMORY);
    }
    fail_msg("v_log_create allocates without end");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_in_the_file_has_time_channel_level_and_text),
        cmocka_unit_test(the_file_is_appended_to),
        cmocka_unit_test(a_file_that_cannot_be_opened_is_named),
        cmocka_unit_test(a_full_disk_ends_the_file_and_is_reported),
        cmocka_unit_test(bad_descriptions_are_refused),
        cmocka_unit_test(a_null_log_drops_everything),
        cmocka_unit_test(lines_below_the_level_are_dropped_uncounted),
        cmocka_unit_test(level_names_are_those_of_the_lines),
        cmocka_unit_test(times_count_from_the_start_of_the_process),
        cmocka_unit_test(newlines_and_control_characters_become_spaces),
        cmocka_unit_test(text_is_cut_at_400_bytes_between_code_points),
        cmocka_unit_test(strings_are_copied_at_the_call),
        cmocka_unit_test(every_conversion_prints_as_printf_does),
        cmocka_unit_test(a_null_string_prints_as_null),
        cmocka_unit_test(rare_conversions_take_the_slow_path_and_print_the_same),
        cmocka_unit_test(a_full_queue_drops_and_counts_and_says_so),
        cmocka_unit_test(warnings_wait_for_room),
        cmocka_unit_test(each_format_has_its_own_rate_limit),
        cmocka_unit_test(a_flush_returns_after_the_sinks_have_every_line),
        cmocka_unit_test(destroy_writes_what_is_queued),
        cmocka_unit_test(the_ring_keeps_the_latest_lines_oldest_first),
        cmocka_unit_test(a_line_costs_no_allocation),
        cmocka_unit_test(a_callback_that_logs_does_not_hang),
        cmocka_unit_test(eight_producers_lose_no_warning_and_keep_their_order),
        cmocka_unit_test(every_line_of_eight_producers_is_written_or_counted),
        cmocka_unit_test(allocation_failures_are_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
