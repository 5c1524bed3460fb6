// Shared by the files that hold the renderer's GPU objects: renderer.c, pipelines.c and passes.c.
#ifndef RENDERER_INTERNAL_H
#define RENDERER_INTERNAL_H

#include "render_internal.h"

#include "v/graph.h"

#define RENDER_SUPERSAMPLE_MAX  4
#define RENDER_BLOOM_LEVELS     4 // quarter size and three halvings of it
#define RENDER_DEPTH_FORMAT     V_FORMAT_D32_FLOAT
#define RENDER_NORMAL_FORMAT    V_FORMAT_RGBA8_UNORM
#define RENDER_OCCLUSION_FORMAT V_FORMAT_RG16_FLOAT
#define RENDER_LIT_FORMAT       V_FORMAT_RGBA16_FLOAT
#define RENDER_TONED_FORMAT     V_FORMAT_RGBA8_UNORM

typedef enum render_pipeline_id {
    RENDER_PIPELINE_SHADOW,
    RENDER_PIPELINE_GEOMETRY,
    RENDER_PIPELINE_OCCLUSION,
    RENDER_PIPELINE_OCCLUSION_BLUR,
    RENDER_PIPELINE_SCENE,
    RENDER_PIPELINE_SKY,
    RENDER_PIPELINE_BLOOM_BEGIN,
    RENDER_PIPELINE_BLOOM_DOWN,
    RENDER_PIPELINE_BLOOM_UP,
    RENDER_PIPELINE_TONE,
    RENDER_PIPELINE_SMOOTH,
    RENDER_PIPELINE_COUNT
} render_pipeline_id;

/// A mesh's part of the shared vertex and index buffers.
typedef struct render_mesh_range {
    uint32_t first_vertex, first_index, index_count;
} render_mesh_range;

typedef struct render_bloom_step {
    struct v_renderer *renderer;
    v_graph_texture source, narrow; ///< `narrow` only on the way up.
} render_bloom_step;

/// The versions that this frame's passes read.
typedef struct render_handles {
    v_graph_texture shadow, normal, depth, occlusion, smooth_occlusion, lit, glow, toned, target, window;
    render_bloom_step bloom[2 * RENDER_BLOOM_LEVELS];
} render_handles;

#define RENDER_STAMPS 4 // frames whose GPU times may still be on their way

typedef struct render_stamp {
    uint64_t frame;
    uint32_t begin, end;
} render_stamp;

struct v_renderer {
    const v_allocator *allocator;
    v_log *log;
    v_gpu *gpu;
    v_window *window; ///< Null: headless.
    v_graph *graph;

    render_sizes sizes;
    v_format target_format;
    v_gpu_texture target; ///< The finished picture, kept for read-back and copied to the window.
    v_gpu_buffer vertices, indices;
    render_mesh_range meshes[RENDER_MESH_COUNT];
    v_gpu_sampler linear, nearest, compare;
    v_gpu_pipeline pipelines[RENDER_PIPELINE_COUNT];

    render_draw_list list;
    v_gpu_span frame_data, instances; ///< Of the frame that is being recorded.
    render_handles handles;
    render_stamp stamps[RENDER_STAMPS];
    v_renderer_stats stats;
    bool drawn; ///< There is a picture to read.
};

v_status render_meshes_create(v_renderer *renderer);
v_status render_samplers_create(v_renderer *renderer);
v_status render_pipelines_create(v_renderer *renderer);

/// Declare, compile and record the frame's passes. `window_image` null: headless.
v_status render_passes_record(v_renderer *renderer, v_cmd *cmd, v_gpu_texture window_image);

#endif
