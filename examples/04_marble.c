// A whole game: roll the marble over the coins. Difficulty: two of five.
//     04_marble --headless --ticks 300 --record marble.vrec        then: 04_marble --replay marble.vrec
#include <v/app.h>

typedef struct Coin {
    int32_t value;
} Coin;
V_COMPONENT(Coin, V_INT(value)) // inspected, saved, rewound, hashed

typedef struct Marble {
    v_entity ball;
    int32_t score;
} Marble;
V_COMPONENT(Marble, V_ENTITY(ball), V_INT(score))

static void setup(v_engine *engine, void *state)
{
    Marble *game = state;
    v_world *world = v_engine_world(engine);
    v_body_desc floor = { .shape = V_BOX(20.0f, 0.5f, 20.0f) };
    v_body_desc ball = { .kind = V_BODY_DYNAMIC, .shape = V_SPHERE(0.5f), .velocity_m_s = { 5.0f, 0.0f, 0.0f } };
    v_look grey = { .base_color = { 0.3f, 0.33f, 0.36f }, .checker_m = 2.0f };
    v_look red = { .base_color = { 0.8f, 0.1f, 0.1f }, .roughness = 0.2f };
    v_look gold = { .mesh = 1, .size_m = { 0.3f, 0.0f, 0.0f }, .base_color = { 0.9f, 0.6f, 0.1f }, .metallic = 1.0f };

    v_spawn(engine, &(v_spawn_desc){ .pos_m = { 0.0f, -0.5f, 0.0f }, .body = &floor, .look = &grey });
    game->ball = v_spawn(engine, &(v_spawn_desc){ .pos_m = { -6.0f, 0.5f, 0.0f }, .body = &ball, .look = &red });
    for (int i = 0; i < 6; i++) {
        v_entity coin =
            v_spawn(engine, &(v_spawn_desc){ .pos_m = { 2.0f * (float)i - 5.0f, 0.5f, 0.0f }, .look = &gold });
        v_component_set(world, coin, v_component_find(world, "Coin"), &(Coin){ .value = 10 });
    }
}

static void tick(v_engine *engine, void *state, const v_input *input)
{
    Marble *game = state;
    v_world *world = v_engine_world(engine);
    v_body ball = v_body_of(engine, game->ball);
    v_body_apply_force(world, ball, v_vec3_make(9000.0f * input->move_x, 0.0f, -9000.0f * input->move_y));

    v_body_state now;
    v_body_get_state(world, ball, &now);
    for (v_entity entity = v_entity_next(world, (v_entity){ 0 }), next; !v_entity_is_null(entity); entity = next) {
        next = v_entity_next(world, entity);
        const Coin *coin = v_component_get(world, entity, v_component_find(world, "Coin"));
        const v_place *place = v_component_get(world, entity, v_engine_get_components(engine).place);
        if (coin != NULL && v_vec3_distance(place->pos_m, now.pos_m) < 0.8f) {
            game->score += coin->value;
            v_despawn(engine, entity);
        }
    }
}

int main(int argc, char **argv)
{
    const v_component_info *components[] = { V_COMPONENT_OF(Coin), NULL };
    v_game game = {
        .title = "Marble",
        .state = V_COMPONENT_OF(Marble),
        .components = components,
        .setup = setup,
        .tick = tick,
    };
    return v_main(argc, argv, &game);
}
