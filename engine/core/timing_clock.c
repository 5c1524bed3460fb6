// timing_clock.c: the real clock and the virtual clock (E01).
#include "v/thread.h"
#include "v/timing.h"

// How long before a deadline the sleep ends: more than the usual lateness of a wake-up, so that the spin decides.
#define SPIN_NS 500000u

static uint64_t real_now_ns(void *user)
{
    (void)user;
    return v_clock_ns();
}

static void real_wait_until_ns(void *user, uint64_t deadline_ns)
{
    (void)user;
    uint64_t now_ns = v_clock_ns();
    if (now_ns < deadline_ns && deadline_ns - now_ns > SPIN_NS) {
        v_sleep_ns(deadline_ns - now_ns - SPIN_NS);
    }
    while (v_clock_ns() < deadline_ns) {
        v_cpu_relax();
    }
}

v_time_source v_real_clock_source(void)
{
    return (v_time_source){ .now_ns = real_now_ns, .wait_until_ns = real_wait_until_ns };
}

static uint64_t virtual_now_ns(void *user)
{
    const v_virtual_clock *clock = user;
    return clock->now_ns;
}

static void virtual_wait_until_ns(void *user, uint64_t deadline_ns)
{
    v_virtual_clock *clock = user;
    if (clock->now_ns < deadline_ns) {
        clock->now_ns = deadline_ns;
    }
}

v_time_source v_virtual_clock_source(v_virtual_clock *clock)
{
    if (clock == NULL) {
        (void)v_fail(V_ERROR_INVALID_ARGUMENT, "v_virtual_clock_source: clock is null");
        return (v_time_source){ 0 };
    }
    return (v_time_source){ .now_ns = virtual_now_ns, .wait_until_ns = virtual_wait_until_ns, .user = clock };
}

void v_virtual_clock_advance(v_virtual_clock *clock, uint64_t duration_ns)
{
    if (clock == NULL) {
        (void)v_fail(V_ERROR_INVALID_ARGUMENT, "v_virtual_clock_advance: clock is null");
        return;
    }
    clock->now_ns = duration_ns <= UINT64_MAX - clock->now_ns ? clock->now_ns + duration_ns : UINT64_MAX;
}
