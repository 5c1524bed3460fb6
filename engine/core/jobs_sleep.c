// jobs_sleep.c: idle workers spin for a moment, then sleep until there is something for them.
//
// No wake-up is lost, by Dekker's argument over sequentially consistent accesses: a submitter publishes the job, then
// reads who sleeps; a worker publishes that it sleeps, then looks for jobs once more. At least one sees the other.
#include "jobs_internal.h"

// Looks at the queues between pauses; long enough to bridge the gap between two stages of a frame, short enough that an
// idle engine uses no processor time.
#define SPIN_PAUSES 16

static uint64_t worker_bit(uint32_t worker)
{
    return (uint64_t)1 << worker;
}

static bool should_stay_awake(v_jobs *jobs, uint32_t worker, v_job_counter *until, bool takes_jobs)
{
    if (until != NULL && jobs_counter_done(until)) {
        return true;
    }
    if (until == NULL && atomic_load_explicit(&jobs->stopping, memory_order_seq_cst)) {
        return true;
    }
    return takes_jobs ? jobs_has_work(jobs, worker) : worker == 0 && jobs_shared_has(jobs, JOBS_LANE_MAIN);
}

bool jobs_spin(v_jobs *jobs, uint32_t worker, v_job_counter *until, bool takes_jobs)
{
    for (uint32_t round = 0; round < jobs->spin_rounds; round++) {
        if (should_stay_awake(jobs, worker, until, takes_jobs)) {
            return true;
        }
        for (uint32_t pause = 0; pause < SPIN_PAUSES; pause++) {
            v_cpu_relax();
        }
    }
    return false;
}

void jobs_park(v_jobs *jobs, uint32_t index, v_job_counter *until, bool takes_jobs)
{
    jobs_worker *worker = &jobs->workers[index];
    uint64_t bit = worker_bit(index);
    if (until != NULL && !jobs_counter_mark_sleeper(until)) {
        return;
    }
    if (until != NULL || index == 0) {
        atomic_fetch_or_explicit(&jobs->sleepers.waiting, bit, memory_order_seq_cst);
    }
    if (takes_jobs) {
        atomic_fetch_or_explicit(&jobs->sleepers.idle, bit, memory_order_seq_cst);
    }
    if (!should_stay_awake(jobs, index, until, takes_jobs)) {
        v_mutex_lock(worker->park_mutex);
        while (!worker->park_token) {
            v_condition_wait(worker->park_wake, worker->park_mutex);
        }
        worker->park_token = false;
        v_mutex_unlock(worker->park_mutex);
    }
    // A waker that claimed this worker in the meantime leaves its token; the next park then returns at once.
    atomic_fetch_and_explicit(&jobs->sleepers.idle, ~bit, memory_order_seq_cst);
    atomic_fetch_and_explicit(&jobs->sleepers.waiting, ~bit, memory_order_seq_cst);
}

static void unpark(jobs_worker *worker)
{
    v_mutex_lock(worker->park_mutex);
    worker->park_token = true;
    v_condition_signal(worker->park_wake);
    v_mutex_unlock(worker->park_mutex);
}

// Take the worker's bit out of the mask; whoever gets it wakes the worker, so that nobody is woken twice.
static bool claim(_Atomic uint64_t *mask, uint64_t bit)
{
    return (atomic_fetch_and_explicit(mask, ~bit, memory_order_seq_cst) & bit) != 0;
}

static void wake_mask(v_jobs *jobs, _Atomic uint64_t *mask, uint64_t among, uint32_t *count)
{
    uint64_t sleepers = atomic_load_explicit(mask, memory_order_seq_cst) & among;
    while (sleepers != 0 && *count > 0) {
        uint32_t index = 63u - (uint32_t)__builtin_clzll(sleepers); // worker 0 last: its caller has other things to do
        if (claim(mask, worker_bit(index))) {
            unpark(&jobs->workers[index]);
            --*count;
        }
        sleepers &= ~worker_bit(index);
    }
}

void jobs_wake(v_jobs *jobs, uint32_t count)
{
    if (atomic_load_explicit(&jobs->sleepers.idle, memory_order_seq_cst) != 0) {
        // Those that wait for a counter may be about to leave, so idle ones first.
        wake_mask(jobs, &jobs->sleepers.idle, ~atomic_load_explicit(&jobs->sleepers.waiting, memory_order_relaxed),
                  &count);
        wake_mask(jobs, &jobs->sleepers.idle, UINT64_MAX, &count);
    }
}

void jobs_wake_main(v_jobs *jobs)
{
    bool sleeps = claim(&jobs->sleepers.idle, 1);
    bool waits = claim(&jobs->sleepers.waiting, 1);
    if (sleeps || waits) {
        unpark(&jobs->workers[0]);
    }
}

void jobs_wake_waiters(v_jobs *jobs)
{
    uint32_t everyone = UINT32_MAX;
    wake_mask(jobs, &jobs->sleepers.waiting, UINT64_MAX, &everyone);
    v_mutex_lock(jobs->shared.mutex);
    v_condition_broadcast(jobs->shared.outsider_wake);
    v_mutex_unlock(jobs->shared.mutex);
}

void jobs_wake_all(v_jobs *jobs)
{
    uint32_t everyone = UINT32_MAX;
    wake_mask(jobs, &jobs->sleepers.idle, UINT64_MAX, &everyone);
    wake_mask(jobs, &jobs->sleepers.waiting, UINT64_MAX, &everyone);
}

void jobs_wait_outside(v_jobs *jobs, v_job_counter *counter)
{
    v_mutex_lock(jobs->shared.mutex);
    while (jobs_counter_mark_sleeper(counter)) {
        v_condition_wait(jobs->shared.outsider_wake, jobs->shared.mutex);
    }
    v_mutex_unlock(jobs->shared.mutex);
}
