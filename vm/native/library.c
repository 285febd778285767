/* A program that is a library: C calls the functions that it exports.
 *
 * Invariants: the first call starts the program, that is, runs its top level; between calls its frame is the only one. One thread at a
 * time is inside, others wait; a thread that is inside may call again. Nothing here touches what belongs to the host: no signals, no
 * standard streams but for what the program prints, which is written when a call ends. */
#include "module.h"
#include "frame.h"
#include "message.h"
#include "native.h"
#include "runtime.h"
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static _Thread_local uint32_t depth;            /* calls of this thread that are inside */
static volatile uint32_t inside;
static Loaded program;
static char failure[1024];                      /* why it could not be started */

/* Between calls the frame of the top level stays, without what its registers held. */
static void rest(Process *p) {
    const Function *main = program.module->functions[0];
    Value *fp = p->stack + FRAME_HEADER;
    p->stack[0] = main->closure;
    p->stack[1] = fixnum(0);
    for (uint32_t i = 0; i < main->nregs; i++) fp[i] = V_NONE;
    p->fp = fp;
    p->pc = main->code;
}

static void start(void) {
    char why[400];
    if (program_load(&program, 0, NULL, why, sizeof why) != MYNA_OK) {
        text_format(failure, sizeof failure, "%s", why);
    } else {
        const Function *main = program.module->functions[0];
        if (process_run(program.process, main->closure, false)) return rest(program.process);
        error_text(program.process, main->classic, failure, sizeof failure);
        output_flush(program.process);
    }
    program_unload(&program);
}

static void leave(void) {
    inside--;
    if (!--depth) pthread_mutex_unlock(&lock);
}

Process *export_begin(const char **why) {
    if (!depth) pthread_mutex_lock(&lock);
    depth++;
    inside++;
    if (!program.process && !*failure) start();
    if (!*failure) return program.process;
    *why = failure;
    leave();
    return NULL;
}

void export_end(Process *p) {
    if (depth == 1) {
        output_flush(p);
        native_rest(p);
        p->stopping = p->output_failed = 0;     /* the next call may do better */
    }
    leave();
}

/* The library is unloaded, or the host ends: perhaps out of a call, perhaps while another thread is in one. */
__attribute__((destructor)) static void end(void) {
    if (depth && program.process) output_flush(program.process);
    if (inside) return;
    pthread_mutex_lock(&lock);
    program_unload(&program);
    pthread_mutex_unlock(&lock);
}
