"""Who may write in which case: a desk writes in cases that it sees, and an inner desk under oversight only.

A desk that is not on every case is on those that it opens itself: it has to see the answers. In others it
writes when it was put on them; that it is asked something there, or wrote there once, does not put it on.
"""

from __future__ import annotations

from collections.abc import Iterable

from tracepost.node.gate import Gate
from tracepost.node.handlers.circumstances import read_terms
from tracepost.node.handlers.entitlement import require_reading
from tracepost.node.handlers.office import Office, Officer
from tracepost.node.handlers.thread import Thread
from tracepost.node.ports import Tx
from tracepost.node.records import CaseDesk
from tracepost.protocol import schema
from tracepost.protocol.errors import PermissionError_
from tracepost.protocol.ids import DeskId, ThreadId
from tracepost.protocol.schema import INNER_KINDS
from tracepost.wire.v1 import desk_pb2


def require_writing(
    tx: Tx, office: Office, gate: Gate, officer: Officer, *, draft: desk_pb2.Draft, thread: Thread | None
) -> None:
    """Raise `PermissionError_` unless the desk of a draft may write it, in this case or a new one.

    Who writes what stays with our own desks, the rule of its kind says.
    """
    desk = office.desk(officer.choose_desk(draft.desk))
    kind = draft.content.WhichOneof("kind")
    is_inner = kind is not None and schema.kind_of(getattr(draft.content, kind)) in INNER_KINDS
    if is_inner:
        return
    if not desk.outward and desk.under is None:
        raise PermissionError_(
            f"{desk.desk} is an inner desk: it writes to other members under the oversight of another only",
            where="desk",
            reason="inner-desk",
            remedy="Let an outward desk send it, or put this one under a desk in node.toml (under).",
        )
    if thread is not None and not desk.on_every_case:
        require_reading(office, gate, desk, read_terms(tx, [thread.id])[thread.id])


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
