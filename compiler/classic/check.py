"""Checks stack bytecode: nothing malformed reaches the translator.

In:  a `StackFunction` tree and its Source. Out: `Flow` for each function, or CompileError with the first mistake of each
function. Holds: every index is in range, also in code that is never reached; every label stands in one place; in reachable
code the operand stack never underflows, holds the kinds that each instruction needs, and is the same at every join;
only the main function can end without `return`.
"""
from ..diagnostics import CompileError
from .stack_code import FUNCTION, INSTRUCTIONS, REFERENCE, VALUE, diagnostic

MAX_ERRORS = 20         # reported in one run; a broken generator makes the same mistake everywhere
MAX_JOIN = 64           # entries on the operand stack where code joins: bounds the work of comparing them


class Flow:
    """What the checker found out about one function.

    `reached[i]` is 1 if instruction i can run (one more entry for the end). `joins` maps the index of each label that is
    jumped to to the operand stack there, a list of (kind, number) with the number of a reference or function. `callees`
    has the indexes of the instructions that push what a `call` calls.
    """
    __slots__ = ("reached", "joins", "callees")

    def __init__(self, size):
        self.reached = bytearray(size + 1)
        self.joins = {}
        self.callees = set()


class _Mistake(Exception):
    """A code, a message and the index of an instruction."""


def check(main, source):
    """Flow of each function in the tree that starts at `main`, by StackFunction."""
    flows, mistakes, pending = {}, [], [main]
    while pending:
        function = pending.pop()
        pending += [f for i, f in reversed(list(enumerate(function.functions))) if not function.primitive(i)]
        try:
            _check_tables(function, source)
            _check_indexes(function)
            flows[function] = _Walk(function).flow()
        except _Mistake as mistake:
            code, message, index = mistake.args
            name = function.code[index][0]
            mistakes.append(diagnostic(source, code, message, function.positions[index], len(name)))
        except CompileError as error:
            mistakes += error.diagnostics
        if len(mistakes) >= MAX_ERRORS:
            break
    if mistakes:
        raise CompileError(sorted(mistakes, key=lambda d: d.pos))
    return flows


def _check_tables(function, source):
    """Labels and the counts of the function's head. Fills `places`."""
    def fail(code, message, pos):
        raise CompileError([diagnostic(source, code, message, pos)])
    if function.parameter_count > len(function.local_vars):
        fail("E0522", f"{function.parameter_count} parameters, but local_vars has only {len(function.local_vars)} names", function.pos)
    if function.is_main and (function.parameter_count or function.free_vars):
        fail("E0521", "the main function has no parameters and captures nothing", function.pos)
    if not function.code and not function.is_main:
        fail("E0526", "a function without instructions (only functions 0 to 2 of the main function may be empty)", function.pos)
    places = function.places
    for index, (name, number) in enumerate(function.code):
        if name == "label":
            if number in places:
                raise _Mistake("E0523", f"label {number} stands in two places", index)
            places[number] = index
    for number, index, pos in function.labels:
        if places.get(number) != index:
            fail("E0523", f"the instruction at index {index} is not `label {number}`", pos)


def _check_indexes(function):
    """The number of every instruction, reachable or not."""
    references = function.local_ref_vars + function.free_vars
    sizes = {"constant": len(function.constants), "function": len(function.functions), "local": len(function.local_vars),
             "name": len(function.names), "reference": len(references), "count": 1 << 32}
    limits = {name: (row.operand, sizes.get(row.operand)) for name, row in INSTRUCTIONS.items() if row.operand}
    for index, (name, number) in enumerate(function.code):
        if number is None:
            continue
        what, limit = limits[name]
        if limit is None:
            if number not in function.places:
                raise _Mistake("E0523", f"label {number} stands nowhere", index)
        elif number >= limit:
            raise _Mistake("E0522", f"`{name} {number}`: there is no {what} {number}, only {limit}", index)


class _Walk:
    """Follows the operand stack through one function. An entry is (kind, number, index of the instruction that made it)."""

    def __init__(self, function):
        self.function = function
        self.result = Flow(len(function.code))
        self.targets = {function.places[number] for name, number in function.code if name in ("goto", "if")}
        self.pending = [(0, [])]    # index and stack of the places that are still to be followed

    def flow(self):
        """Follow all paths; the Flow."""
        while self.pending:
            self.follow(*self.pending.pop())
        if self.result.reached[-1] and not self.function.is_main:
            raise _Mistake("E0526", "the function can end here without `return`", len(self.function.code) - 1)
        return self.result

    def follow(self, index, stack):
        """Go through instructions up to one that does not continue, the next place where code joins, or the end."""
        code, reached, size, targets = self.function.code, self.result.reached, len(self.function.code), self.targets
        start = index if index in self.result.joins else -1
        while index < size:
            if index in targets and index != start:
                self.join(index, stack, max(index - 1, 0))
                return
            reached[index] = 1
            row = INSTRUCTIONS[code[index][0]]
            if row.pops:
                self.pop(row, stack, index)
            if row.pushes and not row.effect:
                stack.append((VALUE, 0, index))
            elif row.effect and not self.special(row, code[index][1], stack, index):
                return
            index += 1
        reached[size] = 1

    def pop(self, row, stack, index):
        """Pop what an instruction's row says."""
        count = len(row.pops)
        if len(stack) < count:
            self.underflow(row.name, count, stack, index)
        for entry, kind in zip(stack[-count:], row.pops):
            if entry[0] is not kind:
                self.wrong(row.name, kind, entry, index)
        del stack[-count:]

    def underflow(self, name, count, stack, index):
        """Raise: too few operands."""
        raise _Mistake("E0524", f"`{name}` needs {count} operand{'s' * (count > 1)}, but the operand stack holds {len(stack)}", index)

    def wrong(self, name, kind, entry, index):
        """Raise: an operand is of another kind."""
        maker = self.function.code[entry[2]][0]
        raise _Mistake("E0525", f"`{name}` needs a {kind}, but finds a {entry[0]} (pushed by `{maker}`)", index)

    def special(self, row, number, stack, index):
        """An instruction with an effect of its own. Whether the next instruction can follow it."""
        effect = row.effect
        if effect == "end":
            return False
        if effect == "goto" or effect == "if":
            self.join(self.function.places[number], stack, index)
            return effect == "if"
        if effect == "label":
            return True
        if effect == "load_func":
            stack.append((FUNCTION, number, index))
        elif effect == "push_ref":
            stack.append((REFERENCE, number, index))
        elif effect == "call":
            self.call(number, stack, index)
        elif effect == "alloc_closure":
            self.closure(number, stack, index)
        else:
            self.shuffle(effect, stack, index)
        return True

    def call(self, count, stack, index):
        """The callee and its arguments."""
        if len(stack) <= count:
            self.underflow("call", count + 1, stack, index)
        for entry in stack[-count - 1:]:
            if entry[0] is not VALUE:
                self.wrong("call", VALUE, entry, index)
        self.result.callees.add(stack[-count - 1][2])
        del stack[-count - 1:]
        stack.append((VALUE, 0, index))

    def closure(self, count, stack, index):
        """A function and the references that it captures."""
        if len(stack) <= count:
            self.underflow("alloc_closure", count + 1, stack, index)
        entries = stack[-count - 1:]
        for entry, kind in zip(entries, [FUNCTION] + [REFERENCE] * count):
            if entry[0] is not kind:
                self.wrong("alloc_closure", kind, entry, index)
        expected = len(self.function.functions[entries[0][1]].free_vars)
        if count != expected:
            raise _Mistake("E0525", f"`alloc_closure {count}`: the function has {expected} free_vars", index)
        del stack[-count - 1:]
        stack.append((VALUE, 0, index))

    def shuffle(self, effect, stack, index):
        """`dup`, `swap` and `pop`, for operands of any kind."""
        needed = 2 if effect == "swap" else 1
        if len(stack) < needed:
            self.underflow(effect, needed, stack, index)
        if effect == "dup":
            stack.append(stack[-1][:2] + (index,))
        elif effect == "swap":
            stack[-1], stack[-2] = stack[-2], stack[-1]
        else:
            stack.pop()

    def join(self, target, stack, index):
        """Control reaches `target` from `index` with this stack: note it, or compare it with what was noted."""
        known = self.result.joins.get(target)
        if known is None:
            if len(stack) > MAX_JOIN:
                raise _Mistake("E0527", f"more than {MAX_JOIN} operands are on the stack where code joins", index)
            self.result.joins[target] = [entry[:2] for entry in stack]
            self.pending.append((target, list(stack)))
            return
        if len(known) != len(stack):
            raise _Mistake("E0524", f"code joins with {len(stack)} operands on the stack here and {len(known)} on another path", index)
        for depth, (old, new) in enumerate(zip(known, stack)):
            if old != new[:2]:
                raise _Mistake("E0524", f"code joins with different operands at depth {depth} of the stack: a {_shown(new)} here, "
                                        f"a {_shown(old)} on another path", index)


def _shown(entry):
    return entry[0] if entry[0] is VALUE else f"{entry[0]} {entry[1]}"
