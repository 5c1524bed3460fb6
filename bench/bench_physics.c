// bench_physics.c: milliseconds per step on four scenes, with the quality at the end: one note and one JSON object
// each.
//
//     bench_physics [--scene NAME] [--steps N] [--workers N] [--runs N] [--stages]
#include "v/physics.h"
#include "v/thread.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 100000u
#define RUNS_MAX  100u

typedef struct scene {
    v_world *world;
    v_jobs *jobs;
    v_body bodies[8192];
    v_vec3 start_m[8192];
    uint32_t count;
    uint32_t random;
} scene;

typedef struct options {
    const char *scene;
    uint32_t steps, workers, runs;
    bool stages;
} options;

static void must(v_status status)
{
    if (status != V_OK) {
        fprintf(stderr, "bench_physics: %s\n", v_status_message());
        exit(1);
    }
}

static void add_static(scene *s, v_vec3 half_extents_m, v_vec3 pos_m)
{
    v_body_desc desc = { .pos_m = pos_m, .friction = 0.6f };
    desc.shape = (v_shape){ .kind = V_SHAPE_BOX, .half_extents_m = half_extents_m };
    if (v_body_create(s->world, &desc).index == 0) {
        must(V_ERROR_INVALID_ARGUMENT);
    }
}

static void add_dynamic(scene *s, v_shape shape, v_vec3 pos_m, v_quat rot)
{
    v_body body = v_body_create(
        s->world,
        &(v_body_desc){ .kind = V_BODY_DYNAMIC, .shape = shape, .pos_m = pos_m, .rot = rot, .friction = 0.6f });
    if (body.index == 0) {
        must(V_ERROR_INVALID_ARGUMENT);
    }
    s->start_m[s->count] = pos_m;
    s->bodies[s->count++] = body;
}

static void build_ground(scene *s)
{
    add_static(s, v_vec3_make(50, 1, 50), v_vec3_make(0, -1, 0));
}

static void build_pyramid(scene *s)
{
    build_ground(s);
    for (int row = 0; row < 20; ++row) {
        for (int j = 0; j < 20 - row; ++j) {
            float x = ((float)j - (float)(20 - row - 1) / 2.0f) * 1.05f;
            add_dynamic(s, V_BOX(0.5f, 0.5f, 0.5f), v_vec3_make(x, 0.5f + (float)row, 0), V_QUAT_IDENTITY);
        }
    }
}

static void build_columns(scene *s, int height)
{
    build_ground(s);
    for (int i = 0; i < 100; ++i) {
        for (int k = 0; k < height; ++k) {
            v_vec3 pos_m =
                v_vec3_make(((float)(i % 10) - 4.5f) * 3.0f, 0.5f + (float)k, ((float)(i / 10) - 4.5f) * 3.0f);
            add_dynamic(s, V_BOX(0.5f, 0.5f, 0.5f), pos_m, V_QUAT_IDENTITY);
        }
    }
}

static void build_stacks(scene *s)
{
    build_columns(s, 10);
}
static void build_manifold_100(scene *s)
{
    build_columns(s, 1);
}

static float next_random(scene *s)
{
    s->random = s->random * 1664525u + 1013904223u;
    return (float)(s->random >> 8) / 16777216.0f;
}

static void build_pile(scene *s)
{
    add_static(s, v_vec3_make(12, 1, 12), v_vec3_make(0, -1, 0));
    add_static(s, v_vec3_make(1, 30, 12), v_vec3_make(-11, 30, 0));
    add_static(s, v_vec3_make(1, 30, 12), v_vec3_make(11, 30, 0));
    add_static(s, v_vec3_make(12, 30, 1), v_vec3_make(0, 30, -11));
    add_static(s, v_vec3_make(12, 30, 1), v_vec3_make(0, 30, 11));
    const v_shape shapes[3] = { V_BOX(0.4f, 0.3f, 0.45f), V_SPHERE(0.45f), V_CAPSULE(0.3f, 0.3f) };
    s->random = 12345;
    for (int i = 0; i < 4000; ++i) {
        int layer = i / 256, cell = i % 256;
        float x = ((float)(cell % 16) - 7.5f) * 1.22f + 0.1f * (next_random(s) - 0.5f);
        float y = 1.0f + 1.3f * (float)layer + 0.1f * (next_random(s) - 0.5f);
        float z = ((float)(cell / 16) - 7.5f) * 1.22f + 0.1f * (next_random(s) - 0.5f);
        float q0 = next_random(s) - 0.5f, q1 = next_random(s) - 0.5f, q2 = next_random(s) - 0.5f;
        float q3 = next_random(s) - 0.5f;
        add_dynamic(s, shapes[i % 3], v_vec3_make(x, y, z), v_quat_normalize(v_quat_make(q0, q1, q2, q3)));
    }
}

static const struct {
    const char *name;
    void (*build)(scene *s);
    uint32_t workers;
} scenes[] = {
    { "pyramid", build_pyramid, 1 }, { "stacks", build_stacks, 1 }, { "manifold_100", build_manifold_100, 1 },
    { "pile", build_pile, 1 },       { "pile_2t", build_pile, 2 },
};

static int compare_u64(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y ? 1 : 0;
}

/// Mean kinetic energy per kilogram and the largest sideways way from the start.
static void measure_quality(const scene *s, double *out_energy, double *out_drift, double *out_sunk)
{
    double energy = 0.0, mass = 0.0;
    *out_drift = *out_sunk = 0.0;
    for (uint32_t i = 0; i < s->count; ++i) {
        v_body_state state;
        must(v_body_get_state(s->world, s->bodies[i], &state));
        double m = (double)v_body_mass_kg(s->world, s->bodies[i]);
        energy += 0.5 * m * (double)v_vec3_length_squared(state.velocity_m_s);
        mass += m;
        v_vec3 way = v_vec3_sub(state.pos_m, s->start_m[i]);
        double drift = (double)sqrtf(way.x * way.x + way.z * way.z);
        *out_drift = drift > *out_drift ? drift : *out_drift;
        *out_sunk = -(double)way.y > *out_sunk ? -(double)way.y : *out_sunk;
    }
    *out_energy = energy / mass;
}

/// The median step of a run, in nanoseconds. Says how it went when asked to.
static uint64_t run_scene(uint32_t which, const options *o, bool print)
{
    static scene s;
    static uint64_t times[STEPS_MAX];
    memset(&s, 0, sizeof(s));
    uint32_t workers = o->workers != 0 ? o->workers : scenes[which].workers;
    must(v_jobs_create(&(v_jobs_desc){ .worker_count = workers }, &s.jobs));
    must(v_world_create(&(v_world_desc){ .jobs = s.jobs }, &s.world));
    must(v_physics_attach(s.world, &(v_physics_desc){ .no_sleep = true }));
    scenes[which].build(&s);
    uint64_t stage_ns[V_PHYSICS_STAGE_COUNT] = { 0 };
    for (uint32_t i = 0; i < o->steps; ++i) {
        must(v_world_begin_tick(s.world));
        uint64_t start_ns = v_clock_ns();
        must(v_physics_step(s.world));
        times[i] = v_clock_ns() - start_ns;
        must(v_world_end_tick(s.world));
        v_physics_stats stats = v_physics_get_stats(s.world);
        for (uint32_t k = 0; k < V_PHYSICS_STAGE_COUNT; ++k) {
            stage_ns[k] += stats.stage_ns[k];
        }
    }
    qsort(times, o->steps, sizeof(times[0]), compare_u64);
    uint64_t median_ns = times[o->steps / 2];
    if (print) {
        double energy, drift, sunk;
        measure_quality(&s, &energy, &drift, &sunk);
        v_physics_stats stats = v_physics_get_stats(s.world);
        char hash[33];
        v_hash128_text(v_world_hash(s.world), hash);
        printf("%-12s %8.3f ms (p95 %8.3f)  drift %.4f m  sunk %.4f m  energy %.1e J/kg  manifolds %" PRIu32
               "  contacts %" PRIu32 "  pairs %" PRIu32 "  colours %" PRIu32 "  sweeps %" PRIu32
               "  overlap %.1f mm  hash %s\n",
               scenes[which].name, (double)median_ns * 1e-6, (double)times[o->steps * 95u / 100u] * 1e-6, drift, sunk,
               energy, stats.manifolds, stats.contacts, stats.pairs, stats.colours, stats.iterations,
               (double)stats.largest_penetration_m * 1e3, hash);
        for (uint32_t k = 0; o->stages && k < V_PHYSICS_STAGE_COUNT; ++k) {
            printf("    %-22s %8.3f ms\n", v_physics_stage_name((v_physics_stage)k),
                   (double)stage_ns[k] * 1e-6 / (double)o->steps);
        }
        fflush(stdout);
    }
    v_world_destroy(s.world);
    v_jobs_destroy(s.jobs);
    return median_ns;
}

/// A short warm-up, then the median of the runs' medians.
static void measure_scene(uint32_t which, const options *o)
{
    uint64_t medians_ns[RUNS_MAX];
    options warm_up = *o;
    warm_up.steps = o->steps / 10 + 1;
    (void)run_scene(which, &warm_up, false);
    for (uint32_t run = 0; run < o->runs; ++run) {
        medians_ns[run] = run_scene(which, o, run == 0);
    }
    qsort(medians_ns, o->runs, sizeof(medians_ns[0]), compare_u64);
    printf("{\"name\": \"%s\", \"unit\": \"ms\", \"better\": \"lower\", \"ours\": %.4f, \"spread\": [%.4f, %.4f], "
           "\"peers\": {}, \"ratio\": {}, \"notes\": \"median step of %" PRIu32 ", sleeping off\"}\n",
           scenes[which].name, (double)medians_ns[o->runs / 2] * 1e-6, (double)medians_ns[0] * 1e-6,
           (double)medians_ns[o->runs - 1] * 1e-6, o->steps);
    fflush(stdout);
}

static uint32_t number_after(int argc, char **argv, int *i)
{
    if (*i + 1 >= argc) {
        fprintf(stderr, "bench_physics: %s needs a number\n", argv[*i]);
        exit(2);
    }
    return (uint32_t)strtoul(argv[++*i], NULL, 10);
}

int main(int argc, char **argv)
{
    options o = { .steps = 600, .runs = 5 };
    for (int i = 1; i < argc; ++i) {
        if (strcmp(argv[i], "--scene") == 0 && i + 1 < argc) {
            o.scene = argv[++i];
        } else if (strcmp(argv[i], "--steps") == 0) {
            o.steps = number_after(argc, argv, &i);
        } else if (strcmp(argv[i], "--workers") == 0) {
            o.workers = number_after(argc, argv, &i);
        } else if (strcmp(argv[i], "--runs") == 0) {
            o.runs = number_after(argc, argv, &i);
        } else if (strcmp(argv[i], "--stages") == 0) {
            o.stages = true;
        } else {
            fprintf(stderr, "usage: bench_physics [--scene NAME] [--steps N] [--workers N] [--runs N] [--stages]\n");
            return 2;
        }
    }
    o.steps = o.steps < 1 ? 1 : o.steps > STEPS_MAX ? STEPS_MAX : o.steps;
    o.runs = o.runs < 1 ? 1 : o.runs > RUNS_MAX ? RUNS_MAX : o.runs;
    bool known = false;
    for (uint32_t which = 0; which < V_COUNT_OF(scenes); ++which) {
        if (o.scene == NULL || strcmp(o.scene, scenes[which].name) == 0) {
            measure_scene(which, &o);
            known = true;
        }
    }
    if (!known) {
        fprintf(stderr, "bench_physics: there is no scene '%s'\n", o.scene);
    }
    return known ? 0 : 2;
}
