// "Did you mean": the known name at the smallest edit distance.
#include "config_internal.h"

#include <string.h>

static uint32_t min2(uint32_t left, uint32_t right)
{
    return left < right ? left : right;
}

// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment: Damerau 1964, Wagner and
// Fischer 1974) that lead from one name to the other.
static uint32_t edit_distance(const char *left, size_t left_size, const char *right, size_t right_size)
{
    uint32_t rows[3][CONFIG_NAME_BYTES + 1];
    for (uint32_t j = 0; j <= right_size; j++) {
        rows[0][j] = j;
    }
    for (uint32_t i = 1; i <= left_size; i++) {
        uint32_t *row = rows[i % 3];
        const uint32_t *above = rows[(i + 2) % 3];
        const uint32_t *above_that = rows[(i + 1) % 3];
        row[0] = i;
        for (uint32_t j = 1; j <= right_size; j++) {
            uint32_t replaced = above[j - 1] + (left[i - 1] != right[j - 1]);
            row[j] = min2(min2(above[j], row[j - 1]) + 1, replaced);
            if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]) {
                row[j] = min2(row[j], above_that[j - 2] + 1);
            }
        }
    }
    return rows[left_size % 3][right_size];
}

static const char *last_part(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot != NULL ? dot + 1 : name;
}

const char *config_nearest(const char *name, const char *(*candidate)(const void *user, uint32_t index),
                           const void *user, uint32_t count)
{
    size_t size = strlen(name);
    if (size > CONFIG_NAME_BYTES) {
        return NULL;
    }
    const char *nearest = NULL;
    const char *same_last_part = NULL;
    uint32_t limit = size < 4 ? 1 : size < 12 ? 2 : 3;
    uint32_t smallest = limit + 1;
    for (uint32_t i = 0; i < count; i++) {
        const char *known = candidate(user, i);
        size_t known_size = strlen(known);
        if (known_size > CONFIG_NAME_BYTES) {
            continue;
        }
        uint32_t distance = edit_distance(name, size, known, known_size);
        if (distance < smallest) {
            smallest = distance;
            nearest = known;
        }
        if (same_last_part == NULL && strcmp(last_part(known), last_part(name)) == 0) {
            same_last_part = known; // the right setting in the wrong table
        }
    }
    return nearest != NULL ? nearest : same_last_part;
}

static const char *entry_name(const void *user, uint32_t index)
{
    const v_config *config = user;
    return config->entries.items[index].key.name;
}

v_status config_fail_unknown(const v_config *config, const char *name, const char *place)
{
    const char *nearest = config_nearest(name, entry_name, config, config->entries.count);
    if (nearest != NULL) {
        return v_fail(V_ERROR_BAD_INPUT, "%s: unknown key '%s', did you mean '%s'?", place, name, nearest);
    }
    return v_fail(V_ERROR_BAD_INPUT, "%s: unknown key '%s'", place, name);
}
