"""The pages of an object check: whether objects stand in another State's records, and what came of each."""

from __future__ import annotations

from typing import Final

from tracepost.console.forms.request_guide import mark_asks
from tracepost.console.forms.steps import Ask, Guide, Step, Way
from tracepost.locale.words import later as _

_LAST: Final = Step("check", _("Check what you say"), way=Way.CHECK)
_CHECK: Final = "content.object_check"
_OBJECT: Final = f"{_CHECK}.items.{{0}}"

CHECK_OBJECTS: Final = Guide(
    "object-check",
    _("Ask whether an object is in records"),
    "object_check",
    (
        Step(
            "to",
            _("Whom do you ask?"),
            (
                Ask("to", title=_("Members that are asked"), needed=True),
                Ask(f"{_CHECK}.file_number", hint=_("Number of the case at your own office.")),
                Ask(f"{_CHECK}.reply_by"),
                Ask(f"{_CHECK}.handling_instructions"),
                Ask("purpose", needed=True),
                Ask("legal_basis", needed=True),
            ),
            lead=_(
                "Only the objects are told, and what it is for: nothing of where they were found, and of nobody."
            ),
            after="items",
        ),
        Step(
            "items",
            _("Objects that you ask about"),
            way=Way.LIST,
            entry="item",
            path=f"{_CHECK}.items",
            another=_("Do you want to add another item?"),
        ),
        Step(
            "item",
            _("Describe it"),
            (
                Ask(
                    f"{_OBJECT}.id",
                    title=_("Number of the item in this request"),
                    hint=_("Answers name the item by it."),
                ),
                Ask(f"{_OBJECT}.category"),
                Ask(f"{_OBJECT}.make", hint=_("As marked. A weapon may bear the marks of several makers.")),
                Ask(f"{_OBJECT}.model"),
                Ask(f"{_OBJECT}.calibre_as_marked", hint=_("As stamped, with every sign.")),
            ),
            depth=1,
            after="marks",
        ),
        Step(
            "marks",
            _("Marks on this item"),
            depth=1,
            way=Way.LIST,
            entry="mark",
            path=f"{_OBJECT}.mark",
            another=_("Do you want to add another mark?"),
            after="items",
            lead=_("At least one: an object is looked for by its marks."),
        ),
        Step("mark", _("One mark"), mark_asks(f"{_OBJECT}.mark.{{1}}"), depth=2, after="marks"),
        _LAST,
    ),
    opens=True,
)

_REPLY: Final = "content.object_check_reply"
ANSWER_CHECK: Final = Guide(
    "check-reply",
    _("Say whether the objects are in your records"),
    "object_check_reply",
    (
        Step(
            "about",
            _("Whom to ask for more"),
            (
                Ask(f"{_REPLY}.file_number", hint=_("Number of the case at your own office.")),
                *(
                    Ask(f"{_REPLY}.follow_up.{name}")
                    for name in ("organisation", "unit", "telephone", "mailbox")
                ),
            ),
            lead=_("An office, never a person. It is needed where something is found."),
            after="outcomes",
        ),
        Step(
            "outcomes",
            _("Items"),
            way=Way.LIST,
            entry="outcome",
            path=f"{_REPLY}.outcomes",
            lead=_("Each object has a result. What your records say of it is asked for by a request."),
        ),
        Step(
            "outcome",
            _("What came of one object"),
            (Ask(f"{_REPLY}.outcomes.{{0}}.result"),),
            depth=1,
            after="outcomes",
        ),
        _LAST,
    ),
)
