// What every test includes: cmocka with its prerequisites, in the order it needs them.
#ifndef V_TEST_H
#define V_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "v/base.h"

/// Assert V_OK and print the message otherwise.
#define assert_ok(call)                                                                                                \
    do {                                                                                                               \
        v_status assert_ok_status = (call);                                                                            \
        if (assert_ok_status != V_OK) {                                                                                \
            fail_msg("%s: %s: %s", #call, v_status_name(assert_ok_status), v_status_message());                        \
        }                                                                                                              \
    } while (0)

/// Assert a status and that the message contains `part`.
#define assert_fails(call, expected, part)                                                                             \
    do {                                                                                                               \
        v_status assert_fails_status = (call);                                                                         \
        if (assert_fails_status != (expected) || strstr(v_status_message(), (part)) == NULL) {                         \
            fail_msg("%s: got %s \"%s\", wanted %s with \"%s\"", #call, v_status_name(assert_fails_status),            \
                     v_status_message(), v_status_name(expected), (part));                                             \
        }                                                                                                              \
    } while (0)

#endif
