"""Classic MITScript by a second, plain definition: an evaluator of syntax trees, to compare the machine with.

In:  the tree of a classic program. Out: the lines it prints, the error's class last. Holds: frames are dictionaries and
records are dictionaries; nothing is shared with the compiler but the parser. Endless or huge programs raise Unfinished.
"""
from myna.compiler.syntax import ast

STATEMENTS, DEPTH, LENGTH = 20_000, 60, 5_000       # most statements, calls within calls, characters of a string
BUILTINS = ("print", "input", "intcast")


class Unfinished(Exception):
    """The program takes too long, goes too deep or builds too much to be worth a comparison."""


class ClassicError(Exception):
    """An error of the program; its argument is the class's name."""


class Returned(Exception):
    """A return statement; its argument is the value."""


class Builtin(str):
    """A built-in function, by its name."""


class Closure:
    """A function and the frame it was made in."""

    def __init__(self, function, frame):
        self.function, self.frame = function, frame


class Record(dict):
    """A record: equal to itself only."""

    def __eq__(self, other):
        return self is other

    __hash__ = object.__hash__


class Frame:
    """The variables of one call; names in `shared` mean globals."""

    def __init__(self, parent, function):
        self.parent = parent
        names, self.shared = declared(function.body)
        self.variables = {name: None for name in names if name not in self.shared}


def declared(block):
    """The names that a function's body assigns, and those that it declares global."""
    names, shared, work = [], set(), [block]
    while work:
        node = work.pop()
        if isinstance(node, ast.Assign) and isinstance(node.target, ast.Name):
            names.append(node.target.name)
        elif isinstance(node, ast.Global):
            shared.update(node.names)
        elif isinstance(node, ast.Block):
            work += node.body
        elif isinstance(node, ast.If):
            work += [node.then, *filter(None, [node.orelse])]
        elif isinstance(node, ast.While):
            work.append(node.body)
    return names, shared


def wrap(i):
    """Two's complement of 32 bits."""
    return (i + 2**31) % 2**32 - 2**31


def need(kind, value):
    """The value, which must be of this class (a bool is no int)."""
    if type(value) is not kind:
        raise ClassicError("IllegalCastException")
    return value


def shown(value):
    """The printed form."""
    if value is None:
        return "None"
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) in (Closure, Builtin):
        return "FUNCTION"
    if type(value) is Record:
        return "{" + "".join(f"{name}:{shown(value[name])} " for name in sorted(value)) + "}"
    return str(value)


def tree_key(node):
    """What two functions' trees have in common when they read the same."""
    if isinstance(node, ast.Function):
        return "function", tuple(p.name for p in node.params), tree_key(node.body)
    if isinstance(node, ast.Node):
        return type(node).__name__, *(tree_key(getattr(node, field)) for field in node._fields)
    return tuple(map(tree_key, node)) if isinstance(node, (list, tuple)) else (type(node).__name__, node)


def divide(x, y):
    """Towards zero."""
    if y == 0:
        raise ClassicError("IllegalArithmeticException")
    return abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1)


def add(x, y):
    """+ of ints and of strings."""
    if str not in (type(x), type(y)):
        return wrap(need(int, x) + need(int, y))
    joined = shown(x) + shown(y)
    if len(joined) > LENGTH:
        raise Unfinished
    return joined


def equal(x, y):
    """=="""
    if type(x) is Closure and type(y) is Closure:
        return x.frame is y.frame and tree_key(x.function) == tree_key(y.function)
    return type(x) is type(y) and x == y


ARITHMETIC = {"-": lambda x, y: x - y, "*": lambda x, y: x * y, "/": divide}
ORDER = {"<": lambda x, y: x < y, "<=": lambda x, y: x <= y, ">": lambda x, y: x > y, ">=": lambda x, y: x >= y}


def binary(op, x, y):
    """The result of a binary operator."""
    if op == "+":
        return add(x, y)
    if op == "==":
        return equal(x, y)
    if op in "&|":
        x, y = need(bool, x), need(bool, y)
        return x and y if op == "&" else x or y
    x, y = need(int, x), need(int, y)
    return wrap(ARITHMETIC[op](x, y)) if op in ARITHMETIC else ORDER[op](x, y)


class Evaluator:
    """Runs one program. `frame` is None at top level."""

    def __init__(self):
        self.lines, self.statements, self.depth = [], 0, 0
        self.globals = {name: Builtin(name) for name in BUILTINS}

    def run(self, module):
        """The lines that a program prints."""
        try:
            for statement in module.body:
                self.execute(statement, None)
        except Returned:
            pass
        except ClassicError as error:
            self.lines.append(error.args[0])
        return self.lines

    # -- statements --

    def execute(self, node, frame):
        """One statement."""
        self.statements += 1
        if self.statements > STATEMENTS:
            raise Unfinished
        if isinstance(node, ast.Block):
            for statement in node.body:
                self.execute(statement, frame)
        elif isinstance(node, ast.Assign):
            self.assign(node, frame)
        elif isinstance(node, ast.ExprStmt):
            self.value(node.expr, frame)
        elif isinstance(node, ast.If):
            chosen = node.then if need(bool, self.value(node.cond, frame)) else node.orelse
            if chosen:
                self.execute(chosen, frame)
        elif isinstance(node, ast.While):
            while need(bool, self.value(node.cond, frame)):
                self.execute(node.body, frame)
        elif isinstance(node, ast.Return):
            raise Returned(self.value(node.value, frame))

    def assign(self, node, frame):
        """A variable, a field or an index gets a value."""
        target = node.target
        if isinstance(target, ast.Name):
            value = self.value(node.value, frame)
            variables = frame.variables if frame and target.name in frame.variables else self.globals
            variables[target.name] = value
            return
        record, key = self.value(target.obj, frame), self.key(target, frame)
        value = self.value(node.value, frame)
        need(Record, record)[shown(key)] = value

    def key(self, node, frame):
        """What selects a field: its name, or the index's value."""
        return node.name if isinstance(node, ast.Field) else self.value(node.index, frame)

    # -- expressions --

    def value(self, node, frame):
        """The value of an expression."""
        if isinstance(node, ast.Name):
            return self.variable(node.name, frame)
        if isinstance(node, (ast.Int, ast.String, ast.Bool)):
            return node.value
        if isinstance(node, ast.NoneLit):
            return None
        if isinstance(node, ast.Function):
            return Closure(node, frame)
        if isinstance(node, ast.Unary):
            operand = self.value(node.operand, frame)
            return not need(bool, operand) if node.op == "!" else wrap(-need(int, operand))
        if isinstance(node, ast.Binary):
            left = self.value(node.left, frame)
            return binary(node.op, left, self.value(node.right, frame))
        if isinstance(node, ast.Record):
            return Record((name, self.value(field, frame)) for name, field in node.fields)
        if isinstance(node, ast.Call):
            callee = self.value(node.callee, frame)
            return self.call(callee, [self.value(argument, frame) for argument in node.args])
        record, key = self.value(node.obj, frame), self.key(node, frame)
        return need(Record, record).get(shown(key))

    def variable(self, name, frame):
        """A variable's value, looked up outward."""
        while frame and name not in frame.shared:
            if name in frame.variables:
                return frame.variables[name]
            frame = frame.parent
        if name not in self.globals:
            raise ClassicError("UninitializedVariableException")
        return self.globals[name]

    def call(self, callee, arguments):
        """The result of a call. Of the built-ins, programs here use `print`."""
        if callee == "print" and type(callee) is Builtin:
            if len(arguments) != 1:
                raise ClassicError("RuntimeException")
            self.lines.append(shown(arguments[0]))
            return None
        function = need(Closure, callee).function
        if len(arguments) != len(function.params):
            raise ClassicError("RuntimeException")
        frame = Frame(callee.frame, function)
        frame.variables.update(zip((p.name for p in function.params), arguments))
        return self.body(function, frame)

    def body(self, function, frame):
        """The result of a function's body."""
        self.depth += 1
        if self.depth > DEPTH:
            raise Unfinished
        try:
            self.execute(function.body, frame)
        except Returned as returned:
            return returned.args[0]
        finally:
            self.depth -= 1
        return None
