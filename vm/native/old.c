/* The old generation: blocks of equal cells, incremental marking, lazy sweeping.
 *
 * A cycle: mark_start, then steps of marking (each right after a young collection, see heap_internal.h), mark_finish, then
 * sweeping, a few blocks after each young collection and one whenever a class needs a cell. A new cycle begins only when
 * sweeping is done. Blocks come from chunks of CHUNK_BLOCKS. An unused block is warm (its memory is kept) or cold. */
#include <stdlib.h>
#include "heap_internal.h"

/* --- classes: 16 to 128 by 8; to 2048 four per doubling; then as many cells to a block as 7, 6, .. 2 --- */
enum { LINEAR_MAX = 128, LINEAR_CLASSES = 15, GEOMETRIC_MAX = 2048, GEOMETRIC_CLASSES = 16 };

static inline uint32_t class_of(size_t bytes) {
    if (bytes <= LINEAR_MAX) return (uint32_t)(bytes / 8 - 2);
    if (bytes > GEOMETRIC_MAX) return LINEAR_CLASSES + GEOMETRIC_CLASSES + 7 - (uint32_t)(BLOCK_USABLE / bytes);
    int log = 63 - __builtin_clzll(bytes - 1);
    return LINEAR_CLASSES + (uint32_t)(log - 7) * 4 + (uint32_t)((bytes - 1) >> (log - 2) & 3);
}

uint32_t class_bytes(uint32_t class) {
    if (class < LINEAR_CLASSES) return (class + 2) * 8;
    class -= LINEAR_CLASSES;
    if (class >= GEOMETRIC_CLASSES) return (uint32_t)BLOCK_USABLE / (7 - (class - GEOMETRIC_CLASSES)) & ~7u;
    return (128u << class / 4) / 4 * (5 + class % 4);
}

/* --- chunks and blocks --- */
static bool chunk_new(Heap *h) {
    Chunk *c = malloc(sizeof *c);
    if (!c) return false;
    c->base = system_map(CHUNK_BLOCKS * BLOCK_BYTES, BLOCK_BYTES);
    if (!c->base) { free(c); return false; }
    c->cold = (1u << CHUNK_BLOCKS) - 1;
    c->next = h->chunks;
    h->chunks = c;
    c->next_cold = h->cold_chunks;
    h->cold_chunks = c;
    h->cold_blocks += CHUNK_BLOCKS;
    return true;
}

static size_t blocks_for(size_t bytes) { return 2 * bytes / BLOCK_USABLE + CLASSES; }   /* a cell is under twice its object */

bool old_reserve(Heap *h, size_t bytes) {
    while (h->cold_blocks + h->warm_blocks < blocks_for(bytes))
        if (!chunk_new(h)) return false;
    return true;
}

static Block *unused_block(Heap *h) {
    Block *b = h->warm;
    if (b) {
        h->warm = b->next;
        h->warm_blocks--;
        return b;
    }
    if (!h->cold_chunks && !chunk_new(h)) abort();      /* a bug: `old_reserve` comes first */
    Chunk *c = h->cold_chunks;
    b = (Block *)(c->base + (size_t)__builtin_ctz(c->cold) * BLOCK_BYTES);
    c->cold &= c->cold - 1;
    if (!c->cold) h->cold_chunks = c->next_cold;
    h->cold_blocks--;
    b->chunk = c;
    return b;
}

Block *block_new(Heap *h, uint32_t class) {
    Block *b = unused_block(h);
    b->next = NULL;
    b->free = NULL;
    b->top = block_cells(b);
    b->class = class;
    b->cell_bytes = class_bytes(class);
    b->live = 0;
    b->epoch = h->epoch;
    h->used_blocks++;
    return b;
}

void block_release(Heap *h, Block *b) {
    b->top = block_cells(b);
    b->next = h->warm;
    h->warm = b;
    h->warm_blocks++;
    h->used_blocks--;
}

static void block_chill(Heap *h, Block *b) {
    Chunk *c = b->chunk;
    system_discard(b, BLOCK_BYTES);
    c->cold |= 1u << (((uint8_t *)b - c->base) / BLOCK_BYTES);
    h->cold_blocks++;
}

void old_trim(Heap *h, size_t warm, size_t most) {
    if (h->warm_blocks <= warm) return;
    while (h->warm_blocks > warm && most--) {
        Block *b = h->warm;
        h->warm = b->next;
        h->warm_blocks--;
        block_chill(h, b);
    }
    size_t keep = blocks_for(young_capacity(h->eden_bytes, h->survivor_bytes)) + CHUNK_BLOCKS;
    h->cold_chunks = NULL;
    for (Chunk **link = &h->chunks; *link;) {
        Chunk *c = *link;
        if (c->cold == (1u << CHUNK_BLOCKS) - 1 && h->cold_blocks >= keep + CHUNK_BLOCKS) {
            *link = c->next;
            h->cold_blocks -= CHUNK_BLOCKS;
            system_unmap(c->base, CHUNK_BLOCKS * BLOCK_BYTES);
            free(c);
            continue;
        }
        if (c->cold) { c->next_cold = h->cold_chunks; h->cold_chunks = c; }
        link = &c->next;
    }
}

void old_free(Heap *h) {
    for (Chunk *c = h->chunks, *next; c; c = next) {
        next = c->next;
        system_unmap(c->base, CHUNK_BLOCKS * BLOCK_BYTES);
        free(c);
    }
    for (Large *l = h->large, *next; l; l = next) { next = l->next; large_free(h, l); }
    for (Large *l = h->large_unswept, *next; l; l = next) { next = l->next; large_free(h, l); }
    free(h->marks);
    free(h->remembered);
}

/* --- cells --- */
void *block_take(Block *b) {
    uint64_t *cell = b->free;
    if (cell) {
        b->free = (uint64_t *)(uintptr_t)*cell;
        return cell;
    }
    if (b->top + b->cell_bytes > (uint8_t *)b + BLOCK_BYTES) return NULL;
    cell = (uint64_t *)b->top;
    b->top += b->cell_bytes;
    return cell;
}

static void push(Block **list, Block *b) { b->next = *list; *list = b; }
static Block *pop(Block **list) { Block *b = *list; if (b) *list = b->next; return b; }

/* Free the unmarked cells, unmark the others, and count these. */
static void sweep_cells(Heap *h, Block *b) {
    uint64_t first = 0, *link = &first;
    uint32_t live = 0, freed = 0, cell_bytes = b->cell_bytes;
    bool poison = h->options.verify || h->options.stress;
    for (uint8_t *at = block_cells(b); at < b->top; at += cell_bytes) {
        uint64_t *cell = (uint64_t *)at, word = *cell;
        if ((word & (GC_BITS(GC_MARK) | 1)) == (GC_BITS(GC_MARK) | 1)) {
            *cell = word & ~GC_BITS(GC_MARK);
            live++;
            continue;
        }
        freed += word & 1;
        if (poison) memset(at, POISON, cell_bytes);
        *link = (uint64_t)(uintptr_t)cell;
        link = cell;
    }
    *link = 0;
    b->free = (uint64_t *)(uintptr_t)first;
    b->live = live;
    b->epoch = h->epoch;
    h->old_bytes -= (size_t)freed * cell_bytes;
}

/* Sweep one block of the class; false: all are swept. */
static bool sweep_one(Heap *h, Class *c) {
    if (!c->unswept) { c->unswept = c->unswept_too; c->unswept_too = NULL; }
    Block *b = pop(&c->unswept);
    if (!b) return false;
    sweep_cells(h, b);
    bool room = b->free || b->top + b->cell_bytes <= (uint8_t *)b + BLOCK_BYTES;
    if (b->live == 0) block_release(h, b);
    else push(room ? &c->available : &c->full, b);
    return true;
}

static void *cell_from_next_block(Heap *h, uint32_t class) {
    Class *c = &h->classes[class];
    if (c->current) push(&c->full, c->current);
    while (!(c->current = pop(&c->available)) && sweep_one(h, c)) {}
    if (!c->current) c->current = block_new(h, class);
    return block_take(c->current);
}

void *old_new_cell(Heap *h, size_t bytes) {
    uint32_t class = class_of(bytes);
    Block *b = h->classes[class].current;
    void *cell = b ? block_take(b) : NULL;
    if (!cell) {
        cell = cell_from_next_block(h, class);
        b = h->classes[class].current;
    }
    h->old_bytes += b->cell_bytes;
    return cell;
}

/* --- walking --- */
void class_each_block(Class *c, void (*visit)(void *, Block *), void *context) {
    if (c->current) visit(context, c->current);
    Block *lists[] = {c->available, c->full, c->unswept, c->unswept_too};
    for (int i = 0; i < 4; i++)
        for (Block *b = lists[i]; b; b = b->next) visit(context, b);
}

void old_each_object(Heap *h, void (*visit)(void *, void *), void *context) {
    for (Chunk *c = h->chunks; c; c = c->next)
        for (int i = 0; i < CHUNK_BLOCKS; i++) {
            Block *b = (Block *)(c->base + (size_t)i * BLOCK_BYTES);
            if (c->cold >> i & 1) continue;
            for (uint8_t *at = block_cells(b); at < b->top; at += b->cell_bytes)
                if (!is_free_cell(at) && (is_swept(h, b) || ((Header *)at)->gc & GC_MARK)) visit(context, at);
        }
    for (Large *l = h->large; l; l = l->next) visit(context, large_object(l));
    for (Large *l = h->large_unswept; l; l = l->next)
        if (((Header *)large_object(l))->gc & GC_MARK) visit(context, large_object(l));
}

/* --- marking ---
 * The mark stack holds references to objects that do not move (odd words) and ranges of Values (two even words: start, end). Objects are marked when
 * they are taken off, through a short queue that gives the prefetch of their header time to arrive. */
enum { QUEUE = 16 };

static bool marks_room(Heap *h, size_t count) {
    if (h->nmarks + count <= h->mark_capacity) return true;
    void *table = table_grow(h, h->marks, &h->mark_capacity, h->nmarks + count);
    if (table) h->marks = table;
    else h->marks_lost = true;
    return table != NULL;
}

static inline bool is_unmarked(Value v) { return (header_of(v)->gc & (GC_OLD | GC_MARK | GC_IMMORTAL)) == GC_OLD; }

static void push_range(Heap *h, Value *start, Value *end) {
    size_t count = (size_t)(end - start);
    if (!marks_room(h, (count < MARK_SEGMENT ? count : MARK_SEGMENT) + 2)) return;
    if (count > MARK_SEGMENT) {
        h->marks[h->nmarks++] = (Value)(uintptr_t)(start + MARK_SEGMENT);
        h->marks[h->nmarks++] = (Value)(uintptr_t)end;
        end = start + MARK_SEGMENT;
    }
    h->mark_work += (size_t)(end - start) * sizeof(Value);
    Value *out = h->marks + h->nmarks, young = ref(h->area), from = h->from;
    size_t young_bytes = young_capacity(h->eden_bytes, h->survivor_bytes), from_bytes = h->from_words * sizeof(Value);
    for (; start < end; start++) {          /* in a young collection that moves the area, young objects lie in both */
        *out = *start;
        out += is_ref(*start) && *start - young >= young_bytes && *start - from >= from_bytes;
    }
    h->nmarks = (size_t)(out - h->marks);
}

/* The next reference of the mark stack; V_NONE: part of a long object, or of the value stack below the watermark, has become
 * references; 0: nothing is left. */
static Value next_mark(Process *p, Heap *h) {
    if (h->nmarks) {
        Value v = h->marks[--h->nmarks];
        if (v & 1) return v;
        push_range(h, (Value *)(uintptr_t)h->marks[--h->nmarks], (Value *)(uintptr_t)v);
        return V_NONE;
    }
    size_t end = p->watermark ? (size_t)(p->watermark - FRAME_HEADER - p->stack) : 0;
    if (h->stack_cursor >= end) return 0;
    size_t count = end - h->stack_cursor < MARK_SEGMENT ? end - h->stack_cursor : MARK_SEGMENT;
    push_range(h, p->stack + h->stack_cursor, p->stack + h->stack_cursor + count);
    h->stack_cursor += count;
    return V_NONE;
}

/* Mark an old object and push what it refers to; without room, `remark_object` finds that. */
static inline void mark_object(Heap *h, Value v) {
    Header *header = header_of(v);
    h->mark_work += 2 * sizeof(Value);
    if (!is_unmarked(v)) return;
    header->gc |= GC_MARK;
    for (Value *end, *start = fields_of(header, &end); start; start = fields_after(header, &end)) push_range(h, start, end);
}

void mark_now(Heap *h, Value v) { mark_object(h, v); }

/* Mark until `bytes` have been looked at; true when nothing is left. */
static bool drain(Process *p, Heap *h, size_t bytes) {
    Value queue[QUEUE];
    uint32_t at = 0, queued = 0;
    h->mark_work = 0;
    while (h->mark_work < bytes) {
        Value v = next_mark(p, h);
        if (v == V_NONE) continue;
        if (v) {
            __builtin_prefetch(deref(v), 1);
            queue[(at + queued++) % QUEUE] = v;
            if (queued < QUEUE) continue;
        } else if (!queued) {
            return true;
        }
        mark_object(h, queue[at++ % QUEUE]);
        queued--;
    }
    while (queued--) mark_object(h, queue[at++ % QUEUE]);
    return false;
}

typedef struct Remark { Process *process; Heap *heap; } Remark;

/* Mark what a marked object refers to. Draining after each object keeps the stack as short as it can be. */
static void remark_object(void *context, void *object) {
    Remark *r = context;
    if (!(((Header *)object)->gc & GC_MARK)) return;
    for (Value *end, *start = fields_of(object, &end); start; start = fields_after(object, &end))
        for (Value *slot = start; slot < end; slot++)
            if (is_ref(*slot) && is_unmarked(*slot)) {
                mark_object(r->heap, *slot);
                drain(r->process, r->heap, SIZE_MAX);
            }
}

bool mark_step(Process *p, size_t bytes) {
    Heap *h = p->heap;
    if (!drain(p, h, bytes)) return false;
    while (h->marks_lost) {
        h->marks_lost = false;
        Remark remark = {p, h};
        old_each_object(h, remark_object, &remark);
    }
    return true;
}

void mark_start(Process *p) {
    Heap *h = p->heap;
    h->phase = PHASE_MARKING;
    p->barrier_on = 1;
    h->promoted_header = GC_BITS(GC_OLD | GC_MARK);
    h->stack_cursor = 0;
    h->marks_lost = false;
}

/* Every block and large object becomes unswept. */
void mark_finish(Process *p) {
    Heap *h = p->heap;
    h->phase = PHASE_SWEEPING;
    p->barrier_on = 0;
    h->promoted_header = GC_BITS(GC_OLD);
    remembered_drop_unmarked(h);
    for (int i = 0; i < CLASSES; i++) {
        Class *c = &h->classes[i];
        if (c->current) push(&c->full, c->current);
        *c = (Class){.unswept = c->full, .unswept_too = c->available};
    }
    h->large_unswept = h->large;
    h->large = NULL;
    h->epoch++;
    h->sweep_class = 0;
    void *table = h->mark_capacity > MARKS_MIN ? realloc(h->marks, MARKS_MIN * sizeof(Value)) : NULL;
    if (table) { h->marks = table; h->mark_capacity = MARKS_MIN; }
}

/* --- sweeping --- */
static void sweep_large(Heap *h) {
    Large *l = h->large_unswept;
    Header *header = large_object(l);
    h->large_unswept = l->next;
    if (header->gc & GC_MARK) {
        header->gc &= (uint8_t)~GC_MARK;
        l->next = h->large;
        h->large = l;
    } else {
        h->old_bytes -= l->bytes;
        large_free(h, l);
    }
}

bool sweep_step(Heap *h, size_t blocks) {
    for (; h->sweep_class < CLASSES; h->sweep_class++)
        while (sweep_one(h, &h->classes[h->sweep_class]))
            if (--blocks == 0) return false;
    while (h->large_unswept) {
        sweep_large(h);
        if (--blocks == 0) return false;
    }
    h->phase = PHASE_IDLE;
    return true;
}
