"""The words of the language: token types, keywords and operators of both dialects, and the lexer's rules for PLY.

In:  nothing.
Out: tables for the lexer and the parser, and `t_…` rules in PLY's form, from which PLY makes one master regular
     expression when the tables are built (`build_tables.py`).
Holds: a token is a type and a value; the value is a tuple (offset, text or literal). Operators of one precedence share
     a type, so that the parser's tables stay small.
"""

OPERATORS = {
    "(": "LPAREN", ")": "RPAREN", "[": "LBRACKET", "]": "RBRACKET", "{": "LBRACE", "}": "RBRACE",
    ",": "COMMA", ";": "SEMI", ":": "COLON", ".": "DOT", "?.": "SAFEDOT", "=>": "ARROW", "=": "ASSIGN",
    "+=": "AUGASSIGN", "-=": "AUGASSIGN", "*=": "AUGASSIGN", "/=": "AUGASSIGN", "%=": "AUGASSIGN",
    "&=": "AUGASSIGN", "|=": "AUGASSIGN", "^=": "AUGASSIGN", "<<=": "AUGASSIGN", ">>=": "AUGASSIGN",
    "?": "QUESTION", "|>": "PIPE", "??": "COALESCE", "||": "OROR", "&&": "ANDAND", "|": "BAR", "^": "CARET",
    "&": "AMP", "!": "NOT", "==": "COMPARE", "!=": "COMPARE", "<": "COMPARE", "<=": "COMPARE", ">": "COMPARE",
    ">=": "COMPARE", "..": "RANGE", "..=": "RANGE", "<<": "SHIFT", ">>": "SHIFT", "+": "ADD", "+%": "ADD",
    "-%": "ADD", "-": "MINUS", "*": "MUL", "/": "MUL", "%": "MUL", "*%": "MUL", "~": "TILDE",
}

CLASSIC_KEYWORDS = {word: word.upper() for word in "global if else while return fun true false None".split()}

# The words of the full language are reserved from the start, so that a program that parses today parses tomorrow.
# RESERVED is a type that no rule mentions. `from`, `type`, `init` and `after` stay names: only their place makes them words.
_MS_WORDS = "let var for in break continue try catch finally throw"
_MS_RESERVED = "class interface enum match import extends implements override super this static is as extern receive"
KEYWORDS = {
    "classic": CLASSIC_KEYWORDS,
    "ms": CLASSIC_KEYWORDS | {w: w.upper() for w in _MS_WORDS.split()} | dict.fromkeys(_MS_RESERVED.split(), "RESERVED"),
}

# LRECORD is the `{` of a record: the lexer tells it from a block's by the token before it. A string with
# interpolations is STR_HEAD, expression, STR_MID, expression, …, STR_TAIL.
LITERALS = ("NAME", "INT", "FLOAT", "STRING", "STR_HEAD", "STR_MID", "STR_TAIL", "LRECORD")

# What the parser's rules know.
tokens = tuple(sorted({*LITERALS, *OPERATORS.values(), *KEYWORDS["ms"].values()} - {"RESERVED"}))

# A token that can end a statement. (The `)` of `if (c)` does not: the lexer sees to that.)
STATEMENT_ENDS = frozenset(
    "NAME INT FLOAT STRING STR_TAIL TRUE FALSE NONE RESERVED RPAREN RBRACKET RBRACE BREAK CONTINUE RETURN".split())

# A token that goes on with the statement of the line before. All else starts a new one, `(` and `[` included.
CONTINUES = frozenset(
    "ELSE CATCH FINALLY IN DOT SAFEDOT PIPE ANDAND OROR COALESCE BAR CARET AMP COMPARE RANGE SHIFT ADD MINUS MUL "
    "QUESTION COLON ASSIGN AUGASSIGN ARROW COMMA SEMI RPAREN RBRACKET RBRACE STR_MID STR_TAIL".split())

# After one of these a `{` opens a record, after any other token a block.
BEFORE_RECORD = frozenset(
    "ASSIGN AUGASSIGN LPAREN LBRACKET LRECORD COMMA COLON RETURN THROW IN ARROW QUESTION PIPE COALESCE OROR ANDAND BAR "
    "CARET AMP NOT COMPARE RANGE SHIFT ADD MINUS MUL TILDE STR_HEAD STR_MID".split())

# The rules, in PLY's form; PLY tries them in the order they stand here. The lexer refines what they find: NAME by the
# keywords, OPERATOR, OPEN and CLOSE by the table above; QUOTE begins a string with more in it than plain characters.
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
    r"<<=|>>=|\.\.=|=[=>]|[-+*/%&|^<>!]=|[-+*]%|\|[>|]|&&|\?[?.]|<<|>>|\.\.|[-+*/%&|^<>=!~?.:,;]"


def t_STRING(t):
    r'"[^"\\$\n]*"'


def t_NUMBER(t):
    r"0[xXbB][0-9A-Za-z_]*|[0-9][0-9_]*(?:\.[0-9][0-9_]*)?(?:[eE][+-]?[0-9][0-9_]*)?[0-9A-Za-z_]*"


def t_OPEN(t):
    r"[(\[{]"


def t_CLOSE(t):
    r"[)\]}]"


def t_QUOTE(t):
    r'"'


def t_UNKNOWN(t):
    r"[^ \t\r\f\n]"


def t_error(t):
    raise AssertionError("the rules match any text but blanks")
