// What the app tests share: temporary files and engines around small levels.
#ifndef V_TEST_APP_FIXTURE_H
#define V_TEST_APP_FIXTURE_H

#include "v_test.h"

#include "v/app.h"
#include "v/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LEVEL_TEXT                                                                                                     \
    "format = 1\nname = \"yard\"\nseed = 3\n"                                                                          \
    "[[entity]]\nid = \"floor\"\nshape = \"box\"\nhalf_extents_m = [20, 0.5, 20]\npos_m = [0, -0.5, 0]\n"              \
    "[[entity]]\nid = \"crate\"\nshape = \"box\"\nhalf_extents_m = [0.4, 0.4, 0.4]\nbody = \"dynamic\"\n"              \
    "pos_m = [0, 2, 0]\nrot_deg = [10, 20, 30]\ngrid = { count = [3, 3, 3], step_m = [0.9, 1.0, 0.9] }\n"              \
    "[[entity]]\nid = \"ball\"\nshape = \"sphere\"\nradius_m = 0.4\nbody = \"dynamic\"\nrestitution = 0.5\n"           \
    "pos_m = [0, 8, 0]\ngrid = { count = [4, 1, 2], step_m = [1.1, 1.0, 1.1] }\n"                                      \
    "[[push]]\ntarget = \"ball\"\nfirst_tick = 30\nlast_tick = 250\nevery_ticks = 10\n"                                \
    "impulse_min_n_s = [-400, 0, -400]\nimpulse_max_n_s = [400, 600, 400]\n"

static char fixture_directory[64];

static inline int fixture_open(void **state)
{
    (void)state;
    snprintf(fixture_directory, sizeof(fixture_directory), "/tmp/v_test_app_XXXXXX");
    return mkdtemp(fixture_directory) != NULL ? 0 : 1;
}

static inline int fixture_close(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", fixture_directory);
    return system(command);
}

/// A path in the temporary directory; eight stay valid at a time.
static inline const char *fixture_path(const char *name)
{
    static char paths[8][256];
    static unsigned next;
    char *path = paths[next++ % 8];
    assert_ok(v_path_join(path, sizeof(paths[0]), fixture_directory, name));
    return path;
}

static inline v_engine *fixture_engine(uint32_t threads, uint64_t seed, const v_game *game)
{
    v_level *level;
    v_engine *engine;
    assert_ok(v_level_parse("yard.toml", LEVEL_TEXT, strlen(LEVEL_TEXT), NULL, &level));
    v_engine_desc desc = { .threads = threads, .seed = seed, .game = game, .level = v_level_get_data(level) };
    assert_ok(v_engine_create(&desc, &engine));
    assert_ok(v_engine_start(engine));
    v_level_destroy(level);
    return engine;
}

#endif
