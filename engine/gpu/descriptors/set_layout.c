// set_layout.c: descriptor set layouts by content: equal bindings share one layout.
#include "gpu_internal.h"

#include "v/hash.h"

#include <string.h>

static VkDescriptorType descriptor_type(v_binding_kind kind)
{
    switch (kind) {
    case V_BINDING_UNIFORM:
        return VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER;
    case V_BINDING_STORAGE:
        return VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
    case V_BINDING_SAMPLED:
        return VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER;
    default:
        return VK_DESCRIPTOR_TYPE_STORAGE_IMAGE;
    }
}

static v_status check_bindings(const v_gpu_binding *bindings, uint32_t *out_count)
{
    uint32_t count = 0, elements = 0;
    while (count < V_MAX_BINDINGS && bindings[count].kind != V_BINDING_NONE) {
        const v_gpu_binding *b = &bindings[count];
        if ((uint32_t)b->kind > V_BINDING_STORAGE_TEXTURE) {
            return v_fail(V_ERROR_INVALID_ARGUMENT, "binding %u: kind is %d", b->binding, (int)b->kind);
        }
        for (uint32_t i = 0; i < count; i++) {
            if (bindings[i].binding == b->binding) {
                return v_fail(V_ERROR_INVALID_ARGUMENT, "binding %u is declared twice in one set", b->binding);
            }
        }
        elements += b->count == 0 ? 1 : b->count;
        count++;
    }
    if (elements > GPU_MAX_SET_DESCRIPTORS) {
        return v_fail(V_ERROR_FULL, "a set of %u descriptors, at most %d", elements, GPU_MAX_SET_DESCRIPTORS);
    }
    *out_count = count;
    return V_OK;
}

static VkShaderStageFlags stage_flags(uint32_t stages, VkShaderStageFlags all)
{
    VkShaderStageFlags flags = 0;
    flags |= (stages & V_STAGE_VERTEX) != 0 ? (VkShaderStageFlags)VK_SHADER_STAGE_VERTEX_BIT : 0u;
    flags |= (stages & V_STAGE_FRAGMENT) != 0 ? (VkShaderStageFlags)VK_SHADER_STAGE_FRAGMENT_BIT : 0u;
    flags |= (stages & V_STAGE_COMPUTE) != 0 ? (VkShaderStageFlags)VK_SHADER_STAGE_COMPUTE_BIT : 0u;
    return flags == 0 ? all : flags;
}

v_status gpu_set_layout_get(v_gpu *gpu, const v_gpu_binding *bindings, VkShaderStageFlags stages,
                            VkDescriptorSetLayout *out_layout)
{
    uint32_t count = 0;
    V_TRY(check_bindings(bindings, &count));
    gpu_set_layout entry = { .stages = stages };
    memcpy(entry.bindings, bindings, count * sizeof(bindings[0]));
    entry.hash = v_hash64(entry.bindings, sizeof(entry.bindings), stages);
    for (uint32_t i = 0; i < gpu->set_layouts.count; i++) {
        const gpu_set_layout *known = &gpu->set_layouts.items[i];
        if (known->hash == entry.hash && known->stages == stages &&
            memcmp(known->bindings, entry.bindings, sizeof(entry.bindings)) == 0) {
            *out_layout = known->handle;
            return V_OK;
        }
    }
    VkDescriptorSetLayoutBinding slots[V_MAX_BINDINGS];
    for (uint32_t i = 0; i < count; i++) {
        slots[i] = (VkDescriptorSetLayoutBinding){ .binding = bindings[i].binding,
                                                   .descriptorType = descriptor_type(bindings[i].kind),
                                                   .descriptorCount = bindings[i].count == 0 ? 1 : bindings[i].count,
                                                   .stageFlags = stage_flags(bindings[i].stages, stages) };
    }
    V_TRY(V_ARRAY_RESERVE(&gpu->set_layouts, gpu->allocator, gpu->set_layouts.count + 1));
    VkDescriptorSetLayoutCreateInfo info = { .sType = VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO,
                                             .bindingCount = count,
                                             .pBindings = slots };
    VkResult result = gpu->vk.vkCreateDescriptorSetLayout(gpu->device, &info, NULL, &entry.handle);
    if (result != VK_SUCCESS) {
        return gpu_fail(gpu, result, "vkCreateDescriptorSetLayout");
    }
    gpu->set_layouts.items[gpu->set_layouts.count++] = entry;
    *out_layout = entry.handle;
    return V_OK;
}

void gpu_set_layouts_finish(v_gpu *gpu)
{
    for (uint32_t i = 0; i < gpu->set_layouts.count; i++) {
        gpu->vk.vkDestroyDescriptorSetLayout(gpu->device, gpu->set_layouts.items[i].handle, NULL);
    }
    V_ARRAY_DESTROY(&gpu->set_layouts, gpu->allocator);
}
