"""Concrete tree → document: the rules of Myna's layout.

In:  a Tree of a whole file. Out: a document.
Holds: every token's text gets into the document once, separators aside; every comment once.

The rules. One statement a line, four blanks a level, at most one empty line in a row. A block, list or call stays on one line when its
author wrote it so and it fits; a line's end behind the opening bracket keeps it open. In what is open, rows are kept and filled up. Line ends
before operators of a chain are kept, and made where the line is full. Between tokens, `_spaced` decides.
"""

from myna.compiler.layout.concrete import LISTS, Token, Tree
from myna.compiler.layout.document import (
    BLANK, HARD, LINE, SOFT, Choice, Either, Fill, Flat, Group, Indent, Suffix, must_break, opened)

_CLOSER = {"LPAREN": "RPAREN", "LBRACKET": "RBRACKET", "LRECORD": "RBRACE", "LBRACE": "RBRACE", "TLT": "TGT"}
_BODIES = frozenset(("stmts", "members", "enum_items", "arms"))         # what stands between the braces of a block, one item a line
_SEPARATORS = frozenset(("COMMA", "SEMI"))
_CHAINED = frozenset(("OROR", "ANDAND", "COALESCE", "PIPE", "BAR", "CARET", "AMP", "SHIFT", "ADD", "MINUS", "MUL"))
_UNCHAINED = frozenset(("QUESTION", "COMPARE", "RANGE", "IS", "AS"))
_CLAUSES = frozenset(("ELSE", "CATCH", "FINALLY"))
_NO_LAST_COMMA = frozenset(("structure", "generics"))

# Tokens with no blank behind them, and with none before them.
_TIGHT_AFTER = frozenset("LPAREN LBRACKET LRECORD DOT SAFEDOT ELLIPSIS RANGE TILDE NOT TLT".split())
_TIGHT_BEFORE = frozenset("RPAREN RBRACKET COMMA SEMI DOT SAFEDOT COLON RANGE OPTIONAL TGT TLT".split())
# A `(` or `[` behind one of these belongs to it.
_OPENED = frozenset("NAME FUN SUPER RPAREN RBRACKET RBRACE TGT ATTRIBUTE THIS STRING".split())


def document(read):
    """The document of a file, as `concrete.read` gives it."""
    tree, end = read
    body = _statements(tree.parts[0])
    if body and end.before:
        body.append(BLANK if end.before[0].blank else HARD)
    body += _comments_before(end)
    return [body, HARD] if body else []


def _statements(tree):
    """The documents of the items of a body, each on lines of its own."""
    made = []
    for item, _, first in _items(tree):
        if made:
            made.append(BLANK if _blank_before(first) else HARD)
        made.append(item)
    return made


def _blank_before(token):
    return token.before[0].blank if token.before else token.blank


def _items(tree):
    """(document, Tree, first token) of each item of a body."""
    parts = [part for part in tree.parts if type(part) is not Token]
    for part, following in zip(parts, [*parts[1:], None]):
        # A line's end does not end a statement before these: what stood behind a semicolon keeps it.
        end, keeps = _last(part), following is not None and following.first().type in ("MINUS", "LBRACE")
        yield [_tree(part), ";"] if keeps and end.type == "SEMI" and end.text else _tree(part), part, part.first()


# Parts of trees

def _is(part, types):
    """Whether a part is a Token of one of some types."""
    return type(part) is Token and part.type in types


def _first(part):
    """The first token of a part."""
    return part if type(part) is Token else part.first()


def _last(part):
    """The last token of a part."""
    while type(part) is Tree:
        part = _parts(part)[-1]
    return part


def _parts(tree):
    """The parts of a Tree that have tokens."""
    return [part for part in tree.parts if _first(part) is not None]


# Tokens

def _comments_before(token):
    """The comments before a token, with what separates them from it and from one another."""
    made = []
    for number, comment in enumerate(token.before):
        if number and comment.blank:
            made.append(BLANK)
        elif number and token.before[number - 1].ends_line:
            made.append(HARD)
        made.append(comment.text)
        if not comment.ends_line:
            made.append(" ")
    if token.type == "$end" or not made or not token.before[-1].ends_line:
        return made
    return [*made, BLANK if token.blank else HARD]


def _token(token):
    return [*_comments_before(token), token.text, *_suffixes(token)]


def _suffixes(token):
    return [Suffix(comment) for comment in token.after]


def _own_line(token):
    """Whether comments on lines of their own stand before a token."""
    return bool(token.before) and token.before[0].ends_line


# Trees

def _tree(tree):
    """The document of a Tree or Token."""
    if type(tree) is Token:
        return _token(tree)
    parts = _parts(tree)
    if len(parts) == 1:
        return _tree(parts[0])
    if tree.kind == "method_name":
        return [_token(part) for part in parts]
    if tree.kind == "stmt" and any(_is(part, _CLAUSES) or type(part) is Tree and part.kind == "catches" for part in parts):
        return _clauses(tree, parts)
    if tree.kind == "expr" and len(parts) > 2 and _is(parts[1], _CHAINED):
        return _chain(tree)
    if tree.kind == "expr" and len(parts) > 2 and _is(parts[1], ("QUESTION",)):
        return _conditional(tree)
    if tree.kind in ("expr", "simple_pattern") and len(parts) == 2 and _is(parts[0], ("MINUS", "TILDE", "NOT")):
        return [_tree(parts[0]), Indent([HARD, _tree(parts[1])]) if _own_line(_first(parts[1])) else _tree(parts[1])]
    made = _sequence(tree.kind, parts)
    if tree.kind == "expr" and type(made) is list and type(parts[0]) is Tree and not must_break(made[0]):
        return Choice([Flat(made[0]), *made[1:]], made)     # what is called or indexed: rather its last brackets break
    return made


def _clauses(tree, parts):
    """A statement of several blocks: all on one line, or all open."""
    made = _sequence(tree.kind, parts)
    if must_break(made) or any(token.new_line for token in list(tree.tokens())[1:]):
        return made
    return Choice(Flat(made), opened(made))


def _sequence(kind, parts):
    """Parts one behind the other: brackets with what is in them, and blanks where they belong."""
    made, last, block, at = [], None, None, 0
    while at < len(parts):
        part = parts[at]
        if not _is(part, ("SEMI",)):
            piece, size = _piece(kind, parts, at)
            if last is not None:
                made.append(_between(kind, last, part, block))
                if _own_line(_first(part)) and _first(part).type not in _CLAUSES and kind != "attributes":
                    piece = Indent(piece)
            made.append(piece)
            block = _block_at_end(piece)
            at += size - 1
        last, at = parts[at], at + 1
    return made


def _piece(kind, parts, at):
    """(document, number of parts) of what begins with a part: brackets, an arrow with what is behind it, or that part alone."""
    part, piece, size = parts[at], None, 1
    if _is(part, _CLOSER):
        piece, size = _bracketed(kind, parts, at)
    elif _is(part, ("ARROW", "ARM")) and at + 2 == len(parts):
        piece, size = [_token(part), _behind_arrow(parts[at + 1], kind in ("short_declaration", "short_method"))], 2
    if piece is None:
        piece = _tree(part)
    return Flat(piece) if kind == "attribute" and not must_break(piece) else piece, size


def _block_at_end(piece):
    """The group of the block which ends a document, or None."""
    while type(piece) is list and piece:
        piece = piece[-1]
    return piece if type(piece) is Group and piece.block else None


def _between(kind, before, part, block):
    """What separates a part from that before it, which ends with the group `block`, if with a block."""
    last, first = _last(before), _first(part)
    above = before.kind if type(before) is Tree else None
    if _own_line(first):
        return HARD if first.type in _CLAUSES else Indent(HARD)
    if first.new_line:
        if first.type in _CLAUSES:
            return Either(" ", HARD, block) if block else HARD
        if above == "attributes" or kind == "attributes":
            return HARD
        body = kind == "stmt" and type(part) is Tree and part.kind in ("stmt", "simple") and first.type != "LBRACE"
        if body or first.type in ("EXTENDS", "IMPLEMENTS") or kind == "expr" and first.type in ("DOT", "SAFEDOT") or (
                last.type in ("ASSIGN", "AUGASSIGN") and not _is_open(part)):
            return Indent(HARD)
    if above == "method_name":
        return ""
    return " " if kind == "stmt" and type(part) is Tree and last.type == "RPAREN" or _spaced(last, first) else ""


def _is_open(part):
    """Whether a part begins with a bracket of its own, which shows by itself where it goes on."""
    return _first(part).type in ("LBRACE", "LRECORD", "LBRACKET", "MATCH", "FUN")


def _spaced(last, first):
    """Whether a blank stands between two tokens."""
    if last.type in _TIGHT_AFTER or first.type in _TIGHT_BEFORE:
        return first.type == "RANGE" and last.type in ("COMMA", "IN")
    if first.type in ("LPAREN", "LBRACKET"):
        return last.type not in _OPENED or (last.type, first.type) == ("FUN", "LBRACKET")
    return True


def _behind_arrow(body, declared):
    """The body behind `=>`: on a line of its own when it does not fit, unless it goes on well in brackets of its own."""
    made = _tree(body)
    if _first(body).new_line:
        return Indent([HARD, made])
    goes_on = must_break(made) or _is_open(body) if declared else _ends_in_bracket(body)
    return [" ", made] if goes_on else Group(Indent([LINE, made]))


def _ends_in_bracket(tree):
    """Whether a part is a call, literal, block or the like: it can break between its last brackets, and reads well so."""
    while type(tree) is Tree:
        parts = _parts(tree)
        if tree.kind == "expr" and len(parts) > 2 and (_is(parts[1], _CHAINED) or _is(parts[1], _UNCHAINED)):
            return False
        tree = parts[-1]
    return tree.type in ("RPAREN", "RBRACKET", "RBRACE")


# Operators

def _chain(tree):
    """`a + b - c`: breaks before operators."""
    first, links, kind = tree, [], tree.parts[1].type
    same = ("ADD", "MINUS") if kind in ("ADD", "MINUS") else (kind,)
    while type(first) is Tree and first.kind == "expr" and len(first.parts) == 3 and type(first.parts[0]) is Tree and _is(first.parts[1], same):
        left, operator, right = first.parts
        links.append((operator, right))
        first = left
    links.reverse()
    parts = [_tree(first)]
    for operator, right in links:
        behind = right.first()
        parts.append(Indent(HARD if operator.new_line or behind.new_line or _own_line(behind) else LINE))
        if _own_line(behind):
            operator.before += behind.before
            behind.before = []
        parts.append(Indent([_token(operator), " ", _tree(right)]))
    return Fill(parts)


def _conditional(tree):
    """`c ? a : b`, and such behind the `:`."""
    pieces, must = [], False
    while tree.kind == "expr" and len(tree.parts) == 5 and _is(tree.parts[1], ("QUESTION",)):
        condition, question, then, colon, tree = tree.parts
        must = must or any(token.new_line for token in (question, then.first(), colon))
        pieces += [_tree(condition) if not pieces else [" ", _tree(condition)], LINE, _token(question), " ", _tree(then), LINE, _token(colon)]
    return Group([pieces[0], Indent([*pieces[1:], " ", _tree(tree)])], must)


# Brackets

def _bracketed(kind, parts, at):
    """(document, number of parts) of brackets and what is in them; document None: they hold one expression only."""
    opening = parts[at]
    end = next(n for n in range(at + 1, len(parts)) if _is(parts[n], (_CLOSER[opening.type],)))
    inner = parts[at + 1:end]
    if opening.type in ("LBRACE", "LRECORD") and len(inner) == 1 and type(inner[0]) is Tree and inner[0].kind in _BODIES:
        return _body(opening, inner[0], parts[end]), end - at + 1
    if kind in ("stmt", "catch"):
        return None, 1
    if inner and not any(_is(part, _SEPARATORS) or type(part) is Tree and _listed(part) for part in inner):
        return (None, 1) if opening.type != "LPAREN" else (_parentheses(opening, inner, parts[end]), end - at + 1)
    if opening.type == "LBRACE" and not inner and kind not in ("structure", "simple_pattern", "type", "expr"):
        return _body(opening, Tree("stmts", []), parts[end]), end - at + 1
    return _list(kind, opening, _listed_items(inner), parts[end]), end - at + 1


def _parentheses(opening, inner, closing):
    made = [_token(opening), _sequence("parentheses", inner)]
    return [*made, Indent(_last_comments(closing)), HARD, _token(closing)] if _own_line(closing) else [*made, _token(closing)]


def _listed(part):
    return part.kind in LISTS and part.kind not in ("dotted", "pattern") or part.kind in ("arguments", "params", "patterns", "type_items")


def _listed_items(parts):
    """The items of a list in brackets: lists of the parts between separators."""
    items = [[]]
    for part in parts:
        if type(part) is Tree and _listed(part):
            first, *rest = _listed_items(part.parts)
            items[-1] += first
            items += rest
        elif type(part) is Tree and part.kind == "separator" or _is(part, _SEPARATORS):
            items.append([])
        elif type(part) is Token or part.first() is not None:
            items[-1].append(part)
    return [item for item in items if item] if items[-1:] == [[]] else items


def _list(kind, opening, items, closing):
    """A list in brackets: on one line, with all but the last item's inside on one line, or open with its rows filled."""
    if not items:
        return _empty(opening, closing)
    documents = [_sequence("item", item) for item in items]
    must = _first(items[0][0]).new_line or bool(opening.after) or bool(closing.before) or any(_has_comment(item) for item in items) or (
        opening.type in ("LBRACKET", "LRECORD") and any(_first(item[0]).new_line for item in items))
    rows = [documents[0]]
    for item, made in zip(items[1:], documents[1:]):
        rows[-1] = [rows[-1], ","]
        rows += [(BLANK if _blank_before(_first(item[0])) else HARD) if must and _first(item[0]).new_line else LINE, made]
    if not (kind in _NO_LAST_COMMA or opening.type == "TLT" or _first(items[-1][0]).type == "ELLIPSIS"):
        rows[-1] = [rows[-1], Either(",", "")]
    inside = [HARD if must else SOFT, Fill(rows), *_last_comments(closing)]
    long = Group([_token(opening), Indent(inside), HARD if must else SOFT, _token(closing)], True)
    if must:
        return long
    head = [part for made in documents[:-1] for part in (made, ", ")]
    if must_break(head):
        return long
    hugs = _hugs(items)
    short = [_token(opening), Flat(head), documents[-1] if hugs else Flat(documents[-1]), _token(closing)]
    return long if not hugs and must_break(documents[-1]) else Choice(short, long)


def _has_comment(item):
    return any(token.after or _own_line(token) for part in item for token in ((part,) if type(part) is Token else part.tokens()))


def _hugs(items):
    """Whether the last item may break inside while those before it are on the line of the opening bracket."""
    last = items[-1][-1]
    if type(last) is Token or not _ends_in_bracket(last):
        return False
    return len(items) == 1 or last.first().type in ("FUN", "LRECORD", "LBRACKET", "MATCH")


# Blocks

def _body(opening, body, closing):
    """A block: on one line if its author had it so and it fits."""
    if body.first() is None:
        return _empty(opening, closing)
    must = closing.new_line or any(token.new_line or token.after for token in body.tokens()) or bool(closing.before or opening.after)
    made = _separated(body, must) if body.kind in ("arms", "enum_items") else _statements(body) if must else _one_line(body)
    return Group([_token(opening), Indent([LINE, made, *_last_comments(closing)]), LINE, _token(closing)], must, True)


def _empty(opening, closing):
    """Brackets with nothing in them, or only comments."""
    if not opening.after and not closing.before:
        return Group([_token(opening), _token(closing)], False, True)
    return Group([_token(opening), Indent(_last_comments(closing)), HARD, _token(closing)], True, True)


def _last_comments(closing):
    """The comments before a closing bracket, behind what is in the brackets. They are taken from the token."""
    made = _comments_before(closing)
    line = BLANK if closing.before and closing.before[0].blank else HARD
    closing.before = []
    return [line, *made[:-1]] if made else []


def _one_line(body):
    """The statements or members of a block that was on one line, and need not stay so."""
    made = []
    for item, part, first in _items(body):
        if made:
            made.append(LINE)
        made += [item, Either("", ";" if _explicit(body, part) else "")]
    made.pop()
    return made


def _explicit(body, part):
    """Whether a semicolon was written behind an item: at its end, or as the next part of the list."""
    last = _last(part)
    if last.type == "SEMI":
        return bool(last.text)
    at = body.parts.index(part) + 1
    return at < len(body.parts) and type(body.parts[at]) is Token and bool(body.parts[at].text)


def _separated(body, must):
    """The arms of a match, or the variants and members of an enum. What has its comma may share a row with the one before it: if its author
    had it so, or all are on one line."""
    parts = [part for part in body.parts if type(part) is not Token]
    made, commas = [], ("open_arm", "enum_variant")
    for number, part in enumerate(parts):
        first, comma, last = part.first(), part.kind in commas, number + 1 == len(parts)
        if made:
            in_row = not first.new_line and (not must or comma and parts[number - 1].kind in commas)
            made.append(LINE if in_row else BLANK if _blank_before(first) else HARD)
        made.append([_tree(part), Either(",", "") if comma and last else "," if comma else Either("", "," if part.kind == "block_arm" and not last else "")])
    return Fill(made) if must else made
