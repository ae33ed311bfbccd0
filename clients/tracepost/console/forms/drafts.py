"""Half-written messages: encrypted at rest, bound to their officer, gone when sent or after some days.

    store = DraftStore.open(folder / "drafts.sqlite", key)
    number = store.begin("xaa/7", Draft(guide="request"), now)
    store.keep("xaa/7", number, changed, now)
    store.take("xaa/7", number)

What became of a file that began several drafts is kept beside them: begun with all of them or not at all. So are
files that are on their way here in pieces, until a page has taken them.

A draft and each of its photographs is one AES-256-GCM text under a key of the console's own, with the
officer and the draft's number as associated data: a row that is copied to another officer or another number
does not open. The number is 128 random bits and says nothing. What is sent is overwritten by a note of where
it went, so that a second press of the button finds the case and sends nothing.

Not done here: the key (a file of the console), and who the officer is (sign-in).
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Self
from uuid import uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tracepost.console.forms.answers import Answers
from tracepost.protocol.errors import (
    ConfigurationError,
    ConflictError,
    InternalError,
    LimitError,
    NotFoundError,
    VerificationError,
)

KEEP_DAYS: Final = 30
DRAFTS_LIMIT: Final = 200
"""Of one officer, those not sent."""
FILES_LIMIT: Final = 20
"""Of one officer; when there are more, the oldest goes."""
PHOTOGRAPHS_LIMIT: Final = 64
PHOTOGRAPH_BYTES: Final = 200 * 1024
DRAFT_BYTES: Final = 4 * 1024 * 1024
FILE_RESULT_BYTES: Final = 8 * 1024 * 1024
UPLOADS_LIMIT: Final = 5
"""Of one officer; when there are more, the one that has waited longest goes."""
UPLOAD_BYTES: Final = 12 * 1024 * 1024
UPLOAD_KEEP_S: Final = 86_400
"""From its last piece on, or from when it was chosen last."""

_DAY_S: Final = 86_400
_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_NUMBER_BYTES: Final = 16
_TABLES: Final = """
CREATE TABLE IF NOT EXISTS draft (
  number TEXT PRIMARY KEY, owner BLOB NOT NULL, changed_at INTEGER NOT NULL, sealed BLOB NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS photograph (
  draft TEXT NOT NULL REFERENCES draft (number) ON DELETE CASCADE, sha256 BLOB NOT NULL, sealed BLOB NOT NULL,
  PRIMARY KEY (draft, sha256)
) STRICT;
CREATE INDEX IF NOT EXISTS draft_of_owner ON draft (owner, changed_at);
CREATE TABLE IF NOT EXISTS settled (
  draft TEXT PRIMARY KEY REFERENCES draft (number) ON DELETE CASCADE
) STRICT;
CREATE TABLE IF NOT EXISTS file (
  number TEXT PRIMARY KEY, owner BLOB NOT NULL, begun_at INTEGER NOT NULL, digest BLOB NOT NULL,
  brief BLOB NOT NULL, whole BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS file_of_owner ON file (owner, begun_at);
CREATE TABLE IF NOT EXISTS upload (
  number TEXT PRIMARY KEY, owner BLOB NOT NULL, changed_at INTEGER NOT NULL, size INTEGER NOT NULL,
  digest BLOB NOT NULL, UNIQUE (owner, size, digest)
) STRICT;
CREATE TABLE IF NOT EXISTS piece (
  upload TEXT NOT NULL REFERENCES upload (number) ON DELETE CASCADE, starts INTEGER NOT NULL, size INTEGER NOT NULL,
  sealed BLOB NOT NULL, PRIMARY KEY (upload, starts)
) STRICT;
"""
_FILES: Final = """
SELECT number, begun_at, brief FROM file WHERE owner = ? AND (? IS NULL OR digest = ?)
ORDER BY begun_at DESC, rowid DESC
"""
_FORGET_OLDEST_FILES: Final = """
DELETE FROM file WHERE number IN (
  SELECT number FROM file WHERE owner = ? ORDER BY begun_at DESC, rowid DESC LIMIT -1 OFFSET ?
)
"""
_UPLOAD: Final = """
SELECT number, size, (SELECT coalesce(sum(size), 0) FROM piece WHERE upload = number), digest FROM upload
WHERE number = ? AND owner = ?
"""
_BEGIN_UPLOAD: Final = """
INSERT INTO upload VALUES (?, ?, ?, ?, ?)
ON CONFLICT (owner, size, digest) DO UPDATE SET changed_at = excluded.changed_at
"""
_FORGET_OLDEST_UPLOADS: Final = """
DELETE FROM upload WHERE number IN (
  SELECT number FROM upload WHERE owner = ? AND number != ?
  ORDER BY changed_at DESC, rowid DESC LIMIT -1 OFFSET ?
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


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way here: its number, how many bytes it has, and how many of them are here."""

    number: str
    size: int
    offset: int


class DraftStore:
    """Drafts of all officers of a console, in one file. Safe to use by several threads."""

    def __init__(self, connection: sqlite3.Connection, key: bytes) -> None:
        self._connection = connection
        self._cipher = AESGCM(key)
        self._owners = hashlib.sha256(b"tracepost console draft owner\0" + key).digest()
        self._lock = threading.Lock()

    @classmethod
    def open(cls, path: Path, key: bytes) -> Self:
        """Return the store in `path`, made if it is not there, readable for its owner only.

        Args:
            path: the file; its folder is there.
            key: 32 bytes of the console's own.
        """
        path.touch(mode=0o600)
        connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        connection.executescript(_TABLES)
        return cls(connection, key)

    def close(self) -> None:
        """Give the file back."""
        with self._lock:
            self._connection.close()

    def begin(self, officer: str, draft: Draft, now: int) -> str:
        """Keep a new draft of `officer` and return its number.

        Raises:
            LimitError: he has too many that are not sent, or it is too large.
        """
        with self._transaction() as say:
            _forget_old(say, now)
            return self._insert(say, officer, draft, now)

    def keep(self, officer: str, number: str, draft: Draft, now: int) -> None:
        """Write a draft anew.

        Raises:
            NotFoundError: it is not there, is another officer's, or was sent meanwhile.
            LimitError: it has grown too large.
        """
        packed = _packed_draft(draft)
        with self._transaction() as say:
            if self._open(say, officer, number).sent_to:
                raise _gone()
            self._write(say, officer, number, packed, now)

    def take(self, officer: str, number: str, desks: Collection[str] | None = None) -> Draft:
        """Return a draft; raise `NotFoundError` when it is not there, another officer's or of none of `desks`."""
        with self._transaction() as say:
            draft = self._open(say, officer, number)
        if not _is_of(draft, desks):
            raise _gone()
        return draft

    def settle(self, officer: str, number: str, thread: str, now: int, *, state: str = "") -> None:
        """Write down that a draft was sent, into which case and how; what it said is destroyed.

        Whether it is an exercise stays: the page that tells of it says so too.
        """
        with self._transaction() as say:
            draft = self._open(say, officer, number)
            say("DELETE FROM photograph WHERE draft = ?", number)
            kept = Answers().having({"exercise": draft.answers.all("exercise")})
            note = replace(draft, answers=kept, sent_to=thread, sent_state=state)
            self._write(say, officer, number, _pack(note), now)
            say("INSERT OR IGNORE INTO settled VALUES (?)", number)

    def delete(self, officer: str, number: str) -> None:
        """Destroy a draft; raise `NotFoundError` when it is not there or another officer's."""
        with self._transaction() as say:
            self._open(say, officer, number)
            say("DELETE FROM draft WHERE number = ?", number)

    def list(self, officer: str, now: int, desks: Collection[str] | None = None) -> list[DraftLine]:
        """Return the drafts of `officer` at `desks` that are not sent, the newest first; old ones are destroyed."""
        with self._transaction() as say:
            _forget_old(say, now)
            query = "SELECT number, changed_at, sealed FROM draft WHERE owner = ? ORDER BY changed_at DESC, number"
            rows = say(query, self._owner(officer)).fetchall()
        lines = (
            DraftLine(number, _unpack(self._unseal(sealed, officer, number)), changed_at)
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
        owner, digest = self._owner(officer), self._digest(officer, digest)
        with self._transaction() as say:
            _forget_old(say, now)
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
        with self._transaction() as say:
            _forget_old(say, now)
            lines = self._files(say, officer)
        return tuple(one for one in lines if _is_of(one.draft, desks))

    def file(self, officer: str, number: str, desks: Collection[str]) -> Answers:
        """Return what became of a file; raise `NotFoundError` as `take` does."""
        with self._transaction() as say:
            query = "SELECT whole FROM file WHERE number = ? AND owner = ?"
            row = say(query, number, self._owner(officer)).fetchone()
        if row is None:
            raise _gone()
        draft = _unpack(self._unseal(row[0], officer, f"{number}/whole"))
        if not _is_of(draft, desks):
            raise _gone()
        return draft.answers

    def delete_file(self, officer: str, number: str) -> None:
        """Destroy what became of a file; its drafts stay."""
        with self._transaction() as say:
            say("DELETE FROM file WHERE number = ? AND owner = ?", number, self._owner(officer))

    # photographs

    def add_photograph(self, officer: str, number: str, content: bytes) -> bytes:
        """Keep a photograph with a draft and return its digest; raise `LimitError` for too many or too large."""
        digest = hashlib.sha256(content).digest()
        if len(content) > PHOTOGRAPH_BYTES:
            raise LimitError("The photograph is too large.", reason="photograph-too-large")
        with self._transaction() as say:
            if self._open(say, officer, number).sent_to:
                raise _gone()
            (count,) = say("SELECT count(*) FROM photograph WHERE draft = ?", number).fetchone()
            if count >= PHOTOGRAPHS_LIMIT:
                raise LimitError("There are too many photographs.", reason="too-many-photographs")
            sealed = self._seal(content, officer, f"{number}/{digest.hex()}")
            say("INSERT OR IGNORE INTO photograph VALUES (?, ?, ?)", number, digest, sealed)
        return digest

    def photograph(self, officer: str, number: str, digest: bytes) -> bytes:
        """Return a photograph of a draft; raise `NotFoundError` when either is not there."""
        with self._transaction() as say:
            self._open(say, officer, number)
            query = "SELECT sealed FROM photograph WHERE draft = ? AND sha256 = ?"
            row = say(query, number, digest).fetchone()
        if row is None:
            raise _gone()
        return self._unseal(row[0], officer, f"{number}/{digest.hex()}")

    def keep_photographs(self, officer: str, number: str, digests: set[bytes]) -> None:
        """Destroy the photographs of a draft that are none of these."""
        with self._transaction() as say:
            self._open(say, officer, number)
            for (one,) in say("SELECT sha256 FROM photograph WHERE draft = ?", number).fetchall():
                if one not in digests:
                    say("DELETE FROM photograph WHERE draft = ? AND sha256 = ?", number, one)

    # files on their way here

    def begin_upload(self, officer: str, size: int, sha256: bytes, now: int) -> Upload:
        """Begin a file of `size` bytes, or find the same one as far as it has come; either is kept from `now` on.

        Raises:
            LimitError: it is empty or too large.
        """
        if not 0 < size <= UPLOAD_BYTES:
            raise LimitError("The file is too large.", where="file", reason="upload-too-large")
        owner, digest = self._owner(officer), self._digest(officer, sha256)
        number = os.urandom(_NUMBER_BYTES).hex()
        with self._transaction() as say:
            _forget_old(say, now)
            say(_BEGIN_UPLOAD, number, owner, now, size, digest)
            same = "SELECT number FROM upload WHERE owner = ? AND size = ? AND digest = ?"
            (number,) = say(same, owner, size, digest).fetchone()
            say(_FORGET_OLDEST_UPLOADS, owner, number, UPLOADS_LIMIT - 1)
            return self._upload(say, officer, number)[0]

    def upload(self, officer: str, number: str, now: int) -> Upload:
        """Return how far a file has come; raise `NotFoundError` when it is not there or another officer's."""
        with self._transaction() as say:
            _forget_old(say, now)
            return self._upload(say, officer, number)[0]

    def add_piece(self, officer: str, number: str, offset: int, piece: bytes, now: int) -> Upload:
        """Keep the bytes of a file from `offset` on, and return how far it has come.

        Raises:
            NotFoundError: the file is not there, or another officer's.
            ConflictError: it has not come as far as `offset`, or farther.
            LimitError: the piece is empty, or ends behind the file.
            VerificationError: the file is whole, and another than was announced; nothing of it is kept.
        """
        with self._transaction() as say:
            _forget_old(say, now)
            found, digest = self._upload(say, officer, number)
            _require_next(found, offset, piece)
            sealed = self._seal(piece, officer, f"{number}/{offset}")
            say("INSERT INTO piece VALUES (?, ?, ?, ?)", number, offset, len(piece), sealed)
            say("UPDATE upload SET changed_at = ? WHERE number = ?", now, number)
            grown = replace(found, offset=offset + len(piece))
            fits = grown.offset < grown.size or digest == self._digest_of(say, officer, number)
            if not fits:
                say("DELETE FROM upload WHERE number = ?", number)
        if not fits:  # said when the transaction is over: what it destroyed stays destroyed
            raise VerificationError("The file is not the one that was announced.", reason="upload-digest")
        return grown

    def uploaded(self, officer: str, number: str, now: int) -> bytes:
        """Return a file that is whole; raise `NotFoundError` when it is not, not there, or another officer's."""
        with self._transaction() as say:
            _forget_old(say, now)
            found, _digest = self._upload(say, officer, number)
            if found.offset < found.size:
                raise _gone()
            return self._joined(say, officer, number)

    def forget_uploads(self, officer: str, number: str | None = None) -> None:
        """Destroy the file of this number, or every one of an officer that no page has taken."""
        owner = self._owner(officer)
        with self._transaction() as say:
            say("DELETE FROM upload WHERE owner = ? AND (? IS NULL OR number = ?)", owner, number, number)

    # how a row is read and written

    def _upload(self, say: Any, officer: str, number: str) -> tuple[Upload, bytes]:
        row = say(_UPLOAD, number, self._owner(officer)).fetchone()
        if row is None:
            raise _gone()
        return Upload(*row[:3]), row[3]

    def _digest_of(self, say: Any, officer: str, number: str) -> bytes:
        return self._digest(officer, hashlib.sha256(self._joined(say, officer, number)).digest())

    def _joined(self, say: Any, officer: str, number: str) -> bytes:
        rows = say("SELECT starts, sealed FROM piece WHERE upload = ? ORDER BY starts", number).fetchall()
        return b"".join(self._unseal(sealed, officer, f"{number}/{starts}") for starts, sealed in rows)

    def _insert(self, say: Any, officer: str, draft: Draft, now: int) -> str:
        owner, number = self._owner(officer), os.urandom(_NUMBER_BYTES).hex()
        unsent = "SELECT count(*) FROM draft WHERE owner = ? AND number NOT IN (SELECT draft FROM settled)"
        if say(unsent, owner).fetchone()[0] >= DRAFTS_LIMIT:
            raise LimitError("There are too many drafts.", reason="too-many-drafts",
                             remedy="Send or delete some of them.")  # fmt: skip
        sealed = self._seal(_packed_draft(draft), officer, number)
        say("INSERT INTO draft VALUES (?, ?, ?, ?)", number, owner, now, sealed)
        return number

    def _sealed_result(self, officer: str, desk: str, result: FileResult) -> tuple[str, bytes, bytes]:
        number = os.urandom(_NUMBER_BYTES).hex()
        brief, whole = (_pack(Draft("", desk=desk, answers=one)) for one in (result.brief, result.whole))
        if len(whole) > FILE_RESULT_BYTES:
            raise LimitError("There is too much to keep of this file.", reason="file-result-too-large")
        seal = self._seal
        return number, seal(brief, officer, f"{number}/brief"), seal(whole, officer, f"{number}/whole")

    def _files(self, say: Any, officer: str, digest: bytes | None = None) -> tuple[DraftLine, ...]:
        rows = say(_FILES, self._owner(officer), digest, digest).fetchall()
        return tuple(
            DraftLine(number, _unpack(self._unseal(brief, officer, f"{number}/brief")), begun_at)
            for number, begun_at, brief in rows
        )

    def _open(self, say: Any, officer: str, number: str) -> Draft:
        query = "SELECT sealed FROM draft WHERE number = ? AND owner = ?"
        row = say(query, number, self._owner(officer)).fetchone()
        if row is None:
            raise _gone()
        return _unpack(self._unseal(row[0], officer, number))

    def _write(self, say: Any, officer: str, number: str, packed: bytes, now: int) -> None:
        sealed = self._seal(packed, officer, number)
        say("UPDATE draft SET changed_at = ?, sealed = ? WHERE number = ?", now, sealed, number)

    def _owner(self, officer: str) -> bytes:
        """The file does not say who writes: an officer is known by a digest that needs the key."""
        return hashlib.sha256(self._owners + officer.encode()).digest()

    def _digest(self, officer: str, digest: bytes) -> bytes:
        """Nor does it say which file somebody had: who has the same one cannot look whether it was uploaded."""
        return hashlib.sha256(self._owner(officer) + digest).digest()

    def _seal(self, content: bytes, officer: str, place: str) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, content, _bound_to(officer, place))

    def _unseal(self, sealed: bytes, officer: str, place: str) -> bytes:
        try:
            nonce, text = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
            return self._cipher.decrypt(nonce, text, _bound_to(officer, place))
        except InvalidTag:
            raise InternalError("a draft does not open: it was changed on the disk", where="drafts") from None

    @contextmanager
    def _transaction(self) -> Iterator[Any]:
        def say(text: str, *values: object) -> sqlite3.Cursor:
            return self._connection.execute(text, values)

        with self._lock:
            say("BEGIN IMMEDIATE")
            try:
                yield say
            except BaseException:
                say("ROLLBACK")
                raise
            say("COMMIT")


def _require_next(found: Upload, offset: int, piece: bytes) -> None:
    if offset != found.offset:
        raise ConflictError("The piece does not begin where the last one ended.", reason="offset")
    if not 0 < len(piece) <= found.size - offset:
        raise LimitError(
            "The piece is empty, or ends behind the file.", where="piece", reason="piece-too-long"
        )


def _is_of(draft: Draft, desks: Collection[str] | None) -> bool:
    return desks is None or not draft.desk or draft.desk in desks


def _bound_to(officer: str, place: str) -> bytes:
    return json.dumps(["tracepost-console-draft", officer, place]).encode()


def _forget_old(say: Any, now: int) -> None:
    say("DELETE FROM draft WHERE changed_at < ?", now - KEEP_DAYS * _DAY_S)
    say("DELETE FROM file WHERE begun_at < ?", now - KEEP_DAYS * _DAY_S)
    say("DELETE FROM upload WHERE changed_at < ?", now - UPLOAD_KEEP_S)


def _packed_draft(draft: Draft) -> bytes:
    packed = _pack(draft)
    if len(packed) > DRAFT_BYTES:
        raise LimitError("The draft is too large.", reason="draft-too-large")
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


def _gone() -> NotFoundError:
    return NotFoundError("There is no such draft.", where="draft", reason="no-such-draft")


def open_drafts(folder: Path) -> DraftStore:
    """Return the drafts of the console in `folder`, under the key beside them, which is made the first time.

    Raises:
        ConfigurationError: the key is not one.
    """
    path = folder / "drafts.key"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(os.urandom(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
    except FileExistsError:
        pass
    key = path.read_bytes()
    if len(key) != _KEY_BYTES:
        raise ConfigurationError("this is no key of drafts", where=str(path))
    return DraftStore.open(folder / "drafts.sqlite", key)
