/* Compaction: objects leave sparse blocks (or all blocks) for others of their class, then every reference is corrected. */
#include <stdlib.h>
#include "heap_internal.h"

typedef struct Blocks { Block **items; size_t count, capacity; } Blocks;

static void count_block(void *context, Block *b) { (void)b; ++*(size_t *)context; }
static void list_block(void *context, Block *b) { Blocks *list = context; list->items[list->count++] = b; }

static int by_live(const void *a, const void *b) {
    uint32_t x = (*(Block *const *)a)->live, y = (*(Block *const *)b)->live;
    return (x < y) - (x > y);
}

static uint32_t cells_per_block(uint32_t class) { return (uint32_t)BLOCK_USABLE / class_bytes(class); }

static void count_live(void *context, Block *b) { *(size_t *)context += b->live; }

/* Blocks that packing this class would free. */
static size_t class_gain(Class *c, uint32_t class) {
    size_t blocks = 0, live = 0, cells = cells_per_block(class);
    class_each_block(c, count_block, &blocks);
    class_each_block(c, count_live, &live);
    return blocks - (live + cells - 1) / cells;
}

static void move_object(uint64_t *from, uint64_t *to, size_t bytes) {
    memcpy(to, from, bytes);
    *from = (uint64_t)(uintptr_t)to;
}

/* Move the objects of `source` into `blocks`, beginning at *at, where there is room for them. */
static void empty_into(Block *source, Blocks *blocks, size_t *at) {
    for (uint8_t *cell = block_cells(source); cell < source->top; cell += source->cell_bytes) {
        if (is_free_cell(cell)) continue;
        void *to;
        while (!(to = block_take(blocks->items[*at]))) ++*at;
        move_object((uint64_t *)cell, to, source->cell_bytes);
        blocks->items[*at]->live++;
    }
}

static void empty_anew(Heap *h, Block *source) {
    size_t before = h->old_bytes;
    for (uint8_t *cell = block_cells(source); cell < source->top; cell += source->cell_bytes)
        if (!is_free_cell(cell)) move_object((uint64_t *)cell, old_new_cell(h, source->cell_bytes), source->cell_bytes);
    h->old_bytes = before;
}

/* Put the emptied blocks on *emptied; their objects leave forwarding addresses. */
static void compact_class(Heap *h, uint32_t class, bool all, Blocks *list, Block **emptied) {
    Class *c = &h->classes[class];
    list->count = 0;
    class_each_block(c, list_block, list);
    *c = (Class){0};
    size_t kept = list->count, cells = cells_per_block(class), room = 0, at = 0;
    if (all) {
        while (kept) empty_anew(h, list->items[--kept]);
    } else {
        sort_items(list->items, list->count, sizeof *list->items, by_live);
        for (size_t i = 0; i < kept; i++) room += cells - list->items[i]->live;
        while (kept && (room -= cells - list->items[kept - 1]->live) >= list->items[kept - 1]->live) {
            room -= list->items[--kept]->live;
            empty_into(list->items[kept], list, &at);
        }
    }
    for (size_t i = kept; i < list->count; i++) { list->items[i]->next = *emptied; *emptied = list->items[i]; }
    for (size_t i = 0; i < kept; i++) {
        Block *b = list->items[i], **to = b->live < cells ? &c->available : &c->full;
        b->next = *to;
        *to = b;
    }
}

/* --- correcting references --- */
static inline void correct(Value *slot) {
    if (!is_ref(*slot)) return;
    uint64_t word = *header_word(deref(*slot));
    if (!(word & 1)) *slot = ref((void *)(uintptr_t)word);
}
static void correct_range(Value *slot, Value *end) { for (; slot < end; slot++) correct(slot); }

static void correct_object(void *context, void *object) {
    (void)context;
    for (Value *end, *start = fields_of(object, &end); start; start = fields_after(object, &end)) correct_range(start, end);
}

static void correct_all(Process *p, Value *top) {
    Heap *h = p->heap;
    correct_range(p->stack, top);
    correct_range(p->globals, p->globals + p->nglobals);
    correct_range(p->roots, p->roots + p->nroots);
    correct(&p->error);
    correct_range(&p->texts, &p->key + 1);
    for (uint8_t *at = h->survivor_start; at < h->survivor_top; at += size_of(at)) correct_object(NULL, at);
    for (Large *l = h->young_large; l; l = l->next) correct_object(NULL, large_object(l));
    old_each_object(h, correct_object, NULL);
    for (size_t i = 0; i < h->nremembered; i++) {
        Value v = ref(h->remembered[i]);
        correct(&v);
        h->remembered[i] = deref(v);
    }
}

void old_compact(Process *p, bool all, bool pressed) {
    Heap *h = p->heap;
    size_t gain = 0, most = 0;
    for (uint32_t i = 0; i < CLASSES; i++) {
        size_t blocks = 0;
        class_each_block(&h->classes[i], count_block, &blocks);
        if (blocks > most) most = blocks;
        gain += class_gain(&h->classes[i], i);
    }
    if (most == 0 || (!all && gain < (pressed ? 1 + h->used_blocks / 16 : 16 + h->used_blocks / 4))) return;
    if (all && !old_reserve(h, h->used_blocks * BLOCK_BYTES)) return;
    Value *top = stack_top(p);      /* found through the top frame's closure, which may move */
    Blocks list = {malloc(most * sizeof(Block *)), 0, most};
    if (!list.items) return;
    Block *emptied = NULL;
    for (uint32_t i = 0; i < CLASSES; i++)
        if (all || class_gain(&h->classes[i], i)) compact_class(h, i, all, &list, &emptied);
    free(list.items);
    correct_all(p, top);
    for (Block *b = emptied, *next; b; b = next) {
        next = b->next;
        if (h->options.verify || h->options.stress) memset(block_cells(b), POISON, BLOCK_USABLE);
        block_release(h, b);
    }
}
