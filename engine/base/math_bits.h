// What the elementary functions share: access to bits, and polynomials in one fixed order of operations.
//
// Why results cannot differ between machines: everything is built from + - * / sqrt and conversions, which IEEE 754
// defines to the last bit, and from integers. A NaN is always made here, because processors disagree about the sign and
// payload of theirs. The default rounding mode is assumed.
#ifndef V_BASE_MATH_BITS_H
#define V_BASE_MATH_BITS_H

#include "v/math.h"

#include <string.h>

#define FLOAT_SIGN     0x80000000u
#define FLOAT_INFINITY 0x7f800000u

static inline uint32_t float_bits(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof(bits));
    return bits;
}

static inline float float_from_bits(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof(x));
    return x;
}

static inline uint64_t double_bits(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof(bits));
    return bits;
}

static inline double double_from_bits(uint64_t bits)
{
    double x;
    memcpy(&x, &bits, sizeof(x));
    return x;
}

static inline bool is_nan(float x)
{
    return (float_bits(x) & ~FLOAT_SIGN) > FLOAT_INFINITY;
}
static inline bool is_infinite(float x)
{
    return (float_bits(x) & ~FLOAT_SIGN) == FLOAT_INFINITY;
}
static inline bool is_negative(float x)
{
    return (float_bits(x) & FLOAT_SIGN) != 0;
}
static inline float quiet_nan(void)
{
    return float_from_bits(0x7fc00000u);
}
static inline float positive_infinity(void)
{
    return float_from_bits(FLOAT_INFINITY);
}

/// `magnitude` (not negative) with the sign of `sign`.
static inline float with_sign(float magnitude, float sign)
{
    return float_from_bits(float_bits(magnitude) | (float_bits(sign) & FLOAT_SIGN));
}

/// Polynomials, lowest coefficient first, by Estrin's scheme: short chains, which processors overlap.
static inline double polynomial_4(double z, double z2, const double *c)
{
    return (c[0] + c[1] * z) + (c[2] + c[3] * z) * z2;
}

static inline double polynomial_5(double z, const double *c)
{
    double z2 = z * z;
    return polynomial_4(z, z2, c) + c[4] * (z2 * z2);
}

static inline double polynomial_6(double z, const double *c)
{
    double z2 = z * z;
    return polynomial_4(z, z2, c) + (c[4] + c[5] * z) * (z2 * z2);
}

static inline double polynomial_8(double z, const double *c)
{
    double z2 = z * z;
    return polynomial_4(z, z2, c) + polynomial_4(z, z2, c + 4) * (z2 * z2);
}

static inline double polynomial_10(double z, const double *c)
{
    double z2 = z * z, z4 = z2 * z2;
    return polynomial_8(z, c) + (c[8] + c[9] * z) * (z4 * z4);
}

#endif
