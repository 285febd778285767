/* Variables, fields, indexing, iteration, construction: what handlers leave to the runtime.
 *
 * Invariant: as in arith.c. A field site's cache is written with one 32-bit store. */
#include "runtime.h"
#include "runtime_api.h"
#include "primitives.h"
#include "module.h"
#include "builtins.h"


bool rt_unset(Process *p, Value name) {
    return error_raise(p, ERROR_UNINITIALIZED, "%.300s", AS(String, name)->bytes);
}
bool rt_unset_global(Process *p, uint32_t global) { return rt_unset(p, p->machine->global_names[global]); }

bool rt_newcell(Process *p, Value *dst, Value *value) {
    Cell *cell = heap_new(p, sizeof(Cell), HEADER(T_CELL, 0, 0, 0));
    if (!cell) return false;
    cell->value = *value;
    *dst = ref(cell);
    return true;
}
bool rt_not_cell(Process *p) { return error_raise(p, ERROR_RUNTIME, "damaged program: a register does not hold a cell"); }

bool rt_closure(Process *p, Value *dst, Value constant) {
    Function *f = (Function *)(uintptr_t)constant;
    if (f->closure != V_NONE) return *dst = f->closure, true;
    Closure *c = heap_new(p, sizeof(Closure) + f->ncaptures * sizeof(Value), HEADER(T_CLOSURE, closure_arity(f), 0, f->ncaptures));
    if (!c) return false;
    c->function = f;
    c->code = f->code;
    const Closure *parent = frame_closure(p->fp);
    bool ok = true;
    for (uint32_t i = 0; i < f->ncaptures; i++) {
        Capture from = f->captures[i];
        Value v = from.from_parent ? parent->captured[from.index] : p->fp[from.index];
        ok = ok && (!from.is_cell || is_type(v, T_CELL));
        c->captured[i] = v;
    }
    if (!ok) return rt_not_cell(p);
    *dst = ref(c);
    return true;
}

bool rt_builtin(Process *p, Value *dst, uint32_t primitive) {
    *dst = builtin_closure(p->machine, primitive);
    return true;
}

bool rt_record(Process *p, Value *dst, Value *source, uint64_t header) {
    Header *h = (Header *)&header;
    uint32_t fields = h->aux ? 0 : h->inl;
    Record *r = heap_new(p, sizeof(Record) + h->inl * sizeof(Value), header & ~UINT64_C(0xFF00));
    if (!r) return false;
    r->elements = V_NONE;
    for (uint32_t i = 0; i < h->inl; i++) r->slots[i] = i < fields ? source[i] : V_UNSET;
    *dst = ref(r);
    return true;
}

bool rt_list(Process *p, Value *dst, Value *source, uint32_t count) {
    Value list = list_new(p, source, count);
    if (list == V_UNSET) return false;
    *dst = list;
    return true;
}
bool rt_append(Process *p, Value *list, Value *item) {
    if (!is_type(*list, T_LIST)) return error_raise(p, ERROR_CAST, "%s is not a list", type_name(*list, in_classic(p)));
    return list_push(p, list, item);
}

bool rt_tostring(Process *p, Value *dst, Value *v) {
    Value s = is_string(*v) ? *v : value_to_string(p, v, in_classic(p));
    if (s == V_UNSET) return false;
    *dst = s;
    return true;
}

static bool name_is(Value name, const char *text) {
    const String *s = AS(String, name);
    return (size_t)s->length == strlen(text) && !memcmp(s->bytes, text, (size_t)s->length);
}

/* Fields of built-in types; V_UNSET: there is none of that name. */
static Value builtin_field(Process *p, Value *object, Value name) {
    if (is_string(*object) && name_is(name, "length")) {
        if (string_flat(p, object) == V_UNSET) return V_UNSET;
        return fixnum(string_count(AS(String, *object)));
    }
    if (is_type(*object, T_LIST) && name_is(name, "length")) return fixnum(AS(List, *object)->length);
    if (is_type(*object, T_ERROR)) {
        if (name_is(name, "message")) return AS(Error, *object)->message;
        if (name_is(name, "name")) return AS(Error, *object)->name;
    }
    return V_UNSET;
}

bool rt_getfield(Process *p, Value *dst, Value *object, Value name, const uint32_t *site) {
    bool c = in_classic(p);
    if (is_type(*object, T_RECORD)) {
        Value v = record_get(p, AS(Record, *object), name, (uint32_t *)site);
        if (v == V_UNSET && !c) return error_raise(p, ERROR_FIELD, "the record has no field '%.100s'", AS(String, name)->bytes);
        *dst = v == V_UNSET ? V_NONE : v;
        return true;
    }
    if (c) return error_raise(p, ERROR_CAST, "%s is not a record", type_name(*object, true));
    p->error = V_UNSET;
    Value v = builtin_field(p, object, name);
    if (v == V_UNSET) return p->error == V_UNSET ? error_raise(p, ERROR_FIELD, "%s has no field '%.100s'", type_name(*object, false), AS(String, name)->bytes) : false;
    *dst = v;
    return true;
}

bool rt_setfield(Process *p, Value *object, Value *value, Value name, const uint32_t *site) {
    if (is_type(*object, T_RECORD)) return record_set(p, object, name, value, (uint32_t *)site);
    bool c = in_classic(p);
    if (c) return error_raise(p, ERROR_CAST, "%s is not a record", type_name(*object, true));
    return error_raise(p, ERROR_FIELD, "%s has no field '%.100s' to set", type_name(*object, false), AS(String, name)->bytes);
}

static bool out_of_range(Process *p, int64_t index, int64_t length) {
    return error_raise(p, ERROR_INDEX, "index %lld is out of range for length %lld", (long long)index, (long long)length);
}

static bool string_index(Process *p, Value *dst, Value *object, Value key) {
    if (!is_int(key)) return error_raise(p, ERROR_CAST, "a string is indexed by an int, not %s", type_name(key, false));
    int64_t index = int_int(key);
    if (string_flat(p, object) == V_UNSET) return false;
    p->error = V_UNSET;
    Value v = index < 0 ? V_UNSET : string_at(p, object, index);
    if (v == V_UNSET && p->error != V_UNSET) return false;
    if (v == V_UNSET) return out_of_range(p, index, string_count(AS(String, *object)));
    *dst = v;
    return true;
}

static bool list_slot(Process *p, Value object, Value key, int64_t *index) {
    if (!is_int(key)) return error_raise(p, ERROR_CAST, "a list is indexed by an int, not %s", type_name(key, false));
    *index = int_int(key);
    int64_t length = AS(List, object)->length;
    return (*index >= 0 && *index < length) || out_of_range(p, *index, length);
}

bool rt_getindex(Process *p, Value *dst, Value *object, Value *key) {
    if (is_type(*object, T_RECORD)) {
        p->error = V_UNSET;
        Value v = record_get_index(p, object, key);
        if (v == V_UNSET && p->error != V_UNSET) return false;
        *dst = v == V_UNSET ? V_NONE : v;
        return true;
    }
    bool c = in_classic(p);
    if (c) return error_raise(p, ERROR_CAST, "%s is not a record", type_name(*object, true));
    if (is_string(*object)) return string_index(p, dst, object, *key);
    if (!is_type(*object, T_LIST)) return error_raise(p, ERROR_CAST, "%s cannot be indexed", type_name(*object, c));
    int64_t index;
    if (!list_slot(p, *object, *key, &index)) return false;
    *dst = AS(Array, AS(List, *object)->items)->items[index];
    return true;
}

bool rt_setindex(Process *p, Value *object, Value *key, Value *value) {
    if (is_type(*object, T_RECORD)) return record_set_index(p, object, key, value);
    bool c = in_classic(p);
    if (c) return error_raise(p, ERROR_CAST, "%s is not a record", type_name(*object, true));
    if (!is_type(*object, T_LIST)) return error_raise(p, ERROR_CAST, "%s has no items to set", type_name(*object, c));
    int64_t index;
    if (!list_slot(p, *object, *key, &index)) return false;
    Array *items = AS(Array, AS(List, *object)->items);
    items->items[index] = *value;
    heap_barrier(p, items, &items->items[index], *value);
    return true;
}

/* slots[0] iterated, slots[1] position, slots[2] item. Records give their keys. */
int rt_iternext(Process *p, Value *slots) {
    if (!is_fixnum(slots[1])) return error_raise(p, ERROR_RUNTIME, "damaged program: an iteration's position"), 2;
    int64_t at = fixnum_int(slots[1]);
    if (is_type(slots[0], T_LIST)) {
        if (at < 0 || at >= AS(List, slots[0])->length) return 0;
        slots[2] = AS(Array, AS(List, slots[0])->items)->items[at];
    } else if (is_string(slots[0])) {
        if (string_flat(p, &slots[0]) == V_UNSET) return 2;
        const String *s = AS(String, slots[0]);
        if (at < 0 || at >= s->length) return 0;
        int size = utf8_step(s->bytes + at, s->bytes + s->length);
        Value c = string_slice(p, &slots[0], at, size);
        if (c == V_UNSET) return 2;
        slots[2] = c;
        at += size - 1;
    } else if (is_type(slots[0], T_RECORD)) {
        uint64_t state = (uint64_t)at;
        Value key, value;
        if (!record_next(p, slots[0], &state, &key, &value)) return 0;
        slots[2] = key;
        at = (int64_t)state - 1;
    } else {
        return error_raise(p, ERROR_CAST, "%s cannot be iterated", type_name(slots[0], false)), 2;
    }
    slots[1] = fixnum(at + 1);
    return 1;
}

bool rt_not_range(Process *p, Value *slots) {
    Value wrong = is_fixnum(slots[0]) ? slots[1] : slots[0];
    if (is_int(wrong)) return error_raise(p, ERROR_OVERFLOW, "a range's bounds must lie within 62 bits");
    return error_raise(p, ERROR_CAST, "a range needs ints, not %s", type_name(wrong, false));
}
