// buffer.c: buffers.
#include "gpu_internal.h"

#include <string.h>

enum { ALL_BUFFER_USAGE = V_BUFFER_VERTEX | V_BUFFER_INDEX | V_BUFFER_UNIFORM | V_BUFFER_STORAGE | V_BUFFER_INDIRECT };

gpu_buffer *gpu_get_buffer(const v_gpu *gpu, v_gpu_buffer buffer)
{
    return gpu_table_get(&gpu->buffers, buffer.index, buffer.generation);
}

void gpu_buffer_info(uint64_t size_bytes, uint32_t usage, VkBufferCreateInfo *out_info)
{
    VkBufferUsageFlags flags = VK_BUFFER_USAGE_TRANSFER_SRC_BIT | VK_BUFFER_USAGE_TRANSFER_DST_BIT;
    flags |= (usage & V_BUFFER_VERTEX) != 0 ? VK_BUFFER_USAGE_VERTEX_BUFFER_BIT : 0u;
    flags |= (usage & V_BUFFER_INDEX) != 0 ? VK_BUFFER_USAGE_INDEX_BUFFER_BIT : 0u;
    flags |= (usage & V_BUFFER_UNIFORM) != 0 ? VK_BUFFER_USAGE_UNIFORM_BUFFER_BIT : 0u;
    flags |= (usage & V_BUFFER_STORAGE) != 0 ? VK_BUFFER_USAGE_STORAGE_BUFFER_BIT : 0u;
    flags |= (usage & V_BUFFER_INDIRECT) != 0 ? VK_BUFFER_USAGE_INDIRECT_BUFFER_BIT : 0u;
    *out_info =
        (VkBufferCreateInfo){ .sType = VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO, .size = size_bytes, .usage = flags };
}

static v_status check_desc(const v_gpu *gpu, const v_gpu_buffer_desc *desc, const v_gpu_buffer *out_buffer)
{
    V_TRY(gpu_check(gpu, "v_gpu_buffer_create"));
    if (desc == NULL || out_buffer == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_gpu_buffer_create: %s is null",
                      desc == NULL ? "desc" : "out_buffer");
    }
    if (desc->size_bytes == 0) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_gpu_buffer_create: size_bytes of \"%s\" is 0",
                      desc->name != NULL ? desc->name : "buffer");
    }
    if ((desc->usage & ~(uint32_t)ALL_BUFFER_USAGE) != 0) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_gpu_buffer_create: usage 0x%x has unknown bits", desc->usage);
    }
    if ((uint32_t)desc->memory > V_MEMORY_READBACK) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_gpu_buffer_create: memory is %d, not a v_memory_kind",
                      (int)desc->memory);
    }
    return V_OK;
}

// With `heap`, the buffer lies in memory of somebody else.
static v_status create(v_gpu *gpu, const v_gpu_buffer_desc *desc, const gpu_allocation *heap, uint64_t offset_bytes,
                       v_gpu_buffer *out_buffer)
{
    v_gpu_buffer id = { 0 };
    void *item;
    V_TRY(gpu_table_add(&gpu->buffers, gpu->allocator, &id.index, &id.generation, &item));
    gpu_buffer *buffer = item;
    gpu_copy_name(buffer->name, desc->name, "buffer");
    buffer->size_bytes = desc->size_bytes;
    buffer->usage = desc->usage;
    buffer->kind = desc->memory;
    buffer->borrowed_memory = heap != NULL;
    VkBufferCreateInfo info;
    gpu_buffer_info(desc->size_bytes, desc->usage, &info);
    v_status status = V_OK;
    VkResult result = gpu->vk.vkCreateBuffer(gpu->device, &info, NULL, &buffer->handle);
    if (result != VK_SUCCESS) {
        gpu_table_remove(&gpu->buffers, id.index);
        return gpu_fail(gpu, result, "vkCreateBuffer");
    }
    if (heap != NULL) {
        buffer->memory = *heap;
        buffer->memory.offset_bytes += offset_bytes;
        buffer->memory.mapped = NULL;
    } else {
        VkMemoryRequirements needs;
        gpu->vk.vkGetBufferMemoryRequirements(gpu->device, buffer->handle, &needs);
        status = gpu_memory_alloc(gpu->memory, &needs, desc->memory, false, &buffer->memory);
    }
    if (status == V_OK) {
        result =
            gpu->vk.vkBindBufferMemory(gpu->device, buffer->handle, buffer->memory.memory, buffer->memory.offset_bytes);
        status = result == VK_SUCCESS ? V_OK : gpu_fail(gpu, result, "vkBindBufferMemory");
    }
    if (status != V_OK) {
        gpu->vk.vkDestroyBuffer(gpu->device, buffer->handle, NULL);
        if (heap == NULL) {
            gpu_memory_free(gpu->memory, &buffer->memory);
        }
        gpu_table_remove(&gpu->buffers, id.index);
        return status;
    }
    gpu_set_name(gpu, VK_OBJECT_TYPE_BUFFER, (uint64_t)buffer->handle, buffer->name);
    *out_buffer = id;
    return V_OK;
}

v_status v_gpu_buffer_create(v_gpu *gpu, const v_gpu_buffer_desc *desc, v_gpu_buffer *out_buffer)
{
    V_TRY(check_desc(gpu, desc, out_buffer));
    return create(gpu, desc, NULL, 0, out_buffer);
}

v_status gpu_buffer_create_placed(v_gpu *gpu, const v_gpu_buffer_desc *desc, const gpu_allocation *heap,
                                  uint64_t offset_bytes, v_gpu_buffer *out_buffer)
{
    return create(gpu, desc, heap, offset_bytes, out_buffer);
}

void v_gpu_buffer_destroy(v_gpu *gpu, v_gpu_buffer buffer)
{
    gpu_buffer *object = gpu != NULL ? gpu_get_buffer(gpu, buffer) : NULL;
    if (object == NULL) {
        return;
    }
    gpu_discard(gpu, GPU_GARBAGE_BUFFER, (uint64_t)object->handle, object->borrowed_memory ? NULL : &object->memory);
    gpu_table_remove(&gpu->buffers, buffer.index);
}

void *v_gpu_buffer_map(v_gpu *gpu, v_gpu_buffer buffer)
{
    gpu_buffer *object = gpu != NULL ? gpu_get_buffer(gpu, buffer) : NULL;
    if (object == NULL) {
        (void)v_fail(gpu == NULL ? V_ERROR_INVALID_ARGUMENT : V_ERROR_STALE, "v_gpu_buffer_map: %s",
                     gpu == NULL ? "gpu is null" : "the buffer is null or was destroyed");
        return NULL;
    }
    return object->kind == V_MEMORY_DEVICE ? NULL : object->memory.mapped;
}
