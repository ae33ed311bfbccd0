"""The form of a key file: one line of JSON in clear, then what it is about, encrypted.

    {"format": "tracepost-desk-keys/1", …}\\n   the header: format with version, and its parameters
    …                                          ciphertext, bound to every byte of the header

The header is part of what the encryption authenticates, so no parameter can be changed. Which
key encrypts is the affair of each format: a passphrase, the machine, the escrow.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tracepost.protocol.errors import InvalidInputError, StoreError
from tracepost.protocol.ids import decode_b64

MAX_HEADER: Final = 16384


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A key file taken apart: its header, the same as bytes, and the rest. Nothing is proved yet."""

    header: Mapping[str, Any]
    line: bytes = field(repr=False)
    rest: bytes = field(repr=False)

    def text(self, name: str) -> str:
        """Return a text of the header; raise `StoreError`."""
        value = self.header.get(name)
        if not isinstance(value, str):
            raise damaged(name)
        return value

    def number(self, name: str, least: int, most: int) -> int:
        """Return a number of the header that lies between `least` and `most`; raise `StoreError`."""
        value = self.header.get(name)
        if type(value) is not int or not least <= value <= most:
            raise damaged(name)
        return value

    def data(self, name: str) -> bytes:
        """Return bytes of the header; raise `StoreError`."""
        try:
            return decode_b64(self.text(name), name)
        except InvalidInputError:
            raise damaged(name) from None


def write_header(form: str, **parameters: str | int) -> bytes:
    """Return the first line of a file of format `form`, its end included."""
    return json.dumps({"format": form, **parameters}).encode("ascii") + b"\n"


def take_apart(data: bytes, form: str) -> KeyFile:
    """Return the parts of a key file; raise `StoreError` for another format, version or no key file."""
    line, end, rest = data.partition(b"\n")
    if not end or len(line) > MAX_HEADER:
        raise damaged("header")
    try:
        header = json.loads(line)
    except (ValueError, RecursionError):
        raise damaged("header") from None
    if not isinstance(header, dict):
        raise damaged("header")
    if header.get("format") != form:
        raise StoreError(
            f"this is no file of the format {form}",
            where="key file",
            reason="key-file-format",
            remedy="Use the version of Tracepost that wrote it, or name the right file.",
        )
    return KeyFile(header, line + end, rest)


def encrypt(key: bytes, nonce: bytes, plaintext: bytes, header: bytes) -> bytes:
    """Return `plaintext` under AES-256-GCM, bound to the header line."""
    return AESGCM(key).encrypt(nonce, plaintext, header)


def decrypt(key: bytes, nonce: bytes, ciphertext: bytes, header: bytes) -> bytes | None:
    """Return what `encrypt` was given, None if key, header or ciphertext are others."""
    try:
        return AESGCM(key).decrypt(nonce, ciphertext, header)
    except (InvalidTag, ValueError):
        return None


def damaged(where: str = "key file") -> StoreError:
    """Return the error for a file that is not as it was written."""
    return StoreError(
        "a key file is damaged, was changed, or belongs to another machine",
        where=where,
        reason="key-file-damaged",
        remedy="Restore it from a backup of this machine, or recover the desk's keys with the escrow shares.",
    )
