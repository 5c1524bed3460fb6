// Screenshots, video and the comparison of pictures (E24).
#include "test_render.h"

#include "v/file.h"

#include <math.h>
#include <unistd.h>

#include <stb/stb_image.h>

#define FOLDER V_BINARY_DIR "/test_capture"

static int make_folder(void **state)
{
    (void)state;
    return v_directory_create(FOLDER) == V_OK ? 0 : -1;
}

static uint8_t *random_picture(uint32_t width_px, uint32_t height_px, uint64_t seed)
{
    size_t size = (size_t)width_px * height_px * 4;
    uint8_t *pixels = malloc(size);
    assert_non_null(pixels);
    v_random random = v_random_seed(seed, 1);
    for (size_t i = 0; i < size; i++) {
        // Smooth ramps with some noise: compresses like a picture and uses every PNG filter.
        pixels[i] = (uint8_t)((i / 16 + v_random_below(&random, 9)) & 0xff);
    }
    return pixels;
}

static void png_files_decode_to_the_same_pixels(void **state)
{
    (void)state;
    const uint32_t sizes[][2] = { { 1, 1 }, { 3, 2 }, { 17, 31 }, { 320, 180 } };
    for (size_t i = 0; i < V_COUNT_OF(sizes); i++) {
        uint32_t width = sizes[i][0], height = sizes[i][1];
        uint8_t *pixels = random_picture(width, height, i);
        assert_ok(v_png_write(FOLDER "/round_trip.png", pixels, width, height));
        int out_width = 0, out_height = 0, channels = 0;
        uint8_t *decoded = stbi_load(FOLDER "/round_trip.png", &out_width, &out_height, &channels, 0);
        assert_non_null(decoded);
        assert_int_equal(out_width, width);
        assert_int_equal(out_height, height);
        assert_int_equal(channels, 4);
        assert_memory_equal(decoded, pixels, (size_t)width * height * 4);
        stbi_image_free(decoded);
        free(pixels);
    }
}

static void the_same_pixels_give_the_same_png_bytes(void **state)
{
    (void)state;
    uint8_t *pixels = random_picture(64, 48, 5);
    v_blob first, second;
    assert_ok(v_png_write(FOLDER "/first.png", pixels, 64, 48));
    assert_ok(v_png_write(FOLDER "/second.png", pixels, 64, 48));
    assert_ok(v_file_read(FOLDER "/first.png", NULL, 0, &first));
    assert_ok(v_file_read(FOLDER "/second.png", NULL, 0, &second));
    assert_int_equal(first.size_bytes, second.size_bytes);
    assert_memory_equal(first.data, second.data, first.size_bytes);
    v_blob_free(&first, NULL);
    v_blob_free(&second, NULL);
    free(pixels);
}

static void bad_png_arguments_and_paths_are_errors(void **state)
{
    (void)state;
    uint8_t pixels[4] = { 0 };
    assert_fails(v_png_write(NULL, pixels, 1, 1), V_ERROR_INVALID_ARGUMENT, "path");
    assert_fails(v_png_write("", pixels, 1, 1), V_ERROR_INVALID_ARGUMENT, "path");
    assert_fails(v_png_write(FOLDER "/x.png", NULL, 1, 1), V_ERROR_INVALID_ARGUMENT, "pixels");
    assert_fails(v_png_write(FOLDER "/x.png", pixels, 0, 1), V_ERROR_INVALID_ARGUMENT, "0x1");
    assert_fails(v_png_write(FOLDER "/x.png", pixels, 1, 99999), V_ERROR_INVALID_ARGUMENT, "1x99999");
    assert_fails(v_png_write(FOLDER "/missing/x.png", pixels, 1, 1), V_ERROR_NOT_FOUND, "missing");
}

// BT.601 with the studio range, in double, rounded: the definition that the fixed point must meet.
static void reference_yuv(const double rgb[3], double out[3])
{
    double r = rgb[0] / 255, g = rgb[1] / 255, b = rgb[2] / 255;
    double y = 0.299 * r + 0.587 * g + 0.114 * b;
    out[0] = 16 + 219 * y;
    out[1] = 128 + 224 * (b - y) / 1.772;
    out[2] = 128 + 224 * (r - y) / 1.402;
}

static void check_chroma(const uint8_t *plane, size_t index, const uint8_t *pixels, uint32_t width, uint32_t height,
                         uint32_t x, uint32_t y, int channel)
{
    double sum[3] = { 0 }, count = 0, yuv[3];
    for (uint32_t dy = 0; dy < 2 && 2 * y + dy < height; dy++) {
        for (uint32_t dx = 0; dx < 2 && 2 * x + dx < width; dx++) {
            for (int c = 0; c < 3; c++) {
                sum[c] += pixels[((2 * y + dy) * width + 2 * x + dx) * 4 + (uint32_t)c];
            }
            count++;
        }
    }
    for (int c = 0; c < 3; c++) {
        sum[c] /= count;
    }
    reference_yuv(sum, yuv);
    assert_true(fabs(plane[index] - yuv[channel]) < 0.51);
}

static void y4m_files_have_header_size_and_values(void **state)
{
    (void)state;
    const uint32_t sizes[][2] = { { 16, 10 }, { 7, 5 } };
    for (size_t s = 0; s < V_COUNT_OF(sizes); s++) {
        uint32_t width = sizes[s][0], height = sizes[s][1];
        uint32_t chroma_width = (width + 1) / 2, chroma_height = (height + 1) / 2;
        uint8_t *frames[2] = { random_picture(width, height, 21), random_picture(width, height, 22) };
        v_video *video = NULL;
        assert_ok(v_video_create(NULL, FOLDER "/frames.Y4M", width, height, 60, &video));
        assert_ok(v_video_frame(video, frames[0]));
        assert_ok(v_video_frame(video, frames[1]));
        assert_ok(v_video_destroy(video));

        char header[128];
        int header_bytes = snprintf(header, sizeof header, "YUV4MPEG2 W%u H%u F60:1 Ip A1:1 C420jpeg\n", width, height);
        size_t frame_bytes = (size_t)width * height + 2 * (size_t)chroma_width * chroma_height;
        v_blob file;
        assert_ok(v_file_read(FOLDER "/frames.Y4M", NULL, 0, &file));
        assert_int_equal(file.size_bytes, (size_t)header_bytes + 2 * (6 + frame_bytes));
        assert_memory_equal(file.data, header, (size_t)header_bytes);
        for (int f = 0; f < 2; f++) {
            const uint8_t *frame = file.data + header_bytes + (size_t)f * (6 + frame_bytes);
            assert_memory_equal(frame, "FRAME\n", 6);
            frame += 6;
            for (size_t i = 0; i < (size_t)width * height; i++) {
                const double rgb[3] = { frames[f][4 * i], frames[f][4 * i + 1], frames[f][4 * i + 2] };
                double yuv[3];
                reference_yuv(rgb, yuv);
                assert_true(fabs(frame[i] - yuv[0]) < 0.51);
            }
            const uint8_t *cb = frame + (size_t)width * height, *cr = cb + (size_t)chroma_width * chroma_height;
            for (uint32_t y = 0; y < chroma_height; y++) {
                for (uint32_t x = 0; x < chroma_width; x++) {
                    check_chroma(cb, y * chroma_width + x, frames[f], width, height, x, y, 1);
                    check_chroma(cr, y * chroma_width + x, frames[f], width, height, x, y, 2);
                }
            }
        }
        v_blob_free(&file, NULL);
        free(frames[0]);
        free(frames[1]);
    }
}

static void bad_video_arguments_and_paths_are_errors(void **state)
{
    (void)state;
    v_video *video = (v_video *)(uintptr_t)1;
    assert_fails(v_video_create(NULL, NULL, 8, 8, 60, &video), V_ERROR_INVALID_ARGUMENT, "path");
    assert_null(video);
    assert_fails(v_video_create(NULL, "x.y4m", 8, 8, 60, NULL), V_ERROR_INVALID_ARGUMENT, "out_video");
    assert_fails(v_video_create(NULL, "x.y4m", 0, 8, 60, &video), V_ERROR_INVALID_ARGUMENT, "0x8");
    assert_fails(v_video_create(NULL, "x.y4m", 8, 8, 0, &video), V_ERROR_INVALID_ARGUMENT, "fps");
    assert_fails(v_video_create(NULL, FOLDER "/missing/x.y4m", 8, 8, 60, &video), V_ERROR_NOT_FOUND, "missing");
    assert_fails(v_video_frame(NULL, "x"), V_ERROR_INVALID_ARGUMENT, "video is null");
    assert_ok(v_video_destroy(NULL));
}

static void a_full_disk_is_reported_by_the_video(void **state)
{
    (void)state;
    if (access("/dev/full", W_OK) != 0) {
        skip();
    }
    (void)unlink(FOLDER "/full.y4m");
    assert_int_equal(symlink("/dev/full", FOLDER "/full.y4m"), 0);
    v_video *video = NULL;
    assert_ok(v_video_create(NULL, FOLDER "/full.y4m", 512, 512, 30, &video));
    uint8_t *pixels = random_picture(512, 512, 1);
    v_status status = v_video_frame(video, pixels);
    status = status == V_OK ? v_video_frame(video, pixels) : status;
    assert_int_equal(status, V_ERROR_IO);
    assert_fails(v_video_frame(video, pixels), V_ERROR_IO, "already failed");
    assert_int_equal(v_video_destroy(video), V_ERROR_IO);
    free(pixels);
}

static void other_extensions_need_ffmpeg_and_say_so(void **state)
{
    (void)state;
    char *path = strdup(getenv("PATH") != NULL ? getenv("PATH") : "");
    assert_int_equal(setenv("PATH", FOLDER, 1), 0);
    v_video *video = NULL;
    v_status status = v_video_create(NULL, FOLDER "/x.mp4", 64, 64, 30, &video);
    setenv("PATH", path, 1);
    free(path);
    assert_int_equal(status, V_ERROR_UNSUPPORTED);
    assert_non_null(strstr(v_status_message(), "install the package ffmpeg"));
    assert_null(video);
}

static void ffmpeg_writes_other_containers(void **state)
{
    (void)state;
    if (system("ffmpeg -version >/dev/null 2>&1") != 0) {
        skip();
    }
    v_video *video = NULL;
    (void)unlink(FOLDER "/clip.mkv");
    assert_ok(v_video_create(NULL, FOLDER "/clip.mkv", 65, 33, 30, &video));
    for (int i = 0; i < 5; i++) {
        uint8_t *pixels = random_picture(65, 33, (uint64_t)i);
        assert_ok(v_video_frame(video, pixels));
        free(pixels);
    }
    assert_ok(v_video_destroy(video));
    assert_true(v_file_exists(FOLDER "/clip.mkv"));
}

static void a_dead_encoder_is_an_error_and_no_signal(void **state)
{
    (void)state;
    // A program named ffmpeg that ends at once: sending to it must not raise SIGPIPE.
    assert_ok(v_directory_create(FOLDER "/bin"));
    FILE *script = fopen(FOLDER "/bin/ffmpeg", "w");
    assert_non_null(script);
    fputs("#!/bin/sh\nexit 3\n", script);
    fclose(script);
    assert_int_equal(system("chmod +x " FOLDER "/bin/ffmpeg"), 0);
    char *path = strdup(getenv("PATH") != NULL ? getenv("PATH") : "");
    char shadowed[4096];
    snprintf(shadowed, sizeof shadowed, FOLDER "/bin:%s", path);
    setenv("PATH", shadowed, 1);
    v_video *video = NULL;
    assert_ok(v_video_create(NULL, FOLDER "/dead.mp4", 640, 480, 30, &video));
    setenv("PATH", path, 1);
    free(path);
    uint8_t *pixels = random_picture(640, 480, 1);
    v_status status = V_OK;
    for (int i = 0; i < 8 && status == V_OK; i++) {
        status = v_video_frame(video, pixels);
    }
    assert_int_equal(status, V_ERROR_IO);
    assert_int_equal(v_video_destroy(video), V_ERROR_IO);
    free(pixels);
}

static void comparing_counts_changes_and_similarity_falls_with_damage(void **state)
{
    (void)state;
    enum { WIDTH = 96, HEIGHT = 64 };
    uint8_t *a = random_picture(WIDTH, HEIGHT, 8), *b = random_picture(WIDTH, HEIGHT, 8);
    v_image_difference difference;
    assert_ok(v_image_compare(a, b, WIDTH, HEIGHT, 2, &difference));
    assert_int_equal(difference.changed_pixels, 0);
    assert_int_equal(difference.max_difference, 0);
    assert_true(difference.mean_difference == 0 && fabs(difference.similarity - 1.0) < 1e-12);
    b[4 * 100 + 1] = (uint8_t)(a[4 * 100 + 1] ^ 2); // within the tolerance
    b[4 * 200 + 2] = (uint8_t)(a[4 * 200 + 2] ^ 64);
    assert_ok(v_image_compare(a, b, WIDTH, HEIGHT, 2, &difference));
    assert_int_equal(difference.changed_pixels, 1);
    assert_int_equal(difference.max_difference, 64);
    assert_true(fabs(difference.mean_difference - 66.0 / (WIDTH * HEIGHT * 4)) < 1e-12);
    double before = difference.similarity;
    for (int i = 0; i < WIDTH * HEIGHT * 4; i += 3) {
        b[i] = (uint8_t)(255 - b[i]);
    }
    assert_ok(v_image_compare(a, b, WIDTH, HEIGHT, 2, &difference));
    assert_true(before > 0.95 && difference.similarity < 0.6);
    assert_fails(v_image_compare(a, NULL, WIDTH, HEIGHT, 2, &difference), V_ERROR_INVALID_ARGUMENT, "pixels");
    assert_fails(v_image_compare(a, b, WIDTH, HEIGHT, 2, NULL), V_ERROR_INVALID_ARGUMENT, "out_difference");
    assert_ok(v_image_compare(a, b, 1, 1, 2, &difference)); // smaller than a box
    free(a);
    free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(png_files_decode_to_the_same_pixels),
        cmocka_unit_test(the_same_pixels_give_the_same_png_bytes),
        cmocka_unit_test(bad_png_arguments_and_paths_are_errors),
        cmocka_unit_test(y4m_files_have_header_size_and_values),
        cmocka_unit_test(bad_video_arguments_and_paths_are_errors),
        cmocka_unit_test(a_full_disk_is_reported_by_the_video),
        cmocka_unit_test(other_extensions_need_ffmpeg_and_say_so),
        cmocka_unit_test(ffmpeg_writes_other_containers),
        cmocka_unit_test(a_dead_encoder_is_an_error_and_no_signal),
        cmocka_unit_test(comparing_counts_changes_and_similarity_falls_with_damage),
    };
    return cmocka_run_group_tests(tests, make_folder, NULL);
}
