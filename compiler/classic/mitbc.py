"""Stack bytecode to register bytecode.

In:  the Source of a `.mitbc` file. Out: a `bytecode.Program`, or CompileError. Holds: the program does what the stack code
does, in the same order; there is no operand stack at run time.

Closures of one function compare equal if they captured the same cells. The machine compares body numbers and then the
first captured value by identity, so functions share a number when their literals are equal in everything but place.
"""
from ..bytecode.builder import TooLarge
from ..bytecode.program import Program
from ..diagnostics import CompileError
from .check import check
from .emit import Emitter
from .reader import read
from .stack_code import diagnostic

MAX_VARIANTS = 100      # of one function literal: each set of captured variables that it is closed over with needs its own copy


def translate(source):
    """The program that the Source of a `.mitbc` file stands for."""
    main = read(source)
    return _Translator(source, main, check(main, source)).program()


class _Translator:
    """Numbers functions and globals while the functions are translated one after another."""

    def __init__(self, source, main, flows):
        self.source, self.main, self.flows = source, main, flows
        self.bodies = body_numbers(main)
        self.result = Program(source.name, list(source.starts))
        self.globals = {}
        self.variants = {}          # StackFunction → {captures: index in the program}
        self.pending = []

    def program(self):
        """Main and every function that a reached instruction closes over."""
        self.function_index(self.main, ())
        for function, captures in self.pending:         # grows meanwhile
            try:
                made = Emitter(self, function, self.flows[function]).function()
            except TooLarge:
                self.fail("the function needs more registers or code than an instruction can name", function.pos)
            made.captures = list(captures)
            made.body = 0 if function.is_main else self.bodies[function]
            self.result.functions.append(made)
        self.result.globals = list(self.globals)
        return self.result

    def global_index(self, name):
        """The number of a global."""
        return self.globals.setdefault(name, len(self.globals))

    def function_index(self, function, captures):
        """The number of the function made from a literal for these captures."""
        variants = self.variants.setdefault(function, {})
        if captures not in variants:
            if len(variants) == MAX_VARIANTS:
                self.fail(f"one function is closed over with more than {MAX_VARIANTS} different lists of variables", function.pos)
            variants[captures] = len(self.pending)
            self.pending.append((function, captures))
        return variants[captures]

    def fail(self, message, pos):
        """Raise: the function at `pos` is too large."""
        raise CompileError([diagnostic(self.source, "E0527", message, pos)])


def body_numbers(main):
    """A number from 1 for each function of the tree; equal literals share one."""
    order, pending = [], [main]
    while pending:
        function = pending.pop()
        order.append(function)
        pending += function.functions
    numbers, keys = {}, {}
    for f in reversed(order):           # inner functions first
        constants = tuple((c.__class__, c) for c in f.constants)
        key = (tuple(numbers[inner] for inner in f.functions), constants, f.parameter_count, tuple(f.local_vars),
               tuple(f.local_ref_vars), tuple(f.free_vars), tuple(f.names), tuple(f.code))
        numbers[f] = keys.setdefault(key, len(keys) + 1)
    return numbers


