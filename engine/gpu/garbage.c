// garbage.c: destroying Vulkan objects once the GPU has passed the point that may use them.
#include "gpu_internal.h"

static void destroy_now(v_gpu *gpu, gpu_garbage *item)
{
    switch (item->kind) {
    case GPU_GARBAGE_BUFFER:
        gpu->vk.vkDestroyBuffer(gpu->device, (VkBuffer)item->handle, NULL);
        break;
    case GPU_GARBAGE_IMAGE:
        gpu->vk.vkDestroyImage(gpu->device, (VkImage)item->handle, NULL);
        break;
    case GPU_GARBAGE_VIEW:
        gpu->vk.vkDestroyImageView(gpu->device, (VkImageView)item->handle, NULL);
        break;
    case GPU_GARBAGE_SAMPLER:
        gpu->vk.vkDestroySampler(gpu->device, (VkSampler)item->handle, NULL);
        break;
    case GPU_GARBAGE_PIPELINE:
        gpu->vk.vkDestroyPipeline(gpu->device, (VkPipeline)item->handle, NULL);
        break;
    case GPU_GARBAGE_PIPELINE_LAYOUT:
        gpu->vk.vkDestroyPipelineLayout(gpu->device, (VkPipelineLayout)item->handle, NULL);
        break;
    case GPU_GARBAGE_MEMORY:
        break;
    }
    gpu_memory_free(gpu->memory, &item->memory);
}

void gpu_discard(v_gpu *gpu, gpu_garbage_kind kind, uint64_t handle, const gpu_allocation *memory)
{
    // What is being recorded now goes out with the next submission.
    gpu_garbage item = { .kind = kind, .value = gpu->submitted_value + 1, .handle = handle };
    if (memory != NULL) {
        item.memory = *memory;
    }
    if (V_ARRAY_PUSH(&gpu->garbage, gpu->allocator, item) != V_OK) {
        // No room to wait in the list: wait for the device instead. A frame that is being recorded may still name the
        // object, so it cannot go out any more.
        if (gpu->recording) {
            gpu_cmd_fail(&gpu->frames[gpu->frame_slot].cmd, V_ERROR_OUT_OF_MEMORY, "no memory to defer a destruction");
        }
        (void)gpu->vk.vkDeviceWaitIdle(gpu->device);
        destroy_now(gpu, &item);
    }
}

void gpu_collect(v_gpu *gpu, bool everything)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < gpu->garbage.count; i++) {
        gpu_garbage *item = &gpu->garbage.items[i];
        if (everything || item->value <= gpu->finished_value) {
            destroy_now(gpu, item);
        } else {
            gpu->garbage.items[kept++] = *item;
        }
    }
    gpu->garbage.count = kept;
}
