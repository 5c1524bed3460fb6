// v/render.h: draws a scene with Vulkan into an image or a window. Floor 3: it reads a scene, never a world.
//
//     v_renderer_create(&(v_renderer_desc){ .gpu = gpu, .width_px = 1280, .height_px = 720 }, &renderer);
//     v_renderer_draw(renderer, &scene);
//     v_renderer_read_pixels(renderer, pixels, sizeof pixels);      // RGBA8, sRGB, top row first
#ifndef V_RENDER_H
#define V_RENDER_H

#include "v/gpu.h"
#include "v/log.h"
#include "v/math.h"

V_EXTERN_C_BEGIN

typedef struct v_renderer v_renderer;

typedef enum v_mesh_kind { V_MESH_BOX, V_MESH_SPHERE, V_MESH_CAPSULE, V_MESH_PLANE, V_MESH_KIND_COUNT } v_mesh_kind;

/// One drawn thing. Plain data, filled each frame by the extraction step.
typedef struct v_scene_item {
    v_mesh_kind mesh;
    v_vec3 pos_m;
    v_quat rot;
    v_vec3 size_m;     ///< Box: half extents. Sphere: radius in x. Capsule: radius in x, half height in y. Plane: half
                       ///< extents x, z.
    v_vec3 base_color; ///< Linear, 0..1.
    float metallic, roughness; ///< 0..1; roughness 0 means the default 0.6.
    v_vec3 emissive;           ///< Linear radiance added.
    float checker_m;           ///< World-space checker of this cell size darkens the colour; 0: none.
} v_scene_item;

typedef enum v_light_kind { V_LIGHT_DIRECTIONAL, V_LIGHT_POINT } v_light_kind;
typedef struct v_scene_light {
    v_light_kind kind;
    v_vec3 direction; ///< Directional: the way light travels.
    v_vec3 pos_m;     ///< Point.
    v_vec3 color;     ///< Linear.
    float intensity;  ///< Directional: lux / 100,000 of noon; point: candela-like scale at 1 m.
    float range_m;    ///< Point: 0 beyond. Default 20.
    bool no_shadow;
} v_scene_light;

typedef struct v_scene {
    const v_scene_item *items;
    uint32_t item_count;
    const v_scene_light *lights; ///< The first directional one casts the shadow map. At most 16 are used.
    uint32_t light_count;
    v_vec3 camera_pos_m, camera_target_m;
    float vertical_fov_rad;                       ///< Default 60°.
    float near_m, far_m;                          ///< Defaults 0.1 and 500.
    v_vec3 sky_zenith, sky_horizon, ground_color; ///< Linear; all zero: a default sky.
    float exposure;                               ///< Default 1.
    float time_s;                                 ///< tick / tick_hz, for animated sky. Not a clock.
} v_scene;

typedef struct v_renderer_desc {
    v_gpu *gpu; ///< Borrowed.
    const v_allocator *allocator;
    v_log *log;
    uint32_t width_px, height_px; ///< Image target size; 16..16384. Ignored with a window.
    struct v_window *window;      ///< From v/gpu.h; null: headless.
    uint32_t shadow_px;           ///< Default 2048.
    uint32_t supersample; ///< Lit pixels per picture pixel and edge, 1..4, default 1; 2 costs four times, for stills.
} v_renderer_desc;

V_API v_status v_renderer_create(const v_renderer_desc *desc, v_renderer **out_renderer);
V_API void v_renderer_destroy(v_renderer *renderer);
/// Draw one frame. With a window it is also presented; a minimised window draws nothing and returns V_OK.
V_API v_status v_renderer_draw(v_renderer *renderer, const v_scene *scene);
V_API void v_renderer_get_size(const v_renderer *renderer, uint32_t *out_width_px, uint32_t *out_height_px);
/// Change the size of a headless renderer's picture. With a window V_ERROR_STATE: the picture follows the window.
V_API v_status v_renderer_set_size(v_renderer *renderer, uint32_t width_px, uint32_t height_px);
/// The latest frame as RGBA8 sRGB, top row first; size_bytes must be width * height * 4. Waits for the GPU.
V_API v_status v_renderer_read_pixels(v_renderer *renderer, void *out_pixels, size_t size_bytes);
/// GraphViz text of the latest frame's render graph. Freed by the caller with v_free(allocator, text, strlen + 1, 1).
V_API v_status v_renderer_graph_dot(v_renderer *renderer, char **out_text);

typedef struct v_renderer_stats {
    uint64_t frames;
    uint32_t draws, items, culled;
    uint64_t cpu_ns, gpu_ns; ///< Of the latest finished frame; gpu_ns 0 without timestamps.
} v_renderer_stats;
V_API v_renderer_stats v_renderer_get_stats(const v_renderer *renderer);

// Capture (E24).
//
/// Write RGBA8 pixels as PNG. The same pixels give the same bytes.
V_API v_status v_png_write(const char *path, const void *pixels, uint32_t width_px, uint32_t height_px);

/// How two pictures differ.
typedef struct v_image_difference {
    uint64_t changed_pixels; ///< Pixels with a channel that differs by more than the tolerance.
    uint8_t max_difference;  ///< Of any channel.
    double mean_difference;  ///< Over all channels, 0..255.
    double similarity;       ///< Mean structural similarity of luma (SSIM): 1 equal, below 0.9 plainly different.
} v_image_difference;
/// Compare two RGBA8 pictures of one size. Any thread.
V_API v_status v_image_compare(const void *pixels_a, const void *pixels_b, uint32_t width_px, uint32_t height_px,
                               uint8_t tolerance, v_image_difference *out_difference);

/// Video as YUV4MPEG2 (.y4m, 4:2:0, BT.601) written by the engine; any other extension is piped through the ffmpeg
/// program when it is installed (else V_ERROR_UNSUPPORTED names the package).
typedef struct v_video v_video;
V_API v_status v_video_create(const v_allocator *allocator, const char *path, uint32_t width_px, uint32_t height_px,
                              uint32_t fps, v_video **out_video);
V_API v_status v_video_frame(v_video *video, const void *pixels);
/// Finish the file; the status of everything. Null is allowed.
V_API v_status v_video_destroy(v_video *video);

V_EXTERN_C_END
#endif
