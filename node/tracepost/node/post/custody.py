"""Mail that a relay said it keeps: how long that is relied on, and how it is offered again.

A relay's receipt promises storage and proves no delivery: a relay may be put back empty, or lie. So the sender
keeps the mail too, and the word of a relay ends in one of these ways:

    the addressee's receipt comes                        →  delivered
    the relay, asked on each new stream, lacks the mail  →  queued again, at once
    nothing came by `due`                                →  queued again (`Dispatches.overdue`)

What is queued again is the same envelope under the same id. Who has it, relay or addressee, gives the same
receipt again, and nothing happens twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from tracepost.node.ports import Tx
from tracepost.node.records import AuditEvent, Queue, SentMail
from tracepost.protocol.ids import EnvelopeId

PATIENCE_S: Final = 3600
LONGEST_PATIENCE_S: Final = 86_400
_AT_ONCE: Final = 1000

Places = Mapping[Queue, tuple[int, int]]
"""Where each queue is to be read from again: (epoch, seq) of its first mail that waits once more."""


def due_of(mail: SentMail, now: int) -> int:
    """Return until when (unix seconds) a custody receipt of `now` is relied on: longer, the older the mail is."""
    return now + min(max(PATIENCE_S, now - mail.queued_at), LONGEST_PATIENCE_S)


def take_back(tx: Tx, ids: Sequence[EnvelopeId], relay: str, reason: str, now: int) -> Places:
    """Queue mail again that `relay` was relied on for, and what goes beside it; the audit trail says why."""
    places = tx.dispatches.reclaim(ids, now)
    if places:
        tx.attachments.bring_again(ids, now)
        tx.audit.append([AuditEvent(now, relay, "offer-again", id_.hex(), reason) for id_ in ids])
    return places


def take_back_overdue(tx: Tx, now: int) -> Places:
    """Queue mail again that relays have kept for longer than they are relied on."""
    late = tx.dispatches.find(tx.dispatches.overdue(now, _AT_ONCE))
    relays = {mail.queue.via for mail in late.values()}
    places: dict[Queue, tuple[int, int]] = {}
    for relay in sorted(relays):
        ids = [id_ for id_, mail in late.items() if mail.queue.via == relay]
        places |= take_back(tx, ids, relay, "custody-overdue", now)
    return places
