/* Raising errors, and naming them in each dialect.
 *
 * Invariant: raising never fails: when there is no memory for an Error object the machine's own immortal one is raised. */
#include "message.h"
#include "runtime.h"
#include "module.h"
#include "class.h"
#include <stdarg.h>
#include <stdlib.h>

static const struct { const char *ms, *classic; } names[ERROR_KINDS] = {
    [ERROR_CAST] = {"TypeError", "IllegalCastException"},
    [ERROR_UNINITIALIZED] = {"UninitializedVariableError", "UninitializedVariableException"},
    [ERROR_ARITHMETIC] = {"DivisionByZeroError", "IllegalArithmeticException"},
    [ERROR_RUNTIME] = {"RuntimeError", "RuntimeException"},
    [ERROR_OVERFLOW] = {"OverflowError", "IllegalArithmeticException"},
    [ERROR_MEMORY] = {"OutOfMemoryError", "RuntimeException"},
    [ERROR_STACK] = {"StackOverflowError", "RuntimeException"},
    [ERROR_INDEX] = {"IndexError", "RuntimeException"},
    [ERROR_ARGUMENTS] = {"ArgumentError", "RuntimeException"},
    [ERROR_INTERRUPT] = {"Interrupt", "Interrupt"},
    [ERROR_VALUE] = {"ValueError", "IllegalCastException"},
    [ERROR_FIELD] = {"FieldError", "IllegalCastException"},
    [ERROR_CASTING] = {"CastError", "IllegalCastException"},
    [ERROR_MATCH] = {"MatchError", "RuntimeException"},
};
enum { ERROR_SLOTS = 3 };   /* message, cause, trace */
/* No name of the language, as the slot holds frames: a program that reads `trace` gets a list made of them (trace.c). */
#define TRACE_SLOT "(trace)"

static Value immortal_error(Machine *m, Class *c) {
    Error *e = machine_new_object(m, sizeof(Error), object_header(c));
    if (!e) return V_UNSET;
    e->class_ = c;
    e->message = machine_intern(m, "out of memory", 13);
    e->cause = e->trace = V_NONE;
    return ref(e);
}

static Class *new_class(Machine *m, const char *name, const char *classic, Class *parent) {
    static const char *const slots[ERROR_SLOTS] = {"message", "cause", TRACE_SLOT};
    Value fields[ERROR_SLOTS];
    for (int i = 0; i < ERROR_SLOTS; i++) fields[i] = machine_intern(m, slots[i], strlen(slots[i]));
    ClassParts parts = {.name = machine_intern(m, name, strlen(name)), .parent = parent, .fields = fields, .nfields = parent ? 0 : ERROR_SLOTS};
    Class *c = class_new(m, &parts);
    if (!c) return NULL;
    c->is_error = c->is_machine = 1;
    c->classic_name = classic;
    return c;
}

bool machine_init_errors(Machine *m) {
    _Static_assert(ERROR_KINDS <= sizeof m->error_classes / sizeof *m->error_classes, "room for the classes");
    m->error_class = new_class(m, "Error", "RuntimeException", NULL);
    for (int i = 0; m->error_class && i < ERROR_KINDS; i++)
        if (!(m->error_classes[i] = new_class(m, names[i].ms, names[i].classic, m->error_class))) return false;
    if (!m->error_class) return false;
    m->memory_error = immortal_error(m, m->error_classes[ERROR_MEMORY]);
    return m->memory_error != V_UNSET;
}

Value error_new(Process *p, const Class *c, Value *message) {
    Error *e = heap_new(p, sizeof(Object) + c->nslots * sizeof(Value), object_header(c));
    if (!e) return V_UNSET;
    e->class_ = (struct Class *)c;
    e->message = *message;
    e->cause = e->trace = V_NONE;
    return ref(e);
}

bool error_raise(Process *p, enum ErrorKind kind, const char *format, ...) {
    p->error = p->machine->memory_error;
    if (kind == ERROR_MEMORY) return false;
    if (kind == ERROR_INTERRUPT) p->stopping = 1;
    char text[512];
    va_list arguments;
    va_start(arguments, format);
    int length = text_format_list(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length >= (int)sizeof text) length = (int)sizeof text - 1;
    Value message = string_new(p, text, (size_t)length);
    if (message == V_UNSET) return false;
    Value *root = root_push(p, message);
    Value error = error_new(p, p->machine->error_classes[kind], root);
    root_pop(p, 1);
    if (error != V_UNSET) p->error = error;
    return false;
}

const char *type_name(Value v, bool classic) {
    if (is_int(v)) return classic ? "integer" : "int";
    if (is_flonum(v)) return "float";
    if (v == V_NONE) return "None";
    if (is_bool(v)) return classic ? "boolean" : "bool";
    if (!is_ref(v)) return "nothing";
    switch (type_of(v)) {
    case T_STRING: case T_ROPE: return "string";
    case T_FLOAT: return "float";
    case T_CLOSURE: return "function";
    case T_RECORD: return "record";
    case T_LIST: return "list";
    case T_MAP: return "map";
    case T_TUPLE: return "tuple";
    case T_RANGE: return "range";
    case T_TYPE: return "type";
    case T_SET: return "set";
    case T_BYTES: return "bytes";
    case T_ARRAY: case T_PACKED: return "array";
    case T_BIGINT: return "bigint";
    case T_TRACE: return "trace";
    case T_OBJECT: return (const char *)AS(String, object_class(v)->name)->bytes;
    default: return "internal object";
    }
}
