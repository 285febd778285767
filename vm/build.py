"""Builds the native runtime with the C compiler of the `ziglang` package; no other compiler is needed.

In:  native/*.c and *.h, the generators in gen/. Out: in `_build/`, the shared library (`LIBRARY`), which Python loads,
the launcher (`LAUNCHER`), a static executable on Linux, and for standalone programs the meanings of instructions (`MEANINGS`) and the
runtime (`RUNTIME`), with which `link_program` links them. On Linux the library is a program too (loader.c): `LOADER` is its copy, which
the launcher becomes for programs that call C, since what is static can load no libraries.
Holds: an object's file is named by a hash of all it was made from, so nothing is compiled twice; outputs are replaced in
one step; builds at the same time wait for each other. `python -m myna.vm.build` builds what is out of date.
"""
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib.util import find_spec
from typing import NamedTuple

from .host import BUILD, LAUNCHER, LIBRARY, LOADER, MEANINGS, RUNTIME

HERE = os.path.dirname(os.path.abspath(__file__))
NATIVE = os.path.join(HERE, "native")
INCLUDE = os.path.join(BUILD, "include")
OBJECTS = os.path.join(BUILD, "objects")
COMPILER = os.path.join(os.path.dirname(HERE), "compiler")
ZIG = os.path.join(os.path.dirname(find_spec("ziglang").origin), "zig")      # without the Python around it, which takes a while to start
STDLIB = os.path.join(os.path.dirname(HERE), "stdlib")

# -g0 and a fixed CPU make objects the same on every machine; collector and handlers reuse memory for other types, so no
# aliasing by type may be assumed; the sanitizer would turn on undefined-behaviour traps that need a runtime of their own.
C_FLAGS = ["-std=gnu11", "-O2", "-g0", "-Wall", "-Wextra", "-Wno-unused-parameter", "-fvisibility=hidden",
           "-fno-strict-aliasing", "-fno-math-errno", "-fno-sanitize=undefined", "-ffunction-sections", "-fdata-sections",
           "-fno-asynchronous-unwind-tables", "-fno-unwind-tables", "-fomit-frame-pointer", "-I" + INCLUDE, "-I" + NATIVE]
# Small rather than fast: what runs once, or only when something went wrong.
COLD = {"check.c", "class.c", "compact.c", "error.c", "frame.c", "interface.c", "link.c", "load.c", "machine.c", "message.c", "native.c",
        "report.c", "run.c", "shape.c", "sort.c", "start.c", "trace.c", "type.c", "type_text.c"}
INTERPRETER_ONLY = {"api.c", "command.c", "digest.c", "exec.c", "launch.c", "loader.c", "main.c", "primitives.c",
                    "program_cache.c", "stack.c", "verify.c"}
PROGRAM_LAYOUT = os.path.join(NATIVE, "program.ld")
BINARY_ONLY = {"native.c", "start.c"}       # of standalone programs


class BuildError(Exception):
    """A build step failed; the text is for the user."""


class Target(NamedTuple):
    """What to compile for: `library` and `launcher` are triples of the C compiler, `llvm` that of the handlers."""
    system: str
    cpu: str
    llvm: str
    library: str
    launcher: str


def host():
    """The Target of this machine."""
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    cpu = {"x86_64": "x86_64_v2", "aarch64": "generic"}.get(machine)
    system = platform.system()
    if cpu is None or system not in ("Linux", "Darwin"):
        raise BuildError(f"cannot build for {system} on {platform.machine()}: supported are Linux and macOS on x86-64 and AArch64")
    if system == "Darwin":
        triple = f"{machine}-macos"
        return Target(system, cpu, f"{machine}-apple-macosx11.0", triple, triple)
    # The oldest glibc that any supported Python runs on; the launcher needs no C library on the machine at all.
    return Target(system, cpu, f"{machine}-unknown-linux-gnu", f"{machine}-linux-gnu.2.17", f"{machine}-linux-musl")


def targets():
    """The Targets that programs can be built for, by name."""
    target = host()
    return {f"{target.launcher.partition('-')[0]}-{ {'Darwin': 'macos'}.get(target.system, target.system.lower())}": target}


# --- steps ---

class _Progress:
    """Reports steps on standard error once the build has taken a second, so that quick ones are silent."""

    def __init__(self):
        self.start, self.steps = time.monotonic(), 0

    def __call__(self, text):
        self.steps += 1
        if time.monotonic() - self.start > 1:
            print(f"myna: {text}", file=sys.stderr, flush=True)


def _zig(*arguments, quiet=False):
    """Run one tool of the ziglang package; what it had to say is shown unless `quiet`, and given back."""
    environment = dict(os.environ, ZIG_LOCAL_CACHE_DIR=os.path.join(BUILD, "zig"))
    if not _user_cache_is_writable():
        environment.setdefault("ZIG_GLOBAL_CACHE_DIR", os.path.join(BUILD, "zig"))
    done = subprocess.run([ZIG, *arguments], env=environment, capture_output=True, text=True,
                          errors="replace", stdin=subprocess.DEVNULL)
    if done.returncode:
        raise BuildError(f"{arguments[0]} failed:\n{done.stdout}{done.stderr}".rstrip())
    if done.stderr.strip() and not quiet:
        print(done.stderr.rstrip(), file=sys.stderr)
    return done.stderr


def _user_cache_is_writable():
    home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    while not os.path.exists(home) and os.path.dirname(home) != home:
        home = os.path.dirname(home)
    return os.access(home, os.W_OK)


def _read(path):
    with open(path, "rb") as file:
        return file.read()


def digest(*parts):
    """A name for content: the hash of some strings and bytes."""
    out = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        out.update(len(data).to_bytes(8, "little") + data)
    return out.hexdigest()


def files(folder, suffix):
    """The paths of all files below `folder` with this suffix, in a fixed order."""
    return sorted(os.path.join(where, name) for where, folders, names in os.walk(folder) if where != BUILD
                  for name in names if name.endswith(suffix) and not where.startswith(BUILD))


def _includes(path, found):
    """Add the headers that `path` includes, directly or not, to the dict `found` of path to text."""
    for name in re.findall(rb'^\s*#\s*include\s+"([^"]+)"', _read(path), re.M):
        for folder in (NATIVE, INCLUDE):
            header = os.path.join(folder, name.decode())
            if header not in found and os.path.exists(header):
                found[header] = _read(header)
                _includes(header, found)
    return found


def build_id():
    """A name for what decides how a source compiles; a cached program of another id is not used."""
    sources = [path for path in files(COMPILER, ".py") if os.path.basename(path) != "_tables.py"]
    return digest(*(part for path in sources + files(STDLIB, ".ms") for part in (os.path.relpath(path, COMPILER), _read(path))))


def backend_id():
    """A name for what makes native code of bytecode."""
    sources = [os.path.join(HERE, name) for name in ("layout.py", "runtime_api.py")] + files(os.path.join(COMPILER, "bytecode"), ".py")
    sources += [path for folder in ("aot", "gen", "llvm", "opt", "semantics") for path in files(os.path.join(HERE, folder), ".py")]
    return digest(_tool_versions(), *map(_read, sources))


def _write_headers():
    from .gen import headers
    headers.write_headers(INCLUDE)
    _replace(os.path.join(INCLUDE, "build_id.h"), f'/* Generated. */\n#define BUILD_ID "{build_id()}"\n'.encode())


def _replace(path, data):
    """Write a file in one step; one that has this content already is left alone."""
    if os.path.exists(path) and _read(path) == data:
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".new", "wb") as file:
        file.write(data)
    os.replace(path + ".new", path)


def _compile(source, target, flags, progress):
    """The object of one C file."""
    name = os.path.basename(source)
    flags = [*C_FLAGS, *flags, *(["-Os"] if name in COLD else [])]
    headers = sorted(_includes(source, {}).items())
    key = digest(_tool_versions(), target, flags, name, _read(source), *(part for item in headers for part in item))
    out = os.path.join(OBJECTS, f"{name[:-2]}-{key}.o")
    if not os.path.exists(out):
        progress(f"compiling {name} for {target[0]}")
        new = f"{out}.new.o"
        _zig("cc", "-target", target[0], f"-mcpu={target[1]}", *flags, "-c", source, "-o", new)
        os.replace(new, out)
    return out


def _tool_versions():
    from importlib.metadata import version
    return " ".join(f"{name} {version(name)}" for name in ("ziglang", "llvmlite"))


def _interpreter(target, progress):
    """The object with the interpreter's handlers."""
    inputs = [path for folder in ("gen", "semantics") for path in files(os.path.join(HERE, folder), ".py")]
    inputs += [os.path.join(HERE, "layout.py"), os.path.join(HERE, "runtime_api.py")] + files(os.path.join(COMPILER, "bytecode"), ".py")
    out = os.path.join(OBJECTS, f"interpreter-{digest(_tool_versions(), target, *map(_read, inputs))}.o")
    if not os.path.exists(out):
        progress("generating the interpreter")
        from .gen.interpreter import build_object
        build_object(target.llvm, target.cpu.replace("_", "-"), out + ".new")
        os.replace(out + ".new", out)
    return out


def _meanings(progress):
    """Write the meanings that native code is made of."""
    inputs = [os.path.join(HERE, "llvm", "meanings.py"), os.path.join(HERE, "layout.py"), os.path.join(HERE, "runtime_api.py")]
    inputs += files(os.path.join(HERE, "semantics"), ".py") + files(os.path.join(COMPILER, "bytecode"), ".py")
    stamp, key = MEANINGS + ".key", digest(_tool_versions(), *map(_read, inputs))
    if os.path.exists(MEANINGS) and os.path.exists(stamp) and _read(stamp).decode() == key:
        return
    progress("generating the meanings of instructions")
    from .llvm import meanings
    _replace(MEANINGS, meanings.prepare())
    _replace(stamp, key.encode())


# --- linking ---

C_LIBRARY = ("crt1.o", "libc.a", "libzigc.a", "libcompiler_rt.a")


def _c_library(target, progress):
    """The folder with the static C library (`C_LIBRARY`) for the launcher; None where the system's own is used.

    The C compiler builds it at its first link, which takes most of the time of a first build, and keeps it by where the
    compiler itself is installed. A copy spares every later build that.
    """
    if target.system != "Linux":
        return None
    folder = os.path.join(BUILD, f"libc-{digest(_tool_versions(), target)}")
    if not os.path.exists(folder):
        progress("preparing the C library (once, about a minute)")
        probe, new = os.path.join(BUILD, "probe.c"), folder + ".new"
        _replace(probe, b"int main(void) { return 0; }\n")
        said = _zig("cc", "-v", "-target", target.launcher, f"-mcpu={target.cpu}", "-O2", "-s", "-fno-sanitize=undefined",
                    "-static", probe, "-o", os.path.join(BUILD, "probe"), quiet=True)
        parts = {os.path.basename(word): word for word in said.split() if os.path.basename(word) in C_LIBRARY}
        if len(parts) != len(C_LIBRARY):
            raise BuildError("the C compiler did not say where its C library is")
        shutil.rmtree(new, ignore_errors=True)
        os.makedirs(new)
        for name, path in parts.items():
            shutil.copy(path, os.path.join(new, name))
        os.rename(new, folder)
    return folder


def _link_library(target, objects, out):
    if target.system == "Darwin":
        return _zig("cc", "-target", target.library, "-dynamiclib", "-O2", "-install_name", "@rpath/libmyna.dylib", *objects, "-o", out)
    # The process that loads the library has a C library; naming it is all that is needed. Nothing is taken from it here,
    # so two empty stand-ins save building one to link with.
    empty = os.path.join(BUILD, "empty.c")
    _replace(empty, b"typedef int empty;\n")
    nothing = _compile(empty, (target.library, target.cpu), ["-fPIC"], lambda text: None)
    needed = []
    for name in ("libdl.so.2", "libm.so.6", "libc.so.6"):
        needed.append(os.path.join(BUILD, name))
        _zig("ld.lld", "-shared", "-soname", name, nothing, "-o", needed[-1])
    _zig("ld.lld", "-shared", "-soname", os.path.basename(LIBRARY), "-e", "myna_start", "-z", "now", "--gc-sections", *objects,
         "--no-as-needed", *needed, "-o", out)


def _link_launcher(target, objects, out):
    if target.system == "Darwin":
        return _zig("cc", "-target", target.launcher, "-O2", "-fno-sanitize=undefined", *objects, "-o", out)
    start, *libraries = (os.path.join(_c_library(target, None), name) for name in C_LIBRARY)
    _zig("ld.lld", "-static", "-s", "--gc-sections", "--eh-frame-hdr", "-z", "now", "--build-id=none", start, *objects,
         "--start-group", *libraries, "--end-group", "-o", out)


def _archive(target, objects, out):
    if os.path.exists(out):
        os.remove(out)
    _zig("ar", "rcsD", out, *objects)


def link_program(objects, out, debug=False):
    """Link the object files of a program with the runtime: a standalone executable, which keeps its symbols for `debug`. Raises BuildError."""
    target = host()
    strip = [] if debug else ["-s"]
    if target.system == "Darwin":
        return _zig("cc", "-target", target.launcher, "-O2", "-fno-sanitize=undefined", *objects, RUNTIME, "-Wl,-dead_strip", *strip, "-o", out)
    start, *libraries = (os.path.join(_c_library(target, None), name) for name in C_LIBRARY)
    _zig("ld.lld", "-static", *strip, "--gc-sections", "-z", "now", "--build-id=none", "-T", PROGRAM_LAYOUT, start, *objects,
         "--start-group", RUNTIME, *libraries, "--end-group", "-o", out)


def _link(kind, target, objects, out, progress):
    """Link unless `out` was made of these very objects."""
    stamp, key = out + ".key", digest(kind.__name__, target, *objects)
    if os.path.exists(out) and os.path.exists(stamp) and _read(stamp).decode() == key:
        return
    progress(f"linking {os.path.basename(out)}")
    kind(target, objects, out + ".new")
    os.replace(out + ".new", out)
    _replace(stamp, key.encode())


# --- the whole ---

@contextmanager
def locked():
    """Only one process at a time builds in this checkout."""
    os.makedirs(OBJECTS, exist_ok=True)
    with open(os.path.join(BUILD, "lock"), "w") as file:
        if os.name == "posix":
            import fcntl
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def build(jobs=None):
    """Bring library and launcher up to date. Raises BuildError."""
    with locked():
        _build(host(), jobs or max(2, os.cpu_count() or 1), _Progress())


@contextmanager
def _pool(jobs):
    """Threads for the steps; the first failure cancels the steps that have not begun."""
    with ThreadPoolExecutor(jobs) as pool:
        try:
            yield pool
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _build(target, jobs, progress):
    _write_headers()
    sources = {name: os.path.join(NATIVE, name) for name in sorted(os.listdir(NATIVE)) if name.endswith(".c")}
    with _pool(jobs) as pool:
        prepared = pool.submit(_c_library, target, progress)
        interpreter = pool.submit(_interpreter, target, progress)
        meanings = pool.submit(_meanings, progress)
        shared = {name: pool.submit(_compile, path, (target.library, target.cpu), ["-fPIC"], progress)
                  for name, path in sources.items() if name not in BINARY_ONLY}
        static = {name: pool.submit(_compile, path, (target.launcher, target.cpu), [], progress) for name, path in sources.items()}
        library = [f.result() for f in shared.values()] + [interpreter.result()]
        _link(_link_library, target, library, LIBRARY, progress)
        if target.system == "Linux":
            _replace(LOADER, _read(LIBRARY))
            os.chmod(LOADER, 0o755)
        launcher = [f.result() for name, f in static.items() if name not in BINARY_ONLY] + [interpreter.result()]
        prepared.result()
        _link(_link_launcher, target, launcher, LAUNCHER, progress)
        runtime = [f.result() for name, f in static.items() if name not in INTERPRETER_ONLY]
        _link(_archive, target, runtime, RUNTIME, progress)
        meanings.result()
    _drop_old({*library, *launcher, *runtime})
    if progress.steps:
        shutil.rmtree(os.path.join(BUILD, "zig"), ignore_errors=True)   # the compiler's own copies of our objects
        progress("done")


def _drop_old(used):
    """Remove objects that the last builds did not use: those that are a week old."""
    for name in os.listdir(OBJECTS):
        path = os.path.join(OBJECTS, name)
        if path not in used and time.time() - os.path.getmtime(path) > 7 * 86400:
            os.remove(path)


def main():
    """The command `python -m myna.vm.build`."""
    try:
        build()
    except BuildError as error:
        sys.exit(f"myna: {error}")


if __name__ == "__main__":
    main()
