"""Every text that typer shows to people is known to us: a newer typer slips no English into other languages."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from tracepost.cli.app import app
from tracepost.cli.usage import OPTIONS, SLIPS, TITLES, SpokenCommand, SpokenGroup

LIBRARY = Path(typer.__file__).parent
MODULES = (
    "_click/exceptions.py",
    "_click/parser.py",
    "_click/core.py",
    "_click/decorators.py",
    "_click/formatting.py",
    "core.py",
    "rich_utils.py",
    "_param_types.py",
    "_coercion.py",
    "_adapters.py",
    "completion.py",
)
"""Those that make help and errors; what prompts say is asked for by name in our code or stays typer's."""

_WORDS = re.compile(r"[A-Za-z]{2}.* |^\S* .*[a-z]{2}")
_NO_WORDS = re.compile(r"^(bold|dim) \w+$|\||^Callable\[")
"""Styles and types."""

COMPOSED = {
    "{} is not one of {}.",  # said behind "Value error, "
    "{} {} is not readable.",
    "Missing {}{}.",
    "Missing {}{}. {}",
    "Choose from:\n\t{}",
    "(Possible options: {})",
    "{}. Did you mean {}?",
    "Option {} requires {}",
    "an argument.",
    "[required]",
    "required",
    "Usage: ",
    "default: {}",
    "(?P<usage>Usage: )",
}
"""Pieces of what `SLIPS` and `TITLES` have whole."""

NOT_MET = {
    # what is said without rich, which we have
    "Error: {}",
    "Try '{} {}' for help.\n",
    "Aborted!",
    # what a verb never lets out: it ends with 130 and says nothing
    "Aborted.",
    # kinds of parameters that we have none of
    "(dynamic)",
    "(deprecated) ",
    "(DEPRECATED: {})",
    "DeprecationWarning: The command {} is deprecated.{}",
    "[env var: {}]",
    "env var: {}",
    " (env var: '{}')",
    "Could not open file {}: {}",
    "unknown error",
    "{} {} is a file.",
    "{} {} is a directory.",
    "{} {} is not writable.",
    "{} {} does not exist.",
    "{} does not match the formats {}.",
    "Argument {} takes {} values.",
    "{} arguments.",
    "{} values are required, but {} given.",
    "{} range",
    # what typer tells its programmer
    "Missing parameter: {}",
    "Value {} is not a valid {}.",
    "Value must be an iterable.",
    "None is not a valid string",
    "value is not a valid tuple",
    "Invalid start character for option ({})",
    "Cannot have two nargs < 0",
    "unknown action '{}'",
    "Command has no name.",
    "Name '{}' defined twice",
    "Boolean option {} cannot use the same flag for true/false.",
    (
        "In Typer, only the parameter 'autocompletion' is supported. The support for 'shell_complete' is deprecated "
        "and will be removed in upcoming versions. "
    ),
    "Expected one list item type, got: {}",
    "Typer currently doesn't support Union types",
    "List types with complex sub-types are not currently supported",
    "Tuple types with complex sub-types are not currently supported",
    "Expected two columns for definition list",
    "At least one help option should be provided",
    # names of places on the command line, the same in every language
    "COMMAND [ARGS]...",
    # what the making of completion for a shell says
    "{} completion installed in {}",
    "Completion will take effect once you restart the terminal",
    'Completion instruction "{}" not supported.',
    "Invalid completion instruction.",
    "Install completion for the specified shell.",
    "Show completion for the specified shell, to copy it or customize the installation.",
    "Shell {} not supported.",
}


def test_each_text_of_the_library_is_translated_or_never_met() -> None:
    ours = {re.sub(r"\{\w+\}", "{}", text) for text in (*TITLES.values(), *OPTIONS, *SLIPS)}
    theirs = {text for module in MODULES for text in _texts(LIBRARY / module)}
    assert theirs - ours - COMPOSED - NOT_MET == set()
    assert theirs >= COMPOSED | NOT_MET, "no longer a text of the library"


def _texts(module: Path) -> Iterator[str]:
    """Yield the strings of a module that have words in them, `{}` for each hole; no comments, styles or types."""
    tree = ast.parse(module.read_text("utf-8"))
    inner = {id(part) for node in ast.walk(tree) for part in _not_alone(node)}
    marked = {id(word) for node in ast.walk(tree) if _is_marked(node) for word in ast.walk(node)}
    for node in ast.walk(tree):
        text = "" if id(node) in inner else _with_holes(node)
        if id(node) in marked or _WORDS.search(text):
            yield from [text] if text and not _NO_WORDS.search(text) else []


def _not_alone(node: ast.AST) -> list[ast.AST]:
    """Return the parts of a string with holes, or the docstring that an expression is."""
    if isinstance(node, ast.JoinedStr):
        return list(node.values)
    return [node.value] if isinstance(node, ast.Expr) else []


def _is_marked(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "_"


def _with_holes(node: ast.AST) -> str:
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    said = [part.value if isinstance(part, ast.Constant) else "{}" for part in parts]
    whole = "".join(one for one in said if isinstance(one, str)) if _is_string(node) else ""
    return re.sub(r"\{\w+(![rs])?\}", "{}", whole)


def _is_string(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _commands(group: Any) -> Iterator[Any]:
    yield group
    for command in getattr(group, "commands", {}).values():
        yield from _commands(command)


def test_every_command_and_every_group_speaks() -> None:
    silent = [
        one.name
        for one in _commands(typer.main.get_command(app))
        if not isinstance(one, SpokenCommand | SpokenGroup)
    ]
    assert silent == []


def test_each_kind_of_parameter_is_one_whose_slips_we_know() -> None:
    """Another kind, as a date or a file that must exist, says texts of its own."""
    found = set()
    for command in _commands(typer.main.get_command(app)):
        for parameter in command.params:
            kind = parameter.type_descriptor
            found.add(str(kind.annotation) if not kind.is_choice else "choice")
            assert not parameter.envvar
            assert parameter.nargs in (1, -1)
            assert not kind.parameter_info.exists
    assert found == {"choice", *map(str, (bool, int, str, Path, list[int], list[str], list[Path], list[Any]))}
