// physics_solver.h: contacts packed for solving, four side by side.
#ifndef PHYSICS_SOLVER_H
#define PHYSICS_SOLVER_H

#include "physics_internal.h"

typedef struct solver_point {
    lanes3 arm_a, arm_b;
    lanes separation; ///< At the start of the tick.
    lanes mass;       ///< Effective, along the normal; 0 where the lane has no such point.
    lanes impulse, peak;
    lanes closing; ///< Normal velocity at the start of the tick, negative when they approach.
    lanes reach;   ///< Distance from the middle of the manifold: lever of the twist friction.
} solver_point;

/// Four contacts of one colour. A lane without a contact has zero masses and bodies 0.
struct solver_group {
    uint32_t body_a[PHYSICS_LANES], body_b[PHYSICS_LANES]; ///< Solver indices.
    uint32_t contact[PHYSICS_LANES];                       ///< UINT32_MAX: none.
    uint32_t point_count;                                  ///< Of the lane with the most.
    bool bounces;
    lanes3 normal, tangent_u, tangent_v;
    lanes inverse_mass_a, inverse_mass_b;
    lanes inertia_a[6], inertia_b[6]; ///< Inverse, world frame.
    lanes friction, restitution;
    lanes pull; ///< Relative acceleration along the normal, negative when it presses them together.
    lanes push_rate, mass_scale, impulse_scale; ///< Softness.
    lanes3 middle_a, middle_b;                  ///< Arms of the manifold's middle, where friction acts.
    lanes friction_mass[3];                     ///< Inverse of the 2 × 2 tangent matrix: uu, uv, vv.
    lanes friction_u, friction_v;
    lanes twist_mass, twist;
    solver_point points[V_MANIFOLD_POINTS_MAX];
};

/// Fill the groups from the step's contacts; bodies are as at the start of the tick.
void solver_prepare(physics *p, float substep_s);
/// Copy the impulses back to the contacts.
void solver_finish(physics *p);

#endif
