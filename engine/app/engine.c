// The engine's life: creation from config and level, input, one tick.
#include "app_internal.h"

static const v_config_key engine_keys[] = {
    V_CONFIG_INT("physics.solver.iterations", 8, 1, 16, "Velocity sweeps at most in a tick"),
    V_CONFIG_INT("physics.solver.velocity_iterations", 4, 1, 16, "Velocity sweeps that always run"),
    V_CONFIG_INT("physics.solver.position_iterations", 2, 0, 8, "Position corrections after the sweeps"),
    V_CONFIG_FLOAT("physics.solver.warm_start_factor", 0.8, 0.0, 1.0,
                   "Share of the last tick's impulses to start from"),
    V_CONFIG_FLOAT("physics.broadphase.cell_m", 0.0, 0.0, 1000.0, "Grid cell size in metres, 0: from the bodies"),
    V_CONFIG_INT("physics.bodies_max", 65536, 1, 1048576, "Rigid bodies at most"),
    V_CONFIG_BOOL("physics.sleeping", true, "Let resting islands sleep"),
};

const v_config_key *v_engine_config_keys(size_t *out_count)
{
    *out_count = V_COUNT_OF(engine_keys);
    return engine_keys;
}

static v_physics_desc physics_from_config(const v_config *config, const v_level_data *level)
{
    v_physics_desc desc = { 0 };
    if (level != NULL) {
        desc.gravity_m_s2 = level->gravity_m_s2;
        desc.zero_gravity = v_vec3_length_squared(level->gravity_m_s2) == 0.0f;
    }
    if (config != NULL) {
        int64_t position = v_config_int(config, "physics.solver.position_iterations");
        double warm = v_config_float(config, "physics.solver.warm_start_factor");
        desc.solver_iterations = (uint32_t)v_config_int(config, "physics.solver.iterations");
        desc.velocity_iterations = (uint32_t)v_config_int(config, "physics.solver.velocity_iterations");
        desc.position_iterations = position > 0 ? (uint32_t)position : V_PHYSICS_NONE;
        desc.warm_start_factor = warm > 0.0 ? (float)warm : -1.0f;
        desc.cell_m = (float)v_config_float(config, "physics.broadphase.cell_m");
        desc.bodies_max = (uint32_t)v_config_int(config, "physics.bodies_max");
        desc.no_sleep = !v_config_bool(config, "physics.sleeping");
    }
    return desc;
}

static v_status create_services(const v_engine_desc *desc, v_engine *engine)
{
    V_TRY(v_jobs_create(&(v_jobs_desc){ .allocator = desc->allocator, .worker_count = desc->threads }, &engine->jobs));
    v_events_desc events = {
        .allocator = desc->allocator,
        .log = desc->log,
        .worker_count = v_jobs_worker_count(engine->jobs),
    };
    V_TRY(v_events_create(&events, &engine->events));
    v_world_desc world = {
        .allocator = desc->allocator,
        .jobs = engine->jobs,
        .log = desc->log,
        .seed = desc->seed,
    };
    return v_world_create(&world, &engine->world);
}

static v_status register_components(v_engine *engine)
{
    const struct {
        v_component *component;
        const v_component_info *info;
    } rows[] = {
        { &engine->components.place, V_COMPONENT_OF(v_place) },
        { &engine->components.look, V_COMPONENT_OF(v_look) },
        { &engine->components.rigid_body, V_COMPONENT_OF(v_rigid_body) },
        { &engine->components.lamp, V_COMPONENT_OF(v_lamp) },
        { &engine->components.view, V_COMPONENT_OF(v_view) },
    };
    for (size_t i = 0; i < V_COUNT_OF(rows); i++) {
        *rows[i].component = v_component_register(engine->world, rows[i].info);
        if (rows[i].component->id == 0) {
            return V_ERROR_OUT_OF_MEMORY;
        }
    }
    return V_OK;
}

// The order of attachment is the order in the state hash and in snapshots.
static v_status attach_parts(v_engine *engine, const v_physics_desc *physics)
{
    V_TRY(v_physics_attach(engine->world, physics));
    V_TRY(app_input_attach(engine));
    return app_rules_attach(engine);
}

v_status app_engine_create_bare(const v_engine_desc *desc, const v_physics_desc *physics, v_engine **out_engine)
{
    v_engine *engine = V_NEW(desc->allocator, v_engine);
    if (engine == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    engine->allocator = desc->allocator;
    engine->log = desc->log;
    engine->game = desc->game != NULL ? *desc->game : (v_game){ 0 };
    v_status status = create_services(desc, engine);
    status = status == V_OK ? register_components(engine) : status;
    status = status == V_OK ? app_game_register(engine) : status;
    status = status == V_OK ? attach_parts(engine, physics) : status;
    status = status == V_OK ? app_schedule_init(engine) : status;
    status = status == V_OK ? app_bodies_follow(engine) : status;
    if (status == V_OK && engine->game.attach != NULL) {
        engine->game.attach(engine);
    }
    if (status != V_OK) {
        v_engine_destroy(engine);
        return status;
    }
    *out_engine = engine;
    return V_OK;
}

v_status v_engine_create(const v_engine_desc *desc, v_engine **out_engine)
{
    if (desc == NULL || out_engine == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_engine_create: desc and out_engine must not be null");
    }
    v_physics_desc physics = physics_from_config(desc->config, desc->level);
    v_engine *engine;
    V_TRY(app_engine_create_bare(desc, &physics, &engine));
    v_status status = app_game_create_state(engine);
    status = status == V_OK && desc->level != NULL ? app_level_build(engine, desc->level) : status;
    if (status != V_OK) {
        v_engine_destroy(engine);
        return status;
    }
    *out_engine = engine;
    return V_OK;
}

void v_engine_destroy(v_engine *engine)
{
    if (engine == NULL) {
        return;
    }
    const v_allocator *allocator = engine->allocator;
    v_query_destroy(engine->body_query);
    v_query_destroy(engine->game_query);
    v_world_destroy(engine->world);
    v_events_destroy(engine->events);
    v_jobs_destroy(engine->jobs);
    V_DELETE(allocator, engine);
}

v_world *v_engine_world(v_engine *engine)
{
    return engine != NULL ? engine->world : NULL;
}

v_events *v_engine_events(v_engine *engine)
{
    return engine != NULL ? engine->events : NULL;
}

v_jobs *v_engine_jobs(v_engine *engine)
{
    return engine != NULL ? engine->jobs : NULL;
}

v_engine_components v_engine_get_components(const v_engine *engine)
{
    return engine != NULL ? engine->components : (v_engine_components){ 0 };
}

v_status v_engine_start(v_engine *engine)
{
    if (engine == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_engine_start: engine is null");
    }
    if (engine->started || v_world_tick(engine->world) != 0) {
        return v_fail(V_ERROR_STATE, "v_engine_start: called twice, or after the first tick");
    }
    engine->started = true;
    if (engine->game.setup != NULL) {
        engine->game.setup(engine, v_engine_game_state(engine));
    }
    return V_OK;
}

v_status v_engine_tick(v_engine *engine)
{
    if (engine == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_engine_tick: engine is null");
    }
    if (engine->game.setup != NULL && !engine->started) {
        return v_fail(V_ERROR_STATE, "v_engine_tick: call v_engine_start first, the game has a setup");
    }
    V_TRY(v_world_begin_tick(engine->world));
    v_status status = app_schedule_run(engine);
    v_status ended = v_world_end_tick(engine->world);
    return status != V_OK ? status : ended;
}

v_random v_engine_random(const v_engine *engine, uint64_t stream)
{
    // The odd constant spreads neighbouring ticks over the seed space (golden ratio, Knuth, TAOCP 3, 6.4).
    uint64_t tick = engine != NULL ? v_world_tick(engine->world) : 0;
    uint64_t seed = engine != NULL ? v_world_seed(engine->world) : 0;
    return v_random_seed(seed + tick * 0x9e3779b97f4a7c15ull, stream);
}

uint32_t v_engine_systems(const v_engine *engine, const v_system_info **out_systems)
{
    if (engine == NULL || out_systems == NULL) {
        return 0;
    }
    *out_systems = engine->systems;
    return APP_SYSTEM_COUNT;
}
