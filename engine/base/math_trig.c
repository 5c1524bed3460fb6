// Sine, cosine, tangent and their inverses: float in and out, double within. Constants come from tools/math/fit.py.
//
// Reduction of the angle: W. Cody and W. Waite, "Software Manual for the Elementary Functions", 1980, for moderate
// angles; M. Payne and R. Hanek, "Radian Reduction for Trigonometric Functions", 1983, for huge ones.
#include "math_bits.h"

#define PI_DOUBLE      0x1.921fb54442d18p+1
#define HALF_PI        0x1.921fb54442d18p+0
#define QUARTER_PI     0x1.921fb54442d18p-1
#define HALF_PI_HIGH   0x1.921fb54000000p+0  // 29 bits: exact times a whole number below 2^24
#define HALF_PI_LOW    0x1.10b4611a62633p-30 // the rest
#define HALF_PI_SCALED 0x1.921fb54442d18p-62 // pi/2 2^-62
#define TWO_OVER_PI    0x1.45f306dc9c883p-1
#define TAN_EIGHTH_PI  0x1.a827999fcef32p-2
#define MODERATE_ANGLE 0x1p15f  // below, the two parts of pi/2 leave an error of at most 2^-46 of the reduced angle
#define ROUND_TO_WHOLE 0x1.8p52 // added and taken away, it leaves a whole number, which the sum's low bits hold

/// (2/pi) / 1024 as a binary fraction of 256 bits.
static const uint32_t two_over_pi[8] = { 0x0028be60, 0xdb939105, 0x4a7f09d5, 0xf47d4d37,
                                         0x7036d8a5, 0x664f10e4, 0x107f9458, 0xeaf7aef1 };

/// In powers of r^2, for |r| <= pi/4: (sin r / r - 1) / r^2 with error 2^-45.7 of sin r, and (cos r - 1) / r^2 with
/// error 2^-42.0 of cos r.
static const double sine_cosine_c[2][5] = {
    { -0x1.5555555555166p-3, 0x1.1111110fd28f7p-7, -0x1.a019fd9820cb8p-13, 0x1.71d9a79f7c8bdp-19,
      -0x1.aa27435ae367dp-26 },
    { -0x1.fffffffffe677p-2, 0x1.555555514b595p-5, -0x1.6c16bae0eeeadp-10, 0x1.a01295104b6a5p-16,
      -0x1.24740198bceaap-22 },
};
/// (asin r / r - 1) / r^2 on [0, 1/2], in powers of r^2. Error 2^-46.0 of asin r.
static const double arc_sine_c[10] = { 0x1.5555555554f05p-3, 0x1.33333335a9cd6p-4, 0x1.6db6d8e71341bp-5,
                                       0x1.f1c81c59ea53cp-6, 0x1.6e72146fda23ep-6, 0x1.1dc2ef6400844p-6,
                                       0x1.b02442413c757p-7, 0x1.00d47e796c497p-6, -0x1.815314c8bc06ep-9,
                                       0x1.c93a92d544887p-6 };
/// (atan r / r - 1) / r^2 on [0, tan(pi/8)], in powers of r^2. Error 2^-43.2 of atan r.
static const double arc_tangent_c[8] = { -0x1.55555555525bdp-2, 0x1.9999998842440p-3,  -0x1.249240cf239b4p-3,
                                         0x1.c7196012bf2c0p-4,  -0x1.741576953d88ap-4, 0x1.377bcb9f5638bp-4,
                                         -0x1.edaca326c4a76p-5, 0x1.0dd59508b2336p-5 };

/// An angle as quadrant * pi/2 + rest, with |rest| <= pi/4.
typedef struct reduced_angle {
    double rest;
    uint32_t quadrant; // modulo 4 in the two low bits
} reduced_angle;

/// For |angle| >= 2^15: angle = m 2^(e - 8) with whole m and e >= 0. Of 2/pi only the bits that make neither multiples
/// of 4 nor less than 2^-94 of the product take part: no such float is closer than 2^-30 to a multiple of pi/2.
static reduced_angle reduce_huge(float angle)
{
    uint32_t bits = float_bits(angle);
    uint32_t exponent = (bits >> 23 & 255u) - 142u;
    uint64_t m = (bits & 0x7fffffu) | 0x800000u;
    const uint32_t *word = two_over_pi + exponent / 32;
    uint32_t shift = exponent % 32;
    uint64_t carry = 0;
    uint32_t product[4]; // fixed point, two bits before the point
    for (int i = 3; i >= 0; i--) {
        uint32_t window = (uint32_t)(((uint64_t)word[i] << 32 | word[i + 1]) >> (32 - shift));
        carry = m * window + (carry >> 32);
        product[i] = (uint32_t)carry;
    }
    uint64_t high = (uint64_t)product[0] << 32 | product[1];
    uint64_t quadrant = (high + ((uint64_t)1 << 61)) >> 62; // the nearest
    int64_t fraction = (int64_t)(high - (quadrant << 62));
    reduced_angle reduced = { ((double)fraction + (double)product[2] * 0x1p-32) * HALF_PI_SCALED, (uint32_t)quadrant };
    if (is_negative(angle)) {
        reduced = (reduced_angle){ -reduced.rest, -reduced.quadrant };
    }
    return reduced;
}

static inline reduced_angle reduce(float angle)
{
    if (!(fabsf(angle) < MODERATE_ANGLE)) {
        return reduce_huge(angle);
    }
    double shifted = (double)angle * TWO_OVER_PI + ROUND_TO_WHOLE;
    double quadrants = shifted - ROUND_TO_WHOLE;
    return (reduced_angle){ ((double)angle - quadrants * HALF_PI_HIGH) - quadrants * HALF_PI_LOW,
                            (uint32_t)double_bits(shifted) };
}

/// sin(quadrant * pi/2 + r), that is +-sin r or +-cos r: one form, factor * (1 + z P(z)), with other numbers. They are
/// selected, not branched to, because no processor can predict the quadrant. A product keeps the sign of a zero r.
static inline double sine_in_quadrant(double r, uint32_t quadrant)
{
    uint64_t odd = 0 - (uint64_t)(quadrant & 1u);
    uint64_t sign = (uint64_t)(quadrant & 2u) << 62;
    double factor = double_from_bits(((double_bits(r) & ~odd) | (double_bits(1.0) & odd)) ^ sign);
    double z = r * r;
    return factor * (1.0 + z * polynomial_5(z, sine_cosine_c[quadrant & 1u]));
}

static inline bool is_finite_angle(float angle)
{
    return (float_bits(angle) & FLOAT_INFINITY) != FLOAT_INFINITY;
}

float v_sin(float angle_rad)
{
    if (!is_finite_angle(angle_rad)) {
        return quiet_nan();
    }
    reduced_angle a = reduce(angle_rad);
    return (float)sine_in_quadrant(a.rest, a.quadrant);
}

float v_cos(float angle_rad)
{
    if (!is_finite_angle(angle_rad)) {
        return quiet_nan();
    }
    reduced_angle a = reduce(angle_rad);
    return (float)sine_in_quadrant(a.rest, a.quadrant + 1u);
}

void v_sin_cos(float angle_rad, float *out_sin, float *out_cos)
{
    float s = quiet_nan(), c = quiet_nan();
    if (is_finite_angle(angle_rad)) {
        reduced_angle a = reduce(angle_rad);
        s = (float)sine_in_quadrant(a.rest, a.quadrant);
        c = (float)sine_in_quadrant(a.rest, a.quadrant + 1u);
    }
    if (out_sin != NULL) {
        *out_sin = s;
    }
    if (out_cos != NULL) {
        *out_cos = c;
    }
}

float v_tan(float angle_rad)
{
    if (!is_finite_angle(angle_rad)) {
        return quiet_nan();
    }
    reduced_angle a = reduce(angle_rad);
    return (float)(sine_in_quadrant(a.rest, a.quadrant) / sine_in_quadrant(a.rest, a.quadrant + 1u));
}

/// asin x for 0 <= x <= 1/2, of which the square is z.
static inline double arc_sine(double x, double z)
{
    return x * (1.0 + z * polynomial_10(z, arc_sine_c));
}

/// 2 asin(sqrt((1 - x) / 2)) = acos x, for 1/2 <= x <= 1.
static inline double arc_cosine_near_one(double x)
{
    double z = (1.0 - x) * 0.5;
    return 2.0 * arc_sine(sqrt(z), z);
}

float v_asin(float x)
{
    float magnitude = fabsf(x);
    if (!(magnitude <= 1.0f)) {
        return quiet_nan();
    }
    if (magnitude <= 0.5f) {
        double d = (double)x;
        return (float)arc_sine(d, d * d);
    }
    return with_sign((float)(HALF_PI - arc_cosine_near_one((double)magnitude)), x);
}

float v_acos(float x)
{
    float magnitude = fabsf(x);
    if (!(magnitude <= 1.0f)) {
        return quiet_nan();
    }
    if (magnitude <= 0.5f) {
        double d = (double)x;
        return (float)(HALF_PI - arc_sine(d, d * d));
    }
    double angle = arc_cosine_near_one((double)magnitude);
    return (float)(x < 0.0f ? PI_DOUBLE - angle : angle);
}

/// The angle of the point (x, y), both not negative and not both zero or infinite: atan(y / x) in [0, pi/2]. One of
/// three rotations brings its tangent below tan(pi/8).
static inline double first_quadrant_angle(double y, double x)
{
    double base = 0.0, numerator = y, denominator = x;
    if (x < TAN_EIGHTH_PI * y) {
        base = HALF_PI;
        numerator = -x;
        denominator = y;
    } else if (y > TAN_EIGHTH_PI * x) {
        base = QUARTER_PI;
        numerator = y - x;
        denominator = y + x;
    }
    double t = numerator / denominator;
    double z = t * t;
    return base + t * (1.0 + z * polynomial_8(z, arc_tangent_c));
}

float v_atan(float x)
{
    if (is_nan(x)) {
        return quiet_nan();
    }
    return with_sign((float)first_quadrant_angle((double)fabsf(x), 1.0), x);
}

float v_atan2(float y, float x)
{
    if (is_nan(x) || is_nan(y)) {
        return quiet_nan();
    }
    double height = (double)fabsf(y), width = (double)fabsf(x);
    if (height == 0.0 && width == 0.0) {
        width = 1.0; // the sign of a zero x says which side it is on
    } else if (is_infinite(y) && is_infinite(x)) {
        height = width = 1.0;
    }
    double angle = first_quadrant_angle(height, width);
    return with_sign((float)(is_negative(x) ? PI_DOUBLE - angle : angle), y);
}
