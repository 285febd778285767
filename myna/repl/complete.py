"""What may come next: names that fit where the cursor stands.

In:  a Session, the text before the cursor. Out: `Candidate`s. Holds: nothing is run to find them: an expression before a `.` is only checked, and
of a variable of unknown type its value is asked. Whatever the text is, there is an answer, if perhaps an empty one.
"""
import os
import re
from typing import NamedTuple

from myna.compiler import driver, library
from myna.compiler.bytecode.primitives import predefined
from myna.compiler.diagnostics import CompileError
from myna.compiler.resolve import PRELUDE
from myna.compiler.resolve.modules import ModuleInfo
from myna.compiler.syntax.tokens import KEYWORDS
from myna.compiler.types import members, model
from myna.compiler.types.show import show
from myna.repl import docs

MOST_TEXT = 20_000      # code points before the cursor that are looked at: a longer input is no place for guesses
NAME = re.compile(r"[A-Za-z_]\w*\Z")
IMPORT = re.compile(r"^\s*(?:import|from)\s+(\"?)([\w/.]*)\Z", re.M)
FROM = re.compile(r"^\s*from\s+\"?([\w/.]+)\"?\s+import\s+(?:\w+\s*,\s*)*(\w*)\Z", re.M)
COMMAND = re.compile(r"\s*:(\w*)\Z")
PATH = re.compile(r"\s*:(?:load|save|l|lo|loa|s|sa|sav)\s+(.*)\Z")
OPENS = dict(zip(")]}", "([{"))


class Candidate(NamedTuple):
    """A text in place of the last `length` code points; `note` says what it is."""
    text: str
    length: int
    note: str = ""


def candidates(session, text):
    """The Candidates for a text before the cursor."""
    text = text[-MOST_TEXT:]
    found = COMMAND.match(text)
    if found:
        return commands(found[1])
    found = PATH.match(text)
    if found:
        return paths(found[1])
    found = FROM.search(text)
    if found:
        return of_module(session, found[1], found[2])
    found = IMPORT.search(text)
    if found:
        return modules(found[2])
    inside = in_string(text)
    if inside is not None:
        return paths(inside)
    word = NAME.search(text)
    prefix = word[0] if word else ""
    before = text[:len(text) - len(prefix)]
    if before.endswith("."):
        return of_value(session, before.removesuffix(".").removesuffix("?"), prefix)
    return names(session, text, prefix) if prefix else []


def fitting(pairs, prefix):
    """The Candidates among (name, note) that begin as what is there."""
    hidden = not prefix.startswith("_")
    return sorted({Candidate(name, len(prefix), note) for name, note in pairs
                   if name.startswith(prefix) and name != prefix and name.isidentifier() and not (hidden and name.startswith("_"))})


def commands(prefix):
    """Commands that begin so."""
    from myna.repl.commands import COMMANDS
    return fitting(((name, command.doc) for name, command in COMMANDS.items()), prefix)


def in_string(text):
    """What stands before the cursor of the string that it is in; None where it is in none."""
    line = text[text.rfind("\n") + 1:]
    start = None
    for found in re.finditer(r'\\.|"', line):
        if found[0] == '"':
            start = None if start is not None else found.end()
    inside = None if start is None else line[start:]
    return None if inside is None or "${" in inside else inside


def paths(written):
    """Files and folders that begin so."""
    folder, _, prefix = written.rpartition("/")
    try:
        entries = sorted(os.scandir(os.path.expanduser(folder or ("/" if written.startswith("/") else "."))), key=lambda entry: entry.name)
    except (OSError, ValueError):
        return []
    return [Candidate(entry.name + "/" * entry.is_dir(), len(prefix)) for entry in entries
            if entry.name.startswith(prefix) and (prefix.startswith(".") or not entry.name.startswith("."))]


def modules(written):
    """Modules that begin so: of this folder and of the library."""
    folder, _, prefix = written.rpartition("/")
    own = [(name, "") for name in driver.modules_in(folder or ".")]
    shared = [(name, first_sentence(docs.of_module(docs.module_path(name)))) for name in driver.modules_in(library.FOLDER)] if not folder else []
    return fitting([*shared, *own], prefix)


def of_module(session, path, prefix):
    """Names of a module that begin so."""
    found = []
    for folder in (".", library.FOLDER):
        found += [(name, short(*doc)) for name, doc in docs.of_file(os.path.join(folder, path + ".ms")).items()]
    found += [(p.name.partition(".")[2], p.doc) for p in docs.PRIMITIVES if p.name.startswith(path + ".")]
    return fitting(found, prefix)


def names(session, text, prefix):
    """Names that are known everywhere."""
    known = [(word, "") for word in KEYWORDS["ms"]]
    known += [(name, "") for name in re.findall(r"[A-Za-z_]\w*", text)[:-1]]
    known += [(name, "") for name in members.BUILTINS]
    known += [(name, short(*docs.of_primitive(name))) for name in predefined("ms") if name.isidentifier()]
    known += [(name, short(*docs.of_file(docs.module_path(module)).get(name, ("", "")))) for name, module in PRELUDE.items()]
    known += [(name, note_of(var)) for name, var in session.compiler.earlier.names.items()]
    noted = {}
    for name, note in known:
        noted[name] = note or noted.get(name, "")
    return fitting(noted.items(), prefix)


def note_of(var):
    """The type of a variable."""
    return show(var.type) if var.type is not None and not var.type.loose else ""


def short(declaration, doc):
    """A declaration and the first sentence about it."""
    return "  ".join(part for part in (declaration, first_sentence(doc)) if part)


def first_sentence(doc):
    """The first sentence of a doc comment, without its examples."""
    return re.split(r"(?<=[.!?]) |: `", doc, maxsplit=1)[0]


# --- members ---

def of_value(session, before, prefix):
    """Members, that begin so, of the value of the expression that a text ends with."""
    expression = last_expression(before)
    t = type_of(session, expression) if expression else None
    return fitting(members_of(t), prefix) if t is not None else []


def type_of(session, expression):
    """The type of an expression: the static one, or of a variable's value; None: it is not known."""
    var = session.compiler.earlier.names.get(expression)
    if var is not None and var.info.__class__ is ModuleInfo:
        return model.module_value(var.info)
    if var is not None and var.type.__class__ is model.ClassValue:
        return var.type
    try:
        t = session.compiler.type_of(expression)
    except (CompileError, OSError):
        return None
    if t is not None and not t.loose:
        return t
    name = session.type_of_variable(expression)
    return None if name is None else named(session, name)


def named(session, text):
    """The type whose text begins with a name: of the session, or a built-in one."""
    name = re.match(r"\w+", text)
    var = session.compiler.earlier.names.get(name[0]) if name else None
    decl = getattr(var.type, "decl", None) if var is not None else members.BUILTINS.get(name[0]) if name else None
    return model.instance(decl, [model.DYNAMIC] * len(decl.type_params)) if decl is not None else None


def members_of(t):
    """(name, note) of the members of a value of type `t`."""
    if t.__class__ is model.Optional:
        t = t.inner
    if t.__class__ is model.ModuleValue:
        return [(name, note_of(var)) for name, var in t.info.statics.items()]
    if t.__class__ is model.ClassValue:
        decl = t.decl
        return [(name, show_member(member)) for name, member in decl.statics.items()] + [(name, "") for name in (*decl.variants, *decl.nested)]
    if t.__class__ is model.Record:
        return [(name, show(field)) for name, field in t.fields]
    return [(name, member_note(t, name)) for name in {*members.names(t), *extensions(t)}]


def extensions(t):
    """Names of the library's methods of a built-in type."""
    owners = {decl.name for decl in above(t)}
    for methods in library.METHODS:
        if methods.declaration in owners or owners & {"string"} and methods.declaration == "Iterable":
            yield from docs.of_file(methods.path)


def above(t):
    """The Declarations that an instance belongs to."""
    waiting, seen = [t if t.__class__ is model.Nominal else members.box(t)], []
    while waiting:
        t = waiting.pop()
        if t is not None and t.decl not in seen:
            seen.append(t.decl)
            waiting += [*t.decl.interfaces, t.decl.base]
    return seen


def member_note(t, name):
    """The type of a member and what is said about it."""
    found = members.find(t, name)
    owner = found[0].owner if found is not None else None
    said = docs.of_member((t if t.__class__ is model.Nominal else members.box(t)).decl.name, name) if owner is None or owner.node is None else None
    shown = show_member(found[0]) if found is not None else ""
    if said is not None:
        return short(said[0] if not shown else shown, said[1])
    return shown


def show_member(member):
    """The type of a member, if it is known."""
    t = getattr(member, "type", None)
    return show(t) if t is not None and not t.loose else ""


def last_expression(text):
    """The names, calls, elements and literals at the end of a text that what follows a `.` belongs to."""
    at = len(text)
    while at:
        c = text[at - 1]
        if c in OPENS:
            at = opening(text, at)
            if at is None:
                return ""
        elif c == '"':
            at = text.rfind('"', 0, at - 1)
            if at < 0:
                return ""
            break
        elif c.isalnum() or c in "_":
            while at and (text[at - 1].isalnum() or text[at - 1] == "_"):
                at -= 1
            if not (at and text[at - 1] == "."):
                break
        elif c in ".?":
            at -= 1
        else:
            break
    return text[at:].strip()


def opening(text, end):
    """Where the bracket is that is closed before `end`; None: nowhere."""
    waiting = []
    for at in range(end - 1, -1, -1):
        c = text[at]
        if c in OPENS:
            waiting.append(OPENS[c])
        elif waiting and c == waiting[-1]:
            waiting.pop()
            if not waiting:
                return at
    return None
