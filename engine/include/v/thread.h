// v/thread.h: threads, locks, clocks. Floor 0. Simulation code never includes it for its clocks.
#ifndef V_THREAD_H
#define V_THREAD_H

#include "v/memory.h"

V_EXTERN_C_BEGIN

typedef struct v_thread v_thread;
typedef struct v_mutex v_mutex;
typedef struct v_condition v_condition;

/// Start a thread that runs run(user). `name` (at most 15 bytes are kept) shows in debuggers. Join it to free it.
V_API v_status v_thread_create(const v_allocator *allocator, const char *name, void (*run)(void *user), void *user,
                               v_thread **out_thread);
/// Wait for the end and free it. Null is allowed.
V_API void v_thread_join(v_thread *thread);

V_API v_status v_mutex_create(const v_allocator *allocator, v_mutex **out_mutex);
V_API void v_mutex_destroy(v_mutex *mutex);
V_API void v_mutex_lock(v_mutex *mutex);
V_API void v_mutex_unlock(v_mutex *mutex);

V_API v_status v_condition_create(const v_allocator *allocator, v_condition **out_condition);
V_API void v_condition_destroy(v_condition *condition);
/// The mutex is held by the caller. May wake spuriously.
V_API void v_condition_wait(v_condition *condition, v_mutex *mutex);
/// False when timeout_ns passed without a wake.
V_API bool v_condition_wait_for(v_condition *condition, v_mutex *mutex, uint64_t timeout_ns);
V_API void v_condition_signal(v_condition *condition);
V_API void v_condition_broadcast(v_condition *condition);

/// Processors that this process may use, at least 1.
V_API uint32_t v_processor_count(void);
/// Monotonic nanoseconds from an arbitrary start. Any thread.
V_API uint64_t v_clock_ns(void);
/// Sleep at least this long.
V_API void v_sleep_ns(uint64_t duration_ns);
/// A hint for spin loops.
V_API void v_cpu_relax(void);

V_EXTERN_C_END
#endif
