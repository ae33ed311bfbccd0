"""The pages of each kind of message, in the order in which an officer thinks; one thing a page.

A guide is a table: steps, and in each the fields that it asks for. What a field is called, how it is
answered and which rule it has comes from the wire schema and the catalogues; here stands the order, and what
an officer should know beside it. `{0}` and `{1}` in a path are the numbers of the step's list entries.

    >>> step = GUIDES["request"].step("mark")
    >>> [ask.path.format(0, 2) for ask in step.asks][1]
    'content.trace_request.items.0.object.mark.2.text_as_seen'

Not done here: what a case says already (`beginning`), and what follows from what was typed (`finishing`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from tracepost.console.forms import (
    case_guides,
    check_guides,
    correction_guides,
    inquiry_guides,
    notice_guides,
    onward_guides,
    panel_guides,
    request_guide,
)
from tracepost.console.forms.beginning import answerable, sought, sought_by_others
from tracepost.console.forms.correction import CORRECTING, parts_of
from tracepost.console.forms.steps import Guide
from tracepost.protocol.schema import OPENING_KINDS
from tracepost.wire.v1 import desk_pb2

GUIDES: Final[Mapping[str, Guide]] = MappingProxyType(
    {
        one.name: one
        for one in (
            request_guide.REQUEST,
            notice_guides.SEIZURE,
            notice_guides.LOSS,
            case_guides.ACKNOWLEDGE,
            case_guides.ASK,
            case_guides.SUPPLY,
            case_guides.ANSWER,
            case_guides.REFUSE,
            case_guides.DELAY,
            case_guides.REDIRECT,
            case_guides.REFER,
            case_guides.STATUS,
            case_guides.REMIND,
            case_guides.CLOSE,
            inquiry_guides.ENQUIRE,
            inquiry_guides.FINDING,
            inquiry_guides.LETTER,
            inquiry_guides.TRANSCRIBE,
            notice_guides.END_LOSS,
            notice_guides.HIT,
            onward_guides.SHARE,
            onward_guides.CONSENT,
            onward_guides.CLARIFY,
            correction_guides.CORRECT_ANSWER,
            correction_guides.CORRECT_ITEM,
            onward_guides.AMEND,
            onward_guides.WITHDRAW,
            check_guides.CHECK_OBJECTS,
            check_guides.ANSWER_CHECK,
            panel_guides.ASK_AS_PANEL,
            panel_guides.DOCUMENT,
            panel_guides.PUT_TEXTS,
            panel_guides.REPLY_TO_PANEL,
        )
    }
)
"""Name in the address → guide."""

ANSWERING: Final = ("acknowledge", "ask", "answer", "status", "delay", "redirect", "refer", "refuse")
"""What is said in a case that others asked in."""
ASKING: Final = ("supply", "close")
"""What is said in a case that we asked in, and while we wait, `remind`."""
EITHER: Final = (
    *(
        "hit",
        "loss-end",
        "clarify",
        "correct-answer",
        "correct-item",
        "amend",
        "withdraw",
        "share",
        "consent",
    ),
    *("enquire", "finding", "letter", "transcribe"),
)
"""What either side says in a case, some of it inside its own State."""
OF_TOLD: Final = ("acknowledge", "ask", "status", "close")
"""What is said in a case in which something was told and nothing asked: a seizure, a loss, what a panel documented."""
_ASKING_KINDS: Final = frozenset({"trace.request/1", "trace.referral/1"})
OF_PANELS: Final = ("panel-reply", "acknowledge", "ask", "status")
"""What is said in a case that a panel asked in; `panel-print`, `supply` and `status` by the panel."""
OBJECT_CHECK: Final = "object.check/1"
PANEL_REQUEST: Final = "panel.request/1"
PANEL_REPLY: Final = "panel.reply/1"
INFORMATION_REQUEST: Final = "trace.information-request/1"


def openings(*, of_panel: bool, of_operation: bool = False) -> list[Guide]:
    """Return what a desk can say without a case, and makes one: that of a panel, of a peace operation, or another."""
    by_panels = [panel_guides.ASK_AS_PANEL, panel_guides.DOCUMENT]
    if of_panel:
        return by_panels
    others = [one for one in GUIDES.values() if one.opens and one not in by_panels]
    return [*others, panel_guides.DOCUMENT] if of_operation else others


def said_in(view: desk_pb2.CaseView, member: str, desk: str) -> list[Guide]:
    """Return what `desk` of `member` can say in a case; the node judges what is said.

    Who was asked inside the State, and is not on the case itself, says what it found and nothing else.
    """
    found = answerable(view, desk)
    names = [name for name in EITHER if name != "finding" or found]
    names = [name for name in names if name != "loss-end" or sought(view, member).items]
    names = [name for name in names if name != "hit" or sought_by_others(view, member)[1]]
    names = [name for name in names if name not in CORRECTING or any(parts_of(view, member, name))]
    if found and not any(one.kind in OPENING_KINDS for one in view.statements):
        names = ["finding"]
    else:
        names = [*_of_sides(view, ours=view.summary.opened_by == member), *names]
        names = [name for name in names if name != "supply" or _is_asked_for_more(view, member)]
    return [GUIDES[name] for name in names]


def _is_asked_for_more(view: desk_pb2.CaseView, member: str) -> bool:
    """Say whether another member asked in a case for what is missing: else there is nothing to give."""
    return any(one.kind == INFORMATION_REQUEST and one.from_member != member for one in view.statements)


def _of_sides(view: desk_pb2.CaseView, *, ours: bool) -> Sequence[str]:
    """Return what the side that asked says, or the other one."""
    kinds = {one.kind for one in view.statements}
    reminding = ("remind",) if _waits(view.summary) else ()
    if view.summary.opened_with == OBJECT_CHECK:
        return (*reminding, "status") if ours else ("check-reply", "status")
    if view.summary.opened_with != PANEL_REQUEST:
        is_asked = not _ASKING_KINDS.isdisjoint({view.summary.opened_with, *kinds})
        return (*reminding, *ASKING) if ours else ANSWERING if is_asked else OF_TOLD
    if not ours:
        return OF_PANELS
    printing = ("panel-print",) if PANEL_REPLY in kinds else ()
    return (*printing, *reminding, "supply", "status")


def _waits(summary: desk_pb2.CaseSummary) -> bool:
    """Say whether others have still to answer, even while we owe them a word ourselves."""
    if summary.state != desk_pb2.CASE_STATE_WAITING_FOR_US:
        return summary.state == desk_pb2.CASE_STATE_WAITING_FOR_THEM
    return any(item.asked and not any(one.final for one in item.answers) for item in summary.items)
