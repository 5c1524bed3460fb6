// One source of settings: its checked assignments, and the memory that they need.
#include "config_internal.h"

config_layer *config_layer_create(const v_config *config, const char *name)
{
    config_layer *layer = V_NEW(config->allocator, config_layer);
    if (layer == NULL) {
        return NULL;
    }
    layer->arena = (v_arena){ .allocator = config->allocator, .chunk_bytes = 1024 };
    layer->name = v_arena_strdup(&layer->arena, name);
    if (layer->name == NULL) {
        config_layer_destroy(config, layer);
        return NULL;
    }
    return layer;
}

void config_layer_destroy(const v_config *config, config_layer *layer)
{
    if (layer != NULL) {
        V_ARRAY_DESTROY(&layer->assignments, config->allocator);
        v_arena_destroy(&layer->arena);
        V_DELETE(config->allocator, layer);
    }
}

v_status config_layer_add(const v_config *config, config_layer *layer, const config_entry *entry, config_value value,
                          const char *source, const char *place)
{
    config_assignment assignment = { .entry = (uint32_t)(entry - config->entries.items),
                                     .value = value,
                                     .given = value };
    assignment.is_clamped = config_clamp(&entry->key, &assignment.value);
    assignment.source = v_arena_strdup(&layer->arena, source);
    assignment.place = assignment.is_clamped ? v_arena_strdup(&layer->arena, place) : "";
    if (assignment.source == NULL || assignment.place == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    if (entry->key.type == V_CONFIG_TYPE_TEXT) {
        assignment.value.text = v_arena_strdup(&layer->arena, value.text);
        if (assignment.value.text == NULL) {
            return V_ERROR_OUT_OF_MEMORY;
        }
    }
    return V_ARRAY_PUSH(&layer->assignments, config->allocator, assignment);
}

void config_warn_clamped(const v_config *config, const v_config_key *key, config_value given, config_value used,
                         const char *place)
{
    char given_text[CONFIG_PRINT_BYTES];
    char used_text[CONFIG_PRINT_BYTES];
    config_value_print(key->type, &given, given_text);
    config_value_print(key->type, &used, used_text);
    V_LOG_WARN(config->log, "config", "%s: %s = %s is out of range, using %s", place, key->name, given_text, used_text);
}

void config_layer_warn(const v_config *config, const config_layer *layer)
{
    for (uint32_t i = 0; i < layer->assignments.count; i++) {
        const config_assignment *assignment = &layer->assignments.items[i];
        if (assignment->is_clamped) {
            config_warn_clamped(config, &config->entries.items[assignment->entry].key, assignment->given,
                                assignment->value, assignment->place);
        }
    }
}
