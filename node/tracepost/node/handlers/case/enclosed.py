"""What stands inside a statement, at any depth: which statements, what binds them, and how long they may be kept.

All of it is read from its clear part alone, so that the daemon knows them of mail that nobody opened yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import orjson
from google.protobuf.message import Message

from tracepost.protocol.errors import InvalidInputError, StatementError
from tracepost.protocol.ids import MemberId, StatementDigest, decode_b64, parse_digest
from tracepost.protocol.restricting import restriction_of
from tracepost.protocol.schema import JsonValue
from tracepost.protocol.statement import Claims, Restriction, UntrustedStatement, peek, peek_claims
from tracepost.wire.v1 import share_pb2

_DELETE_AFTER = "RESTRICTION_CODE_DELETE_AFTER"
_DIGEST = re.compile(r"exhibits\.[0-9]+\.statement_digest")
_JWS = re.compile(r"exhibits\.[0-9]+\.jws")
_CLEAR = re.compile(r"exhibits\.[0-9]+\.administrative_disclosures")


@dataclass(frozen=True, slots=True)
class Inner:
    """A statement inside another: what it says of itself in clear, and what its forwarders `added` to that."""

    digest: StatementDigest
    claims: Claims
    added: tuple[Restriction, ...]


def enclosed_digests(message: Message) -> set[StatementDigest]:
    """Return the digests of all statements inside `message`, which shows its clear fields."""
    exhibits: Iterable[share_pb2.Exhibit] = getattr(message, "exhibits", ())
    found = {
        text
        for one in exhibits
        for text in (one.statement_digest, *_inside(one.administrative_disclosures, _DIGEST))
    }
    return {digest for text in found if (digest := _parse(text))}


def enclosed_statements(message: Message) -> Iterator[tuple[str, Claims]]:
    """Yield digest, as text, and claims of the statements that stand in `message` itself."""
    exhibits: Iterable[share_pb2.Exhibit] = getattr(message, "exhibits", ())
    for one in exhibits:
        try:
            yield one.statement_digest, peek_claims(UntrustedStatement(one.jws, ()))
        except StatementError:  # left out, or of who does not keep the rules
            continue


def enclosed_claims(message: Message) -> Iterator[Claims]:
    """Yield the claims of all statements inside `message`, which shows its clear fields."""
    exhibits: Iterable[share_pb2.Exhibit] = getattr(message, "exhibits", ())
    for one in exhibits:
        for jws in (one.jws, *_inside(one.administrative_disclosures, _JWS)):
            try:
                yield peek_claims(UntrustedStatement(jws, ()))
            except StatementError:  # left out, or of who does not keep the rules
                continue


def binding_of_others(claims: Claims, message: Message | None, us: MemberId) -> tuple[Restriction, ...]:
    """Return what others than `us` laid on a statement, and on those inside it, as it binds what is drawn from it.

    The fields have other paths there: what binds some of them binds all that is drawn.
    """
    inner = [*statements_in(message)]
    laid = [
        r for said in (claims, *(one.claims for one in inner)) if said.iss != us for r in said.restrictions
    ]
    added = [r for one in inner for r in one.added]
    return tuple(dict.fromkeys(replace(one, field_paths=()) for one in (*laid, *added)))


def last_day(claims: Claims, message: Message, us: MemberId) -> str:
    """Return the day after which it is to be deleted, by its author or by what it encloses; empty for none.

    What `us` wrote binds others, not ourselves. A day for some fields deletes nothing: they are shown to
    nobody from then on.
    """
    days = [*_days(claims, us), *_days_inside(message, us)]
    return min(filter(None, days), default="")


def last_day_of_enclosed(message: Message, us: MemberId) -> str:
    """Return the day after which a message of ours is to be deleted, by what it encloses; empty for none."""
    return min(filter(None, _days_inside(message, us)), default="")


def statements_in(message: Message | None) -> Iterator[Inner]:
    """Yield all statements inside `message`, which shows its clear fields, at any depth."""
    exhibits: Iterable[share_pb2.Exhibit] = getattr(message, "exhibits", ())
    for one in exhibits:
        if inner := _inner(one.jws, map(restriction_of, one.restrictions)):
            yield inner
        yield from statements_within(one.administrative_disclosures)


def statements_within(disclosures: Iterable[JsonValue]) -> Iterator[Inner]:
    """Yield the statements inside an exhibit, at any depth.

    Args:
        disclosures: the ADMINISTRATIVE ones of the exhibit, as they came.
    """
    shown = [*map(read_disclosure, disclosures)]
    for path, value in shown:
        if _JWS.fullmatch(path) and isinstance(value, str):
            added = _added_to(path.removesuffix("jws"), shown)
            if inner := _inner(value, added):
                yield inner
        elif _CLEAR.fullmatch(path) and isinstance(value, list):
            yield from statements_within(value)


def read_restriction(value: JsonValue) -> Restriction | None:
    """Return a restriction that a forwarder added, from its disclosure; None if it is none."""
    if not isinstance(value, dict):
        return None
    paths = value.get("field_paths")
    named = tuple(map(str, paths)) if isinstance(paths, list) else ()
    return Restriction(str(value.get("code")), str(value.get("until") or ""), None, named)


def _added_to(place: str, shown: Iterable[tuple[str, JsonValue]]) -> Iterator[Restriction]:
    for path, value in shown:
        added = read_restriction(value) if path.startswith(f"{place}restrictions.") else None
        if added is not None:
            yield added


def _inner(jws: str, added: Iterable[Restriction]) -> Inner | None:
    untrusted = UntrustedStatement(jws, ())
    try:
        return Inner(peek(untrusted).digest, peek_claims(untrusted), tuple(added))
    except StatementError:  # left out, or of who does not keep the rules
        return None


def _days_inside(message: Message, us: MemberId) -> Iterator[str]:
    for one in statements_in(message):
        yield from _days(one.claims, us)
        yield from _whole(one.added)


def _days(claims: Claims, us: MemberId) -> Iterator[str]:
    if claims.iss != us:
        yield from _whole(claims.restrictions)


def _whole(restrictions: Iterable[Restriction]) -> Iterator[str]:
    return (one.until or "" for one in restrictions if one.code == _DELETE_AFTER and not one.field_paths)


def _inside(disclosures: Iterable[JsonValue], wanted: re.Pattern[str]) -> Iterator[str]:
    for path, value in map(read_disclosure, disclosures):
        if wanted.fullmatch(path) and isinstance(value, str):
            yield value
        elif _CLEAR.fullmatch(path) and isinstance(value, list):
            yield from _inside(value, wanted)


def read_disclosure(text: JsonValue) -> tuple[str, JsonValue]:
    """Return path and value of a disclosure inside an exhibit, as it came; nothing if it is none."""
    try:
        shown = orjson.loads(decode_b64(str(text), "exhibits"))
    except (InvalidInputError, orjson.JSONDecodeError):
        return "", None
    return (str(shown[1]), shown[2]) if isinstance(shown, list) and len(shown) == 3 else ("", None)


def _parse(text: str) -> StatementDigest | None:
    try:
        return parse_digest(text)
    except InvalidInputError:  # of who does not keep the rules
        return None
