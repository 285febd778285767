/* Where code points lie in strings that are not ASCII.
 *
 * Invariants: of the strings that were asked about last, marks are kept: marks[k] is the byte at which code point k * SPACING begins. They hold until the
 * next collection, which may move a string, or put another in its place. A string does not change. */
#include "runtime.h"
#include "heap.h"
#include <stdlib.h>

/* More code points between two marks would make finding one take longer, fewer would take more memory: a byte for so many times 1/8 of them. */
enum { SPACING = 128 };
/* Shorter strings are walked from their beginning: that takes no longer than looking for their marks. */
enum { SHORT = 64 };

static inline bool is_ascii(const String *s) { return ((const Header *)s)->aux & STRING_ASCII; }

/* Walk `limit` code points from the byte `at`, or to the end: the byte where that is; the code points walked in *count. */
static int64_t walk(const String *s, int64_t from, int64_t limit, int64_t *count) {
    const uint8_t *at = s->bytes + from, *end = s->bytes + s->length;
    int64_t n = 0;
    while (at < end && n < limit) {
        if (end - at >= 8 && limit - n >= 8 && !(load_word(at) & HIGH_BITS)) at += 8, n += 8;
        else at += utf8_step(at, end), n++;
    }
    *count = n;
    return at - s->bytes;
}

void points_free(Process *p) {
    for (int i = 0; i < POINTS; i++) free(p->points[i].marks);
}

/* The marks of a string, the first one only when it is new; NULL: there is no memory for them. */
static Points *points_of(Process *p, const String *s) {
    for (int i = 0; i < POINTS; i++)
        if (p->points[i].string == s) return &p->points[i];
    Points *points = &p->points[p->points_next++ % POINTS];
    if (!points->capacity) {
        points->marks = malloc(SPACING * sizeof *points->marks);
        if (!points->marks) return NULL;
        points->capacity = SPACING;
    }
    points->string = s;
    points->marks[0] = 0;
    points->known = 1;
    points->total = -1;
    return points;
}

static bool add_mark(Points *points, int64_t at) {
    if (points->known == points->capacity) {
        int64_t *more = realloc(points->marks, 2 * points->capacity * sizeof *more);
        if (!more) return false;
        points->marks = more;
        points->capacity *= 2;
    }
    points->marks[points->known++] = at;
    return true;
}

/* As `walk` from the beginning. */
__attribute__((noinline)) static int64_t find(Process *p, const String *s, int64_t limit, int64_t *count) {
    Points *points = s->length > SHORT ? points_of(p, s) : NULL;
    if (!points) return walk(s, 0, limit, count);
    int64_t mark = limit / SPACING < (int64_t)points->known ? limit / SPACING : (int64_t)points->known - 1, n = SPACING, at = points->marks[mark];
    for (*count = mark * SPACING; *count < limit && n == SPACING; *count += n) {
        at = walk(s, at, limit - *count < SPACING ? limit - *count : SPACING, &n);
        if (n == SPACING && *count / SPACING + 1 == (int64_t)points->known && !add_mark(points, at)) {
            points->string = NULL;
            return walk(s, 0, limit, count);
        }
    }
    if (at == s->length) points->total = *count;
    return at;
}

int64_t string_count(Process *p, String *s) {
    if (is_ascii(s)) return s->length;
    for (int i = 0; i < POINTS; i++)
        if (p->points[i].string == s && p->points[i].total >= 0) return p->points[i].total;
    int64_t count;
    find(p, s, s->length, &count);
    return count;
}

int64_t string_offset(Process *p, String *s, int64_t index) {
    if (index < 0 || index > s->length) return -1;
    if (is_ascii(s)) return index;
    int64_t count, offset = find(p, s, index, &count);
    return count == index ? offset : -1;
}

Value string_at(Process *p, Value *s, int64_t index) {
    if (string_flat(p, s) == V_UNSET) return V_UNSET;
    String *flat = AS(String, *s);
    int64_t offset = string_offset(p, flat, index);
    if (offset < 0 || offset == flat->length) return V_UNSET;
    const uint8_t *at = flat->bytes + offset;
    return string_slice(p, s, offset, utf8_step(at, flat->bytes + flat->length));
}
