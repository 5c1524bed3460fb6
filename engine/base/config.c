// Settings: declare keys, ask for values, listen to changes. Sources are read in config_load.c.
#include "config_internal.h"

#include <math.h>
#include <string.h>

v_status v_config_create(const v_allocator *allocator, v_log *log, v_config **out_config)
{
    if (out_config == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_config_create: out_config must not be null");
    }
    *out_config = NULL;
    v_config *config = V_NEW(allocator, v_config);
    if (config == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    config->allocator = allocator;
    config->log = log;
    *out_config = config;
    return V_OK;
}

void v_config_destroy(v_config *config)
{
    if (config == NULL) {
        return;
    }
    for (uint32_t i = 0; i < config->entries.count; i++) {
        char *text = config->entries.items[i].set_text;
        v_free(config->allocator, text, text != NULL ? strlen(text) + 1 : 0, 1);
    }
    for (uint32_t i = 0; i < config->files.count; i++) {
        config_layer_destroy(config, config->files.items[i]);
    }
    config_layer_destroy(config, config->environment);
    V_ARRAY_DESTROY(&config->files, config->allocator);
    V_ARRAY_DESTROY(&config->entries, config->allocator);
    V_DELETE(config->allocator, config);
}

// Lower-case parts of letters, digits and single inner underscores: "V_" names must map back to one key.
static bool is_valid_name(const char *name)
{
    size_t size = strlen(name);
    if (size == 0 || size > CONFIG_NAME_BYTES) {
        return false;
    }
    for (size_t i = 0; i < size; i++) {
        char c = name[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        bool is_joint = c == '.' || c == '_';
        bool is_inner = i > 0 && i + 1 < size && name[i - 1] != '.' && name[i - 1] != '_';
        if (!is_letter && !(is_joint && is_inner)) {
            return false;
        }
    }
    return true;
}

static v_status check_int_key(const v_config_key *key)
{
    if (key->type == V_CONFIG_TYPE_BOOL) {
        return key->int_default == 0 || key->int_default == 1
                   ? V_OK
                   : v_fail(V_ERROR_INVALID_ARGUMENT, "v_config_register: %s: a boolean's default must be 0 or 1",
                            key->name);
    }
    config_value value = { .integer = key->int_default };
    if (key->int_min > key->int_max || config_clamp(key, &value)) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_config_register: %s: the default %lld is not in %lld..%lld",
                      key->name, (long long)key->int_default, (long long)key->int_min, (long long)key->int_max);
    }
    return V_OK;
}

static v_status check_float_key(const v_config_key *key)
{
    config_value value = { .number = key->float_default };
    if (!isfinite(key->float_default) || isnan(key->float_min) || isnan(key->float_max) ||
        key->float_min > key->float_max || config_clamp(key, &value)) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_config_register: %s: the default %g is not in %g..%g", key->name,
                      key->float_default, key->float_min, key->float_max);
    }
    return V_OK;
}

static v_status check_key(const v_config *config, const v_config_key *key)
{
    if (key->name == NULL || !is_valid_name(key->name)) {
        return v_fail(V_ERROR_INVALID_ARGUMENT,
                      "v_config_register: '%s' is no key: parts of a-z, 0-9 and single inner '_', joined by '.'",
                      key->name != NULL ? key->name : "(null)");
    }
    if (config_find(config, key->name) != NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_config_register: %s is registered already", key->name);
    }
    switch (key->type) {
    case V_CONFIG_TYPE_BOOL:
    case V_CONFIG_TYPE_INT:
        return check_int_key(key);
    case V_CONFIG_TYPE_FLOAT:
        return check_float_key(key);
    case V_CONFIG_TYPE_TEXT:
        if (key->text_default == NULL) {
            return v_fail(V_ERROR_INVALID_ARGUMENT, "v_config_register: %s: text_default must not be null", key->name);
        }
        return config_check_text(key, key->text_default, strlen(key->text_default), "v_config_register") == V_OK
                   ? V_OK
                   : V_ERROR_INVALID_ARGUMENT;
    }
    return v_fail(V_ERROR_INVALID_ARGUMENT, "v_config_register: %s: type %d is none", key->name, (int)key->type);
}

// Index of the first entry whose name is not before `name`.
static uint32_t lower_bound(const v_config *config, const char *name)
{
    uint32_t low = 0;
    uint32_t high = config->entries.count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (strcmp(config->entries.items[middle].key.name, name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

config_entry *config_find(const v_config *config, const char *name)
{
    uint32_t index = lower_bound(config, name);
    if (index == config->entries.count || strcmp(config->entries.items[index].key.name, name) != 0) {
        return NULL;
    }
    return &config->entries.items[index];
}

bool config_is_table(const v_config *config, const char *prefix)
{
    size_t size = strlen(prefix);
    for (uint32_t i = lower_bound(config, prefix); i < config->entries.count; i++) {
        const char *name = config->entries.items[i].key.name;
        if (strncmp(name, prefix, size) != 0) {
            return false;
        }
        if (name[size] == '.') {
            return true;
        }
    }
    return false;
}

// A key must not also be a table of others: "physics" and "physics.solver".
static v_status check_tables(const v_config *config, const char *name)
{
    if (config_is_table(config, name)) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_config_register: %s is a table of registered keys", name);
    }
    char prefix[CONFIG_NAME_BYTES + 1];
    for (const char *dot = strchr(name, '.'); dot != NULL; dot = strchr(dot + 1, '.')) {
        size_t size = (size_t)(dot - name);
        memcpy(prefix, name, size);
        prefix[size] = '\0';
        if (config_find(config, prefix) != NULL) {
            return v_fail(V_ERROR_INVALID_ARGUMENT, "v_config_register: %s is inside the key %s", name, prefix);
        }
    }
    return V_OK;
}

static config_value default_value(const v_config_key *key)
{
    switch (key->type) {
    case V_CONFIG_TYPE_BOOL:
        return (config_value){ .boolean = key->int_default != 0 };
    case V_CONFIG_TYPE_INT:
        return (config_value){ .integer = key->int_default };
    case V_CONFIG_TYPE_FLOAT:
        return (config_value){ .number = key->float_default };
    case V_CONFIG_TYPE_TEXT:
        return (config_value){ .text = key->text_default };
    }
    return (config_value){ 0 };
}

static v_status insert_key(v_config *config, const v_config_key *key)
{
    V_TRY(check_key(config, key));
    V_TRY(check_tables(config, key->name));
    V_TRY(V_ARRAY_RESERVE(&config->entries, config->allocator, config->entries.count + 1));
    uint32_t index = lower_bound(config, key->name);
    config_entry *entry = &config->entries.items[index];
    memmove(entry + 1, entry, (config->entries.count - index) * sizeof(*entry));
    config->entries.count++;
    *entry = (config_entry){ .key = *key, .default_value = default_value(key) };
    return V_OK;
}

static void remove_key(v_config *config, const char *name)
{
    config_entry *entry = config_find(config, name);
    size_t index = (size_t)(entry - config->entries.items);
    config->entries.count--;
    memmove(entry, entry + 1, (config->entries.count - index) * sizeof(*entry));
}

v_status v_config_register(v_config *config, const v_config_key *keys, size_t count)
{
    if (config == NULL || (keys == NULL && count > 0)) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_config_register: config and keys must not be null");
    }
    if (config->is_loaded) {
        return v_fail(V_ERROR_STATE, "v_config_register: a source is loaded already, register all keys before");
    }
    v_status status = V_OK;
    size_t inserted = 0;
    for (; inserted < count && status == V_OK; inserted += status == V_OK) {
        status = insert_key(config, &keys[inserted]);
    }
    for (size_t i = 0; i < inserted && status != V_OK; i++) {
        remove_key(config, keys[i].name);
    }
    config_resolve(config);
    return status;
}

static void apply_layer(v_config *config, const config_layer *layer)
{
    for (uint32_t i = 0; i < layer->assignments.count; i++) {
        const config_assignment *assignment = &layer->assignments.items[i];
        config->entries.items[assignment->entry].current = &assignment->value;
        config->entries.items[assignment->entry].source = assignment->source;
    }
}

void config_resolve(v_config *config)
{
    for (uint32_t i = 0; i < config->entries.count; i++) {
        config->entries.items[i].current = &config->entries.items[i].default_value;
        config->entries.items[i].source = "default";
    }
    for (uint32_t i = 0; i < config->files.count; i++) {
        apply_layer(config, config->files.items[i]);
    }
    if (config->environment != NULL) {
        apply_layer(config, config->environment);
    }
    for (uint32_t i = 0; i < config->entries.count; i++) {
        config_entry *entry = &config->entries.items[i];
        if (entry->is_set) {
            entry->current = &entry->set_value;
            entry->source = "--set";
        }
    }
}

v_status v_config_on_change(v_config *config, void (*changed)(void *user, const char *key), void *user)
{
    if (config == NULL || changed == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_config_on_change: config and changed must not be null");
    }
    if (config->listener_count == CONFIG_MAX_LISTENERS) {
        return v_fail(V_ERROR_FULL, "v_config_on_change: %d listeners are the most", CONFIG_MAX_LISTENERS);
    }
    config->listeners[config->listener_count].changed = changed;
    config->listeners[config->listener_count].user = user;
    config->listener_count++;
    return V_OK;
}

// The current value, or null after a line in the log: the caller asked for what it did not register.
static const config_value *get(const v_config *config, const char *name, v_config_type type)
{
    if (config == NULL || name == NULL) {
        return NULL;
    }
    const config_entry *entry = config_find(config, name);
    if (entry == NULL) {
        V_LOG_ERROR(config->log, "config", "key '%s' is asked for and not registered", name);
        return NULL;
    }
    if (entry->key.type != type) {
        V_LOG_ERROR(config->log, "config", "key '%s' is %s and is asked for as %s", name,
                    config_type_name(entry->key.type), config_type_name(type));
        return NULL;
    }
    return entry->current;
}

bool v_config_bool(const v_config *config, const char *name)
{
    const config_value *value = get(config, name, V_CONFIG_TYPE_BOOL);
    return value != NULL && value->boolean;
}

int64_t v_config_int(const v_config *config, const char *name)
{
    const config_value *value = get(config, name, V_CONFIG_TYPE_INT);
    return value != NULL ? value->integer : 0;
}

double v_config_float(const v_config *config, const char *name)
{
    const config_value *value = get(config, name, V_CONFIG_TYPE_FLOAT);
    return value != NULL ? value->number : 0.0;
}

const char *v_config_text(const v_config *config, const char *name)
{
    const config_value *value = get(config, name, V_CONFIG_TYPE_TEXT);
    return value != NULL ? value->text : "";
}

const char *v_config_source(const v_config *config, const char *name)
{
    if (config == NULL || name == NULL) {
        return "";
    }
    const config_entry *entry = config_find(config, name);
    if (entry == NULL) {
        V_LOG_ERROR(config->log, "config", "key '%s' is asked for and not registered", name);
        return "";
    }
    return entry->source;
}

void v_config_each(const v_config *config, void (*each)(void *user, const v_config_key *key, const char *value),
                   void *user)
{
    if (config == NULL || each == NULL) {
        return;
    }
    char text[CONFIG_PRINT_BYTES];
    for (uint32_t i = 0; i < config->entries.count; i++) {
        const config_entry *entry = &config->entries.items[i];
        config_value_print(entry->key.type, entry->current, text);
        each(user, &entry->key, text);
    }
}
