// Fills the block of values that every shader of a frame reads.
#include "render_internal.h"

#include <string.h>

// A ship's deck under a distant sun: dusk-blue horizon, near-black zenith, and the deck's own light from below.
static const v_vec3 default_zenith = { 0.008f, 0.014f, 0.042f };
static const v_vec3 default_horizon = { 0.130f, 0.210f, 0.360f };
static const v_vec3 default_ground = { 0.085f, 0.080f, 0.090f };

#define POINT_DEFAULT_RANGE_M 20.0f

static v_vec4 pack(v_vec3 v, float w)
{
    return (v_vec4){ v.x, v.y, v.z, w };
}

static v_vec4 pack_size(uint32_t width_px, uint32_t height_px)
{
    return (v_vec4){ (float)width_px, (float)height_px, 1.0f / (float)width_px, 1.0f / (float)height_px };
}

static bool is_black(v_vec3 color)
{
    return color.x <= 0 && color.y <= 0 && color.z <= 0;
}

const v_scene_light *render_scene_sun(const v_scene *scene)
{
    for (uint32_t i = 0; i < scene->light_count && i < RENDER_LIGHTS_MAX; i++) {
        if (scene->lights[i].kind == V_LIGHT_DIRECTIONAL) {
            return &scene->lights[i];
        }
    }
    return NULL;
}

static uint32_t write_lights(render_frame *frame, const v_scene *scene, const v_scene_light *sun)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < scene->light_count && i < RENDER_LIGHTS_MAX; i++) {
        const v_scene_light *light = &scene->lights[i];
        if (light == sun) {
            continue;
        }
        render_light *out = &frame->lights[count++];
        out->color = v_vec3_scale(light->color, light->intensity);
        if (light->kind == V_LIGHT_POINT) {
            out->place = light->pos_m;
            out->range_m = light->range_m > 0 ? light->range_m : POINT_DEFAULT_RANGE_M;
        } else {
            out->place = v_vec3_normalize_or(v_vec3_neg(light->direction), v_vec3_make(0, 1, 0));
        }
    }
    return count;
}

void render_frame_fill(render_frame *frame, const v_scene *scene, const render_camera *camera,
                       const render_shadow *shadow, const render_sizes *sizes)
{
    memset(frame, 0, sizeof *frame);
    bool default_sky = is_black(scene->sky_zenith) && is_black(scene->sky_horizon) && is_black(scene->ground_color);
    const v_scene_light *sun = render_scene_sun(scene);
    float light_count = (float)write_lights(frame, scene, sun);
    frame->world_to_clip = camera->world_to_clip;
    frame->camera_pos = pack(camera->pos_m, scene->time_s);
    frame->camera_right = pack(camera->right, camera->tan_x);
    frame->camera_up = pack(camera->up, camera->tan_y);
    frame->camera_forward = pack(camera->forward, camera->near_m);
    frame->sky_zenith = pack(default_sky ? default_zenith : scene->sky_zenith, camera->far_m);
    frame->sky_horizon =
        pack(default_sky ? default_horizon : scene->sky_horizon, scene->exposure > 0 ? scene->exposure : 1.0f);
    frame->sky_ground = pack(default_sky ? default_ground : scene->ground_color, light_count);
    frame->lit_size = pack_size(sizes->lit_width_px, sizes->lit_height_px);
    frame->half_size = pack_size(sizes->half_width_px, sizes->half_height_px);
    if (sun == NULL) {
        return;
    }
    frame->sun_toward = pack(v_vec3_normalize_or(v_vec3_neg(sun->direction), v_vec3_make(0, 1, 0)), 1.0f);
    frame->sun_color = pack(v_vec3_scale(sun->color, sun->intensity), shadow != NULL ? 1.0f : 0.0f);
    if (shadow != NULL) {
        render_shadow_rows(shadow, frame->shadow_rows);
        frame->shadow = (v_vec4){ shadow->texel_m, 1.0f / (float)sizes->shadow_px, shadow->reach_m,
                                  shadow->far_m - shadow->near_m };
    }
}
