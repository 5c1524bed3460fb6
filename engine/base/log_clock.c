// The logger's clock: the caller takes a cheap counter, the logger's thread makes nanoseconds of it.
#include "log_internal.h"

#include "v/thread.h"

#if defined(__x86_64__)
#include <cpuid.h>

// The time stamp counter runs at one rate in every power state ("invariant TSC": AMD64 manual volume 2, Intel SDM 3B).
static bool has_counter(void)
{
    unsigned int eax = 0, ebx = 0, ecx = 0, edx = 0;
    return __get_cpuid(0x80000007u, &eax, &ebx, &ecx, &edx) != 0 && (edx & (1u << 8)) != 0;
}

static uint64_t read_counter(void)
{
    return __builtin_ia32_rdtsc();
}
#else
static bool has_counter(void)
{
    return false;
}

static uint64_t read_counter(void)
{
    return 0;
}
#endif

// Both clocks at one moment. A reading that was interrupted between them is thrown away.
static void read_both(uint64_t *out_ticks, uint64_t *out_ns)
{
    uint64_t shortest_ns = UINT64_MAX;
    for (int attempt = 0; attempt < 8 && shortest_ns > 500; attempt++) {
        uint64_t before_ns = v_clock_ns();
        uint64_t ticks = read_counter();
        uint64_t took_ns = v_clock_ns() - before_ns;
        if (took_ns < shortest_ns) {
            shortest_ns = took_ns;
            *out_ticks = ticks;
            *out_ns = before_ns + took_ns / 2;
        }
    }
}

// Written once, before main.
static struct {
    bool has_counter;
    uint64_t ticks, time_ns;
} process_start;

__attribute__((constructor)) static void remember_process_start(void)
{
    process_start.has_counter = has_counter();
    read_both(&process_start.ticks, &process_start.time_ns);
}

uint64_t log_time_ns(void)
{
    return v_clock_ns() - process_start.time_ns;
}

uint64_t log_clock_ticks(void)
{
    return process_start.has_counter ? read_counter() : log_time_ns();
}

void log_clock_sample(log_clock *clock)
{
    if (process_start.has_counter) {
        read_both(&clock->ticks, &clock->time_ns);
        clock->ticks -= process_start.ticks;
        clock->time_ns -= process_start.time_ns;
    }
}

// On the straight line from the start of the process to the sample: off by what reading the two clocks takes, whatever
// the counter's rate is.
uint64_t log_clock_to_ns(const log_clock *clock, uint64_t ticks)
{
    if (!process_start.has_counter) {
        return ticks;
    }
    // Another processor's counter may lie a little before the start.
    uint64_t passed = ticks > process_start.ticks ? ticks - process_start.ticks : 0;
    double rate = clock->ticks != 0 ? (double)clock->time_ns / (double)clock->ticks : 0.0;
    return (uint64_t)((double)passed * rate);
}
