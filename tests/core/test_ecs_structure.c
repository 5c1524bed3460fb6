// Deferred commands, observers, hierarchy, names, prefabs, reflection (E06).
#include "ecs_fixture.h"

#include <locale.h>

// Deferred commands.
// ---------------------------------------------------------------------------------------------------

/// Every entity records changes that depend on it alone: destruction, components, children, references to them.
static void record_everything(void *user, const v_query_iter *iter, uint32_t worker)
{
    fixture *f = user;
    for (uint32_t i = 0; i < iter->count; i++) {
        v_entity self = iter->entities[i];
        v_random random = v_random_seed(v_world_tick(f->world), self.index);
        v_commands commands = v_commands_of(f->world, worker, self.index);
        switch (v_random_below(&random, 6)) {
        case 0:
            (void)v_commands_destroy(&commands, self);
            break;
        case 1: {
            v_entity child = v_commands_create(&commands);
            (void)v_commands_set(&commands, child, f->position, &(Position){ { (float)self.index, 0, 0 } });
            (void)v_commands_set_parent(&commands, child, self);
            (void)v_commands_set(&commands, self, f->actor, &(Actor){ .target = child, .tag = "parent" });
            break;
        }
        case 2:
            (void)v_commands_remove(&commands, self, f->velocity);
            break;
        case 3:
            (void)v_commands_set(&commands, self, f->velocity, NULL);
            (void)v_commands_instantiate(&commands, self);
            break;
        case 4: // an entity of somebody else, who may be gone by then
            (void)v_commands_destroy(&commands, (v_entity){ self.index + 1, 1 });
            break;
        default:
            break;
        }
    }
}

static void deferred_commands_give_one_result_for_any_worker_count(void **state)
{
    (void)state;
    enum { TICKS = 5 };
    v_hash128 expected[TICKS] = { 0 };
    uint64_t expected_dropped = 0;
    static const uint32_t workers[] = { 1, 2, 3, 8 };
    for (uint32_t k = 0; k < V_COUNT_OF(workers); k++) {
        v_jobs *jobs = NULL;
        assert_int_equal(v_jobs_create(&(v_jobs_desc){ .worker_count = workers[k] }, &jobs), V_OK);
        fixture f = fixture_create(&(v_world_desc){ .jobs = jobs, .entities_max = 100000 });
        for (uint32_t i = 0; i < 20000; i++) {
            set_by_mask(&f, v_entity_create(f.world), 1 | (i & 2), (float)i);
        }
        v_query *query = NULL;
        v_query_desc desc = { .terms = { { f.position, V_TERM_WITH } }, .term_count = 1 };
        assert_int_equal(v_query_create(f.world, &desc, &query), V_OK);
        for (uint32_t t = 0; t < TICKS; t++) {
            assert_int_equal(v_world_begin_tick(f.world), V_OK);
            assert_int_equal(v_query_for(query, record_everything, &f), V_OK);
            assert_int_equal(v_query_for(query, record_everything, &f), V_OK);
            assert_int_equal(v_world_end_tick(f.world), V_OK);
            expected[t] = k == 0 ? v_world_hash(f.world) : expected[t];
            assert_hash_equal(expected[t], v_world_hash(f.world));
        }
        expected_dropped = k == 0 ? v_commands_dropped(f.world) : expected_dropped;
        assert_int_not_equal(expected_dropped, 0);
        assert_int_equal(expected_dropped, v_commands_dropped(f.world));
        v_world_destroy(f.world);
        v_jobs_destroy(jobs);
    }
}

static void commands_apply_by_stage_then_order_then_sequence(void **state)
{
    (void)state;
    fixture f = fixture_create(&(v_world_desc){ 0 });
    v_entity entity = v_entity_create(f.world);
    v_commands late = v_commands_of(f.world, 0, 9), early = v_commands_of(f.world, 5, 1);
    assert_int_equal(v_commands_set(&late, entity, f.position, NULL), V_ERROR_STATE); // no tick
    assert_true(v_entity_is_null(v_commands_create(&late)));
    assert_int_equal(v_world_begin_tick(f.world), V_OK);
    assert_int_equal(v_commands_set(&late, entity, f.position, &(Position){ { 1, 0, 0 } }), V_OK);
    assert_int_equal(v_commands_set(&late, entity, f.position, &(Position){ { 2, 0, 0 } }), V_OK);
    assert_int_equal(v_commands_set(&early, entity, f.position, &(Position){ { 3, 0, 0 } }), V_OK);
    assert_null(v_component_get(f.world, entity, f.position));
    assert_int_equal(v_commands_apply(f.world), V_OK);
    assert_true(((const Position *)v_component_get(f.world, entity, f.position))->at_m.x == 2);
    assert_int_equal(v_commands_set(&late, entity, f.position, &(Position){ { 4, 0, 0 } }), V_OK);
    assert_int_equal(v_commands_next_stage(f.world), V_OK);
    assert_int_equal(v_commands_set(&early, entity, f.position, &(Position){ { 5, 0, 0 } }), V_OK);
    assert_int_equal(v_world_end_tick(f.world), V_OK);
    assert_true(((const Position *)v_component_get(f.world, entity, f.position))->at_m.x == 5);
    assert_int_equal(v_commands_set(NULL, entity, f.position, NULL), V_ERROR_INVALID_ARGUMENT);
    v_commands far = v_commands_of(f.world, 64, 0);
    assert_int_equal(v_commands_destroy(&far, entity), V_ERROR_INVALID_ARGUMENT);
    v_world_destroy(f.world);
}

static void change_directly(void *user, const v_query_iter *iter, uint32_t worker)
{
    (void)worker;
    fixture *f = user;
    assert_true(v_entity_is_null(v_entity_create(f->world)));
    assert_int_equal(v_entity_destroy(f->world, iter->entities[0]), V_ERROR_STATE);
    assert_int_equal(v_component_remove(f->world, iter->entities[0], f->position), V_ERROR_STATE);
}

static void direct_changes_within_parallel_iteration_are_refused(void **state)
{
    (void)state;
    fixture f = fixture_create(&(v_world_desc){ 0 });
    set_by_mask(&f, v_entity_create(f.world), 1, 1);
    v_query *query = NULL;
    v_query_desc desc = { .terms = { { f.position, V_TERM_WITH } }, .term_count = 1 };
    assert_int_equal(v_query_create(f.world, &desc, &query), V_OK);
    assert_int_equal(v_query_for(query, change_directly, &f), V_OK);
    assert_int_equal(v_entity_count(f.world), 1);
    v_world_destroy(f.world);
}

// Observers.
// -----------------------------------------------------------------------------------------------------------

typedef struct watcher {
    fixture *f;
    char seen[64];
    uint32_t count;
    bool echo; ///< Answer the removal of a position with a command.
} watcher;

static void watch(void *user, v_world *world, v_entity entity, v_component component, uint32_t event)
{
    watcher *w = user;
    assert_non_null(v_component_get(world, entity, component)); // also when about to be removed
    w->seen[w->count++] = event == V_ON_ADD ? 'a' : event == V_ON_SET ? 's' : 'r';
    assert_true(v_entity_is_null(v_entity_create(world)));
    assert_int_equal(v_component_remove(world, entity, component), V_ERROR_STATE);
    if (w->echo && event == V_ON_REMOVE) {
        v_commands commands = v_commands_of(world, 0, entity.index);
        v_entity made = v_commands_create(&commands);
        assert_int_equal(v_commands_set(&commands, made, w->f->frozen, NULL), V_OK);
    }
}

static void observers_see_adds_sets_and_removals_in_order(void **state)
{
    (void)state;
    fixture f = fixture_create(&(v_world_desc){ 0 });
    watcher all = { .f = &f }, removals = { .f = &f, .echo = true };
    v_observer first = { 0 }, second = { 0 };
    assert_int_equal(v_observer_create(f.world, &(v_observer_desc){ f.position, 0, watch, &all }, &first), V_OK);
    assert_int_equal(
        v_observer_create(f.world, &(v_observer_desc){ f.position, V_ON_REMOVE, watch, &removals }, &second), V_OK);
    assert_int_equal(v_observer_create(f.world, &(v_observer_desc){ f.position, 0, NULL, NULL }, NULL),
                     V_ERROR_INVALID_ARGUMENT);
    v_entity entity = v_entity_create(f.world);
    set_position(&f, entity, 1);
    set_position(&f, entity, 2);
    set_velocity(&f, entity, 2);
    assert_string_equal(all.seen, "ass");
    assert_int_equal(v_component_remove(f.world, entity, f.position), V_OK);
    assert_string_equal(all.seen, "assr");
    assert_string_equal(removals.seen, "r");
    assert_int_equal(v_component_count(f.world, f.frozen), 1); // applied at once outside of a tick
    set_position(&f, entity, 3);
    assert_int_equal(v_world_begin_tick(f.world), V_OK);
    assert_int_equal(v_entity_destroy(f.world, entity), V_OK);
    assert_string_equal(all.seen, "assrasr");
    assert_int_equal(v_component_count(f.world, f.frozen), 1);
    assert_int_equal(v_world_end_tick(f.world), V_OK);
    assert_int_equal(v_component_count(f.world, f.frozen), 2);
    assert_int_equal(v_observer_destroy(f.world, first), V_OK);
    assert_int_equal(v_observer_destroy(f.world, first), V_ERROR_STALE);
    assert_int_equal(v_observer_destroy(f.world, (v_observer){ 77, 1 }), V_ERROR_STALE);
    const v_component components[] = { f.position };
    assert_int_equal(v_entity_create_many(f.world, 2, components, 1, NULL, NULL), V_OK);
    assert_int_equal(all.count, 7);
    v_world_destroy(f.world);
}

// Hierarchy.
// -----------------------------------------------------------------------------------------------------------

static void children_keep_their_order_and_cycles_are_refused(void **state)
{
    (void)state;
    fixture f = fixture_create(&(v_world_desc){ 0 });
    v_entity e[6];
    for (uint32_t i = 0; i < 6; i++) {
        e[i] = v_entity_create(f.world);
    }
    v_hash128 untouched = v_world_hash(f.world);
    assert_int_equal(v_entity_set_parent(f.world, e[3], e[0]), V_OK);
    assert_int_equal(v_entity_set_parent(f.world, e[1], e[0]), V_OK);
    assert_int_equal(v_entity_set_parent(f.world, e[2], e[0]), V_OK);
    assert_int_equal(v_entity_set_parent(f.world, e[4], e[1]), V_OK);
    assert_int_equal(v_entity_child_count(f.world, e[0]), 3);
    assert_true(v_entity_equal(v_entity_first_child(f.world, e[0]), e[3]));
    assert_true(v_entity_equal(v_entity_next_sibling(f.world, e[3]), e[1]));
    assert_true(v_entity_equal(v_entity_next_sibling(f.world, e[1]), e[2]));
    assert_true(v_entity_equal(v_entity_parent(f.world, e[4]), e[1]));
    v_hash128 before = v_world_hash(f.world);
    assert_int_equal(v_entity_set_parent(f.world, e[0], e[0]), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_entity_set_parent(f.world, e[0], e[4]), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_entity_set_parent(f.world, e[0], (v_entity){ 99, 1 }), V_ERROR_STALE);
    assert_hash_equal(before, v_world_hash(f.world));
    // The last child moves to the front by detaching the others; attaching again appends.
    assert_int_equal(v_entity_set_parent(f.world, e[3], e[0]), V_OK);
    assert_true(v_entity_equal(v_entity_first_child(f.world, e[0]), e[1]));
    for (uint32_t i = 1; i < 5; i++) {
        assert_int_equal(v_entity_set_parent(f.world, e[i], (v_entity){ 0 }), V_OK);
    }
    assert_hash_equal(untouched, v_world_hash(f.world));
    v_world_destroy(f.world);
}

static void destruction_takes_the_children_in_creation_order(void **state)
{
    (void)state;
    fixture f = fixture_create(&(v_world_desc){ 0 });
    enum { DEPTH = 20000 };
    v_entity root = v_entity_create(f.world), above = root, other = v_entity_create(f.world);
    for (uint32_t i = 0; i < DEPTH; i++) {
        v_entity child = v_entity_create(f.world), leaf = v_entity_create(f.world);
        // From below, or the check for cycles would make this quadratic.
        assert_int_equal(v_entity_set_parent(f.world, leaf, child), V_OK);
        if (i < 200) {
            assert_int_equal(v_entity_set_parent(f.world, child, above), V_OK);
            above = child;
        }
    }
    watcher w = { .f = &f };
    assert_int_equal(v_observer_create(f.world, &(v_observer_desc){ f.position, V_ON_REMOVE, watch, &w }, NULL), V_OK);
    set_position(&f, root, 1);
    assert_int_equal(v_entity_destroy(f.world, root), V_OK);
    assert_int_equal(w.count, 1);
    assert_int_equal(v_entity_count(f.world), 1 + 2 * (DEPTH - 200));
    assert_true(v_entity_is_alive(f.world, other));
    assert_false(v_entity_is_alive(f.world, above));
    assert_true(v_entity_is_null(v_entity_first_child(f.world, root)));
    v_world_destroy(f.world);
}

// Names.
// ---------------------------------------------------------------------------------------------------------------

static void names_are_unique_and_die_with_their_entity(void **state)
{
    (void)state;
    fixture f = fixture_create(&(v_world_desc){ 0 });
    v_entity a = v_entity_create(f.world), b = v_entity_create(f.world);
    v_hash128 unnamed = v_world_hash(f.world);
    assert_int_equal(v_entity_set_name(f.world, a, "player"), V_OK);
    assert_int_equal(v_entity_set_name(f.world, a, "player"), V_OK);
    assert_int_equal(v_entity_set_name(f.world, b, "player"), V_ERROR_INVALID_ARGUMENT);
    assert_true(v_entity_equal(v_entity_find(f.world, "player"), a));
    assert_string_equal(v_entity_name(f.world, a), "player");
    assert_string_equal(v_entity_name(f.world, b), "");
    assert_int_equal(v_entity_set_name(f.world, a, "hero"), V_OK);
    assert_true(v_entity_is_null(v_entity_find(f.world, "player")));
    assert_int_equal(v_entity_set_name(f.world, b, "player"), V_OK);
    char longest[V_ENTITY_NAME_MAX + 2];
    memset(longest, 'n', sizeof(longest));
    longest[V_ENTITY_NAME_MAX + 1] = '\0';
    assert_int_equal(v_entity_set_name(f.world, a, longest), V_ERROR_INVALID_ARGUMENT);
    longest[V_ENTITY_NAME_MAX] = '\0';
    assert_int_equal(v_entity_set_name(f.world, a, longest), V_OK);
    assert_true(v_entity_equal(v_entity_find(f.world, longest), a));
    assert_int_equal(v_entity_set_name(f.world, a, NULL), V_OK);
    assert_int_equal(v_entity_set_name(f.world, b, ""), V_OK);
    assert_hash_equal(unnamed, v_world_hash(f.world));
    assert_int_equal(v_entity_set_name(f.world, b, "ghost"), V_OK);
    assert_int_equal(v_entity_destroy(f.world, b), V_OK);
    assert_true(v_entity_is_null(v_entity_find(f.world, "ghost")));
    assert_int_equal(v_entity_set_name(f.world, a, "ghost"), V_OK);
    v_world_destroy(f.world);
}

// Prefabs.
// -------------------------------------------------------------------------------------------------------------

static void prefabs_are_copied_whole_and_skipped_by_queries(void **state)
{
    (void)state;
    fixture f = fixture_create(&(v_world_desc){ 0 });
    v_entity body = v_entity_create(f.world), wheel = v_entity_create(f.world), bolt = v_entity_create(f.world);
    v_entity outside = v_entity_create(f.world);
    set_by_mask(&f, body, 1, 10);
    set_by_mask(&f, wheel, 3, 20);
    assert_int_equal(v_component_set(f.world, body, f.actor, &(Actor){ .target = wheel }), V_OK);
    assert_int_equal(v_component_set(f.world, wheel, f.actor, &(Actor){ .target = body }), V_OK);
    assert_int_equal(v_component_set(f.world, bolt, f.actor, &(Actor){ .target = outside }), V_OK);
    assert_int_equal(v_component_set(f.world, bolt, f.frozen, NULL), V_OK);
    assert_int_equal(v_entity_set_name(f.world, body, "car"), V_OK);
    assert_int_equal(v_entity_set_parent(f.world, wheel, body), V_OK);
    assert_int_equal(v_entity_make_prefab(f.world, body), V_OK);
    assert_int_equal(v_entity_set_parent(f.world, bolt, wheel), V_OK); // joins the prefab
    assert_true(v_entity_is_prefab(f.world, wheel));
    assert_true(v_entity_is_prefab(f.world, bolt));
    assert_false(v_entity_is_prefab(f.world, outside));

    v_query *query = NULL, *with_prefabs = NULL;
    v_query_desc desc = { .terms = { { f.position, V_TERM_WITH } }, .term_count = 1 };
    assert_int_equal(v_query_create(f.world, &desc, &query), V_OK);
    desc.include_prefabs = true;
    assert_int_equal(v_query_create(f.world, &desc, &with_prefabs), V_OK);
    assert_int_equal(v_query_count(query), 0);
    assert_int_equal(v_query_count(with_prefabs), 2);

    v_entity copy = v_entity_instantiate(f.world, body);
    assert_false(v_entity_is_null(copy));
    v_entity copied_wheel = v_entity_first_child(f.world, copy);
    v_entity copied_bolt = v_entity_first_child(f.world, copied_wheel);
    assert_int_equal(v_query_count(query), 2);
    assert_int_equal(v_entity_count(f.world), 7);
    assert_false(v_entity_is_prefab(f.world, copy));
    assert_string_equal(v_entity_name(f.world, copy), "");
    assert_true(v_component_has(f.world, copied_bolt, f.frozen));
    const Actor *of_copy = v_component_get(f.world, copy, f.actor);
    const Actor *of_wheel = v_component_get(f.world, copied_wheel, f.actor);
    const Actor *of_bolt = v_component_get(f.world, copied_bolt, f.actor);
    assert_true(v_entity_equal(of_copy->target, copied_wheel));
    assert_true(v_entity_equal(of_wheel->target, copy));
    assert_true(v_entity_equal(of_bolt->target, outside));
    assert_true(((const Velocity *)v_component_get(f.world, copied_wheel, f.velocity))->m_s.x == 20);
    assert_true(v_entity_is_null(v_entity_instantiate(f.world, (v_entity){ 50, 1 })));
    v_world_destroy(f.world);
}

static void an_instance_that_does_not_fit_leaves_nothing_behind(void **state)
{
    (void)state;
    fixture f = fixture_create(&(v_world_desc){ .entities_max = 10 });
    v_entity root = v_entity_create(f.world);
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(v_entity_set_parent(f.world, v_entity_create(f.world), root), V_OK);
    }
    assert_true(v_entity_is_null(v_entity_instantiate(f.world, root)));
    assert_int_equal(v_entity_count(f.world), 6);
    assert_int_equal(v_entity_child_count(f.world, root), 5);
    v_world_destroy(f.world);
}

// Reflection.
// ----------------------------------------------------------------------------------------------------------

typedef struct Everything {
    bool flags[3];
    uint8_t byte;
    int32_t small;
    uint32_t natural;
    int64_t large;
    uint64_t huge;
    float number;
    v_vec2 two;
    v_vec3 three;
    v_vec4 four;
    v_quat rotation;
    v_entity entity;
    char text[8];
} Everything;

static const v_component_info *everything_info(void)
{
    typedef Everything v_self;
    static const v_field fields[] = {
        { "flags", V_FIELD_BOOL, offsetof(v_self, flags), 3 },
        V_BYTE(byte),
        V_INT(small),
        V_UINT(natural),
        V_INT64(large),
        V_UINT64(huge),
        V_FLOAT(number),
        V_VEC2(two),
        V_VEC3(three),
        V_VEC4(four),
        V_QUAT(rotation),
        V_ENTITY(entity),
        V_TEXT(text, 8),
    };
    static const v_component_info info = { "Everything", sizeof(Everything), _Alignof(Everything), fields,
                                           V_COUNT_OF(fields) };
    return &info;
}

static void fields_are_read_and_written_as_text(void **state)
{
    (void)state;
    fixture f = fixture_create(&(v_world_desc){ 0 });
    v_component everything = v_component_register(f.world, everything_info());
    v_entity entity = v_entity_create(f.world);
    assert_int_equal(v_component_set(f.world, entity, everything, NULL), V_OK);
    assert_int_equal(v_entity_set_name(f.world, entity, "self"), V_OK);
    static const struct {
        const char *field, *in, *out; ///< out null: refused.
    } cases[] = {
        { "flags", "true false true", "true false true" },
        { "flags", "true false", NULL },
        { "flags", "true false true true", NULL },
        { "flags", "yes no yes", NULL },
        { "byte", "255", "255" },
        { "byte", "256", NULL },
        { "small", "-2147483648", "-2147483648" },
        { "small", "2147483648", NULL },
        { "natural", "4294967295", "4294967295" },
        { "natural", "-1", NULL },
        { "large", "-9223372036854775808", "-9223372036854775808" },
        { "large", "9223372036854775808", NULL },
        { "huge", "18446744073709551615", "18446744073709551615" },
        { "huge", "12x", NULL },
        { "number", "0.1", "0.100000001" },
        { "number", "", NULL },
        { "number", "1e", NULL },
        { "two", "1, -2.5", "1 -2.5" },
        { "three", " 1  2\t3 ", "1 2 3" },
        { "three", "1 2", NULL },
        { "three", "1 2 three", NULL },
        { "four", "1 2 3 4", "1 2 3 4" },
        { "rotation", "0 0 0 1", "0 0 0 1" },
        { "entity", "@self", "1:1" },
        { "entity", "1:1", "1:1" },
        { "entity", "0:0", "0:0" },
        { "entity", "1:2", NULL },
        { "entity", "@nobody", NULL },
        { "entity", "7", NULL },
        { "entity", ":", NULL },
        { "text", "seven b", "seven b" },
        { "text", "eight by", NULL },
        { "text", "", "" },
    };
    // A host program with a decimal comma, where the system has such a locale.
    const char *locale = setlocale(LC_ALL, "de_DE.UTF-8");
    (void)locale;
    for (uint32_t i = 0; i < V_COUNT_OF(cases); i++) {
        v_hash128 before = v_world_hash(f.world);
        v_status status = v_field_set_text(f.world, entity, everything, cases[i].field, cases[i].in);
        char text[200];
        if (cases[i].out == NULL) {
            assert_int_equal(status, V_ERROR_BAD_INPUT);
            assert_non_null(strstr(v_status_message(), cases[i].field));
            assert_hash_equal(before, v_world_hash(f.world));
            continue;
        }
        assert_int_equal(status, V_OK);
        assert_int_equal(v_field_get_text(f.world, entity, everything, cases[i].field, text, sizeof(text)), V_OK);
        assert_string_equal(text, cases[i].out);
        assert_int_equal(v_field_get_text(f.world, entity, everything, cases[i].field, text, strlen(cases[i].out)),
                         cases[i].out[0] != '\0' ? V_ERROR_FULL : V_ERROR_INVALID_ARGUMENT);
    }
    assert_int_equal(v_field_set_text(f.world, entity, everything, "nothing", "1"), V_ERROR_NOT_FOUND);
    assert_int_equal(v_field_set_text(f.world, entity, f.position, "at_m", "1 2 3"), V_ERROR_NOT_FOUND);
    v_world_destroy(f.world);
}

static void random_floats_survive_text_bit_for_bit(void **state)
{
    (void)state;
    fixture f = fixture_create(&(v_world_desc){ 0 });
    v_entity entity = v_entity_create(f.world);
    set_position(&f, entity, 0);
    v_random random = v_random_seed(3, 3);
    for (uint32_t i = 0; i < 20000; i++) {
        uint32_t words[3] = { v_random_u32(&random), v_random_u32(&random), v_random_u32(&random) };
        Position value;
        memcpy(&value, words, sizeof(value));
        if (value.at_m.x != value.at_m.x || value.at_m.y != value.at_m.y || value.at_m.z != value.at_m.z) {
            continue; // the payload of a NaN is not kept
        }
        char text[100];
        assert_int_equal(v_component_set(f.world, entity, f.position, &value), V_OK);
        assert_int_equal(v_field_get_text(f.world, entity, f.position, "at_m", text, sizeof(text)), V_OK);
        set_position(&f, entity, 0);
        assert_int_equal(v_field_set_text(f.world, entity, f.position, "at_m", text), V_OK);
        assert_memory_equal(v_component_get(f.world, entity, f.position), &value, sizeof(value));
    }
    v_world_destroy(f.world);
}

static void components_and_fields_can_be_walked(void **state)
{
    (void)state;
    fixture f = fixture_create(&(v_world_desc){ 0 });
    static const char *const expected[] = { "v.Name",   "v.Node", "v.Prefab", "Position",
                                            "Velocity", "Actor",  "Cloud",    "Frozen" };
    uint32_t count = 0;
    for (v_component c = v_component_next(f.world, (v_component){ 0 }); c.id != 0; c = v_component_next(f.world, c)) {
        assert_true(count < V_COUNT_OF(expected));
        assert_string_equal(v_component_get_info(f.world, c)->name, expected[count++]);
    }
    assert_int_equal(count, V_COUNT_OF(expected));
    const v_component_info *actor = v_component_get_info(f.world, f.actor);
    assert_int_equal(v_field_find(actor, "score")->offset_bytes, offsetof(Actor, score));
    assert_null(v_field_find(actor, "scratch"));
    assert_string_equal(v_field_kind_name(V_FIELD_QUAT), "quat");
    assert_string_equal(v_field_kind_name((v_field_kind)77), "unknown");
    v_world_destroy(f.world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deferred_commands_give_one_result_for_any_worker_count),
        cmocka_unit_test(commands_apply_by_stage_then_order_then_sequence),
        cmocka_unit_test(direct_changes_within_parallel_iteration_are_refused),
        cmocka_unit_test(observers_see_adds_sets_and_removals_in_order),
        cmocka_unit_test(children_keep_their_order_and_cycles_are_refused),
        cmocka_unit_test(destruction_takes_the_children_in_creation_order),
        cmocka_unit_test(names_are_unique_and_die_with_their_entity),
        cmocka_unit_test(prefabs_are_copied_whole_and_skipped_by_queries),
        cmocka_unit_test(an_instance_that_does_not_fit_leaves_nothing_behind),
        cmocka_unit_test(fields_are_read_and_written_as_text),
        cmocka_unit_test(random_floats_survive_text_bit_for_bit),
        cmocka_unit_test(components_and_fields_can_be_walked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
