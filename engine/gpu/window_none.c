// window_none.c: the window functions of a build without SDL2: there is no window, so there is nothing to ask it.
#include "gpu_internal.h"

v_status v_window_create(v_gpu *gpu, const v_window_desc *desc, v_window **out_window)
{
    (void)gpu;
    (void)desc;
    if (out_window != NULL) {
        *out_window = NULL;
    }
    return v_fail(V_ERROR_UNSUPPORTED, "this build has no windows: configure with -DV_PLATFORM=ON (libsdl2-dev)");
}

void v_window_destroy(v_window *window)
{
    (void)window;
}

bool v_window_poll(v_window *window, v_window_event *out_event)
{
    (void)window;
    (void)out_event;
    return false;
}

void v_window_get_size(const v_window *window, uint32_t *out_width_px, uint32_t *out_height_px)
{
    (void)window;
    if (out_width_px != NULL) {
        *out_width_px = 0;
    }
    if (out_height_px != NULL) {
        *out_height_px = 0;
    }
}

void v_window_set_size(v_window *window, uint32_t width_px, uint32_t height_px)
{
    (void)window;
    (void)width_px;
    (void)height_px;
}

void v_window_set_title(v_window *window, const char *title)
{
    (void)window;
    (void)title;
}

void v_window_minimise(v_window *window)
{
    (void)window;
}

void v_window_restore(v_window *window)
{
    (void)window;
}

v_status v_window_set_present(v_window *window, v_present_wish wish, bool vsync)
{
    (void)window;
    (void)wish;
    (void)vsync;
    return v_fail(V_ERROR_INVALID_ARGUMENT, "v_window_set_present: window is null");
}

v_present_mode v_window_get_present_mode(const v_window *window)
{
    (void)window;
    return V_PRESENT_FIFO;
}

v_format v_window_get_format(const v_window *window)
{
    (void)window;
    return V_FORMAT_NONE;
}

v_status v_window_acquire(v_window *window, v_gpu_texture *out_texture)
{
    (void)window;
    (void)out_texture;
    return v_fail(V_ERROR_INVALID_ARGUMENT, "v_window_acquire: window is null");
}

v_status gpu_window_check(v_window *window)
{
    (void)window;
    return V_OK;
}

void gpu_window_submit_info(v_window *window, VkSemaphoreSubmitInfo *out_wait, VkSemaphoreSubmitInfo *out_signal)
{
    (void)window;
    (void)out_wait;
    (void)out_signal;
}

v_status gpu_window_present(v_window *window)
{
    (void)window;
    return V_OK;
}

void gpu_window_abandon(v_window *window)
{
    (void)window;
}
