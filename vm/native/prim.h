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

static inline Value *list_items(Value list) { return AS(Array, AS(List, list)->items)->items; }

/* Tell the collector of the items [from, to), which were moved or written without it. */
static inline void items_changed(Process *p, Value list, int64_t from, int64_t to) {
    Array *array = AS(Array, AS(List, list)->items);
    if (!(((Header *)array)->gc & GC_OLD)) return;
    for (int64_t i = from; i < to; i++) heap_barrier(p, array, &array->items[i], array->items[i]);
}

/* The bounds of a part of something that has `length` items; an unset `to` is the end. */
static inline bool need_range(Process *p, const Value *bounds, int64_t length, int64_t *from, int64_t *to) {
    *to = length;
    if (!need_int(p, bounds[0], from) || (bounds[1] != V_UNSET && !need_int(p, bounds[1], to))) return false;
    return (0 <= *from && *from <= *to && *to <= length) ||
        error_raise(p, ERROR_INDEX, "slice %lld..%lld is out of range for length %lld", (long long)*from, (long long)*to, (long long)length);
}

/* A primitive's last act: the library's method of this name, written in Myna, does what needs the program's methods. */
bool library_call(Process *p, const char *name, const Value *args, uint32_t count, Value *result);

/* --- numbers: prim.c --- */
bool need_number(Process *p, Value v, double *d);
bool double_to_int(Process *p, double d, Value *result);        /* MAY_COLLECT RAISES: *result is the int of a float without fraction */

/* --- strings --- */
static inline bool two_strings(Process *p, Value *args) { return need_string(p, &args[0]) && need_string(p, &args[1]); }
static inline bool not_empty(Process *p, Value part, const char *what) {
    return AS(String, part)->length > 0 || error_raise(p, ERROR_VALUE, "%s must not be empty", what);
}

/* The code point that begins at `at`; an invalid byte stands for itself. */
static inline uint32_t utf8_decode(const uint8_t *at, int size) {
    static const uint8_t first_bits[] = {0, 0xFF, 0x1F, 0x0F, 0x07};
    uint32_t code = at[0] & first_bits[size];
    for (int i = 1; i < size; i++) code = code << 6 | (at[i] & 0x3F);
    return code;
}
/* The bytes of a code point; how many. */
static inline int utf8_encode(uint32_t code, uint8_t *out) {
    if (code < 0x80) return out[0] = (uint8_t)code, 1;
    int size = code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (int i = size; --i > 0; code >>= 6) out[i] = (uint8_t)(0x80 | (code & 0x3F));
    out[0] = (uint8_t)(0xF00 >> size | code);
    return size;
}

int64_t not_utf8(const uint8_t *bytes, int64_t length);                   /* number of the first byte that begins no code point, or -1 */
int64_t find_bytes(const String *s, const String *part, int64_t from);  /* byte of the first `part` at or after byte `from`, or -1 */
int64_t points_before(const String *s, int64_t bytes);                  /* code points in the first `bytes` bytes */
bool push_part(Process *p, Value *list, Value *s, int64_t start, int64_t length);   /* MAY_COLLECT RAISES: append bytes of *s to *list */

Value set_new(Process *p);                                   /* MAY_COLLECT RAISES: an empty set; prim_set.c */
bool parse_int(const String *s, int base, int64_t *out);     /* prim.c: an optionally signed number that fills the string */
bool parse_float(const String *s, double *out);
#endif
