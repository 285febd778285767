"""Every native entry point that generated code calls: signature and effects, once.

In:  nothing. Out: `ENTRIES`, `NATIVE` (those that only native code calls); the C prototypes (`c_header()`), LLVM declarations and the rules for saving state come from it.
Holds: generated code stores `pc` and `fp` in the process before calling an entry with any effect; after `moves_stack` it
reads both (and `rfp`) back. `Value *` parameters are registers, which are roots.

Results: "ok" false means an error was raised: generated code goes to the unwinder. "truth" 0 false, 1 true, 2 raised. Native code, which
has no unwinder, calls `rt_resume` then. "value": V_UNSET means raised.
"""
from typing import NamedTuple


class Entry(NamedTuple):
    name: str
    result: str         # ok, truth, value, void
    params: tuple       # of C types, after the leading Process *
    effects: frozenset  # throw, gc, moves_stack
    doc: str


_TABLE = """
rt_add          | ok    | Value* Value* Value*      | throw gc | dst := a + b for all operands that `add` takes
rt_sub          | ok    | Value* Value* Value*      | throw gc | dst := a - b
rt_mul          | ok    | Value* Value* Value*      | throw gc | dst := a * b
rt_div          | ok    | Value* Value* Value*      | throw gc | dst := a / b
rt_mod          | ok    | Value* Value* Value*      | throw gc | dst := a % b
rt_neg          | ok    | Value* Value*             | throw gc | dst := -a
rt_addi         | ok    | Value* Value* i64         | throw gc | dst := a + i
rt_subi         | ok    | Value* Value* i64         | throw gc | dst := a - i
rt_muli         | ok    | Value* Value* i64         | throw gc | dst := a * i
rt_divi         | ok    | Value* Value* i64         | throw gc | dst := a / i
rt_modi         | ok    | Value* Value* i64         | throw gc | dst := a % i
rt_addk         | ok    | Value* Value* Value       | throw gc | dst := a + k
rt_subk         | ok    | Value* Value* Value       | throw gc | dst := a - k
rt_mulk         | ok    | Value* Value* Value       | throw gc | dst := a * k
rt_divk         | ok    | Value* Value* Value       | throw gc | dst := a / k
rt_addw         | ok    | Value* Value* Value*      | throw gc | dst := a +% b
rt_subw         | ok    | Value* Value* Value*      | throw gc | dst := a -% b
rt_mulw         | ok    | Value* Value* Value*      | throw gc | dst := a *% b
rt_bitand       | ok    | Value* Value* Value*      | throw gc | dst := a & b
rt_bitor        | ok    | Value* Value* Value*      | throw gc | dst := a | b
rt_bitxor       | ok    | Value* Value* Value*      | throw gc | dst := a ^ b
rt_shl          | ok    | Value* Value* Value*      | throw gc | dst := a << b
rt_shr          | ok    | Value* Value* Value*      | throw gc | dst := a >> b
rt_bitnot       | ok    | Value* Value*             | throw gc | dst := ~a
rt_add32        | ok    | Value* Value* Value*      | throw gc | classic a + b
rt_sub32        | ok    | Value* Value* Value*      | throw gc | classic a - b
rt_mul32        | ok    | Value* Value* Value*      | throw gc | classic a * b
rt_div32        | ok    | Value* Value* Value*      | throw gc | classic a / b
rt_add32i       | ok    | Value* Value* i64         | throw gc | classic a + i
rt_sub32i       | ok    | Value* Value* i64         | throw gc | classic a - i
rt_neg32        | ok    | Value* Value*             | throw gc | classic -a
rt_not_bool     | ok    | Value                     | throw gc | raise: v is not a bool
rt_lt           | truth | Value* Value*             | throw gc | a < b
rt_le           | truth | Value* Value*             | throw gc | a <= b
rt_eq           | truth | Value* Value*             | throw gc | a == b
rt_lti          | truth | Value* i64                | throw gc | a < i
rt_lei          | truth | Value* i64                | throw gc | a <= i
rt_gti          | truth | Value* i64                | throw gc | a > i
rt_gei          | truth | Value* i64                | throw gc | a >= i
rt_eqi          | truth | Value* i64                | throw gc | a == i for an a that is no fixnum
rt_unset        | ok    | Value                     | throw gc | raise: the variable called v was never assigned
rt_unset_global | ok    | u32                       | throw gc | raise: global g was never assigned
rt_newcell      | ok    | Value* Value*             | throw gc | dst := a cell holding a
rt_not_cell     | ok    |                           | throw gc | raise: a register that must hold a cell does not
rt_closure      | ok    | Value* Value              | throw gc | dst := a closure of the function constant f
rt_builtin      | ok    | Value* u32                |          | dst := the function value of primitive p
rt_box_int      | ok    | Value* i64                | throw gc | dst := the int i
rt_box_float    | ok    | Value* f64                | throw gc | dst := the float d
rt_unbox_int    | ok    | Value* i64*               | throw gc | dst := the int a
rt_unbox_float  | ok    | Value* i64*               | throw gc | dst := the float a, as its bits
rt_unbox_bool   | ok    | Value* i64*               | throw gc | raise: a is not a bool
rt_overflow     | ok    |                           | throw gc | raise: int overflow
rt_shift_count  | ok    | i64                       | throw gc | raise: no count of a shift
rt_div_int      | ok    | i64* i64 i64              | throw gc | dst := a / b on raw ints, checked
rt_mod_int      | ok    | i64* i64 i64              | throw gc | dst := a % b on raw ints, checked
rt_record       | ok    | Value* Value* u64         | throw gc | dst := a record with this header word, fields from src
rt_getfield     | ok    | Value* Value* Value u32*  | throw gc | dst := a.name; fills the site's cache
rt_setfield     | ok    | Value* Value* Value u32*  | throw gc | a.name := b; fills the site's cache
rt_getindex     | ok    | Value* Value* Value*      | throw gc | dst := a[b]
rt_setindex     | ok    | Value* Value* Value*      | throw gc | a[b] := c
rt_list         | ok    | Value* Value* u32         | throw gc | dst := a list of n registers from src
rt_tuple        | ok    | Value* Value* u32         | throw gc | dst := a tuple of n registers from src
rt_map          | ok    | Value* Value* u32         | throw gc | dst := a map of n pairs of registers from src
rt_object       | ok    | Value* Value* Value       | throw gc | dst := an instance of a class, fields from src, or None where src is null
rt_is           | truth | Value Value               |          | whether v is of the type
rt_cast         | ok    | Value* Value* Value Value | throw gc | dst := a, converted; raises unless it is of the type, naming the place
rt_checkint     | ok    | Value* Value              | throw gc | raise: a is no int, naming the place; nothing for ints and unset
rt_getslot      | ok    | Value* Value* i64         | throw gc | dst := field number i of a
rt_setslot      | ok    | Value* i64 Value*         | throw gc | field number i of a := b
rt_float_slot   | ok    | i64* Value* i64           | throw gc | dst := field number i of a, a number, as a float's bits
rt_set_float_slot | ok  | Value* i64 f64            | throw gc | field number i of a := d
rt_float_item   | ok    | i64* Value* Value*        | throw gc | dst := a[b], a number, as a float's bits
rt_isr          | truth | Value Value               | throw gc | whether v is of the type with this number
rt_castr        | ok    | Value* Value* Value Value | throw gc | as rt_cast, the type by number
rt_reify        | ok    | Value* Value              | throw gc | give a new container or instance this type
rt_gather       | ok    | Value* Value Value        | throw gc | give a new list this type and convert its items; raises unless they fit, naming the place
rt_reifyr       | ok    | Value* Value              | throw gc | as rt_reify, the type by number
rt_gettype      | ok    | Value* Value* Value       | throw gc | dst := number of a type resolved by the type arguments a
rt_bindtypes    | ok    | Value*                    | throw gc | dst := number of the type arguments of this frame's call
rt_jointypes    | ok    | Value* Value* u32         | throw gc | dst := number of the first n type arguments of a, then those of dst
rt_setitem      | ok    | Value* Value* Value*      | throw gc | a[b] := c, c being of the right type
rt_not_slot     | ok    | Value* i64                | throw gc | raise: a has no field of this number
rt_append       | ok    | Value* Value*             | throw gc | append b to the list a
rt_tostring     | ok    | Value* Value*             | throw gc | dst := the printed form of a
rt_iternext     | truth | Value*                    | throw gc | advance the iteration in slots[0..2]; false at the end, or where the program calls has_next and next itself
rt_iterpair     | truth | Value*                    | throw gc | the same in slots[0..3] for a pair; false with slots[3] unset for another item, in slots[2]
rt_forprep      | truth | Value* i64                | throw gc | prepare the range in slots[0..1], whose limit may be inclusive; false: empty
rt_forloop      | truth | Value*                    | throw gc | the next int of the range in slots[0..1]; false at the end
rt_call         | ok    | Value* u32 u32 u32* u32   | throw gc moves_stack | enter the call of window `base` with n arguments, raw delta, return address; skip the checks?
rt_invoke       | ok    | Value* u32 u32 Value u32* u32 | throw gc moves_stack | enter the method call of window `base`, raw delta, return address (its cache is the word before); skip the checks? (2: and it has no cache)
rt_return       | ok    | Value                     | throw gc moves_stack | return v from a frame whose link word is marked
rt_prim         | ok    | Value* Value* u32         | throw gc moves_stack | dst := primitive p of the registers from src
rt_extern       | ok    | Value* Value* Value       | throw gc moves_stack | dst := the C function e of the registers from src
rt_throw        | ok    | Value*                    | throw gc | raise a
rt_unwind       | void  |                           | gc moves_stack | find the handler of the raised error; sets pc, fp, rfp
rt_poll         | ok    |                           | throw gc moves_stack | act on what set `poll`
heap_barrier_slow | void | void* Value* Value       |          | see heap.h
"""

# What stands in for the unwinder and for dispatch in native code (native.c). pc is the instruction's word, behind a prefix.
_NATIVE = """
rt_resume       | truth | | throw gc | what came of the entry that gave false or 2: 0, 1 the answer of the method it had to call, 1 the result is in its place, 2 raised, 3 execute the entry again
rt_enter        | value | Value* Value* | throw gc | rt_call or rt_invoke gave true for a frame's window: the result of that call
rt_stack        | ok    | Value* i64 | throw | in a prologue: make room for this frame, whose closure is there, of so many words, on both stacks, where it does not lie below stack_limit or native_limit is reached; collects only when it raises
rt_passed       | void  | Function* u32 | | the error passes the instruction at this word of the function, also where it is caught
rt_not_container | ok | Value* i64 | throw gc | raise: this is not the container that a promise says
rt_caught       | value | Value* | gc | at a handler in this frame: the error, which is none any more; unset: it is not to be caught
"""

_C = {"Function*": "const Function *", "Value*": "Value *", "i64*": "int64_t *", "u32*": "const uint32_t *", "void*": "void *", "Value": "Value", "i64": "int64_t",
      "u64": "uint64_t", "u32": "uint32_t", "f64": "double"}
_C_RESULT = {"ok": "bool", "truth": "int", "value": "Value", "void": "void"}


def _row(line):
    name, result, params, effects, doc = (part.strip() for part in line.split("|", 4))
    return Entry(name, result, tuple(params.split()), frozenset(effects.split()), doc)


def _entries(table):
    return {entry.name: entry for entry in map(_row, table.strip().splitlines())}


ENTRIES, NATIVE = _entries(_TABLE), _entries(_NATIVE)


def c_header():
    """The text of `runtime_api.h`: prototypes that the C files are checked against."""
    def prototype(e):
        params = ", ".join(["Process *p"] + [_C[t] for t in e.params])
        return f"/* {e.doc} */\n{_C_RESULT[e.result]} {e.name}({params});"
    body = "\n".join(prototype(e) for e in (ENTRIES | NATIVE).values())
    return f"/* Generated from vm/runtime_api.py. */\n#ifndef MYNA_RUNTIME_API_H\n#define MYNA_RUNTIME_API_H\n#include \"process.h\"\n{body}\n#endif\n"
