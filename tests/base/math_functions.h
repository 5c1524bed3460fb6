// The elementary functions of v/math.h as one table, for the tests that treat them alike.
#ifndef V_TEST_MATH_FUNCTIONS_H
#define V_TEST_MATH_FUNCTIONS_H

#include "v/math.h"

#include <string.h>

typedef struct unary_function {
    const char *name;
    float (*call)(float x);
} unary_function;

static inline float sin_of_pair(float x)
{
    float s, c;
    v_sin_cos(x, &s, &c);
    return s;
}

static inline float cos_of_pair(float x)
{
    float s, c;
    v_sin_cos(x, &s, &c);
    return c;
}

#define UNARY_FUNCTIONS                                                                                                \
    { "sin", v_sin }, { "cos", v_cos }, { "sin_cos.sin", sin_of_pair }, { "sin_cos.cos", cos_of_pair },                \
        { "tan", v_tan }, { "asin", v_asin }, { "acos", v_acos }, { "atan", v_atan }, { "exp", v_exp },                \
        { "exp2", v_exp2 }, { "log_e", v_log_e }, { "log2", v_log2 }, { "floor", v_floor }, { "ceil", v_ceil },        \
    {                                                                                                                  \
        "round", v_round                                                                                               \
    }

typedef struct binary_function {
    const char *name;
    float (*call)(float a, float b);
} binary_function;

#define BINARY_FUNCTIONS                                                                                               \
    { "atan2", v_atan2 }, { "pow", v_pow },                                                                            \
    {                                                                                                                  \
        "mod", v_mod                                                                                                   \
    }

static inline float from_bits(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof(x));
    return x;
}

static inline uint32_t to_bits(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof(bits));
    return bits;
}

#endif
