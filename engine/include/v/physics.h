// v/physics.h: rigid bodies (E30, E31). Floor 2. Metres, kilograms, seconds, radians; y up.
//
//     v_physics_attach(world, &(v_physics_desc){ 0 });
//     v_body ball = v_body_create(world, &(v_body_desc){ .kind = V_BODY_DYNAMIC, .pos_m = { 0, 2, 0 },
//                                                        .shape = V_SPHERE(0.5f) });
//     v_physics_step(world);
//
// The state is a part of the world: hashed, saved, rewound with it. Mutating calls outside a tick are journaled.
// Threads: as v/world.h; v_physics_step spreads its work over the world's jobs and gives the same bits for any count.
#ifndef V_PHYSICS_H
#define V_PHYSICS_H

#include "v/world.h"

V_EXTERN_C_BEGIN

typedef struct v_body {
    uint32_t index, generation;
} v_body; ///< Id by value; all zero is null.

typedef enum v_body_kind { V_BODY_STATIC = 0, V_BODY_DYNAMIC } v_body_kind;
typedef enum v_shape_kind { V_SHAPE_NONE = 0, V_SHAPE_SPHERE, V_SHAPE_CAPSULE, V_SHAPE_BOX } v_shape_kind;

/// A convex primitive centred on the body's origin.
typedef struct v_shape {
    v_shape_kind kind;
    float radius_m;        ///< Sphere, capsule.
    float half_height_m;   ///< Capsule: half the distance between its end centres, along y.
    v_vec3 half_extents_m; ///< Box.
} v_shape;

#define V_SPHERE(radius) ((v_shape){ .kind = V_SHAPE_SPHERE, .radius_m = (radius) })
#define V_CAPSULE(radius, half_height)                                                                                 \
    ((v_shape){ .kind = V_SHAPE_CAPSULE, .radius_m = (radius), .half_height_m = (half_height) })
#define V_BOX(x, y, z) ((v_shape){ .kind = V_SHAPE_BOX, .half_extents_m = { (x), (y), (z) } })

/// Zero any field for its default. Copied.
typedef struct v_body_desc {
    v_body_kind kind; ///< Default static.
    v_shape shape;    ///< Required; sizes from 1 mm to 10 km.
    v_vec3 pos_m;     ///< Within ±1e6 m.
    v_quat rot;       ///< Unit within 1e-3; all zero: identity.
    v_vec3 velocity_m_s;
    v_vec3 angular_velocity_rad_s;
    float density_kg_m3; ///< Default 1000. Dynamic only.
    float friction;      ///< Coulomb coefficient, default 0.6; a pair uses sqrt(a·b).
    bool frictionless;   ///< friction is 0.
    float restitution;   ///< 0..1, default 0; a pair uses the larger.
    float gravity_scale; ///< Default 1.
    bool no_gravity;
    float linear_damping_per_s, angular_damping_per_s;
    bool no_sleep;
    v_entity entity; ///< Owner, reported in stats and desync reports. May be null.
} v_body_desc;

typedef struct v_physics_desc {
    v_vec3 gravity_m_s2; ///< Default (0, −9.81, 0).
    bool zero_gravity;
    uint32_t bodies_max;          ///< Default 65,536.
    uint32_t solver_iterations;   ///< physics.solver.iterations, default 8, clamped to 1..16.
    uint32_t velocity_iterations; ///< default 4, clamped to 1..16.
    uint32_t position_iterations; ///< default 2, clamped to 0..8; V_PHYSICS_NONE for 0.
    float warm_start_factor;      ///< default 0.8, clamped to 0..1; negative for 0.
    float cell_m;                 ///< Broadphase cell; 0: chosen from the bodies.
    bool no_sleep;
} v_physics_desc;
#define V_PHYSICS_NONE UINT32_MAX

/// Make the physics part of a world. Once per world; the world destroys it.
V_API v_status v_physics_attach(v_world *world, const v_physics_desc *desc);
/// The settings in force, defaults and clamps applied.
V_API v_physics_desc v_physics_get_desc(const v_world *world);

/// Null (with a message that names the field and its value) for a bad desc or when bodies_max is reached. Journaled.
V_API v_body v_body_create(v_world *world, const v_body_desc *desc);
/// Wakes what touched it. Null is a no-op. Journaled.
V_API v_status v_body_destroy(v_world *world, v_body body);
V_API bool v_body_is_alive(const v_world *world, v_body body);
/// `desc` with every default filled in.
V_API v_body_desc v_body_desc_defaults(const v_body_desc *desc);

typedef struct v_body_state {
    v_vec3 pos_m;
    v_quat rot;
    v_vec3 velocity_m_s, angular_velocity_rad_s;
    bool asleep;
} v_body_state;
V_API v_status v_body_get_state(const v_world *world, v_body body, v_body_state *out_state);
/// The body's pose one tick earlier, for render interpolation. After a teleport it is the new pose.
V_API v_status v_body_get_previous(const v_world *world, v_body body, v_vec3 *out_pos_m, v_quat *out_rot);
V_API v_status v_body_get_desc(const v_world *world, v_body body, v_body_desc *out_desc);
V_API float v_body_mass_kg(const v_world *world, v_body body); ///< 0 for static or stale.
/// Teleport; wakes the island and what slept there or sleeps beside the new place. Journaled.
V_API v_status v_body_set_pose(v_world *world, v_body body, v_vec3 pos_m, v_quat rot);
/// Dynamic bodies only, up to 2,000 m/s and 400 rad/s; wakes. Journaled.
V_API v_status v_body_set_velocity(v_world *world, v_body body, v_vec3 velocity_m_s, v_vec3 angular_velocity_rad_s);
/// Change of momentum now, at a world point; refused when it would exceed the speeds of v_body_set_velocity. Journaled.
V_API v_status v_body_apply_impulse(v_world *world, v_body body, v_vec3 impulse_n_s, v_vec3 point_m);
/// Force over the next tick, at the centre of mass. Journaled.
V_API v_status v_body_apply_force(v_world *world, v_body body, v_vec3 force_n);
/// Wake the body's island. Journaled.
V_API v_status v_body_wake(v_world *world, v_body body);
/// Bodies alive; and ids in index order from `*cursor` (start at 0): null when there are no more.
V_API uint32_t v_physics_body_count(const v_world *world);
V_API v_body v_physics_next_body(const v_world *world, uint32_t *cursor);

/// Advance by one tick (1 / tick_hz) through every stage in order. Between v_world_begin_tick and end.
V_API v_status v_physics_step(v_world *world);

/// The stages of a step, in order. They can be run one by one for tools and tests; any other order, and changing bodies
/// in between, is V_ERROR_STATE.
typedef enum v_physics_stage {
    V_PHYSICS_INTEGRATE_VELOCITIES,
    V_PHYSICS_BROADPHASE,
    V_PHYSICS_PAIRS,
    V_PHYSICS_NARROWPHASE,
    V_PHYSICS_MANIFOLD_CACHE,
    V_PHYSICS_ISLANDS,
    V_PHYSICS_SOLVE,
    V_PHYSICS_INTEGRATE_POSITIONS,
    V_PHYSICS_SLEEP,
    V_PHYSICS_STAGE_COUNT
} v_physics_stage;
V_API const char *v_physics_stage_name(v_physics_stage stage); ///< "integrate velocities" …
V_API v_status v_physics_run_stage(v_world *world, v_physics_stage stage);

#define V_MANIFOLD_POINTS_MAX 4
typedef struct v_manifold_point {
    v_vec3 pos_m;
    float separation_m; ///< Negative when overlapping.
    float normal_impulse_n_s;
    uint32_t feature; ///< Stable while the same features touch.
} v_manifold_point;
typedef struct v_manifold {
    v_body a, b;   ///< a.index < b.index.
    v_vec3 normal; ///< Unit, from a to b.
    uint32_t point_count;
    v_manifold_point points[V_MANIFOLD_POINTS_MAX];
} v_manifold;
/// The latest step's manifolds between bodies of which one at least is awake, sorted by (a.index, b.index); none after
/// a restore. Impulses are per sub-step. Borrowed until the next step.
V_API const v_manifold *v_physics_manifolds(const v_world *world, uint32_t *out_count);

typedef struct v_physics_stats {
    uint32_t bodies, awake, pairs, manifolds, contacts, islands, colours, iterations;
    uint32_t warm_hits, warm_misses;
    float largest_penetration_m;
    uint64_t stage_ns[V_PHYSICS_STAGE_COUNT]; ///< Measured; no part of the state.
} v_physics_stats;
/// Of the latest step.
V_API v_physics_stats v_physics_get_stats(const v_world *world);
/// Decode one journaled operation of physics (v/manifest.h) and do it again. V_ERROR_BAD_INPUT for bytes that are not
/// its arguments; nothing changes then.
V_API v_status v_physics_replay_operation(v_world *world, uint16_t operation, const void *arguments, size_t size_bytes);
/// Kinetic plus potential energy (zero at y = 0), for tests and tools.
V_API double v_physics_energy_j(const v_world *world);

V_EXTERN_C_END
#endif
