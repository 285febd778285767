/* Types: interning, resolving, relations, tests of values. See type.h.
 *
 * Invariants: a type's parts are interned before it. Walks recurse along a type's parts, TYPE_DEPTH levels at most. */
#include "message.h"
#include "type.h"
#include "class.h"
#include "runtime.h"

#define BIT(n) (UINT64_C(1) << (n))
#define FLOATS (BIT(ACCEPT_FLONUM) | BIT(T_FLOAT))
#define INTS (BIT(ACCEPT_FIXNUM) | BIT(T_INT))

/* Where the form of a value decides: the forms of each kind without arguments. */
static const uint64_t forms[KIND_COUNT] = {
    [KIND_DYNAMIC] = ~BIT(ACCEPT_UNSET), [KIND_NONE] = BIT(ACCEPT_NONE), [KIND_BOOL] = BIT(ACCEPT_BOOL), [KIND_INT] = INTS,
    [KIND_FLOAT] = FLOATS, [KIND_NUMBER] = INTS | FLOATS | BIT(T_BIGINT), [KIND_BIGINT] = BIT(T_BIGINT), [KIND_STRING] = BIT(T_STRING) | BIT(T_ROPE), [KIND_FUNCTION] = BIT(T_CLOSURE),
    [KIND_RECORD] = BIT(T_RECORD), [KIND_LIST] = BIT(T_LIST), [KIND_MAP] = BIT(T_MAP), [KIND_TUPLE] = BIT(T_TUPLE),
    [KIND_OBJECT] = BIT(T_OBJECT), [KIND_F32] = FLOATS, [KIND_RANGE] = BIT(T_RANGE), [KIND_SET] = BIT(T_SET), [KIND_BYTES] = BIT(T_BYTES),
    [KIND_TYPE] = BIT(T_TYPE),
    [KIND_ARRAY] = BIT(T_ARRAY) | BIT(T_PACKED),
};
/* Types of objects that note their type arguments. */
static const uint8_t holders[KIND_COUNT] = {[KIND_LIST] = T_LIST, [KIND_MAP] = T_MAP, [KIND_SET] = T_SET, [KIND_ARRAY] = T_ARRAY};

/* --- the table --- */
enum { FIRST_TYPES = 64 };

static uint32_t parts_hash(const TypeParts *parts) {
    uint64_t word = (uint64_t)parts->kind | (uint64_t)parts->optional << 8 | (uint64_t)parts->nargs << 16 | (uint64_t)parts->index << 32;
    uint32_t hash = hash_bytes(&word, sizeof word) ^ hash_bytes(&parts->class_, sizeof parts->class_);
    for (uint32_t i = 0; i < parts->nargs; i++) {
        hash = (hash ^ parts->args[i]->id) * 0x9E3779B1u;
        if (parts->names) hash = (hash ^ header_of(parts->names[i])->id) * 0x9E3779B1u;
    }
    return hash;
}

static bool same_parts(const Type *t, const TypeParts *parts) {
    if (t->kind != parts->kind || t->optional != parts->optional || t->index != parts->index || t->nargs != parts->nargs) return false;
    if (parts->class_ && t->class_->raw != parts->class_) return false;
    size_t bytes = parts->nargs * sizeof(Value);
    return !bytes || (!memcmp(t->args, parts->args, bytes) && (!parts->names || !memcmp(t->names, parts->names, bytes)));
}

/* Where the type's number is in the index, or the free place where it belongs. */
static uint32_t *type_place(const Machine *m, const TypeParts *parts, uint32_t hash) {
    uint32_t mask = m->type_capacity * 2 - 1;
    for (uint32_t at = hash & mask;; at = (at + 1) & mask) {
        uint32_t *place = &m->type_index[at];
        if (!*place || (m->types[*place]->hash == hash && same_parts(m->types[*place], parts))) return place;
    }
}

static bool types_grow(Machine *m) {
    uint32_t capacity = m->type_capacity ? m->type_capacity * 2 : FIRST_TYPES, mask = capacity * 2 - 1;
    const Type **types = machine_alloc(m, capacity * sizeof *types);
    uint32_t *index = machine_alloc(m, capacity * 2 * sizeof *index);
    if (capacity > MAX_TYPES || !types || !index) return false;
    if (m->types) memcpy(types, m->types, m->ntypes * sizeof *types);
    for (uint32_t i = 1; i < m->ntypes; i++) {
        uint32_t at = types[i]->hash & mask;
        while (index[at]) at = (at + 1) & mask;
        index[at] = i;
    }
    m->types = types;
    m->type_index = index;
    m->type_capacity = capacity;
    return true;
}

/* Whether a type with only dynamic arguments is the one without. */
static bool drops_dynamic(const TypeParts *parts) {
    if (parts->kind == KIND_TUPLE || parts->kind == KIND_RECORD || parts->kind == KIND_FUNCTION) return false;
    for (uint32_t i = 0; i < parts->nargs; i++)
        if (parts->args[i]->kind != KIND_DYNAMIC) return false;
    return true;
}

static uint64_t accepted(const TypeParts *parts) {
    uint64_t forms_ = parts->nargs ? 0 : forms[parts->kind], none = parts->optional ? BIT(ACCEPT_NONE) : 0;
    bool decided = !parts->nargs && (forms_ || parts->kind == KIND_NEVER);
    return forms_ | none | (decided ? BIT(ACCEPT_DECIDED) : 0);
}

static uint8_t item_forms(const Type *item) {
    bool string = (item->accept & BIT(T_STRING)) != 0;
    return (item->accept & BIT(ACCEPT_FIXNUM) ? ITEM_FIXNUM : 0) | (item->accept & BIT(ACCEPT_FLONUM) ? ITEM_FLONUM : 0)
         | (item->accept & BIT(ACCEPT_BOOL) ? ITEM_BOOL : 0) | (item->accept & BIT(ACCEPT_NONE) ? ITEM_NONE : 0) | (string ? ITEM_STRING : 0);
}

/* How generated code tests instances: the type of a generic class's instantiation takes exact instances only, other tests decide. */
static void set_test(Type *t) {
    const Class *c = t->class_;
    t->test_mask = ~UINT64_C(0), t->test_word = (uintptr_t)c, t->test_at = offsetof(Class, self);
    if (!c || t->kind != KIND_CLASS || t->nargs) return;
    t->accept |= c->forms;
    if (c->own_bit) t->test_mask = t->test_word = c->own_bit, t->test_at = offsetof(Class, implements);
    else if (c->is_interface || c->depth >= DISPLAY) return;
    else t->test_at = (uint32_t)(offsetof(Class, display) + c->depth * sizeof(Class *));
    t->accept |= BIT(ACCEPT_DECIDED);
}

static const Type *type_add(Machine *m, const TypeParts *parts, uint32_t hash, uint32_t *place) {
    size_t bytes = parts->nargs * sizeof(Value);
    Type *t = machine_alloc(m, sizeof(Type) + bytes);
    Value *names = parts->names && bytes ? machine_alloc(m, bytes) : NULL;
    if (!t || (parts->names && bytes && !names)) return NULL;
    if (names) memcpy(names, parts->names, bytes);
    if (bytes) memcpy((void *)t->args, parts->args, bytes);
    t->accept = accepted(parts);
    t->holder = parts->nargs ? holders[parts->kind] : 0;
    t->items = t->holder == T_LIST ? item_forms(parts->args[0]) : 0;
    t->resolved = ~UINT64_C(0);
    t->hash = hash, t->index = parts->index, t->nargs = (uint16_t)parts->nargs;
    t->kind = parts->kind, t->optional = parts->optional, t->open = parts->kind == KIND_PARAM;
    t->names = names;
    t->plain = t;
    for (uint32_t i = 0; i < parts->nargs; i++) {
        if (t->args[i]->depth >= t->depth) t->depth = t->args[i]->depth + 1;
        t->open |= t->args[i]->open;
    }
    if (t->depth > TYPE_DEPTH) return NULL;
    t->id = m->ntypes;
    if (parts->class_) {
        t->class_ = t->open || !parts->nargs ? parts->class_ : class_instance(m, parts->class_, t);
        if (!t->class_) return NULL;
    }
    set_test(t);
    *place = t->id;
    return m->types[m->ntypes++] = t;
}

const Type *type_make(Machine *m, const TypeParts *given) {
    TypeParts parts = *given;
    if (parts.kind == KIND_ERROR) parts.kind = KIND_CLASS, parts.class_ = m->error_class;
    if (parts.kind == KIND_NEVER && parts.optional) parts.kind = KIND_NONE;
    if (parts.kind == KIND_NONE || parts.kind == KIND_DYNAMIC) parts.optional = 0;
    if (drops_dynamic(&parts)) parts.nargs = 0;
    const Type *plain = NULL;
    if (parts.optional) {
        parts.optional = 0;
        plain = type_make(m, &parts);
        parts.optional = 1;
        if (!plain) return NULL;
    }
    uint32_t hash = parts_hash(&parts);
    if (m->ntypes + 1 >= m->type_capacity && !types_grow(m)) return NULL;
    uint32_t *place = type_place(m, &parts, hash);
    if (*place) return m->types[*place];
    if (!plain) return type_add(m, &parts, hash, place);
    TypeParts without = parts;
    without.class_ = NULL;          /* its class is the plain type's */
    Type *t = (Type *)type_add(m, &without, hash, place);
    if (!t) return NULL;
    t->plain = plain, t->class_ = plain->class_;
    set_test(t);
    return t;
}

const Type *type_of_list(Machine *m, const Type *item) {
    return type_make(m, &(TypeParts){.kind = KIND_LIST, .nargs = 1, .args = &item});
}

static bool init_packed_types(Machine *m) {
    static const uint8_t kinds[ELEMENT_KINDS] = {
        [E_I8] = KIND_I8, [E_I16] = KIND_I16, [E_I32] = KIND_I32, [E_I64] = KIND_INT, [E_U8] = KIND_U8, [E_U16] = KIND_U16,
        [E_U32] = KIND_U32, [E_U64] = KIND_U64, [E_BOOL] = KIND_BOOL, [E_F32] = KIND_F32, [E_F64] = KIND_FLOAT};
    bool ok = true;
    for (int i = 0; ok && i < ELEMENT_KINDS; i++) {
        m->packed_types[i] = type_make(m, &(TypeParts){.kind = KIND_ARRAY, .nargs = 1, .args = &m->simple_types[kinds[i]]});
        ok = m->packed_types[i] != NULL;
    }
    return ok;
}

bool machine_init_types(Machine *m) {
    m->ntypes = 1;              /* number 0 says that nothing is noted */
    if (!types_grow(m)) return false;
    for (uint8_t kind = 0; kind < KIND_COUNT; kind++) {
        bool special = kind == KIND_CLASS || kind == KIND_ERROR || kind == KIND_PARAM;
        if (!special && !(m->simple_types[kind] = type_make(m, &(TypeParts){.kind = kind}))) return false;
    }
    m->int_list = type_of_list(m, m->simple_types[KIND_INT]);
    m->string_list = type_of_list(m, m->simple_types[KIND_STRING]);
    return m->int_list && m->string_list && init_packed_types(m);
}

Value type_value(Machine *m, const Type *t) {
    if (t->value) return t->value;
    TypeValue *v = machine_new_object(m, sizeof(TypeValue), HEADER(T_TYPE, 0, 0, 0));
    if (!v) return V_UNSET;
    v->type = t;
    return ((Type *)t)->value = ref(v);
}

/* --- resolving --- */

static const Type *param_argument(Machine *m, const Type *t, const Type *env) {
    if (env && t->nargs && env->kind == KIND_CLASS) env = type_view(m, env, t->args[0]->class_->raw);
    const Type *found = env && t->index < env->nargs ? env->args[t->index] : m->simple_types[KIND_DYNAMIC];
    if (!t->optional || found->optional) return found;
    TypeParts parts = {found->kind, 1, found->index, found->nargs, found->class_ ? found->class_->raw : NULL, found->names, found->args};
    return type_make(m, &parts);
}

const Type *type_resolve(Machine *m, const Type *t, const Type *env) {
    if (!t->open) return t;
    uint64_t known = t->resolved, key = env ? env->id : m->simple_types[KIND_TYPES]->id;
    if (known >> 32 == key) return m->types[(uint32_t)known];
    const Type *args[MAX_TYPE_ARGS], *made;
    if (t->kind == KIND_PARAM) {
        made = param_argument(m, t, env);
    } else {
        for (uint32_t i = 0; i < t->nargs; i++)
            if (!(args[i] = type_resolve(m, t->args[i], env))) return NULL;
        TypeParts parts = {t->kind, t->optional, t->index, t->nargs, t->class_ ? t->class_->raw : NULL, t->names, args};
        made = type_make(m, &parts);
    }
    if (made) ((Type *)t)->resolved = key << 32 | made->id;
    return made;
}

const Type *type_view(Machine *m, const Type *t, const Class *raw) {
    const Class *c = t->class_;
    if (c->raw == raw) return t->plain;
    for (uint32_t i = 0; i < c->raw->nsupers; i++) {
        if (!class_inherits(c->raw->supers[i]->class_, raw)) continue;
        const Type *above = type_resolve(m, c->raw->supers[i], c->type);
        return above ? type_view(m, above, raw) : NULL;
    }
    return class_inherits(c, raw) ? raw->type : NULL;
}

/* --- relations --- */

/* Is `a` as a type argument the same as `b`, where dynamic inside `b` is the same as anything? */
static bool matches(const Type *a, const Type *b) {
    if (a == b || b->kind == KIND_DYNAMIC) return true;
    if (a->kind != b->kind || a->optional != b->optional) return false;
    if (a->class_ && a->class_->raw != b->class_->raw) return false;
    if (!b->nargs) return b->kind != KIND_TUPLE || !a->nargs;
    if (a->nargs != b->nargs || (a->names && memcmp(a->names, b->names, a->nargs * sizeof(Value)))) return false;
    for (uint32_t i = 0; i < a->nargs; i++)
        if (!matches(a->args[i], b->args[i])) return false;
    return true;
}

static bool argument_fits(Machine *m, const Type *a, const Type *b, uint8_t variance) {
    if (variance == INVARIANT) return matches(a, b);
    return type_below(m, a, b) || (variance == BIVARIANT && type_below(m, b, a));
}

static bool arguments_fit(Machine *m, const Type *a, const Type *b, uint8_t variance) {
    if (!b->nargs) return true;
    if (a->nargs != b->nargs) return false;
    for (uint32_t i = 0; i < b->nargs; i++)
        if (!argument_fits(m, a->args[i], b->args[i], variance)) return false;
    return true;
}

static bool record_fits(Machine *m, const Type *a, const Type *b) {
    for (uint32_t i = 0; i < b->nargs; i++) {
        uint32_t at = 0;
        while (at < a->nargs && a->names[at] != b->names[i]) at++;
        if (at == a->nargs || !type_below(m, a->args[at], b->args[i])) return false;
    }
    return true;
}

/* A function's parameters, then its result. */
static bool function_fits(Machine *m, const Type *a, const Type *b) {
    if (!b->nargs) return true;
    if (a->nargs != b->nargs) return false;
    uint32_t params = b->nargs - 1;
    for (uint32_t i = 0; i < params; i++)
        if (!type_below(m, b->args[i], a->args[i])) return false;
    return b->args[params]->kind == KIND_NONE || type_below(m, a->args[params], b->args[params]);
}

static bool find_below(Machine *m, const Type *a, const Type *b) {
    if (a->kind == KIND_NEVER) return true;
    if (b->optional) {
        if (a->kind == KIND_NONE) return true;
        a = a->plain, b = b->plain;
    }
    if (a->optional) return false;
    if (a == b) return true;
    if (b->kind == KIND_NUMBER) return a->kind == KIND_INT || a->kind == KIND_FLOAT || a->kind == KIND_BIGINT;
    if (b->kind == KIND_OBJECT) return a->kind == KIND_CLASS;
    if (b->kind == KIND_CLASS && a->kind != KIND_CLASS) {
        const Type *view = interface_view(m, a, b->class_->raw);
        return view && arguments_fit(m, view, b, b->class_->variance);
    }
    if (a->kind != b->kind) return false;
    switch (b->kind) {
    case KIND_CLASS: {
        if (!b->nargs && b->class_->own_bit) return a->class_->implements & b->class_->own_bit;
        if (!b->nargs) return class_inherits(a->class_, b->class_->raw);
        const Type *view = type_view(m, a, b->class_->raw);
        return view && arguments_fit(m, view, b, b->class_->variance);
    }
    case KIND_RECORD: return record_fits(m, a, b);
    case KIND_FUNCTION: return function_fits(m, a, b);
    case KIND_TUPLE: return !b->nargs || (a->nargs == b->nargs && arguments_fit(m, a, b, COVARIANT));
    default: return arguments_fit(m, a, b, INVARIANT);
    }
}

/* The answers that were found are kept in a direct-mapped cache: a's number, b's number, the answer. */
bool type_below(Machine *m, const Type *a, const Type *b) {
    if (a == b || b->kind == KIND_DYNAMIC) return true;
    uint64_t key = (uint64_t)a->id << 33 | (uint64_t)b->id << 1;
    uint64_t *place = &m->types_below[(a->id * 31 + b->id) % (sizeof m->types_below / sizeof *m->types_below)], known = *place;
    if ((known & ~UINT64_C(1)) == key) return known & 1;
    bool answer = find_below(m, a, b);
    *place = key | answer;
    return answer;
}

/* --- values --- */

static bool in_bits(Value v, int bits, bool is_signed) {
    if (!is_int(v)) return false;
    int64_t i = int_int(v), low = is_signed ? -(INT64_C(1) << (bits - 1)) : 0;
    return i >= low && (bits == 64 || i <= (INT64_C(1) << (is_signed ? bits - 1 : bits)) - 1);
}

static bool items_are(Process *p, Value tuple, const Type *t) {
    Tuple *items = AS(Tuple, tuple);
    if (items->length != t->nargs) return false;
    for (uint32_t i = 0; i < t->nargs; i++)
        if (!value_is(p, items->items[i], t->args[i])) return false;
    return true;
}

static bool fields_are(Process *p, Value record, const Type *t) {
    for (uint32_t i = 0; i < t->nargs; i++) {
        uint32_t cache;
        Value v = record_get(p, AS(Record, record), t->names[i], &cache);
        if (v == V_UNSET || !value_is(p, v, t->args[i])) return false;
    }
    return true;
}

static bool takes_arguments(Value closure, uint32_t count) {
    const Closure *c = AS(Closure, closure);
    uint32_t bound = c->function->bound;
    return function_takes(bound ? AS(Closure, c->captured[1])->function : c->function, count + bound);
}

static uint32_t form_of(Value v) {
    if (is_fixnum(v)) return ACCEPT_FIXNUM;
    if (is_flonum(v)) return ACCEPT_FLONUM;
    if (is_ref(v)) return (uint32_t)type_of(v);
    return v == V_NONE ? ACCEPT_NONE : is_bool(v) ? ACCEPT_BOOL : ACCEPT_UNSET;
}

/* The test that generated code makes. */
static bool instance_is(const Class *c, const Type *t) {
    return (*(const uint64_t *)((const char *)c + t->test_at) & t->test_mask) == t->test_word;
}

bool value_is(Process *p, Value v, const Type *t) {
    Machine *m = p->machine;
    if (t->accept >> form_of(v) & 1) return true;
    if (is_type(v, T_OBJECT) && instance_is(object_class(v), t)) return true;
    if (t->accept >> ACCEPT_DECIDED & 1) return false;
    switch (t->kind) {
    case KIND_CLASS: return (is_type(v, T_OBJECT) || t->class_->raw->forms >> form_of(v) & 1) && type_below(m, value_type(m, v), t->plain);
    case KIND_TUPLE: return is_type(v, T_TUPLE) && items_are(p, v, t->plain);
    case KIND_RECORD: return is_type(v, T_RECORD) && fields_are(p, v, t);
    case KIND_FUNCTION: return is_type(v, T_CLOSURE) && takes_arguments(v, t->nargs - 1u);
    case KIND_I8: return in_bits(v, 8, true);
    case KIND_I16: return in_bits(v, 16, true);
    case KIND_I32: return in_bits(v, 32, true);
    case KIND_U8: return in_bits(v, 8, false);
    case KIND_U16: return in_bits(v, 16, false);
    case KIND_U32: return in_bits(v, 32, false);
    case KIND_U64: return in_bits(v, 64, false);
    default:
        if (!t->holder || !is_ref(v) || (type_of(v) == T_PACKED ? T_ARRAY : type_of(v)) != (int)t->holder) return false;
        return header_of(v)->id && type_below(m, m->types[header_of(v)->id], t->plain);
    }
}

static const Type *tuple_type(Machine *m, Value v) {
    const Type *args[MAX_TYPE_ARGS];
    int64_t length = AS(Tuple, v)->length;
    if (length > MAX_TYPE_ARGS) return m->simple_types[KIND_TUPLE];
    for (int64_t i = 0; i < length; i++) {
        Value item = AS(Tuple, v)->items[i];
        args[i] = is_type(item, T_TUPLE) ? m->simple_types[KIND_TUPLE] : value_type(m, item);   /* one level: the items may be any number */
        if (!args[i]) return NULL;
    }
    return type_make(m, &(TypeParts){.kind = KIND_TUPLE, .nargs = (uint32_t)length, .args = args});
}

const Type *value_type(Machine *m, Value v) {
    static const uint8_t kinds[64] = {
        [T_STRING] = KIND_STRING, [T_ROPE] = KIND_STRING, [T_FLOAT] = KIND_FLOAT, [T_INT] = KIND_INT, [T_CLOSURE] = KIND_FUNCTION,
        [T_TYPE] = KIND_TYPE, [T_RECORD] = KIND_RECORD, [T_LIST] = KIND_LIST, [T_MAP] = KIND_MAP, [T_TUPLE] = KIND_TUPLE, [T_RANGE] = KIND_RANGE,
        [T_SET] = KIND_SET, [T_BYTES] = KIND_BYTES, [T_BIGINT] = KIND_BIGINT,
        [T_ARRAY] = KIND_ARRAY, [T_PACKED] = KIND_ARRAY};
    if (is_fixnum(v)) return m->simple_types[KIND_INT];
    if (is_flonum(v)) return m->simple_types[KIND_FLOAT];
    if (!is_ref(v)) return m->simple_types[v == V_NONE ? KIND_NONE : is_bool(v) ? KIND_BOOL : KIND_NEVER];
    if (is_type(v, T_OBJECT)) return object_class(v)->type;
    if (is_type(v, T_TUPLE)) return tuple_type(m, v);
    uint8_t kind = kinds[type_of(v) & 63];
    return holders[kind] && header_of(v)->id ? m->types[header_of(v)->id] : m->simple_types[kind];
}

const Type *value_type_argument(const Machine *m, Value container, uint32_t i) {
    uint32_t id = header_of(container)->id;
    return id && i < m->types[id]->nargs ? m->types[id]->args[i] : m->simple_types[KIND_DYNAMIC];
}

Value type_widen(Process *p, const Type *t, Value v) {
    return t->kind == KIND_BIGINT ? bigint_of_int(p, int_int(v)) : float_value(p, (double)int_int(v));
}

/* Did nothing tell the type of a container's elements where it was made? */
static bool holds_anything(const Type *t) {
    for (uint32_t i = 0; i < t->nargs; i++)
        if (t->args[i]->kind != KIND_DYNAMIC) return false;
    return true;
}

bool type_admit(Process *p, Value *v, const Type *t, const char *place) {
    char wanted[TYPE_TEXT], given[TYPE_TEXT];
    if (value_is(p, *v, t)) return true;
    const char *colon = *place ? ": " : "";
    uint8_t kind = t->plain->kind;
    if (type_widens(t->plain, *v)) {
        Value wide = type_widen(p, t->plain, *v);
        return wide != V_UNSET && (*v = wide, true);
    }
    if (is_int(*v) && kind >= KIND_I8 && kind <= KIND_U64)
        return error_raise(p, ERROR_OVERFLOW, "%.200s%s%lld does not fit %s", place, colon, (long long)int_int(*v), type_text(t->plain, wanted, TYPE_TEXT));
    const Type *own = value_type(p->machine, *v);
    if (!own) return error_raise(p, ERROR_MEMORY, "out of memory");
    type_text(own, given, TYPE_TEXT), type_text(t, wanted, TYPE_TEXT);
    if (own->kind == kind && holders[kind] && holds_anything(own))
        return error_raise(p, ERROR_CASTING, "%.200s%s%s is not %s; write that type where it is made", place, colon, given, wanted);
    return error_raise(p, ERROR_CASTING, "%.200s%s%s is not %s", place, colon, given, wanted);
}

bool container_admit_slowly(Process *p, const Value *container, uint32_t i, Value *v) {
    char whole[TYPE_TEXT], place[TYPE_TEXT + 20];
    const Type *t = value_type_argument(p->machine, *container, i);
    if (value_is(p, *v, t)) return true;
    text_format(place, sizeof place, "an element of %s", type_text(value_type(p->machine, *container), whole, TYPE_TEXT));
    return type_admit(p, v, t, place);
}
