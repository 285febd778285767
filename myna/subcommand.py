"""What all subcommands of `myna` share: how their arguments are read, how files are found and read, how errors are told, exit statuses.

In:  a list of arguments. Out: files and options; a Usage or Failure says in one line what is wrong with them.
Holds: `Command` makes the help of a subcommand of the same table that reads its options.
"""
import os
import sys

OK, ERROR, USAGE, BAD_PROGRAM, INTERNAL, INTERRUPTED, PIPE = 0, 1, 2, 65, 70, 130, 141


class Usage(Exception):
    """The command line is wrong; the text says how."""


class Failure(Exception):
    """A file cannot be used; the text says why."""


class Command:
    """A subcommand: `run` takes the files and a dict of options; `options` maps a name to (value's name or None, doc). A value in brackets
    may be left out; what is there follows a `=`."""

    def __init__(self, name, arguments, doc, run, options=None, examples=()):
        self.name, self.arguments, self.doc, self.run = name, arguments, doc, run
        self.options = {**(options or {}), "--help": (None, "print this")}
        self.examples = examples

    def help(self):
        """The text of `myna NAME --help`."""
        lines = [f"Usage: myna {self.name} [OPTIONS] {self.arguments}".rstrip(), "", self.doc[0].upper() + self.doc[1:] + ".", "", "Options:"]
        lines += [f"  {name + _value(value):20} {doc}" for name, (value, doc) in self.options.items()]
        return "\n".join(lines + ["", "Examples:", *(f"  {example}" for example in self.examples)])

    def parse(self, arguments):
        """Split arguments into (files, options)."""
        files, options, rest = [], {}, iter(arguments)
        for argument in rest:
            if argument == "--":
                files += rest
            elif argument == "-" or not argument.startswith("-"):
                files.append(argument)
            else:
                name, given, value = argument.partition("=")
                name = "--help" if name == "-h" else name
                if name not in self.options and self.options.get(name[:2], (None,))[0]:
                    name, given, value = argument[:2], True, argument[2:]       # -O2
                if name not in self.options:
                    raise Usage(f"`myna {self.name}` has no option {name}{suggestion(name, self.options)}")
                if self.options[name][0] is None and given:
                    raise Usage(f"{name} takes no value")
                if self.options[name][0] is not None and not given and not self.options[name][0].startswith("["):
                    value = next(rest, None)
                    if value is None:
                        raise Usage(f"{name} needs a value")
                options[name] = value
        return files, options


def _value(name):
    """How the value of an option is written behind it."""
    return "" if name is None else f"[={name[1:]}" if name.startswith("[") else f" {name}"


def suggestion(word, known):
    """`; did you mean …?` for a word that is nearly one of those known, or nothing."""
    from difflib import get_close_matches
    near = get_close_matches(word, known, 1)
    return f"; did you mean {near[0]}?" if near else ""


def number(options, name, usual):
    """The whole number above 0 that an option gives."""
    text = options.get(name, str(usual))
    if not text.isdecimal() or int(text) < 1:
        raise Usage(f"{name} {text}: it takes a whole number above 0")
    return int(text)


# --- files ---

def kind_of(path):
    """The language of a file, by its extension: "ms", "classic", or "mitbc" for classic stack code."""
    return {".mit": "classic", ".mitbc": "mitbc"}.get(os.path.splitext(path)[1], "ms")


def read(path):
    """(name for messages, bytes) of a file; `-` is standard input."""
    if path == "-":
        return "<stdin>", sys.stdin.buffer.read()
    try:
        with open(path, "rb") as file:
            return path, file.read()
    except IsADirectoryError:
        raise Failure(f"{path} is a directory, not a program") from None
    except FileNotFoundError:
        raise Failure(f"there is no file {path}") from None
    except (OSError, ValueError) as error:
        raise Failure(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from None


def programs(paths):
    """The paths of all `.ms` files among `paths` and in their folders, in order; files are taken whatever they are called. Raises Failure."""
    found = []
    for path in paths:
        if os.path.isdir(path):
            for folder, folders, names in os.walk(path):
                folders[:] = sorted(name for name in folders if not name.startswith((".", "_")))
                found += [os.path.normpath(os.path.join(folder, name)) for name in sorted(names) if name.endswith(".ms")]
        elif path == "-" or os.path.exists(path):
            found.append(path)
        else:
            raise Failure(f"there is no file {path}")
    return found


# --- telling ---

def report(error, form="text"):
    """Print the diagnostics of a CompileError on standard error."""
    report_all(error.diagnostics, form)


def coloured(file):
    """Whether to write colours to a file: it is a terminal that has them, and nobody asked for none."""
    return file.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def report_all(diagnostics, form):
    """Print diagnostics on standard error."""
    color = coloured(sys.stderr)
    for diagnostic in diagnostics:
        print(diagnostic.json() if form == "json" else diagnostic.text(color), file=sys.stderr)


# --- programs that are made to be run ---

def quoted(text):
    """Text as it stands in a string of a program."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")


def run_myna(*arguments, **options):
    """Run the launcher, with the user's cache: a CompletedProcess, whose output is bytes."""
    import subprocess       # nothing that compiles a program needs it, and it takes milliseconds
    from myna.command import tools_environment
    from myna.vm import host
    return subprocess.run([host.LAUNCHER, *arguments], capture_output=True, env=tools_environment(), **options)
