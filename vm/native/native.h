/* Standalone programs: what their object file holds, besides native code that calls the entries of runtime_api.h. */
#ifndef MYNA_NATIVE_H
#define MYNA_NATIVE_H
#include "run.h"

bool native_is_here(const Process *p);      /* is this the program's native stack? */
/* entry(p, fp) on the program's native stack, unless it is in use already and this is not it. RAISES */
Value native_enter(Process *p, Entry *entry, Value *fp);
/* Outside of calls: give memory back that a deep recursion has taken for the stacks. */
void native_rest(Process *p);
/* Make the function value of a primitive one that rt_call and rt_enter can call. */
void native_primitive(Value closure);

/* The program's bytecode, whose tables, lines and caches native code uses; nothing executes it. */
extern const uint32_t myna_program[];
extern const uint64_t myna_program_size;        /* bytes */
/* By function number: two Entries, one that checks the arguments, one behind the checks; NULL where nothing can call it. */
extern const void *const myna_entries[][2];
/* Filled at start: functions by number; constants, as an instruction sees them, by the pairs of function and constant number in `refs`. */
extern struct Class *myna_classes[];    /* by number */
extern const struct Raw { uint64_t class_, slots; } myna_raw[];      /* of classes with raw slots, by number: class.h */
extern const uint32_t myna_nraw;
extern uint64_t myna_headers[];         /* of instances, by class number, without the collector's byte */
extern Function *myna_functions[];
extern Value myna_constants[];
extern const uint32_t myna_constant_refs[][2], myna_nconstants;

/* --- program.c --- */
/* The program that is linked with this, ready to run. An exit status that is not MYNA_OK: it is not, and `why` says why. */
typedef struct Loaded { Machine *machine; Module *module; Process *process; } Loaded;
int program_load(Loaded *program, int argc, char **argv, char *why, size_t size);
void program_unload(Loaded *program);

/* --- export.c: calls by C --- */
/* Call the exported function that is constant number `constant` of the function with this number. `arguments` are where its arguments lie, in
 * C's form; the result, zeros before, at `result`. What it raises becomes the text that myna_last_error gives. */
void myna_export(uint32_t function, uint32_t constant, void *const *arguments, void *result);
/* p->error, which nothing caught, and p->trace as text. MAY_COLLECT */
void error_text(Process *p, bool classic, char *out, size_t size);
/* What went wrong in this thread's last such call; NULL: nothing. */
const char *myna_last_error(void);

/* --- start.c for programs, library.c for libraries --- */
/* The process that a call by C is made in, until export_end; NULL: it cannot be made, *why says why. */
Process *export_begin(const char **why);
void export_end(Process *p);
#endif
