"""The parser's tables: made by PLY when the package is built, imported when a program is compiled.

In:  the rules of `tokens.py` and `grammar_*.py`.
Out: `_tables.py`: the lexer's master regular expression and the LALR(1) tables. `python -m
     myna.compiler.syntax.build_tables` writes it; `load()` gives the tables, made in memory when the file is absent or
     of another grammar.
Holds: the grammar has no conflict that its precedence does not settle: the build fails otherwise. PLY is imported
       only to make tables: its import costs more than compiling a short script.
"""

import os
import sys
from types import SimpleNamespace

from myna.compiler.syntax import grammar_class, grammar_decl, grammar_expr, grammar_match, grammar_stmt, grammar_type, tokens

MODULES = (grammar_stmt, grammar_decl, grammar_class, grammar_type, grammar_expr, grammar_match)
PRECEDENCE = grammar_stmt.precedence + grammar_expr.precedence


class GrammarError(Exception):
    """The grammar has a conflict or an unused part."""


def rules():
    """The functions of all rules by name."""
    return {name: value for module in MODULES for name, value in vars(module).items() if name.startswith("p_")}


def signature():
    """A text that changes whenever the tables must."""
    parts = [repr(PRECEDENCE), repr(tokens.tokens), tokens.t_ignore]
    parts += [f"{name} {rule.__doc__}" for name, rule in rules().items()]
    parts += [f"{name} {rule.__doc__}" for name, rule in vars(tokens).items() if name.startswith("t_") and callable(rule)]
    return "\n".join(parts)


def load():
    """The tables, from `_tables.py` when it fits the grammar."""
    try:
        from myna.compiler.syntax import _tables
    except ImportError:
        return make()
    # Under -OO there are no docstrings to compare with, nor to make tables of.
    if sys.flags.optimize >= 2 or _tables.SIGNATURE == signature():
        return _tables
    return make()


def make():
    """Make the tables with PLY."""
    from ply import yacc
    log = _Log()
    module = SimpleNamespace(**rules(), tokens=tokens.tokens, precedence=PRECEDENCE, start=grammar_stmt.start,
                             p_error=lambda token: None, __file__=__file__)
    try:
        parser = yacc.yacc(module=module, write_tables=False, debug=True, debuglog=yacc.NullLogger(), errorlog=log)
    except yacc.YaccError as error:
        log.error(str(error))
    if log.complaints:
        raise GrammarError("\n".join(log.complaints))
    states = range(len(parser.action))
    return SimpleNamespace(
        SIGNATURE=signature(), REGEX=_master_regex(log),
        ACTION=[parser.action[s] for s in states], GOTO=[dict(parser.goto.get(s, {})) for s in states],
        DEFAULT=[_default(parser.action[s]) for s in states],
        PRODUCTIONS=[(p.name, p.len, p.func) for p in parser.productions])


def _default(row):
    """The one reduction that a state makes whatever the next token is, or 0. Made too where the token fits nothing:
    the error is then found a step later, before the token is taken."""
    steps = set(row.values())
    return steps.pop() if len(steps) == 1 and min(steps) < 0 else 0


def _master_regex(log):
    """The rules of `tokens.py` as one regular expression, blanks before a token included."""
    from ply import lex
    lexer = lex.lex(module=tokens, reflags=0, errorlog=log)
    (pattern,) = lexer.lexstateretext["INITIAL"]
    return f"[{lexer.lexignore}]*(?:{pattern})"


class _Log:
    """What PLY has to say; all of it but its progress reports is a fault in the grammar."""

    def __init__(self):
        self.complaints = []

    def warning(self, message, *args):
        """Keep a complaint."""
        self.complaints.append(message % args if args else message)

    error = critical = warning

    def info(self, message, *args):
        """Progress: nothing to keep."""

    debug = info


def build(path):
    """Write the tables to the file `path`."""
    import pprint
    tables = make()
    lines = ['"""The parser\'s tables. Made by build_tables.py of the grammar; not to be edited."""\n']
    lines += [f"{name} = {pprint.pformat(getattr(tables, name), width=118, compact=True)}\n"
              for name in ("SIGNATURE", "REGEX", "ACTION", "GOTO", "DEFAULT", "PRODUCTIONS")]
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines))


if __name__ == "__main__":
    build(os.path.join(os.path.dirname(os.path.abspath(__file__)), "_tables.py"))
