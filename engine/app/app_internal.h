// What the files of engine/app share: the engine's inside, the schedule, the view on a renderer.
#ifndef V_APP_INTERNAL_H
#define V_APP_INTERNAL_H

#include "v/app.h"
#include "v/container.h"

/// A level's scripted pushes, compiled to bodies. Part "level_rules" of the world.
typedef struct app_push {
    uint64_t first_tick, last_tick, every_ticks;
    v_vec3 impulse_min_n_s, impulse_max_n_s;
    uint32_t first_body, body_count; ///< Range in app_rules.bodies.
} app_push;

typedef struct app_rules {
    const v_allocator *allocator;
    v_random random;
    V_ARRAY(app_push) pushes;
    V_ARRAY(v_body) bodies;
} app_rules;

enum {
    APP_SYSTEM_RULES,
    APP_SYSTEM_GAME,
    APP_SYSTEM_PHYSICS,
    APP_SYSTEM_TRANSFORMS,
    APP_SYSTEM_EVENTS,
    APP_SYSTEM_COUNT
};

struct v_engine {
    const v_allocator *allocator;
    v_log *log;
    v_jobs *jobs;
    v_events *events;
    v_world *world;
    v_engine_components components;
    v_query *body_query; ///< Entities with place and rigid_body.
    v_game game;
    v_component game_component;
    v_query *game_query;
    v_input input;
    app_rules rules;
    v_system_info systems[APP_SYSTEM_COUNT];
    v_recorder *recorder; ///< That records this engine now, or null.
    bool started;
};

v_status app_schedule_init(v_engine *engine);
v_status app_schedule_run(v_engine *engine);

/// From now on an entity that goes, or loses its v_rigid_body, takes its body with it.
v_status app_bodies_follow(v_engine *engine);

/// Build a level's entities into the world and its pushes into the rules.
v_status app_level_build(v_engine *engine, const v_level_data *level);

v_status app_rules_attach(v_engine *engine);
v_status app_rules_tick(v_engine *engine);
v_status app_input_attach(v_engine *engine);

/// The game's components in a fresh world; and its zeroed state, where no snapshot brings it.
v_status app_game_register(v_engine *engine);
v_status app_game_create_state(v_engine *engine);

/// Execute a journaled operation again. V_ERROR_BAD_INPUT for one that is malformed.
v_status app_replay_operation(v_engine *engine, uint16_t operation, const void *arguments, size_t size_bytes);
v_status app_input_replay(v_engine *engine, const void *arguments, size_t size_bytes);

/// An engine around an empty world with these physics settings: what a replay restores into.
v_status app_engine_create_bare(const v_engine_desc *desc, const v_physics_desc *physics, v_engine **out_engine);

/// 0 to 4 of v_main for a failed status.
int app_exit_code(v_status status);

#endif
