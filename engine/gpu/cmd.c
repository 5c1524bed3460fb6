// cmd.c: recording draws and dispatches: pipelines, sets, vertex and index buffers.
#include "gpu_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void gpu_cmd_fail(v_cmd *cmd, v_status status, const char *format, ...)
{
    char text[384];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (cmd == NULL) {
        (void)v_fail(status, "%s: cmd is null", text);
        return;
    }
    if (cmd->status == V_OK) {
        cmd->status = status;
        if (cmd->pass != NULL) {
            snprintf(cmd->message, sizeof(cmd->message), "pass \"%s\": %s", cmd->pass, text);
        } else {
            snprintf(cmd->message, sizeof(cmd->message), "%s", text);
        }
    }
}

bool gpu_cmd_usable(v_cmd *cmd, const char *call)
{
    if (cmd == NULL) {
        (void)v_fail(V_ERROR_INVALID_ARGUMENT, "%s: cmd is null", call);
        return false;
    }
    if (!cmd->gpu->recording || cmd != &cmd->gpu->frames[cmd->gpu->frame_slot].cmd) {
        (void)v_fail(V_ERROR_STATE, "%s: the command list belongs to a frame that has ended", call);
        return false;
    }
    return cmd->status == V_OK; // after an error nothing is recorded
}

gpu_buffer *gpu_cmd_buffer(v_cmd *cmd, const char *call, v_gpu_buffer buffer, uint64_t offset_bytes,
                           uint64_t size_bytes)
{
    gpu_buffer *object = gpu_get_buffer(cmd->gpu, buffer);
    if (object == NULL) {
        gpu_cmd_fail(cmd, V_ERROR_STALE, "%s: the buffer is null or was destroyed", call);
    } else if (size_bytes > object->size_bytes || offset_bytes > object->size_bytes - size_bytes) {
        gpu_cmd_fail(cmd, V_ERROR_INVALID_ARGUMENT, "%s: %llu bytes at %llu are outside of \"%s\" (%llu bytes)", call,
                     (unsigned long long)size_bytes, (unsigned long long)offset_bytes, object->name,
                     (unsigned long long)object->size_bytes);
        object = NULL;
    } else {
        gpu_touch_buffer(cmd->gpu, object);
    }
    return object;
}

gpu_texture *gpu_cmd_texture(v_cmd *cmd, const char *call, v_gpu_texture texture, uint32_t mip, uint32_t layer)
{
    gpu_texture *object = gpu_get_texture(cmd->gpu, texture);
    if (object == NULL) {
        gpu_cmd_fail(cmd, V_ERROR_STALE, "%s: the texture is null or was destroyed", call);
    } else if (mip >= object->desc.mip_count || layer >= object->desc.layer_count) {
        gpu_cmd_fail(cmd, V_ERROR_INVALID_ARGUMENT, "%s: mip %u, layer %u of \"%s\", which has %u mips and %u layers",
                     call, mip, layer, object->name, object->desc.mip_count, object->desc.layer_count);
        object = NULL;
    } else {
        gpu_touch_texture(cmd->gpu, object);
    }
    return object;
}

static gpu_pipeline *bound_pipeline(v_cmd *cmd, const char *call)
{
    gpu_pipeline *pipeline = gpu_get_pipeline(cmd->gpu, cmd->pipeline);
    if (pipeline == NULL) {
        gpu_cmd_fail(cmd, V_ERROR_STATE, "%s: no pipeline is bound", call);
    }
    return pipeline;
}

void v_cmd_bind_pipeline(v_cmd *cmd, v_gpu_pipeline pipeline)
{
    if (!gpu_cmd_usable(cmd, "v_cmd_bind_pipeline")) {
        return;
    }
    gpu_pipeline *object = gpu_get_pipeline(cmd->gpu, pipeline);
    if (object == NULL) {
        gpu_cmd_fail(cmd, V_ERROR_STALE, "v_cmd_bind_pipeline: the pipeline is null or was destroyed");
        return;
    }
    cmd->gpu->vk.vkCmdBindPipeline(cmd->handle, object->point, object->handle);
    cmd->pipeline = pipeline;
}

// The arrays that one vkUpdateDescriptorSets call points into.
typedef struct set_writes {
    VkWriteDescriptorSet writes[GPU_MAX_SET_DESCRIPTORS];
    VkDescriptorBufferInfo buffers[GPU_MAX_SET_DESCRIPTORS];
    VkDescriptorImageInfo images[GPU_MAX_SET_DESCRIPTORS];
    uint32_t count;
} set_writes;

static const v_gpu_write *find_write(const v_gpu_write *writes, uint32_t count, uint32_t binding, uint32_t element)
{
    for (uint32_t i = 0; i < count; i++) {
        if (writes[i].binding == binding && writes[i].element == element) {
            return &writes[i];
        }
    }
    return NULL;
}

static bool fill_buffer(v_cmd *cmd, const v_gpu_write *w, const v_gpu_binding *binding, VkDescriptorBufferInfo *out)
{
    gpu_buffer *buffer = gpu_cmd_buffer(cmd, "v_cmd_bind_set", w->buffer, w->offset_bytes, w->size_bytes);
    if (buffer == NULL) {
        return false;
    }
    uint32_t needed = binding->kind == V_BINDING_UNIFORM ? V_BUFFER_UNIFORM : V_BUFFER_STORAGE;
    uint64_t alignment = binding->kind == V_BINDING_UNIFORM ? cmd->gpu->limits.minUniformBufferOffsetAlignment
                                                            : cmd->gpu->limits.minStorageBufferOffsetAlignment;
    uint64_t range = w->size_bytes != 0 ? w->size_bytes : buffer->size_bytes - w->offset_bytes;
    if ((buffer->usage & needed) == 0) {
        gpu_cmd_fail(cmd, V_ERROR_INVALID_ARGUMENT, "v_cmd_bind_set: binding %u: \"%s\" was made without %s",
                     w->binding, buffer->name, needed == V_BUFFER_UNIFORM ? "V_BUFFER_UNIFORM" : "V_BUFFER_STORAGE");
        return false;
    }
    if (w->offset_bytes % alignment != 0 || range == 0) {
        gpu_cmd_fail(cmd, V_ERROR_INVALID_ARGUMENT,
                     "v_cmd_bind_set: binding %u: offset %llu of \"%s\" must be a "
                     "multiple of %llu inside it",
                     w->binding, (unsigned long long)w->offset_bytes, buffer->name, (unsigned long long)alignment);
        return false;
    }
    if (binding->kind == V_BINDING_UNIFORM && range > cmd->gpu->limits.maxUniformBufferRange) {
        range = cmd->gpu->limits.maxUniformBufferRange;
    }
    *out = (VkDescriptorBufferInfo){ buffer->handle, w->offset_bytes, range };
    return true;
}

static bool fill_image(v_cmd *cmd, const v_gpu_write *w, const v_gpu_binding *binding, VkDescriptorImageInfo *out)
{
    gpu_texture *texture = gpu_cmd_texture(cmd, "v_cmd_bind_set", w->texture, w->mip, w->layer);
    if (texture == NULL) {
        return false;
    }
    bool storage = binding->kind == V_BINDING_STORAGE_TEXTURE;
    uint32_t needed = storage ? V_TEXTURE_STORAGE : V_TEXTURE_SAMPLED;
    const v_gpu_texture_desc *d = &texture->desc;
    uint32_t mip_count = storage ? 1 : w->mip_count != 0 ? w->mip_count : d->mip_count - w->mip;
    uint32_t layer_count = w->layer_count != 0 ? w->layer_count : d->layer_count - w->layer;
    if ((d->usage & needed) == 0 || mip_count > d->mip_count - w->mip || layer_count > d->layer_count - w->layer) {
        gpu_cmd_fail(cmd, V_ERROR_INVALID_ARGUMENT, "v_cmd_bind_set: binding %u: %s \"%s\"%s", w->binding,
                     (d->usage & needed) == 0 ? "usage does not allow it for" : "mips or layers are outside of",
                     texture->name,
                     (d->usage & needed) == 0 ? (storage ? " (V_TEXTURE_STORAGE)" : " (V_TEXTURE_SAMPLED)") : "");
        return false;
    }
    gpu_sampler *sampler = storage ? NULL : gpu_get_sampler(cmd->gpu, w->sampler);
    if (!storage && sampler == NULL) {
        gpu_cmd_fail(cmd, V_ERROR_STALE, "v_cmd_bind_set: binding %u: the sampler is null or was destroyed",
                     w->binding);
        return false;
    }
    *out = (VkDescriptorImageInfo){ .sampler = sampler != NULL ? sampler->handle : VK_NULL_HANDLE,
                                    .imageLayout = storage ? VK_IMAGE_LAYOUT_GENERAL : gpu_sampled_layout(d->format) };
    v_status status = gpu_texture_view(cmd->gpu, texture, gpu_texture_view_type(d, layer_count), w->mip, mip_count,
                                       w->layer, layer_count, &out->imageView);
    if (status != V_OK) {
        gpu_cmd_fail(cmd, status, "v_cmd_bind_set: binding %u: %s", w->binding, v_status_message());
    }
    return status == V_OK;
}

static bool fill_binding(v_cmd *cmd, const gpu_pipeline *pipeline, uint32_t set, const v_gpu_binding *binding,
                         const v_gpu_write *writes, uint32_t write_count, set_writes *out)
{
    static const VkDescriptorType types[] = { [V_BINDING_UNIFORM] = VK_DESCRIPTOR_TYPE_UNIFORM_BUFFER,
                                              [V_BINDING_STORAGE] = VK_DESCRIPTOR_TYPE_STORAGE_BUFFER,
                                              [V_BINDING_SAMPLED] = VK_DESCRIPTOR_TYPE_COMBINED_IMAGE_SAMPLER,
                                              [V_BINDING_STORAGE_TEXTURE] = VK_DESCRIPTOR_TYPE_STORAGE_IMAGE };
    uint32_t elements = binding->count == 0 ? 1 : binding->count;
    for (uint32_t e = 0; e < elements; e++) {
        const v_gpu_write *w = find_write(writes, write_count, binding->binding, e);
        if (w == NULL) {
            gpu_cmd_fail(cmd, V_ERROR_INVALID_ARGUMENT,
                         "v_cmd_bind_set: nothing is given for set %u, binding %u, element "
                         "%u of pipeline \"%s\"",
                         set, binding->binding, e, pipeline->name);
            return false;
        }
        uint32_t i = out->count;
        bool is_buffer = binding->kind == V_BINDING_UNIFORM || binding->kind == V_BINDING_STORAGE;
        if (is_buffer ? !fill_buffer(cmd, w, binding, &out->buffers[i])
                      : !fill_image(cmd, w, binding, &out->images[i])) {
            return false;
        }
        out->writes[i] = (VkWriteDescriptorSet){ .sType = VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET,
                                                 .dstBinding = binding->binding,
                                                 .dstArrayElement = e,
                                                 .descriptorCount = 1,
                                                 .descriptorType = types[binding->kind],
                                                 .pBufferInfo = is_buffer ? &out->buffers[i] : NULL,
                                                 .pImageInfo = is_buffer ? NULL : &out->images[i] };
        out->count++;
    }
    return true;
}

void v_cmd_bind_set(v_cmd *cmd, uint32_t set, const v_gpu_write *writes, uint32_t write_count)
{
    if (!gpu_cmd_usable(cmd, "v_cmd_bind_set")) {
        return;
    }
    const gpu_pipeline *pipeline = bound_pipeline(cmd, "v_cmd_bind_set");
    if (pipeline == NULL) {
        return;
    }
    if (set >= pipeline->set_count || (writes == NULL && write_count > 0)) {
        gpu_cmd_fail(cmd, V_ERROR_INVALID_ARGUMENT, "v_cmd_bind_set: set %u of pipeline \"%s\", which has %u sets%s",
                     set, pipeline->name, pipeline->set_count, writes == NULL ? ", writes is null" : "");
        return;
    }
    set_writes filled;
    filled.count = 0;
    const v_gpu_binding *bindings = pipeline->interface.sets[set];
    for (uint32_t b = 0; b < V_MAX_BINDINGS && bindings[b].kind != V_BINDING_NONE; b++) {
        if (!fill_binding(cmd, pipeline, set, &bindings[b], writes, write_count, &filled)) {
            return;
        }
    }
    if (filled.count != write_count) {
        gpu_cmd_fail(cmd, V_ERROR_INVALID_ARGUMENT,
                     "v_cmd_bind_set: %u writes for the %u descriptors of set %u of pipeline "
                     "\"%s\"",
                     write_count, filled.count, set, pipeline->name);
        return;
    }
    VkDescriptorSet handle;
    v_status status = gpu_set_allocate(cmd->gpu, pipeline->sets[set], &handle);
    if (status != V_OK) {
        gpu_cmd_fail(cmd, status, "v_cmd_bind_set: %s", v_status_message());
        return;
    }
    for (uint32_t i = 0; i < filled.count; i++) {
        filled.writes[i].dstSet = handle;
    }
    cmd->gpu->vk.vkUpdateDescriptorSets(cmd->gpu->device, filled.count, filled.writes, 0, NULL);
    cmd->gpu->vk.vkCmdBindDescriptorSets(cmd->handle, pipeline->point, pipeline->layout, set, 1, &handle, 0, NULL);
}

void v_cmd_push(v_cmd *cmd, const void *data, uint32_t size_bytes)
{
    if (!gpu_cmd_usable(cmd, "v_cmd_push")) {
        return;
    }
    const gpu_pipeline *pipeline = bound_pipeline(cmd, "v_cmd_push");
    if (pipeline == NULL) {
        return;
    }
    if (data == NULL || size_bytes == 0 || size_bytes % 4 != 0 || size_bytes > pipeline->interface.push_bytes) {
        gpu_cmd_fail(cmd, V_ERROR_INVALID_ARGUMENT, "v_cmd_push: %u bytes, pipeline \"%s\" declared %u%s", size_bytes,
                     pipeline->name, pipeline->interface.push_bytes, data == NULL ? "; data is null" : "");
        return;
    }
    cmd->gpu->vk.vkCmdPushConstants(cmd->handle, pipeline->layout, pipeline->stages, 0, size_bytes, data);
}

void v_cmd_bind_vertices(v_cmd *cmd, uint32_t stream, v_gpu_buffer buffer, uint64_t offset_bytes)
{
    if (!gpu_cmd_usable(cmd, "v_cmd_bind_vertices")) {
        return;
    }
    gpu_buffer *object = gpu_cmd_buffer(cmd, "v_cmd_bind_vertices", buffer, offset_bytes, 0);
    if (object == NULL) {
        return;
    }
    if (stream >= V_MAX_STREAMS || (object->usage & V_BUFFER_VERTEX) == 0) {
        gpu_cmd_fail(cmd, V_ERROR_INVALID_ARGUMENT, "v_cmd_bind_vertices: stream %u, \"%s\"%s", stream, object->name,
                     (object->usage & V_BUFFER_VERTEX) == 0 ? " was made without V_BUFFER_VERTEX" : "");
        return;
    }
    cmd->gpu->vk.vkCmdBindVertexBuffers(cmd->handle, stream, 1, &object->handle, &offset_bytes);
}

void v_cmd_bind_indices(v_cmd *cmd, v_gpu_buffer buffer, uint64_t offset_bytes, bool sixteen_bit)
{
    if (!gpu_cmd_usable(cmd, "v_cmd_bind_indices")) {
        return;
    }
    gpu_buffer *object = gpu_cmd_buffer(cmd, "v_cmd_bind_indices", buffer, offset_bytes, 0);
    if (object == NULL) {
        return;
    }
    if ((object->usage & V_BUFFER_INDEX) == 0 || offset_bytes % (sixteen_bit ? 2 : 4) != 0) {
        gpu_cmd_fail(cmd, V_ERROR_INVALID_ARGUMENT, "v_cmd_bind_indices: \"%s\" %s", object->name,
                     (object->usage & V_BUFFER_INDEX) == 0 ? "was made without V_BUFFER_INDEX"
                                                           : "at an unaligned offset");
        return;
    }
    cmd->gpu->vk.vkCmdBindIndexBuffer(cmd->handle, object->handle, offset_bytes,
                                      sixteen_bit ? VK_INDEX_TYPE_UINT16 : VK_INDEX_TYPE_UINT32);
}

void v_cmd_viewport(v_cmd *cmd, float x_px, float y_px, float width_px, float height_px)
{
    if (!gpu_cmd_usable(cmd, "v_cmd_viewport")) {
        return;
    }
    if (!(width_px > 0.0f) || !(height_px > 0.0f)) {
        gpu_cmd_fail(cmd, V_ERROR_INVALID_ARGUMENT, "v_cmd_viewport: size %g×%g", (double)width_px, (double)height_px);
        return;
    }
    VkViewport viewport = { x_px, y_px, width_px, height_px, 0.0f, 1.0f };
    cmd->gpu->vk.vkCmdSetViewport(cmd->handle, 0, 1, &viewport);
}

void v_cmd_scissor(v_cmd *cmd, int32_t x_px, int32_t y_px, uint32_t width_px, uint32_t height_px)
{
    if (!gpu_cmd_usable(cmd, "v_cmd_scissor")) {
        return;
    }
    if (x_px < 0 || y_px < 0 || width_px > INT32_MAX - (uint32_t)x_px || height_px > INT32_MAX - (uint32_t)y_px) {
        gpu_cmd_fail(cmd, V_ERROR_INVALID_ARGUMENT, "v_cmd_scissor: %u×%u at %d, %d", width_px, height_px, x_px, y_px);
        return;
    }
    VkRect2D scissor = { { x_px, y_px }, { width_px, height_px } };
    cmd->gpu->vk.vkCmdSetScissor(cmd->handle, 0, 1, &scissor);
}

// A graphics pipeline is bound and fits the attachments of the pass.
static bool can_draw(v_cmd *cmd, const char *call)
{
    if (!gpu_cmd_usable(cmd, call)) {
        return false;
    }
    const gpu_pipeline *pipeline = bound_pipeline(cmd, call);
    if (pipeline == NULL) {
        return false;
    }
    if (pipeline->point != VK_PIPELINE_BIND_POINT_GRAPHICS || !cmd->rendering) {
        gpu_cmd_fail(cmd, V_ERROR_STATE, "%s: %s", call,
                     cmd->rendering ? "a compute pipeline is bound" : "only inside a graphics pass with attachments");
        return false;
    }
    bool fits = pipeline->color_count == cmd->color_count && pipeline->depth == cmd->depth;
    for (uint32_t i = 0; fits && i < cmd->color_count; i++) {
        fits = pipeline->colors[i] == cmd->colors[i];
    }
    if (!fits) {
        gpu_cmd_fail(cmd, V_ERROR_INVALID_ARGUMENT,
                     "%s: pipeline \"%s\" is for %u colours (first %s) and depth %s, the pass "
                     "has %u (first %s) and depth %s",
                     call, pipeline->name, pipeline->color_count, v_format_name(pipeline->colors[0]),
                     v_format_name(pipeline->depth), cmd->color_count,
                     v_format_name(cmd->color_count > 0 ? cmd->colors[0] : V_FORMAT_NONE), v_format_name(cmd->depth));
        return false;
    }
    cmd->gpu->draws += 1;
    return true;
}

void v_cmd_draw(v_cmd *cmd, uint32_t vertex_count, uint32_t instance_count, uint32_t first_vertex,
                uint32_t first_instance)
{
    if (can_draw(cmd, "v_cmd_draw")) {
        cmd->gpu->vk.vkCmdDraw(cmd->handle, vertex_count, instance_count, first_vertex, first_instance);
    }
}

void v_cmd_draw_indexed(v_cmd *cmd, uint32_t index_count, uint32_t instance_count, uint32_t first_index,
                        int32_t vertex_offset, uint32_t first_instance)
{
    if (can_draw(cmd, "v_cmd_draw_indexed")) {
        cmd->gpu->vk.vkCmdDrawIndexed(cmd->handle, index_count, instance_count, first_index, vertex_offset,
                                      first_instance);
    }
}

void v_cmd_draw_indexed_indirect(v_cmd *cmd, v_gpu_buffer buffer, uint64_t offset_bytes, uint32_t draw_count)
{
    const char *call = "v_cmd_draw_indexed_indirect";
    const uint32_t stride = sizeof(VkDrawIndexedIndirectCommand);
    if (!can_draw(cmd, call)) {
        return;
    }
    gpu_buffer *object = gpu_cmd_buffer(cmd, call, buffer, offset_bytes, (uint64_t)draw_count * stride);
    if (object == NULL) {
        return;
    }
    if ((object->usage & V_BUFFER_INDIRECT) == 0 || offset_bytes % 4 != 0) {
        gpu_cmd_fail(cmd, V_ERROR_INVALID_ARGUMENT, "%s: \"%s\" needs V_BUFFER_INDIRECT and an offset in fours", call,
                     object->name);
        return;
    }
    if (cmd->gpu->features.multiDrawIndirect) {
        cmd->gpu->vk.vkCmdDrawIndexedIndirect(cmd->handle, object->handle, offset_bytes, draw_count, stride);
        return;
    }
    for (uint32_t i = 0; i < draw_count; i++) {
        cmd->gpu->vk.vkCmdDrawIndexedIndirect(cmd->handle, object->handle, offset_bytes + (uint64_t)i * stride, 1,
                                              stride);
    }
}

static bool can_dispatch(v_cmd *cmd, const char *call)
{
    if (!gpu_cmd_usable(cmd, call)) {
        return false;
    }
    const gpu_pipeline *pipeline = bound_pipeline(cmd, call);
    if (pipeline == NULL) {
        return false;
    }
    if (pipeline->point != VK_PIPELINE_BIND_POINT_COMPUTE || cmd->rendering) {
        gpu_cmd_fail(cmd, V_ERROR_STATE, "%s: %s", call,
                     cmd->rendering ? "not allowed inside a graphics pass" : "a graphics pipeline is bound");
        return false;
    }
    cmd->gpu->dispatches += 1;
    return true;
}

void v_cmd_dispatch(v_cmd *cmd, uint32_t groups_x, uint32_t groups_y, uint32_t groups_z)
{
    if (!can_dispatch(cmd, "v_cmd_dispatch")) {
        return;
    }
    const uint32_t *limit = cmd->gpu->limits.maxComputeWorkGroupCount;
    if (groups_x > limit[0] || groups_y > limit[1] || groups_z > limit[2]) {
        gpu_cmd_fail(cmd, V_ERROR_INVALID_ARGUMENT, "v_cmd_dispatch: %u×%u×%u groups, at most %u×%u×%u", groups_x,
                     groups_y, groups_z, limit[0], limit[1], limit[2]);
        return;
    }
    cmd->gpu->vk.vkCmdDispatch(cmd->handle, groups_x, groups_y, groups_z);
}

void v_cmd_dispatch_indirect(v_cmd *cmd, v_gpu_buffer buffer, uint64_t offset_bytes)
{
    if (!can_dispatch(cmd, "v_cmd_dispatch_indirect")) {
        return;
    }
    gpu_buffer *object = gpu_cmd_buffer(cmd, "v_cmd_dispatch_indirect", buffer, offset_bytes, 12);
    if (object != NULL && ((object->usage & V_BUFFER_INDIRECT) == 0 || offset_bytes % 4 != 0)) {
        gpu_cmd_fail(cmd, V_ERROR_INVALID_ARGUMENT,
                     "v_cmd_dispatch_indirect: \"%s\" needs V_BUFFER_INDIRECT and an offset "
                     "in fours",
                     object->name);
    } else if (object != NULL) {
        cmd->gpu->vk.vkCmdDispatchIndirect(cmd->handle, object->handle, offset_bytes);
    }
}

void v_cmd_label_begin(v_cmd *cmd, const char *name)
{
    if (gpu_cmd_usable(cmd, "v_cmd_label_begin") && cmd->gpu->instance.api.vkCmdBeginDebugUtilsLabelEXT != NULL) {
        VkDebugUtilsLabelEXT label = { .sType = VK_STRUCTURE_TYPE_DEBUG_UTILS_LABEL_EXT,
                                       .pLabelName = name != NULL ? name : "" };
        cmd->gpu->instance.api.vkCmdBeginDebugUtilsLabelEXT(cmd->handle, &label);
    }
}

void v_cmd_label_end(v_cmd *cmd)
{
    if (gpu_cmd_usable(cmd, "v_cmd_label_end") && cmd->gpu->instance.api.vkCmdEndDebugUtilsLabelEXT != NULL) {
        cmd->gpu->instance.api.vkCmdEndDebugUtilsLabelEXT(cmd->handle);
    }
}
