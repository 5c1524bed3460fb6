// physics_test.h: worlds with physics for the tests of physics.
#ifndef PHYSICS_TEST_H
#define PHYSICS_TEST_H

#include "v/physics.h"
#include "v/random.h"
#include "v_test.h"

#include <string.h>

static inline v_world *world_with(const v_physics_desc *desc, v_jobs *jobs, const v_allocator *allocator)
{
    v_world *world = NULL;
    assert_ok(v_world_create(&(v_world_desc){ .jobs = jobs, .allocator = allocator }, &world));
    assert_ok(v_physics_attach(world, desc));
    return world;
}

static inline v_world *world_default(void)
{
    return world_with(&(v_physics_desc){ 0 }, NULL, NULL);
}

static inline void step(v_world *world, uint32_t ticks)
{
    for (uint32_t i = 0; i < ticks; ++i) {
        assert_ok(v_world_begin_tick(world));
        assert_ok(v_physics_step(world));
        assert_ok(v_world_end_tick(world));
    }
}

static inline v_body create(v_world *world, const v_body_desc *desc)
{
    v_body body = v_body_create(world, desc);
    if (body.index == 0) {
        fail_msg("v_body_create: %s", v_status_message());
    }
    return body;
}

static inline v_body create_ground(v_world *world)
{
    return create(world, &(v_body_desc){ .shape = V_BOX(50, 1, 50), .pos_m = { 0, -1, 0 } });
}

static inline v_body create_at(v_world *world, v_shape shape, v_vec3 pos_m)
{
    return create(world, &(v_body_desc){ .kind = V_BODY_DYNAMIC, .shape = shape, .pos_m = pos_m });
}

static inline v_body_state state_of(const v_world *world, v_body body)
{
    v_body_state state = { 0 };
    assert_ok(v_body_get_state(world, body, &state));
    return state;
}

static inline v_quat random_rotation(v_random *random)
{
    float x = v_random_range(random, -1, 1), y = v_random_range(random, -1, 1);
    float z = v_random_range(random, -1, 1), w = v_random_range(random, -1, 1);
    return v_quat_normalize(v_quat_make(x, y, z, w));
}

static inline v_vec3 random_vec3(v_random *random, float limit)
{
    float x = v_random_range(random, -limit, limit), y = v_random_range(random, -limit, limit);
    return v_vec3_make(x, y, v_random_range(random, -limit, limit));
}

/// A heap of all shapes over the ground, some of them bouncing or slippery.
static inline uint32_t create_mixed_pile(v_world *world, uint32_t count, v_body *bodies)
{
    create_ground(world);
    const v_shape shapes[3] = { V_BOX(0.4f, 0.3f, 0.45f), V_SPHERE(0.45f), V_CAPSULE(0.3f, 0.3f) };
    v_random random = v_random_seed(7, 1);
    for (uint32_t i = 0; i < count; ++i) {
        v_vec3 pos_m = v_vec3_make((float)(i % 5) * 1.1f, 1.0f + 1.2f * (float)(i / 25), (float)(i / 5 % 5) * 1.1f);
        v_body_desc desc = { .kind = V_BODY_DYNAMIC,
                             .shape = shapes[i % 3],
                             .pos_m = v_vec3_add(pos_m, random_vec3(&random, 0.1f)),
                             .rot = random_rotation(&random),
                             .restitution = i % 7 == 0 ? 0.5f : 0.0f,
                             .frictionless = i % 11 == 0 };
        bodies[i] = create(world, &desc);
    }
    return count;
}

#endif
