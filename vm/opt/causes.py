"""Why is it not known what a value is?

In:  the versions of a program, `names` for the texts of its source (`explain.Names`). Out: `Causes(versions, names)`: `fact`, what is known of a value;
`why`, the Cause that it is not known.
Holds: a Cause names what a programmer can change: a parameter, a field, a result, a variable. It is found by following a value back to where it
came from; what has several sources is as unknown as the first of them that is.
"""
from bisect import bisect_right
from typing import NamedTuple

from myna.compiler.bytecode.primitives import PRIMITIVES
from myna.compiler.bytecode.program import Type

from . import facts
from .facts import ANY, BOOL, FLOAT, INT, NONE, NUMBER, OTHER, UNSET, Fact, join
from .graph import FLOAT as DOUBLE, INT as WORD, TAGGED
from .guess import Guess, walked_by
from .infer import callee
from .registers import LINK, fields
from .unbox import rep_of

_BY_NAME = {"invoke", "invokeknown", "invokevirtual"}
_CAPTURED = {"getup", "getupcell", "getcell"}
_KINDS = {"none": "None", "list": "List", "map": "Map", "set": "Set", "array": "Array", "range": "Range", "error": "Error", "function": "fun", "type": "Type"}
_FORMS = ((INT, "an int"), (FLOAT, "a float"), (BOOL, "a bool"), (NONE, "None"), (OTHER, "an object"))
_MADE = {"record": "record", "list": "list", "tuple": "tuple", "map": "map", "closure": "function", "builtin": "function", "tostring": "string"}
_PLAIN = {"function": "a function", "closure": "a function", "record": "a record", "tuple": "a tuple", "error": "an error"}      # without parts
MOST_SOURCES = 100  # that are looked at to explain a value: each takes some of Python's thousand frames
MOST_LINES = 4      # of the lines of calls that a sentence names


class Cause(NamedTuple):
    """`key`: equal for equal causes; `text`: a sentence without its end; `help`: what to write to change it, or None."""
    key: tuple
    text: str
    help: str = None


RECORD = Cause(("record",), "records with other fields may come here, too",
               "make it an instance of a class, which has its fields at known places and with known types")


class Call(NamedTuple):
    """A call. `arguments`: parameter's number -> Fact, `values`: -> (version, value); `place`: (file, line), or None."""
    arguments: dict
    values: dict
    place: tuple


def type_text(type_, program, depth=3):
    """A Type as the language writes it."""
    if type_.kind == "closure":
        function = program.functions[type_.index]
        return type_text(function.consts[0], program, depth) if function.signed else "fun"
    if type_.kind == "class":
        text = program.classes[type_.index].name.rpartition(".")[2]
    else:
        text = _KINDS.get(type_.kind, type_.kind)
    parts = [type_text(part, program, depth - 1) for part in type_.args] if depth else ["…"] * bool(type_.args)
    if type_.kind == "tuple" and parts:
        text = f"({', '.join(parts)})"
    elif type_.kind == "function" and parts:
        text = f"fun({', '.join(parts[:-1])}): {parts[-1]}" if depth else "fun"
    elif type_.kind == "record" and depth and type_.names:
        text = "{" + ", ".join(f"{name}: {part}" for name, part in zip(type_.names, parts)) + "}"
    elif parts:
        text += f"<{', '.join(parts)}>"
    return text + "?" * type_.optional


def written(fact, program):
    """The type to write for what a Fact tells, or None: int, `List<float>`, `P?` …"""
    if fact.type is not None and fact.forms == OTHER and fact.type.kind not in ("object", "dynamic", "types", "param") \
            and (fact.type.args or fact.type.kind not in _PLAIN or fact.type.kind == "closure" and program.functions[fact.type.index].signed):
        return type_text(fact.type, program)
    return {INT: "int", FLOAT: "float", BOOL: "bool", NUMBER: "float"}.get(fact.forms)


def words(fact, program):
    """What a Fact tells, in words: "an int", "an int or a float", "a `List<int>`", "any value"."""
    if fact.type is not None and fact.forms & OTHER:
        text = _PLAIN.get(fact.type.kind) if not fact.type.args else None
        found = [name for bit, name in _FORMS if fact.forms & bit & ~OTHER] + [text or f"a `{type_text(fact.type, program)}`"]
    elif fact.forms & ANY == ANY or not fact.forms:
        return "any value"
    else:
        found = [name for bit, name in _FORMS if fact.forms & bit]
    return " or ".join(filter(None, [", ".join(found[:-1]), *found[-1:]]))


class Causes:
    """See above."""

    def __init__(self, versions, names):
        self.versions, self.program, self.names = versions, versions.program, names
        self.owner = {method.function: class_ for class_ in self.program.classes for method in class_.methods}
        self.sources = {}           # parameter of a block -> the values that edges give it
        self.users = {}             # value -> (node, number of the input) and (Edge, parameter), where it is used
        self.words = {}             # function -> the words at which it goes on elsewhere in the source
        self.told = {}              # value -> its Cause, or None
        self.by_function, self.by_name = {}, {}     # calls of a function, of methods of a name
        for version in versions.list:
            self._read(version)
        self.guess = Guess(self)

    def _read(self, version):
        for block in version.graph.blocks:
            for node in block.nodes:
                for number, value in enumerate(node.inputs):
                    self.users.setdefault(value, []).append((node, number))
                if node.op == "callknown":
                    self.by_function.setdefault(callee(node), []).append(self._call(version, node))
                elif node.op in _BY_NAME:
                    self.by_name.setdefault(node.constant("name"), []).append(self._call(version, node))
            for edge in block.leaving():
                for param, value in zip(edge.block.params, edge.values):
                    self.sources.setdefault(param, []).append(value)
                    self.users.setdefault(value, []).append((edge, param))

    def _call(self, version, node):
        values = {access[1] - LINK: (version, value) for value, access in zip(node.inputs, node.reads) if access[0] == "a" and access[1] >= LINK}
        return Call({number: self.fact(*given) for number, given in values.items()}, values, self.line(version, node))

    # -- places --

    def place(self, version, node):
        """(number of the file, offset) of a node, or None."""
        if node.place is None:
            return None
        function = node.place.scope.function
        words = self.words.get(function)
        if words is None:
            words = self.words[function] = function.lines[::2]
        at = bisect_right(words, node.place.word) - 1
        return (function.file, function.lines[2 * at + 1]) if at >= 0 else None

    def line(self, version, node):
        """(number of the file, line) of a node, or None."""
        place = self.place(version, node)
        return place and (place[0], self.line_at(*place))

    def line_at(self, file, offset):
        """The line of an offset, from 1."""
        return bisect_right(self.program.files[file].line_starts, offset)

    def start(self, index):
        """(file, offset) of the first instruction of a function that has a place, or None."""
        function = self.program.functions[index]
        return (function.file, function.lines[1]) if len(function.lines) else None

    def function_name(self, index):
        """A function's name in a sentence."""
        name, start = self.program.functions[index].name, self.start(index)
        return f"`{name}`" if name else f"the function in line {self.line_at(*start)}" if start else "a function without a name"

    # -- facts --

    def fact(self, version, value):
        """What is known of a value of the optimised graph: ANY where nothing is, no forms where it never comes to be."""
        if value.rep == WORD or value.op == "boxint":
            return Fact(INT)
        if value.rep == DOUBLE or value.op == "boxfloat":
            return Fact(FLOAT)
        found = version.known.get(value)
        if found is None and value.op == "const":
            found = facts.of_constant(value.data[-1]) if len(value.data) > 1 or value.data[0].__class__ is not str else None
        if value.op in _MADE and (found is None or found.type is None):
            return Fact(OTHER, Type(_MADE[value.op]))
        if value.op == "const" and value.data[-1].__class__ is str and len(value.data) > 1:
            return Fact(OTHER, Type("string"))
        if found is None:
            return Fact(ANY)
        return Fact(found.forms & ~UNSET or found.forms, found.type)

    def unknown(self, version, value):
        """Is neither the form nor the type of a value known? Numbers that may be ints or floats are unknown."""
        fact = self.fact(version, value)
        return bool(fact.forms) and rep_of(fact) == TAGGED and fact.type is None and value.op != "const" and fact.forms not in (BOOL, NONE)

    # -- causes --

    def why(self, version, value):
        """The Cause, or None."""
        if value not in self.told:
            self.told[value] = self._why(version, value, set())
        return self.told[value]

    def _why(self, version, value, seen):
        while value.op in ("move", "boxint", "boxfloat", "checkset", "narrow") and value.inputs:
            value = value.inputs[0]
        if value in self.told:
            return self.told[value]
        if value in seen or len(seen) >= MOST_SOURCES:
            return None
        seen.add(value)
        if value.op == "param":
            return self._param(version, value, seen)
        method = getattr(self, "_of_" + value.op, None)
        if method is None:
            method = self._of_captured if value.op in _CAPTURED else self._of_method if value.op in _BY_NAME else self._of_operands
        return method(version, value, seen)

    def _first(self, version, values, seen):
        for value in values:
            if self.unknown(version, value) and (found := self._why(version, value, seen)):
                return found
        return None

    def _param(self, version, value, seen):
        params = version.graph.blocks[0].params
        if value in params:
            number = params.index(value)
            return self.parameter(version.index, number) if number < version.graph.function.nparams else None
        sources = self.sources.get(value, ())
        found = self._first(version, sources, seen)
        if found is None:
            fact = self.fact(version, value)
            if fact.forms & NUMBER and fact.forms != ANY and fact.type is None:
                text = f"a variable is sometimes {words(Fact(fact.forms & -fact.forms), self.program)}, sometimes " \
                       f"{words(Fact(fact.forms & fact.forms - 1), self.program)}"
                help_ = "begin with a float, such as `0.0`, where it becomes one later" if fact.forms == NUMBER else None
                return Cause(("variable", version.index, value.slot), text, help_)
        return found

    def parameter(self, index, number):
        """Why it is not known what a parameter is."""
        start = self.start(index)
        known = self.names.parameter(*start, number) if start else None
        name = f"`{known.name}`" if known else f"number {number + 1}"
        calls, complete = self.calls(index)
        given = [(call.arguments[number], call.place) for call in calls if number in call.arguments]
        total = Fact(0)
        for fact, _ in given:
            total = join(total, fact)
        text = f"the parameter {name} of {self.function_name(index)} "
        if known and known.type not in (None, "dynamic"):
            return Cause(("parameter", index, number), text + f"has the type `{known.type}`, of which nothing is known in here")
        text += "is `dynamic`" if known and known.type else "has no type"
        said = self._given(given)
        if said:
            text += f", and calls give {said}"
        if not complete:
            text += "; the function is a value, which anything may call"
        guess = self.guess.parameter(index, number)
        return Cause(("parameter", index, number), text, known and self._advice(known.name, guess, self.function_name(index)))

    def _advice(self, name, guess, where):
        """What to write for a parameter or a field that probably is this, a Fact or None."""
        type_ = guess and written(guess, self.program)
        if type_ and guess.forms == NUMBER:
            return f"write `{name}: int` in {where}, or `{name}: float`, for which ints become floats"
        return f"write `{name}: {type_}` in {where}" if type_ else f"give `{name}` a type in {where}"

    def calls(self, index):
        """(the Calls of a function, whether these are all)"""
        if index in self.owner:
            name = next(method.name for method in self.owner[index].methods if method.function == index)
            return [*self.by_function.get(index, ()), *self.by_name.get(name, ())], True
        return self.by_function.get(index, []), index not in self.versions.entrances

    def _given(self, given):
        """"an int (line 4) and a float (line 7, 9)", of (Fact, place)."""
        lines = {}
        for fact, place in given:
            if fact.forms & ANY == ANY:
                continue
            lines.setdefault(words(fact, self.program), set()).add(place and place[1])
        parts = []
        for text, found in list(lines.items())[:MOST_LINES]:
            numbers = sorted(filter(None, found))
            shown = ", ".join(map(str, numbers[:MOST_LINES])) + ", …" * (len(numbers) > MOST_LINES)
            parts.append(f"{text} (line {shown})" if numbers else text)
        return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))

    def _of_part(self, version, value, seen):
        whole = value.inputs[0]
        if whole.op.startswith("call"):
            return self._of_call(version, whole, seen)
        if whole.op not in ("iternext", "iterpair"):
            return self._of_operands(version, whole, seen)
        return self._item(version, whole.inputs[0], seen)

    def _walked(self, version, container, seen):
        """Of an item of what a loop goes over, which is known but might, without a type, be an object with items of its own."""
        return self.declared(version, container) or Cause(("walked", version.index), "what the loop goes over may be an object with items of its own")

    def declared(self, version, value):
        """The Cause that nobody wrote the type of a value, though it is known; None where that is not a parameter."""
        seen = set()
        while value not in seen:
            seen.add(value)
            if value.op == "move" or value.op == "narrow":
                value = value.inputs[0]
            elif value in self.sources:         # a loop hands it on: what comes from outside
                value = next((source for source in self.sources[value] if source.op != "part" and source not in seen), value)
        params = version.graph.blocks[0].params
        return self.parameter(version.index, params.index(value)) if value in params[:version.graph.function.nparams] else None

    def _item(self, version, container, seen):
        """Of an item of a container."""
        if self.unknown(version, container):
            return self._why(version, container, seen)
        fact = self.fact(version, container)
        type_ = type_text(fact.type, self.program) if fact.type is not None else "list"
        if fact.type is not None and fact.type.args:
            return Cause(("items", type_), f"what a `{type_}` holds is not relied upon here")
        found = self._source_of_container(version, container, seen)
        return found or Cause(("items", version.index, container.slot), f"the items of a `{type_}` have no type",
                              f"say what it holds: `{type_}<TYPE>`" if type_ in ("List", "Set", "Array") else None)

    def _source_of_container(self, version, container, seen):
        """A parameter or a field whose type does not say what it holds."""
        while container.op == "move":
            container = container.inputs[0]
        params = version.graph.blocks[0].params
        if container not in params:
            return None
        number = params.index(container)
        start = self.start(version.index)
        known = self.names.parameter(*start, number) if start else None
        if known is None:
            return None
        type_ = type_text(self.fact(version, container).type, self.program)
        return Cause(("parameter", version.index, number), f"the type of `{known.name}` does not say what it holds",
                     f"write `{known.name}: {type_}<TYPE>` in {self.function_name(version.index)}")

    def _of_getindex(self, version, value, seen):
        return self._item(version, value.inputs[0], seen)

    def _of_getfield(self, version, value, seen):
        name = value.constant("name")
        if self.unknown(version, value.inputs[0]):
            return self._why(version, value.inputs[0], seen)
        type_ = self.fact(version, value.inputs[0]).type
        if type_ is not None and type_.kind == "class":         # which is known, but not to the one who wrote it down
            return self.declared(version, value.inputs[0])
        return Cause(RECORD.key, f"the field `{name}` of a record has no type that can be relied upon", RECORD.help)

    def _of_getslot(self, version, value, seen):
        type_ = self.fact(version, value.inputs[0]).type
        if type_ is None or type_.kind != "class":
            return self._first(version, value.inputs, seen)
        class_, names = self.program.classes[type_.index].name, self.field_names(type_.index)
        if value.data["i"] >= len(names):       # of a subclass or a variant, as a test before it has found out
            return Cause(("fields", class_), f"nothing is known of the fields that only some kinds of `{class_}` have", None)
        name = names[value.data["i"]]
        if name is None:
            return None
        return Cause(("field", class_, name), f"the field `{name}` of `{class_}` has no type that can be relied upon",
                     self._advice(name, self.guess.field(type_.index, name), f"the class `{class_}`"))

    def field_names(self, class_):
        """The names of all fields of a class, by number; None for those that errors have."""
        names, at = [], class_
        while isinstance(at, int):
            names = [*self.program.classes[at].fields, *names]
            at = self.program.classes[at].parent
        return [None] * (fields(self.program, class_) - len(names)) + names

    def _of_callknown(self, version, value, seen):
        index, entered = callee(value), self.versions.chosen(version.graph, value)
        fact = entered.result if entered is not None else Fact(ANY)
        text = f"the result of {self.function_name(index)} "
        text += f"may be {words(fact, self.program)}" if fact.forms & ANY != ANY else "has no type, and what it is cannot be found out"
        return Cause(("result", index), text, self._result_advice(index, self.function_name(index)))

    def _result_advice(self, index, name):
        guess = self.guess.result(index)
        type_ = guess and written(guess, self.program)
        return f"write {f'`: {type_}`' if type_ else 'the type of the result'} behind the parameters of {name}"

    def _of_method(self, version, value, seen):
        name = value.constant("name")
        receiver = value.inputs[[access[1] for access in value.reads].index(LINK)]
        if self.unknown(version, receiver):
            return self._why(version, receiver, seen)
        walked = walked_by(receiver)
        if walked is not None:
            return self._walked(version, walked, seen)
        index = next((method.function for class_ in self.program.classes for method in class_.methods if method.name == name), None)
        return Cause(("method", name), f"the result of the method `{name}` has no type that can be relied upon",
                     self._result_advice(index, f"`{name}`") if index is not None else None)

    def _of_call(self, version, value, seen):
        typed = value.op.startswith("calltyped")
        return Cause(("value", version.index, typed), "what a call of a function value gives is not relied upon" if typed else
                     "what a call of a function value gives is not known",
                     None if typed else "write the function's type where it comes from, such as `f: fun(int): int`")

    _of_callraw = _of_calltyped = _of_calltypedraw = _of_call

    def _of_getglobal(self, version, value, seen):
        name = self.program.globals[value.data["g"]]
        fact = self.fact(version, value)
        text = f"the variable `{name}` of the module "
        text += f"may hold {words(fact, self.program)}" if fact.forms & ANY != ANY else "has no type"
        return Cause(("variable", name), text, f"give `{name}` a type where it is declared, or assign values of one type only")

    def _of_captured(self, version, value, seen):
        return Cause(("captured", version.index), "of a variable of the function around this one nothing is known in here",
                     "hand it over as a parameter with a type, if that can be done")

    def _of_caught(self, version, value, seen):
        return Cause(("caught", version.index), "of an error that was caught, and of its fields, nothing is known")

    def _of_prim(self, version, value, seen):
        name = PRIMITIVES[value.data["p"]].name
        return Cause(("prim", name), f"what `{name}` gives is not known")

    def _of_const(self, version, value, seen):
        return None

    def _of_operands(self, version, value, seen):
        return self._first(version, value.inputs, seen)
