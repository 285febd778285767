"""Calls of C functions of random types: whatever a call gets wrong changes what the function gives.

A seed makes structs and functions, their C text and a program that calls each: `sum` adds up all numbers among its arguments, each
with another weight, `pick` gives one argument back.
"""
import random
import subprocess
import sys

import pytest
import runner

WHOLE = {"i8": ("int8_t", -2**7), "i16": ("int16_t", -2**15), "i32": ("int32_t", -2**31), "int": ("int64_t", -2**40), "u8": ("uint8_t", 0),
         "u16": ("uint16_t", 0), "u32": ("uint32_t", 0)}
SCALARS = {**{name: c for name, (c, _) in WHOLE.items()}, "bool": "_Bool", "f32": "float", "float": "double"}
STRUCTS, FUNCTIONS = 30, 80
TOO_MANY = "takes more arguments than a call can have"
LIBRARY = "libcalls.dylib" if sys.platform == "darwin" else "libcalls.so"


class Calls:
    """The texts that one seed makes. A type is the name of a scalar or the number of a struct."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.structs, self.c, self.program, self.expected = [], ["#include <stdint.h>"], [], []
        for number in range(STRUCTS):
            self.add_struct(number)
        for number in range(FUNCTIONS):
            self.add_function(number)

    def add_struct(self, number):
        """A struct; some have floats only, which calls treat apart."""
        choose, count = self.random.choice, self.random.randrange(1, 7)
        alike = [choose(["f32", "float"])] * count
        mixed = [choose([*SCALARS, "f32", "float", *range(number)]) for _ in range(count)]
        fields = alike if self.random.random() < 0.3 else mixed
        self.structs.append(fields)
        self.c.append(f"typedef struct {{ {' '.join(f'{self.c_type(t)} f{i};' for i, t in enumerate(fields))} }} S{number};")
        self.program.append(f"@c class S{number}({', '.join(f'f{i}: {self.type(t)}' for i, t in enumerate(fields))})")

    def add_function(self, number):
        """The two functions with some parameters, and calls of them."""
        choose, names = self.random.choice, [f"p{i}" for i in range(self.random.randrange(1, 9))]
        types = [choose([*SCALARS, *range(STRUCTS)]) for _ in names]
        values, picked = [self.value(t) for t in types], self.random.randrange(len(names))
        paths = [path for name, t in zip(names, types) for path in self.paths(name, t)]
        c_params = ", ".join(f"{self.c_type(t)} {name}" for name, t in zip(names, types))
        params = ", ".join(f"{name}: {self.type(t)}" for name, t in zip(names, types))
        arguments = ", ".join(self.literal(t, v) for t, v in zip(types, values))
        total = " + ".join(f"{weight} * (double){path}" for weight, path in enumerate(paths, 1))
        for name, result, c_result, body in (("sum", "float", "double", total),
                                             ("pick", self.type(types[picked]), self.c_type(types[picked]), names[picked])):
            self.c.append(f"{c_result} {name}{number}({c_params}) {{ return {body}; }}")
            self.program.append(f'extern "./{LIBRARY}" fun {name}{number}({params}): {result}')
            self.program.append(f"try {{ print({name}{number}({arguments})) }} catch (e) {{ print(e.message) }}")
        leaves = [leaf for t, v in zip(types, values) for leaf in self.leaves(t, v)]
        self.expected += [str(float(sum(weight * leaf for weight, leaf in enumerate(leaves, 1)))), self.printed(types[picked], values[picked])]

    def type(self, t):
        return t if isinstance(t, str) else f"S{t}"

    def c_type(self, t):
        return SCALARS[t] if isinstance(t, str) else f"S{t}"

    def value(self, t):
        """A random value, a list of those of its fields for a struct; sums of floats are exact."""
        if not isinstance(t, str):
            return [self.value(field) for field in self.structs[t]]
        if t == "bool":
            return self.random.random() < 0.5
        return self.random.randint(WHOLE[t][1], 100) if t in WHOLE else float(self.random.randrange(-1000, 1000))

    def paths(self, name, t):
        """The C expressions of all numbers in a value."""
        return [name] if isinstance(t, str) else [path for i, field in enumerate(self.structs[t]) for path in self.paths(f"{name}.f{i}", field)]

    def leaves(self, t, value):
        """The numbers themselves."""
        return [value] if isinstance(t, str) else [leaf for field, v in zip(self.structs[t], value) for leaf in self.leaves(field, v)]

    def literal(self, t, value):
        """A value in the program's text."""
        if not isinstance(t, str):
            return f"S{t}({', '.join(map(self.literal, self.structs[t], value))})"
        return f"({self.printed(t, value)})"

    def printed(self, t, value):
        """A value as the program prints it."""
        if isinstance(t, str):
            return str(value).lower() if t == "bool" else repr(value)
        return f"S{t}({', '.join(f'f{i}: {self.printed(*part)}' for i, part in enumerate(zip(self.structs[t], value)))})"


@pytest.mark.parametrize("seed", range(3))
def test_calls_of_random_types(seed, tmp_path):
    calls = Calls(seed)
    (tmp_path / "calls.c").write_text("\n".join(calls.c) + "\n")
    (tmp_path / "calls.ms").write_text("\n".join(calls.program) + "\n")
    command = [sys.executable, "-m", "ziglang", "cc", "-shared", "-nostdlib", "-fPIC", "-O1", "-fno-sanitize=undefined"]
    subprocess.run([*command, "calls.c", "-o", LIBRARY], cwd=tmp_path, check=True, timeout=runner.HANG)
    done = runner.run(tmp_path / "calls.ms", "interp")
    assert not done.status and len(done.stdout.splitlines()) == len(calls.expected)
    wrong = [(line, expected) for line, expected in zip(done.stdout.splitlines(), calls.expected) if line != expected and TOO_MANY not in line]
    assert not wrong
