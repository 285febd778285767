/* The runtime's internal interface: one section a file. MAY_COLLECT marks what may move objects; RAISES marks what returns
 * false (or V_UNSET for a Value result) with p->error set. `Value *` arguments are slots that are roots (registers or p->roots): they are
 * read again after anything that may collect. */
#ifndef MYNA_RUNTIME_H
#define MYNA_RUNTIME_H
#include "heap.h"

/* --- machine.c: shared tables --- */
struct Machine {
    Function **functions; uint32_t nfunctions;       /* of all modules, by machine-wide number, as are classes and globals */
    struct Class **classes; uint32_t nclasses;
    Shape **shapes; uint32_t nshapes, shape_capacity; /* by number; 1.. */
    uint32_t root_shapes[MAX_INLINE + 1];            /* empty shape by inline capacity, 0: not made yet */
    Value *names; uint32_t nnames, name_capacity;    /* interned immortal strings: open addressing by hash */
    size_t class_words;                              /* in the tables of all classes */
    Value *global_names; uint32_t nglobals;          /* name of each global */
    void *chunks; uint8_t *chunk_next, *chunk_end; /* arena of immortal objects, freed with the machine */
    Value builtins[512];                            /* closures of the primitives, 0: not made yet */
    /* Of built-in types, by open addressing: `primitive` (-1: none), and what the program adds (unset: nothing). */
    struct Method { Value name, function; uint32_t type; int32_t primitive; } methods[1024];
    uint32_t nmethods;
    Value length_name;                              /* interned "length" */
    uint32_t nexterns;                              /* functions of C in its programs */
    Value reflection;                               /* the library's function of what types know, immortal; 0: none. See prim_type.c */
    void *stubs;                                    /* their functions */
    Value empty_string, empty_array, characters[256];  /* immortal; strings of one byte, not interned */
    struct Class *interfaces[3];                    /* the predefined ones: interface.c */
    struct Class *error_class, *error_classes[32];  /* Error, and the classes of enum ErrorKind */
    const struct Type **types; uint32_t ntypes, type_capacity, *type_index, ninterfaces;  /* by number, 1..; open addressing by hash: type.c */
    const struct Type *simple_types[64];            /* by kind, those without parts */
    const struct Type *int_list, *string_list;      /* List<int>, List<string> */
    const struct Type *packed_types[ELEMENT_KINDS]; /* of arrays of unboxed elements */
    uint64_t types_below[4096];                     /* type.c: answers of type_below */
    Value memory_error;                             /* immortal, for when there is no memory */
};
Machine *machine_new(void);
void machine_free(Machine *m);
/* The interned immortal string of these bytes. Also used for any immortal string constant up to 64 KiB. */
Value machine_intern(Machine *m, const void *bytes, size_t length);   /* followed by a NUL; V_UNSET: no memory */
/* The interned string with these bytes if there is one, else V_UNSET. Never allocates. */
Value machine_find_name(Machine *m, const void *bytes, size_t length, uint32_t hash);
/* An immortal object of `bytes` (never collected, zeroed), header set with GC_IMMORTAL|GC_OLD added. */
void *machine_new_object(Machine *m, size_t bytes, uint64_t header);     /* NULL: no memory */
/* Zeroed memory of the arena, aligned to 8; NULL: none left. */
void *machine_alloc(Machine *m, size_t bytes);

/* --- string.c --- */
Value string_new(Process *p, const void *bytes, size_t length);            /* MAY_COLLECT RAISES; `bytes` lie outside the heap */
Value string_alloc_bytes(Process *p, size_t length, bool ascii);           /* MAY_COLLECT RAISES: the caller fills the bytes */
void string_filled(Value s);    /* the bytes of a string_alloc_bytes(…, false) are there now */
/* MAY_COLLECT RAISES: `length` bytes from byte `start` of *s, which holds them; flattens *s. */
Value string_slice(Process *p, Value *s, int64_t start, int64_t length);
/* MAY_COLLECT RAISES: the code point number `index` as a string; V_UNSET with nothing raised when there is none. Flattens *s. */
Value string_at(Process *p, Value *s, int64_t index);
static inline uint64_t load_word(const uint8_t *bytes) {
    uint64_t word;
    memcpy(&word, bytes, 8);
    return word;
}
#define HIGH_BITS UINT64_C(0x8080808080808080)     /* those of bytes that are not ASCII */
static inline void points_forget(Process *p) {     /* before a collection, which may move strings: points.c */
    for (int i = 0; i < POINTS; i++) p->points[i].string = NULL;
}
void points_free(Process *p);
int64_t string_offset(Process *p, String *s, int64_t index);     /* byte at which code point `index` begins (or the end, for the count); -1: none */
int utf8_step(const uint8_t *at, const uint8_t *end);   /* bytes of the code point at `at` < `end`, 1..4; an invalid byte is one */
void string_copy(Value s, uint8_t *out);             /* all bytes of a string or rope; never collects */
Value string_flat(Process *p, Value *slot);          /* MAY_COLLECT RAISES: flattens a rope in place; the flat String, also stored in *slot */
int64_t string_length(Value s);                      /* bytes; string or rope */
Value string_concat(Process *p, Value *a, Value *b); /* MAY_COLLECT RAISES: both strings or ropes; a rope when long */
uint32_t string_hash(String *s);                     /* never 0; kept in the header's id */
bool string_equal(Process *p, Value *a, Value *b, bool *equal);   /* MAY_COLLECT RAISES (may flatten) */
bool string_equal_flat(const String *a, const String *b);
int string_compare_flat(String *a, String *b);       /* byte order: -1, 0, 1 */
uint32_t hash_bytes(const void *bytes, size_t length);   /* never 0 */
/* A random number of this run, so that no input is made of keys that collide; MYNA_HASH_SEED says which. Nothing that a program sees
 * depends on it. Set before the first machine is made and constant from then on. */
extern uint64_t hash_seed;
void hash_seed_init(void);
bool bytes_ascii(const void *bytes, size_t length);      /* all below 128 */
int64_t string_count(Process *p, String *s);         /* code points (bytes when not valid UTF-8 in that place count one each) */

/* --- print.c: printed forms --- */
/* MAY_COLLECT RAISES: the printed form of *v as a flat string. `classic` chooses the dialect's forms; there a record that contains
 * itself raises. */
Value value_to_string(Process *p, Value *v, bool classic);
/* The same as the source would write it, strings in quotes; with some `most` bytes of it at least, if that is not 0. */
Value value_to_source(Process *p, Value *v, size_t most);
/* For a value whose parts are printed one by one, in order, by value_to_string_part: *texts, a root, becomes what the texts of all its
 * instances need. False: an error, or their methods are called first. MAY_COLLECT RAISES */
bool value_texts(Process *p, Value *v, Value *texts);
Value value_to_string_part(Process *p, Value *v, Value *texts, uint32_t *number);
size_t format_double(double d, char *out);           /* shortest that reads back, Python's repr form; at most 32 bytes, no NUL */
size_t format_int(int64_t i, char *out);

/* --- record.c, shape.c --- */
Value record_new(Process *p, uint32_t inline_slots);             /* MAY_COLLECT RAISES: empty record */
/* The empty shape of records with this many inline slots (at most MAX_INLINE); 0: no memory. */
uint32_t shape_root(Machine *m, uint32_t inline_slots);
/* Shape reached from `shape` by adding `name` (interned); 0 when there are too many shapes or fields (use the map). */
uint32_t shape_add(Machine *m, uint32_t shape, Value name);
/* The number of a new shape without fields, for a class; 0: too many. */
uint32_t shape_class(Machine *m);
/* Slot of `name` in a shape as in a cache word (OVERFLOW_SLOT set for overflow), or -1. */
int32_t shape_find(Machine *m, uint32_t shape, Value name);
uint32_t shape_child(Machine *m, uint32_t shape, Value name);    /* as shape_add, but 0 when nothing was added so yet */
/* Name of a shape's field number `number` < count; its slot as in a cache word in *slot. */
Value shape_field(Machine *m, uint32_t shape, uint32_t number, uint32_t *slot);
/* Field by interned name: V_UNSET when missing (nothing raised). Never collects. *cache gets the cache word, or 0 if not cacheable. */
Value record_get(Process *p, Record *r, Value name, uint32_t *cache);
/* The cache of sites that see many shapes: `note` that `name` is found as the cache word says (layout.py). */
void field_cache_init(Process *p);
void field_cache_free(Process *p);
void field_cache_note(Process *p, uint32_t word, Value name);
/* MAY_COLLECT RAISES: set or add. *cache gets the cache word of an existing field's slot, or 0. */
bool record_set(Process *p, Value *record, Value name, Value *value, uint32_t *cache);
/* By computed key: an int or string in its canonical form ("12" is 12); in classic code any value, by its printed form. V_UNSET with
 * p->error left as it was: missing. MAY_COLLECT RAISES */
Value record_get_index(Process *p, Value *record, Value *key);
bool record_set_index(Process *p, Value *record, Value *key, Value *value);  /* MAY_COLLECT RAISES */
/* Does the string spell a fixnum in canonical decimal? */
bool string_fixnum(const String *s, int64_t *out);
/* Iterate: named fields in insertion order, small ints in ascending order, all others in insertion order. *state starts 0 and stays
 * below 2^62; false at the end. `*key` is a string or fixnum. Changing the record meanwhile is safe; fields added or moved by it may be
 * missed or met twice. Never collects. */
bool record_next(Process *p, Value record, uint64_t *state, Value *key, Value *value);
uint64_t record_count(Process *p, Value record);

/* --- keys.c --- */
/* MAY_COLLECT RAISES: the key of *map that equals *key, or a new one; NULL: *key cannot be one. Keys are numbers but NaN, bools, None,
 * strings (flat now), bytes, tuples and enum values of such: `key` itself. And instances whose class has `hash`, and tuples and enum values
 * with those inside: then it is p->key, good until the next such key. Their methods are called, so that the current instruction may begin
 * again: what it did until then must be harmless to repeat. */
Value *map_key(Process *p, const Value *map, Value *key);
/* The same for one of several keys that one instruction uses between keys_begin and keys_end. */
Value *map_next_key(Process *p, const Value *map, Value *key);
void keys_begin(Process *p);
void keys_end(Process *p);
/* Is it a key whose methods must be called? RAISES when it cannot be a key: sets *ok. MAY_COLLECT: flattens strings */
bool key_asks(Process *p, Value *key, bool *ok);
/* A key as maps hold it: an Array of its hash and the key, where methods were called for it. */
static inline bool is_own_key(Value key) { return is_type(key, T_ARRAY); }
static inline Value key_value(Value key) { return is_own_key(key) ? AS(Array, key)->items[1] : key; }
uint32_t key_hash_slow(Value key);                                /* of keys but fixnums and flat strings */
bool key_equal_slow(Value a, Value b);                            /* of two such keys */
/* Sixteen ints in a row get neighbouring places: one cache line of the index serves them all. */
static inline uint32_t fixnum_hash(Value key) {
    uint64_t i = key >> FIXNUM_SHIFT;
    unsigned __int128 product = (unsigned __int128)(i >> 4 ^ hash_seed) * UINT64_C(0x9E3779B97F4A7C15);
    return (uint32_t)(product >> 64) ^ (uint32_t)(product >> 32) ^ (uint32_t)i;
}

/* --- equal.c --- */
enum { EQUAL_ASKS = 3 };
/* As the operator `==`: 0, 1; 2: an error; EQUAL_ASKS: a method decides. Never collects but for an error */
int value_equal(Process *p, Value x, Value y);
/* Equality of two values of which neither has parts or its own `==`. *failed: no memory. Never collects */
bool same_leaf(Value x, Value y, bool *failed);

/* --- map.c: ordered hash map. Keys are what map_key gave --- */
void map_clear(Process *p, Map *m);
Value map_new(Process *p);                                        /* MAY_COLLECT RAISES */
Value map_get(Map *m, Value key);                                 /* V_UNSET when missing */
bool map_set(Process *p, Value *map, Value *key, Value *value);   /* MAY_COLLECT RAISES */
bool map_replace(Process *p, Map *m, Value key, Value value);     /* false: no such key, nothing done. Never collects */
Value map_delete(Map *m, Value key);                              /* its value, or V_UNSET. Never collects */
bool map_next(Map *m, int64_t *at, Value *key, Value *value);     /* *at starts 0 */
bool map_next_pair(Map *m, int64_t *at, Value *key, Value *value);   /* the same; the key as the map holds it */
/* The number of the next pair that may have this hash, or -1; *at starts 0. Never collects */
int64_t map_probe(const Map *m, uint32_t hash, uint32_t *at);
enum { MAP_HAS_STRINGS = 1, MAP_HAS_OWN_KEYS = 2 };    /* aux bits; the first one only of a record's map */
static inline bool has_own_keys(Value map) { return header_of(map)->aux & MAP_HAS_OWN_KEYS; }

/* --- access.c --- */
/* Number of items, which is the field `length`; -1: it has none, or an error. MAY_COLLECT RAISES: flattens a string */
int64_t value_length(Process *p, Value *object);

/* --- range.c --- */
bool range_length(Process *p, Value range, int64_t *length);      /* RAISES when no int is so great */
bool range_has(Value range, int64_t i);
/* RAISES: the part [from, to) that a range means of something with `length` items. */
bool range_bounds(Process *p, Value range, int64_t length, int64_t *from, int64_t *to);
Value range_field(Value range, const char *name);                 /* V_UNSET: there is none of that name */

/* --- bytes.c --- */
Value bytes_alloc(Process *p, int64_t length);                    /* MAY_COLLECT RAISES: the caller fills them */
Value bytes_concat(Process *p, Value *a, Value *b);               /* MAY_COLLECT RAISES */
int bytes_compare(Value a, Value b);                              /* -1, 0, 1 */

/* --- array.c: arrays as programs see them --- */
bool is_array(Value v);
/* MAY_COLLECT RAISES: an array of unboxed elements, which the caller sets before anything else is allocated. */
Value packed_new(Process *p, enum ElementKind kind, int64_t length);
Value packed_get(Process *p, Value array, int64_t i);             /* MAY_COLLECT RAISES */
/* The same of an element of a kind, wherever it lies. `element_set` gives false with p->error unset for a value of a wrong type. */
Value element_get(Process *p, uint8_t kind, const void *at);       /* MAY_COLLECT RAISES */
bool element_set(Process *p, uint8_t kind, void *at, Value v);
bool packed_number(Value array, int64_t i, int64_t *whole, double *d);  /* into one of them; true: the whole one, also for a bool */
bool packed_set(Process *p, Value array, int64_t i, Value v);     /* RAISES when the kind of element cannot hold v */

/* --- list.c --- */
#define LENGTH_MAX (INT64_C(1) << 40)
Value array_new(Process *p, int64_t length);                      /* MAY_COLLECT RAISES: all items unset */
Value list_new(Process *p, const Value *items, int64_t length);   /* MAY_COLLECT RAISES: `items` are registers */
bool list_push(Process *p, Value *list, Value *item);             /* MAY_COLLECT RAISES */
bool list_reserve(Process *p, Value *list, int64_t capacity);     /* MAY_COLLECT RAISES: room for so many items without growing */
/* MAY_COLLECT RAISES: a longer copy of the first `used` items of *old, the rest unset. */
Value array_resize(Process *p, const Value *old, int64_t used, int64_t length);
int64_t grown_capacity(int64_t capacity, int64_t needed);         /* geometric growth: at least `needed` */

/* --- number.c --- */
int digit_value(uint8_t c);                                       /* of a digit or letter in bases up to 36, else 99 */
Value int_value(Process *p, int64_t i);                           /* MAY_COLLECT RAISES: fixnum or boxed */
bool number_int(Value v, int64_t *out);                            /* the int that equals a number; false: none does */
Value float_value(Process *p, double d);                          /* MAY_COLLECT RAISES: flonum or boxed */

/* --- bigint.c --- */
/* MAY_COLLECT RAISES: *dst := a op b for one of "+-*" "/%" "&|^"; each is an int or a bigint. */
bool bigint_arith(Process *p, char op, Value *dst, Value a, Value b);
bool bigint_shift(Process *p, Value *dst, Value a, Value count, bool left);   /* the same for << and >> */
bool bigint_power(Process *p, Value *dst, Value base, int64_t exponent);      /* the same; exponent >= 0 */
bool bigint_negate(Process *p, Value *dst, Value a);
bool bigint_invert(Process *p, Value *dst, Value a);
/* MAY_COLLECT RAISES: a bigint of an int; of a float without its fraction; of digits in a base, V_UNSET with nothing raised
 * for other text. */
Value bigint_of_int(Process *p, int64_t i);
Value bigint_of_double(Process *p, double d);
Value bigint_parse(Process *p, Value *text, int base);
/* An immortal one of these limbs, the least first; V_UNSET: no memory, too many limbs, or not the one form of the number. */
Value bigint_constant(Machine *m, const uint32_t *limbs, int64_t count, bool negative);
bool bigint_int(Value v, int64_t *out);              /* false: no int is so great */
double bigint_double(Value v);                       /* the nearest float, perhaps an infinity */
/* As order_numbers, one of them a bigint. */
int bigint_order(Value a, Value b);
uint32_t bigint_hash(Value v);                       /* of one that no int equals; that of an equal float. Never 0 */
int64_t bigint_bits(Value v);                        /* of the magnitude, without zeros before it */
/* malloc'ed decimal text, its length in *length. NULL: no memory, or interrupted; nothing raised. */
char *bigint_text(Process *p, Value v, int64_t *length);

/* --- arith.c --- */
/* -1, 0, 1 for a < b, a == b, a > b exactly, though one is a float; 2 when either is NaN. Both are numbers. */
int order_numbers(Value a, Value b);

/* --- error.c --- */
enum ErrorKind {   /* the order of the table in error.c */
    ERROR_CAST, ERROR_UNINITIALIZED, ERROR_ARITHMETIC, ERROR_RUNTIME, ERROR_OVERFLOW, ERROR_MEMORY, ERROR_STACK,
    ERROR_INDEX, ERROR_ARGUMENTS, ERROR_INTERRUPT, ERROR_VALUE, ERROR_FIELD, ERROR_CASTING, ERROR_MATCH, ERROR_KINDS
};
/* Raise an error of this kind: p->error is set (MAY_COLLECT; falls back to a preallocated error when memory is out). Always returns false.
 * The class name shown depends on the dialect of the running function: see error.c's table. `format` is printf-like. */
bool error_raise(Process *p, enum ErrorKind kind, const char *format, ...) __attribute__((format(printf, 3, 4)));
/* MAY_COLLECT RAISES: an error of this class (an error class without fields of its own). */
struct Class;
Value error_new(Process *p, const struct Class *c, Value *message);
bool machine_init_interfaces(Machine *m);
bool machine_init_errors(Machine *m);             /* the errors for when there is no memory */
const char *type_name(Value v, bool classic);     /* "int", "float", "string", "None", "bool", "record", "function", "list" */

/* --- trace.c --- */
/* p->error passes `f` at this word of its code: of the instruction that raised it or of the call, also in the frame that will catch it. */
void trace_add(Process *p, const Function *f, uint32_t word);
/* A handler takes p->error, which remains there: an Error gets the places that were added. MAY_COLLECT */
void error_caught(Process *p);
/* Nothing catches p->error: the lines of its trace go into p->trace. */
void trace_uncaught(Process *p);
/* The lines of an Error's trace as malloc'ed text; NULL: it has none, or no memory. */
char *error_trace_text(Value error);
/* A list of records {function, file, line, column}, innermost call first; V_UNSET: no memory. MAY_COLLECT RAISES */
Value error_trace(Process *p, Value *error);

/* --- io.c --- */
bool io_init(Process *p);                                         /* buffers; output_fd is set by the caller */
void io_free(Process *p);
bool output_write(Process *p, const void *bytes, size_t length);  /* buffered; false when the reader is gone */
bool output_flush(Process *p);
/* Read more, after what is in the buffer, which is moved to its beginning; at the end, or when reading fails, sets `eof`. RAISES when interrupted */
bool input_fill(Process *p, Input *in);
/* The next line without its end; "" at the end. MAY_COLLECT RAISES */
Value input_line(Process *p, Input *in);
#endif
