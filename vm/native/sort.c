/* Heap sort: the C library's sort is larger than much of this runtime, and may take memory.
 *
 * Invariant: in sift_down all of [at, count) but `at` itself is a heap, the greatest item first. */
#include "heap.h"

static void swap(uint8_t *a, uint8_t *b, size_t width) {
    for (size_t i = 0; i < width; i++) {
        uint8_t byte = a[i];
        a[i] = b[i];
        b[i] = byte;
    }
}

static void sift_down(uint8_t *items, size_t at, size_t count, size_t width, Compare *compare) {
    for (size_t child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && compare(items + child * width, items + (child + 1) * width) < 0) child++;
        if (compare(items + at * width, items + child * width) >= 0) return;
        swap(items + at * width, items + child * width, width);
    }
}

void sort_items(void *items, size_t count, size_t width, Compare *compare) {
    for (size_t at = count / 2; at-- > 0;) sift_down(items, at, count, width, compare);
    for (size_t left = count; left-- > 1;) {
        swap(items, (uint8_t *)items + left * width, width);
        sift_down(items, 0, left, width, compare);
    }
}
