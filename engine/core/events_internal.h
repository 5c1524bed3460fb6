// events_internal.h: the event system's state, shared by events*.c.
#ifndef EVENTS_INTERNAL_H
#define EVENTS_INTERNAL_H

#include "v/container.h"
#include "v/events.h"

#include <stdatomic.h>

/// A listener that dispatches its own type forever is an error at this depth instead of a stack overflow.
#define EVENTS_DEPTH_MAX 64

typedef struct events_entry {
    v_event_function run; // null: removed during a dispatch, not yet compacted
    void *user;
    uint32_t slot;
} events_entry;

typedef V_ARRAY(events_entry) events_entry_array;

/// Allocated one by one: a dispatch keeps its type while listeners declare others.
typedef struct events_type {
    char *name;
    size_t name_bytes;
    uint32_t size_bytes;
    uint32_t depth;             // dispatches in progress
    uint32_t visible_count;     // entries that a dispatch calls; those added during one come after
    bool has_removed;           // some entry's run is null
    events_entry_array entries; // in the order of registration
} events_type;

/// What a v_event_listener's index refers to.
typedef struct events_slot {
    events_type *type; // null: free
    uint32_t position, generation;
    uint32_t next_free; // index + 1; 0: none
} events_slot;

typedef struct events_record {
    uint64_t order, sequence;
    const void *payload;
    uint32_t type; // id
} events_record;

/// One of a queue's two halves: one is filled while the other is delivered.
typedef struct events_buffer {
    events_record *records;
    uint8_t *bytes;
    uint32_t count, used_bytes;
} events_buffer;

/// The events that one worker posted.
typedef struct events_queue {
    _Alignas(64) events_buffer buffers[2];
    uint64_t posted, dropped;
    uint32_t dropped_since_deliver;
} events_queue;

/// On a cache line of its own: every posting worker writes it.
typedef struct events_sequence {
    _Alignas(64) _Atomic uint64_t next;
} events_sequence;

typedef struct events_type_ref {
    events_type *type;
} events_type_ref;

struct v_events {
    events_sequence sequence;
    const v_allocator *allocator;
    v_log *log;
    uint32_t worker_count, queue_capacity, queue_bytes;
    uint32_t filling; // which half of every queue takes posts
    uint32_t depth;   // dispatches in progress, of any type
    bool delivering;
    V_ARRAY(events_type_ref) types; // by id - 1
    V_ARRAY(events_slot) slots;
    uint32_t free_slot; // index + 1; 0: none
    events_queue *queues;
    events_record *merged, *merge_scratch;
    uint64_t dispatched, delivered;
};

/// Null, with the thread's message set, when the id is none of this system's.
events_type *events_get_type(const v_events *events, v_event_type type, const char *caller);
/// Call the listeners of a type, which is not nested too deeply.
v_status events_call(v_events *events, events_type *entry, v_event_type type, const void *event);
v_status events_queues_create(v_events *events);
void events_queues_destroy(v_events *events);

#endif
