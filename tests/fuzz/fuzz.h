// The one function that a fuzz target defines.
#ifndef V_TEST_FUZZ_H
#define V_TEST_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/// Take any bytes and return 0. Whatever is wrong must show as a crash, a sanitizer's report or a hang.
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes);

#endif
