/* Boxed numbers, and numbers as text.
 *
 * `format_double` gives the shortest decimal that reads back as the same double, the closest one when there are several. Most
 * doubles that programs print have at most 15 digits: those are found by scaling with an exact power of ten. The others go
 * through the free-format algorithm of Steele and White with integers of any size, which needs no tables and no rounding. */
#include <math.h>
#include "runtime.h"

Value int_value(Process *p, int64_t i) {
    if (fits_fixnum(i)) return fixnum(i);
    Int *boxed = heap_new(p, sizeof(Int), HEADER(T_INT, 0, 0, 0));
    if (!boxed) return V_UNSET;
    boxed->value = i;
    return ref(boxed);
}

Value float_value(Process *p, double d) {
    Value v;
    if (double_flonum(d, &v)) return v;
    Float *boxed = heap_new(p, sizeof(Float), HEADER(T_FLOAT, 0, 0, 0));
    if (!boxed) return V_UNSET;
    boxed->value = d;
    return ref(boxed);
}

bool number_int(Value v, int64_t *out) {
    if (is_int(v)) return *out = int_int(v), true;
    if (is_bigint(v)) return bigint_int(v, out);
    double d = float_double(v);
    return d >= -9223372036854775808.0 && d < 9223372036854775808.0 && (double)(*out = (int64_t)d) == d;
}

int digit_value(uint8_t c) {
    if (c >= '0' && c <= '9') return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
}

static size_t format_unsigned(uint64_t n, char *out) {
    char digits[20];
    size_t length = 0;
    do digits[length++] = (char)('0' + n % 10); while (n /= 10);
    for (size_t i = 0; i < length; i++) out[i] = digits[length - 1 - i];
    return length;
}

size_t format_int(int64_t i, char *out) {
    if (i >= 0) return format_unsigned((uint64_t)i, out);
    *out = '-';
    return 1 + format_unsigned(0 - (uint64_t)i, out + 1);
}

/* --- natural numbers of up to LIMBS * 32 bits --- */
enum { LIMBS = 38 };    /* the greatest is near 10 * 2^1024 * 2^2, or 10^324 * 10: 1100 bits and some */
typedef struct Big { uint32_t limbs[LIMBS]; int count; } Big;       /* least first; the last is not 0 */

static void big_set(Big *b, uint64_t n) {
    b->count = 0;
    for (; n; n >>= 32) b->limbs[b->count++] = (uint32_t)n;
}

static void big_multiply(Big *b, uint32_t factor) {
    uint64_t carry = 0;
    for (int i = 0; i < b->count; i++) {
        carry += (uint64_t)b->limbs[i] * factor;
        b->limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry) b->limbs[b->count++] = (uint32_t)carry;
}

static void big_power10(Big *b, int exponent) {
    for (; exponent >= 9; exponent -= 9) big_multiply(b, 1000000000);
    uint32_t rest = 1;
    while (exponent-- > 0) rest *= 10;
    big_multiply(b, rest);
}

static void big_shift(Big *b, int bits) {
    int words = bits / 32;
    big_multiply(b, (uint32_t)1 << bits % 32);
    memmove(b->limbs + words, b->limbs, (size_t)b->count * 4);
    memset(b->limbs, 0, (size_t)words * 4);
    b->count += words;
}

static int big_compare(const Big *a, const Big *b) {
    if (a->count != b->count) return a->count < b->count ? -1 : 1;
    for (int i = a->count; i-- > 0;)
        if (a->limbs[i] != b->limbs[i]) return a->limbs[i] < b->limbs[i] ? -1 : 1;
    return 0;
}

static void big_add(Big *a, const Big *b) {
    uint64_t carry = 0;
    int count = a->count > b->count ? a->count : b->count;
    for (int i = 0; i < count; i++) {
        carry += (i < a->count ? a->limbs[i] : 0) + (uint64_t)(i < b->count ? b->limbs[i] : 0);
        a->limbs[i] = (uint32_t)carry;
        carry >>= 32;
    }
    a->count = count;
    if (carry) a->limbs[a->count++] = (uint32_t)carry;
}

static void big_subtract(Big *a, const Big *b) {    /* a >= b */
    int64_t borrow = 0;
    for (int i = 0; i < a->count; i++) {
        borrow += (int64_t)a->limbs[i] - (i < b->count ? b->limbs[i] : 0);
        a->limbs[i] = (uint32_t)borrow;
        borrow >>= 32;
    }
    while (a->count && a->limbs[a->count - 1] == 0) a->count--;
}

static int compare_sum(const Big *a, const Big *b, const Big *c) {    /* a + b against c */
    if (c->count > a->count + 1 && c->count > b->count + 1) return -1;
    Big sum;
    sum.count = a->count;
    memcpy(sum.limbs, a->limbs, (size_t)a->count * sizeof *a->limbs);
    big_add(&sum, b);
    return big_compare(&sum, c);
}

/* --- shortest digits --- */
typedef struct Decimal { char digits[20]; int count, exponent; } Decimal;    /* 0.d1d2d3... * 10^exponent, no zeros at the end */

static void decimal_set(Decimal *out, uint64_t digits, int exponent) {
    out->count = (int)format_unsigned(digits, out->digits);
    out->exponent = out->count + exponent;
    while (out->count > 1 && out->digits[out->count - 1] == '0') out->count--;
}

/* Up to 15 digits: when d = m / 10^k with m below 10^15 and k at most 22, both exact, division rounds as reading does, and no
 * other decimal of 15 digits reads as d. */
static bool shortest_easy(double d, Decimal *out) {
    static const double powers[] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    for (int k = 0; k <= 22; k++) {
        double scaled = d * powers[k];
        if (scaled >= 1e15) return false;
        uint64_t m = (uint64_t)(scaled + 0.5);
        if ((double)m / powers[k] != d) continue;
        decimal_set(out, m, -k);
        return true;
    }
    return false;
}

/* The state of digit generation: value / scale lies in [0, 10); half the distances to the neighbours, in the same scale. */
typedef struct Digits { Big value, scale, below, above; bool inclusive; } Digits;

/* d = m * 2^e; set value / scale = d, doubled so that half distances are whole. */
static void digits_begin(Digits *s, uint64_t m, int e, bool uneven) {
    int up = e > 0 ? e : 0, down = e < 0 ? -e : 0, doubled = uneven ? 2 : 1;
    s->inclusive = m % 2 == 0;      /* reading rounds to even: the boundary itself reads as d */
    big_set(&s->value, m);
    big_shift(&s->value, up + doubled);
    big_set(&s->scale, 1);
    big_shift(&s->scale, down + doubled);
    big_set(&s->below, 1);
    big_shift(&s->below, up);
    s->above = s->below;
    if (uneven) big_shift(&s->above, 1);
}

static bool above_reaches(const Digits *s) { return compare_sum(&s->value, &s->above, &s->scale) >= (s->inclusive ? 0 : 1); }
static bool below_reaches(const Digits *s) { return big_compare(&s->value, &s->below) < (s->inclusive ? 1 : 0); }

static void digits_times10(Digits *s) {
    big_multiply(&s->value, 10);
    big_multiply(&s->below, 10);
    big_multiply(&s->above, 10);
}

/* Scale so that the first digit comes next; the decimal exponent. The estimate is exact or one too small. */
static int digits_scale(Digits *s, double d) {
    int exponent = (int)ceil(log10(d) - 1e-10);
    if (exponent >= 0) big_power10(&s->scale, exponent);
    else {
        big_power10(&s->value, -exponent);
        big_power10(&s->below, -exponent);
        big_power10(&s->above, -exponent);
    }
    if (above_reaches(s)) return exponent + 1;
    digits_times10(s);
    return exponent;
}

static int next_digit(Digits *s) {
    int digit = 0;
    for (; big_compare(&s->value, &s->scale) >= 0; digit++) big_subtract(&s->value, &s->scale);
    return digit;
}

static void shortest_exact(double d, Decimal *out) {
    int e;
    uint64_t m = (uint64_t)ldexp(frexp(d, &e), 53);
    e -= 53;
    if (e < -1074) m >>= -1074 - e, e = -1074;      /* subnormal: exact, those bits are 0 */
    Digits s;
    digits_begin(&s, m, e, m == UINT64_C(1) << 52 && e > -1074);
    out->exponent = digits_scale(&s, d);
    out->count = 0;
    for (;;) {
        int digit = next_digit(&s);
        bool low = below_reaches(&s), high = above_reaches(&s);
        if (low && high) {
            int half = compare_sum(&s.value, &s.value, &s.scale);
            high = half > 0 || (half == 0 && digit % 2 == 1);
        }
        out->digits[out->count++] = (char)('0' + digit + (high ? 1 : 0));
        if (low || high) return;
        digits_times10(&s);
    }
}

/* --- Python's repr form --- */
static size_t put_text(char *out, const char *text) {
    size_t length = strlen(text);
    memcpy(out, text, length);
    return length;
}

static size_t format_fixed(const Decimal *d, char *out) {
    char *at = out;
    if (d->exponent <= 0) {
        at += put_text(at, "0.");
        for (int i = d->exponent; i < 0; i++) *at++ = '0';
    }
    for (int i = 0; i < d->count || i < d->exponent; i++) {
        if (i == d->exponent && i > 0) *at++ = '.';
        *at++ = i < d->count ? d->digits[i] : '0';
    }
    if (d->exponent >= d->count) at += put_text(at, ".0");
    return (size_t)(at - out);
}

static size_t format_scientific(const Decimal *d, char *out) {
    char *at = out;
    *at++ = d->digits[0];
    if (d->count > 1) *at++ = '.';
    for (int i = 1; i < d->count; i++) *at++ = d->digits[i];
    int exponent = d->exponent - 1;
    *at++ = 'e';
    *at++ = exponent < 0 ? '-' : '+';
    if (exponent < 0) exponent = -exponent;
    if (exponent < 10) *at++ = '0';
    return (size_t)(at - out) + format_unsigned((uint64_t)exponent, at);
}

size_t format_double(double d, char *out) {
    if (isnan(d)) return put_text(out, "nan");
    size_t sign = signbit(d) ? put_text(out, "-") : 0;
    out += sign;
    d = fabs(d);
    if (isinf(d)) return sign + put_text(out, "inf");
    if (d == 0) return sign + put_text(out, "0.0");
    Decimal decimal;
    if (!shortest_easy(d, &decimal)) shortest_exact(d, &decimal);
    bool fixed = decimal.exponent > -4 && decimal.exponent <= 16;
    return sign + (fixed ? format_fixed(&decimal, out) : format_scientific(&decimal, out));
}

int order_numbers(Value a, Value b) {
    if (is_int(a) && is_int(b)) return (int_int(a) > int_int(b)) - (int_int(a) < int_int(b));
    if (is_float(a) && is_float(b)) {
        double x = float_double(a), y = float_double(b);
        return x < y ? -1 : x > y ? 1 : x == y ? 0 : 2;
    }
    if (is_bigint(a) || is_bigint(b)) return bigint_order(a, b);
    if (is_float(a)) {
        int r = order_numbers(b, a);
        return r == 2 ? 2 : -r;
    }
    int64_t x = int_int(a);
    double y = float_double(b);
    if (y != y) return 2;
    if (y >= 9223372036854775808.0) return -1;
    if (y < -9223372036854775808.0) return 1;
    int64_t whole = (int64_t)y;                     /* truncated toward zero */
    if (x != whole) return x < whole ? -1 : 1;
    double rest = y - (double)whole;
    return rest > 0 ? -1 : rest < 0;
}
