// sort.c: topological order by Kahn's algorithm ("Topological sorting of large networks", CACM 1962). Among the passes
// that are ready the one declared first goes first, so that equal declarations give equal orders.
#include "graph_internal.h"

#include <stdio.h>

static void heap_push(uint32_t *heap, uint32_t *count, uint32_t value)
{
    uint32_t i = (*count)++;
    while (i > 0 && heap[(i - 1) / 2] > value) {
        heap[i] = heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    heap[i] = value;
}

static uint32_t heap_pop(uint32_t *heap, uint32_t *count)
{
    uint32_t top = heap[0], last = heap[--(*count)], i = 0;
    for (;;) {
        uint32_t child = 2 * i + 1;
        if (child >= *count) {
            break;
        }
        if (child + 1 < *count && heap[child + 1] < heap[child]) {
            child++;
        }
        if (heap[child] >= last) {
            break;
        }
        heap[i] = heap[child];
        i = child;
    }
    heap[i] = last;
    return top;
}

// Some pass that `pass` still waits for.
static uint32_t unsorted_predecessor(const v_graph *graph, const uint32_t *waiting, uint32_t pass)
{
    const graph_compiled *c = &graph->compiled;
    for (uint32_t i = 0; i < c->edges.count; i++) {
        const graph_edge *edge = &c->edges.items[i];
        if (edge->to == pass && waiting[edge->from] > 0) {
            return edge->from;
        }
    }
    return GRAPH_NONE;
}

static uint32_t edge_resource(const v_graph *graph, uint32_t from, uint32_t to)
{
    const graph_compiled *c = &graph->compiled;
    uint32_t e = c->edge_first.items[from];
    while (c->edges.items[e].to != to) {
        e++;
    }
    return c->edges.items[e].resource;
}

// Passes that Kahn's algorithm left over each have an unsorted predecessor: walking back must meet itself.
static v_status report_cycle(v_graph *graph, const uint32_t *waiting)
{
    uint32_t start = 0;
    while (waiting[start] == 0) {
        start++;
    }
    for (uint32_t i = 0; i < graph->pass_count; i++) {
        start = unsorted_predecessor(graph, waiting, start);
    }
    // `start` lies on a cycle now. Collect it against the dependencies, then print it along them.
    uint32_t *cycle = graph->compiled.scratch[1].items;
    uint32_t count = 0, pass = start;
    do {
        cycle[count++] = pass;
        pass = unsorted_predecessor(graph, waiting, pass);
    } while (pass != start && count < graph->pass_count);
    // Begin with the pass declared first, so that one cycle has one text.
    uint32_t lowest = 0;
    for (uint32_t i = 1; i < count; i++) {
        lowest = cycle[i] < cycle[lowest] ? i : lowest;
    }
    char text[384];
    int used = snprintf(text, sizeof(text), "\"%s\"", graph_pass_name(graph, cycle[lowest]));
    for (uint32_t i = count; i > 0 && (size_t)used + 2 * GPU_NAME_BYTES + 16 < sizeof(text); i--) {
        uint32_t from = cycle[(lowest + i) % count], to = cycle[(lowest + i - 1) % count];
        used += snprintf(text + used, sizeof(text) - (size_t)used, " -(%s)-> \"%s\"",
                         graph->resources.items[edge_resource(graph, from, to)].name, graph_pass_name(graph, to));
    }
    return v_fail(V_ERROR_INVALID_ARGUMENT, "graph \"%s\": passes depend on each other in a cycle: %s", graph->name,
                  text);
}

v_status graph_sort_passes(v_graph *graph)
{
    graph_compiled *c = &graph->compiled;
    V_TRY(graph_indices_fill(&c->scratch[0], graph->allocator, graph->pass_count, 0));
    V_TRY(graph_indices_fill(&c->scratch[1], graph->allocator, graph->pass_count + 1, 0));
    V_TRY(graph_indices_fill(&c->sorted, graph->allocator, graph->pass_count, 0));
    uint32_t *waiting = c->scratch[0].items, *heap = c->scratch[1].items;
    uint32_t ready = 0, done = 0;
    for (uint32_t i = 0; i < c->edges.count; i++) {
        waiting[c->edges.items[i].to]++;
    }
    for (uint32_t p = 0; p < graph->pass_count; p++) {
        if (waiting[p] == 0) {
            heap_push(heap, &ready, p);
        }
    }
    while (ready > 0) {
        uint32_t pass = heap_pop(heap, &ready);
        c->sorted.items[done++] = pass;
        for (uint32_t i = c->edge_first.items[pass]; i < c->edge_first.items[pass + 1]; i++) {
            uint32_t to = c->edges.items[i].to;
            if (--waiting[to] == 0) {
                heap_push(heap, &ready, to);
            }
        }
    }
    return done == graph->pass_count ? V_OK : report_cycle(graph, waiting);
}
