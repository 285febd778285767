/* From a machine to an exit status (run.c), and the report of an error that nothing caught (report.c). */
#ifndef MYNA_RUN_H
#define MYNA_RUN_H
#include "api.h"
#include "process.h"

Machine *machine_start(void);           /* with everything that every program has; NULL: no memory */
void machine_end(Machine *m);
/* A process for the programs that the machine has loaded; NULL: no memory. */
Process *process_start(Machine *m, const RunOptions *o);
void process_end(Process *p);
/* Run a program's main function to its end and report what it did not catch; the exit status. */
int process_program(Process *p, const Function *main, const RunOptions *o);
/* The same, while interrupts go to the process, with statistics at the end if they are asked for. api.c */
int process_run_program(Process *p, const Function *main, const RunOptions *o);
/* Load and verify a program whose bytes lie anywhere. NULL: rejected, with the reason in `why`. api.c */
Module *module_load_bytes(Machine *m, const uint8_t *program, size_t length, char *why, size_t size);
/* Print p->error, and what it came of, with p->trace. `json`: one object on standard error. */
void report_error(Process *p, bool json, bool classic);
/* What an error, `*error`, is called, and what it says, in *text, a root; `depth` 0 is the uncaught one, others are causes. */
const String *error_parts(Process *p, const Value *error, int depth, bool classic, Value *text);
#endif
