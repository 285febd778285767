/* See c_types.h. The rules of what C has are those of compiler/check/extern.py. */
#include "c_types.h"
#include "message.h"
#include "module.h"
#include "runtime_api.h"

enum { MOST_DEPTH = 16 };       /* structs in structs; what is deeper most likely contains itself */

static const CType *new_type(Machine *m, const Type *t, uint32_t forms, int depth);

/* The kind of the number that a type describes; ELEMENT_KINDS: none. */
static enum ElementKind number_kind(const Type *t) {
    switch (t->kind) {
    case KIND_I8: return E_I8;
    case KIND_I16: return E_I16;
    case KIND_I32: return E_I32;
    case KIND_INT: return E_I64;
    case KIND_U8: return E_U8;
    case KIND_U16: return E_U16;
    case KIND_U32: return E_U32;
    case KIND_U64: return E_U64;
    case KIND_F32: return E_F32;
    case KIND_FLOAT: return E_F64;
    case KIND_BOOL: return E_BOOL;
    default: return ELEMENT_KINDS;
    }
}

/* Numbers, strings, memory: types without parts. */
static bool simple_form(const Type *t, CType *made) {
    enum ElementKind kind = number_kind(t);
    made->size = made->align = sizeof(void *);
    if (kind != ELEMENT_KINDS) {
        made->form = FORM_NUMBER;
        made->element = (uint8_t)kind;
        made->size = made->align = (uint32_t)packed_width((uint8_t)kind);
        return !t->optional;
    }
    if (t->kind == KIND_ARRAY && t->nargs && !t->args[0]->optional) {
        made->form = FORM_ARRAY;
        made->element = (uint8_t)number_kind(t->args[0]);
        return made->element != ELEMENT_KINDS;
    }
    made->form = t->kind == KIND_STRING ? FORM_STRING : t->kind == KIND_BYTES ? FORM_BYTES : FORM_NOTHING;
    if (t->kind == KIND_NONE) made->size = made->align = 0;
    return made->form != FORM_NOTHING || t->kind == KIND_NONE;
}

static const CType *copy(Machine *m, const CType *made) {
    CType *kept = machine_alloc(m, sizeof *kept);
    return kept ? memcpy(kept, made, sizeof *kept) : NULL;
}

/* Lay out the fields one after another, each aligned; the whole is aligned as its strictest field is. */
static bool lay_out(Machine *m, const Class *c, CType *made, int depth) {
    uint32_t at = 0, strictest = 1, count = c->nslots;
    const CType **parts = machine_alloc(m, (count + 1) * sizeof *parts);
    uint32_t *offsets = machine_alloc(m, (count + 1) * sizeof *offsets);
    if (!parts || !offsets || !count || !c->slot_types) return false;
    for (uint32_t i = 0; i < count; i++) {
        const CType *part = parts[i] = new_type(m, c->slot_types[i], PART_FORMS, depth + 1);
        if (!part) return false;
        at = (at + part->align - 1) / part->align * part->align;
        offsets[i] = at;
        at += part->size;
        if (part->align > strictest) strictest = part->align;
        if (at > UINT16_MAX) return false;
    }
    made->form = FORM_STRUCT;
    made->parts = parts, made->offsets = offsets, made->count = count;
    made->align = strictest;
    made->size = (at + strictest - 1) / strictest * strictest;
    return true;
}

static bool class_form(Machine *m, const Type *t, CType *made, int depth) {
    const Class *c = t->class_->raw;
    made->size = made->align = sizeof(void *);
    if (!c->nslots) return false;
    switch (c->c) {
    case C_STRUCT: return !t->optional && c->nparams == 0 && lay_out(m, c, made, depth);
    case C_POINTER: return made->form = FORM_POINTER, true;
    case C_REFERENCE: {
        const CType **part = machine_alloc(m, sizeof *part);
        if (!part || t->nargs != 1 || !(*part = new_type(m, t->args[0], PART_FORMS, depth + 1))) return false;
        made->form = FORM_REFERENCE;
        made->parts = part;
        return true;
    }
    default: return false;
    }
}

static const CType *new_type(Machine *m, const Type *t, uint32_t forms, int depth) {
    CType made = {.optional = t->optional, .type = t};
    if (depth > MOST_DEPTH) return NULL;
    if (t->kind == KIND_CLASS) {
        if (!class_form(m, t, &made, depth)) return NULL;
    } else if (t->kind == KIND_FUNCTION) {
        if (!t->nargs || !(made.parts = csignature_new(m, t, GIVEN_FORMS, RETURNED_FORMS))) return NULL;
        made.form = FORM_CALLBACK;
        made.size = made.align = sizeof(void *);
        made.count = t->nargs - 1u;
    } else if (!simple_form(t, &made)) {
        return NULL;
    }
    return forms & FORM_BIT(made.form) ? copy(m, &made) : NULL;
}

const CType *ctype_new(Machine *m, const Type *t, uint32_t forms) { return new_type(m, t, forms, 0); }

const CType *const *csignature_new(Machine *m, const Type *function, uint32_t given, uint32_t result) {
    const CType **types = machine_alloc(m, function->nargs * sizeof *types);
    for (uint32_t i = 0; types && i < function->nargs; i++) {
        types[i] = ctype_new(m, function->args[i], i + 1u < function->nargs ? given : result);
        if (!types[i]) return NULL;
    }
    return types;
}

/* --- values to C --- */

const char *c_place(CPlace place, char *text) {
    if (place.argument > 0) text_format(text, PLACE_TEXT, "argument %d of `%.100s`", place.argument, place.function);
    else text_format(text, PLACE_TEXT, place.argument ? "a callback of `%.100s`" : "the result of `%.100s`", place.function);
    return text;
}

bool c_wrong(Process *p, const CType *t, Value v, CPlace place) {
    char text[TYPE_TEXT];
    return error_raise(p, ERROR_CASTING, "%s: %s is not %s", c_place(place, (char[PLACE_TEXT]){0}), type_name(v, false), type_text(t->type, text, sizeof text));
}

static bool store_pointer(Process *p, const CType *t, Value v, void *to, CPlace place) {
    int64_t address = 0;
    if (v != V_NONE || !t->optional) {
        if (!is_type(v, T_OBJECT) || !value_is(p, v, t->type)) return c_wrong(p, t, v, place);
        Value held = AS(Object, v)->slots[0];
        if (!is_int(held)) return error_raise(p, ERROR_CASTING, "%s: the pointer's address is %s, not an int", c_place(place, (char[PLACE_TEXT]){0}), type_name(held, false));
        address = int_int(held);
        if (!address) return error_raise(p, ERROR_VALUE, "%s: the pointer is null", c_place(place, (char[PLACE_TEXT]){0}));
    }
    memcpy(to, &address, sizeof address);
    return true;
}

bool c_store(Process *p, const CType *t, Value v, void *to, CPlace place) {
    if (t->form == FORM_POINTER) return store_pointer(p, t, v, to, place);
    if (t->form == FORM_NUMBER) return element_set(p, t->element, to, v) || (p->error == V_UNSET && c_wrong(p, t, v, place));
    if (!is_type(v, T_OBJECT) || !value_is(p, v, t->type)) return c_wrong(p, t, v, place);
    Float room;
    for (uint32_t i = 0; i < t->count; i++)
        if (!c_store(p, t->parts[i], object_peek(AS(Object, v), i, &room), (uint8_t *)to + t->offsets[i], place)) return false;
    return true;
}

/* --- values from C --- */

static bool load_pointer(Process *p, const CType *t, const void *from, Value *out, CPlace place) {
    void *address;
    memcpy(&address, from, sizeof address);
    if (!address) {
        *out = V_NONE;
        return t->optional || error_raise(p, ERROR_VALUE, "%s is a null pointer", c_place(place, (char[PLACE_TEXT]){0}));
    }
    if (t->form == FORM_STRING) return (*out = string_new(p, address, strlen(address))) != V_UNSET;
    Value *number = root_push(p, int_value(p, (int64_t)(intptr_t)address));
    bool ok = *number != V_UNSET && rt_object(p, out, NULL, (uintptr_t)t->type->plain);
    if (ok) AS(Object, *out)->slots[0] = *number;
    root_pop(p, 1);
    if (ok) heap_barrier(p, AS(Object, *out), &AS(Object, *out)->slots[0], AS(Object, *out)->slots[0]);
    return ok;
}

/* Give the instance *object the fields that C left at `from`. */
static bool load_fields(Process *p, const CType *t, const void *from, Value *object, CPlace place) {
    Value *field = root_push(p, V_NONE);
    bool ok = true;
    for (uint32_t i = 0; ok && i < t->count; i++) {
        ok = c_load(p, t->parts[i], (const uint8_t *)from + t->offsets[i], field, place);
        if (ok) object_set(p, AS(Object, *object), i, *field);
    }
    root_pop(p, 1);
    return ok;
}

bool c_load(Process *p, const CType *t, const void *from, Value *out, CPlace place) {
    switch (t->form) {
    case FORM_NOTHING: return *out = V_NONE, true;
    case FORM_NUMBER:
        if (t->element == E_U64 && *(const int64_t *)from < 0) return error_raise(p, ERROR_OVERFLOW, "%s does not fit an int", c_place(place, (char[PLACE_TEXT]){0}));
        return (*out = element_get(p, t->element, from)) != V_UNSET;
    case FORM_STRUCT: return rt_object(p, out, NULL, (uintptr_t)t->type) && load_fields(p, t, from, out, place);
    default: return load_pointer(p, t, from, out, place);
    }
}

bool c_update(Process *p, const CType *t, const void *from, const Value *v, CPlace place) {
    Value *held = root_push(p, AS(Object, *v)->slots[0]);
    bool ok = t->parts[0]->form == FORM_STRUCT && is_type(*held, T_OBJECT) ? load_fields(p, t->parts[0], from, held, place)
                                                                           : c_load(p, t->parts[0], from, held, place);
    Value *slot = &AS(Object, *v)->slots[0];
    if (ok) *slot = *held;
    root_pop(p, 1);
    if (ok) heap_barrier(p, AS(Object, *v), slot, *slot);
    return ok;
}

static bool take_reference(Process *p, const CType *t, const void *from, Value *out, CPlace place) {
    void *target = *(void *const *)from;
    if (!target) return *out = V_NONE, t->optional || error_raise(p, ERROR_VALUE, "%s gets a null pointer", c_place(place, (char[PLACE_TEXT]){0}));
    Value *value = root_push(p, V_NONE);
    bool ok = c_load(p, t->parts[0], target, value, place) && rt_object(p, out, value, (uintptr_t)t->type->plain);
    root_pop(p, 1);
    return ok;
}

bool c_take(Process *p, const CType *t, const void *from, Value *out, CPlace place) {
    return t->form == FORM_REFERENCE ? take_reference(p, t, from, out, place) : c_load(p, t, from, out, place);
}
