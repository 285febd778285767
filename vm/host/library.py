"""The shared library through ctypes: the Python view of native/api.h and native/command.h.

In:  compiled programs as bytes, options as Python values. Out: exit statuses. Holds: what a RunOptions points to lives as
long as the call; the library prints errors and results itself, on the process's own file descriptors.
"""
import ctypes
import os

from . import LIBRARY


class RunOptions(ctypes.Structure):
    """RunOptions of api.h."""
    _fields_ = [("heap_limit", ctypes.c_size_t), ("gc_modes", ctypes.c_char_p), ("stack_mode", ctypes.c_char_p),
                ("stats", ctypes.c_int), ("format", ctypes.c_char_p), ("argc", ctypes.c_int),
                ("argv", ctypes.POINTER(ctypes.c_char_p)), ("program_path", ctypes.c_char_p)]


_SESSION, _OPTIONS = ctypes.c_void_p, ctypes.POINTER(RunOptions)
_SIGNATURES = {
    "myna_run_file_bytes": (ctypes.c_int, [ctypes.POINTER(RunOptions), ctypes.c_char_p, ctypes.c_size_t]),
    "myna_verify_bytes": (ctypes.c_int, [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]),
    "myna_interrupt": (None, []),
    "myna_file_version": (ctypes.c_uint32, []),
    "myna_session_new": (_SESSION, [_OPTIONS]),
    "myna_session_end": (None, [_SESSION]),
    "myna_session_load": (ctypes.c_int, [_SESSION, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]),
    "myna_session_run": (ctypes.c_int, [_SESSION, _OPTIONS]),
    "myna_session_text": (ctypes.c_void_p, [_SESSION, ctypes.c_uint32, ctypes.POINTER(ctypes.c_size_t)]),
    "myna_session_type": (ctypes.c_int, [_SESSION, ctypes.c_uint32, ctypes.c_char_p, ctypes.c_size_t]),
    "myna_session_clear": (None, [_SESSION, ctypes.c_uint32]),
    "myna_session_replace": (None, [_SESSION, ctypes.c_uint32, ctypes.c_uint32]),
    "myna_build": (ctypes.c_char_p, []),
    "myna_command": (ctypes.c_int, [ctypes.c_int, ctypes.POINTER(ctypes.c_char_p)]),
}
_WHY_BYTES = 400        # what a reason for rejection may need; longer ones are cut
_TYPE_BYTES = 400       # of a value's type; longer ones are cut
_loaded = []


def load():
    """The library, loaded once, with its functions' types set."""
    if not _loaded:
        library = ctypes.CDLL(LIBRARY)
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
        _loaded.append(library)
    return _loaded[0]


def _strings(texts):
    """A C array of strings that ends with NULL."""
    return (ctypes.c_char_p * (len(texts) + 1))(*map(os.fsencode, texts), None)


def _options(name="program", arguments=(), heap_limit=0, gc=None, stack=None, stats=False, format="text"):
    encode = os.fsencode
    return RunOptions(heap_limit, gc and encode(gc), stack and encode(stack), stats, encode(format),
                      len(arguments), _strings(arguments), encode(name))


def run(program, **options):
    """Run a compiled program to its end; the exit status. `options`: as of `_options`."""
    options = _options(**options)
    return load().myna_run_file_bytes(options, program, len(program))


def verify(program):
    """None when the machine accepts a compiled program, else why it does not."""
    why = ctypes.create_string_buffer(_WHY_BYTES)
    rejected = load().myna_verify_bytes(program, len(program), why, _WHY_BYTES)
    return why.value.decode("utf-8", "replace") if rejected else None


def command(arguments):
    """The `myna` command with these arguments (the program's name first); the exit status."""
    return load().myna_command(len(arguments), _strings(arguments))


def build():
    """The name of the library's build, by which caches tell what others have made."""
    return load().myna_build().decode()


class Session:
    """One program after another in one process of the machine: api.h. `options`: as of `_options`."""

    def __init__(self, **options):
        self.library = load()
        self.options = _options(**options)
        self.handle = self.library.myna_session_new(self.options)
        if not self.handle:
            raise MemoryError

    def load(self, program):
        """Load a program that goes on where those before end; None, or why it is rejected."""
        why = ctypes.create_string_buffer(_WHY_BYTES)
        rejected = self.library.myna_session_load(self.handle, program, len(program), why, _WHY_BYTES)
        return why.value.decode("utf-8", "replace") if rejected else None

    def run(self):
        """Run the program that was loaded last; the exit status. Ctrl-C ends the run, not this process."""
        return self.library.myna_session_run(self.handle, self.options)

    def text(self, number, most):
        """The string in a global, at most `most` of its bytes; None where there is none."""
        length = ctypes.c_size_t()
        at = self.library.myna_session_text(self.handle, number, length)
        return ctypes.string_at(at, min(length.value, most)).decode("utf-8", "replace") if at else None

    def type(self, number):
        """The type of the value in a global; None where it has no value."""
        out = ctypes.create_string_buffer(_TYPE_BYTES)
        missing = self.library.myna_session_type(self.handle, number, out, _TYPE_BYTES)
        return None if missing else out.value.decode("utf-8", "replace")

    def clear(self, number):
        """Take a global its value."""
        self.library.myna_session_clear(self.handle, number)

    def replace(self, number, by):
        """Let a function do what another one does, wherever it is known. Both have one type."""
        self.library.myna_session_replace(self.handle, number, by)

    def end(self):
        """Free all of it."""
        self.library.myna_session_end(self.handle)
        self.handle = None
