"""`myna doc`: documentation of programs and libraries, made of their declarations and doc comments.

In:  files and folders, or the standard library. Out: a folder with a site or with Markdown.
Holds: the site needs no network and no server; equal input gives equal files.
"""
import os

from myna.docs import html, markdown, model
from myna.subcommand import BAD_PROGRAM, OK, Failure, Usage, programs, report, suggestion

FORMS = {"html": html.pages, "markdown": markdown.pages}


def doc(files, options):
    """Write the documentation of files and folders, of this folder when none are named."""
    from myna.compiler.diagnostics import CompileError
    form = options.get("--format", "html")
    if form not in FORMS:
        raise Usage(f"--format {form}: formats are {', '.join(FORMS)}{suggestion(form, FORMS)}")
    if "--library" in options and files:
        raise Usage("--library is the standard library, without other files")
    try:
        modules = model.library() if "--library" in options else model.modules(programs(files or ["."]))
    except CompileError as error:
        report(error)
        return BAD_PROGRAM
    if not modules:
        raise Failure("there are no Myna programs (.ms) to document")
    title = options.get("--title") or ("The standard library" if "--library" in options else os.path.basename(os.path.abspath(".")))
    out = options.get("-o", "doc")
    try:
        for name, text in FORMS[form](modules, title).items():
            path = os.path.join(out, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)
    except OSError as error:
        raise Failure(f"cannot write {error.filename}: {error.strerror}") from None
    print(os.path.join(out, "index.html" if form == "html" else "README.md"))
    return OK
