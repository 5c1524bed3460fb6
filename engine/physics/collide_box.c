// collide_box.c: spheres and capsules against boxes, in the box's frame.
#include "physics_collide.h"

#define TOUCHING_M     1e-6f
#define FACE_ALIGNMENT 0.98f ///< A normal this close to a face's lets a capsule rest on the face with both ends …
#define FACE_LOSS_M    2e-3f ///< … unless the face's contacts are farther than the closest point by more than this.
#define EDGE_BIAS_M    1e-3f ///< An edge is chosen over a face only when it is shallower by this much.

static float axis_get(v_vec3 v, int axis)
{
    return axis == 0 ? v.x : axis == 1 ? v.y : v.z;
}
static v_vec3 axis_make(int axis, float value)
{
    return v_vec3_make(axis == 0 ? value : 0.0f, axis == 1 ? value : 0.0f, axis == 2 ? value : 0.0f);
}
static v_vec3 to_local(const collider *box, v_vec3 v)
{
    return v_vec3_make(v_vec3_dot(box->axes.c[0], v), v_vec3_dot(box->axes.c[1], v), v_vec3_dot(box->axes.c[2], v));
}
static v_vec3 clamp_to_box(v_vec3 p, v_vec3 h)
{
    return v_vec3_make(v_clamp(p.x, -h.x, h.x), v_clamp(p.y, -h.y, h.y), v_clamp(p.z, -h.z, h.z));
}

/// Fill `out` for a = round shape, b = box. `normal_out` points out of the box (from b to a), in the box's frame;
/// points[i] are centres of a's balls, box frame.
static void emit(const collider *a, const collider *box, v_vec3 normal_out, const v_vec3 *centres,
                 const float *separations, const uint32_t *features, uint32_t count, contact_manifold *out)
{
    v_vec3 offset = v_vec3_sub(box->pos_m, a->pos_m);
    out->normal = v_vec3_neg(v_mat3_mul_vec3(box->axes, normal_out));
    out->count = count;
    for (uint32_t i = 0; i < count; ++i) {
        v_vec3 local = v_vec3_mul_add(centres[i], normal_out, -(a->radius_m + 0.5f * separations[i]));
        contact_point *point = &out->points[i];
        point->arm_b = v_mat3_mul_vec3(box->axes, local);
        point->arm_a = v_vec3_add(point->arm_b, offset);
        point->separation_m = separations[i];
        point->feature = features[i];
    }
}

/// The face nearest to a point inside the box: its axis, and the signed distance to it (negative).
static int nearest_face(v_vec3 p, v_vec3 h, float *out_distance)
{
    int best = 0;
    float distance = -FLT_MAX;
    for (int axis = 0; axis < 3; ++axis) {
        float d = fabsf(axis_get(p, axis)) - axis_get(h, axis);
        if (d > distance) {
            distance = d;
            best = axis;
        }
    }
    *out_distance = distance;
    return best;
}

bool collide_sphere_box(const collider *a, const collider *box, float margin_m, contact_manifold *out)
{
    v_vec3 centre = to_local(box, v_vec3_sub(a->pos_m, box->pos_m));
    v_vec3 outside = v_vec3_sub(centre, clamp_to_box(centre, box->half_extents_m));
    float distance = v_vec3_length(outside);
    v_vec3 normal;
    if (distance > TOUCHING_M) {
        normal = v_vec3_scale(outside, 1.0f / distance);
    } else {
        int axis = nearest_face(centre, box->half_extents_m, &distance);
        normal = axis_make(axis, axis_get(centre, axis) < 0.0f ? -1.0f : 1.0f);
    }
    float separation = distance - a->radius_m;
    if (!(separation < margin_m)) {
        return false;
    }
    uint32_t feature = 0;
    emit(a, box, normal, &centre, &separation, &feature, 1, out);
    return true;
}

/// Half the derivative of the squared distance from the box to centre + t · axis: rises with t.
static float distance_slope(v_vec3 centre, v_vec3 axis, v_vec3 h, float t)
{
    v_vec3 p = v_vec3_mul_add(centre, axis, t);
    return v_vec3_dot(v_vec3_sub(p, clamp_to_box(p, h)), axis);
}

/// The parameter on a segment that is closest to a box. The squared distance is convex and piecewise quadratic; its
/// pieces meet where the segment crosses a face's plane, so the slope's zero is found between two neighbouring pieces.
static float closest_on_segment(v_vec3 centre, v_vec3 axis, float half, v_vec3 h)
{
    if (distance_slope(centre, axis, h, -half) >= 0.0f) {
        return -half;
    }
    if (distance_slope(centre, axis, h, half) <= 0.0f) {
        return half;
    }
    float low = -half, high = half;
    for (int i = 0; i < 3; ++i) {
        float direction = axis_get(axis, i);
        if (fabsf(direction) < 1e-9f) {
            continue;
        }
        for (int side = -1; side <= 1; side += 2) {
            float t = ((float)side * axis_get(h, i) - axis_get(centre, i)) / direction;
            if (t > low && t < high) {
                if (distance_slope(centre, axis, h, t) < 0.0f) {
                    low = t;
                } else {
                    high = t;
                }
            }
        }
    }
    float slope_low = distance_slope(centre, axis, h, low), slope_high = distance_slope(centre, axis, h, high);
    float rise = slope_high - slope_low;
    return rise > 1e-12f ? v_clamp(low - slope_low * (high - low) / rise, low, high) : 0.5f * (low + high);
}

/// The part of the segment above a face's rectangle. False when there is none.
static bool clip_to_face(v_vec3 centre, v_vec3 axis, float half, v_vec3 h, int face, float *low, float *high)
{
    *low = -half;
    *high = half;
    for (int i = 0; i < 3; ++i) {
        if (i == face) {
            continue;
        }
        float c = axis_get(centre, i), d = axis_get(axis, i), extent = axis_get(h, i);
        if (fabsf(d) < 1e-9f) {
            if (fabsf(c) > extent) {
                return false;
            }
            continue;
        }
        float near = (-extent - c) / d, far = (extent - c) / d;
        *low = v_max(*low, v_min(near, far));
        *high = v_min(*high, v_max(near, far));
    }
    return *low <= *high;
}

/// Contacts at both ends of the segment's part above a face. False when none is within the margin.
static bool rest_on_face(const collider *a, const collider *box, v_vec3 centre, v_vec3 axis, int face, float sign,
                         float margin_m, contact_manifold *out)
{
    float ends[2];
    if (!clip_to_face(centre, axis, a->half_height_m, box->half_extents_m, face, &ends[0], &ends[1])) {
        return false;
    }
    v_vec3 centres[2];
    float separations[2];
    uint32_t features[2], count = 0;
    uint32_t ends_count = ends[1] - ends[0] > 1e-3f * a->half_height_m ? 2 : 1;
    for (uint32_t i = 0; i < ends_count; ++i) {
        v_vec3 p = v_vec3_mul_add(centre, axis, ends[i]);
        float separation = sign * axis_get(p, face) - axis_get(box->half_extents_m, face) - a->radius_m;
        if (separation < margin_m) {
            centres[count] = p;
            separations[count] = separation;
            features[count++] = 16u + 4u * (uint32_t)face + (sign < 0.0f ? 2u : 0u) + i;
        }
    }
    if (count == 0) {
        return false;
    }
    emit(a, box, axis_make(face, sign), centres, separations, features, count, out);
    return true;
}

/// The segment passes through the box: push along the axis of least overlap (faces, then edges crossed with the
/// capsule's axis).
static bool collide_deep(const collider *a, const collider *box, v_vec3 centre, v_vec3 axis, float margin_m,
                         contact_manifold *out)
{
    v_vec3 h = box->half_extents_m;
    int face = 0;
    float best = -FLT_MAX;
    for (int i = 0; i < 3; ++i) {
        float s = fabsf(axis_get(centre, i)) - a->half_height_m * fabsf(axis_get(axis, i)) - axis_get(h, i);
        if (s > best) {
            best = s;
            face = i;
        }
    }
    float face_sign = axis_get(centre, face) < 0.0f ? -1.0f : 1.0f;
    int edge = -1;
    v_vec3 edge_normal = v_vec3_make(0, 1, 0);
    for (int i = 0; i < 3; ++i) {
        v_vec3 across = v_vec3_cross(axis_make(i, 1.0f), axis);
        float length = v_vec3_length(across);
        if (length < 0.05f) {
            continue;
        }
        v_vec3 n = v_vec3_scale(across, (v_vec3_dot(across, centre) < 0.0f ? -1.0f : 1.0f) / length);
        float s = v_vec3_dot(n, centre) - v_vec3_dot(v_vec3_abs(n), h);
        if (s > best + EDGE_BIAS_M) {
            best = s;
            edge = i;
            edge_normal = n;
        }
    }
    if (edge < 0) {
        // The deepest point of the segment may lie beside the face; then its end nearest to the face plane counts.
        if (rest_on_face(a, box, centre, axis, face, face_sign, margin_m, out)) {
            return true;
        }
        float t = face_sign * axis_get(axis, face) > 0.0f ? -a->half_height_m : a->half_height_m;
        v_vec3 p = v_vec3_mul_add(centre, axis, t);
        float separation = best - a->radius_m;
        uint32_t feature = 1;
        emit(a, box, axis_make(face, face_sign), &p, &separation, &feature, 1, out);
        return true;
    }
    // Closest point of the capsule's line to the box edge that supports the normal.
    v_vec3 corner = v_vec3_make(edge_normal.x < 0.0f ? -h.x : h.x, edge_normal.y < 0.0f ? -h.y : h.y,
                                edge_normal.z < 0.0f ? -h.z : h.z);
    v_vec3 between = v_vec3_sub(corner, centre);
    v_vec3 flat_axis = v_vec3_sub(axis, axis_make(edge, axis_get(axis, edge)));
    v_vec3 flat = v_vec3_sub(between, axis_make(edge, axis_get(between, edge)));
    float t =
        v_clamp(v_vec3_dot(flat, flat_axis) / v_vec3_length_squared(flat_axis), -a->half_height_m, a->half_height_m);
    v_vec3 p = v_vec3_mul_add(centre, axis, t);
    float separation = best - a->radius_m;
    uint32_t feature = 4u + (uint32_t)edge;
    emit(a, box, edge_normal, &p, &separation, &feature, 1, out);
    return true;
}

bool collide_capsule_box(const collider *a, const collider *box, float margin_m, contact_manifold *out)
{
    v_vec3 centre = to_local(box, v_vec3_sub(a->pos_m, box->pos_m));
    v_vec3 axis = to_local(box, a->axes.c[1]);
    v_vec3 h = box->half_extents_m;
    float t = closest_on_segment(centre, axis, a->half_height_m, h);
    v_vec3 p = v_vec3_mul_add(centre, axis, t);
    v_vec3 outside = v_vec3_sub(p, clamp_to_box(p, h));
    float distance = v_vec3_length(outside);
    if (!(distance - a->radius_m < margin_m)) {
        return false;
    }
    if (!(distance > TOUCHING_M)) {
        return collide_deep(a, box, centre, axis, margin_m, out);
    }
    v_vec3 normal = v_vec3_scale(outside, 1.0f / distance);
    v_vec3 alignment = v_vec3_abs(normal);
    int face = alignment.x >= alignment.y && alignment.x >= alignment.z ? 0 : alignment.y >= alignment.z ? 1 : 2;
    float separation = distance - a->radius_m;
    if (axis_get(alignment, face) > FACE_ALIGNMENT &&
        rest_on_face(a, box, centre, axis, face, axis_get(normal, face) < 0.0f ? -1.0f : 1.0f, margin_m, out)) {
        float nearest = out->points[0].separation_m;
        nearest = out->count > 1 ? v_min(nearest, out->points[1].separation_m) : nearest;
        if (nearest <= separation + FACE_LOSS_M) {
            return true;
        }
    }
    uint32_t feature = 2;
    emit(a, box, normal, &p, &separation, &feature, 1, out);
    return true;
}
