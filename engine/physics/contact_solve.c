// contact_solve.c: the solver. A tick is divided into sub-steps; each is warm-started with what the last one found,
// swept once with the contacts' push-out, and moved. Every second one ends with a sweep without push-out, so that
// pushing out leaves no speed.
// Sources: M. Macklin et al., "Small Steps in Physics Simulation", 2019; E. Catto, "Solver2D", 2024 (soft step).
#include "physics_solver.h"

#define GROUP_CHUNK 64u ///< Groups per job.

/// What a phase works on. Groups of one colour share no moving body, so chunks may run side by side.
typedef struct phase {
    physics *p;
    float substep_s;
    uint32_t first; ///< Group that chunk ranges count from.
    float *changes; ///< Per chunk; null when nobody asks.
} phase;

typedef void (*phase_function)(void *data, uint32_t begin, uint32_t end, uint32_t chunk, uint32_t worker);

/// Four pairs of bodies: either their velocities or their displacements.
typedef struct pair_motion {
    lanes3 linear_a, angular_a, linear_b, angular_b;
} pair_motion;

static inline void gather(const lanes *const from[PHYSICS_LANES], lanes3 *out)
{
    lanes a = *from[0], b = *from[1], c = *from[2], d = *from[3];
    lanes_transpose(&a, &b, &c, &d);
    *out = (lanes3){ a, b, c };
}

static inline void scatter(lanes3 v, lanes *const to[PHYSICS_LANES], const uint32_t index[PHYSICS_LANES])
{
    lanes a = v.x, b = v.y, c = v.z, d = lanes_all(0.0f);
    lanes_transpose(&a, &b, &c, &d);
    const lanes rows[PHYSICS_LANES] = { a, b, c, d };
    for (uint32_t i = 0; i < PHYSICS_LANES; ++i) {
        if (index[i] != 0) { // record 0 is shared by all workers: never written
            *to[i] = rows[i];
        }
    }
}

#define LANES_OF(bodies, index, field)                                                                                 \
    {                                                                                                                  \
        &(bodies)[(index)[0]].field, &(bodies)[(index)[1]].field, &(bodies)[(index)[2]].field,                         \
            &(bodies)[(index)[3]].field                                                                                \
    }

static inline void load_velocities(const solver_group *g, const solver_body *bodies, pair_motion *out)
{
    gather((const lanes *const[])LANES_OF(bodies, g->body_a, linear), &out->linear_a);
    gather((const lanes *const[])LANES_OF(bodies, g->body_a, angular), &out->angular_a);
    gather((const lanes *const[])LANES_OF(bodies, g->body_b, linear), &out->linear_b);
    gather((const lanes *const[])LANES_OF(bodies, g->body_b, angular), &out->angular_b);
}

static inline void store_velocities(const solver_group *g, solver_body *bodies, const pair_motion *m)
{
    scatter(m->linear_a, (lanes *const[])LANES_OF(bodies, g->body_a, linear), g->body_a);
    scatter(m->angular_a, (lanes *const[])LANES_OF(bodies, g->body_a, angular), g->body_a);
    scatter(m->linear_b, (lanes *const[])LANES_OF(bodies, g->body_b, linear), g->body_b);
    scatter(m->angular_b, (lanes *const[])LANES_OF(bodies, g->body_b, angular), g->body_b);
}

static inline void load_displacements(const solver_group *g, const solver_body *bodies, pair_motion *out)
{
    gather((const lanes *const[])LANES_OF(bodies, g->body_a, moved), &out->linear_a);
    gather((const lanes *const[])LANES_OF(bodies, g->body_a, turned), &out->angular_a);
    gather((const lanes *const[])LANES_OF(bodies, g->body_b, moved), &out->linear_b);
    gather((const lanes *const[])LANES_OF(bodies, g->body_b, turned), &out->angular_b);
}

static inline void store_displacements(const solver_group *g, solver_body *bodies, const pair_motion *m)
{
    scatter(m->linear_a, (lanes *const[])LANES_OF(bodies, g->body_a, moved), g->body_a);
    scatter(m->angular_a, (lanes *const[])LANES_OF(bodies, g->body_a, turned), g->body_a);
    scatter(m->linear_b, (lanes *const[])LANES_OF(bodies, g->body_b, moved), g->body_b);
    scatter(m->angular_b, (lanes *const[])LANES_OF(bodies, g->body_b, turned), g->body_b);
}

/// Push b along `impulse` and a against it.
static inline void apply(const solver_group *g, pair_motion *m, lanes3 impulse, lanes3 moment_a, lanes3 moment_b)
{
    m->linear_a = lanes3_mul_add(m->linear_a, impulse, -g->inverse_mass_a);
    m->linear_b = lanes3_mul_add(m->linear_b, impulse, g->inverse_mass_b);
    m->angular_a = lanes3_sub(m->angular_a, lanes3_symmetric(g->inertia_a, moment_a));
    m->angular_b = lanes3_add(m->angular_b, lanes3_symmetric(g->inertia_b, moment_b));
}

/// How fast a point of b moves away from a's along the normal; turn_* = arm × normal.
static inline lanes along_normal(const solver_group *g, const pair_motion *m, lanes3 turn_a, lanes3 turn_b)
{
    return lanes3_dot(g->normal, lanes3_sub(m->linear_b, m->linear_a)) + lanes3_dot(m->angular_b, turn_b) -
           lanes3_dot(m->angular_a, turn_a);
}

static inline void apply_normal(const solver_group *g, pair_motion *m, lanes impulse, lanes3 turn_a, lanes3 turn_b)
{
    apply(g, m, lanes3_scale(g->normal, impulse), lanes3_scale(turn_a, impulse), lanes3_scale(turn_b, impulse));
}

static inline void apply_friction(const solver_group *g, pair_motion *m, lanes along_u, lanes along_v)
{
    lanes3 impulse = lanes3_mul_add(lanes3_scale(g->tangent_u, along_u), g->tangent_v, along_v);
    apply(g, m, impulse, lanes3_cross(g->middle_a, impulse), lanes3_cross(g->middle_b, impulse));
}

static inline void apply_twist(const solver_group *g, pair_motion *m, lanes impulse)
{
    lanes3 moment = lanes3_scale(g->normal, impulse);
    m->angular_a = lanes3_sub(m->angular_a, lanes3_symmetric(g->inertia_a, moment));
    m->angular_b = lanes3_add(m->angular_b, lanes3_symmetric(g->inertia_b, moment));
}

/// Coulomb friction at the manifold's middle: a disc for sliding and an interval for twisting, both as wide as the
/// normal impulses allow.
static inline void solve_friction(solver_group *g, pair_motion *m)
{
    lanes normal_sum = lanes_all(0.0f), twist_sum = lanes_all(0.0f);
    for (uint32_t i = 0; i < g->point_count; ++i) {
        normal_sum += g->points[i].impulse;
        twist_sum += g->points[i].impulse * g->points[i].reach;
    }
    lanes spin = lanes3_dot(g->normal, lanes3_sub(m->angular_b, m->angular_a));
    lanes limit = g->friction * twist_sum;
    lanes twist = lanes_max(lanes_min(g->twist - g->twist_mass * spin, limit), -limit);
    apply_twist(g, m, twist - g->twist);
    g->twist = twist;

    lanes3 slip = lanes3_sub(lanes3_add(m->linear_b, lanes3_cross(m->angular_b, g->middle_b)),
                             lanes3_add(m->linear_a, lanes3_cross(m->angular_a, g->middle_a)));
    lanes slip_u = lanes3_dot(slip, g->tangent_u), slip_v = lanes3_dot(slip, g->tangent_v);
    lanes u = g->friction_u - (g->friction_mass[0] * slip_u + g->friction_mass[1] * slip_v);
    lanes v = g->friction_v - (g->friction_mass[1] * slip_u + g->friction_mass[2] * slip_v);
    limit = g->friction * normal_sum;
    lanes length = lanes_sqrt(u * u + v * v);
    lanes_mask slides = length > limit;
    lanes scale = lanes_select(slides, limit / lanes_select(slides, length, lanes_all(1.0f)), lanes_all(1.0f));
    u *= scale;
    v *= scale;
    apply_friction(g, m, u - g->friction_u, v - g->friction_v);
    g->friction_u = u;
    g->friction_v = v;
}

/// One sweep over a group. Gaps that stay open may close within the sub-step but no further; overlaps are pushed out
/// softly when `pushing`. Returns the largest change of speed.
static inline lanes solve_group(solver_group *g, solver_body *bodies, float substep_s, bool pushing)
{
    pair_motion m, d;
    load_velocities(g, bodies, &m);
    load_displacements(g, bodies, &d);
    solve_friction(g, &m);
    lanes rate = lanes_all(1.0f / substep_s), one = lanes_all(1.0f), zero = lanes_all(0.0f);
    lanes change = zero;
    for (uint32_t i = 0; i < g->point_count; ++i) {
        solver_point *point = &g->points[pushing ? i : g->point_count - 1u - i];
        lanes3 turn_a = lanes3_cross(point->arm_a, g->normal), turn_b = lanes3_cross(point->arm_b, g->normal);
        lanes gap = point->separation + along_normal(g, &d, turn_a, turn_b);
        lanes_mask open = gap > zero;
        lanes bias = lanes_select(open, gap * rate, zero), mass_scale = one, impulse_scale = zero;
        if (pushing) {
            lanes push = lanes_max(gap * g->push_rate, lanes_all(-PHYSICS_PUSH_SPEED_M_S));
            bias = lanes_select(open, bias, push);
            mass_scale = lanes_select(open, one, g->mass_scale);
            impulse_scale = lanes_select(open, zero, g->impulse_scale);
        }
        lanes velocity = along_normal(g, &m, turn_a, turn_b);
        lanes wanted = point->impulse - point->mass * mass_scale * (velocity + bias) - impulse_scale * point->impulse;
        lanes impulse = lanes_max(wanted, zero);
        lanes delta = impulse - point->impulse;
        point->impulse = impulse;
        point->peak = lanes_max(point->peak, impulse);
        apply_normal(g, &m, delta, turn_a, turn_b);
        change = lanes_max(change, lanes_abs(delta) * (g->inverse_mass_a + g->inverse_mass_b));
    }
    store_velocities(g, bodies, &m);
    return change;
}

static void push_groups(void *data, uint32_t begin, uint32_t end, uint32_t chunk, uint32_t worker)
{
    (void)chunk;
    (void)worker;
    const phase *f = data;
    for (uint32_t i = begin; i < end; ++i) {
        (void)solve_group(&f->p->solver.groups[f->first + i], f->p->solver.bodies, f->substep_s, true);
    }
}

static void relax_groups(void *data, uint32_t begin, uint32_t end, uint32_t chunk, uint32_t worker)
{
    (void)worker;
    const phase *f = data;
    lanes change = lanes_all(0.0f);
    for (uint32_t i = begin; i < end; ++i) {
        solver_group *g = &f->p->solver.groups[f->first + i];
        change = lanes_max(change, solve_group(g, f->p->solver.bodies, f->substep_s, false));
    }
    if (f->changes != NULL) {
        f->changes[chunk] = lanes_largest(change);
    }
}

static void warm_groups(void *data, uint32_t begin, uint32_t end, uint32_t chunk, uint32_t worker)
{
    (void)chunk;
    (void)worker;
    const phase *f = data;
    for (uint32_t i = begin; i < end; ++i) {
        solver_group *g = &f->p->solver.groups[f->first + i];
        pair_motion m;
        load_velocities(g, f->p->solver.bodies, &m);
        apply_twist(g, &m, g->twist);
        apply_friction(g, &m, g->friction_u, g->friction_v);
        for (uint32_t k = 0; k < g->point_count; ++k) {
            const solver_point *point = &g->points[k];
            apply_normal(g, &m, point->impulse, lanes3_cross(point->arm_a, g->normal),
                         lanes3_cross(point->arm_b, g->normal));
        }
        store_velocities(g, f->p->solver.bodies, &m);
    }
}

/// The speed after a bounce. During the tick the bodies fell into contact over a gap that gravity closed in part; the
/// gap's energy is returned, and so is what the sub-step integrator takes at a reversal, since it conserves
/// v²/2 − a (gap) − a v h/2. Restitution 1 then returns a body to its height.
static inline lanes bounce_speed(const solver_group *g, const solver_point *point, float substep_s)
{
    lanes zero = lanes_all(0.0f);
    lanes press = lanes_max(-g->pull, zero), half_step = press * lanes_all(0.5f * substep_s);
    lanes arrival = half_step - point->closing;
    lanes gap = lanes_max(point->separation, zero);
    lanes speed = lanes_sqrt(arrival * arrival + lanes_all(2.0f) * press * gap) + half_step;
    return g->restitution * speed;
}

static void bounce_groups(void *data, uint32_t begin, uint32_t end, uint32_t chunk, uint32_t worker)
{
    (void)chunk;
    (void)worker;
    const phase *f = data;
    lanes zero = lanes_all(0.0f);
    for (uint32_t i = begin; i < end; ++i) {
        solver_group *g = &f->p->solver.groups[f->first + i];
        if (!g->bounces) {
            continue;
        }
        pair_motion m;
        load_velocities(g, f->p->solver.bodies, &m);
        for (uint32_t k = 0; k < g->point_count; ++k) {
            solver_point *point = &g->points[k];
            lanes_mask hit = (point->closing < lanes_all(-PHYSICS_BOUNCE_SPEED_M_S)) & (point->peak > zero) &
                             (g->restitution > zero);
            lanes3 turn_a = lanes3_cross(point->arm_a, g->normal), turn_b = lanes3_cross(point->arm_b, g->normal);
            lanes missing = along_normal(g, &m, turn_a, turn_b) - bounce_speed(g, point, f->substep_s);
            lanes impulse = lanes_max(point->impulse - point->mass * missing, zero);
            impulse = lanes_select(hit, impulse, point->impulse);
            apply_normal(g, &m, impulse - point->impulse, turn_a, turn_b);
            // Not remembered: the next tick's contact must not start with the blow of this one.
        }
        store_velocities(g, f->p->solver.bodies, &m);
    }
}

/// Move overlapping bodies apart without giving them speed.
static void separate_groups(void *data, uint32_t begin, uint32_t end, uint32_t chunk, uint32_t worker)
{
    (void)chunk;
    (void)worker;
    const phase *f = data;
    lanes zero = lanes_all(0.0f);
    for (uint32_t i = begin; i < end; ++i) {
        solver_group *g = &f->p->solver.groups[f->first + i];
        pair_motion d;
        load_displacements(g, f->p->solver.bodies, &d);
        lanes_mask corrected = { 0 };
        for (uint32_t k = 0; k < g->point_count; ++k) {
            const solver_point *point = &g->points[k];
            lanes3 turn_a = lanes3_cross(point->arm_a, g->normal), turn_b = lanes3_cross(point->arm_b, g->normal);
            lanes overlap = point->separation + along_normal(g, &d, turn_a, turn_b) + lanes_all(PHYSICS_SLOP_M);
            lanes step = lanes_max(overlap * lanes_all(PHYSICS_POSITION_RATE), lanes_all(-PHYSICS_POSITION_STEP_M));
            lanes impulse = -point->mass * lanes_min(step, zero);
            corrected |= impulse > zero;
            apply_normal(g, &d, impulse, turn_a, turn_b);
        }
        if (lanes_any(corrected)) {
            store_displacements(g, f->p->solver.bodies, &d);
        }
    }
}

/// Run a phase colour by colour, the overflow last and in order.
static float run_phase(physics *p, phase_function run, float substep_s, bool measure)
{
    physics_solver *solver = &p->solver;
    float change = 0.0f;
    for (uint32_t i = 0; i <= solver->colour_count; ++i) {
        uint32_t colour = i < solver->colour_count ? i : PHYSICS_OVERFLOW_COLOUR;
        uint32_t begin = solver->colour_begin[colour], count = solver->colour_begin[colour + 1u] - begin;
        if (count == 0) {
            continue;
        }
        phase f = { .p = p, .substep_s = substep_s, .first = begin, .changes = measure ? solver->changes.items : NULL };
        uint32_t chunk = colour == PHYSICS_OVERFLOW_COLOUR ? count : GROUP_CHUNK;
        v_jobs_for(physics_jobs(p), count, chunk, run, &f);
        for (uint32_t k = 0; measure && k < v_jobs_chunk_count(count, chunk); ++k) {
            change = v_max(change, solver->changes.items[k]);
        }
    }
    return change;
}

v_status physics_solve(physics *p)
{
    V_TRY(
        V_ARRAY_RESERVE(&p->solver.changes, p->allocator, v_jobs_chunk_count(p->solver.group_count, GROUP_CHUNK) + 1u));
    uint32_t substeps = PHYSICS_SUBSTEPS_PER_ITERATION * p->desc.velocity_iterations;
    float substep_s = p->tick_s / (float)substeps;
    solver_prepare(p, substep_s);
    float change = 0.0f;
    for (uint32_t i = 0; i < substeps; ++i) {
        physics_integrate_substep(p, substep_s);
        (void)run_phase(p, warm_groups, substep_s, false);
        (void)run_phase(p, push_groups, substep_s, false);
        physics_move_substep(p, substep_s);
        if (i % PHYSICS_SUBSTEPS_PER_ITERATION == PHYSICS_SUBSTEPS_PER_ITERATION - 1u) {
            change = run_phase(p, relax_groups, substep_s, i + 1u == substeps);
        }
    }
    uint32_t sweeps = p->desc.velocity_iterations;
    for (; sweeps < p->desc.solver_iterations && change > PHYSICS_SWEEP_TOLERANCE_M_S; ++sweeps) {
        change = run_phase(p, relax_groups, substep_s, true);
    }
    p->stats.iterations = sweeps;
    (void)run_phase(p, bounce_groups, substep_s, false);
    for (uint32_t i = 0; i < p->desc.position_iterations; ++i) {
        (void)run_phase(p, separate_groups, substep_s, false);
    }
    solver_finish(p);
    physics_store_impulses(p);
    return physics_publish_manifolds(p);
}
