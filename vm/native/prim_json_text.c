/* Values to JSON text.
 *
 * Invariants: nothing is allocated from the heap before the text is complete, so values stay where they are. No recursion: the open
 * containers are on a stack outside the heap. A cycle makes that stack grow without end, so whenever its depth has doubled the
 * newest container is looked for among the others: that finds every cycle, at little cost for each level. */
#include "prim.h"
#include "class.h"
#include <math.h>
#include <stdlib.h>

enum { FIRST_TEXT = 1024, FIRST_LEVELS = 64, MOST_INDENT = 100 };
#define TEXT_MAX (INT64_C(1) << 31)

typedef struct Level { Value container; uint64_t at; int64_t written; uint8_t wraps; } Level;

typedef struct Writer {
    Process *p;
    uint8_t *text;
    size_t used, capacity, most;
    Level *levels;
    size_t depth, room, check;
    int64_t indent, margin;     /* spaces for each level, 0: all on one line; levels around the value */
    int64_t nfound, npiece;     /* instances with a method to_json, or attributes of fields */
    Value *wanted;              /* list with room for these, each followed by its level; or NULL */
    Value pieces;               /* list: their texts; or None */
    Float number;               /* the value at hand, where it is in a raw slot */
    bool failed;                /* an error is to be raised: */
    enum ErrorKind kind;
    const char *message, *what;
} Writer;

static bool fail(Writer *w, enum ErrorKind kind, const char *message, const char *what) {
    if (!w->failed) w->kind = kind, w->message = message, w->what = what;
    w->failed = true;
    return false;
}

/* --- text --- */

/* Room for `more` bytes; NULL: too much. */
static uint8_t *room(Writer *w, size_t more) {
    if (w->capacity - w->used < more) {
        size_t wanted = w->used + more;
        if (wanted > w->most) return fail(w, ERROR_MEMORY, "out of memory", ""), NULL;
        size_t grown = w->capacity + w->capacity / 2 > wanted ? w->capacity + w->capacity / 2 : wanted + FIRST_TEXT;
        uint8_t *text = realloc(w->text, grown);
        if (!text) return fail(w, ERROR_MEMORY, "out of memory", ""), NULL;
        w->text = text;
        w->capacity = grown;
    }
    return w->text + w->used;
}

static bool put(Writer *w, const void *bytes, size_t length) {
    uint8_t *at = room(w, length);
    if (!at) return false;
    memcpy(at, bytes, length);
    w->used += length;
    return true;
}
#define PUT(w, literal) put(w, literal, sizeof(literal) - 1)

static bool put_line(Writer *w, size_t depth) {
    if (!w->indent) return true;
    size_t spaces = (size_t)w->indent * (depth + (size_t)w->margin);
    uint8_t *at = room(w, spaces + 1);
    if (!at) return false;
    *at = '\n';
    memset(at + 1, ' ', spaces);
    w->used += spaces + 1;
    return true;
}

/* The escape of a byte, or 0 when it stands for itself; 'u' where only its number can be written. */
static char escape_of(uint8_t c) {
    if (c >= 0x20) return c == '"' || c == '\\' ? (char)c : 0;
    static const char names[] = "uuuuuuuubtnufruu";
    return c < 16 ? names[c] : 'u';
}

static bool put_escape(Writer *w, uint8_t c, char name) {
    static const char digits[] = "0123456789abcdef";
    char text[] = {'\\', name, '0', '0', digits[c >> 4], digits[c & 15]};
    return put(w, text, name == 'u' ? 6 : 2);
}

static bool put_quoted(Writer *w, const uint8_t *at, const uint8_t *end) {
    if (!PUT(w, "\"")) return false;
    while (at < end) {
        const uint8_t *start = at;
        while (at < end && !escape_of(*at)) at++;
        if (!put(w, start, (size_t)(at - start))) return false;
        if (at < end && !put_escape(w, *at, escape_of(*at))) return false;
        at += at < end;
    }
    return PUT(w, "\"");
}

static bool put_string(Writer *w, Value s) {
    size_t length = (size_t)string_length(s);
    if (type_of(s) == T_STRING) return put_quoted(w, AS(String, s)->bytes, AS(String, s)->bytes + length);
    uint8_t *copy = malloc(length + 1);
    if (!copy) return fail(w, ERROR_MEMORY, "out of memory", "");
    string_copy(s, copy);
    bool ok = put_quoted(w, copy, copy + length);
    free(copy);
    return ok;
}

static bool put_int(Writer *w, int64_t i) {
    char text[24];
    return put(w, text, format_int(i, text));
}

static bool put_double(Writer *w, double d) {
    char text[32];
    if (!isfinite(d)) return fail(w, ERROR_VALUE, "JSON has no number for ", d != d ? "nan" : "an infinity");
    return put(w, text, format_double(d, text));
}

static bool put_bool(Writer *w, bool b) { return b ? PUT(w, "true") : PUT(w, "false"); }

static bool put_number(Writer *w, Value v) {
    if (is_int(v)) return put_int(w, int_int(v));
    if (is_float(v)) return put_double(w, float_double(v));
    int64_t length;
    char *digits = bigint_text(w->p, v, &length);
    bool ok = digits ? put(w, digits, (size_t)length) : fail(w, ERROR_MEMORY, "out of memory", "");
    free(digits);
    return ok;
}

/* --- containers --- */

static bool is_variant(Value v) { return is_type(v, T_OBJECT) && object_class(v)->structural; }
static bool is_sequence(Value v) { return is_type(v, T_LIST) || is_type(v, T_TUPLE) || is_type(v, T_ARRAY) || is_type(v, T_SET); }

static bool find_cycle(Writer *w) {
    w->check *= 2;
    for (size_t i = 0; i + 1 < w->depth; i++)
        if (w->levels[i].container == w->levels[w->depth - 1].container) return fail(w, ERROR_VALUE, "the value contains itself", "");
    return true;
}

/* Begin a container; a variant with fields is an object of one field, its name, which holds the object of its fields. */
static bool open_container(Writer *w, Value v) {
    if (w->depth == w->room) {
        Level *levels = realloc(w->levels, 2 * w->room * sizeof *levels);
        if (!levels || w->room * sizeof *levels > w->most) return w->levels = levels ? levels : w->levels, fail(w, ERROR_MEMORY, "out of memory", "");
        w->levels = levels;
        w->room *= 2;
    }
    w->levels[w->depth++] = (Level){v, 0, 0, is_variant(v)};
    if (w->depth >= w->check && !find_cycle(w)) return false;
    if (is_variant(v) && !(PUT(w, "{") && put_line(w, w->depth) && put_string(w, object_class(v)->name) && put(w, ": ", w->indent ? 2 : 1))) return false;
    if (is_variant(v)) w->margin++;
    return is_sequence(v) ? PUT(w, "[") : PUT(w, "{");
}

static bool close_container(Writer *w) {
    Level level = w->levels[--w->depth];
    if (level.written && !put_line(w, w->depth)) return false;
    if (!(is_sequence(level.container) ? PUT(w, "]") : PUT(w, "}"))) return false;
    if (!level.wraps) return true;
    w->margin--;
    return put_line(w, w->depth) && PUT(w, "}");
}

static bool public(Value name) { return AS(String, name)->length == 0 || AS(String, name)->bytes[0] != '_'; }

static bool next_of(Level *level, const Value *items, int64_t length, Value *value) {
    if ((int64_t)level->at >= length) return false;
    *value = items[level->at++];
    return true;
}

/* The next item of the innermost container, and its name, unset in sequences. False: there is none. */
static bool next_item(Writer *w, Level *level, Value *name, Value *value) {
    Value v = level->container;
    int64_t at = (int64_t)level->at;
    *name = V_UNSET;
    switch (type_of(v)) {
    case T_LIST: return next_of(level, list_items(v), AS(List, v)->length, value);
    case T_TUPLE: return next_of(level, AS(Tuple, v)->items, AS(Tuple, v)->length, value);
    case T_ARRAY: return next_of(level, AS(Array, v)->items, AS(Array, v)->length, value);
    case T_OBJECT: {
        const Class *c = object_class(v);
        while (level->at < c->nslots && !public(c->slot_names[level->at])) level->at++;
        if (level->at >= c->nslots) return false;
        *name = c->slot_names[level->at];
        *value = object_peek(AS(Object, v), (uint32_t)level->at++, &w->number);
        return true;
    }
    case T_RECORD: return record_next(w->p, v, &level->at, name, value);
    default: {
        Value key;
        if (!map_next(AS(Map, v), &at, &key, value)) return false;
        level->at = (uint64_t)at;
        if (type_of(v) == T_MAP) *name = key;
        else *value = key;
        return true;
    }
    }
}

static bool put_name(Writer *w, Value name) {
    bool ok;
    if (is_string(name)) ok = put_string(w, name);
    else if (is_int(name)) ok = PUT(w, "\"") && put_int(w, int_int(name)) && PUT(w, "\"");
    else return fail(w, ERROR_CAST, "JSON has strings and ints as keys, not ", type_name(name, false));
    return ok && put(w, ": ", w->indent ? 2 : 1);
}

/* --- values --- */

static bool put_piece(Writer *w, Value v) {
    if (w->pieces != V_NONE) {
        if (w->npiece >= AS(List, w->pieces)->length) return fail(w, ERROR_VALUE, "the value was changed by a method to_json", "");
        Value text = list_items(w->pieces)[w->npiece++];
        uint8_t *at = room(w, (size_t)string_length(text));
        if (!at) return false;
        string_copy(text, at);
        w->used += (size_t)string_length(text);
        return true;
    }
    w->nfound++;
    Value level = fixnum((int64_t)w->depth + w->margin);
    if (w->wanted) list_push(w->p, w->wanted, &v), list_push(w->p, w->wanted, &level);     /* there is room */
    return true;
}

/* An array of unboxed elements. */
static bool put_packed(Writer *w, Value v) {
    int64_t length = AS(Packed, v)->length;
    bool bools = header_of(v)->aux == E_BOOL, ok = PUT(w, "[");
    for (int64_t i = 0; ok && i < length; i++) {
        int64_t whole;
        double d;
        ok = (!i || PUT(w, ",")) && put_line(w, w->depth + 1);
        if (!ok) break;
        if (packed_number(v, i, &whole, &d)) ok = bools ? put_bool(w, whole) : put_int(w, whole);
        else ok = put_double(w, d);
    }
    return ok && (!length || put_line(w, w->depth)) && PUT(w, "]");
}

static bool put_value(Writer *w, Value v) {
    if (is_string(v)) return put_string(w, v);
    if (is_number(v)) return put_number(w, v);
    if (v == V_NONE) return PUT(w, "null");
    if (is_bool(v)) return put_bool(w, v == V_TRUE);
    if (is_type(v, T_PACKED)) return put_packed(w, v);
    if (is_type(v, T_OBJECT)) {
        const Class *c = object_class(v);
        if (c->protocol[M_TO_JSON] || c->protocol[M_ATTRIBUTES]) return put_piece(w, v);
        if (c->structural && !c->nslots) return put_string(w, c->name);
        if (!c->is_error) return open_container(w, v);
    } else if (is_type(v, T_RECORD) || is_type(v, T_MAP) || is_sequence(v)) {
        return open_container(w, v);
    }
    return fail(w, ERROR_CAST, "JSON has nothing for ", type_name(v, false));
}

static bool put_items(Writer *w) {
    while (w->depth) {
        if (w->p->interrupted) return fail(w, ERROR_INTERRUPT, "interrupted", "");
        Level *level = &w->levels[w->depth - 1];
        Value name, value;
        if (!next_item(w, level, &name, &value)) {
            if (!close_container(w)) return false;
            continue;
        }
        if (level->written++ && !PUT(w, ",")) return false;
        if (!put_line(w, w->depth) || (name != V_UNSET && !put_name(w, name)) || !put_value(w, value)) return false;
    }
    return true;
}

static bool put_all(Writer *w, Value v) {
    w->used = w->depth = 0;
    w->nfound = w->npiece = 0;
    w->check = FIRST_LEVELS;
    return put_value(w, v) && put_items(w);
}

/* Raise what made the writer fail; false. */
static bool raise_failure(Writer *w) { return error_raise(w->p, w->kind, "%s%s", w->message, w->what); }

/* The text, or None when instances want to be asked: they are counted in the first pass, listed in the second. */
static bool make_text(Writer *w, Value *args, Value *text) {
    *text = V_NONE;
    if (!put_all(w, args[0])) return raise_failure(w);
    if (!w->nfound) return (*text = string_new(w->p, w->text, w->used)) != V_UNSET;
    if (!list_reserve(w->p, &args[3], AS(List, args[3])->length + 2 * w->nfound)) return false;
    w->wanted = &args[3];
    return put_all(w, args[0]) || raise_failure(w);
}

bool prim_json__same(Process *p, Value *args, Value *result) {
    (void)p;
    return give(result, boolean(args[0] == args[1]));
}

bool prim_json__text(Process *p, Value *args, Value *result) {
    Writer w = {.p = p, .room = FIRST_LEVELS, .pieces = args[4]};
    if (!need_int(p, args[1], &w.indent) || !need_int(p, args[2], &w.margin) || !need_list(p, args[3])) return false;
    if (args[4] != V_NONE && !need_list(p, args[4])) return false;
    if (w.indent < 0 || w.indent > MOST_INDENT) return error_raise(p, ERROR_VALUE, "the indent must be an int in 0..=%d", MOST_INDENT);
    size_t limit = heap_limit(p);
    w.most = limit && limit < TEXT_MAX ? limit : TEXT_MAX;
    w.levels = malloc(FIRST_LEVELS * sizeof *w.levels);
    if (!w.levels) return error_raise(p, ERROR_MEMORY, "out of memory");
    Value text;
    bool ok = make_text(&w, args, &text);
    free(w.levels);
    free(w.text);
    return ok && give(result, text);
}
