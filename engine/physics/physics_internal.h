// physics_internal.h: the data of the physics part and what its files share. Arrays are indexed by body slot.
#ifndef PHYSICS_INTERNAL_H
#define PHYSICS_INTERNAL_H

#include "physics_collide.h"
#include "physics_lanes.h"

#include "v/container.h"
#include "v/manifest.h"
#include "v/physics.h"
#include <assert.h>

// Tuning, in SI units. docs/specs/physics.md says where each acts.
#define PHYSICS_POSITION_MAX_M         1e6f
#define PHYSICS_SPEED_MAX_M_S          2000.0f
#define PHYSICS_SPIN_MAX_RAD_S         400.0f
#define PHYSICS_MARGIN_M               0.01f ///< Contacts begin at the sum of two bodies' margins …
#define PHYSICS_MARGIN_TRAVEL          0.5f ///< … which grow with a tick's travel, up to this part of the smallest size.
#define PHYSICS_SLOP_M                 0.005f
#define PHYSICS_PUSH_SPEED_M_S         3.0f
#define PHYSICS_SUBSTEPS_PER_ITERATION 2u
#define PHYSICS_CONTACT_HZ             60.0f
#define PHYSICS_CONTACT_DAMPING        5.0f
#define PHYSICS_BOUNCE_SPEED_M_S       1.0f
#define PHYSICS_SWEEP_TOLERANCE_M_S    0.02f
#define PHYSICS_POSITION_RATE          0.2f
#define PHYSICS_POSITION_STEP_M        0.05f
#define PHYSICS_SLEEP_SPEED_M_S        0.05f
#define PHYSICS_SLEEP_AFTER_S          0.5f
#define PHYSICS_CACHE_UNUSED_TICKS_MAX 3u
#define PHYSICS_COLOURS_MAX            64u
#define PHYSICS_OVERFLOW_COLOUR        PHYSICS_COLOURS_MAX
#define PHYSICS_LANES                  4u
#define PHYSICS_GRID_LEVELS            32u

enum {
    BODY_ALIVE = 1u << 0,
    BODY_DYNAMIC = 1u << 1,
    BODY_ASLEEP = 1u << 2,
    BODY_NO_SLEEP = 1u << 3,
};

// Hashed and saved as words: no padding.
typedef struct body_pose {
    v_vec3 pos_m;
    v_quat rot;
} body_pose;

typedef struct body_motion {
    v_vec3 linear_m_s, angular_rad_s;
    v_vec3 force_n;
    float still_s; ///< How long it has been slower than the sleep speed.
} body_motion;

typedef struct body_status {
    uint32_t generation;
    uint32_t flags;
    uint32_t sleep_next; ///< Ring through the sleeping island's slots, ascending; itself when alone, 0 when awake.
} body_status;

static_assert(sizeof(body_pose) == 28 && sizeof(body_motion) == 40 && sizeof(body_status) == 12, "hashed as words");

/// What never changes in a body's life.
typedef struct body_mass {
    float mass_kg, inverse_mass;
    v_vec3 inertia, inverse_inertia; ///< Principal, in the body's frame.
    float gravity_scale, linear_damping, angular_damping;
    float friction, restitution;
    float reach_m;    ///< Farthest surface point from the centre.
    float smallest_m; ///< Nearest surface point to the centre.
    bool isotropic;   ///< Equal principal moments: no gyroscopic torque.
} body_mass;

/// The solver's view of an awake body: one cache line, fourth components unused. Record 0 stands for all that cannot
/// move.
typedef struct solver_body {
    lanes linear, angular; ///< Velocities.
    lanes moved, turned;   ///< Since the start of the tick; turned is a rotation vector.
} solver_body;
static_assert(sizeof(solver_body) == 64, "one cache line");

/// What an awake body's sub-steps need beside its record.
typedef struct solver_drive {
    v_vec3 linear_step; ///< Velocity change per sub-step.
    v_vec3 acceleration_m_s2;
    float linear_keep, angular_keep; ///< Damping factor per sub-step.
    float inverse_mass;
    float inverse_inertia[6]; ///< World frame: xx, xy, xz, yy, yz, zz.
} solver_drive;

typedef struct body_pair {
    uint32_t a, b; ///< a < b.
} body_pair;

/// A manifold on its way through one step.
typedef struct contact {
    uint32_t a, b; ///< Slots, a < b.
    contact_manifold manifold;
    float impulses[V_MANIFOLD_POINTS_MAX];
    v_vec3 friction_impulse; ///< World frame.
    float twist_impulse;
    uint32_t cache_index;
    uint32_t colour;
} contact;

/// What is remembered of a pair, sorted by (a, b). Hashed and saved as words: no padding.
typedef struct cached_contact {
    uint32_t a, b, generation_a, generation_b;
    uint32_t unused_ticks;
    uint32_t count;
    uint32_t features[V_MANIFOLD_POINTS_MAX];
    float impulses[V_MANIFOLD_POINTS_MAX];
    v_vec3 friction_impulse;
    float twist_impulse;
} cached_contact;
static_assert(sizeof(cached_contact) == 72, "hashed as words");

typedef V_ARRAY(uint32_t) slot_array;
typedef V_ARRAY(body_pair) pair_array;
typedef V_ARRAY(contact) contact_array;
typedef V_ARRAY(cached_contact) cache_array;

/// Broadphase: one hashed grid per power of two of body size. Rebuilt each tick; its layout never reaches a result.
typedef struct grid_level {
    uint32_t begin, count; ///< Range of `entries`.
    uint32_t table_begin, table_mask;
    float cell_m, inverse_cell_m;
    bool has_idle; ///< Holds bodies that do not search for themselves.
} grid_level;

typedef struct grid_cell {
    int32_t x, y, z;
    uint32_t first, count; ///< Range of `entries`; count 0 is a free table entry.
} grid_cell;

typedef struct grid_entry {
    v_aabb bounds;
    uint32_t slot;
    bool searches; ///< Awake: looks for its own pairs.
} grid_entry;

typedef struct physics_grid {
    grid_level levels[PHYSICS_GRID_LEVELS];
    V_ARRAY(grid_entry) entries; ///< Grouped by level and cell.
    slot_array placed;           ///< Scratch: slots by level …
    slot_array cell_of;          ///< … and their table entries.
    V_ARRAY(uint8_t) level_of;   ///< By slot.
    V_ARRAY(grid_cell) table;
} physics_grid;

typedef struct solver_group solver_group;

typedef struct physics_solver {
    solver_body *bodies; ///< [0] cannot move; [i + 1] belongs to awake.items[i].
    solver_drive *drives;
    uint32_t body_capacity, drive_capacity;
    solver_group *groups;
    uint32_t group_count, group_capacity;
    uint32_t colour_begin[PHYSICS_COLOURS_MAX + 2]; ///< Groups of colour c: [begin[c], begin[c + 1]); overflow last.
    uint32_t colour_count;                          ///< Without the overflow.
    slot_array lane_contact;                        ///< Contact of each lane, UINT32_MAX for none.
    V_ARRAY(uint64_t) colours_used;                 ///< By solver index, bit per colour.
    V_ARRAY(float) changes;                         ///< Largest change per chunk of groups.
} physics_solver;

typedef struct physics {
    v_world *world;
    const v_allocator *allocator;
    v_physics_desc desc;
    float tick_s;
    v_physics_stage next_stage;

    // Bodies, by slot; slot 0 is never used.
    uint32_t slot_count, slot_capacity; ///< Slots ever used; room.
    uint32_t alive_count, asleep_count;
    body_pose *poses, *previous;
    body_motion *motions;
    body_status *status;
    body_mass *masses;
    collider *colliders;
    v_body_desc *descs;
    uint64_t *digests;      ///< Of what a desc holds beside the motion; 0 when dead.
    uint32_t *solver_index; ///< 0: does not move this tick.
    uint32_t *island;       ///< Scratch: union-find parent by slot.
    slot_array free_slots;  ///< Last freed, first reused.
    v_map first_of_entity;  ///< Entity index → its lowest slot; the others follow by next_of_entity, ascending.
    uint32_t *next_of_entity;

    slot_array awake; ///< Slots of this step's moving bodies; solver index is position + 1.
    physics_grid grid;
    V_ARRAY(pair_array) chunk_pairs; ///< One per broadphase chunk.
    slot_array bucket;
    pair_array pairs;
    contact_array contacts, woken_contacts;
    slot_array chunk_status, chunk_counts;
    cache_array cache, cache_next;
    V_ARRAY(v_manifold) manifolds;
    physics_solver solver;
    v_physics_stats stats;
} physics;

// physics.c
physics *physics_of(const v_world *world, const char *function);
static inline v_jobs *physics_jobs(const physics *p)
{
    return v_world_jobs(p->world);
}
v_status physics_reserve_slots(physics *p, uint32_t needed);
void physics_release(physics *p);

// body.c
v_status physics_body_check(const physics *p, v_body body, const char *function);
void physics_wake_island(physics *p, uint32_t slot);
void physics_init_slot(physics *p, uint32_t slot, const v_body_desc *desc);

// body_check.c
v_status physics_check_desc(const v_body_desc *desc);
v_status physics_check_vec3(const char *function, const char *name, v_vec3 value, float limit);
v_status physics_check_rotation(const char *function, v_quat rot);

// shape.c
void physics_mass_properties(const v_body_desc *desc, body_mass *out_mass);
void physics_place_collider(collider *out, const v_shape *shape, const body_pose *pose, float margin_m);
void physics_refresh_collider(physics *p, uint32_t slot);

// Stages, in order.
v_status physics_integrate_velocities(physics *p);
v_status physics_broadphase(physics *p);
v_status physics_pairs(physics *p);
v_status physics_narrowphase(physics *p);
v_status physics_manifold_cache(physics *p);
v_status physics_islands(physics *p);
v_status physics_solve(physics *p);
v_status physics_integrate_positions(physics *p);
v_status physics_sleep(physics *p);

// integrate.c
v_status physics_add_awake(physics *p, uint32_t slot);
void physics_integrate_substep(physics *p, float substep_s);
void physics_move_substep(physics *p, float substep_s);

// colour.c
v_status physics_colour(physics *p);
void physics_release_groups(physics *p);

// cache.c
void physics_store_impulses(physics *p);
v_status physics_publish_manifolds(physics *p);

// physics_state.c
uint64_t physics_desc_digest(const v_body_desc *desc);
void physics_hash(const void *state, v_hasher *hasher);
void physics_save(const void *state, v_writer *writer);
v_status physics_load(void *state, v_reader *reader);
/// Enter a slot among the bodies of an entity (0: none), or take it out. Not saved: follows from the descs.
v_status physics_link_entity(physics *p, uint32_t slot, uint32_t entity);
void physics_unlink_entity(physics *p, uint32_t slot);
void physics_hash_entity(const void *state, v_entity entity, v_hasher *hasher);

// physics_journal.c
void physics_journal_create(v_world *world, const v_body_desc *desc);
void physics_journal_body(v_world *world, uint16_t operation, v_body body);
void physics_journal_vectors(v_world *world, uint16_t operation, v_body body, const float *values, size_t count);
void physics_write_desc(v_writer *writer, const v_body_desc *desc);
void physics_read_desc(v_reader *reader, v_body_desc *out_desc);

#endif
