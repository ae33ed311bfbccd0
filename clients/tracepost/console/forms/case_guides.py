"""The pages of what is said in a case: answers to a request, and what the asking side says."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tracepost.console.forms.answer_steps import answer_steps
from tracepost.console.forms.request_guide import COUNTRY_HINT, DATE_HINT, item_steps, photograph_step
from tracepost.console.forms.steps import TO_WHOM, Ask, Guide, Step, Way
from tracepost.locale.words import later as _

_CHECK: Final = Step("check", _("Check what you say"), way=Way.CHECK)
_WHOLE_REQUEST: Final = _("None: the whole request.")


def _one_page(name: str, title: str, content: str, *asks: Ask, lead: str = "") -> Guide:
    return Guide(name, title, content, (Step("say", title, asks, lead=lead), _CHECK))


_ACK: Final = "content.acknowledgement"
ACKNOWLEDGE: Final = _one_page(
    "acknowledge",
    _("Acknowledge receipt"),
    "acknowledgement",
    TO_WHOM,
    Ask(f"{_ACK}.file_number", hint=_("Number of the case at your own office.")),
    Ask(f"{_ACK}.formal_check"),
    Ask("~missing", title=_("What is missing"), under=(f"{_ACK}.formal_check", "INCOMPLETE"), needed=True),
    Ask(
        f"{_ACK}.restrictions_accepted",
        hint=_("Those that the request lays on its use. Data flows on these terms."),
    ),
    Ask(f"{_ACK}.confidentiality_accepted"),
    Ask(f"{_ACK}.expected_on", hint=_("Leave it empty if you can give no date.")),
    Ask(f"{_ACK}.office.unit"),
    Ask(f"{_ACK}.office.telephone"),
    Ask(f"{_ACK}.office.mailbox"),
    lead=_("An officer's word that the request has come (paragraph 19). The receipt of your node is none."),
)

_ASK: Final = "content.information_request"
ASK: Final = _one_page(
    "ask",
    _("Ask for what is missing"),
    "information_request",
    TO_WHOM,
    Ask(f"{_ASK}.file_number"),
    Ask("~needed", title=_("What you need"), needed=True),
    Ask("~needed_for", title=_("For which items"), hint=_("None: for the whole request."), offers="items"),
    Ask(f"{_ASK}.reply_by"),
    Ask(f"{_ASK}.explanation"),
)

_SUPPLY: Final = "content.information_supply"
_OF_ITEMS: Final = frozenset(
    {
        *("PHOTOGRAPH_OF_MARK", "PHOTOGRAPH_OF_WEAPON", "SERIAL_NUMBER", "SERIAL_LOCATION", "MAKE", "MODEL"),
        *("CALIBRE", "COUNTRY_OF_MANUFACTURE", "IMPORT_MARK", "PROOF_MARK", "OTHER_MARKS"),
        *("CONTROL_COMPONENT", "RESTORATION_RESULT", "PACKAGING"),
    }
)
"""What is given on pages of the items that it is about."""


def _supplied_items() -> tuple[Step, ...]:
    """Return the pages of what is new in items of the case: each is chosen, and never numbered anew."""
    items, item, thing, marks, mark = item_steps(_SUPPLY)
    chosen = Ask(f"{_SUPPLY}.items.{{0}}.id", title=_("Item"), offers="items")
    return (
        replace(
            items,
            title=_("Items"),
            entry="which-item",
            lead=_("Only what is new or corrected. What you do not write again stays as it was said."),
            after="check",
            only=("~supplied", _OF_ITEMS),
        ),
        replace(item, slug="which-item", title=_("Which item?"), asks=(chosen, item.asks[0])),
        thing,
        replace(marks, after="photographs"),
        mark,
        photograph_step(_SUPPLY),
    )


SUPPLY: Final = Guide(
    "supply",
    _("Give what was asked for"),
    "information_supply",
    (
        Step(
            "say",
            _("Give what was asked for"),
            (
                TO_WHOM,
                Ask(f"{_SUPPLY}.file_number"),
                Ask("~supplied", title=_("What you give"), offers="asked-of-us"),
                Ask("~later", title=_("What comes later"), offers="asked-of-us"),
                Ask("~not_available", title=_("What cannot be had"), offers="asked-of-us"),
                Ask(f"{_SUPPLY}.ground_text"),
                Ask(f"{_SUPPLY}.legal_provision"),
                Ask(f"{_SUPPLY}.illicit_grounds"),
                Ask(f"{_SUPPLY}.intended_use_detail"),
                Ask(f"{_SUPPLY}.explanation"),
            ),
            after="items",
        ),
        *_supplied_items(),
        _CHECK,
    ),
)

_RESPONSE: Final = "content.response"
ANSWER: Final = Guide(
    "answer",
    _("Answer"),
    "response",
    (
        Step(
            "about",
            _("About this answer"),
            (
                TO_WHOM,
                Ask(f"{_RESPONSE}.file_number"),
                Ask(f"{_RESPONSE}.final", title=_("Is this all that you will answer on these items?")),
                Ask(
                    f"{_RESPONSE}.central_authority",
                    hint=_("Where to ask for evidence by mutual legal assistance."),
                ),
                Ask(f"{_RESPONSE}.contacts.0.name"),
                Ask(f"{_RESPONSE}.contacts.0.telephone"),
            ),
            after="answers",
        ),
        *answer_steps(_RESPONSE),
        _CHECK,
    ),
)

_REFUSAL: Final = "content.refusal"
REFUSE: Final = _one_page(
    "refuse",
    _("Refuse"),
    "refusal",
    TO_WHOM,
    Ask(f"{_REFUSAL}.file_number"),
    Ask(f"{_REFUSAL}.ground", hint=_("The first four are the grounds of paragraph 22 of the instrument.")),
    Ask(f"{_REFUSAL}.reason_text"),
    Ask(f"{_REFUSAL}.reasons_cannot_be_told"),
    Ask(f"{_REFUSAL}.item_ids", title=_("Items"), hint=_WHOLE_REQUEST, offers="items"),
)

_DELAY: Final = "content.delay"
DELAY: Final = _one_page(
    "delay",
    _("Say that the answer comes later"),
    "delay",
    TO_WHOM,
    Ask(f"{_DELAY}.file_number"),
    Ask(f"{_DELAY}.ground"),
    Ask(f"{_DELAY}.reason_text"),
    Ask(f"{_DELAY}.new_date"),
    Ask(f"{_DELAY}.review_on"),
    Ask(f"{_DELAY}.item_ids", title=_("Items"), hint=_WHOLE_REQUEST, offers="items"),
    Ask(f"{_DELAY}.part_available_now"),
)

_REDIRECTION: Final = "content.redirect.redirections.{0}"
REDIRECT: Final = Guide(
    "redirect",
    _("Name another State to ask"),
    "redirect",
    (
        Step(
            "about",
            _("About this message"),
            (TO_WHOM, Ask("content.redirect.file_number")),
            after="redirections",
        ),
        Step(
            "redirections",
            _("Items"),
            way=Way.LIST,
            entry="redirection",
            path="content.redirect.redirections",
            lead=_("Remove the items that are not concerned. No data moves and no consent is needed."),
        ),
        Step(
            "redirection",
            _("Whom to ask about this item"),
            (
                Ask(f"{_REDIRECTION}.ask_member"),
                Ask(f"{_REDIRECTION}.ask_country", hint=COUNTRY_HINT),
                Ask(f"{_REDIRECTION}.reason"),
                Ask(f"{_REDIRECTION}.event_on", hint=DATE_HINT),
                Ask(f"{_REDIRECTION}.consignment_reference"),
                Ask(f"{_REDIRECTION}.note"),
            ),
            depth=1,
            after="redirections",
        ),
        _CHECK,
    ),
)

_REFERRAL: Final = "content.referral"
REFER: Final = _one_page(
    "refer",
    _("Hand the request on"),
    "referral",
    Ask("to", title=_("To"), needed=True),
    Ask(f"{_REFERRAL}.file_number"),
    Ask(f"{_REFERRAL}.item_ids", title=_("Items"), offers="items"),
    Ask(f"{_REFERRAL}.reason"),
    Ask(f"{_REFERRAL}.reason_text"),
    Ask(f"{_REFERRAL}.mode"),
    lead=_(
        "Only with the consent of the office that asked; your node looks for it and encloses the request."
    ),
)

_STATUS: Final = "content.status"
STATUS: Final = _one_page(
    "status",
    _("Say how far the work is"),
    "status",
    TO_WHOM,
    Ask(f"{_STATUS}.file_number"),
    Ask(f"{_STATUS}.state", offers="progress"),
    Ask(f"{_STATUS}.expected_on"),
    Ask(f"{_STATUS}.note"),
)

REMIND: Final = _one_page(
    "remind",
    _("Remind of the answer"),
    "status",
    TO_WHOM,
    Ask(f"{_STATUS}.file_number"),
    Ask(f"{_STATUS}.state", title=_("Do you remind them, or go to a higher office?"), offers="reminders"),
    Ask(
        f"{_STATUS}.escalated_to",
        hint=_("Office to which it is escalated."),
        under=(f"{_STATUS}.state", "ESCALATED"),
        needed=True,
    ),
    Ask(
        f"{_STATUS}.reminder_number",
        title=_("Which reminder is it?"),
        hint=_("Counted from those that this case holds; count what you sent another way too."),
        needed=True,
    ),
    Ask(f"{_STATUS}.note"),
    lead=_("No instrument sets a term for the answer."),
)

_CLOSURE: Final = "content.closure"
CLOSE: Final = _one_page(
    "close",
    _("Close the case"),
    "closure",
    TO_WHOM,
    Ask(f"{_CLOSURE}.code"),
    Ask(f"{_CLOSURE}.result"),
    Ask(f"{_CLOSURE}.result_text"),
    Ask(f"{_CLOSURE}.diversion_confirmed"),
    Ask(f"{_CLOSURE}.preventive_action"),
    Ask(f"{_CLOSURE}.retention_until"),
    lead=_("Each item ends with the answer that reached farthest."),
)
