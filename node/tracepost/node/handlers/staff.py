"""Who works here: a register of our own officers, kept by what their certificates show when they call.

The door asks it at every call (`OfficerDoor`): it notes who comes, at most once an hour, and turns away who
has left, though his certificate may not be revoked yet. It answers from memory, since it is asked on the
event loop; what it learns it keeps in the store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

import structlog
from cryptography import x509

from tracepost.node.gate import Gate
from tracepost.node.handlers.casebook import instant
from tracepost.node.handlers.entitlement import require_case_data
from tracepost.node.handlers.four_eyes import is_revoked
from tracepost.node.handlers.office import Office, Officer
from tracepost.node.office_records import OfficerRecord
from tracepost.node.papers import Papers
from tracepost.node.ports import Store, Tx
from tracepost.node.records import AuditEvent
from tracepost.protocol.certificate import load_certificate
from tracepost.protocol.errors import IdentityError, InvalidInputError, TracepostError
from tracepost.protocol.identity import Identity, Role, verify_identity
from tracepost.serving.callers import MemberChecker
from tracepost.wire.v1 import office_pb2

_log = structlog.get_logger()

_NOTED_EVERY_S = 3600


class Staff:
    """One per process; used on the event loop."""

    def __init__(
        self, office: Office, gate: Gate, papers: Papers, store: Store, clock: Callable[[], int]
    ) -> None:
        self._office = office
        self._gate = gate
        self._papers = papers
        self._store = store
        self._clock = clock
        self._known: dict[str, OfficerRecord] = {}
        self._keeping: set[asyncio.Task[None]] = set()

    async def load(self) -> None:
        """Read the register; done at the start, and again by the housekeeping for what other processes learnt."""
        records = await self._store.read(lambda tx: tx.officers.all())
        self._known = {one.number: self._newer(one) for one in records}

    def admit(self, identity: Identity) -> None:
        """Note that an officer of ours calls; raise `IdentityError` for one who has left."""
        number = identity.officer
        if identity.role is not Role.OFFICER or number is None or identity.member != self._office.member:
            return
        known = self._known.get(number)
        if known is not None and known.left_at:
            raise IdentityError(
                "this officer has left",
                where="officer",
                reason="officer-left",
                remedy="Ask the office: his cases and mail have a successor (tracepost officer list).",
            )
        self._note(identity, number, known)

    async def drained(self) -> None:
        """Wait until what was noted is in the store."""
        await asyncio.gather(*self._keeping)

    async def list_officers(self, officer: Officer) -> office_pb2.ListOfficersResponse:
        """Return all officers, by number."""
        require_case_data(self._office, self._gate, officer)
        await self.drained()
        records = await self._store.read(lambda tx: tx.officers.all())
        return office_pb2.ListOfficersResponse(officers=[self._line(one) for one in records])

    async def add(self, officer: Officer, certificates: Sequence[bytes]) -> office_pb2.OfficerLine:
        """Write down whom these certificates (DER, leaf first) show; he counts from now on.

        Raises:
            IdentityError: it is no certificate of ours in force.
            InvalidInputError: it is not an officer's.
        """
        require_case_data(self._office, self._gate, officer)
        now = self._clock()
        identity = self._identify(certificates, now)
        if identity.role is not Role.OFFICER or identity.officer is None:
            raise InvalidInputError(
                "the certificate is not an officer's", where="certificates", reason="not-an-officer"
            )
        record = self._record(identity, identity.officer, self._known.get(identity.officer))

        def keep(tx: Tx) -> None:
            tx.officers.put(record)
            tx.audit.append([AuditEvent(now, officer.label, "officer-add", f"officer-{record.number}", "ok")])

        await self._store.write(keep, label="officer")
        self._known[record.number] = record
        return self._line(record)

    def _identify(self, certificates: Sequence[bytes], now: int) -> Identity:
        leaf, *above = [load_certificate(der) for der in certificates]
        return verify_identity(
            leaf,
            above,
            self._papers.roots_of(self._office.member),
            at=now,
            domain=self._papers.trust.domain,
            revoked=self._papers.revocations(),
        )

    def _newer(self, stored: OfficerRecord) -> OfficerRecord:
        """Return what is known of an officer, in the store or not yet; that he left is known at once."""
        known = self._known.get(stored.number)
        return known if known and known.last_seen > stored.last_seen and not stored.left_at else stored

    def _note(self, identity: Identity, number: str, known: OfficerRecord | None) -> None:
        now = self._clock()
        is_same = known is not None and known.certificate_sha256 == identity.certificate_sha256
        if known is not None and is_same and now - known.last_seen < _NOTED_EVERY_S:
            return
        record = self._record(identity, number, known)
        record = replace(record, first_seen=record.first_seen or now, last_seen=now)
        self._known[number] = record
        task = asyncio.get_running_loop().create_task(self._keep(record))
        self._keeping.add(task)
        task.add_done_callback(self._keeping.discard)

    async def _keep(self, record: OfficerRecord) -> None:
        def keep(tx: Tx) -> None:
            stored = {one.number: one for one in tx.officers.all()}.get(record.number)
            if stored is None or not stored.left_at:
                tx.officers.put(record)

        try:
            await self._store.write(keep, label="officer")
        except TracepostError as error:  # he calls again, and is noted then
            self._known.pop(record.number, None)
            _log.error("officer-not-noted", code=error.code, reason=error.reason)

    def _record(self, identity: Identity, number: str, known: OfficerRecord | None) -> OfficerRecord:
        return OfficerRecord(
            number=number,
            desks=identity.desks,
            certificate_sha256=identity.certificate_sha256,
            serials=identity.path_serials,
            not_after=identity.not_after,
            first_seen=known.first_seen if known else 0,
            last_seen=known.last_seen if known else 0,
        )

    def _line(self, one: OfficerRecord) -> office_pb2.OfficerLine:
        return office_pb2.OfficerLine(
            number=one.number,
            desks=one.desks,
            standing=f"OFFICER_STANDING_{self._standing(one)}",
            first_seen=instant(one.first_seen) if one.first_seen else None,
            last_seen=instant(one.last_seen) if one.last_seen else None,
            valid_until=instant(one.not_after),
            certificate_sha256=one.certificate_sha256.hex(),
        )

    def _standing(self, one: OfficerRecord) -> str:
        now = self._clock()
        if one.left_at:
            return "LEFT"
        if is_revoked(one, self._office.member, self._papers.revocations(), now):
            return "CERTIFICATE_REVOKED"
        return "ON_DUTY" if one.not_after >= now else "CERTIFICATE_EXPIRED"


class OfficerDoor(MemberChecker):
    """A `MemberChecker` that also asks the register of our own officers."""

    def __init__(self, papers: Papers, domain: str, staff: Staff) -> None:
        super().__init__(papers, domain)
        self._staff = staff

    def identify(
        self, leaf: x509.Certificate, intermediates: Sequence[x509.Certificate], *, at: int
    ) -> Identity:
        """Verify whose `leaf` is, and note who it is."""
        identity = super().identify(leaf, intermediates, at=at)
        self._staff.admit(identity)
        return identity

    def recheck(self, identity: Identity, *, at: int) -> None:
        """Ask the calendar, the trust list, the revocations and the register again."""
        super().recheck(identity, at=at)
        self._staff.admit(identity)
