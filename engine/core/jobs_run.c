// jobs_run.c: how a worker finds jobs and runs them.
#include "jobs_internal.h"

// The calling thread's worker, for the threads that a job system started. The creating thread is recognised by the
// address of this variable instead, because it may be worker 0 of several systems.
static _Thread_local const jobs_worker *thread_worker;

const void *jobs_thread_identity(void)
{
    return &thread_worker;
}

uint32_t jobs_current_worker(const v_jobs *jobs)
{
    const jobs_worker *worker = thread_worker;
    if (worker != NULL && worker->jobs == jobs) {
        return worker->index;
    }
    return jobs->creator == jobs_thread_identity() ? 0 : JOBS_NOT_A_WORKER;
}

static void add_relaxed(_Atomic uint64_t *value, uint64_t amount)
{
    atomic_store_explicit(value, atomic_load_explicit(value, memory_order_relaxed) + amount, memory_order_relaxed);
}

static void record_latency(const v_jobs *jobs, jobs_worker_counts *counts, uint64_t latency_ns)
{
    uint32_t epoch = atomic_load_explicit(&jobs->latency_epoch, memory_order_relaxed);
    if (atomic_load_explicit(&counts->latency_epoch, memory_order_relaxed) != epoch) {
        atomic_store_explicit(&counts->latency_count, 0, memory_order_relaxed);
        atomic_store_explicit(&counts->latency_sum_ns, 0, memory_order_relaxed);
        atomic_store_explicit(&counts->latency_max_ns, 0, memory_order_relaxed);
        atomic_store_explicit(&counts->latency_epoch, epoch, memory_order_release);
    }
    add_relaxed(&counts->latency_count, 1);
    add_relaxed(&counts->latency_sum_ns, latency_ns);
    if (latency_ns > atomic_load_explicit(&counts->latency_max_ns, memory_order_relaxed)) {
        atomic_store_explicit(&counts->latency_max_ns, latency_ns, memory_order_relaxed);
    }
}

static void call(v_jobs *jobs, uint32_t index, const jobs_item *item)
{
    jobs_worker_counts *counts = &jobs->workers[index].counts;
    if (item->submit_ns != 0) {
        uint64_t now_ns = v_clock_ns();
        record_latency(jobs, counts, now_ns > item->submit_ns ? now_ns - item->submit_ns : 0);
    }
    uint32_t running = atomic_load_explicit(&counts->running, memory_order_relaxed);
    atomic_store_explicit(&counts->running, running + 1, memory_order_relaxed);
    item->run(item->data, index);
    atomic_store_explicit(&counts->running, running, memory_order_relaxed);
    add_relaxed(&counts->completed, 1);
}

void jobs_run_item(v_jobs *jobs, uint32_t index, const jobs_item *item)
{
    call(jobs, index, item);
    if (item->signal != NULL) {
        jobs_counter_signal(jobs, index, item->signal, 1);
    }
}

static bool steal(v_jobs *jobs, jobs_worker *thief, uint32_t priority, jobs_item *out_item)
{
    uint32_t count = jobs->worker_count;
    uint32_t victim = thief->next_victim;
    for (uint32_t tried = 0; tried < count; tried++, victim = victim + 1 < count ? victim + 1 : 0) {
        if (victim != thief->index && jobs_deque_steal(&jobs->workers[victim].deques[priority], out_item)) {
            thief->next_victim = victim; // it probably has more
            add_relaxed(&thief->counts.stolen, 1);
            return true;
        }
    }
    return false;
}

// Own jobs come before others' of the next lower priority, so that a busy worker does not read every deque for each
// job.
static bool find(v_jobs *jobs, uint32_t index, jobs_item *out_item)
{
    jobs_worker *worker = &jobs->workers[index];
    if (index == 0 && jobs_shared_pop(jobs, JOBS_LANE_MAIN, out_item)) {
        return true;
    }
    if (jobs_deque_pop(&worker->deques[V_JOB_HIGH], out_item) || jobs_shared_pop(jobs, V_JOB_HIGH, out_item) ||
        jobs_deque_pop(&worker->deques[V_JOB_NORMAL], out_item) || steal(jobs, worker, V_JOB_HIGH, out_item) ||
        jobs_shared_pop(jobs, V_JOB_NORMAL, out_item) || steal(jobs, worker, V_JOB_NORMAL, out_item)) {
        return true;
    }
    return jobs_deque_pop(&worker->deques[V_JOB_LOW], out_item) || jobs_shared_pop(jobs, V_JOB_LOW, out_item) ||
           steal(jobs, worker, V_JOB_LOW, out_item);
}

bool jobs_run_one(v_jobs *jobs, uint32_t worker)
{
    jobs_item item;
    if (!find(jobs, worker, &item)) {
        return false;
    }
    jobs_run_item(jobs, worker, &item);
    return true;
}

bool jobs_run_one_main(v_jobs *jobs)
{
    jobs_item item;
    if (!jobs_shared_pop(jobs, JOBS_LANE_MAIN, &item)) {
        return false;
    }
    jobs_run_item(jobs, 0, &item);
    return true;
}

bool jobs_has_work(v_jobs *jobs, uint32_t worker)
{
    for (uint32_t lane = 0; lane < JOBS_PRIORITY_COUNT; lane++) {
        if (jobs_shared_has(jobs, lane)) {
            return true;
        }
    }
    if (worker == 0 && jobs_shared_has(jobs, JOBS_LANE_MAIN)) {
        return true;
    }
    for (uint32_t index = 0; index < jobs->worker_count; index++) {
        for (uint32_t priority = 0; priority < JOBS_PRIORITY_COUNT; priority++) {
            if (jobs_deque_depth(&jobs->workers[index].deques[priority]) != 0) {
                return true;
            }
        }
    }
    return false;
}

// Run jobs until there are none. A row of jobs with the same counter signals it once, at the row's end: the counter
// could not come to zero before that, and it is the memory that workers fight over most.
static bool run_row(v_jobs *jobs, uint32_t worker)
{
    jobs_item item;
    bool found = find(jobs, worker, &item);
    bool ran = found;
    while (found) {
        v_job_counter *signal = item.signal;
        uint32_t finished = 0;
        do {
            call(jobs, worker, &item);
            finished++;
            found = find(jobs, worker, &item);
        } while (found && item.signal == signal);
        if (signal != NULL) {
            jobs_counter_signal(jobs, worker, signal, finished);
        }
    }
    return ran;
}

void jobs_thread_main(void *user)
{
    jobs_worker *worker = user;
    v_jobs *jobs = worker->jobs;
    thread_worker = worker;
    for (;;) {
        if (run_row(jobs, worker->index) || jobs_spin(jobs, worker->index, NULL, true)) {
            // Leave only when there was nothing to do: what a last job submitted is in this worker's own deque.
            if (atomic_load_explicit(&jobs->stopping, memory_order_seq_cst) && !jobs_has_work(jobs, worker->index)) {
                break;
            }
            continue;
        }
        jobs_park(jobs, worker->index, NULL, true);
    }
    thread_worker = NULL;
    atomic_fetch_sub_explicit(&jobs->live_threads, 1, memory_order_seq_cst);
}
