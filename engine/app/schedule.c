// The schedule: what one tick runs, in which order, reading and writing what. Read the table and you know the engine.
#include "app_internal.h"

#include "v/thread.h"

static v_status run_game(v_engine *engine)
{
    void *state = v_engine_game_state(engine);
    if (engine->game.state != NULL && state == NULL) {
        if (v_component_count(engine->world, engine->game_component) != 0) {
            return V_ERROR_OUT_OF_MEMORY; // the query could not list it
        }
        return v_fail(V_ERROR_STATE, "the game destroyed the entity that carries its state (%s)",
                      engine->game.state->name);
    }
    if (engine->game.tick != NULL) {
        engine->game.tick(engine, state, &engine->input);
    }
    return V_OK;
}

static v_status run_physics(v_engine *engine)
{
    return v_physics_step(engine->world);
}

// Entities follow their bodies.
static v_status run_transforms(v_engine *engine)
{
    v_query_iter iter = { 0 };
    while (v_query_next(engine->body_query, &iter)) {
        v_place *places = iter.columns[0];
        const v_rigid_body *bodies = iter.columns[1];
        for (uint32_t i = 0; i < iter.count; i++) {
            v_body_state state;
            v_body body = { .index = bodies[i].index, .generation = bodies[i].generation };
            if (v_body_get_state(engine->world, body, &state) == V_OK) {
                places[i] = (v_place){ .pos_m = state.pos_m, .rot = state.rot };
            }
        }
    }
    return iter.status;
}

static v_status run_events(v_engine *engine)
{
    v_events_deliver(engine->events);
    return V_OK;
}

static const struct {
    const char *name, *reads, *writes;
    bool parallel;
    v_status (*run)(v_engine *engine);
} schedule[APP_SYSTEM_COUNT] = {
    [APP_SYSTEM_RULES] = { "level rules", "tick, seed", "bodies (impulses)", false, app_rules_tick },
    [APP_SYSTEM_GAME] = { "game", "world, input", "world", false, run_game },
    [APP_SYSTEM_PHYSICS] = { "physics", "bodies", "bodies, manifolds", true, run_physics },
    [APP_SYSTEM_TRANSFORMS] = { "transforms", "bodies", "v_place", false, run_transforms },
    [APP_SYSTEM_EVENTS] = { "events", "posted events", "listeners' state", false, run_events },
};

v_status app_schedule_init(v_engine *engine)
{
    for (uint32_t i = 0; i < APP_SYSTEM_COUNT; i++) {
        engine->systems[i] = (v_system_info){
            .name = schedule[i].name,
            .reads = schedule[i].reads,
            .writes = schedule[i].writes,
            .parallel = schedule[i].parallel,
        };
    }
    v_query_desc query = {
        .terms = { { .component = engine->components.place }, { .component = engine->components.rigid_body } },
        .term_count = 2,
    };
    return v_query_create(engine->world, &query, &engine->body_query);
}

v_status app_schedule_run(v_engine *engine)
{
    for (uint32_t i = 0; i < APP_SYSTEM_COUNT; i++) {
        uint64_t start_ns = v_clock_ns();
        v_status status = schedule[i].run(engine);
        engine->systems[i].time_ns = v_clock_ns() - start_ns;
        V_TRY(status);
    }
    return V_OK;
}
