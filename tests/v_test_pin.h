// v_test_pin.h: keeps Vulkan drivers and layers in memory until the process ends, so that the leak checker can name
// them and tests/lsan.supp can tell their leaks from ours. Call it while a device exists.
#ifndef V_TEST_PIN_H
#define V_TEST_PIN_H

#include <dlfcn.h>
#include <link.h>

static inline int v_test_pin_module(struct dl_phdr_info *info, size_t size, void *user)
{
    (void)size;
    (void)user;
    if (info->dlpi_name != NULL && info->dlpi_name[0] == '/') {
        (void)dlopen(info->dlpi_name, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
    }
    return 0;
}

static inline void v_test_pin_modules(void)
{
    (void)dl_iterate_phdr(v_test_pin_module, NULL);
}

#endif
