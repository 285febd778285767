/* Types as values: what programs can know of them.
 *
 * What the machine itself knows of a type is told here. All else is the library's business (stdlib/reflect.ms): `reflect._install` gives
 * the machine a function (type, name, arguments or None), which answers for what a type as a value does not have here. What the
 * compiler knows of a class (attributes, signatures …) is told by the hidden method "(describe)" of the class, which is called with
 * the type's number as `this`; programs that mention no `type_of` have none.
 *
 * Invariants: as in prim.c; a type as a value is immortal, so nothing it says is collected but the lists that are made here. */
#include "message.h"
#include "prim.h"
#include "type.h"
#include "class.h"
#include "runtime_api.h"
#include "frame.h"
#include "heap.h"
#include "module.h"

static const Type *type_in(Value v) { return AS(TypeValue, v)->type; }

/* RAISES: V_UNSET without memory. */
static Value value_of(Process *p, const Type *t) {
    Value v = t ? type_value(p->machine, t) : V_UNSET;
    if (v == V_UNSET) error_raise(p, ERROR_MEMORY, "out of memory");
    return v;
}

bool prim_type_of(Process *p, Value *args, Value *result) {
    if (args[0] == V_UNSET) return error_raise(p, ERROR_ARGUMENTS, "type_of takes a value, or a type argument");
    return give(result, value_of(p, value_type(p->machine, args[0])));
}

/* The type of a field in the terms of `t`; NULL: no memory. */
static const Type *slot_type(Machine *m, const Type *t, uint32_t slot) {
    const Type **types = t->class_->raw->slot_types;
    return types ? type_resolve(m, types[slot], t) : m->simple_types[KIND_DYNAMIC];
}

/* MAY_COLLECT RAISES: *pair := (name, type of the field). */
static bool field_pair(Process *p, Value *pair, const Type *t, uint32_t i) {
    bool of_class = t->kind == KIND_CLASS;
    Value *parts = root_push(p, of_class ? t->class_->slot_names[i] : t->names[i]);
    Value *type = root_push(p, value_of(p, of_class ? slot_type(p->machine, t, i) : t->args[i]));
    bool ok = *type != V_UNSET && rt_tuple(p, pair, parts, 2);
    root_pop(p, 2);
    return ok;
}

/* MAY_COLLECT RAISES: the type arguments, or (name, type) of all fields. */
static Value list_of(Process *p, const Type *t, bool fields) {
    uint32_t count = !fields ? t->nargs : t->kind == KIND_CLASS ? t->class_->nslots : t->kind == KIND_RECORD ? t->nargs : 0;
    Value *made = root_push(p, list_new(p, NULL, 0)), *item = root_push(p, V_NONE);
    bool ok = *made != V_UNSET && list_reserve(p, made, count);
    for (uint32_t i = 0; ok && i < count; i++) {
        if (fields) ok = field_pair(p, item, t, i);
        else *item = value_of(p, t->args[i]);
        ok = ok && *item != V_UNSET && list_push(p, made, item);
    }
    Value v = ok ? *made : V_UNSET;
    root_pop(p, 2);
    return v;
}

static Value types_list(Process *p, Value list) {
    const Type *t = type_of_list(p->machine, p->machine->simple_types[KIND_TYPE]);
    if (list != V_UNSET && !t) return error_raise(p, ERROR_MEMORY, "out of memory"), V_UNSET;
    return container_reify(list, t);
}

static Value base_of(Process *p, const Type *t) {
    const Class *c = t->kind == KIND_CLASS ? t->class_ : NULL, *parent = c ? (const Class *)c->parent : NULL;
    return parent ? value_of(p, type_view(p->machine, t, parent->raw)) : V_NONE;
}

Value type_field(Process *p, const Value *type, const char *name) {
    const Type *t = type_in(*type);
    char text[TYPE_TEXT];
    if (!strcmp(name, "name")) return type_text(t, text, TYPE_TEXT), string_new(p, text, strlen(text));
    if (!strcmp(name, "base")) return base_of(p, t);
    if (!strcmp(name, "args")) return types_list(p, list_of(p, t, false));
    if (!strcmp(name, "optional")) return boolean(t->optional);
    if (!strcmp(name, "plain")) return value_of(p, t->plain);
    return V_UNSET;
}

/* --- for the library --- */

bool prim_reflect__install(Process *p, Value *args, Value *result) {
    if (!is_type(args[0], T_CLOSURE) || AS(Closure, args[0])->function->ncaptures || AS(Closure, args[0])->function->native)
        return error_raise(p, ERROR_CAST, "%s is no declared function", type_name(args[0], false));
    p->machine->reflection = args[0];       /* immortal, as it captures nothing */
    return give(result, V_NONE);
}

bool prim_reflect__type(Process *p, Value *args, Value *result) {
    const Type *t = type_numbered(p->machine, args[0]);
    return t ? give(result, value_of(p, t)) : error_raise(p, ERROR_CAST, "no type has this number");
}

bool prim_reflect__kind(Process *p, Value *args, Value *result) {
    if (!need(p, args[0], T_TYPE, "a type")) return false;
    const char *kind = type_kind(type_in(args[0]));
    return give(result, string_new(p, kind, strlen(kind)));
}

bool prim_reflect__fields(Process *p, Value *args, Value *result) {
    return need(p, args[0], T_TYPE, "a type") && give(result, list_of(p, type_in(args[0]), true));
}

bool prim_reflect__describe(Process *p, Value *args, Value *result) {
    if (!need(p, args[0], T_TYPE, "a type")) return false;
    const Type *t = type_in(args[0]);
    Value describe = t->kind == KIND_CLASS ? t->class_->protocol[M_DESCRIBE] : 0, number = fixnum(t->id);
    return describe ? operator_call(p, describe, &number, 1, RESULT_REGISTER, result) : give(result, V_NONE);
}

bool prim_reflect__functions(Process *p, Value *args, Value *result) {
    (void)args;
    const Machine *m = p->machine;
    Value *made = root_push(p, list_new(p, NULL, 0)), *type = root_push(p, V_NONE);
    bool ok = *made != V_UNSET;
    for (uint32_t i = 0; ok && i < m->nclasses; i++) {
        const Class *c = m->classes[i];
        if (!c || strcmp((const char *)AS(String, c->name)->bytes, "(functions)")) continue;
        *type = value_of(p, c->type);
        ok = *type != V_UNSET && list_push(p, made, type);
    }
    ok = ok && give(result, *made);
    root_pop(p, 2);
    return ok;
}

bool prim_reflect__call(Process *p, Value *args, Value *result) {
    if (!need_list(p, args[1]) || (args[2] != V_NONE && !need(p, args[2], T_TYPE, "a type"))) return false;
    return list_call(p, args[0], args[1], args[2] == V_NONE ? NULL : type_in(args[2]), result);
}

bool prim_reflect__method(Process *p, Value *args, Value *result) {
    if (!need(p, args[0], T_OBJECT, "an object") || !need_string(p, &args[1])) return false;
    const String *s = AS(String, args[1]);
    const Class *c = object_class(args[0]);
    int method = s->length < 65536 ? class_method(c, machine_intern(p->machine, s->bytes, (size_t)s->length)) : -1;
    if (method >= 0) return give(result, method_bind(p, &args[0], c->methods[method]));
    return error_raise(p, ERROR_FIELD, "%s has no method '%.*s'", type_name(args[0], false), s->length < 100 ? (int)s->length : 100, (const char *)s->bytes);
}

bool prim_reflect__fit(Process *p, Value *args, Value *result) {
    if (!need(p, args[1], T_TYPE, "a type") || !need_string(p, &args[2])) return false;
    char place[200];
    int length = AS(String, args[2])->length < 199 ? (int)AS(String, args[2])->length : 199;
    text_format(place, sizeof place, "%.*s", length, (const char *)AS(String, args[2])->bytes);
    return type_admit(p, &args[0], type_in(args[1]), place) && give(result, args[0]);
}

bool prim_reflect__empty(Process *p, Value *args, Value *result) {
    if (!need(p, args[0], T_TYPE, "a type")) return false;
    const Type *t = type_in(args[0])->plain;
    if (t->kind == KIND_ARRAY && t->nargs && !(t = type_of_list(p->machine, t->args[0]))) return error_raise(p, ERROR_MEMORY, "out of memory");
    switch (t->kind) {
    case KIND_LIST: case KIND_ARRAY: return give(result, container_reify(list_new(p, NULL, 0), t));
    case KIND_MAP: return give(result, container_reify(map_new(p), t));
    case KIND_SET: return give(result, container_reify(set_new(p), t));
    default: return error_raise(p, ERROR_CAST, "a type of containers is needed");
    }
}

bool prim_reflect__tuple(Process *p, Value *args, Value *result) {
    if (!need_list(p, args[0])) return false;
    size_t length = (size_t)AS(List, args[0])->length;
    if (length > MAX_TYPE_ARGS) return error_raise(p, ERROR_VALUE, "a tuple has at most %d items", MAX_TYPE_ARGS);
    Tuple *t = heap_new(p, sizeof(Tuple) + length * sizeof(Value), HEADER(T_TUPLE, 0, 0, 0));
    if (!t) return false;
    t->length = (int64_t)length;
    memcpy(t->items, list_items(args[0]), length * sizeof(Value));
    return give(result, ref(t));
}

bool prim_reflect__below(Process *p, Value *args, Value *result) {
    if (!need(p, args[0], T_TYPE, "a type") || !need(p, args[1], T_TYPE, "a type")) return false;
    return give(result, boolean(type_below(p->machine, type_in(args[0]), type_in(args[1]))));
}

bool prim_reflect__is(Process *p, Value *args, Value *result) {
    return need(p, args[1], T_TYPE, "a type") && give(result, boolean(value_is(p, args[0], type_in(args[1]))));
}

/* --- fields by name --- */

/* RAISES: the object and the field's name of a `get` or `set` must fit the type. */
static bool need_field(Process *p, Value *args) {
    char wanted[TYPE_TEXT];
    if (!need(p, args[0], T_TYPE, "a type") || !need_string(p, &args[2])) return false;
    const Type *t = type_in(args[0]);
    if (!value_is(p, args[1], t)) return error_raise(p, ERROR_CASTING, "%s is not %s", type_name(args[1], false), type_text(t, wanted, TYPE_TEXT));
    const String *s = AS(String, args[2]);
    bool private = s->length && s->bytes[0] == '_';
    args[2] = s->length < 65536 ? machine_intern(p->machine, s->bytes, (size_t)s->length) : V_UNSET;
    if (args[2] == V_UNSET) return error_raise(p, ERROR_FIELD, "no field has such a name");
    return !private || error_raise(p, ERROR_FIELD, "the field `%.100s` is private", AS(String, args[2])->bytes);
}

bool prim_type_get(Process *p, Value *args, Value *result) {
    uint32_t site = 0;
    return need_field(p, args) && rt_getfield(p, result, &args[1], args[2], &site);
}

bool prim_type_set(Process *p, Value *args, Value *result) {
    uint32_t site = 0;
    return need_field(p, args) && rt_setfield(p, &args[1], &args[3], args[2], &site) && give(result, V_NONE);
}
