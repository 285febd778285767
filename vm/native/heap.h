/* The collector's interface. See heap.c for how it works.
 *
 * Roots: the value stack, p->globals, p->roots[0..nroots), p->error. Nothing else. Any pointer into the heap is dead after an entry
 * marked MAY_COLLECT unless it is in a root. A slot in the value stack or in p->roots is updated when its object moves. */
#ifndef MYNA_HEAP_H
#define MYNA_HEAP_H
#include "process.h"

typedef struct HeapOptions {
    size_t limit;        /* bytes of heap and stacks together; 0: none */
    uint8_t stress;      /* collect at every allocation */
    uint8_t verify;      /* check the whole heap after every collection; abort with a report on damage */
    uint8_t move;        /* full collections evacuate every block */
} HeapOptions;

bool heap_init(Process *p, HeapOptions options);      /* false: no memory */
void heap_free(Process *p);

/* MAY_COLLECT. A new object of `bytes` (header included, any number, rounded up to 8) with this header word. Its body is
 * undefined: the caller fills it before the next allocation. NULL: out of memory, with the error raised (error_raise). */
void *heap_new(Process *p, size_t bytes, uint64_t header);
/* MAY_COLLECT. An object that programs see as empty bytes; `release` is called when it is collected, or the heap freed, for something outside
 * of the heap. It must touch nothing in there. V_UNSET: out of memory, with the error raised; `release` is not called. */
Value heap_new_owner(Process *p, void *owned, void (*release)(void *owned));
/* What such an object owns; NULL: it is none with this `release`. */
void *heap_owned(Value v, void (*release)(void *owned));
/* MAY_COLLECT. Account for `delta` bytes held outside (stacks); false when the limit forbids it (nothing raised). */
bool heap_external(Process *p, int64_t delta);
/* The limit in bytes; 0: none. */
size_t heap_limit(const Process *p);
/* MAY_COLLECT. A young or full collection now. */
void heap_collect(Process *p, bool full);
/* Must follow every store of a reference `value` into `*slot` of `object`, unless `object` is younger than any collection. */
void heap_barrier_slow(Process *p, void *object, Value *slot, Value value);
static inline void heap_barrier(Process *p, void *object, Value *slot, Value value) {
    uint8_t gc = ((Header *)object)->gc;
    if ((gc & (GC_OLD | GC_REMEMBERED)) == GC_OLD && is_ref(value)) heap_barrier_slow(p, object, slot, value);
}
/* Move the watermark below a frame that is being returned from or unwound (see Process.watermark). `fp` is the frame's R[0]. */
void heap_watermark_passed(Process *p, Value *fp);
/* Bytes in use now: nursery, blocks, large objects, external. */
size_t heap_bytes(Process *p);

/* The engine's: nanoseconds that this thread has worked, to measure pauses; 0 where nobody asks for them. */
uint64_t pause_clock(void);

/* sort.c: sort in place, as qsort. */
typedef int Compare(const void *a, const void *b);
void sort_items(void *items, size_t count, size_t width, Compare *compare);

/* object.c: the one place that knows each type's size and reference fields. */
size_t object_size(const void *object);
/* Call `visit(context, slot)` for every Value field of `object`. */
void object_visit(void *object, void (*visit)(void *context, Value *slot), void *context);
#endif
