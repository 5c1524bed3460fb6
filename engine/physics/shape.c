// shape.c: mass, inertia and bounds of the shapes.
#include "physics_internal.h"

static float shape_volume_m3(const v_shape *shape)
{
    float r = shape->radius_m, l = 2.0f * shape->half_height_m;
    v_vec3 h = shape->half_extents_m;
    switch (shape->kind) {
    case V_SHAPE_SPHERE:
        return 4.0f / 3.0f * V_PI * r * r * r;
    case V_SHAPE_CAPSULE:
        return V_PI * r * r * (l + 4.0f / 3.0f * r);
    default:
        return 8.0f * h.x * h.y * h.z;
    }
}

/// Principal moments per kilogram.
static v_vec3 shape_inertia_m2(const v_shape *shape)
{
    float r = shape->radius_m, l = 2.0f * shape->half_height_m;
    v_vec3 h = shape->half_extents_m;
    if (shape->kind == V_SHAPE_SPHERE) {
        float i = 0.4f * r * r;
        return v_vec3_make(i, i, i);
    }
    if (shape->kind == V_SHAPE_CAPSULE) {
        float share = l / (l + 4.0f / 3.0f * r); // of the mass, in the cylinder
        float ball = 1.0f - share;
        float across = share * (l * l / 12.0f + r * r / 4.0f) + ball * (0.4f * r * r + 0.25f * l * l + 0.375f * l * r);
        return v_vec3_make(across, share * 0.5f * r * r + ball * 0.4f * r * r, across);
    }
    float third = 1.0f / 3.0f;
    return v_vec3_make(third * (h.y * h.y + h.z * h.z), third * (h.x * h.x + h.z * h.z),
                       third * (h.x * h.x + h.y * h.y));
}

static float shape_reach_m(const v_shape *shape)
{
    return shape->kind == V_SHAPE_BOX ? v_vec3_length(shape->half_extents_m) : shape->radius_m + shape->half_height_m;
}

static float shape_smallest_m(const v_shape *shape)
{
    v_vec3 h = shape->half_extents_m;
    return shape->kind == V_SHAPE_BOX ? v_min(h.x, v_min(h.y, h.z)) : shape->radius_m;
}

void physics_mass_properties(const v_body_desc *desc, body_mass *out_mass)
{
    *out_mass = (body_mass){ .friction = desc->friction,
                             .restitution = desc->restitution,
                             .gravity_scale = desc->no_gravity ? 0.0f : desc->gravity_scale,
                             .linear_damping = desc->linear_damping_per_s,
                             .angular_damping = desc->angular_damping_per_s,
                             .reach_m = shape_reach_m(&desc->shape),
                             .smallest_m = shape_smallest_m(&desc->shape),
                             .isotropic = true };
    if (desc->kind != V_BODY_DYNAMIC) {
        return;
    }
    float mass = desc->density_kg_m3 * shape_volume_m3(&desc->shape);
    v_vec3 inertia = v_vec3_scale(shape_inertia_m2(&desc->shape), mass);
    out_mass->mass_kg = mass;
    out_mass->inverse_mass = 1.0f / mass;
    out_mass->inertia = inertia;
    out_mass->inverse_inertia = v_vec3_make(1.0f / inertia.x, 1.0f / inertia.y, 1.0f / inertia.z);
    float tolerance = 1e-4f * (inertia.x + inertia.y + inertia.z);
    out_mass->isotropic = fabsf(inertia.x - inertia.y) < tolerance && fabsf(inertia.y - inertia.z) < tolerance;
}

static v_vec3 shape_half_bounds(const v_shape *shape, const v_mat3 *axes)
{
    if (shape->kind == V_SHAPE_BOX) {
        v_vec3 h = shape->half_extents_m;
        v_vec3 half = v_vec3_scale(v_vec3_abs(axes->c[0]), h.x);
        half = v_vec3_mul_add(half, v_vec3_abs(axes->c[1]), h.y);
        return v_vec3_mul_add(half, v_vec3_abs(axes->c[2]), h.z);
    }
    v_vec3 round = v_vec3_make(shape->radius_m, shape->radius_m, shape->radius_m);
    return v_vec3_mul_add(round, v_vec3_abs(axes->c[1]), shape->half_height_m);
}

void physics_place_collider(collider *out, const v_shape *shape, const body_pose *pose, float margin_m)
{
    out->pos_m = pose->pos_m;
    out->axes = v_mat3_from_quat(pose->rot);
    out->kind = shape->kind;
    out->radius_m = shape->radius_m;
    out->half_height_m = shape->kind == V_SHAPE_CAPSULE ? shape->half_height_m : 0.0f;
    out->half_extents_m = shape->half_extents_m;
    out->margin_m = margin_m;
    v_vec3 half = v_vec3_add(shape_half_bounds(shape, &out->axes), v_vec3_make(margin_m, margin_m, margin_m));
    out->bounds.min_m = v_vec3_sub(pose->pos_m, half);
    out->bounds.max_m = v_vec3_add(pose->pos_m, half);
}

void physics_refresh_collider(physics *p, uint32_t slot)
{
    const body_mass *mass = &p->masses[slot];
    float margin = PHYSICS_MARGIN_M;
    if ((p->status[slot].flags & (BODY_DYNAMIC | BODY_ASLEEP)) == BODY_DYNAMIC) {
        const body_motion *motion = &p->motions[slot];
        float speed = v_vec3_length(motion->linear_m_s) + v_vec3_length(motion->angular_rad_s) * mass->reach_m;
        margin += v_min(speed * p->tick_s, PHYSICS_MARGIN_TRAVEL * mass->smallest_m);
    }
    physics_place_collider(&p->colliders[slot], &p->descs[slot].shape, &p->poses[slot], margin);
}
