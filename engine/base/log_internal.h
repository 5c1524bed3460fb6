// log_internal.h: the logger's queue, what its producers (log.c), its thread (log_thread.c) and its formatter
// (log_format.c) share.
//
// The queue is a ring of fixed slots. A producer claims position `head` by compare-and-swap, fills the slot and
// publishes it by storing position + 1 in the slot's `ready`; the logger's thread takes slots in order and gives them
// back by moving `tail`. Producers never read what the thread writes into slots (as they would with Vyukov's bounded
// MPMC queue, 1024cores.net, from which this is reduced to one consumer), so that a claim misses the cache on two lines
// at most.
//
// A caller does not format: it copies the arguments of the line into the slot (log_capture), and the logger's thread
// makes the text from them (log_render). Formats outside the captured subset are printed by the caller itself.
#ifndef V_LOG_INTERNAL_H
#define V_LOG_INTERNAL_H

#include "v/log.h"
#include "v/thread.h"

#include <assert.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdatomic.h>

#define LOG_TEXT_BYTES    400 // of a line, without its NUL
#define LOG_PAYLOAD_BYTES 472 // so that a slot is 512 bytes
#define LOG_NOT_CAPTURED  SIZE_MAX
#define LOG_BATCH_BYTES   (64 * 1024)
#define LOG_LINE_BYTES    1024 // of a line with its prefix, in the batch

typedef struct log_slot {
    alignas(64) _Atomic uint64_t ready; // position + 1 when the slot holds that line
    uint64_t ticks;                     // of the log's clock
    const char *channel;
    const char *format; // null: the payload is the text itself
    uint32_t text_size; // of the text itself; above LOG_TEXT_BYTES when it was cut
    uint8_t level;
    uint8_t payload[LOG_PAYLOAD_BYTES];
} log_slot;

static_assert(sizeof(log_slot) == 512, "a slot is eight cache lines");

// How often a format was used in the current second: second << 32 | count.
typedef struct log_rate {
    _Atomic(const char *) format;
    _Atomic uint64_t state;
} log_rate;

#define LOG_RATE_CAPACITY 1024u
#define LOG_RATE_PROBES   16u

typedef struct log_recent_line {
    uint64_t time_ns;
    const char *channel;
    v_log_level level;
    char text[LOG_TEXT_BYTES + 1];
} log_recent_line;

// What makes ticks into nanoseconds: how far both had come at one moment. The logger's thread only.
typedef struct log_clock {
    uint64_t ticks, time_ns;
} log_clock;

struct v_log {
    const v_allocator *allocator;
    log_clock clock;
    log_slot *slots;
    uint64_t slot_mask;
    log_rate *rates; // null: no limit
    uint32_t rate_limit_per_s;
    _Atomic int level;
    _Atomic uint64_t written, dropped, rate_limited;

    alignas(64) _Atomic uint64_t head;
    alignas(64) _Atomic uint64_t tail;      // slots before it are free
    alignas(64) _Atomic uint64_t delivered; // lines before it have reached every sink
    _Atomic uint32_t waiter_count;
    _Atomic bool asleep, stopping;

    v_thread *thread;
    v_mutex *mutex; // guards only sleeping and waking
    v_condition *wake, *progress;

    // The logger's thread only.
    char *batch;
    size_t batch_size;
    int file; // -1: none
    char *file_path;
    size_t file_path_bytes;
    bool use_stderr;
    void (*callback)(void *user, const v_log_line *line);
    void *user;
    uint64_t reported_dropped, reported_rate_limited, report_time_ns;

    v_mutex *recent_mutex;
    log_recent_line *recent;
    uint32_t recent_capacity;
    uint64_t recent_count; // lines ever put there
};

/// Copy the arguments of `format` into payload. The bytes used, or LOG_NOT_CAPTURED when the format has a conversion
/// that is not captured (%n, %m, %Lf, %ls, positions) or the arguments do not fit.
size_t log_capture(uint8_t payload[LOG_PAYLOAD_BYTES], const char *format, va_list arguments);

/// Print captured arguments into text, cut at LOG_TEXT_BYTES. The size that the whole line would have.
size_t log_render(char text[LOG_TEXT_BYTES + 1], const char *format, const uint8_t *payload);

/// Make one printable line: control characters become spaces, and a code point that the cut at LOG_TEXT_BYTES split is
/// dropped. `size_bytes` is what log_render or vsnprintf returned. The final size.
size_t log_clean(char text[LOG_TEXT_BYTES + 1], size_t size_bytes);

/// Nanoseconds since the library was loaded.
uint64_t log_time_ns(void);
/// A counter that costs a third of the system's clock, where the processor has one; else log_time_ns(). Any thread.
uint64_t log_clock_ticks(void);
/// The logger's thread, before it makes times of ticks that were taken until now.
void log_clock_sample(log_clock *clock);
/// Nanoseconds as by log_time_ns().
uint64_t log_clock_to_ns(const log_clock *clock, uint64_t ticks);

/// The logger's thread: feeds the sinks until `stopping` is set and the queue is empty.
void log_thread_run(void *user);

/// True on the thread of this logger, which must not wait for itself.
bool log_is_own_thread(const v_log *log);

#endif
