// loader.c: opening libvulkan through volk. volk keeps process-wide pointers; they are only touched here, under a lock.
#include "gpu_internal.h"

#include <pthread.h>

static pthread_mutex_t volk_lock = PTHREAD_MUTEX_INITIALIZER;

v_status gpu_loader_open(void)
{
    pthread_mutex_lock(&volk_lock);
    VkResult result = vkGetInstanceProcAddr != NULL ? VK_SUCCESS : volkInitialize();
    pthread_mutex_unlock(&volk_lock);
    if (result != VK_SUCCESS) {
        return v_fail(V_ERROR_NO_DEVICE, "libvulkan.so.1 cannot be loaded: install libvulkan1 and a driver "
                                         "(mesa-vulkan-drivers has one for the CPU)");
    }
    return V_OK;
}

PFN_vkVoidFunction gpu_loader_get(VkInstance instance, const char *name)
{
    return vkGetInstanceProcAddr(instance, name);
}

void gpu_loader_device_table(VkInstance instance, VkDevice device, struct VolkDeviceTable *out_table)
{
    pthread_mutex_lock(&volk_lock);
    // volkLoadDeviceTable asks through this global; the loader's function answers for any device.
    vkGetDeviceProcAddr = (PFN_vkGetDeviceProcAddr)vkGetInstanceProcAddr(instance, "vkGetDeviceProcAddr");
    volkLoadDeviceTable(out_table, device);
    pthread_mutex_unlock(&volk_lock);
}
