"""What a page offers to choose from: what the node shows this officer, with the words for it.

Each list is asked of the node when the page that offers it is shown; nothing of it is kept.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from tracepost.console.forms.beginning import answerable, sought, still_sought, texts_put
from tracepost.console.forms.correction import parts_of
from tracepost.console.forms.drafts import Draft
from tracepost.console.forms.guides import PANEL_REPLY
from tracepost.console.forms.preview import label_of
from tracepost.console.forms.questions import NOTICE, question_of
from tracepost.console.forms.sheet import Choices
from tracepost.console.showing import moment
from tracepost.console.visit import Visit
from tracepost.locale.values import printable
from tracepost.locale.words import later as _
from tracepost.protocol.schema import INNER_KINDS, Sensitivity
from tracepost.sdk import Client
from tracepost.wire.v1 import desk_pb2, terms_pb2, weapon_pb2

_MOST: Final = 300
_REMINDING: Final = ("REMINDER", "ESCALATED")
"""What only who asked and waits says of how far the work is."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """Who asks for lists, for which draft; the case is asked for once."""

    visit: Visit
    guide: str
    draft: Draft
    client: Client
    view: desk_pb2.CaseView


async def offers_of(
    names: set[str], visit: Visit, guide: str, draft: Draft, client: Client
) -> Mapping[str, Choices]:
    """Return the lists of these names, (value, words) each, as the node gives them to the desk of `draft`."""
    if not names:
        return {}
    view = await client.show_case(draft.case) if draft.case and names & _OF_CASES else desk_pb2.CaseView()
    asked = _Asked(visit, guide, draft, client, view)
    return {name: (await _LISTS[name](asked))[:_MOST] for name in sorted(names)}


async def _desks(asked: _Asked) -> Choices:
    status = await asked.client.get_status()
    return [(one.desk, one.desk) for one in status.desks if one.desk != asked.draft.desk]


async def _custodians(asked: _Asked) -> Choices:
    return await _addresses(asked, "paper:")


async def _correspondents(asked: _Asked) -> Choices:
    return await _addresses(asked, "letter:")


async def _addresses(asked: _Asked, head: str) -> Choices:
    entries = await asked.client.list_addresses()
    return [
        (one.id, f"{printable(one.name)} ({one.id.removeprefix(head)})")
        for one in entries
        if one.id.startswith(head) and not one.retired
    ]


async def _enquiries(asked: _Asked) -> Choices:
    found = (
        asked.view.summary.enquiries if asked.guide == "enquire" else answerable(asked.view, asked.draft.desk)
    )
    return [
        (
            one.enquiry,
            " · ".join(filter(None, map(printable, (one.reference, one.to_desk, one.custodian_name)))),
        )
        for one in found
    ]


async def _items(asked: _Asked) -> Choices:
    """Return the items of a case; none where they are too many to choose from: their numbers are typed then."""
    items = asked.view.summary.items
    return [(one.item_id, one.item_id) for one in items] if len(items) <= _MOST else []


async def _others(asked: _Asked) -> Choices:
    own = asked.visit.house.settings.member
    return [(one, one) for one in asked.view.summary.members if one != own]


async def _asked_of_us(asked: _Asked) -> Choices:
    """Return every kind of information; what others asked of us in the case comes first, and is marked."""
    own, words = asked.visit.house.settings.member, asked.visit.words
    others = [one.content.information_request for one in asked.view.statements if one.from_member != own]
    wanted = {terms_pb2.InformationCode.Name(need.code) for one in others for need in one.needed}
    codes = sorted(question_of("~supplied").codes, key=lambda one: f"INFORMATION_CODE_{one}" not in wanted)
    mark = asked.visit.text(_("asked for"))
    named = [(one, words.coded("InformationCode", one)) for one in codes]
    return [
        (one, f"{said[:1].upper()}{said[1:]}" + (f" ({mark})" if f"INFORMATION_CODE_{one}" in wanted else ""))
        for one, said in named
    ]


async def _losses(asked: _Asked) -> Choices:
    return _coded(asked, "LossStatus", "LOST", "STOLEN")


async def _ends_of_losses(asked: _Asked) -> Choices:
    return _coded(asked, "LossStatus", "RECOVERED", "CANCELLED")


def _coded(asked: _Asked, name: str, *codes: str) -> Choices:
    return [(one, asked.visit.words.coded(name, one)) for one in codes]


async def _reminders(asked: _Asked) -> Choices:
    return _coded(asked, "ProcessingState", *_REMINDING)


async def _progress(asked: _Asked) -> Choices:
    codes = question_of("content.status.state").codes
    return _coded(asked, "ProcessingState", *(one for one in codes if one not in _REMINDING))


async def _sought(asked: _Asked) -> Choices:
    still = sought(asked.view, str(asked.visit.house.settings.member))
    return [(one.id, one.id) for one in still.items]


async def _seen(asked: _Asked) -> Choices:
    """Return what is sought by the notice that the form began with, each item with its marks.

    Items of a later notice may have the same numbers: what is chosen here goes out as an item of just this one.
    """
    words, notice = asked.visit.words, asked.draft.answers.first(NOTICE)
    return [
        (one.id, " · ".join(map(words.alone, filter(None, (one.id, *_names_of(one))))))
        for one in still_sought(asked.view, notice)
    ]


def _names_of(item: weapon_pb2.Item) -> list[str]:
    thing, serials = item.object, item.serial_range
    numbers = [
        serials.from_serial,
        serials.to_serial,
        item.ammunition.lot_number,
        item.packaging.crate_number,
    ]
    return [
        printable(one) for one in (thing.make, thing.model, *(m.text_as_seen for m in thing.mark), *numbers)
    ]


async def _statements(asked: _Asked) -> Choices:
    return [
        (one.statement, _told(asked.visit, one))
        for one in asked.view.statements
        if one.kind not in INNER_KINDS
    ]


def _told(visit: Visit, one: desk_pb2.StatementView) -> str:
    return f"{visit.words.kind(one.kind)} · {one.from_member} · {moment(one.issued_at)}"


async def _own_statements(asked: _Asked) -> Choices:
    own = asked.visit.house.settings.member
    return [
        (one.statement, _told(asked.visit, one))
        for one in asked.view.statements
        if one.from_member == own and one.kind not in INNER_KINDS
    ]


async def _corrected(asked: _Asked) -> Choices:
    own = str(asked.visit.house.settings.member)
    item, parts = asked.visit.text(_("Item")), list(parts_of(asked.view, own, asked.guide))
    told = [
        f"{item} {asked.visit.words.alone(one.item_id)} · {_told(asked.visit, one.statement)}"
        for one in parts
    ]
    return [
        (one.name, words if told.count(words) == 1 else f"{words} ({told[:index].count(words) + 1})")
        for index, (one, words) in enumerate(zip(parts, told, strict=True))
    ]


async def _classes(asked: _Asked) -> Choices:
    return [(one, asked.visit.words.coded("Sensitivity", one)) for one in _CLASSES]


_CLASSES: Final = tuple(str(one) for one in Sensitivity)


async def _messages(asked: _Asked) -> Choices:
    ours = asked.view.summary.opened_by == asked.visit.house.settings.member
    repeats = [("request", _REPEATS)] if ours and asked.guide == "letter" else []
    return [(code, asked.visit.text(words)) for code, words in (*repeats, *_MESSAGES)]


async def _replies(asked: _Asked) -> Choices:
    put = any(one.content.panel_request.excerpts for one in asked.view.statements)
    kinds = _REPLIES if put else _REPLIES[:-1]
    return [(code, asked.visit.text(words)) for code, words in kinds]


async def _texts_put(asked: _Asked) -> Choices:
    return [(name, f"{name}: {printable(words)}") for name, words in texts_put(asked.view).items()]


async def _panel_replies(asked: _Asked) -> Choices:
    return [(one.statement, _told(asked.visit, one)) for one in _told_by_states(asked.view)]


async def _told_in_replies(asked: _Asked) -> Choices:
    """Return what of replies a text can tell: an answer on one item, the explanation, a company."""
    replies = [one.content.panel_reply for one in _told_by_states(asked.view)]
    words = asked.visit.words
    paths = {
        f"{name}.{index}": label_of(f"{name}.{index}", words)
        for reply in replies
        for name, entries in (("answers", reply.answers), ("companies", reply.companies))
        for index in range(len(entries))
    }
    if any(one.explanation for one in replies):
        paths["explanation"] = label_of("explanation", words)
    return list(paths.items())


def _told_by_states(view: desk_pb2.CaseView) -> list[desk_pb2.StatementView]:
    return [one for one in view.statements if one.kind == PANEL_REPLY]


_REPLIES: Final = (
    ("answer", _("An answer")),
    ("refusal", _("No answer, and why")),
    ("texts", _("Which texts may be printed")),
)
_REPEATS: Final = _("The request of this case, as far as that office may get it")
_MESSAGES: Final = (
    ("response", _("An answer")),
    ("information-request", _("That something is missing")),
    ("status", _("How far the work is")),
    ("delay", _("That the answer comes later")),
    ("refusal", _("A refusal")),
)
_LISTS: Final[Mapping[str, Callable[[_Asked], Awaitable[Choices]]]] = MappingProxyType(
    {
        "asked-of-us": _asked_of_us,
        "desks": _desks,
        "custodians": _custodians,
        "corrected": _corrected,
        "correspondents": _correspondents,
        "enquiries": _enquiries,
        "items": _items,
        "losses": _losses,
        "ends-of-losses": _ends_of_losses,
        "messages": _messages,
        "others": _others,
        "progress": _progress,
        "reminders": _reminders,
        "own-statements": _own_statements,
        "seen": _seen,
        "sought": _sought,
        "statements": _statements,
        "classes": _classes,
        "replies": _replies,
        "texts-put": _texts_put,
        "panel-replies": _panel_replies,
        "told-in-replies": _told_in_replies,
    }
)
_OF_CASES: Final = frozenset(
    {
        *(
            "asked-of-us",
            "corrected",
            "enquiries",
            "items",
            "messages",
            "others",
            "own-statements",
            "statements",
        ),
        *("seen", "sought", "replies", "texts-put", "panel-replies", "told-in-replies"),
    }
)
