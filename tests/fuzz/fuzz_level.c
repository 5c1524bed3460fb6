// Fuzz target: the level format. Whatever parses must also keep the limits that v/level.h promises.
#include <stdlib.h>

#include "fuzz.h"
#include "v/level.h"

static void expect(bool condition)
{
    if (!condition) {
        abort();
    }
}

static bool is_number(float value)
{
    return value - value == 0.0f;
}

static bool is_place(v_vec3 value)
{
    return is_number(value.x) && is_number(value.y) && is_number(value.z);
}

static bool ends_in_time(const char *id)
{
    for (size_t i = 0; i < V_LEVEL_ID_BYTES; ++i) {
        if (id[i] == '\0') {
            return true;
        }
    }
    return false;
}

static void check(const v_level_data *level)
{
    expect(ends_in_time(level->name) && is_place(level->gravity_m_s2) && is_place(level->camera_pos_m));
    expect(level->entity_count <= V_LEVEL_ENTITIES_MAX && level->material_count <= V_LEVEL_MATERIALS_MAX);
    expect(level->light_count <= V_LEVEL_LIGHTS_MAX && level->push_count <= V_LEVEL_PUSHES_MAX);
    for (uint32_t i = 0; i < level->entity_count; ++i) {
        const v_level_entity *entity = &level->entities[i];
        expect(ends_in_time(entity->id) && is_place(entity->pos_m) && is_place(entity->velocity_m_s));
        expect(is_number(entity->rot.w) && is_number(entity->friction) && is_number(entity->density_kg_m3));
        expect(entity->material < level->material_count && entity->group < level->group_count);
    }
    for (uint32_t i = 0; i < level->push_count; ++i) {
        expect(level->pushes[i].group < level->group_count && level->pushes[i].every_ticks > 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    v_level *level = NULL;
    v_status status = v_level_parse("fuzz.toml", (const char *)data, size_bytes, NULL, &level);
    expect((status == V_OK) == (level != NULL));
    if (status == V_OK) {
        check(v_level_get_data(level));
    } else {
        expect(v_status_message()[0] != '\0');
    }
    v_level_destroy(level);
    return 0;
}
