"""The whole command line: groups of verbs, put together from a table.

`build` makes all of it, or only the part that the first words name: reading all verbs takes half a second of a
processor, which everybody would wait for who says one.
"""

from __future__ import annotations

from copy import copy
from importlib import import_module
from typing import Annotated, Any, Final

import typer

from tracepost.cli.language import OPTION
from tracepost.cli.usage import SpokenGroup
from tracepost.cli.words import _
from tracepost.locale import has, languages, tags

_GROUPS: Final = (
    "trace", "notice", "customs", "panel", "mandate", "directory", "trust", "ca", "node", "log", "policy", "check",
    "register", "relay", "bundle", "case", "console", "desk", "officer", "release", "deletion", "post", "pouch",
    "emergency", "paper",
)  # fmt: skip
"""Each is a module of `commands` with an `app`."""

_VERBS: Final = (
    "verify", "enrol", "doctor", "expiring", "backup", "restore", "drill", "demo", "practice", "report",
    "ping", "robot",
)  # fmt: skip
"""Each is a module of `commands` that registers one verb."""


def build(first_word: str = "", second_word: str = "") -> typer.Typer:
    """Return the command line; if a group or verb is called `first_word`, that alone, and of a group only a verb that
    is called `second_word`, if it has one.
    """
    whole = typer.Typer(
        cls=SpokenGroup,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        help=_("Trace requests on illicit small arms, sent and answered between national points of contact."),
    )
    whole.callback()(root)
    known = {*_GROUPS, *_VERBS}
    for name in _GROUPS:
        if first_word == name or first_word not in known:
            whole.add_typer(_only(second_word, _commands(name).app), name=name, cls=SpokenGroup)
    for name in _VERBS:
        if first_word == name or first_word not in known:
            _commands(name).register(whole)
    return whole


def _only(name: str, group: typer.Typer) -> typer.Typer:
    """Return a group with its verb of this name alone; all of it if it has none."""
    named = [one for one in group.registered_commands if one.name == name]
    if named:
        group = copy(group)
        group.registered_commands = named
    return group


def _commands(name: str) -> Any:
    return import_module(f"tracepost.cli.commands.{name}")


def _show_version(asked: bool) -> None:
    if asked:
        from importlib import metadata

        typer.echo(metadata.version("tracepost"))
        raise typer.Exit


def _show_languages(asked: bool) -> None:
    if asked:
        for language in languages():
            typer.echo(f"{language.tag:<8}  {language.name:<12}  {' '.join(language.complete)}".rstrip())
        raise typer.Exit


def _see_language(asked: str) -> str:
    """Refuse a language that we lack: whoever names one is not answered in another without a word."""
    if asked and not has(asked):
        raise typer.BadParameter(
            _("There is no such language. These exist: {tags}.").format(tags=", ".join(tags()))
        )
    return asked


def root(
    language: Annotated[
        str,
        typer.Option(
            OPTION,
            metavar="TAG",
            callback=_see_language,
            help=_("Speak this language, whatever the environment and the profile say."),
        ),
    ] = "",
    languages: Annotated[
        bool,
        typer.Option(
            "--languages",
            callback=_show_languages,
            is_eager=True,
            help=_("Show the languages, and which parts of each are complete."),
        ),
    ] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help=_("Show the version."))
    ] = False,
) -> None:
    """Options before the first verb."""


def __getattr__(name: str) -> typer.Typer:
    """Make the whole command line when somebody asks for `app`, and keep it."""
    if name != "app":
        raise AttributeError(name)
    globals()["app"] = whole = build()
    return whole
