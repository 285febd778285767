"""Classic stack bytecode (`.mitbc`): read, checked, translated into register bytecode.

    text → reader → stack_code.StackFunction → check → emit → bytecode.Program       (mitbc drives it)
"""
