"""An officer's profile: which node, as whom. A TOML file, found by option, environment or home.

address     = "127.0.0.1:7443"       # where the node listens for its officers
member      = "xaa"
domain      = "tracepost.example"
certificate = "officer.pem"          # paths are read from the profile's own folder
key         = "officer.key"
root        = "root.pem"
desk        = "poc"                  # optional: the desk to write and read as
language    = "fr"                   # optional: the language that the command line speaks
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from tracepost.cli.profile_file import ENVIRONMENT, find_profile
from tracepost.cli.words import _
from tracepost.protocol.errors import ConfigurationError, InvalidInputError
from tracepost.protocol.ids import DeskId, MemberId, parse_desk, parse_member

_REQUIRED = ("address", "member", "domain", "certificate", "key", "root")
_KNOWN = frozenset((*_REQUIRED, "desk", "language"))


@dataclass(frozen=True, slots=True)
class Profile:
    """Which node an officer speaks to, and the files that prove who it is."""

    path: Path
    address: str
    member: MemberId
    domain: str
    certificate: Path
    key: Path
    root: Path
    desk: DeskId | None


def read_profile(given: Path | None) -> Profile:
    """Return the profile; raise `ConfigurationError` naming the file and the line that is not right."""
    path = find_profile(given)
    values = _read_toml(path)
    _refuse_strangers(values, path)
    folder = path.parent
    try:
        member = parse_member(values["member"])
        desk = parse_desk(values["desk"]) if "desk" in values else None
    except InvalidInputError as fault:
        raise ConfigurationError(fault.message, where=f"{path}: {fault.where}") from fault
    return Profile(
        path,
        values["address"],
        member,
        values["domain"],
        folder / values["certificate"],
        folder / values["key"],
        folder / values["root"],
        desk,
    )


def _read_toml(path: Path) -> dict[str, str]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as fault:
        raise ConfigurationError(
            _("There is no profile."),
            where=str(path),
            remedy=_("Name one with --profile FILE or in {variable}.").format(variable=ENVIRONMENT),
        ) from fault
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise ConfigurationError(_("The profile cannot be read."), where=str(path)) from fault


def _refuse_strangers(values: dict[str, str], path: Path) -> None:
    missing = [key for key in _REQUIRED if key not in values]
    strange = [key for key in values if key not in _KNOWN]
    wrong = [key for key in values if key in _KNOWN and not isinstance(values[key], str)]
    for keys, words in (
        (missing, _("The profile lacks a line.")),
        (strange, _("The profile has an unknown line.")),
        (wrong, _("A line of the profile must be a text in quotes.")),
    ):
        if keys:
            raise ConfigurationError(words, where=f"{path}: {', '.join(sorted(keys))}")
