// The world: entities, components, parts, tick, hash, snapshot, journal (E06, E35).
#include "v/ecs.h"
#include "v/manifest.h"
#include "v/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

typedef struct Position {
    v_vec3 at_m;
} Position;
V_COMPONENT(Position, V_VEC3(at_m))

// Has padding (after `alive`) and a text, so that its memory is not its canonical form.
typedef struct Actor {
    bool alive;
    double unused_m; // not a field: neither hashed nor saved
    int64_t score;
    char tag[12];
    v_entity target;
} Actor;
V_COMPONENT(Actor, V_BOOL(alive), V_INT64(score), V_TEXT(tag, 12), V_ENTITY(target))

typedef struct Big {
    float samples[300];
} Big;

static const v_component_info *big_info(void)
{
    static const v_field fields[] = { { "samples", V_FIELD_F32, 0, 300 } };
    static const v_component_info info = { "Big", sizeof(Big), 4, fields, 1 };
    return &info;
}

typedef struct fixture {
    v_world *world;
    v_component position, actor, big;
} fixture;

static fixture fixture_create(const v_world_desc *desc)
{
    fixture f = { 0 };
    assert_int_equal(v_world_create(desc, &f.world), V_OK);
    f.position = v_component_register(f.world, V_COMPONENT_OF(Position));
    f.actor = v_component_register(f.world, V_COMPONENT_OF(Actor));
    f.big = v_component_register(f.world, big_info());
    assert_int_not_equal(f.position.id, 0);
    assert_int_not_equal(f.actor.id, 0);
    assert_int_not_equal(f.big.id, 0);
    return f;
}

static Position position_of(float x)
{
    return (Position){ .at_m = { x, x + 1, x + 2 } };
}

static void entities_are_created_and_destroyed(void **state)
{
    (void)state;
    fixture f = fixture_create(&(v_world_desc){ 0 });
    v_entity a = v_entity_create(f.world), b = v_entity_create(f.world);
    assert_false(v_entity_is_null(a));
    assert_false(v_entity_equal(a, b));
    assert_int_equal(v_entity_count(f.world), 2);
    assert_int_equal(v_component_set(f.world, a, f.position, &(Position){ { 1, 2, 3 } }), V_OK);
    const Position *p = v_component_get(f.world, a, f.position);
    assert_non_null(p);
    assert_true(p->at_m.y == 2);
    assert_null(v_component_get(f.world, b, f.position));
    assert_int_equal(v_entity_destroy(f.world, a), V_OK);
    assert_false(v_entity_is_alive(f.world, a));
    assert_null(v_component_get(f.world, a, f.position));
    v_entity c = v_entity_create(f.world);
    assert_int_equal(c.index, a.index);
    assert_int_not_equal(c.generation, a.generation);
    assert_null(v_component_get(f.world, c, f.position));
    v_world_destroy(f.world);
}

static void snapshot_brings_back_the_same_hash(void **state)
{
    (void)state;
    fixture f = fixture_create(&(v_world_desc){ .seed = 7 });
    v_entity list[3000];
    for (uint32_t i = 0; i < V_COUNT_OF(list); i++) {
        list[i] = v_entity_create(f.world);
        Position p = position_of((float)i);
        assert_int_equal(v_component_set(f.world, list[i], f.position, &p), V_OK);
        if (i % 3 == 0) {
            Actor actor = { .alive = true, .score = (int64_t)i, .tag = "ok", .target = list[i / 2] };
            assert_int_equal(v_component_set(f.world, list[i], f.actor, &actor), V_OK);
        }
    }
    for (uint32_t i = 0; i < V_COUNT_OF(list); i += 7) {
        assert_int_equal(v_entity_destroy(f.world, list[i]), V_OK);
    }
    v_hash128 before = v_world_hash(f.world);
    v_writer writer = { 0 };
    assert_int_equal(v_world_snapshot(f.world, &writer), V_OK);
    v_entity next = v_entity_create(f.world);
    assert_false(v_hash128_equal(before, v_world_hash(f.world)));
    assert_int_equal(v_world_restore(f.world, writer.data, writer.size_bytes), V_OK);
    assert_true(v_hash128_equal(before, v_world_hash(f.world)));
    assert_true(v_entity_equal(next, v_entity_create(f.world)));
    v_writer_destroy(&writer);
    v_world_destroy(f.world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entities_are_created_and_destroyed),
        cmocka_unit_test(snapshot_brings_back_the_same_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
