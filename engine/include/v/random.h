// v/random.h: PCG32, the engine's only random numbers. Floor 0.
// Source: M. O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms", 2014.
//
//     v_random random = v_random_seed(level_seed, entity_index);
//     float speed_m_s = v_random_range(&random, 2.0f, 5.0f);
//     uint32_t face = 1 + v_random_below(&random, 6);
//
// A generator belongs to one thread at a time. A null generator gives 0 (from v_random_range: low).
#ifndef V_RANDOM_H
#define V_RANDOM_H

#include "v/base.h"

V_EXTERN_C_BEGIN

/// PCG-XSH-RR 64/32. Plain data: copy it to fork, hash it, save it. Equal seeds and streams give equal sequences.
typedef struct v_random {
    uint64_t state, increment;
} v_random;

/// Any seed and stream are good; different streams are independent.
V_API v_random v_random_seed(uint64_t seed, uint64_t stream);
V_API uint32_t v_random_u32(v_random *random);
/// Uniform in [0, bound) without bias; bound 0 gives 0.
V_API uint32_t v_random_below(v_random *random, uint32_t bound);
/// Uniform in [0, 1): 24 bits, exact.
V_API float v_random_unit(v_random *random);
/// Uniform in [low, high), or between the two when high < low: low + (high - low) * unit. The difference must be
/// finite.
V_API float v_random_range(v_random *random, float low, float high);

V_EXTERN_C_END
#endif
