// The ECS against a naive shadow: random changes, queries, bulk creation, no allocation in a steady tick (E06, E07).
#include "ecs_fixture.h"

enum { SLOTS = 4000, OPERATIONS = 100000 };

/// What the world should hold, in the dullest form.
typedef struct shadow {
    bool alive[SLOTS];
    uint32_t generation[SLOTS]; ///< 0: never used.
    uint32_t mask[SLOTS];       ///< As in set_by_mask.
    float value[SLOTS][4];
    uint32_t count;
} shadow;

static v_entity shadow_entity(const shadow *s, uint32_t index)
{
    return (v_entity){ index, s->generation[index] };
}

static uint32_t shadow_create(shadow *s)
{
    uint32_t index = 1;
    while (s->alive[index]) {
        index++;
    }
    s->alive[index] = true;
    s->generation[index] += s->generation[index] == 0;
    s->mask[index] = 0;
    s->count++;
    return index;
}

static v_component component_of_bit(const fixture *f, uint32_t bit)
{
    const v_component components[] = { f->position, f->velocity, f->actor, f->cloud, f->frozen };
    return components[bit];
}

static float read_value(const fixture *f, v_entity entity, uint32_t bit)
{
    const void *value = v_component_get(f->world, entity, component_of_bit(f, bit));
    assert_non_null(value);
    switch (bit) {
    case 0:
        return ((const Position *)value)->at_m.x;
    case 1:
        return ((const Velocity *)value)->m_s.x;
    case 2:
        return (float)((const Actor *)value)->score;
    case 3:
        return ((const Cloud *)value)->samples[1];
    default:
        return 0;
    }
}

static void compare(const fixture *f, const shadow *s)
{
    assert_int_equal(v_entity_count(f->world), s->count);
    uint32_t counts[5] = { 0 };
    v_entity at = { 0 };
    for (uint32_t i = 1; i < SLOTS; i++) {
        if (s->generation[i] == 0) {
            continue;
        }
        v_entity entity = shadow_entity(s, i);
        assert_int_equal(v_entity_is_alive(f->world, entity), s->alive[i]);
        if (!s->alive[i]) {
            continue;
        }
        at = v_entity_next(f->world, at);
        assert_true(v_entity_equal(at, entity));
        v_component walked = { 0 };
        for (uint32_t bit = 0; bit < 5; bit++) {
            bool has = (s->mask[i] >> bit & 1) != 0;
            counts[bit] += has;
            assert_int_equal(v_component_has(f->world, entity, component_of_bit(f, bit)), has);
            if (has && bit < 4) {
                assert_true(read_value(f, entity, bit) == s->value[i][bit]);
            }
            if (has) {
                walked = v_component_next_of(f->world, entity, walked);
                assert_int_equal(walked.id, component_of_bit(f, bit).id);
            }
        }
        assert_int_equal(v_component_next_of(f->world, entity, walked).id, 0);
    }
    assert_true(v_entity_is_null(v_entity_next(f->world, at)));
    for (uint32_t bit = 0; bit < 5; bit++) {
        assert_int_equal(v_component_count(f->world, component_of_bit(f, bit)), counts[bit]);
    }
}

static void random_operation(fixture *f, shadow *s, v_random *random)
{
    uint32_t index = 1 + v_random_below(random, SLOTS - 1), bit = v_random_below(random, 5);
    uint32_t kind = v_random_below(random, 100);
    v_entity entity = shadow_entity(s, index);
    if (kind < 35 && s->count < SLOTS - 100) {
        uint32_t expected = shadow_create(s);
        v_entity made = v_entity_create(f->world);
        assert_true(v_entity_equal(made, shadow_entity(s, expected)));
    } else if (kind < 45) {
        assert_int_equal(v_entity_destroy(f->world, entity) == V_OK, s->alive[index]);
        if (s->alive[index]) {
            s->alive[index] = false;
            s->generation[index]++;
            s->count--;
        }
    } else if (kind < 85) {
        float x = (float)v_random_below(random, 1000000);
        if (s->alive[index]) {
            set_by_mask(f, entity, 1u << bit, x);
            s->mask[index] |= 1u << bit;
            s->value[index][bit < 4 ? bit : 0] = bit < 4 ? x : s->value[index][0];
        } else {
            assert_int_equal(v_component_set(f->world, entity, component_of_bit(f, bit), NULL), V_ERROR_STALE);
        }
    } else {
        bool has = s->alive[index] && (s->mask[index] >> bit & 1) != 0;
        assert_int_equal(v_component_remove(f->world, entity, component_of_bit(f, bit)) == V_OK, has);
        s->mask[index] &= ~(has ? 1u << bit : 0);
    }
}

/// Each term list against a walk over the shadow: same entities, same order, right columns.
static void compare_query(const fixture *f, const shadow *s, v_query *query, const v_term_kind kinds[5])
{
    uint32_t next = 1, found = 0;
    for (v_query_iter it = { 0 }; v_query_next(query, &it);) {
        assert_int_not_equal(it.count, 0);
        for (uint32_t i = 0; i < it.count; i++, next++, found++) {
            for (;; next++) {
                bool match = s->alive[next];
                for (uint32_t bit = 0; bit < 5; bit++) {
                    bool has = (s->mask[next] >> bit & 1) != 0;
                    match = match && (kinds[bit] == V_TERM_OPTIONAL || has == (kinds[bit] == V_TERM_WITH));
                }
                if (match) {
                    break;
                }
            }
            assert_true(v_entity_equal(it.entities[i], shadow_entity(s, next)));
            for (uint32_t bit = 0; bit < 5; bit++) {
                bool has = (s->mask[next] >> bit & 1) != 0;
                assert_int_equal(it.columns[bit] != NULL, has && bit < 4 && kinds[bit] != V_TERM_WITHOUT);
            }
            if (it.columns[0] != NULL) {
                assert_true(((const Position *)it.columns[0])[i].at_m.x == s->value[next][0]);
            }
            if (it.columns[3] != NULL) {
                assert_true(((const Cloud *)it.columns[3])[i].samples[1] == s->value[next][3]);
            }
        }
    }
    uint32_t expected = 0;
    for (uint32_t i = 1; i < SLOTS; i++) {
        bool match = s->alive[i];
        for (uint32_t bit = 0; bit < 5; bit++) {
            bool has = (s->mask[i] >> bit & 1) != 0;
            match = match && (kinds[bit] == V_TERM_OPTIONAL || has == (kinds[bit] == V_TERM_WITH));
        }
        expected += match;
    }
    assert_int_equal(found, expected);
    assert_int_equal(v_query_count(query), expected);
    (void)f;
}

static void random_changes_match_a_naive_shadow_and_queries_brute_force(void **state)
{
    (void)state;
    enum { QUERIES = 24 };
    fixture f = fixture_create(&(v_world_desc){ .entities_max = SLOTS });
    shadow *s = calloc(1, sizeof(shadow));
    assert_non_null(s);
    v_random random = v_random_seed(2026, 1);
    v_query *queries[QUERIES];
    v_term_kind kinds[QUERIES][5];
    for (uint32_t q = 0; q < QUERIES; q++) {
        v_query_desc desc = { .term_count = 5 };
        for (uint32_t bit = 0; bit < 5; bit++) {
            kinds[q][bit] = (v_term_kind)v_random_below(&random, 3);
            desc.terms[bit] = (v_query_term){ component_of_bit(&f, bit), kinds[q][bit] };
        }
        assert_int_equal(v_query_create(f.world, &desc, &queries[q]), V_OK);
    }
    for (uint32_t i = 0; i < OPERATIONS; i++) {
        random_operation(&f, s, &random);
        if (i % 2500 == 0) {
            compare(&f, s);
            for (uint32_t q = 0; q < QUERIES; q++) {
                compare_query(&f, s, queries[q], kinds[q]);
            }
        }
    }
    compare(&f, s);
    v_query_destroy(queries[5]);
    free(s);
    v_world_destroy(f.world);
}

static void a_query_stops_when_the_structure_changes_under_it(void **state)
{
    (void)state;
    fixture f = fixture_create(&(v_world_desc){ 0 });
    for (uint32_t i = 0; i < 5000; i++) {
        set_by_mask(&f, v_entity_create(f.world), 1, (float)i);
    }
    v_query *query = NULL;
    v_query_desc desc = { .terms = { { f.position, V_TERM_WITH } }, .term_count = 1 };
    assert_int_equal(v_query_create(f.world, &desc, &query), V_OK);
    v_query_iter it = { 0 };
    assert_true(v_query_next(query, &it));
    (void)v_entity_create(f.world);
    assert_false(v_query_next(query, &it));
    assert_int_equal(it.count, 0);
    it = (v_query_iter){ 0 };
    assert_true(v_query_next(query, &it));
    assert_int_equal(v_entity_destroy(f.world, (v_entity){ 4000, 1 }), V_OK);
    assert_false(v_query_next(query, &it));
    assert_int_equal(v_query_count(query), 4999);

    v_query *bad = NULL;
    desc.term_count = V_QUERY_TERMS_MAX + 1;
    assert_int_equal(v_query_create(f.world, &desc, &bad), V_ERROR_INVALID_ARGUMENT);
    desc = (v_query_desc){ .terms = { { { 200 }, V_TERM_WITH } }, .term_count = 1 };
    assert_int_equal(v_query_create(f.world, &desc, &bad), V_ERROR_INVALID_ARGUMENT);
    assert_null(bad);
    v_world_destroy(f.world);
}

typedef struct parallel_sum {
    double per_chunk[8];
    uint32_t calls;
} parallel_sum;

static void add_up(void *user, const v_query_iter *iter, uint32_t worker)
{
    (void)worker;
    parallel_sum *sum = user;
    const Position *positions = iter->columns[0];
    for (uint32_t i = 0; i < iter->count; i++) {
        sum->per_chunk[iter->chunk] += (double)positions[i].at_m.x / 3;
    }
}

static void parallel_iteration_has_the_same_chunks_for_any_worker_count(void **state)
{
    (void)state;
    parallel_sum expected = { 0 };
    static const uint32_t workers[] = { 1, 2, 3, 8 };
    for (uint32_t k = 0; k < V_COUNT_OF(workers); k++) {
        v_jobs *jobs = NULL;
        assert_int_equal(v_jobs_create(&(v_jobs_desc){ .worker_count = workers[k] }, &jobs), V_OK);
        fixture f = fixture_create(&(v_world_desc){ .jobs = jobs });
        for (uint32_t i = 0; i < 30000; i++) {
            set_by_mask(&f, v_entity_create(f.world), i % 7 == 0 ? 2 : 1, (float)i);
        }
        v_query *query = NULL;
        v_query_desc desc = { .terms = { { f.position, V_TERM_WITH } }, .term_count = 1 };
        assert_int_equal(v_query_create(f.world, &desc, &query), V_OK);
        parallel_sum sum = { 0 };
        assert_int_equal(v_query_for(query, add_up, &sum), V_OK);
        if (k == 0) {
            expected = sum;
            assert_true(sum.per_chunk[7] > 0);
        }
        assert_memory_equal(&expected, &sum, sizeof(sum));
        v_world_destroy(f.world);
        v_jobs_destroy(jobs);
    }
}

static void bulk_creation_equals_single_creation(void **state)
{
    (void)state;
    enum { COUNT = 3000 };
    fixture a = fixture_create(&(v_world_desc){ 0 }), b = fixture_create(&(v_world_desc){ 0 });
    static Position positions[COUNT];
    static v_entity made[COUNT];
    for (uint32_t i = 0; i < 1500; i++) {
        set_by_mask(&a, v_entity_create(a.world), i, 1);
        set_by_mask(&b, v_entity_create(b.world), i, 1);
    }
    for (uint32_t i = 1; i < 1500; i += 3) {
        assert_int_equal(v_entity_destroy(a.world, (v_entity){ i, 1 }), V_OK);
        assert_int_equal(v_entity_destroy(b.world, (v_entity){ i, 1 }), V_OK);
    }
    for (uint32_t i = 0; i < COUNT; i++) {
        positions[i].at_m = (v_vec3){ (float)i, (float)i + 1, (float)i + 2 };
        v_entity entity = v_entity_create(a.world);
        set_position(&a, entity, (float)i);
        assert_int_equal(v_component_set(a.world, entity, a.actor, NULL), V_OK);
        assert_int_equal(v_component_set(a.world, entity, a.frozen, NULL), V_OK);
    }
    const v_component components[] = { b.frozen, b.actor, b.position };
    const void *values[] = { NULL, NULL, positions };
    assert_int_equal(v_entity_create_many(b.world, COUNT, components, 3, values, made), V_OK);
    assert_hash_equal(v_world_hash(a.world), v_world_hash(b.world));
    const Position *last = v_component_get(b.world, made[COUNT - 1], b.position);
    assert_true(last != NULL && last->at_m.x == COUNT - 1);
    const v_component twice[] = { b.frozen, b.frozen };
    assert_int_equal(v_entity_create_many(b.world, 1, twice, 2, NULL, NULL), V_ERROR_INVALID_ARGUMENT);
    assert_int_equal(v_entity_create_many(b.world, UINT32_MAX, components, 1, NULL, NULL), V_ERROR_FULL);
    assert_int_equal(v_entity_create_many(b.world, 0, NULL, 0, NULL, NULL), V_OK);
    assert_hash_equal(v_world_hash(a.world), v_world_hash(b.world));
    v_world_destroy(a.world);
    v_world_destroy(b.world);
}

// Memory.
// --------------------------------------------------------------------------------------------------------------

static void record_changes(void *user, const v_query_iter *iter, uint32_t worker)
{
    fixture *f = user;
    for (uint32_t i = 0; i < iter->count; i++) {
        v_commands commands = v_commands_of(f->world, worker, iter->entities[i].index);
        if (iter->entities[i].index % 5 == v_world_tick(f->world) % 5) {
            (void)v_commands_destroy(&commands, iter->entities[i]);
            v_entity made = v_commands_create(&commands);
            (void)v_commands_set(&commands, made, f->position, &(Position){ { 1, 2, 3 } });
        }
    }
}

static void a_steady_tick_allocates_nothing(void **state)
{
    (void)state;
    v_counted_allocator counted;
    v_counted_allocator_init(&counted, NULL);
    fixture f = fixture_create(&(v_world_desc){ .allocator = &counted.allocator });
    for (uint32_t i = 0; i < 5000; i++) {
        set_by_mask(&f, v_entity_create(f.world), 1 | i, (float)i);
    }
    v_query *query = NULL;
    v_query_desc desc = { .terms = { { f.position, V_TERM_WITH } }, .term_count = 1 };
    assert_int_equal(v_query_create(f.world, &desc, &query), V_OK);
    v_writer snapshot = { .allocator = &counted.allocator };
    uint64_t before = 0;
    for (uint32_t t = 0; t < 40; t++) {
        if (t == 20) {
            before = v_counted_allocator_read(&counted).alloc_count;
        }
        assert_int_equal(v_world_begin_tick(f.world), V_OK);
        assert_int_equal(v_query_for(query, record_changes, &f), V_OK);
        assert_int_equal(v_world_end_tick(f.world), V_OK);
        (void)v_world_hash(f.world);
        snapshot.size_bytes = 0;
        assert_int_equal(v_world_snapshot(f.world, &snapshot), V_OK);
        assert_int_equal(v_world_restore(f.world, snapshot.data, snapshot.size_bytes), V_OK);
    }
    assert_int_equal(v_entity_count(f.world), 5000);
    assert_int_equal(v_counted_allocator_read(&counted).alloc_count, before);
    v_writer_destroy(&snapshot);
    v_world_destroy(f.world);
    assert_int_equal(v_counted_allocator_read(&counted).live_bytes, 0);
}

/// As large as a component may be: a page of 64 has a chunk of memory alone, small pages share others.
typedef struct Boulder {
    uint32_t grain[4096];
} Boulder;

static void large_and_small_components_keep_apart(void **state)
{
    (void)state;
    enum { COUNT = 300 };
    static const v_field fields[] = { { "grain", V_FIELD_U32, 0, 4096 } };
    static const v_component_info info = { "Boulder", sizeof(Boulder), _Alignof(Boulder), fields, 1 };
    static Boulder boulder;
    v_counted_allocator counted;
    v_counted_allocator_init(&counted, NULL);
    fixture f = fixture_create(&(v_world_desc){ .allocator = &counted.allocator });
    v_component large = v_component_register(f.world, &info);
    assert_int_not_equal(large.id, 0);
    v_entity entities[COUNT];
    for (uint32_t i = 0; i < COUNT; i++) {
        entities[i] = v_entity_create(f.world);
        for (uint32_t k = 0; k < V_COUNT_OF(boulder.grain); k++) {
            boulder.grain[k] = i * 4096 + k;
        }
        // Pages of either size in turn.
        assert_int_equal(v_component_set(f.world, entities[i], large, &boulder), V_OK);
        set_by_mask(&f, entities[i], 1u << (i / 64), (float)i);
    }
    for (uint32_t i = 0; i < COUNT; i++) {
        const Boulder *found = v_component_get(f.world, entities[i], large);
        assert_non_null(found);
        for (uint32_t k = 0; k < V_COUNT_OF(boulder.grain); k++) {
            assert_int_equal(found->grain[k], i * 4096 + k);
        }
        assert_true(i >= 256 || read_value(&f, entities[i], i / 64) == (float)i);
    }
    v_world_destroy(f.world);
    assert_int_equal(v_counted_allocator_read(&counted).live_bytes, 0);
}

typedef struct failing_heap {
    v_allocator allocator;
    uint32_t left; ///< Allocations that still succeed.
} failing_heap;

static void *failing_alloc(void *user, size_t size_bytes, size_t align_bytes)
{
    failing_heap *heap = user;
    if (heap->left == 0) {
        return NULL;
    }
    heap->left--;
    return v_alloc(NULL, size_bytes, align_bytes);
}

static void failing_free(void *user, void *memory, size_t size_bytes, size_t align_bytes)
{
    (void)user;
    v_free(NULL, memory, size_bytes, align_bytes);
}

/// Do a bit of everything; whatever fails must leave the hash as it was.
static void use_everything(v_world *world, const v_writer *snapshot)
{
    v_component position = v_component_find(world, "Position"), cloud = v_component_find(world, "Cloud");
    v_hash128 before = v_world_hash(world);
    v_entity entity = v_entity_create(world);
    const v_component both[] = { position, cloud };
    if (!v_entity_is_null(entity)) {
        before = v_world_hash(world);
        if (v_component_set(world, entity, cloud, NULL) != V_OK || v_entity_set_name(world, entity, "e") != V_OK) {
            assert_int_equal(v_entity_destroy(world, entity), V_OK);
            before = v_world_hash(world);
        }
    }
    if (v_entity_create_many(world, 1500, both, 2, NULL, NULL) != V_OK && v_entity_is_alive(world, entity) &&
        v_entity_name(world, entity)[0] == '\0') {
        assert_hash_equal(before, v_world_hash(world));
    }
    before = v_world_hash(world);
    if (v_entity_is_alive(world, entity)) {
        v_entity copy = v_entity_instantiate(world, entity);
        if (!v_entity_is_null(copy)) {
            (void)v_entity_set_parent(world, copy, entity);
        }
        (void)v_entity_destroy(world, entity);
    }
    before = v_world_hash(world);
    if (v_world_restore(world, snapshot->data, snapshot->size_bytes) != V_OK) {
        assert_hash_equal(before, v_world_hash(world));
    }
}

static void running_out_of_memory_breaks_nothing(void **state)
{
    (void)state;
    fixture f = fixture_create(&(v_world_desc){ 0 });
    for (uint32_t i = 0; i < 3000; i++) {
        set_by_mask(&f, v_entity_create(f.world), i, (float)i);
    }
    v_writer snapshot = { 0 };
    assert_int_equal(v_world_snapshot(f.world, &snapshot), V_OK);
    uint32_t worlds = 0;
    for (uint32_t left = 0; left < 150; left++) {
        failing_heap heap = { .left = left };
        heap.allocator = (v_allocator){ failing_alloc, failing_free, &heap };
        v_world *world = NULL;
        if (v_world_create(&(v_world_desc){ .allocator = &heap.allocator }, &world) != V_OK) {
            assert_null(world);
            continue;
        }
        worlds++;
        bool whole = v_component_register(world, V_COMPONENT_OF(Position)).id != 0 &&
                     v_component_register(world, V_COMPONENT_OF(Velocity)).id != 0 &&
                     v_component_register(world, V_COMPONENT_OF(Actor)).id != 0 &&
                     v_component_register(world, cloud_info()).id != 0 &&
                     v_component_register(world, V_COMPONENT_OF(Frozen)).id != 0;
        if (whole) {
            use_everything(world, &snapshot);
        }
        v_world_destroy(world);
    }
    assert_int_not_equal(worlds, 0);
    v_writer_destroy(&snapshot);
    v_world_destroy(f.world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_changes_match_a_naive_shadow_and_queries_brute_force),
        cmocka_unit_test(a_query_stops_when_the_structure_changes_under_it),
        cmocka_unit_test(parallel_iteration_has_the_same_chunks_for_any_worker_count),
        cmocka_unit_test(bulk_creation_equals_single_creation),
        cmocka_unit_test(a_steady_tick_allocates_nothing),
        cmocka_unit_test(large_and_small_components_keep_apart),
        cmocka_unit_test(running_out_of_memory_breaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
