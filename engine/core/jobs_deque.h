// jobs_deque.h: the work-stealing deque of one worker and one priority.
//
// Chase and Lev, "Dynamic Circular Work-Stealing Deque" (SPAA 2005), with a fixed capacity, in C11 atomics as in Lê,
// Pop, Cohen, Zappa Nardelli, "Correct and Efficient Work-Stealing for Weak Memory Models" (PPoPP 2013). Their fences
// are replaced by sequentially consistent accesses of `top` and `bottom`: ThreadSanitizer does not model fences, and
// the sequentially consistent store in push is needed anyway to see sleeping workers (jobs_sleep.c).
//
// Jobs are stored by value as relaxed atomic words, so no pool of job objects is needed. A thief may read words that
// the owner is overwriting; then `top` has moved on and the thief's compare-and-swap fails, so the words are never
// used.
#ifndef JOBS_DEQUE_H
#define JOBS_DEQUE_H

#include "v/jobs.h"

#include <stdatomic.h>

/// What a worker needs to run a job.
typedef struct jobs_item {
    v_job_function run;
    void *data;
    v_job_counter *signal;
    uint64_t submit_ns; ///< 0: this job is not part of the latency sample.
} jobs_item;

typedef struct jobs_slot {
    _Atomic(v_job_function) run;
    _Atomic(void *) data;
    _Atomic(v_job_counter *) signal;
    _Atomic uint64_t submit_ns;
} jobs_slot;

typedef struct jobs_deque {
    _Alignas(64) _Atomic int64_t top;    // thieves
    _Alignas(64) _Atomic int64_t bottom; // the owner
    int64_t known_top;                   // the owner's latest look at `top`, which only grows: room seen once stays
    jobs_slot *slots;
    int64_t mask; // capacity - 1; the capacity is a power of two
} jobs_deque;

static inline void jobs_slot_write(jobs_slot *slot, const jobs_item *item)
{
    atomic_store_explicit(&slot->run, item->run, memory_order_relaxed);
    atomic_store_explicit(&slot->data, item->data, memory_order_relaxed);
    atomic_store_explicit(&slot->signal, item->signal, memory_order_relaxed);
    atomic_store_explicit(&slot->submit_ns, item->submit_ns, memory_order_relaxed);
}

static inline void jobs_slot_read(jobs_slot *slot, jobs_item *out_item)
{
    out_item->run = atomic_load_explicit(&slot->run, memory_order_relaxed);
    out_item->data = atomic_load_explicit(&slot->data, memory_order_relaxed);
    out_item->signal = atomic_load_explicit(&slot->signal, memory_order_relaxed);
    out_item->submit_ns = atomic_load_explicit(&slot->submit_ns, memory_order_relaxed);
}

/// Owner only. False when full.
static inline bool jobs_deque_push(jobs_deque *deque, const jobs_item *item)
{
    int64_t bottom = atomic_load_explicit(&deque->bottom, memory_order_relaxed);
    if (bottom - deque->known_top > deque->mask) {
        deque->known_top = atomic_load_explicit(&deque->top, memory_order_acquire);
        if (bottom - deque->known_top > deque->mask) {
            return false;
        }
    }
    jobs_slot_write(&deque->slots[bottom & deque->mask], item);
    atomic_store_explicit(&deque->bottom, bottom + 1, memory_order_seq_cst);
    return true;
}

/// Owner only: take the job pushed last. False when empty.
static inline bool jobs_deque_pop(jobs_deque *deque, jobs_item *out_item)
{
    int64_t bottom = atomic_load_explicit(&deque->bottom, memory_order_relaxed) - 1;
    if (atomic_load_explicit(&deque->top, memory_order_relaxed) > bottom) {
        return false; // `top` only grows, so an old value that says "empty" is right
    }
    atomic_store_explicit(&deque->bottom, bottom, memory_order_seq_cst);
    int64_t top = atomic_load_explicit(&deque->top, memory_order_seq_cst);
    if (top < bottom) {
        jobs_slot_read(&deque->slots[bottom & deque->mask], out_item);
        return true;
    }
    bool taken = false;
    if (top == bottom) { // the last job: race the thieves for it
        jobs_slot_read(&deque->slots[bottom & deque->mask], out_item);
        taken = atomic_compare_exchange_strong_explicit(&deque->top, &top, top + 1, memory_order_seq_cst,
                                                        memory_order_relaxed);
    }
    atomic_store_explicit(&deque->bottom, bottom + 1, memory_order_release);
    return taken;
}

/// Any thread: take the job pushed first. False when empty or when another thread was faster.
static inline bool jobs_deque_steal(jobs_deque *deque, jobs_item *out_item)
{
    int64_t top = atomic_load_explicit(&deque->top, memory_order_seq_cst);
    int64_t bottom = atomic_load_explicit(&deque->bottom, memory_order_seq_cst);
    if (top >= bottom) {
        return false;
    }
    jobs_slot_read(&deque->slots[top & deque->mask], out_item);
    return atomic_compare_exchange_strong_explicit(&deque->top, &top, top + 1, memory_order_seq_cst,
                                                   memory_order_relaxed);
}

/// Any thread; a moment's view.
static inline uint32_t jobs_deque_depth(jobs_deque *deque)
{
    int64_t top = atomic_load_explicit(&deque->top, memory_order_seq_cst);
    int64_t bottom = atomic_load_explicit(&deque->bottom, memory_order_seq_cst);
    return bottom > top ? (uint32_t)(bottom - top) : 0;
}

#endif
