// v/jobs.h: work-stealing jobs (E05). Floor 1.
//
//     v_jobs_for(jobs, count, 64, integrate, &context);   // integrate(context, begin, end, chunk, worker)
//
// What a job computes must not depend on which worker runs it or when: write to slots addressed by item or chunk index,
// merge in index order. Chunk bounds depend on count and chunk_size alone, never on the worker count.
#ifndef V_JOBS_H
#define V_JOBS_H

#include "v/memory.h"

V_EXTERN_C_BEGIN

typedef struct v_jobs v_jobs;
typedef struct v_job_counter v_job_counter;

#define V_JOBS_WORKERS_MAX 64

typedef enum v_job_priority { V_JOB_NORMAL = 0, V_JOB_HIGH, V_JOB_LOW } v_job_priority;

typedef struct v_jobs_desc {
    const v_allocator *allocator;
    uint32_t worker_count;   ///< Threads that run jobs, the creating thread included. 0: one per processor. At most 64.
    uint32_t queue_capacity; ///< Jobs waiting per worker; default 4,096. When full the submitter runs the job itself.
    size_t scratch_bytes;    ///< Per-worker arena, default 1 MiB, grows.
    uint32_t counter_capacity; ///< Counters that can exist at once; default 1,024.
} v_jobs_desc;

/// The creating thread becomes worker 0 ("main"); it runs jobs while it waits. All memory is taken here.
V_API v_status v_jobs_create(const v_jobs_desc *desc, v_jobs **out_jobs);
/// Runs everything submitted, then ends the threads. Creating thread only, outside of jobs; no other thread may be
/// using `jobs`. Jobs that can never start, because their counters wait for each other, are dropped with a message.
/// Null is allowed.
V_API void v_jobs_destroy(v_jobs *jobs);
V_API uint32_t v_jobs_worker_count(const v_jobs *jobs);

typedef void (*v_job_function)(void *data, uint32_t worker);

typedef struct v_job_desc {
    v_job_function run;
    void *data; ///< Borrowed until the job ran.
    v_job_priority priority;
    bool main_thread;        ///< Runs on worker 0 only, when it waits or calls v_jobs_run_main().
    v_job_counter *signal;   ///< Incremented now, decremented when done. May be null.
    v_job_counter *wait_for; ///< The job starts once this counter came to zero; at once when it is. May be null.
} v_job_desc;

/// A counter of unfinished jobs. Owned by `jobs`; reusable once it is zero. V_ERROR_FULL when counter_capacity are in
/// use.
V_API v_status v_job_counter_create(v_jobs *jobs, v_job_counter **out_counter);
/// Refused, with a message, while it has unfinished jobs. Null is allowed.
V_API void v_job_counter_destroy(v_jobs *jobs, v_job_counter *counter);
/// Any worker or thread. V_ERROR_INVALID_ARGUMENT for a null run or a job that waits for its own counter, V_ERROR_STALE
/// for a dead counter. V_ERROR_FULL, and the job counts nowhere, when there is no room and the caller cannot run it:
/// too many jobs wait for counters or for the main thread, or the caller is no worker.
V_API v_status v_jobs_submit(v_jobs *jobs, const v_job_desc *job);
/// Run jobs until the counter is zero; a thread that is no worker sleeps until then. Jobs run on the waiter's stack, so
/// a job must not wait for a counter that itself or a job below it on that stack has to bring to zero. Where a job can
/// name what it depends on, wait_for is better: it blocks nobody.
V_API void v_jobs_wait(v_jobs *jobs, v_job_counter *counter);
/// Run waiting main-thread jobs. Creating thread only.
V_API void v_jobs_run_main(v_jobs *jobs);

typedef void (*v_jobs_for_function)(void *data, uint32_t begin, uint32_t end, uint32_t chunk, uint32_t worker);

/// Call run over [0, count) in chunks of chunk_size (0: 64) and return when all are done. Chunk i covers
/// [i * chunk_size, min(count, (i + 1) * chunk_size)). A null `jobs` or one chunk runs inline, in order. May be nested.
/// While the caller waits for other workers' chunks it runs jobs of its own queue and, as worker 0, main-thread jobs.
/// For a thread that is no worker, a worker runs the loop while the thread sleeps.
V_API void v_jobs_for(v_jobs *jobs, uint32_t count, uint32_t chunk_size, v_jobs_for_function run, void *data);
/// Chunks that v_jobs_for makes.
static inline uint32_t v_jobs_chunk_count(uint32_t count, uint32_t chunk_size)
{
    uint32_t size = chunk_size != 0 ? chunk_size : 64;
    return count / size + (count % size != 0);
}
/// The worker's scratch arena. Reset it by mark and release within the job.
V_API struct v_arena *v_jobs_scratch(v_jobs *jobs, uint32_t worker);

/// Counts since the last reset, exact when nothing is running. Helpers of parallel loops count as jobs.
typedef struct v_jobs_metrics {
    uint64_t submitted, completed, stolen;
    uint64_t run_inline;                      ///< By the submitter, whose queue was full.
    uint32_t queue_depth, active_workers;     ///< Now: jobs ready to run, workers inside a job.
    uint64_t latency_mean_ns, latency_max_ns; ///< Submit to start, of every 16th job without a dependency.
} v_jobs_metrics;
/// Any thread.
V_API v_jobs_metrics v_jobs_get_metrics(const v_jobs *jobs);
V_API void v_jobs_reset_metrics(v_jobs *jobs);

V_EXTERN_C_END
#endif
