/* Ints in small arrays: all orders of ten numbers. */
#include <stdio.h>

enum { N = 10 };

static long reverse_flips(long *q) {
    long flips = 0;
    for (long f = q[0]; f != 0; f = q[0]) {
        for (long i = 0, j = f; i < j; i++, j--) {
            long t = q[i];
            q[i] = q[j];
            q[j] = t;
        }
        flips++;
    }
    return flips;
}

/* Make the next order; 0 after the last one. */
static int next(long *p, long *count, long *r) {
    for (;; ++*r) {
        if (*r == N) return 0;
        long first = p[0];
        for (long i = 0; i < *r; i++) p[i] = p[i + 1];
        p[*r] = first;
        if (--count[*r] > 0) return 1;
    }
}

int main(void) {
    long p[N], q[N], count[N], most = 0, sum = 0, r = N, k = 0;
    for (long i = 0; i < N; i++) p[i] = i;
    do {
        for (; r != 1; r--) count[r - 1] = r;
        for (long i = 0; i < N; i++) q[i] = p[i];
        long flips = reverse_flips(q);
        if (flips > most) most = flips;
        sum += k++ % 2 == 0 ? flips : -flips;
    } while (next(p, count, &r));
    printf("%ld %ld\n", sum, most);
    return 0;
}
