"""Who may write in which case: a desk writes in cases that it sees, and an inner desk under oversight only.

A desk that is not on every case is on those that it opens itself: it has to see the answers. In others it
writes when it was put on them; that it is asked something there, or wrote there once, does not put it on.
"""

from __future__ import annotations

from collections.abc import Iterable

from tracepost.node.gate import Gate
from tracepost.node.handlers.case.circumstances import read_terms
from tracepost.node.handlers.case.entitlement import require_reading
from tracepost.node.handlers.case.office import Office, Officer, OwnDesk
from tracepost.node.handlers.case.thread import Thread
from tracepost.node.ports.store import Tx
from tracepost.node.records.cases import CaseDesk
from tracepost.protocol import schema
from tracepost.protocol.errors import PermissionError_
from tracepost.protocol.ids import DeskId, ThreadId
from tracepost.protocol.schema import INNER_KINDS
from tracepost.wire.v1 import desk_pb2, inquiry_pb2


def require_writing(
    tx: Tx, office: Office, gate: Gate, officer: Officer, *, draft: desk_pb2.Draft, thread: Thread | None
) -> None:
    """Raise `PermissionError_` unless the desk of a draft may write it, in this case or a new one.

    A finding of its own is written by whoever was asked, as the rule of its kind says; letters, enquiries and what is
    keyed in from paper are written by desks that see the case, and letters to others by nobody who is overseen.
    """
    desk = office.desk(officer.choose_desk(draft.desk))
    kind = draft.content.WhichOneof("kind")
    if kind == "letter" and draft.content.letter.direction == inquiry_pb2.LETTER_DIRECTION_OUTGOING:
        _require_own_word(desk)
    is_inner = kind is not None and schema.kind_of(getattr(draft.content, kind)) in INNER_KINDS
    if is_inner and _answers_for_itself(draft):
        return
    if not is_inner and not desk.outward and desk.under is None:
        raise PermissionError_(
            f"{desk.desk} is an inner desk: it writes to other members under the oversight of another only",
            where="desk",
            reason="inner-desk",
            remedy="Let an outward desk send it, or put this one under a desk in node.toml (under).",
        )
    if thread is not None and not desk.on_every_case:
        require_reading(office, gate, desk, read_terms(tx, [thread.id])[thread.id])


def _require_own_word(desk: OwnDesk) -> None:
    """Raise `PermissionError_` for a letter of a desk that writes nothing abroad without another's word.

    A letter is printed by who wrote it; nobody could look at it before.
    """
    if not desk.outward or desk.under is not None:
        raise PermissionError_(
            f"{desk.desk} writes to others under the oversight of another desk only",
            where="desk",
            reason="inner-desk",
            remedy="Let the overseeing desk, or an outward one, write the letter.",
        )


def _answers_for_itself(draft: desk_pb2.Draft) -> bool:
    """Say whether a desk answers what it was asked itself: its kind's rule compares that. It need not see the case."""
    content = draft.content
    return content.WhichOneof("kind") == "finding" and not content.finding.HasField("transcribed")


def put_authors_on(tx: Tx, office: Office, written: Iterable[tuple[ThreadId, DeskId, str]], now: int) -> None:
    """Put desks on the cases that they write in: (case, desk, who wrote). Part of the transaction of sending."""
    not_on_all = {desk.desk for desk in office.desks if not desk.on_every_case}
    wrote = {(thread, desk): by for thread, desk, by in written if desk in not_on_all}
    if not wrote:  # nearly always
        return
    on_case = tx.case_desks.of(sorted({thread for thread, _ in wrote}))
    tx.case_desks.put(
        [
            CaseDesk(thread, desk, by, now)
            for (thread, desk), by in wrote.items()
            if desk not in on_case.get(thread, ())
        ]
    )
