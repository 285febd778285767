"""Random classic programs that mostly run to their end: variables keep their kinds, but for a wild choice now and then.

In:  a random.Random. Out: `program(r)`, a text. Holds: `a b c` are integers, `r q` records with integers `i j k` and functions
`m n`, `f g` functions of one integer; loops end, calls may not.
"""
INTS, RECORDS, FUNCTIONS = ["a", "b", "c"], ["r", "q"], ["f", "g"]
NAMES = INTS + RECORDS + FUNCTIONS
NUMBERS = ["0", "1", "2", "3", "5", "7", "127", "128", "-1", "-100", "300", "40000", "2147483647"]
WILD = 0.008        # how often an expression is of any kind: a program has some hundred


class Programs:
    """Makes the parts of one program; `depth` counts the functions around what is made."""

    def __init__(self, r):
        self.r, self.depth = r, 0

    def chance(self, probability):
        """True so often."""
        return self.r.random() < probability

    def any(self):
        """A value of any kind."""
        return self.r.choice([self.r.choice(NAMES), '"s"', "None", "true", "1"])

    def integer(self, size):
        """An expression that is mostly an integer."""
        r, kind = self.r, self.r.random()
        if self.chance(WILD):
            return self.any()
        if size <= 0 or kind < 0.3:
            return r.choice(INTS if self.chance(0.6) else NUMBERS)
        if kind < 0.45:
            return f"({self.integer(size - 1)} {r.choice('+-*')} {self.integer(size - 1)})"
        if kind < 0.6:
            return f"{self.product()} {r.choice('+-')} {self.product()}"
        if kind < 0.72:
            return self.call(size)
        return f"{r.choice(RECORDS)}.{r.choice('ijk')}" if kind < 0.9 else f"-({self.integer(size - 1)})"

    def product(self):
        """A factor or two."""
        return f"{self.integer(0)} {self.r.choice('*/')} {self.r.choice('23c')}" if self.chance(0.3) else self.integer(0)

    def call(self, size):
        """A call of a variable or a field."""
        callee = self.r.choice(FUNCTIONS) if self.chance(0.7) else f"{self.r.choice(RECORDS)}.{self.r.choice('mn')}"
        return f"{callee}({self.integer(size - 1)})"

    def condition(self, size):
        """An expression that is mostly a boolean."""
        r, kind = self.r, self.r.random()
        if self.chance(WILD):
            return self.any()
        comparison = f"{self.integer(size - 1)} {r.choice(['<', '>', '<=', '>=', '==', '=='])} {self.integer(size - 1)}"
        if kind < 0.5:
            return comparison
        if kind < 0.65:
            return f"({self.condition(size - 1)}) {r.choice('&|')} {comparison}"
        if kind < 0.75:
            return f"!({self.condition(size - 1)})"
        if kind < 0.85:
            return f"{r.choice(FUNCTIONS)} == {r.choice(FUNCTIONS)}"
        return f"{r.choice(RECORDS)}.{r.choice('mn')} == {r.choice(RECORDS)}.{r.choice('mn')}" if kind < 0.95 else r.choice(["true", "false"])

    def function(self, size):
        """A function of one integer; short ones are often equal to others."""
        self.depth += 1
        parameter = self.r.choice(INTS)
        if self.chance(0.3):
            body = f"return {self.r.choice(['a + 1', 'a', 'b', self.integer(2)])};\n"
        else:
            body = "".join(f"{name} = {self.value(name, 0)};\n" for name in NAMES if self.chance(0.25) and name != parameter)
            body += self.block(size - 1, 4)
            if self.chance(0.9):
                body += f"return {self.integer(2)};\n"
        self.depth -= 1
        return f"fun({parameter}) {{\n{body}}}"

    def record(self, size):
        """A record of the usual fields."""
        nested = self.depth < 3 and size > 0
        fields = [f"{name}: {self.integer(size - 1)};" for name in "ijk"]
        fields += [f"{name}: {self.function(size - 1) if nested else self.r.choice(FUNCTIONS)};" for name in "mn"]
        return "{" + "".join(fields) + "}"

    def value(self, name, size):
        """A value for this variable."""
        if name in INTS:
            return self.integer(size)
        if name in RECORDS:
            return self.record(size) if self.chance(0.6) else self.r.choice(RECORDS)
        return self.function(size) if self.depth < 4 and size > 0 or self.chance(0.1) else self.r.choice(FUNCTIONS)

    def block(self, size, most=3):
        """A few statements."""
        return "".join(self.statement(size) for _ in range(self.r.randint(1, most)))

    def statement(self, size):
        """One statement."""
        r, kind = self.r, self.r.random()
        if kind < 0.40 or size <= 0:
            name = r.choice(INTS + NAMES)
            return f"{name} = {self.value(name, size)};\n"
        if kind < 0.47:
            return f"{r.choice(RECORDS)}.{r.choice('ijk')} = {self.integer(2)};\n"
        if kind < 0.62:
            return f"print({self.integer(2) if self.chance(0.7) else self.condition(2)});\n"
        if kind < 0.68:
            return f"{self.call(size)};\n"
        if kind < 0.82:
            otherwise = f" else {{\n{self.block(size - 1)}}}" if self.chance(0.5) else ""
            return f"if ({self.condition(2)}) {{\n{self.block(size - 1)}}}{otherwise}\n"
        if kind < 0.9:
            name = r.choice(INTS)
            return f"{name} = 0;\nwhile ({name} < {r.choice('235')}) {{\n{self.block(size - 1)}{name} = {name} + 1;\n}}\n"
        if kind < 0.94 and self.depth:
            return f"global {r.choice(NAMES)};\n"
        if kind < 0.96 and self.depth:
            return f"return {self.integer(1)};\n"
        return f'print({r.choice(INTS)} + " {r.choice(INTS)} " + ({r.choice(RECORDS)}.i));\n'


def program(r):
    """The text of a random program."""
    text = "f = fun(a) { return a; };\ng = fun(b) { return b + 1; };\n"
    text += "".join(f"{name} = {r.randint(0, 9)};\n" for name in INTS)
    text += "".join(f"{name} = {{i: 1; j: 2; k: 3; m: f; n: fun(a) {{ return a + 1; }};}};\n" for name in RECORDS)
    parts = Programs(r)
    return text + "".join(parts.statement(4) for _ in range(r.randint(3, 12)))
