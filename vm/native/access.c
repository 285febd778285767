/* Variables, fields, indexing, iteration, construction: what handlers leave to the runtime.
 *
 * Invariant: as in arith.c. A field site's cache is written with one 32-bit store. */
#include "message.h"
#include "runtime.h"
#include "runtime_api.h"
#include "primitives.h"
#include "module.h"
#include "builtins.h"
#include "class.h"
#include "frame.h"


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
    if (!f->ncaptures) return *dst = f->closure, true;
    Closure *c = heap_new(p, sizeof(Closure) + f->ncaptures * sizeof(Value), HEADER(T_CLOSURE, closure_arity(f), closure_checks(f), f->ncaptures));
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
    Value *admitted = root_push(p, *item);
    bool ok = container_admit(p, list, 0, admitted) && list_push(p, list, admitted);
    root_pop(p, 1);
    return ok;
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

int64_t value_length(Process *p, Value *object) {
    int64_t length;
    if (is_string(*object)) return string_flat(p, object) == V_UNSET ? -1 : string_count(p, AS(String, *object));
    if (!is_ref(*object)) return -1;
    switch (type_of(*object)) {
    case T_LIST: return AS(List, *object)->length;
    case T_BYTES: case T_ARRAY: case T_PACKED: return AS(Array, *object)->length;       /* at one place */
    case T_TUPLE: return AS(Tuple, *object)->length;
    case T_MAP: case T_SET: return AS(Map, *object)->count;
    case T_RANGE: return range_length(p, *object, &length) ? length : -1;
    default: return -1;
    }
}

/* Fields of built-in types, and their methods, bound; V_UNSET: there is none of that name, or an error. */
static Value builtin_field(Process *p, Value *object, Value name) {
    if (name == p->machine->length_name) {
        int64_t length = value_length(p, object);
        return length < 0 ? V_UNSET : int_value(p, length);
    }
    if (is_type(*object, T_RANGE)) {
        Value v = range_field(*object, (const char *)AS(String, name)->bytes);
        if (v != V_UNSET) return v;
    }
    if (is_type(*object, T_TYPE)) {
        Value v = type_field(p, object, (const char *)AS(String, name)->bytes);
        if (v != V_UNSET || p->error != V_UNSET) return v;
    }
    if (is_error(*object) && name_is(name, "name")) return object_class(*object)->name;
    if (is_error(*object) && name_is(name, "trace")) return error_trace(p, object);
    return bind_method(p, object, name);
}

Value object_get(Process *p, const Object *o, uint32_t slot) {
    Float room;
    Value v = object_peek(o, slot, &room);
    return v == ref(&room) ? float_value(p, room.value) : v;
}

/* A field of an instance, cached; or one of its methods, bound. V_UNSET: neither, or an error. */
static Value object_field(Process *p, Value *object, Value name, uint32_t *site) {
    const Class *c = object_class(*object);
    int slot = class_slot(c, name), method = slot < 0 ? class_method(c, name) : -1;
    if (slot >= 0) {
        *site = (uint32_t)c->shape << SHAPE_SHIFT | (uint32_t)slot | (is_raw_slot(c, (uint32_t)slot) ? RAW_SLOT : 0);
        field_cache_note(p, *site, name);
        return object_get(p, AS(Object, *object), (uint32_t)slot);
    }
    return method < 0 ? V_UNSET : method_bind(p, object, c->methods[method]);
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
    Value v = is_type(*object, T_OBJECT) ? object_field(p, object, name, (uint32_t *)site) : V_UNSET;
    if (v == V_UNSET && p->error == V_UNSET) v = builtin_field(p, object, name);
    if (v == V_UNSET && p->error == V_UNSET && is_type(*object, T_TYPE) && p->machine->reflection)
        return operator_call(p, p->machine->reflection, (Value[]){*object, name, V_NONE}, 3, RESULT_REGISTER, dst);
    if (v == V_UNSET) return p->error == V_UNSET ? error_raise(p, ERROR_FIELD, "%s has no field '%.100s'", type_name(*object, false), AS(String, name)->bytes) : false;
    *dst = v;
    return true;
}

/* Whoever sets a field of an instance that it knows nothing of must keep to the field's type. */
static bool set_typed_field(Process *p, Value *object, int slot, Value *value) {
    char place[120];
    const Class *c = object_class(*object);
    const Type *t = type_resolve(p->machine, c->raw->slot_types[slot], c->type);
    if (!t) return error_raise(p, ERROR_MEMORY, "out of memory");
    text_format(place, sizeof place, "the field `%.100s`", AS(String, c->slot_names[slot])->bytes);
    Value *made = root_push(p, *value);
    bool ok = type_admit(p, made, t, place);
    if (ok) object_set(p, AS(Object, *object), (uint32_t)slot, *made);
    root_pop(p, 1);
    return ok;
}

bool rt_setfield(Process *p, Value *object, Value *value, Value name, const uint32_t *site) {
    if (is_type(*object, T_RECORD)) return record_set(p, object, name, value, (uint32_t *)site);
    bool c = in_classic(p);
    if (c) return error_raise(p, ERROR_CAST, "%s is not a record", type_name(*object, true));
    int slot = is_type(*object, T_OBJECT) ? class_slot(object_class(*object), name) : -1;
    if (slot >= 0) {
        const Type **types = object_class(*object)->raw->slot_types;
        bool typed = types && types[slot]->kind != KIND_DYNAMIC;
        uint32_t kind = is_raw_slot(object_class(*object), (uint32_t)slot) ? RAW_SLOT : typed ? TYPED_SLOT : 0;
        *(uint32_t *)site = (uint32_t)object_class(*object)->shape << SHAPE_SHIFT | (uint32_t)slot | kind;
        if (typed) return set_typed_field(p, object, slot, value);
        return object_set(p, AS(Object, *object), (uint32_t)slot, *value), true;
    }
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
    if (v == V_UNSET) return out_of_range(p, index, string_count(p, AS(String, *object)));
    *dst = v;
    return true;
}

static bool list_slot(Process *p, Value object, Value key, int64_t *index) {
    if (!is_int(key)) return error_raise(p, ERROR_CAST, "a list is indexed by an int, not %s", type_name(key, false));
    *index = int_int(key);
    int64_t length = AS(List, object)->length;
    return (*index >= 0 && *index < length) || out_of_range(p, *index, length);
}

static bool no_such_key(Process *p, Value *key) {
    Value text = value_to_string(p, key, false);
    if (text == V_UNSET) return false;
    const String *s = AS(String, text);
    char name[100];
    int length = s->length < 99 ? (int)s->length : 99;
    memcpy(name, s->bytes, (size_t)length);
    return error_raise(p, ERROR_FIELD, "the record has no field '%.*s'", length, name);
}

static bool tuple_index(Process *p, Value *dst, Value tuple, Value key) {
    int64_t length = AS(Tuple, tuple)->length;
    if (!is_int(key)) return error_raise(p, ERROR_CAST, "a tuple is indexed by an int, not %s", type_name(key, false));
    if (int_int(key) < 0 || int_int(key) >= length) return out_of_range(p, int_int(key), length);
    *dst = AS(Tuple, tuple)->items[int_int(key)];
    return true;
}

static bool range_index(Process *p, Value *dst, Value range, Value key) {
    if (!is_int(key)) return error_raise(p, ERROR_CAST, "a range is indexed by an int, not %s", type_name(key, false));
    int64_t start = int_int(AS(Range, range)->start), i;
    bool has = int_int(key) >= 0 && !__builtin_add_overflow(start, int_int(key), &i) && range_has(range, i);
    if (!has) return error_raise(p, ERROR_INDEX, "index %lld is out of range", (long long)int_int(key));
    Value v = int_value(p, i);
    return v != V_UNSET && (*dst = v, true);
}

/* MAY_COLLECT RAISES: an element of bytes or an array, which has it. */
static Value element_at(Process *p, Value object, int64_t at) {
    switch (type_of(object)) {
    case T_BYTES: return fixnum(AS(Bytes, object)->bytes[at]);
    case T_ARRAY: return AS(Array, object)->items[at];
    default: return packed_get(p, object, at);
    }
}

static bool has_elements(Value v) { return is_type(v, T_BYTES) || is_array(v); }

static bool element_place(Process *p, Value object, Value key, int64_t *index) {
    int64_t length = AS(Array, object)->length;
    if (!is_int(key)) return error_raise(p, ERROR_CAST, "%s indexed by an int, not %s", is_array(object) ? "an array is" : "bytes are", type_name(key, false));
    *index = int_int(key);
    return (*index >= 0 && *index < length) || out_of_range(p, *index, length);
}

static bool element_index(Process *p, Value *dst, Value object, Value key) {
    int64_t index;
    if (!element_place(p, object, key, &index)) return false;
    Value v = element_at(p, object, index);
    return v != V_UNSET && (*dst = v, true);
}

static bool set_element(Process *p, Value object, Value key, Value value) {
    int64_t index;
    if (!element_place(p, object, key, &index)) return false;
    if (is_type(object, T_PACKED)) return packed_set(p, object, index, value);
    Array *array = AS(Array, object);
    array->items[index] = value;
    heap_barrier(p, array, &array->items[index], value);
    return true;
}

typedef bool Slicer(Process *p, Value *args, Value *result);
/* The primitive that gives a part of such a value, or NULL. */
static Slicer *slicer(Value v) {
    if (is_string(v)) return prim_string_slice;
    if (is_array(v)) return prim_array_slice;
    return is_type(v, T_LIST) ? prim_list_slice : is_type(v, T_BYTES) ? prim_bytes_slice : NULL;
}

/* The part of something that a range means. */
static bool slice_index(Process *p, Value *dst, Value *object, Value range) {
    int64_t from, to, length = value_length(p, object);
    if (length < 0 || !range_bounds(p, range, length, &from, &to)) return false;
    Value *args = root_push(p, *object);
    root_push(p, fixnum(from));
    root_push(p, fixnum(to));
    bool ok = slicer(*object)(p, args, dst);
    root_pop(p, 3);
    return ok;
}

static bool map_index(Process *p, Value *dst, Value *map, Value *key) {
    key = map_key(p, map, key);
    if (!key) return false;
    Value v = map_get(AS(Map, *map), *key);
    *dst = v == V_UNSET ? V_NONE : v;
    return true;
}

bool object_operator(Process *p, const char *name, const Value *args, uint32_t count, int result, Value *dst) {
    const Class *c = object_class(args[0]);
    int method = class_method(c, machine_intern(p->machine, name, strlen(name)));
    if (method < 0) return error_raise(p, ERROR_CAST, "%s does not support %s", type_name(args[0], false), strcmp(name, "-()") ? name : "a sign");
    return operator_call(p, c->methods[method], args, count, result, dst);
}

bool rt_getindex(Process *p, Value *dst, Value *object, Value *key) {
    if (is_type(*object, T_RECORD)) {
        p->error = V_UNSET;
        Value v = record_get_index(p, object, key);
        if (v == V_UNSET && p->error != V_UNSET) return false;
        if (v == V_UNSET && !in_classic(p)) return no_such_key(p, key);
        *dst = v == V_UNSET ? V_NONE : v;
        return true;
    }
    bool c = in_classic(p);
    if (c) return error_raise(p, ERROR_CAST, "%s is not a record", type_name(*object, true));
    if (is_type(*key, T_RANGE) && slicer(*object)) return slice_index(p, dst, object, *key);
    if (is_string(*object)) return string_index(p, dst, object, *key);
    if (is_type(*object, T_TUPLE)) return tuple_index(p, dst, *object, *key);
    if (has_elements(*object)) return element_index(p, dst, *object, *key);
    if (is_type(*object, T_RANGE)) return range_index(p, dst, *object, *key);
    if (is_type(*object, T_MAP)) return map_index(p, dst, object, key);
    if (is_type(*object, T_OBJECT)) {
        Value args[] = {*object, *key};
        return object_operator(p, "[]", args, 2, RESULT_REGISTER, dst);
    }
    if (!is_type(*object, T_LIST)) return error_raise(p, ERROR_CAST, "%s cannot be indexed", type_name(*object, c));
    int64_t index;
    if (!list_slot(p, *object, *key, &index)) return false;
    *dst = AS(Array, AS(List, *object)->items)->items[index];
    return true;
}

/* A value that is not admitted as it is lies in p->roots. */
static bool set_checked(Process *p, Value *object, Value *key, Value *value) {
    bool is_map = is_type(*object, T_MAP);
    Value *v = root_push(p, *value), *k = root_push(p, *key);
    bool ok = container_admit(p, object, is_map, v) && (!is_map || container_admit(p, object, 0, k));
    ok = ok && rt_setitem(p, object, k, v);
    root_pop(p, 2);
    return ok;
}

bool rt_setindex(Process *p, Value *object, Value *key, Value *value) {
    bool typed = is_ref(*object) && (is_type(*object, T_LIST) || is_type(*object, T_MAP) || is_type(*object, T_ARRAY)) && header_of(*object)->id;
    return typed ? set_checked(p, object, key, value) : rt_setitem(p, object, key, value);
}

bool rt_setitem(Process *p, Value *object, Value *key, Value *value) {
    if (is_type(*object, T_RECORD)) return record_set_index(p, object, key, value);
    bool c = in_classic(p);
    if (c) return error_raise(p, ERROR_CAST, "%s is not a record", type_name(*object, true));
    if (is_array(*object)) return set_element(p, *object, *key, *value);
    if (is_type(*object, T_MAP)) return (key = map_key(p, object, key)) && map_set(p, object, key, value);
    if (is_type(*object, T_OBJECT)) {
        Value args[] = {*object, *key, *value};
        return object_operator(p, "[]=", args, 3, RESULT_NONE, NULL);
    }
    if (!is_type(*object, T_LIST)) return error_raise(p, ERROR_CAST, "%s has no items to set", type_name(*object, c));
    int64_t index;
    if (!list_slot(p, *object, *key, &index)) return false;
    Array *items = AS(Array, AS(List, *object)->items);
    items->items[index] = *value;
    heap_barrier(p, items, &items->items[index], *value);
    return true;
}

bool rt_tuple(Process *p, Value *dst, Value *source, uint32_t count) {
    Tuple *t = heap_new(p, sizeof(Tuple) + count * sizeof(Value), HEADER(T_TUPLE, 0, 0, 0));
    if (!t) return false;
    t->length = count;
    memcpy(t->items, source, count * sizeof(Value));
    *dst = ref(t);
    return true;
}

bool rt_map(Process *p, Value *dst, Value *source, uint32_t count) {
    Value *map = root_push(p, map_new(p));
    bool ok = *map != V_UNSET;
    keys_begin(p);
    for (uint32_t i = 0; ok && i < count; i++) {
        Value *key = map_next_key(p, map, &source[2 * i]);
        ok = key && map_set(p, map, key, &source[2 * i + 1]);
    }
    if (ok) keys_end(p), *dst = *map;
    root_pop(p, 1);
    return ok;
}

bool rt_object(Process *p, Value *dst, Value *source, Value type) {
    const Class *c = constant_type(type)->class_;
    Object *o = heap_new(p, sizeof(Object) + c->nslots * sizeof(Value), object_header(c));
    if (!o) return false;
    o->class_ = (Class *)c;
    for (uint32_t i = 0; i < c->nslots; i++) o->slots[i] = is_raw_slot(c, i) ? 0 : source ? source[i] : V_NONE;     /* native code sets raw ones */
    *dst = ref(o);
    return true;
}

int rt_is(Process *p, Value v, Value type) {
    return value_is(p, v, constant_type(type));
}
bool rt_cast(Process *p, Value *dst, Value *v, Value constant, Value place) {
    if (*v == V_UNSET) return *dst = *v, true;
    Value *made = root_push(p, *v);
    bool ok = type_admit(p, made, constant_type(constant), (const char *)AS(String, place)->bytes);
    if (ok) *dst = *made;
    root_pop(p, 1);
    return ok;
}
bool rt_checkint(Process *p, Value *v, Value place) {
    return *v == V_UNSET || type_admit(p, v, p->machine->simple_types[KIND_INT], (const char *)AS(String, place)->bytes);
}
bool rt_getslot(Process *p, Value *dst, Value *v, int64_t slot) {
    if (!is_type(*v, T_OBJECT) || (uint64_t)slot >= object_class(*v)->nslots) return rt_not_slot(p, v, slot);
    Value held = object_get(p, AS(Object, *v), (uint32_t)slot);
    if (held != V_UNSET) *dst = held;
    return held != V_UNSET;
}
bool rt_setslot(Process *p, Value *v, int64_t slot, Value *value) {
    if (!is_type(*v, T_OBJECT) || (uint64_t)slot >= object_class(*v)->nslots) return rt_not_slot(p, v, slot);
    if (is_raw_slot(object_class(*v), (uint32_t)slot)) return rt_unbox_float(p, value, (int64_t *)&AS(Object, *v)->slots[slot]);
    return object_set(p, AS(Object, *v), (uint32_t)slot, *value), true;
}
bool rt_float_slot(Process *p, int64_t *dst, Value *v, int64_t slot) {
    Value *held = root_push(p, V_NONE);
    bool ok = rt_getslot(p, held, v, slot) && rt_unbox_float(p, held, dst);
    root_pop(p, 1);
    return ok;
}
bool rt_set_float_slot(Process *p, Value *v, int64_t slot, double d) {
    Value *made = root_push(p, V_NONE);
    bool ok = rt_box_float(p, made, d) && rt_setslot(p, v, slot, made);
    root_pop(p, 1);
    return ok;
}
/* The compiler asks for this of lists and arrays only: what a program's own `[]` gives would come too late for a raw register. */
bool rt_float_item(Process *p, int64_t *dst, Value *container, Value *key) {
    if (is_type(*container, T_OBJECT)) return error_raise(p, ERROR_CAST, "%s has no elements of its own", type_name(*container, false));
    Value *item = root_push(p, V_NONE);
    bool ok = rt_getindex(p, item, container, key) && rt_unbox_float(p, item, dst);
    root_pop(p, 1);
    return ok;
}
bool rt_not_slot(Process *p, Value *v, int64_t slot) {
    return error_raise(p, ERROR_FIELD, "%s has no field number %lld", type_name(*v, false), (long long)slot);
}

/* slots[0] iterated, slots[1] position, slots[2] item. Records give their keys. */
static bool pair_of(Process *p, Value *dst, const Value *pair) {
    Value *rooted = root_push(p, pair[0]);
    root_push(p, pair[1]);
    bool ok = rt_tuple(p, dst, rooted, 2);
    root_pop(p, 2);
    return ok;
}

/* Step in a map or set: 0 at its end, 2 when keys were added or removed since the loop began. *at has the number of the entry in its low
 * 32 bits, above them how often the map had changed. */
static int entry_next(Process *p, Value map, int64_t *at, Value *key, Value *value) {
    int64_t changes = AS(Map, map)->changes, entry = *at & 0xFFFFFFFF;
    if (*at && *at >> 32 != changes) return error_raise(p, ERROR_RUNTIME, "the %s of a loop was changed: keys were added or removed", type_name(map, false)), 2;
    if (!map_next(AS(Map, map), &entry, key, value)) return 0;
    *at = changes << 32 | entry;
    return 1;
}

/* The program calls the methods of an iterator: 0, and its position says so from now on. Another object's `iter` gives what the loop goes
 * over instead: 2. */
static int object_next(Process *p, Value *loop) {
    if (loop < p->fp || loop >= p->stack_end)       /* a primitive's loop: methods cannot return there */
        return error_raise(p, ERROR_CAST, "%s cannot be walked here: make a list of it first, with to_list", type_name(loop[0], false)), 2;
    Value iter = protocol_method(loop[0], M_ITER);
    if (protocol_method(loop[0], M_HAS_NEXT) && protocol_method(loop[0], M_NEXT)) return loop[1] = fixnum(-1), 0;
    if (iter) operator_call(p, iter, loop, 1, RESULT_ITER, loop);
    else error_raise(p, ERROR_CAST, "%s cannot be iterated: it has no iter, and not both has_next and next", type_name(loop[0], false));
    return 2;
}

int rt_iternext(Process *p, Value *slots) {
    if (!is_fixnum(slots[1]) || fixnum_int(slots[1]) < 0) return error_raise(p, ERROR_RUNTIME, "damaged program: an iteration's position"), 2;
    int64_t at = fixnum_int(slots[1]);
    if (is_type(slots[0], T_OBJECT)) return object_next(p, slots);
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
        if (is_fixnum(key) && (slots[2] = value_to_string(p, &slots[2], false)) == V_UNSET) return slots[2] = V_NONE, 2;
        at = (int64_t)state - 1;
    } else if (is_type(slots[0], T_MAP)) {
        Value pair[2];
        int more = entry_next(p, slots[0], &at, &pair[0], &pair[1]);
        if (more != 1) return more;
        if (!pair_of(p, &slots[2], pair)) return 2;
        at--;
    } else if (is_type(slots[0], T_TUPLE)) {
        if (at < 0 || at >= AS(Tuple, slots[0])->length) return 0;
        slots[2] = AS(Tuple, slots[0])->items[at];
    } else if (is_type(slots[0], T_RANGE)) {
        int64_t i;
        if (__builtin_add_overflow(int_int(AS(Range, slots[0])->start), at, &i) || !range_has(slots[0], i)) return 0;
        Value v = int_value(p, i);
        if (v == V_UNSET) return 2;
        slots[2] = v;
    } else if (has_elements(slots[0])) {
        if (at >= AS(Array, slots[0])->length) return 0;
        Value v = element_at(p, slots[0], at);
        if (v == V_UNSET) return 2;
        slots[2] = v;
    } else if (is_type(slots[0], T_SET)) {
        Value value;
        int more = entry_next(p, slots[0], &at, &slots[2], &value);
        if (more != 1) return more;
        at--;
    } else {
        return error_raise(p, ERROR_CAST, "%s cannot be iterated", type_name(slots[0], false)), 2;
    }
    slots[1] = fixnum(at + 1);
    return 1;
}

int rt_iterpair(Process *p, Value *slots) {
    if (is_type(slots[0], T_MAP) && is_fixnum(slots[1]) && fixnum_int(slots[1]) >= 0) {
        int64_t at = fixnum_int(slots[1]);
        int more = entry_next(p, slots[0], &at, &slots[2], &slots[3]);
        if (more == 1) slots[1] = fixnum(at);
        else slots[3] = V_NONE;
        return more;
    }
    int more = rt_iternext(p, slots);
    if (more == 2) return 2;
    slots[3] = V_NONE;
    if (more == 0) return 0;
    slots[3] = V_UNSET;
    if (!is_type(slots[2], T_TUPLE) || AS(Tuple, slots[2])->length != 2) return 0;
    slots[3] = AS(Tuple, slots[2])->items[1];
    slots[2] = AS(Tuple, slots[2])->items[0];
    return 1;
}

/* Ranges whose ints are not all fixnums. An inclusive limit becomes exclusive; past the last int that is the float 2^63. */
static bool enter_range(Value *slots, bool more) {
    if (more) slots[2] = slots[0];
    return more;
}

int rt_forprep(Process *p, Value *slots, int64_t inclusive) {
    Value wrong = is_int(slots[0]) ? slots[1] : slots[0];
    if (!is_int(wrong)) return error_raise(p, ERROR_CAST, "a range needs ints, not %s", type_name(wrong, false)), 2;
    if (inclusive) {
        int64_t limit = int_int(slots[1]);
        Value next = limit == INT64_MAX ? float_value(p, 9223372036854775808.0) : int_value(p, limit + 1);
        if (next == V_UNSET) return 2;
        slots[1] = next;
    }
    return enter_range(slots, is_int(slots[1]) ? int_int(slots[0]) < int_int(slots[1]) : true);
}

int rt_forloop(Process *p, Value *slots) {
    if (!is_int(slots[0])) return error_raise(p, ERROR_CAST, "a range needs ints, not %s", type_name(slots[0], false)), 2;
    int64_t i = int_int(slots[0]);
    if (i == INT64_MAX) return 0;
    Value next = int_value(p, i + 1);
    if (next == V_UNSET) return 2;
    slots[0] = next;
    return enter_range(slots, is_int(slots[1]) ? i + 1 < int_int(slots[1]) : true);
}
