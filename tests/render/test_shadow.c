// The shadow map covers whatever can darken the view, and holds still while the camera moves.
#include "render_internal.h"

#include "test_render.h"

enum { COUNT = 60, SIZE_PX = 1024 };

typedef struct fixture {
    v_scene_item items[COUNT];
    render_shape shapes[COUNT];
    v_scene scene;
    v_vec3 light;
} fixture;

static void fill(fixture *f, v_random *random)
{
    memset(f, 0, sizeof *f);
    for (int i = 0; i < COUNT; i++) {
        v_scene_item *item = &f->items[i];
        item->mesh = (v_mesh_kind)v_random_below(random, 3);
        item->pos_m = v_vec3_make(v_random_range(random, -30, 30), v_random_range(random, 0, 12),
                                  v_random_range(random, -30, 30));
        item->rot = V_QUAT_IDENTITY;
        item->size_m = v_vec3_make(0.4f, 0.6f, 0.5f);
        f->shapes[i] = render_item_shape(item);
    }
    f->scene = (v_scene){ .items = f->items,
                          .item_count = COUNT,
                          .camera_pos_m = { v_random_range(random, -20, 20), 4, v_random_range(random, -20, 20) },
                          .camera_target_m = { 0, 1, 0 },
                          .far_m = 200 };
    f->light = v_vec3_make(v_random_range(random, -1, 1), -1, v_random_range(random, -1, 1));
}

static v_vec3 map_place(const render_shadow *shadow, v_vec3 point)
{
    v_vec4 rows[3];
    render_shadow_rows(shadow, rows);
    float out[3];
    for (int i = 0; i < 3; i++) {
        out[i] = rows[i].x * point.x + rows[i].y * point.y + rows[i].z * point.z + rows[i].w;
    }
    return v_vec3_make(out[0], out[1], out[2]);
}

static void the_fit_covers_every_caster_that_reaches_the_view(void **state)
{
    (void)state;
    v_random random = v_random_seed(3, 9);
    static fixture f;
    int reached = 0;
    for (int round = 0; round < 60; round++) {
        fill(&f, &random);
        render_camera camera = render_camera_make(&f.scene, 1280, 720);
        render_shadow shadow = render_shadow_fit(&camera, f.light, f.items, f.shapes, COUNT, SIZE_PX);
        v_vec3 toward = v_vec3_normalize_or(f.light, v_vec3_make(0, -1, 0));
        for (int i = 0; i < COUNT; i++) {
            // Follow the light from the caster's centre: where it passes through view, the map must hold the caster.
            for (float t = 0; t < 40; t += 0.5f) {
                v_vec3 lit = v_vec3_mul_add(f.shapes[i].pos_m, toward, t);
                render_shape point = { .pos_m = lit };
                float away = v_vec3_dot(v_vec3_sub(lit, camera.pos_m), camera.forward);
                if (!render_camera_sees(&camera, &point) || away > shadow.reach_m) {
                    continue;
                }
                v_vec3 place = map_place(&shadow, f.shapes[i].pos_m);
                assert_true(fabsf(place.x) <= 1 && fabsf(place.y) <= 1);
                assert_true(place.z >= 0 && place.z <= 1);
                assert_true(render_shadow_holds(&shadow, f.items[i].mesh, &f.shapes[i]));
                reached++;
                break;
            }
        }
    }
    assert_true(reached > 500);
}

static void the_map_is_not_wasted_on_distant_casters(void **state)
{
    (void)state;
    v_random random = v_random_seed(4, 9);
    static fixture f;
    fill(&f, &random);
    f.light = v_vec3_make(0.1f, -1, 0.2f);
    for (int i = 0; i < COUNT; i++) {
        f.shapes[i].pos_m = v_vec3_make(0.1f * (float)(i % 10), 1, 0.1f * (float)(i / 10));
    }
    f.shapes[0].pos_m = v_vec3_make(40000, 3, 0); // a body that fell off the world
    render_camera camera = render_camera_make(&f.scene, 1280, 720);
    render_shadow shadow = render_shadow_fit(&camera, f.light, f.items, f.shapes, COUNT, SIZE_PX);
    assert_true(shadow.half_m < 3.0f);
    assert_false(render_shadow_holds(&shadow, f.items[0].mesh, &f.shapes[0]));
}

static void texels_keep_their_place_in_the_world_while_the_camera_moves(void **state)
{
    (void)state;
    v_random random = v_random_seed(6, 1);
    static fixture f;
    fill(&f, &random);
    float texel_m = 0;
    for (int step = 0; step < 200; step++) {
        f.scene.camera_pos_m.x += 0.0137f;
        f.scene.camera_pos_m.z -= 0.0071f;
        render_camera camera = render_camera_make(&f.scene, 1280, 720);
        render_shadow shadow = render_shadow_fit(&camera, f.light, f.items, f.shapes, COUNT, SIZE_PX);
        if (shadow.texel_m == texel_m || step == 0) {
            v_vec3 place = map_place(&shadow, v_vec3_make(0, 0, 0));
            float texels = place.x * 0.5f * (float)SIZE_PX;
            assert_true(fabsf(texels - v_round(texels)) < 0.02f);
        }
        texel_m = shadow.texel_m;
        float steps = v_log2(shadow.half_m) * 4.0f;
        assert_true(fabsf(steps - v_round(steps)) < 1e-2f);
    }
}

static void an_empty_scene_has_a_finite_map_and_planes_do_not_cast(void **state)
{
    (void)state;
    v_scene scene = { .camera_pos_m = { 0, 2, 5 } };
    render_camera camera = render_camera_make(&scene, 640, 360);
    render_shadow shadow = render_shadow_fit(&camera, v_vec3_make(0, -1, 0), NULL, NULL, 0, SIZE_PX);
    v_vec3 place = map_place(&shadow, v_vec3_make(0, 0, 0));
    assert_true(v_vec3_is_finite(place) && shadow.half_m > 0 && shadow.far_m > shadow.near_m);
    v_scene_item plane = { .mesh = V_MESH_PLANE, .rot = V_QUAT_IDENTITY, .size_m = { 5, 0, 5 } };
    render_shape shape = render_item_shape(&plane);
    assert_false(render_shadow_holds(&shadow, plane.mesh, &shape));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_fit_covers_every_caster_that_reaches_the_view),
        cmocka_unit_test(the_map_is_not_wasted_on_distant_casters),
        cmocka_unit_test(texels_keep_their_place_in_the_world_while_the_camera_moves),
        cmocka_unit_test(an_empty_scene_has_a_finite_map_and_planes_do_not_cast),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
