/* The runtime's internal interface: one section a file. MAY_COLLECT marks what may move objects; RAISES marks what returns
 * false (or V_UNSET for a Value result) with p->error set. `Value *` arguments are slots that are roots (registers or p->roots): they are
 * read again after anything that may collect. */
#ifndef MYNA_RUNTIME_H
#define MYNA_RUNTIME_H
#include "heap.h"

/* --- machine.c: shared tables --- */
struct Machine {
    struct Module **modules; uint32_t nmodules;
    Shape **shapes; uint32_t nshapes;                /* by number; 1.. */
    uint32_t root_shapes[MAX_INLINE + 1];            /* empty shape by inline capacity, 0: not made yet */
    Value *names; uint32_t nnames, name_capacity;    /* interned immortal strings: open addressing by hash */
    Value *global_names; uint32_t nglobals;          /* name of each global, by machine-wide number */
    void *chunks; uint8_t *chunk_next, *chunk_end; /* arena of immortal objects, freed with the machine */
    const void *handlers;                           /* dispatch table of the interpreter */
};
Machine *machine_new(void);
void machine_free(Machine *m);
/* The interned immortal string of these bytes. Also used for any immortal string constant up to 64 KiB. */
Value machine_intern(Machine *m, const void *bytes, size_t length);
/* The interned string with these bytes if there is one, else V_UNSET. Never allocates. */
Value machine_find_name(Machine *m, const void *bytes, size_t length, uint32_t hash);
/* An immortal object of `bytes` (never collected, zeroed), header set with GC_IMMORTAL|GC_OLD added. */
void *machine_new_object(Machine *m, size_t bytes, uint64_t header);

/* --- string.c --- */
Value string_new(Process *p, const void *bytes, size_t length);            /* MAY_COLLECT RAISES */
Value string_flat(Process *p, Value *slot);          /* MAY_COLLECT RAISES: flattens a rope in place; the flat String, also stored in *slot */
int64_t string_length(Value s);                      /* bytes; string or rope */
Value string_concat(Process *p, Value *a, Value *b); /* MAY_COLLECT RAISES: both strings or ropes; a rope when long */
uint32_t string_hash(String *s);                     /* never 0; kept in the header's id */
bool string_equal(Process *p, Value *a, Value *b, bool *equal);   /* MAY_COLLECT RAISES (may flatten) */
int string_compare_flat(String *a, String *b);       /* byte order: -1, 0, 1 */
uint32_t hash_bytes(const void *bytes, size_t length);   /* never 0 */
int64_t string_count(String *s);                     /* code points (bytes when not valid UTF-8 in that place count one each) */

/* --- print.c: printed forms --- */
/* MAY_COLLECT RAISES: the printed form of *v as a flat string. `classic` chooses the dialect's forms; a record that contains itself raises. */
Value value_to_string(Process *p, Value *v, bool classic);
size_t format_double(double d, char *out);           /* shortest that reads back, Python's repr form; at most 32 bytes, no NUL */
size_t format_int(int64_t i, char *out);

/* --- record.c, shape.c --- */
Value record_new(Process *p, uint32_t inline_slots);             /* MAY_COLLECT RAISES: empty record */
/* Shape reached from `shape` by adding `name` (interned); 0 when there are too many shapes or fields (use the map). */
uint32_t shape_add(Machine *m, uint32_t shape, Value name);
/* Slot of `name` in a shape as in a cache word (OVERFLOW_SLOT set for overflow), or -1. */
int32_t shape_find(Machine *m, uint32_t shape, Value name);
/* Field by interned name: V_UNSET when missing (nothing raised). Never collects. *cache gets the cache word, or 0 if not cacheable. */
Value record_get(Process *p, Record *r, Value name, uint32_t *cache);
/* MAY_COLLECT RAISES: set or add. *cache gets the cache word of an existing field's slot, or 0. */
bool record_set(Process *p, Value *record, Value name, Value *value, uint32_t *cache);
/* By computed key: an int-like or string key in its canonical form ("12" is 12). V_UNSET with p->error unset: missing. MAY_COLLECT RAISES */
Value record_get_index(Process *p, Value *record, Value *key);
bool record_set_index(Process *p, Value *record, Value *key, Value *value);  /* MAY_COLLECT RAISES */
/* Iterate fields in insertion order of kinds (shape fields, items, map): *state starts 0; false at the end. `*key` is a string or fixnum. */
bool record_next(Process *p, Value record, uint64_t *state, Value *key, Value *value);
uint64_t record_count(Process *p, Value record);

/* --- map.c: ordered hash map, keys are fixnums or flat strings for now --- */
Value map_new(Process *p);                                        /* MAY_COLLECT RAISES */
Value map_get(Map *m, Value key);                                 /* V_UNSET when missing; `key` flat */
bool map_set(Process *p, Value *map, Value *key, Value *value);   /* MAY_COLLECT RAISES */
bool map_next(Map *m, int64_t *at, Value *key, Value *value);

/* --- list.c --- */
Value array_new(Process *p, int64_t length);                      /* MAY_COLLECT RAISES: all items unset */
Value list_new(Process *p, const Value *items, int64_t length);   /* MAY_COLLECT RAISES: `items` are registers */
bool list_push(Process *p, Value *list, Value *item);             /* MAY_COLLECT RAISES */

/* --- number.c --- */
Value int_value(Process *p, int64_t i);                           /* MAY_COLLECT RAISES: fixnum or boxed */
Value float_value(Process *p, double d);                          /* MAY_COLLECT RAISES: flonum or boxed */

/* --- error.c --- */
enum ErrorKind {   /* the order of the table in error.c */
    ERROR_CAST, ERROR_UNINITIALIZED, ERROR_ARITHMETIC, ERROR_RUNTIME, ERROR_OVERFLOW, ERROR_MEMORY, ERROR_STACK,
    ERROR_INDEX, ERROR_ARGUMENTS, ERROR_INTERRUPT, ERROR_VALUE, ERROR_KINDS
};
/* Raise an error of this kind: p->error is set (MAY_COLLECT; falls back to a preallocated error when memory is out). Always returns false.
 * The class name shown depends on the dialect of the running function: see error.c's table. `format` is printf-like. */
bool error_raise(Process *p, enum ErrorKind kind, const char *format, ...) __attribute__((format(printf, 3, 4)));
const char *type_name(Value v, bool classic);     /* "int", "float", "string", "None", "bool", "record", "function", "list" */

/* --- io.c --- */
bool output_write(Process *p, const void *bytes, size_t length);  /* buffered; false when the reader is gone */
bool output_flush(Process *p);
Value input_line(Process *p);                                     /* MAY_COLLECT RAISES */
#endif
