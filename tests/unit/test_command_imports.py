"""A program that imports others is compiled again when one of these changes."""
import subprocess

import runner


def run(path):
    return subprocess.run([*runner.command(), "run", str(path)], capture_output=True, text=True).stdout


def test_changed_import(tmp_path):
    main, module = tmp_path / "main.ms", tmp_path / "part.ms"
    main.write_text("import part\nprint(part.answer())\n")
    module.write_text("fun answer() => 1\n")
    assert run(main) == "1\n"
    module.write_text("fun answer() => 2\n")
    assert run(main) == "2\n"
