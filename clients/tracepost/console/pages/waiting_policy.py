"""The member's own policies, on the word of two officers: what is proposed, who would read more or less, since when.

They are proposed at the command line, where they are checked (`tracepost policy`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from starlette.responses import Response

from tracepost.console.drafting import chosen_desk, client_of
from tracepost.console.rooms import Page, Room
from tracepost.console.second_word import (
    BOTH,
    NOT_TAKEN,
    Question,
    Row,
    number_of,
    read_word,
    show_question,
)
from tracepost.console.showing import Shower, moment, printable
from tracepost.console.visit import Visit
from tracepost.locale.words import Words
from tracepost.locale.words import later as _
from tracepost.protocol.approval import Decision
from tracepost.protocol.errors import NotFoundError, TracepostError
from tracepost.sdk import Client
from tracepost.sdk.policies import subject_of
from tracepost.wire.v1 import desk_pb2

_PROPOSED: Final = desk_pb2.POLICY_STATE_PROPOSED
_IN_FORCE: Final = desk_pb2.POLICY_STATE_IN_FORCE
_ANY: Final = "any"
_TITLE: Final = _("Our own policies, version {version}")
_EFFECTS: Final = (
    _("It decides at once and alone, beside the base set, who reads what at this node."),
    _("Our log has an entry with the digest of the whole set and of both officers' words."),
)


async def rows(visit: Visit, client: Client) -> list[Row]:
    """Return the versions of the member's own policies."""
    return [_row(visit, one) for one in (await client.show_policies()).versions]


def _row(visit: Visit, one: desk_pb2.PolicyVersion) -> Row:
    is_open = one.state == _PROPOSED
    return Row(
        path=_path(one.version),
        kind=visit.text(_TITLE).format(version=one.version),
        about=printable(one.note),
        by=printable(one.proposed_by),
        at=one.proposed_at,
        state=Shower(visit.words).words_of(one, "state"),
        is_open=is_open,
        is_ours=is_open and not _is_own(visit, one),
    )


def _path(version: int) -> str:
    return f"/waiting/policy/{version}"


def _is_own(visit: Visit, one: desk_pb2.PolicyVersion) -> bool:
    return one.proposed_by == f"officer-{visit.officer.number}"


async def show_policy(visit: Visit, failed: TracepostError | None = None) -> Response:
    """Show a version and what it would change; `failed`: why a word on it was not taken."""
    client = client_of(visit, chosen_desk(visit))
    one, clock = await _find(visit, client)
    told = await client.compare_policy(one.text) if one.state == _PROPOSED else None
    return await show_question(
        visit,
        client,
        _question(visit, one, clock),
        "pages/waiting_policy.html",
        failed=failed,
        text=printable(one.text),
        is_compared=told is not None,
        changes=[_change(visit.words, change) for change in told.changes] if told else [],
        fields=list(_fields(visit.words, told.fields)) if told else [],
    )


async def _find(visit: Visit, client: Client) -> tuple[desk_pb2.PolicyVersion, int]:
    """Return the version that the address names, and the node's clock."""
    view, number = await client.show_policies(with_text=True), number_of(visit)
    for one in view.versions:
        if one.version == number:
            return one, view.clock
    raise NotFoundError(_("There is no such version."), where="address")


def _question(visit: Visit, one: desk_pb2.PolicyVersion, clock: int) -> Question:
    row, text = _row(visit, one), visit.text
    is_decided = one.state != _PROPOSED
    since = _("In force since") if one.state == _IN_FORCE else _("Decided")
    return Question(
        title=row.kind,
        back="/waiting",
        path=f"{row.path}/word",
        subjects=[] if is_decided else [subject_of(one)],
        clock=clock,
        decisions=[] if is_decided else [Decision.REFUSED] if _is_own(visit, one) else BOTH,
        is_own=_is_own(visit, one),
        facts=[
            (text(_("Proposed by")), row.by),
            (text(_("Proposed")), moment(row.at)),
            (text(_("Why")), row.about),
            (text(_("How it stands")), row.state),
            (text(_("Decided by")), printable(one.decided_by)),
            (text(since), moment(one.decided_at)),
            (text(_("Entry in our log")), f"#{one.log_index}" if one.HasField("log_index") else ""),
        ],
        effects=[] if is_decided else [text(effect) for effect in _EFFECTS],
        commands={
            Decision.APPROVED: f"tracepost policy approve {one.version}",
            Decision.REFUSED: f"tracepost policy refuse {one.version}",
        },
    )


# ── the difference in words ──────────────────────────────────────────────────────────


def _change(words: Words, one: desk_pb2.ReaderChange) -> tuple[str, ...]:
    """Return who newly reads which class, or loses it, by which acts, and when."""
    _ = words.gettext
    gains = _("reads newly") if one.gained else _("reads no longer")
    when = ", ".join([*one.when, *(f"{_('not')} {flag}" for flag in one.unless)]) or _("always")
    return (_reader(words, one), gains, Shower(words).words_of(one, "of_class"), ", ".join(one.actions), when)


def _reader(words: Words, one: desk_pb2.ReaderChange) -> str:
    if one.desk:
        return f"{one.member}/{one.desk} ({one.competence})"
    of_type = words.coded("member_type", one.member_type) if one.member_type != _ANY else ""
    parts = (one.competence, of_type, one.member if one.member != _ANY else "")
    return ", ".join(part for part in parts if part)


def _fields(words: Words, found: Sequence[desk_pb2.ClassFields]) -> Iterator[tuple[str, ...]]:
    """Yield which fields of which messages somebody newly reads, or no longer."""
    for one in found:
        gains = words.gettext("reads newly") if one.gained else words.gettext("reads no longer")
        for kind in one.kinds:
            yield gains, Shower(words).words_of(one, "of_class"), words.kind(kind.kind), ", ".join(kind.paths)


async def give_word(visit: Visit) -> Response:
    """Carry the word that the officer's passkey signed to the node; where it is not taken, show the page anew."""
    client = client_of(visit, chosen_desk(visit))
    one, _clock = await _find(visit, client)
    try:
        [approval] = await read_word(visit, client, [subject_of(one)])
        word = desk_pb2.DecidePolicyRequest(
            version=one.version, approval=approval, certificates=visit.officer.certificates
        )
        await client.decide_policy(word)
    except NOT_TAKEN as failed:
        return await show_policy(visit, failed)
    return visit.go(_path(one.version))


ROOM: Final = Room(
    pages=(
        Page("/waiting/policy/{number}", show_policy),
        Page("/waiting/policy/{number}/word", give_word, ("POST",)),
    ),
)
