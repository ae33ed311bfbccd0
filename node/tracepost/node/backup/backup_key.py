"""Keys that open backups: the escrow's, from shares on paper, or one of their own, kept away from the node.

    keys/escrow-record      the escrow's public half: every backup is sealed to it
    backup.pub              public half of a key of its own; `[backup] keys` names it
    backup.key              its private half under a passphrase, on a stick in a safe; never on the node

A node seals to public halves alone, so it cannot open what it made, and neither can who breaks into it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tracepost.node.adapters.keystore import (
    STANDARD_COST,
    PassphraseCost,
    check_passphrase,
    read_cost,
    stretch,
)
from tracepost.node.key_file import decrypt, encrypt, take_apart, write_header
from tracepost.protocol.errors import (
    ConfigurationError,
    InvalidInputError,
    SealingError,
    StoreError,
    WrongPassphraseError,
)
from tracepost.protocol.ids import decode_b64, encode_b64
from tracepost.protocol.sealing import DeskPrivateKey, DeskPublicKey, Random

_PRIVATE: Final = "tracepost-backup-key/1"
_PUBLIC: Final = "tracepost-backup-public-key/1"


def make_backup_key(
    passphrase: bytes, random: Random, cost: PassphraseCost = STANDARD_COST
) -> tuple[bytes, bytes]:
    """Return a new key: its private half under `passphrase`, and its public half, as files."""
    check_passphrase(passphrase)
    key = DeskPrivateKey(random(32))
    salt, nonce = random(16), random(12)
    header = write_header(
        _PRIVATE,
        public=encode_b64(key.public),
        derivation="argon2id",
        rounds=cost.rounds,
        memory_kib=cost.memory_kib,
        lanes=cost.lanes,
        salt=encode_b64(salt),
        cipher="AES-256-GCM",
        nonce=encode_b64(nonce),
    )
    private = header + encrypt(stretch(passphrase, salt, cost), nonce, key.seed(), header)
    return private, f"{_PUBLIC} {encode_b64(key.public)}\n".encode("ascii")


def open_backup_key(data: bytes, passphrase: bytes) -> DeskPrivateKey:
    """Return the private half in a key file; raise `WrongPassphraseError`, `StoreError`."""
    file = take_apart(data, _PRIVATE)
    key = stretch(passphrase, file.data("salt"), read_cost(file))
    seed = decrypt(key, file.data("nonce"), file.rest, file.line)
    if seed is None:
        raise WrongPassphraseError(
            where="backup key", remedy="Try again; or open the backup with the shares."
        )
    return DeskPrivateKey(seed)


def read_public_key(path: Path) -> DeskPublicKey:
    """Return the public half in a file; raise `ConfigurationError`."""
    try:
        form, _space, key = path.read_text("ascii").strip().partition(" ")
        if form == _PUBLIC:
            return DeskPublicKey(decode_b64(key, "key"))
    except (OSError, UnicodeDecodeError, InvalidInputError, SealingError, StoreError):
        pass
    raise ConfigurationError(
        "there is no public key of backups in this file",
        where=str(path),
        reason="backup-key",
        remedy="Make one: tracepost node backup-key FILE; name the file FILE.pub in [backup] keys.",
    )
