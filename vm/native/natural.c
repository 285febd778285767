/* Arithmetic of natural numbers of any size: see natural.h.
 *
 * Multiplication is Karatsuba's from KARATSUBA limbs on, division Knuth's algorithm D. Decimal text comes from dividing by
 * powers 10^(9 * 2^k): each half is half as long, so the cost is that of the first division. */
#include <stdlib.h>
#include "natural.h"

enum { SHORT_TEXT_LIMBS = 32 };

int64_t nat_trim(const Limb *a, int64_t n) {
    while (n && a[n - 1] == 0) n--;
    return n;
}

int nat_compare(const Limb *a, int64_t n, const Limb *b, int64_t m) {
    if (n != m) return n < m ? -1 : 1;
    while (n-- > 0)
        if (a[n] != b[n]) return a[n] < b[n] ? -1 : 1;
    return 0;
}

void nat_add(Limb *out, const Limb *a, int64_t n, const Limb *b, int64_t m) {
    uint64_t carry = 0;
    for (int64_t i = 0; i < n; i++) {
        carry += (uint64_t)a[i] + (i < m ? b[i] : 0);
        out[i] = (Limb)carry;
        carry >>= LIMB_BITS;
    }
    out[n] = (Limb)carry;
}

void nat_sub(Limb *out, const Limb *a, int64_t n, const Limb *b, int64_t m) {
    int64_t borrow = 0;
    for (int64_t i = 0; i < n; i++) {
        borrow += (int64_t)a[i] - (i < m ? b[i] : 0);
        out[i] = (Limb)borrow;
        borrow >>= LIMB_BITS;
    }
}

/* a (long enough for the carry) += b */
static void add_to(Limb *a, const Limb *b, int64_t m) {
    uint64_t carry = 0;
    int64_t i = 0;
    for (; i < m; i++) {
        carry += (uint64_t)a[i] + b[i];
        a[i] = (Limb)carry;
        carry >>= LIMB_BITS;
    }
    for (; carry; i++) {
        carry += a[i];
        a[i] = (Limb)carry;
        carry >>= LIMB_BITS;
    }
}

void nat_multiply_small(Limb *out, const Limb *a, int64_t n, Limb factor, Limb carry) {
    uint64_t sum = carry;
    for (int64_t i = 0; i < n; i++) {
        sum += (uint64_t)a[i] * factor;
        out[i] = (Limb)sum;
        sum >>= LIMB_BITS;
    }
    out[n] = (Limb)sum;
}

Limb nat_divide_small(Limb *quotient, const Limb *a, int64_t n, Limb divisor) {
    uint64_t rest = 0;
    for (int64_t i = n; i-- > 0;) {
        rest = rest << LIMB_BITS | a[i];
        quotient[i] = (Limb)(rest / divisor);
        rest %= divisor;
    }
    return (Limb)rest;
}

void nat_shift_left(Limb *out, const Limb *a, int64_t n, int bits) {
    for (int64_t i = n; i >= 0; i--) {
        uint64_t high = i < n ? a[i] : 0, low = i > 0 ? a[i - 1] : 0;
        out[i] = (Limb)((high << LIMB_BITS | low) << bits >> LIMB_BITS);
    }
}

void nat_shift_right(Limb *out, const Limb *a, int64_t n, int bits) {
    for (int64_t i = 0; i < n; i++) {
        uint64_t high = i + 1 < n ? a[i + 1] : 0;
        out[i] = (Limb)((high << LIMB_BITS | a[i]) >> bits);
    }
}

/* --- multiplication --- */

static bool multiply_simple(Process *p, Limb *out, const Limb *a, int64_t n, const Limb *b, int64_t m) {
    memset(out, 0, (size_t)(n + m) * sizeof(Limb));
    for (int64_t j = 0; j < m; j++) {
        uint64_t sum = 0, factor = b[j];
        for (int64_t i = 0; i < n; i++) {
            sum += a[i] * factor + out[i + j];
            out[i + j] = (Limb)sum;
            sum >>= LIMB_BITS;
        }
        out[j + n] = (Limb)sum;
        if (p->interrupted) return false;
    }
    return true;
}

/* Numbers of n limbs each, split after the low `half`: (a1 x + a0)(b1 x + b0) from three products. It takes 4 (half + 1) limbs of
 * scratch and what the product of half + 1 limbs takes: below nat_multiply_scratch(n, n). */
static bool karatsuba(Process *p, Limb *out, const Limb *a, const Limb *b, int64_t n, Limb *scratch) {
    if (n < KARATSUBA) return multiply_simple(p, out, a, n, b, n);
    int64_t half = (n + 1) / 2, rest = n - half, sum = half + 1;
    Limb *left = scratch, *right = left + sum, *middle = right + sum;
    scratch = middle + 2 * sum;
    nat_add(left, a, half, a + half, rest);
    nat_add(right, b, half, b + half, rest);
    if (!karatsuba(p, middle, left, right, sum, scratch)) return false;
    if (!karatsuba(p, out, a, b, half, scratch)) return false;
    if (!karatsuba(p, out + 2 * half, a + half, b + half, rest, scratch)) return false;
    nat_sub(middle, middle, 2 * sum, out, 2 * half);
    nat_sub(middle, middle, 2 * sum, out + 2 * half, 2 * rest);
    add_to(out + half, middle, nat_trim(middle, 2 * sum));
    return true;
}

bool nat_multiply(Process *p, Limb *out, const Limb *a, int64_t n, const Limb *b, int64_t m, Limb *scratch) {
    if (m < KARATSUBA) return multiply_simple(p, out, a, n, b, m);
    if (n == m) return karatsuba(p, out, a, b, n, scratch);
    Limb *part = scratch;
    scratch += 2 * m;
    memset(out, 0, (size_t)(n + m) * sizeof(Limb));
    for (int64_t at = 0; at < n; at += m) {         /* a in pieces as long as b */
        int64_t piece = n - at < m ? n - at : m;
        bool ok = piece == m ? karatsuba(p, part, a + at, b, m, scratch) : nat_multiply(p, part, b, m, a + at, piece, scratch);
        if (!ok) return false;
        add_to(out + at, part, nat_trim(part, piece + m));
    }
    return true;
}

/* --- division --- */

/* rest[0 .. m] -= b * digit; true when that is negative, and then 2^32 ^ (m + 1) too great. */
static bool subtract_product(Limb *rest, const Limb *b, int64_t m, Limb digit) {
    uint64_t product = 0;
    int64_t borrow = 0;
    for (int64_t i = 0; i < m; i++) {
        product += (uint64_t)b[i] * digit;
        borrow += (int64_t)rest[i] - (Limb)product;
        rest[i] = (Limb)borrow;
        product >>= LIMB_BITS;
        borrow >>= LIMB_BITS;
    }
    borrow += (int64_t)rest[m] - (int64_t)product;
    rest[m] = (Limb)borrow;
    return borrow < 0;
}

/* The next quotient digit from the top limbs, at most one too great then (Knuth, 4.3.1 D3). */
static Limb estimate(const Limb *rest, const Limb *b, int64_t m) {
    uint64_t top = (uint64_t)rest[m] << LIMB_BITS | rest[m - 1], digit = top / b[m - 1], left = top % b[m - 1];
    while (digit >> LIMB_BITS || digit * b[m - 2] > (left << LIMB_BITS | rest[m - 2])) {
        digit--;
        left += b[m - 1];
        if (left >> LIMB_BITS) break;
    }
    return (Limb)digit;
}

bool nat_divide(Process *p, Limb *quotient, Limb *remainder, const Limb *a, int64_t n, const Limb *b, int64_t m, Limb *scratch) {
    if (m == 1) {
        *remainder = nat_divide_small(quotient, a, n, *b);
        return true;
    }
    int shift = __builtin_clz(b[m - 1]);
    Limb *rest = scratch, *divisor = rest + n + 1;
    nat_shift_left(rest, a, n, shift);
    nat_shift_left(divisor, b, m, shift);
    for (int64_t j = n - m; j >= 0; j--) {
        Limb digit = estimate(rest + j, divisor, m);
        if (subtract_product(rest + j, divisor, m, digit)) {
            digit--;
            uint64_t carry = 0;
            for (int64_t i = 0; i < m; i++) {
                carry += (uint64_t)rest[j + i] + divisor[i];
                rest[j + i] = (Limb)carry;
                carry >>= LIMB_BITS;
            }
            rest[j + m] += (Limb)carry;
        }
        quotient[j] = digit;
        if (p->interrupted) return false;
    }
    nat_shift_right(remainder, rest, m, shift);
    return true;
}

/* --- text --- */

enum { DIGITS9 = 1000000000, POWERS = 40 };

/* powers[k] = 10^(9 * 2^k), each made when it is needed; all in one malloc'ed piece. */
typedef struct Texting { Process *p; Limb *powers[POWERS], *scratch; int64_t counts[POWERS]; } Texting;

/* Exactly `width` digits of a small number, which is destroyed, with zeros before it. */
static void short_text(Limb *a, int64_t n, char *out, int64_t width) {
    while (width > 0) {
        n = nat_trim(a, n);
        Limb digits = n ? nat_divide_small(a, a, n, DIGITS9) : 0;
        for (int i = 0; i < 9 && width > 0; i++, digits /= 10) out[--width] = (char)('0' + digits % 10);
    }
}

/* Exactly 9 * 2^k digits of a number below powers[k]; `a` is destroyed. `room` has 2n + 64 limbs and what the halves take. */
static bool long_text(Texting *t, Limb *a, int64_t n, int k, char *out, Limb *room) {
    n = nat_trim(a, n);
    int64_t width = (int64_t)9 << k;
    if (n <= SHORT_TEXT_LIMBS || k == 0) return short_text(a, n, out, width), true;
    const Limb *half = t->powers[k - 1];
    int64_t m = t->counts[k - 1];
    if (nat_compare(a, n, half, m) < 0) {
        memset(out, '0', (size_t)width / 2);
        return long_text(t, a, n, k - 1, out + width / 2, room);
    }
    Limb *quotient = room, *remainder = quotient + (n - m + 1);
    room = remainder + m;
    return nat_divide(t->p, quotient, remainder, a, n, half, m, t->scratch) && long_text(t, quotient, n - m + 1, k - 1, out, room)
        && long_text(t, remainder, m, k - 1, out + width / 2, room);
}

/* Square powers of ten until one exceeds the number; its k, or -1 when interrupted. */
static int make_powers(Texting *t, const Limb *a, int64_t n, Limb *memory) {
    int k = 0;
    t->powers[0] = memory;
    t->counts[0] = 1;
    memory[0] = DIGITS9;
    while (nat_compare(a, n, t->powers[k], t->counts[k]) >= 0) {
        int64_t count = t->counts[k];
        Limb *next = t->powers[k] + count;
        if (2 * count > n + 1) return k + 1;        /* the next power surely exceeds it: only its halves are divided by */
        if (!nat_multiply(t->p, next, t->powers[k], count, t->powers[k], count, t->scratch)) return -1;
        t->powers[++k] = next;
        t->counts[k] = nat_trim(next, 2 * count);
    }
    return k;
}

int64_t nat_text(Process *p, const Limb *a, int64_t n, char *out, bool *no_memory) {
    /* the powers take below 4n limbs, the number and its parts on the way down 4n, scratch the most that a step takes */
    int64_t parts = 4 * n + 64 * POWERS, scratch = nat_multiply_scratch(n + 2, n + 2) + 2 * n + 2, powers = 5 * n + 64;
    Limb *memory = malloc((size_t)(parts + scratch + powers) * sizeof(Limb));
    *no_memory = !memory;
    if (!memory) return -1;
    Texting t = {.p = p, .scratch = memory};
    Limb *number = memory + scratch + powers;
    memcpy(number, a, (size_t)n * sizeof(Limb));
    int k = make_powers(&t, a, n, memory + scratch);
    int64_t width = k < 0 ? 0 : (int64_t)9 << k, length = -1;
    char *digits = malloc((size_t)width + 1);
    *no_memory = !digits;
    if (digits && k >= 0 && long_text(&t, number, n, k, digits, number + n)) {
        int64_t zeros = 0;
        while (zeros < width - 1 && digits[zeros] == '0') zeros++;
        length = width - zeros;
        memcpy(out, digits + zeros, (size_t)length);
    }
    free(digits);
    free(memory);
    return length;
}
