"""Mail of ours that waits for a second officer's word: how it is found, and who may open what goes with it.

Nobody but the officer whose word it waits for takes files out of it: another one of the deciding desk. Who wrote
it has them, and the case does not show it before it goes.
"""

from __future__ import annotations

from dataclasses import dataclass

from tracepost.node.handlers.case.office import Officer
from tracepost.node.ports.store import Tx
from tracepost.node.records.staff import ReleaseRecord
from tracepost.node.records.statements import StatementRecord
from tracepost.protocol.errors import NotFoundError, PermissionError_
from tracepost.protocol.ids import encode_b64, parse_digest

_WHOLE = 43  # characters of a digest in base64url


@dataclass(frozen=True, slots=True)
class Waiting:
    """Mail that somebody's word is looked for, and its statement."""

    release: ReleaseRecord
    record: StatementRecord

    def is_decided_by(self, officer: Officer) -> bool:
        """Say whether the officer's word is one that it waits for."""
        release = self.release
        is_other = officer.number != release.officer
        return release.state.is_open and is_other and release.deciding_desk in officer.desks


def find_waiting(tx: Tx, named: str) -> Waiting:
    """Return the mail with this digest, or with this beginning of it among what is not decided on.

    Raises:
        NotFoundError: there is none, or more than one.
    """
    known = tx.releases.find([parse_digest(named, "statement")]) if len(named) == _WHOLE else {}
    beginning = [r for r in tx.releases.open() if encode_b64(r.statement).startswith(named)]
    found = [*known.values()] or beginning
    if len(found) != 1:
        raise unknown_mail()
    return Waiting(found[0], tx.statements.find([found[0].statement])[found[0].statement])


def find_to_decide(tx: Tx, officer: Officer, named: str) -> Waiting:
    """Return mail as `find_waiting` does, for an officer who would open what goes with it.

    Raises:
        NotFoundError: there is none, or it is no business of his desks.
        PermissionError_: it is not his to decide.
    """
    found = find_waiting(tx, named)
    if not {found.release.desk, found.release.deciding_desk}.intersection(officer.desks):
        raise unknown_mail()
    if not found.is_decided_by(officer):
        raise PermissionError_(
            "its files are opened by the officer whose word it waits for",
            where="release",
            reason="not-yours-to-decide",
            remedy="Look at what is yours to decide: tracepost release list.",
        )
    return found


def unknown_mail() -> NotFoundError:
    """Return the refusal of a name under which nothing waits, as far as this officer may know."""
    return NotFoundError(
        "no message, or more than one, waits for a word under this name",
        where="statement",
        reason="unknown-release",
        remedy="Look at the list: tracepost release list.",
    )
