// Exponentials, logarithms and powers: float in and out, double within. Constants come from tools/math/fit.py.
//
// Method: P. Tang, "Table-driven implementation of the exponential function", 1989, and "... of the logarithm
// function", 1990: a table of 32 steps and a short polynomial inside a step.
#include "math_bits.h"

#define LOG2_E         0x1.71547652b82fep+0
#define LN_2           0x1.62e42fefa39efp-1
#define ROUND_TO_32TH  0x1.8p47 // added and taken away, it leaves a multiple of 1/32, which the sum's low bits count
#define MANTISSA_START 0x3fe6c00000000000u // 91/128: the mantissas of the logarithm's table begin here

/// 2^(i/32).
static const double exp2_table[32] = {
    0x1.0000000000000p+0, 0x1.059b0d3158574p+0, 0x1.0b5586cf9890fp+0, 0x1.11301d0125b51p+0, 0x1.172b83c7d517bp+0,
    0x1.1d4873168b9aap+0, 0x1.2387a6e756238p+0, 0x1.29e9df51fdee1p+0, 0x1.306fe0a31b715p+0, 0x1.371a7373aa9cbp+0,
    0x1.3dea64c123422p+0, 0x1.44e086061892dp+0, 0x1.4bfdad5362a27p+0, 0x1.5342b569d4f82p+0, 0x1.5ab07dd485429p+0,
    0x1.6247eb03a5585p+0, 0x1.6a09e667f3bcdp+0, 0x1.71f75e8ec5f74p+0, 0x1.7a11473eb0187p+0, 0x1.82589994cce13p+0,
    0x1.8ace5422aa0dbp+0, 0x1.93737b0cdc5e5p+0, 0x1.9c49182a3f090p+0, 0x1.a5503b23e255dp+0, 0x1.ae89f995ad3adp+0,
    0x1.b7f76f2fb5e47p+0, 0x1.c199bdd85529cp+0, 0x1.cb720dcef9069p+0, 0x1.d5818dcfba487p+0, 0x1.dfc97337b9b5fp+0,
    0x1.ea4afa2a490dap+0, 0x1.f50765b6e4540p+0,
};

/// (2^f - 1) / f for |f| <= 1/64. Error 2^-42.5 of 2^f.
static const double exp2_c[4] = {
    0x1.62e42fef8dc67p-1,
    0x1.ebfbdff82240ap-3,
    0x1.c6b13c3465457p-5,
    0x1.3b2b07bdf358dp-7,
};

/// Step i of the mantissas holds c: {1/c in at most 28 bits, log2 c}. The step around 1 has c = 1, so that nothing
/// cancels there.
static const struct {
    double inverse, log2;
} log2_table[32] = {
    { 0x1.642c85a000000p+0, -0x1.e7df6024b32f9p-2 },
    { 0x1.5c9882c000000p+0, -0x1.c819dc4a20978p-2 },
    { 0x1.5555556000000p+0, -0x1.a8ff97463b34bp-2 },
    { 0x1.4e5e0a8000000p+0, -0x1.8a8980e5b105ap-2 },
    { 0x1.47ae148000000p+0, -0x1.6cb0f69d71d60p-2 },
    { 0x1.4141414000000p+0, -0x1.4f6fbb272707bp-2 },
    { 0x1.3b13b14000000p+0, -0x1.32bfee4e242dfp-2 },
    { 0x1.3521cfc000000p+0, -0x1.169c0575b999ep-2 },
    { 0x1.2f684be000000p+0, -0x1.f5fd8aca1915cp-3 },
    { 0x1.29e412a000000p+0, -0x1.bfc67a914f425p-3 },
    { 0x1.2492492000000p+0, -0x1.8a89807dd1446p-3 },
    { 0x1.1f7047e000000p+0, -0x1.563dc2c860081p-3 },
    { 0x1.1a7b962000000p+0, -0x1.22dadcc0bd998p-3 },
    { 0x1.15b1e60000000p+0, -0x1.e0b1af47da109p-4 },
    { 0x1.1111112000000p+0, -0x1.7d604ab0259c4p-4 },
    { 0x1.0c97150000000p+0, -0x1.1bb32abc5a676p-4 },
    { 0x1.0842108000000p+0, -0x1.77394be4eb523p-5 },
    { 0x1.0410410000000p+0, -0x1.743ee6f09edf1p-6 },
    { 0x1.0000000000000p+0, 0x0.0p+0 },
    { 0x1.f07c1f0000000p-1, 0x1.6bad38119a13ap-5 },
    { 0x1.e1e1e20000000p-1, 0x1.663f6e3b3cbb2p-4 },
    { 0x1.d41d41c000000p-1, 0x1.08c5894c9ca6fp-3 },
    { 0x1.c71c71c000000p-1, 0x1.5c01a3cde7f74p-3 },
    { 0x1.bacf914000000p-1, 0x1.acf5e32c19432p-3 },
    { 0x1.af286bc000000p-1, 0x1.fbc16bd56656dp-3 },
    { 0x1.a41a41c000000p-1, 0x1.24407a4ec6043p-2 },
    { 0x1.9999998000000p-1, 0x1.49a7851926d64p-2 },
    { 0x1.8f9c190000000p-1, 0x1.6e221cc2bb868p-2 },
    { 0x1.8618618000000p-1, 0x1.91bba8a906b7fp-2 },
    { 0x1.7d05f40000000p-1, 0x1.b47ebfcfdd47ap-2 },
    { 0x1.745d174000000p-1, 0x1.d6753e1a43e85p-2 },
    { 0x1.6c16c18000000p-1, 0x1.f7a8563be5f31p-2 },
};

/// log2(1 + r) / r for |r| <= 1/63. Error 2^-43.1.
static const double log2_c[6] = {
    0x1.71547652b84cep+0,  -0x1.71547652b862ap-1, 0x1.ec709d452884ap-2,
    -0x1.715475e40f317p-2, 0x1.278b316152fc9p-2,  -0x1.ec945b627dd5dp-3,
};

/// 2^x in double; beyond +-200, which no float can hold, 2^+-200.
static inline double exp2_double(double x)
{
    if (fabs(x) > 200.0) {
        x = x < 0.0 ? -200.0 : 200.0;
    }
    double shifted = x + ROUND_TO_32TH;
    uint64_t steps = double_bits(shifted);
    double f = x - (shifted - ROUND_TO_32TH);
    // The count of whole octaves goes straight to the exponent field; the bits of ROUND_TO_32TH fall out at the top.
    double scale = double_from_bits(double_bits(exp2_table[steps % 32]) + (steps / 32 << 52));
    return scale + scale * (f * polynomial_4(f, f * f, exp2_c));
}

/// log2 x of a positive finite x, with the same relative error everywhere.
static inline double log2_double(float x)
{
    // Subnormal floats are normal doubles.
    uint64_t bits = double_bits((double)x);
    uint64_t offset = bits - MANTISSA_START;
    int64_t exponent = (int64_t)offset >> 52;
    double mantissa = double_from_bits(bits - (offset & 0xfff0000000000000u));
    uint32_t step = (uint32_t)(offset >> 47) % 32;
    double r = mantissa * log2_table[step].inverse - 1.0; // exact: 24 bits times 28 bits
    return ((double)exponent + log2_table[step].log2) + r * polynomial_6(r, log2_c);
}

float v_exp(float x)
{
    return is_nan(x) ? quiet_nan() : (float)exp2_double((double)x * LOG2_E);
}

float v_exp2(float x)
{
    return is_nan(x) ? quiet_nan() : (float)exp2_double((double)x);
}

/// The logarithm, to any base, of what has no ordinary one: zero, negative numbers, infinity and NaN.
static float logarithm_of_special(float x)
{
    if (x == 0.0f) {
        return -positive_infinity();
    }
    return x > 0.0f ? positive_infinity() : quiet_nan();
}

static inline bool is_positive_finite(float x)
{
    return float_bits(x) - 1u < FLOAT_INFINITY - 1u;
}

float v_log_e(float x)
{
    return is_positive_finite(x) ? (float)(log2_double(x) * LN_2) : logarithm_of_special(x);
}

float v_log2(float x)
{
    return is_positive_finite(x) ? (float)log2_double(x) : logarithm_of_special(x);
}

typedef enum parity { PARITY_NOT_WHOLE, PARITY_ODD, PARITY_EVEN } parity;

static parity parity_of(float x)
{
    float magnitude = fabsf(x);
    if (magnitude >= 0x1p24f) {
        return PARITY_EVEN;
    }
    int32_t whole = (int32_t)magnitude;
    if ((float)whole != magnitude) {
        return PARITY_NOT_WHOLE;
    }
    return (whole & 1) != 0 ? PARITY_ODD : PARITY_EVEN;
}

/// v_pow where an argument is zero, infinite or NaN or the base is negative (C17 F.10.4.4).
static float power_of_special(float base, float exponent)
{
    if (exponent == 0.0f || base == 1.0f) {
        return 1.0f; // even of NaN
    }
    if (is_nan(base) || is_nan(exponent)) {
        return quiet_nan();
    }
    float magnitude = fabsf(base);
    if (is_infinite(exponent)) {
        if (magnitude == 1.0f) {
            return 1.0f;
        }
        return (magnitude > 1.0f) == (exponent > 0.0f) ? positive_infinity() : 0.0f;
    }
    parity exponent_parity = parity_of(exponent);
    float result;
    if (magnitude == 0.0f || is_infinite(base)) {
        result = (magnitude == 0.0f) == (exponent < 0.0f) ? positive_infinity() : 0.0f;
    } else if (exponent_parity == PARITY_NOT_WHOLE && is_negative(base)) {
        return quiet_nan();
    } else {
        result = (float)exp2_double((double)exponent * log2_double(magnitude));
    }
    return is_negative(base) && exponent_parity == PARITY_ODD ? -result : result;
}

float v_pow(float base, float exponent)
{
    if (is_positive_finite(base) && fabsf(exponent) <= FLT_MAX) {
        return (float)exp2_double((double)exponent * log2_double(base));
    }
    return power_of_special(base, exponent);
}
