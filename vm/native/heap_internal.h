/* What the collector's files share: heap.c (entry points, limit, memory from the system), nursery.c (young collections),
 * old.c (blocks, marking, sweeping, compaction), barrier.c (remembered set), check.c (verification), object.c.
 *
 * Invariants:
 * - a young object lies in eden or in the survivor space in use, or is large and on `young_large`; an old one has GC_OLD;
 * - outside a collection, an old object that holds a reference to a young one is remembered: it has GC_REMEMBERED, or, when
 *   large, the card of the slot is set and the object is on `dirty`;
 * - an object that has been forwarded has an even first word, its new address; a free cell of a block as well (a link), but
 *   nothing refers to a free cell;
 * - while marking, what the mutator stores into an old object is marked by the barrier, or the object is remembered. What it
 *   stores elsewhere is in a root or a young object. A young collection visits the roots, the young and the remembered objects
 *   and marks what they refer to, so marking is complete when, right after a young collection, the mark stack runs empty. No
 *   old value needs to be caught before it is overwritten;
 * - marks are clear whenever the phase is PHASE_IDLE; while sweeping, an object in an unswept block lives if it is marked. */
#ifndef MYNA_HEAP_INTERNAL_H
#define MYNA_HEAP_INTERNAL_H
#include "system.h"
#include "heap.h"

enum {
    BLOCK_BYTES = 1 << 14,      /* aligned to its size: the block of a cell is found by masking. Larger blocks leave more cells
                                   unused in small heaps, smaller ones waste the ends of large cells */
    BLOCK_HEADER = 64,
    BLOCK_USABLE = BLOCK_BYTES - BLOCK_HEADER,
    CHUNK_BLOCKS = 16,          /* blocks mapped together (256 KiB) */
    SMALL_MAX = 8160,           /* largest object in a block (two to a block); above it an object is large */
    CLASSES = 37,               /* cell sizes: see `class_of` */
    CARD_BYTES = 128,           /* part of a large object that is remembered as one: 16 slots, for a byte of card */
    MARK_SEGMENT = 256,         /* fields pushed at a time, so that a long array does not fill the mark stack */
    MAPPED_LARGE = 1 << 18,     /* large objects from here on are mapped, so that their memory goes back at once */
    MARKS_MIN = 512,            /* words of the mark stack that are always there: more than MARK_SEGMENT and the queue */
    EDEN_MIN = 1 << 15,
    POISON = 0xDB,              /* fills vacated memory when checking: an impossible header, an impossible address */
};
enum { PHASE_IDLE, PHASE_MARKING, PHASE_SWEEPING };
#define GC_BITS(flags) ((uint64_t)(flags) << 16)

typedef struct Chunk {
    struct Chunk *next, *next_cold;
    uint8_t *base;
    uint32_t cold;              /* bit per block: not in use and holding no memory */
} Chunk;

/* A block of equal cells: [cells, top) have been used at least once; the freed ones of these are on `free`. */
typedef struct Block {
    struct Block *next;
    Chunk *chunk;
    uint64_t *free;             /* first free cell; its first word links to the next, 0 ends */
    uint8_t *top;
    uint32_t cell_bytes, live;  /* `live`: cells in use, counted by the last sweep */
    uint32_t class, epoch;      /* swept when `epoch` is the heap's */
} Block;
_Static_assert(sizeof(Block) <= BLOCK_HEADER, "block header");

/* The blocks of one cell size. Each block is `current` or on one of the lists; those not swept yet are on two, so that the
 * end of marking need not touch them. */
typedef struct Class { Block *current, *available, *full, *unswept, *unswept_too; } Class;

/* A large object follows this header, then its cards (none when it can hold no reference). */
typedef struct Large {
    struct Large *next, *next_dirty, *next_reached;
    size_t bytes;               /* of the whole: header, object, cards */
    uint8_t *cards;
    uint32_t card_count;
    uint8_t dirty, mapped;
    void (*release)(void *owned);   /* of what lies outside the heap and goes with it; or NULL */
    void *owned;
} Large;
_Static_assert(sizeof(Large) % 8 == 0, "a large object is aligned");

typedef struct Heap {
    HeapOptions options;
    /* young generation: one area, [survivor 0][eden][survivor 1], so that what a collection empties is one range */
    uint8_t *area, *eden, *eden_end;
    size_t eden_bytes, survivor_bytes, eden_target, eden_max;
    uint32_t side;                          /* survivor space in use */
    uint8_t *survivor_start, *survivor_top; /* its objects */
    Large *young_large;
    size_t young_large_bytes;
    bool closed;                            /* the limit is exceeded: eden serves only the raising of the error */
    bool raising;
    uint32_t stress_count;
    /* a young collection in progress */
    Value from;                             /* reference to the first byte of what is being emptied */
    size_t from_words;
    uint8_t *to_start, *to, *to_end, *scan; /* space being filled; [scan, to) is still to be scanned */
    uint64_t *promoted;                     /* forwarded originals whose copies are to be scanned; word 1 links */
    Large *reached;                         /* large objects found alive, to be scanned */
    uint64_t promoted_header;               /* header bits of an object that becomes old now */
    size_t promoted_bytes;
    /* old generation */
    Class classes[CLASSES];
    Chunk *chunks, *cold_chunks;
    size_t cold_blocks, used_blocks, warm_blocks;   /* mapped but unused; with objects; empty, kept for reuse */
    Block *warm;
    Large *large, *large_unswept;
    uint32_t epoch, sweep_class;            /* classes below it are swept */
    size_t large_bytes;                     /* all large objects, young ones too */
    size_t old_bytes;                       /* cells in use and old large objects */
    size_t threshold;                       /* of old_bytes, at which marking begins */
    size_t external;
    /* remembered set */
    void **remembered; size_t nremembered, remembered_capacity;
    bool remembered_lost;                   /* the buffer could not grow: find GC_REMEMBERED by walking the blocks */
    Large *dirty;
    /* marking */
    int phase;
    Value *marks; size_t nmarks, mark_capacity;
    bool marks_lost;                        /* the stack could not grow: look for marked objects with unmarked children */
    size_t mark_work;                       /* bytes looked at in this step */
    size_t stack_cursor;                    /* words of the value stack below it are marked */
} Heap;

/* --- objects --- */
static inline uint64_t *header_word(const void *object) { return (uint64_t *)object; }
static inline Large *large_of(const void *object) { return (Large *)object - 1; }
static inline void *large_object(Large *l) { return l + 1; }
static inline Block *block_of(const void *cell) { return (Block *)((uintptr_t)cell & ~(uintptr_t)(BLOCK_BYTES - 1)); }
static inline uint8_t *block_cells(Block *b) { return (uint8_t *)b + BLOCK_HEADER; }
static inline bool is_free_cell(const void *cell) { return (*header_word(cell) & 1) == 0; }
static inline size_t round_up(size_t bytes, size_t unit) { return (bytes + unit - 1) & ~(unit - 1); }

/* Bytes of an object, a multiple of 8 and at least 16. */
static inline size_t size_of(const void *object) {
    const Header *h = object;
    switch (h->type) {
    case T_STRING: case T_BYTES: case T_TRACE: return round_up(sizeof(String) + (size_t)((const String *)object)->length, 8);
    case T_FLOAT: case T_INT: case T_CELL: return sizeof(Cell);
    case T_ROPE: return sizeof(Rope);
    case T_RANGE: return sizeof(Range);
    case T_PACKED: return round_up(sizeof(Packed) + (size_t)((const Packed *)object)->length * packed_width(h->aux), 8);
    case T_BIGINT: return round_up(sizeof(Bigint) + (size_t)((const Bigint *)object)->length * sizeof(uint32_t), 8);
    case T_CLOSURE: return sizeof(Closure) + h->id * sizeof(Value);
    case T_RECORD: return sizeof(Record) + h->inl * sizeof(Value);
    case T_LIST: return sizeof(List);
    case T_ARRAY: return sizeof(Array) + (size_t)((const Array *)object)->length * sizeof(Value);
    case T_ELEMENTS: return sizeof(Elements) + ((const Elements *)object)->capacity * sizeof(Value);
    case T_MAP: case T_SET: return sizeof(Map);
    case T_TUPLE: return sizeof(Tuple) + (size_t)((const Tuple *)object)->length * sizeof(Value);
    case T_OBJECT: return sizeof(Object) + h->inl * sizeof(Value);
    default: return 0;
    }
}

/* The Values of an instance with raw slots from `from` on, up to the next raw ones: the first, and the end in *end; NULL: there is nothing from there on. */
Value *values_between(Object *o, Value *from, Value **end);
/* The Values of an object lie together and end it: the first, and the end in *end (equal when there are none). But raw slots may part them, and end
 * the object: then there are more, which `fields_after` gives. */
static inline Value *fields_of(void *object, Value **end) {
    Header *h = object;
    Value *first;
    switch (h->type) {
    case T_CELL: first = &((Cell *)object)->value; return *end = first + 1, first;
    case T_ROPE: first = &((Rope *)object)->left; return *end = first + 2, first;
    case T_RANGE: first = &((Range *)object)->start; return *end = first + 2, first;
    case T_CLOSURE: first = ((Closure *)object)->captured; return *end = first + h->id, first;
    case T_RECORD: first = &((Record *)object)->elements; return *end = first + 1 + h->inl, first;
    case T_LIST: first = &((List *)object)->items; return *end = first + 1, first;
    case T_ARRAY: first = ((Array *)object)->items; return *end = first + ((Array *)object)->length, first;
    case T_ELEMENTS: first = &((Elements *)object)->overflow; return *end = first + 2 + ((Elements *)object)->capacity, first;
    case T_MAP: case T_SET: first = &((Map *)object)->entries; return *end = first + 2, first;
    case T_TUPLE: first = ((Tuple *)object)->items; return *end = first + ((Tuple *)object)->length, first;
    case T_OBJECT: first = ((Object *)object)->slots; return h->aux ? values_between(object, first, end) : (*end = first + h->inl, first);
    default: return *end = (Value *)object;     /* no references */
    }
}
/* The next ones, where *end is the end of those before; NULL: there are none, and *end is that of the object. */
static inline Value *fields_after(void *object, Value **end) {
    const Header *h = object;
    return h->type == T_OBJECT && h->aux ? values_between(object, *end, end) : NULL;
}
static inline bool is_leaf_type(int type) {
    return type == T_STRING || type == T_BYTES || type == T_TRACE || type == T_FLOAT || type == T_INT || type == T_BIGINT || type == T_PACKED;
}
static inline bool is_young(Value v) { return !(header_of(v)->gc & GC_OLD); }   /* v must be a reference */

/* --- heap.c --- */
/* The table with room for `at_least` words; NULL, and the table is as it was: none left, or more than a small heap should spend. */
void *table_grow(Heap *h, void *table, size_t *capacity, size_t at_least);
void large_free(Heap *h, Large *l);

/* --- nursery.c --- */
bool young_init(Process *p);                        /* eden of `eden_target` bytes */
void young_free(Heap *h);
/* Empty eden. `old_reserve` must have succeeded for `young_used` bytes. */
void young_collect(Process *p);
size_t young_used(Process *p);                      /* bytes of objects in the area */
static inline size_t young_capacity(size_t eden_bytes, size_t survivor_bytes) { return eden_bytes + 2 * survivor_bytes; }
Value *stack_top(Process *p);                       /* end of the value stack's part in use */

/* --- old.c --- */
bool old_reserve(Heap *h, size_t bytes);            /* addresses to promote this much, whatever the sizes */
void *old_new_cell(Heap *h, size_t bytes);          /* never fails within what was reserved */
void old_trim(Heap *h, size_t warm, size_t most);   /* give empty blocks back: all but `warm`, at most `most` */
void old_free(Heap *h);
void mark_start(Process *p);
void mark_now(Heap *h, Value v);                    /* unless marked already, or not an old object */
bool mark_step(Process *p, size_t bytes);           /* true: nothing is left to mark */
void mark_finish(Process *p);
bool sweep_step(Heap *h, size_t blocks);            /* true: done, the phase is PHASE_IDLE */
Block *block_new(Heap *h, uint32_t class);
void block_release(Heap *h, Block *b);              /* empty, and on no list */
void *block_take(Block *b);                         /* a cell, or NULL */
void class_each_block(Class *c, void (*visit)(void *context, Block *block), void *context);
/* Call `visit` for each living object in blocks, and for each old large one. `visit` may promote; it need not see the new ones. */
void old_each_object(Heap *h, void (*visit)(void *context, void *object), void *context);
uint32_t class_bytes(uint32_t class);               /* cell size */
static inline bool is_swept(const Heap *h, const Block *b) { return b->epoch == h->epoch; }

/* --- compact.c --- */
/* Pack the objects of sparse blocks together, or move all of them; `pressed`: even for a small gain. The phase is PHASE_IDLE,
 * eden is empty. */
void old_compact(Process *p, bool all, bool pressed);

/* --- barrier.c --- */
void remember(Heap *h, void *object);               /* a small old object not remembered yet */
void remember_card(Large *l, Heap *h, Value *slot);
/* Forget what marking found dead. */
void remembered_drop_unmarked(Heap *h);

/* --- check.c --- */
void heap_check(Process *p, const char *when);
#endif
