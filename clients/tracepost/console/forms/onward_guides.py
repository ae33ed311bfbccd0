"""The pages of what becomes of data once it was given: shared by consent, explained, corrected, taken back."""

from __future__ import annotations

from typing import Final

from tracepost.console.forms.request_guide import RESTRICTIONS
from tracepost.console.forms.steps import TO_WHOM, Ask, Guide, Step, Way
from tracepost.locale.words import later as _

_CHECK: Final = Step("check", _("Check what you say"), way=Way.CHECK)

_ITEMS_HINT: Final = _("None: all of the case.")

_SHARE: Final = "content.share"
SHARE: Final = Guide(
    "share",
    _("Share with another member"),
    "share",
    (
        Step(
            "to",
            _("With whom, and why"),
            (
                Ask("to", title=_("To"), needed=True),
                Ask(f"{_SHARE}.file_number"),
                Ask(f"{_SHARE}.reason"),
                Ask(f"{_SHARE}.text"),
                *RESTRICTIONS,
            ),
            after="what",
        ),
        Step(
            "what",
            _("What goes on"),
            (
                Ask("~statements", title=_("Statements"), needed=True, offers="statements"),
                Ask(
                    "~classes",
                    title=_("Kinds of data"),
                    hint=_("None: all that you may pass on."),
                    offers="classes",
                ),
                Ask(
                    "~without",
                    title=_("Leave out"),
                    hint=_("Fields or items, one a line: items.0.object.make, item:3."),
                ),
            ),
            lead=_(
                "Signatures stay whole, and what is left out is seen as left out. What its author does not want "
                "passed on goes only with a consent."
            ),
        ),
        _CHECK,
    ),
    lead=_("You see who would read what, value by value, before anything is sent."),
)

_CONSENT: Final = "content.consent"
CONSENT: Final = Guide(
    "consent",
    _("Consent to onward release"),
    "consent",
    (
        Step(
            "say",
            _("Ask for consent, give it, deny it or take it back"),
            (
                TO_WHOM,
                Ask(f"{_CONSENT}.step"),
                Ask(f"{_CONSENT}.decision", under=(f"{_CONSENT}.step", "DECIDED"), needed=True),
                Ask(f"{_CONSENT}.third_party", title=_("Member that is to receive")),
                Ask(f"{_CONSENT}.statement_digest", title=_("About which statement"), offers="statements"),
                Ask(f"{_CONSENT}.item_ids", title=_("Items"), hint=_ITEMS_HINT, offers="items"),
                Ask(
                    f"{_CONSENT}.field_paths",
                    title=_("Fields"),
                    hint=_("None: the whole statement. One a line: items.0.object."),
                ),
                Ask(f"{_CONSENT}.purpose"),
                Ask(f"{_CONSENT}.until"),
                Ask(f"{_CONSENT}.notify_before_disclosure"),
                Ask(f"{_CONSENT}.text"),
            ),
        ),
        _CHECK,
    ),
    lead=_("What your State wrote goes on to others only so far as it consents (paragraph 15)."),
)

_CLARIFY: Final = "content.clarification"
CLARIFY: Final = Guide(
    "clarify",
    _("Ask about an answer, or explain one"),
    "clarification",
    (
        Step(
            "say",
            _("Ask about an answer, or explain one"),
            (
                TO_WHOM,
                Ask(f"{_CLARIFY}.file_number"),
                Ask(f"{_CLARIFY}.step"),
                Ask(f"{_CLARIFY}.code"),
                Ask(f"{_CLARIFY}.ground"),
                Ask(f"{_CLARIFY}.item_ids", title=_("Items"), hint=_ITEMS_HINT, offers="items"),
                Ask(f"{_CLARIFY}.text"),
                Ask(f"{_CLARIFY}.reply_by"),
            ),
        ),
        _CHECK,
    ),
)

_AMEND: Final = "content.amendment"
AMEND: Final = Guide(
    "amend",
    _("Correct what was said"),
    "amendment",
    (
        Step(
            "say",
            _("Correct what was said"),
            (
                TO_WHOM,
                Ask(f"{_AMEND}.amends_digest", title=_("Statement of yours"), offers="own-statements"),
                Ask(f"{_AMEND}.reason"),
                Ask(f"{_AMEND}.effect"),
                Ask(
                    f"{_AMEND}.removed_item_ids",
                    title=_("Items that you no longer ask about"),
                    offers="items",
                ),
                Ask(f"{_AMEND}.referral_consents", title=_("May refer the request to")),
                Ask(f"{_AMEND}.handling_instructions"),
                Ask(f"{_AMEND}.text"),
            ),
            lead=_("Nothing is overwritten: both stay on file."),
        ),
        _CHECK,
    ),
)

_WITHDRAW: Final = "content.withdrawal"
WITHDRAW: Final = Guide(
    "withdraw",
    _("Take back, or say what became of what was taken back"),
    "withdrawal",
    (
        Step(
            "say",
            _("Take back, or say what became of what was taken back"),
            (
                TO_WHOM,
                Ask(f"{_WITHDRAW}.file_number"),
                Ask(f"{_WITHDRAW}.step"),
                Ask(f"{_WITHDRAW}.deletion_asked", under=(f"{_WITHDRAW}.step", "ASKED"), needed=True),
                Ask(f"{_WITHDRAW}.kept_under", under=(f"{_WITHDRAW}.step", "KEPT_BY_LAW"), needed=True),
                Ask(f"{_WITHDRAW}.kept_until", under=(f"{_WITHDRAW}.step", "KEPT_BY_LAW")),
                Ask(f"{_WITHDRAW}.reason"),
                Ask(f"{_WITHDRAW}.item_ids", title=_("Items"), hint=_ITEMS_HINT, offers="items"),
                Ask(
                    f"{_WITHDRAW}.passed_on_to",
                    title=_("Members to which you had passed it on, and which you have told"),
                ),
                Ask(f"{_WITHDRAW}.text"),
            ),
            lead=_(
                "Who asked takes back. Who holds it says that it is deleted, once it is, or which law keeps it."
            ),
        ),
        _CHECK,
    ),
)
