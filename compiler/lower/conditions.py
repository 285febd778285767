"""Conditions: expressions that only decide where to go, as compare-and-jump instructions.

In:  `COND[class](f, node, label, when)`: jump to `label` if the truth of `node` is `when`, else fall through.
Out: instructions. Holds: no temporary stays in use; what the right side of `&&` or `||` sets is not known afterwards.
`a >= b` is not the opposite of `a < b` when one is NaN, so each comparison has its own negated jump (`jnlt`).
"""
from myna.compiler.bytecode.builder import Builder as B
from myna.compiler.lower import floats
from myna.compiler.lower.registers import COND, EXPR, condition
from myna.compiler.syntax import ast

# (operator, when) -> emitter for two registers, and whether the sides change places.
REGISTERS = {
    ("<", True): (B.jlt, False), ("<", False): (B.jnlt, False), ("<=", True): (B.jle, False), ("<=", False): (B.jnle, False),
    (">", True): (B.jlt, True), (">", False): (B.jnlt, True), (">=", True): (B.jle, True), (">=", False): (B.jnle, True),
    ("==", True): (B.jeq, False), ("==", False): (B.jne, False), ("!=", True): (B.jne, False), ("!=", False): (B.jeq, False),
}
# The same with an 8-bit constant on the right.
SHORT = {
    ("<", True): B.jlti, ("<", False): B.jnlti, ("<=", True): B.jlei, ("<=", False): B.jnlei,
    (">", True): B.jgti, (">", False): B.jngti, (">=", True): B.jgei, (">=", False): B.jngei,
    ("==", True): B.jeqi, ("==", False): B.jnei, ("!=", True): B.jnei, ("!=", False): B.jeqi,
}
COMPARISONS = {"<", "<=", ">", ">=", "==", "!="}


@condition(ast.Name, ast.Int, ast.BigInt, ast.Float, ast.String, ast.NoneLit, ast.Interp, ast.Cond, ast.Call, ast.Field, ast.Index,
           ast.List, ast.Record, ast.Range, ast.Function, ast.This, ast.As, ast.Tuple, ast.MapLit, ast.Match, ast.TypeApply)
def value(f, node, label, when):
    """Any expression: the jump checks that it is a bool."""
    mark, f.tested = f.top, node
    register = EXPR[node.__class__](f, node, None)
    f.top = mark
    f.b.pos = node.pos
    if when:
        f.b.jtrue(register, label)
    else:
        f.b.jfalse(register, label)


@condition(ast.Bool)
def constant(f, node, label, when):
    if node.value == when:
        f.b.jump(label)


@condition(ast.Unary)
def unary(f, node, label, when):
    if node.op == "!":
        COND[node.operand.__class__](f, node.operand, label, not when)
    else:
        value(f, node, label, when)


@condition(ast.Binary)
def binary(f, node, label, when):
    op = node.op
    if op not in COMPARISONS:
        value(f, node, label, when)
        return
    if floats.compare(f, node, label, when):
        return
    mark, b = f.top, f.b
    left = EXPR[node.left.__class__](f, node.left, None)
    right = node.right
    if is_short(right):
        f.top = mark
        b.pos = node.pos
        SHORT[op, when](b, left, right.value, label)
        return
    if right.__class__ is ast.NoneLit and op in ("==", "!="):
        f.top = mark
        (b.jnone if (op == "==") == when else b.jnotnone)(left, label)
        return
    other = EXPR[right.__class__](f, right, None)
    f.top = mark
    b.pos = node.pos
    emit, swap = REGISTERS[op, when]
    if swap:
        emit(b, other, left, label)
    else:
        emit(b, left, other, label)


def is_short(node):
    """Whether a node is a constant that fits into a comparing jump."""
    return node.__class__ is ast.Int and -128 <= node.value < 128


@condition(ast.Logic)
def logic(f, node, label, when):
    """`&&` and `||`: the right side runs only when the left one does not decide."""
    if node.op == "??":
        value(f, node, label, when)
        return
    decides = node.op == "||"       # the truth of the left side that settles it
    if decides == when:
        COND[node.left.__class__](f, node.left, label, when)
        before = len(f.log)
        COND[node.right.__class__](f, node.right, label, when)
    else:
        b = f.b
        skip = b.label()
        COND[node.left.__class__](f, node.left, skip, decides)
        before = len(f.log)
        COND[node.right.__class__](f, node.right, label, when)
        b.place(skip)
    f.forget(before)
