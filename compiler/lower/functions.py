"""Modules and functions: entry code, function literals, and the order in which functions are lowered.

In:  a resolved `ast.Module`, its Resolution, Source and dialect. Out: a `bytecode.program.Program`.
Holds: functions are lowered one after another from a work list, so nesting of functions costs no recursion; a closure's
capture list is known when the instruction that makes it is emitted, as only then its parent's registers are.
"""
from myna.compiler import diagnostics
from myna.compiler.bytecode.builder import TooLarge
from myna.compiler.bytecode.primitives import predefined
from myna.compiler.bytecode.program import Capture, FunctionRef, Program
from myna.compiler.lower import calls, conditions, expressions, statements, tries  # noqa: F401 (they fill the tables)
from myna.compiler.lower.registers import EXPR, Lowering, expression
from myna.compiler.resolve.scopes import CELL, GLOBAL, REGISTER
from myna.compiler.syntax import ast
from myna.compiler.syntax.parser import MAX_ERRORS

diagnostics.register({
    "E0307": "wrong number of arguments",
    "E0308": "range outside a `for` loop",
    "E0403": "function too large",
})


def lower(module, resolution, source, dialect):
    """The Program of a resolved module. Raises CompileError."""
    lowering = ModuleLowering(resolution, source, dialect)
    program = lowering.run()
    if lowering.errors:
        raise diagnostics.CompileError(sorted(lowering.errors, key=lambda d: d.pos))
    return program


class ModuleLowering:
    """What the functions of one module share."""

    def __init__(self, resolution, source, dialect):
        self.source = source
        self.classic = dialect == "classic"
        self.predefined = predefined(dialect)
        self.resolution = resolution
        self.errors = []
        self.program = Program(source.name, source.starts)
        self.program.globals = resolution.globals
        self.waiting = []       # (scope, its captures); a function's index in the program is its place here

    def run(self):
        """Lower all functions."""
        self.waiting.append((self.resolution.scope, []))
        done = 0
        while done < len(self.waiting):
            scope, captures = self.waiting[done]
            done += 1
            f = Lowering(self, scope)
            try:
                self.lower_function(f, scope, captures)
            except TooLarge as error:
                self.error("E0403", f"this function is too large: too many {error}", f.b.pos, 1)
        return self.program

    def lower_function(self, f, scope, captures):
        body = scope.node.body
        if scope.parent is None:
            main_entry(f)
            statements.block_body(f, body, scope.early_cells.get(scope.node))
        else:
            entry(f)
            if body.__class__ is ast.Block:
                statements.block_body(f, body.body, scope.early_cells.get(body))
            else:
                f.b.ret(EXPR[body.__class__](f, body, None))
                f.live = False
        if f.live:
            f.b.retnone()
        f.b.function.captures = captures
        self.program.functions.append(f.b.finish(f.high, 0, scope.body_number))

    def error(self, code, message, pos, width, help=None):
        """Report a mistake; past MAX_ERRORS nothing more is said."""
        if len(self.errors) < MAX_ERRORS:
            self.errors.append(diagnostics.Diagnostic(code, message, self.source, pos, pos + width, help))

    def reference(self, scope, captures):
        """The constant that names the function of `scope`, which will be lowered with these captures."""
        self.waiting.append((scope, captures))
        return FunctionRef(len(self.waiting) - 1)


def main_entry(f):
    """Top-level variables that live in registers get them; predefined names that the program assigns get their function."""
    b = f.b
    for var in f.scope.variables.values():
        primitive = f.module.predefined.get(var.name)
        if var.kind is REGISTER:
            var.register = f.local()
            if primitive is not None:
                b.builtin(var.register, primitive.number)
            elif var.tracked:
                b.loadunset(var.register)
        elif var.kind is GLOBAL and primitive is not None:
            b.builtin(f.top, primitive.number)
            b.setglobal(f.top, var.index)
            f.reserve(f.top + 1)


def entry(f):
    """Registers for parameters and implicit variables, their first values, and the cells of captured ones."""
    b, scope = f.b, f.scope
    b.pos = scope.node.pos
    cells = []
    for register, var in enumerate(scope.params):
        var.register = register
        if var.kind is CELL:
            cells.append(register)
    unset = []      # registers that need a first value; the rest is assigned before it is read
    for var in ordered(scope):
        var.register = f.local()
        if var.kind is CELL:
            cells.append(var.register)
        if var.tracked or var.kind is CELL:
            unset.append(var.register)
    if f.classic:
        fill_none(b, unset)
        for var in scope.variables.values():
            var.assigned = True
    else:
        for register in unset:
            b.loadunset(register)
    for register in cells:
        b.newcell(register, register)


def ordered(scope):
    """The implicit variables of a function, those that need a first value together; the activation's token first."""
    own = [var for var in scope.variables.values() if not var.explicit]
    if scope.token is not None:
        own.append(scope.token)
    return sorted(own, key=lambda var: not (var.tracked or var.kind is CELL))


def fill_none(b, registers):
    """Fill consecutive registers with None."""
    if len(registers) == 1:
        b.loadnone(registers[0])
    elif registers:
        b.fillnone(registers[0], len(registers))


@expression(ast.Function)
def function(f, node, dst):
    """Make a closure."""
    own, captures = f.scope, []
    for var in node.scope.captures:
        from_parent = var.scope is not own
        captures.append(Capture(from_parent, var.kind is CELL, own.captures[var] if from_parent else var.register))
    if dst is None:
        dst = f.temp()
    f.b.pos = node.pos
    f.b.closure(dst, f.module.reference(node.scope, captures))
    return dst

