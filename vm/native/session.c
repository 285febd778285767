/* Sessions: one machine and one process that run one program after another; each may name functions, classes and globals of those before.
 *
 * Invariants:
 * - programs are loaded for good: what a later one or a value may name is never freed before the session ends;
 * - between runs no error is on its way, no frame is in use, and output is written. */
#define _POSIX_C_SOURCE 200809L
#include "api.h"
#include "module.h"
#include "run.h"
#include "runtime.h"
#include "type.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

struct Session {
    Machine *machine;
    Process *process;
    Module **modules;
    uint32_t nmodules;
};

Session *myna_session_new(const RunOptions *o) {
    Session *s = calloc(1, sizeof *s);
    if (!s) return NULL;
    s->machine = machine_start();
    if (s->machine) s->process = process_start(s->machine, o);
    if (s->process) return s;
    myna_session_end(s);
    return NULL;
}

void myna_session_end(Session *s) {
    if (s->process) process_end(s->process);
    for (uint32_t i = 0; i < s->nmodules; i++) module_free(s->modules[i]);
    if (s->machine) machine_end(s->machine);
    free(s->modules);
    free(s);
}

/* Room for the globals of the program that is to be loaded, and for itself: of all the machine's when it is loaded. */
static bool make_room(Session *s) {
    Module **modules = realloc(s->modules, (s->nmodules + 1) * sizeof *modules);
    if (modules) s->modules = modules;
    return modules != NULL;
}

/* The process has the new globals too; they are unset. */
static bool add_globals(Process *p, uint32_t count) {
    Value *globals = realloc(p->globals, (count + 1) * sizeof(Value));
    if (!globals) return false;
    for (uint32_t i = p->nglobals; i < count; i++) globals[i] = V_UNSET;
    p->globals = globals;
    p->nglobals = count;
    return true;
}

int myna_session_load(Session *s, const uint8_t *program, size_t length, char *why, size_t size) {
    snprintf(why, size, "out of memory");
    Module *module = make_room(s) ? module_load_bytes(s->machine, program, length, why, size) : NULL;
    if (!module) return MYNA_REJECTED;
    s->modules[s->nmodules++] = module;
    return add_globals(s->process, s->machine->nglobals) ? MYNA_OK : MYNA_REJECTED;
}

static volatile sig_atomic_t terminated;

static void on_interrupt(int number) {
    terminated = number == SIGTERM;
    myna_interrupt();
}

/* What the run before has left behind, if it was stopped. */
static void forget(Process *p) {
    p->error = V_UNSET;
    p->texts = p->answers = p->key = V_NONE;
    p->nroots = 0;
    p->watermark = NULL;
    p->interrupted = p->stopping = p->entered = p->finished = 0;
    p->exit_code = MYNA_INTERRUPTED;
    p->input.eof = 0;               /* a terminal has more */
    p->passed.total = 0;
    free(p->trace);
    p->trace = NULL;
}

int myna_session_run(Session *s, const RunOptions *o) {
    struct sigaction mine = {.sa_handler = on_interrupt}, interrupted_before, terminated_before;
    sigaction(SIGINT, &mine, &interrupted_before);      /* without SA_RESTART: a read that waits for input returns */
    sigaction(SIGTERM, &mine, &terminated_before);
    int status = process_run_program(s->process, s->modules[s->nmodules - 1]->functions[0], o);
    sigaction(SIGINT, &interrupted_before, NULL);
    sigaction(SIGTERM, &terminated_before, NULL);
    if (terminated) raise(SIGTERM);
    if (s->process->finished) status += MYNA_EXITED;
    forget(s->process);
    return status;
}

const char *myna_session_text(Session *s, uint32_t global, size_t *length) {
    Process *p = s->process;
    Value *slot = root_push(p, global < p->nglobals ? p->globals[global] : V_UNSET);
    Value text = is_string(*slot) ? string_flat(p, slot) : V_UNSET;
    root_pop(p, 1);
    if (text == V_UNSET) return forget(p), NULL;
    p->globals[global] = text;
    *length = (size_t)AS(String, text)->length;
    return (const char *)AS(String, text)->bytes;
}

int myna_session_type(Session *s, uint32_t global, char *out, size_t size) {
    Value v = global < s->process->nglobals ? s->process->globals[global] : V_UNSET;
    const Type *t = v == V_UNSET ? NULL : value_type(s->machine, v);
    if (t) type_text(t, out, size);
    return t ? MYNA_OK : MYNA_ERROR;
}

void myna_session_clear(Session *s, uint32_t global) {
    if (global < s->process->nglobals) s->process->globals[global] = V_UNSET;
}

void myna_session_replace(Session *s, uint32_t number, uint32_t by) {
    Function *old = s->machine->functions[number], *new = s->machine->functions[by];
    Value closure = old->closure;
    *old = *new;
    old->closure = closure;
    AS(Closure, closure)->code = old->code;
    header_of(closure)->aux = header_of(new->closure)->aux;
    header_of(closure)->inl = header_of(new->closure)->inl;
}
