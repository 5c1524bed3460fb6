// Any bytes as a TOML document, a settings file, an environment variable and a --set argument: one error or a sound
// result, and a refused file changes nothing.
#include "fuzz.h"

#include "bridge/toml.h"
#include "v/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LISTING_BYTES 65536

static const v_config_key keys[] = {
    V_CONFIG_INT("physics.solver.iterations", 8, 1, 16, "Solver sweeps at most"),
    V_CONFIG_FLOAT("physics.gravity", -9.81, -100.0, 100.0, "Downwards is negative"),
    V_CONFIG_BOOL("frames.vsync", true, "Wait for the display"),
    V_CONFIG_TEXT("render.present_mode", "fifo", "fifo|mailbox|immediate", "How images reach the display"),
    V_CONFIG_TEXT("a", "text", NULL, "Any text"),
    V_CONFIG_FLOAT("b", 1.0, 0.0, 0.0, "Any number"),
    V_CONFIG_INT("c", 1, 0, 0, "Any integer"),
};

static bool is_in_order(const v_toml_node *left, const v_toml_node *right)
{
    return left->key_line < right->key_line ||
           (left->key_line == right->key_line && left->key_column < right->key_column);
}

// Count the nodes of a subtree, and check what its reader may rely on.
static size_t check_node(const v_toml_node *node, unsigned depth)
{
    size_t count = 1;
    uint32_t child_count = 0;
    V_ASSERT(depth <= V_TOML_MAX_DEPTH);
    V_ASSERT(node->line > 0 && node->column > 0 && node->key_line > 0 && node->key_column > 0);
    V_ASSERT(node->key[node->key_size_bytes] == '\0');
    if (node->type == V_TOML_STRING || node->type == V_TOML_DATE) {
        V_ASSERT(node->value.string.text[node->value.string.size_bytes] == '\0');
    }
    for (const v_toml_node *child = node->first_child; child != NULL; child = child->next_sibling) {
        V_ASSERT(node->type == V_TOML_TABLE || node->type == V_TOML_ARRAY);
        V_ASSERT(child->parent == node && child > node);
        V_ASSERT(node->type == V_TOML_ARRAY || child->next_sibling == NULL || is_in_order(child, child->next_sibling));
        count += check_node(child, depth + 1);
        child_count++;
    }
    V_ASSERT(child_count == node->child_count);
    return count;
}

static void check_message(const char *name)
{
    unsigned line = 0;
    unsigned column = 0;
    size_t size = strlen(name);
    V_ASSERT(strncmp(v_status_message(), name, size) == 0);
    V_ASSERT(sscanf(v_status_message() + size, ":%u:%u: ", &line, &column) == 2);
    V_ASSERT(line > 0 && column > 0);
}

static void check_parser(const char *text, size_t size_bytes)
{
    v_toml_document *document;
    if (v_toml_parse(text, size_bytes, "fuzz.toml", NULL, &document) != V_OK) {
        check_message("fuzz.toml");
        return;
    }
    V_ASSERT(check_node(document->root, 0) == document->node_count);
    v_toml_destroy(document);
}

static void list_key(void *user, const v_config_key *key, const char *value)
{
    char *listing = user;
    size_t used = strlen(listing);
    snprintf(listing + used, LISTING_BYTES - used, "%s = %s\n", key->name, value);
}

static void list(const v_config *config, char *listing)
{
    listing[0] = '\0';
    v_config_each(config, list_key, listing);
}

static v_config *create_config(void)
{
    v_config *config;
    V_ASSERT(v_config_create(NULL, NULL, &config) == V_OK);
    V_ASSERT(v_config_register(config, keys, V_COUNT_OF(keys)) == V_OK);
    return config;
}

static void check_file(const char *text, size_t size_bytes, char *before, char *after)
{
    v_config *config = create_config();
    list(config, before);
    v_status status = v_config_load_text(config, "fuzz.toml", text, size_bytes);
    list(config, after);
    if (status != V_OK) {
        check_message("fuzz.toml");
        V_ASSERT(strcmp(before, after) == 0);
    } else {
        // What it lists is a settings file with the same values.
        strcpy(before, after);
        V_ASSERT(v_config_load_text(config, "listing.toml", before, strlen(before)) == V_OK);
        list(config, after);
        V_ASSERT(strcmp(before, after) == 0);
    }
    v_config_destroy(config);
}

static void check_overrides(const char *text)
{
    v_config *config = create_config();
    (void)v_config_set(config, text);
    const char *const environment[] = { text, NULL };
    (void)v_config_load_environment(config, environment);
    static const char *const prefixes[] = { "a=", "b=", "c=", "frames.vsync=", "render.present_mode=" };
    size_t size = strlen(text) + 32;
    char *assignment = malloc(size);
    V_ASSERT(assignment != NULL);
    for (size_t i = 0; i < V_COUNT_OF(prefixes); i++) {
        snprintf(assignment, size, "%s%s", prefixes[i], text);
        (void)v_config_set(config, assignment);
    }
    free(assignment);
    v_config_destroy(config);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    static char before[LISTING_BYTES];
    static char after[LISTING_BYTES];
    check_parser((const char *)data, size_bytes);
    check_file((const char *)data, size_bytes, before, after);
    char *text = malloc(size_bytes + 1);
    V_ASSERT(text != NULL);
    if (size_bytes > 0) {
        memcpy(text, data, size_bytes);
    }
    text[size_bytes] = '\0';
    check_overrides(text);
    free(text);
    return 0;
}
