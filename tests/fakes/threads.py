"""Cases as the rules of the verbs see them: records of statements that nobody signed or sealed.

case = Case("xab")
case.say("xaa", ["xab"], request("T-1"))
rule(Saying(message, case.thread(), ["xaa"], 1))
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from google.protobuf.message import Message

from tracepost.node.handlers.case.casebook import case_event
from tracepost.node.handlers.case.thread import Thread, open_thread, record_of
from tracepost.node.records.statements import Direction, StatementRecord
from tracepost.protocol import schema
from tracepost.protocol.ids import DeskId, EnvelopeId, MemberId, StatementDigest, ThreadId
from tracepost.protocol.lifecycle import CaseState, fold
from tracepost.protocol.statement import Claims, Disclosure, Restriction, Statement

THREAD = ThreadId("01890000-0000-7000-8000-000000000000")


class Case:
    """The statements of one case as `us` holds them; each is a minute after the one before."""

    def __init__(self, us: str) -> None:
        self.us = MemberId(us)
        self.records: list[StatementRecord] = []

    def say(
        self,
        iss: str,
        aud: Sequence[str],
        message: Message,
        *,
        restrictions: tuple[Restriction, ...] = (),
        in_reply_to: StatementDigest | None = None,
    ) -> StatementRecord:
        """Add a statement; return its record."""
        number = len(self.records)
        digest = StatementDigest(hashlib.sha256(f"statement {number}".encode()).digest())
        claims = Claims(
            iss=MemberId(iss),
            aud=tuple(map(MemberId, aud)),
            iat=1_790_000_000 + 60 * number,
            jti=f"jti-{number:04}",
            kind=schema.kind_of(message),
            thread=THREAD,
            in_reply_to=in_reply_to,
            desk=DeskId("poc"),
            purpose="PURPOSE_CRIMINAL_INVESTIGATION",
            legal_basis="LEGAL_BASIS_ITI",
            restrictions=restrictions,
        )
        shown = tuple(Disclosure("", f.path, f.value, f.sensitivity) for f in schema.flatten(message))
        self.records.append(self._record(Statement("", claims, digest, shown, b"", ())))
        return self.records[-1]

    def thread(self) -> Thread:
        """Return the case."""
        return open_thread(THREAD, self.us, self.records)

    def state(self) -> CaseState:
        """Return the case as it is folded."""
        return fold([case_event(record) for record in self.records], us=self.us)

    def _record(self, statement: Statement) -> StatementRecord:
        return record_of(
            statement,
            direction=Direction.OURS if statement.claims.iss == self.us else Direction.THEIRS,
            in_effect=True,
            envelope_id=EnvelopeId(statement.digest),
            now=statement.claims.iat,
        )
