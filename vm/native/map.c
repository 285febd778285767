/* Ordered hash map. Keys are immutable values, compared as by `==`: 1 and 1.0 are one key.
 *
 * Invariants: `entries` holds room for `capacity` pairs, of which `used` are taken in insertion order; a deleted pair's key is
 * unset, and `count` pairs are alive. `index` has twice as many places as there is room for pairs, a power of two, open
 * addressing, never full. A place is 0 when free, otherwise `hash & ~mask | number of the pair + 1`: the place itself shows the
 * hash's low bits, so nearly every probe that reads a pair finds its key there. Places of deleted pairs stay until the next rehash. */
#include "runtime.h"
#include "class.h"

enum { MAP_FIRST = 4 };                 /* pairs */
#define MAP_MAX (INT64_C(1) << 30)      /* pairs: their numbers must fit an index word */

/* Sixteen ints in a row get neighbouring places: one cache line of the index serves them all. */
static inline uint32_t fixnum_hash(Value key) {
    uint64_t i = key >> FIXNUM_SHIFT;
    unsigned __int128 product = (unsigned __int128)(i >> 4 ^ hash_seed) * UINT64_C(0x9E3779B97F4A7C15);
    return (uint32_t)(product >> 64) ^ (uint32_t)(product >> 32) ^ (uint32_t)i;
}

/* --- keys other than fixnums and strings --- */
enum { KEY_PARTS = 1000 };              /* of a tuple or enum value, those of its parts included: hashing one takes bounded time and depth */

/* The flat string behind a string that was flattened once. */
static String *flat_string(Value v) { return AS(String, type_of(v) == T_ROPE ? AS(Rope, v)->left : v); }

/* Equal numbers of different kinds hash alike. */
static uint32_t number_hash(Value key) {
    int64_t i;
    if (number_int(key, &i)) return fits_fixnum(i) ? fixnum_hash(fixnum(i)) : hash_bytes(&i, sizeof i);
    if (is_bigint(key)) return bigint_hash(key);
    double d = float_double(key);
    return hash_bytes(&d, sizeof d);
}

/* Looks at no more than *left parts: an enum value whose field was set after it became a key may hold itself. */
static uint32_t parts_hash(Value key, int *left) {
    if (is_fixnum(key)) return fixnum_hash(key);
    if (is_string(key)) return string_hash(flat_string(key));
    if (is_number(key)) return number_hash(key);
    if (is_type(key, T_BYTES)) return hash_bytes(AS(Bytes, key)->bytes, (size_t)AS(Bytes, key)->length);
    int64_t count;
    const Value *parts = structure_parts(key, &count);
    if (!parts) return hash_bytes(&key, sizeof key);
    uint32_t hash = (uint32_t)count + structure_kind(key) * 31;
    for (int64_t i = 0; i < count && (*left)-- > 0; i++) {
        uint32_t pair[2] = {hash, parts_hash(parts[i], left)};
        hash = hash_bytes(pair, sizeof pair);
    }
    return hash;
}

static uint32_t other_hash(Value key) {
    int left = KEY_PARTS;
    return parts_hash(key, &left);
}

static bool other_equal(Value a, Value b) {
    if (is_number(a) && is_number(b)) return order_numbers(a, b) == 0;
    if (a == b) return true;
    if (is_string(a) && is_string(b)) return string_equal_flat(flat_string(a), flat_string(b));
    if (is_type(a, T_BYTES) && is_type(b, T_BYTES)) return bytes_compare(a, b) == 0;
    int64_t n, m;
    const Value *left = structure_parts(a, &n), *right = left ? structure_parts(b, &m) : NULL;
    if (!right || n != m || !same_structure(a, b)) return false;
    for (int64_t i = 0; i < n; i++)
        if (!other_equal(left[i], right[i])) return false;
    return true;
}

/* MAY_COLLECT RAISES: can *key (a root) be a key? Counts the parts that may still come in *left, and flattens strings. */
static bool fit_key(Process *p, Value *key, int *left, int depth) {
    enum { KEY_DEPTH = 50 };        /* each holds a root */
    if (is_string(*key)) return string_flat(p, key) != V_UNSET;
    if (*key == V_UNSET) return error_raise(p, ERROR_RUNTIME, "damaged program: a map's key is unset");
    if (is_float(*key) && float_double(*key) != float_double(*key)) return error_raise(p, ERROR_VALUE, "nan cannot be a map's key");
    if (!is_ref(*key) || is_number(*key) || is_type(*key, T_BYTES) || is_type(*key, T_TYPE)) return true;     /* a type is immortal */
    int64_t count;
    if (!structure_parts(*key, &count)) return error_raise(p, ERROR_CAST, "%s cannot be a map's key or a set's member", type_name(*key, false));
    if (count > *left || depth == KEY_DEPTH) return error_raise(p, ERROR_VALUE, "the map's key has too many parts");
    *left -= (int)count;
    Value *part = root_push(p, V_NONE);
    bool ok = true;
    for (int64_t i = 0; ok && i < count; i++) {
        *part = structure_parts(*key, &count)[i];
        ok = fit_key(p, part, left, depth + 1);
    }
    root_pop(p, 1);
    return ok;
}

bool map_key(Process *p, Value *key) {
    int left = KEY_PARTS;
    if (is_fixnum(*key)) return true;
    return fit_key(p, key, &left, 0);
}

/* --- the table --- */

static inline uint32_t key_hash(Value key) {
    if (is_fixnum(key)) return fixnum_hash(key);
    return is_type(key, T_STRING) ? string_hash(AS(String, key)) : other_hash(key);
}

static inline bool key_equal(Value a, Value b) {
    if (a == b) return true;
    if (is_type(a, T_STRING) && is_type(b, T_STRING)) return string_equal_flat(AS(String, a), AS(String, b));
    return !(is_fixnum(a) && is_fixnum(b)) && other_equal(a, b);
}

static inline int64_t map_capacity(const Map *m) { return AS(Array, m->entries)->length / 2; }
static inline uint32_t *map_index(const Map *m) { return (uint32_t *)AS(Bytes, m->index)->bytes; }
static inline uint32_t map_mask(const Map *m) { return (uint32_t)(AS(Bytes, m->index)->length / 4) - 1; }

/* Number of the pair with this key, or -1. */
static int64_t map_find(const Map *m, Value key) {
    if (m->count == 0) return -1;
    const Value *entries = AS(Array, m->entries)->items;
    const uint32_t *index = map_index(m);
    uint32_t mask = map_mask(m), hash = key_hash(key);
    for (uint32_t at = hash & mask; index[at]; at = (at + 1) & mask) {
        int64_t pair = (int64_t)(index[at] & mask) - 1;
        if (((index[at] ^ hash) & ~mask) == 0 && key_equal(entries[2 * pair], key)) return pair;
    }
    return -1;
}

static void index_add(uint32_t *index, uint32_t mask, uint32_t hash, int64_t pair) {
    uint32_t at = hash & mask;
    while (index[at]) at = (at + 1) & mask;
    index[at] = (hash & ~mask) | (uint32_t)(pair + 1);
}

/* Copy the living pairs to the fresh arrays and index them. */
static void rehash(Map *m, Array *entries, Bytes *index) {
    uint32_t *places = (uint32_t *)index->bytes, mask = (uint32_t)(index->length / 4) - 1;
    memset(places, 0, (size_t)index->length);
    const Value *from = m->used ? AS(Array, m->entries)->items : NULL;
    int64_t kept = 0;
    for (int64_t i = 0; i < m->used; i++) {
        if (from[2 * i] == V_UNSET) continue;
        entries->items[2 * kept] = from[2 * i];
        entries->items[2 * kept + 1] = from[2 * i + 1];
        index_add(places, mask, key_hash(from[2 * i]), kept++);
    }
    m->used = kept;
}

/* MAY_COLLECT RAISES: make room for a pair, forgetting deleted ones. Twice the pairs alive, so that a rehash costs a constant for
 * each pair added since the last. */
static bool map_grow(Process *p, Value *map) {
    int64_t capacity = MAP_FIRST;
    while (capacity < AS(Map, *map)->count + AS(Map, *map)->count / 2 + 1) capacity *= 2;
    if (capacity > MAP_MAX) return error_raise(p, ERROR_MEMORY, "too many fields");
    int64_t bytes = capacity * 2 * 4;
    Bytes *index = heap_new(p, sizeof(Bytes) + (size_t)bytes, HEADER(T_BYTES, 0, 0, 0));
    if (!index) return false;
    index->length = bytes;
    Value *kept = root_push(p, ref(index));
    Value entries = array_new(p, capacity * 2);     /* the last allocation, so that filling it needs no barriers */
    if (entries != V_UNSET) {
        Map *m = AS(Map, *map);
        rehash(m, AS(Array, entries), AS(Bytes, *kept));
        m->entries = entries;
        m->index = *kept;
        heap_barrier(p, m, &m->entries, m->entries);
        heap_barrier(p, m, &m->index, m->index);
    }
    root_pop(p, 1);
    return entries != V_UNSET;
}

/* Loops over the map notice that keys were added or removed. */
static inline void changed(Map *m) { m->changes = (m->changes + 1) & 0x3FFFFFFF; }

void map_clear(Process *p, Map *m) {
    changed(m);
    m->count = m->used = 0;
    m->entries = p->machine->empty_array;
    m->index = V_NONE;
}

Value map_new(Process *p) {
    Map *m = heap_new(p, sizeof(Map), HEADER(T_MAP, 0, 0, 0));
    if (!m) return V_UNSET;
    m->changes = 0;
    map_clear(p, m);
    return ref(m);
}

Value map_get(Map *m, Value key) {
    int64_t pair = map_find(m, key);
    return pair < 0 ? V_UNSET : AS(Array, m->entries)->items[2 * pair + 1];
}

bool map_replace(Process *p, Map *m, Value key, Value value) {
    int64_t pair = map_find(m, key);
    if (pair < 0) return false;
    Array *entries = AS(Array, m->entries);
    Value *slot = &entries->items[2 * pair + 1];
    *slot = value;
    heap_barrier(p, entries, slot, value);
    return true;
}

bool map_set(Process *p, Value *map, Value *key, Value *value) {
    Map *m = AS(Map, *map);
    if (map_replace(p, m, *key, *value)) return true;
    if (m->used == map_capacity(m) && !map_grow(p, map)) return false;
    m = AS(Map, *map);
    Array *entries = AS(Array, m->entries);
    Value *slot = &entries->items[2 * m->used];
    slot[0] = *key;
    slot[1] = *value;
    heap_barrier(p, entries, slot, *key);
    heap_barrier(p, entries, slot + 1, *value);
    index_add(map_index(m), map_mask(m), key_hash(*key), m->used++);
    m->count++;
    changed(m);
    return true;
}

Value map_delete(Map *m, Value key) {
    int64_t pair = map_find(m, key);
    if (pair < 0) return V_UNSET;
    Value *slot = &AS(Array, m->entries)->items[2 * pair], value = slot[1];
    slot[0] = slot[1] = V_UNSET;
    m->count--;
    changed(m);
    return value;
}

bool map_next(Map *m, int64_t *at, Value *key, Value *value) {
    while (*at < m->used) {
        const Value *pair = &AS(Array, m->entries)->items[2 * (*at)++];
        if (pair[0] == V_UNSET) continue;
        *key = pair[0];
        *value = pair[1];
        return true;
    }
    return false;
}
