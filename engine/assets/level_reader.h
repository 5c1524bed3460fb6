// Typed, checked reading of TOML tables for levels. Internal to assets. The first error sticks.
#ifndef V_ASSETS_LEVEL_READER_H
#define V_ASSETS_LEVEL_READER_H

#include "bridge/toml.h"
#include "v/math.h"

typedef struct level_reader {
    const v_toml_document *document;
    v_status status;
} level_reader;

typedef struct level_range {
    double min, max;
} level_range;

/// Refuse keys of `table` that are not in `known`, with the nearest one as a hint.
void level_check_keys(level_reader *reader, const v_toml_node *table, const char *const *known, size_t known_count);
/// Refuse a node that is not of this type. False (and the error) then.
bool level_check_type(level_reader *reader, const v_toml_node *node, v_toml_type type);
/// Set the reader's error at a node's key. Later errors are ignored.
void level_fail(level_reader *reader, const v_toml_node *node, const char *format, ...) V_PRINTF(3, 4);

/// Each returns `fallback` when the key is missing or after an error.
float level_float(level_reader *reader, const v_toml_node *table, const char *key, float fallback, level_range range);
uint64_t level_uint(level_reader *reader, const v_toml_node *table, const char *key, uint64_t fallback, uint64_t min,
                    uint64_t max);
bool level_bool(level_reader *reader, const v_toml_node *table, const char *key, bool fallback);
v_vec3 level_vec3(level_reader *reader, const v_toml_node *table, const char *key, v_vec3 fallback, level_range range);
/// Copies text of 1 to capacity - 1 bytes without control characters. False when the key is missing.
bool level_text(level_reader *reader, const v_toml_node *table, const char *key, char *out, size_t capacity);
/// Index of the key's text among `choices`; `fallback` when the key is missing.
uint32_t level_choice(level_reader *reader, const v_toml_node *table, const char *key, uint32_t fallback,
                      const char *const *choices, size_t choice_count);

#endif
