// v/text.h: small helpers for text in messages. Floor 0.
#ifndef V_TEXT_H
#define V_TEXT_H

#include "v/base.h"

V_EXTERN_C_BEGIN

/// The candidate nearest to `word` by insertions, deletions, replacements and swaps of neighbours (optimal string
/// alignment: Damerau 1964, Wagner and Fischer 1974; case ignored), or null when none is within a third of the word's
/// length (at least 2). Earlier candidates win ties. Words above 63 bytes are compared by their beginning.
V_API const char *v_text_closest(const char *word, const char *const *candidates, size_t candidate_count);

V_EXTERN_C_END
#endif
