/* Classes: what instances, enum variants, interfaces and errors have in common.
 *
 * A class is immortal and shared by processes. Its number is a shape number that no record has, so that the field caches of
 * records serve instances too. An instantiation of a generic class has the number of the raw class, and its slots and methods. */
#ifndef MYNA_CLASS_H
#define MYNA_CLASS_H
#include "type.h"

/* Methods that the machine itself calls. */
enum Protocol { M_TO_STRING, M_COMPARE, M_ITER, M_HAS_NEXT, M_NEXT, M_EQUAL, M_HASH, M_FORMAT, M_TO_JSON, M_DESCRIBE, M_ATTRIBUTES, PROTOCOL_COUNT };

typedef struct Class {
    CLASS_HEAD                      /* shape, methods (immortal closures, inherited ones first), parent, type; slot_types: by slot, in its own
                                     * params; NULL: any values. Of an instantiation only `type` is its own */
    Value name;                     /* interned */
    const char *classic_name;       /* of an error in classic programs, or NULL */
    uint32_t nslots, nancestors;
    Value *slot_names, *method_names;
    struct Class **ancestors;       /* itself, superclasses, all their interfaces */
    uint8_t is_error, structural, is_interface, is_machine, variance, c;     /* c: a CKind, what C sees of its instances */
    uint32_t nparams, nsupers;
    uint64_t own_bit;               /* of an interface, in `implements`; 0: it has none */
    uint64_t forms;                 /* of a predefined interface: forms of built-in values that may belong to it; interface.c */
    const Type **supers;            /* of what it inherits, where type arguments matter; in its own params */
    Value protocol[PROTOCOL_COUNT]; /* its methods of these names; 0: none */
} Class;

enum { MAX_CLASS_SLOTS = 250, MAX_CLASS_METHODS = METHOD_SLOT - 1 };

/* A type constant is the address of a Type. */
static inline const Type *constant_type(Value constant) { return (const Type *)(uintptr_t)constant; }
/* The class of the instances of exactly the type `t`, made when it is first asked for; NULL: no memory. */
Class *class_instance(Machine *m, Class *raw, const Type *t);
bool class_inherits(const Class *c, const Class *ancestor);
/* Index of a method or field by interned name, or -1. */
int class_method(const Class *c, Value name);
int class_slot(const Class *c, Value name);
static inline Class *object_class(Value v) { return AS(Object, v)->class_; }     /* v must be an OBJECT */
static inline uint64_t object_header(const Class *c) { return HEADER(T_OBJECT, c->raw->raw_slots ? OBJECT_RAW : 0, c->nslots, c->shape << SHAPE_SHIFT); }
static inline bool is_raw_slot(const Class *c, uint32_t slot) { return slot < RAW_SLOTS && c->raw->raw_slots >> slot & 1; }
/* What a slot holds. A double that has no word of its own is put into *room, which is the value then: it must not get into the heap, nor outlive *room. */
Value object_peek(const Object *o, uint32_t slot, Float *room);
/* The same as a value like all others; V_UNSET: no memory. MAY_COLLECT RAISES */
Value object_get(Process *p, const Object *o, uint32_t slot);
/* Set a slot; a raw one gets a float. */
void object_set(Process *p, Object *o, uint32_t slot, Value value);
/* The method of a value's class; 0: the value is no instance, or its class has none. */
static inline Value protocol_method(Value v, enum Protocol which) { return is_type(v, T_OBJECT) ? object_class(v)->protocol[which] : 0; }
static inline bool is_error(Value v) { return is_type(v, T_OBJECT) && object_class(v)->is_error; }
/* What has parts that equality compares: tuples, ranges, enum values. The parts in order; NULL: the value is none of these. */
const Value *structure_parts(Value v, int64_t *count);
/* Whether two such values are of one kind, so that their parts decide; `structure_kind` is a number to hash. */
uint32_t structure_kind(Value v);
static inline bool same_structure(Value a, Value b) { return type_of(a) == type_of(b) && structure_kind(a) == structure_kind(b); }
/* A class with the parent's slots and methods and these of its own; overriding ones replace in place. The arrays are copied.
 * NULL: no memory, or more slots or methods than instructions can name. */
typedef struct ClassParts {
    Value name;
    Class *parent;
    const Value *fields, *method_names, *methods;
    Class *const *interfaces;
    uint32_t nfields, nmethods, ninterfaces, nparams;
    uint8_t structural, variance, is_interface, c;
    uint64_t forms;
} ClassParts;
Class *class_new(Machine *m, const ClassParts *parts);
/* A built-in type as the predefined interface `raw`; NULL: it does not implement it, or no memory. */
const Type *interface_view(Machine *m, const Type *t, Class *raw);
/* The bits, in `implements`, of the predefined interfaces whose methods a class has, whether it names them or not. */
uint64_t interface_bits(const Machine *m, const Class *c);
/* A class of the machine by name ("Error" and its kin, predefined interfaces), or NULL. */
Class *machine_class(Machine *m, Value name);
/* A method with its `this`: a closure of the method's remaining parameters. MAY_COLLECT RAISES */
Value method_bind(Process *p, Value *object, Value method);
#endif
