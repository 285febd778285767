/* Sets and their methods. A set is laid out as a map, and map.c keeps it: its members are keys, the values are true.
 *
 * Invariants: as in prim.c; no code of the program runs meanwhile, so no set changes while its members are listed. */
#include "prim.h"
#include "type.h"
#include "runtime_api.h"

static bool need_set(Process *p, Value v) { return need(p, v, T_SET, "a set"); }
static Value *need_member(Process *p, Value *args) { return need_set(p, args[0]) ? map_key(p, &args[0], &args[1]) : NULL; }
static bool need_sets(Process *p, Value *args) { return need_set(p, args[0]) && need_set(p, args[1]); }

Value set_new(Process *p) {
    Value set = map_new(p);
    if (set != V_UNSET) header_of(set)->type = T_SET;
    return set;
}

static bool set_add(Process *p, Value *set, Value *member) {
    Value *present = root_push(p, V_TRUE);
    bool ok = map_set(p, set, member, present);
    root_pop(p, 1);
    return ok;
}

/* *result := *set with what a loop over *items gives. Where methods must be called for that, the library does it. MAY_COLLECT RAISES */
static bool add_items(Process *p, Value *set, Value *items, Value *result) {
    Value all[] = {*set, *items};
    if (is_type(*items, T_OBJECT)) return library_call(p, "add_all", all, 2, result);
    Value *loop = root_push(p, *items);         /* as rt_iternext wants it: iterated, position, item */
    root_push(p, fixnum(0));
    root_push(p, V_NONE);
    int more = 0;
    bool ok = true, asks = false;
    while (ok && !asks && (more = rt_iternext(p, loop)) == 1) {
        asks = key_asks(p, &loop[2], &ok);
        ok = ok && (asks || (container_admit(p, set, 0, &loop[2]) && set_add(p, set, &loop[2])));
        if (ok && p->interrupted) ok = rt_poll(p);      /* a range can be long */
    }
    all[0] = *set;
    all[1] = *items;
    root_pop(p, 3);
    if (asks && ok) return library_call(p, "add_all", all, 2, result);
    return ok && more == 0 && give(result, *set);
}

bool prim_Set(Process *p, Value *args, Value *result) {
    const Type *type = primitive_type(p, KIND_SET);
    if (!type) return error_raise(p, ERROR_MEMORY, "out of memory");
    Value *made = root_push(p, container_reify(set_new(p), type));
    bool ok = *made != V_UNSET && (args[0] == V_UNSET ? give(result, *made) : add_items(p, made, &args[0], result));
    root_pop(p, 1);
    return ok;
}

bool prim_set_add(Process *p, Value *args, Value *result) {
    Value *member = need_member(p, args);
    if (!member || !container_admit(p, &args[0], 0, &args[1])) return false;
    bool known = map_get(AS(Map, args[0]), *member) != V_UNSET;
    return (known || set_add(p, &args[0], member)) && give(result, boolean(!known));
}

bool prim_set_has(Process *p, Value *args, Value *result) {
    const Value *member = need_member(p, args);
    return member && give(result, boolean(map_get(AS(Map, args[0]), *member) != V_UNSET));
}

bool prim_set_remove(Process *p, Value *args, Value *result) {
    const Value *member = need_member(p, args);
    return member && give(result, boolean(map_delete(AS(Map, args[0]), *member) != V_UNSET));
}

bool prim_set_clear(Process *p, Value *args, Value *result) {
    if (!need_set(p, args[0])) return false;
    map_clear(p, AS(Map, args[0]));
    return give(result, V_NONE);
}

/* MAY_COLLECT RAISES: the members of *set that are (`wanted`), or are not, in *other; all without `other`. A set of the same type. */
static Value chosen(Process *p, Value *set, Value *other, bool wanted) {
    Value *made = root_push(p, container_reify(set_new(p), value_type(p->machine, *set))), *member = root_push(p, V_NONE), present;
    bool ok = *made != V_UNSET;
    for (int64_t at = 0; ok && map_next_pair(AS(Map, *set), &at, member, &present);)
        if (!other || (map_get(AS(Map, *other), *member) != V_UNSET) == wanted) ok = set_add(p, made, member);
    Value v = ok ? *made : V_UNSET;
    root_pop(p, 2);
    return v;
}

bool prim_set_copy(Process *p, Value *args, Value *result) {
    return need_set(p, args[0]) && give(result, chosen(p, &args[0], NULL, true));
}
/* Must methods tell whether members of one are members of the other? A plain key equals no own key. */
static bool sets_ask(const Value *args) { return has_own_keys(args[0]) && has_own_keys(args[1]); }

bool prim_set_intersect(Process *p, Value *args, Value *result) {
    if (!need_sets(p, args)) return false;
    if (sets_ask(args)) return library_call(p, "intersect", args, 2, result);
    return give(result, chosen(p, &args[0], &args[1], true));
}
bool prim_set_difference(Process *p, Value *args, Value *result) {
    if (!need_sets(p, args)) return false;
    if (sets_ask(args)) return library_call(p, "difference", args, 2, result);
    return give(result, chosen(p, &args[0], &args[1], false));
}

bool prim_set_union(Process *p, Value *args, Value *result) {
    if (!need_sets(p, args)) return false;
    Value *made = root_push(p, chosen(p, &args[0], NULL, true));
    bool ok = *made != V_UNSET && add_items(p, made, &args[1], result);
    root_pop(p, 1);
    return ok;
}

bool prim_set_is_subset(Process *p, Value *args, Value *result) {
    if (!need_sets(p, args)) return false;
    if (sets_ask(args)) return library_call(p, "is_subset", args, 2, result);
    Value member, present;
    bool inside = true;
    for (int64_t at = 0; inside && map_next_pair(AS(Map, args[0]), &at, &member, &present);) inside = map_get(AS(Map, args[1]), member) != V_UNSET;
    return give(result, boolean(inside));
}

bool prim_set_to_list(Process *p, Value *args, Value *result) {
    if (!need_set(p, args[0])) return false;
    Value *made = root_push(p, list_new(p, NULL, 0)), *member = root_push(p, V_NONE), present;
    bool ok = *made != V_UNSET && list_reserve(p, made, AS(Map, args[0])->count);
    for (int64_t at = 0; ok && map_next(AS(Map, args[0]), &at, member, &present);) ok = list_push(p, made, member);
    const Type *type = header_of(args[0])->id ? type_of_list(p->machine, value_type_argument(p->machine, args[0], 0)) : NULL;
    Value v = ok ? *made : V_UNSET;
    root_pop(p, 2);
    return give(result, type ? container_reify(v, type) : v);
}
