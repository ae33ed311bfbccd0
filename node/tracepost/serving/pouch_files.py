"""The files of a pouch as a daemon of any kind makes them: `protocol.pouch` has their form.

    with open_spool(folder) as spool:
        filling = Filling(spool, most_bytes, room_for_lists(envelopes, stored))
        filling.put_frame(frame); filling.put_mail(envelopes); filling.put_file(address, length, ids)
        files = filling.finish(manifest, stored, sign)
        async for data in Packed(files, spool, open_blob).read(files[0]): ...

What is in a pouch is drawn from the store in pieces and lies in a spool meanwhile, so that memory holds no more than
one piece.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, BinaryIO, Final, Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from tracepost.protocol.envelope import Lane, envelope_id, parse_header
from tracepost.protocol.errors import ConfigurationError, LimitError, StoreError
from tracepost.protocol.ids import EnvelopeId
from tracepost.protocol.pouch import PARTS_LIMIT, SECTIONS_LIMIT, Sign, section_of, signer_of, write_beginning
from tracepost.serving.frames import FrameLimits
from tracepost.serving.storage.durable_file import write_all
from tracepost.wire.v1.envelope_pb2 import Envelope
from tracepost.wire.v1.post_pb2 import AttachmentRequest, Frame
from tracepost.wire.v1.pouch_pb2 import (
    PouchedEnvelope,
    PouchManifest,
    PouchPartKind,
    PouchSection,
    PouchSummary,
)

PIECE_BYTES: Final = 512 * 1024
LONGEST_FILE_BYTES: Final = 2000 * 1024 * 1024
"""A file that a stick with an old file system takes, and that is taken in as one attachment is."""
LONGEST_ATTACHMENT_BYTES: Final = LONGEST_FILE_BYTES - 8 * 1024 * 1024
"""One that is longer fits into no file: it waits for a line, and the mail does not wait for it."""

_MEBIBYTE: Final = 1024 * 1024
_FRAME_BYTES: Final = 1024 * 1024
_ROOM_FOR_LIST: Final = 192 * 1024
_ROOM_FOR_ENVELOPE: Final = 48
_ROOM_FOR_STORED: Final = 72


@dataclass(frozen=True, slots=True)
class NodeSeal:
    """What a pouch is signed with: certificates of our node as DER, leaf first, without the root."""

    certificates: tuple[bytes, ...]
    sign: Sign = field(repr=False)

    @classmethod
    def of(cls, chain: Sequence[x509.Certificate], key: ec.EllipticCurvePrivateKey) -> Self:
        """Return the seal of a node: who brings a pouch is shown as on a stream.

        Raises:
            ConfigurationError: the key is not that of the certificate.
        """
        leaf, *rest = chain
        if leaf.public_key() != key.public_key():
            raise ConfigurationError("the node's key is not that of its certificate")
        above = [one for one in rest if one.issuer != one.subject]
        shown = tuple(one.public_bytes(Encoding.DER) for one in (leaf, *above))
        return cls(shown, signer_of(key))


@dataclass(slots=True)
class _File:
    """One file of a pouch while it is put together; `room` counts down."""

    room: int
    sections: list[PouchSection] = field(default_factory=list)
    envelopes: list[EnvelopeId] = field(default_factory=list)
    summary: PouchSummary = field(default_factory=PouchSummary)


@dataclass(frozen=True, slots=True)
class PackedFile:
    """One file of a pouch, ready to be read."""

    summary: PouchSummary
    total_bytes: int
    beginning: bytes = field(repr=False)
    sections: Sequence[PouchSection] = field(repr=False)
    offset: int = 0


def room_for_lists(envelopes: int, stored: int) -> int:
    """Return how many bytes of each file stand before its sections, at most."""
    return _ROOM_FOR_LIST + _ROOM_FOR_ENVELOPE * envelopes + _ROOM_FOR_STORED * stored


class Packed:
    """A pouch that was made. Its files are read one after the other."""

    def __init__(
        self, files: Sequence[PackedFile], spool: IO[bytes], open_blob: Callable[[bytes], BinaryIO]
    ) -> None:
        """Use `open_blob` for the ciphertext of an attachment, by its address."""
        self.files = files
        self._spool = spool
        self._open_blob = open_blob

    async def read(self, file: PackedFile) -> AsyncIterator[bytes]:
        """Yield the bytes of a file."""
        pieces = self._pieces(file)
        while (some := await asyncio.to_thread(next, pieces, None)) is not None:
            yield some

    def _pieces(self, file: PackedFile) -> Iterator[bytes]:
        for start in range(0, len(file.beginning), PIECE_BYTES):
            yield file.beginning[start : start + PIECE_BYTES]
        offset = file.offset
        for section in file.sections:
            if section.kind == PouchPartKind.POUCH_PART_KIND_FRAME:
                self._spool.seek(offset)
                yield from _read(self._spool, section.length)
                offset += section.length
            else:
                with self._open_blob(section.sha256) as blob:
                    yield from _read(blob, section.length)


class Filling:
    """Puts sections into files, each into the last one as long as that has room."""

    def __init__(self, spool: IO[bytes], most_bytes: int, lists_bytes: int) -> None:
        """Leave `lists_bytes` of each file for what stands before the sections."""
        self._spool = spool
        self._lists_bytes = lists_bytes
        self._room = room = most_bytes - lists_bytes
        self._files = [_File(room)]

    def put_frame(self, frame: Frame) -> None:
        """Put a frame without mail."""
        data = frame.SerializeToString(deterministic=True)
        summary = self._put(section_of(PouchPartKind.POUCH_PART_KIND_FRAME, data)).summary
        self._spool_away(data)
        summary.receipts += len(frame.receipts)
        summary.papers += len(frame.announcements)

    def put_mail(self, envelopes: Sequence[Envelope]) -> None:
        """Put a frame of mail."""
        if not envelopes:
            return
        data = Frame(envelopes=envelopes).SerializeToString(deterministic=True)
        file = self._put(section_of(PouchPartKind.POUCH_PART_KIND_FRAME, data))
        self._spool_away(data)
        file.envelopes += [envelope_id(one.header) for one in envelopes]
        file.summary.envelopes += len(envelopes)
        file.summary.urgent += sum(parse_header(one.header).address.lane is Lane.URGENT for one in envelopes)

    def _spool_away(self, data: bytes) -> None:
        with _spooling():
            write_all(self._spool.fileno(), data)

    def put_file(self, address: bytes, length: int, envelopes: Sequence[EnvelopeId]) -> None:
        """Put an attachment, which lies in the store of attachments."""
        section = PouchSection(
            kind=PouchPartKind.Name(PouchPartKind.POUCH_PART_KIND_ATTACHMENT),
            length=length,
            sha256=address,
            envelope_ids=envelopes,
        )
        self._put(section).summary.attachments += 1

    def finish(
        self, manifest: PouchManifest, stored: Sequence[AttachmentRequest], sign: Sign
    ) -> list[PackedFile]:
        """Return the files, each with its manifest."""
        if len(self._files) > PARTS_LIMIT:
            raise LimitError(
                "the pouch would have more than 999 files",
                where="most_mib",
                remedy="Let a file be longer: --most-mib.",
            )
        manifest.parts = len(self._files)
        manifest.envelopes.extend(
            PouchedEnvelope(envelope_id=id_, part=part)
            for part, file in enumerate(self._files, 1)
            for id_ in file.envelopes
        )
        packed, offset = [], 0
        for part, file in enumerate(self._files, 1):
            said = PouchManifest()
            said.CopyFrom(manifest)
            said.part = part
            said.sections.extend(file.sections)
            said.attachments_stored.extend(stored if part == 1 else ())
            packed.append(_finished(said, file, sign, offset))
            offset += sum(s.length for s in file.sections if s.kind == PouchPartKind.POUCH_PART_KIND_FRAME)
        return packed

    def _put(self, section: PouchSection) -> _File:
        needed = section.ByteSize() + 8 + section.length
        if needed > self._room:
            raise LimitError(
                "one thing that is to go is longer than a file may be",
                where="most_mib",
                reason="too-large-for-a-file",
                remedy=f"Let a file have {(needed + self._lists_bytes) // _MEBIBYTE + 1} MiB or more: --most-mib.",
            )
        file = self._files[-1]
        if needed > file.room or len(file.sections) == SECTIONS_LIMIT:
            file = _File(self._room)
            self._files.append(file)
        file.room -= needed
        file.sections.append(section)
        return file


def _finished(said: PouchManifest, file: _File, sign: Sign, offset: int) -> PackedFile:
    beginning = write_beginning(said, sign)
    total = len(beginning) + sum(one.length for one in file.sections)
    return PackedFile(summary_of(said, file.summary), total, beginning, file.sections, offset)


def moment(unix_seconds: int) -> str:
    """Return a time as RFC 3339 in UTC."""
    return dt.datetime.fromtimestamp(unix_seconds, tz=dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def summary_of(manifest: PouchManifest, counts: PouchSummary) -> PouchSummary:
    """Return what a file holds, in numbers: those in `counts`, and what the manifest says."""
    summary = PouchSummary(
        from_member=manifest.from_member,
        to_member=manifest.to_member,
        number=manifest.number,
        part=manifest.part,
        parts=manifest.parts,
        made_at=moment(manifest.made_at),
        envelopes=0,
        urgent=0,
        receipts=0,
        papers=0,
        attachments=0,
    )
    summary.MergeFrom(counts)
    return summary


def in_frames(items: Iterable[tuple[str, object]]) -> Iterator[Frame]:
    """Yield frames of things with the names of their fields, in their order, none beyond what a frame holds."""
    limits, frame = FrameLimits(), Frame()
    for name, thing in items:
        full = len(getattr(frame, name)) >= limits.count(name) or frame.ByteSize() >= _FRAME_BYTES
        if full:
            yield frame
            frame = Frame()
        getattr(frame, name).append(thing)
    if frame.ListFields():
        yield frame


def groups_of(sized: Sequence[tuple[EnvelopeId, int]]) -> Iterator[list[EnvelopeId]]:
    """Yield envelopes that fit into one frame together; a longer one goes alone."""
    group: list[EnvelopeId] = []
    length = 0
    for id_, size in sized:
        if group and (length + size > _FRAME_BYTES or len(group) == FrameLimits().envelopes):
            yield group
            group, length = [], 0
        group.append(id_)
        length += size
    if group:
        yield group


@contextmanager
def open_spool(folder: Path) -> Iterator[IO[bytes]]:
    """Open a file without a name; raise `StoreError`, if the disk takes none."""
    with _spooling():
        spool = tempfile.TemporaryFile(dir=folder, buffering=0)  # noqa: SIM115 - closed below
    with spool:
        yield spool


@contextmanager
def _spooling() -> Iterator[None]:
    """Tell as ours what the disk of the spool does not do, and nothing else."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"the pouch cannot be written: {error.strerror}",
            where="pouches",
            reason="pouch-not-written",
            remedy="Make room on the disk of its folder; the mail waits as before.",
        ) from error


def _read(file: IO[bytes], length: int) -> Iterator[bytes]:
    while length:
        with _spooling():
            some = file.read(min(PIECE_BYTES, length))
        if not some:
            raise LimitError("a file grew shorter while it was read", where="spool")
        length -= len(some)
        yield some
