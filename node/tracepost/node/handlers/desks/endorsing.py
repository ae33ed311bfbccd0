"""Passkeys that speak for officers: endorsed by their certificates, kept here, and dropped with them.

An approval by passkey proves itself to everybody (`approval`). What no signature can say is that an endorsement was
taken back: so one counts here only while it stands in this register. The word of a device is good for an hour after
the time that it tells. The console that asks for it chooses that time: one that was taken over can date a word ahead,
and hand it in then. What ends it is the end of the endorsement.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

from tracepost.node.handlers.case.casebook import instant
from tracepost.node.handlers.case.office import Office, Officer
from tracepost.node.handlers.desks.policy_words import CLOCK_SKEW_S, Word
from tracepost.node.handlers.sending.four_eyes import is_revoked
from tracepost.node.papers import Papers
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import AuditEvent
from tracepost.node.records.staff import PasskeyRecord
from tracepost.protocol import approval, endorsement
from tracepost.protocol.certificate import load_certificate
from tracepost.protocol.endorsement import Endorsement
from tracepost.protocol.errors import ApprovalError, InvalidInputError, LimitError, NotFoundError
from tracepost.protocol.identity import Identity
from tracepost.protocol.ids import decode_b64, encode_b64
from tracepost.wire.v1 import office_pb2

WORD_LASTS_S = 3600
_PER_OFFICER = 10


class Endorsing:
    """One per process."""

    def __init__(self, office: Office, papers: Papers, store: Store, clock: Callable[[], int]) -> None:
        self._office = office
        self._papers = papers
        self._store = store
        self._clock = clock

    async def endorse(
        self, caller: Identity, request: office_pb2.EndorsePasskeyRequest
    ) -> office_pb2.Passkey:
        """Keep an endorsement that the officer who calls has signed; it replaces his earlier one of this passkey.

        Raises:
            ApprovalError: it does not verify, is of another officer, or is over, or its key speaks for another one.
            LimitError: the officer has too many.
        """
        now = self._clock()
        _require_own(request.certificate, caller)
        said = endorsement.verify(request.endorsement, load_certificate(request.certificate), caller)
        if not said.since <= now + CLOCK_SKEW_S or said.until < now:
            raise ApprovalError("it is not in force now", where="endorsement", reason="not-endorsed-then")
        record = PasskeyRecord(
            digest=endorsement.digest_of(request.endorsement),
            officer=said.officer,
            certificate_sha256=caller.certificate_sha256,
            serials=caller.path_serials,
            until=said.until,
            endorsed_at=now,
            text=request.endorsement,
        )
        await self._store.write(lambda tx: _keep(tx, record, now), label="passkey")
        return _render(said, record)

    async def list_own(self, caller: Identity) -> office_pb2.ListPasskeysResponse:
        """Return what the officer who calls has endorsed and is in force, by whichever certificate."""
        now, found = self._clock(), await self._store.read(lambda tx: tx.passkeys.all())
        own = [one for one in found if one.officer == caller.officer and one.until >= now]
        return office_pb2.ListPasskeysResponse(
            passkeys=[_render(endorsement.read(one.text), one) for one in own]
        )

    async def end(self, officer: Officer, credential: str) -> None:
        """Take back what the officer endorsed of the passkey with this id.

        Raises:
            NotFoundError: there is none.
        """
        wanted, now = decode_b64(credential, "credential"), self._clock()

        def drop(tx: Tx) -> None:
            own = [one for one in tx.passkeys.all() if one.officer == officer.number]
            ended = [one for one in own if _credential(one) == wanted]
            if not ended:
                raise NotFoundError("you endorsed no such passkey", where="credential", reason="no-passkey")
            tx.passkeys.drop([one.digest for one in ended])
            tx.audit.append([_audit(one, "passkey-end", officer.label, now) for one in ended])

        await self._store.write(drop, label="passkey-end")

    async def drop_dead(self) -> int:
        """Drop what is over: by its date, with its certificate or with its officer; return how many."""
        if not await self._store.read(self._dead):
            return 0
        return await self._store.write(self._drop_dead, label="passkey-end")

    def _drop_dead(self, tx: Tx) -> int:
        dead, now = self._dead(tx), self._clock()
        tx.passkeys.drop([one.digest for one in dead])
        tx.audit.append([_audit(one, "passkey-end", "node", now) for one in dead])
        return len(dead)

    def _dead(self, tx: Tx) -> list[PasskeyRecord]:
        us, now, revoked = self._office.member, self._clock(), self._papers.revocations()
        left = {one.number for one in tx.officers.all() if one.left_at}
        return [
            one
            for one in tx.passkeys.all()
            if one.until < now or one.officer in left or is_revoked(one, us, revoked, now)
        ]

    async def take_word(self, text: str, certificates: Sequence[bytes], caller: Identity) -> Word:
        """Return the word that came with a call, not yet verified (`policy_words.verify_word_on`).

        Raises:
            ApprovalError: it is of another officer than the one who calls, or by a passkey that does not speak
                for him, or did so too long ago.
        """
        if not certificates:
            raise InvalidInputError(
                "the officer's certificate is missing", where="certificates", reason="no-certificate"
            )
        _require_own(certificates[0], caller)
        said = approval.peek(text)
        if said.endorsement:
            await self._require_endorsed(said, caller)
        return Word(text, tuple(certificates))

    async def _require_endorsed(self, said: approval.UnverifiedApproval, caller: Identity) -> None:
        found = await self._store.read(lambda tx: tx.passkeys.all())
        own = {one.digest for one in found if _speaks_for(one, caller)}
        if said.endorsement not in own:
            raise _not_endorsed("Endorse it: tracepost officer passkey endorse.")
        if said.time + WORD_LASTS_S < self._clock():
            raise ApprovalError(
                "the word of a passkey is good for an hour",
                where="approval.time",
                reason="too-old",
                remedy="Look at it again, and give your word anew.",
            )


def require_standing(tx: Tx, words: Iterable[Word]) -> None:
    """Raise `ApprovalError`, if a passkey that gave one of `words`, taken earlier, speaks for its officer no more."""
    standing = {one.digest for one in tx.passkeys.all()}
    carried = [approval.peek(word.approval).endorsement for word in words]
    if any(digest and digest not in standing for digest in carried):
        raise _not_endorsed("Propose or ask it anew: its endorsement was taken back or replaced.")


def _not_endorsed(remedy: str) -> ApprovalError:
    return ApprovalError(
        "the passkey does not speak for this officer, or does so no more",
        where="approval",
        reason="not-endorsed",
        remedy=remedy,
    )


def _keep(tx: Tx, record: PasskeyRecord, now: int) -> None:
    """Keep an endorsement in the place of the same certificate's earlier one of this passkey."""
    in_force = [one for one in tx.passkeys.all() if one.until >= now]
    if any(one.officer != record.officer and _key(one) == _key(record) for one in in_force):
        raise ApprovalError(
            "the passkey speaks for another officer",
            where="endorsement",
            reason="of-another",
            remedy="Make one of your own: two officers' words are to come from two devices.",
        )
    beside = [one for one in in_force if _is_beside(one, record)]
    earlier = [one for one in beside if _credential(one) == _credential(record)]
    if len(beside) - len(earlier) >= _PER_OFFICER:
        raise LimitError("an officer has ten passkeys at most", where="passkeys", reason="passkeys")
    tx.passkeys.drop([one.digest for one in earlier])
    tx.passkeys.put(record)
    tx.audit.append([_audit(record, "passkey-endorse", f"officer-{record.officer}", now)])


def _require_own(certificate: bytes, caller: Identity) -> None:
    if hashlib.sha256(certificate).digest() != caller.certificate_sha256:
        raise ApprovalError(
            "the approval is of another officer than the one who calls",
            where="approval",
            reason="other-officer",
        )


def _speaks_for(one: PasskeyRecord, caller: Identity) -> bool:
    return one.officer == caller.officer and one.certificate_sha256 == caller.certificate_sha256


def _is_beside(one: PasskeyRecord, record: PasskeyRecord) -> bool:
    return (one.officer, one.certificate_sha256) == (record.officer, record.certificate_sha256)


def _credential(one: PasskeyRecord) -> bytes:
    return endorsement.read(one.text).credential


def _key(one: PasskeyRecord) -> bytes:
    return endorsement.read(one.text).key


def _render(said: Endorsement, record: PasskeyRecord) -> office_pb2.Passkey:
    return office_pb2.Passkey(
        credential=encode_b64(said.credential),
        rp_id=said.rp_id,
        origin=said.origin,
        endorsed_at=instant(record.endorsed_at),
        until=instant(said.until),
        endorsement=record.text,
    )


def _audit(one: PasskeyRecord, action: str, actor: str, now: int) -> AuditEvent:
    return AuditEvent(now, actor, action, f"officer-{one.officer}", encode_b64(one.digest)[:12])
