"""`myna completion`: scripts that teach a shell what can follow `myna`.

In:  the name of a shell. Out: its script, made of the table of subcommands and of what `myna run --help` says.
"""
import re

from myna.subcommand import OK, Usage, run_myna, suggestion

HINTS = {"bash": 'eval "$(myna completion bash)"    # in ~/.bashrc', "zsh": 'eval "$(myna completion zsh)"    # in ~/.zshrc',
         "fish": "myna completion fish > ~/.config/fish/completions/myna.fish"}


def completion(files, options):
    """Print the script for a shell."""
    if len(files) != 1 or files[0] not in SCRIPTS:
        near = suggestion(files[0], SCRIPTS) if files else ""
        raise Usage(f"completion: for which shell? {', '.join(SCRIPTS)}{near}")
    print(f"# Completion of `myna` for {files[0]}: {HINTS[files[0]]}\n" + SCRIPTS[files[0]](_commands()), end="")
    return OK


def _commands():
    """Name of a subcommand -> (doc, {option: doc})."""
    from myna.tools import COMMANDS
    found = {name: (command.doc, {option: doc for option, (_, doc) in command.options.items()}) for name, command in COMMANDS.items()}
    said = run_myna("run", "--help").stdout.decode("utf-8", "replace")
    found["run"] = found["run"][0], dict(re.findall(r"^  (--?[\w-]+)(?: [A-Z]+)? +(\S.*)$", said, re.M))
    return found


def _bash(commands):
    cases = "".join(f"        {name}) options='{' '.join(options)}' ;;\n" for name, (_, options) in commands.items())
    return f"""_myna() {{
    local word=${{COMP_WORDS[COMP_CWORD]}} options=
    case ${{COMP_WORDS[1]}} in
{cases}    esac
    if [[ $COMP_CWORD -eq 1 ]]; then
        COMPREPLY=($(compgen -W '{' '.join(commands)}' -- "$word") $(compgen -f -X '!*.@(ms|mit|mitbc)' -- "$word"))
    elif [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$word"))
    elif [[ ${{COMP_WORDS[1]}} == help ]]; then
        COMPREPLY=($(compgen -W '{' '.join(commands)}' -- "$word"))
    else
        COMPREPLY=($(compgen -f -- "$word"))
    fi
}}
complete -o filenames -F _myna myna
"""


def _zsh(commands):
    described = "\n".join(f"        {_single(name + ':' + doc)}" for name, (doc, _) in commands.items())
    cases = "".join("        {}) options=({}) ;;\n".format(name, " ".join(_single(f"{option}:{doc}") for option, doc in options.items()))
                    for name, (_, options) in commands.items())
    return f"""_myna() {{
    local -a commands options
    commands=(
{described}
    )
    case $words[2] in
{cases}    esac
    if (( CURRENT == 2 )); then
        _describe command commands
        _files -g '*.(ms|mit|mitbc)'
    elif [[ $PREFIX == -* ]]; then
        _describe option options
    else
        _files
    fi
}}
compdef _myna myna
"""


def _fish(commands):
    lines = [f"complete -c myna -n __fish_use_subcommand -a {name} -d {_single(doc)}" for name, (doc, _) in commands.items()]
    for name, (_, options) in commands.items():
        for option, doc in options.items():
            form = f"-l {option[2:]}" if option.startswith("--") else f"-s {option[1:]}" if len(option) == 2 else f"-o {option[1:]}"
            lines.append(f"complete -c myna -n '__fish_seen_subcommand_from {name}' {form} -d {_single(doc)}")
    return "\n".join(lines) + "\n"


def _single(text):
    """Text in single quotes, as all three shells read it; quotes inside become other ones."""
    return "'" + text.replace("'", "’").replace("\\", "/") + "'"


SCRIPTS = {"bash": _bash, "zsh": _zsh, "fish": _fish}
