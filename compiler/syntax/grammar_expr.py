"""The grammar of expressions, as rules for PLY.

In:  `p`, the values of a rule's symbols from `p[1]` on; `p[0]` is the parse's `Context`. A token's value is a tuple
     (offset, text or literal).
Out: each rule returns the value of its left side, a node or a list.
Holds: the order of precedence is `precedence` below and nowhere else.
"""

from myna.compiler.syntax import ast

# From loosest to tightest.
precedence = (
    ("nonassoc", "RESULT"),                     # a type that goes on is read to its end
    ("right", "ARROW"),                         # the body of a lambda reaches as far as it can
    ("right", "QUESTION", "COLON"),
    ("left", "PIPE"),
    ("right", "COALESCE"),
    ("left", "OROR"),
    ("left", "ANDAND"),
    ("left", "BAR"),
    ("left", "CARET"),
    ("left", "AMP"),
    ("right", "NOT"),                           # looser than comparison, as in MITScript
    ("nonassoc", "COMPARE", "IS", "AS"),
    ("nonassoc", "RANGE"),
    ("left", "SHIFT"),
    ("left", "ADD", "MINUS"),
    ("left", "MUL"),
    ("right", "UNARY"),
    ("left", "LPAREN", "LBRACKET", "DOT", "SAFEDOT", "TLT", "OPTIONAL"),
)


def p_name(p):
    "expr : NAME"
    pos, name = p[1]
    return ast.Name(pos, name)


def p_int(p):
    """expr : INT
       number : INT"""
    pos, value = p[1]
    node = ast.Int(pos, value)
    context = p[0]
    if value > context.max_int:
        context.large.add(node)
    return node


def p_float(p):
    """expr : FLOAT
       number : FLOAT"""
    pos, value = p[1]
    return ast.Float(pos, value)


def p_bigint(p):
    """expr : BIGINT
       number : BIGINT"""
    pos, value = p[1]
    return ast.BigInt(pos, value)


def p_string(p):
    """expr : STRING
       literal : STRING"""
    pos, value = p[1]
    return ast.String(pos, value)


def p_true(p):
    """expr : TRUE
       literal : TRUE"""
    return ast.Bool(p[1][0], True)


def p_false(p):
    """expr : FALSE
       literal : FALSE"""
    return ast.Bool(p[1][0], False)


def p_none(p):
    """expr : NONE
       literal : NONE"""
    return ast.NoneLit(p[1][0])


def p_this(p):
    "expr : THIS"
    return ast.This(p[1][0])


def p_super_call(p):
    "expr : SUPER DOT NAME LPAREN arguments RPAREN"
    pos, name = p[3]
    return ast.Call(p[4][0], ast.Field(pos, ast.Super(p[1][0]), name, False), p[5])


def p_parentheses(p):
    "expr : LPAREN expr RPAREN"
    p[0].parenthesised.add(p[2])
    return p[2]


def p_tuple(p):
    """expr : LPAREN expr COMMA items RPAREN
            | LPAREN expr COMMA items COMMA RPAREN"""
    return ast.Tuple(p[1][0], [p[2], *p[4]])


def p_interpolation(p):
    "expr : STR_HEAD parts STR_TAIL"
    pos = p[1][0]
    parts = []
    for part in (ast.String(*p[1]), *p[2], ast.String(*p[3])):
        if type(part) is ast.String and parts and type(parts[-1]) is ast.String:
            parts[-1] = ast.String(parts[-1].pos, parts[-1].value + part.value)
        elif type(part) is not ast.String or part.value:
            parts.append(part)
    if not parts:
        return ast.String(pos, "")
    return parts[0] if len(parts) == 1 and type(parts[0]) is ast.String else ast.Interp(pos, parts)


def p_parts_first(p):
    "parts : part"
    return [p[1]]


def p_part(p):
    """part : expr
            | expr FORMAT"""
    return p[1] if len(p) == 2 else ast.Format(p[2][0], p[1], p[2][1])


def p_parts_more(p):
    "parts : parts STR_MID part"
    p[1] += (ast.String(*p[2]), p[3])
    return p[1]


def p_binary(p):
    """expr : expr BAR expr
            | expr CARET expr
            | expr AMP expr
            | expr SHIFT expr
            | expr ADD expr
            | expr MINUS expr
            | expr MUL expr"""
    pos, op = p[2]
    return ast.Binary(pos, op, p[1], p[3])


def p_comparison(p):
    "expr : expr COMPARE expr"
    pos, op = p[2]
    if type(p[1]) is ast.Is:
        p[0].no_chain(p[1], p[2])
    return ast.Binary(pos, op, p[1], p[3])


def p_is(p):
    "expr : expr IS type"
    p[0].no_chain(p[1], p[2])
    return ast.Is(p[2][0], p[1], p[3])


def p_as(p):
    "expr : expr AS type"
    p[0].no_chain(p[1], p[2])
    return ast.As(p[2][0], p[1], p[3])


def p_logic(p):
    """expr : expr COALESCE expr
            | expr OROR expr
            | expr ANDAND expr"""
    pos, op = p[2]
    return ast.Logic(pos, op, p[1], p[3])


def p_range(p):
    "expr : expr RANGE expr"
    pos, op = p[2]
    return ast.Range(pos, p[1], p[3], op == "..=")


def p_negative(p):
    "expr : MINUS expr %prec UNARY"
    pos, op = p[1]
    operand, context = p[2], p[0]
    if type(operand) is ast.Int and operand.value >= 0 and operand not in context.parenthesised:
        if operand.value == context.max_int + 1:
            context.large.discard(operand)
        operand.pos = pos
        operand.value = -operand.value
        context.negative.add(operand)
        return operand
    return ast.Unary(pos, op, operand)


def p_unary(p):
    """expr : TILDE expr %prec UNARY
            | NOT expr"""
    pos, op = p[1]
    return ast.Unary(pos, op, p[2])


def p_conditional(p):
    "expr : expr QUESTION expr COLON expr"
    return ast.Cond(p[2][0], p[1], p[3], p[5])


def p_pipe(p):
    "expr : expr PIPE expr"
    p[0].only_ms(p[2][0], "`|>`")
    target = p[3]
    if type(target) is ast.Call and target not in p[0].parenthesised:
        target.args.insert(0, p[1])
        return target
    return ast.Call(p[2][0], target, [p[1]])


def p_call(p):
    "expr : expr LPAREN arguments RPAREN"
    return ast.Call(p[2][0], p[1], p[3])


def p_type_arguments(p):
    "expr : expr TLT type_items TGT"
    return ast.TypeApply(p[2][0], p[1], p[3])


def p_index(p):
    "expr : expr LBRACKET expr RBRACKET"
    return ast.Index(p[2][0], p[1], p[3])


def p_field(p):
    """expr : expr DOT NAME
            | expr SAFEDOT NAME"""
    pos, name = p[3]
    return ast.Field(pos, p[1], name, p[2][1] == "?.")


def p_arguments_empty(p):
    "arguments :"
    return []


def p_arguments(p):
    "arguments : argument_list"
    return p[1]


def p_arguments_comma(p):
    "arguments : argument_list COMMA"
    p[0].only_ms(p[2][0], "a comma after the last argument")
    return p[1]


def p_argument_first(p):
    "argument_list : expr"
    return [p[1]]


def p_argument_more(p):
    "argument_list : argument_list COMMA expr"
    if type(p[1][-1]) is ast.NamedArg:
        p[0].error("E0218", "an argument without a name stands behind one with a name", p[3].pos, p[3].pos + 1,
                   "arguments with names come last")
    p[1].append(p[3])
    return p[1]


def p_argument_named_first(p):
    "argument_list : NAME COLON expr"
    pos, name = p[1]
    return [ast.NamedArg(pos, name, p[3])]


def p_argument_named_more(p):
    "argument_list : argument_list COMMA NAME COLON expr"
    pos, name = p[3]
    p[1].append(ast.NamedArg(pos, name, p[5]))
    return p[1]


def p_list(p):
    """expr : LBRACKET RBRACKET
            | LBRACKET items RBRACKET
            | LBRACKET items COMMA RBRACKET"""
    return ast.List(p[1][0], p[2] if len(p) > 3 else [])


def p_items_first(p):
    "items : expr"
    return [p[1]]


def p_items_more(p):
    "items : items COMMA expr"
    p[1].append(p[3])
    return p[1]


def p_record(p):
    """expr : LRECORD RBRACE
            | LRECORD fields RBRACE
            | LRECORD fields separator RBRACE"""
    if len(p) == 4:
        p[0].only_ms(p[3][0], "a record whose last field does not end with `;`")
    return ast.Record(p[1][0], p[2] if len(p) > 3 else [])


def p_map(p):
    """expr : LRECORD entries RBRACE
            | LRECORD entries separator RBRACE"""
    return ast.MapLit(p[1][0], p[2])


def p_fields_first(p):
    "fields : field"
    return [p[1]]


def p_fields_more(p):
    "fields : fields separator field"
    p[1].append(p[3])
    return p[1]


def p_field_value(p):
    "field : NAME COLON expr"
    return p[1][1], p[3]


def p_entries_first(p):
    "entries : entry"
    return [p[1]]


def p_entries_more(p):
    "entries : entries separator entry"
    p[1].append(p[3])
    return p[1]


def p_entry(p):
    "entry : STRING COLON expr"
    return ast.String(*p[1]), p[3]


def p_entry_computed(p):
    "entry : LBRACKET expr RBRACKET COLON expr"
    return p[2], p[5]


def p_wrong_mixed(p):
    """fields : fields separator entry
       entries : entries separator field"""
    pos = p[2][0]
    p[0].error("E0219", "a record has names as keys, a map strings or [expressions]: here they are mixed", pos, pos + 1,
               'write {a: 1} or {"a": 1}')
    return p[1]


def p_separator_semicolon(p):
    "separator : SEMI"
    return p[1]


def p_separator_comma(p):
    "separator : COMMA"
    p[0].only_ms(p[1][0], "a comma between fields")
    return p[1]


def p_function_block(p):
    "expr : FUN LPAREN params RPAREN annotation block"
    return ast.Function(p[1][0], None, [], p[3], p[5], p[6])


def p_function_arrow(p):
    "expr : FUN LPAREN params RPAREN annotation ARROW expr"
    return ast.Function(p[1][0], None, [], p[3], p[5], p[7])
