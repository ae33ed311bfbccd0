"""Options that several commands share, and how a code of the wire is written on the command line.

`ILLICIT_GROUND_UNLICENSED_TRANSFER` is `unlicensed-transfer` after `--ground`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from tracepost.cli.passphrases import PassphraseSource
from tracepost.cli.verb import OptionGroup
from tracepost.cli.words import _
from tracepost.protocol.errors import InvalidInputError
from tracepost.protocol.vocabulary import code_names, code_number
from tracepost.wire.v1 import terms_pb2


def option(flag: str, words: str, panel: str | None = None) -> Any:
    """Return an option with its help; `panel` groups it in the help of its command."""
    return typer.Option(flag, help=words, show_default=False, rich_help_panel=panel)


def code_option(flag: str, codes: Any, words: str, panel: str | None = None) -> Any:
    """Return an option whose value is a code of the enum `codes`; the command gets its number."""
    parser = code_parser(codes)
    return typer.Option(
        flag,
        parser=parser,
        metavar="CODE",
        help=f"{words} {names_of(codes)}",
        show_default=False,
        rich_help_panel=panel,
    )


def names_of(codes: Any) -> str:
    """Return the words of a help text that say which codes there are."""
    return f"{_('One of')}: {', '.join(code_names(codes))}."


def _restriction(text: str) -> terms_pb2.Restriction:
    named, at, paths = text.partition("@")
    if at and not all(paths.split(",")):
        raise typer.BadParameter(_("Write CODE@PATH,PATH, as in no-onward-release@items.0.object.mark."))
    code, _colon, until = named.partition(":")
    number = code_parser(terms_pb2.RestrictionCode)(code)
    return terms_pb2.Restriction(
        code=terms_pb2.RestrictionCode.Name(number),
        until=until or None,
        field_paths=sorted(set(paths.split(","))) if at else (),
    )


def _only(text: str) -> tuple[str, str]:
    path, equals, desk = text.partition("=")
    if not (path and equals and "/" in desk):
        raise typer.BadParameter(_("Write PATH=MEMBER/DESK, as in items.0.object.mark=xab/police."))
    return path, desk


def code_parser(codes: Any) -> Callable[[str], int]:
    """Return a function from the text of a code to its number."""

    def parse(text: str) -> int:
        try:
            return code_number(codes, text)
        except InvalidInputError as fault:
            raise typer.BadParameter(fault.message) from fault

    return parse


CaseArgument = Annotated[
    str,
    typer.Argument(
        metavar="CASE", help=_("Thread id, its beginning (8 characters or more), or a file number.")
    ),
]
MessageOption = Annotated[
    Path | None,
    option("--message", _("JSON file (proto3 mapping) with the message; options go over it.")),
]
ItemsOption = Annotated[
    list[str] | None,
    option("--item", _("Item id; again for more. None: all.")),
]


_CONNECTION, _COVER, _SECRET = _("Connection"), _("Cover of the message"), _("Passphrase")


@dataclass(frozen=True, slots=True)
class NodeOptions(OptionGroup):
    """Which node, as whom."""

    profile: Annotated[
        Path | None,
        option("--profile", _("Profile file, else TRACEPOST_PROFILE, else the user's own."), _CONNECTION),
    ] = None
    desk: Annotated[
        str | None, option("--desk", _("Desk to write and read as, else the profile's."), _CONNECTION)
    ] = None


@dataclass(frozen=True, slots=True)
class CoverOptions(OptionGroup):
    """What goes with a message."""

    to: Annotated[
        list[str] | None,
        option("--to", _("Member addressed; again for more. In a case: the other party."), _COVER),
    ] = None
    in_reply_to: Annotated[
        str | None, option("--in-reply-to", _("Statement answered; else the addressee's newest."), _COVER)
    ] = None
    purpose: Annotated[
        int | None, code_option("--purpose", terms_pb2.Purpose, _("Intended use (ITI 17(c))."), _COVER)
    ] = None
    legal_basis: Annotated[
        int | None,
        code_option("--legal-basis", terms_pb2.LegalBasis, _("Instrument that it rests on."), _COVER),
    ] = None
    restriction: Annotated[
        list[Any] | None,
        typer.Option(
            "--restriction",
            parser=_restriction,
            metavar="CODE[:DATE][@PATH,…]",
            help=_(
                "Restriction (ITI 15), with its last day, and the fields that it binds, each with all below it; "
                "none: the whole message. Again for more."
            )
            + " "
            + names_of(terms_pb2.RestrictionCode),
            show_default=False,
            rich_help_panel=_COVER,
        ),
    ] = None
    named_desk: Annotated[
        list[str] | None,
        option(
            "--named-desk",
            _("MEMBER/DESK that alone may read national-security fields; again for more."),
            _COVER,
        ),
    ] = None
    only: Annotated[
        list[Any] | None,
        typer.Option(
            "--only",
            parser=_only,
            metavar="PATH=MEMBER/DESK",
            help=_("Field, with all below it, that this desk alone is to read; again for more."),
            show_default=False,
            rich_help_panel=_COVER,
        ),
    ] = None
    exercise: Annotated[bool, option("--exercise", _("Training mail."), _COVER)] = False
    urgent: Annotated[bool, option("--urgent", _("Goes before routine mail."), _COVER)] = False
    preview: Annotated[
        bool, option("--preview", _("Only show who would see what; send nothing."), _COVER)
    ] = False


@dataclass(frozen=True, slots=True)
class PassphraseOptions(OptionGroup):
    """Where a passphrase comes from, if not from the person at the keyboard."""

    passphrase_file: Annotated[
        Path | None,
        option("--passphrase-file", _("File with the passphrase, else asked for."), _SECRET),
    ] = None
    passphrase_fd: Annotated[
        int | None, option("--passphrase-fd", _("Open file descriptor with the passphrase."), _SECRET)
    ] = None

    def source(self) -> PassphraseSource:
        """Return where the passphrase is read from."""
        return PassphraseSource(self.passphrase_file, self.passphrase_fd)
