"""Decides which variable each name means, and how each variable is stored.

In:  the `ast.Module` of a file, its Source, its dialect. Out: a `Resolution`; the tree's `var` and `scope` are set.
Holds: every Name, Let, For, Try and FunDecl of the module has a variable, of the kind UNKNOWN where nothing declares it.

One walk in source order (`walk.py`) collects functions, declarations and uses. Explicit declarations (`let`, `fun`,
parameters …) are known from the beginning of their block, so a use of one is resolved on the spot. Everything else is
implicit or predefined and known only at the end of the walk: it waits in `Scope.uses`. A classic program has only
implicit variables and parameters, and all its uses wait.
"""
from itertools import islice

from myna.compiler import diagnostics
from myna.compiler.bytecode.primitives import HELPERS, module_primitives, predefined
from myna.compiler.resolve import bodies, classes, modules, order, patterns, types, walk  # noqa: F401 (they fill the tables)
from myna.compiler.resolve.scopes import BUILTIN, CELL, GLOBAL, REGISTER, STATIC, UNKNOWN, Region, Resolution, Scope, Variable
from myna.compiler.suggest import VALUES, similar
from myna.compiler.syntax import ast

diagnostics.register({
    "E0301": "unknown name",
    "E0302": "name used before its declaration",
    "E0303": "assignment to something that cannot be reassigned",
    "E0304": "name declared twice in one block",
    "E0305": "`break` or `continue` outside a loop",
    "E0306": "`global` after a use of the name",
    "E0309": "construct that does not run yet",
    "E0310": "`return` with nowhere to return to",
    "E0311": "unknown type",
    "E0312": "not a class or interface that this can have above it",
    "E0313": "class above itself",
    "E0314": "local variable used in a method",
    "E0315": "pattern that cannot work",
    "E0317": "type used as a value",
    "E0320": "import that is not at the top level",
    "E0321": "name that a module does not have",
    "E0322": "module that cannot be imported",
    "E0319": "`this` or `super` outside a method",
})

# Top-level variables beyond this many become globals: the machine's short instructions reach about 250 registers, and
# some must remain for temporaries.
MAIN_REGISTERS = 200

MAX_NODES = 20_000  # that are looked at for a name that is alike, some 10 ms: a longer function's last names are not suggested

_NAMED = frozenset((ast.Let, ast.PName, ast.FunDecl))


def resolve(module, source, dialect, imports=None, name=None, prelude=None, library=None, errors=None, earlier=None):
    """Resolve all names of `module`; returns the Resolution. `errors` takes the Diagnostics; without it they are raised.

    `imports` has a ModuleInfo for each import statement. A module that others import has a `name`. `prelude(name)` gives the ModuleInfo of the library module in which
    a name of `modules.PRELUDE` stands, or None. `library`: the name of a module of the standard library, whose primitives it has.
    `earlier`: the scopes.Earlier of an input of a session, whose module shows all its names.
    """
    for rounds in range(order.MAX_ROUNDS + 1):
        resolver = Resolver(module, source, dialect, imports or {}, name, prelude, library, earlier)
        resolver.may_move = rounds < order.MAX_ROUNDS
        resolver.walk()
        if not resolver.moved:
            break
    resolver.finish()
    if errors is not None:
        errors += resolver.errors
    elif resolver.errors:
        raise diagnostics.CompileError(diagnostics.limited(resolver.errors))
    return resolver.resolution


class Resolver:
    """The state of one resolution."""

    def __init__(self, module, source, dialect, imports, name, prelude, library, earlier):
        self.module = module
        self.imports = imports
        self.name = name            # of a module that is imported
        self.prelude = prelude
        self.source = source
        self.classic = dialect == "classic"
        self.natives = module_primitives(library)
        self.predefined = {**predefined(dialect), **self.natives}
        self.errors = []
        self.main = Scope(None, module, "top level", 0)
        self.scopes = [self.main]
        self.resolution = Resolution(self.main, self.scopes)
        # the walk's position
        self.scope = self.main
        self.seq = 1
        self.region = self.body_region = Region(False)   # of the current block; of the current function's body
        self.loops = 0              # loops around this place in its function
        self.visible = {}           # name -> explicit Variables in sight, innermost last
        self.classes = self.resolution.classes      # ClassInfos
        self.error_classes = set()  # ClassInfos
        self.values = []            # Names of STATIC variables that stand where a value is needed
        self.statics = []           # variables that are global though they are not declared at top level
        self.type_params = {}       # names of type parameters in sight -> how often
        if not self.classic:
            self.visible = {name: [var] for name, var in classes.machine_classes().items()}
        self.earlier = earlier
        self.earlier_names = earlier.names if earlier is not None else {}
        if earlier is not None:
            self.resolution.own = earlier.own
        self.visible.update((name, [var]) for name, var in self.earlier_names.items() if var.explicit)
        self.top_names = {}         # explicit variables at the module's top level
        self.may_move, self.moved = False, False    # functions above their first use: see `order`

    def walk(self):
        """Walk the module. `moved`: functions were put above their first use, so all of this must be done again."""
        self.module.scope = self.main
        walk.module(self, self.module)

    def finish(self):
        """Resolve what waits, then choose the storage of every variable."""
        for scope in self.scopes:
            if scope.global_names:
                self.fold_globals(scope)
        for scope in self.scopes:
            self.resolve_uses(scope)
        classes.finish(self)
        for node in self.values:
            types.check_value(self, node)
        self.settle()
        if self.classic:
            bodies.number(self.scopes)
        if self.name is not None or self.earlier is not None:
            self.resolution.info = modules.export(self, self.name)

    # --- functions ---

    def enter(self, node, name, owner=None):
        """Begin a function; what `leave` needs to end it."""
        saved = self.scope, self.region, self.body_region, self.loops
        self.seq += 1
        scope = Scope(self.scope, node, name, self.seq, owner)
        self.scopes.append(scope)
        self.scope, self.loops = scope, 0
        self.region = self.body_region = Region(False)
        return saved

    def leave(self, saved):
        """End a function."""
        self.scope, self.region, self.body_region, self.loops = saved

    # --- declarations ---

    def declare(self, node, name, assignable=True):
        """A new explicit variable of the current block that is not usable yet (its `seq` is 0)."""
        var = Variable(name, self.scope, node.pos, True, assignable)
        if self.region is self.main_region():
            var.module = True
            self.top_names[name] = var
        self.visible.setdefault(name, []).append(var)
        return var

    def main_region(self):
        """The region of the module's top level if the walk is in the module itself, else None."""
        return self.body_region if self.scope is self.main else None

    def settle_declaration(self, var):
        """From here on `var` has a value."""
        self.seq += 1
        var.seq = self.seq
        var.region = self.region

    def implicit(self, name, pos):
        """Record an assignment to the implicit variable `name` of the current function."""
        scope = self.scope
        var = scope.variables.get(name)
        if var is None and scope is self.main:
            var = self.earlier_names.get(name)
        if var is not None:
            var.writes += 1
            return
        var = scope.variables[name] = Variable(name, scope, pos, False)
        var.module = scope is self.main
        var.writes = 1
        self.seq += 1
        var.seq = self.seq
        var.region = self.region
        var.born = len(scope.uses)
        var.tracked = self.region is not self.body_region

    def module_variable(self, name):
        """The module's variable `name`, made when nothing declares it."""
        var = self.top_names.get(name) or self.main.variables.get(name) or self.earlier_names.get(name)
        if var is None:
            var = self.main.variables[name] = Variable(name, self.main, 0, False)
            var.module = True
            var.kind = GLOBAL
        return var

    # --- uses ---

    def read(self, node):
        """A name is read."""
        stack = self.visible.get(node.name)
        if stack:
            self.explicit_use(node, stack[-1])
        else:
            self.scope.uses.append(node)

    def write(self, node):
        """A name is assigned to."""
        stack = self.visible.get(node.name)
        if not stack:
            self.implicit(node.name, node.pos)
            self.scope.uses.append(node)
            return
        var = self.explicit_use(node, stack[-1])
        if not var.assignable or self.foreign(var):
            self.reassigned(var, node)
        var.writes += 1

    def foreign(self, var):
        """Is it the variable of another module?"""
        return var.module and var.scope not in (None, self.main) and var not in self.statics and var not in self.resolution.own

    def explicit_use(self, node, var):
        """Resolve a use of an explicit variable; the variable."""
        scope = self.scope
        if var.home is not None:
            var.home.mention(var)
        if var.scope is scope:
            if var.seq == 0 and not (self.may_move and var.home is not None):
                self.error("E0302", f"`{var.name}` is used before its declaration", node,
                           "names declared in a block are known in the whole block, but have no value before their declaration")
        elif var.name in scope.global_names:
            var = self.module_variable(var.name)
            self.use_outer(scope, var, node)
        else:
            self.use_outer(scope, var, node)
        node.var = var
        return var

    def use_outer(self, scope, var, node):
        """`scope` uses a variable of another function."""
        if var.kind is STATIC or var.kind is BUILTIN or var.kind is UNKNOWN:
            return
        if var.module:
            var.kind = GLOBAL
        elif var not in scope.captures:
            if self.in_method(scope, var.scope):
                self.error("E0314", f"a method cannot use the local variable `{var.name}` of the function around its class", node,
                           "pass it to the class and keep it in a field")
            else:
                scope.capture(var)

    @staticmethod
    def in_method(scope, outer):
        """Whether `scope` is, or is inside, a method that is inside `outer`."""
        while scope is not outer:
            if scope.owner is not None:
                return True
            scope = scope.parent
        return False

    def make_global(self, var):
        """`var` is a global wherever it is declared."""
        var.kind = GLOBAL
        if not var.module:
            var.module = True
            self.statics.append(var)

    def fold_globals(self, scope):
        """What `scope` assigns to names that it declares `global` is the module's, even where a parameter is called so."""
        for name in sorted(scope.global_names):
            own = scope.variables.get(name) if scope is not self.main else None
            if own is not None:
                del scope.variables[name]
                var = self.module_variable(name)
                var.writes += own.writes
                var.kind = GLOBAL
                if not var.assignable:
                    self.reassigned(var, own)

    def resolve_uses(self, scope):
        """Resolve the uses that waited for the end of the walk."""
        resolved = scope.resolved
        for number, node in enumerate(scope.uses):
            var = resolved.get(node.name)
            if var is None:
                var = resolved[node.name] = self.lookup(scope, node)
            node.var = var
            if number < var.born and var.scope is scope:
                var.tracked = True

    def lookup(self, scope, node):
        """The variable that a waiting use in `scope` means."""
        name, owner, main = node.name, scope, self.main
        while owner is not main:
            if name in owner.global_names:
                owner = main
                break
            if name in owner.variables:
                break
            owner = owner.parent
        var = owner.variables.get(name)
        if var is None and owner is main:
            var = self.earlier_names.get(name)
        if var is None:
            if not self.classic and name not in self.predefined and name not in self.top_names:
                var = self.library_variable(name) or self.unknown(scope, node)
            var = var or self.module_variable(name)
        if var.scope is not scope:
            self.use_outer(scope, var, node)
        return var

    def library_variable(self, name):
        """The variable of a library module that is known without an import, or None."""
        info = self.prelude(name) if self.prelude is not None and name in modules.PRELUDE else None
        return info and info.statics.get(name)

    # --- storage ---

    def settle(self):
        """Choose the kind of every variable, and number the globals."""
        for scope in self.scopes:
            for var in scope.captures:
                if var is not var.scope.token and not closures_may_copy(var):
                    var.kind = CELL
                    var.early = var.explicit and var.first_capture < var.seq
                    var.checked = not self.classic and (var.tracked or var.first_capture < var.seq)
        self.settle_main()

    def settle_main(self):
        registers = 0
        for var in [*self.main.variables.values(), *self.top_names.values(), *self.statics]:
            if var.kind is STATIC:
                continue
            primitive = self.predefined.get(var.name) if not var.explicit else None
            if primitive is not None and var.writes == 0:
                var.kind, var.index = BUILTIN, primitive
                self.resolution.reflects |= primitive.name == "type_of"
                self.resolution.members.update(HELPERS.get(var.name, ()))
                continue
            if var.kind is REGISTER:
                registers += 1
                if registers > MAIN_REGISTERS or self.name is not None:
                    var.kind = GLOBAL
            if var.kind is GLOBAL:
                var.index = len(self.resolution.globals)
                self.resolution.globals.append(var.name if self.name is None else f"{self.name}.{var.name}")
            elif primitive is not None:
                var.tracked = False

    # --- errors ---

    def error(self, code, message, node, help=None, width=None):
        """Report a mistake about the name at `node`."""
        width = width or len(getattr(node, "name", None) or node.alias)
        self.errors.append(diagnostics.Diagnostic(code, message, self.source, node.pos, node.pos + width, help))

    def reassigned(self, var, node):
        """Report an assignment to a `let` or a declared function."""
        self.error("E0303", f"`{var.name}` cannot be assigned to again", node,
                   f"declare it with `var {var.name} = …` to reassign it")

    def unknown(self, scope, node):
        """Report a name that nothing declares, with the most similar one in sight; the Variable that stands for it."""
        self.error("E0301", f"nothing is called `{node.name}`", node,
                   self.member_help(scope, node.name) or self.suggest(self.in_sight(scope), node.name, VALUES))
        var = self.module_variable(node.name)
        var.kind = UNKNOWN
        return var

    @staticmethod
    def member_help(scope, name):
        """The help for a name that is a member of the class around `scope`, or None."""
        info = scope.class_
        if info is None or info.kind == "variant" or not (name in info.methods or any(
                item.name == name for item in (*info.params, *info.node.members) if hasattr(item, "name"))):
            return None
        return f"write `{info.name if name in info.statics else 'this'}.{name}`"

    def suggest(self, names, name, others=None):
        """`suggest.similar` for an error that will be shown, else None."""
        return similar(name, names, others) if len(self.errors) < diagnostics.MAX_ERRORS else None

    def in_sight(self, scope):
        """The names of variables in sight somewhere in `scope`."""
        yield from self.predefined
        yield from self.top_names
        yield from self.earlier_names
        while scope is not None:
            yield from (var.name for var in (*scope.variables.values(), *scope.params) if var.writes or var.explicit)
            if scope is not self.main:
                yield from (node.name for node in islice(ast.walk(scope.node), MAX_NODES) if node.__class__ in _NAMED)
            scope = scope.parent


def share(resolution):
    """Make what an input of a session declares global, so that later ones find it. Checking comes first: until then nobody else can
    assign to it."""
    for var in resolution.info.statics.values():
        if var.kind is REGISTER:
            var.kind = GLOBAL
            var.index = len(resolution.globals)
            resolution.globals.append(var.name)


def closures_may_copy(var):
    """Whether a captured variable never changes once a closure uses it, so that closures can copy its value."""
    if var.explicit:
        return var.writes == 0 and var.first_capture > var.seq
    region = var.region
    return (var.writes == 1 and not region.repeats and var.seq < var.first_capture
            and var.last_capture < region.end)
