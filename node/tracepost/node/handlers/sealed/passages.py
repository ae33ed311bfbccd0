"""Where the attachments of a statement are, as its readers are told: of those that they see named, and no others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from tracepost.node.handlers.sealed.attached import Attached, attached_in
from tracepost.node.ports.store import Tx
from tracepost.node.records.mail import Journey
from tracepost.node.records.statements import AttachmentRecord, Direction, StatementRecord
from tracepost.protocol.attachment import sealed_size
from tracepost.protocol.ids import StatementDigest
from tracepost.protocol.schema import Field
from tracepost.serving.storage.blobs import BlobName, Blobs
from tracepost.wire.v1 import attachment_pb2

Passages = Mapping[StatementDigest, Sequence[AttachmentRecord]]
"""What is known of the attachments of statements."""

_NOT_SENT = "not-found"
_OURS = {
    Journey.WAITING: attachment_pb2.ATTACHMENT_PLACE_LEAVING,
    Journey.DONE: attachment_pb2.ATTACHMENT_PLACE_HANDED_OVER,
    Journey.FAILED: attachment_pb2.ATTACHMENT_PLACE_FAILED,
}


def read_passages(tx: Tx, records: Iterable[StatementRecord]) -> Passages:
    """Return what is known of the attachments of these statements."""
    found: dict[StatementDigest, list[AttachmentRecord]] = {}
    for one in tx.attachments.of_statements([r.digest for r in records]):
        found.setdefault(one.statement, []).append(one)
    return found


def show_passages(
    record: StatementRecord, fields: Sequence[Field], passages: Passages, blobs: Blobs
) -> list[attachment_pb2.AttachmentState]:
    """Return where the attachments are that `fields`, which a desk may see, name."""
    attached = attached_in(fields)
    known = passages.get(record.digest, ()) if attached else ()
    return [state for one in attached for state in _states(one, record.direction, known, blobs)]


def _states(
    one: Attached, direction: Direction, known: Iterable[AttachmentRecord], blobs: Blobs
) -> Iterator[attachment_pb2.AttachmentState]:
    ways = [way for way in known if way.address == one.address and way.via]
    if direction is Direction.THEIRS:
        yield _coming(one, ways, blobs)
        return
    if not ways:  # it went nowhere: it waits for somebody's word, or stays with our own desks
        yield _coming(one, ways, blobs)
    for way in ways:
        yield attachment_pb2.AttachmentState(
            address=one.address,
            place=_OURS[way.passage],
            to=way.member,
            total_bytes=sealed_size(one.size),
            problem=way.reason or None,
        )


def _coming(one: Attached, ways: Sequence[AttachmentRecord], blobs: Blobs) -> attachment_pb2.AttachmentState:
    found = blobs.find(BlobName(one.address))
    state = attachment_pb2.AttachmentState(
        address=one.address, bytes_here=found.length if found else 0, total_bytes=sealed_size(one.size)
    )
    if found is not None and found.is_whole:
        state.place = attachment_pb2.ATTACHMENT_PLACE_HERE
    elif any(way.passage is Journey.WAITING for way in ways):
        state.place = attachment_pb2.ATTACHMENT_PLACE_WAITING
    else:
        state.place = attachment_pb2.ATTACHMENT_PLACE_FAILED
    problem = next((way.reason for way in ways if way.reason), "" if ways else _NOT_SENT)
    if problem and state.place != attachment_pb2.ATTACHMENT_PLACE_HERE:
        state.problem = problem
    return state
