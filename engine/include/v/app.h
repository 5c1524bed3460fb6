// v/app.h: the engine put together: world, physics, jobs, events, levels, games, runs, recordings, replays. Floor 4.
//
//     static void setup(v_engine *engine, void *state) { … v_spawn(engine, &(v_spawn_desc){ … }); }
//     static void tick(v_engine *engine, void *state, const v_input *input) { … }
//     int main(int argc, char **argv)
//     {
//         return v_main(argc, argv, &(v_game){ .title = "Marble", .setup = setup, .tick = tick });
//     }
//
// Every game made this way understands the options of `vengine run` and `--replay FILE`.
#ifndef V_APP_H
#define V_APP_H

#include "v/config.h"
#include "v/ecs.h"
#include "v/events.h"
#include "v/level.h"
#include "v/physics.h"
#include "v/random.h"
#include "v/world.h"

V_EXTERN_C_BEGIN

typedef struct v_engine v_engine;

/// What the player does in one tick. Part of the journal; the same input log gives the same run.
typedef struct v_input {
    float move_x, move_y; ///< −1..1: right, forward.
    float look_x, look_y; ///< −1..1: right, up.
    uint32_t buttons;     ///< V_BUTTON_… bits.
} v_input;
#define V_BUTTON_JUMP   1u
#define V_BUTTON_ACTION 2u
#define V_BUTTON_CANCEL 4u

/// A game: callbacks around a block of state that the engine snapshots, rewinds and hashes. The block stays where it is
/// during a callback, and only callbacks change it: what other code writes into it is in no recording.
typedef struct v_game {
    const char *title;                         ///< Static. Default "vengine".
    const v_component_info *state;             ///< V_COMPONENT_OF(MyState); null: the game keeps no state of its own.
    const v_component_info *const *components; ///< The game's own components, null-terminated; null: none.
    void (*setup)(v_engine *engine, void *state); ///< Once, before tick 0; not in a replay, which brings the state that
                                                  ///< it made. May be null.
    void (*tick)(v_engine *engine, void *state, const v_input *input); ///< Each tick, before physics. May be null.
    /// Once for every engine, before its state is set up by `setup` or brought by a replay: the place to register event
    /// listeners and observers, which no snapshot holds. It must not change the world. May be null.
    void (*attach)(v_engine *engine);
} v_game;

// Components of the engine's own. They are registered in every world, in this order.
//
/// Where an entity is. Written by the "transforms" system for entities with a body.
typedef struct v_place {
    v_vec3 pos_m;
    v_quat rot;
} v_place;
V_COMPONENT(v_place, V_VEC3(pos_m), V_QUAT(rot))

/// How an entity looks. Shapes and sizes as in v_scene_item of v/render.h.
typedef struct v_look {
    uint32_t mesh; ///< v_mesh_kind: 0 box, 1 sphere, 2 capsule, 3 plane. Others are an error when drawn.
    v_vec3 size_m, base_color, emissive;
    float metallic, roughness, checker_m;
} v_look;
V_COMPONENT(v_look, V_UINT(mesh), V_VEC3(size_m), V_VEC3(base_color), V_VEC3(emissive), V_FLOAT(metallic),
            V_FLOAT(roughness), V_FLOAT(checker_m))

/// The entity's rigid body.
typedef struct v_rigid_body {
    uint32_t index, generation; ///< Of the v_body.
} v_rigid_body;
V_COMPONENT(v_rigid_body, V_UINT(index), V_UINT(generation))

/// A light. Directional ones use `direction`, others pos_m. The first 16 are drawn; a world without any is lit by a
/// white sun that throws shadows.
typedef struct v_lamp {
    bool directional, no_shadow;
    v_vec3 direction, pos_m, color;
    float intensity, range_m;
} v_lamp;
V_COMPONENT(v_lamp, V_BOOL(directional), V_BOOL(no_shadow), V_VEC3(direction), V_VEC3(pos_m), V_VEC3(color),
            V_FLOAT(intensity), V_FLOAT(range_m))

/// Camera and sky: the first entity that carries it. A world without one is seen as a level that says
/// nothing of its camera: from (12, 7, 14) towards (0, 1, 0).
typedef struct v_view {
    v_vec3 camera_pos_m, camera_target_m;
    float camera_fov_rad;
    v_vec3 sky_zenith, sky_horizon, sky_ground;
    float exposure;
} v_view;
V_COMPONENT(v_view, V_VEC3(camera_pos_m), V_VEC3(camera_target_m), V_FLOAT(camera_fov_rad), V_VEC3(sky_zenith),
            V_VEC3(sky_horizon), V_VEC3(sky_ground), V_FLOAT(exposure))

typedef struct v_engine_components {
    v_component place, look, rigid_body, lamp, view;
} v_engine_components;

// Engine.
//
typedef struct v_engine_desc {
    const v_allocator *allocator;
    v_log *log;             ///< Borrowed; may be null.
    const v_config *config; ///< Borrowed for the call: physics.* keys of v_engine_config_keys(). Null: defaults.
    uint32_t threads;       ///< Job workers; 0: one per processor. Never changes results.
    uint64_t seed;
    const v_game *game;        ///< Copied; may be null.
    const v_level_data *level; ///< Borrowed for the call: its entities, lights, view and pushes are built. May be null.
} v_engine_desc;

/// The configuration keys that the engine reads, for v_config_register.
V_API const v_config_key *v_engine_config_keys(size_t *out_count);

V_API v_status v_engine_create(const v_engine_desc *desc, v_engine **out_engine);
V_API void v_engine_destroy(v_engine *engine);
V_API v_world *v_engine_world(v_engine *engine);
V_API v_events *v_engine_events(v_engine *engine);
V_API v_jobs *v_engine_jobs(v_engine *engine);
V_API v_engine_components v_engine_get_components(const v_engine *engine);

/// Call the game's setup. Before the first tick, once; v_main does it. A game that has a setup does not tick before.
V_API v_status v_engine_start(v_engine *engine);
/// The input for the coming ticks, until it is set again. Values beyond their range are an error. Journaled.
V_API v_status v_engine_set_input(v_engine *engine, const v_input *input);
/// Run one tick: the systems of the schedule in order, then the world's tick count goes up by one.
V_API v_status v_engine_tick(v_engine *engine);
/// The state of the game (v_game.state), or null when it keeps none.
V_API void *v_engine_game_state(v_engine *engine);

/// Everything an entity may start with; null members are left out. Copied.
typedef struct v_spawn_desc {
    const char *name;        ///< Unique in the world, see v_entity_set_name of v/ecs.h.
    v_vec3 pos_m;            ///< Also of the body.
    v_quat rot;              ///< All zero: identity.
    const v_body_desc *body; ///< Its pos_m, rot and entity are filled in.
    const v_look *look;      ///< With size_m all zero, mesh and size follow the body's shape.
} v_spawn_desc;

/// Make an entity in one call. Null (with a message) on a bad description: nothing is left behind.
V_API v_entity v_spawn(v_engine *engine, const v_spawn_desc *desc);
/// Destroy an entity and its children, each with its body. At once outside a tick; inside one, call it from the game's
/// tick only.
V_API v_status v_despawn(v_engine *engine, v_entity entity);
/// The entity's body, null when it has none.
V_API v_body v_body_of(const v_engine *engine, v_entity entity);
/// A generator whose sequence depends on the world's seed, the tick and `stream` alone.
V_API v_random v_engine_random(const v_engine *engine, uint64_t stream);

// Schedule.
//
/// One row of the schedule: what a system reads and writes, and how it runs.
typedef struct v_system_info {
    const char *name, *reads, *writes;
    bool parallel;
    uint64_t time_ns; ///< Spent in the latest tick. Measured; no part of the state.
} v_system_info;
/// The systems in the order in which a tick runs them.
V_API uint32_t v_engine_systems(const v_engine *engine, const v_system_info **out_systems);

// Recording and replay.
//
typedef struct v_recorder v_recorder;
/// Write a recording of what happens to `engine` from now on: a snapshot, then the journal and the state hash of each
/// tick. The file grows beside its name as "path.part" and gets its name when it is finished; a device or pipe is
/// written to as it is. Between ticks, after v_engine_start, one at a time; destroy it before its engine.
V_API v_status v_recorder_create(v_engine *engine, const char *path, v_recorder **out_recorder);
/// After each v_engine_tick, with the world's hash.
V_API v_status v_recorder_tick(v_recorder *recorder, v_hash128 hash);
/// Finish the file; after a failure remove it. The status is that of the first failure. Null is allowed.
V_API v_status v_recorder_destroy(v_recorder *recorder);

typedef struct v_replay_result {
    uint64_t ticks; ///< Ticks that were run.
    bool identical;
    bool unfinished;         ///< The recording has no end mark: it was cut off while being written.
    uint64_t differing_tick; ///< First tick whose hash differs, when not identical.
    /// First entity in index order that differs at that tick; null when none does by itself, or when the world has too
    /// many for their hashes to be recorded (8,192).
    v_entity differing_entity;
    char differing_name[V_ENTITY_NAME_MAX + 1];
    v_hash128 final_hash;
} v_replay_result;

typedef struct v_replay_desc {
    const v_allocator *allocator;
    v_log *log;
    const char *path; ///< Also stands in messages.
    const void *data; ///< The recording's bytes when they are in memory already; null: the file is read.
    size_t size_bytes;
    uint32_t threads;
    const v_game *game; ///< The game that made the recording; null for level-only runs.
    void (*after_tick)(void *user, v_engine *engine, uint64_t tick, uint64_t tick_count); ///< May be null.
    void *user;
} v_replay_desc;
/// Run a recording again and compare every tick's hash. V_OK whether identical or not; a bad file is V_ERROR_BAD_INPUT.
V_API v_status v_replay(const v_replay_desc *desc, v_replay_result *out_result);

// Runs.
//
/// Exit codes of v_main and of the vengine command.
enum { V_EXIT_OK = 0, V_EXIT_FAILED = 1, V_EXIT_USAGE = 2, V_EXIT_BAD_INPUT = 3, V_EXIT_NO_DEVICE = 4 };

/// The whole program: parse the options of `vengine run` (argv[1] on), run the game, print where the results lie.
/// Returns an exit code. `game` may be null for level-only projects.
V_API int v_main(int argc, char **argv, const v_game *game);
/// As v_main for the words after "run" and "replay" of the vengine command.
V_API int v_command_run(int argc, char **argv, const v_game *game);
V_API int v_command_replay(int argc, char **argv, const v_game *game);
/// The options of run, for help texts.
V_API const char *v_command_run_help(void);

V_EXTERN_C_END
#endif
