/* Machine (what processes share), process (everything that is one program's own), functions.
 *
 * Invariants:
 * - there is no other mutable state in the runtime: every entry takes a Process;
 * - every word of the value stack in [stack, stack_clean) is a valid Value, so a collection may scan all frames without
 *   maps: dead registers hold stale but valid values. Frames grow only below `stack_clean`; `stack_extend` moves it up
 *   and zeroes (fixnum 0) what it adds; a collection zeroes what lies above the top frame;
 * - nothing on the stacks is an absolute stack address, so a stack may be reallocated at any call. */
#ifndef MYNA_PROCESS_H
#define MYNA_PROCESS_H
#include "value.h"

typedef struct Process Process;
typedef struct Machine Machine;
typedef struct Module Module;

/* One entry of a function's capture list: where `closure` finds the value. */
typedef struct Capture { uint8_t from_parent, is_cell; uint16_t index; } Capture;
/* Covered instructions [start, end) (word offsets) continue at `target` with the error in R[reg]. Innermost first. */
typedef struct Handler { uint32_t start, end, target, reg; } Handler;
/* The instruction at `pc` and those after it come from this offset (code points) in the source. */
typedef struct Line { uint32_t pc, offset; } Line;

/* A loaded function. Immutable but for the field caches inside `code`. Owned by its module. */
typedef struct Function {
    FUNCTION_HEAD
    uint32_t code_words, nregs, nraw, nparams, ncaptures, nconsts, nhandlers, nlines;
    uint32_t checks;        /* words at the beginning of the code that check the arguments */
    uint32_t body;          /* classic: number of the body as a syntax tree, for `==`; equal trees have equal numbers */
    uint8_t classic;        /* dialect: which error classes and casts apply */
    uint8_t native;         /* a built-in's stub: left out of stack traces */
    uint8_t rest;           /* the last parameter is a list of all further arguments */
    uint8_t method;         /* the first parameter is `this` */
    uint8_t bound;          /* of closures that hold `this` and a method, which calls enter in their place: class.c */
    uint32_t optional;      /* parameters before `rest` that calls may leave out */
    Value name;             /* immortal string or None */
    Module *module;
    const struct SourceFile *file;  /* where it comes from: for traces */
    const Value *consts;    /* just before `code` in memory; function constants are addresses (they read as fixnums) */
    const Capture *captures;
    const Handler *handlers;
    const Line *lines;
    struct Function *binder;  /* of a method that was read without a call: its bound function */
} Function;

/* A function's native code: from its frame, where closure, link word and parameters are, to its result; V_UNSET: p->error is raised. */
typedef Value Entry(Process *p, Value *fp);

/* May the function be called with so many arguments, `this` among them? */
static inline bool function_takes(const Function *f, uint32_t count) {
    return count + f->optional + f->rest >= f->nparams && (count <= f->nparams || f->rest);
}

/* Where an error passed: the instruction at this word of the function's code. */
typedef struct Place { const Function *function; uint32_t word; } Place;
/* The first and the last of `total` places, for people to read: trace.c. */
enum { TRACE_TOP = 16, TRACE_BOTTOM = 4 };
typedef struct Trace { uint64_t total; Place places[TRACE_TOP + TRACE_BOTTOM]; } Trace;

/* A shape: the ordered field names of records that were built alike. Shapes form a tree of transitions, never freed. */
typedef struct Shape {
    uint32_t number;        /* index into Machine.shapes; 0 is not a shape */
    uint32_t count;         /* fields */
    uint32_t inline_slots;  /* capacity of the record itself; fields from there on lie in the elements' overflow array */
    uint32_t parent;        /* shape without the last field; 0 for a root */
    Value name;             /* the last field's name, an interned immortal string */
    uint32_t *transitions;  /* hash set of child shape numbers, by name; capacity is a power of two */
    uint32_t transition_count, transition_capacity;
    Value *table_names;     /* lookup table name -> slot for shapes that were asked often (lazily built) */
    uint32_t *table_slots, table_capacity, lookups;
} Shape;

typedef struct Stats {
    uint64_t young_collections, full_collections, allocated_bytes, promoted_bytes, peak_bytes, instructions;
    uint64_t longest_young_ns, longest_full_ns, total_ns;
} Stats;

struct Heap;
enum { OUTPUT_BUFFER = 1 << 16, ROOTS = 256 };

/* What is read from a file: bytes[used..size) wait to be consumed. `error`: of the system, negated, that has ended it. */
typedef struct Input { char *bytes; size_t used, size; int file, error; uint8_t eof; } Input;

/* Where code points of a string lie: points.c. */
enum { POINTS = 2 };    /* strings at a time: a loop often compares two */
typedef struct Points { const struct String *string; int64_t *marks, total; size_t known, capacity; } Points;

struct Process {
    PROCESS_HEAD
    Machine *machine;
    struct Heap *heap;
    Value *stack, *stack_end, *stack_clean;   /* value stack: [stack, stack_end) is allocated */
    Value *watermark;                         /* frames below this R[0] hold no reference to a young object; or NULL */
    int64_t *raw_stack, *raw_end;
    size_t stack_limit_words;                 /* most the value stack may grow to */
    uint32_t nglobals;
    uint32_t nroots;
    Value roots[ROOTS];                       /* handles of native code: `root_push` */
    Points points[POINTS];
    uint32_t points_next;
    Value error;                              /* the error being raised, else unset */
    size_t bottom;                            /* of the frames of the innermost run: R[0] of the first one, from the stack's beginning */
    Value returned;                           /* what that frame returned to process_call; read at once */
    uint8_t counting;                         /* the handlers that count instructions are used */
    uint8_t finished, exit_code;              /* it has called exit; its status when it is stopped */
    volatile int interrupted;                 /* set by a signal handler */
    char *output; size_t output_used; int output_fd; uint8_t output_failed, output_lines;  /* io.c */
    Input input;
    struct Stream *streams;                   /* files that the program has opened: stream.c */
    bool (*at_end)(Process *p);               /* writes what waits in them, when the program ends in whichever way; or NULL. False: it could not */
    char **arguments; int argument_count;
    uint8_t stack_stress;                     /* move the stack at every call */
    void *native_stack; size_t native_bytes, stack_bytes;   /* of standalone programs: native.c */
    char *native_top;                         /* where the frames of this run begin on the native stack; NULL: nothing runs */
    Trace passed;                             /* where `error` passed since it was thrown: trace.c */
    char *trace;                              /* of the uncaught error: malloc'ed text, or NULL */
    const uint32_t *texts_pc;
    Value texts;                              /* made for the instruction at `texts_pc`, which begins again now; or None: texts.c */
    Value answers, key;                       /* what the methods of keys answered for the instruction at `answers_pc`, which begins again
                                               * now, or None; the key it uses: keys.c */
    const uint32_t *answers_pc;
    int64_t answers_at;                       /* how many of them it has used */
    uint8_t entered;                          /* operator_call has entered a method: no error, though an entry gave false */
    uint8_t stopping;                         /* interrupted or without a reader: no handler catches that */
    uint8_t uncaught;                         /* the run ended with `error` not handled */
    Stats stats;
};

/* A field of `roots` holding `v` until popped; the slot's address is stable. */
static inline Value *root_push(Process *p, Value v) { Value *slot = &p->roots[p->nroots++]; *slot = v; return slot; }
static inline void root_pop(Process *p, uint32_t count) { p->nroots -= count; }

/* A frame whose distance to its caller does not fit its link word (delta 0 there, LINK_WIDE set) lies two words higher:
 *     caller's R[a]: callee, then the distance as a fixnum, then the usual closure and link.
 * So fp[-3] has the distance from the caller's R[0], and the result belongs into fp[-4] (exec.c: or elsewhere). */
enum { WIDE_HEADER = FRAME_HEADER + 2 };
static inline uint32_t frame_wide_delta(const Value *fp) { return (uint32_t)fixnum_int(fp[-3]) & 0xFFFFFF; }
static inline uint32_t link_delta(uint64_t link) { return link >> LINK_DELTA_SHIFT & 255; }
static inline const uint32_t *link_pc(uint64_t link) { return (const uint32_t *)(uintptr_t)(link & ((UINT64_C(1) << LINK_DELTA_SHIFT) - 4)); }
static inline Value *frame_caller(Value *fp) { uint32_t delta = link_delta(fp[-1]); return fp - (delta ? delta : frame_wide_delta(fp)); }

static inline Closure *frame_closure(Value *fp) { return AS(Closure, fp[-2]); }
static inline Function *frame_function(Value *fp) { return frame_closure(fp)->function; }
/* The function whose dialect's rules apply now: the caller, when a primitive was called as a value. */
static inline bool in_classic(Process *p) {
    if (!p->fp) return false;
    Function *f = frame_function(p->fp);
    return f->native ? frame_function(frame_caller(p->fp))->classic : f->classic;
}
#endif
