/* Printed forms of values.
 *
 * A text is made in two passes over the value: the first measures (and keeps a short text in a local buffer), the second
 * writes into a string of exactly that length. During a pass nothing is allocated from the heap, so objects stay where they are;
 * when a table of the printer must grow, the pass is given up, the table grows, and the pass begins again.
 *
 * Invariants: the containers being printed are on an explicit stack, so depth is bounded by memory only; `open` finds one of them by
 * address. It is a hash set with linear probing in which the last added is removed first, so removal is clearing its place. */
#include <stdlib.h>
#include "message.h"
#include "runtime.h"
#include "runtime_api.h"
#include "class.h"
#include "frame.h"

enum {
    SHORT_TEXT = 512,               /* bytes: longer texts need the second pass */
    FIRST_LEVELS = 16, FIRST_FIELDS = 64,
    FIRST_CHECK = 1 << 20,          /* bytes of text after which the heap is asked whether that much fits; then at each doubling */
};
#define TEXT_MAX (INT64_C(1) << 31)

/* A field of a record to be sorted by its printed name: `prefix` is the name's first 8 bytes as a big-endian number. */
typedef struct Field { uint64_t prefix; Value key, value; } Field;

/* A container being printed. In classic form its sorted fields are fields[first .. first + count); `at` is the next one. In ms
 * form `at` is the state of `record_next` or an index into a list. */
typedef struct Level { Value container; uint64_t at; size_t first, count; uint32_t place; } Level;

#define LEVEL_BYTES (sizeof(Level) + 2 * sizeof(uint32_t))

/* How to print: in the classic form; or as the source would write it, and then at most some `most` bytes, if that is not 0. */
typedef struct Form { bool classic, source; size_t most; } Form;

typedef struct Printer {
    Process *p;
    bool classic, source;
    size_t most;
    uint8_t *text; size_t used, capacity;       /* what exceeds the capacity is only counted */
    bool failed;                                /* a bigint's text could not be made */
    bool plain;                                 /* methods cannot be called: instances are printed by their fields */
    uint32_t first, ninstances;                 /* with a method to_string: met before and up to now */
    Value *texts;                               /* a root: theirs (texts.c), or None */
    bool fill;                                  /* this pass puts the instances there */
    size_t check;                               /* give up the pass when `used` exceeds this */
    Level *levels; size_t depth, max_depth;
    uint32_t *open;                             /* after the levels: level number + 1, or 0; 2 * max_depth places, a power of two */
    Field *fields; size_t nfields, max_fields;
    Float number;                               /* the value at hand, where it is in a raw slot */
} Printer;

typedef enum Outcome { PASS_DONE, PASS_CHECK, PASS_LEVELS, PASS_FIELDS, PASS_CYCLE, PASS_FAILED } Outcome;

/* --- writing --- */
static void put(Printer *pr, const void *bytes, size_t length) {
    if (pr->used + length <= pr->capacity && length) memcpy(pr->text + pr->used, bytes, length);
    pr->used += length;
}
#define PUT(pr, literal) put(pr, literal, sizeof(literal) - 1)

static void put_string(Printer *pr, Value s) {
    size_t length = (size_t)string_length(s);
    if (length && pr->used + length <= pr->capacity) string_copy(s, pr->text + pr->used);
    pr->used += length;
}

/* What stands for a byte in a string of the source, in `out`; its length, 0: the byte itself. */
static size_t escape(uint8_t byte, uint8_t next, char *out) {
    static const char plain[] = "\n\t\r\"\\", letters[] = "ntr\"\\";
    const char *found = byte ? strchr(plain, byte) : NULL;
    if (found) return (size_t)text_format(out, 4, "\\%c", letters[found - plain]);
    if (byte == '$' && next == '{') return (size_t)text_format(out, 4, "\\$");
    return byte < ' ' || byte == 127 ? (size_t)text_format(out, 12, "\\u{%x}", byte) : 0;
}

static void put_quoted(Printer *pr, Value s) {
    size_t length = (size_t)string_length(s), from = 0;
    uint8_t *bytes = malloc(length + 1);        /* a rope's lie in pieces */
    if (!bytes) { pr->failed = true; return; }
    string_copy(s, bytes);
    bytes[length] = 0;
    PUT(pr, "\"");
    for (size_t i = 0; i < length && !(pr->most && i > pr->most); i++) {
        char text[12];
        size_t escaped = escape(bytes[i], bytes[i + 1], text);
        if (!escaped) continue;
        put(pr, bytes + from, i - from);
        put(pr, text, escaped);
        from = i + 1;
    }
    put(pr, bytes + from, (pr->most && length > pr->most + 1 ? pr->most + 1 : length) - from);
    PUT(pr, "\"");
    free(bytes);
}

static void put_int(Printer *pr, int64_t i) {
    char text[24];
    put(pr, text, format_int(i, text));
}

static void put_bigint(Printer *pr, Value v) {
    int64_t length;
    char *text = bigint_text(pr->p, v, &length);
    if (text) put(pr, text, (size_t)length);
    else pr->failed = true;
    if (pr->source) PUT(pr, "n");
    free(text);
}

static void put_bytes(Printer *pr, const Bytes *b) {
    PUT(pr, "b\"");
    for (int64_t i = 0; i < b->length; i++) {
        uint8_t c = b->bytes[i];
        char text[8];
        if (c == '"' || c == '\\') put(pr, text, (size_t)text_format(text, sizeof text, "\\%c", c));
        else if (c >= ' ' && c < 127) put(pr, &c, 1);
        else put(pr, text, (size_t)text_format(text, sizeof text, "\\x%02x", c));
    }
    PUT(pr, "\"");
}

static void put_bool(Printer *pr, bool b) {
    if (b) PUT(pr, "true");
    else PUT(pr, "false");
}

static void put_double(Printer *pr, double d) {
    char text[32];
    put(pr, text, format_double(d, text));
}

static void put_packed(Printer *pr, Value array) {
    PUT(pr, "Array[");
    for (int64_t i = 0; i < AS(Packed, array)->length; i++) {
        int64_t whole;
        double d;
        if (i) PUT(pr, ", ");
        if (!packed_number(array, i, &whole, &d)) put_double(pr, d);
        else if (header_of(array)->aux == E_BOOL) put_bool(pr, whole);
        else put_int(pr, whole);
    }
    PUT(pr, "]");
}

static void put_function(Printer *pr, Value v) {
    if (pr->classic) { PUT(pr, "FUNCTION"); return; }
    Value name = AS(Closure, v)->function->name;
    PUT(pr, "<fun");
    if (is_string(name)) { PUT(pr, " "); put_string(pr, name); }
    PUT(pr, ">");
}

static void put_error(Printer *pr, Value v) {
    const Error *error = AS(Error, v);
    if (pr->classic && error->class_->classic_name) put(pr, error->class_->classic_name, strlen(error->class_->classic_name));
    else put_string(pr, error->class_->name);
    if (!is_string(error->message) || string_length(error->message) == 0) return;
    PUT(pr, ": ");
    put_string(pr, error->message);
}

/* An instance that has a method to_string stands for its text; before that is made, for nothing. False: it is like any other value. */
static bool put_text(Printer *pr, Value v) {
    if (pr->plain || !protocol_method(v, M_TO_STRING)) return false;
    uint32_t number = pr->ninstances++;
    if (pr->fill) return texts_put(pr->p, *pr->texts, number, v), true;
    if (*pr->texts == V_NONE) return true;
    Value text = texts_get(*pr->texts, number, v);
    if (text == V_UNSET) return false;          /* a method has changed what is printed */
    put_string(pr, text);
    return true;
}

static bool is_container(const Printer *pr, Value v) {
    if (!is_ref(v)) return false;
    int type = type_of(v);
    if (type == T_RECORD) return true;
    if (pr->classic) return false;
    return type == T_LIST || type == T_ARRAY || type == T_TUPLE || type == T_MAP || type == T_SET || (type == T_OBJECT && !is_error(v));
}

/* Any value but a container. */
static void put_scalar(Printer *pr, Value v) {
    if (is_int(v)) put_int(pr, int_int(v));
    else if (is_string(v) && pr->source) put_quoted(pr, v);
    else if (is_string(v)) put_string(pr, v);
    else if (is_bool(v)) put_bool(pr, v == V_TRUE);
    else if (is_float(v)) put_double(pr, float_double(v));
    else if (is_type(v, T_BYTES)) put_bytes(pr, AS(Bytes, v));
    else if (is_type(v, T_PACKED)) put_packed(pr, v);
    else if (is_type(v, T_CLOSURE)) put_function(pr, v);
    else if (is_bigint(v)) put_bigint(pr, v);
    else if (is_type(v, T_TYPE)) {
        char text[TYPE_TEXT];
        type_text(AS(TypeValue, v)->type, text, TYPE_TEXT);
        put(pr, text, strlen(text));
    }
    else if (is_type(v, T_RANGE)) {
        put_int(pr, int_int(AS(Range, v)->start));
        if (header_of(v)->aux) PUT(pr, "..=");
        else PUT(pr, "..");
        put_int(pr, int_int(AS(Range, v)->end));
    }
    else if (is_error(v)) put_error(pr, v);
    else if (is_ref(v)) { PUT(pr, "<"); put(pr, type_name(v, pr->classic), strlen(type_name(v, pr->classic))); PUT(pr, ">"); }
    else PUT(pr, "None");
}

/* --- sorted fields --- */
static const uint8_t *key_text(Value key, uint8_t *buffer, size_t *length) {
    if (is_fixnum(key)) {
        *length = format_int(fixnum_int(key), (char *)buffer);
        return buffer;
    }
    *length = (size_t)string_length(key);
    return AS(String, key)->bytes;
}

static uint64_t key_prefix(Value key) {
    uint8_t buffer[24];
    size_t length;
    const uint8_t *text = key_text(key, buffer, &length);
    uint64_t prefix = 0;
    for (size_t i = 0; i < 8; i++) prefix = prefix << 8 | (i < length ? text[i] : 0);
    return prefix;
}

static int compare_fields(const void *left, const void *right) {
    const Field *a = left, *b = right;
    if (a->prefix != b->prefix) return a->prefix < b->prefix ? -1 : 1;
    uint8_t buffer_a[24], buffer_b[24];
    size_t length_a, length_b;
    const uint8_t *text_a = key_text(a->key, buffer_a, &length_a), *text_b = key_text(b->key, buffer_b, &length_b);
    int order = memcmp(text_a, text_b, length_a < length_b ? length_a : length_b);
    return order ? order : (length_a > length_b) - (length_a < length_b);
}

/* False when the table must grow. */
static bool collect_fields(Printer *pr, Level *level) {
    level->first = pr->nfields;
    level->count = record_count(pr->p, level->container);
    if (pr->max_fields - pr->nfields < level->count) return false;
    if (level->count == 0) return true;
    uint64_t state = 0;
    for (Field *f = pr->fields + pr->nfields; record_next(pr->p, level->container, &state, &f->key, &f->value); f++)
        f->prefix = key_prefix(f->key);
    pr->nfields += level->count;
    if (level->count > 1) sort_items(pr->fields + level->first, level->count, sizeof(Field), compare_fields);
    return true;
}

/* --- levels --- */
static void put_open(Printer *pr, Value container) {
    switch (type_of(container)) {
    case T_LIST: PUT(pr, "["); break;
    case T_ARRAY: PUT(pr, "Array["); break;
    case T_TUPLE: PUT(pr, "("); break;
    case T_SET: PUT(pr, "Set("); break;
    case T_OBJECT:
        put_string(pr, object_class(container)->name);
        if (object_class(container)->nslots || !object_class(container)->structural) PUT(pr, "(");
        break;
    default: PUT(pr, "{");
    }
}

static void put_close(Printer *pr, Value container) {
    switch (type_of(container)) {
    case T_LIST: case T_ARRAY: PUT(pr, "]"); break;
    case T_TUPLE:
        if (AS(Tuple, container)->length == 1) PUT(pr, ",");
        PUT(pr, ")");
        break;
    case T_SET: PUT(pr, ")"); break;
    case T_OBJECT:
        if (object_class(container)->nslots || !object_class(container)->structural) PUT(pr, ")");
        break;
    default: PUT(pr, "}");
    }
}

static uint32_t *open_place(Printer *pr, Value container) {
    uint32_t mask = (uint32_t)pr->max_depth * 2 - 1, at = (uint32_t)(container * UINT64_C(0x9E3779B97F4A7C15) >> 32) & mask;
    while (pr->open[at] && pr->levels[pr->open[at] - 1].container != container) at = (at + 1) & mask;
    return &pr->open[at];
}

static Outcome enter(Printer *pr, Value container) {
    if (pr->depth == pr->max_depth) return PASS_LEVELS;
    uint32_t *place = open_place(pr, container);
    if (*place) {
        if (pr->classic) return PASS_CYCLE;
        put_open(pr, container);
        PUT(pr, "...");
        put_close(pr, container);
        return PASS_DONE;
    }
    Level *level = &pr->levels[pr->depth];
    *level = (Level){.container = container, .place = (uint32_t)(place - pr->open)};
    if (pr->classic && !collect_fields(pr, level)) return PASS_FIELDS;
    *place = (uint32_t)++pr->depth;
    put_open(pr, container);
    return PASS_DONE;
}

static void leave(Printer *pr) {
    Level *level = &pr->levels[--pr->depth];
    pr->open[level->place] = 0;
    pr->nfields -= level->count;
    put_close(pr, level->container);
    if (pr->classic && pr->depth) PUT(pr, " ");
}

static void put_key(Printer *pr, Value key) {
    if (is_fixnum(key)) put_int(pr, fixnum_int(key));
    else put_string(pr, key);
    if (pr->classic) PUT(pr, ":");
    else PUT(pr, ": ");
}

/* One of `length` items that lie together; `names` (or NULL) are written before them. */
static bool next_item(Printer *pr, Level *level, const Value *items, uint64_t length, const Value *names, Value *value) {
    if (level->at >= length) return false;
    if (level->at) PUT(pr, ", ");
    if (names) put_key(pr, names[level->at]);
    *value = items[level->at++];
    return true;
}

static void put_any_key(Printer *pr, Value key, bool name) {
    if (is_fixnum(key) || (is_string(key) && (name || !pr->source))) put_key(pr, key);
    else { put_scalar(pr, key); PUT(pr, ": "); }
}

/* The next value of a map, its key written; or first the key, if that is a container. `at` is twice the number of pairs that are
 * begun, and 1 while a key is being printed. */
static bool next_pair(Printer *pr, Level *level, Value *value) {
    Map *m = AS(Map, level->container);
    int64_t at = (int64_t)(level->at >> 1);
    Value key;
    if (level->at & 1) {
        PUT(pr, ": ");
        *value = AS(Array, m->entries)->items[2 * at - 1];
        level->at--;
        return true;
    }
    if (!map_next(m, &at, &key, value)) return false;
    if (level->at) PUT(pr, ", ");
    level->at = (uint64_t)at << 1;
    if (!is_container(pr, key)) return put_any_key(pr, key, false), true;
    *value = key;
    level->at++;
    return true;
}

static bool next_entry(Printer *pr, Level *level, Value *value) {
    Value container = level->container, key;
    bool first = level->at == 0;
    switch (type_of(container)) {
    case T_LIST: return next_item(pr, level, AS(Array, AS(List, container)->items)->items, (uint64_t)AS(List, container)->length, NULL, value);
    case T_ARRAY: return next_item(pr, level, AS(Array, container)->items, (uint64_t)AS(Array, container)->length, NULL, value);
    case T_TUPLE: return next_item(pr, level, AS(Tuple, container)->items, (uint64_t)AS(Tuple, container)->length, NULL, value);
    case T_OBJECT: {
        const Class *c = object_class(container);
        uint64_t slot = level->at;
        if (!next_item(pr, level, AS(Object, container)->slots, c->nslots, c->structural ? NULL : c->slot_names, value)) return false;
        *value = object_peek(AS(Object, container), (uint32_t)slot, &pr->number);
        return true;
    }
    case T_SET: {
        int64_t at = (int64_t)level->at;
        if (!map_next(AS(Map, container), &at, value, &key)) return false;
        level->at = (uint64_t)at;
        if (!first) PUT(pr, ", ");
        return true;
    }
    case T_MAP: return next_pair(pr, level, value);
    default:
        if (!record_next(pr->p, container, &level->at, &key, value)) return false;
    }
    if (!first) PUT(pr, ", ");
    put_any_key(pr, key, true);
    return true;
}

/* Step to the next value of a container, with its key and what separates it written; false at the end. */
static bool next_value(Printer *pr, Level *level, Value *value) {
    if (pr->classic) {
        if (level->at == level->count) return false;
        const Field *field = &pr->fields[level->first + level->at++];
        *value = field->value;
        put_key(pr, field->key);
        return true;
    }
    return next_entry(pr, level, value);
}

static Outcome pass(Printer *pr, Value v) {
    pr->used = pr->depth = pr->nfields = 0;
    pr->ninstances = pr->first;
    if (put_text(pr, v)) return PASS_DONE;
    if (!is_container(pr, v)) return put_scalar(pr, v), pr->failed ? PASS_FAILED : PASS_DONE;
    if (pr->max_depth == 0) return PASS_LEVELS;
    memset(pr->open, 0, pr->max_depth * 2 * sizeof(uint32_t));
    Outcome outcome = enter(pr, v);
    while (outcome == PASS_DONE && pr->depth) {
        Value value;
        if (!next_value(pr, &pr->levels[pr->depth - 1], &value)) leave(pr);
        else if (put_text(pr, value)) ;
        else if (is_container(pr, value)) outcome = enter(pr, value);
        else {
            put_scalar(pr, value);
            if (pr->classic) PUT(pr, " ");
        }
        if (pr->most && pr->used > pr->most) break;
        if (outcome == PASS_DONE && pr->used > pr->check) outcome = PASS_CHECK;
        if (pr->failed) outcome = PASS_FAILED;
    }
    return outcome;
}

/* --- growing --- */
static bool no_memory(Process *p) { return error_raise(p, ERROR_MEMORY, "no memory to print a value"); }

/* MAY_COLLECT RAISES: `*table` of `*capacity` entries becomes twice as large, or holds `needed`. */
static bool table_grow(Process *p, void *table, size_t *capacity, size_t first, size_t entry_bytes, size_t needed) {
    size_t grown = *capacity ? *capacity * 2 : first;
    while (grown < needed) grown *= 2;
    if (!heap_external(p, (int64_t)((grown - *capacity) * entry_bytes))) return no_memory(p);
    void *memory = malloc(grown * entry_bytes);
    if (!memory) {
        heap_external(p, -(int64_t)((grown - *capacity) * entry_bytes));
        return no_memory(p);
    }
    free(*(void **)table);
    *(void **)table = memory;
    *capacity = grown;
    return true;
}

static bool grow_levels(Printer *pr) {
    if (!table_grow(pr->p, &pr->levels, &pr->max_depth, FIRST_LEVELS, LEVEL_BYTES, 0)) return false;
    pr->open = (uint32_t *)(pr->levels + pr->max_depth);
    return true;
}

/* RAISES: why a bigint has no text. */
static bool text_failed(Process *p) { return p->interrupted ? rt_poll(p) : no_memory(p); }

/* MAY_COLLECT RAISES: may a text be this long? */
static bool check_length(Printer *pr) {
    if (pr->used > (size_t)TEXT_MAX || !heap_external(pr->p, (int64_t)pr->used)) return no_memory(pr->p);
    heap_external(pr->p, -(int64_t)pr->used);
    while (pr->check < pr->used) pr->check *= 2;
    return true;
}

static void printer_free(Printer *pr) {
    if (!pr->levels) return;
    free(pr->levels);
    free(pr->fields);
    heap_external(pr->p, -(int64_t)(pr->max_depth * LEVEL_BYTES + pr->max_fields * sizeof(Field)));
}

/* MAY_COLLECT RAISES: passes until one measures the whole text. */
static bool measure(Printer *pr, Value *v) {
    for (;;) {
        bool ok = true;
        switch (pass(pr, *v)) {
        case PASS_DONE: return true;
        case PASS_CYCLE: return error_raise(pr->p, ERROR_RUNTIME, "record contains itself");
        case PASS_FAILED: return text_failed(pr->p);
        case PASS_CHECK: ok = check_length(pr); break;
        case PASS_LEVELS: ok = grow_levels(pr); break;
        case PASS_FIELDS: {
            size_t needed = pr->nfields + record_count(pr->p, pr->levels[pr->depth].container);
            ok = table_grow(pr->p, &pr->fields, &pr->max_fields, FIRST_FIELDS, sizeof(Field), needed);
        }
        }
        if (!ok) return false;
    }
}

/* MAY_COLLECT RAISES: the text that was measured. */
static Value write_text(Printer *pr, Value *v) {
    if (pr->used <= pr->capacity) return string_new(pr->p, pr->text, pr->used);
    Value result = string_alloc_bytes(pr->p, pr->used, false);
    if (result == V_UNSET) return result;
    pr->text = AS(String, result)->bytes;
    pr->capacity = pr->used;
    if (pass(pr, *v) == PASS_FAILED) return text_failed(pr->p), V_UNSET;
    if (bytes_ascii(pr->text, pr->used)) header_of(result)->aux |= STRING_ASCII;
    return result;
}

/* MAY_COLLECT RAISES: a long text is made once, not in two passes. */
static Value bigint_to_string(Process *p, Value v) {
    int64_t length;
    char *text = bigint_text(p, v, &length);
    if (!text) return text_failed(p), V_UNSET;
    Value made = string_new(p, text, (size_t)length);
    free(text);
    return made;
}

/* MAY_COLLECT RAISES: have the methods called of all instances in *v, which the printer has measured. */
static void make_texts(Printer *pr, Value *v, Value *texts) {
    *texts = texts_new(pr->p, pr->ninstances);
    if (*texts == V_UNSET) return;
    pr->fill = true;
    pass(pr, *v);
    texts_next(pr->p, *texts);
}

/* MAY_COLLECT RAISES: the printed form of *v. *number instances have been met before; it counts on. */
static Value print_value(Process *p, Value *v, Form form, Value *texts, uint32_t *number) {
    if (is_string(*v) && !form.source) return string_flat(p, v);
    if (is_bigint(*v) && !form.source) return bigint_to_string(p, *v);
    uint8_t short_text[SHORT_TEXT];
    Value *result = root_push(p, V_UNSET);
    Printer pr = {.p = p, .classic = form.classic, .source = form.source, .most = form.most, .text = short_text, .capacity = SHORT_TEXT, .check = FIRST_CHECK, .texts = texts,
                  .plain = form.classic || !p->fp, .first = *number};
    if (measure(&pr, v)) {
        *number = pr.ninstances;
        if (pr.ninstances > pr.first && *texts == V_NONE) make_texts(&pr, v, texts);
        else *result = write_text(&pr, v);
    }
    printer_free(&pr);
    root_pop(p, 1);
    return p->roots[p->nroots];
}

static Value to_string(Process *p, Value *v, Form form) {
    uint32_t number = 0;
    Value *texts = root_push(p, texts_take(p)), made = print_value(p, v, form, texts, &number);
    root_pop(p, 1);
    return made;
}

Value value_to_string(Process *p, Value *v, bool classic) { return to_string(p, v, (Form){.classic = classic}); }

Value value_to_source(Process *p, Value *v, size_t most) { return to_string(p, v, (Form){.source = true, .most = most}); }

bool value_texts(Process *p, Value *v, Value *texts) {
    uint8_t none[1];
    *texts = texts_take(p);
    if (*texts != V_NONE) return true;
    Printer pr = {.p = p, .text = none, .check = FIRST_CHECK, .texts = texts, .plain = !p->fp};
    bool ok = measure(&pr, v);
    if (ok && pr.ninstances) make_texts(&pr, v, texts);
    printer_free(&pr);
    return ok && !pr.ninstances;
}

Value value_to_string_part(Process *p, Value *v, Value *texts, uint32_t *number) { return print_value(p, v, (Form){0}, texts, number); }
