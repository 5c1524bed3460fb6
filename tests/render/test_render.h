// Shared by the render tests: cmocka's includes, a scene, an allocator that runs dry.
#ifndef TEST_RENDER_H
#define TEST_RENDER_H

#include "v/random.h"
#include "v/render.h"

#include "v_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/// Gives `budget` allocations, then none; counts what is live.
typedef struct test_short_allocator {
    v_allocator allocator;
    uint32_t budget;
    int live;
} test_short_allocator;

static inline void *test_short_alloc(void *user, size_t size_bytes, size_t align_bytes)
{
    test_short_allocator *few = user;
    if (few->budget == 0) {
        return NULL;
    }
    few->budget--;
    few->live++;
    return v_alloc(NULL, size_bytes, align_bytes);
}

static inline void test_short_free(void *user, void *memory, size_t size_bytes, size_t align_bytes)
{
    test_short_allocator *few = user;
    few->live -= memory != NULL;
    v_free(NULL, memory, size_bytes, align_bytes);
}

static inline void test_short_allocator_init(test_short_allocator *few, uint32_t budget)
{
    *few = (test_short_allocator){ .budget = budget };
    few->allocator = (v_allocator){ test_short_alloc, test_short_free, few };
}

#endif
