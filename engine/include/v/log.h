// v/log.h: the logger (E02). Floor 0.
//
//     V_LOG_INFO(log, "render", "Present mode: %s", name);   // [0.000320s] [render] INFO Present mode: FIFO
//
// Any thread writes; a line costs the caller no lock and no allocation. The caller's arguments are copied (strings
// too); the logger's one thread formats them and feeds the sinks, at the latest after 16 ms; v_log_flush() waits for
// it. A null log is allowed everywhere and drops the line. When lines were dropped, the log itself says how many, on
// channel "log".
#ifndef V_LOG_H
#define V_LOG_H

#include "v/memory.h"

V_EXTERN_C_BEGIN

typedef struct v_log v_log;

typedef enum v_log_level { V_LOG_TRACE = 0, V_LOG_DEBUG, V_LOG_INFO, V_LOG_WARN, V_LOG_ERROR, V_LOG_OFF } v_log_level;

typedef struct v_log_line {
    uint64_t time_ns; ///< Since the process started.
    v_log_level level;
    const char *channel; ///< Borrowed for the call.
    const char *text;    ///< Without prefix and newline; borrowed for the call.
} v_log_line;

typedef struct v_log_desc {
    const v_allocator *allocator;
    v_log_level level;         ///< Lines below it are dropped before any work. V_LOG_TRACE is 0 and the default.
    bool no_stderr;            ///< Do not write to stderr.
    const char *file_path;     ///< Also append to this file; null: none.
    uint32_t ring_lines;       ///< Latest lines kept for the debug UI. Default 256.
    uint32_t queue_lines;      ///< Lines in flight. Default 4,096, rounded up to a power of two.
    uint32_t rate_limit_per_s; ///< Lines per second and call format; the rest are counted. 0: no limit.
    void (*callback)(void *user, const v_log_line *line); ///< Called on the logger's thread; null: none.
    void *user;
} v_log_desc;

/// Start a logger; `desc` null: the defaults. Destroying it writes what is queued; no other thread may use it by then.
/// A file that cannot be opened is V_ERROR_IO.
V_API v_status v_log_create(const v_log_desc *desc, v_log **out_log);
V_API void v_log_destroy(v_log *log);
/// One line. `channel` and `format` must be string literals or outlive the logger. Text is cut at 400 bytes; a newline
/// or another control character in it becomes a space. When the queue is full the line is dropped and counted, unless
/// its level is WARN or above: then the caller waits. Any thread; in a sink's callback nothing waits.
V_API void v_log_write(v_log *log, v_log_level level, const char *channel, const char *format, ...) V_PRINTF(4, 5);
/// Wait until every line written before this call has reached every sink. Any thread but the callback's.
V_API void v_log_flush(v_log *log);
V_API void v_log_set_level(v_log *log, v_log_level level);
V_API v_log_level v_log_get_level(const v_log *log);

typedef struct v_log_stats {
    uint64_t written, dropped, rate_limited;
} v_log_stats;
V_API v_log_stats v_log_get_stats(const v_log *log);
/// Call `each` for the latest lines, oldest first. Any thread; `each` may log.
V_API void v_log_recent(v_log *log, void (*each)(void *user, const v_log_line *line), void *user);
V_API const char *v_log_level_name(v_log_level level); ///< "TRACE" … "ERROR".

#define V_LOG_TRACE(log, channel, ...) v_log_write((log), V_LOG_TRACE, (channel), __VA_ARGS__)
#define V_LOG_DEBUG(log, channel, ...) v_log_write((log), V_LOG_DEBUG, (channel), __VA_ARGS__)
#define V_LOG_INFO(log, channel, ...)  v_log_write((log), V_LOG_INFO, (channel), __VA_ARGS__)
#define V_LOG_WARN(log, channel, ...)  v_log_write((log), V_LOG_WARN, (channel), __VA_ARGS__)
#define V_LOG_ERROR(log, channel, ...) v_log_write((log), V_LOG_ERROR, (channel), __VA_ARGS__)

V_EXTERN_C_END
#endif
