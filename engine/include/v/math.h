// v/math.h: deterministic vectors, quaternions, matrices and elementary functions. Floor 0.
//
// Every operation here gives the same bits on every CPU, compiler and optimisation level, as long as the caller is
// built with -ffp-contract=off (the pkg-config file and CMake package pass it on). Right-handed, y up, metres, radians.
// Matrices are column-major: m.c[column]. Pure functions: any thread.
//
//     v_quat turn = v_quat_from_axis_angle(v_vec3_make(0.0f, 1.0f, 0.0f), v_sin(time_s));
//     v_transform door = { .pos_m = { 2.0f, 0.0f, 1.0f }, .rot = turn, .scale = { 1.0f, 1.0f, 1.0f } };
//     v_vec3 handle_m = v_transform_point(door, v_vec3_make(0.9f, 1.0f, 0.0f));
//     v_mat4 clip_from_view = v_mat4_perspective(1.0f, 16.0f / 9.0f, 0.1f, 1000.0f);
#ifndef V_MATH_H
#define V_MATH_H

#include "v/base.h"

#include <float.h>
#include <math.h> // sqrtf, fabsf: exact on every IEEE machine. Nothing else of it may be used in simulation code.

#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD != 0
#error                                                                                                                 \
    "v/math.h needs float arithmetic in float precision (32-bit x86: -msse2 -mfpmath=sse; s390x: -fexcess-precision=fast)"
#endif

V_EXTERN_C_BEGIN

#define V_PI 3.14159265358979323846f

typedef struct v_vec2 {
    float x, y;
} v_vec2;
typedef struct v_vec3 {
    float x, y, z;
} v_vec3;
typedef struct v_vec4 {
    float x, y, z, w;
} v_vec4;
typedef struct v_quat {
    float x, y, z, w;
} v_quat; ///< Unit quaternion, w real. All zero is not a rotation.
typedef struct v_mat3 {
    v_vec3 c[3];
} v_mat3;
typedef struct v_mat4 {
    v_vec4 c[4];
} v_mat4;
typedef struct v_transform {
    v_vec3 pos_m;
    v_quat rot;
    v_vec3 scale;
} v_transform;
typedef struct v_aabb {
    v_vec3 min_m, max_m;
} v_aabb;

#define V_QUAT_IDENTITY ((v_quat){ 0.0f, 0.0f, 0.0f, 1.0f })

// Elementary functions, float in and out. Errors in ulp against the exact value, and the reduction's range, stand in
// docs/specs/math.md and are proven by tests/base/test_math_accuracy.c over MPFR. NaN in gives NaN.
V_API float v_sin(float angle_rad);
V_API float v_cos(float angle_rad);
V_API void v_sin_cos(float angle_rad, float *out_sin, float *out_cos);
V_API float v_tan(float angle_rad);
V_API float v_asin(float x); ///< NaN outside [-1, 1].
V_API float v_acos(float x); ///< NaN outside [-1, 1].
V_API float v_atan(float x);
V_API float v_atan2(float y, float x);
V_API float v_exp(float x);
V_API float v_exp2(float x);
V_API float v_log_e(float x); ///< Natural logarithm; -inf at 0, NaN below.
V_API float v_log2(float x);
V_API float v_pow(float base, float exponent); ///< C17 Annex F's special cases.
V_API float v_floor(float x);
V_API float v_ceil(float x);
V_API float v_round(float x);        ///< Half away from zero.
V_API float v_mod(float x, float y); ///< Exact remainder with x's sign.

static inline float v_min(float a, float b)
{
    return a < b ? a : b;
}
static inline float v_max(float a, float b)
{
    return a > b ? a : b;
}
static inline float v_clamp(float x, float low, float high)
{
    return v_min(v_max(x, low), high);
}
static inline float v_lerp(float a, float b, float t)
{
    return a + (b - a) * t;
}
/// True for neither NaN nor infinity, also under -ffast-math.
static inline bool v_is_finite(float x)
{
    union {
        float f;
        uint32_t u;
    } bits = { x };
    return (bits.u & 0x7f800000u) != 0x7f800000u;
}

static inline v_vec3 v_vec3_make(float x, float y, float z)
{
    v_vec3 v;
    v.x = x;
    v.y = y;
    v.z = z;
    return v;
}
static inline v_vec3 v_vec3_add(v_vec3 a, v_vec3 b)
{
    return v_vec3_make(a.x + b.x, a.y + b.y, a.z + b.z);
}
static inline v_vec3 v_vec3_sub(v_vec3 a, v_vec3 b)
{
    return v_vec3_make(a.x - b.x, a.y - b.y, a.z - b.z);
}
static inline v_vec3 v_vec3_mul(v_vec3 a, v_vec3 b)
{
    return v_vec3_make(a.x * b.x, a.y * b.y, a.z * b.z);
}
static inline v_vec3 v_vec3_scale(v_vec3 a, float s)
{
    return v_vec3_make(a.x * s, a.y * s, a.z * s);
}
static inline v_vec3 v_vec3_neg(v_vec3 a)
{
    return v_vec3_make(-a.x, -a.y, -a.z);
}
/// a + b * s.
static inline v_vec3 v_vec3_mul_add(v_vec3 a, v_vec3 b, float s)
{
    return v_vec3_make(a.x + b.x * s, a.y + b.y * s, a.z + b.z * s);
}
static inline float v_vec3_dot(v_vec3 a, v_vec3 b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z;
}
static inline v_vec3 v_vec3_cross(v_vec3 a, v_vec3 b)
{
    return v_vec3_make(a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x);
}
static inline float v_vec3_length_squared(v_vec3 a)
{
    return v_vec3_dot(a, a);
}
static inline float v_vec3_length(v_vec3 a)
{
    return sqrtf(v_vec3_dot(a, a));
}
static inline float v_vec3_distance(v_vec3 a, v_vec3 b)
{
    return v_vec3_length(v_vec3_sub(a, b));
}
/// Unit vector, or `fallback` when the length is below 1e-12 m or not finite.
static inline v_vec3 v_vec3_normalize_or(v_vec3 a, v_vec3 fallback)
{
    float length = v_vec3_length(a);
    return length >= 1e-12f && v_is_finite(length) ? v_vec3_scale(a, 1.0f / length) : fallback;
}
static inline v_vec3 v_vec3_min(v_vec3 a, v_vec3 b)
{
    return v_vec3_make(v_min(a.x, b.x), v_min(a.y, b.y), v_min(a.z, b.z));
}
static inline v_vec3 v_vec3_max(v_vec3 a, v_vec3 b)
{
    return v_vec3_make(v_max(a.x, b.x), v_max(a.y, b.y), v_max(a.z, b.z));
}
static inline v_vec3 v_vec3_abs(v_vec3 a)
{
    return v_vec3_make(fabsf(a.x), fabsf(a.y), fabsf(a.z));
}
static inline v_vec3 v_vec3_lerp(v_vec3 a, v_vec3 b, float t)
{
    return v_vec3_make(v_lerp(a.x, b.x, t), v_lerp(a.y, b.y, t), v_lerp(a.z, b.z, t));
}
static inline bool v_vec3_is_finite(v_vec3 a)
{
    return v_is_finite(a.x) && v_is_finite(a.y) && v_is_finite(a.z);
}

static inline v_quat v_quat_make(float x, float y, float z, float w)
{
    v_quat q;
    q.x = x;
    q.y = y;
    q.z = z;
    q.w = w;
    return q;
}
/// First b, then a.
static inline v_quat v_quat_mul(v_quat a, v_quat b)
{
    return v_quat_make(a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y, a.w * b.y - a.x * b.z + a.y * b.w + a.z * b.x,
                       a.w * b.z + a.x * b.y - a.y * b.x + a.z * b.w, a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z);
}
static inline v_quat v_quat_conjugate(v_quat q)
{
    return v_quat_make(-q.x, -q.y, -q.z, q.w);
}
static inline v_quat v_quat_normalize(v_quat q)
{
    float length = sqrtf(q.x * q.x + q.y * q.y + q.z * q.z + q.w * q.w);
    if (!(length >= 1e-12f) || !v_is_finite(length)) {
        return v_quat_make(0.0f, 0.0f, 0.0f, 1.0f);
    }
    float inverse = 1.0f / length;
    return v_quat_make(q.x * inverse, q.y * inverse, q.z * inverse, q.w * inverse);
}
/// v + 2 q.w (q × v) + 2 q × (q × v).
static inline v_vec3 v_quat_rotate(v_quat q, v_vec3 v)
{
    v_vec3 axis = v_vec3_make(q.x, q.y, q.z);
    v_vec3 t = v_vec3_scale(v_vec3_cross(axis, v), 2.0f);
    return v_vec3_add(v_vec3_mul_add(v, t, q.w), v_vec3_cross(axis, t));
}
static inline v_vec3 v_quat_rotate_inverse(v_quat q, v_vec3 v)
{
    return v_quat_rotate(v_quat_conjugate(q), v);
}
static inline v_mat3 v_mat3_from_quat(v_quat q)
{
    float xx = q.x * q.x, yy = q.y * q.y, zz = q.z * q.z;
    float xy = q.x * q.y, xz = q.x * q.z, yz = q.y * q.z;
    float wx = q.w * q.x, wy = q.w * q.y, wz = q.w * q.z;
    v_mat3 m;
    m.c[0] = v_vec3_make(1.0f - 2.0f * (yy + zz), 2.0f * (xy + wz), 2.0f * (xz - wy));
    m.c[1] = v_vec3_make(2.0f * (xy - wz), 1.0f - 2.0f * (xx + zz), 2.0f * (yz + wx));
    m.c[2] = v_vec3_make(2.0f * (xz + wy), 2.0f * (yz - wx), 1.0f - 2.0f * (xx + yy));
    return m;
}
static inline v_vec3 v_mat3_mul_vec3(v_mat3 m, v_vec3 v)
{
    return v_vec3_make(m.c[0].x * v.x + m.c[1].x * v.y + m.c[2].x * v.z,
                       m.c[0].y * v.x + m.c[1].y * v.y + m.c[2].y * v.z,
                       m.c[0].z * v.x + m.c[1].z * v.y + m.c[2].z * v.z);
}
/// Rotation of angle_rad around an axis of any length; the identity when the axis is zero or not finite.
V_API v_quat v_quat_from_axis_angle(v_vec3 axis, float angle_rad);
/// Yaw about y, then pitch about x, then roll about z (intrinsic).
V_API v_quat v_quat_from_yaw_pitch_roll(float yaw_rad, float pitch_rad, float roll_rad);
/// Shortest-arc normalised linear interpolation.
V_API v_quat v_quat_nlerp(v_quat a, v_quat b, float t);
/// Shortest-arc rotation at constant speed; a at t = 0, b (or -b) at t = 1. Unit quaternions in.
V_API v_quat v_quat_slerp(v_quat a, v_quat b, float t);

V_API v_mat3 v_mat3_mul(v_mat3 a, v_mat3 b);
V_API v_mat3 v_mat3_transpose(v_mat3 m);
/// False (and *out unchanged) when |determinant| < 1e-30 or the inverse is not finite.
V_API bool v_mat3_inverse(v_mat3 m, v_mat3 *out);
V_API v_mat4 v_mat4_identity(void);
V_API v_mat4 v_mat4_mul(v_mat4 a, v_mat4 b);
V_API v_vec4 v_mat4_mul_vec4(v_mat4 m, v_vec4 v);
/// As v_mat3_inverse.
V_API bool v_mat4_inverse(v_mat4 m, v_mat4 *out);
V_API v_mat4 v_mat4_from_transform(v_transform transform);
/// World to view: right is +x, up is +y, forward is -z. Defined also when `up` lies on the line of sight.
V_API v_mat4 v_mat4_look_at(v_vec3 eye_m, v_vec3 target_m, v_vec3 up);
/// Vulkan clip space (y down, depth 1 at near_m and 0 at far_m: reversed z). far_m may be infinite. Arguments that
/// describe no frustum give the identity, and v_status_message() names them.
V_API v_mat4 v_mat4_perspective(float vertical_fov_rad, float aspect, float near_m, float far_m);
/// Vulkan clip space, reversed z. An empty or infinite range gives the identity, as above.
V_API v_mat4 v_mat4_orthographic(float left_m, float right_m, float bottom_m, float top_m, float near_m, float far_m);
/// pos_m + rot · (scale · point_m).
V_API v_vec3 v_transform_point(v_transform transform, v_vec3 point_m);
/// parent ∘ child, exact while the parent's scale is uniform (a transform cannot hold shear).
V_API v_transform v_transform_mul(v_transform parent, v_transform child);

V_EXTERN_C_END
#endif
