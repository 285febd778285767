"""LLVM: from a program to a module that is ready to be emitted.

In:  a Program, a triple and a CPU. Out: `compile_module`, the optimised module and the machine that emits it; `target_machine`.
"""
from llvmlite import binding as llvm

from . import meanings
from .debug import Debug
from .module import Module


def target_machine(triple, cpu, optimize):
    """LLVM's machine for a target."""
    llvm.initialize_all_targets()
    llvm.initialize_all_asmprinters()
    target = llvm.Target.from_triple(triple)
    features = "-fast-shld-rotate" if triple.startswith("x86_64") else ""
    return target.create_target_machine(cpu=cpu, features=features, opt=optimize, reloc="pic" if "windows" in triple else "static", codemodel="small")


def compile_module(program, triple, cpu, optimize=2, debug=None):
    """(LLVM's module, optimised; the machine). `debug`: the folder from which its files are seen, if there is to be debug information."""
    machine = target_machine(triple, cpu, optimize)
    module = llvm.parse_assembly(Module(program, inline=optimize > 0, debug=debug and Debug(program, debug)).text(triple))
    module.link_in(llvm.parse_bitcode(meanings.bitcode()))
    for function in module.functions:
        if function.name.startswith(("fast.", "cold.")):
            function.linkage = "internal"
    module.verify()
    if not optimize:
        passes = llvm.create_new_module_pass_manager()
        passes.add_global_dead_code_eliminate_pass()
        passes.run(module, llvm.create_pass_builder(machine, llvm.create_pipeline_tuning_options(speed_level=0)))
        return module, machine
    tuning = llvm.create_pipeline_tuning_options(speed_level=optimize)
    tuning.inlining_threshold = 600
    passes = llvm.create_pass_builder(machine, tuning)
    passes.getModulePassManager().run(module, passes)
    return module, machine
