"""The interactive session in a terminal."""
import time

import pytest
from screen import CTRL_C, CTRL_D, CTRL_R, ENTER, TAB, UP, Screen

PROMPT = r"> $"


@pytest.fixture
def screen(tmp_path):
    """A Screen that shows the first prompt; made by a call, closed at the end."""
    made = []

    def start(**options):
        made.append(Screen(tmp_path, **options))
        made[-1].wait(PROMPT)
        return made[-1]

    yield start
    for each in made:
        if not each.closed:
            each.close()


def test_inputs_values_and_the_end(screen):
    """cite: repl.terminal.1, repl.terminal.4"""
    s = screen()
    s.keys("let x = [1, \"a\"]" + ENTER)
    s.wait(PROMPT)
    s.keys("x" + ENTER)
    s.read(1)
    s.wait(r'\[1, "a"\] : List<dynamic>\n')
    s.wait(PROMPT)
    assert s.leave() == 0


def test_enter_knows_what_is_complete(screen):
    """cite: repl.input.3, repl.terminal.1"""
    s = screen()
    s.keys("fun f(x) {" + ENTER + "return x * 2" + ENTER + "}" + ENTER)
    s.wait(PROMPT)
    s.enter("f(21)", "42 : int\n")
    s.wait(PROMPT)
    s.keys("[1," + ENTER + ENTER)
    s.wait(r"error\[E0203\]")
    s.wait(PROMPT)
    s.keys("lost" + CTRL_C)
    s.wait(PROMPT)
    s.enter("f(1)", "2 : int\n")


def test_ctrl_c_ends_what_runs(screen):
    """cite: repl.state.2"""
    s = screen()
    s.enter("var n = 1", PROMPT)
    s.keys("while (true) { n += 1 }" + ENTER)
    time.sleep(2)       # until then it is compiled, and runs
    s.keys(CTRL_C)
    s.wait("interrupted")
    s.wait(PROMPT)
    s.enter("n > 1", "true : bool\n")


def test_history_is_kept(screen):
    """cite: repl.terminal.2"""
    s = screen()
    s.enter("1000 + 1", "1001 : int\n")
    s.wait(PROMPT)
    assert s.leave() == 0
    s = screen()
    s.keys(UP + ENTER)
    s.wait("1001 : int\n")
    s.wait(PROMPT)
    s.enter("5", "5 : int\n")
    s.wait(PROMPT)
    s.keys(CTRL_R + "00 +")
    s.wait("1000")
    s.keys(ENTER + ENTER)
    s.wait("1001 : int\n")


def test_completion(screen):
    """cite: repl.terminal.3"""
    s = screen()
    s.enter("class Point(x: int) { fun mirrored(): int => -this.x }", PROMPT)
    s.enter("let p = Point(3)", PROMPT)
    s.keys("p.mir")
    s.wait("mirrored")
    s.keys(TAB)
    s.wait("rored")
    s.keys("()" + ENTER)
    s.wait("-3 : int\n")
    s.wait(PROMPT)
    s.keys(":ver" + CTRL_C)
    s.wait(PROMPT)
    s.keys("\"a\".upp" + TAB)
    s.wait("with upper-case letters|upper")


@pytest.mark.parametrize("options", [{"columns": 20, "lines": 5}, {"term": "dumb"}, {"term": "vt100"}])
def test_other_terminals(screen, options):
    """cite: repl.terminal.4"""
    s = screen(**options)
    s.keys("let xs = [1, 2, 3, 4, 5, 6]" + ENTER)
    s.wait(PROMPT)
    s.keys("fun f(a) {" + ENTER + "a }" + ENTER)
    s.wait(PROMPT)
    s.keys("xs.length" + ENTER)
    s.wait("6 : int")
    s.wait(PROMPT)
    s.keys(CTRL_D)
