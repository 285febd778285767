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
} Extern;

/* An entry of the table of functions that a standalone program was linked with; the last one has no symbol. */
typedef struct LinkedExtern { const char *library, *symbol; void *address; } LinkedExtern;
extern const LinkedExtern linked_externs[];

/* The function of a constant, immortal; NULL: no memory, or a type that C does not have. */
const Extern *extern_new(Machine *m, Value library, Value symbol, const Type *type);
/* Can this process find functions of C that it was not linked with? */
bool extern_can_load(void);
#endif
