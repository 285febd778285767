/* Floats in arrays, and small functions that want to be inlined. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static double A(long i, long j) { return 1.0 / (double)((i + j) * (i + j + 1) / 2 + i + 1); }

static void multiply(long n, const double *v, double *out) {
    for (long i = 0; i < n; i++) {
        double sum = 0;
        for (long j = 0; j < n; j++) sum += A(i, j) * v[j];
        out[i] = sum;
    }
}

static void multiply_transposed(long n, const double *v, double *out) {
    for (long i = 0; i < n; i++) {
        double sum = 0;
        for (long j = 0; j < n; j++) sum += A(j, i) * v[j];
        out[i] = sum;
    }
}

static double *array(long n, double value) {
    double *out = malloc((size_t)n * sizeof *out);
    for (long i = 0; i < n; i++) out[i] = value;
    return out;
}

int main(void) {
    long n = 500;
    double *u = array(n, 1), *v = array(n, 0), *t = array(n, 0), vBv = 0, vv = 0;
    for (int i = 0; i < 10; i++) {
        multiply(n, u, t);
        multiply_transposed(n, t, v);
        multiply(n, v, t);
        multiply_transposed(n, t, u);
    }
    for (long i = 0; i < n; i++) {
        vBv += u[i] * v[i];
        vv += v[i] * v[i];
    }
    printf("%.9f\n", sqrt(vBv / vv));
    return 0;
}
