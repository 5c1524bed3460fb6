// Fuzz target: the level parser.
#include "fuzz.h"

#include "v/level.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    v_level *level = NULL;
    if (v_level_parse("fuzz.toml", (const char *)data, size, NULL, &level) == V_OK) {
        const v_level_data *read = v_level_get_data(level);
        for (uint32_t i = 0; i < read->entity_count; i++) {
            V_ASSERT(v_vec3_is_finite(read->entities[i].pos_m) && read->entities[i].material < read->material_count);
        }
        v_level_destroy(level);
    }
    return 0;
}
