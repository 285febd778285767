/* The primitives of the module `math`.
 *
 * Invariant: as in prim.c. Functions of floats follow IEEE 754: what has no result gives not-a-number, never an error. They are
 * computed in long double where that is longer, so that results are rounded right nearly always, and the same with any libm. */
#include "prim.h"
#include <float.h>
#include <math.h>

typedef long double Long;

static bool unary(Process *p, Value *args, Value *result, Long (*f)(Long)) {
    double x;
    return need_number(p, args[0], &x) && give(result, float_value(p, (double)f(x)));
}

static bool binary(Process *p, Value *args, Value *result, Long (*f)(Long, Long)) {
    double x, y;
    return need_number(p, args[0], &x) && need_number(p, args[1], &y) && give(result, float_value(p, (double)f(x, y)));
}

#if LDBL_MANT_DIG == 113
/* Where long double has so many bits (Linux on AArch64), libraries compute these in double only. Here they are right to some 100 bits. */

/* e^x - 1 where |x| < 1/2: by Taylor's series for x / 8, and (1 + p)^2 - 1 = p * (p + 2), three times. */
static Long small_expm1(Long x) {
    enum { TERMS = 18, SQUARES = 3 };
    Long sum = 0;
    x = ldexpl(x, -SQUARES);
    for (int n = TERMS; n > 1; n--) sum = (sum + 1) * x / n;
    Long p = (sum + 1) * x;
    for (int i = 0; i < SQUARES; i++) p *= p + 2;
    return p;
}

static const Long ln2 = 0.693147180559945309417232121458176568075500134360255254120680009493L;

/* e^x + y for |x| < 11000, where both parts have so many bits: the powers of 2 come last. */
static Long exp_plus(Long x, Long y) {
    int twos = (int)rintl(x / ln2);
    return ldexpl(small_expm1(x - twos * ln2), twos) + (ldexpl(1, twos) + y);
}
static Long exp_(Long x) { return fabsl(x) < 11000 ? exp_plus(x, 0) : expl(x); }
static Long expm1_(Long x) { return fabsl(x) < 11000 ? exp_plus(x, -1) : expm1l(x); }

/* Newton's method: what the library gives is wrong by so little that two terms are enough. */
static Long log_(Long x) {
    if (!(x > 0) || x - x != 0) return logl(x);
    int twos;
    x = frexpl(x, &twos);
    Long guess = log((double)x), e = x * exp_(-guess) - 1;
    return guess + (e - e * e / 2) + twos * ln2;
}
static Long log2_(Long x) { return log_(x) / ln2; }

/* The library decides signs and what is no number, infinite or zero. */
static Long pow_(Long x, Long y) {
    Long coarse = powl(x, y);
    bool ordinary = coarse - coarse == 0 && coarse != 0 && x - x == 0 && x != 0 && y - y == 0;
    return ordinary ? copysignl(exp_(y * log_(fabsl(x))), coarse) : coarse;
}
#else
#define exp_ expl
#define expm1_ expm1l
#define log_ logl
#define log2_ log2l
#define pow_ powl
#endif

/* Some libraries compute these in double only. */
static Long log10_(Long x) { return log_(x) * 0.434294481903251827651128918916605082L; }
static Long cbrt_(Long x) { return x == 0 || x - x != 0 ? x : copysignl(pow_(fabsl(x), 1.0L / 3), x); }
static Long sinh_(Long x) { return fabsl(x) < 1e-9L ? x : (expm1_(x) - expm1_(-x)) / 2; }
static Long cosh_(Long x) { return (exp_(x) + exp_(-x)) / 2; }
static Long tanh_(Long x) {
    if (fabsl(x) < 1e-9L) return x;
    return fabsl(x) > 40 ? copysignl(1, x) : -expm1_(-2 * x) / (exp_(-2 * x) + 1);
}

#define UNARY(name, f) bool prim_math_##name(Process *p, Value *args, Value *result) { return unary(p, args, result, f); }
#define BINARY(name, f) bool prim_math_##name(Process *p, Value *args, Value *result) { return binary(p, args, result, f); }
UNARY(sin, sinl) UNARY(cos, cosl) UNARY(tan, tanl) UNARY(asin, asinl) UNARY(acos, acosl) UNARY(atan, atanl)
UNARY(sinh, sinh_) UNARY(cosh, cosh_) UNARY(tanh, tanh_)
UNARY(exp, exp_) UNARY(log, log_) UNARY(log2, log2_) UNARY(log10, log10_) UNARY(cbrt, cbrt_)
BINARY(atan2, atan2l) BINARY(hypot, hypotl)

/* base to the power of exponent >= 0 by squaring; false: it does not fit. */
static bool int_power(int64_t base, int64_t exponent, int64_t *out) {
    int64_t power = 1;
    for (;;) {
        if (exponent & 1 && __builtin_mul_overflow(power, base, &power)) return false;
        exponent >>= 1;
        if (!exponent) return *out = power, true;
        if (__builtin_mul_overflow(base, base, &base)) return false;
    }
}

static bool big_power(Process *p, Value *args, Value *result) {
    int64_t exponent;
    if (!is_number(args[0]) || !is_number(args[1])) return error_raise(p, ERROR_CAST, "%s is not a number", type_name(args[is_number(args[0])], false));
    bool small = bigint_int(args[1], &exponent);
    if (order_numbers(args[1], fixnum(0)) < 0) return error_raise(p, ERROR_VALUE, "a whole number to the power of a negative one: make one of them a float");
    return small ? bigint_power(p, result, args[0], exponent) : error_raise(p, ERROR_MEMORY, "out of memory");
}

bool prim_math_pow(Process *p, Value *args, Value *result) {
    int64_t power;
    bool big = is_bigint(args[0]) || is_bigint(args[1]);
    if (big && !is_float(args[0]) && !is_float(args[1])) return big_power(p, args, result);
    if (!is_int(args[0]) || !is_int(args[1])) return binary(p, args, result, pow_);
    if (int_int(args[1]) < 0) return error_raise(p, ERROR_VALUE, "an int to the power of a negative int: make one of them a float");
    if (!int_power(int_int(args[0]), int_int(args[1]), &power)) return error_raise(p, ERROR_OVERFLOW, "the power does not fit an int");
    return give(result, int_value(p, power));
}

static bool to_int(Process *p, Value *args, Value *result, double (*f)(double)) {
    double x;
    if (is_int(args[0]) || is_bigint(args[0])) return give(result, args[0]);
    return need_number(p, args[0], &x) && double_to_int(p, f(x), result);
}
bool prim_math_sqrt(Process *p, Value *args, Value *result) { return prim_sqrt(p, args, result); }
bool prim_math_floor(Process *p, Value *args, Value *result) { return prim_floor(p, args, result); }
bool prim_math_ceil(Process *p, Value *args, Value *result) { return to_int(p, args, result, ceil); }
bool prim_math_round(Process *p, Value *args, Value *result) { return to_int(p, args, result, round); }
bool prim_math_trunc(Process *p, Value *args, Value *result) { return to_int(p, args, result, trunc); }

bool prim_math_is_nan(Process *p, Value *args, Value *result) {
    double x;
    return need_number(p, args[0], &x) && give(result, boolean(x != x));
}
bool prim_math_is_finite(Process *p, Value *args, Value *result) {
    double x;
    return need_number(p, args[0], &x) && give(result, boolean(x - x == 0));
}

bool prim_math_gcd(Process *p, Value *args, Value *result) {
    int64_t a, b;
    if (!need_int(p, args[0], &a) || !need_int(p, args[1], &b)) return false;
    uint64_t x = a < 0 ? -(uint64_t)a : (uint64_t)a, y = b < 0 ? -(uint64_t)b : (uint64_t)b;
    while (y) {
        uint64_t rest = x % y;
        x = y;
        y = rest;
    }
    return x > INT64_MAX ? error_raise(p, ERROR_OVERFLOW, "the divisor does not fit an int") : give(result, int_value(p, (int64_t)x));
}
