// The logger for its callers: create, write without a lock, wait for delivery.
#include "log_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_RING_LINES  256u
#define DEFAULT_QUEUE_LINES 4096u
#define MAX_RING_LINES      (1u << 16)
#define MAX_QUEUE_LINES     (1u << 20)
#define MIN_QUEUE_LINES     8u

const char *v_log_level_name(v_log_level level)
{
    static const char *const names[] = { "TRACE", "DEBUG", "INFO", "WARN", "ERROR", "OFF" };
    return (unsigned)level < V_COUNT_OF(names) ? names[level] : "UNKNOWN";
}

static v_status check_desc(const v_log_desc *desc)
{
    if ((unsigned)desc->level > V_LOG_OFF) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_log_create: level %d is none", (int)desc->level);
    }
    if (desc->queue_lines > MAX_QUEUE_LINES) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_log_create: queue_lines %u is above %u", desc->queue_lines,
                      MAX_QUEUE_LINES);
    }
    if (desc->ring_lines > MAX_RING_LINES) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_log_create: ring_lines %u is above %u", desc->ring_lines,
                      MAX_RING_LINES);
    }
    return V_OK;
}

static uint64_t queue_capacity(uint32_t wanted)
{
    uint64_t capacity = MIN_QUEUE_LINES;
    while (capacity < (wanted == 0 ? DEFAULT_QUEUE_LINES : wanted)) {
        capacity *= 2;
    }
    return capacity;
}

static v_status open_file(v_log *log, const char *path)
{
    log->file_path_bytes = strlen(path) + 1;
    log->file_path = v_alloc(log->allocator, log->file_path_bytes, 1);
    if (log->file_path == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    memcpy(log->file_path, path, log->file_path_bytes);
    log->file = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (log->file < 0) {
        return v_fail(V_ERROR_IO, "cannot open log file '%s': %s", path, strerror(errno));
    }
    return V_OK;
}

static v_status allocate_parts(v_log *log, const v_log_desc *desc)
{
    uint64_t capacity = queue_capacity(desc->queue_lines);
    log->slot_mask = capacity - 1;
    log->slots = V_NEW_ARRAY(log->allocator, log_slot, capacity);
    log->batch = v_alloc(log->allocator, LOG_BATCH_BYTES, 1);
    log->recent_capacity = desc->ring_lines != 0 ? desc->ring_lines : DEFAULT_RING_LINES;
    log->recent = V_NEW_ARRAY(log->allocator, log_recent_line, log->recent_capacity);
    if (log->slots == NULL || log->batch == NULL || log->recent == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    if (desc->rate_limit_per_s > 0) {
        log->rate_limit_per_s = desc->rate_limit_per_s;
        log->rates = V_NEW_ARRAY(log->allocator, log_rate, LOG_RATE_CAPACITY);
        if (log->rates == NULL) {
            return V_ERROR_OUT_OF_MEMORY;
        }
    }
    V_TRY(v_mutex_create(log->allocator, &log->mutex));
    V_TRY(v_mutex_create(log->allocator, &log->recent_mutex));
    V_TRY(v_condition_create(log->allocator, &log->wake));
    return v_condition_create(log->allocator, &log->progress);
}

v_status v_log_create(const v_log_desc *desc, v_log **out_log)
{
    if (out_log == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_log_create: out_log must not be null");
    }
    *out_log = NULL;
    const v_log_desc defaults = { 0 };
    if (desc == NULL) {
        desc = &defaults;
    }
    V_TRY(check_desc(desc));
    v_log *log = V_NEW(desc->allocator, v_log);
    if (log == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    log->allocator = desc->allocator;
    log->file = -1;
    log->use_stderr = !desc->no_stderr;
    log->callback = desc->callback;
    log->user = desc->user;
    atomic_init(&log->level, (int)desc->level);
    v_status status = allocate_parts(log, desc);
    if (status == V_OK && desc->file_path != NULL) {
        status = open_file(log, desc->file_path);
    }
    if (status == V_OK) {
        status = v_thread_create(log->allocator, "v-log", log_thread_run, log, &log->thread);
    }
    if (status != V_OK) {
        v_log_destroy(log);
        return status;
    }
    *out_log = log;
    return V_OK;
}

static void wake_thread(v_log *log)
{
    v_mutex_lock(log->mutex);
    atomic_store(&log->asleep, false);
    v_condition_signal(log->wake);
    v_mutex_unlock(log->mutex);
}

void v_log_destroy(v_log *log)
{
    if (log == NULL) {
        return;
    }
    if (log->thread != NULL) {
        atomic_store(&log->stopping, true);
        wake_thread(log);
        v_thread_join(log->thread);
    }
    if (log->file >= 0) {
        (void)close(log->file);
    }
    v_condition_destroy(log->progress);
    v_condition_destroy(log->wake);
    v_mutex_destroy(log->recent_mutex);
    v_mutex_destroy(log->mutex);
    v_free(log->allocator, log->file_path, log->file_path_bytes, 1);
    if (log->rates != NULL) {
        V_DELETE_ARRAY(log->allocator, log->rates, LOG_RATE_CAPACITY);
    }
    V_DELETE_ARRAY(log->allocator, log->recent, log->recent_capacity);
    v_free(log->allocator, log->batch, LOG_BATCH_BYTES, 1);
    V_DELETE_ARRAY(log->allocator, log->slots, log->slot_mask + 1);
    V_DELETE(log->allocator, log);
}

// Wait until every line before `target` is delivered. Not on the logger's own thread.
static void wait_for_delivery(v_log *log, uint64_t target)
{
    if (atomic_load(&log->delivered) >= target) {
        return;
    }
    wake_thread(log);
    v_mutex_lock(log->mutex);
    atomic_fetch_add(&log->waiter_count, 1);
    while (atomic_load(&log->delivered) < target) {
        v_condition_wait(log->progress, log->mutex);
    }
    atomic_fetch_sub(&log->waiter_count, 1);
    v_mutex_unlock(log->mutex);
}

static log_rate *find_rate(v_log *log, const char *format)
{
    uint64_t hash = (uint64_t)(uintptr_t)format * 0x9E3779B97F4A7C15u;
    for (uint32_t probe = 0; probe < LOG_RATE_PROBES; probe++) {
        log_rate *rate = &log->rates[((hash >> 32) + probe) % LOG_RATE_CAPACITY];
        const char *owner = atomic_load_explicit(&rate->format, memory_order_acquire);
        if (owner == NULL && atomic_compare_exchange_strong(&rate->format, &owner, format)) {
            return rate;
        }
        if (owner == format) {
            return rate;
        }
    }
    return NULL; // more formats than the table holds: those beyond have no limit
}

// Count a use of the format. False when it is used up for this second.
static bool pass_rate_limit(v_log *log, const char *format, uint64_t time_ns)
{
    log_rate *rate = find_rate(log, format);
    if (rate == NULL) {
        return true;
    }
    uint64_t second = time_ns / 1000000000u;
    uint64_t state = atomic_load_explicit(&rate->state, memory_order_relaxed);
    for (;;) {
        uint64_t count = state >> 32 == second ? state & UINT32_MAX : 0;
        if (count >= log->rate_limit_per_s) {
            return false;
        }
        uint64_t next = second << 32 | (count + 1);
        if (atomic_compare_exchange_weak_explicit(&rate->state, &state, next, memory_order_relaxed,
                                                  memory_order_relaxed)) {
            return true;
        }
    }
}

// Claim a position of the queue. False when it is full and the line may be dropped.
static bool claim(v_log *log, v_log_level level, uint64_t *out_position)
{
    uint64_t capacity = log->slot_mask + 1;
    uint64_t position = atomic_load_explicit(&log->head, memory_order_relaxed);
    for (;;) {
        if (position - atomic_load_explicit(&log->tail, memory_order_acquire) >= capacity) {
            uint64_t now = atomic_load_explicit(&log->head, memory_order_relaxed);
            if (now != position) {
                position = now;
                continue;
            }
            if (level < V_LOG_WARN || log_is_own_thread(log)) {
                return false;
            }
            wait_for_delivery(log, position - capacity + 1);
            position = atomic_load_explicit(&log->head, memory_order_relaxed);
            continue;
        }
        if (atomic_compare_exchange_weak_explicit(&log->head, &position, position + 1, memory_order_seq_cst,
                                                  memory_order_relaxed)) {
            *out_position = position;
            return true;
        }
    }
}

static void fill_slot(log_slot *slot, const char *format, va_list arguments)
{
    slot->format = format;
    if (log_capture(slot->payload, format, arguments) != LOG_NOT_CAPTURED) {
        return;
    }
    char *text = (char *)slot->payload;
    int size = vsnprintf(text, LOG_TEXT_BYTES + 1, format, arguments);
    if (size < 0) {
        size = snprintf(text, LOG_TEXT_BYTES + 1, "cannot format '%s'", format);
    }
    slot->format = NULL;
    slot->text_size = (uint32_t)size;
}

void v_log_write(v_log *log, v_log_level level, const char *channel, const char *format, ...)
{
    if (log == NULL || (int)level < atomic_load_explicit(&log->level, memory_order_relaxed) ||
        (unsigned)level >= V_LOG_OFF || format == NULL) {
        return;
    }
    uint64_t ticks = log_clock_ticks();
    if (log->rates != NULL && !pass_rate_limit(log, format, log_time_ns())) {
        atomic_fetch_add_explicit(&log->rate_limited, 1, memory_order_relaxed);
        return;
    }
    uint64_t position;
    if (!claim(log, level, &position)) {
        atomic_fetch_add_explicit(&log->dropped, 1, memory_order_relaxed);
        return;
    }
    log_slot *slot = &log->slots[position & log->slot_mask];
    slot->ticks = ticks;
    slot->channel = channel != NULL ? channel : "";
    slot->level = (uint8_t)level;
    va_list arguments;
    va_start(arguments, format);
    fill_slot(slot, format, arguments);
    va_end(arguments);
    atomic_store_explicit(&slot->ready, position + 1, memory_order_release);
    // The thread looks at the queue every few milliseconds by itself; a burst must not fill it before.
    if ((position & (log->slot_mask >> 2)) == 0 && atomic_load(&log->asleep)) {
        wake_thread(log);
    }
}

void v_log_flush(v_log *log)
{
    if (log != NULL && !log_is_own_thread(log)) {
        wait_for_delivery(log, atomic_load(&log->head));
    }
}

void v_log_set_level(v_log *log, v_log_level level)
{
    if (log != NULL && (unsigned)level <= V_LOG_OFF) {
        atomic_store_explicit(&log->level, (int)level, memory_order_relaxed);
    }
}

v_log_level v_log_get_level(const v_log *log)
{
    return log != NULL ? (v_log_level)atomic_load_explicit(&log->level, memory_order_relaxed) : V_LOG_OFF;
}

v_log_stats v_log_get_stats(const v_log *log)
{
    if (log == NULL) {
        return (v_log_stats){ 0 };
    }
    return (v_log_stats){ .written = atomic_load(&log->written),
                          .dropped = atomic_load(&log->dropped),
                          .rate_limited = atomic_load(&log->rate_limited) };
}
