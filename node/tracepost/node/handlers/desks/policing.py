"""The member's own policies: proposed by one officer, put in force by another.

    propose   the version is the next one, nothing else is proposed → the text may be added to our base set
              → the officer approved just this document → signed, kept, told in the audit trail
    decide    it is proposed still → the word is of an officer who did not propose it → refused or withdrawn:
              kept; approved: checked anew, then in one unit of work the log entry `policy/1` with the digest of
              both approvals, the version, the audit event; then the gate decides by it

A change waits for all that is being read or sealed under the set before it (`standing`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from tracepost.node.gate import Gate, base_policy
from tracepost.node.handlers.case.casebook import instant
from tracepost.node.handlers.case.office import Officer
from tracepost.node.handlers.case.standing import Standing
from tracepost.node.handlers.desks.endorsing import require_standing
from tracepost.node.handlers.desks.policy_words import (
    CLOCK_SKEW_S,
    Word,
    digest_of,
    read_words,
    verify_word,
    write_words,
)
from tracepost.node.papers import Papers
from tracepost.node.policies.own import Additions, check_additions, policy_ids
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.cases import AuditEvent
from tracepost.node.records.papers import PolicyRecord, PolicyState
from tracepost.protocol import policy
from tracepost.protocol.approval import Approval, Decision
from tracepost.protocol.errors import (
    ApprovalError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    PermissionError_,
)
from tracepost.protocol.evidence import PolicyActivated, prepare_line
from tracepost.protocol.ids import MemberId
from tracepost.protocol.policy import PolicyVersion, text_digest
from tracepost.protocol.sealing import Random
from tracepost.protocol.statement import Signer
from tracepost.wire.v1 import desk_pb2

_BY_ANOTHER = (
    "Another officer of the member approves it. A member with one officer has no policies of its own until it has"
    " enrolled a second."
)


class Policing:
    """One per process."""

    def __init__(
        self,
        *,
        us: MemberId,
        gate: Gate,
        papers: Papers,
        signer: Signer,
        store: Store,
        clock: Callable[[], int],
        random: Random,
    ) -> None:
        self._us = us
        self._gate = gate
        self._papers = papers
        self._signer = signer
        self._store = store
        self._clock = clock
        self._random = random
        self._base = base_policy()
        self._base_sha256 = text_digest(self._base)
        self.standing = Standing()
        self.version = 0
        """The version of our own policies that decides in this process; 0: none."""

    async def show(self, *, with_text: bool) -> desk_pb2.PolicyView:
        """Return the base set and all versions of our own policies, the newest first."""
        records = await self._store.read(lambda tx: tx.policies.all())
        current = in_force(records)
        return desk_pb2.PolicyView(
            member=self._us,
            set_sha256=self._gate.policy_sha256.hex(),
            base_sha256=self._base_sha256.hex(),
            listed_base_sha256=self._papers.member(self._us).base_policy_sha256.hex(),
            base_text=self._base if with_text else None,
            base_policies=policy_ids(self._base),
            versions=[_view(r, current, with_text=with_text) for r in reversed(records)],
            clock=self._clock(),
        )

    async def tell(self, status: desk_pb2.NodeStatus) -> None:
        """Write into `status` which version is in force."""
        current = in_force(await self._store.read(lambda tx: tx.policies.all()))
        if current is not None:
            status.policy_version = current.version
            status.policy_base_changed = said_in(current).base_sha256 != self._base_sha256

    async def text_in_force(self) -> str:
        """Return our own policies in force; empty: there are none."""
        current = in_force(await self._store.read(lambda tx: tx.policies.all()))
        return current.text if current else ""

    async def propose(
        self, officer: Officer, word: Word, request: desk_pb2.ProposePolicyRequest
    ) -> desk_pb2.PolicyVersion:
        """Keep a proposal of `officer`, who approved it by `word`.

        Raises:
            ConflictError: another version is the next, one is proposed already, or the base set is another.
            InvalidPolicyError: the text may not be added.
            ApprovalError, IdentityError: the approval is not of this officer, or of something else.
        """
        now = self._clock()
        said = self._read_proposal(officer, request, now)
        await asyncio.to_thread(check_additions, request.text)
        _require_approval(verify_word(word, said.digest, self._papers, self._us, now), Decision.APPROVED)
        record = PolicyRecord(
            version=said.version,
            state=PolicyState.PROPOSED,
            set_sha256=b"",
            proposed_at=now,
            decided_by="",
            decided_at=0,
            log_number=None,
            document=policy.sign(said, self._signer),
            text=request.text,
            words=write_words([word]),
        )

        def keep(tx: Tx) -> None:
            _require_next(tx.policies.all(), said.version)
            tx.policies.put(record)
            tx.audit.append([_audit(now, officer, "policy-propose", record)])

        await self._store.write(keep, label="policy-propose")
        return _view(record, None, with_text=False)

    async def decide(self, officer: Officer, word: Word, version: int) -> desk_pb2.PolicyVersion:
        """Take the word of `officer` on a proposal; approved, it is in force when this returns.

        Raises:
            NotFoundError, ConflictError: there is no such proposal any more.
            PermissionError_: who proposed it approves it.
            ApprovalError, IdentityError: one of the two approvals does not hold (any more).
            InvalidPolicyError: the text does not fit our base set any more.
        """
        record = _proposal(await self._store.read(lambda tx: tx.policies.all()), version)
        said, now = said_in(record), self._clock()
        spoken = verify_word(word, said.digest, self._papers, self._us, now)
        if spoken.decision is Decision.REFUSED:
            state = PolicyState.WITHDRAWN if officer.number == said.proposed_by else PolicyState.REFUSED
            return await self._settle(officer, replace(record, state=state), word, now)
        if officer.number == said.proposed_by:
            raise PermissionError_(
                "nobody approves what he proposed", where="version", reason="own-proposal", remedy=_BY_ANOTHER
            )
        self._require_base(said.base_sha256)
        additions = await asyncio.to_thread(check_additions, record.text)
        words = [*read_words(record.words), word]
        _require_approval(verify_word(words[0], said.digest, self._papers, self._us, now), Decision.APPROVED)
        # Who hangs up meanwhile must not leave a log that says one thing and a gate that does another.
        return await asyncio.shield(self._put_in_force(officer, record, additions, words))

    # ── deciding ─────────────────────────────────────────────────────────────────────

    async def _settle(
        self, officer: Officer, decided: PolicyRecord, word: Word, now: int
    ) -> desk_pb2.PolicyVersion:
        words = write_words([*read_words(decided.words), word])
        kept = replace(decided, decided_by=officer.label, decided_at=now, words=words)
        action = "policy-withdraw" if kept.state is PolicyState.WITHDRAWN else "policy-refuse"

        def keep(tx: Tx) -> None:
            _proposal(tx.policies.all(), kept.version)
            tx.policies.put(kept)
            tx.audit.append([_audit(now, officer, action, kept)])

        await self._store.write(keep, label=action)
        return _view(kept, None, with_text=False)

    async def _put_in_force(
        self, officer: Officer, record: PolicyRecord, additions: Additions, words: Sequence[Word]
    ) -> desk_pb2.PolicyVersion:
        async with self.standing.changed():
            now = self._clock()
            kept = await self._store.write(
                lambda tx: self._keep_activated(tx, officer, record, additions, words, now=now),
                label="policy-activate",
            )
            self._gate.put_in_force(additions.policies)
            self.version = kept.version
        return _view(kept, kept, with_text=False)

    def _keep_activated(
        self,
        tx: Tx,
        officer: Officer,
        record: PolicyRecord,
        additions: Additions,
        words: Sequence[Word],
        *,
        now: int,
    ) -> PolicyRecord:
        _proposal(tx.policies.all(), record.version)
        require_standing(tx, words)
        number = append_entry(tx, additions.policies.sha256, words, now, self._random)
        kept = replace(
            record,
            state=PolicyState.ACTIVATED,
            set_sha256=additions.policies.sha256,
            decided_by=officer.label,
            decided_at=now,
            log_number=number,
            words=write_words(words),
        )
        tx.policies.put(kept)
        tx.audit.append([_audit(now, officer, "policy-activate", kept)])
        return kept

    # ── proposing ────────────────────────────────────────────────────────────────────

    def _read_proposal(
        self, officer: Officer, request: desk_pb2.ProposePolicyRequest, now: int
    ) -> PolicyVersion:
        if abs(request.time - now) > CLOCK_SKEW_S:
            raise InvalidInputError(
                "the proposal is dated by another clock",
                where="time",
                reason="clock",
                remedy="Set both clocks by NTP.",
            )
        base = bytes.fromhex(request.base_sha256)
        self._require_base(base)
        text = text_digest(request.text)
        said = PolicyVersion(
            self._us, request.version, base, text, officer.number, request.time, request.note
        )
        policy.payload_of(said)  # raises what is not well formed
        return said

    def _require_base(self, sha256: bytes) -> None:
        if sha256 != self._base_sha256:
            raise ConflictError(
                "the proposal was checked against another base set than this node runs",
                where="base_sha256",
                reason="other-base",
                remedy="Refuse the old proposal, and propose the text again.",
            )


def in_force(records: Sequence[PolicyRecord]) -> PolicyRecord | None:
    """Return the newest version that was activated, of all in their order; None: the base set alone decides."""
    return next((r for r in reversed(records) if r.state is PolicyState.ACTIVATED), None)


def said_in(record: PolicyRecord) -> PolicyVersion:
    """Return what the document of a kept version says; its signature is not looked at."""
    return policy.read(record.document)


def append_entry(tx: Tx, set_sha256: bytes, words: Sequence[Word], now: int, random: Random) -> int:
    """Let our log say that this set is in force, by these approvals; return the number of the entry."""
    entry = PolicyActivated(sha256=set_sha256, artefact=b"", time=now, approvals=digest_of(words))
    [number] = tx.log.append([prepare_line(entry, random)])
    return number


def _require_next(records: Sequence[PolicyRecord], version: int) -> None:
    waiting = [r.version for r in records if r.state is PolicyState.PROPOSED]
    if waiting:
        raise ConflictError(
            f"version {waiting[0]} is proposed and not decided on",
            where="version",
            reason="proposal-open",
            remedy="Decide on it first.",
        )
    following = max((r.version for r in records), default=0) + 1
    if version != following:
        raise ConflictError(
            f"the next version is {following}",
            where="version",
            reason="version",
            remedy="Somebody was faster: look at the versions, then propose it again.",
        )


def _proposal(records: Sequence[PolicyRecord], version: int) -> PolicyRecord:
    found = next((r for r in records if r.version == version), None)
    if found is None:
        raise NotFoundError(
            f"there is no version {version}",
            where="version",
            reason="unknown-version",
            remedy="Look at the list of versions.",
        )
    if found.state is not PolicyState.PROPOSED:
        raise ConflictError(
            f"version {version} is decided on",
            where="version",
            reason="decided",
            remedy="Going back is an older text under a new version.",
        )
    return found


def _require_approval(spoken: Approval, wanted: Decision) -> None:
    if spoken.decision is not wanted:
        raise ApprovalError(
            "the proposer's own word does not approve it", where="approval", reason="decision"
        )


def _audit(at: int, officer: Officer, action: str, record: PolicyRecord) -> AuditEvent:
    return AuditEvent(at, officer.label, action, f"policy {record.version}", "ok", record.log_number)


def _view(record: PolicyRecord, current: PolicyRecord | None, *, with_text: bool) -> desk_pb2.PolicyVersion:
    said = said_in(record)
    return desk_pb2.PolicyVersion(
        version=record.version,
        state=_state(record, current),
        base_sha256=said.base_sha256.hex(),
        text_sha256=said.text_sha256.hex(),
        set_sha256=record.set_sha256.hex() or None,
        proposed_by=f"officer-{said.proposed_by}",
        proposed_at=instant(record.proposed_at),
        note=said.note,
        decided_by=record.decided_by or None,
        decided_at=instant(record.decided_at) if record.decided_at else None,
        document=record.document,
        text=record.text if with_text else None,
        policies=policy_ids(record.text),
        log_index=record.log_number,
    )


def _state(record: PolicyRecord, current: PolicyRecord | None) -> str:
    if record.state is PolicyState.ACTIVATED:
        is_current = current is not None and current.version == record.version
        return "POLICY_STATE_IN_FORCE" if is_current else "POLICY_STATE_REPLACED"
    return f"POLICY_STATE_{record.state}"
