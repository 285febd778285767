/* The remembered set: old objects that may refer to young ones.
 *
 * Small objects are remembered whole, in a buffer, with GC_REMEMBERED set. When the buffer cannot grow, the bit alone
 * remembers them and the next young collection finds them by walking the blocks. Large objects are remembered by cards of
 * CARD_BYTES in their own header, so that a store into a long array costs a scan of 16 slots, not of all; they are linked
 * through their headers, so nothing can run out. */
#include "heap_internal.h"

void remember(Heap *h, void *object) {
    ((Header *)object)->gc |= GC_REMEMBERED;
    if (h->nremembered == h->remembered_capacity) {
        void *table = table_grow(h, h->remembered, &h->remembered_capacity, h->nremembered + 1);
        if (!table) { h->remembered_lost = true; return; }
        h->remembered = table;
    }
    h->remembered[h->nremembered++] = object;
}

void remember_card(Large *l, Heap *h, Value *slot) {
    l->cards[((uint8_t *)slot - (uint8_t *)large_object(l)) / CARD_BYTES] = 1;
    if (l->dirty) return;
    l->dirty = 1;
    l->next_dirty = h->dirty;
    h->dirty = l;
}

void heap_barrier_slow(Process *p, void *object, Value *slot, Value value) {
    Heap *h = p->heap;
    Header *header = object;
    if (!(header->gc & GC_OLD) || header->gc & GC_REMEMBERED || !is_ref(value)) return;
    if (header->gc & GC_IMMORTAL) {         /* the error for when there is no memory: it must not refer to any heap */
        if (!(header_of(value)->gc & GC_IMMORTAL)) *slot = V_NONE;
        return;
    }
    if (!is_young(value)) {
        if (h->phase == PHASE_MARKING) mark_now(h, value);
        return;
    }
    if (header->gc & GC_LARGE) remember_card(large_of(object), h, slot);
    else remember(h, object);
}

void remembered_drop_unmarked(Heap *h) {
    size_t kept = 0;
    for (size_t i = 0; i < h->nremembered; i++) {
        void *object = h->remembered[i];
        if (((Header *)object)->gc & GC_MARK) h->remembered[kept++] = object;
    }
    h->nremembered = kept;
    for (Large **link = &h->dirty; *link;) {
        Large *l = *link;
        if (((Header *)large_object(l))->gc & GC_MARK) link = &l->next_dirty;
        else *link = l->next_dirty;
    }
}
