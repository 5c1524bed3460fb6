// compile.c: the graph object, its key, and the phases in their order.
#include "graph_internal.h"

#include "v/thread.h"

#include <string.h>

v_status graph_indices_fill(graph_indices *indices, const v_allocator *allocator, uint32_t count, uint32_t value)
{
    V_TRY(V_ARRAY_RESERVE(indices, allocator, count));
    for (uint32_t i = 0; i < count; i++) {
        indices->items[i] = value;
    }
    indices->count = count;
    return V_OK;
}

const char *graph_pass_name(const v_graph *graph, uint32_t pass)
{
    return pass < graph->pass_count ? graph->passes.items[pass]->name : "nobody";
}

void graph_compiled_destroy(graph_compiled *c, const v_allocator *allocator)
{
    V_ARRAY_DESTROY(&c->pass_accesses, allocator);
    V_ARRAY_DESTROY(&c->pass_first, allocator);
    V_ARRAY_DESTROY(&c->version_base, allocator);
    V_ARRAY_DESTROY(&c->producers, allocator);
    V_ARRAY_DESTROY(&c->edges, allocator);
    V_ARRAY_DESTROY(&c->edge_first, allocator);
    V_ARRAY_DESTROY(&c->sorted, allocator);
    V_ARRAY_DESTROY(&c->kept, allocator);
    V_ARRAY_DESTROY(&c->order, allocator);
    V_ARRAY_DESTROY(&c->position, allocator);
    V_ARRAY_DESTROY(&c->lifetimes, allocator);
    V_ARRAY_DESTROY(&c->resource_accesses, allocator);
    V_ARRAY_DESTROY(&c->resource_first, allocator);
    V_ARRAY_DESTROY(&c->ops, allocator);
    V_ARRAY_DESTROY(&c->places, allocator);
    V_ARRAY_DESTROY(&c->heaps, allocator);
    V_ARRAY_DESTROY(&c->barriers, allocator);
    V_ARRAY_DESTROY(&c->barrier_first, allocator);
    V_ARRAY_DESTROY(&c->finals, allocator);
    V_ARRAY_DESTROY(&c->scratch_barriers, allocator);
    V_ARRAY_DESTROY(&c->states, allocator);
    for (size_t i = 0; i < V_COUNT_OF(c->scratch); i++) {
        V_ARRAY_DESTROY(&c->scratch[i], allocator);
    }
}

v_status v_graph_create(const v_graph_desc *desc, v_graph **out_graph)
{
    if (desc == NULL || out_graph == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_graph_create: %s is null", desc == NULL ? "desc" : "out_graph");
    }
    *out_graph = NULL;
    v_graph *graph = V_NEW(desc->allocator, v_graph);
    if (graph == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    graph->allocator = desc->allocator;
    graph->gpu = desc->gpu;
    graph->log = desc->log;
    graph->no_aliasing = desc->no_aliasing;
    graph->no_culling = desc->no_culling;
    graph->no_cache = desc->no_cache;
    gpu_copy_name(graph->name, desc->name, "graph");
    // Live graphs differ in address, so this tells their handles apart. It orders and decides nothing.
    uintptr_t address = (uintptr_t)graph;
    graph->tag = (uint32_t)v_hash64(&address, sizeof(address), 0) | 1u;
    *out_graph = graph;
    return V_OK;
}

void v_graph_destroy(v_graph *graph)
{
    if (graph == NULL) {
        return;
    }
    const v_allocator *allocator = graph->allocator;
    graph_physical_release(graph);
    V_ARRAY_DESTROY(&graph->physical.heaps, allocator);
    V_ARRAY_DESTROY(&graph->physical.textures, allocator);
    V_ARRAY_DESTROY(&graph->physical.buffers, allocator);
    graph_pass_list *lists[] = { &graph->passes, &graph->resting };
    for (size_t l = 0; l < V_COUNT_OF(lists); l++) {
        for (uint32_t i = 0; i < lists[l]->count; i++) {
            V_DELETE(allocator, lists[l]->items[i]);
        }
        V_ARRAY_DESTROY(lists[l], allocator);
    }
    for (uint32_t i = 0; i < GRAPH_FRAMES; i++) {
        V_ARRAY_DESTROY(&graph->times[i].passes, allocator);
    }
    V_ARRAY_DESTROY(&graph->resources, allocator);
    V_ARRAY_DESTROY(&graph->accesses, allocator);
    V_ARRAY_DESTROY(&graph->key_words, allocator);
    graph_compiled_destroy(&graph->compiled, allocator);
    V_DELETE(allocator, graph);
}

static v_status key_push(v_graph *graph, const uint32_t *words, uint32_t count)
{
    V_TRY(V_ARRAY_RESERVE(&graph->key_words, graph->allocator, graph->key_words.count + count));
    memcpy(graph->key_words.items + graph->key_words.count, words, count * sizeof(uint32_t));
    graph->key_words.count += count;
    return V_OK;
}

static uint32_t low(uint64_t value)
{
    return (uint32_t)value;
}

static uint32_t high(uint64_t value)
{
    return (uint32_t)(value >> 32);
}

// Everything that the compiled form depends on. Names, callbacks and clear values are not in it: they are taken from
// the present declaration when the graph is executed.
static v_status hash_declaration(v_graph *graph, v_hash128 *out_hash)
{
    graph->key_words.count = 0;
    for (uint32_t i = 0; i < graph->pass_count; i++) {
        const v_pass *p = graph->passes.items[i];
        const uint32_t words[] = { 0x70617373, (uint32_t)p->kind, p->side_effect, p->execute != NULL };
        V_TRY(key_push(graph, words, V_COUNT_OF(words)));
    }
    for (uint32_t i = 0; i < graph->resources.count; i++) {
        const graph_resource *r = &graph->resources.items[i];
        const gpu_resource_state *s = &r->initial;
        const uint32_t words[] = { 0x72657372,
                                   (uint32_t)r->imported | (uint32_t)r->texture << 1 | (uint32_t)r->array << 2 |
                                       (uint32_t)r->no_contents << 3,
                                   (uint32_t)r->format,
                                   r->width_px,
                                   r->height_px,
                                   r->mip_count,
                                   r->layer_count,
                                   low(r->size_bytes),
                                   high(r->size_bytes),
                                   r->version_count,
                                   r->creation_usage,
                                   (uint32_t)r->final_usage,
                                   low(s->write_stages),
                                   high(s->write_stages),
                                   low(s->write_access),
                                   high(s->write_access),
                                   low(s->read_stages),
                                   high(s->read_stages),
                                   low(s->visible_usages),
                                   high(s->visible_usages),
                                   (uint32_t)s->layout,
                                   (uint32_t)s->usage };
        V_TRY(key_push(graph, words, V_COUNT_OF(words)));
    }
    for (uint32_t i = 0; i < graph->accesses.count; i++) {
        const graph_access *a = &graph->accesses.items[i];
        const uint32_t words[] = { a->pass,     a->resource,         a->version,    (uint32_t)a->usage,
                                   a->part.mip, a->part.mip_count,   a->part.layer, a->part.layer_count,
                                   a->write,    a->depth_attachment, a->color_slot, (uint32_t)a->load };
        V_TRY(key_push(graph, words, V_COUNT_OF(words)));
    }
    *out_hash = v_hash_bytes(graph->key_words.items, graph->key_words.count * sizeof(uint32_t));
    return V_OK;
}

static v_status run_phases(v_graph *graph)
{
    V_TRY(graph_find_dependencies(graph));
    V_TRY(graph_sort_passes(graph));
    V_TRY(graph_cull_passes(graph));
    V_TRY(graph_find_lifetimes(graph));
    V_TRY(graph_infer_attachments(graph));
    V_TRY(graph_place_transients(graph));
    return graph_build_barriers(graph);
}

v_status v_graph_compile(v_graph *graph)
{
    if (graph == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_graph_compile: graph is null");
    }
    if (graph->epoch == 0) {
        return v_fail(V_ERROR_STATE, "v_graph_compile: call v_graph_begin and declare passes first");
    }
    if (graph->error != V_OK) {
        return v_fail(graph->error, "graph \"%s\": %s", graph->name, graph->error_message);
    }
    v_hash128 shape;
    V_TRY(hash_declaration(graph, &shape));
    if (graph->compiled_valid && !graph->no_cache && v_hash128_equal(shape, graph->shape)) {
        graph->cache_hits += 1;
        graph->compiled_current = true;
        return V_OK;
    }
    graph->compiled_valid = false;
    graph->compiled_current = false;
    uint64_t start_ns = v_clock_ns();
    V_TRY(run_phases(graph));
    graph->compile_ns = v_clock_ns() - start_ns;
    graph->compiles += 1;
    graph->shape = shape;
    graph->compiled_valid = true;
    graph->compiled_current = true;
    V_LOG_DEBUG(graph->log, "graph",
                "Compiled %s: %u of %u passes, %u barriers in %u batches, %llu of %llu transient bytes", graph->name,
                graph->compiled.order.count, graph->pass_count, graph->compiled.barriers.count,
                graph->compiled.batch_count, (unsigned long long)graph->compiled.heap_bytes,
                (unsigned long long)graph->compiled.transient_bytes);
    return V_OK;
}
