// gpu_memory.c: block lists with sorted free ranges, best fit by size, coalesced on free.
#include "gpu_memory.h"

#include "v/container.h"

#include "gpu_internal.h"

typedef struct range {
    uint64_t offset_bytes, size_bytes;
} range;

typedef struct block {
    VkDeviceMemory memory; ///< Null: this entry is unused.
    uint64_t size_bytes, used_bytes;
    uint8_t *mapped;
    uint32_t type, live;
    bool optimal, dedicated;
    V_ARRAY(range) free_ranges; ///< Sorted by offset, never touching each other.
} block;

struct gpu_memory {
    gpu_memory_desc desc;
    V_ARRAY(block) blocks;
};

v_status gpu_memory_create(const gpu_memory_desc *desc, gpu_memory **out_memory)
{
    gpu_memory *memory = V_NEW(desc->allocator, gpu_memory);
    if (memory == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    memory->desc = *desc;
    if (memory->desc.block_bytes == 0) {
        memory->desc.block_bytes = 64ull << 20;
    }
    *out_memory = memory;
    return V_OK;
}

static void release_block(gpu_memory *memory, block *b)
{
    if (b->memory != VK_NULL_HANDLE) {
        memory->desc.vk->vkFreeMemory(memory->desc.device, b->memory, NULL); // unmaps it as well
    }
    V_ARRAY_DESTROY(&b->free_ranges, memory->desc.allocator);
    *b = (block){ 0 };
}

void gpu_memory_destroy(gpu_memory *memory)
{
    if (memory == NULL) {
        return;
    }
    for (uint32_t i = 0; i < memory->blocks.count; i++) {
        release_block(memory, &memory->blocks.items[i]);
    }
    V_ARRAY_DESTROY(&memory->blocks, memory->desc.allocator);
    V_DELETE(memory->desc.allocator, memory);
}

v_status gpu_memory_choose_type(const gpu_memory *memory, uint32_t type_bits, v_memory_kind kind, uint32_t *out_type)
{
    const VkMemoryPropertyFlags mapped = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
    VkMemoryPropertyFlags required = kind == V_MEMORY_DEVICE ? 0 : mapped;
    VkMemoryPropertyFlags preferred = kind == V_MEMORY_DEVICE     ? VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT
                                      : kind == V_MEMORY_READBACK ? VK_MEMORY_PROPERTY_HOST_CACHED_BIT
                                                                  : 0;
    // A big device-local and mappable heap is rare; leave it to those who map.
    VkMemoryPropertyFlags unwanted = kind == V_MEMORY_DEVICE   ? VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT
                                     : kind == V_MEMORY_UPLOAD ? VK_MEMORY_PROPERTY_HOST_CACHED_BIT
                                                               : 0;
    int best_score = -1;
    for (uint32_t i = 0; i < memory->desc.properties.memoryTypeCount; i++) {
        VkMemoryPropertyFlags flags = memory->desc.properties.memoryTypes[i].propertyFlags;
        const VkMemoryPropertyFlags special = VK_MEMORY_PROPERTY_LAZILY_ALLOCATED_BIT |
                                              VK_MEMORY_PROPERTY_PROTECTED_BIT |
                                              VK_MEMORY_PROPERTY_DEVICE_COHERENT_BIT_AMD;
        if ((type_bits & (1u << i)) == 0 || (flags & required) != required || (flags & special) != 0) {
            continue;
        }
        int score = ((flags & preferred) == preferred ? 2 : 0) + ((flags & unwanted) == 0 ? 1 : 0);
        if (score > best_score) {
            best_score = score;
            *out_type = i;
        }
    }
    if (best_score < 0) {
        return v_fail(V_ERROR_UNSUPPORTED, "no memory type of mask 0x%x fits memory kind %d", type_bits, (int)kind);
    }
    return V_OK;
}

static v_status add_block(gpu_memory *memory, uint64_t size_bytes, uint32_t type, bool optimal, bool dedicated,
                          uint32_t *out_index)
{
    const v_allocator *allocator = memory->desc.allocator;
    uint32_t index = 0;
    while (index < memory->blocks.count && memory->blocks.items[index].memory != VK_NULL_HANDLE) {
        index++;
    }
    if (index == memory->blocks.count) {
        V_TRY(V_ARRAY_PUSH(&memory->blocks, allocator, (block){ 0 }));
    }
    block *b = &memory->blocks.items[index];
    V_TRY(V_ARRAY_PUSH(&b->free_ranges, allocator, (range){ 0, size_bytes }));
    VkMemoryAllocateInfo info = { .sType = VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO,
                                  .allocationSize = size_bytes,
                                  .memoryTypeIndex = type };
    VkResult result = memory->desc.vk->vkAllocateMemory(memory->desc.device, &info, NULL, &b->memory);
    if (result != VK_SUCCESS) {
        b->memory = VK_NULL_HANDLE;
        release_block(memory, b);
        return v_fail(V_ERROR_OUT_OF_MEMORY, "the device refused %llu bytes of memory type %u: %s",
                      (unsigned long long)size_bytes, type, gpu_result_name(result));
    }
    b->size_bytes = size_bytes;
    b->type = type;
    b->optimal = optimal;
    b->dedicated = dedicated;
    const VkMemoryPropertyFlags mapped = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
    if ((memory->desc.properties.memoryTypes[type].propertyFlags & mapped) == mapped) {
        void *address = NULL;
        result = memory->desc.vk->vkMapMemory(memory->desc.device, b->memory, 0, VK_WHOLE_SIZE, 0, &address);
        if (result != VK_SUCCESS) {
            release_block(memory, b);
            return v_fail(V_ERROR_OUT_OF_MEMORY, "vkMapMemory: %s", gpu_result_name(result));
        }
        b->mapped = address;
    }
    *out_index = index;
    return V_OK;
}

static uint64_t align_up(uint64_t value, uint64_t alignment)
{
    return (value + alignment - 1) / alignment * alignment;
}

// The free range of a block that fits with the least left over, or UINT32_MAX.
static uint32_t best_range(const block *b, uint64_t size_bytes, uint64_t alignment)
{
    uint32_t best = UINT32_MAX;
    for (uint32_t i = 0; i < b->free_ranges.count; i++) {
        const range *r = &b->free_ranges.items[i];
        uint64_t padding = align_up(r->offset_bytes, alignment) - r->offset_bytes;
        if (padding + size_bytes <= r->size_bytes &&
            (best == UINT32_MAX || r->size_bytes < b->free_ranges.items[best].size_bytes)) {
            best = i;
        }
    }
    return best;
}

static v_status take_range(gpu_memory *memory, uint32_t block_index, uint32_t range_index, uint64_t size_bytes,
                           uint64_t alignment, gpu_allocation *out)
{
    block *b = &memory->blocks.items[block_index];
    // n live allocations leave at most n + 1 free ranges between them: with room for that, freeing cannot fail.
    V_TRY(V_ARRAY_RESERVE(&b->free_ranges, memory->desc.allocator, b->live + 2));
    range *r = &b->free_ranges.items[range_index];
    uint64_t start = align_up(r->offset_bytes, alignment);
    range before = { r->offset_bytes, start - r->offset_bytes };
    range after = { start + size_bytes, r->offset_bytes + r->size_bytes - start - size_bytes };
    range pieces[2];
    uint32_t piece_count = 0;
    if (before.size_bytes > 0) {
        pieces[piece_count++] = before;
    }
    if (after.size_bytes > 0) {
        pieces[piece_count++] = after;
    }
    range *items = b->free_ranges.items;
    if (piece_count == 0) {
        for (uint32_t i = range_index + 1; i < b->free_ranges.count; i++) {
            items[i - 1] = items[i];
        }
        b->free_ranges.count--;
    } else {
        items[range_index] = pieces[0];
        if (piece_count == 2) {
            for (uint32_t i = b->free_ranges.count; i > range_index + 1; i--) {
                items[i] = items[i - 1];
            }
            items[range_index + 1] = pieces[1];
            b->free_ranges.count++;
        }
    }
    b->used_bytes += size_bytes;
    b->live += 1;
    *out = (gpu_allocation){ .memory = b->memory,
                             .offset_bytes = start,
                             .size_bytes = size_bytes,
                             .mapped = b->mapped != NULL ? b->mapped + start : NULL,
                             .block = block_index + 1 };
    return V_OK;
}

v_status gpu_memory_alloc(gpu_memory *memory, const VkMemoryRequirements *needs, v_memory_kind kind, bool optimal_image,
                          gpu_allocation *out_allocation)
{
    uint32_t type = 0;
    V_TRY(gpu_memory_choose_type(memory, needs->memoryTypeBits, kind, &type));
    const VkPhysicalDeviceMemoryProperties *properties = &memory->desc.properties;
    uint64_t heap_bytes = properties->memoryHeaps[properties->memoryTypes[type].heapIndex].size;
    uint64_t block_bytes = memory->desc.block_bytes;
    block_bytes = block_bytes > heap_bytes / 8 ? heap_bytes / 8 : block_bytes;
    bool dedicated = needs->size > block_bytes / 2;
    for (uint32_t i = 0; !dedicated && i < memory->blocks.count; i++) {
        const block *b = &memory->blocks.items[i];
        if (b->memory == VK_NULL_HANDLE || b->dedicated || b->type != type || b->optimal != optimal_image) {
            continue;
        }
        uint32_t found = best_range(b, needs->size, needs->alignment);
        if (found != UINT32_MAX) {
            return take_range(memory, i, found, needs->size, needs->alignment, out_allocation);
        }
    }
    uint32_t index = 0;
    V_TRY(add_block(memory, dedicated ? needs->size : block_bytes, type, optimal_image, dedicated, &index));
    return take_range(memory, index, 0, needs->size, needs->alignment, out_allocation);
}

// Put a range back between its neighbours and join what touches. take_range has reserved the room.
static void insert_range(block *b, range freed)
{
    uint32_t at = 0;
    while (at < b->free_ranges.count && b->free_ranges.items[at].offset_bytes < freed.offset_bytes) {
        at++;
    }
    range *items = b->free_ranges.items;
    bool joins_left = at > 0 && items[at - 1].offset_bytes + items[at - 1].size_bytes == freed.offset_bytes;
    bool joins_right = at < b->free_ranges.count && freed.offset_bytes + freed.size_bytes == items[at].offset_bytes;
    if (joins_left && joins_right) {
        items[at - 1].size_bytes += freed.size_bytes + items[at].size_bytes;
        for (uint32_t i = at + 1; i < b->free_ranges.count; i++) {
            items[i - 1] = items[i];
        }
        b->free_ranges.count--;
    } else if (joins_left) {
        items[at - 1].size_bytes += freed.size_bytes;
    } else if (joins_right) {
        items[at].offset_bytes = freed.offset_bytes;
        items[at].size_bytes += freed.size_bytes;
    } else {
        V_ASSERT(b->free_ranges.count < b->free_ranges.capacity);
        for (uint32_t i = b->free_ranges.count; i > at; i--) {
            items[i] = items[i - 1];
        }
        items[at] = freed;
        b->free_ranges.count++;
    }
}

void gpu_memory_free(gpu_memory *memory, gpu_allocation *allocation)
{
    if (allocation->block == 0) {
        return;
    }
    V_ASSERT(allocation->block <= memory->blocks.count);
    block *b = &memory->blocks.items[allocation->block - 1];
    b->used_bytes -= allocation->size_bytes;
    b->live -= 1;
    insert_range(b, (range){ allocation->offset_bytes, allocation->size_bytes });
    *allocation = (gpu_allocation){ 0 };
    if (b->used_bytes > 0) {
        return;
    }
    // One empty block of a kind stays, so that a resource made and freed every frame costs no vkAllocateMemory.
    bool keep = !b->dedicated;
    for (uint32_t i = 0; keep && i < memory->blocks.count; i++) {
        const block *other = &memory->blocks.items[i];
        keep = other == b || other->memory == VK_NULL_HANDLE || other->used_bytes > 0 || other->dedicated ||
               other->type != b->type || other->optimal != b->optimal;
    }
    if (!keep) {
        release_block(memory, b);
    }
}

gpu_memory_stats gpu_memory_get_stats(const gpu_memory *memory)
{
    gpu_memory_stats stats = { 0 };
    for (uint32_t i = 0; i < memory->blocks.count; i++) {
        const block *b = &memory->blocks.items[i];
        stats.blocks += b->memory != VK_NULL_HANDLE ? 1 : 0;
        stats.block_bytes += b->size_bytes;
        stats.used_bytes += b->used_bytes;
    }
    return stats;
}
