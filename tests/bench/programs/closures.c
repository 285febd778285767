/* Calls of functions with what they captured. */
#include <stdio.h>
#include <stdlib.h>

typedef struct Adder { long (*call)(struct Adder *, long); long k; } Adder;
typedef struct Counter { long (*call)(struct Counter *); long count; } Counter;

static long add(Adder *self, long x) { return x + self->k; }
static long count(Counter *self) { return ++self->count; }

static Adder *adder(long k) {
    Adder *out = malloc(sizeof *out);
    *out = (Adder){add, k};
    return out;
}

static Counter *counter(void) {
    Counter *out = malloc(sizeof *out);
    *out = (Counter){count, 0};
    return out;
}

int main(void) {
    Adder *adders[] = {adder(1), adder(2), adder(3)};
    Counter *next = counter();
    long s = 0;
    for (long i = 0; i < 10000000; i++) {
        Adder *f = adders[i % 3];
        s = f->call(f, s) % 1000003;
        s += next->call(next) % 2;
    }
    printf("%ld %ld\n", s, next->call(next));
    return 0;
}
