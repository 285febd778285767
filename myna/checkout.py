"""Keeps what is built in a source checkout up to date: the parser's tables and the native runtime.

In:  the checkout's files. Out: `refresh()`. Holds: when nothing changed it only looks at times, and imports nothing: each
start of `myna` in a checkout comes through here.
"""
import os

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
STAMP = os.path.join(ROOT, "vm", "_build", "stamp")
TABLES = os.path.join(ROOT, "compiler", "syntax", "_tables.py")
SOURCES = ("compiler", "vm", "stdlib")
SUFFIXES = (".py", ".c", ".h", ".ms")


def is_checkout():
    """Is this a source checkout, or an installed package?"""
    return os.path.exists(os.path.join(ROOT, "pyproject.toml"))


def state():
    """A text that changes when a source file does: the number of files and the latest change, in nanoseconds."""
    count, latest, waiting = 0, 0, [os.path.join(ROOT, folder) for folder in SOURCES]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.name.endswith(SUFFIXES):
                    if entry.path != TABLES:
                        count, latest = count + 1, max(latest, entry.stat().st_mtime_ns)
                elif entry.name not in ("__pycache__", "_build") and entry.is_dir():
                    waiting.append(entry.path)
    return f"{count} {latest}"


def refresh():
    """Build whatever is out of date. Ends the process with a message when that fails."""
    now = state()
    try:
        with open(STAMP) as file:
            if file.read() == now:
                return
    except OSError:
        pass
    build()
    with open(STAMP + ".new", "w") as file:
        file.write(now)
    os.replace(STAMP + ".new", STAMP)


def build():
    """Build everything; what is up to date already takes no time. Ends the process with a message on failure."""
    from myna.vm import build as native
    try:
        with native.locked():
            build_tables()
        native.build()
    except native.BuildError as error:
        raise SystemExit(f"myna: {error}") from None


def build_tables():
    """Make the parser's tables if they are not those of the grammar."""
    from myna.compiler.syntax import build_tables as tables
    try:
        from myna.compiler.syntax import _tables
        if _tables.SIGNATURE == tables.signature():
            return
    except (ImportError, AttributeError, SyntaxError):
        pass
    tables.build(TABLES + ".new")
    os.replace(TABLES + ".new", TABLES)


if __name__ == "__main__":
    build()
