// cull.c: keeping the passes from which a result can be reached, backwards along data from the roots.
#include "graph_internal.h"

static bool is_root(const v_graph *graph, uint32_t pass)
{
    const graph_compiled *c = &graph->compiled;
    if (graph->no_culling || graph->passes.items[pass]->side_effect) {
        return true;
    }
    for (uint32_t i = c->pass_first.items[pass]; i < c->pass_first.items[pass + 1]; i++) {
        const graph_access *a = &graph->accesses.items[c->pass_accesses.items[i]];
        if (a->write && graph->resources.items[a->resource].imported) {
            return true;
        }
    }
    return false;
}

v_status graph_cull_passes(v_graph *graph)
{
    graph_compiled *c = &graph->compiled;
    c->kept.count = 0;
    V_TRY(V_ARRAY_RESERVE(&c->kept, graph->allocator, graph->pass_count));
    V_TRY(graph_indices_fill(&c->position, graph->allocator, graph->pass_count, GRAPH_NONE));
    V_TRY(graph_indices_fill(&c->order, graph->allocator, graph->pass_count, 0));
    c->kept.count = graph->pass_count;
    c->order.count = 0;
    for (uint32_t p = 0; p < graph->pass_count; p++) {
        c->kept.items[p] = is_root(graph, p);
    }
    // In reverse order every pass has been decided before the passes it depends on.
    for (uint32_t i = graph->pass_count; i > 0; i--) {
        uint32_t pass = c->sorted.items[i - 1];
        for (uint32_t e = c->edge_first.items[pass]; e < c->edge_first.items[pass + 1]; e++) {
            const graph_edge *edge = &c->edges.items[e];
            c->kept.items[pass] = c->kept.items[pass] || (edge->data && c->kept.items[edge->to]);
        }
    }
    for (uint32_t i = 0; i < graph->pass_count; i++) {
        uint32_t pass = c->sorted.items[i];
        if (c->kept.items[pass]) {
            c->position.items[pass] = c->order.count;
            c->order.items[c->order.count++] = pass;
            if (graph->passes.items[pass]->execute == NULL) {
                return v_fail(V_ERROR_INVALID_ARGUMENT,
                              "graph \"%s\": pass \"%s\" has no callback; give it one with "
                              "v_pass_execute",
                              graph->name, graph_pass_name(graph, pass));
            }
        } else {
            V_LOG_DEBUG(graph->log, "graph", "Culled pass: %s (nothing uses what it writes)",
                        graph_pass_name(graph, pass));
        }
    }
    return V_OK;
}
