"""Types as text, for messages: as the language writes them."""
from myna.compiler.types import model

MAX = 120       # characters of a type in a message
DEPTH = 5       # levels of a type that are shown, and
WIDTH = 8       # parts of each: a type's text may be exponentially longer than its declaration


def show(t):
    """The text of `t`, shortened when it is long."""
    text = _show(t, DEPTH)
    return text if len(text) <= MAX else text[:MAX - 1] + "…"


def _show(t, depth):
    kind = t.__class__
    if depth == 0:
        return "…"
    depth -= 1
    if kind is model.Optional:
        inner = _show(t.inner, depth + 1)
        return f"({inner})?" if t.inner.__class__ is model.Function else inner + "?"
    if kind is model.Nominal:
        return t.decl.name + (f"<{_list(t.args, depth)}>" if t.args else "")
    if kind is model.Function:
        params = _list(t.params, depth)
        if t.rest is not None:
            params += ", " * bool(params) + "..." + _show(t.rest, depth)
        return f"fun({params})" + ("" if t.result is model.NONE else ": " + _show(t.result, depth))
    if kind is model.Tuple:
        return f"({_list(t.items, depth)})"
    if kind is model.Record:
        fields = [f"{name}: {_show(f, depth)}" for name, f in t.fields[:WIDTH]]
        return "record" if t.open else "{" + ", ".join(fields + ["…"] * (len(t.fields) > WIDTH)) + "}"
    if kind is model.ClassValue:
        return f"{t.decl.kind} {t.decl.name}"
    return t.name


def _list(types, depth):
    return ", ".join([_show(t, depth) for t in types[:WIDTH]] + ["…"] * (len(types) > WIDTH))


def a(t):
    """The text of `t` in backquotes; open records and classes have no type that could be written."""
    if t.__class__ is model.Record and t.open:
        return "a record"
    if t.__class__ is model.ClassValue:
        return f"the {t.decl.kind} `{t.decl.name}`"
    return f"`{show(t)}`"
