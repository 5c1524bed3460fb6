// Event types, listeners, dispatch and posted delivery (E04).
#include "v/events.h"

#include "v/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>

#include <cmocka.h>

static v_events *create(void)
{
    v_events *events = NULL;
    assert_int_equal(v_events_create(&(v_events_desc){ 0 }, &events), V_OK);
    return events;
}

#define CALLS_MAX 64

// Which listeners were called, in order.
typedef struct call_log {
    uint32_t count;
    int values[CALLS_MAX];
} call_log;

typedef struct listener {
    call_log *log;
    int value;
} listener;

static void log_call(void *user, v_event_type type, const void *event)
{
    (void)type, (void)event;
    listener *self = user;
    assert_true(self->log->count < CALLS_MAX);
    self->log->values[self->log->count++] = self->value;
}

static void assert_calls(call_log *log, uint32_t count, const int *values)
{
    assert_int_equal(log->count, count);
    assert_memory_equal(log->values, values, count * sizeof(*values));
    log->count = 0;
}

#define ASSERT_CALLS(log, ...) assert_calls((log), sizeof((int[]){ __VA_ARGS__ }) / sizeof(int), (int[]){ __VA_ARGS__ })

static void events_a_type_is_declared_once(void **state)
{
    (void)state;
    v_events *events = create();
    v_event_type played = v_event_declare(events, "SoundPlayed", 12);
    v_event_type hit = v_event_declare(events, "Hit", 8);
    assert_int_not_equal(played.id, 0);
    assert_int_not_equal(hit.id, played.id);
    assert_int_equal(v_event_declare(events, "SoundPlayed", 12).id, played.id);
    assert_int_equal(v_event_find(events, "Hit").id, hit.id);
    assert_int_equal(v_event_find(events, "Miss").id, 0);
    assert_int_equal(v_event_declare(events, "Hit", 9).id, 0);
    assert_non_null(strstr(v_status_message(), "\"Hit\" has 8 bytes already, now 9"));
    v_events_destroy(events);
}

static void events_dispatch_calls_listeners_in_order_of_registration(void **state)
{
    (void)state;
    v_events *events = create();
    v_event_type type = v_event_declare(events, "T", 0), other = v_event_declare(events, "Other", 0);
    call_log log = { 0 };
    listener listeners[6];
    v_event_listener handles[6];
    for (int i = 0; i < 6; i++) {
        listeners[i] = (listener){ &log, i };
        assert_int_equal(v_event_on(events, i == 3 ? other : type, log_call, &listeners[i], &handles[i]), V_OK);
    }
    assert_int_equal(v_event_dispatch(events, type, NULL), V_OK);
    ASSERT_CALLS(&log, 0, 1, 2, 4, 5);
    assert_int_equal(v_event_off(events, handles[1]), V_OK);
    assert_int_equal(v_event_off(events, handles[4]), V_OK);
    assert_int_equal(v_event_on(events, type, log_call, &listeners[1], &handles[1]), V_OK);
    assert_int_equal(v_event_dispatch(events, type, NULL), V_OK);
    ASSERT_CALLS(&log, 0, 2, 5, 1);
    assert_int_equal(v_event_off(events, handles[4]), V_ERROR_STALE);
    assert_int_equal(v_event_off(events, (v_event_listener){ 0 }), V_ERROR_STALE);
    assert_int_equal(v_event_off(events, (v_event_listener){ .index = 99, .generation = 1 }), V_ERROR_STALE);
    v_events_destroy(events);
}

// A listener that changes the listeners while it is called.
typedef struct mutator {
    listener base;
    v_events *events;
    v_event_type type;
    v_event_listener victim;
    listener *added;
    bool dispatch_again;
} mutator;

static void mutate(void *user, v_event_type type, const void *event)
{
    mutator *self = user;
    log_call(&self->base, type, event);
    if (self->victim.generation != 0) {
        assert_int_equal(v_event_off(self->events, self->victim), V_OK);
        self->victim = (v_event_listener){ 0 };
    }
    if (self->added != NULL) {
        listener *added = self->added;
        self->added = NULL;
        for (int i = 0; i < 20; i++) { // enough to make the array of listeners move
            assert_int_equal(v_event_on(self->events, self->type, log_call, added, i == 0 ? &self->victim : NULL),
                             V_OK);
        }
    }
    if (self->dispatch_again) {
        self->dispatch_again = false;
        assert_int_equal(v_event_dispatch(self->events, type, event), V_OK);
    }
}

static void events_a_listener_removed_during_a_dispatch_is_not_called_any_more(void **state)
{
    (void)state;
    v_events *events = create();
    v_event_type type = v_event_declare(events, "T", 0);
    call_log log = { 0 };
    mutator first = { .base = { &log, 1 }, .events = events, .type = type };
    mutator third = { .base = { &log, 3 }, .events = events, .type = type };
    listener second = { &log, 2 }, fourth = { &log, 4 };
    v_event_listener second_handle, third_handle;
    assert_int_equal(v_event_on(events, type, mutate, &first, NULL), V_OK);
    assert_int_equal(v_event_on(events, type, log_call, &second, &second_handle), V_OK);
    assert_int_equal(v_event_on(events, type, mutate, &third, &third_handle), V_OK);
    assert_int_equal(v_event_on(events, type, log_call, &fourth, NULL), V_OK);
    first.victim = second_handle; // a later one
    third.victim = third_handle;  // itself
    assert_int_equal(v_event_dispatch(events, type, NULL), V_OK);
    ASSERT_CALLS(&log, 1, 3, 4);
    assert_int_equal(v_event_dispatch(events, type, NULL), V_OK);
    ASSERT_CALLS(&log, 1, 4);
    v_events_destroy(events);
}

static void events_a_listener_added_during_a_dispatch_starts_after_it(void **state)
{
    (void)state;
    v_events *events = create();
    v_event_type type = v_event_declare(events, "T", 0);
    call_log log = { 0 };
    listener added = { &log, 9 }, last = { &log, 2 };
    // The nested dispatch is part of the outer one: it does not call them either.
    mutator first = { .base = { &log, 1 }, .events = events, .type = type, .added = &added, .dispatch_again = true };
    assert_int_equal(v_event_on(events, type, mutate, &first, NULL), V_OK);
    assert_int_equal(v_event_on(events, type, log_call, &last, NULL), V_OK);
    assert_int_equal(v_event_dispatch(events, type, NULL), V_OK);
    ASSERT_CALLS(&log, 1, 1, 2, 2);
    assert_int_equal(v_event_dispatch(events, type, NULL), V_OK);
    assert_int_equal(log.count, 2 + 19); // the nested call had removed one of the twenty
    assert_int_equal(log.values[0], 1);
    assert_int_equal(log.values[1], 2);
    assert_int_equal(log.values[20], 9);
    v_events_destroy(events);
}

static void dispatch_again(void *user, v_event_type type, const void *event)
{
    v_events *events = user;
    v_status status = v_event_dispatch(events, type, event);
    assert_true(status == V_OK || status == V_ERROR_STATE);
    v_events_destroy(events); // refused
}

static void events_endless_recursion_is_an_error(void **state)
{
    (void)state;
    v_events *events = create();
    v_event_type type = v_event_declare(events, "Echo", 0);
    assert_int_equal(v_event_on(events, type, dispatch_again, events, NULL), V_OK);
    assert_int_equal(v_event_dispatch(events, type, NULL), V_OK);
    assert_int_equal(v_events_get_stats(events).dispatched, 65);
    v_events_destroy(events);
}

typedef struct ping {
    uint64_t sender;
    uint32_t number;
    uint8_t kind;
} ping;

#define DELIVERED_MAX 20000

typedef struct delivery_log {
    uint32_t count;
    struct {
        uint32_t type;
        ping event;
    } entries[DELIVERED_MAX];
} delivery_log;

static void log_delivery(void *user, v_event_type type, const void *event)
{
    delivery_log *log = user;
    assert_true(log->count < DELIVERED_MAX);
    memset(&log->entries[log->count], 0, sizeof(log->entries[0]));
    log->entries[log->count].type = type.id;
    log->entries[log->count].event.sender = ((const ping *)event)->sender;
    log->entries[log->count].event.number = ((const ping *)event)->number;
    log->entries[log->count].event.kind = ((const ping *)event)->kind;
    log->count++;
}

#define SENDER_COUNT 600
#define STAGE_COUNT  2

// In each stage every sender is one item of a parallel loop; its keys are scattered and it posts 0 to 7 events.
typedef struct posting {
    v_events *events;
    v_event_type types[3];
    uint32_t stage;
} posting;

static void post_pings(void *data, uint32_t begin, uint32_t end, uint32_t chunk, uint32_t worker)
{
    (void)chunk;
    posting *self = data;
    for (uint32_t sender = begin; sender < end; sender++) {
        v_random random = v_random_seed(sender, self->stage);
        uint64_t order = (sender * 7919ull % SENDER_COUNT) << 40;
        uint32_t count = v_random_below(&random, 8);
        for (uint32_t i = 0; i < count; i++) {
            ping event = { .sender = order,
                           .number = self->stage * 100 + i,
                           .kind = (uint8_t)v_random_below(&random, 3) };
            (void)v_event_post(self->events, worker, self->types[event.kind], order, &event);
        }
    }
}

static void deliver_pings(uint32_t worker_count, delivery_log *out_log)
{
    v_jobs *jobs = NULL;
    posting self = { 0 };
    assert_int_equal(v_jobs_create(&(v_jobs_desc){ .worker_count = worker_count }, &jobs), V_OK);
    const v_events_desc desc = { .worker_count = worker_count, .queue_capacity = STAGE_COUNT * 8 * SENDER_COUNT };
    assert_int_equal(v_events_create(&desc, &self.events), V_OK);
    const char *const names[] = { "A", "B", "C" };
    out_log->count = 0;
    for (uint32_t i = 0; i < 3; i++) {
        self.types[i] = v_event_declare(self.events, names[i], sizeof(ping));
        assert_int_equal(v_event_on(self.events, self.types[i], log_delivery, out_log, NULL), V_OK);
    }
    for (self.stage = 0; self.stage < STAGE_COUNT; self.stage++) {
        // Another chunk size per stage, so that a sender moves from one worker to another.
        v_jobs_for(jobs, SENDER_COUNT, 3 + self.stage * 4, post_pings, &self);
    }
    v_events_deliver(self.events);
    v_events_stats stats = v_events_get_stats(self.events);
    assert_int_equal(stats.posted, out_log->count);
    assert_int_equal(stats.delivered, out_log->count);
    assert_int_equal(stats.dropped, 0);
    v_events_destroy(self.events);
    v_jobs_destroy(jobs);
}

static void events_posted_are_delivered_in_the_same_order_at_any_worker_count(void **state)
{
    (void)state;
    static delivery_log expected, actual;
    deliver_pings(1, &expected);
    assert_true(expected.count > 3 * SENDER_COUNT);
    for (uint32_t i = 1; i < expected.count; i++) {
        const ping *a = &expected.entries[i - 1].event, *b = &expected.entries[i].event;
        bool ordered = a->sender != b->sender ? a->sender < b->sender
                       : a->kind != b->kind   ? a->kind < b->kind
                                              : a->number < b->number;
        assert_true(ordered);
    }
    const uint32_t worker_counts[] = { 1, 2, 3, 8 };
    for (uint32_t i = 0; i < V_COUNT_OF(worker_counts) * 5; i++) {
        deliver_pings(worker_counts[i % V_COUNT_OF(worker_counts)], &actual);
        assert_int_equal(actual.count, expected.count);
        assert_memory_equal(actual.entries, expected.entries, expected.count * sizeof(expected.entries[0]));
    }
}

static void post_reply(void *user, v_event_type type, const void *event)
{
    v_events *events = user;
    uint32_t value = *(const uint32_t *)event;
    if (value < 3) {
        value++;
        assert_int_equal(v_event_post(events, 0, type, 0, &value), V_OK);
    }
    v_events_deliver(events); // refused
}

static void log_value(void *user, v_event_type type, const void *event)
{
    listener self = { .log = user, .value = *(const int *)event };
    log_call(&self, type, event);
}

static void events_posted_by_listeners_wait_for_the_next_delivery(void **state)
{
    (void)state;
    v_events *events = create();
    v_event_type type = v_event_declare(events, "Count", sizeof(uint32_t));
    call_log log = { 0 };
    assert_int_equal(v_event_on(events, type, log_value, &log, NULL), V_OK);
    assert_int_equal(v_event_on(events, type, post_reply, events, NULL), V_OK);
    assert_int_equal(v_event_post(events, 0, type, 0, &(uint32_t){ 1 }), V_OK);
    v_events_deliver(events);
    ASSERT_CALLS(&log, 1);
    v_events_deliver(events);
    ASSERT_CALLS(&log, 2);
    v_events_deliver(events);
    ASSERT_CALLS(&log, 3);
    v_events_deliver(events);
    assert_int_equal(log.count, 0);
    v_events_destroy(events);
}

typedef struct log_lines {
    _Atomic uint32_t count;
    char text[400];
} log_lines;

static void keep_line(void *user, const v_log_line *line)
{
    log_lines *lines = user;
    if (line->level == V_LOG_WARN && strcmp(line->channel, "events") == 0) {
        strncpy(lines->text, line->text, sizeof(lines->text) - 1);
        atomic_fetch_add(&lines->count, 1);
    }
}

static void events_overflow_is_counted_and_logged_once_per_delivery(void **state)
{
    (void)state;
    log_lines lines = { 0 };
    v_log *log = NULL;
    assert_int_equal(v_log_create(&(v_log_desc){ .no_stderr = true, .callback = keep_line, .user = &lines }, &log),
                     V_OK);
    v_events *events = NULL;
    const v_events_desc desc = { .log = log, .worker_count = 2, .queue_capacity = 10, .queue_bytes = 100 };
    assert_int_equal(v_events_create(&desc, &events), V_OK);
    v_event_type small = v_event_declare(events, "Small", 1), large = v_event_declare(events, "Large", 60);
    call_log calls = { 0 };
    listener self = { &calls, 1 };
    assert_int_equal(v_event_on(events, small, log_call, &self, NULL), V_OK);
    const uint8_t bytes[60] = { 0 };
    for (uint32_t tick = 1; tick <= 2; tick++) {
        assert_int_equal(v_event_post(events, 1, large, 0, bytes), V_OK);
        assert_int_equal(v_event_post(events, 1, large, 0, bytes), V_ERROR_FULL); // no room for its bytes
        for (uint32_t i = 0; i < 12; i++) {
            // Every payload takes 16 bytes here: six and a last one in the four bytes left over.
            assert_int_equal(v_event_post(events, 0, small, i, bytes), i < 7 ? V_OK : V_ERROR_FULL);
        }
        assert_non_null(strstr(v_status_message(), "the queue of worker 0 (10 events, 100 bytes) is full"));
        v_events_deliver(events);
        v_log_flush(log);
        assert_int_equal(calls.count, 7 * tick);
        assert_int_equal(lines.count, tick);
        assert_non_null(strstr(lines.text, "6 posted events were dropped"));
    }
    v_events_deliver(events);
    v_log_flush(log);
    assert_int_equal(lines.count, 2);
    v_events_stats stats = v_events_get_stats(events);
    assert_int_equal(stats.dropped, 12);
    assert_int_equal(stats.posted, 16);
    assert_int_equal(stats.delivered, 16);
    v_events_destroy(events);
    v_log_destroy(log);
}

static void ignore_event(void *user, v_event_type type, const void *event)
{
    (void)user, (void)type, (void)event;
}

static void events_steady_state_allocates_nothing(void **state)
{
    (void)state;
    v_counted_allocator counted;
    v_counted_allocator_init(&counted, NULL);
    v_events *events = NULL;
    assert_int_equal(v_events_create(&(v_events_desc){ .allocator = &counted.allocator }, &events), V_OK);
    v_event_type type = v_event_declare(events, "T", sizeof(ping));
    assert_int_equal(v_event_on(events, type, ignore_event, NULL, NULL), V_OK);
    uint64_t before = v_counted_allocator_read(&counted).alloc_count;
    for (uint32_t tick = 0; tick < 20; tick++) {
        for (uint64_t i = 0; i < 4096; i++) {
            assert_int_equal(v_event_post(events, 0, type, i * 31 % 4096, &(ping){ .sender = i }), V_OK);
        }
        assert_int_equal(v_event_dispatch(events, type, &(ping){ 0 }), V_OK);
        v_events_deliver(events);
    }
    assert_int_equal(v_counted_allocator_read(&counted).alloc_count, before);
    v_events_destroy(events);
    assert_int_equal(v_counted_allocator_read(&counted).live_bytes, 0);
}

static void events_bad_arguments_are_errors(void **state)
{
    (void)state;
    v_events *events = NULL;
    assert_int_equal(v_events_create(NULL, &events), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_events_create(&(v_events_desc){ 0 }, NULL), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_events_create(&(v_events_desc){ .worker_count = 65 }, &events), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_events_create(&(v_events_desc){ .queue_capacity = UINT32_MAX }, &events),
                     V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_events_create(&(v_events_desc){ .queue_bytes = UINT32_MAX }, &events), V_ERROR_INVALID_ARGUMENT);
    assert_null(events);
    events = create();
    v_event_type type = v_event_declare(events, "T", 4), undeclared = { 7 };
    assert_int_equal(v_event_declare(NULL, "T", 4).id, 0);
    assert_int_equal(v_event_declare(events, NULL, 4).id, 0);
    assert_int_equal(v_event_declare(events, "", 4).id, 0);
    assert_int_equal(v_event_find(NULL, "T").id, 0);
    assert_int_equal(v_event_on(NULL, type, log_call, NULL, NULL), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_event_on(events, undeclared, log_call, NULL, NULL), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_event_on(events, type, NULL, NULL, NULL), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_event_off(NULL, (v_event_listener){ 0 }), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_event_dispatch(NULL, type, "1234"), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_event_dispatch(events, (v_event_type){ 0 }, "1234"), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_event_dispatch(events, type, NULL), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_event_post(NULL, 0, type, 0, "1234"), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_event_post(events, 0, undeclared, 0, "1234"), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_event_post(events, 1, type, 0, "1234"), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_event_post(events, 0, type, 0, NULL), V_ERROR_INVALID_ARGUMENT);
    v_events_deliver(NULL);
    assert_int_equal(v_events_get_stats(NULL).posted, 0);
    v_events_destroy(NULL);
    v_events_destroy(events);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_a_type_is_declared_once),
        cmocka_unit_test(events_dispatch_calls_listeners_in_order_of_registration),
        cmocka_unit_test(events_a_listener_removed_during_a_dispatch_is_not_called_any_more),
        cmocka_unit_test(events_a_listener_added_during_a_dispatch_starts_after_it),
        cmocka_unit_test(events_endless_recursion_is_an_error),
        cmocka_unit_test(events_posted_are_delivered_in_the_same_order_at_any_worker_count),
        cmocka_unit_test(events_posted_by_listeners_wait_for_the_next_delivery),
        cmocka_unit_test(events_overflow_is_counted_and_logged_once_per_delivery),
        cmocka_unit_test(events_steady_state_allocates_nothing),
        cmocka_unit_test(events_bad_arguments_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
