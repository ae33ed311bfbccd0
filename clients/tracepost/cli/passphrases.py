"""Secrets from the person at the keyboard, a file or a file descriptor; never from arguments.

Arguments are seen by every user of a machine (`ps`) and stay in the shell's history.
"""

from __future__ import annotations

import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

import typer

from tracepost.cli.words import _
from tracepost.protocol.errors import ConfigurationError, InvalidInputError

_LIMIT = 1024


@dataclass(frozen=True, slots=True)
class PassphraseSource:
    """Where a passphrase comes from: a file, an open descriptor, or a prompt when neither is given."""

    file: Path | None = None
    descriptor: int | None = None
    remedy: str = ""  # where no option names a file: what to do when nobody is at the keyboard

    def read(self, prompt: str, *, confirm: bool = False) -> bytes:
        """Return the passphrase in UTF-8, without its line end; raise `InvalidInputError`."""
        if self.file is not None:
            return _checked(_from_file(self.file))
        if self.descriptor is not None:
            return _checked(_from_descriptor(self.descriptor))
        return _checked(_from_person(prompt, confirm, self.remedy))


def _from_file(path: Path) -> bytes:
    try:
        readable = path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        secret = path.read_bytes()
    except OSError as fault:
        raise InvalidInputError(_("The passphrase file cannot be read."), where=path.name) from fault
    if readable:
        raise ConfigurationError(
            _("Others may read the passphrase file."),
            where=path.name,
            reason="passphrase-readable",
            remedy=_("Take the permissions of group and others away: chmod 600."),
        )
    return secret


def _from_descriptor(descriptor: int) -> bytes:
    try:
        with os.fdopen(descriptor, "rb", closefd=False) as stream:
            return stream.read(_LIMIT + 2)
    except OSError as fault:
        raise InvalidInputError(
            _("The passphrase descriptor is not open for reading."), where=f"fd {descriptor}"
        ) from fault


def _from_person(prompt: str, confirm: bool, remedy: str) -> bytes:
    if not sys.stdin.isatty():
        raise InvalidInputError(
            _("A passphrase is needed and nobody is at the keyboard."),
            where="passphrase",
            remedy=remedy or _("Give --passphrase-file FILE or --passphrase-fd N."),
        )
    again = _("Repeat for confirmation") if confirm else False
    answer: str = typer.prompt(prompt, hide_input=True, confirmation_prompt=again, err=True)
    return answer.encode()


def _checked(secret: bytes) -> bytes:
    secret = secret.rstrip(b"\r\n")
    if not 0 < len(secret) <= _LIMIT:
        raise InvalidInputError(_("A passphrase has 1 to 1024 bytes."), where="passphrase")
    return secret
