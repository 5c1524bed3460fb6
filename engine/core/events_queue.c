// events_queue.c: posted events: one bounded queue per worker, merged in a fixed order at delivery (E04).
#include "events_internal.h"

#include <string.h>

#define PAYLOAD_ALIGN 16u
// Runs this long are sorted by insertion before they are merged.
#define SORT_RUN 16u

v_status events_queues_create(v_events *events)
{
    const v_allocator *allocator = events->allocator;
    size_t total = (size_t)events->worker_count * events->queue_capacity;
    events->queues = V_NEW_ARRAY(allocator, events_queue, events->worker_count);
    events->merged = V_NEW_ARRAY(allocator, events_record, total);
    events->merge_scratch = V_NEW_ARRAY(allocator, events_record, total);
    if (events->queues == NULL || events->merged == NULL || events->merge_scratch == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    for (uint32_t worker = 0; worker < events->worker_count; worker++) {
        for (uint32_t half = 0; half < 2; half++) {
            events_buffer *buffer = &events->queues[worker].buffers[half];
            buffer->records = V_NEW_ARRAY(allocator, events_record, events->queue_capacity);
            buffer->bytes = v_alloc(allocator, events->queue_bytes, PAYLOAD_ALIGN);
            if (buffer->records == NULL || buffer->bytes == NULL) {
                return V_ERROR_OUT_OF_MEMORY;
            }
        }
    }
    return V_OK;
}

void events_queues_destroy(v_events *events)
{
    const v_allocator *allocator = events->allocator;
    size_t total = (size_t)events->worker_count * events->queue_capacity;
    for (uint32_t worker = 0; events->queues != NULL && worker < events->worker_count; worker++) {
        for (uint32_t half = 0; half < 2; half++) {
            events_buffer *buffer = &events->queues[worker].buffers[half];
            V_DELETE_ARRAY(allocator, buffer->records, events->queue_capacity);
            v_free(allocator, buffer->bytes, events->queue_bytes, PAYLOAD_ALIGN);
        }
    }
    V_DELETE_ARRAY(allocator, events->queues, events->worker_count);
    V_DELETE_ARRAY(allocator, events->merged, total);
    V_DELETE_ARRAY(allocator, events->merge_scratch, total);
}

static v_status drop(v_events *events, events_queue *queue, uint32_t worker, const events_type *type)
{
    queue->dropped++;
    queue->dropped_since_deliver++;
    return v_fail(V_ERROR_FULL,
                  "v_event_post: the queue of worker %u (%u events, %u bytes) is full, \"%s\" was dropped", worker,
                  events->queue_capacity, events->queue_bytes, type->name);
}

v_status v_event_post(v_events *events, uint32_t worker, v_event_type type, uint64_t order, const void *event)
{
    const events_type *entry = events_get_type(events, type, "v_event_post");
    if (entry == NULL) {
        return V_ERROR_INVALID_ARGUMENT;
    }
    if (worker >= events->worker_count) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_event_post: worker %u of %u", worker, events->worker_count);
    }
    if (event == NULL && entry->size_bytes != 0) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_event_post: event is null, \"%s\" has %u bytes", entry->name,
                      entry->size_bytes);
    }
    events_queue *queue = &events->queues[worker];
    events_buffer *buffer = &queue->buffers[events->filling];
    if (buffer->count >= events->queue_capacity || entry->size_bytes > events->queue_bytes - buffer->used_bytes) {
        return drop(events, queue, worker, entry);
    }
    uint8_t *payload = buffer->bytes + buffer->used_bytes;
    if (entry->size_bytes != 0) {
        memcpy(payload, event, entry->size_bytes);
    }
    uint64_t next_bytes =
        ((uint64_t)buffer->used_bytes + entry->size_bytes + PAYLOAD_ALIGN - 1) & ~(PAYLOAD_ALIGN - 1ull);
    buffer->used_bytes = next_bytes < events->queue_bytes ? (uint32_t)next_bytes : events->queue_bytes;
    // One sequence for all workers: a sender that moves from one worker to another between two of its jobs keeps its
    // order. It is compared within one sender only, so the interleaving of different senders does not show.
    uint64_t sequence = atomic_fetch_add_explicit(&events->sequence.next, 1, memory_order_relaxed);
    buffer->records[buffer->count++] =
        (events_record){ .order = order, .sequence = sequence, .payload = payload, .type = type.id };
    queue->posted++;
    return V_OK;
}

static bool comes_before(const events_record *a, const events_record *b)
{
    if (a->order != b->order) {
        return a->order < b->order;
    }
    return a->type != b->type ? a->type < b->type : a->sequence < b->sequence;
}

static void sort_run(events_record *records, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        events_record record = records[i];
        uint32_t j = i;
        for (; j > 0 && comes_before(&record, &records[j - 1]); j--) {
            records[j] = records[j - 1];
        }
        records[j] = record;
    }
}

static void merge_runs(const events_record *from, events_record *to, uint32_t middle, uint32_t count)
{
    uint32_t left = 0, right = middle;
    for (uint32_t i = 0; i < count; i++) {
        bool take_left = right >= count || (left < middle && !comes_before(&from[right], &from[left]));
        to[i] = from[take_left ? left++ : right++];
    }
}

static uint32_t smaller(uint64_t a, uint64_t b)
{
    return (uint32_t)(a < b ? a : b);
}

// Merge sort between the two arrays; returns the one that holds the result. Neither allocates nor recurses, as qsort
// may.
static events_record *sort(events_record *records, events_record *scratch, uint32_t count)
{
    for (uint64_t begin = 0; begin < count; begin += SORT_RUN) {
        sort_run(records + begin, smaller(SORT_RUN, count - begin));
    }
    for (uint64_t width = SORT_RUN; width < count; width *= 2) {
        for (uint64_t begin = 0; begin < count; begin += 2 * width) {
            uint32_t length = smaller(2 * width, count - begin);
            merge_runs(records + begin, scratch + begin, smaller(width, length), length);
        }
        events_record *swapped = records;
        records = scratch;
        scratch = swapped;
    }
    return records;
}

static void report_drops(v_events *events)
{
    uint32_t dropped = 0;
    for (uint32_t worker = 0; worker < events->worker_count; worker++) {
        dropped += events->queues[worker].dropped_since_deliver;
        events->queues[worker].dropped_since_deliver = 0;
    }
    if (dropped != 0) {
        V_LOG_WARN(events->log, "events",
                   "%u posted events were dropped: a worker's queue (%u events, %u bytes) was full", dropped,
                   events->queue_capacity, events->queue_bytes);
    }
}

void v_events_deliver(v_events *events)
{
    if (events == NULL || events->delivering) {
        (void)v_fail(events == NULL ? V_ERROR_INVALID_ARGUMENT : V_ERROR_STATE, "v_events_deliver: %s",
                     events == NULL ? "events is null" : "called by a listener of a posted event");
        return;
    }
    report_drops(events);
    uint32_t delivered_half = events->filling, count = 0;
    events->filling ^= 1;
    for (uint32_t worker = 0; worker < events->worker_count; worker++) {
        const events_buffer *buffer = &events->queues[worker].buffers[delivered_half];
        memcpy(events->merged + count, buffer->records, buffer->count * sizeof(events_record));
        count += buffer->count;
    }
    const events_record *sorted = sort(events->merged, events->merge_scratch, count);
    events->delivering = true;
    for (uint32_t i = 0; i < count; i++) {
        v_event_type type = { sorted[i].type };
        (void)events_call(events, events->types.items[type.id - 1].type, type, sorted[i].payload);
    }
    events->delivering = false;
    events->delivered += count;
    for (uint32_t worker = 0; worker < events->worker_count; worker++) {
        events->queues[worker].buffers[delivered_half].count = 0;
        events->queues[worker].buffers[delivered_half].used_bytes = 0;
    }
}

v_events_stats v_events_get_stats(const v_events *events)
{
    v_events_stats stats = { 0 };
    if (events == NULL) {
        (void)v_fail(V_ERROR_INVALID_ARGUMENT, "v_events_get_stats: events is null");
        return stats;
    }
    stats.dispatched = events->dispatched;
    stats.delivered = events->delivered;
    for (uint32_t worker = 0; worker < events->worker_count; worker++) {
        stats.posted += events->queues[worker].posted;
        stats.dropped += events->queues[worker].dropped;
    }
    return stats;
}
