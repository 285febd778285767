/* Standalone programs: what their object file holds, besides native code that calls the entries of runtime_api.h. */
#ifndef MYNA_NATIVE_H
#define MYNA_NATIVE_H
#include "process.h"

/* Make the function value of a primitive one that rt_call and rt_enter can call. */
void native_primitive(Value closure);

/* The program's bytecode, whose tables, lines and caches native code uses; nothing executes it. */
extern const uint32_t myna_program[];
extern const uint64_t myna_program_size;        /* bytes */
/* By function number: two Entries, one that checks the arguments, one behind the checks; NULL where nothing can call it. */
extern const void *const myna_entries[][2];
/* Filled at start: functions by number; constants, as an instruction sees them, by the pairs of function and constant number in `refs`. */
extern struct Class *myna_classes[];    /* by number */
extern uint64_t myna_headers[];         /* of instances, by class number, without the collector's byte */
extern Function *myna_functions[];
extern Value myna_constants[];
extern const uint32_t myna_constant_refs[][2], myna_nconstants;
#endif
