// jobs_internal.h: the job system's state, shared by jobs*.c.
//
// Where a job can be: in a worker's deque; in a lane of the shared queue (main-thread jobs, jobs from threads that are
// no workers, overflow of released jobs); or in the waiting list of the counter that it depends on. The last two use
// nodes from one pool that is taken at create.
#ifndef JOBS_INTERNAL_H
#define JOBS_INTERNAL_H

#include "jobs_deque.h"
#include "v/thread.h"

#define JOBS_PRIORITY_COUNT 3
#define JOBS_LANE_MAIN      JOBS_PRIORITY_COUNT ///< The shared queue's lane for main-thread jobs.
#define JOBS_LANE_COUNT     (JOBS_PRIORITY_COUNT + 1)
#define JOBS_NOT_A_WORKER   UINT32_MAX

/// A counter's value: unfinished jobs in the low half and two flags. One word, so that the decrement that reaches zero
/// learns in the same step whether anybody has to be told, and need not touch the counter again: whoever sees it done
/// may destroy it at once.
#define JOBS_COUNT_MASK    ((uint64_t)UINT32_MAX)
#define JOBS_COUNT_PENDING ((uint64_t)1 << 62) ///< Jobs wait for this counter; it is not done until they are released.
#define JOBS_COUNT_SLEEPER ((uint64_t)1 << 63) ///< A thread sleeps until the counter is done.

typedef struct jobs_node {
    struct jobs_node *next;
    jobs_item item;
    uint32_t lane;
} jobs_node;

struct v_job_counter {
    _Alignas(64) _Atomic uint64_t value;
    jobs_node *waiting;              // guarded by shared.mutex
    struct v_job_counter *next_free; // guarded by shared.mutex
    bool alive;
};

typedef struct jobs_lane {
    jobs_node *first, *last; // guarded by shared.mutex
    _Atomic uint32_t depth;  // written under the mutex, read without it
} jobs_lane;

typedef struct jobs_shared {
    _Alignas(64) v_mutex *mutex;
    v_condition *outsider_wake; // threads that are no workers sleep here in v_jobs_wait
    jobs_lane lanes[JOBS_LANE_COUNT];
    jobs_node *free_nodes;
    v_job_counter *free_counters;
    uint32_t pending_count;     // jobs in waiting lists
    _Atomic uint64_t submitted; // by threads that are no workers
} jobs_shared;

/// Written by the worker that owns them only, so an increment needs no read-modify-write.
typedef struct jobs_worker_counts {
    _Atomic uint64_t submitted, completed, stolen, run_inline;
    _Atomic uint64_t latency_count, latency_sum_ns, latency_max_ns;
    _Atomic uint32_t latency_epoch; ///< The values above belong to this reset.
    _Atomic uint32_t running;       ///< Jobs on this worker's stack.
} jobs_worker_counts;

typedef struct jobs_worker {
    jobs_deque deques[JOBS_PRIORITY_COUNT]; // by v_job_priority
    _Alignas(64) jobs_worker_counts counts;
    _Alignas(64) v_jobs *jobs;
    v_thread *thread; // null for worker 0
    v_mutex *park_mutex;
    v_condition *park_wake;
    bool park_token; // guarded by park_mutex
    uint32_t index, next_victim, sample_tick;
    struct v_arena scratch;
} jobs_worker;

/// What v_jobs_reset_metrics found; v_jobs_get_metrics subtracts it.
typedef struct jobs_baseline {
    _Atomic uint64_t submitted, completed, stolen, run_inline;
} jobs_baseline;

/// Which workers sleep, one bit each. On a cache line of its own: every submission reads it.
typedef struct jobs_sleepers {
    _Alignas(64) _Atomic uint64_t idle; ///< They would take any job.
    _Atomic uint64_t waiting;           ///< They sleep until a counter is done.
} jobs_sleepers;

struct v_jobs {
    jobs_sleepers sleepers;
    jobs_shared shared;
    const v_allocator *allocator;
    const void *creator; // the creating thread, as jobs_thread_identity() names it
    jobs_worker *workers;
    jobs_slot *slots;
    jobs_node *nodes;
    v_job_counter *counters;
    jobs_baseline baseline;
    uint32_t worker_count, queue_capacity, node_capacity, counter_capacity;
    uint32_t spin_rounds;
    _Atomic uint32_t live_threads;
    _Atomic uint32_t latency_epoch;
    _Atomic bool stopping;
};

// jobs_run.c: find and run jobs.

/// A value that only the calling thread has.
const void *jobs_thread_identity(void);
/// The calling thread's index in `jobs`, or JOBS_NOT_A_WORKER.
uint32_t jobs_current_worker(const v_jobs *jobs);
/// The body of a worker thread; `user` is its jobs_worker.
void jobs_thread_main(void *user);
void jobs_run_item(v_jobs *jobs, uint32_t worker, const jobs_item *item);
/// Run one job that this worker may run. False when there is none.
bool jobs_run_one(v_jobs *jobs, uint32_t worker);
/// Run one main-thread job; worker 0 only.
bool jobs_run_one_main(v_jobs *jobs);
/// Whether jobs_run_one might find something.
bool jobs_has_work(v_jobs *jobs, uint32_t worker);

// jobs_counter.c: counters and the jobs that depend on them. `worker` may be JOBS_NOT_A_WORKER.

void jobs_counter_add(v_job_counter *counter);
/// `finished` jobs less. At zero, release the jobs that wait and wake the threads that wait.
void jobs_counter_signal(v_jobs *jobs, uint32_t worker, v_job_counter *counter, uint32_t finished);
static inline bool jobs_counter_done(v_job_counter *counter)
{
    return (atomic_load_explicit(&counter->value, memory_order_seq_cst) & ~JOBS_COUNT_SLEEPER) == 0;
}
/// Ask for a wake-up at zero. False when the counter is done already.
bool jobs_counter_mark_sleeper(v_job_counter *counter);
/// Null or one of this system's live counters.
bool jobs_counter_valid(const v_jobs *jobs, const v_job_counter *counter);

typedef enum jobs_attach_result { JOBS_ATTACHED, JOBS_NOT_NEEDED, JOBS_NO_NODE } jobs_attach_result;
/// Put a job into the counter's waiting list, unless the counter is at zero.
jobs_attach_result jobs_counter_attach(v_jobs *jobs, v_job_counter *counter, const jobs_item *item, uint32_t lane);

// jobs_shared.c: the shared queue.

/// False when no node is left.
bool jobs_shared_push(v_jobs *jobs, uint32_t lane, const jobs_item *item);
bool jobs_shared_pop(v_jobs *jobs, uint32_t lane, jobs_item *out_item);
static inline bool jobs_shared_has(v_jobs *jobs, uint32_t lane)
{
    return atomic_load_explicit(&jobs->shared.lanes[lane].depth, memory_order_seq_cst) != 0;
}
// The next three: shared.mutex is held.
jobs_node *jobs_node_take(v_jobs *jobs);
void jobs_node_give(v_jobs *jobs, jobs_node *node);
void jobs_lane_append(v_jobs *jobs, uint32_t lane, jobs_node *node);

// jobs_sleep.c: sleeping and waking.

/// Sleep until woken, unless there is work, the system stops or `until` (may be null) is done. With takes_jobs false
/// the worker is woken for `until` alone (and worker 0 for main-thread jobs).
void jobs_park(v_jobs *jobs, uint32_t worker, v_job_counter *until, bool takes_jobs);
/// Wake up to `count` workers that would take a job. Call after the job is visible.
void jobs_wake(v_jobs *jobs, uint32_t count);
/// Wake worker 0, which has a main-thread job to run.
void jobs_wake_main(v_jobs *jobs);
/// Wake every thread that waits for a counter.
void jobs_wake_waiters(v_jobs *jobs);
void jobs_wake_all(v_jobs *jobs);
/// Look for work for a short while. True when there may be some or `until` is done.
bool jobs_spin(v_jobs *jobs, uint32_t worker, v_job_counter *until, bool takes_jobs);
/// v_jobs_wait for a thread that is no worker: sleep, run nothing.
void jobs_wait_outside(v_jobs *jobs, v_job_counter *counter);

#endif
