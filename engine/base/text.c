// Nearest known word, for "did you mean".
#include "v/text.h"

#include <string.h>

#define WORD_MAX 63

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t edit_distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t row[WORD_MAX + 1];
    for (size_t j = 0; j <= b_length; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a_length; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t replace = diagonal + (lower(a[i - 1]) != lower(b[j - 1]) ? 1 : 0);
            size_t insert_or_delete = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            diagonal = row[j];
            row[j] = replace < insert_or_delete ? replace : insert_or_delete;
        }
    }
    return row[b_length];
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
