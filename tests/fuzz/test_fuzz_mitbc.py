"""Random stack programs do the same before and after translation, by two small interpreters that share only the values.

Random texts are read, or rejected with a CompileError.
"""
import itertools

from hypothesis import given, settings, strategies as st

from myna.compiler.bytecode import codec
from myna.compiler.bytecode.listing import instructions
from myna.compiler.bytecode.primitives import PRIMITIVES
from myna.compiler.bytecode.text import assemble, disassemble
from myna.compiler.classic.reader import read
from myna.compiler.classic.stack_code import INSTRUCTIONS
from myna.compiler.classic.mitbc import body_numbers, translate
from myna.compiler.diagnostics import CompileError
from myna.compiler.source import Source

FUZZ = settings(max_examples=100, deadline=None)


# --- values ---

class Raised(Exception):
    """A classic error."""


class Cell:
    """A captured variable."""

    def __init__(self, value):
        self.value = value


class Closure:
    """`code` is what the interpreter runs: a function of its own kind, or a primitive's name."""

    def __init__(self, code, body, cells):
        self.code, self.body, self.cells = code, body, cells


def shown(v, depth=0):
    """The printed form; deep records are cut off the same in both interpreters."""
    if v.__class__ is dict:
        return "{" + "".join(f"{k}:{shown(v[k], depth + 1) if depth < 3 else '…'} " for k in sorted(v)) + "}"
    return {None: "None", True: "true", False: "false"}[v] if v is None or v.__class__ is bool else \
        "FUNCTION" if v.__class__ is Closure else str(v)[:200]


def wrap(n):
    """Two's complement of 32 bits."""
    return (n + 2**31) % 2**32 - 2**31


STRICT = [True]     # lenient runs turn a wrong operand into a right one, so that random programs get further


def cast(kind, value):
    """`value` if it has the class; else an error or, in a lenient run, some value of that class."""
    if value.__class__ is kind:
        return value
    if STRICT[0]:
        raise Raised("cast")
    return {int: len(shown(value)), bool: value is not None, dict: {}}[kind]


def add(x, y):
    """Classic +."""
    if str in (x.__class__, y.__class__):
        return (shown(x) + shown(y))[:200]
    return wrap(cast(int, x) + cast(int, y))


def divide(x, y):
    """Classic /."""
    x, y = cast(int, x), cast(int, y)
    if y == 0:
        raise Raised("zero")
    return wrap(abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1))


def equal(x, y):
    """Classic ==."""
    if x.__class__ is not y.__class__ or x.__class__ is dict:
        return x is y
    if x.__class__ is Closure:
        return x.body == y.body and x.cells[:1] == y.cells[:1]
    return x == y


def less(x, y):
    """Classic <."""
    return cast(int, x) < cast(int, y)


def less_equal(x, y):
    """Classic <=."""
    return cast(int, x) <= cast(int, y)


def subtract(x, y):
    """Classic -."""
    return wrap(cast(int, x) - cast(int, y))


def multiply(x, y):
    """Classic *."""
    return wrap(cast(int, x) * cast(int, y))


def both(x, y):
    """Classic &."""
    return cast(bool, x) & cast(bool, y)


def either(x, y):
    """Classic |."""
    return cast(bool, x) | cast(bool, y)


def negate(x):
    """Classic unary -."""
    return subtract(0, x)


def invert(x):
    """Classic !."""
    return not cast(bool, x)


def get(r, key):
    """r[key]"""
    return cast(dict, r).get(shown(key))


def put(r, key, value):
    """r[key] = value"""
    cast(dict, r)[shown(key)] = value


class Machine:
    """What both interpreters share: globals, the log of what can be seen, and calls, few enough to end."""

    def __init__(self):
        self.globals, self.log, self.calls, self.depth = {}, [], 0, 0

    def call(self, callee, args):
        """The result of a call."""
        self.calls += 1
        if callee.__class__ is not Closure:
            if STRICT[0]:
                raise Raised("cast")
            self.log.append(("callee", shown(callee), [shown(a) for a in args]))
            return args and args[-1] or None
        if self.calls > 60 or self.depth > 15:
            raise Raised("calls")
        if callee.code.__class__ is str:
            if len(args) != (callee.code != "input"):
                raise Raised("arity")
            self.log.append((callee.code, [shown(a) for a in args]))
            return None
        self.depth += 1
        result = self.run(callee, args)
        self.depth -= 1
        return result

    def getglobal(self, name):
        """A global's value."""
        if STRICT[0] and name not in self.globals:
            raise Raised("unset " + name)
        return self.globals.get(name)

    def outcome(self, main):
        """Everything that a run shows."""
        try:
            result = shown(self.run(main, []))
        except Raised as raised:
            result = str(raised)
        return result, self.log, {name: shown(v) for name, v in self.globals.items()}


class StackMachine(Machine):
    """Runs StackFunctions."""

    def __init__(self, main):
        super().__init__()
        self.bodies = body_numbers(main)

    def run(self, closure, args):
        """The result of a function."""
        f = closure.code
        if len(args) != f.parameter_count:
            raise Raised("arity")
        places = {n: i for i, (name, n) in enumerate(f.code) if name == "label"}
        cells = [Cell(v) for v in args + [None] * (len(f.local_vars) - len(args))]
        refs = [cells[f.local_vars.index(name)] for name in f.local_ref_vars] + closure.cells
        stack, at = [], 0
        pop, push = stack.pop, stack.append
        binary = {"add": add, "sub": subtract, "mul": multiply, "div": divide, "and": both, "or": either, "eq": equal,
                  "gt": lambda x, y: less(y, x), "geq": lambda x, y: less_equal(y, x), "index_load": get}
        while at < len(f.code):
            name, n = f.code[at]
            at += 1
            if name in binary:
                y, x = pop(), pop()
                push(binary[name](x, y))
            elif name == "load_const":
                push(f.constants[n])
            elif name == "load_func":
                push(n)
            elif name == "load_local":
                push(cells[n].value)
            elif name == "store_local":
                cells[n].value = pop()
            elif name == "load_global":
                push(self.getglobal(f.names[n]))
            elif name == "store_global":
                self.globals[f.names[n]] = pop()
            elif name == "push_ref":
                push(refs[n])
            elif name == "load_ref":
                push(pop().value)
            elif name == "store_ref":
                value = pop()
                pop().value = value
            elif name == "alloc_record":
                push({})
            elif name == "field_load":
                push(get(pop(), f.names[n]))
            elif name == "field_store":
                value = pop()
                put(pop(), f.names[n], value)
            elif name == "index_store":
                value, key = pop(), pop()
                put(pop(), key, value)
            elif name == "alloc_closure":
                captured = [pop() for _ in range(n)][::-1]
                k = pop()
                inner = f.functions[k]
                push(Closure(f.primitive(k) or inner, f.primitive(k) or self.bodies[inner], captured))
            elif name == "call":
                values = [pop() for _ in range(n)][::-1]
                push(self.call(pop(), values))
            elif name == "return":
                return pop()
            elif name == "neg":
                push(negate(pop()))
            elif name == "not":
                push(invert(pop()))
            elif name == "goto":
                at = places[n]
            elif name == "if":
                if not invert(pop()):
                    at = places[n]
            elif name == "dup":
                push(stack[-1])
            elif name == "swap":
                stack[-1], stack[-2] = stack[-2], stack[-1]
            elif name == "pop":
                pop()
        return None


BINARY = {"add32": add, "sub32": subtract, "mul32": multiply, "div32": divide, "and": both, "or": either, "lt": less,
          "le": less_equal, "eq": equal, "ne": lambda x, y: not equal(x, y), "getindex": get}
JUMPS = {"jlt": less, "jle": less_equal, "jnlt": lambda x, y: not less(x, y), "jnle": lambda x, y: not less_equal(x, y),
         "jeq": equal, "jne": lambda x, y: not equal(x, y)}
JUMPS_IMMEDIATE = {"jlti": less, "jlei": less_equal, "jgti": lambda x, i: less(i, x), "jgei": lambda x, i: less_equal(i, x),
                   "jeqi": equal, "jnei": lambda x, i: not equal(x, i)}
JUMPS_IMMEDIATE |= {"jn" + name[1:]: (lambda test: lambda x, i: not test(x, i))(test)
                    for name, test in list(JUMPS_IMMEDIATE.items())[:4]}
JUMPS_UNARY = {"jnone": lambda x: x is None, "jnotnone": lambda x: x is not None,
               "jtrue": lambda x: not invert(x), "jfalse": invert}


class RegisterMachine(Machine):
    """Runs the register code that classic programs are translated to. A call destroys all registers from its window up."""

    def __init__(self, program):
        super().__init__()
        self.program = program
        self.decoded = {}

    def run(self, closure, args):
        """The result of a function."""
        f = closure.code
        if len(args) != f.nparams:
            raise Raised("arity")
        if f not in self.decoded:
            self.decoded[f] = {i.at: i for i in instructions(f.code)}
        code, R, at = self.decoded[f], args + ["junk"] * (f.nregs - len(args)), 0
        while True:
            item = code[at]
            name, o, at = item.op.name, item.operands, item.end
            if name in BINARY:
                R[o[0]] = BINARY[name](R[o[1]], R[o[2]])
            elif name in ("add32i", "sub32i"):
                R[o[0]] = (add if name == "add32i" else subtract)(R[o[1]], o[2])
            elif name == "jump":
                at = item.target()
            elif name in JUMPS:
                at = item.target() if JUMPS[name](R[o[0]], R[o[1]]) else at
            elif name in JUMPS_IMMEDIATE:
                at = item.target() if JUMPS_IMMEDIATE[name](R[o[0]], o[1]) else at
            elif name in JUMPS_UNARY:
                at = item.target() if JUMPS_UNARY[name](R[o[0]]) else at
            elif name == "ret":
                return R[o[0]]
            elif name == "retnone":
                return None
            elif name == "call":
                result = self.call(R[o[0]], R[o[0] + 2:o[0] + 2 + o[1]])
                R[o[0]:] = [result] + ["junk"] * (f.nregs - o[0] - 1)
            elif name == "fillnone":
                R[o[0]:o[0] + o[1]] = [None] * o[1]
            elif name.startswith("set"):
                self.store(name, o, R, f, closure)
            else:
                R[o[0]] = self.value(name, o, R, f, closure)
            assert len(R) == f.nregs

    def store(self, name, o, R, f, closure):
        """Instructions that write no register."""
        if name == "setglobal":
            self.globals[self.program.globals[o[1]]] = R[o[0]]
        elif name == "setcell":
            R[o[0]].value = R[o[1]]
        elif name == "setupcell":
            closure.cells[o[1]].value = R[o[0]]
        elif name == "setfield":
            put(R[o[0]], f.consts[o[2].number], R[o[1]])
        else:
            put(R[o[0]], R[o[1]], R[o[2]])

    def value(self, name, o, R, f, closure):
        """The value of an instruction that writes one register."""
        if name in ("loadnone", "loadtrue", "loadfalse"):
            return {"loadnone": None, "loadtrue": True, "loadfalse": False}[name]
        if name == "getglobal":
            return self.getglobal(self.program.globals[o[1]])
        if name == "builtin":
            return Closure(PRIMITIVES[o[1]].name, PRIMITIVES[o[1]].name, [])
        if name == "closure":
            made = self.program.functions[f.consts[o[1].number].index]
            return Closure(made, made.body, [(closure.cells if c.from_parent else R)[c.index] for c in made.captures])
        return {"move": lambda: R[o[1]], "loadi": lambda: o[1], "loadk": lambda: f.consts[o[1].number],
                "getupcell": lambda: closure.cells[o[1]].value, "newcell": lambda: Cell(R[o[1]]),
                "getcell": lambda: R[o[1]].value, "record": dict, "getfield": lambda: get(R[o[1]], f.consts[o[2].number]),
                "neg32": lambda: negate(R[o[1]]), "not": lambda: invert(R[o[1]])}[name]()


# --- random programs ---

CONSTANTS = ["None", "true", "false", "0", "1", "-1", "7", "-128", "200", "70000", "-2147483648", '"x"', '"1"', '"a b"']
NAMES = ["x", "y", "z"]
VALUE_OPS = ["add", "sub", "mul", "div", "gt", "geq", "eq", "and", "or", "index_load"]
USUAL = VALUE_OPS + ["add", "eq"] * 6       # these seldom raise


class Maker:
    """Writes the instructions of one function, keeping track of the kinds on the operand stack."""

    def __init__(self, draw, main, functions, nlocals, nrefs):
        self.draw, self.main, self.functions, self.nlocals, self.nrefs = draw, main, functions, nlocals, nrefs
        self.code, self.stack, self.label = [], [], itertools.count()

    def number(self, count):
        """A number below `count`."""
        return self.draw(st.integers(0, count - 1))

    def emit(self, text, pops=0, pushes=()):
        """One instruction and what it does to the stack."""
        self.code.append(text)
        del self.stack[len(self.stack) - pops:]
        self.stack += pushes

    def values(self):
        """How many values are on top of the stack."""
        return len(list(itertools.takewhile(lambda k: k == "v", reversed(self.stack))))

    def step(self):
        """One random instruction."""
        choices = ["const", "local", "local", "local", "global", "record"] + ["ref", "closure"] * bool(self.nrefs) + ["function"]
        if self.stack:
            choices += ["pop", "dup"] + ["swap"] * 2 * (len(self.stack) > 1)
            choices += ["load_ref"] * 3 * (self.stack[-1] == "r") + ["store_ref"] * 3 * (self.stack[-2:] == ["r", "v"])
        if self.values():
            choices += ["store"] * 6 + ["store_global", "neg", "not", "field", "print", "print", "call0"]
        if self.values() > 1:
            choices += USUAL + ["call1", "field_store"]
        if self.values() > 2:
            choices += ["index_store", "call2"]
        self.apply(self.draw(st.sampled_from(choices)))

    def apply(self, choice):
        """Emit what was chosen."""
        v = ["v"]
        if choice in VALUE_OPS:
            return self.emit(choice, 2, v)
        simple = {"pop": (1, []), "neg": (1, v), "not": (1, v), "index_store": (3, []), "load_ref": (1, v), "store_ref": (2, [])}
        if choice in simple:
            return self.emit(choice, *simple[choice])
        if choice == "dup":
            return self.emit("dup", 0, self.stack[-1:])
        if choice == "swap":
            return self.emit("swap", 2, self.stack[:-3:-1])
        if choice.startswith("call"):
            return self.emit(f"call {choice[4:]}", int(choice[4:]) + 1, v)
        numbered = {"const": ("load_const", CONSTANTS, 0, v), "global": ("load_global", NAMES, 0, v), "field": ("field_load", NAMES, 1, v),
                    "store_global": ("store_global", NAMES, 1, []), "field_store": ("field_store", NAMES, 2, []),
                    "local": ("load_local", range(self.nlocals), 0, v), "store": ("store_local", range(self.nlocals), 1, []),
                    "ref": ("push_ref", range(self.nrefs or 1), 0, ["r"])}
        if choice in numbered:
            name, table, pops, pushes = numbered[choice]
            return self.emit(f"{name} {self.number(len(table))}", pops, pushes)
        if choice == "record":
            return self.emit("alloc_record", 0, v)
        if choice == "print":
            self.emit(f"load_global {len(NAMES)}", 0, v)
            self.emit("swap")
            return self.emit("call 1", 2, v)
        self.closure()

    def closure(self):
        """Close over one of the functions with any references."""
        number = self.number(len(self.functions)) if self.functions else None
        if number is None or (self.functions[number] and not self.nrefs):
            return self.emit("alloc_record", 0, ["v"])
        self.emit(f"load_func {number + 3 * self.main}")
        for _ in range(self.functions[number]):
            self.emit(f"push_ref {self.number(self.nrefs)}")
        self.emit(f"alloc_closure {self.functions[number]}", 0, ["v"])

    def shape(self, height):
        """Make the stack hold `height` values only."""
        while "r" in self.stack or len(self.stack) > height:
            self.emit("pop", 1)
        while len(self.stack) < height:
            self.emit(f"load_const {self.number(len(CONSTANTS))}", 0, ["v"])

    def turns(self, number, counter):
        """A `while` as compilers write it: the condition at its start, a jump back at its end."""
        start, end = 100 + 2 * number, 101 + 2 * number
        self.code += [f"load_const {CONSTANTS.index('0')} store_local {counter}", f"label {start}"]
        for _ in range(self.number(4)):
            self.step()
        self.shape(0)
        self.code += [f"load_const {CONSTANTS.index('7')} load_local {counter} gt"] + ["not"] * (1 + 2 * self.number(2)) + [f"if {end}"]
        self.code += [f"load_local {counter} load_const {CONSTANTS.index('1')} add store_local {counter}"]
        for _ in range(self.number(9)):
            self.step()
        self.shape(0)
        self.code += [f"goto {start}", f"label {end}"]

    def body(self):
        """Segments with jumps forward, and one loop of a few turns around some of them."""
        count = self.number(4) + 1
        heights = [self.number(3) for _ in range(count)]
        loop = self.number(count)
        counter = self.nlocals      # a local that only the loop uses; `turns` has the next one
        self.emit(f"load_const {CONSTANTS.index('0')}")
        self.emit(f"store_local {counter}")
        for local in range(self.nlocals):
            self.emit(f"load_const {3 + self.number(8)}")
            self.emit(f"store_local {local}")
        for at, height in enumerate(heights):
            self.shape(height)
            self.emit(f"label {at}")
            for _ in range(self.number(20)):
                self.step()
            if self.draw(st.integers(0, 3)) == 0:
                self.shape(0)
                self.turns(at, counter + 1)
            if at == loop:
                self.shape(heights[0])
                self.code += [f"load_local {counter}", f"load_const {CONSTANTS.index('1')}", "add", f"store_local {counter}",
                              f"load_const {CONSTANTS.index('7')}", f"load_local {counter}", "gt", "if 0"]
            elif self.draw(st.booleans()):
                target = at + self.number(count - at) + 1
                if target < count:
                    self.shape(heights[target] + 1)
                    self.code += ["not"] * self.number(3)
                    self.emit(f"if {target}", 1)
        while len(self.stack) > 1 and self.values() == len(self.stack):
            self.emit("eq" if self.draw(st.booleans()) else "add", 2, ["v"])
        self.shape(1)
        self.emit("return", 1)
        return self.code


@st.composite
def functions(draw, depth=0):
    """(text of a function, number of its free variables)."""
    inner = draw(st.lists(functions(depth + 1), max_size=2)) if depth < 2 else []
    main = depth == 0
    params = 0 if main else draw(st.integers(0, 2))
    nlocals = max(params, draw(st.integers(1, 3)))
    refs = draw(st.lists(st.integers(0, nlocals - 1), max_size=2, unique=True))
    free = 0 if main else draw(st.integers(0, 2))
    code = Maker(draw, main, [n for _, n in inner], nlocals, len(refs) + free).body()
    texts = [PRIMITIVE] * 3 * main + [text for text, _ in inner]
    if main:
        code = [f"load_func 0 alloc_closure 0 store_global {len(NAMES)}"] + code
    return f"""function {{ functions = [{", ".join(texts)}], constants = [{", ".join(CONSTANTS)}],
        parameter_count = {params}, local_vars = [{", ".join(f"l{i}" for i in range(nlocals + 2))}],
        local_ref_vars = [{", ".join(f"l{i}" for i in refs)}], free_vars = [{", ".join(f"f{i}" for i in range(free))}],
        names = [{", ".join(NAMES)}, print], labels = {{}}, instructions = [ {" ".join(code)} ] }}""", free


PRIMITIVE = """function { functions = [], constants = [], parameter_count = 1, local_vars = [s], local_ref_vars = [],
    free_vars = [], names = [], labels = {}, instructions = [] }"""


@FUZZ
@given(functions(), st.booleans())
def test_translation_keeps_meaning(generated, strict):
    STRICT[0] = strict
    source = Source("random.mitbc", generated[0])
    main = read(source)
    program = translate(source)
    assert codec.encode(assemble(disassemble(program))) == codec.encode(program)
    expected = StackMachine(main).outcome(Closure(main, 0, []))
    assert RegisterMachine(program).outcome(Closure(program.functions[0], 0, [])) == expected


PIECES = ["function {", "functions = [", "]", "}", ",", "[", "{", "constants = [", "0 : 1", ";", "1", "-5", '"s"', '"', "None",
          "x", "//", "\n", "label 0", "é", "99999999999"] + list(INSTRUCTIONS)


@FUZZ
@given(st.lists(st.sampled_from(PIECES)).map(" ".join) | st.text(),
       st.lists(st.sampled_from(list(INSTRUCTIONS)).flatmap(lambda n: st.integers(0, 3).map(lambda i: f"{n} {i}" if INSTRUCTIONS[n].operand else n))))
def test_any_text(text, code):
    body = PRIMITIVE.replace("parameter_count = 1", "parameter_count = 0").replace("constants = []", "constants = [1, true]")
    body = body.replace("instructions = []", f"instructions = [{' '.join(code)}]")
    for candidate in (text, body, body.replace("true", text)):
        try:
            codec.encode(translate(Source("t", candidate)))
        except CompileError as error:
            assert str(error)
