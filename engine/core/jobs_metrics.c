// jobs_metrics.c: what the job system did, summed over its workers.
#include "jobs_internal.h"

static uint64_t read_u64(const _Atomic uint64_t *value)
{
    return atomic_load_explicit(value, memory_order_relaxed);
}

static v_jobs_metrics totals(const v_jobs *jobs)
{
    v_jobs_metrics metrics = { .submitted = read_u64(&jobs->shared.submitted) };
    uint32_t epoch = atomic_load_explicit(&jobs->latency_epoch, memory_order_relaxed);
    uint64_t latency_count = 0, latency_sum_ns = 0;
    for (uint32_t lane = 0; lane < JOBS_LANE_COUNT; lane++) {
        metrics.queue_depth += atomic_load_explicit(&jobs->shared.lanes[lane].depth, memory_order_relaxed);
    }
    for (uint32_t index = 0; index < jobs->worker_count; index++) {
        jobs_worker *worker = &jobs->workers[index];
        const jobs_worker_counts *counts = &worker->counts;
        metrics.submitted += read_u64(&counts->submitted);
        metrics.completed += read_u64(&counts->completed);
        metrics.stolen += read_u64(&counts->stolen);
        metrics.run_inline += read_u64(&counts->run_inline);
        metrics.active_workers += atomic_load_explicit(&counts->running, memory_order_relaxed) != 0;
        for (uint32_t priority = 0; priority < JOBS_PRIORITY_COUNT; priority++) {
            metrics.queue_depth += jobs_deque_depth(&worker->deques[priority]);
        }
        if (atomic_load_explicit(&counts->latency_epoch, memory_order_acquire) == epoch) {
            uint64_t max_ns = read_u64(&counts->latency_max_ns);
            latency_count += read_u64(&counts->latency_count);
            latency_sum_ns += read_u64(&counts->latency_sum_ns);
            metrics.latency_max_ns = max_ns > metrics.latency_max_ns ? max_ns : metrics.latency_max_ns;
        }
    }
    metrics.latency_mean_ns = latency_count != 0 ? latency_sum_ns / latency_count : 0;
    return metrics;
}

v_jobs_metrics v_jobs_get_metrics(const v_jobs *jobs)
{
    if (jobs == NULL) {
        (void)v_fail(V_ERROR_INVALID_ARGUMENT, "v_jobs_get_metrics: jobs is null");
        return (v_jobs_metrics){ 0 };
    }
    v_jobs_metrics metrics = totals(jobs);
    metrics.submitted -= read_u64(&jobs->baseline.submitted);
    metrics.completed -= read_u64(&jobs->baseline.completed);
    metrics.stolen -= read_u64(&jobs->baseline.stolen);
    metrics.run_inline -= read_u64(&jobs->baseline.run_inline);
    return metrics;
}

void v_jobs_reset_metrics(v_jobs *jobs)
{
    if (jobs == NULL) {
        (void)v_fail(V_ERROR_INVALID_ARGUMENT, "v_jobs_reset_metrics: jobs is null");
        return;
    }
    // Workers never stop counting; a reset remembers where they were.
    v_jobs_metrics now = totals(jobs);
    atomic_store_explicit(&jobs->baseline.submitted, now.submitted, memory_order_relaxed);
    atomic_store_explicit(&jobs->baseline.completed, now.completed, memory_order_relaxed);
    atomic_store_explicit(&jobs->baseline.stolen, now.stolen, memory_order_relaxed);
    atomic_store_explicit(&jobs->baseline.run_inline, now.run_inline, memory_order_relaxed);
    atomic_fetch_add_explicit(&jobs->latency_epoch, 1, memory_order_relaxed);
}
