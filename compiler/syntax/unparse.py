"""Syntax tree → text: source in either dialect, and the dump that golden tests compare.

In:  an `ast.Module`, or any node below one.
Out: `unparse`: a program whose parse gives the same tree, offsets aside. `dump`: one node a line, indented.
Holds: both work with a list of what is still to be written instead of recursion: a tree may be as deep as memory allows.
"""

import re

from myna.compiler.syntax import ast
from myna.compiler.syntax.tokens import KEYWORDS

_is_name = re.compile("[A-Za-z_][A-Za-z0-9_]*").fullmatch

# How tight an expression binds, in the order of `grammar_expr.precedence`; an operand that binds less than its place
# asks for stands in parentheses.
LOOSEST, COND, PIPE, COALESCE, OR, AND, BAR, CARET, AMP, NOT, COMPARE, RANGE, SHIFT, SUM, PRODUCT, UNARY, POSTFIX, ATOM = range(18)

_LEVEL = {"??": COALESCE, "||": OR, "&&": AND, "|": BAR, "^": CARET, "&": AMP}
_LEVEL |= dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), COMPARE) | dict.fromkeys(("<<", ">>"), SHIFT)
_LEVEL |= dict.fromkeys(("+", "-", "+%", "-%"), SUM) | dict.fromkeys(("*", "/", "%", "*%"), PRODUCT)

_ESCAPED = {"\n": "\\n", "\t": "\\t", "\\": "\\\\", '"': '\\"'}
_ESCAPED_MS = _ESCAPED | {"\r": "\\r", "\0": "\\0", "$": "\\$"}


class _In:
    """Pieces to be written one level deeper."""

    def __init__(self, pieces):
        self.pieces = pieces


class _Line:
    """A line break with the current indentation."""


_LINE = _Line()


def unparse(node, dialect="ms"):
    """The text of `node` in `dialect`, which must have all that the tree has."""
    return _Writer(dialect).write(node)


class _Writer:
    """Turns nodes to pieces: strings, line breaks, nodes (statements), and (node, level) for expressions."""

    def __init__(self, dialect):
        self.classic = dialect == "classic"
        self.end = ";" if self.classic else ""
        self.guarded = set()    # nodes that need parentheses whatever their level
        self.keywords = KEYWORDS[dialect]
        self.escapes = _ESCAPED if self.classic else _ESCAPED_MS

    def write(self, node):
        """The text of `node`."""
        text, indent, work = [], 0, [node]
        while work:
            piece = work.pop()
            if isinstance(piece, str):
                text.append(piece)
            elif piece is _LINE:
                text.append("\n" + "    " * indent)
            elif isinstance(piece, _In):
                indent += 1
                work += [None, *reversed(piece.pieces)]
            elif piece is None:
                indent -= 1
            else:
                node, level = piece if isinstance(piece, tuple) else (piece, LOOSEST)
                pieces = getattr(self, "_" + type(node).__name__)(node)
                if node in self.guarded or isinstance(node, _EXPRESSIONS) and self._level(node) < level:
                    pieces = ["(", *pieces, ")"]
                work += reversed(pieces)
        return "".join(text)

    def _level(self, node):
        kind = type(node)
        if kind is ast.Binary or kind is ast.Logic:
            return _LEVEL[node.op]
        if kind is ast.Unary:
            return NOT if node.op == "!" else UNARY
        if kind is ast.Int:
            return UNARY if node.value < 0 else ATOM
        if kind is ast.Function:
            return ATOM if type(node.body) is ast.Block and not self.classic else LOOSEST
        return _LEVELS.get(kind, ATOM)

    # Statements

    def _lines(self, statements):
        pieces = []
        for statement in statements:
            pieces += [_LINE, statement]
        return pieces

    def _Module(self, node):
        return self._lines(node.body)[1:] + ["\n"] if node.body else []

    def _Block(self, node):
        return ["{", _In(self._lines(node.body)), _LINE, "}"] if node.body else ["{}"]

    def _ExprStmt(self, node):
        self._guard(node.expr)
        return [node.expr, self.end]

    def _guard(self, node):
        """Have the first operand of a statement parenthesised where its first token would mean something else there:
        `{` opens a block, and a `-` goes on with the line before."""
        while type(node) in _LEFT:
            node = getattr(node, _LEFT[type(node)])
        if type(node) is ast.Record or self._level(node) == UNARY:
            self.guarded.add(node)

    def _Assign(self, node):
        self._guard(node.target)
        return [node.target, f" {node.op or ''}= ", node.value, self.end]

    def _Let(self, node):
        pieces = ["var " if node.mutable else "let ", node.name]
        return pieces + ([" = ", node.value] if node.value is not None else []) + [self.end]

    def _FunDecl(self, node):
        function = node.function
        if type(function.body) is ast.Block:
            return [f"fun {node.name}(", self._params(function), ") ", function.body]
        return [f"fun {node.name}(", self._params(function), ") => ", function.body, self.end]

    def _params(self, function):
        return ", ".join(name for name, _ in function.params)

    def _Return(self, node):
        return ["return", *([" ", node.value] if node.value is not None else []), self.end]

    def _Throw(self, node):
        return ["throw ", node.value, self.end]

    def _If(self, node):
        return ["if (", node.cond, ") ", node.then, *([" else ", node.orelse] if node.orelse is not None else [])]

    def _While(self, node):
        return ["while (", node.cond, ") ", node.body]

    def _For(self, node):
        return [f"for ({node.name} in ", node.iterable, ") ", node.body]

    def _Break(self, node):
        return ["break", self.end]

    def _Continue(self, node):
        return ["continue", self.end]

    def _Global(self, node):
        return ["global ", ", ".join(node.names), self.end]

    def _Try(self, node):
        pieces = ["try ", node.body]
        if node.catch_body is not None:
            pieces += [f" catch ({node.catch_name}) ", node.catch_body]
        if node.final_body is not None:
            pieces += [" finally ", node.final_body]
        return pieces

    # Expressions

    def _Name(self, node):
        return [node.name]

    def _Int(self, node):
        return [str(node.value)]

    def _Float(self, node):
        return [repr(node.value)]

    def _String(self, node):
        return ['"', self._escaped(node.value), '"']

    def _escaped(self, value):
        return "".join(self.escapes.get(c, c) for c in value)

    def _Bool(self, node):
        return ["true" if node.value else "false"]

    def _NoneLit(self, node):
        return ["None"]

    def _Interp(self, node):
        pieces = ['"']
        for part in node.parts:
            pieces += [self._escaped(part.value)] if type(part) is ast.String else ["${", part, "}"]
        return pieces + ['"']

    def _Unary(self, node):
        if node.op == "!":
            return ["!", (node.operand, COMPARE if self.classic else NOT)]
        # A literal behind the minus would become a negative literal.
        literal = node.op == "-" and type(node.operand) is ast.Int
        nested = self.classic and type(node.operand) is ast.Unary
        return [node.op, "(", node.operand, ")"] if literal or nested else [node.op, (node.operand, UNARY)]

    def _Binary(self, node):
        level = _LEVEL[node.op]
        left = level + 1 if level == COMPARE else level
        return [(node.left, left), f" {node.op} ", (node.right, level + 1)]

    def _Logic(self, node):
        level = _LEVEL[node.op]
        left, right = (level + 1, level) if node.op == "??" else (level, level + 1)
        return [(node.left, left), f" {node.op} ", (node.right, right)]

    def _Cond(self, node):
        return [(node.cond, PIPE), " ? ", (node.then, COND), " : ", (node.orelse, COND)]

    def _Range(self, node):
        return [(node.low, SHIFT), "..=" if node.inclusive else "..", (node.high, SHIFT)]

    def _Call(self, node):
        return [(node.callee, POSTFIX), "(", *_joined(node.args, ", "), ")"]

    def _Field(self, node):
        return [(node.obj, POSTFIX), "?." if node.safe else ".", node.name]

    def _Index(self, node):
        return [(node.obj, POSTFIX), "[", node.index, "]"]

    def _List(self, node):
        return ["[", *_joined(node.items, ", "), "]"]

    def _Record(self, node):
        pieces = ["{"]
        for name, value in node.fields:
            plain = _is_name(name) and name not in self.keywords
            pieces += [name if plain else f'"{self._escaped(name)}"', ": ", value, "; "]
        return pieces + ["}"]

    def _Function(self, node):
        arrow = "" if type(node.body) is ast.Block else "=> "
        return [f"fun({self._params(node)}) {arrow}", node.body]


_LEVELS = {ast.Cond: COND, ast.Range: RANGE, ast.Call: POSTFIX, ast.Field: POSTFIX, ast.Index: POSTFIX}
_EXPRESSIONS = (ast.Name, ast.Int, ast.Float, ast.String, ast.Bool, ast.NoneLit, ast.Interp, ast.Unary, ast.Binary,
                ast.Logic, ast.Cond, ast.Call, ast.Field, ast.Index, ast.List, ast.Record, ast.Range, ast.Function)
_LEFT = {ast.Binary: "left", ast.Logic: "left", ast.Cond: "cond", ast.Range: "low", ast.Call: "callee",
         ast.Field: "obj", ast.Index: "obj"}


def _joined(nodes, separator):
    pieces = []
    for node in nodes:
        pieces += [separator, node]
    return pieces[1:]


def dump(node, source=None):
    """One node a line: its class, plain attributes, and children below it; with `source`, also line and column."""
    lines, work = [], [("", node, 0)]
    while work:
        label, item, depth = work.pop()
        line = "  " * depth + label
        if isinstance(item, list):
            lines.append(line + "[]" if not item else line.rstrip())
            work.extend((f"{_label(entry[0])}: ", entry[1], depth + 1) if isinstance(entry, tuple) else
                        ("", entry, depth + 1) for entry in reversed(item))
            continue
        if not isinstance(item, ast.Node):
            lines.append(f"{line}{item!r}")
            continue
        plain, children = _fields(item)
        place = "@%d:%d" % source.position(item.pos) if source else ""
        lines.append(" ".join([line + type(item).__name__, *plain, *([place] if place else [])]))
        # Below a node, in source order; the label says which child it is.
        work.extend((f"{name}: ", child, depth + 1) for name, child in reversed(children))
    return "\n".join(lines) + "\n"


def _fields(node):
    """The attributes of `node` that are shown beside its name, and the children shown below it."""
    plain, children = [], []
    for name in node._fields:
        value = getattr(node, name)
        if isinstance(value, ast.Node) or isinstance(value, list) and name != "params" and name != "names":
            children.append((name, value))
        elif name == "params":
            plain.append(f"({', '.join(param for param, _ in value)})")
        elif value is not None:
            plain.append(f"{name}={ascii(value)}")      # on one line, whatever is in it
    return plain, children


def _label(name):
    return name if _is_name(name) else ascii(name)
