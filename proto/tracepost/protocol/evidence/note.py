"""Signed notes (C2SP signed-note) and their cosignatures (C2SP tlog-cosignature).

A note is text that ends in a newline, an empty line, then signature lines:

    — <key name> base64(4-byte key id ‖ signature)

    key id  SHA-256(name ‖ 0x0A ‖ type ‖ public key)[:4]
    vkey    <name>+<key id in hex>+base64(type ‖ public key)
    skey    PRIVATE+KEY+<name>+<key id in hex>+base64(type ‖ 32-byte seed)

Type 0x01 signs the text. Type 0x04 is a witness: it signs "cosignature/v1\\ntime <t>\\n" and the text, and
its signature begins with t, 8 bytes big-endian. Type 0x06 is a witness with ML-DSA-44 (FIPS 204), which no quantum
computer forges: its message has the same time, its own name, and origin, size and root of the head. The table
`KEY_TYPES` is the registry of types; a reader ignores lines of types that it does not know.

Opening a note, in this order:

1. Form: UTF-8 within the limit, no control characters but newline, text and well-formed signature lines.
2. Signatures: every line of a known key verifies; lines of unknown keys are ignored; one known key signed.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

from tracepost.protocol.errors import ConfigurationError, EvidenceError, InvalidInputError

SIGNS_TEXT = 0x01
COSIGNS_AT_TIME = 0x04
COSIGNS_POST_QUANTUM = 0x06
NOTE_LIMIT = 8192
SIGNATURE_LIMIT = 32

_KEY_NAME = re.compile(r"[^\s+]+\Z")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
_SIGNATURE_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})\Z")
_SIZE = re.compile(r"(?:0|[1-9][0-9]{0,18})\Z")
_PRIVATE = "PRIVATE+KEY+"
_SEED_LENGTH = 32


@dataclass(frozen=True, slots=True)
class NoteVerifier:
    """A public key that notes are checked with, as its vkey says."""

    name: str
    key_type: int
    public_key: bytes
    key_id: bytes

    @property
    def vkey(self) -> str:
        """The text form, to be published."""
        encoded = _encode(bytes([self.key_type]) + self.public_key)
        return f"{self.name}+{self.key_id.hex()}+{encoded}"


PrivateKey = Ed25519PrivateKey | MLDSA44PrivateKey


@dataclass(frozen=True, slots=True)
class KeyType:
    """One row of the registry: lengths in bytes, and how a key is made, loaded and used to verify."""

    public_length: int
    generate: Callable[[], PrivateKey]
    load: Callable[[bytes], PrivateKey]
    verify: Callable[[bytes, bytes, bytes], None]


def _verify_ed25519(public_key: bytes, signature: bytes, message: bytes) -> None:
    Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)


def _verify_mldsa(public_key: bytes, signature: bytes, message: bytes) -> None:
    MLDSA44PublicKey.from_public_bytes(public_key).verify(signature, message)


_ED25519 = KeyType(32, Ed25519PrivateKey.generate, Ed25519PrivateKey.from_private_bytes, _verify_ed25519)
_MLDSA44 = KeyType(1312, MLDSA44PrivateKey.generate, MLDSA44PrivateKey.from_seed_bytes, _verify_mldsa)

KEY_TYPES: Final[Mapping[int, KeyType]] = MappingProxyType(
    {SIGNS_TEXT: _ED25519, COSIGNS_AT_TIME: _ED25519, COSIGNS_POST_QUANTUM: _MLDSA44}
)


class NoteSigner:
    """A private key with the name under which it signs notes."""

    def __init__(self, name: str, private_key: PrivateKey, key_type: int = SIGNS_TEXT) -> None:
        self._private_key = private_key
        self.verifier = _verifier(name, key_type, private_key.public_key().public_bytes_raw())

    @classmethod
    def from_skey(cls, skey: str) -> NoteSigner:
        """Return the key that `skey` holds; raise `ConfigurationError`, which never repeats it."""
        name, key_id, key_type, seed = _split_key(skey.removeprefix(_PRIVATE))
        if not skey.startswith(_PRIVATE) or key_type not in KEY_TYPES or len(seed) != _SEED_LENGTH:
            raise ConfigurationError("not a private note key", where="skey")
        signer = cls(name, KEY_TYPES[key_type].load(seed), key_type)
        if signer.verifier.key_id != key_id:
            raise ConfigurationError("the key id is not that of the key", where="skey")
        return signer

    @property
    def name(self) -> str:
        """The key name in signature lines."""
        return self.verifier.name

    @property
    def vkey(self) -> str:
        """The public key in text form."""
        return self.verifier.vkey

    def to_skey(self) -> str:
        """Return the private key as text, for a key store."""
        encoded = _encode(bytes([self.verifier.key_type]) + self._private_key.private_bytes_raw())
        return f"{_PRIVATE}{self.name}+{self.verifier.key_id.hex()}+{encoded}"

    def sign(self, text: str) -> str:
        """Return the signed note of `text`, which ends in a newline."""
        _check_text(text)
        return f"{text}\n{self._line(self._private_key.sign(text.encode()))}"

    def cosign(self, note: str, time: int) -> str:
        """Return `note` with this witness's signature line, made at `time` (unix seconds), added."""
        return note + self.cosignature(note, time)

    def cosignature(self, note: str, time: int) -> str:
        """Return this witness's signature line for `note`, made at `time` (unix seconds)."""
        text, _ = split_note(note)
        signature = self._private_key.sign(_message(self.verifier, text, time))
        return self._line(time.to_bytes(8) + signature)

    def _line(self, signature: bytes) -> str:
        return f"— {self.name} {_encode(self.verifier.key_id + signature)}\n"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"


@dataclass(frozen=True, slots=True)
class Cosignature:
    """The word of a witness: at `time` (unix seconds) this was the newest head it had seen; `key` signed it."""

    name: str
    time: int
    key: NoteVerifier | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class OpenedNote:
    """Text whose signatures were checked: the keys that signed it, and who witnessed it."""

    text: str
    keys: tuple[NoteVerifier, ...]
    cosignatures: tuple[Cosignature, ...]

    @property
    def signed_by(self) -> tuple[str, ...]:
        """The names of the keys that signed."""
        return tuple(key.name for key in self.keys)


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """A signature line as it stands, not checked."""

    name: str
    key_id: bytes
    signature: bytes


def generate_note_key(name: str, key_type: int = SIGNS_TEXT) -> NoteSigner:
    """Return a new key that signs as `name`."""
    return NoteSigner(name, KEY_TYPES[key_type].generate(), key_type)


def parse_vkey(vkey: str) -> NoteVerifier:
    """Return the public key that `vkey` holds; raise `InvalidInputError`."""
    try:
        name, key_id, key_type, public_key = _split_key(vkey)
        parsed = _verifier(name, key_type, public_key)
    except ConfigurationError as error:
        raise InvalidInputError("not a verifier key of a signed note", where="vkey") from error
    if parsed.key_id != key_id:
        raise InvalidInputError("the key id is not that of the key", where="vkey")
    return parsed


def split_note(note: str) -> tuple[str, tuple[SignatureLine, ...]]:
    """Return text and signature lines of a note whose form is right; nothing is verified.

    Raises:
        EvidenceError: step 1.
    """
    _check_characters(note)
    text, separator, signatures = note.rpartition("\n\n")
    if not separator or not signatures.endswith("\n"):
        raise _refuse("the note has no signatures", "no-signature", 1)
    lines = signatures[:-1].split("\n")
    if len(lines) > SIGNATURE_LIMIT:
        raise _refuse("the note has too many signatures", "too-many-signatures", 1)
    return text + "\n", tuple(_parse_line(line) for line in lines)


def open_note(note: str, keys: Iterable[NoteVerifier]) -> OpenedNote:
    """Return the text of `note` after checking every signature by one of `keys`.

    Raises:
        EvidenceError: steps 1 and 2.
    """
    known = {(key.name, key.key_id): key for key in keys}
    text, lines = split_note(note)
    signed: list[NoteVerifier] = []
    witnessed: list[Cosignature] = []
    for line in lines:
        key = known.get((line.name, line.key_id))
        if key is None:
            continue
        if key.key_type == SIGNS_TEXT:
            _verify(key, line.signature, text.encode())
            signed.append(key)
        else:
            witnessed.append(_verify_cosignature(key, line.signature, text))
    if not signed:
        raise _refuse("no known key signed the note", "unknown-key", 2)
    return OpenedNote(text, tuple(signed), tuple(witnessed))


def _verify_cosignature(key: NoteVerifier, signature: bytes, text: str) -> Cosignature:
    time = int.from_bytes(signature[:8])
    if time >= 1 << 63:
        raise _refuse("the time of a cosignature is out of range", "bad-signature", 2)
    _verify(key, signature[8:], _message(key, text, time))
    return Cosignature(key.name, time, key)


def _verify(key: NoteVerifier, signature: bytes, message: bytes) -> None:
    try:
        KEY_TYPES[key.key_type].verify(key.public_key, signature, message)
    except (InvalidSignature, ValueError):
        raise _refuse("a signature of the note does not verify", "bad-signature", 2) from None


def _message(key: NoteVerifier, text: str, time: int) -> bytes:
    """Return what a witness signs."""
    if key.key_type == COSIGNS_AT_TIME:
        return f"cosignature/v1\ntime {time}\n{text}".encode()
    origin, size, root = _head_lines(text)
    named = [len(one).to_bytes(1) + one for one in (key.name.encode(), origin.encode())]
    place = bytes(8) + size.to_bytes(8) + root
    return b"subtree/v1\n\0" + named[0] + time.to_bytes(8) + named[1] + place


def _head_lines(text: str) -> tuple[str, int, bytes]:
    """Return origin, size and root of the head that a note is; raise `EvidenceError`."""
    lines = text.split("\n")
    root = _decode(lines[2]) if len(lines) > 2 else None
    if root is None or len(root) != 32 or not _SIZE.match(lines[1]) or not 0 < len(lines[0].encode()) < 256:
        raise _refuse("the note is no head of a log", "head-lines", 2)
    return lines[0], int(lines[1]), root


def _parse_line(line: str) -> SignatureLine:
    match = _SIGNATURE_LINE.match(line)
    data = _decode(match[2]) if match else None
    if match is None or data is None or len(data) <= 4:
        raise _refuse("a signature line is not well formed", "signature-line", 1)
    return SignatureLine(match[1], data[:4], data[4:])


def _check_characters(note: str) -> None:
    try:
        length = len(note.encode())
    except UnicodeEncodeError:
        length = NOTE_LIMIT + 1
    if length > NOTE_LIMIT or _CONTROL.search(note):
        raise _refuse("the note is too long or holds control characters", "note-form", 1)


def _check_text(text: str) -> None:
    if not text.endswith("\n") or _CONTROL.search(text):
        raise InvalidInputError("a note ends in a newline and has no control characters", where="text")


def _verifier(name: str, key_type: int, public_key: bytes) -> NoteVerifier:
    if not _KEY_NAME.match(name) or key_type not in KEY_TYPES:
        raise ConfigurationError("a note key has a name without spaces or plus, and a known type")
    if len(public_key) != KEY_TYPES[key_type].public_length:
        raise ConfigurationError("the note key has not the length of its type")
    key_id = hashlib.sha256(name.encode() + b"\n" + bytes([key_type]) + public_key).digest()[:4]
    return NoteVerifier(name, key_type, public_key, key_id)


def _split_key(text: str) -> tuple[str, bytes, int, bytes]:
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    data = _decode(encoded)
    if not data or not re.fullmatch(r"[0-9a-f]{8}", key_id):
        raise ConfigurationError("not a note key", where="key")
    return name, bytes.fromhex(key_id), data[0], data[1:]


def _encode(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _decode(text: str) -> bytes | None:
    """Return the bytes of strict base64 (RFC 4648, section 4), None if it is not that."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if _encode(data) == text else None


def _refuse(message: str, reason: str, step: int) -> EvidenceError:
    return EvidenceError(message, where=f"note step {step}", reason=reason)
