// physics.c: the physics part of a world: settings, stages, statistics.
#include "v/thread.h"

#include "physics_internal.h"

#include <inttypes.h>
#include <string.h>

#define PART_NAME    "physics"
#define PART_VERSION 1u

typedef struct stage_entry {
    const char *name;
    v_status (*run)(physics *p);
} stage_entry;

static const stage_entry stages[V_PHYSICS_STAGE_COUNT] = {
    [V_PHYSICS_INTEGRATE_VELOCITIES] = { "integrate velocities", physics_integrate_velocities },
    [V_PHYSICS_BROADPHASE] = { "broadphase", physics_broadphase },
    [V_PHYSICS_PAIRS] = { "pairs", physics_pairs },
    [V_PHYSICS_NARROWPHASE] = { "narrowphase", physics_narrowphase },
    [V_PHYSICS_MANIFOLD_CACHE] = { "manifold cache", physics_manifold_cache },
    [V_PHYSICS_ISLANDS] = { "islands", physics_islands },
    [V_PHYSICS_SOLVE] = { "solve", physics_solve },
    [V_PHYSICS_INTEGRATE_POSITIONS] = { "integrate positions", physics_integrate_positions },
    [V_PHYSICS_SLEEP] = { "sleep", physics_sleep },
};

static uint32_t clamp_u32(uint32_t value, uint32_t low, uint32_t high)
{
    return value < low ? low : value > high ? high : value;
}

static v_physics_desc fill_desc(const v_physics_desc *desc)
{
    v_physics_desc d = *desc;
    v_vec3 g = d.gravity_m_s2;
    if (d.zero_gravity) {
        d.gravity_m_s2 = v_vec3_make(0, 0, 0);
    } else if (g.x == 0.0f && g.y == 0.0f && g.z == 0.0f) {
        d.gravity_m_s2 = v_vec3_make(0, -9.81f, 0);
    }
    d.bodies_max = d.bodies_max != 0 ? d.bodies_max : 65536u;
    d.solver_iterations = clamp_u32(d.solver_iterations != 0 ? d.solver_iterations : 8u, 1u, 16u);
    d.velocity_iterations = clamp_u32(d.velocity_iterations != 0 ? d.velocity_iterations : 4u, 1u, 16u);
    d.position_iterations = d.position_iterations == V_PHYSICS_NONE ? 0u
                            : d.position_iterations == 0            ? 2u
                                                                    : clamp_u32(d.position_iterations, 0u, 8u);
    d.warm_start_factor = d.warm_start_factor < 0.0f    ? 0.0f
                          : d.warm_start_factor == 0.0f ? 0.8f
                                                        : v_min(d.warm_start_factor, 1.0f);
    return d;
}

static v_status check_physics_desc(const v_physics_desc *desc)
{
    V_TRY(physics_check_vec3("v_physics_attach", "gravity_m_s2", desc->gravity_m_s2, 1e4f));
    if (!v_is_finite(desc->warm_start_factor)) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_physics_attach: warm_start_factor is %g; it must be finite",
                      (double)desc->warm_start_factor);
    }
    if (desc->cell_m != 0.0f && !(desc->cell_m >= 0.01f && desc->cell_m <= 1e5f)) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_physics_attach: cell_m is %g; it must be 0 or within 0.01 … 1e5",
                      (double)desc->cell_m);
    }
    if (desc->bodies_max > (1u << 24)) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_physics_attach: bodies_max is %" PRIu32 "; at most 16777216",
                      desc->bodies_max);
    }
    return V_OK;
}

static void destroy_part(void *state)
{
    physics_release(state);
}

v_status v_physics_attach(v_world *world, const v_physics_desc *desc)
{
    if (world == NULL || desc == NULL) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_physics_attach: %s is null", world == NULL ? "world" : "desc");
    }
    if (v_world_part_find(world, PART_NAME) != NULL) {
        return v_fail(V_ERROR_STATE, "v_physics_attach: the world has physics already");
    }
    V_TRY(check_physics_desc(desc));
    const v_allocator *allocator = v_world_allocator(world);
    physics *p = V_NEW(allocator, physics);
    if (p == NULL) {
        return V_ERROR_OUT_OF_MEMORY;
    }
    p->world = world;
    p->allocator = p->first_of_entity.allocator = allocator;
    p->desc = fill_desc(desc);
    p->tick_s = 1.0f / (float)v_world_tick_hz(world);
    p->slot_count = 1;
    v_status status = physics_reserve_slots(p, 64);
    if (status == V_OK) {
        status = v_world_attach(world, &(v_world_part){ .name = PART_NAME,
                                                        .state = p,
                                                        .version = PART_VERSION,
                                                        .destroy = destroy_part,
                                                        .hash = physics_hash,
                                                        .save = physics_save,
                                                        .load = physics_load,
                                                        .hash_entity = physics_hash_entity });
    }
    if (status != V_OK) {
        physics_release(p);
    }
    return status;
}

physics *physics_of(const v_world *world, const char *function)
{
    if (world == NULL) {
        (void)v_fail(V_ERROR_INVALID_ARGUMENT, "%s: world is null", function);
        return NULL;
    }
    physics *p = v_world_part_find(world, PART_NAME);
    if (p == NULL) {
        (void)v_fail(V_ERROR_STATE, "%s: the world has no physics; call v_physics_attach first", function);
    }
    return p;
}

v_physics_desc v_physics_get_desc(const v_world *world)
{
    const physics *p = physics_of(world, "v_physics_get_desc");
    return p != NULL ? p->desc : (v_physics_desc){ 0 };
}

/// One array that is indexed by slot. All of them are as large as slot_capacity says: none moves before there is room
/// for all.
typedef struct slot_column {
    void **items;
    size_t item_bytes;
} slot_column;

#define SLOT_COLUMNS(p)                                                                                                \
    {                                                                                                                  \
        { (void **)&(p)->poses, sizeof(*(p)->poses) }, { (void **)&(p)->previous, sizeof(*(p)->previous) },            \
            { (void **)&(p)->motions, sizeof(*(p)->motions) }, { (void **)&(p)->status, sizeof(*(p)->status) },        \
            { (void **)&(p)->masses, sizeof(*(p)->masses) }, { (void **)&(p)->colliders, sizeof(*(p)->colliders) },    \
            { (void **)&(p)->descs, sizeof(*(p)->descs) }, { (void **)&(p)->digests, sizeof(*(p)->digests) },          \
            { (void **)&(p)->solver_index, sizeof(*(p)->solver_index) },                                               \
            { (void **)&(p)->next_of_entity, sizeof(*(p)->next_of_entity) },                                           \
            { (void **)&(p)->island, sizeof(*(p)->island) },                                                           \
    }

v_status physics_reserve_slots(physics *p, uint32_t needed)
{
    if (needed <= p->slot_capacity) {
        return V_OK;
    }
    uint32_t capacity = p->slot_capacity < 64 ? 64 : p->slot_capacity;
    while (capacity < needed) {
        capacity *= 2u;
    }
    const slot_column columns[] = SLOT_COLUMNS(p);
    V_TRY(V_ARRAY_RESERVE(&p->free_slots, p->allocator, capacity));
    void *fresh[V_COUNT_OF(columns)];
    for (uint32_t i = 0; i < V_COUNT_OF(columns); ++i) {
        fresh[i] = v_alloc(p->allocator, capacity * columns[i].item_bytes, 16);
        if (fresh[i] == NULL) {
            while (i-- > 0) {
                v_free(p->allocator, fresh[i], capacity * columns[i].item_bytes, 16);
            }
            return V_ERROR_OUT_OF_MEMORY;
        }
    }
    for (uint32_t i = 0; i < V_COUNT_OF(columns); ++i) {
        size_t old_bytes = p->slot_capacity * columns[i].item_bytes;
        if (old_bytes != 0) {
            memcpy(fresh[i], *columns[i].items, old_bytes);
        }
        v_free(p->allocator, *columns[i].items, old_bytes, 16);
        *columns[i].items = fresh[i];
    }
    for (uint32_t slot = p->slot_capacity; slot < capacity; ++slot) {
        p->status[slot] = (body_status){ 0 };
        p->poses[slot] = p->previous[slot] = (body_pose){ 0 };
        p->motions[slot] = (body_motion){ 0 };
        p->digests[slot] = 0;
        p->solver_index[slot] = 0;
    }
    p->slot_capacity = capacity;
    return V_OK;
}

static void release_solver(physics *p)
{
    physics_solver *solver = &p->solver;
    v_free(p->allocator, solver->bodies, solver->body_capacity * sizeof(*solver->bodies), 64);
    v_free(p->allocator, solver->drives, solver->drive_capacity * sizeof(*solver->drives), _Alignof(solver_drive));
    physics_release_groups(p);
    V_ARRAY_DESTROY(&solver->lane_contact, p->allocator);
    V_ARRAY_DESTROY(&solver->colours_used, p->allocator);
    V_ARRAY_DESTROY(&solver->changes, p->allocator);
}

void physics_release(physics *p)
{
    const slot_column columns[] = SLOT_COLUMNS(p);
    for (uint32_t i = 0; i < V_COUNT_OF(columns); ++i) {
        v_free(p->allocator, *columns[i].items, p->slot_capacity * columns[i].item_bytes, 16);
    }
    for (uint32_t i = 0; i < p->chunk_pairs.count; ++i) {
        V_ARRAY_DESTROY(&p->chunk_pairs.items[i], p->allocator);
    }
    V_ARRAY_DESTROY(&p->chunk_pairs, p->allocator);
    V_ARRAY_DESTROY(&p->free_slots, p->allocator);
    v_map_destroy(&p->first_of_entity);
    V_ARRAY_DESTROY(&p->awake, p->allocator);
    V_ARRAY_DESTROY(&p->bucket, p->allocator);
    V_ARRAY_DESTROY(&p->pairs, p->allocator);
    V_ARRAY_DESTROY(&p->contacts, p->allocator);
    V_ARRAY_DESTROY(&p->woken_contacts, p->allocator);
    V_ARRAY_DESTROY(&p->chunk_status, p->allocator);
    V_ARRAY_DESTROY(&p->chunk_counts, p->allocator);
    V_ARRAY_DESTROY(&p->cache, p->allocator);
    V_ARRAY_DESTROY(&p->cache_next, p->allocator);
    V_ARRAY_DESTROY(&p->manifolds, p->allocator);
    V_ARRAY_DESTROY(&p->grid.entries, p->allocator);
    V_ARRAY_DESTROY(&p->grid.placed, p->allocator);
    V_ARRAY_DESTROY(&p->grid.cell_of, p->allocator);
    V_ARRAY_DESTROY(&p->grid.level_of, p->allocator);
    V_ARRAY_DESTROY(&p->grid.table, p->allocator);
    release_solver(p);
    V_DELETE(p->allocator, p);
}

const char *v_physics_stage_name(v_physics_stage stage)
{
    return (uint32_t)stage < V_PHYSICS_STAGE_COUNT ? stages[stage].name : "unknown stage";
}

static v_status run_stage(physics *p, v_physics_stage stage)
{
    uint64_t start_ns = v_clock_ns(); // tidy: clock; shown in the stats, read by nothing else
    v_status status = stages[stage].run(p);
    p->stats.stage_ns[stage] = v_clock_ns() - start_ns; // tidy: clock
    p->next_stage = status == V_OK && stage + 1 < V_PHYSICS_STAGE_COUNT ? stage + 1 : V_PHYSICS_INTEGRATE_VELOCITIES;
    return status;
}

v_status v_physics_run_stage(v_world *world, v_physics_stage stage)
{
    physics *p = physics_of(world, "v_physics_run_stage");
    if (p == NULL) {
        return world == NULL ? V_ERROR_INVALID_ARGUMENT : V_ERROR_STATE;
    }
    if ((uint32_t)stage >= V_PHYSICS_STAGE_COUNT) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_physics_run_stage: stage is %d; it must be below %d", (int)stage,
                      (int)V_PHYSICS_STAGE_COUNT);
    }
    if (!v_world_in_tick(world)) {
        return v_fail(V_ERROR_STATE, "v_physics_run_stage: no tick is under way; call v_world_begin_tick first");
    }
    if (stage != p->next_stage) {
        return v_fail(V_ERROR_STATE, "v_physics_run_stage: stage is '%s'; '%s' comes next", stages[stage].name,
                      stages[p->next_stage].name);
    }
    return run_stage(p, stage);
}

v_status v_physics_step(v_world *world)
{
    physics *p = physics_of(world, "v_physics_step");
    if (p == NULL) {
        return world == NULL ? V_ERROR_INVALID_ARGUMENT : V_ERROR_STATE;
    }
    if (!v_world_in_tick(world)) {
        return v_fail(V_ERROR_STATE, "v_physics_step: no tick is under way; call v_world_begin_tick first");
    }
    if (p->next_stage != V_PHYSICS_INTEGRATE_VELOCITIES) {
        return v_fail(V_ERROR_STATE, "v_physics_step: a step is under way; '%s' comes next",
                      stages[p->next_stage].name);
    }
    for (uint32_t stage = 0; stage < V_PHYSICS_STAGE_COUNT; ++stage) {
        V_TRY(run_stage(p, (v_physics_stage)stage));
    }
    return V_OK;
}

const v_manifold *v_physics_manifolds(const v_world *world, uint32_t *out_count)
{
    const physics *p = physics_of(world, "v_physics_manifolds");
    if (out_count != NULL) {
        *out_count = p != NULL ? p->manifolds.count : 0;
    }
    return p != NULL ? p->manifolds.items : NULL;
}

v_physics_stats v_physics_get_stats(const v_world *world)
{
    const physics *p = physics_of(world, "v_physics_get_stats");
    if (p == NULL) {
        return (v_physics_stats){ 0 };
    }
    v_physics_stats stats = p->stats;
    stats.bodies = p->alive_count;
    return stats;
}

double v_physics_energy_j(const v_world *world)
{
    const physics *p = physics_of(world, "v_physics_energy_j");
    double energy = 0.0;
    for (uint32_t slot = 1; p != NULL && slot < p->slot_count; ++slot) {
        if ((p->status[slot].flags & (BODY_ALIVE | BODY_DYNAMIC)) != (BODY_ALIVE | BODY_DYNAMIC)) {
            continue;
        }
        const body_mass *mass = &p->masses[slot];
        v_vec3 v = p->motions[slot].linear_m_s;
        v_vec3 w = v_quat_rotate_inverse(p->poses[slot].rot, p->motions[slot].angular_rad_s);
        v_vec3 gravity = v_vec3_scale(p->desc.gravity_m_s2, mass->gravity_scale);
        energy += 0.5 * (double)mass->mass_kg * (double)v_vec3_length_squared(v);
        energy += 0.5 * (double)v_vec3_dot(v_vec3_mul(mass->inertia, w), w);
        energy -= (double)mass->mass_kg * (double)v_vec3_dot(gravity, p->poses[slot].pos_m);
    }
    return energy;
}
