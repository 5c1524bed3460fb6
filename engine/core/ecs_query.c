// Queries: a cached list of matching ranges, chunks of columns, parallel iteration.
#include "ecs_internal.h"

void ecs_queries_destroy(v_world *world)
{
    (void)world;
}
