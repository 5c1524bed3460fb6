// window.c: windows and their events by SDL2.
#include "window_internal.h"

#include "v/thread.h"

#include <SDL.h>
#include <SDL_vulkan.h>

#define WINDOW_DATA "v_window"

v_status window_create_surface(v_window *window)
{
    if (!SDL_Vulkan_CreateSurface(window->native, window->gpu->instance.handle, &window->surface)) {
        window->surface = VK_NULL_HANDLE;
        return v_fail(V_ERROR_NO_DEVICE, "no Vulkan surface for the window: %s", SDL_GetError());
    }
    VkBool32 supported = VK_FALSE;
    const gpu_instance_api *api = &window->gpu->instance.api;
    VkResult result = api->vkGetPhysicalDeviceSurfaceSupportKHR(window->gpu->physical, window->gpu->queue_family,
                                                                window->surface, &supported);
    if (result != VK_SUCCESS || !supported) {
        return v_fail(V_ERROR_UNSUPPORTED, "%s cannot present to this display; choose another device",
                      window->gpu->info.name);
    }
    return V_OK;
}

void window_native_size(const v_window *window, uint32_t *out_width_px, uint32_t *out_height_px)
{
    int width = 0, height = 0;
    SDL_Vulkan_GetDrawableSize(window->native, &width, &height);
    bool gone = (SDL_GetWindowFlags(window->native) & SDL_WINDOW_MINIMIZED) != 0 || width <= 0 || height <= 0;
    *out_width_px = gone ? 0 : (uint32_t)width;
    *out_height_px = gone ? 0 : (uint32_t)height;
}

static v_status check_create(const v_gpu *gpu, const v_window_desc *desc, v_window **out_window)
{
    V_TRY(gpu_check(gpu, "v_window_create"));
    if (desc == NULL || out_window == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_window_create: %s is null", desc == NULL ? "desc" : "out_window");
    }
    *out_window = NULL;
    if (!gpu->presentation || !gpu->instance.surfaces) {
        return v_fail(V_ERROR_STATE, "v_window_create: the device was made without .presentation%s",
                      gpu->presentation ? ", or Vulkan has no surface extension" : "");
    }
    if (desc->width_px > 16384 || desc->height_px > 16384 || (desc->width_px == 0) != (desc->height_px == 0)) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_window_create: size %u×%u, edges must be 1..16384", desc->width_px,
                      desc->height_px);
    }
    if ((uint32_t)desc->present > V_PRESENT_WISH_IMMEDIATE) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_window_create: present is %d", (int)desc->present);
    }
    return V_OK;
}

static v_status open_native(v_window *window, const v_window_desc *desc)
{
    uint32_t flags = SDL_WINDOW_VULKAN | SDL_WINDOW_ALLOW_HIGHDPI;
    flags |= desc->fixed_size ? 0u : (uint32_t)SDL_WINDOW_RESIZABLE;
    flags |= desc->hidden ? (uint32_t)SDL_WINDOW_HIDDEN : 0u;
    window->native = SDL_CreateWindow(desc->title != NULL ? desc->title : "V Engine", SDL_WINDOWPOS_UNDEFINED,
                                      SDL_WINDOWPOS_UNDEFINED, desc->width_px != 0 ? (int)desc->width_px : 1280,
                                      desc->height_px != 0 ? (int)desc->height_px : 720, flags);
    if (window->native == NULL) {
        return v_fail(V_ERROR_NO_DEVICE, "no window: %s (video driver %s); run with a display, or headless",
                      SDL_GetError(), SDL_GetCurrentVideoDriver() != NULL ? SDL_GetCurrentVideoDriver() : "none");
    }
    SDL_SetWindowData(window->native, WINDOW_DATA, window);
    return window_create_surface(window);
}

v_status v_window_create(v_gpu *gpu, const v_window_desc *desc, v_window **out_window)
{
    V_TRY(check_create(gpu, desc, out_window));
    SDL_SetHint(SDL_HINT_NO_SIGNAL_HANDLERS, "1"); // interrupts are the application's affair
    if (SDL_InitSubSystem(SDL_INIT_VIDEO) != 0) {
        return v_fail(V_ERROR_NO_DEVICE, "no display: %s; set DISPLAY or WAYLAND_DISPLAY, or run headless",
                      SDL_GetError());
    }
    v_window *window = V_NEW(gpu->allocator, v_window);
    if (window == NULL) {
        SDL_QuitSubSystem(SDL_INIT_VIDEO);
        return V_ERROR_OUT_OF_MEMORY;
    }
    window->gpu = gpu;
    window->wish = desc->present;
    window->vsync = !desc->no_vsync;
    window->outdated = true;
    v_status status = open_native(window, desc);
    if (status == V_OK) {
        status = window_prepare(window);
    }
    if (status != V_OK) {
        v_window_destroy(window);
        return status;
    }
    *out_window = window;
    return V_OK;
}

void v_window_destroy(v_window *window)
{
    if (window == NULL) {
        return;
    }
    window_release(window);
    if (window->native != NULL) {
        SDL_DestroyWindow(window->native);
    }
    SDL_QuitSubSystem(SDL_INIT_VIDEO);
    V_DELETE(window->gpu->allocator, window);
}

static void push_event(v_window *window, v_window_event event)
{
    event.time_ns = v_clock_ns();
    if (window->event_count == WINDOW_EVENTS) {
        window->event_head = (window->event_head + 1) % WINDOW_EVENTS;
        window->event_count--;
    }
    window->events[(window->event_head + window->event_count++) % WINDOW_EVENTS] = event;
}

static uint32_t button_number(uint8_t button)
{
    switch (button) {
    case SDL_BUTTON_LEFT:
        return 1;
    case SDL_BUTTON_MIDDLE:
        return 2;
    case SDL_BUTTON_RIGHT:
        return 3;
    default:
        return button;
    }
}

static void take_window_event(v_window *window, const SDL_WindowEvent *e)
{
    switch (e->event) {
    case SDL_WINDOWEVENT_CLOSE:
        push_event(window, (v_window_event){ .kind = V_WINDOW_EVENT_CLOSE });
        break;
    case SDL_WINDOWEVENT_SIZE_CHANGED: {
        v_window_event event = { .kind = V_WINDOW_EVENT_RESIZE };
        window_native_size(window, &event.width_px, &event.height_px);
        window->outdated = true;
        push_event(window, event);
        break;
    }
    case SDL_WINDOWEVENT_RESTORED:
        window->outdated = true;
        break;
    case SDL_WINDOWEVENT_FOCUS_GAINED:
    case SDL_WINDOWEVENT_FOCUS_LOST:
        push_event(window,
                   (v_window_event){ .kind = V_WINDOW_EVENT_FOCUS, .down = e->event == SDL_WINDOWEVENT_FOCUS_GAINED });
        break;
    default:
        break;
    }
}

static v_window *window_of(uint32_t id, v_window *fallback)
{
    SDL_Window *native = SDL_GetWindowFromID(id);
    v_window *window = native != NULL ? SDL_GetWindowData(native, WINDOW_DATA) : NULL;
    return window != NULL ? window : fallback;
}

// SDL has one queue for all windows; each event goes to its own window's ring.
static void take_event(v_window *asking, const SDL_Event *e)
{
    switch (e->type) {
    case SDL_QUIT:
        push_event(asking, (v_window_event){ .kind = V_WINDOW_EVENT_CLOSE });
        break;
    case SDL_WINDOWEVENT:
        take_window_event(window_of(e->window.windowID, asking), &e->window);
        break;
    case SDL_KEYDOWN:
    case SDL_KEYUP:
        push_event(window_of(e->key.windowID, asking), (v_window_event){ .kind = V_WINDOW_EVENT_KEY,
                                                                         .scancode = (uint32_t)e->key.keysym.scancode,
                                                                         .down = e->type == SDL_KEYDOWN,
                                                                         .repeat = e->key.repeat != 0 });
        break;
    case SDL_MOUSEMOTION:
        push_event(window_of(e->motion.windowID, asking), (v_window_event){ .kind = V_WINDOW_EVENT_MOUSE_MOVE,
                                                                            .x = (float)e->motion.x,
                                                                            .y = (float)e->motion.y,
                                                                            .dx = (float)e->motion.xrel,
                                                                            .dy = (float)e->motion.yrel });
        break;
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
        push_event(window_of(e->button.windowID, asking), (v_window_event){ .kind = V_WINDOW_EVENT_MOUSE_BUTTON,
                                                                            .scancode = button_number(e->button.button),
                                                                            .down = e->type == SDL_MOUSEBUTTONDOWN,
                                                                            .x = (float)e->button.x,
                                                                            .y = (float)e->button.y });
        break;
    case SDL_MOUSEWHEEL:
        push_event(
            window_of(e->wheel.windowID, asking),
            (v_window_event){ .kind = V_WINDOW_EVENT_MOUSE_WHEEL, .dx = e->wheel.preciseX, .dy = e->wheel.preciseY });
        break;
    default:
        break;
    }
}

bool v_window_poll(v_window *window, v_window_event *out_event)
{
    if (window == NULL || out_event == NULL) {
        (void)v_fail(V_ERROR_INVALID_ARGUMENT, "v_window_poll: %s is null", window == NULL ? "window" : "out_event");
        return false;
    }
    SDL_Event event;
    while (SDL_PollEvent(&event)) {
        take_event(window, &event);
    }
    if (window->event_count == 0) {
        return false;
    }
    *out_event = window->events[window->event_head];
    window->event_head = (window->event_head + 1) % WINDOW_EVENTS;
    window->event_count--;
    return true;
}

void v_window_get_size(const v_window *window, uint32_t *out_width_px, uint32_t *out_height_px)
{
    uint32_t width = 0, height = 0;
    if (window != NULL) {
        window_native_size(window, &width, &height);
    }
    if (out_width_px != NULL) {
        *out_width_px = width;
    }
    if (out_height_px != NULL) {
        *out_height_px = height;
    }
}

void v_window_set_size(v_window *window, uint32_t width_px, uint32_t height_px)
{
    if (window == NULL || width_px == 0 || height_px == 0 || width_px > 16384 || height_px > 16384) {
        (void)v_fail(V_ERROR_INVALID_ARGUMENT, "v_window_set_size: %u×%u, edges must be 1..16384", width_px, height_px);
        return;
    }
    SDL_SetWindowSize(window->native, (int)width_px, (int)height_px);
    window->outdated = true;
}

void v_window_set_title(v_window *window, const char *title)
{
    if (window != NULL && title != NULL) {
        SDL_SetWindowTitle(window->native, title);
    }
}

void v_window_minimise(v_window *window)
{
    if (window != NULL) {
        SDL_MinimizeWindow(window->native);
    }
}

void v_window_restore(v_window *window)
{
    if (window != NULL) {
        SDL_RestoreWindow(window->native);
        SDL_ShowWindow(window->native);
    }
}
