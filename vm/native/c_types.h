/* Types at the border to C: which of a program's types C has, how C lays them out, values in and out of that form.
 *
 * Invariant: a CType is immortal and says all that a conversion needs; whatever a value is, a conversion takes it or raises. */
#ifndef MYNA_CTYPE_H
#define MYNA_CTYPE_H
#include "runtime.h"
#include "class.h"

/* What C sees of a value. */
enum CForm {
    FORM_NOTHING,       /* void */
    FORM_NUMBER,        /* an integer, float, double or _Bool, as CType.element says */
    FORM_STRING,        /* const char *: UTF-8 and a NUL */
    FORM_BYTES,         /* const void * */
    FORM_ARRAY,         /* a pointer to elements */
    FORM_POINTER,       /* void *: an instance whose field 0 is the address */
    FORM_REFERENCE,     /* a pointer to a place that holds field 0 of an instance */
    FORM_STRUCT,        /* a struct: an instance, its fields in order */
    FORM_CALLBACK,      /* a pointer to a function */
    FORM_COUNT
};
#define FORM_BIT(form) (1u << (form))
enum {
    ARGUMENT_FORMS = FORM_BIT(FORM_COUNT) - 2,
    RESULT_FORMS = FORM_BIT(FORM_NOTHING) | FORM_BIT(FORM_NUMBER) | FORM_BIT(FORM_STRING) | FORM_BIT(FORM_POINTER) | FORM_BIT(FORM_STRUCT),
    GIVEN_FORMS = FORM_BIT(FORM_NUMBER) | FORM_BIT(FORM_STRING) | FORM_BIT(FORM_POINTER) | FORM_BIT(FORM_REFERENCE),   /* by C to a callback */
    RETURNED_FORMS = FORM_BIT(FORM_NOTHING) | FORM_BIT(FORM_NUMBER) | FORM_BIT(FORM_POINTER),       /* by a callback */
    EXPORTED_GIVEN_FORMS = GIVEN_FORMS | FORM_BIT(FORM_BYTES) | FORM_BIT(FORM_ARRAY) | FORM_BIT(FORM_STRUCT),
    EXPORTED_RETURNED_FORMS = RESULT_FORMS,
    PART_FORMS = FORM_BIT(FORM_NUMBER) | FORM_BIT(FORM_POINTER) | FORM_BIT(FORM_STRUCT),            /* of a struct; behind a reference */
};

typedef struct CType {
    uint8_t form, element, optional;        /* element: ElementKind of a number, of an array's elements; optional: None is a null pointer */
    uint32_t size, align, count;            /* bytes; count: fields of a struct, parameters of a callback */
    const Type *type;
    const struct CType *const *parts;       /* of a struct the fields; of a callback the parameters, then the result; else what it refers to */
    const uint32_t *offsets;                /* of a struct's fields */
} CType;

/* The CType of a type, if its form is one of `forms`; NULL: it is not, or no memory. */
const CType *ctype_new(Machine *m, const Type *t, uint32_t forms);
/* The types of a function: those of the parameters, then that of the result. */
const CType *const *csignature_new(Machine *m, const Type *function, uint32_t given, uint32_t result);
static inline bool ctype_floating(const CType *t) { return t->form == FORM_NUMBER && (t->element == E_F32 || t->element == E_F64); }

/* What errors call a value: the number of the argument of a function of C, its RESULT, or a value on its way to or from a CALLBACK. */
enum { RESULT = 0, CALLBACK = -1 };
typedef struct CPlace { const char *function; int argument; } CPlace;
enum { PLACE_TEXT = 140 };
const char *c_place(CPlace place, char *text);      /* in words, in `text` of PLACE_TEXT bytes */

/* Put a number, pointer or struct into memory in C's form; errors call it `place`. RAISES; collects only then. */
bool c_store(Process *p, const CType *t, Value v, void *to, CPlace place);
/* *out, a root, becomes the value of what C left at `from`: a number, pointer, string or struct. MAY_COLLECT RAISES */
bool c_load(Process *p, const CType *t, const void *from, Value *out, CPlace place);
/* The same of an argument that C gives, which may be a pointer to what a Ref gets: the program sees the value as it is now. */
bool c_take(Process *p, const CType *t, const void *from, Value *out, CPlace place);
/* The instance *v of a reference's class gets what C left at `from`: its value, or where that is a struct the fields of it.
 * MAY_COLLECT RAISES */
bool c_update(Process *p, const CType *t, const void *from, const Value *v, CPlace place);
/* RAISES: what was given is not of the type. */
bool c_wrong(Process *p, const CType *t, Value v, CPlace place);
#endif
