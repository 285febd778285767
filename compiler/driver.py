"""The compiler as one function: the list of passes, run in order.

In:  a `Source` and `Options`, or a path. Out: a `bytecode.program.Program`, or its bytes.
Holds: this is the compiler's only module that reads a program's files or the environment; `units.store` has files of its own. Raises CompileError for whatever is wrong
with the program, and OSError when a file cannot be read; nothing else, however deep or large the program is.
"""
import os
import sys
from contextlib import contextmanager

from myna.compiler import library
from myna.compiler import options as options_module
from myna.compiler import source as sources
from myna.compiler.bytecode import codec
from myna.compiler.check import check
from myna.compiler.diagnostics import CompileError, Diagnostic, limited
from myna.compiler.lower import lower
from myna.compiler.options import Options
from myna.compiler.resolve import PRELUDE, imports, resolve, share
from myna.compiler.suggest import similar
from myna.compiler.syntax import ast
from myna.compiler.syntax.parser import parse
from myna.compiler.types import members
from myna.compiler.units import image
from myna.compiler.units import unit as units
from myna.compiler.units.link import link
from myna.compiler.units.store import Store

# Passes recurse on the tree, in Python functions only: those take memory, about 500 bytes a level, not the C stack.
# Parsing bounds nesting at about 20,000 levels, but chains such as `f()()()…` or `a.b.c…` are as deep as they are long.
RECURSION_LIMIT = 2_000_000


EXTENSION = ".ms"

ABSENT = bytes(16)      # in place of a file's digest: there is no such file


class Module:
    """One file on its way through the passes; each pass fills in one attribute."""

    def __init__(self, source, options, graph, name=None):
        self.source = source
        self.options = options
        self.graph = graph
        self.name = name            # of a module that is imported
        self.path = source.name     # what tells it from all others
        self.earlier = None         # scopes.Earlier, of an input of a session
        self.methods = None         # library.Methods, of a file of methods
        self.errors = []            # Diagnostics of imports and names, which are reported together with those of types
        self.imported = []          # (path as written, or None; path) of the modules that it imports, in order
        self.imports = {}           # import statement -> ModuleInfo
        self.module = None          # ast.Module
        self.resolution = None      # resolve.scopes.Resolution
        self.checked = None         # check.Checked, of what is not classic
        self.unit = None            # units.unit.Unit


def pass_parse(module):
    """Text to syntax tree."""
    module.module = parse(module.source, module.options.dialect)


def pass_imports(module):
    """The modules that the file imports: each is compiled before it, once."""
    for node in imports(module.module):
        try:
            module.imports[node] = module.graph.module(module, node)
        except ImportFails as error:
            module.errors += error.diagnostics


def pass_resolve(module):
    """Names to variables."""
    module.resolution = resolve(module.module, module.source, module.options.dialect, module.imports, module.name,
                                lambda name: module.graph.prelude(module, name), library.module_name(module.source.name), module.errors,
                                module.earlier)
    if module.errors and module.options.dialect == "classic":
        raise CompileError(limited(module.errors))


def pass_methods(module):
    """The library's methods of built-in types that the file mentions."""
    if module.options.dialect != "classic":
        for methods in reversed(library.method_files(module.resolution.members)):
            module.graph.know(methods)


def pass_check(module):
    """Types of expressions and variables; classic programs have none."""
    if module.options.dialect != "classic":
        module.checked = check(module.module, module.source, module.options.strict, module.options.lint, module.errors,
                               module.methods is not None, module.earlier)
    if module.methods is not None:
        check_methods(module)


def check_methods(module):
    """A file of methods may call its own, whose types are known now: check it again, from the beginning."""
    members.extend(module.methods.declaration, function_types(module))
    pass_parse(module)
    pass_resolve(module)
    module.checked = check(module.module, module.source, False, False, module.errors, True)
    members.extend(module.methods.declaration, function_types(module))


def function_types(module):
    """Name -> type of the functions of a file of methods."""
    return {stmt.name: stmt.var.type for stmt in module.module.body if stmt.__class__ is ast.FunDecl}


def pass_lower(module):
    """Syntax tree to the bytecode of a unit, and what it shows to others."""
    graph, resolution = module.graph, module.resolution
    if module.earlier is not None:
        share(resolution)
    if module.methods is not None:
        names = function_types(module)
    else:
        names = image.shown(resolution.info) if resolution.info is not None else {}
    writer = image.Writer(graph.foreign)
    entries, offsets = writer.write(names)
    lowered = lower(resolution, module.source, module.checked, module.options.dialect, graph.foreign, writer.exports(),
                    module.methods is None, graph.reflects)
    module.unit = units.make(lowered, writer, entries, offsets, digest, path=module.path, imports=module.imported,
                             members=sorted(resolution.members), reflects=resolution.reflects, depends=graph.depends())


# (name of the stage that the pass makes, the pass); `MYNA_DUMP=<stage>` prints that stage.
PASSES = (("ast", pass_parse), ("imports", pass_imports), ("resolved", pass_resolve), ("methods", pass_methods), ("types", pass_check),
          ("unit", pass_lower))


def compile_source(source, options=Options()):
    """The Program of a source text. Raises CompileError."""
    return codec.decode(compile_listed(source, options)[0])


def compile_listed(source, options=Options(), store=None):
    """The bytes of the program of a source text; and what else it was made of: path -> digest of each file that was read, ABSENT of
    each that was looked for in vain. `store` has compiled units, and gets new ones. Raises CompileError."""
    if store is not None and not options.dump:
        try:
            return compile_all(source, options, store)[1:]
        except (CompileError, OSError):
            raise
        except Exception:       # only what is in the store can be the reason; without it nothing can be wrong
            pass
    return compile_all(source, options, None)[1:]


def check_source(source, options=Options()):
    """The warnings about a source text that compiles. Raises CompileError."""
    main = compile_all(source, options, None)[0]
    return main.checked.warnings if main.checked is not None else []


def compile_all(source, options, store):
    """The Module of a program that was not in the store, else None; its bytes; what else it was made of. Raises CompileError."""
    try:
        graph, *done = attempt(source, options, store, TYPE_OF in source.text, False)
    except Reflects:
        graph, *done = attempt(source, options, store, True, False)
    if graph.reflects and not any(map(reflects, graph.units)):
        graph, *done = attempt(source, options, store, False, True)
    sys.stderr.write("".join(graph.dumps))
    return *done, graph.found


TYPE_OF = "type_of"     # a program that mentions it has more in its classes, see lower/describe.py
REFLECT = os.path.join(library.FOLDER, "reflect" + EXTENSION)       # the library's part of reflection, which such a program has


def reflects(unit):
    """Does a unit mention `type_of`, or import what needs the same? (That module itself is there because others do.)"""
    return unit.reflects and unit.path != REFLECT or any(found == REFLECT for _, found in unit.imports)


class Reflects(Exception):
    """A text mentions `type_of`, it seems, when others have been compiled without what that takes."""


def attempt(source, options, store, reflects, sure):
    """Compile a program that `reflects` or not; `sure`: whatever its texts look like. The Graph, the Module of the program, the bytes."""
    graph = Graph(source, options, store, reflects, sure)
    try:
        with deep_recursion(source):
            main = graph.main(source)
            methods = [(own, graph.methods[own]) for own in library.METHODS if own in graph.methods]
            compiled, clashes = link(graph.units, methods)
        if clashes:
            raise CompileError([clash_error(clash, {source.name: source}) for clash in clashes])
    except CompileError:
        sys.stderr.write("".join(graph.dumps))
        raise
    if "bytecode" in options.dump:
        from myna.compiler.bytecode.text import disassemble
        graph.dumps.append(disassemble(codec.decode(compiled)))
    return graph, main, compiled


def clash_error(clash, known):
    """The Diagnostic of a link.Clash. `known`: path -> Source of what is no file, or was read already."""
    source = known.get(clash.path)
    if source is None:
        with open(clash.path, "rb") as file:
            source = sources.decode(clash.path, file.read(), "ms")
    return Diagnostic("E0318", f"`{clash.class_}.{clash.method}` calls its parameters differently, so they cannot be named here", source,
                      clash.pos, clash.pos + 1)


def run_passes(module):
    """Run the passes on one file."""
    for stage, run in PASSES:
        run(module)
        if stage in module.options.dump:
            module.graph.dumps.append(dump(module, stage))


class Circle(Exception):
    """A module imports itself, directly or through others."""


class ImportFails(CompileError):
    """An import statement means no module; the rest of the file goes on without it."""


class Graph:
    """The modules of one program: each file once, those that others import before these."""

    def __init__(self, source, options, store, reflects, sure):
        members.provide({})
        self.store = store
        self.options = options
        self.reflects = reflects    # does the program mention `type_of`?
        self.sure = sure            # is that certain?
        self.dumps = []         # texts of stages
        self.units = []         # in the order in which they run
        self.way = [os.path.normpath(source.name)]      # paths of the modules on their way through the passes, outermost first
        self.found = {}         # path -> digest of what it holds, or ABSENT: what the program depends on
        self.known = {self.way[0]: None}                # path -> Unit, or None while the module is on its way
        self.methods = {}       # library.Methods -> Unit, or None while it is on its way
        self.extended = set()   # those of them that the checker knows
        self.foreign = {}       # object -> (image.Image, row) that it was read from
        self.looked_at = []     # for each module on its way the Images whose names it has looked at

    def main(self, source):
        """Compile the program's own file, if it must be; its Module, or None."""
        if self.reflects:
            self.provide()
        text = source.text.encode("utf-8", "surrogateescape")
        unit, module = self.stored(source.name, text), None
        if unit is None:
            module = self.compile(Module(source, self.options, self))
            unit = module.unit
            if any(library.module_name(path) is None for path in self.known if path != self.way[0]):
                self.save(unit, text)
        self.units.append(unit)
        return module

    def compile(self, module):
        """Run the passes on a file."""
        self.looked_at.append({})
        run_passes(module)
        self.looked_at.pop()
        return module

    def module(self, importer, node):
        """The ModuleInfo that an import statement means."""
        path = self.look(importer.source.name, node.path)
        if path is None:
            beside = os.path.normpath(os.path.join(os.path.dirname(importer.source.name), node.path + EXTENSION))
            fail(importer.source, node, f"there is no module `{node.path}`: no file {beside}, none in the standard library",
                 similar(node.path, modules_in(os.path.dirname(beside) or ".") + modules_in(library.FOLDER)))
        importer.imported.append((node.path, path))
        try:
            return self.info(self.load(path))
        except Circle:
            names = [os.path.splitext(os.path.basename(p))[0] for p in [*self.way[self.way.index(path):], path]]
            fail(importer.source, node, f"modules import each other in a circle: {' → '.join(names)}")
        except OSError as error:
            fail(importer.source, node, f"the module {path} cannot be read: {error.strerror}")

    def prelude(self, importer, name):
        """The ModuleInfo of the library module that has a name of the prelude; None inside that module itself."""
        path = os.path.join(library.FOLDER, PRELUDE[name] + EXTENSION)
        if path == importer.source.name or not os.path.isfile(path):
            return None
        if (None, path) not in importer.imported:
            importer.imported.append((None, path))
        return self.info(self.load(path))

    def provide(self):
        """Take the library's part of reflection into the program."""
        if REFLECT not in self.known:
            statics = self.info(self.load(REFLECT)).statics
            members.provide({name: var.type.decl.self_type() for name, var in statics.items() if hasattr(var.type, "decl")})

    def look(self, importer, written):
        """The path of the file that an import means: beside the importing file, else in the standard library; or None."""
        beside = os.path.normpath(os.path.join(os.path.dirname(importer), written + EXTENSION))
        for path in (beside, os.path.join(library.FOLDER, written + EXTENSION)):
            if os.path.isfile(path):
                return path
            self.found[path] = ABSENT
        return None

    def load(self, path):
        """The Unit of the module at `path`. Raises Circle, OSError, CompileError."""
        if path not in self.known:
            data = self.read(path)
            self.known[path] = None
            self.way.append(path)
            unit = self.stored(path, data)
            if unit is None:
                options = self.options._replace(strict=False, lint=False)
                module = Module(sources.decode(path, data, "ms"), options, self, os.path.splitext(os.path.basename(path))[0])
                unit = self.compile(module).unit
                self.save(unit, data)
            self.way.pop()
            self.known[path] = unit
            self.units.append(unit)
        if self.known[path] is None:
            raise Circle
        return self.known[path]

    def add_methods(self, methods):
        """Take a file of methods into the program, once; its Unit, or None while it is on its way."""
        if methods not in self.methods:
            self.methods[methods] = None
            data = self.read(methods.path)
            unit = self.stored(methods.path, data)
            if unit is None:
                module = Module(sources.decode(methods.path, data, "ms"), Options("ms"), self)
                module.methods = methods
                unit = self.compile(module).unit
                self.save(unit, data)
            self.methods[methods] = unit
        return self.methods[methods]

    def know(self, methods):
        """Tell the checker of a file of methods."""
        unit = self.add_methods(methods)
        if unit is not None and methods not in self.extended:
            self.extended.add(methods)
            types = units.open_image(unit, (), {})      # what these types are made of belongs to who uses them
            members.extend(methods.declaration, {name: types.read(at) for name, at in types.entries.items()})

    def read(self, path):
        """The bytes of a module."""
        with open(path, "rb") as file:
            data = file.read()
        self.found[path] = digest(data)
        if not self.reflects and not self.sure and TYPE_OF.encode() in data:
            raise Reflects
        return data

    # --- units ---

    def stored(self, path, data):
        """The Unit of a file in the store, if all that it was made of is as it was; what it imports is loaded then. Else None."""
        unit = self.store and self.store.load(path, data, self.reflects)
        if unit is None or any(written is not None and self.look(path, written) != found for written, found in unit.imports):
            return None
        try:
            for _, found in unit.imports:
                self.load(found)
        except (Circle, OSError):
            return None         # compiling it reports that
        if any(self.known[other].digest != known for other, known in unit.depends):
            return None
        for methods in reversed(library.method_files(set(unit.members))):
            self.add_methods(methods)
        return unit

    def save(self, unit, data):
        """Keep a new unit."""
        if self.store is not None:
            self.store.save(unit.path, data, self.reflects, units.encode(unit, digest))

    def image(self, unit):
        """The Image of a unit."""
        if unit.image is None:
            opened = units.open_image(unit, [self.image(self.known[path]) for path in unit.modules], self.foreign)
            opened.touched = lambda: self.looked_at and self.looked_at[-1].setdefault(opened)
            opened.module_info = opened.info(os.path.splitext(os.path.basename(unit.path))[0])
        return unit.image

    def info(self, unit):
        """The ModuleInfo of a unit."""
        return self.image(unit).module_info

    def depends(self):
        """(path, digest) of the images that the module on its way was compiled against: those that it has looked at, and those that
        have what these show."""
        paths = {}
        waiting = [opened.path for opened in self.looked_at[-1]]
        while waiting:
            path = waiting.pop()
            if path not in paths:
                paths[path] = self.known[path].digest
                waiting += self.known[path].mentions
        return sorted(paths.items())


def digest(data):
    """What names a text in caches; vm/native/digest.c computes the same."""
    from _blake2 import blake2b     # what hashlib gives; that module takes longer to load than a small program to compile
    return blake2b(data, digest_size=len(ABSENT)).digest()


def modules_in(folder):
    """The names of the modules in a folder."""
    try:
        return [name.removesuffix(EXTENSION) for name in os.listdir(folder) if name.endswith(EXTENSION)]
    except OSError:
        return []


def fail(source, node, message, help=None):
    """Report an import that does not work."""
    end = node.pos + len("from" if hasattr(node, "names") else "import")
    raise ImportFails([Diagnostic("E0322", message, source, node.pos, end, help)])


def compile_file(path, options=None):
    """The compiled bytes of the file at `path`. The extension chooses the language: .mit, .mitbc classic, else Myna."""
    with open(path, "rb") as file:
        data = file.read()
    extension = os.path.splitext(path)[1]
    dialect = "classic" if extension in (".mit", ".mitbc") else "ms"
    if options is None:
        options = options_module.from_environment(dialect)
    source = sources.decode(str(path), data, options.dialect)
    return codec.encode(translate_stack_code(source, options)) if extension == ".mitbc" else compile_listed(source, options)[0]


def translate_stack_code(source, options):
    """The Program of a classic stack-code file."""
    from myna.compiler.classic.mitbc import translate
    with deep_recursion(source):
        program = translate(source)
    if "bytecode" in options.dump:
        from myna.compiler.bytecode.text import disassemble
        sys.stderr.write(disassemble(program))
    return program


@contextmanager
def deep_recursion(source):
    """Let the passes recurse deeply; what is too deep all the same is a compile error."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(max(limit, RECURSION_LIMIT))
    try:
        yield
    except (RecursionError, MemoryError):
        raise CompileError([Diagnostic("E0401", "the program is nested too deep", source, 0, 1)]) from None
    finally:
        sys.setrecursionlimit(limit)


def dump(module, stage):
    """The text of a stage."""
    if stage == "ast":
        from myna.compiler.syntax.unparse import dump as dump_tree
        return dump_tree(module.module, module.source)
    return dump_scopes(module.resolution) if stage == "resolved" else dump_types(module) if stage == "types" else ""


def dump_types(module):
    """The type of each expression, a line each: line, column, kind of node, type."""
    from myna.compiler.types.show import show
    rows = sorted((node.pos, node.__class__.__name__, show(t)) for node, t in module.checked.types.items())
    return "".join("{}:{} {} {}\n".format(*module.source.position(pos), kind, t) for pos, kind, t in rows)


def dump_scopes(resolution):
    """The variables of each function, a line each: kind, name, and what it captures."""
    lines = []
    for number, scope in enumerate(resolution.scopes):
        lines.append(f"function {number} {scope.name or '(unnamed)' if number else '(module)'}")
        own = {var: None for var in [*scope.params, *scope.variables.values()]}
        lines += [f"  {var.kind} {var.name}{' may be unset' if var.tracked else ''}" for var in own]
        lines += [f"  captures {var.name} as {var.kind}" for var in scope.captures]
    return "\n".join(lines) + "\n"
