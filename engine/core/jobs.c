// jobs.c: the job system's life, submission and waiting (E05).
#include "jobs_internal.h"

#include <stdio.h>

#define QUEUE_CAPACITY_DEFAULT   4096u
#define QUEUE_CAPACITY_MAX       (1u << 20)
#define COUNTER_CAPACITY_DEFAULT 1024u
#define COUNTER_CAPACITY_MAX     (1u << 20)
#define SCRATCH_BYTES_DEFAULT    ((size_t)1 << 20)
// Spinning pays only while every worker has a processor of its own; otherwise it takes time from the ones at work.
#define SPIN_ROUNDS         64u
#define SPIN_ROUNDS_CROWDED 2u
// One submission in this many carries a time stamp: two clock reads cost about as much as the rest of an empty job.
#define LATENCY_SAMPLE_MASK 15u
#define SHUTDOWN_POLL_NS    50000u

static uint32_t round_up_to_power_of_two(uint32_t value)
{
    uint32_t power = 1;
    while (power < value) {
        power *= 2;
    }
    return power;
}

static v_status check_desc(const v_jobs_desc *desc, v_jobs **out_jobs)
{
    if (desc == NULL || out_jobs == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_jobs_create: %s is null", desc == NULL ? "desc" : "out_jobs");
    }
    if (desc->worker_count > V_JOBS_WORKERS_MAX) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_jobs_create: worker_count is %u, at most %d are supported",
                      desc->worker_count, V_JOBS_WORKERS_MAX);
    }
    if (desc->queue_capacity > QUEUE_CAPACITY_MAX) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_jobs_create: queue_capacity is %u, at most %u is supported",
                      desc->queue_capacity, QUEUE_CAPACITY_MAX);
    }
    if (desc->counter_capacity > COUNTER_CAPACITY_MAX) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_jobs_create: counter_capacity is %u, at most %u is supported",
                      desc->counter_capacity, COUNTER_CAPACITY_MAX);
    }
    return V_OK;
}

static void fill_pools(v_jobs *jobs)
{
    for (uint32_t index = jobs->node_capacity; index-- > 0;) {
        jobs_node_give(jobs, &jobs->nodes[index]);
    }
    for (uint32_t index = jobs->counter_capacity; index-- > 0;) {
        jobs->counters[index].next_free = jobs->shared.free_counters;
        jobs->shared.free_counters = &jobs->counters[index];
    }
    jobs_slot *slots = jobs->slots;
    for (uint32_t index = 0; index < jobs->worker_count; index++) {
        for (uint32_t priority = 0; priority < JOBS_PRIORITY_COUNT; priority++) {
            jobs_deque *deque = &jobs->workers[index].deques[priority];
            deque->slots = slots;
            deque->mask = (int64_t)jobs->queue_capacity - 1;
            slots += jobs->queue_capacity;
        }
    }
}

static v_status allocate(v_jobs *jobs)
{
    const v_allocator *allocator = jobs->allocator;
    size_t slot_count = (size_t)jobs->worker_count * JOBS_PRIORITY_COUNT * jobs->queue_capacity;
    jobs->workers = V_NEW_ARRAY(allocator, jobs_worker, jobs->worker_count);
    jobs->slots = V_NEW_ARRAY(allocator, jobs_slot, slot_count);
    jobs->nodes = V_NEW_ARRAY(allocator, jobs_node, jobs->node_capacity);
    jobs->counters = V_NEW_ARRAY(allocator, v_job_counter, jobs->counter_capacity);
    if (jobs->workers == NULL || jobs->slots == NULL || jobs->nodes == NULL || jobs->counters == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    V_TRY(v_mutex_create(allocator, &jobs->shared.mutex));
    V_TRY(v_condition_create(allocator, &jobs->shared.outsider_wake));
    fill_pools(jobs);
    return V_OK;
}

static v_status init_worker(v_jobs *jobs, uint32_t index, size_t scratch_bytes)
{
    jobs_worker *worker = &jobs->workers[index];
    worker->jobs = jobs;
    worker->index = index;
    worker->next_victim = index;
    worker->scratch = (v_arena){ .allocator = jobs->allocator, .chunk_bytes = scratch_bytes };
    V_TRY(v_mutex_create(jobs->allocator, &worker->park_mutex));
    V_TRY(v_condition_create(jobs->allocator, &worker->park_wake));
    // The first chunk is taken now, so that jobs do not allocate later.
    if (v_arena_alloc(&worker->scratch, scratch_bytes, _Alignof(max_align_t)) == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    v_arena_reset(&worker->scratch);
    return V_OK;
}

static v_status start_thread(v_jobs *jobs, uint32_t index)
{
    char name[24];
    (void)snprintf(name, sizeof(name), "v-job-%u", index);
    atomic_fetch_add_explicit(&jobs->live_threads, 1, memory_order_seq_cst);
    v_status status =
        v_thread_create(jobs->allocator, name, jobs_thread_main, &jobs->workers[index], &jobs->workers[index].thread);
    if (status != V_OK) {
        atomic_fetch_sub_explicit(&jobs->live_threads, 1, memory_order_seq_cst);
    }
    return status;
}

// Also for a system that was built in part.
static void release(v_jobs *jobs)
{
    const v_allocator *allocator = jobs->allocator;
    atomic_store_explicit(&jobs->stopping, true, memory_order_seq_cst);
    if (jobs->workers != NULL) {
        jobs_wake_all(jobs);
        // Jobs of the last moments may need worker 0: main-thread jobs, and jobs that wait for them.
        while (atomic_load_explicit(&jobs->live_threads, memory_order_seq_cst) != 0) {
            if (!jobs_run_one(jobs, 0)) {
                v_sleep_ns(SHUTDOWN_POLL_NS);
            }
        }
        while (jobs_run_one(jobs, 0)) {
        }
        for (uint32_t index = 0; index < jobs->worker_count; index++) {
            v_thread_join(jobs->workers[index].thread); // all before any lock goes: the last ones may still wake others
        }
        if (jobs->shared.pending_count != 0) {
            (void)v_fail(V_ERROR_STATE, "v_jobs_destroy: %u jobs never ran: their counters wait for each other",
                         jobs->shared.pending_count);
        }
        for (uint32_t index = 0; index < jobs->worker_count; index++) {
            jobs_worker *worker = &jobs->workers[index];
            v_condition_destroy(worker->park_wake);
            v_mutex_destroy(worker->park_mutex);
            v_arena_destroy(&worker->scratch);
        }
    }
    v_condition_destroy(jobs->shared.outsider_wake);
    v_mutex_destroy(jobs->shared.mutex);
    V_DELETE_ARRAY(allocator, jobs->counters, jobs->counter_capacity);
    V_DELETE_ARRAY(allocator, jobs->nodes, jobs->node_capacity);
    V_DELETE_ARRAY(allocator, jobs->slots, (size_t)jobs->worker_count * JOBS_PRIORITY_COUNT * jobs->queue_capacity);
    V_DELETE_ARRAY(allocator, jobs->workers, jobs->worker_count);
    V_DELETE(allocator, jobs);
}

v_status v_jobs_create(const v_jobs_desc *desc, v_jobs **out_jobs)
{
    V_TRY(check_desc(desc, out_jobs));
    *out_jobs = NULL;
    v_jobs *jobs = V_NEW(desc->allocator, v_jobs);
    if (jobs == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    uint32_t processors = v_processor_count();
    uint32_t automatic = processors < V_JOBS_WORKERS_MAX ? processors : V_JOBS_WORKERS_MAX;
    jobs->allocator = desc->allocator;
    jobs->creator = jobs_thread_identity();
    jobs->worker_count = desc->worker_count != 0 ? desc->worker_count : automatic;
    jobs->queue_capacity =
        round_up_to_power_of_two(desc->queue_capacity != 0 ? desc->queue_capacity : QUEUE_CAPACITY_DEFAULT);
    jobs->node_capacity = jobs->queue_capacity * (jobs->worker_count < 8 ? jobs->worker_count : 8);
    jobs->counter_capacity = desc->counter_capacity != 0 ? desc->counter_capacity : COUNTER_CAPACITY_DEFAULT;
    jobs->spin_rounds = jobs->worker_count <= processors ? SPIN_ROUNDS : SPIN_ROUNDS_CROWDED;
    size_t scratch_bytes = desc->scratch_bytes != 0 ? desc->scratch_bytes : SCRATCH_BYTES_DEFAULT;
    v_status status = allocate(jobs);
    for (uint32_t index = 0; status == V_OK && index < jobs->worker_count; index++) {
        status = init_worker(jobs, index, scratch_bytes);
    }
    for (uint32_t index = 1; status == V_OK && index < jobs->worker_count; index++) {
        status = start_thread(jobs, index);
    }
    if (status != V_OK) {
        release(jobs);
        return status;
    }
    *out_jobs = jobs;
    return V_OK;
}

void v_jobs_destroy(v_jobs *jobs)
{
    if (jobs == NULL) {
        return;
    }
    if (jobs_current_worker(jobs) != 0 || atomic_load(&jobs->workers[0].counts.running) != 0) {
        (void)v_fail(V_ERROR_STATE, "v_jobs_destroy: only the creating thread may call it, and not from a job");
        return;
    }
    release(jobs);
}

uint32_t v_jobs_worker_count(const v_jobs *jobs)
{
    return jobs != NULL ? jobs->worker_count : 1;
}

struct v_arena *v_jobs_scratch(v_jobs *jobs, uint32_t worker)
{
    if (jobs == NULL || worker >= jobs->worker_count) {
        (void)v_fail(V_ERROR_INVALID_ARGUMENT, "v_jobs_scratch: worker %u of %u", worker,
                     jobs != NULL ? jobs->worker_count : 0);
        return NULL;
    }
    return &jobs->workers[worker].scratch;
}

static v_status check_job(const v_jobs *jobs, const v_job_desc *job)
{
    if (jobs == NULL || job == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_jobs_submit: %s is null", jobs == NULL ? "jobs" : "job");
    }
    if (job->run == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_jobs_submit: job.run is null");
    }
    if ((uint32_t)job->priority >= JOBS_PRIORITY_COUNT) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_jobs_submit: job.priority is %d, not a v_job_priority",
                      (int)job->priority);
    }
    if (!jobs_counter_valid(jobs, job->signal) || !jobs_counter_valid(jobs, job->wait_for)) {
        return v_fail(V_ERROR_STALE, "v_jobs_submit: job.%s is not a live counter of this job system",
                      jobs_counter_valid(jobs, job->signal) ? "wait_for" : "signal");
    }
    if (job->signal != NULL && job->signal == job->wait_for) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_jobs_submit: the job would wait for itself: signal equals wait_for");
    }
    return V_OK;
}

static void count_submitted(v_jobs *jobs, uint32_t worker)
{
    if (worker == JOBS_NOT_A_WORKER) {
        atomic_fetch_add_explicit(&jobs->shared.submitted, 1, memory_order_relaxed);
        return;
    }
    _Atomic uint64_t *submitted = &jobs->workers[worker].counts.submitted;
    atomic_store_explicit(submitted, atomic_load_explicit(submitted, memory_order_relaxed) + 1, memory_order_relaxed);
}

// No room: the submitter runs the job, if it may.
static v_status run_inline(v_jobs *jobs, uint32_t worker, const v_job_desc *job, const jobs_item *item)
{
    if (worker == JOBS_NOT_A_WORKER || (job->main_thread && worker != 0)) {
        if (job->signal != NULL) {
            jobs_counter_signal(jobs, worker, job->signal, 1);
        }
        return v_fail(V_ERROR_FULL, "v_jobs_submit: the shared queue holds %u jobs already; raise queue_capacity",
                      jobs->node_capacity);
    }
    count_submitted(jobs, worker);
    _Atomic uint64_t *inlined = &jobs->workers[worker].counts.run_inline;
    atomic_store_explicit(inlined, atomic_load_explicit(inlined, memory_order_relaxed) + 1, memory_order_relaxed);
    jobs_run_item(jobs, worker, item);
    return V_OK;
}

static v_status enqueue(v_jobs *jobs, uint32_t worker, const v_job_desc *job, const jobs_item *item)
{
    bool queued = job->main_thread              ? jobs_shared_push(jobs, JOBS_LANE_MAIN, item)
                  : worker == JOBS_NOT_A_WORKER ? jobs_shared_push(jobs, job->priority, item)
                                                : jobs_deque_push(&jobs->workers[worker].deques[job->priority], item);
    if (!queued) {
        return run_inline(jobs, worker, job, item);
    }
    count_submitted(jobs, worker);
    if (job->main_thread) {
        jobs_wake_main(jobs);
    } else {
        jobs_wake(jobs, 1);
    }
    return V_OK;
}

v_status v_jobs_submit(v_jobs *jobs, const v_job_desc *job)
{
    V_TRY(check_job(jobs, job));
    uint32_t worker = jobs_current_worker(jobs);
    jobs_item item = { .run = job->run, .data = job->data, .signal = job->signal };
    if (worker == JOBS_NOT_A_WORKER || (jobs->workers[worker].sample_tick++ & LATENCY_SAMPLE_MASK) == 0) {
        item.submit_ns = v_clock_ns();
    }
    if (job->signal != NULL) {
        jobs_counter_add(job->signal);
    }
    if (job->wait_for != NULL) {
        item.submit_ns = 0; // its latency would tell about the other jobs' length
        uint32_t lane = job->main_thread ? JOBS_LANE_MAIN : (uint32_t)job->priority;
        switch (jobs_counter_attach(jobs, job->wait_for, &item, lane)) {
        case JOBS_ATTACHED:
            count_submitted(jobs, worker);
            return V_OK;
        case JOBS_NO_NODE:
            if (job->signal != NULL) {
                jobs_counter_signal(jobs, worker, job->signal, 1);
            }
            return v_fail(V_ERROR_FULL, "v_jobs_submit: %u jobs wait for counters already; raise queue_capacity",
                          jobs->node_capacity);
        case JOBS_NOT_NEEDED:
            break;
        }
    }
    return enqueue(jobs, worker, job, &item);
}

void v_jobs_wait(v_jobs *jobs, v_job_counter *counter)
{
    if (jobs == NULL || counter == NULL || !jobs_counter_valid(jobs, counter)) {
        (void)v_fail(V_ERROR_INVALID_ARGUMENT, "v_jobs_wait: %s",
                     jobs == NULL ? "jobs is null" : "not a live counter of this job system");
        return;
    }
    uint32_t worker = jobs_current_worker(jobs);
    if (worker == JOBS_NOT_A_WORKER) {
        jobs_wait_outside(jobs, counter);
        return;
    }
    bool slept = false;
    while (!jobs_counter_done(counter)) {
        if (!jobs_run_one(jobs, worker) && !jobs_spin(jobs, worker, counter, true)) {
            jobs_park(jobs, worker, counter, true);
            slept = true;
        }
    }
    // The wake-up may have been meant for a job; this worker leaves, so another has to take it.
    if (slept && jobs_has_work(jobs, worker)) {
        jobs_wake(jobs, 1);
    }
}

void v_jobs_run_main(v_jobs *jobs)
{
    if (jobs == NULL || jobs_current_worker(jobs) != 0) {
        (void)v_fail(V_ERROR_STATE, "v_jobs_run_main: %s",
                     jobs == NULL ? "jobs is null" : "only the creating thread may call it");
        return;
    }
    while (jobs_run_one_main(jobs)) {
    }
}
