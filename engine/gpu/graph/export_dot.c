// export_dot.c: the compiled graph as GraphViz text.
#include "graph_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

typedef struct text {
    const v_allocator *allocator;
    V_ARRAY(char) bytes;
    v_status status;
} text;

static void append(text *t, const char *format, ...) V_PRINTF(2, 3);

static void append(text *t, const char *format, ...)
{
    char line[512];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(line, sizeof(line), format, arguments);
    va_end(arguments);
    uint32_t size = (uint32_t)(length < (int)sizeof(line) ? length : (int)sizeof(line) - 1);
    if (t->status == V_OK) {
        t->status = V_ARRAY_RESERVE(&t->bytes, t->allocator, t->bytes.count + size + 1);
    }
    if (t->status == V_OK) {
        memcpy(t->bytes.items + t->bytes.count, line, size + 1);
        t->bytes.count += size;
    }
}

// A name inside double quotes.
static const char *quoted(char out[2 * GPU_NAME_BYTES], const char *name)
{
    size_t used = 0;
    for (const char *c = name; *c != '\0'; c++) {
        if (*c == '"' || *c == '\\') {
            out[used++] = '\\';
        }
        out[used++] = (unsigned char)*c < 0x20 ? ' ' : *c;
    }
    out[used] = '\0';
    return out;
}

static void append_passes(const v_graph *graph, text *t)
{
    static const char *const colors[] = { "#cfe2ff", "#ffe5b4", "#d9d9d9" };
    const graph_compiled *c = &graph->compiled;
    char name[2 * GPU_NAME_BYTES];
    for (uint32_t p = 0; p < graph->pass_count; p++) {
        const v_pass *pass = graph->passes.items[p];
        if (!c->kept.items[p]) {
            append(t, "  p%u [shape=box, style=dashed, label=\"%s\\nculled\"];\n", p, quoted(name, pass->name));
            continue;
        }
        uint32_t position = c->position.items[p];
        append(t, "  p%u [shape=box, style=filled, fillcolor=\"%s\", label=\"%u. %s\\n%u barriers\"];\n", p,
               colors[pass->kind], position, quoted(name, pass->name),
               c->barrier_first.items[position + 1] - c->barrier_first.items[position]);
    }
}

static void append_resources(const v_graph *graph, text *t)
{
    const graph_compiled *c = &graph->compiled;
    char name[2 * GPU_NAME_BYTES];
    for (uint32_t r = 0; r < graph->resources.count; r++) {
        const graph_resource *resource = &graph->resources.items[r];
        const graph_place *place = &c->places.items[r];
        append(t, "  r%u [shape=ellipse%s, label=\"%s\\n", r, resource->imported ? ", peripheries=2" : "",
               quoted(name, resource->name));
        if (resource->texture) {
            append(t, "%s %ux%u", v_format_name(resource->format), resource->width_px, resource->height_px);
        } else {
            append(t, "%llu bytes", (unsigned long long)resource->size_bytes);
        }
        if (place->size_bytes > 0) {
            append(t, "\\nheap %u: %llu+%llu, passes %u-%u", place->heap, (unsigned long long)place->offset_bytes,
                   (unsigned long long)place->size_bytes, c->lifetimes.items[r].first, c->lifetimes.items[r].last);
        }
        append(t, "\"];\n");
    }
}

// The first barrier before this use, if it has one.
static const graph_barrier *barrier_before(const v_graph *graph, const graph_access *a)
{
    const graph_compiled *c = &graph->compiled;
    uint32_t position = c->position.items[a->pass];
    for (uint32_t i = position == GRAPH_NONE ? 0 : c->barrier_first.items[position];
         position != GRAPH_NONE && i < c->barrier_first.items[position + 1]; i++) {
        if (c->barriers.items[i].resource == a->resource) {
            return &c->barriers.items[i];
        }
    }
    return NULL;
}

static void append_uses(const v_graph *graph, text *t)
{
    for (uint32_t i = 0; i < graph->accesses.count; i++) {
        const graph_access *a = &graph->accesses.items[i];
        const graph_barrier *barrier = barrier_before(graph, a);
        const char *color = barrier != NULL ? ", color=red" : "";
        if (a->write) {
            append(t, "  p%u -> r%u [label=\"%s v%u\"%s];\n", a->pass, a->resource, v_usage_name(a->usage),
                   a->version + 1, color);
        } else {
            append(t, "  r%u -> p%u [label=\"%s v%u\"%s];\n", a->resource, a->pass, v_usage_name(a->usage), a->version,
                   color);
        }
    }
}

v_status v_graph_dot(const v_graph *graph, char **out_text)
{
    if (graph == NULL || out_text == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_graph_dot: %s is null", graph == NULL ? "graph" : "out_text");
    }
    *out_text = NULL;
    if (!graph->compiled_current) {
        return v_fail(V_ERROR_STATE, "v_graph_dot: graph \"%s\" is not compiled; call v_graph_compile", graph->name);
    }
    text t = { .allocator = graph->allocator };
    char name[2 * GPU_NAME_BYTES];
    append(&t, "digraph \"%s\" {\n  rankdir=LR;\n  // Red: a barrier stands before this use.\n",
           quoted(name, graph->name));
    append_passes(graph, &t);
    append_resources(graph, &t);
    append_uses(graph, &t);
    append(&t, "}\n");
    if (t.status == V_OK) {
        // The caller frees strlen + 1 bytes, so hand out exactly that many.
        *out_text = v_alloc(graph->allocator, t.bytes.count + 1, 1);
        if (*out_text != NULL) {
            memcpy(*out_text, t.bytes.items, t.bytes.count + 1);
        }
        t.status = *out_text != NULL ? V_OK : V_ERROR_OUT_OF_MEMORY;
    }
    V_ARRAY_DESTROY(&t.bytes, graph->allocator);
    return t.status;
}
