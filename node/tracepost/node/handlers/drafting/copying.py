"""The items of a case as its requester has described them, copied for who is to look for them.

The description grows: the request, be it in a referral, then what was supplied or corrected later. A field
of a supply goes over the same field of what was said before, and indexes of marks go on where those before
end; an amendment says an item anew. Copied is what says what the thing is: the fields that the schema
declares OBJECT, and no other, each with the class that its author gave it. What the author keeps to some desks
is not copied: who is asked has to be among them, and then he reads it in the request.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tracepost.node.gate import Action
from tracepost.node.handlers.case.enclosed import binding_of_others
from tracepost.node.handlers.case.office import OwnDesk
from tracepost.node.handlers.case.reader_sets import UNTOUCHED, only_of, readers_at
from tracepost.node.handlers.case.thread import REFERRAL, REQUEST, Thread, claims_of, clear_message
from tracepost.node.handlers.drafting.drawing import Processed
from tracepost.node.handlers.rules.rule import refuse
from tracepost.node.handlers.sealed.opening import Opened, Opener, load_sealed
from tracepost.node.handlers.sealed.shown_exhibits import Signers, verify_exhibits
from tracepost.node.ports.store import Tx
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol.confusables import confusable_forms, in_cyrillic, in_latin
from tracepost.protocol.ids import StatementDigest, encode_b64, parse_digest
from tracepost.protocol.schema import Field, JsonValue, Sensitivity, assemble, declared_class
from tracepost.protocol.statement import Restriction
from tracepost.wire.v1 import trace_pb2

_AMENDMENT = "trace.amendment/1"
_DESCRIBING = ("trace.information-supply/1", _AMENDMENT)
_ITEMS = "items."
_SERIALS = frozenset(
    f"MARK_ROLE_{name}"
    for name in (
        "MANUFACTURER_SERIAL",
        "PROPERTY",
        "REGIONAL",
        "ASSEMBLY",
        "CONTROL_COMPONENT",
        "ELECTRONIC",
        "UNKNOWN",
    )
)
_FORMS_OF_ITEM = 8  # serials of one item; all of a request fit into the list


@dataclass(frozen=True, slots=True)
class Copied:
    """Items by their ids, each as fields below the item; what was processed, the photographs, what binds all of it."""

    request: StatementDigest
    items: Mapping[str, Mapping[str, Field]] = field(repr=False)
    processed: tuple[Processed, ...]
    photographs: Mapping[bytes, bytes] = field(repr=False)
    restrictions: tuple[Restriction, ...]

    def fields(self, chosen: Sequence[str]) -> Iterator[Field]:
        """Yield the fields of the `chosen` items, in their order, for a message that holds them as `items`."""
        for number, item_id in enumerate(chosen):
            yield Field(f"{_ITEMS}{number}.id", Sensitivity.ADMINISTRATIVE, item_id)
            for below, one in self.items[item_id].items():
                yield Field(f"{_ITEMS}{number}.{below}", one.sensitivity, one.value)

    def parts(self, chosen: Sequence[str]) -> tuple[bytes, ...]:
        """Return the photographs that the fields of the `chosen` items name."""
        named = {_photograph(one) for item_id in chosen for one in self.items[item_id].values()}
        return tuple(part for digest, part in self.photographs.items() if digest in named)

    def mark_forms(self, chosen: Sequence[str]) -> Iterator[Field]:
        """Yield how the serials of the `chosen` items may stand elsewhere, for a list `mark_forms`."""
        serials = ((item_id, mark) for item_id in chosen for mark in _serials(self.items[item_id].values()))
        for number, (item_id, mark) in enumerate(serials):
            yield Field(f"mark_forms.{number}", mark.sensitivity, _forms(item_id, str(mark.value)))


@dataclass(frozen=True, slots=True)
class _Description:
    """What one statement says of items, as far as it was opened."""

    kind: str
    fields: tuple[Field, ...] = field(repr=False)


class ItemCopier:
    """Opens what describes the items of a case, as a desk of ours. Reads the store; safe from any thread."""

    def __init__(self, opener: Opener, signers: Signers) -> None:
        self._opener = opener
        self._signers = signers

    def copy(self, tx: Tx, desk: OwnDesk, thread: Thread, request_digest: str) -> Copied:
        """Return the items of the request with this digest, or of the newest one if it is empty.

        Raises:
            InvalidMessageError: there is no such request here.
            LockedDeskError, SealingError, StatementError: it does not open for `desk`.
        """
        asking = _find_asking(thread, request_digest)
        records = [asking.record, *_described_later(thread, asking)]
        opened = [
            self._opener.open(sealed, desk, Action.PROCESS) for sealed in load_sealed(tx, records, desk.desk)
        ]
        items: dict[str, dict[str, Field]] = {}
        for one in opened:
            _read_items(self._describe(one, asking), items)
        photographs = {digest: part for one in opened for digest, part in one.parts.items()}
        for item in items.values():
            _drop_photographs_not_here(item, photographs)
        processed = tuple(Processed(one.record.digest, desk.desk, one.decision) for one in opened)
        laid = (
            binding_of_others(claims_of(one.record), clear_message(one.record), thread.us) for one in opened
        )
        restrictions = tuple(dict.fromkeys(r for some in laid for r in some))
        return Copied(asking.request, items, processed, photographs, restrictions)

    def _describe(self, opened: Opened, asking: _Asking) -> _Description:
        """Return what a statement says of items; a field that is for some desks alone goes to no other."""
        said = tuple(opened.statement.fields())
        only = only_of(said)
        fields = tuple(f for f in said if f.sensitivity in UNTOUCHED or readers_at(only, f.path) is None)
        if opened.record.kind != REFERRAL:
            return _Description(opened.record.kind, fields)
        message = assemble(REFERRAL, fields).message
        enclosed = verify_exhibits(message, self._signers, opened.record.stored_at)
        requests = [one.statement for one in enclosed if one.statement.digest == asking.request]
        return _Description(REQUEST, tuple(f for one in requests for f in one.fields()))


@dataclass(frozen=True, slots=True)
class _Asking:
    """A request of the case, and the statement that brought it: itself, or a referral."""

    request: StatementDigest
    requester: str
    record: StatementRecord


def _find_asking(thread: Thread, named: str) -> _Asking:
    """Return the request with this digest; without one the newest that was asked of us, else our own."""
    asked = [one for record in thread.records for one in _read_asking(record)]
    wanted = [one for one in asked if not named or encode_b64(one.request) == named]
    if not wanted:
        raise refuse("request_digest", "no-request", "there is no such request in this case")
    return next((one for one in reversed(wanted) if one.requester != thread.us), wanted[-1])


def _read_asking(record: StatementRecord) -> Iterator[_Asking]:
    if record.kind == REQUEST:
        yield _Asking(record.digest, record.iss, record)
    message = clear_message(record) if record.kind == REFERRAL else None
    if isinstance(message, trace_pb2.Referral):
        yield _Asking(parse_digest(message.request_digest, "request_digest"), message.requester, record)


def _described_later(thread: Thread, asking: _Asking) -> list[StatementRecord]:
    after = thread.records[thread.records.index(asking.record) + 1 :]
    return [r for r in after if r.iss == asking.requester and r.kind in _DESCRIBING]


def _read_items(said: _Description, items: dict[str, dict[str, Field]]) -> None:
    """Add what a statement says of each item to what those before it said."""
    fields = [f for f in said.fields if f.path.startswith(_ITEMS)]
    ids = {_number(f.path): str(f.value) for f in fields if _below(f.path) == "id"}
    if said.kind == _AMENDMENT:
        items.update({item_id: {} for item_id in ids.values()})
    for one in fields:
        item_id = ids.get(_number(one.path))
        if item_id is not None:
            item = items.setdefault(item_id, {})
            if declared_class(said.kind, one.path) is Sensitivity.OBJECT:
                item[_below(one.path)] = one


def _drop_photographs_not_here(item: dict[str, Field], here: Mapping[bytes, bytes]) -> None:
    for below, one in list(item.items()):
        digest = _photograph(one)
        if digest is not None and digest not in here:
            del item[below]


def named_photographs(one: Field) -> Iterator[bytes]:
    """Yield the digest of the photograph that a field is about, if it is about one."""
    digest = _photograph(one)
    if digest is not None:
        yield digest


def _photograph(one: Field) -> bytes | None:
    named = one.value.get("sha256") if isinstance(one.value, dict) else None
    return base64.b64decode(named) if isinstance(named, str) else None


def _number(path: str) -> str:
    return path.split(".", 2)[1]


def _below(path: str) -> str:
    return path.split(".", 2)[2]


def _serials(fields: Iterable[Field]) -> Iterator[Field]:
    """Yield the serial numbers among the marks of an item, each once, with the class of its mark."""
    seen: set[str] = set()
    for one in fields:
        mark = one.value if isinstance(one.value, dict) else {}
        text = mark.get("text_as_seen")
        if mark.get("role") in _SERIALS and isinstance(text, str) and text not in seen:
            seen.add(text)
            yield Field(one.path, one.sensitivity, text)
        if len(seen) == _FORMS_OF_ITEM:
            return


def _forms(item_id: str, seen: str) -> JsonValue:
    forms: dict[str, JsonValue] = {"item_id": item_id, "text_as_seen": seen}
    for name, spelt in (("in_latin", in_latin(seen)), ("in_cyrillic", in_cyrillic(seen))):
        if spelt:
            forms[name] = spelt
    confusable: list[JsonValue] = list(confusable_forms(seen))
    return {**forms, "confusable": confusable} if confusable else forms
