/* Ordered hash map. Keys are those of keys.c, compared as by `==`: 1 and 1.0 are one key.
 *
 * Invariants: `entries` holds room for `capacity` pairs, of which `used` are taken in insertion order; a deleted pair's key is
 * unset, and `count` pairs are alive. `index` has twice as many places as there is room for pairs, a power of two, open
 * addressing, never full. A place is 0 when free, otherwise `hash & ~mask | number of the pair + 1`: the place itself shows the
 * hash's low bits, so nearly every probe that reads a pair finds its key there. Places of deleted pairs stay until the next rehash. */
#include "runtime.h"
#include "class.h"

enum { MAP_FIRST = 4 };                 /* pairs */
#define MAP_MAX (INT64_C(1) << 30)      /* pairs: their numbers must fit an index word */

static inline uint32_t key_hash(Value key) {
    if (is_fixnum(key)) return fixnum_hash(key);
    return is_type(key, T_STRING) ? string_hash(AS(String, key)) : key_hash_slow(key);
}

static inline bool key_equal(Value a, Value b) {
    if (a == b) return true;
    if (is_type(a, T_STRING) && is_type(b, T_STRING)) return string_equal_flat(AS(String, a), AS(String, b));
    return !(is_fixnum(a) && is_fixnum(b)) && key_equal_slow(a, b);
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

int64_t map_probe(const Map *m, uint32_t hash, uint32_t *at) {
    if (m->count == 0) return -1;
    const uint32_t *index = map_index(m);
    uint32_t mask = map_mask(m), place;
    do place = index[(hash + (*at)++) & mask];
    while (place && ((place ^ hash) & ~mask) != 0);
    return place ? (int64_t)(place & mask) - 1 : -1;
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
    if (is_own_key(*key)) ((Header *)m)->aux |= MAP_HAS_OWN_KEYS;
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

bool map_next_pair(Map *m, int64_t *at, Value *key, Value *value) {
    while (*at < m->used) {
        const Value *pair = &AS(Array, m->entries)->items[2 * (*at)++];
        if (pair[0] == V_UNSET) continue;
        *key = pair[0];
        *value = pair[1];
        return true;
    }
    return false;
}

bool map_next(Map *m, int64_t *at, Value *key, Value *value) {
    if (!map_next_pair(m, at, key, value)) return false;
    *key = key_value(*key);
    return true;
}
