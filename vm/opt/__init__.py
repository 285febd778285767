"""The optimiser: bytecode as a graph in SSA form, and the passes that make it smaller and better known."""
