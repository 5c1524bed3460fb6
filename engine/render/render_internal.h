// Shared inside engine/render: meshes, shapes, the camera, the shadow fit and the data that shaders read.
#ifndef RENDER_INTERNAL_H
#define RENDER_INTERNAL_H

#include "v/render.h"

#include <stdio.h>

#define RENDER_SIZE_MAX_PX       16384u
#define RENDER_SIZE_MIN_PX       16u
#define RENDER_ITEMS_MAX         (1u << 20)
#define RENDER_LIGHTS_MAX        16
#define RENDER_PATH_MAX          4096
#define RENDER_DEFAULT_NEAR_M    0.1f
#define RENDER_DEFAULT_FAR_M     500.0f
#define RENDER_DEFAULT_FOV_RAD   (V_PI / 3.0f)
#define RENDER_DEFAULT_ROUGHNESS 0.6f

// Meshes.
// ---------------------------------------------------------------------------------------------------------------

/// A vertex stands at core * extent + offset * radius; see mesh.c.
typedef struct render_vertex {
    v_vec3 core, offset, normal;
} render_vertex;

typedef struct render_mesh {
    render_vertex *vertices;
    uint16_t *indices; ///< Triangles, counter-clockwise from outside.
    uint32_t vertex_count, index_count;
    uint32_t vertex_capacity, index_capacity;
} render_mesh;

/// In drawing order: planes last, because what stands on them hides most of them.
typedef enum render_mesh_id {
    RENDER_MESH_BOX_FINE,
    RENDER_MESH_BOX_COARSE,
    RENDER_MESH_BOX_FLAT,
    RENDER_MESH_SPHERE_FINE,
    RENDER_MESH_SPHERE_MEDIUM,
    RENDER_MESH_SPHERE_COARSE,
    RENDER_MESH_CAPSULE_FINE,
    RENDER_MESH_CAPSULE_COARSE,
    RENDER_MESH_PLANE,
    RENDER_MESH_COUNT
} render_mesh_id;

v_status render_mesh_build(render_mesh_id id, const v_allocator *allocator, render_mesh *out_mesh);
void render_mesh_destroy(render_mesh *mesh, const v_allocator *allocator);

// Scene.
// ----------------------------------------------------------------------------------------------------------------

/// Every number of the scene is finite and in its range, or an error that names the field.
v_status render_scene_check(const v_scene *scene);

/// An item's body: the box ±extent_m along its axes, swept by a sphere.
typedef struct render_shape {
    v_vec3 pos_m;
    v_mat3 axes;
    v_quat rot;
    v_vec3 extent_m;
    float radius_m;
} render_shape;

render_shape render_item_shape(const v_scene_item *item);
/// How far the shape reaches from its centre along a unit direction.
float render_shape_reach(const render_shape *shape, v_vec3 direction);

// Camera.
// ---------------------------------------------------------------------------------------------------------------

typedef struct render_camera {
    v_vec3 pos_m, right, up, forward;
    float tan_x, tan_y; ///< Slopes of the right and upper edges of view.
    float near_m, far_m;
    float pixels_per_slope; ///< Pixels that one metre covers at one metre's distance.
    v_mat4 world_to_clip;   ///< Vulkan clip space, reversed depth.
} render_camera;

render_camera render_camera_make(const v_scene *scene, uint32_t width_px, uint32_t height_px);
/// False only when no point of the shape is in view.
bool render_camera_sees(const render_camera *camera, const render_shape *shape);
/// The level of detail that this distance needs.
render_mesh_id render_camera_mesh(const render_camera *camera, v_mesh_kind kind, const render_shape *shape);

// Shadow.
// ---------------------------------------------------------------------------------------------------------------

typedef struct render_shadow {
    v_vec3 axes[3]; ///< Right, down and the way light travels.
    float center[2], half_m;
    float near_m, far_m; ///< Along axes[2], absolute.
    float texel_m;
    float reach_m; ///< Shadows have faded at this distance from the camera.
} render_shadow;

render_shadow render_shadow_fit(const render_camera *camera, v_vec3 light_direction, const v_scene_item *items,
                                const render_shape *shapes, uint32_t count, uint32_t size_px);
/// True when the shape casts and its shadow can fall into the map.
bool render_shadow_holds(const render_shadow *shadow, v_mesh_kind kind, const render_shape *shape);
/// World to map as rows of an affine matrix: x and y in -1..1, depth in 0..1.
void render_shadow_rows(const render_shadow *shadow, v_vec4 out_rows[3]);

// Shader data. Mirrors shaders/frame.glsl and shaders/instance.glsl, field for field.
// ------------------------------------

typedef struct render_instance {
    v_vec3 pos_m;
    float radius_m;
    v_quat rot;
    v_vec3 extent_m;
    float checker_m;
    v_vec3 base_color;
    float roughness;
    v_vec3 emissive;
    float metallic;
} render_instance;
_Static_assert(sizeof(render_instance) == 80, "instance.glsl reads five vec4");

typedef struct render_light {
    v_vec3 place;
    float range_m;
    v_vec3 color;
    float unused;
} render_light;

typedef struct render_frame {
    v_mat4 world_to_clip;
    v_vec4 shadow_rows[3];
    v_vec4 camera_pos, camera_right, camera_up, camera_forward;
    v_vec4 sky_zenith, sky_horizon, sky_ground;
    v_vec4 sun_toward, sun_color;
    v_vec4 shadow, lit_size, half_size;
    render_light lights[RENDER_LIGHTS_MAX];
} render_frame;
_Static_assert(sizeof(render_frame) == 64 + 15 * 16 + RENDER_LIGHTS_MAX * 32, "frame.glsl, std140");

typedef struct render_sizes {
    uint32_t width_px, height_px; ///< The picture.
    uint32_t supersample;         ///< Lit pixels per picture pixel and edge.
    uint32_t lit_width_px, lit_height_px;
    uint32_t half_width_px, half_height_px; ///< Occlusion: half the picture, whatever the supersampling.
    uint32_t shadow_px;
} render_sizes;

/// The first directional light, null when there is none.
const v_scene_light *render_scene_sun(const v_scene *scene);
/// `shadow` null: the sun casts none.
void render_frame_fill(render_frame *frame, const v_scene *scene, const render_camera *camera,
                       const render_shadow *shadow, const render_sizes *sizes);

// Draw list.
// ------------------------------------------------------------------------------------------------------------

typedef struct render_draw {
    uint32_t first_instance, instance_count;
} render_draw;

typedef struct render_sort_entry {
    uint16_t key;
    uint32_t item;
} render_sort_entry;

/// What a frame draws. Memory grows with the largest scene and is kept.
typedef struct render_draw_list {
    const v_allocator *allocator;
    uint32_t capacity;
    uint32_t count, seen, casting;      ///< Items of the scene, in view, in the shadow map.
    render_shape *shapes;               ///< Per item.
    uint8_t *camera_mesh, *shadow_mesh; ///< Per item; RENDER_MESH_COUNT: not drawn.
    render_sort_entry *order[2];        ///< Items in view, nearest first; the second is the sort's other half.
    render_draw camera_draws[RENDER_MESH_COUNT], shadow_draws[RENDER_MESH_COUNT];
} render_draw_list;

v_status render_draw_list_reserve(render_draw_list *list, const v_allocator *allocator, uint32_t count);
void render_draw_list_destroy(render_draw_list *list, const v_allocator *allocator);
/// Shapes, and what the camera sees. The list must have room for the scene's items.
void render_draw_list_see(render_draw_list *list, const v_scene *scene, const render_camera *camera);
/// What the shadow map holds; after render_draw_list_see.
void render_draw_list_cast(render_draw_list *list, const v_scene *scene, const render_shadow *shadow);
/// `seen + casting` instances, each once, and the draws that use them.
void render_draw_list_write(render_draw_list *list, const v_scene *scene, render_instance *out_instances);

// Capture.
// --------------------------------------------------------------------------------------------------------------

v_status render_check_picture(const char *function, const void *pixels, uint32_t width_px, uint32_t height_px);
/// PNG bytes from the C heap; null when out of memory.
unsigned char *render_png_encode(const void *pixels, uint32_t width_px, uint32_t height_px, int *out_size_bytes);

#endif
