"""Types as text, for messages: as the language writes them."""
from myna.compiler.types import model

MAX = 120       # characters of a type in a message


def show(t):
    """The text of `t`, shortened when it is long."""
    text = _show(t)
    return text if len(text) <= MAX else text[:MAX - 1] + "…"


def _show(t):
    kind = t.__class__
    if kind is model.Optional:
        inner = _show(t.inner)
        return f"({inner})?" if t.inner.__class__ is model.Function else inner + "?"
    if kind is model.Nominal:
        return t.decl.name + (f"<{', '.join(map(_show, t.args))}>" if t.args else "")
    if kind is model.Function:
        params = [_show(p) for p in t.params]
        if t.rest is not None:
            params.append("..." + _show(t.rest))
        return f"fun({', '.join(params)})" + ("" if t.result is model.NONE else ": " + _show(t.result))
    if kind is model.Tuple:
        return f"({', '.join(map(_show, t.items))})"
    if kind is model.Record:
        return "record" if t.open else "{" + ", ".join(f"{name}: {_show(f)}" for name, f in t.fields) + "}"
    if kind is model.ClassValue:
        return f"{t.decl.kind} {t.decl.name}"
    return t.name


def a(t):
    """The text of `t` in backquotes; open records and classes have no type that could be written."""
    if t.__class__ is model.Record and t.open:
        return "a record"
    if t.__class__ is model.ClassValue:
        return f"the {t.decl.kind} `{t.decl.name}`"
    return f"`{show(t)}`"
