"""Modules and functions: entry code, function literals, and the order in which functions are lowered.

In:  a resolved `ast.Module`, its Resolution, Source and dialect. Out: a `bytecode.program.Program`.
Holds: functions are lowered one after another from a work list, so nesting of functions costs no recursion; a closure's
capture list is known when the instruction that makes it is emitted, as only then its parent's registers are.
"""
from typing import NamedTuple

from myna.compiler import diagnostics
from myna.compiler.bytecode.builder import TooLarge
from myna.compiler.bytecode.primitives import predefined
from myna.compiler.bytecode.program import Capture, Class, FunctionRef, Method, Program, SourceFile
from myna.compiler.diagnostics import MAX_ERRORS
from myna.compiler.lower import specialise
from myna.compiler.lower import calls, classes, conditions, describe, expressions, floats, generics, patterns, places, statements, tries, types  # noqa: F401 (they fill the tables)
from myna.compiler.lower.registers import EXPR, Lowering, expression
from myna.compiler.resolve.scopes import CELL, GLOBAL, REGISTER, Scope
from myna.compiler.syntax import ast
from myna.compiler.types.checked import UNCHECKED

diagnostics.register({
    "E0307": "wrong number of arguments",
    "E0316": "unknown member",
    "E0318": "named argument that nothing takes",
    "E0403": "function too large",
})


def lower(units, dialect, methods=()):
    """The Program of resolved modules, given as (Resolution, Source, Checked), in the order in which they run; the last is the
    program's own, the others are imported. Checked is None in classic programs. `methods`: (names of built-in types, Resolution,
    Source, Checked) of the files with methods of these. Raises CompileError."""
    linking = Linking(units)
    for resolution, source, checked in reversed(units):
        ModuleLowering(linking, resolution, source, checked, dialect)
    extend_types(linking, {name for resolution, _, _ in units for name in resolution.members}, methods)
    program = linking.run()
    if linking.errors:
        raise diagnostics.CompileError(sorted(linking.errors, key=lambda d: d.pos))
    return program


def extend_types(linking, mentioned, methods):
    """Enter the methods of built-in types with the names that the program mentions."""
    for _, resolution, source, checked in methods:
        ModuleLowering(linking, resolution, source, checked, "ms", False)
        mentioned |= resolution.members
    for types_, resolution, _, _ in methods:
        found = [Method(stmt.name, linking.method(stmt.function.scope).index) for stmt in resolution.scope.node.body
                 if stmt.__class__ is ast.FunDecl and stmt.name in mentioned]
        linking.program.classes += [Class(name, methods=found, extends=True) for name in types_]


class Pending(NamedTuple):
    """A function that waits to be lowered. `params`: the Variables in its first registers; `lower(f)` does the rest."""
    module: "ModuleLowering"
    scope: Scope
    params: list
    captures: list
    lower: object
    special: object


class Linking:
    """What the modules of a program share: the Program, the functions that wait, the numbers of the classes."""

    def __init__(self, units):
        self.program = Program("")
        self.program.files.clear()      # each module adds its own
        self.program.globals = units[-1][0].globals
        self.errors = []
        self.waiting = []       # Pending; a function's index in the program is its place here
        self.references = {}    # what a function without captures is made from -> its FunctionRef
        self.classes = {}       # ClassInfo -> its index in the program
        self.entered = []       # (Lowering, ClassInfo, Class): those whose types are still to be written
        self.modules = {}       # Scope of a module -> ModuleLowering
        self.main = None        # Scope of the module that runs
        self.needs = {}         # (node, Specialisation) -> whether what stands in it may need type arguments
        self.special = {}       # Scope of a generic function -> {type arguments: Specialisation}
        self.reflects = any(resolution.reflects for resolution, _, _ in units)      # does it mention `type_of`?
        self.homes = {}         # ClassInfo -> ModuleLowering

    def run(self):
        """Lower all functions; the Program."""
        done = 0
        while done < len(self.waiting):
            module, scope, params, captures, lower_body, special = self.waiting[done]
            done += 1
            f = Lowering(module, scope, len(params), special)
            f.env = generics.environment(f, params, captures)
            try:
                entry(f, params)
                lower_body(f)
                if f.live:
                    f.b.retnone()
                f.b.function.captures = captures
                f.b.function.file = module.file
                self.program.functions.append(f.finish(scope.body_number))
            except TooLarge as error:
                module.error("E0403", f"this function is too large: too many {error}", f.b.pos, 1)
            while self.entered:
                generics.class_types(*self.entered.pop())
        return self.program

    def add(self, scope, params, captures, lower_body, special=None):
        """The constant that names a function, which will be lowered."""
        root = scope
        while root.parent is not None:
            root = root.parent
        self.waiting.append(Pending(self.modules[root], scope, params, captures, lower_body, special))
        return FunctionRef(len(self.waiting) - 1)

    def shared(self, key, scope, params, lower_body, special=None):
        """The same for a function that captures nothing; `key` tells it from all others."""
        reference = self.references.get((key, special))
        if reference is None:
            reference = self.references[key, special] = self.add(scope, params, [], lower_body, special)
        return reference

    def method(self, scope, special=None):
        """The constant that names a method, a static function, one that captures nothing; `special`: for these type arguments."""
        return self.shared(scope, scope, scope.params, function_body, special)

    def constructor(self, info):
        """The constant that names a class's constructor."""
        return classes.constructor(self, info)

    def describe(self, f, info):
        """The hidden methods of a class."""
        return describe.methods(f, info)

    def module_of(self, info):
        """The module that declares a class."""
        if not self.homes:
            self.homes = {own: module for module in self.modules.values() for own in module.resolution.classes}
        return self.homes[info]


class ModuleLowering:
    """What the functions of one module share."""

    def __init__(self, linking, resolution, source, checked, dialect, runs=True):
        self.linking = linking
        self.checked = checked or UNCHECKED
        self.source = source
        self.classic = dialect == "classic"
        self.predefined = predefined(dialect)
        self.resolution = resolution
        linking.modules[resolution.scope] = self
        linking.main = linking.main or resolution.scope
        self.file = len(linking.program.files)
        linking.program.files.append(SourceFile(source.name, source.starts))
        self.reference = linking.add(resolution.scope, [], [], main_body) if runs else None

    def error(self, code, message, pos, width, help=None):
        """Report a mistake; past MAX_ERRORS nothing more is said."""
        if len(self.linking.errors) < MAX_ERRORS:
            self.linking.errors.append(diagnostics.Diagnostic(code, message, self.source, pos, pos + width, help))


def main_body(f):
    """The code of a module's top level."""
    if f.scope is f.module.linking.main:
        run_imported(f)
    floats.choose(f, f.scope.node.body, ())
    main_entry(f)
    floats.enter(f)
    classes.module_entry(f)
    statements.block_body(f, f.scope.node.body)


def run_imported(f):
    """The imported modules run before the program's own."""
    modules = f.module.linking.modules
    for module in reversed([module for module in list(modules.values())[1:] if module.reference is not None]):
        f.b.closure(f.top, module.reference)
        f.reserve(f.top + calls.LINK)
        f.call(f.top, 0)


def function_body(f):
    """The code of a function or method."""
    body = f.scope.node.body
    generics.bind(f)
    floats.choose(f, body, f.scope.node.params)
    floats.enter(f)
    if body.__class__ is ast.Block:
        statements.block_body(f, body.body, f.scope.early_cells.get(body))
    else:
        f.b.ret(places.result(f, body, None))
        f.live = False


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


def entry(f, params):
    """Registers for parameters and implicit variables, their first values, and the cells of captured ones."""
    b, scope = f.b, f.scope
    if scope.parent is None:
        return
    b.pos = scope.node.pos
    for register, var in enumerate(params):
        var.register = register
    calls.signature(f, params)
    sign(f, params)
    calls.literal_defaults(f, params)
    places.check_arguments(f, params)
    cells = []
    unset = []      # registers that need a first value; the rest is assigned before it is read
    for var in ordered(scope):
        var.register = f.local()
        var.assigned = f.classic
        if var.kind is CELL:
            cells.append(var.register)
        if var.tracked or var.kind is CELL:
            unset.append(var.register)
    if f.classic:
        fill_none(b, unset)
    else:
        for register in unset:
            b.loadunset(register)
    for register in cells:
        b.newcell(register, register)
    calls.default_values(f, params)


def sign(f, params):
    """Note the signature of a function that may be called as a value. It is the first constant."""
    t = f.known(f.module.checked.functions.get(f.scope.node))
    type_ = None if f.scope.owner is not None or t is None else types.signature(f, t)
    if type_ is not None and len(type_.args) == len(params) + 1:
        f.b.const(type_)
        f.b.function.signed = True


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
    own, scope, captures = f.scope, node.scope, []
    for var in scope.captures:
        from_parent = var.scope is not own
        captures.append(Capture(from_parent, var.kind is CELL, own.captures[var] if from_parent else var.register))
    types_ = generics.capture(f, node)
    if types_ is not None:
        captures.append(types_)
    if dst is None:
        dst = f.temp()
    f.b.pos = node.pos
    linking = f.module.linking
    special = specialise.inside(f, scope)
    f.b.closure(dst, linking.add(scope, scope.params, captures, function_body, special) if captures else linking.method(scope, special))
    return dst
