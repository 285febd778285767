/* What the files of primitives share. Any primitive can meet any values: each checks all of its arguments. */
#ifndef MYNA_PRIM_H
#define MYNA_PRIM_H
#include "runtime.h"
#include "primitives.h"

/* The primitive's end: false for V_UNSET, else *result is written. */
static inline bool give(Value *result, Value v) {
    if (v == V_UNSET) return false;
    *result = v;
    return true;
}

static inline bool need(Process *p, Value v, int type, const char *what) {
    return is_type(v, type) || error_raise(p, ERROR_CAST, "%s is not %s", type_name(v, false), what);
}
static inline bool need_list(Process *p, Value v) { return need(p, v, T_LIST, "a list"); }
static inline bool need_map(Process *p, Value v) { return need(p, v, T_MAP, "a map"); }

/* MAY_COLLECT RAISES: a string in *slot, flat from now on. */
static inline bool need_string(Process *p, Value *slot) {
    if (!is_string(*slot)) return error_raise(p, ERROR_CAST, "%s is not a string", type_name(*slot, false));
    return string_flat(p, slot) != V_UNSET;
}

static inline bool need_int(Process *p, Value v, int64_t *out) {
    if (!is_int(v)) return error_raise(p, ERROR_CAST, "%s is not an int", type_name(v, false));
    *out = int_int(v);
    return true;
}

/* The bounds of a part of something that has `length` items; an unset `to` is the end. */
static inline bool need_range(Process *p, const Value *bounds, int64_t length, int64_t *from, int64_t *to) {
    *to = length;
    if (!need_int(p, bounds[0], from) || (bounds[1] != V_UNSET && !need_int(p, bounds[1], to))) return false;
    return (0 <= *from && *from <= *to && *to <= length) ||
        error_raise(p, ERROR_INDEX, "slice %lld..%lld is out of range for length %lld", (long long)*from, (long long)*to, (long long)length);
}

bool parse_int(const String *s, int base, int64_t *out);     /* prim.c: an optionally signed number that fills the string */
bool parse_float(const String *s, double *out);
#endif
