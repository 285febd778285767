"""Functions that C calls: those marked `@export`.

In:  a module's declarations. Out: a constant of its main function for each, which nothing at run time uses: what links the program with C
finds there the function, its type, and what people want to read of it.
"""
from myna.compiler.bytecode.program import Export, Type
from myna.compiler.lower import types
from myna.compiler.syntax import ast

DOC = "///"


def symbol(stmt):
    """The name in C of an exported function; None: it is not exported."""
    for each in (stmt.attributes or ()) if stmt.__class__ is ast.FunDecl else ():
        if each.name == "export":
            return each.args[0].value if each.args else stmt.name
    return None


def enter(f):
    """Note the exported functions of a module, whose main function `f` is."""
    for stmt in f.scope.node.body:
        name = symbol(stmt)
        if name is not None:
            t = f.module.checked.functions[stmt.function]
            signature = Type("function", args=tuple([types.of(f, part) for part in (*t.params, t.result)]))
            function = f.module.linking.method(stmt.function.scope).index
            names = tuple([param.name for param in stmt.function.params])
            f.b.const(Export(name, function, signature, names, doc(f.module.source, min(each.pos for each in stmt.attributes))))


def doc(source, pos):
    """The text of the doc comment in the lines above a declaration, without its marks."""
    found, line = [], source.position(pos)[0] - 1
    while line and source.line_text(line).lstrip().startswith(DOC):
        found.append(source.line_text(line).lstrip()[len(DOC):].strip())
        line -= 1
    return "\n".join(reversed(found))
