// The error of every elementary function against MPFR, in units of the exact result's last place.
//
// Each function is compared with MPFR on chosen and random arguments, and with the C library's double functions, whose
// own error is below 2^-28 of a float's last place, on a stride through all 2^32 floats. V_MATH_STRIDE (and
// V_MATH_OFFSET) in the environment replace the stride: 1 visits every float.
#include "math_functions.h"
#include "v/random.h"
#include "v_test.h"

#include <mpfr.h>
#include <stdio.h>
#include <stdlib.h>

#define DEFAULT_STRIDE 2039u
#define ORACLE_BITS    80

/// What docs/specs/math.md states.
#define UNARY_BOUND 0.50001
#define POW_BOUND   0.5003

typedef int (*mpfr_unary)(mpfr_ptr result, mpfr_srcptr x, mpfr_rnd_t rounding);
typedef int (*mpfr_binary)(mpfr_ptr result, mpfr_srcptr a, mpfr_srcptr b, mpfr_rnd_t rounding);

typedef struct unary_case {
    unary_function ours;
    mpfr_unary exact;
    double (*close)(double x);
} unary_case;

static const unary_case unary_cases[] = {
    { { "sin", v_sin }, mpfr_sin, sin },
    { { "cos", v_cos }, mpfr_cos, cos },
    { { "sin_cos.sin", sin_of_pair }, mpfr_sin, sin },
    { { "sin_cos.cos", cos_of_pair }, mpfr_cos, cos },
    { { "tan", v_tan }, mpfr_tan, tan },
    { { "asin", v_asin }, mpfr_asin, asin },
    { { "acos", v_acos }, mpfr_acos, acos },
    { { "atan", v_atan }, mpfr_atan, atan },
    { { "exp", v_exp }, mpfr_exp, exp },
    { { "exp2", v_exp2 }, mpfr_exp2, exp2 },
    { { "log_e", v_log_e }, mpfr_log, log },
    { { "log2", v_log2 }, mpfr_log2, log2 },
};

/// The largest error seen, and where.
typedef struct worst {
    double error_ulp;
    float a, b;
} worst;

/// |got - exact| in last places of `exact`; a large number for a wrong NaN, infinity or sign of zero. `exact` is
/// rounded to double, which moves the error by less than 2^-29. Beyond FLT_MAX the last place and infinity's stand-in,
/// 2^128, are those of an unbounded exponent, so that rounding to infinity is judged like any rounding.
static double error_ulp(float got, double exact)
{
    const double wrong = 1e30;
    if (isnan(exact) || isnan(got)) {
        return isnan(exact) && isnan(got) ? 0.0 : wrong;
    }
    if ((signbit(exact) != 0) != (signbit(got) != 0)) {
        return wrong;
    }
    double value = isinf(got) ? 0x1p128 : fabs((double)got);
    double target = fmin(fabs(exact), 0x1p128);
    int exponent = -126;
    if (target >= 0x1p-126) {
        exponent = target == 0x1p128 ? 127 : ilogb(target);
    }
    return fabs(value - target) / ldexp(1.0, exponent - 23);
}

static void keep_worst(worst *w, double error, float a, float b)
{
    if (error > w->error_ulp) {
        *w = (worst){ error, a, b };
    }
}

static void check_exactly(const unary_case *c, float x, worst *w)
{
    mpfr_t argument, result;
    mpfr_init2(argument, 24);
    mpfr_init2(result, ORACLE_BITS);
    mpfr_set_flt(argument, x, MPFR_RNDN);
    c->exact(result, argument, MPFR_RNDN);
    keep_worst(w, error_ulp(c->ours.call(x), mpfr_get_d(result, MPFR_RNDN)), x, 0.0f);
    mpfr_clear(argument);
    mpfr_clear(result);
}

/// The floats within `reach` steps of `x`, on both sides.
static void check_around(const unary_case *c, float x, int reach, worst *w)
{
    for (int step = -reach; step <= reach; step++) {
        check_exactly(c, from_bits(to_bits(x) + (uint32_t)step), w);
    }
}

static void check_every_exponent(const unary_case *c, worst *w)
{
    v_random random = v_random_seed(1, 1);
    for (uint32_t exponent = 0; exponent < 256; exponent++) {
        for (uint32_t sign = 0; sign < 2; sign++) {
            uint32_t base = sign << 31 | exponent << 23;
            check_exactly(c, from_bits(base), w);
            check_exactly(c, from_bits(base | 1u), w);
            check_exactly(c, from_bits(base | 0x7fffffu), w);
            for (int i = 0; i < 8; i++) {
                check_exactly(c, from_bits(base | (v_random_u32(&random) & 0x7fffffu)), w);
            }
        }
    }
}

/// Where argument ranges meet inside the implementation, and where results are tiny, overflow or underflow.
static void check_seams(const unary_case *c, worst *w)
{
    static const float seams[] = {
        0.25f,      0.41421356f, 0.5f,        0.70710678f, 0.7109375f, 1.0f,       2.41421356f,    1.015625f,
        0.9921875f, 0.78539816f, 1.57079633f, 3.14159265f, 32768.0f,   4194304.0f, 88.7228394f,    103.972076f,
        87.33654f,  128.0f,      126.0f,      149.0f,      150.0f,     0x1p-126f,  0x1p-149f * 64, 0x1.fffff0p127f
    };
    for (size_t i = 0; i < V_COUNT_OF(seams); i++) {
        check_around(c, seams[i], 15, w);
        check_around(c, -seams[i], 15, w);
    }
}

/// Near multiples of pi/2 of every size the reduction cancels most.
static void check_near_quadrants(const unary_case *c, worst *w)
{
    v_random random = v_random_seed(2, 1);
    for (int i = 0; i < 4000; i++) {
        double count = i < 2000 ? (double)i : ldexp((double)v_random_u32(&random), (int)v_random_below(&random, 95));
        check_around(c, (float)(count * 0x1.921fb54442d18p+0), 1, w);
    }
}

static uint32_t environment_u32(const char *name, uint32_t fallback)
{
    const char *text = getenv(name);
    return text != NULL && atol(text) > 0 ? (uint32_t)atol(text) : fallback;
}

static void check_stride(const unary_case *c, worst *w)
{
    uint32_t stride = environment_u32("V_MATH_STRIDE", DEFAULT_STRIDE);
    for (uint64_t bits = environment_u32("V_MATH_OFFSET", 0); bits <= UINT32_MAX; bits += stride) {
        float x = from_bits((uint32_t)bits);
        keep_worst(w, error_ulp(c->ours.call(x), c->close((double)x)), x, 0.0f);
    }
}

static void report(const char *name, const worst *w, double bound)
{
    print_message("%-12s %.6f ulp at (%a, %a)\n", name, w->error_ulp, (double)w->a, (double)w->b);
    if (!(w->error_ulp <= bound)) {
        fail_msg("%s: %g ulp at (%a, %a), stated %g", name, w->error_ulp, (double)w->a, (double)w->b, bound);
    }
}

static void elementary_functions_keep_their_error_bounds(void **state)
{
    (void)state;
    for (size_t i = 0; i < V_COUNT_OF(unary_cases); i++) {
        const unary_case *c = &unary_cases[i];
        worst w = { 0.0, 0.0f, 0.0f };
        check_every_exponent(c, &w);
        check_seams(c, &w);
        if (c->exact == mpfr_sin || c->exact == mpfr_cos || c->exact == mpfr_tan) {
            check_near_quadrants(c, &w);
        }
        check_stride(c, &w);
        report(c->ours.name, &w, UNARY_BOUND);
    }
}

typedef struct binary_case {
    binary_function ours;
    mpfr_binary exact;
    double (*close)(double a, double b);
} binary_case;

static void check_pair_exactly(const binary_case *c, float a, float b, worst *w)
{
    mpfr_t first, second, result;
    mpfr_inits2(24, first, second, (mpfr_ptr)0);
    mpfr_init2(result, ORACLE_BITS);
    mpfr_set_flt(first, a, MPFR_RNDN);
    mpfr_set_flt(second, b, MPFR_RNDN);
    c->exact(result, first, second, MPFR_RNDN);
    keep_worst(w, error_ulp(c->ours.call(a, b), mpfr_get_d(result, MPFR_RNDN)), a, b);
    mpfr_clears(first, second, result, (mpfr_ptr)0);
}

/// Two pairs of a hundred go to MPFR.
static void check_pair(const binary_case *c, int index, float a, float b, worst *w)
{
    if (index % 50 == 0) {
        check_pair_exactly(c, a, b, w);
    } else {
        keep_worst(w, error_ulp(c->ours.call(a, b), c->close((double)a, (double)b)), a, b);
    }
}

static void atan2_keeps_its_error_bound(void **state)
{
    (void)state;
    const binary_case c = { { "atan2", v_atan2 }, mpfr_atan2, atan2 };
    v_random random = v_random_seed(3, 1);
    worst w = { 0.0, 0.0f, 0.0f };
    for (int i = 0; i < 1000000; i++) {
        check_pair(&c, i, from_bits(v_random_u32(&random)), from_bits(v_random_u32(&random)), &w);
        float x = v_random_range(&random, -2.0f, 2.0f);
        check_pair(&c, i, x * v_random_range(&random, -3.0f, 3.0f), x, &w);
    }
    report("atan2", &w, UNARY_BOUND);
}

/// Bases of every size with exponents that bring the power between underflow and overflow; bases next to 1 with large
/// exponents; whole exponents; and any pair at all.
static void pow_keeps_its_error_bound(void **state)
{
    (void)state;
    const binary_case c = { { "pow", v_pow }, mpfr_pow, pow };
    v_random random = v_random_seed(4, 1);
    worst w = { 0.0, 0.0f, 0.0f };
    for (int i = 0; i < 700000; i++) {
        float base = from_bits(v_random_below(&random, 0x7f800000u));
        float octaves = v_random_range(&random, -151.0f, 129.0f);
        check_pair(&c, i, base, (float)((double)octaves / log2((double)base)), &w);
        base = from_bits(0x3f800000u - 2000u + v_random_below(&random, 4000u));
        check_pair(&c, i, base, (float)((double)octaves / log2((double)base)), &w);
        base = v_random_range(&random, -20.0f, 20.0f);
        check_pair(&c, i, base, (float)((int)v_random_below(&random, 60) - 30), &w);
        check_pair(&c, i, from_bits(v_random_u32(&random)), from_bits(v_random_u32(&random)), &w);
    }
    report("pow", &w, POW_BOUND);
}

static void assert_same_float(const char *name, float a, float b, float got, float wanted)
{
    bool same = to_bits(got) == to_bits(wanted) || (isnan(got) && isnan(wanted));
    if (!same) {
        fail_msg("%s(%a, %a) = %a, wanted %a", name, (double)a, (double)b, (double)got, (double)wanted);
    }
}

static void rounding_to_whole_numbers_is_exact(void **state)
{
    (void)state;
    uint32_t stride = environment_u32("V_MATH_STRIDE", DEFAULT_STRIDE);
    for (uint64_t bits = environment_u32("V_MATH_OFFSET", 0); bits <= UINT32_MAX; bits += stride) {
        float x = from_bits((uint32_t)bits);
        assert_same_float("floor", x, 0.0f, v_floor(x), floorf(x));
        assert_same_float("ceil", x, 0.0f, v_ceil(x), ceilf(x));
        assert_same_float("round", x, 0.0f, v_round(x), roundf(x));
    }
    for (int half = -2001; half <= 2001; half++) {
        float x = (float)half * 0.5f;
        assert_same_float("floor", x, 0.0f, v_floor(x), floorf(x));
        assert_same_float("ceil", x, 0.0f, v_ceil(x), ceilf(x));
        assert_same_float("round", x, 0.0f, v_round(x), roundf(x));
    }
}

static void mod_is_the_exact_remainder(void **state)
{
    (void)state;
    v_random random = v_random_seed(5, 1);
    for (int i = 0; i < 1000000; i++) {
        float x = from_bits(v_random_u32(&random)), y = from_bits(v_random_u32(&random));
        assert_same_float("mod", x, y, v_mod(x, y), fmodf(x, y));
        // Nearly whole quotients, small ones and ones around 2^29, where the method changes.
        y = v_random_range(&random, -10.0f, 10.0f);
        x = y * (float)v_random_below(&random, i % 2 == 0 ? 100 : 1u << 31);
        for (int step = -2; step <= 2; step++) {
            float near = from_bits(to_bits(x) + (uint32_t)step);
            assert_same_float("mod", near, y, v_mod(near, y), fmodf(near, y));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elementary_functions_keep_their_error_bounds),
        cmocka_unit_test(atan2_keeps_its_error_bound),
        cmocka_unit_test(pow_keeps_its_error_bound),
        cmocka_unit_test(rounding_to_whole_numbers_is_exact),
        cmocka_unit_test(mod_is_the_exact_remainder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
