"""The machine's secret: what lets a node boot with nobody present.

It wraps the keys that the daemon needs unattended: the desk `node`, and those for statements,
log and TLS. Desks of people never depend on it alone. It is a systemd credential (which a TPM
may guard), or a file that only its owner reads:

    LoadCredentialEncrypted=tracepost-machine-secret     in the unit; systemd-creds(1)
    keys/machine.secret                                  mode 0600, made by `tracepost node init`
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tracepost.protocol.errors import ConfigurationError
from tracepost.protocol.sealing import Random
from tracepost.serving.storage.durable_file import create_file

CREDENTIAL: Final = "tracepost-machine-secret"
FILE: Final = "machine.secret"
_LENGTH: Final = 32
_MAX_LENGTH: Final = 4096


class MachineSecret:
    """The machine's secret; it gives keys for purposes, and never shows itself."""

    __slots__ = ("_secret",)

    def __init__(self, secret: bytes) -> None:
        if not _LENGTH <= len(secret) <= _MAX_LENGTH:
            raise ConfigurationError(
                f"the machine secret has at least {_LENGTH} bytes", where=CREDENTIAL, reason="machine-secret"
            )
        self._secret = secret

    def derive(self, purpose: str) -> bytes:
        """Return the 32-byte key for `purpose` (HKDF with SHA-256, RFC 5869)."""
        info = b"tracepost/v1/machine/" + purpose.encode("ascii")
        return HKDF(hashes.SHA256(), 32, salt=None, info=info).derive(self._secret)

    def __repr__(self) -> str:
        return "<MachineSecret>"


def read_machine_secret(folder: Path, environ: Mapping[str, str]) -> MachineSecret:
    """Return the machine's secret: the credential if systemd passed one, else the file in `folder`.

    Raises:
        ConfigurationError: there is none, or others may read the file.

    """
    credentials = environ.get("CREDENTIALS_DIRECTORY")
    credential = Path(credentials) / CREDENTIAL if credentials else None
    try:
        if credential is not None and credential.exists():
            # systemd guards this folder itself; an ACL there shows as group bits in the mode.
            return MachineSecret(credential.read_bytes())
        return MachineSecret(_read_private(folder / FILE))
    except OSError as error:
        raise ConfigurationError(
            f"the machine secret cannot be read: {error.strerror}",
            where=CREDENTIAL,
            reason="machine-secret",
            remedy=f"Pass the credential {CREDENTIAL}, or restore {FILE} in the folder of keys.",
        ) from None


def create_machine_secret(folder: Path, random: Random) -> MachineSecret:
    """Write a new secret into `folder` and return it; raise `ConfigurationError`, `StoreError`."""
    secret = random(_LENGTH)
    try:
        create_file(folder / FILE, secret)
    except FileExistsError:
        raise ConfigurationError(
            "there is a machine secret already; another one would lock out the keys that it wraps",
            where=FILE,
            reason="machine-secret",
        ) from None
    return MachineSecret(secret)


def _read_private(path: Path) -> bytes:
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ConfigurationError(
                "others may read the machine secret",
                where=FILE,
                reason="machine-secret",
                remedy="Take the permissions of group and others away (chmod 600), then make a new secret.",
            )
        return file.read(_MAX_LENGTH + 1)
