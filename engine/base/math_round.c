// Rounding to whole numbers and the exact remainder, by conversions and integers.
#include "math_bits.h"

#define ALL_WHOLE 0x1p23f // from here on floats have no fraction

/// `x` without its fraction, for |x| < 2^23. The sign of zero is lost.
static inline float truncated(float x)
{
    return (float)(int32_t)x;
}

/// The sign of `x` also on a zero: rounding never changes it.
static inline float rounded_as(float rounded, float x)
{
    return with_sign(fabsf(rounded), x);
}

static inline float already_whole(float x)
{
    return is_nan(x) ? quiet_nan() : x;
}

float v_floor(float x)
{
    if (!(fabsf(x) < ALL_WHOLE)) {
        return already_whole(x);
    }
    float whole = truncated(x);
    return rounded_as(whole > x ? whole - 1.0f : whole, x);
}

float v_ceil(float x)
{
    if (!(fabsf(x) < ALL_WHOLE)) {
        return already_whole(x);
    }
    float whole = truncated(x);
    return rounded_as(whole < x ? whole + 1.0f : whole, x);
}

float v_round(float x)
{
    if (!(fabsf(x) < ALL_WHOLE)) {
        return already_whole(x);
    }
    float magnitude = fabsf(x);
    float whole = truncated(magnitude);
    return rounded_as(magnitude - whole >= 0.5f ? whole + 1.0f : whole, x); // the difference is exact
}

/// a mod b by long division of the significands, 40 bits of quotient at a time. 0 < b <= a, finite.
static double long_remainder(double a, double b)
{
    uint64_t a_bits = double_bits(a), b_bits = double_bits(b);
    // Both were floats: 24 bits of significand.
    uint64_t divisor = (b_bits >> 29 & 0x7fffffu) | 0x800000u;
    uint64_t rest = ((a_bits >> 29 & 0x7fffffu) | 0x800000u) % divisor;
    uint64_t shift = (a_bits >> 52) - (b_bits >> 52);
    while (shift > 0 && rest != 0) {
        uint64_t step = shift < 40 ? shift : 40;
        rest = (rest << step) % divisor;
        shift -= step;
    }
    // rest counts units of b's last place: 2^(exponent - 23).
    return (double)rest * double_from_bits(((b_bits >> 52) - 23) << 52);
}

float v_mod(float x, float y)
{
    if (is_nan(x) || is_nan(y) || is_infinite(x) || y == 0.0f) {
        return quiet_nan();
    }
    double a = (double)fabsf(x), b = (double)fabsf(y);
    if (a < b) {
        return x;
    }
    double quotient = a / b;
    double rest;
    if (quotient < 0x1p29) {
        // Of 24-bit numbers, a quotient that is not whole lies more than 2^-24 below the next whole number: below 2^29
        // double cannot round it up to that. 29 bits times 24 bits is exact, and so is the difference.
        rest = a - (double)(int32_t)quotient * b;
    } else {
        rest = long_remainder(a, b);
    }
    return with_sign((float)rest, x);
}
