"""`myna fmt`: programs in the one layout that `compiler/layout` defines.

In:  files, folders, or `-` for standard input. Out: the files laid out, or what would change.
Holds: a file that does not parse is left alone; one that is written is written whole or not at all.
"""
import difflib
import os
import sys

from myna.subcommand import ERROR, OK, Failure, Usage, coloured, programs, read, report

COLOURS = {"+": "\033[32m", "-": "\033[31m", "@": "\033[36m"}


def fmt(files, options):
    """Lay out each file; with `--check` or `--diff` only say which ones would change. ERROR: some would change, or do not parse."""
    if not files:
        raise Usage("fmt: which files? `.` means all of this folder, `-` standard input")
    only_look, status, changed, count = "--check" in options or "--diff" in options, OK, 0, 0
    for path in programs(files):
        if not path.endswith(".ms") and path != "-":
            raise Failure(f"{path} is not a Myna program (.ms)")
        count += 1
        texts = _texts(path)
        if texts is None:
            status = ERROR
        elif path == "-" and not only_look:
            sys.stdout.write(texts[1])
        elif texts[0] != texts[1]:
            changed += 1
            if only_look:
                status = ERROR
                _show(path, *texts, "--diff" in options)
            else:
                _write(path, texts[1])
    if files != ["-"]:
        verb = "would change" if only_look else "changed"
        print(f"{changed} of {count} {'file' if count == 1 else 'files'} {verb}", file=sys.stderr)
    return status


def _texts(path):
    """The text of a file as it is and as it should be; None, with the reason told, for one that does not parse or cannot be laid out."""
    from myna.compiler import driver, layout, source
    from myna.compiler.diagnostics import CompileError
    name, data = read(path)
    try:
        text = source.decode(name, data, "ms")
        with driver.deep_recursion(text):
            return text.text, layout.layout(text)
    except CompileError as error:
        report(error)
    except layout.Unsettled:
        print(f"myna: {name} stays as it is: a comment in it stands where it cannot be moved", file=sys.stderr)
    return None


def _show(path, text, better, diff):
    """Tell of a file that would change."""
    if not diff:
        print(path)
        return
    colour = coloured(sys.stdout)
    for line in difflib.unified_diff(text.splitlines(True), better.splitlines(True), path, path):
        line = line if line.endswith("\n") else line + "\n\\ no line end here\n"
        print(f"{COLOURS[line[0]]}{line[:-1]}\033[0m" if colour and line[0] in COLOURS else line[:-1])


def _write(path, text):
    """Replace a file's text at once, its permissions kept."""
    made = f"{path}.{os.getpid()}.new"
    try:
        with open(made, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        os.chmod(made, os.stat(path).st_mode)
        os.replace(made, os.path.realpath(path))
    except OSError as error:
        if os.path.exists(made):
            os.remove(made)
        raise Failure(f"cannot write {path}: {error.strerror}") from None
