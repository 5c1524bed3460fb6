// Turns a scene's items into instances grouped by mesh: those in view, nearest first, then those that cast shadows.
#include "render_internal.h"

#define NOT_DRAWN    ((uint8_t)RENDER_MESH_COUNT)
#define SORT_BUCKETS 256u

v_status render_draw_list_reserve(render_draw_list *list, const v_allocator *allocator, uint32_t count)
{
    if (count <= list->capacity) {
        return V_OK;
    }
    uint32_t capacity = list->capacity > 0 ? list->capacity : 256;
    while (capacity < count) {
        capacity *= 2; // RENDER_ITEMS_MAX is a power of two, so this cannot overflow
    }
    render_draw_list_destroy(list, allocator);
    list->allocator = allocator;
    list->capacity = capacity;
    list->shapes = V_NEW_ARRAY(allocator, render_shape, capacity);
    list->camera_mesh = V_NEW_ARRAY(allocator, uint8_t, capacity);
    list->shadow_mesh = V_NEW_ARRAY(allocator, uint8_t, capacity);
    for (int i = 0; i < 2; i++) {
        list->order[i] = V_NEW_ARRAY(allocator, render_sort_entry, capacity);
    }
    if (list->shapes == NULL || list->camera_mesh == NULL || list->shadow_mesh == NULL || list->order[0] == NULL ||
        list->order[1] == NULL) {
        render_draw_list_destroy(list, allocator);
        return V_ERROR_OUT_OF_MEMORY;
    }
    return V_OK;
}

void render_draw_list_destroy(render_draw_list *list, const v_allocator *allocator)
{
    V_DELETE_ARRAY(allocator, list->shapes, list->capacity);
    V_DELETE_ARRAY(allocator, list->camera_mesh, list->capacity);
    V_DELETE_ARRAY(allocator, list->shadow_mesh, list->capacity);
    for (int i = 0; i < 2; i++) {
        V_DELETE_ARRAY(allocator, list->order[i], list->capacity);
    }
    *list = (render_draw_list){ 0 };
}

// Stable radix sort by the two bytes of the key; equal depths keep the scene's order, so frames are reproducible.
static void sort_by_key(render_draw_list *list, uint32_t count)
{
    for (int byte = 0; byte < 2; byte++) {
        const render_sort_entry *from = list->order[byte];
        render_sort_entry *to = list->order[1 - byte];
        uint32_t first[SORT_BUCKETS] = { 0 };
        for (uint32_t i = 0; i < count; i++) {
            first[(from[i].key >> (8 * byte)) & 0xff]++;
        }
        uint32_t sum = 0;
        for (uint32_t b = 0; b < SORT_BUCKETS; b++) {
            uint32_t in_bucket = first[b];
            first[b] = sum;
            sum += in_bucket;
        }
        for (uint32_t i = 0; i < count; i++) {
            to[first[(from[i].key >> (8 * byte)) & 0xff]++] = from[i];
        }
    }
}

// The upper half of a positive float's bits orders like the float itself, at 0.8 % steps.
static uint16_t depth_key(float depth_m)
{
    union {
        float f;
        uint32_t u;
    } bits = { v_max(depth_m, 0.0f) };
    return (uint16_t)(bits.u >> 16);
}

void render_draw_list_see(render_draw_list *list, const v_scene *scene, const render_camera *camera)
{
    uint32_t seen = 0;
    for (uint32_t i = 0; i < scene->item_count; i++) {
        const v_scene_item *item = &scene->items[i];
        render_shape *shape = &list->shapes[i];
        *shape = render_item_shape(item);
        list->shadow_mesh[i] = NOT_DRAWN;
        list->camera_mesh[i] = NOT_DRAWN;
        if (render_camera_sees(camera, shape)) {
            list->camera_mesh[i] = (uint8_t)render_camera_mesh(camera, item->mesh, shape);
            v_vec3 away = v_vec3_sub(shape->pos_m, camera->pos_m);
            list->order[0][seen++] = (render_sort_entry){ depth_key(v_vec3_dot(away, camera->forward)), i };
        }
    }
    sort_by_key(list, seen);
    list->seen = seen;
    list->casting = 0;
    list->count = scene->item_count;
}

void render_draw_list_cast(render_draw_list *list, const v_scene *scene, const render_shadow *shadow)
{
    // In the map a bevel is below a texel and a silhouette of 320 triangles is round.
    static const uint8_t mesh_of[V_MESH_KIND_COUNT] = { RENDER_MESH_BOX_FLAT, RENDER_MESH_SPHERE_COARSE,
                                                        RENDER_MESH_CAPSULE_COARSE, NOT_DRAWN };
    for (uint32_t i = 0; i < scene->item_count; i++) {
        if (render_shadow_holds(shadow, scene->items[i].mesh, &list->shapes[i])) {
            list->shadow_mesh[i] = mesh_of[scene->items[i].mesh];
            list->casting++;
        }
    }
}

static render_instance instance_of(const v_scene_item *item, const render_shape *shape)
{
    return (render_instance){
        .pos_m = shape->pos_m,
        .radius_m = shape->radius_m,
        .rot = shape->rot,
        .extent_m = shape->extent_m,
        .checker_m = item->checker_m,
        .base_color = item->base_color,
        .roughness = item->roughness > 0 ? item->roughness : RENDER_DEFAULT_ROUGHNESS,
        .emissive = item->emissive,
        .metallic = item->metallic,
    };
}

// Where each mesh's instances begin, from how many there are; returns the end.
static uint32_t place_draws(render_draw draws[RENDER_MESH_COUNT], uint32_t first)
{
    for (int mesh = 0; mesh < RENDER_MESH_COUNT; mesh++) {
        draws[mesh].first_instance = first;
        first += draws[mesh].instance_count;
    }
    return first;
}

void render_draw_list_write(render_draw_list *list, const v_scene *scene, render_instance *out_instances)
{
    for (int mesh = 0; mesh < RENDER_MESH_COUNT; mesh++) {
        list->camera_draws[mesh] = list->shadow_draws[mesh] = (render_draw){ 0 };
    }
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->camera_mesh[i] != NOT_DRAWN) {
            list->camera_draws[list->camera_mesh[i]].instance_count++;
        }
        if (list->shadow_mesh[i] != NOT_DRAWN) {
            list->shadow_draws[list->shadow_mesh[i]].instance_count++;
        }
    }
    uint32_t end = place_draws(list->camera_draws, 0);
    place_draws(list->shadow_draws, end);

    uint32_t next[RENDER_MESH_COUNT];
    for (int mesh = 0; mesh < RENDER_MESH_COUNT; mesh++) {
        next[mesh] = list->camera_draws[mesh].first_instance;
    }
    for (uint32_t s = 0; s < list->seen; s++) {
        uint32_t i = list->order[0][s].item;
        out_instances[next[list->camera_mesh[i]]++] = instance_of(&scene->items[i], &list->shapes[i]);
    }
    for (int mesh = 0; mesh < RENDER_MESH_COUNT; mesh++) {
        next[mesh] = list->shadow_draws[mesh].first_instance;
    }
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->shadow_mesh[i] != NOT_DRAWN) {
            out_instances[next[list->shadow_mesh[i]]++] = instance_of(&scene->items[i], &list->shapes[i]);
        }
    }
}
