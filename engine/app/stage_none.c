// The stage of an engine without Vulkan: it refuses.
#include "stage.h"

#ifndef V_WITH_GPU

v_status app_stage_create(const app_stage_desc *desc, app_stage **out_stage)
{
    (void)desc;
    (void)out_stage;
    return v_fail(V_ERROR_NO_DEVICE, "this vengine was built without Vulkan (V_GPU=OFF): it runs --headless without "
                                     "--screenshot, --frames and --video only");
}

void app_stage_destroy(app_stage *stage)
{
    (void)stage;
}

v_status app_stage_draw(app_stage *stage, const v_engine *engine, float alpha)
{
    (void)stage;
    (void)engine;
    (void)alpha;
    return V_ERROR_UNSUPPORTED;
}

v_status app_stage_screenshot(app_stage *stage, const char *path)
{
    (void)stage;
    (void)path;
    return V_ERROR_UNSUPPORTED;
}

v_status app_stage_video_open(app_stage *stage, const char *path, uint32_t fps)
{
    (void)stage;
    (void)path;
    (void)fps;
    return V_ERROR_UNSUPPORTED;
}

v_status app_stage_video_frame(app_stage *stage)
{
    (void)stage;
    return V_ERROR_UNSUPPORTED;
}

v_status app_stage_video_close(app_stage *stage)
{
    (void)stage;
    return V_ERROR_UNSUPPORTED;
}

v_status app_stage_set_present(app_stage *stage, const char *present, bool vsync)
{
    (void)stage;
    (void)present;
    (void)vsync;
    return V_ERROR_UNSUPPORTED;
}

bool app_stage_poll(app_stage *stage, v_input *input)
{
    (void)stage;
    (void)input;
    return false;
}

void app_stage_get_info(const app_stage *stage, app_stage_info *out_info)
{
    (void)stage;
    *out_info = (app_stage_info){ 0 };
}

#endif
