"""The runtime of standalone programs for a target, and the step that links a program with it.

In:  native/*.c, object files of a program. Out: `link_program`, an executable that needs nothing on the machine but, on macOS, the system's
library. Holds: this machine's runtime is built with everything else (build.py); that of another target when it is first asked for, in the
user's cache.
"""
import os
import shutil
import tempfile
from concurrent.futures import ThreadPoolExecutor

from .host import RUNTIME
from .toolchain import C_LIBRARY, NATIVE, Progress, Workshop, digest, host, read, sources, tool_versions, user_cache, zig

ARCHIVE = "runtime.a"
# What only the interpreter and its hosts need, and what only standalone programs need.
INTERPRETER_ONLY = {"api.c", "command.c", "digest.c", "exec.c", "launch.c", "loader.c", "main.c", "primitives.c",
                    "program_cache.c", "session.c", "stack.c", "verify.c"}
PROGRAM_ONLY = {"native.c", "start.c"}
# The main thread's stack is as large as that of other systems; `__image_base__` is what the C library calls the program's first address.
WINDOWS = ("-lldmingw", "-nologo", "-machine:x64", "-subsystem:console", "-entry:mainCRTStartup", "-Brepro", "-opt:ref", "-stack:8388608",
           "-alternatename:__image_base__=__ImageBase")
LAYOUT = os.path.join(NATIVE, "program.ld")


def write_runtime(shop, to, objects, folder, progress):
    """Put the runtime made of these objects into a folder, unless it is there, with the C library that it needs."""
    stamp, key = os.path.join(folder, "key"), digest(tool_versions(), to, *map(os.path.basename, objects))
    if os.path.exists(stamp) and read(stamp).decode() == key:
        return
    library = shop.c_library(to, progress)
    progress("making the runtime of standalone programs")
    os.makedirs(os.path.dirname(folder), exist_ok=True)
    new = tempfile.mkdtemp(dir=os.path.dirname(folder), prefix="runtime-")
    shop.zig("ar", "rcsD", os.path.join(new, ARCHIVE), *objects)
    for name in C_LIBRARY[to.system] if library else ():
        shutil.copy(os.path.join(library, name), new)
    with open(os.path.join(new, "key"), "w") as file:
        file.write(key)
    os.chmod(new, 0o755)
    shutil.rmtree(folder, ignore_errors=True)
    os.rename(new, folder)


def _made(to, folder):
    """Make the runtime of a target in the user's cache."""
    shop, progress = Workshop(os.path.join(user_cache(), "myna", "build")), Progress()
    with shop.locked(), ThreadPoolExecutor(max(2, os.cpu_count() or 1)) as pool:
        shop.write_headers()
        made = [pool.submit(shop.compile, path, to.launcher, to.cpu, [], progress)
                for name, path in sources(to).items() if name not in INTERPRETER_ONLY]
        write_runtime(shop, to, [f.result() for f in made], folder, progress)


def runtime(to):
    """The folder with the runtime of a target. Raises BuildError."""
    if to == host() and os.path.exists(os.path.join(RUNTIME, ARCHIVE)):
        return RUNTIME
    from .gen.headers import header_texts
    texts = [part for name in sorted(os.listdir(NATIVE)) for part in (name, read(os.path.join(NATIVE, name)))]
    folder = os.path.join(user_cache(), "myna", f"runtime-{digest(tool_versions(), to, C_LIBRARY.get(to.system), *texts, *header_texts().values())}")
    if not os.path.exists(folder):
        _made(to, folder)
    return folder


def link_program(objects, out, to=None, libraries=(), debug=False):
    """Link the object files of a program, and libraries by their paths, with the runtime of a target, by default this machine's; `debug`:
    keep symbols. Raises BuildError."""
    to = to or host()
    folder, scratch = runtime(to), os.path.join(user_cache(), "myna", "build")
    archive = os.path.join(folder, ARCHIVE)
    start, *c_library = (os.path.join(folder, name) for name in C_LIBRARY.get(to.system, [""]))
    if to.system == "Linux":
        return zig(scratch, "ld.lld", "-static", *_unless(debug, "-s"), "--gc-sections", "-z", "now", "--build-id=none", "-T", LAYOUT, start, *objects,
                   "--start-group", *libraries, archive, *c_library, "--end-group", "-o", out)
    if to.system == "Windows":
        return zig(scratch, "lld-link", *WINDOWS, *(["-debug:dwarf"] if debug else []), f"-out:{out}", start, *objects, *libraries, archive, *c_library)
    return zig(scratch, "cc", "-target", to.launcher, "-O2", "-fno-sanitize=undefined", *_unless(debug, "-s"), "-Wl,-dead_strip", *objects, *libraries,
               archive, "-o", out)


def _unless(condition, option):
    return [] if condition else [option]
