"""What a value probably is, where that is not known: the type that it would be worth writing.

In:  a `causes.Causes`, which knows calls and sources. Out: `Guess(causes).of(version, value)`, `parameter`, `result`, `field`: a Fact, or None.
Holds: a guess is what would follow if all parameters, fields and results had the types of what the program gives them, as far as that can be
seen. It is advice for people and nothing that code may rest upon. A cycle adds nothing; one source of which nothing is known spoils all.
"""
from myna.compiler.bytecode.primitives import PRIMITIVES
from myna.compiler.bytecode.program import Type

from . import facts
from .facts import BOOL, FLOAT, INT, NUMBER, OTHER, Fact, join, of_type
from .heat import symbol
from .infer import callee
from .registers import LINK

_NOTHING = Fact(0)
_THROUGH = {"move", "checkset", "boxint", "boxfloat", "narrow"}
_BY_NAME = {"invoke", "invokeknown", "invokevirtual"}
_COMPARISONS = {"<", "<=", ">", ">=", "==", "!="}
_GIVE = {"sqrt": Fact(FLOAT), "float": Fact(FLOAT), "clock": Fact(FLOAT), "floor": Fact(INT), "int": Fact(INT), "len": Fact(INT),
         **dict.fromkeys(("str", "format", "input"), Fact(OTHER, Type("string")))}        # what primitives give that anybody may call
MOST_STEPS = 20000      # of following values in a program: advice is worth no more than a second
MOST_DEPTH = 60         # of a value behind another: each takes some of Python's thousand frames


def walked_by(receiver):
    """What a loop goes over, if this is the receiver of a method that the loop would call of it, were it an object; else None."""
    while receiver.op == "move":
        receiver = receiver.inputs[0]
    loop = receiver.inputs[0] if receiver.op == "part" and receiver.data == (0,) else None
    return loop.inputs[0] if loop is not None and loop.op in ("iternext", "iterpair") else None


class Guess:
    """See above."""

    def __init__(self, causes):
        self.causes, self.program, self.context = causes, causes.program, causes.versions.context
        self.known = {}             # what was asked -> Fact or None
        self.steps = self.depth = 0
        self.constructed, self.stored = {}, {}      # class -> values of `construct`; (class or None, field's name) -> values
        self.returned = {}          # function -> values that it returns
        for version in causes.versions.list:
            for block in version.graph.blocks:
                for node in block.nodes:
                    self._read(version, node)

    def _read(self, version, node):
        if node.op == "construct":
            self.constructed.setdefault(node.constant("type").index, []).append((version, node))
        elif node.op == "setfield":
            self.stored.setdefault(node.constant("name"), []).append((version, node.inputs[1]))
        elif node.op == "ret":
            self.returned.setdefault(version.index, []).append((version, node.inputs[0]))

    def parameter(self, index, number):
        """Of a function's parameter: what all calls give."""
        return self._once(("parameter", index, number), lambda: self._parameter(index, number))

    def result(self, index):
        """Of a function's result."""
        return self._once(("result", index), lambda: self._all(self.returned.get(index)))

    def field(self, class_, name):
        """Of a field of a class: what its instances are made with, and what is stored to fields of that name."""
        return self._once(("field", class_, name), lambda: self._field(class_, name))

    def of(self, version, value):
        """Of a value."""
        while value.op in _THROUGH and value.inputs:
            value = value.inputs[0]
        fact = self.causes.fact(version, value)
        if not self.causes.unknown(version, value):
            return fact
        return self._once(value, lambda: self._of(version, value))

    def _once(self, key, find):
        """What `find` gives. While that is looked for it is nothing, so what is found meanwhile is not kept."""
        if key in self.known:
            return self.known[key]
        if self.steps >= MOST_STEPS or self.depth >= MOST_DEPTH:
            return None
        self.steps += 1
        self.depth += 1
        self.known[key] = _NOTHING
        self.known[key] = found = find()
        self.depth -= 1
        return found

    def _all(self, sources):
        """The join of guesses; None where there are none, or one is."""
        found = _NOTHING
        for version, value in sources or ():
            guess = self.of(version, value)
            if guess is None:
                return None
            found = join(found, guess)
        return found if sources else None

    def _parameter(self, index, number):
        calls, complete = self.causes.calls(index)
        return self._all([call.values[number] for call in calls if number in call.values]) if complete else None

    def _field(self, class_, name):
        number = self.causes.field_names(class_).index(name)
        made = [(version, node.inputs[number]) for version, node in self.constructed.get(class_, ()) if number < len(node.inputs)]
        return self._all([*made, *self.stored.get(name, ())]) if made else None

    # -- by operation --

    def _of(self, version, value):
        if value.op == "param":
            params = version.graph.blocks[0].params
            if value not in params:
                return self._all([(version, source) for source in self.causes.sources.get(value, ())])
            number = params.index(value)
            return self.parameter(version.index, number) if number < version.graph.function.nparams else None
        if value.op in _BY_NAME:
            return self._method(version, value)
        method = _RULES.get(value.op)
        if method:
            return method(self, version, value)
        operator = symbol(value.op)
        return self._operator(version, value, operator) if operator else None

    def _operator(self, version, value, operator):
        if operator in _COMPARISONS:
            return Fact(BOOL)
        forms = 0
        for operand in value.inputs:
            guess = self.of(version, operand)
            if guess is None:
                return None
            if guess.type is not None and guess.type.kind == "string" and operator == "+":
                return Fact(OTHER, guess.type)
            forms |= guess.forms
        if "k" in value.data:
            forms |= facts.of_constant(value.constant("k")).forms
        if forms & ~NUMBER:
            return None
        return Fact(FLOAT if forms & FLOAT else INT if forms else 0)

    def _part(self, version, value):
        whole = value.inputs[0]
        if whole.op not in ("iternext", "iterpair"):
            return None
        guess = self.of(version, whole.inputs[0])
        if guess is None or guess.type is None:
            return guess and (_NOTHING if not guess.forms else None)
        number, args = value.data[0], guess.type.args
        if guess.type.kind == "map" and len(args) == 2 and whole.op == "iterpair":
            return of_type(args[number - 2]) if number >= 2 else None
        item = facts.item_of(guess.type)
        return of_type(item) if item is not None else None

    def _getindex(self, version, value):
        guess = self.of(version, value.inputs[0])
        if guess is None or guess.type is None:
            return guess and (_NOTHING if not guess.forms else None)
        if guess.type.kind == "map" and len(guess.type.args) == 2:
            return of_type(guess.type.args[1])
        item = facts.item_of(guess.type)
        return of_type(item) if item is not None else None

    def _getfield(self, version, value):
        guess, name = self.of(version, value.inputs[0]), value.constant("name")
        return self._member(guess, name)

    def _getslot(self, version, value):
        guess = self.of(version, value.inputs[0])
        if guess is None or guess.type is None or guess.type.kind != "class":
            return None
        names = self.causes.field_names(guess.type.index)
        return self._member(guess, names[value.data["i"]]) if value.data["i"] < len(names) else None

    def _member(self, guess, name):
        if guess is None or guess.type is None:
            return guess and (_NOTHING if not guess.forms else None)
        if name == "length":
            return Fact(INT)
        if guess.type.kind != "class" or name not in (names := self.causes.field_names(guess.type.index)):
            return None
        promised = self.context.field(guess.type, names.index(name))
        if promised is not None and promised.kind not in ("dynamic", "param"):
            return of_type(promised)
        return self.field(guess.type.index, name)

    def _method(self, version, value):
        receiver = value.inputs[[access[1] for access in value.reads].index(LINK)]
        if walked_by(receiver) is not None:
            return _NOTHING         # what the loop goes over is no object of a class, most probably
        guess, name = self.of(version, receiver), value.constant("name")
        if guess is None or guess.type is None or guess.type.kind != "class":
            return guess and (_NOTHING if not guess.forms else None)
        found = _NOTHING
        for index in self.context.methods(guess.type.index, name) or ():
            result = self.result(index)
            if result is None:
                return None
            found = join(found, result)
        return found if found.forms else None

    def _prim(self, version, value):
        return _GIVE.get(PRIMITIVES[value.data["p"]].name)

    def _callknown(self, version, value):
        return self.result(callee(value))


_RULES = {"part": Guess._part, "getindex": Guess._getindex, "getfield": Guess._getfield, "getslot": Guess._getslot, "callknown": Guess._callknown,
          "prim": Guess._prim}
