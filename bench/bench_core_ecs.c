// ECS and world: 1 M entities with position and velocity, in ns per entity; hash and snapshot of that world in ms.
// One JSON line per result on stdout. Ours and the bare arrays run in turn; medians of RUNS runs after a warm-up.
#include "v/ecs.h"
#include "v/random.h"
#include "v/thread.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ENTITIES = 1000000, RUNS = 9 };

typedef struct Position {
    v_vec3 at_m;
} Position;
V_COMPONENT(Position, V_VEC3(at_m))

typedef struct Velocity {
    v_vec3 m_s;
} Velocity;
V_COMPONENT(Velocity, V_VEC3(m_s))

typedef struct Health {
    int32_t points;
} Health;
V_COMPONENT(Health, V_INT(points))

typedef struct bench {
    v_jobs *jobs;
    v_world *world;
    v_component position, velocity, health;
    v_query *moving;
    v_entity *entities;
    uint32_t *shuffled; ///< A random order of [0, ENTITIES).
    v_entity *shuffled_entities;
    v_vec3 *bare_pos, *bare_vel;
    v_writer writer;
    uint8_t *copy;
    float sink;
} bench;

typedef double (*measurement)(bench *b); ///< Nanoseconds for all.

static void check(v_status status)
{
    if (status != V_OK) {
        fprintf(stderr, "bench_core_ecs: %s\n", v_status_message());
        exit(1);
    }
}

static void *allocate(size_t size_bytes)
{
    void *memory = malloc(size_bytes);
    if (memory == NULL) {
        fprintf(stderr, "bench_core_ecs: out of memory\n");
        exit(1);
    }
    memset(memory, 0, size_bytes);
    return memory;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void create_world(bench *b)
{
    check(v_world_create(&(v_world_desc){ .jobs = b->jobs, .entities_max = 1 << 20 }, &b->world));
    b->position = v_component_register(b->world, V_COMPONENT_OF(Position));
    b->velocity = v_component_register(b->world, V_COMPONENT_OF(Velocity));
    b->health = v_component_register(b->world, V_COMPONENT_OF(Health));
    v_query_desc moving = { .terms = { { b->position, V_TERM_WITH }, { b->velocity, V_TERM_WITH } }, .term_count = 2 };
    check(v_query_create(b->world, &moving, &b->moving));
}

// What is measured.
// ----------------------------------------------------------------------------------------------------

static double create_entities(bench *b)
{
    Position position = { { 1, 2, 3 } };
    Velocity velocity = { { 0.5f, 0.25f, 0.125f } };
    uint64_t start = v_clock_ns();
    for (uint32_t i = 0; i < ENTITIES; i++) {
        v_entity entity = v_entity_create(b->world);
        (void)v_component_set(b->world, entity, b->position, &position);
        (void)v_component_set(b->world, entity, b->velocity, &velocity);
        b->entities[i] = entity;
    }
    return (double)(v_clock_ns() - start);
}

static double destroy_entities(bench *b)
{
    uint64_t start = v_clock_ns();
    for (uint32_t i = 0; i < ENTITIES; i++) {
        (void)v_entity_destroy(b->world, b->entities[i]);
    }
    return (double)(v_clock_ns() - start);
}

static double create_in_bulk(bench *b)
{
    const v_component components[] = { b->position, b->velocity };
    const void *values[] = { b->bare_pos, b->bare_vel };
    uint64_t start = v_clock_ns();
    check(v_entity_create_many(b->world, ENTITIES, components, 2, values, b->entities));
    return (double)(v_clock_ns() - start);
}

static double add_component(bench *b)
{
    Health health = { 100 };
    uint64_t start = v_clock_ns();
    for (uint32_t i = 0; i < ENTITIES; i++) {
        (void)v_component_set(b->world, b->entities[i], b->health, &health);
    }
    return (double)(v_clock_ns() - start);
}

static double remove_component(bench *b)
{
    uint64_t start = v_clock_ns();
    for (uint32_t i = 0; i < ENTITIES; i++) {
        (void)v_component_remove(b->world, b->entities[i], b->health);
    }
    return (double)(v_clock_ns() - start);
}

static double get_random(bench *b)
{
    float sum = 0;
    uint64_t start = v_clock_ns();
    for (uint32_t i = 0; i < ENTITIES; i++) {
        const Position *position = v_component_get(b->world, b->shuffled_entities[i], b->position);
        sum += position->at_m.x;
    }
    uint64_t end = v_clock_ns();
    b->sink += sum;
    return (double)(end - start);
}

static double get_random_bare(bench *b)
{
    float sum = 0;
    uint64_t start = v_clock_ns();
    for (uint32_t i = 0; i < ENTITIES; i++) {
        sum += b->bare_pos[b->shuffled[i]].x;
    }
    uint64_t end = v_clock_ns();
    b->sink += sum;
    return (double)(end - start);
}

static void move(v_vec3 *restrict position, const v_vec3 *restrict velocity, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        position[i].x += velocity[i].x;
        position[i].y += velocity[i].y;
        position[i].z += velocity[i].z;
    }
}

static double iterate(bench *b)
{
    uint64_t start = v_clock_ns();
    for (v_query_iter it = { 0 }; v_query_next(b->moving, &it);) {
        move(it.columns[0], it.columns[1], it.count);
    }
    return (double)(v_clock_ns() - start);
}

static double iterate_bare(bench *b)
{
    uint64_t start = v_clock_ns();
    move(b->bare_pos, b->bare_vel, ENTITIES);
    return (double)(v_clock_ns() - start);
}

static double hash_world(bench *b)
{
    uint64_t start = v_clock_ns();
    v_hash128 hash = v_world_hash(b->world);
    uint64_t end = v_clock_ns();
    b->sink += (float)(hash.low & 1);
    return (double)(end - start);
}

static double hash_bare(bench *b)
{
    uint64_t start = v_clock_ns();
    v_hash128 one = v_hash_bytes(b->bare_pos, ENTITIES * sizeof(v_vec3));
    v_hash128 two = v_hash_bytes(b->bare_vel, ENTITIES * sizeof(v_vec3));
    uint64_t end = v_clock_ns();
    b->sink += (float)((one.low ^ two.low) & 1);
    return (double)(end - start);
}

static double snapshot_world(bench *b)
{
    b->writer.size_bytes = 0;
    uint64_t start = v_clock_ns();
    check(v_world_snapshot(b->world, &b->writer));
    return (double)(v_clock_ns() - start);
}

static double restore_world(bench *b)
{
    uint64_t start = v_clock_ns();
    check(v_world_restore(b->world, b->writer.data, b->writer.size_bytes));
    return (double)(v_clock_ns() - start);
}

static double copy_bare(bench *b)
{
    uint64_t start = v_clock_ns();
    memcpy(b->copy, b->bare_pos, ENTITIES * sizeof(v_vec3));
    memcpy(b->copy + ENTITIES * sizeof(v_vec3), b->bare_vel, ENTITIES * sizeof(v_vec3));
    return (double)(v_clock_ns() - start);
}

// Reports.
// -------------------------------------------------------------------------------------------------------------

static void report(const char *name, const char *unit, double divisor, double *ours, double *peer, const char *notes)
{
    qsort(ours, RUNS, sizeof(double), compare);
    double median = ours[RUNS / 2] / divisor;
    printf("{\"name\":\"%s\",\"unit\":\"%s\",\"better\":\"lower\",\"ours\":%.3f,\"spread\":[%.3f,%.3f]", name, unit,
           median, ours[0] / divisor, ours[RUNS - 1] / divisor);
    if (peer != NULL) {
        qsort(peer, RUNS, sizeof(double), compare);
        double bare = peer[RUNS / 2] / divisor;
        printf(",\"peers\":{\"bare_arrays\":%.3f},\"ratio\":{\"bare_arrays\":%.3f}", bare, bare / median);
    } else {
        printf(",\"peers\":{},\"ratio\":{}");
    }
    printf(",\"notes\":\"%s\"}\n", notes);
    fflush(stdout);
}

/// Run ours and the peer (may be null) in turn.
static void compare_in_turn(bench *b, const char *name, const char *unit, double divisor, measurement ours,
                            measurement peer, const char *notes)
{
    double our_times[RUNS], peer_times[RUNS];
    for (int i = -1; i < RUNS; i++) {
        double ours_ns = ours(b), peer_ns = peer != NULL ? peer(b) : 0;
        if (i >= 0) {
            our_times[i] = ours_ns;
            peer_times[i] = peer_ns;
        }
    }
    report(name, unit, divisor, our_times, peer != NULL ? peer_times : NULL, notes);
}

/// Run two measurements that undo each other, in turn, each with its own report.
static void opposites(bench *b, measurement first, const char *first_name, const char *first_notes, measurement second,
                      const char *second_name, const char *second_notes)
{
    double first_times[RUNS], second_times[RUNS];
    for (int i = -1; i < RUNS; i++) {
        double first_ns = first(b), second_ns = second(b);
        if (i >= 0) {
            first_times[i] = first_ns;
            second_times[i] = second_ns;
        }
    }
    report(first_name, "ns", ENTITIES, first_times, NULL, first_notes);
    if (second_name != NULL) {
        report(second_name, "ns", ENTITIES, second_times, NULL, second_notes);
    }
}

/// A new world for each run: pages are allocated and touched for the first time within the measurement.
static void create_cold(bench *b)
{
    double times[RUNS];
    for (int i = 0; i < RUNS; i++) {
        v_world_destroy(b->world);
        create_world(b);
        times[i] = create_entities(b);
    }
    report("ecs_create", "ns", ENTITIES, times, NULL,
           "two components, new world; flecs 122, EnTT 55 on a like machine");
    (void)destroy_entities(b);
}

static void fill_bare(bench *b)
{
    v_random random = v_random_seed(1, 1);
    for (uint32_t i = 0; i < ENTITIES; i++) {
        b->bare_pos[i] = (v_vec3){ (float)i, 1, 2 };
        b->bare_vel[i] = (v_vec3){ 0.5f, 0.25f, 0.125f };
        b->shuffled[i] = i;
    }
    for (uint32_t i = ENTITIES - 1; i > 0; i--) {
        uint32_t other = v_random_below(&random, i + 1), swap = b->shuffled[i];
        b->shuffled[i] = b->shuffled[other];
        b->shuffled[other] = swap;
    }
}

int main(void)
{
    bench b = { 0 };
    check(v_jobs_create(&(v_jobs_desc){ 0 }, &b.jobs));
    b.entities = allocate(ENTITIES * sizeof(v_entity));
    b.shuffled = allocate(ENTITIES * sizeof(uint32_t));
    b.shuffled_entities = allocate(ENTITIES * sizeof(v_entity));
    b.bare_pos = allocate(ENTITIES * sizeof(v_vec3));
    b.bare_vel = allocate(ENTITIES * sizeof(v_vec3));
    b.copy = allocate(2 * ENTITIES * sizeof(v_vec3));
    fill_bare(&b);
    create_world(&b);

    create_cold(&b);
    opposites(&b, create_entities, "ecs_create_warm", "slots and pages exist already", destroy_entities, "ecs_destroy",
              "flecs 23, EnTT 35 on a like machine");
    opposites(&b, create_in_bulk, "ecs_create_bulk", "v_entity_create_many; flecs 14 on a like machine",
              destroy_entities, NULL, NULL);
    (void)create_entities(&b);
    for (uint32_t i = 0; i < ENTITIES; i++) {
        b.shuffled_entities[i] = b.entities[b.shuffled[i]];
    }
    opposites(&b, add_component, "ecs_add", "flecs 68, EnTT 17 on a like machine", remove_component, "ecs_remove",
              "flecs 39, EnTT 14 on a like machine");
    compare_in_turn(&b, "ecs_get", "ns", ENTITIES, get_random, get_random_bare,
                    "random order; flecs 40, EnTT 36 on a like machine");
    compare_in_turn(&b, "ecs_iterate", "ns", ENTITIES, iterate, iterate_bare,
                    "position += velocity; flecs 0.95, EnTT 2.6-4.3 on a like machine");
    compare_in_turn(&b, "world_hash", "ms", 1e6, hash_world, hash_bare, "24 MB of components, all workers");
    compare_in_turn(&b, "world_snapshot", "ms", 1e6, snapshot_world, copy_bare, "24 MB of components, with checksum");
    compare_in_turn(&b, "world_restore", "ms", 1e6, restore_world, copy_bare, "24 MB of components");

    if (b.sink == 0.5f) {
        fprintf(stderr, "unlikely\n"); // keeps the results alive
    }
    v_writer_destroy(&b.writer);
    v_world_destroy(b.world);
    v_jobs_destroy(b.jobs);
    free(b.entities);
    free(b.shuffled);
    free(b.shuffled_entities);
    free(b.bare_pos);
    free(b.bare_vel);
    free(b.copy);
    return 0;
}
