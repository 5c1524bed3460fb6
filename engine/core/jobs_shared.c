// jobs_shared.c: the shared queue: main-thread jobs, jobs from other threads, overflow of released jobs.
#include "jobs_internal.h"

jobs_node *jobs_node_take(v_jobs *jobs)
{
    jobs_node *node = jobs->shared.free_nodes;
    if (node != NULL) {
        jobs->shared.free_nodes = node->next;
        node->next = NULL;
    }
    return node;
}

void jobs_node_give(v_jobs *jobs, jobs_node *node)
{
    node->next = jobs->shared.free_nodes;
    jobs->shared.free_nodes = node;
}

void jobs_lane_append(v_jobs *jobs, uint32_t lane_index, jobs_node *node)
{
    jobs_lane *lane = &jobs->shared.lanes[lane_index];
    node->next = NULL;
    if (lane->last != NULL) {
        lane->last->next = node;
    } else {
        lane->first = node;
    }
    lane->last = node;
    atomic_fetch_add_explicit(&lane->depth, 1, memory_order_seq_cst);
}

bool jobs_shared_push(v_jobs *jobs, uint32_t lane, const jobs_item *item)
{
    v_mutex_lock(jobs->shared.mutex);
    jobs_node *node = jobs_node_take(jobs);
    if (node != NULL) {
        node->item = *item;
        node->lane = lane;
        jobs_lane_append(jobs, lane, node);
    }
    v_mutex_unlock(jobs->shared.mutex);
    return node != NULL;
}

bool jobs_shared_pop(v_jobs *jobs, uint32_t lane_index, jobs_item *out_item)
{
    if (!jobs_shared_has(jobs, lane_index)) {
        return false;
    }
    jobs_lane *lane = &jobs->shared.lanes[lane_index];
    v_mutex_lock(jobs->shared.mutex);
    jobs_node *node = lane->first;
    if (node != NULL) {
        lane->first = node->next;
        if (lane->first == NULL) {
            lane->last = NULL;
        }
        atomic_fetch_sub_explicit(&lane->depth, 1, memory_order_seq_cst);
        *out_item = node->item;
        jobs_node_give(jobs, node);
    }
    v_mutex_unlock(jobs->shared.mutex);
    return node != NULL;
}
