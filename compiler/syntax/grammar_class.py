"""The grammar of classes, interfaces, enums and type aliases, as rules for PLY (see `grammar_expr.py` for what `p` is)."""

from myna.compiler.syntax import ast


def p_type_declaration(p):
    """declaration : type_declaration
       short_declaration : short_type
       simple : alias"""
    return p[1]


def p_class(p):
    """type_declaration : CLASS NAME generics class_params base implements LBRACE members RBRACE
       short_type : CLASS NAME generics class_params base implements"""
    pos, name = p[2]
    base, base_args = p[5]
    members = p[8] if len(p) > 7 else []
    _check_members(p[0], members, "class")
    return ast.ClassDecl(pos, name, p[3], p[4], base, base_args, p[6], members, [])


def p_class_params(p):
    """class_params :
                    | LPAREN params RPAREN"""
    return p[2] if len(p) > 1 else []


def p_base(p):
    """base :
            | EXTENDS type_name
            | EXTENDS type_name LPAREN arguments RPAREN"""
    if len(p) == 1:
        return None, []
    return p[2], p[4] if len(p) > 3 else []


def p_implements(p):
    """implements :
                  | IMPLEMENTS type_names"""
    return p[2] if len(p) > 1 else []


def p_type_names_first(p):
    "type_names : type_name"
    return [p[1]]


def p_type_names_more(p):
    "type_names : type_names COMMA type_name"
    p[1].append(p[3])
    return p[1]


def p_interface(p):
    """type_declaration : INTERFACE NAME generics LBRACE members RBRACE
                        | INTERFACE NAME generics EXTENDS type_names LBRACE members RBRACE"""
    pos, name = p[2]
    members = p[len(p) - 2]
    _check_members(p[0], members, "interface")
    return ast.InterfaceDecl(pos, name, p[3], p[5] if len(p) > 7 else [], members, [])


def p_enum(p):
    """type_declaration : ENUM NAME generics LBRACE enum_items RBRACE
                        | ENUM NAME generics LBRACE enum_items enum_variant RBRACE"""
    pos, name = p[2]
    items = p[5] + ([p[6]] if len(p) > 7 else [])
    variants = [item for item in items if type(item) is ast.Variant]
    members = [item for item in items if type(item) is not ast.Variant]
    for item in variants if members else ():
        if item.pos > members[0].pos:
            p[0].error("E0216", f"the variant `{item.name}` stands behind a method", item.pos, item.pos + len(item.name),
                       "an enum begins with its variants")
    p[0].distinct(variants, "variants")
    _check_members(p[0], members, "enum")
    return ast.EnumDecl(pos, name, p[3], variants, members, [])


def p_enum_items_empty(p):
    "enum_items :"
    return []


def p_enum_items_more(p):
    """enum_items : enum_items enum_variant COMMA
                  | enum_items enum_variant SEMI
                  | enum_items item
                  | enum_items short_item SEMI"""
    p[1].append(p[2])
    return p[1]


def p_enum_items_semicolon(p):
    "enum_items : enum_items SEMI"
    return p[1]


def p_enum_variant(p):
    "enum_variant : variant"
    return p[1]


def p_enum_variant_attributes(p):
    "enum_variant : attributes variant"
    return _with(p[0], p[2], p[1])


def p_variant(p):
    """variant : NAME
               | NAME LPAREN params RPAREN"""
    pos, name = p[1]
    return ast.Variant(pos, name, p[3] if len(p) > 2 else None)


def p_alias(p):
    "alias : TYPE NAME generics ASSIGN type"
    pos, name = p[2]
    return ast.TypeAlias(pos, name, p[3], p[5])


# Members

def p_members_empty(p):
    "members :"
    return []


def p_members_more(p):
    """members : members item
               | members short_item SEMI"""
    p[1].append(p[2])
    return p[1]


def p_members_semicolon(p):
    "members : members SEMI"
    return p[1]


def p_item(p):
    """item : member
       short_item : short_member"""
    return p[1]


def p_item_attributes(p):
    """item : attributes member
       short_item : attributes short_member"""
    return _with(p[0], p[2], p[1])


def p_member(p):
    """member : method
       short_member : short_method
                    | field_declaration"""
    return p[1]


def p_member_override(p):
    """member : OVERRIDE method
       short_member : OVERRIDE short_method"""
    p[2].override = True
    return p[2]


def p_member_static(p):
    """member : STATIC method
       short_member : STATIC short_method
                    | STATIC field_declaration"""
    p[2].static = True
    return p[2]


def p_init(p):
    "member : INIT block"
    return ast.InitDecl(p[1][0], p[2])


def p_nested(p):
    """member : type_declaration
       short_member : short_type
                    | alias"""
    return p[1]


def p_field_declaration(p):
    """field_declaration : LET NAME annotation
                         | VAR NAME annotation
                         | LET NAME annotation ASSIGN expr
                         | VAR NAME annotation ASSIGN expr"""
    pos, name = p[2]
    return ast.FieldDecl(pos, name, p[3], p[1][1] == "var", False, p[5] if len(p) > 4 else None)


def p_method(p):
    "method : FUN method_name generics LPAREN params RPAREN annotation block"
    return _method(p, p[8])


def p_method_arrow(p):
    "short_method : FUN method_name generics LPAREN params RPAREN annotation ARROW expr"
    return _method(p, p[9])


def p_method_abstract(p):
    "short_method : FUN method_name generics LPAREN params RPAREN annotation"
    return _method(p, None)


def _method(p, body):
    pos, name = p[2]
    function = ast.Function(p[1][0], name, p[3], p[5], p[7], body)
    return ast.MethodDecl(pos, ast.NEGATION if name == "-" and not p[5] else name, function, False, False)


def p_method_name(p):
    """method_name : NAME
                   | BAR
                   | CARET
                   | AMP
                   | COMPARE
                   | SHIFT
                   | ADD
                   | MINUS
                   | MUL
                   | TILDE"""
    return p[1]


def p_method_name_index(p):
    """method_name : LBRACKET RBRACKET
                   | LBRACKET RBRACKET ASSIGN"""
    return p[1][0], "[]" if len(p) == 3 else "[]="


def _with(context, node, attributes):
    """The declaration with its attributes."""
    if type(node) in (ast.InitDecl, ast.TypeAlias):
        first = attributes[0]
        what = "`init`" if type(node) is ast.InitDecl else "another name of a type"
        context.error("E0216", f"{what} has no attributes", first.pos, first.pos + 1 + len(first.name))
    else:
        node.attributes = attributes
    return node


def _check_members(context, members, kind):
    """Report what a class, interface or enum cannot hold."""
    for member in members:
        if type(member) is ast.MethodDecl:
            if kind != "interface" and member.function.body is None:
                context.error("E0216", f"the method `{member.name}` has no body", member.pos, member.pos + len(member.name),
                              "write { … } or => … ; only an interface declares methods without a body")
        elif kind != "class" and type(member) in (ast.FieldDecl, ast.InitDecl):
            width = len(member.name if type(member) is ast.FieldDecl else "init")
            context.error("E0216", f"an {kind} has no fields and no `init`", member.pos, member.pos + width)
