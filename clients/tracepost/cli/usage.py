"""What typer says by itself in help and about a slip on the command line, in the language of the user.

Typer makes most of these texts as it goes (f-strings), so no catalogue can reach them where they are made. Titles are
set and options explained anew before a help is shown; the message of an error is found among `SLIPS` and said again. A
test compares these lists with what the installed typer says. What is not found is shown as typer said it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import Any, Final

from rich.text import Text
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import TyperException

from tracepost.cli import words
from tracepost.cli.words import _
from tracepost.locale import FALLBACK
from tracepost.locale.words import later

TITLES: Final = {
    "ARGUMENTS_PANEL_TITLE": later("Arguments"),
    "OPTIONS_PANEL_TITLE": later("Options"),
    "COMMANDS_PANEL_TITLE": later("Commands"),
    "ERRORS_PANEL_TITLE": later("Error"),
    "DEFAULT_STRING": later("[default: {}]"),
    "RICH_HELP": later("Try [blue]'{command_path} {help_option}'[/] for help."),
}
"""Constants of `typer.rich_utils`, which it reads when it shows something."""

OPTIONS: Final = frozenset(
    {
        later("Show this message and exit."),
        later("Install completion for the current shell."),
        later("Show completion for the current shell, to copy it or customize the installation."),
    }
)

SLIPS: Final = (
    later("Invalid value: {slip}"),
    later("Invalid value for {name}: {slip}"),
    later("Missing argument {name}. Choose from:{choices}"),
    later("Missing argument {name}."),
    later("Missing option {name}. Choose from:{choices}"),
    later("Missing option {name}."),
    later("Missing command."),
    later("No such command {name}. Did you mean {names}?"),
    later("No such command {name}."),
    later("No such option: {name} (Possible options: {names})"),
    later("No such option: {name}"),
    later("Option {name} does not take a value."),
    later("Option {name} requires an argument."),
    later("Got unexpected extra argument(s) ({names})"),
    later("path {path} is not readable."),
    later("Value error, {value} is not one of {choices}."),
    later("Input should be a valid integer, unable to parse string as an integer"),
    later("Unable to parse input string as an integer, exceeded maximum size"),
    later("Input should be greater than or equal to {least}"),
    later("Input should be less than or equal to {most}"),
)
"""The longer before the shorter that it begins with; `{slip}` is a text of this list again, or one of ours."""


class _Spoken:
    """Usage and help of a command or a group of them."""

    def get_params(self, ctx: Any) -> Any:
        params = super().get_params(ctx)  # type: ignore[misc] # both heirs have it
        for option in params:
            if option.help in OPTIONS:
                option.help = _(option.help)
        return params

    def format_usage(self, ctx: Any, formatter: Any) -> None:
        pieces = self.collect_usage_pieces(ctx)  # type: ignore[attr-defined] # both heirs have it
        formatter.write_usage(ctx.command_path, " ".join(pieces), prefix=_("Usage: "))

    def format_help(self, ctx: Any, formatter: Any) -> None:
        _set_titles()
        super().format_help(ctx, formatter)  # type: ignore[misc] # both heirs have it


class SpokenCommand(_Spoken, TyperCommand):
    """A command whose help is in the language of the user."""


class SpokenGroup(_Spoken, TyperGroup):
    """A group whose help, and every slip below it, is told in the language of the user."""

    def make_context(self, *args: Any, **named: Any) -> Any:
        """Read the arguments."""
        with _said_again():
            return super().make_context(*args, **named)

    def invoke(self, ctx: Any) -> Any:
        """Run the command they name."""
        with _said_again():
            return super().invoke(ctx)


@contextmanager
def _said_again() -> Iterator[None]:
    try:
        yield
    except TyperException as slip:
        said = in_words(slip.format_message())
        slip.format_message = lambda: said  # type: ignore[method-assign] # what is shown, whatever kind it is
        _set_titles()
        raise


def in_words(text: str) -> str:
    """Return the user's words for an English text of typer about a slip; `text` itself if it is none of `SLIPS`."""
    for slip in SLIPS:
        found = _pattern(slip).fullmatch(text)
        if found:
            return _(slip).format(**{name: _filled(name, said) for name, said in found.groupdict().items()})
    return text


@cache
def _pattern(slip: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.*?)", re.escape(slip)), re.DOTALL)


def _filled(name: str, said: str) -> str:
    return in_words(said) if name == "slip" else words.WORDS.alone(said)


def _set_titles() -> None:
    shown = import_module("typer.rich_utils")  # slow, and typer itself loads it for no other purpose
    for name, text in TITLES.items():
        setattr(shown, name, _(text))
    shown.REQUIRED_LONG_STRING = f"[{_('required')}]"  # type: ignore[attr-defined] # a module by its name
    if words.WORDS.tag != FALLBACK:
        shown.highlighter = _folded(shown.OptionHighlighter())  # type: ignore[attr-defined] # the same


def _folded(highlight: Callable[[Any], Text]) -> Callable[[Any], Text]:
    """Return `highlight` for texts without spaces, as Chinese is written: typer's table would cut them off."""

    def highlighted(text: Any) -> Text:
        said = highlight(text)
        said.overflow = "fold"
        return said

    return highlighted
