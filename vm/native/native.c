/* Native code's side of calls, returns and errors, and the way into it. It stands in the place of exec.c and stack.c.
 *
 * Invariants:
 * - frames lie on the value stack as the interpreter's do, but control lies on the native stack: a call of one native function by
 *   another writes no link that could be followed, so nothing here or below walks frames, and there is no watermark;
 * - the value stack never moves;
 * - before native code enters a function here it has set p->fp to its frame and p->pc to its instruction's word, behind a prefix;
 * - an error is p->error and a result V_UNSET, false or OUTCOME_FAILED, up through all frames to the one that catches it. */
#include "runtime.h"
#include "native.h"
#include "frame.h"
#include "class.h"
#include "primitives.h"
#include "runtime_api.h"
#include "system.h"

/* Run the function of the frame p->fp: what rt_call or operator_call has made. */
static Value enter(Process *p) {
    const Function *f = frame_function(p->fp);
    return ((Entry *)(p->pc > f->code ? f->known : f->entry))(p, p->fp);
}

/* --- the stacks --- */

enum {
    SPARE_WORDS = 1 << 17,          /* of the value stack beyond its limit: a function that finds it has passed it has its frame there */
    KEPT_WORDS = 1 << 17,           /* of the value stack that a library keeps between calls: with more, giving it back costs little beside its use */
    KEPT_BYTES = KEPT_WORDS * sizeof(Value),    /* the same of the native stack */
    GUARD = 1 << 16,                /* at its lowest end: no less than system_run's */
    NATIVE_SLACK = 1 << 18,         /* bytes of the native stack kept for the runtime, which does not check it */
};
/* Room for as many calls as the value stack has: some 500 bytes each. */
static const size_t native_bytes = (size_t)1 << 30;

/* All of it at once. */
bool stack_resize(Process *p, size_t words) {
    if (p->stack) return false;
    size_t bytes = (p->stack_limit_words + SPARE_WORDS) * sizeof(Value), least = (SPARE_WORDS + words) * sizeof(Value);
    p->stack = p->stack_clean = system_reserve(&bytes);
    p->stack_bytes = bytes;
    if (!p->stack || bytes < least) return false;
    p->stack_limit_words = bytes / sizeof(Value) - SPARE_WORDS;
    p->stack_end = p->stack + p->stack_limit_words;
    return true;
}

void native_rest(Process *p) {
    if (p->stack_clean - p->stack <= KEPT_WORDS) return;
    stack_forget(p, KEPT_WORDS);
    system_discard(p->stack + KEPT_WORDS, p->stack_bytes - KEPT_BYTES);
    if (p->native_bytes > KEPT_BYTES + GUARD) system_discard((char *)p->native_stack + GUARD, p->native_bytes - KEPT_BYTES - GUARD);
}

/* Programs never get here, libraries do. */
void stack_release(Process *p) {
    if (p->stack) system_unmap(p->stack, p->stack_bytes);
    if (p->native_stack) system_unmap(p->native_stack, p->native_bytes);
}

Value *frame_below(Process *p, Value *fp, int count) { return NULL; }
uint64_t pause_clock(void) { return 0; }

/* Arguments may still be in native registers, where the collector does not find them. */
bool rt_stack(Process *p, Value *fp, int64_t words) {
    p->fp = fp;
    Value *top = fp + words;
    if (top > p->stack_clean) {             /* what is raised may collect */
        memset(p->stack_clean, 0, (size_t)(top - p->stack_clean) * sizeof(Value));
        p->stack_clean = top;
    }
    if (!stack_extend(p, (size_t)(top - p->stack))) return false;
    if ((char *)__builtin_frame_address(0) >= p->native_limit) return true;
    return error_raise(p, ERROR_STACK, "stack overflow");
}

typedef struct Run { Process *p; Entry *entry; Value *fp, result; } Run;

static void run_here(void *argument, char *lowest) {
    Run *all = argument;
    all->p->native_limit = lowest + NATIVE_SLACK;
    all->p->native_top = __builtin_frame_address(0);
    all->result = all->entry(all->p, all->fp);
    all->p->native_top = NULL;
}

/* The program's own stack takes the place of the system's, whose size nobody knows and which is too small for deep recursion. */
static Value run(Process *p, Entry *entry, Value *fp) {
    Run all = {p, entry, fp, V_UNSET};
    if (!p->native_stack) p->native_bytes = native_bytes;
    if (!system_run(&p->native_stack, &p->native_bytes, run_here, &all)) error_raise(p, ERROR_MEMORY, "no memory for the stack");
    return all.result;
}

bool native_is_here(const Process *p) {
    char *here = __builtin_frame_address(0);
    return p->native_top && here < p->native_top && here >= p->native_limit - NATIVE_SLACK;
}

Value native_enter(Process *p, Entry *entry, Value *fp) {
    if (native_is_here(p)) return entry(p, fp);
    if (p->native_top) return error_raise(p, ERROR_RUNTIME, "the program is called from a stack that is not its own while it runs"), V_UNSET;
    return run(p, entry, fp);
}

/* The interpreter accounts for its stack as it grows. This one does not, but a limit of memory is one for it too. */
static void limit_stack(Process *p) {
    size_t most = heap_limit(p) / 2 / sizeof(Value);
    if (most && most < p->stack_limit_words) p->stack_limit_words = most, p->stack_end = p->stack + most;
}

bool process_run(Process *p, Value closure, bool count) {
    limit_stack(p);
    p->stack[0] = closure;
    p->stack[1] = fixnum(0);
    bool ok = stack_extend(p, FRAME_HEADER + AS(Closure, closure)->function->nregs);
    p->fp = p->stack + FRAME_HEADER;
    p->uncaught = !ok || run(p, (Entry *)frame_function(p->fp)->entry, p->fp) == V_UNSET;
    if (p->uncaught) trace_uncaught(p);
    p->fp = NULL;
    return !p->uncaught;
}

/* --- calls --- */

bool process_call(Process *p, const Value *function, const Value *args, uint32_t count, Value *result) {
    const uint32_t *pc = p->pc;
    Value *fp = p->fp;
    if (!callback_enter(p, function, args, count)) return false;
    Value value = enter(p);
    p->fp = fp;
    p->pc = pc;
    if (value != V_UNSET) *result = value;
    return value != V_UNSET;
}

Value rt_enter(Process *p, Value *fp, Value *window) {
    if (p->fp == fp) return *window;        /* it was a primitive, which has run */
    Value result = enter(p);
    p->fp = fp;
    return result;
}

int rt_resume(Process *p) {
    while (p->entered) {
        p->entered = 0;
        Value *fp = p->fp;
        uint64_t link = fp[-1];
        Value value = enter(p);
        p->fp = frame_caller(fp);
        p->pc = link_pc(link) - 1;
        if (value == V_UNSET) return OUTCOME_FAILED;
        int outcome = operator_finish(p, fp, value);
        if (outcome != OUTCOME_FAILED) return outcome;
    }
    if (p->error == V_UNSET) error_raise(p, ERROR_RUNTIME, "damaged program: an unset value is used");
    return OUTCOME_FAILED;
}

/* The entry of a primitive as a value: its code has its number. */
static Value run_primitive(Process *p, Value *fp) {
    const Function *f = frame_function(fp);
    p->fp = fp;
    p->pc = f->code;
    int outcome = OUTCOME_AGAIN;
    while (outcome == OUTCOME_AGAIN)
        outcome = rt_prim(p, fp, fp, f->code[1]) ? OUTCOME_DONE : rt_resume(p);
    return outcome == OUTCOME_DONE ? *fp : V_UNSET;
}

void native_primitive(Value closure) {
    Function *f = AS(Closure, closure)->function;
    f->entry = f->known = (const void *)run_primitive;
    header_of(closure)->aux = 255;
}

/* --- errors --- */

void rt_passed(Process *p, const Function *f, uint32_t word) { trace_add(p, f, word); }

bool rt_not_container(Process *p, Value *v, int64_t unused) {
    (void)unused;
    return error_raise(p, ERROR_CAST, "damaged program: %s is not the container that it should be", type_name(*v, false));
}

Value rt_caught(Process *p, Value *fp) {
    p->fp = fp;
    p->answers = V_NONE;
    if (p->stopping) return V_UNSET;
    error_caught(p);
    Value error = p->error;
    p->error = V_UNSET;
    return error;
}
