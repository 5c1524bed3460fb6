// The camera: its matrix, its frustum, what it sees and how finely.
#include "render_internal.h"

render_camera render_camera_make(const v_scene *scene, uint32_t width_px, uint32_t height_px)
{
    float fov_rad = scene->vertical_fov_rad > 0 ? scene->vertical_fov_rad : RENDER_DEFAULT_FOV_RAD;
    render_camera camera = {
        .pos_m = scene->camera_pos_m,
        .near_m = scene->near_m > 0 ? scene->near_m : RENDER_DEFAULT_NEAR_M,
        .far_m = scene->far_m > 0 ? scene->far_m : RENDER_DEFAULT_FAR_M,
    };
    v_vec3 toward = v_vec3_sub(scene->camera_target_m, scene->camera_pos_m);
    camera.forward = v_vec3_normalize_or(toward, v_vec3_make(0, 0, -1));
    // Looking straight up or down leaves y no say in the roll; then the top of the picture points to -z.
    bool steep = fabsf(camera.forward.y) > 0.9999f;
    v_vec3 up = steep ? v_vec3_make(0, 0, -1) : v_vec3_make(0, 1, 0);
    camera.right = v_vec3_normalize_or(v_vec3_cross(camera.forward, up), v_vec3_make(1, 0, 0));
    camera.up = v_vec3_cross(camera.right, camera.forward);
    float aspect = (float)width_px / (float)height_px;
    camera.tan_y = v_tan(0.5f * fov_rad);
    camera.tan_x = camera.tan_y * aspect;
    camera.pixels_per_slope = 0.5f * (float)height_px / camera.tan_y;

    // World to clip, composed by rows: x right, y down, w is the distance along the view, depth is reversed
    // (1 at near, 0 at far), so that float depth keeps its precision far away.
    float depth_scale = camera.near_m / (camera.far_m - camera.near_m);
    v_vec3 rows[4] = {
        v_vec3_scale(camera.right, 1.0f / camera.tan_x),
        v_vec3_scale(camera.up, -1.0f / camera.tan_y),
        v_vec3_scale(camera.forward, -depth_scale),
        camera.forward,
    };
    float offset[4];
    for (int i = 0; i < 4; i++) {
        offset[i] = -v_vec3_dot(rows[i], camera.pos_m);
    }
    offset[2] += depth_scale * camera.far_m;
    camera.world_to_clip.c[0] = (v_vec4){ rows[0].x, rows[1].x, rows[2].x, rows[3].x };
    camera.world_to_clip.c[1] = (v_vec4){ rows[0].y, rows[1].y, rows[2].y, rows[3].y };
    camera.world_to_clip.c[2] = (v_vec4){ rows[0].z, rows[1].z, rows[2].z, rows[3].z };
    camera.world_to_clip.c[3] = (v_vec4){ offset[0], offset[1], offset[2], offset[3] };
    return camera;
}

bool render_camera_sees(const render_camera *camera, const render_shape *shape)
{
    v_vec3 to_shape = v_vec3_sub(shape->pos_m, camera->pos_m);
    float along = v_vec3_dot(to_shape, camera->forward);
    float reach = render_shape_reach(shape, camera->forward);
    if (along + reach < camera->near_m || along - reach > camera->far_m) {
        return false;
    }
    // Side planes pass through the eye. Their inward normals are forward * tan ± sideways, up to a length that cancels.
    const v_vec3 inward[4] = {
        v_vec3_mul_add(camera->right, camera->forward, camera->tan_x),
        v_vec3_mul_add(v_vec3_neg(camera->right), camera->forward, camera->tan_x),
        v_vec3_mul_add(camera->up, camera->forward, camera->tan_y),
        v_vec3_mul_add(v_vec3_neg(camera->up), camera->forward, camera->tan_y),
    };
    for (int i = 0; i < 4; i++) {
        // render_shape_reach expects a unit normal for its sphere part.
        v_vec3 normal = v_vec3_normalize_or(inward[i], camera->forward);
        if (v_vec3_dot(to_shape, normal) + render_shape_reach(shape, normal) < 0) {
            return false;
        }
    }
    return true;
}

render_mesh_id render_camera_mesh(const render_camera *camera, v_mesh_kind kind, const render_shape *shape)
{
    float distance_m = v_vec3_distance(shape->pos_m, camera->pos_m);
    float nearest_m = v_max(distance_m - v_vec3_length(shape->extent_m) - shape->radius_m, camera->near_m);
    float round_px = shape->radius_m / nearest_m * camera->pixels_per_slope;
    switch (kind) {
    case V_MESH_BOX:
        return round_px > 6.0f ? RENDER_MESH_BOX_FINE : round_px > 0.7f ? RENDER_MESH_BOX_COARSE : RENDER_MESH_BOX_FLAT;
    case V_MESH_SPHERE:
        return round_px > 150.0f  ? RENDER_MESH_SPHERE_FINE
               : round_px > 30.0f ? RENDER_MESH_SPHERE_MEDIUM
                                  : RENDER_MESH_SPHERE_COARSE;
    case V_MESH_CAPSULE:
        return round_px > 25.0f ? RENDER_MESH_CAPSULE_FINE : RENDER_MESH_CAPSULE_COARSE;
    case V_MESH_PLANE:
    case V_MESH_KIND_COUNT:
        break;
    }
    return RENDER_MESH_PLANE;
}
