// The level format: TOML text into checked, flat data.
#include "v/level.h"

#include "level_reader.h"
#include "v/container.h"
#include "v/file.h"
#include "v/hash.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define LENGTH_MAX 1.0e4
#define POS_MAX    1.0e6

static const level_range any_pos = { -POS_MAX, POS_MAX };
static const level_range any_length = { 1.0e-3, LENGTH_MAX };
static const level_range any_color = { 0.0, 100.0 };
static const level_range any_speed = { -2000.0, 2000.0 }; // what v_body_create takes
static const level_range any_spin = { -400.0, 400.0 };
static const level_range any_direction = { -1.0e4, 1.0e4 };
static const level_range any_unit = { 0.0, 1.0 };

struct v_level {
    const v_allocator *allocator;
    v_level_data data;
    V_ARRAY(v_level_material) materials;
    V_ARRAY(v_level_entity) entities;
    V_ARRAY(v_level_light) lights;
    V_ARRAY(v_level_push) pushes;
    v_map material_ids, group_ids, entity_ids; // hash of the id → index; only ever looked up
};

#define CHECK_KEYS(reader, table, ...)                                                                                 \
    do {                                                                                                               \
        static const char *const known_keys[] = { __VA_ARGS__ };                                                       \
        level_check_keys((reader), (table), known_keys, V_COUNT_OF(known_keys));                                       \
    } while (0)

static void read_header(level_reader *reader, const v_toml_node *root, v_level_data *data)
{
    CHECK_KEYS(reader, root, "format", "name", "seed", "gravity_m_s2", "camera", "sky", "light", "material", "entity",
               "push");
    if (v_toml_find(root, "format") == NULL && reader->status == V_OK) {
        reader->status =
            v_fail(V_ERROR_BAD_INPUT, "%s:1:1: format: missing, write format = 1 at the top", reader->document->name);
    }
    (void)level_uint(reader, root, "format", 1, 1, 1);
    if (!level_text(reader, root, "name", data->name, sizeof(data->name))) {
        snprintf(data->name, sizeof(data->name), "level");
    }
    data->seed = level_uint(reader, root, "seed", 1, 0, INT64_MAX);
    data->gravity_m_s2 =
        level_vec3(reader, root, "gravity_m_s2", v_vec3_make(0.0f, -9.81f, 0.0f), (level_range){ -1000.0, 1000.0 });
}

static const v_toml_node *find_table(level_reader *reader, const v_toml_node *root, const char *key)
{
    const v_toml_node *node = v_toml_find(root, key);
    return node != NULL && level_check_type(reader, node, V_TOML_TABLE) ? node : NULL;
}

static void read_camera(level_reader *reader, const v_toml_node *root, v_level_data *data)
{
    const v_toml_node *camera = find_table(reader, root, "camera");
    if (camera != NULL) {
        CHECK_KEYS(reader, camera, "pos_m", "target_m", "fov_deg");
    }
    data->camera_pos_m = level_vec3(reader, camera, "pos_m", v_vec3_make(12.0f, 7.0f, 14.0f), any_pos);
    data->camera_target_m = level_vec3(reader, camera, "target_m", v_vec3_make(0.0f, 1.0f, 0.0f), any_pos);
    data->camera_fov_rad = level_float(reader, camera, "fov_deg", 55.0f, (level_range){ 5.0, 150.0 }) * (V_PI / 180.0f);
    if (camera != NULL && v_vec3_distance(data->camera_pos_m, data->camera_target_m) < 1e-3f) {
        level_fail(reader, camera, "camera: pos_m and target_m are the same point");
    }
}

static void read_sky(level_reader *reader, const v_toml_node *root, v_level_data *data)
{
    const v_toml_node *sky = find_table(reader, root, "sky");
    if (sky != NULL) {
        CHECK_KEYS(reader, sky, "zenith", "horizon", "ground", "exposure");
    }
    v_vec3 none = { 0.0f, 0.0f, 0.0f };
    data->sky_zenith = level_vec3(reader, sky, "zenith", none, any_color);
    data->sky_horizon = level_vec3(reader, sky, "horizon", none, any_color);
    data->sky_ground = level_vec3(reader, sky, "ground", none, any_color);
    data->exposure = level_float(reader, sky, "exposure", 1.0f, (level_range){ 0.01, 100.0 });
}

// Ids: an insertion into `ids` under the text's hash. Two texts with one 64-bit hash are refused like duplicates.
static v_status add_id(level_reader *reader, v_map *ids, const v_toml_node *node, const char *what, const char *id,
                       uint64_t index)
{
    uint64_t key = v_hash64_text(id);
    if (v_map_find(ids, key) != NULL) {
        level_fail(reader, node, "%s: id \"%s\" is taken, ids must be unique", what, id);
        return reader->status;
    }
    return v_map_set(ids, key, index);
}

static v_status read_materials(level_reader *reader, const v_toml_node *root, v_level *level)
{
    V_TRY(V_ARRAY_PUSH(&level->materials, level->allocator,
                       (v_level_material){ .base_color = { 0.6f, 0.6f, 0.62f }, .roughness = 0.7f }));
    const v_toml_node *table = find_table(reader, root, "material");
    const v_toml_node *node = table != NULL ? table->first_child : NULL;
    for (; node != NULL && reader->status == V_OK; node = node->next_sibling) {
        if (!level_check_type(reader, node, V_TOML_TABLE)) {
            break;
        }
        CHECK_KEYS(reader, node, "base_color", "emissive", "metallic", "roughness", "checker_m");
        if (level->materials.count > V_LEVEL_MATERIALS_MAX || node->key_size_bytes == 0 ||
            node->key_size_bytes >= V_LEVEL_ID_BYTES || strlen(node->key) != node->key_size_bytes) {
            level_fail(reader, node, "material: at most %u materials with ids of 1 to %u bytes",
                       (unsigned)V_LEVEL_MATERIALS_MAX, (unsigned)V_LEVEL_ID_BYTES - 1);
            break;
        }
        v_level_material material = {
            .base_color = level_vec3(reader, node, "base_color", v_vec3_make(0.6f, 0.6f, 0.62f), any_unit),
            .emissive = level_vec3(reader, node, "emissive", v_vec3_make(0.0f, 0.0f, 0.0f), any_color),
            .metallic = level_float(reader, node, "metallic", 0.0f, any_unit),
            .roughness = level_float(reader, node, "roughness", 0.7f, (level_range){ 0.02, 1.0 }),
            .checker_m = level_float(reader, node, "checker_m", 0.0f, (level_range){ 0.0, 1000.0 }),
        };
        memcpy(material.id, node->key, node->key_size_bytes);
        V_TRY(add_id(reader, &level->material_ids, node, "material", material.id, level->materials.count));
        V_TRY(V_ARRAY_PUSH(&level->materials, level->allocator, material));
    }
    return reader->status;
}

static const v_toml_node *find_array(level_reader *reader, const v_toml_node *root, const char *key)
{
    const v_toml_node *node = v_toml_find(root, key);
    return node != NULL && level_check_type(reader, node, V_TOML_ARRAY) ? node->first_child : NULL;
}

static v_status read_lights(level_reader *reader, const v_toml_node *root, v_level *level)
{
    static const char *const kinds[] = { "directional", "point" };
    const v_toml_node *node = find_array(reader, root, "light");
    for (; node != NULL && reader->status == V_OK && level_check_type(reader, node, V_TOML_TABLE);
         node = node->next_sibling) {
        CHECK_KEYS(reader, node, "kind", "direction", "pos_m", "color", "intensity", "range_m", "shadow");
        v_level_light light = {
            .directional = level_choice(reader, node, "kind", 0, kinds, V_COUNT_OF(kinds)) == 0,
            .direction = level_vec3(reader, node, "direction", v_vec3_make(-0.5f, -1.0f, -0.3f), any_direction),
            .pos_m = level_vec3(reader, node, "pos_m", v_vec3_make(0.0f, 5.0f, 0.0f), any_pos),
            .color = level_vec3(reader, node, "color", v_vec3_make(1.0f, 1.0f, 1.0f), any_color),
            .intensity = level_float(reader, node, "intensity", 1.0f, (level_range){ 0.0, 1.0e6 }),
            .range_m = level_float(reader, node, "range_m", 20.0f, (level_range){ 0.1, 1.0e4 }),
            .no_shadow = !level_bool(reader, node, "shadow", true),
        };
        if (v_vec3_length(light.direction) < 1e-6f) {
            level_fail(reader, node, "light.direction: is zero, must point the way the light travels");
        }
        if (level->lights.count == V_LEVEL_LIGHTS_MAX) {
            level_fail(reader, node, "light: more than %u lights", (unsigned)V_LEVEL_LIGHTS_MAX);
        }
        V_TRY(reader->status);
        V_TRY(V_ARRAY_PUSH(&level->lights, level->allocator, light));
    }
    return reader->status;
}

static void read_shape(level_reader *reader, const v_toml_node *node, v_level_entity *entity)
{
    static const char *const shapes[] = { "box", "sphere", "capsule" };
    static const char *const sizes[] = { "half_extents_m", "radius_m", "radius_m" };
    if (v_toml_find(node, "shape") == NULL) {
        level_fail(reader, node, "entity.shape: missing, must be \"box\", \"sphere\" or \"capsule\"");
    }
    uint32_t shape = level_choice(reader, node, "shape", 0, shapes, V_COUNT_OF(shapes));
    entity->shape = (v_level_shape)shape;
    const char *needed = sizes[shape];
    if (v_toml_find(node, needed) == NULL) {
        level_fail(reader, node, "entity.%s: missing, a %s needs it", needed, shapes[shape]);
    }
    if (shape == V_LEVEL_SHAPE_CAPSULE && v_toml_find(node, "half_height_m") == NULL) {
        level_fail(reader, node, "entity.half_height_m: missing, a capsule needs it");
    }
    entity->half_extents_m = level_vec3(reader, node, "half_extents_m", v_vec3_make(0.5f, 0.5f, 0.5f), any_length);
    entity->radius_m = level_float(reader, node, "radius_m", 0.5f, any_length);
    entity->half_height_m = level_float(reader, node, "half_height_m", 0.5f, any_length);
}

static uint32_t read_material_of(level_reader *reader, const v_toml_node *node, const v_level *level)
{
    char id[V_LEVEL_ID_BYTES];
    if (!level_text(reader, node, "material", id, sizeof(id))) {
        return 0;
    }
    const uint64_t *index = v_map_find(&level->material_ids, v_hash64_text(id));
    if (index == NULL) {
        level_fail(reader, v_toml_find(node, "material"),
                   "entity.material: \"%s\" is not a [material.%s] of this level", id, id);
        return 0;
    }
    return (uint32_t)*index;
}

static v_level_entity read_entity(level_reader *reader, const v_toml_node *node, const v_level *level)
{
    static const char *const bodies[] = { "none", "static", "dynamic" };
    CHECK_KEYS(reader, node, "id", "shape", "body", "half_extents_m", "radius_m", "half_height_m", "pos_m", "rot_deg",
               "velocity_m_s", "angular_velocity_rad_s", "density_kg_m3", "friction", "restitution", "gravity_scale",
               "material", "grid");
    v_level_entity entity = { .group = level->data.group_count };
    if (!level_text(reader, node, "id", entity.id, sizeof(entity.id))) {
        level_fail(reader, node, "entity.id: missing, give each [[entity]] a unique id");
    }
    read_shape(reader, node, &entity);
    entity.body = (v_level_body)level_choice(reader, node, "body", V_LEVEL_BODY_STATIC, bodies, V_COUNT_OF(bodies));
    v_vec3 zero = { 0.0f, 0.0f, 0.0f };
    entity.pos_m = level_vec3(reader, node, "pos_m", zero, any_pos);
    v_vec3 rot_deg = level_vec3(reader, node, "rot_deg", zero, (level_range){ -3600.0, 3600.0 });
    v_vec3 rot_rad = v_vec3_scale(rot_deg, V_PI / 180.0f);
    entity.rot = v_quat_from_yaw_pitch_roll(rot_rad.x, rot_rad.y, rot_rad.z);
    entity.velocity_m_s = level_vec3(reader, node, "velocity_m_s", zero, any_speed);
    entity.angular_velocity_rad_s = level_vec3(reader, node, "angular_velocity_rad_s", zero, any_spin);
    entity.density_kg_m3 = level_float(reader, node, "density_kg_m3", 1000.0f, (level_range){ 0.001, 1.0e6 });
    entity.friction = level_float(reader, node, "friction", 0.6f, (level_range){ 0.0, 10.0 });
    entity.restitution = level_float(reader, node, "restitution", 0.0f, any_unit);
    entity.gravity_scale = level_float(reader, node, "gravity_scale", 1.0f, (level_range){ -100.0, 100.0 });
    entity.material = read_material_of(reader, node, level);
    return entity;
}

typedef struct level_grid {
    uint32_t count[3];
    v_vec3 step_m;
} level_grid;

// grid = { count = [x, y, z], step_m = [x, y, z] }: copies of one entity, x fastest, centred on pos_m in x and z.
static level_grid read_grid(level_reader *reader, const v_toml_node *node, const v_level *level)
{
    level_grid grid = { .count = { 1, 1, 1 } };
    const v_toml_node *table = find_table(reader, node, "grid");
    if (table == NULL) {
        return grid;
    }
    CHECK_KEYS(reader, table, "count", "step_m");
    v_vec3 counts = level_vec3(reader, table, "count", v_vec3_make(1.0f, 1.0f, 1.0f), (level_range){ 1.0, 1.0e9 });
    grid.step_m =
        level_vec3(reader, table, "step_m", v_vec3_make(1.0f, 1.0f, 1.0f), (level_range){ -LENGTH_MAX, LENGTH_MAX });
    double total = (double)counts.x * (double)counts.y * (double)counts.z;
    double limit = V_LEVEL_ENTITIES_MAX - (double)level->entities.count;
    if (total > limit) {
        level_fail(reader, v_toml_find(table, "count"),
                   "grid.count: makes %.0f entities, a level holds %u and %u are used", total,
                   (unsigned)V_LEVEL_ENTITIES_MAX, level->entities.count);
        return grid;
    }
    if (counts.x != v_floor(counts.x) || counts.y != v_floor(counts.y) || counts.z != v_floor(counts.z)) {
        level_fail(reader, v_toml_find(table, "count"), "grid.count: must be three whole numbers");
        return grid;
    }
    grid.count[0] = (uint32_t)counts.x;
    grid.count[1] = (uint32_t)counts.y;
    grid.count[2] = (uint32_t)counts.z;
    return grid;
}

static v_status add_copies(level_reader *reader, const v_toml_node *node, v_level *level, const v_level_entity *entity,
                           level_grid grid)
{
    uint32_t total = grid.count[0] * grid.count[1] * grid.count[2];
    for (uint32_t i = 0; i < total; i++) {
        v_level_entity copy = *entity;
        if (v_toml_find(node, "grid") != NULL) {
            int length = snprintf(copy.id, sizeof(copy.id), "%s[%u]", entity->id, i);
            if (length < 0 || (size_t)length >= sizeof(copy.id)) {
                level_fail(reader, node, "entity.id: \"%s\" is too long for the members of its grid", entity->id);
                return reader->status;
            }
        }
        uint32_t column = i % grid.count[0], layer = i / grid.count[0] % grid.count[1];
        uint32_t row = i / grid.count[0] / grid.count[1];
        float x = (float)column - 0.5f * (float)(grid.count[0] - 1);
        float y = (float)layer;
        float z = (float)row - 0.5f * (float)(grid.count[2] - 1);
        copy.pos_m = v_vec3_add(entity->pos_m, v_vec3_mul(v_vec3_make(x, y, z), grid.step_m));
        float reach_m = v_max(v_max(fabsf(copy.pos_m.x), fabsf(copy.pos_m.y)), fabsf(copy.pos_m.z));
        if (!(reach_m <= (float)POS_MAX)) {
            level_fail(reader, v_toml_find(node, "grid"), "entity.grid: puts \"%s\" at (%g, %g, %g), beyond %g m",
                       copy.id, (double)copy.pos_m.x, (double)copy.pos_m.y, (double)copy.pos_m.z, POS_MAX);
            return reader->status;
        }
        V_TRY(add_id(reader, &level->entity_ids, node, "entity", copy.id, level->entities.count));
        V_TRY(V_ARRAY_PUSH(&level->entities, level->allocator, copy));
    }
    return V_OK;
}

static v_status read_entities(level_reader *reader, const v_toml_node *root, v_level *level)
{
    const v_toml_node *node = find_array(reader, root, "entity");
    for (; node != NULL && reader->status == V_OK && level_check_type(reader, node, V_TOML_TABLE);
         node = node->next_sibling) {
        v_level_entity entity = read_entity(reader, node, level);
        level_grid grid = read_grid(reader, node, level);
        V_TRY(reader->status);
        V_TRY(add_id(reader, &level->group_ids, node, "entity", entity.id, level->data.group_count));
        V_TRY(add_copies(reader, node, level, &entity, grid));
        level->data.group_count++;
    }
    return reader->status;
}

static bool group_is_dynamic(const v_level *level, uint64_t group)
{
    uint32_t i = 0;
    while (i < level->entities.count && level->entities.items[i].group != group) {
        i++;
    }
    return i < level->entities.count && level->entities.items[i].body == V_LEVEL_BODY_DYNAMIC;
}

static v_status read_pushes(level_reader *reader, const v_toml_node *root, v_level *level)
{
    const v_toml_node *node = find_array(reader, root, "push");
    for (; node != NULL && reader->status == V_OK && level_check_type(reader, node, V_TOML_TABLE);
         node = node->next_sibling) {
        CHECK_KEYS(reader, node, "target", "first_tick", "last_tick", "every_ticks", "impulse_min_n_s",
                   "impulse_max_n_s");
        char id[V_LEVEL_ID_BYTES] = "";
        bool named = level_text(reader, node, "target", id, sizeof(id));
        const uint64_t *group = named ? v_map_find(&level->group_ids, v_hash64_text(id)) : NULL;
        if (group == NULL) {
            level_fail(reader, node, "push.target: %s%s%s is not the id of an [[entity]]", named ? "\"" : "", id,
                       named ? "\"" : "(missing)");
            break;
        }
        if (!group_is_dynamic(level, *group)) {
            level_fail(reader, node, "push.target: \"%s\" has no dynamic body to push", id);
            break;
        }
        level_range any_impulse = { -1.0e9, 1.0e9 };
        v_vec3 zero = { 0.0f, 0.0f, 0.0f };
        v_level_push push = {
            .group = (uint32_t)*group,
            .first_tick = level_uint(reader, node, "first_tick", 0, 0, INT64_MAX),
            .last_tick = level_uint(reader, node, "last_tick", INT64_MAX, 0, INT64_MAX),
            .every_ticks = level_uint(reader, node, "every_ticks", 60, 1, INT64_MAX),
            .impulse_min_n_s = level_vec3(reader, node, "impulse_min_n_s", zero, any_impulse),
            .impulse_max_n_s = level_vec3(reader, node, "impulse_max_n_s", zero, any_impulse),
        };
        if (push.last_tick < push.first_tick) {
            level_fail(reader, node, "push.last_tick: is %llu, before first_tick %llu",
                       (unsigned long long)push.last_tick, (unsigned long long)push.first_tick);
        }
        if (level->pushes.count == V_LEVEL_PUSHES_MAX) {
            level_fail(reader, node, "push: more than %u pushes", (unsigned)V_LEVEL_PUSHES_MAX);
        }
        V_TRY(reader->status);
        V_TRY(V_ARRAY_PUSH(&level->pushes, level->allocator, push));
    }
    return reader->status;
}

static v_status read_level(level_reader *reader, v_level *level)
{
    const v_toml_node *root = reader->document->root;
    read_header(reader, root, &level->data);
    read_camera(reader, root, &level->data);
    read_sky(reader, root, &level->data);
    V_TRY(reader->status);
    V_TRY(read_materials(reader, root, level));
    V_TRY(read_lights(reader, root, level));
    V_TRY(read_entities(reader, root, level));
    V_TRY(read_pushes(reader, root, level));
    level->data.materials = level->materials.items;
    level->data.material_count = level->materials.count;
    level->data.lights = level->lights.items;
    level->data.light_count = level->lights.count;
    level->data.entities = level->entities.items;
    level->data.entity_count = level->entities.count;
    level->data.pushes = level->pushes.items;
    level->data.push_count = level->pushes.count;
    return V_OK;
}

v_status v_level_parse(const char *name, const char *text, size_t size_bytes, const v_allocator *allocator,
                       v_level **out_level)
{
    if (name == NULL || (text == NULL && size_bytes != 0) || out_level == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_level_parse: name, text and out_level must not be null");
    }
    if (size_bytes > V_LEVEL_BYTES_MAX) {
        return v_fail(V_ERROR_BAD_INPUT, "%s: %zu bytes, a level has at most %u", name, size_bytes, V_LEVEL_BYTES_MAX);
    }
    v_toml_document *document;
    V_TRY(v_toml_parse(text, size_bytes, name, allocator, &document));
    v_level *level = V_NEW(allocator, v_level);
    v_status status = V_ERROR_OUT_OF_MEMORY;
    if (level != NULL) {
        level->allocator = allocator;
        level->material_ids.allocator = level->group_ids.allocator = level->entity_ids.allocator = allocator;
        level_reader reader = { .document = document };
        status = read_level(&reader, level);
    }
    v_toml_destroy(document);
    if (status != V_OK) {
        v_level_destroy(level);
        return status;
    }
    *out_level = level;
    return V_OK;
}

v_status v_level_load(const char *path, const v_allocator *allocator, v_level **out_level)
{
    v_blob blob;
    V_TRY(v_file_read(path, allocator, V_LEVEL_BYTES_MAX, &blob));
    v_status status = v_level_parse(path, (const char *)blob.data, blob.size_bytes, allocator, out_level);
    v_blob_free(&blob, allocator);
    return status;
}

void v_level_destroy(v_level *level)
{
    if (level == NULL) {
        return;
    }
    const v_allocator *allocator = level->allocator;
    V_ARRAY_DESTROY(&level->materials, allocator);
    V_ARRAY_DESTROY(&level->entities, allocator);
    V_ARRAY_DESTROY(&level->lights, allocator);
    V_ARRAY_DESTROY(&level->pushes, allocator);
    v_map_destroy(&level->material_ids);
    v_map_destroy(&level->group_ids);
    v_map_destroy(&level->entity_ids);
    V_DELETE(allocator, level);
}

const v_level_data *v_level_get_data(const v_level *level)
{
    return level != NULL ? &level->data : NULL;
}
