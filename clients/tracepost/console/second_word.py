"""What every page shares on which a second officer's word is needed: what is asked, who may say what, and how.

    question = Question(title=…, path=…, subjects=…, clock=…, decisions=(Decision.APPROVED, Decision.REFUSED), …)
    return await show_question(visit, client, question, "pages/waiting_release.html", …)

    said = await read_word(visit, client, subjects)     # of the form that such a page sent

A word is signed by a passkey that the officer's certificate endorsed (docs/adr/0036), or with his own key, which no
console has: the page asks the passkey for its word on just what it shows, and has the command. What the passkey signed
is carried to the node, which judges it. A passkey signs one subject at a time: what is asked about several statements
takes a touch for each.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from starlette.responses import Response

from tracepost.console.passkeys import RelyingParty
from tracepost.console.visit import Visit
from tracepost.locale.words import later as _
from tracepost.protocol.approval import Decision, Subject
from tracepost.protocol.errors import (
    ApprovalError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    TracepostError,
)
from tracepost.protocol.ids import decode_b64
from tracepost.sdk import Client
from tracepost.sdk.passkeys import answer_word, ask_word, speaking
from tracepost.wire.v1 import office_pb2

Asked = TypeVar("Asked", office_pb2.Emergency, office_pb2.Deletion)

TOUCHES: Final = 16
"""So often at most a page asks for a touch: more is done at the command line."""
NOT_TAKEN: Final = (ApprovalError, ConflictError, InvalidInputError)
"""Why a word is not taken: the page is shown anew, and says so."""
BOTH: Final = (Decision.APPROVED, Decision.REFUSED)
_DECISIONS: Final = {one.value: one for one in Decision}
_CHANGED: Final = _("It was decided on, or cannot be done any more as you were shown it. Nothing was done.")
_REFUSED: Final = {
    "not-endorsed": _("The passkey does not speak for you any more. Nothing was done."),
    "no-answer": _("That is not the answer of a passkey that speaks for you. Nothing was done."),
    "other-officer": _("Your certificate changed since you were asked. Sign in again. Nothing was done."),
    "too-old": _("Your word is too old. Look at it again and give your word anew. Nothing was done."),
    "no-reason": _("Say why you refuse. Nothing was done."),
}
"""What is said where a word was not taken, by the reason of the refusal."""
_OTHERWISE: Final = _(
    "Your word was not taken ({reason}). Nothing was done. If it stays so, tell your operator this code."
)
# What `protocol.assertion` refuses.
_OF_DEVICE: Final = frozenset(
    (
        *("proof-form", "client-form", "client-type", "challenge", "origin", "cross-origin"),
        *("data-form", "relying-party", "nobody-there", "not-verified", "signature"),
    )
)


@dataclass(frozen=True, slots=True)
class Row:
    """Something that takes a second officer's word, as a line of a list.

    Args:
        path: address of its page.
        kind: what it is.
        about: whom it concerns, or why it is asked.
        by: who asked, "officer-7".
        at: when, RFC 3339.
        state: how it stands, in words.
        is_open: nobody has decided on it.
        is_ours: the word of the officer who looks would do.
        handling: codes of handling instructions.
        exercise: nothing of it is real.
    """

    path: str
    kind: str
    about: str
    by: str
    at: str
    state: str
    is_open: bool
    is_ours: bool
    handling: tuple[str, ...] = ()
    exercise: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """What waits for a word, as a page shows it.

    Args:
        title: what it is.
        back: address that leads back.
        path: address that takes the word.
        subjects: what is signed, one for each touch.
        clock: unix seconds, by which the word is dated: the node's.
        decisions: those that this officer may say; none: the page only shows it.
        is_own: he asked for it himself: he refuses by taking it back.
        facts: what is known of it, label and value; those without a value are left out.
        effects: what happens when it is approved, in sentences.
        commands: by which the officer says it where his key is, by decision.
        wants_reason: who refuses says why.
        carried: what the form brings along.
        asks: words on the button of who asks, and approves what he asks; empty: another asked.
    """

    title: str
    back: str
    path: str
    subjects: Sequence[Subject]
    clock: int
    decisions: Sequence[Decision]
    is_own: bool = False
    facts: Sequence[tuple[str, str]] = ()
    effects: Sequence[str] = ()
    commands: Mapping[Decision, str] = field(default_factory=dict)
    wants_reason: bool = False
    carried: Sequence[tuple[str, str]] = ()
    asks: str = ""


def number_of(visit: Visit) -> int:
    """Return the number in the address of something that was asked; raise `NotFoundError`, if there is none."""
    text: str = visit.request.path_params["number"]
    if not re.fullmatch("[1-9][0-9]{0,8}", text):
        raise NotFoundError(_("There is no such request."), where="address")
    return int(text)


def asked_for(visit: Visit, listed: Iterable[Asked]) -> Asked:
    """Return that one of `listed` whose number is in the address; raise `NotFoundError`, if it is none of them."""
    number = number_of(visit)
    for one in listed:
        if one.number == number:
            return one
    raise NotFoundError(_("There is no such request at your desks."), where="address")


async def show_question(
    visit: Visit,
    client: Client,
    question: Question,
    template: str,
    *,
    failed: TracepostError | None = None,
    **values: Any,
) -> Response:
    """Return the page of what waits for a word; `failed`: why a word on it was not taken."""
    return visit.page(
        template,
        status=422 if failed else 200,
        question=question,
        asked=await _ask(visit, client, question),
        touches=len(question.subjects),
        too_many=len(question.subjects) > TOUCHES,
        failure=failed and _failure(visit, failed),
        reason=visit.field("reason") if failed else "",
        **values,
    )


async def _ask(visit: Visit, client: Client, question: Question) -> dict[str, str]:
    """Return what the browser's script is given for each decision; nothing, where no passkey could say it."""
    if not question.decisions or len(question.subjects) > TOUCHES:
        return {}
    own = [decode_b64(one.credential, "credential") for one in await _own_passkeys(visit, client)]
    return {one.value: _options(visit, question, one, own) for one in question.decisions} if own else {}


def _options(visit: Visit, question: Question, decision: Decision, credentials: Sequence[bytes]) -> str:
    party = RelyingParty(visit.house.settings.host, visit.house.settings.origin)
    certificate = visit.officer.certificates[0]
    asked = [ask_word(one, decision, certificate, question.clock) for one in question.subjects]
    return f"[{','.join(party.ask_for_word(one.challenge, credentials) for one in asked)}]"


async def _own_passkeys(visit: Visit, client: Client) -> list[office_pb2.Passkey]:
    """Return those that speak for the officer at this console."""
    own = speaking(await client.office.list_passkeys(), visit.officer.certificates[0])
    return [one for one in own if one.origin == visit.house.settings.origin]


def _failure(visit: Visit, error: TracepostError) -> str:
    if isinstance(error, ConflictError):
        return visit.text(_CHANGED)
    words = _REFUSED.get("no-answer" if error.reason in _OF_DEVICE else error.reason)
    if words:
        return visit.text(words)
    return visit.text(_OTHERWISE).format(reason=visit.words.alone(error.reason or error.code))


async def read_word(visit: Visit, client: Client, subjects: Sequence[Subject]) -> list[str]:
    """Return the approvals that the officer's passkey signed, one for each subject; they are not verified here.

    Raises:
        InvalidInputError: the form says no decision, or its answers are not of a passkey of his.
    """
    said, time = _DECISIONS.get(visit.field("decision")), visit.field("time")
    if said is None or not re.fullmatch("[0-9]{1,12}", time):
        raise InvalidInputError(_("Say what is to be done with it."), where="decision", reason="no-decision")
    answers, passkeys = _answers(visit, len(subjects)), await _own_passkeys(visit, client)
    certificate = visit.officer.certificates[0]
    asked = [ask_word(one, said, certificate, int(time)) for one in subjects]
    return [answer_word(one, answer, passkeys) for one, answer in zip(asked, answers, strict=True)]


def _answers(visit: Visit, count: int) -> list[str]:
    """Return what the browser gave for each touch, as `PublicKeyCredential.toJSON()`."""
    try:
        told = json.loads(visit.field("credential"))
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, list) or len(told) != count:
        raise InvalidInputError(
            _("It is not the answer of a passkey that speaks for you."), where="passkey", reason="no-answer"
        )
    return [json.dumps(one) for one in told]
