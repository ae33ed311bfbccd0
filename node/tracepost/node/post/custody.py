"""Mail that a relay said it keeps: how long that is relied on, and how it is offered again.

A relay's receipt promises storage and proves no delivery: a relay may be put back empty, or lie. So the sender
keeps the mail too, and the word of a relay ends in one of these ways:

    the addressee's receipt comes                        →  delivered
    the relay, asked on each new stream, lacks the mail  →  queued again, at once
    nothing came by `due`                                →  another road (`rerouting`), or queued again

What is queued again is the same envelope under the same id. Who has it, relay or addressee, gives the same
receipt again, and nothing happens twice.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Final

from tracepost.node.ports.store import Tx
from tracepost.node.post.rerouting import Rerouting
from tracepost.node.records.cases import AuditEvent
from tracepost.node.records.mail import Queue, SentMail
from tracepost.protocol.ids import EnvelopeId, MemberId, StatementDigest

PATIENCE_S: Final = 3600
LONGEST_PATIENCE_S: Final = 86_400
_AT_ONCE: Final = 200

ChooseAnother = Callable[[Queue, Collection[str]], str | None]
"""Returns another road for mail of a queue that is none of those that were tried; None, if there is none."""

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


def take_back_overdue(tx: Tx, now: int, rerouting: Rerouting, choose: ChooseAnother) -> Places:
    """Queue mail again that relays have kept for longer than they are relied on, by another road if there is one."""
    late = list(tx.dispatches.find(tx.dispatches.overdue(now, _AT_ONCE)).values())
    tried = _roads_tried(tx, late)
    places: dict[Queue, tuple[int, int]] = {}
    ways: dict[tuple[str, str | None], list[SentMail]] = {}
    for mail in late:
        road = choose(mail.queue, tried[mail.statement, mail.queue.to_member])
        ways.setdefault((mail.queue.via, road), []).append(mail)
    for (relay, road), mails in ways.items():
        moved = rerouting.move(tx, mails, road, now) if road else {}
        places |= {one.queue: (one.epoch, one.seq) for one in reversed(moved.values())}
        places |= take_back(tx, [m.id for m in mails if m.id not in moved], relay, "custody-overdue", now)
    return places


def _roads_tried(tx: Tx, mails: Sequence[SentMail]) -> dict[tuple[StatementDigest, MemberId], set[str]]:
    tried: dict[tuple[StatementDigest, MemberId], set[str]] = {}
    for mail in tx.dispatches.of_statements([mail.statement for mail in mails]):
        tried.setdefault((mail.statement, mail.queue.to_member), set()).add(mail.queue.via)
    return tried
