// body_check.c: what the public functions refuse, by name and value.
#include "physics_internal.h"

#define SIZE_MIN_M        1e-3f
#define SIZE_MAX_M        1e4f
#define DENSITY_MIN_KG_M3 1e-3f
#define DENSITY_MAX_KG_M3 1e6f
#define COEFFICIENT_MAX   1e3f
#define UNIT_TOLERANCE    1e-3f

v_status physics_check_vec3(const char *function, const char *name, v_vec3 value, float limit)
{
    if (v_vec3_is_finite(value) && fabsf(value.x) <= limit && fabsf(value.y) <= limit && fabsf(value.z) <= limit) {
        return V_OK;
    }
    return v_fail(V_ERROR_INVALID_ARGUMENT, "%s: %s is (%g, %g, %g); each must be within ±%g", function, name,
                  (double)value.x, (double)value.y, (double)value.z, (double)limit);
}

v_status physics_check_rotation(const char *function, v_quat rot)
{
    float squared = rot.x * rot.x + rot.y * rot.y + rot.z * rot.z + rot.w * rot.w;
    if (v_is_finite(squared) && fabsf(sqrtf(squared) - 1.0f) <= UNIT_TOLERANCE) {
        return V_OK;
    }
    return v_fail(V_ERROR_INVALID_ARGUMENT, "%s: rot is (%g, %g, %g, %g); its length must be 1", function,
                  (double)rot.x, (double)rot.y, (double)rot.z, (double)rot.w);
}

static v_status check_range(const char *name, float value, float low, float high)
{
    if (v_is_finite(value) && value >= low && value <= high) {
        return V_OK;
    }
    return v_fail(V_ERROR_INVALID_ARGUMENT, "v_body_create: %s is %g; it must be within %g … %g", name, (double)value,
                  (double)low, (double)high);
}

static v_status check_shape(const v_shape *shape)
{
    switch (shape->kind) {
    case V_SHAPE_SPHERE:
        return check_range("shape.radius_m", shape->radius_m, SIZE_MIN_M, SIZE_MAX_M);
    case V_SHAPE_CAPSULE:
        V_TRY(check_range("shape.radius_m", shape->radius_m, SIZE_MIN_M, SIZE_MAX_M));
        return check_range("shape.half_height_m", shape->half_height_m, SIZE_MIN_M, SIZE_MAX_M);
    case V_SHAPE_BOX:
        V_TRY(check_range("shape.half_extents_m.x", shape->half_extents_m.x, SIZE_MIN_M, SIZE_MAX_M));
        V_TRY(check_range("shape.half_extents_m.y", shape->half_extents_m.y, SIZE_MIN_M, SIZE_MAX_M));
        return check_range("shape.half_extents_m.z", shape->half_extents_m.z, SIZE_MIN_M, SIZE_MAX_M);
    default:
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_body_create: shape.kind is %d; use V_SPHERE, V_CAPSULE or V_BOX",
                      (int)shape->kind);
    }
}

v_status physics_check_desc(const v_body_desc *desc)
{
    if (desc->kind != V_BODY_STATIC && desc->kind != V_BODY_DYNAMIC) {
        return v_fail(V_ERROR_INVALID_ARGUMENT, "v_body_create: kind is %d; it must be V_BODY_STATIC or V_BODY_DYNAMIC",
                      (int)desc->kind);
    }
    V_TRY(check_shape(&desc->shape));
    V_TRY(physics_check_vec3("v_body_create", "pos_m", desc->pos_m, PHYSICS_POSITION_MAX_M));
    V_TRY(physics_check_rotation("v_body_create", desc->rot));
    V_TRY(physics_check_vec3("v_body_create", "velocity_m_s", desc->velocity_m_s, PHYSICS_SPEED_MAX_M_S));
    V_TRY(physics_check_vec3("v_body_create", "angular_velocity_rad_s", desc->angular_velocity_rad_s,
                             PHYSICS_SPIN_MAX_RAD_S));
    V_TRY(check_range("density_kg_m3", desc->density_kg_m3, DENSITY_MIN_KG_M3, DENSITY_MAX_KG_M3));
    V_TRY(check_range("friction", desc->friction, 0.0f, COEFFICIENT_MAX));
    V_TRY(check_range("restitution", desc->restitution, 0.0f, 1.0f));
    V_TRY(check_range("gravity_scale", desc->gravity_scale, -COEFFICIENT_MAX, COEFFICIENT_MAX));
    V_TRY(check_range("linear_damping_per_s", desc->linear_damping_per_s, 0.0f, COEFFICIENT_MAX));
    return check_range("angular_damping_per_s", desc->angular_damping_per_s, 0.0f, COEFFICIENT_MAX);
}
