// attachments.c: load and store operations of attachments from what is there before and what is wanted after, and the
// checks that concern a pass's attachments together.
#include "graph_internal.h"

static uint32_t mip_edge(uint32_t edge, uint32_t mip)
{
    return edge >> mip > 0 ? edge >> mip : 1;
}

// All attachments of a pass cover the same pixels.
static v_status check_extents(const v_graph *graph, uint32_t pass)
{
    const graph_compiled *c = &graph->compiled;
    const graph_resource *first = NULL;
    uint32_t width = 0, height = 0;
    for (uint32_t i = c->pass_first.items[pass]; i < c->pass_first.items[pass + 1]; i++) {
        const graph_access *a = &graph->accesses.items[c->pass_accesses.items[i]];
        const graph_resource *r = &graph->resources.items[a->resource];
        if (a->color_slot == GRAPH_NONE && !a->depth_attachment) {
            continue;
        }
        uint32_t w = mip_edge(r->width_px, a->part.mip), h = mip_edge(r->height_px, a->part.mip);
        if (first != NULL && (w != width || h != height)) {
            return v_fail(V_ERROR_INVALID_ARGUMENT,
                          "pass \"%s\": attachments \"%s\" (%u×%u) and \"%s\" (%u×%u) differ in "
                          "size",
                          graph_pass_name(graph, pass), first->name, width, height, r->name, w, h);
        }
        first = r;
        width = w;
        height = h;
    }
    return V_OK;
}

static bool overlaps(const v_subresource *a, const v_subresource *b)
{
    return a->mip < b->mip + b->mip_count && b->mip < a->mip + a->mip_count && a->layer < b->layer + b->layer_count &&
           b->layer < a->layer + a->layer_count;
}

// Whether anything before `at` (in its resource's list) has written a part of what access `a` covers.
static bool written_before(const v_graph *graph, const graph_access *a, uint32_t at)
{
    const graph_compiled *c = &graph->compiled;
    for (uint32_t i = c->resource_first.items[a->resource]; i < at; i++) {
        const graph_access *other = &graph->accesses.items[c->resource_accesses.items[i]];
        if (other->write && overlaps(&other->part, &a->part)) {
            return true;
        }
    }
    return false;
}

// Whether anything after `at` uses what access `a` leaves, before it is thrown away.
static bool used_after(const v_graph *graph, const graph_access *a, uint32_t at)
{
    const graph_compiled *c = &graph->compiled;
    for (uint32_t i = at + 1; i < c->resource_first.items[a->resource + 1]; i++) {
        const graph_access *other = &graph->accesses.items[c->resource_accesses.items[i]];
        bool same = other->part.mip == a->part.mip && other->part.mip_count == a->part.mip_count &&
                    other->part.layer == a->part.layer && other->part.layer_count == a->part.layer_count;
        if (same && other->write && (other->load == V_LOAD_CLEAR || other->load == V_LOAD_DISCARD)) {
            return false;
        }
        if (overlaps(&other->part, &a->part)) {
            return true;
        }
    }
    return graph->resources.items[a->resource].imported;
}

v_status graph_infer_attachments(v_graph *graph)
{
    graph_compiled *c = &graph->compiled;
    c->ops.count = 0;
    V_TRY(V_ARRAY_RESERVE(&c->ops, graph->allocator, graph->accesses.count));
    c->ops.count = graph->accesses.count;
    for (uint32_t i = 0; i < graph->accesses.count; i++) {
        c->ops.items[i] = (graph_ops){ 0 };
    }
    for (uint32_t position = 0; position < c->order.count; position++) {
        V_TRY(check_extents(graph, c->order.items[position]));
    }
    for (uint32_t r = 0; r < graph->resources.count; r++) {
        const graph_resource *resource = &graph->resources.items[r];
        for (uint32_t i = c->resource_first.items[r]; i < c->resource_first.items[r + 1]; i++) {
            uint32_t index = c->resource_accesses.items[i];
            const graph_access *a = &graph->accesses.items[index];
            if (a->color_slot == GRAPH_NONE && !a->depth_attachment) {
                continue;
            }
            bool outside =
                resource->imported && !resource->no_contents && resource->initial.layout != VK_IMAGE_LAYOUT_UNDEFINED;
            bool has_contents = outside || written_before(graph, a, i);
            v_load inferred = has_contents ? V_LOAD_KEEP : V_LOAD_DISCARD;
            c->ops.items[index].load = a->load == V_LOAD_AUTO ? inferred : a->load;
            c->ops.items[index].store = used_after(graph, a, i);
        }
    }
    return V_OK;
}
