/* Records: named fields by shape, dense items, and a map for all other keys.
 *
 * Invariants:
 * - a key is a flat string or a fixnum; a string that spells a fixnum in canonical decimal ("0", "-12", not "012") is that
 *   fixnum;
 * - a key lies in exactly one place. A name is in the shape or in the map. An int from 0 to `count` less one is an item (unset:
 *   no such field); other ints are in the map, never the int `count` itself;
 * - at least one in GAP_MAX items is set, but for the first FIRST_ITEMS;
 * - a record with strings in its map gets no new shape fields, so its strings keep their order of insertion. */
#include <stdlib.h>
#include "runtime.h"

enum {
    FIRST_ITEMS = 8,            /* capacity when items begin; ints below it may come in any order */
    GAP_MAX = 4,                /* an item may be this far behind the last: bounds the memory of sparse keys */
    FIRST_OVERFLOW = 4,
    SHAPES_BY_KEY = 1 << 14,    /* above this many shapes a computed key makes no new one: records used as dictionaries with
                                   random keys would make one for each order of insertion */
};
#define ITEMS_MAX (INT64_C(1) << 30)

static inline uint32_t record_shape(const Record *r) { return (uint32_t)(r->header >> 32) >> SHAPE_SHIFT; }
static inline Elements *record_elements(const Record *r) { return r->elements == V_NONE ? NULL : AS(Elements, r->elements); }
static inline Map *record_map(const Record *r) {
    Elements *e = record_elements(r);
    return e && e->map != V_NONE ? AS(Map, e->map) : NULL;
}

static inline void set_shape(Record *r, uint32_t shape) { ((Header *)r)->id = shape << SHAPE_SHIFT; }

Value record_new(Process *p, uint32_t inline_slots) {
    uint32_t shape = shape_root(p->machine, inline_slots);
    if (shape == 0) { error_raise(p, ERROR_MEMORY, "no memory for shapes"); return V_UNSET; }
    Record *r = heap_new(p, sizeof(Record) + inline_slots * sizeof(Value), HEADER(T_RECORD, 0, inline_slots, shape << SHAPE_SHIFT));
    if (!r) return V_UNSET;
    r->elements = V_NONE;
    for (uint32_t i = 0; i < inline_slots; i++) r->slots[i] = V_UNSET;
    return ref(r);
}

/* --- elements --- */
/* MAY_COLLECT RAISES: the record has elements, with room for `capacity` items. */
static bool elements_reserve(Process *p, Value *record, int64_t capacity) {
    Elements *old = record_elements(AS(Record, *record));
    if (old && old->capacity >= capacity) return true;
    if (old) capacity = grown_capacity(old->capacity, capacity);
    Elements *e = heap_new(p, sizeof(Elements) + (size_t)capacity * sizeof(Value), HEADER(T_ELEMENTS, 0, 0, 0));
    if (!e) return false;
    Record *r = AS(Record, *record);
    old = record_elements(r);
    e->count = old ? old->count : 0;
    e->capacity = (uint32_t)capacity;
    e->overflow = old ? old->overflow : V_NONE;
    e->map = old ? old->map : V_NONE;
    if (e->count) memcpy(e->items, old->items, e->count * sizeof(Value));
    for (uint32_t i = e->count; i < e->capacity; i++) e->items[i] = V_UNSET;
    r->elements = ref(e);
    heap_barrier(p, r, &r->elements, r->elements);
    return true;
}

/* MAY_COLLECT RAISES: set a key that belongs into the map. */
static bool map_put(Process *p, Value *record, Value *key, Value *value) {
    if (!elements_reserve(p, record, 0)) return false;
    if (!record_map(AS(Record, *record))) {
        Value fresh = map_new(p);
        if (fresh == V_UNSET) return false;
        Elements *e = record_elements(AS(Record, *record));
        e->map = fresh;
        heap_barrier(p, e, &e->map, fresh);
    }
    Map *m = record_map(AS(Record, *record));
    if (is_ref(*key)) ((Header *)m)->aux |= MAP_HAS_STRINGS;
    Value *map = root_push(p, ref(m));
    bool ok = map_set(p, map, key, value);
    root_pop(p, 1);
    return ok;
}

/* --- named fields --- */
static Value *field_address(Record *r, uint32_t slot, void **holder) {
    if (slot < OVERFLOW_SLOT) return *holder = r, &r->slots[slot];
    Array *overflow = AS(Array, record_elements(r)->overflow);
    return *holder = overflow, &overflow->items[slot & (OVERFLOW_SLOT - 1)];
}

static FieldCache no_fields[FIELD_CACHE];   /* of a process that has met none yet; never written, but const it would fill a file */

static FieldCache *cache_entry(Process *p, uint32_t shape, Value name) {
    return &p->field_cache[(shape * FIELD_CACHE_SHAPE ^ (uint32_t)(name >> 3)) % FIELD_CACHE];
}

void field_cache_init(Process *p) { p->field_cache = no_fields; }
void field_cache_free(Process *p) {
    if (p->field_cache != no_fields) free(p->field_cache);
}

void field_cache_note(Process *p, uint32_t word, Value name) {
    if (p->field_cache == no_fields) {
        FieldCache *made = calloc(FIELD_CACHE, sizeof(FieldCache));
        if (!made) return;
        p->field_cache = made;
    }
    *cache_entry(p, word >> SHAPE_SHIFT, name) = (FieldCache){name, word, 0};
}

/* Cache word of the field, 0 when the shape lacks it. */
static uint32_t field_word(Process *p, uint32_t shape, Value name) {
    const FieldCache *entry = cache_entry(p, shape, name);
    if (entry->name == name && entry->word >> SHAPE_SHIFT == shape) return entry->word;
    int32_t slot = shape_find(p->machine, shape, name);
    if (slot < 0) return 0;
    uint32_t word = shape << SHAPE_SHIFT | (uint32_t)slot;
    field_cache_note(p, word, name);
    return word;
}

static inline uint32_t word_slot(uint32_t word) { return word & ((1u << SHAPE_SHIFT) - 1); }

Value record_get(Process *p, Record *r, Value name, uint32_t *cache) {
    *cache = field_word(p, record_shape(r), name);
    if (*cache) {
        void *holder;
        return *field_address(r, word_slot(*cache), &holder);
    }
    Map *m = record_map(r);
    return m ? map_get(m, name) : V_UNSET;
}

static void store_field(Process *p, Record *r, uint32_t slot, Value value) {
    void *holder;
    Value *at = field_address(r, slot, &holder);
    *at = value;
    heap_barrier(p, holder, at, value);
}

/* MAY_COLLECT RAISES: the overflow array has room for this many fields. */
static bool overflow_reserve(Process *p, Value *record, int64_t needed) {
    if (!elements_reserve(p, record, 0)) return false;
    Elements *e = record_elements(AS(Record, *record));
    int64_t old = e->overflow == V_NONE ? 0 : AS(Array, e->overflow)->length;
    if (needed <= old) return true;
    Value *overflow = root_push(p, e->overflow);
    Value grown = array_resize(p, overflow, old, old ? old * 2 : FIRST_OVERFLOW);
    root_pop(p, 1);
    if (grown == V_UNSET) return false;
    e = record_elements(AS(Record, *record));
    e->overflow = grown;
    heap_barrier(p, e, &e->overflow, grown);
    return true;
}

/* MAY_COLLECT RAISES: add the field that leads to the shape `next`. */
static bool add_field(Process *p, Value *record, uint32_t next, Value *value) {
    const Shape *shape = p->machine->shapes[next];
    uint32_t number = shape->count - 1, inline_slots = shape->inline_slots;
    uint32_t slot = number;
    if (number >= inline_slots) {
        slot = OVERFLOW_SLOT | (number - inline_slots);
        if (!overflow_reserve(p, record, number - inline_slots + 1)) return false;
    }
    Record *r = AS(Record, *record);
    store_field(p, r, slot, *value);
    set_shape(r, next);
    return true;
}

static bool map_has_strings(const Record *r) {
    Map *m = record_map(r);
    return m && header_of(ref(m))->aux & MAP_HAS_STRINGS;
}

/* MAY_COLLECT RAISES: set the field of an interned name; `limit` is the number of shapes from which on no new one is made. */
static bool set_named(Process *p, Value *record, Value name, Value *value, uint32_t *cache, uint32_t limit) {
    Machine *m = p->machine;
    Record *r = AS(Record, *record);
    uint32_t shape = record_shape(r), next = shape_child(m, shape, name);
    *cache = next ? 0 : field_word(p, shape, name);
    if (*cache) {
        store_field(p, r, word_slot(*cache), *value);
        return true;
    }
    if (!map_has_strings(r)) {
        if (!next && m->nshapes < limit) next = shape_add(m, shape, name);
        if (next) return add_field(p, record, next, value);
    }
    Value *key = root_push(p, name);
    bool ok = map_put(p, record, key, value);
    root_pop(p, 1);
    return ok;
}

bool record_set(Process *p, Value *record, Value name, Value *value, uint32_t *cache) {
    return set_named(p, record, name, value, cache, MAX_SHAPES);
}

/* --- computed keys --- */
bool string_fixnum(const String *s, int64_t *out) {
    const uint8_t *at = s->bytes, *end = at + s->length;
    if (s->length == 0 || s->length > 20) return false;     /* the longest fixnum has 19 digits and a sign */
    bool negative = *at == '-';
    at += negative;
    if (at == end || *at < '0' || *at > '9') return false;
    if (*at == '0') { *out = 0; return !negative && at + 1 == end; }
    uint64_t n = 0;
    for (; at < end; at++) {
        if (*at < '0' || *at > '9' || n > UINT64_MAX / 16) return false;
        n = n * 10 + (uint64_t)(*at - '0');
    }
    if (n > (uint64_t)FIXNUM_MAX + negative) return false;
    *out = negative ? -(int64_t)n : (int64_t)n;
    return true;
}

/* MAY_COLLECT RAISES: *key in its canonical form: a fixnum or a flat string. */
static bool canonical_key(Process *p, Value *key) {
    int64_t i;
    if (!is_string(*key) && in_classic(p) && (*key = value_to_string(p, key, true)) == V_UNSET) return false;
    if (is_string(*key)) {
        if (string_flat(p, key) == V_UNSET) return false;
        if (string_fixnum(AS(String, *key), &i)) *key = fixnum(i);
        return true;
    }
    if (is_type(*key, T_INT)) {             /* no fixnum: its decimal form is an ordinary string */
        char text[24];
        *key = string_new(p, text, format_int(int_int(*key), text));
        return *key != V_UNSET;
    }
    return error_raise(p, ERROR_CAST, "a record's key is a string or an int, not %s", type_name(*key, false));
}

/* The interned name equal to this flat string, or unset. */
static Value key_name(Process *p, Value key) {
    if (header_of(key)->aux & STRING_INTERNED) return key;
    String *s = AS(String, key);
    return machine_find_name(p->machine, s->bytes, (size_t)s->length, string_hash(s));
}

static Value get_int(const Record *r, int64_t i, Value key) {
    Elements *e = record_elements(r);
    if (!e) return V_UNSET;
    if ((uint64_t)i < e->count) return e->items[i];
    return e->map == V_NONE ? V_UNSET : map_get(AS(Map, e->map), key);
}

static Value get_string(Process *p, Record *r, Value key) {
    uint32_t cache;
    Value name = p->machine->shapes[record_shape(r)]->count ? key_name(p, key) : V_UNSET;
    if (name != V_UNSET) return record_get(p, r, name, &cache);
    Map *m = record_map(r);
    return m ? map_get(m, key) : V_UNSET;
}

Value record_get_index(Process *p, Value *record, Value *key) {
    if (is_fixnum(*key)) return get_int(AS(Record, *record), fixnum_int(*key), *key);
    Value *canonical = root_push(p, *key), result = V_UNSET;
    if (canonical_key(p, canonical)) {
        Record *r = AS(Record, *record);
        if (is_fixnum(*canonical)) result = get_int(r, fixnum_int(*canonical), *canonical);
        else result = get_string(p, r, *canonical);
    }
    root_pop(p, 1);
    return result;
}

/* Move the ints from `count` to `last`, and those that follow without a gap, from the map to the items; all of [count, last] become
 * items, unset where the map lacks them. MAY_COLLECT RAISES */
static bool extend_items(Process *p, Value *record, int64_t last) {
    for (;;) {
        Elements *e = record_elements(AS(Record, *record));
        int64_t i = e ? e->count : 0;
        Map *m = e && e->map != V_NONE ? AS(Map, e->map) : NULL;
        if (i > last && (!m || map_get(m, fixnum(i)) == V_UNSET)) return true;
        if (i == ITEMS_MAX) return error_raise(p, ERROR_MEMORY, "too many items");
        if (!e || i == e->capacity) {
            if (!elements_reserve(p, record, i < FIRST_ITEMS ? FIRST_ITEMS : i + 1)) return false;
            e = record_elements(AS(Record, *record));
            m = e->map != V_NONE ? AS(Map, e->map) : NULL;
        }
        Value moved = m ? map_delete(m, fixnum(i)) : V_UNSET;
        e->items[e->count++] = moved;
        heap_barrier(p, e, &e->items[i], moved);
        if (m && m->count == 0) e->map = V_NONE;
    }
}

/* MAY_COLLECT RAISES */
static bool set_int(Process *p, Value *record, Value *key, Value *value) {
    int64_t i = fixnum_int(*key);
    Elements *e = record_elements(AS(Record, *record));
    int64_t count = e ? e->count : 0, bound = count + GAP_MAX;
    if (bound < FIRST_ITEMS) bound = FIRST_ITEMS;
    if (i < 0 || i >= bound || i >= ITEMS_MAX) return map_put(p, record, key, value);
    if (i >= count) {
        if (!extend_items(p, record, i)) return false;
        e = record_elements(AS(Record, *record));
    }
    e->items[i] = *value;
    heap_barrier(p, e, &e->items[i], *value);
    return true;
}

bool record_set_index(Process *p, Value *record, Value *key, Value *value) {
    if (is_fixnum(*key)) return set_int(p, record, key, value);
    Value *canonical = root_push(p, *key);
    bool ok = canonical_key(p, canonical);
    if (ok && is_fixnum(*canonical)) ok = set_int(p, record, canonical, value);
    else if (ok) {
        uint32_t cache;
        Value name = key_name(p, *canonical);
        if (name != V_UNSET) ok = set_named(p, record, name, value, &cache, SHAPES_BY_KEY);
        else ok = map_put(p, record, canonical, value);
    }
    root_pop(p, 1);
    return ok;
}

/* --- iteration --- */
enum { STAGE_FIELDS, STAGE_ITEMS, STAGE_MAP, STAGE_END, STAGE_SHIFT = 60 };

static bool next_field(Process *p, Record *r, uint32_t i, Value *key, Value *value) {
    uint32_t shape = record_shape(r), slot;
    void *holder;
    if (i >= p->machine->shapes[shape]->count) return false;
    *key = shape_field(p->machine, shape, i, &slot);
    *value = *field_address(r, slot, &holder);
    return true;
}

static bool next_item(const Elements *e, int64_t *at, Value *key, Value *value) {
    while (e && *at < e->count) {
        int64_t i = (*at)++;
        if (e->items[i] == V_UNSET) continue;
        *key = fixnum(i);
        *value = e->items[i];
        return true;
    }
    return false;
}

bool record_next(Process *p, Value record, uint64_t *state, Value *key, Value *value) {
    Record *r = AS(Record, record);
    uint64_t stage = *state >> STAGE_SHIFT;
    int64_t at = (int64_t)(*state & ((UINT64_C(1) << STAGE_SHIFT) - 1));
    bool found = false;
    for (; stage < STAGE_END; stage++, at = 0) {
        if (stage == STAGE_FIELDS) found = next_field(p, r, (uint32_t)at++, key, value);
        else if (stage == STAGE_ITEMS) found = next_item(record_elements(r), &at, key, value);
        else found = record_map(r) && map_next(record_map(r), &at, key, value);
        if (found) break;
    }
    *state = stage << STAGE_SHIFT | (uint64_t)at;
    return found;
}

uint64_t record_count(Process *p, Value record) {
    Record *r = AS(Record, record);
    uint64_t count = p->machine->shapes[record_shape(r)]->count;
    const Elements *e = record_elements(r);
    for (uint32_t i = 0; e && i < e->count; i++) count += e->items[i] != V_UNSET;
    return count + (record_map(r) ? (uint64_t)record_map(r)->count : 0);
}
