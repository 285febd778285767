/* The C functions that stand for callbacks (c_callback.c), by the conventions of c_call.c. */
#include "c_call.h"

static double as_double(int64_t bits) {
    double d;
    memcpy(&d, &bits, sizeof d);
    return d;
}

#if defined(__x86_64__)
#define INT_PARAMS int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, int64_t f
#define INTS a, b, c, d, e, f
#else
#define INT_PARAMS int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, int64_t f, int64_t g, int64_t h
#define INTS a, b, c, d, e, f, g, h
#endif
#define FLOAT_PARAMS double s, double t, double u, double v, double w, double x, double y, double z
#define ENTRY(n) \
    static int64_t int_entry##n(INT_PARAMS, FLOAT_PARAMS) { return callback_run(n, &(Registers){{INTS}, {s, t, u, v, w, x, y, z}}); } \
    static double float_entry##n(INT_PARAMS, FLOAT_PARAMS) { return as_double(callback_run(n, &(Registers){{INTS}, {s, t, u, v, w, x, y, z}})); }
ENTRY(0) ENTRY(1) ENTRY(2) ENTRY(3) ENTRY(4) ENTRY(5) ENTRY(6) ENTRY(7)
ENTRY(8) ENTRY(9) ENTRY(10) ENTRY(11) ENTRY(12) ENTRY(13) ENTRY(14) ENTRY(15)
#define ENTRIES(kind) { \
    kind##0, kind##1, kind##2, kind##3, kind##4, kind##5, kind##6, kind##7, \
    kind##8, kind##9, kind##10, kind##11, kind##12, kind##13, kind##14, kind##15}

static int64_t (*const int_entries[MOST_CALLBACKS])(INT_PARAMS, FLOAT_PARAMS) = ENTRIES(int_entry);
static double (*const float_entries[MOST_CALLBACKS])(INT_PARAMS, FLOAT_PARAMS) = ENTRIES(float_entry);

void *callback_entry(uint32_t number, bool floating) { return floating ? (void *)float_entries[number] : (void *)int_entries[number]; }
