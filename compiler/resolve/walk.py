"""The walk over the syntax tree: one function a node class, in source order, telling the resolver what it meets.

In:  a `resolver.Resolver` and a node. Out: the resolver's scopes, variables and waiting uses.
Holds: a statement or expression leaves the resolver's position (function, region, names in sight) as it found it.
Chains that grow to the left (`a + b + …`) or by `else if` are walked in a loop, so their length is not limited.
"""
from myna.compiler.resolve import order, types
from myna.compiler.resolve.scopes import CELL, STATIC, UNKNOWN, Region, Variable
from myna.compiler.syntax import ast


def module(r, node):
    """Walk a whole file."""
    body(r, node.body)


def body(r, stmts):
    """Declare what a block declares, walk its statements, and forget the names; name -> Variable of what it declared."""
    declared = declare_block(r, stmts)
    home = None if r.classic else order.home_of(stmts)
    if home is None:
        statements(r, stmts)
    else:
        for home.at, stmt in enumerate(stmts):
            WALK[stmt.__class__](r, stmt)
        r.moved |= home.leave(r.may_move)
    undeclare(r, declared)
    return declared


def statements(r, body):
    for stmt in body:
        WALK[stmt.__class__](r, stmt)


def items(r, nodes):
    for node in nodes:
        WALK[node.__class__](r, node)


def leaf(r, node):
    """Nothing to find below a literal."""


# --- blocks ---

def block(r, node, repeats=False, variables=()):
    """Walk a block. `variables` are declared by its header and have a value from its beginning."""
    outer = r.region
    r.region = region = Region(outer.repeats or repeats)
    for var in variables:
        r.settle_declaration(var)
    declared = body(r, node.body)
    if declared and not r.classic:
        note_early(r, node, declared)
    r.seq += 1
    region.end = r.seq
    r.region = outer


def declare_block(r, body):
    """Declare the names that a block's own statements introduce: name -> Variable."""
    declared = {}

    def add(node, name, assignable=False, var=None):
        twice = name in declared
        if twice:
            r.error("E0304", f"`{name}` is declared twice in this block", node)
            r.visible[name].pop()
        if var is None:
            var = r.declare(node, name, assignable)
        else:
            r.visible.setdefault(name, []).append(var)
        if twice:       # uses may mean either
            r.visible[name][-1] = unknown(name, node.pos)
        declared[name] = var
        return var

    for stmt in body:
        declare = DECLARE.get(stmt.__class__)
        if declare is not None:
            declare(r, stmt, add)
    return declared


def undeclare(r, declared):
    for name in declared:
        r.visible[name].pop()


def hide(r, variables):
    """Variables of a header go out of sight."""
    for var in variables:
        r.visible[var.name].pop()


def note_early(r, node, declared):
    """Remember the variables that closures made before their declaration capture."""
    early = [var for var in declared.values() if var.first_capture < var.seq]
    if early:
        r.scope.early_cells[node] = early


# --- statements ---

def expr_stmt(r, node):
    expr = node.expr
    WALK[expr.__class__](r, expr)


def assign(r, node):
    target, value = node.target, node.value
    if target.__class__ is ast.Name:
        if node.op is not None:
            r.read(target)
        WALK[value.__class__](r, value)
        r.write(target)
    else:
        WALK[target.__class__](r, target)
        WALK[value.__class__](r, value)


def declare_let(r, node, add):
    node.var = add(node, node.name, node.mutable)


def let(r, node):
    if node.value is not None:
        WALK[node.value.__class__](r, node.value)
    r.settle_declaration(node.var)


def declare_function(r, node, add):
    node.var = add(node, node.name)
    node.var.info = node.function


def fun_decl(r, node):
    # The declaration and the making of the closure are one event: the function itself never sees the name unset.
    r.settle_declaration(node.var)
    r.seq -= 1
    function(r, node.function)


def value_stmt(r, node):
    if node.__class__ is ast.Return and r.scope.node.__class__ is ast.ClassDecl:
        r.error("E0310", "an `init` block returns nothing", node, width=len("return"))
    if node.value is not None:
        WALK[node.value.__class__](r, node.value)


def if_stmt(r, node):
    while True:
        WALK[node.cond.__class__](r, node.cond)
        block(r, node.then)
        rest = node.orelse
        if rest.__class__ is not ast.If:
            break
        node = rest
    if rest is not None:
        block(r, rest)


def while_stmt(r, node):
    WALK[node.cond.__class__](r, node.cond)
    loop_body(r, node.body)


def loop_body(r, body, variables=()):
    r.loops += 1
    block(r, body, True, variables)
    r.loops -= 1


def leave_loop(r, node):
    if r.loops == 0:
        word = "break" if node.__class__ is ast.Break else "continue"
        r.error("E0305", f"`{word}` stands outside a loop", node, width=len(word))


def global_stmt(r, node):
    if not r.classic and r.scope is not r.main:
        check_global(r, node)
    r.scope.global_names.update(node.names)


def check_global(r, node):
    scope = r.scope
    for name in node.names:
        used = name in scope.variables or any(use.name == name for use in scope.uses) or any(
            var.name == name for var in scope.captures)
        if used or any(var.scope is scope for var in r.visible.get(name, ())):
            r.error("E0306", f"`{name}` is used or declared in this function before `global {name}`", node,
                    "write the `global` statement first", width=len("global"))


def try_stmt(r, node):
    block(r, node.body)
    for catch in node.catches:
        var = catch.var = Variable(catch.name or "", r.scope, node.pos, True)
        if catch.type is not None:
            types.use(r, catch.type)
        r.visible.setdefault(var.name, []).append(var)
        block(r, catch.body, False, (var,))
        r.visible[var.name].pop()
    if node.final_body is not None:
        block(r, node.final_body)


# --- expressions ---

def name(r, node):
    stack = r.visible.get(node.name)
    if stack:
        if r.explicit_use(node, stack[-1]).kind is STATIC:
            r.values.append(node)
    else:
        r.scope.uses.append(node)


def this(r, node):
    """`this`, or the `this` that `super` calls a method of."""
    stack = r.visible.get("this")
    word = "this" if node.__class__ is ast.This else "super"
    if not stack:
        r.error("E0319", f"`{word}` stands outside a method", node, width=len(word))
        return
    r.explicit_use(ast.Name(node.pos, "this"), stack[-1])
    node.var = stack[-1]


def interp(r, node):
    items(r, node.parts)


def formatted(r, node):
    WALK[node.value.__class__](r, node.value)


def unary(r, node):
    WALK[node.operand.__class__](r, node.operand)


def binary(r, node):
    """Also `Logic`: both have a left and a right side."""
    rights = []
    while True:
        rights.append(node.right)
        node = node.left
        kind = node.__class__
        if kind is not ast.Binary and kind is not ast.Logic:
            break
    WALK[kind](r, node)
    while rights:
        node = rights.pop()
        WALK[node.__class__](r, node)


def cond(r, node):
    items(r, (node.cond, node.then, node.orelse))


def owner(r, node):
    """What stands before a `.` or an argument list: here a name may stand for a class, enum or module."""
    if node.__class__ is ast.Name:
        r.read(node)
    else:
        WALK[node.__class__](r, node)


def call(r, node):
    owner(r, node.callee)
    for arg in node.args:
        WALK[arg.__class__](r, arg)


def field(r, node):
    r.resolution.members.add(node.name)
    owner(r, node.obj)


def index(r, node):
    WALK[node.obj.__class__](r, node.obj)
    WALK[node.index.__class__](r, node.index)


def list_(r, node):
    items(r, node.items)


def map_(r, node):
    for key, value in node.entries:
        WALK[key.__class__](r, key)
        WALK[value.__class__](r, value)


def typed(r, node):
    """`value is type`, `value as type`"""
    WALK[node.value.__class__](r, node.value)
    types.use(r, node.type)


def type_apply(r, node):
    owner(r, node.callee)


def record(r, node):
    for _, value in node.fields:
        WALK[value.__class__](r, value)


def range_(r, node):
    items(r, (node.low, node.high))


def function(r, node, owner=None, name=None, this=False):
    """A function literal or a method: a scope of its own, which is returned. A method has `this` before its parameters."""
    saved = r.enter(node, name or node.name, owner)
    scope, start = r.scope, r.seq
    node.scope = scope
    if r.classic:
        if saved[0] is not r.main:
            capture_token(saved[0], scope)
        for param in node.params:
            var = param.var = scope.variables[param.name] = Variable(param.name, scope, param.pos, True)
            scope.params.append(var)
        statements(r, node.body.body)
    else:
        types.show_params(r, node.type_params)
        if this:
            declare_this(r, node)
        parameters(r, node.params)
        modern_body(r, node)
        hide(r, scope.params)
        types.show_params(r, node.type_params, -1)
    scope.size = (r.seq - start, len(scope.uses))
    r.leave(saved)
    return scope


def declare_this(r, node):
    """The first parameter of a method."""
    return declare_parameter(r, "this", node.pos, False)


def declare_parameter(r, name, pos, assignable=True):
    var = Variable(name, r.scope, pos, True, assignable)
    var.seq = r.seq
    r.scope.params.append(var)
    r.visible.setdefault(name, []).append(var)
    return var


def parameters(r, params):
    """Declare parameters; a default value sees those before it."""
    for param in params:
        if param.default is not None:
            WALK[param.default.__class__](r, param.default)
        param.var = declare_parameter(r, param.name, param.pos)


def modern_body(r, node):
    if node.body.__class__ is ast.Block:
        note_early(r, node.body, body(r, node.body.body))
    else:
        WALK[node.body.__class__](r, node.body)


def capture_token(outer, scope):
    """Classic functions made by one activation are told from another's by a cell that they all capture first."""
    if outer.token is None:
        outer.token = Variable("(activation)", outer, 0, True)
        outer.token.kind = CELL
    scope.captures[outer.token] = 0


def beyond(r, node):
    """A construct that the machine has no code for."""
    r.error("E0309", "programs with this construct do not run yet", node, width=1)
    for inner in ast.walk(node):
        if inner.__class__ is ast.Name:
            inner.var = unknown(inner.name, inner.pos)


def unknown(name, pos):
    """The Variable of a name that was reported, so that its uses are not."""
    var = Variable(name, None, pos, True)
    var.kind = UNKNOWN
    return var


# Statement class -> declare(r, node, add): makes its variables with `add(node, name, assignable)`.
DECLARE = {ast.Let: declare_let, ast.FunDecl: declare_function}

WALK = {
    ast.Block: block, ast.ExprStmt: expr_stmt, ast.Assign: assign, ast.Let: let, ast.FunDecl: fun_decl,
    ast.Return: value_stmt, ast.If: if_stmt, ast.While: while_stmt, ast.Break: leave_loop,
    ast.Continue: leave_loop, ast.Global: global_stmt, ast.Try: try_stmt, ast.Throw: value_stmt,
    ast.Name: name, ast.Int: leaf, ast.BigInt: leaf, ast.Float: leaf, ast.String: leaf, ast.Bool: leaf, ast.NoneLit: leaf,
    ast.Interp: interp, ast.Format: formatted, ast.Unary: unary, ast.Binary: binary, ast.Logic: binary, ast.Cond: cond, ast.Call: call,
    ast.Field: field, ast.Index: index, ast.List: list_, ast.Record: record, ast.Range: range_, ast.Function: function,
    ast.This: this, ast.Super: this, ast.Is: typed, ast.As: typed, ast.Tuple: list_, ast.MapLit: map_, ast.NamedArg: value_stmt,
    ast.TypeApply: type_apply,
}
WALK[ast.Extern] = leaf
WALK[ast.Receive] = beyond
