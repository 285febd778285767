"""Classes, interfaces and enums: what their declarations say, and the walk through their members.

In:  a `resolver.Resolver` and declarations. Out: a `ClassInfo` in each declaration's `info` and in its variable's; scopes of
methods and initialisers.
Holds: a class's name is known in its whole block. Methods and initialisers capture nothing, so classes are static: they
exist before the program runs. After `finish`, superclasses and slots are known and no class is its own superclass.
"""
from myna.compiler.resolve import types, walk
from myna.compiler.resolve.scopes import STATIC, Variable
from myna.compiler.syntax import ast

# The errors that the machine raises, and the superclass of all.
MACHINE_CLASSES = ("Error", "TypeError", "CastError", "DivisionByZeroError", "OverflowError", "IndexError", "ValueError",
                   "FieldError", "ArgumentError", "StackOverflowError", "OutOfMemoryError", "RuntimeError",
                   "UninitializedVariableError", "MatchError")
ERROR_SLOTS = ("message", "cause", "(trace)")     # what is read as `trace` is made from the last
MOST_FIELDS = 250       # what the machine's short instructions can name
MOST_METHODS = 1021     # the numbers below METHOD_SLOT of vm/layout.py, but two for the hidden ones of lower/describe.py


class ClassInfo:
    """What is known of a class, an interface, an enum, a variant of one, or a class of the machine (see `kind`)."""

    __slots__ = ("kind", "name", "node", "base", "interfaces", "params", "statics", "methods", "scope", "slots", "constant",
                 "plain")

    def __init__(self, kind, name, node, params=()):
        self.kind = kind            # "class", "interface", "enum", "variant", "machine"
        self.name = name
        self.node = node
        self.base = None            # ClassInfo of the superclass; of a variant, its enum
        self.interfaces = []        # ClassInfos
        self.params = list(params)  # Params of the constructor; a variant's and a class's are fields
        self.statics = {}           # name -> Variable: static members, nested types, variants
        self.methods = {}           # name -> Scope of its own methods that have a body
        self.scope = None           # of a class: the initialiser's Scope, with `this` and `params`; of a variant: with `params`
        self.slots = {}             # name of each field, inherited ones first -> its number
        self.plain = kind in ("variant", "machine")     # an instance's fields are just the constructor's parameters
        self.constant = None        # of a variant without parameters: the Variable, a global, that holds its one instance

    def ancestors(self):
        """Itself and its superclasses."""
        info = self
        while info is not None:
            yield info
            info = info.base

    def all_above(self):
        """Its superclasses, and all interfaces of these and its own."""
        found, waiting = {}, [*self.ancestors()]
        while waiting:
            info = waiting.pop()
            if info not in found:
                found[info] = None
                waiting += info.interfaces
        return [info for info in found if info is not self]

    def find_method(self, name):
        """The Scope of a method, its own or inherited, or None."""
        for info in self.ancestors():
            if name in info.methods:
                return info.methods[name]
        waiting, seen = [interface for info in self.ancestors() for interface in info.interfaces], set()
        while waiting:
            interface = waiting.pop(0)
            if interface not in seen:
                seen.add(interface)
                if name in interface.methods:
                    return interface.methods[name]
                waiting += interface.interfaces
        return None


class Alias:
    """What a type's alias stands for; `checked` is what the checker knows of it."""

    __slots__ = ("type", "checked")

    def __init__(self, type):
        self.type = type
        self.checked = None


def machine_classes():
    """Name -> a Variable for each class of the machine."""
    out = {}
    for name in MACHINE_CLASSES:
        info = ClassInfo("machine", name, None, [ast.Param(0, "message", None, None, False),
                                                 ast.Param(0, "cause", None, ast.NoneLit(0), False)])
        info.slots = {slot: number for number, slot in enumerate(ERROR_SLOTS)}
        var = out[name] = Variable(name, None, 0, True, False)
        var.kind, var.info, var.seq = STATIC, info, 1
    return out


# The predefined interfaces, which are classes of the machine.
INTERFACES = {name: ClassInfo("machine", name, None) for name in sorted(types.INTERFACES)}


# --- declaring: names are known in the whole block ---

def declare(r, node, add):
    """Declare a class, an interface or an enum; `add(node, name)` makes a variable of the block."""
    kind = KINDS[node.__class__]
    info = node.info = ClassInfo(kind, node.name, node, node.params if kind == "class" else ())
    node.var = static(r, add(node, node.name), info)
    r.classes.append(info)
    if kind == "enum":
        for variant in node.variants:
            declare_variant(r, info, variant, add(variant, variant.name))


KINDS = {ast.ClassDecl: "class", ast.InterfaceDecl: "interface", ast.EnumDecl: "enum"}


def static(r, var, info):
    """A variable that is known while compiling."""
    var.kind, var.info = STATIC, info
    r.settle_declaration(var)
    return var


def declare_variant(r, enum, node, var):
    info = node.info = ClassInfo("variant", node.name, node, node.params or ())
    static(r, var, info)
    info.base = enum
    r.classes.append(info)
    enum.statics[node.name] = var
    if node.params is None:
        info.constant = var
        r.make_global(var)


def alias(r, node, add):
    """Declare a type's alias."""
    node.var = static(r, add(node, node.name), Alias(node.type))


# --- the walk ---

def alias_decl(r, node):
    """Walk a type's alias."""
    types.show_params(r, node.type_params)
    types.use(r, node.type)
    types.show_params(r, node.type_params, -1)



def class_decl(r, node):
    """Walk a class, an interface or an enum: its supertypes, then its members."""
    info = node.info
    types.show_params(r, node.type_params)
    supertypes(r, node, info)
    nested = walk.declare_block(r, [member for member in node.members if member.__class__ in walk.DECLARE])
    info.statics.update(nested)
    if info.kind == "class":
        initialiser(r, info)
    for variant in node.variants if info.kind == "enum" else ():
        saved = r.enter(variant, variant.name, info)
        variant.info.scope = r.scope
        walk.parameters(r, variant.params or ())
        walk.hide(r, r.scope.params)
        r.leave(saved)
    for member in node.members:
        kind = member.__class__
        if kind is ast.MethodDecl:
            method(r, info, member)
        elif kind is ast.FieldDecl:
            if member.static:
                static_field(r, info, member)
        elif kind is not ast.InitDecl:
            walk.WALK[kind](r, member)
    walk.undeclare(r, nested)
    types.show_params(r, node.type_params, -1)


def supertypes(r, node, info):
    """Find the superclass and the interfaces."""
    kind = info.kind
    if kind == "class" and node.base is not None:
        base = types.class_of(r, node.base)
        if base is not None and base.kind not in ("class", "machine"):
            r.error("E0312", f"`{base.name}` is no class that another can extend", node.base,
                    f"write `implements {base.name}`" if base.kind == "interface" else None)
        elif base is not None:
            info.base = base
            if base.kind == "machine" or base in r.error_classes or base not in r.classes and is_error(base):
                r.error_classes.add(info)
                take_error_parameters(info)
    for written in node.interfaces if kind == "class" else node.bases if kind == "interface" else ():
        interface = types.class_of(r, written)
        if interface is not None and interface.kind != "interface":
            r.error("E0312", f"`{interface.name}` is no interface", written)
        elif interface is not None:
            info.interfaces.append(interface)


def is_error(info):
    """Is a class of another module below those of errors?"""
    return any(above.kind == "machine" for above in info.ancestors())


def take_error_parameters(info):
    """An error class that says nothing of parameters takes those of all errors: `class C(message: string = "", cause = None)
    extends B(message, cause)`, if B takes them too."""
    node, pos = info.node, info.node.base.pos
    if node.params or node.base_args or [param.name for param in info.base.params[:2]] != ["message", "cause"]:
        return
    node.params = [ast.Param(pos, "message", ast.TypeName(pos, "string", []), ast.String(pos, ""), False),
                   ast.Param(pos, "cause", None, ast.NoneLit(pos), False)]
    node.base_args = [ast.Name(pos, "message"), ast.Name(pos, "cause")]
    info.params = list(node.params)


def initialiser(r, info):
    """The function that initialises an instance: arguments of the superclass, fields, `init` blocks."""
    node = info.node
    saved = r.enter(node, info.name, info)
    info.scope = r.scope
    this = walk.declare_this(r, node)
    walk.parameters(r, node.params)
    walk.items(r, node.base_args or ())
    for member in node.members:
        if member.__class__ is ast.FieldDecl and not member.static and member.value is not None:
            walk.WALK[member.value.__class__](r, member.value)
    for member in node.members:
        if member.__class__ is ast.InitDecl:
            walk.block(r, member.body)
    walk.hide(r, [this, *info.scope.params[1:]])
    r.leave(saved)


def method(r, info, node):
    """A method, or a static function."""
    function, name = node.function, node.name
    if name in (info.statics if node.static else info.methods):
        r.error("E0304", f"`{node.name}` is declared twice in `{info.name}`", node)
    if function.body is None:
        return
    scope = walk.function(r, function, info, f"{info.name}.{node.name}", this=not node.static)
    if node.static:
        var = info.statics[name] = Variable(name, r.scope, node.pos, True, False)
        var.kind, var.info, var.seq = STATIC, scope, r.seq
    else:
        info.methods[name] = scope


def static_field(r, info, node):
    """A variable of the class: it gets its value where the class stands."""
    if node.name in info.statics:
        r.error("E0304", f"`{node.name}` is declared twice in `{info.name}`", node)
    if node.value is not None:
        walk.WALK[node.value.__class__](r, node.value)
    var = info.statics[node.name] = Variable(f"{info.name}.{node.name}", r.scope, node.pos, True, node.mutable)
    r.settle_declaration(var)
    r.make_global(var)


# --- after the walk ---

def finish(r):
    """Number the fields of all classes, superclasses first."""
    done, own = set(), {*r.classes}
    for info in r.classes:
        chain, on_way = [], set()
        while info in own and info not in done:
            if info in on_way:
                r.error("E0313", f"`{info.name}` is its own superclass", info.node)
                chain[-1].base = None
                break
            on_way.add(info)
            chain.append(info)
            info = info.base
        while chain:
            info = chain.pop()
            number_fields(r, info)
            done.add(info)
    state = {}
    for info in r.classes:
        if info not in state:
            break_circles(r, info, state)
    bounds, done = {}, set()
    for info in reversed(r.classes):        # subclasses first, mostly: they have the methods of what they have above them
        if methods_bound(info, bounds) > MOST_METHODS and info not in done:
            if len(method_names(info)) > MOST_METHODS:
                r.error("E0403", f"`{info.name}` has more than {MOST_METHODS} methods", info.node)
            done.update(info.ancestors())


def methods_bound(info, bounds):
    """No fewer than the methods that a class has, inherited ones included; `bounds` keeps what was found."""
    if info not in bounds:
        above = [*info.interfaces, *([info.base] if info.base is not None else [])]
        bounds[info] = len(info.methods) + sum(methods_bound(each, bounds) for each in above)
    return bounds[info]


def method_names(info):
    """The names of the methods that a class has, inherited ones included."""
    names, waiting, seen = set(), [info], set()
    while waiting:
        each = waiting.pop()
        if each is not None and each not in seen:
            seen.add(each)
            names.update(each.methods)
            waiting += [each.base, *each.interfaces]
    return names


def number_fields(r, info):
    """The slots of one class."""
    slots = info.slots = dict(info.base.slots) if info.base is not None else {}
    own = set()
    fields = [(param, param.name) for param in info.params]
    if info.kind == "class":
        fields += [(m, m.name) for m in info.node.members if m.__class__ is ast.FieldDecl and not m.static]
    for node, name in fields:
        if name in own:
            r.error("E0304", f"`{name}` is declared twice in `{info.name}`", node)
        own.add(name)
        slots.setdefault(name, len(slots))
    if info.kind == "class":
        info.plain = info.base is None and not any(m.__class__ is ast.InitDecl or m.__class__ is ast.FieldDecl and not m.static and m.value is not None
                                                   for m in info.node.members)
    if len(slots) > MOST_FIELDS:
        r.error("E0403", f"`{info.name}` has more than {MOST_FIELDS} fields", info.node)


def break_circles(r, info, state):
    """Report an interface that extends itself, and let it not. `state` has True for those that are being looked through."""
    state[info] = True
    for other in list(info.interfaces):
        if state.get(other):
            r.error("E0313", f"`{other.name}` extends itself", other.node)
            info.interfaces.remove(other)
        elif other not in state:
            break_circles(r, other, state)
    state[info] = False


for _node in (ast.ClassDecl, ast.InterfaceDecl, ast.EnumDecl):
    walk.DECLARE[_node] = declare
    walk.WALK[_node] = class_decl
walk.DECLARE[ast.TypeAlias] = alias
walk.WALK[ast.TypeAlias] = alias_decl
