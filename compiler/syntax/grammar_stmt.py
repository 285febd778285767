"""The grammar of statements, as rules for PLY (see `grammar_expr.py` for what `p` is).

A `simple` statement ends with a semicolon, the program's or the lexer's; the others end with a block or a statement.
"""

from myna.compiler.syntax import ast

start = "module"

# An `else` belongs to the nearest `if`.
precedence = (("nonassoc", "THEN"), ("nonassoc", "ELSE"))


def p_module(p):
    "module : stmts"
    return ast.Module(0, p[1])


def p_stmts_empty(p):
    "stmts :"
    return []


def p_stmts_more(p):
    "stmts : stmts stmt"
    p[1].append(p[2])
    return p[1]


def p_stmts_semicolon(p):
    "stmts : stmts SEMI"
    p[0].only_ms(p[2][0], "an empty statement")
    return p[1]


def p_stmt_simple(p):
    "stmt : simple SEMI"
    return p[1]


def p_stmt_block(p):
    "stmt : block"
    return p[1]


def p_block(p):
    "block : LBRACE stmts RBRACE"
    return ast.Block(p[1][0], p[2])


def p_expression(p):
    "simple : expr"
    return ast.ExprStmt(p[1].pos, p[1])


def p_assign(p):
    "simple : expr ASSIGN expr"
    p[0].check_target(p[1], p[2])
    return ast.Assign(p[2][0], p[1], None, p[3])


def p_assign_op(p):
    "simple : expr AUGASSIGN expr"
    p[0].check_target(p[1], p[2])
    pos, op = p[2]
    return ast.Assign(pos, p[1], op[:-1], p[3])


def p_break(p):
    """simple : BREAK
       jump : BREAK"""
    return ast.Break(p[1][0])


def p_continue(p):
    """simple : CONTINUE
       jump : CONTINUE"""
    return ast.Continue(p[1][0])


def p_return(p):
    """simple : RETURN
       jump : RETURN"""
    return ast.Return(p[1][0], None)


def p_return_value(p):
    """simple : RETURN expr
       jump : RETURN expr"""
    return ast.Return(p[1][0], p[2])


def p_throw(p):
    """simple : THROW expr
       jump : THROW expr"""
    return ast.Throw(p[1][0], p[2])


def _body(context, stmt):
    """The block that `stmt` makes as a body: a single statement stands in a block of its own."""
    if type(stmt) is ast.Block:
        return stmt
    context.only_ms(stmt.pos, "a body without braces")
    return ast.Block(stmt.pos, [stmt])


def p_if(p):
    "stmt : IF LPAREN expr RPAREN stmt %prec THEN"
    return ast.If(p[1][0], p[3], _body(p[0], p[5]), None)


def p_if_else(p):
    """stmt : IF LPAREN expr RPAREN stmt ELSE stmt
            | IF LPAREN expr RPAREN simple ELSE stmt"""
    orelse = p[7]
    if type(orelse) is ast.If:
        p[0].only_ms(p[6][0], "`else if`")
    else:
        orelse = _body(p[0], orelse)
    return ast.If(p[1][0], p[3], _body(p[0], p[5]), orelse)


def p_while(p):
    "stmt : WHILE LPAREN expr RPAREN stmt"
    return ast.While(p[1][0], p[3], _body(p[0], p[5]))


def p_for(p):
    "stmt : FOR LPAREN NAME IN expr RPAREN stmt"
    return ast.For(p[1][0], p[3][1], p[5], _body(p[0], p[7]))


def p_for_structure(p):
    "stmt : FOR LPAREN structure IN expr RPAREN stmt"
    return ast.For(p[1][0], p[3], p[5], _body(p[0], p[7]))


def p_for_several(p):
    "stmt : FOR LPAREN NAME COMMA pattern_list IN expr RPAREN stmt"
    pos, name = p[3]
    first = ast.PWild(pos) if name == "_" else ast.PName(pos, name)
    return ast.For(p[1][0], ast.PTuple(p[2][0], [first, *p[5]]), p[7], _body(p[0], p[9]))


def p_try(p):
    """stmt : TRY block catches
            | TRY block catches FINALLY block"""
    return ast.Try(p[1][0], p[2], p[3], p[5] if len(p) > 4 else None)


def p_try_finally(p):
    "stmt : TRY block FINALLY block"
    return ast.Try(p[1][0], p[2], [], p[4])


def p_catches_first(p):
    "catches : catch"
    return [p[1]]


def p_catches_more(p):
    "catches : catches catch"
    p[1].append(p[2])
    return p[1]


def p_catch(p):
    """catch : CATCH block
             | CATCH LPAREN NAME annotation RPAREN block"""
    if len(p) == 3:
        return ast.Catch(p[1][0], None, None, p[2])
    pos, name = p[3]
    return ast.Catch(pos, name, p[4], p[6])
