// test_present_mode.c: the choice of a present mode over every set that a surface can offer.
#include "v_test.h"

#include "v/gpu.h"

static void every_choice_is_offered_and_never_tears_under_vsync(void **unused)
{
    (void)unused;
    for (uint32_t offered = 0; offered < 16; offered++) {
        for (uint32_t wish = 0; wish <= V_PRESENT_WISH_IMMEDIATE; wish++) {
            for (uint32_t vsync = 0; vsync < 2; vsync++) {
                v_present_mode mode = v_present_mode_choose(offered, (v_present_wish)wish, vsync == 1);
                bool has_mailbox = (offered & (1u << V_PRESENT_MAILBOX)) != 0;
                bool has_immediate = (offered & (1u << V_PRESENT_IMMEDIATE)) != 0;
                // Anything but FIFO, which every surface has, must have been offered.
                assert_true(mode == V_PRESENT_FIFO || (offered & (1u << mode)) != 0);
                assert_int_not_equal(mode, V_PRESENT_FIFO_RELAXED);
                if (vsync == 1 && wish != V_PRESENT_WISH_IMMEDIATE) {
                    assert_int_not_equal(mode, V_PRESENT_IMMEDIATE);
                }
                v_present_mode expected = V_PRESENT_FIFO;
                if (wish == V_PRESENT_WISH_MAILBOX || (wish == V_PRESENT_WISH_AUTO && vsync == 0)) {
                    expected = has_mailbox                   ? V_PRESENT_MAILBOX
                               : has_immediate && vsync == 0 ? V_PRESENT_IMMEDIATE
                                                             : V_PRESENT_FIFO;
                } else if (wish == V_PRESENT_WISH_IMMEDIATE) {
                    expected = has_immediate ? V_PRESENT_IMMEDIATE : has_mailbox ? V_PRESENT_MAILBOX : V_PRESENT_FIFO;
                }
                assert_int_equal(mode, expected);
            }
        }
    }
    assert_int_equal(v_present_mode_choose(15, (v_present_wish)77, false), V_PRESENT_FIFO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_choice_is_offered_and_never_tears_under_vsync),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
