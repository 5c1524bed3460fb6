// Status names, the calling thread's latest message, assertions.
#include "v/base.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static _Thread_local char message_text[1024];
static _Thread_local v_status message_status;

const char *v_status_name(v_status status)
{
    static const char *const names[V_STATUS_COUNT] = {
        [V_OK] = "V_OK",
        [V_ERROR_INVALID_ARGUMENT] = "V_ERROR_INVALID_ARGUMENT",
        [V_ERROR_OUT_OF_MEMORY] = "V_ERROR_OUT_OF_MEMORY",
        [V_ERROR_NOT_FOUND] = "V_ERROR_NOT_FOUND",
        [V_ERROR_STALE] = "V_ERROR_STALE",
        [V_ERROR_FULL] = "V_ERROR_FULL",
        [V_ERROR_STATE] = "V_ERROR_STATE",
        [V_ERROR_IO] = "V_ERROR_IO",
        [V_ERROR_BAD_INPUT] = "V_ERROR_BAD_INPUT",
        [V_ERROR_UNSUPPORTED] = "V_ERROR_UNSUPPORTED",
        [V_ERROR_NO_DEVICE] = "V_ERROR_NO_DEVICE",
        [V_ERROR_DEVICE_LOST] = "V_ERROR_DEVICE_LOST",
        [V_ERROR_OUT_OF_DATE] = "V_ERROR_OUT_OF_DATE",
        [V_ERROR_TIMEOUT] = "V_ERROR_TIMEOUT",
        [V_ERROR_MISMATCH] = "V_ERROR_MISMATCH",
    };
    return (unsigned)status < V_STATUS_COUNT ? names[status] : "V_STATUS_UNKNOWN";
}

const char *v_status_message(void)
{
    return message_text;
}

v_status v_status_latest(void)
{
    return message_status;
}

#undef v_fail // an analyzer's macro of v/base.h

v_status v_fail(v_status status, const char *format, ...)
{
    // Formatted aside first: the arguments may point into the previous message.
    char text[sizeof(message_text)];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    size_t i = 0;
    for (; text[i] != '\0'; i++) {
        // One line, and nothing from a file reaches a terminal as a control sequence.
        bool is_control = (unsigned char)text[i] < 0x20 || text[i] == 0x7f;
        message_text[i] = is_control ? ' ' : text[i];
    }
    message_text[i] = '\0';
    message_status = status;
    return status;
}

#define TEXT_OF(x) #x
#define VERSION(x) TEXT_OF(x)

const char *v_version(void)
{
    return VERSION(V_VERSION_MAJOR) "." VERSION(V_VERSION_MINOR) "." VERSION(V_VERSION_PATCH);
}

void v_assert_failed(const char *condition, const char *file, int line)
{
    fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, condition);
    abort();
}
