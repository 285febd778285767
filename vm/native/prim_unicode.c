/* What Unicode says of code points: categories, widths, cases, for the module text.
 *
 * Invariants: as in prim.c. The tables ascend; a word of category_starts and width_starts has a code point above its lowest byte, which holds for
 * all code points from there up to the next word's. */
#include "prim.h"
#include "type.h"
#include "unicode_text.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

static uint32_t value_at(const uint32_t *starts, size_t count, uint32_t code) {
    size_t low = 0;
    for (size_t high = count; high - low > 1;) {
        size_t middle = (low + high) / 2;
        if (starts[middle] >> 8 <= code) low = middle;
        else high = middle;
    }
    return starts[low] & 255;
}

bool prim_text__category(Process *p, Value *args, Value *result) {
    int64_t code;
    if (!need_int(p, args[0], &code)) return false;
    if (code < 0 || code > 0x10FFFF) return error_raise(p, ERROR_VALUE, "%lld is not the number of a code point", (long long)code);
    return give(result, fixnum(value_at(category_starts, COUNT(category_starts), (uint32_t)code)));
}

bool prim_text__width(Process *p, Value *args, Value *result) {
    if (!need_string(p, &args[0])) return false;
    const String *s = AS(String, args[0]);
    int64_t width = 0;
    for (const uint8_t *at = s->bytes, *end = at + s->length; at < end;) {
        int size = utf8_step(at, end);
        width += value_at(width_starts, COUNT(width_starts), utf8_decode(at, size));
        at += size;
    }
    return give(result, fixnum(width));
}

typedef struct Case { const CaseRun *runs; size_t count; const CaseText *texts; size_t text_count; } Case;
static const Case cases[] = {
    {upper_runs, COUNT(upper_runs), upper_texts, COUNT(upper_texts)}, {lower_runs, COUNT(lower_runs), lower_texts, COUNT(lower_texts)},
    {title_runs, COUNT(title_runs), title_texts, COUNT(title_texts)}, {fold_runs, COUNT(fold_runs), fold_texts, COUNT(fold_texts)},
};

/* The code points that one becomes: how many. */
static int changed(const Case *how, bool lower, uint32_t code, uint32_t *to) {
    to[0] = code;
    if (code < 0x80) {
        bool letter = (code | 32) - 'a' < 26;
        to[0] = !letter ? code : lower ? code | 32 : code & ~32u;
        return 1;
    }
    size_t low = 0, high = how->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (how->runs[middle].last < code) low = middle + 1;
        else high = middle;
    }
    const CaseRun *run = &how->runs[low];
    if (low < how->count && code >= run->first && (code - run->first) % run->step == 0) {
        to[0] = code + (uint32_t)run->difference;
        return 1;
    }
    for (size_t i = 0; i < how->text_count; i++) {
        if (how->texts[i].code != code) continue;
        int n = 0;
        for (; n < 3 && how->texts[i].others[n]; n++) to[n] = how->texts[i].others[n];
        return n;
    }
    return 1;
}

/* The UTF-8 form of the changed text goes to *to, unless that is NULL: its length. */
static int64_t change(const String *s, int64_t number, uint8_t *to) {
    int64_t length = 0;
    for (const uint8_t *at = s->bytes, *end = at + s->length; at < end;) {
        uint32_t others[3];
        int size = utf8_step(at, end), n = changed(&cases[number], number % 2, utf8_decode(at, size), others);
        for (int i = 0; i < n; i++) {
            uint8_t bytes[4];
            int own = size == 1 && *at >= 0x80 ? (bytes[0] = *at, 1) : utf8_encode(others[i], bytes);    /* an invalid byte stays */
            if (to) memcpy(to + length, bytes, (size_t)own);
            length += own;
        }
        at += size;
    }
    return length;
}

bool prim_text__change(Process *p, Value *args, Value *result) {
    int64_t number;
    if (!need_string(p, &args[0]) || !need_int(p, args[1], &number)) return false;
    if (number < 0 || number > 3) return error_raise(p, ERROR_VALUE, "there is no such case");
    int64_t length = change(AS(String, args[0]), number, NULL);
    Value made = string_alloc_bytes(p, (size_t)length, false);
    if (made == V_UNSET) return false;
    change(AS(String, args[0]), number, AS(String, made)->bytes);
    if (length) string_filled(made);
    return give(result, made);
}
