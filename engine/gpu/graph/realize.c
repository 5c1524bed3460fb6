// realize.c: the memory and objects behind the transients.
#include "graph_internal.h"

void graph_texture_desc(const graph_resource *r, v_gpu_texture_desc *out_desc)
{
    *out_desc = (v_gpu_texture_desc){ .name = r->name,
                                      .format = r->format,
                                      .width_px = r->width_px,
                                      .height_px = r->height_px,
                                      .mip_count = r->mip_count,
                                      .layer_count = r->layer_count,
                                      .array = r->array,
                                      .usage = r->creation_usage };
}

// Without a device: tightly packed, in pages of 64 KiB, which is what discrete GPUs ask for targets.
static void estimate(const graph_resource *r, graph_place *out_place)
{
    const uint64_t page = 65536;
    uint64_t bytes = r->size_bytes;
    for (uint32_t mip = 0; r->texture && mip < r->mip_count; mip++) {
        uint64_t w = r->width_px >> mip > 0 ? r->width_px >> mip : 1,
                 h = r->height_px >> mip > 0 ? r->height_px >> mip : 1;
        bytes += w * h * v_format_bytes(r->format) * r->layer_count;
    }
    out_place->align_bytes = r->texture ? page : 256;
    out_place->size_bytes = (bytes + out_place->align_bytes - 1) / out_place->align_bytes * out_place->align_bytes;
    out_place->heap_key = r->texture ? 1 : 2;
}

v_status graph_measure(const v_graph *graph, const graph_resource *r, graph_place *out_place, uint32_t *out_type_bits)
{
    *out_type_bits = ~0u;
    if (graph->gpu == NULL) {
        estimate(r, out_place);
        return V_OK;
    }
    v_gpu *gpu = graph->gpu;
    VkMemoryRequirements2 needs = { .sType = VK_STRUCTURE_TYPE_MEMORY_REQUIREMENTS_2 };
    if (r->texture) {
        v_gpu_texture_desc desc, resolved;
        graph_texture_desc(r, &desc);
        V_TRY(gpu_texture_resolve(gpu, &desc, &resolved));
        VkImageCreateInfo info;
        gpu_texture_image_info(&resolved, &info);
        VkDeviceImageMemoryRequirements query = { .sType = VK_STRUCTURE_TYPE_DEVICE_IMAGE_MEMORY_REQUIREMENTS,
                                                  .pCreateInfo = &info };
        gpu->vk.vkGetDeviceImageMemoryRequirements(gpu->device, &query, &needs);
    } else {
        VkBufferCreateInfo info;
        gpu_buffer_info(r->size_bytes, r->creation_usage, &info);
        VkDeviceBufferMemoryRequirements query = { .sType = VK_STRUCTURE_TYPE_DEVICE_BUFFER_MEMORY_REQUIREMENTS,
                                                   .pCreateInfo = &info };
        gpu->vk.vkGetDeviceBufferMemoryRequirements(gpu->device, &query, &needs);
    }
    uint32_t type = 0;
    V_TRY(gpu_memory_choose_type(gpu->memory, needs.memoryRequirements.memoryTypeBits, V_MEMORY_DEVICE, &type));
    out_place->size_bytes = needs.memoryRequirements.size;
    out_place->align_bytes = needs.memoryRequirements.alignment;
    // Buffers and images keep to heaps of their own, so that bufferImageGranularity never matters.
    out_place->heap_key = (r->texture ? 0x100u : 0x200u) + type;
    *out_type_bits = 1u << type;
    return V_OK;
}

void graph_physical_release(v_graph *graph)
{
    graph_physical *p = &graph->physical;
    for (uint32_t i = 0; i < p->textures.count; i++) {
        v_gpu_texture_destroy(graph->gpu, p->textures.items[i]);
        v_gpu_buffer_destroy(graph->gpu, p->buffers.items[i]);
    }
    for (uint32_t h = 0; h < p->heaps.count; h++) {
        gpu_discard(graph->gpu, GPU_GARBAGE_MEMORY, 0, &p->heaps.items[h]);
    }
    p->textures.count = p->buffers.count = p->heaps.count = 0;
    p->key = (v_hash128){ 0 };
}

// What the objects depend on: kinds, sizes, creation flags, places.
static v_hash128 physical_key(const v_graph *graph)
{
    v_hasher hasher;
    v_hasher_init(&hasher);
    for (uint32_t r = 0; r < graph->resources.count; r++) {
        const graph_resource *resource = &graph->resources.items[r];
        const graph_place *place = &graph->compiled.places.items[r];
        const uint32_t words[] = { place->size_bytes > 0,      resource->texture,
                                   (uint32_t)resource->format, resource->width_px,
                                   resource->height_px,        resource->mip_count,
                                   resource->layer_count,      resource->array,
                                   resource->creation_usage,   place->heap };
        v_hasher_words(&hasher, words, place->size_bytes > 0 ? V_COUNT_OF(words) : 1);
        v_hasher_u64(&hasher, place->size_bytes > 0 ? place->offset_bytes : 0);
        v_hasher_u64(&hasher, place->size_bytes);
    }
    return v_hasher_finish(&hasher);
}

static v_status make_heaps(v_graph *graph)
{
    graph_physical *p = &graph->physical;
    const graph_compiled *c = &graph->compiled;
    V_TRY(V_ARRAY_RESERVE(&p->heaps, graph->allocator, c->heaps.count));
    for (uint32_t h = 0; h < c->heaps.count; h++) {
        const graph_heap *heap = &c->heaps.items[h];
        VkMemoryRequirements needs = { heap->size_bytes, heap->align_bytes, heap->type_bits };
        bool images = (heap->key & 0x100u) != 0;
        V_TRY(gpu_memory_alloc(graph->gpu->memory, &needs, V_MEMORY_DEVICE, images, &p->heaps.items[h]));
        p->heaps.count = h + 1;
    }
    return V_OK;
}

static v_status make_objects(v_graph *graph)
{
    graph_physical *p = &graph->physical;
    uint32_t count = graph->resources.count;
    V_TRY(V_ARRAY_RESERVE(&p->textures, graph->allocator, count));
    V_TRY(V_ARRAY_RESERVE(&p->buffers, graph->allocator, count));
    for (uint32_t r = 0; r < count; r++) {
        const graph_resource *resource = &graph->resources.items[r];
        const graph_place *place = &graph->compiled.places.items[r];
        p->textures.items[r] = (v_gpu_texture){ 0 };
        p->buffers.items[r] = (v_gpu_buffer){ 0 };
        p->textures.count = p->buffers.count = r + 1;
        if (place->size_bytes == 0) {
            continue;
        }
        const gpu_allocation *heap = &p->heaps.items[place->heap];
        if (resource->texture) {
            v_gpu_texture_desc desc, resolved;
            graph_texture_desc(resource, &desc);
            V_TRY(gpu_texture_resolve(graph->gpu, &desc, &resolved));
            V_TRY(gpu_texture_create_placed(graph->gpu, &resolved, heap, place->offset_bytes, &p->textures.items[r]));
        } else {
            v_gpu_buffer_desc desc = { .name = resource->name,
                                       .size_bytes = resource->size_bytes,
                                       .usage = resource->creation_usage };
            V_TRY(gpu_buffer_create_placed(graph->gpu, &desc, heap, place->offset_bytes, &p->buffers.items[r]));
        }
    }
    return V_OK;
}

v_status graph_realize(v_graph *graph)
{
    v_hash128 key = physical_key(graph);
    if (v_hash128_equal(key, graph->physical.key) && graph->physical.textures.count == graph->resources.count) {
        return V_OK;
    }
    graph_physical_release(graph);
    v_status status = make_heaps(graph);
    if (status == V_OK) {
        status = make_objects(graph);
    }
    if (status != V_OK) {
        graph_physical_release(graph);
        return status;
    }
    graph->physical.key = key;
    return V_OK;
}
