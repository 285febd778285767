"""What is known at a place in the program: facts about variables, from tests and assignments before it.

In:  conditions and assignments. Out: facts, a dict that is never changed: path -> the type that the value has here, or
`UNSET`; None where no execution comes. A path is a Variable, or (path, field name); `this` is the path `THIS`.
Holds: a fact only narrows its variable's type. What other functions assign to gets no fact but "is not None", for a call
between may change it; what a loop assigns has none at the loop's beginning.
"""
from myna.compiler.check.checker import EXPR
from myna.compiler.resolve.scopes import CELL, GLOBAL, Variable
from myna.compiler.syntax import ast
from myna.compiler.types import model
from myna.compiler.types.model import BOOL, DYNAMIC, NEVER, NONE, Optional
from myna.compiler.types.show import a
from myna.compiler.types.unify import assignable

UNSET = model.Simple("(unset)")     # the fact of a variable that may have no value yet
THIS = "this"

MAX_FACTS = 500     # facts are copied when one is added, so this bounds the cost of an assignment
MAX_PATH = 6        # fields in a path


def path(node, depth=0):
    """The path that an expression names, or None."""
    kind = node.__class__
    if kind is ast.Name:
        return node.var
    if kind is ast.This:
        return THIS
    if kind is ast.Field and depth < MAX_PATH:
        base = path(node.obj, depth + 1)
        return None if base is None else (base, node.name)
    return None


def shared(var):
    """Can a call change the variable?"""
    return var.writes > 0 and (var.kind is CELL or var.kind is GLOBAL)


def with_fact(facts, key, t):
    """`facts` and that `key` is a `t`."""
    if facts is None:
        return None
    made = dict(facts) if len(facts) < MAX_FACTS else {}
    made[key] = t
    return made


def without(facts, keys):
    """`facts` without those about `keys`, a set of variables and field names, and what is reached through them."""
    if not facts or not keys:
        return facts
    if not any(_touches(key, keys) for key in facts):
        return facts
    return {key: t for key, t in facts.items() if not _touches(key, keys)}


def _touches(key, keys):
    while key.__class__ is tuple:
        if key[1] in keys:
            return True
        key = key[0]
    return key in keys


def merge(one, other):
    """What is known after two ways: what both know."""
    if one is None or one is other:
        return other
    if other is None:
        return one
    made = {}
    for key, t in one.items():
        u = other.get(key)
        if u is None:
            if t is UNSET:
                made[key] = t
        elif t is UNSET or u is UNSET:
            made[key] = UNSET
        elif t is u:
            made[key] = t
        elif assignable(t, u, False):
            made[key] = u
        elif assignable(u, t, False):
            made[key] = t
    for key, t in other.items():
        if t is UNSET and key not in one:
            made[key] = t
    return made


def assigned(c, var, t):
    """Note that `var` now holds a `t`."""
    facts = c.facts
    if facts:
        facts = without(facts, {var})
    declared = var.type
    if t is not declared and facts is not None and not t.loose and t is not NEVER and declared is not None:
        optional = declared.__class__ is Optional
        if shared(var):
            if optional and t is not NONE and t.__class__ is not Optional:
                facts = with_fact(facts, var, declared.inner)
        elif (declared is DYNAMIC and var not in c.annotated or optional or not declared.loose and t.__class__ is model.Nominal) and (
                t is NONE or assignable(t, declared, False)):
            facts = with_fact(facts, var, t)
        elif optional and t.__class__ is not Optional and assignable(t, declared):
            facts = with_fact(facts, var, declared.inner)       # an int becomes a float
    c.facts = facts


def condition(c, node):
    """Check a condition; what is known when it holds, and when it does not."""
    kind = node.__class__
    if kind is ast.Logic and node.op != "??":
        return _logic(c, node)
    if kind is ast.Unary and node.op == "!":
        c.types[node] = BOOL
        yes, no = condition(c, node.operand)
        return no, yes
    if kind is ast.Binary and (node.op == "==" or node.op == "!="):
        return _equality(c, node)
    if kind is ast.Is:
        return _is(c, node)
    t = c.expr(node)
    must_be_bool(c, node, t)
    if kind is ast.Bool:
        return (c.facts, None) if node.value else (None, c.facts)
    return c.facts, c.facts


def must_be_bool(c, node, t):
    """Report what is used as a condition and is no bool."""
    if t is not BOOL and not t.loose and t is not NEVER and not (t.__class__ is model.TypeParam):
        if t.__class__ is Optional and t.inner is BOOL:
            c.error("E0613", "a condition must be a bool, and this may be None", node.pos, "compare it: `== true`")
            return
        help = None
        if t.__class__ is Optional or t is NONE:
            help = "compare with None: `!= None`"
        elif t is model.INT:
            help = "compare with 0: `!= 0`"
        c.error("E0609", f"a condition must be a bool, not {a(t)}", node.pos, help)


def _logic(c, node):
    """`&&` or `||`, the chain to the left in a loop. For `||` what holds and what does not change places."""
    op, chain = node.op, []
    while node.__class__ is ast.Logic and node.op == op:
        chain.append(node)
        node = node.left
    before = c.facts
    on, ends = condition(c, node) if op == "&&" else condition(c, node)[::-1]
    while chain:
        node = chain.pop()
        c.types[node] = BOOL
        c.facts = on if on is not None else before
        yes, no = condition(c, node.right)
        if op == "||":
            yes, no = no, yes
        on, ends = yes if on is not None else None, merge(ends, no if on is not None else None)
    c.facts = before
    return (on, ends) if op == "&&" else (ends, on)


def _equality(c, node):
    t = EXPR[ast.Binary](c, node, None)
    c.types[node] = t
    left, right = node.left, node.right
    if left.__class__ is ast.NoneLit:
        left, right = right, left
    facts = c.facts
    yes = no = facts
    key = path(left)
    if key is not None and facts is not None and right.__class__ is ast.NoneLit:
        t = c.types[left]
        rest = t.inner if t.__class__ is Optional else None
        if rest is not None:
            no = with_fact(facts, key, rest)
            if not (key.__class__ is Variable and shared(key)):
                yes = with_fact(facts, key, NONE)
        elif t is DYNAMIC and key.__class__ is Variable and not shared(key):
            yes = with_fact(facts, key, NONE)
        elif t is NONE:
            no = with_fact(facts, key, DYNAMIC)
    elif key is not None and facts is not None and c.types[left].__class__ is Optional:
        u = c.types[right]          # equal to what is not None: not None
        if u.__class__ is not Optional and not u.loose and u is not NONE:
            yes = with_fact(facts, key, c.types[left].inner)
    return (yes, no) if node.op == "==" else (no, yes)


def _is(c, node):
    c.expr(node)
    facts, key = c.facts, path(node.value)
    have, wanted = c.types[node.value], c.types.get(node.type)
    if key is None or facts is None or wanted is None or wanted.loose:
        return facts, facts
    if key.__class__ is Variable and shared(key) and (have is DYNAMIC or wanted is NONE):
        return facts, facts
    return narrow(facts, key, have, wanted)


def narrow(facts, key, have, wanted):
    """What is known when the value at `key`, a `have`, is a `wanted`, and when it is not."""
    yes = with_fact(facts, key, wanted if not assignable(have, wanted, False) or have.loose else have)
    no = facts
    if have.__class__ is Optional and not have.loose:
        if wanted is NONE:
            no = with_fact(facts, key, have.inner)
        elif assignable(have.inner, wanted, False) and not have.inner.generic:
            no = with_fact(facts, key, NONE)
    return yes, no


# --- loops ---

def forget(c, node):
    """Forget what `node`, a loop or a block, assigns: here it may have run already, or in part."""
    if c.facts:
        known = c.facts
        keys = writes(c, node)
        c.facts = without(known, keys)
        for key, t in known.items():
            if key not in c.facts:
                if t is UNSET:
                    c.facts = with_fact(c.facts, key, UNSET)
                elif t is not NONE and (key.__class__ is tuple or key.type.__class__ is Optional):
                    # it is not None at first, and what is assigned later may not be either: nothing is certain
                    c.facts = with_fact(c.facts, key, DYNAMIC)


def writes(c, node):
    """The variables and field names that are assigned below `node`. Each node is visited once for each module: what a
    loop assigns is found together with what the loops in it assign."""
    found = c.loop_writes.get(node)
    if found is None:
        found = _find_writes(c, node)
    return found


def _find_writes(c, root):
    found, stack = set(), [root]
    while stack:
        node = stack.pop()
        kind = node.__class__
        if kind is list or kind is tuple:
            stack += node
        elif isinstance(node, ast.Node):
            known = c.loop_writes.get(node)
            if known is not None:
                found |= known
                continue
            if kind is ast.Assign:
                target = node.target
                if target.__class__ is ast.Name:
                    found.add(target.var)
                elif target.__class__ is ast.Field:
                    found.add(target.name)
            elif kind in _INNER and node is not root:
                found |= _find_writes(c, node)
                continue
            stack += [getattr(node, name) for name in node._fields]
    c.loop_writes[root] = found
    return found


_INNER = {ast.While, ast.For, ast.Try}
