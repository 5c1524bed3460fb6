// jobs_for.c: parallel-for. Every participant takes the next chunk from one shared cursor until none is left.
//
// The caller works too, and offers a helper job per further worker. A helper that starts late finds the cursor at the
// end and returns, so the cost of a loop that the caller finished alone is a few pushes and pops of its own deque.
#include "jobs_internal.h"

/// On a cache line of its own: every participant writes it. 64 bits, because participants count past chunk_count.
typedef struct for_cursor {
    _Alignas(64) _Atomic uint64_t next;
} for_cursor;

typedef struct for_loop {
    for_cursor cursor;
    v_job_counter helpers; // not one of the system's: only this file's jobs signal it
    v_jobs *jobs;
    v_jobs_for_function run;
    void *data;
    uint32_t count, chunk_size, chunk_count;
} for_loop;

static void run_chunk(const for_loop *loop, uint32_t chunk, uint32_t worker)
{
    uint32_t begin = chunk * loop->chunk_size;
    uint32_t left = loop->count - begin;
    loop->run(loop->data, begin, begin + (left < loop->chunk_size ? left : loop->chunk_size), chunk, worker);
}

static void run_chunks(for_loop *loop, uint32_t worker)
{
    for (;;) {
        uint64_t chunk = atomic_fetch_add_explicit(&loop->cursor.next, 1, memory_order_relaxed);
        if (chunk >= loop->chunk_count) {
            return;
        }
        run_chunk(loop, (uint32_t)chunk, worker);
    }
}

static void help(void *data, uint32_t worker)
{
    for_loop *loop = data;
    if (atomic_load_explicit(&loop->cursor.next, memory_order_relaxed) >= loop->chunk_count) {
        return;
    }
    // Sleepers are woken as a tree, so that no participant pays for all of them.
    jobs_wake(loop->jobs, 2);
    run_chunks(loop, worker);
}

// Wait for the helpers. Other workers' jobs are left alone: one of them could keep this loop from returning for long.
// Own jobs are run, because helpers that nobody stole are among them; the deque's end tells that there are none left.
static void finish_helpers(for_loop *loop, uint32_t worker)
{
    v_jobs *jobs = loop->jobs;
    jobs_deque *deque = &jobs->workers[worker].deques[V_JOB_HIGH];
    jobs_item item;
    while (!jobs_counter_done(&loop->helpers)) {
        if (jobs_deque_pop(deque, &item)) {
            jobs_run_item(jobs, worker, &item);
        } else if ((worker != 0 || !jobs_run_one_main(jobs)) && !jobs_spin(jobs, worker, &loop->helpers, false)) {
            jobs_park(jobs, worker, &loop->helpers, false);
        }
    }
}

static void run_parallel(for_loop *loop, uint32_t worker)
{
    v_jobs *jobs = loop->jobs;
    jobs_worker *self = &jobs->workers[worker];
    uint32_t helper_count = jobs->worker_count - 1;
    if (helper_count > loop->chunk_count - 1) {
        helper_count = loop->chunk_count - 1;
    }
    const jobs_item helper = { .run = help, .data = loop, .signal = &loop->helpers };
    uint32_t pushed = 0;
    atomic_store_explicit(&loop->helpers.value, helper_count, memory_order_relaxed);
    while (pushed < helper_count && jobs_deque_push(&self->deques[V_JOB_HIGH], &helper)) {
        pushed++;
    }
    if (pushed < helper_count) { // a full deque: the helpers that found no room are not needed
        atomic_fetch_sub_explicit(&loop->helpers.value, helper_count - pushed, memory_order_acq_rel);
    }
    _Atomic uint64_t *submitted = &self->counts.submitted;
    atomic_store_explicit(submitted, atomic_load_explicit(submitted, memory_order_relaxed) + pushed,
                          memory_order_relaxed);
    jobs_wake(jobs, pushed < 2 ? pushed : 2);
    run_chunks(loop, worker);
    finish_helpers(loop, worker);
}

// The loop of a thread that is no worker: it has no worker index to run chunks with, so a worker runs the loop for it.
static void run_from_worker(void *data, uint32_t worker)
{
    run_parallel(data, worker);
}

static void run_outside(for_loop *loop)
{
    v_job_counter *done;
    const uint64_t retry_ns = 100000;
    while (v_job_counter_create(loop->jobs, &done) != V_OK) {
        v_sleep_ns(retry_ns);
    }
    const v_job_desc desc = { .run = run_from_worker, .data = loop, .priority = V_JOB_HIGH, .signal = done };
    while (v_jobs_submit(loop->jobs, &desc) != V_OK) {
        v_sleep_ns(retry_ns);
    }
    jobs_wait_outside(loop->jobs, done);
    v_job_counter_destroy(loop->jobs, done);
}

void v_jobs_for(v_jobs *jobs, uint32_t count, uint32_t chunk_size, v_jobs_for_function run, void *data)
{
    if (run == NULL) {
        (void)v_fail(V_ERROR_INVALID_ARGUMENT, "v_jobs_for: run is null");
        return;
    }
    for_loop loop = { .jobs = jobs,
                      .run = run,
                      .data = data,
                      .count = count,
                      .chunk_size = chunk_size != 0 ? chunk_size : 64,
                      .chunk_count = v_jobs_chunk_count(count, chunk_size) };
    uint32_t worker = jobs != NULL ? jobs_current_worker(jobs) : 0;
    if (worker == JOBS_NOT_A_WORKER && count != 0) {
        run_outside(&loop);
    } else if (loop.chunk_count > 1 && jobs != NULL && jobs->worker_count > 1) {
        run_parallel(&loop, worker);
    } else {
        for (uint32_t chunk = 0; chunk < loop.chunk_count; chunk++) {
            run_chunk(&loop, chunk, worker);
        }
    }
}
