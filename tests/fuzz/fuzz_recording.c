// Fuzz target: recordings, and through them snapshots and every journaled operation.
#include "fuzz.h"

#include "v/app.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    v_replay_result result;
    v_replay_desc desc = {
        .path = "fuzz.vrec",
        .data = data,
        .size_bytes = size,
        .threads = 1,
    };
    if (size > 0) {
        (void)v_replay(&desc, &result);
    }
    return 0;
}
