// collide.c: choosing the pair function, round shapes against round shapes, manifold reduction.
#include "physics_collide.h"

#define TOUCHING_M       1e-6f ///< Below this distance of centres the direction between them is noise.
#define PARALLEL_SQUARED 1e-4f ///< sin² of the angle below which two capsules touch along a line.

static v_vec3 any_perpendicular(v_vec3 unit)
{
    v_vec3 a = v_vec3_abs(unit);
    v_vec3 axis = a.x <= a.y && a.x <= a.z ? v_vec3_make(1, 0, 0)
                  : a.y <= a.z             ? v_vec3_make(0, 1, 0)
                                           : v_vec3_make(0, 0, 1);
    return v_vec3_normalize_or(v_vec3_cross(unit, axis), v_vec3_make(0, 1, 0));
}

static void add_point(contact_manifold *out, v_vec3 arm_a, v_vec3 offset, float separation_m, uint32_t feature)
{
    contact_point *point = &out->points[out->count++];
    point->arm_a = arm_a;
    point->arm_b = v_vec3_sub(arm_a, offset);
    point->separation_m = separation_m;
    point->feature = feature;
}

/// Two balls whose centres are `from` and `to`, both relative to a's centre.
static bool touch_balls(v_vec3 from, float radius_a, v_vec3 to, float radius_b, v_vec3 offset, v_vec3 fallback,
                        float margin_m, contact_manifold *out)
{
    v_vec3 between = v_vec3_sub(to, from);
    float distance = v_vec3_length(between);
    float separation = distance - radius_a - radius_b;
    if (!(separation < margin_m)) {
        return false;
    }
    out->normal = distance > TOUCHING_M ? v_vec3_scale(between, 1.0f / distance) : fallback;
    out->count = 0;
    add_point(out, v_vec3_mul_add(from, out->normal, radius_a + 0.5f * separation), offset, separation, 0);
    return true;
}

bool collide_spheres(const collider *a, const collider *b, float margin_m, contact_manifold *out)
{
    v_vec3 offset = v_vec3_sub(b->pos_m, a->pos_m);
    return touch_balls(v_vec3_make(0, 0, 0), a->radius_m, offset, b->radius_m, offset, v_vec3_make(0, 1, 0), margin_m,
                       out);
}

bool collide_sphere_capsule(const collider *a, const collider *b, float margin_m, contact_manifold *out)
{
    v_vec3 offset = v_vec3_sub(b->pos_m, a->pos_m);
    v_vec3 axis = b->axes.c[1];
    float along = v_clamp(-v_vec3_dot(offset, axis), -b->half_height_m, b->half_height_m);
    return touch_balls(v_vec3_make(0, 0, 0), a->radius_m, v_vec3_mul_add(offset, axis, along), b->radius_m, offset,
                       any_perpendicular(axis), margin_m, out);
}

/// Parameters of the closest points of two segments through the origin and `offset`, along unit axes.
/// Source: C. Ericson, Real-Time Collision Detection, 5.1.9, for unit axes and centred parameters.
static void closest_on_segments(v_vec3 offset, v_vec3 axis_a, float half_a, v_vec3 axis_b, float half_b, float *out_s,
                                float *out_t)
{
    float cosine = v_vec3_dot(axis_a, axis_b);
    float on_a = v_vec3_dot(offset, axis_a), on_b = v_vec3_dot(offset, axis_b);
    float determinant = 1.0f - cosine * cosine;
    float s = determinant > 1e-6f ? v_clamp((on_a - cosine * on_b) / determinant, -half_a, half_a) : 0.0f;
    float t = v_clamp(cosine * s - on_b, -half_b, half_b);
    *out_s = v_clamp(cosine * t + on_a, -half_a, half_a);
    *out_t = v_clamp(cosine * *out_s - on_b, -half_b, half_b);
}

/// Nearly parallel capsules touch along a line: contacts at both ends of the part that lies side by side.
static bool touch_side_by_side(const collider *a, const collider *b, v_vec3 offset, float margin_m,
                               contact_manifold *out)
{
    v_vec3 axis_a = a->axes.c[1], axis_b = b->axes.c[1];
    float cosine = v_vec3_dot(axis_a, axis_b);
    float centre = v_vec3_dot(offset, axis_a);
    float half = b->half_height_m * fabsf(cosine);
    float low = v_max(-a->half_height_m, centre - half), high = v_min(a->half_height_m, centre + half);
    if (!(high - low > 1e-3f * (a->half_height_m + b->half_height_m))) {
        return false;
    }
    float ends[2] = { low, high };
    uint32_t count = 0;
    for (uint32_t i = 0; i < 2; ++i) {
        v_vec3 from = v_vec3_scale(axis_a, ends[i]);
        float along = v_clamp((ends[i] - centre) / cosine, -b->half_height_m, b->half_height_m);
        v_vec3 between = v_vec3_sub(v_vec3_mul_add(offset, axis_b, along), from);
        float separation = v_vec3_dot(between, out->normal) - a->radius_m - b->radius_m;
        if (separation < margin_m) {
            out->count = count++;
            add_point(out, v_vec3_mul_add(from, out->normal, a->radius_m + 0.5f * separation), offset, separation,
                      1 + i);
        }
    }
    return count > 0;
}

bool collide_capsules(const collider *a, const collider *b, float margin_m, contact_manifold *out)
{
    v_vec3 offset = v_vec3_sub(b->pos_m, a->pos_m);
    v_vec3 axis_a = a->axes.c[1], axis_b = b->axes.c[1];
    float s, t;
    closest_on_segments(offset, axis_a, a->half_height_m, axis_b, b->half_height_m, &s, &t);
    v_vec3 across = v_vec3_cross(axis_a, axis_b);
    v_vec3 fallback = v_vec3_length_squared(across) > PARALLEL_SQUARED
                          ? v_vec3_normalize_or(across, v_vec3_make(0, 1, 0))
                          : any_perpendicular(axis_a);
    if (!touch_balls(v_vec3_scale(axis_a, s), a->radius_m, v_vec3_mul_add(offset, axis_b, t), b->radius_m, offset,
                     fallback, margin_m, out)) {
        return false;
    }
    if (v_vec3_length_squared(across) < PARALLEL_SQUARED) {
        contact_manifold line = { .normal = out->normal };
        if (touch_side_by_side(a, b, offset, margin_m, &line)) {
            *out = line;
        }
    }
    return true;
}

void collide_reduce(const contact_candidate *candidates, uint32_t count, v_vec3 normal, v_vec3 offset,
                    contact_manifold *out)
{
    out->normal = normal;
    out->count = 0;
    uint32_t chosen[V_MANIFOLD_POINTS_MAX] = { 0 };
    uint32_t chosen_count = 0;
    if (count <= V_MANIFOLD_POINTS_MAX) {
        for (; chosen_count < count; ++chosen_count) {
            chosen[chosen_count] = chosen_count;
        }
    } else {
        uint32_t deepest = 0;
        for (uint32_t i = 1; i < count; ++i) {
            deepest = candidates[i].separation_m < candidates[deepest].separation_m ? i : deepest;
        }
        v_vec3 first = candidates[deepest].arm_a;
        uint32_t farthest = deepest;
        float best = -1.0f;
        for (uint32_t i = 0; i < count; ++i) {
            float squared = v_vec3_length_squared(v_vec3_sub(candidates[i].arm_a, first));
            if (i != deepest && squared > best) {
                best = squared;
                farthest = i;
            }
        }
        chosen[chosen_count++] = deepest;
        chosen[chosen_count++] = farthest;
        // The largest triangles on either side of the line between the two.
        v_vec3 side = v_vec3_cross(normal, v_vec3_sub(candidates[farthest].arm_a, first));
        uint32_t left = UINT32_MAX, right = UINT32_MAX;
        float most = 0.0f, least = 0.0f;
        for (uint32_t i = 0; i < count; ++i) {
            float area = v_vec3_dot(v_vec3_sub(candidates[i].arm_a, first), side);
            if (i == deepest || i == farthest) {
                continue;
            }
            if (area > most) {
                most = area;
                left = i;
            } else if (area < least) {
                least = area;
                right = i;
            }
        }
        if (left != UINT32_MAX) {
            chosen[chosen_count++] = left;
        }
        if (right != UINT32_MAX) {
            chosen[chosen_count++] = right;
        }
    }
    for (uint32_t i = 0; i < chosen_count; ++i) {
        const contact_candidate *candidate = &candidates[chosen[i]];
        add_point(out, candidate->arm_a, offset, candidate->separation_m, candidate->feature);
    }
}

static void flip(contact_manifold *manifold)
{
    manifold->normal = v_vec3_neg(manifold->normal);
    for (uint32_t i = 0; i < manifold->count; ++i) {
        v_vec3 arm = manifold->points[i].arm_a;
        manifold->points[i].arm_a = manifold->points[i].arm_b;
        manifold->points[i].arm_b = arm;
    }
}

bool collide(const collider *a, const collider *b, float margin_m, contact_manifold *out)
{
    typedef bool (*pair_function)(const collider *, const collider *, float, contact_manifold *);
    static const pair_function functions[4][4] = {
        [V_SHAPE_SPHERE] = { [V_SHAPE_SPHERE] = collide_spheres,
                             [V_SHAPE_CAPSULE] = collide_sphere_capsule,
                             [V_SHAPE_BOX] = collide_sphere_box },
        [V_SHAPE_CAPSULE] = { [V_SHAPE_CAPSULE] = collide_capsules, [V_SHAPE_BOX] = collide_capsule_box },
        [V_SHAPE_BOX] = { [V_SHAPE_BOX] = collide_boxes },
    };
    bool swapped = a->kind > b->kind;
    bool touching =
        swapped ? functions[b->kind][a->kind](b, a, margin_m, out) : functions[a->kind][b->kind](a, b, margin_m, out);
    if (touching && swapped) {
        flip(out);
    }
    return touching;
}
