"""`myna new`: a folder with the beginnings of a program.

In:  a name. Out: the folder. Holds: nothing that was there is changed; what is made passes `myna check --strict`, `myna test` and `myna fmt --check`.
"""
import os
import re

from myna.subcommand import OK, Failure, Usage

FILES = {
    "main.ms": '''// The program. Run it with `myna main.ms`.
import greeting

print(greeting.hello("world"))
''',
    "greeting.ms": '''/// What the program has to say.

/// A greeting: `hello("Ann")` is `"Hello, Ann!"`.
fun hello(name: string): string => "Hello, ${name}!"
''',
    "greeting_test.ms": '''import test
from greeting import hello

@test fun greets_by_name() {
    test.assert_equal(hello("Bob"), "Hello, Bob!")
}
''',
    "README.md": '''# {name}

    myna main.ms            # run it
    myna test               # run the tests, and the examples in comments
    myna check main.ms      # say what is wrong without running it
    myna fmt .              # lay it out
    myna build -o {name} main.ms     # make an executable
''',
    ".gitignore": '''/{name}
/doc/
*.myc
''',
}


def new(files, options):
    """Make a project in a new folder."""
    if len(files) != 1:
        raise Usage("new: it takes the name of one project")
    folder = files[0]
    name = os.path.basename(os.path.normpath(folder))
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", name):
        raise Usage(f"new: {name} is no name of a project: letters, digits, `_` and `-`, with a letter at the beginning")
    if os.path.exists(folder) and (not os.path.isdir(folder) or os.listdir(folder)):
        raise Failure(f"{folder} is there already")
    try:
        os.makedirs(folder, exist_ok=True)
        for file, text in FILES.items():
            with open(os.path.join(folder, file), "x", encoding="utf-8") as out:
                out.write(text.replace("{name}", name) if file in ("README.md", ".gitignore") else text)
    except OSError as error:
        raise Failure(f"cannot write {error.filename}: {error.strerror}") from None
    print(f"made {folder}: try\n  cd {folder}\n  myna main.ms\n  myna test")
    return OK
