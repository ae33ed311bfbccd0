"""A table of weapons as drafts: good rows grouped to requests, bad rows told one by one.

Rows that say the same of their request (file number, law, circumstances, use, questions)
make one request; 300 items or 12 MiB of photographs at most, the rest follows in the same
case. What the table does not say comes from a template.

    batch = read_items(data, template, Album(folder))
    async for sent in send_folders(client, batch.folders): ...

A draft's idempotency key is made from its content: the same rows sent again are the same
submission and never a second request.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from google.protobuf.message import Message

from tracepost.protocol import schema
from tracepost.protocol.errors import InvalidInputError, InvalidMessageError
from tracepost.protocol.vocabulary import needs_illicit_ground
from tracepost.sdk.client import Client
from tracepost.sdk.intake.columns import Column, Heading, read_heading
from tracepost.sdk.intake.documents import Album
from tracepost.sdk.intake.rejections import Reason, Rejection
from tracepost.sdk.intake.rows import Around, ReadRow, RowReader
from tracepost.sdk.intake.tables import MAX_ROWS, Row, Table, read_table
from tracepost.wire.v1 import desk_pb2, terms_pb2, trace_pb2

MAX_ITEMS = 300
MAX_PHOTOGRAPH_BYTES = 12 * 1024 * 1024  # leaves room in the largest body, 16 MiB


@dataclass(frozen=True, slots=True)
class Request:
    """One draft and the rows whose items it holds."""

    draft: desk_pb2.Draft
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of a table.

    Args:
        folders: requests of one case each; the second and later of a folder follow the first.
        rejections: what is wrong with rows that were not taken.
        table: the table as read, with encoding and delimiter.
        unknown_columns: headings that were not understood and not taken.
    """

    folders: tuple[tuple[Request, ...], ...]
    rejections: tuple[Rejection, ...]
    table: Table
    unknown_columns: tuple[str, ...]

    @property
    def item_count(self) -> int:
        """Items in all requests."""
        return sum(len(request.rows) for folder in self.folders for request in folder)


@dataclass(frozen=True, slots=True)
class ReadRows:
    """What became of each row of a table, before any request is made of them."""

    rows: tuple[ReadRow, ...]
    rejections: tuple[Rejection, ...]
    table: Table
    heading: Heading


@dataclass(frozen=True, slots=True)
class Sent:
    """A request and what the node said to it."""

    request: Request
    submission: desk_pb2.Submission


def read_items(data: bytes, template: desk_pb2.Draft, album: Album, encoding: str | None = None) -> Batch:
    """Return the requests that the table in `data` makes.

    Args:
        data: the table, any usual encoding and delimiter.
        template: what all requests have in common; its content is a trace request.
        album: where photographs named in the table are found.
        encoding: codec of the table, when it is known.

    Raises:
        InvalidInputError, LimitError: the table as a whole cannot be read.
        InvalidMessageError: what is wrong is the template's; no row can be sent with it.
    """
    read = read_rows(data, album, encoding)
    taken, ungrounded = _with_grounds(read, template)
    folders = tuple(tuple(_judged(one) for one in folder) for folder in folders_of(taken, template))
    rejected = tuple(sorted((*read.rejections, *ungrounded), key=lambda one: one.row))
    return Batch(folders, rejected, read.table, read.heading.unknown)


def read_rows(data: bytes, album: Album, encoding: str | None = None, most_rows: int = MAX_ROWS) -> ReadRows:
    """Return the rows of the table in `data`, each judged by itself; no two items have the same number.

    Args:
        data, album, encoding: as for `read_items`.
        most_rows: below the heading.

    Raises:
        InvalidInputError, LimitError: the table as a whole cannot be read.
    """
    table = read_table(data, encoding, most_rows)
    heading = read_heading(table.heading)
    reader, seen = RowReader(heading, album), set[str]()
    taken: list[ReadRow] = []
    rejections: list[Rejection] = []
    for row in table.rows:
        read = reader.read(row)
        if not isinstance(read, ReadRow):
            rejections.extend(read)
        elif read.item.id in seen:
            rejections.append(Rejection(row.number, heading.name(Column.ITEM), Reason.DUPLICATE))
        else:
            seen.add(read.item.id)
            taken.append(read)
    return ReadRows(tuple(taken), tuple(rejections), table, heading)


def _with_grounds(read: ReadRows, template: desk_pb2.Draft) -> tuple[list[ReadRow], list[Rejection]]:
    """Leave out rows that are good alone and for which nothing says why their item is illicit."""
    common, column = template.content.trace_request.illicit_grounds, read.heading.name(Column.GROUND)
    fit, unfit = [], []
    for row in read.rows:
        grounds = row.item.illicit_grounds or common
        if not grounds and needs_illicit_ground(template.legal_basis, [row.item.kind]):
            unfit.append(Rejection(row.number, column, Reason.MISSING))
        else:
            fit.append(row)
    return fit, unfit


def folders_of(
    rows: Iterable[ReadRow], template: desk_pb2.Draft, most: int = MAX_ITEMS
) -> Iterator[tuple[Request, ...]]:
    """Yield the requests that rows make, not judged: those of one case together.

    Args:
        rows: that were taken.
        template: what all requests have in common; it may lack what its author still has to say.
        most: items in one request.
    """
    for group in _grouped(rows):
        chunks = _chunks(group, most)
        yield tuple(Request(_draft(chunk, template), tuple(row.number for row in chunk)) for chunk in chunks)


def _grouped(rows: Iterable[ReadRow]) -> Iterator[list[ReadRow]]:
    groups: dict[Around, list[ReadRow]] = {}
    for row in rows:
        groups.setdefault(row.around, []).append(row)
    yield from groups.values()


def _judged(request: Request) -> Request:
    try:
        schema.validate(request.draft)
    except InvalidMessageError as fault:
        raise InvalidMessageError(
            fault.message,
            where=fault.where,
            remedy="Every item is good; say what the request lacks by an option, a column or a template.",
        ) from fault
    return request


def _chunks(rows: list[ReadRow], most: int) -> Iterator[list[ReadRow]]:
    chunk: list[ReadRow] = []
    weight = 0
    for row in rows:
        size = sum(len(photograph.content) for photograph in row.photographs)
        if chunk and (len(chunk) == most or weight + size > MAX_PHOTOGRAPH_BYTES):
            yield chunk
            chunk, weight = [], 0
        chunk.append(row)
        weight += size
    if chunk:
        yield chunk


def _draft(rows: list[ReadRow], template: desk_pb2.Draft) -> desk_pb2.Draft:
    draft = desk_pb2.Draft()
    draft.CopyFrom(template)
    _put_around(rows[0].around, draft)
    draft.content.trace_request.items.extend(row.item for row in rows)
    pictures = dict.fromkeys(photograph.content for row in rows for photograph in row.photographs)
    draft.parts.extend(pictures)
    draft.idempotency_key = content_key(draft)
    return draft


def _put_around(around: Around, draft: desk_pb2.Draft) -> None:
    request: trace_pb2.TraceRequest = draft.content.trace_request
    for value, target, name in (
        (around.file_number, request, "file_number"),
        (around.justification, request, "legal_provision"),
        (around.region, request.circumstances, "region"),
        (around.circumstances, request.circumstances, "summary"),
        (around.purpose, draft, "purpose"),
    ):
        if value:
            setattr(target, name, value)
    for codes, name in ((around.questions, "questions"), (around.handling, "handling_instructions")):
        if codes:
            request.ClearField(name)
            getattr(request, name).extend(codes)


def content_key(draft: desk_pb2.Draft) -> str:
    """Return the idempotency key of a draft: the same content has the same key."""
    content = desk_pb2.Draft()
    content.CopyFrom(draft)
    content.ClearField("idempotency_key")
    _forget_sealing(content)
    return "content-" + hashlib.sha256(content.SerializeToString(deterministic=True)).hexdigest()[:40]


def _forget_sealing(draft: desk_pb2.Draft) -> None:
    """Leave out what an attachment's encryption draws anew each time: the same file is the same content."""
    request = draft.content.trace_request
    named = [
        *request.circumstances.scene_attachments,
        *(a for item in request.items for a in item.attachments),
    ]
    for one in named:
        one.ClearField("address")
        one.ClearField("key")


async def send_folders(
    client: Client,
    folders: Sequence[tuple[Request, ...]],
    progress: Callable[[int], None] | None = None,
) -> AsyncIterator[Sent]:
    """Send requests; later ones of a folder go into the case that its first one opened.

    Args:
        client: a connection to the node.
        folders: of a `Batch`, or from `split_request`.
        progress: called with the number of items of each request that was answered.
    """
    followers: list[Request] = []
    firsts = [folder[0] for folder in folders]
    async for sent in _send(client, firsts, progress):
        yield sent
        if not sent.submission.HasField("problem"):
            folder = next(folder for folder in folders if folder[0] is sent.request)
            followers += [_into_case(request, sent.submission.thread) for request in folder[1:]]
    async for sent in _send(client, followers, progress):
        yield sent


async def _send(
    client: Client, requests: list[Request], progress: Callable[[int], None] | None
) -> AsyncIterator[Sent]:
    waiting = iter(requests)
    async for submission in client.submit_many(request.draft for request in requests):
        request = next(waiting)
        if progress is not None:
            progress(len(request.rows))
        yield Sent(request, submission)


def _into_case(request: Request, thread: str) -> Request:
    draft = desk_pb2.Draft()
    draft.CopyFrom(request.draft)
    draft.thread = thread
    return replace(request, draft=draft)


def split_request(draft: desk_pb2.Draft) -> tuple[Request, ...]:
    """Return the requests of one case that a draft with any number of items makes."""
    request = draft.content.trace_request
    pictures = {hashlib.sha256(part).digest(): part for part in draft.parts}
    rest = desk_pb2.Draft()
    rest.CopyFrom(draft)
    rest.content.trace_request.ClearField("items")
    rest.ClearField("parts")
    about_all = set(_digests(rest.content.trace_request))
    requests = []
    for start in range(0, max(len(request.items), 1), MAX_ITEMS):
        items = request.items[start : start + MAX_ITEMS]
        one = desk_pb2.Draft()
        one.CopyFrom(rest)
        one.content.trace_request.items.extend(items)
        named = about_all.union(*map(_digests, items))
        one.parts.extend(part for digest, part in pictures.items() if digest in named)
        if start or not draft.idempotency_key:
            one.idempotency_key = content_key(one)
        schema.validate(one)
        requests.append(Request(one, tuple(range(start + 1, start + 1 + len(items)))))
    return tuple(requests)


def _digests(message: Message) -> Iterator[bytes]:
    """Go through the digests of photographs that `message` names, at any depth."""
    for field, value in message.ListFields():
        if field.name in ("sha256", "photograph_sha256"):
            yield value
        elif field.message_type is not None:
            for inner in [value] if isinstance(value, Message) else value:
                yield from _digests(inner)


def rejected_rows(batch: Batch | ReadRows) -> Iterator[tuple[Row, list[Rejection]]]:
    """Yield each row that was not taken, with all that is wrong with it."""
    by_row: dict[int, list[Rejection]] = {}
    for rejection in batch.rejections:
        by_row.setdefault(rejection.row, []).append(rejection)
    for row in batch.table.rows:
        if row.number in by_row:
            yield row, by_row[row.number]


def template_of(message: trace_pb2.TraceRequest) -> desk_pb2.Draft:
    """Return a template that has this request's fields and none of its items."""
    if message.items:
        raise InvalidInputError("A template for a table holds no items.", where="items")
    return desk_pb2.Draft(
        content=desk_pb2.Content(trace_request=message), legal_basis=terms_pb2.LEGAL_BASIS_ITI
    )
