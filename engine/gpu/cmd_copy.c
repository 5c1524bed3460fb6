// cmd_copy.c: recording copies, blits, fills and clears.
#include "gpu_internal.h"

static bool can_copy(v_cmd *cmd, const char *call)
{
    if (!gpu_cmd_usable(cmd, call)) {
        return false;
    }
    if (cmd->rendering) {
        gpu_cmd_fail(cmd, V_ERROR_STATE, "%s: not allowed inside a graphics pass", call);
        return false;
    }
    return true;
}

void v_cmd_copy_buffer(v_cmd *cmd, v_gpu_buffer from, uint64_t from_bytes, v_gpu_buffer to, uint64_t to_bytes,
                       uint64_t size_bytes)
{
    const char *call = "v_cmd_copy_buffer";
    if (!can_copy(cmd, call)) {
        return;
    }
    gpu_buffer *source = gpu_cmd_buffer(cmd, call, from, from_bytes, size_bytes);
    gpu_buffer *target = source != NULL ? gpu_cmd_buffer(cmd, call, to, to_bytes, size_bytes) : NULL;
    if (target == NULL || size_bytes == 0) {
        return;
    }
    if (source == target && from_bytes < to_bytes + size_bytes && to_bytes < from_bytes + size_bytes) {
        gpu_cmd_fail(cmd, V_ERROR_INVALID_ARGUMENT, "%s: source and target overlap in \"%s\"", call, source->name);
        return;
    }
    VkBufferCopy region = { from_bytes, to_bytes, size_bytes };
    cmd->gpu->vk.vkCmdCopyBuffer(cmd->handle, source->handle, target->handle, 1, &region);
}

void v_cmd_copy_texture_to_buffer(v_cmd *cmd, v_gpu_texture from, uint32_t mip, uint32_t layer, v_gpu_buffer to,
                                  uint64_t to_bytes)
{
    const char *call = "v_cmd_copy_texture_to_buffer";
    if (!can_copy(cmd, call)) {
        return;
    }
    gpu_texture *source = gpu_cmd_texture(cmd, call, from, mip, layer);
    if (source == NULL) {
        return;
    }
    VkBufferImageCopy region;
    uint64_t bytes;
    gpu_texture_part(source, mip, layer, &region, &bytes);
    gpu_buffer *target = gpu_cmd_buffer(cmd, call, to, to_bytes, bytes);
    if (target != NULL) {
        region.bufferOffset = to_bytes;
        cmd->gpu->vk.vkCmdCopyImageToBuffer(cmd->handle, source->handle, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL,
                                            target->handle, 1, &region);
    }
}

void v_cmd_copy_buffer_to_texture(v_cmd *cmd, v_gpu_buffer from, uint64_t from_bytes, v_gpu_texture to, uint32_t mip,
                                  uint32_t layer)
{
    const char *call = "v_cmd_copy_buffer_to_texture";
    if (!can_copy(cmd, call)) {
        return;
    }
    gpu_texture *target = gpu_cmd_texture(cmd, call, to, mip, layer);
    if (target == NULL) {
        return;
    }
    VkBufferImageCopy region;
    uint64_t bytes;
    gpu_texture_part(target, mip, layer, &region, &bytes);
    gpu_buffer *source = gpu_cmd_buffer(cmd, call, from, from_bytes, bytes);
    if (source != NULL) {
        region.bufferOffset = from_bytes;
        cmd->gpu->vk.vkCmdCopyBufferToImage(cmd->handle, source->handle, target->handle,
                                            VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, 1, &region);
    }
}

void v_cmd_blit(v_cmd *cmd, v_gpu_texture from, uint32_t from_mip, uint32_t from_layer, v_gpu_texture to,
                uint32_t to_mip, uint32_t to_layer)
{
    const char *call = "v_cmd_blit";
    if (!can_copy(cmd, call)) {
        return;
    }
    gpu_texture *source = gpu_cmd_texture(cmd, call, from, from_mip, from_layer);
    gpu_texture *target = source != NULL ? gpu_cmd_texture(cmd, call, to, to_mip, to_layer) : NULL;
    if (target == NULL) {
        return;
    }
    if (v_format_is_depth(source->desc.format) != v_format_is_depth(target->desc.format)) {
        gpu_cmd_fail(cmd, V_ERROR_INVALID_ARGUMENT, "%s: \"%s\" is %s and \"%s\" is %s", call, source->name,
                     v_format_name(source->desc.format), target->name, v_format_name(target->desc.format));
        return;
    }
    VkBufferImageCopy a, b;
    uint64_t bytes;
    gpu_texture_part(source, from_mip, from_layer, &a, &bytes);
    gpu_texture_part(target, to_mip, to_layer, &b, &bytes);
    VkFormatProperties properties;
    cmd->gpu->instance.api.vkGetPhysicalDeviceFormatProperties(cmd->gpu->physical, gpu_format(source->desc.format),
                                                               &properties);
    bool linear = (properties.optimalTilingFeatures & VK_FORMAT_FEATURE_SAMPLED_IMAGE_FILTER_LINEAR_BIT) != 0 &&
                  !v_format_is_depth(source->desc.format);
    VkImageBlit region = { .srcSubresource = a.imageSubresource, .dstSubresource = b.imageSubresource };
    region.srcOffsets[1] =
        (VkOffset3D){ (int32_t)a.imageExtent.width, (int32_t)a.imageExtent.height, (int32_t)a.imageExtent.depth };
    region.dstOffsets[1] =
        (VkOffset3D){ (int32_t)b.imageExtent.width, (int32_t)b.imageExtent.height, (int32_t)b.imageExtent.depth };
    cmd->gpu->vk.vkCmdBlitImage(cmd->handle, source->handle, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, target->handle,
                                VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, 1, &region,
                                linear ? VK_FILTER_LINEAR : VK_FILTER_NEAREST);
}

void v_cmd_fill_buffer(v_cmd *cmd, v_gpu_buffer buffer, uint64_t offset_bytes, uint64_t size_bytes, uint32_t value)
{
    const char *call = "v_cmd_fill_buffer";
    if (!can_copy(cmd, call)) {
        return;
    }
    gpu_buffer *target = gpu_cmd_buffer(cmd, call, buffer, offset_bytes, size_bytes);
    if (target == NULL) {
        return;
    }
    if (offset_bytes % 4 != 0 || size_bytes % 4 != 0 || size_bytes == 0) {
        gpu_cmd_fail(cmd, V_ERROR_INVALID_ARGUMENT, "%s: %llu bytes at %llu of \"%s\", both must be multiples of 4",
                     call, (unsigned long long)size_bytes, (unsigned long long)offset_bytes, target->name);
        return;
    }
    cmd->gpu->vk.vkCmdFillBuffer(cmd->handle, target->handle, offset_bytes, size_bytes, value);
}

void v_cmd_clear_texture(v_cmd *cmd, v_gpu_texture texture, const float rgba[4])
{
    const char *call = "v_cmd_clear_texture";
    if (!can_copy(cmd, call)) {
        return;
    }
    gpu_texture *target = gpu_cmd_texture(cmd, call, texture, 0, 0);
    if (target == NULL) {
        return;
    }
    if (rgba == NULL || v_format_is_depth(target->desc.format)) {
        gpu_cmd_fail(cmd, V_ERROR_INVALID_ARGUMENT, "%s: %s", call,
                     rgba == NULL ? "rgba is null" : "a depth texture is cleared as an attachment");
        return;
    }
    VkClearColorValue value = { .float32 = { rgba[0], rgba[1], rgba[2], rgba[3] } };
    VkImageSubresourceRange range = { VK_IMAGE_ASPECT_COLOR_BIT, 0, VK_REMAINING_MIP_LEVELS, 0,
                                      VK_REMAINING_ARRAY_LAYERS };
    cmd->gpu->vk.vkCmdClearColorImage(cmd->handle, target->handle, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, &value, 1,
                                      &range);
}
