// test_device.c: choosing, making and losing devices; uploads and readbacks; ids; messages of wrong calls.
#include "gpu_test.h"

#include "gpu_internal.h"

#include "square_comp.h"
#include "triangle_vert.h"

static void a_device_is_found_and_described(void **unused)
{
    (void)unused;
    v_gpu_survey *survey = calloc(1, sizeof(*survey));
    assert_non_null(survey);
    assert_ok(v_gpu_enumerate(NULL, survey));
    assert_true(survey->device_count > 0);
    const v_gpu_info *info = &survey->devices[0];
    assert_true(strlen(info->name) > 0 && strncmp(info->api_version, "1.", 2) == 0);
    assert_true(info->heap_count > 0 && info->heaps[0].size_bytes > 0);
    assert_true((info->score >= 0) == (info->refusal[0] == '\0'));
    assert_true(survey->validation_present);
    free(survey);
}

static void two_devices_work_side_by_side(void **unused)
{
    (void)unused;
    gpu_fixture a, b;
    gpu_fixture_open(&a, false);
    gpu_fixture_open(&b, false);
    v_gpu_buffer buffers[2] = { 0 };
    uint32_t values[2] = { 0x11111111, 0x22222222 }, read = 0;
    v_gpu *gpus[2] = { a.gpu, b.gpu };
    for (uint32_t i = 0; i < 2; i++) {
        assert_ok(v_gpu_buffer_create(gpus[i], &(v_gpu_buffer_desc){ .size_bytes = 4 }, &buffers[i]));
        assert_ok(v_gpu_buffer_write(gpus[i], buffers[i], 0, &values[i], 4));
    }
    gpu_fixture_close(&a); // the second must not notice
    assert_ok(v_gpu_buffer_read(b.gpu, buffers[1], 0, &read, 4));
    assert_int_equal(read, values[1]);
    gpu_fixture_close(&b);
}

static void a_preferred_device_that_is_absent_is_named(void **unused)
{
    (void)unused;
    v_gpu *gpu = NULL;
    assert_fails(v_gpu_create(&(v_gpu_desc){ .prefer_name = "Voodoo 2" }, &gpu), V_ERROR_NO_DEVICE, "Voodoo 2");
    assert_null(gpu);
    assert_fails(v_gpu_create(&(v_gpu_desc){ .prefer_index = 99 }, &gpu), V_ERROR_NO_DEVICE, "98");
    assert_fails(v_gpu_create(NULL, &gpu), V_ERROR_INVALID_ARGUMENT, "desc");
    assert_fails(v_gpu_create(&(v_gpu_desc){ .frames_in_flight = 9 }, &gpu), V_ERROR_INVALID_ARGUMENT, "9");
}

static void without_a_driver_the_error_names_the_package(void **unused)
{
    (void)unused;
    v_gpu *gpu = NULL;
    setenv("VK_DRIVER_FILES", "/nonexistent.json", 1);
    setenv("VK_ICD_FILENAMES", "/nonexistent.json", 1);
    assert_fails(v_gpu_create(&(v_gpu_desc){ 0 }, &gpu), V_ERROR_NO_DEVICE, "mesa-vulkan-drivers");
    assert_null(gpu);
    v_gpu_survey *survey = calloc(1, sizeof(*survey));
    assert_non_null(survey);
    assert_ok(v_gpu_enumerate(NULL, survey));
    assert_int_equal(survey->device_count, 0);
    free(survey);
    unsetenv("VK_DRIVER_FILES");
    unsetenv("VK_ICD_FILENAMES");
}

static void buffers_return_what_was_written(void **unused)
{
    (void)unused;
    enum { COUNT = 700000 }; // more than one staging chunk
    gpu_fixture f;
    gpu_fixture_open(&f, false);
    uint32_t *data = malloc(COUNT * 4), *back = calloc(COUNT, 4);
    assert_true(data != NULL && back != NULL);
    for (uint32_t i = 0; i < COUNT; i++) {
        data[i] = i * 2654435761u;
    }
    const v_memory_kind kinds[] = { V_MEMORY_DEVICE, V_MEMORY_UPLOAD, V_MEMORY_READBACK };
    for (size_t k = 0; k < V_COUNT_OF(kinds); k++) {
        v_gpu_buffer buffer = { 0 };
        assert_ok(
            v_gpu_buffer_create(f.gpu, &(v_gpu_buffer_desc){ .size_bytes = COUNT * 4, .memory = kinds[k] }, &buffer));
        assert_ok(v_gpu_buffer_write(f.gpu, buffer, 0, data, COUNT * 4));
        uint32_t patch = 0xabcdef01;
        assert_ok(v_gpu_buffer_write(f.gpu, buffer, 400, &patch, 4));
        assert_ok(v_gpu_buffer_read(f.gpu, buffer, 0, back, COUNT * 4));
        assert_int_equal(back[100], patch);
        back[100] = data[100];
        assert_memory_equal(back, data, COUNT * 4);
        v_gpu_buffer_destroy(f.gpu, buffer);
    }
    free(data);
    free(back);
    gpu_fixture_close(&f);
}

static void textures_return_what_was_written_to_each_mip_and_layer(void **unused)
{
    (void)unused;
    gpu_fixture f;
    gpu_fixture_open(&f, false);
    const v_format formats[] = { V_FORMAT_R8_UNORM, V_FORMAT_RGBA8_UNORM, V_FORMAT_RGBA16_FLOAT, V_FORMAT_D32_FLOAT };
    for (size_t k = 0; k < V_COUNT_OF(formats); k++) {
        v_gpu_texture texture = { 0 };
        v_gpu_texture_desc desc = { .name = "roundtrip",
                                    .format = formats[k],
                                    .width_px = 20,
                                    .height_px = 12,
                                    .mip_count = V_MIPS_ALL,
                                    .layer_count = 3 };
        assert_ok(v_gpu_texture_create(f.gpu, &desc, &texture));
        assert_ok(v_gpu_texture_get_desc(f.gpu, texture, &desc));
        assert_int_equal(desc.mip_count, 5);
        static uint8_t data[20 * 12 * 8], back[20 * 12 * 8];
        for (uint32_t pass = 0; pass < 2; pass++) {
            for (uint32_t layer = 0; layer < 3; layer++) {
                for (uint32_t mip = 0; mip < 5; mip++) {
                    uint32_t w = 20u >> mip, h = 12u >> mip;
                    size_t size = (size_t)(w > 0 ? w : 1) * (h > 0 ? h : 1) * v_format_bytes(formats[k]);
                    for (size_t i = 0; i < size; i++) {
                        data[i] = (uint8_t)(i % 4 == 3 ? 0x3c : i * 7 + mip * 31 + layer * 101); // finite floats
                    }
                    if (pass == 0) {
                        assert_ok(v_gpu_texture_write(f.gpu, texture, mip, layer, data, size));
                    } else {
                        assert_ok(v_gpu_texture_read(f.gpu, texture, mip, layer, back, size));
                        assert_memory_equal(back, data, size);
                    }
                }
            }
        }
        assert_fails(v_gpu_texture_write(f.gpu, texture, 5, 0, data, 1), V_ERROR_INVALID_ARGUMENT, "5 mips");
        assert_fails(v_gpu_texture_read(f.gpu, texture, 0, 0, back, 3), V_ERROR_INVALID_ARGUMENT, "must be");
    }
    v_gpu_texture fresh = { 0 };
    uint8_t texel[4];
    assert_ok(v_gpu_texture_create(
        f.gpu, &(v_gpu_texture_desc){ .name = "fresh", .format = V_FORMAT_RGBA8_UNORM, .width_px = 1, .height_px = 1 },
        &fresh));
    assert_fails(v_gpu_texture_read(f.gpu, fresh, 0, 0, texel, 4), V_ERROR_STATE, "fresh");
    gpu_fixture_close(&f);
}

static void stale_and_null_ids_are_harmless(void **unused)
{
    (void)unused;
    gpu_fixture f;
    gpu_fixture_open(&f, false);
    v_gpu_buffer buffer = { 0 }, second = { 0 };
    uint32_t value = 1;
    assert_fails(v_gpu_buffer_write(f.gpu, buffer, 0, &value, 4), V_ERROR_STALE, "null or was destroyed");
    assert_ok(v_gpu_buffer_create(f.gpu, &(v_gpu_buffer_desc){ .size_bytes = 4 }, &buffer));
    v_gpu_buffer_destroy(f.gpu, buffer);
    assert_ok(v_gpu_buffer_create(f.gpu, &(v_gpu_buffer_desc){ .size_bytes = 4 }, &second));
    assert_int_equal(second.index, buffer.index); // the slot is used again, the old id is not valid for it
    assert_fails(v_gpu_buffer_write(f.gpu, buffer, 0, &value, 4), V_ERROR_STALE, "destroyed");
    v_gpu_buffer_destroy(f.gpu, buffer);
    assert_ok(v_gpu_buffer_write(f.gpu, second, 0, &value, 4));
    v_gpu_buffer_destroy(NULL, second);
    v_gpu_texture_destroy(f.gpu, (v_gpu_texture){ 0 });
    v_gpu_pipeline_destroy(f.gpu, (v_gpu_pipeline){ 7, 3 });
    v_gpu_destroy(NULL);
    gpu_fixture_close(&f);
}

static void bad_descriptors_are_refused_with_a_reason(void **unused)
{
    (void)unused;
    gpu_fixture f;
    gpu_fixture_open(&f, false);
    v_gpu_buffer buffer;
    v_gpu_texture texture;
    v_gpu_shader shader;
    v_gpu_pipeline pipeline;
    const struct {
        v_gpu_texture_desc desc;
        v_status status;
        const char *part;
    } textures[] = {
        { { .name = "t", .width_px = 4, .height_px = 4 }, V_ERROR_INVALID_ARGUMENT, "format is NONE" },
        { { .name = "t", .format = V_FORMAT_R8_UNORM, .width_px = 0, .height_px = 4 },
          V_ERROR_INVALID_ARGUMENT,
          "0×4" },
        { { .name = "t", .format = V_FORMAT_R8_UNORM, .width_px = 1u << 30, .height_px = 4 },
          V_ERROR_INVALID_ARGUMENT,
          "edges" },
        { { .name = "t", .format = V_FORMAT_R8_UNORM, .width_px = 4, .height_px = 4, .mip_count = 4 },
          V_ERROR_INVALID_ARGUMENT,
          "at most 3" },
        { { .name = "t", .format = V_FORMAT_R8_UNORM, .width_px = 4, .height_px = 8, .cube = true },
          V_ERROR_INVALID_ARGUMENT,
          "cube" },
        { { .name = "t", .format = V_FORMAT_R8_UNORM, .width_px = 4, .height_px = 4, .usage = 64 },
          V_ERROR_INVALID_ARGUMENT,
          "unknown bits" },
        { { .name = "t", .format = V_FORMAT_RGB32_FLOAT, .width_px = 4, .height_px = 4, .usage = V_TEXTURE_STORAGE },
          V_ERROR_UNSUPPORTED,
          "RGB32_FLOAT" },
    };
    for (size_t i = 0; i < V_COUNT_OF(textures); i++) {
        assert_fails(v_gpu_texture_create(f.gpu, &textures[i].desc, &texture), textures[i].status, textures[i].part);
    }
    assert_fails(v_gpu_buffer_create(f.gpu, &(v_gpu_buffer_desc){ .name = "empty" }, &buffer), V_ERROR_INVALID_ARGUMENT,
                 "empty");
    assert_fails(v_gpu_buffer_create(f.gpu, &(v_gpu_buffer_desc){ .size_bytes = 1, .usage = 999 }, &buffer),
                 V_ERROR_INVALID_ARGUMENT, "usage");
    const uint32_t garbage[8] = { 1, 2, 3 };
    assert_fails(
        v_gpu_shader_create(f.gpu, &(v_gpu_shader_desc){ .name = "bad", .words = garbage, .size_bytes = 32 }, &shader),
        V_ERROR_BAD_INPUT, "bad");
    assert_fails(v_gpu_compute_create(f.gpu, &(v_gpu_compute_desc){ .name = "none" }, &pipeline), V_ERROR_STALE,
                 "none");
    shader = GPU_SHADER(&f, square_comp);
    v_gpu_compute_desc twice = { .name = "twice", .shader = shader };
    twice.interface.sets[0][0] = (v_gpu_binding){ .kind = V_BINDING_STORAGE };
    twice.interface.sets[0][1] = (v_gpu_binding){ .kind = V_BINDING_UNIFORM };
    assert_fails(v_gpu_compute_create(f.gpu, &twice, &pipeline), V_ERROR_INVALID_ARGUMENT, "twice");
    assert_fails(v_gpu_compute_create(
                     f.gpu, &(v_gpu_compute_desc){ .name = "push", .shader = shader, .interface.push_bytes = 100000 },
                     &pipeline),
                 V_ERROR_INVALID_ARGUMENT, "100000");
    v_gpu_shader vertex = GPU_SHADER(&f, triangle_vert);
    v_gpu_graphics_desc outside = { .name = "outside", .vertex = vertex, .attribute_count = 1 };
    outside.attributes[0] = (v_gpu_attribute){ .format = V_FORMAT_RGBA32_FLOAT };
    outside.streams[0].stride_bytes = 12;
    assert_fails(v_gpu_graphics_create(f.gpu, &outside, &pipeline), V_ERROR_INVALID_ARGUMENT, "does not fit");
    gpu_fixture_close(&f);
}

static void frames_are_bracketed(void **unused)
{
    (void)unused;
    gpu_fixture f;
    gpu_fixture_open(&f, false);
    v_cmd *cmd = NULL, *again = NULL;
    assert_fails(v_gpu_frame_end(f.gpu), V_ERROR_STATE, "v_gpu_frame_begin");
    assert_ok(v_gpu_frame_begin(f.gpu, &cmd));
    assert_fails(v_gpu_frame_begin(f.gpu, &again), V_ERROR_STATE, "v_gpu_frame_end");
    v_gpu_buffer buffer = { 0 };
    uint32_t value;
    assert_ok(v_gpu_buffer_create(f.gpu, &(v_gpu_buffer_desc){ .size_bytes = 4 }, &buffer));
    assert_fails(v_gpu_buffer_read(f.gpu, buffer, 0, &value, 4), V_ERROR_STATE, "v_gpu_frame_end");
    v_cmd_draw(cmd, 3, 1, 0, 0);
    v_cmd_dispatch(cmd, 1, 1, 1); // the first error is the one that is told
    assert_fails(v_gpu_frame_end(f.gpu), V_ERROR_STATE, "v_cmd_draw");
    v_cmd_draw(cmd, 3, 1, 0, 0); // the list of a frame that has ended
    assert_ok(v_gpu_frame_begin(f.gpu, &cmd));
    assert_ok(v_gpu_frame_end(f.gpu));
    gpu_fixture_close(&f);
}

static VkResult VKAPI_CALL lose_submit(VkQueue queue, uint32_t count, const VkSubmitInfo2 *submits, VkFence fence)
{
    (void)queue;
    (void)count;
    (void)submits;
    (void)fence;
    return VK_ERROR_DEVICE_LOST;
}

static void a_lost_device_says_so_and_can_be_destroyed(void **unused)
{
    (void)unused;
    gpu_fixture f;
    gpu_fixture_open(&f, false);
    v_cmd *cmd = NULL;
    v_gpu_buffer buffer = { 0 };
    assert_ok(v_gpu_buffer_create(f.gpu, &(v_gpu_buffer_desc){ .size_bytes = 4 }, &buffer));
    f.gpu->vk.vkQueueSubmit2 = lose_submit;
    assert_ok(v_gpu_frame_begin(f.gpu, &cmd));
    assert_fails(v_gpu_frame_end(f.gpu), V_ERROR_DEVICE_LOST, "vkQueueSubmit2");
    assert_fails(v_gpu_frame_begin(f.gpu, &cmd), V_ERROR_DEVICE_LOST, "earlier");
    uint32_t value = 0;
    assert_fails(v_gpu_buffer_write(f.gpu, buffer, 0, &value, 4), V_ERROR_DEVICE_LOST, "earlier");
    v_gpu_destroy(f.gpu);
    v_log_destroy(f.log);
    assert_int_equal(v_counted_allocator_read(&f.counted).live_bytes, 0);
}

static VkResult VKAPI_CALL refuse_memory(VkDevice device, const VkMemoryAllocateInfo *info,
                                         const VkAllocationCallbacks *callbacks, VkDeviceMemory *memory)
{
    (void)device;
    (void)info;
    (void)callbacks;
    (void)memory;
    return VK_ERROR_OUT_OF_DEVICE_MEMORY;
}

static void refused_memory_is_an_error_and_leaks_nothing(void **unused)
{
    (void)unused;
    gpu_fixture f;
    gpu_fixture_open(&f, false);
    PFN_vkAllocateMemory real = f.gpu->vk.vkAllocateMemory;
    f.gpu->vk.vkAllocateMemory = refuse_memory;
    v_gpu_buffer buffer = { 0 };
    v_gpu_texture texture = { 0 };
    assert_fails(v_gpu_buffer_create(f.gpu, &(v_gpu_buffer_desc){ .size_bytes = 4 }, &buffer), V_ERROR_OUT_OF_MEMORY,
                 "OUT_OF_DEVICE_MEMORY");
    v_gpu_texture_desc desc = { .format = V_FORMAT_R8_UNORM, .width_px = 4, .height_px = 4 };
    assert_fails(v_gpu_texture_create(f.gpu, &desc, &texture), V_ERROR_OUT_OF_MEMORY, "OUT_OF_DEVICE_MEMORY");
    assert_int_equal(v_gpu_get_stats(f.gpu).buffers, 0);
    f.gpu->vk.vkAllocateMemory = real;
    assert_ok(v_gpu_buffer_create(f.gpu, &(v_gpu_buffer_desc){ .size_bytes = 4 }, &buffer));
    gpu_fixture_close(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_device_is_found_and_described),
        cmocka_unit_test(two_devices_work_side_by_side),
        cmocka_unit_test(a_preferred_device_that_is_absent_is_named),
        cmocka_unit_test(without_a_driver_the_error_names_the_package),
        cmocka_unit_test(buffers_return_what_was_written),
        cmocka_unit_test(textures_return_what_was_written_to_each_mip_and_layer),
        cmocka_unit_test(stale_and_null_ids_are_harmless),
        cmocka_unit_test(bad_descriptors_are_refused_with_a_reason),
        cmocka_unit_test(frames_are_bracketed),
        cmocka_unit_test(a_lost_device_says_so_and_can_be_destroyed),
        cmocka_unit_test(refused_memory_is_an_error_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, gpu_test_setup, NULL);
}
