/* Verification: walk the roots and the whole heap, and abort with a report at the first damage.
 *
 * Checked: every reference leads to a whole, living object of a known type inside eden, the survivor space in use, a block, a
 * large object or immortal memory; flags agree with the place; an old object that refers to a young one is remembered;
 * the buffer holds exactly the objects with the flag; free lists stay in their block. Between collections too, since an
 * object is filled before the next allocation. */
#include <stdlib.h>
#include "message.h"
#include "heap_internal.h"

typedef struct Check {
    Process *process;
    Heap *heap;
    const char *when, *where;       /* what holds the reference: a root's name or an object's type */
    void *owner;                    /* the old object that holds it, or NULL */
    Value *slot;
    Chunk **chunks; size_t nchunks; /* by address */
    Large **larges; size_t nlarges; /* by address; old and living, or young */
    uint8_t *seen;                  /* bit per word of the area */
    void **work; size_t nwork, work_capacity;
    size_t flagged;
} Check;

static const char *type_text(int type) {
    static const char *const names[] = {"string", "rope", "float", "int", "cell", "closure", "record", "list", "array", "elements", "map", "bytes", "tuple", "trace", "object", "range", "set", "bigint", "packed"};
    return type & 1 && type / 2 < (int)(sizeof names / sizeof *names) ? names[type / 2] : "?";
}

static _Noreturn void fail(Check *c, Value v, const char *problem) {
    error_format("heap check %s: %s\n  value %#llx in slot %p of %s", c->when, problem, (unsigned long long)v, (void *)c->slot, c->where);
    if (c->owner) error_format(" %p, header %#llx", c->owner, (unsigned long long)*header_word(c->owner));
    error_format("\n  collections: %llu young, %llu full; phase %d\n", (unsigned long long)c->process->stats.young_collections,
            (unsigned long long)c->process->stats.full_collections, c->heap->phase);
    abort();
}

static void *must(void *memory) {
    if (memory) return memory;
    error_format("heap check: no memory to check with\n");
    abort();
}

/* --- finding the place of an address --- */
static int by_address(const void *a, const void *b) {
    uintptr_t x = *(uintptr_t const *)a, y = *(uintptr_t const *)b;
    return (x > y) - (x < y);
}
static int by_base(const void *a, const void *b) { return by_address(&(*(Chunk *const *)a)->base, &(*(Chunk *const *)b)->base); }

static Chunk *find_chunk(Check *c, uint8_t *address) {
    size_t low = 0, high = c->nchunks;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (c->chunks[middle]->base <= address) low = middle + 1;
        else high = middle;
    }
    return low && address < c->chunks[low - 1]->base + CHUNK_BLOCKS * BLOCK_BYTES ? c->chunks[low - 1] : NULL;
}

static Large *find_large(Check *c, void *object) {
    Large *l = large_of(object);
    return c->nlarges && bsearch(&l, c->larges, c->nlarges, sizeof l, by_address) ? l : NULL;
}

static void list_places(Check *c) {
    Heap *h = c->heap;
    size_t chunks = 0, larges = 0;
    Large *lists[] = {h->large, h->large_unswept, h->young_large};
    for (Chunk *chunk = h->chunks; chunk; chunk = chunk->next) chunks++;
    for (int i = 0; i < 3; i++) for (Large *l = lists[i]; l; l = l->next) larges++;
    c->chunks = must(malloc((chunks + 1) * sizeof *c->chunks));
    c->larges = must(malloc((larges + 1) * sizeof *c->larges));
    for (Chunk *chunk = h->chunks; chunk; chunk = chunk->next) c->chunks[c->nchunks++] = chunk;
    for (int i = 0; i < 3; i++)
        for (Large *l = lists[i]; l; l = l->next)
            if (i != 1 || ((Header *)large_object(l))->gc & GC_MARK) c->larges[c->nlarges++] = l;
    sort_items(c->chunks, c->nchunks, sizeof *c->chunks, by_base);
    sort_items(c->larges, c->nlarges, sizeof *c->larges, by_address);
}

/* --- references --- */
static void check_young(Check *c, Value v) {
    Heap *h = c->heap;
    uint8_t *at = deref(v), *end;
    if (at >= h->eden && at < c->process->alloc) end = c->process->alloc;
    else if (at >= h->survivor_start && at < h->survivor_top) end = h->survivor_top;
    else fail(c, v, "reference into an unused part of the young generation");
    Header *header = deref(v);
    if (!size_of(header)) fail(c, v, "reference to no object");
    if (size_of(header) > (size_t)(end - at)) fail(c, v, "the object is too long for its place");
    if (header->gc & ~GC_AGED) fail(c, v, "wrong flags on a young object");
    size_t bit = (size_t)(at - h->area) / 8;
    if (c->seen[bit / 8] >> bit % 8 & 1) return;
    c->seen[bit / 8] |= (uint8_t)(1 << bit % 8);
    if (c->nwork == c->work_capacity) {
        c->work_capacity = c->work_capacity * 2 + 64;
        c->work = must(realloc(c->work, c->work_capacity * sizeof *c->work));
    }
    c->work[c->nwork++] = header;
}

static void check_cell(Check *c, Value v, Chunk *chunk) {
    uint8_t *at = deref(v);
    Block *b = block_of(at);
    Header *header = deref(v);
    if (chunk->cold >> (((uint8_t *)b - chunk->base) / BLOCK_BYTES) & 1) fail(c, v, "reference into an unused block");
    if (at < block_cells(b) || at >= b->top || (size_t)(at - block_cells(b)) % b->cell_bytes) fail(c, v, "reference to no cell of its block");
    if (is_free_cell(at)) fail(c, v, "reference to a free cell");
    if (!size_of(header)) fail(c, v, "reference to no object");
    if (size_of(header) > b->cell_bytes) fail(c, v, "the object is too long for its cell");
    if (!(header->gc & GC_OLD) || header->gc & (GC_LARGE | GC_AGED | GC_IMMORTAL)) fail(c, v, "wrong flags on an object in a block");
    if (!is_swept(c->heap, b) && !(header->gc & GC_MARK)) fail(c, v, "reference to an object found dead");
    if (c->heap->phase == PHASE_IDLE && header->gc & GC_MARK) fail(c, v, "marked outside a cycle");
}

static void check_large(Check *c, Value v, Large *l) {
    Header *header = deref(v);
    if (!size_of(header)) fail(c, v, "reference to no object");
    if (size_of(header) > (size_t)(l->cards - (uint8_t *)header)) fail(c, v, "the object is longer than its memory");
    if (!(header->gc & GC_LARGE) || header->gc & (GC_REMEMBERED | GC_AGED | GC_IMMORTAL)) fail(c, v, "wrong flags on a large object");
}

static void check_remembered(Check *c, Value v) {
    Header *owner = c->owner;
    if (owner->gc & GC_LARGE) {
        Large *l = large_of(owner);
        size_t card = (size_t)((uint8_t *)c->slot - (uint8_t *)owner) / CARD_BYTES;
        if (!l->dirty || !l->cards[card]) fail(c, v, "a large object's reference to a young object is not remembered");
    } else if (!(owner->gc & GC_REMEMBERED)) {
        fail(c, v, "an old object's reference to a young object is not remembered");
    }
}

static void check_slot(Check *c, Value *slot) {
    Value v = *slot;
    Heap *h = c->heap;
    if (!is_ref(v)) return;
    c->slot = slot;
    uint8_t *at = deref(v);
    Chunk *chunk = find_chunk(c, at);
    Large *large = chunk ? NULL : find_large(c, at);
    if ((size_t)(at - h->area) < young_capacity(h->eden_bytes, h->survivor_bytes)) check_young(c, v);
    else if (chunk) check_cell(c, v, chunk);
    else if (large) check_large(c, v, large);
    else if ((header_of(v)->gc & (GC_IMMORTAL | GC_OLD)) != (GC_IMMORTAL | GC_OLD)) fail(c, v, "reference out of the heap");
    if (c->owner && is_young(v)) check_remembered(c, v);
}

static void check_object(Check *c, void *object, void *owner) {
    c->owner = owner;
    c->where = type_text(((Header *)object)->type);
    for (Value *end, *start = fields_of(object, &end); start; start = fields_after(object, &end))
        for (Value *slot = start; slot < end; slot++) check_slot(c, slot);
}

static void check_old(void *context, void *object) {
    Check *c = context;
    c->flagged += (((Header *)object)->gc & GC_REMEMBERED) != 0;
    check_object(c, object, object);
}

static void check_values(Check *c, const char *where, Value *slot, Value *end) {
    c->owner = NULL;
    c->where = where;
    for (; slot < end; slot++) check_slot(c, slot);
}

/* Frames below the watermark hold no reference to a young object. */
static void check_watermark(Check *c) {
    Process *p = c->process;
    if (!p->watermark) return;
    c->where = "the stack below the watermark";
    for (c->slot = p->stack; c->slot < p->watermark - FRAME_HEADER; c->slot++)
        if (is_ref(*c->slot) && is_young(*c->slot)) fail(c, *c->slot, "a frame below the watermark refers to a young object");
}

static void check_free_lists(Check *c) {
    for (size_t i = 0; i < c->nchunks; i++)
        for (int k = 0; k < CHUNK_BLOCKS; k++) {
            if (c->chunks[i]->cold >> k & 1) continue;
            Block *b = (Block *)(c->chunks[i]->base + (size_t)k * BLOCK_BYTES);
            if (b->top == block_cells(b)) continue;
            size_t count = 0;
            c->where = "a free list";
            for (uint64_t *cell = b->free; cell; cell = (uint64_t *)(uintptr_t)*cell) {
                c->slot = cell;
                if (block_of(cell) != b || (uint8_t *)cell >= b->top || ++count > BLOCK_BYTES / 16) fail(c, *cell, "damaged free list");
            }
        }
}

void heap_check(Process *p, const char *when) {
    Heap *h = p->heap;
    Check c = {.process = p, .heap = h, .when = when};
    c.seen = must(calloc(1, young_capacity(h->eden_bytes, h->survivor_bytes) / 64 + 1));
    list_places(&c);
    check_values(&c, "the value stack", p->stack, stack_top(p));
    check_values(&c, "the globals", p->globals, p->globals + p->nglobals);
    check_values(&c, "the roots", p->roots, p->roots + p->nroots);
    check_values(&c, "the error", &p->error, &p->error + 1);
    check_values(&c, "the texts and answers", &p->texts, &p->key + 1);
    check_watermark(&c);
    old_each_object(h, check_old, &c);
    for (Large *l = h->young_large; l; l = l->next) check_object(&c, large_object(l), NULL);
    while (c.nwork) check_object(&c, c.work[--c.nwork], NULL);
    c.where = "the remembered set";
    if (!h->remembered_lost && c.flagged != h->nremembered) fail(&c, c.flagged, "the buffer does not hold the objects with the flag");
    check_free_lists(&c);
    free(c.seen);
    free(c.chunks);
    free(c.larges);
    free(c.work);
}
