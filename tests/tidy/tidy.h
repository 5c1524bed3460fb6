// Shared by the checks of this folder: source files, their code without comments and literals, and findings.
#ifndef V_TEST_TIDY_H
#define V_TEST_TIDY_H

#include <stdbool.h>
#include <stddef.h>

#define TIDY_PATH_BYTES 1024

/// One file of the tree. `path` is relative to the root. `code` is `text` of the same length with comments and the
/// insides of literals blanked; line ends stay, so that a place in one is a place in the other.
typedef struct tidy_source {
    char path[TIDY_PATH_BYTES];
    char *text, *code;
    size_t size_bytes;
} tidy_source;

typedef struct tidy_tree {
    char root[TIDY_PATH_BYTES];
    tidy_source *sources;
    size_t source_count, source_capacity;
    int findings, warnings;
} tidy_tree;

/// Read every source file below `root`, in byte order of the paths. Exits with 2 when the tree cannot be read.
void tidy_tree_read(tidy_tree *tree, const char *root);
void tidy_tree_free(tidy_tree *tree);

/// Print "path:line: message" and count it. A warning does not fail the check.
void tidy_find(tidy_tree *tree, const tidy_source *source, size_t line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void tidy_warn(tidy_tree *tree, const tidy_source *source, size_t line, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/// Print the message and exit with 2: the check itself cannot work.
void tidy_die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

bool tidy_starts_with(const char *text, const char *prefix);
bool tidy_ends_with(const char *text, const char *suffix);
/// C or C++, not a script or a shader.
bool tidy_is_c(const tidy_source *source);
/// Whether the line that begins at `line_start` ends before `end`, and where: the offset of its '\n' or the size.
size_t tidy_line_end(const tidy_source *source, size_t line_start);

/// The checks.
void tidy_check_floors(tidy_tree *tree);
void tidy_check_files(tidy_tree *tree);
void tidy_check_functions(tidy_tree *tree);
void tidy_check_calls(tidy_tree *tree);

#endif
