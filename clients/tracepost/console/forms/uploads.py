"""Files on their way here in pieces, until a page has taken them.

    upload = store.begin("xaa/7", size, sha256, now)          # or the same one, as far as it has come
    upload = store.add_piece("xaa/7", upload.number, upload.offset, piece, now)
    content = store.whole("xaa/7", upload.number, now)

A piece lies encrypted in the `cabinet` as it came. A file that is whole and another than was announced is destroyed.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Any, Final

from tracepost.console.forms.cabinet import Cabinet, forget_old, gone, new_number
from tracepost.locale.words import later as _
from tracepost.protocol.errors import ConflictError, LimitError, VerificationError

UPLOADS_LIMIT: Final = 5
"""Of one officer; when there are more, the one that has waited longest goes."""
UPLOAD_BYTES: Final = 12 * 1024 * 1024

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
class Upload:
    """A file on its way here: its number, how many bytes it has, and how many of them are here."""

    number: str
    size: int
    offset: int


class UploadStore:
    """Files on their way to a console, of all officers. Safe to use by several threads."""

    def __init__(self, cabinet: Cabinet) -> None:
        self._cabinet = cabinet

    def begin(self, officer: str, size: int, sha256: bytes, now: int) -> Upload:
        """Begin a file of `size` bytes, or find the same one as far as it has come; either is kept from `now` on.

        Raises:
            LimitError: it is empty or too large.
        """
        if not 0 < size <= UPLOAD_BYTES:
            raise LimitError(_("The file is too large."), where="file", reason="upload-too-large")
        owner, digest = self._cabinet.owner(officer), self._cabinet.digest(officer, sha256)
        number = new_number()
        with self._cabinet.transaction() as say:
            forget_old(say, now)
            say(_BEGIN_UPLOAD, number, owner, now, size, digest)
            same = "SELECT number FROM upload WHERE owner = ? AND size = ? AND digest = ?"
            (number,) = say(same, owner, size, digest).fetchone()
            say(_FORGET_OLDEST_UPLOADS, owner, number, UPLOADS_LIMIT - 1)
            return self._upload(say, officer, number)[0]

    def find(self, officer: str, number: str, now: int) -> Upload:
        """Return how far a file has come; raise `NotFoundError` when it is not there or another officer's."""
        with self._cabinet.transaction() as say:
            forget_old(say, now)
            return self._upload(say, officer, number)[0]

    def add_piece(self, officer: str, number: str, offset: int, piece: bytes, now: int) -> Upload:
        """Keep the bytes of a file from `offset` on, and return how far it has come.

        Raises:
            NotFoundError: the file is not there, or another officer's.
            ConflictError: it has not come as far as `offset`, or farther.
            LimitError: the piece is empty, or ends behind the file.
            VerificationError: the file is whole, and another than was announced; nothing of it is kept.
        """
        with self._cabinet.transaction() as say:
            forget_old(say, now)
            found, digest = self._upload(say, officer, number)
            _require_next(found, offset, piece)
            sealed = self._cabinet.seal(piece, officer, f"{number}/{offset}")
            say("INSERT INTO piece VALUES (?, ?, ?, ?)", number, offset, len(piece), sealed)
            say("UPDATE upload SET changed_at = ? WHERE number = ?", now, number)
            grown = replace(found, offset=offset + len(piece))
            fits = grown.offset < grown.size or digest == self._digest_of(say, officer, number)
            if not fits:
                say("DELETE FROM upload WHERE number = ?", number)
        if not fits:  # said when the transaction is over: what it destroyed stays destroyed
            raise VerificationError(_("The file is not the one that was announced."), reason="upload-digest")
        return grown

    def whole(self, officer: str, number: str, now: int) -> bytes:
        """Return a file that is whole; raise `NotFoundError` when it is not, not there, or another officer's."""
        with self._cabinet.transaction() as say:
            forget_old(say, now)
            found, _digest = self._upload(say, officer, number)
            if found.offset < found.size:
                raise gone()
            return self._joined(say, officer, number)

    def forget(self, officer: str, number: str | None = None) -> None:
        """Destroy the file of this number, or every one of an officer that no page has taken."""
        owner = self._cabinet.owner(officer)
        with self._cabinet.transaction() as say:
            say("DELETE FROM upload WHERE owner = ? AND (? IS NULL OR number = ?)", owner, number, number)

    def _upload(self, say: Any, officer: str, number: str) -> tuple[Upload, bytes]:
        row = say(_UPLOAD, number, self._cabinet.owner(officer)).fetchone()
        if row is None:
            raise gone()
        return Upload(*row[:3]), row[3]

    def _digest_of(self, say: Any, officer: str, number: str) -> bytes:
        return self._cabinet.digest(officer, hashlib.sha256(self._joined(say, officer, number)).digest())

    def _joined(self, say: Any, officer: str, number: str) -> bytes:
        rows = say("SELECT starts, sealed FROM piece WHERE upload = ? ORDER BY starts", number).fetchall()
        return b"".join(
            self._cabinet.unseal(sealed, officer, f"{number}/{starts}") for starts, sealed in rows
        )


def _require_next(found: Upload, offset: int, piece: bytes) -> None:
    if offset != found.offset:
        raise ConflictError(_("The piece does not begin where the last one ended."), reason="offset")
    if not 0 < len(piece) <= found.size - offset:
        raise LimitError(
            _("The piece is empty, or ends behind the file."), where="piece", reason="piece-too-long"
        )
