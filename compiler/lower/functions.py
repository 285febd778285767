"""Modules and functions: entry code, function literals, and the order in which functions are lowered.

In:  a resolved `ast.Module`, its Resolution, Source and dialect. Out: `Lowered`, what a unit is made of.
Holds: functions are lowered one after another from a work list, so nesting of functions costs no recursion; a closure's
capture list is known when the instruction that makes it is emitted, as only then its parent's registers are.
"""
from typing import NamedTuple

from myna.compiler import diagnostics
from myna.compiler.bytecode.builder import TooLarge
from myna.compiler.bytecode.primitives import predefined
from myna.compiler.bytecode.program import Capture, FunctionRef, Program, SourceFile
from myna.compiler.diagnostics import MAX_ERRORS
from myna.compiler.lower import specialise
from myna.compiler.lower import calls, classes, conditions, describe, export, expressions, extern, floats, generics, patterns, places, statements, tries, types  # noqa: F401 (they fill the tables)
from myna.compiler.lower.registers import EXPR, Lowering, expression
from myna.compiler.resolve.classes import ClassInfo
from myna.compiler.resolve.scopes import CELL, GLOBAL, REGISTER, Scope
from myna.compiler.syntax import ast
from myna.compiler.types import model
from myna.compiler.types.checked import UNCHECKED

diagnostics.register({
    "E0307": "wrong number of arguments",
    "E0316": "unknown member",
    "E0318": "named argument that nothing takes",
    "E0403": "function too large",
})


def lower(resolution, source, checked, dialect, foreign=(), shown=(), runs=True, reflects=False):
    """The Lowered of a resolved and checked module. Checked is None in classic programs. `foreign` holds the Scopes, ClassInfos and
    Variables of other modules. `shown` are (number, Scope or ClassInfo or Variable), those of its own that other modules may know of.
    The file of a module that does not run has methods of built-in types. `reflects`: the program
    mentions `type_of`. Raises CompileError."""
    linking = Linking(resolution, foreign, reflects)
    module = ModuleLowering(linking, resolution, source, checked, dialect)
    module.reference = linking.add(resolution.scope, [], [], main_body) if runs else None
    describe.enter_functions(linking)
    linking.run()
    lowered = Lowered(linking.program, len(linking.waiting), linking.outer_globals, linking.renamed, module.named)
    for number, what in shown:
        linking.show(number, what, lowered.shown)
    if not runs:
        lowered.methods.update((stmt.name, linking.method(stmt.function.scope).index) for stmt in resolution.scope.node.body
                               if stmt.__class__ is ast.FunDecl)
    linking.run()
    if linking.errors:
        raise diagnostics.CompileError(sorted(linking.errors, key=lambda d: d.pos))
    return lowered


# What other modules may want of a module: the function of a Scope, the constructor and the initialiser of a class, the class itself,
# the global of a Variable.
METHOD, CONSTRUCTOR, INITIALISER, CLASS, GLOBAL_VARIABLE = range(5)


class Foreign(NamedTuple):
    """A function or a class of another module, in the place of one in a table. `kind`: what is wanted of `what`; a class of the machine
    is its name."""
    kind: int
    what: object


class Lowered:
    """One module. The functions and classes of `program` are its own, or Foreign; functions from number `core` on are there for
    other modules only. `globals`: Variables of other modules, whose numbers follow those of the program's own globals. `shown`:
    (kind, number of what is shown) -> number of the function, class or global. `methods` of built-in types: name -> number."""

    def __init__(self, program, core, globals_, renamed, named):
        self.program, self.core, self.globals = program, core, globals_
        self.renamed, self.named = renamed, named
        self.shown = {}
        self.methods = {}


class Pending(NamedTuple):
    """A function that waits to be lowered. `params`: the Variables in its first registers; `lower(f)` does the rest."""
    scope: Scope
    params: list
    captures: list
    lower: object
    special: object


class Linking:
    """The tables of a module that grow while its functions are lowered: the Program, the functions that wait, the numbers of classes."""

    def __init__(self, resolution, foreign, reflects):
        self.program = Program("")
        self.program.files.clear()
        self.program.globals = resolution.globals
        self.main = resolution.scope
        self.foreign = foreign
        self.outer_globals = {}     # Variable of another module -> its number here
        self.errors = []
        self.waiting = []       # Pending or Foreign; a function's index in the program is its place here
        self.references = {}    # what a function without captures is made from -> its FunctionRef
        self.classes = {}       # ClassInfo, or name of a machine's class -> its index in the program
        self.entered = []       # (Lowering, ClassInfo, Class): those whose types are still to be written
        self.renamed = []       # statics.Renamed
        self.module = None      # ModuleLowering
        self.needs = {}         # (node, Specialisation) -> whether what stands in it may need type arguments
        self.special = {}       # Scope of a generic function -> {type arguments: Specialisation}
        self.reflects = reflects        # does the program mention `type_of`?

    def run(self):
        """Lower the functions that wait."""
        functions, module = self.program.functions, self.module
        while len(functions) < len(self.waiting):
            pending = self.waiting[len(functions)]
            if pending.__class__ is Foreign:
                functions.append(pending)
                continue
            scope, params, captures, lower_body, special = pending
            f = Lowering(module, scope, len(params), special)
            f.env = generics.environment(f, params, captures)
            try:
                entry(f, params)
                lower_body(f)
                if f.live:
                    f.b.retnone()
                f.b.function.captures = captures
                functions.append(f.finish(scope.body_number))
            except TooLarge as error:
                module.error("E0403", f"this function is too large: too many {error}", f.b.pos, 1)
                functions.append(f.b.function)
            while self.entered:
                generics.class_types(*self.entered.pop())

    def add(self, scope, params, captures, lower_body, special=None):
        """The constant that names a function, which will be lowered."""
        self.waiting.append(Pending(scope, params, captures, lower_body, special))
        return FunctionRef(len(self.waiting) - 1)

    def shared(self, key, scope, params, lower_body, special=None):
        """The same for a function that captures nothing; `key` tells it from all others."""
        reference = self.references.get((key, special))
        if reference is None:
            reference = self.references[key, special] = self.add(scope, params, [], lower_body, special)
        return reference

    def outside(self, kind, what):
        """The same for a function of another module."""
        reference = self.references.get((kind, what))
        if reference is None:
            self.waiting.append(Foreign(kind, what))
            reference = self.references[kind, what] = FunctionRef(len(self.waiting) - 1)
        return reference

    def method(self, scope, special=None):
        """The constant that names a method, a static function, one that captures nothing; `special`: for these type arguments."""
        if scope in self.foreign:
            return self.outside(METHOD, scope)
        return self.shared(scope, scope, scope.params, function_body, special)

    def constructor(self, info):
        """The constant that names a class's constructor."""
        return self.outside(CONSTRUCTOR, info) if info in self.foreign else classes.constructor(self, info)

    def initialiser(self, info):
        """The constant that names the function that initialises an instance of a subclass."""
        return self.outside(INITIALISER, info) if info in self.foreign else classes.initialiser(self, info)

    def outside_class(self, info):
        """The index of another module's class; of the machine's, given its name."""
        if info not in self.classes:
            self.classes[info] = len(self.program.classes)
            self.program.classes.append(Foreign(CLASS, info))
        return self.classes[info]

    def global_number(self, var):
        """The number of a global."""
        if var not in self.foreign:
            return var.index
        return self.outer_globals.setdefault(var, len(self.program.globals) + len(self.outer_globals))

    def show(self, number, what, shown):
        """Note in `shown` where other modules find a Scope, ClassInfo or Variable."""
        kind = what.__class__
        if kind is ClassInfo:
            shown[CLASS, number] = self.classes[what]
            if what.kind in ("class", "variant"):
                shown[CONSTRUCTOR, number] = self.constructor(what).index
            if what.kind == "class":
                shown[INITIALISER, number] = self.initialiser(what).index
        elif kind is Scope:
            shown[METHOD, number] = self.method(what).index
        else:
            shown[GLOBAL_VARIABLE, number] = what.index

    def describe(self, f, info):
        """The hidden methods of a class."""
        return describe.methods(f, info)


class ModuleLowering:
    """What the functions of one module share."""

    def __init__(self, linking, resolution, source, checked, dialect):
        self.linking = linking
        self.checked = checked or UNCHECKED
        self.source = source
        self.classic = dialect == "classic"
        self.predefined = predefined(dialect)
        self.resolution = resolution
        self.reference = None   # of the function of its top level, if it runs
        self.named = []         # calls.Named
        linking.module = self
        linking.program.files.append(SourceFile(source.name, source.starts))

    def error(self, code, message, pos, width, help=None):
        """Report a mistake; past MAX_ERRORS nothing more is said."""
        if len(self.linking.errors) < MAX_ERRORS:
            self.linking.errors.append(diagnostics.Diagnostic(code, message, self.source, pos, pos + width, help))


def main_body(f):
    """The code of a module's top level."""
    floats.choose(f, f.scope.node.body, ())
    main_entry(f)
    floats.enter(f)
    classes.module_entry(f)
    export.enter(f)
    statements.block_body(f, f.scope.node.body)


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
            b.setglobal(f.top, f.module.linking.global_number(var))
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
    """Note the signature of a function without type parameters, or of a specialised body. It is the first constant."""
    t = f.known(f.module.checked.functions.get(f.scope.node))
    if f.special is not None and f.special.root is f.scope:
        t = model.function(t.params, t.result, t.names, t.required, t.rest)
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
