// lifetimes.c: first and last use of every resource, and its accesses in execution order.
#include "graph_internal.h"

v_status graph_find_lifetimes(v_graph *graph)
{
    graph_compiled *c = &graph->compiled;
    uint32_t resource_count = graph->resources.count;
    c->lifetimes.count = 0;
    V_TRY(V_ARRAY_RESERVE(&c->lifetimes, graph->allocator, resource_count));
    V_TRY(graph_indices_fill(&c->resource_first, graph->allocator, resource_count + 1, 0));
    V_TRY(graph_indices_fill(&c->scratch[0], graph->allocator, resource_count, 0));
    c->lifetimes.count = resource_count;
    for (uint32_t r = 0; r < resource_count; r++) {
        c->lifetimes.items[r] = (graph_lifetime){ GRAPH_NONE, 0 };
    }
    uint32_t total = 0;
    for (uint32_t i = 0; i < graph->accesses.count; i++) {
        const graph_access *a = &graph->accesses.items[i];
        if (c->kept.items[a->pass]) {
            c->resource_first.items[a->resource + 1]++;
            total++;
        }
    }
    for (uint32_t r = 0; r < resource_count; r++) {
        c->resource_first.items[r + 1] += c->resource_first.items[r];
    }
    V_TRY(graph_indices_fill(&c->resource_accesses, graph->allocator, total, 0));
    for (uint32_t position = 0; position < c->order.count; position++) {
        uint32_t pass = c->order.items[position];
        for (uint32_t i = c->pass_first.items[pass]; i < c->pass_first.items[pass + 1]; i++) {
            uint32_t access = c->pass_accesses.items[i];
            uint32_t r = graph->accesses.items[access].resource;
            graph_lifetime *life = &c->lifetimes.items[r];
            life->first = life->first == GRAPH_NONE ? position : life->first;
            life->last = position;
            c->resource_accesses.items[c->resource_first.items[r] + c->scratch[0].items[r]++] = access;
        }
    }
    return V_OK;
}
