/* Types at run time: what values are tested against, and what containers and instances of generic classes are made with.
 *
 * A type is interned: equal types are one object, with a small number. It is immortal and shared by processes; the table only
 * grows. A LIST, MAP, SET or ARRAY has its type's number in its header's id, 0 when its type arguments are dynamic; an instance has
 * its class, and each instantiation of a generic class is a class of its own (class.h). */
#ifndef MYNA_TYPE_H
#define MYNA_TYPE_H
#include "process.h"
#include "opcodes.h"

typedef struct Type {
    TYPE_HEAD                       /* see layout.py */
    uint32_t hash, index;           /* index: of a param */
    uint16_t nargs;
    uint8_t kind, optional, open, depth;    /* open: a param stands in it */
    const Value *names;             /* of a record's fields */
    const struct Type *plain;       /* without its `?` */
    Value value;                    /* the type as a value, 0: not made yet */
    const struct Type *args[];
} Type;

enum Variance { INVARIANT, COVARIANT, BIVARIANT };
enum { MAX_TYPES = 1 << 20, MAX_TYPE_ARGS = 255 };

/* How many type arguments a built-in type takes. */
static inline uint32_t kind_params(uint8_t kind) {
    return kind == KIND_MAP ? 2 : kind == KIND_LIST || kind == KIND_SET || kind == KIND_ARRAY;
}

/* What a type is made of. `class_` is the raw class of a KIND_CLASS. */
typedef struct TypeParts {
    uint8_t kind, optional;
    uint32_t index, nargs;
    struct Class *class_;
    const Value *names;
    const Type *const *args;
} TypeParts;

bool machine_init_types(Machine *m);
/* The type of these parts; without arguments when all those of a class or container are dynamic. NULL: no memory, or too deep. */
const Type *type_make(Machine *m, const TypeParts *parts);
const Type *type_of_list(Machine *m, const Type *item);      /* as type_make */
/* Give a new container its type; V_UNSET stays what it is. */
static inline Value container_reify(Value container, const Type *t) {
    if (container != V_UNSET && t->nargs) {
        header_of(container)->id = t->id;
        if (is_type(container, T_LIST)) header_of(container)->aux = t->items;
    }
    return container;
}
/* For a primitive: the type of the container that its caller wants, of this kind. NULL as type_make. */
const Type *primitive_type(Process *p, uint8_t kind);
/* `t` with its params replaced by the arguments of `env`: a "types", or the type of an instance; NULL: all are dynamic. NULL: as type_make. */
const Type *type_resolve(Machine *m, const Type *t, const Type *env);
/* Is each value of type `a` a `b`? Neither is open. */
bool type_below(Machine *m, const Type *a, const Type *b);
/* An instance's type seen as one of the class `raw`, which it inherits; NULL: it does not, or no memory. */
const Type *type_view(Machine *m, const Type *t, const struct Class *raw);
const Type *type_numbered(const Machine *m, Value v);       /* the type with this number; NULL: none has it */
Value type_value(Machine *m, const Type *t);    /* the type as a value; V_UNSET: no memory */
const char *type_kind(const Type *t);           /* what kind of type it is, for programs */
/* MAY_COLLECT RAISES: what a program can read of a type by name; V_UNSET with nothing raised: there is no such thing. prim_type.c */
Value type_field(Process *p, const Value *type, const char *name);
bool value_is(Process *p, Value v, const Type *t);      /* a value's fields are looked at as they are now; never collects */
/* The type of a value as a program can know it; NULL: no memory. */
const Type *value_type(Machine *m, Value v);
/* A container's or an instance's type argument number `i`; never NULL. */
const Type *value_type_argument(const Machine *m, Value container, uint32_t i);
/* The type as the source writes it, at most `size` - 1 bytes; gives `out`. */
const char *type_text(const Type *t, char *out, size_t size);
enum { TYPE_TEXT = 160 };           /* bytes of a type in a message */

/* Does an int become another number where a `t` is expected? `type_widen` gives that. */
static inline bool type_widens(const Type *t, Value v) {
    return is_int(v) && (t->kind == KIND_FLOAT || t->kind == KIND_F32 || t->kind == KIND_BIGINT);
}
Value type_widen(Process *p, const Type *t, Value v);       /* MAY_COLLECT RAISES */

/* MAY_COLLECT RAISES: make *v (a root) fit for a place of type `t`, which messages call `place`: an int becomes a float or
 * bigint, another value of a wrong type raises CastError. */
bool type_admit(Process *p, Value *v, const Type *t, const char *place);
/* The same for what is to be kept as what type argument number `i` of a container stands for. */
bool container_admit_slowly(Process *p, const Value *container, uint32_t i, Value *v);
static inline bool container_admit(Process *p, const Value *container, uint32_t i, Value *v) {
    return !header_of(*container)->id || container_admit_slowly(p, container, i, v);
}
#endif
