// The reference picture: the frame of a fixed scene stays within 2/255 per channel of tests/golden/frame.png.
//
// Drivers round differently, so a small budget of changed pixels is allowed. After a change that is meant to be seen:
// V_GOLDEN_UPDATE=1 build/<preset>/tests/test_render_golden, look at the picture, commit it.
#include "test_frame.h"

#include <stb/stb_image.h>

#define GOLDEN    V_SOURCE_DIR "/tests/golden/frame.png"
#define ACTUAL    V_BINARY_DIR "/golden_frame_actual.png"
#define TOLERANCE 2
#define BUDGET    0.01 // of all pixels

enum { WIDTH = 320, HEIGHT = 180 };

static void the_frame_matches_the_reference_picture(void **state)
{
    (void)state;
    test_frame frame;
    test_frame_open(&frame, WIDTH, HEIGHT);
    test_scene scene;
    test_scene_fill(&scene);
    assert_ok(v_renderer_draw(frame.renderer, &scene.scene));
    uint8_t *pixels = test_frame_read(&frame);
    if (getenv("V_GOLDEN_UPDATE") != NULL) {
        assert_ok(v_png_write(GOLDEN, pixels, WIDTH, HEIGHT));
    }
    int width = 0, height = 0, channels = 0;
    uint8_t *golden = stbi_load(GOLDEN, &width, &height, &channels, 4);
    assert_non_null(golden);
    assert_int_equal(width, WIDTH);
    assert_int_equal(height, HEIGHT);
    v_image_difference difference;
    assert_ok(v_image_compare(pixels, golden, WIDTH, HEIGHT, TOLERANCE, &difference));
    if ((double)difference.changed_pixels > BUDGET * WIDTH * HEIGHT || difference.similarity < 0.995) {
        assert_ok(v_png_write(ACTUAL, pixels, WIDTH, HEIGHT));
        fail_msg("%llu pixels differ by more than %d (at most %d), similarity %.4f: compare " ACTUAL " with " GOLDEN,
                 (unsigned long long)difference.changed_pixels, TOLERANCE, difference.max_difference,
                 difference.similarity);
    }
    stbi_image_free(golden);
    free(pixels);
    test_frame_close(&frame);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_frame_matches_the_reference_picture) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
