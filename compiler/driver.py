"""The compiler as one function: the list of passes, run in order.

In:  a `Source` and `Options`, or a path. Out: a `bytecode.program.Program`, or its bytes.
Holds: this is the compiler's only module that reads a program's files or the environment. Raises CompileError for whatever is wrong
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
from myna.compiler.resolve import PRELUDE, imports, resolve
from myna.compiler.suggest import similar
from myna.compiler.syntax import ast
from myna.compiler.syntax.parser import parse
from myna.compiler.types import members

# Passes recurse on the tree, in Python functions only: those take memory, about 500 bytes a level, not the C stack.
# Parsing bounds nesting at about 20,000 levels, but chains such as `f()()()…` or `a.b.c…` are as deep as they are long.
RECURSION_LIMIT = 2_000_000


EXTENSION = ".ms"

ABSENT = bytes(16)      # in place of a file's digest: there is no such file


class Unit:
    """One file on its way through the passes; each pass fills in one attribute."""

    def __init__(self, source, options, graph, name=None):
        self.source = source
        self.options = options
        self.graph = graph
        self.name = name            # of a module that is imported
        self.methods = None         # library.Methods, of a file of methods
        self.errors = []            # Diagnostics of imports and names, which are reported together with those of types
        self.imports = {}           # import statement -> ModuleInfo
        self.module = None          # ast.Module
        self.resolution = None      # resolve.scopes.Resolution
        self.checked = None         # check.Checked, of what is not classic
        self.program = None         # bytecode.program.Program


def pass_parse(unit):
    """Text to syntax tree."""
    unit.module = parse(unit.source, unit.options.dialect)


def pass_imports(unit):
    """The modules that the file imports: each goes through the passes before it, once."""
    for node in imports(unit.module):
        try:
            unit.imports[node] = unit.graph.module(unit, node)
        except ImportFails as error:
            unit.errors += error.diagnostics


def pass_resolve(unit):
    """Names to variables."""
    unit.resolution = resolve(unit.module, unit.source, unit.options.dialect, unit.imports, unit.graph.globals, unit.name,
                              lambda name: unit.graph.prelude(unit, name), library.module_name(unit.source.name), unit.errors)
    if unit.errors and unit.options.dialect == "classic":
        raise CompileError(limited(unit.errors))
    if unit.resolution.reflects:
        unit.graph.reflect(unit)
    if unit.methods is None:
        unit.graph.units.append(unit)


def pass_methods(unit):
    """The library's methods of built-in types that the file mentions."""
    if unit.options.dialect != "classic":
        for methods in reversed(library.method_files(unit.resolution.members)):
            unit.graph.add_methods(methods)


def pass_check(unit):
    """Types of expressions and variables; classic programs have none."""
    if unit.options.dialect != "classic":
        unit.checked = check(unit.module, unit.source, unit.options.strict, unit.options.lint, unit.errors,
                             unit.methods is not None)


def pass_lower(unit):
    """Syntax tree to bytecode."""
    methods = [(own.types, each.resolution, each.source, each.checked) for own in library.METHODS
               if (each := unit.graph.methods.get(own)) is not None]
    unit.program = lower([(each.resolution, each.source, each.checked) for each in unit.graph.units], unit.options.dialect, methods)


# (name of the stage that the pass makes, the pass); `MYNA_DUMP=<stage>` prints that stage.
MODULE_PASSES = (("ast", pass_parse), ("imports", pass_imports), ("resolved", pass_resolve), ("methods", pass_methods), ("types", pass_check))
PASSES = (*MODULE_PASSES, ("bytecode", pass_lower))


def compile_source(source, options=Options()):
    """The Program of a source text. Raises CompileError."""
    return compile_listed(source, options)[0]


def compile_listed(source, options=Options()):
    """The Program of a source text; and what else it was made of: path -> digest of each file that was read, ABSENT of each that
    was looked for in vain. Raises CompileError."""
    unit = Unit(source, options, Graph(source))
    with deep_recursion(source):
        run_passes(unit, PASSES)
    return unit.program, unit.graph.found


def check_source(source, options=Options()):
    """The warnings about a source text that compiles. Raises CompileError."""
    unit = Unit(source, options, Graph(source))
    with deep_recursion(source):
        run_passes(unit, PASSES)
    return unit.checked.warnings if unit.checked is not None else []


def run_passes(unit, passes):
    """Run passes on one file."""
    for stage, run in passes:
        run(unit)
        if stage in unit.options.dump:
            sys.stderr.write(dump(unit, stage))


class ImportFails(CompileError):
    """An import statement means no module; the rest of the file goes on without it."""


class Graph:
    """The modules of one program: each file once, those that others import before these."""

    def __init__(self, source):
        members.provide({})
        self.units = []         # resolved Units, in the order in which they run
        self.globals = []       # names of the program's globals
        self.way = [os.path.normpath(source.name)]      # paths of the modules on their way through the passes, outermost first
        self.found = {}         # path -> digest of what it holds, or ABSENT: what the program depends on
        self.known = {self.way[0]: None}                # path -> ModuleInfo, or None while the module is on its way
        self.methods = {}       # library.Methods -> Unit

    def module(self, importer, node):
        """The ModuleInfo that an import statement means."""
        path = self.find(importer.source, node)
        if self.load(path, importer, node) is None:
            names = [os.path.splitext(os.path.basename(p))[0] for p in [*self.way[self.way.index(path):], path]]
            fail(importer.source, node, f"modules import each other in a circle: {' → '.join(names)}")
        return self.known[path]

    def load(self, path, importer, node=None):
        """The ModuleInfo of the file at `path`, which goes through the passes if it is new; None while it is on its way."""
        if path not in self.known:
            try:
                source = self.read(path)
            except OSError as error:
                fail(importer.source, node, f"the module {path} cannot be read: {error.strerror}")
            self.known[path] = None
            self.way.append(path)
            unit = Unit(source, importer.options, self, os.path.splitext(os.path.basename(path))[0])
            run_passes(unit, MODULE_PASSES)
            self.way.pop()
            self.known[path] = unit.resolution.info
        return self.known[path]

    def prelude(self, importer, name):
        """The ModuleInfo of the library module that has a name of the prelude; None inside that module itself."""
        path = os.path.join(library.FOLDER, PRELUDE[name] + EXTENSION)
        return self.load(path, importer) if os.path.isfile(path) else None

    def reflect(self, importer):
        """Take the library's part of reflection into the program."""
        info = self.load(os.path.join(library.FOLDER, "reflect" + EXTENSION), importer)
        if info is not None:        # it is itself that asks
            members.provide({name: var.type.decl.self_type() for name, var in info.statics.items() if hasattr(var.type, "decl")})

    def add_methods(self, methods):
        """Take a file of methods into the program, once."""
        if methods in self.methods:
            return
        unit = self.methods[methods] = Unit(self.read(methods.path), Options("ms"), self)
        unit.methods = methods
        run_passes(unit, MODULE_PASSES)
        members.extend(methods.declaration, {stmt.name: stmt.var.type for stmt in unit.module.body if stmt.__class__ is ast.FunDecl})

    def find(self, source, node):
        """The path of the file that an import means: beside the importing file, else in the standard library."""
        beside = os.path.normpath(os.path.join(os.path.dirname(source.name), node.path + EXTENSION))
        in_library = os.path.join(library.FOLDER, node.path + EXTENSION)
        for path in (beside, in_library):
            if os.path.isfile(path):
                return path
            self.found[path] = ABSENT
        fail(source, node, f"there is no module `{node.path}`: no file {beside}, none in the standard library",
             similar(node.path, modules_in(os.path.dirname(beside) or ".") + modules_in(library.FOLDER)))

    def read(self, path):
        """The Source of a module."""
        with open(path, "rb") as file:
            data = file.read()
        self.found[path] = digest(data)
        return sources.decode(path, data, "ms")


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
    return codec.encode(translate_stack_code(source, options) if extension == ".mitbc" else compile_source(source, options))


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


def dump(unit, stage):
    """The text of a stage."""
    if stage == "ast":
        from myna.compiler.syntax.unparse import dump as dump_tree
        return dump_tree(unit.module, unit.source)
    if stage == "resolved":
        return dump_scopes(unit.resolution)
    if stage == "types":
        return dump_types(unit)
    from myna.compiler.bytecode.text import disassemble
    return disassemble(unit.program)


def dump_types(unit):
    """The type of each expression, a line each: line, column, kind of node, type."""
    from myna.compiler.types.show import show
    rows = sorted((node.pos, node.__class__.__name__, show(t)) for node, t in unit.checked.types.items())
    return "".join("{}:{} {} {}\n".format(*unit.source.position(pos), kind, t) for pos, kind, t in rows)


def dump_scopes(resolution):
    """The variables of each function, a line each: kind, name, and what it captures."""
    lines = []
    for number, scope in enumerate(resolution.scopes):
        lines.append(f"function {number} {scope.name or '(unnamed)' if number else '(module)'}")
        own = {var: None for var in [*scope.params, *scope.variables.values()]}
        lines += [f"  {var.kind} {var.name}{' may be unset' if var.tracked else ''}" for var in own]
        lines += [f"  captures {var.name} as {var.kind}" for var in scope.captures]
    return "\n".join(lines) + "\n"
