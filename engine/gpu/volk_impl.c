// volk_impl.c: the one translation unit that contains volk.
#define VOLK_IMPLEMENTATION
#include <volk.h>
