// Climbs to a higher floor and calls what no simulation may.
#include "v/base.h"
#include "v/physics.h"
#include "physics/physics_internal.h"
#include "bridge/toml.h"
// #include "v/render.h" is no include here
#include <xxhash.h>
#include "../base/secret.h"

/* cosf(x), rand() and clock() in a comment are no calls, nor is "sinf(1)" in a text. */
static const char *text = "sinf(1) \" tanf(2)";

float world_step(float x)
{
    object.time(x);
    object->rand();
    float y = sinf(x) + v_sin(x) + sqrtf(x) + fabsf(x) + pow (x, 2) + floorl(x);
    y += (float)rand() + (float)time(0) + (float)v_clock_ns();
    return _mm_cvtss_f32(_mm_rsqrt_ss(_mm_set_ss(y)));
}

static unsigned long measure(void)
{
    unsigned long start = v_clock_ns(); // tidy: clock
    return v_clock_ns() - start + (unsigned long)rand(); // a tidy: clock that is none
}
