"""Writes the grammar page of the language specification from the parser's rules.

In:  the rules of `grammar_*.py` (their docstrings), the precedence, and the tables of `tokens`.
Out: `page()`, the text; `python -m myna.compiler.syntax.spec` writes it to language-spec/grammar.md of the checkout.
Holds: nothing is said here that is also said elsewhere; a list that the rules write by recursion is shown as one, and an
       optional part as `[ … ]`.
"""
from pathlib import Path

from myna.compiler.syntax import angles, build_tables, grammar_expr, lexer, tokens

TITLES = {      # grammar module → its section
    "grammar_stmt": "Statements", "grammar_decl": "Variables, functions, modules", "grammar_class": "Classes, interfaces, enums",
    "grammar_type": "Types", "grammar_expr": "Expressions", "grammar_match": "Match and patterns",
}

INTRO = """# Grammar

This page is generated from the parser's rules by `python -m myna.compiler.syntax.spec`.

`x | y` is a choice, `[ x ]` is optional, `{ x }` is repeated any number of times, and `x { y x }` is a list of `x` with `y`
between. Words in quotes stand for themselves; CAPITALS are the tokens described under [Tokens](#tokens). The end of a
statement, `SEMI`, is a `;` or, in Myna, a line's end by the rule given there. Classic programs have the same grammar less what
`compiler/syntax/dialect.py` takes away."""

# Token types that stand for several texts, or for text of a form.
_FORMS = {
    "NAME": "a letter or `_`, then letters, digits and `_`; no keyword",
    "INT": "decimal digits, or `0x` or `0b` and digits; `_` may stand between two digits",
    "FLOAT": "digits with a `.` and digits, an exponent, or both", "BIGINT": "as INT, then `n`",
    "STRING": "text in `\"`, with escapes and without `${`",
    "STR_HEAD": "the text of a string up to its first `${`", "STR_MID": "the text between two interpolations",
    "FORMAT": "`:` and the text up to the `}` of an interpolation",
    "STR_TAIL": "the text behind the last interpolation, up to the closing `\"`", "ATTRIBUTE": "`@` and a name",
    "SEMI": "`;` or a line's end",
}
_SAME = {"LRECORD": "{", "TLT": "<", "TGT": ">", "OPTIONAL": "?", "ARM": "=>"}     # told apart by what is around


def page():
    """The page, in Markdown."""
    rules = _rules()
    used = {symbol for alternatives in rules.values() for right in alternatives for symbol in right}
    parts = [INTRO]
    for module in build_tables.MODULES:
        name = module.__name__.rsplit(".", 1)[1]
        lines = [_rule(left, rules[left]) for left in _lefts(module) ]
        parts += [f"## {TITLES[name]}", "```ebnf\n" + "\n".join(lines) + "\n```"]
    parts += ["## Precedence", "From loosest to tightest; operators of one line bind alike.", _precedence(),
              "## Tokens", _tokens(used), _prose(lexer), "### Angle brackets", _prose(angles)]
    return "\n\n".join(parts) + "\n"


# Rules

def _productions(function):
    """The (left, right) of each production in a rule's docstring."""
    left = None
    for line in function.__doc__.splitlines():
        words = line.split()
        if not words:
            continue
        if words[0] == "|":
            right = words[1:]
        else:
            left, right = words[0], words[2:]
        if "%prec" in right:
            right = right[:right.index("%prec")]
        yield left, tuple(right)


def _rules():
    """Left side → its right sides, in the order of the grammar."""
    rules = {}
    for name, function in build_tables.rules().items():
        for left, right in _productions(function) if not name.startswith("p_wrong_") else ():
            rules.setdefault(left, []).append(right)
    return rules


def _lefts(module):
    """The left sides that first appear in `module`, in order."""
    found, own = {}, {}
    for other in build_tables.MODULES:
        for name, function in vars(other).items():
            if name.startswith("p_"):
                for left, _ in _productions(function):
                    if left not in found:
                        found[left] = other
                        own.setdefault(other, []).append(left)
    return own.get(module, [])


def _rule(left, rights):
    """One rule as text: on one line, or each of its right sides on one."""
    shown = _as_list(left, rights) or [_sequence(right) for right in rights if right] + ["(* nothing *)"] * (() in rights)
    line = f"{left} = {' | '.join(shown)} ."
    if len(line) <= 110:
        return line
    return f"{left} =\n    " + "\n  | ".join(shown) + " ."


def _as_list(left, rights):
    """A rule that is a list written by recursion, as repetition; None when it is none."""
    again = [right[1:] for right in rights if right[:1] == (left,)]
    if not again or left in ("expr", "type"):
        return None
    first = [right for right in rights if right[:1] != (left,)]
    begin = " | ".join(_sequence(right) for right in first if right)
    if begin and () in first:
        begin = f"[ {begin} ]"
    elif len(first) > 1:
        begin = f"( {begin} )"
    repeated = " | ".join(_sequence(right) for right in again)
    return [f"{begin} {{ {repeated} }}".lstrip()]


def _sequence(right):
    return " ".join(_symbol(symbol) for symbol in right)


def _symbol(symbol):
    """A symbol as it is shown: a token by its text where it has one."""
    texts = _TEXTS.get(symbol, ())
    return f'"{texts[0]}"' if len(texts) == 1 else symbol


def _texts():
    """Token type → the texts it stands for."""
    texts = {}
    for table in (tokens.OPERATORS, tokens.KEYWORDS["ms"]):
        for text, type in table.items():
            texts.setdefault(type, []).append(text)
    texts.update({type: [text] for type, text in _SAME.items()})
    del texts["SEMI"]
    return texts


_TEXTS = _texts()


# Tables

def _precedence():
    rows = ["| associates | tokens |", "| --- | --- |"]
    for side, *types in grammar_expr.precedence:
        shown = ["-x", "~x"] if types == ["UNARY"] else [text for type in types for text in _TEXTS.get(type, ())]
        if shown:
            rows.append(f"| {side.replace('nonassoc', 'not')} | {' '.join(_code(text) for text in dict.fromkeys(shown))} |")
    return "\n".join(rows)


def _tokens(used):
    rows = ["| token | what it is |", "| --- | --- |"]
    for type in tokens.tokens:
        if type in _FORMS:
            rows.append(f"| {type} | {_FORMS[type].replace('|', chr(92) + '|')} |")
        elif type in used and len(_TEXTS[type]) > 1:
            rows.append(f"| {type} | {' '.join(_code(text) for text in _TEXTS[type])} |")
    words = [f"`{word}`" for word, type in tokens.KEYWORDS["ms"].items() if type not in tokens.CONTEXTUAL]
    half = len(words) // 2
    names = " ".join(f"`{type.lower()}`" for type in tokens.CONTEXTUAL)
    return "\n".join(rows) + f"\n\nKeywords: {' '.join(words[:half])}\n{' '.join(words[half:])}.\n\nWords only where " \
        f"they cannot be names: {names}. Behind a `.` every word is a name."


def _code(text):
    return "`" + text.replace("|", "\\|") + "`"


def _prose(module):
    """A module's docstring from `Holds:` on, as paragraphs."""
    text = module.__doc__[module.__doc__.index("Holds:") + len("Holds:"):].strip()
    text = text[0].upper() + text[1:]
    return "\n\n".join("\n".join(line.strip() for line in part.splitlines()) for part in text.split("\n\n"))


def main():
    """Write the page."""
    path = Path(__file__).resolve().parents[2] / "language-spec" / "grammar.md"
    path.write_text(page(), encoding="utf-8")
    print(path)


if __name__ == "__main__":
    main()
