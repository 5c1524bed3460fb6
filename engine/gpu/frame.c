// frame.c: frames in flight on one timeline semaphore: begin, submit, wait, timestamps, per-frame memory.
#include "gpu_internal.h"

#include <string.h>

static v_status init_frame(v_gpu *gpu, gpu_frame *frame)
{
    frame->cmd.gpu = gpu;
    VkCommandPoolCreateInfo pool = { .sType = VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO,
                                     .flags = VK_COMMAND_POOL_CREATE_TRANSIENT_BIT,
                                     .queueFamilyIndex = gpu->queue_family };
    VkResult result = gpu->vk.vkCreateCommandPool(gpu->device, &pool, NULL, &frame->pool);
    if (result != VK_SUCCESS) {
        return gpu_fail(gpu, result, "vkCreateCommandPool");
    }
    VkCommandBufferAllocateInfo commands = { .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO,
                                             .commandPool = frame->pool,
                                             .level = VK_COMMAND_BUFFER_LEVEL_PRIMARY,
                                             .commandBufferCount = 1 };
    result = gpu->vk.vkAllocateCommandBuffers(gpu->device, &commands, &frame->cmd.handle);
    if (result != VK_SUCCESS) {
        return gpu_fail(gpu, result, "vkAllocateCommandBuffers");
    }
    if (gpu->info.timestamps) {
        VkQueryPoolCreateInfo queries = { .sType = VK_STRUCTURE_TYPE_QUERY_POOL_CREATE_INFO,
                                          .queryType = VK_QUERY_TYPE_TIMESTAMP,
                                          .queryCount = GPU_MAX_TIMESTAMPS };
        result = gpu->vk.vkCreateQueryPool(gpu->device, &queries, NULL, &frame->queries);
        if (result != VK_SUCCESS) {
            return gpu_fail(gpu, result, "vkCreateQueryPool");
        }
    }
    return V_OK;
}

v_status gpu_frames_init(v_gpu *gpu, uint32_t count)
{
    VkSemaphoreTypeCreateInfo type = { .sType = VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO,
                                       .semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE };
    VkSemaphoreCreateInfo info = { .sType = VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO, .pNext = &type };
    VkResult result = gpu->vk.vkCreateSemaphore(gpu->device, &info, NULL, &gpu->timeline);
    if (result != VK_SUCCESS) {
        return gpu_fail(gpu, result, "vkCreateSemaphore");
    }
    gpu->frame_count = count;
    for (uint32_t i = 0; i < count; i++) {
        V_TRY(init_frame(gpu, &gpu->frames[i]));
    }
    return V_OK;
}

void gpu_frames_finish(v_gpu *gpu)
{
    for (uint32_t i = 0; i < gpu->frame_count; i++) {
        gpu_frame *frame = &gpu->frames[i];
        for (uint32_t p = 0; p < frame->descriptor_pools.count; p++) {
            gpu->vk.vkDestroyDescriptorPool(gpu->device, frame->descriptor_pools.items[p].handle, NULL);
        }
        for (uint32_t c = 0; c < frame->chunks.count; c++) {
            v_gpu_buffer_destroy(gpu, frame->chunks.items[c].buffer);
        }
        V_ARRAY_DESTROY(&frame->descriptor_pools, gpu->allocator);
        V_ARRAY_DESTROY(&frame->chunks, gpu->allocator);
        if (frame->queries != VK_NULL_HANDLE) {
            gpu->vk.vkDestroyQueryPool(gpu->device, frame->queries, NULL);
        }
        if (frame->pool != VK_NULL_HANDLE) {
            gpu->vk.vkDestroyCommandPool(gpu->device, frame->pool, NULL);
        }
    }
    if (gpu->timeline != VK_NULL_HANDLE) {
        gpu->vk.vkDestroySemaphore(gpu->device, gpu->timeline, NULL);
    }
}

static v_status poll_timeline(v_gpu *gpu)
{
    uint64_t value = 0;
    VkResult result = gpu->vk.vkGetSemaphoreCounterValue(gpu->device, gpu->timeline, &value);
    if (result != VK_SUCCESS) {
        return gpu_fail(gpu, result, "vkGetSemaphoreCounterValue");
    }
    gpu->finished_value = value > gpu->finished_value ? value : gpu->finished_value;
    return V_OK;
}

v_status gpu_wait_value(v_gpu *gpu, uint64_t value)
{
    if (value > gpu->finished_value) {
        VkSemaphoreWaitInfo info = { .sType = VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO,
                                     .semaphoreCount = 1,
                                     .pSemaphores = &gpu->timeline,
                                     .pValues = &value };
        VkResult result = gpu->vk.vkWaitSemaphores(gpu->device, &info, UINT64_MAX);
        if (result != VK_SUCCESS) {
            return gpu_fail(gpu, result, "vkWaitSemaphores");
        }
    }
    return poll_timeline(gpu);
}

v_status gpu_submit(v_gpu *gpu, const VkCommandBufferSubmitInfo *commands, uint32_t command_count,
                    const VkSemaphoreSubmitInfo *waits, uint32_t wait_count, const VkSemaphoreSubmitInfo *signals,
                    uint32_t signal_count, uint64_t *out_value)
{
    VkSemaphoreSubmitInfo all_signals[1 + V_COUNT_OF(gpu->acquired)];
    V_ASSERT(signal_count < V_COUNT_OF(all_signals));
    for (uint32_t i = 0; i < signal_count; i++) {
        all_signals[i] = signals[i];
    }
    all_signals[signal_count] = (VkSemaphoreSubmitInfo){ .sType = VK_STRUCTURE_TYPE_SEMAPHORE_SUBMIT_INFO,
                                                         .semaphore = gpu->timeline,
                                                         .value = gpu->submitted_value + 1,
                                                         .stageMask = VK_PIPELINE_STAGE_2_ALL_COMMANDS_BIT };
    VkSubmitInfo2 info = { .sType = VK_STRUCTURE_TYPE_SUBMIT_INFO_2,
                           .waitSemaphoreInfoCount = wait_count,
                           .pWaitSemaphoreInfos = waits,
                           .commandBufferInfoCount = command_count,
                           .pCommandBufferInfos = commands,
                           .signalSemaphoreInfoCount = signal_count + 1,
                           .pSignalSemaphoreInfos = all_signals };
    VkResult result = gpu->vk.vkQueueSubmit2(gpu->queue, 1, &info, VK_NULL_HANDLE);
    if (result != VK_SUCCESS) {
        return gpu_fail(gpu, result, "vkQueueSubmit2");
    }
    gpu->submitted_value += 1;
    *out_value = gpu->submitted_value;
    return V_OK;
}

static v_status reset_frame(v_gpu *gpu, gpu_frame *frame)
{
    VkResult result = gpu->vk.vkResetCommandPool(gpu->device, frame->pool, 0);
    for (uint32_t i = 0; i < frame->descriptor_pools.count && result == VK_SUCCESS; i++) {
        result = gpu->vk.vkResetDescriptorPool(gpu->device, frame->descriptor_pools.items[i].handle, 0);
    }
    if (result != VK_SUCCESS) {
        return gpu_fail(gpu, result, "resetting a frame");
    }
    frame->descriptor_pool_index = 0;
    frame->chunk_index = 0;
    frame->chunk_used_bytes = 0;
    frame->query_count = 0;
    VkCommandBufferBeginInfo begin = { .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO,
                                       .flags = VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT };
    result = gpu->vk.vkBeginCommandBuffer(frame->cmd.handle, &begin);
    if (result != VK_SUCCESS) {
        return gpu_fail(gpu, result, "vkBeginCommandBuffer");
    }
    if (frame->queries != VK_NULL_HANDLE) {
        gpu->vk.vkCmdResetQueryPool(frame->cmd.handle, frame->queries, 0, GPU_MAX_TIMESTAMPS);
    }
    return V_OK;
}

v_status v_gpu_frame_begin(v_gpu *gpu, v_cmd **out_cmd)
{
    V_TRY(gpu_check(gpu, "v_gpu_frame_begin"));
    if (out_cmd == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_gpu_frame_begin: out_cmd is null");
    }
    if (gpu->recording) {
        return v_fail(V_ERROR_STATE, "v_gpu_frame_begin: a frame is being recorded; call v_gpu_frame_end first");
    }
    uint32_t slot = (uint32_t)(gpu->frame % gpu->frame_count);
    gpu_frame *frame = &gpu->frames[slot];
    V_TRY(gpu_wait_value(gpu, frame->value));
    gpu_collect(gpu, false);
    V_TRY(reset_frame(gpu, frame));
    gpu->frame += 1;
    gpu->frame_slot = slot;
    gpu->recording = true;
    gpu->acquired_count = 0;
    gpu->draws = gpu->dispatches = 0;
    frame->frame = gpu->frame;
    VkCommandBuffer handle = frame->cmd.handle;
    frame->cmd = (v_cmd){ .gpu = gpu, .handle = handle };
    *out_cmd = &frame->cmd;
    return V_OK;
}

// Submit uploads and the frame, waiting for and signalling the acquired windows.
static v_status submit_frame(v_gpu *gpu, gpu_frame *frame)
{
    VkSemaphoreSubmitInfo waits[V_COUNT_OF(gpu->acquired)], signals[V_COUNT_OF(gpu->acquired)];
    VkCommandBufferSubmitInfo commands[2];
    uint32_t command_count = 0;
    for (uint32_t i = 0; i < gpu->acquired_count; i++) {
        gpu_window_submit_info(gpu->acquired[i], &waits[i], &signals[i]);
    }
    gpu_upload_batch *batch = NULL;
    VkCommandBuffer upload;
    if (gpu_upload_close(gpu, &upload, &batch)) {
        commands[command_count++] = (VkCommandBufferSubmitInfo){ .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_SUBMIT_INFO,
                                                                 .commandBuffer = upload };
    }
    commands[command_count++] = (VkCommandBufferSubmitInfo){ .sType = VK_STRUCTURE_TYPE_COMMAND_BUFFER_SUBMIT_INFO,
                                                             .commandBuffer = frame->cmd.handle };
    V_TRY(gpu_submit(gpu, commands, command_count, waits, gpu->acquired_count, signals, gpu->acquired_count,
                     &frame->value));
    if (batch != NULL) {
        batch->value = frame->value;
    }
    return V_OK;
}

v_status v_gpu_frame_end(v_gpu *gpu)
{
    V_TRY(gpu_check(gpu, "v_gpu_frame_end"));
    if (!gpu->recording) {
        return v_fail(V_ERROR_STATE, "v_gpu_frame_end: no frame is being recorded; call v_gpu_frame_begin first");
    }
    gpu_frame *frame = &gpu->frames[gpu->frame_slot];
    gpu->recording = false;
    VkResult result = gpu->vk.vkEndCommandBuffer(frame->cmd.handle);
    v_status status = frame->cmd.status;
    if (status != V_OK) {
        status = v_fail(status, "%s", frame->cmd.message);
    } else if (result != VK_SUCCESS) {
        status = gpu_fail(gpu, result, "vkEndCommandBuffer");
    }
    for (uint32_t i = 0; i < gpu->acquired_count && status == V_OK; i++) {
        status = gpu_window_check(gpu->acquired[i]);
    }
    if (status == V_OK) {
        status = submit_frame(gpu, frame);
    }
    if (status != V_OK) {
        gpu_restore_states(gpu);
    }
    for (uint32_t i = 0; i < gpu->acquired_count; i++) {
        v_status presented = status == V_OK ? gpu_window_present(gpu->acquired[i]) : V_OK;
        if (status != V_OK) {
            gpu_window_abandon(gpu->acquired[i]);
        }
        // A window that changed its size is made anew at its next acquire; that is no failure of this frame.
        if (presented != V_OK && presented != V_ERROR_OUT_OF_DATE) {
            status = presented;
        }
    }
    gpu->acquired_count = 0;
    return status;
}

v_status v_gpu_frame_wait(v_gpu *gpu)
{
    V_TRY(gpu_check(gpu, "v_gpu_frame_wait"));
    V_TRY(gpu_wait_value(gpu, gpu->submitted_value));
    return V_OK;
}

v_status v_gpu_wait_idle(v_gpu *gpu)
{
    V_TRY(gpu_check(gpu, "v_gpu_wait_idle"));
    if (!gpu->recording) {
        V_TRY(gpu_upload_flush(gpu));
    }
    V_TRY(gpu_wait_value(gpu, gpu->submitted_value));
    gpu_collect(gpu, false);
    return V_OK;
}

v_gpu_span v_cmd_transient(v_cmd *cmd, uint64_t size_bytes)
{
    v_gpu_span span = { 0 };
    if (cmd == NULL || size_bytes == 0) {
        gpu_cmd_fail(cmd, V_ERROR_INVALID_ARGUMENT, "v_cmd_transient: size_bytes is 0");
        return span;
    }
    v_gpu *gpu = cmd->gpu;
    gpu_frame *frame = &gpu->frames[gpu->frame_slot];
    const uint64_t alignment = 256; // the largest minimum offset alignment that Vulkan allows
    uint64_t offset = (frame->chunk_used_bytes + alignment - 1) / alignment * alignment;
    while (frame->chunk_index < frame->chunks.count &&
           offset + size_bytes > frame->chunks.items[frame->chunk_index].size_bytes) {
        frame->chunk_index++;
        offset = 0;
    }
    if (frame->chunk_index == frame->chunks.count) {
        gpu_chunk chunk = { .size_bytes =
                                size_bytes > GPU_TRANSIENT_CHUNK_BYTES ? size_bytes : GPU_TRANSIENT_CHUNK_BYTES };
        v_gpu_buffer_desc desc = { .name = "frame transient",
                                   .size_bytes = chunk.size_bytes,
                                   .usage = V_BUFFER_VERTEX | V_BUFFER_INDEX | V_BUFFER_UNIFORM | V_BUFFER_STORAGE |
                                            V_BUFFER_INDIRECT,
                                   .memory = V_MEMORY_UPLOAD };
        v_status status = V_ARRAY_RESERVE(&frame->chunks, gpu->allocator, frame->chunks.count + 1);
        if (status == V_OK) {
            status = v_gpu_buffer_create(gpu, &desc, &chunk.buffer);
        }
        if (status != V_OK) {
            gpu_cmd_fail(cmd, status, "v_cmd_transient: %s", v_status_message());
            return span;
        }
        chunk.mapped = v_gpu_buffer_map(gpu, chunk.buffer);
        frame->chunks.items[frame->chunks.count++] = chunk;
        offset = 0;
    }
    const gpu_chunk *chunk = &frame->chunks.items[frame->chunk_index];
    frame->chunk_used_bytes = offset + size_bytes;
    return (v_gpu_span){ chunk->buffer, offset, size_bytes, chunk->mapped + offset };
}

uint32_t v_cmd_timestamp(v_cmd *cmd)
{
    if (cmd == NULL) {
        return UINT32_MAX;
    }
    v_gpu *gpu = cmd->gpu;
    gpu_frame *frame = &gpu->frames[gpu->frame_slot];
    if (frame->queries == VK_NULL_HANDLE || frame->query_count == GPU_MAX_TIMESTAMPS) {
        return UINT32_MAX;
    }
    gpu->vk.vkCmdWriteTimestamp2(cmd->handle, VK_PIPELINE_STAGE_2_ALL_COMMANDS_BIT, frame->queries, frame->query_count);
    return frame->query_count++;
}

v_status v_gpu_read_timestamps(v_gpu *gpu, uint64_t frame, uint32_t first_slot, uint32_t count, uint64_t *out_ns)
{
    V_TRY(gpu_check(gpu, "v_gpu_read_timestamps"));
    if (out_ns == NULL || frame == 0) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_gpu_read_timestamps: %s",
                      out_ns == NULL ? "out_ns is null" : "frame is 0");
    }
    const gpu_frame *slot = &gpu->frames[(frame - 1) % gpu->frame_count];
    bool current = gpu->recording && frame == gpu->frame;
    if (slot->frame != frame || current || first_slot > slot->query_count || count > slot->query_count - first_slot) {
        return v_fail(V_ERROR_NOT_FOUND, "v_gpu_read_timestamps: frame %llu has no finished timestamps %u..%u",
                      (unsigned long long)frame, first_slot, first_slot + count);
    }
    V_TRY(poll_timeline(gpu));
    if (slot->value > gpu->finished_value) {
        return v_fail(V_ERROR_NOT_FOUND, "v_gpu_read_timestamps: frame %llu has not finished",
                      (unsigned long long)frame);
    }
    if (count == 0) {
        return V_OK;
    }
    VkResult result =
        gpu->vk.vkGetQueryPoolResults(gpu->device, slot->queries, first_slot, count, count * sizeof(uint64_t), out_ns,
                                      sizeof(uint64_t), VK_QUERY_RESULT_64_BIT);
    if (result != VK_SUCCESS) {
        return result == VK_NOT_READY ? v_fail(V_ERROR_NOT_FOUND, "v_gpu_read_timestamps: not written")
                                      : gpu_fail(gpu, result, "vkGetQueryPoolResults");
    }
    for (uint32_t i = 0; i < count; i++) {
        out_ns[i] = (uint64_t)((double)out_ns[i] * (double)gpu->limits.timestampPeriod);
    }
    return V_OK;
}
