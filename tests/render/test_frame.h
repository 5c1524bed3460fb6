// A device with validation, a renderer and a scene for the tests that draw. Any validation message fails them.
#ifndef TEST_FRAME_H
#define TEST_FRAME_H

#include "test_render.h"

typedef struct test_frame {
    v_counted_allocator counted; ///< Everything of the renderer and the device.
    v_gpu *gpu;
    v_renderer *renderer;
} test_frame;

static inline void test_frame_open(test_frame *frame, uint32_t width_px, uint32_t height_px)
{
    v_counted_allocator_init(&frame->counted, NULL);
    assert_ok(v_gpu_create(&(v_gpu_desc){ .allocator = &frame->counted.allocator, .validation = true }, &frame->gpu));
    assert_ok(v_renderer_create(&(v_renderer_desc){ .gpu = frame->gpu,
                                                    .allocator = &frame->counted.allocator,
                                                    .width_px = width_px,
                                                    .height_px = height_px,
                                                    .shadow_px = 1024 },
                                &frame->renderer));
}

static inline void test_frame_close(test_frame *frame)
{
    assert_ok(v_gpu_wait_idle(frame->gpu));
    assert_true(v_gpu_validation_active(frame->gpu));
    assert_int_equal(v_gpu_validation_message_count(frame->gpu), 0);
    v_renderer_destroy(frame->renderer);
    v_gpu_destroy(frame->gpu);
    assert_int_equal(v_counted_allocator_read(&frame->counted).live_bytes, 0);
}

/// The latest frame; free it.
static inline uint8_t *test_frame_read(test_frame *frame)
{
    uint32_t width_px, height_px;
    v_renderer_get_size(frame->renderer, &width_px, &height_px);
    size_t size_bytes = (size_t)width_px * height_px * 4;
    uint8_t *pixels = malloc(size_bytes);
    assert_non_null(pixels);
    assert_ok(v_renderer_read_pixels(frame->renderer, pixels, size_bytes));
    return pixels;
}

enum { TEST_ITEMS = 24 };

typedef struct test_scene {
    v_scene_item items[TEST_ITEMS];
    v_scene_light lights[2];
    v_scene scene;
} test_scene;

static inline v_scene_item *test_scene_add(test_scene *scene, v_mesh_kind mesh, v_vec3 pos_m, v_vec3 size_m,
                                           v_vec3 color)
{
    v_scene_item *item = &scene->items[scene->scene.item_count++];
    *item = (v_scene_item){
        .mesh = mesh, .pos_m = pos_m, .rot = V_QUAT_IDENTITY, .size_m = size_m, .base_color = color, .roughness = 0.5f
    };
    return item;
}

/// A small pyramid, balls, capsules and a lamp on a checkered deck under a low sun.
static inline void test_scene_fill(test_scene *scene)
{
    memset(scene, 0, sizeof *scene);
    const v_vec3 red = { 0.7f, 0.12f, 0.06f }, teal = { 0.03f, 0.22f, 0.24f }, sand = { 0.8f, 0.7f, 0.55f };
    v_scene_item *deck = test_scene_add(scene, V_MESH_PLANE, v_vec3_make(0, 0, 0), v_vec3_make(12, 0, 12),
                                        v_vec3_make(0.3f, 0.3f, 0.33f));
    deck->checker_m = 1.0f;
    for (int row = 0; row < 3; row++) {
        for (int i = 0; i < 3 - row; i++) {
            v_vec3 place = v_vec3_make(-2.0f + (float)i * 1.03f + (float)row * 0.5f, 0.5f + (float)row, -0.5f);
            test_scene_add(scene, V_MESH_BOX, place, v_vec3_make(0.5f, 0.5f, 0.5f), (i + row) % 2 == 0 ? red : teal);
        }
    }
    v_scene_item *ball =
        test_scene_add(scene, V_MESH_SPHERE, v_vec3_make(1.9f, 0.8f, 0), v_vec3_make(0.8f, 0, 0), sand);
    ball->metallic = 1.0f;
    ball->roughness = 0.2f;
    v_scene_item *rod =
        test_scene_add(scene, V_MESH_CAPSULE, v_vec3_make(0.2f, 0.3f, 1.6f), v_vec3_make(0.3f, 0.6f, 0), sand);
    rod->rot = v_quat_make(0.0f, 0.0f, 0.70710678f, 0.70710678f);
    v_scene_item *lamp = test_scene_add(scene, V_MESH_SPHERE, v_vec3_make(3.4f, 0.3f, 1.2f), v_vec3_make(0.3f, 0, 0),
                                        v_vec3_make(0, 0, 0));
    lamp->emissive = v_vec3_make(0.4f, 2.5f, 3.0f);
    scene->lights[0] = (v_scene_light){ .kind = V_LIGHT_DIRECTIONAL,
                                        .direction = { 0.6f, -0.7f, -0.35f },
                                        .color = { 1.0f, 0.88f, 0.7f },
                                        .intensity = 1.5f };
    scene->lights[1] = (v_scene_light){ .kind = V_LIGHT_POINT,
                                        .pos_m = { 3.4f, 1.0f, 1.2f },
                                        .color = { 0.15f, 0.85f, 1.0f },
                                        .intensity = 2.0f,
                                        .range_m = 6.0f };
    scene->scene.items = scene->items;
    scene->scene.lights = scene->lights;
    scene->scene.light_count = 2;
    scene->scene.camera_pos_m = v_vec3_make(3.0f, 2.6f, 7.0f);
    scene->scene.camera_target_m = v_vec3_make(0.2f, 0.9f, 0);
    scene->scene.vertical_fov_rad = 0.75f;
    scene->scene.time_s = 10.0f;
}

#endif
