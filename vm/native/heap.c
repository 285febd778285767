/* The collector's entry points: allocation, the limit, the order of a collection's parts.
 *
 * Objects begin in eden (nursery.c), are promoted into blocks (old.c) or, above SMALL_MAX, lie apart. Every allocation that
 * does not fit in eden comes here and collects: first the young generation, with a step of marking or sweeping, and when the
 * limit is exceeded after that, everything. Promotion always succeeds because its addresses are reserved before; it may
 * exceed the limit by what was young, until the full collection that follows. */
#include <stdlib.h>
#include "runtime.h"
#include "heap_internal.h"

enum {
    EDEN_START = 1 << 18,           /* fits a second-level cache */
    THRESHOLD_MIN = 1 << 22,        /* a smaller old generation is not worth marking */
    LARGE_BUDGET = 1 << 22,         /* bytes of young large objects that cause a collection */
    MARK_STEP = 1 << 17,            /* bytes marked in a step at least: some hundred microseconds */
    MARK_PACE = 3,                  /* bytes marked for each byte promoted: marking is done before the heap grows by half */
    PACE_MAX = 1 << 20,             /* promoted bytes that count for the pace: one huge array must not mark the whole heap */
    SWEEP_STEP = 64,                /* blocks and large objects swept in a step, at least */
    WARM_MIN = 256,                 /* empty blocks kept for reuse (4 MiB), and a quarter of those in use: what one cycle frees
                                       the next would have to ask for again */
    TRIM_STEP = 32,                 /* empty blocks given back in a step: a system call each */
    STRESS_FULL = 16,               /* under stress, every so many collections are full */
};

void *table_grow(Heap *h, void *table, size_t *capacity, size_t at_least) {
    size_t words = *capacity ? *capacity : 128;
    while (words < at_least) words *= 2;
    if (words == *capacity) words *= 2;
    if (h->options.limit && words > MARKS_MIN && words * sizeof(Value) > h->options.limit / 32) return NULL;
    table = realloc(table, words * sizeof(Value));
    if (table) *capacity = words;
    return table;
}

/* --- accounting --- */
static size_t bytes_used(Heap *h) {
    return young_capacity(h->eden_bytes, h->survivor_bytes) + (h->used_blocks + h->warm_blocks) * BLOCK_BYTES + h->large_bytes
        + h->external + (h->mark_capacity + h->remembered_capacity) * sizeof(Value);
}

size_t heap_bytes(Process *p) { return bytes_used(p->heap); }

static bool within_limit(Heap *h, size_t extra) {
    size_t limit = h->options.limit, used = bytes_used(h);
    return !limit || (used <= limit && extra <= limit - used);
}

static void note_peak(Process *p) {
    size_t used = bytes_used(p->heap);
    if (used > p->stats.peak_bytes) p->stats.peak_bytes = used;
}

/* Eden's share of a limited heap: a quarter of what the others leave, so that it yields as live data nears the limit. */
static void bound_eden(Heap *h) {
    size_t limit = h->options.limit;
    if (!limit) { h->eden_max = SIZE_MAX; return; }
    size_t others = bytes_used(h) - young_capacity(h->eden_bytes, h->survivor_bytes);
    size_t room = others < limit ? (limit - others) / 4 : 0;
    h->eden_max = room < limit / 16 ? room : limit / 16;
    if (h->eden_max < EDEN_MIN) h->eden_max = EDEN_MIN;
    if (h->eden_target > h->eden_max) h->eden_target = h->eden_max;
}

/* After sweeping: when the next marking begins, and what goes back to the system. */
static void cycle_done(Heap *h, bool pressed) {
    if (pressed) old_trim(h, 0, SIZE_MAX);
    bound_eden(h);
    size_t limit = h->options.limit, used = bytes_used(h);
    h->threshold = h->old_bytes * 2 > THRESHOLD_MIN ? h->old_bytes * 2 : THRESHOLD_MIN;
    size_t headroom = used < limit && (limit - used) / 2 > limit / 16 ? (limit - used) / 2 : limit / 16;
    if (limit && h->threshold > h->old_bytes + headroom) h->threshold = h->old_bytes + headroom;
}

/* --- collections --- */
static void collect_step(Process *p) {
    Heap *h = p->heap;
    if (h->phase == PHASE_IDLE && h->old_bytes >= h->threshold) mark_start(p);
    young_collect(p);
    size_t promoted = h->promoted_bytes < PACE_MAX ? h->promoted_bytes : PACE_MAX;
    old_trim(h, h->used_blocks / 4 + WARM_MIN, TRIM_STEP);
    if (h->phase == PHASE_MARKING) {
        if (mark_step(p, MARK_STEP + MARK_PACE * promoted)) mark_finish(p);
    } else if (h->phase == PHASE_SWEEPING) {
        if (sweep_step(h, SWEEP_STEP + MARK_PACE * promoted / BLOCK_BYTES)) cycle_done(h, false);
    }
}

static void mark_all(Process *p) {
    young_collect(p);
    mark_step(p, SIZE_MAX);
    mark_finish(p);
}

/* A cycle under way is finished first: what died after it began is freed by a second one. */
static void collect_full(Process *p, bool pressed) {
    Heap *h = p->heap;
    if (h->phase == PHASE_MARKING) mark_all(p);
    sweep_step(h, SIZE_MAX);
    if (!old_reserve(h, young_used(p))) return;
    mark_start(p);
    mark_all(p);
    sweep_step(h, SIZE_MAX);
    p->stats.full_collections++;
    old_compact(p, h->options.move, pressed);
    cycle_done(h, pressed);
}

/* False: there are no addresses left to promote to. */
static bool collect(Process *p, bool full, bool pressed) {
    Heap *h = p->heap;
    uint64_t start = pause_clock();
    note_peak(p);
    points_forget(p);
    if (!old_reserve(h, young_used(p))) return false;
    if (h->options.verify) heap_check(p, "before a collection");
    if (full) collect_full(p, pressed);
    else collect_step(p);
    /* under stress the next allocation checks before it collects */
    if (h->options.verify && (full || !h->options.stress)) heap_check(p, full ? "after a full collection" : "after a young collection");
    uint64_t spent = pause_clock() - start, *longest = full ? &p->stats.longest_full_ns : &p->stats.longest_young_ns;
    p->stats.total_ns += spent;
    if (spent > *longest) *longest = spent;
    note_peak(p);
    return true;
}

void heap_collect(Process *p, bool full) { collect(p, full, false); }

/* `extra` more bytes are within the limit, and addresses are left to promote a full eden to. Asking for these now, not when eden
 * is full, leaves enough of them for a full collection when the system refuses more. */
static bool has_room(Heap *h, size_t extra) {
    return within_limit(h, extra) && old_reserve(h, young_capacity(h->eden_bytes, h->survivor_bytes));
}

/* Collect until there is room for `extra` bytes: from a step to all that can be done. */
static bool try_make_room(Process *p, size_t extra) {
    Heap *h = p->heap;
    bool full = h->options.stress && ++h->stress_count % STRESS_FULL == 0;
    if (!collect(p, full, false)) return false;
    if (has_room(h, extra)) return true;
    old_trim(h, 0, SIZE_MAX);
    if (has_room(h, extra)) return true;
    if (h->phase == PHASE_SWEEPING) {
        sweep_step(h, SIZE_MAX);
        cycle_done(h, true);
        if (has_room(h, extra)) return true;
    }
    if (!collect(p, true, true)) return false;
    if (has_room(h, extra)) return true;
    h->eden_target = EDEN_MIN;
    return collect(p, false, true) && has_room(h, extra);
}

static bool make_room(Process *p, size_t extra) {
    Heap *h = p->heap;
    if (h->options.limit && extra > h->options.limit) return false;
    if (try_make_room(p, extra)) return true;
    if (has_room(h, 0)) return false;
    h->closed = true;
    p->alloc_limit = p->alloc;
    return false;
}

/* --- allocation --- */
static void *out_of_memory(Process *p) {
    Heap *h = p->heap;
    if (h->raising) return NULL;
    h->raising = true;
    error_raise(p, ERROR_MEMORY, "out of memory");
    h->raising = false;
    return NULL;
}

void large_free(Heap *h, Large *l) {
    h->large_bytes -= l->bytes;
    if (l->release) l->release(l->owned);
    if (l->mapped) system_unmap(l, l->bytes);
    else free(l);
}

static Large *large_map(size_t bytes) {
    Large *l = bytes >= MAPPED_LARGE ? system_map(bytes, 0) : malloc(bytes);
    if (l) *l = (Large){.bytes = bytes, .mapped = bytes >= MAPPED_LARGE};
    return l;
}

static void *large_new(Process *p, size_t bytes, uint64_t header) {
    Heap *h = p->heap;
    if (bytes > PTRDIFF_MAX / 2 || (h->raising && !within_limit(h, bytes))) return out_of_memory(p);
    bytes = round_up(bytes, 8);
    size_t cards = is_leaf_type(header & 0xFF) ? 0 : (bytes + CARD_BYTES - 1) / CARD_BYTES;
    cards = round_up(cards, 8);
    size_t total = round_up(sizeof(Large) + bytes + cards, bytes >= MAPPED_LARGE ? 1 << 12 : 8);
    size_t budget = h->options.limit && h->options.limit / 8 < LARGE_BUDGET ? h->options.limit / 8 : LARGE_BUDGET;
    bool due = h->options.stress || h->young_large_bytes > budget || !within_limit(h, total);
    if (due && !make_room(p, total)) return out_of_memory(p);
    Large *l = large_map(total);
    if (!l && make_room(p, total) && collect(p, true, true)) l = large_map(total);
    if (!l) return out_of_memory(p);
    l->cards = (uint8_t *)large_object(l) + bytes;
    l->card_count = (uint32_t)cards;
    memset(l->cards, 0, cards);
    l->next = h->young_large;
    h->young_large = l;
    h->young_large_bytes += total;
    h->large_bytes += total;
    p->stats.allocated_bytes += bytes;
    note_peak(p);
    *header_word(large_object(l)) = header | GC_BITS(GC_LARGE);
    return large_object(l);
}

Value heap_new_owner(Process *p, void *owned, void (*release)(void *owned)) {
    Bytes *object = large_new(p, SMALL_MAX + sizeof(Value), HEADER(T_BYTES, 0, 0, 0));
    if (!object) return V_UNSET;
    object->length = 0;
    large_of(object)->owned = owned;
    large_of(object)->release = release;
    return ref(object);
}

void *heap_owned(Value v, void (*release)(void *owned)) {
    bool owns = is_type(v, T_BYTES) && header_of(v)->gc & GC_LARGE && large_of(deref(v))->release == release;
    return owns ? large_of(deref(v))->owned : NULL;
}

/* Eden is full, or closed, or each allocation collects. */
static bool eden_room(Process *p, size_t bytes) {
    Heap *h = p->heap;
    if (h->raising && h->closed) return bytes <= (size_t)(h->eden_end - p->alloc);
    return make_room(p, 0);
}

void *heap_new(Process *p, size_t bytes, uint64_t header) {
    Heap *h = p->heap;
    if (bytes > SMALL_MAX) return large_new(p, bytes, header);
    bytes = bytes < 16 ? 16 : round_up(bytes, 8);
    if (bytes > (size_t)(p->alloc_limit - p->alloc) && !eden_room(p, bytes)) return out_of_memory(p);
    uint64_t *object = (uint64_t *)p->alloc;
    p->alloc += bytes;
    if (h->options.stress || h->closed) p->alloc_limit = p->alloc;
    *object = header;
    return object;
}

size_t heap_limit(const Process *p) { return p->heap->options.limit; }

bool heap_external(Process *p, int64_t delta) {
    Heap *h = p->heap;
    if (delta > 0 && !within_limit(h, (size_t)delta) && !make_room(p, (size_t)delta)) return false;
    h->external += (size_t)delta;
    note_peak(p);
    return true;
}

/* --- beginning and end --- */
bool heap_init(Process *p, HeapOptions options) {
    Heap *h = calloc(1, sizeof *h);
    if (!h) return false;
    p->heap = h;
    h->options = options;
    h->promoted_header = GC_BITS(GC_OLD);
    h->eden_target = EDEN_START;
    bound_eden(h);
    h->marks = table_grow(h, NULL, &h->mark_capacity, MARKS_MIN);
    if (!h->marks || !young_init(p)) { heap_free(p); return false; }
    cycle_done(h, false);
    return true;
}

void heap_free(Process *p) {
    Heap *h = p->heap;
    if (!h) return;
    young_free(h);
    old_free(h);
    free(h);
    p->heap = NULL;
    p->alloc = p->alloc_limit = NULL;
}
