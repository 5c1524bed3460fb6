// execute.c: recording a compiled graph into a frame: barriers, attachments, callbacks, timestamps.
#include "graph_internal.h"

#include "v/thread.h"

enum { BARRIER_BATCH = 64 };

v_gpu_texture v_pass_get_texture(const v_pass_context *context, v_graph_texture texture)
{
    const v_graph *graph = context != NULL ? context->graph : NULL;
    if (graph == NULL || texture.graph != graph->tag || texture.epoch != graph->epoch ||
        texture.index >= graph->resources.count || !graph->resources.items[texture.index].texture) {
        (void)v_fail(V_ERROR_STALE, "v_pass_get_texture: the handle is not of this declaration");
        return (v_gpu_texture){ 0 };
    }
    const graph_resource *r = &graph->resources.items[texture.index];
    return r->imported ? r->import_texture : graph->physical.textures.items[texture.index];
}

v_gpu_buffer v_pass_get_buffer(const v_pass_context *context, v_graph_buffer buffer)
{
    const v_graph *graph = context != NULL ? context->graph : NULL;
    if (graph == NULL || buffer.graph != graph->tag || buffer.epoch != graph->epoch ||
        buffer.index >= graph->resources.count || graph->resources.items[buffer.index].texture) {
        (void)v_fail(V_ERROR_STALE, "v_pass_get_buffer: the handle is not of this declaration");
        return (v_gpu_buffer){ 0 };
    }
    const graph_resource *r = &graph->resources.items[buffer.index];
    return r->imported ? r->import_buffer : graph->physical.buffers.items[buffer.index];
}

static gpu_texture *texture_of(const v_graph *graph, uint32_t r)
{
    const graph_resource *resource = &graph->resources.items[r];
    return gpu_get_texture(graph->gpu,
                           resource->imported ? resource->import_texture : graph->physical.textures.items[r]);
}

static gpu_buffer *buffer_of(const v_graph *graph, uint32_t r)
{
    const graph_resource *resource = &graph->resources.items[r];
    return gpu_get_buffer(graph->gpu, resource->imported ? resource->import_buffer : graph->physical.buffers.items[r]);
}

typedef struct batch {
    VkImageMemoryBarrier2 images[BARRIER_BATCH];
    VkBufferMemoryBarrier2 buffers[BARRIER_BATCH];
    VkMemoryBarrier2 aliasing;
    uint32_t image_count, buffer_count;
} batch;

static void flush(v_gpu *gpu, VkCommandBuffer commands, batch *b)
{
    if (b->image_count + b->buffer_count == 0) {
        return;
    }
    VkDependencyInfo info = { .sType = VK_STRUCTURE_TYPE_DEPENDENCY_INFO,
                              .memoryBarrierCount = b->aliasing.srcStageMask != 0 ? 1 : 0,
                              .pMemoryBarriers = &b->aliasing,
                              .bufferMemoryBarrierCount = b->buffer_count,
                              .pBufferMemoryBarriers = b->buffers,
                              .imageMemoryBarrierCount = b->image_count,
                              .pImageMemoryBarriers = b->images };
    gpu->vk.vkCmdPipelineBarrier2(commands, &info);
    b->image_count = b->buffer_count = 0;
    b->aliasing.srcStageMask = b->aliasing.srcAccessMask = b->aliasing.dstStageMask = b->aliasing.dstAccessMask = 0;
}

static void add_image(const gpu_texture *texture, const graph_barrier *barrier, batch *b)
{
    b->images[b->image_count++] = (VkImageMemoryBarrier2){
        .sType = VK_STRUCTURE_TYPE_IMAGE_MEMORY_BARRIER_2,
        .srcStageMask = barrier->from_stages,
        .srcAccessMask = barrier->from_access,
        .dstStageMask = barrier->to_stages,
        .dstAccessMask = barrier->to_access,
        .oldLayout = (VkImageLayout)barrier->from_layout,
        .newLayout = (VkImageLayout)barrier->to_layout,
        .srcQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
        .dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
        .image = texture->handle,
        .subresourceRange = { gpu_format_aspect(texture->desc.format), barrier->part.mip, barrier->part.mip_count,
                              barrier->part.layer, barrier->part.layer_count },
    };
}

static void add_buffer(const gpu_buffer *buffer, const graph_barrier *barrier, batch *b)
{
    b->buffers[b->buffer_count++] = (VkBufferMemoryBarrier2){
        .sType = VK_STRUCTURE_TYPE_BUFFER_MEMORY_BARRIER_2,
        .srcStageMask = barrier->from_stages,
        .srcAccessMask = barrier->from_access,
        .dstStageMask = barrier->to_stages,
        .dstAccessMask = barrier->to_access,
        .srcQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
        .dstQueueFamilyIndex = VK_QUEUE_FAMILY_IGNORED,
        .buffer = buffer->handle,
        .size = VK_WHOLE_SIZE,
    };
}

static void record_barriers(v_graph *graph, v_cmd *cmd, uint32_t position)
{
    const graph_compiled *c = &graph->compiled;
    batch b = { .aliasing = { .sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER_2 } };
    for (uint32_t i = c->barrier_first.items[position]; i < c->barrier_first.items[position + 1]; i++) {
        const graph_barrier *barrier = &c->barriers.items[i];
        if (graph->resources.items[barrier->resource].texture) {
            add_image(texture_of(graph, barrier->resource), barrier, &b);
        } else {
            add_buffer(buffer_of(graph, barrier->resource), barrier, &b);
        }
        if (barrier->aliasing) {
            // A barrier on a resource covers accesses through it; the previous owner of the bytes is another resource.
            b.aliasing.srcStageMask |= barrier->from_stages;
            b.aliasing.srcAccessMask |= barrier->from_access;
            b.aliasing.dstStageMask |= barrier->to_stages;
            b.aliasing.dstAccessMask |= barrier->to_access;
        }
        if (b.image_count == BARRIER_BATCH || b.buffer_count == BARRIER_BATCH) {
            flush(graph->gpu, cmd->handle, &b);
        }
    }
    flush(graph->gpu, cmd->handle, &b);
}

typedef struct targets {
    VkRenderingAttachmentInfo colors[V_MAX_COLORS];
    VkRenderingAttachmentInfo depth;
    uint32_t color_count, width_px, height_px;
    v_format color_formats[V_MAX_COLORS], depth_format;
} targets;

static VkAttachmentLoadOp load_op(v_load load)
{
    return load == V_LOAD_CLEAR  ? VK_ATTACHMENT_LOAD_OP_CLEAR
           : load == V_LOAD_KEEP ? VK_ATTACHMENT_LOAD_OP_LOAD
                                 : VK_ATTACHMENT_LOAD_OP_DONT_CARE;
}

static v_status add_target(v_graph *graph, uint32_t access_index, targets *out)
{
    const graph_access *a = &graph->accesses.items[access_index];
    const graph_ops *ops = &graph->compiled.ops.items[access_index];
    gpu_texture *texture = texture_of(graph, a->resource);
    VkRenderingAttachmentInfo info = {
        .sType = VK_STRUCTURE_TYPE_RENDERING_ATTACHMENT_INFO,
        .imageLayout = gpu_usage_layout(a->usage, texture->desc.format),
        .loadOp = load_op(ops->load),
        // A depth buffer that is only tested is not written, not even by its store.
        .storeOp = !a->write    ? VK_ATTACHMENT_STORE_OP_NONE
                   : ops->store ? VK_ATTACHMENT_STORE_OP_STORE
                                : VK_ATTACHMENT_STORE_OP_DONT_CARE,
    };
    V_TRY(gpu_texture_view(graph->gpu, texture, VK_IMAGE_VIEW_TYPE_2D, a->part.mip, 1, a->part.layer, 1,
                           &info.imageView));
    uint32_t width = texture->desc.width_px >> a->part.mip, height = texture->desc.height_px >> a->part.mip;
    out->width_px = width > 0 ? width : 1;
    out->height_px = height > 0 ? height : 1;
    if (a->depth_attachment) {
        info.clearValue.depthStencil.depth = a->clear[0];
        out->depth = info;
        out->depth_format = texture->desc.format;
    } else {
        for (uint32_t i = 0; i < 4; i++) {
            info.clearValue.color.float32[i] = a->clear[i];
        }
        out->colors[a->color_slot] = info;
        out->color_formats[a->color_slot] = texture->desc.format;
        out->color_count = a->color_slot + 1 > out->color_count ? a->color_slot + 1 : out->color_count;
    }
    return V_OK;
}

static v_status find_targets(v_graph *graph, uint32_t pass, targets *out)
{
    const graph_compiled *c = &graph->compiled;
    *out = (targets){ 0 };
    for (uint32_t i = 0; i < V_MAX_COLORS; i++) {
        out->colors[i].sType = VK_STRUCTURE_TYPE_RENDERING_ATTACHMENT_INFO; // a slot that is not given stays null
    }
    for (uint32_t i = c->pass_first.items[pass]; i < c->pass_first.items[pass + 1]; i++) {
        const graph_access *a = &graph->accesses.items[c->pass_accesses.items[i]];
        if (a->color_slot != GRAPH_NONE || a->depth_attachment) {
            V_TRY(add_target(graph, c->pass_accesses.items[i], out));
        }
    }
    return V_OK;
}

static void begin_rendering(v_cmd *cmd, const targets *t)
{
    VkRenderingInfo info = { .sType = VK_STRUCTURE_TYPE_RENDERING_INFO,
                             .renderArea = { { 0, 0 }, { t->width_px, t->height_px } },
                             .layerCount = 1,
                             .colorAttachmentCount = t->color_count,
                             .pColorAttachments = t->colors,
                             .pDepthAttachment = t->depth_format != V_FORMAT_NONE ? &t->depth : NULL };
    cmd->gpu->vk.vkCmdBeginRendering(cmd->handle, &info);
    cmd->rendering = true;
    cmd->color_count = t->color_count;
    cmd->depth = t->depth_format;
    for (uint32_t i = 0; i < t->color_count; i++) {
        cmd->colors[i] = t->color_formats[i];
    }
    v_cmd_viewport(cmd, 0.0f, 0.0f, (float)t->width_px, (float)t->height_px);
    v_cmd_scissor(cmd, 0, 0, t->width_px, t->height_px);
}

static v_status record_pass(v_graph *graph, v_cmd *cmd, uint32_t position, graph_pass_times *times)
{
    v_pass *pass = graph->passes.items[graph->compiled.order.items[position]];
    uint64_t start_ns = v_clock_ns();
    targets t;
    V_TRY(find_targets(graph, pass->index, &t));
    v_cmd_label_begin(cmd, pass->name);
    times->first_slot = v_cmd_timestamp(cmd);
    record_barriers(graph, cmd, position);
    bool rendering = t.width_px > 0;
    cmd->pass = pass->name;
    if (rendering) {
        begin_rendering(cmd, &t);
    }
    pass->execute(&(v_pass_context){ .graph = graph,
                                     .gpu = graph->gpu,
                                     .cmd = cmd,
                                     .pass_name = pass->name,
                                     .width_px = t.width_px,
                                     .height_px = t.height_px },
                  pass->user);
    if (rendering) {
        graph->gpu->vk.vkCmdEndRendering(cmd->handle);
        cmd->rendering = false;
    }
    cmd->pass = NULL;
    cmd->pipeline = (v_gpu_pipeline){ 0 };
    uint32_t last_slot = v_cmd_timestamp(cmd);
    times->first_slot = last_slot == UINT32_MAX ? GRAPH_NONE : times->first_slot;
    v_cmd_label_end(cmd);
    times->cpu_ns = v_clock_ns() - start_ns;
    return V_OK;
}

static bool same_state(const gpu_resource_state *a, const gpu_resource_state *b)
{
    return a->write_stages == b->write_stages && a->write_access == b->write_access &&
           a->read_stages == b->read_stages && a->visible_usages == b->visible_usages && a->layout == b->layout &&
           a->usage == b->usage;
}

// Imports may have been used since the compile, for instance by an earlier execution of this very graph.
static v_status refresh_imports(v_graph *graph)
{
    bool changed = false;
    for (uint32_t r = 0; r < graph->resources.count; r++) {
        graph_resource *resource = &graph->resources.items[r];
        if (!resource->imported) {
            continue;
        }
        const gpu_texture *texture = resource->texture ? texture_of(graph, r) : NULL;
        const gpu_buffer *buffer = resource->texture ? NULL : buffer_of(graph, r);
        if (texture == NULL && buffer == NULL) {
            return v_fail(V_ERROR_STALE, "graph \"%s\": import \"%s\" was destroyed after v_graph_compile", graph->name,
                          resource->name);
        }
        gpu_resource_state state = texture != NULL ? texture->state : buffer->state;
        if (resource->no_contents) {
            state.layout = VK_IMAGE_LAYOUT_UNDEFINED;
        }
        changed = changed || !same_state(&state, &resource->initial);
        resource->initial = state;
    }
    return changed ? v_graph_compile(graph) : V_OK;
}

static void keep_final_states(v_graph *graph)
{
    for (uint32_t r = 0; r < graph->resources.count; r++) {
        const graph_resource *resource = &graph->resources.items[r];
        if (!resource->imported) {
            continue;
        }
        if (resource->texture) {
            gpu_texture *texture = texture_of(graph, r);
            gpu_touch_texture(graph->gpu, texture);
            texture->state = graph->compiled.finals.items[r];
        } else {
            gpu_buffer *buffer = buffer_of(graph, r);
            gpu_touch_buffer(graph->gpu, buffer);
            buffer->state = graph->compiled.finals.items[r];
        }
    }
}

v_status v_graph_execute(v_graph *graph, v_cmd *cmd)
{
    if (graph == NULL || cmd == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_graph_execute: %s is null", graph == NULL ? "graph" : "cmd");
    }
    if (graph->gpu == NULL || cmd->gpu != graph->gpu) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_graph_execute: graph \"%s\" %s", graph->name,
                      graph->gpu == NULL ? "was made without a device" : "belongs to another device than cmd");
    }
    if (!graph->compiled_current) {
        return v_fail(V_ERROR_STATE, "v_graph_execute: graph \"%s\" is not compiled; call v_graph_compile",
                      graph->name);
    }
    if (!gpu_cmd_usable(cmd, "v_graph_execute")) {
        return cmd->status != V_OK ? v_fail(cmd->status, "%s", cmd->message) : V_ERROR_STATE;
    }
    V_TRY(refresh_imports(graph));
    V_TRY(graph_realize(graph));
    graph_compiled *c = &graph->compiled;
    graph_times *times = &graph->times[graph->gpu->frame % GRAPH_FRAMES];
    V_TRY(V_ARRAY_RESERVE(&times->passes, graph->allocator, c->order.count));
    times->frame = graph->gpu->frame;
    times->shape = graph->shape.low;
    times->passes.count = c->order.count;
    for (uint32_t position = 0; position < c->order.count; position++) {
        V_TRY(record_pass(graph, cmd, position, &times->passes.items[position]));
    }
    record_barriers(graph, cmd, c->order.count);
    keep_final_states(graph);
    return V_OK;
}
