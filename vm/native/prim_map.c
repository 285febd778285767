/* The methods of maps.
 *
 * Invariants: as in prim.c; no code of the program runs meanwhile, so a map does not change while its pairs are listed. */
#include "prim.h"
#include "type.h"
#include "runtime_api.h"

/* The key that args[1] is in the map args[0]; NULL: an error, or a method was entered. */
static Value *need_key(Process *p, Value *args) { return need_map(p, args[0]) ? map_key(p, &args[0], &args[1]) : NULL; }

bool prim_Map(Process *p, Value *args, Value *result) {
    (void)args;
    const Type *type = primitive_type(p, KIND_MAP);
    return type ? give(result, container_reify(map_new(p), type)) : error_raise(p, ERROR_MEMORY, "out of memory");
}

bool prim_map_get(Process *p, Value *args, Value *result) {
    const Value *key = need_key(p, args);
    if (!key) return false;
    Value v = map_get(AS(Map, args[0]), *key);
    if (v == V_UNSET) v = args[2] == V_UNSET ? V_NONE : args[2];
    return give(result, v);
}

bool prim_map_has(Process *p, Value *args, Value *result) {
    const Value *key = need_key(p, args);
    return key && give(result, boolean(map_get(AS(Map, args[0]), *key) != V_UNSET));
}

bool prim_map_remove(Process *p, Value *args, Value *result) {
    const Value *key = need_key(p, args);
    if (!key) return false;
    Value v = map_delete(AS(Map, args[0]), *key);
    return give(result, v == V_UNSET ? V_NONE : v);
}

bool prim_map_clear(Process *p, Value *args, Value *result) {
    if (!need_map(p, args[0])) return false;
    map_clear(p, AS(Map, args[0]));
    return give(result, V_NONE);
}

bool prim_map_copy(Process *p, Value *args, Value *result) {
    if (!need_map(p, args[0])) return false;
    Value *made = root_push(p, map_new(p)), *pair = root_push(p, V_NONE);
    root_push(p, V_NONE);
    bool ok = *made != V_UNSET;
    for (int64_t at = 0; ok && map_next_pair(AS(Map, args[0]), &at, &pair[0], &pair[1]);) ok = map_set(p, made, &pair[0], &pair[1]);
    Value v = ok ? *made : V_UNSET;
    root_pop(p, 3);
    return give(result, container_reify(v, value_type(p->machine, args[0])));
}

enum Part { KEYS, VALUES, ENTRIES };

/* The type of the list of these parts; NULL: no memory. */
static const Type *part_list(Machine *m, Value map, enum Part part) {
    const Type *pair[] = {value_type_argument(m, map, 0), value_type_argument(m, map, 1)};
    if (!header_of(map)->id) return m->simple_types[KIND_LIST];
    const Type *item = part == ENTRIES ? type_make(m, &(TypeParts){.kind = KIND_TUPLE, .nargs = 2, .args = pair}) : pair[part];
    return item ? type_of_list(m, item) : NULL;
}

/* MAY_COLLECT RAISES: a list of this part of each pair. */
static bool list_pairs(Process *p, Value *args, Value *result, enum Part part) {
    if (!need_map(p, args[0])) return false;
    Value *made = root_push(p, list_new(p, NULL, 0)), *pair = root_push(p, V_NONE);
    root_push(p, V_NONE);
    Value *item = root_push(p, V_NONE);
    const Type *type = part_list(p->machine, args[0], part);
    bool ok = *made != V_UNSET && type && list_reserve(p, made, AS(Map, args[0])->count);
    for (int64_t at = 0; ok && map_next(AS(Map, args[0]), &at, &pair[0], &pair[1]);) {
        if (part == ENTRIES) ok = rt_tuple(p, item, pair, 2);
        else *item = pair[part];
        ok = ok && list_push(p, made, item);
    }
    Value v = ok ? *made : V_UNSET;
    root_pop(p, 4);
    return type ? give(result, container_reify(v, type)) : error_raise(p, ERROR_MEMORY, "out of memory");
}

bool prim_map_keys(Process *p, Value *args, Value *result) { return list_pairs(p, args, result, KEYS); }
bool prim_map_values(Process *p, Value *args, Value *result) { return list_pairs(p, args, result, VALUES); }
bool prim_map_entries(Process *p, Value *args, Value *result) { return list_pairs(p, args, result, ENTRIES); }
