// config_internal.h: how settings are kept. A source (a file, the environment) is a layer of checked assignments; the
// current value of a key points into the layer that wins. So a load builds its layer aside and cannot fail halfway.
#ifndef V_CONFIG_INTERNAL_H
#define V_CONFIG_INTERNAL_H

#include "v/config.h"
#include "v/container.h"

#define CONFIG_NAME_BYTES    128  // of a dotted key, without its NUL
#define CONFIG_TEXT_BYTES    1023 // of a text value, without its NUL
#define CONFIG_MAX_LISTENERS 32
#define CONFIG_MAX_LAYERS    1024
#define CONFIG_PLACE_BYTES   1024                        // of "path:line:column"
#define CONFIG_PRINT_BYTES   (CONFIG_TEXT_BYTES * 6 + 3) // the longest value as TOML text

typedef union config_value {
    bool boolean;
    int64_t integer;
    double number;
    const char *text;
} config_value;

typedef struct config_assignment {
    uint32_t entry;
    bool is_clamped;
    config_value value, given; // `given` differs only when clamped
    const char *source;        // "path:line", "environment"
    const char *place;         // for messages: "path:line:column", "environment variable V_…"
} config_assignment;

typedef struct config_layer {
    char *name;
    bool is_file;
    uint64_t time_ns, size_bytes; // of the file when it was last read, whether or not it was good
    v_arena arena;                // name, texts and places
    V_ARRAY(config_assignment) assignments;
} config_layer;

typedef struct config_entry {
    v_config_key key;
    config_value default_value;
    bool is_set; // by v_config_set
    config_value set_value;
    char *set_text; // owned; what set_value.text is
    const config_value *current;
    const char *source;
    const config_value *previous; // while a layer is exchanged
    bool has_changed;             // in the latest reload
} config_entry;

struct v_config {
    const v_allocator *allocator;
    v_log *log;
    V_ARRAY(config_entry) entries; // in byte order of their names
    V_ARRAY(config_layer *) files; // in load order
    config_layer *environment;
    bool is_loaded;  // a source was applied: no more keys
    bool is_calling; // listeners run
    uint32_t listener_count;
    struct {
        void (*changed)(void *user, const char *key);
        void *user;
    } listeners[CONFIG_MAX_LISTENERS];
};

/// The entry with this name, or null.
config_entry *config_find(const v_config *config, const char *name);
/// True when there are keys inside the table `prefix`: "physics" of "physics.gravity".
bool config_is_table(const v_config *config, const char *prefix);

/// An empty layer; null when out of memory.
config_layer *config_layer_create(const v_config *config, const char *name);
/// Keep a checked value, clamped. Texts are copied.
v_status config_layer_add(const v_config *config, config_layer *layer, const config_entry *entry, config_value value,
                          const char *source, const char *place);
/// Warn of each clamped value of a layer, or of one: not before the load has succeeded.
void config_layer_warn(const v_config *config, const config_layer *layer);
void config_warn_clamped(const v_config *config, const v_config_key *key, config_value given, config_value used,
                         const char *place);
/// Null is allowed.
void config_layer_destroy(const v_config *config, config_layer *layer);

/// Point every entry at its winning value: set, environment, the latest file, default.
void config_resolve(v_config *config);

/// "a text", "an integer" …: what a value of this key has to be.
const char *config_type_name(v_config_type type);
/// V_OK when the text or number may be a value of this key; otherwise a message that begins with `place`.
v_status config_check_text(const v_config_key *key, const char *text, size_t size_bytes, const char *place);
v_status config_check_number(const v_config_key *key, double number, const char *place);
/// Bring a number into the key's range. True when it was outside.
bool config_clamp(const v_config_key *key, config_value *value);
/// The value from plain text ("8", "true", "fifo"), as the environment and --set give it. Text values are borrowed.
v_status config_value_from_text(const v_config_key *key, const char *text, const char *place,
                                const v_allocator *allocator, config_value *out_value);
bool config_value_equals(v_config_type type, const config_value *left, const config_value *right);
/// The value as TOML.
void config_value_print(v_config_type type, const config_value *value, char out[CONFIG_PRINT_BYTES]);

/// V_ERROR_BAD_INPUT: "place: unknown key 'name', did you mean 'nearest'?"
v_status config_fail_unknown(const v_config *config, const char *name, const char *place);

#endif
