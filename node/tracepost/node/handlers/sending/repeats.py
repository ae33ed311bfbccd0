"""Drafts that come again: the same draft under its idempotency key gets the answer that it got first.

What is kept of a draft to know it by is a keyed digest: a stolen database, in which everything
administrative stands in clear, must not let anybody try serial numbers against a plain one. Its
idempotency key is kept so too, for clients make it of what the draft says.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field

from tracepost.node.handlers.case.office import Officer
from tracepost.node.ports.store import Tx
from tracepost.node.records.cases import DraftAnswer
from tracepost.protocol.errors import ConflictError
from tracepost.protocol.problems import make_problem
from tracepost.wire.v1 import desk_pb2


@dataclass(frozen=True, slots=True)
class DraftMark:
    """What a draft is known by: whose it is, its idempotency key (empty: none), keyed digests of both.

    `name` stands for the key in the store.
    """

    owner: str
    key: str
    name: str
    mac: bytes = field(repr=False)


def mark_draft(officer: Officer, draft: desk_pb2.Draft, secret: bytes) -> DraftMark:
    """Return what `draft` is known by here; `secret` is the node's key for this."""
    content = draft.SerializeToString(deterministic=True) if draft.idempotency_key else b""
    desk = draft.desk or "".join(officer.desks[:1])
    return DraftMark(
        owner=f"{officer.label}/{desk}",
        key=draft.idempotency_key,
        name=hmac.digest(secret, b"idempotency key " + draft.idempotency_key.encode(), "sha256").hex(),
        mac=hmac.digest(secret, content, "sha256"),
    )


def find_answers(tx: Tx, marks: Sequence[DraftMark]) -> list[desk_pb2.Submission | None]:
    """Return for each draft the answer that it, or another one under its key, was given before."""
    keys: dict[str, list[str]] = {}
    for mark in marks:
        if mark.key:
            keys.setdefault(mark.owner, []).append(mark.name)
    found = {(owner, k): a for owner, some in keys.items() for k, a in tx.drafts.find(owner, some).items()}
    return [_answer(mark, found.get((mark.owner, mark.name)) if mark.key else None) for mark in marks]


def keep_answer(mark: DraftMark, submission: desk_pb2.Submission, now: int) -> DraftAnswer:
    """Return the record by which `find_answers` will know the draft again."""
    kept = desk_pb2.Submission()
    kept.CopyFrom(submission)
    kept.ClearField("idempotency_key")
    return DraftAnswer(mark.owner, mark.name, mark.mac, now, kept.SerializeToString())


def _answer(mark: DraftMark, found: DraftAnswer | None) -> desk_pb2.Submission | None:
    if found is None:
        return None
    if not hmac.compare_digest(found.draft_mac, mark.mac):
        error = ConflictError("the idempotency key was used for another draft", where="idempotency_key")
        return desk_pb2.Submission(idempotency_key=mark.key, problem=make_problem(error))
    answer = desk_pb2.Submission.FromString(found.submission)
    answer.idempotency_key = mark.key
    return answer
