// The one place that compiles stb_image_write's code; module.cmake silences its warnings for this file.
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#include <stb/stb_image_write.h>

#include "render_internal.h"

unsigned char *render_png_encode(const void *pixels, uint32_t width_px, uint32_t height_px, int *out_size_bytes)
{
    // Filter and compression level are stb's fixed defaults, so the same pixels give the same bytes.
    return stbi_write_png_to_mem((const unsigned char *)pixels, (int)(width_px * 4), (int)width_px, (int)height_px, 4,
                                 out_size_bytes);
}
