// Job system benchmarks: job_empty (submit + run + signal, batched) and job_parallel_for (efficiency at two workers).
#include "v/jobs.h"
#include "v/thread.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define RUN_COUNT    9
#define BATCH        2048
#define BATCH_COUNT  200
#define ITEM_COUNT   (1u << 20)
#define CHUNK_SIZE   4096
#define SMALL_CHUNKS 8

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static void do_nothing(void *data, uint32_t worker)
{
    (void)data, (void)worker;
}

static double empty_job_ns(v_jobs *jobs, v_job_counter *counter)
{
    const v_job_desc job = { .run = do_nothing, .signal = counter };
    uint64_t begin_ns = v_clock_ns();
    for (uint32_t batch = 0; batch < BATCH_COUNT; batch++) {
        for (uint32_t i = 0; i < BATCH; i++) {
            (void)v_jobs_submit(jobs, &job);
        }
        v_jobs_wait(jobs, counter);
    }
    return (double)(v_clock_ns() - begin_ns) / (BATCH_COUNT * BATCH);
}

static v_jobs *create(uint32_t workers)
{
    v_jobs *jobs = NULL;
    if (v_jobs_create(&(v_jobs_desc){ .worker_count = workers }, &jobs) != V_OK) {
        fprintf(stderr, "bench_core_jobs: %s\n", v_status_message());
        exit(1);
    }
    return jobs;
}

static void measure_empty(uint32_t workers, double out_runs[RUN_COUNT])
{
    v_jobs *jobs = create(workers);
    v_job_counter *counter = NULL;
    if (v_job_counter_create(jobs, &counter) != V_OK) {
        fprintf(stderr, "bench_core_jobs: %s\n", v_status_message());
        exit(1);
    }
    (void)empty_job_ns(jobs, counter);
    for (uint32_t run = 0; run < RUN_COUNT; run++) {
        out_runs[run] = empty_job_ns(jobs, counter);
    }
    qsort(out_runs, RUN_COUNT, sizeof(*out_runs), compare_doubles);
    v_jobs_destroy(jobs);
}

static void bench_empty(void)
{
    double one[RUN_COUNT], two[RUN_COUNT];
    measure_empty(1, one);
    measure_empty(2, two);
    printf(
        "{\"name\": \"job_empty\", \"unit\": \"ns\", \"better\": \"lower\", \"ours\": %.1f, \"spread\": [%.1f, %.1f], "
        "\"peers\": {}, \"ratio\": {}, \"notes\": \"submit, run, signal; batches of %d from worker 0; 2 workers; "
        "with 1 worker %.1f\"}\n",
        two[RUN_COUNT / 2], two[0], two[RUN_COUNT - 1], BATCH, one[RUN_COUNT / 2]);
}

static void integrate(void *data, uint32_t begin, uint32_t end, uint32_t chunk, uint32_t worker)
{
    (void)chunk, (void)worker;
    float *values = data;
    for (uint32_t i = begin; i < end; i++) {
        float value = values[i];
        for (uint32_t step = 0; step < 16; step++) {
            value = value * 0.999f + 0.001f;
        }
        values[i] = value;
    }
}

static double processor_time_ns(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

// A null `jobs` runs the same chunks in order on this thread.
static double loop_ns(v_jobs *jobs, uint32_t repeats, uint32_t count, float *values)
{
    uint64_t begin_ns = v_clock_ns();
    for (uint32_t repeat = 0; repeat < repeats; repeat++) {
        v_jobs_for(jobs, count, count <= SMALL_CHUNKS ? 1 : CHUNK_SIZE, integrate, values);
    }
    return (double)(v_clock_ns() - begin_ns) / repeats;
}

static void bench_parallel_for(void)
{
    v_jobs *jobs = create(2);
    float *values = V_NEW_ARRAY(NULL, float, ITEM_COUNT);
    double efficiency[RUN_COUNT], work[RUN_COUNT], small_ns[RUN_COUNT];
    if (values == NULL) {
        fprintf(stderr, "bench_core_jobs: %s\n", v_status_message());
        exit(1);
    }
    (void)loop_ns(NULL, 4, ITEM_COUNT, values);
    (void)loop_ns(jobs, 4, ITEM_COUNT, values);
    for (uint32_t run = 0; run < RUN_COUNT; run++) {
        double begin_ns = processor_time_ns();
        double serial_ns = loop_ns(NULL, 4, ITEM_COUNT, values);
        double middle_ns = processor_time_ns();
        efficiency[run] = serial_ns / (2 * loop_ns(jobs, 4, ITEM_COUNT, values));
        work[run] = (middle_ns - begin_ns) / (processor_time_ns() - middle_ns);
        small_ns[run] = loop_ns(jobs, 2000, SMALL_CHUNKS, values);
    }
    qsort(efficiency, RUN_COUNT, sizeof(*efficiency), compare_doubles);
    qsort(work, RUN_COUNT, sizeof(*work), compare_doubles);
    qsort(small_ns, RUN_COUNT, sizeof(*small_ns), compare_doubles);
    printf(
        "{\"name\": \"job_parallel_for\", \"unit\": \"ratio\", \"better\": \"higher\", \"ours\": %.3f, \"spread\": "
        "[%.3f, %.3f], \"peers\": {}, \"ratio\": {}, \"notes\": \"serial time / (2 x time at 2 workers); %u items in "
        "chunks of %d; 1 is perfect; %.3f by processor time, which other programs touch less; a loop of %d chunks of "
        "one item takes %.0f ns\"}\n",
        efficiency[RUN_COUNT / 2], efficiency[0], efficiency[RUN_COUNT - 1], ITEM_COUNT, CHUNK_SIZE,
        work[RUN_COUNT / 2], SMALL_CHUNKS, small_ns[RUN_COUNT / 2]);
    V_DELETE_ARRAY(NULL, values, ITEM_COUNT);
    v_jobs_destroy(jobs);
}

int main(void)
{
    bench_empty();
    bench_parallel_for();
    return 0;
}
