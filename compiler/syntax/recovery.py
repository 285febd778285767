"""What happens at a syntax error."""


class Recovery:
    """First form: one error ends the parse."""

    def __init__(self, made, context, lexer):
        self.context = context

    def resume(self, states, symbols, types, values, at):
        """Report the error; None ends the parse."""
        pos, text = values[at]
        self.context.error("E0201", f"unexpected {types[at]}", pos, pos + max(1, len(str(text))))
        return None
