// A bad scene is refused by name before anything is drawn.
#include "render_internal.h"

#include "test_render.h"

#include <math.h>

static v_scene_item good_item(void)
{
    return (
        v_scene_item){ .mesh = V_MESH_BOX, .rot = V_QUAT_IDENTITY, .size_m = { 1, 1, 1 }, .base_color = { 1, 1, 1 } };
}

static v_scene good_scene(const v_scene_item *items, const v_scene_light *lights)
{
    return (
        v_scene){ .items = items, .item_count = 2, .lights = lights, .light_count = 1, .camera_pos_m = { 0, 1, 5 } };
}

static void a_nan_or_infinity_in_an_item_is_refused_by_name(void **state)
{
    (void)state;
    // Every float of an item, by its offset and the name that the message must give.
    const struct {
        size_t offset;
        const char *name;
    } fields[] = {
        { offsetof(v_scene_item, pos_m.x), "items[1].pos_m.x" },
        { offsetof(v_scene_item, pos_m.y), "items[1].pos_m.y" },
        { offsetof(v_scene_item, pos_m.z), "items[1].pos_m.z" },
        { offsetof(v_scene_item, rot.x), "items[1].rot.x" },
        { offsetof(v_scene_item, rot.y), "items[1].rot.y" },
        { offsetof(v_scene_item, rot.z), "items[1].rot.z" },
        { offsetof(v_scene_item, rot.w), "items[1].rot.w" },
        { offsetof(v_scene_item, size_m.x), "items[1].size_m.x" },
        { offsetof(v_scene_item, size_m.y), "items[1].size_m.y" },
        { offsetof(v_scene_item, size_m.z), "items[1].size_m.z" },
        { offsetof(v_scene_item, base_color.x), "items[1].base_color.x" },
        { offsetof(v_scene_item, base_color.y), "items[1].base_color.y" },
        { offsetof(v_scene_item, base_color.z), "items[1].base_color.z" },
        { offsetof(v_scene_item, metallic), "items[1].metallic" },
        { offsetof(v_scene_item, roughness), "items[1].roughness" },
        { offsetof(v_scene_item, emissive.x), "items[1].emissive.x" },
        { offsetof(v_scene_item, emissive.y), "items[1].emissive.y" },
        { offsetof(v_scene_item, emissive.z), "items[1].emissive.z" },
        { offsetof(v_scene_item, checker_m), "items[1].checker_m" },
    };
    const float bad[] = { NAN, INFINITY, -INFINITY, 1e30f };
    v_scene_light light = { .kind = V_LIGHT_DIRECTIONAL, .direction = { 0, -1, 0 }, .intensity = 1 };
    for (size_t i = 0; i < V_COUNT_OF(fields); i++) {
        for (size_t b = 0; b < V_COUNT_OF(bad); b++) {
            v_scene_item items[2] = { good_item(), good_item() };
            memcpy((char *)&items[1] + fields[i].offset, &bad[b], sizeof bad[b]);
            v_scene scene = good_scene(items, &light);
            assert_fails(render_scene_check(&scene), V_ERROR_INVALID_ARGUMENT, fields[i].name);
        }
    }
}

static void a_nan_in_a_light_camera_or_sky_is_refused_by_name(void **state)
{
    (void)state;
    v_scene_item items[2] = { good_item(), good_item() };
    v_scene_light light = { .kind = V_LIGHT_DIRECTIONAL, .direction = { 0, -1, 0 }, .intensity = 1 };
    v_scene scene = good_scene(items, &light);
    assert_ok(render_scene_check(&scene));
    light.intensity = NAN;
    assert_fails(render_scene_check(&scene), V_ERROR_INVALID_ARGUMENT, "lights[0].intensity");
    light.intensity = 1;
    light.direction = v_vec3_make(0, 0, 0);
    assert_fails(render_scene_check(&scene), V_ERROR_INVALID_ARGUMENT, "lights[0].direction");
    light.direction = v_vec3_make(0, -1, 0);
    scene.camera_pos_m.y = NAN;
    assert_fails(render_scene_check(&scene), V_ERROR_INVALID_ARGUMENT, "camera_pos_m.y");
    scene = good_scene(items, &light);
    scene.sky_horizon.z = -1;
    assert_fails(render_scene_check(&scene), V_ERROR_INVALID_ARGUMENT, "sky_horizon.z");
    scene = good_scene(items, &light);
    scene.camera_target_m = scene.camera_pos_m;
    assert_fails(render_scene_check(&scene), V_ERROR_INVALID_ARGUMENT, "camera_target_m");
    scene = good_scene(items, &light);
    scene.far_m = 0.05f;
    assert_fails(render_scene_check(&scene), V_ERROR_INVALID_ARGUMENT, "near_m");
}

static void missing_arrays_and_unknown_kinds_are_refused(void **state)
{
    (void)state;
    v_scene_item items[2] = { good_item(), good_item() };
    v_scene_light light = { .kind = V_LIGHT_POINT, .intensity = 1 };
    assert_fails(render_scene_check(NULL), V_ERROR_INVALID_ARGUMENT, "scene is null");
    v_scene scene = good_scene(NULL, &light);
    assert_fails(render_scene_check(&scene), V_ERROR_INVALID_ARGUMENT, "items is null");
    scene = good_scene(items, NULL);
    assert_fails(render_scene_check(&scene), V_ERROR_INVALID_ARGUMENT, "lights is null");
    scene = good_scene(items, &light);
    scene.item_count = UINT32_MAX;
    assert_fails(render_scene_check(&scene), V_ERROR_INVALID_ARGUMENT, "item_count");
    scene = good_scene(items, &light);
    items[1].mesh = (v_mesh_kind)77;
    assert_fails(render_scene_check(&scene), V_ERROR_INVALID_ARGUMENT, "items[1].mesh is 77");
    items[1].mesh = V_MESH_BOX;
    light.kind = (v_light_kind)9;
    assert_fails(render_scene_check(&scene), V_ERROR_INVALID_ARGUMENT, "lights[0].kind is 9");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_nan_or_infinity_in_an_item_is_refused_by_name),
        cmocka_unit_test(a_nan_in_a_light_camera_or_sky_is_refused_by_name),
        cmocka_unit_test(missing_arrays_and_unknown_kinds_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
