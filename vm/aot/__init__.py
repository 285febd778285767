"""A whole program ahead of time: from verified bytecode to an object file for a target, and to what a developer wants to see on the way."""
