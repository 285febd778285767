"""Floats in raw registers: which variables live there, and expressions that are computed there.

In:  expressions of static type `float`. Out: instructions on raw registers. Holds: a raw variable is never captured, never
read before it is set, and every value assigned to it is a float (`places` sees to that).

A tagged float costs some thirty machine instructions an operation, a raw one three, but moving between the two costs an
instruction of its own. So `costs` weighs, for each expression, the one against the other, in instructions of the machine.
"""
from myna.compiler.bytecode.builder import Builder as B
from myna.compiler.lower import places, statics
from myna.compiler.lower.registers import EXPR
from myna.compiler.resolve.scopes import BUILTIN, NEVER, REGISTER, Variable
from myna.compiler.syntax import ast
from myna.compiler.types import members
from myna.compiler.types.model import DYNAMIC, FLOAT, INT, Nominal

# Costs in units of a simple instruction's time: of an operation, of moving a value between the two kinds of register.
TAGGED_OP, RAW_OP, UNBOX, BOX, LOAD, CALL = 3.0, 1.2, 1.2, 1.5, 1.0, 5.0
LOOP = 8            # how much more often a loop's body runs than what is around it
MOST = 100          # raw variables and constants of one function: its calls need their count in a byte
FULL = 230          # from so many raw registers on, expressions are computed tagged

ARITHMETIC = {"+": B.add_float, "-": B.sub_float, "*": B.mul_float, "/": B.div_float}
JUMPS = {
    ("<", True): (B.jlt_float, False), ("<", False): (B.jnlt_float, False), ("<=", True): (B.jle_float, False), ("<=", False): (B.jnle_float, False),
    (">", True): (B.jlt_float, True), (">", False): (B.jnlt_float, True), (">=", True): (B.jle_float, True), (">=", False): (B.jnle_float, True),
    ("==", True): (B.jeq_float, False), ("==", False): (B.jne_float, False), ("!=", True): (B.jne_float, False), ("!=", False): (B.jeq_float, False),
}


# --- which variables are raw ---

def choose(f, body, params):
    """Give the variables of a function that are better raw a raw register, and the constants that its loops use."""
    if f.classic:
        return
    gains, constants = {}, {}
    candidates = {param.var for param in params}
    if f.special is not None:
        for node in ast.walk(f.scope.node):     # another body of the function may have made them raw
            var = getattr(node, "var", None)
            if var.__class__ is Variable and var.scope is f.scope:
                var.raw = -1
    _weigh(f, body, gains, constants, candidates)
    for var in gains:
        if var in candidates and gains[var] > 0 and f.raw_top < MOST:
            var.raw = f.raw_temp()
    for number in constants:
        if f.raw_top < MOST:
            f.raw_constants[number] = f.raw_temp()


def enter(f):
    """At the entry, behind the checks: raw parameters and constants get their values."""
    for number, register in f.raw_constants.items():
        f.b.rloadk(register, number)
    for param in f.scope.node.params or () if f.scope.parent is not None else ():
        if param.var is not None and param.var.raw >= 0:
            f.b.pos = param.pos
            f.b.unboxfloat(param.var.raw, param.var.register)


def eligible(f, var):
    """May a variable be raw?"""
    return (var is not None and f.known(var.type) is FLOAT and var.kind is REGISTER and var.scope is f.scope and var.first_capture == NEVER
            and not var.tracked)


def _weigh(f, root, gains, constants, candidates):
    """Add up what each variable gains by being raw: a use in arithmetic gains, a use as a value loses."""
    stack = [(root, 1, False)]
    while stack:
        node, weight, raw = stack.pop()
        kind = node.__class__
        if kind is list or kind is tuple:
            stack += [(item, weight, False) for item in node]
            continue
        if kind is ast.Function or kind in DECLARATIONS or not isinstance(node, ast.Node):
            continue
        if kind is ast.Name:
            if eligible(f, node.var):
                gains[node.var] = gains.get(node.var, 0) + (weight if raw else -weight)
        elif kind is ast.Float:
            if raw and weight > 1:
                constants[node.value] = True
        elif kind is ast.Binary and (arithmetic(f, node) or comparison(f, node)):
            stack += [(node.left, weight, True), (node.right, weight, True)]
        elif kind is ast.Unary and node.op == "-":
            stack.append((node.operand, weight, raw))
        elif kind is ast.Let and node.value is not None:
            _defined(f, node.var, node.value, weight, gains, candidates, stack, True)
        elif kind is ast.Assign and node.target.__class__ is ast.Name:
            if node.op is not None and eligible(f, node.target.var):
                gains[node.target.var] = gains.get(node.target.var, 0) + 2 * weight
            _defined(f, node.target.var, node.value, weight, gains, candidates, stack, False)
        elif kind is ast.Assign and slot(f, node.target) is not None:
            stack += [(node.target.obj, weight, False), (node.value, weight, True)]
        else:
            inner = weight * LOOP if kind is ast.While or kind is ast.For else weight
            stack += [(getattr(node, name), inner, False) for name in node._fields if name != "var"]


DECLARATIONS = {ast.ClassDecl, ast.InterfaceDecl, ast.EnumDecl, ast.FunDecl, ast.TypeAlias, ast.Import, ast.ImportFrom}


def _defined(f, var, value, weight, gains, candidates, stack, declares):
    """`var` gets a value: a computed one is raw already."""
    if eligible(f, var):
        if declares or not var.explicit:
            candidates.add(var)
        computes = computed(f, value)
        gains[var] = gains.get(var, 0) + (weight if computes else 0 if value.__class__ in (ast.Name, ast.Float, ast.Int) else -weight)
        stack.append((value, weight, True))
    else:
        stack.append((value, weight, False))


# --- what is computed raw ---

def arithmetic(f, node):
    """Is a Binary an arithmetic operation whose result is a float, on numbers?"""
    return node.op in ARITHMETIC and f.types.get(node) is FLOAT and _numbers(f, node)


def comparison(f, node):
    """Is a Binary a comparison of a float with a number?"""
    if node.op not in COMPARISONS or not _numbers(f, node):
        return False
    # an int beyond 2**53 is compared exactly, so only a constant is converted
    return all(f.types.get(side) is FLOAT or side.__class__ is ast.Int for side in (node.left, node.right)) and (
        f.types.get(node.left) is FLOAT or f.types.get(node.right) is FLOAT)


COMPARISONS = {op for op, _ in JUMPS}


def _numbers(f, node):
    left, right = f.types.get(node.left, DYNAMIC), f.types.get(node.right, DYNAMIC)
    return (left is FLOAT or left is INT) and (right is FLOAT or right is INT)


def is_sqrt(f, node):
    """Is a call one of the predefined `sqrt` with a float?"""
    callee = node.callee
    return (callee.__class__ is ast.Name and callee.var.kind is BUILTIN and callee.var.index.name in ("sqrt", "math.sqrt") and len(node.args) == 1
            and f.types.get(node.args[0]) in (FLOAT, INT))


def is_element(f, node):
    """Is this an element of a list or array? What an object's own `[]` gives comes back in a tagged register."""
    t = f.types.get(node.obj) if node.__class__ is ast.Index else None
    return t.__class__ is Nominal and (t.decl is members.LIST or t.decl is members.ARRAY)


def slot(f, node):
    """The number of the field that `obj.name` surely means, of type float; or None."""
    if node.__class__ is ast.Field and not node.safe:
        found = statics.field_of(f, node)
        if found is not None and found[1] is FLOAT:
            return found[0]
    return None


def computed(f, node):
    """Is the value of an expression made in a raw register?"""
    kind = node.__class__
    if f.types.get(node) is not FLOAT:
        return False
    return (kind is ast.Binary and arithmetic(f, node) or kind is ast.Unary or is_element(f, node) or kind is ast.Call and is_sqrt(f, node)
            or slot(f, node) is not None)


def costs(f, node):
    """What the value of an expression costs: in a tagged register, in a raw one."""
    known = f.costs.get(node)
    if known is None:
        known = f.costs[node] = _costs(f, node)
    return known


def _costs(f, node):
    kind = node.__class__
    if kind is ast.Name:
        return (BOX, 0) if raw_variable(f, node) else (0, UNBOX)
    if kind is ast.Float or kind is ast.Int:
        return (0 if kind is ast.Int else LOAD, 0 if float(node.value) in f.raw_constants else LOAD)
    if kind is ast.Binary and arithmetic(f, node):
        return _operation(costs(f, node.left), costs(f, node.right))
    if f.types.get(node) is FLOAT:
        if kind is ast.Unary and node.op == "-":
            return _operation(costs(f, node.operand), (0, 0))
        if kind is ast.Call and is_sqrt(f, node):
            tagged, raw = costs(f, node.args[0])
            return min(CALL + tagged, RAW_OP + raw + BOX), RAW_OP + raw
        if is_element(f, node) or slot(f, node) is not None:
            return LOAD, LOAD + 0.2
    return 0, UNBOX


def _operation(left, right):
    tagged, raw = TAGGED_OP + left[0] + right[0], RAW_OP + left[1] + right[1]
    return min(tagged, raw + BOX), min(raw, tagged + UNBOX)


def raw_variable(f, node):
    """Does a Name mean a variable in a raw register of this function?"""
    return node.__class__ is ast.Name and node.var is not None and node.var.raw >= 0 and node.var.scope is f.scope


def better_raw(f, node):
    """Should the value of an arithmetic Binary, wanted in a tagged register, be computed raw?"""
    if f.raw_top > FULL or not arithmetic(f, node):
        return False
    left, right = costs(f, node.left), costs(f, node.right)
    return RAW_OP + left[1] + right[1] + BOX < TAGGED_OP + left[0] + right[0]


def better_root(f, node):
    """The same for a call; only `sqrt` is ever."""
    if f.raw_top > FULL or not is_sqrt(f, node):
        return False
    tagged, raw_ = costs(f, node.args[0])
    return RAW_OP + raw_ + BOX < CALL + tagged


# --- lowering ---

def raw(f, node, dst=None):
    """Lower an expression of a number's type to a raw register that holds it as a float; `dst`, if one is given."""
    mark = f.raw_top
    register = _raw(f, node, dst)
    f.raw_top = mark
    if dst is None:
        if register >= mark:
            f.raw_top = register + 1
        return register
    if register != dst:
        f.b.rmove(dst, register)
    return dst


def _raw(f, node, dst):
    kind, b = node.__class__, f.b
    if raw_variable(f, node):
        return node.var.raw
    if kind is ast.Float or kind is ast.Int:
        return literal(f, float(node.value), dst)
    if f.raw_top <= FULL:
        if kind is ast.Binary and arithmetic(f, node):
            return binary(f, node, dst)
        if f.types.get(node) is FLOAT:
            if kind is ast.Unary and node.op == "-":
                return one(f, node, node.operand, B.neg_float, dst)
            if kind is ast.Call and is_sqrt(f, node):
                return one(f, node, node.args[0], B.sqrt_float, dst)
            if is_element(f, node):
                return item(f, node, dst)
            number = slot(f, node)
            if number is not None:
                return field(f, node, number, dst)
    mark = f.top
    register = EXPR[kind](f, node, None)
    f.top = mark
    made = f.raw_temp() if dst is None else dst
    b.pos = node.pos
    b.unboxfloat(made, register)
    return made


def literal(f, value, dst):
    """A constant: in a register since the entry, or loaded."""
    register = f.raw_constants.get(value)
    if register is None:
        register = f.raw_temp() if dst is None else dst
        f.b.rloadk(register, value)
    return register


def one(f, node, operand, emit, dst):
    """An operation of one operand."""
    mark = f.raw_top
    register = raw(f, operand)
    f.raw_top = mark
    made = f.raw_temp() if dst is None else dst
    f.b.pos = node.pos
    emit(f.b, made, register)
    return made


def binary(f, node, dst):
    """Chains such as `a + b + c` are lowered in a loop: their length is not limited."""
    mark, chain = f.raw_top, [node]
    left = node.left
    while left.__class__ is ast.Binary and arithmetic(f, left):
        chain.append(left)
        left = left.left
    register = raw(f, left)
    while chain:
        node = chain.pop()
        register = combine(f, node, register, mark, None if chain else dst)
    return register


def combine(f, node, left, mark, dst):
    """W[dst] := W[left] op right side; raw temporaries from `mark` on are released."""
    other = raw(f, node.right)
    f.raw_top = mark
    made = f.raw_temp() if dst is None else dst
    f.b.pos = node.pos
    ARITHMETIC[node.op](f.b, made, left, other)
    return made


def item(f, node, dst):
    """An element of a list of floats."""
    mark = f.top
    obj = EXPR[node.obj.__class__](f, node.obj, None)
    at = EXPR[node.index.__class__](f, node.index, None)
    f.top = mark
    made = f.raw_temp() if dst is None else dst
    f.b.pos = node.pos
    f.b.getindex_float(made, obj, at)
    return made


def field(f, node, number, dst):
    """A field of a class that is a float."""
    mark = f.top
    obj = EXPR[node.obj.__class__](f, node.obj, None)
    f.top = mark
    made = f.raw_temp() if dst is None else dst
    f.b.pos = node.pos
    f.b.getslot_float(made, obj, number)
    return made


def boxed(f, node, dst):
    """Lower an expression to a raw register, and its value to a tagged one."""
    mark = f.raw_top
    register = raw(f, node)
    f.raw_top = mark
    if dst is None:
        dst = f.temp()
    f.b.pos = node.pos
    f.b.boxfloat(dst, register)
    return dst


def assign(f, node):
    """An assignment to a raw variable. A compound one gives it the operation's value, for the same place."""
    value, var = node.value, node.target.var
    if node.op is not None:
        value = node_of(node)
        f.types[value] = f.types.get(node, DYNAMIC)
        if node in f.places:
            f.places[value] = f.places[node]
    typed(f, value, var.raw, f"`{var.name}`")


def assign_field(f, node, number):
    """An assignment to a field that is a float, of a known class; whether it is done here."""
    target, value = node.target, node.value
    if f.raw_top > FULL or f.types.get(value) not in (FLOAT, INT) or node.op is not None and node.op not in ARITHMETIC:
        return False
    if node.op is None and costs(f, value)[1] >= costs(f, value)[0] + 0.5:
        return False
    mark, b = f.raw_top, f.b
    obj = EXPR[target.obj.__class__](f, target.obj, None)
    if node.op is None:
        register = raw(f, value)
    else:
        left = f.raw_temp()
        b.pos = target.pos
        b.getslot_float(left, obj, number)
        register = combine(f, node_of(node), left, mark, None)
    f.raw_top = mark
    b.pos = target.pos
    b.setslot_float(obj, register, number)
    return True


def node_of(node):
    """A compound assignment's operation."""
    return ast.Binary(node.pos, node.op, node.target, node.value)


def typed(f, node, dst, place):
    """Lower a value for a raw variable."""
    if f.types.get(node) in (FLOAT, INT):
        raw(f, node, dst)
        return
    mark = f.top
    register = places.value(f, node, None, place)
    f.top = mark
    f.b.pos = node.pos
    f.b.unboxfloat(dst, register)


def compare(f, node, label, when):
    """Jump by a comparison of floats, if that is better done raw; whether it was."""
    if f.raw_top > FULL or not comparison(f, node):
        return False
    left, right = costs(f, node.left), costs(f, node.right)
    if RAW_OP + left[1] + right[1] >= TAGGED_OP + left[0] + right[0]:
        return False
    mark = f.raw_top
    one_side = raw(f, node.left)
    other = raw(f, node.right)
    f.raw_top = mark
    f.b.pos = node.pos
    emit, swap = JUMPS[node.op, when]
    if swap:
        emit(f.b, other, one_side, label)
    else:
        emit(f.b, one_side, other, label)
    return True


