/* The predefined interfaces Iterable<T>, Iterator<T> and Comparable<T>. Classes implement them as they do their own; here is which
 * built-in types do.
 *
 * A class that has the methods of one is of it too, but nothing is known of its type argument.
 *
 * Invariant: `forms` of such a class says which forms of values may belong to it; `interface_view` decides with type arguments. */
#include "runtime.h"
#include "class.h"

#define BIT(n) (UINT64_C(1) << (n))
#define ITERABLES (BIT(T_LIST) | BIT(T_SET) | BIT(T_ARRAY) | BIT(T_PACKED) | BIT(T_RANGE) | BIT(T_STRING) | BIT(T_ROPE) | BIT(T_BYTES) | BIT(T_TUPLE))
#define COMPARABLES (BIT(ACCEPT_FIXNUM) | BIT(T_INT) | BIT(ACCEPT_FLONUM) | BIT(T_FLOAT) | BIT(T_BIGINT) | BIT(T_STRING) | BIT(T_ROPE))

static Class *make(Machine *m, const char *name, uint8_t variance, uint64_t forms, Class *above) {
    Class *const interfaces[] = {above};
    ClassParts parts = {.name = machine_intern(m, name, strlen(name)), .interfaces = interfaces, .ninterfaces = above != NULL, .nparams = 1,
                        .variance = variance, .is_interface = 1, .forms = forms};
    Class *c = parts.name == V_UNSET ? NULL : class_new(m, &parts);
    if (c) c->is_machine = 1;
    return c;
}

/* Iterator<T> is an Iterable<T>. */
static bool inherit_iterable(Machine *m, Class *iterator, Class *iterable) {
    const Type *param = type_make(m, &(TypeParts){.kind = KIND_PARAM}), **supers = machine_alloc(m, sizeof *supers);
    if (!param || !supers) return false;
    *supers = type_make(m, &(TypeParts){.kind = KIND_CLASS, .class_ = iterable, .nargs = 1, .args = &param});
    iterator->supers = supers;
    iterator->nsupers = 1;
    return *supers != NULL;
}

bool machine_init_interfaces(Machine *m) {
    Class *iterable = m->interfaces[0] = make(m, "Iterable", COVARIANT, ITERABLES, NULL);
    Class *iterator = m->interfaces[1] = iterable ? make(m, "Iterator", COVARIANT, 0, iterable) : NULL;
    m->interfaces[2] = make(m, "Comparable", BIVARIANT, COMPARABLES, NULL);
    return iterator && m->interfaces[2] && inherit_iterable(m, iterator, iterable);
}

uint64_t interface_bits(const Machine *m, const Class *c) {
    const Value *has = c->protocol;
    bool iterates = has[M_HAS_NEXT] && has[M_NEXT];
    uint64_t bits = 0;
    if (c->is_interface || !m->interfaces[2]) return 0;
    if (iterates || has[M_ITER]) bits |= m->interfaces[0]->own_bit;
    if (iterates) bits |= m->interfaces[1]->own_bit;
    return has[M_COMPARE] ? bits | m->interfaces[2]->own_bit : bits;
}

/* What all items of a tuple are: one type, or dynamic. */
static const Type *items_type(Machine *m, const Type *tuple) {
    for (uint32_t i = 1; i < tuple->nargs; i++)
        if (tuple->args[i] != tuple->args[0]) return m->simple_types[KIND_DYNAMIC];
    return tuple->nargs ? tuple->args[0] : m->simple_types[KIND_DYNAMIC];
}

const Type *interface_view(Machine *m, const Type *t, Class *raw) {
    const Type *arg, **simple = m->simple_types;
    bool compares = raw == m->interfaces[2];
    switch (t->kind) {
    case KIND_LIST: case KIND_SET: case KIND_ARRAY: arg = compares ? NULL : t->nargs ? t->args[0] : simple[KIND_DYNAMIC]; break;
    case KIND_TUPLE: arg = compares ? NULL : items_type(m, t); break;
    case KIND_BYTES: case KIND_RANGE: arg = compares ? NULL : simple[KIND_INT]; break;
    case KIND_STRING: arg = simple[KIND_STRING]; break;
    case KIND_FLOAT: case KIND_F32: arg = compares ? simple[KIND_FLOAT] : NULL; break;
    case KIND_BIGINT: arg = compares ? simple[KIND_BIGINT] : NULL; break;
    case KIND_INT: case KIND_I8: case KIND_I16: case KIND_I32: case KIND_U8: case KIND_U16: case KIND_U32: case KIND_U64:
        arg = compares ? simple[KIND_INT] : NULL; break;
    default: arg = NULL;
    }
    bool none = !raw->forms || !arg || t->optional;
    return none ? NULL : type_make(m, &(TypeParts){.kind = KIND_CLASS, .class_ = raw, .nargs = 1, .args = &arg});
}
