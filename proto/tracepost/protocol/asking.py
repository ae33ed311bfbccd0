"""What a request must say to be judged by whom it asks, whatever case it stands in (ITI 6, 15, 17; messages.md, 2).

A node holds its officers to these rules before it signs; a client asks the same beforehand, so that a
file is told apart from a good one without any node. Other nodes do not refuse mail by them.

    check_request(request, terms_pb2.LEGAL_BASIS_ITI)     # raises InvalidMessageError, with the place
"""

from __future__ import annotations

from tracepost.protocol.errors import InvalidMessageError
from tracepost.protocol.vocabulary import needs_illicit_ground
from tracepost.wire.v1 import terms_pb2, trace_pb2, weapon_pb2


def check_request(request: trace_pb2.TraceRequest, legal_basis: terms_pb2.LegalBasis | int) -> None:
    """Raise `InvalidMessageError` with field path and reason, unless the request says what it must."""
    ids = [item.id for item in request.items]
    if len(set(ids)) != len(ids):
        raise _refusal("items", "item-twice", "two items have one id")
    if request.urgency == trace_pb2.URGENCY_URGENT and not request.HasField("urgency_reason"):
        raise _refusal("urgency_reason", "urgency-unreasoned", "an urgent request says why it is urgent")
    if not request.guarantees_restrictions and not request.no_guarantee_reason:
        words = "who cannot guarantee restrictions says why (ITI 15)"
        raise _refusal("no_guarantee_reason", "no-reason", words)
    if bool(request.on_behalf_of) != bool(request.mandate_digest):
        words = "who asks for another State names it and its mandate"
        raise _refusal("mandate_digest", "no-mandate", words)
    for index, item in enumerate(request.items):
        check_marks(item, f"items.{index}")
        _check_ground(request, item, legal_basis, f"items.{index}")


def check_marks(item: weapon_pb2.Item, where: str) -> None:
    """Raise `InvalidMessageError` for a weapon without marks that is not said to be unmarked."""
    if item.kind != weapon_pb2.ITEM_KIND_WEAPON:
        return
    thing = item.object
    marked = thing.mark or any(part.mark for part in thing.part)
    if not marked and not thing.unmarked and not thing.craft_made:
        raise _refusal(
            f"{where}.object.mark",
            "no-mark",
            "a weapon has at least one mark, or is said to be unmarked",
            "Add the marks as seen, or set unmarked when it was examined and none was found.",
        )


def _check_ground(
    request: trace_pb2.TraceRequest,
    item: weapon_pb2.Item,
    legal_basis: terms_pb2.LegalBasis | int,
    where: str,
) -> None:
    named = item.illicit_grounds or request.illicit_grounds
    if not named and needs_illicit_ground(legal_basis, [item.kind]):
        words = "a request under the ITI names a ground of ITI 6"
        raise _refusal(f"{where}.illicit_grounds", "no-ground", words)


def _refusal(where: str, reason: str, words: str, remedy: str = "") -> InvalidMessageError:
    return InvalidMessageError(words, where=where, reason=reason, remedy=remedy)
