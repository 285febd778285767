"""Builds the native runtime with the C compiler of the `ziglang` package; no other compiler is needed.

In:  native/*.c and *.h, the generators in gen/. Out: in `_build/`, the shared library (`LIBRARY`), which Python loads,
the launcher (`LAUNCHER`), a static executable on Linux, and for standalone programs the meanings of instructions (`MEANINGS`) and the
runtime (`RUNTIME`, `LIBRARY_RUNTIME`). On Linux the library is a program too (loader.c): `LOADER` is its copy, which the launcher becomes for programs that
call C, since what is static can load no libraries.
Holds: an object's file is named by a hash of all it was made from, so nothing is compiled twice; outputs are replaced in
one step; builds at the same time wait for each other. `python -m myna.vm.build` builds what is out of date.
"""
import os
import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from .archive import PROGRAM_ONLY, compile_runtime, link_program, stand_ins, write_runtime
from .host import BUILD, LAUNCHER, LIBRARY, LIBRARY_RUNTIME, LOADER, MEANINGS, RUNTIME
from .toolchain import C_LIBRARY, HERE, BuildError, Progress, Workshop, digest, host, read, replace, sources, tool_versions

__all__ = ["BuildError", "backend_id", "build", "build_id", "host", "link_program", "locked"]

SHOP = Workshop(BUILD)
COMPILER = os.path.join(os.path.dirname(HERE), "compiler")
STDLIB = os.path.join(os.path.dirname(HERE), "stdlib")


def files(folder, suffix):
    """The paths of all files below `folder` with this suffix, in a fixed order."""
    return sorted(os.path.join(where, name) for where, folders, names in os.walk(folder) if where != BUILD
                  for name in names if name.endswith(suffix) and not where.startswith(BUILD))


def build_id():
    """A name for what decides how a source compiles; a cached program of another id is not used."""
    texts = [path for path in files(COMPILER, ".py") if os.path.basename(path) != "_tables.py"]
    return digest(*(part for path in texts + files(STDLIB, ".ms") for part in (os.path.relpath(path, COMPILER), read(path))))


def backend_id():
    """A name for what makes native code of bytecode."""
    texts = [os.path.join(HERE, name) for name in ("layout.py", "runtime_api.py")] + files(os.path.join(COMPILER, "bytecode"), ".py")
    texts += [path for folder in ("aot", "gen", "llvm", "opt", "semantics") for path in files(os.path.join(HERE, folder), ".py")]
    return digest(tool_versions(), *map(read, texts))


def _write_headers():
    SHOP.write_headers()
    replace(os.path.join(SHOP.include, "build_id.h"), f'/* Generated. */\n#define BUILD_ID "{build_id()}"\n'.encode())


def _interpreter(target, progress):
    """The object with the interpreter's handlers."""
    inputs = [path for folder in ("gen", "semantics") for path in files(os.path.join(HERE, folder), ".py")]
    inputs += [os.path.join(HERE, "layout.py"), os.path.join(HERE, "runtime_api.py"), os.path.join(HERE, "opt", "graph.py")] + files(os.path.join(COMPILER, "bytecode"), ".py")
    out = os.path.join(SHOP.objects, f"interpreter-{digest(tool_versions(), target, *map(read, inputs))}.o")
    if not os.path.exists(out):
        progress("generating the interpreter")
        from .gen.interpreter import build_object
        build_object(target.llvm, target.cpu.replace("_", "-"), out + ".new")
        os.replace(out + ".new", out)
    return out


def _meanings(progress):
    """Write the meanings that native code is made of."""
    own = ("gen/meanings.py", "llvm/shapes.py", "layout.py", "runtime_api.py", "opt/graph.py")
    inputs = [os.path.join(HERE, *name.split("/")) for name in own]
    inputs += files(os.path.join(HERE, "semantics"), ".py") + files(os.path.join(COMPILER, "bytecode"), ".py")
    stamp, key = MEANINGS + ".key", digest(tool_versions(), *map(read, inputs))
    if os.path.exists(MEANINGS) and os.path.exists(stamp) and read(stamp).decode() == key:
        return
    progress("generating the meanings of instructions")
    from .gen import meanings
    replace(MEANINGS, meanings.prepare())
    replace(stamp, key.encode())


# --- linking ---

def _link_library(target, objects, out):
    if target.system == "Darwin":
        return SHOP.zig("cc", "-target", target.library, "-dynamiclib", "-O2", "-install_name", "@rpath/libmyna.dylib", *objects, "-o", out)
    SHOP.zig("ld.lld", "-shared", "-soname", os.path.basename(LIBRARY), "-e", "myna_start", "-z", "now", "--gc-sections", *objects,
         "--no-as-needed", *stand_ins(SHOP, target, BUILD), "-o", out)


def _link_launcher(target, objects, out):
    if target.system == "Darwin":
        return SHOP.zig("cc", "-target", target.launcher, "-O2", "-fno-sanitize=undefined", *objects, "-o", out)
    start, *libraries = (os.path.join(SHOP.c_library(target, None), name) for name in C_LIBRARY[target.system])
    SHOP.zig("ld.lld", "-static", "-s", "--gc-sections", "--eh-frame-hdr", "-z", "now", "--build-id=none", start, *objects,
         "--start-group", *libraries, "--end-group", "-o", out)


def _link(kind, target, objects, out, progress):
    """Link unless `out` was made of these very objects."""
    stamp, key = out + ".key", digest(kind.__name__, target, *objects)
    if os.path.exists(out) and os.path.exists(stamp) and read(stamp).decode() == key:
        return
    progress(f"linking {os.path.basename(out)}")
    kind(target, objects, out + ".new")
    os.replace(out + ".new", out)
    replace(stamp, key.encode())


# --- the whole ---

def locked():
    """Only one process at a time builds in this checkout."""
    return SHOP.locked()


def build(jobs=None):
    """Bring library and launcher up to date. Raises BuildError."""
    with locked():
        _build(host(), jobs or max(2, os.cpu_count() or 1), Progress())


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
    with _pool(jobs) as pool:
        prepared = pool.submit(SHOP.c_library, target, progress)
        interpreter = pool.submit(_interpreter, target, progress)
        meanings = pool.submit(_meanings, progress)
        shared = {name: pool.submit(SHOP.compile, path, target.library, target.cpu, ["-fPIC"], progress)
                  for name, path in sources(target).items() if name not in PROGRAM_ONLY}
        static = {name: pool.submit(SHOP.compile, path, target.launcher, target.cpu, [], progress)
                  for name, path in sources(target).items() if name not in PROGRAM_ONLY}
        library = [f.result() for f in shared.values()] + [interpreter.result()]
        _link(_link_library, target, library, LIBRARY, progress)
        if target.system == "Linux":
            replace(LOADER, read(LIBRARY))
            os.chmod(LOADER, 0o755)
        launcher = [f.result() for f in static.values()] + [interpreter.result()]
        prepared.result()
        _link(_link_launcher, target, launcher, LAUNCHER, progress)
        used = {*library, *launcher}
        for is_library, folder in ((False, RUNTIME), (True, LIBRARY_RUNTIME)):
            objects = [f.result() for f in compile_runtime(SHOP, target, is_library, pool.submit, progress)]
            write_runtime(SHOP, target, objects, is_library, folder, progress)
            used.update(objects)
        meanings.result()
    _drop_old(used)
    if progress.steps:
        shutil.rmtree(os.path.join(BUILD, "zig"), ignore_errors=True)   # the compiler's own copies of our objects
        progress("done")


def _drop_old(used):
    """Remove objects that the last builds did not use: those that are a week old."""
    for name in os.listdir(SHOP.objects):
        path = os.path.join(SHOP.objects, name)
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
