// Compares two pictures (E24): exact counts for the budget of a golden test, and structural similarity for the eye.
//
// Structural similarity after Z. Wang, A. Bovik, H. Sheikh, E. Simoncelli, "Image Quality Assessment: From Error
// Visibility to Structural Similarity" (2004), on luma, with 8x8 boxes every 4 pixels in place of the Gaussian window.
#include "render_internal.h"

#define BOX_PX  8
#define STEP_PX 4

static double luma_at(const uint8_t *pixels, size_t index)
{
    const uint8_t *p = pixels + index * 4;
    return 0.299 * p[0] + 0.587 * p[1] + 0.114 * p[2];
}

// Similarity of one box, 1 for equal ones. The constants are the paper's (0.01 and 0.03 of the 8-bit range, squared).
static double box_similarity(const uint8_t *a, const uint8_t *b, uint32_t width_px, uint32_t x0, uint32_t y0,
                             uint32_t box_width, uint32_t box_height)
{
    double sum_a = 0, sum_b = 0, square_a = 0, square_b = 0, product = 0;
    for (uint32_t y = y0; y < y0 + box_height; y++) {
        for (uint32_t x = x0; x < x0 + box_width; x++) {
            size_t index = (size_t)y * width_px + x;
            double value_a = luma_at(a, index), value_b = luma_at(b, index);
            sum_a += value_a;
            sum_b += value_b;
            square_a += value_a * value_a;
            square_b += value_b * value_b;
            product += value_a * value_b;
        }
    }
    double count = (double)box_width * box_height;
    double mean_a = sum_a / count, mean_b = sum_b / count;
    double variance_a = square_a / count - mean_a * mean_a, variance_b = square_b / count - mean_b * mean_b;
    double covariance = product / count - mean_a * mean_b;
    const double c1 = 6.5025, c2 = 58.5225;
    return (2 * mean_a * mean_b + c1) * (2 * covariance + c2) /
           ((mean_a * mean_a + mean_b * mean_b + c1) * (variance_a + variance_b + c2));
}

v_status v_image_compare(const void *pixels_a, const void *pixels_b, uint32_t width_px, uint32_t height_px,
                         uint8_t tolerance, v_image_difference *out_difference)
{
    V_TRY(render_check_picture("v_image_compare", pixels_a, width_px, height_px));
    V_TRY(render_check_picture("v_image_compare", pixels_b, width_px, height_px));
    if (out_difference == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_image_compare: out_difference is null");
    }
    const uint8_t *a = pixels_a, *b = pixels_b;
    v_image_difference difference = { 0 };
    uint64_t sum = 0;
    for (size_t i = 0; i < (size_t)width_px * height_px; i++) {
        uint8_t worst = 0;
        for (size_t c = 4 * i; c < 4 * i + 4; c++) {
            uint8_t delta = (uint8_t)(a[c] > b[c] ? a[c] - b[c] : b[c] - a[c]);
            worst = delta > worst ? delta : worst;
            sum += delta;
        }
        difference.changed_pixels += worst > tolerance;
        difference.max_difference = worst > difference.max_difference ? worst : difference.max_difference;
    }
    difference.mean_difference = (double)sum / ((double)width_px * height_px * 4);

    uint32_t box_width = width_px < BOX_PX ? width_px : BOX_PX, box_height = height_px < BOX_PX ? height_px : BOX_PX;
    double similarity = 0;
    uint64_t boxes = 0;
    for (uint32_t y = 0; y + box_height <= height_px; y += STEP_PX) {
        for (uint32_t x = 0; x + box_width <= width_px; x += STEP_PX) {
            similarity += box_similarity(a, b, width_px, x, y, box_width, box_height);
            boxes++;
        }
    }
    difference.similarity = similarity / (double)boxes;
    *out_difference = difference;
    return V_OK;
}
