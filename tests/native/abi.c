/* Functions of many types, for tests/native/test_extern.py: what a call gets wrong changes their results. No C library is needed. */
#include <stdbool.h>
#include <stdint.h>

typedef struct { float x, y; } Point;
typedef struct { float x, y, z; } Point3;
typedef struct { double a, b, c, d; } Doubles;
typedef struct { double f; int64_t i; } FloatInt;
typedef struct { int64_t i; double f; } IntFloat;
typedef struct { int32_t i; float f; } Half;
typedef struct { uint8_t r, g, b; } Color;
typedef struct { int64_t a, b, c; } Large;
typedef struct { Point from, to; } Line;
typedef struct { bool on; int8_t small; int16_t middle; void *where; } Padded;

int8_t i8(int8_t x) { return (int8_t)(x + 1); }
uint8_t u8(uint8_t x) { return (uint8_t)(x + 1); }
int16_t i16(int16_t x) { return (int16_t)(x - 1); }
uint64_t u64(uint64_t x) { return x * 2; }
bool not_(bool x) { return !x; }
float half(float x) { return x / 2; }
void nothing(void) { }

int64_t ten(int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, int64_t f, int64_t g, int32_t h, int16_t i, int8_t j) {
    return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + 10 * j;
}
double floats(double a, float b, double c, float d, double e, float f, double g, float h, double i, float j) {
    return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g + 8 * h + 9 * i + 10 * j;
}
double mixed(int32_t a, double b, int64_t c, float d, bool e, double f) { return a + 2 * b + 3 * (double)c + 4 * d + 5 * e + 6 * f; }

Point mirror(Point p) { return (Point){p.y, p.x}; }
Point3 turn(Point3 p) { return (Point3){p.y, p.z, p.x}; }
Doubles shift(Doubles d) { return (Doubles){d.b, d.c, d.d, d.a}; }
FloatInt float_int(FloatInt p) { return (FloatInt){p.f * 2, p.i * 3}; }
IntFloat int_float(IntFloat p) { return (IntFloat){p.i * 3, p.f * 2}; }
Half halves(Half h) { return (Half){h.i + 1, h.f + 1}; }
Color inverse(Color c) { return (Color){(uint8_t)~c.r, (uint8_t)~c.g, (uint8_t)~c.b}; }
Large rotate(Large l, int64_t by) { return (Large){l.b + by, l.c + by, l.a + by}; }
Line reverse(Line l) { return (Line){l.to, l.from}; }
Padded padded(Padded p) { return (Padded){!p.on, (int8_t)-p.small, (int16_t)(p.middle + 1), p.where}; }
int64_t last(int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, IntFloat p, FloatInt q, Large l) {
    return a + b + c + d + e + p.i + (int64_t)p.f + (int64_t)q.f + q.i + l.a + 2 * l.b + 3 * l.c;
}
double crowded(double a, double b, double c, double d, double e, double f, double g, Point p, Doubles q) {
    return a + b + c + d + e + f + g + p.x + 2 * p.y + q.a + 2 * q.b + 3 * q.c + 4 * q.d;
}

double apply(double (*f)(double, int32_t), double x, int32_t n) { return f(x, n) + 1; }
float apply_small(float (*f)(float), float x) { return f(x); }
int32_t count(bool (*keep)(int8_t), const int8_t *items, int64_t length) {
    int32_t kept = 0;
    for (int64_t i = 0; i < length; i++) kept += keep(items[i]);
    return kept;
}
void *each(void (*f)(const char *, void *), void *data) {
    f("one", data), f("two", data);
    return data;
}
int8_t small(int8_t (*f)(void)) { return f(); }
