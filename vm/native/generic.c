/* Generic code at run time: type arguments of calls, types that are known by number, containers that get their types.
 *
 * Invariant: a register may hold any value where a type's number is expected: `type_numbered` believes nothing. */
#include "runtime.h"
#include "runtime_api.h"
#include "opcodes.h"
#include "class.h"
#include "frame.h"

const Type *type_numbered(const Machine *m, Value v) {
    return is_fixnum(v) && v >> FIXNUM_SHIFT && v >> FIXNUM_SHIFT < m->ntypes ? m->types[v >> FIXNUM_SHIFT] : NULL;
}

static bool no_type(Process *p) { return error_raise(p, ERROR_RUNTIME, "damaged program: a register does not hold a type"); }
static bool too_many(Process *p) { return error_raise(p, ERROR_RUNTIME, "a type is nested too deep, or there are too many types"); }

static bool give_type(Process *p, Value *dst, const Type *t) {
    if (!t) return too_many(p);
    *dst = fixnum(t->id);
    return true;
}

int rt_isr(Process *p, Value v, Value number) {
    const Type *t = type_numbered(p->machine, number);
    if (!t) return no_type(p), 2;
    return value_is(p, v, t);
}

bool rt_castr(Process *p, Value *dst, Value *v, Value number, Value place) {
    const Type *t = type_numbered(p->machine, number);
    return t ? rt_cast(p, dst, v, (uintptr_t)t, place) : no_type(p);
}

bool rt_reify(Process *p, Value *v, Value constant) {
    const Type *t = constant_type(constant);
    if (t->kind == KIND_CLASS && is_type(*v, T_OBJECT) && object_class(*v)->raw == t->class_->raw) {
        AS(Object, *v)->class_ = t->class_;
        return true;
    }
    if (!t->holder || !is_type(*v, (int)t->holder)) return rt_cast(p, v, v, constant, p->machine->empty_string);
    container_reify(*v, t);
    return true;
}

bool rt_gather(Process *p, Value *list, Value constant, Value place) {
    const Type *t = constant_type(constant);
    if (t->kind != KIND_LIST || !t->nargs || !is_type(*list, T_LIST)) return rt_cast(p, list, list, constant, place);
    Value *item = root_push(p, V_NONE);
    bool ok = true;
    for (int64_t i = 0; ok && i < AS(List, *list)->length; i++) {
        Array *items = AS(Array, AS(List, *list)->items);
        *item = items->items[i];
        if (value_is(p, *item, t->args[0])) continue;
        ok = type_admit(p, item, t->args[0], (const char *)AS(String, place)->bytes);
        if (!ok) break;
        items = AS(Array, AS(List, *list)->items);
        items->items[i] = *item;
        heap_barrier(p, items, &items->items[i], *item);
    }
    root_pop(p, 1);
    if (ok) container_reify(*list, t);
    return ok;
}

bool rt_reifyr(Process *p, Value *v, Value number) {
    const Type *t = type_numbered(p->machine, number);
    return t ? rt_reify(p, v, (uintptr_t)t) : no_type(p);
}

bool rt_gettype(Process *p, Value *dst, Value *env, Value constant) {
    const Type *known = is_type(*env, T_OBJECT) ? object_class(*env)->type : type_numbered(p->machine, *env);
    return give_type(p, dst, type_resolve(p->machine, constant_type(constant), known));
}

/* The type arguments that the instruction at `pc` gives to the call before it, whose frame is `fp`; NULL: none. */
static const Type *types_given(const Machine *m, const Value *fp, const uint32_t *pc) {
    uint32_t wide = (*pc & 255) == OP_WIDE ? *pc++ : 0;
    if ((*pc & 255) == OP_TYPEARGS) return constant_type(*(const Value *)((const char *)pc + (int32_t)pc[1]));
    return (*pc & 255) == OP_TYPEARGSR ? type_numbered(m, fp[(*pc >> 8 & 255) | (wide & 0xFF00)]) : NULL;
}

/* A method that an operator called returns into the middle of an instruction; `list_call` says what it gives. */
static const Type *call_types(Process *p) {
    Value *fp = p->fp;
    bool called = link_delta(fp[-1]) || !frame_is_operator(fp);
    return called ? types_given(p->machine, frame_caller(fp), link_pc(fp[-1])) : type_numbered(p->machine, fp[-4]);
}

bool rt_bindtypes(Process *p, Value *dst) {
    const Type *given = call_types(p);
    *dst = fixnum(given ? given->id : p->machine->simple_types[KIND_TYPES]->id);
    return true;
}

const Type *primitive_type(Process *p, uint8_t kind) {
    enum { PRIM_WORDS = 2 };
    Machine *m = p->machine;
    const Type *given = frame_function(p->fp)->native ? call_types(p)       /* called as a value */
                      : (*p->pc & 255) == OP_PRIM ? types_given(m, p->fp, p->pc + PRIM_WORDS) : NULL;
    if (!given || given->nargs != kind_params(kind)) return m->simple_types[kind];
    return type_make(m, &(TypeParts){.kind = kind, .nargs = given->nargs, .args = given->args});
}

bool rt_jointypes(Process *p, Value *own, Value *outer, uint32_t count) {
    Machine *m = p->machine;
    const Type *first = type_numbered(m, *outer), *then = type_numbered(m, *own), *args[MAX_TYPE_ARGS];
    uint32_t n = then ? then->nargs : 0;
    if (count + n > MAX_TYPE_ARGS) return too_many(p);
    for (uint32_t i = 0; i < count; i++) args[i] = first && i < first->nargs ? first->args[i] : m->simple_types[KIND_DYNAMIC];
    for (uint32_t i = 0; i < n; i++) args[count + i] = then->args[i];
    return give_type(p, own, type_make(m, &(TypeParts){.kind = KIND_TYPES, .nargs = count + n, .args = args}));
}
