"""Heads of logs as signed notes (C2SP tlog-checkpoint).

    <member>.<domain>/log/<epoch>       origin; the log key has the same name
    <number of leaves>
    base64(root hash)

Opening a checkpoint, in this order:

1. The note opens (`note.open_note`).
2. The text is exactly three lines: origin, size without leading zeroes, root of 32 bytes.
3. The key that signed is named as the origin; another log's key says nothing about this log.
4. The origin names a member and an epoch.
5. The head lies in the part of the log that the key speaks for (`ListedKey`): a key that was lost,
   stolen or followed by another stays listed, for its old heads, and says nothing of later ones.
6. Shown live, a head by a key that ended is the last one that the stewards wrote down. Whoever has the
   key can still sign any other of the time before, and nobody here has seen which ones are true; the
   member that the key was taken from proves the same by its key in use. Files of old evidence, which
   cannot be made anew, are opened without this step.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass

from tracepost.protocol.errors import EvidenceError, InvalidInputError
from tracepost.protocol.evidence.merkle import HASH_LENGTH, SIZE_LIMIT
from tracepost.protocol.evidence.note import (
    COSIGNS_AT_TIME,
    SIGNS_TEXT,
    Cosignature,
    NoteSigner,
    NoteVerifier,
    generate_note_key,
    open_note,
    parse_vkey,
    split_note,
)
from tracepost.protocol.ids import MemberId

_ORIGIN = re.compile(
    r"([a-z][a-z0-9]*(?:-[a-z0-9]+)*)\.([a-z0-9-]+(?:\.[a-z0-9-]+)*)/log/([1-9][0-9]{0,8})\Z"
)
_SIZE = re.compile(r"(?:0|[1-9][0-9]{0,18})\Z")
_REMEMBERED_HEADS = 256


@dataclass(frozen=True, slots=True)
class Origin:
    """The identity of one log: member, domain of the network, epoch of the member's log."""

    member: MemberId
    domain: str
    epoch: int

    def __str__(self) -> str:
        return f"{self.member}.{self.domain}/log/{self.epoch}"


@dataclass(frozen=True, slots=True)
class ListedKey:
    """A log's public key as the trust list has it, with the part of the log that it speaks for.

    Args:
        vkey: the key.
        from_size: the size of the first head that it signed.
        until_size: the size of the last one; None while the key is in use.
        final_root: the root of that last head; empty where it is not known.
    """

    vkey: str
    from_size: int = 0
    until_size: int | None = None
    final_root: bytes = b""

    def objection(self, size: int, root: bytes) -> str:
        """Return the reason why the key does not speak for the head of this size and root; empty for none."""
        if size < self.from_size:
            return "key-not-begun"
        if self.until_size is None or size < self.until_size:
            return ""
        if size > self.until_size:
            return "key-ended"
        return "other-final-root" if self.final_root and root != self.final_root else ""

    def is_live(self, size: int, root: bytes) -> bool:
        """Say whether a head that is shown now may be by this key: it is in use, or this is its last head."""
        return self.until_size is None or (size, root) == (self.until_size, self.final_root)


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """A public key by which a member cosigns heads of others' logs, as the trust list has it.

    Args:
        vkey: the key, of type 0x04 or 0x06.
        until: the unix second after which its cosignatures count for nothing; None while the key is in use.
    """

    vkey: str
    until: int | None = None

    def counts(self, time: int) -> bool:
        """Say whether what it signed at `time` counts."""
        return self.until is None or time <= self.until


@dataclass(frozen=True, slots=True)
class Head:
    """Size and root hash of a log, as signed by its key, and who witnessed it."""

    origin: Origin
    size: int
    root: bytes
    cosignatures: tuple[Cosignature, ...] = ()


@dataclass(frozen=True, slots=True)
class UntrustedHead:
    """What a checkpoint says before its signature was checked."""

    origin: Origin
    size: int
    root: bytes


class LogKey:
    """The private key of one log; it signs checkpoints of its own origin and nothing else."""

    def __init__(self, signer: NoteSigner) -> None:
        self.origin = parse_origin(signer.name)
        self._signer = signer

    @classmethod
    def from_skey(cls, skey: str) -> LogKey:
        """Return the key in `skey`; raise `ConfigurationError` or `EvidenceError`."""
        return cls(NoteSigner.from_skey(skey))

    @property
    def vkey(self) -> str:
        """The public key in text form, for the trust list."""
        return self._signer.vkey

    def to_skey(self) -> str:
        """Return the private key as text, for a key store."""
        return self._signer.to_skey()

    def sign_checkpoint(self, origin: Origin, size: int, root: bytes) -> str:
        """Return the signed head. Sign only what your own store has acknowledged; signing is deterministic.

        Raises:
            InvalidInputError: another log's origin, or no head.
        """
        if origin != self.origin:
            raise InvalidInputError("the key belongs to another log", where="origin")
        return self._signer.sign(checkpoint_text(origin, size, root))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.origin)!r})"


class LogVerifier:
    """Opens checkpoints of the logs whose keys it was given; remembers the newest it opened.

    A bare vkey has no end. Keys of types 0x04 and 0x06 are witnesses: their lines are checked and shown in the
    head, as far as they were made before the end of the key.
    """

    def __init__(self, keys: Iterable[str | ListedKey | WitnessKey]) -> None:
        self._keys: dict[NoteVerifier, ListedKey] = {}
        self._witnesses: dict[NoteVerifier, WitnessKey] = {}
        for key in keys:
            if isinstance(key, WitnessKey):
                self._witnesses[parse_vkey(key.vkey)] = key
            else:
                listed = key if isinstance(key, ListedKey) else ListedKey(key)
                self._keys[parse_vkey(listed.vkey)] = listed
        self._opened: dict[str, tuple[Head, bool]] = {}

    def open(self, checkpoint: str, *, live: bool = False) -> Head:
        """Return the head that `checkpoint` proves; raise `EvidenceError` with the step that failed.

        Args:
            checkpoint: the signed note.
            live: whether something is to be done on it now (step 6), not an old case file read.
        """
        opened = self._opened.get(checkpoint)
        if opened is None:
            opened = self._verify(checkpoint)
            if len(self._opened) >= _REMEMBERED_HEADS:
                del self._opened[next(iter(self._opened))]
            self._opened[checkpoint] = opened
        head, is_live = opened
        if live and not is_live:
            raise _refuse("the key has ended, and this is not its last head", "old-head-of-ended-key", 6)
        return head

    def _verify(self, checkpoint: str) -> tuple[Head, bool]:
        """Do steps 1 to 5; return the head, and whether step 6 holds."""
        note = open_note(checkpoint, [*self._witnesses, *self._keys])
        origin, size, root = _parse_text(note.text)
        own = [key for key in note.keys if key.name == origin]
        if not own:
            raise _refuse("the head is not signed by the log's own key", "foreign-key", 3)
        cosignatures = tuple(one for one in note.cosignatures if self._counts(one))
        head = Head(parse_origin(origin), size, root, cosignatures)
        objections = {self._keys[key]: self._keys[key].objection(size, root) for key in own}
        speaking = [listed for listed, objection in objections.items() if not objection]
        if not speaking:  # where one key follows another, both may sign the head between them
            raise _refuse(
                "the key does not speak for this part of the log", next(iter(objections.values())), 5
            )
        return head, any(listed.is_live(size, root) for listed in speaking)

    def _counts(self, one: Cosignature) -> bool:
        listed = self._witnesses.get(one.key) if one.key is not None else None
        return listed is None or listed.counts(one.time)


def generate_log_key(origin: Origin) -> LogKey:
    """Return a new key for the log of `origin`."""
    return LogKey(generate_note_key(str(origin), SIGNS_TEXT))


def generate_witness_key(name: str, key_type: int = COSIGNS_AT_TIME) -> NoteSigner:
    """Return a new key that cosigns other logs' heads as `name`; of type 0x04 or 0x06."""
    return generate_note_key(name, key_type)


def parse_origin(text: str) -> Origin:
    """Return the origin that `text` names; raise `EvidenceError`."""
    match = _ORIGIN.match(text)
    if match is None:
        raise _refuse("the origin names no member's log", "origin", 4)
    return Origin(MemberId(match[1]), match[2], int(match[3]))


def peek_head(checkpoint: str) -> UntrustedHead:
    """Return what `checkpoint` says without checking any signature, to see whose it claims to be."""
    origin, size, root = _parse_text(split_note(checkpoint)[0])
    return UntrustedHead(parse_origin(origin), size, root)


def checkpoint_text(origin: Origin, size: int, root: bytes) -> str:
    """Return the text that is signed; raise `InvalidInputError`."""
    if not 0 <= size < SIZE_LIMIT or len(root) != HASH_LENGTH:
        raise InvalidInputError("a head has a size and a root of 32 bytes", where="head")
    return f"{origin}\n{size}\n{base64.b64encode(root).decode('ascii')}\n"


def _parse_text(text: str) -> tuple[str, int, bytes]:
    lines = text.split("\n")
    if len(lines) != 4 or lines[3] or not lines[0]:
        raise _refuse("a head has three lines", "head-lines", 2)
    origin, size, encoded, _ = lines
    if not _SIZE.match(size) or int(size) >= SIZE_LIMIT:
        raise _refuse("the size of the head is not a number", "head-size", 2)
    return origin, int(size), _decode_root(encoded)


def _decode_root(encoded: str) -> bytes:
    try:
        root = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        root = b""
    if len(root) != HASH_LENGTH or base64.b64encode(root).decode("ascii") != encoded:
        raise _refuse("the root of the head is not 32 bytes", "head-root", 2)
    return root


def _refuse(message: str, reason: str, step: int) -> EvidenceError:
    return EvidenceError(message, where=f"checkpoint step {step}", reason=reason)
