/* Arithmetic and comparison beyond the handlers' fast paths: boxed numbers, mixed operands, strings, errors.
 *
 * Invariant: operands are read through register slots; results are written only after the last thing that can fail. */
#include "runtime.h"
#include "runtime_api.h"
#include "primitives.h"
#include "class.h"
#include "frame.h"
#include <math.h>

static bool plain_number(Value v) { return is_int(v) || is_float(v); }
/* Of both int and bigint, when they are not both ints. */
static bool two_integers(Value a, Value b) { return (is_bigint(a) && (is_int(b) || is_bigint(b))) || (is_int(a) && is_bigint(b)); }
static double to_double(Value v) { return is_int(v) ? (double)int_int(v) : float_double(v); }

static bool put_int(Process *p, Value *dst, int64_t i) {
    Value v = int_value(p, i);
    if (v == V_UNSET) return false;
    *dst = v;
    return true;
}

static bool put_float(Process *p, Value *dst, double d) {
    Value v = float_value(p, d);
    if (v == V_UNSET) return false;
    *dst = v;
    return true;
}

static bool wrong_operands(Process *p, const char *op, Value a, Value b) {
    bool c = in_classic(p);
    const char *why = is_type(b, T_OBJECT) && !is_type(a, T_OBJECT) ? ": only the left operand's class can have it" : "";
    return error_raise(p, ERROR_CAST, "%s and %s do not support %s%s", type_name(a, c), type_name(b, c), op, why);
}

static bool overflow(Process *p) { return error_raise(p, ERROR_OVERFLOW, "the result does not fit an int"); }
static bool by_zero(Process *p) { return error_raise(p, ERROR_ARITHMETIC, in_classic(p) ? "divide by zero" : "division by zero"); }

/* dst := a + b where one side is a string: both in printed form, joined. */
static bool concat(Process *p, Value *dst, Value a, Value b) {
    bool c = in_classic(p);
    Value *left = root_push(p, a), *right = root_push(p, b);
    if (!is_string(a)) *left = value_to_string(p, left, c);
    if (*left != V_UNSET && !is_string(b)) *right = value_to_string(p, right, c);
    Value joined = *left == V_UNSET || *right == V_UNSET ? V_UNSET : string_concat(p, left, right);
    root_pop(p, 2);
    if (joined == V_UNSET) return false;
    *dst = joined;
    return true;
}

static bool concat_bytes(Process *p, Value *dst, Value a, Value b) {
    Value *left = root_push(p, a), *right = root_push(p, b);
    Value joined = bytes_concat(p, left, right);
    root_pop(p, 2);
    return joined != V_UNSET && (*dst = joined, true);
}

enum Kind { ADD, SUB, MUL, DIV, MOD };
static const char *const symbols[] = {"+", "-", "*", "/", "%"};

static bool int_arith(Process *p, enum Kind kind, Value *dst, int64_t a, int64_t b) {
    int64_t r = 0;
    switch (kind) {
    case ADD: if (__builtin_add_overflow(a, b, &r)) return overflow(p); break;
    case SUB: if (__builtin_sub_overflow(a, b, &r)) return overflow(p); break;
    case MUL: if (__builtin_mul_overflow(a, b, &r)) return overflow(p); break;
    case DIV:
        if (b == 0) return by_zero(p);
        if (b == -1 ? __builtin_sub_overflow((int64_t)0, a, &r) : (r = a / b, false)) return overflow(p);
        break;
    case MOD:
        if (b == 0) return by_zero(p);
        r = b == -1 ? 0 : a % b;
    }
    return put_int(p, dst, r);
}

static double float_arith(enum Kind kind, double a, double b) {
    switch (kind) {
    case ADD: return a + b;
    case SUB: return a - b;
    case MUL: return a * b;
    case DIV: return a / b;
    default: return fmod(a, b);
    }
}

static bool has_operator(Process *p, Value object, const char *name) {
    return is_type(object, T_OBJECT) && class_method(object_class(object), machine_intern(p->machine, name, strlen(name))) >= 0;
}

static bool arith(Process *p, enum Kind kind, Value *dst, Value a, Value b) {
    if (is_int(a) && is_int(b)) return int_arith(p, kind, dst, int_int(a), int_int(b));
    if (two_integers(a, b)) return bigint_arith(p, *symbols[kind], dst, a, b);
    if (plain_number(a) && plain_number(b)) return put_float(p, dst, float_arith(kind, to_double(a), to_double(b)));
    if (is_type(a, T_OBJECT)) {
        Value args[] = {a, b};
        if (has_operator(p, a, symbols[kind]) || !(kind == ADD && is_string(b))) return object_operator(p, symbols[kind], args, 2, RESULT_REGISTER, dst);
    }
    if (kind == ADD && (is_string(a) || is_string(b))) return concat(p, dst, a, b);
    if (kind == ADD && is_type(a, T_BYTES) && is_type(b, T_BYTES)) return concat_bytes(p, dst, a, b);
    return wrong_operands(p, symbols[kind], a, b);
}

bool rt_add(Process *p, Value *dst, Value *a, Value *b) { return arith(p, ADD, dst, *a, *b); }
bool rt_sub(Process *p, Value *dst, Value *a, Value *b) { return arith(p, SUB, dst, *a, *b); }
bool rt_mul(Process *p, Value *dst, Value *a, Value *b) { return arith(p, MUL, dst, *a, *b); }
bool rt_div(Process *p, Value *dst, Value *a, Value *b) { return arith(p, DIV, dst, *a, *b); }
bool rt_mod(Process *p, Value *dst, Value *a, Value *b) { return arith(p, MOD, dst, *a, *b); }
bool rt_addi(Process *p, Value *dst, Value *a, int64_t i) { return arith(p, ADD, dst, *a, fixnum(i)); }
bool rt_subi(Process *p, Value *dst, Value *a, int64_t i) { return arith(p, SUB, dst, *a, fixnum(i)); }
bool rt_muli(Process *p, Value *dst, Value *a, int64_t i) { return arith(p, MUL, dst, *a, fixnum(i)); }
bool rt_divi(Process *p, Value *dst, Value *a, int64_t i) { return arith(p, DIV, dst, *a, fixnum(i)); }
bool rt_modi(Process *p, Value *dst, Value *a, int64_t i) { return arith(p, MOD, dst, *a, fixnum(i)); }
bool rt_addk(Process *p, Value *dst, Value *a, Value k) { return arith(p, ADD, dst, *a, k); }
bool rt_subk(Process *p, Value *dst, Value *a, Value k) { return arith(p, SUB, dst, *a, k); }
bool rt_mulk(Process *p, Value *dst, Value *a, Value k) { return arith(p, MUL, dst, *a, k); }
bool rt_divk(Process *p, Value *dst, Value *a, Value k) { return arith(p, DIV, dst, *a, k); }

bool rt_neg(Process *p, Value *dst, Value *a) {
    if (is_int(*a)) return int_arith(p, SUB, dst, 0, int_int(*a));
    if (is_float(*a)) return put_float(p, dst, -float_double(*a));
    if (is_bigint(*a)) return bigint_negate(p, dst, *a);
    if (is_type(*a, T_OBJECT)) return object_operator(p, "-()", a, 1, RESULT_REGISTER, dst);
    return error_raise(p, ERROR_CAST, "%s cannot be negated", type_name(*a, in_classic(p)));
}

/* What is no number or bool: an instance's class may have the operator. */
static bool other_operands(Process *p, const char *op, Value *dst, Value a, Value b) {
    if (!is_type(a, T_OBJECT)) return wrong_operands(p, op, a, b);
    Value args[] = {a, b};
    return object_operator(p, op, args, 2, RESULT_REGISTER, dst);
}

static bool both_ints(Value a, Value b) { return is_int(a) && is_int(b); }

bool rt_addw(Process *p, Value *dst, Value *a, Value *b) {
    if (!both_ints(*a, *b)) return other_operands(p, "+%", dst, *a, *b);
    return put_int(p, dst, (int64_t)((uint64_t)int_int(*a) + (uint64_t)int_int(*b)));
}
bool rt_subw(Process *p, Value *dst, Value *a, Value *b) {
    if (!both_ints(*a, *b)) return other_operands(p, "-%", dst, *a, *b);
    return put_int(p, dst, (int64_t)((uint64_t)int_int(*a) - (uint64_t)int_int(*b)));
}
bool rt_mulw(Process *p, Value *dst, Value *a, Value *b) {
    if (!both_ints(*a, *b)) return other_operands(p, "*%", dst, *a, *b);
    return put_int(p, dst, (int64_t)((uint64_t)int_int(*a) * (uint64_t)int_int(*b)));
}

static bool both_bools(Value a, Value b) { return is_bool(a) && is_bool(b); }

bool rt_bitand(Process *p, Value *dst, Value *a, Value *b) {
    if (both_bools(*a, *b)) return *dst = *a & *b, true;
    if (two_integers(*a, *b)) return bigint_arith(p, '&', dst, *a, *b);
    return both_ints(*a, *b) ? put_int(p, dst, int_int(*a) & int_int(*b)) : other_operands(p, "&", dst, *a, *b);
}
bool rt_bitor(Process *p, Value *dst, Value *a, Value *b) {
    if (both_bools(*a, *b)) return *dst = *a | *b, true;
    if (two_integers(*a, *b)) return bigint_arith(p, '|', dst, *a, *b);
    return both_ints(*a, *b) ? put_int(p, dst, int_int(*a) | int_int(*b)) : other_operands(p, "|", dst, *a, *b);
}
bool rt_bitxor(Process *p, Value *dst, Value *a, Value *b) {
    if (both_bools(*a, *b)) return *dst = boolean(*a != *b), true;
    if (two_integers(*a, *b)) return bigint_arith(p, '^', dst, *a, *b);
    return both_ints(*a, *b) ? put_int(p, dst, int_int(*a) ^ int_int(*b)) : other_operands(p, "^", dst, *a, *b);
}

/* A shift count outside 0..63 is an error, as a silently different one would be a wrong result. */
static bool shift_count(Process *p, int64_t n) {
    return (n >= 0 && n < 64) || error_raise(p, ERROR_VALUE, "shift count %lld is not in 0..63", (long long)n);
}

bool rt_shl(Process *p, Value *dst, Value *a, Value *b) {
    if (two_integers(*a, *b)) return bigint_shift(p, dst, *a, *b, true);
    if (!both_ints(*a, *b)) return other_operands(p, "<<", dst, *a, *b);
    return shift_count(p, int_int(*b)) && put_int(p, dst, (int64_t)((uint64_t)int_int(*a) << int_int(*b)));
}
bool rt_shr(Process *p, Value *dst, Value *a, Value *b) {
    if (two_integers(*a, *b)) return bigint_shift(p, dst, *a, *b, false);
    if (!both_ints(*a, *b)) return other_operands(p, ">>", dst, *a, *b);
    return shift_count(p, int_int(*b)) && put_int(p, dst, int_int(*a) >> int_int(*b));
}
bool rt_bitnot(Process *p, Value *dst, Value *a) {
    if (is_bigint(*a)) return bigint_invert(p, dst, *a);
    if (is_type(*a, T_OBJECT)) return object_operator(p, "~", a, 1, RESULT_REGISTER, dst);
    if (!is_int(*a)) return error_raise(p, ERROR_CAST, "%s has no bits to invert", type_name(*a, in_classic(p)));
    return put_int(p, dst, ~int_int(*a));
}

/* --- classic: 32-bit integers, always fixnums --- */

static bool put32(Value *dst, uint32_t i) { *dst = fixnum((int32_t)i); return true; }

static bool classic_arith(Process *p, enum Kind kind, Value *dst, Value a, Value b) {
    if (kind == ADD && (is_string(a) || is_string(b))) return concat(p, dst, a, b);
    if (!is_fixnum(a) || !is_fixnum(b)) return wrong_operands(p, symbols[kind], a, b);
    int32_t x = (int32_t)fixnum_int(a), y = (int32_t)fixnum_int(b);
    switch (kind) {
    case ADD: return put32(dst, (uint32_t)x + (uint32_t)y);
    case SUB: return put32(dst, (uint32_t)x - (uint32_t)y);
    case MUL: return put32(dst, (uint32_t)x * (uint32_t)y);
    default:
        if (y == 0) return by_zero(p);
        return put32(dst, y == -1 ? 0 - (uint32_t)x : (uint32_t)(x / y));
    }
}

bool rt_add32(Process *p, Value *dst, Value *a, Value *b) { return classic_arith(p, ADD, dst, *a, *b); }
bool rt_sub32(Process *p, Value *dst, Value *a, Value *b) { return classic_arith(p, SUB, dst, *a, *b); }
bool rt_mul32(Process *p, Value *dst, Value *a, Value *b) { return classic_arith(p, MUL, dst, *a, *b); }
bool rt_div32(Process *p, Value *dst, Value *a, Value *b) { return classic_arith(p, DIV, dst, *a, *b); }
bool rt_add32i(Process *p, Value *dst, Value *a, int64_t i) { return classic_arith(p, ADD, dst, *a, fixnum(i)); }
bool rt_sub32i(Process *p, Value *dst, Value *a, int64_t i) { return classic_arith(p, SUB, dst, *a, fixnum(i)); }
bool rt_neg32(Process *p, Value *dst, Value *a) {
    if (!is_fixnum(*a)) return error_raise(p, ERROR_CAST, "%s cannot be negated", type_name(*a, true));
    return put32(dst, 0 - (uint32_t)fixnum_int(*a));
}

bool rt_not_bool(Process *p, Value v) {
    bool c = in_classic(p);
    return error_raise(p, ERROR_CAST, "a %s is needed here, not %s", c ? "boolean" : "bool", type_name(v, c));
}

/* --- comparison --- */

bool satisfies(int order, enum Relation want) {
    static const uint8_t holds[] = {LT | LE, LE | GE, GT | GE, 0};   /* for -1, 0, 1, 2 */
    return holds[order + 1] & want;
}

/* Is one of them an instance whose class decides? By its operator, or by that of `b` with the sides exchanged, or by `compare`.
 * Gives 2. */
static int compare_objects(Process *p, Value a, Value b, enum Relation want) {
    static const char *const names[] = {[LT] = "<", [LE] = "<=", [GT] = ">", [GE] = ">="};
    enum Relation exchanged = want == LT ? GT : want == GT ? LT : want == LE ? GE : LE;
    Value forward[] = {a, b}, backward[] = {b, a};
    if (has_operator(p, a, names[want])) object_operator(p, names[want], forward, 2, RESULT_TRUTH, NULL);
    else if (has_operator(p, b, names[exchanged])) object_operator(p, names[exchanged], backward, 2, RESULT_TRUTH, NULL);
    else if (protocol_method(a, M_COMPARE)) operator_call(p, protocol_method(a, M_COMPARE), forward, 2, RESULT_ORDER | (int)want << 4, NULL);
    else if (protocol_method(b, M_COMPARE)) operator_call(p, protocol_method(b, M_COMPARE), backward, 2, RESULT_ORDER | (int)exchanged << 4, NULL);
    else error_raise(p, ERROR_CAST, "%s and %s cannot be ordered: %s has neither %s nor compare", type_name(a, false), type_name(b, false),
                     type_name(is_type(a, T_OBJECT) ? a : b, false), names[is_type(a, T_OBJECT) ? want : exchanged]);
    return 2;
}

static int compare(Process *p, Value *a, Value *b, enum Relation want) {
    bool c = in_classic(p);
    if (is_number(*a) && is_number(*b)) return satisfies(order_numbers(*a, *b), want);
    if (!c && is_string(*a) && is_string(*b)) {
        if (string_flat(p, a) == V_UNSET || string_flat(p, b) == V_UNSET) return 2;
        return satisfies(string_compare_flat(AS(String, *a), AS(String, *b)), want);
    }
    if (is_type(*a, T_BYTES) && is_type(*b, T_BYTES)) return satisfies(bytes_compare(*a, *b), want);
    if (is_type(*a, T_OBJECT) || is_type(*b, T_OBJECT)) return compare_objects(p, *a, *b, want);
    error_raise(p, ERROR_CAST, "%s and %s cannot be ordered", type_name(*a, c), type_name(*b, c));
    return 2;
}

static int compare_immediate(Process *p, Value *a, int64_t i, enum Relation want) {
    Value b = fixnum(i);
    return compare(p, a, &b, want);
}

int rt_lt(Process *p, Value *a, Value *b) { return compare(p, a, b, LT); }
int rt_le(Process *p, Value *a, Value *b) { return compare(p, a, b, LE); }
int rt_lti(Process *p, Value *a, int64_t i) { return compare_immediate(p, a, i, LT); }
int rt_lei(Process *p, Value *a, int64_t i) { return compare_immediate(p, a, i, LE); }
int rt_gti(Process *p, Value *a, int64_t i) { return compare_immediate(p, a, i, GT); }
int rt_gei(Process *p, Value *a, int64_t i) { return compare_immediate(p, a, i, GE); }

/* --- typed code --- */

bool rt_overflow(Process *p) { return overflow(p); }
bool rt_shift_count(Process *p, int64_t count) { return shift_count(p, count); }
bool rt_div_int(Process *p, int64_t *dst, int64_t a, int64_t b) {
    if (b == 0) return by_zero(p);
    if (b == -1) return !__builtin_sub_overflow((int64_t)0, a, dst) || overflow(p);
    *dst = a / b;
    return true;
}
bool rt_mod_int(Process *p, int64_t *dst, int64_t a, int64_t b) {
    if (b == 0) return by_zero(p);
    *dst = b == -1 ? 0 : a % b;
    return true;
}
bool rt_box_int(Process *p, Value *dst, int64_t i) { return put_int(p, dst, i); }
bool rt_box_float(Process *p, Value *dst, double d) { return put_float(p, dst, d); }

static bool cast_error(Process *p, Value v, const char *to) {
    return error_raise(p, ERROR_CAST, "%s is not %s", type_name(v, in_classic(p)), to);
}
bool rt_unbox_int(Process *p, Value *a, int64_t *dst) {
    if (!is_int(*a)) return cast_error(p, *a, "an int");
    *dst = int_int(*a);
    return true;
}
bool rt_unbox_float(Process *p, Value *a, int64_t *dst) {
    if (!plain_number(*a)) return cast_error(p, *a, "a float");
    double d = to_double(*a);
    memcpy(dst, &d, 8);
    return true;
}
bool rt_unbox_bool(Process *p, Value *a, int64_t *dst) {
    (void)dst;
    return cast_error(p, *a, "a bool");
}

/* --- compare, of what is ordered --- */

static bool number_compare(Process *p, Value *args, Value *result) {
    if (!is_number(args[0]) || !is_number(args[1])) return wrong_operands(p, "compare", args[0], args[1]);
    int order = order_numbers(args[0], args[1]);
    if (order == 2) return error_raise(p, ERROR_VALUE, "nan has no order");
    return *result = fixnum(order), true;
}
bool prim_int_compare(Process *p, Value *args, Value *result) { return number_compare(p, args, result); }
bool prim_float_compare(Process *p, Value *args, Value *result) { return number_compare(p, args, result); }
bool prim_bigint_compare(Process *p, Value *args, Value *result) { return number_compare(p, args, result); }
