// barriers.c: which barriers stand before which pass, from a walk over every subresource's uses in execution order.
//
// Rules (Vulkan 1.3, chapter 7): a read after a write waits for the write and sees its memory; a write after reads
// waits for the reads and flushes nothing; a write after a write waits and flushes; a change of layout counts as a
// write. Consecutive reads in one layout share the barrier of the first of them.
#include "graph_internal.h"

#define WRITE_ACCESS                                                                                                   \
    (VK_ACCESS_2_SHADER_STORAGE_WRITE_BIT | VK_ACCESS_2_COLOR_ATTACHMENT_WRITE_BIT |                                   \
     VK_ACCESS_2_DEPTH_STENCIL_ATTACHMENT_WRITE_BIT | VK_ACCESS_2_TRANSFER_WRITE_BIT | VK_ACCESS_2_HOST_WRITE_BIT)

/// All uses of one subresource in one pass.
typedef struct use {
    uint32_t position;
    uint64_t stages, access, usages;
    int32_t layout;
    v_usage usage; ///< One of them, for people.
    bool write;
} use;

static bool covers(const graph_access *a, uint32_t mip, uint32_t layer)
{
    return mip >= a->part.mip && mip - a->part.mip < a->part.mip_count && layer >= a->part.layer &&
           layer - a->part.layer < a->part.layer_count;
}

static use use_of(v_usage usage, const graph_resource *r, uint32_t position)
{
    const gpu_usage *row = gpu_usage_get(usage);
    return (use){ .position = position,
                  .stages = row->stages,
                  .access = row->access,
                  .usages = 1ull << usage,
                  .layout = r->texture ? (int32_t)gpu_usage_layout(usage, r->format) : 0,
                  .usage = usage,
                  .write = row->write };
}

static v_status conflict(const v_graph *graph, const graph_access *a, v_usage other)
{
    const graph_resource *r = &graph->resources.items[a->resource];
    return v_fail(V_ERROR_INVALID_ARGUMENT, "pass \"%s\" uses %s \"%s\" as %s and as %s at the same time",
                  graph_pass_name(graph, a->pass), r->texture ? "texture" : "buffer", r->name, v_usage_name(other),
                  v_usage_name(a->usage));
}

// The next merged use of (mip, layer) of resource r at or after list index *at, which moves past it. False at the end.
static v_status next_use(const v_graph *graph, uint32_t r, uint32_t mip, uint32_t layer, uint32_t *at, use *out,
                         bool *out_found)
{
    const graph_compiled *c = &graph->compiled;
    const graph_resource *resource = &graph->resources.items[r];
    *out_found = false;
    for (; *at < c->resource_first.items[r + 1]; (*at)++) {
        const graph_access *a = &graph->accesses.items[c->resource_accesses.items[*at]];
        uint32_t position = c->position.items[a->pass];
        if (!covers(a, mip, layer)) {
            continue;
        }
        use one = use_of(a->usage, resource, position);
        if (!*out_found) {
            *out = one;
            *out_found = true;
            continue;
        }
        if (position != out->position) {
            return V_OK;
        }
        if (one.layout != out->layout) {
            return conflict(graph, a, out->usage);
        }
        out->stages |= one.stages;
        out->access |= one.access;
        out->usages |= one.usages;
        out->usage = one.write && !out->write ? one.usage : out->usage;
        out->write = out->write || one.write;
    }
    // The state in which the outside wants it comes after the last pass.
    if (!*out_found && *at == c->resource_first.items[r + 1]) {
        (*at)++;
        if (resource->final_usage != V_USAGE_NONE) {
            *out = use_of(resource->final_usage, resource, c->order.count);
            *out_found = true;
        }
    }
    return V_OK;
}

static v_status emit(v_graph *graph, uint32_t r, const gpu_resource_state *state, const use *u, uint32_t mip,
                     uint32_t layer, bool aliasing)
{
    // Readers have waited for the writer already, and their barrier flushed it.
    uint64_t from_stages = state->read_stages != 0 ? state->read_stages : state->write_stages;
    uint64_t from_access = state->read_stages != 0 ? 0 : state->write_access;
    if (!u->write && state->layout == u->layout) {
        from_stages = state->write_stages;
        from_access = state->write_access;
    }
    return V_ARRAY_PUSH(&graph->compiled.scratch_barriers, graph->allocator,
                        (graph_barrier){ .resource = r,
                                         .position = u->position,
                                         .from = state->usage,
                                         .to = u->usage,
                                         .from_stages = from_stages,
                                         .from_access = from_access,
                                         .to_stages = u->stages,
                                         .to_access = u->access,
                                         .from_layout = state->layout,
                                         .to_layout = u->layout,
                                         .part = { mip, 1, layer, 1 },
                                         .aliasing = aliasing });
}

static bool needs_barrier(const gpu_resource_state *state, const use *u)
{
    if (state->layout != u->layout) {
        return true;
    }
    if (u->write) {
        return (state->write_stages | state->read_stages) != 0;
    }
    return state->write_stages != 0 && (u->usages & ~state->visible_usages) != 0;
}

static void advance(gpu_resource_state *state, const use *u, bool barrier)
{
    bool moved = state->layout != u->layout;
    if (u->write) {
        *state = (gpu_resource_state){ .write_stages = u->stages, .write_access = u->access & WRITE_ACCESS };
    } else if (moved) {
        // The transition is the latest write; its memory is visible to these usages.
        *state =
            (gpu_resource_state){ .write_stages = u->stages, .read_stages = u->stages, .visible_usages = u->usages };
    } else {
        state->read_stages |= u->stages;
        state->visible_usages |= barrier ? u->usages : 0;
    }
    state->layout = u->layout;
    state->usage = u->usage;
}

// Walk one subresource. `state` enters as found before the graph and leaves as after it.
static v_status walk(v_graph *graph, uint32_t r, uint32_t mip, uint32_t layer, gpu_resource_state *state)
{
    bool aliasing = graph->compiled.places.items[r].aliased, first = true;
    uint32_t at = graph->compiled.resource_first.items[r];
    use u, next;
    bool found, more;
    V_TRY(next_use(graph, r, mip, layer, &at, &u, &found));
    while (found) {
        V_TRY(next_use(graph, r, mip, layer, &at, &next, &more));
        while (more && !u.write && !next.write && next.layout == u.layout) {
            u.stages |= next.stages;
            u.access |= next.access;
            u.usages |= next.usages;
            V_TRY(next_use(graph, r, mip, layer, &at, &next, &more));
        }
        bool barrier = needs_barrier(state, &u);
        if (barrier) {
            V_TRY(emit(graph, r, state, &u, mip, layer, aliasing && first));
        }
        advance(state, &u, barrier);
        first = false;
        u = next;
        found = more;
    }
    return V_OK;
}

static bool same_but_part(const graph_barrier *a, const graph_barrier *b)
{
    return a->position == b->position && a->from_stages == b->from_stages && a->from_access == b->from_access &&
           a->to_stages == b->to_stages && a->to_access == b->to_access && a->from_layout == b->from_layout &&
           a->to_layout == b->to_layout && a->aliasing == b->aliasing;
}

// Join the single-subresource barriers of one resource, from index `begin`, into ranges. They come layer by layer with
// rising mips.
static void merge_parts(v_graph *graph, uint32_t begin)
{
    graph_barrier *list = graph->compiled.scratch_barriers.items;
    uint32_t *count = &graph->compiled.scratch_barriers.count;
    for (int axis = 0; axis < 2; axis++) {
        uint32_t kept = begin;
        for (uint32_t i = begin; i < *count; i++) {
            uint32_t k = kept;
            bool joined = false;
            while (k > begin && !joined) {
                graph_barrier *a = &list[--k];
                const graph_barrier *b = &list[i];
                bool mips = axis == 0 && a->part.layer == b->part.layer && a->part.layer_count == b->part.layer_count &&
                            a->part.mip + a->part.mip_count == b->part.mip;
                bool layers = axis == 1 && a->part.mip == b->part.mip && a->part.mip_count == b->part.mip_count &&
                              a->part.layer + a->part.layer_count == b->part.layer;
                if ((mips || layers) && same_but_part(a, b)) {
                    a->part.mip_count += mips ? b->part.mip_count : 0;
                    a->part.layer_count += layers ? b->part.layer_count : 0;
                    joined = true;
                }
            }
            if (!joined) {
                list[kept++] = list[i];
            }
        }
        *count = kept;
    }
}

// What a transient finds in its memory: whoever held these bytes last, in this execution or the one before.
static gpu_resource_state state_of_memory(const v_graph *graph, uint32_t r)
{
    const graph_compiled *c = &graph->compiled;
    const graph_place *place = &c->places.items[r];
    gpu_resource_state state = { .layout = VK_IMAGE_LAYOUT_UNDEFINED };
    for (uint32_t other = 0; other < graph->resources.count; other++) {
        const graph_place *q = &c->places.items[other];
        bool shares = !graph->resources.items[other].imported && q->size_bytes > 0 && q->heap == place->heap &&
                      q->offset_bytes < place->offset_bytes + place->size_bytes &&
                      place->offset_bytes < q->offset_bytes + q->size_bytes;
        if (!shares) {
            continue;
        }
        for (uint32_t i = c->resource_first.items[other]; i < c->resource_first.items[other + 1]; i++) {
            const gpu_usage *row = gpu_usage_get(graph->accesses.items[c->resource_accesses.items[i]].usage);
            state.write_stages |= row->stages;
            state.write_access |= row->access & WRITE_ACCESS;
        }
    }
    return state;
}

static bool all_whole(const v_graph *graph, uint32_t r)
{
    const graph_compiled *c = &graph->compiled;
    const graph_resource *resource = &graph->resources.items[r];
    for (uint32_t i = c->resource_first.items[r]; i < c->resource_first.items[r + 1]; i++) {
        const v_subresource *part = &graph->accesses.items[c->resource_accesses.items[i]].part;
        if (part->mip_count != resource->mip_count || part->layer_count != resource->layer_count) {
            return false;
        }
    }
    return true;
}

// An import's parts may end up in different states; the device remembers one, so bring them together.
static v_status unify(v_graph *graph, uint32_t r, gpu_resource_state *states, uint32_t count)
{
    const graph_resource *resource = &graph->resources.items[r];
    bool uniform = true;
    for (uint32_t s = 1; s < count; s++) {
        uniform = uniform && states[s].layout == states[0].layout;
    }
    if (!uniform && resource->imported) {
        // To where its last use left its part; other parts may never have been used.
        uint32_t last = graph->compiled.resource_accesses.items[graph->compiled.resource_first.items[r + 1] - 1];
        use u = use_of(graph->accesses.items[last].usage, resource, graph->compiled.order.count);
        u.write = false;
        for (uint32_t s = 0; s < count; s++) {
            if (states[s].layout != u.layout) {
                V_TRY(emit(graph, r, &states[s], &u, s % resource->mip_count, s / resource->mip_count, false));
                advance(&states[s], &u, true);
            }
        }
    }
    for (uint32_t s = 1; s < count; s++) {
        states[0].write_stages |= states[s].write_stages;
        states[0].write_access |= states[s].write_access;
        states[0].read_stages |= states[s].read_stages;
        states[0].visible_usages &= states[s].visible_usages;
        states[0].layout = states[s].layout;
    }
    // With some parts read and others only written, waiting for the reads would miss the writes.
    states[0].read_stages |= count > 1 ? states[0].write_stages : 0;
    return V_OK;
}

static v_status walk_resource(v_graph *graph, uint32_t r)
{
    graph_compiled *c = &graph->compiled;
    const graph_resource *resource = &graph->resources.items[r];
    gpu_resource_state initial = resource->imported ? resource->initial : state_of_memory(graph, r);
    uint32_t begin = c->scratch_barriers.count;
    c->finals.items[r] = initial;
    if (all_whole(graph, r)) {
        V_TRY(walk(graph, r, 0, 0, &c->finals.items[r]));
        for (uint32_t i = begin; i < c->scratch_barriers.count; i++) {
            c->scratch_barriers.items[i].part = (v_subresource){ 0, resource->mip_count, 0, resource->layer_count };
        }
        return V_OK;
    }
    uint32_t count = resource->mip_count * resource->layer_count;
    c->states.count = 0;
    V_TRY(V_ARRAY_RESERVE(&c->states, graph->allocator, count));
    for (uint32_t s = 0; s < count; s++) {
        c->states.items[s] = initial;
        V_TRY(walk(graph, r, s % resource->mip_count, s / resource->mip_count, &c->states.items[s]));
    }
    V_TRY(unify(graph, r, c->states.items, count));
    c->finals.items[r] = c->states.items[0];
    merge_parts(graph, begin);
    return V_OK;
}

v_status graph_build_barriers(v_graph *graph)
{
    graph_compiled *c = &graph->compiled;
    c->scratch_barriers.count = 0;
    c->finals.count = 0;
    V_TRY(V_ARRAY_RESERVE(&c->finals, graph->allocator, graph->resources.count));
    c->finals.count = graph->resources.count;
    for (uint32_t r = 0; r < graph->resources.count; r++) {
        V_TRY(walk_resource(graph, r));
    }
    // Counting sort by position; within one, resources keep their order.
    uint32_t slots = c->order.count + 1;
    V_TRY(graph_indices_fill(&c->barrier_first, graph->allocator, slots + 1, 0));
    V_TRY(graph_indices_fill(&c->scratch[0], graph->allocator, slots, 0));
    c->barriers.count = 0;
    V_TRY(V_ARRAY_RESERVE(&c->barriers, graph->allocator, c->scratch_barriers.count));
    c->barriers.count = c->scratch_barriers.count;
    for (uint32_t i = 0; i < c->scratch_barriers.count; i++) {
        c->barrier_first.items[c->scratch_barriers.items[i].position + 1]++;
    }
    c->batch_count = 0;
    for (uint32_t p = 0; p < slots; p++) {
        c->batch_count += c->barrier_first.items[p + 1] > 0 ? 1 : 0;
        c->barrier_first.items[p + 1] += c->barrier_first.items[p];
    }
    for (uint32_t i = 0; i < c->scratch_barriers.count; i++) {
        uint32_t position = c->scratch_barriers.items[i].position;
        c->barriers.items[c->barrier_first.items[position] + c->scratch[0].items[position]++] =
            c->scratch_barriers.items[i];
    }
    return V_OK;
}
