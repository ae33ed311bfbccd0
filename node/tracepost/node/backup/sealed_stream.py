"""A long stream under one key, in pieces that cannot be changed, exchanged, repeated or cut off (STREAM, as in age).

Each piece is AES-256-GCM under the key of this stream alone, with its number and whether it is the last as nonce.
A file that was cut short lacks its last piece, and is refused however it was cut.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import BinaryIO, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tracepost.protocol.errors import LimitError, StoreError

PIECE: Final = 64 * 1024
_TAG: Final = 16
_MOST_PIECES: Final = 1 << 64


def stream_key(secret: bytes, header: bytes) -> bytes:
    """Return the key of the stream behind `header`; `secret` is drawn for this stream alone."""
    return HKDF(SHA256(), 32, salt=None, info=b"tracepost/v1/backup/" + header).derive(secret)


class SealedWriter(io.RawIOBase):
    """Encrypts what is written to it; `finish` writes the last piece. Closing without it leaves a cut stream."""

    def __init__(self, file: BinaryIO, key: bytes, told: Callable[[int], None] = lambda _: None) -> None:
        self._file = file
        self._cipher = AESGCM(key)
        self._waiting = bytearray()
        self._next = 0
        self._told = told

    def writable(self) -> bool:
        """Say that it takes bytes."""
        return True

    def write(self, data: object) -> int:
        """Take more of the stream."""
        taken = memoryview(data)  # type: ignore[arg-type] # io's own word for bytes-like
        self._waiting += taken
        while len(self._waiting) > PIECE:  # the last piece is never empty but in an empty stream
            self._put(PIECE, is_last=False)
        self._told(len(taken))
        return len(taken)

    def finish(self) -> None:
        """Write what is left as the last piece."""
        self._put(len(self._waiting), is_last=True)

    def _put(self, length: int, *, is_last: bool) -> None:
        piece = bytes(self._waiting[:length])
        del self._waiting[:length]
        self._file.write(self._cipher.encrypt(_nonce(self._next, is_last=is_last), piece, None))
        self._next += 1


class SealedReader(io.RawIOBase):
    """Gives what `SealedWriter` encrypted; whatever is not as it was written is a `StoreError`."""

    def __init__(self, file: BinaryIO, key: bytes, told: Callable[[int], None] = lambda _: None) -> None:
        self._file = file
        self._cipher = AESGCM(key)
        self._ahead = file.read(PIECE + _TAG)
        self._left = b""
        self._next = 0
        self._ended = False
        self._told = told

    def readable(self) -> bool:
        """Say that it gives bytes."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fill `buffer` with what comes next; 0 at the end, which is proved to be the end."""
        view = memoryview(buffer)  # type: ignore[arg-type] # io's own word for bytes-like
        while not self._left and not self._ended:
            self._take()
        count = min(len(view), len(self._left))
        view[:count] = self._left[:count]
        self._left = self._left[count:]
        self._told(count)
        return count

    def drain(self) -> None:
        """Read to the end, so that it is proved."""
        while self.read(PIECE):
            pass

    def _take(self) -> None:
        sealed, self._ahead = self._ahead, self._file.read(PIECE + _TAG)
        self._ended = not self._ahead
        try:
            self._left = self._cipher.decrypt(_nonce(self._next, is_last=self._ended), sealed, None)
        except (InvalidTag, ValueError):
            raise damaged() from None
        self._next += 1


def damaged(where: str = "backup") -> StoreError:
    """Return the error for a backup that is not as it was written."""
    return StoreError(
        "the backup is damaged, cut short, or was changed",
        where=where,
        reason="backup-damaged",
        remedy="Take another backup: tracepost drill shows which of them are whole.",
    )


def _nonce(number: int, *, is_last: bool) -> bytes:
    if number >= _MOST_PIECES:
        raise LimitError("a backup is at most 2^80 bytes long", where="backup")
    return number.to_bytes(11) + bytes([is_last])
