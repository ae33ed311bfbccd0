"""Telling a provider that what it wrote was shown to others: a `release.notice/1` that goes in one transaction with it.

Who wrote something that we pass on, itself or inside something else, is told to whom it went, which fields,
and which consent it rests on; not where the provider is the receiver, or we are. That a consent was shown to
prove itself, it need not be told. Where the provider cannot be told, nothing is passed on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tracepost.node.handlers.case.casebook import instant
from tracepost.node.handlers.case.thread import Thread, open_thread
from tracepost.node.handlers.sending.exhibits import Enclosed, Made
from tracepost.node.ports.store import Tx
from tracepost.protocol.consent import Grant
from tracepost.protocol.ids import MemberId, StatementDigest, ThreadId, encode_b64
from tracepost.protocol.schema import Field, Sensitivity
from tracepost.protocol.statement import Claims
from tracepost.wire.v1 import desk_pb2, share_pb2

_PATHS = 1024  # of the schema


@dataclass(frozen=True, slots=True)
class Notice:
    """What is owed to `owner` for what a draft passes on of it, in its case."""

    owner: MemberId
    thread: Thread
    releases: tuple[share_pb2.NoticedRelease, ...]
    in_reply_to: StatementDigest


@dataclass(frozen=True, slots=True)
class _Shown:
    """A statement of somebody that goes on, and what of it."""

    owner: MemberId
    thread: ThreadId
    digest: StatementDigest
    fields: tuple[Field, ...]
    grants: tuple[Grant, ...]


def owed_notices(tx: Tx, enclosed: Enclosed, us: MemberId, to: Sequence[str], now: int) -> tuple[Notice, ...]:
    """Return what is owed to whom, for what a draft to `to` encloses, at `now` in unix seconds."""
    shown = [one for made in enclosed.made for one in _shown_in(made)]
    told = [one for one in shown if one.owner != us and one.owner not in to]
    by_case: dict[tuple[MemberId, ThreadId], dict[StatementDigest, _Shown]] = {}
    for one in told:
        by_case.setdefault((one.owner, one.thread), {}).setdefault(one.digest, one)
    return tuple(
        Notice(
            owner=owner,
            thread=open_thread(name, us, tx.statements.in_threads([name])),
            releases=tuple(_release(one, to, instant(now)[:10]) for one in some.values()),
            in_reply_to=next(iter(some)),
        )
        for (owner, name), some in by_case.items()
    )


def write_notice(notice: Notice, carrier: Claims, digest: StatementDigest) -> desk_pb2.Draft:
    """Return the draft that tells it; `carrier` are the claims of the statement `digest` that passes it on."""
    message = share_pb2.ReleaseNotice(reason=share_pb2.NOTICE_REASON_ONWARD_RELEASE, releases=notice.releases)
    for one in message.releases:
        one.carrier_digest = encode_b64(digest)
    known = notice.thread.find(notice.in_reply_to)
    return desk_pb2.Draft(
        to=[notice.owner],
        thread=notice.thread.id,
        in_reply_to=encode_b64(known.digest) if known else None,
        desk=carrier.desk,
        purpose=carrier.purpose,
        legal_basis=carrier.legal_basis,
        exercise=carrier.exercise,
        content=desk_pb2.Content(release_notice=message),
    )


def _shown_in(made: Made) -> Iterator[_Shown]:
    record = made.opened.record
    if record.kind != _CONSENT:
        fields = tuple(Field(d.path, d.sensitivity, d.value) for d in made.kept if not d.is_counter)
        yield _Shown(record.iss, record.thread, record.digest, fields, made.grants)
    for outer in made.inside:
        for one in outer.walk():
            claims, signed = one.statement.claims, one.statement
            if claims.kind not in (_CONSENT, _ENTRY):
                grants = tuple(grant for grant in made.grants if grant.author == claims.iss)
                yield _Shown(claims.iss, claims.thread, signed.digest, tuple(signed.fields()), grants)


def _release(one: _Shown, to: Iterable[str], day: str) -> share_pb2.NoticedRelease:
    paths = _shorten(field.path for field in one.fields)
    classes = {field.sensitivity for field in one.fields}
    return share_pb2.NoticedRelease(
        statement_digest=encode_b64(one.digest),
        to_members=sorted(set(to)),
        consent_digests=dict.fromkeys(encode_b64(grant.digest) for grant in one.grants),
        classes=[f"SENSITIVITY_{c}" for c in Sensitivity if c in classes],
        field_paths=paths[:_PATHS],
        paths_shortened=True if len(paths) < len(one.fields) else None,
        released_on=day,
    )


def _shorten(paths: Iterable[str]) -> list[str]:
    """Return the paths, or, where there are too many, the beginnings of them, ever shorter."""
    found = list(dict.fromkeys(paths))
    for steps in (4, 3, 2, 1):
        if len(found) <= _PATHS:
            break
        found = list(dict.fromkeys(".".join(path.split(".")[:steps]) for path in found))
    return found


_CONSENT = "trace.consent/1"
_ENTRY = "directory.entry/1"
