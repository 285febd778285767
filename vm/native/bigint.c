/* Bigints: whole numbers of any size, a sign and a natural number (natural.h).
 *
 * Invariants: the last limb is not 0; zero has no limbs and is not negative. Nothing changes a bigint that was given away.
 * Operands are looked at (`look`) only after the last allocation, which may have moved them. */
#include <math.h>
#include <stdlib.h>
#include "natural.h"
#include "runtime.h"
#include "runtime_api.h"

enum { LIMBS_MAX = 1 << 25 };       /* 2^30 bits: beyond that, a program is out of memory though the system may have more */

/* The magnitude and sign of an int or a bigint. */
typedef struct Number { const Limb *limbs; int64_t count; bool negative; Limb small[2]; } Number;

static void set_small(Number *n, uint64_t magnitude, bool negative) {
    n->small[0] = (Limb)magnitude;
    n->small[1] = (Limb)(magnitude >> LIMB_BITS);
    n->limbs = n->small;
    n->count = nat_trim(n->small, 2);
    n->negative = negative;
}

static void look(Number *n, Value v) {
    if (is_bigint(v)) {
        n->limbs = AS(Bigint, v)->limbs;
        n->count = AS(Bigint, v)->length;
        n->negative = header_of(v)->aux;
    } else {
        int64_t i = int_int(v);
        set_small(n, i < 0 ? 0 - (uint64_t)i : (uint64_t)i, i < 0);
    }
}

static int64_t count_of(Value v) {
    Number n;
    look(&n, v);
    return n.count;
}

/* MAY_COLLECT RAISES (NULL): room for a number; `settle` makes it one. */
static Bigint *bigint_alloc(Process *p, int64_t limbs) {
    if (limbs > LIMBS_MAX) {
        error_raise(p, ERROR_MEMORY, "out of memory");
        return NULL;
    }
    Bigint *b = heap_new(p, sizeof(Bigint) + (size_t)limbs * sizeof(Limb), HEADER(T_BIGINT, 0, 0, 0));
    if (b) b->length = limbs;
    return b;
}

static bool settle(Value *dst, Bigint *b, bool negative) {
    b->length = nat_trim(b->limbs, b->length);
    ((Header *)b)->aux = negative && b->length;
    *dst = ref(b);
    return true;
}

/* Memory beside the heap; NULL: none, and an error is raised. MAY_COLLECT */
static Limb *scratch_new(Process *p, int64_t limbs) {
    Limb *memory = NULL;
    if (heap_external(p, limbs * (int64_t)sizeof(Limb))) {
        memory = malloc((size_t)limbs * sizeof(Limb));
        if (!memory) heap_external(p, -limbs * (int64_t)sizeof(Limb));
    }
    if (!memory) error_raise(p, ERROR_MEMORY, "out of memory");
    return memory;
}

static void scratch_free(Process *p, Limb *memory, int64_t limbs) {
    free(memory);
    heap_external(p, -limbs * (int64_t)sizeof(Limb));
}

Value bigint_of_int(Process *p, int64_t i) {
    Value made;
    Bigint *b = bigint_alloc(p, 2);
    if (!b) return V_UNSET;
    uint64_t magnitude = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
    b->limbs[0] = (Limb)magnitude;
    b->limbs[1] = (Limb)(magnitude >> LIMB_BITS);
    settle(&made, b, i < 0);
    return made;
}

Value bigint_constant(Machine *m, const uint32_t *limbs, int64_t count, bool negative) {
    if (count > LIMBS_MAX || count != nat_trim(limbs, count) || (negative && !count)) return V_UNSET;
    Bigint *b = machine_new_object(m, sizeof(Bigint) + (size_t)count * sizeof(Limb), HEADER(T_BIGINT, negative, 0, 0));
    if (!b) return V_UNSET;
    b->length = count;
    memcpy(b->limbs, limbs, (size_t)count * sizeof(Limb));
    return ref(b);
}

/* --- arithmetic; a and b are roots --- */

static bool add(Process *p, Value *dst, const Value *a, const Value *b, bool subtract) {
    int64_t n = count_of(*a), m = count_of(*b);
    Bigint *sum = bigint_alloc(p, (n > m ? n : m) + 1);
    if (!sum) return false;
    Number x, y;
    look(&x, *a);
    look(&y, *b);
    bool negative = x.negative, other = y.negative != subtract;
    const Number *longer = &x, *shorter = &y;
    if (nat_compare(x.limbs, x.count, y.limbs, y.count) < 0) longer = &y, shorter = &x, negative = other;
    if (x.negative == other) {
        nat_add(sum->limbs, longer->limbs, longer->count, shorter->limbs, shorter->count);
        sum->length = longer->count + 1;
    } else {
        nat_sub(sum->limbs, longer->limbs, longer->count, shorter->limbs, shorter->count);
        sum->length = longer->count;
    }
    return settle(dst, sum, negative);
}

static bool multiply(Process *p, Value *dst, const Value *a, const Value *b) {
    if (count_of(*a) < count_of(*b)) {
        const Value *swap = a;
        a = b;
        b = swap;
    }
    int64_t n = count_of(*a), m = count_of(*b), room = nat_multiply_scratch(n, m);
    Limb *scratch = room ? scratch_new(p, room) : NULL;
    if (room && !scratch) return false;
    Bigint *product = bigint_alloc(p, n + m);
    bool done = false;
    Number x, y;
    if (product) {
        look(&x, *a);
        look(&y, *b);
        done = nat_multiply(p, product->limbs, x.limbs, n, y.limbs, m, scratch);
    }
    if (room) scratch_free(p, scratch, room);
    if (!done) return product ? rt_poll(p) : false;
    return settle(dst, product, x.negative != y.negative);
}

/* Truncated toward zero; the remainder has the sign of a. */
static bool divide(Process *p, Value *dst, const Value *a, const Value *b, bool remainder) {
    int64_t n = count_of(*a), m = count_of(*b);
    if (m == 0) return error_raise(p, ERROR_ARITHMETIC, "division by zero");
    if (n < m) n = m;                               /* zeros above */
    int64_t quotient_count = n - m + 1, room = n + quotient_count + 2 * m + n + 3;
    Limb *scratch = scratch_new(p, room);
    if (!scratch) return false;
    Bigint *result = bigint_alloc(p, remainder ? m : quotient_count);
    bool done = false;
    Number x, y;
    if (result) {
        look(&x, *a);
        look(&y, *b);
        Limb *dividend = scratch, *other = dividend + n, *work = other + (remainder ? quotient_count : m);
        memset(dividend, 0, (size_t)n * sizeof(Limb));
        memcpy(dividend, x.limbs, (size_t)x.count * sizeof(Limb));
        done = nat_divide(p, remainder ? other : result->limbs, remainder ? result->limbs : other, dividend, n, y.limbs, m, work);
    }
    scratch_free(p, scratch, room);
    if (!done) return result ? rt_poll(p) : false;
    return settle(dst, result, remainder ? x.negative : x.negative != y.negative);
}

/* --- bits: negative numbers as if in two's complement with endless ones before it --- */

static Limb limb_at(const Number *n, int64_t i, uint64_t *carry) {
    Limb limb = i < n->count ? n->limbs[i] : 0;
    if (!n->negative) return limb;
    *carry += (Limb)~limb;
    limb = (Limb)*carry;
    *carry >>= LIMB_BITS;
    return limb;
}

static Limb combine(char op, Limb a, Limb b) { return op == '&' ? a & b : op == '|' ? a | b : a ^ b; }

static bool bitwise(Process *p, char op, Value *dst, const Value *a, const Value *b) {
    int64_t n = count_of(*a), m = count_of(*b), count = (n > m ? n : m) + 1;
    Bigint *result = bigint_alloc(p, count);
    if (!result) return false;
    Number x, y;
    look(&x, *a);
    look(&y, *b);
    bool negative = combine(op, x.negative, y.negative);
    uint64_t carry_x = 1, carry_y = 1, carry = 1;
    for (int64_t i = 0; i < count; i++) {
        Limb limb = combine(op, limb_at(&x, i, &carry_x), limb_at(&y, i, &carry_y));
        if (negative) {
            carry += (Limb)~limb;
            limb = (Limb)carry;
            carry >>= LIMB_BITS;
        }
        result->limbs[i] = limb;
    }
    return settle(dst, result, negative);
}

bool bigint_arith(Process *p, char op, Value *dst, Value a, Value b) {
    const Value *left = root_push(p, a), *right = root_push(p, b);
    bool ok;
    switch (op) {
    case '+': case '-': ok = add(p, dst, left, right, op == '-'); break;
    case '*': ok = multiply(p, dst, left, right); break;
    case '/': case '%': ok = divide(p, dst, left, right, op == '%'); break;
    default: ok = bitwise(p, op, dst, left, right);
    }
    root_pop(p, 2);
    return ok;
}

bool bigint_negate(Process *p, Value *dst, Value a) { return bigint_arith(p, '-', dst, fixnum(0), a); }
bool bigint_invert(Process *p, Value *dst, Value a) { return bigint_arith(p, '-', dst, fixnum(-1), a); }

bool bigint_power(Process *p, Value *dst, Value base, int64_t exponent) {
    int64_t bits = bigint_bits(base);
    if (bits > 1 && exponent / LIMB_BITS > LIMBS_MAX / (bits - 1)) return error_raise(p, ERROR_MEMORY, "out of memory");
    Value *square = root_push(p, base), *power = root_push(p, bigint_of_int(p, 1));
    bool ok = *power != V_UNSET;
    while (ok && exponent) {
        if (exponent & 1) ok = bigint_arith(p, '*', power, *power, *square);
        exponent >>= 1;
        if (ok && exponent) ok = bigint_arith(p, '*', square, *square, *square);
    }
    if (ok) *dst = *power;
    root_pop(p, 2);
    return ok;
}

static bool shift_left(Process *p, Value *dst, const Value *a, int64_t bits) {
    int64_t n = count_of(*a), words = bits / LIMB_BITS;
    if (n == 0) words = bits = 0;
    Bigint *result = bigint_alloc(p, n + words + 1);
    if (!result) return false;
    Number x;
    look(&x, *a);
    memset(result->limbs, 0, (size_t)words * sizeof(Limb));
    nat_shift_left(result->limbs + words, x.limbs, n, (int)(bits % LIMB_BITS));
    return settle(dst, result, x.negative);
}

/* Rounded down, as bits fall off: a negative number that loses a one is one less. */
static bool shift_right(Process *p, Value *dst, const Value *a, int64_t bits) {
    int64_t n = count_of(*a), words = bits / LIMB_BITS;
    if (words > n) words = n;
    Bigint *result = bigint_alloc(p, n - words + 1);
    if (!result) return false;
    Number x;
    look(&x, *a);
    bool lost = words > 0 && nat_trim(x.limbs, words) > 0;
    if (words < n) lost = lost || x.limbs[words] & (((Limb)1 << bits % LIMB_BITS) - 1);
    nat_shift_right(result->limbs, x.limbs + words, n - words, (int)(bits % LIMB_BITS));
    nat_multiply_small(result->limbs, result->limbs, n - words, 1, x.negative && lost);
    return settle(dst, result, x.negative);
}

bool bigint_shift(Process *p, Value *dst, Value a, Value count, bool left) {
    int64_t bits;
    if (!bigint_int(count, &bits)) bits = header_of(count)->aux ? -1 : INT64_MAX;
    if (bits < 0) return error_raise(p, ERROR_VALUE, "the shift count is negative");
    const Value *number = root_push(p, a);
    bool ok = left ? shift_left(p, dst, number, bits) : shift_right(p, dst, number, bits);
    root_pop(p, 1);
    return ok;
}

/* --- other numbers --- */

bool bigint_int(Value v, int64_t *out) {
    Number n;
    look(&n, v);
    if (n.count > 2) return false;
    uint64_t magnitude = (n.count > 1 ? (uint64_t)n.limbs[1] << LIMB_BITS : 0) | (n.count > 0 ? n.limbs[0] : 0);
    if (magnitude > (uint64_t)INT64_MAX + n.negative) return false;
    *out = n.negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
    return true;
}

double bigint_double(Value v) {
    Number n;
    look(&n, v);
    uint64_t top = 0;           /* the highest 64 bits; the last of them is set if any below is, so that rounding sees it */
    int64_t below = 0;
    if (n.count <= 2) {
        for (int64_t i = n.count; i-- > 0;) top = top << LIMB_BITS | n.limbs[i];
    } else {
        const Limb *high = n.limbs + n.count - 3;
        int shift = __builtin_clz(high[2]);
        top = (uint64_t)high[2] << LIMB_BITS | high[1];
        if (shift) top = top << shift | high[0] >> (LIMB_BITS - shift);
        top |= (Limb)(high[0] << shift) || nat_trim(n.limbs, n.count - 3);
        below = (n.count - 2) * LIMB_BITS - shift;
    }
    double d = ldexp((double)top, below > 2000 ? 2000 : (int)below);
    return n.negative ? -d : d;
}

enum { DOUBLE_LIMBS = 36 };     /* 1024 bits, and what shifting writes beyond them */

/* The limbs of the whole part of a finite double that is not negative. */
static int64_t double_limbs(double d, Limb *out) {
    int exponent;
    uint64_t mantissa = (uint64_t)ldexp(frexp(d, &exponent), 53);
    exponent -= 53;
    Limb pair[2];
    if (exponent < 0) mantissa >>= -exponent > 63 ? 63 : -exponent, exponent = 0;
    pair[0] = (Limb)mantissa;
    pair[1] = (Limb)(mantissa >> LIMB_BITS);
    int words = exponent / LIMB_BITS;
    memset(out, 0, (size_t)words * sizeof(Limb));
    nat_shift_left(out + words, pair, 2, exponent % LIMB_BITS);
    return nat_trim(out, words + 3);
}

Value bigint_of_double(Process *p, double d) {
    if (!isfinite(d)) return error_raise(p, ERROR_OVERFLOW, "the float does not fit a bigint"), V_UNSET;
    Limb limbs[DOUBLE_LIMBS];
    int64_t count = double_limbs(fabs(d), limbs);
    Bigint *b = bigint_alloc(p, count);
    if (!b) return V_UNSET;
    memcpy(b->limbs, limbs, (size_t)count * sizeof(Limb));
    Value made;
    settle(&made, b, d < 0);
    return made;
}

static int order_float(Value a, double d) {
    if (d != d) return 2;
    if (isinf(d)) return d > 0 ? -1 : 1;
    Number x;
    look(&x, a);
    if (x.negative != (d < 0)) return x.negative ? -1 : 1;
    Limb limbs[DOUBLE_LIMBS];
    int order = nat_compare(x.limbs, x.count, limbs, double_limbs(fabs(d), limbs));
    if (order == 0 && trunc(d) != d) order = -1;
    return x.negative ? -order : order;
}

int bigint_order(Value a, Value b) {
    if (is_float(b)) return order_float(a, float_double(b));
    if (is_float(a)) {
        int r = order_float(b, float_double(a));
        return r == 2 ? 2 : -r;
    }
    Number x, y;
    look(&x, a);
    look(&y, b);
    if (x.negative != y.negative) return x.negative ? -1 : 1;
    int order = nat_compare(x.limbs, x.count, y.limbs, y.count);
    return x.negative ? -order : order;
}

uint32_t bigint_hash(Value v) {
    double d = bigint_double(v);
    if (order_float(v, d) == 0) return hash_bytes(&d, sizeof d);
    return hash_bytes(AS(Bigint, v)->limbs, (size_t)AS(Bigint, v)->length * sizeof(Limb));
}

int64_t bigint_bits(Value v) {
    Number n;
    look(&n, v);
    return n.count ? n.count * LIMB_BITS - __builtin_clz(n.limbs[n.count - 1]) : 0;
}

/* --- text --- */

Value bigint_parse(Process *p, Value *text, int base) {
    const String *s = AS(String, *text);
    int64_t at = s->length > 0 && (s->bytes[0] == '-' || s->bytes[0] == '+'), length = s->length;
    if (at == length) return V_UNSET;
    for (int64_t i = at; i < length; i++)
        if (digit_value(s->bytes[i]) >= base) return V_UNSET;
    int bits = LIMB_BITS - __builtin_clz((unsigned)base - 1);       /* of a digit, at most */
    Bigint *b = bigint_alloc(p, (length - at) * bits / LIMB_BITS + 2);
    if (!b) return V_UNSET;
    s = AS(String, *text);
    int64_t count = 0;
    while (at < length) {
        Limb factor = 1, digits = 0;
        for (; at < length && factor <= UINT32_MAX / (Limb)base; at++, factor *= (Limb)base) digits = digits * (Limb)base + (Limb)digit_value(s->bytes[at]);
        nat_multiply_small(b->limbs, b->limbs, count, factor, digits);
        count = nat_trim(b->limbs, count + 1);
        if (p->interrupted) return rt_poll(p), V_UNSET;
    }
    b->length = count;
    Value made;
    settle(&made, b, s->bytes[0] == '-');
    return made;
}

char *bigint_text(Process *p, Value v, int64_t *length) {
    Number n;
    look(&n, v);
    char *text = malloc((size_t)nat_text_size(n.count) + 1);
    bool no_memory;
    if (!text) return NULL;
    text[0] = '-';
    *length = nat_text(p, n.limbs, n.count, text + n.negative, &no_memory);
    if (*length < 0) return free(text), NULL;
    *length += n.negative;
    return text;
}
