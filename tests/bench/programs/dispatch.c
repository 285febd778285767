/* Calls through a table of functions, as a method that three classes have is called. */
#include <stdio.h>
#include <stdlib.h>

typedef struct Shape Shape;
typedef struct Class { double (*area)(const Shape *); } Class;
struct Shape { const Class *class; double a, b; };

static double circle_area(const Shape *s) { return 3.0 * s->a * s->a; }
static double square_area(const Shape *s) { return s->a * s->a; }
static double rectangle_area(const Shape *s) { return s->a * s->b; }
static const Class classes[] = {{circle_area}, {square_area}, {rectangle_area}};

static Shape **shapes(long n) {
    Shape **out = malloc((size_t)n * sizeof *out);
    long seed = 42;
    for (long i = 0; i < n; i++) {
        seed = seed * 16807 % 2147483647;
        out[i] = malloc(sizeof **out);
        *out[i] = (Shape){&classes[seed % 3], (double)(i % 10), (double)(i % 7)};
    }
    return out;
}

int main(void) {
    Shape **all = shapes(1000);
    double total = 0;
    for (long i = 0; i < 20000; i++)
        for (long k = 0; k < 1000; k++) total += all[k]->class->area(all[k]);
    printf("%.0f\n", total);
    return 0;
}
