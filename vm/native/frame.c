/* The stacks: how far they may grow and what is accounted for them. Where the value stack lies is the matter of stack.c and native.c.
 *
 * Invariant: see process.h. Nothing here collects except through heap_external, which may. */
#include "runtime.h"
#include "frame.h"
#include <stdlib.h>

enum { FIRST_WORDS = 1024, CLEAN_STEP = 1024, RAW_SLACK = 264, FIRST_RAW = 512 };

static void set_limit(Process *p) { p->stack_limit = p->stack_stress ? NULL : p->stack_clean - FRAME_SLACK; }

static void set_clean(Process *p, Value *clean) {
    memset(p->stack_clean, 0, (size_t)(clean - p->stack_clean) * sizeof(Value));
    p->stack_clean = clean;
    set_limit(p);
}

bool stack_init(Process *p) {
    p->raw_stack = malloc(FIRST_RAW * sizeof(int64_t));
    if (!p->raw_stack || !stack_resize(p, FIRST_WORDS)) return false;
    set_clean(p, p->stack + FIRST_WORDS);
    p->raw_end = p->raw_stack + FIRST_RAW;
    p->raw_limit = p->raw_end - RAW_SLACK;
    p->rfp = p->raw_stack;
    return true;
}

void stack_free(Process *p) {
    stack_release(p);
    free(p->raw_stack);
}

static bool grow(Process *p, size_t need) {
    size_t have = (size_t)(p->stack_end - p->stack), words = have;
    while (words < need) words += words / 2;
    if (words > p->stack_limit_words) words = p->stack_limit_words;
    if (words < need) return error_raise(p, ERROR_STACK, "stack overflow");
    /* both copies exist while moving, but only briefly: account for the new size alone */
    if (!heap_external(p, (int64_t)(words - have) * (int64_t)sizeof(Value)))
        return error_raise(p, ERROR_STACK, "stack overflow: the heap limit leaves no room for more frames");
    if (stack_resize(p, words)) return set_limit(p), true;
    heap_external(p, -(int64_t)(words - have) * (int64_t)sizeof(Value));
    return error_raise(p, ERROR_MEMORY, "out of memory");
}

bool stack_extend(Process *p, size_t top) {
    size_t need = top + FRAME_SLACK;
    if (p->stack_stress && !stack_resize(p, (size_t)(p->stack_end - p->stack))) return error_raise(p, ERROR_MEMORY, "out of memory");
    if (need > (size_t)(p->stack_end - p->stack) && !grow(p, need)) return false;
    Value *want = p->stack + need, *clean = want + CLEAN_STEP < p->stack_end ? want + CLEAN_STEP : p->stack_end;
    if (want > p->stack_clean) set_clean(p, clean);
    else set_limit(p);      /* an interrupt had cleared it */
    return true;
}

void stack_forget(Process *p, size_t words) {
    p->stack_clean = p->stack + words;
    set_limit(p);
}

bool raw_extend(Process *p, size_t top) {
    size_t have = (size_t)(p->raw_end - p->raw_stack), words = have;
    while (words < top + RAW_SLACK) words += words / 2;
    if (words == have) return true;
    if (words > p->stack_limit_words) return error_raise(p, ERROR_STACK, "stack overflow");
    if (!heap_external(p, (int64_t)(words - have) * (int64_t)sizeof(int64_t))) return error_raise(p, ERROR_STACK, "stack overflow");
    int64_t *new = realloc(p->raw_stack, words * sizeof(int64_t));
    if (!new) return error_raise(p, ERROR_MEMORY, "out of memory");
    p->rfp = new + (p->rfp - p->raw_stack);
    p->raw_stack = new;
    p->raw_end = new + words;
    p->raw_limit = p->raw_end - RAW_SLACK;
    return true;
}
