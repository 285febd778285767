/* Stack traces: where calls were when an error was raised.
 *
 * A trace is a list of frames as (function, pc) pairs, innermost first; a long one keeps its two ends. Source positions are looked
 * up when somebody asks, so that raising and catching stays cheap. Functions are never moved or freed while a program runs. */
#include "runtime.h"
#include "module.h"
#include "class.h"
#include <stdarg.h>
#include <stdlib.h>

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

/* What a program and a reader see of a place. */
typedef struct Position { const char *function, *file; uint32_t line, column; } Position;

static Position position_of(const Place *place) {
    const Function *f = place->function;
    const SourceFile *file = f->file;
    uint32_t offset = source_offset(f, place->pc), low = 0, high = file->nstarts;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (file->starts[middle] <= offset) low = middle + 1;
        else high = middle;
    }
    const char *name = f->name == V_NONE ? "a function" : (const char *)AS(String, f->name)->bytes;
    return (Position){name, (const char *)file->name->bytes, low ? low : 1, offset - (low ? file->starts[low - 1] : 0) + 1};
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
    Position at = position_of(place);
    append(t, "  at %.200s (%.500s:%u:%u)\n", at.function, at.file, at.line, at.column);
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

static bool stored_trace(Value error, Trace *trace) {
    const Error *e = AS(Error, error);
    if (!is_type(e->trace, T_TRACE)) return false;
    memcpy(trace, AS(Bytes, e->trace)->bytes, sizeof *trace);
    return true;
}

void error_attach_trace(Process *p, bool handled) {
    Trace trace;
    Error *e = is_error(p->error) ? AS(Error, p->error) : NULL;
    bool known = e && stored_trace(p->error, &trace);
    if (!known) collect_trace(p, &trace);
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

char *error_trace_text(Value error) {
    Trace trace;
    return stored_trace(error, &trace) ? trace_text(&trace) : NULL;
}

static bool set(Process *p, Value *record, const char *name, Value v) {
    uint32_t cache;
    Value *value = root_push(p, v);
    bool ok = v != V_UNSET && record_set(p, record, machine_intern(p->machine, name, strlen(name)), value, &cache);
    root_pop(p, 1);
    return ok;
}

static bool set_text(Process *p, Value *record, const char *name, const char *text) {
    return set(p, record, name, string_new(p, text, strlen(text)));
}

static bool push_place(Process *p, Value *list, const Place *place) {
    Position at = position_of(place);
    Value *record = root_push(p, record_new(p, 4));
    bool ok = *record != V_UNSET && set_text(p, record, "function", at.function) && set_text(p, record, "file", at.file)
        && set(p, record, "line", fixnum(at.line)) && set(p, record, "column", fixnum(at.column)) && list_push(p, list, record);
    root_pop(p, 1);
    return ok;
}

Value error_trace(Process *p, Value *error) {
    Trace trace = {0};
    stored_trace(*error, &trace);
    Value *list = root_push(p, list_new(p, NULL, 0));
    uint64_t kept = TRACE_TOP + TRACE_BOTTOM, count = trace.total < kept ? trace.total : kept;
    bool ok = *list != V_UNSET;
    for (uint64_t i = 0; ok && i < count; i++) {
        uint64_t at = i < TRACE_TOP ? i : trace.total - count + i;      /* in the whole stack; the bottom's places go round */
        ok = push_place(p, list, &trace.places[at < TRACE_TOP ? at : TRACE_TOP + (at - TRACE_TOP) % TRACE_BOTTOM]);
    }
    Value result = ok ? *list : V_UNSET;
    root_pop(p, 1);
    return result;
}
