// gpu_memory.h: device memory for buffers and images: few big blocks, suballocated. One thread at a time.
//
// Blocks are kept per memory type and per kind of resource (linear or optimal), so that bufferImageGranularity never
// matters inside one. The interface hides the way ranges are found; callers see memory, offset and mapping alone.
#ifndef V_GPU_MEMORY_H
#define V_GPU_MEMORY_H

#include "v/gpu.h"

#include <volk.h>

typedef struct gpu_memory gpu_memory;

typedef struct gpu_allocation {
    VkDeviceMemory memory;
    uint64_t offset_bytes, size_bytes;
    uint8_t *mapped; ///< At offset_bytes; null when the CPU cannot reach it.
    uint32_t block;  ///< Private: 1 + index of the block; 0: nothing allocated.
} gpu_allocation;

typedef struct gpu_memory_desc {
    const v_allocator *allocator;
    VkDevice device;
    const struct VolkDeviceTable *vk;
    VkPhysicalDeviceMemoryProperties properties;
    uint64_t block_bytes; ///< Default 64 MiB; never more than an eighth of the heap.
} gpu_memory_desc;

typedef struct gpu_memory_stats {
    uint64_t blocks, block_bytes, used_bytes;
} gpu_memory_stats;

v_status gpu_memory_create(const gpu_memory_desc *desc, gpu_memory **out_memory);
/// Frees every block, used or not. Null is allowed.
void gpu_memory_destroy(gpu_memory *memory);
/// The memory type for a kind among those allowed; V_ERROR_UNSUPPORTED when there is none.
v_status gpu_memory_choose_type(const gpu_memory *memory, uint32_t type_bits, v_memory_kind kind, uint32_t *out_type);
v_status gpu_memory_alloc(gpu_memory *memory, const VkMemoryRequirements *needs, v_memory_kind kind, bool optimal_image,
                          gpu_allocation *out_allocation);
/// Zeroes the allocation; one that is zero already is allowed.
void gpu_memory_free(gpu_memory *memory, gpu_allocation *allocation);
gpu_memory_stats gpu_memory_get_stats(const gpu_memory *memory);

#endif
