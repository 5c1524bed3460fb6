// formats.c: the table of formats.
#include "gpu_internal.h"

typedef struct format_row {
    const char *name;
    VkFormat format;
    uint32_t bytes;
    bool depth, stencil;
} format_row;

static const format_row formats[V_FORMAT_COUNT] = {
    [V_FORMAT_NONE] = { "NONE", VK_FORMAT_UNDEFINED, 0, false, false },
    [V_FORMAT_R8_UNORM] = { "R8_UNORM", VK_FORMAT_R8_UNORM, 1, false, false },
    [V_FORMAT_RG8_UNORM] = { "RG8_UNORM", VK_FORMAT_R8G8_UNORM, 2, false, false },
    [V_FORMAT_RGBA8_UNORM] = { "RGBA8_UNORM", VK_FORMAT_R8G8B8A8_UNORM, 4, false, false },
    [V_FORMAT_RGBA8_SRGB] = { "RGBA8_SRGB", VK_FORMAT_R8G8B8A8_SRGB, 4, false, false },
    [V_FORMAT_BGRA8_UNORM] = { "BGRA8_UNORM", VK_FORMAT_B8G8R8A8_UNORM, 4, false, false },
    [V_FORMAT_BGRA8_SRGB] = { "BGRA8_SRGB", VK_FORMAT_B8G8R8A8_SRGB, 4, false, false },
    [V_FORMAT_RGB10A2_UNORM] = { "RGB10A2_UNORM", VK_FORMAT_A2B10G10R10_UNORM_PACK32, 4, false, false },
    [V_FORMAT_RG11B10_FLOAT] = { "RG11B10_FLOAT", VK_FORMAT_B10G11R11_UFLOAT_PACK32, 4, false, false },
    [V_FORMAT_R16_FLOAT] = { "R16_FLOAT", VK_FORMAT_R16_SFLOAT, 2, false, false },
    [V_FORMAT_RG16_FLOAT] = { "RG16_FLOAT", VK_FORMAT_R16G16_SFLOAT, 4, false, false },
    [V_FORMAT_RGBA16_FLOAT] = { "RGBA16_FLOAT", VK_FORMAT_R16G16B16A16_SFLOAT, 8, false, false },
    [V_FORMAT_R32_FLOAT] = { "R32_FLOAT", VK_FORMAT_R32_SFLOAT, 4, false, false },
    [V_FORMAT_RG32_FLOAT] = { "RG32_FLOAT", VK_FORMAT_R32G32_SFLOAT, 8, false, false },
    [V_FORMAT_RGB32_FLOAT] = { "RGB32_FLOAT", VK_FORMAT_R32G32B32_SFLOAT, 12, false, false },
    [V_FORMAT_RGBA32_FLOAT] = { "RGBA32_FLOAT", VK_FORMAT_R32G32B32A32_SFLOAT, 16, false, false },
    [V_FORMAT_R32_UINT] = { "R32_UINT", VK_FORMAT_R32_UINT, 4, false, false },
    [V_FORMAT_RG32_UINT] = { "RG32_UINT", VK_FORMAT_R32G32_UINT, 8, false, false },
    [V_FORMAT_RGBA32_UINT] = { "RGBA32_UINT", VK_FORMAT_R32G32B32A32_UINT, 16, false, false },
    [V_FORMAT_RGBA8_UINT] = { "RGBA8_UINT", VK_FORMAT_R8G8B8A8_UINT, 4, false, false },
    [V_FORMAT_RG16_SNORM] = { "RG16_SNORM", VK_FORMAT_R16G16_SNORM, 4, false, false },
    [V_FORMAT_RGBA16_SNORM] = { "RGBA16_SNORM", VK_FORMAT_R16G16B16A16_SNORM, 8, false, false },
    [V_FORMAT_D16_UNORM] = { "D16_UNORM", VK_FORMAT_D16_UNORM, 2, true, false },
    [V_FORMAT_D32_FLOAT] = { "D32_FLOAT", VK_FORMAT_D32_SFLOAT, 4, true, false },
    [V_FORMAT_D24_UNORM_S8] = { "D24_UNORM_S8", VK_FORMAT_D24_UNORM_S8_UINT, 4, true, true },
    [V_FORMAT_D32_FLOAT_S8] = { "D32_FLOAT_S8", VK_FORMAT_D32_SFLOAT_S8_UINT, 8, true, true },
};

static const format_row *row(v_format format)
{
    return &formats[(uint32_t)format < V_FORMAT_COUNT ? format : V_FORMAT_NONE];
}

const char *v_format_name(v_format format)
{
    return (uint32_t)format < V_FORMAT_COUNT ? formats[format].name : "unknown";
}

uint32_t v_format_bytes(v_format format)
{
    return row(format)->bytes;
}

bool v_format_is_depth(v_format format)
{
    return row(format)->depth;
}

VkFormat gpu_format(v_format format)
{
    return row(format)->format;
}

VkImageAspectFlags gpu_format_aspect(v_format format)
{
    if (!row(format)->depth) {
        return VK_IMAGE_ASPECT_COLOR_BIT;
    }
    return (VkImageAspectFlags)(VK_IMAGE_ASPECT_DEPTH_BIT | (row(format)->stencil ? VK_IMAGE_ASPECT_STENCIL_BIT : 0));
}

VkImageLayout gpu_sampled_layout(v_format format)
{
    // One layout for both sampling and testing depth, so that a pass may do both.
    return row(format)->depth ? VK_IMAGE_LAYOUT_DEPTH_STENCIL_READ_ONLY_OPTIMAL
                              : VK_IMAGE_LAYOUT_SHADER_READ_ONLY_OPTIMAL;
}
