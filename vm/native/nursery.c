/* Young collections: copy what lives out of eden and the survivor space in use.
 *
 * An object is copied once into the other survivor space (GC_AGED) and promoted the next time, or at once when that space
 * is full. There is no recursion and no table that could run out: survivors are scanned in address order, promoted objects
 * are linked through the originals they left, large ones through their headers.
 *
 * The watermark: frames that have been left alone since an earlier collection hold references to old objects only, because
 * what they refer to is promoted at once when the watermark rises past them; so a deep stack is not scanned again and again. */
#include "heap_internal.h"
#include "frame.h"

enum {
    EDEN_UNIT = 1 << 13,        /* two pages, so that survivor spaces are whole pages */
    EDEN_MAX = 1 << 22,         /* beyond it more objects are kept from dying in the cache than are saved from copying */
    EDEN_MAX_DEEP = 1 << 26,    /* the same where the stack is deep: more would save little, the deepest one takes 256 MB */
    DEEP_STACK = 1 << 16,       /* bytes; what is less takes microseconds */
    GROW_BELOW = 96 << 10,     /* bytes surviving a collection: eden grows while fewer do (copying 500 KB and its */
    SHRINK_ABOVE = 320 << 10,   /* share of marking take half a millisecond), shrinks when more do; the gap keeps it from going to and fro */
    WATERMARK_FRAMES = 64,      /* frames between the top and the watermark: fewer would move it at every few returns */
    STACK_CLEAN = 1024,         /* words kept zeroed above the top frame */
};
_Static_assert(STACK_CLEAN >= FRAME_SLACK, "stack_limit stays above the top frame");

/* --- the area --- */
static void set_eden(Process *p) {
    Heap *h = p->heap;
    h->eden = h->area + h->survivor_bytes;
    h->eden_end = h->eden + h->eden_bytes;
    p->alloc = h->eden;
    p->alloc_limit = h->options.stress ? p->alloc : h->eden_end;
}

static uint8_t *survivor_space(Heap *h, uint32_t side) { return h->area + (side ? h->survivor_bytes + h->eden_bytes : 0); }

static bool area_new(Heap *h) {
    size_t eden = round_up(h->eden_target, EDEN_UNIT), survivor = eden / 2;
    uint8_t *area = system_map(young_capacity(eden, survivor), 1 << 12);
    if (!area) return false;
    h->area = area;
    h->eden_bytes = eden;
    h->survivor_bytes = survivor;
    return true;
}

bool young_init(Process *p) {
    Heap *h = p->heap;
    if (!area_new(h)) return false;
    h->survivor_start = h->survivor_top = survivor_space(h, 0);
    set_eden(p);
    return true;
}

void young_free(Heap *h) {
    for (Large *l = h->young_large, *next; l; l = next) { next = l->next; large_free(h, l); }
    if (h->area) system_unmap(h->area, young_capacity(h->eden_bytes, h->survivor_bytes));
}

size_t young_used(Process *p) {
    Heap *h = p->heap;
    return (size_t)(p->alloc - h->eden) + (size_t)(h->survivor_top - h->survivor_start);
}

/* `scanned`: bytes of the value stack. In native code that is all of it, however deep: there eden is so large that scanning
 * remains a small part of the work. */
static void choose_eden(Heap *h, size_t survived, size_t scanned) {
    size_t least = scanned < DEEP_STACK ? EDEN_MIN : 2 * scanned < EDEN_MAX_DEEP ? 2 * scanned : EDEN_MAX_DEEP;
    size_t max = h->eden_max < EDEN_MAX ? h->eden_max : EDEN_MAX;
    if (survived > SHRINK_ABOVE) h->eden_target = h->eden_bytes / 2;
    else if (survived < GROW_BELOW && survived * 8 > h->eden_bytes) h->eden_target = h->eden_bytes * 2;
    if (h->eden_target > max) h->eden_target = max;
    if (h->eden_target < least) h->eden_target = least < h->eden_max ? least : h->eden_max;
}

/* --- copying --- */
static inline void copy_words(uint64_t *to, const uint64_t *from, size_t bytes) {
    switch (bytes / 8) {    /* most objects: no call, no loop */
    case 8: to[7] = from[7];    /* fall through */
    case 7: to[6] = from[6];    /* fall through */
    case 6: to[5] = from[5];    /* fall through */
    case 5: to[4] = from[4];    /* fall through */
    case 4: to[3] = from[3];    /* fall through */
    case 3: to[2] = from[2];    /* fall through */
    case 2: to[1] = from[1]; return;
    default: memcpy(to + 1, from + 1, bytes - 8);
    }
}

static uint64_t *promote(Heap *h, uint64_t *object, uint64_t word, size_t bytes) {
    uint64_t *copy = old_new_cell(h, bytes);
    copy_words(copy, object, bytes);
    *copy = (word & ~GC_BITS(GC_AGED)) | h->promoted_header;
    h->promoted_bytes += bytes;
    *object = (uint64_t)(uintptr_t)copy;
    if (is_leaf_type(word & 0xFF)) return copy;
    object[1] = (uint64_t)(uintptr_t)h->promoted;
    h->promoted = object;
    return copy;
}

static inline uint64_t *move(Heap *h, uint64_t *object, uint64_t word, bool direct) {
    size_t bytes = size_of(object);
    if (direct || word & GC_BITS(GC_AGED) || bytes > (size_t)(h->to_end - h->to)) return promote(h, object, word, bytes);
    uint64_t *copy = (uint64_t *)h->to;
    h->to += bytes;
    copy_words(copy, object, bytes);
    *copy = word | GC_BITS(GC_AGED);
    *object = (uint64_t)(uintptr_t)copy;
    return copy;
}

/* A reference to something that does not move now: keep a young large object, mark an old object. */
static void keep(Heap *h, Value v) {
    Header *header = header_of(v);
    if (header->gc & GC_OLD) {
        if (h->phase == PHASE_MARKING) mark_now(h, v);
    } else if (header->gc & GC_LARGE) {
        Large *l = large_of(header);
        *header_word(header) |= h->promoted_header;
        l->next_reached = h->reached;
        h->reached = l;
    }
}

enum {
    LOOK_OUTSIDE = 1,   /* some references out of the area matter: there are young large objects, or marking is on */
    DIRECT = 2,         /* promote at once */
};

/* Update the Values of [slot, end); true if one of them is young afterwards. The reference test and the range test are one:
 * a Value that is no reference, or none into the range, gives a rotated offset beyond it. */
static inline __attribute__((always_inline)) bool scan_range(Heap *h, Value *slot, Value *end, int mode) {
    const Value from = h->from;
    const size_t words = h->from_words;
    bool young = false;
    for (; slot < end; slot++) {
        Value v = *slot;
        uint64_t offset = v - from;
        if ((offset >> 3 | offset << 61) < words) {
            uint64_t *object = deref(v), word = *object;
            uint64_t *copy = word & 1 ? move(h, object, word, mode & DIRECT) : (uint64_t *)(uintptr_t)word;
            *slot = ref(copy);
            young |= (size_t)((uint8_t *)copy - h->to_start) < (size_t)(h->to_end - h->to_start);
        } else if (mode & LOOK_OUTSIDE && is_ref(v)) {
            keep(h, v);
        }
    }
    return young;
}

static bool scan_values(Heap *h, Value *start, Value *end) { return scan_range(h, start, end, LOOK_OUTSIDE); }
static bool scan_inside(Heap *h, Value *start, Value *end) { return scan_range(h, start, end, 0); }

/* --- old objects --- */
/* The first card from `i` on that is set; most are not, so eight are tested at a time (their number is a multiple of 8). */
static uint32_t next_card(Large *l, uint32_t i) {
    while (i < l->card_count && !l->cards[i]) {
        uint64_t eight = 1;
        if (i % 8 == 0) memcpy(&eight, l->cards + i, 8);
        i += eight ? 1 : 8;
    }
    return i;
}

/* A card of which one slot changed has many others: marking does without it, the barrier has marked what was stored. */
static void scan_large(Heap *h, Large *l, bool all) {
    bool outside = all || h->young_large;
    void *object = large_object(l);
    Value *end, *start = fields_of(object, &end);
    for (uint32_t i = 0; i < l->card_count; i++) {
        if (!all) i = next_card(l, i);
        if (i == l->card_count) break;
        Value *from = (Value *)((uint8_t *)object + (size_t)i * CARD_BYTES), *to = from + CARD_BYTES / sizeof(Value);
        if (from < start) from = start;
        if (to > end) to = end;
        l->cards[i] = 0;
        if ((outside ? scan_values : scan_inside)(h, from, to)) remember_card(l, h, from);
    }
}

static void scan_remembered_object(void *context, void *object) {
    Heap *h = context;
    Header *header = object;
    if (!(header->gc & GC_REMEMBERED)) return;
    header->gc &= (uint8_t)~GC_REMEMBERED;
    bool young = false, outside = h->young_large || h->phase == PHASE_MARKING;
    for (Value *end, *start = fields_of(object, &end); start; start = fields_after(object, &end))
        young |= (outside ? scan_values : scan_inside)(h, start, end);
    if (young) remember(h, object);
}

/* An object that stays remembered is put back at or before its own place in the buffer. */
static void scan_remembered(Heap *h) {
    size_t count = h->nremembered;
    h->nremembered = 0;
    if (h->remembered_lost) {
        h->remembered_lost = false;
        old_each_object(h, scan_remembered_object, h);
    } else {
        for (size_t i = 0; i < count; i++) scan_remembered_object(h, h->remembered[i]);
    }
    Large *dirty = h->dirty;
    h->dirty = NULL;
    for (Large *l = dirty, *next; l; l = next) {
        next = l->next_dirty;
        l->dirty = 0;
        scan_large(h, l, false);
    }
}

/* --- the transitive part --- */
static inline __attribute__((always_inline)) void scan_survivors(Heap *h, int mode) {
    while (h->scan < h->to) {
        uint8_t *object = h->scan;
        Value *end, *start = fields_of(object, &end);
        do scan_range(h, start, end, mode); while ((start = fields_after(object, &end)));
        h->scan = (uint8_t *)end == object ? object + size_of(object) : (uint8_t *)end;     /* fields come last */
    }
}

static inline __attribute__((always_inline)) void scan_promoted(Heap *h, int mode) {
    while (h->promoted) {
        uint64_t *original = h->promoted;
        void *object = (void *)(uintptr_t)*original;
        h->promoted = (uint64_t *)(uintptr_t)original[1];
        bool young = false;
        for (Value *end, *start = fields_of(object, &end); start; start = fields_after(object, &end)) young |= scan_range(h, start, end, mode);
        if (young) remember(h, object);
    }
}

static void scan_all(Heap *h, bool outside) {
    while (h->scan < h->to || h->promoted || h->reached) {
        if (outside) { scan_survivors(h, LOOK_OUTSIDE); scan_promoted(h, LOOK_OUTSIDE); }
        else { scan_survivors(h, 0); scan_promoted(h, 0); }
        if (!h->reached) continue;
        Large *l = h->reached;
        h->reached = l->next_reached;
        scan_large(h, l, true);
    }
}

/* --- the value stack --- */
Value *stack_top(Process *p) { return p->fp ? p->fp + frame_function(p->fp)->nregs : p->stack; }

static void set_watermark(Process *p, Value *fp) {
    Value *now = p->watermark;
    if (now && link_delta(now[-1])) now[-1] &= ~(Value)LINK_WIDE;
    if (fp) fp[-1] |= LINK_WIDE;
    p->watermark = fp;
}

void heap_watermark_passed(Process *p, Value *fp) {
    if (!p->watermark || fp > p->watermark) return;
    set_watermark(p, frame_below(p, fp, WATERMARK_FRAMES));
}

static Value *window(Value *fp) { return fp - FRAME_HEADER; }

/* Raise the watermark when it lies deep, and promote what the frames it passes refer to. The first word still to be scanned. */
static Value *raise_watermark(Process *p) {
    if (!p->fp || p->watermark > p->fp) p->watermark = NULL;
    Value *fp = p->fp ? frame_below(p, p->fp, WATERMARK_FRAMES) : NULL;
    Value *start = p->watermark ? window(p->watermark) : p->stack;
    if (!fp || (p->watermark && fp <= p->watermark)) return start;
    scan_range(p->heap, start, window(fp), LOOK_OUTSIDE | DIRECT);
    set_watermark(p, fp);
    return window(fp);
}

/* Keep every word below `stack_clean` valid: nothing above the top frame may go stale. */
static void clean_stack(Process *p, Value *top) {
    if (!p->stack) return;
    if (p->stack_clean > top + STACK_CLEAN) {
        p->stack_clean = top + STACK_CLEAN;
        if (p->stack_limit) p->stack_limit = p->stack_clean - FRAME_SLACK;
    }
    if (p->stack_clean > top) memset(top, 0, (size_t)((uint8_t *)p->stack_clean - (uint8_t *)top));
}

/* --- a collection --- */
/* Gives the bytes of the stack. The watermark comes first: nothing that the frames below it refer to may be in the survivor space already. */
static size_t scan_roots(Process *p) {
    Heap *h = p->heap;
    Value *top = stack_top(p);
    clean_stack(p, top);
    Value *start = raise_watermark(p);
    scan_values(h, start, top);
    scan_values(h, p->globals, p->globals + p->nglobals);
    scan_values(h, p->roots, p->roots + p->nroots);
    scan_values(h, &p->error, &p->error + 1);
    scan_values(h, &p->texts, &p->key + 1);
    scan_remembered(h);
    return (size_t)(top - start) * sizeof(Value);
}

/* Large objects that were reached are old now, the others are freed. */
static void settle_large(Heap *h) {
    for (Large *l = h->young_large, *next; l; l = next) {
        next = l->next;
        if (!(((Header *)large_object(l))->gc & GC_OLD)) { large_free(h, l); continue; }
        l->next = h->large;
        h->large = l;
        h->old_bytes += l->bytes;
        h->promoted_bytes += l->bytes;
    }
    h->young_large = NULL;
    h->young_large_bytes = 0;
}

void young_collect(Process *p) {
    Heap *h = p->heap;
    uint8_t *area = h->area, *emptied = h->side ? h->eden : h->area;
    size_t eden_bytes = h->eden_bytes, survivor_bytes = h->survivor_bytes;
    p->stats.allocated_bytes += (size_t)(p->alloc - h->eden);
    p->stats.young_collections++;
    h->from = ref(emptied);
    h->from_words = (eden_bytes + survivor_bytes) / sizeof(Value);
    h->promoted_bytes = 0;
    bool moved = round_up(h->eden_target, EDEN_UNIT) != eden_bytes && area_new(h);
    h->side = moved ? 0 : !h->side;
    h->to_start = h->to = h->scan = survivor_space(h, h->side);
    h->to_end = h->to + h->survivor_bytes;

    bool outside = h->young_large || h->phase == PHASE_MARKING;
    size_t scanned = scan_roots(p);
    scan_all(h, outside);
    choose_eden(h, h->promoted_bytes + (size_t)(h->to - h->to_start), scanned);
    settle_large(h);

    h->survivor_start = h->to_start;
    h->survivor_top = h->to;
    if (moved) system_unmap(area, young_capacity(eden_bytes, survivor_bytes));
    else if (h->options.verify || h->options.stress) memset(emptied, POISON, eden_bytes + survivor_bytes);
    h->from_words = 0;
    set_eden(p);
    h->closed = false;
    p->stats.promoted_bytes += h->promoted_bytes;
}
