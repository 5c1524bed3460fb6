// Uses what is not public.
#include "core/world_internal.h"
#include "helper.h"
#include "v/world.h"
