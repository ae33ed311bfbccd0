"""The address book: whom we write to on paper, and what each of them may get.

An entry says what kind of office it is, and that decides what stands on a slip or in a letter to it; so it is
kept by the point of contact, once, and not said anew with every message. What was written keeps the entry as
it was then.
"""

from __future__ import annotations

from collections.abc import Callable

from tracepost.node.gate import Gate, Reader
from tracepost.node.handlers.case.casebook import instant
from tracepost.node.handlers.case.entitlement import choose_reading_desk, require_case_data
from tracepost.node.handlers.case.office import Office, Officer
from tracepost.node.handlers.rules.rule import refuse
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import AuditEvent
from tracepost.protocol.errors import InvalidInputError, PermissionError_
from tracepost.protocol.ids import DeskId, MemberId
from tracepost.wire.v1 import directory_pb2, inquiry_pb2

CORRESPONDENT, CUSTODIAN = "letter:", "paper:"
NON_MEMBER = "non-member"


class AddressBook:
    """Keeps it. One per process."""

    def __init__(self, office: Office, gate: Gate, store: Store, clock: Callable[[], int]) -> None:
        self._office = office
        self._gate = gate
        self._store = store
        self._clock = clock

    async def keep(
        self, officer: Officer, request: inquiry_pb2.KeepAddressRequest
    ) -> inquiry_pb2.AddressEntry:
        """Write an entry, or change it; return it as it stands now.

        Raises:
            PermissionError_: the officer does not act for a point of contact.
            InvalidInputError: a custodian is of no kind.
        """
        desk = choose_reading_desk(self._office, self._gate, officer, request.desk)
        if not desk.reader.point_of_contact:
            raise PermissionError_(
                "the address book is kept by the point of contact",
                where="desk",
                reason="not-point-of-contact",
            )
        entry = inquiry_pb2.AddressEntry()
        entry.CopyFrom(request.entry)
        if entry.id.startswith(CUSTODIAN) and not entry.competences:
            raise InvalidInputError(
                "a custodian is of some kind: RECORDS_CUSTODY, INDUSTRY_LIAISON …",
                where="entry.competences",
                reason="no-competence",
            )
        now = self._clock()
        entry.changed_at, entry.changed_by = instant(now), officer.label
        event = AuditEvent(now, officer.label, "address", entry.id, "retired" if entry.retired else "kept")

        def write(tx: Tx) -> None:
            tx.addresses.put(entry.id, entry.SerializeToString(deterministic=True))
            tx.audit.append([event])

        await self._store.write(write, label="address")
        return entry

    async def list_entries(self, officer: Officer) -> inquiry_pb2.ListAddressesResponse:
        """Return all entries, by id."""
        require_case_data(self._office, self._gate, officer)
        stored = await self._store.read(lambda tx: tx.addresses.all())
        entries = [inquiry_pb2.AddressEntry.FromString(one) for one in stored]
        return inquiry_pb2.ListAddressesResponse(entries=entries)


def find_address(tx: Tx, id_: str, where: str) -> inquiry_pb2.AddressEntry:
    """Return an entry that may be written to; refuse one that is not there or retired."""
    stored = tx.addresses.find(id_)
    entry = inquiry_pb2.AddressEntry.FromString(stored) if stored else None
    if entry is None or entry.retired:
        raise refuse(
            where,
            "unknown-address",
            "the address book has no such entry",
            "The point of contact keeps it: tracepost trace address ID.",
        )
    return entry


def custodian_of(entry: inquiry_pb2.AddressEntry) -> inquiry_pb2.Custodian:
    """Return how an enquiry names a custodian on paper."""
    return inquiry_pb2.Custodian(
        id=entry.id, name=entry.name, competences=entry.competences, address=entry.address or None
    )


def correspondent_of(entry: inquiry_pb2.AddressEntry) -> inquiry_pb2.Correspondent:
    """Return how a letter names a correspondent."""
    return inquiry_pb2.Correspondent(
        id=entry.id,
        name=entry.name,
        country=entry.country or None,
        point_of_contact=entry.point_of_contact or None,
        address=entry.address or None,
    )


def paper_reader(us: MemberId, named: inquiry_pb2.Custodian | inquiry_pb2.Correspondent) -> Reader:
    """Return a reader on paper as the gate sees it: a custodian as a desk of ours, a correspondent as a stranger.

    No trust list permits a stranger any competence, so it has none: what law-enforcement desks alone read
    stands in no letter.
    """
    if isinstance(named, inquiry_pb2.Custodian):
        names = (directory_pb2.Competence.Name(one) for one in named.competences)
        competences = frozenset(name.removeprefix("COMPETENCE_") for name in names)
        return Reader(us, DeskId(named.id), "state", competences)
    return Reader(MemberId(named.id), DeskId("paper"), NON_MEMBER, point_of_contact=named.point_of_contact)
