// PCG32: the author's reference sequence, bounds, uniformity, forks.
#include "v/random.h"
#include "v_test.h"

#include <math.h>

/// The first numbers of the pcg32 demonstration program, seed 42 and stream 54.
static void random_gives_the_published_sequence(void **state)
{
    (void)state;
    static const uint32_t published[] = { 0xa15c02b7, 0x7b47f409, 0xba1d3330, 0x83d2f293, 0xbfa4784b, 0xcbed606e };
    v_random random = v_random_seed(42, 54);
    for (size_t i = 0; i < V_COUNT_OF(published); i++) {
        assert_int_equal(v_random_u32(&random), published[i]);
    }
}

static void random_copies_fork_and_streams_differ(void **state)
{
    (void)state;
    v_random random = v_random_seed(1, 2), other_stream = v_random_seed(1, 3), other_seed = v_random_seed(2, 2);
    v_random copy = random;
    int equal_stream = 0, equal_seed = 0;
    for (int i = 0; i < 1000; i++) {
        uint32_t value = v_random_u32(&random);
        assert_int_equal(value, v_random_u32(&copy));
        equal_stream += value == v_random_u32(&other_stream);
        equal_seed += value == v_random_u32(&other_seed);
    }
    assert_true(equal_stream < 3 && equal_seed < 3);
}

/// Chi-squared over `bound` cells; with `bound - 1` degrees of freedom it exceeds the mean by 6 deviations with a
/// probability below 1e-6 (and here never: the seed is fixed).
static void random_below_is_uniform_within_its_bound(void **state)
{
    (void)state;
    static const uint32_t bounds[] = { 1, 2, 3, 7, 10, 64, 100 };
    for (size_t b = 0; b < V_COUNT_OF(bounds); b++) {
        uint32_t bound = bounds[b], counts[100] = { 0 };
        v_random random = v_random_seed(9, b);
        const double draws = 200000.0;
        for (int i = 0; i < (int)draws; i++) {
            uint32_t value = v_random_below(&random, bound);
            assert_true(value < bound);
            counts[value]++;
        }
        double expected = draws / bound, chi_squared = 0.0;
        for (uint32_t i = 0; i < bound; i++) {
            chi_squared += (counts[i] - expected) * (counts[i] - expected) / expected;
        }
        double freedom = bound - 1.0;
        assert_true(chi_squared <= freedom + 6.0 * sqrt(2.0 * freedom));
    }
}

/// 3/4 of 2^32: without rejection a third of the values would come twice as often.
static void random_below_a_large_bound_is_unbiased(void **state)
{
    (void)state;
    v_random random = v_random_seed(5, 5);
    int low = 0;
    for (int i = 0; i < 300000; i++) {
        uint32_t value = v_random_below(&random, 0xc0000000u);
        assert_true(value < 0xc0000000u);
        low += value % 3 == 0;
    }
    assert_true(low > 99000 && low < 101000);
}

static void random_unit_and_range_stay_in_their_intervals(void **state)
{
    (void)state;
    v_random random = v_random_seed(11, 0);
    double sum = 0.0;
    for (int i = 0; i < 200000; i++) {
        float unit = v_random_unit(&random);
        assert_true(unit >= 0.0f && unit < 1.0f && unit * 0x1p24f == floorf(unit * 0x1p24f));
        sum += (double)unit;
        float narrow = v_random_range(&random, 1.0f, 1.0f + 0x1p-23f);
        assert_true(narrow == 1.0f);
        float wide = v_random_range(&random, -3.0f, 5.0f);
        assert_true(wide >= -3.0f && wide < 5.0f);
        float reversed = v_random_range(&random, 5.0f, -3.0f);
        assert_true(reversed >= -3.0f && reversed <= 5.0f);
    }
    assert_true(fabs(sum / 200000.0 - 0.5) < 0.003);
    assert_true(v_random_range(&random, 2.0f, 2.0f) == 2.0f);
}

static void random_survives_null_and_zero(void **state)
{
    (void)state;
    v_random random = v_random_seed(1, 1);
    assert_int_equal(v_random_below(&random, 0), 0);
    assert_int_equal(v_random_u32(NULL), 0);
    assert_int_equal(v_random_below(NULL, 5), 0);
    assert_true(v_random_unit(NULL) == 0.0f);
    assert_true(v_random_range(NULL, 1.0f, 2.0f) == 1.0f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_gives_the_published_sequence),
        cmocka_unit_test(random_copies_fork_and_streams_differ),
        cmocka_unit_test(random_below_is_uniform_within_its_bound),
        cmocka_unit_test(random_below_a_large_bound_is_unbiased),
        cmocka_unit_test(random_unit_and_range_stay_in_their_intervals),
        cmocka_unit_test(random_survives_null_and_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
