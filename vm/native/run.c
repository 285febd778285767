/* From a machine to an exit status: what the hosts (api.c) and standalone programs (start.c) share.
 *
 * Invariant: what `machine_start` and `process_start` gave is ready to run; what they could not finish is freed. */
#include "run.h"
#include "builtins.h"
#include "frame.h"
#include "runtime.h"
#include "type.h"
#include <stdlib.h>

/* Does the text begin with this mode, or have it behind a comma? */
static bool has_mode(const char *modes, const char *mode) {
    size_t length = strlen(mode);
    for (bool begins = true; modes && *modes; begins = *modes++ == ',')
        if (begins && !strncmp(modes, mode, length)) return true;
    return false;
}

enum { STACK_WORDS = 1 << 25 };    /* 256 MiB: some 2,000,000 frames of ordinary functions */

static bool init(Process *p, Machine *m, const RunOptions *o) {
    p->machine = m;
    p->error = V_UNSET;
    p->texts = p->answers = p->key = V_NONE;
    p->output_fd = 1;
    p->exit_code = MYNA_INTERRUPTED;
    p->arguments = o->argv;
    p->argument_count = o->argc;
    p->stack_limit_words = STACK_WORDS;
    p->stack_stress = has_mode(o->stack_mode, "stress");
    p->nglobals = m->nglobals;
    p->globals = malloc((m->nglobals + 1) * sizeof(Value));
    if (!p->globals) return false;
    for (uint32_t i = 0; i < m->nglobals; i++) p->globals[i] = V_UNSET;
    HeapOptions heap = {o->heap_limit, has_mode(o->gc_modes, "stress"), has_mode(o->gc_modes, "verify"), has_mode(o->gc_modes, "move")};
    field_cache_init(p);
    return stack_init(p) && heap_init(p, heap) && io_init(p);
}

Process *process_start(Machine *m, const RunOptions *o) {
    Process *p = calloc(1, sizeof *p);
    if (!p || init(p, m, o)) return p;
    process_end(p);
    return NULL;
}

void process_end(Process *p) {
    io_free(p);
    points_free(p);
    heap_free(p);
    stack_free(p);
    free(p->globals);
    field_cache_free(p);
    free(p->trace);
    free(p);
}

Machine *machine_start(void) {
    Machine *m = machine_new();
    if (m && machine_init_types(m) && machine_init_interfaces(m) && machine_init_errors(m) && machine_init_builtins(m)) return m;
    if (m) machine_end(m);
    return NULL;
}

void machine_end(Machine *m) {
    machine_free_builtins(m);
    machine_free(m);
}

int process_program(Process *p, const Function *main, const RunOptions *o) {
    bool ok = process_run(p, main->closure, o->stats), stopped = p->stopping;
    output_flush(p);
    if (!ok && !stopped) report_error(p, o->format && !strcmp(o->format, "json"), main->classic);
    output_flush(p);
    bool written = !p->at_end || p->at_end(p);
    if (p->output_failed) return MYNA_PIPE;
    return ok && written ? MYNA_OK : stopped ? p->exit_code : MYNA_ERROR;
}

size_t myna_size(const char *text, size_t unit) {
    size_t number = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9'; at++)
        if (__builtin_mul_overflow(number, 10, &number) || __builtin_add_overflow(number, (size_t)(*at - '0'), &number)) return 0;
    if (at == text) return 0;
    switch (*at | 32) {
    case 'k': unit = (size_t)1 << 10, at++; break;
    case 'm': unit = (size_t)1 << 20, at++; break;
    case 'g': unit = (size_t)1 << 30, at++; break;
    }
    return *at || __builtin_mul_overflow(number, unit, &number) ? 0 : number;
}
