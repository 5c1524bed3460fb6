// Quaternions, matrices, projections and transforms of v/math.h that are too long to be inline.
#include "v/math.h"

v_quat v_quat_from_axis_angle(v_vec3 axis, float angle_rad)
{
    float sine, cosine;
    v_sin_cos(0.5f * angle_rad, &sine, &cosine);
    v_vec3 unit = v_vec3_normalize_or(axis, v_vec3_make(0.0f, 0.0f, 0.0f));
    if (v_vec3_length_squared(unit) == 0.0f) {
        return V_QUAT_IDENTITY;
    }
    return v_quat_make(unit.x * sine, unit.y * sine, unit.z * sine, cosine);
}

v_quat v_quat_from_yaw_pitch_roll(float yaw_rad, float pitch_rad, float roll_rad)
{
    v_quat yaw = { 0.0f, 0.0f, 0.0f, 1.0f };
    v_quat pitch = { 0.0f, 0.0f, 0.0f, 1.0f };
    v_quat roll = { 0.0f, 0.0f, 0.0f, 1.0f };
    v_sin_cos(0.5f * yaw_rad, &yaw.y, &yaw.w);
    v_sin_cos(0.5f * pitch_rad, &pitch.x, &pitch.w);
    v_sin_cos(0.5f * roll_rad, &roll.z, &roll.w);
    return v_quat_mul(v_quat_mul(yaw, pitch), roll);
}

static float quat_dot(v_quat a, v_quat b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z + a.w * b.w;
}

static v_quat quat_blend(v_quat a, float weight_a, v_quat b, float weight_b)
{
    return v_quat_make(a.x * weight_a + b.x * weight_b, a.y * weight_a + b.y * weight_b,
                       a.z * weight_a + b.z * weight_b, a.w * weight_a + b.w * weight_b);
}

v_quat v_quat_nlerp(v_quat a, v_quat b, float t)
{
    float side = quat_dot(a, b) < 0.0f ? -1.0f : 1.0f;
    return v_quat_normalize(quat_blend(a, 1.0f - t, b, t * side));
}

/// K. Shoemake, "Animating Rotation with Quaternion Curves", 1985.
v_quat v_quat_slerp(v_quat a, v_quat b, float t)
{
    float cosine = quat_dot(a, b);
    float side = 1.0f;
    if (cosine < 0.0f) {
        cosine = -cosine;
        side = -1.0f;
    }
    // Closer than about 1.8 degrees the sines cancel, and the chord differs from the arc by less than 1e-5 rad.
    if (!(cosine < 0.9995f)) {
        return v_quat_nlerp(a, b, t);
    }
    float angle = v_acos(cosine);
    float inverse_sine = 1.0f / v_sin(angle);
    return quat_blend(a, v_sin(angle * (1.0f - t)) * inverse_sine, b, v_sin(angle * t) * inverse_sine * side);
}

v_mat3 v_mat3_mul(v_mat3 a, v_mat3 b)
{
    return (v_mat3){ { v_mat3_mul_vec3(a, b.c[0]), v_mat3_mul_vec3(a, b.c[1]), v_mat3_mul_vec3(a, b.c[2]) } };
}

v_mat3 v_mat3_transpose(v_mat3 m)
{
    return (v_mat3){
        { { m.c[0].x, m.c[1].x, m.c[2].x }, { m.c[0].y, m.c[1].y, m.c[2].y }, { m.c[0].z, m.c[1].z, m.c[2].z } }
    };
}

bool v_mat3_inverse(v_mat3 m, v_mat3 *out)
{
    // Cofactors in double: products of three floats neither overflow nor underflow there.
    double ax = m.c[0].x, ay = m.c[0].y, az = m.c[0].z;
    double bx = m.c[1].x, by = m.c[1].y, bz = m.c[1].z;
    double cx = m.c[2].x, cy = m.c[2].y, cz = m.c[2].z;
    double r0x = by * cz - bz * cy, r0y = bz * cx - bx * cz, r0z = bx * cy - by * cx;
    double r1x = cy * az - cz * ay, r1y = cz * ax - cx * az, r1z = cx * ay - cy * ax;
    double r2x = ay * bz - az * by, r2y = az * bx - ax * bz, r2z = ax * by - ay * bx;
    double determinant = ax * r0x + ay * r0y + az * r0z;
    if (out == NULL || !(determinant >= 1e-30 || determinant <= -1e-30)) {
        return false;
    }
    double s = 1.0 / determinant;
    v_mat3 inverse = { { { (float)(r0x * s), (float)(r1x * s), (float)(r2x * s) },
                         { (float)(r0y * s), (float)(r1y * s), (float)(r2y * s) },
                         { (float)(r0z * s), (float)(r1z * s), (float)(r2z * s) } } };
    if (!v_vec3_is_finite(inverse.c[0]) || !v_vec3_is_finite(inverse.c[1]) || !v_vec3_is_finite(inverse.c[2])) {
        return false;
    }
    *out = inverse;
    return true;
}

v_mat4 v_mat4_identity(void)
{
    return (v_mat4){ { { 1.0f, 0.0f, 0.0f, 0.0f },
                       { 0.0f, 1.0f, 0.0f, 0.0f },
                       { 0.0f, 0.0f, 1.0f, 0.0f },
                       { 0.0f, 0.0f, 0.0f, 1.0f } } };
}

v_vec4 v_mat4_mul_vec4(v_mat4 m, v_vec4 v)
{
    return (v_vec4){ m.c[0].x * v.x + m.c[1].x * v.y + m.c[2].x * v.z + m.c[3].x * v.w,
                     m.c[0].y * v.x + m.c[1].y * v.y + m.c[2].y * v.z + m.c[3].y * v.w,
                     m.c[0].z * v.x + m.c[1].z * v.y + m.c[2].z * v.z + m.c[3].z * v.w,
                     m.c[0].w * v.x + m.c[1].w * v.y + m.c[2].w * v.z + m.c[3].w * v.w };
}

v_mat4 v_mat4_mul(v_mat4 a, v_mat4 b)
{
    return (v_mat4){ { v_mat4_mul_vec4(a, b.c[0]), v_mat4_mul_vec4(a, b.c[1]), v_mat4_mul_vec4(a, b.c[2]),
                       v_mat4_mul_vec4(a, b.c[3]) } };
}

/// Laplace expansion by 2x2 minors of the upper and lower row pairs, in double as in v_mat3_inverse.
bool v_mat4_inverse(v_mat4 m, v_mat4 *out)
{
    double a0 = m.c[0].x, a1 = m.c[1].x, a2 = m.c[2].x, a3 = m.c[3].x;
    double b0 = m.c[0].y, b1 = m.c[1].y, b2 = m.c[2].y, b3 = m.c[3].y;
    double c0 = m.c[0].z, c1 = m.c[1].z, c2 = m.c[2].z, c3 = m.c[3].z;
    double d0 = m.c[0].w, d1 = m.c[1].w, d2 = m.c[2].w, d3 = m.c[3].w;
    double u01 = a0 * b1 - a1 * b0, u02 = a0 * b2 - a2 * b0, u03 = a0 * b3 - a3 * b0;
    double u12 = a1 * b2 - a2 * b1, u13 = a1 * b3 - a3 * b1, u23 = a2 * b3 - a3 * b2;
    double l01 = c0 * d1 - c1 * d0, l02 = c0 * d2 - c2 * d0, l03 = c0 * d3 - c3 * d0;
    double l12 = c1 * d2 - c2 * d1, l13 = c1 * d3 - c3 * d1, l23 = c2 * d3 - c3 * d2;
    double determinant = u01 * l23 - u02 * l13 + u03 * l12 + u12 * l03 - u13 * l02 + u23 * l01;
    if (out == NULL || !(determinant >= 1e-30 || determinant <= -1e-30)) {
        return false;
    }
    double s = 1.0 / determinant;
    v_mat4 inverse = {
        { { (float)((b1 * l23 - b2 * l13 + b3 * l12) * s), (float)((b2 * l03 - b0 * l23 - b3 * l02) * s),
            (float)((b0 * l13 - b1 * l03 + b3 * l01) * s), (float)((b1 * l02 - b0 * l12 - b2 * l01) * s) },
          { (float)((a2 * l13 - a1 * l23 - a3 * l12) * s), (float)((a0 * l23 - a2 * l03 + a3 * l02) * s),
            (float)((a1 * l03 - a0 * l13 - a3 * l01) * s), (float)((a0 * l12 - a1 * l02 + a2 * l01) * s) },
          { (float)((d1 * u23 - d2 * u13 + d3 * u12) * s), (float)((d2 * u03 - d0 * u23 - d3 * u02) * s),
            (float)((d0 * u13 - d1 * u03 + d3 * u01) * s), (float)((d1 * u02 - d0 * u12 - d2 * u01) * s) },
          { (float)((c2 * u13 - c1 * u23 - c3 * u12) * s), (float)((c0 * u23 - c2 * u03 + c3 * u02) * s),
            (float)((c1 * u03 - c0 * u13 - c3 * u01) * s), (float)((c0 * u12 - c1 * u02 + c2 * u01) * s) } }
    };
    for (int i = 0; i < 4; i++) {
        v_vec4 column = inverse.c[i];
        if (!v_is_finite(column.x) || !v_is_finite(column.y) || !v_is_finite(column.z) || !v_is_finite(column.w)) {
            return false;
        }
    }
    *out = inverse;
    return true;
}

static v_vec4 extend(v_vec3 v, float w)
{
    return (v_vec4){ v.x, v.y, v.z, w };
}

v_mat4 v_mat4_from_transform(v_transform transform)
{
    v_mat3 rotation = v_mat3_from_quat(transform.rot);
    return (v_mat4){ { extend(v_vec3_scale(rotation.c[0], transform.scale.x), 0.0f),
                       extend(v_vec3_scale(rotation.c[1], transform.scale.y), 0.0f),
                       extend(v_vec3_scale(rotation.c[2], transform.scale.z), 0.0f), extend(transform.pos_m, 1.0f) } };
}

v_mat4 v_mat4_look_at(v_vec3 eye_m, v_vec3 target_m, v_vec3 up)
{
    v_vec3 back = v_vec3_normalize_or(v_vec3_sub(eye_m, target_m), v_vec3_make(0.0f, 0.0f, 1.0f));
    v_vec3 right = v_vec3_cross(v_vec3_normalize_or(up, v_vec3_make(0.0f, 1.0f, 0.0f)), back);
    if (v_vec3_length_squared(right) < 1e-10f) {
        // `up` lies on the line of sight: take the coordinate axis that is furthest from it.
        v_vec3 helper = fabsf(back.z) < 0.9f ? v_vec3_make(0.0f, 0.0f, 1.0f) : v_vec3_make(0.0f, 1.0f, 0.0f);
        right = v_vec3_cross(helper, back);
    }
    right = v_vec3_normalize_or(right, v_vec3_make(1.0f, 0.0f, 0.0f));
    v_vec3 above = v_vec3_cross(back, right);
    return (v_mat4){ { { right.x, above.x, back.x, 0.0f },
                       { right.y, above.y, back.y, 0.0f },
                       { right.z, above.z, back.z, 0.0f },
                       { -v_vec3_dot(right, eye_m), -v_vec3_dot(above, eye_m), -v_vec3_dot(back, eye_m), 1.0f } } };
}

v_mat4 v_mat4_perspective(float vertical_fov_rad, float aspect, float near_m, float far_m)
{
    bool good = vertical_fov_rad > 0.0f && vertical_fov_rad < V_PI && aspect > 0.0f && v_is_finite(aspect) &&
                near_m > 0.0f && far_m > near_m;
    if (!good) {
        (void)v_fail(V_ERROR_INVALID_ARGUMENT,
                     "v_mat4_perspective: vertical_fov_rad %g, aspect %g, near_m %g, far_m %g: want a field of view "
                     "in (0, pi), aspect > 0 and 0 < near_m < far_m",
                     (double)vertical_fov_rad, (double)aspect, (double)near_m, (double)far_m);
        return v_mat4_identity();
    }
    float focal = 1.0f / v_tan(0.5f * vertical_fov_rad);
    // depth = near (far - d) / (d (far - near)) at distance d; an infinite far plane leaves near / d.
    float depth_scale = v_is_finite(far_m) ? near_m / (far_m - near_m) : 0.0f;
    float depth_offset = v_is_finite(far_m) ? far_m * depth_scale : near_m;
    return (v_mat4){ { { focal / aspect, 0.0f, 0.0f, 0.0f },
                       { 0.0f, -focal, 0.0f, 0.0f },
                       { 0.0f, 0.0f, depth_scale, -1.0f },
                       { 0.0f, 0.0f, depth_offset, 0.0f } } };
}

v_mat4 v_mat4_orthographic(float left_m, float right_m, float bottom_m, float top_m, float near_m, float far_m)
{
    float width = right_m - left_m, height = top_m - bottom_m, depth = far_m - near_m;
    bool good = width != 0.0f && height != 0.0f && depth != 0.0f && v_is_finite(width) && v_is_finite(height) &&
                v_is_finite(depth);
    if (!good) {
        (void)v_fail(V_ERROR_INVALID_ARGUMENT,
                     "v_mat4_orthographic: x [%g, %g], y [%g, %g], depth [%g, %g]: want finite, non-empty ranges",
                     (double)left_m, (double)right_m, (double)bottom_m, (double)top_m, (double)near_m, (double)far_m);
        return v_mat4_identity();
    }
    return (v_mat4){ { { 2.0f / width, 0.0f, 0.0f, 0.0f },
                       { 0.0f, -2.0f / height, 0.0f, 0.0f },
                       { 0.0f, 0.0f, 1.0f / depth, 0.0f },
                       { -(left_m + right_m) / width, (bottom_m + top_m) / height, far_m / depth, 1.0f } } };
}

v_vec3 v_transform_point(v_transform transform, v_vec3 point_m)
{
    return v_vec3_add(transform.pos_m, v_quat_rotate(transform.rot, v_vec3_mul(transform.scale, point_m)));
}

v_transform v_transform_mul(v_transform parent, v_transform child)
{
    return (v_transform){ .pos_m = v_transform_point(parent, child.pos_m),
                          .rot = v_quat_mul(parent.rot, child.rot),
                          .scale = v_vec3_mul(parent.scale, child.scale) };
}
