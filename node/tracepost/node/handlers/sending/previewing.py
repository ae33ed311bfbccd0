"""What would become of statements that a draft encloses: which desk would see which field, and why not others.

Never a value: those the officer reads in the case, as his own desk may see them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tracepost.node.handlers.case.thread import CLEAR_CLASSES
from tracepost.node.handlers.sealed.sheet import count_hidden
from tracepost.node.handlers.sending.exhibits import Made
from tracepost.protocol.consent import Grant
from tracepost.protocol.ids import encode_b64
from tracepost.protocol.problems import make_problem
from tracepost.protocol.restricting import show_restriction
from tracepost.protocol.schema import Sensitivity
from tracepost.protocol.statement import Disclosure
from tracepost.wire.v1 import desk_pb2, onward_pb2, terms_pb2

_GROUNDS: Mapping[str, Any] = dict(terms_pb2.WithholdingGround.items())
_NOT_OURS = onward_pb2.LEFT_OUT_BECAUSE_NOT_OURS_TO_FORWARD


def preview_exhibits(
    made: Sequence[Made], readings: Sequence[desk_pb2.Reading]
) -> Iterator[onward_pb2.ExhibitPreview]:
    """Yield what would become of each enclosed statement.

    Args:
        made: the exhibits in their order.
        readings: which paths of the message that encloses them each desk of the addressees would see.
    """
    seen = [(f"{one.member}/{one.desk}", frozenset(one.paths)) for one in readings]
    for number, one in enumerate(made):
        desks = {c: _readers(f"exhibits.{number}.{c.lower()}_disclosures", seen) for c in Sensitivity}
        yield _preview(one, desks)


def _preview(one: Made, desks: Mapping[Sensitivity, Sequence[str]]) -> onward_pb2.ExhibitPreview:
    record = one.opened.record
    return onward_pb2.ExhibitPreview(
        statement=encode_b64(record.digest),
        kind=record.kind,
        from_member=record.iss,
        fields=[_field(d, desks[d.sensitivity]) for d in one.kept if not d.is_counter],
        left_out=[*_left_out(one)],
        withheld=[*_withheld(one.opened.statement.disclosures)],
        consents=[_consent(grant) for grant in one.grants],
        restrictions=[*map(show_restriction, one.opened.statement.claims.restrictions)],
        added_restrictions=one.exhibit.restrictions,
        missing=[make_problem(error) for error in one.missing],
        proofs=sum(len(proof.proofs) for proof in one.exhibit.proofs),
    )


def _readers(path: str, seen: Iterable[tuple[str, frozenset[str]]]) -> list[str]:
    return [name for name, paths in seen if path in paths]


def _field(one: Disclosure, desks: Sequence[str]) -> onward_pb2.PreviewField:
    return onward_pb2.PreviewField(path=one.path, of_class=f"SENSITIVITY_{one.sensitivity}", desks=desks)


def _left_out(one: Made) -> Iterator[onward_pb2.LeftOut]:
    for path, because in one.left:
        yield onward_pb2.LeftOut(path=path, because=because)
    for hidden in count_hidden(one.opened.statement):
        if hidden.HasField("of_class"):
            yield onward_pb2.LeftOut(because=_NOT_OURS, of_class=hidden.of_class, fields=hidden.fields)


def _withheld(disclosures: Iterable[Disclosure]) -> Iterator[terms_pb2.Withheld]:
    """Yield what the author signed that it withheld, as far as a clear field says it."""
    for one in disclosures:
        is_line = one.path.startswith("withheld.") and one.sensitivity in CLEAR_CLASSES
        if is_line and isinstance(one.value, dict):
            ground = _GROUNDS.get(str(one.value.get("ground")))
            yield terms_pb2.Withheld(path=str(one.value.get("path", "")), ground=ground)


def _consent(grant: Grant) -> onward_pb2.ConsentUsed:
    return onward_pb2.ConsentUsed(
        statement=encode_b64(grant.digest),
        from_member=grant.author,
        third_party=grant.third_party,
        purpose=grant.purpose or None,
        until=grant.until or None,
        standing=grant.standing or None,
    )
