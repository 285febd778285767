"""`myna build`: a program as a standalone executable or a library for C, or as one of the forms that it takes on the way there.

In:  a file, where to write, the options of the command. Out: the exit status, and what was asked for.
Holds: the output appears in one step, or stays as it was; the object file of a program is kept in the cache of programs, by what
decides its bytes; nothing is printed but errors, steps once the build has taken a second, and all steps on request.
"""
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import Future, wait

from myna.command import tools_environment
from myna.compiler.units import entries
from myna.subcommand import coloured
from myna.vm import host
from myna.vm.aot import program as aot
from myna.vm.aot.exports import Refused
from myna.vm.archive import compile_c, link_library, link_program, runtime_names
from myna.vm.toolchain import BuildError, digest

QUIET_SECONDS = 1           # that a build may take before it tells what it does
STACK_BYTES = 256 << 20     # of the thread that compiles: LLVM recurses as deep as functions are large; untouched pages cost nothing
ARCHIVE = b"!<arch>"        # how archives of object files begin
SUFFIXES = {"exe": "", "obj": ".o"}      # of outputs that get a name; other forms go to standard output
LIBRARY_SUFFIXES = {"Darwin": ".dylib"}     # by system; elsewhere .so
ENTRY_SUFFIX = ".mynaco"    # of object files in the cache


class Unusable(Exception):
    """A file cannot be read or written, or a step failed; the text says why."""


class Rejected(Exception):
    """The program does not compile, which was said; `status` is the exit status."""

    def __init__(self, status):
        super().__init__(status)
        self.status = status


class Steps:
    """Runs steps in threads of their own, so that Ctrl-C is heard while LLVM works, and tells which one takes long."""

    def __init__(self, verbose):
        self.verbose = verbose
        self.start = time.monotonic()
        threading.stack_size(STACK_BYTES)

    def __call__(self, text, function, *arguments):
        """The function's result."""
        before, result = time.monotonic(), Future()
        threading.Thread(target=_fulfil, args=(result, function, arguments), daemon=True).start()
        if not self.verbose and not wait([result], max(0, self.start + QUIET_SECONDS - before)).done:
            _say(text)
        value = result.result()
        if self.verbose:
            _say(f"{text}: {time.monotonic() - before:.2f} s")
        return value


def _fulfil(result, function, arguments):
    try:
        result.set_result(function(*arguments))
    except BaseException as error:
        result.set_exception(error)


def _say(text):
    print(f"myna: {text}", file=sys.stderr, flush=True)


def output_name(file, form, target):
    """Where the output goes when nobody says: into the current folder, or to standard output (None)."""
    stem = os.path.splitext(os.path.basename(file))[0]
    if form == "lib":
        return f"lib{stem}{LIBRARY_SUFFIXES.get(target.system, '.so')}"
    if form not in SUFFIXES:
        return None
    return stem + (".exe" if form == "exe" and target.system == "Windows" else SUFFIXES[form])


def header_name(out):
    """The path of the header of a library."""
    folder, name = os.path.split(out)
    return os.path.join(folder, f"{os.path.splitext(name)[0].removeprefix('lib') or 'lib'}.h")


def check_output(out, file):
    """Raise Unusable if a file cannot be written there, before the work begins."""
    folder = os.path.dirname(out) or "."
    if os.path.isdir(out):
        raise Unusable(f"{out} is a directory; -o gives the output another name")
    if os.path.exists(out) and os.path.exists(file) and os.path.samefile(out, file):
        raise Unusable(f"{out} is the program itself; -o gives the output another name")
    if not os.path.isdir(folder):
        raise Unusable(f"cannot write {out}: there is no directory {folder}")
    if os.path.exists(out) and not os.path.isfile(out):
        raise Unusable(f"cannot write {out}: it is not an ordinary file")
    if not os.access(folder, os.W_OK):
        raise Unusable(f"cannot write {out}: the directory {folder} is not writable")


def compiled(file, form, text=None):
    """The compiled bytes of a program, from the cache if they are there; `text`: what standard input would give. Raises Rejected."""
    name = file if file == "-" or not file.startswith("-") else os.path.join(".", file)
    done = subprocess.run([host.LAUNCHER, "_program", "--format", form, name], input=text, stdout=subprocess.PIPE, env=tools_environment())
    if done.returncode:
        raise Rejected(done.returncode if done.returncode > 0 else 128 - done.returncode)
    return done.stdout


def object_file(data, how):
    """The object file of a program, from the cache if it is there. `how`: an `aot.Build`."""
    folder, key = os.environ.get("MYNA_CACHE"), aot.object_key(data, how)
    entry = folder and os.path.join(folder, key + ENTRY_SUFFIX)
    found = entries.find(entry) if entry else b""
    check, made = found[:len(key)], found[len(key):]
    if made and digest(made).encode() == check:
        return made
    made = aot.object_file(data, how)
    if entry:
        entries.keep(entry, digest(made).encode() + made)
    return made


def linked_files(data, how, given):
    """What a program is linked with besides the files that the user names: object files as bytes. Raises Unusable."""
    table, libraries = aot.externs(data, how, bool(given) or not how.library)
    if libraries and not given and not how.library:     # a library looks for them when it runs, as `myna run` does
        raise Unusable(f"the program calls functions of {', '.join(libraries)}; `--link FILE` names an object file or a static library that has them")
    missing = [path for path in given if not os.path.isfile(path)]
    if missing:
        raise Unusable(f"there is no file {missing[0]} to link with")
    return [table] * (table is not None)


def interface(data, how, given):
    """What C sees of the program, an `aot.exports.Interface`; None: nothing that it could call. Raises Unusable."""
    try:
        found = aot.interface(data, runtime_names(how.target, how.library)) if how.library or given else None
    except (Refused, BuildError) as error:
        raise Unusable(error) from None
    if how.library and not found.exported:
        raise Unusable("a library has functions that C calls, and the program exports none: `@export` before a function makes it one")
    return found if found and found.exported else None


def link(objects, given, out, how, shown=None):
    """Link object files to an executable or a library, whose header is written too; `shown`: what `interface` gave. Raises Unusable."""
    new, header = f"{out}.{os.getpid()}.new", os.path.basename(header_name(out))
    with tempfile.TemporaryDirectory(prefix="myna-") as folder:
        paths = [os.path.join(folder, f"{number}{'.a' if data.startswith(ARCHIVE) else '.o'}") for number, data in enumerate(objects)]
        for path, data in zip(paths, objects):
            with open(path, "wb") as file:
                file.write(data)
        try:
            if shown:
                paths.append(os.path.join(folder, "exports.o"))
                compile_exports(shown, header, folder, paths[-1], how)
            made = os.path.join(folder, "program")      # its name may be in the result
            if how.library:
                link_library(paths, made, os.path.basename(out), shown.symbols, how.target, given, bool(how.debug))
                write(shown.header().encode(), header_name(out))
            else:
                link_program(paths, made, how.target, given, bool(how.debug))
            shutil.copy(made, new)
            os.replace(new, out)
        except BuildError as error:
            raise Unusable(error) from None
        finally:
            if os.path.exists(new):
                os.unlink(new)


def compile_exports(shown, header, folder, out, how):
    """Compile the C functions that call the program's. Raises BuildError."""
    source = os.path.join(folder, "exports.c")
    for path, text in ((os.path.join(folder, header), shown.header()), (source, shown.source(header))):
        write(text.encode(), path)
    compile_c(source, out, how.target, how.library)


def write(data, out):
    """Write a form to a file, or to standard output."""
    if out in (None, "-"):
        sys.stdout.buffer.write(data)
        return
    new = f"{out}.{os.getpid()}.new"
    with open(new, "wb") as file:
        file.write(data)
    os.replace(new, out)


def explain(file, out, form, messages="text", verbose=False):
    """Tell what stayed slow in a program, in one of the forms of `explaining`. Raises Unusable or Rejected."""
    from myna import explaining
    steps, text = Steps(verbose), sys.stdin.buffer.read() if file == "-" else None
    out = out or (os.path.splitext(os.path.basename(file))[0] + ".html" if form == "html" and file != "-" else None)
    if out not in (None, "-"):
        check_output(out, file)
    data = steps("compiling to bytecode", compiled, file, messages, text)
    color = out is None and coloured(sys.stdout)
    try:
        write(steps("looking at it", explaining.explained, data, form, text, color), out)
    except OSError as error:
        raise Unusable(f"cannot write {out}: {error.strerror}") from None
    if form == "html" and out not in (None, "-"):
        print(out)


def make(file, out, form, how, messages="text", verbose=False, given=()):
    """Do it all. `form`: "exe", "lib" or one of `aot.FORMS`; `how`: an `aot.Build`; `messages`: the form of error messages; `given`: files to link
    with. Raises Unusable or Rejected."""
    steps = Steps(verbose)
    out = out or output_name(file, form, how.target)
    if form == "lib" and how.target.system == "Windows":
        raise Unusable("there are no libraries for Windows, only for Linux and macOS")
    if out not in (None, "-"):
        check_output(out, file)
    data = steps("compiling to bytecode", compiled, file, messages)
    try:
        if form in ("exe", "lib"):
            others, shown = linked_files(data, how, given), interface(data, how, given)
            made = steps(f"compiling to native code, -O{how.level}", object_file, data, how)
            return steps("linking", link, [made, *others], given, out, how, shown)
        write(steps(f"making {form}", aot.FORMS[form], data, how), out)
    except Refused as error:
        raise Unusable(error) from None
    except OSError as error:
        raise Unusable(f"cannot write {out}: {error.strerror}") from None
