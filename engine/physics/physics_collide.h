// physics_collide.h: contact generation between two placed convex shapes. Pure functions of their arguments.
#ifndef PHYSICS_COLLIDE_H
#define PHYSICS_COLLIDE_H

#include "v/physics.h"

/// A shape in the world, as broadphase and narrowphase read it.
typedef struct collider {
    v_aabb bounds; ///< Grown by the margin.
    v_vec3 pos_m;
    v_mat3 axes; ///< Columns: the body's x, y, z in the world.
    v_shape_kind kind;
    float radius_m, half_height_m;
    v_vec3 half_extents_m;
    float margin_m;
} collider;

typedef struct contact_point {
    v_vec3 arm_a, arm_b; ///< From the centres to the contact, halfway between the surfaces.
    float separation_m;
    uint32_t feature;
} contact_point;

typedef struct contact_manifold {
    v_vec3 normal; ///< Unit, from a to b.
    uint32_t count;
    contact_point points[V_MANIFOLD_POINTS_MAX];
} contact_manifold;

/// Contacts closer than margin_m; false when there are none.
bool collide(const collider *a, const collider *b, float margin_m, contact_manifold *out);

bool collide_spheres(const collider *a, const collider *b, float margin_m, contact_manifold *out);
bool collide_sphere_capsule(const collider *a, const collider *b, float margin_m, contact_manifold *out);
bool collide_capsules(const collider *a, const collider *b, float margin_m, contact_manifold *out);
bool collide_sphere_box(const collider *a, const collider *b, float margin_m, contact_manifold *out);
bool collide_capsule_box(const collider *a, const collider *b, float margin_m, contact_manifold *out);
bool collide_boxes(const collider *a, const collider *b, float margin_m, contact_manifold *out);

/// A point found in clipping: the place on b's surface side and its depth along the normal.
typedef struct contact_candidate {
    v_vec3 arm_a; ///< From a's centre.
    float separation_m;
    uint32_t feature;
} contact_candidate;

/// Keep at most four: the deepest, the farthest from it, then those that span the largest area. `offset` is b's centre
/// less a's.
void collide_reduce(const contact_candidate *candidates, uint32_t count, v_vec3 normal, v_vec3 offset,
                    contact_manifold *out);

#endif
