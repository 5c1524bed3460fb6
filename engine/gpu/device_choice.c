// device_choice.c: describing physical devices, refusing or scoring them with a reason, choosing one.
#include "gpu_internal.h"

#include <stdio.h>
#include <string.h>

enum { MAX_CANDIDATES = 16 };

const char *v_gpu_type_name(v_gpu_type type)
{
    static const char *const names[] = { "Other", "Integrated GPU", "Discrete GPU", "Virtual GPU", "CPU" };
    return (size_t)type < V_COUNT_OF(names) ? names[type] : "unknown";
}

static v_gpu_type type_of(VkPhysicalDeviceType type)
{
    switch (type) {
    case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
        return V_GPU_TYPE_INTEGRATED;
    case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
        return V_GPU_TYPE_DISCRETE;
    case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU:
        return V_GPU_TYPE_VIRTUAL;
    case VK_PHYSICAL_DEVICE_TYPE_CPU:
        return V_GPU_TYPE_CPU;
    default:
        return V_GPU_TYPE_OTHER;
    }
}

static bool find_queue_family(const gpu_instance *instance, VkPhysicalDevice device, uint32_t *out_family,
                              bool *out_timestamps)
{
    VkQueueFamilyProperties families[32];
    uint32_t count = V_COUNT_OF(families);
    const VkQueueFlags wanted = VK_QUEUE_GRAPHICS_BIT | VK_QUEUE_COMPUTE_BIT;
    instance->api.vkGetPhysicalDeviceQueueFamilyProperties(device, &count, families);
    for (uint32_t i = 0; i < count; i++) {
        if ((families[i].queueFlags & wanted) == wanted && families[i].queueCount > 0) {
            *out_family = i;
            *out_timestamps = families[i].timestampValidBits > 0;
            return true;
        }
    }
    return false;
}

static bool has_extension(const gpu_instance *instance, VkPhysicalDevice device, const char *name)
{
    uint32_t count = 0;
    if (instance->api.vkEnumerateDeviceExtensionProperties(device, NULL, &count, NULL) != VK_SUCCESS || count == 0) {
        return false;
    }
    uint32_t capacity = count;
    VkExtensionProperties *offered = V_NEW_ARRAY(instance->allocator, VkExtensionProperties, capacity);
    bool found = false;
    if (offered != NULL && instance->api.vkEnumerateDeviceExtensionProperties(device, NULL, &count, offered) >= 0) {
        for (uint32_t i = 0; i < count; i++) {
            found = found || strcmp(offered[i].extensionName, name) == 0;
        }
    }
    V_DELETE_ARRAY(instance->allocator, offered, capacity);
    return found;
}

// The first reason why the device cannot be used, or null.
static const char *find_refusal(const gpu_instance *instance, VkPhysicalDevice device, uint32_t api_version,
                                bool presentation, v_gpu_info *info, uint32_t *out_family)
{
    if (!find_queue_family(instance, device, out_family, &info->timestamps)) {
        return "no queue for graphics and compute";
    }
    if (api_version < VK_API_VERSION_1_3) {
        return "Vulkan 1.3 is needed";
    }
    VkPhysicalDeviceVulkan13Features v13 = { .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_FEATURES };
    VkPhysicalDeviceVulkan12Features v12 = { .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES,
                                             .pNext = &v13 };
    VkPhysicalDeviceFeatures2 features = { .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2, .pNext = &v12 };
    instance->api.vkGetPhysicalDeviceFeatures2(device, &features);
    if (!v13.dynamicRendering) {
        return "no dynamicRendering";
    }
    if (!v13.synchronization2) {
        return "no synchronization2";
    }
    if (!v12.timelineSemaphore) {
        return "no timelineSemaphore";
    }
    if (!v13.maintenance4) {
        return "no maintenance4";
    }
    if (presentation && !has_extension(instance, device, "VK_KHR_swapchain")) {
        return "no VK_KHR_swapchain, and a window is wanted";
    }
    return NULL;
}

static int32_t score_of(const v_gpu_info *info)
{
    static const int32_t by_type[] = { [V_GPU_TYPE_OTHER] = 100,
                                       [V_GPU_TYPE_INTEGRATED] = 2000,
                                       [V_GPU_TYPE_DISCRETE] = 4000,
                                       [V_GPU_TYPE_VIRTUAL] = 1000,
                                       [V_GPU_TYPE_CPU] = 500 };
    uint64_t local_bytes = 0;
    for (uint32_t i = 0; i < info->heap_count; i++) {
        local_bytes += info->heaps[i].device_local ? info->heaps[i].size_bytes : 0;
    }
    // One point per 256 MiB decides between devices of one kind and never between kinds.
    uint64_t memory_points = local_bytes >> 28;
    return by_type[info->type] + (int32_t)(memory_points < 400 ? memory_points : 400);
}

v_status gpu_describe(const gpu_instance *instance, VkPhysicalDevice device, bool presentation, v_gpu_info *out_info,
                      uint32_t *out_queue_family)
{
    memset(out_info, 0, sizeof(*out_info));
    VkPhysicalDeviceDriverProperties driver = { .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES };
    VkPhysicalDeviceProperties2 properties = { .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2,
                                               .pNext = &driver };
    instance->api.vkGetPhysicalDeviceProperties(device, &properties.properties);
    uint32_t api = properties.properties.apiVersion;
    if (api >= VK_API_VERSION_1_2) {
        instance->api.vkGetPhysicalDeviceProperties2(device, &properties);
    }
    const VkPhysicalDeviceProperties *base = &properties.properties;
    snprintf(out_info->name, sizeof(out_info->name), "%s", base->deviceName);
    snprintf(out_info->driver_name, sizeof(out_info->driver_name), "%s", driver.driverName);
    snprintf(out_info->driver_info, sizeof(out_info->driver_info), "%s", driver.driverInfo);
    snprintf(out_info->api_version, sizeof(out_info->api_version), "%u.%u.%u", VK_API_VERSION_MAJOR(api),
             VK_API_VERSION_MINOR(api), VK_API_VERSION_PATCH(api));
    out_info->type = type_of(base->deviceType);
    out_info->vendor_id = base->vendorID;
    out_info->device_id = base->deviceID;
    out_info->max_texture_px = base->limits.maxImageDimension2D;
    out_info->max_push_bytes = base->limits.maxPushConstantsSize;

    VkPhysicalDeviceMemoryProperties memory;
    instance->api.vkGetPhysicalDeviceMemoryProperties(device, &memory);
    for (uint32_t i = 0; i < memory.memoryHeapCount && i < V_COUNT_OF(out_info->heaps); i++) {
        out_info->heaps[i] =
            (v_gpu_heap){ .size_bytes = memory.memoryHeaps[i].size,
                          .device_local = (memory.memoryHeaps[i].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) != 0 };
        out_info->heap_count = i + 1;
    }
    const char *refusal = find_refusal(instance, device, api, presentation, out_info, out_queue_family);
    snprintf(out_info->refusal, sizeof(out_info->refusal), "%s", refusal != NULL ? refusal : "");
    out_info->score = refusal != NULL ? -1 : score_of(out_info);
    return V_OK;
}

// Index into `infos` of the device to take, or -1.
static int32_t pick(const v_gpu_info *infos, uint32_t count, const v_gpu_desc *desc)
{
    if (desc->prefer_index > 0) {
        uint32_t wanted = desc->prefer_index - 1;
        return wanted < count && infos[wanted].score >= 0 ? (int32_t)wanted : -1;
    }
    int32_t best = -1;
    for (uint32_t i = 0; i < count; i++) {
        if (infos[i].score < 0) {
            continue;
        }
        if (desc->prefer_name != NULL && strstr(infos[i].name, desc->prefer_name) != NULL) {
            return (int32_t)i;
        }
        // Equal scores: the first one, so that the choice is the driver's stable order.
        if (best < 0 || infos[i].score > infos[best].score) {
            best = (int32_t)i;
        }
    }
    return desc->prefer_name != NULL ? -1 : best;
}

static v_status no_choice(const v_gpu_info *infos, uint32_t count, const v_gpu_desc *desc)
{
    if (count == 0) {
        return v_fail(V_ERROR_NO_DEVICE, "Vulkan lists no device: install mesa-vulkan-drivers (it has one for the CPU) "
                                         "or the GPU maker's driver");
    }
    if (desc->prefer_index > count) {
        return v_fail(V_ERROR_NO_DEVICE, "device %u was asked for and there are %u", desc->prefer_index - 1, count);
    }
    if (desc->prefer_index > 0) {
        const v_gpu_info *info = &infos[desc->prefer_index - 1];
        return v_fail(V_ERROR_NO_DEVICE, "device %u (%s) cannot be used: %s", desc->prefer_index - 1, info->name,
                      info->refusal);
    }
    if (desc->prefer_name != NULL) {
        return v_fail(V_ERROR_NO_DEVICE, "no usable device has \"%s\" in its name; the first of %u is \"%s\"",
                      desc->prefer_name, count, infos[0].name);
    }
    return v_fail(V_ERROR_NO_DEVICE, "none of %u Vulkan devices can be used; \"%s\": %s", count, infos[0].name,
                  infos[0].refusal);
}

v_status gpu_choose(v_gpu *gpu, const v_gpu_desc *desc)
{
    VkPhysicalDevice devices[MAX_CANDIDATES];
    uint32_t families[MAX_CANDIDATES] = { 0 };
    uint32_t count = MAX_CANDIDATES;
    VkResult result = gpu->instance.api.vkEnumeratePhysicalDevices(gpu->instance.handle, &count, devices);
    if (result == VK_ERROR_INITIALIZATION_FAILED) {
        count = 0; // what some loaders answer when every driver failed to start
    } else if (result < 0) {
        return gpu_fail(NULL, result, "vkEnumeratePhysicalDevices");
    }
    v_gpu_info *infos = V_NEW_ARRAY(gpu->allocator, v_gpu_info, MAX_CANDIDATES);
    if (infos == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    for (uint32_t i = 0; i < count; i++) {
        (void)gpu_describe(&gpu->instance, devices[i], desc->presentation, &infos[i], &families[i]);
        if (infos[i].score >= 0) {
            V_LOG_INFO(gpu->log, "gpu", "Device %u: %s, %s, score %d", i, infos[i].name, v_gpu_type_name(infos[i].type),
                       infos[i].score);
        } else {
            V_LOG_INFO(gpu->log, "gpu", "Device %u: %s, %s, refused: %s", i, infos[i].name,
                       v_gpu_type_name(infos[i].type), infos[i].refusal);
        }
    }
    int32_t chosen = pick(infos, count, desc);
    v_status status = V_OK;
    if (chosen < 0) {
        status = no_choice(infos, count, desc);
    } else {
        gpu->physical = devices[chosen];
        gpu->info = infos[chosen];
        gpu->queue_family = families[chosen];
    }
    V_DELETE_ARRAY(gpu->allocator, infos, MAX_CANDIDATES);
    return status;
}

v_status v_gpu_enumerate(const v_allocator *allocator, v_gpu_survey *out_survey)
{
    if (out_survey == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_gpu_enumerate: out_survey is null");
    }
    memset(out_survey, 0, sizeof(*out_survey));
    V_TRY(gpu_loader_open());
    uint32_t version = VK_API_VERSION_1_0;
    PFN_vkEnumerateInstanceVersion get_version =
        (PFN_vkEnumerateInstanceVersion)gpu_loader_get(NULL, "vkEnumerateInstanceVersion");
    if (get_version != NULL) {
        (void)get_version(&version);
    }
    snprintf(out_survey->loader_version, sizeof(out_survey->loader_version), "%u.%u.%u", VK_API_VERSION_MAJOR(version),
             VK_API_VERSION_MINOR(version), VK_API_VERSION_PATCH(version));
    V_TRY(gpu_layers_list(out_survey, allocator));
    gpu_instance instance;
    v_status status = gpu_instance_init(&instance, &(gpu_instance_options){ .allocator = allocator });
    if (status != V_OK) {
        return status == V_ERROR_NO_DEVICE ? V_OK : status; // a loader without drivers is a finding, not a failure
    }
    VkPhysicalDevice devices[V_COUNT_OF(out_survey->devices)];
    uint32_t count = V_COUNT_OF(devices);
    if (instance.api.vkEnumeratePhysicalDevices(instance.handle, &count, devices) < 0) {
        count = 0;
    }
    for (uint32_t i = 0; i < count; i++) {
        uint32_t family;
        (void)gpu_describe(&instance, devices[i], false, &out_survey->devices[i], &family);
    }
    out_survey->device_count = count;
    gpu_instance_finish(&instance);
    return V_OK;
}
