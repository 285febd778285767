"""The interactive `myna`: inputs are compiled and run one by one, in one process of the machine.

`session` runs inputs and knows nothing of terminals; `terminal` and `piped` read them; `show` makes texts of what comes out.
"""
