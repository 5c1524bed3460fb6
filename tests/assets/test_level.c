// The level format (E30, E62): what it reads, and the one error for each way to be wrong.
#include "v_test.h"

#include "v/level.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static v_status parse(const char *text, v_level **out_level)
{
    return v_level_parse("bad.toml", text, strlen(text), NULL, out_level);
}

static void level_0_of_the_game_is_read_whole(void **state)
{
    (void)state;
    v_level *level;
    assert_ok(v_level_load(V_SOURCE_DIR "/games/void_frontier/levels/level_0.toml", NULL, &level));
    const v_level_data *data = v_level_get_data(level);
    assert_string_equal(data->name, "level_0");
    assert_true(data->entity_count > 100);
    assert_true(data->light_count == 3 && data->push_count == 2);
    assert_string_equal(data->entities[0].id, "deck");
    uint32_t dynamic = 0;
    for (uint32_t i = 0; i < data->entity_count; i++) {
        dynamic += data->entities[i].body == V_LEVEL_BODY_DYNAMIC;
        assert_true(data->entities[i].material < data->material_count);
        assert_true(data->entities[i].group < data->group_count);
    }
    assert_true(dynamic > 90);
    v_level_destroy(level);
}

static void entity_gets_its_fields_and_defaults(void **state)
{
    (void)state;
    v_level *level;
    assert_ok(parse("format = 1\nseed = 9\ngravity_m_s2 = [0, -1, 0]\n"
                    "[material.red]\nbase_color = [1, 0, 0]\n"
                    "[[entity]]\nid = \"ball\"\nshape = \"sphere\"\nradius_m = 0.25\nbody = \"dynamic\"\n"
                    "pos_m = [1, 2, 3]\nmaterial = \"red\"\nrestitution = 0.5\n",
                    &level));
    const v_level_data *data = v_level_get_data(level);
    const v_level_entity *ball = &data->entities[0];
    assert_int_equal(data->seed, 9);
    assert_true(data->gravity_m_s2.y == -1.0f);
    assert_int_equal(ball->shape, V_LEVEL_SHAPE_SPHERE);
    assert_int_equal(ball->body, V_LEVEL_BODY_DYNAMIC);
    assert_true(ball->radius_m == 0.25f && ball->pos_m.z == 3.0f && ball->restitution == 0.5f);
    assert_true(ball->friction == 0.6f && ball->density_kg_m3 == 1000.0f && ball->gravity_scale == 1.0f);
    assert_true(ball->rot.w == 1.0f && ball->rot.x == 0.0f);
    assert_true(data->materials[ball->material].base_color.x == 1.0f);
    v_level_destroy(level);
}

static void grid_lays_out_copies_x_fastest(void **state)
{
    (void)state;
    v_level *level;
    assert_ok(parse("format = 1\n[[entity]]\nid = \"c\"\nshape = \"box\"\nhalf_extents_m = [0.5, 0.5, 0.5]\n"
                    "pos_m = [0, 1, 0]\ngrid = { count = [3, 2, 2], step_m = [2, 3, 4] }\n",
                    &level));
    const v_level_data *data = v_level_get_data(level);
    assert_int_equal(data->entity_count, 12);
    assert_string_equal(data->entities[0].id, "c[0]");
    assert_string_equal(data->entities[11].id, "c[11]");
    assert_true(data->entities[0].pos_m.x == -2.0f && data->entities[0].pos_m.y == 1.0f);
    assert_true(data->entities[1].pos_m.x == 0.0f);
    assert_true(data->entities[3].pos_m.y == 4.0f);
    assert_true(data->entities[11].pos_m.x == 2.0f && data->entities[11].pos_m.z == 2.0f);
    v_level_destroy(level);
}

#define BALL "[[entity]]\nid = \"b\"\nshape = \"sphere\"\nradius_m = 1.0\n"

static void bad_levels_get_one_error_with_place_and_key(void **state)
{
    (void)state;
    const struct {
        const char *text, *message;
    } rows[] = {
        { "", "bad.toml:1:1: format: missing" },
        { "format = 2\n", "bad.toml:1:1: format: is 2, must be from 1 to 1" },
        { "format = 1\nsede = 3\n", "bad.toml:2:1: sede: unknown key, did you mean \"seed\"?" },
        { "format = 1\nseed = \"x\"\n", "bad.toml:2:1: seed: must be an integer, is a string" },
        { "format = 1\nseed = -1\n", "seed: is -1, must be from 0" },
        { "format = 1\ngravity_m_s2 = [0, nan, 0]\n",
          "bad.toml:2:1: gravity_m_s2: is nan, must be from -1000 to 1000" },
        { "format = 1\ngravity_m_s2 = [0, inf, 0]\n", "gravity_m_s2: is inf" },
        { "format = 1\ngravity_m_s2 = [0, 1]\n", "gravity_m_s2: has 2 numbers, must have 3" },
        { "format = 1\ngravity_m_s2 = 5\n", "gravity_m_s2: must be an array, is an integer" },
        { "format = 1\n" BALL BALL, "bad.toml:6:" },
        { "format = 1\n" BALL BALL, "id \"b\" is taken" },
        { "format = 1\n" BALL "friction = \"much\"\n", "bad.toml:6:1: entity.friction: must be a number, is a string" },
        { "format = 1\n" BALL "fricton = 1\n", "entity.fricton: unknown key, did you mean \"friction\"?" },
        { "format = 1\n" BALL "body = \"dynamical\"\n", "must be one of \"none\", \"static\", \"dynamic\"" },
        { "format = 1\n" BALL "material = \"gold\"\n", "\"gold\" is not a [material.gold] of this level" },
        { "format = 1\n" BALL "density_kg_m3 = 0\n", "entity.density_kg_m3: is 0, must be from 0.001" },
        { "format = 1\n" BALL "pos_m = [1e9, 0, 0]\n", "entity.pos_m: is 1e+09, must be from -1e+06 to 1e+06" },
        { "format = 1\n[[entity]]\nid = \"b\"\nshape = \"sphere\"\n", "entity.radius_m: missing, a sphere needs it" },
        { "format = 1\n[[entity]]\nid = \"b\"\n", "entity.shape: missing" },
        { "format = 1\n[[entity]]\nshape = \"sphere\"\nradius_m = 1\n", "entity.id: missing" },
        { "format = 1\n[[entity]]\nid = \"\"\nshape = \"sphere\"\nradius_m = 1\n", "entity.id: has 0 bytes" },
        { "format = 1\n" BALL "grid = { count = [1000, 1000, 1000] }\n",
          "bad.toml:6:10: grid.count: makes 1000000000 entities, a level holds 65535" },
        { "format = 1\n" BALL "grid = { count = [1.5, 1, 1] }\n", "grid.count: must be three whole numbers" },
        { "format = 1\n" BALL "grid = { count = [0, 1, 1] }\n", "grid.count: is 0" },
        { "format = 1\n[camera]\npos_m = [0, 1, 0]\ntarget_m = [0, 1, 0]\n", "are the same point" },
        { "format = 1\n[[light]]\ndirection = [0, 0, 0]\n", "light.direction: is zero" },
        { "format = 1\n[[push]]\ntarget = \"x\"\n", "push.target: \"x\" is not the id of an [[entity]]" },
        { "format = 1\n" BALL "[[push]]\ntarget = \"b\"\n", "\"b\" has no dynamic body to push" },
        { "format = 1\n" BALL "body = \"dynamic\"\n[[push]]\ntarget = \"b\"\nevery_ticks = 0\n",
          "push.every_ticks: is 0, must be from 1" },
        { "format = 1\n" BALL "body = \"dynamic\"\n[[push]]\ntarget = \"b\"\nfirst_tick = 9\nlast_tick = 8\n",
          "push.last_tick: is 8, before first_tick 9" },
        { "format = 1\n" BALL "pos_m = [999999, 0, 0]\ngrid = { count = [2, 1, 1], step_m = [10, 1, 1] }\n",
          "entity.grid: puts \"b[1]\" at (1e+06, 0, 0), beyond 1e+06 m" },
        { "format = 1\n" BALL "velocity_m_s = [2001, 0, 0]\n", "entity.velocity_m_s: is 2001, must be from -2000" },
        { "format = 1\n" BALL "angular_velocity_rad_s = [0, 0, 401]\n", "is 401, must be from -400" },
        { "format = 1\n\"seed\\u0000x\" = 3\n", "unknown key" },
        { "format = 1\n" BALL "body = \"dynamic\\u0000x\"\n", "must be one of" },
        { "format = 1\nentity = 3\n", "entity: must be an array, is an integer" },
        { "format = 1\nentity = [3]\n", "must be a table, is an integer" },
        { "format = 1\nseed = \n", "bad.toml:2:" },
        { "format = 1\nformat = 1\n", "bad.toml:2:" },
    };
    for (size_t i = 0; i < V_COUNT_OF(rows); i++) {
        v_level *level = NULL;
        assert_fails(parse(rows[i].text, &level), V_ERROR_BAD_INPUT, rows[i].message);
        assert_null(level);
        assert_null(strchr(v_status_message(), '\n'));
    }
    v_level *level;
    assert_fails(v_level_load("/nonexistent/level.toml", NULL, &level), V_ERROR_NOT_FOUND, "/nonexistent/level.toml");
    assert_fails(v_level_parse(NULL, "", 0, NULL, &level), V_ERROR_INVALID_ARGUMENT, "must not be null");
}

// Every prefix of the game's level is a level or an error; none crashes (run under sanitizers too).
static void truncated_levels_never_crash(void **state)
{
    (void)state;
    FILE *file = fopen(V_SOURCE_DIR "/games/void_frontier/levels/level_0.toml", "rb");
    assert_non_null(file);
    static char text[65536];
    size_t size = fread(text, 1, sizeof(text), file);
    fclose(file);
    for (size_t cut = 0; cut < size; cut += 13) {
        v_level *level = NULL;
        if (v_level_parse("cut.toml", text, cut, NULL, &level) == V_OK) {
            v_level_destroy(level);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(level_0_of_the_game_is_read_whole),
        cmocka_unit_test(entity_gets_its_fields_and_defaults),
        cmocka_unit_test(grid_lays_out_copies_x_fastest),
        cmocka_unit_test(bad_levels_get_one_error_with_place_and_key),
        cmocka_unit_test(truncated_levels_never_crash),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
