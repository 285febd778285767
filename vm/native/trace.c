/* Stack traces: the places that an error passed, from where it was raised to the frame that caught it, or the bottom.
 *
 * Invariants: places stand innermost first; a long trace keeps its two ends. While an error is on its way its places are in p->passed,
 * which is empty at other times; a handler moves them into the Error. Source positions are looked up when somebody asks, so that
 * raising and catching stays cheap. Functions are never moved or freed while a program runs. */
#include "message.h"
#include "runtime.h"
#include "module.h"
#include "class.h"
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

/* Where the place with this number, counted from the innermost, is kept: those of the bottom go round. */
static uint32_t slot(uint64_t number) { return number < TRACE_TOP ? (uint32_t)number : TRACE_TOP + (number - TRACE_TOP) % TRACE_BOTTOM; }

static uint32_t kept(const Trace *t) { return t->total < TRACE_TOP + TRACE_BOTTOM ? (uint32_t)t->total : TRACE_TOP + TRACE_BOTTOM; }

/* The number of the `i`th of those places that are kept. */
static uint64_t number(const Trace *t, uint32_t i) { return i < TRACE_TOP ? i : t->total - kept(t) + i; }

static const Place *place(const Trace *t, uint32_t i) { return &t->places[slot(number(t, i))]; }

/* Places that are kept fill the slots from the first on. */
static size_t trace_size(const Trace *t) { return offsetof(Trace, places) + kept(t) * sizeof(Place); }

void trace_add(Process *p, const Function *f, uint32_t word) {
    if (!f->native) p->passed.places[slot(p->passed.total++)] = (Place){f, word};
}

/* Source offset of an instruction: the last line entry that begins at or before it. */
static uint32_t source_offset(const Function *f, uint32_t word) {
    uint32_t low = 0, high = f->nlines;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (f->lines[middle].pc <= word) low = middle + 1;
        else high = middle;
    }
    return low ? f->lines[low - 1].offset : 0;
}

/* What a program and a reader see of a place. */
typedef struct Position { const char *function, *file; uint32_t line, column; } Position;

static Position position_of(const Place *place) {
    const Function *f = place->function;
    const SourceFile *file = f->file;
    uint32_t offset = source_offset(f, place->word), low = 0, high = file->nstarts;
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
        int n = text_format_list(t->bytes + t->used, t->size - t->used, format, arguments);
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
    for (uint32_t i = 0; i < kept(trace); i++) {
        if (i == TRACE_TOP && kept(trace) < trace->total) append(&t, "  ... %llu more ...\n", (unsigned long long)(trace->total - kept(trace)));
        append_place(&t, place(trace, i));
    }
    return t.bytes;
}

static bool stored_trace(Value error, Trace *trace) {
    if (!is_error(error) || !is_type(AS(Error, error)->trace, T_TRACE)) return false;
    const Bytes *bytes = AS(Bytes, AS(Error, error)->trace);
    memcpy(trace, bytes->bytes, (size_t)bytes->length);
    return true;
}

/* Put the places that the error had when it was thrown again before those that it passed since then. The function that threw it
 * again stands there already if it has caught it. */
static void join_stored(Process *p) {
    Trace t;
    const Trace *more = &p->passed;
    if (!more->total || !stored_trace(p->error, &t)) return;
    uint32_t repeated = t.places[slot(t.total - 1)].function == more->places[0].function;
    uint64_t first = t.total - repeated;
    for (uint32_t i = repeated; i < kept(more); i++) t.places[slot(first + number(more, i))] = *place(more, i);
    t.total = first + more->total;
    p->passed = t;
}

/* Make p->passed the trace of p->error. Without memory the error stays as it is. */
static void store(Process *p) {
    size_t size = trace_size(&p->passed);
    Value old = AS(Error, p->error)->trace;
    if (is_type(old, T_TRACE) && (size_t)AS(Bytes, old)->length == size) {
        memcpy(AS(Bytes, old)->bytes, &p->passed, size);
        return;
    }
    Value *error = root_push(p, p->error);
    Bytes *bytes = heap_new(p, sizeof(Bytes) + size, HEADER(T_TRACE, 0, 0, 0));
    p->error = *error;
    root_pop(p, 1);
    if (!bytes) return;
    bytes->length = (int64_t)size;
    memcpy(bytes->bytes, &p->passed, size);
    Error *e = AS(Error, p->error);
    e->trace = ref(bytes);
    heap_barrier(p, e, &e->trace, e->trace);
}

void error_caught(Process *p) {
    if (is_error(p->error) && !(AS(Error, p->error)->header >> 16 & GC_IMMORTAL)) {
        join_stored(p);
        store(p);
    }
    p->passed.total = 0;
}

void trace_uncaught(Process *p) {
    join_stored(p);
    free(p->trace);
    p->trace = trace_text(&p->passed);
    p->passed.total = 0;
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
    bool ok = *list != V_UNSET;
    for (uint32_t i = 0; ok && i < kept(&trace); i++) ok = push_place(p, list, place(&trace, i));
    Value result = ok ? *list : V_UNSET;
    root_pop(p, 1);
    return result;
}
