"""What only careful programs avoid: local variables that nobody reads, names that hide others, what is deprecated.

In:  a checked module. Out: warnings. Holds: one walk over the tree; a name that begins with `_` is meant to be unused.
"""
from myna.compiler.check import attributes
from myna.compiler.syntax import ast
from myna.compiler.types import members, model


def warn(c):
    """Warn of unused variables, imports and private functions, of names that hide others, and of uses of what is deprecated."""
    declared, reads, written, named = [], set(), set(), set()
    for node in ast.walk(c.module):
        kind = node.__class__
        if kind is ast.Assign and node.target.__class__ is ast.Name and node.op is None:
            written.add(node.target)
        elif kind is ast.Name:
            if node not in written:
                reads.add(node.var)
            attributes.warn(c, node, attributes.variable(node.var))
        elif kind is ast.Field:
            attributes.warn(c, node, member(c, node))
        elif kind is ast.TypeName or kind is ast.PConstructor:
            named.add(node.name.partition(".")[0])
        elif kind in (ast.Let, ast.Param, ast.PName) and node.var is not None and node.var.explicit:
            declared.append(node)
    unused(c, reads, named)
    names = {}
    for node in declared:
        names.setdefault(node.var.scope, {})[node.name] = node
    for node in declared:
        var = node.var
        if node.__class__ is not ast.Param and not var.module and var not in reads and not node.name.startswith("_"):
            c.warn("E0662", f"`{node.name}` is never read", node.pos, f"call it `_{node.name}` if that is meant")
        if hidden(names, var):
            c.warn("E0663", f"`{node.name}` hides a variable of that name outside of this function", node.pos, "give it another name")


def unused(c, reads, named):
    """Warn of imports and of the module's private functions that nothing uses. `named`: what types and patterns begin with."""
    for stmt in c.module.body:
        kind = stmt.__class__
        for node in stmt.names if kind is ast.ImportFrom else (stmt,) if kind is ast.Import else ():
            variant = getattr(getattr(node.var, "info", None), "kind", None) == "variant"
            if node.var not in reads and node.alias not in named and not variant:
                c.warn("E0664", f"`{node.alias}` is imported and never used", node.pos, "take the import away")
        exported = kind is ast.FunDecl and any(each.name == "export" for each in stmt.attributes)
        if kind is ast.FunDecl and stmt.name.startswith("_") and stmt.var not in reads and not exported:
            c.warn("E0665", f"`{stmt.name}` is private to this module, which never uses it", stmt.pos, "take it away, or use it")


def member(c, node):
    """The declaration that `obj.name` surely means, or None."""
    t, name = c.types.get(node.obj, model.DYNAMIC), node.name
    if t.__class__ is model.ModuleValue:
        return attributes.variable(t.info.statics.get(name))
    if t.__class__ is model.ClassValue:
        found = t.decl.variants.get(name) or t.decl.statics.get(name) or t.decl.nested.get(name)
        return getattr(found, "node", None)
    found = members.find(t, name) if not t.loose else None
    return found[0].node if found is not None else None


def hidden(names, var):
    """Does a function around that of `var` declare the same name?"""
    scope = var.scope.parent if var.scope is not None else None
    while scope is not None:
        if var.name in names.get(scope, ()):
            return True
        scope = scope.parent
    return False
