// The renderer: its lifetime, one frame from scene to picture, and reading the picture back.
#include "renderer_internal.h"

#include "v/thread.h"

#define SHADOW_DEFAULT_PX 2048u
#define SHADOW_MIN_PX     16u
#define SHADOW_MAX_PX     8192u

static v_status check_desc(const v_renderer_desc *desc)
{
    if (desc == NULL || desc->gpu == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_renderer_create: %s is null", desc == NULL ? "desc" : "desc.gpu");
    }
    if (desc->shadow_px != 0 && (desc->shadow_px < SHADOW_MIN_PX || desc->shadow_px > SHADOW_MAX_PX)) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_renderer_create: desc.shadow_px is %u; it must be %u..%u",
                      desc->shadow_px, SHADOW_MIN_PX, SHADOW_MAX_PX);
    }
    if (desc->supersample > RENDER_SUPERSAMPLE_MAX) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_renderer_create: desc.supersample is %u; it must be 1..%d",
                      desc->supersample, RENDER_SUPERSAMPLE_MAX);
    }
    return V_OK;
}

// Make the picture for a size and tell the passes about it. The old one goes when the GPU has finished with it.
static v_status set_size(v_renderer *renderer, const char *function, uint32_t width_px, uint32_t height_px)
{
    if (width_px < RENDER_SIZE_MIN_PX || height_px < RENDER_SIZE_MIN_PX || width_px > RENDER_SIZE_MAX_PX ||
        height_px > RENDER_SIZE_MAX_PX) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "%s: size %ux%u is outside %u..%u pixels", function, width_px,
                      height_px, RENDER_SIZE_MIN_PX, RENDER_SIZE_MAX_PX);
    }
    if (renderer->sizes.width_px == width_px && renderer->sizes.height_px == height_px) {
        return V_OK;
    }
    v_gpu_texture target;
    V_TRY(v_gpu_texture_create(renderer->gpu,
                               &(v_gpu_texture_desc){ .name = "picture",
                                                      .format = renderer->target_format,
                                                      .width_px = width_px,
                                                      .height_px = height_px,
                                                      .usage = V_TEXTURE_TARGET },
                               &target));
    v_gpu_texture_destroy(renderer->gpu, renderer->target);
    renderer->target = target;
    renderer->sizes.width_px = width_px;
    renderer->sizes.height_px = height_px;
    renderer->sizes.lit_width_px = width_px * renderer->sizes.supersample;
    renderer->sizes.lit_height_px = height_px * renderer->sizes.supersample;
    renderer->sizes.half_width_px = (width_px + 1) / 2;
    renderer->sizes.half_height_px = (height_px + 1) / 2;
    renderer->drawn = false;
    return V_OK;
}

// The copy into a window must find the same encoding at both ends, or it would encode twice.
static v_format choose_target_format(const v_window *window)
{
    v_format format = window != NULL ? v_window_get_format(window) : V_FORMAT_RGBA8_UNORM;
    return format == V_FORMAT_RGBA8_SRGB || format == V_FORMAT_BGRA8_SRGB ? V_FORMAT_RGBA8_SRGB : V_FORMAT_RGBA8_UNORM;
}

static v_status build(v_renderer *renderer, const v_renderer_desc *desc)
{
    renderer->target_format = choose_target_format(desc->window);
    renderer->sizes.supersample = desc->supersample != 0 ? desc->supersample : 1;
    renderer->sizes.shadow_px = desc->shadow_px != 0 ? desc->shadow_px : SHADOW_DEFAULT_PX;
    uint32_t width_px = desc->width_px, height_px = desc->height_px;
    if (desc->window != NULL) {
        // A minimised window has no size yet; the first draw that sees one corrects this.
        v_window_get_size(desc->window, &width_px, &height_px);
        width_px = width_px < RENDER_SIZE_MIN_PX ? RENDER_SIZE_MIN_PX : width_px;
        height_px = height_px < RENDER_SIZE_MIN_PX ? RENDER_SIZE_MIN_PX : height_px;
    }
    V_TRY(set_size(renderer, "v_renderer_create", width_px, height_px));
    V_TRY(render_meshes_create(renderer));
    V_TRY(render_samplers_create(renderer));
    V_TRY(render_pipelines_create(renderer));
    return v_graph_create(
        &(v_graph_desc){
            .gpu = renderer->gpu, .allocator = renderer->allocator, .log = renderer->log, .name = "frame" },
        &renderer->graph);
}

v_status v_renderer_create(const v_renderer_desc *desc, v_renderer **out_renderer)
{
    if (out_renderer == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_renderer_create: out_renderer is null");
    }
    *out_renderer = NULL;
    V_TRY(check_desc(desc));
    const v_allocator *allocator = desc->allocator != NULL ? desc->allocator : v_allocator_default();
    v_renderer *renderer = V_NEW(allocator, v_renderer);
    if (renderer == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    renderer->allocator = allocator;
    renderer->log = desc->log;
    renderer->gpu = desc->gpu;
    renderer->window = desc->window;
    v_status status = build(renderer, desc);
    if (status != V_OK) {
        v_renderer_destroy(renderer);
        return status;
    }
    V_LOG_INFO(renderer->log, "render", "Picture %ux%u, %ux%u lit pixels each, shadow map %u", renderer->sizes.width_px,
               renderer->sizes.height_px, renderer->sizes.supersample, renderer->sizes.supersample,
               renderer->sizes.shadow_px);
    *out_renderer = renderer;
    return V_OK;
}

void v_renderer_destroy(v_renderer *renderer)
{
    if (renderer == NULL) {
        return;
    }
    v_gpu *gpu = renderer->gpu;
    v_graph_destroy(renderer->graph);
    for (int i = 0; i < RENDER_PIPELINE_COUNT; i++) {
        v_gpu_pipeline_destroy(gpu, renderer->pipelines[i]);
    }
    v_gpu_sampler_destroy(gpu, renderer->linear);
    v_gpu_sampler_destroy(gpu, renderer->nearest);
    v_gpu_sampler_destroy(gpu, renderer->compare);
    v_gpu_buffer_destroy(gpu, renderer->vertices);
    v_gpu_buffer_destroy(gpu, renderer->indices);
    v_gpu_texture_destroy(gpu, renderer->target);
    render_draw_list_destroy(&renderer->list, renderer->allocator);
    V_DELETE(renderer->allocator, renderer);
}

// Cull, fit the shadow, and write the frame's uniforms and instances into mapped memory.
static v_status prepare(v_renderer *renderer, const v_scene *scene, v_cmd *cmd)
{
    render_draw_list *list = &renderer->list;
    render_camera camera = render_camera_make(scene, renderer->sizes.lit_width_px, renderer->sizes.lit_height_px);
    render_draw_list_see(list, scene, &camera);
    const v_scene_light *sun = render_scene_sun(scene);
    bool casts = sun != NULL && !sun->no_shadow && sun->intensity > 0;
    render_shadow shadow = { 0 };
    if (casts) {
        shadow = render_shadow_fit(&camera, sun->direction, scene->items, list->shapes, scene->item_count,
                                   renderer->sizes.shadow_px);
        render_draw_list_cast(list, scene, &shadow);
    }
    uint32_t instance_count = list->seen + list->casting;
    renderer->frame_data = v_cmd_transient(cmd, sizeof(render_frame));
    if (renderer->frame_data.mapped == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    renderer->instances = (v_gpu_span){ 0 };
    if (instance_count > 0) {
        renderer->instances = v_cmd_transient(cmd, instance_count * sizeof(render_instance));
        if (renderer->instances.mapped == NULL) {
            return V_ERROR_OUT_OF_MEMORY;
        }
    }
    render_frame_fill(renderer->frame_data.mapped, scene, &camera, casts ? &shadow : NULL, &renderer->sizes);
    render_draw_list_write(list, scene, renderer->instances.mapped);
    renderer->stats.draws = 0;
    renderer->stats.items = scene->item_count;
    renderer->stats.culled = scene->item_count - list->seen;
    return V_OK;
}

// Take the latest finished frame's GPU time, if one has finished since the last call.
static void read_gpu_time(v_renderer *renderer)
{
    for (int i = 0; i < RENDER_STAMPS; i++) {
        render_stamp *stamp = &renderer->stamps[i];
        uint64_t begin_ns = 0, end_ns = 0;
        if (stamp->frame != 0 && stamp->begin != UINT32_MAX && stamp->end != UINT32_MAX &&
            v_gpu_read_timestamps(renderer->gpu, stamp->frame, stamp->begin, 1, &begin_ns) == V_OK &&
            v_gpu_read_timestamps(renderer->gpu, stamp->frame, stamp->end, 1, &end_ns) == V_OK) {
            renderer->stats.gpu_ns = end_ns - begin_ns;
            stamp->frame = 0;
        }
    }
}

// Everything between frame_begin and frame_end. `out_skip`: the window is minimised.
static v_status record(v_renderer *renderer, const v_scene *scene, v_cmd *cmd, bool *out_skip)
{
    v_gpu_texture window_image = { 0 };
    if (renderer->window != NULL) {
        V_TRY(v_window_acquire(renderer->window, &window_image));
        *out_skip = window_image.generation == 0;
        if (*out_skip) {
            return V_OK;
        }
        uint32_t width_px = 0, height_px = 0;
        v_window_get_size(renderer->window, &width_px, &height_px);
        V_TRY(set_size(renderer, "v_renderer_draw", width_px < RENDER_SIZE_MIN_PX ? RENDER_SIZE_MIN_PX : width_px,
                       height_px < RENDER_SIZE_MIN_PX ? RENDER_SIZE_MIN_PX : height_px));
    }
    render_stamp stamp = { .frame = v_gpu_get_stats(renderer->gpu).frame, .begin = v_cmd_timestamp(cmd) };
    V_TRY(prepare(renderer, scene, cmd));
    V_TRY(render_passes_record(renderer, cmd, window_image));
    stamp.end = v_cmd_timestamp(cmd);
    renderer->stamps[renderer->stats.frames % RENDER_STAMPS] = stamp;
    return V_OK;
}

v_status v_renderer_draw(v_renderer *renderer, const v_scene *scene)
{
    if (renderer == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_renderer_draw: renderer is null");
    }
    V_TRY(render_scene_check(scene));
    V_TRY(render_draw_list_reserve(&renderer->list, renderer->allocator, scene->item_count));
    uint64_t begin_ns = v_clock_ns();
    v_cmd *cmd = NULL;
    V_TRY(v_gpu_frame_begin(renderer->gpu, &cmd));
    read_gpu_time(renderer);
    bool skip = false;
    v_status status = record(renderer, scene, cmd, &skip);
    // The frame is ended also after an error: the device must be ready for the next one.
    v_status ended = v_gpu_frame_end(renderer->gpu);
    status = status != V_OK ? status : ended;
    if (status != V_OK || skip) {
        return status;
    }
    renderer->drawn = true;
    renderer->stats.frames++;
    renderer->stats.cpu_ns = v_clock_ns() - begin_ns;
    return V_OK;
}

void v_renderer_get_size(const v_renderer *renderer, uint32_t *out_width_px, uint32_t *out_height_px)
{
    if (out_width_px != NULL) {
        *out_width_px = renderer != NULL ? renderer->sizes.width_px : 0;
    }
    if (out_height_px != NULL) {
        *out_height_px = renderer != NULL ? renderer->sizes.height_px : 0;
    }
}

v_status v_renderer_set_size(v_renderer *renderer, uint32_t width_px, uint32_t height_px)
{
    if (renderer == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_renderer_set_size: renderer is null");
    }
    if (renderer->window != NULL) {
        return v_fail(V_ERROR_STATE, "v_renderer_set_size: the renderer draws into a window and follows its size");
    }
    return set_size(renderer, "v_renderer_set_size", width_px, height_px);
}

v_status v_renderer_read_pixels(v_renderer *renderer, void *out_pixels, size_t size_bytes)
{
    if (renderer == NULL || out_pixels == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_renderer_read_pixels: %s is null",
                      renderer == NULL ? "renderer" : "out_pixels");
    }
    size_t expected = (size_t)renderer->sizes.width_px * renderer->sizes.height_px * 4;
    if (size_bytes != expected) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_renderer_read_pixels: size_bytes is %zu; %ux%u pixels need %zu",
                      size_bytes, renderer->sizes.width_px, renderer->sizes.height_px, expected);
    }
    if (!renderer->drawn) {
        return v_fail(V_ERROR_STATE, "v_renderer_read_pixels: nothing has been drawn at this size yet");
    }
    v_status status = v_gpu_texture_read(renderer->gpu, renderer->target, 0, 0, out_pixels, size_bytes);
    read_gpu_time(renderer); // the frame has finished now
    return status;
}

v_status v_renderer_graph_dot(v_renderer *renderer, char **out_text)
{
    if (renderer == NULL || out_text == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_renderer_graph_dot: %s is null",
                      renderer == NULL ? "renderer" : "out_text");
    }
    if (!renderer->drawn) {
        return v_fail(V_ERROR_STATE, "v_renderer_graph_dot: nothing has been drawn yet");
    }
    return v_graph_dot(renderer->graph, out_text);
}

v_renderer_stats v_renderer_get_stats(const v_renderer *renderer)
{
    return renderer != NULL ? renderer->stats : (v_renderer_stats){ 0 };
}
