// sampler.c: samplers.
#include "gpu_internal.h"

gpu_sampler *gpu_get_sampler(const v_gpu *gpu, v_gpu_sampler sampler)
{
    return gpu_table_get(&gpu->samplers, sampler.index, sampler.generation);
}

static VkSamplerAddressMode address_mode(v_address address)
{
    switch (address) {
    case V_ADDRESS_CLAMP:
        return VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_EDGE;
    case V_ADDRESS_MIRROR:
        return VK_SAMPLER_ADDRESS_MODE_MIRRORED_REPEAT;
    case V_ADDRESS_BORDER_ZERO:
    case V_ADDRESS_BORDER_ONE:
        return VK_SAMPLER_ADDRESS_MODE_CLAMP_TO_BORDER;
    default:
        return VK_SAMPLER_ADDRESS_MODE_REPEAT;
    }
}

VkCompareOp gpu_compare_op(v_compare compare)
{
    switch (compare) {
    case V_COMPARE_LESS:
        return VK_COMPARE_OP_LESS;
    case V_COMPARE_LESS_EQUAL:
        return VK_COMPARE_OP_LESS_OR_EQUAL;
    case V_COMPARE_GREATER:
        return VK_COMPARE_OP_GREATER;
    case V_COMPARE_GREATER_EQUAL:
        return VK_COMPARE_OP_GREATER_OR_EQUAL;
    case V_COMPARE_EQUAL:
        return VK_COMPARE_OP_EQUAL;
    default:
        return VK_COMPARE_OP_ALWAYS;
    }
}

v_status v_gpu_sampler_create(v_gpu *gpu, const v_gpu_sampler_desc *desc, v_gpu_sampler *out_sampler)
{
    V_TRY(gpu_check(gpu, "v_gpu_sampler_create"));
    if (desc == NULL || out_sampler == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_gpu_sampler_create: %s is null",
                      desc == NULL ? "desc" : "out_sampler");
    }
    if (!(desc->max_anisotropy >= 0.0f)) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_gpu_sampler_create: max_anisotropy is %g",
                      (double)desc->max_anisotropy);
    }
    bool anisotropic = desc->max_anisotropy > 1.0f && gpu->features.samplerAnisotropy;
    float limit = gpu->limits.maxSamplerAnisotropy;
    VkSamplerAddressMode address = address_mode(desc->address);
    VkSamplerCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_SAMPLER_CREATE_INFO,
        .magFilter = desc->filter == V_FILTER_NEAREST ? VK_FILTER_NEAREST : VK_FILTER_LINEAR,
        .minFilter = desc->filter == V_FILTER_NEAREST ? VK_FILTER_NEAREST : VK_FILTER_LINEAR,
        .mipmapMode =
            desc->mip_filter == V_FILTER_NEAREST ? VK_SAMPLER_MIPMAP_MODE_NEAREST : VK_SAMPLER_MIPMAP_MODE_LINEAR,
        .addressModeU = address,
        .addressModeV = address,
        .addressModeW = address,
        .anisotropyEnable = anisotropic,
        .maxAnisotropy = !anisotropic                   ? 1.0f
                         : desc->max_anisotropy < limit ? desc->max_anisotropy
                                                        : limit,
        .compareEnable = desc->compare != V_COMPARE_NONE,
        .compareOp = gpu_compare_op(desc->compare),
        .maxLod = VK_LOD_CLAMP_NONE,
        .borderColor = desc->address == V_ADDRESS_BORDER_ONE ? VK_BORDER_COLOR_FLOAT_OPAQUE_WHITE
                                                             : VK_BORDER_COLOR_FLOAT_TRANSPARENT_BLACK,
    };
    v_gpu_sampler id = { 0 };
    void *item;
    V_TRY(gpu_table_add(&gpu->samplers, gpu->allocator, &id.index, &id.generation, &item));
    gpu_sampler *sampler = item;
    VkResult result = gpu->vk.vkCreateSampler(gpu->device, &info, NULL, &sampler->handle);
    if (result != VK_SUCCESS) {
        gpu_table_remove(&gpu->samplers, id.index);
        return gpu_fail(gpu, result, "vkCreateSampler");
    }
    gpu_set_name(gpu, VK_OBJECT_TYPE_SAMPLER, (uint64_t)sampler->handle, desc->name != NULL ? desc->name : "sampler");
    *out_sampler = id;
    return V_OK;
}

void v_gpu_sampler_destroy(v_gpu *gpu, v_gpu_sampler sampler)
{
    gpu_sampler *object = gpu != NULL ? gpu_get_sampler(gpu, sampler) : NULL;
    if (object != NULL) {
        gpu_discard(gpu, GPU_GARBAGE_SAMPLER, (uint64_t)object->handle, NULL);
        gpu_table_remove(&gpu->samplers, sampler.index);
    }
}
