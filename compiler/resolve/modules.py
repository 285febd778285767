"""Modules: which file an import means, in which order modules run, what they show to each other.

In:  `Import` and `ImportFrom` nodes. Out: a `ModuleInfo` for each; Variables for the names that they bind.
Holds: each file is one module of a program, however often it is imported. A module is resolved, and runs, after those that it
imports; so no module imports itself, directly or through others.
"""
from myna.compiler.resolve import walk
from myna.compiler.resolve.scopes import BUILTIN, STATIC, UNKNOWN, Variable
from myna.compiler.syntax import ast


# Names that a program may use without an import -> the module of the standard library that has them. It is imported when a
# program uses one of them that nothing else declares.
PRELUDE = dict.fromkeys("filter map reduce to_list take any all zip enumerate sum".split(), "iter")


class ModuleInfo:
    """What importers see of a module: `statics`, a Variable for each of its names."""

    __slots__ = ("name", "statics")

    def __init__(self, name):
        self.name = name
        self.statics = {}


def imports(module):
    """The import statements of a file."""
    return [stmt for stmt in module.body if stmt.__class__ is ast.Import or stmt.__class__ is ast.ImportFrom]


def public(name):
    """Whether other modules can use a name."""
    return not name.startswith("_")


def declare_import(r, node, add):
    """`import m`: the name stands for the module."""
    var = node.var = add(node, node.alias)
    var.info = r.imports.get(node)
    var.kind = UNKNOWN if var.info is None else STATIC
    r.settle_declaration(var)
    if r.region is not r.main_region():
        misplaced(r, node, "import")


def declare_import_from(r, node, add):
    """`from m import a`: the name stands for the module's variable."""
    if r.region is not r.main_region():
        misplaced(r, node, "from")
    info = r.imports.get(node)
    for name in node.names:
        var = info.statics.get(name.name) if info is not None else None
        if info is not None and var is None:
            unknown(r, info, name)
        if var is None:
            var = walk.unknown(name.alias, name.pos)
        name.var = var
        add(name, name.alias, var=var)


def misplaced(r, node, word):
    r.error("E0320", "imports stand at the top level of a file", node, width=len(word))


def unknown(r, info, node):
    """Report a name that a module does not have, or hides."""
    if not public(node.name):
        r.error("E0321", f"`{node.name}` is private to the module `{info.name}`", node,
                "names that begin with `_` are only for their own module")
    else:
        r.error("E0321", f"the module `{info.name}` has no `{node.name}`", node, r.suggest(info.statics, node.name))


def export(resolver, name):
    """The ModuleInfo of a module that is resolved."""
    info = ModuleInfo(name)
    variables = {**{name: var for name, var in resolver.main.variables.items() if var.writes}, **resolver.top_names}
    shows = public if resolver.earlier is None else lambda name: True
    info.statics = {name: native(resolver, name, primitive) for name, primitive in resolver.natives.items() if shows(name)}
    info.statics |= {name: var for name, var in variables.items() if shows(name) and var.kind is not BUILTIN}
    return info


def native(resolver, name, primitive):
    """The Variable of a primitive that belongs to a module."""
    var = Variable(name, resolver.main, 0, True, False)
    var.kind, var.index = BUILTIN, primitive
    return var


walk.DECLARE[ast.Import] = declare_import
walk.DECLARE[ast.ImportFrom] = declare_import_from
walk.WALK[ast.Import] = walk.WALK[ast.ImportFrom] = walk.leaf
