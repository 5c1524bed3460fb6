// v/graph.h: the render graph: declare passes and what they read and write; order, barriers, load/store operations and
// transient memory follow (E11, first form). Floor 2.
//
//     v_graph_begin(graph);
//     v_graph_texture shadow = v_graph_create_texture(graph, &(v_graph_texture_desc){
//         .name = "shadow map", .format = V_FORMAT_D32_FLOAT, .width_px = 2048, .height_px = 2048 });
//     v_graph_texture target = v_graph_import_texture(graph, &(v_graph_import){ .name = "target", .texture = image });
//     v_pass *pass = v_graph_add_pass(graph, V_PASS_GRAPHICS, "shadow");
//     shadow = v_pass_depth(pass, shadow, &(v_attachment){ .load = V_LOAD_CLEAR });
//     v_pass_execute(pass, draw_shadow_casters, renderer);
//     pass = v_graph_add_pass(graph, V_PASS_GRAPHICS, "lighting");
//     v_pass_read(pass, shadow, V_USAGE_SAMPLED_FRAGMENT);
//     target = v_pass_color(pass, 0, target, &(v_attachment){ .load = V_LOAD_CLEAR });
//     v_pass_execute(pass, draw_lit_meshes, renderer);
//     v_graph_compile(graph);                                      // the one place where errors come out
//     v_graph_execute(graph, cmd);
//
// A handle names one version of a resource: every write returns the next version, and a read of that handle happens
// after that write and before the next one, in whatever order the passes were added. Writing the same version in two
// passes is an error (their order would be undefined), reading a version that nobody wrote is one, and so is a cycle;
// the message names pass and resource. Builder calls never fail on their own: the first error is kept for
// v_graph_compile.
//
// A pass is kept when it has a side effect, writes an imported resource, or feeds a kept pass; the others are culled
// and logged. A declaration equal to the previous frame's is not compiled again. One thread at a time. Frostbite's
// frame graph (O'Donnell, GDC 2017) is the model; versions are from Filament and skaarj1989's FrameGraph.
#ifndef V_GRAPH_H
#define V_GRAPH_H

#include "v/gpu.h"

V_EXTERN_C_BEGIN

typedef struct v_graph v_graph;
typedef struct v_pass
    v_pass; ///< Borrowed from the graph until its next v_graph_begin; use in the declaration after is refused.

/// One version of a resource of one graph and one declaration. All zero is null.
typedef struct v_graph_texture {
    uint32_t index, version, epoch, graph;
} v_graph_texture;
typedef struct v_graph_buffer {
    uint32_t index, version, epoch, graph;
} v_graph_buffer;

typedef struct v_graph_desc {
    v_gpu *gpu; ///< Null: the graph can be declared, compiled and inspected but not executed.
    const v_allocator *allocator;
    v_log *log;       ///< Culled passes and compile summaries at DEBUG on channel "graph".
    const char *name; ///< For messages. Default "graph".
    bool no_aliasing; ///< Give every transient its own memory.
    bool no_culling;  ///< Keep every pass.
    bool no_cache;    ///< Compile every declaration.
} v_graph_desc;

V_API v_status v_graph_create(const v_graph_desc *desc, v_graph **out_graph);
/// Transient textures and buffers go with it (when the GPU has finished with them). Null is allowed.
V_API void v_graph_destroy(v_graph *graph);

// Declaration.
// -----------------------------------------------------------------------------------------------------------

/// Start a new declaration; handles and passes of the previous one become stale.
V_API void v_graph_begin(v_graph *graph);

/// A texture that lives inside this graph only. How it may be used follows from the passes.
typedef struct v_graph_texture_desc {
    const char *name; ///< Copied.
    v_format format;
    uint32_t width_px, height_px;
    uint32_t mip_count;   ///< Default 1; V_MIPS_ALL.
    uint32_t layer_count; ///< Default 1.
    bool array;           ///< Shaders see an array even when layer_count is 1.
} v_graph_texture_desc;

typedef struct v_graph_buffer_desc {
    const char *name;
    uint64_t size_bytes;
} v_graph_buffer_desc;

/// A resource from outside. It keeps its contents between frames; the device remembers how it was used last, so a
/// history buffer is just imported again.
typedef struct v_graph_import {
    const char *name;
    v_gpu_texture texture; ///< For v_graph_import_texture.
    v_gpu_buffer buffer;   ///< For v_graph_import_buffer.
    v_usage
        final_usage;  ///< Leave it ready for this; NONE: as its last pass used it. A window's image: V_USAGE_PRESENT.
    bool no_contents; ///< What is in it may be thrown away (a window's image).
    // Only for a graph without a device, where the ids cannot be looked up:
    v_format format;
    uint32_t width_px, height_px, mip_count, layer_count;
    uint64_t size_bytes;
    v_usage initial_usage; ///< How it was used before; NONE: undefined contents.
} v_graph_import;

/// These return version 0: nothing has been written (created) or what the outside wrote (imported).
V_API v_graph_texture v_graph_create_texture(v_graph *graph, const v_graph_texture_desc *desc);
V_API v_graph_buffer v_graph_create_buffer(v_graph *graph, const v_graph_buffer_desc *desc);
V_API v_graph_texture v_graph_import_texture(v_graph *graph, const v_graph_import *import);
V_API v_graph_buffer v_graph_import_buffer(v_graph *graph, const v_graph_import *import);

typedef enum v_pass_kind { V_PASS_GRAPHICS = 0, V_PASS_COMPUTE, V_PASS_TRANSFER } v_pass_kind;

/// Never null for a valid graph.
V_API v_pass *v_graph_add_pass(v_graph *graph, v_pass_kind kind, const char *name);

/// Mips and layers of a texture. Counts 0: all from the first on. All zero: the whole texture.
typedef struct v_subresource {
    uint32_t mip, mip_count, layer, layer_count;
} v_subresource;

V_API void v_pass_read(v_pass *pass, v_graph_texture texture, v_usage usage);
V_API void v_pass_read_part(v_pass *pass, v_graph_texture texture, v_usage usage, v_subresource part);
V_API void v_pass_read_buffer(v_pass *pass, v_graph_buffer buffer, v_usage usage);
/// Writes keep what is already there (a transient's first version has nothing). Return the next version.
V_API v_graph_texture v_pass_write(v_pass *pass, v_graph_texture texture, v_usage usage);
V_API v_graph_texture v_pass_write_part(v_pass *pass, v_graph_texture texture, v_usage usage, v_subresource part);
V_API v_graph_buffer v_pass_write_buffer(v_pass *pass, v_graph_buffer buffer, v_usage usage);

typedef enum v_load {
    V_LOAD_AUTO = 0, ///< Keep when there is something to keep, else throw away.
    V_LOAD_KEEP,
    V_LOAD_CLEAR,
    V_LOAD_DISCARD
} v_load;

typedef struct v_attachment {
    v_load load;
    float clear_color[4];
    float clear_depth; ///< 0 is far (reversed z).
    uint32_t mip, layer;
} v_attachment;

/// Draw into the texture as colour attachment `slot`. `attachment` null: all defaults. Returns the next version.
V_API v_graph_texture v_pass_color(v_pass *pass, uint32_t slot, v_graph_texture texture,
                                   const v_attachment *attachment);
/// Depth test and write.
V_API v_graph_texture v_pass_depth(v_pass *pass, v_graph_texture texture, const v_attachment *attachment);
/// Depth test without write; the texture may be sampled in the same pass.
V_API void v_pass_depth_read(v_pass *pass, v_graph_texture texture, uint32_t mip, uint32_t layer);
/// Keep this pass although nothing in the graph reads what it writes.
V_API void v_pass_side_effect(v_pass *pass);

typedef struct v_pass_context {
    v_graph *graph;
    v_gpu *gpu;
    v_cmd *cmd;
    const char *pass_name;
    uint32_t width_px, height_px; ///< Of the attachments; 0 without.
} v_pass_context;

/// What the pass records. Every kept pass needs one. Called by v_graph_execute, in compiled order.
V_API void v_pass_execute(v_pass *pass, void (*execute)(const v_pass_context *context, void *user), void *user);

/// Inside a callback: the real resource behind a handle of this declaration (any version). Null id when it is stale.
V_API v_gpu_texture v_pass_get_texture(const v_pass_context *context, v_graph_texture texture);
V_API v_gpu_buffer v_pass_get_buffer(const v_pass_context *context, v_graph_buffer buffer);

// Compile and execute.
// ---------------------------------------------------------------------------------------------------

/// Check the declaration, order it, cull it, find lifetimes, barriers and memory. The message of an error names pass
/// and resource. A declaration that equals the previous one costs a hash.
V_API v_status v_graph_compile(v_graph *graph);
/// Record the compiled graph into a frame. The same compiled graph may be executed in several frames.
V_API v_status v_graph_execute(v_graph *graph, v_cmd *cmd);

// Inspection of the compiled graph.
// --------------------------------------------------------------------------------------

typedef struct v_graph_stats {
    uint32_t passes, culled_passes, resources, transients;
    uint32_t dependencies;
    uint32_t barriers, barrier_batches; ///< Single barriers, and vkCmdPipelineBarrier2 calls.
    uint64_t transient_bytes;           ///< Sum over the transients.
    uint64_t heap_bytes;                ///< What aliasing needs.
    uint64_t max_live_bytes;            ///< The lower bound for this order.
    uint64_t compiles, cache_hits;
    uint64_t compile_ns; ///< Of the latest compile that was not a hit.
} v_graph_stats;
V_API v_graph_stats v_graph_get_stats(const v_graph *graph);

/// Passes in execution order, 0 .. passes - culled_passes - 1. Names are borrowed until the next v_graph_begin.
typedef struct v_graph_pass_info {
    const char *name;
    v_pass_kind kind;
    uint32_t first_barrier, barrier_count; ///< Into v_graph_get_barrier.
    uint64_t gpu_ns;                       ///< Of the latest finished execution; 0 without timestamps.
    uint64_t cpu_ns;                       ///< Recording it, latest execution.
} v_graph_pass_info;
V_API v_status v_graph_get_pass(const v_graph *graph, uint32_t order, v_graph_pass_info *out_info);

/// One compiled barrier in the terms of VkImageMemoryBarrier2 and VkBufferMemoryBarrier2 (their bit values).
typedef struct v_graph_barrier {
    const char *resource;
    const char *pass; ///< It is done before this pass; null: after the last one.
    v_usage from, to;
    uint64_t from_stages, from_access, to_stages, to_access;
    int32_t from_layout, to_layout; ///< VkImageLayout; equal for buffers.
    v_subresource part;
    bool aliasing; ///< Takes memory over from another transient.
} v_graph_barrier;
V_API v_status v_graph_get_barrier(const v_graph *graph, uint32_t index, v_graph_barrier *out_barrier);

/// A transient's or import's lifetime and place.
typedef struct v_graph_resource_info {
    const char *name;
    bool imported, texture, used;
    uint32_t first_pass, last_pass;    ///< Execution order; meaningless when not used.
    uint64_t offset_bytes, size_bytes; ///< In the heap of its kind; 0 for imports.
} v_graph_resource_info;
V_API v_status v_graph_get_resource(const v_graph *graph, uint32_t index, v_graph_resource_info *out_info);

/// The operations that were inferred for an attachment of a pass in execution order.
typedef struct v_graph_attachment_info {
    v_load load; ///< Never AUTO.
    bool store;
} v_graph_attachment_info;
V_API v_status v_graph_get_color(const v_graph *graph, uint32_t order, uint32_t slot,
                                 v_graph_attachment_info *out_info);
V_API v_status v_graph_get_depth(const v_graph *graph, uint32_t order, v_graph_attachment_info *out_info);

/// GraphViz text: passes, resources, versions, culled ones dashed, barriers on the edges. Free it with
/// v_free(allocator, text, strlen(text) + 1, 1), the allocator of the graph's descriptor.
V_API v_status v_graph_dot(const v_graph *graph, char **out_text);

V_EXTERN_C_END
#endif
