// A world with one falling sphere: a second of it, then its height and the world's state hash.
#include <stdio.h>

#include <v/physics.h>

int main(void)
{
    v_world *world = NULL;
    if (v_world_create(&(v_world_desc){ .seed = 1 }, &world) != V_OK ||
        v_physics_attach(world, &(v_physics_desc){ 0 }) != V_OK) {
        fprintf(stderr, "%s\n", v_status_message());
        v_world_destroy(world);
        return 1;
    }

    v_body ball =
        v_body_create(world, &(v_body_desc){ .kind = V_BODY_DYNAMIC, .pos_m = { 0, 10, 0 }, .shape = V_SPHERE(0.5f) });

    for (int tick = 0; tick < 60; ++tick) {
        v_world_begin_tick(world);
        v_physics_step(world);
        v_world_end_tick(world);
    }

    v_body_state state;
    v_status status = v_body_get_state(world, ball, &state);
    if (status == V_OK) {
        char hash[33];
        v_hash128_text(v_world_hash(world), hash);
        printf("after %llu ticks the ball is at %.3f m\n", (unsigned long long)v_world_tick(world),
               (double)state.pos_m.y);
        printf("state %s\n", hash);
    } else {
        fprintf(stderr, "%s\n", v_status_message());
    }
    v_world_destroy(world);
    return status == V_OK ? 0 : 1;
}
