// Screenshots as PNG (E24), encoded by stb_image_write and put in place as whole files.
#include "render_internal.h"

#include "v/file.h"

#include <stdlib.h>

v_status render_check_picture(const char *function, const void *pixels, uint32_t width_px, uint32_t height_px)
{
    if (pixels == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "%s: pixels is null", function);
    }
    if (width_px == 0 || height_px == 0 || width_px > RENDER_SIZE_MAX_PX || height_px > RENDER_SIZE_MAX_PX) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "%s: size %ux%u is outside 1..%u pixels", function, width_px, height_px,
                      RENDER_SIZE_MAX_PX);
    }
    return V_OK;
}

v_status v_png_write(const char *path, const void *pixels, uint32_t width_px, uint32_t height_px)
{
    if (path == NULL || path[0] == '\0') {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_png_write: path is empty");
    }
    V_TRY(render_check_picture("v_png_write", pixels, width_px, height_px));
    int size_bytes = 0;
    unsigned char *png = render_png_encode(pixels, width_px, height_px, &size_bytes);
    if (png == NULL) {
        return v_fail(V_ERROR_OUT_OF_MEMORY, "v_png_write: no memory to encode %ux%u pixels", width_px, height_px);
    }
    v_status status = v_file_write(path, png, (size_t)size_bytes);
    free(png); // stb took it from the C heap
    return status;
}
