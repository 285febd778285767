"""Inputs from a terminal: coloured while they are typed, edited over several lines, kept for the next time.

In:  keys. Out: inputs. Holds: the prompt appears before the compiler is loaded, which goes on in a thread meanwhile; Enter ends an
input that is complete and begins a new line in one that is not.
"""
import os
import re
import threading

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import Completer, Completion
from prompt_toolkit.application import get_app
from prompt_toolkit.filters import Condition, completion_is_selected, has_completions, is_searching
from prompt_toolkit.history import FileHistory, InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings
from prompt_toolkit.lexers import Lexer
from prompt_toolkit.styles import Style

from myna.compiler.syntax.tokens import KEYWORDS
from myna.repl.plain import complete

PROMPT, MORE = "> ", ". "
INDENT = 4
MEMBER = re.compile(r"[\w)\]\"]\.\w*$")
CONSTANTS = frozenset(("true", "false", "None"))
WORDS = frozenset(KEYWORDS["ms"]) - CONSTANTS
TOKEN = re.compile(r'(?P<comment>//.*)|(?P<string>"(?:[^"\\]|\\.)*"?)|(?P<number>\b\d[\w.]*)|(?P<name>[A-Za-z_]\w*)|(?P<command>^:\w+)')
STYLE = Style.from_dict({"prompt": "ansigreen bold", "keyword": "ansiblue bold", "string": "ansigreen", "number": "ansicyan", "constant": "ansimagenta",
                         "comment": "ansibrightblack", "command": "ansiyellow", "class": "ansiyellow"})


class Colours(Lexer):
    """The colours of an input."""

    def lex_document(self, document):
        """Line number -> its (style, text) pairs."""
        return lambda number: [*pieces(document.lines[number])]


def pieces(line):
    """The (style, text) pairs of a line."""
    end = 0
    for found in TOKEN.finditer(line):
        if found.start() > end:
            yield "", line[end:found.start()]
        yield style_of(found), found[0]
        end = found.end()
    yield "", line[end:]


def style_of(found):
    """The style of a token."""
    kind, word = found.lastgroup, found[0]
    if kind == "name":
        kind = "keyword" if word in WORDS else "constant" if word in CONSTANTS else "class" if word[0].isupper() else None
    return f"class:{kind}" if kind else ""


class Names(Completer):
    """What may come next, with what it is; nothing while the compiler is being loaded."""

    def __init__(self, repl):
        self.repl = repl

    def get_completions(self, document, event):
        """The Completions at the cursor."""
        if self.repl.made is not None:
            from myna.repl.complete import candidates
            for found in candidates(self.repl.made, document.text_before_cursor):
                yield Completion(found.text, -found.length, display_meta=found.note)


def history_file():
    """Where inputs are kept."""
    home = os.environ.get("XDG_STATE_HOME") or os.path.join(os.path.expanduser("~"), ".local", "state")
    return os.path.join(home, "myna", "history")


def history():
    """The inputs of earlier sessions; where no file can be written, of this one."""
    path = history_file()
    try:
        os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)
        with open(path, "ab"):
            pass
        return FileHistory(path)
    except OSError:
        return InMemoryHistory()


@Condition
def blank_before():
    """Does nothing stand before the cursor on its line?"""
    return not get_app().current_buffer.document.current_line_before_cursor.strip()


@Condition
def behind_dot():
    """Is a member being typed?"""
    return MEMBER.search(get_app().current_buffer.document.current_line_before_cursor) is not None


def keys():
    """Enter runs what is complete, a closing bracket moves back what it ends; Tab indents at a line's beginning, Alt-Enter begins a new line in
    any case."""
    bindings = KeyBindings()

    @bindings.add("enter", filter=~completion_is_selected & ~is_searching)
    def enter(event):
        buffer = event.current_buffer
        text, document = buffer.text, buffer.document
        if document.on_last_line and (complete(text) or text.endswith("\n") and document.is_cursor_at_the_end):
            buffer.text = text.rstrip("\n")
            buffer.validate_and_handle()
        else:
            buffer.insert_text("\n" + indentation(buffer.document.current_line_before_cursor))

    @bindings.add("enter", filter=completion_is_selected & has_completions)
    def choose(event):
        event.current_buffer.complete_state = None

    @bindings.add("}")
    @bindings.add("]")
    @bindings.add(")")
    def close(event):
        buffer = event.current_buffer
        line = buffer.document.current_line_before_cursor
        if line and not line.strip():
            buffer.delete_before_cursor(min(INDENT, len(line)))
        buffer.insert_text(event.data)

    @bindings.add("tab", filter=blank_before & ~has_completions)
    def indent(event):
        event.current_buffer.insert_text(" " * INDENT)

    @bindings.add("escape", "enter")
    def line(event):
        event.current_buffer.insert_text("\n")

    return bindings


def indentation(line):
    """The blanks that the line below begins with."""
    blanks = line[:len(line) - len(line.lstrip())]
    return blanks + " " * INDENT * line.rstrip().endswith(("{", "(", "["))


class Loading:
    """Loads the compiler and makes the session in a thread, once the first prompt can be seen."""

    def __init__(self, repl):
        self.thread = threading.Thread(target=lambda: repl.session, daemon=True)
        self.begun = False

    def begin(self, app):
        if not self.begun:
            self.begun = True
            self.thread.start()

    def wait(self):
        """Until it is done."""
        if self.begun:
            self.thread.join()


def inputs(repl):
    """The inputs. Ctrl-C drops the one at hand, Ctrl-D ends all."""
    loading = Loading(repl)
    session = PromptSession([("class:prompt", PROMPT)], multiline=True, lexer=Colours(), style=STYLE, history=history(), key_bindings=keys(),
                            prompt_continuation=lambda width, number, wrapped: " " * width if wrapped else MORE.rjust(width),
                            completer=Names(repl), complete_while_typing=behind_dot, include_default_pygments_style=False)
    session.app.after_render += loading.begin
    while True:
        try:
            text = session.prompt()
            loading.wait()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        yield text
