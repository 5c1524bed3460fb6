// Checks every #include against the table of floors in tests/tidy/floors.txt.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tidy.h"

#define NAME_BYTES 64
#define ROWS_MAX   256

typedef struct module {
    char name[NAME_BYTES];
    int floor;
    bool open;
} module;

typedef struct pair {
    char first[NAME_BYTES], second[NAME_BYTES];
} pair;

/// The table as read: `headers` pairs a public header with its module, `owners` a prefix with one allowed module.
typedef struct table {
    module modules[ROWS_MAX];
    pair headers[ROWS_MAX], beside[ROWS_MAX], owners[ROWS_MAX];
    size_t module_count, header_count, beside_count, owner_count;
} table;

static const module *find_module(const table *floors, const char *name)
{
    for (size_t i = 0; i < floors->module_count; ++i) {
        if (strcmp(floors->modules[i].name, name) == 0) {
            return &floors->modules[i];
        }
    }
    return NULL;
}

static void add_pair(pair *pairs, size_t *count, const char *first, const char *second)
{
    if (*count == ROWS_MAX) {
        tidy_die("floors.txt: more than %d rows of one kind", ROWS_MAX);
    }
    snprintf(pairs[*count].first, NAME_BYTES, "%s", first);
    snprintf(pairs[*count].second, NAME_BYTES, "%s", second);
    ++*count;
}

static bool read_row(table *floors, char *line)
{
    char *rest = NULL;
    const char *kind = strtok_r(line, " \n", &rest);
    if (kind == NULL || kind[0] == '#') {
        return true;
    }
    const char *first = strtok_r(NULL, " \n", &rest), *second = strtok_r(NULL, " \n", &rest);
    if (first == NULL) {
        return false;
    }
    if (strcmp(kind, "open") == 0) {
        for (size_t i = 0; i < floors->module_count; ++i) {
            floors->modules[i].open = floors->modules[i].open || strcmp(floors->modules[i].name, first) == 0;
        }
        return find_module(floors, first) != NULL;
    }
    if (second == NULL) {
        return false;
    }
    if (strcmp(kind, "module") == 0 && floors->module_count < ROWS_MAX) {
        module *added = &floors->modules[floors->module_count++];
        snprintf(added->name, sizeof added->name, "%s", first);
        added->floor = atoi(second);
        return true;
    }
    if (strcmp(kind, "header") == 0) {
        add_pair(floors->headers, &floors->header_count, first, second);
        return find_module(floors, second) != NULL;
    }
    if (strcmp(kind, "beside") == 0) {
        add_pair(floors->beside, &floors->beside_count, first, second);
        return find_module(floors, first) != NULL && find_module(floors, second) != NULL;
    }
    if (strcmp(kind, "only") == 0) {
        for (; second != NULL; second = strtok_r(NULL, " \n", &rest)) {
            add_pair(floors->owners, &floors->owner_count, first, second);
        }
        return true;
    }
    return false;
}

static void read_table(table *floors, const char *root)
{
    char path[2 * TIDY_PATH_BYTES], line[512];
    snprintf(path, sizeof path, "%s/tests/tidy/floors.txt", root);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        tidy_die("%s: cannot be opened", path);
    }
    for (int number = 1; fgets(line, sizeof line, file) != NULL; ++number) {
        if (!read_row(floors, line)) {
            tidy_die("%s:%d: not a row of the table, or it names an unknown module", path, number);
        }
    }
    fclose(file);
}

/// The module to which a public header belongs, or null.
static const module *module_of_header(const table *floors, const char *header)
{
    for (size_t i = 0; i < floors->header_count; ++i) {
        if (strcmp(floors->headers[i].first, header) == 0) {
            return find_module(floors, floors->headers[i].second);
        }
    }
    return NULL;
}

/// The module of a file below engine/, or null with a finding.
static const module *module_of_source(tidy_tree *tree, const table *floors, const tidy_source *source)
{
    const char *inner = source->path + strlen("engine/");
    if (tidy_starts_with(inner, "include/v/")) {
        const char *header = inner + strlen("include/v/");
        const module *owner = module_of_header(floors, header);
        if (owner == NULL) {
            tidy_find(tree, source, 1, "the public header '%s' has no module; add it to tests/tidy/floors.txt", header);
        }
        return owner;
    }
    char name[NAME_BYTES];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(inner, "/"), inner);
    const module *owner = find_module(floors, name);
    if (owner == NULL) {
        tidy_find(tree, source, 1, "the module '%s' has no floor; add it to tests/tidy/floors.txt", name);
    }
    return owner;
}

static bool may_include(const table *floors, const module *from, const module *to)
{
    if (from == to || to->floor < from->floor) {
        return true;
    }
    for (size_t i = 0; i < floors->beside_count; ++i) {
        if (strcmp(floors->beside[i].first, from->name) == 0 && strcmp(floors->beside[i].second, to->name) == 0) {
            return true;
        }
    }
    return false;
}

static void check_system_include(tidy_tree *tree, const table *floors, const tidy_source *source, size_t line,
                                 const module *from, const char *name)
{
    static const char *const standard[] = { "assert.h", "float.h",   "inttypes.h", "limits.h", "math.h",  "stdalign.h",
                                            "stdarg.h", "stdbool.h", "stddef.h",   "stdint.h", "string.h" };
    if (tidy_starts_with(source->path, "engine/include/")) {
        for (size_t i = 0; i < sizeof standard / sizeof standard[0]; ++i) {
            if (strcmp(name, standard[i]) == 0) {
                return;
            }
        }
        tidy_find(tree, source, line, "a public header includes <%s>; only the C standard library belongs there", name);
        return;
    }
    bool owned = false;
    for (size_t i = 0; i < floors->owner_count; ++i) {
        if (tidy_starts_with(name, floors->owners[i].first)) {
            if (strcmp(floors->owners[i].second, from->name) == 0) {
                return;
            }
            owned = true;
        }
    }
    if (owned) {
        tidy_find(tree, source, line, "<%s> is not for the module '%s'; tests/tidy/floors.txt says whose it is", name,
                  from->name);
    }
}

static void check_engine_include(tidy_tree *tree, const table *floors, const tidy_source *source, size_t line,
                                 const module *from, const char *name)
{
    if (tidy_starts_with(name, "v/")) {
        const module *to = module_of_header(floors, name + 2);
        if (to == NULL) {
            tidy_find(tree, source, line, "\"%s\" has no module; add it to tests/tidy/floors.txt", name);
        } else if (!may_include(floors, from, to)) {
            tidy_find(tree, source, line, "'%s' (floor %d) includes \"%s\" of '%s' (floor %d)", from->name, from->floor,
                      name, to->name, to->floor);
        }
        return;
    }
    if (tidy_starts_with(source->path, "engine/include/")) {
        tidy_find(tree, source, line, "a public header includes the private \"%s\"", name);
        return;
    }
    char folder[NAME_BYTES];
    snprintf(folder, sizeof folder, "%.*s", (int)strcspn(name, "/"), name);
    const module *to = strchr(name, '/') != NULL ? find_module(floors, folder) : NULL;
    if (to != NULL && to != from && !(to->open && may_include(floors, from, to))) {
        tidy_find(tree, source, line, "'%s' includes \"%s\", a private header of '%s'", from->name, name, to->name);
    }
    if (tidy_starts_with(name, "..")) {
        tidy_find(tree, source, line, "\"%s\" climbs out of its folder; include by the module's name", name);
    }
}

/// Programs outside the engine: examples and games use public headers alone; a tool or a benchmark also its own.
static void check_outer_include(tidy_tree *tree, const tidy_source *source, size_t line, const char *name)
{
    bool own = strchr(name, '/') == NULL && !tidy_starts_with(source->path, "examples/");
    if (!tidy_starts_with(name, "v/") && !own) {
        tidy_find(tree, source, line, "\"%s\" is no public header; only \"v/...\" may be included here", name);
    }
}

static void check_line(tidy_tree *tree, const table *floors, const tidy_source *source, size_t line, const module *from,
                       const char *include)
{
    char open = *include, close = '>';
    if (open == '"') {
        close = '"';
    } else if (open != '<') {
        return;
    }
    char name[512];
    snprintf(name, sizeof name, "%s", include + 1);
    name[strcspn(name, close == '"' ? "\"\n" : ">\n")] = '\0';
    if (from == NULL) {
        if (open == '"') {
            check_outer_include(tree, source, line, name);
        }
    } else if (open == '<' && !tidy_starts_with(name, "v/")) {
        check_system_include(tree, floors, source, line, from, name);
    } else {
        check_engine_include(tree, floors, source, line, from, name);
    }
}

static void check_source(tidy_tree *tree, const table *floors, const tidy_source *source)
{
    bool engine = tidy_starts_with(source->path, "engine/");
    const module *from = engine ? module_of_source(tree, floors, source) : NULL;
    if (engine && from == NULL) {
        return;
    }
    if (engine && tidy_ends_with(source->path, ".cpp") && strcmp(from->name, "bridge") != 0) {
        tidy_find(tree, source, 1, "C++ outside engine/bridge");
    }
    size_t line = 1;
    for (size_t start = 0; start < source->size_bytes; ++line) {
        size_t end = tidy_line_end(source, start);
        size_t at = start + strspn(source->code + start, " \t");
        if (source->code[at] == '#') {
            at += 1 + strspn(source->code + at + 1, " \t");
            if (tidy_starts_with(source->code + at, "include")) {
                at += strlen("include");
                at += strspn(source->code + at, " \t");
                check_line(tree, floors, source, line, from, source->text + at);
            }
        }
        start = end + 1;
    }
}

void tidy_check_floors(tidy_tree *tree)
{
    static table floors;
    read_table(&floors, tree->root);
    for (size_t i = 0; i < tree->source_count; ++i) {
        const tidy_source *source = &tree->sources[i];
        if (tidy_is_c(source) && !tidy_starts_with(source->path, "tests/")) {
            check_source(tree, &floors, source);
        }
    }
}
