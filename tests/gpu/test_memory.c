// test_memory.c: the memory suballocator against a shadow map, on a mock device with several heaps and types.
#include "gpu_test.h"

#include "gpu_internal.h"

enum { HEAPS = 3, LIVE = 400 };

typedef struct mock {
    uint64_t live_blocks, calls, fail_at; ///< fail_at: the call that is refused; 0: none.
    uint8_t storage[64];
} mock;

static mock device;

static VkResult VKAPI_CALL mock_allocate(VkDevice handle, const VkMemoryAllocateInfo *info,
                                         const VkAllocationCallbacks *callbacks, VkDeviceMemory *memory)
{
    (void)handle;
    (void)callbacks;
    device.calls++;
    if (device.calls == device.fail_at) {
        return VK_ERROR_OUT_OF_DEVICE_MEMORY;
    }
    device.live_blocks++;
    *memory = (VkDeviceMemory)(uintptr_t)(device.calls * 16 + info->memoryTypeIndex + 1);
    return VK_SUCCESS;
}

static void VKAPI_CALL mock_free(VkDevice handle, VkDeviceMemory memory, const VkAllocationCallbacks *callbacks)
{
    (void)handle;
    (void)callbacks;
    assert_true(memory != VK_NULL_HANDLE);
    device.live_blocks--;
}

static VkResult VKAPI_CALL mock_map(VkDevice handle, VkDeviceMemory memory, VkDeviceSize offset, VkDeviceSize size,
                                    VkMemoryMapFlags flags, void **out)
{
    (void)handle;
    (void)memory;
    (void)offset;
    (void)size;
    (void)flags;
    *out = device.storage;
    return VK_SUCCESS;
}

static struct VolkDeviceTable table = { .vkAllocateMemory = mock_allocate,
                                        .vkFreeMemory = mock_free,
                                        .vkMapMemory = mock_map };

// Type 0: device local; 1: host, uncached; 2: host, cached; 3: device local and mappable.
static gpu_memory_desc describe(const v_allocator *allocator)
{
    gpu_memory_desc desc = { .allocator = allocator, .vk = &table, .block_bytes = 1 << 20 };
    VkPhysicalDeviceMemoryProperties *p = &desc.properties;
    const VkMemoryPropertyFlags host = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;
    p->memoryHeapCount = HEAPS;
    p->memoryHeaps[0] = (VkMemoryHeap){ 4ull << 30, VK_MEMORY_HEAP_DEVICE_LOCAL_BIT };
    p->memoryHeaps[1] = (VkMemoryHeap){ 8ull << 30, 0 };
    p->memoryHeaps[2] = (VkMemoryHeap){ 1ull << 20, VK_MEMORY_HEAP_DEVICE_LOCAL_BIT }; // small: blocks of 128 KiB
    p->memoryTypeCount = 4;
    p->memoryTypes[0] = (VkMemoryType){ VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT, 0 };
    p->memoryTypes[1] = (VkMemoryType){ host, 1 };
    p->memoryTypes[2] = (VkMemoryType){ host | VK_MEMORY_PROPERTY_HOST_CACHED_BIT, 1 };
    p->memoryTypes[3] = (VkMemoryType){ host | VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT, 2 };
    return desc;
}

static void each_kind_gets_the_memory_type_it_wants(void **unused)
{
    (void)unused;
    gpu_memory *memory = NULL;
    gpu_memory_desc desc = describe(NULL);
    assert_ok(gpu_memory_create(&desc, &memory));
    uint32_t type = 99;
    assert_ok(gpu_memory_choose_type(memory, 0xf, V_MEMORY_DEVICE, &type));
    assert_int_equal(type, 0);
    assert_ok(gpu_memory_choose_type(memory, 0xf, V_MEMORY_UPLOAD, &type));
    assert_int_equal(type, 1);
    assert_ok(gpu_memory_choose_type(memory, 0xf, V_MEMORY_READBACK, &type));
    assert_int_equal(type, 2);
    assert_ok(gpu_memory_choose_type(memory, 0x8, V_MEMORY_DEVICE, &type));
    assert_int_equal(type, 3); // what the resource allows comes before what is wanted
    assert_fails(gpu_memory_choose_type(memory, 0x1, V_MEMORY_UPLOAD, &type), V_ERROR_UNSUPPORTED, "0x1");
    gpu_memory_destroy(memory);
}

static void live_ranges_never_meet_and_freed_ones_come_back(void **unused)
{
    (void)unused;
    v_counted_allocator counted;
    v_counted_allocator_init(&counted, NULL);
    gpu_memory *memory = NULL;
    gpu_memory_desc desc = describe(&counted.allocator);
    device = (mock){ 0 };
    assert_ok(gpu_memory_create(&desc, &memory));
    static gpu_allocation live[LIVE];
    static bool optimal[LIVE];
    memset(live, 0, sizeof(live));
    uint64_t state = 7, used = 0;
    for (uint32_t i = 0; i < 20000; i++) {
        state = state * 6364136223846793005ull + 1442695040888963407ull;
        uint32_t slot = (uint32_t)(state >> 33) % LIVE;
        if (live[slot].block != 0) {
            used -= live[slot].size_bytes;
            gpu_memory_free(memory, &live[slot]);
            assert_int_equal(live[slot].block, 0);
        } else {
            VkMemoryRequirements needs = { 1 + (state >> 40) % 60000, 1ull << ((state >> 20) % 13), 0xf };
            optimal[slot] = (state >> 60) % 2 == 1;
            assert_ok(gpu_memory_alloc(memory, &needs, (v_memory_kind)((state >> 17) % 3), optimal[slot], &live[slot]));
            used += needs.size;
            assert_true(live[slot].size_bytes == needs.size && live[slot].offset_bytes % needs.alignment == 0);
            for (uint32_t k = 0; k < LIVE; k++) {
                if (k == slot || live[k].block == 0 || live[k].memory != live[slot].memory) {
                    continue;
                }
                assert_true(live[k].offset_bytes + live[k].size_bytes <= live[slot].offset_bytes ||
                            live[slot].offset_bytes + live[slot].size_bytes <= live[k].offset_bytes);
                assert_int_equal(optimal[k], optimal[slot]); // linear and optimal never share a block
            }
        }
        gpu_memory_stats stats = gpu_memory_get_stats(memory);
        assert_int_equal(stats.used_bytes, used);
        assert_int_equal(stats.blocks, device.live_blocks);
    }
    for (uint32_t k = 0; k < LIVE; k++) {
        gpu_memory_free(memory, &live[k]);
    }
    gpu_memory_stats stats = gpu_memory_get_stats(memory);
    assert_int_equal(stats.used_bytes, 0);
    assert_true(stats.blocks <= 6); // one empty block of each type and kind stays
    // All free ranges have joined: a whole block's half fits without a new one.
    uint64_t calls = device.calls;
    gpu_allocation big = { 0 };
    assert_ok(gpu_memory_alloc(memory, &(VkMemoryRequirements){ 1 << 19, 1, 0x1 }, V_MEMORY_DEVICE, true, &big));
    assert_int_equal(device.calls, calls);
    gpu_memory_free(memory, &big);
    gpu_memory_destroy(memory);
    assert_int_equal(device.live_blocks, 0);
    assert_int_equal(v_counted_allocator_read(&counted).live_bytes, 0);
}

static void a_refused_block_at_any_call_leaks_nothing(void **unused)
{
    (void)unused;
    for (uint64_t fail_at = 1; fail_at <= 6; fail_at++) {
        v_counted_allocator counted;
        v_counted_allocator_init(&counted, NULL);
        gpu_memory *memory = NULL;
        gpu_memory_desc desc = describe(&counted.allocator);
        device = (mock){ .fail_at = fail_at };
        assert_ok(gpu_memory_create(&desc, &memory));
        gpu_allocation live[12] = { 0 };
        uint32_t refused = 0;
        for (uint32_t i = 0; i < 12; i++) {
            VkMemoryRequirements needs = { 400000, 256, 0xf }; // two to a block
            v_status status = gpu_memory_alloc(memory, &needs, V_MEMORY_DEVICE, i % 2 == 0, &live[i]);
            refused += status != V_OK ? 1 : 0;
            assert_true(status == V_OK || (status == V_ERROR_OUT_OF_MEMORY && live[i].block == 0));
        }
        assert_int_equal(refused, 1);
        gpu_memory_destroy(memory); // also frees what was never given back
        assert_int_equal(device.live_blocks, 0);
        assert_int_equal(v_counted_allocator_read(&counted).live_bytes, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_gets_the_memory_type_it_wants),
        cmocka_unit_test(live_ranges_never_meet_and_freed_ones_come_back),
        cmocka_unit_test(a_refused_block_at_any_call_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
