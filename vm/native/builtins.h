/* The function values of the primitives (prim.c). */
#ifndef MYNA_BUILTINS_H
#define MYNA_BUILTINS_H
#include "process.h"
/* Make all of them; false: no memory. Each is an immortal closure of a stub that runs `prim` and returns. */
bool machine_init_builtins(Machine *m);
void machine_free_builtins(Machine *m);
Value builtin_closure(Machine *m, uint32_t primitive);
#endif
