// One setting's value: check it against its key, clamp it, read it from text, print it.
#include "bridge/toml.h"
#include "config_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *config_type_name(v_config_type type)
{
    switch (type) {
    case V_CONFIG_TYPE_BOOL:
        return "a boolean";
    case V_CONFIG_TYPE_INT:
        return "an integer";
    case V_CONFIG_TYPE_FLOAT:
        return "a float";
    case V_CONFIG_TYPE_TEXT:
        return "a string";
    }
    return "an unknown type";
}

// The next choice of "a|b|c"; `at` moves behind it. Null at the end.
static const char *next_choice(const char **at, size_t *out_size)
{
    const char *start = *at;
    if (start == NULL) {
        return NULL;
    }
    const char *bar = strchr(start, '|');
    *out_size = bar != NULL ? (size_t)(bar - start) : strlen(start);
    *at = bar != NULL ? bar + 1 : NULL;
    return start;
}

static bool is_choice(const char *choices, const char *text, size_t size_bytes)
{
    size_t size;
    for (const char *choice; (choice = next_choice(&choices, &size)) != NULL;) {
        if (size == size_bytes && memcmp(choice, text, size) == 0) {
            return true;
        }
    }
    return false;
}

// "fifo, mailbox, immediate"
static void list_choices(const char *choices, char *out, size_t capacity)
{
    size_t used = 0;
    size_t size;
    out[0] = '\0';
    for (const char *choice; (choice = next_choice(&choices, &size)) != NULL && used < capacity;) {
        int printed = snprintf(out + used, capacity - used, "%s%.*s", used > 0 ? ", " : "", (int)size, choice);
        used += (size_t)printed;
    }
}

v_status config_check_text(const v_config_key *key, const char *text, size_t size_bytes, const char *place)
{
    if (memchr(text, '\0', size_bytes) != NULL) {
        return v_fail(V_ERROR_BAD_INPUT, "%s: %s must not contain a NUL character", place, key->name);
    }
    if (size_bytes > CONFIG_TEXT_BYTES) {
        return v_fail(V_ERROR_BAD_INPUT, "%s: %s has %zu bytes, at most %d are allowed", place, key->name, size_bytes,
                      CONFIG_TEXT_BYTES);
    }
    if (key->text_choices != NULL && !is_choice(key->text_choices, text, size_bytes)) {
        char choices[512];
        list_choices(key->text_choices, choices, sizeof(choices));
        return v_fail(V_ERROR_BAD_INPUT, "%s: %s = \"%.100s\" must be one of %s", place, key->name, text, choices);
    }
    return V_OK;
}

v_status config_check_number(const v_config_key *key, double number, const char *place)
{
    if (!isfinite(number)) {
        return v_fail(V_ERROR_BAD_INPUT, "%s: %s must be a finite number", place, key->name);
    }
    return V_OK;
}

bool config_clamp(const v_config_key *key, config_value *value)
{
    const config_value given = *value;
    if (key->type == V_CONFIG_TYPE_INT && (key->int_min != 0 || key->int_max != 0)) {
        value->integer = value->integer < key->int_min ? key->int_min : value->integer;
        value->integer = value->integer > key->int_max ? key->int_max : value->integer;
        return value->integer != given.integer;
    }
    if (key->type == V_CONFIG_TYPE_FLOAT && (key->float_min != 0.0 || key->float_max != 0.0)) {
        value->number = value->number < key->float_min ? key->float_min : value->number;
        value->number = value->number > key->float_max ? key->float_max : value->number;
        return value->number < given.number || value->number > given.number;
    }
    return false;
}

static v_status fail_wrong_text(const v_config_key *key, const char *text, const char *place)
{
    return v_fail(V_ERROR_BAD_INPUT, "%s: %s must be %s, not '%.100s'", place, key->name, config_type_name(key->type),
                  text);
}

// A number in TOML's own grammar, so that it reads the same everywhere and in every locale.
static v_status number_from_text(const v_config_key *key, const char *text, const char *place,
                                 const v_allocator *allocator, config_value *out_value)
{
    size_t size = strlen(text);
    if (size == 0 || size > CONFIG_NAME_BYTES || strspn(text, "0123456789+-._abcdefABCDEFxoXEinfa") != size) {
        return fail_wrong_text(key, text, place);
    }
    char line[CONFIG_NAME_BYTES + 8];
    int line_size = snprintf(line, sizeof(line), "v=%s", text);
    v_toml_document *document;
    v_status status = v_toml_parse(line, (size_t)line_size, place, allocator, &document);
    if (status == V_ERROR_OUT_OF_MEMORY) {
        return status;
    }
    if (status != V_OK) {
        return fail_wrong_text(key, text, place);
    }
    const v_toml_node *node = document->root->first_child;
    if (key->type == V_CONFIG_TYPE_INT && node->type == V_TOML_INT) {
        out_value->integer = node->value.integer;
    } else if (key->type != V_CONFIG_TYPE_FLOAT || !v_toml_number(node, &out_value->number)) {
        status = fail_wrong_text(key, text, place);
    } else {
        status = config_check_number(key, out_value->number, place);
    }
    v_toml_destroy(document);
    return status;
}

v_status config_value_from_text(const v_config_key *key, const char *text, const char *place,
                                const v_allocator *allocator, config_value *out_value)
{
    switch (key->type) {
    case V_CONFIG_TYPE_BOOL:
        out_value->boolean = strcmp(text, "true") == 0;
        if (!out_value->boolean && strcmp(text, "false") != 0) {
            return fail_wrong_text(key, text, place);
        }
        return V_OK;
    case V_CONFIG_TYPE_TEXT:
        out_value->text = text;
        return config_check_text(key, text, strlen(text), place);
    case V_CONFIG_TYPE_INT:
    case V_CONFIG_TYPE_FLOAT:
        return number_from_text(key, text, place, allocator, out_value);
    }
    return fail_wrong_text(key, text, place);
}

bool config_value_equals(v_config_type type, const config_value *left, const config_value *right)
{
    switch (type) {
    case V_CONFIG_TYPE_BOOL:
        return left->boolean == right->boolean;
    case V_CONFIG_TYPE_INT:
        return left->integer == right->integer;
    case V_CONFIG_TYPE_FLOAT:
        return !(left->number < right->number || left->number > right->number);
    case V_CONFIG_TYPE_TEXT:
        return strcmp(left->text, right->text) == 0;
    }
    return false;
}

static bool reads_back(const char *text, double number)
{
    double back = strtod(text, NULL);
    return !(back < number || back > number);
}

// The fewest digits that read back as the same number, with a '.' or an exponent so that TOML sees a float.
static void print_float(double number, char *out, size_t capacity)
{
    double size = fabs(number);
    bool is_plain = size < 1e15 && (size >= 1e-4 || !(size > 0.0));
    for (int digits = 1; digits <= (is_plain ? 20 : 17); digits++) {
        snprintf(out, capacity, is_plain ? "%.*f" : "%.*e", is_plain ? digits : digits - 1, number);
        if (reads_back(out, number)) {
            break;
        }
    }
}

static void print_text(const char *text, char *out)
{
    *out++ = '"';
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '"' || byte == '\\') {
            *out++ = '\\';
            *out++ = (char)byte;
        } else if (byte < 0x20u || byte == 0x7Fu) {
            out += snprintf(out, 7, "\\u%04X", byte);
        } else {
            *out++ = (char)byte;
        }
    }
    *out++ = '"';
    *out = '\0';
}

void config_value_print(v_config_type type, const config_value *value, char out[CONFIG_PRINT_BYTES])
{
    switch (type) {
    case V_CONFIG_TYPE_BOOL:
        snprintf(out, CONFIG_PRINT_BYTES, "%s", value->boolean ? "true" : "false");
        return;
    case V_CONFIG_TYPE_INT:
        snprintf(out, CONFIG_PRINT_BYTES, "%lld", (long long)value->integer);
        return;
    case V_CONFIG_TYPE_FLOAT:
        print_float(value->number, out, CONFIG_PRINT_BYTES);
        return;
    case V_CONFIG_TYPE_TEXT:
        print_text(value->text, out);
        return;
    }
    out[0] = '\0';
}
