"""Tells officers that something waits at their desk.

    note      what came, and what was decided: rows in the store           (`waiting`)
              what is due, and what is overdue                             (`due`)
    decide    who is told of what was not told, in one unit of work with the tellings that are to go
    send      outside of any unit of work, one after the other; what went is forgotten

A telling that was decided is sent, whatever happens in between, and what is told is not told again. Between the word
of a mail server and our own note of it a process may die: then that one mail goes again, under the same Message-ID.
What does not go is tried again ever more rarely, for three days; what was opened meanwhile is not sent any more.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import smtplib
import urllib.error
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from tracepost.node.handlers.desks.staff import day_of
from tracepost.node.ports.store import Store, Tx
from tracepost.node.records.telling import Step, TellingMail
from tracepost.node.telling.due import Due
from tracepost.node.telling.items import read_progress
from tracepost.node.telling.letters import letter_of, said_of
from tracepost.node.telling.noted import follow, is_followed, named_desks, noted_desks
from tracepost.node.telling.rota import Rota
from tracepost.node.telling.settings import ToldDesk
from tracepost.node.telling.waiting import Waiting
from tracepost.protocol.ids import DeskId
from tracepost.serving.notices import ANSWERED, post_json, send_mail

_log = structlog.get_logger()

EVERY_S: Final = 15.0
_REST_S: Final = 60
_LONGEST_REST_S: Final = 3600
_GIVE_UP_S: Final = 3 * 86400
_PACED: Final = "told.paced"
_ALL: Final = 1 << 62
_ANSWERED: Final = (*ANSWERED, smtplib.SMTPRecipientsRefused, urllib.error.HTTPError)


Count = Callable[[DeskId, str], None]
"""Counts a telling of a desk; what became of it: sent, failed, given-up."""


class Telling:
    """One per process; `keep_up` is done by one process at a time."""

    def __init__(
        self,
        rota: Rota,
        folder: Path,
        *,
        waiting: Waiting,
        due: Due,
        standing: Callable[[], AbstractAsyncContextManager[None]],
        store: Store,
        clock: Callable[[], int],
    ) -> None:
        self._rota = rota
        self._folder = folder
        self._waiting = waiting
        self._due = due
        self._standing = standing
        self._store = store
        self._clock = clock
        self.count: Count = _count_nothing

    async def has_begun(self) -> bool:
        """Say whether anybody was ever told: from then on what comes is looked through, also while nobody is."""
        return bool(self._rota.told.desks) or await self._store.read(_is_begun)

    async def keep_up(self) -> None:
        """Note what waits, decide who is told, and send what is to go."""
        await self.note()
        await self.decide()
        await self.send()

    async def note(self) -> None:
        """Note what waits, and forget what does no more."""
        async with self._standing():
            await self.follow()
            while await self._store.read(self._waiting.is_news):
                now = self._clock()
                if not await self._store.write(partial(self._waiting.note, now=now), label="told-note"):
                    break
            now, days = self._clock(), self._rota.told.due_days
            if await self._store.read(partial(self._due.find, now=now, days=days)) is not None:
                await self._store.write(partial(self._due.note, now=now, days=days), label="told-due")

    async def follow(self) -> None:
        """Note for which desks it is noted what waits: before the first officer is served, and whenever they change."""
        names, now = self._rota.told.names, self._clock()
        if not await self._store.read(lambda tx: is_followed(tx, names, now)):
            await self._store.write(lambda tx: self._follow(tx, names, now), label="told-desks")

    def _follow(self, tx: Tx, names: Collection[DeskId], now: int) -> None:
        left = noted_desks(tx) - named_desks(tx)
        follow(tx, names, now)
        for desk in self._rota.told.desks:
            if desk.desk in left:
                self._pass_on_again(tx, desk, now)

    async def decide(self) -> None:
        """Decide who is told of what was not told; durable when it returns."""
        if await self._store.read(self._is_due):
            await self._store.write(self._decide, label="told-decide")

    async def send(self) -> None:
        """Send what is to go, one telling after the other."""
        now = self._clock()
        unsent = await self._store.read(lambda tx: tx.telling.unsent())
        silent: set[str] = set()
        for mail in unsent:
            if mail.not_before <= now and self._road(mail) not in silent:
                await self._send(mail, silent)

    # ── deciding ─────────────────────────────────────────────────────────────────────

    def _is_due(self, tx: Tx) -> bool:
        """Say whether somebody would be told."""
        now, paced = self._clock(), _read_paced(tx)
        return any(next(self._tellings(tx, one, now, paced), None) for one in self._rota.told.desks)

    def _decide(self, tx: Tx) -> None:
        now, paced = self._clock(), _read_paced(tx)
        for desk in self._rota.told.desks:
            mails: list[TellingMail] = []
            for step, urgent, before, to in list(self._tellings(tx, desk, now, paced)):
                tx.telling.tell(desk.desk, step, urgent=urgent, told_before=before, at=now)
                under_way = [*tx.telling.unsent(), *mails]
                deputy, places = step is Step.TOLD, _places(desk, to)
                mails += _new_mails(desk, places, under_way, urgent=urgent, deputy=deputy, now=now)
                paced[desk.desk] = now
            tx.telling.send(mails)
        tx.settings.put(_PACED, json.dumps(paced).encode())

    def _tellings(
        self, tx: Tx, desk: ToldDesk, now: int, paced: Mapping[str, int]
    ) -> Iterator[tuple[Step, bool, int, tuple[str, ...]]]:
        """Yield what is told now: the step of the items, whether urgent, told before when, and who is told."""
        is_quiet = now - paced.get(desk.desk, 0) >= desk.minutes_between * 60
        for step, before in ((Step.NEW, _ALL), (Step.TOLD, now - desk.unopened_hours * 3600 + 1)):
            for urgent in sorted(tx.telling.waits(desk.desk, step, told_before=before), reverse=True):
                to = self._told(tx, desk, step, now, urgent=urgent) if urgent or is_quiet else None
                if to is not None:
                    yield step, urgent, before, to

    def _told(self, tx: Tx, desk: ToldDesk, step: Step, now: int, *, urgent: bool) -> tuple[str, ...] | None:
        if step is Step.NEW:
            return desk.roster.told(now, urgent=urgent)
        today = day_of(now)
        acting = [
            one.officer for one in tx.deputies.all() if one.desk == desk.desk and one.is_in_force(today)
        ]
        return desk.roster.passed_on(now, self._rota.told.addresses_of(acting), urgent=urgent)

    def _pass_on_again(self, tx: Tx, desk: ToldDesk, now: int) -> None:
        """Let what was passed on, and did not go before the desk left, go now: nobody else is told of it.

        It goes to whom it was made for, or to those who are told now where that one no longer is.
        """
        for mail in [one for one in tx.telling.unsent() if one.desk == desk.desk and self._is_late(one)]:
            there = _places(desk, self._told(tx, desk, Step.TOLD, now, urgent=mail.urgent) or ())
            places = [mail.to] if mail.to in there or not there else there
            tx.telling.done([mail.id])
            tx.telling.send(
                _new_mails(desk, places, tx.telling.unsent(), urgent=mail.urgent, deputy=True, now=now)
            )

    # ── sending ──────────────────────────────────────────────────────────────────────

    async def _send(self, mail: TellingMail, silent: set[str]) -> None:
        desk = self._rota.told.of(mail.desk)
        if not await self._store.read(lambda tx: _is_needed(tx, mail)):
            await self._store.write(lambda tx: tx.telling.done([mail.id]), label="told-needless")
            return
        if desk is None:
            # A desk that left the settings may be back; what was passed on is told to nobody else, so it does not end.
            if self._is_late(mail) and not mail.deputy:
                await self._give_up(mail)
            return
        try:
            await asyncio.to_thread(self._give, mail, desk)
        except Exception as error:  # noqa: BLE001 - strangers' servers answer anything; the daemon goes on
            if not isinstance(error, _ANSWERED):
                silent.add(self._road(mail))
            await self._put_off(mail, error)
        else:
            self.count(mail.desk, "sent")
            await self._store.write(lambda tx: tx.telling.done([mail.id]), label="told-sent")

    def _give(self, mail: TellingMail, desk: ToldDesk) -> None:
        if mail.to:
            send_mail(self._rota.notices, self._folder, letter_of(mail, desk, self._rota.told.console))
        else:
            post_json(
                self._rota.notices, self._folder, desk.webhook, said_of(mail), read_secret(desk, self._folder)
            )

    async def _put_off(self, mail: TellingMail, error: Exception) -> None:
        name = type(error).__name__
        if self._is_late(mail):
            await self._give_up(mail, error=name)
            return
        _log.warning("not-told", desk=mail.desk, state="later", error=name)
        self.count(mail.desk, "failed")
        later = self._clock() + min(_REST_S << min(mail.tries, 10), _LONGEST_REST_S)
        await self._store.write(
            lambda tx: tx.telling.postpone(mail.id, mail.tries + 1, later), label="told-later"
        )

    async def _give_up(self, mail: TellingMail, **why: str) -> None:
        _log.warning("not-told", desk=mail.desk, state="given-up", **why)
        self.count(mail.desk, "given-up")
        await self._store.write(lambda tx: tx.telling.done([mail.id]), label="told-later")

    def _is_late(self, mail: TellingMail) -> bool:
        return self._clock() - mail.made_at >= _GIVE_UP_S

    def _road(self, mail: TellingMail) -> str:
        return "mail" if mail.to else f"webhook {mail.desk}"


def _count_nothing(_desk: DeskId, _state: str) -> None:
    """Count nothing: no page is shown."""


def read_secret(desk: ToldDesk, folder: Path) -> str:
    """Return the bearer token of a desk's web address, empty if it needs none; OSError if it cannot be read."""
    return (folder / desk.webhook_secret_file).read_text("ascii").strip() if desk.webhook_secret_file else ""


def _places(desk: ToldDesk, to: Sequence[str]) -> list[str]:
    """Return where a telling goes to: these addresses, and the web address, which is empty."""
    return [*to, *([""] if desk.webhook else [])]


def _new_mails(
    desk: ToldDesk,
    places: Sequence[str],
    under_way: Collection[TellingMail],
    *,
    urgent: bool,
    deputy: bool,
    now: int,
) -> list[TellingMail]:
    """Return a telling for each of `places`, unless one that says as much is under way."""
    said = {
        one.to for one in under_way if one.desk == desk.desk and one.urgent >= urgent and one.deputy >= deputy
    }
    return [
        TellingMail(secrets.token_hex(16), desk.desk, place, urgent, deputy, now)
        for place in places
        if place not in said
    ]


def _is_needed(tx: Tx, mail: TellingMail) -> bool:
    """Say whether what the telling is about waits still."""
    steps = (Step.PASSED_ON,) if mail.deputy else (Step.TOLD, Step.PASSED_ON)
    waiting = frozenset[bool]().union(*(tx.telling.waits(mail.desk, one, told_before=_ALL) for one in steps))
    return True in waiting if mail.urgent else bool(waiting)


def _is_begun(tx: Tx) -> bool:
    return read_progress(tx).statement >= 0


def _read_paced(tx: Tx) -> dict[str, int]:
    """Return when each desk was told last."""
    kept: dict[str, int] = json.loads(tx.settings.get(_PACED) or b"{}")
    return kept
