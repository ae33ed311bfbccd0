"""The pages of work inside a state and of letters: ask a custodian, say what was found, write to who is no member."""

from __future__ import annotations

from typing import Final

from tracepost.console.forms.answer_steps import answer_steps
from tracepost.console.forms.steps import Ask, Guide, Step, Way
from tracepost.locale.words import later as _

_CHECK: Final = Step("check", _("Check what you say"), way=Way.CHECK)
_Condition = tuple[str, frozenset[str]]

# ---------------------------------------------------------------- enquiry and finding

_ENQUIRY: Final = "content.enquiry"
_NEW: Final = (f"{_ENQUIRY}.step", frozenset({"ASKED"}))
_FOLLOWS: Final = (f"{_ENQUIRY}.step", frozenset({"REMINDER", "WITHDRAWN"}))
_LOOK: Final = f"{_ENQUIRY}.where_to_look.0"
ENQUIRE: Final = Guide(
    "enquire",
    _("Ask those who keep the records"),
    "enquiry",
    (
        Step("about", _("Do you ask, remind or take back?"), (Ask(f"{_ENQUIRY}.step"),), after="which"),
        Step(
            "which",
            _("Which enquiry"),
            (
                Ask(f"{_ENQUIRY}.enquiry_digest", title=_("Enquiry"), needed=True, offers="enquiries"),
                Ask(f"{_ENQUIRY}.note", hint=_("Read by the custodian.")),
            ),
            after="whom",
            only=_FOLLOWS,
        ),
        Step(
            "whom",
            _("Whom do you ask?"),
            (
                Ask(f"{_ENQUIRY}.to_desk", title=_("Desk of your own State"), offers="desks"),
                Ask(
                    f"{_ENQUIRY}.custodian.id",
                    title=_("Or a custodian on paper"),
                    hint=_("As the address book has it. You print the slip from the case."),
                    offers="custodians",
                ),
            ),
            lead=_("One of them. Your node copies what each may read of the items, and nothing of the case."),
            after="search",
            only=_NEW,
        ),
        Step(
            "search",
            _("What to look for, and where"),
            (
                Ask(
                    f"{_ENQUIRY}.item_ids", title=_("Items"), hint=_("None: all of the case."), offers="items"
                ),
                Ask(f"{_ENQUIRY}.questions"),
                Ask(f"{_LOOK}.source", title=_("Where to look")),
                Ask(f"{_LOOK}.from_year"),
                Ask(f"{_LOOK}.to_year"),
                Ask(f"{_ENQUIRY}.ledger"),
                Ask(f"{_ENQUIRY}.due_on"),
                Ask(
                    f"{_ENQUIRY}.handling_instructions",
                    hint=_("Those of the case are always among them."),
                ),
                Ask(f"{_ENQUIRY}.note", title=_("Note for the custodian")),
            ),
            only=_NEW,
        ),
        _CHECK,
    ),
    lead=_("A slip to a desk of your own State, or on paper. It never leaves your State."),
)

_FINDING: Final = "content.finding"
_SEARCHED: Final = f"{_FINDING}.records_searched.0"
_ON_PAPER: Final = ("~on_paper", frozenset({"yes"}))


def _paper_steps(head: str, after: str, only: _Condition | None = None) -> tuple[Step, ...]:
    """Return the pages of the paper that the message at `head` is keyed in from."""
    paper = f"{head}.transcribed"
    return (
        Step(
            "paper",
            _("The paper that it is keyed in from"),
            (
                Ask(f"{paper}.dated"),
                Ask(f"{paper}.received_on"),
                Ask(f"{paper}.pages"),
                Ask(f"{paper}.kept_by"),
            ),
            lead=_("It is shown as keyed in by your desk: who wrote the paper has signed nothing here."),
            after="scan",
            only=only,
        ),
        Step(
            "scan",
            _("Scan of the paper"),
            lead=_("As one file. Only its digest is kept: it proves later which paper was meant."),
            way=Way.SCAN,
            path=f"{paper}.scan_sha256",
            after=after,
            only=only,
        ),
    )


FINDING: Final = Guide(
    "finding",
    _("Say what the records hold"),
    "finding",
    (
        Step(
            "about",
            _("About this finding"),
            (
                Ask(f"{_FINDING}.enquiry_digest", title=_("Enquiry that it answers"), offers="enquiries"),
                Ask("~on_paper", title=_("Was it given on paper?"), needed=True),
                Ask(f"{_FINDING}.custodian_reference"),
                Ask(f"{_FINDING}.final", title=_("Is this all that you will say on these items?")),
                Ask(f"{_SEARCHED}.source", title=_("Where was looked")),
                Ask(f"{_SEARCHED}.from_year"),
                Ask(f"{_SEARCHED}.to_year"),
                Ask(f"{_FINDING}.found_in"),
                Ask(f"{_FINDING}.note"),
            ),
            after="paper",
        ),
        *_paper_steps(_FINDING, "answers", _ON_PAPER),
        *answer_steps(_FINDING),
        _CHECK,
    ),
    lead=_("For an enquiry to your desk, or keyed in from the slip that came back."),
)

# ---------------------------------------------------------------- letters

_LETTER: Final = "content.letter"


def _says(code: str) -> _Condition:
    return ("~says", frozenset({code}))


def _letter_about(hint: str, after: str) -> Step:
    return Step(
        "about",
        _("The letter"),
        (
            Ask(
                f"{_LETTER}.correspondent.id",
                title=_("Office abroad"),
                hint=hint,
                needed=True,
                offers="correspondents",
            ),
            Ask("~says", title=_("What it says"), needed=True, offers="messages"),
            Ask(f"{_LETTER}.channel"),
            Ask(f"{_LETTER}.dated"),
            Ask(f"{_LETTER}.references.0.system", title=_("Number elsewhere: of which system")),
            Ask(f"{_LETTER}.references.0.number", title=_("Number elsewhere")),
            Ask(f"{_LETTER}.text", hint=_("What the letter says beside it.")),
        ),
        after=after,
    )


def _letter_says() -> tuple[Step, ...]:
    """Return the pages of what a letter can say; an answer item by item, the others on one page."""
    fields = {
        "response": ("final", "central_authority"),
        "information-request": ("explanation", "reply_by"),
        "status": ("state", "expected_on", "note"),
        "delay": ("ground", "reason_text", "new_date"),
        "refusal": ("ground", "reason_text", "reasons_cannot_be_told"),
    }
    titles = {
        "response": _("About this answer"),
        "information-request": _("What is needed"),
        "status": _("How far the work is"),
        "delay": _("Why the answer comes later"),
        "refusal": _("Why it is refused"),
    }
    order = [*fields, "answers"]
    needed = (Ask("~needed", title=_("What is needed"), needed=True),)
    return tuple(
        Step(
            slug,
            titles[slug],
            (
                *(needed if slug == "information-request" else ()),
                *(Ask(f"{_LETTER}.{slug.replace('-', '_')}.{name}") for name in names),
            ),
            after=following,
            only=_says(slug),
        )
        for (slug, names), following in zip(fields.items(), order[1:], strict=True)
    ) + answer_steps(f"{_LETTER}.response", _says("response"))


LETTER: Final = Guide(
    "letter",
    _("Write to a State that is no member"),
    "letter",
    (
        _letter_about(
            _("As the address book has it. What kind of office it is decides what may stand in the letter."),
            "response",
        ),
        *_letter_says(),
        _CHECK,
    ),
    lead=_("On paper, in this case and on its clock. You print the letter from the case."),
)

TRANSCRIBE: Final = Guide(
    "transcribe",
    _("Key in what came on paper from abroad"),
    "letter",
    (
        _letter_about(_("Who wrote it, as the address book has it."), "paper"),
        *_paper_steps(_LETTER, "response"),
        *_letter_says(),
        _CHECK,
    ),
    lead=_("It is shown as keyed in: the office that wrote it has signed nothing here."),
)
