/* Slots of instances, of which some may be raw: doubles as they are, where all others hold words.
 *
 * Invariant: a class has raw slots before it has instances. Reading a raw slot as a word is left to those that may allocate (object_get), or
 * have room for a boxed double of their own (object_peek). */
#include "runtime.h"
#include "class.h"

Value object_peek(const Object *o, uint32_t slot, Float *room) {
    Value v = o->slots[slot];
    if (!is_raw_slot(o->class_, slot)) return v;
    *room = (Float){HEADER(T_FLOAT, 0, 0, 0), 0};
    memcpy(&room->value, &v, sizeof v);
    return double_flonum(room->value, &v) ? v : ref(room);
}

void object_set(Process *p, Object *o, uint32_t slot, Value value) {
    if (is_raw_slot(o->class_, slot)) {
        double d = float_double(value);
        memcpy(&o->slots[slot], &d, sizeof d);
    } else {
        o->slots[slot] = value;
        heap_barrier(p, o, &o->slots[slot], value);
    }
}

Value *values_between(Object *o, Value *from, Value **end) {
    Value *first = o->slots, *limit = first + ((const Header *)o)->inl;
    if (from == limit) return NULL;
    while (from < limit && is_raw_slot(o->class_, (uint32_t)(from - first))) from++;
    for (*end = from; *end < limit && !is_raw_slot(o->class_, (uint32_t)(*end - first));) ++*end;
    return from;
}
