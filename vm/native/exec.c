/* The interpreter's side of returns, errors and interrupts, and the way into it.
 *
 * Invariant: as in call.c. Native code has native.c instead of this file. */
#define MYNA_OP_INFO
#include "runtime.h"
#include "runtime_api.h"
#include "opcodes.h"
#include "frame.h"
#include "class.h"

typedef void Start(const uint32_t *pc, Value *fp, Process *p, const void *table, int64_t *rfp) __attribute__((preserve_none));
extern Start interpreter_start;
extern const void *const interpreter_handlers[], *const interpreter_counting_handlers[];

static const uint32_t halt_code[] = {OP_HALT};

static const uint32_t *instruction_start(const Function *f, const uint32_t *pc) {
    if (f->nregs <= 256) return pc;         /* a prefix, if there is one, says nothing */
    const uint32_t *at = f->code, *previous = pc;
    while (at < pc) {
        previous = at;
        at += (*at & 255) == OP_WIDE ? 1 : op_info[*at & 255].words;
    }
    return (*previous & 255) == OP_WIDE ? previous : pc;
}

/* Register operand A of the instruction at `pc`: its high byte is in the prefix. */
static uint32_t operand_a(const Function *f, const uint32_t *pc) {
    const uint32_t *start = instruction_start(f, pc);
    return (*pc >> 8 & 255) | (start < pc ? (*start >> 8 & 255) << 8 : 0);
}

/* The comparison at `pc` has its answer: write it, or jump. */
static void finish_comparison(Process *p, const uint32_t *pc, bool value) {
    const OpInfo *info = &op_info[*pc & 255];
    bool jumps = info->name[0] == 'j';
    bool negated = !strcmp(info->name, "ne") || !strncmp(info->name, "jn", 2);
    bool answer = value != negated;
    const uint32_t *next = pc + info->words;
    if (!jumps) p->fp[operand_a(frame_function(p->fp), pc)] = boolean(answer);
    p->pc = jumps && answer ? next + (int32_t)next[-1] : next;
}

static bool operator_return(Process *p, const Value *fp, Value value) {
    if (frame_is_callback(fp)) return p->returned = value, p->pc = halt_code, true;
    const uint32_t *pc = p->pc = link_pc(fp[-1]) - 1;
    bool compares = frame_compares(fp);
    int outcome = operator_finish(p, fp, value);
    if (outcome == OUTCOME_FAILED) return false;
    if (outcome == OUTCOME_AGAIN) p->pc = instruction_start(frame_function(p->fp), pc);
    else if (compares) finish_comparison(p, pc, outcome == OUTCOME_TRUE);
    else p->pc = pc + op_info[*pc & 255].words;
    return true;
}

bool rt_return(Process *p, Value value) {
    Value *fp = p->fp;
    if (fp == p->watermark) heap_watermark_passed(p, fp);
    uint64_t link = fp[-1];
    bool wide = !link_delta(link);
    p->fp = frame_caller(fp);
    p->rfp -= link >> LINK_RAW_SHIFT;
    if (wide && frame_is_operator(fp)) return operator_return(p, fp, value);
    fp[wide ? -4 : -2] = value;
    p->pc = link_pc(link);
    return true;
}

/* The handler of the innermost covered range at `pc`, or NULL. */
static const Handler *find_handler(Process *p, const Function *f, const uint32_t *pc) {
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

/* Pop the frames above the one that handles the error, and note where it passed. NULL: none does, only the bottom
 * of this run is left. */
static const Handler *pop_to_handler(Process *p) {
    for (;; pop_frame(p)) {
        const Function *f = frame_function(p->fp);
        trace_add(p, f, (uint32_t)(p->pc - f->code));
        const Handler *handler = find_handler(p, f, p->pc);
        if (handler || p->fp == p->stack + p->bottom) return handler;
    }
}

void rt_unwind(Process *p) {
    if (p->entered) {
        p->entered = 0;
        return;
    }
    p->answers = V_NONE;
    if (p->error == V_UNSET) error_raise(p, ERROR_RUNTIME, "damaged program: an unset value is used");
    if (p->interrupted) rt_poll(p);         /* a handler may lead here again without any jump back */
    const Handler *handler = pop_to_handler(p);
    if (!handler) {
        if (p->bottom == FRAME_HEADER) trace_uncaught(p);    /* else whoever called C may still handle it */
        p->uncaught = 1;
        p->pc = halt_code;
        return;
    }
    error_caught(p);
    p->fp[handler->reg] = p->error;
    p->error = V_UNSET;
    p->pc = frame_function(p->fp)->code + handler->target;
}

static void enter_interpreter(Process *p) {
    interpreter_start(p->pc, p->fp, p, p->counting ? interpreter_counting_handlers : interpreter_handlers, p->rfp);
}

bool process_call(Process *p, const Value *function, const Value *args, uint32_t count, Value *result) {
    const uint32_t *pc = p->pc;
    size_t bottom = p->bottom;
    if (!callback_enter(p, function, args, count)) return false;
    p->bottom = (size_t)(p->fp - p->stack);
    enter_interpreter(p);
    bool ok = !p->uncaught;
    if (ok) *result = p->returned;
    else pop_frame(p);
    p->uncaught = 0;
    p->bottom = bottom;
    p->pc = pc;
    return ok;
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
    p->bottom = FRAME_HEADER;
    p->counting = count;
    enter_interpreter(p);
    p->fp = NULL;
    return !p->uncaught;
}
