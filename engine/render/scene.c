// Checks a scene by name and turns its items into shapes: a skeleton box swept by a sphere, placed in the world.
#include "render_internal.h"

#define BEVEL_FRACTION 0.12f // of a box's smallest half extent
#define BEVEL_MAX_M    0.03f

static v_status check_float(float value, float low, float high, const char *place, uint32_t index, const char *field)
{
    if (v_is_finite(value) && value >= low && value <= high) {
        return V_OK;
    }
    char where[64];
    if (index == UINT32_MAX) {
        snprintf(where, sizeof where, "%s", place);
    } else {
        snprintf(where, sizeof where, "%s[%u].", place, index);
    }
    return v_fail(V_ERROR_INVALID_ARGUMENT, "v_renderer_draw: scene.%s%s is %g; it must be a number in %g..%g", where,
                  field, (double)value, (double)low, (double)high);
}

static v_status check_vec3(v_vec3 value, float low, float high, const char *place, uint32_t index, const char *field)
{
    const float parts[3] = { value.x, value.y, value.z };
    for (int i = 0; i < 3; i++) {
        char name[48];
        snprintf(name, sizeof name, "%s.%c", field, "xyz"[i]);
        V_TRY(check_float(parts[i], low, high, place, index, name));
    }
    return V_OK;
}

// Far enough for any level, near enough that squares of distances stay finite.
#define WORLD_LIMIT_M 1e9f
#define COLOR_LIMIT   1e6f

static bool item_is_good(const v_scene_item *item)
{
    // One pass over plain comparisons: NaN fails every one of them. The slow path below finds the name.
    const v_vec3 *p = &item->pos_m, *s = &item->size_m, *c = &item->base_color, *e = &item->emissive;
    const v_quat *q = &item->rot;
    return (uint32_t)item->mesh < V_MESH_KIND_COUNT && fabsf(p->x) <= WORLD_LIMIT_M && fabsf(p->y) <= WORLD_LIMIT_M &&
           fabsf(p->z) <= WORLD_LIMIT_M && s->x >= 0 && s->y >= 0 && s->z >= 0 && s->x <= WORLD_LIMIT_M &&
           s->y <= WORLD_LIMIT_M && s->z <= WORLD_LIMIT_M && fabsf(q->x) <= 2 && fabsf(q->y) <= 2 && fabsf(q->z) <= 2 &&
           fabsf(q->w) <= 2 && c->x >= 0 && c->y >= 0 && c->z >= 0 && c->x <= 1 && c->y <= 1 && c->z <= 1 &&
           e->x >= 0 && e->y >= 0 && e->z >= 0 && e->x <= COLOR_LIMIT && e->y <= COLOR_LIMIT && e->z <= COLOR_LIMIT &&
           item->metallic >= 0 && item->metallic <= 1 && item->roughness >= 0 && item->roughness <= 1 &&
           item->checker_m >= 0 && item->checker_m <= WORLD_LIMIT_M;
}

static v_status check_item(const v_scene_item *item, uint32_t index)
{
    if (item_is_good(item)) {
        return V_OK;
    }
    if ((uint32_t)item->mesh >= V_MESH_KIND_COUNT) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_renderer_draw: scene.items[%u].mesh is %d; there are %d mesh kinds",
                      index, (int)item->mesh, (int)V_MESH_KIND_COUNT);
    }
    V_TRY(check_vec3(item->pos_m, -WORLD_LIMIT_M, WORLD_LIMIT_M, "items", index, "pos_m"));
    V_TRY(check_vec3(item->size_m, 0, WORLD_LIMIT_M, "items", index, "size_m"));
    V_TRY(check_vec3(v_vec3_make(item->rot.x, item->rot.y, item->rot.z), -2, 2, "items", index, "rot"));
    V_TRY(check_float(item->rot.w, -2, 2, "items", index, "rot.w"));
    V_TRY(check_vec3(item->base_color, 0, 1, "items", index, "base_color"));
    V_TRY(check_vec3(item->emissive, 0, COLOR_LIMIT, "items", index, "emissive"));
    V_TRY(check_float(item->metallic, 0, 1, "items", index, "metallic"));
    V_TRY(check_float(item->roughness, 0, 1, "items", index, "roughness"));
    return check_float(item->checker_m, 0, WORLD_LIMIT_M, "items", index, "checker_m");
}

static v_status check_light(const v_scene_light *light, uint32_t index)
{
    if (light->kind != V_LIGHT_DIRECTIONAL && light->kind != V_LIGHT_POINT) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_renderer_draw: scene.lights[%u].kind is %d, which no light has",
                      index, (int)light->kind);
    }
    V_TRY(check_vec3(light->color, 0, COLOR_LIMIT, "lights", index, "color"));
    V_TRY(check_float(light->intensity, 0, COLOR_LIMIT, "lights", index, "intensity"));
    V_TRY(check_float(light->range_m, 0, WORLD_LIMIT_M, "lights", index, "range_m"));
    V_TRY(check_vec3(light->pos_m, -WORLD_LIMIT_M, WORLD_LIMIT_M, "lights", index, "pos_m"));
    V_TRY(check_vec3(light->direction, -WORLD_LIMIT_M, WORLD_LIMIT_M, "lights", index, "direction"));
    if (light->kind == V_LIGHT_DIRECTIONAL && v_vec3_length(light->direction) < 1e-6f) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_renderer_draw: scene.lights[%u].direction has no length", index);
    }
    return V_OK;
}

static v_status check_camera(const v_scene *scene)
{
    const uint32_t whole = UINT32_MAX;
    V_TRY(check_vec3(scene->camera_pos_m, -WORLD_LIMIT_M, WORLD_LIMIT_M, "", whole, "camera_pos_m"));
    V_TRY(check_vec3(scene->camera_target_m, -WORLD_LIMIT_M, WORLD_LIMIT_M, "", whole, "camera_target_m"));
    V_TRY(check_float(scene->vertical_fov_rad, 0, 3.0f, "", whole, "vertical_fov_rad"));
    V_TRY(check_float(scene->near_m, 0, WORLD_LIMIT_M, "", whole, "near_m"));
    V_TRY(check_float(scene->far_m, 0, WORLD_LIMIT_M, "", whole, "far_m"));
    if (v_vec3_distance(scene->camera_pos_m, scene->camera_target_m) < 1e-6f) {
        return v_fail(V_ERROR_INVALID_ARGUMENT,
                      "v_renderer_draw: scene.camera_target_m equals camera_pos_m, so the camera looks nowhere");
    }
    float near_m = scene->near_m > 0 ? scene->near_m : RENDER_DEFAULT_NEAR_M;
    float far_m = scene->far_m > 0 ? scene->far_m : RENDER_DEFAULT_FAR_M;
    if (!(near_m < far_m)) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_renderer_draw: scene.near_m %g is not below far_m %g",
                      (double)near_m, (double)far_m);
    }
    return V_OK;
}

v_status render_scene_check(const v_scene *scene)
{
    if (scene == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_renderer_draw: scene is null");
    }
    if (scene->items == NULL && scene->item_count > 0) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_renderer_draw: scene.items is null but item_count is %u",
                      scene->item_count);
    }
    if (scene->item_count > RENDER_ITEMS_MAX) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_renderer_draw: scene.item_count is %u; at most %u are drawn",
                      scene->item_count, RENDER_ITEMS_MAX);
    }
    if (scene->lights == NULL && scene->light_count > 0) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_renderer_draw: scene.lights is null but light_count is %u",
                      scene->light_count);
    }
    const uint32_t whole = UINT32_MAX;
    V_TRY(check_camera(scene));
    V_TRY(check_vec3(scene->sky_zenith, 0, COLOR_LIMIT, "", whole, "sky_zenith"));
    V_TRY(check_vec3(scene->sky_horizon, 0, COLOR_LIMIT, "", whole, "sky_horizon"));
    V_TRY(check_vec3(scene->ground_color, 0, COLOR_LIMIT, "", whole, "ground_color"));
    V_TRY(check_float(scene->exposure, 0, COLOR_LIMIT, "", whole, "exposure"));
    V_TRY(check_float(scene->time_s, 0, 1e9f, "", whole, "time_s"));
    for (uint32_t i = 0; i < scene->light_count; i++) {
        V_TRY(check_light(&scene->lights[i], i));
    }
    for (uint32_t i = 0; i < scene->item_count; i++) {
        V_TRY(check_item(&scene->items[i], i));
    }
    return V_OK;
}

render_shape render_item_shape(const v_scene_item *item)
{
    render_shape shape = { .pos_m = item->pos_m, .rot = v_quat_normalize(item->rot) };
    shape.axes = v_mat3_from_quat(shape.rot);
    v_vec3 size = item->size_m;
    switch (item->mesh) {
    case V_MESH_BOX:
        shape.radius_m = v_min(BEVEL_MAX_M, BEVEL_FRACTION * v_min(size.x, v_min(size.y, size.z)));
        shape.extent_m = v_vec3_sub(size, v_vec3_make(shape.radius_m, shape.radius_m, shape.radius_m));
        break;
    case V_MESH_SPHERE:
        shape.radius_m = size.x;
        break;
    case V_MESH_CAPSULE:
        shape.radius_m = size.x;
        shape.extent_m = v_vec3_make(0, size.y, 0);
        break;
    case V_MESH_PLANE:
        shape.extent_m = v_vec3_make(size.x, 0, size.z);
        break;
    case V_MESH_KIND_COUNT:
        break;
    }
    return shape;
}

float render_shape_reach(const render_shape *shape, v_vec3 direction)
{
    return fabsf(v_vec3_dot(direction, shape->axes.c[0])) * shape->extent_m.x +
           fabsf(v_vec3_dot(direction, shape->axes.c[1])) * shape->extent_m.y +
           fabsf(v_vec3_dot(direction, shape->axes.c[2])) * shape->extent_m.z + shape->radius_m;
}
