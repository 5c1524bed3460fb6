// placement.c: transients whose lifetimes do not meet share bytes of a heap: greedy by size, lowest free offset first.
#include "graph_internal.h"

static bool is_placed(const v_graph *graph, uint32_t r)
{
    return !graph->resources.items[r].imported && graph->compiled.lifetimes.items[r].first != GRAPH_NONE;
}

static bool lifetimes_meet(const v_graph *graph, uint32_t a, uint32_t b)
{
    const graph_lifetime *x = &graph->compiled.lifetimes.items[a], *y = &graph->compiled.lifetimes.items[b];
    return graph->no_aliasing || (x->first <= y->last && y->first <= x->last);
}

static uint32_t find_heap(graph_compiled *c, uint64_t key)
{
    uint32_t heap = 0;
    while (heap < c->heaps.count && c->heaps.items[heap].key != key) {
        heap++;
    }
    return heap;
}

static v_status measure_all(v_graph *graph)
{
    graph_compiled *c = &graph->compiled;
    c->places.count = 0;
    c->heaps.count = 0;
    c->transient_bytes = 0;
    V_TRY(V_ARRAY_RESERVE(&c->places, graph->allocator, graph->resources.count));
    c->places.count = graph->resources.count;
    for (uint32_t r = 0; r < graph->resources.count; r++) {
        graph_place *place = &c->places.items[r];
        *place = (graph_place){ 0 };
        if (!is_placed(graph, r)) {
            continue;
        }
        uint32_t type_bits = 0;
        V_TRY(graph_measure(graph, &graph->resources.items[r], place, &type_bits));
        place->heap = find_heap(c, place->heap_key);
        if (place->heap == c->heaps.count) {
            V_TRY(V_ARRAY_PUSH(&c->heaps, graph->allocator,
                               (graph_heap){ .key = place->heap_key, .align_bytes = 1, .type_bits = ~0u }));
        }
        graph_heap *heap = &c->heaps.items[place->heap];
        heap->type_bits &= type_bits;
        heap->align_bytes = place->align_bytes > heap->align_bytes ? place->align_bytes : heap->align_bytes;
        c->transient_bytes += place->size_bytes;
    }
    return V_OK;
}

// The placed ones by falling size; equal sizes in order of first use, then of declaration.
static v_status sort_by_size(v_graph *graph, uint32_t *out_count)
{
    graph_compiled *c = &graph->compiled;
    V_TRY(graph_indices_fill(&c->scratch[0], graph->allocator, graph->resources.count, 0));
    uint32_t *list = c->scratch[0].items, count = 0;
    for (uint32_t r = 0; r < graph->resources.count; r++) {
        if (!is_placed(graph, r)) {
            continue;
        }
        uint32_t at = count++;
        while (at > 0) {
            uint32_t other = list[at - 1];
            bool before = c->places.items[other].size_bytes > c->places.items[r].size_bytes ||
                          (c->places.items[other].size_bytes == c->places.items[r].size_bytes &&
                           c->lifetimes.items[other].first <= c->lifetimes.items[r].first);
            if (before) {
                break;
            }
            list[at] = other;
            at--;
        }
        list[at] = r;
    }
    *out_count = count;
    return V_OK;
}

// The lowest aligned offset at which `r` meets none of `busy`, which is sorted by offset.
static uint64_t lowest_offset(const v_graph *graph, uint32_t r, const uint32_t *busy, uint32_t busy_count)
{
    const graph_place *place = &graph->compiled.places.items[r];
    uint64_t offset = 0;
    for (uint32_t i = 0; i < busy_count; i++) {
        const graph_place *other = &graph->compiled.places.items[busy[i]];
        if (offset + place->size_bytes <= other->offset_bytes) {
            break;
        }
        uint64_t end = other->offset_bytes + other->size_bytes;
        if (end > offset) {
            offset = (end + place->align_bytes - 1) / place->align_bytes * place->align_bytes;
        }
    }
    return offset;
}

static void mark_aliases(v_graph *graph, const uint32_t *list, uint32_t count)
{
    graph_place *places = graph->compiled.places.items;
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < i; k++) {
            graph_place *a = &places[list[i]], *b = &places[list[k]];
            if (a->heap == b->heap && a->offset_bytes < b->offset_bytes + b->size_bytes &&
                b->offset_bytes < a->offset_bytes + a->size_bytes) {
                a->aliased = b->aliased = true;
            }
        }
    }
}

static void sum_up(v_graph *graph)
{
    graph_compiled *c = &graph->compiled;
    c->heap_bytes = 0;
    c->max_live_bytes = 0;
    for (uint32_t h = 0; h < c->heaps.count; h++) {
        c->heap_bytes += c->heaps.items[h].size_bytes;
    }
    for (uint32_t position = 0; position < c->order.count; position++) {
        uint64_t live = 0;
        for (uint32_t r = 0; r < graph->resources.count; r++) {
            const graph_lifetime *life = &c->lifetimes.items[r];
            live += is_placed(graph, r) && life->first <= position && position <= life->last
                        ? c->places.items[r].size_bytes
                        : 0;
        }
        c->max_live_bytes = live > c->max_live_bytes ? live : c->max_live_bytes;
    }
}

v_status graph_place_transients(v_graph *graph)
{
    graph_compiled *c = &graph->compiled;
    uint32_t count = 0;
    V_TRY(measure_all(graph));
    V_TRY(sort_by_size(graph, &count));
    V_TRY(graph_indices_fill(&c->scratch[1], graph->allocator, count, 0));
    const uint32_t *list = c->scratch[0].items;
    uint32_t *busy = c->scratch[1].items;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t r = list[i], busy_count = 0;
        graph_place *place = &c->places.items[r];
        for (uint32_t k = 0; k < i; k++) {
            uint32_t other = list[k];
            if (c->places.items[other].heap != place->heap || !lifetimes_meet(graph, r, other)) {
                continue;
            }
            uint32_t at = busy_count++;
            while (at > 0 && c->places.items[busy[at - 1]].offset_bytes > c->places.items[other].offset_bytes) {
                busy[at] = busy[at - 1];
                at--;
            }
            busy[at] = other;
        }
        place->offset_bytes = lowest_offset(graph, r, busy, busy_count);
        graph_heap *heap = &c->heaps.items[place->heap];
        uint64_t end = place->offset_bytes + place->size_bytes;
        heap->size_bytes = end > heap->size_bytes ? end : heap->size_bytes;
    }
    mark_aliases(graph, list, count);
    sum_up(graph);
    return V_OK;
}
