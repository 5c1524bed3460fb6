// Threads, locks and clocks over POSIX.
#include "v/thread.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

struct v_thread {
    const v_allocator *allocator;
    pthread_t handle;
    char name[16];
    void (*run)(void *user);
    void *user;
};

struct v_mutex {
    const v_allocator *allocator;
    pthread_mutex_t handle;
};

struct v_condition {
    const v_allocator *allocator;
    pthread_cond_t handle;
};

static void *thread_main(void *argument)
{
    v_thread *thread = argument;
    (void)pthread_setname_np(pthread_self(), thread->name);
    thread->run(thread->user);
    return NULL;
}

v_status v_thread_create(const v_allocator *allocator, const char *name, void (*run)(void *user), void *user,
                         v_thread **out_thread)
{
    if (run == NULL || out_thread == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_thread_create: run and out_thread must not be null");
    }
    v_thread *thread = V_NEW(allocator, v_thread);
    if (thread == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    thread->allocator = allocator;
    thread->run = run;
    thread->user = user;
    snprintf(thread->name, sizeof(thread->name), "%s", name != NULL ? name : "vengine");
    int error = pthread_create(&thread->handle, NULL, thread_main, thread);
    if (error != 0) {
        V_DELETE(allocator, thread);
        return v_fail(V_ERROR_OUT_OF_MEMORY, "cannot start a thread: %s", strerror(error));
    }
    *out_thread = thread;
    return V_OK;
}

void v_thread_join(v_thread *thread)
{
    if (thread != NULL) {
        (void)pthread_join(thread->handle, NULL);
        V_DELETE(thread->allocator, thread);
    }
}

v_status v_mutex_create(const v_allocator *allocator, v_mutex **out_mutex)
{
    if (out_mutex == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_mutex_create: out_mutex must not be null");
    }
    v_mutex *mutex = V_NEW(allocator, v_mutex);
    if (mutex == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    mutex->allocator = allocator;
    (void)pthread_mutex_init(&mutex->handle, NULL);
    *out_mutex = mutex;
    return V_OK;
}

void v_mutex_destroy(v_mutex *mutex)
{
    if (mutex != NULL) {
        (void)pthread_mutex_destroy(&mutex->handle);
        V_DELETE(mutex->allocator, mutex);
    }
}

void v_mutex_lock(v_mutex *mutex)
{
    (void)pthread_mutex_lock(&mutex->handle);
}

void v_mutex_unlock(v_mutex *mutex)
{
    (void)pthread_mutex_unlock(&mutex->handle);
}

v_status v_condition_create(const v_allocator *allocator, v_condition **out_condition)
{
    if (out_condition == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_condition_create: out_condition must not be null");
    }
    v_condition *condition = V_NEW(allocator, v_condition);
    if (condition == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    condition->allocator = allocator;
    pthread_condattr_t attributes;
    (void)pthread_condattr_init(&attributes);
    (void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    (void)pthread_cond_init(&condition->handle, &attributes);
    (void)pthread_condattr_destroy(&attributes);
    *out_condition = condition;
    return V_OK;
}

void v_condition_destroy(v_condition *condition)
{
    if (condition != NULL) {
        (void)pthread_cond_destroy(&condition->handle);
        V_DELETE(condition->allocator, condition);
    }
}

void v_condition_wait(v_condition *condition, v_mutex *mutex)
{
    (void)pthread_cond_wait(&condition->handle, &mutex->handle);
}

// UINT64_MAX means "as good as for ever", so the sum must not wrap around.
static struct timespec deadline_after(uint64_t duration_ns)
{
    uint64_t time_ns;
    if (__builtin_add_overflow(v_clock_ns(), duration_ns, &time_ns)) {
        time_ns = UINT64_MAX;
    }
    return (struct timespec){ .tv_sec = (time_t)(time_ns / 1000000000u), .tv_nsec = (long)(time_ns % 1000000000u) };
}

bool v_condition_wait_for(v_condition *condition, v_mutex *mutex, uint64_t timeout_ns)
{
    struct timespec deadline = deadline_after(timeout_ns);
    return pthread_cond_timedwait(&condition->handle, &mutex->handle, &deadline) != ETIMEDOUT;
}

void v_condition_signal(v_condition *condition)
{
    (void)pthread_cond_signal(&condition->handle);
}

void v_condition_broadcast(v_condition *condition)
{
    (void)pthread_cond_broadcast(&condition->handle);
}

uint32_t v_processor_count(void)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    // A cpu_set_t holds 1,024 processors; on a larger machine the call refuses it.
    long count = sched_getaffinity(0, sizeof(set), &set) == 0 ? CPU_COUNT(&set) : sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (uint32_t)count : 1;
}

uint64_t v_clock_ns(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void v_sleep_ns(uint64_t duration_ns)
{
    struct timespec deadline = deadline_after(duration_ns);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL) == EINTR) {
    }
}

void v_cpu_relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}
