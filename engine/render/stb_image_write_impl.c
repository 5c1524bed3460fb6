// The one place that compiles stb_image_write's code; its warnings are not ours to fix.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wsign-conversion"
#pragma GCC diagnostic ignored "-Wmissing-prototypes"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#include <stb/stb_image_write.h>
#pragma GCC diagnostic pop

#include "render_internal.h"

unsigned char *render_png_encode(const void *pixels, uint32_t width_px, uint32_t height_px, int *out_size_bytes)
{
    // Filter and compression level are stb's fixed defaults, so the same pixels give the same bytes.
    return stbi_write_png_to_mem((const unsigned char *)pixels, (int)(width_px * 4), (int)width_px, (int)height_px, 4,
                                 out_size_bytes);
}
