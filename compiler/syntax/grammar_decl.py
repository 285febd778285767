"""The grammar of declarations, as rules for PLY (see `grammar_expr.py` for what `p` is)."""

from myna.compiler.syntax import ast


def p_let(p):
    """simple : LET NAME ASSIGN expr
              | VAR NAME ASSIGN expr"""
    pos, name = p[2]
    return ast.Let(pos, name, p[1][1] == "var", p[4])


def p_var(p):
    "simple : VAR NAME"
    pos, name = p[2]
    return ast.Let(pos, name, True, None)


def p_global(p):
    "simple : GLOBAL names"
    if len(p[2]) > 1:
        p[0].only_ms(p[1][0], "`global` with several names")
    return ast.Global(p[1][0], p[2])


def p_names_first(p):
    "names : NAME"
    return [p[1][1]]


def p_names_more(p):
    "names : names COMMA NAME"
    p[1].append(p[3][1])
    return p[1]


def p_function_declaration(p):
    "stmt : FUN NAME LPAREN params RPAREN block"
    pos, name = p[2]
    return ast.FunDecl(pos, name, ast.Function(p[1][0], name, p[4], p[6]))


def p_function_declaration_arrow(p):
    "simple : FUN NAME LPAREN params RPAREN ARROW expr"
    pos, name = p[2]
    return ast.FunDecl(pos, name, ast.Function(p[1][0], name, p[4], p[7]))


def p_params_empty(p):
    "params :"
    return []


def p_params(p):
    "params : param_list"
    return p[1]


def p_params_comma(p):
    "params : param_list COMMA"
    p[0].only_ms(p[2][0], "a comma after the last parameter")
    return p[1]


def p_param_list_first(p):
    "param_list : NAME"
    pos, name = p[1]
    return [(name, pos)]


def p_param_list_more(p):
    "param_list : param_list COMMA NAME"
    pos, name = p[3]
    if any(name == other for other, _ in p[1]):
        p[0].error("E0213", f"two parameters are called `{name}`", pos, pos + len(name))
    p[1].append((name, pos))
    return p[1]
