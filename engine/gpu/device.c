// device.c: making and destroying a v_gpu.
#include "gpu_internal.h"

#include <string.h>

v_status gpu_check(const v_gpu *gpu, const char *call)
{
    if (gpu == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "%s: gpu is null", call);
    }
    if (gpu->lost) {
        return v_fail(V_ERROR_DEVICE_LOST, "%s: the GPU was lost earlier; destroy this device and make a new one",
                      call);
    }
    return V_OK;
}

static v_status create_device(v_gpu *gpu)
{
    VkPhysicalDeviceFeatures2 offered = { .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2 };
    gpu->instance.api.vkGetPhysicalDeviceFeatures2(gpu->physical, &offered);
    gpu->features = (VkPhysicalDeviceFeatures){
        .depthClamp = offered.features.depthClamp,
        .samplerAnisotropy = offered.features.samplerAnisotropy,
        .multiDrawIndirect = offered.features.multiDrawIndirect,
        .drawIndirectFirstInstance = offered.features.drawIndirectFirstInstance,
        .fragmentStoresAndAtomics = offered.features.fragmentStoresAndAtomics,
        .vertexPipelineStoresAndAtomics = offered.features.vertexPipelineStoresAndAtomics,
        .shaderInt64 = offered.features.shaderInt64,
        .imageCubeArray = offered.features.imageCubeArray,
        .depthBiasClamp = offered.features.depthBiasClamp,
        .independentBlend = offered.features.independentBlend,
    };
    VkPhysicalDeviceVulkan13Features v13 = { .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_3_FEATURES,
                                             .dynamicRendering = VK_TRUE,
                                             .synchronization2 = VK_TRUE,
                                             .maintenance4 = VK_TRUE };
    VkPhysicalDeviceVulkan12Features v12 = { .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_1_2_FEATURES,
                                             .pNext = &v13,
                                             .timelineSemaphore = VK_TRUE };
    VkPhysicalDeviceFeatures2 enabled = { .sType = VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2,
                                          .pNext = &v12,
                                          .features = gpu->features };
    float priority = 1.0f;
    VkDeviceQueueCreateInfo queue = { .sType = VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO,
                                      .queueFamilyIndex = gpu->queue_family,
                                      .queueCount = 1,
                                      .pQueuePriorities = &priority };
    const char *swapchain = "VK_KHR_swapchain";
    VkDeviceCreateInfo info = { .sType = VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO,
                                .pNext = &enabled,
                                .queueCreateInfoCount = 1,
                                .pQueueCreateInfos = &queue,
                                .enabledExtensionCount = gpu->presentation ? 1 : 0,
                                .ppEnabledExtensionNames = &swapchain };
    VkResult result = gpu->instance.api.vkCreateDevice(gpu->physical, &info, NULL, &gpu->device);
    if (result != VK_SUCCESS) {
        gpu->device = NULL;
        return gpu_fail(NULL, result, "vkCreateDevice");
    }
    gpu_loader_device_table(gpu->instance.handle, gpu->device, &gpu->vk);
    gpu->vk.vkGetDeviceQueue(gpu->device, gpu->queue_family, 0, &gpu->queue);
    return V_OK;
}

static v_status create_parts(v_gpu *gpu, uint32_t frames_in_flight)
{
    gpu_memory_desc memory = { .allocator = gpu->allocator, .device = gpu->device, .vk = &gpu->vk };
    gpu->instance.api.vkGetPhysicalDeviceMemoryProperties(gpu->physical, &memory.properties);
    V_TRY(gpu_memory_create(&memory, &gpu->memory));
    VkPipelineCacheCreateInfo cache = { .sType = VK_STRUCTURE_TYPE_PIPELINE_CACHE_CREATE_INFO };
    VkResult result = gpu->vk.vkCreatePipelineCache(gpu->device, &cache, NULL, &gpu->pipeline_cache);
    if (result != VK_SUCCESS) {
        return gpu_fail(gpu, result, "vkCreatePipelineCache");
    }
    return gpu_frames_init(gpu, frames_in_flight);
}

static void log_start(const v_gpu *gpu)
{
    V_LOG_INFO(gpu->log, "gpu", "Render API: Vulkan %s", gpu->info.api_version);
    V_LOG_INFO(gpu->log, "gpu", "GPU: %s", gpu->info.name);
    V_LOG_INFO(gpu->log, "gpu", "Driver: %s %s", gpu->info.driver_name, gpu->info.driver_info);
    V_LOG_INFO(gpu->log, "gpu", "Validation: %s", gpu->instance.validation ? "true" : "false");
}

v_status v_gpu_create(const v_gpu_desc *desc, v_gpu **out_gpu)
{
    if (desc == NULL || out_gpu == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_gpu_create: %s is null", desc == NULL ? "desc" : "out_gpu");
    }
    *out_gpu = NULL;
    if (desc->frames_in_flight > GPU_MAX_FRAMES) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_gpu_create: frames_in_flight is %u, at most %d",
                      desc->frames_in_flight, GPU_MAX_FRAMES);
    }
    v_gpu *gpu = V_NEW(desc->allocator, v_gpu);
    if (gpu == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    gpu->allocator = desc->allocator;
    gpu->log = desc->log;
    gpu->presentation = desc->presentation;
    gpu->buffers.item_bytes = sizeof(gpu_buffer);
    gpu->textures.item_bytes = sizeof(gpu_texture);
    gpu->samplers.item_bytes = sizeof(gpu_sampler);
    gpu->shaders.item_bytes = sizeof(gpu_shader);
    gpu->pipelines.item_bytes = sizeof(gpu_pipeline);
    v_status status = gpu_instance_init(&gpu->instance, &(gpu_instance_options){ .allocator = desc->allocator,
                                                                                 .log = desc->log,
                                                                                 .validation = desc->validation,
                                                                                 .gpu_assisted = desc->gpu_assisted,
                                                                                 .surfaces = desc->presentation });
    if (status == V_OK) {
        status = gpu_choose(gpu, desc);
    }
    if (status == V_OK) {
        VkPhysicalDeviceProperties properties;
        gpu->instance.api.vkGetPhysicalDeviceProperties(gpu->physical, &properties);
        gpu->limits = properties.limits;
        status = create_device(gpu);
    }
    if (status == V_OK) {
        status = create_parts(gpu, desc->frames_in_flight == 0 ? 2 : desc->frames_in_flight);
    }
    if (status != V_OK) {
        v_gpu_destroy(gpu);
        return status;
    }
    log_start(gpu);
    *out_gpu = gpu;
    return V_OK;
}

static void free_resources(v_gpu *gpu)
{
    uint32_t index, generation;
    while (gpu_table_next(&gpu->pipelines, 0, &index, &generation)) {
        v_gpu_pipeline_destroy(gpu, (v_gpu_pipeline){ index, generation });
    }
    while (gpu_table_next(&gpu->shaders, 0, &index, &generation)) {
        v_gpu_shader_destroy(gpu, (v_gpu_shader){ index, generation });
    }
    while (gpu_table_next(&gpu->samplers, 0, &index, &generation)) {
        v_gpu_sampler_destroy(gpu, (v_gpu_sampler){ index, generation });
    }
    while (gpu_table_next(&gpu->textures, 0, &index, &generation)) {
        v_gpu_texture_destroy(gpu, (v_gpu_texture){ index, generation });
    }
    while (gpu_table_next(&gpu->buffers, 0, &index, &generation)) {
        v_gpu_buffer_destroy(gpu, (v_gpu_buffer){ index, generation });
    }
    gpu_collect(gpu, true);
}

void v_gpu_destroy(v_gpu *gpu)
{
    if (gpu == NULL) {
        return;
    }
    if (gpu->device != NULL) {
        (void)gpu->vk.vkDeviceWaitIdle(gpu->device);
        gpu->recording = false;
        gpu_uploads_finish(gpu);
        gpu_frames_finish(gpu);
        free_resources(gpu);
        gpu_set_layouts_finish(gpu);
        gpu_memory_destroy(gpu->memory);
        if (gpu->pipeline_cache != VK_NULL_HANDLE) {
            gpu->vk.vkDestroyPipelineCache(gpu->device, gpu->pipeline_cache, NULL);
        }
        gpu->vk.vkDestroyDevice(gpu->device, NULL);
    }
    gpu_instance_finish(&gpu->instance);
    gpu_table_finish(&gpu->buffers, gpu->allocator);
    gpu_table_finish(&gpu->textures, gpu->allocator);
    gpu_table_finish(&gpu->samplers, gpu->allocator);
    gpu_table_finish(&gpu->shaders, gpu->allocator);
    gpu_table_finish(&gpu->pipelines, gpu->allocator);
    V_ARRAY_DESTROY(&gpu->garbage, gpu->allocator);
    V_DELETE(gpu->allocator, gpu);
}

v_status v_gpu_get_info(const v_gpu *gpu, v_gpu_info *out_info)
{
    if (gpu == NULL || out_info == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_gpu_get_info: %s is null", gpu == NULL ? "gpu" : "out_info");
    }
    *out_info = gpu->info;
    return V_OK;
}

uint64_t v_gpu_validation_message_count(const v_gpu *gpu)
{
    return gpu != NULL ? atomic_load(&gpu->instance.validation_messages) : 0;
}

bool v_gpu_validation_active(const v_gpu *gpu)
{
    return gpu != NULL && gpu->instance.validation;
}

v_gpu_stats v_gpu_get_stats(const v_gpu *gpu)
{
    v_gpu_stats stats = { 0 };
    if (gpu == NULL) {
        return stats;
    }
    gpu_memory_stats memory = gpu_memory_get_stats(gpu->memory);
    stats.frame = gpu->frame;
    stats.device_allocations = memory.blocks;
    stats.device_bytes = memory.block_bytes;
    stats.used_bytes = memory.used_bytes;
    stats.buffers = gpu->buffers.live;
    stats.textures = gpu->textures.live;
    stats.samplers = gpu->samplers.live;
    stats.shaders = gpu->shaders.live;
    stats.pipelines = gpu->pipelines.live;
    stats.set_layouts = gpu->set_layouts.count;
    stats.pending_destroys = gpu->garbage.count;
    stats.draws = gpu->draws;
    stats.dispatches = gpu->dispatches;
    for (uint32_t i = 0; i < gpu->frame_count; i++) {
        stats.descriptor_pools += gpu->frames[i].descriptor_pools.count;
    }
    return stats;
}
