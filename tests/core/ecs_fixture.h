// Components and a world for the tests of the world and the ECS.
#ifndef ECS_FIXTURE_H
#define ECS_FIXTURE_H

#include "v/ecs.h"
#include "v/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

typedef struct Position {
    v_vec3 at_m;
} Position;
V_COMPONENT(Position, V_VEC3(at_m))

typedef struct Velocity {
    v_vec3 m_s;
} Velocity;
V_COMPONENT(Velocity, V_VEC3(m_s))

// Memory and canonical form differ: padding, a member that is no field, a text.
typedef struct Actor {
    bool awake;
    double scratch; // neither hashed nor saved
    int64_t score;
    char tag[12];
    v_entity target;
} Actor;
V_COMPONENT(Actor, V_BOOL(awake), V_INT64(score), V_TEXT(tag, 12), V_ENTITY(target))

// So large that a page holds fewer slots than a block.
typedef struct Cloud {
    float samples[100];
} Cloud;

static inline const v_component_info *cloud_info(void)
{
    static const v_field fields[] = { { "samples", V_FIELD_F32, 0, 100 } };
    static const v_component_info info = { "Cloud", sizeof(Cloud), 4, fields, 1 };
    return &info;
}

V_TAG(Frozen)

typedef struct fixture {
    v_world *world;
    v_component position, velocity, actor, cloud, frozen;
} fixture;

static inline fixture fixture_create(const v_world_desc *desc)
{
    fixture f = { 0 };
    assert_int_equal(v_world_create(desc, &f.world), V_OK);
    f.position = v_component_register(f.world, V_COMPONENT_OF(Position));
    f.velocity = v_component_register(f.world, V_COMPONENT_OF(Velocity));
    f.actor = v_component_register(f.world, V_COMPONENT_OF(Actor));
    f.cloud = v_component_register(f.world, cloud_info());
    f.frozen = v_component_register(f.world, V_COMPONENT_OF(Frozen));
    assert_int_not_equal(f.frozen.id, 0);
    return f;
}

static inline void set_position(fixture *f, v_entity entity, float x)
{
    Position position = { { x, x + 1, x + 2 } };
    assert_int_equal(v_component_set(f->world, entity, f->position, &position), V_OK);
}

static inline void set_velocity(fixture *f, v_entity entity, float x)
{
    Velocity velocity = { { x, 0.5f * x, -x } };
    assert_int_equal(v_component_set(f->world, entity, f->velocity, &velocity), V_OK);
}

static inline void assert_hash_equal(v_hash128 a, v_hash128 b)
{
    assert_true(v_hash128_equal(a, b));
}

/// `mask` chooses components, `x` their values.
static inline void set_by_mask(fixture *f, v_entity entity, uint32_t mask, float x)
{
    if (mask & 1) {
        set_position(f, entity, x);
    }
    if (mask & 2) {
        set_velocity(f, entity, x);
    }
    if (mask & 4) {
        Actor actor = { .awake = true, .scratch = 1 / (double)(x + 1), .score = (int64_t)x, .tag = "actor" };
        assert_int_equal(v_component_set(f->world, entity, f->actor, &actor), V_OK);
    }
    if (mask & 8) {
        Cloud cloud = { { x, x, x } };
        assert_int_equal(v_component_set(f->world, entity, f->cloud, &cloud), V_OK);
    }
    if (mask & 16) {
        assert_int_equal(v_component_set(f->world, entity, f->frozen, NULL), V_OK);
    }
}

#endif
