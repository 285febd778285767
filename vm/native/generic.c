/* Generic code at run time: type arguments of calls, types that are known by number, containers that get their types.
 *
 * Invariant: a register may hold any value where a type's number is expected: `type_numbered` believes nothing. */
#include "runtime.h"
#include "runtime_api.h"
#include "opcodes.h"
#include "class.h"
#include "frame.h"

/* NULL: no type has this number. */
static const Type *type_numbered(const Machine *m, Value v) {
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

bool rt_reifyr(Process *p, Value *v, Value number) {
    const Type *t = type_numbered(p->machine, number);
    return t ? rt_reify(p, v, (uintptr_t)t) : no_type(p);
}

bool rt_gettype(Process *p, Value *dst, Value *env, Value constant) {
    const Type *known = is_type(*env, T_OBJECT) ? object_class(*env)->type : type_numbered(p->machine, *env);
    return give_type(p, dst, type_resolve(p->machine, constant_type(constant), known));
}

/* The instruction after the call says them. A method that an operator called returns into the middle of an instruction. */
bool rt_bindtypes(Process *p, Value *dst) {
    const Machine *m = p->machine;
    const Value *fp = p->fp;
    *dst = fixnum(m->simple_types[KIND_TYPES]->id);
    if (!link_delta(fp[-1]) && frame_is_operator(fp)) return true;
    const uint32_t *pc = link_pc(fp[-1]);
    uint32_t wide = (*pc & 255) == OP_WIDE ? *pc++ : 0;
    if ((*pc & 255) == OP_TYPEARGS) *dst = fixnum(constant_type(*(const Value *)((const char *)pc + (int32_t)pc[1]))->id);
    if ((*pc & 255) != OP_TYPEARGSR) return true;
    Value number = frame_caller((Value *)fp)[(*pc >> 8 & 255) | (wide & 0xFF00)];
    if (type_numbered(m, number)) *dst = number;
    return true;
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
