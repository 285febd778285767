/* Loaded programs: load.c reads the binary form, verify.c checks its code, link.c prepares it. */
#ifndef MYNA_MODULE_H
#define MYNA_MODULE_H
#include "process.h"

/* A file that functions come from, for traces: its name (immortal), the offsets at which its lines start. */
typedef struct SourceFile { const String *name; uint32_t nstarts; const uint32_t *starts; } SourceFile;

struct Module {
    SourceFile *files;
    Function **functions;       /* its own; functions[0] is main */
    void **blocks;              /* each function's memory */
    uint32_t nfunctions, nclasses, nfiles, nglobals;
    Machine *machine;
    Function *storage;          /* the functions themselves */
    uint8_t **drafts;           /* while loading: kinds of each function's constants */
    uint32_t **field_counts;    /* while loading: how many fields each names constant has */
};

/* The word of an int or float constant (`bits` as in the file), boxed immortally when needed; V_UNSET: no memory. */
Value constant_value(Machine *m, bool is_float, uint64_t bits);
/* The aux byte of a closure's header: its parameter count, or 255 when only rt_call may enter it. */
uint8_t closure_arity(const Function *f);
/* What a closure's `inl` byte says of the function. */
uint8_t closure_checks(const Function *f);

/* What verify.c needs to know of a function that is being loaded. */
typedef struct Loading {
    const uint32_t *code;
    const uint8_t *kinds;       /* of the constants: codec.py's numbers */
    const uint32_t *field_counts; /* of names constants; registers that `record` reads */
    uint32_t nglobals;
    const Value *consts;
    char *why;
    size_t size;
} Loading;
enum ConstKind { K_INT, K_FLOAT, K_STRING, K_FUNCTION, K_NAMES, K_TYPE, K_BIGINT, K_EXTERN, K_EXPORT };

typedef bool Verify(const Function *f, Loading *loading);
/* Check every instruction of `f`. False: `why` says what is wrong. */
Verify verify_function;
/* Make its code, which is all right, ready to run. link.c */
void link_function(const Function *f);
/* Load a program in the form of compiler/bytecode/codec.py. NULL: rejected, with the reason in `why` (`size` bytes). `verify`: verify_function,
 * or NULL for a program that is part of this one. `words` must be 4-byte aligned and is not kept. Its functions, classes and
 * globals get the machine's next numbers: the file calls them so, and may name those that the machine has from files before it. */
Module *module_load(Machine *m, const uint32_t *words, size_t bytes, Verify *verify, char *why, size_t size);
void module_free(Module *module);
#endif
