"""What stayed slow in a program's native code, where, and why.

In:  a program; `names`, which knows its source (`Names`). Out: `explain`: Findings, hottest first, and the heat of lines.
Holds: everything is read off the optimised graphs, so what a pass has removed is not there. A finding lies in code that may run often
(`heat.levels`); it is a *note* where the language asks for the work (a bounds check, an addition that may overflow), and slow where a type or
another way to write it would spare it. Versions of a function that agree give one finding.
"""
from typing import NamedTuple

from .causes import RECORD, Cause, Causes, words
from .facts import BOOL, FLOAT, INT, NONE, NUMBER, OTHER, Fact
from .graph import Edge, TAGGED
from .guess import walked_by
from .heat import levels, symbol
from .infer import callee
from .program import MOST, Versions
from .registers import LINK
from .unbox import rep_of


class Kind(NamedTuple):
    """A kind of finding. `cost`: of one time, about, 1 for what takes a few instructions more than it should."""
    title: str      # of several
    cost: float
    doc: str


KINDS = {
    "call": Kind("calls of values", 3, "The function that is called is a value: it is looked at each time, and cannot be compiled into its caller."),
    "method": Kind("methods by name", 3, "The method is looked up by name, since the class of the object is not known."),
    "field": Kind("fields by name", 2, "The field is looked up by name, since the class of the object is not known, or it is a record."),
    "element": Kind("elements", 2, "What is indexed, or the index, is not known: it is found out each time."),
    "arithmetic": Kind("unknown operands", 2, "The operands are looked at each time to find out what to do with them."),
    "loop": Kind("loops over unknown things", 1, "What the loop goes over is looked at each time."),
    "allocation": Kind("new objects", 3, "Memory is taken each time; what is not needed any more has to be found and freed."),
    "boxing": Kind("boxed numbers", 1, "A number that was in a register of its own becomes a word that tells what it is, or back."),
    "border": Kind("checks at borders", 1, "A value of unknown type enters a place with a type, where it is checked."),
    "variable": Kind("shared variables", 1, "A variable that closures share lives in memory, and its type is not known."),
    "generic": Kind("types at run time", 2, "A type with parameters is looked for while the program runs."),
    "versions": Kind("several versions", 0, "A function is compiled several times, for arguments of different types."),
    "check": Kind("checks", 0.3, "A check that the language asks for: bounds, overflow, division by zero, what an object is."),
}


class Finding(NamedTuple):
    """`file`: its number in the program, `pos`: offset in it; `level`: of loops; `why` may be empty; `cause`: a Cause or None."""
    kind: str
    file: int
    pos: int
    level: int
    message: str
    why: str = ""
    cause: Cause = None
    note: bool = False

    @property
    def weight(self):
        """How much it matters: each loop counts for eight times round."""
        return KINDS[self.kind].cost * 8 ** min(self.level, 8)

    @property
    def help(self):
        return self.cause and self.cause.help


class Parameter(NamedTuple):
    """`type`: as it is written, or None."""
    name: str
    type: str


class Names:
    """What is known of the source: here, nothing. Files by number, offsets are those of instructions."""

    def operand(self, file, offset, number, count):
        """The text of operand `number` of the operation there, of which `count` are no literals; or None."""

    def expression(self, file, offset):
        """The text of the expression there, or None."""

    def parameter(self, file, offset, number):
        """Parameter `number` of the function that the offset is in, the receiver of a method counted; or None."""

    def declaration(self, file, offset):
        """The offset of the name of the function that an offset is in, or the offset itself."""
        return offset


def explain(program, names=None):
    """(the Findings of all files, (number of a file, line) -> the deepest level of its code). What stayed slow is read off graphs in which functions are
    inlined; why it is slow, off those of the functions themselves, whose parameters the programmer knows."""
    explainer = _Explainer(Versions(program, inlined=False), names or Names())
    found = explainer.run()
    stayed = {(finding.kind, finding.file, finding.pos) for finding in _Explainer(Versions(program), explainer.names).run()}
    return [finding for finding in found if (finding.kind, finding.file, finding.pos) in stayed], explainer.heat


_BUILT_IN = {"list", "map", "set", "array", "string", "tuple", "range", "bytes", "bigint", "int", "float", "type", "number"}
_MADE = {"list": "a list", "tuple": "a tuple", "map": "a map", "record": "a record", "construct": "an instance of {}", "object": "an instance of {}",
         "newcell": "room for a shared variable", "tostring": "a string"}
_OVERFLOW = {"add.int", "sub.int", "mul.int", "addi.int", "neg.int"}
_STORED = {"list", "tuple", "map", "record", "construct", "append", "setslot", "setglobal", "prim", "extern", "setindex", "setitem", "setindex.int",
           "newcell", "setcell", "setupcell", "throw", "closure", "tostring"}
_CALLS = ("call", "callraw", "calltyped", "calltypedraw")
_TESTS = {"isclass", "isfunction"}


class _Explainer:
    def __init__(self, versions, names):
        self.versions, self.program, self.names = versions, versions.program, names
        self.causes = Causes(versions, names)
        self.level = levels(versions)
        self.heat = {}          # (file, line) -> the deepest level of its code
        self.found = {}         # (file, pos, kind, message) -> Finding, and the versions that have it
        self.rules = self._rules()

    def run(self):
        """See `explain`."""
        for self.version in self.versions.list:
            graph, self.home = self.version.graph, {}
            order = {block: number for number, block in enumerate(graph.order())}
            self.heads = {edge.block for block in order for edge in block.leaving() if order[edge.block] <= order[block]}     # of loops
            for block in graph.blocks:
                self.home.update(dict.fromkeys((*block.params, *block.nodes), block))
            self.rare = {block.edges[1].block for block in graph.blocks if block.nodes[-1].op == "branch" and block.nodes[-1].inputs[0].op in _TESTS}
            for block in graph.blocks:
                self.at = self.level.get(block, 0)
                for node in block.nodes if self.at else ():
                    line = self.causes.line(self.version, node)
                    if line:
                        self.heat[line] = max(self.heat.get(line, 0), self.at)
                    self._node(node)
        self._versions()
        found = [self._told(finding, had) for finding, had in self.found.values()]
        return sorted(found, key=lambda f: (-f.weight, f.note, f.file, f.pos, f.kind))

    def _told(self, finding, had):
        """A finding with the versions that it is of, if they are some only of one function. (A generic function may have bodies of its own.)"""
        version = had[0]
        all_ = [other for other in self.versions.of[version.index] if other.reached]
        if len(had) == len(all_) or finding.kind == "versions" or any(other.index != version.index for other in had):
            return finding
        text = " or ".join(filter(None, (self._arguments(other, all_) for other in had)))
        return finding._replace(why="; ".join(filter(None, [finding.why, text and f"so it is where {text}"])))

    def _arguments(self, version, others):
        """What tells a version from others: "`n` is a float"."""
        start, parts = self.causes.start(version.index), []
        for number, fact in enumerate(version.params):
            if len({rep_of(other.params[number]) for other in others}) > 1:
                known = start and self.names.parameter(*start, number)
                parts.append(f"{f'`{known.name}`' if known else f'argument {number + 1}'} is {words(fact, self.program)}")
        return " and ".join(parts)

    # -- noting --

    def note(self, kind, node, message, cause=None, note=False, pos=None):
        """Note a finding at a node."""
        place = pos or self.causes.place(self.version, node)
        if place is None:
            return
        key = (*place, kind, message)
        finding = Finding(kind, *place, self.at, message, cause.text if cause else "", cause, note)
        old, had = self.found.get(key, (finding, []))
        if self.version not in had:
            had.append(self.version)
        self.found[key] = (max(old, finding, key=lambda f: f.level), had)

    def fact(self, value):
        return self.causes.fact(self.version, value)

    def unknown(self, value):
        return self.causes.unknown(self.version, value)

    def why(self, value):
        return self.causes.why(self.version, value)

    def operand(self, node, number, otherwise="the value"):
        """The text of a node's input, in backquotes."""
        place = self.causes.place(self.version, node)
        text = place and self.names.operand(*place, number, len([value for value in node.inputs if value.op != "const"]))
        return f"`{text}`" if text else otherwise

    def expression(self, node, otherwise):
        """The text of the expression that a node comes from, in backquotes."""
        place = self.causes.place(self.version, node)
        text = place and self.names.expression(*place)
        return f"`{text}`" if text else otherwise

    def constant(self, node, name):
        return node.constant(name)

    def is_a(self, value, kinds):
        """Is a value known to be of one of these kinds of types?"""
        type_ = self.fact(value).type
        return type_ is not None and type_.kind in kinds

    # -- rules --

    def _rules(self):
        rules = {"invoke": self._invoke, "invokeknown": self._invoke, "invokevirtual": self._virtual, "getfield": self._field, "setfield": self._field,
                 "iternext": self._iteration, "iterpair": self._iteration, "forloop": self._range, "checkslots": self._instance, "checkkind": self._container,
                 "cast": self._border, "checkint": self._border, "castr": self._type, "isr": self._type, "reifyr": self._type, "gettype": self._type,
                 "bindtypes": self._type, "jointypes": self._type, "closure": self._closure, "boxint": self._box, "boxfloat": self._box,
                 "unboxint": self._unbox, "unboxfloat": self._unbox, "mod.int": self._division, "div.int": self._division}
        rules.update(dict.fromkeys(_CALLS, self._call))
        rules.update({"getslot": self._slot, "setslot": self._slot, "getslot.float": self._float_slot, "setslot.float": self._float_slot})
        rules.update(dict.fromkeys(("getindex", "getindex.int", "getindex.float", "setindex", "setindex.int", "setitem"), self._element))
        rules.update(dict.fromkeys(_MADE, self._made))
        rules.update(dict.fromkeys(_OVERFLOW, self._overflow))
        rules.update(dict.fromkeys(("getcell", "setcell", "getupcell", "setupcell"), self._cell))
        return rules

    def _node(self, node):
        rule = self.rules.get(node.op)
        if rule is not None:
            rule(node)
        elif node.rep is not None or node.op.startswith("j"):
            operator = symbol(node.op)
            if operator:
                self._operation(node, operator)

    def _operation(self, node, operator):
        values = [value for value in node.inputs if value.op != "const"]
        if operator in ("==", "!=") and any(self.fact(value).forms & ~(BOOL | NONE) == 0 for value in node.inputs):
            return
        for value in values:
            fact = self.fact(value)
            if fact.type is None or not fact.forms & OTHER:
                continue
            if fact.type.kind == "string":
                return self._made(node, "a string") if operator == "+" else None
            if fact.type.kind == "class" and operator not in ("==", "!="):
                text = f"`{operator}` of {words(Fact(OTHER, fact.type), self.program)} is a method, which is looked up each time"
                return self.note("method", node, text, Cause(("operator", operator), "operators of classes are found by what their operands are",
                                                               "a method with a name is found before the program runs"))
        unknown = [value for value in values if self.unknown(value)]
        if not unknown:
            return None
        blamed = min(unknown, key=lambda value: self.home.get(value) in self.heads and value.op == "param")     # not what the loop itself computes
        name = self.operand(node, node.inputs.index(blamed), f"an operand of `{operator}`")
        fact = self.fact(blamed)
        text = f"`{operator}` is chosen at run time: {name} may be {words(fact, self.program)}"
        return self.note("arithmetic", node, text, self.why(blamed))

    def _is_tested(self, node):
        """Is this call only what is left for others than the few functions that it was tested for?"""
        return self.home[node] in self.rare

    def _call(self, node):
        called = node.inputs[[access[1] for access in node.reads].index(0)] if node.reads else node.inputs[0]
        name = self.operand(node, 0, "a value")
        cause = self.why(called)
        if self._is_tested(node):
            return self.note("call", node, f"the call of {name} looks first which of the few functions it is that this can be", note=True)
        if self.is_a(called, {"function", "closure"}):
            cause = Cause(("callee", name), "its type tells what to give it, and what it gives, but not which function it is", None)
        self.note("call", node, f"the call of {name} goes through a function value", cause)

    def _invoke(self, node):
        name = self.constant(node, "name")
        receiver = node.inputs[[access[1] for access in node.reads].index(LINK)]
        if walked_by(receiver) is not None:
            return
        if self._is_tested(node):
            self.note("method", node, f"the method `{name}` is one of few: the object's class tells which", note=True)
            return
        if not self.unknown(receiver):
            if not self.is_a(receiver, _BUILT_IN) and self.fact(receiver).forms & OTHER:
                self.note("method", node, f"the method `{name}` is looked up by name in the object's class", note=True)
            return
        text = self.operand(node, 0, "the object")
        self.note("method", node, f"the method `{name}` is looked up by name: {text} may be {words(self.fact(receiver), self.program)}",
                  self.why(receiver))

    def _virtual(self, node):
        name = self.constant(node, "name")
        type_ = self.constant(node, "type")
        found = self.versions.context.methods(type_.index, name) or ()
        if len(set(found)) > 1:
            self.note("method", node, f"the method `{name}` is one of {len(set(found))}: the object's class tells which", note=True)

    def _field(self, node):
        name = self.constant(node, "name")
        owner = node.inputs[0]
        if self.unknown(owner):
            text = self.operand(node, 0, "the object")
            self.note("field", node, f"the field `{name}` is looked up by name: {text} may be {words(self.fact(owner), self.program)}", self.why(owner))
        elif self.is_a(owner, {"record"}) or owner.op == "record":
            self.note("field", node, f"the field `{name}` of a record is looked up by name", RECORD)
        elif self.is_a(owner, {"class"}):
            self.note("field", node, f"the field `{name}` is looked up by name, though the object is {words(self.fact(owner), self.program)}",
                      self.causes.declared(self.version, owner))
        else:
            self.note("field", node, f"`{name}` is asked for by its name", note=True)

    def _element(self, node):
        container, index = node.inputs[0], node.inputs[1]
        action = "stored in" if node.op.startswith("set") else "read from"
        if self.unknown(container):
            text = self.operand(node, 0, "the container")
            self.note("element", node, f"an element is {action} {text}, which may be {words(self.fact(container), self.program)}", self.why(container))
        elif self.unknown(index) and self.is_a(container, {"list", "array"}):
            text = self.operand(node, 1, "the index")
            self.note("element", node, f"the index {text} may be {words(self.fact(index), self.program)}", self.why(index))
        elif self.is_a(container, {"list", "array", "bytes"}):
            self.note("check", node, "the index is compared with the length", note=True)

    def _iteration(self, node):
        if self.unknown(node.inputs[0]):
            text = self.expression(node, "it")
            self.note("loop", node, f"what the loop goes over is found out each time: {text} may be {words(self.fact(node.inputs[0]), self.program)}",
                      self.why(node.inputs[0]))

    def _range(self, node):
        blamed = next((value for value in node.inputs if rep_of(self.fact(value)) != "int"), None)
        cause = self.why(blamed) if blamed is not None else None
        self.note("loop", node, "the loop counts in words, since the ends of its range are not known to be ints", cause)

    def _made(self, node, what=None):
        if what is None:
            what = _MADE[node.op]
            if "{}" in what:
                what = what.format(f"`{self.program.classes[self.constant(node, 'type').index].name}`")
        if node.op == "tostring" and self.is_a(node.inputs[0], {"string"}):
            return
        cause = None
        if self._is_same(node):
            cause = Cause(("made", id(node)), "all that it is made of is the same each time round",
                          "make it once, before the loop, if nothing changes it")
        self.note("allocation", node, f"{what} is made each time", cause)

    def _is_same(self, node):
        """Does nothing that goes into a node change in the innermost loop around it?"""
        if not node.inputs:
            return False
        here = self.level.get(self.home[node], 0)
        entry = self.level.get(self.version.graph.blocks[0], 0)
        return here > entry and all(value.op == "const" or self.level.get(self.home.get(value), here) < here for value in node.inputs)

    def _closure(self, node):
        made = self.program.functions[self.constant(node, "f").index]
        if made.captures:
            self.note("allocation", node, "a function value is made each time, with the variables that it captures")

    def _cell(self, node):
        self.note("variable", node, "the variable is shared with a function that captures it", Cause(
            ("captured", self.version.index), "such a variable lives in memory, with a word that tells what it is",
            "keep a copy in a `let` that nobody captures, or hand the value over as a parameter"))

    def _type(self, node):
        self.note("generic", node, "a type with parameters is worked out each time", Cause(
            ("generic", self.version.index), "the type arguments of this call are known at run time only", None))

    def _border(self, node):
        """A call of a typed function value has one, too, for functions of another type, which are few."""
        value = node.inputs[0]
        if self.unknown(value) and not (value.op == "part" and value.inputs[0].op.startswith("calltyped")):
            place = self.constant(node, "place")
            self.note("border", node, f"a value that may be {words(self.fact(node.inputs[0]), self.program)} is checked where it enters {place}",
                      self.why(node.inputs[0]))

    # -- representations --

    def _box(self, node):
        """Boxes for what is a finding itself, or where words are what is stored, are not told."""
        number = "int" if node.op == "boxint" else "float"
        for user, detail in self.causes.users.get(node, ()):
            if isinstance(user, Edge):
                cause = self.causes.why(self.version, detail)
                if node.inputs[0].op == "callknown" and "target" in node.inputs[0].data:
                    continue        # the call that is left for other functions gives a word
                if rep_of(self.fact(detail)) == TAGGED:
                    self.note("boxing", node, f"a variable that is {words(self.fact(node.inputs[0]), self.program)} here may be something else elsewhere", cause)
            elif user.op == "callknown":
                self._box_argument(node, user, user.reads[detail][1] - LINK, number)
            elif user.op == "ret":
                self.note("boxing", node, f"the result is boxed: it is not always {'an int' if number == 'int' else 'a float'}", Cause(
                    ("result", self.version.index), f"the result of {self.causes.function_name(self.version.index)} may be "
                    f"{words(self.version.result, self.program)}", "give back values of one type on all ways"))

    def _box_argument(self, node, call, parameter, number):
        index = callee(call)
        if parameter >= 0:
            self.note("boxing", call, f"the {number} {self.operand(call, parameter + 1, '')} is boxed for the call".replace("  ", " "),
                      self.causes.parameter(index, parameter))

    def _slot(self, node):
        """Where nothing is known of the instance, and the slot of some is raw."""
        if "instance" not in node.data.get("reps", {}).values():
            self._instance(node)

    def _float_slot(self, node):
        if "instance" not in node.data.get("reps", {}).values():
            return self._instance(node)
        action = "taken out of" if node.op.startswith("get") else "put into"
        self.note("boxing", node, f"a float is {action} a field, which holds words", note=True)

    def _unbox(self, node):
        self.note("check", node, "a number is taken out of a word, which is checked first", note=True)

    # -- notes --

    def _instance(self, node):
        self.note("check", node, "the object is checked to be an instance with such a field", note=True)

    def _container(self, node):
        self.note("check", node, "the container is checked to be of its kind", note=True)

    def _overflow(self, node):
        self.note("check", node, "the result is checked: it may be too large for an int", note=True)

    def _division(self, node):
        divisor = node.inputs[1]
        if divisor.op != "const" or divisor.data[-1] in (0, -1):
            self.note("check", node, "the divisor is compared with 0", note=True)

    def _versions(self):
        """Functions that are compiled several times."""
        for index, made in self.versions.of.items():
            reached = [version for version in made if version.reached]
            start = self.causes.start(index)
            self.at = max((self.level.get(version.graph.blocks[0], 0) for version in reached), default=0)
            if len(reached) < 2 or start is None or not self.at:
                continue
            self.version = reached[0]
            text = f"{self.causes.function_name(index)} is compiled {len(reached)} times: " \
                   + ", ".join(f"where {self._arguments(version, reached)}" for version in reached)
            most = Cause(("versions", index), f"{MOST} versions are all that a function gets; other calls use the first") if len(made) >= MOST else None
            place = start[0], self.names.declaration(*start)
            self.note("versions", None, text, most, note=True, pos=place)
