/* A million jumps out of three calls, with a value from the heap. */
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

typedef struct Found { long value; } Found;
static jmp_buf handler;
static Found *thrown;

__attribute__((noinline)) static long f(long depth, long i) {
    if (depth == 0) {
        thrown = malloc(sizeof *thrown);
        thrown->value = i;
        longjmp(handler, 1);
    }
    return f(depth - 1, i) + 1;
}

int main(void) {
    volatile long s = 0;
    for (volatile long i = 0; i < 1000000; i++) {
        if (setjmp(handler) == 0) {
            s += f(2, i);
        } else {
            s += thrown->value % 8;
            free(thrown);
        }
    }
    printf("%ld\n", s);
    return 0;
}
