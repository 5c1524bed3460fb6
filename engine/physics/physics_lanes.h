// physics_lanes.h: four floats side by side. Each operation does per lane exactly what the scalar one does, so results
// do not depend on how the compiler maps it to the CPU.
#ifndef PHYSICS_LANES_H
#define PHYSICS_LANES_H

#include "v/math.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

typedef float lanes __attribute__((vector_size(16)));
typedef int32_t lanes_mask __attribute__((vector_size(16)));

typedef struct lanes3 {
    lanes x, y, z;
} lanes3;

static inline lanes lanes_all(float value)
{
    return (lanes){ value, value, value, value };
}
static inline lanes lanes_select(lanes_mask mask, lanes a, lanes b)
{
    return (lanes)((mask & (lanes_mask)a) | (~mask & (lanes_mask)b));
}
/// a < b ? a : b, which is what the instruction computes.
static inline lanes lanes_min(lanes a, lanes b)
{
#if defined(__SSE2__)
    return (lanes)_mm_min_ps((__m128)a, (__m128)b);
#else
    return lanes_select(a < b, a, b);
#endif
}
/// a > b ? a : b.
static inline lanes lanes_max(lanes a, lanes b)
{
#if defined(__SSE2__)
    return (lanes)_mm_max_ps((__m128)a, (__m128)b);
#else
    return lanes_select(a > b, a, b);
#endif
}
static inline lanes lanes_sqrt(lanes a)
{
#if defined(__SSE2__)
    return (lanes)_mm_sqrt_ps((__m128)a);
#else
    return (lanes){ sqrtf(a[0]), sqrtf(a[1]), sqrtf(a[2]), sqrtf(a[3]) };
#endif
}
static inline lanes lanes_abs(lanes a)
{
    return (lanes)((lanes_mask)a & (lanes_mask){ INT32_MAX, INT32_MAX, INT32_MAX, INT32_MAX });
}
static inline bool lanes_any(lanes_mask mask)
{
    return (mask[0] | mask[1] | mask[2] | mask[3]) != 0;
}
static inline float lanes_largest(lanes a)
{
    return v_max(v_max(a[0], a[1]), v_max(a[2], a[3]));
}

static inline lanes3 lanes3_add(lanes3 a, lanes3 b)
{
    return (lanes3){ a.x + b.x, a.y + b.y, a.z + b.z };
}
static inline lanes3 lanes3_sub(lanes3 a, lanes3 b)
{
    return (lanes3){ a.x - b.x, a.y - b.y, a.z - b.z };
}
static inline lanes3 lanes3_scale(lanes3 a, lanes s)
{
    return (lanes3){ a.x * s, a.y * s, a.z * s };
}
static inline lanes3 lanes3_mul_add(lanes3 a, lanes3 b, lanes s)
{
    return (lanes3){ a.x + b.x * s, a.y + b.y * s, a.z + b.z * s };
}
static inline lanes lanes3_dot(lanes3 a, lanes3 b)
{
    return a.x * b.x + a.y * b.y + a.z * b.z;
}
static inline lanes3 lanes3_cross(lanes3 a, lanes3 b)
{
    return (lanes3){ a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x };
}
/// Symmetric matrix (xx, xy, xz, yy, yz, zz) times vector.
static inline lanes3 lanes3_symmetric(const lanes m[6], lanes3 v)
{
    return (lanes3){ m[0] * v.x + m[1] * v.y + m[2] * v.z, m[1] * v.x + m[3] * v.y + m[4] * v.z,
                     m[2] * v.x + m[4] * v.y + m[5] * v.z };
}
static inline void lanes_transpose(lanes *a, lanes *b, lanes *c, lanes *d)
{
    lanes ab_low = __builtin_shufflevector(*a, *b, 0, 4, 1, 5), ab_high = __builtin_shufflevector(*a, *b, 2, 6, 3, 7);
    lanes cd_low = __builtin_shufflevector(*c, *d, 0, 4, 1, 5), cd_high = __builtin_shufflevector(*c, *d, 2, 6, 3, 7);
    *a = __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);
    *b = __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);
    *c = __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);
    *d = __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
}

static inline lanes lanes_from_vec3(v_vec3 v)
{
    return (lanes){ v.x, v.y, v.z, 0.0f };
}
static inline v_vec3 lanes_to_vec3(lanes v)
{
    return v_vec3_make(v[0], v[1], v[2]);
}

#endif
