// declare.c: the builder calls: resources, passes, reads and writes, each checked where it is made.
#include "graph_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void graph_reject(v_graph *graph, v_status status, const char *format, ...)
{
    if (graph->error != V_OK) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(graph->error_message, sizeof(graph->error_message), format, arguments);
    va_end(arguments);
    graph->error = status;
}

void v_graph_begin(v_graph *graph)
{
    if (graph == NULL) {
        (void)v_fail(V_ERROR_INVALID_ARGUMENT, "v_graph_begin: graph is null");
        return;
    }
    graph->epoch = graph->epoch == UINT32_MAX ? 1 : graph->epoch + 1;
    graph_pass_list previous = graph->passes;
    graph->passes = graph->resting;
    graph->resting = previous;
    graph->pass_count = 0;
    graph->resources.count = 0;
    graph->accesses.count = 0;
    graph->error = V_OK;
    graph->compiled_current = false;
}

static graph_resource *add_resource(v_graph *graph, const char *call, const char *name, const void *argument)
{
    if (graph == NULL) {
        (void)v_fail(V_ERROR_INVALID_ARGUMENT, "%s: graph is null", call);
        return NULL;
    }
    if (argument == NULL) {
        graph_reject(graph, V_ERROR_INVALID_ARGUMENT, "%s: the descriptor is null", call);
        return NULL;
    }
    if (graph->epoch == 0) {
        graph_reject(graph, V_ERROR_STATE, "%s: call v_graph_begin first", call);
        return NULL;
    }
    if (V_ARRAY_PUSH(&graph->resources, graph->allocator,
                     (graph_resource){ .version_count = 1, .writer = GRAPH_NONE, .mip_count = 1, .layer_count = 1 }) !=
        V_OK) {
        graph_reject(graph, V_ERROR_OUT_OF_MEMORY, "%s: out of memory", call);
        return NULL;
    }
    graph_resource *resource = &graph->resources.items[graph->resources.count - 1];
    gpu_copy_name(resource->name, name, "unnamed");
    return resource;
}

static v_graph_texture texture_handle(const v_graph *graph, uint32_t version)
{
    return (v_graph_texture){ graph->resources.count - 1, version, graph->epoch, graph->tag };
}

static v_graph_buffer buffer_handle(const v_graph *graph, uint32_t version)
{
    return (v_graph_buffer){ graph->resources.count - 1, version, graph->epoch, graph->tag };
}

static uint32_t mips_of(uint32_t width_px, uint32_t height_px)
{
    uint32_t edge = width_px > height_px ? width_px : height_px, count = 1;
    while (edge > 1) {
        edge /= 2;
        count++;
    }
    return count;
}

// Format and extent of a texture, created or imported.
static void set_texture(v_graph *graph, graph_resource *resource, v_format format, uint32_t width_px,
                        uint32_t height_px, uint32_t mip_count, uint32_t layer_count)
{
    resource->texture = true;
    resource->format = format;
    resource->width_px = width_px;
    resource->height_px = height_px;
    uint32_t limit = 16384;
    if ((uint32_t)format >= V_FORMAT_COUNT || format == V_FORMAT_NONE) {
        graph_reject(graph, V_ERROR_INVALID_ARGUMENT, "texture \"%s\": format is %s", resource->name,
                     v_format_name(format));
    } else if (width_px == 0 || height_px == 0 || width_px > limit || height_px > limit) {
        graph_reject(graph, V_ERROR_INVALID_ARGUMENT, "texture \"%s\": size %u×%u, edges must be 1..%u", resource->name,
                     width_px, height_px, limit);
    } else if (mip_count != V_MIPS_ALL && mip_count > mips_of(width_px, height_px)) {
        graph_reject(graph, V_ERROR_INVALID_ARGUMENT, "texture \"%s\": mip_count %u, at most %u fit its size",
                     resource->name, mip_count, mips_of(width_px, height_px));
    } else if (layer_count > 2048) {
        graph_reject(graph, V_ERROR_INVALID_ARGUMENT, "texture \"%s\": layer_count %u, at most 2048", resource->name,
                     layer_count);
    } else {
        resource->mip_count = mip_count == V_MIPS_ALL ? mips_of(width_px, height_px) : mip_count == 0 ? 1 : mip_count;
        resource->layer_count = layer_count == 0 ? 1 : layer_count;
    }
}

v_graph_texture v_graph_create_texture(v_graph *graph, const v_graph_texture_desc *desc)
{
    graph_resource *resource = add_resource(graph, "v_graph_create_texture", desc != NULL ? desc->name : NULL, desc);
    if (resource == NULL) {
        return (v_graph_texture){ 0 };
    }
    resource->array = desc->array;
    set_texture(graph, resource, desc->format, desc->width_px, desc->height_px, desc->mip_count, desc->layer_count);
    return texture_handle(graph, 0);
}

v_graph_buffer v_graph_create_buffer(v_graph *graph, const v_graph_buffer_desc *desc)
{
    graph_resource *resource = add_resource(graph, "v_graph_create_buffer", desc != NULL ? desc->name : NULL, desc);
    if (resource == NULL) {
        return (v_graph_buffer){ 0 };
    }
    resource->size_bytes = desc->size_bytes;
    if (desc->size_bytes == 0) {
        graph_reject(graph, V_ERROR_INVALID_ARGUMENT, "buffer \"%s\": size_bytes is 0", resource->name);
    }
    return buffer_handle(graph, 0);
}

// The state that a resource is in when it was last used for `usage`.
static gpu_resource_state state_after(v_usage usage, v_format format)
{
    const gpu_usage *row = gpu_usage_get(usage);
    gpu_resource_state state = { .layout = (int32_t)gpu_usage_layout(usage, format), .usage = usage };
    if (row->write) {
        state.write_stages = row->stages;
        state.write_access = row->access;
    } else {
        state.read_stages = row->stages;
    }
    return state;
}

static void check_final(v_graph *graph, const graph_resource *resource)
{
    const gpu_usage *row = gpu_usage_get(resource->final_usage);
    uint32_t needed = resource->texture ? row->texture_usage : row->buffer_usage;
    if (resource->final_usage != V_USAGE_NONE && needed == 0) {
        graph_reject(graph, V_ERROR_INVALID_ARGUMENT, "import \"%s\": final_usage %s is not for a %s", resource->name,
                     v_usage_name(resource->final_usage), resource->texture ? "texture" : "buffer");
    }
}

v_graph_texture v_graph_import_texture(v_graph *graph, const v_graph_import *import)
{
    graph_resource *resource =
        add_resource(graph, "v_graph_import_texture", import != NULL ? import->name : NULL, import);
    if (resource == NULL) {
        return (v_graph_texture){ 0 };
    }
    resource->imported = true;
    resource->final_usage = import->final_usage;
    resource->no_contents = import->no_contents;
    if (graph->gpu == NULL) {
        set_texture(graph, resource, import->format, import->width_px, import->height_px, import->mip_count,
                    import->layer_count);
        resource->initial = state_after(import->initial_usage, import->format);
    } else {
        const gpu_texture *texture = gpu_get_texture(graph->gpu, import->texture);
        resource->texture = true;
        if (texture == NULL) {
            graph_reject(graph, V_ERROR_STALE, "import \"%s\": the texture is null or was destroyed", resource->name);
            return texture_handle(graph, 0);
        }
        resource->import_texture = import->texture;
        resource->array = texture->desc.array;
        set_texture(graph, resource, texture->desc.format, texture->desc.width_px, texture->desc.height_px,
                    texture->desc.mip_count, texture->desc.layer_count);
        resource->initial = texture->state;
    }
    if (import->no_contents) {
        resource->initial.layout = VK_IMAGE_LAYOUT_UNDEFINED;
    }
    check_final(graph, resource);
    return texture_handle(graph, 0);
}

v_graph_buffer v_graph_import_buffer(v_graph *graph, const v_graph_import *import)
{
    graph_resource *resource =
        add_resource(graph, "v_graph_import_buffer", import != NULL ? import->name : NULL, import);
    if (resource == NULL) {
        return (v_graph_buffer){ 0 };
    }
    resource->imported = true;
    resource->final_usage = import->final_usage;
    resource->no_contents = import->no_contents;
    if (graph->gpu == NULL) {
        resource->size_bytes = import->size_bytes;
        resource->initial = state_after(import->initial_usage, V_FORMAT_NONE);
        resource->initial.layout = 0;
    } else {
        const gpu_buffer *buffer = gpu_get_buffer(graph->gpu, import->buffer);
        if (buffer == NULL) {
            graph_reject(graph, V_ERROR_STALE, "import \"%s\": the buffer is null or was destroyed", resource->name);
            return buffer_handle(graph, 0);
        }
        resource->import_buffer = import->buffer;
        resource->size_bytes = buffer->size_bytes;
        resource->initial = buffer->state;
    }
    if (resource->size_bytes == 0) {
        graph_reject(graph, V_ERROR_INVALID_ARGUMENT, "buffer \"%s\": size_bytes is 0", resource->name);
    }
    check_final(graph, resource);
    return buffer_handle(graph, 0);
}

v_pass *v_graph_add_pass(v_graph *graph, v_pass_kind kind, const char *name)
{
    if (graph == NULL) {
        (void)v_fail(V_ERROR_INVALID_ARGUMENT, "v_graph_add_pass: graph is null");
        return NULL;
    }
    if (graph->pass_count == graph->passes.count) {
        v_pass *fresh = V_NEW(graph->allocator, v_pass);
        if (fresh == NULL || V_ARRAY_PUSH(&graph->passes, graph->allocator, fresh) != V_OK) {
            V_DELETE(graph->allocator, fresh);
            graph_reject(graph, V_ERROR_OUT_OF_MEMORY, "pass \"%s\": out of memory", name != NULL ? name : "unnamed");
            return &graph->spare_pass;
        }
    }
    v_pass *pass = graph->passes.items[graph->pass_count];
    *pass = (v_pass){ .graph = graph, .epoch = graph->epoch, .index = graph->pass_count, .kind = kind };
    gpu_copy_name(pass->name, name, "unnamed");
    if (graph->epoch == 0) {
        graph_reject(graph, V_ERROR_STATE, "v_graph_add_pass: call v_graph_begin first");
    } else if ((uint32_t)kind > V_PASS_TRANSFER) {
        graph_reject(graph, V_ERROR_INVALID_ARGUMENT, "pass \"%s\": kind is %d", pass->name, (int)kind);
    }
    graph->pass_count++;
    return pass;
}

// The pass's graph, or null (with the error kept where there is a graph to keep it).
static v_graph *live_graph(v_pass *pass, const char *call)
{
    if (pass == NULL || pass->graph == NULL) {
        (void)v_fail(V_ERROR_INVALID_ARGUMENT, "%s: pass is null", call);
        return NULL;
    }
    if (pass->epoch != pass->graph->epoch || pass->index >= pass->graph->pass_count) {
        graph_reject(pass->graph, V_ERROR_STALE, "%s: pass \"%s\" is of an earlier declaration", call, pass->name);
        return NULL;
    }
    if (pass->graph->compiled_current) {
        graph_reject(pass->graph, V_ERROR_STATE, "%s: pass \"%s\": the graph is compiled; call v_graph_begin first",
                     call, pass->name);
        return NULL;
    }
    return pass->graph;
}

// The resource behind a handle's words, or null with the reason kept.
static graph_resource *find_resource(v_graph *graph, const v_pass *pass, bool texture, uint32_t index, uint32_t version,
                                     uint32_t epoch, uint32_t tag)
{
    const char *kind = texture ? "texture" : "buffer";
    if (epoch == 0) {
        graph_reject(graph, V_ERROR_INVALID_ARGUMENT, "pass \"%s\": a %s handle is null", pass->name, kind);
        return NULL;
    }
    if (tag != graph->tag) {
        graph_reject(graph, V_ERROR_INVALID_ARGUMENT, "pass \"%s\": a %s handle belongs to another graph", pass->name,
                     kind);
        return NULL;
    }
    if (epoch != graph->epoch || index >= graph->resources.count) {
        graph_reject(graph, V_ERROR_STALE,
                     "pass \"%s\": a %s handle is of an earlier declaration; create or import it "
                     "again after v_graph_begin",
                     pass->name, kind);
        return NULL;
    }
    graph_resource *resource = &graph->resources.items[index];
    if (resource->texture != texture || version >= resource->version_count) {
        graph_reject(graph, V_ERROR_INVALID_ARGUMENT, "pass \"%s\": the %s handle is not one that this graph gave out",
                     pass->name, kind);
        return NULL;
    }
    return resource;
}

static bool usage_fits_pass(v_pass_kind kind, v_usage usage)
{
    const VkPipelineStageFlags2 compute = VK_PIPELINE_STAGE_2_COMPUTE_SHADER_BIT;
    VkPipelineStageFlags2 stages = gpu_usage_get(usage)->stages;
    if (usage == V_USAGE_HOST_READ || usage == V_USAGE_HOST_WRITE || usage == V_USAGE_PRESENT ||
        usage == V_USAGE_NONE) {
        return false; // states of imports, no work of a pass
    }
    if (usage == V_USAGE_TRANSFER_READ || usage == V_USAGE_TRANSFER_WRITE) {
        return kind == V_PASS_TRANSFER;
    }
    if (usage == V_USAGE_INDIRECT) {
        return kind != V_PASS_TRANSFER;
    }
    return kind == ((stages & compute) != 0 ? V_PASS_COMPUTE : V_PASS_GRAPHICS);
}

// The device's object must have been made for this.
static bool import_allows(const v_graph *graph, const graph_resource *resource, uint32_t needed)
{
    if (graph->gpu == NULL || !resource->imported || needed == GPU_USAGE_ANY) {
        return true;
    }
    const gpu_texture *texture = resource->texture ? gpu_get_texture(graph->gpu, resource->import_texture) : NULL;
    const gpu_buffer *buffer = resource->texture ? NULL : gpu_get_buffer(graph->gpu, resource->import_buffer);
    uint32_t usage = texture != NULL ? texture->desc.usage : buffer != NULL ? buffer->usage : 0;
    return (usage & needed) == needed;
}

static bool check_usage(v_graph *graph, const v_pass *pass, const graph_resource *resource, v_usage usage, bool write)
{
    const gpu_usage *row = gpu_usage_get(usage);
    uint32_t needed = resource->texture ? row->texture_usage : row->buffer_usage;
    const char *kind = resource->texture ? "texture" : "buffer";
    if ((uint32_t)usage >= V_USAGE_COUNT || usage == V_USAGE_NONE || needed == 0) {
        graph_reject(graph, V_ERROR_INVALID_ARGUMENT, "pass \"%s\": usage %s is not for a %s (\"%s\")", pass->name,
                     v_usage_name(usage), kind, resource->name);
    } else if (row->write != write) {
        graph_reject(graph, V_ERROR_INVALID_ARGUMENT, "pass \"%s\": %s \"%s\" is %s with usage %s", pass->name, kind,
                     resource->name, write ? "written" : "read", v_usage_name(usage));
    } else if (!usage_fits_pass(pass->kind, usage)) {
        static const char *const kinds[] = { "graphics", "compute", "transfer" };
        graph_reject(graph, V_ERROR_INVALID_ARGUMENT, "pass \"%s\": usage %s of \"%s\" is not for a %s pass",
                     pass->name, v_usage_name(usage), resource->name, kinds[pass->kind]);
    } else if (resource->texture && (usage == V_USAGE_DEPTH || usage == V_USAGE_DEPTH_READ) &&
               !v_format_is_depth(resource->format)) {
        graph_reject(graph, V_ERROR_INVALID_ARGUMENT, "pass \"%s\": \"%s\" is %s, not a depth format", pass->name,
                     resource->name, v_format_name(resource->format));
    } else if (resource->texture && v_format_is_depth(resource->format) &&
               (usage == V_USAGE_COLOR || needed == V_TEXTURE_STORAGE)) {
        graph_reject(graph, V_ERROR_INVALID_ARGUMENT, "pass \"%s\": \"%s\" is %s and cannot be used as %s", pass->name,
                     resource->name, v_format_name(resource->format), v_usage_name(usage));
    } else if (!import_allows(graph, resource, needed)) {
        graph_reject(graph, V_ERROR_INVALID_ARGUMENT, "pass \"%s\": imported %s \"%s\" was not created for usage %s",
                     pass->name, kind, resource->name, v_usage_name(usage));
    } else {
        return true;
    }
    return false;
}

static bool resolve_part(v_graph *graph, const v_pass *pass, const graph_resource *resource, v_subresource *part)
{
    bool inside = part->mip < resource->mip_count && part->layer < resource->layer_count;
    if (inside) {
        part->mip_count = part->mip_count == 0 ? resource->mip_count - part->mip : part->mip_count;
        part->layer_count = part->layer_count == 0 ? resource->layer_count - part->layer : part->layer_count;
        inside = part->mip_count <= resource->mip_count - part->mip &&
                 part->layer_count <= resource->layer_count - part->layer;
    }
    if (!inside) {
        graph_reject(graph, V_ERROR_INVALID_ARGUMENT,
                     "pass \"%s\": mips %u+%u, layers %u+%u of \"%s\", which has %u mips "
                     "and %u layers",
                     pass->name, part->mip, part->mip_count, part->layer, part->layer_count, resource->name,
                     resource->mip_count, resource->layer_count);
    }
    return inside;
}

static void add_access(v_graph *graph, graph_resource *resource, const graph_access *access)
{
    uint32_t needed =
        resource->texture ? gpu_usage_get(access->usage)->texture_usage : gpu_usage_get(access->usage)->buffer_usage;
    resource->creation_usage |= needed == GPU_USAGE_ANY ? 0 : needed;
    if (V_ARRAY_PUSH(&graph->accesses, graph->allocator, *access) != V_OK) {
        graph_reject(graph, V_ERROR_OUT_OF_MEMORY, "pass \"%s\": out of memory", graph_pass_name(graph, access->pass));
    }
}

static void add_read(v_graph *graph, const v_pass *pass, graph_resource *resource, uint32_t index, uint32_t version,
                     v_usage usage, v_subresource part, bool depth_attachment)
{
    if (!check_usage(graph, pass, resource, usage, false) || !resolve_part(graph, pass, resource, &part)) {
        return;
    }
    if (version == 0 && !resource->imported) {
        graph_reject(graph, V_ERROR_INVALID_ARGUMENT,
                     "pass \"%s\" reads %s \"%s\" before any pass wrote it; use the handle "
                     "that the write returned",
                     pass->name, resource->texture ? "texture" : "buffer", resource->name);
        return;
    }
    add_access(graph, resource,
               &(graph_access){ .pass = pass->index,
                                .resource = index,
                                .version = version,
                                .usage = usage,
                                .part = part,
                                .color_slot = GRAPH_NONE,
                                .depth_attachment = depth_attachment });
}

// Returns the version that the write makes, or the old one when it was refused.
static uint32_t add_write(v_graph *graph, const v_pass *pass, graph_resource *resource, graph_access access)
{
    if (!check_usage(graph, pass, resource, access.usage, true) || !resolve_part(graph, pass, resource, &access.part)) {
        return access.version;
    }
    if (access.version + 1 != resource->version_count) {
        graph_reject(
            graph, V_ERROR_INVALID_ARGUMENT,
            "passes \"%s\" and \"%s\" both write %s \"%s\" with no order between them; let the later one write "
            "the handle that the earlier one returned",
            graph_pass_name(graph, resource->writer), pass->name, resource->texture ? "texture" : "buffer",
            resource->name);
        return access.version;
    }
    if (access.load == V_LOAD_KEEP && access.version == 0 && (!resource->imported || resource->no_contents)) {
        graph_reject(graph, V_ERROR_INVALID_ARGUMENT,
                     "pass \"%s\" keeps the contents of \"%s\" before any pass wrote it", pass->name, resource->name);
        return access.version;
    }
    access.pass = pass->index;
    access.write = true;
    resource->version_count += 1;
    resource->writer = pass->index;
    add_access(graph, resource, &access);
    return access.version + 1;
}

void v_pass_read_part(v_pass *pass, v_graph_texture texture, v_usage usage, v_subresource part)
{
    v_graph *graph = live_graph(pass, "v_pass_read");
    graph_resource *resource =
        graph != NULL ? find_resource(graph, pass, true, texture.index, texture.version, texture.epoch, texture.graph)
                      : NULL;
    if (resource != NULL) {
        add_read(graph, pass, resource, texture.index, texture.version, usage, part, false);
    }
}

void v_pass_read(v_pass *pass, v_graph_texture texture, v_usage usage)
{
    v_pass_read_part(pass, texture, usage, (v_subresource){ 0 });
}

void v_pass_read_buffer(v_pass *pass, v_graph_buffer buffer, v_usage usage)
{
    v_graph *graph = live_graph(pass, "v_pass_read_buffer");
    graph_resource *resource =
        graph != NULL ? find_resource(graph, pass, false, buffer.index, buffer.version, buffer.epoch, buffer.graph)
                      : NULL;
    if (resource != NULL) {
        add_read(graph, pass, resource, buffer.index, buffer.version, usage, (v_subresource){ 0 }, false);
    }
}

static v_graph_texture write_texture(v_pass *pass, v_graph_texture texture, graph_access access, const char *call)
{
    v_graph *graph = live_graph(pass, call);
    graph_resource *resource =
        graph != NULL ? find_resource(graph, pass, true, texture.index, texture.version, texture.epoch, texture.graph)
                      : NULL;
    if (resource != NULL) {
        access.resource = texture.index;
        access.version = texture.version;
        texture.version = add_write(graph, pass, resource, access);
    }
    return texture;
}

v_graph_texture v_pass_write_part(v_pass *pass, v_graph_texture texture, v_usage usage, v_subresource part)
{
    if (usage == V_USAGE_COLOR || usage == V_USAGE_DEPTH) {
        if (live_graph(pass, "v_pass_write") != NULL) {
            graph_reject(pass->graph, V_ERROR_INVALID_ARGUMENT,
                         "pass \"%s\": attachments are declared by v_pass_color and "
                         "v_pass_depth",
                         pass->name);
        }
        return texture;
    }
    return write_texture(pass, texture, (graph_access){ .usage = usage, .part = part, .color_slot = GRAPH_NONE },
                         "v_pass_write");
}

v_graph_texture v_pass_write(v_pass *pass, v_graph_texture texture, v_usage usage)
{
    return v_pass_write_part(pass, texture, usage, (v_subresource){ 0 });
}

v_graph_buffer v_pass_write_buffer(v_pass *pass, v_graph_buffer buffer, v_usage usage)
{
    v_graph *graph = live_graph(pass, "v_pass_write_buffer");
    graph_resource *resource =
        graph != NULL ? find_resource(graph, pass, false, buffer.index, buffer.version, buffer.epoch, buffer.graph)
                      : NULL;
    if (resource != NULL) {
        buffer.version = add_write(
            graph, pass, resource,
            (graph_access){
                .resource = buffer.index, .version = buffer.version, .usage = usage, .color_slot = GRAPH_NONE });
    }
    return buffer;
}

// An attachment slot is used once in a pass.
static bool slot_is_free(v_graph *graph, const v_pass *pass, uint32_t color_slot, bool depth)
{
    for (uint32_t i = graph->accesses.count; i > 0; i--) {
        const graph_access *other = &graph->accesses.items[i - 1];
        if (other->pass == pass->index &&
            ((depth && other->depth_attachment) || (!depth && other->color_slot == color_slot))) {
            graph_reject(graph, V_ERROR_INVALID_ARGUMENT, "pass \"%s\": %s attachment %u is given twice", pass->name,
                         depth ? "depth" : "colour", depth ? 0 : color_slot);
            return false;
        }
    }
    return true;
}

v_graph_texture v_pass_color(v_pass *pass, uint32_t slot, v_graph_texture texture, const v_attachment *attachment)
{
    v_graph *graph = live_graph(pass, "v_pass_color");
    if (graph == NULL) {
        return texture;
    }
    if (slot >= V_MAX_COLORS) {
        graph_reject(graph, V_ERROR_INVALID_ARGUMENT, "pass \"%s\": colour attachment %u, slots are 0..%d", pass->name,
                     slot, V_MAX_COLORS - 1);
        return texture;
    }
    if (!slot_is_free(graph, pass, slot, false)) {
        return texture;
    }
    v_attachment a = attachment != NULL ? *attachment : (v_attachment){ 0 };
    graph_access access = {
        .usage = V_USAGE_COLOR, .part = { a.mip, 1, a.layer, 1 }, .color_slot = slot, .load = a.load
    };
    memcpy(access.clear, a.clear_color, sizeof(access.clear));
    return write_texture(pass, texture, access, "v_pass_color");
}

v_graph_texture v_pass_depth(v_pass *pass, v_graph_texture texture, const v_attachment *attachment)
{
    v_graph *graph = live_graph(pass, "v_pass_depth");
    if (graph == NULL || !slot_is_free(graph, pass, 0, true)) {
        return texture;
    }
    v_attachment a = attachment != NULL ? *attachment : (v_attachment){ 0 };
    graph_access access = { .usage = V_USAGE_DEPTH,
                            .part = { a.mip, 1, a.layer, 1 },
                            .color_slot = GRAPH_NONE,
                            .depth_attachment = true,
                            .load = a.load,
                            .clear = { a.clear_depth } };
    return write_texture(pass, texture, access, "v_pass_depth");
}

void v_pass_depth_read(v_pass *pass, v_graph_texture texture, uint32_t mip, uint32_t layer)
{
    v_graph *graph = live_graph(pass, "v_pass_depth_read");
    graph_resource *resource =
        graph != NULL ? find_resource(graph, pass, true, texture.index, texture.version, texture.epoch, texture.graph)
                      : NULL;
    if (resource != NULL && slot_is_free(graph, pass, 0, true)) {
        add_read(graph, pass, resource, texture.index, texture.version, V_USAGE_DEPTH_READ,
                 (v_subresource){ mip, 1, layer, 1 }, true);
    }
}

void v_pass_side_effect(v_pass *pass)
{
    if (live_graph(pass, "v_pass_side_effect") != NULL) {
        pass->side_effect = true;
    }
}

void v_pass_execute(v_pass *pass, void (*execute)(const v_pass_context *context, void *user), void *user)
{
    if (live_graph(pass, "v_pass_execute") != NULL) {
        pass->execute = execute;
        pass->user = user;
    }
}
