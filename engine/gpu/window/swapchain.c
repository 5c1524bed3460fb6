// swapchain.c: a window's surface and swapchain: formats, modes, acquire, present, and making it anew.
#include "window_internal.h"

/// The acquired image is first touched in one of these stages; the frame's other work need not wait for it.
#define IMAGE_STAGES (VK_PIPELINE_STAGE_2_COLOR_ATTACHMENT_OUTPUT_BIT | VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT)

enum { ACQUIRE_TRIES = 4 };
static const uint64_t acquire_timeout_ns = 2000000000;

static void drop_semaphores(v_window *window)
{
    v_gpu *gpu = window->gpu;
    for (uint32_t i = 0; i < WINDOW_MAX_IMAGES; i++) {
        if (window->image_done[i] != VK_NULL_HANDLE) {
            gpu->vk.vkDestroySemaphore(gpu->device, window->image_done[i], NULL);
        }
        window->image_done[i] = VK_NULL_HANDLE;
    }
    for (uint32_t i = 0; i < GPU_MAX_FRAMES; i++) {
        if (window->acquired_semaphores[i] != VK_NULL_HANDLE) {
            gpu->vk.vkDestroySemaphore(gpu->device, window->acquired_semaphores[i], NULL);
        }
        window->acquired_semaphores[i] = VK_NULL_HANDLE;
    }
}

static v_status make_semaphore(v_gpu *gpu, VkSemaphore *semaphore)
{
    VkSemaphoreCreateInfo info = { .sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO };
    if (*semaphore != VK_NULL_HANDLE) {
        return V_OK;
    }
    VkResult result = gpu->vk.vkCreateSemaphore(gpu->device, &info, NULL, semaphore);
    return result == VK_SUCCESS ? V_OK : gpu_fail(gpu, result, "vkCreateSemaphore");
}

// Forget the images. The GPU is idle and no frame being recorded has drawn to them, so their views go at once.
static void drop_images(v_window *window)
{
    v_gpu *gpu = window->gpu;
    for (uint32_t i = 0; i < window->image_count; i++) {
        gpu_texture *texture = gpu_get_texture(gpu, window->images[i]);
        for (uint32_t k = 0; texture != NULL && k < texture->views.count; k++) {
            gpu->vk.vkDestroyImageView(gpu->device, texture->views.items[k].handle, NULL);
        }
        if (texture != NULL) {
            texture->views.count = 0;
        }
        v_gpu_texture_destroy(gpu, window->images[i]);
    }
    window->image_count = 0;
}

static void drop_swapchain(v_window *window)
{
    v_gpu *gpu = window->gpu;
    (void)gpu->vk.vkDeviceWaitIdle(gpu->device);
    drop_images(window);
    if (window->swapchain != VK_NULL_HANDLE) {
        gpu->vk.vkDestroySwapchainKHR(gpu->device, window->swapchain, NULL);
        window->swapchain = VK_NULL_HANDLE;
    }
    drop_semaphores(window);
}

void window_release(v_window *window)
{
    v_gpu *gpu = window->gpu;
    for (uint32_t i = 0; i < gpu->acquired_count; i++) {
        if (gpu->acquired[i] == window) {
            gpu->acquired[i] = gpu->acquired[--gpu->acquired_count];
            break;
        }
    }
    drop_swapchain(window);
    if (window->surface != VK_NULL_HANDLE) {
        gpu->instance.api.vkDestroySurfaceKHR(gpu->instance.handle, window->surface, NULL);
        window->surface = VK_NULL_HANDLE;
    }
}

static v_status choose_format(v_window *window, VkSurfaceFormatKHR *out_format)
{
    // sRGB first: shaders write linear light.
    static const v_format wanted[] = { V_FORMAT_BGRA8_SRGB, V_FORMAT_RGBA8_SRGB, V_FORMAT_BGRA8_UNORM,
                                       V_FORMAT_RGBA8_UNORM };
    VkSurfaceFormatKHR offered[64];
    uint32_t count = V_COUNT_OF(offered);
    VkResult result = window->gpu->instance.api.vkGetPhysicalDeviceSurfaceFormatsKHR(window->gpu->physical,
                                                                                     window->surface, &count, offered);
    if (result < 0) {
        return gpu_fail(window->gpu, result, "vkGetPhysicalDeviceSurfaceFormatsKHR");
    }
    for (size_t w = 0; w < V_COUNT_OF(wanted); w++) {
        for (uint32_t i = 0; i < count; i++) {
            if (offered[i].format == gpu_format(wanted[w]) &&
                offered[i].colorSpace == VK_COLOR_SPACE_SRGB_NONLINEAR_KHR) {
                window->format = wanted[w];
                *out_format = offered[i];
                return V_OK;
            }
        }
    }
    return v_fail(V_ERROR_UNSUPPORTED, "the display offers no 8-bit RGBA or BGRA format (%u others)", count);
}

static const VkPresentModeKHR vulkan_modes[] = { [V_PRESENT_FIFO] = VK_PRESENT_MODE_FIFO_KHR,
                                                 [V_PRESENT_MAILBOX] = VK_PRESENT_MODE_MAILBOX_KHR,
                                                 [V_PRESENT_IMMEDIATE] = VK_PRESENT_MODE_IMMEDIATE_KHR,
                                                 [V_PRESENT_FIFO_RELAXED] = VK_PRESENT_MODE_FIFO_RELAXED_KHR };

static v_status choose_mode(v_window *window)
{
    VkPresentModeKHR offered[16];
    uint32_t count = V_COUNT_OF(offered), mask = 0;
    VkResult result = window->gpu->instance.api.vkGetPhysicalDeviceSurfacePresentModesKHR(
        window->gpu->physical, window->surface, &count, offered);
    if (result < 0) {
        return gpu_fail(window->gpu, result, "vkGetPhysicalDeviceSurfacePresentModesKHR");
    }
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t m = 0; m < V_COUNT_OF(vulkan_modes); m++) {
            mask |= offered[i] == vulkan_modes[m] ? 1u << m : 0u;
        }
    }
    window->mode = v_present_mode_choose(mask, window->wish, window->vsync);
    return V_OK;
}

static uint32_t clamp(uint32_t value, uint32_t lowest, uint32_t highest)
{
    return value < lowest ? lowest : value > highest ? highest : value;
}

static uint32_t choose_image_count(const VkSurfaceCapabilitiesKHR *caps, v_present_mode mode)
{
    // One more than the display holds, so that drawing never waits for it; mailbox needs a third to replace.
    uint32_t count = caps->minImageCount + 1;
    count = mode == V_PRESENT_MAILBOX && count < 3 ? 3 : count;
    uint32_t highest =
        caps->maxImageCount == 0 || caps->maxImageCount > WINDOW_MAX_IMAGES ? WINDOW_MAX_IMAGES : caps->maxImageCount;
    return count < highest ? count : highest;
}

static VkCompositeAlphaFlagBitsKHR choose_alpha(VkCompositeAlphaFlagsKHR offered)
{
    if ((offered & VK_COMPOSITE_ALPHA_OPAQUE_BIT_KHR) != 0) {
        return VK_COMPOSITE_ALPHA_OPAQUE_BIT_KHR;
    }
    return (VkCompositeAlphaFlagBitsKHR)(offered & (~offered + 1)); // the lowest offered bit
}

static v_status wrap_images(v_window *window)
{
    v_gpu *gpu = window->gpu;
    VkImage handles[WINDOW_MAX_IMAGES];
    uint32_t count = WINDOW_MAX_IMAGES;
    VkResult result = gpu->vk.vkGetSwapchainImagesKHR(gpu->device, window->swapchain, &count, handles);
    if (result != VK_SUCCESS) {
        return result == VK_INCOMPLETE
                   ? v_fail(V_ERROR_FULL, "the swapchain has more than %d images", WINDOW_MAX_IMAGES)
                   : gpu_fail(gpu, result, "vkGetSwapchainImagesKHR");
    }
    v_gpu_texture_desc desc = { .name = "window",
                                .format = window->format,
                                .width_px = window->width_px,
                                .height_px = window->height_px,
                                .depth_px = 1,
                                .mip_count = 1,
                                .layer_count = 1,
                                .usage = V_TEXTURE_TARGET };
    for (uint32_t i = 0; i < count; i++) {
        V_TRY(gpu_texture_wrap(gpu, &desc, handles[i], &window->images[i]));
        window->image_count = i + 1;
        V_TRY(make_semaphore(gpu, &window->image_done[i]));
    }
    for (uint32_t i = 0; i < gpu->frame_count; i++) {
        V_TRY(make_semaphore(gpu, &window->acquired_semaphores[i]));
    }
    return V_OK;
}

static v_status make_swapchain(v_window *window, const VkSurfaceCapabilitiesKHR *caps)
{
    v_gpu *gpu = window->gpu;
    VkSurfaceFormatKHR format = { 0 };
    V_TRY(choose_format(window, &format));
    V_TRY(choose_mode(window));
    const VkImageUsageFlags usage = VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT;
    if ((caps->supportedUsageFlags & usage) != usage) {
        return v_fail(V_ERROR_UNSUPPORTED, "the display's images cannot be drawn to and copied to");
    }
    VkSwapchainKHR old = window->swapchain;
    VkSwapchainCreateInfoKHR info = { .sType = VK_STRUCTURE_TYPE_SWAPCHAIN_CREATE_INFO_KHR,
                                      .surface = window->surface,
                                      .minImageCount = choose_image_count(caps, window->mode),
                                      .imageFormat = format.format,
                                      .imageColorSpace = format.colorSpace,
                                      .imageExtent = { window->width_px, window->height_px },
                                      .imageArrayLayers = 1,
                                      .imageUsage = usage,
                                      .preTransform = caps->currentTransform,
                                      .compositeAlpha = choose_alpha(caps->supportedCompositeAlpha),
                                      .presentMode = vulkan_modes[window->mode],
                                      .clipped = VK_TRUE,
                                      .oldSwapchain = old };
    (void)gpu->vk.vkDeviceWaitIdle(gpu->device);
    drop_images(window);
    VkResult result = gpu->vk.vkCreateSwapchainKHR(gpu->device, &info, NULL, &window->swapchain);
    if (result != VK_SUCCESS) {
        window->swapchain = VK_NULL_HANDLE;
    }
    if (old != VK_NULL_HANDLE) {
        gpu->vk.vkDestroySwapchainKHR(gpu->device, old, NULL);
    }
    if (window->semaphores_outdated) {
        drop_semaphores(window);
        window->semaphores_outdated = false;
    }
    return result == VK_SUCCESS ? wrap_images(window) : gpu_fail(gpu, result, "vkCreateSwapchainKHR");
}

static void announce(v_window *window)
{
    if (!window->announced) {
        V_LOG_INFO(window->gpu->log, "gpu", "Present mode: %s", v_present_mode_name(window->mode));
        V_LOG_INFO(window->gpu->log, "gpu", "VSync: %s", window->mode == V_PRESENT_FIFO ? "true" : "false");
        window->announced = true;
    }
}

v_status window_prepare(v_window *window)
{
    v_gpu *gpu = window->gpu;
    uint32_t native_width, native_height;
    window_native_size(window, &native_width, &native_height);
    if (native_width == 0) {
        window->width_px = window->height_px = 0;
        window->outdated = true;
        return V_OK;
    }
    if (!window->outdated && window->swapchain != VK_NULL_HANDLE) {
        return V_OK;
    }
    VkSurfaceCapabilitiesKHR caps;
    VkResult result =
        gpu->instance.api.vkGetPhysicalDeviceSurfaceCapabilitiesKHR(gpu->physical, window->surface, &caps);
    if (result == VK_ERROR_SURFACE_LOST_KHR) {
        window_release(window);
        V_TRY(window_create_surface(window));
        result = gpu->instance.api.vkGetPhysicalDeviceSurfaceCapabilitiesKHR(gpu->physical, window->surface, &caps);
    }
    if (result != VK_SUCCESS) {
        return gpu_fail(gpu, result, "vkGetPhysicalDeviceSurfaceCapabilitiesKHR");
    }
    // Some systems let the swapchain decide the size: then it is the drawable's.
    bool own_size = caps.currentExtent.width != UINT32_MAX;
    window->width_px =
        own_size ? caps.currentExtent.width : clamp(native_width, caps.minImageExtent.width, caps.maxImageExtent.width);
    window->height_px = own_size ? caps.currentExtent.height
                                 : clamp(native_height, caps.minImageExtent.height, caps.maxImageExtent.height);
    if (window->width_px == 0 || window->height_px == 0) {
        window->width_px = window->height_px = 0;
        return V_OK;
    }
    V_TRY(make_swapchain(window, &caps));
    window->outdated = false;
    announce(window);
    return V_OK;
}

static v_status check_acquire(v_window *window, v_gpu_texture *out_texture)
{
    if (window == NULL || out_texture == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_window_acquire: %s is null",
                      window == NULL ? "window" : "out_texture");
    }
    *out_texture = (v_gpu_texture){ 0 };
    V_TRY(gpu_check(window->gpu, "v_window_acquire"));
    if (!window->gpu->recording) {
        return v_fail(V_ERROR_STATE, "v_window_acquire: call v_gpu_frame_begin first");
    }
    if (window->acquired) {
        return v_fail(V_ERROR_STATE, "v_window_acquire: this frame has acquired this window already");
    }
    if (window->gpu->acquired_count == V_COUNT_OF(window->gpu->acquired)) {
        return v_fail(V_ERROR_FULL, "v_window_acquire: a frame presents to %zu windows at most",
                      V_COUNT_OF(window->gpu->acquired));
    }
    return V_OK;
}

v_status v_window_acquire(v_window *window, v_gpu_texture *out_texture)
{
    V_TRY(check_acquire(window, out_texture));
    v_gpu *gpu = window->gpu;
    VkResult result = VK_SUCCESS;
    for (uint32_t i = 0; i < ACQUIRE_TRIES; i++) {
        V_TRY(window_prepare(window));
        if (window->width_px == 0) {
            return V_OK;
        }
        result =
            gpu->vk.vkAcquireNextImageKHR(gpu->device, window->swapchain, acquire_timeout_ns,
                                          window->acquired_semaphores[gpu->frame_slot], VK_NULL_HANDLE, &window->image);
        if (result == VK_ERROR_OUT_OF_DATE_KHR) {
            window->outdated = true;
        } else if (result == VK_ERROR_SURFACE_LOST_KHR) {
            window_release(window);
            window->outdated = true;
            V_TRY(window_create_surface(window));
        } else {
            break;
        }
    }
    if (result == VK_TIMEOUT || result == VK_NOT_READY) {
        return V_OK; // the display shows nothing of this window: as if it were minimised
    }
    if (result != VK_SUCCESS && result != VK_SUBOPTIMAL_KHR) {
        return gpu_fail(gpu, result, "vkAcquireNextImageKHR");
    }
    window->outdated = window->outdated || result == VK_SUBOPTIMAL_KHR;
    window->acquired = true;
    gpu->acquired[gpu->acquired_count++] = window;
    gpu_texture *texture = gpu_get_texture(gpu, window->images[window->image]);
    texture->state = (gpu_resource_state){ .write_stages = IMAGE_STAGES, .layout = VK_IMAGE_LAYOUT_UNDEFINED };
    *out_texture = window->images[window->image];
    return V_OK;
}

v_status gpu_window_check(v_window *window)
{
    const gpu_texture *texture = gpu_get_texture(window->gpu, window->images[window->image]);
    if (texture == NULL || texture->state.layout != VK_IMAGE_LAYOUT_PRESENT_SRC_KHR) {
        return v_fail(V_ERROR_STATE, "v_gpu_frame_end: the window's image was acquired and not drawn; import it with "
                                     "final_usage V_USAGE_PRESENT");
    }
    return V_OK;
}

void gpu_window_submit_info(v_window *window, VkSemaphoreSubmitInfo *out_wait, VkSemaphoreSubmitInfo *out_signal)
{
    *out_wait = (VkSemaphoreSubmitInfo){ .sType = VK_STRUCTURE_TYPE_SEMAPHORE_SUBMIT_INFO,
                                         .semaphore = window->acquired_semaphores[window->gpu->frame_slot],
                                         .stageMask = IMAGE_STAGES };
    *out_signal = (VkSemaphoreSubmitInfo){ .sType = VK_STRUCTURE_TYPE_SEMAPHORE_SUBMIT_INFO,
                                           .semaphore = window->image_done[window->image],
                                           .stageMask = VK_PIPELINE_STAGE_2_ALL_COMMANDS_BIT };
}

v_status gpu_window_present(v_window *window)
{
    v_gpu *gpu = window->gpu;
    VkPresentInfoKHR info = { .sType = VK_STRUCTURE_TYPE_PRESENT_INFO_KHR,
                              .waitSemaphoreCount = 1,
                              .pWaitSemaphores = &window->image_done[window->image],
                              .swapchainCount = 1,
                              .pSwapchains = &window->swapchain,
                              .pImageIndices = &window->image };
    window->acquired = false;
    VkResult result = gpu->vk.vkQueuePresentKHR(gpu->queue, &info);
    if (result == VK_SUBOPTIMAL_KHR || result == VK_ERROR_OUT_OF_DATE_KHR || result == VK_ERROR_SURFACE_LOST_KHR) {
        window->outdated = true; // the next acquire makes it anew
        return V_OK;
    }
    return result == VK_SUCCESS ? V_OK : gpu_fail(gpu, result, "vkQueuePresentKHR");
}

void gpu_window_abandon(v_window *window)
{
    window->acquired = false;
    window->outdated = true;
    window->semaphores_outdated = true;
}

v_status v_window_set_present(v_window *window, v_present_wish wish, bool vsync)
{
    if (window == NULL || (uint32_t)wish > V_PRESENT_WISH_IMMEDIATE) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_window_set_present: %s",
                      window == NULL ? "window is null" : "wish is not a v_present_wish");
    }
    window->outdated = window->outdated || window->wish != wish || window->vsync != vsync;
    window->wish = wish;
    window->vsync = vsync;
    return V_OK;
}

v_present_mode v_window_get_present_mode(const v_window *window)
{
    return window != NULL ? window->mode : V_PRESENT_FIFO;
}

v_format v_window_get_format(const v_window *window)
{
    return window != NULL ? window->format : V_FORMAT_NONE;
}
