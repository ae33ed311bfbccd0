"""What every command has in common: `--json`, a printed result, and errors in words.

A command is a plain or async function whose docstring is its help and which
returns a `Result`. Nothing of Python's own ever reaches the person: an error that
is not one of ours is told as "an error of this program", with exit code 1.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import json
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from rich.console import Console, RenderableType
from rich.text import Text

from tracepost.cli.remedies import what_to_do
from tracepost.cli.usage import SpokenCommand
from tracepost.cli.words import _, coded
from tracepost.protocol.errors import InternalError, TracepostError

_JSON_PARAMETER = inspect.Parameter(
    "as_json",
    inspect.Parameter.KEYWORD_ONLY,
    default=False,
    annotation=Annotated[bool, typer.Option("--json", help=_("Print the result as JSON for machines."))],
)
_INTERRUPTED = 130
_FILE_WIDTH = 200
_COVER = "\0"  # no word of a command line has one
_A_DASH_AND_A_VALUE = re.compile(r"-[^-].*|--[\w-]{41}", re.ASCII | re.DOTALL)
"""One dash; or two, of a digest in base64url."""


_FOR_A_MACHINE: ContextVar[bool] = ContextVar("for_a_machine", default=False)


def machine_reads() -> bool:
    """Return whether the result is printed as JSON, so that nothing else may stand on stdout."""
    return _FOR_A_MACHINE.get()


@dataclass(frozen=True, slots=True)
class Result:
    """What a command found: for a machine, for a person, and the code it ends with.

    Args:
        data: anything that JSON can say.
        view: what a person is shown; None shows nothing.
        exit_code: 0, or the code of what went wrong in part.
    """

    data: Any
    view: RenderableType | None = None
    exit_code: int = 0


class OptionGroup:
    """Options that several commands share: a dataclass of this kind, taken as one parameter."""


def verb(app: typer.Typer, name: str) -> Callable[[Callable[..., Any]], Callable[..., None]]:
    """Return a decorator that makes a function the command `name` of `app`."""

    def register(function: Callable[..., Any]) -> Callable[..., None]:
        command = _as_command(function)
        words = inspect.getdoc(function)
        app.command(name, cls=_Command, help=_(words) if words else None)(command)
        return command

    return register


class _Command(SpokenCommand):
    """A command that takes any digest as a value: one in 64 begins with a dash, and no option here has one dash."""

    def make_parser(self, ctx: Any) -> Any:
        parser = super().make_parser(ctx)
        parser.parse_args = functools.partial(_read, parser.parse_args)  # type: ignore[method-assign] # its one seam
        return parser


def _read(parse: Callable[..., Any], args: list[str]) -> tuple[dict[str, Any], list[str], list[Any]]:
    """Parse with what makes a value look like an option covered, and uncover it."""
    options, left, order = parse([_covered(one) for one in args])
    return {name: _uncovered(value) for name, value in options.items()}, _uncovered(left), order


def _covered(word: str) -> str:
    return _COVER + word if _A_DASH_AND_A_VALUE.fullmatch(word) else word


def _uncovered(value: Any) -> Any:
    if isinstance(value, str):
        return value.removeprefix(_COVER)
    return type(value)(map(_uncovered, value)) if isinstance(value, list | tuple) else value


def _as_command(function: Callable[..., Any]) -> Callable[..., None]:
    parameters = list(inspect.signature(function, eval_str=True).parameters.values())

    def command(*, as_json: bool, **options: Any) -> None:
        arguments = {parameter.name: _collect(parameter, options) for parameter in parameters}
        raise typer.Exit(_run(functools.partial(function, **arguments), as_json))

    command.__name__, command.__doc__ = function.__name__, function.__doc__
    shown = [*_flattened(parameters), _JSON_PARAMETER]
    command.__signature__ = inspect.Signature(shown)  # type: ignore[attr-defined] # typer reads it
    command.__annotations__ = {parameter.name: parameter.annotation for parameter in shown}
    return command


def _flattened(parameters: list[inspect.Parameter]) -> Iterator[inspect.Parameter]:
    for parameter in parameters:
        if _is_group(parameter):
            yield from _members(parameter.annotation)
        else:
            yield parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY)


@functools.cache
def _members(group: type[OptionGroup]) -> tuple[inspect.Parameter, ...]:
    members = inspect.signature(group, eval_str=True).parameters.values()
    return tuple(member.replace(kind=inspect.Parameter.KEYWORD_ONLY) for member in members)


def _collect(parameter: inspect.Parameter, options: dict[str, Any]) -> Any:
    if not _is_group(parameter):
        return options[parameter.name]
    names = inspect.signature(parameter.annotation).parameters
    return parameter.annotation(**{name: options[name] for name in names})


def _is_group(parameter: inspect.Parameter) -> bool:
    return isinstance(parameter.annotation, type) and issubclass(parameter.annotation, OptionGroup)


def _run(function: Callable[[], Any], as_json: bool) -> int:
    _FOR_A_MACHINE.set(as_json)
    try:
        result = function()
        if inspect.iscoroutine(result):
            result = asyncio.run(result)
        _show(result, as_json)
    except (KeyboardInterrupt, typer.Abort):
        return _INTERRUPTED
    except typer.BadParameter:  # told as any other slip on the command line
        raise
    except BrokenPipeError:  # the reader of our output has gone: `tracepost trace list | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as fault:  # noqa: BLE001 - the last resort: a person is never shown a traceback
        error = fault if isinstance(fault, TracepostError) else as_internal(fault)
        show_error(error, as_json)
        return error.exit_code
    return int(result.exit_code)


def as_internal(fault: Exception) -> InternalError:
    """Return an error that names the place, not the text: a foreign text may quote what it choked on."""
    traceback = fault.__traceback__
    while traceback is not None and traceback.tb_next is not None:
        traceback = traceback.tb_next
    line = f":{traceback.tb_lineno}" if traceback else ""
    name = traceback.tb_frame.f_globals.get("__name__", "") if traceback else ""
    return InternalError(where=f"{type(fault).__name__} in {name}{line}")


def _show(result: Result, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(result.data, ensure_ascii=False, indent=2) + "\n")
    elif result.view is not None:
        # A key or token that is cut in two at the eightieth column is worth nothing in a file.
        Console(highlight=False, width=_width()).print(result.view, soft_wrap=isinstance(result.view, Text))
    sys.stdout.flush()


def _width() -> int | None:
    """Return how wide a sheet is that goes to a file or a pipe; None: as wide as the terminal."""
    return None if sys.stdout.isatty() or "COLUMNS" in os.environ else _FILE_WIDTH


def show_error(fault: TracepostError, as_json: bool) -> None:
    """Tell `fault` on stderr: what it is, where, and what to do next."""
    if as_json:
        sys.stderr.write(json.dumps({"error": describe(fault)}, ensure_ascii=False, indent=2) + "\n")
        return
    Console(stderr=True, highlight=False).print(error_text(fault))


def describe(fault: TracepostError) -> dict[str, Any]:
    """Return `fault` for machines."""
    return {
        "code": fault.code,
        "reason": fault.reason,
        "words": fault.message,
        "where": fault.where,
        "remedy": what_to_do(fault),
        "exit_code": fault.exit_code,
    }


def error_text(fault: TracepostError) -> Text:
    """Return `fault` for a person."""
    title = coded("error", fault.code)
    text = Text.assemble((title, "bold red"))
    if fault.message.rstrip(".") != title.rstrip("."):
        text.append(f"\n  {fault.message}")
    for label, value in ((_("where"), fault.where), (_("what to do"), what_to_do(fault))):
        if value:
            text.append(f"\n  {label}: {value}")
    return text
