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


_SIGNATURES = {
    "myna_run_file_bytes": (ctypes.c_int, [ctypes.POINTER(RunOptions), ctypes.c_char_p, ctypes.c_size_t]),
    "myna_verify_bytes": (ctypes.c_int, [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]),
    "myna_interrupt": (None, []),
    "myna_file_version": (ctypes.c_uint32, []),
    "myna_command": (ctypes.c_int, [ctypes.c_int, ctypes.POINTER(ctypes.c_char_p)]),
}
_WHY_BYTES = 400        # what a reason for rejection may need; longer ones are cut
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


def run(program, name="program", arguments=(), heap_limit=0, gc=None, stack=None, stats=False, format="text"):
    """Run a compiled program to its end; the exit status."""
    encode = os.fsencode
    options = RunOptions(heap_limit, gc and encode(gc), stack and encode(stack), stats, encode(format),
                         len(arguments), _strings(arguments), encode(name))
    return load().myna_run_file_bytes(options, program, len(program))


def verify(program):
    """None when the machine accepts a compiled program, else why it does not."""
    why = ctypes.create_string_buffer(_WHY_BYTES)
    rejected = load().myna_verify_bytes(program, len(program), why, _WHY_BYTES)
    return why.value.decode("utf-8", "replace") if rejected else None


def command(arguments):
    """The `myna` command with these arguments (the program's name first); the exit status."""
    return load().myna_command(len(arguments), _strings(arguments))
