// gpu_usage.h: what each v_usage means to Vulkan.
#ifndef V_GPU_USAGE_H
#define V_GPU_USAGE_H

#include "v/gpu.h"

#include <volk.h>

/// Allowed with every creation flag.
#define GPU_USAGE_ANY 0x80000000u

typedef struct gpu_usage {
    const char *name;
    VkPipelineStageFlags2 stages;
    VkAccessFlags2 access;
    VkImageLayout layout;   ///< Of colour textures; see gpu_usage_layout.
    uint32_t buffer_usage;  ///< v_buffer_usage that it needs; 0: not for buffers.
    uint32_t texture_usage; ///< v_texture_usage that it needs; 0: not for textures.
    bool write;
} gpu_usage;

const gpu_usage *gpu_usage_get(v_usage usage);
VkImageLayout gpu_usage_layout(v_usage usage, v_format format);

#endif
