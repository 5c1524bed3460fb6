// The world: entities, components, parts, tick, hash, journal (E06, E35).
#include "ecs_fixture.h"

#include "v/manifest.h"

static void ids_are_stale_after_destruction_and_slots_come_back_lowest_first(void **state)
{
    (void)state;
    fixture f = fixture_create(&(v_world_desc){ 0 });
    v_entity list[200];
    for (uint32_t i = 0; i < 200; i++) {
        list[i] = v_entity_create(f.world);
        assert_int_equal(list[i].index, i + 1);
        set_position(&f, list[i], (float)i);
    }
    static const uint32_t victims[] = { 150, 3, 77, 64, 199, 63 };
    for (uint32_t i = 0; i < V_COUNT_OF(victims); i++) {
        assert_int_equal(v_entity_destroy(f.world, list[victims[i]]), V_OK);
        assert_false(v_entity_is_alive(f.world, list[victims[i]]));
        assert_null(v_component_get(f.world, list[victims[i]], f.position));
        assert_int_equal(v_entity_destroy(f.world, list[victims[i]]), V_ERROR_STALE);
        assert_int_equal(v_component_set(f.world, list[victims[i]], f.position, NULL), V_ERROR_STALE);
        assert_int_equal(v_component_remove(f.world, list[victims[i]], f.position), V_ERROR_STALE);
    }
    assert_int_equal(v_entity_count(f.world), 194);
    static const uint32_t order[] = { 3, 63, 64, 77, 150, 199 };
    for (uint32_t i = 0; i < V_COUNT_OF(order); i++) {
        v_entity again = v_entity_create(f.world);
        assert_int_equal(again.index, list[order[i]].index);
        assert_int_equal(again.generation, list[order[i]].generation + 1);
        assert_null(v_component_get(f.world, again, f.position));
        assert_null(v_component_get(f.world, list[order[i]], f.position));
    }
    assert_int_equal(v_entity_create(f.world).index, 201);
    v_world_destroy(f.world);
}

static void null_and_forged_ids_are_harmless(void **state)
{
    (void)state;
    fixture f = fixture_create(&(v_world_desc){ 0 });
    v_entity entity = v_entity_create(f.world);
    set_position(&f, entity, 1);
    assert_int_equal(v_entity_destroy(f.world, entity), V_OK);
    const v_entity forged[] = { { 0, 0 },
                                { 0, 1 },
                                { UINT32_MAX, 0 },
                                { UINT32_MAX, UINT32_MAX },
                                { entity.index, entity.generation + 1 },
                                { entity.index, 0 },
                                { 5000, 1 },
                                { 2, 1 } };
    for (uint32_t i = 0; i < V_COUNT_OF(forged); i++) {
        assert_false(v_entity_is_alive(f.world, forged[i]));
        assert_null(v_component_get(f.world, forged[i], f.position));
        assert_null(v_component_get(f.world, forged[i], f.frozen));
        assert_int_equal(v_component_set(f.world, forged[i], f.position, NULL), V_ERROR_STALE);
        assert_int_equal(v_entity_destroy(f.world, forged[i]), V_ERROR_STALE);
    }
    entity = v_entity_create(f.world);
    assert_int_equal(v_component_set(f.world, entity, (v_component){ 0 }, NULL), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_component_set(f.world, entity, (v_component){ 999 }, NULL), V_ERROR_INVALID_ARGUMENT);
    assert_null(v_component_get(f.world, entity, (v_component){ 0 }));
    assert_null(v_component_get(f.world, entity, (v_component){ UINT32_MAX }));
    assert_int_equal(v_component_set(f.world, entity, v_component_find(f.world, "v.Node"), NULL),
                     V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_component_remove(f.world, entity, f.position), V_ERROR_NOT_FOUND);
    v_world_destroy(f.world);
}

static void null_arguments_are_errors(void **state)
{
    (void)state;
    v_world *world = NULL;
    assert_int_equal(v_world_create(NULL, &world), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_world_create(&(v_world_desc){ 0 }, NULL), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_world_create(&(v_world_desc){ .tick_hz = 20000 }, &world), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_world_create(&(v_world_desc){ .entities_max = UINT32_MAX }, &world), V_ERROR_INVALID_ARGUMENT);
    assert_true(v_entity_is_null(v_entity_create(NULL)));
    assert_int_equal(v_component_set(NULL, (v_entity){ 1, 1 }, (v_component){ 5 }, NULL), V_ERROR_INVALID_ARGUMENT);
    assert_null(v_component_get(NULL, (v_entity){ 1, 1 }, (v_component){ 5 }));
    assert_int_equal(v_world_begin_tick(NULL), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_world_snapshot(NULL, NULL), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_world_restore(NULL, "", 0), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_query_create(NULL, NULL, NULL), V_ERROR_INVALID_ARGUMENT);
    assert_false(v_query_next(NULL, NULL));
    assert_int_equal(v_entity_set_name(NULL, (v_entity){ 0 }, "x"), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_world_replay(NULL, V_OP_ENTITY_CREATE, NULL, 0), V_ERROR_INVALID_ARGUMENT);
    (void)v_world_hash(NULL);
    v_world_set_journal(NULL, NULL, NULL);
    v_query_destroy(NULL);
    v_world_destroy(NULL);
}

static void entities_max_is_reported_and_harmless(void **state)
{
    (void)state;
    fixture f = fixture_create(&(v_world_desc){ .entities_max = 100 });
    v_entity last = { 0 };
    for (uint32_t i = 0; i < 100; i++) {
        last = v_entity_create(f.world);
        assert_false(v_entity_is_null(last));
    }
    assert_true(v_entity_is_null(v_entity_create(f.world)));
    assert_non_null(strstr(v_status_message(), "100"));
    assert_int_equal(v_entity_create_many(f.world, 1, NULL, 0, NULL, NULL), V_ERROR_FULL);
    assert_int_equal(v_entity_destroy(f.world, last), V_OK);
    assert_int_equal(v_entity_create(f.world).index, last.index);
    v_world_destroy(f.world);
}

static void malformed_components_are_refused(void **state)
{
    (void)state;
    fixture f = fixture_create(&(v_world_desc){ 0 });
    static const v_field overlapping[] = { { "a", V_FIELD_I64, 0, 1 }, { "b", V_FIELD_I32, 4, 1 } };
    static const v_field twins[] = { { "a", V_FIELD_I32, 0, 1 }, { "a", V_FIELD_I32, 4, 1 } };
    static const v_field beyond[] = { { "a", V_FIELD_VEC3, 0, 1 } };
    static const v_field unknown[] = { { "a", (v_field_kind)99, 0, 1 } };
    static const v_field huge[] = { { "a", V_FIELD_F32, 0, UINT32_MAX } };
    static const v_component_info bad[] = {
        { NULL, 8, 4, twins, 1 },      { "", 8, 4, twins, 1 },         { "Overlapping", 8, 8, overlapping, 2 },
        { "Twins", 8, 4, twins, 2 },   { "Beyond", 8, 4, beyond, 1 },  { "Unknown", 8, 4, unknown, 1 },
        { "Huge", 8, 4, huge, 1 },     { "Align", 8, 3, twins, 1 },    { "Size", 1 << 20, 4, twins, 1 },
        { "NoFields", 8, 4, NULL, 0 }, { "Position", 8, 4, twins, 1 }, // known, with another layout
    };
    for (uint32_t i = 0; i < V_COUNT_OF(bad); i++) {
        assert_int_equal(v_component_register(f.world, &bad[i]).id, 0);
    }
    assert_int_equal(v_component_register(f.world, NULL).id, 0);
    assert_int_equal(v_component_register(f.world, V_COMPONENT_OF(Position)).id, f.position.id);
    assert_int_equal(v_component_find(f.world, "Velocity").id, f.velocity.id);
    assert_int_equal(v_component_find(f.world, "Nothing").id, 0);
    v_world_destroy(f.world);
}

static void components_registered_late_join_entities_that_exist(void **state)
{
    (void)state;
    fixture f = fixture_create(&(v_world_desc){ 0 });
    v_entity list[3000];
    for (uint32_t i = 0; i < V_COUNT_OF(list); i++) {
        list[i] = v_entity_create(f.world);
        set_position(&f, list[i], (float)i);
    }
    // More than the presence words have room for at first.
    static const v_field fields[] = { { "value", V_FIELD_U32, 0, 1 } };
    static char names[40][8];
    static v_component_info infos[40];
    v_component late[40];
    for (uint32_t i = 0; i < 40; i++) {
        names[i][0] = 'L';
        names[i][1] = (char)('0' + i / 10);
        names[i][2] = (char)('0' + i % 10);
        infos[i] = (v_component_info){ names[i], 4, 4, fields, 1 };
        late[i] = v_component_register(f.world, &infos[i]);
        assert_int_not_equal(late[i].id, 0);
        uint32_t value = i;
        assert_int_equal(v_component_set(f.world, list[i * 70], late[i], &value), V_OK);
    }
    for (uint32_t i = 0; i < V_COUNT_OF(list); i++) {
        const Position *position = v_component_get(f.world, list[i], f.position);
        assert_true(position != NULL && position->at_m.x == (float)i);
    }
    for (uint32_t i = 0; i < 40; i++) {
        assert_int_equal(v_component_count(f.world, late[i]), 1);
        assert_int_equal(*(const uint32_t *)v_component_get(f.world, list[i * 70], late[i]), i);
    }
    v_world_destroy(f.world);
}

static void ticks_are_bracketed(void **state)
{
    (void)state;
    fixture f = fixture_create(&(v_world_desc){ .tick_hz = 30, .seed = 9 });
    v_writer writer = { 0 };
    assert_int_equal(v_world_end_tick(f.world), V_ERROR_STATE);
    assert_int_equal(v_world_begin_tick(f.world), V_OK);
    assert_true(v_world_in_tick(f.world));
    assert_int_equal(v_world_begin_tick(f.world), V_ERROR_STATE);
    assert_int_equal(v_world_snapshot(f.world, &writer), V_ERROR_STATE);
    assert_int_equal(v_world_restore(f.world, "x", 1), V_ERROR_STATE);
    assert_int_equal(v_world_tick(f.world), 0);
    assert_int_equal(v_world_end_tick(f.world), V_OK);
    assert_int_equal(v_world_tick(f.world), 1);
    assert_int_equal(v_world_tick_hz(f.world), 30);
    assert_int_equal(v_world_seed(f.world), 9);
    v_writer_destroy(&writer);
    v_world_destroy(f.world);
}

// Hash.
// ----------------------------------------------------------------------------------------------------------------

static void hash_is_independent_of_history(void **state)
{
    (void)state;
    fixture a = fixture_create(&(v_world_desc){ 0 }), b = fixture_create(&(v_world_desc){ 0 });
    v_entity in_a[500], in_b[500];
    for (uint32_t i = 0; i < 500; i++) {
        in_a[i] = v_entity_create(a.world);
        in_b[i] = v_entity_create(b.world);
        set_by_mask(&a, in_a[i], i, (float)i);
    }
    // The same content, last entity first, components in another order, by detours.
    for (uint32_t i = 500; i-- > 0;) {
        set_by_mask(&b, in_b[i], 31, -5);
        (void)v_component_remove(b.world, in_b[i], b.frozen);
        (void)v_component_remove(b.world, in_b[i], b.position);
        set_by_mask(&b, in_b[i], i & 24, (float)i);
        set_by_mask(&b, in_b[i], i & 7, (float)i);
        static const uint32_t bits[] = { 2, 4, 8 };
        const v_component of_bits[] = { b.velocity, b.actor, b.cloud };
        for (uint32_t k = 0; k < 3; k++) {
            if ((i & bits[k]) == 0) {
                assert_int_equal(v_component_remove(b.world, in_b[i], of_bits[k]), V_OK);
            }
        }
    }
    assert_hash_equal(v_world_hash(a.world), v_world_hash(b.world));
    for (uint32_t i = 0; i < 500; i++) {
        assert_int_equal(v_world_hash_entity(a.world, in_a[i]), v_world_hash_entity(b.world, in_b[i]));
    }
    v_world_destroy(a.world);
    v_world_destroy(b.world);
}

static void hash_sees_every_field_and_nothing_else(void **state)
{
    (void)state;
    fixture f = fixture_create(&(v_world_desc){ 0 });
    v_entity entity = v_entity_create(f.world), other = v_entity_create(f.world);
    Actor actor;
    memset(&actor, 0xa5, sizeof(actor));
    actor = (Actor){ .awake = true, .scratch = 3, .score = 4, .tag = "abc", .target = other };
    assert_int_equal(v_component_set(f.world, entity, f.actor, &actor), V_OK);
    v_hash128 before = v_world_hash(f.world);
    uint32_t entity_before = v_world_hash_entity(f.world, entity);

    Actor *place = v_component_get_mutable(f.world, entity, f.actor);
    memset((uint8_t *)place + 1, 0x5a, offsetof(Actor, scratch) - 1); // padding
    place->scratch = 77;
    memset(place->tag + 4, 'x', 8); // beyond the text's end
    assert_hash_equal(before, v_world_hash(f.world));
    assert_int_equal(entity_before, v_world_hash_entity(f.world, entity));

    for (uint32_t i = 0; i < 4; i++) {
        Actor saved = *place;
        place->awake = i == 0 ? false : place->awake;
        place->score += i == 1;
        place->tag[0] = i == 2 ? 'z' : place->tag[0];
        place->target.generation += i == 3;
        assert_false(v_hash128_equal(before, v_world_hash(f.world)));
        assert_int_not_equal(entity_before, v_world_hash_entity(f.world, entity));
        *place = saved;
        assert_hash_equal(before, v_world_hash(f.world));
    }
    assert_int_equal(v_component_set(f.world, other, f.frozen, NULL), V_OK);
    assert_false(v_hash128_equal(before, v_world_hash(f.world)));
    v_world_destroy(f.world);
}

static void hash_is_the_same_for_any_worker_count(void **state)
{
    (void)state;
    v_hash128 expected = { 0 };
    static const uint32_t workers[] = { 1, 2, 3, 8 };
    for (uint32_t k = 0; k < V_COUNT_OF(workers); k++) {
        v_jobs *jobs = NULL;
        assert_int_equal(v_jobs_create(&(v_jobs_desc){ .worker_count = workers[k] }, &jobs), V_OK);
        fixture f = fixture_create(&(v_world_desc){ .jobs = jobs });
        for (uint32_t i = 0; i < 20000; i++) {
            set_by_mask(&f, v_entity_create(f.world), i * 2654435761u >> 13, (float)i);
        }
        v_hash128 hash = v_world_hash(f.world);
        if (k == 0) {
            expected = hash;
        }
        assert_hash_equal(expected, hash);
        v_world_destroy(f.world);
        v_jobs_destroy(jobs);
    }
}

// Parts.
// ---------------------------------------------------------------------------------------------------------------

typedef struct counter_part {
    uint32_t value;
    bool refuses;
    uint32_t *destroyed; ///< Order of destruction.
} counter_part;

static void part_destroy(void *state)
{
    counter_part *part = state;
    *part->destroyed = *part->destroyed * 10 + part->value;
}

static void part_hash(const void *state, v_hasher *hasher)
{
    v_hasher_u32(hasher, ((const counter_part *)state)->value);
}

static void part_save(const void *state, v_writer *writer)
{
    v_write_u32(writer, ((const counter_part *)state)->value);
}

static v_status part_load(void *state, v_reader *reader)
{
    counter_part *part = state;
    uint32_t value = v_read_u32(reader);
    if (part->refuses) {
        return v_fail(V_ERROR_BAD_INPUT, "the part refuses");
    }
    if (reader->status == V_OK) {
        part->value = value;
    }
    return reader->status;
}

static v_world_part part_of(const char *name, counter_part *state)
{
    return (v_world_part){ .name = name,
                           .state = state,
                           .version = 1,
                           .destroy = part_destroy,
                           .hash = part_hash,
                           .save = part_save,
                           .load = part_load };
}

static void parts_are_hashed_saved_and_destroyed_in_reverse(void **state)
{
    (void)state;
    uint32_t destroyed = 0;
    counter_part one = { .value = 1, .destroyed = &destroyed }, two = { .value = 2, .destroyed = &destroyed };
    fixture f = fixture_create(&(v_world_desc){ 0 });
    v_world_part first = part_of("one", &one), second = part_of("two", &two);
    assert_int_equal(v_world_attach(f.world, &first), V_OK);
    assert_int_equal(v_world_attach(f.world, &first), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_world_attach(f.world, &second), V_OK);
    assert_int_equal(v_world_attach(f.world, NULL), V_ERROR_INVALID_ARGUMENT);
    assert_ptr_equal(v_world_part_find(f.world, "two"), &two);
    assert_null(v_world_part_find(f.world, "three"));
    v_hash128 before = v_world_hash(f.world);
    v_writer writer = { 0 };
    assert_int_equal(v_world_snapshot(f.world, &writer), V_OK);
    two.value = 20;
    assert_false(v_hash128_equal(before, v_world_hash(f.world)));
    assert_int_equal(v_world_restore(f.world, writer.data, writer.size_bytes), V_OK);
    assert_int_equal(two.value, 2);
    assert_hash_equal(before, v_world_hash(f.world));
    v_writer_destroy(&writer);
    v_world_destroy(f.world);
    assert_int_equal(destroyed, 21);
}

static void a_part_that_refuses_leaves_the_world_as_it_was(void **state)
{
    (void)state;
    uint32_t destroyed = 0;
    counter_part one = { .value = 1, .destroyed = &destroyed }, two = { .value = 2, .destroyed = &destroyed };
    fixture f = fixture_create(&(v_world_desc){ 0 });
    v_world_part first = part_of("one", &one), second = part_of("two", &two);
    assert_int_equal(v_world_attach(f.world, &first), V_OK);
    assert_int_equal(v_world_attach(f.world, &second), V_OK);
    v_entity entity = v_entity_create(f.world);
    set_position(&f, entity, 1);
    v_writer writer = { 0 };
    assert_int_equal(v_world_snapshot(f.world, &writer), V_OK);
    set_position(&f, entity, 2);
    v_entity later = v_entity_create(f.world);
    one.value = 10;
    two.value = 20;
    v_hash128 before = v_world_hash(f.world);
    two.refuses = true;
    assert_int_equal(v_world_restore(f.world, writer.data, writer.size_bytes), V_ERROR_BAD_INPUT);
    assert_string_equal(v_status_message(), "the part refuses");
    two.refuses = false;
    assert_hash_equal(before, v_world_hash(f.world));
    assert_true(v_entity_is_alive(f.world, later));
    assert_int_equal(one.value, 10);
    v_writer_destroy(&writer);
    v_world_destroy(f.world);
}

// Journal.
// -------------------------------------------------------------------------------------------------------------

typedef struct journal {
    v_writer bytes; ///< operation, size, arguments …
    uint32_t count;
} journal;

static void keep(void *user, uint16_t operation, const void *arguments, size_t size_bytes)
{
    journal *kept = user;
    v_write_u16(&kept->bytes, operation);
    v_write_u32(&kept->bytes, (uint32_t)size_bytes);
    v_write_bytes(&kept->bytes, arguments, size_bytes);
    kept->count++;
}

static void change_everything(fixture *f)
{
    v_entity a = v_entity_create(f->world), b = v_entity_create(f->world), c = v_entity_create(f->world);
    set_by_mask(f, a, 31, 3);
    set_by_mask(f, b, 5, 4);
    assert_int_equal(v_component_remove(f->world, a, f->velocity), V_OK);
    assert_int_equal(v_entity_set_name(f->world, a, "alpha"), V_OK);
    assert_int_equal(v_entity_set_parent(f->world, b, a), V_OK);
    assert_int_equal(v_entity_make_prefab(f->world, a), V_OK);
    assert_false(v_entity_is_null(v_entity_instantiate(f->world, a)));
    assert_int_equal(v_entity_destroy(f->world, c), V_OK);
    const Position positions[3] = { { { 1, 2, 3 } }, { { 4, 5, 6 } }, { { 7, 8, 9 } } };
    const v_component components[] = { f->position, f->frozen, f->actor };
    const void *values[] = { positions, NULL, NULL };
    assert_int_equal(v_entity_create_many(f->world, 3, components, 3, values, NULL), V_OK);
}

static void a_journal_replays_to_the_same_hash(void **state)
{
    (void)state;
    journal kept = { 0 };
    fixture f = fixture_create(&(v_world_desc){ 0 }), g = fixture_create(&(v_world_desc){ 0 });
    v_world_set_journal(f.world, keep, &kept);
    change_everything(&f);
    uint32_t count = kept.count;
    assert_int_equal(count, 3 + 5 + 2 + 1 + 1 + 1 + 1 + 1 + 1 + 1);
    assert_int_equal(v_world_begin_tick(f.world), V_OK);
    v_entity in_tick = v_entity_create(f.world);
    assert_null(v_world_journal_begin(f.world));
    assert_int_equal(v_entity_destroy(f.world, in_tick), V_OK);
    assert_int_equal(v_world_end_tick(f.world), V_OK);
    assert_int_equal(kept.count, count); // systems' changes follow from the state

    v_reader reader = { .data = kept.bytes.data, .size_bytes = kept.bytes.size_bytes };
    while (v_reader_left(&reader) > 0) {
        uint16_t operation = v_read_u16(&reader);
        uint32_t size_bytes = v_read_u32(&reader);
        const uint8_t *arguments = reader.data + reader.position;
        for (uint32_t cut = 0; cut < size_bytes; cut++) {
            assert_int_not_equal(v_world_replay(g.world, operation, arguments, cut), V_OK);
        }
        assert_int_equal(v_world_replay(g.world, operation, arguments, size_bytes), V_OK);
        reader.position += size_bytes;
    }
    assert_int_equal(v_world_begin_tick(g.world), V_OK);
    assert_int_equal(v_entity_destroy(g.world, v_entity_create(g.world)), V_OK);
    assert_int_equal(v_world_end_tick(g.world), V_OK);
    assert_hash_equal(v_world_hash(f.world), v_world_hash(g.world));
    assert_int_equal(v_world_replay(g.world, 0x0101, NULL, 0), V_ERROR_UNSUPPORTED);
    v_writer_destroy(&kept.bytes);
    v_world_destroy(f.world);
    v_world_destroy(g.world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_stale_after_destruction_and_slots_come_back_lowest_first),
        cmocka_unit_test(null_and_forged_ids_are_harmless),
        cmocka_unit_test(null_arguments_are_errors),
        cmocka_unit_test(entities_max_is_reported_and_harmless),
        cmocka_unit_test(malformed_components_are_refused),
        cmocka_unit_test(components_registered_late_join_entities_that_exist),
        cmocka_unit_test(ticks_are_bracketed),
        cmocka_unit_test(hash_is_independent_of_history),
        cmocka_unit_test(hash_sees_every_field_and_nothing_else),
        cmocka_unit_test(hash_is_the_same_for_any_worker_count),
        cmocka_unit_test(parts_are_hashed_saved_and_destroyed_in_reverse),
        cmocka_unit_test(a_part_that_refuses_leaves_the_world_as_it_was),
        cmocka_unit_test(a_journal_replays_to_the_same_hash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
