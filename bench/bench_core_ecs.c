// ECS and world: 1 M entities with position and velocity, in ns per entity; hash and snapshot of that world in ms.
//
// One JSON line per result on stdout. Ours and the bare arrays run in turn. A sample is the least of ROUNDS rounds, so
// that one interruption does not spoil it; the figures are medians of RUNS samples of wall time, after a warm-up. The
// notes name the processor time (all threads), which a busy machine inflates less.
#include "v/ecs.h"
#include "v/random.h"
#include "v/thread.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ENTITIES = 1000000, RUNS = 11, ROUNDS = 3 };

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

typedef struct duration {
    double wall_ns, cpu_ns;
} duration;

typedef duration (*measurement)(bench *b); ///< For all entities.

static duration now(void)
{
    struct timespec cpu;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu);
    return (duration){ (double)v_clock_ns(), (double)cpu.tv_sec * 1e9 + (double)cpu.tv_nsec };
}

static duration since(duration start)
{
    duration end = now();
    return (duration){ end.wall_ns - start.wall_ns, end.cpu_ns - start.cpu_ns };
}

static duration least(duration a, duration b)
{
    return (duration){ a.wall_ns < b.wall_ns ? a.wall_ns : b.wall_ns, a.cpu_ns < b.cpu_ns ? a.cpu_ns : b.cpu_ns };
}

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

static duration create_entities(bench *b)
{
    Position position = { { 1, 2, 3 } };
    Velocity velocity = { { 0.5f, 0.25f, 0.125f } };
    duration start = now();
    for (uint32_t i = 0; i < ENTITIES; i++) {
        v_entity entity = v_entity_create(b->world);
        (void)v_component_set(b->world, entity, b->position, &position);
        (void)v_component_set(b->world, entity, b->velocity, &velocity);
        b->entities[i] = entity;
    }
    return since(start);
}

static duration destroy_entities(bench *b)
{
    duration start = now();
    for (uint32_t i = 0; i < ENTITIES; i++) {
        (void)v_entity_destroy(b->world, b->entities[i]);
    }
    return since(start);
}

static duration create_in_bulk(bench *b)
{
    const v_component components[] = { b->position, b->velocity };
    const void *values[] = { b->bare_pos, b->bare_vel };
    duration start = now();
    check(v_entity_create_many(b->world, ENTITIES, components, 2, values, b->entities));
    return since(start);
}

static duration add_component(bench *b)
{
    Health health = { 100 };
    duration start = now();
    for (uint32_t i = 0; i < ENTITIES; i++) {
        (void)v_component_set(b->world, b->entities[i], b->health, &health);
    }
    return since(start);
}

static duration remove_component(bench *b)
{
    duration start = now();
    for (uint32_t i = 0; i < ENTITIES; i++) {
        (void)v_component_remove(b->world, b->entities[i], b->health);
    }
    return since(start);
}

static duration get_random(bench *b)
{
    float sum = 0;
    duration start = now();
    for (uint32_t i = 0; i < ENTITIES; i++) {
        const Position *position = v_component_get(b->world, b->shuffled_entities[i], b->position);
        sum += position->at_m.x;
    }
    duration taken = since(start);
    b->sink += sum;
    return taken;
}

static duration get_random_bare(bench *b)
{
    float sum = 0;
    duration start = now();
    for (uint32_t i = 0; i < ENTITIES; i++) {
        sum += b->bare_pos[b->shuffled[i]].x;
    }
    duration taken = since(start);
    b->sink += sum;
    return taken;
}

static void move(v_vec3 *restrict position, const v_vec3 *restrict velocity, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        position[i].x += velocity[i].x;
        position[i].y += velocity[i].y;
        position[i].z += velocity[i].z;
    }
}

static duration iterate(bench *b)
{
    duration start = now();
    for (v_query_iter it = { 0 }; v_query_next(b->moving, &it);) {
        move(it.columns[0], it.columns[1], it.count);
    }
    return since(start);
}

static duration iterate_bare(bench *b)
{
    duration start = now();
    move(b->bare_pos, b->bare_vel, ENTITIES);
    return since(start);
}

static duration hash_world(bench *b)
{
    duration start = now();
    v_hash128 hash = v_world_hash(b->world);
    duration taken = since(start);
    b->sink += (float)(hash.low & 1);
    return taken;
}

static duration hash_bare(bench *b)
{
    duration start = now();
    v_hash128 one = v_hash_bytes(b->bare_pos, ENTITIES * sizeof(v_vec3));
    v_hash128 two = v_hash_bytes(b->bare_vel, ENTITIES * sizeof(v_vec3));
    duration taken = since(start);
    b->sink += (float)((one.low ^ two.low) & 1);
    return taken;
}

static duration snapshot_world(bench *b)
{
    b->writer.size_bytes = 0;
    duration start = now();
    check(v_world_snapshot(b->world, &b->writer));
    return since(start);
}

static duration restore_world(bench *b)
{
    duration start = now();
    check(v_world_restore(b->world, b->writer.data, b->writer.size_bytes));
    return since(start);
}

static duration copy_bare(bench *b)
{
    duration start = now();
    memcpy(b->copy, b->bare_pos, ENTITIES * sizeof(v_vec3));
    memcpy(b->copy + ENTITIES * sizeof(v_vec3), b->bare_vel, ENTITIES * sizeof(v_vec3));
    return since(start);
}

// Reports.
// -------------------------------------------------------------------------------------------------------------

static const duration NEVER = { 1e300, 1e300 };

typedef struct samples {
    double wall_ns[RUNS], cpu_ns[RUNS];
} samples;

/// Run -1 is the warm-up: it counts for nothing.
static void keep(samples *all, int run, duration sample)
{
    if (run >= 0) {
        all->wall_ns[run] = sample.wall_ns;
        all->cpu_ns[run] = sample.cpu_ns;
    }
}

/// `peer` may be null.
static void report(const char *name, const char *unit, double divisor, samples *ours, samples *peer, const char *notes)
{
    qsort(ours->wall_ns, RUNS, sizeof(double), compare);
    qsort(ours->cpu_ns, RUNS, sizeof(double), compare);
    double median = ours->wall_ns[RUNS / 2] / divisor;
    printf("{\"name\":\"%s\",\"unit\":\"%s\",\"better\":\"lower\",\"ours\":%.3f,\"spread\":[%.3f,%.3f]", name, unit,
           median, ours->wall_ns[0] / divisor, ours->wall_ns[RUNS - 1] / divisor);
    if (peer != NULL) {
        qsort(peer->wall_ns, RUNS, sizeof(double), compare);
        qsort(peer->cpu_ns, RUNS, sizeof(double), compare);
        double bare = peer->wall_ns[RUNS / 2] / divisor;
        printf(",\"peers\":{\"bare_arrays\":%.3f},\"ratio\":{\"bare_arrays\":%.3f}", bare, bare / median);
    } else {
        printf(",\"peers\":{},\"ratio\":{}");
    }
    printf(",\"notes\":\"%s; processor time %.3f", notes, ours->cpu_ns[RUNS / 2] / divisor);
    if (peer != NULL) {
        printf(", bare %.3f", peer->cpu_ns[RUNS / 2] / divisor);
    }
    printf("\"}\n");
    fflush(stdout);
}

/// Run ours and the peer in turn.
static void compare_in_turn(bench *b, const char *name, const char *unit, double divisor, measurement ours,
                            measurement peer, const char *notes)
{
    samples our_times, peer_times;
    for (int run = -1; run < RUNS; run++) {
        duration our_least = NEVER, peer_least = NEVER;
        for (int round = 0; round < ROUNDS; round++) {
            our_least = least(our_least, ours(b));
            peer_least = least(peer_least, peer(b));
        }
        keep(&our_times, run, our_least);
        keep(&peer_times, run, peer_least);
    }
    report(name, unit, divisor, &our_times, &peer_times, notes);
}

/// Run two measurements that undo each other, in turn, each with its own report; the second's name may be null.
static void opposites(bench *b, measurement first, const char *first_name, const char *first_notes, measurement second,
                      const char *second_name, const char *second_notes)
{
    samples first_times, second_times;
    for (int run = -1; run < RUNS; run++) {
        duration first_least = NEVER, second_least = NEVER;
        for (int round = 0; round < ROUNDS; round++) {
            first_least = least(first_least, first(b));
            second_least = least(second_least, second(b));
        }
        keep(&first_times, run, first_least);
        keep(&second_times, run, second_least);
    }
    report(first_name, "ns", ENTITIES, &first_times, NULL, first_notes);
    if (second_name != NULL) {
        report(second_name, "ns", ENTITIES, &second_times, NULL, second_notes);
    }
}

/// A new world for each round: its memory is asked from the system and touched for the first time within the
/// measurement.
static void create_cold(bench *b)
{
    samples times;
    for (int run = 0; run < RUNS; run++) {
        duration fastest = NEVER;
        for (int round = 0; round < ROUNDS; round++) {
            v_world_destroy(b->world);
            create_world(b);
            fastest = least(fastest, create_entities(b));
        }
        keep(&times, run, fastest);
    }
    report("ecs_create", "ns", ENTITIES, &times, NULL,
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
