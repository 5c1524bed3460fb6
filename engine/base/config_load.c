// Settings from files and directories, and from the files again when they change.
#include "bridge/toml.h"
#include "config_internal.h"
#include "v/file.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

// A file being read into a layer.
typedef struct file_reader {
    const v_config *config;
    config_layer *layer;
    const v_toml_document *document;
} file_reader;

static v_status value_from_node(const file_reader *reader, const config_entry *entry, const v_toml_node *node,
                                const char *place, config_value *out_value)
{
    const v_config_key *key = &entry->key;
    switch (key->type) {
    case V_CONFIG_TYPE_BOOL:
        if (node->type == V_TOML_BOOL) {
            out_value->boolean = node->value.boolean;
            return V_OK;
        }
        break;
    case V_CONFIG_TYPE_INT:
        if (node->type == V_TOML_INT) {
            out_value->integer = node->value.integer;
            return V_OK;
        }
        break;
    case V_CONFIG_TYPE_FLOAT:
        if (v_toml_number(node, &out_value->number)) {
            return config_check_number(key, out_value->number, place);
        }
        break;
    case V_CONFIG_TYPE_TEXT:
        if (node->type == V_TOML_STRING) {
            out_value->text = node->value.string.text;
            return config_check_text(key, node->value.string.text, node->value.string.size_bytes, place);
        }
        break;
    }
    return v_toml_fail_at(reader->document, node, "%s must be %s, not %s", key->name, config_type_name(key->type),
                          v_toml_type_name(node->type));
}

static v_status read_value(const file_reader *reader, const config_entry *entry, const v_toml_node *node)
{
    char place[CONFIG_PLACE_BYTES];
    char source[CONFIG_PLACE_BYTES];
    snprintf(place, sizeof(place), "%s:%u:%u", reader->document->name, node->line, node->column);
    snprintf(source, sizeof(source), "%s:%u", reader->document->name, node->line);
    config_value value;
    V_TRY(value_from_node(reader, entry, node, place, &value));
    return config_layer_add(reader->config, reader->layer, entry, value, source, place);
}

static v_status fail_unknown(const file_reader *reader, const v_toml_node *node, const char *name)
{
    char place[CONFIG_PLACE_BYTES];
    snprintf(place, sizeof(place), "%s:%u:%u", reader->document->name, node->key_line, node->key_column);
    return config_fail_unknown(reader->config, name, place);
}

// Add the node's key to the dotted name in `name`. False when no registered key can be called so.
static bool append_part(char name[CONFIG_NAME_BYTES + 1], const v_toml_node *node)
{
    size_t used = strlen(name);
    size_t dot = used > 0 ? 1 : 0;
    bool is_bare = node->key_size_bytes > 0 && strcspn(node->key, ".") == node->key_size_bytes;
    if (!is_bare || used + dot + node->key_size_bytes > CONFIG_NAME_BYTES) {
        return false;
    }
    snprintf(name + used, CONFIG_NAME_BYTES + 1 - used, "%s%s", dot > 0 ? "." : "", node->key);
    return true;
}

static v_status read_table(const file_reader *reader, const v_toml_node *table, char name[CONFIG_NAME_BYTES + 1])
{
    size_t used = strlen(name);
    for (const v_toml_node *node = table->first_child; node != NULL; node = node->next_sibling) {
        name[used] = '\0';
        if (!append_part(name, node)) {
            return fail_unknown(reader, node, node->key);
        }
        const config_entry *entry = config_find(reader->config, name);
        if (entry != NULL) {
            V_TRY(read_value(reader, entry, node));
        } else if (node->type == V_TOML_TABLE && (node->child_count > 0 || config_is_table(reader->config, name))) {
            V_TRY(read_table(reader, node, name));
        } else if (config_is_table(reader->config, name)) {
            return v_toml_fail_at(reader->document, node, "'%s' is a table of settings, not %s", name,
                                  v_toml_type_name(node->type));
        } else {
            return fail_unknown(reader, node, name);
        }
    }
    name[used] = '\0';
    return V_OK;
}

static v_status read_text(const v_config *config, const char *name, const char *text, size_t size_bytes,
                          config_layer **out_layer)
{
    v_toml_document *document;
    V_TRY(v_toml_parse(text, size_bytes, name, config->allocator, &document));
    v_status status = V_ERROR_OUT_OF_MEMORY;
    config_layer *layer = config_layer_create(config, name);
    if (layer != NULL) {
        char prefix[CONFIG_NAME_BYTES + 1] = "";
        const file_reader reader = { .config = config, .layer = layer, .document = document };
        status = read_table(&reader, document->root, prefix);
    }
    v_toml_destroy(document);
    if (status != V_OK) {
        config_layer_destroy(config, layer);
        return status;
    }
    *out_layer = layer;
    return V_OK;
}

typedef struct file_stamp {
    uint64_t time_ns, size_bytes;
} file_stamp;

static file_stamp stamp_of(const char *path)
{
    struct stat info;
    if (stat(path, &info) != 0) {
        return (file_stamp){ 0 };
    }
    return (file_stamp){ .time_ns = (uint64_t)info.st_mtim.tv_sec * 1000000000u + (uint64_t)info.st_mtim.tv_nsec,
                         .size_bytes = (uint64_t)info.st_size };
}

static v_status read_file(const v_config *config, const char *path, config_layer **out_layer)
{
    // Before the read: a write between the two is then seen by the next reload.
    file_stamp stamp = stamp_of(path);
    v_blob blob;
    V_TRY(v_file_read(path, config->allocator, V_TOML_MAX_BYTES, &blob));
    config_layer *layer = NULL;
    v_status status = read_text(config, path, (const char *)blob.data, blob.size_bytes, &layer);
    v_blob_free(&blob, config->allocator);
    if (status == V_OK) {
        layer->is_file = true;
        layer->time_ns = stamp.time_ns;
        layer->size_bytes = stamp.size_bytes;
        *out_layer = layer;
    }
    return status;
}

static uint32_t find_file(const v_config *config, const char *path)
{
    for (uint32_t i = 0; i < config->files.count; i++) {
        if (config->files.items[i]->is_file && strcmp(config->files.items[i]->name, path) == 0) {
            return i;
        }
    }
    return UINT32_MAX;
}

static v_status reserve_layers(v_config *config, uint32_t count)
{
    if (count > CONFIG_MAX_LAYERS - config->files.count) {
        return v_fail(V_ERROR_FULL, "%d config sources are the most", CONFIG_MAX_LAYERS);
    }
    return V_ARRAY_RESERVE(&config->files, config->allocator, config->files.count + count);
}

// Put a layer last. Room is reserved. A file that is loaded again counts from its new place alone.
static void append_layer(v_config *config, config_layer *layer)
{
    uint32_t earlier = layer->is_file ? find_file(config, layer->name) : UINT32_MAX;
    if (earlier != UINT32_MAX) {
        config_layer_destroy(config, config->files.items[earlier]);
        config->files.count--;
        memmove(&config->files.items[earlier], &config->files.items[earlier + 1],
                (config->files.count - earlier) * sizeof(config_layer *));
    }
    config->files.items[config->files.count++] = layer;
    config_layer_warn(config, layer);
    config->is_loaded = true;
    config_resolve(config);
}

v_status v_config_load_file(v_config *config, const char *path)
{
    if (config == NULL || path == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_config_load_file: config and path must not be null");
    }
    V_TRY(reserve_layers(config, 1));
    config_layer *layer;
    V_TRY(read_file(config, path, &layer));
    append_layer(config, layer);
    return V_OK;
}

v_status v_config_load_text(v_config *config, const char *name, const char *text, size_t size_bytes)
{
    if (config == NULL || name == NULL || (text == NULL && size_bytes > 0)) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_config_load_text: config, name and text must not be null");
    }
    V_TRY(reserve_layers(config, 1));
    config_layer *layer;
    V_TRY(read_text(config, name, text, size_bytes, &layer));
    append_layer(config, layer);
    return V_OK;
}

// A directory being read: the layers so far, and the first failure.
typedef struct directory_reader {
    v_config *config;
    const char *path;
    V_ARRAY(config_layer *) layers;
    v_status status;
} directory_reader;

static v_status read_directory_file(directory_reader *reader, const char *name)
{
    char path[4096];
    V_TRY(v_path_join(path, sizeof(path), reader->path, name));
    config_layer *layer;
    V_TRY(read_file(reader->config, path, &layer));
    v_status status = V_ARRAY_PUSH(&reader->layers, reader->config->allocator, layer);
    if (status != V_OK) {
        config_layer_destroy(reader->config, layer);
    }
    return status;
}

static void each_directory_file(void *user, const char *name)
{
    directory_reader *reader = user;
    if (reader->status == V_OK) {
        reader->status = read_directory_file(reader, name);
    }
}

v_status v_config_load_directory(v_config *config, const char *path)
{
    if (config == NULL || path == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_config_load_directory: config and path must not be null");
    }
    if (!v_directory_exists(path)) {
        return v_fail(V_ERROR_NOT_FOUND, "config directory '%s' does not exist", path);
    }
    directory_reader reader = { .config = config, .path = path };
    v_status status = v_directory_list(path, ".toml", config->allocator, each_directory_file, &reader);
    status = status == V_OK ? reader.status : status;
    if (status == V_OK) {
        status = reserve_layers(config, reader.layers.count);
    }
    for (uint32_t i = 0; i < reader.layers.count; i++) {
        if (status == V_OK) {
            append_layer(config, reader.layers.items[i]);
        } else {
            config_layer_destroy(config, reader.layers.items[i]);
        }
    }
    V_ARRAY_DESTROY(&reader.layers, config->allocator);
    return status;
}

// Exchange a file's layer, and mark the entries whose value that changes.
static void replace_layer(v_config *config, uint32_t index, config_layer *layer)
{
    config_layer *old = config->files.items[index];
    config->files.items[index] = layer;
    for (uint32_t i = 0; i < config->entries.count; i++) {
        config->entries.items[i].previous = config->entries.items[i].current;
    }
    config_resolve(config);
    for (uint32_t i = 0; i < config->entries.count; i++) {
        config_entry *entry = &config->entries.items[i];
        entry->has_changed =
            entry->has_changed || !config_value_equals(entry->key.type, entry->previous, entry->current);
    }
    config_layer_destroy(config, old);
    config_layer_warn(config, layer);
}

// Read a file again if it changed. The broken version of a file is reported once, and the old values stay.
static v_status reload_file(v_config *config, uint32_t index)
{
    config_layer *old = config->files.items[index];
    if (!old->is_file) {
        return V_OK;
    }
    file_stamp stamp = stamp_of(old->name);
    if (stamp.time_ns == old->time_ns && stamp.size_bytes == old->size_bytes) {
        return V_OK;
    }
    config_layer *layer;
    v_status status = read_file(config, old->name, &layer);
    if (status != V_OK) {
        old->time_ns = stamp.time_ns;
        old->size_bytes = stamp.size_bytes;
        V_LOG_WARN(config->log, "config", "%s (the old values stay)", v_status_message());
        return status;
    }
    replace_layer(config, index, layer);
    return V_OK;
}

static uint32_t tell_listeners(v_config *config)
{
    uint32_t changed_count = 0;
    config->is_calling = true;
    for (uint32_t i = 0; i < config->entries.count; i++) {
        if (!config->entries.items[i].has_changed) {
            continue;
        }
        changed_count++;
        for (uint32_t j = 0; j < config->listener_count; j++) {
            config->listeners[j].changed(config->listeners[j].user, config->entries.items[i].key.name);
        }
    }
    config->is_calling = false;
    return changed_count;
}

v_status v_config_reload(v_config *config, uint32_t *out_changed)
{
    if (config == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_config_reload: config must not be null");
    }
    if (config->is_calling) {
        return v_fail(V_ERROR_STATE, "v_config_reload: called by a listener of a reload");
    }
    for (uint32_t i = 0; i < config->entries.count; i++) {
        config->entries.items[i].has_changed = false;
    }
    v_status first_failure = V_OK;
    for (uint32_t i = 0; i < config->files.count; i++) {
        v_status status = reload_file(config, i);
        first_failure = first_failure == V_OK ? status : first_failure;
    }
    uint32_t changed_count = tell_listeners(config);
    if (out_changed != NULL) {
        *out_changed = changed_count;
    }
    return first_failure;
}
