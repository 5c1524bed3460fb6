// upload.c: copies between the CPU and device memory. Uploads are batched in front of the next submission.
#include "gpu_internal.h"

#include <string.h>

enum { STAGING_LIMIT_BYTES = 64 << 20 };

static v_status new_batch(v_gpu *gpu, uint32_t *out_index)
{
    V_TRY(V_ARRAY_RESERVE(&gpu->uploads, gpu->allocator, gpu->uploads.count + 1));
    gpu_upload_batch batch = { 0 };
    VkCommandPoolCreateInfo pool = { .sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
                                     .flags = VK_COMMAND_POOL_CREATE_TRANSIENT_BIT,
                                     .queueFamilyIndex = gpu->queue_family };
    VkResult result = gpu->vk.vkCreateCommandPool(gpu->device, &pool, NULL, &batch.pool);
    if (result != VK_SUCCESS) {
        return gpu_fail(gpu, result, "vkCreateCommandPool");
    }
    VkCommandBufferAllocateInfo commands = { .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
                                             .commandPool = batch.pool,
                                             .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
                                             .commandBufferCount = 1 };
    result = gpu->vk.vkAllocateCommandBuffers(gpu->device, &commands, &batch.handle);
    if (result != VK_SUCCESS) {
        gpu->vk.vkDestroyCommandPool(gpu->device, batch.pool, NULL);
        return gpu_fail(gpu, result, "vkAllocateCommandBuffers");
    }
    *out_index = gpu->uploads.count;
    gpu->uploads.items[gpu->uploads.count++] = batch;
    return V_OK;
}

static void drop_chunks(v_gpu *gpu, gpu_upload_batch *batch)
{
    for (uint32_t i = 0; i < batch->chunks.count; i++) {
        v_gpu_buffer_destroy(gpu, batch->chunks.items[i].buffer);
    }
    batch->chunks.count = 0;
    batch->chunk_used_bytes = 0;
}

static void memory_barrier(v_gpu *gpu, VkCommandBuffer commands, VkPipelineStageFlags2 from, VkAccessFlags2 from_access,
                           VkPipelineStageFlags2 to, VkAccessFlags2 to_access)
{
    VkMemoryBarrier2 barrier = { .sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER_2,
                                 .srcStageMask = from,
                                 .srcAccessMask = from_access,
                                 .dstStageMask = to,
                                 .dstAccessMask = to_access };
    VkDependencyInfo info = { .sType = VK_STRUCTURE_TYPE_DEPENDENCY_INFO,
                              .memoryBarrierCount = 1,
                              .pMemoryBarriers = &barrier };
    gpu->vk.vkCmdPipelineBarrier2(commands, &info);
}

v_status gpu_upload_begin(v_gpu *gpu, VkCommandBuffer *out_commands)
{
    if (gpu->upload_open > 0) {
        *out_commands = gpu->uploads.items[gpu->upload_open - 1].handle;
        return V_OK;
    }
    uint32_t index = 0;
    while (index < gpu->uploads.count && gpu->uploads.items[index].value > gpu->finished_value) {
        index++;
    }
    if (index == gpu->uploads.count) {
        V_TRY(new_batch(gpu, &index));
    }
    gpu_upload_batch *batch = &gpu->uploads.items[index];
    // One chunk of the usual size is kept for the next time, bigger ones go.
    if (batch->chunks.count > 1 ||
        (batch->chunks.count == 1 && batch->chunks.items[0].size_bytes > GPU_STAGING_CHUNK_BYTES)) {
        drop_chunks(gpu, batch);
    }
    batch->chunk_used_bytes = 0;
    VkResult result = gpu->vk.vkResetCommandPool(gpu->device, batch->pool, 0);
    VkCommandBufferBeginInfo begin = { .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO,
                                       .flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT };
    if (result == VK_SUCCESS) {
        result = gpu->vk.vkBeginCommandBuffer(batch->handle, &begin);
    }
    if (result != VK_SUCCESS) {
        return gpu_fail(gpu, result, "beginning an upload");
    }
    // Earlier frames may still read what is overwritten here.
    memory_barrier(gpu, batch->handle, VK_PIPELINE_STAGE_2_ALL_COMMANDS_BIT, VK_ACCESS_2_MEMORY_WRITE_BIT,
                   VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT,
                   VK_ACCESS_2_TRANSFER_READ_BIT | VK_ACCESS_2_TRANSFER_WRITE_BIT);
    gpu->upload_open = index + 1;
    *out_commands = batch->handle;
    return V_OK;
}

bool gpu_upload_close(v_gpu *gpu, VkCommandBuffer *out_commands, gpu_upload_batch **out_batch)
{
    if (gpu->upload_open == 0) {
        return false;
    }
    gpu_upload_batch *batch = &gpu->uploads.items[gpu->upload_open - 1];
    gpu->upload_open = 0;
    memory_barrier(gpu, batch->handle, VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT, VK_ACCESS_2_TRANSFER_WRITE_BIT,
                   VK_PIPELINE_STAGE_2_ALL_COMMANDS_BIT | VK_PIPELINE_STAGE_2_HOST_BIT,
                   VK_ACCESS_2_MEMORY_READ_BIT | VK_ACCESS_2_MEMORY_WRITE_BIT | VK_ACCESS_2_HOST_READ_BIT);
    if (gpu->vk.vkEndCommandBuffer(batch->handle) != VK_SUCCESS) {
        return false;
    }
    *out_commands = batch->handle;
    *out_batch = batch;
    return true;
}

v_status gpu_upload_flush(v_gpu *gpu)
{
    gpu_upload_batch *batch = NULL;
    VkCommandBuffer handle;
    if (!gpu_upload_close(gpu, &handle, &batch)) {
        return V_OK;
    }
    VkCommandBufferSubmitInfo commands = { .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_SUBMIT_INFO,
                                           .commandBuffer = handle };
    return gpu_submit(gpu, &commands, 1, NULL, 0, NULL, 0, &batch->value);
}

void gpu_uploads_finish(v_gpu *gpu)
{
    for (uint32_t i = 0; i < gpu->uploads.count; i++) {
        drop_chunks(gpu, &gpu->uploads.items[i]);
        V_ARRAY_DESTROY(&gpu->uploads.items[i].chunks, gpu->allocator);
        gpu->vk.vkDestroyCommandPool(gpu->device, gpu->uploads.items[i].pool, NULL);
    }
    V_ARRAY_DESTROY(&gpu->uploads, gpu->allocator);
}

// Staging memory in the open batch, aligned for every texel size.
static v_status stage(v_gpu *gpu, const void *data, uint64_t size_bytes, VkBuffer *out_buffer, uint64_t *out_offset)
{
    gpu_upload_batch *batch = &gpu->uploads.items[gpu->upload_open - 1];
    uint64_t offset = (batch->chunk_used_bytes + 15) & ~15ull;
    const gpu_chunk *last = batch->chunks.count > 0 ? &batch->chunks.items[batch->chunks.count - 1] : NULL;
    if (last == NULL || offset + size_bytes > last->size_bytes) {
        gpu_chunk chunk = { .size_bytes = size_bytes > GPU_STAGING_CHUNK_BYTES ? size_bytes : GPU_STAGING_CHUNK_BYTES };
        V_TRY(V_ARRAY_RESERVE(&batch->chunks, gpu->allocator, batch->chunks.count + 1));
        V_TRY(v_gpu_buffer_create(
            gpu, &(v_gpu_buffer_desc){ .name = "staging", .size_bytes = chunk.size_bytes, .memory = V_MEMORY_UPLOAD },
            &chunk.buffer));
        chunk.mapped = v_gpu_buffer_map(gpu, chunk.buffer);
        batch->chunks.items[batch->chunks.count++] = chunk;
        last = &batch->chunks.items[batch->chunks.count - 1];
        offset = 0;
    }
    memcpy(last->mapped + offset, data, size_bytes);
    batch->chunk_used_bytes = offset + size_bytes;
    *out_buffer = gpu_get_buffer(gpu, last->buffer)->handle;
    *out_offset = offset;
    return V_OK;
}

// Send a batch on its way when it holds much staging memory. Allowed while a frame is recorded: it stays in front.
static v_status limit_staging(v_gpu *gpu)
{
    const gpu_upload_batch *batch = &gpu->uploads.items[gpu->upload_open - 1];
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < batch->chunks.count; i++) {
        bytes += batch->chunks.items[i].size_bytes;
    }
    return bytes > STAGING_LIMIT_BYTES ? gpu_upload_flush(gpu) : V_OK;
}

v_status v_gpu_buffer_write(v_gpu *gpu, v_gpu_buffer buffer, uint64_t offset_bytes, const void *data, size_t size_bytes)
{
    V_TRY(gpu_check(gpu, "v_gpu_buffer_write"));
    gpu_buffer *object = gpu_get_buffer(gpu, buffer);
    if (object == NULL) {
        return v_fail(V_ERROR_STALE, "v_gpu_buffer_write: the buffer is null or was destroyed");
    }
    if (size_bytes > object->size_bytes || offset_bytes > object->size_bytes - size_bytes ||
        (data == NULL && size_bytes > 0)) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_gpu_buffer_write: %zu bytes at %llu of \"%s\" (%llu bytes)%s",
                      size_bytes, (unsigned long long)offset_bytes, object->name,
                      (unsigned long long)object->size_bytes, data == NULL ? ", data is null" : "");
    }
    if (size_bytes == 0) {
        return V_OK;
    }
    if (object->kind != V_MEMORY_DEVICE) {
        memcpy(object->memory.mapped + offset_bytes, data, size_bytes);
        return V_OK;
    }
    if (gpu->recording && object->used_frame == gpu->frame) {
        return v_fail(V_ERROR_STATE, "v_gpu_buffer_write: \"%s\" is already used in the frame that is being recorded",
                      object->name);
    }
    VkCommandBuffer commands = VK_NULL_HANDLE;
    VkBufferCopy region = { .dstOffset = offset_bytes, .size = size_bytes };
    VkBuffer staging;
    V_TRY(gpu_upload_begin(gpu, &commands));
    V_TRY(stage(gpu, data, size_bytes, &staging, &region.srcOffset));
    object = gpu_get_buffer(gpu, buffer); // staging may have moved the table
    // Two writes of one batch may overlap.
    memory_barrier(gpu, commands, VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT, VK_ACCESS_2_TRANSFER_WRITE_BIT,
                   VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT, VK_ACCESS_2_TRANSFER_WRITE_BIT);
    gpu->vk.vkCmdCopyBuffer(commands, staging, object->handle, 1, &region);
    object->state = (gpu_resource_state){ 0 }; // the batch ends by showing its writes to everything
    return limit_staging(gpu);
}

// Close, submit and wait: what was recorded into the open batch is done afterwards.
static v_status finish_now(v_gpu *gpu)
{
    V_TRY(gpu_upload_flush(gpu));
    return gpu_wait_value(gpu, gpu->submitted_value);
}

static v_status begin_read(v_gpu *gpu, const char *call, size_t size_bytes, VkCommandBuffer *out_commands,
                           v_gpu_buffer *out_staging)
{
    if (gpu->recording) {
        return v_fail(V_ERROR_STATE, "%s: a frame is being recorded; call v_gpu_frame_end first", call);
    }
    V_TRY(v_gpu_buffer_create(
        gpu, &(v_gpu_buffer_desc){ .name = "readback", .size_bytes = size_bytes, .memory = V_MEMORY_READBACK },
        out_staging));
    v_status status = gpu_upload_begin(gpu, out_commands);
    if (status != V_OK) {
        v_gpu_buffer_destroy(gpu, *out_staging);
        return status;
    }
    memory_barrier(gpu, *out_commands, VK_PIPELINE_STAGE_2_ALL_COMMANDS_BIT, VK_ACCESS_2_MEMORY_WRITE_BIT,
                   VK_PIPELINE_STAGE_2_ALL_TRANSFER_BIT, VK_ACCESS_2_TRANSFER_READ_BIT);
    return V_OK;
}

static v_status end_read(v_gpu *gpu, v_gpu_buffer staging, void *out_data, size_t size_bytes)
{
    v_status status = finish_now(gpu);
    if (status == V_OK) {
        memcpy(out_data, v_gpu_buffer_map(gpu, staging), size_bytes);
    }
    v_gpu_buffer_destroy(gpu, staging);
    gpu_collect(gpu, false);
    return status;
}

v_status v_gpu_buffer_read(v_gpu *gpu, v_gpu_buffer buffer, uint64_t offset_bytes, void *out_data, size_t size_bytes)
{
    V_TRY(gpu_check(gpu, "v_gpu_buffer_read"));
    gpu_buffer *object = gpu_get_buffer(gpu, buffer);
    if (object == NULL) {
        return v_fail(V_ERROR_STALE, "v_gpu_buffer_read: the buffer is null or was destroyed");
    }
    if (size_bytes == 0 || size_bytes > object->size_bytes || offset_bytes > object->size_bytes - size_bytes ||
        out_data == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_gpu_buffer_read: %zu bytes at %llu of \"%s\" (%llu bytes)%s",
                      size_bytes, (unsigned long long)offset_bytes, object->name,
                      (unsigned long long)object->size_bytes, out_data == NULL ? ", out_data is null" : "");
    }
    VkCommandBuffer commands = VK_NULL_HANDLE;
    v_gpu_buffer staging;
    V_TRY(begin_read(gpu, "v_gpu_buffer_read", size_bytes, &commands, &staging));
    object = gpu_get_buffer(gpu, buffer);
    VkBufferCopy region = { .srcOffset = offset_bytes, .size = size_bytes };
    gpu->vk.vkCmdCopyBuffer(commands, object->handle, gpu_get_buffer(gpu, staging)->handle, 1, &region);
    object->state = (gpu_resource_state){ 0 };
    return end_read(gpu, staging, out_data, size_bytes);
}

// Move the whole texture to a layout, ordered against all that came before in this queue.
static void transition(v_gpu *gpu, VkCommandBuffer commands, gpu_texture *texture, VkImageLayout from, VkImageLayout to)
{
    VkImageMemoryBarrier2 barrier = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER_2,
        .srcStageMask = VK_PIPELINE_STAGE_2_ALL_COMMANDS_BIT,
        .srcAccessMask = VK_ACCESS_2_MEMORY_WRITE_BIT,
        .dstStageMask = VK_PIPELINE_STAGE_2_ALL_COMMANDS_BIT,
        .dstAccessMask = VK_ACCESS_2_MEMORY_READ_BIT | VK_ACCESS_2_MEMORY_WRITE_BIT,
        .oldLayout = from,
        .newLayout = to,
        .srcQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
        .dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
        .image = texture->handle,
        .subresourceRange = { gpu_format_aspect(texture->desc.format), 0, VK_REMAINING_MIP_LEVELS, 0,
                              VK_REMAINING_ARRAY_LAYERS },
    };
    VkDependencyInfo info = { .sType = VK_STRUCTURE_TYPE_DEPENDENCY_INFO,
                              .imageMemoryBarrierCount = 1,
                              .pImageMemoryBarriers = &barrier };
    gpu->vk.vkCmdPipelineBarrier2(commands, &info);
}

void gpu_texture_part(const gpu_texture *texture, uint32_t mip, uint32_t layer, VkBufferImageCopy *out_region,
                      uint64_t *out_bytes)
{
    const v_gpu_texture_desc *d = &texture->desc;
    VkExtent3D extent = { d->width_px >> mip, d->height_px >> mip, d->depth_px >> mip };
    extent.width = extent.width == 0 ? 1 : extent.width;
    extent.height = extent.height == 0 ? 1 : extent.height;
    extent.depth = extent.depth == 0 ? 1 : extent.depth;
    VkImageAspectFlags aspect = gpu_format_aspect(d->format);
    aspect = (aspect & VK_IMAGE_ASPECT_DEPTH_BIT) != 0 ? VK_IMAGE_ASPECT_DEPTH_BIT : aspect;
    *out_region = (VkBufferImageCopy){ .imageSubresource = { aspect, mip, layer, 1 }, .imageExtent = extent };
    // The depth aspect of D32_S8 is copied as 4 bytes.
    uint64_t texel = d->format == V_FORMAT_D32_FLOAT_S8 ? 4 : v_format_bytes(d->format);
    *out_bytes = texel * extent.width * extent.height * extent.depth;
}

static v_status check_part(const gpu_texture *texture, const char *call, uint32_t mip, uint32_t layer, const void *data,
                           size_t size_bytes, VkBufferImageCopy *out_region)
{
    if (texture == NULL) {
        return v_fail(V_ERROR_STALE, "%s: the texture is null or was destroyed", call);
    }
    if (mip >= texture->desc.mip_count || layer >= texture->desc.layer_count) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "%s: mip %u, layer %u of \"%s\", which has %u mips and %u layers", call,
                      mip, layer, texture->name, texture->desc.mip_count, texture->desc.layer_count);
    }
    uint64_t bytes;
    gpu_texture_part(texture, mip, layer, out_region, &bytes);
    if (size_bytes != bytes || data == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "%s: %zu bytes for mip %u of \"%s\", must be %llu%s", call, size_bytes,
                      mip, texture->name, (unsigned long long)bytes, data == NULL ? ", data is null" : "");
    }
    return V_OK;
}

v_status v_gpu_texture_write(v_gpu *gpu, v_gpu_texture texture, uint32_t mip, uint32_t layer, const void *data,
                             size_t size_bytes)
{
    V_TRY(gpu_check(gpu, "v_gpu_texture_write"));
    gpu_texture *object = gpu_get_texture(gpu, texture);
    VkBufferImageCopy region;
    V_TRY(check_part(object, "v_gpu_texture_write", mip, layer, data, size_bytes, &region));
    if (gpu->recording && object->used_frame == gpu->frame) {
        return v_fail(V_ERROR_STATE, "v_gpu_texture_write: \"%s\" is already used in the frame that is being recorded",
                      object->name);
    }
    VkCommandBuffer commands = VK_NULL_HANDLE;
    VkBuffer staging;
    V_TRY(gpu_upload_begin(gpu, &commands));
    V_TRY(stage(gpu, data, size_bytes, &staging, &region.bufferOffset));
    VkImageLayout resting = (object->desc.usage & V_TEXTURE_SAMPLED) != 0   ? gpu_sampled_layout(object->desc.format)
                            : (object->desc.usage & V_TEXTURE_STORAGE) != 0 ? VK_IMAGE_LAYOUT_GENERAL
                                                                            : VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL;
    transition(gpu, commands, object, (VkImageLayout)object->state.layout, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL);
    gpu->vk.vkCmdCopyBufferToImage(commands, staging, object->handle, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, 1, &region);
    if (resting != VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL) {
        transition(gpu, commands, object, VK_IMAGE_LAYOUT_TRANSFER_DST_OPTIMAL, resting);
    }
    object->state = (gpu_resource_state){ .layout = (int32_t)resting };
    return limit_staging(gpu);
}

v_status v_gpu_texture_read(v_gpu *gpu, v_gpu_texture texture, uint32_t mip, uint32_t layer, void *out_data,
                            size_t size_bytes)
{
    V_TRY(gpu_check(gpu, "v_gpu_texture_read"));
    gpu_texture *object = gpu_get_texture(gpu, texture);
    VkBufferImageCopy region;
    V_TRY(check_part(object, "v_gpu_texture_read", mip, layer, out_data, size_bytes, &region));
    if (object->state.layout == VK_IMAGE_LAYOUT_UNDEFINED) {
        return v_fail(V_ERROR_STATE, "v_gpu_texture_read: nothing was ever written to \"%s\"", object->name);
    }
    VkCommandBuffer commands = VK_NULL_HANDLE;
    v_gpu_buffer staging;
    V_TRY(begin_read(gpu, "v_gpu_texture_read", size_bytes, &commands, &staging));
    VkImageLayout layout = (VkImageLayout)object->state.layout;
    transition(gpu, commands, object, layout, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL);
    gpu->vk.vkCmdCopyImageToBuffer(commands, object->handle, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL,
                                   gpu_get_buffer(gpu, staging)->handle, 1, &region);
    transition(gpu, commands, object, VK_IMAGE_LAYOUT_TRANSFER_SRC_OPTIMAL, layout);
    object->state = (gpu_resource_state){ .layout = (int32_t)layout };
    return end_read(gpu, staging, out_data, size_bytes);
}
