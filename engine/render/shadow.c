// Fits the directional light's shadow map to what can cast into view, on a grid that holds still.
//
// The square covers the casters' bounds within the camera's reach. Its size moves in fixed steps and its corner on
// whole texels, so that a moving camera does not make shadow edges crawl (M. Valient, Stable Cascaded Shadow Maps).
// Receivers need no room of their own: outside the square nothing can cast, and beyond its depth the depth is clamped.
#include "render_internal.h"

#define SHADOW_REACH_M   90.0f  // shadows fade out by this distance from the camera
#define SHADOW_BEHIND_M  400.0f // casters this far toward the light of the view still count
#define SHADOW_RIM_TEXEL 6.0f   // empty rim for the filter kernel
#define SIZE_STEPS       4      // sizes per doubling

typedef struct light_bounds {
    float min[3], max[3];
    bool any;
} light_bounds;

// The smallest sphere round the view frustum between near_m and far_m, centred on the view axis.
static void view_sphere(const render_camera *camera, float far_m, v_vec3 *out_center_m, float *out_radius_m)
{
    float near_m = camera->near_m;
    float slope2 = camera->tan_x * camera->tan_x + camera->tan_y * camera->tan_y;
    float center_m = 0.5f * (far_m + near_m) * (1.0f + slope2);
    if (center_m > far_m) {
        center_m = far_m; // a wide view: the far rectangle's own circle is the widest part
    }
    float rest_m = far_m - center_m;
    *out_center_m = v_vec3_mul_add(camera->pos_m, camera->forward, center_m);
    *out_radius_m = sqrtf(rest_m * rest_m + far_m * far_m * slope2);
}

static void grow(light_bounds *bounds, const float low[3], const float high[3])
{
    for (int i = 0; i < 3; i++) {
        bounds->min[i] = bounds->any ? v_min(bounds->min[i], low[i]) : low[i];
        bounds->max[i] = bounds->any ? v_max(bounds->max[i], high[i]) : high[i];
    }
    bounds->any = true;
}

// Bounds in light axes of the casters that can darken something inside the view sphere, cut to the sphere's square.
static light_bounds caster_bounds(const render_shadow *shadow, const v_scene_item *items, const render_shape *shapes,
                                  uint32_t count, v_vec3 view_center_m, float view_radius_m)
{
    light_bounds bounds = { .any = false }; // all zero when nothing casts: a map that stays empty
    const v_vec3 *axes = shadow->axes;
    float view[3];
    for (int i = 0; i < 3; i++) {
        view[i] = v_vec3_dot(axes[i], view_center_m);
    }
    for (uint32_t s = 0; s < count; s++) {
        if (items[s].mesh == V_MESH_PLANE) {
            continue;
        }
        float low[3], high[3];
        bool reaches = true;
        for (int i = 0; i < 3; i++) {
            float middle = v_vec3_dot(axes[i], shapes[s].pos_m);
            float reach = render_shape_reach(&shapes[s], axes[i]);
            float behind_m = i == 2 ? view_radius_m + SHADOW_BEHIND_M : view_radius_m;
            low[i] = v_max(middle - reach, view[i] - behind_m);
            high[i] = v_min(middle + reach, view[i] + view_radius_m);
            reaches = reaches && low[i] <= high[i];
        }
        if (reaches) {
            grow(&bounds, low, high);
        }
    }
    return bounds;
}

// The next size of the ladder 2^(k / SIZE_STEPS) that holds `half_m`.
static float ladder_size(float half_m)
{
    float step = v_ceil(v_log2(half_m) * (float)SIZE_STEPS - 1e-4f);
    return v_exp2(step / (float)SIZE_STEPS);
}

render_shadow render_shadow_fit(const render_camera *camera, v_vec3 light_direction, const v_scene_item *items,
                                const render_shape *shapes, uint32_t count, uint32_t size_px)
{
    render_shadow shadow = { .reach_m = v_min(camera->far_m, SHADOW_REACH_M) };
    v_vec3 forward = v_vec3_normalize_or(light_direction, v_vec3_make(0, -1, 0));
    v_vec3 up = fabsf(forward.y) > 0.99f ? v_vec3_make(0, 0, 1) : v_vec3_make(0, 1, 0);
    shadow.axes[0] = v_vec3_normalize_or(v_vec3_cross(forward, up), v_vec3_make(1, 0, 0));
    shadow.axes[1] = v_vec3_cross(forward, shadow.axes[0]); // down, as the map's rows run
    shadow.axes[2] = forward;

    v_vec3 view_center_m;
    float view_radius_m;
    view_sphere(camera, shadow.reach_m, &view_center_m, &view_radius_m);
    light_bounds bounds = caster_bounds(&shadow, items, shapes, count, view_center_m, view_radius_m);
    float half_m = 0.5f * v_max(bounds.max[0] - bounds.min[0], bounds.max[1] - bounds.min[1]);
    float rim = 1.0f + 2.0f * (SHADOW_RIM_TEXEL + 1.0f) / (float)size_px;
    shadow.half_m = ladder_size(v_max(half_m, 0.5f) * rim);
    shadow.texel_m = 2.0f * shadow.half_m / (float)size_px;
    for (int i = 0; i < 2; i++) {
        float middle = 0.5f * (bounds.min[i] + bounds.max[i]);
        shadow.center[i] = v_round(middle / shadow.texel_m) * shadow.texel_m;
    }
    // A metre of air at either end keeps the clamped receivers and the bias away from the limits.
    shadow.near_m = v_floor(bounds.min[2]) - 1.0f;
    shadow.far_m = v_ceil(bounds.max[2]) + 1.0f;
    return shadow;
}

bool render_shadow_holds(const render_shadow *shadow, v_mesh_kind kind, const render_shape *shape)
{
    if (kind == V_MESH_PLANE) {
        return false;
    }
    for (int i = 0; i < 2; i++) {
        float away = fabsf(v_vec3_dot(shadow->axes[i], shape->pos_m) - shadow->center[i]);
        if (away - render_shape_reach(shape, shadow->axes[i]) > shadow->half_m) {
            return false;
        }
    }
    float depth = v_vec3_dot(shadow->axes[2], shape->pos_m);
    float reach = render_shape_reach(shape, shadow->axes[2]);
    return depth + reach >= shadow->near_m && depth - reach <= shadow->far_m;
}

void render_shadow_rows(const render_shadow *shadow, v_vec4 out_rows[3])
{
    float depth_scale = 1.0f / (shadow->far_m - shadow->near_m);
    const float scale[3] = { 1.0f / shadow->half_m, 1.0f / shadow->half_m, depth_scale };
    const float middle[3] = { shadow->center[0], shadow->center[1], shadow->near_m };
    for (int i = 0; i < 3; i++) {
        v_vec3 axis = v_vec3_scale(shadow->axes[i], scale[i]);
        out_rows[i] = (v_vec4){ axis.x, axis.y, axis.z, -middle[i] * scale[i] };
    }
}
