"""The audit trail: who did what at the node, the newest first; of everybody, or of one officer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from starlette.responses import Response

from tracepost.console.refusals import BY_REASON
from tracepost.console.rooms import Entry, Page, Room
from tracepost.console.showing import moment, printable
from tracepost.console.visit import Visit
from tracepost.locale.words import Words
from tracepost.locale.words import later as _
from tracepost.protocol.errors import all_errors
from tracepost.wire.v1 import desk_pb2

ACTIONS: Final[Mapping[str, str]] = {
    "archive": _("put into the archive"),
    "archive-restore": _("taken back from the archive"),
    "block": _("member blocked"),
    "block-propose": _("proposed to block a member"),
    "break-glass": _("Read against a refusal"),
    "break-glass-ask": _("asked to overrule the gate"),
    "break-glass-grant": _("gate overruled for a day"),
    "break-glass-refuse": _("overruling the gate refused"),
    "call": _("asked the node"),
    "case-assign": _("case assigned"),
    "case-put-on": _("desk put on a case"),
    "case-take-off": _("desk taken off a case"),
    "clock-behind": _("came with an old date"),
    "defer": _("not taken in yet"),
    "delete": _("deleted"),
    "delete-approve": _("deletion approved"),
    "delete-ask": _("deletion asked for"),
    "delete-due": _("carried out after its delay"),
    "delete-refuse": _("deletion refused"),
    "delete-take-back": _("deletion no longer asked for"),
    "deputy-approve": _("deputy approved"),
    "deputy-end": _("deputy ended"),
    "deputy-propose": _("deputy proposed"),
    "doubt-receipt": _("receipt doubted"),
    "hand-in": _("file handed in"),
    "import-register": _("brought into the register"),
    "incomplete": _("came incomplete"),
    "list-file": _("list taken as a file"),
    "match-register": _("compared with the register"),
    "object-check": _("weapon checked"),
    "offer-again": _("offered to the relay again"),
    "officer-add": _("officer written down"),
    "officer-leave": _("officer left"),
    "passkey-end": _("passkey ended"),
    "passkey-endorse": _("passkey endorsed"),
    "policy-activate": _("policy put in force"),
    "policy-propose": _("policy proposed"),
    "policy-refuse": _("policy refused"),
    "policy-withdraw": _("policy taken back"),
    "pouch-pack": _("pouch packed"),
    "pouch-unpack": _("pouch unpacked"),
    "print": _("Print"),
    "refuse": _("mail refused"),
    "refuse-papers": _("papers refused"),
    "release": _("released by a second officer"),
    "release-delay": _("delayed for want of a second officer"),
    "release-due": _("gone after its delay"),
    "release-refuse": _("stopped by a second officer"),
    "release-take-back": _("taken back by who wrote it"),
    "release-void": _("can no longer be released"),
    "report": _("statistics read"),
    "reroute": _("sent by another road"),
    "resend": _("sent again"),
    "resume": _("connection taken up again"),
    "search": _("Search"),
    "set-aside": _("held mail set aside"),
    "submit": _("sent"),
    "submit-waits": _("waits for a second officer"),
    "take-up": _("held mail taken up"),
    "unblock": _("member no longer blocked"),
}
"""What a node's audit trail calls what was done, in words; what else it names is shown as it stands there."""
_EVENTS: Final = {"open": "opened", "export": "exported"}
"""What a timeline has words for under another name."""
_DONE: Final = _("done")
_ERRORS: Final = frozenset(one.code for one in all_errors())
_ROWS: Final = 60
_LOOKED_AT: Final = 1_000
_NUMBER: Final = re.compile(r"[0-9]{1,18}")


async def show_trail(visit: Visit) -> Response:
    """Show the newest events below a number, or all of the newest thousand that concern one officer."""
    asked = visit.request.query_params
    before, officer = _number(asked.get("before", "")), _number(asked.get("officer", ""))
    events = await visit.client.list_audit(
        before=int(before or 0), page_size=_LOOKED_AT if officer else _ROWS
    )
    member = visit.officer.officer.member
    shown = [one for one in events if not officer or _concerns(one, officer, member)][:_ROWS]
    last = shown[-1].number if len(shown) == _ROWS else events[-1].number if events else 0
    return visit.page(
        "pages/trail.html",
        rows=[_row(visit.words, one) for one in shown],
        officer=officer,
        own=visit.officer.number,
        older=last if last > 1 else 0,
        looked=len(events),
    )


def _row(words: Words, one: desk_pb2.AuditEvent) -> tuple[str, ...]:
    return (
        str(one.number),
        moment(one.at),
        printable(one.actor),
        _action(words, printable(one.action)),
        printable(one.subject),
        _outcome(words, printable(one.outcome)),
    )


def _action(words: Words, code: str) -> str:
    known = ACTIONS.get(code)
    return words.gettext(known) if known else words.coded("event", _EVENTS.get(code, code))


def _outcome(words: Words, said: str) -> str:
    """Return words for how it ended: done, or refused and why; a name or number stays as it is."""
    code, _slash, reason = said.partition("/")
    if code in _ERRORS:
        why = BY_REASON.get((code, reason))
        told = words.coded("error", code)
        return f"{told} {words.gettext(why)}" if why else f"{told} ({reason})" if reason else told
    return words.gettext(_DONE) if said == "ok" else said


def _concerns(one: desk_pb2.AuditEvent, officer: str, member: str) -> bool:
    """Say whether an officer did it, himself or by a console, or it was decided about him, such as a deputy's days."""
    label = f"officer-{officer}"
    return one.actor.split(" ", 1)[0] in (label, f"{label}.{member}") or one.subject == label


def _number(text: str) -> str:
    return text if _NUMBER.fullmatch(text) else ""


ROOM: Final = Room(
    pages=(Page("/trail", show_trail),),
    menu=(Entry(_("Audit trail"), "/trail", order=80, of_every_case=True),),
)
