// gpu_test.h: a device with validation for every test of the gpu module: any message of the layer fails the test.
#ifndef GPU_TEST_H
#define GPU_TEST_H

#include "v_test.h"
#include "v_test_pin.h"

#include "v/graph.h"
#include "v/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct gpu_fixture {
    v_counted_allocator counted;
    v_log *log;
    v_gpu *gpu;
} gpu_fixture;

static inline void gpu_fixture_open(gpu_fixture *fixture, bool presentation)
{
    memset(fixture, 0, sizeof(*fixture));
    v_counted_allocator_init(&fixture->counted, NULL);
    assert_ok(v_log_create(&(v_log_desc){ .level = V_LOG_WARN }, &fixture->log));
    assert_ok(v_gpu_create(&(v_gpu_desc){ .allocator = &fixture->counted.allocator,
                                          .log = fixture->log,
                                          .validation = true,
                                          .presentation = presentation },
                           &fixture->gpu));
    v_test_pin_modules();
    if (!v_gpu_validation_active(fixture->gpu)) {
        fail_msg("VK_LAYER_KHRONOS_validation is missing: install vulkan-validationlayers");
    }
}

/// Group setup: a first device, so that everything is pinned before a test makes its own.
static inline int gpu_test_setup(void **unused)
{
    (void)unused;
    v_gpu *gpu = NULL;
    if (v_gpu_create(&(v_gpu_desc){ .validation = true }, &gpu) == V_OK) {
        v_test_pin_modules();
        v_gpu_destroy(gpu);
    }
    return 0;
}

/// Demands silence of the layer and that every allocation was given back.
static inline void gpu_fixture_close(gpu_fixture *fixture)
{
    assert_ok(v_gpu_wait_idle(fixture->gpu));
    v_log_flush(fixture->log);
    assert_int_equal(v_gpu_validation_message_count(fixture->gpu), 0);
    v_gpu_destroy(fixture->gpu);
    v_log_destroy(fixture->log);
    assert_int_equal(v_counted_allocator_read(&fixture->counted).live_bytes, 0);
}

#define GPU_SHADER(fixture, array) gpu_test_shader((fixture)->gpu, #array, array, sizeof(array))

static inline v_gpu_shader gpu_test_shader(v_gpu *gpu, const char *name, const uint32_t *words, size_t size_bytes)
{
    v_gpu_shader shader = { 0 };
    assert_ok(v_gpu_shader_create(gpu, &(v_gpu_shader_desc){ .name = name, .words = words, .size_bytes = size_bytes },
                                  &shader));
    return shader;
}

#endif
