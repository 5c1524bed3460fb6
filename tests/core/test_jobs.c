// The job system's contract (E05): submission, counters, priorities, main-thread jobs, overflow, metrics, arguments.
#include "v/jobs.h"
#include "v/thread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static v_jobs *create(uint32_t workers)
{
    v_jobs *jobs = NULL;
    assert_int_equal(v_jobs_create(&(v_jobs_desc){ .worker_count = workers }, &jobs), V_OK);
    return jobs;
}

static v_job_counter *create_counter(v_jobs *jobs)
{
    v_job_counter *counter = NULL;
    assert_int_equal(v_job_counter_create(jobs, &counter), V_OK);
    return counter;
}

static void submit(v_jobs *jobs, v_job_function run, void *data, v_job_counter *signal)
{
    assert_int_equal(v_jobs_submit(jobs, &(v_job_desc){ .run = run, .data = data, .signal = signal }), V_OK);
}

static void count_up(void *data, uint32_t worker)
{
    (void)worker;
    atomic_fetch_add((_Atomic uint32_t *)data, 1);
}

static void jobs_every_submitted_job_runs_once(void **state)
{
    (void)state;
    const uint32_t worker_counts[] = { 1, 2, 3, 8 };
    for (uint32_t i = 0; i < V_COUNT_OF(worker_counts); i++) {
        v_jobs *jobs = create(worker_counts[i]);
        v_job_counter *counter = create_counter(jobs);
        static _Atomic uint32_t runs[1000];
        memset(runs, 0, sizeof(runs));
        for (uint32_t job = 0; job < V_COUNT_OF(runs); job++) {
            submit(jobs, count_up, &runs[job], counter);
        }
        v_jobs_wait(jobs, counter);
        for (uint32_t job = 0; job < V_COUNT_OF(runs); job++) {
            assert_int_equal(runs[job], 1);
        }
        v_jobs_destroy(jobs);
    }
}

static void jobs_counter_is_reusable_at_zero(void **state)
{
    (void)state;
    v_jobs *jobs = create(3);
    v_job_counter *counter = create_counter(jobs);
    _Atomic uint32_t runs = 0;
    for (uint32_t round = 1; round <= 2000; round++) {
        submit(jobs, count_up, &runs, counter);
        submit(jobs, count_up, &runs, counter);
        v_jobs_wait(jobs, counter);
        assert_int_equal(runs, 2 * round);
    }
    v_job_counter_destroy(jobs, counter);
    v_jobs_destroy(jobs);
}

static void jobs_destroying_a_counter_in_use_is_refused(void **state)
{
    (void)state;
    v_jobs *jobs = create(1);
    v_job_counter *counter = create_counter(jobs);
    _Atomic uint32_t runs = 0;
    submit(jobs, count_up, &runs, counter);
    v_job_counter_destroy(jobs, counter);
    assert_non_null(strstr(v_status_message(), "1 jobs are unfinished"));
    v_jobs_wait(jobs, counter);
    assert_int_equal(runs, 1);
    v_job_counter_destroy(jobs, counter);
    assert_int_equal(v_jobs_submit(jobs, &(v_job_desc){ .run = count_up, .data = &runs, .signal = counter }),
                     V_ERROR_STALE);
    assert_non_null(strstr(v_status_message(), "signal"));
    v_jobs_destroy(jobs);
}

static void jobs_counters_beyond_the_capacity_are_refused(void **state)
{
    (void)state;
    v_jobs *jobs = NULL;
    assert_int_equal(v_jobs_create(&(v_jobs_desc){ .worker_count = 1, .counter_capacity = 2 }, &jobs), V_OK);
    v_job_counter *first = create_counter(jobs);
    (void)create_counter(jobs);
    v_job_counter *third = NULL;
    assert_int_equal(v_job_counter_create(jobs, &third), V_ERROR_FULL);
    assert_null(third);
    v_job_counter_destroy(jobs, first);
    third = create_counter(jobs);
    assert_ptr_equal(third, first);
    v_jobs_destroy(jobs);
}

typedef struct order_log {
    uint32_t count;
    uint32_t values[16];
} order_log;

typedef struct order_entry {
    order_log *log;
    uint32_t value;
} order_entry;

static void log_order(void *data, uint32_t worker)
{
    (void)worker;
    order_entry *entry = data;
    entry->log->values[entry->log->count++] = entry->value;
}

static void jobs_run_by_priority(void **state)
{
    (void)state;
    v_jobs *jobs = create(1);
    v_job_counter *counter = create_counter(jobs);
    order_log log = { 0 };
    const v_job_priority priorities[] = { V_JOB_LOW, V_JOB_NORMAL, V_JOB_HIGH, V_JOB_LOW, V_JOB_HIGH, V_JOB_NORMAL };
    order_entry entries[V_COUNT_OF(priorities)];
    for (uint32_t i = 0; i < V_COUNT_OF(priorities); i++) {
        entries[i] = (order_entry){ .log = &log, .value = priorities[i] };
        const v_job_desc job = { .run = log_order, .data = &entries[i], .priority = priorities[i], .signal = counter };
        assert_int_equal(v_jobs_submit(jobs, &job), V_OK);
    }
    v_jobs_wait(jobs, counter);
    const uint32_t expected[] = { V_JOB_HIGH, V_JOB_HIGH, V_JOB_NORMAL, V_JOB_NORMAL, V_JOB_LOW, V_JOB_LOW };
    assert_int_equal(log.count, V_COUNT_OF(expected));
    assert_memory_equal(log.values, expected, sizeof(expected));
    v_jobs_destroy(jobs);
}

static _Thread_local bool is_main_thread;

typedef struct main_check {
    v_jobs *jobs;
    v_job_counter *counter;
    _Atomic uint32_t on_main, elsewhere;
    _Atomic bool helped;
} main_check;

static void check_main(void *data, uint32_t worker)
{
    main_check *check = data;
    bool right = is_main_thread && worker == 0;
    atomic_fetch_add(right ? &check->on_main : &check->elsewhere, 1);
}

static void submit_main_job(void *data, uint32_t worker)
{
    (void)worker;
    main_check *check = data;
    const v_job_desc job = { .run = check_main, .data = check, .main_thread = true, .signal = check->counter };
    (void)v_jobs_submit(check->jobs, &job);
}

static void jobs_main_thread_jobs_run_on_the_main_thread_only(void **state)
{
    (void)state;
    is_main_thread = true;
    v_jobs *jobs = create(4);
    main_check check = { .jobs = jobs, .counter = create_counter(jobs) };
    for (uint32_t i = 0; i < 500; i++) {
        submit(jobs, submit_main_job, &check, check.counter);
    }
    v_jobs_wait(jobs, check.counter);
    assert_int_equal(check.on_main, 500);
    assert_int_equal(check.elsewhere, 0);

    const v_job_desc job = { .run = check_main, .data = &check, .main_thread = true };
    assert_int_equal(v_jobs_submit(jobs, &job), V_OK);
    v_jobs_run_main(jobs);
    assert_int_equal(check.on_main, 501);
    v_jobs_destroy(jobs);
}

// Of two chunks the main thread takes one and is done with it before the other one asks for a main-thread job.
static void wait_for_main_job(void *data, uint32_t begin, uint32_t end, uint32_t chunk, uint32_t worker)
{
    (void)begin, (void)end, (void)chunk;
    main_check *check = data;
    if (worker == 0) {
        while (!atomic_load(&check->helped)) {
            v_sleep_ns(10000);
        }
        return;
    }
    atomic_store(&check->helped, true);
    v_sleep_ns(1000000);
    submit_main_job(check, worker);
    v_jobs_wait(check->jobs, check->counter);
}

static void jobs_for_serves_main_thread_jobs_that_its_chunks_wait_for(void **state)
{
    (void)state;
    is_main_thread = true;
    v_jobs *jobs = create(4);
    main_check check = { .jobs = jobs, .counter = create_counter(jobs) };
    for (uint32_t round = 0; round < 20; round++) {
        atomic_store(&check.helped, false);
        v_jobs_for(jobs, 2, 1, wait_for_main_job, &check);
    }
    assert_int_equal(check.on_main, 20);
    assert_int_equal(check.elsewhere, 0);
    v_jobs_destroy(jobs);
}

static void jobs_overflow_runs_inline(void **state)
{
    (void)state;
    v_jobs *jobs = NULL;
    assert_int_equal(v_jobs_create(&(v_jobs_desc){ .worker_count = 1, .queue_capacity = 4 }, &jobs), V_OK);
    v_job_counter *counter = create_counter(jobs);
    _Atomic uint32_t runs = 0;
    for (uint32_t i = 0; i < 10; i++) {
        submit(jobs, count_up, &runs, counter);
    }
    assert_int_equal(runs, 6);
    assert_int_equal(v_jobs_get_metrics(jobs).run_inline, 6);
    assert_int_equal(v_jobs_get_metrics(jobs).queue_depth, 4);
    v_jobs_wait(jobs, counter);
    assert_int_equal(runs, 10);
    v_jobs_destroy(jobs);
}

static void jobs_too_many_dependent_jobs_are_refused_and_leave_no_trace(void **state)
{
    (void)state;
    v_jobs *jobs = NULL;
    assert_int_equal(v_jobs_create(&(v_jobs_desc){ .worker_count = 1, .queue_capacity = 2 }, &jobs), V_OK);
    v_job_counter *first = create_counter(jobs), *second = create_counter(jobs);
    _Atomic uint32_t runs = 0;
    submit(jobs, count_up, &runs, first);
    const v_job_desc job = { .run = count_up, .data = &runs, .signal = second, .wait_for = first };
    assert_int_equal(v_jobs_submit(jobs, &job), V_OK);
    assert_int_equal(v_jobs_submit(jobs, &job), V_OK);
    assert_int_equal(v_jobs_submit(jobs, &job), V_ERROR_FULL);
    assert_non_null(strstr(v_status_message(), "queue_capacity"));
    v_jobs_wait(jobs, second); // returns: the refused job is not counted
    assert_int_equal(runs, 3);
    v_jobs_destroy(jobs);
}

typedef struct outsider {
    v_jobs *jobs;
    v_job_counter *counter;
    _Atomic uint32_t *runs;
    uint32_t count, refused;
    bool waits;
} outsider;

static void submit_from_outside(void *user)
{
    outsider *self = user;
    const v_job_desc job = { .run = count_up, .data = self->runs, .signal = self->counter };
    for (uint32_t i = 0; i < self->count; i++) {
        self->refused += v_jobs_submit(self->jobs, &job) == V_ERROR_FULL;
    }
    if (self->waits) {
        v_jobs_wait(self->jobs, self->counter);
    }
}

static void jobs_other_threads_may_submit_and_wait(void **state)
{
    (void)state;
    v_jobs *jobs = create(2);
    _Atomic uint32_t runs = 0;
    outsider outsiders[3];
    v_thread *threads[3] = { NULL };
    for (uint32_t i = 0; i < 3; i++) {
        outsiders[i] = (outsider){ .jobs = jobs, .counter = create_counter(jobs), .runs = &runs, .count = 500 };
        outsiders[i].waits = true;
        assert_int_equal(v_thread_create(NULL, "outsider", submit_from_outside, &outsiders[i], &threads[i]), V_OK);
    }
    for (uint32_t i = 0; i < 3; i++) {
        v_thread_join(threads[i]);
        assert_int_equal(outsiders[i].refused, 0);
    }
    assert_int_equal(runs, 1500); // they waited for their own counters, and nobody else did
    v_jobs_destroy(jobs);
}

static void jobs_overflow_from_another_thread_is_refused(void **state)
{
    (void)state;
    v_jobs *jobs = NULL;
    assert_int_equal(v_jobs_create(&(v_jobs_desc){ .worker_count = 1, .queue_capacity = 4 }, &jobs), V_OK);
    _Atomic uint32_t runs = 0;
    outsider self = { .jobs = jobs, .counter = create_counter(jobs), .runs = &runs, .count = 10 };
    v_thread *thread = NULL;
    assert_int_equal(v_thread_create(NULL, "outsider", submit_from_outside, &self, &thread), V_OK);
    v_thread_join(thread);
    assert_int_equal(self.refused, 6);
    v_jobs_wait(jobs, self.counter);
    assert_int_equal(runs, 4);
    v_jobs_destroy(jobs);
}

static void hold(void *data, uint32_t worker)
{
    (void)worker;
    while (!atomic_load((_Atomic bool *)data)) {
        v_sleep_ns(10000);
    }
}

static void jobs_metrics_count_what_happened(void **state)
{
    (void)state;
    v_jobs *jobs = create(2);
    v_job_counter *counter = create_counter(jobs);
    _Atomic bool release = false;
    _Atomic uint32_t runs = 0;
    submit(jobs, hold, &release, counter);
    while (v_jobs_get_metrics(jobs).active_workers != 1) { // worker 1 steals it: worker 0 does not run jobs here
        v_sleep_ns(10000);
    }
    assert_int_equal(v_jobs_get_metrics(jobs).stolen, 1);
    for (uint32_t i = 0; i < 40; i++) {
        submit(jobs, count_up, &runs, counter);
    }
    v_jobs_metrics metrics = v_jobs_get_metrics(jobs);
    assert_int_equal(metrics.submitted, 41);
    assert_int_equal(metrics.completed, 0);
    assert_int_equal(metrics.queue_depth, 40);
    atomic_store(&release, true);
    v_jobs_wait(jobs, counter);
    metrics = v_jobs_get_metrics(jobs);
    assert_int_equal(metrics.completed, 41);
    assert_int_equal(metrics.queue_depth, 0);
    assert_int_equal(metrics.run_inline, 0);
    assert_true(metrics.latency_max_ns > 0);
    assert_true(metrics.latency_mean_ns > 0 && metrics.latency_mean_ns <= metrics.latency_max_ns);
    v_jobs_reset_metrics(jobs);
    metrics = v_jobs_get_metrics(jobs);
    assert_int_equal(metrics.submitted + metrics.completed + metrics.stolen, 0);
    assert_int_equal(metrics.latency_max_ns + metrics.latency_mean_ns, 0);
    v_jobs_destroy(jobs);
}

static void jobs_destroy_runs_what_is_left(void **state)
{
    (void)state;
    for (uint32_t round = 0; round < 200; round++) {
        v_jobs *jobs = create(1 + round % 4);
        v_job_counter *counter = create_counter(jobs);
        _Atomic uint32_t runs = 0;
        for (uint32_t i = 0; i < 20; i++) {
            submit(jobs, count_up, &runs, counter);
            const v_job_desc job = { .run = count_up, .data = &runs, .wait_for = counter, .main_thread = i % 2 != 0 };
            assert_int_equal(v_jobs_submit(jobs, &job), V_OK);
        }
        v_jobs_destroy(jobs);
        assert_int_equal(runs, 40);
    }
    v_jobs_destroy(NULL);
}

static void jobs_that_wait_for_each_other_do_not_hang_destroy(void **state)
{
    (void)state;
    for (uint32_t workers = 1; workers <= 3; workers++) {
        v_jobs *jobs = create(workers);
        v_job_counter *first = create_counter(jobs), *second = create_counter(jobs);
        _Atomic bool go = false;
        _Atomic uint32_t runs = 0;
        submit(jobs, hold, &go, first);
        const v_job_desc a = { .run = count_up, .data = &runs, .signal = second, .wait_for = first };
        const v_job_desc b = { .run = count_up, .data = &runs, .signal = first, .wait_for = second };
        assert_int_equal(v_jobs_submit(jobs, &a), V_OK);
        assert_int_equal(v_jobs_submit(jobs, &b), V_OK);
        atomic_store(&go, true);
        v_jobs_destroy(jobs);
        assert_int_equal(runs, 0);
        assert_non_null(strstr(v_status_message(), "2 jobs never ran"));
    }
}

static uint64_t processor_time_ns(void)
{
    struct timespec time;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void jobs_idle_workers_use_no_processor_time(void **state)
{
    (void)state;
    v_jobs *jobs = create(8);
    v_sleep_ns(20000000); // let them fall asleep
    uint64_t begin_ns = v_clock_ns(), begin_cpu_ns = processor_time_ns();
    v_sleep_ns(100000000);
    uint64_t cpu_ns = processor_time_ns() - begin_cpu_ns, wall_ns = v_clock_ns() - begin_ns;
    assert_true(cpu_ns < wall_ns / 10); // one worker that polls takes the whole of it
    v_jobs_destroy(jobs);
}

static void jobs_scratch_arena_is_per_worker_and_taken_at_create(void **state)
{
    (void)state;
    v_counted_allocator counted;
    v_counted_allocator_init(&counted, NULL);
    v_jobs *jobs = NULL;
    const v_jobs_desc desc = { .allocator = &counted.allocator, .worker_count = 2, .scratch_bytes = 4096 };
    assert_int_equal(v_jobs_create(&desc, &jobs), V_OK);
    uint64_t before = v_counted_allocator_read(&counted).alloc_count;
    assert_non_null(v_arena_alloc(v_jobs_scratch(jobs, 0), 4096, 16));
    assert_non_null(v_arena_alloc(v_jobs_scratch(jobs, 1), 4096, 16));
    assert_int_equal(v_counted_allocator_read(&counted).alloc_count, before);
    assert_ptr_not_equal(v_jobs_scratch(jobs, 0), v_jobs_scratch(jobs, 1));
    assert_null(v_jobs_scratch(jobs, 2));
    v_jobs_destroy(jobs);
    assert_int_equal(v_counted_allocator_read(&counted).live_bytes, 0);
}

static void jobs_bad_arguments_are_errors(void **state)
{
    (void)state;
    v_jobs *jobs = NULL;
    v_job_counter *counter = NULL;
    assert_int_equal(v_jobs_create(NULL, &jobs), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_jobs_create(&(v_jobs_desc){ .worker_count = 65 }, &jobs), V_ERROR_INVALID_ARGUMENT);
    assert_non_null(strstr(v_status_message(), "65"));
    assert_int_equal(v_jobs_create(&(v_jobs_desc){ .queue_capacity = UINT32_MAX }, &jobs), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_jobs_create(&(v_jobs_desc){ .counter_capacity = UINT32_MAX }, &jobs), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_jobs_create(&(v_jobs_desc){ .worker_count = 1 }, NULL), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_job_counter_create(NULL, &counter), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_jobs_submit(NULL, &(v_job_desc){ .run = count_up }), V_ERROR_INVALID_ARGUMENT);

    jobs = create(2);
    v_jobs *other = create(1);
    counter = create_counter(other);
    v_job_counter *own = create_counter(jobs);
    _Atomic uint32_t runs = 0;
    assert_int_equal(v_jobs_submit(jobs, NULL), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_jobs_submit(jobs, &(v_job_desc){ .data = &runs }), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_jobs_submit(jobs, &(v_job_desc){ .run = count_up, .priority = (v_job_priority)7 }),
                     V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_jobs_submit(jobs, &(v_job_desc){ .run = count_up, .signal = counter }), V_ERROR_STALE);
    assert_int_equal(v_jobs_submit(jobs, &(v_job_desc){ .run = count_up, .wait_for = counter }), V_ERROR_STALE);
    assert_int_equal(v_jobs_submit(jobs, &(v_job_desc){ .run = count_up, .signal = own, .wait_for = own }),
                     V_ERROR_INVALID_ARGUMENT);
    v_jobs_wait(jobs, counter);
    v_jobs_wait(NULL, NULL);
    v_jobs_run_main(NULL);
    v_jobs_for(jobs, 10, 1, NULL, NULL);
    v_job_counter_destroy(jobs, NULL);
    v_job_counter_destroy(jobs, counter);
    assert_int_equal(v_jobs_worker_count(jobs), 2);
    assert_int_equal(v_jobs_get_metrics(NULL).submitted, 0);
    v_jobs_reset_metrics(NULL);
    v_jobs_destroy(other);
    v_jobs_destroy(jobs);
}

static void *failing_alloc(void *user, size_t size_bytes, size_t align_bytes)
{
    uint32_t *left = user;
    if (*left == 0) {
        return NULL;
    }
    --*left;
    return v_alloc(NULL, size_bytes, align_bytes);
}

static void failing_free(void *user, void *memory, size_t size_bytes, size_t align_bytes)
{
    (void)user;
    v_free(NULL, memory, size_bytes, align_bytes);
}

static void jobs_create_survives_every_allocation_failure(void **state)
{
    (void)state;
    v_status status = V_ERROR_OUT_OF_MEMORY;
    uint32_t budget = 0;
    for (; status == V_ERROR_OUT_OF_MEMORY && budget < 100; budget++) {
        uint32_t left = budget;
        const v_allocator allocator = { .alloc = failing_alloc, .free = failing_free, .user = &left };
        v_jobs *jobs = NULL;
        status = v_jobs_create(&(v_jobs_desc){ .allocator = &allocator, .worker_count = 3 }, &jobs);
        assert_true((status == V_OK) == (jobs != NULL));
        v_jobs_destroy(jobs);
    }
    assert_int_equal(status, V_OK);
    assert_true(budget > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(jobs_every_submitted_job_runs_once),
        cmocka_unit_test(jobs_counter_is_reusable_at_zero),
        cmocka_unit_test(jobs_destroying_a_counter_in_use_is_refused),
        cmocka_unit_test(jobs_counters_beyond_the_capacity_are_refused),
        cmocka_unit_test(jobs_run_by_priority),
        cmocka_unit_test(jobs_main_thread_jobs_run_on_the_main_thread_only),
        cmocka_unit_test(jobs_for_serves_main_thread_jobs_that_its_chunks_wait_for),
        cmocka_unit_test(jobs_overflow_runs_inline),
        cmocka_unit_test(jobs_too_many_dependent_jobs_are_refused_and_leave_no_trace),
        cmocka_unit_test(jobs_other_threads_may_submit_and_wait),
        cmocka_unit_test(jobs_overflow_from_another_thread_is_refused),
        cmocka_unit_test(jobs_metrics_count_what_happened),
        cmocka_unit_test(jobs_destroy_runs_what_is_left),
        cmocka_unit_test(jobs_that_wait_for_each_other_do_not_hang_destroy),
        cmocka_unit_test(jobs_idle_workers_use_no_processor_time),
        cmocka_unit_test(jobs_scratch_arena_is_per_worker_and_taken_at_create),
        cmocka_unit_test(jobs_bad_arguments_are_errors),
        cmocka_unit_test(jobs_create_survives_every_allocation_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
