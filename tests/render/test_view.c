// The camera's matrix and culling against brute force over points, and the order that the draw list gives.
#include "render_internal.h"

#include "test_render.h"

static v_scene_item random_item(v_random *random)
{
    v_scene_item item = {
        .mesh = (v_mesh_kind)v_random_below(random, V_MESH_KIND_COUNT),
        .pos_m = { v_random_range(random, -12, 12), v_random_range(random, -8, 8), v_random_range(random, -30, 6) },
        .rot = { v_random_range(random, -1, 1), v_random_range(random, -1, 1), v_random_range(random, -1, 1),
                 v_random_range(random, -1, 1) },
        .size_m = { v_random_range(random, 0.05f, 3), v_random_range(random, 0.05f, 3),
                    v_random_range(random, 0.05f, 3) },
        .base_color = { 0.5f, 0.5f, 0.5f },
    };
    return item;
}

static v_scene random_view(v_random *random)
{
    return (v_scene){ .camera_pos_m = { v_random_range(random, -2, 2), v_random_range(random, -2, 2), 0 },
                      .camera_target_m = { v_random_range(random, -3, 3), v_random_range(random, -3, 3), -9 },
                      .vertical_fov_rad = v_random_range(random, 0.3f, 1.6f),
                      .near_m = 0.5f,
                      .far_m = 25.0f };
}

static bool in_clip_space(const render_camera *camera, v_vec3 point)
{
    v_vec4 clip = v_mat4_mul_vec4(camera->world_to_clip, (v_vec4){ point.x, point.y, point.z, 1 });
    return clip.w > 0 && fabsf(clip.x) <= clip.w && fabsf(clip.y) <= clip.w && clip.z >= 0 && clip.z <= clip.w;
}

// A point inside the shape: the swept box.
static v_vec3 random_point(const render_shape *shape, v_random *random)
{
    v_vec3 local = v_vec3_mul(shape->extent_m, v_vec3_make(v_random_range(random, -1, 1), v_random_range(random, -1, 1),
                                                           v_random_range(random, -1, 1)));
    v_vec3 away =
        v_vec3_make(v_random_range(random, -1, 1), v_random_range(random, -1, 1), v_random_range(random, -1, 1));
    away = v_vec3_normalize_or(away, v_vec3_make(0, 1, 0));
    return v_vec3_mul_add(v_vec3_add(shape->pos_m, v_mat3_mul_vec3(shape->axes, local)), away, shape->radius_m);
}

static void nothing_in_view_is_culled(void **state)
{
    (void)state;
    v_random random = v_random_seed(11, 1);
    int seen = 0, culled = 0, false_keeps = 0;
    for (int round = 0; round < 3000; round++) {
        v_scene scene = random_view(&random);
        render_camera camera = render_camera_make(&scene, 640, 360);
        v_scene_item item = random_item(&random);
        render_shape shape = render_item_shape(&item);
        bool visible = false;
        for (int i = 0; i < 400 && !visible; i++) {
            visible = in_clip_space(&camera, random_point(&shape, &random));
        }
        bool kept = render_camera_sees(&camera, &shape);
        assert_true(kept || !visible);
        seen += visible;
        culled += !kept;
        false_keeps += kept && !visible;
    }
    assert_true(seen > 500 && culled > 500);
    assert_true(false_keeps < 400); // corners of the frustum keep a few; a test that keeps all would pass otherwise
}

static void the_camera_matrix_is_reversed_depth_with_y_down(void **state)
{
    (void)state;
    v_scene scene = { .camera_pos_m = { 1, 2, 3 }, .camera_target_m = { 1, 2, -7 }, .near_m = 0.5f, .far_m = 50 };
    render_camera camera = render_camera_make(&scene, 200, 100);
    v_vec4 near_clip = v_mat4_mul_vec4(camera.world_to_clip, (v_vec4){ 1, 2, 2.5f, 1 });
    v_vec4 far_clip = v_mat4_mul_vec4(camera.world_to_clip, (v_vec4){ 1, 2, -47, 1 });
    assert_true(fabsf(near_clip.z / near_clip.w - 1.0f) < 1e-5f);
    assert_true(fabsf(far_clip.z / far_clip.w) < 1e-5f);
    v_vec4 above = v_mat4_mul_vec4(camera.world_to_clip, (v_vec4){ 1, 4, -7, 1 });
    v_vec4 right = v_mat4_mul_vec4(camera.world_to_clip, (v_vec4){ 3, 2, -7, 1 });
    assert_true(above.y < 0 && fabsf(above.x) < 1e-5f);
    assert_true(right.x > 0 && fabsf(right.y) < 1e-5f);
    // 2 m at 10 m: 0.2 / tan(30 deg) of half the height, and half of that over twice the width.
    assert_true(fabsf(above.y / above.w + 0.34641f) < 1e-4f);
    assert_true(fabsf(right.x / right.w - 0.17320f) < 1e-4f);
    v_mat4 expected = v_mat4_mul(v_mat4_perspective(V_PI / 3.0f, 2.0f, 0.5f, 50.0f),
                                 v_mat4_look_at(scene.camera_pos_m, scene.camera_target_m, v_vec3_make(0, 1, 0)));
    for (int c = 0; c < 4; c++) {
        assert_true(fabsf(expected.c[c].x - camera.world_to_clip.c[c].x) < 1e-4f);
        assert_true(fabsf(expected.c[c].y - camera.world_to_clip.c[c].y) < 1e-4f);
        assert_true(fabsf(expected.c[c].z - camera.world_to_clip.c[c].z) < 1e-4f);
        assert_true(fabsf(expected.c[c].w - camera.world_to_clip.c[c].w) < 1e-4f);
    }
}

static void a_camera_that_looks_straight_down_has_a_picture(void **state)
{
    (void)state;
    v_scene scene = { .camera_pos_m = { 0, 10, 0 }, .camera_target_m = { 0, 0, 0 } };
    render_camera camera = render_camera_make(&scene, 100, 100);
    v_vec4 north = v_mat4_mul_vec4(camera.world_to_clip, (v_vec4){ 0, 0, -1, 1 });
    assert_true(north.y < 0 && north.w > 9.9f);
}

static void draw_lists_hold_each_item_once_and_nearest_first(void **state)
{
    (void)state;
    enum { COUNT = 700 };
    v_random random = v_random_seed(5, 2);
    static v_scene_item items[COUNT];
    for (int i = 0; i < COUNT; i++) {
        items[i] = random_item(&random);
        items[i].emissive.x = (float)i; // marks the item
    }
    v_scene scene = random_view(&random);
    scene.items = items;
    scene.item_count = COUNT;
    render_camera camera = render_camera_make(&scene, 640, 360);
    render_draw_list list = { 0 };
    assert_ok(render_draw_list_reserve(&list, v_allocator_default(), COUNT));
    render_draw_list_see(&list, &scene, &camera);
    render_shadow shadow = render_shadow_fit(&camera, v_vec3_make(0.2f, -1, 0.3f), items, list.shapes, COUNT, 1024);
    render_draw_list_cast(&list, &scene, &shadow);
    static render_instance instances[2 * COUNT];
    render_draw_list_write(&list, &scene, instances);

    uint32_t next = 0;
    static int drawn[COUNT];
    memset(drawn, 0, sizeof drawn);
    for (int mesh = 0; mesh < RENDER_MESH_COUNT; mesh++) {
        assert_int_equal(list.camera_draws[mesh].first_instance, next);
        float depth_before = 0;
        for (uint32_t i = 0; i < list.camera_draws[mesh].instance_count; i++, next++) {
            drawn[(int)instances[next].emissive.x]++;
            v_vec3 away = v_vec3_sub(instances[next].pos_m, camera.pos_m);
            float depth = v_max(v_vec3_dot(away, camera.forward), 0);
            assert_true(depth >= depth_before * 0.98f); // keys keep 0.8 %
            depth_before = depth;
        }
    }
    assert_int_equal(next, list.seen);
    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(drawn[i], render_camera_sees(&camera, &list.shapes[i]));
    }
    uint32_t casting = 0;
    for (int mesh = 0; mesh < RENDER_MESH_COUNT; mesh++) {
        casting += list.shadow_draws[mesh].instance_count;
    }
    assert_int_equal(casting, list.casting);
    assert_true(list.seen > 50 && list.casting > 50);
    render_draw_list_destroy(&list, v_allocator_default());
}

static void nearer_items_get_finer_meshes(void **state)
{
    (void)state;
    v_scene scene = { .camera_pos_m = { 0, 0, 0 }, .camera_target_m = { 0, 0, -1 } };
    render_camera camera = render_camera_make(&scene, 1280, 720);
    const v_mesh_kind kinds[] = { V_MESH_BOX, V_MESH_SPHERE, V_MESH_CAPSULE };
    for (size_t k = 0; k < V_COUNT_OF(kinds); k++) {
        int before = -1;
        bool changed = false;
        for (float distance_m = 1.2f; distance_m < 400; distance_m *= 1.3f) {
            v_scene_item item = { .mesh = kinds[k], .pos_m = { 0, 0, -distance_m }, .size_m = { 0.5f, 0.5f, 0.5f } };
            render_shape shape = render_item_shape(&item);
            int mesh = (int)render_camera_mesh(&camera, kinds[k], &shape);
            assert_true(mesh >= before);
            changed = changed || (before >= 0 && mesh != before);
            before = mesh;
        }
        assert_true(changed);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_in_view_is_culled),
        cmocka_unit_test(the_camera_matrix_is_reversed_depth_with_y_down),
        cmocka_unit_test(a_camera_that_looks_straight_down_has_a_picture),
        cmocka_unit_test(draw_lists_hold_each_item_once_and_nearest_first),
        cmocka_unit_test(nearer_items_get_finer_meshes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
