// names.c: texts for Vulkan's results, and turning a VkResult into a status with a message.
#include "gpu_internal.h"

#include <string.h>

const char *gpu_result_name(VkResult result)
{
    static const struct {
        VkResult result;
        const char *name;
    } names[] = {
#define NAME(x) { x, #x }
        NAME(VK_SUCCESS),
        NAME(VK_NOT_READY),
        NAME(VK_TIMEOUT),
        NAME(VK_INCOMPLETE),
        NAME(VK_SUBOPTIMAL_KHR),
        NAME(VK_ERROR_OUT_OF_HOST_MEMORY),
        NAME(VK_ERROR_OUT_OF_DEVICE_MEMORY),
        NAME(VK_ERROR_INITIALIZATION_FAILED),
        NAME(VK_ERROR_DEVICE_LOST),
        NAME(VK_ERROR_MEMORY_MAP_FAILED),
        NAME(VK_ERROR_LAYER_NOT_PRESENT),
        NAME(VK_ERROR_EXTENSION_NOT_PRESENT),
        NAME(VK_ERROR_FEATURE_NOT_PRESENT),
        NAME(VK_ERROR_INCOMPATIBLE_DRIVER),
        NAME(VK_ERROR_TOO_MANY_OBJECTS),
        NAME(VK_ERROR_FORMAT_NOT_SUPPORTED),
        NAME(VK_ERROR_FRAGMENTED_POOL),
        NAME(VK_ERROR_OUT_OF_POOL_MEMORY),
        NAME(VK_ERROR_SURFACE_LOST_KHR),
        NAME(VK_ERROR_NATIVE_WINDOW_IN_USE_KHR),
        NAME(VK_ERROR_OUT_OF_DATE_KHR),
        NAME(VK_ERROR_FULL_SCREEN_EXCLUSIVE_MODE_LOST_EXT),
#undef NAME
    };
    for (size_t i = 0; i < V_COUNT_OF(names); i++) {
        if (names[i].result == result) {
            return names[i].name;
        }
    }
    return "VK_ERROR_UNKNOWN";
}

v_status gpu_fail(v_gpu *gpu, VkResult result, const char *call)
{
    switch (result) {
    case VK_ERROR_DEVICE_LOST:
        if (gpu != NULL) {
            gpu->lost = true;
        }
        return v_fail(V_ERROR_DEVICE_LOST,
                      "%s: the GPU was lost (VK_ERROR_DEVICE_LOST); destroy this device and make "
                      "a new one",
                      call);
    case VK_ERROR_SURFACE_LOST_KHR:
        return v_fail(V_ERROR_DEVICE_LOST, "%s: the window's surface was lost; make the window anew", call);
    case VK_ERROR_OUT_OF_DATE_KHR:
        return v_fail(V_ERROR_OUT_OF_DATE, "%s: the swapchain no longer fits its window", call);
    case VK_ERROR_OUT_OF_HOST_MEMORY:
    case VK_ERROR_OUT_OF_DEVICE_MEMORY:
    case VK_ERROR_OUT_OF_POOL_MEMORY:
    case VK_ERROR_FRAGMENTED_POOL:
        return v_fail(V_ERROR_OUT_OF_MEMORY, "%s: %s", call, gpu_result_name(result));
    case VK_ERROR_LAYER_NOT_PRESENT:
    case VK_ERROR_EXTENSION_NOT_PRESENT:
    case VK_ERROR_FEATURE_NOT_PRESENT:
    case VK_ERROR_FORMAT_NOT_SUPPORTED:
        return v_fail(V_ERROR_UNSUPPORTED, "%s: %s", call, gpu_result_name(result));
    case VK_TIMEOUT:
        return v_fail(V_ERROR_TIMEOUT, "%s: the wait ran out", call);
    default:
        return v_fail(V_ERROR_NO_DEVICE, "%s: %s (%d)", call, gpu_result_name(result), (int)result);
    }
}

void gpu_set_name(v_gpu *gpu, VkObjectType type, uint64_t handle, const char *name)
{
    if (!gpu->instance.debug_utils || gpu->instance.api.vkSetDebugUtilsObjectNameEXT == NULL) {
        return;
    }
    VkDebugUtilsObjectNameInfoEXT info = { .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_OBJECT_NAME_INFO_EXT,
                                           .objectType = type,
                                           .objectHandle = handle,
                                           .pObjectName = name };
    (void)gpu->instance.api.vkSetDebugUtilsObjectNameEXT(gpu->device, &info);
}

void gpu_copy_name(char out[GPU_NAME_BYTES], const char *name, const char *fallback)
{
    const char *text = name != NULL ? name : fallback;
    size_t length = strnlen(text, GPU_NAME_BYTES - 1);
    memcpy(out, text, length);
    out[length] = '\0';
}
