"""The Python side of the `myna` command: whatever the native launcher does not do itself.

In:  the arguments after `myna`. Out: the exit status: 0 fine, 1 uncaught error, 2 usage, 65 a program does not compile.
Holds: a user never sees a Python traceback; a subcommand imports what it needs when it runs.
"""
import os
import sys

if __package__ is None or __package__ == "":    # started as a file, by the launcher
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from myna.subcommand import (        # noqa: E402 (the path has to be known first)
    BAD_PROGRAM, INTERNAL, INTERRUPTED, OK, PIPE, USAGE, Command, Failure, Usage, kind_of, programs, read, report, report_all, suggestion)

HELP = """Usage: myna
       myna COMMAND [OPTIONS] [FILE ...]
       myna FILE [OPTIONS] [-- ARGUMENTS]

Myna is a small object-oriented, generic and functional language.

Commands:
{commands}

Examples:
  myna run hello.ms
  myna check *.ms
  myna explain E0302
  myna new hello
  myna eval '6 * 7'

`myna COMMAND --help` tells more about a command."""


# --- programs ---

def compile_listed(name, data, kind, entry="", build=""):
    """The compiled bytes of a text, and what else it was made of: see `driver.compile_listed`. `entry`: its path in the cache of
    programs, beside which there are the units of the compiler's build `build`. Raises CompileError."""
    from myna.compiler import driver, options, source
    from myna.compiler.bytecode import codec
    chosen = options.from_environment("ms" if kind == "ms" else "classic")
    text = source.decode(name, data, chosen.dialect)
    if kind == "mitbc":
        return codec.encode(driver.translate_stack_code(text, chosen)), {}
    return driver.compile_listed(text, chosen, driver.Store(os.path.dirname(entry), build, driver.digest) if entry and kind == "ms" else None)


def load_program(name, data, kind):
    """The Program of a text or of compiled bytes. Raises CompileError or Failure."""
    from myna.compiler.bytecode import codec
    if not data.startswith(codec.MAGIC.to_bytes(4, "little")):
        data = compile_listed(name, data, kind)[0]
    try:
        return codec.decode(data)
    except codec.DecodeError as error:
        raise Failure(f"{name}: {error}") from None


# --- subcommands ---

def compile_for_launcher(kind, form, name, entry="", build=""):
    """Answer launch.c: source text on standard input; on standard output a status word, the length and the list of the other
    files that the program was made of (program_cache.c), and the compiled bytes."""
    import gc
    gc.disable()        # the process lives for one program: looking for cycles in its trees takes a third of the time, and finds few
    out = os.dup(1)
    os.dup2(2, 1)       # whatever prints must not end up in the answer
    from myna.compiler.diagnostics import CompileError
    status, program, others = OK, b"", {}
    try:
        program, others = compile_listed(name, sys.stdin.buffer.read(), kind, entry, build)
    except CompileError as error:
        report(error, form)
        status = BAD_PROGRAM
    except Exception as error:
        status = internal_error(error)
    listed = b"".join(digest + os.fsencode(path) + b"\0" for path, digest in others.items())
    with open(out, "wb") as file:
        file.write(b"".join((status.to_bytes(4, sys.byteorder), len(listed).to_bytes(4, sys.byteorder), listed, program)))
    return status


def _form(options):
    form = options.get("--format", "text")
    if form not in ("text", "json"):
        raise Usage(f"--format {form}: formats are text and json")
    return form


def check(files, options):
    """Compile each file and print what is wrong with it, and what looks wrong; with `--watch` again when something changes."""
    form, strict = _form(options), "--strict" in options
    if not files:
        raise Usage("check: which files?")
    if "--watch" in options:
        from myna.watching import watch
        return watch(files, lambda: check_all(files, form, strict))
    return check_all(files, form, strict)


def check_all(files, form, strict):
    """Check files, and the programs in folders."""
    from myna.compiler.diagnostics import CompileError
    status = OK
    for path in (path for each in files for path in (programs([each]) if os.path.isdir(each) else [each])):
        try:
            report_all(warnings(*read(path), kind_of(path), strict), form)
        except CompileError as error:
            report(error, form)
            status = BAD_PROGRAM
        except Failure as error:
            print(f"myna: {error}", file=sys.stderr)
            status = status or USAGE
    return status


def warnings(name, data, kind, strict):
    """The warnings about a program. Raises CompileError or Failure."""
    from myna.compiler import driver, options, source
    from myna.compiler.bytecode import codec
    if kind != "ms" or data.startswith(codec.MAGIC.to_bytes(4, "little")):
        load_program(name, data, kind)
        return []
    chosen = options.from_environment("ms")._replace(lint=True, strict=strict)
    return driver.check_source(source.decode(name, data, "ms"), chosen)


def explain(files, options):
    """Print the page of each code, or the list of all codes."""
    from myna.compiler.explain import pages, titles
    known = titles()
    if not files:
        print("\n".join(f"{code}  {title}" for code, title in sorted(known.items())))
    for number, word in enumerate(files):
        code = word.upper() if word[:1] in "eE" else "E" + word.zfill(4)
        if code not in known:
            raise Usage(f"explain: there is no code {word}{suggestion(code, known)}; `myna explain` lists them all")
        print("\n" * bool(number) + pages()[code].markdown(known[code]), end="")
    return OK


def disassemble(files, options):
    """Print the bytecode of one program."""
    from myna.compiler.bytecode.text import disassemble as text
    from myna.compiler.diagnostics import CompileError
    form = _form(options)
    if len(files) != 1:
        raise Usage("dis: it takes one file")
    try:
        print(text(load_program(*read(files[0]), kind_of(files[0]))), end="")
    except CompileError as error:
        report(error, form)
        return BAD_PROGRAM
    return OK


def compile_to_file(files, options):
    """Write the compiled form of one program."""
    from myna.compiler.bytecode import codec
    from myna.compiler.diagnostics import CompileError
    form = _form(options)
    if len(files) != 1:
        raise Usage("compile: it takes one file")
    path = options.get("-o") or os.path.splitext(files[0])[0] + ".myc"
    try:
        data = codec.encode(load_program(*read(files[0]), kind_of(files[0])))
        with open(path, "wb") as file:
            file.write(data)
    except CompileError as error:
        report(error, form)
        return BAD_PROGRAM
    except OSError as error:
        raise Failure(f"cannot write {path}: {error.strerror}") from None
    return OK


def build(files, options):
    """Make a standalone executable or a library of one program, or show one of the forms on the way there."""
    from myna import building
    from myna.vm.aot.program import FORMS, LEVELS, Build
    if len(files) != 1:
        raise Usage("build: it takes one file")
    library, debug = "--lib" in options, os.getcwd() if "--debug" in options else None
    form, level = options.get("--emit", "lib" if library else "exe"), options.get("-O", "2")
    if form not in ("exe", "lib", *FORMS):
        raise Usage(f"--emit {form}: forms are {', '.join(FORMS)}{suggestion(form, FORMS)}")
    if level not in map(str, LEVELS):
        raise Usage(f"-O {level}: levels are {LEVELS[0]} to {LEVELS[-1]}")
    out = options.get("-o")
    if files[0] == "-" and not out and form in ("lib", *building.SUFFIXES) and "--explain" not in options:
        raise Usage("build: a program from standard input needs a name for the output: -o OUT")
    if out == "-" and form in ("exe", "lib") and "--explain" not in options:
        raise Usage("build: an executable needs a file: -o OUT" if form == "exe" else "build: a library needs a file: -o OUT")
    how = Build(_target(options.get("--target")), int(level), library or form == "lib", debug)
    explained = _explained(options)
    try:
        if explained:
            building.explain(files[0], out, explained, _form(options), "-v" in options)
            return OK
        building.make(files[0], out, form, how, _form(options), "-v" in options,
                      options["--link"].split(",") if "--link" in options else ())
    except building.Unusable as error:
        raise Failure(error) from None
    except building.Rejected as rejected:
        return rejected.status
    except KeyboardInterrupt:
        os._exit(INTERRUPTED)       # LLVM may be at work in a thread, which must not see its library go
    return OK


def _explained(options):
    """The form in which to tell what stayed slow, or None."""
    from myna.explaining import FORMS
    if "--explain" not in options:
        return None
    form = options["--explain"] or FORMS[0]
    if form not in FORMS:
        raise Usage(f"--explain={form}: forms are {', '.join(FORMS)}{suggestion(form, FORMS)}")
    return form


def _target(name):
    """The Target of that name, or of this machine."""
    from myna.vm import toolchain
    if name is None:
        return toolchain.host()
    if name not in toolchain.TARGETS:
        raise Usage(f"--target {name}: targets are {', '.join(toolchain.TARGETS)}{suggestion(name, toolchain.TARGETS)}")
    return toolchain.target(name)


def explain_help(files, options):
    """Print the help of the command, or of one subcommand."""
    if not files:
        width = max(map(len, COMMANDS)) + 2
        rows = [f"  {name:{width}}{COMMANDS[name].doc}" for name in COMMANDS]
        print(HELP.format(commands="\n".join(rows)))
        return OK
    return main([_command(files[0]).name, "--help"])


def launch(files, options):
    """Leave it to the launcher: `myna run`."""
    from myna.command import main as command
    sys.argv = ["myna", "run", *files]
    return command()


def interact(files, options):
    """Run inputs one by one."""
    from myna.repl.loop import main as loop
    return loop(files)


def _late(module, name):
    """A subcommand of a module of `myna`, which is imported when it runs."""
    def run(files, options):
        from importlib import import_module
        return getattr(import_module(f"myna.{module}"), name)(files, options)
    return run


_FORMAT = {"--format": ("FORM", "form of error messages: text, or json (one object a line)")}
COMMANDS = {c.name: c for c in [
    Command("run", "FILE", "run a program", launch),
    Command("check", "FILE|FOLDER ...", "say what is wrong with programs, or looks wrong, without running them", check,
            {"--strict": (None, "also warn of implicit variables and of what is `dynamic` because nobody gave it a type"),
             "--watch": (None, "do it again whenever a program changes there"), **_FORMAT},
            ["myna check hello.ms", "myna check --watch src", "myna check --strict --format=json src/*.ms"]),
    Command("fmt", "FILE|FOLDER|- ...", "lay out programs in Myna's one style; comments and meaning stay", _late("formatting", "fmt"),
            {"--check": (None, "change nothing, list the files that would change; exit status 1 if there are any"),
             "--diff": (None, "change nothing, show what would change")},
            ["myna fmt hello.ms", "myna fmt --check src", "echo 'let x=1' | myna fmt -"]),
    Command("test", "[FILE|FOLDER ...]", "run the functions marked `@test` and the examples in doc comments, each on its own", _late("testing", "test"),
            {"-k": ("TEXT", "only tests in whose FILE::NAME this text occurs"),
             "-j": ("COUNT", "how many run at once (one for each processor)"),
             "--timeout": ("SECONDS", "how long each may take (60)"),
             "--format": ("FORM", "form of the report: text, json (one object a line), junit")},
            ["myna test", "myna test src -k sort", "myna test --format=junit > report.xml"]),
    Command("bench", "[FILE|FOLDER ...]", "time the functions marked `@bench`", _late("benchmarks", "bench"),
            {"-k": ("TEXT", "only those in whose FILE::NAME this text occurs"),
             "--native": (None, "as `myna build` makes them, not as `myna run` runs them"),
             "--samples": ("COUNT", "how many times each is measured (15)"),
             "--save": ("FILE", "keep the results"),
             "--compare": ("FILE", "compare with the results in FILE"),
             "--format": ("FORM", "form of the results: text, or json (one object a line)")},
            ["myna bench", "myna bench sort.ms --save before.json", "myna bench sort.ms --compare before.json"]),
    Command("doc", "[FILE|FOLDER ...]", "make documentation of doc comments and declarations", _late("docs", "doc"),
            {"-o": ("FOLDER", "where to write it (doc)"),
             "--format": ("FORM", "html, a site that works without a network, or markdown"),
             "--title": ("TEXT", "what it is called (as this folder is)"),
             "--library": (None, "of the standard library")},
            ["myna doc", "myna doc src -o site", "myna doc --library --format=markdown"]),
    Command("explain", "[CODE ...]", "tell more about the code of a message; without one, list all codes", explain, None,
            ["myna explain E0302", "myna explain"]),
    Command("dis", "FILE", "print the bytecode of a program", disassemble, _FORMAT, ["myna dis hello.ms", "myna dis old.mitbc"]),
    Command("compile", "FILE", "write the compiled form of a program, which `myna run` takes as well", compile_to_file,
            {"-o": ("FILE", "where to write it (FILE.myc)"), **_FORMAT}, ["myna compile hello.ms -o hello.myc"]),
    Command("build", "FILE", "make a standalone executable of a program, or a library for C", build,
            {"-o": ("OUT", "where to write it (FILE without its extension, in this directory)"),
             "-O": ("LEVEL", "how much to optimise: -O0 compiles fastest, -O3 makes the fastest code (2)"),
             "--lib": (None, "make a shared library of the functions marked `@export`, and its C header beside it"),
             "--target": ("TARGET", "the machine that it is for (this one)"),
             "--link": ("FILES", "object files and static libraries with functions of C that it calls, separated by commas"),
             "--debug": (None, "keep symbols and lines of the source, for debuggers and profilers"),
             "--emit": ("FORM", "write this form instead: bytecode, graph, llvm, asm, header (to standard output), obj (to FILE.o)"),
             "--explain": ("[FORM]", "tell what stayed slow, and why, instead: text, all (notes, too), json, html (to FILE.html)"),
             "-v": (None, "tell the steps and their times"), **_FORMAT},
            ["myna build hello.ms", "myna build -O3 -o bin/sim sim.ms", "myna build --lib shapes.ms", "myna build --explain sim.ms",
             "myna build --emit=asm hello.ms | less"]),
    Command("eval", "TEXT ...", "run expressions or statements, and print their values", _late("evaluation", "evaluate"), None,
            ["myna eval '6 * 7'", "myna eval 'import json' 'json.parse(\"[1]\")'", "echo '2.0 / 3' | myna eval -"]),
    Command("new", "NAME", "begin a project: a folder with a program, a test, and what goes with them", _late("scaffold", "new"), None,
            ["myna new hello"]),
    Command("completion", "SHELL", "print what makes a shell complete commands and options: bash, zsh or fish", _late("completion", "completion"), None,
            ["eval \"$(myna completion bash)\""]),
    Command("repl", "[FILE ...]", "run what is typed, input by input; `myna` alone does the same", interact, None,
            ["myna repl", "myna repl shapes.ms", "echo 'print(6 * 7)' | myna repl"]),
    Command("help", "[COMMAND]", "tell about a command", explain_help, None, ["myna help run"]),
]}


def _command(name):
    if name not in COMMANDS:
        hint = suggestion(name, COMMANDS)
        raise Usage(f"there is no command or file {name}{hint}")
    return COMMANDS[name]


def _dispatch(arguments):
    if arguments[:1] == ["_compile"] and len(arguments) in (4, 6):
        return compile_for_launcher(*arguments[1:])
    if not arguments:
        return interact([], {})
    if arguments[0] in ("--help", "-h"):
        return explain_help([], {})
    if arguments[0] in ("--version", "-V"):
        from myna import __version__
        print(f"myna {__version__}")
        return OK
    name, *rest = arguments
    if name.startswith("-"):
        raise Usage(f"there is no option {name}{suggestion(name, ('--help', '--version'))}")
    if name == "run" or name not in COMMANDS and os.path.isfile(name):
        return launch(rest if name == "run" else arguments, {})
    command = _command(name)
    files, options = command.parse(rest)
    if "--help" in options:
        print(command.help())
        return OK
    return command.run(files, options)


def main(arguments=None):
    """Run a subcommand; the exit status."""
    try:
        status = _dispatch(sys.argv[1:] if arguments is None else arguments)
        sys.stdout.flush()
        return status
    except Usage as error:
        print(f"myna: {error}\nTry `myna --help`.", file=sys.stderr)
        return USAGE
    except Failure as error:
        print(f"myna: {error}", file=sys.stderr)
        return USAGE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)    # so that the flush at exit has where to go
        return PIPE
    except Exception as error:
        return internal_error(error)


def internal_error(error):
    """A bug of ours: one line for the user, everything for who develops with MYNA_DUMP set."""
    if os.environ.get("MYNA_DUMP"):
        raise error
    place = error.__traceback__
    while place.tb_next:
        place = place.tb_next
    where = f"{os.path.basename(place.tb_frame.f_code.co_filename)}:{place.tb_lineno}"
    print(f"myna: internal error at {where}: {type(error).__name__}: {error}\n"
          "This is a bug in Myna, not in the program; please report it.", file=sys.stderr)
    return INTERNAL


if __name__ == "__main__":
    sys.exit(main())
