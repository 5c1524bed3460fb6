// A public header with a private and a foreign include.
#include "base/secret.h"
#include <stdint.h>
#include <pthread.h>
