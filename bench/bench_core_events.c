// Event benchmark: event_dispatch, ns per listener, beside a bare loop over an array of function pointers.
#include "v/events.h"
#include "v/thread.h"

#include <stdio.h>
#include <stdlib.h>

#define RUN_COUNT      9
#define LISTENER_COUNT 8
#define DISPATCH_COUNT 200000

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left > right) - (left < right);
}

static void add(void *user, v_event_type type, const void *event)
{
    *(uint64_t *)user += *(const uint32_t *)event + type.id;
}

typedef struct bare_listener {
    v_event_function run;
    void *user;
} bare_listener;

// Not inlined, as v_event_dispatch is not, and so that the compiler cannot see the listeners.
__attribute__((noinline)) static void bare_dispatch(const bare_listener *listeners, uint32_t count, v_event_type type,
                                                    const void *event)
{
    for (uint32_t i = 0; i < count; i++) {
        listeners[i].run(listeners[i].user, type, event);
    }
}

static double per_listener_ns(uint64_t begin_ns)
{
    return (double)(v_clock_ns() - begin_ns) / ((double)DISPATCH_COUNT * LISTENER_COUNT);
}

int main(void)
{
    v_events *events = NULL;
    if (v_events_create(&(v_events_desc){ 0 }, &events) != V_OK) {
        fprintf(stderr, "bench_core_events: %s\n", v_status_message());
        return 1;
    }
    v_event_type type = v_event_declare(events, "Hit", sizeof(uint32_t));
    uint64_t sums[LISTENER_COUNT] = { 0 };
    bare_listener bare[LISTENER_COUNT];
    for (uint32_t i = 0; i < LISTENER_COUNT; i++) {
        (void)v_event_on(events, type, add, &sums[i], NULL);
        bare[i] = (bare_listener){ .run = add, .user = &sums[i] };
    }
    double ours[RUN_COUNT], peer[RUN_COUNT];
    for (int32_t run = -1; run < RUN_COUNT; run++) { // the first is the warm-up
        uint64_t begin_ns = v_clock_ns();
        for (uint32_t i = 0; i < DISPATCH_COUNT; i++) {
            (void)v_event_dispatch(events, type, &i);
        }
        ours[run < 0 ? 0 : run] = per_listener_ns(begin_ns);
        begin_ns = v_clock_ns();
        for (uint32_t i = 0; i < DISPATCH_COUNT; i++) {
            bare_dispatch(bare, LISTENER_COUNT, type, &i);
        }
        peer[run < 0 ? 0 : run] = per_listener_ns(begin_ns);
    }
    qsort(ours, RUN_COUNT, sizeof(*ours), compare_doubles);
    qsort(peer, RUN_COUNT, sizeof(*peer), compare_doubles);
    double ours_ns = ours[RUN_COUNT / 2], peer_ns = peer[RUN_COUNT / 2];
    printf("{\"name\": \"event_dispatch\", \"unit\": \"ns\", \"better\": \"lower\", \"ours\": %.2f, \"spread\": [%.2f, "
           "%.2f], \"peers\": {\"bare_loop\": %.2f}, \"ratio\": {\"bare_loop\": %.2f}, \"notes\": \"per listener, %d "
           "listeners; checksum %llu\"}\n",
           ours_ns, ours[0], ours[RUN_COUNT - 1], peer_ns, peer_ns / ours_ns, LISTENER_COUNT,
           (unsigned long long)sums[0]);
    v_events_destroy(events);
    return 0;
}
