"""The grammar of variables, functions and modules, as rules for PLY (see `grammar_expr.py` for what `p` is).

A `declaration` ends with a block, a `short_declaration` with a semicolon; attributes may stand before either.
"""

from myna.compiler.syntax import ast


def p_let(p):
    """simple : LET NAME ASSIGN expr
              | VAR NAME ASSIGN expr"""
    pos, name = p[2]
    return ast.Let(pos, name, None, p[1][1] == "var", p[4])


def p_let_typed(p):
    """simple : LET NAME COLON type ASSIGN expr
              | VAR NAME COLON type ASSIGN expr"""
    pos, name = p[2]
    return ast.Let(pos, name, p[4], p[1][1] == "var", p[6])


def p_var(p):
    "simple : VAR NAME annotation"
    pos, name = p[2]
    return ast.Let(pos, name, p[3], True, None)


def p_let_pattern(p):
    """simple : LET structure ASSIGN expr
              | VAR structure ASSIGN expr"""
    return ast.LetPattern(p[1][0], p[2], p[1][1] == "var", p[4])


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


# Functions

def p_declaration(p):
    """stmt : declaration
       simple : short_declaration"""
    return p[1]


def p_declaration_attributes(p):
    """stmt : attributes declaration
       simple : attributes short_declaration"""
    p[2].attributes = p[1]
    return p[2]


def p_attributes_first(p):
    "attributes : attribute"
    return [p[1]]


def p_attributes_more(p):
    "attributes : attributes attribute"
    p[1].append(p[2])
    return p[1]


def p_attribute(p):
    """attribute : ATTRIBUTE
                 | ATTRIBUTE LPAREN arguments RPAREN"""
    pos, name = p[1]
    return ast.Attribute(pos, name, p[3] if len(p) > 2 else [])


def p_function_declaration(p):
    "declaration : FUN NAME generics LPAREN params RPAREN annotation block"
    pos, name = p[2]
    return ast.FunDecl(pos, name, ast.Function(p[1][0], name, p[3], p[5], p[7], p[8]), [])


def p_function_declaration_arrow(p):
    "short_declaration : FUN NAME generics LPAREN params RPAREN annotation ARROW expr"
    pos, name = p[2]
    return ast.FunDecl(pos, name, ast.Function(p[1][0], name, p[3], p[5], p[7], p[9]), [])


def p_extern(p):
    "short_declaration : EXTERN STRING FUN NAME LPAREN params RPAREN annotation"
    pos, name = p[4]
    return ast.FunDecl(pos, name, ast.Function(p[3][0], name, [], p[6], p[8], ast.Extern(*p[2])), [])


def p_params_empty(p):
    "params :"
    return []


def p_params(p):
    "params : param_list"
    return _checked(p[0], p[1])


def p_params_comma(p):
    "params : param_list COMMA"
    p[0].only_ms(p[2][0], "a comma after the last parameter")
    return _checked(p[0], p[1])


def _checked(context, params):
    if len(params) > 1:
        context.distinct(params, "parameters")
        for param in params[:-1]:
            if param.rest:
                context.error("E0214", f"`{param.name}` takes all arguments that are left, so it must be the last parameter",
                              param.pos, param.pos + len(param.name))
    return params


def p_param_list_first(p):
    "param_list : param"
    return [p[1]]


def p_param_list_more(p):
    "param_list : param_list COMMA param"
    p[1].append(p[3])
    return p[1]


def p_param_attributes(p):
    """param : plain_param
             | attributes plain_param"""
    if len(p) > 2:
        p[2].attributes = p[1]
    return p[len(p) - 1]


def p_param(p):
    "plain_param : NAME"
    pos, name = p[1]
    return ast.Param(pos, name, None, None, False)


def p_param_typed(p):
    """plain_param : NAME COLON type
                   | NAME COLON type ASSIGN expr"""
    pos, name = p[1]
    p[0].only_ms(p[2][0], "types")
    return ast.Param(pos, name, p[3], p[5] if len(p) > 4 else None, False)


def p_param_default(p):
    "plain_param : NAME ASSIGN expr"
    pos, name = p[1]
    p[0].only_ms(p[2][0], "default values")
    return ast.Param(pos, name, None, p[3], False)


def p_param_rest(p):
    "plain_param : ELLIPSIS NAME annotation"
    pos, name = p[2]
    p[0].only_ms(p[1][0], "`...`")
    return ast.Param(pos, name, p[3], None, True)


# Modules

def p_import(p):
    """simple : IMPORT NAME
              | IMPORT NAME AS NAME"""
    return ast.Import(p[1][0], p[2][1], p[len(p) - 1][1])


def p_import_path(p):
    "simple : IMPORT STRING AS NAME"
    return ast.Import(p[1][0], p[2][1], p[4][1])


def p_import_path_alone(p):
    "simple : IMPORT STRING"
    pos, path = p[2]
    name = path.rsplit("/", 1)[-1]
    if not p[0].is_name(name):
        p[0].error("E0215", "this module needs a name", pos, pos + len(path) + 2, f'write import "{path}" as name')
    return ast.Import(p[1][0], path, name)


def p_import_from(p):
    """simple : FROM NAME IMPORT import_names
              | FROM STRING IMPORT import_names"""
    return ast.ImportFrom(p[1][0], p[2][1], p[4])


def p_import_names_first(p):
    "import_names : import_name"
    return [p[1]]


def p_import_names_more(p):
    "import_names : import_names COMMA import_name"
    p[1].append(p[3])
    return p[1]


def p_import_name(p):
    """import_name : NAME
                   | NAME AS NAME"""
    pos, name = p[1]
    return ast.ImportName(pos, name, p[len(p) - 1][1])
