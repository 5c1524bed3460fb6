// v/config.h: typed settings from TOML files, environment and command line (E03). Floor 0.
//
//     static const v_config_key keys[] = {
//         V_CONFIG_INT("physics.solver.iterations", 8, 1, 16, "Solver sweeps at most"),
//         V_CONFIG_BOOL("frames.vsync", true, "Wait for the display"),
//     };
//     v_config_register(config, keys, V_COUNT_OF(keys));
//     v_config_load_file(config, "config/physics.toml");
//     int64_t iterations = v_config_int(config, "physics.solver.iterations");
//
// Later sources win: default < files in load order < environment (V_PHYSICS__SOLVER__ITERATIONS: "V_", upper case, '.'
// as "__") < v_config_set ("key=value", the command line's --set). A number outside its range is clamped with a
// warning; an unknown key or a wrong type is an error that names file, line, key and the nearest known key.
#ifndef V_CONFIG_H
#define V_CONFIG_H

#include "v/log.h"

V_EXTERN_C_BEGIN

typedef struct v_config v_config;

typedef enum v_config_type {
    V_CONFIG_TYPE_BOOL,
    V_CONFIG_TYPE_INT,
    V_CONFIG_TYPE_FLOAT,
    V_CONFIG_TYPE_TEXT
} v_config_type;

typedef struct v_config_key {
    const char *name; ///< Dotted, lower case. Static.
    v_config_type type;
    const char *help;                      ///< One line. Static.
    int64_t int_default, int_min, int_max; ///< Bool uses int_default 0 or 1. Minimum and maximum both 0: any value.
    double float_default, float_min, float_max;
    const char *text_default;
    const char *text_choices; ///< "fifo|mailbox|immediate"; null: any text.
} v_config_key;

#define V_CONFIG_BOOL(key, fallback, text)                                                                             \
    {                                                                                                                  \
        .name = (key), .type = V_CONFIG_TYPE_BOOL, .help = (text), .int_default = (fallback)                           \
    }
#define V_CONFIG_INT(key, fallback, low, high, text)                                                                   \
    {                                                                                                                  \
        .name = (key), .type = V_CONFIG_TYPE_INT, .help = (text), .int_default = (fallback), .int_min = (low),         \
        .int_max = (high)                                                                                              \
    }
#define V_CONFIG_FLOAT(key, fallback, low, high, text)                                                                 \
    {                                                                                                                  \
        .name = (key), .type = V_CONFIG_TYPE_FLOAT, .help = (text), .float_default = (fallback), .float_min = (low),   \
        .float_max = (high)                                                                                            \
    }
#define V_CONFIG_TEXT(key, fallback, choices, text)                                                                    \
    {                                                                                                                  \
        .name = (key), .type = V_CONFIG_TYPE_TEXT, .help = (text), .text_default = (fallback),                         \
        .text_choices = (choices)                                                                                      \
    }

/// `log` may be null; warnings (clamps, reload failures) go there on channel "config".
V_API v_status v_config_create(const v_allocator *allocator, v_log *log, v_config **out_config);
V_API void v_config_destroy(v_config *config);
/// Declare keys before any source is loaded. A name that is taken is V_ERROR_INVALID_ARGUMENT.
V_API v_status v_config_register(v_config *config, const v_config_key *keys, size_t count);
/// Load one TOML 1.0 file. All or nothing: on error nothing changed. Message: "path:line:column: …".
V_API v_status v_config_load_file(v_config *config, const char *path);
/// As above, from text; `name` stands in messages.
V_API v_status v_config_load_text(v_config *config, const char *name, const char *text, size_t size_bytes);
/// Load every *.toml of a directory in byte order of their names. A missing directory is V_ERROR_NOT_FOUND.
V_API v_status v_config_load_directory(v_config *config, const char *path);
/// Apply variables beginning with "V_" that contain "__" from this environment ("NAME=value", null-terminated list).
V_API v_status v_config_load_environment(v_config *config, const char *const *environment);
/// Apply "key=value".
V_API v_status v_config_set(v_config *config, const char *assignment);
/// Re-read loaded files whose time or size changed; on error the old values stay and the message is logged once.
/// `out_changed` (may be null) counts the keys whose value changed. Main thread, between ticks.
V_API v_status v_config_reload(v_config *config, uint32_t *out_changed);
/// Called after a reload for each changed key. At most 32 listeners.
V_API v_status v_config_on_change(v_config *config, void (*changed)(void *user, const char *key), void *user);

/// Values by name. Asking for an unregistered name or the wrong type is a bug of the caller: logged, returns 0/"".
V_API bool v_config_bool(const v_config *config, const char *name);
V_API int64_t v_config_int(const v_config *config, const char *name);
V_API double v_config_float(const v_config *config, const char *name);
V_API const char *v_config_text(const v_config *config, const char *name); ///< Borrowed until the next load or set.
/// Where the value came from: "default", "path:line", "environment" or "--set". Borrowed.
V_API const char *v_config_source(const v_config *config, const char *name);
/// Call for each key in byte order with its value as TOML text.
V_API void v_config_each(const v_config *config, void (*each)(void *user, const v_config_key *key, const char *value),
                         void *user);

V_EXTERN_C_END
#endif
