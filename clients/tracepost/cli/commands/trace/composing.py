"""What `--compose` means: which finding goes to which place of an answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from tracepost.cli.words import _
from tracepost.protocol.errors import InvalidInputError
from tracepost.sdk import Client
from tracepost.wire.v1 import desk_pb2, inquiry_pb2, trace_pb2

_WHERE = "--compose"


async def composed_of(
    client: Client, case: str, response: trace_pb2.Response, wanted: Sequence[str]
) -> tuple[inquiry_pb2.Composed, ...]:
    """Return what the node is to take from findings of `case` into `response`.

    Args:
        client: of the officer's own node.
        case: as for `Client.show_case`.
        response: what the officer says; each finding goes to the answer about the same item, or a new one.
        wanted: `DIGEST` or `DIGEST:FROM=TO`, the digest from its beginning on; the number of an enquiry stands
            for its newest finding.
    """
    view = await client.show_case(case)
    found = [one for one in view.statements if one.content.HasField("finding")]
    wanted = [_by_enquiry(text, found, view.summary.enquiries) for text in wanted]
    items = [answer.item_id for answer in response.answers]
    return tuple(one for text in wanted for one in _read(text, found, items))


def _read(
    text: str, found: Iterable[desk_pb2.StatementView], items: list[str]
) -> Iterator[inquiry_pb2.Composed]:
    beginning, colon, paths = text.partition(":")
    finding = _find(beginning, found)
    if colon:
        source, _equals, target = paths.partition("=")
        yield inquiry_pb2.Composed(finding=finding.statement, from_path=source, to_path=target or source)
        return
    for number, answer in enumerate(finding.content.finding.answers):
        if answer.item_id not in items:
            items.append(answer.item_id)
        yield inquiry_pb2.Composed(
            finding=finding.statement,
            from_path=f"answers.{number}",
            to_path=f"answers.{items.index(answer.item_id)}",
        )


def is_called(enquiry: inquiry_pb2.EnquirySummary, named: str) -> bool:
    """Return whether `named` is the number of this enquiry, whole or from the last stroke on: `E1`."""
    return named in (enquiry.reference, enquiry.reference.rpartition("/")[2])


def _by_enquiry(
    text: str, found: Iterable[desk_pb2.StatementView], enquiries: Iterable[inquiry_pb2.EnquirySummary]
) -> str:
    named, colon, paths = text.partition(":")
    asked = {one.enquiry for one in enquiries if is_called(one, named)}
    answers = [one.statement for one in found if one.content.finding.enquiry_digest in asked]
    return answers[-1] + colon + paths if answers else text


def _find(beginning: str, found: Iterable[desk_pb2.StatementView]) -> desk_pb2.StatementView:
    named = [one for one in found if beginning and one.statement.startswith(beginning)]
    if len(named) != 1:
        words = _("Several findings begin so.") if named else _("No finding of the case begins so.")
        raise InvalidInputError(words, where=_WHERE)
    return named[0]
