/* Floats in variables: a million points. */
#include <stdio.h>

static long steps(double cr, double ci) {
    double zr = 0, zi = 0;
    long i = 0;
    while (i < 50 && zr * zr + zi * zi <= 4.0) {
        double t = zr * zr - zi * zi + cr;
        zi = 2.0 * zr * zi + ci;
        zr = t;
        i++;
    }
    return i;
}

int main(void) {
    long n = 1000, sum = 0;
    for (long y = 0; y < n; y++) {
        double ci = 2.0 * (double)y / (double)n - 1.0;
        for (long x = 0; x < n; x++) sum += steps(2.0 * (double)x / (double)n - 1.5, ci);
    }
    printf("%ld\n", sum);
    return 0;
}
