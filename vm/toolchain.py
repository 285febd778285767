"""Compiling C for a target, with the C compiler, linker and C libraries of the `ziglang` package; no other tools are needed.

In:  native/*.c and *.h, a `Target`. Out: objects and static C libraries in a `Workshop`'s folder.
Holds: a file is named by a hash of all that it was made from, so nothing is made twice; files are replaced in one step.
"""
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from functools import cache
from typing import NamedTuple

HERE = os.path.dirname(os.path.abspath(__file__))
NATIVE = os.path.join(HERE, "native")

# -g0 and a fixed CPU make objects the same on every machine; collector and handlers reuse memory for other types, so no
# aliasing by type may be assumed; the sanitizer would turn on undefined-behaviour traps that need a runtime of their own.
C_FLAGS = ["-std=gnu11", "-O2", "-g0", "-Wall", "-Wextra", "-Wno-unused-parameter", "-fvisibility=hidden",
           "-fno-strict-aliasing", "-fno-math-errno", "-fno-sanitize=undefined", "-ffunction-sections", "-fdata-sections",
           "-fno-asynchronous-unwind-tables", "-fno-unwind-tables", "-fomit-frame-pointer", "-I" + NATIVE]
# Small rather than fast: what runs once, or only when something went wrong.
COLD = {"c_extern.c", "c_types.c", "check.c", "class.c", "compact.c", "error.c", "export.c", "frame.c", "interface.c", "library.c", "link.c", "load.c",
        "machine.c", "message.c", "native.c", "number.c", "prim.c", "program.c", "report.c", "run.c", "shape.c", "sort.c", "start.c", "system.c", "system_file.c", "system_process.c",
        "trace.c", "type.c", "type_text.c"}
# What the C compiler links programs with, in this order, by system; where it is not said, the C compiler links.
C_LIBRARY = {
    "Linux": ("crt1.o", "libc.a", "libzigc.a", "libcompiler_rt.a"),
    "Windows": ("crt2.obj", "libmingw32.lib", "zigc.lib", "compiler_rt.lib", *(f"api-ms-win-crt-{part}-l1-1-0.lib" for part in (
        "convert", "environment", "filesystem", "heap", "locale", "math", "multibyte", "private", "process", "runtime", "stdio", "string", "time", "utility")),
        "kernel32.lib"),
}


class BuildError(Exception):
    """A build step failed; the text is for the user."""


class Target(NamedTuple):
    """What to compile for: `library` and `launcher` are triples of the C compiler, `llvm` that of code made with LLVM."""
    system: str
    cpu: str
    llvm: str
    library: str
    launcher: str


_CPUS = {"x86_64": "x86_64_v2", "aarch64": "generic"}
TARGETS = (*(f"{machine}-{system}" for system in ("linux", "macos") for machine in _CPUS), "x86_64-windows")


def target(name):
    """The Target of a name in TARGETS."""
    if name not in TARGETS:
        raise BuildError(f"there is no target `{name}`; targets are {', '.join(TARGETS)}")
    machine, system = name.split("-")
    if system == "macos":
        return Target("Darwin", _CPUS[machine], f"{machine}-apple-macosx11.0", name, name)
    if system == "windows":
        return Target("Windows", _CPUS[machine], f"{machine}-pc-windows-gnu", f"{name}-gnu", f"{name}-gnu")
    # The oldest glibc that any supported Python runs on; the launcher needs no C library on the machine at all.
    return Target("Linux", _CPUS[machine], f"{machine}-unknown-linux-gnu", f"{machine}-linux-gnu.2.17", f"{machine}-linux-musl")


def host():
    """The Target of this machine."""
    machine = platform.machine().lower()
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(machine, machine)
    system = {"Linux": "linux", "Darwin": "macos"}.get(platform.system())
    if machine not in _CPUS or system is None:
        raise BuildError(f"cannot build for {platform.system()} on {platform.machine()}: supported are Linux and macOS on x86-64 and AArch64")
    return target(f"{machine}-{system}")


class Progress:
    """Reports steps on standard error once the build has taken a second, so that quick ones are silent."""

    def __init__(self):
        self.start, self.steps = time.monotonic(), 0

    def __call__(self, text):
        self.steps += 1
        if time.monotonic() - self.start > 1:
            print(f"myna: {text}", file=sys.stderr, flush=True)


# --- files ---

def read(path):
    """The bytes of a file."""
    with open(path, "rb") as file:
        return file.read()


def replace(path, data):
    """Write a file in one step; one that has this content already is left alone."""
    if os.path.exists(path) and read(path) == data:
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path + ".new", "wb") as file:
        file.write(data)
    os.replace(path + ".new", path)


def digest(*parts):
    """A name for content: the hash of some strings and bytes."""
    out = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        out.update(len(data).to_bytes(8, "little") + data)
    return out.hexdigest()


def sources(to):
    """The C files for a target: name -> path, in a fixed order. On Windows NAME_windows.c, if there is one, takes the place of NAME.c."""
    names = {name for name in os.listdir(NATIVE) if name.endswith(".c")}
    for_windows = {name for name in names if name.endswith("_windows.c")}
    others = {name.replace("_windows.c", ".c") for name in for_windows}
    return {name: os.path.join(NATIVE, name) for name in sorted(names - (others if to.system == "Windows" else for_windows))}


# --- the tools ---

@cache
def _zig_program():
    """How to start a tool of the ziglang package: without a Python of its own, which would take longer than a link."""
    from importlib.util import find_spec
    spec = find_spec("ziglang")
    program = spec and os.path.join(os.path.dirname(spec.origin), "zig.exe" if os.name == "nt" else "zig")
    return [program] if program and os.path.exists(program) else [sys.executable, "-m", "ziglang"]


def zig(folder, *arguments, quiet=False, where=None):
    """Run one tool of the ziglang package, which may keep things in `folder`, in the folder `where`; what it had to say is shown unless `quiet`, and
    given back."""
    environment = dict(os.environ, ZIG_LOCAL_CACHE_DIR=os.path.join(folder, "zig"))
    if not _user_cache_is_writable():
        environment.setdefault("ZIG_GLOBAL_CACHE_DIR", os.path.join(folder, "zig"))
    done = subprocess.run([*_zig_program(), *arguments], env=environment, capture_output=True, text=True,
                          errors="replace", stdin=subprocess.DEVNULL, cwd=where)
    if done.returncode:
        raise BuildError(f"{arguments[0]} failed:\n{done.stdout}{done.stderr}".rstrip())
    if done.stderr.strip() and not quiet:
        print(done.stderr.rstrip(), file=sys.stderr)
    return done.stderr


def user_cache():
    """Where this user's programs keep what they can make again."""
    return os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")


def _user_cache_is_writable():
    home = user_cache()
    while not os.path.exists(home) and os.path.dirname(home) != home:
        home = os.path.dirname(home)
    return os.access(home, os.W_OK)


@cache
def tool_versions():
    """A text that tells the tools apart that make objects."""
    from importlib.metadata import version
    return " ".join(f"{name} {version(name)}" for name in ("ziglang", "llvmlite"))


class Workshop:
    """A folder in which C is compiled: generated headers are in `include`, objects in `objects`."""

    def __init__(self, folder):
        self.folder = folder
        self.include, self.objects = os.path.join(folder, "include"), os.path.join(folder, "objects")

    @contextmanager
    def locked(self):
        """Only one process at a time works here."""
        os.makedirs(self.objects, exist_ok=True)
        with open(os.path.join(self.folder, "lock"), "w") as file:
            if os.name == "posix":
                import fcntl
                fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def write_headers(self):
        """Bring the generated headers up to date."""
        from .gen import headers
        headers.write_headers(self.include)

    def _includes(self, path, found):
        """Add the headers that `path` includes, directly or not, to the dict `found` of path to text."""
        for name in re.findall(rb'^\s*#\s*include\s+"([^"]+)"', read(path), re.M):
            for folder in (NATIVE, self.include):
                header = os.path.join(folder, name.decode())
                if header not in found and os.path.exists(header):
                    found[header] = read(header)
                    self._includes(header, found)
        return found

    def compile(self, source, triple, cpu, flags, progress):
        """The object of one C file."""
        name = os.path.basename(source)
        flags = [*C_FLAGS, *flags, *(["-Os"] if name in COLD else [])]
        headers = sorted(self._includes(source, {}).items())
        key = digest(tool_versions(), triple, cpu, flags, name, read(source), *(part for item in headers for part in item))
        out = os.path.join(self.objects, f"{name[:-2]}-{key}.o")
        if not os.path.exists(out):
            progress(f"compiling {name} for {triple}")
            new = f"{out}.new.o"
            self.zig("cc", "-target", triple, f"-mcpu={cpu}", *flags, "-I" + self.include, "-c", source, "-o", new)
            os.replace(new, out)
        return out

    def zig(self, *arguments, quiet=False):
        """Run one tool of the ziglang package."""
        return zig(self.folder, *arguments, quiet=quiet)

    def _link_loudly(self, to, source, out):
        """What the C compiler says when it links a program of one C file: with which files."""
        target = ("-target", to.launcher, f"-mcpu={to.cpu}")
        if to.system == "Windows":
            return self.zig("build-exe", source, *target, "-lc", "-O", "ReleaseFast", "-fstrip", "--verbose-link", f"-femit-bin={out}.exe", quiet=True)
        return self.zig("cc", "-v", *target, "-O2", "-s", "-fno-sanitize=undefined", "-static", source, "-o", out, quiet=True)

    def c_library(self, to, progress):
        """The folder with the C library (`C_LIBRARY`) of a target; None where the C compiler links.

        The C compiler builds it at its first link, which takes most of the time of a first build, and keeps it by where the
        compiler itself is installed. A copy spares every later build that.
        """
        names = C_LIBRARY.get(to.system)
        if not names:
            return None
        folder = os.path.join(self.folder, f"libc-{digest(tool_versions(), to)}")
        if not os.path.exists(folder):
            progress("preparing the C library (once, about a minute)")
            probe, new = os.path.join(self.folder, "probe.c"), folder + ".new"
            replace(probe, b"int main(void) { return 0; }\n")
            said = self._link_loudly(to, probe, os.path.join(self.folder, "probe"))
            parts = {os.path.basename(word): word for word in said.split() if os.path.basename(word) in names}
            if len(parts) != len(names):
                raise BuildError("the C compiler did not say where its C library is")
            shutil.rmtree(new, ignore_errors=True)
            os.makedirs(new)
            for name, path in parts.items():
                shutil.copy(path, os.path.join(new, name))
            os.rename(new, folder)
        return folder
