// collide_box_box.c: two boxes by separating axes, then face clipping or the closest points of two edges.
// Sources: S. Gottschalk, "OBBTree", 1996 (the fifteen axes); D. Gregorius, "Robust Contact Creation for Physics
// Simulations", GDC 2015 (reference face, feature ids, preference for faces).
#include "physics_collide.h"

#define PARALLEL_SQUARED  1e-3f   ///< sin² below which two edges count as parallel: a face axis covers them.
#define FACE_PREFERENCE_M 5e-4f   ///< b's face must be better than a's by this much: keeps ids stable …
#define EDGE_PREFERENCE_M 2.5e-3f ///< … and so must an edge pair be better than both.
#define CLIP_TOLERANCE_M  1e-3f ///< Corners this little beside the face count as above it: aligned boxes keep their ids.
#define CLIP_VERTICES_MAX 8u
#define FEATURE_FLIPPED   0x08000000u
#define FEATURE_EDGES     0x04000000u

/// b in a's frame.
typedef struct box_pair {
    const collider *a, *b;
    float ha[3], hb[3];
    float offset[3]; ///< b's centre, a's frame.
    float r[3][3];   ///< r[i][j] = a's axis i · b's axis j.
    float r_abs[3][3];
} box_pair;

typedef struct best_axis {
    float separation_m;
    int i, j; ///< Face: i. Edges: a's i, b's j.
} best_axis;

/// A corner of the clipped polygon, named by the edges that meet in it: 0 … 3 of the incident face, 4 … 7 cut by a side
/// plane of the reference face.
typedef struct clip_vertex {
    float u, v, depth;
    uint32_t edge_in, edge_out;
} clip_vertex;

static void extents_get(v_vec3 h, float out[3])
{
    out[0] = h.x;
    out[1] = h.y;
    out[2] = h.z;
}

static void pair_init(box_pair *pair, const collider *a, const collider *b)
{
    pair->a = a;
    pair->b = b;
    extents_get(a->half_extents_m, pair->ha);
    extents_get(b->half_extents_m, pair->hb);
    v_vec3 offset = v_vec3_sub(b->pos_m, a->pos_m);
    for (int i = 0; i < 3; ++i) {
        pair->offset[i] = v_vec3_dot(a->axes.c[i], offset);
        for (int j = 0; j < 3; ++j) {
            pair->r[i][j] = v_vec3_dot(a->axes.c[i], b->axes.c[j]);
            pair->r_abs[i][j] = fabsf(pair->r[i][j]);
        }
    }
}

/// False when a face axis of either box separates them by more than the margin.
static bool test_faces(const box_pair *pair, float margin_m, best_axis *out_a, best_axis *out_b)
{
    *out_a = *out_b = (best_axis){ .separation_m = -FLT_MAX };
    for (int i = 0; i < 3; ++i) {
        const float *row = pair->r_abs[i];
        float s =
            fabsf(pair->offset[i]) - pair->ha[i] - (pair->hb[0] * row[0] + pair->hb[1] * row[1] + pair->hb[2] * row[2]);
        if (s >= margin_m) {
            return false;
        }
        if (s > out_a->separation_m) {
            *out_a = (best_axis){ .separation_m = s, .i = i };
        }
    }
    for (int j = 0; j < 3; ++j) {
        float along =
            pair->offset[0] * pair->r[0][j] + pair->offset[1] * pair->r[1][j] + pair->offset[2] * pair->r[2][j];
        float s = fabsf(along) - pair->hb[j] -
                  (pair->ha[0] * pair->r_abs[0][j] + pair->ha[1] * pair->r_abs[1][j] + pair->ha[2] * pair->r_abs[2][j]);
        if (s >= margin_m) {
            return false;
        }
        if (s > out_b->separation_m) {
            *out_b = (best_axis){ .separation_m = s, .i = j };
        }
    }
    return true;
}

static bool test_edges(const box_pair *pair, float margin_m, best_axis *out)
{
    *out = (best_axis){ .separation_m = -FLT_MAX };
    for (int i = 0; i < 3; ++i) {
        int i1 = (i + 1) % 3, i2 = (i + 2) % 3;
        for (int j = 0; j < 3; ++j) {
            float squared = 1.0f - pair->r[i][j] * pair->r[i][j];
            if (squared < PARALLEL_SQUARED) {
                continue;
            }
            int j1 = (j + 1) % 3, j2 = (j + 2) % 3;
            // a_i × b_j has components −r[i2][j] along a_i1 and r[i1][j] along a_i2.
            float along = fabsf(pair->offset[i2] * pair->r[i1][j] - pair->offset[i1] * pair->r[i2][j]);
            float radius_a = pair->ha[i1] * pair->r_abs[i2][j] + pair->ha[i2] * pair->r_abs[i1][j];
            float radius_b = pair->hb[j1] * pair->r_abs[i][j2] + pair->hb[j2] * pair->r_abs[i][j1];
            float s = (along - radius_a - radius_b) / sqrtf(squared);
            if (s >= margin_m) {
                return false;
            }
            if (s > out->separation_m) {
                *out = (best_axis){ .separation_m = s, .i = i, .j = j };
            }
        }
    }
    return true;
}

/// Sutherland–Hodgman against one side plane: sign · (u or v) ≤ limit.
static uint32_t clip_side(const clip_vertex *in, uint32_t count, bool along_v, float sign, float limit, uint32_t plane,
                          clip_vertex *out)
{
    uint32_t out_count = 0;
    for (uint32_t i = 0; i < count && out_count < CLIP_VERTICES_MAX; ++i) {
        const clip_vertex *from = &in[i], *to = &in[i + 1 == count ? 0 : i + 1];
        float distance_from = sign * (along_v ? from->v : from->u) - limit;
        float distance_to = sign * (along_v ? to->v : to->u) - limit;
        if (distance_from <= 0.0f) {
            out[out_count++] = *from;
        }
        if ((distance_from < 0.0f && distance_to > 0.0f) || (distance_from > 0.0f && distance_to < 0.0f)) {
            if (out_count == CLIP_VERTICES_MAX) {
                break;
            }
            float t = distance_from / (distance_from - distance_to);
            bool leaves = distance_from < 0.0f;
            out[out_count++] = (clip_vertex){ .u = v_lerp(from->u, to->u, t),
                                              .v = v_lerp(from->v, to->v, t),
                                              .depth = v_lerp(from->depth, to->depth, t),
                                              .edge_in = leaves ? from->edge_out : 4u + plane,
                                              .edge_out = leaves ? 4u + plane : from->edge_out };
        }
    }
    return out_count;
}

/// The four corners of the incident box's face that looks most against the reference normal, in reference coordinates.
static void incident_face(const collider *reference, const collider *incident, int face, float sign, clip_vertex out[4],
                          uint32_t *out_face)
{
    v_vec3 normal = v_vec3_scale(reference->axes.c[face], sign);
    float h[3];
    extents_get(incident->half_extents_m, h);
    int axis = 0;
    float best = -1.0f, facing = 0.0f;
    for (int j = 0; j < 3; ++j) {
        float cosine = v_vec3_dot(normal, incident->axes.c[j]);
        if (fabsf(cosine) > best) {
            best = fabsf(cosine);
            facing = cosine;
            axis = j;
        }
    }
    int j1 = (axis + 1) % 3, j2 = (axis + 2) % 3, u = (face + 1) % 3, v = (face + 2) % 3;
    v_vec3 offset = v_vec3_sub(incident->pos_m, reference->pos_m);
    v_vec3 centre = v_vec3_mul_add(offset, incident->axes.c[axis], facing > 0.0f ? -h[axis] : h[axis]);
    static const float corners[4][2] = { { 1, 1 }, { -1, 1 }, { -1, -1 }, { 1, -1 } };
    for (uint32_t k = 0; k < 4; ++k) {
        v_vec3 p = v_vec3_mul_add(v_vec3_mul_add(centre, incident->axes.c[j1], corners[k][0] * h[j1]),
                                  incident->axes.c[j2], corners[k][1] * h[j2]);
        out[k] = (clip_vertex){ .u = v_vec3_dot(reference->axes.c[u], p),
                                .v = v_vec3_dot(reference->axes.c[v], p),
                                .depth = sign * v_vec3_dot(reference->axes.c[face], p),
                                .edge_in = (k + 3u) % 4u,
                                .edge_out = k };
    }
    *out_face = (uint32_t)axis * 2u + (facing > 0.0f ? 1u : 0u);
}

/// Clip the incident face to the reference face's rectangle. `flipped`: the reference face is b's.
static bool contact_face(const box_pair *pair, int face, bool flipped, float margin_m, contact_manifold *out)
{
    const collider *reference = flipped ? pair->b : pair->a, *incident = flipped ? pair->a : pair->b;
    v_vec3 offset = v_vec3_sub(pair->b->pos_m, pair->a->pos_m);
    v_vec3 toward = flipped ? v_vec3_neg(offset) : offset;
    float sign = v_vec3_dot(toward, reference->axes.c[face]) < 0.0f ? -1.0f : 1.0f;
    float h[3];
    extents_get(reference->half_extents_m, h);
    int u = (face + 1) % 3, v = (face + 2) % 3;
    clip_vertex first[CLIP_VERTICES_MAX], second[CLIP_VERTICES_MAX];
    uint32_t other_face;
    incident_face(reference, incident, face, sign, first, &other_face);
    float limit_u = h[u] + v_min(CLIP_TOLERANCE_M, 0.01f * h[u]),
          limit_v = h[v] + v_min(CLIP_TOLERANCE_M, 0.01f * h[v]);
    uint32_t count = clip_side(first, 4, false, 1.0f, limit_u, 0, second);
    count = clip_side(second, count, false, -1.0f, limit_u, 1, first);
    count = clip_side(first, count, true, 1.0f, limit_v, 2, second);
    count = clip_side(second, count, true, -1.0f, limit_v, 3, first);

    uint32_t faces =
        (flipped ? FEATURE_FLIPPED : 0u) | ((uint32_t)face * 2u + (sign < 0.0f ? 1u : 0u)) << 16 | other_face << 20;
    v_vec3 normal = v_vec3_scale(reference->axes.c[face], sign);
    contact_candidate candidates[CLIP_VERTICES_MAX];
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; ++i) {
        float separation = first[i].depth - h[face];
        if (!(separation < margin_m)) {
            continue;
        }
        v_vec3 p = v_vec3_scale(normal, first[i].depth - 0.5f * separation);
        p = v_vec3_mul_add(p, reference->axes.c[u], first[i].u);
        p = v_vec3_mul_add(p, reference->axes.c[v], first[i].v);
        candidates[kept++] = (contact_candidate){ .arm_a = flipped ? v_vec3_add(p, offset) : p,
                                                  .separation_m = separation,
                                                  .feature = faces | first[i].edge_in << 3 | first[i].edge_out };
    }
    collide_reduce(candidates, kept, flipped ? v_vec3_neg(normal) : normal, offset, out);
    return kept > 0;
}

/// The corner that lies farthest along a direction, from the box's centre, leaving out the axis of its edge.
static v_vec3 supporting_edge(const collider *box, v_vec3 direction, int edge, uint32_t *out_signs)
{
    float h[3];
    extents_get(box->half_extents_m, h);
    v_vec3 p = v_vec3_make(0, 0, 0);
    *out_signs = 0;
    for (int k = 0; k < 3; ++k) {
        if (k != edge) {
            bool negative = v_vec3_dot(direction, box->axes.c[k]) < 0.0f;
            p = v_vec3_mul_add(p, box->axes.c[k], negative ? -h[k] : h[k]);
            *out_signs |= negative ? 1u << k : 0u;
        }
    }
    return p;
}

static bool contact_edges(const box_pair *pair, const best_axis *best, contact_manifold *out)
{
    v_vec3 offset = v_vec3_sub(pair->b->pos_m, pair->a->pos_m);
    v_vec3 axis_a = pair->a->axes.c[best->i], axis_b = pair->b->axes.c[best->j];
    v_vec3 normal = v_vec3_normalize_or(v_vec3_cross(axis_a, axis_b), v_vec3_make(0, 1, 0));
    normal = v_vec3_dot(normal, offset) < 0.0f ? v_vec3_neg(normal) : normal;
    uint32_t signs_a, signs_b;
    v_vec3 on_a = supporting_edge(pair->a, normal, best->i, &signs_a);
    v_vec3 on_b = v_vec3_add(supporting_edge(pair->b, v_vec3_neg(normal), best->j, &signs_b), offset);
    v_vec3 between = v_vec3_sub(on_b, on_a);
    float cosine = v_vec3_dot(axis_a, axis_b);
    float along_a = v_vec3_dot(between, axis_a), along_b = v_vec3_dot(between, axis_b);
    float s = (along_a - cosine * along_b) / (1.0f - cosine * cosine);
    s = v_clamp(s, -pair->ha[best->i], pair->ha[best->i]);
    float t = v_clamp(cosine * s - along_b, -pair->hb[best->j], pair->hb[best->j]);
    v_vec3 middle = v_vec3_scale(v_vec3_add(v_vec3_mul_add(on_a, axis_a, s), v_vec3_mul_add(on_b, axis_b, t)), 0.5f);
    contact_candidate candidate = { .arm_a = middle,
                                    .separation_m = best->separation_m,
                                    .feature = FEATURE_EDGES | (uint32_t)(best->i * 3 + best->j) << 8 | signs_a << 4 |
                                               signs_b };
    collide_reduce(&candidate, 1, normal, offset, out);
    return true;
}

bool collide_boxes(const collider *a, const collider *b, float margin_m, contact_manifold *out)
{
    box_pair pair;
    pair_init(&pair, a, b);
    best_axis face_a, face_b, edges;
    if (!test_faces(&pair, margin_m, &face_a, &face_b) || !test_edges(&pair, margin_m, &edges)) {
        return false;
    }
    bool flipped = face_b.separation_m > face_a.separation_m + FACE_PREFERENCE_M;
    const best_axis *face = flipped ? &face_b : &face_a;
    if (edges.separation_m > v_max(face_a.separation_m, face_b.separation_m) + EDGE_PREFERENCE_M) {
        return contact_edges(&pair, &edges, out);
    }
    if (contact_face(&pair, face->i, flipped, margin_m, out)) {
        return true;
    }
    return edges.separation_m > -FLT_MAX && contact_edges(&pair, &edges, out);
}
