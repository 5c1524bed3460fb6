// The stage: what a run draws on. Implemented over v/render.h, or refusing where the engine is built without Vulkan.
#ifndef V_APP_STAGE_H
#define V_APP_STAGE_H

#include "v/app.h"

typedef struct app_stage app_stage;

typedef struct app_stage_desc {
    const v_allocator *allocator;
    v_log *log;
    uint32_t width_px, height_px;
    uint32_t shadow_px, supersample;
    bool window, vsync, validation;
    const char *title, *gpu_name, *present;
} app_stage_desc;

v_status app_stage_create(const app_stage_desc *desc, app_stage **out_stage);
void app_stage_destroy(app_stage *stage);
/// Draw the world as it lies `alpha` between the last two ticks.
v_status app_stage_draw(app_stage *stage, const v_engine *engine, float alpha);
/// Write the latest frame.
v_status app_stage_screenshot(app_stage *stage, const char *path);
v_status app_stage_video_open(app_stage *stage, const char *path, uint32_t fps);
v_status app_stage_video_frame(app_stage *stage);
v_status app_stage_video_close(app_stage *stage);
/// Change how the window presents: "auto", "fifo", "mailbox", "immediate". Nothing without a window.
v_status app_stage_set_present(app_stage *stage, const char *present, bool vsync);
/// Take the window's events; false when it was closed. `input` is changed by keys.
bool app_stage_poll(app_stage *stage, v_input *input);

typedef struct app_stage_info {
    char device[256], driver[512];
    uint64_t frames, cpu_ns_total, gpu_ns_total, validation_messages;
    uint32_t width_px, height_px, draws, items;
} app_stage_info;
void app_stage_get_info(const app_stage *stage, app_stage_info *out_info);

#endif
