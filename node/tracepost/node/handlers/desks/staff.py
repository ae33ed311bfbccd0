"""Who works here: a register of our own officers, kept by what their certificates show when they call.

The door asks it at every call (`OfficerDoor`): it notes who comes, at most once an hour, and turns away who
has left, though his certificate may not be revoked yet. A deputy comes in with the desks that he acts for
today beside those of his certificate. It answers from memory, since it is asked on the event loop; what it
learns it keeps in the store.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace

import structlog
from cryptography import x509

from tracepost.node.gate import Gate
from tracepost.node.handlers.case.casebook import instant
from tracepost.node.handlers.case.entitlement import require_case_data
from tracepost.node.handlers.case.office import Office, Officer
from tracepost.node.handlers.sending.four_eyes import is_revoked
from tracepost.node.papers import Papers
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import AuditEvent
from tracepost.node.records.staff import DeputyRecord, OfficerRecord
from tracepost.protocol.certificate import load_certificate, unix_seconds
from tracepost.protocol.errors import ConflictError, IdentityError, InvalidInputError, TracepostError
from tracepost.protocol.identity import Identity, Role, verify_identity
from tracepost.protocol.ids import DeskId
from tracepost.serving.callers import MemberChecker
from tracepost.wire.v1 import desk_pb2, office_pb2

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
        self._deputies: tuple[DeputyRecord, ...] = ()
        self._keeping: set[asyncio.Task[None]] = set()

    async def load(self) -> None:
        """Read the register; done at the start, and again by the housekeeping for what other processes learnt."""
        records, deputies = await self._store.read(lambda tx: (tx.officers.all(), tx.deputies.all()))
        self._known = {one.number: self._newer(one) for one in records}
        self._deputies = tuple(one for one in deputies if not one.ended_at)

    def version(self) -> Hashable:
        """Return what changes whenever an officer may have other desks than before: appointments, and the day."""
        return self._deputies, day_of(self._clock())

    def admit(self, identity: Identity, begins: int | None = None) -> Identity:
        """Note that an officer of ours calls; return who he is today, with the desks that he acts for.

        Args:
            identity: as his certificate shows it.
            begins: when the certificate itself begins, in unix seconds; left out: with its path.

        Raises `IdentityError` for one who has left, or comes with a certificate from before he did.
        """
        number = self._number_of(identity)
        if number is None:
            return identity
        self._require_newer(number, identity.not_before if begins is None else begins)
        self._note(identity, number, self._known.get(number))
        self.require_here(identity)
        added = sorted(set(self._acts_for(number)) - set(identity.desks))
        return replace(identity, desks=(*identity.desks, *added)) if added else identity

    def stands_in_for(self, number: str) -> list[desk_pb2.StandIn]:
        """Return the desks that an officer is appointed for today as a deputy, and until which day."""
        found = sorted(self._acts_for(number).items())
        return [desk_pb2.StandIn(desk=desk, until_day=until) for desk, until in found]

    def _acts_for(self, number: str) -> dict[DeskId, str]:
        """Return the desks that an officer is appointed for today, each with the last day of it."""
        today = day_of(self._clock())
        ours = [one for one in self._deputies if one.officer == number and one.is_in_force(today)]
        return {one.desk: one.until_day for one in sorted(ours, key=lambda one: one.until_day)}

    def require_here(self, identity: Identity) -> None:
        """Raise `IdentityError` for an officer of ours who has left, or whose certificate is from before he did."""
        number = self._number_of(identity) or ""
        known = self._known.get(number)
        if known is not None and known.left_at:
            raise _has_left()
        self._require_newer(number, identity.not_before)
        now = self._clock()
        if known is not None and now - known.last_seen >= _NOTED_EVERY_S:
            self._remember(replace(known, last_seen=now))

    def _require_newer(self, number: str, begins: int) -> None:
        known = self._known.get(number)
        if known is not None and begins < known.shut_before:
            raise _has_left()

    def _number_of(self, identity: Identity) -> str | None:
        is_ours = identity.role is Role.OFFICER and identity.member == self._office.member
        return identity.officer if is_ours else None

    async def drained(self) -> None:
        """Wait until what was noted is in the store."""
        await asyncio.gather(*self._keeping)

    async def list_officers(self, officer: Officer) -> office_pb2.ListOfficersResponse:
        """Return all officers, by number."""
        require_case_data(self._office, self._gate, officer)
        await self.drained()
        return await self._store.read(
            lambda tx: office_pb2.ListOfficersResponse(
                officers=[self.line(tx, one) for one in tx.officers.all()]
            )
        )

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
        known = self._known.get(identity.officer)
        if known and _begins(load_certificate(certificates[0])) < known.shut_before:
            raise ConflictError(
                "this certificate is from before the officer left",
                where="certificates",
                reason="officer-left",
                remedy="Who comes back gets a new certificate, an hour or more after he left; revoke the old ones.",
            )
        record = self._record(identity, identity.officer, known)

        def keep(tx: Tx) -> office_pb2.OfficerLine:
            tx.officers.put(record)
            tx.audit.append([AuditEvent(now, officer.label, "officer-add", f"officer-{record.number}", "ok")])
            return self.line(tx, record)

        line = await self._store.write(keep, label="officer")
        self._known[record.number] = record
        return line

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
        """Note a certificate that is new here; who has left stays so with any."""
        if known is not None and (known.left_at or _shows(identity, known)):
            return
        now = self._clock()
        record = self._record(identity, number, known)
        self._remember(replace(record, first_seen=record.first_seen or now, last_seen=now))

    def _remember(self, record: OfficerRecord) -> None:
        self._known[record.number] = record
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
            shut_before=known.shut_before if known else 0,
        )

    def line(self, tx: Tx, one: OfficerRecord) -> office_pb2.OfficerLine:
        """Return an officer as lists show him."""
        today = day_of(self._clock())
        deputises = [render(d, today) for d in tx.deputies.all() if d.officer == one.number]
        return office_pb2.OfficerLine(
            number=one.number,
            desks=one.desks,
            standing=f"OFFICER_STANDING_{self._standing(one)}",
            first_seen=instant(one.first_seen) if one.first_seen else None,
            last_seen=instant(one.last_seen) if one.last_seen else None,
            valid_until=instant(one.not_after),
            certificate_sha256=one.certificate_sha256.hex(),
            deputises=[d for d in deputises if d.state != office_pb2.DEPUTY_STATE_OVER],
            cases=len(tx.case_officers.by_officer(one.number)),
            left_at=instant(one.left_at) if one.left_at else None,
            successor=one.successor or None,
        )

    def _standing(self, one: OfficerRecord) -> str:
        now = self._clock()
        if one.left_at:
            return "LEFT"
        if is_revoked(one, self._office.member, self._papers.revocations(), now):
            return "CERTIFICATE_REVOKED"
        return "ON_DUTY" if one.not_after >= now else "CERTIFICATE_EXPIRED"


def _has_left() -> IdentityError:
    return IdentityError(
        "this officer has left",
        where="officer",
        reason="officer-left",
        remedy="Ask the office: his cases and mail have a successor (tracepost officer list).",
    )


def _begins(certificate: x509.Certificate) -> int:
    return unix_seconds(certificate.not_valid_before_utc)


def _shows(identity: Identity, known: OfficerRecord) -> bool:
    return known.first_seen > 0 and known.certificate_sha256 == identity.certificate_sha256


def day_of(now: int) -> str:
    """Return the day of a time in unix seconds, UTC."""
    return instant(now)[:10]


def render(one: DeputyRecord, today: str) -> office_pb2.Deputy:
    """Return an appointment as it stands today."""
    if one.ended_at or one.until_day < today:
        state = "OVER"
    elif not one.approved_at:
        state = "PROPOSED"
    else:
        state = "IN_FORCE" if one.is_in_force(today) else "TO_COME"
    return office_pb2.Deputy(
        number=one.number,
        officer=one.officer,
        desk=one.desk,
        from_day=one.from_day,
        until_day=one.until_day,
        state=f"DEPUTY_STATE_{state}",
        proposed_by=one.proposed_by,
        approved_by=one.approved_by or None,
        ended_by=one.ended_by or None,
    )


class OfficerDoor(MemberChecker):
    """A `MemberChecker` that also asks the register of our own officers."""

    def __init__(self, papers: Papers, domain: str, staff: Staff) -> None:
        super().__init__(papers, domain)
        self._staff = staff

    def trust_version(self) -> Hashable:
        """Return what changes with the roots of any member, or with the desks of any officer of ours."""
        return super().trust_version(), self._staff.version()

    def identify(
        self, leaf: x509.Certificate, intermediates: Sequence[x509.Certificate], *, at: int
    ) -> Identity:
        """Return whose `leaf` is, verified and noted, with the desks that he acts for today."""
        return self._staff.admit(super().identify(leaf, intermediates, at=at), _begins(leaf))

    def recheck(self, identity: Identity, *, at: int) -> None:
        """Ask the calendar, the trust list, the revocations and the register again."""
        super().recheck(identity, at=at)
        self._staff.require_here(identity)
