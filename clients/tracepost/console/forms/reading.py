"""What a page's form brought, as answers: only fields that the page asks for are taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, Protocol

from tracepost.console.forms.answers import LONGEST, PAGE_SIGN, Answers
from tracepost.console.forms.questions import Question, Shape, question_of
from tracepost.console.forms.steps import Step, asked
from tracepost.locale.words import later as _
from tracepost.protocol.errors import LimitError

_BOXES: Final = ("~y", "~m", "~d")
_CHOICES: Final = 300


class Form(Protocol):
    """What a browser sent, several values a name; a file is no text and is left out."""

    def getlist(self, key: str) -> Sequence[object]:
        """Return the values under a name."""


def read_step(form: Form, step: Step, answers: Answers, numbers: tuple[int, ...]) -> Answers:
    """Return `answers` with what the form of a step says; raise `LimitError` for what nobody types."""
    return answers.having(dict(_said(form, step, answers, numbers)))


def _said(
    form: Form, step: Step, answers: Answers, numbers: tuple[int, ...]
) -> Iterator[tuple[str, Sequence[str]]]:
    for ask in asked(step, answers, numbers):
        path = ask.path.format(*numbers)
        yield path, _values(form, question_of(path))
        if ask.twice:
            yield f"{PAGE_SIGN}{path}", _texts(form, f"{PAGE_SIGN}{path}")


def _values(form: Form, question: Question) -> Sequence[str]:
    if question.shape in {Shape.DATE, Shape.PARTIAL_DATE}:
        boxes = ["".join(_texts(form, f"{question.path}{one}")[:1]).strip() for one in _BOXES]
        return ["-".join(boxes)] if any(boxes) else []
    return _texts(form, question.path)


def _texts(form: Form, name: str) -> list[str]:
    said = [one for one in form.getlist(name) if isinstance(one, str)]
    if len(said) > _CHOICES or any(len(one) > LONGEST for one in said):
        raise LimitError(_("An answer is too long."), where=name[:200], reason="too-long")
    return said
