// What a log line costs its caller (log_line), from one and from two threads at once, against fprintf and against a
// mutex with vsnprintf and fwrite. Every logger writes to /dev/null. Lines come in bursts that the queue holds; writing
// them out between the bursts is not counted, as the caller does not wait for it.
#include "v/log.h"
#include "v/thread.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define RUN_COUNT   9
#define BURST_COUNT 60
#define BURST_LINES 1024 // of each thread
#define QUEUE_LINES 8192
#define MAX_THREADS 2

typedef enum logger_kind { LOGGER_OURS, LOGGER_FPRINTF, LOGGER_MUTEX, LOGGER_COUNT } logger_kind;

static const char *const logger_names[LOGGER_COUNT] = { "ours", "fprintf_file", "mutex_vsnprintf_fwrite" };

typedef struct log_bench {
    v_log *log;
    FILE *file;
    v_mutex *mutex;
    logger_kind kind;
    uint32_t thread_count;
    _Atomic uint32_t waiting_count, finished_count, burst;
    double thread_ns[MAX_THREADS];
} log_bench;

// The burst that one thread writes.
typedef struct log_producer {
    log_bench *bench;
    uint32_t index;
} log_producer;

static void write_locked(log_bench *bench, const char *channel, const char *format, ...) V_PRINTF(3, 4);

static void write_locked(log_bench *bench, const char *channel, const char *format, ...)
{
    char line[512];
    uint64_t time_us = v_clock_ns() / 1000;
    int prefix = snprintf(line, sizeof(line), "[%" PRIu64 ".%06" PRIu64 "s] [%s] INFO ", time_us / 1000000,
                          time_us % 1000000, channel);
    va_list arguments;
    va_start(arguments, format);
    int size = prefix + vsnprintf(line + prefix, sizeof(line) - (size_t)prefix - 1, format, arguments);
    va_end(arguments);
    line[size++] = '\n';
    v_mutex_lock(bench->mutex);
    (void)fwrite(line, 1, (size_t)size, bench->file);
    v_mutex_unlock(bench->mutex);
}

static void write_burst(log_bench *bench)
{
    for (uint32_t i = 0; i < BURST_LINES; i++) {
        switch (bench->kind) {
        case LOGGER_OURS:
            V_LOG_INFO(bench->log, "render", "frame %u took %.3f ms (%s)", i, 16.6, "FIFO");
            break;
        case LOGGER_FPRINTF: {
            uint64_t time_us = v_clock_ns() / 1000;
            fprintf(bench->file, "[%" PRIu64 ".%06" PRIu64 "s] [%s] INFO frame %u took %.3f ms (%s)\n",
                    time_us / 1000000, time_us % 1000000, "render", i, 16.6, "FIFO");
            break;
        }
        default:
            write_locked(bench, "render", "frame %u took %.3f ms (%s)", i, 16.6, "FIFO");
        }
    }
}

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    return (left > right) - (left < right);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof(*values), compare_doubles);
    return values[count / 2];
}

static void produce(void *user)
{
    const log_producer *producer = user;
    log_bench *bench = producer->bench;
    double bursts_ns[BURST_COUNT];
    for (uint32_t i = 0; i < BURST_COUNT; i++) {
        // Begin together: a burst alone would not show how the threads disturb each other.
        atomic_fetch_add(&bench->waiting_count, 1);
        while (atomic_load(&bench->burst) <= i) {
            v_cpu_relax();
        }
        uint64_t begin_ns = v_clock_ns();
        write_burst(bench);
        bursts_ns[i] = (double)(v_clock_ns() - begin_ns) / BURST_LINES;
        atomic_fetch_add(&bench->finished_count, 1);
    }
    bench->thread_ns[producer->index] = median(bursts_ns, BURST_COUNT);
}

static void fail_if(v_status status)
{
    if (status != V_OK) {
        fprintf(stderr, "bench_core_log: %s\n", v_status_message());
        exit(1);
    }
}

static void wait_for(const _Atomic uint32_t *count, uint32_t target)
{
    while (atomic_load(count) < target) {
        v_sleep_ns(20000);
    }
}

// Nanoseconds per line, the mean of the threads' medians.
static double run(log_bench *bench, logger_kind kind, uint32_t thread_count)
{
    bench->kind = kind;
    bench->thread_count = thread_count;
    atomic_store(&bench->waiting_count, 0);
    atomic_store(&bench->finished_count, 0);
    atomic_store(&bench->burst, 0);
    log_producer producers[MAX_THREADS];
    v_thread *threads[MAX_THREADS];
    for (uint32_t i = 0; i < thread_count; i++) {
        producers[i] = (log_producer){ .bench = bench, .index = i };
        fail_if(v_thread_create(NULL, "producer", produce, &producers[i], &threads[i]));
    }
    for (uint32_t i = 0; i < BURST_COUNT; i++) {
        v_log_flush(bench->log);
        wait_for(&bench->waiting_count, (i + 1) * thread_count);
        atomic_store(&bench->burst, i + 1);
        wait_for(&bench->finished_count, (i + 1) * thread_count);
    }
    double sum_ns = 0.0;
    for (uint32_t i = 0; i < thread_count; i++) {
        v_thread_join(threads[i]);
        sum_ns += bench->thread_ns[i];
    }
    return sum_ns / thread_count;
}

static void measure(log_bench *bench, const char *name, uint32_t thread_count)
{
    double runs[LOGGER_COUNT][RUN_COUNT];
    for (int kind = 0; kind < LOGGER_COUNT; kind++) {
        (void)run(bench, (logger_kind)kind, thread_count);
    }
    for (int i = 0; i < RUN_COUNT; i++) {
        for (int kind = 0; kind < LOGGER_COUNT; kind++) {
            runs[kind][i] = run(bench, (logger_kind)kind, thread_count);
        }
    }
    double middle[LOGGER_COUNT];
    for (int kind = 0; kind < LOGGER_COUNT; kind++) {
        middle[kind] = median(runs[kind], RUN_COUNT);
    }
    printf("{\"name\": \"%s\", \"unit\": \"ns\", \"better\": \"lower\", \"ours\": %.1f, \"spread\": [%.1f, %.1f], "
           "\"peers\": {\"%s\": %.1f, \"%s\": %.1f}, \"ratio\": {\"%s\": %.2f, \"%s\": %.2f}, "
           "\"notes\": \"caller's time per line with an integer, a float and a string, bursts of %d lines from %u "
           "thread%s\"}\n",
           name, middle[LOGGER_OURS], runs[LOGGER_OURS][0], runs[LOGGER_OURS][RUN_COUNT - 1], logger_names[1],
           middle[1], logger_names[2], middle[2], logger_names[1], middle[1] / middle[0], logger_names[2],
           middle[2] / middle[0], BURST_LINES, thread_count, thread_count > 1 ? "s at once" : "");
}

int main(void)
{
    log_bench bench = { .file = fopen("/dev/null", "w") };
    if (bench.file == NULL) {
        perror("bench_core_log: /dev/null");
        return 1;
    }
    fail_if(v_mutex_create(NULL, &bench.mutex));
    fail_if(v_log_create(&(v_log_desc){ .no_stderr = true, .file_path = "/dev/null", .queue_lines = QUEUE_LINES },
                         &bench.log));
    measure(&bench, "log_line", 1);
    measure(&bench, "log_line_2_threads", 2);
    uint64_t dropped = v_log_get_stats(bench.log).dropped;
    if (dropped > 0) {
        fprintf(stderr, "bench_core_log: %" PRIu64 " lines were dropped, the figures are not comparable\n", dropped);
    }
    v_log_destroy(bench.log);
    v_mutex_destroy(bench.mutex);
    (void)fclose(bench.file);
    return dropped > 0 ? 1 : 0;
}
