// graph_internal.h: the declaration of a render graph, its compiled form, and the phases that make one from the other.
//
// declare.c fills graph_declaration. compile.c runs the phases in the order in which they stand below; each reads the
// declaration and what earlier phases left in graph_compiled. Nothing here needs a device but execute.c and realize.c.
#ifndef V_GRAPH_INTERNAL_H
#define V_GRAPH_INTERNAL_H

#include "v/graph.h"

#include "v/hash.h"

#include "gpu_internal.h"
#include "gpu_usage.h"

#define GRAPH_NONE UINT32_MAX

enum { GRAPH_FRAMES = GPU_MAX_FRAMES };

typedef V_ARRAY(uint32_t) graph_indices;

/// What a pass does with (a part of) one version of a resource.
typedef struct graph_access {
    uint32_t pass, resource;
    uint32_t version; ///< Read, or written over; the write makes version + 1.
    v_usage usage;
    v_subresource part; ///< Counts filled in. Buffers: { 0, 1, 0, 1 }.
    bool write, depth_attachment;
    uint32_t color_slot; ///< GRAPH_NONE: no colour attachment.
    v_load load;         ///< As declared.
    float clear[4];      ///< Colour, or depth in the first.
} graph_access;

typedef struct graph_resource {
    char name[GPU_NAME_BYTES];
    bool imported, texture, array, no_contents;
    v_format format;
    uint32_t width_px, height_px, mip_count, layer_count;
    uint64_t size_bytes;
    uint32_t version_count;  ///< Versions 0 .. version_count - 1 exist.
    uint32_t writer;         ///< Pass that wrote the latest version, for messages.
    uint32_t creation_usage; ///< v_texture_usage or v_buffer_usage bits that the accesses need.
    v_usage final_usage;
    gpu_resource_state initial; ///< Of an import.
    v_gpu_texture import_texture;
    v_gpu_buffer import_buffer;
} graph_resource;

struct v_pass {
    v_graph *graph;
    uint32_t epoch, index;
    char name[GPU_NAME_BYTES];
    v_pass_kind kind;
    bool side_effect;
    void (*execute)(const v_pass_context *context, void *user);
    void *user;
};

typedef V_ARRAY(v_pass *) graph_pass_list;

typedef struct graph_edge {
    uint32_t from, to, resource;
    bool data; ///< `to` needs what `from` wrote; otherwise they only have to keep their order.
} graph_edge;

typedef struct graph_lifetime {
    uint32_t first, last; ///< Positions in the execution order; first is GRAPH_NONE when no kept pass uses it.
} graph_lifetime;

/// A transient's place. Heaps are numbered from 0 in the order of their first transient.
typedef struct graph_place {
    uint64_t offset_bytes, size_bytes, align_bytes;
    uint64_t heap_key; ///< Kind of resource and memory type; transients of one key share a heap.
    uint32_t heap;
    bool aliased; ///< Shares bytes with another transient.
} graph_place;

typedef struct graph_heap {
    uint64_t key, size_bytes, align_bytes;
    uint32_t type_bits;
} graph_heap;

typedef struct graph_barrier {
    uint32_t resource, position; ///< Position order_count: after the last pass.
    v_usage from, to;
    uint64_t from_stages, from_access, to_stages, to_access;
    int32_t from_layout, to_layout;
    v_subresource part;
    bool aliasing;
} graph_barrier;

typedef struct graph_ops {
    v_load load; ///< Inferred; never AUTO for an attachment.
    bool store;
} graph_ops;

typedef struct graph_compiled {
    // dependencies.c
    graph_indices pass_accesses; ///< Indices of accesses, grouped by pass.
    graph_indices pass_first;    ///< pass_count + 1 offsets into it.
    graph_indices version_base;  ///< Per resource: offset into producers.
    graph_indices producers;     ///< Per version: pass that wrote it, or GRAPH_NONE.
    V_ARRAY(graph_edge) edges;   ///< Grouped by `from`, no pair twice.
    graph_indices edge_first;    ///< pass_count + 1 offsets into edges.
    // sort.c
    graph_indices sorted; ///< All passes.
    // cull.c
    V_ARRAY(bool) kept;     ///< Per pass.
    graph_indices order;    ///< Kept passes in execution order.
    graph_indices position; ///< Per pass; GRAPH_NONE when culled.
    // lifetimes.c
    V_ARRAY(graph_lifetime) lifetimes; ///< Per resource.
    graph_indices resource_accesses;   ///< Accesses of kept passes grouped by resource, in execution order.
    graph_indices resource_first;      ///< resource_count + 1 offsets into it.
    // attachments.c
    V_ARRAY(graph_ops) ops; ///< Per access.
    // placement.c
    V_ARRAY(graph_place) places; ///< Per resource; imports are all zero.
    V_ARRAY(graph_heap) heaps;
    uint64_t transient_bytes, heap_bytes, max_live_bytes;
    // barriers.c
    V_ARRAY(graph_barrier) barriers;    ///< Sorted by position.
    graph_indices barrier_first;        ///< order_count + 2 offsets into it.
    V_ARRAY(gpu_resource_state) finals; ///< Per resource: its state after the graph.
    uint32_t batch_count;

    graph_indices scratch[4]; ///< For the phases' own use; nothing survives a phase.
    V_ARRAY(graph_barrier) scratch_barriers;
    V_ARRAY(gpu_resource_state) states;
} graph_compiled;

typedef struct graph_pass_times {
    uint32_t first_slot; ///< Timestamp slots first_slot and first_slot + 1; GRAPH_NONE: none.
    uint64_t cpu_ns;
} graph_pass_times;

typedef struct graph_times {
    uint64_t frame; ///< 0: empty.
    uint64_t shape; ///< Low half of the declaration's hash, so that times of another shape are not shown.
    V_ARRAY(graph_pass_times) passes;
} graph_times;

/// The real things behind transients.
typedef struct graph_physical {
    v_hash128 key;
    V_ARRAY(gpu_allocation) heaps;
    V_ARRAY(v_gpu_texture) textures; ///< Per resource; null for buffers, imports and unused ones.
    V_ARRAY(v_gpu_buffer) buffers;
} graph_physical;

struct v_graph {
    const v_allocator *allocator;
    v_gpu *gpu;
    v_log *log;
    char name[GPU_NAME_BYTES];
    bool no_aliasing, no_culling, no_cache;
    uint32_t tag, epoch;

    // The declaration.
    graph_pass_list passes;  ///< Kept and reused; pass_count of them are declared.
    graph_pass_list resting; ///< The previous declaration's: they rest for one, so that a late use is noticed.
    uint32_t pass_count;
    v_pass spare_pass; ///< Handed out when there is no memory for another; every call on it is refused.
    V_ARRAY(graph_resource) resources;
    V_ARRAY(graph_access) accesses;
    v_status error;
    char error_message[512];

    bool compiled_valid;   ///< `compiled` belongs to `shape`.
    bool compiled_current; ///< … and `shape` to the present declaration.
    v_hash128 shape;
    graph_indices key_words;
    graph_compiled compiled;
    graph_physical physical;
    graph_times times[GRAPH_FRAMES];
    uint64_t compiles, cache_hits, compile_ns;
};

// declare.c
/// Keep the declaration's first error.
void graph_reject(v_graph *graph, v_status status, const char *format, ...) V_PRINTF(3, 4);

// The phases.
v_status graph_find_dependencies(v_graph *graph);
v_status graph_sort_passes(v_graph *graph);
v_status graph_cull_passes(v_graph *graph);
v_status graph_find_lifetimes(v_graph *graph);
v_status graph_infer_attachments(v_graph *graph);
v_status graph_place_transients(v_graph *graph);
v_status graph_build_barriers(v_graph *graph);

// compile.c
void graph_compiled_destroy(graph_compiled *compiled, const v_allocator *allocator);
/// Grow to `count` items and set them all to `value`.
v_status graph_indices_fill(graph_indices *indices, const v_allocator *allocator, uint32_t count, uint32_t value);
const char *graph_pass_name(const v_graph *graph, uint32_t pass);

// realize.c
/// Bytes, alignment and heap of a transient: asked from the device, or estimated without one.
v_status graph_measure(const v_graph *graph, const graph_resource *resource, graph_place *out_place,
                       uint32_t *out_type_bits);
v_status graph_realize(v_graph *graph);
void graph_physical_release(v_graph *graph);
void graph_texture_desc(const graph_resource *resource, v_gpu_texture_desc *out_desc);

#endif
