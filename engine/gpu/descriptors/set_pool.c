// set_pool.c: descriptor sets of one frame, from pools that grow in number and are reset with their frame.
#include "gpu_internal.h"

enum { FIRST_POOL_SETS = 64, LARGEST_POOL_SETS = 1024 };

static v_status add_pool(v_gpu *gpu, gpu_frame *frame)
{
    uint32_t sets = FIRST_POOL_SETS;
    if (frame->descriptor_pools.count > 0) {
        sets = frame->descriptor_pools.items[frame->descriptor_pools.count - 1].sets * 2;
        sets = sets > LARGEST_POOL_SETS ? LARGEST_POOL_SETS : sets;
    }
    // At least one set of the largest allowed size fits into a fresh pool, whatever its kinds.
    const VkDescriptorPoolSize sizes[] = {
        { VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER, sets * 2 },
        { VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, sets * 2 },
        { VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER, sets * 4 },
        { VK_DESCRIPTOR_TYPE_STORAGE_IMAGE, sets },
    };
    VkDescriptorPoolCreateInfo info = { .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO,
                                        .maxSets = sets,
                                        .poolSizeCount = V_COUNT_OF(sizes),
                                        .pPoolSizes = sizes };
    gpu_descriptor_pool pool = { .sets = sets };
    V_TRY(V_ARRAY_RESERVE(&frame->descriptor_pools, gpu->allocator, frame->descriptor_pools.count + 1));
    VkResult result = gpu->vk.vkCreateDescriptorPool(gpu->device, &info, NULL, &pool.handle);
    if (result != VK_SUCCESS) {
        return gpu_fail(gpu, result, "vkCreateDescriptorPool");
    }
    frame->descriptor_pools.items[frame->descriptor_pools.count++] = pool;
    return V_OK;
}

v_status gpu_set_allocate(v_gpu *gpu, VkDescriptorSetLayout layout, VkDescriptorSet *out_set)
{
    gpu_frame *frame = &gpu->frames[gpu->frame_slot];
    for (;;) {
        bool fresh = frame->descriptor_pool_index == frame->descriptor_pools.count;
        if (fresh) {
            V_TRY(add_pool(gpu, frame));
        }
        VkDescriptorSetAllocateInfo info = { .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO,
                                             .descriptorPool =
                                                 frame->descriptor_pools.items[frame->descriptor_pool_index].handle,
                                             .descriptorSetCount = 1,
                                             .pSetLayouts = &layout };
        VkResult result = gpu->vk.vkAllocateDescriptorSets(gpu->device, &info, out_set);
        if (result == VK_SUCCESS) {
            return V_OK;
        }
        bool full = result == VK_ERROR_OUT_OF_POOL_MEMORY || result == VK_ERROR_FRAGMENTED_POOL;
        if (!full || fresh) {
            return gpu_fail(gpu, result, "vkAllocateDescriptorSets");
        }
        frame->descriptor_pool_index++;
    }
}
