// Observers: functions that run when a component is added, set or removed.
#include "ecs_internal.h"

enum { EVENTS_ALL = V_ON_ADD | V_ON_SET | V_ON_REMOVE };

void ecs_notify(v_world *world, v_entity entity, uint32_t ordinal, uint32_t event)
{
    if (world->quiet) {
        return;
    }
    world->observer_depth++;
    // One that is created meanwhile waits for the next change.
    uint32_t count = world->observers.count;
    for (uint32_t i = 0; i < count; i++) {
        ecs_observer observer = world->observers.items[i]; // a copy: the array may move
        if (observer.ordinal == ordinal && (observer.events & event) != 0) {
            observer.run(observer.user, world, entity, (v_component){ ordinal }, event);
        }
    }
    world->observer_depth--;
}

static void renew_observed(v_world *world, uint32_t ordinal)
{
    uint32_t events = 0;
    for (uint32_t i = 0; i < world->observers.count; i++) {
        events |= world->observers.items[i].ordinal == ordinal ? world->observers.items[i].events : 0;
    }
    world->types[ordinal].observed = (uint8_t)events;
}

v_status v_observer_create(v_world *world, const v_observer_desc *desc, v_observer *out_observer)
{
    V_TRY(ecs_check_world(world, "v_observer_create"));
    if (desc == NULL || desc->run == NULL || (desc->events & ~(uint32_t)EVENTS_ALL) != 0) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_observer_create: a function and events of V_ON_... are needed");
    }
    V_TRY(ecs_check_component(world, desc->component, "v_observer_create"));
    ecs_observer observer = {
        .ordinal = desc->component.id,
        .events = desc->events != 0 ? desc->events : EVENTS_ALL,
        .run = desc->run,
        .user = desc->user,
    };
    V_TRY(V_ARRAY_PUSH(&world->observers, world->allocator, observer));
    renew_observed(world, observer.ordinal);
    world->guard |= ECS_GUARD_OBSERVERS;
    if (out_observer != NULL) {
        // Places are not reused, so that the order of creation is the order in the array.
        *out_observer = (v_observer){ .index = world->observers.count, .generation = 1 };
    }
    return V_OK;
}

v_status v_observer_destroy(v_world *world, v_observer observer)
{
    V_TRY(ecs_check_world(world, "v_observer_destroy"));
    if (observer.index == 0 || observer.index > world->observers.count ||
        world->observers.items[observer.index - 1].events == 0) {
        return v_fail(V_ERROR_STALE, "v_observer_destroy: observer %u does not exist", observer.index);
    }
    ecs_observer *place = &world->observers.items[observer.index - 1];
    place->events = 0;
    renew_observed(world, place->ordinal);
    return V_OK;
}
