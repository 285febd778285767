/* The table of all primitives: the interpreter may run any program. A standalone program has one of its own. */
#define MYNA_PRIMITIVE_TABLE
#include "primitives.h"
