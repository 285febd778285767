"""The grammar of types, as rules for PLY (see `grammar_expr.py` for what `p` is)."""

from myna.compiler.syntax import ast


def p_type_name(p):
    "type : type_name"
    return p[1]


def p_type_none(p):
    "type : NONE"
    return ast.TypeName(p[1][0], "None", [])


def p_type_optional(p):
    "type : type OPTIONAL"
    return ast.TypeOptional(p[2][0], p[1])


def p_type_function(p):
    """type : FUN LPAREN type_items RPAREN %prec RESULT
            | FUN LPAREN RPAREN %prec RESULT"""
    return ast.TypeFunction(p[1][0], p[3] if len(p) > 4 else [], None)


def p_type_function_result(p):
    """type : FUN LPAREN type_items RPAREN COLON type %prec RESULT
            | FUN LPAREN RPAREN COLON type %prec RESULT"""
    return ast.TypeFunction(p[1][0], p[3] if len(p) > 6 else [], p[len(p) - 1])


def p_type_parentheses(p):
    "type : LPAREN type RPAREN"
    return p[2]


def p_type_tuple(p):
    "type : LPAREN type COMMA type_items RPAREN"
    return ast.TypeTuple(p[1][0], [p[2], *p[4]])


def p_type_record(p):
    """type : LRECORD RBRACE
            | LRECORD type_fields RBRACE
            | LRECORD type_fields separator RBRACE"""
    return ast.TypeRecord(p[1][0], p[2] if len(p) > 3 else [])


def p_type_fields_first(p):
    "type_fields : NAME COLON type"
    return [(p[1][1], p[3])]


def p_type_fields_more(p):
    "type_fields : type_fields separator NAME COLON type"
    p[1].append((p[3][1], p[5]))
    return p[1]


def p_type_name_plain(p):
    "type_name : dotted %prec RESULT"
    return ast.TypeName(*p[1], [])


def p_type_name_arguments(p):
    "type_name : dotted TLT type_items TGT"
    return ast.TypeName(*p[1], p[3])


def p_dotted_first(p):
    "dotted : NAME"
    return p[1]


def p_dotted_more(p):
    "dotted : dotted DOT NAME"
    return p[1][0], f"{p[1][1]}.{p[3][1]}"


def p_type_items(p):
    """type_items : type_list
                  | type_list COMMA"""
    return p[1]


def p_type_list_first(p):
    "type_list : type"
    return [p[1]]


def p_type_list_more(p):
    "type_list : type_list COMMA type"
    p[1].append(p[3])
    return p[1]


def p_generics(p):
    """generics :
                | TLT type_params TGT"""
    if len(p) == 1:
        return []
    p[0].distinct(p[2], "type parameters")
    return p[2]


def p_type_params_first(p):
    "type_params : type_param"
    return [p[1]]


def p_type_params_more(p):
    "type_params : type_params COMMA type_param"
    p[1].append(p[3])
    return p[1]


def p_type_param(p):
    """type_param : NAME
                  | NAME COLON type"""
    pos, name = p[1]
    return ast.TypeParam(pos, name, p[3] if len(p) > 2 else None)


def p_annotation(p):
    """annotation :
                  | COLON type"""
    return p[2] if len(p) > 1 else None
