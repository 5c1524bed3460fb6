// Reads the tree and blanks what is not code.
#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tidy.h"

void tidy_die(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    exit(2);
}

static void print_place(const tidy_source *source, size_t line, const char *kind, const char *format, va_list arguments)
{
    printf("%s:%zu: %s", source->path, line, kind);
    vprintf(format, arguments);
    putchar('\n');
}

void tidy_find(tidy_tree *tree, const tidy_source *source, size_t line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_place(source, line, "", format, arguments);
    va_end(arguments);
    ++tree->findings;
}

void tidy_warn(tidy_tree *tree, const tidy_source *source, size_t line, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print_place(source, line, "warning: ", format, arguments);
    va_end(arguments);
    ++tree->warnings;
}

bool tidy_starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool tidy_ends_with(const char *text, const char *suffix)
{
    size_t text_bytes = strlen(text), suffix_bytes = strlen(suffix);
    return text_bytes >= suffix_bytes && strcmp(text + text_bytes - suffix_bytes, suffix) == 0;
}

bool tidy_is_c(const tidy_source *source)
{
    return tidy_ends_with(source->path, ".c") || tidy_ends_with(source->path, ".h") ||
           tidy_ends_with(source->path, ".cpp");
}

size_t tidy_line_end(const tidy_source *source, size_t line_start)
{
    const char *end = memchr(source->text + line_start, '\n', source->size_bytes - line_start);
    return end != NULL ? (size_t)(end - source->text) : source->size_bytes;
}

static bool is_source_name(const char *name)
{
    static const char *const suffixes[] = { ".c",    ".h",    ".cpp",  ".sh",   ".cmake", ".txt",
                                            ".glsl", ".vert", ".frag", ".comp", ".toml",  ".py" };
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; ++i) {
        if (tidy_ends_with(name, suffixes[i])) {
            return true;
        }
    }
    return false;
}

/// Data of tests: samples are wrong on purpose, corpora are arbitrary bytes.
static bool is_skipped_folder(const char *name)
{
    return name[0] == '.' || strcmp(name, "samples") == 0 || strcmp(name, "corpus") == 0 || strcmp(name, "data") == 0 ||
           strcmp(name, "golden") == 0;
}

/// Copies `text` with comments and the insides of string and character literals turned to blanks.
static void blank(const char *text, char *code, size_t size_bytes)
{
    enum { CODE, LINE_COMMENT, BLOCK_COMMENT, STRING, CHARACTER } state = CODE;
    for (size_t i = 0; i < size_bytes; ++i) {
        char c = text[i], next = i + 1 < size_bytes ? text[i + 1] : '\0';
        bool keep = state == CODE || c == '\n';
        switch (state) {
        case CODE:
            if (c == '/' && (next == '/' || next == '*')) {
                state = next == '/' ? LINE_COMMENT : BLOCK_COMMENT;
                keep = false;
                code[i++] = ' ';
            } else if (c == '"') {
                state = STRING;
            } else if (c == '\'' && !(i > 0 && text[i - 1] >= '0' && text[i - 1] <= '9')) {
                state = CHARACTER;
            }
            break;
        case LINE_COMMENT:
            if (c == '\n' && text[i - 1] != '\\') {
                state = CODE;
            }
            break;
        case BLOCK_COMMENT:
            if (c == '*' && next == '/') {
                state = CODE;
                code[i++] = ' ';
            }
            break;
        case STRING:
        case CHARACTER:
            if (c == '\\' && next != '\0') {
                code[i++] = ' ';
                keep = text[i] == '\n';
                c = text[i];
            } else if (c == (state == STRING ? '"' : '\'') || c == '\n') {
                state = CODE;
                keep = true;
            }
            break;
        }
        code[i] = keep ? c : ' ';
    }
}

static void read_source(tidy_tree *tree, const char *path)
{
    char whole[4 * TIDY_PATH_BYTES];
    snprintf(whole, sizeof whole, "%s/%s", tree->root, path);
    struct stat info;
    FILE *file = fopen(whole, "rb");
    if (file == NULL || fstat(fileno(file), &info) != 0 || strlen(path) >= TIDY_PATH_BYTES) {
        tidy_die("%s: cannot be read", whole);
    }
    if (tree->source_count == tree->source_capacity) {
        tree->source_capacity = tree->source_capacity != 0 ? 2 * tree->source_capacity : 256;
        tree->sources = realloc(tree->sources, tree->source_capacity * sizeof tree->sources[0]);
    }
    tidy_source *source = tree->sources != NULL ? &tree->sources[tree->source_count++] : NULL;
    size_t size_bytes = (size_t)info.st_size;
    char *text = calloc(size_bytes + 1, 1), *code = calloc(size_bytes + 1, 1);
    if (source == NULL || text == NULL || code == NULL) {
        tidy_die("%s: out of memory", whole);
    }
    if (fread(text, 1, size_bytes, file) != size_bytes) {
        tidy_die("%s: cannot be read whole", whole);
    }
    fclose(file);
    blank(text, code, size_bytes);
    *source = (tidy_source){ .text = text, .code = code, .size_bytes = size_bytes };
    memcpy(source->path, path, strlen(path) + 1);
}

static void read_folder(tidy_tree *tree, const char *path)
{
    char whole[4 * TIDY_PATH_BYTES];
    snprintf(whole, sizeof whole, "%s/%s", tree->root, path);
    struct dirent **entries = NULL;
    int count = scandir(whole, &entries, NULL, alphasort);
    for (int i = 0; i < count; ++i) {
        const char *name = entries[i]->d_name;
        char inner[2 * TIDY_PATH_BYTES], inner_whole[4 * TIDY_PATH_BYTES];
        snprintf(inner, sizeof inner, "%s/%s", path, name);
        snprintf(inner_whole, sizeof inner_whole, "%s/%s", tree->root, inner);
        struct stat info;
        if (lstat(inner_whole, &info) == 0) {
            if (S_ISDIR(info.st_mode) && !is_skipped_folder(name)) {
                read_folder(tree, inner);
            } else if (S_ISREG(info.st_mode) && is_source_name(name)) {
                read_source(tree, inner);
            }
        }
        free(entries[i]);
    }
    free(entries);
}

void tidy_tree_read(tidy_tree *tree, const char *root)
{
    static const char *const folders[] = { "bench", "cmake",   "completions", "engine", "examples",
                                           "games", "scripts", "tests",       "tools" };
    if (strlen(root) >= sizeof tree->root) {
        tidy_die("%s: the path is too long", root);
    }
    memcpy(tree->root, root, strlen(root) + 1);
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; ++i) {
        read_folder(tree, folders[i]);
    }
    if (tree->source_count == 0) {
        tidy_die("%s: no sources there", root);
    }
}

void tidy_tree_free(tidy_tree *tree)
{
    for (size_t i = 0; i < tree->source_count; ++i) {
        free(tree->sources[i].text);
        free(tree->sources[i].code);
    }
    free(tree->sources);
    *tree = (tidy_tree){ 0 };
}
