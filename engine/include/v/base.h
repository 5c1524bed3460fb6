// v/base.h: version, export macro, status codes, the thread's last message, assertions. Floor 0: libc only.
//
//     v_status status = v_file_read("level.toml", allocator, &bytes);
//     if (status != V_OK) {
//         fprintf(stderr, "%s\n", v_status_message());
//     }
#ifndef V_BASE_H
#define V_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define V_VERSION_MAJOR 0
#define V_VERSION_MINOR 1
#define V_VERSION_PATCH 0

#if defined(V_STATIC)
#define V_API
#else
#define V_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
#define V_EXTERN_C_BEGIN extern "C" {
#define V_EXTERN_C_END   }
#define V_ALIGN_OF(type) alignof(type)
#else
#define V_EXTERN_C_BEGIN
#define V_EXTERN_C_END
#define V_ALIGN_OF(type) _Alignof(type)
#endif

#define V_PRINTF(format_index, first_argument) __attribute__((format(printf, format_index, first_argument)))
#define V_COUNT_OF(array)                      (sizeof(array) / sizeof((array)[0]))

V_EXTERN_C_BEGIN

/// What a fallible call returns. Zero is success.
typedef enum v_status {
    V_OK = 0,
    V_ERROR_INVALID_ARGUMENT, ///< The caller's argument breaks the function's contract.
    V_ERROR_OUT_OF_MEMORY,    ///< The allocator or the device refused memory.
    V_ERROR_NOT_FOUND,        ///< No such file, key, entity or device.
    V_ERROR_STALE,            ///< An id whose object is gone.
    V_ERROR_FULL,             ///< A fixed capacity is used up.
    V_ERROR_STATE,            ///< The call is not allowed now.
    V_ERROR_IO,               ///< The operating system refused a read or a write.
    V_ERROR_BAD_INPUT,        ///< A file, config, level or recording is malformed.
    V_ERROR_UNSUPPORTED,      ///< This build or device cannot do it.
    V_ERROR_NO_DEVICE,        ///< No usable Vulkan device, display or audio device.
    V_ERROR_DEVICE_LOST,      ///< The GPU or the surface went away.
    V_ERROR_OUT_OF_DATE,      ///< The swapchain no longer fits its window.
    V_ERROR_TIMEOUT,          ///< The wait ran out.
    V_ERROR_MISMATCH,         ///< Two things that had to be equal differ (a replay that diverged).
    V_STATUS_COUNT
} v_status;

/// The status's name, for instance "V_ERROR_IO". Static; any thread.
V_API const char *v_status_name(v_status status);

/// The calling thread's message of the latest failure: one line without newline, names the argument or place and its
/// value. Never null. Valid until this thread's next failure.
V_API const char *v_status_message(void);

/// The status of that failure: why a call that returns an id or a pointer returned null.
V_API v_status v_status_latest(void);

/// Set the calling thread's message (at most 1,023 bytes, cut beyond) and return `status`.
V_API v_status v_fail(v_status status, const char *format, ...) V_PRINTF(2, 3);
#ifdef __clang_analyzer__
// So that an analyzer knows what is returned, and that V_TRY leaves after a failure.
#define v_fail(status, ...) ((void)(v_fail)((status), __VA_ARGS__), (status))
#endif

/// "0.1.0". Static; any thread.
V_API const char *v_version(void);

/// Report a broken internal assumption on stderr and abort. Called by V_ASSERT only.
V_API __attribute__((noreturn)) void v_assert_failed(const char *condition, const char *file, int line);

V_EXTERN_C_END

/// For bugs of our own, never for a caller's arguments. On in every build.
#define V_ASSERT(condition) ((condition) ? (void)0 : v_assert_failed(#condition, __FILE__, __LINE__))

/// Return from the enclosing function when `call` fails.
#define V_TRY(call)                                                                                                    \
    do {                                                                                                               \
        v_status v_try_status = (call);                                                                                \
        if (v_try_status != V_OK) {                                                                                    \
            return v_try_status;                                                                                       \
        }                                                                                                              \
    } while (0)

#endif
