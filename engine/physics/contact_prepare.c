// contact_prepare.c: contacts become groups of four: effective masses, softness, friction at the manifold's middle.
// Source of the soft contact: E. Catto, "Solver2D", 2024 (soft step).
#include "physics_solver.h"

#define GROUP_CHUNK 64u ///< Groups per job.

typedef struct prepare {
    physics *p;
    float push_rate[2], mass_scale[2], impulse_scale[2]; ///< Between moving bodies; against immovable ones.
} prepare;

static v_vec3 symmetric_mul(const float m[6], v_vec3 v)
{
    return v_vec3_make(m[0] * v.x + m[1] * v.y + m[2] * v.z, m[1] * v.x + m[3] * v.y + m[4] * v.z,
                       m[2] * v.x + m[4] * v.y + m[5] * v.z);
}

static void set3(lanes3 *out, uint32_t lane, v_vec3 v)
{
    out->x[lane] = v.x;
    out->y[lane] = v.y;
    out->z[lane] = v.z;
}

/// Source: T. Duff et al., "Building an Orthonormal Basis, Revisited", JCGT 2017.
static void tangents(v_vec3 n, v_vec3 *out_u, v_vec3 *out_v)
{
    float sign = n.z < 0.0f ? -1.0f : 1.0f;
    float a = -1.0f / (sign + n.z), b = n.x * n.y * a;
    *out_u = v_vec3_make(1.0f + sign * n.x * n.x * a, sign * b, -sign * n.x);
    *out_v = v_vec3_make(b, sign + n.y * n.y * a, -n.y);
}

static v_vec3 velocity_at(const solver_body *body, v_vec3 arm)
{
    return v_vec3_add(lanes_to_vec3(body->linear), v_vec3_cross(lanes_to_vec3(body->angular), arm));
}

/// The two bodies' part in one row: Σ (I⁻¹ (arm × x)) · (arm × y).
static float angular_part(const solver_drive *a, const solver_drive *b, v_vec3 arm_a, v_vec3 arm_b, v_vec3 x, v_vec3 y)
{
    v_vec3 turn_a = symmetric_mul(a->inverse_inertia, v_vec3_cross(arm_a, x));
    v_vec3 turn_b = symmetric_mul(b->inverse_inertia, v_vec3_cross(arm_b, x));
    return v_vec3_dot(turn_a, v_vec3_cross(arm_a, y)) + v_vec3_dot(turn_b, v_vec3_cross(arm_b, y));
}

static void prepare_friction(solver_group *g, uint32_t lane, const contact *c, const solver_drive *a,
                             const solver_drive *b, v_vec3 u, v_vec3 v)
{
    const contact_manifold *m = &c->manifold;
    v_vec3 middle_a = v_vec3_make(0, 0, 0), middle_b = v_vec3_make(0, 0, 0);
    float share = 1.0f / (float)m->count;
    for (uint32_t i = 0; i < m->count; ++i) {
        middle_a = v_vec3_mul_add(middle_a, m->points[i].arm_a, share);
        middle_b = v_vec3_mul_add(middle_b, m->points[i].arm_b, share);
    }
    for (uint32_t i = 0; i < m->count; ++i) {
        g->points[i].reach[lane] = v_vec3_distance(m->points[i].arm_a, middle_a);
    }
    set3(&g->middle_a, lane, middle_a);
    set3(&g->middle_b, lane, middle_b);
    float mass = a->inverse_mass + b->inverse_mass;
    float uu = mass + angular_part(a, b, middle_a, middle_b, u, u);
    float vv = mass + angular_part(a, b, middle_a, middle_b, v, v);
    float uv = angular_part(a, b, middle_a, middle_b, u, v);
    float scale = 1.0f / (uu * vv - uv * uv);
    g->friction_mass[0][lane] = vv * scale;
    g->friction_mass[1][lane] = -uv * scale;
    g->friction_mass[2][lane] = uu * scale;
    g->friction_u[lane] = v_vec3_dot(c->friction_impulse, u);
    g->friction_v[lane] = v_vec3_dot(c->friction_impulse, v);
    v_vec3 n = m->normal;
    float twist =
        v_vec3_dot(symmetric_mul(a->inverse_inertia, n), n) + v_vec3_dot(symmetric_mul(b->inverse_inertia, n), n);
    g->twist_mass[lane] = 1.0f / twist;
    g->twist[lane] = c->twist_impulse;
}

static void prepare_points(solver_group *g, uint32_t lane, const contact *c, const solver_body *bodies,
                           const solver_drive *a, const solver_drive *b)
{
    const contact_manifold *m = &c->manifold;
    v_vec3 n = m->normal;
    for (uint32_t i = 0; i < m->count; ++i) {
        const contact_point *point = &m->points[i];
        solver_point *out = &g->points[i];
        set3(&out->arm_a, lane, point->arm_a);
        set3(&out->arm_b, lane, point->arm_b);
        float k = a->inverse_mass + b->inverse_mass + angular_part(a, b, point->arm_a, point->arm_b, n, n);
        out->mass[lane] = 1.0f / k;
        out->separation[lane] = point->separation_m;
        out->impulse[lane] = c->impulses[i];
        v_vec3 closing = v_vec3_sub(velocity_at(&bodies[g->body_b[lane]], point->arm_b),
                                    velocity_at(&bodies[g->body_a[lane]], point->arm_a));
        out->closing[lane] = v_vec3_dot(closing, n);
    }
}

static void prepare_lane(const prepare *job, solver_group *g, uint32_t lane, uint32_t index)
{
    const physics *p = job->p;
    const contact *c = &p->contacts.items[index];
    g->contact[lane] = index;
    g->body_a[lane] = p->solver_index[c->a];
    g->body_b[lane] = p->solver_index[c->b];
    const solver_drive *a = &p->solver.drives[g->body_a[lane]], *b = &p->solver.drives[g->body_b[lane]];
    g->point_count = c->manifold.count > g->point_count ? c->manifold.count : g->point_count;
    v_vec3 u, v;
    tangents(c->manifold.normal, &u, &v);
    set3(&g->normal, lane, c->manifold.normal);
    set3(&g->tangent_u, lane, u);
    set3(&g->tangent_v, lane, v);
    g->inverse_mass_a[lane] = a->inverse_mass;
    g->inverse_mass_b[lane] = b->inverse_mass;
    for (uint32_t i = 0; i < 6; ++i) {
        g->inertia_a[i][lane] = a->inverse_inertia[i];
        g->inertia_b[i][lane] = b->inverse_inertia[i];
    }
    const body_mass *mass_a = &p->masses[c->a], *mass_b = &p->masses[c->b];
    g->friction[lane] = sqrtf(mass_a->friction * mass_b->friction);
    g->restitution[lane] = v_max(mass_a->restitution, mass_b->restitution);
    g->bounces = g->bounces || g->restitution[lane] > 0.0f;
    g->pull[lane] = v_vec3_dot(v_vec3_sub(b->acceleration_m_s2, a->acceleration_m_s2), c->manifold.normal);
    uint32_t soft = g->body_a[lane] == 0 || g->body_b[lane] == 0 ? 1 : 0;
    g->push_rate[lane] = job->push_rate[soft];
    g->mass_scale[lane] = job->mass_scale[soft];
    g->impulse_scale[lane] = job->impulse_scale[soft];
    prepare_friction(g, lane, c, a, b, u, v);
    prepare_points(g, lane, c, p->solver.bodies, a, b);
}

static void prepare_chunk(void *data, uint32_t begin, uint32_t end, uint32_t chunk, uint32_t worker)
{
    (void)chunk;
    (void)worker;
    const prepare *job = data;
    physics_solver *solver = &job->p->solver;
    for (uint32_t i = begin; i < end; ++i) {
        solver_group *g = &solver->groups[i];
        *g = (solver_group){ 0 };
        for (uint32_t lane = 0; lane < PHYSICS_LANES; ++lane) {
            uint32_t index = solver->lane_contact.items[i * PHYSICS_LANES + lane];
            g->contact[lane] = UINT32_MAX;
            if (index != UINT32_MAX) {
                prepare_lane(job, g, lane, index);
            }
        }
    }
}

static void set_softness(prepare *job, uint32_t which, float hertz, float substep_s)
{
    float omega = 2.0f * V_PI * hertz;
    float a1 = 2.0f * PHYSICS_CONTACT_DAMPING + substep_s * omega, a2 = substep_s * omega * a1;
    job->push_rate[which] = omega / a1;
    job->mass_scale[which] = a2 / (1.0f + a2);
    job->impulse_scale[which] = 1.0f / (1.0f + a2);
}

void solver_prepare(physics *p, float substep_s)
{
    prepare job = { .p = p };
    float hertz = v_min(PHYSICS_CONTACT_HZ, 0.125f / substep_s);
    set_softness(&job, 0, hertz, substep_s);
    set_softness(&job, 1, 2.0f * hertz, substep_s);
    v_jobs_for(physics_jobs(p), p->solver.group_count, GROUP_CHUNK, prepare_chunk, &job);
}

void solver_finish(physics *p)
{
    for (uint32_t i = 0; i < p->solver.group_count; ++i) {
        const solver_group *g = &p->solver.groups[i];
        for (uint32_t lane = 0; lane < PHYSICS_LANES; ++lane) {
            if (g->contact[lane] == UINT32_MAX) {
                continue;
            }
            contact *c = &p->contacts.items[g->contact[lane]];
            for (uint32_t k = 0; k < c->manifold.count; ++k) {
                c->impulses[k] = g->points[k].impulse[lane];
            }
            v_vec3 u = v_vec3_make(g->tangent_u.x[lane], g->tangent_u.y[lane], g->tangent_u.z[lane]);
            v_vec3 v = v_vec3_make(g->tangent_v.x[lane], g->tangent_v.y[lane], g->tangent_v.z[lane]);
            c->friction_impulse = v_vec3_mul_add(v_vec3_scale(u, g->friction_u[lane]), v, g->friction_v[lane]);
            c->twist_impulse = g->twist[lane];
        }
    }
}
