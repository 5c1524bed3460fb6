// present_mode.c: choosing a present mode among those that a surface offers. Pure.
#include "v/gpu.h"

const char *v_present_mode_name(v_present_mode mode)
{
    static const char *const names[] = { "FIFO", "MAILBOX", "IMMEDIATE", "FIFO_RELAXED" };
    return (size_t)mode < V_COUNT_OF(names) ? names[mode] : "unknown";
}

v_present_mode v_present_mode_choose(uint32_t offered, v_present_wish wish, bool vsync)
{
    // Each row ends in FIFO, which every surface has. MAILBOX never tears, IMMEDIATE may.
    static const v_present_mode orders[][3] = {
        [V_PRESENT_WISH_AUTO] = { V_PRESENT_MAILBOX, V_PRESENT_IMMEDIATE, V_PRESENT_FIFO },
        [V_PRESENT_WISH_FIFO] = { V_PRESENT_FIFO, V_PRESENT_FIFO, V_PRESENT_FIFO },
        [V_PRESENT_WISH_MAILBOX] = { V_PRESENT_MAILBOX, V_PRESENT_IMMEDIATE, V_PRESENT_FIFO },
        [V_PRESENT_WISH_IMMEDIATE] = { V_PRESENT_IMMEDIATE, V_PRESENT_MAILBOX, V_PRESENT_FIFO },
    };
    if ((wish == V_PRESENT_WISH_AUTO && vsync) || (size_t)wish >= V_COUNT_OF(orders)) {
        return V_PRESENT_FIFO;
    }
    for (uint32_t i = 0; i < 3; i++) {
        v_present_mode mode = orders[wish][i];
        // With vsync a wish that is not offered must not fall back to a mode that tears.
        bool tears = mode == V_PRESENT_IMMEDIATE && vsync && wish != V_PRESENT_WISH_IMMEDIATE;
        if ((offered & (1u << mode)) != 0 && !tears) {
            return mode;
        }
    }
    return V_PRESENT_FIFO;
}
