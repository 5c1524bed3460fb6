// events.c: event types, listeners and immediate dispatch (E04).
#include "events_internal.h"

#include <string.h>

#define QUEUE_CAPACITY_DEFAULT 4096u
#define QUEUE_CAPACITY_MAX     (1u << 24)
#define QUEUE_BYTES_DEFAULT    (1u << 20)
#define QUEUE_BYTES_MAX        (1u << 30)

static v_status check_desc(const v_events_desc *desc, v_events **out_events)
{
    if (desc == NULL || out_events == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_events_create: %s is null", desc == NULL ? "desc" : "out_events");
    }
    if (desc->worker_count > V_JOBS_WORKERS_MAX) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_events_create: worker_count is %u, at most %d are supported",
                      desc->worker_count, V_JOBS_WORKERS_MAX);
    }
    if (desc->queue_capacity > QUEUE_CAPACITY_MAX || desc->queue_bytes > QUEUE_BYTES_MAX) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_events_create: queue of %u events and %u bytes, at most %u and %u",
                      desc->queue_capacity, desc->queue_bytes, QUEUE_CAPACITY_MAX, QUEUE_BYTES_MAX);
    }
    return V_OK;
}

static void release(v_events *events)
{
    const v_allocator *allocator = events->allocator;
    for (uint32_t i = 0; i < events->types.count; i++) {
        events_type *type = events->types.items[i].type;
        V_ARRAY_DESTROY(&type->entries, allocator);
        v_free(allocator, type->name, type->name_bytes, 1);
        V_DELETE(allocator, type);
    }
    V_ARRAY_DESTROY(&events->types, allocator);
    V_ARRAY_DESTROY(&events->slots, allocator);
    events_queues_destroy(events);
    V_DELETE(allocator, events);
}

v_status v_events_create(const v_events_desc *desc, v_events **out_events)
{
    V_TRY(check_desc(desc, out_events));
    *out_events = NULL;
    v_events *events = V_NEW(desc->allocator, v_events);
    if (events == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    events->allocator = desc->allocator;
    events->log = desc->log;
    events->worker_count = desc->worker_count != 0 ? desc->worker_count : 1;
    events->queue_capacity = desc->queue_capacity != 0 ? desc->queue_capacity : QUEUE_CAPACITY_DEFAULT;
    events->queue_bytes = desc->queue_bytes != 0 ? desc->queue_bytes : QUEUE_BYTES_DEFAULT;
    v_status status = events_queues_create(events);
    if (status != V_OK) {
        release(events);
        return status;
    }
    *out_events = events;
    return V_OK;
}

void v_events_destroy(v_events *events)
{
    if (events == NULL) {
        return;
    }
    if (events->depth != 0 || events->delivering) {
        (void)v_fail(V_ERROR_STATE, "v_events_destroy: called by a listener; an event is still being dispatched");
        return;
    }
    release(events);
}

events_type *events_get_type(const v_events *events, v_event_type type, const char *caller)
{
    if (events == NULL) {
        (void)v_fail(V_ERROR_INVALID_ARGUMENT, "%s: events is null", caller);
        return NULL;
    }
    if (type.id == 0 || type.id > events->types.count) {
        (void)v_fail(V_ERROR_INVALID_ARGUMENT, "%s: %u is not a declared event type", caller, type.id);
        return NULL;
    }
    return events->types.items[type.id - 1].type;
}

v_event_type v_event_find(const v_events *events, const char *name)
{
    for (uint32_t i = 0; events != NULL && name != NULL && i < events->types.count; i++) {
        if (strcmp(events->types.items[i].type->name, name) == 0) {
            return (v_event_type){ i + 1 };
        }
    }
    return (v_event_type){ 0 };
}

static events_type *create_type(const v_allocator *allocator, const char *name, uint32_t size_bytes)
{
    events_type *type = V_NEW(allocator, events_type);
    if (type == NULL) {
        return NULL;
    }
    type->size_bytes = size_bytes;
    type->name_bytes = strlen(name) + 1;
    type->name = v_alloc(allocator, type->name_bytes, 1);
    if (type->name == NULL) {
        V_DELETE(allocator, type);
        return NULL;
    }
    memcpy(type->name, name, type->name_bytes);
    return type;
}

v_event_type v_event_declare(v_events *events, const char *name, uint32_t size_bytes)
{
    const v_event_type none = { 0 };
    if (events == NULL || name == NULL || name[0] == '\0') {
        (void)v_fail(V_ERROR_INVALID_ARGUMENT, "v_event_declare: %s", events == NULL ? "events is null" : "no name");
        return none;
    }
    v_event_type found = v_event_find(events, name);
    if (found.id != 0) {
        uint32_t declared_bytes = events->types.items[found.id - 1].type->size_bytes;
        if (declared_bytes == size_bytes) {
            return found;
        }
        (void)v_fail(V_ERROR_MISMATCH, "v_event_declare: \"%s\" has %u bytes already, now %u", name, declared_bytes,
                     size_bytes);
        return none;
    }
    if (V_ARRAY_RESERVE(&events->types, events->allocator, events->types.count + 1) != V_OK) {
        return none;
    }
    events_type *type = create_type(events->allocator, name, size_bytes);
    if (type == NULL) {
        return none;
    }
    events->types.items[events->types.count++].type = type;
    return (v_event_type){ events->types.count };
}

// Room for a listener's handle; the slot stays free until the caller uses it.
static v_status reserve_slot(v_events *events)
{
    if (events->free_slot != 0) {
        return V_OK;
    }
    V_TRY(V_ARRAY_PUSH(&events->slots, events->allocator, (events_slot){ .generation = 1 }));
    events->free_slot = events->slots.count;
    return V_OK;
}

v_status v_event_on(v_events *events, v_event_type type, v_event_function run, void *user,
                    v_event_listener *out_listener)
{
    events_type *entry = events_get_type(events, type, "v_event_on");
    if (entry == NULL) {
        return V_ERROR_INVALID_ARGUMENT;
    }
    if (run == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_event_on: run is null");
    }
    V_TRY(V_ARRAY_RESERVE(&entry->entries, events->allocator, entry->entries.count + 1));
    V_TRY(reserve_slot(events));
    uint32_t index = events->free_slot - 1;
    events_slot *slot = &events->slots.items[index];
    events->free_slot = slot->next_free;
    slot->type = entry;
    slot->position = entry->entries.count;
    entry->entries.items[entry->entries.count++] = (events_entry){ .run = run, .user = user, .slot = index };
    if (entry->depth == 0) {
        entry->visible_count = entry->entries.count;
    }
    if (out_listener != NULL) {
        *out_listener = (v_event_listener){ .index = index, .generation = slot->generation };
    }
    return V_OK;
}

// Drop removed listeners, keep the order, show added ones. No dispatch of the type is in progress.
static void settle(v_events *events, events_type *type)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; type->has_removed && i < type->entries.count; i++) {
        if (type->entries.items[i].run != NULL) {
            type->entries.items[kept] = type->entries.items[i];
            events->slots.items[type->entries.items[kept].slot].position = kept;
            kept++;
        }
    }
    if (type->has_removed) {
        type->entries.count = kept;
        type->has_removed = false;
    }
    type->visible_count = type->entries.count;
}

v_status v_event_off(v_events *events, v_event_listener listener)
{
    if (events == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_event_off: events is null");
    }
    events_slot *slot = listener.index < events->slots.count ? &events->slots.items[listener.index] : NULL;
    if (slot == NULL || slot->type == NULL || slot->generation != listener.generation) {
        return v_fail(V_ERROR_STALE, "v_event_off: listener %u (generation %u) is not registered", listener.index,
                      listener.generation);
    }
    events_type *type = slot->type;
    type->entries.items[slot->position].run = NULL;
    type->has_removed = true;
    slot->type = NULL;
    slot->generation = slot->generation + 1 != 0 ? slot->generation + 1 : 1;
    slot->next_free = events->free_slot;
    events->free_slot = listener.index + 1;
    if (type->depth == 0) {
        settle(events, type);
    }
    return V_OK;
}

v_status events_call(v_events *events, events_type *entry, v_event_type type, const void *event)
{
    if (events->depth >= EVENTS_DEPTH_MAX) {
        return v_fail(V_ERROR_STATE, "events: \"%s\" is dispatched by its own listeners, %d levels deep", entry->name,
                      EVENTS_DEPTH_MAX);
    }
    events->depth++;
    entry->depth++;
    uint32_t count = entry->visible_count;
    for (uint32_t i = 0; i < count; i++) {
        const events_entry *listener = &entry->entries.items[i]; // looked up anew: a listener may add others
        if (listener->run != NULL) {
            listener->run(listener->user, type, event);
        }
    }
    entry->depth--;
    events->depth--;
    if (entry->depth == 0 && (entry->has_removed || entry->visible_count != entry->entries.count)) {
        settle(events, entry);
    }
    return V_OK;
}

v_status v_event_dispatch(v_events *events, v_event_type type, const void *event)
{
    events_type *entry = events_get_type(events, type, "v_event_dispatch");
    if (entry == NULL) {
        return V_ERROR_INVALID_ARGUMENT;
    }
    if (event == NULL && entry->size_bytes != 0) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_event_dispatch: event is null, \"%s\" has %u bytes", entry->name,
                      entry->size_bytes);
    }
    events->dispatched++;
    return events_call(events, entry, type, event);
}
