"""Sessions: a module that is compiled input by input, as they are typed.

In:  texts, one after another. Out: for each an `Input`: a program that goes on where those before end.
Holds: an input means what it would mean at the end of a file with the inputs before it, as far as these can be known without what
follows; an input that does not compile leaves the session as it was. What an input declares becomes known to others by `adopt`, when
it has run.

Each input is a unit whose module shows all of its names. A name that is declared again means the new thing from then on; a variable
whose type nobody wrote, and no function relies on, becomes dynamic when it gets a value of another type, as in a file.
"""
from typing import NamedTuple

from myna.compiler import driver, library, options
from myna.compiler.bytecode import codec
from myna.compiler.bytecode.listing import disassemble_function
from myna.compiler.bytecode.program import Program
from myna.compiler.check.declare import note_earlier
from myna.compiler.diagnostics import CompileError
from myna.compiler.lower.functions import GLOBAL_VARIABLE, METHOD
from myna.compiler.resolve.classes import ClassInfo
from myna.compiler.resolve.scopes import GLOBAL, Earlier
from myna.compiler.source import Source
from myna.compiler.syntax import ast
from myna.compiler.syntax.parser import parse
from myna.compiler.types import model
from myna.compiler.types.model import DYNAMIC
from myna.compiler.types.show import show
from myna.compiler.units.link import Loaded, link

RESULT = "_"                                # the last value that is none of None
VALUE, SHOWN = "(value)", "(shown)"         # the variables of the value of an input that is an expression, and of its text
MOST_SHOWN = 100_000                        # code points of that text


# What is wrong with a text that only lacks its end: a bracket that is never closed, an end in the middle, a comment without its end.
OPEN = frozenset(("E0203", "E0205", "E0106"))


def unfinished(text):
    """Does a text lack its end, so that more lines could complete it?"""
    try:
        parse_input(Source("", text))
    except CompileError as error:
        end = len(text.rstrip())
        return any(d.code in OPEN or d.code == "E0201" and d.pos >= end for d in error.diagnostics) and not any(
            d.code == "E0204" for d in error.diagnostics)
    return False


def parse_input(source):
    """The ast.Module of an input. What begins with a brace is an expression if it can be one."""
    if source.text.lstrip().startswith("{"):
        try:
            module = parse(Source(source.name, f"({source.text}\n)"), "ms")
        except CompileError:
            pass
        else:
            for node in ast.walk(module):
                node.pos -= 1
            return module
    return parse(source, "ms")


def statements(text):
    """The texts of the statements of a text, each behind as many empty lines as keep it in its place, one by one."""
    source = Source("", text)
    starts = sorted({start_of(source, source.position(first_pos(stmt))[0]) for stmt in parse(source, "ms").body})
    for start, end in zip(starts, [*starts[1:], len(text)]):
        yield "\n" * text.count("\n", 0, start) + text[start:end]


def start_of(source, line):
    """Where a line starts, or the comments that stand on the lines above it."""
    while line > 1 and source.line_text(line - 1).lstrip().startswith("//"):
        line -= 1
    return source.starts[line - 1]


def first_pos(stmt):
    """Where a statement begins, or on the line before which nothing of it stands."""
    return min(node.pos for node in ast.walk(stmt))


class Result(NamedTuple):
    """The value of an input: the numbers of the globals that hold it and its text; its type, None where only its value tells that."""
    value: int
    text: int
    type: str | None


class Input(NamedTuple):
    """A compiled input. `globals`: name -> number of the global of each variable that it declares; `names`: name -> Variable of
    all that it makes known."""
    program: bytes
    result: Result | None
    globals: dict
    names: dict
    source: Source
    module: object


class Strays(Exception):
    """Variables of earlier inputs get values of other types."""

    def __init__(self, variables):
        super().__init__()
        self.variables = variables


class Session:
    """What is known of the inputs so far. `store` keeps the units of modules, see `driver.compile_listed`."""

    def __init__(self, store=None):
        self.earlier = Earlier()
        self.loaded = Loaded()
        self.graph = Graph(options.from_environment("ms"), store)
        self.methods = set()        # library.Methods that are loaded
        self.used = {}              # Variable -> names of the functions and classes that use it
        self.numbers = {}           # Variable of a function that took the place of others -> the machine's numbers of all of them
        self.annotated = set()      # Variables whose type is written
        self.programs = []          # the bytes of all inputs
        self.sources = {}           # path of each input's unit -> its Source
        self.number = 0             # of the input at hand
        self.units = 0              # of the graph that are loaded

    def compile(self, text, name=None, results=True):
        """The driver.Module of a text, which messages call `name`. `results`: the value of an expression at its end is kept. The session stays
        as it was. Raises CompileError."""
        self.number += 1
        source = Source(name or f"input {self.number}", text)
        with driver.deep_recursion(source):
            return self.attempt(source, results)

    def attempt(self, source, results):
        """Compile a source; again if variables must become dynamic."""
        try:
            return self.compile_once(source, results)
        except Strays as strays:
            known = [(var, var.type) for var in strays.variables]
        for var, _ in known:
            var.type = DYNAMIC
        try:
            return self.attempt(source, results)
        except CompileError:
            for var, type_ in known:
                var.type = type_
            raise

    def check_strays(self):
        """Raise Strays if variables must become dynamic that may."""
        variables = [var for var in self.earlier.strayed if var not in self.annotated and var not in self.used and var.type is not DYNAMIC]
        if variables:
            raise Strays(variables)

    def compile_once(self, source, results):
        """The driver.Module of a source. Raises Strays."""
        graph = self.graph
        module = driver.Module(source, graph.options, graph)
        module.path, module.earlier = f"input {self.number}", self.earlier
        self.earlier.strayed.clear()
        try:
            graph.compile_input(module, results)
        except CompileError as error:
            self.check_strays()
            self.explain_strays(error)
            raise
        self.check_strays()
        return module

    def explain_strays(self, error):
        """Say why a variable must keep its type."""
        kept = [var for var in self.earlier.strayed if var in self.used]
        found = [each for each in error.diagnostics if each.code == "E0601"]
        if len(kept) == 1 and found:
            name, users = kept[0].name, sorted(self.used[kept[0]])
            found[0].help = f"`{users[0]}` relies on the type of `{name}`; `var {name} = …` declares another variable"

    def enter(self, module):
        """The Input of a module that was compiled last, which is part of the session from now on. Raises CompileError."""
        with driver.deep_recursion(module.source):
            return self.linked(module)

    def linked(self, module):
        """The Input of a module that is linked with the session."""
        graph = self.graph
        self.sources[module.path] = module.source
        units = [*graph.units[self.units:], module.unit]
        methods = [(each, graph.methods[each]) for each in library.METHODS if graph.methods.get(each) and each not in self.methods]
        program, clashes = link(units, methods, self.loaded)
        if clashes:
            raise CompileError([driver.clash_error(clash, self.sources) for clash in clashes])
        self.programs.append(program)
        self.units = len(graph.units)
        self.methods.update(each for each, _ in methods)
        graph.known[module.path] = module.unit
        return self.made(module, program)

    def made(self, module, program):
        """The Input of a module that was linked."""
        part, statics = self.loaded.parts[module.path], self.graph.info(module.unit).statics
        names = {name: statics[name] for name in statics}
        globals_ = {name: part.globals[part.find(GLOBAL_VARIABLE, self.graph.foreign[var][1])]
                    for name, var in names.items() if var.kind is GLOBAL}
        for stmt in module.module.body:
            if stmt.__class__ is ast.ImportFrom:
                names.update((item.alias, item.var) for item in stmt.names)
        result = None
        if SHOWN in globals_:
            t = names[VALUE].type
            names[RESULT], globals_[RESULT] = names.pop(VALUE), globals_.pop(VALUE)
            result = Result(globals_[RESULT], globals_.pop(SHOWN), None if t.loose else show(t))
            del names[SHOWN]
        return Input(program, result, globals_, names, module.source, module)


    def type_of(self, text):
        """The static type of the expression that a text ends with, which is not run; None: it ends with none. Raises CompileError."""
        source = Source("input", text)
        module = driver.Module(source, self.graph.options, self.graph)
        module.earlier = self.earlier
        with driver.deep_recursion(source):
            self.graph.run_passes(module, True, driver.PASSES[1:-1])
        values = [stmt.value for stmt in module.module.body if stmt.__class__ is ast.Let and stmt.name == VALUE]
        return module.checked.types[values[0]] if values else None

    def listings(self, name=None):
        """The bytecode of the functions of a name in the last input that has some; of all functions of the last input."""
        whole = Program("")
        whole.files.clear()
        found = range(0)
        for program in map(codec.decode, self.programs):
            first, files = len(whole.functions), len(whole.files)
            for function in program.functions:
                function.file += files
            whole.files += program.files
            whole.globals += program.globals
            whole.functions += program.functions
            numbers = [number for number in range(first, len(whole.functions)) if name in (None, whole.functions[number].name)
                       and (name or whole.functions[number].file == files)]
            found = numbers or found
        return "\n".join(disassemble_function(whole, number) for number in found)

    def adopt(self, made, names):
        """Make known what an input has declared: those of its names. Gives (name, names of users) of what is hidden now and still used,
        and (number, number) of each function that shall do from now on what another one does."""
        known, stale, replaced = self.earlier.names, [], []
        for name in names:
            old, new = known.get(name), made.names[name]
            if old is not None and old is not new and self.used.get(old):
                if same_kind(old, new):
                    number, numbers = self.function(new), self.numbers.pop(old, None) or [self.function(old)]
                    replaced += [(each, number) for each in numbers]
                    self.numbers[new] = [*numbers, number]
                    self.used[new] = self.used.pop(old)
                else:
                    stale.append((name, sorted(self.used[old])))
            known[name] = new
            note_earlier(self.earlier, name)
            if name in made.globals or new.info.__class__ is ClassInfo:
                self.earlier.own.update(with_statics(new))
        self.note_uses(made)
        return stale, replaced

    def function(self, var):
        """The machine's number of a declared function."""
        image, row = self.graph.foreign[var.info.scope]
        part = self.loaded.parts[image.path]
        return part.functions[part.find(METHOD, row)]

    def note_uses(self, made):
        """Note which functions and classes of an input use which variables of the session, and which of its variables have types
        that are written."""
        own = made.module.resolution.info.statics
        back = {var: made.names.get(RESULT if name == VALUE else name) for name, var in own.items()}
        for stmt in made.module.module.body:
            if stmt.__class__ is ast.Let and stmt.type is not None:
                self.annotated.add(made.names.get(stmt.name))
            for inner in ast.walk(stmt):
                if inner.__class__ in USERS:
                    for node in ast.walk(inner):
                        var = getattr(node, "var", None) if node.__class__ in MENTIONS else None
                        if var is not None:
                            self.used.setdefault(back.get(var, var), set()).add(getattr(stmt, "name", None) or "a function")


def same_kind(old, new):
    """Are two variables declared functions that look alike to who calls them? Default values stand in the calls."""
    functions = old.info.__class__ is ast.Function and new.info.__class__ is ast.Function
    return functions and old.type is new.type and old.type.__class__ is model.Function and not old.type.type_params and not any(
        param.default is not None or param.rest for param in (*old.info.params, *new.info.params))


def with_statics(var):
    """A variable, and if it is a class, the static variables in it."""
    yield var
    for inner in var.info.statics.values() if var.info.__class__ is ClassInfo else ():
        yield from with_statics(inner)


USERS = (ast.Function, ast.ClassDecl, ast.InterfaceDecl, ast.EnumDecl)
MENTIONS = (ast.Name, ast.TypeName, ast.PName, ast.PConstructor)


class Graph(driver.Graph):
    """The modules of a session."""

    def __init__(self, options, store):
        super().__init__(Source("", ""), options, store, True, True)
        self.provided = False

    def load(self, path):
        """As of driver.Graph; the library's part of reflection is more than a module."""
        self.reflect(path == driver.REFLECT)
        return super().load(path)

    def read(self, path):
        """As of driver.Graph; a module may be the first to reflect."""
        data = super().read(path)
        self.reflect(driver.TYPE_OF.encode() in data)
        return data

    def reflect(self, mentioned):
        """Take the library's part of reflection into the session, once somebody mentions it."""
        if mentioned and not self.provided:
            self.provided = True
            self.provide()

    def compile_input(self, module, results):
        """Run all passes on an input."""
        self.run_passes(module, results, driver.PASSES[1:])

    def run_passes(self, module, results, passes):
        """Parse an input and run these passes on it."""
        self.reflect(driver.TYPE_OF in module.source.text)
        self.looked_at.append({})
        try:
            module.module = parse_input(module.source)
            if results:
                keep_result(module.module)
            for _, run in passes:
                run(module)
        finally:
            self.looked_at[:] = []
            del self.way[1:]
            for path in [path for path, unit in self.known.items() if unit is None and path != self.way[0]]:
                del self.known[path]

def keep_result(module):
    """Keep the value of an expression at a module's end, and its text as part of others has it."""
    last = module.body[-1] if module.body else None
    if last.__class__ is ast.ExprStmt:
        pos = last.pos
        shown = ast.Interp(pos, [ast.Format(pos, ast.Name(pos, VALUE), f".{MOST_SHOWN}?")])
        module.body[-1:] = [ast.Let(pos, VALUE, None, False, last.expr), ast.Let(pos, SHOWN, None, False, shown)]
