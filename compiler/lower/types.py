"""Types as constants of the bytecode, and the expressions that test them.

In:  type nodes and static types, `Is` and `As`. Out: `program.Type`s, instructions. Holds: a type parameter stands in a constant
as a "param" where the function knows its type arguments (see `generics`), else as dynamic.
"""
from myna.compiler.bytecode.program import TYPE_DEPTH, Type
from myna.compiler.lower import generics, statics
from myna.compiler.lower.registers import COND, EXPR, condition, expression
from myna.compiler.resolve.classes import INTERFACES, Alias, machine_classes
from myna.compiler.resolve.types import PREDEFINED
from myna.compiler.syntax import ast
from myna.compiler.types import model

KINDS = {ast.TypeFunction: "function", ast.TypeTuple: "tuple", ast.TypeRecord: "record"}
ERRORS = machine_classes()
INT = Type("int")
ANY = Type("dynamic")
# Parts of a type, and levels of them: a larger one, which nobody writes by hand, is tested without its parts.
LARGEST, DEEPEST = 200, TYPE_DEPTH - 4


def of(f, t, env=None):
    """The constant of a static type; what has none is dynamic. `env` replaces the function's Environment."""
    env = env or f.env
    if is_large(t):
        return outline(f, t)
    return _of(f, t, env)


def is_large(t):
    """Has a type too many parts, as a tree, or too many levels?"""
    found, level, depth = 0, [t], 0
    while level:
        found += len(level)
        depth += 1
        if found > LARGEST or depth > DEEPEST:
            return True
        level = [part for t in level for part in model.parts(t)]
    return False


def outline(f, t):
    """The constant of a type without its parts."""
    if t.__class__ is model.Optional:
        return outline(f, t.inner)._replace(optional=True)
    return _of(f, t, generics.NOTHING) if t.__class__ is model.Simple else _head(f, t)


def _head(f, t):
    kind = t.__class__
    if kind is model.Nominal:
        if t.decl.node is not None:
            return of_class(f, t.decl.node.info)
        name = t.decl.name
        machine = INTERFACES.get(name) or (ERRORS[name].info if name in ERRORS else None)
        return Type(PREDEFINED.get(name, "dynamic")) if machine is None else of_class(f, machine)
    return Type({model.Function: "function", model.Tuple: "tuple", model.Record: "record"}.get(kind, "dynamic"))


def _of(f, t, env):
    kind = t.__class__
    if kind is model.Optional:
        inner = _of(f, t.inner, env)
        return inner if inner.kind == "dynamic" else inner._replace(optional=True)
    if kind is model.Nominal:
        head = _head(f, t)
        return head if head.kind == "dynamic" else head._replace(args=given([_of(f, arg, env) for arg in t.args]))
    if kind is model.TypeParam:
        return env.param(t) if env is not None else ANY
    if kind is model.Number:
        return Type(PREDEFINED[t.name])
    if kind is model.Simple:
        return Type("never") if t is model.NEVER else Type(PREDEFINED.get(t.name, "dynamic"))
    if kind is model.Tuple:
        return Type("tuple", args=tuple([_of(f, item, env) for item in t.items]))
    if kind is model.Record:
        fields = () if t.open else t.fields
        return Type("record", args=tuple([_of(f, part, env) for _, part in fields]), names=tuple([name for name, _ in fields]))
    if kind is model.Function and t.rest is None and t.required == len(t.params):
        return Type("function", args=tuple([_of(f, part, env) for part in (*t.params, t.result)]))
    return _head(f, t)


def signature(f, t):
    """The constant of a function type without type parameters that says something of its parameters or result; else None."""
    if t.__class__ is not model.Function or t.type_params or t.generic or t.rest is not None or t.required != len(t.params):
        return None
    type_ = of(f, t)
    return type_ if type_.args and not is_open(type_) and given(type_.args) else None


def given(args):
    """Type arguments; none where all are dynamic."""
    return () if all(arg == ANY for arg in args) else tuple(args)


def is_open(type_):
    """Does a type parameter stand in it?"""
    return type_.kind == "param" or any(map(is_open, type_.args))


def constant(f, node):
    """The constant of a written type, or None (after an error) for one that cannot be tested."""
    t = f.types.get(node)
    if t is not None and not t.loose:
        return of(f, t)
    optional, seen = False, set()
    while True:
        if node.__class__ is ast.TypeOptional:
            optional, node = True, node.inner
            continue
        if node.__class__ is not ast.TypeName:
            return Type(KINDS[node.__class__], 0, optional)
        if node.var is None:
            return named(f, node, optional)
        info = node.var.info
        if info.__class__ is not Alias:
            return of_class(f, info, optional)
        if info in seen:
            f.module.error("E0313", f"`{node.name}` stands for itself", node.pos, len(node.name))
            return None
        seen.add(info)
        node = info.type


def named(f, node, optional):
    """A predefined type or a type parameter."""
    kind = PREDEFINED.get(node.name)
    if kind is None:
        return Type("dynamic", 0, optional)
    return Type(kind, 0, optional)


def of_class(f, info, optional=False):
    """The constant of a class."""
    if info.kind == "machine" and info.name == "Error":
        return Type("error", 0, optional)
    return Type("class", statics.number(f, info), optional)


# --- tests ---

def cast(f, dst, register, type_, place):
    """R[dst] := R[register], which must be of the type; `place` is for the message."""
    if type_ == INT and dst == register:
        f.b.checkint(register, place)
        return
    if not is_open(type_):
        f.b.cast(dst, register, type_, place)
        return
    top = f.top
    f.top = max(top, dst + 1, register + 1)
    f.b.castr(dst, register, generics.number(f, type_), place)
    f.top = top


def branch(f, register, type_, label, when):
    """Jump to `label` if whether R[register] is of the type is `when`."""
    if type_ is not None and is_open(type_):
        top = f.top
        f.top = max(top, register + 1)
        number = generics.number(f, type_)
        f.b.isr(number, register, number)
        (f.b.jtrue if when else f.b.jfalse)(number, label)
        f.top = top
    else:
        (f.b.jis if when else f.b.jisnt)(register, type_, label)


def operand(f, node):
    """The register of a tested value. Its temporaries are free again."""
    mark = f.top
    register = EXPR[node.value.__class__](f, node.value, None)
    f.top = mark
    f.b.pos = node.pos
    return register


@expression(ast.Is)
def is_(f, node, dst):
    mark = f.top
    register, type_ = operand(f, node), constant(f, node.type)
    if type_ is not None and is_open(type_):
        f.top = max(mark, register + 1)
        number = generics.number(f, type_)
        f.top = mark
        if dst is None:
            dst = f.temp()
        f.b.isr(dst, register, number)
        return dst
    if dst is None:
        dst = f.temp()
    f.b.is_(dst, register, type_)
    return dst


@condition(ast.Is)
def is_condition(f, node, label, when):
    branch(f, operand(f, node), constant(f, node.type), label, when)


@expression(ast.As)
def as_(f, node, dst):
    register = operand(f, node)
    if dst is None:
        dst = f.temp()
    type_ = constant(f, node.type)
    if type_ is not None:
        cast(f, dst, register, type_, "")
    return dst
