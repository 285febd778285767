"""`:doc`: what is known of a name.

In:  a Session, its inputs, a name or a path such as `List.push`, or the code of a message. Out: text; "" when nothing is known.
Holds: a name means what it would mean in an input.
"""
import os

from myna.compiler.resolve import PRELUDE
from myna.compiler.types import members
from myna.compiler.types.show import show
from myna.repl import complete, docs


def about(session, inputs, name):
    """The text about a name."""
    if name[:1] == "E" and name[1:].isdigit():
        return about_code(name)
    owner, dot, member = name.rpartition(".")
    if dot:
        return about_member(session, owner, member)
    found = about_own(session, inputs, name) or about_module(name)
    if found:
        return found
    said = docs.of_file(docs.module_path(PRELUDE[name])).get(name) if name in PRELUDE else docs.of_primitive(name)
    if said is not None:
        return text_of(*said)
    return about_type(name) if name in members.BUILTINS else ""


def text_of(declaration, doc, type_=""):
    """A declaration, its type, and what is said of it."""
    return "\n".join(part for part in (declaration, type_, doc) if part)


def about_code(code):
    """The page of a diagnostic."""
    from myna.compiler.explain import pages, titles
    return pages()[code].markdown(titles()[code]).rstrip() if code in pages() else ""


def about_own(session, inputs, name):
    """What an input has declared."""
    var = session.compiler.earlier.names.get(name)
    if var is None:
        return ""
    declared = [found[name] for found in map(docs.doc_comments, inputs) if name in found]
    declaration, doc = declared[-1] if declared else (name, "")
    t = show(var.type) if var.type is not None and not var.type.loose else session.type_of_variable(name)
    return text_of(declaration, doc, t and f"{name}: {t}")


def about_module(name):
    """A module of the library."""
    path = docs.module_path(name)
    if not os.path.isfile(path):
        return ""
    shown = ", ".join(sorted(candidate.text for candidate in complete.of_module(None, name, "")))
    return text_of(f"import {name}", docs.of_module(path), shown)


def about_member(session, owner, name):
    """A member of a built-in type, of a module, or of a value."""
    said = docs.of_member(owner, name) if owner in members.BUILTINS else None
    if said is None and os.path.isfile(docs.module_path(owner)):
        said = docs.of_file(docs.module_path(owner)).get(name) or docs.of_primitive(f"{owner}.{name}")
    if said is not None:
        return text_of(*said)
    t = complete.type_of(session, owner)
    note = dict(complete.members_of(t)).get(name) if t is not None else None
    if note is None:
        return ""
    decl = (complete.above(t) or [None])[0]
    said = docs.of_member(decl.name, name) if decl is not None else None
    return text_of(f"{owner}.{name}", said[1] if said else "", note)


def about_type(name):
    """A built-in type, with the names of its members."""
    t = members.BUILTINS[name].self_type()
    names = sorted({*members.names(t), *complete.extensions(t)})
    return text_of(f"type {name}", ", ".join(names))


