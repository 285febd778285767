"""Expressions: literals, names, operators, elements; calls and members are in `call`.

In:  expression nodes. Out: their types. Holds: an operand that was reported, or is dynamic, makes no second error.
"""
from myna.compiler.check import declare, evolve, flow
from myna.compiler.check.checker import expression
from myna.compiler.check.function import CONVERSIONS, anchor, fits
from myna.compiler.resolve.scopes import BUILTIN, UNKNOWN
from myna.compiler.syntax import ast
from myna.compiler.types import members as builtin
from myna.compiler.types import model
from myna.compiler.types.model import (
    BIGINT, BOOL, BYTES, DYNAMIC, ERROR, FLOAT, INT, NEVER, NONE, STRING, ClassValue, Function, Nominal, Number, Optional, Record,
    Tuple, TypeParam)
from myna.compiler.types.show import a
from myna.compiler.types.unify import assignable, join_parts, possible, supertype


# --- literals ---

@expression(ast.Int)
def int_(c, node, want):
    if want.__class__ is not Number or want is INT or want is BIGINT:
        return INT
    return FLOAT if want.floating else sized_literal(c, node, node.value, want)


def sized_literal(c, node, value, want):
    """The type of an int literal where one of some size is expected."""
    least, greatest = sized_range(want)
    if not least <= value <= greatest:
        c.error("E0601", f"{value} does not fit `{want.name}`, which has {least} to {greatest}", node.pos)
    return want


def sized_range(t):
    """The least and the greatest number of a sized int type."""
    if t.name[0] == "i":
        return -1 << t.bits - 1, (1 << t.bits - 1) - 1
    return 0, (1 << min(t.bits, 63)) - 1


def _leaf(kind, t):
    @expression(kind)
    def leaf(c, node, want):
        return t


for _kind, _type in ((ast.Float, FLOAT), (ast.String, STRING), (ast.Bool, BOOL), (ast.NoneLit, NONE), (ast.BigInt, BIGINT)):
    _leaf(_kind, _type)


@expression(ast.Interp)
def interp(c, node, want):
    for part in node.parts:
        evolve.carried(c, part, c.expr(part))
    return STRING


def element_wanted(want, decl):
    """The expected type of a literal's elements: of `List<T>` or `Iterable<T>` it is T."""
    want = model.plain(want) if want is not None else None
    if want.__class__ is Nominal and (want.decl is decl or want.decl is builtin.ITERABLE):
        return want.args[0]
    return None


@expression(ast.List)
def list_(c, node, want):
    decl = builtin.LIST
    if want.__class__ is Nominal and want.decl in (builtin.ARRAY, builtin.SET):
        decl = want.decl
    wanted = element_wanted(want, decl)
    if wanted is not None and not (wanted.generic and wanted.__class__ is TypeParam and wanted.owner is None):
        for item in node.items:
            fits(c, item, c.expr(item, wanted), wanted)
        return model.instance(builtin.LIST, [wanted])
    if not node.items:
        return model.instance(builtin.LIST, [evolve.element(c, node, 0)])
    return model.instance(builtin.LIST, [declare.solid(common(c, node.items))])


def common(c, nodes):
    """The common type of a literal's parts. An empty list among them is of the others' type; where all are None, it may get anything."""
    found, empty = ERROR, []
    for node in nodes:
        if node.__class__ is ast.List and not node.items:
            empty.append(node)
        else:
            found = join_parts(found, c.expr(node))
    for node in empty:
        found = join_parts(found, c.expr(node, None if found is ERROR else found))
    if found.evolving:
        for node in nodes:
            if c.types[node] is found:
                evolve.carried(c, node, found)
    return DYNAMIC if found is NONE else found


@expression(ast.Tuple)
def tuple_(c, node, want):
    want = model.plain(want) if want is not None else None
    wanted = want.items if want.__class__ is Tuple and len(want.items) == len(node.items) else (None,) * len(node.items)
    t = model.tuple_of([settled(c.expr(item, w), w) for item, w in zip(node.items, wanted)])
    if t.evolving:
        c.carried.update(node.items)
    return t


def settled(t, wanted):
    """The type of a part of a literal: the expected one where the value fits."""
    return wanted if wanted is not None and not wanted.generic and assignable(t, wanted) else t


@expression(ast.Record)
def record(c, node, want):
    want = model.plain(want) if want is not None else None
    wanted = dict(want.fields) if want.__class__ is Record and not want.open else None
    if wanted is None:
        return model.record([(name, c.expr(value)) for name, value in node.fields], True)
    given = {}
    for name, value in node.fields:
        w = wanted.get(name)
        given[name] = t = c.expr(value, w)
        if w is not None:
            fits(c, value, t, w)
    missing = [name for name in wanted if name not in given]
    if missing:
        c.error("E0601", f"the record has no field `{missing[0]}`, and {a(want)} is needed", node.pos)
    return want


@expression(ast.MapLit)
def map_(c, node, want):
    want = model.plain(want) if want is not None else None
    if want.__class__ is Nominal and want.decl is builtin.MAP:
        key, value = want.args
        for k, v in node.entries:
            fits(c, k, c.expr(k, key), key)
            fits(c, v, c.expr(v, value), value)
        return want
    key, value = common(c, [k for k, _ in node.entries]), common(c, [v for _, v in node.entries])
    return model.instance(builtin.MAP, [declare.solid(key), declare.solid(value)])


@expression(ast.Range)
def range_(c, node, want):
    for bound in (node.low, node.high):
        t = c.expr(bound)
        if not counts(t):
            c.error("E0606", f"a range needs ints, not {a(t)}", anchor(bound))
            break
    return builtin.RANGE_TYPE


def counts(t):
    """Is a value of type `t` an int, as far as one can know?"""
    return t is INT or t.loose or t is NEVER or t.__class__ is Number and not t.floating and t is not BIGINT


# --- names ---

@expression(ast.Name)
def name(c, node, want):
    var = node.var
    facts = c.facts
    t = facts.get(var) if facts else None
    if t is None:
        t = var.type
        if t is None:
            return unknown(c, node, var, want)
    elif t is flow.UNSET:
        c.error("E0614", f"`{var.name}` may have no value here", node.pos, "give it a value where it is declared, or on every way to here")
        return var.type
    return t


def unknown(c, node, var, want=None):
    """The type of a variable that has none yet: a predefined or declared one, or one that is assigned later."""
    if var.kind is BUILTIN:
        var.type = t = builtin.predefined(var.index)
        return t
    if var.kind is UNKNOWN:
        return ERROR
    d = c.deferred.get(var)
    if d is not None:
        from myna.compiler.check.function import type_when_known
        t = type_when_known(c, d)
        if d.state == 2:
            var.type = t
        return t
    variant = declare.variant_of(var)
    if variant is not None:
        return variant_value(c, variant, want)
    variant = c.variants.get(var.name)
    if variant is not None and (not var.explicit or var.pos == variant.node.pos):
        return variant_value(c, variant, want)
    if var.writes == 0 and var.scope is None and var.name in builtin.BUILTINS:
        return model.class_value(builtin.BUILTINS[var.name])
    return DYNAMIC


def variant_value(c, variant, want):
    """The type of an enum's constructor as a value."""
    decl = variant.owner
    if variant.params is None:
        want = model.plain(want) if want is not None else None
        if want.__class__ is Nominal and want.decl is decl:
            return want
        return model.instance(decl, [NEVER] * len(decl.type_params))
    if variant.signature is None:
        types = [declare.member_type(c, m) for m in variant.params]
        required = next((i for i, p in enumerate(variant.node.params) if p.default is not None), None)
        rest = None
        if variant.node.params and variant.node.params[-1].rest:
            rest = types.pop().args[0]
        names = [m.name for m in variant.params[:len(types)]]
        variant.signature = model.function(types, decl.self_type(), names, required, rest, decl.type_params)
    return variant.signature


@expression(ast.This)
def this(c, node, want):
    t = c.context.this
    if t is None:
        if c.context.static:
            c.error("E0631", "a static method has no `this`", node.pos)
        else:
            c.error("E0631", "`this` stands outside of a class", node.pos)
        return ERROR
    return t


@expression(ast.Super)
def super_(c, node, want):
    t = c.context.this
    if t is None or t.decl.base is None:
        if t is not None and t.decl.complete and not t.decl.interfaces:
            c.error("E0631", f"`{t.decl.name}` extends no class, so it has no `super`", node.pos)
        elif t is None:
            c.error("E0631", "`super` stands outside of a class", node.pos)
        return ERROR if t is None or not t.decl.interfaces else t.decl.interfaces[0]
    return t.decl.base


# --- operators ---

_ARITHMETIC = frozenset("+ - * / %".split())
_STAYS_FLOAT = frozenset("- * / %".split())     # `+` may also concatenate
_WRAPPING = frozenset(("+%", "-%", "*%"))
_BITS = frozenset("& | ^".split())
_ORDER = frozenset("< > <= >=".split())


@expression(ast.Binary)
def binary(c, node, want):
    """A chain to the left is walked in a loop: `a + b + …` may be very long."""
    left = node.left
    if left.__class__ is not ast.Binary:
        return operate(c, node, c.expr(left), c.expr(node.right))
    chain = [node]
    while left.__class__ is ast.Binary:
        chain.append(left)
        left = left.left
    t = c.expr(left)
    types = c.types
    while chain:
        node = chain.pop()
        t = types[node] = operate(c, node, t, c.expr(node.right))
    return t


def operate(c, node, left, right):
    """The type of a binary operator's result."""
    op = node.op
    if left is INT and right is INT:
        return BOOL if op in _COMPARE else INT
    if left.evolving or right.evolving:
        c.carried.update((node.left, node.right))
    if op == "==" or op == "!=":
        return equality(c, node, left, right)
    if op == "+" and (left is STRING or right is STRING):
        return STRING
    if left is BYTES and right is BYTES and (op == "+" or op in _ORDER):
        return BYTES if op == "+" else BOOL
    if left is ERROR or right is ERROR:
        return BOOL if op in _ORDER else ERROR
    if left is DYNAMIC:
        return BOOL if op in _ORDER else DYNAMIC
    if left.__class__ is Number:
        found = number_result(op, left, right)
    elif left is BOOL:
        found = (BOOL if right is BOOL else DYNAMIC if right.loose else None) if op in _BITS else None
    elif left is STRING:
        found = BOOL if op in _ORDER and (right is STRING or right.loose) else None
    elif left is NEVER:
        found = NEVER
    else:
        found = overloaded(c, node, op, left, right)
    if found is None and op in _ORDER and left.__class__ is not Optional and right.__class__ is not Optional:
        found = ordered(c, node, op, left, right)
    if found is None and op == "+" and right.loose and left.__class__ is not Optional:
        return DYNAMIC              # the right side may be a string
    if found is None:
        return wrong_operands(c, node, left, right)
    return found


_COMPARE = _ORDER | {"==", "!="}


def number_result(op, left, right):
    """The result's type for a number on the left, or None."""
    if right.loose:
        if left.floating and op in _STAYS_FLOAT:
            return FLOAT        # whatever the other number is; with anything else it raises
        return BOOL if op in _ORDER else INT if op in _WRAPPING or op in ("<<", ">>") else DYNAMIC
    if right is NEVER:
        return NEVER
    if right.__class__ is not Number:
        return None
    if op in _ORDER:
        return BOOL
    if left.floating or right.floating:
        return FLOAT if op in _ARITHMETIC and left is not BIGINT and right is not BIGINT else None
    if left is BIGINT or right is BIGINT:
        return BIGINT if op not in _WRAPPING else None
    return INT


def overloaded(c, node, op, left, right):
    """An operator of a class, or of a type parameter's bound; None when there is none."""
    if left.__class__ is Optional or left is NONE:
        return None
    if op in _ORDER:
        return ordered(c, node, op, left, right)
    found = builtin.find(left, op)
    if found is not None:
        from myna.compiler.check.call import member_of
        f = member_of(c, found)
        if f.__class__ is not Function:
            return DYNAMIC
        if len(f.params) == 1:
            fits(c, node.right, right, f.params[0], "E0602")
        return f.result
    return DYNAMIC if lenient(left, op) else None


_EXCHANGED = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}


def ordered(c, node, op, left, right):
    """Two values that the class of one of them orders: by its operator, or by `compare`; None when neither does."""
    for left_name, right_name in ((op, _EXCHANGED[op]), ("compare", "compare")):
        for side, name, other, operand in ((left, left_name, right, node.right), (right, right_name, left, node.left)):
            found = builtin.find(side, name) if side.__class__ in (Nominal, TypeParam) else None
            if found is not None:
                return compare_operand(c, found, side, other, operand)
    return BOOL if right.loose or lenient(left, op) or lenient(right, op) else None


def compare_operand(c, found, side, other, operand):
    """What the method of one side takes: the other side."""
    from myna.compiler.check.call import member_of
    f = member_of(c, found)
    if f.__class__ is Function and len(f.params) == 1 and not (side.__class__ is TypeParam and other is side):
        fits(c, operand, other, f.params[0], "E0602")
    return BOOL


def lenient(t, op):
    """May a value of type `t` have the operator though nothing says so?"""
    if t.__class__ is Nominal:
        return not builtin.complete(t)
    return t.__class__ is TypeParam and t.bound is not None and t.bound.loose or t is BYTES


def equality(c, node, left, right):
    """`==` and `!=` take any two values; those of types without a common value are worth a warning."""
    if not (left.loose or right.loose or left is NONE or right is NONE) and not possible(left, right):
        if builtin.find(left, "==") is None:
            result = "false" if node.op == "==" else "true"
            c.warn("E0651", f"{a(left)} and {a(right)} are never equal, so this is always {result}", node.pos)
    return BOOL


def wrong_operands(c, node, left, right):
    op = node.op
    for side, t in ((node.left, left), (node.right, right)):
        if t.__class__ is Optional:
            c.error("E0613", f"an operand of `{op}` may be None: it is {a(t)}", anchor(side),
                    "test it with `!= None` first, or give another value with `??`")
            return BOOL if op in _COMPARE else ERROR
    help = None
    if op in _BITS and right is BOOL and left.__class__ is Number and node.right.__class__ is ast.Binary:
        help = f"`{node.right.op}` binds tighter than `{op}`: put parentheses around the `{op}`"
    elif op in _BITS and left is BOOL or right is BOOL and op in _BITS:
        help = "use `&&` and `||` to combine conditions, with comparisons on both sides"
    elif left is STRING or right is STRING:
        help = "convert the string: `int(…)` or `float(…)`"
    if op in _ORDER:
        c.error("E0606", f"{a(left)} and {a(right)} cannot be ordered with `{op}`", node.pos, help)
        return BOOL
    c.error("E0606", f"{a(left)} and {a(right)} do not support `{op}`", node.pos, help)
    return ERROR


@expression(ast.Unary)
def unary(c, node, want):
    op, operand = node.op, node.operand
    if op == "!":
        flow.condition(c, operand)
        return BOOL
    if op == "-" and operand.__class__ is ast.Int and want in model.SIZED.values() and not want.floating:
        c.types[operand] = INT
        return sized_literal(c, operand, -operand.value, want)
    t = c.expr(operand, want if op == "-" else None)
    if t.loose or t is NEVER:
        return t
    if t.__class__ is Number and (op == "-" or not t.floating):
        return FLOAT if t.floating else BIGINT if t is BIGINT else INT
    found = builtin.find(t, ast.NEGATION if op == "-" else op) if t.__class__ is not Optional else None
    if found is not None:
        from myna.compiler.check.call import member_of
        f = member_of(c, found)
        return f.result if f.__class__ is Function else DYNAMIC
    if t.__class__ is Nominal and lenient(t, op):
        return DYNAMIC
    told = "be negated" if op == "-" else "have its bits inverted"
    c.error("E0613" if t.__class__ is Optional else "E0606", f"{a(t)} cannot {told}", node.pos)
    return ERROR


@expression(ast.Logic)
def logic(c, node, want):
    if node.op != "??":
        before = c.facts
        flow.condition(c, node)
        c.facts = before
        return BOOL
    rights = []
    while node.__class__ is ast.Logic and node.op == "??":
        rights.append(node)
        node = node.left
    t = c.expr(node, model.optional(want) if want is not None else None)
    while rights:
        node = rights.pop()
        right = c.expr(node.right, want)
        left = model.plain(t)
        t = right if t is NONE else left if left is t and not t.loose else settled_join(left, right, want)
        c.types[node] = t
        if t.evolving:
            c.carried.update(side for side in (node.left, node.right) if model.plain(c.types[side]) is t)
    return t


def settled_join(left, right, want):
    """The type of one of two values where `want` is expected: of the one that does not fit, if any."""
    t = join_parts(left, right)
    if t is not DYNAMIC or want is None or want.loose:
        return t
    if not assignable(left, want):
        return left
    if not assignable(right, want):
        return right
    return t if left.loose or right.loose else want


@expression(ast.Cond)
def cond(c, node, want):
    """`a ? b : c ? d : e …` goes on to the right, in a loop."""
    before, found, nodes = c.facts, [], []
    while node.__class__ is ast.Cond:
        nodes.append(node)
        yes, no = flow.condition(c, node.cond)
        c.facts = yes if yes is not None else before
        found.append(c.expr(node.then, want))
        c.facts = no if no is not None else before
        node = node.orelse
    t = c.expr(node, want)
    c.facts = before
    while found:
        t = settled_join(found.pop(), t, want)
        node = nodes.pop()
        c.types[node] = t
        if t.evolving:
            c.carried.update(side for side in (node.then, node.orelse) if c.types[side] is t)
    return t


# --- is, as ---

@expression(ast.Is)
def is_(c, node, want):
    t = c.expr(node.value)
    evolve.carried(c, node.value, t)
    wanted = declare.type_of(c, node.type)
    if not t.loose and not wanted.loose:
        if not possible(t, wanted):
            c.warn("E0651", f"{a(t)} is never {a(wanted)}, so this is always false", node.pos)
        elif assignable(t, wanted, False) and not t.generic and t is not NEVER:
            c.warn("E0651", f"{a(t)} is always {a(wanted)}, so this is always true", node.pos)
    return BOOL


@expression(ast.As)
def as_(c, node, want):
    t = c.expr(node.value)
    wanted = declare.type_of(c, node.type)
    if t.evolving:
        evolve.meets(c, node.value, t, wanted)
    if not possible(t, wanted):
        help = f"convert it: `{CONVERSIONS[wanted]}(…)`" if wanted in CONVERSIONS else None
        c.error("E0650", f"{a(t)} is never {a(wanted)}, so this cast never succeeds", node.pos, help)
    return wanted


# --- elements ---

def index_type(c, node, t, key):
    """The type of `t[key]`; `node` is an Index."""
    kind = t.__class__
    if t.loose or t is NEVER:
        return DYNAMIC
    if kind is Optional:
        c.error("E0613", f"this may be None: it is {a(t)}", anchor(node.obj), "test it with `!= None` first")
        return ERROR
    if kind is Nominal:
        return _nominal_element(c, node, t, key)
    if t is STRING or t is BYTES:
        whole = STRING if t is STRING else BYTES
        if key.__class__ is Nominal and key.decl is builtin.RANGE:
            return whole
        if int_key(c, node, t, key):
            return STRING if t is STRING else INT
        return ERROR
    if kind is Tuple:
        return _tuple_element(c, node, t, key)
    if kind is Record:
        return DYNAMIC
    if kind is TypeParam and (t.bound is None or lenient(t, "[]")):
        if t.bound is not None:
            return DYNAMIC
    elif kind is TypeParam:
        return index_type(c, node, t.bound, key)
    c.error("E0611", f"{a(t)} has no elements", node.pos)
    return ERROR


def int_key(c, node, t, key):
    """Report an index that is no int."""
    if counts(key):
        return True
    c.error("E0611", f"{a(t)} is indexed by an int, not {a(key)}", anchor(node.index))
    return False


def _nominal_element(c, node, t, key):
    decl = t.decl
    if decl is builtin.LIST or decl is builtin.ARRAY:
        if key.__class__ is Nominal and key.decl is builtin.RANGE:
            return t
        return t.args[0] if int_key(c, node, t, key) else ERROR
    if decl is builtin.MAP:
        if t.args[0].evolving:
            evolve.meets(c, node.index, key, t.args[0])
        if not assignable(key, t.args[0]):
            c.error("E0611", f"the keys of {a(t)} are {a(t.args[0])}, not {a(key)}", anchor(node.index))
        return t.args[1]
    if decl is builtin.RANGE:
        return INT if int_key(c, node, t, key) else ERROR
    found = builtin.find(t, "[]")
    if found is not None:
        from myna.compiler.check.call import member_of
        f = member_of(c, found)
        if f.__class__ is not Function:
            return DYNAMIC
        if len(f.params) == 1:
            fits(c, node.index, key, f.params[0], "E0602")
        return f.result
    if builtin.complete(t) or decl.node is None and decl is builtin.SET:
        c.error("E0611", f"{a(t)} has no elements", node.pos, None if decl.node is None else "declare the operator `fun [](index)` in it")
        return ERROR
    return DYNAMIC


def _tuple_element(c, node, t, key):
    if not int_key(c, node, t, key):
        return ERROR
    if node.index.__class__ is ast.Int:
        at = node.index.value
        if 0 <= at < len(t.items):
            return t.items[at]
        c.error("E0611", f"{a(t)} has no element {at}", node.index.pos, f"its elements are 0 to {len(t.items) - 1}")
        return ERROR
    found = ERROR
    for item in t.items:
        found = join_parts(found, item)
    return found


def stored_element(c, node, t, key):
    """The type that an assignment to `t[key]` needs; DYNAMIC when anything may be stored, None after an error."""
    kind = t.__class__
    if t.loose or t is NEVER or kind is Record:
        return DYNAMIC
    if kind is Nominal and t.decl.node is not None:
        found = builtin.find(t, "[]=")
        if found is None:
            if builtin.complete(t):
                c.error("E0611", f"elements of {a(t)} cannot be assigned to", node.pos, "declare the operator `fun []=(index, value)` in it")
                return None
            return DYNAMIC
        from myna.compiler.check.call import member_of
        f = member_of(c, found)
        if f.__class__ is not Function or len(f.params) != 2:
            return DYNAMIC
        fits(c, node.index, key, f.params[0], "E0602")
        return f.params[1]
    if t is STRING or kind is Tuple or t is BYTES or kind is Nominal and t.decl is builtin.RANGE:
        c.error("E0630", f"{a(t)} cannot change, so its elements cannot be assigned to", node.pos)
        return None
    found = index_type(c, node, t, key)
    if key is builtin.RANGE_TYPE and found is not ERROR and (kind is not Nominal or t.decl is not builtin.MAP):
        c.error("E0630", f"a part of {a(t)} cannot be assigned to, only one element", anchor(node.index))
        return None
    return None if found is ERROR else found


@expression(ast.Receive)
def receive(c, node, want):
    from myna.compiler.check.match import arms
    t = arms(c, node, DYNAMIC, want)
    if node.after is not None:
        fits(c, node.after, c.expr(node.after, INT), INT)
        from myna.compiler.check.match import arm_body
        t = join_parts(t, arm_body(c, node.after_body, want)[0])
    return t

