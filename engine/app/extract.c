// From world to scene.
#include "app_internal.h"

#ifdef V_WITH_GPU

#include "extract.h"

static v_status open_queries(app_extraction *extraction, const v_engine *engine)
{
    if (extraction->view_query != NULL) {
        return V_OK;
    }
    const v_engine_components *components = &engine->components;
    v_query_desc looks = {
        .terms = { { .component = components->look },
                   { .component = components->place },
                   { .component = components->rigid_body, .kind = V_TERM_OPTIONAL } },
        .term_count = 3,
    };
    v_query_desc lamps = { .terms = { { .component = components->lamp } }, .term_count = 1 };
    v_query_desc views = { .terms = { { .component = components->view } }, .term_count = 1 };
    // Those that a failed try left are not made again.
    if (extraction->look_query == NULL) {
        V_TRY(v_query_create(engine->world, &looks, &extraction->look_query));
    }
    if (extraction->lamp_query == NULL) {
        V_TRY(v_query_create(engine->world, &lamps, &extraction->lamp_query));
    }
    return v_query_create(engine->world, &views, &extraction->view_query);
}

static void interpolate(const v_world *world, const v_rigid_body *link, float alpha, v_scene_item *item)
{
    v_vec3 previous_m;
    v_quat previous_rot;
    v_body body = { .index = link->index, .generation = link->generation };
    if (alpha < 1.0f && v_body_get_previous(world, body, &previous_m, &previous_rot) == V_OK) {
        item->pos_m = v_vec3_lerp(previous_m, item->pos_m, alpha);
        item->rot = v_quat_nlerp(previous_rot, item->rot, alpha);
    }
}

static v_status extract_items(app_extraction *extraction, const v_engine *engine, float alpha)
{
    extraction->items.count = 0;
    v_query_iter iter = { 0 };
    while (v_query_next(extraction->look_query, &iter)) {
        const v_look *looks = iter.columns[0];
        const v_place *places = iter.columns[1];
        const v_rigid_body *links = iter.columns[2];
        V_TRY(V_ARRAY_RESERVE(&extraction->items, extraction->allocator, extraction->items.count + iter.count));
        for (uint32_t i = 0; i < iter.count; i++) {
            v_scene_item item = {
                .mesh = (v_mesh_kind)looks[i].mesh,
                .pos_m = places[i].pos_m,
                .rot = places[i].rot,
                .size_m = looks[i].size_m,
                .base_color = looks[i].base_color,
                .metallic = looks[i].metallic,
                .roughness = looks[i].roughness,
                .emissive = looks[i].emissive,
                .checker_m = looks[i].checker_m,
            };
            if (links != NULL) {
                interpolate(engine->world, &links[i], alpha, &item);
            }
            extraction->items.items[extraction->items.count++] = item;
        }
    }
    return iter.status;
}

// What a world without lamps is lit by, so that a game's first spawn is seen.
static const v_scene_light default_light = {
    .kind = V_LIGHT_DIRECTIONAL,
    .direction = { 0.7f, -1.0f, -0.4f },
    .color = { 1.0f, 0.96f, 0.9f },
    .intensity = 1.9f,
};

static uint32_t extract_lights(app_extraction *extraction)
{
    uint32_t count = 0;
    for (v_query_iter iter = { 0 }; v_query_next(extraction->lamp_query, &iter);) {
        const v_lamp *lamps = iter.columns[0];
        for (uint32_t i = 0; i < iter.count && count < V_COUNT_OF(extraction->lights); i++) {
            extraction->lights[count++] = (v_scene_light){
                .kind = lamps[i].directional ? V_LIGHT_DIRECTIONAL : V_LIGHT_POINT,
                .direction = lamps[i].direction,
                .pos_m = lamps[i].pos_m,
                .color = lamps[i].color,
                .intensity = lamps[i].intensity,
                .range_m = lamps[i].range_m,
                .no_shadow = lamps[i].no_shadow,
            };
        }
    }
    if (count == 0) {
        extraction->lights[count++] = default_light;
    }
    return count;
}

static v_view extract_view(app_extraction *extraction)
{
    v_view view = {
        .camera_pos_m = { 12.0f, 7.0f, 14.0f },
        .camera_target_m = { 0.0f, 1.0f, 0.0f },
        .camera_fov_rad = 0.96f,
        .exposure = 1.0f,
    };
    bool found = false;
    for (v_query_iter iter = { 0 }; v_query_next(extraction->view_query, &iter);) {
        if (!found && iter.count != 0) {
            view = *(const v_view *)iter.columns[0];
            found = true;
        }
    }
    return view;
}

v_status app_extract(app_extraction *extraction, const v_engine *engine, float alpha, v_scene *out_scene)
{
    V_TRY(open_queries(extraction, engine));
    V_TRY(extract_items(extraction, engine, alpha));
    uint32_t light_count = extract_lights(extraction);
    v_view view = extract_view(extraction);
    *out_scene = (v_scene){
        .items = extraction->items.items,
        .item_count = extraction->items.count,
        .lights = extraction->lights,
        .light_count = light_count,
        .camera_pos_m = view.camera_pos_m,
        .camera_target_m = view.camera_target_m,
        .vertical_fov_rad = view.camera_fov_rad,
        .sky_zenith = view.sky_zenith,
        .sky_horizon = view.sky_horizon,
        .ground_color = view.sky_ground,
        .exposure = view.exposure,
        .time_s = (float)v_world_tick(engine->world) / (float)v_world_tick_hz(engine->world),
    };
    return V_OK;
}

void app_extraction_finish(app_extraction *extraction)
{
    v_query_destroy(extraction->look_query);
    v_query_destroy(extraction->lamp_query);
    v_query_destroy(extraction->view_query);
    V_ARRAY_DESTROY(&extraction->items, extraction->allocator);
}

#endif
