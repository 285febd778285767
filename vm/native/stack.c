/* The value stack of the interpreter: it moves when it grows, and its links tell which frame called which.
 *
 * Invariant: see process.h. Native code has native.c instead of this file. */
#include "frame.h"
#include "heap.h"
#include <stdlib.h>
#include <time.h>

bool stack_resize(Process *p, size_t words) {
    Value *old = p->stack, *new = malloc(words * sizeof(Value));
    if (!new) return false;
    size_t used = (size_t)(p->stack_clean - old);
    if (used) memcpy(new, old, used * sizeof(Value));
    p->fp = p->fp ? new + (p->fp - old) : NULL;
    p->watermark = p->watermark ? new + (p->watermark - old) : NULL;
    p->stack = new;
    p->stack_end = new + words;
    p->stack_clean = new + used;
    free(old);
    return true;
}

void stack_release(Process *p) { free(p->stack); }

Value *frame_below(Process *p, Value *fp, int count) {
    for (; count; count--) {
        if (fp <= p->stack + FRAME_HEADER) return NULL;
        fp = frame_caller(fp);
    }
    return fp;
}

uint64_t pause_clock(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}
