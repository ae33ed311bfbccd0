"""The pages of what a panel asks and documents, of what a State tells it, and of texts that are to be printed.

A panel is no law enforcement, and it publishes: no page here asks for a person or a case file, and each State is
asked in a case of its own.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tracepost.console.forms.answer_steps import answer_steps
from tracepost.console.forms.request_guide import (
    COUNTRY_HINT,
    DATE_HINT,
    item_steps,
    numbered,
    photograph_step,
)
from tracepost.console.forms.steps import Ask, Guide, Step, Way
from tracepost.locale.words import later as _

_CHECK: Final = Step("check", _("Check what you say"), way=Way.CHECK)
_REQUEST: Final = "content.panel_request"


def _item_steps(head: str) -> tuple[Step, ...]:
    """Return the pages of the items of the message at `head`, as of a request for a trace; a panel has no case file."""
    items, item, thing, marks, mark = item_steps(head)
    told = tuple(one for one in item.asks if not one.path.endswith("exhibit_number"))
    return (
        replace(items, title=_("What you documented"), after="seen"),
        numbered(replace(item, asks=told), head),
        thing,
        replace(marks, after="photographs"),
        mark,
        photograph_step(head),
    )


ASK_AS_PANEL: Final = Guide(
    "panel-ask",
    _("Ask a State as a panel"),
    "panel_request",
    (
        Step(
            "to",
            _("Whom do you ask?"),
            (Ask("to", title=_("State"), needed=True, one=True),),
            lead=_(
                "One State. Each is asked in a case of its own, so that none sees what others are asked. It goes to "
                "its Permanent Mission where it has such a desk."
            ),
            after="mandate",
        ),
        Step(
            "mandate",
            _("For whom you ask, and until when"),
            (
                Ask(f"{_REQUEST}.file_number", hint=_("Number of the case at your own office.")),
                Ask(f"{_REQUEST}.panel", hint=_("Its name as the State knows it.")),
                Ask(f"{_REQUEST}.mandate_resolution", hint=_("For example, S/RES/1234 (2001).")),
                Ask(f"{_REQUEST}.mandate_until"),
                Ask(f"{_REQUEST}.reply_by", needed=True),
                Ask(f"{_REQUEST}.report_on"),
            ),
            after="items",
        ),
        *_item_steps(_REQUEST),
        Step(
            "seen",
            _("What you ask, and where it was seen"),
            (
                Ask(f"{_REQUEST}.question", needed=True),
                Ask(f"{_REQUEST}.questions"),
                Ask(f"{_REQUEST}.embargo_context", needed=True),
                Ask(f"{_REQUEST}.observed_on", hint=DATE_HINT),
                Ask(f"{_REQUEST}.observed_country", hint=COUNTRY_HINT),
                Ask(f"{_REQUEST}.observed_region", hint=_("A region, never an exact place.")),
            ),
            lead=_("Name no person and nothing of a case file."),
            after="publication",
        ),
        Step(
            "publication",
            _("What becomes of the answer"),
            (
                Ask(f"{_REQUEST}.publication_intent"),
                Ask(f"{_REQUEST}.confidentiality"),
                Ask(f"{_REQUEST}.handling_instructions"),
                *(
                    Ask(f"{_REQUEST}.office.{name}")
                    for name in ("organisation", "unit", "telephone", "mailbox")
                ),
            ),
            lead=_("Before anything is printed, the State is shown its exact words and decides."),
        ),
        _CHECK,
    ),
    opens=True,
)

_DOCUMENT: Final = "content.documented_item"
DOCUMENT: Final = Guide(
    "documented",
    _("Tell what you documented"),
    "documented_item",
    (
        Step(
            "to",
            _("Whom do you tell?"),
            (Ask("to", title=_("To"), needed=True),),
            lead=_("Nothing is asked by it, and nothing is owed for it."),
            after="mandate",
        ),
        Step(
            "mandate",
            _("For whom you documented it"),
            (
                Ask(f"{_DOCUMENT}.file_number", hint=_("Number of the case at your own office.")),
                Ask(f"{_DOCUMENT}.documented_by", title=_("Panel or peace operation")),
                Ask(f"{_DOCUMENT}.mandate_resolution", hint=_("For example, S/RES/1234 (2001).")),
            ),
            after="items",
        ),
        *_item_steps(_DOCUMENT),
        Step(
            "seen",
            _("Where and with whom it was"),
            (
                Ask(f"{_DOCUMENT}.custody_context"),
                Ask(f"{_DOCUMENT}.documented_on", hint=DATE_HINT),
                Ask(f"{_DOCUMENT}.country", hint=COUNTRY_HINT),
                Ask(f"{_DOCUMENT}.region", hint=_("A region, never an exact place.")),
                Ask(f"{_DOCUMENT}.packaging", hint=_("And what stood on it.")),
                Ask(f"{_DOCUMENT}.embargo_context"),
                Ask(f"{_DOCUMENT}.summary"),
            ),
            lead=_("Name no person and nothing of a case file."),
            after="verified",
        ),
        Step(
            "verified",
            _("How far it is verified, and who may read it"),
            (
                Ask(f"{_DOCUMENT}.verification"),
                Ask(f"{_DOCUMENT}.verifier"),
                Ask(f"{_DOCUMENT}.verified_on", hint=DATE_HINT),
                Ask(f"{_DOCUMENT}.confidentiality"),
                Ask(f"{_DOCUMENT}.handling_instructions"),
                *(
                    Ask(f"{_DOCUMENT}.office.{name}")
                    for name in ("organisation", "unit", "telephone", "mailbox")
                ),
            ),
        ),
        _CHECK,
    ),
    opens=True,
)

_EXCERPT: Final = f"{_REQUEST}.excerpts.{{0}}"
PUT_TEXTS: Final = Guide(
    "panel-print",
    _("Ask whether a text may be printed"),
    "panel_request",
    (
        Step(
            "texts",
            _("Texts that you mean to print"),
            way=Way.LIST,
            entry="text",
            path=f"{_REQUEST}.excerpts",
            beside=f"{_REQUEST}.texts",
            another=_("Do you want to add another text?"),
            after="about",
        ),
        Step(
            "text",
            _("One text"),
            (
                Ask(
                    f"{_REQUEST}.texts.{{0}}.text",
                    title=_("The text, word by word"),
                    hint=_("Exactly as it is to be printed. Without the consent of the State it is not."),
                    needed=True,
                ),
                Ask(
                    f"{_EXCERPT}.text_id",
                    title=_("Short name of the text"),
                    hint=_("For example, p1. The decision names the text by it."),
                ),
                Ask(
                    f"{_EXCERPT}.statement_digest",
                    title=_("Reply that it tells"),
                    needed=True,
                    offers="panel-replies",
                ),
                Ask(
                    f"{_EXCERPT}.field_paths",
                    title=_("What of the reply it tells"),
                    needed=True,
                    offers="told-in-replies",
                ),
            ),
            depth=1,
            after="texts",
        ),
        Step(
            "about",
            _("For the decision"),
            (
                Ask(f"{_REQUEST}.file_number"),
                Ask(f"{_REQUEST}.panel"),
                Ask(f"{_REQUEST}.mandate_resolution"),
                Ask(f"{_REQUEST}.publication_intent"),
                Ask(f"{_REQUEST}.confidentiality"),
                Ask(f"{_REQUEST}.reply_by", hint=_("Leave it empty if any day will do.")),
            ),
        ),
        _CHECK,
    ),
    lead=_("Put before the State that answered, word by word."),
)

_REPLY: Final = "content.panel_reply"
_DECISION: Final = f"{_REPLY}.publication.{{0}}"


def _says(code: str) -> tuple[str, frozenset[str]]:
    return ("~replies", frozenset({code}))


REPLY_TO_PANEL: Final = Guide(
    "panel-reply",
    _("Reply to the panel"),
    "panel_reply",
    (
        Step(
            "about",
            _("About this reply"),
            (
                Ask("~replies", title=_("What it says"), needed=True, offers="replies"),
                Ask(f"{_REPLY}.file_number", hint=_("Number of the case at your own office.")),
                Ask(f"{_REPLY}.confidentiality", hint=_("What may be printed is for the report.")),
            ),
            lead=_(
                "Persons and case files are not told to a panel. You see what it would read before you send."
            ),
            after="refusal",
        ),
        Step(
            "final",
            _("Is this all?"),
            (
                Ask(
                    f"{_REPLY}.final",
                    title=_("Is this all that you will answer on these items?"),
                    needed=True,
                ),
            ),
            after="answers",
            only=_says("answer"),
        ),
        *answer_steps(_REPLY, _says("answer"), persons=False),
        Step(
            "refusal",
            _("Why you give no answer"),
            (
                Ask(f"{_REPLY}.refusal_ground", title=_("Ground"), needed=True),
                Ask(f"{_REPLY}.explanation"),
            ),
            after="texts",
            only=_says("refusal"),
        ),
        Step(
            "texts",
            _("Texts that the panel means to print"),
            way=Way.LIST,
            entry="text",
            path=f"{_REPLY}.publication",
            beside=f"{_REPLY}.texts",
            lead=_("Decide text by text. What you do not decide on may not be printed."),
            after="final",
            only=_says("texts"),
        ),
        Step(
            "text",
            _("May this be printed?"),
            (
                Ask(f"{_DECISION}.text_id", title=_("The text, word by word"), offers="texts-put"),
                Ask(f"{_DECISION}.decision"),
                Ask(
                    f"{_REPLY}.texts.{{0}}.text",
                    title=_("Text that may be printed instead, word by word"),
                    under=(f"{_DECISION}.decision", "CHANGED"),
                    needed=True,
                ),
                Ask(f"{_DECISION}.attribution"),
            ),
            depth=1,
            after="texts",
        ),
        _CHECK,
    ),
)
