/* The function values of the primitives (prim.c). */
#ifndef MYNA_BUILTINS_H
#define MYNA_BUILTINS_H
#include "process.h"
/* Make all of them; false: no memory. Each is an immortal closure of a stub that runs `prim` and returns. */
bool machine_init_builtins(Machine *m);
void machine_free_builtins(Machine *m);
/* The method of the receiver's built-in type, or NULL. `name` is interned. */
const struct Method *find_method(const Machine *m, Value receiver, Value name);
/* Add a function of the program as a method of a built-in type ("list"); what is there stays. False: no such type, or no room. */
bool add_method(Machine *m, Value type, Value name, Value function);
/* The same, bound to the receiver; V_UNSET with nothing raised: no such method. MAY_COLLECT RAISES */
Value bind_method(Process *p, Value *receiver, Value name);
Value builtin_closure(Machine *m, uint32_t primitive);
#endif
