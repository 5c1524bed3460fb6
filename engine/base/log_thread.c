// The logger's thread: takes lines from the queue, makes their text and feeds file, stderr, ring and callback.
#include "log_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINES_PER_TURN   64u
#define SHORTEST_NAP_NS  (uint64_t)1000000
#define LONGEST_NAP_NS   (uint64_t)16000000
#define STALLED_NAP_NS   (uint64_t)20000
#define REPORT_PERIOD_NS (uint64_t)1000000000

// The logger that the calling thread belongs to.
static _Thread_local const v_log *own_log;

bool log_is_own_thread(const v_log *log)
{
    return own_log == log;
}

static bool write_all(int file, const char *data, size_t size_bytes)
{
    while (size_bytes > 0) {
        ssize_t size = write(file, data, size_bytes);
        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size <= 0) {
            return false;
        }
        data += size;
        size_bytes -= (size_t)size;
    }
    return true;
}

static void deliver(v_log *log, const v_log_line *line, size_t text_size);

static void report(v_log *log, const char *text)
{
    if (V_LOG_WARN >= v_log_get_level(log)) {
        const v_log_line line = { .time_ns = log_time_ns(), .level = V_LOG_WARN, .channel = "log", .text = text };
        deliver(log, &line, strlen(text));
    }
}

static void write_batch(v_log *log)
{
    size_t size = log->batch_size;
    log->batch_size = 0;
    if (size == 0) {
        return;
    }
    if (log->use_stderr && !write_all(STDERR_FILENO, log->batch, size)) {
        log->use_stderr = false;
    }
    if (log->file >= 0 && !write_all(log->file, log->batch, size)) {
        int error = errno;
        (void)close(log->file);
        log->file = -1;
        char text[LOG_TEXT_BYTES + 1];
        snprintf(text, sizeof(text), "cannot write log file '%s', it ends here: %s", log->file_path, strerror(error));
        report(log, text);
    }
}

static void remember(v_log *log, const v_log_line *line, size_t text_size)
{
    v_mutex_lock(log->recent_mutex);
    log_recent_line *recent = &log->recent[log->recent_count % log->recent_capacity];
    recent->time_ns = line->time_ns;
    recent->level = line->level;
    recent->channel = line->channel;
    memcpy(recent->text, line->text, text_size + 1);
    log->recent_count++;
    v_mutex_unlock(log->recent_mutex);
}

static void deliver(v_log *log, const v_log_line *line, size_t text_size)
{
    if (log->use_stderr || log->file >= 0) {
        if (LOG_BATCH_BYTES - log->batch_size < LOG_LINE_BYTES) {
            write_batch(log);
        }
        uint64_t time_us = line->time_ns / 1000;
        int size =
            snprintf(log->batch + log->batch_size, LOG_LINE_BYTES, "[%" PRIu64 ".%06" PRIu64 "s] [%.200s] %s %s\n",
                     time_us / 1000000, time_us % 1000000, line->channel, v_log_level_name(line->level), line->text);
        log->batch_size += size > 0 ? (size_t)size : 0;
    }
    remember(log, line, text_size);
    if (log->callback != NULL) {
        log->callback(log->user, line);
    }
}

static void deliver_slot(v_log *log, log_slot *slot)
{
    char text[LOG_TEXT_BYTES + 1];
    size_t size;
    if (slot->format != NULL) {
        size = log_render(text, slot->format, slot->payload);
    } else {
        size = slot->text_size;
        memcpy(text, slot->payload, sizeof(text));
    }
    size = log_clean(text, size);
    const v_log_line line = { .time_ns = log_clock_to_ns(&log->clock, slot->ticks),
                              .level = (v_log_level)slot->level,
                              .channel = slot->channel,
                              .text = text };
    deliver(log, &line, size);
}

// Deliver a few lines in order. How many there were.
static uint32_t take_lines(v_log *log)
{
    uint64_t position = atomic_load_explicit(&log->tail, memory_order_relaxed);
    uint32_t count = 0;
    log_clock_sample(&log->clock);
    for (; count < LINES_PER_TURN; count++, position++) {
        log_slot *slot = &log->slots[position & log->slot_mask];
        if (atomic_load_explicit(&slot->ready, memory_order_acquire) != position + 1) {
            break;
        }
        deliver_slot(log, slot);
        atomic_store_explicit(&log->tail, position + 1, memory_order_release);
    }
    return count;
}

static void announce_delivery(v_log *log, uint32_t count)
{
    atomic_fetch_add_explicit(&log->written, count, memory_order_relaxed);
    atomic_store(&log->delivered, atomic_load_explicit(&log->tail, memory_order_relaxed));
    if (atomic_load(&log->waiter_count) > 0) {
        v_mutex_lock(log->mutex);
        v_condition_broadcast(log->progress);
        v_mutex_unlock(log->mutex);
    }
}

// Say in the log itself what it is missing, at most once a second.
static void report_losses(v_log *log, bool now)
{
    uint64_t dropped = atomic_load_explicit(&log->dropped, memory_order_relaxed);
    uint64_t limited = atomic_load_explicit(&log->rate_limited, memory_order_relaxed);
    if (dropped == log->reported_dropped && limited == log->reported_rate_limited) {
        return;
    }
    uint64_t time_ns = log_time_ns();
    if (!now && log->report_time_ns != 0 && time_ns - log->report_time_ns < REPORT_PERIOD_NS) {
        return;
    }
    char text[LOG_TEXT_BYTES + 1];
    snprintf(text, sizeof(text), "%" PRIu64 " lines dropped by the full queue, %" PRIu64 " by the rate limit",
             dropped - log->reported_dropped, limited - log->reported_rate_limited);
    log->report_time_ns = time_ns;
    log->reported_dropped = dropped;
    log->reported_rate_limited = limited;
    report(log, text);
}

static void sleep_until_woken(v_log *log, uint64_t nap_ns)
{
    v_mutex_lock(log->mutex);
    atomic_store(&log->asleep, true);
    bool is_empty = atomic_load(&log->head) == atomic_load(&log->tail);
    if (is_empty && !atomic_load(&log->stopping)) {
        (void)v_condition_wait_for(log->wake, log->mutex, nap_ns);
    }
    atomic_store(&log->asleep, false);
    v_mutex_unlock(log->mutex);
}

void log_thread_run(void *user)
{
    v_log *log = user;
    own_log = log;
    uint64_t nap_ns = SHORTEST_NAP_NS;
    for (;;) {
        // Read before the queue: what was written before the stop is then seen below.
        bool stopping = atomic_load(&log->stopping);
        uint32_t count = take_lines(log);
        report_losses(log, stopping && count == 0);
        write_batch(log);
        if (count > 0) {
            announce_delivery(log, count);
            nap_ns = SHORTEST_NAP_NS;
            continue;
        }
        if (atomic_load(&log->head) != atomic_load(&log->tail)) {
            v_sleep_ns(STALLED_NAP_NS); // a caller has claimed a slot and not filled it yet
        } else if (stopping) {
            break;
        } else {
            sleep_until_woken(log, nap_ns);
            nap_ns = nap_ns * 2 < LONGEST_NAP_NS ? nap_ns * 2 : LONGEST_NAP_NS;
        }
    }
    write_batch(log);
}

void v_log_recent(v_log *log, void (*each)(void *user, const v_log_line *line), void *user)
{
    if (log == NULL || each == NULL) {
        return;
    }
    // Copied out one by one, so that `each` runs without a lock and may log itself.
    log_recent_line copy;
    v_mutex_lock(log->recent_mutex);
    uint64_t end = log->recent_count;
    v_mutex_unlock(log->recent_mutex);
    for (uint64_t i = end > log->recent_capacity ? end - log->recent_capacity : 0; i < end; i++) {
        v_mutex_lock(log->recent_mutex);
        uint64_t oldest = log->recent_count > log->recent_capacity ? log->recent_count - log->recent_capacity : 0;
        i = i > oldest ? i : oldest;
        copy = log->recent[i % log->recent_capacity];
        v_mutex_unlock(log->recent_mutex);
        if (i < end) {
            each(user, &(v_log_line){
                           .time_ns = copy.time_ns, .level = copy.level, .channel = copy.channel, .text = copy.text });
        }
    }
}
