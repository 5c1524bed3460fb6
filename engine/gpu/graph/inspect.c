// inspect.c: reading the compiled graph: figures, passes, barriers, places, times.
#include "graph_internal.h"

static v_status check(const v_graph *graph, const void *out, const char *call)
{
    if (graph == NULL || out == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "%s: %s is null", call, graph == NULL ? "graph" : "the result");
    }
    if (!graph->compiled_current) {
        return v_fail(V_ERROR_STATE, "%s: graph \"%s\" is not compiled; call v_graph_compile", call, graph->name);
    }
    return V_OK;
}

static v_status check_index(uint32_t index, uint32_t count, const char *call)
{
    return index < count ? V_OK : v_fail(V_ERROR_NOT_FOUND, "%s: index %u of %u", call, index, count);
}

v_graph_stats v_graph_get_stats(const v_graph *graph)
{
    v_graph_stats stats = { 0 };
    if (graph == NULL) {
        return stats;
    }
    stats.compiles = graph->compiles;
    stats.cache_hits = graph->cache_hits;
    stats.compile_ns = graph->compile_ns;
    if (!graph->compiled_current) {
        return stats;
    }
    const graph_compiled *c = &graph->compiled;
    stats.passes = graph->pass_count;
    stats.culled_passes = graph->pass_count - c->order.count;
    stats.resources = graph->resources.count;
    for (uint32_t r = 0; r < graph->resources.count; r++) {
        stats.transients += graph->resources.items[r].imported ? 0 : 1;
    }
    stats.dependencies = c->edges.count;
    stats.barriers = c->barriers.count;
    stats.barrier_batches = c->batch_count;
    stats.transient_bytes = c->transient_bytes;
    stats.heap_bytes = c->heap_bytes;
    stats.max_live_bytes = c->max_live_bytes;
    return stats;
}

// The latest finished execution of the present shape.
static void find_times(const v_graph *graph, uint32_t order, v_graph_pass_info *info)
{
    uint64_t latest_cpu = 0, latest_gpu = 0;
    for (uint32_t i = 0; graph->gpu != NULL && i < GRAPH_FRAMES; i++) {
        const graph_times *times = &graph->times[i];
        if (times->frame == 0 || times->shape != graph->shape.low || order >= times->passes.count) {
            continue;
        }
        const graph_pass_times *pass = &times->passes.items[order];
        if (times->frame > latest_cpu) {
            latest_cpu = times->frame;
            info->cpu_ns = pass->cpu_ns;
        }
        uint64_t stamps[2];
        if (times->frame > latest_gpu && pass->first_slot != GRAPH_NONE &&
            v_gpu_read_timestamps(graph->gpu, times->frame, pass->first_slot, 2, stamps) == V_OK) {
            latest_gpu = times->frame;
            info->gpu_ns = stamps[1] - stamps[0];
        }
    }
}

v_status v_graph_get_pass(const v_graph *graph, uint32_t order, v_graph_pass_info *out_info)
{
    V_TRY(check(graph, out_info, "v_graph_get_pass"));
    const graph_compiled *c = &graph->compiled;
    V_TRY(check_index(order, c->order.count, "v_graph_get_pass"));
    const v_pass *pass = graph->passes.items[c->order.items[order]];
    *out_info =
        (v_graph_pass_info){ .name = pass->name,
                             .kind = pass->kind,
                             .first_barrier = c->barrier_first.items[order],
                             .barrier_count = c->barrier_first.items[order + 1] - c->barrier_first.items[order] };
    find_times(graph, order, out_info);
    return V_OK;
}

v_status v_graph_get_barrier(const v_graph *graph, uint32_t index, v_graph_barrier *out_barrier)
{
    V_TRY(check(graph, out_barrier, "v_graph_get_barrier"));
    const graph_compiled *c = &graph->compiled;
    V_TRY(check_index(index, c->barriers.count, "v_graph_get_barrier"));
    const graph_barrier *b = &c->barriers.items[index];
    *out_barrier = (v_graph_barrier){
        .resource = graph->resources.items[b->resource].name,
        .pass = b->position < c->order.count ? graph_pass_name(graph, c->order.items[b->position]) : NULL,
        .from = b->from,
        .to = b->to,
        .from_stages = b->from_stages,
        .from_access = b->from_access,
        .to_stages = b->to_stages,
        .to_access = b->to_access,
        .from_layout = b->from_layout,
        .to_layout = b->to_layout,
        .part = b->part,
        .aliasing = b->aliasing,
    };
    return V_OK;
}

v_status v_graph_get_resource(const v_graph *graph, uint32_t index, v_graph_resource_info *out_info)
{
    V_TRY(check(graph, out_info, "v_graph_get_resource"));
    const graph_compiled *c = &graph->compiled;
    V_TRY(check_index(index, graph->resources.count, "v_graph_get_resource"));
    const graph_resource *r = &graph->resources.items[index];
    const graph_lifetime *life = &c->lifetimes.items[index];
    *out_info = (v_graph_resource_info){ .name = r->name,
                                         .imported = r->imported,
                                         .texture = r->texture,
                                         .used = life->first != GRAPH_NONE,
                                         .first_pass = life->first,
                                         .last_pass = life->last,
                                         .offset_bytes = c->places.items[index].offset_bytes,
                                         .size_bytes = c->places.items[index].size_bytes };
    return V_OK;
}

static v_status find_ops(const v_graph *graph, uint32_t order, bool depth, uint32_t slot, const char *call,
                         v_graph_attachment_info *out_info)
{
    V_TRY(check(graph, out_info, call));
    const graph_compiled *c = &graph->compiled;
    V_TRY(check_index(order, c->order.count, call));
    uint32_t pass = c->order.items[order];
    for (uint32_t i = c->pass_first.items[pass]; i < c->pass_first.items[pass + 1]; i++) {
        uint32_t index = c->pass_accesses.items[i];
        const graph_access *a = &graph->accesses.items[index];
        if (depth ? a->depth_attachment : a->color_slot == slot) {
            *out_info = (v_graph_attachment_info){ c->ops.items[index].load, c->ops.items[index].store };
            return V_OK;
        }
    }
    return v_fail(V_ERROR_NOT_FOUND, "%s: pass \"%s\" has no such attachment", call, graph_pass_name(graph, pass));
}

v_status v_graph_get_color(const v_graph *graph, uint32_t order, uint32_t slot, v_graph_attachment_info *out_info)
{
    if (slot >= V_MAX_COLORS) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_graph_get_color: slot is %u", slot);
    }
    return find_ops(graph, order, false, slot, "v_graph_get_color", out_info);
}

v_status v_graph_get_depth(const v_graph *graph, uint32_t order, v_graph_attachment_info *out_info)
{
    return find_ops(graph, order, true, 0, "v_graph_get_depth", out_info);
}
