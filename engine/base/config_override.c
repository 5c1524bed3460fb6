// Settings from the environment and from --set, which win over files.
#include "config_internal.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

// "V_PHYSICS__SOLVER__ITERATIONS=8": the name as a key, and the value. False for a variable that is not ours.
static bool split_variable(const char *variable, char key[CONFIG_NAME_BYTES + 1], const char **out_value,
                           size_t *out_name_size)
{
    const char *equals = strchr(variable, '=');
    if (equals == NULL || strncmp(variable, "V_", 2) != 0) {
        return false;
    }
    const char *joint = strstr(variable + 2, "__");
    if (joint == NULL || joint >= equals) {
        return false;
    }
    size_t used = 0;
    for (const char *at = variable + 2; at < equals && used < CONFIG_NAME_BYTES; at++) {
        bool is_joint = at[0] == '_' && at[1] == '_';
        key[used++] = is_joint ? '.' : (char)tolower((unsigned char)*at);
        at += is_joint;
    }
    key[used] = '\0';
    *out_value = equals + 1;
    *out_name_size = (size_t)(equals - variable);
    return true;
}

static v_status read_variable(const v_config *config, config_layer *layer, const char *variable)
{
    char key[CONFIG_NAME_BYTES + 1];
    const char *text;
    size_t name_size;
    if (!split_variable(variable, key, &text, &name_size)) {
        return V_OK;
    }
    char place[CONFIG_PLACE_BYTES];
    snprintf(place, sizeof(place), "environment variable %.*s", (int)(name_size < 256 ? name_size : 256), variable);
    const config_entry *entry = config_find(config, key);
    if (entry == NULL) {
        return config_fail_unknown(config, key, place);
    }
    config_value value;
    V_TRY(config_value_from_text(&entry->key, text, place, config->allocator, &value));
    return config_layer_add(config, layer, entry, value, "environment", place);
}

v_status v_config_load_environment(v_config *config, const char *const *environment)
{
    if (config == NULL || environment == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_config_load_environment: config and environment must not be null");
    }
    config_layer *layer = config_layer_create(config, "environment");
    if (layer == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    for (const char *const *variable = environment; *variable != NULL; variable++) {
        v_status status = read_variable(config, layer, *variable);
        if (status != V_OK) {
            config_layer_destroy(config, layer);
            return status;
        }
    }
    config_layer_destroy(config, config->environment);
    config->environment = layer;
    config_layer_warn(config, layer);
    config->is_loaded = true;
    config_resolve(config);
    return V_OK;
}

static v_status set_entry(v_config *config, config_entry *entry, config_value value, const char *place)
{
    const config_value given = value;
    char *text = NULL;
    if (entry->key.type == V_CONFIG_TYPE_TEXT) {
        size_t bytes = strlen(value.text) + 1;
        text = v_alloc(config->allocator, bytes, 1);
        if (text == NULL) {
            return V_ERROR_OUT_OF_MEMORY;
        }
        memcpy(text, value.text, bytes);
        value.text = text;
    }
    if (config_clamp(&entry->key, &value)) {
        config_warn_clamped(config, &entry->key, given, value, place);
    }
    v_free(config->allocator, entry->set_text, entry->set_text != NULL ? strlen(entry->set_text) + 1 : 0, 1);
    entry->set_text = text;
    entry->set_value = value;
    entry->is_set = true;
    config->is_loaded = true;
    config_resolve(config);
    return V_OK;
}

v_status v_config_set(v_config *config, const char *assignment)
{
    if (config == NULL || assignment == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_config_set: config and assignment must not be null");
    }
    char place[CONFIG_PLACE_BYTES];
    snprintf(place, sizeof(place), "--set %.200s", assignment);
    const char *equals = strchr(assignment, '=');
    if (equals == NULL || equals == assignment) {
        return v_fail(V_ERROR_BAD_INPUT, "%s: must have the form key=value", place);
    }
    size_t size = (size_t)(equals - assignment);
    if (size > CONFIG_NAME_BYTES) {
        return v_fail(V_ERROR_BAD_INPUT, "%s: unknown key of %zu bytes", place, size);
    }
    char name[CONFIG_NAME_BYTES + 1];
    memcpy(name, assignment, size);
    name[size] = '\0';
    config_entry *entry = config_find(config, name);
    if (entry == NULL) {
        return config_fail_unknown(config, name, place);
    }
    config_value value;
    V_TRY(config_value_from_text(&entry->key, equals + 1, place, config->allocator, &value));
    return set_entry(config, entry, value, place);
}
