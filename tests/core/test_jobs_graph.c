// Random job graphs and parallel loops (E05): equal results at any worker count, every dependency honoured, no
// allocation after create.
#include "v/jobs.h"
#include "v/random.h"
#include "v/thread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>

#include <cmocka.h>

#define GRAPH_COUNT    2000
#define GROUP_COUNT    12
#define JOBS_PER_GROUP 8
#define LOOP_ITEMS     10

// A graph is a row of groups. The jobs of a group signal the group's counter and wait for one earlier group (or none).
typedef struct graph graph;

typedef struct graph_job {
    graph *graph;
    uint32_t group, index;
    int32_t wait_group; // -1: none
    v_job_priority priority;
    bool main_thread, loops;
    uint64_t value;
    _Atomic bool done;
    bool early; // ran before a job that it depends on
} graph_job;

struct graph {
    v_jobs *jobs;
    v_job_counter *counters[GROUP_COUNT];
    uint32_t group_sizes[GROUP_COUNT];
    graph_job nodes[GROUP_COUNT][JOBS_PER_GROUP];
};

static uint64_t mix(uint64_t value)
{
    value ^= value >> 31;
    value *= 0x9e3779b97f4a7c15u;
    return value ^ (value >> 29);
}

static void fill_loop(void *data, uint32_t begin, uint32_t end, uint32_t chunk, uint32_t worker)
{
    (void)chunk, (void)worker;
    uint64_t *values = data;
    for (uint32_t i = begin; i < end; i++) {
        values[i] = mix(values[i] + i);
    }
}

static uint64_t loop_value(v_jobs *jobs, uint64_t seed)
{
    uint64_t values[LOOP_ITEMS], sum = 0;
    for (uint32_t i = 0; i < LOOP_ITEMS; i++) {
        values[i] = seed;
    }
    v_jobs_for(jobs, LOOP_ITEMS, 3, fill_loop, values);
    for (uint32_t i = 0; i < LOOP_ITEMS; i++) {
        sum = mix(sum + values[i]);
    }
    return sum;
}

static uint64_t inputs_of(graph_job *job)
{
    uint64_t sum = job->group * 1000u + job->index;
    if (job->wait_group >= 0) {
        for (uint32_t i = 0; i < job->graph->group_sizes[job->wait_group]; i++) {
            graph_job *input = &job->graph->nodes[job->wait_group][i];
            // Relaxed: the job system alone has to order this read of `value`, for ThreadSanitizer to see.
            job->early = job->early || !atomic_load_explicit(&input->done, memory_order_relaxed);
            sum = mix(sum + input->value);
        }
    }
    return sum;
}

static void run_graph_job(void *data, uint32_t worker)
{
    (void)worker;
    graph_job *job = data;
    uint64_t value = mix(inputs_of(job));
    job->value = job->loops ? loop_value(job->graph->jobs, value) : value;
    atomic_store_explicit(&job->done, true, memory_order_relaxed);
}

static void make_graph(graph *out_graph, uint64_t seed)
{
    v_random random = v_random_seed(seed, 0);
    for (uint32_t group = 0; group < GROUP_COUNT; group++) {
        out_graph->group_sizes[group] = 1 + v_random_below(&random, JOBS_PER_GROUP);
        for (uint32_t i = 0; i < out_graph->group_sizes[group]; i++) {
            uint32_t wait_group = v_random_below(&random, group + 1); // `group` itself stands for none
            out_graph->nodes[group][i] = (graph_job){
                .graph = out_graph,
                .group = group,
                .index = i,
                .wait_group = wait_group < group ? (int32_t)wait_group : -1,
                .priority = (v_job_priority)v_random_below(&random, 3),
                .main_thread = v_random_below(&random, 8) == 0,
                .loops = v_random_below(&random, 4) == 0,
            };
        }
    }
}

static void submit_group(graph *target, uint32_t group)
{
    for (uint32_t i = 0; i < target->group_sizes[group]; i++) {
        graph_job *job = &target->nodes[group][i];
        const v_job_desc desc = { .run = run_graph_job,
                                  .data = job,
                                  .priority = job->priority,
                                  .main_thread = job->main_thread,
                                  .signal = target->counters[group],
                                  .wait_for = job->wait_group >= 0 ? target->counters[job->wait_group] : NULL };
        assert_int_equal(v_jobs_submit(target->jobs, &desc), V_OK);
    }
}

static uint64_t run_graph(graph *target)
{
    for (uint32_t group = 0; group < GROUP_COUNT; group++) {
        submit_group(target, group);
    }
    uint64_t result = 0;
    for (uint32_t group = GROUP_COUNT; group-- > 0;) {
        v_jobs_wait(target->jobs, target->counters[group]);
        for (uint32_t i = 0; i < target->group_sizes[group]; i++) {
            assert_true(target->nodes[group][i].done);
            assert_false(target->nodes[group][i].early);
            result = mix(result + target->nodes[group][i].value);
        }
    }
    return result;
}

// The oracle: the same graph in submission order, without a job system.
static uint64_t run_graph_serially(graph *target)
{
    uint64_t result = 0;
    target->jobs = NULL;
    for (uint32_t group = 0; group < GROUP_COUNT; group++) {
        for (uint32_t i = 0; i < target->group_sizes[group]; i++) {
            run_graph_job(&target->nodes[group][i], 0);
        }
    }
    for (uint32_t group = GROUP_COUNT; group-- > 0;) {
        for (uint32_t i = 0; i < target->group_sizes[group]; i++) {
            result = mix(result + target->nodes[group][i].value);
        }
    }
    return result;
}

static void jobs_random_graphs_give_the_serial_result_at_any_worker_count(void **state)
{
    (void)state;
    static graph subject;
    const uint32_t worker_counts[] = { 1, 2, 3, 8 };
    for (uint32_t i = 0; i < V_COUNT_OF(worker_counts); i++) {
        v_jobs *jobs = NULL;
        assert_int_equal(v_jobs_create(&(v_jobs_desc){ .worker_count = worker_counts[i] }, &jobs), V_OK);
        for (uint32_t group = 0; group < GROUP_COUNT; group++) {
            assert_int_equal(v_job_counter_create(jobs, &subject.counters[group]), V_OK);
        }
        for (uint64_t seed = 0; seed < GRAPH_COUNT; seed++) {
            make_graph(&subject, seed);
            uint64_t expected = run_graph_serially(&subject);
            make_graph(&subject, seed);
            subject.jobs = jobs;
            assert_int_equal(run_graph(&subject), expected);
        }
        v_jobs_destroy(jobs);
    }
}

// Queues so small that jobs run inline and released jobs spill into the shared queue.
static void jobs_random_graphs_survive_tiny_queues(void **state)
{
    (void)state;
    static graph subject;
    v_jobs *jobs = NULL;
    const v_jobs_desc desc = { .worker_count = 3, .queue_capacity = GROUP_COUNT * JOBS_PER_GROUP / 3 };
    assert_int_equal(v_jobs_create(&desc, &jobs), V_OK);
    for (uint32_t group = 0; group < GROUP_COUNT; group++) {
        assert_int_equal(v_job_counter_create(jobs, &subject.counters[group]), V_OK);
    }
    for (uint64_t seed = 0; seed < GRAPH_COUNT; seed++) {
        make_graph(&subject, seed);
        uint64_t expected = run_graph_serially(&subject);
        make_graph(&subject, seed);
        subject.jobs = jobs;
        assert_int_equal(run_graph(&subject), expected);
    }
    v_jobs_destroy(jobs);
}

static void jobs_allocate_nothing_after_create(void **state)
{
    (void)state;
    static graph subject;
    v_counted_allocator counted;
    v_counted_allocator_init(&counted, NULL);
    v_jobs *jobs = NULL;
    assert_int_equal(v_jobs_create(&(v_jobs_desc){ .allocator = &counted.allocator, .worker_count = 3 }, &jobs), V_OK);
    uint64_t before = v_counted_allocator_read(&counted).alloc_count;
    for (uint32_t group = 0; group < GROUP_COUNT; group++) {
        assert_int_equal(v_job_counter_create(jobs, &subject.counters[group]), V_OK);
    }
    for (uint64_t seed = 0; seed < 50; seed++) {
        make_graph(&subject, seed);
        subject.jobs = jobs;
        (void)run_graph(&subject);
    }
    assert_int_equal(v_counted_allocator_read(&counted).alloc_count, before);
    v_jobs_destroy(jobs);
    assert_int_equal(v_counted_allocator_read(&counted).live_bytes, 0);
}

typedef struct chunk_log {
    uint32_t begin, end;
    _Atomic uint32_t calls;
} chunk_log;

static void log_chunk(void *data, uint32_t begin, uint32_t end, uint32_t chunk, uint32_t worker)
{
    (void)worker;
    chunk_log *log = (chunk_log *)data + chunk;
    log->begin = begin;
    log->end = end;
    atomic_fetch_add(&log->calls, 1);
}

static void jobs_for_chunks_depend_on_count_and_size_alone(void **state)
{
    (void)state;
    static const struct {
        uint32_t count, chunk_size;
    } cases[] = { { 0, 0 },    { 1, 0 },    { 63, 0 },   { 64, 0 },      { 65, 0 },
                  { 1000, 0 }, { 1000, 1 }, { 1000, 7 }, { 1000, 1000 }, { 7, 4000 } };
    const uint32_t worker_counts[] = { 0, 1, 2, 3, 8 }; // 0: no job system
    static chunk_log log[1001];
    for (uint32_t w = 0; w < V_COUNT_OF(worker_counts); w++) {
        v_jobs *jobs = NULL;
        if (worker_counts[w] != 0) {
            assert_int_equal(v_jobs_create(&(v_jobs_desc){ .worker_count = worker_counts[w] }, &jobs), V_OK);
        }
        for (uint32_t i = 0; i < V_COUNT_OF(cases) * 20; i++) {
            uint32_t count = cases[i % V_COUNT_OF(cases)].count, size = cases[i % V_COUNT_OF(cases)].chunk_size;
            uint32_t chunks = v_jobs_chunk_count(count, size), step = size != 0 ? size : 64;
            memset(log, 0, sizeof(log));
            v_jobs_for(jobs, count, size, log_chunk, log);
            for (uint32_t chunk = 0; chunk < chunks; chunk++) {
                assert_int_equal(log[chunk].calls, 1);
                assert_int_equal(log[chunk].begin, chunk * step);
                assert_int_equal(log[chunk].end, chunk + 1 < chunks ? (chunk + 1) * step : count);
            }
            assert_int_equal(log[chunks].calls, 0);
        }
        v_jobs_destroy(jobs);
    }
}

static void count_item(void *data, uint32_t begin, uint32_t end, uint32_t chunk, uint32_t worker)
{
    (void)chunk, (void)worker;
    uint64_t *sums = data; // one per chunk
    sums[chunk] = (uint64_t)begin + end;
}

static void jobs_for_handles_the_largest_count(void **state)
{
    (void)state;
    v_jobs *jobs = NULL;
    assert_int_equal(v_jobs_create(&(v_jobs_desc){ .worker_count = 3 }, &jobs), V_OK);
    uint64_t sums[4] = { 0 };
    v_jobs_for(jobs, UINT32_MAX, 1u << 30, count_item, sums);
    assert_int_equal(sums[0], 1u << 30);
    assert_int_equal(sums[3], 3 * ((uint64_t)1 << 30) + UINT32_MAX);
    v_jobs_destroy(jobs);
}

typedef struct nest {
    v_jobs *jobs;
    uint32_t depth;
    _Atomic uint64_t *sum;
} nest;

static void nested_chunk(void *data, uint32_t begin, uint32_t end, uint32_t chunk, uint32_t worker)
{
    (void)chunk, (void)worker;
    const nest *parent = data;
    if (parent->depth == 0) {
        atomic_fetch_add(parent->sum, end - begin);
        return;
    }
    nest child = { .jobs = parent->jobs, .depth = parent->depth - 1, .sum = parent->sum };
    for (uint32_t i = begin; i < end; i++) {
        v_jobs_for(child.jobs, 5, 2, nested_chunk, &child);
    }
}

static void jobs_for_may_be_nested(void **state)
{
    (void)state;
    const uint32_t worker_counts[] = { 1, 2, 3, 8 };
    for (uint32_t i = 0; i < V_COUNT_OF(worker_counts); i++) {
        v_jobs *jobs = NULL;
        assert_int_equal(v_jobs_create(&(v_jobs_desc){ .worker_count = worker_counts[i] }, &jobs), V_OK);
        for (uint32_t round = 0; round < 20; round++) {
            _Atomic uint64_t sum = 0;
            nest root = { .jobs = jobs, .depth = 4, .sum = &sum };
            v_jobs_for(jobs, 5, 2, nested_chunk, &root);
            assert_int_equal(sum, 5 * 5 * 5 * 5 * 5);
        }
        v_jobs_destroy(jobs);
    }
}

typedef struct outside_loop {
    v_jobs *jobs;
    uint64_t sums[100];
    _Atomic bool done;
} outside_loop;

static void loop_from_outside(void *user)
{
    outside_loop *loop = user;
    v_jobs_for(loop->jobs, 100, 1, count_item, loop->sums);
    atomic_store(&loop->done, true);
}

static void do_nothing(void *data, uint32_t worker)
{
    (void)data, (void)worker;
}

static void jobs_for_works_from_other_threads(void **state)
{
    (void)state;
    for (uint32_t workers = 1; workers <= 3; workers++) {
        outside_loop loop = { 0 };
        assert_int_equal(v_jobs_create(&(v_jobs_desc){ .worker_count = workers }, &loop.jobs), V_OK);
        v_thread *thread = NULL;
        assert_int_equal(v_thread_create(NULL, "outsider", loop_from_outside, &loop, &thread), V_OK);
        v_job_counter *counter = NULL;
        assert_int_equal(v_job_counter_create(loop.jobs, &counter), V_OK);
        while (workers == 1 && !atomic_load(&loop.done)) { // the only worker runs jobs when it waits
            assert_int_equal(v_jobs_submit(loop.jobs, &(v_job_desc){ .run = do_nothing, .signal = counter }), V_OK);
            v_jobs_wait(loop.jobs, counter);
            v_sleep_ns(100000);
        }
        v_thread_join(thread);
        v_jobs_destroy(loop.jobs);
        for (uint32_t i = 0; i < 100; i++) {
            assert_int_equal(loop.sums[i], 2 * i + 1);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_random_graphs_give_the_serial_result_at_any_worker_count),
        cmocka_unit_test(jobs_random_graphs_survive_tiny_queues),
        cmocka_unit_test(jobs_allocate_nothing_after_create),
        cmocka_unit_test(jobs_for_chunks_depend_on_count_and_size_alone),
        cmocka_unit_test(jobs_for_handles_the_largest_count),
        cmocka_unit_test(jobs_for_may_be_nested),
        cmocka_unit_test(jobs_for_works_from_other_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
