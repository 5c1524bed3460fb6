// A stack of ten boxes on the ground: it comes to rest and stays up.
#include <stdio.h>

#include <v/physics.h>

enum { BOXES = 10, TICKS = 300 };

int main(void)
{
    v_world *world = NULL;
    if (v_world_create(&(v_world_desc){ 0 }, &world) != V_OK ||
        v_physics_attach(world, &(v_physics_desc){ 0 }) != V_OK) {
        fprintf(stderr, "%s\n", v_status_message());
        v_world_destroy(world);
        return 1;
    }

    v_body_create(world, &(v_body_desc){ .pos_m = { 0, -0.5f, 0 }, .shape = V_BOX(20, 0.5f, 20) });
    v_body boxes[BOXES];
    for (int i = 0; i < BOXES; ++i) {
        boxes[i] = v_body_create(world, &(v_body_desc){ .kind = V_BODY_DYNAMIC,
                                                        .pos_m = { 0, 0.5f + (float)i, 0 },
                                                        .shape = V_BOX(0.5f, 0.5f, 0.5f),
                                                        .density_kg_m3 = 500 });
    }

    for (int tick = 0; tick < TICKS; ++tick) {
        v_world_begin_tick(world);
        v_physics_step(world);
        v_world_end_tick(world);
    }

    v_physics_stats stats = v_physics_get_stats(world);
    v_body_state top;
    v_status status = v_body_get_state(world, boxes[BOXES - 1], &top);
    if (status == V_OK) {
        printf("top box at %.3f m, %u of %u bodies awake, %u manifolds\n", (double)top.pos_m.y, stats.awake,
               stats.bodies, stats.manifolds);
    } else {
        fprintf(stderr, "%s\n", v_status_message());
    }
    v_world_destroy(world);
    return status == V_OK && top.pos_m.y > 9.0f ? 0 : 1;
}
