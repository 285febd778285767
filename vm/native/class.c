/* Classes: building, looking up, type tests, bound methods. See class.h. */
#include "runtime.h"
#include "class.h"
#include "opcodes.h"
#include "module.h"

bool class_inherits(const Class *c, const Class *ancestor) {
    for (uint32_t i = 0; i < c->nancestors; i++)
        if (c->ancestors[i] == ancestor) return true;
    return false;
}

Class *class_instance(Machine *m, Class *raw, const Type *t) {
    Class *c = machine_alloc(m, sizeof(Class));
    if (!c) return NULL;
    *c = *raw;
    c->self = c;
    c->type = t;
    return c;
}

const Value *structure_parts(Value v, int64_t *count) {
    if (is_type(v, T_TUPLE)) return *count = AS(Tuple, v)->length, AS(Tuple, v)->items;
    if (is_type(v, T_RANGE)) return *count = 2, &AS(Range, v)->start;
    if (is_type(v, T_OBJECT) && object_class(v)->structural) return *count = object_class(v)->nslots, AS(Object, v)->slots;
    return NULL;
}

uint32_t structure_kind(Value v) {
    return is_type(v, T_OBJECT) ? (uint32_t)object_class(v)->shape : header_of(v)->aux;
}

static int find(const Value *names, uint32_t count, Value name) {
    for (uint32_t i = count; i-- > 0;)
        if (names[i] == name) return (int)i;
    return -1;
}

int class_method(const Class *c, Value name) { return find(c->method_names, c->nmethods, name); }
int class_slot(const Class *c, Value name) { return find(c->slot_names, c->nslots, name); }

static void inherit(Class *c, const Class *from) {
    for (uint32_t i = 0; i < from->nmethods; i++) {
        int at = class_method(c, from->method_names[i]);
        if (at >= 0) continue;
        c->method_names[c->nmethods] = from->method_names[i];
        c->methods[c->nmethods++] = from->methods[i];
    }
}

static void add_ancestors(Class *c, const Class *from) {
    for (uint32_t i = 0; i < from->nancestors; i++)
        if (!class_inherits(c, from->ancestors[i])) c->ancestors[c->nancestors++] = from->ancestors[i];
}

/* Words in all classes' tables: 128 MiB, a thousand classes with a thousand methods each. A long chain of subclasses that each add a method
 * would otherwise take the square of the program's size. */
enum { MOST_CLASS_WORDS = 1 << 24 };

/* Room for all that could be inherited; false: no memory. */
static bool allocate(Machine *m, Class *c, const ClassParts *parts) {
    size_t slots = parts->nfields, methods = parts->nmethods, ancestors = 1;
    if (parts->parent) slots += parts->parent->nslots, methods += parts->parent->nmethods, ancestors += parts->parent->nancestors;
    for (uint32_t i = 0; i < parts->ninterfaces; i++) methods += parts->interfaces[i]->nmethods, ancestors += parts->interfaces[i]->nancestors;
    if (slots > MAX_CLASS_SLOTS) return false;
    m->class_words += slots + 2 * methods + ancestors;
    if (m->class_words > MOST_CLASS_WORDS) return false;
    c->slot_names = machine_alloc(m, (slots + 1) * sizeof(Value));
    c->method_names = machine_alloc(m, (methods + 1) * sizeof(Value));
    c->methods = machine_alloc(m, (methods + 1) * sizeof(Value));
    c->ancestors = machine_alloc(m, ancestors * sizeof(Class *));
    return c->slot_names && c->method_names && c->methods && c->ancestors;
}

static bool find_protocol(Machine *m, Class *c) {
    static const char *const names[PROTOCOL_COUNT] = {"to_string", "compare", "iter", "has_next", "next", "==", "hash", "format", "to_json", "(describe)", "(attributes)"};
    for (int i = 0; i < PROTOCOL_COUNT; i++) {
        Value name = machine_intern(m, names[i], strlen(names[i]));
        if (name == V_UNSET) return false;
        int method = class_method(c, name);
        c->protocol[i] = method < 0 ? 0 : c->methods[method];
    }
    return true;
}

Class *class_new(Machine *m, const ClassParts *parts) {
    Class *c = machine_alloc(m, sizeof(Class));
    uint32_t number = c ? shape_class(m) : 0;
    if (!c || !number || !allocate(m, c, parts)) return NULL;
    c->shape = number;
    c->name = parts->name;
    c->parent = parts->parent;
    c->structural = parts->structural;
    c->is_interface = parts->is_interface;
    c->forms = parts->forms;
    if (c->is_interface && m->ninterfaces < INTERFACE_BITS) c->implements = c->own_bit = UINT64_C(1) << m->ninterfaces++;
    c->variance = parts->variance;
    c->c = parts->c ? parts->c : parts->parent ? parts->parent->c : C_NO;
    c->nparams = parts->nparams;
    c->raw = c->self = c;
    c->ancestors[c->nancestors++] = c;
    const Class *parent = parts->parent;
    if (parent) {
        memcpy(c->slot_names, parent->slot_names, parent->nslots * sizeof(Value));
        memcpy(c->display, parent->display, sizeof c->display);
        c->depth = parent->depth + 1;
        c->implements |= parent->implements;
        c->nslots = parent->nslots;
        c->is_error = parent->is_error;
        c->classic_name = parent->classic_name;
        inherit(c, parent);
        add_ancestors(c, parent);
    }
    if (c->depth < DISPLAY) c->display[c->depth] = c;
    for (uint32_t i = 0; i < parts->nfields; i++) c->slot_names[c->nslots++] = parts->fields[i];
    for (uint32_t i = 0; i < parts->nmethods; i++) {
        int at = class_method(c, parts->method_names[i]);
        if (at < 0) c->method_names[at = (int)c->nmethods++] = parts->method_names[i];
        c->methods[at] = parts->methods[i];
    }
    for (uint32_t i = 0; i < parts->ninterfaces; i++) {
        inherit(c, parts->interfaces[i]);       /* defaults: what the class or a superclass has wins */
        add_ancestors(c, parts->interfaces[i]);
        c->implements |= parts->interfaces[i]->implements;
    }
    c->type = type_make(m, &(TypeParts){.kind = KIND_CLASS, .class_ = c});
    if (!c->type || c->nmethods > MAX_CLASS_METHODS || !find_protocol(m, c)) return NULL;
    c->implements |= interface_bits(m, c);
    return c;
}

Class *machine_class(Machine *m, Value name) {
    for (uint32_t i = 0; i < sizeof m->interfaces / sizeof *m->interfaces; i++)
        if (m->interfaces[i]->name == name) return m->interfaces[i];
    for (uint32_t i = 0; i < ERROR_KINDS; i++)
        if (m->error_classes[i]->name == name) return m->error_classes[i];
    return m->error_class->name == name ? m->error_class : NULL;
}

enum { MAX_FAST_REGISTERS = 250 };      /* FRAME_SLACK less a wide header and a margin */

uint8_t closure_arity(const Function *f) {
    return f->nparams > MAX_NARROW || f->nregs > MAX_FAST_REGISTERS || f->rest || f->bound ? 255 : (uint8_t)f->nparams;
}

uint8_t closure_checks(const Function *f) { return f->checks > 255 ? 0 : (uint8_t)f->checks; }

/* --- bound methods: closures that capture `this` and the method, which rt_call enters in their place --- */

static Function *bound_function(Machine *m, const Function *method) {
    Function *f = machine_alloc(m, sizeof(Function));
    if (!f) return NULL;
    *f = (Function){.nregs = 1, .nparams = method->nparams - 1, .ncaptures = 2, .name = method->name, .module = method->module, .file = method->file,
                    .native = 1, .bound = 1, .closure = V_NONE};
    return f;
}

Value method_bind(Process *p, Value *object, Value method) {
    Function *target = AS(Closure, method)->function;
    if (!target->binder) target->binder = bound_function(p->machine, target);
    if (!target->binder) return error_raise(p, ERROR_MEMORY, "out of memory"), V_UNSET;
    Closure *c = heap_new(p, sizeof(Closure) + 2 * sizeof(Value), HEADER(T_CLOSURE, closure_arity(target->binder), 0, 2));
    if (!c) return V_UNSET;
    c->function = target->binder;
    c->code = NULL;
    c->captured[0] = *object;
    c->captured[1] = method;
    return ref(c);
}
