/* Raising errors, naming them in each dialect, and stack traces.
 *
 * Invariant: raising never fails: when there is no memory for an Error object the machine's own immortal one is raised. */
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

static uint64_t error_header(const Class *c) { return HEADER(T_OBJECT, 0, c->nslots, c->shape << SHAPE_SHIFT); }

static Value immortal_error(Machine *m, Class *c) {
    Error *e = machine_new_object(m, sizeof(Error), error_header(c));
    if (!e) return V_UNSET;
    e->class_ = c;
    e->message = machine_intern(m, "out of memory", 13);
    e->cause = e->trace = V_NONE;
    return ref(e);
}

static Class *new_class(Machine *m, const char *name, const char *classic, Class *parent) {
    static const char *const slots[ERROR_SLOTS] = {"message", "cause", "trace"};
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
    Error *e = heap_new(p, sizeof(Object) + c->nslots * sizeof(Value), error_header(c));
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
    int length = vsnprintf(text, sizeof text, format, arguments);
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
    case T_SET: return "set";
    case T_BYTES: return "bytes";
    case T_ARRAY: case T_PACKED: return "array";
    case T_BIGINT: return "bigint";
    case T_TRACE: return "trace";
    case T_OBJECT: return (const char *)AS(String, object_class(v)->name)->bytes;
    default: return "internal object";
    }
}

/* --- traces: frames as (function, pc) pairs, innermost first; a long stack keeps its two ends --- */
typedef struct Place { const Function *function; const uint32_t *pc; } Place;
enum { TRACE_TOP = 16, TRACE_BOTTOM = 4 };
typedef struct Trace { uint64_t total; Place places[TRACE_TOP + TRACE_BOTTOM]; } Trace;

static void collect_trace(Process *p, Trace *t) {
    Value *base = p->stack + FRAME_HEADER, *fp = p->fp;
    const uint32_t *pc = p->pc;
    t->total = 0;
    for (;;) {
        Function *f = frame_function(fp);
        if (!f->native) {
            uint64_t at = t->total < TRACE_TOP ? t->total : TRACE_TOP + (t->total - TRACE_TOP) % TRACE_BOTTOM;
            t->places[at] = (Place){f, pc};
            t->total++;
        }
        if (fp == base) return;
        pc = link_pc(fp[-1]) - 1;
        fp = frame_caller(fp);
    }
}

/* Source offset of an instruction: the last line entry that begins at or before it. */
static uint32_t source_offset(const Function *f, const uint32_t *pc) {
    uint32_t at = (uint32_t)(pc - f->code), low = 0, high = f->nlines;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (f->lines[middle].pc <= at) low = middle + 1;
        else high = middle;
    }
    return low ? f->lines[low - 1].offset : 0;
}

static void source_position(const Module *m, uint32_t offset, uint32_t *line, uint32_t *column) {
    uint32_t low = 0, high = m->nline_starts;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (m->line_starts[middle] <= offset) low = middle + 1;
        else high = middle;
    }
    *line = low ? low : 1;
    *column = offset - (low ? m->line_starts[low - 1] : 0) + 1;
}

typedef struct Text { char *bytes; size_t used, size; } Text;

static void append(Text *t, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    if (t->size - t->used > 1) {
        int n = vsnprintf(t->bytes + t->used, t->size - t->used, format, arguments);
        t->used += n < 0 ? 0 : (size_t)n < t->size - t->used ? (size_t)n : t->size - t->used - 1;
    }
    va_end(arguments);
}

static void append_place(Text *t, const Place *place) {
    uint32_t line, column;
    source_position(place->function->module, source_offset(place->function, place->pc), &line, &column);
    const char *name = place->function->name == V_NONE ? "a function" : (const char *)AS(String, place->function->name)->bytes;
    append(t, "  at %.200s (%.500s:%u:%u)\n", name, place->function->module->name, line, column);
}

/* The lines of a trace as malloc'ed text; equal neighbours are not merged, the middle of a long one is left out. */
static char *trace_text(const Trace *trace) {
    Text t = {malloc(32768), 0, 32768};
    if (!t.bytes) return NULL;
    t.bytes[0] = 0;
    uint64_t top = trace->total < TRACE_TOP ? trace->total : TRACE_TOP;
    for (uint64_t i = 0; i < top; i++) append_place(&t, &trace->places[i]);
    if (trace->total <= TRACE_TOP) return t.bytes;
    uint64_t rest = trace->total - TRACE_TOP, shown = rest < TRACE_BOTTOM ? rest : TRACE_BOTTOM;
    if (rest > shown) append(&t, "  ... %llu more ...\n", (unsigned long long)(rest - shown));
    for (uint64_t i = trace->total - shown; i < trace->total; i++)
        append_place(&t, &trace->places[TRACE_TOP + (i - TRACE_TOP) % TRACE_BOTTOM]);
    return t.bytes;
}

void error_attach_trace(Process *p, bool handled) {
    Trace trace;
    Error *e = is_error(p->error) ? AS(Error, p->error) : NULL;
    bool known = e && is_type(e->trace, T_TRACE);
    if (known) memcpy(&trace, AS(Bytes, e->trace)->bytes, sizeof trace);
    else collect_trace(p, &trace);
    if (!handled) {
        free(p->trace);
        p->trace = trace_text(&trace);
    } else if (e && !known && !(e->header >> 16 & GC_IMMORTAL)) {
        Bytes *bytes = heap_new(p, sizeof(Bytes) + sizeof trace, HEADER(T_TRACE, 0, 0, 0));
        if (!bytes) return;             /* no memory: p->error is that error now, without a trace */
        bytes->length = sizeof trace;
        memcpy(bytes->bytes, &trace, sizeof trace);
        e = AS(Error, p->error);
        e->trace = ref(bytes);
        heap_barrier(p, e, &e->trace, e->trace);
    }
}
