"""Answers `Submit` and `SubmitMany`: read what drafts refer to, prepare them, keep them in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

from tracepost.node.gate import Gate
from tracepost.node.handlers.case.office import Office, Officer
from tracepost.node.handlers.case.thread import Thread, open_thread
from tracepost.node.handlers.case.writing import require_writing
from tracepost.node.handlers.drafting.completing import Completing
from tracepost.node.handlers.drafting.enclosing_files import EnclosingFiles
from tracepost.node.handlers.sending.dispatch import Kept, keep, preview, prove_sent
from tracepost.node.handlers.sending.exhibits import Enclosed, Enclosing
from tracepost.node.handlers.sending.four_eyes import FourEyes
from tracepost.node.handlers.sending.noticing import owed_notices, write_notice
from tracepost.node.handlers.sending.preparing import Prepared, Preparer, Setting
from tracepost.node.handlers.sending.repeats import DraftMark, find_answers, mark_draft
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.mail import FreshMail
from tracepost.protocol.errors import TracepostError
from tracepost.protocol.problems import make_problem
from tracepost.protocol.sealing import Random
from tracepost.wire.v1 import desk_pb2

T = TypeVar("T")

_Read = Setting | TracepostError | desk_pb2.Submission
"""What is known of a draft before it is worked on: what it refers to, what is wrong, or what it was answered."""


class Sending:
    """One per process; `submit` may be called by many tasks at once."""

    def __init__(
        self,
        *,
        office: Office,
        preparer: Preparer,
        enclosing: Enclosing,
        four_eyes: FourEyes,
        gate: Gate,
        completing: Completing,
        files: EnclosingFiles,
        store: Store,
        clock: Callable[[], int],
        random: Random,
        draft_secret: bytes,
        wake: Callable[[Sequence[FreshMail]], None],
    ) -> None:
        self._office = office
        self._preparer = preparer
        self._enclosing = enclosing
        self._four_eyes = four_eyes
        self._gate = gate
        self._completing = completing
        self._files = files
        self._store = store
        self._clock = clock
        self._random = random
        self._draft_secret = draft_secret
        self._wake = wake
        # One thread: sealing epochs belong to it, and signing leaves the event loop free.
        self._bench = ThreadPoolExecutor(1, thread_name_prefix="sealing")

    async def submit(self, officer: Officer, drafts: Sequence[desk_pb2.Draft]) -> list[desk_pb2.Submission]:
        """Return what came of each draft, in order; a refused one has its problem and stored nothing."""
        return await self._submit(officer, drafts, of_node=False)

    async def tell(self, officer: Officer, drafts: Sequence[desk_pb2.Draft]) -> list[desk_pb2.Submission]:
        """Return what came of each draft that the node wrote, and no officer a word of it: nobody need look first."""
        return await self._submit(officer, drafts, of_node=True)

    async def _submit(
        self, officer: Officer, drafts: Sequence[desk_pb2.Draft], *, of_node: bool
    ) -> list[desk_pb2.Submission]:
        settings = await self._read_settings(officer, drafts, of_node)
        prepared = await self._refuse_unfit(await self.run(lambda: self._prepare(officer, drafts, settings)))
        ready = [p for p in prepared if isinstance(p, Prepared) and not p.draft.preview]
        kept = iter(await self._keep(ready))
        return [self._answer(p, kept) for p in prepared]

    async def tell_with(
        self,
        officer: Officer,
        told: Sequence[tuple[desk_pb2.Draft, Thread]],
        job: Callable[[Tx], T],
        *,
        label: str,
    ) -> T:
        """Send what the node itself tells, each in its case, and do `job` in one unit of work.

        Raises what is wrong with a draft, and does nothing then.
        """
        pairs = [
            (draft, Setting(mark_draft(officer, draft, self._draft_secret), thread, Enclosed(), of_node=True))
            for draft, thread in told
        ]
        prepared = await self.run(lambda: self._preparer.prepare(officer, pairs, self._clock()))
        for one in prepared:
            if isinstance(one, TracepostError):
                raise one
        ready = [one for one in prepared if isinstance(one, Prepared)]
        return await asyncio.shield(self._keep_with(ready, job, label))

    async def _keep_with(self, ready: Sequence[Prepared], job: Callable[[Tx], T], label: str) -> T:
        def write(tx: Tx) -> tuple[T, list[Kept]]:
            done = job(tx)
            return done, self._keep_all(tx, ready) if ready else []

        fresh: list[FreshMail] = []
        done, _ = await self._store.write(
            write, label=label, then=lambda made: fresh.extend(self._prove_sent(made[1]))
        )
        self._wake(fresh)
        return done

    async def run(self, work: Callable[[], T]) -> T:
        """Run `work` on the sealing thread."""
        return await asyncio.get_running_loop().run_in_executor(self._bench, work)

    def close(self) -> None:
        """Finish what is being sealed."""
        self._bench.shutdown()

    async def _refuse_unfit(
        self, prepared: Sequence[Prepared | desk_pb2.Submission]
    ) -> list[Prepared | desk_pb2.Submission]:
        """Refuse what attaches a file that is not here, or is not what is said of it."""
        return [
            await self._unless_unfit(p) if isinstance(p, Prepared) and p.sealed.attached else p
            for p in prepared
        ]

    async def _unless_unfit(self, prepared: Prepared) -> Prepared | desk_pb2.Submission:
        fault = None if prepared.draft.preview else await self._files.find_fault(prepared.sealed.attached)
        return prepared if fault is None else _refuse(prepared.draft, fault)

    async def _keep(self, ready: Sequence[Prepared]) -> list[Kept]:
        # Who hangs up meanwhile must not leave mail behind that nobody was woken for.
        return await asyncio.shield(self._keep_and_wake(ready)) if ready else []

    async def _keep_and_wake(self, ready: Sequence[Prepared]) -> list[Kept]:
        fresh: list[FreshMail] = []
        kept = await self._store.write(
            lambda tx: self._keep_all(tx, ready),
            label="submit",
            then=lambda made: fresh.extend(self._prove_sent(made)),
        )
        self._wake(fresh)
        return kept

    def _keep_all(self, tx: Tx, ready: Sequence[Prepared]) -> list[Kept]:
        return keep(tx, ready, self._office, self._four_eyes, now=self._clock(), random=self._random)

    def _prove_sent(self, kept: Sequence[Kept]) -> list[FreshMail]:
        """Prove what goes, on the writing thread: it leaves without being read again."""
        gone = [one.departed for k in kept for one in (k, *k.companions) if one.departed]
        return prove_sent(gone, self._store.evidence)

    async def _read_settings(
        self, officer: Officer, drafts: Sequence[desk_pb2.Draft], of_node: bool
    ) -> list[_Read]:
        """Read what drafts refer to; one that was answered before needs nothing else, whatever holds today."""
        marks = [mark_draft(officer, d, self._draft_secret) for d in drafts]
        found = await self._store.read(
            lambda tx: [
                answer or self._read_setting(tx, officer, draft, mark, of_node)
                for draft, mark, answer in zip(drafts, marks, find_answers(tx, marks), strict=True)
            ]
        )
        if self._store.is_shared and any(isinstance(one, desk_pb2.Submission) for one in found):
            # What a server shows may be waiting for its standby still; what is committed behind it is not.
            await self._store.write(lambda _: None, label="repeated")
        return found

    def _read_setting(
        self, tx: Tx, officer: Officer, draft: desk_pb2.Draft, mark: DraftMark, of_node: bool
    ) -> _Read:
        try:
            thread = self._read_thread(tx, draft.thread)
            require_writing(tx, self._office, self._gate, officer, draft=draft, thread=thread)
            enclosed = self._enclosing.enclose(tx, officer, draft, thread, self._clock())
            owed = owed_notices(tx, enclosed, self._office.member, draft.to, self._clock())
            drawn = self._completing.complete(tx, officer, draft, thread)
            return Setting(mark, thread, enclosed, drawn, owed, of_node)
        except TracepostError as error:
            return error

    def _read_thread(self, tx: Tx, named: str) -> Thread | None:
        found = tx.cases.resolve(named) if named else ()
        if len(found) != 1:
            return None
        return open_thread(found[0], self._office.member, tx.statements.in_threads(found))

    def _prepare(
        self, officer: Officer, drafts: Sequence[desk_pb2.Draft], settings: Sequence[_Read]
    ) -> list[Prepared | desk_pb2.Submission]:
        pairs = list(zip(drafts, settings, strict=True))
        clear = [(draft, setting) for draft, setting in pairs if isinstance(setting, Setting)]
        made = self._preparer.prepare(officer, clear, self._clock())
        prepared = iter(
            self._accompany(officer, one, setting) for one, (_, setting) in zip(made, clear, strict=True)
        )
        results = [next(prepared) if isinstance(setting, Setting) else setting for _, setting in pairs]
        return [
            _refuse(draft, one) if isinstance(one, TracepostError) else one
            for draft, one in zip(drafts, results, strict=True)
        ]

    def _accompany(
        self, officer: Officer, one: Prepared | TracepostError, setting: Setting
    ) -> Prepared | TracepostError:
        """Return a draft with the notices that it owes; what hinders one of these hinders the draft."""
        if isinstance(one, TracepostError) or not setting.owed:
            return one
        if one.draft.preview:
            return replace(one, notices_to=tuple(sorted({owed.owner for owed in setting.owed})))
        claims, digest = one.statement.claims, one.statement.digest
        mark = replace(setting.mark, key="", name="")
        drafts = [
            (write_notice(owed, claims, digest), Setting(mark, owed.thread, Enclosed(), of_node=True))
            for owed in setting.owed
        ]
        notices = self._preparer.prepare(officer, drafts, self._clock())
        failed = next((error for error in notices if isinstance(error, TracepostError)), None)
        companions = tuple(notice for notice in notices if isinstance(notice, Prepared))
        return failed or replace(one, companions=companions)

    def _answer(self, prepared: Prepared | desk_pb2.Submission, kept: Iterator[Kept]) -> desk_pb2.Submission:
        if isinstance(prepared, desk_pb2.Submission):
            return prepared
        return preview(prepared) if prepared.draft.preview else next(kept).answer


def _refuse(draft: desk_pb2.Draft, error: TracepostError) -> desk_pb2.Submission:
    return desk_pb2.Submission(idempotency_key=draft.idempotency_key, problem=make_problem(error))
