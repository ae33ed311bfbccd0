"""Shares of the key escrow from paper, and what else opens a backup."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from tracepost.cli.files import read_bytes
from tracepost.cli.options import PassphraseOptions, option
from tracepost.cli.verb import OptionGroup
from tracepost.cli.words import _
from tracepost.protocol.errors import InvalidInputError


def asked_shares() -> Iterator[str]:
    """Ask for shares until an empty answer."""
    number = 1
    while share := typer.prompt(
        f"{_('share')} {number} ({_('empty: no more')})",
        default="",
        show_default=False,
        hide_input=True,
        err=True,
    ):
        yield share
        number += 1


@dataclass(frozen=True)
class OpeningOptions(OptionGroup):
    """What a backup is opened with, and whom whoever opens it believes."""

    share_file: Annotated[
        list[Path] | None, option("--share-file", _("File with a share, else asked for; again for more."))
    ] = None
    key: Annotated[
        Path | None, option("--key", _("Backup key, in place of the shares; its passphrase is asked for."))
    ] = None
    trust: Annotated[Path | None, option("--trust", _("Trust list that you believe."))] = None
    fingerprint: Annotated[
        str, option("--fingerprint", _("Fingerprint of the first trust list, as you were told it."))
    ] = ""

    def open(self, passphrase: PassphraseOptions) -> Any:
        """Return the private key of backups, from the shares or from the key file."""
        from tracepost.node.backup.backup_key import open_backup_key
        from tracepost.node.escrow import restore_key

        if self.key is None:
            return restore_key(self._shares())
        if self.share_file:
            raise InvalidInputError(_("Shares or a key open it, not both."), where="--key, --share-file")
        return open_backup_key(
            read_bytes(self.key), passphrase.source().read(_("Passphrase of the backup key"))
        )

    def anchor(self) -> Any:
        """Return what is believed."""
        from tracepost.node.backup.restoring import Anchor

        return Anchor(read_bytes(self.trust) if self.trust else b"", self.fingerprint)

    def _shares(self) -> Sequence[str]:
        read = [read_bytes(path).decode("utf-8", "replace") for path in self.share_file or ()]
        return read or list(asked_shares())
