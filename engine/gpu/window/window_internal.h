// window_internal.h: a window: the SDL part (window.c) and the Vulkan part (swapchain.c).
#ifndef V_WINDOW_INTERNAL_H
#define V_WINDOW_INTERNAL_H

#include "gpu_internal.h"

enum { WINDOW_MAX_IMAGES = 8, WINDOW_EVENTS = 256 };

struct SDL_Window;

struct v_window {
    v_gpu *gpu;
    struct SDL_Window *native;

    // Events not yet taken: a ring that drops its oldest.
    v_window_event events[WINDOW_EVENTS];
    uint32_t event_head, event_count;

    // What is wanted, and what there is.
    v_present_wish wish;
    bool vsync;
    v_present_mode mode;
    v_format format;
    uint32_t width_px, height_px; ///< Of the swapchain; 0 while minimised.

    VkSurfaceKHR surface;
    VkSwapchainKHR swapchain;
    v_gpu_texture images[WINDOW_MAX_IMAGES];
    VkSemaphore image_done[WINDOW_MAX_IMAGES]; ///< Per image: drawn, may be presented.
    uint32_t image_count;
    VkSemaphore acquired_semaphores[GPU_MAX_FRAMES]; ///< Per frame slot: the image may be drawn.
    bool outdated;                                   ///< The swapchain is made anew at the next acquire.
    bool semaphores_outdated;                        ///< An acquire was signalled and never waited for.
    bool acquired;
    bool announced; ///< The start-up lines were logged.
    uint32_t image; ///< Acquired.
};

// window.c
v_status window_create_surface(v_window *window);
/// Drawable size in pixels; zero while it is minimised.
void window_native_size(const v_window *window, uint32_t *out_width_px, uint32_t *out_height_px);

// swapchain.c
/// Make the swapchain (anew) when it is outdated. A minimised window has none and that is V_OK.
v_status window_prepare(v_window *window);
/// Destroys semaphores, swapchain and surface.
void window_release(v_window *window);

#endif
