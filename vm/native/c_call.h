/* Calls of C functions whose types are known only when the program runs: c_call.c; and calls by C: c_callback.c. */
#ifndef MYNA_CCALL_H
#define MYNA_CCALL_H
#include "c_types.h"

/* Registers that arguments go into, and whether an argument's number chooses its register, not how many of its kind came before. */
#if defined(_WIN32)
enum { C_INTS = 4, C_FLOATS = 4, C_BY_NUMBER = true };
#elif defined(__x86_64__)
enum { C_INTS = 6, C_FLOATS = 8, C_BY_NUMBER = false };
#else
enum { C_INTS = 8, C_FLOATS = 8, C_BY_NUMBER = false };
#endif
/* Words of the stack that a call may fill, bytes of the largest struct that it may return. */
enum { C_STACK = 32, C_LARGEST = 512 };

/* A call that is being made: begin, push each argument, invoke. */
typedef struct CCall {
    int64_t ints[C_INTS];
    double floats[C_FLOATS];            /* a float lies in the low half */
    int64_t stack[C_STACK];
    uint32_t nints, nfloats, stacked;   /* stacked: bytes */
    const CType *result;
    void *out;                          /* where the result goes, in C's form */
} CCall;

void ccall_begin(CCall *c, const CType *result, void *out);
/* Add an argument in C's form; a struct's memory must stay until the call has returned. False: there are too many. */
bool ccall_push(CCall *c, const CType *t, const void *value);
/* False: the result is too large to be returned. */
bool ccall_invoke(CCall *c, void *function);

/* --- c_callback.c --- */
/* A function of the program, as C calls it on this thread until callback_release. `failed` becomes true when a call of it raised an
 * error, which is p->error then; further calls give zeros. `function` is a root. NULL: there are too many at a time. */
typedef struct Callback {
    Process *p;
    const Value *function;
    const CType *type;
    CPlace place;
    bool *failed;
} Callback;
enum { MOST_CALLBACKS = 16 };       /* at a time: each is a function of its own, made by the C compiler */
void *callback_acquire(Callback callback);
void callback_release(uint32_t count);      /* the last ones */
bool callback_fits(const CType *t);         /* do its arguments fit into registers? */

/* --- c_entry.c; on Windows c_entry_windows.c --- */
/* The C function of callback number `number`, whose result is `floating` or in an integer's register. */
void *callback_entry(uint32_t number, bool floating);
/* What it calls, with all registers that arguments can be in: the bits of the result. */
typedef struct Registers { int64_t ints[C_INTS]; double floats[C_FLOATS]; } Registers;
int64_t callback_run(uint32_t number, const Registers *given);
#endif
