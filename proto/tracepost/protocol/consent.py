"""Whether a member's consent covers that another shows its statement to a third party (ITI 15(c)).

A consent is given in one of five ways, and reaches as far as its way says:

- a request names members in `referral_consents`: for itself alone
- an amendment names them: for the statement that it amends alone
- a `trace.consent/1` names one: for its purpose, and the statement, items, fields and days that it
  names; where it names no statement, for all that its author wrote in that case
- a directory entry names members in `standing_consents`: for all that its author wrote in any case,
  whoever forwards it, for the purpose and the classes of fields that it names, as long as the entry lasts
- a referral names members in `lineage_visible_to`: for the forwarder's own lineage in it, and nothing else

The last also limits: lineage in a referral is shown to nobody else, whatever restrictions there are, unless its
author consents in another of these ways.

A consent that is not standing counts for those whom it addresses and in its own case. Its purpose is
compared with the one that the forwarder claims for what it sends on. Its last day is compared with the
day on which the forwarder signed, for late mail is not to blame for having waited. Fields that are
PUBLIC or ADMINISTRATIVE go with any consent: without them a receiver could not tell what binds it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from google.protobuf.message import Message

from tracepost.protocol.ids import MemberId, StatementDigest, ThreadId, encode_b64
from tracepost.protocol.schema import Field, Sensitivity
from tracepost.wire.v1 import directory_pb2, options_pb2, terms_pb2, trace_pb2

_CLEAR = frozenset({Sensitivity.PUBLIC, Sensitivity.ADMINISTRATIVE})
# A purpose that is withheld, or that this version cannot name, is that of no release: no claim says this.
_UNREAD = "?"
# An entry of which it is not shown how long it lasts consents to nothing.
_NEVER = "0000-00-00"
_ID_OF = {"items": "id", "answers": "item_id"}
# What tells where an item went, and in whose hands it was (messages.md: the lineage of who refers).
_LINEAGE = (
    "lineage",
    "lineage_dealings",
    "persons",
    "point_of_diversion",
    "point_of_diversion_exact_place",
    "recorded_fate",
)


class Spoken(Protocol):
    """Who says something, to whom, in which case: the claims of a statement have it."""

    @property
    def iss(self) -> MemberId:
        """The author."""

    @property
    def aud(self) -> tuple[MemberId, ...]:
        """Those addressed."""

    @property
    def thread(self) -> ThreadId:
        """The case."""


@dataclass(frozen=True, slots=True)
class Word:
    """One statement of an author, with what is disclosed of it; `unknown` are paths that are too new to be read."""

    digest: StatementDigest
    claims: Spoken
    message: Message
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Grant:
    """That an author lets `third_party` see what it wrote; said by the statement `digest`.

    `about` is a statement digest in text, empty for all that the author wrote in the case. No items,
    no fields: all of them. `until` is a day (YYYY-MM-DD), empty for no last day. `purpose` is the name
    of a `Purpose`; empty, what a request or amendment consents to: it is for that request, whatever for.
    No `classes`: all of them. `standing`: for all cases and whoever forwards; case and audience are empty.
    """

    digest: StatementDigest
    author: MemberId
    thread: ThreadId
    audience: frozenset[MemberId]
    third_party: MemberId
    about: str
    item_ids: frozenset[str] = frozenset()
    field_paths: tuple[str, ...] = ()
    until: str = ""
    conditions: tuple[terms_pb2.Restriction, ...] = ()
    purpose: str = ""
    classes: frozenset[Sensitivity] = frozenset()
    standing: bool = False

    def names(self, path: str, sensitivity: Sensitivity) -> bool:
        """Say whether a field may go, as far as the consent names fields or classes."""
        if sensitivity in _CLEAR:
            return True
        within = not self.field_paths or is_within(path, self.field_paths)
        return within and (not self.classes or sensitivity in self.classes)


@dataclass(frozen=True, slots=True)
class Release:
    """What `forwarder` shows to `third_party` on `day` (YYYY-MM-DD) of a statement of `issuer`.

    `purpose` is what the forwarder claims that it is for, the name of a `Purpose`. `item_ids` are the
    items that it shows; `shown_paths` its fields above ADMINISTRATIVE, and `shown_classes` their classes, as far
    as whoever judges can see them.
    """

    digest: StatementDigest
    issuer: MemberId
    thread: ThreadId
    forwarder: MemberId
    third_party: MemberId
    day: str
    item_ids: frozenset[str] = frozenset()
    shown_paths: frozenset[str] = frozenset()
    purpose: str = ""
    shown_classes: frozenset[Sensitivity] = frozenset()


def covers(grant: Grant, release: Release) -> bool:
    """Say whether `grant` allows `release`."""
    return not find_gap(grant, release)


def find_gap(grant: Grant, release: Release) -> str:
    """Return the code of what `release` does that `grant` does not allow; empty, if it allows all of it."""
    if not _is_between(grant, release):
        return "no-consent"
    # A consent may be shown to prove itself; a referral is one for its lineage alone.
    if grant.digest == release.digest and grant.about != encode_b64(release.digest):
        return ""
    beyond_fields = not all(is_within(path, grant.field_paths) for path in release.shown_paths)
    gaps = {
        "other-statement": grant.about and grant.about != encode_b64(release.digest),
        "other-purpose": grant.purpose and grant.purpose != release.purpose,
        "consent-ended": grant.until and release.day > grant.until,
        "other-items": grant.item_ids and not release.item_ids <= grant.item_ids,
        "other-fields": grant.field_paths and beyond_fields,
        "other-classes": grant.classes and not release.shown_classes <= grant.classes,
    }
    return next((code for code, found in gaps.items() if found), "")


def _is_between(grant: Grant, release: Release) -> bool:
    if grant.author != release.issuer or grant.third_party != release.third_party:
        return False
    return grant.standing or (grant.thread == release.thread and release.forwarder in grant.audience)


def standing_grants(words: Iterable[Word]) -> tuple[Grant, ...]:
    """Return the grants that stand after the words of one case, which are given in its order.

    A newer consent, granted or not, takes the place of what its author said before about the same
    member and statement; the list of an amendment that of the request and of all amendments that lead to it; a recall
    ends what was said of the statement and of all amendments that lead to it, a withdrawal of the whole request all
    that its author consented to.
    """
    said = tuple(words)
    amendments = _Amendments(said)
    grants: tuple[Grant, ...] = ()
    for word in said:
        ended = [one for one in grants if one.author == word.claims.iss and _ends(word, one, amendments)]
        grants = (*(one for one in grants if one not in ended), *_grants_of(word))
    return grants


class _Amendments:
    """What authors amended, step by step: each only in words of its own."""

    def __init__(self, words: Iterable[Word]) -> None:
        self._amended = {
            (word.claims.iss, encode_b64(word.digest)): word.message.amends_digest
            for word in words
            if isinstance(word.message, trace_pb2.Amendment)
        }

    def path(self, author: MemberId, digest: str) -> tuple[str, ...]:
        """Return a statement, what it amends, what that amends, and so on to what amends nothing."""
        path = [digest]
        while amended := self._amended.get((author, path[-1])):
            path.append(amended)
        return tuple(path)


def _ends(word: Word, grant: Grant, amendments: _Amendments) -> bool:
    message = word.message
    if isinstance(message, trace_pb2.Withdrawal):
        return message.step == trace_pb2.WITHDRAWAL_STEP_ASKED and not message.item_ids
    if isinstance(message, trace_pb2.Amendment):
        return _ends_by_amending(message, grant, amendments)
    if not isinstance(message, trace_pb2.Consent) or message.step == trace_pb2.CONSENT_STEP_ASKED:
        return False
    same = not grant.about or not message.statement_digest or grant.about == message.statement_digest
    return same and grant.third_party == message.third_party


def _ends_by_amending(message: trace_pb2.Amendment, grant: Grant, amendments: _Amendments) -> bool:
    if not _replaces_consents(message):
        return False
    amends = message.amends_digest
    paths = [amendments.path(grant.author, one) for one in (grant.about, encode_b64(grant.digest))]
    if message.effect == trace_pb2.AMENDMENT_EFFECT_RECALL:
        return any(amends in path for path in paths)
    return amendments.path(grant.author, amends)[-1] in {path[-1] for path in paths}


def _replaces_consents(message: trace_pb2.Amendment) -> bool:
    if message.effect == trace_pb2.AMENDMENT_EFFECT_REPLACE:
        return "referral_consents" in message.changed_paths or bool(message.referral_consents)
    return message.effect == trace_pb2.AMENDMENT_EFFECT_RECALL


def _grants_of(word: Word) -> Iterator[Grant]:
    message = word.message
    if isinstance(message, directory_pb2.DirectoryEntry) and message.member == word.claims.iss:
        for index, one in enumerate(message.declarations.standing_consents):
            if _is_readable(word, index, one):  # a limit that cannot be read is not lifted by that
                yield _standing(word, message, one)
    elif isinstance(message, trace_pb2.TraceRequest):
        yield from (_grant(word, member, encode_b64(word.digest)) for member in message.referral_consents)
    elif isinstance(message, trace_pb2.Amendment) and message.amends_digest:
        yield from (_grant(word, member, message.amends_digest) for member in message.referral_consents)
    elif isinstance(message, trace_pb2.Referral):
        own = [_grant(word, member, encode_b64(word.digest)) for member in message.lineage_visible_to]
        yield from (replace(one, field_paths=lineage_places(message)) for one in own)
    elif isinstance(message, trace_pb2.Consent) and _is_granted(message):
        yield replace(
            _grant(word, message.third_party, message.statement_digest),
            item_ids=frozenset(message.item_ids),
            field_paths=tuple(message.field_paths),
            until=message.until,
            conditions=tuple(message.conditions),
            purpose=terms_pb2.Purpose.Name(message.purpose) if message.purpose else _UNREAD,
        )


def _grant(word: Word, member: str, about: str) -> Grant:
    claims = word.claims
    return Grant(word.digest, claims.iss, claims.thread, frozenset(claims.aud), MemberId(member), about)


def _standing(word: Word, entry: directory_pb2.DirectoryEntry, one: directory_pb2.StandingConsent) -> Grant:
    last_days = (one.until, entry.expires_at[:10] or _NEVER)
    return Grant(
        digest=word.digest,
        author=word.claims.iss,
        thread=ThreadId(""),
        audience=frozenset(),
        third_party=MemberId(one.member),
        about="",
        until=min(day for day in last_days if day),
        purpose=terms_pb2.Purpose.Name(one.purpose) if one.purpose else "",
        classes=_classes(one.classes),
        standing=True,
    )


def _is_readable(word: Word, index: int, one: directory_pb2.StandingConsent) -> bool:
    place = f"declarations.standing_consents.{index}"
    if any(is_within(path, (place,)) for path in word.unknown):
        return False
    return not one.classes or bool(_classes(one.classes))


def _classes(numbers: Iterable[int]) -> frozenset[Sensitivity]:
    """Return the classes of these codes; what is in the code list and no class of fields is left out."""
    names = (options_pb2.Sensitivity.Name(number).removeprefix("SENSITIVITY_") for number in numbers)
    return frozenset(Sensitivity(name) for name in names if name in Sensitivity.__members__)


def _is_granted(message: trace_pb2.Consent) -> bool:
    granted = message.decision == trace_pb2.CONSENT_DECISION_GRANTED
    return message.step == trace_pb2.CONSENT_STEP_DECIDED and granted


# ---------------------------------------------------------------- what a statement shows


def lineage_places(referral: trace_pb2.Referral) -> tuple[str, ...]:
    """Return the paths at which a referral tells its author's own lineage, and below."""
    # One without answers names places too: a consent that names no paths is for all.
    numbers = range(len(referral.answers) or 1)
    return tuple(f"answers.{number}.{name}" for number in numbers for name in _LINEAGE)


def lineage_in(referral: trace_pb2.Referral, fields: Iterable[Field]) -> tuple[Field, ...]:
    """Return those of the `fields` of a referral that tell its author's own lineage."""
    places = lineage_places(referral)
    return tuple(one for one in fields if is_within(one.path, places))


def is_within(path: str, prefixes: Iterable[str]) -> bool:
    """Say whether `path` is one of `prefixes`, or lies below one."""
    return any(path == prefix or path.startswith(f"{prefix}.") for prefix in prefixes)


def shown_items(fields: Iterable[Field]) -> frozenset[str]:
    """Return the ids of the items, asked about or answered, of which `fields` show something.

    An item whose id is not shown goes by its path, which is no id that a consent could name.
    """
    found = list(fields)
    ids = {one.path: str(one.value) for one in found}
    places = {tuple(one.path.split(".")[:2]) for one in found if one.path.partition(".")[0] in _ID_OF}
    return frozenset(ids.get(f"{name}.{n}.{_ID_OF[name]}", f"{name}.{n}") for name, n in places)


def shown_paths(fields: Iterable[Field]) -> frozenset[str]:
    """Return the paths of the fields above ADMINISTRATIVE."""
    return frozenset(one.path for one in fields if one.sensitivity not in _CLEAR)


def shown_classes(fields: Iterable[Field]) -> frozenset[Sensitivity]:
    """Return the classes of the fields above ADMINISTRATIVE."""
    return frozenset(one.sensitivity for one in fields if one.sensitivity not in _CLEAR)
