// A scan over TOML text that knows strings, comments and brackets only, for limits that the parser lacks: dotted keys
// make it recurse in destructors, and it searches a list of all tables for every dotted key. It also assumes that a
// header begins with a name.
#include "toml_guard.h"

#include "toml.h"

#include <string.h>

// Levels that may be open at once. The exact limit, V_TOML_MAX_DEPTH, is checked on the tree; the dot of a float at
// full depth looks like one more level here.
#define OPEN_LIMIT           (V_TOML_MAX_DEPTH + 2)
#define VALUE_LIMIT          2097152
#define DOTTED_KEY_LIMIT     65536

#define TEXT_OF_TOKEN(token) #token
#define TEXT_OF(macro)       TEXT_OF_TOKEN(macro)

typedef struct scanner {
    const char *name;
    const char *at, *end;
    uint32_t line;
    const char *line_start;
    uint32_t value_count, dotted_key_count;
    // Open brackets, and how many dots each of them was opened behind ("a.b.c = [").
    char brackets[OPEN_LIMIT];
    uint32_t dots_before[OPEN_LIMIT];
    uint32_t bracket_count;
    uint32_t dot_count; // since the start of the document, line or element, those of outer levels included
    bool in_key;
} scanner;

static v_status fail_here(const scanner *scan, const char *what)
{
    uint32_t column = 1;
    for (const char *at = scan->line_start; at < scan->at; at++) {
        column += ((unsigned char)*at & 0xC0u) != 0x80u;
    }
    return v_fail(V_ERROR_BAD_INPUT, "%s:%u:%u: %s", scan->name, scan->line, column, what);
}

static void next_line(scanner *scan)
{
    scan->line++;
    scan->line_start = scan->at + 1;
    if (scan->bracket_count == 0) {
        scan->dot_count = 0;
        scan->in_key = true;
    }
}

static size_t quote_run(const scanner *scan, char quote)
{
    size_t count = 0;
    while (scan->at + count < scan->end && scan->at[count] == quote) {
        count++;
    }
    return count;
}

// At the opening quote; leaves `at` on the last character of the string, or on the newline that cuts it off.
static void skip_string(scanner *scan)
{
    char quote = *scan->at;
    size_t opening = quote_run(scan, quote);
    if (opening == 2) {
        scan->at++;
        return;
    }
    bool is_multi_line = opening >= 3;
    scan->at += is_multi_line ? 3 : 1;
    for (; scan->at < scan->end; scan->at++) {
        char c = *scan->at;
        if (c == '\\' && quote == '"' && scan->at + 1 < scan->end && scan->at[1] != '\n') {
            scan->at++;
        } else if (c == '\n') {
            if (!is_multi_line) {
                scan->at--;
                return;
            }
            next_line(scan);
        } else if (c == quote) {
            size_t closing = is_multi_line ? quote_run(scan, quote) : 1;
            if (!is_multi_line) {
                return;
            }
            // Up to two quotes may stand before the three that close.
            scan->at += (closing < 5 ? closing : 5) - 1;
            if (closing >= 3) {
                return;
            }
        }
    }
}

static void skip_comment(scanner *scan)
{
    const char *newline = memchr(scan->at, '\n', (size_t)(scan->end - scan->at));
    scan->at = (newline != NULL ? newline : scan->end) - 1;
}

static v_status check_depth(const scanner *scan)
{
    if (scan->bracket_count + scan->dot_count >= OPEN_LIMIT) {
        return fail_here(scan, "tables, arrays and dotted keys nest deeper than " TEXT_OF(V_TOML_MAX_DEPTH));
    }
    return V_OK;
}

static v_status count_value(scanner *scan)
{
    if (++scan->value_count > VALUE_LIMIT) {
        return fail_here(scan, "there are more than " TEXT_OF(VALUE_LIMIT) " values");
    }
    return V_OK;
}

static v_status scan_dot(scanner *scan)
{
    scan->dot_count++;
    if (scan->in_key && ++scan->dotted_key_count > DOTTED_KEY_LIMIT) {
        return fail_here(scan, "dotted keys have more than " TEXT_OF(DOTTED_KEY_LIMIT) " parts in all");
    }
    return check_depth(scan);
}

static bool may_begin_key(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '"' || c == '\'';
}

// At the '[' of a "[table]" or "[[table]]".
static v_status check_header(scanner *scan)
{
    const char *bracket = scan->at;
    const char *name = bracket + 1;
    name += name < scan->end && *name == '[';
    while (name < scan->end && (*name == ' ' || *name == '\t')) {
        name++;
    }
    if (name < scan->end && may_begin_key(*name)) {
        return V_OK;
    }
    scan->at = name;
    return fail_here(scan, "expected the name of a table after '['");
}

static v_status scan_open(scanner *scan)
{
    if (*scan->at == '[' && scan->bracket_count == 0 && scan->in_key) {
        V_TRY(check_header(scan));
    }
    V_TRY(check_depth(scan));
    scan->brackets[scan->bracket_count] = *scan->at;
    scan->dots_before[scan->bracket_count] = scan->dot_count;
    scan->bracket_count++;
    if (*scan->at == '{') {
        scan->in_key = true;
    }
    return count_value(scan);
}

static void scan_close(scanner *scan)
{
    if (scan->bracket_count > 0) {
        scan->bracket_count--;
        scan->dot_count = scan->dots_before[scan->bracket_count];
    }
}

static v_status scan_comma(scanner *scan)
{
    if (scan->bracket_count > 0) {
        scan->dot_count = scan->dots_before[scan->bracket_count - 1];
        scan->in_key = scan->brackets[scan->bracket_count - 1] == '{';
    }
    return count_value(scan);
}

v_status toml_guard_check(const char *text, size_t size_bytes, const char *name)
{
    scanner scan = {
        .name = name, .at = text, .end = text + size_bytes, .line = 1, .line_start = text, .in_key = true
    };
    for (; scan.at < scan.end; scan.at++) {
        switch (*scan.at) {
        case '\n':
            next_line(&scan);
            break;
        case '#':
            skip_comment(&scan);
            break;
        case '"':
        case '\'':
            skip_string(&scan);
            break;
        case '.':
            V_TRY(scan_dot(&scan));
            break;
        case '=':
            scan.in_key = false;
            V_TRY(count_value(&scan));
            break;
        case ',':
            V_TRY(scan_comma(&scan));
            break;
        case '[':
        case '{':
            V_TRY(scan_open(&scan));
            break;
        case ']':
        case '}':
            scan_close(&scan);
            break;
        default:
            break;
        }
    }
    return V_OK;
}
