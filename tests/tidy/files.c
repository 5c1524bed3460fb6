// Checks the form of files and functions: a first comment line, and lengths that fit a reader.
#include <string.h>

#include "tidy.h"

enum { FILE_LINES_MAX = 1200, FILE_LINES_AIM = 600, FUNCTION_LINES_MAX = 100, FUNCTION_LINES_AIM = 70 };

static size_t count_lines(const tidy_source *source)
{
    size_t lines = 0;
    for (size_t start = 0; start < source->size_bytes; ++lines) {
        start = tidy_line_end(source, start) + 1;
    }
    return lines;
}

/// A comment, in a script after its interpreter and in a shader after its version.
static bool begins_with_comment(const tidy_source *source)
{
    const char *text = source->text;
    if (tidy_starts_with(text, "#version")) {
        text += tidy_line_end(source, 0) + (tidy_line_end(source, 0) < source->size_bytes);
    }
    return tidy_starts_with(text, "//") || tidy_starts_with(text, "/*") || tidy_starts_with(text, "#!") ||
           tidy_starts_with(text, "# ");
}

void tidy_check_files(tidy_tree *tree)
{
    for (size_t i = 0; i < tree->source_count; ++i) {
        const tidy_source *source = &tree->sources[i];
        if (!begins_with_comment(source)) {
            tidy_find(tree, source, 1, "the first line is no comment that says what the file is about");
        }
        size_t lines = count_lines(source);
        if (lines > FILE_LINES_MAX) {
            tidy_find(tree, source, lines, "%zu lines; split the file, %d are the limit", lines, FILE_LINES_MAX);
        } else if (lines > FILE_LINES_AIM) {
            tidy_warn(tree, source, lines, "%zu lines; aim for %d", lines, FILE_LINES_AIM);
        }
    }
}

/// Whether the code before `brace` ends a function's head: ')' and perhaps blanks before a '{' in the first column.
static bool opens_function(const tidy_source *source, size_t brace)
{
    size_t at = brace;
    while (at > 0 && strchr(" \t\n", source->code[at - 1]) != NULL) {
        --at;
    }
    return at > 0 && source->code[at - 1] == ')';
}

/// clang-format puts a function's braces in the first column, each alone on its line, and nothing else that follows
/// ')'.
static void check_functions(tidy_tree *tree, const tidy_source *source)
{
    size_t line = 1, opened_line = 0;
    for (size_t start = 0; start < source->size_bytes; ++line) {
        if (source->code[start] == '{' && opens_function(source, start)) {
            opened_line = line;
        } else if (source->code[start] == '}' && opened_line != 0) {
            size_t lines = line - opened_line + 1;
            if (lines > FUNCTION_LINES_MAX) {
                tidy_find(tree, source, opened_line, "a function of %zu lines; split it, %d are the limit", lines,
                          FUNCTION_LINES_MAX);
            } else if (lines > FUNCTION_LINES_AIM) {
                tidy_warn(tree, source, opened_line, "a function of %zu lines; aim for %d", lines, FUNCTION_LINES_AIM);
            }
            opened_line = 0;
        }
        start = tidy_line_end(source, start) + 1;
    }
}

void tidy_check_functions(tidy_tree *tree)
{
    for (size_t i = 0; i < tree->source_count; ++i) {
        if (tidy_is_c(&tree->sources[i])) {
            check_functions(tree, &tree->sources[i]);
        }
    }
}
