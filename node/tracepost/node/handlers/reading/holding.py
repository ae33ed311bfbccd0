"""Held mail: genuine but unexpected; an officer takes it up or sets it aside (messages.md, section 4)."""

from __future__ import annotations

from collections.abc import Callable

from tracepost.node.gate import Gate
from tracepost.node.handlers.case.casebook import instant, take_effect
from tracepost.node.handlers.case.entitlement import require_case_data
from tracepost.node.handlers.case.exercises import find_strays, flag_of, mixing_words
from tracepost.node.handlers.case.joining import put_on_cases
from tracepost.node.handlers.case.office import Office, Officer
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import AuditEvent
from tracepost.node.records.mail import HeldMail, MailState, ReceivedMail
from tracepost.protocol.errors import InvalidInputError, NotFoundError
from tracepost.protocol.exercises import EXERCISE_IN_REAL
from tracepost.wire.v1 import desk_pb2


class Holding:
    """One per process."""

    def __init__(self, office: Office, gate: Gate, store: Store, clock: Callable[[], int]) -> None:
        self._office = office
        self._gate = gate
        self._store = store
        self._clock = clock

    async def list_held(self, officer: Officer) -> desk_pb2.ListHeldResponse:
        """Return all held mail, oldest first."""
        require_case_data(self._office, self._gate, officer)
        mails = await self._store.read(_read_held)
        return desk_pb2.ListHeldResponse(mails=[_render(held, exercise=flag) for held, flag in mails])

    async def decide(
        self, officer: Officer, request: desk_pb2.DecideHeldRequest
    ) -> desk_pb2.DecideHeldResponse:
        """Take held mail up, as if it had been expected, or set it aside without effect.

        Raises:
            NotFoundError: no held mail has this id; perhaps it was decided already.
            InvalidInputError: the beginning of an id fits more than one.
        """
        require_case_data(self._office, self._gate, officer)
        now = self._clock()
        decided = await self._store.write(lambda tx: self._decide(tx, officer, request, now), label="decide")
        return desk_pb2.DecideHeldResponse(thread=decided.thread)

    def _decide(self, tx: Tx, officer: Officer, request: desk_pb2.DecideHeldRequest, now: int) -> HeldMail:
        held = _find(tx, request.envelope_id.lower())
        mail = held.mail
        if request.take_up:
            _require_fitting(tx, mail)
        tx.inbox.move([mail.id], MailState.TAKEN_UP if request.take_up else MailState.SET_ASIDE, now)
        if request.take_up:
            taken = list(tx.statements.find([mail.statement]).values())
            put_on_cases(tx, self._office.desks, taken, now)
            take_effect(tx, [mail.statement], self._office.member)
        action = "take-up" if request.take_up else "set-aside"
        tx.audit.append([AuditEvent(now, officer.label, action, mail.id.hex(), mail.reason)])
        return held


def _read_held(tx: Tx) -> list[tuple[HeldMail, bool]]:
    held = tx.quarantine.held()
    known = tx.statements.find([one.mail.statement for one in held])
    return [(one, flag_of(known[one.mail.statement])) for one in held]


def _require_fitting(tx: Tx, mail: ReceivedMail) -> None:
    for reason in find_strays(tx, [mail]).values():
        raise InvalidInputError(
            mixing_words(reason == EXERCISE_IN_REAL),
            where="envelope_id",
            reason=reason,
            remedy="Set it aside: its sender can say it again in a case of its own.",
        )


def _find(tx: Tx, beginning: str) -> HeldMail:
    fitting = [held for held in tx.quarantine.held() if held.mail.id.hex().startswith(beginning)]
    if not fitting:
        raise NotFoundError("no held mail is called so", where="envelope_id", reason="not-held")
    if len(fitting) > 1:
        raise InvalidInputError(
            "several held mails are called so", where="envelope_id", reason="several-mails"
        )
    return fitting[0]


def _render(held: HeldMail, *, exercise: bool) -> desk_pb2.HeldMail:
    return desk_pb2.HeldMail(
        envelope_id=held.mail.id.hex(),
        from_member=held.mail.from_member,
        kind=held.kind,
        thread=held.thread,
        received_at=instant(held.mail.received_at),
        reason=held.mail.reason,
        bytes=held.mail.size,
        exercise=exercise or None,
    )
