"""Half-written messages: kept encrypted in the `cabinet`, gone when sent or after some days.

    number = store.begin("xaa/7", Draft(guide="request"), now)
    store.keep("xaa/7", number, changed, now)
    store.take("xaa/7", number)

What became of a file that began several drafts is kept beside them: begun with all of them or not at all. What is sent
is overwritten by a note of where it went, so that a second press of the button finds the case and sends nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import uuid4

from tracepost.console.forms.answers import Answers
from tracepost.console.forms.cabinet import Cabinet, forget_old, gone, new_number
from tracepost.locale.words import later as _
from tracepost.protocol.errors import LimitError

DRAFTS_LIMIT: Final = 200
"""Of one officer, those not sent."""
HANDLING: Final = "~handling"
"""Answer that no page asks for: the handling instructions of the case when the draft was begun, shown on each page."""
FILES_LIMIT: Final = 20
"""Of one officer; when there are more, the oldest goes."""
PHOTOGRAPHS_LIMIT: Final = 64
PHOTOGRAPH_BYTES: Final = 200 * 1024
DRAFT_BYTES: Final = 4 * 1024 * 1024
FILE_RESULT_BYTES: Final = 8 * 1024 * 1024
_FILES: Final = """
SELECT number, begun_at, brief FROM file WHERE owner = ? AND (? IS NULL OR digest = ?)
ORDER BY begun_at DESC, rowid DESC
"""
_FORGET_OLDEST_FILES: Final = """
DELETE FROM file WHERE number IN (
  SELECT number FROM file WHERE owner = ? ORDER BY begun_at DESC, rowid DESC LIMIT -1 OFFSET ?
)
"""


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that is being written.

    Args:
        guide: name of the guide that leads through it.
        case: thread of the case that it is said in; empty: it opens one.
        desk: desk that writes.
        answers: what was typed.
        key: idempotency key, made once: the same draft never sends twice.
        sent_to: thread of the case that it went into; empty: not sent.
        sent_state: code of `ReleaseState` that it was sent with.
    """

    guide: str
    case: str = ""
    desk: str = ""
    answers: Answers = field(default_factory=Answers, repr=False)
    key: str = field(default_factory=lambda: str(uuid4()))
    sent_to: str = ""
    sent_state: str = ""

    def with_answers(self, answers: Answers) -> Draft:
        """Return this draft with other answers."""
        return replace(self, answers=answers)


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A draft in a list: its number, its own self, when it was changed last (unix seconds)."""

    number: str
    draft: Draft
    changed_at: int


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of a file.

    Args:
        brief: what a list says of it.
        whole: all of it.
    """

    brief: Answers = field(repr=False)
    whole: Answers = field(repr=False)


class DraftStore:
    """Drafts of all officers of a console. Safe to use by several threads."""

    def __init__(self, cabinet: Cabinet) -> None:
        self._cabinet = cabinet

    def begin(self, officer: str, draft: Draft, now: int) -> str:
        """Keep a new draft of `officer` and return its number.

        Raises:
            LimitError: he has too many that are not sent, or it is too large.
        """
        with self._cabinet.transaction() as say:
            forget_old(say, now)
            return self._insert(say, officer, draft, now)

    def keep(self, officer: str, number: str, draft: Draft, now: int) -> None:
        """Write a draft anew.

        Raises:
            NotFoundError: it is not there, is another officer's, or was sent meanwhile.
            LimitError: it has grown too large.
        """
        packed = _packed_draft(draft)
        with self._cabinet.transaction() as say:
            if self._open(say, officer, number).sent_to:
                raise gone()
            self._write(say, officer, number, packed, now)

    def take(self, officer: str, number: str, desks: Collection[str] | None = None) -> Draft:
        """Return a draft; raise `NotFoundError` when it is not there, another officer's or of none of `desks`."""
        with self._cabinet.transaction() as say:
            draft = self._open(say, officer, number)
        if not _is_of(draft, desks):
            raise gone()
        return draft

    def settle(
        self,
        officer: str,
        number: str,
        thread: str,
        now: int,
        *,
        state: str = "",
        handling: Sequence[str] = (),
    ) -> None:
        """Write down that a draft was sent, into which case and how; what it said is destroyed.

        Whether it is an exercise stays, and how it is to be handled: the page that tells of it says so too.
        """
        with self._cabinet.transaction() as say:
            draft = self._open(say, officer, number)
            say("DELETE FROM photograph WHERE draft = ?", number)
            kept = Answers().having({"exercise": draft.answers.all("exercise"), HANDLING: handling})
            note = replace(draft, answers=kept, sent_to=thread, sent_state=state)
            self._write(say, officer, number, _pack(note), now)
            say("INSERT OR IGNORE INTO settled VALUES (?)", number)

    def delete(self, officer: str, number: str) -> None:
        """Destroy a draft; raise `NotFoundError` when it is not there or another officer's."""
        with self._cabinet.transaction() as say:
            self._open(say, officer, number)
            say("DELETE FROM draft WHERE number = ?", number)

    def list(self, officer: str, now: int, desks: Collection[str] | None = None) -> list[DraftLine]:
        """Return the drafts of `officer` at `desks` that are not sent, the newest first; old ones are destroyed."""
        with self._cabinet.transaction() as say:
            forget_old(say, now)
            query = "SELECT number, changed_at, sealed FROM draft WHERE owner = ? ORDER BY changed_at DESC, number"
            rows = say(query, self._cabinet.owner(officer)).fetchall()
        lines = (
            DraftLine(number, _unpack(self._cabinet.unseal(sealed, officer, number)), changed_at)
            for number, changed_at, sealed in rows
        )
        return [one for one in lines if not one.draft.sent_to and _is_of(one.draft, desks)]

    # files that began drafts

    def begin_file(
        self,
        officer: str,
        digest: bytes,
        drafts: Sequence[Draft],
        tell: Callable[[Sequence[str]], FileResult],
        now: int,
        *,
        desk: str,
        desks: Collection[str],
    ) -> tuple[str, bool]:
        """Begin all drafts of a file, and keep what became of it; or find what became of the same file before.

        Args:
            officer: who uploaded it.
            digest: which file it is, and how it was to be taken.
            drafts: what it begins.
            tell: what became of it, told the numbers of its drafts in their order.
            now: unix seconds.
            desk: to which its result belongs.
            desks: of the officer now.

        Returns:
            The number of the result, and whether it was there before: then nothing is begun.

        Raises:
            LimitError: there would be too many drafts, or one or the result is too large; nothing is begun.
        """
        owner, digest = self._cabinet.owner(officer), self._cabinet.digest(officer, digest)
        with self._cabinet.transaction() as say:
            forget_old(say, now)
            for line in self._files(say, officer, digest):
                if _is_of(line.draft, desks):
                    return line.number, True
            result = tell([self._insert(say, officer, one, now) for one in drafts])
            number, brief, whole = self._sealed_result(officer, desk, result)
            say("INSERT INTO file VALUES (?, ?, ?, ?, ?, ?)", number, owner, now, digest, brief, whole)
            say(_FORGET_OLDEST_FILES, owner, FILES_LIMIT)
        return number, False

    def files(self, officer: str, now: int, desks: Collection[str]) -> tuple[DraftLine, ...]:
        """Return in brief what became of the files of `officer` at `desks`, the newest first."""
        with self._cabinet.transaction() as say:
            forget_old(say, now)
            lines = self._files(say, officer)
        return tuple(one for one in lines if _is_of(one.draft, desks))

    def file(self, officer: str, number: str, desks: Collection[str]) -> Answers:
        """Return what became of a file; raise `NotFoundError` as `take` does."""
        with self._cabinet.transaction() as say:
            query = "SELECT whole FROM file WHERE number = ? AND owner = ?"
            row = say(query, number, self._cabinet.owner(officer)).fetchone()
        if row is None:
            raise gone()
        draft = _unpack(self._cabinet.unseal(row[0], officer, f"{number}/whole"))
        if not _is_of(draft, desks):
            raise gone()
        return draft.answers

    def delete_file(self, officer: str, number: str) -> None:
        """Destroy what became of a file; its drafts stay."""
        with self._cabinet.transaction() as say:
            say("DELETE FROM file WHERE number = ? AND owner = ?", number, self._cabinet.owner(officer))

    # photographs

    def add_photograph(self, officer: str, number: str, content: bytes) -> bytes:
        """Keep a photograph with a draft and return its digest; raise `LimitError` for too many or too large."""
        digest = hashlib.sha256(content).digest()
        if len(content) > PHOTOGRAPH_BYTES:
            raise LimitError(_("The photograph is too large."), reason="photograph-too-large")
        with self._cabinet.transaction() as say:
            if self._open(say, officer, number).sent_to:
                raise gone()
            (count,) = say("SELECT count(*) FROM photograph WHERE draft = ?", number).fetchone()
            if count >= PHOTOGRAPHS_LIMIT:
                raise LimitError(_("There are too many photographs."), reason="too-many-photographs")
            sealed = self._cabinet.seal(content, officer, f"{number}/{digest.hex()}")
            say("INSERT OR IGNORE INTO photograph VALUES (?, ?, ?)", number, digest, sealed)
        return digest

    def photograph(self, officer: str, number: str, digest: bytes) -> bytes:
        """Return a photograph of a draft; raise `NotFoundError` when either is not there."""
        with self._cabinet.transaction() as say:
            self._open(say, officer, number)
            query = "SELECT sealed FROM photograph WHERE draft = ? AND sha256 = ?"
            row = say(query, number, digest).fetchone()
        if row is None:
            raise gone()
        return self._cabinet.unseal(row[0], officer, f"{number}/{digest.hex()}")

    def keep_photographs(self, officer: str, number: str, digests: set[bytes]) -> None:
        """Destroy the photographs of a draft that are none of these."""
        with self._cabinet.transaction() as say:
            self._open(say, officer, number)
            for (one,) in say("SELECT sha256 FROM photograph WHERE draft = ?", number).fetchall():
                if one not in digests:
                    say("DELETE FROM photograph WHERE draft = ? AND sha256 = ?", number, one)

    # how a row is read and written

    def _insert(self, say: Any, officer: str, draft: Draft, now: int) -> str:
        owner, number = self._cabinet.owner(officer), new_number()
        unsent = "SELECT count(*) FROM draft WHERE owner = ? AND number NOT IN (SELECT draft FROM settled)"
        if say(unsent, owner).fetchone()[0] >= DRAFTS_LIMIT:
            raise LimitError(_("There are too many drafts."), reason="too-many-drafts",
                             remedy=_("Send or delete some of them."))  # fmt: skip
        sealed = self._cabinet.seal(_packed_draft(draft), officer, number)
        say("INSERT INTO draft VALUES (?, ?, ?, ?)", number, owner, now, sealed)
        return number

    def _sealed_result(self, officer: str, desk: str, result: FileResult) -> tuple[str, bytes, bytes]:
        number = new_number()
        brief, whole = (_pack(Draft("", desk=desk, answers=one)) for one in (result.brief, result.whole))
        if len(whole) > FILE_RESULT_BYTES:
            raise LimitError(_("There is too much to keep of this file."), reason="file-result-too-large")
        seal = self._cabinet.seal
        return number, seal(brief, officer, f"{number}/brief"), seal(whole, officer, f"{number}/whole")

    def _files(self, say: Any, officer: str, digest: bytes | None = None) -> tuple[DraftLine, ...]:
        rows = say(_FILES, self._cabinet.owner(officer), digest, digest).fetchall()
        return tuple(
            DraftLine(number, _unpack(self._cabinet.unseal(brief, officer, f"{number}/brief")), begun_at)
            for number, begun_at, brief in rows
        )

    def _open(self, say: Any, officer: str, number: str) -> Draft:
        query = "SELECT sealed FROM draft WHERE number = ? AND owner = ?"
        row = say(query, number, self._cabinet.owner(officer)).fetchone()
        if row is None:
            raise gone()
        return _unpack(self._cabinet.unseal(row[0], officer, number))

    def _write(self, say: Any, officer: str, number: str, packed: bytes, now: int) -> None:
        sealed = self._cabinet.seal(packed, officer, number)
        say("UPDATE draft SET changed_at = ?, sealed = ? WHERE number = ?", now, sealed, number)


def _is_of(draft: Draft, desks: Collection[str] | None) -> bool:
    return desks is None or not draft.desk or draft.desk in desks


def _packed_draft(draft: Draft) -> bytes:
    packed = _pack(draft)
    if len(packed) > DRAFT_BYTES:
        raise LimitError(_("The draft is too large."), reason="draft-too-large")
    return packed


def _pack(draft: Draft) -> bytes:
    said = {
        "guide": draft.guide,
        "case": draft.case,
        "desk": draft.desk,
        "answers": {path: list(texts) for path, texts in draft.answers.values.items()},
        "key": draft.key,
        "sent_to": draft.sent_to,
        "sent_state": draft.sent_state,
    }
    return json.dumps(said, ensure_ascii=False).encode("utf-8", "surrogatepass")


def _unpack(packed: bytes) -> Draft:
    said: Mapping[str, Any] = json.loads(packed.decode("utf-8", "surrogatepass"))
    answers = Answers({path: tuple(texts) for path, texts in said["answers"].items()})
    return Draft(**{**said, "answers": answers})
