"""The state of lowering one function: its builder, its registers, what is known to be set, what surrounds a statement.

In:  calls of the construct files. Out: instructions in `b`, registers below `high`.
Holds:
- registers below `locals` belong to variables, those from there to `top` to temporaries in use; `top` only grows while an
  expression's operands wait and falls back when it is done, so between statements `top == locals`;
- the lowering of an expression, `EXPR[class](f, node, dst)`, returns the register that holds the value: `dst` when one is
  given, else a variable's own register or a new temporary, which is then the register `top` was;
- `dst` may be the register `top` itself, not reserved; it is written by the expression's last instruction only, unless
  it is no variable's (`f.work`), because the expression may read the variable, or raise before it has a value.
"""
from myna.compiler.bytecode.builder import WIDE, Builder
from myna.compiler.bytecode.opcodes import BY_NAME
from myna.compiler.lower.specialise import Types

EXPR = {}       # node class -> lower(f, node, dst) -> register
STMT = {}       # node class -> lower(f, node)
COND = {}       # node class -> lower(f, node, label, when): jump to `label` if the truth of the node is `when`


def expression(*classes):
    """Register the decorated function as the lowering of expressions of these classes."""
    def add(function):
        EXPR.update(dict.fromkeys(classes, function))
        return function
    return add


def statement(*classes):
    """Register the decorated function as the lowering of statements of these classes."""
    def add(function):
        STMT.update(dict.fromkeys(classes, function))
        return function
    return add


def condition(*classes):
    """Register the decorated function as the lowering of conditions of these classes."""
    def add(function):
        COND.update(dict.fromkeys(classes, function))
        return function
    return add


def give(f, types):
    """After a call: its type arguments, a program.Type or a register, which the callee looks for here."""
    if types.__class__ is int:
        f.b.typeargsr(types)
    elif types is not None:
        f.b.typeargs(types)


RAW = {BY_NAME[name].code: BY_NAME[name + "raw"].code for name in ("call", "calltyped")}


class Lowering:
    """One function being lowered. `live` is false after an instruction that never continues."""

    __slots__ = ("module", "scope", "classic", "b", "locals", "top", "high", "contexts", "log", "live", "constants",
                 "types", "places", "special", "env", "calls", "tested", "raw_top", "raw_high", "raw_constants", "costs")

    def __init__(self, module, scope, nparams, special=None):
        self.module = module
        self.scope = scope
        self.classic = module.classic
        self.b = Builder(scope.name, nparams, module.classic)
        self.locals = self.top = self.high = nparams
        self.contexts = []      # loops and `finally` parts around this place, outermost first
        self.log = []           # tracked variables in the order in which they became known to be set
        self.live = True
        self.constants = {}     # int -> register that holds it during the loops around this place
        self.types = module.checked.types       # expression node -> its static type
        self.places = module.checked.places     # expression node -> the type of where its value goes
        self.special = special                  # Specialisation: what the type parameters stand for
        if special is not None:
            self.types, self.places = Types(self.types, special), Types(self.places, special)
        self.env = None         # generics.Environment: where its type arguments are
        self.calls = []         # offsets of the instructions that say where the callee's raw registers begin
        self.tested = None      # a call whose result is tested at once, which checks that it is a bool
        self.raw_top = self.raw_high = 0        # raw registers: those of variables lie below temporaries
        self.costs = {}         # see `floats.costs`
        self.raw_constants = {}     # float -> raw register that holds it from the entry on

    def known(self, t):
        """A static type as it is in this body."""
        return t if self.special is None else self.special.of(t)

    # --- registers ---

    def temp(self):
        """A new temporary."""
        register = self.top
        self.top = top = register + 1
        if top > self.high:
            self.high = top
        return register

    def reserve(self, end):
        """The registers below `end` are used; `top` stays."""
        if end > self.high:
            self.high = end

    def local(self):
        """A new register for a variable, until the block ends."""
        register = self.locals
        self.locals = self.top = register + 1
        if self.top > self.high:
            self.high = self.top
        return register

    def work(self, dst):
        """`dst`, protected from temporaries, if it can be written before the end of an expression, else a temporary."""
        if dst is None or dst < self.locals:
            return self.temp()
        if dst >= self.top:
            self.top = dst + 1
            self.reserve(self.top)
        return dst

    def result(self, register, dst, mark):
        """End an expression whose value is in `register`: release temporaries from `mark` on, move it to where it belongs."""
        if dst is None:
            self.top = register + 1 if register >= mark else mark
            return register
        self.top = mark
        if dst != register:
            self.b.move(dst, register)
        return dst

    def raw_temp(self):
        """A new raw temporary."""
        register = self.raw_top
        self.raw_top = top = register + 1
        if top > self.raw_high:
            self.raw_high = top
        return register

    # --- calls ---

    def call(self, window, count, types=None):
        """R[window] := R[window](…), with type arguments as of `generics.arguments`"""
        self._calling()
        self.b.call(window, count)
        give(self, types)

    def call_known(self, window, count, reference, types=None):
        """Call a function that captures nothing with arguments that fit its parameters."""
        self._calling()
        self.b.callknown(window, count, 0, reference)
        give(self, types)

    def call_typed(self, window, count, type_, trusted):
        """Call a function value; one whose signature is the type goes on at the label `trusted`."""
        self._calling()
        self.b.calltyped(window, count, type_, trusted)

    def invoke(self, window, count, name, known, types=None, class_=None):
        """Call a method; `known`: the arguments fit its parameters; `class_`: the constant of the class that has it, if it is certain."""
        self._calling()
        if known and class_ is not None:
            self.b.invokevirtual(window, count, 0, class_, name)
        else:
            (self.b.invokeknown if known else self.b.invoke)(window, count, 0, name)
        give(self, types)

    def _calling(self):
        self.calls.append(len(self.b.code))

    def finish(self, body):
        """The finished Function. Now that the number of raw registers is known, calls get it."""
        code, raw = self.b.code, self.raw_high
        for at in self.calls if raw else ():
            at += code[at] & 255 == WIDE
            op = code[at] & 255
            code[at] += RAW.get(op, op) - op | raw << 24
        return self.b.finish(self.high, raw, body)

    # --- which variables are set ---

    def assigned(self, var):
        """`var` is set from here on."""
        if var.tracked and not var.assigned:
            var.assigned = True
            self.log.append(var)

    def forget(self, mark):
        """Go back to what was known when the log had `mark` entries; the variables that became set since."""
        since = self.log[mark:]
        del self.log[mark:]
        for var in since:
            var.assigned = False
        return since

    def merge(self, mark, first, first_live):
        """Join two paths that began with `mark` log entries: one set `first`, the other is the current one."""
        if not first_live:
            return
        if not self.live:
            self.forget(mark)
            both = first
        else:
            set_now = {*self.log[mark:]}
            both = [var for var in first if var in set_now]
            self.forget(mark)
        for var in both:
            self.assigned(var)
        self.live = True
