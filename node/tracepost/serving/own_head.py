"""Whether our store is as long as our log: others are asked for the longest head that our key has signed.

    not reached   nobody answered             → serve, marked as unchecked; asked again every half minute
    behind        a head beyond our store     → do not serve: the store is older than what others hold of it
    forked        another root at that size   → do not serve: the store is another one

A daemon on an old store would sign a second head of sizes that others know, give numbers twice, and believe
certificates that were revoked meanwhile. So the head that was found is kept beside the store, and the daemon does
not start on it again; `tracepost log recover` begins a new log.

The newest head of our own is kept in a file as well, outside the store: what a database has forgotten is known by
it at the next start, also where nobody is there to be asked. It is written before anybody is shown the head, so that
it outlives the daemon, and put on the disk every five seconds, so that it outlives the machine.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import structlog

from tracepost.protocol.errors import (
    ConfigurationError,
    EvidenceError,
    InvalidInputError,
    LogBehindError,
    StoreError,
    TracepostError,
)
from tracepost.protocol.evidence import Head, LogVerifier, peek_head
from tracepost.protocol.ids import MemberId
from tracepost.serving.storage.durable_file import replace_file, sync_path

_log = structlog.get_logger()

AHEAD_NAME = "ahead.note"
KEPT_NAME = "own-head.note"
ASKED_AT_ONCE = 16
ANSWER_WITHIN_S = 10.0
ASK_AGAIN_S = 30.0
SYNC_EVERY_S = 5.0
_KEPT_BYTES = 1024

Place = tuple[MemberId, str]
"""A relay or peer, and where it is dialled."""

Ask = Callable[[Place], Awaitable[str]]
"""Returns the note of the longest head that a place knows of our log, empty for none; raises `TracepostError`."""


class ShownHead(Protocol):
    """A head of our log: committed, then signed."""

    @property
    def size(self) -> int:
        """How many entries it fixes."""

    @property
    def root(self) -> bytes:
        """The root hash over them."""

    @property
    def note(self) -> str:
        """The signed note; empty of a log without entries."""


class OwnLog(Protocol):
    """Our log, as the store has it. Safe from any thread."""

    @property
    def head(self) -> ShownHead:
        """The newest head."""

    def root_at(self, size: int) -> bytes:
        """Return the root that the log had when it was so long; InvalidInputError if it never was."""

    def refresh(self) -> None:
        """Let `head` be the newest that any process of ours committed. Blocks for a query."""

    def call_before_showing(self, call: Callable[[str], None]) -> None:
        """Give the note of each head to `call` before anybody is shown it, one after the other, on any thread."""


class OwnHead:
    """One per process; used on the event loop."""

    def __init__(self, verifier: LogVerifier, evidence: OwnLog, folder: Path, ask: Ask) -> None:
        self._verifier = verifier
        self._evidence = evidence
        self._ahead = folder / AHEAD_NAME
        self._kept = KeptHead(folder / KEPT_NAME)
        self._ask = ask
        self._found: asyncio.Future[None] | None = None
        self.is_checked = False

    async def check(self, places: Sequence[Place]) -> None:
        """Ask relays and peers, and compare; at start, before anything is signed.

        Raises:
            LogBehindError: our store is not that of our log.
            StoreError: it cannot be read now.
        """
        for path in (self._ahead, self._kept.path):
            self._compare(_read(path))
        notes = await ask_for_heads(self._ask, places)
        for note in notes:
            self._compare(note)
        self.is_checked = bool(notes)
        if places and not notes:
            _log.warning("head-unchecked", asked=len(places))
        self._evidence.call_before_showing(self._kept.write)

    def meet(self, note: str) -> None:
        """Take a head that somebody says is ours; what it proves against our store ends `watch`."""
        try:
            if peek_head(note).size > self._evidence.head.size:
                self._compare(note)
        except (EvidenceError, StoreError):
            return
        except LogBehindError as error:
            if self._found is not None and not self._found.done():
                self._found.set_exception(error)

    async def watch(self, places: Callable[[], Sequence[Place]]) -> None:
        """Check again until somebody could be asked, then wait for what is met; raise `LogBehindError`.

        The newest head of our own is put on the disk every five seconds meanwhile, and when this is cancelled.
        """
        self._found = asyncio.get_running_loop().create_future()
        keeper = asyncio.create_task(self._sync_on())
        try:
            while not self.is_checked:
                await asyncio.wait([self._found], timeout=ASK_AGAIN_S)
                if self._found.done():
                    break
                await self.check(places())
            await self._found
        finally:
            keeper.cancel()
            self._kept.sync()

    async def _sync_on(self) -> None:
        while True:
            await asyncio.to_thread(self._kept.sync)
            await asyncio.sleep(SYNC_EVERY_S)

    def _compare(self, note: str) -> None:
        try:
            head = self._verifier.open(note)
        except EvidenceError:
            return  # not of our log, or nobody's word
        reason = self._objection(head)
        if reason:
            self._keep_ahead(note)
            _log.error("own-log", reason=reason, size=head.size, own_size=self._evidence.head.size)
            raise LogBehindError(where="store", reason=reason)

    def _keep_ahead(self, note: str) -> None:
        """Keep what proves that our store is not the newest; a disk that takes nothing hides nothing."""
        try:
            replace_file(self._ahead, note.encode("utf-8"))
        except StoreError as error:
            _log.error("ahead-not-kept", reason=error.reason)

    def _objection(self, head: Head) -> str:
        if head.size > self._evidence.head.size:
            self._evidence.refresh()  # another process of ours may have written it since we looked
        try:
            return "" if self._evidence.root_at(head.size) == head.root else "log-forked"
        except InvalidInputError:
            return "log-behind"


class KeptHead:
    """The newest head of our own in a file, written over in place: one sector, so whole or not at all."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._is_synced = True
        self._is_refused = False

    def write(self, note: str) -> None:
        """Write a head, one call after the other; on the disk after `sync`. That it fails is told once, as is its end.

        Processes of one log share the file: what another has shown beyond this head stays.
        """
        try:
            file = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                if not _is_beyond(os.pread(file, _KEPT_BYTES, 0), note):
                    os.pwrite(file, note.encode("utf-8").ljust(_KEPT_BYTES, b"\0"), 0)
            finally:
                os.close(file)
        except OSError:
            self._refuse()
        else:
            self._is_synced = False
            self._accept()

    def sync(self) -> None:
        """Put what was written since the last time on the disk."""
        if self._is_synced:
            return
        self._is_synced = True  # before: what is written meanwhile is for the next time
        try:
            sync_path(self.path)
            sync_path(self.path.parent)
        except OSError:
            self._is_synced = False
            self._refuse()

    def _refuse(self) -> None:
        if not self._is_refused:
            _log.error("own-head-not-kept")
        self._is_refused = True

    def _accept(self) -> None:
        if self._is_refused:
            _log.info("own-head-kept-again")
        self._is_refused = False


def _is_beyond(kept: bytes, note: str) -> bool:
    """Say whether what is kept is a later head of the same log."""
    try:
        there, here = peek_head(kept.rstrip(b"\0").decode("utf-8", "replace")), peek_head(note)
    except TracepostError:
        return False
    return there.origin == here.origin and there.size > here.size


async def ask_for_heads(ask: Ask, places: Iterable[Place]) -> list[str]:
    """Return what the places that answer know of our log, empty for those that know nothing."""
    answers = await asyncio.gather(*(_answer(ask, place) for place in [*places][:ASKED_AT_ONCE]))
    return [one for one in answers if one is not None]


def kept_heads(folder: Path) -> list[str]:
    """Return the heads of our log that lie beside the store in `folder`."""
    return [note for note in (_read(folder / AHEAD_NAME), _read(folder / KEPT_NAME)) if note]


def newest_lost(
    own: ShownHead, notes: Sequence[str], verifier: LogVerifier, *, anyway: bool
) -> tuple[str, Head]:
    """Return the longest head of our log, its note first: the store has `own`, others told of `notes`.

    Raises:
        ConfigurationError: nobody knows a head beyond the store, and it is not to be left `anyway`.
    """
    found: list[tuple[str, Head]] = []
    for note in (own.note, *notes):
        with suppress(EvidenceError):  # what is none of our log is left
            found.append((note, verifier.open(note)))
    if not found:
        raise _nothing_to_recover()
    note, newest = max(found, key=lambda one: one[1].size)
    if newest.size <= own.size and newest.root == own.root and not anyway:
        raise _nothing_to_recover()
    return note, newest


def _nothing_to_recover() -> ConfigurationError:
    return ConfigurationError(
        "nobody knows a head beyond this store",
        where="store",
        reason="nothing-to-recover",
        remedy="Start it; or say --anyway, if its log key was stolen.",
    )


def _read(path: Path) -> str:
    return path.read_text("utf-8", "replace").rstrip("\0") if path.exists() else ""


async def _answer(ask: Ask, place: Place) -> str | None:
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            return await ask(place)
    except (TracepostError, TimeoutError):
        return None
