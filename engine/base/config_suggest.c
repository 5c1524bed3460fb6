// "Did you mean": the known name at the smallest edit distance.
#include "config_internal.h"
#include "v/text.h"

#include <string.h>

enum { CONFIG_SUGGESTED_MAX = 1024 };

static const char *last_part(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot != NULL ? dot + 1 : name;
}

// Spelled nearly so, or the right setting in the wrong table.
static const char *nearest_name(const v_config *config, const char *name)
{
    const char *known[CONFIG_SUGGESTED_MAX];
    const char *same_last_part = NULL;
    uint32_t count = 0;
    for (uint32_t i = 0; i < config->entries.count && count < CONFIG_SUGGESTED_MAX; i++) {
        known[count] = config->entries.items[i].key.name;
        if (same_last_part == NULL && strcmp(last_part(known[count]), last_part(name)) == 0) {
            same_last_part = known[count];
        }
        count++;
    }
    const char *nearest = v_text_closest(name, known, count);
    return nearest != NULL ? nearest : same_last_part;
}

v_status config_fail_unknown(const v_config *config, const char *name, const char *place)
{
    const char *nearest = nearest_name(config, name);
    if (nearest != NULL) {
        return v_fail(V_ERROR_BAD_INPUT, "%s: unknown key '%s', did you mean '%s'?", place, name, nearest);
    }
    return v_fail(V_ERROR_BAD_INPUT, "%s: unknown key '%s'", place, name);
}
