// Entities in one call, by name, and from levels.
#include "app_internal.h"

static bool is_zero(v_vec3 v)
{
    return v.x == 0.0f && v.y == 0.0f && v.z == 0.0f;
}

// Mesh and size of a body's shape, as v_scene_item defines them.
static void look_like_shape(v_look *look, const v_shape *shape)
{
    switch (shape->kind) {
    case V_SHAPE_SPHERE:
        look->mesh = 1;
        look->size_m = v_vec3_make(shape->radius_m, 0.0f, 0.0f);
        break;
    case V_SHAPE_CAPSULE:
        look->mesh = 2;
        look->size_m = v_vec3_make(shape->radius_m, shape->half_height_m, 0.0f);
        break;
    default:
        look->mesh = 0;
        look->size_m = shape->half_extents_m;
        break;
    }
}

static v_status spawn_body(v_engine *engine, v_entity entity, const v_spawn_desc *desc)
{
    v_body_desc body_desc = *desc->body;
    body_desc.pos_m = desc->pos_m;
    body_desc.rot = desc->rot;
    body_desc.entity = entity;
    v_body body = v_body_create(engine->world, &body_desc);
    if (body.index == 0) {
        return v_status_latest();
    }
    v_rigid_body link = { .index = body.index, .generation = body.generation };
    v_status status = v_component_set(engine->world, entity, engine->components.rigid_body, &link);
    if (status != V_OK) {
        (void)v_body_destroy(engine->world, body);
    }
    return status;
}

static v_status spawn_components(v_engine *engine, v_entity entity, const v_spawn_desc *desc)
{
    bool no_rot = desc->rot.x == 0.0f && desc->rot.y == 0.0f && desc->rot.z == 0.0f && desc->rot.w == 0.0f;
    v_place place = { .pos_m = desc->pos_m, .rot = no_rot ? V_QUAT_IDENTITY : desc->rot };
    V_TRY(v_component_set(engine->world, entity, engine->components.place, &place));
    if (desc->name != NULL) {
        V_TRY(v_entity_set_name(engine->world, entity, desc->name));
    }
    if (desc->look != NULL) {
        v_look look = *desc->look;
        if (is_zero(look.size_m) && desc->body != NULL) {
            look_like_shape(&look, &desc->body->shape);
        }
        V_TRY(v_component_set(engine->world, entity, engine->components.look, &look));
    }
    return desc->body != NULL ? spawn_body(engine, entity, desc) : V_OK;
}

static bool is_rotation(v_quat rot)
{
    float squared = rot.x * rot.x + rot.y * rot.y + rot.z * rot.z + rot.w * rot.w;
    return squared == 0.0f || (squared > 0.998f && squared < 1.002f); // false for NaN
}

v_entity v_spawn(v_engine *engine, const v_spawn_desc *desc)
{
    if (engine == NULL || desc == NULL) {
        (void)v_fail(V_ERROR_INVALID_ARGUMENT, "v_spawn: engine and desc must not be null");
        return (v_entity){ 0 };
    }
    if (!v_vec3_is_finite(desc->pos_m) || !is_rotation(desc->rot)) {
        (void)v_fail(V_ERROR_INVALID_ARGUMENT, "v_spawn: pos_m must be finite, rot of length 1 or all zero");
        return (v_entity){ 0 };
    }
    v_entity entity = v_entity_create(engine->world);
    if (!v_entity_is_null(entity) && spawn_components(engine, entity, desc) != V_OK) {
        (void)v_entity_destroy(engine->world, entity);
        return (v_entity){ 0 };
    }
    return entity;
}

v_status v_despawn(v_engine *engine, v_entity entity)
{
    if (engine == NULL || !v_entity_is_alive(engine->world, entity)) {
        return v_fail(engine == NULL ? V_ERROR_INVALID_ARGUMENT : V_ERROR_STALE,
                      "v_despawn: entity %u (generation %u) is not alive", entity.index, entity.generation);
    }
    return v_entity_destroy(engine->world, entity);
}

static void destroy_body(void *user, v_world *world, v_entity entity, v_component component, uint32_t event)
{
    (void)user;
    (void)event;
    const v_rigid_body *link = v_component_get(world, entity, component);
    v_body body = link != NULL ? (v_body){ .index = link->index, .generation = link->generation } : (v_body){ 0 };
    // One that was destroyed by its own id is gone already.
    if (v_body_is_alive(world, body)) {
        (void)v_body_destroy(world, body);
    }
}

v_status app_bodies_follow(v_engine *engine)
{
    v_observer_desc desc = {
        .component = engine->components.rigid_body,
        .events = V_ON_REMOVE,
        .run = destroy_body,
    };
    return v_observer_create(engine->world, &desc, NULL);
}

v_body v_body_of(const v_engine *engine, v_entity entity)
{
    const v_rigid_body *link =
        engine != NULL ? v_component_get(engine->world, entity, engine->components.rigid_body) : NULL;
    return link != NULL ? (v_body){ .index = link->index, .generation = link->generation } : (v_body){ 0 };
}

// Levels.
//
static v_shape shape_of(const v_level_entity *entity)
{
    switch (entity->shape) {
    case V_LEVEL_SHAPE_SPHERE:
        return V_SPHERE(entity->radius_m);
    case V_LEVEL_SHAPE_CAPSULE:
        return V_CAPSULE(entity->radius_m, entity->half_height_m);
    default:
        return (v_shape){ .kind = V_SHAPE_BOX, .half_extents_m = entity->half_extents_m };
    }
}

static v_body_desc body_of(const v_level_entity *entity)
{
    bool dynamic = entity->body == V_LEVEL_BODY_DYNAMIC;
    return (v_body_desc){
        .kind = dynamic ? V_BODY_DYNAMIC : V_BODY_STATIC,
        .shape = shape_of(entity),
        .velocity_m_s = dynamic ? entity->velocity_m_s : v_vec3_make(0.0f, 0.0f, 0.0f),
        .angular_velocity_rad_s = dynamic ? entity->angular_velocity_rad_s : v_vec3_make(0.0f, 0.0f, 0.0f),
        .density_kg_m3 = entity->density_kg_m3,
        .friction = entity->friction,
        .frictionless = entity->friction == 0.0f,
        .restitution = entity->restitution,
        .gravity_scale = entity->gravity_scale,
        .no_gravity = entity->gravity_scale == 0.0f,
    };
}

static v_status build_entity(v_engine *engine, const v_level_data *level, const v_level_entity *entity,
                             v_body *out_body)
{
    const v_level_material *material = &level->materials[entity->material];
    v_body_desc body = body_of(entity);
    v_look look = {
        .base_color = material->base_color,
        .emissive = material->emissive,
        .metallic = material->metallic,
        .roughness = material->roughness,
        .checker_m = material->checker_m,
    };
    look_like_shape(&look, &body.shape);
    v_spawn_desc desc = {
        .name = entity->id,
        .pos_m = entity->pos_m,
        .rot = entity->rot,
        .body = entity->body != V_LEVEL_BODY_NONE ? &body : NULL,
        .look = &look,
    };
    v_entity spawned = v_spawn(engine, &desc);
    *out_body = v_body_of(engine, spawned);
    if (!v_entity_is_null(spawned)) {
        return V_OK;
    }
    return v_status_latest() == V_ERROR_OUT_OF_MEMORY ? V_ERROR_OUT_OF_MEMORY : V_ERROR_BAD_INPUT;
}

static v_status build_view(v_engine *engine, const v_level_data *level)
{
    v_entity entity = v_entity_create(engine->world);
    v_view view = {
        .camera_pos_m = level->camera_pos_m,
        .camera_target_m = level->camera_target_m,
        .camera_fov_rad = level->camera_fov_rad,
        .sky_zenith = level->sky_zenith,
        .sky_horizon = level->sky_horizon,
        .sky_ground = level->sky_ground,
        .exposure = level->exposure,
    };
    V_TRY(v_component_set(engine->world, entity, engine->components.view, &view));
    for (uint32_t i = 0; i < level->light_count; i++) {
        const v_level_light *light = &level->lights[i];
        v_lamp lamp = {
            .directional = light->directional,
            .no_shadow = light->no_shadow,
            .direction = light->direction,
            .pos_m = light->pos_m,
            .color = light->color,
            .intensity = light->intensity,
            .range_m = light->range_m,
        };
        V_TRY(v_component_set(engine->world, v_entity_create(engine->world), engine->components.lamp, &lamp));
    }
    return V_OK;
}

// `bodies` are parallel to the level's entities.
static v_status build_push(v_engine *engine, const v_level_push *source, const v_body *bodies,
                           const v_level_data *level)
{
    app_push push = {
        .first_tick = source->first_tick,
        .last_tick = source->last_tick,
        .every_ticks = source->every_ticks,
        .impulse_min_n_s = source->impulse_min_n_s,
        .impulse_max_n_s = source->impulse_max_n_s,
        .first_body = engine->rules.bodies.count,
    };
    for (uint32_t i = 0; i < level->entity_count; i++) {
        if (level->entities[i].group == source->group) {
            V_TRY(V_ARRAY_PUSH(&engine->rules.bodies, engine->allocator, bodies[i]));
        }
    }
    push.body_count = engine->rules.bodies.count - push.first_body;
    return V_ARRAY_PUSH(&engine->rules.pushes, engine->allocator, push);
}

static v_status build_entities_and_pushes(v_engine *engine, const v_level_data *level, v_body *bodies)
{
    for (uint32_t i = 0; i < level->entity_count; i++) {
        V_TRY(build_entity(engine, level, &level->entities[i], &bodies[i]));
    }
    for (uint32_t i = 0; i < level->push_count; i++) {
        V_TRY(build_push(engine, &level->pushes[i], bodies, level));
    }
    return V_OK;
}

v_status app_level_build(v_engine *engine, const v_level_data *level)
{
    V_TRY(build_view(engine, level));
    v_body *bodies = V_NEW_ARRAY(engine->allocator, v_body, (size_t)level->entity_count + 1);
    if (bodies == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    v_status status = build_entities_and_pushes(engine, level, bodies);
    V_DELETE_ARRAY(engine->allocator, bodies, (size_t)level->entity_count + 1);
    return status;
}
