"""What stands inside a statement, at any depth, and the last day on which it may be kept.

All of it is read from its clear part alone, so that the daemon knows them of mail that nobody opened yet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import orjson
from google.protobuf.message import Message

from tracepost.protocol.errors import InvalidInputError, StatementError
from tracepost.protocol.ids import MemberId, StatementDigest, decode_b64, parse_digest
from tracepost.protocol.schema import JsonValue
from tracepost.protocol.statement import Claims, UntrustedStatement, peek_claims
from tracepost.wire.v1 import share_pb2, terms_pb2

_DELETE_AFTER = "RESTRICTION_CODE_DELETE_AFTER"
_DIGEST = re.compile(r"exhibits\.[0-9]+\.statement_digest")
_JWS = re.compile(r"exhibits\.[0-9]+\.jws")
_CLEAR = re.compile(r"exhibits\.[0-9]+\.administrative_disclosures")


def enclosed_digests(message: Message) -> set[StatementDigest]:
    """Return the digests of all statements inside `message`, which shows its clear fields."""
    exhibits: Iterable[share_pb2.Exhibit] = getattr(message, "exhibits", ())
    found = {
        text
        for one in exhibits
        for text in (one.statement_digest, *_inside(one.administrative_disclosures, _DIGEST))
    }
    return {digest for text in found if (digest := _parse(text))}


def enclosed_kinds(message: Message) -> set[str]:
    """Return the kinds of all statements inside `message`, which shows its clear fields."""
    exhibits: Iterable[share_pb2.Exhibit] = getattr(message, "exhibits", ())
    found = set()
    for one in exhibits:
        for jws in (one.jws, *_inside(one.administrative_disclosures, _JWS)):
            try:
                found.add(peek_claims(UntrustedStatement(jws, ())).kind)
            except StatementError:  # left out, or of who does not keep the rules
                continue
    return found


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


def last_days_within(disclosures: Iterable[JsonValue]) -> Iterator[str]:
    """Yield the last days that the authors of statements inside an exhibit signed, at any depth.

    Args:
        disclosures: the ADMINISTRATIVE ones of the exhibit, as they came.
    """
    for jws in _inside(disclosures, _JWS):
        try:
            claims = peek_claims(UntrustedStatement(jws, ()))
        except StatementError:  # of who does not keep the rules
            continue
        yield from (one.until or "" for one in claims.restrictions if one.code == _DELETE_AFTER)


def _days_inside(message: Message, us: MemberId) -> Iterator[str]:
    exhibits: Iterable[share_pb2.Exhibit] = getattr(message, "exhibits", ())
    for one in exhibits:
        for restriction in one.restrictions:
            if restriction.code == terms_pb2.RESTRICTION_CODE_DELETE_AFTER and not restriction.field_paths:
                yield restriction.until
        for jws in (one.jws, *_inside(one.administrative_disclosures, _JWS)):
            try:
                yield from _days(peek_claims(UntrustedStatement(jws, ())), us)
            except StatementError:  # left out, or of who does not keep the rules
                continue


def _days(claims: Claims, us: MemberId) -> Iterator[str]:
    if claims.iss != us:
        whole = (one for one in claims.restrictions if one.code == _DELETE_AFTER and not one.field_paths)
        yield from (one.until or "" for one in whole)


def _inside(disclosures: Iterable[JsonValue], wanted: re.Pattern[str]) -> Iterator[str]:
    for path, value in map(_read, disclosures):
        if wanted.fullmatch(path) and isinstance(value, str):
            yield value
        elif _CLEAR.fullmatch(path) and isinstance(value, list):
            yield from _inside(value, wanted)


def _read(text: JsonValue) -> tuple[str, JsonValue]:
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
