// toml_guard.h: refuses, before the parser sees it, text on which the parser would run out of stack, memory or time.
#ifndef V_BRIDGE_TOML_GUARD_H
#define V_BRIDGE_TOML_GUARD_H

#include "v/base.h"

V_EXTERN_C_BEGIN

/// V_OK when text nests little enough, has few enough values and dotted keys; otherwise V_ERROR_BAD_INPUT with the
/// place. Everything else that may be wrong is left to the parser.
v_status toml_guard_check(const char *text, size_t size_bytes, const char *name);

V_EXTERN_C_END
#endif
