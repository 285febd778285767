"""Emission of native code with LLVM: from the graphs of `vm/opt` and the meanings of `vm/semantics`."""
