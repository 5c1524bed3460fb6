// The frame as passes of the render graph: shadow map, half-size geometry, ambient occlusion, lighting and sky,
// bloom, tone curve, edge smoothing, and the copy into a window.
#include "renderer_internal.h"

static v_gpu_write uniform_write(const v_renderer *renderer)
{
    const v_gpu_span *span = &renderer->frame_data;
    return (v_gpu_write){
        .binding = 0, .buffer = span->buffer, .offset_bytes = span->offset_bytes, .size_bytes = span->size_bytes
    };
}

static v_gpu_write instances_write(const v_renderer *renderer)
{
    const v_gpu_span *span = &renderer->instances;
    return (v_gpu_write){
        .binding = 1, .buffer = span->buffer, .offset_bytes = span->offset_bytes, .size_bytes = span->size_bytes
    };
}

static v_gpu_write map_write(const v_pass_context *context, uint32_t binding, v_graph_texture texture,
                             v_gpu_sampler sampler)
{
    return (v_gpu_write){ .binding = binding, .texture = v_pass_get_texture(context, texture), .sampler = sampler };
}

// Recording.
// ------------------------------------------------------------------------------------------------------------

static void draw_meshes(v_renderer *renderer, v_cmd *cmd, const render_draw draws[RENDER_MESH_COUNT])
{
    v_cmd_bind_vertices(cmd, 0, renderer->vertices, 0);
    v_cmd_bind_indices(cmd, renderer->indices, 0, true);
    for (int mesh = 0; mesh < RENDER_MESH_COUNT; mesh++) {
        const render_mesh_range *range = &renderer->meshes[mesh];
        if (draws[mesh].instance_count > 0) {
            v_cmd_draw_indexed(cmd, range->index_count, draws[mesh].instance_count, range->first_index,
                               (int32_t)range->first_vertex, draws[mesh].first_instance);
            renderer->stats.draws++;
        }
    }
}

static void draw_shadow(const v_pass_context *context, void *user)
{
    v_renderer *renderer = user;
    if (renderer->list.casting == 0) {
        return; // the cleared map is the answer
    }
    const v_gpu_write writes[] = { uniform_write(renderer), instances_write(renderer) };
    v_cmd_bind_pipeline(context->cmd, renderer->pipelines[RENDER_PIPELINE_SHADOW]);
    v_cmd_bind_set(context->cmd, 0, writes, V_COUNT_OF(writes));
    draw_meshes(renderer, context->cmd, renderer->list.shadow_draws);
}

static void draw_geometry(const v_pass_context *context, void *user)
{
    v_renderer *renderer = user;
    if (renderer->list.seen == 0) {
        return;
    }
    const v_gpu_write writes[] = { uniform_write(renderer), instances_write(renderer) };
    v_cmd_bind_pipeline(context->cmd, renderer->pipelines[RENDER_PIPELINE_GEOMETRY]);
    v_cmd_bind_set(context->cmd, 0, writes, V_COUNT_OF(writes));
    draw_meshes(renderer, context->cmd, renderer->list.camera_draws);
}

static void draw_whole(v_renderer *renderer, v_cmd *cmd, render_pipeline_id pipeline, const v_gpu_write *writes,
                       uint32_t write_count)
{
    v_cmd_bind_pipeline(cmd, renderer->pipelines[pipeline]);
    v_cmd_bind_set(cmd, 0, writes, write_count);
    v_cmd_draw(cmd, 3, 1, 0, 0);
    renderer->stats.draws++;
}

static void draw_occlusion(const v_pass_context *context, void *user)
{
    v_renderer *renderer = user;
    const v_gpu_write writes[] = { uniform_write(renderer),
                                   map_write(context, 1, renderer->handles.depth, renderer->nearest),
                                   map_write(context, 2, renderer->handles.normal, renderer->nearest) };
    draw_whole(renderer, context->cmd, RENDER_PIPELINE_OCCLUSION, writes, V_COUNT_OF(writes));
}

static void draw_occlusion_blur(const v_pass_context *context, void *user)
{
    v_renderer *renderer = user;
    const v_gpu_write writes[] = { uniform_write(renderer),
                                   map_write(context, 1, renderer->handles.occlusion, renderer->nearest) };
    draw_whole(renderer, context->cmd, RENDER_PIPELINE_OCCLUSION_BLUR, writes, V_COUNT_OF(writes));
}

static void draw_lighting(const v_pass_context *context, void *user)
{
    v_renderer *renderer = user;
    if (renderer->list.seen > 0) {
        const v_gpu_write writes[] = { uniform_write(renderer), instances_write(renderer),
                                       map_write(context, 2, renderer->handles.shadow, renderer->compare),
                                       map_write(context, 3, renderer->handles.smooth_occlusion, renderer->nearest) };
        v_cmd_bind_pipeline(context->cmd, renderer->pipelines[RENDER_PIPELINE_SCENE]);
        v_cmd_bind_set(context->cmd, 0, writes, V_COUNT_OF(writes));
        draw_meshes(renderer, context->cmd, renderer->list.camera_draws);
    }
    const v_gpu_write sky[] = { uniform_write(renderer) };
    draw_whole(renderer, context->cmd, RENDER_PIPELINE_SKY, sky, V_COUNT_OF(sky));
}

static void draw_bloom_begin(const v_pass_context *context, void *user)
{
    v_renderer *renderer = user;
    const v_gpu_write writes[] = { uniform_write(renderer),
                                   map_write(context, 1, renderer->handles.lit, renderer->nearest) };
    draw_whole(renderer, context->cmd, RENDER_PIPELINE_BLOOM_BEGIN, writes, V_COUNT_OF(writes));
}

static void draw_bloom_down(const v_pass_context *context, void *user)
{
    render_bloom_step *step = user;
    v_renderer *renderer = step->renderer;
    const v_gpu_write writes[] = { uniform_write(renderer), map_write(context, 1, step->source, renderer->linear) };
    draw_whole(renderer, context->cmd, RENDER_PIPELINE_BLOOM_DOWN, writes, V_COUNT_OF(writes));
}

static void draw_bloom_up(const v_pass_context *context, void *user)
{
    render_bloom_step *step = user;
    v_renderer *renderer = step->renderer;
    const v_gpu_write writes[] = { uniform_write(renderer), map_write(context, 1, step->source, renderer->linear),
                                   map_write(context, 2, step->narrow, renderer->linear) };
    draw_whole(renderer, context->cmd, RENDER_PIPELINE_BLOOM_UP, writes, V_COUNT_OF(writes));
}

static void draw_tone(const v_pass_context *context, void *user)
{
    v_renderer *renderer = user;
    const v_gpu_write writes[] = { uniform_write(renderer),
                                   map_write(context, 1, renderer->handles.lit, renderer->nearest),
                                   map_write(context, 2, renderer->handles.glow, renderer->linear) };
    draw_whole(renderer, context->cmd, RENDER_PIPELINE_TONE, writes, V_COUNT_OF(writes));
}

static void draw_smooth(const v_pass_context *context, void *user)
{
    v_renderer *renderer = user;
    const v_gpu_write writes[] = { uniform_write(renderer),
                                   map_write(context, 1, renderer->handles.toned, renderer->linear) };
    draw_whole(renderer, context->cmd, RENDER_PIPELINE_SMOOTH, writes, V_COUNT_OF(writes));
}

static void copy_to_window(const v_pass_context *context, void *user)
{
    v_renderer *renderer = user;
    v_cmd_blit(context->cmd, v_pass_get_texture(context, renderer->handles.target), 0, 0,
               v_pass_get_texture(context, renderer->handles.window), 0, 0);
}

// Declaration.
// ----------------------------------------------------------------------------------------------------------

static v_graph_texture make_image(v_graph *graph, const char *name, v_format format, uint32_t width_px,
                                  uint32_t height_px)
{
    return v_graph_create_texture(
        graph, &(v_graph_texture_desc){ .name = name, .format = format, .width_px = width_px, .height_px = height_px });
}

static void declare_shadow(v_renderer *renderer)
{
    v_graph *graph = renderer->graph;
    uint32_t size_px = renderer->sizes.shadow_px;
    v_graph_texture map = make_image(graph, "shadow map", RENDER_DEPTH_FORMAT, size_px, size_px);
    v_pass *pass = v_graph_add_pass(graph, V_PASS_GRAPHICS, "shadow map");
    renderer->handles.shadow = v_pass_depth(pass, map, &(v_attachment){ .load = V_LOAD_CLEAR, .clear_depth = 1.0f });
    v_pass_execute(pass, draw_shadow, renderer);
}

static void declare_occlusion(v_renderer *renderer)
{
    v_graph *graph = renderer->graph;
    render_handles *handles = &renderer->handles;
    uint32_t width = renderer->sizes.half_width_px, height = renderer->sizes.half_height_px;

    v_pass *pass = v_graph_add_pass(graph, V_PASS_GRAPHICS, "half-size geometry");
    v_graph_texture normal = make_image(graph, "normals", RENDER_NORMAL_FORMAT, width, height);
    v_graph_texture depth = make_image(graph, "half-size depth", RENDER_DEPTH_FORMAT, width, height);
    const v_attachment up = { .load = V_LOAD_CLEAR, .clear_color = { 0.5f, 1.0f, 0.5f, 1.0f } };
    handles->normal = v_pass_color(pass, 0, normal, &up);
    handles->depth = v_pass_depth(pass, depth, &(v_attachment){ .load = V_LOAD_CLEAR });
    v_pass_execute(pass, draw_geometry, renderer);

    pass = v_graph_add_pass(graph, V_PASS_GRAPHICS, "ambient occlusion");
    v_pass_read(pass, handles->depth, V_USAGE_SAMPLED_FRAGMENT);
    v_pass_read(pass, handles->normal, V_USAGE_SAMPLED_FRAGMENT);
    handles->occlusion =
        v_pass_color(pass, 0, make_image(graph, "raw occlusion", RENDER_OCCLUSION_FORMAT, width, height), NULL);
    v_pass_execute(pass, draw_occlusion, renderer);

    pass = v_graph_add_pass(graph, V_PASS_GRAPHICS, "occlusion blur");
    v_pass_read(pass, handles->occlusion, V_USAGE_SAMPLED_FRAGMENT);
    handles->smooth_occlusion =
        v_pass_color(pass, 0, make_image(graph, "occlusion", RENDER_OCCLUSION_FORMAT, width, height), NULL);
    v_pass_execute(pass, draw_occlusion_blur, renderer);
}

static void declare_lighting(v_renderer *renderer)
{
    v_graph *graph = renderer->graph;
    v_graph_texture_desc desc = { .name = "lit picture",
                                  .format = RENDER_LIT_FORMAT,
                                  .width_px = renderer->sizes.lit_width_px,
                                  .height_px = renderer->sizes.lit_height_px };
    v_graph_texture lit = v_graph_create_texture(graph, &desc);
    desc.name = "depth";
    desc.format = RENDER_DEPTH_FORMAT;
    v_graph_texture depth = v_graph_create_texture(graph, &desc);

    v_pass *pass = v_graph_add_pass(graph, V_PASS_GRAPHICS, "lighting and sky");
    v_pass_read(pass, renderer->handles.shadow, V_USAGE_SAMPLED_FRAGMENT);
    v_pass_read(pass, renderer->handles.smooth_occlusion, V_USAGE_SAMPLED_FRAGMENT);
    renderer->handles.lit = v_pass_color(pass, 0, lit, &(v_attachment){ .load = V_LOAD_DISCARD });
    (void)v_pass_depth(pass, depth, &(v_attachment){ .load = V_LOAD_CLEAR });
    v_pass_execute(pass, draw_lighting, renderer);
}

static uint32_t shrink(uint32_t size_px, uint32_t shift)
{
    uint32_t size = (size_px + (1u << shift) - 1) >> shift;
    return size > 0 ? size : 1;
}

// Down to an eighth of the quarter and up again; every step down is kept for the way up.
static void declare_bloom(v_renderer *renderer)
{
    static const char *const down_names[] = { "bloom 1/4", "bloom 1/8", "bloom 1/16", "bloom 1/32" };
    static const char *const up_names[] = { "glow 1/4", "glow 1/8", "glow 1/16" };
    v_graph *graph = renderer->graph;
    v_graph_texture level[RENDER_BLOOM_LEVELS];
    render_bloom_step *step = renderer->handles.bloom;
    for (uint32_t i = 0; i < RENDER_BLOOM_LEVELS; i++) {
        uint32_t width = shrink(renderer->sizes.width_px, i + 2), height = shrink(renderer->sizes.height_px, i + 2);
        v_pass *pass = v_graph_add_pass(graph, V_PASS_GRAPHICS, down_names[i]);
        v_graph_texture source = i == 0 ? renderer->handles.lit : level[i - 1];
        v_pass_read(pass, source, V_USAGE_SAMPLED_FRAGMENT);
        v_graph_texture image = make_image(graph, down_names[i], RENDER_LIT_FORMAT, width, height);
        level[i] = v_pass_color(pass, 0, image, NULL);
        *step = (render_bloom_step){ .renderer = renderer, .source = source };
        if (i == 0) {
            v_pass_execute(pass, draw_bloom_begin, renderer);
        } else {
            v_pass_execute(pass, draw_bloom_down, step++);
        }
    }
    v_graph_texture wide = level[RENDER_BLOOM_LEVELS - 1];
    for (uint32_t i = RENDER_BLOOM_LEVELS - 1; i-- > 0;) {
        uint32_t width = shrink(renderer->sizes.width_px, i + 2), height = shrink(renderer->sizes.height_px, i + 2);
        v_pass *pass = v_graph_add_pass(graph, V_PASS_GRAPHICS, up_names[i]);
        v_pass_read(pass, wide, V_USAGE_SAMPLED_FRAGMENT);
        v_pass_read(pass, level[i], V_USAGE_SAMPLED_FRAGMENT);
        v_graph_texture image = make_image(graph, up_names[i], RENDER_LIT_FORMAT, width, height);
        v_graph_texture sum = v_pass_color(pass, 0, image, NULL);
        *step = (render_bloom_step){ .renderer = renderer, .source = wide, .narrow = level[i] };
        v_pass_execute(pass, draw_bloom_up, step++);
        wide = sum;
    }
    renderer->handles.glow = wide;
}

static void declare_output(v_renderer *renderer, v_gpu_texture window_image)
{
    v_graph *graph = renderer->graph;
    render_handles *handles = &renderer->handles;
    v_graph_texture target = v_graph_import_texture(
        graph, &(v_graph_import){ .name = "picture", .texture = renderer->target, .no_contents = true });
    v_pass *pass = v_graph_add_pass(graph, V_PASS_GRAPHICS, "tone curve");
    v_pass_read(pass, handles->lit, V_USAGE_SAMPLED_FRAGMENT);
    v_pass_read(pass, handles->glow, V_USAGE_SAMPLED_FRAGMENT);
    v_graph_texture toned =
        make_image(graph, "toned picture", RENDER_TONED_FORMAT, renderer->sizes.width_px, renderer->sizes.height_px);
    handles->toned = v_pass_color(pass, 0, toned, NULL);
    v_pass_execute(pass, draw_tone, renderer);

    pass = v_graph_add_pass(graph, V_PASS_GRAPHICS, "smooth edges");
    v_pass_read(pass, handles->toned, V_USAGE_SAMPLED_FRAGMENT);
    handles->target = v_pass_color(pass, 0, target, &(v_attachment){ .load = V_LOAD_DISCARD });
    v_pass_execute(pass, draw_smooth, renderer);
    if (window_image.generation == 0) {
        return;
    }
    v_graph_texture window = v_graph_import_texture(
        graph, &(v_graph_import){
                   .name = "window", .texture = window_image, .final_usage = V_USAGE_PRESENT, .no_contents = true });
    pass = v_graph_add_pass(graph, V_PASS_TRANSFER, "copy to window");
    v_pass_read(pass, handles->target, V_USAGE_TRANSFER_READ);
    handles->window = v_pass_write(pass, window, V_USAGE_TRANSFER_WRITE);
    v_pass_execute(pass, copy_to_window, renderer);
}

v_status render_passes_record(v_renderer *renderer, v_cmd *cmd, v_gpu_texture window_image)
{
    v_graph_begin(renderer->graph);
    declare_shadow(renderer);
    declare_occlusion(renderer);
    declare_lighting(renderer);
    declare_bloom(renderer);
    declare_output(renderer, window_image);
    V_TRY(v_graph_compile(renderer->graph));
    return v_graph_execute(renderer->graph, cmd);
}
