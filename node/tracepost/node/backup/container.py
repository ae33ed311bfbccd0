"""The form of a backup: one line in clear that says what it is, then a sealed tar with a signed list of contents.

    {"format": "tracepost-backup/1", "member": …, "made": …, "keys": {…}}\\n     the header; nothing in it is secret
    …                                 `sealed_stream`, under a key that is sealed to each backup key (HPKE, X-Wing)
        manifest.json                 every file with size and SHA-256, the head of the log
        manifest.note                 the digest of it, signed by the keys of our logs (C2SP signed-note)
        node/… authority/…            the files, in the order of the manifest

The header is bound to the stream by its key, and the signature says who made it: to seal to a public key is
anybody's. Whoever restores believes the log key by the trust list that he knows, not by what is in here.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, BinaryIO, Final

from tracepost.node.backup.sealed_stream import damaged
from tracepost.protocol.errors import (
    ConfigurationError,
    EvidenceError,
    InvalidInputError,
    SealingError,
    StoreError,
)
from tracepost.protocol.evidence import LogKey, NoteSigner, open_note, parse_vkey
from tracepost.protocol.ids import MemberId, decode_b64, encode_b64, parse_member
from tracepost.protocol.sealing import (
    DeskPrivateKey,
    DeskPublicKey,
    open_with_key,
    seal_to_key,
)

FORMAT: Final = "tracepost-backup/1"
CIPHER: Final = "HPKE X-Wing, HKDF-SHA256, AES-256-GCM; STREAM of 64 KiB, AES-256-GCM"
MANIFEST: Final = "manifest.json"
NOTE: Final = "manifest.note"
_MAX_HEADER: Final = 1 << 20
_SIGNED: Final = "tracepost backup/1"
_PURPOSE: Final = "backup"
_NAME: Final = re.compile(r"(?:node|authority)(?:/(?![.])[ -.0-~]+)+")


@dataclass(frozen=True, slots=True)
class About:
    """What a backup says of itself in clear: whose, when (unix seconds), how far its log went, which tables."""

    member: MemberId
    domain: str
    made: int
    log_epoch: int
    log_size: int
    schema: str


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file of a backup. `outside`: it is ciphertext and lies beside the backup, named by its digest."""

    name: str
    size: int
    sha256: str
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Manifest:
    """All that a backup holds; `log_head` is the signed head of the log that the store ends with."""

    about: About
    log_head: str
    files: tuple[FileEntry, ...]

    def encode(self) -> bytes:
        """Return it as JSON."""
        return json.dumps(asdict(self), sort_keys=True).encode("ascii")

    def file(self, name: str) -> FileEntry:
        """Return the entry of a file; raise `StoreError`."""
        for one in self.files:
            if one.name == name:
                return one
        raise damaged(name)


@dataclass(frozen=True, slots=True)
class Header:
    """The first line of a backup: what it says, its bytes, and the stream's secret sealed to each backup key."""

    about: About
    sealed: Mapping[bytes, bytes] = field(repr=False)
    line: bytes = field(repr=False)

    def open(self, key: DeskPrivateKey) -> bytes:
        """Return the secret of the stream; raise `StoreError` if it is not sealed to this key."""
        sealed = self.sealed.get(key.public.sha256)
        if sealed is None:
            raise StoreError(
                "the backup is sealed to other keys",
                where="backup",
                reason="another-backup-key",
                remedy="Take the shares or the key file that were in use when it was made.",
            )
        try:
            return open_with_key(key, _PURPOSE, _context(self.about), sealed)
        except SealingError:
            raise damaged() from None


def write_header(about: About, secret: bytes, keys: Iterable[DeskPublicKey]) -> Header:
    """Return the header of a new backup whose stream has this secret; each of `keys` can open it."""
    sealed = {key.sha256: seal_to_key(key, _PURPOSE, _context(about), secret) for key in keys}
    text = {
        "format": FORMAT,
        "cipher": CIPHER,
        **asdict(about),
        "keys": {key.hex(): encode_b64(data) for key, data in sealed.items()},
    }
    return Header(about, sealed, json.dumps(text).encode("ascii") + b"\n")


def read_header(file: BinaryIO) -> Header:
    """Read the first line of a backup; raise `StoreError`. Nothing of it is proved yet."""
    line = file.readline(_MAX_HEADER)
    try:
        table = json.loads(line)
        if not line.endswith(b"\n") or not isinstance(table, dict) or "format" not in table:
            raise damaged()
        if table["format"] != FORMAT:
            raise StoreError(
                f"this is no backup of the format {FORMAT}",
                where="backup",
                reason="backup-format",
                remedy="Use the version of Tracepost that made it.",
            )
        keys = {bytes.fromhex(key): decode_b64(str(data), "keys") for key, data in table["keys"].items()}
        return Header(_about(table), keys, line)
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError, InvalidInputError):
        raise damaged() from None


def read_manifest(data: bytes) -> Manifest:
    """Return a manifest; raise `StoreError` if it is none, or names a file that has no place in a node."""
    try:
        table = json.loads(data)
        files = tuple(_entry(row) for row in table["files"])
        return Manifest(_about(table["about"]), str(table["log_head"]), files)
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError, InvalidInputError):
        raise damaged(MANIFEST) from None


def require_name(name: str) -> None:
    """Raise `ConfigurationError` unless a file of this name can be in a backup."""
    if not _NAME.fullmatch(name):
        raise ConfigurationError(
            "a file has a name that a backup cannot take",
            where=ascii(name),
            reason="file-name",
            remedy="Rename it, or move it away: letters, digits and signs of ASCII.",
        )


def sign_manifest(data: bytes, keys: Sequence[LogKey]) -> str:
    """Return the note that says whose manifest this is, signed by every log key that we ever had.

    The trust list of whoever restores may name an older one only. No head of a log begins like this text.
    """
    signers = [NoteSigner.from_skey(key.to_skey()) for key in keys]
    notes = [signer.sign(_text(data)) for signer in signers]
    return notes[0] + "".join(note.rpartition("\n\n")[2] for note in notes[1:])


def verify_manifest(data: bytes, note: str, vkeys: Iterable[str]) -> None:
    """Raise `EvidenceError` unless one of `vkeys`, all of which are of this member's logs, signed this manifest."""
    opened = open_note(note, [parse_vkey(one) for one in vkeys])
    if opened.text != _text(data):
        raise EvidenceError("the signature is about another backup", where=NOTE, reason="other-backup")


def _text(manifest: bytes) -> str:
    return f"{_SIGNED}\n{hashlib.sha256(manifest).hexdigest()}\n"


def _context(about: About) -> tuple[bytes, ...]:
    return (about.member.encode(), about.domain.encode(), str(about.made).encode("ascii"))


def _about(table: Mapping[str, Any]) -> About:
    numbers = [table[name] for name in ("made", "log_epoch", "log_size")]
    texts = [table[name] for name in ("domain", "schema")]
    if not all(type(one) is int and one >= 0 for one in numbers) or not all(type(t) is str for t in texts):
        raise damaged()
    made, epoch, size = numbers
    return About(parse_member(table["member"]), texts[0], made, epoch, size, texts[1])


def _entry(row: Mapping[str, Any]) -> FileEntry:
    entry = FileEntry(row["name"], row["size"], row["sha256"], row["outside"])
    if (
        not _NAME.fullmatch(entry.name)
        or type(entry.size) is not int
        or len(bytes.fromhex(entry.sha256)) != 32
    ):
        raise damaged(MANIFEST)
    return entry
