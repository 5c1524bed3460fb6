// bridge/toml.h: TOML 1.0 text as a tree of plain C nodes with source places. Internal to the engine; toml++ is behind
// it.
//
//     v_toml_document *document;
//     V_TRY(v_toml_parse(text, size_bytes, "level_0.toml", allocator, &document));
//     for (const v_toml_node *node = document->root->first_child; node != NULL; node = node->next_sibling) {
//         if (node->type != V_TOML_INT) { status = v_toml_fail_at(document, node, "'%s' must be an integer",
//         node->key); }
//     }
//     v_toml_destroy(document);
#ifndef V_BRIDGE_TOML_H
#define V_BRIDGE_TOML_H

#include "v/memory.h"

V_EXTERN_C_BEGIN

/// Limits, each refused with one error: larger text, and tables, arrays and dotted keys that nest deeper.
#define V_TOML_MAX_BYTES ((size_t)16 << 20)
#define V_TOML_MAX_DEPTH 64

typedef enum v_toml_type {
    V_TOML_TABLE,
    V_TOML_ARRAY,
    V_TOML_STRING,
    V_TOML_INT,
    V_TOML_FLOAT,
    V_TOML_BOOL,
    V_TOML_DATE, ///< Any of TOML's four date and time types, as text.
} v_toml_type;

/// One value. Children of a table stand in file order, by the place where their key first appears. Lines and columns
/// count from 1; a column counts code points.
typedef struct v_toml_node {
    v_toml_type type;
    uint32_t line, column;                  ///< Where the value begins; for a [table], where its header begins.
    uint32_t key_line, key_column;          ///< Where the key begins. Array elements and the root: as the value.
    uint32_t child_count;                   ///< Of a table or an array.
    const char *key;                        ///< UTF-8, NUL-terminated; "" for array elements and the root.
    size_t key_size_bytes;                  ///< Without the NUL. A quoted key may hold a NUL itself.
    const struct v_toml_node *parent;       ///< Null for the root.
    const struct v_toml_node *first_child;  ///< Of a table or an array; null when it is empty.
    const struct v_toml_node *next_sibling; ///< Null for the last.
    union {
        int64_t integer; ///< V_TOML_INT
        double number;   ///< V_TOML_FLOAT; may be infinite or NaN, as TOML allows.
        bool boolean;    ///< V_TOML_BOOL
        struct {
            const char *text;  ///< UTF-8, NUL-terminated. Dates are in RFC 3339 form.
            size_t size_bytes; ///< Without the NUL. The text may hold a NUL itself ("\u0000").
        } string;              ///< V_TOML_STRING, V_TOML_DATE
    } value;
} v_toml_node;

/// Immutable; lives in one block of the allocator.
typedef struct v_toml_document {
    const char *name;        ///< As given to v_toml_parse; stands in messages.
    const v_toml_node *root; ///< A table. Also the first of node_count nodes, each parent before its children.
    size_t node_count;
    const v_allocator *allocator; // private
    size_t block_bytes;           // private
} v_toml_document;

/// Parse `size_bytes` of UTF-8. `name` is the path for messages. Malformed text (duplicate keys included) is
/// V_ERROR_BAD_INPUT with the message "name:line:column: text". `allocator` null: the C heap. Any thread.
v_status v_toml_parse(const char *text, size_t size_bytes, const char *name, const v_allocator *allocator,
                      v_toml_document **out_document);
/// Null is allowed.
void v_toml_destroy(v_toml_document *document);
/// The child of a table with this key, or null (also when `table` is null or no table). O(children).
const v_toml_node *v_toml_find(const v_toml_node *table, const char *key);
/// "a table", "an array", "a string", "an integer", "a float", "a boolean", "a date": for messages.
const char *v_toml_type_name(v_toml_type type);
/// An integer or float node as a double. False for the other types; `out_number` is then untouched.
bool v_toml_number(const v_toml_node *node, double *out_number);
/// Set the message "name:line:column: text" with the place of the value, and return V_ERROR_BAD_INPUT.
v_status v_toml_fail_at(const v_toml_document *document, const v_toml_node *node, const char *format, ...)
    V_PRINTF(3, 4);
/// As above with the place of the key.
v_status v_toml_fail_at_key(const v_toml_document *document, const v_toml_node *node, const char *format, ...)
    V_PRINTF(3, 4);

V_EXTERN_C_END
#endif
