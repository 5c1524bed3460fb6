// The special cases of C17 Annex F: NaN, infinities, signed zeros, exact results, domain errors.
#include "math_functions.h"
#include "v_test.h"

typedef struct unary_value {
    unary_function function;
    float x, wanted;
} unary_value;

typedef struct binary_value {
    binary_function function;
    float a, b, wanted;
} binary_value;

#define INF         INFINITY
#define PI_HALVES   1.57079637f
#define PI_QUARTERS 0.785398185f
#define TINY        0x1p-149f

static const unary_value unary_values[] = {
    { { "sin", v_sin }, 0.0f, 0.0f },
    { { "sin", v_sin }, -0.0f, -0.0f },
    { { "sin", v_sin }, TINY, TINY },
    { { "sin", v_sin }, INF, NAN },
    { { "sin", v_sin }, -INF, NAN },
    { { "cos", v_cos }, 0.0f, 1.0f },
    { { "cos", v_cos }, -0.0f, 1.0f },
    { { "cos", v_cos }, INF, NAN },
    { { "tan", v_tan }, 0.0f, 0.0f },
    { { "tan", v_tan }, -0.0f, -0.0f },
    { { "tan", v_tan }, -TINY, -TINY },
    { { "tan", v_tan }, -INF, NAN },
    { { "asin", v_asin }, -0.0f, -0.0f },
    { { "asin", v_asin }, 1.0f, PI_HALVES },
    { { "asin", v_asin }, -1.0f, -PI_HALVES },
    { { "asin", v_asin }, 0x1.000002p+0f, NAN },
    { { "asin", v_asin }, -INF, NAN },
    { { "acos", v_acos }, 1.0f, 0.0f },
    { { "acos", v_acos }, -1.0f, V_PI },
    { { "acos", v_acos }, 0.0f, PI_HALVES },
    { { "acos", v_acos }, -0x1.000002p+0f, NAN },
    { { "acos", v_acos }, INF, NAN },
    { { "atan", v_atan }, 0.0f, 0.0f },
    { { "atan", v_atan }, -0.0f, -0.0f },
    { { "atan", v_atan }, -TINY, -TINY },
    { { "atan", v_atan }, INF, PI_HALVES },
    { { "atan", v_atan }, -INF, -PI_HALVES },
    { { "exp", v_exp }, 0.0f, 1.0f },
    { { "exp", v_exp }, -0.0f, 1.0f },
    { { "exp", v_exp }, INF, INF },
    { { "exp", v_exp }, -INF, 0.0f },
    { { "exp", v_exp }, 89.0f, INF },
    { { "exp", v_exp }, -104.0f, 0.0f },
    { { "exp2", v_exp2 }, 127.0f, 0x1p127f },
    { { "exp2", v_exp2 }, 128.0f, INF },
    { { "exp2", v_exp2 }, -149.0f, TINY },
    { { "exp2", v_exp2 }, -150.0f, 0.0f },
    { { "exp2", v_exp2 }, FLT_MAX, INF },
    { { "exp2", v_exp2 }, -FLT_MAX, 0.0f },
    { { "log_e", v_log_e }, 0.0f, -INF },
    { { "log_e", v_log_e }, -0.0f, -INF },
    { { "log_e", v_log_e }, 1.0f, 0.0f },
    { { "log_e", v_log_e }, -TINY, NAN },
    { { "log_e", v_log_e }, -INF, NAN },
    { { "log_e", v_log_e }, INF, INF },
    { { "log2", v_log2 }, 0.0f, -INF },
    { { "log2", v_log2 }, -0.0f, -INF },
    { { "log2", v_log2 }, 1.0f, 0.0f },
    { { "log2", v_log2 }, TINY, -149.0f },
    { { "log2", v_log2 }, 0x1p127f, 127.0f },
    { { "log2", v_log2 }, -1.0f, NAN },
    { { "log2", v_log2 }, INF, INF },
    { { "floor", v_floor }, -0.0f, -0.0f },
    { { "floor", v_floor }, -0.5f, -1.0f },
    { { "floor", v_floor }, 0.5f, 0.0f },
    { { "floor", v_floor }, -INF, -INF },
    { { "ceil", v_ceil }, -0.5f, -0.0f },
    { { "ceil", v_ceil }, TINY, 1.0f },
    { { "ceil", v_ceil }, INF, INF },
    { { "round", v_round }, 0.5f, 1.0f },
    { { "round", v_round }, -0.5f, -1.0f },
    { { "round", v_round }, 0x1.fffffep-2f, 0.0f },
    { { "round", v_round }, -0.25f, -0.0f },
    { { "round", v_round }, 0x1.fffffep+21f, 0x1p+22f },
    { { "round", v_round }, INF, INF },
};

static const binary_value binary_values[] = {
    { { "atan2", v_atan2 }, 0.0f, 0.0f, 0.0f },
    { { "atan2", v_atan2 }, -0.0f, 0.0f, -0.0f },
    { { "atan2", v_atan2 }, 0.0f, -0.0f, V_PI },
    { { "atan2", v_atan2 }, -0.0f, -0.0f, -V_PI },
    { { "atan2", v_atan2 }, 0.0f, -1.0f, V_PI },
    { { "atan2", v_atan2 }, -0.0f, -1.0f, -V_PI },
    { { "atan2", v_atan2 }, -0.0f, 1.0f, -0.0f },
    { { "atan2", v_atan2 }, -1.0f, 0.0f, -PI_HALVES },
    { { "atan2", v_atan2 }, 1.0f, -0.0f, PI_HALVES },
    { { "atan2", v_atan2 }, 1.0f, -INF, V_PI },
    { { "atan2", v_atan2 }, -1.0f, -INF, -V_PI },
    { { "atan2", v_atan2 }, -1.0f, INF, -0.0f },
    { { "atan2", v_atan2 }, INF, 1.0f, PI_HALVES },
    { { "atan2", v_atan2 }, -INF, -1.0f, -PI_HALVES },
    { { "atan2", v_atan2 }, INF, INF, PI_QUARTERS },
    { { "atan2", v_atan2 }, -INF, INF, -PI_QUARTERS },
    { { "atan2", v_atan2 }, INF, -INF, 2.35619450f },
    { { "atan2", v_atan2 }, NAN, 1.0f, NAN },
    { { "atan2", v_atan2 }, 1.0f, NAN, NAN },
    { { "pow", v_pow }, 0.0f, -3.0f, INF },
    { { "pow", v_pow }, -0.0f, -3.0f, -INF },
    { { "pow", v_pow }, -0.0f, -2.0f, INF },
    { { "pow", v_pow }, -0.0f, -0.5f, INF },
    { { "pow", v_pow }, 0.0f, -INF, INF },
    { { "pow", v_pow }, -0.0f, 3.0f, -0.0f },
    { { "pow", v_pow }, -0.0f, 2.0f, 0.0f },
    { { "pow", v_pow }, 0.0f, 0.5f, 0.0f },
    { { "pow", v_pow }, -1.0f, INF, 1.0f },
    { { "pow", v_pow }, -1.0f, -INF, 1.0f },
    { { "pow", v_pow }, 1.0f, NAN, 1.0f },
    { { "pow", v_pow }, 1.0f, INF, 1.0f },
    { { "pow", v_pow }, NAN, 0.0f, 1.0f },
    { { "pow", v_pow }, NAN, -0.0f, 1.0f },
    { { "pow", v_pow }, INF, 0.0f, 1.0f },
    { { "pow", v_pow }, NAN, 1.0f, NAN },
    { { "pow", v_pow }, 2.0f, NAN, NAN },
    { { "pow", v_pow }, -2.0f, 0.5f, NAN },
    { { "pow", v_pow }, -2.0f, 3.0f, -8.0f },
    { { "pow", v_pow }, -2.0f, 2.0f, 4.0f },
    { { "pow", v_pow }, 3.0f, 4.0f, 81.0f },
    { { "pow", v_pow }, 0.5f, -INF, INF },
    { { "pow", v_pow }, 0.5f, INF, 0.0f },
    { { "pow", v_pow }, -2.0f, -INF, 0.0f },
    { { "pow", v_pow }, -2.0f, INF, INF },
    { { "pow", v_pow }, -INF, -3.0f, -0.0f },
    { { "pow", v_pow }, -INF, -2.0f, 0.0f },
    { { "pow", v_pow }, -INF, -0.5f, 0.0f },
    { { "pow", v_pow }, -INF, 3.0f, -INF },
    { { "pow", v_pow }, -INF, 2.0f, INF },
    { { "pow", v_pow }, -INF, 0.5f, INF },
    { { "pow", v_pow }, INF, -1.0f, 0.0f },
    { { "pow", v_pow }, INF, 1.0f, INF },
    { { "pow", v_pow }, -FLT_MAX, 0x1.fffffep+23f, -INF },
    { { "pow", v_pow }, -FLT_MAX, 0x1p+24f, INF },
    { { "mod", v_mod }, 0.0f, 1.0f, 0.0f },
    { { "mod", v_mod }, -0.0f, 1.0f, -0.0f },
    { { "mod", v_mod }, -6.0f, 3.0f, -0.0f },
    { { "mod", v_mod }, -7.0f, -3.0f, -1.0f },
    { { "mod", v_mod }, 7.0f, -3.0f, 1.0f },
    { { "mod", v_mod }, 1.0f, 0.0f, NAN },
    { { "mod", v_mod }, INF, 1.0f, NAN },
    { { "mod", v_mod }, 1.0f, INF, 1.0f },
    { { "mod", v_mod }, -1.0f, -INF, -1.0f },
    { { "mod", v_mod }, FLT_MAX, TINY, 0.0f },
    { { "mod", v_mod }, NAN, 1.0f, NAN },
    { { "mod", v_mod }, 1.0f, NAN, NAN },
};

/// A NaN must be the one canonical NaN, whatever NaN went in.
static bool is_wanted(float got, float wanted)
{
    return to_bits(got) == (isnan(wanted) ? 0x7fc00000u : to_bits(wanted));
}

static void elementary_functions_follow_annex_f(void **state)
{
    (void)state;
    for (size_t i = 0; i < V_COUNT_OF(unary_values); i++) {
        const unary_value *v = &unary_values[i];
        float got = v->function.call(v->x);
        if (!is_wanted(got, v->wanted)) {
            fail_msg("%s(%a) = %a, wanted %a", v->function.name, (double)v->x, (double)got, (double)v->wanted);
        }
    }
    for (size_t i = 0; i < V_COUNT_OF(binary_values); i++) {
        const binary_value *v = &binary_values[i];
        float got = v->function.call(v->a, v->b);
        if (!is_wanted(got, v->wanted)) {
            fail_msg("%s(%a, %a) = %a, wanted %a", v->function.name, (double)v->a, (double)v->b, (double)got,
                     (double)v->wanted);
        }
    }
}

static void every_nan_becomes_the_canonical_nan(void **state)
{
    (void)state;
    static const unary_function unary[] = { UNARY_FUNCTIONS };
    static const binary_function binary[] = { BINARY_FUNCTIONS };
    static const uint32_t nans[] = { 0x7fc00000u, 0xffc00000u, 0x7fc12345u, 0xffffffffu };
    for (size_t n = 0; n < V_COUNT_OF(nans); n++) {
        float nan = from_bits(nans[n]);
        for (size_t i = 0; i < V_COUNT_OF(unary); i++) {
            assert_int_equal(to_bits(unary[i].call(nan)), 0x7fc00000u);
        }
        for (size_t i = 0; i < V_COUNT_OF(binary); i++) {
            assert_int_equal(to_bits(binary[i].call(nan, 2.0f)), 0x7fc00000u);
            assert_int_equal(to_bits(binary[i].call(2.0f, nan)), 0x7fc00000u);
        }
    }
}

static void sin_cos_equals_its_parts_and_takes_null(void **state)
{
    (void)state;
    for (int i = -1000; i < 1000; i++) {
        float angle = (float)i * 0.37f, s = 0.0f, c = 0.0f;
        v_sin_cos(angle, &s, &c);
        assert_int_equal(to_bits(s), to_bits(v_sin(angle)));
        assert_int_equal(to_bits(c), to_bits(v_cos(angle)));
    }
    float s = 0.0f, c = 0.0f;
    v_sin_cos(1.0f, &s, NULL);
    v_sin_cos(1.0f, NULL, &c);
    assert_true(s == v_sin(1.0f) && c == v_cos(1.0f));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elementary_functions_follow_annex_f),
        cmocka_unit_test(every_nan_becomes_the_canonical_nan),
        cmocka_unit_test(sin_cos_equals_its_parts_and_takes_null),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
