"""What is in an attachment: judged as a whole before anybody is given any of it, then decrypted piece by piece.

The store has ciphertext only. A content exists in memory, a megabyte at a time: on its way to the
scanner, and on its way to an officer whom the gate lets see the field that holds its key.

    every chunk opens → size and SHA-256 are those that the field names → it is of its media type, and no
    program → the scanner of this node, if there is one, has nothing against it

A verdict is remembered for as long as the process runs and a scanner's patterns may be trusted: a day.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from tracepost.node.handlers.sealed.attached import Attached
from tracepost.node.ports.statements import Scan, Scanner
from tracepost.protocol.attachment import (
    AttachmentOpener,
    chunk_of,
    content_offset,
    sealed_offset,
    sealed_size,
)
from tracepost.protocol.errors import SealingError
from tracepost.protocol.media import MediaCheck
from tracepost.serving.storage.blobs import BlobName, Blobs
from tracepost.wire.v1 import attachment_pb2

T = TypeVar("T")

_PIECE_BYTES: Final = 1024 * 1024
_REMEMBERED: Final = 4096
_VERDICT_LIFE_S: Final = 86400
_AT_ONCE: Final = 2  # each has a core to itself for seconds


class Contents:
    """One per process.

    Args:
        blobs: where the ciphertexts are.
        scanner: None: contents are not scanned, and that is said.
        clock: gives unix seconds.
    """

    def __init__(self, blobs: Blobs, scanner: Scanner | None, clock: Callable[[], int]) -> None:
        self._blobs = blobs
        self._scanner = scanner
        self._clock = clock
        self._judged: OrderedDict[Attached, int] = OrderedDict()
        self._bench = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="contents")

    @property
    def verdict(self) -> attachment_pb2.ScanVerdict:
        """What is said of a content that was judged and let through."""
        if self._scanner is None:
            return attachment_pb2.SCAN_VERDICT_NOT_SCANNED
        return attachment_pb2.SCAN_VERDICT_CLEAN

    async def judge(self, attached: Attached) -> None:
        """Look at the whole content of an attachment.

        Raises:
            NotFoundError: its ciphertext is not here.
            SealingError: it does not open, or is not what the field names.
            InvalidInputError: it is of another media type, a program, or the scanner found something.
            ConfigurationError: the scanner gave no verdict.
        """
        if self._judged.get(attached, 0) > self._clock():
            return
        await self._run(lambda: self._judge(attached))
        self._judged[attached] = self._clock() + _VERDICT_LIFE_S
        while len(self._judged) > _REMEMBERED:
            self._judged.popitem(last=False)

    def has(self, address: bytes) -> bool:
        """Say whether the ciphertext is here whole."""
        return self._blobs.has(BlobName(address))

    def close(self) -> None:
        """Finish what is being judged."""
        self._bench.shutdown()

    def pieces(self, attached: Attached, offset: int) -> Iterator[bytes]:
        """Yield the content from byte `offset` on; blocks. Raises like `judge`."""
        chunk = chunk_of(offset)
        skip = offset - content_offset(chunk)
        opener = AttachmentOpener(attached.key, attached.size, first_chunk=chunk)
        with self._blobs.read(BlobName(attached.address), sealed_offset(chunk)) as file:
            while some := file.read(_PIECE_BYTES):
                content = opener.update(some)[skip:]
                skip = 0
                if content:
                    yield content
        opener.finish()

    def _judge(self, attached: Attached) -> None:
        found = self._blobs.find(BlobName(attached.address))
        if found is not None and found.is_whole and found.length != sealed_size(attached.size):
            raise SealingError("the attachment has another size", where="attachment", reason="other-size")
        scan = self._scanner.begin() if self._scanner else None
        try:
            self._look_through(attached, scan)
            if scan is not None:
                scan.finish()
        except BaseException:
            if scan is not None:
                scan.give_up()
            raise

    def _look_through(self, attached: Attached, scan: Scan | None) -> None:
        digest, check = hashlib.sha256(), MediaCheck(attached.media_type)
        for content in self.pieces(attached, 0):
            digest.update(content)
            check.update(content)
            if scan is not None:
                scan.feed(content)
        check.finish()
        if digest.digest() != attached.content_sha256:
            raise SealingError(
                "the content is not the one that the field names", where="attachment", reason="other-content"
            )

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._bench, work)
