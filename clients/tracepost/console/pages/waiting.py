"""What waits for an officer: mail of ours that a second officer must see, and mail of others that nobody expected.

A second officer's word is signed by a passkey that his certificate endorsed (docs/adr/0036), or with his own key, which
no console has: the page asks the passkey for its word on just the message that it shows, and has the command. What the
passkey signed is carried to the node, which judges it. Held mail is taken up or set aside here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.responses import Response

from tracepost.console.drafting import chosen_desk, client_of
from tracepost.console.forms.preview import Line, label_of
from tracepost.console.pages.enclosures import files_of, pictures_of, require_statement
from tracepost.console.passkeys import RelyingParty
from tracepost.console.pictures import SIDE
from tracepost.console.rooms import Entry, Page, Room
from tracepost.console.showing import Shower
from tracepost.console.visit import Visit
from tracepost.locale.values import printable, value_words
from tracepost.locale.words import later as _
from tracepost.protocol.approval import Decision, of_statement
from tracepost.protocol.errors import ApprovalError, ConflictError, InvalidInputError, TracepostError
from tracepost.protocol.ids import decode_b64, parse_digest
from tracepost.protocol.schema import flatten
from tracepost.sdk import Client, message_of
from tracepost.sdk.passkeys import answer_word, ask_word, speaking
from tracepost.wire.v1 import desk_pb2, office_pb2

_UNSENT: Final = frozenset(
    {desk_pb2.RELEASE_STATE_WAITING_FOR_SECOND_OFFICER, desk_pb2.RELEASE_STATE_DELAYED}
)
_DECISIONS: Final = {one.value: one for one in Decision}
_CHANGED: Final = _(
    "This message was decided on, or cannot go any more as you were shown it. Nothing was done."
)
_REFUSED: Final = {
    "not-endorsed": _("The passkey does not speak for you any more. Nothing was done."),
    "no-answer": _("That is not the answer of a passkey that speaks for you. Nothing was done."),
    "other-officer": _("Your certificate changed since you were asked. Sign in again. Nothing was done."),
    "too-old": _(
        "Your word is too old. Look at the message again and give your word anew. Nothing was done."
    ),
    "no-reason": _("Say why you refuse. Nothing was done."),
}
"""What is said where a word was not taken, by the reason of the refusal."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A release or a held message as a row: what it is about, and how it stands in words."""

    number: str
    kind: str
    others: str
    at: str
    state: str
    ours: bool = False
    exercise: bool = False


async def show_waiting(visit: Visit) -> Response:
    """Show both lists."""
    client = client_of(visit, chosen_desk(visit))
    releases = (await client.office.list_releases()).releases
    return visit.page(
        "pages/waiting.html",
        releases=[_release(visit, one) for one in releases],
        held=[_held(visit, one) for one in await client.list_held()],
    )


def _release(visit: Visit, line: office_pb2.ReleaseLine) -> Waiting:
    state = office_pb2.ReleaseLine.DESCRIPTOR.fields_by_name["state"]
    code = _code(state, line.state)
    return Waiting(
        line.statement,
        visit.words.kind(line.kind),
        ", ".join(line.to),
        line.written_at,
        visit.words.coded("ReleaseState", code),
        line.yours_to_decide,
    )


def _code(described: Any, number: int) -> str:
    enum = described.enum_type
    return str(enum.values_by_number[number].name.removeprefix("RELEASE_STATE_"))


def _held(visit: Visit, mail: desk_pb2.HeldMail) -> Waiting:
    reason = visit.words.coded("held", mail.reason)
    return Waiting(
        mail.envelope_id,
        visit.words.kind(mail.kind),
        mail.from_member,
        mail.received_at,
        reason,
        exercise=mail.exercise,
    )


async def show_release(visit: Visit, failed: TracepostError | None = None) -> Response:
    """Show one message of ours that waits, as the officer's desk sees it; the node logs the look.

    `failed`: why a word on it was not taken.
    """
    statement = visit.request.path_params["statement"]
    require_statement(statement)
    client = client_of(visit, chosen_desk(visit))
    view = await client.office.show_release(statement)
    is_own = view.line.written_by == f"officer-{visit.officer.number}" and view.line.state in _UNSENT
    passkeys = await _own_passkeys(visit, client) if is_own or view.line.yours_to_decide else []
    message, shower = message_of(view.shown.content), Shower(visit.words)
    enclosed = desk_pb2.CaseView(statements=[view.shown] if view.line.yours_to_decide else [])
    lines = [
        Line(one.path, label_of(one.path, visit.words), value_words(one.value, visit.words))
        for one in (flatten(message) if message is not None else ())
    ]
    return visit.page(
        "pages/waiting_release.html",
        row=_release(visit, view.line),
        line=view.line,
        written_by=printable(view.line.written_by),
        lines=lines,
        pictures=pictures_of(shower, enclosed),
        files=files_of(shower, enclosed),
        side=SIDE,
        status=422 if failed else 200,
        failure=failed and _failure(visit, failed),
        is_own=is_own,
        decided_by=printable(view.line.decided_by),
        log_entry=f"#{view.line.log_index}" if view.line.HasField("log_index") else "",
        clock=view.clock,
        asked={one.value: _ask(visit, view, one, passkeys) for one in Decision} if passkeys else {},
        hidden=sum(one.fields for one in view.shown.hidden),
        exercise=view.shown.exercise,
    )


def _ask(
    visit: Visit, view: office_pb2.ReleaseView, decision: Decision, passkeys: Sequence[office_pb2.Passkey]
) -> str:
    """Return what the browser's script is given for this word on what is shown."""
    subject = of_statement(parse_digest(view.line.statement))
    asked = ask_word(subject, decision, visit.officer.certificates[0], view.clock)
    credentials = [decode_b64(one.credential, "credential") for one in passkeys]
    party = RelyingParty(visit.house.settings.host, visit.house.settings.origin)
    return party.ask_for_word(asked.challenge, credentials)


async def _own_passkeys(visit: Visit, client: Client) -> list[office_pb2.Passkey]:
    """Return those that speak for the officer at this console."""
    own = speaking(await client.office.list_passkeys(), visit.officer.certificates[0])
    return [one for one in own if one.origin == visit.house.settings.origin]


def _failure(visit: Visit, error: TracepostError) -> str:
    if isinstance(error, ConflictError):
        return visit.text(_CHANGED)
    if error.reason in _REFUSED:
        return visit.text(_REFUSED[error.reason])
    return f"{visit.words.coded('error', error.code)}: {error.message}"


async def give_word(visit: Visit) -> Response:
    """Carry the word that the officer's passkey signed to the node; where it is not taken, show the page anew."""
    statement = visit.request.path_params["statement"]
    require_statement(statement)
    client = client_of(visit, chosen_desk(visit))
    try:
        await client.office.decide_release(await _read_word(visit, client, statement))
    except (ApprovalError, ConflictError, InvalidInputError) as failed:
        return await show_release(visit, failed)
    return visit.go(f"/waiting/release/{statement}")


async def _read_word(visit: Visit, client: Client, statement: str) -> office_pb2.DecideReleaseRequest:
    said, time = _DECISIONS.get(visit.field("decision")), visit.field("time")
    if said is None or not re.fullmatch("[0-9]{1,12}", time):
        raise InvalidInputError("Say what is to be done with it.", where="decision", reason="no-decision")
    certificates = visit.officer.certificates
    asked = ask_word(of_statement(parse_digest(statement)), said, certificates[0], int(time))
    return office_pb2.DecideReleaseRequest(
        statement=statement,
        approval=answer_word(asked, visit.field("credential"), await _own_passkeys(visit, client)),
        certificates=certificates,
        reason=visit.field("reason") or None,
    )


async def decide_held(visit: Visit) -> Response:
    """Take held mail up, or set it aside."""
    envelope, said = visit.field("envelope"), visit.field("decision")
    if said not in ("take-up", "set-aside"):
        raise InvalidInputError("Say what is to be done with it.", where="decision", reason="no-decision")
    client = client_of(visit, chosen_desk(visit))
    thread = await client.decide_held(envelope, take_up=said == "take-up")
    return visit.go(f"/cases/{thread}" if thread and said == "take-up" else "/waiting")


ROOM: Final = Room(
    pages=(
        Page("/waiting", show_waiting),
        Page("/waiting/release/{statement}", show_release),
        Page("/waiting/release/{statement}/word", give_word, ("POST",)),
        Page("/waiting/held", decide_held, ("POST",)),
    ),
    menu=(Entry(_("Waiting"), "/waiting", order=40),),
)
