"""Syntax tree → source text in either dialect.

In:  an `ast.Module`, or any node below one.
Out: a program whose parse gives the same tree, offsets aside.
Holds: a list of what is still to be written takes the place of recursion: a tree may be as deep as memory allows.
"""

from myna.compiler.syntax import ast
from myna.compiler.syntax.dump import dump      # noqa: F401 (the two go together)
from myna.compiler.syntax.tokens import KEYWORDS, is_name
from myna.compiler.syntax.unparse_parts import LINE, In, Parts, angles, joined

# How tight an expression binds, in the order of `grammar_expr.precedence`; an operand that binds less than its place
# asks for stands in parentheses.
LOOSEST, COND, PIPE, COALESCE, OR, AND, BAR, CARET, AMP, NOT, COMPARE, RANGE, SHIFT, SUM, PRODUCT, UNARY, POSTFIX, ATOM = range(18)

_LEVEL = {"??": COALESCE, "||": OR, "&&": AND, "|": BAR, "^": CARET, "&": AMP}
_LEVEL |= dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), COMPARE) | dict.fromkeys(("<<", ">>"), SHIFT)
_LEVEL |= dict.fromkeys(("+", "-", "+%", "-%"), SUM) | dict.fromkeys(("*", "/", "%", "*%"), PRODUCT)

_ESCAPED = {"\n": "\\n", "\t": "\\t", "\\": "\\\\", '"': '\\"'}
_ESCAPED_MS = _ESCAPED | {"\r": "\\r", "\0": "\\0", "$": "\\$"}


def unparse(node, dialect="ms"):
    """The text of `node` in `dialect`, which must have all that the tree has."""
    return _Writer(dialect).write(node)


class _Writer(Parts):
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
            elif piece is LINE:
                text.append("\n" + "    " * indent)
            elif isinstance(piece, In):
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

    def plain_name(self, text):
        """Whether `text` can be written as a name."""
        return is_name(text) and text not in self.keywords

    def _level(self, node):
        kind = type(node)
        if kind is ast.Binary or kind is ast.Logic:
            return _LEVEL[node.op]
        if kind is ast.Unary:
            return NOT if node.op == "!" else UNARY
        if kind is ast.Int or kind is ast.BigInt:
            return UNARY if node.value < 0 else ATOM
        if kind is ast.Function:
            return ATOM if type(node.body) is ast.Block and not self.classic else LOOSEST
        return _LEVELS.get(kind, ATOM)

    # Statements

    def _lines(self, statements):
        pieces = []
        for statement in statements:
            pieces += [LINE, statement]
        return pieces

    def _Module(self, node):
        return self._lines(node.body)[1:] + ["\n"] if node.body else []

    def _Block(self, node):
        return ["{", In(self._lines(node.body)), LINE, "}"] if node.body else ["{}"]

    def _ExprStmt(self, node):
        self._guard(node.expr)
        return [node.expr, self.end]

    def _guard(self, node):
        """Have the first operand of a statement parenthesised where its first token would mean something else there:
        `{` opens a block, and a `-` goes on with the line before."""
        while type(node) in _LEFT:
            node = getattr(node, _LEFT[type(node)])
        if type(node) in (ast.Record, ast.MapLit) or self._level(node) == UNARY:
            self.guarded.add(node)

    def _Assign(self, node):
        self._guard(node.target)
        return [node.target, f" {node.op or ''}= ", node.value, self.end]

    def _Return(self, node):
        return ["return", *([" ", node.value] if node.value is not None else []), self.end]

    def _Throw(self, node):
        return ["throw ", node.value, self.end]

    def _If(self, node):
        return ["if (", node.cond, ") ", node.then, *([" else ", node.orelse] if node.orelse is not None else [])]

    def _While(self, node):
        return ["while (", node.cond, ") ", node.body]

    def _For(self, node):
        return ["for (", node.name, " in ", node.iterable, ") ", node.body]

    def _Break(self, node):
        return ["break", self.end]

    def _Continue(self, node):
        return ["continue", self.end]

    def _Global(self, node):
        return ["global ", ", ".join(node.names), self.end]

    def _Try(self, node):
        pieces = ["try ", node.body]
        for catch in node.catches:
            pieces += [" ", catch]
        if node.final_body is not None:
            pieces += [" finally ", node.final_body]
        return pieces

    def _Catch(self, node):
        if node.name is None:
            return ["catch ", node.body]
        return [f"catch ({node.name}", *self._typed(node.type), ") ", node.body]

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

    def _Format(self, node):
        return [node.value, ":", node.format]

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
        return [*self._head(node.callee), "(", *joined(node.args, ", "), ")"]

    def _head(self, node):
        """What a call or field is of. Type arguments stand there only, and elsewhere in parentheses."""
        return self._TypeApply(node) if type(node) is ast.TypeApply else [(node, POSTFIX)]

    def _Field(self, node):
        return [*self._head(node.obj), "?." if node.safe else ".", node.name]

    def _Index(self, node):
        return [(node.obj, POSTFIX), "[", node.index, "]"]

    def _List(self, node):
        return ["[", *joined(node.items, ", "), "]"]

    def _Record(self, node):
        pieces = ["{"]
        for name, value in node.fields:
            pieces += [name, ": ", value, "; "]
        return pieces + ["}"]

    def _Function(self, node):
        return self._function("fun", node, "")

    def _This(self, node):
        return ["this"]

    def _Super(self, node):
        return ["super"]

    def _Is(self, node):
        return [(node.value, COMPARE + 1), " is ", node.type]

    def _As(self, node):
        return [(node.value, COMPARE + 1), " as ", node.type]

    def _Tuple(self, node):
        return ["(", *joined(node.items, ", "), ")"]

    def _MapLit(self, node):
        pieces = []
        for key, value in node.entries:
            pieces += [", ", *([key] if type(key) is ast.String else ["[", key, "]"]), ": ", value]
        return ["{", *pieces[1:], "}"]

    def _BigInt(self, node):
        return [f"{node.value}n"]

    def _NamedArg(self, node):
        return [node.name, ": ", node.value]

    def _TypeApply(self, node):
        return [(node.callee, POSTFIX), *angles(node.args)]


_LEVELS = {ast.Cond: COND, ast.Range: RANGE, ast.Call: POSTFIX, ast.Field: POSTFIX, ast.Index: POSTFIX, ast.Is: COMPARE,
           ast.As: COMPARE, ast.TypeApply: LOOSEST}
_EXPRESSIONS = (ast.Name, ast.Int, ast.Float, ast.String, ast.Bool, ast.NoneLit, ast.Interp, ast.Format, ast.Unary, ast.Binary,
                ast.Logic, ast.Cond, ast.Call, ast.Field, ast.Index, ast.List, ast.Record, ast.Range, ast.Function,
                ast.This, ast.Super, ast.Is, ast.As, ast.Tuple, ast.MapLit, ast.BigInt, ast.TypeApply, ast.Match, ast.Receive)
_LEFT = {ast.Binary: "left", ast.Logic: "left", ast.Cond: "cond", ast.Range: "low", ast.Call: "callee",
         ast.Field: "obj", ast.Index: "obj", ast.Is: "value", ast.As: "value", ast.TypeApply: "callee"}
