/* The value stack (frame.c), calls (call.c), and what each engine has of its own: the interpreter in stack.c and exec.c, native code
 * in native.c. */
#ifndef MYNA_FRAME_H
#define MYNA_FRAME_H
#include "process.h"

bool stack_init(Process *p);
void stack_free(Process *p);
void stack_forget(Process *p, size_t words);    /* what lies above so many words, where no frame is, need not be clean any more */
/* MAY_COLLECT RAISES: make the stack good for a frame that ends `top` words from its start. Moves the stack: fp changes. */
bool stack_extend(Process *p, size_t top);
/* MAY_COLLECT RAISES: the same for raw registers. */
bool raw_extend(Process *p, size_t top);

/* The engine's: give the value stack `words` words, which are no fewer than it uses. The interpreter's moves. False: no memory. */
bool stack_resize(Process *p, size_t words);
void stack_release(Process *p);
/* The engine's: the frame `count` below `fp`; NULL: there are not that many, or nobody knows them. */
Value *frame_below(Process *p, Value *fp, int count);

/* The engine's: run `closure` (no parameters) to its end. True when it returned; false when an error was not caught: p->error is set and
 * the frames are gone. `count` chooses the handlers that count instructions. */
bool process_run(Process *p, Value closure, bool count);
/* The engine's, for an instruction that C code is a part of: call *function, a root, with these arguments, which are roots too, and come back with
 * its result. RAISES: an error that the function does not handle is p->error then. The stack may have moved. MAY_COLLECT */
bool process_call(Process *p, const Value *function, const Value *args, uint32_t count, Value *result);
/* Instead of the current instruction's own work, call the method `method` (a closure) with these arguments; what it returns is the
 * instruction's result: RESULT_REGISTER into `dst`, RESULT_TRUTH decides the comparison (to a register or a jump), RESULT_NONE
 * is dropped. RESULT_ORDER | want << 4: an int whose sign decides the comparison. RESULT_ITER: what `iter` of a loop's value
 * gave, `dst` being the loop's registers. RESULT_TEXT: what `to_string` gave (texts.c). RESULT_EQUAL: what `==` of two parts of a comparison's operands
 * gave (equal.c). RESULT_ANSWER: what a key's `hash` or `==` gave (keys.c); the instruction begins again. RESULT_STRING: as
 * RESULT_REGISTER, of what `format` gave. RESULT_CALLBACK: callback_enter's. For runtime entries: `return operator_call(…)`; gives false with no error pending, which sends the interpreter into the method. RAISES (false with p->error set). */
enum { RESULT_REGISTER = 1, RESULT_TRUTH, RESULT_NONE, RESULT_ORDER, RESULT_ITER, RESULT_TEXT, RESULT_EQUAL, RESULT_ANSWER, RESULT_STRING, RESULT_CALLBACK };
enum Relation { LT = 1, LE = 2, GT = 4, GE = 8 };
/* Is `order` (-1, 0, 1, or 2: none) what is wanted? */
bool satisfies(int order, enum Relation want);
bool operator_call(Process *p, Value method, const Value *args, uint32_t count, int result, Value *dst);
/* The same with a function, bound methods among them, and a list of its arguments, in which the list itself stands for those that
 * are left out; what it returns goes into `dst`. `types`: a type whose arguments are those of the call, or NULL. */
bool list_call(Process *p, Value function, Value list, const struct Type *types, Value *dst);
/* process_call's beginning: make the frame of the function p->fp and p->pc. RAISES */
bool callback_enter(Process *p, const Value *function, const Value *args, uint32_t count);
bool frame_is_callback(const Value *fp);        /* of one that frame_is_operator */
/* What comes of the instruction when the method that it called returns: a comparison's answer, or, in the same words, that the result
 * is in its place; an error, or the next method was entered; or the instruction must begin again. */
enum { OUTCOME_FALSE, OUTCOME_TRUE, OUTCOME_DONE = OUTCOME_TRUE, OUTCOME_FAILED, OUTCOME_AGAIN };
/* The method in the popped frame `fp` gave `value`; p->fp and p->pc are its caller's. MAY_COLLECT RAISES */
int operator_finish(Process *p, const Value *fp, Value value);
bool frame_compares(const Value *fp);           /* does its outcome answer a comparison? */
/* Was the frame, a wide one, made so? Then its return address is no instruction's. */
bool frame_is_operator(const Value *fp);
/* The same with the method that an instance's class has for an operator. args[0] is the instance. access.c */
bool object_operator(Process *p, const char *name, const Value *args, uint32_t count, int result, Value *dst);
/* The texts of instances with a method `to_string` (texts.c). A value's text is made in two runs of one instruction: the first one
 * finds out which instances are met in what order, and has their methods called; then the instruction begins again. */
bool texts_next(Process *p, Value texts);       /* call the next method: false; or all are there for the instruction, which begins again: true */
Value texts_new(Process *p, uint32_t count);    /* MAY_COLLECT RAISES: for `count` instances, set by texts_put */
void texts_put(Process *p, Value texts, uint32_t number, Value object);
Value texts_take(Process *p);                   /* those that were made for the current instruction, or None */
Value texts_get(Value texts, uint32_t number, Value object);    /* V_UNSET: made for another instance */
/* equal.c: go on with a comparison that waited for a method. 0, 1; 2: the next method was entered, or an error raised. MAY_COLLECT */
int equal_go_on(Process *p, Value waiting);
/* keys.c: a method's answer for the current instruction, which begins again now. */
void answers_put(Process *p, Value answers, Value answer);
/* Make the running program stop with an Interrupt error soon; safe to call from a signal handler. */
void process_interrupt(Process *p);
#endif
