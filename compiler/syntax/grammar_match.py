"""The grammar of `match`, `receive` and patterns, as rules for PLY (see `grammar_expr.py` for what `p` is).

An arm whose body is an expression ends with a comma or a line's end; behind a block that is optional. `arms` are ready for
another arm, `open_arms` are not.
"""

from myna.compiler.syntax import ast


def p_match(p):
    """expr : MATCH LPAREN expr RPAREN LBRACE arms RBRACE
            | MATCH LPAREN expr RPAREN LBRACE open_arms RBRACE"""
    for arm in p[6]:
        if arm.pattern is None:
            p[0].error("E0217", "`after` stands only in `receive`", arm.pos, arm.pos + len("after"))
    return ast.Match(p[1][0], p[3], p[6])


def p_receive(p):
    """expr : RECEIVE LBRACE arms RBRACE
            | RECEIVE LBRACE open_arms RBRACE"""
    arms, after, body = p[3], None, None
    if arms and arms[-1].pattern is None:
        last = arms.pop()
        after, body = last.guard, last.body
    for arm in arms:
        if arm.pattern is None:
            p[0].error("E0217", "`after` stands once, and last", arm.pos, arm.pos + len("after"))
    return ast.Receive(p[1][0], arms, after, body)


def p_arms_empty(p):
    "arms :"
    return []


def p_arms_block(p):
    """arms : arms block_arm
            | arms block_arm COMMA"""
    p[1].append(p[2])
    return p[1]


def p_arms_separator(p):
    """arms : arms SEMI
            | open_arms SEMI
            | open_arms COMMA"""
    return p[1]


def p_open_arms(p):
    "open_arms : arms open_arm"
    p[1].append(p[2])
    return p[1]


def p_arm(p):
    """block_arm : pattern guard ARM block
       open_arm : pattern guard ARM expr"""
    return ast.Arm(p[1].pos, p[1], p[2], p[4])


def p_arm_jump(p):
    "open_arm : pattern guard ARM jump"
    return ast.Arm(p[1].pos, p[1], p[2], ast.Block(p[4].pos, [p[4]]))


def p_arm_after(p):
    """block_arm : AFTER expr ARM block
       open_arm : AFTER expr ARM expr"""
    return ast.Arm(p[1][0], None, p[2], p[4])       # `match` and `receive` take it from the list


def p_guard(p):
    """guard :
             | IF expr"""
    return p[2] if len(p) > 1 else None


# Patterns

def p_pattern(p):
    "pattern : simple_pattern"
    return p[1]


def p_pattern_or(p):
    "pattern : pattern BAR simple_pattern"
    if type(p[1]) is ast.POr and p[1] not in p[0].parenthesised:
        p[1].alternatives.append(p[3])
        return p[1]
    return ast.POr(p[1].pos, [p[1], p[3]])


def p_pattern_name(p):
    "simple_pattern : NAME"
    return _name(p[1])


def _name(token):
    pos, name = token
    return ast.PWild(pos) if name == "_" else ast.PName(pos, name)


def p_pattern_type(p):
    "simple_pattern : NAME COLON type"
    pos, name = p[1]
    return ast.PType(pos, None if name == "_" else name, p[3])


def p_pattern_constructor(p):
    """simple_pattern : dotted LPAREN patterns RPAREN
                      | dotted LPAREN RPAREN"""
    return ast.PConstructor(*p[1], p[3] if len(p) > 4 else [])


def p_pattern_qualified(p):
    "simple_pattern : dotted DOT NAME"
    return ast.PConstructor(p[1][0], f"{p[1][1]}.{p[3][1]}", [])


def p_pattern_literal(p):
    """simple_pattern : literal
                      | number"""
    return ast.PLiteral(p[1].pos, p[1])


def p_pattern_negative(p):
    "simple_pattern : MINUS number"
    node = p[2]
    if type(node) is ast.Int and node.value == p[0].max_int + 1:
        p[0].large.discard(node)
    node.pos, node.value = p[1][0], -node.value
    return ast.PLiteral(node.pos, node)


def p_pattern_parentheses(p):
    "simple_pattern : LPAREN pattern RPAREN"
    p[0].parenthesised.add(p[2])
    return p[2]


def p_structure(p):
    "simple_pattern : structure"
    return p[1]


def p_structure_tuple(p):
    "structure : LPAREN pattern COMMA patterns RPAREN"
    return ast.PTuple(p[1][0], [p[2], *p[4]])


def p_structure_list(p):
    """structure : LBRACKET RBRACKET
                 | LBRACKET patterns RBRACKET
                 | LBRACKET rest RBRACKET
                 | LBRACKET pattern_list COMMA rest RBRACKET"""
    if len(p) == 6:
        return ast.PList(p[1][0], p[2], p[4])
    items = p[2] if len(p) == 4 else []
    return ast.PList(p[1][0], items, None) if type(items) is list else ast.PList(p[1][0], [], items)


def p_rest(p):
    """rest : ELLIPSIS
            | ELLIPSIS NAME"""
    return _name(p[2]) if len(p) > 2 else ast.PWild(p[1][0])


def p_patterns(p):
    """patterns : pattern_list
                | pattern_list COMMA"""
    return p[1]


def p_pattern_list_first(p):
    "pattern_list : pattern"
    return [p[1]]


def p_pattern_list_more(p):
    "pattern_list : pattern_list COMMA pattern"
    p[1].append(p[3])
    return p[1]


def p_structure_record(p):
    """structure : LRECORD RBRACE
                 | LRECORD pattern_fields RBRACE
                 | LRECORD pattern_fields separator RBRACE"""
    return ast.PRecord(p[1][0], p[2] if len(p) > 3 else [])


def p_pattern_record(p):
    """simple_pattern : LBRACE RBRACE
                      | LBRACE pattern_fields RBRACE
                      | LBRACE pattern_fields separator RBRACE"""
    return p_structure_record(p)


def p_pattern_fields_first(p):
    "pattern_fields : pattern_field"
    return [p[1]]


def p_pattern_fields_more(p):
    "pattern_fields : pattern_fields separator pattern_field"
    p[1].append(p[3])
    return p[1]


def p_pattern_field(p):
    """pattern_field : NAME
                     | NAME COLON pattern"""
    return p[1][1], p[3] if len(p) > 2 else _name(p[1])
