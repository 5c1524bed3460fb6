// toml++'s document, flattened into one block of plain C nodes.
#define TOML_HEADER_ONLY                1
#define TOML_EXCEPTIONS                 0
#define TOML_ENABLE_FORMATTERS          0
#define TOML_ENABLE_UNRELEASED_FEATURES 0
#include <toml++/toml.h>

#include "toml.h"
#include "toml_guard.h"

#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <new>
#include <vector>

namespace {

struct table_entry {
    const toml::key *key;
    const toml::node *value;
};

bool is_before(const table_entry &left, const table_entry &right)
{
    return left.key->source().begin < right.key->source().begin;
}

std::vector<table_entry> entries_in_file_order(const toml::table &table)
{
    std::vector<table_entry> entries;
    entries.reserve(table.size());
    for (const auto &[key, value] : table) {
        entries.push_back({ &key, &value });
    }
    std::stable_sort(entries.begin(), entries.end(), is_before);
    return entries;
}

std::string text_of(const toml::date &date)
{
    char text[32];
    snprintf(text, sizeof(text), "%04u-%02u-%02u", static_cast<unsigned>(date.year), static_cast<unsigned>(date.month),
             static_cast<unsigned>(date.day));
    return text;
}

std::string text_of(const toml::time &time)
{
    char text[48];
    int size = snprintf(text, sizeof(text), "%02u:%02u:%02u", static_cast<unsigned>(time.hour),
                        static_cast<unsigned>(time.minute), static_cast<unsigned>(time.second));
    if (time.nanosecond != 0) {
        snprintf(text + size, sizeof(text) - static_cast<size_t>(size), ".%09u",
                 static_cast<unsigned>(time.nanosecond));
    }
    return text;
}

std::string text_of(const toml::date_time &moment)
{
    std::string text = text_of(moment.date) + "T" + text_of(moment.time);
    if (!moment.offset) {
        return text;
    }
    int minutes = moment.offset->minutes;
    if (minutes == 0) {
        return text + "Z";
    }
    unsigned distance = static_cast<unsigned>(minutes < 0 ? -minutes : minutes);
    char offset[32];
    snprintf(offset, sizeof(offset), "%c%02u:%02u", minutes < 0 ? '-' : '+', distance / 60, distance % 60);
    return text + offset;
}

// What a scalar's text is, for strings and dates.
std::string scalar_text(const toml::node &node)
{
    switch (node.type()) {
    case toml::node_type::string:
        return node.as_string()->get();
    case toml::node_type::date:
        return text_of(node.as_date()->get());
    case toml::node_type::time:
        return text_of(node.as_time()->get());
    case toml::node_type::date_time:
        return text_of(node.as_date_time()->get());
    default:
        return {};
    }
}

bool has_text(const toml::node &node)
{
    return node.is_string() || node.is_date() || node.is_time() || node.is_date_time();
}

// How much memory the tree needs, and how deep it is.
struct measure {
    size_t node_count = 0;
    size_t text_bytes = 0;

    void add(const toml::node &node)
    {
        node_count++;
        if (const toml::table *table = node.as_table()) {
            for (const auto &[key, value] : *table) {
                text_bytes += key.length() + 1;
                add(value);
            }
        } else if (const toml::array *array = node.as_array()) {
            for (const toml::node &element : *array) {
                add(element);
            }
        } else if (has_text(node)) {
            text_bytes += scalar_text(node).size() + 1;
        }
    }
};

struct builder {
    v_toml_node *nodes;
    size_t node_count;
    char *text;
    const v_toml_document *document;
    v_status status;

    const char *put_text(const char *data, size_t size)
    {
        char *start = text;
        memcpy(start, data, size);
        start[size] = '\0';
        text += size + 1;
        return start;
    }

    v_toml_node *begin_node(const toml::node &node, v_toml_node *parent)
    {
        v_toml_node *out = &nodes[node_count++];
        *out = v_toml_node{};
        const toml::source_position &place = node.source().begin;
        // The root, and a table that only dotted keys made, may have no place of their own.
        out->line = place ? place.line : 1;
        out->column = place ? place.column : 1;
        out->key = "";
        out->key_line = out->line;
        out->key_column = out->column;
        out->parent = parent;
        return out;
    }

    void set_key(v_toml_node *out, const toml::key &key)
    {
        out->key = put_text(key.data(), key.length());
        out->key_size_bytes = key.length();
        if (const toml::source_position &place = key.source().begin) {
            out->key_line = place.line;
            out->key_column = place.column;
        }
    }

    void set_value(v_toml_node *out, const toml::node &node, unsigned depth)
    {
        if (depth > V_TOML_MAX_DEPTH && status == V_OK) {
            status =
                v_toml_fail_at(document, out, "tables, arrays and dotted keys nest deeper than %d", V_TOML_MAX_DEPTH);
        }
        if (status != V_OK) {
            return;
        }
        if (const toml::table *table = node.as_table()) {
            out->type = V_TOML_TABLE;
            add_table(out, *table, depth);
        } else if (const toml::array *array = node.as_array()) {
            out->type = V_TOML_ARRAY;
            add_array(out, *array, depth);
        } else if (node.is_integer()) {
            out->type = V_TOML_INT;
            out->value.integer = node.as_integer()->get();
        } else if (node.is_floating_point()) {
            out->type = V_TOML_FLOAT;
            out->value.number = node.as_floating_point()->get();
        } else if (node.is_boolean()) {
            out->type = V_TOML_BOOL;
            out->value.boolean = node.as_boolean()->get();
        } else {
            std::string string = scalar_text(node);
            out->type = node.is_string() ? V_TOML_STRING : V_TOML_DATE;
            out->value.string.text = put_text(string.data(), string.size());
            out->value.string.size_bytes = string.size();
        }
    }

    void append_child(v_toml_node *parent, v_toml_node **last, v_toml_node *child)
    {
        if (*last == nullptr) {
            parent->first_child = child;
        } else {
            (*last)->next_sibling = child;
        }
        *last = child;
        parent->child_count++;
    }

    void add_table(v_toml_node *out, const toml::table &table, unsigned depth)
    {
        v_toml_node *last = nullptr;
        for (const table_entry &entry : entries_in_file_order(table)) {
            v_toml_node *child = begin_node(*entry.value, out);
            set_key(child, *entry.key);
            append_child(out, &last, child);
            set_value(child, *entry.value, depth + 1);
        }
    }

    void add_array(v_toml_node *out, const toml::array &array, unsigned depth)
    {
        v_toml_node *last = nullptr;
        for (const toml::node &element : array) {
            v_toml_node *child = begin_node(element, out);
            append_child(out, &last, child);
            set_value(child, element, depth + 1);
        }
    }
};

v_status fail_parse(const toml::parse_error &error, const char *name)
{
    const toml::source_position &place = error.source().begin;
    std::string_view text = error.description();
    return v_fail(V_ERROR_BAD_INPUT, "%s:%u:%u: %.*s", name, place ? place.line : 1, place ? place.column : 1,
                  static_cast<int>(std::min<size_t>(text.size(), 800)), text.data());
}

v_status flatten(const toml::table &root, const char *name, const v_allocator *allocator,
                 v_toml_document **out_document)
{
    measure need;
    need.add(root);
    size_t name_bytes = strlen(name) + 1;
    size_t nodes_offset = (sizeof(v_toml_document) + alignof(v_toml_node) - 1) & ~(alignof(v_toml_node) - 1);
    size_t text_offset = nodes_offset + need.node_count * sizeof(v_toml_node);
    size_t block_bytes = text_offset + need.text_bytes + name_bytes;
    char *block = static_cast<char *>(v_alloc(allocator, block_bytes, alignof(std::max_align_t)));
    if (block == nullptr) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    v_toml_document *document = reinterpret_cast<v_toml_document *>(block);
    builder build = { reinterpret_cast<v_toml_node *>(block + nodes_offset), 0, block + text_offset, document, V_OK };
    document->name = build.put_text(name, name_bytes - 1);
    document->root = build.nodes;
    document->node_count = need.node_count;
    document->allocator = allocator;
    document->block_bytes = block_bytes;
    try {
        build.set_value(build.begin_node(root, nullptr), root, 0);
    } catch (...) {
        v_toml_destroy(document);
        throw;
    }
    if (build.status != V_OK) {
        v_toml_destroy(document);
        return build.status;
    }
    *out_document = document;
    return V_OK;
}

} // namespace

v_status v_toml_parse(const char *text, size_t size_bytes, const char *name, const v_allocator *allocator,
                      v_toml_document **out_document)
{
    if (out_document == nullptr || (text == nullptr && size_bytes > 0)) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_toml_parse: text and out_document must not be null");
    }
    *out_document = nullptr;
    name = name != nullptr ? name : "(text)";
    if (size_bytes > V_TOML_MAX_BYTES) {
        return v_fail(V_ERROR_BAD_INPUT, "%s:1:1: %zu bytes are more than the %zu that a TOML file may have", name,
                      size_bytes, V_TOML_MAX_BYTES);
    }
    if (size_bytes == 0) {
        text = "";
    }
    V_TRY(toml_guard_check(text, size_bytes, name));
    try {
        toml::parse_result result = toml::parse(std::string_view(text, size_bytes));
        if (!result) {
            return fail_parse(result.error(), name);
        }
        return flatten(result.table(), name, allocator, out_document);
    } catch (const std::bad_alloc &) {
        return v_fail(V_ERROR_OUT_OF_MEMORY, "%s: out of memory while parsing", name);
    } catch (const std::exception &error) {
        return v_fail(V_ERROR_BAD_INPUT, "%s:1:1: %s", name, error.what());
    } catch (...) {
        return v_fail(V_ERROR_BAD_INPUT, "%s:1:1: the parser failed", name);
    }
}

void v_toml_destroy(v_toml_document *document)
{
    if (document != nullptr) {
        v_free(document->allocator, document, document->block_bytes, alignof(std::max_align_t));
    }
}

const v_toml_node *v_toml_find(const v_toml_node *table, const char *key)
{
    if (table == nullptr || table->type != V_TOML_TABLE || key == nullptr) {
        return nullptr;
    }
    size_t size = strlen(key);
    for (const v_toml_node *node = table->first_child; node != nullptr; node = node->next_sibling) {
        if (node->key_size_bytes == size && memcmp(node->key, key, size) == 0) {
            return node;
        }
    }
    return nullptr;
}

const char *v_toml_type_name(v_toml_type type)
{
    switch (type) {
    case V_TOML_TABLE:
        return "a table";
    case V_TOML_ARRAY:
        return "an array";
    case V_TOML_STRING:
        return "a string";
    case V_TOML_INT:
        return "an integer";
    case V_TOML_FLOAT:
        return "a float";
    case V_TOML_BOOL:
        return "a boolean";
    case V_TOML_DATE:
        return "a date";
    }
    return "an unknown type";
}

bool v_toml_number(const v_toml_node *node, double *out_number)
{
    if (node == nullptr || out_number == nullptr || (node->type != V_TOML_INT && node->type != V_TOML_FLOAT)) {
        return false;
    }
    *out_number = node->type == V_TOML_INT ? static_cast<double>(node->value.integer) : node->value.number;
    return true;
}

static v_status fail_at(const v_toml_document *document, uint32_t line, uint32_t column, const char *format,
                        va_list arguments)
{
    char text[1024];
    vsnprintf(text, sizeof(text), format, arguments);
    return v_fail(V_ERROR_BAD_INPUT, "%s:%u:%u: %s", document != nullptr ? document->name : "(text)", line, column,
                  text);
}

v_status v_toml_fail_at(const v_toml_document *document, const v_toml_node *node, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    v_status status =
        fail_at(document, node != nullptr ? node->line : 1, node != nullptr ? node->column : 1, format, arguments);
    va_end(arguments);
    return status;
}

v_status v_toml_fail_at_key(const v_toml_document *document, const v_toml_node *node, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    v_status status = fail_at(document, node != nullptr ? node->key_line : 1, node != nullptr ? node->key_column : 1,
                              format, arguments);
    va_end(arguments);
    return status;
}
