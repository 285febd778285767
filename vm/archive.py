"""The runtime of standalone programs and libraries for a target, and the step that links a program with it.

In:  native/*.c, object files of a program. Out: `link_program`, an executable that needs nothing on the machine but, on macOS, the system's
library; `link_library`, a shared library that needs the C library of the process that loads it. Holds: this machine's runtimes are built
with everything else (build.py); those of another target when they are first asked for, in the user's cache.
"""
import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor

from . import symbols
from .host import LIBRARY_RUNTIME, RUNTIME
from .toolchain import C_LIBRARY, NATIVE, Progress, Workshop, digest, host, read, replace, sources, tool_versions, user_cache, zig

ARCHIVE, NAMES = "runtime.a", "names"
# What only the interpreter and its hosts need, what only standalone programs and libraries need, and which of that only one of these.
INTERPRETER_ONLY = {"api.c", "command.c", "digest.c", "exec.c", "launch.c", "loader.c", "main.c", "primitives.c",
                    "program_cache.c", "session.c", "stack.c", "verify.c"}
PROGRAM_ONLY = {"export.c", "library.c", "native.c", "program.c", "start.c"}
EXECUTABLE_ONLY, LIBRARY_ONLY = {"start.c"}, {"library.c"}
# The main thread's stack is as large as that of other systems; `__image_base__` is what the C library calls the program's first address.
WINDOWS = ("-lldmingw", "-nologo", "-machine:x64", "-subsystem:console", "-entry:mainCRTStartup", "-Brepro", "-opt:ref", "-stack:8388608",
           "-alternatename:__image_base__=__ImageBase")
LAYOUT = os.path.join(NATIVE, "program.ld")


# --- the runtime ---

def runtime_sources(to, library):
    """The C files of a runtime."""
    return [path for name, path in sources(to).items() if name not in INTERPRETER_ONLY | (EXECUTABLE_ONLY if library else LIBRARY_ONLY)]


def write_runtime(shop, to, objects, library, folder, progress):
    """Put the runtime made of these objects into a folder, unless it is there, with the C library that it needs."""
    stamp, key = os.path.join(folder, "key"), digest(tool_versions(), to, library and needed(to), *map(os.path.basename, objects))
    if os.path.exists(stamp) and read(stamp).decode() == key:
        return
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    new = tempfile.mkdtemp(dir=os.path.dirname(folder), prefix="runtime-")
    if library:
        progress("making the runtime of libraries")
        stand_ins(shop, to, new)
    else:
        c_library = shop.c_library(to, progress)
        progress("making the runtime of standalone programs")
        for name in C_LIBRARY[to.system] if c_library else ():
            shutil.copy(os.path.join(c_library, name), new)
    shop.zig("ar", "rcsD", os.path.join(new, ARCHIVE), *objects)
    for name, text in ((NAMES, "\n".join(sorted(set().union(*(symbols.names(read(path)) for path in objects))))), ("key", key)):
        with open(os.path.join(new, name), "w") as file:
            file.write(text)
    os.chmod(new, 0o755)
    shutil.rmtree(folder, ignore_errors=True)
    os.rename(new, folder)


def needed(to):
    """What a shared library needs on Linux, and every system has. On AArch64 long double is as wide as no register, and computed there by the last one."""
    return ("libdl.so.2", "libm.so.6", "libc.so.6", *(("libgcc_s.so.1",) if to.llvm.startswith("aarch64") else ()))


def stand_ins(shop, to, folder):
    """Make libraries without anything in them to link shared libraries with, which shall name those that they stand for; the paths. So
    no C library needs to be built: the process that loads a shared library has one."""
    if to.system == "Darwin":
        return []
    empty = os.path.join(shop.folder, "empty.c")
    replace(empty, b"typedef int empty;\n")
    nothing = shop.compile(empty, to.library, to.cpu, ["-fPIC"], lambda text: None)
    paths = [os.path.join(folder, name) for name in needed(to)]
    for path in paths:
        shop.zig("ld.lld", "-shared", "-soname", os.path.basename(path), nothing, "-o", path)
    return paths


def compile_runtime(shop, to, library, submit, progress):
    """Futures of the objects of a runtime: `submit` runs the compiler."""
    triple, flags = (to.library, ["-fPIC"]) if library else (to.launcher, [])
    return [submit(shop.compile, path, triple, to.cpu, flags, progress) for path in runtime_sources(to, library)]


def _made(to, library, folder):
    """Make the runtime of a target in the user's cache."""
    shop, progress = Workshop(os.path.join(user_cache(), "myna", "build")), Progress()
    with shop.locked(), ThreadPoolExecutor(max(2, os.cpu_count() or 1)) as pool:
        shop.write_headers()
        made = compile_runtime(shop, to, library, pool.submit, progress)
        write_runtime(shop, to, [f.result() for f in made], library, folder, progress)


def runtime(to, library=False):
    """The folder with the runtime of a target. Raises BuildError."""
    own = LIBRARY_RUNTIME if library else RUNTIME
    if to == host() and os.path.exists(os.path.join(own, ARCHIVE)):
        return own
    from .gen.headers import header_texts
    texts = [part for name in sorted(os.listdir(NATIVE)) for part in (name, read(os.path.join(NATIVE, name)))]
    folder = os.path.join(user_cache(), "myna", f"runtime-{digest(tool_versions(), to, library, needed(to) if library else C_LIBRARY.get(to.system), *texts, *header_texts().values())}")
    if not os.path.exists(folder):
        _made(to, library, folder)
    return folder


def runtime_names(to, library):
    """The names of C that the runtime of a target defines, or takes from C's library."""
    return set(read(os.path.join(runtime(to, library), NAMES)).decode().split("\n"))


# --- linking ---

def link_program(objects, out, to=None, libraries=(), debug=False):
    """Link the object files of a program, and libraries by their paths, with the runtime of a target, by default this machine's; `debug`:
    keep symbols. Raises BuildError."""
    to = to or host()
    folder = runtime(to)
    archive = os.path.join(folder, ARCHIVE)
    start, *c_library = (os.path.join(folder, name) for name in C_LIBRARY.get(to.system, [""]))
    if to.system == "Linux":
        return zig(_scratch(), "ld.lld", "-static", *_unless(debug, "-s"), "--gc-sections", "-z", "now", "--build-id=none", "-T", LAYOUT, start, *objects,
                   "--start-group", *libraries, archive, *c_library, "--end-group", "-o", out)
    if to.system == "Windows":
        return zig(_scratch(), "lld-link", *WINDOWS, *(["-debug:dwarf"] if debug else []), f"-out:{out}", start, *objects, *libraries, archive, *c_library)
    return zig(_scratch(), "cc", "-target", to.launcher, "-O2", "-fno-sanitize=undefined", *_unless(debug, "-s"), "-Wl,-dead_strip", *objects, *libraries,
               archive, "-o", out)


def link_library(objects, out, name, exported, to, libraries=(), debug=False):
    """The same for a shared library, which programs that are linked with it find as `name`; it shows nothing but the names `exported`."""
    folder = runtime(to, True)
    archive = os.path.join(folder, ARCHIVE)
    if to.system == "Darwin":
        return zig(_scratch(), "cc", "-target", to.library, "-dynamiclib", "-O2", "-fno-sanitize=undefined", *_unless(debug, "-s"), "-Wl,-dead_strip",
                   "-install_name", f"@rpath/{name}", *objects, *libraries, archive, "-o", out)
    script = out + ".version"
    with open(script, "w") as file:
        file.write(f"{{ global: {' '.join(f'{each};' for each in exported)} local: *; }};")
    try:
        return zig(_scratch(), "ld.lld", "-shared", *_unless(debug, "-s"), "--gc-sections", "-z", "now", "--build-id=none", "-soname", name, "--version-script", script,
                   *objects, "--start-group", *libraries, archive, "--end-group", "--no-as-needed", *(os.path.join(folder, each) for each in needed(to)), "-o", out)
    finally:
        os.unlink(script)


def compile_c(source, out, to, library):
    """Compile a C file that is made for a program. Raises BuildError."""
    triple, flags = (to.library, ["-fPIC"]) if library else (to.launcher, [])
    return zig(_scratch(), "cc", "-target", triple, f"-mcpu={to.cpu}", *flags, "-std=c11", "-O2", "-g0", "-w", "-fno-sanitize=undefined",
               "-fno-asynchronous-unwind-tables", "-c", source, "-o", out)


def _unless(condition, option):
    return [] if condition else [option]


def _scratch():
    return os.path.join(user_cache(), "myna", "build")
