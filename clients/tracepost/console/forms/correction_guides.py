"""The pages on which one answer or one item is corrected: which, as it reads today, why."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from tracepost.console.forms.answer_steps import answer_steps
from tracepost.console.forms.correction import CORRECTED
from tracepost.console.forms.request_guide import RESTRICTIONS, item_steps
from tracepost.console.forms.steps import TO_WHOM, Ask, Guide, Step, Way
from tracepost.locale.words import later as _

_AMENDMENT: Final = "content.amendment"
_LEAD: Final = _("What you leave as it is does not count as changed.")


def _which(title: str, after: str) -> Step:
    return Step("which", title, (Ask(CORRECTED, title=title, needed=True, offers="corrected"),), after=after)


_WHY: Final = Step(
    "why",
    _("To whom, and why"),
    (
        TO_WHOM,
        Ask(f"{_AMENDMENT}.reason"),
        Ask(f"{_AMENDMENT}.file_number"),
        Ask(f"{_AMENDMENT}.text"),
        *RESTRICTIONS,
    ),
    lead=_(
        "Nothing is overwritten: both stay on file. Who may read what is decided anew: look at the last page."
    ),
)
_CHECK: Final = Step("check", _("Check what you say"), way=Way.CHECK)
_ANSWERS, *_OF_ANSWER = answer_steps(_AMENDMENT)
_ITEMS, *_OF_ITEM = item_steps(_AMENDMENT)

CORRECT_ANSWER: Final = Guide(
    "correct-answer",
    _("Correct one answer"),
    "amendment",
    (
        _which(_("Which answer?"), _ANSWERS.slug),
        replace(_ANSWERS, title=_("The answer as it reads today"), lead=_LEAD, after=_WHY.slug),
        *_OF_ANSWER,
        _WHY,
        _CHECK,
    ),
    lead=_("Your answer on one item; all others stay as they are."),
)
CORRECT_ITEM: Final = Guide(
    "correct-item",
    _("Correct one item"),
    "amendment",
    (
        _which(_("Which item?"), _ITEMS.slug),
        replace(_ITEMS, title=_("The item as it reads today"), lead=_LEAD, another="", after=_WHY.slug),
        *_OF_ITEM,
        _WHY,
        _CHECK,
    ),
    lead=_("What you said of one item that you ask about; all others stay as they are."),
)
