// The same run with one worker and with two: every bit of the state is the same.
#include <stdio.h>

#include <v/physics.h>
#include <v/random.h>

/// 200 spheres thrown onto the ground by a seeded generator, two seconds later. False when something failed.
static bool run(uint32_t workers, v_hash128 *out_hash)
{
    v_jobs *jobs = NULL;
    v_world *world = NULL;
    bool done = v_jobs_create(&(v_jobs_desc){ .worker_count = workers }, &jobs) == V_OK &&
                v_world_create(&(v_world_desc){ .jobs = jobs, .seed = 7 }, &world) == V_OK &&
                v_physics_attach(world, &(v_physics_desc){ 0 }) == V_OK;
    if (done) {
        v_body_create(world, &(v_body_desc){ .pos_m = { 0, -0.5f, 0 }, .shape = V_BOX(20, 0.5f, 20) });
        v_random random = v_random_seed(7, 0);
        for (int i = 0; i < 200; ++i) {
            // One draw a statement: C leaves the order within one expression to the compiler.
            v_vec3 pos_m = { 0 };
            pos_m.x = v_random_range(&random, -4, 4);
            pos_m.y = v_random_range(&random, 1, 20);
            pos_m.z = v_random_range(&random, -4, 4);
            v_body_create(world, &(v_body_desc){ .kind = V_BODY_DYNAMIC, .pos_m = pos_m, .shape = V_SPHERE(0.5f) });
        }
        for (int tick = 0; tick < 120 && done; ++tick) {
            done =
                v_world_begin_tick(world) == V_OK && v_physics_step(world) == V_OK && v_world_end_tick(world) == V_OK;
        }
        *out_hash = v_world_hash(world);
    }
    v_world_destroy(world);
    v_jobs_destroy(jobs);
    return done;
}

int main(void)
{
    v_hash128 one, two;
    if (!run(1, &one) || !run(2, &two)) {
        fprintf(stderr, "%s\n", v_status_message());
        return 1;
    }
    char one_text[33], two_text[33];
    v_hash128_text(one, one_text);
    v_hash128_text(two, two_text);
    printf("1 worker  %s\n2 workers %s\n", one_text, two_text);
    return v_hash128_equal(one, two) ? 0 : 1;
}
