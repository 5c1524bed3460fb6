// Frames of the renderer: reproducible, free of validation messages and of allocations, and lit as physics asks.
#include "test_frame.h"

#include <math.h>

enum { WIDTH = 256, HEIGHT = 144, BYTES = WIDTH * HEIGHT * 4 };

static test_frame frame; // one device for all tests: making one with validation takes a while
static test_scene scene;

static int open_frame(void **state)
{
    (void)state;
    test_frame_open(&frame, WIDTH, HEIGHT);
    return 0;
}

static uint8_t *draw(const v_scene *drawn)
{
    assert_ok(v_renderer_draw(frame.renderer, drawn));
    uint8_t *pixels = test_frame_read(&frame);
    assert_int_equal(v_gpu_validation_message_count(frame.gpu), 0);
    return pixels;
}

// Mean of a channel over the 5x5 pixels round a world point.
static double probe(const uint8_t *pixels, const v_scene *drawn, v_vec3 point, int channel)
{
    v_vec3 forward =
        v_vec3_normalize_or(v_vec3_sub(drawn->camera_target_m, drawn->camera_pos_m), v_vec3_make(0, 0, -1));
    v_vec3 right = v_vec3_normalize_or(v_vec3_cross(forward, v_vec3_make(0, 1, 0)), v_vec3_make(1, 0, 0));
    v_vec3 up = v_vec3_cross(right, forward), away = v_vec3_sub(point, drawn->camera_pos_m);
    double depth = (double)v_vec3_dot(away, forward), half = tan((double)drawn->vertical_fov_rad / 2);
    double x = (double)v_vec3_dot(away, right) / depth / half * HEIGHT / WIDTH,
           y = (double)v_vec3_dot(away, up) / depth / half;
    int column = (int)((x + 1) / 2 * WIDTH), row = (int)((1 - y) / 2 * HEIGHT);
    assert_true(column >= 2 && column < WIDTH - 2 && row >= 2 && row < HEIGHT - 2);
    double sum = 0;
    for (int dy = -2; dy <= 2; dy++) {
        for (int dx = -2; dx <= 2; dx++) {
            sum += pixels[((row + dy) * WIDTH + column + dx) * 4 + channel];
        }
    }
    return sum / 25;
}

static void the_same_scene_gives_the_same_bytes(void **state)
{
    (void)state;
    test_scene_fill(&scene);
    uint8_t *first = draw(&scene.scene), *second = draw(&scene.scene);
    assert_memory_equal(first, second, BYTES);
    free(second);
    // Also from another renderer on the same device.
    v_renderer *other = NULL;
    assert_ok(v_renderer_create(
        &(v_renderer_desc){ .gpu = frame.gpu, .width_px = WIDTH, .height_px = HEIGHT, .shadow_px = 1024 }, &other));
    second = malloc(BYTES);
    assert_non_null(second);
    assert_ok(v_renderer_draw(other, &scene.scene));
    assert_ok(v_renderer_read_pixels(other, second, BYTES));
    assert_memory_equal(first, second, BYTES);
    v_renderer_destroy(other);
    free(second);
    free(first);
}

static void a_moved_item_changes_the_picture(void **state)
{
    (void)state;
    test_scene_fill(&scene);
    uint8_t *before = draw(&scene.scene);
    scene.items[7].pos_m.x += 0.4f;
    uint8_t *after = draw(&scene.scene);
    v_image_difference difference;
    assert_ok(v_image_compare(before, after, WIDTH, HEIGHT, 2, &difference));
    assert_in_range(difference.changed_pixels, 100, WIDTH * HEIGHT / 2);
    free(before);
    free(after);
}

static void a_caster_darkens_the_ground_behind_it(void **state)
{
    (void)state;
    test_scene_fill(&scene);
    scene.scene.item_count = 1;
    scene.scene.light_count = 1;
    const v_vec3 spot = { 1.2f, 0, -0.7f };
    // A ball between the spot and the sun, out of the way of the eye.
    v_vec3 toward = v_vec3_normalize_or(v_vec3_neg(scene.lights[0].direction), v_vec3_make(0, 1, 0));
    test_scene_add(&scene, V_MESH_SPHERE, v_vec3_mul_add(spot, toward, 4.0f), v_vec3_make(0.6f, 0, 0),
                   v_vec3_make(1, 1, 1));
    uint8_t *shaded = draw(&scene.scene);
    scene.lights[0].no_shadow = true;
    uint8_t *open = draw(&scene.scene);
    for (int channel = 0; channel < 3; channel++) {
        assert_true(probe(shaded, &scene.scene, spot, channel) < 0.6 * probe(open, &scene.scene, spot, channel));
    }
    const v_vec3 beside = { -1.5f, 0, 2.0f };
    assert_true(fabs(probe(shaded, &scene.scene, beside, 0) - probe(open, &scene.scene, beside, 0)) < 2.0);
    free(shaded);
    free(open);
}

static void lit_surfaces_have_no_shadow_acne(void **state)
{
    (void)state;
    // A slab that casts and receives, and a ball on it, under suns from steep to low: with the map, what faces the sun
    // must look as it does without.
    const float heights[] = { 2.0f, 0.7f, 0.25f };
    for (size_t i = 0; i < V_COUNT_OF(heights); i++) {
        test_scene_fill(&scene);
        scene.scene.item_count = 0;
        scene.scene.light_count = 1;
        test_scene_add(&scene, V_MESH_BOX, v_vec3_make(0, -0.5f, 0), v_vec3_make(4, 0.5f, 4), v_vec3_make(1, 1, 1));
        test_scene_add(&scene, V_MESH_SPHERE, v_vec3_make(-2, 0.8f, 0), v_vec3_make(0.8f, 0, 0), v_vec3_make(1, 1, 1));
        scene.lights[0].direction = v_vec3_make(-0.8f, -heights[i], -0.6f);
        uint8_t *with = draw(&scene.scene);
        scene.lights[0].no_shadow = true;
        uint8_t *without = draw(&scene.scene);
        for (int x = 0; x <= 6; x++) {
            for (int z = 0; z <= 6; z++) {
                v_vec3 point = v_vec3_make(-0.5f + 0.4f * (float)x, 0, -1.5f + 0.5f * (float)z);
                double difference = probe(with, &scene.scene, point, 1) - probe(without, &scene.scene, point, 1);
                assert_true(fabs(difference) < 1.0);
            }
        }
        v_vec3 toward = v_vec3_normalize_or(v_vec3_neg(scene.lights[0].direction), v_vec3_make(0, 1, 0));
        v_vec3 bright = v_vec3_mul_add(scene.items[1].pos_m, toward, 0.8f);
        assert_true(fabs(probe(with, &scene.scene, bright, 1) - probe(without, &scene.scene, bright, 1)) < 1.0);
        free(with);
        free(without);
    }
}

static void shadows_begin_where_the_caster_stands(void **state)
{
    (void)state;
    test_scene_fill(&scene);
    scene.scene.item_count = 1;
    scene.scene.light_count = 1;
    test_scene_add(&scene, V_MESH_BOX, v_vec3_make(0, 0.5f, 0), v_vec3_make(0.5f, 0.5f, 0.5f), v_vec3_make(1, 1, 1));
    scene.lights[0].direction = v_vec3_make(1, -1, 0);
    uint8_t *pixels = draw(&scene.scene);
    const v_vec3 touching = { 0.56f, 0, 0.2f }, outside = { 1.9f, 0, 0.2f };
    assert_true(probe(pixels, &scene.scene, touching, 0) < 0.6 * probe(pixels, &scene.scene, outside, 0));
    free(pixels);
}

static void the_colour_of_a_light_colours_what_it_lights(void **state)
{
    (void)state;
    test_scene_fill(&scene);
    scene.scene.item_count = 1;
    scene.scene.light_count = 1;
    const v_vec3 spot = { 0.3f, 0, 0.4f };
    double red_share[2];
    for (int i = 0; i < 2; i++) {
        scene.lights[0].color = i == 0 ? v_vec3_make(1, 0.1f, 0.1f) : v_vec3_make(0.1f, 0.1f, 1);
        uint8_t *pixels = draw(&scene.scene);
        red_share[i] = probe(pixels, &scene.scene, spot, 0) / probe(pixels, &scene.scene, spot, 2);
        free(pixels);
    }
    assert_true(red_share[0] > 1.5 && red_share[1] < 0.7);
}

static void a_point_light_ends_at_its_range(void **state)
{
    (void)state;
    test_scene_fill(&scene);
    scene.scene.item_count = 1;
    scene.lights[0] = (v_scene_light){
        .kind = V_LIGHT_POINT, .pos_m = { 0, 1, 1 }, .color = { 1, 1, 1 }, .intensity = 3, .range_m = 2.0f
    };
    scene.scene.light_count = 1;
    uint8_t *lit = draw(&scene.scene);
    scene.scene.light_count = 0;
    uint8_t *dark = draw(&scene.scene);
    const v_vec3 under = { 0, 0, 1 }, beyond = { -2.3f, 0, 1 };
    assert_true(probe(lit, &scene.scene, under, 1) > probe(dark, &scene.scene, under, 1) + 40);
    assert_true(fabs(probe(lit, &scene.scene, beyond, 1) - probe(dark, &scene.scene, beyond, 1)) < 1.5);
    free(lit);
    free(dark);
}

// The tone curve and encoding in double, as the shader's sources state them.
static double expected_byte(double radiance)
{
    double a = radiance * (radiance + 0.0245786) - 0.000090537;
    double b = radiance * (0.983729 * radiance + 0.4329510) + 0.238081;
    double linear = fmin(fmax(a / b, 0), 1); // for grey the two colour matrices cancel to within 1/1000
    return 255 * (linear <= 0.0031308 ? 12.92 * linear : 1.055 * pow(linear, 1 / 2.4) - 0.055);
}

static void radiance_reaches_the_picture_through_tone_curve_and_srgb(void **state)
{
    (void)state;
    const float levels[] = { 0.02f, 0.1f, 0.18f, 0.3f, 0.44f }; // doubled: below where the bloom begins
    for (size_t i = 0; i < V_COUNT_OF(levels); i++) {
        // A black wall that glows, and no light: its radiance is exact.
        v_scene_item wall = { .mesh = V_MESH_BOX, .pos_m = { 0, 0, -3 }, .size_m = { 9, 9, 0.5f } };
        wall.emissive = v_vec3_make(levels[i], levels[i], levels[i]);
        wall.metallic = 1.0f;
        v_scene dark = { .items = &wall,
                         .item_count = 1,
                         .camera_target_m = { 0, 0, -1 },
                         .sky_zenith = { 1e-6f, 1e-6f, 1e-6f },
                         .exposure = 2.0f };
        uint8_t *pixels = draw(&dark);
        const uint8_t *middle = pixels + ((HEIGHT / 2) * WIDTH + WIDTH / 2) * 4;
        for (int channel = 0; channel < 3; channel++) {
            assert_true(fabs(middle[channel] - expected_byte(2.0 * (double)levels[i])) < 2.0);
        }
        assert_int_equal(middle[3], 255);
        free(pixels);
    }
}

static void resizing_gives_pictures_of_the_new_size(void **state)
{
    (void)state;
    test_scene_fill(&scene);
    const uint32_t sizes[][2] = { { 16, 16 }, { 333, 77 }, { 64, 400 }, { WIDTH, HEIGHT } };
    for (size_t i = 0; i < V_COUNT_OF(sizes); i++) {
        assert_ok(v_renderer_set_size(frame.renderer, sizes[i][0], sizes[i][1]));
        uint32_t width = 0, height = 0;
        v_renderer_get_size(frame.renderer, &width, &height);
        assert_int_equal(width, sizes[i][0]);
        assert_int_equal(height, sizes[i][1]);
        free(draw(&scene.scene));
    }
    assert_fails(v_renderer_set_size(frame.renderer, 8, 8), V_ERROR_INVALID_ARGUMENT, "8x8");
    assert_fails(v_renderer_set_size(frame.renderer, 64, 99999), V_ERROR_INVALID_ARGUMENT, "64x99999");
    assert_ok(v_renderer_draw(frame.renderer, &scene.scene));
}

static void an_empty_scene_shows_the_sky(void **state)
{
    (void)state;
    v_scene empty = { .camera_pos_m = { 0, 1, 0 }, .camera_target_m = { 0, 1, -1 } };
    uint8_t *pixels = draw(&empty);
    const uint8_t *high = pixels + (4 * WIDTH + WIDTH / 2) * 4,
                  *low = pixels + ((HEIGHT / 2 - 1) * WIDTH + WIDTH / 2) * 4;
    assert_true(low[2] > high[2] + 20); // brighter at the horizon, and blue
    assert_true(low[2] > low[0]);
    free(pixels);
}

static void ten_thousand_items_are_drawn_and_culled(void **state)
{
    (void)state;
    enum { COUNT = 10000 };
    v_scene_item *items = calloc(COUNT, sizeof *items);
    assert_non_null(items);
    v_random random = v_random_seed(2, 2);
    for (int i = 0; i < COUNT; i++) {
        items[i] = (v_scene_item){ .mesh = (v_mesh_kind)(i % 3),
                                   .pos_m = { v_random_range(&random, -60, 60), v_random_range(&random, 0, 5),
                                              v_random_range(&random, -60, 60) },
                                   .size_m = { 0.2f, 0.2f, 0.2f },
                                   .base_color = { 0.5f, 0.4f, 0.3f } };
    }
    test_scene_fill(&scene);
    v_scene crowd = scene.scene;
    crowd.items = items;
    crowd.item_count = COUNT;
    free(draw(&crowd));
    v_renderer_stats stats = v_renderer_get_stats(frame.renderer);
    assert_int_equal(stats.items, COUNT);
    assert_in_range(stats.culled, COUNT / 4, COUNT - 100);
    assert_in_range(stats.draws, 10, 60);
    free(items);
}

static void a_steady_frame_allocates_nothing(void **state)
{
    (void)state;
    test_scene_fill(&scene);
    for (int i = 0; i < 4; i++) {
        assert_ok(v_renderer_draw(frame.renderer, &scene.scene));
    }
    uint64_t before = v_counted_allocator_read(&frame.counted).alloc_count;
    v_gpu_stats device_before = v_gpu_get_stats(frame.gpu);
    for (int i = 0; i < 8; i++) {
        scene.items[7].pos_m.x += 0.01f;
        scene.scene.time_s += 1.0f / 60.0f;
        assert_ok(v_renderer_draw(frame.renderer, &scene.scene));
    }
    assert_int_equal(v_counted_allocator_read(&frame.counted).alloc_count, before);
    assert_int_equal(v_gpu_get_stats(frame.gpu).device_allocations, device_before.device_allocations);
    assert_int_equal(v_gpu_get_stats(frame.gpu).textures, device_before.textures);
}

static void bad_scenes_draw_nothing_and_the_next_frame_is_well(void **state)
{
    (void)state;
    test_scene_fill(&scene);
    uint8_t *before = draw(&scene.scene);
    uint64_t frames = v_renderer_get_stats(frame.renderer).frames;
    scene.items[3].pos_m.y = NAN;
    assert_fails(v_renderer_draw(frame.renderer, &scene.scene), V_ERROR_INVALID_ARGUMENT, "items[3].pos_m.y");
    assert_int_equal(v_renderer_get_stats(frame.renderer).frames, frames);
    test_scene_fill(&scene);
    uint8_t *after = draw(&scene.scene);
    assert_memory_equal(before, after, BYTES);
    free(before);
    free(after);
}

static void supersampling_keeps_the_picture_and_refines_it(void **state)
{
    (void)state;
    test_scene_fill(&scene);
    uint8_t *plain = draw(&scene.scene);
    v_renderer *fine = NULL;
    assert_ok(v_renderer_create(
        &(v_renderer_desc){
            .gpu = frame.gpu, .width_px = WIDTH, .height_px = HEIGHT, .shadow_px = 1024, .supersample = 2 },
        &fine));
    assert_ok(v_renderer_draw(fine, &scene.scene));
    uint8_t *pixels = malloc(BYTES);
    assert_non_null(pixels);
    assert_ok(v_renderer_read_pixels(fine, pixels, BYTES));
    v_image_difference difference;
    assert_ok(v_image_compare(plain, pixels, WIDTH, HEIGHT, 2, &difference));
    assert_true(difference.changed_pixels > 0 && difference.similarity > 0.9);
    assert_int_equal(v_gpu_validation_message_count(frame.gpu), 0);
    v_renderer_destroy(fine);
    free(pixels);
    free(plain);
}

static void bad_arguments_are_errors(void **state)
{
    (void)state;
    v_renderer *none = (v_renderer *)(uintptr_t)1;
    assert_fails(v_renderer_create(NULL, &none), V_ERROR_INVALID_ARGUMENT, "desc is null");
    assert_null(none);
    assert_fails(v_renderer_create(&(v_renderer_desc){ .width_px = 64, .height_px = 64 }, &none),
                 V_ERROR_INVALID_ARGUMENT, "desc.gpu");
    assert_fails(v_renderer_create(&(v_renderer_desc){ .gpu = frame.gpu, .width_px = 15, .height_px = 64 }, &none),
                 V_ERROR_INVALID_ARGUMENT, "15x64");
    v_renderer_desc bad = { .gpu = frame.gpu, .width_px = 64, .height_px = 64, .shadow_px = 3 };
    assert_fails(v_renderer_create(&bad, &none), V_ERROR_INVALID_ARGUMENT, "shadow_px");
    bad.shadow_px = 0;
    bad.supersample = 5;
    assert_fails(v_renderer_create(&bad, &none), V_ERROR_INVALID_ARGUMENT, "supersample");
    assert_fails(v_renderer_draw(NULL, NULL), V_ERROR_INVALID_ARGUMENT, "renderer is null");
    assert_fails(v_renderer_draw(frame.renderer, NULL), V_ERROR_INVALID_ARGUMENT, "scene is null");
    uint8_t pixel[4];
    test_scene_fill(&scene);
    assert_ok(v_renderer_draw(frame.renderer, &scene.scene));
    assert_fails(v_renderer_read_pixels(frame.renderer, pixel, 4), V_ERROR_INVALID_ARGUMENT, "need 147456");
    assert_fails(v_renderer_read_pixels(frame.renderer, NULL, 4), V_ERROR_INVALID_ARGUMENT, "out_pixels");
    v_renderer *fresh = NULL;
    assert_ok(v_renderer_create(&(v_renderer_desc){ .gpu = frame.gpu, .width_px = 16, .height_px = 16 }, &fresh));
    static uint8_t small[16 * 16 * 4];
    assert_fails(v_renderer_read_pixels(fresh, small, sizeof small), V_ERROR_STATE, "nothing has been drawn");
    v_renderer_destroy(fresh);
    v_renderer_destroy(NULL);
}

static void the_frame_graph_is_told_as_graphviz(void **state)
{
    (void)state;
    test_scene_fill(&scene);
    assert_ok(v_renderer_draw(frame.renderer, &scene.scene));
    char *text = NULL;
    assert_ok(v_renderer_graph_dot(frame.renderer, &text));
    const char *const passes[] = { "shadow map", "half-size geometry", "ambient occlusion", "lighting and sky",
                                   "bloom 1/4",  "tone curve",         "smooth edges" };
    assert_non_null(strstr(text, "digraph"));
    for (size_t i = 0; i < V_COUNT_OF(passes); i++) {
        assert_non_null(strstr(text, passes[i]));
    }
    v_free(&frame.counted.allocator, text, strlen(text) + 1, 1);
}

// The last test rather than a group teardown: cmocka's exit code ignores a teardown that fails.
static void closing_leaves_no_memory_and_no_validation_message(void **state)
{
    (void)state;
    test_frame_close(&frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_scene_gives_the_same_bytes),
        cmocka_unit_test(a_moved_item_changes_the_picture),
        cmocka_unit_test(a_caster_darkens_the_ground_behind_it),
        cmocka_unit_test(lit_surfaces_have_no_shadow_acne),
        cmocka_unit_test(shadows_begin_where_the_caster_stands),
        cmocka_unit_test(the_colour_of_a_light_colours_what_it_lights),
        cmocka_unit_test(a_point_light_ends_at_its_range),
        cmocka_unit_test(radiance_reaches_the_picture_through_tone_curve_and_srgb),
        cmocka_unit_test(resizing_gives_pictures_of_the_new_size),
        cmocka_unit_test(an_empty_scene_shows_the_sky),
        cmocka_unit_test(ten_thousand_items_are_drawn_and_culled),
        cmocka_unit_test(a_steady_frame_allocates_nothing),
        cmocka_unit_test(bad_scenes_draw_nothing_and_the_next_frame_is_well),
        cmocka_unit_test(supersampling_keeps_the_picture_and_refines_it),
        cmocka_unit_test(bad_arguments_are_errors),
        cmocka_unit_test(the_frame_graph_is_told_as_graphviz),
        cmocka_unit_test(closing_leaves_no_memory_and_no_validation_message),
    };
    return cmocka_run_group_tests(tests, open_frame, NULL);
}
