// v/events.h: typed events (E04). Floor 1.
//
//     typedef struct SoundPlayed { uint32_t sound; v_vec3 pos_m; } SoundPlayed;
//     v_event_type played = v_event_declare(events, "SoundPlayed", sizeof(SoundPlayed));
//     v_event_on(events, played, on_sound, user, NULL);
//     v_event_dispatch(events, played, &(SoundPlayed){ … });        // now
//     v_event_post(events, played, sender_key, &(SoundPlayed){ … }); // at the tick's delivery point
#ifndef V_EVENTS_H
#define V_EVENTS_H

#include "v/jobs.h"
#include "v/log.h"

V_EXTERN_C_BEGIN

// One thread declares, adds, removes, dispatches and delivers. Only v_event_post is for many threads at once, and not
// during those calls' own work on the same system, except from listeners on the delivering thread.

typedef struct v_events v_events;
typedef struct v_event_type {
    uint32_t id;
} v_event_type; ///< Zero is null.
typedef struct v_event_listener {
    uint32_t index, generation;
} v_event_listener; ///< Zero is null.

typedef struct v_events_desc {
    const v_allocator *allocator;
    v_log *log;              ///< Overflow warnings, channel "events". May be null.
    uint32_t worker_count;   ///< Threads that may post at once (worker indices). Default 1.
    uint32_t queue_capacity; ///< Posted events held per worker. Default 4,096.
    uint32_t queue_bytes;    ///< Payload bytes held per worker. Default 1 MiB.
} v_events_desc;

V_API v_status v_events_create(const v_events_desc *desc, v_events **out_events);
V_API void v_events_destroy(v_events *events);
/// Declare once; the same name and size again gives the same type, another size is null with a message.
V_API v_event_type v_event_declare(v_events *events, const char *name, uint32_t size_bytes);
V_API v_event_type v_event_find(const v_events *events, const char *name);

typedef void (*v_event_function)(void *user, v_event_type type, const void *event);
/// Listeners run in the order of registration. Adding or removing one while its type is being dispatched takes effect
/// after that dispatch (a removed one is not called any more).
V_API v_status v_event_on(v_events *events, v_event_type type, v_event_function run, void *user,
                          v_event_listener *out_listener);
V_API v_status v_event_off(v_events *events, v_event_listener listener);
/// Call every listener now, on this thread. V_ERROR_STATE when listeners dispatch each other 64 levels deep.
V_API v_status v_event_dispatch(v_events *events, v_event_type type, const void *event);
/// Queue for v_events_deliver. Any worker: `worker` is its index. `order` decides delivery: events are sorted by
/// (order, type, sequence of this sender), never by time or thread, so give each parallel sender its own order key (an
/// entity index, a chunk index). V_ERROR_FULL when the queue is full: the event is dropped, counted, logged once a
/// tick.
V_API v_status v_event_post(v_events *events, uint32_t worker, v_event_type type, uint64_t order, const void *event);
/// Deliver everything posted so far, on this thread. Events posted by listeners wait for the next call.
V_API void v_events_deliver(v_events *events);

typedef struct v_events_stats {
    uint64_t dispatched, posted, delivered, dropped;
} v_events_stats;
V_API v_events_stats v_events_get_stats(const v_events *events);

V_EXTERN_C_END
#endif
