/* The value stack's management (frame.c) and the interpreter's entry (exec.c). */
#ifndef MYNA_FRAME_H
#define MYNA_FRAME_H
#include "process.h"

bool stack_init(Process *p);
void stack_free(Process *p);
/* MAY_COLLECT RAISES: make the stack good for a frame that ends `top` words from its start. Moves the stack: fp changes. */
bool stack_extend(Process *p, size_t top);
/* MAY_COLLECT RAISES: the same for raw registers. */
bool raw_extend(Process *p, size_t top);

/* Run `closure` (no parameters) to its end. True when it returned; false when an error was not caught: p->error is set and
 * the frames are gone. `count` chooses the handlers that count instructions. */
bool process_run(Process *p, Value closure, bool count);
/* Make the running program stop with an Interrupt error soon; safe to call from a signal handler. */
void process_interrupt(Process *p);
#endif
