"""One encrypted file for what officers have begun: bound to its officer, gone after some days.

    with cabinet.transaction() as say:
        say("INSERT INTO draft VALUES (?, ?, ?, ?)", number, cabinet.owner("xaa/7"), now, sealed)

What stands here is AES-256-GCM text under a key of the console's own, with the officer and its place as associated
data: a row that is copied to another officer or another place does not open. The file does not say whose a row is, nor
which file somebody had: digests need the key. What is destroyed is overwritten.

Not done here: what the rows mean (`drafts`, `uploads`), and who the officer is (sign-in).
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tracepost.locale.words import later as _
from tracepost.protocol.errors import ConfigurationError, InternalError, NotFoundError

KEEP_DAYS: Final = 30
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


class Cabinet:
    """The file of a console. Safe to use by several threads."""

    def __init__(self, connection: sqlite3.Connection, key: bytes) -> None:
        self._connection = connection
        self._cipher = AESGCM(key)
        self._owners = hashlib.sha256(b"tracepost console draft owner\0" + key).digest()
        self._lock = threading.Lock()

    @classmethod
    def open(cls, path: Path, key: bytes) -> Self:
        """Return the cabinet in `path`, made if it is not there, readable for its owner only.

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

    @contextmanager
    def transaction(self) -> Iterator[Any]:
        """Give what executes SQL; all of it is kept, or nothing if something is raised."""

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

    def owner(self, officer: str) -> bytes:
        """The file does not say who writes: an officer is known by a digest that needs the key."""
        return hashlib.sha256(self._owners + officer.encode()).digest()

    def digest(self, officer: str, digest: bytes) -> bytes:
        """Nor does it say which file somebody had: who has the same one cannot look whether it was uploaded."""
        return hashlib.sha256(self.owner(officer) + digest).digest()

    def seal(self, content: bytes, officer: str, place: str) -> bytes:
        """Return `content` as it may lie at `place` for `officer`."""
        nonce = os.urandom(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, content, _bound_to(officer, place))

    def unseal(self, sealed: bytes, officer: str, place: str) -> bytes:
        """Return what was sealed; raise `InternalError` if it was changed, or lay elsewhere."""
        try:
            nonce, text = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
            return self._cipher.decrypt(nonce, text, _bound_to(officer, place))
        except InvalidTag:
            raise InternalError("a draft does not open: it was changed on the disk", where="drafts") from None


def new_number() -> str:
    """Return a number that says nothing."""
    return os.urandom(_NUMBER_BYTES).hex()


def forget_old(say: Any, now: int) -> None:
    """Destroy what nobody has touched for as long as it is kept."""
    say("DELETE FROM draft WHERE changed_at < ?", now - KEEP_DAYS * _DAY_S)
    say("DELETE FROM file WHERE begun_at < ?", now - KEEP_DAYS * _DAY_S)
    say("DELETE FROM upload WHERE changed_at < ?", now - UPLOAD_KEEP_S)


def gone() -> NotFoundError:
    """Return the error for what is not there, or another officer's: nobody is told which."""
    return NotFoundError(_("There is no such draft."), where="draft", reason="no-such-draft")


def _bound_to(officer: str, place: str) -> bytes:
    return json.dumps(["tracepost-console-draft", officer, place]).encode()


def open_cabinet(folder: Path) -> Cabinet:
    """Return the cabinet of the console in `folder`, under the key beside it, which is made the first time.

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
    return Cabinet.open(folder / "drafts.sqlite", key)
