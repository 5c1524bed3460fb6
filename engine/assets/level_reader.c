// Typed, checked reading of TOML tables.
#include "level_reader.h"

#include "v/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void level_fail(level_reader *reader, const v_toml_node *node, const char *format, ...)
{
    if (reader->status != V_OK) {
        return;
    }
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    reader->status = v_toml_fail_at_key(reader->document, node, "%s", text);
}

// "light.direction" for messages: the key with its table.
static const char *key_path(const v_toml_node *node, char *out, size_t capacity)
{
    const v_toml_node *parent = node->parent;
    while (parent != NULL && parent->key[0] == '\0') {
        parent = parent->parent;
    }
    snprintf(out, capacity, "%.40s%s%.60s", parent != NULL ? parent->key : "", parent != NULL ? "." : "", node->key);
    return out;
}

static bool text_is(const char *text, size_t size_bytes, const char *expected)
{
    return strlen(expected) == size_bytes && memcmp(text, expected, size_bytes) == 0;
}

void level_check_keys(level_reader *reader, const v_toml_node *table, const char *const *known, size_t known_count)
{
    for (const v_toml_node *node = table->first_child; node != NULL && reader->status == V_OK;
         node = node->next_sibling) {
        size_t i = 0;
        // A key or a word with a NUL inside is longer than it looks.
        while (i < known_count && !text_is(node->key, node->key_size_bytes, known[i])) {
            i++;
        }
        if (i == known_count) {
            char path[128];
            const char *hint = v_text_closest(node->key, known, known_count);
            level_fail(reader, node, "%s: unknown key%s%s%s", key_path(node, path, sizeof(path)),
                       hint != NULL ? ", did you mean \"" : "", hint != NULL ? hint : "", hint != NULL ? "\"?" : "");
        }
    }
}

bool level_check_type(level_reader *reader, const v_toml_node *node, v_toml_type type)
{
    if (node->type == type) {
        return reader->status == V_OK;
    }
    char path[128];
    level_fail(reader, node, "%s: must be %s, is %s", key_path(node, path, sizeof(path)), v_toml_type_name(type),
               v_toml_type_name(node->type));
    return false;
}

static bool read_number(level_reader *reader, const v_toml_node *named, const v_toml_node *node, level_range range,
                        float *out_value)
{
    char path[128];
    double number;
    if (!v_toml_number(node, &number)) {
        level_fail(reader, named, "%s: must be a number, is %s", key_path(named, path, sizeof(path)),
                   v_toml_type_name(node->type));
        return false;
    }
    // Written so that NaN fails too.
    if (!(number >= range.min && number <= range.max)) {
        level_fail(reader, named, "%s: is %g, must be from %g to %g", key_path(named, path, sizeof(path)), number,
                   range.min, range.max);
        return false;
    }
    *out_value = (float)number;
    return true;
}

float level_float(level_reader *reader, const v_toml_node *table, const char *key, float fallback, level_range range)
{
    const v_toml_node *node = v_toml_find(table, key);
    float value = fallback;
    if (node != NULL) {
        (void)read_number(reader, node, node, range, &value);
    }
    return value;
}

uint64_t level_uint(level_reader *reader, const v_toml_node *table, const char *key, uint64_t fallback, uint64_t min,
                    uint64_t max)
{
    const v_toml_node *node = v_toml_find(table, key);
    if (node == NULL || !level_check_type(reader, node, V_TOML_INT)) {
        return fallback;
    }
    int64_t value = node->value.integer;
    if (value < 0 || (uint64_t)value < min || (uint64_t)value > max) {
        char path[128];
        level_fail(reader, node, "%s: is %lld, must be from %llu to %llu", key_path(node, path, sizeof(path)),
                   (long long)value, (unsigned long long)min, (unsigned long long)max);
        return fallback;
    }
    return (uint64_t)value;
}

bool level_bool(level_reader *reader, const v_toml_node *table, const char *key, bool fallback)
{
    const v_toml_node *node = v_toml_find(table, key);
    return node != NULL && level_check_type(reader, node, V_TOML_BOOL) ? node->value.boolean : fallback;
}

v_vec3 level_vec3(level_reader *reader, const v_toml_node *table, const char *key, v_vec3 fallback, level_range range)
{
    const v_toml_node *node = v_toml_find(table, key);
    if (node == NULL || !level_check_type(reader, node, V_TOML_ARRAY)) {
        return fallback;
    }
    char path[128];
    if (node->child_count != 3) {
        level_fail(reader, node, "%s: has %u numbers, must have 3", key_path(node, path, sizeof(path)),
                   node->child_count);
        return fallback;
    }
    float values[3] = { 0 };
    const v_toml_node *child = node->first_child;
    for (uint32_t i = 0; i < 3; i++, child = child->next_sibling) {
        if (!read_number(reader, node, child, range, &values[i])) {
            return fallback;
        }
    }
    return v_vec3_make(values[0], values[1], values[2]);
}

bool level_text(level_reader *reader, const v_toml_node *table, const char *key, char *out, size_t capacity)
{
    const v_toml_node *node = v_toml_find(table, key);
    if (node == NULL || !level_check_type(reader, node, V_TOML_STRING)) {
        return false;
    }
    char path[128];
    size_t size_bytes = node->value.string.size_bytes;
    if (size_bytes == 0 || size_bytes >= capacity) {
        level_fail(reader, node, "%s: has %zu bytes, must have 1 to %zu", key_path(node, path, sizeof(path)),
                   size_bytes, capacity - 1);
        return false;
    }
    for (size_t i = 0; i < size_bytes; i++) {
        if ((unsigned char)node->value.string.text[i] < 0x20) {
            level_fail(reader, node, "%s: has a control character at byte %zu", key_path(node, path, sizeof(path)), i);
            return false;
        }
    }
    memcpy(out, node->value.string.text, size_bytes);
    out[size_bytes] = '\0';
    return true;
}

uint32_t level_choice(level_reader *reader, const v_toml_node *table, const char *key, uint32_t fallback,
                      const char *const *choices, size_t choice_count)
{
    const v_toml_node *node = v_toml_find(table, key);
    if (node == NULL || !level_check_type(reader, node, V_TOML_STRING)) {
        return fallback;
    }
    for (size_t i = 0; i < choice_count; i++) {
        if (text_is(node->value.string.text, node->value.string.size_bytes, choices[i])) {
            return (uint32_t)i;
        }
    }
    char path[128], list[256] = "";
    for (size_t i = 0, used = 0; i < choice_count && used < sizeof(list); i++) {
        used += (size_t)snprintf(list + used, sizeof(list) - used, "%s\"%s\"", i != 0 ? ", " : "", choices[i]);
    }
    level_fail(reader, node, "%s: is \"%.60s\", must be one of %s", key_path(node, path, sizeof(path)),
               node->value.string.text, list);
    return fallback;
}
