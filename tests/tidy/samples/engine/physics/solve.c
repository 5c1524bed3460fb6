// Reaches sideways to a module of its own floor.
#include "solve_internal.h"
#include "v/level.h"
#include "v/world.h"
