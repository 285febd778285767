"""The words of the language: token types, keywords and operators of both dialects, and the lexer's rules for PLY.

In:  nothing.
Out: tables for the lexer and the parser, and `t_…` rules in PLY's form, from which PLY makes one master regular
     expression when the tables are built (`build_tables.py`).
Holds: a token is a type and a value; the value is a tuple (offset, text or literal). Operators of one precedence share
     a type, so that the parser's tables stay small.
"""

import functools
import re


@functools.cache
def matcher(pattern):
    """The `match` of a regular expression that few programs need: compiling one takes some 0.2 ms at every start."""
    return re.compile(pattern).match


is_name = re.compile("[A-Za-z_][A-Za-z0-9_]*").fullmatch

OPERATORS = {
    "(": "LPAREN", ")": "RPAREN", "[": "LBRACKET", "]": "RBRACKET", "{": "LBRACE", "}": "RBRACE",
    ",": "COMMA", ";": "SEMI", ":": "COLON", ".": "DOT", "?.": "SAFEDOT", "=>": "ARROW", "=": "ASSIGN",
    "+=": "AUGASSIGN", "-=": "AUGASSIGN", "*=": "AUGASSIGN", "/=": "AUGASSIGN", "%=": "AUGASSIGN",
    "&=": "AUGASSIGN", "|=": "AUGASSIGN", "^=": "AUGASSIGN", "<<=": "AUGASSIGN", ">>=": "AUGASSIGN",
    "?": "QUESTION", "|>": "PIPE", "??": "COALESCE", "||": "OROR", "&&": "ANDAND", "|": "BAR", "^": "CARET",
    "&": "AMP", "!": "NOT", "==": "COMPARE", "!=": "COMPARE", "<": "COMPARE", "<=": "COMPARE", ">": "COMPARE",
    ">=": "COMPARE", "...": "ELLIPSIS", "..": "RANGE", "..=": "RANGE", "<<": "SHIFT", ">>": "SHIFT", "+": "ADD", "+%": "ADD",
    "-%": "ADD", "-": "MINUS", "*": "MUL", "/": "MUL", "%": "MUL", "*%": "MUL", "~": "TILDE",
}

CLASSIC_KEYWORDS = {word: word.upper() for word in "global if else while return fun true false None".split()}

# `from`, `type`, `init` and `after` are words only where the lexer finds that they cannot be names.
_MS_WORDS = ("let var for in break continue try catch finally throw class interface enum match import extends implements "
             "override super this static is as extern receive from type init after")
KEYWORDS = {
    "classic": CLASSIC_KEYWORDS,
    "ms": CLASSIC_KEYWORDS | {word: word.upper() for word in _MS_WORDS.split()},
}

# What can begin an operand, and so is no continuation of a type; `(` and `{` are the open cases.
OPERAND = r"(?!(?:extends|implements|if|is|as|in|else)\b)[A-Za-z0-9_\"\[~-]|!(?!=)"

# Names where they do not fit: the word → what follows it as a keyword.
CONTEXTUAL = {
    "FROM": r"[ \t]+(?!(?:is|as|in|if|else)\b)[A-Za-z_\"]",
    "TYPE": r"[ \t]+(?!(?:is|as|in|if|else)\b)[A-Za-z_]",
    "INIT": r"\s*\{",
    "AFTER": r"(?!\s*(?:=|\||:|if\b))",
}

# LRECORD is the `{` of a record: the lexer tells it from a block's by the token before it. A string with
# interpolations is STR_HEAD, expression, STR_MID, expression, …, STR_TAIL. TLT and TGT are the angle brackets of types,
# OPTIONAL is the `?` of a type, ARM the `=>` of an arm of `match`. ATTRIBUTE is `@name`, BIGINT `12n`, FORMAT the `:` behind an
# expression in a string and what stands between it and the `}`.
LITERALS = ("NAME", "INT", "FLOAT", "BIGINT", "STRING", "STR_HEAD", "STR_MID", "STR_TAIL", "LRECORD", "TLT", "TGT", "OPTIONAL",
            "ARM", "ATTRIBUTE", "FORMAT")

# What the parser's rules know.
tokens = tuple(sorted({*LITERALS, *OPERATORS.values(), *KEYWORDS["ms"].values()}))

# A token that can end a statement. (The `)` of `if (c)` does not: the lexer sees to that, and calls one of parameters PARAMS.)
STATEMENT_ENDS = frozenset(
    "NAME INT FLOAT BIGINT STRING STR_TAIL TRUE FALSE NONE THIS RPAREN RBRACKET RBRACE TGT OPTIONAL PARAMS BREAK CONTINUE "
    "RETURN".split())

# A token that goes on with the statement of the line before. All else starts a new one, `(` and `[` included.
CONTINUES = frozenset(
    "ELSE CATCH FINALLY IN IS AS EXTENDS IMPLEMENTS DOT SAFEDOT PIPE ANDAND OROR COALESCE BAR CARET AMP COMPARE RANGE SHIFT "
    "ADD MINUS MUL QUESTION OPTIONAL COLON ASSIGN AUGASSIGN ARROW ARM COMMA SEMI RPAREN RBRACKET RBRACE TLT TGT STR_MID "
    "STR_TAIL".split())

# After one of these a `{` opens a record, after any other token a block.
BEFORE_RECORD = frozenset(
    "ASSIGN AUGASSIGN LPAREN LBRACKET LRECORD COMMA COLON RETURN THROW IN IS AS IF AFTER LET VAR ARROW QUESTION PIPE COALESCE "
    "OROR ANDAND BAR CARET AMP NOT COMPARE RANGE SHIFT ADD MINUS MUL TILDE TLT STR_HEAD STR_MID".split())

# The rules, in PLY's form; PLY tries them in the order they stand here. The lexer refines what they find: NAME by the
# keywords, OPERATOR, OPEN and CLOSE by the table above, CONTEXTUAL by what is around it; QUOTE begins a string with more in it
# than plain characters.
t_ignore = " \t\r\f"


def t_NAME(t):
    r"[A-Za-z_][A-Za-z0-9_]*"


def t_NEWLINE(t):
    r"\n[ \t\r\f\n]*"


def t_LINE_COMMENT(t):
    r"//[^\n]*"


def t_BLOCK_COMMENT(t):
    r"/\*"


def t_OPERATOR(t):
    r"\.\.[.=]?|<<=|[-+*/%&|^<!]=|==|[-+*]%|\|[>|]|&&|\?[?.]|<<|[-+*/%&|^!~.,;]|=(?!>)"


def t_CONTEXTUAL(t):
    r"<|>>=|>[>=]?|\?|:|=>"


def t_STRING(t):
    r'"[^"\\$\n]*"'


def t_NUMBER(t):
    r"0[xXbB][0-9A-Za-z_]*|[0-9][0-9_]*(?:\.[0-9][0-9_]*)?(?:[eE][+-]?[0-9][0-9_]*)?[0-9A-Za-z_]*"


def t_OPEN(t):
    r"[(\[{]"


def t_CLOSE(t):
    r"[)\]}]"


def t_ATTRIBUTE(t):
    r"@[A-Za-z_][A-Za-z0-9_]*"


def t_QUOTE(t):
    r'"'


def t_UNKNOWN(t):
    r"[^ \t\r\f\n]"


def t_error(t):
    raise AssertionError("the rules match any text but blanks")
