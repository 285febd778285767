/* Arrays as programs see them: of fixed length, the elements unboxed numbers or bools in a packed array, else any values in an
 * array. Their methods.
 *
 * Invariants: as in prim.c. A packed array's element kind is the header's aux byte; an array that a program has is its own
 * object, never the shared empty one. */
#include "prim.h"
#include "runtime_api.h"
#include "type.h"

/* What a kind of element can hold. */
static const struct { const char *name; int64_t least, greatest; } kinds[ELEMENT_KINDS] = {
    [E_I8] = {"i8", INT8_MIN, INT8_MAX}, [E_I16] = {"i16", INT16_MIN, INT16_MAX}, [E_I32] = {"i32", INT32_MIN, INT32_MAX},
    [E_I64] = {"int", INT64_MIN, INT64_MAX}, [E_U8] = {"u8", 0, UINT8_MAX}, [E_U16] = {"u16", 0, UINT16_MAX},
    [E_U32] = {"u32", 0, UINT32_MAX}, [E_U64] = {"u64", 0, INT64_MAX}, [E_F32] = {"f32", 0, 0}, [E_F64] = {"float", 0, 0},
    [E_BOOL] = {"bool", 0, 0},
};

static bool element_fits(enum ElementKind kind, int64_t i) { return i >= kinds[kind].least && i <= kinds[kind].greatest; }

static inline enum ElementKind kind_of(Value array) { return (enum ElementKind)header_of(array)->aux; }
bool is_array(Value v) { return is_type(v, T_ARRAY) || is_type(v, T_PACKED); }
static bool need_array(Process *p, Value v) { return is_array(v) || error_raise(p, ERROR_CAST, "%s is not an array", type_name(v, false)); }
static int64_t array_length(Value v) { return AS(Packed, v)->length; }      /* an Array has it at the same place */
_Static_assert(offsetof(Packed, length) == offsetof(Array, length), "both arrays have their length at one place");

static inline uint8_t *element(Value array, int64_t i) { return AS(Packed, array)->bytes + (size_t)i * packed_width(kind_of(array)); }
#define AT(type) *(const type *)at

/* The number at `at` into one of them; true: the whole one, also for a bool. */
static inline bool element_number(uint8_t kind, const void *at, int64_t *whole, double *d) {
    switch (kind) {
    case E_I8: *whole = AT(int8_t); break;
    case E_I16: *whole = AT(int16_t); break;
    case E_I32: *whole = AT(int32_t); break;
    case E_I64: case E_U64: *whole = AT(int64_t); break;
    case E_U16: *whole = AT(uint16_t); break;
    case E_U32: *whole = AT(uint32_t); break;
    case E_F32: return *d = AT(float), false;
    case E_F64: return *d = AT(double), false;
    default: *whole = AT(uint8_t);
    }
    return true;
}

Value element_get(Process *p, uint8_t kind, const void *at) {
    int64_t whole;
    double d;
    if (!element_number(kind, at, &whole, &d)) return float_value(p, d);
    return kind == E_BOOL ? boolean(whole) : int_value(p, whole);
}
#undef AT

bool packed_number(Value array, int64_t i, int64_t *whole, double *d) { return element_number(header_of(array)->aux, element(array, i), whole, d); }
Value packed_get(Process *p, Value array, int64_t i) { return element_get(p, header_of(array)->aux, element(array, i)); }

/* RAISES: v does not belong to the elements' type. */
static bool wrong_element(Process *p, Value array, Value v) { return container_admit_slowly(p, &array, 0, &v); }

#define AT(type) *(type *)at

bool element_set(Process *p, uint8_t kind, void *at, Value v) {
    p->error = V_UNSET;
    if (kind == E_BOOL) return is_bool(v) && (AT(uint8_t) = v == V_TRUE, true);
    if (kind >= E_F32) {
        if (!is_int(v) && !is_float(v)) return false;
        double d = is_int(v) ? (double)int_int(v) : float_double(v);
        if (kind == E_F32) AT(float) = (float)d;
        else AT(double) = d;
        return true;
    }
    if (!is_int(v)) return false;
    int64_t n = int_int(v);
    if (!element_fits((enum ElementKind)kind, n)) return error_raise(p, ERROR_OVERFLOW, "%lld does not fit %s", (long long)n, kinds[kind].name);
    switch (packed_width(kind)) {
    case 1: AT(int8_t) = (int8_t)n; break;
    case 2: AT(int16_t) = (int16_t)n; break;
    case 4: AT(int32_t) = (int32_t)n; break;
    default: AT(int64_t) = n;
    }
    return true;
}

bool packed_set(Process *p, Value array, int64_t i, Value v) {
    return element_set(p, header_of(array)->aux, element(array, i), v) || (p->error == V_UNSET && wrong_element(p, array, v));
}

/* --- making them --- */

Value packed_new(Process *p, enum ElementKind kind, int64_t length) {
    Packed *a = heap_new(p, sizeof(Packed) + (size_t)length * packed_width(kind), HEADER(T_PACKED, kind, 0, 0));
    if (!a) return V_UNSET;
    a->length = length;
    return container_reify(ref(a), p->machine->packed_types[kind]);
}

static Value tagged_new(Process *p, int64_t length) {
    Array *a = heap_new(p, sizeof(Array) + (size_t)length * sizeof(Value), HEADER(T_ARRAY, 0, 0, 0));
    if (!a) return V_UNSET;
    a->length = length;
    return ref(a);
}

/* The kind that holds a value as it is; ELEMENT_KINDS: none does. */
static enum ElementKind kind_for(Value v) {
    return is_int(v) ? E_I64 : is_float(v) ? E_F64 : is_bool(v) ? E_BOOL : ELEMENT_KINDS;
}

/* RAISES: set the elements [from, to) to v. Never collects. */
static bool fill(Process *p, Value array, int64_t from, int64_t to, Value v) {
    if (from >= to) return true;
    if (is_type(array, T_ARRAY)) {
        for (int64_t i = from; i < to; i++) {
            AS(Array, array)->items[i] = v;
            heap_barrier(p, deref(array), &AS(Array, array)->items[i], v);
        }
        return true;
    }
    if (!packed_set(p, array, from, v)) return false;
    size_t width = packed_width(kind_of(array));
    uint8_t *first = AS(Packed, array)->bytes + (size_t)from * width;
    for (int64_t done = 1, all = to - from; done < all;) {      /* doubling what is there */
        int64_t more = done < all - done ? done : all - done;
        memcpy(first + (size_t)done * width, first, (size_t)more * width);
        done += more;
    }
    return true;
}

/* MAY_COLLECT RAISES: args are length, value (unset: zero), as `kind` wants. */
static bool array_make(Process *p, Value *args, enum ElementKind kind, Value *result) {
    int64_t length;
    if (!need_int(p, args[0], &length)) return false;
    if (length < 0) return error_raise(p, ERROR_VALUE, "an array's length is not negative");
    if (length > LENGTH_MAX) return error_raise(p, ERROR_MEMORY, "out of memory");
    if (args[1] == V_UNSET) args[1] = kind == ELEMENT_KINDS ? V_NONE : kind == E_BOOL ? V_FALSE : fixnum(0);
    Value made = kind == ELEMENT_KINDS ? tagged_new(p, length) : packed_new(p, kind, length);
    if (made == V_UNSET) return false;
    if (kind == ELEMENT_KINDS)
        for (int64_t i = 0; i < length; i++) AS(Array, made)->items[i] = args[1];
    else if (!fill(p, made, 0, length, args[1])) return false;
    return give(result, made);
}

bool prim_Array(Process *p, Value *args, Value *result) {
    return array_make(p, args, args[1] == V_UNSET ? ELEMENT_KINDS : kind_for(args[1]), result);
}

bool prim_array_of_kind(Process *p, Value *args, Value *result) {
    bool known = is_fixnum(args[2]) && fixnum_int(args[2]) >= 0 && fixnum_int(args[2]) <= ELEMENT_KINDS;
    if (!known) return error_raise(p, ERROR_RUNTIME, "damaged program: an array's kind");
    return array_make(p, args, (enum ElementKind)fixnum_int(args[2]), result);
}

/* The kind of an array of a list's items: that of its type, or that of all items when the type says nothing. */
static enum ElementKind kind_of_items(const Machine *m, Value list) {
    const Value *items = AS(Array, AS(List, list)->items)->items;
    uint8_t type = value_type_argument(m, list, 0)->kind;
    if (type != KIND_DYNAMIC) return type == KIND_INT ? E_I64 : type == KIND_FLOAT ? E_F64 : type == KIND_BOOL ? E_BOOL : ELEMENT_KINDS;
    enum ElementKind kind = AS(List, list)->length ? kind_for(items[0]) : ELEMENT_KINDS;
    for (int64_t i = 1; i < AS(List, list)->length; i++)
        if (kind_for(items[i]) != kind) return ELEMENT_KINDS;
    return kind;
}

bool prim_list_to_array(Process *p, Value *args, Value *result) {
    if (!need_list(p, args[0])) return false;
    Machine *m = p->machine;
    const Type *item = value_type_argument(m, args[0], 0), *type = type_make(m, &(TypeParts){.kind = KIND_ARRAY, .nargs = 1, .args = &item});
    if (!type) return error_raise(p, ERROR_MEMORY, "out of memory");
    int64_t length = AS(List, args[0])->length;
    enum ElementKind kind = item->optional ? ELEMENT_KINDS : kind_of_items(m, args[0]);
    Value made = kind == ELEMENT_KINDS ? container_reify(tagged_new(p, length), type) : packed_new(p, kind, length);
    if (made == V_UNSET) return false;
    const Value *items = AS(Array, AS(List, args[0])->items)->items;
    for (int64_t i = 0; i < length; i++) {
        if (kind != ELEMENT_KINDS) packed_set(p, made, i, items[i]);
        else AS(Array, made)->items[i] = items[i];
    }
    return give(result, made);
}

/* --- methods --- */

bool prim_array_fill(Process *p, Value *args, Value *result) {
    if (!need_array(p, args[0]) || (is_type(args[0], T_ARRAY) && !container_admit(p, &args[0], 0, &args[1]))) return false;
    return fill(p, args[0], 0, array_length(args[0]), args[1]) && give(result, V_NONE);
}

/* MAY_COLLECT RAISES: a new array of the elements [from, to). */
static Value part(Process *p, Value *array, int64_t from, int64_t to) {
    bool tagged = is_type(*array, T_ARRAY);
    Value made = tagged ? tagged_new(p, to - from) : packed_new(p, kind_of(*array), to - from);
    if (made == V_UNSET) return V_UNSET;
    size_t width = tagged ? sizeof(Value) : packed_width(kind_of(*array));
    header_of(made)->id = header_of(*array)->id;
    memcpy(AS(Packed, made)->bytes, AS(Packed, *array)->bytes + (size_t)from * width, (size_t)(to - from) * width);
    return made;
}
_Static_assert(offsetof(Packed, bytes) == offsetof(Array, items), "both arrays have their elements at one place");

bool prim_array_copy(Process *p, Value *args, Value *result) {
    return need_array(p, args[0]) && give(result, part(p, &args[0], 0, array_length(args[0])));
}

bool prim_array_slice(Process *p, Value *args, Value *result) {
    int64_t from, to;
    if (!need_array(p, args[0]) || !need_range(p, args + 1, array_length(args[0]), &from, &to)) return false;
    return give(result, part(p, &args[0], from, to));
}

bool prim_array_to_list(Process *p, Value *args, Value *result) {
    if (!need_array(p, args[0])) return false;
    int64_t length = array_length(args[0]);
    const Type *type = type_of_list(p->machine, value_type_argument(p->machine, args[0], 0));
    if (!type) return error_raise(p, ERROR_MEMORY, "out of memory");
    Value *list = root_push(p, container_reify(list_new(p, NULL, 0), type)), *item = root_push(p, V_NONE);
    bool ok = *list != V_UNSET && list_reserve(p, list, length);
    for (int64_t i = 0; ok && i < length; i++) {
        *item = is_type(args[0], T_ARRAY) ? AS(Array, args[0])->items[i] : packed_get(p, args[0], i);
        ok = *item != V_UNSET && list_push(p, list, item);
    }
    Value made = ok ? *list : V_UNSET;
    root_pop(p, 2);
    return give(result, made);
}
