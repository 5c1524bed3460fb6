// jobs_counter.c: counters of unfinished jobs and the jobs that depend on them.
#include "jobs_internal.h"

void jobs_counter_add(v_job_counter *counter)
{
    // The sleeper mark of a finished round would cause needless wake-ups; drop it when a new round starts.
    uint64_t stale = JOBS_COUNT_SLEEPER;
    if (atomic_load_explicit(&counter->value, memory_order_relaxed) == stale &&
        atomic_compare_exchange_strong_explicit(&counter->value, &stale, 1, memory_order_acq_rel,
                                                memory_order_relaxed)) {
        return;
    }
    atomic_fetch_add_explicit(&counter->value, 1, memory_order_acq_rel);
}

bool jobs_counter_mark_sleeper(v_job_counter *counter)
{
    uint64_t value = atomic_load_explicit(&counter->value, memory_order_seq_cst);
    while ((value & ~JOBS_COUNT_SLEEPER) != 0) {
        if ((value & JOBS_COUNT_SLEEPER) != 0 ||
            atomic_compare_exchange_weak_explicit(&counter->value, &value, value | JOBS_COUNT_SLEEPER,
                                                  memory_order_seq_cst, memory_order_seq_cst)) {
            return true;
        }
    }
    return false;
}

bool jobs_counter_valid(const v_jobs *jobs, const v_job_counter *counter)
{
    if (counter == NULL) {
        return true;
    }
    uintptr_t offset = (uintptr_t)counter - (uintptr_t)jobs->counters;
    return offset < jobs->counter_capacity * sizeof(v_job_counter) && offset % sizeof(v_job_counter) == 0 &&
           counter->alive;
}

jobs_attach_result jobs_counter_attach(v_jobs *jobs, v_job_counter *counter, const jobs_item *item, uint32_t lane)
{
    if ((atomic_load_explicit(&counter->value, memory_order_acquire) & JOBS_COUNT_MASK) == 0) {
        return JOBS_NOT_NEEDED;
    }
    jobs_attach_result result = JOBS_NOT_NEEDED;
    v_mutex_lock(jobs->shared.mutex);
    jobs_node *node = jobs_node_take(jobs);
    uint64_t value = atomic_load_explicit(&counter->value, memory_order_acquire);
    if (node == NULL) {
        result = JOBS_NO_NODE;
    }
    while (node != NULL && (value & JOBS_COUNT_MASK) != 0) {
        if (atomic_compare_exchange_weak_explicit(&counter->value, &value, value | JOBS_COUNT_PENDING,
                                                  memory_order_acq_rel, memory_order_acquire)) {
            *node = (jobs_node){ .next = counter->waiting, .item = *item, .lane = lane };
            counter->waiting = node;
            jobs->shared.pending_count++;
            node = NULL;
            result = JOBS_ATTACHED;
        }
    }
    if (node != NULL) {
        jobs_node_give(jobs, node);
    }
    v_mutex_unlock(jobs->shared.mutex);
    return result;
}

// shared.mutex is held. Own deque first; the shared lane takes what does not fit there, so a release cannot fail.
static void release_node(v_jobs *jobs, uint32_t worker, jobs_node *node)
{
    jobs->shared.pending_count--;
    if (node->lane != JOBS_LANE_MAIN && worker != JOBS_NOT_A_WORKER &&
        jobs_deque_push(&jobs->workers[worker].deques[node->lane], &node->item)) {
        jobs_node_give(jobs, node);
        return;
    }
    jobs_lane_append(jobs, node->lane, node);
}

// Release the waiting jobs of a counter that came to zero. Returns the flags it was left with, or JOBS_COUNT_MASK when
// another round began meanwhile: then that round's end releases them.
static uint64_t release_waiting(v_jobs *jobs, uint32_t worker, v_job_counter *counter)
{
    uint32_t released = 0;
    bool released_main = false;
    v_mutex_lock(jobs->shared.mutex);
    uint64_t value = atomic_load_explicit(&counter->value, memory_order_seq_cst);
    jobs_node *node = counter->waiting;
    // Emptied before the flag is cleared: from then on the counter may be gone.
    counter->waiting = NULL;
    for (;;) {
        if ((value & JOBS_COUNT_MASK) != 0) {
            counter->waiting = node;
            v_mutex_unlock(jobs->shared.mutex);
            return JOBS_COUNT_MASK;
        }
        if (atomic_compare_exchange_weak_explicit(&counter->value, &value, value & ~JOBS_COUNT_PENDING,
                                                  memory_order_seq_cst, memory_order_seq_cst)) {
            break;
        }
    }
    while (node != NULL) {
        jobs_node *next = node->next;
        released_main = released_main || node->lane == JOBS_LANE_MAIN;
        released++;
        release_node(jobs, worker, node);
        node = next;
    }
    v_mutex_unlock(jobs->shared.mutex);
    jobs_wake(jobs, released);
    if (released_main) {
        jobs_wake_main(jobs);
    }
    return value;
}

void jobs_counter_signal(v_jobs *jobs, uint32_t worker, v_job_counter *counter, uint32_t finished)
{
    uint64_t before = atomic_fetch_sub_explicit(&counter->value, finished, memory_order_seq_cst);
    if ((before & JOBS_COUNT_MASK) != finished) {
        return;
    }
    uint64_t flags = before & ~JOBS_COUNT_MASK;
    if ((flags & JOBS_COUNT_PENDING) != 0) {
        flags = release_waiting(jobs, worker, counter);
    }
    if ((flags & JOBS_COUNT_SLEEPER) != 0) {
        jobs_wake_waiters(jobs);
    }
}

v_status v_job_counter_create(v_jobs *jobs, v_job_counter **out_counter)
{
    if (jobs == NULL || out_counter == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_job_counter_create: %s is null",
                      jobs == NULL ? "jobs" : "out_counter");
    }
    v_mutex_lock(jobs->shared.mutex);
    v_job_counter *counter = jobs->shared.free_counters;
    if (counter != NULL) {
        jobs->shared.free_counters = counter->next_free;
        counter->next_free = NULL;
        counter->alive = true;
    }
    v_mutex_unlock(jobs->shared.mutex);
    *out_counter = counter;
    if (counter == NULL) {
        return v_fail(V_ERROR_FULL, "v_job_counter_create: all %u counters are in use; raise counter_capacity",
                      jobs->counter_capacity);
    }
    return V_OK;
}

void v_job_counter_destroy(v_jobs *jobs, v_job_counter *counter)
{
    if (jobs == NULL || counter == NULL) {
        return;
    }
    if (!jobs_counter_valid(jobs, counter)) {
        (void)v_fail(V_ERROR_STALE, "v_job_counter_destroy: not a live counter of this job system");
        return;
    }
    if (!jobs_counter_done(counter)) {
        (void)v_fail(V_ERROR_STATE,
                     "v_job_counter_destroy: %u jobs are unfinished, the counter was kept; wait for it first",
                     (uint32_t)atomic_load_explicit(&counter->value, memory_order_relaxed));
        return;
    }
    v_mutex_lock(jobs->shared.mutex);
    atomic_store_explicit(&counter->value, 0, memory_order_relaxed);
    counter->alive = false;
    counter->next_free = jobs->shared.free_counters;
    jobs->shared.free_counters = counter;
    v_mutex_unlock(jobs->shared.mutex);
}
