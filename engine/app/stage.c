// The stage over Vulkan: a device, perhaps a window, a renderer, captures.
#include "stage.h"

#ifdef V_WITH_GPU

#include "extract.h"

#include <stdio.h>
#include <string.h>

struct app_stage {
    const v_allocator *allocator;
    v_gpu *gpu;
    v_window *window;
    v_renderer *renderer;
    app_extraction extraction;
    v_video *video;
    uint8_t *pixels;
    size_t pixels_bytes;
    uint32_t width_px, height_px, video_width_px, video_height_px;
    uint64_t cpu_ns_total, gpu_ns_total;
    bool keys[512];
};

static v_present_wish wish_of(const char *present)
{
    static const struct {
        const char *name;
        v_present_wish wish;
    } rows[] = {
        { "fifo", V_PRESENT_WISH_FIFO },
        { "mailbox", V_PRESENT_WISH_MAILBOX },
        { "immediate", V_PRESENT_WISH_IMMEDIATE },
    };
    for (size_t i = 0; i < V_COUNT_OF(rows); i++) {
        if (present != NULL && strcmp(present, rows[i].name) == 0) {
            return rows[i].wish;
        }
    }
    return V_PRESENT_WISH_AUTO;
}

static v_status open_device(app_stage *stage, const app_stage_desc *desc)
{
    v_gpu_desc gpu = {
        .allocator = desc->allocator,
        .log = desc->log,
        .prefer_name = desc->gpu_name,
        .validation = desc->validation,
        .presentation = desc->window,
    };
    V_TRY(v_gpu_create(&gpu, &stage->gpu));
    if (desc->window) {
        v_window_desc window = {
            .title = desc->title,
            .width_px = desc->width_px,
            .height_px = desc->height_px,
            .present = wish_of(desc->present),
            .no_vsync = !desc->vsync,
        };
        V_TRY(v_window_create(stage->gpu, &window, &stage->window));
    }
    v_renderer_desc renderer = {
        .gpu = stage->gpu,
        .allocator = desc->allocator,
        .log = desc->log,
        .width_px = desc->width_px,
        .height_px = desc->height_px,
        .window = stage->window,
        .shadow_px = desc->shadow_px,
        .supersample = desc->supersample,
    };
    return v_renderer_create(&renderer, &stage->renderer);
}

v_status app_stage_create(const app_stage_desc *desc, app_stage **out_stage)
{
    app_stage *stage = V_NEW(desc->allocator, app_stage);
    if (stage == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    stage->allocator = stage->extraction.allocator = desc->allocator;
    stage->width_px = desc->width_px;
    stage->height_px = desc->height_px;
    v_status status = open_device(stage, desc);
    if (status != V_OK) {
        app_stage_destroy(stage);
        return status;
    }
    *out_stage = stage;
    return V_OK;
}

void app_stage_destroy(app_stage *stage)
{
    if (stage == NULL) {
        return;
    }
    (void)v_video_destroy(stage->video);
    v_renderer_destroy(stage->renderer);
    v_window_destroy(stage->window);
    v_gpu_destroy(stage->gpu);
    app_extraction_finish(&stage->extraction);
    v_free(stage->allocator, stage->pixels, stage->pixels_bytes, 16);
    V_DELETE(stage->allocator, stage);
}

v_status app_stage_draw(app_stage *stage, const v_engine *engine, float alpha)
{
    v_scene scene;
    V_TRY(app_extract(&stage->extraction, engine, alpha, &scene));
    V_TRY(v_renderer_draw(stage->renderer, &scene));
    v_renderer_stats stats = v_renderer_get_stats(stage->renderer);
    stage->cpu_ns_total += stats.cpu_ns;
    stage->gpu_ns_total += stats.gpu_ns;
    return V_OK;
}

static v_status read_frame(app_stage *stage)
{
    v_renderer_get_size(stage->renderer, &stage->width_px, &stage->height_px);
    size_t needed = (size_t)stage->width_px * stage->height_px * 4;
    if (needed != stage->pixels_bytes) {
        v_free(stage->allocator, stage->pixels, stage->pixels_bytes, 16);
        stage->pixels = v_alloc(stage->allocator, needed, 16);
        stage->pixels_bytes = stage->pixels != NULL ? needed : 0;
    }
    return stage->pixels != NULL ? v_renderer_read_pixels(stage->renderer, stage->pixels, stage->pixels_bytes)
                                 : V_ERROR_OUT_OF_MEMORY;
}

v_status app_stage_screenshot(app_stage *stage, const char *path)
{
    V_TRY(read_frame(stage));
    return v_png_write(path, stage->pixels, stage->width_px, stage->height_px);
}

v_status app_stage_video_open(app_stage *stage, const char *path, uint32_t fps)
{
    v_renderer_get_size(stage->renderer, &stage->width_px, &stage->height_px);
    stage->video_width_px = stage->width_px;
    stage->video_height_px = stage->height_px;
    return v_video_create(stage->allocator, path, stage->width_px, stage->height_px, fps, &stage->video);
}

v_status app_stage_video_frame(app_stage *stage)
{
    V_TRY(read_frame(stage));
    if (stage->width_px != stage->video_width_px || stage->height_px != stage->video_height_px) {
        return v_fail(V_ERROR_STATE, "the window became %ux%u while a video of %ux%u is written", stage->width_px,
                      stage->height_px, stage->video_width_px, stage->video_height_px);
    }
    return v_video_frame(stage->video, stage->pixels);
}

v_status app_stage_video_close(app_stage *stage)
{
    v_video *video = stage->video;
    stage->video = NULL;
    return v_video_destroy(video);
}

v_status app_stage_set_present(app_stage *stage, const char *present, bool vsync)
{
    return stage->window != NULL ? v_window_set_present(stage->window, wish_of(present), vsync) : V_OK;
}

// USB HID usages of the keys that move.
enum {
    KEY_A = 4,
    KEY_D = 7,
    KEY_E = 8,
    KEY_S = 22,
    KEY_W = 26,
    KEY_ESCAPE = 41,
    KEY_SPACE = 44,
    KEY_RIGHT = 79,
    KEY_LEFT,
    KEY_DOWN,
    KEY_UP
};

static float axis(const app_stage *stage, uint32_t plus_a, uint32_t plus_b, uint32_t minus_a, uint32_t minus_b)
{
    float plus = stage->keys[plus_a] || stage->keys[plus_b] ? 1.0f : 0.0f;
    float minus = stage->keys[minus_a] || stage->keys[minus_b] ? 1.0f : 0.0f;
    return plus - minus;
}

bool app_stage_poll(app_stage *stage, v_input *input)
{
    v_window_event event;
    bool open = true;
    while (stage->window != NULL && v_window_poll(stage->window, &event)) {
        open = open && event.kind != V_WINDOW_EVENT_CLOSE;
        if (event.kind == V_WINDOW_EVENT_KEY && event.scancode < V_COUNT_OF(stage->keys)) {
            stage->keys[event.scancode] = event.down;
            open = open && event.scancode != KEY_ESCAPE;
        }
    }
    input->move_x = axis(stage, KEY_D, KEY_RIGHT, KEY_A, KEY_LEFT);
    input->move_y = axis(stage, KEY_W, KEY_UP, KEY_S, KEY_DOWN);
    input->buttons = (stage->keys[KEY_SPACE] ? V_BUTTON_JUMP : 0) | (stage->keys[KEY_E] ? V_BUTTON_ACTION : 0);
    return open;
}

void app_stage_get_info(const app_stage *stage, app_stage_info *out_info)
{
    v_gpu_info gpu;
    v_renderer_stats stats = v_renderer_get_stats(stage->renderer);
    *out_info = (app_stage_info){
        .frames = stats.frames,
        .cpu_ns_total = stage->cpu_ns_total,
        // Each draw counted a frame that had finished by then; the last one is counted here.
        .gpu_ns_total = stage->gpu_ns_total + stats.gpu_ns,
        .validation_messages = v_gpu_validation_message_count(stage->gpu),
        .draws = stats.draws,
        .items = stats.items,
    };
    v_renderer_get_size(stage->renderer, &out_info->width_px, &out_info->height_px);
    if (v_gpu_get_info(stage->gpu, &gpu) == V_OK) {
        snprintf(out_info->device, sizeof(out_info->device), "%s", gpu.name);
        snprintf(out_info->driver, sizeof(out_info->driver), "%s %s", gpu.driver_name, gpu.driver_info);
    }
}

#endif
