"""Text → syntax tree, for both dialects.

In:  a source text and its dialect, "classic" or "ms".
Out: an `ast.Module`, or CompileError with all independent errors.
Holds: one grammar and one set of tables serve both dialects; `dialect.py` takes from classic what it does not have.
       The parser is a loop over the LALR tables, so nesting costs memory, not Python stack. Its own stack is bounded
       by MAX_STACK, and that bounds the depth of the tree: only left-nested operators and postfix chains, which need
       no stack, go deeper.

The loop is ours and not PLY's for three reasons: it resumes after an error where the statement ended, it needs no
import of PLY, and it is twice as fast.
"""

import re

from myna.compiler.diagnostics import MAX_ERRORS, CompileError, Diagnostic
from myna.compiler.syntax import ast, build_tables, dialect as dialects
from myna.compiler.syntax.lexer import Lexer
from myna.compiler.syntax.tokens import KEYWORDS, is_name

# Entries on the parser's stack. One `if (…) {` takes six, one `(` one: 3,000 nested blocks, 20,000 parentheses. Later
# passes may recurse as deep as the tree, so more would cost them memory without serving a program a person reads.
MAX_STACK = 20_000

COMPARISONS = frozenset(("==", "!=", "<", "<=", ">", ">="))

MAX_INT = {"classic": 2**31 - 1, "ms": 2**63 - 1}


class Tables:
    """The LALR tables in the form the loop wants, and the lexer's regular expression."""

    def __init__(self, made):
        functions = build_tables.rules()
        self.action = made.ACTION       # state → {token type: > 0 shift to state, < 0 reduce by rule, 0 accept}
        self.goto = made.GOTO           # state → {nonterminal: state}
        self.default = made.DEFAULT     # state → the only reduction it can make, or 0
        self.rules = [(functions.get(function), size, left) for left, size, function in made.PRODUCTIONS]
        self.regex = re.compile(made.REGEX)


_tables = None


def tables():
    """The tables, loaded at the first use."""
    global _tables
    if _tables is None:
        _tables = Tables(build_tables.load())
    return _tables


class Context:
    """What the rules of one parse share; they know it as `p[0]`."""

    def __init__(self, source, dialect):
        self.source = source
        self.classic = dialect == "classic"
        self.max_int = MAX_INT[dialect]
        self.large = set()              # Int nodes above max_int that no minus has taken yet
        self.negative = set()           # Int nodes made of a minus and a literal
        self.parenthesised = set()      # nodes that stood in parentheses, which the tree does not show
        self.errors = []
        self.full = False               # MAX_ERRORS are reported: the rest is dropped
        self.error_lines = set()        # lines with an error: a later one of the grammar is a consequence

    def error(self, code, message, pos, end, help=None):
        """Report an error at the span `pos` … `end`."""
        if len(self.errors) >= MAX_ERRORS:
            self.too_many(pos, end)
        else:
            self.errors.append(Diagnostic(code, message, self.source, pos, end, help))

    def too_many(self, pos, end):
        """Report, once, that the rest is not reported."""
        if not self.full:
            self.full = True
            self.errors.append(Diagnostic("E0402", "too many errors: the rest is not shown", self.source, pos, end))

    def lexical_error(self, code, message, pos, end, help=None):
        """Report an error of the lexer."""
        if any(e.pos == pos and e.code == code for e in self.errors):
            return      # the text is lexed anew after a syntax error
        self.error_lines.add(self.source.position(pos)[0])
        self.error(code, message, pos, end, help)

    def only_ms(self, pos, what):
        """Report in classic that the syntax has no `what`."""
        if self.classic:
            self.error("E0212", f"classic programs do not have {what}", pos, pos + 1)

    def check_target(self, target, operator):
        """Report an assignment to what is no variable, field or element."""
        pos, op = operator
        if op != "=":
            self.only_ms(pos, f"`{op}`")
        kind = type(target)
        if target in self.parenthesised or not (
                kind is ast.Name or kind is ast.Index or kind is ast.Field and not target.safe):
            self.error("E0209", "only a variable, a field or an element can be assigned to", pos, pos + len(op),
                       "to compare, write ==" if op == "=" else None)

    def no_chain(self, left, operator):
        """Report a comparison, `is` or `as` whose left side is a comparison or `is` without parentheses."""
        if left not in self.parenthesised and (type(left) is ast.Is or type(left) is ast.Binary and left.op in COMPARISONS):
            pos, op = operator
            self.error("E0210", "comparisons do not chain", pos, pos + len(op), "use parentheses, or &&")

    def distinct(self, items, what):
        """Report each of `items`, nodes with a name, that is called as one before it."""
        seen = set()
        for item in items:
            if item.name in seen:
                self.error("E0213", f"two {what} are called `{item.name}`", item.pos, item.pos + len(item.name))
            seen.add(item.name)

    @staticmethod
    def is_name(text):
        """Whether `text` could name a variable."""
        return is_name(text) and text not in KEYWORDS["ms"]

    def finish(self):
        """Report what is known only when all is parsed; raise CompileError if anything was reported."""
        for node in self.large:
            bits = 32 if self.classic else 64
            self.error("E0105", f"{node.value} is out of range", node.pos, node.pos + len(str(node.value)),
                       f"an int has {bits} bits: up to {self.max_int}")
        if self.errors:
            raise CompileError(list(self._independent()))

    def _independent(self):
        """The errors in order, without syntax errors on a line that already has one: those mostly follow from it."""
        last = 0
        for error in sorted(self.errors, key=lambda e: (e.pos, e.code)):
            line = self.source.position(error.pos)[0]
            if line != last or not error.code.startswith("E02"):
                yield error
            last = line


def parse(source, dialect):
    """The syntax tree of `source` in `dialect`, or CompileError."""
    made = tables()
    context = Context(source, dialect)
    lexer = Lexer(made.regex, source.text, dialect, context.lexical_error)
    module = _run(made, context, lexer)
    if context.classic and not context.errors:
        dialects.check(module, context)
    context.finish()
    return module


def _run(made, context, lexer):
    """The LR loop. Returns the module, or None after an error that ends the parse."""
    action, goto, default, rules = made.action, made.goto, made.default, made.rules
    types, values = lexer.run()
    states, symbols, at, state = [0], [context], 0, 0
    recovery = None
    while True:
        step = default[state] or action[state].get(types[at])
        if step is None:
            if recovery is None:
                from myna.compiler.syntax.recovery import Recovery      # a millisecond, for programs with errors only
                recovery = Recovery(made, context, lexer)
            resumed = recovery.resume(states, symbols, types, values, at)
            if resumed is None:
                return None
            types, values, at = resumed
            state = states[-1]
        elif step > 0:
            states.append(step)
            symbols.append(values[at])
            at += 1
            state = step
            if len(states) > MAX_STACK:
                pos = values[at - 1][0]
                context.error("E0401", "the program is nested too deep here", pos, pos + 1,
                              "move the inner parts to functions or variables of their own")
                return None
        elif step < 0:
            rule, size, left = rules[-step]
            if size:
                p = symbols[-size - 1:]
                p[0] = context
                del symbols[-size:], states[-size:]
                symbols.append(rule(p))
            else:
                symbols.append(rule((context,)))
            state = goto[states[-1]][left]
            states.append(state)
        else:
            return symbols[1]
