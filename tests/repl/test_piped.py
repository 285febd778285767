"""`myna repl` with inputs from a pipe."""
import os
import re
import subprocess

import pytest
import runner

pytestmark = pytest.mark.quick


def repl(text, *arguments, **environment):
    """What a session does with a text: a runner.Run."""
    done = subprocess.run([*runner.command(), "repl", *arguments], input=text.encode(), capture_output=True, timeout=runner.HANG,
                          env={**os.environ, **environment})
    return runner.Run(done.returncode, done.stdout.decode(), done.stderr.decode())


def lines(text):
    """The lines that a session prints which has nothing to complain about."""
    done = repl(text)
    assert (done.status, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_values_are_printed_with_their_types():
    """cite: repl.value.1, repl.value.2, repl.input.4"""
    assert lines('1 + 2\n_ * 2\n"a\\n"\n[1.5, "x"]\nprint(7)\n{a: 1}\n{"k": 2}\nfun f(x): dynamic => x\nf("s")\nf(None)\n_') == [
        "3 : int", "6 : int", '"a\\n" : string', '[1.5, "x"] : List<dynamic>', "7", "{a: 1} : record", '{"k": 2} : Map<string, int>',
        '"s" : string', '"s" : string']


def test_blocks_are_no_records():
    """cite: repl.input.4"""
    assert lines("{ let x = 5; print(x) }\n{}") == ["5", "{} : record"]


def test_wide_values_take_several_lines():
    """cite: repl.value.3"""
    printed = lines("0..200 |> to_list |> map(fun(x) => [x, \"some text\"]) |> to_list")
    assert printed[:2] == ["[", '  [0, "some text"],'] and "…" in printed[-1] and len(printed) < 60
    assert all(len(line) <= 80 for line in printed)


def test_state_stays():
    """cite: repl.state.1"""
    assert lines("import json as j\nfrom math import sqrt\nlet _x = 4.0\nclass P(_y: int) { }\nenum E { A, B(n: int) }\n"
                 "type L = List<int>\nvar n = 1\nfun add(m) { n += m }\nadd(2)\nn\nsqrt(_x)\nP(3)._y\nB(1)\nlet l: L = [1]\nl\n"
                 "match (B(5)) { A => 0, B(n) => n }\nj.parse(\"[true]\")\nP(1) is P\nx = 1\nx += 1\nx") == [
        "3 : int", "2.0 : float", "3 : int", "B(1) : E", "[1] : List<int>", "5 : int", "[true] : List<dynamic>", "true : bool", "2 : int"]


def test_an_input_that_does_not_compile_changes_nothing():
    """cite: repl.input.2, repl.input.5"""
    done = repl("let x = 1\nlet x = 2; let y: int = \"s\"\nx\ny")
    assert done.status == 1 and done.stdout == "1 : int\n"
    assert done.stderr.startswith("input 2:2:25: error[E0601]: ") and "input 4:4:1: error[E0301]" in done.stderr


def test_an_error_ends_the_input_only():
    """cite: repl.state.2"""
    done = repl("let x = 1\nfun f() => 1 / 0\nvar n = 0\n{ n = 1; f(); n = 2 }\nlet x = f()\nx\nn")
    assert (done.status, done.stdout) == (1, "1 : int\n1 : int\n")
    assert done.stderr == ("DivisionByZeroError: division by zero\n  at f (input 2:2:14)\n  at top level (input 4:4:11)\n"
                           "DivisionByZeroError: division by zero\n  at f (input 2:2:14)\n  at top level (input 5:5:10)\n")


def test_deep_recursion_and_full_memory_are_errors_like_others():
    """cite: repl.state.2"""
    done = repl("fun deep(n) => 1 + deep(n + 1)\ndeep(0)\nlet xs = [1]\nxs.length")
    assert done.stdout == "1 : int\n" and done.stderr.startswith("StackOverflowError: ")


def test_functions_of_the_same_type_take_the_place_of_earlier_ones():
    """cite: repl.state.3"""
    assert lines("fun f(x: int): int => x\nfun g(x: int) => f(x) + 1\ng(1)\nlet h = f\nfun f(x: int): int { let y = x * 10; return y }\ng(1)\n"
                 "h(2)\nfun f(x: int): int => -x\ng(1)\nh(2)") == ["2 : int", "11 : int", "20 : int", "0 : int", "-2 : int"]


def test_what_uses_earlier_things_is_told():
    """cite: repl.state.3"""
    assert lines("let x = 1\nfun f() => x\nclass C { fun m() => x + f() }\nlet x = \"s\"\nf()\nfun f() => \"t\"\nC().m()\nx") == [
        "note: `C` and `f` still use the earlier `x`", "1 : int", "note: `C` still uses the earlier `f`", "2 : int", '"s" : string']


def test_variables_become_dynamic():
    """cite: repl.state.4"""
    assert lines('x = 1\nx = "a"\nx + 1\nvar y = [1]\ny = None\ny = 2.5\ny') == ['"a1" : string', "2.5 : float"]
    done = repl('x = 1\nfun f(): int => x\nx = "a"\nlet y = 1\ny = 2\nvar z: int = 1\nz = "b"\nf()')
    assert done.stdout == "1 : int\n" and done.stderr.count("error[E0601]") == 2 and "error[E0303]" in done.stderr
    assert "help: `f` relies on the type of `x`; `var x = …` declares another variable" in done.stderr


def test_inputs_go_on_over_lines():
    """cite: repl.input.1, repl.input.3"""
    assert lines("fun f(x) {\n  if (x) { return 1 }\n  else { return 2 }\n}\n[f(true),\n f(false)]\nif (f(true) == 2) { print(1) }\nelse { print(2) }") == [
        "[1, 2] : List<int>", "2"]


def test_a_text_with_syntax_errors_is_taken_line_by_line():
    """cite: repl.input.5"""
    done = repl("let x = [1,\n2]\nx.length\nlet = 3\nx[0]\n")
    assert (done.status, done.stdout) == (1, "2 : int\n1 : int\n") and "input 3:4:1: error[" in done.stderr


def test_files_are_loaded_first(tmp_path):
    """cite: repl.input.1"""
    program = tmp_path / "program.ms"
    program.write_text("print(later())\nfun later() => 3\nlater() + 1\n")
    done = repl("later()", str(program))
    assert (done.status, done.stdout, done.stderr) == (0, "3\n3 : int\n", "")


@pytest.mark.parametrize("text", ["\0", "\x1b[31m", '"', "/*", "let", "(" * 5000, "\udcff".encode("utf-8", "surrogatepass").decode("latin-1"),
                                  "import nothing", ":what", ":", "@", "return 1", "break", "throw 1", "x = " + "[" * 3000 + "]" * 3000, "_", "_ = 1"])
def test_nothing_shows_a_traceback(text):
    done = repl(text + "\n1 + 1\n")
    assert "Traceback" not in done.stderr and "internal error" not in done.stderr and done.status in (0, 1)


def test_commands_tell(tmp_path):
    """cite: repl.command.1"""
    printed = lines("/// Twice x.\nfun twice(x: int): int => x * 2\n:type twice(3)\n:doc twice\n:doc List.push\n:doc math.lcm\n:dis twice\n:time 1 + 1\n:ty twice(1)\n"
                    "let xs = [1]\n:doc xs.find_index\n:doc string\n:doc filter\n:doc E0301\n:doc math\n:doc xs\n:dis")
    assert printed[:8] == ["int", "fun twice(x: int): int", "twice: fun(int): int", "Twice x.", "xs.push(v)", "append v", "fun lcm(a: int, b: int): int",
                           "The least common multiple of two ints, not negative: `math.lcm(4, 6)` is `12`."]
    text = "\n".join(printed)
    assert "muli r1, r0, 2" in text and "2 : int" in text and "to compile it" in text and "xs.find_index" in text and "# E0301" in text and "xs: List<int>" in text


def test_commands_change_the_session(tmp_path):
    """cite: repl.command.2"""
    program, saved = tmp_path / "program.ms", tmp_path / "saved.ms"
    program.write_text("fun loaded() => 1\n")
    text = f"let x = 2\n:load {program}\nloaded()\n:save {saved}\n:reset\nlet y = 3\n:reload\nloaded() + 1\n:quit\nprint(9)"
    assert lines(text) == ["1 : int", "2 : int"]
    assert saved.read_text() == "let x = 2\nloaded()\n"


def test_commands_that_are_wrong():
    """cite: repl.command.3"""
    done = repl(":help\n:tpye 1\n:type\n:load nothing.ms\n:reload\n:doc zork\n:dis zork\n:type let\n1")
    assert done.status == 1 and done.stdout.endswith("1 : int\n") and ":reset" in done.stdout
    for said in ("there is no command :tpye; did you mean :type?", ":type INPUT", "cannot read nothing.ms", "no file was loaded", "nothing is known of zork",
                 "no function is called zork", "error[E0205]"):
        assert said in done.stderr


def test_the_session_of_the_readme():
    """cite: repl.input.1"""
    readme = (runner.HERE.parent / "README.md").read_text("utf-8")
    recorded = re.search(r"input by input:\n\n```\n(.*?)```", readme, re.S)[1].splitlines()
    typed = [line[2:] for line in recorded if line[:2] in ("> ", ". ")]
    printed = [line for line in recorded if line[:2] not in ("> ", ". ")]
    done = repl("\n".join(typed))
    assert [*done.stdout.splitlines(), *re.sub(r":\d+:11:", ":1:11:", done.stderr).splitlines()] == printed
