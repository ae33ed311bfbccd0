"""The key of those who release: Ed25519, at rest under a passphrase, and the verifier key that everybody is given."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tracepost.cli.files import read_bytes, write_bytes
from tracepost.cli.words import _
from tracepost.protocol.errors import ConflictError, WrongPassphraseError
from tracepost.protocol.evidence import NoteSigner

KEY_FILE: Final = "release.key.pem"
VERIFIER_FILE: Final = "release.vkey"


def make_release_key(folder: Path, name: str, passphrase: bytes) -> NoteSigner:
    """Make a key in a folder; raise `ConflictError` if there is one."""
    from tracepost.ca.keystore import Passphrase, protect_key

    if (folder / KEY_FILE).exists():
        raise ConflictError(_("There is a release key in this folder."), where=str(folder))
    key = Ed25519PrivateKey.generate()
    signer = NoteSigner(name, key)
    write_bytes(folder / KEY_FILE, protect_key(key, Passphrase(passphrase), os.urandom), secret=True)
    write_bytes(folder / VERIFIER_FILE, f"{signer.vkey}\n".encode("ascii"))
    return signer


def open_release_key(folder: Path, passphrase: bytes) -> NoteSigner:
    """Return the key in a folder; raise `WrongPassphraseError`."""
    name = read_bytes(folder / VERIFIER_FILE).decode("ascii").partition("+")[0]
    try:
        key = serialization.load_pem_private_key(read_bytes(folder / KEY_FILE), passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise WrongPassphraseError(where=str(folder / KEY_FILE), remedy=_("Try again."))
    return NoteSigner(name, key)
