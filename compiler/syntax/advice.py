"""What is likely meant at a syntax error: words of other languages, and rules that are easily forgotten.

In:  a `recovery.Recovery` at a token that no rule takes.
Out: a help line, or None.
Holds: the advice depends only on the tokens near the error and on what the parser would accept there.
"""

# Words at or behind which a statement goes wrong, and what is written here instead.
FOREIGN = {
    "elif": "else if", "elsif": "else if", "elseif": "else if", "function": "fun", "func": "fun", "fn": "fun", "def": "fun",
    "const": "let", "null": "None", "nil": "None", "and": "&&", "or": "||", "not": "!",
    "switch": "match (…) { pattern => value }",
    "case": "pattern => value", "default": "_ => value", "new": "C(…)", "lambda": "fun(x) => …", "struct": "class",
    "trait": "interface", "protocol": "interface", "except": "catch", "raise": "throw", "instanceof": "is", "typedef": "type",
    "constructor": "init { … }", "abstract": "interface", "final": "let", "val": "let", "mut": "var", "foreach": "for", "then": "{ … }",
    "using": "import", "require": "import", "include": "import", "use": "import", "unless": "if (!(…))", "until": "while (!(…))",
    "do": "while (true) { …; if (…) { break } }", "pass": "{}",
}
PRINTS = frozenset("print println echo puts printf".split())
LOOP = "write for (x in list) { … }, or for (i in 0..n) { … } to count"
FOREIGN_CLASSIC = FOREIGN | {"and": "&", "or": "|", "elif": "else { if"}

_ACCESS = frozenset(("public", "private", "protected", "internal"))
_TYPES = frozenset(("int", "float", "string", "bool", "bytes", "bigint"))


def advice(at):
    """A help line for the token at which the Recovery `at` stands."""
    before = at.types[at.at - 1] if at.at else "SEMI"
    if before in ("IF", "WHILE", "FOR", "MATCH"):
        return f"write {at.values[at.at - 1][1]} (…) {{ … }}"
    first = at.first_of_statement()
    if at.context.classic and first in ("let", "var", "const"):
        return "a variable needs no declaration: write name = value;"
    return (_member(at) if at.accepts("OVERRIDE") else None) or _foreign(at, first) or _operator(at, before) or (
        _place(at, first, before) or _value(at, before) or _body(at))


def _member(at):
    word = at.word()
    if word in _ACCESS:
        return "all members can be used from outside; a name that begins with _ is private to its module"
    if word in ("constructor", "init", "__init__"):
        return "parameters stand behind the class's name: class C(x: int) { init { … } }"
    return "a method begins with `fun`, a field with `let` or `var`"


def _foreign(at, first):
    words = FOREIGN_CLASSIC if at.context.classic else FOREIGN
    for word in (first, at.values[at.at - 1][1] if at.at else None, at.word()):
        if word in words:
            return f"instead of `{word}`, write `{words[word]}`"
    return None


def _operator(at, before):
    """Advice on operators of other languages."""
    type, word = at.type(), at.word()
    pair = at.types[max(at.at - 2, 0):at.at]
    if type == before == "ADD" and word == "+" or pair == ["MINUS", "MINUS"]:
        return f"write x {word if type == 'ADD' else '-'}= 1"
    if type == "ASSIGN" and before == "COMPARE":
        return f"write {at.values[at.at - 1][1]}"
    if type == "COLON" and at.types[at.at + 1] == "ASSIGN":
        return "write let name = value"
    if type == "BAR" or type == "OROR" or type == "MINUS" and at.values[at.at + 1][1] == ">":
        return "a function is written fun(x) => …, and its type fun(int): int" if not at.accepts("ADD") or type == "MINUS" else None
    return None


def _value(at, before):
    """Advice on values that are written otherwise elsewhere."""
    type, bracket = at.type(), at.opened()
    if before == "NAME" and at.values[at.at - 1][1] in PRINTS and at.accepts("ASSIGN"):
        return "write print(…)"
    if type == "IF":
        return "`if` gives no value: write condition ? value : other"
    if type == "FOR" and bracket == "LBRACKET":
        return "write list.map(fun(x) => …)"
    if type in ("STRING", "STR_HEAD") and before == "NAME" and len(at.values[at.at - 1][1]) == 1:
        return 'values stand in every string as "${value}", with no letter before it'
    if before == "DOT" and type in ("INT", "FLOAT"):
        return "an element of a tuple is written t[0]"
    if type == "DOT" and "IMPORT" in at.types[max(at.at - 2, 0):at.at]:
        return "write from module import name"
    if before == "LRECORD" and at.accepts("NAME"):
        return 'a set is written Set([1, 2]), a map {"key": value}, a record {name: value}'
    if before == "FUN" and at.accepts("LPAREN"):
        return "parameters stand in parentheses: fun(x) => …"
    if type == "STATIC":
        return "`static` stands before members of classes only"
    return None


def _place(at, first, before):
    """Advice by what stands before the token."""
    type, word = at.type(), at.word()
    if before == "SUPER" or at.types[at.at - 3:at.at] == ["SUPER", "DOT", "NAME"]:
        return "`super` stands only in super.method(…); the base's arguments stand in the head: class A(x) extends B(x)"
    if before == "CATCH":
        return "write catch (e) { … }"
    if type == "COLON" and at.accepts("EXTENDS"):
        return "write `extends` before the base class, `implements` before interfaces"
    if type == "ARROW" and not at.accepts("LBRACE"):
        return "a function is written fun(x) => …"
    if type == "LBRACKET" and (before == "COLON" or before == "NAME" and at.types[at.at - 2] == "COLON"):
        return "the type of a list is written List<int>"
    if first in _TYPES and before == "NAME" and type == "NAME" or before == "NAME" and at.values[at.at - 1][1] in _TYPES:
        return "a type stands behind the name: name: type"
    if type == "COMPARE" and word == "<" and not at.accepts("COMPARE"):
        return "this `<` is not the beginning of a list of types: its `>` is missing, or something in it is no type"
    if at.accepts("IN") and word == "of":
        return "write `in`"
    if at.accepts("COMMA", "NAME", "ARM"):
        return "on one line, arms are separated by commas"
    if type == "NAME" and at.accepts("COMMA", "NAME", "RBRACE") and not at.accepts("ADD"):
        return "variants are separated by commas"
    return None


def _body(at):
    if at.type() == "SEMI" and at.at_body():
        return "an empty body is written {}"
    if at.type() == "LBRACE" and at.accepts("SEMI"):
        return "a block stands behind `if (…)`, `while (…)` and the like, or alone as a statement"
    return None


def expected(at):
    """What may stand at the token where the Recovery `at` stands, in words."""
    if at.accepts("WHILE"):
        return "a statement"
    if at.accepts("OVERRIDE"):
        return "a member or `}`"
    if at.accepts("ENUM"):
        return "a declaration"
    found = _operand(at)
    after_operand = at.accepts("ADD")
    for type in _EXPECTABLE:
        if at.accepts(type) and not (found == ["an expression"] and type in ("LBRACE", "SEMI")):
            found.append(at.name(type))
    if not found and not after_operand:
        found = [at.name(type) for type in _LAST_RESORT if at.accepts(type)][:3]
    if len(found) > 1 and "`:`" in found:
        found.remove("`:`")     # of a type or the name of an argument: there is always a simpler way on
    if not found:
        return "an operator"
    return ", ".join(found[:-1]) + " or " + found[-1] if len(found) > 1 else found[0]


_EXPECTABLE = ("RPAREN", "RBRACKET", "RBRACE", "COMMA", "SEMI", "COLON", "ASSIGN", "ARROW", "ARM", "LBRACE", "IN", "CATCH")
_LAST_RESORT = ("LPAREN", "DOT", "FUN", "STRING", "IMPORT", "LBRACKET")


def _operand(at):
    if at.accepts("NOT"):
        return ["an expression"]
    if at.accepts("INT"):
        return ["a pattern"]
    if at.accepts("NAME"):
        return ["a type" if at.accepts("FUN") else "a name"]
    return []
