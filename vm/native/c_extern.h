/* Functions of C as constants of a program: c_extern.c. */
#ifndef MYNA_EXTERN_H
#define MYNA_EXTERN_H
#include "c_types.h"

typedef struct Extern {
    const char *library, *symbol;
    const CType *const *types;      /* of the parameters, then of the result */
    uint32_t count;                 /* parameters */
    bool calls_back;                /* it may call the program while it runs, and so move all values */
    void *address;                  /* NULL: not looked for yet */
    int (*bridge)(Process *p, const Value *arguments, Value *result);   /* or NULL */
} Extern;

/* Functions of C that a standalone program was linked with, by the number of the constant in the program: where they are (NULL: it was not
 * linked with this one), and bridges (vm/llvm/bridge.py), which call them for common numbers without any of what c_extern.c does. */
enum { NOT_DONE, DONE, RAISED };
typedef struct LinkedExtern { void *address; void *bridge; } LinkedExtern;
extern const LinkedExtern linked_externs[];
extern const uint32_t linked_extern_count;

/* The function of constant number `number` of its kind, immortal; NULL: no memory, or a type that C does not have. */
const Extern *extern_new(Machine *m, uint32_t number, Value library, Value symbol, const Type *type);
enum { MOST_EXPORTED = 32 };        /* parameters: compiler/check/extern.py */
/* The same of a function that C calls (export.c), `address` being the Function. */
const Extern *export_new(Machine *m, Value symbol, const Function *f, const Type *type);
/* Can C call functions of this program by their names? Then it may, whatever function of C is called. */
extern const uint32_t myna_export_count;

/* Can this process find functions of C that it was not linked with? */
bool extern_can_load(void);
#endif
