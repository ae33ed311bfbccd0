"""Attachments: files too large to travel in an envelope, encrypted piece by piece (STREAM, as in age).

    content ──→ size (8) ‖ content ‖ zeros up to a size class ──→ chunks of 64 KiB
    chunk i ──→ AES-256-GCM(HKDF(key), nonce = i (11 bytes) ‖ last? (1 byte), chunk)
    address = SHA-256 of all encrypted chunks

The key is fresh for each attachment. Key, size and the digest of the content stand in a field of the
statement, so whoever reads the field opens the attachment, and no one else; the address alone tells
nothing. A chunk's number and whether it is the last are in its nonce: cut short, extended or reordered,
the stream does not open. The size is inside, in the first chunk, and what follows the content is zeros:
one content under one key has one encryption. What others see of the size is its class (Padmé: 12 % at
most, 3 % above 100 MB).

Everything here is incremental: memory does not grow with the size, and encryption, transfer and
decryption go on at any chunk.

    sealer = AttachmentSealer(key, size)
    for some in content: out(sealer.update(some))
    out(sealer.finish())

    opener = AttachmentOpener(key, size)            # or first_chunk=n, fed from sealed_offset(n)
    for some in sealed: out(opener.update(some))
    out(opener.finish())

A refusal of opening is a `SealingError` whose reason is one of:

    broken-chunk   a chunk does not authenticate: altered, moved, of another key, or last when it is not
    other-size     the size in the first chunk is not the one that the statement names
    padding        something else than zeros follows the content
    cut-short      the stream ends before its last chunk
    too-long       something follows the last chunk
"""

from __future__ import annotations

from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from tracepost.protocol.errors import InvalidInputError, LimitError, SealingError

KEY_BYTES: Final = 32
"""Length of the key that a statement carries."""
CHUNK_BYTES: Final = 64 * 1024
TAG_BYTES: Final = 16
MAX_CONTENT_BYTES: Final = 2 * 1024 * 1024 * 1024
"""The largest file that can be attached."""

_SIZE_BYTES: Final = 8
_LABEL: Final = b"tracepost/v1/attachment"
_SEALED_CHUNK: Final = CHUNK_BYTES + TAG_BYTES


def sealed_size(content_bytes: int) -> int:
    """Return how many bytes an attachment with `content_bytes` of content has when it is encrypted.

    Raises:
        InvalidInputError: an empty file.
        LimitError: more than `MAX_CONTENT_BYTES`.
    """
    padded = _padded_size(content_bytes)
    return padded + TAG_BYTES * -(-padded // CHUNK_BYTES)


def sealed_offset(chunk: int) -> int:
    """Return where encrypted chunk number `chunk` begins, in bytes."""
    return chunk * _SEALED_CHUNK


def sealed_chunk_of(offset: int) -> int:
    """Return the number of the encrypted chunk that holds byte `offset` of the ciphertext."""
    return offset // _SEALED_CHUNK


def chunk_of(content_offset: int) -> int:
    """Return the number of the chunk that holds the content's byte `content_offset`."""
    return (content_offset + _SIZE_BYTES) // CHUNK_BYTES


def content_offset(chunk: int) -> int:
    """Return the offset of the first byte of content in chunk number `chunk`."""
    return max(0, chunk * CHUNK_BYTES - _SIZE_BYTES)


class AttachmentSealer:
    """Encrypts the content of one attachment, from its beginning or from a chunk on.

    Args:
        key: 32 fresh random bytes, used for this content alone.
        content_bytes: how much content there will be, all of it.
        first_chunk: to go on after an interruption: the content that is fed begins at
            `content_offset(first_chunk)`, and what comes out at `sealed_offset(first_chunk)`.
    """

    def __init__(self, key: bytes, content_bytes: int, *, first_chunk: int = 0) -> None:
        self._chunks = _Chunks(key, content_bytes)
        self._next = first_chunk
        self._left = content_bytes - content_offset(first_chunk)
        self._waiting = bytearray(content_bytes.to_bytes(_SIZE_BYTES) if first_chunk == 0 else b"")

    def update(self, content: bytes) -> bytes:
        """Take more content; return what is encrypted now. More than was announced is an `InvalidInputError`."""
        if len(content) > self._left:
            raise _changed()
        self._left -= len(content)
        self._waiting += content
        return b"".join(self._whole_chunks())

    def finish(self) -> bytes:
        """Return the rest, padding included; less content than was announced is an `InvalidInputError`."""
        if self._left:
            raise _changed()
        sealed = []
        while self._next < self._chunks.count:
            length = self._chunks.length(self._next)
            self._waiting += bytes(length - len(self._waiting))
            sealed.append(self._take(length))
        return b"".join(sealed)

    def _whole_chunks(self) -> list[bytes]:
        sealed = []
        # The last chunk waits for `finish`, full or not.
        while len(self._waiting) >= CHUNK_BYTES and self._next < self._chunks.count - 1:
            sealed.append(self._take(CHUNK_BYTES))
        return sealed

    def _take(self, length: int) -> bytes:
        chunk = bytes(self._waiting[:length])
        del self._waiting[:length]
        self._next += 1
        return self._chunks.seal(self._next - 1, chunk)


class AttachmentOpener:
    """Decrypts an attachment, from its beginning or from a chunk on; every byte that comes out is authentic.

    That the content is whole is known after `finish`.

    Args:
        key, content_bytes: as the statement names them.
        first_chunk: what is fed begins at `sealed_offset(first_chunk)`.
    """

    def __init__(self, key: bytes, content_bytes: int, *, first_chunk: int = 0) -> None:
        self._chunks = _Chunks(key, content_bytes)
        self._content_bytes = content_bytes
        self._next = first_chunk
        self._waiting = bytearray()

    def update(self, sealed: bytes) -> bytes:
        """Take more of the encrypted stream; return what content it holds. Raises `SealingError`."""
        self._waiting += sealed
        content = []
        while self._next < self._chunks.count and len(self._waiting) >= self._sealed_length():
            content.append(self._take())
        if self._waiting and self._next == self._chunks.count:
            raise SealingError("something follows the attachment", where="attachment", reason="too-long")
        return b"".join(content)

    def finish(self) -> None:
        """Say that nothing more comes; raise `SealingError` if the last chunk has not come."""
        if self._next < self._chunks.count:
            raise SealingError("the attachment is cut short", where="attachment", reason="cut-short")

    def _sealed_length(self) -> int:
        return self._chunks.length(self._next) + TAG_BYTES

    def _take(self) -> bytes:
        length, number = self._sealed_length(), self._next
        chunk = bytes(self._waiting[:length])
        del self._waiting[:length]
        self._next += 1
        return self._content_of(number, self._chunks.open(number, chunk))

    def _content_of(self, number: int, plain: bytes) -> bytes:
        if number == 0:
            if int.from_bytes(plain[:_SIZE_BYTES]) != self._content_bytes:
                raise SealingError(
                    "the attachment has another size", where="attachment chunk 0", reason="other-size"
                )
            plain = plain[_SIZE_BYTES:]
        end = max(0, self._content_bytes - content_offset(number))
        if any(plain[end:]):
            raise SealingError(
                "something follows the content", where=f"attachment chunk {number}", reason="padding"
            )
        return plain[:end]


class _Chunks:
    """The chunks of one attachment: how many and how long, and each encrypted under its number."""

    def __init__(self, key: bytes, content_bytes: int) -> None:
        if len(key) != KEY_BYTES:
            raise InvalidInputError("a key has 32 bytes", where="key", reason="attachment-key")
        self._padded = _padded_size(content_bytes)
        self.count = -(-self._padded // CHUNK_BYTES)
        self._cipher = AESGCM(HKDF(SHA256(), KEY_BYTES, salt=None, info=_LABEL).derive(key))

    def length(self, number: int) -> int:
        """Return the bytes of chunk `number` before encryption."""
        return min(CHUNK_BYTES, self._padded - number * CHUNK_BYTES)

    def seal(self, number: int, plain: bytes) -> bytes:
        """Return chunk `number` encrypted."""
        return self._cipher.encrypt(self._nonce(number), plain, None)

    def open(self, number: int, sealed: bytes) -> bytes:
        """Return chunk `number` decrypted; raise `SealingError`."""
        try:
            return self._cipher.decrypt(self._nonce(number), sealed, None)
        except InvalidTag:
            raise SealingError(
                "a chunk of the attachment does not open",
                where=f"attachment chunk {number}",
                reason="broken-chunk",
            ) from None

    def _nonce(self, number: int) -> bytes:
        return number.to_bytes(11) + (b"\1" if number == self.count - 1 else b"\0")


def _padded_size(content_bytes: int) -> int:
    """Return the size class of a content: Padmé (Nikitin et al., 2019), one chunk at least."""
    if content_bytes < 1:
        raise InvalidInputError("an empty file is no attachment", where="attachment", reason="empty")
    if content_bytes > MAX_CONTENT_BYTES:
        raise LimitError("an attachment has at most 2 GiB", where="attachment", reason="attachment-too-large")
    size = max(content_bytes + _SIZE_BYTES, CHUNK_BYTES)
    exponent = size.bit_length() - 1
    step = 1 << (exponent - exponent.bit_length())
    return -(-size // step) * step


def _changed() -> InvalidInputError:
    return InvalidInputError(
        "the file has another size than when it was begun", where="attachment", reason="file-changed"
    )
