// PCG-XSH-RR 64/32 (O'Neill 2014) and its uniform distributions.
#include "v/random.h"

#define PCG_MULTIPLIER 6364136223846793005u

v_random v_random_seed(uint64_t seed, uint64_t stream)
{
    v_random random = { .state = 0, .increment = stream << 1 | 1u };
    (void)v_random_u32(&random);
    random.state += seed;
    (void)v_random_u32(&random);
    return random;
}

uint32_t v_random_u32(v_random *random)
{
    if (random == NULL) {
        return 0;
    }
    uint64_t state = random->state;
    random->state = state * PCG_MULTIPLIER + random->increment;
    uint32_t shifted = (uint32_t)((state >> 18 ^ state) >> 27);
    uint32_t rotation = (uint32_t)(state >> 59);
    return shifted >> rotation | shifted << (-rotation & 31u);
}

/// D. Lemire, "Fast Random Integer Generation in an Interval", 2019: one multiplication, and a division only where a
/// draw may have to be rejected.
uint32_t v_random_below(v_random *random, uint32_t bound)
{
    if (random == NULL || bound == 0) {
        return 0;
    }
    uint64_t product = (uint64_t)v_random_u32(random) * bound;
    if ((uint32_t)product < bound) {
        uint32_t threshold = -bound % bound;
        while ((uint32_t)product < threshold) {
            product = (uint64_t)v_random_u32(random) * bound;
        }
    }
    return (uint32_t)(product >> 32);
}

float v_random_unit(v_random *random)
{
    return (float)(v_random_u32(random) >> 8) * 0x1p-24f;
}

float v_random_range(v_random *random, float low, float high)
{
    float value = low + (high - low) * v_random_unit(random);
    // Rounding can lift the last draws of a narrow range to `high` itself.
    return value < high || !(low < high) ? value : low;
}
