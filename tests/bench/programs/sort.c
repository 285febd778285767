/* A merge sort of a million ints that asks a function for their order. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct Before { bool (*call)(const struct Before *, long, long); long direction; } Before;

static bool before(const Before *self, long x, long y) { return self->direction * x < self->direction * y; }

static void merge(const long *from, long *to, long low, long middle, long high, const Before *f) {
    for (long i = low, j = middle, k = low; k < high; k++)
        to[k] = i < middle && (j >= high || !f->call(f, from[j], from[i])) ? from[i++] : from[j++];
}

static void split(long *from, long *to, long low, long high, const Before *f) {
    if (high - low < 2) return;
    long middle = (low + high) / 2;
    split(to, from, low, middle, f);
    split(to, from, middle, high, f);
    merge(from, to, low, middle, high, f);
}

static void sort(long *xs, long n, const Before *f) {
    long *copy = malloc((size_t)n * sizeof *copy);
    memcpy(copy, xs, (size_t)n * sizeof *copy);
    split(copy, xs, 0, n, f);
    free(copy);
}

int main(void) {
    long n = 1000000, seed = 42, s = 0, *xs = malloc((size_t)n * sizeof *xs);
    for (long i = 0; i < n; i++) {
        seed = seed * 16807 % 2147483647;
        xs[i] = seed % 1000000;
    }
    sort(xs, n, &(Before){before, -1});
    for (long i = 0; i < n; i++) s = (s * 31 + xs[i]) % 1000000007;
    printf("%ld\n", s);
    return 0;
}
