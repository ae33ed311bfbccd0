"""Questions, answers and faults as a template shows them, in the words of one visitor."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from tracepost.console.forms.advice import (
    ALIKE,
    TYPED_TWICE,
    Advice,
    AdviceCode,
    advise_on_calibre,
    advise_on_mark,
)
from tracepost.console.forms.answers import PAGE_SIGN, Answers, Fault
from tracepost.console.forms.correction import PRESENT_SIGN
from tracepost.console.forms.questions import PAGE_FIELDS, Question, Shape, question_of
from tracepost.console.forms.steps import Ask, Step, asked
from tracepost.locale.words import Words
from tracepost.locale.words import later as _
from tracepost.protocol.errors import InvalidInputError

_ADVICE: Final[Mapping[AdviceCode, str]] = MappingProxyType(
    {
        AdviceCode.LOOK_ALIKE: _("Some signs look like others. Look once more; it might also read: {forms}."),
        AdviceCode.MIXED_SCRIPT: _(
            "The letters are of two scripts. Type them from one keyboard, unless they are stamped so."
        ),
        AdviceCode.UNREADABLE_SIGN: _("A question mark stands for a sign that cannot be read."),
        AdviceCode.KNOWN_CALIBRE: _("In the code list: {forms}. What you typed goes too."),
        AdviceCode.SEVERAL_CALIBRES: _("It may be one of these: {forms}. Look at the weapon once more."),
        AdviceCode.UNKNOWN_CALIBRE: _("The code list does not have this calibre. It goes as you typed it."),
        AdviceCode.SAME_MARK_TWICE: _("This mark stands here twice: {forms}."),
        AdviceCode.NO_SERIAL: _("No serial number yet. Without one an answer is unlikely."),
    }
)

_FAULTS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "required": _("{field}: this is needed."),
        "string.max_len": _("{field}: write {limit} characters or fewer."),
        "string.min_len": _("{field}: this is needed."),
        "string.email": _("{field}: write a mail address, such as desk@office.example."),
        "repeated.min_items": _("{field}: add at least one."),
        "repeated.max_items": _("{field}: there are too many."),
        "repeated.unique": _("{field}: one stands here twice."),
        "not-printable": _("{field}: there is a sign in it that cannot be printed. Type it again."),
        "not-in-list": _("{field}: choose from the list."),
        "not-yes-or-no": _("{field}: choose yes or no."),
        "not-a-number": _("{field}: write a whole number in digits."),
        "not-a-date": _("{field}: write a day of the calendar, for example 27 3 2026."),
        "not-a-country": _("{field}: write the name of a country or its three letters."),
        "type-again": _("Type the mark a second time, from the weapon."),
        "typed-differently": _(
            "The two typings differ at sign {limit}. Look once more and correct the wrong one."
        ),
        "no-mark": _("{field}: add the marks as seen, or say that the item was examined and bears none."),
        "no-ground": _("{field}: a request under the instrument names a ground."),
        "quantity": _("{field}: fewer pieces are counted than are listed."),
        "not-arms": _("{field}: arms and ammunition are goods of chapter 93."),
        "nothing-to-find": _("{field}: each item is recognised by something: add a mark, a number or a lot."),
        "backwards": _("{field}: that is before it began."),
        "expired": _("{field}: that day is over."),
        "serial-alone": _(
            "{field}: a serial number alone does not make it certain. Say what else agrees, or that it is probable."
        ),
        "not-theirs": _("{field}: it goes to who seeks the item; choose that member."),
        "not-recovered": _("{field}: only of what was found."),
        "item-twice": _("{field}: two items have one number."),
        "urgency-unreasoned": _("{field}: say why it is urgent."),
        "no-scan": _("Choose the scan of the paper."),
        "whom": _("{field}: choose one desk, or one custodian on paper."),
        "paper": _("{field}: what came on paper is keyed in as such, and only that."),
        "other-desk": _("{field}: another desk was asked."),
        "no-reason": _("{field}: say why not."),
        "no-reason-told": _("{field}: say why, or that the reasons cannot be told."),
        "no-date": _("{field}: give a new date, or the day on which you look at it again."),
        "nothing-given": _("{field}: choose what you give, or below what comes later or cannot be had."),
        "given-and-not": _("{field}: something here is chosen above too. Choose it once."),
        "ask-whom": _("{field}: name the member or the country to ask."),
        "nothing-changed": _("{field}: nothing is changed yet."),
        "changed-meanwhile": _(
            "What you correct was corrected or taken back meanwhile. Choose anew and begin the correction again."
        ),
        "to-whom": _("{field}: say to whom it goes."),
        "asks-nothing": _("{field}: add at least one."),
        "past": _("{field}: that day is over, or comes too early."),
        "not-yet": _("{field}: that day has not come yet."),
        "check-digit": _("{field}: a sign in it is wrong. Compare it with the papers once more."),
        "no-mandate": _("{field}: the mandate has ended."),
        "text-twice": _("{field}: another text of this case has this name. Choose another one."),
    }
)
Choices = Sequence[tuple[str, str]]
_LONG_LIST: Final = 8
_OTHERWISE: Final = _("{field}: this is not in the form that is needed.")


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer of a list; below it what is asked when it is chosen."""

    value: str
    words: str
    is_chosen: bool
    below: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Box:
    """One question on the page, with what was typed and what is wrong with it."""

    name: str
    shape: Shape
    label: str
    hint: str
    values: tuple[str, ...]
    errors: tuple[str, ...]
    advice: tuple[str, ...]
    optional: bool
    limit: int
    choices: tuple[Choice, ...] = ()
    again: Box | None = None

    @property
    def many(self) -> bool:
        """Whether several answers may be chosen."""
        return self.shape in {Shape.CODES, Shape.MEMBERS}

    @property
    def is_long(self) -> bool:
        """Whether so many answers are offered that they fold into one line."""
        return len(self.choices) > _LONG_LIST and not any(one.below for one in self.choices)

    @property
    def is_date(self) -> bool:
        """Whether it is typed into three boxes."""
        return self.shape in {Shape.DATE, Shape.PARTIAL_DATE}

    @property
    def is_text(self) -> bool:
        """Whether it may have several lines."""
        return self.shape in {Shape.TEXT, Shape.LINES, Shape.COUNTRIES}

    @property
    def watched(self) -> Mapping[str, str]:
        """What the script of the page compares while a mark is typed: boxes, roles that tell one weapon, signs."""
        role = f"{self.name.rpartition('.')[0]}.role"
        return {"typed": self.name, "role": role, "roles": " ".join(sorted(TYPED_TWICE)), "signs": ALIKE}

    @property
    def value(self) -> str:
        """The one answer, or all of them a line each."""
        return "\n".join(self.values)

    @property
    def date(self) -> tuple[str, str, str]:
        """Year, month and day as they were typed."""
        year, month, day = (*self.value.split("-"), "", "", "")[:3]
        return year, month, day


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page of questions, and its errors for the summary on top: (name of the box, words)."""

    boxes: tuple[Box, ...]
    errors: tuple[tuple[str, str], ...]

    @property
    def summary(self) -> list[dict[str, str]]:
        """The errors with links to their boxes."""
        return [{"href": f"#{name}", "text": words} for name, words in self.errors]


class SheetMaker:
    """Makes sheets for one visitor.

    Args:
        words: his language.
        members: (id, name) of those that mail can go to.
        offers: (value, words) of what is chosen from, by `Ask.offers`.
    """

    def __init__(
        self, words: Words, members: Choices = (), offers: Mapping[str, Choices] = MappingProxyType({})
    ) -> None:
        self._words = words
        self._members = members
        self._offers = offers

    def sheet(
        self, step: Step, answers: Answers, numbers: tuple[int, ...], faults: Iterable[Fault] = ()
    ) -> Sheet:
        """Return a step with its answers; `faults` of other steps are left out."""
        here = asked(step, answers, numbers)
        wrong = {one.path: one for one in faults}
        below: dict[tuple[str, str], list[Box]] = {}
        boxes, errors = [], list[tuple[str, str]]()
        for ask in reversed(here):
            path = ask.path.format(*numbers)
            box = self._box(ask, path, answers, wrong, below)
            if ask.under is None:
                boxes.append(box)
            else:
                under = (ask.under[0].format(*numbers), ask.under[1])
                below.setdefault(under, []).insert(0, box)
            for one in (box, box.again):
                errors[:0] = [(one.name, said) for said in one.errors] if one else []
        return Sheet(tuple(reversed(boxes)), tuple(errors))

    def offered(self, name: str) -> Choices:
        """Return the list of this name, as it is shown."""
        return self._offers.get(name, ())

    def fault_words(self, fault: Fault, ask: Ask | None = None) -> str:
        """Return what to do about a fault."""
        question = _question_at(fault.path)
        limit = fault.detail or (str(question.limit) if question and question.limit else "")
        return self._words.gettext(_FAULTS.get(fault.reason, _OTHERWISE)).format(
            field=self.label(fault.path, ask), limit=limit
        )

    def label(self, path: str, ask: Ask | None = None) -> str:
        """Return what a field is called: the words of the question, else those of the field."""
        if ask is not None and ask.title:
            return self._words.gettext(ask.title)
        steps = [one for one in path.lstrip(PAGE_SIGN).split(".") if not one.isdecimal()]
        words = self._words.coded("field", steps[-1])
        return words[:1].upper() + words[1:]

    def advice_words(self, advice: Iterable[Advice]) -> tuple[str, ...]:
        """Return what to look at, in words."""
        return tuple(
            self._words.gettext(_ADVICE[one.code]).format(forms=", ".join(map(self._words.alone, one.forms)))
            for one in advice
        )

    def listed(self, parts: Iterable[str]) -> str:
        """Return the parts of an entry as one line."""
        return " · ".join(map(self._words.alone, parts))

    def answer_words(self, question: Question, said: Iterable[str], ask: Ask | None = None) -> str:
        """Return an answer as it is read back: codes and what was chosen in words, the rest as typed."""
        if ask is not None and ask.offers:
            offered = dict(self._offers.get(ask.offers, ()))
            return "\n".join(offered.get(one, one) for one in said)
        if question.codes:
            return ", ".join(self._words.coded(question.enum, one) for one in said)
        if question.shape is Shape.YES_NO:
            return ", ".join(self._words.gettext(_YES if one == "yes" else _NO) for one in said)
        if question.shape in {Shape.DATE, Shape.PARTIAL_DATE}:
            return ", ".join("-".join(part for part in one.split("-") if part) for one in said)
        return "\n".join(said)

    def _box(
        self,
        ask: Ask,
        path: str,
        answers: Answers,
        wrong: Mapping[str, Fault],
        below: Mapping[tuple[str, str], list[Box]],
    ) -> Box:
        question = question_of(path)
        errors = tuple(self.fault_words(wrong[one], ask) for one in (path,) if one in wrong)
        return Box(
            name=path,
            shape=self._shape(question, ask),
            label=self.label(path, ask),
            hint=self._hint(ask, question, answers),
            values=answers.all(path),
            errors=errors,
            advice=self._advice(question, answers),
            optional=not (question.required or ask.needed),
            limit=question.limit,
            choices=self._choices(ask, question, answers, below),
            again=self._again(path, answers, wrong) if ask.twice else None,
        )

    def _hint(self, ask: Ask, question: Question, answers: Answers) -> str:
        """Return what is said below a question; of what is corrected, how it reads today too."""
        hint = self._words.gettext(ask.hint) if ask.hint else ""
        present = answers.all(f"{PRESENT_SIGN}{question.path}")
        today = self._words.alone(self.answer_words(question, present, ask)) if present else ""
        return " ".join(filter(None, (hint, today and self._words.gettext(_TODAY).format(value=today))))

    def _shape(self, question: Question, ask: Ask) -> Shape:
        if ask.one:
            return Shape.MEMBER
        if not self._offers.get(ask.offers):
            return question.shape
        return Shape.CODES if question.is_many else Shape.CODE

    def _choices(
        self, ask: Ask, question: Question, answers: Answers, below: Mapping[tuple[str, str], list[Box]]
    ) -> tuple[Choice, ...]:
        said = answers.all(question.path)
        return tuple(
            Choice(value, words, value in said, tuple(below.get((question.path, value), ())))
            for value, words in self._values(ask, question)
        )

    def _values(self, ask: Ask, question: Question) -> Iterable[tuple[str, str]]:
        if ask.offers:
            return self._offers.get(ask.offers, ())
        if question.codes:
            return [(one, _begun(self._words.coded(question.enum, one))) for one in question.codes]
        if question.shape is Shape.YES_NO:
            return [("yes", _begun(self._words.gettext(_YES))), ("no", _begun(self._words.gettext(_NO)))]
        if question.shape in {Shape.MEMBER, Shape.MEMBERS}:
            return [(member, f"{name} ({member})" if name else member) for member, name in self._members]
        return ()

    def _advice(self, question: Question, answers: Answers) -> tuple[str, ...]:
        text = answers.first(question.path)
        if not text:
            return ()
        if question.name == "text_as_seen":
            role = answers.first(f"{question.path.rpartition('.')[0]}.role")
            return self.advice_words(advise_on_mark(text, role))
        return self.advice_words(advise_on_calibre(text)) if question.name == "calibre_as_marked" else ()

    def _again(self, path: str, answers: Answers, wrong: Mapping[str, Fault]) -> Box:
        name = f"{PAGE_SIGN}{path}"
        question = question_of(path)
        errors = tuple(self.fault_words(wrong[one]) for one in (name,) if one in wrong)
        label = self._words.gettext(_AGAIN)
        hint = self._words.gettext(_AGAIN_HINT)
        return Box(name, Shape.LINE, label, hint, answers.all(name), errors, (), False, question.limit)


def _question_at(path: str) -> Question | None:
    try:
        return question_of(path if path in PAGE_FIELDS else path.lstrip(PAGE_SIGN))
    except InvalidInputError:  # a list, which no page asks for as a whole
        return None


def _begun(words: str) -> str:
    return words[:1].upper() + words[1:]


_YES: Final = _("yes")
_NO: Final = _("no")
_TODAY: Final = _("Today: {value}")
_AGAIN: Final = _("Type it again")
_AGAIN_HINT: Final = _(
    "From the weapon or its photograph, not from what you typed. Needed for numbers that tell one weapon."
)
