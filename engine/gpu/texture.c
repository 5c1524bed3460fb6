// texture.c: textures and their views.
#include "gpu_internal.h"

#include <string.h>

enum { ALL_TEXTURE_USAGE = V_TEXTURE_SAMPLED | V_TEXTURE_STORAGE | V_TEXTURE_TARGET };

gpu_texture *gpu_get_texture(const v_gpu *gpu, v_gpu_texture texture)
{
    return gpu_table_get(&gpu->textures, texture.index, texture.generation);
}

static VkFormatFeatureFlags features_for(uint32_t usage, bool depth)
{
    VkFormatFeatureFlags flags = 0;
    flags |= (usage & V_TEXTURE_SAMPLED) != 0 ? VK_FORMAT_FEATURE_SAMPLED_IMAGE_BIT : 0u;
    flags |= (usage & V_TEXTURE_STORAGE) != 0 ? VK_FORMAT_FEATURE_STORAGE_IMAGE_BIT : 0u;
    if (depth) {
        flags |= VK_FORMAT_FEATURE_DEPTH_STENCIL_ATTACHMENT_BIT;
    } else if ((usage & V_TEXTURE_TARGET) != 0) {
        flags |= VK_FORMAT_FEATURE_COLOR_ATTACHMENT_BIT;
    }
    return flags;
}

static uint32_t full_mip_count(const v_gpu_texture_desc *desc)
{
    uint32_t edge = desc->width_px > desc->height_px ? desc->width_px : desc->height_px;
    edge = desc->depth_px > edge ? desc->depth_px : edge;
    uint32_t count = 1;
    while (edge > 1) {
        edge /= 2;
        count++;
    }
    return count;
}

static v_status check_extent(const v_gpu *gpu, const v_gpu_texture_desc *d, const char *name)
{
    uint32_t edge_limit = d->depth_px > 1 ? gpu->limits.maxImageDimension3D
                          : d->cube       ? gpu->limits.maxImageDimensionCube
                                          : gpu->limits.maxImageDimension2D;
    if (d->width_px == 0 || d->height_px == 0 || d->width_px > edge_limit || d->height_px > edge_limit ||
        d->depth_px > edge_limit) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "texture \"%s\": size %u×%u×%u, edges must be 1..%u", name, d->width_px,
                      d->height_px, d->depth_px, edge_limit);
    }
    if (d->mip_count > full_mip_count(d)) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "texture \"%s\": mip_count %u, at most %u fit its size", name,
                      d->mip_count, full_mip_count(d));
    }
    if (d->layer_count > gpu->limits.maxImageArrayLayers) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "texture \"%s\": layer_count %u, the device takes %u", name,
                      d->layer_count, gpu->limits.maxImageArrayLayers);
    }
    if (d->depth_px > 1 && (d->layer_count > 1 || d->cube || d->array)) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "texture \"%s\": a 3-D texture has no layers", name);
    }
    if (d->cube && (d->layer_count % 6 != 0 || d->width_px != d->height_px)) {
        return v_fail(V_ERROR_INVALID_ARGUMENT,
                      "texture \"%s\": a cube needs square sides and layers in sixes, got %u×%u "
                      "and %u layers",
                      name, d->width_px, d->height_px, d->layer_count);
    }
    return V_OK;
}

v_status gpu_texture_resolve(const v_gpu *gpu, const v_gpu_texture_desc *desc, v_gpu_texture_desc *out_desc)
{
    v_gpu_texture_desc d = *desc;
    const char *name = d.name != NULL ? d.name : "texture";
    if ((uint32_t)d.format >= V_FORMAT_COUNT || d.format == V_FORMAT_NONE) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "texture \"%s\": format is %s", name, v_format_name(d.format));
    }
    if ((d.usage & ~(uint32_t)ALL_TEXTURE_USAGE) != 0) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "texture \"%s\": usage 0x%x has unknown bits", name, d.usage);
    }
    d.usage = d.usage == 0 ? V_TEXTURE_SAMPLED : d.usage;
    d.depth_px = d.depth_px == 0 ? 1 : d.depth_px;
    d.layer_count = d.layer_count != 0 ? d.layer_count : d.cube ? 6 : 1;
    d.mip_count = d.mip_count == V_MIPS_ALL ? full_mip_count(&d) : d.mip_count == 0 ? 1 : d.mip_count;
    V_TRY(check_extent(gpu, &d, name));
    VkFormatProperties properties;
    gpu->instance.api.vkGetPhysicalDeviceFormatProperties(gpu->physical, gpu_format(d.format), &properties);
    VkFormatFeatureFlags needed = features_for(d.usage, v_format_is_depth(d.format));
    if ((properties.optimalTilingFeatures & needed) != needed) {
        return v_fail(V_ERROR_UNSUPPORTED, "texture \"%s\": the device cannot use %s for%s%s%s", name,
                      v_format_name(d.format), (d.usage & V_TEXTURE_SAMPLED) != 0 ? " sampling" : "",
                      (d.usage & V_TEXTURE_STORAGE) != 0 ? " storage" : "",
                      (d.usage & V_TEXTURE_TARGET) != 0 ? " attachments" : "");
    }
    *out_desc = d;
    return V_OK;
}

void gpu_texture_image_info(const v_gpu_texture_desc *desc, VkImageCreateInfo *out_info)
{
    VkImageUsageFlags usage = VK_IMAGE_USAGE_TRANSFER_SRC_BIT | VK_IMAGE_USAGE_TRANSFER_DST_BIT;
    usage |= (desc->usage & V_TEXTURE_SAMPLED) != 0 ? VK_IMAGE_USAGE_SAMPLED_BIT : 0u;
    usage |= (desc->usage & V_TEXTURE_STORAGE) != 0 ? VK_IMAGE_USAGE_STORAGE_BIT : 0u;
    if (v_format_is_depth(desc->format)) {
        // Always: the layout in which depth is sampled (gpu_sampled_layout) is one of attachments.
        usage |= VK_IMAGE_USAGE_DEPTH_STENCIL_ATTACHMENT_BIT;
    } else if ((desc->usage & V_TEXTURE_TARGET) != 0) {
        usage |= VK_IMAGE_USAGE_COLOR_ATTACHMENT_BIT;
    }
    *out_info = (VkImageCreateInfo){
        .sType = VK_STRUCTURE_TYPE_IMAGE_CREATE_INFO,
        .flags = desc->cube ? VK_IMAGE_CREATE_CUBE_COMPATIBLE_BIT : 0u,
        .imageType = desc->depth_px > 1 ? VK_IMAGE_TYPE_3D : VK_IMAGE_TYPE_2D,
        .format = gpu_format(desc->format),
        .extent = { desc->width_px, desc->height_px, desc->depth_px > 1 ? desc->depth_px : 1 },
        .mipLevels = desc->mip_count,
        .arrayLayers = desc->layer_count,
        .samples = VK_SAMPLE_COUNT_1_BIT,
        .tiling = VK_IMAGE_TILING_OPTIMAL,
        .usage = usage,
        .initialLayout = VK_IMAGE_LAYOUT_UNDEFINED,
    };
}

static v_status add_texture(v_gpu *gpu, const v_gpu_texture_desc *desc, v_gpu_texture *out_id,
                            gpu_texture **out_texture)
{
    void *item;
    V_TRY(gpu_table_add(&gpu->textures, gpu->allocator, &out_id->index, &out_id->generation, &item));
    *out_texture = item;
    gpu_copy_name((*out_texture)->name, desc->name, "texture");
    (*out_texture)->desc = *desc;
    (*out_texture)->desc.name = NULL;
    (*out_texture)->state.layout = VK_IMAGE_LAYOUT_UNDEFINED;
    return V_OK;
}

static v_status bind_memory(v_gpu *gpu, gpu_texture *texture, const gpu_allocation *heap, uint64_t offset_bytes)
{
    if (heap != NULL) {
        texture->borrowed_memory = true;
        texture->memory = *heap;
        texture->memory.offset_bytes += offset_bytes;
    } else {
        VkMemoryRequirements needs;
        gpu->vk.vkGetImageMemoryRequirements(gpu->device, texture->handle, &needs);
        V_TRY(gpu_memory_alloc(gpu->memory, &needs, V_MEMORY_DEVICE, true, &texture->memory));
    }
    VkResult result =
        gpu->vk.vkBindImageMemory(gpu->device, texture->handle, texture->memory.memory, texture->memory.offset_bytes);
    return result == VK_SUCCESS ? V_OK : gpu_fail(gpu, result, "vkBindImageMemory");
}

// `desc` is resolved.
static v_status create(v_gpu *gpu, const v_gpu_texture_desc *desc, const gpu_allocation *heap, uint64_t offset_bytes,
                       v_gpu_texture *out_texture)
{
    v_gpu_texture id = { 0 };
    gpu_texture *texture;
    V_TRY(add_texture(gpu, desc, &id, &texture));
    VkImageCreateInfo info;
    gpu_texture_image_info(desc, &info);
    VkResult result = gpu->vk.vkCreateImage(gpu->device, &info, NULL, &texture->handle);
    if (result != VK_SUCCESS) {
        gpu_table_remove(&gpu->textures, id.index);
        return gpu_fail(gpu, result, "vkCreateImage");
    }
    v_status status = bind_memory(gpu, texture, heap, offset_bytes);
    if (status != V_OK) {
        gpu->vk.vkDestroyImage(gpu->device, texture->handle, NULL);
        if (!texture->borrowed_memory) {
            gpu_memory_free(gpu->memory, &texture->memory);
        }
        gpu_table_remove(&gpu->textures, id.index);
        return status;
    }
    gpu_set_name(gpu, VK_OBJECT_TYPE_IMAGE, (uint64_t)texture->handle, texture->name);
    *out_texture = id;
    return V_OK;
}

v_status v_gpu_texture_create(v_gpu *gpu, const v_gpu_texture_desc *desc, v_gpu_texture *out_texture)
{
    V_TRY(gpu_check(gpu, "v_gpu_texture_create"));
    if (desc == NULL || out_texture == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_gpu_texture_create: %s is null",
                      desc == NULL ? "desc" : "out_texture");
    }
    v_gpu_texture_desc resolved;
    V_TRY(gpu_texture_resolve(gpu, desc, &resolved));
    return create(gpu, &resolved, NULL, 0, out_texture);
}

v_status gpu_texture_create_placed(v_gpu *gpu, const v_gpu_texture_desc *desc, const gpu_allocation *heap,
                                   uint64_t offset_bytes, v_gpu_texture *out_texture)
{
    return create(gpu, desc, heap, offset_bytes, out_texture);
}

v_status gpu_texture_wrap(v_gpu *gpu, const v_gpu_texture_desc *desc, VkImage image, v_gpu_texture *out_texture)
{
    gpu_texture *texture;
    V_TRY(add_texture(gpu, desc, out_texture, &texture));
    texture->handle = image;
    texture->borrowed_image = true;
    gpu_set_name(gpu, VK_OBJECT_TYPE_IMAGE, (uint64_t)image, texture->name);
    return V_OK;
}

void v_gpu_texture_destroy(v_gpu *gpu, v_gpu_texture texture)
{
    gpu_texture *object = gpu != NULL ? gpu_get_texture(gpu, texture) : NULL;
    if (object == NULL) {
        return;
    }
    for (uint32_t i = 0; i < object->views.count; i++) {
        gpu_discard(gpu, GPU_GARBAGE_VIEW, (uint64_t)object->views.items[i].handle, NULL);
    }
    V_ARRAY_DESTROY(&object->views, gpu->allocator);
    if (!object->borrowed_image) {
        gpu_discard(gpu, GPU_GARBAGE_IMAGE, (uint64_t)object->handle, object->borrowed_memory ? NULL : &object->memory);
    }
    gpu_table_remove(&gpu->textures, texture.index);
}

v_status v_gpu_texture_get_desc(const v_gpu *gpu, v_gpu_texture texture, v_gpu_texture_desc *out_desc)
{
    V_TRY(gpu_check(gpu, "v_gpu_texture_get_desc"));
    const gpu_texture *object = gpu_get_texture(gpu, texture);
    if (object == NULL || out_desc == NULL) {
        return out_desc == NULL ? v_fail(V_ERROR_INVALID_ARGUMENT, "v_gpu_texture_get_desc: out_desc is null")
                                : v_fail(V_ERROR_STALE, "v_gpu_texture_get_desc: the texture is null or was destroyed");
    }
    *out_desc = object->desc;
    out_desc->name = object->name;
    return V_OK;
}

VkImageViewType gpu_texture_view_type(const v_gpu_texture_desc *desc, uint32_t layer_count)
{
    if (desc->depth_px > 1) {
        return VK_IMAGE_VIEW_TYPE_3D;
    }
    if (desc->cube && layer_count % 6 == 0) {
        return layer_count > 6 ? VK_IMAGE_VIEW_TYPE_CUBE_ARRAY : VK_IMAGE_VIEW_TYPE_CUBE;
    }
    return desc->array || layer_count > 1 ? VK_IMAGE_VIEW_TYPE_2D_ARRAY : VK_IMAGE_VIEW_TYPE_2D;
}

v_status gpu_texture_view(v_gpu *gpu, gpu_texture *texture, VkImageViewType type, uint32_t mip, uint32_t mip_count,
                          uint32_t layer, uint32_t layer_count, VkImageView *out_view)
{
    for (uint32_t i = 0; i < texture->views.count; i++) {
        const gpu_view *view = &texture->views.items[i];
        if (view->type == type && view->mip == mip && view->mip_count == mip_count && view->layer == layer &&
            view->layer_count == layer_count) {
            *out_view = view->handle;
            return V_OK;
        }
    }
    VkImageAspectFlags aspect = gpu_format_aspect(texture->desc.format);
    VkImageViewCreateInfo info = {
        .sType = VK_STRUCTURE_TYPE_IMAGE_VIEW_CREATE_INFO,
        .image = texture->handle,
        .viewType = type,
        .format = gpu_format(texture->desc.format),
        // A view that is sampled may name one aspect only, and stencil is never used.
        .subresourceRange = { (aspect & VK_IMAGE_ASPECT_DEPTH_BIT) != 0 ? VK_IMAGE_ASPECT_DEPTH_BIT : aspect, mip,
                              mip_count, layer, layer_count },
    };
    gpu_view view = { .type = type, .mip = mip, .mip_count = mip_count, .layer = layer, .layer_count = layer_count };
    V_TRY(V_ARRAY_RESERVE(&texture->views, gpu->allocator, texture->views.count + 1));
    VkResult result = gpu->vk.vkCreateImageView(gpu->device, &info, NULL, &view.handle);
    if (result != VK_SUCCESS) {
        return gpu_fail(gpu, result, "vkCreateImageView");
    }
    texture->views.items[texture->views.count++] = view;
    *out_view = view.handle;
    return V_OK;
}
