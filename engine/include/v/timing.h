// v/timing.h: fixed simulation step, frame limiter, pacing statistics (E01). Floor 1.
//
//     v_timing_begin_frame(timing);
//     while (v_timing_next_tick(timing)) { tick(world); }
//     draw(world, v_timing_alpha(timing));
//     v_timing_end_frame(timing);                    // sleeps, then spins, to frames.max_fps
#ifndef V_TIMING_H
#define V_TIMING_H

#include "v/memory.h"

V_EXTERN_C_BEGIN

/// Where time comes from. The real clock by default; tests, captures and replays give a virtual one.
typedef struct v_time_source {
    uint64_t (*now_ns)(void *user);
    void (*wait_until_ns)(void *user, uint64_t deadline_ns);
    void *user;
} v_time_source;

/// A clock that moves only when it is told to. Its source's wait jumps straight to the deadline.
typedef struct v_virtual_clock {
    uint64_t now_ns;
} v_virtual_clock;
V_API v_time_source v_virtual_clock_source(v_virtual_clock *clock);
V_API void v_virtual_clock_advance(v_virtual_clock *clock, uint64_t duration_ns);
V_API v_time_source v_real_clock_source(void);

typedef struct v_timing v_timing;

typedef struct v_timing_desc {
    const v_allocator *allocator;
    v_time_source source;    ///< All null: the real clock.
    uint32_t tick_hz;        ///< Default 60.
    uint32_t max_fps;        ///< 0: unlimited.
    uint32_t catch_up_ticks; ///< Ticks in one frame at most (spiral-of-death clamp). Default 8; the rest is dropped and
                             ///< counted.
} v_timing_desc;

V_API v_status v_timing_create(const v_timing_desc *desc, v_timing **out_timing);
V_API void v_timing_destroy(v_timing *timing);
/// From the end of the last frame on. At most 1,000,000; 0: unlimited.
V_API void v_timing_set_max_fps(v_timing *timing, uint32_t max_fps);
/// Take the time since the last begin; the first frame has none. More ticks than catch_up_ticks are dropped and
/// counted.
V_API void v_timing_begin_frame(v_timing *timing);
/// True while a tick is due; counts it.
V_API bool v_timing_next_tick(v_timing *timing);
/// How far the frame lies between the last two ticks, 0..1.
V_API float v_timing_alpha(const v_timing *timing);
/// Wait for the frame's deadline: sleep most of it, spin the rest. Deadlines are start + n / max_fps, so errors do not
/// add up; a frame later than one whole period starts a new sequence.
V_API void v_timing_end_frame(v_timing *timing);
/// The tick length in nanoseconds (1e9 / tick_hz, rounded down) and in seconds as the simulation uses it.
V_API uint64_t v_timing_tick_ns(const v_timing *timing);
V_API float v_timing_tick_s(const v_timing *timing);

typedef struct v_timing_stats {
    uint64_t frames, ticks, dropped_ticks;
    uint64_t mean_ns, p99_ns, max_ns; ///< From frame end to frame end, over the last 1,024 frames.
    uint64_t jitter_ns;               ///< Mean absolute difference of neighbouring frames.
} v_timing_stats;
V_API v_timing_stats v_timing_get_stats(const v_timing *timing);

V_EXTERN_C_END
#endif
