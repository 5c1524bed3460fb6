// Nearest known word, for "did you mean".
#include "v/text.h"

#include <string.h>

#define WORD_MAX 63

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t min2(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t edit_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t rows[3][WORD_MAX + 1];
    for (size_t j = 0; j <= b_length; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= a_length; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3], *above_that = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            char left = lower(a[i - 1]), right = lower(b[j - 1]);
            row[j] = min2(min2(above[j], row[j - 1]) + 1, above[j - 1] + (left != right ? 1 : 0));
            if (i > 1 && j > 1 && left == lower(b[j - 2]) && lower(a[i - 2]) == right) {
                row[j] = min2(row[j], above_that[j - 2] + 1);
            }
        }
    }
    return rows[a_length % 3][b_length];
}

const char *v_text_closest(const char *word, const char *const *candidates, size_t candidate_count)
{
    if (word == NULL || candidates == NULL) {
        return NULL;
    }
    size_t length = strnlen(word, WORD_MAX);
    size_t limit = length / 3 > 2 ? length / 3 : 2;
    const char *closest = NULL;
    for (size_t i = 0; i < candidate_count; i++) {
        size_t distance = edit_distance(word, length, candidates[i], strnlen(candidates[i], WORD_MAX));
        if (distance <= limit && distance < length) {
            closest = candidates[i];
            limit = distance - (distance > 0 ? 1 : 0);
            if (distance == 0) {
                break;
            }
        }
    }
    return closest;
}
