// dependencies.c: which pass has to come after which, from the versions that they read and write.
//
// For version v of a resource with writer W(v) and readers R(v): W(v) -> R(v) and W(v) -> W(v + 1) carry data,
// R(v) -> W(v + 1) keeps the order only (write after read).
#include "graph_internal.h"

// Group `accesses` by pass with a counting sort; calls for one pass keep their order.
static v_status group_by_pass(v_graph *graph)
{
    graph_compiled *c = &graph->compiled;
    V_TRY(graph_indices_fill(&c->pass_first, graph->allocator, graph->pass_count + 1, 0));
    V_TRY(graph_indices_fill(&c->pass_accesses, graph->allocator, graph->accesses.count, 0));
    uint32_t *first = c->pass_first.items;
    for (uint32_t i = 0; i < graph->accesses.count; i++) {
        first[graph->accesses.items[i].pass + 1]++;
    }
    for (uint32_t p = 0; p < graph->pass_count; p++) {
        first[p + 1] += first[p];
    }
    V_TRY(graph_indices_fill(&c->scratch[0], graph->allocator, graph->pass_count, 0));
    for (uint32_t i = 0; i < graph->accesses.count; i++) {
        uint32_t pass = graph->accesses.items[i].pass;
        c->pass_accesses.items[first[pass] + c->scratch[0].items[pass]++] = i;
    }
    return V_OK;
}

static v_status find_producers(v_graph *graph)
{
    graph_compiled *c = &graph->compiled;
    V_TRY(graph_indices_fill(&c->version_base, graph->allocator, graph->resources.count, 0));
    uint32_t total = 0;
    for (uint32_t r = 0; r < graph->resources.count; r++) {
        c->version_base.items[r] = total;
        total += graph->resources.items[r].version_count;
    }
    V_TRY(graph_indices_fill(&c->producers, graph->allocator, total, GRAPH_NONE));
    for (uint32_t i = 0; i < graph->accesses.count; i++) {
        const graph_access *a = &graph->accesses.items[i];
        if (a->write) {
            c->producers.items[c->version_base.items[a->resource] + a->version + 1] = a->pass;
        }
    }
    return V_OK;
}

static uint32_t producer(const v_graph *graph, uint32_t resource, uint32_t version)
{
    const graph_compiled *c = &graph->compiled;
    return version < graph->resources.items[resource].version_count
               ? c->producers.items[c->version_base.items[resource] + version]
               : GRAPH_NONE;
}

// A write that throws the old contents of the whole resource away needs nothing of its previous writer.
static bool discards_all(const v_graph *graph, const graph_access *a)
{
    const graph_resource *r = &graph->resources.items[a->resource];
    bool whole = a->part.mip_count == r->mip_count && a->part.layer_count == r->layer_count;
    return whole && (a->load == V_LOAD_CLEAR || a->load == V_LOAD_DISCARD);
}

static v_status push_edge(v_graph *graph, uint32_t from, uint32_t to, uint32_t resource, bool data)
{
    if (from == GRAPH_NONE || to == GRAPH_NONE || from == to) {
        return V_OK;
    }
    return V_ARRAY_PUSH(&graph->compiled.edges, graph->allocator, (graph_edge){ from, to, resource, data });
}

// Group the edges by `from` and merge pairs that occur more than once; a pair that carries data anywhere carries data.
static v_status group_edges(v_graph *graph)
{
    graph_compiled *c = &graph->compiled;
    uint32_t raw = c->edges.count;
    V_TRY(V_ARRAY_RESERVE(&c->edges, graph->allocator, raw * 2));
    V_TRY(graph_indices_fill(&c->edge_first, graph->allocator, graph->pass_count + 1, 0));
    V_TRY(graph_indices_fill(&c->scratch[0], graph->allocator, graph->pass_count, 0));
    uint32_t *first = c->edge_first.items;
    graph_edge *edges = c->edges.items;
    for (uint32_t i = 0; i < raw; i++) {
        first[edges[i].from + 1]++;
    }
    for (uint32_t p = 0; p < graph->pass_count; p++) {
        first[p + 1] += first[p];
    }
    for (uint32_t i = 0; i < raw; i++) {
        uint32_t from = edges[i].from;
        edges[raw + first[from] + c->scratch[0].items[from]++] = edges[i];
    }
    // seen[to] is 1 + the index of the edge from the present pass to `to`.
    V_TRY(graph_indices_fill(&c->scratch[1], graph->allocator, graph->pass_count, 0));
    uint32_t *seen = c->scratch[1].items;
    uint32_t kept = 0;
    for (uint32_t p = 0; p < graph->pass_count; p++) {
        uint32_t begin = kept, end = first[p + 1];
        for (uint32_t i = p == 0 ? 0 : c->scratch[0].items[p - 1]; i < end; i++) {
            graph_edge edge = edges[raw + i];
            uint32_t known = seen[edge.to];
            if (known > begin && edges[known - 1].from == p) {
                edges[known - 1].data = edges[known - 1].data || edge.data;
            } else {
                edges[kept++] = edge;
                seen[edge.to] = kept;
            }
        }
        c->scratch[0].items[p] = end;
        first[p] = begin;
    }
    first[graph->pass_count] = kept;
    c->edges.count = kept;
    return V_OK;
}

v_status graph_find_dependencies(v_graph *graph)
{
    V_TRY(group_by_pass(graph));
    V_TRY(find_producers(graph));
    graph->compiled.edges.count = 0;
    for (uint32_t i = 0; i < graph->accesses.count; i++) {
        const graph_access *a = &graph->accesses.items[i];
        uint32_t previous = producer(graph, a->resource, a->version);
        if (a->write) {
            V_TRY(push_edge(graph, previous, a->pass, a->resource, !discards_all(graph, a)));
        } else {
            V_TRY(push_edge(graph, previous, a->pass, a->resource, true));
            V_TRY(push_edge(graph, a->pass, producer(graph, a->resource, a->version + 1), a->resource, false));
        }
    }
    return group_edges(graph);
}
