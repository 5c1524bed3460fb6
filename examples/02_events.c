// Events: two listeners, one event sent now, three posted and delivered in the order of their keys.
#include <stdio.h>

#include <v/events.h>

typedef struct coin_taken {
    int value;
} coin_taken;

static void count_coins(void *user, v_event_type type, const void *event)
{
    (void)type;
    *(int *)user += ((const coin_taken *)event)->value;
}

static void say_coin(void *user, v_event_type type, const void *event)
{
    (void)user;
    (void)type;
    printf("took a coin of %d\n", ((const coin_taken *)event)->value);
}

int main(void)
{
    v_events *events = NULL;
    if (v_events_create(&(v_events_desc){ 0 }, &events) != V_OK) {
        fprintf(stderr, "%s\n", v_status_message());
        return 1;
    }
    v_event_type taken = v_event_declare(events, "coin_taken", sizeof(coin_taken));
    int total = 0;
    v_event_on(events, taken, count_coins, &total, NULL);
    v_event_on(events, taken, say_coin, NULL, NULL);

    v_event_dispatch(events, taken, &(coin_taken){ .value = 100 });

    // Posted events wait for the tick's delivery point; their keys decide the order, not who came first.
    for (uint64_t key = 3; key > 0; --key) {
        v_event_post(events, 0, taken, key, &(coin_taken){ .value = (int)key });
    }
    v_events_deliver(events);

    printf("total %d\n", total);
    v_events_destroy(events);
    return total == 106 ? 0 : 1;
}
