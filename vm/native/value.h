/* Tagged values and object headers: the C view of vm/layout.py.
 *
 * Invariant: a Value is always one of the forms described there; `deref` is only applied to references. */
#ifndef MYNA_VALUE_H
#define MYNA_VALUE_H
#include <stdbool.h>
#include <string.h>
#include "layout.h"

#define FIXNUM_MAX ((INT64_C(1) << 62) - 1)
#define FIXNUM_MIN (-(INT64_C(1) << 62))

static inline bool is_fixnum(Value v) { return (v & 1) == 0; }
static inline bool is_ref(Value v) { return (v & REF_MASK) == REF_TAG; }
static inline bool is_flonum(Value v) { return (v & FLONUM_MASK) == FLONUM_TAG || v == FLONUM_ZERO; }  /* a float in the word itself */
static inline bool is_bool(Value v) { return (v | V_TRUE_BIT) == V_TRUE; }
static inline int64_t fixnum_int(Value v) { return (int64_t)v >> FIXNUM_SHIFT; }
static inline Value fixnum(int64_t i) { return (Value)i << FIXNUM_SHIFT; }
static inline bool fits_fixnum(int64_t i) { return i >= FIXNUM_MIN && i <= FIXNUM_MAX; }
static inline Value boolean(bool b) { return b ? V_TRUE : V_FALSE; }
static inline void *deref(Value v) { return (void *)(v - REF_TAG); }
static inline Value ref(const void *object) { return (Value)(uintptr_t)object + REF_TAG; }

static inline uint64_t rotl3(uint64_t x) { return x << 3 | x >> 61; }
static inline uint64_t rotr3(uint64_t x) { return x >> 3 | x << 61; }

/* The double of a flonum or of the constant zero. */
static inline double flonum_double(Value v) {
    uint64_t bits = v == FLONUM_ZERO ? 0 : rotr3(v) - FLONUM_BIAS;
    double d;
    memcpy(&d, &bits, 8);
    return d;
}
/* Try to encode `d` as a flonum; false when it must be boxed (-0.0, huge, tiny, infinite, NaN). */
static inline bool double_flonum(double d, Value *out) {
    uint64_t bits;
    memcpy(&bits, &d, 8);
    if (bits == 0) { *out = FLONUM_ZERO; return true; }
    Value v = rotl3(bits + FLONUM_BIAS);
    if ((v & FLONUM_MASK) != FLONUM_TAG) return false;
    *out = v;
    return true;
}

/* Header word: type:8 aux:8 gc:8 inl:8 id:32, from the low bits up. */
#define HEADER(type, aux, inl, id) ((uint64_t)(type) | (uint64_t)(aux) << 8 | (uint64_t)(inl) << 24 | (uint64_t)(id) << 32)
typedef struct Header { uint8_t type, aux, gc, inl; uint32_t id; } Header;

static inline Header *header_of(Value v) { return (Header *)deref(v); }
static inline int type_of(Value v) { return header_of(v)->type; }            /* v must be a reference */
static inline bool is_type(Value v, int type) { return is_ref(v) && type_of(v) == type; }
static inline bool is_string(Value v) { return is_ref(v) && type_of(v) <= T_ROPE; }
static inline bool is_float(Value v) { return is_flonum(v) || is_type(v, T_FLOAT); }
static inline bool is_int(Value v) { return is_fixnum(v) || is_type(v, T_INT); }
static inline bool is_bigint(Value v) { return is_type(v, T_BIGINT); }
static inline bool is_number(Value v) { return is_int(v) || is_float(v) || is_bigint(v); }
static inline double float_double(Value v) { return is_flonum(v) ? flonum_double(v) : ((Float *)deref(v))->value; }
static inline int64_t int_int(Value v) { return is_fixnum(v) ? fixnum_int(v) : ((Int *)deref(v))->value; }
#define AS(Type, v) ((Type *)deref(v))
#endif
