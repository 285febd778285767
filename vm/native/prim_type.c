/* Types as values: what programs can know of them.
 *
 * Invariants: as in prim.c; a type as a value is immortal, so nothing it says is collected but the lists that are made here. */
#include "prim.h"
#include "type.h"
#include "class.h"
#include "runtime_api.h"

static const Type *type_in(Value v) { return AS(TypeValue, v)->type; }

/* RAISES: V_UNSET without memory. */
static Value value_of(Process *p, const Type *t) {
    Value v = t ? type_value(p->machine, t) : V_UNSET;
    if (v == V_UNSET) error_raise(p, ERROR_MEMORY, "out of memory");
    return v;
}

bool prim_type_of(Process *p, Value *args, Value *result) { return give(result, value_of(p, value_type(p->machine, args[0]))); }

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

enum What { FIELDS, METHODS, ARGS };

/* MAY_COLLECT RAISES */
static Value list_of(Process *p, const Type *t, enum What what) {
    const Class *c = t->kind == KIND_CLASS ? t->class_ : NULL;
    uint32_t fields = c ? c->nslots : t->kind == KIND_RECORD ? t->nargs : 0;
    uint32_t count = what == FIELDS ? fields : what == METHODS ? (c ? c->nmethods : 0) : t->nargs;
    Value *made = root_push(p, list_new(p, NULL, 0)), *item = root_push(p, V_NONE);
    bool ok = *made != V_UNSET && list_reserve(p, made, count);
    for (uint32_t i = 0; ok && i < count; i++) {
        if (what == FIELDS) ok = field_pair(p, item, t, i);
        else *item = what == METHODS ? c->method_names[i] : value_of(p, t->args[i]);
        ok = ok && *item != V_UNSET && list_push(p, made, item);
    }
    Value v = ok ? *made : V_UNSET;
    root_pop(p, 2);
    return v;
}

/* MAY_COLLECT RAISES: a list of a type that is made here, given by the type of its items. */
static Value typed_list(Process *p, Value list, const Type *item) {
    const Type *t = item ? type_of_list(p->machine, item) : NULL;
    if (list != V_UNSET && !t) return error_raise(p, ERROR_MEMORY, "out of memory"), V_UNSET;
    return container_reify(list, t);
}

static Value base_of(Process *p, const Type *t) {
    const Class *c = t->kind == KIND_CLASS ? t->class_ : NULL, *parent = c ? (const Class *)c->parent : NULL;
    return parent ? value_of(p, type_view(p->machine, t, parent->raw)) : V_NONE;
}

Value type_field(Process *p, const Value *type, const char *name) {
    Machine *m = p->machine;
    const Type *t = type_in(*type), *simple = m->simple_types[KIND_TYPE];
    char text[TYPE_TEXT];
    const Type *pair[] = {m->simple_types[KIND_STRING], simple};
    if (!strcmp(name, "name")) return type_text(t, text, TYPE_TEXT), string_new(p, text, strlen(text));
    if (!strcmp(name, "kind")) return string_new(p, type_kind(t), strlen(type_kind(t)));
    if (!strcmp(name, "base")) return base_of(p, t);
    if (!strcmp(name, "args")) return typed_list(p, list_of(p, t, ARGS), simple);
    if (!strcmp(name, "methods")) return typed_list(p, list_of(p, t, METHODS), pair[0]);
    if (!strcmp(name, "fields"))
        return typed_list(p, list_of(p, t, FIELDS), type_make(m, &(TypeParts){.kind = KIND_TUPLE, .nargs = 2, .args = pair}));
    return V_UNSET;
}

/* RAISES: the object and the field's name of a `get` or `set` must fit the type. */
static bool need_field(Process *p, Value *args) {
    char wanted[TYPE_TEXT];
    if (!need(p, args[0], T_TYPE, "a type") || !need_string(p, &args[2])) return false;
    const Type *t = type_in(args[0]);
    if (!value_is(p, args[1], t)) return error_raise(p, ERROR_CASTING, "%s is not %s", type_name(args[1], false), type_text(t, wanted, TYPE_TEXT));
    const String *s = AS(String, args[2]);
    args[2] = s->length < 65536 ? machine_intern(p->machine, s->bytes, (size_t)s->length) : V_UNSET;
    return args[2] != V_UNSET || error_raise(p, ERROR_FIELD, "no field has such a name");
}

bool prim_type_get(Process *p, Value *args, Value *result) {
    uint32_t site = 0;
    return need_field(p, args) && rt_getfield(p, result, &args[1], args[2], &site);
}

bool prim_type_set(Process *p, Value *args, Value *result) {
    uint32_t site = 0;
    return need_field(p, args) && rt_setfield(p, &args[1], &args[3], args[2], &site) && give(result, V_NONE);
}
