/* The main program of a standalone binary.
 *
 * Invariant: exit status and messages are those of `myna run`. C functions that it is linked with may call the functions that it exports,
 * while it runs and on its thread. */
#include "message.h"
#include "module.h"
#include "native.h"
#include "runtime.h"
#include "system.h"
#include <stdlib.h>

static Process *volatile running;

/* What is written stays written. */
static void on_interrupt(int number) {
    if (running) output_flush(running);
    if (running && running->at_end) running->at_end(running);
    _Exit(MYNA_SIGNALLED + number);
}

int main(int argc, char **argv) {
    char why[400];
    Loaded program;
    int status = program_load(&program, argc > 0 ? argc - 1 : 0, system_arguments(argv) + 1, why, sizeof why);
    if (status != MYNA_OK) return error_format("error: %s\n", why), status;
    running = program.process;
    system_on_interrupt(on_interrupt);
    return process_program(running, program.module->functions[0], &(RunOptions){0});
}

/* Its thread is known by the stack, on which C that it calls runs too. */
Process *export_begin(const char **why) {
    if (running && native_is_here(running)) return running;
    *why = "the program does not run on this thread";
    return NULL;
}

void export_end(Process *p) { (void)p; }
