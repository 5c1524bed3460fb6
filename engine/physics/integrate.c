// integrate.c: forces become velocity steps at the start of a tick; the solver's motion becomes poses at its end.
#include "physics_internal.h"

#define BODY_CHUNK 256u ///< Awake bodies per job.

static v_vec3 limit_length(v_vec3 v, float limit)
{
    float squared = v_vec3_length_squared(v);
    return squared > limit * limit ? v_vec3_scale(v, limit / sqrtf(squared)) : v;
}

/// Euler's equation without torque, in the body's frame.
static v_vec3 gyroscopic_acceleration(const body_mass *mass, v_vec3 w)
{
    return v_vec3_neg(v_vec3_mul(mass->inverse_inertia, v_vec3_cross(w, v_vec3_mul(mass->inertia, w))));
}

/// Angular velocity after dt of free rotation: a midpoint step in the body's frame, scaled back to the energy it had.
static v_vec3 rotate_freely(const body_mass *mass, v_quat rot, v_vec3 angular, float dt_s)
{
    v_vec3 w = v_quat_rotate_inverse(rot, angular);
    v_vec3 middle = v_vec3_mul_add(w, gyroscopic_acceleration(mass, w), 0.5f * dt_s);
    v_vec3 next = v_vec3_mul_add(w, gyroscopic_acceleration(mass, middle), dt_s);
    float energy = v_vec3_dot(v_vec3_mul(mass->inertia, w), w);
    float next_energy = v_vec3_dot(v_vec3_mul(mass->inertia, next), next);
    if (!(next_energy > 0.0f) || !v_is_finite(next_energy)) {
        return angular;
    }
    return v_quat_rotate(rot, v_vec3_scale(next, sqrtf(energy / next_energy)));
}

/// R diag(d) Rᵀ.
static void world_inertia(v_mat3 axes, v_vec3 d, float out[6])
{
    v_vec3 x = axes.c[0], y = axes.c[1], z = axes.c[2];
    out[0] = x.x * x.x * d.x + y.x * y.x * d.y + z.x * z.x * d.z;
    out[1] = x.x * x.y * d.x + y.x * y.y * d.y + z.x * z.y * d.z;
    out[2] = x.x * x.z * d.x + y.x * y.z * d.y + z.x * z.z * d.z;
    out[3] = x.y * x.y * d.x + y.y * y.y * d.y + z.y * z.y * d.z;
    out[4] = x.y * x.z * d.x + y.y * y.z * d.y + z.y * z.z * d.z;
    out[5] = x.z * x.z * d.x + y.z * y.z * d.y + z.z * z.z * d.z;
}

static void prepare_body(physics *p, uint32_t index)
{
    uint32_t slot = p->awake.items[index - 1u];
    const body_mass *mass = &p->masses[slot];
    body_motion *motion = &p->motions[slot];
    p->previous[slot] = p->poses[slot];
    // The whole change of spin comes first: turning about its result leaves the energy as it is.
    v_vec3 angular = motion->angular_rad_s;
    if (!mass->isotropic && v_vec3_length_squared(angular) > 0.0f) {
        angular = rotate_freely(mass, p->poses[slot].rot, angular, p->tick_s);
    }
    solver_body *body = &p->solver.bodies[index];
    *body = (solver_body){ .linear = lanes_from_vec3(motion->linear_m_s), .angular = lanes_from_vec3(angular) };
    float substeps = (float)(PHYSICS_SUBSTEPS_PER_ITERATION * p->desc.velocity_iterations);
    float substep_s = p->tick_s / substeps;
    v_vec3 gravity = v_vec3_scale(p->desc.gravity_m_s2, mass->gravity_scale);
    solver_drive *drive = &p->solver.drives[index];
    drive->acceleration_m_s2 = v_vec3_mul_add(gravity, motion->force_n, mass->inverse_mass);
    drive->linear_step = v_vec3_scale(drive->acceleration_m_s2, substep_s);
    drive->linear_keep = 1.0f / (1.0f + substep_s * mass->linear_damping);
    drive->angular_keep = 1.0f / (1.0f + substep_s * mass->angular_damping);
    drive->inverse_mass = mass->inverse_mass;
    world_inertia(v_mat3_from_quat(p->poses[slot].rot), mass->inverse_inertia, drive->inverse_inertia);
    motion->force_n = v_vec3_make(0, 0, 0);
}

static v_status reserve_solver(physics *p, uint32_t needed)
{
    physics_solver *solver = &p->solver;
    uint32_t capacity = solver->drive_capacity < 64 ? 64 : solver->drive_capacity;
    while (capacity < needed) {
        capacity *= 2u;
    }
    if (capacity > solver->body_capacity) {
        solver_body *bodies = v_realloc(p->allocator, solver->bodies, solver->body_capacity * sizeof(*bodies),
                                        capacity * sizeof(*bodies), 64);
        if (bodies == NULL) {
            return V_ERROR_OUT_OF_MEMORY;
        }
        solver->bodies = bodies;
        solver->body_capacity = capacity;
    }
    if (capacity > solver->drive_capacity) {
        solver_drive *drives = v_realloc(p->allocator, solver->drives, solver->drive_capacity * sizeof(*drives),
                                         capacity * sizeof(*drives), _Alignof(solver_drive));
        if (drives == NULL) {
            return V_ERROR_OUT_OF_MEMORY;
        }
        solver->drives = drives;
        solver->drive_capacity = capacity;
    }
    return V_OK;
}

v_status physics_add_awake(physics *p, uint32_t slot)
{
    V_TRY(reserve_solver(p, p->awake.count + 2u));
    V_TRY(V_ARRAY_PUSH(&p->awake, p->allocator, slot));
    p->solver_index[slot] = p->awake.count;
    prepare_body(p, p->awake.count);
    return V_OK;
}

static void prepare_chunk(void *data, uint32_t begin, uint32_t end, uint32_t chunk, uint32_t worker)
{
    (void)chunk;
    (void)worker;
    for (uint32_t i = begin; i < end; ++i) {
        prepare_body(data, i + 1u);
    }
}

v_status physics_integrate_velocities(physics *p)
{
    V_TRY(V_ARRAY_RESERVE(&p->awake, p->allocator, p->alive_count));
    V_TRY(reserve_solver(p, p->alive_count + 1u));
    p->awake.count = 0;
    for (uint32_t slot = 0; slot < p->slot_count; ++slot) {
        uint32_t flags = p->status[slot].flags;
        p->solver_index[slot] = 0;
        if ((flags & (BODY_ALIVE | BODY_DYNAMIC | BODY_ASLEEP)) == (BODY_ALIVE | BODY_DYNAMIC)) {
            p->awake.items[p->awake.count++] = slot;
            p->solver_index[slot] = p->awake.count;
        }
    }
    p->solver.bodies[0] = (solver_body){ 0 };
    p->solver.drives[0] = (solver_drive){ 0 };
    v_jobs_for(physics_jobs(p), p->awake.count, BODY_CHUNK, prepare_chunk, p);
    return V_OK;
}

typedef struct substep {
    physics *p;
    float substep_s;
} substep;

static void accelerate_chunk(void *data, uint32_t begin, uint32_t end, uint32_t chunk, uint32_t worker)
{
    (void)chunk;
    (void)worker;
    const physics_solver *solver = &((const substep *)data)->p->solver;
    for (uint32_t i = begin + 1u; i < end + 1u; ++i) {
        const solver_drive *drive = &solver->drives[i];
        solver_body *body = &solver->bodies[i];
        body->linear = (body->linear + lanes_from_vec3(drive->linear_step)) * lanes_all(drive->linear_keep);
        body->angular = body->angular * lanes_all(drive->angular_keep);
    }
}

void physics_integrate_substep(physics *p, float substep_s)
{
    substep s = { p, substep_s };
    v_jobs_for(physics_jobs(p), p->awake.count, BODY_CHUNK, accelerate_chunk, &s);
}

static void move_chunk(void *data, uint32_t begin, uint32_t end, uint32_t chunk, uint32_t worker)
{
    (void)chunk;
    (void)worker;
    const substep *s = data;
    lanes substep_s = lanes_all(s->substep_s);
    for (uint32_t i = begin + 1u; i < end + 1u; ++i) {
        solver_body *body = &s->p->solver.bodies[i];
        body->moved += body->linear * substep_s;
        body->turned += body->angular * substep_s;
    }
}

void physics_move_substep(physics *p, float substep_s)
{
    substep s = { p, substep_s };
    v_jobs_for(physics_jobs(p), p->awake.count, BODY_CHUNK, move_chunk, &s);
}

static v_quat turn(v_quat rot, v_vec3 turned)
{
    float angle = v_vec3_length(turned);
    if (angle < 1e-9f) {
        return rot;
    }
    float sine, cosine;
    v_sin_cos(0.5f * angle, &sine, &cosine);
    float scale = sine / angle;
    v_quat delta = v_quat_make(turned.x * scale, turned.y * scale, turned.z * scale, cosine);
    return v_quat_normalize(v_quat_mul(delta, rot));
}

/// The world ends at PHYSICS_POSITION_MAX_M: a body that reaches it stops there.
static void keep_inside(float *position_m, float *velocity_m_s)
{
    if (fabsf(*position_m) > PHYSICS_POSITION_MAX_M) {
        *position_m = *position_m < 0.0f ? -PHYSICS_POSITION_MAX_M : PHYSICS_POSITION_MAX_M;
        *velocity_m_s = 0.0f;
    }
}

/// Masses and forces at the far ends of their ranges can overflow a float in the solver: such a body stops where it is.
static bool is_finite_motion(const solver_body *body)
{
    return v_vec3_is_finite(lanes_to_vec3(body->linear)) && v_vec3_is_finite(lanes_to_vec3(body->angular)) &&
           v_vec3_is_finite(lanes_to_vec3(body->moved)) && v_vec3_is_finite(lanes_to_vec3(body->turned));
}

static void finish_chunk(void *data, uint32_t begin, uint32_t end, uint32_t chunk, uint32_t worker)
{
    (void)chunk;
    (void)worker;
    physics *p = data;
    for (uint32_t i = begin; i < end; ++i) {
        uint32_t slot = p->awake.items[i];
        const solver_body *body = &p->solver.bodies[i + 1u];
        body_pose *pose = &p->poses[slot];
        body_motion *motion = &p->motions[slot];
        if (!is_finite_motion(body)) {
            motion->linear_m_s = motion->angular_rad_s = v_vec3_make(0, 0, 0);
            continue;
        }
        pose->pos_m = v_vec3_add(pose->pos_m, lanes_to_vec3(body->moved));
        pose->rot = turn(pose->rot, lanes_to_vec3(body->turned));
        motion->linear_m_s = limit_length(lanes_to_vec3(body->linear), PHYSICS_SPEED_MAX_M_S);
        motion->angular_rad_s = limit_length(lanes_to_vec3(body->angular), PHYSICS_SPIN_MAX_RAD_S);
        keep_inside(&pose->pos_m.x, &motion->linear_m_s.x);
        keep_inside(&pose->pos_m.y, &motion->linear_m_s.y);
        keep_inside(&pose->pos_m.z, &motion->linear_m_s.z);
    }
}

v_status physics_integrate_positions(physics *p)
{
    v_jobs_for(physics_jobs(p), p->awake.count, BODY_CHUNK, finish_chunk, p);
    return V_OK;
}
