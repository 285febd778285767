/* Calls, returns, errors and the way into the interpreter.
 *
 * Invariant: generated code has saved pc, fp and rfp before it enters a function here, and reads them back after those
 * that `moves_stack` in vm/runtime_api.py; pc is the address of the current instruction's word. */
#define MYNA_PRIMITIVE_TABLE
#include "runtime.h"
#include "runtime_api.h"
#include "opcodes.h"
#include "primitives.h"
#include "frame.h"

typedef void Start(const uint32_t *pc, Value *fp, Process *p, const void *table, int64_t *rfp) __attribute__((preserve_none));
extern Start interpreter_start;
extern const void *const interpreter_handlers[], *const interpreter_counting_handlers[];

static const uint32_t halt_code[] = {OP_HALT};

static bool not_a_function(Process *p, Value callee) {
    return error_raise(p, ERROR_CAST, "%s is not a function", type_name(callee, in_classic(p)));
}

static bool wrong_count(Process *p, const Function *f, uint32_t count) {
    return error_raise(p, ERROR_ARGUMENTS, "argument count mismatch (%u instead of %u)", count, f->nparams);
}

bool rt_call(Process *p, Value *base, uint32_t count, uint32_t raw, const uint32_t *return_pc) {
    if (p->interrupted && !rt_poll(p)) return false;
    Value callee = *base;
    if (!is_type(callee, T_CLOSURE)) return not_a_function(p, callee);
    Function *f = AS(Closure, callee)->function;
    if (f->nparams != count) return wrong_count(p, f, count);
    size_t window = (size_t)(base - p->stack), delta = (size_t)(base - p->fp) + FRAME_HEADER;
    bool wide = delta > 255;
    size_t frame = window + (wide ? WIDE_HEADER : FRAME_HEADER);
    if (!stack_extend(p, frame + f->nregs)) return false;
    if (raw && !raw_extend(p, (size_t)(p->rfp - p->raw_stack) + raw)) return false;
    base = p->stack + window;
    Value *fp = p->stack + frame;
    uint64_t link = (uintptr_t)return_pc;
    if (wide) {
        memmove(fp, base + FRAME_HEADER, count * sizeof(Value));
        fp[-2] = base[0];
        fp[-3] = fixnum((int64_t)delta + 2);
        link |= LINK_WIDE;
    } else {
        link |= (uint64_t)delta << LINK_DELTA_SHIFT | (uint64_t)raw << LINK_RAW_SHIFT;
    }
    fp[-1] = link;
    p->fp = fp;
    p->rfp += raw;
    p->pc = AS(Closure, fp[-2])->code;
    return true;
}

bool rt_return(Process *p, Value value) {
    Value *fp = p->fp;
    if (fp == p->watermark) heap_watermark_passed(p, fp);
    uint64_t link = fp[-1];
    uint32_t delta = link_delta(link);
    fp[delta ? -2 : -4] = value;
    p->fp = frame_caller(fp);
    p->rfp -= link >> LINK_RAW_SHIFT;
    p->pc = link_pc(link);
    return true;
}

/* A method of a built-in type, by name: its primitive, or -1. */
static int find_method(Value receiver, Value name) {
    static const struct { int type; const char *name; int primitive; } methods[] = {
        {T_LIST, "push", P_LIST_PUSH}, {T_LIST, "pop", P_LIST_POP},
    };
    if (!is_ref(receiver)) return -1;
    const String *text = AS(String, name);
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (methods[i].type == type_of(receiver) && strlen(methods[i].name) == (size_t)text->length &&
            !memcmp(methods[i].name, text->bytes, (size_t)text->length)) return methods[i].primitive;
    return -1;
}

static bool call_method(Process *p, Value *base, uint32_t count, int primitive, const uint32_t *return_pc) {
    if (primitives[primitive].arity != count + 1)
        return error_raise(p, ERROR_ARGUMENTS, "argument count mismatch (%u instead of %u)", count, primitives[primitive].arity - 1);
    if (!primitives[primitive].run(p, base + FRAME_HEADER, base)) return false;
    p->pc = return_pc;
    return true;
}

bool rt_invoke(Process *p, Value *base, uint32_t count, Value name, const uint32_t *return_pc) {
    Value *window = base + FRAME_HEADER, receiver = *window;
    if (is_type(receiver, T_RECORD)) {
        uint32_t *cache = (uint32_t *)return_pc - 1;
        Value field = record_get(p, AS(Record, receiver), name, cache);
        if (field == V_UNSET) return error_raise(p, ERROR_FIELD, "the record has no field '%.100s'", AS(String, name)->bytes);
        memmove(window, window + 1, count * sizeof(Value));
        *base = field;
        return rt_call(p, base, count, 0, return_pc);
    }
    int primitive = find_method(receiver, name);
    if (primitive < 0) return error_raise(p, ERROR_FIELD, "%s has no method '%.100s'", type_name(receiver, false), AS(String, name)->bytes);
    return call_method(p, base, count, primitive, return_pc);
}

bool rt_prim(Process *p, Value *dst, Value *src, uint32_t id) { return primitives[id].run(p, src, dst); }

bool rt_throw(Process *p, Value *value) {
    p->error = *value;
    return false;
}

/* The handler of the innermost covered range at `pc`, or NULL. */
static const Handler *find_handler(Process *p, Value *fp, const uint32_t *pc) {
    const Function *f = frame_function(fp);
    if (p->stopping) return NULL;
    uint32_t at = (uint32_t)(pc - f->code);
    for (uint32_t i = 0; i < f->nhandlers; i++)
        if (f->handlers[i].start <= at && at < f->handlers[i].end) return &f->handlers[i];
    return NULL;
}

static void pop_frame(Process *p) {
    if (p->fp == p->watermark) heap_watermark_passed(p, p->fp);
    uint64_t link = p->fp[-1];
    p->pc = link_pc(link) - 1;          /* inside the call instruction */
    p->rfp -= link >> LINK_RAW_SHIFT;
    p->fp = frame_caller(p->fp);
}

/* The frame in which the error will be handled; NULL: in none. */
static const Handler *find_frame(Process *p, Value *base) {
    Value *fp = p->fp;
    const uint32_t *pc = p->pc;
    for (;; pc = link_pc(fp[-1]) - 1, fp = frame_caller(fp)) {
        const Handler *h = find_handler(p, fp, pc);
        if (h || fp == base) return h;
    }
}

void rt_unwind(Process *p) {
    Value *base = p->stack + FRAME_HEADER;
    const Handler *handler = find_frame(p, base);
    if (is_type(p->error, T_ERROR)) error_attach_trace(p, handler != NULL);
    else if (!handler) error_attach_trace(p, false);
    base = p->stack + FRAME_HEADER;
    while (p->fp != base && !find_handler(p, p->fp, p->pc)) pop_frame(p);
    if (!handler) {
        p->uncaught = 1;
        p->pc = halt_code;
        return;
    }
    p->fp[handler->reg] = p->error;
    p->error = V_UNSET;
    p->pc = frame_function(p->fp)->code + handler->target;
}

bool rt_poll(Process *p) {
    p->poll = 0;
    if (!p->interrupted) return true;
    p->interrupted = 0;
    return error_raise(p, ERROR_INTERRUPT, "interrupted");
}

void process_interrupt(Process *p) {
    p->interrupted = 1;
    p->poll = 1;
    p->stack_limit = NULL;      /* for recursion without loops; stack_extend puts it back */
}

bool process_run(Process *p, Value closure, bool count) {
    p->fp = NULL;
    p->stack[0] = closure;
    p->stack[1] = (uintptr_t)halt_code;
    p->fp = p->stack + FRAME_HEADER;
    if (!stack_extend(p, FRAME_HEADER + AS(Closure, closure)->function->nregs)) return false;
    p->fp = p->stack + FRAME_HEADER;
    p->pc = AS(Closure, p->stack[0])->code;
    p->rfp = p->raw_stack;
    p->uncaught = 0;
    interpreter_start(p->pc, p->fp, p, count ? interpreter_counting_handlers : interpreter_handlers, p->rfp);
    p->fp = NULL;
    return !p->uncaught;
}
