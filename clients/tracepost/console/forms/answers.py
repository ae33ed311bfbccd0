"""What was typed, kept as it was typed, and the draft that it makes.

    >>> answers = Answers({"content.trace_request.file_number": ("T-1",), "to": ("xab",)})
    >>> made = make_draft(answers)
    >>> made.draft.content.trace_request.file_number, [one.path for one in made.faults][:1]
    ('T-1', ['content.trace_request.items'])

Answers are texts by the path of their field. A date is kept as its three boxes, parted by hyphens; a country
as it was written, by name or code. What cannot be read as its field wants is a fault at its path and is left
out of the draft; nothing raises for what an officer typed.

Names that begin with "~" belong to the page and to no message, such as the second typing of a serial number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from tracepost.console.forms.questions import Question, Shape, prefix_of, question_of
from tracepost.protocol.errors import InvalidInputError, InvalidMessageError
from tracepost.protocol.schema import find_breaches
from tracepost.sdk.intake.countries import country_code
from tracepost.wire.v1 import desk_pb2

PAGE_SIGN: Final = "~"
LONGEST: Final = 20_000
"""Characters of one answer, at most; a page refuses more before anything looks at it."""

_NUMBER: Final = re.compile(r"[0-9]{1,10}")
_STEP: Final = re.compile(r"[0-9]+")
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_UNPRINTABLE: Final = frozenset({"Cc", "Cs"})
_YES_NO: Final = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one answer: the path of its field and the reason, a word of the schema or of this module.

    `detail` goes into the words, such as a limit; never what was typed.
    """

    path: str
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Answers:
    """Texts by path, as typed. Changes return another one."""

    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def first(self, path: str) -> str:
        """Return the answer at `path`; empty for none."""
        found = self.values.get(path, ())
        return found[0] if found else ""

    def all(self, path: str) -> tuple[str, ...]:
        """Return the answers at `path`."""
        return self.values.get(path, ())

    def having(self, changes: Mapping[str, Iterable[str]]) -> Answers:
        """Return these with `changes`; an answer without a sign is taken away."""
        values = dict(self.values)
        for path, said in changes.items():
            kept = tuple(text for text in map(tidied, said) if text)
            values.pop(path, None)
            if kept:
                values[path] = kept
        return Answers(values)

    def count(self, list_path: str) -> int:
        """Return how many entries the list at `list_path` has."""
        head = f"{list_path}."
        numbers = (path[len(head) :].partition(".")[0] for path in self.values if path.startswith(head))
        return max((int(one) + 1 for one in numbers if _STEP.fullmatch(one)), default=0)

    def below(self, path: str) -> dict[str, tuple[str, ...]]:
        """Return the answers whose path is `path` or below it."""
        return {one: said for one, said in self.values.items() if _is_below(one, path)}

    def without(self, list_path: str, index: int) -> Answers:
        """Return these without entry `index` of a list; the ones behind it move up."""
        head, values = f"{list_path}.", dict[str, tuple[str, ...]]()
        for path, said in self.values.items():
            bare = path.lstrip(PAGE_SIGN)
            number, _, rest = bare[len(head) :].partition(".") if bare.startswith(head) else ("", "", "")
            if not _STEP.fullmatch(number) or int(number) < index:
                values[path] = said
            elif int(number) > index:
                sign = path[: len(path) - len(bare)]
                values[f"{sign}{head}{int(number) - 1}{'.' + rest if rest else ''}"] = said
        return Answers(values)


@dataclass(frozen=True, slots=True)
class Made:
    """A draft as far as the answers make one, and what is wrong with them."""

    draft: desk_pb2.Draft = field(repr=False)
    faults: tuple[Fault, ...]

    def under(self, paths: Iterable[str]) -> tuple[Fault, ...]:
        """Return the faults at one of `paths` or below it."""
        chosen = tuple(paths)
        return tuple(one for one in self.faults if any(_is_below(one.path, path) for path in chosen))


def tidied(text: str) -> str:
    """Return `text` with the line ends of this system and without blanks around it; no sign of it is changed."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def make_draft(answers: Answers) -> Made:
    """Return the draft that `answers` make, and every fault by field, in the order of the paths."""
    return judged(fill_draft(answers))


def fill_draft(answers: Answers) -> Made:
    """Return the draft that `answers` make, and what could not be read; its rules are not looked at."""
    draft, faults = desk_pb2.Draft(), list[Fault]()
    for path in sorted(answers.values, key=_order):
        if path.startswith(PAGE_SIGN):
            continue
        try:
            _put(draft, question_of(path), answers.all(path))
        except InvalidInputError as error:
            faults.append(Fault(path, error.reason or "not-understood"))
    return Made(draft, tuple(faults))


def judged(made: Made) -> Made:
    """Return a draft with the breaches of its rules added to its faults, one a field."""
    faults = {one.path: one for one in reversed(made.faults)}
    for one in map(_fault_of, find_breaches(made.draft)):
        faults.setdefault(one.path, one)
    return Made(made.draft, tuple(sorted(faults.values(), key=lambda one: _order(one.path))))


def read_page_answer(path: str, said: tuple[str, ...]) -> list[Any]:
    """Return what was answered to a question of the page; raise `InvalidInputError` with the reason."""
    question = question_of(path)
    return [_value(question, text) for text in _entries(question, said)]


def texts_of(message: Message, prefix: str) -> Answers:
    """Return the answers that would make `message` at `prefix`, to begin a form with."""
    return Answers(dict(_texts(message, prefix)))


def _texts(message: Message, prefix: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    for described, value in message.ListFields():
        path = f"{prefix}.{described.name}"
        if described.message_type is not None:
            entries = enumerate(value) if described.is_repeated else ((None, value),)
            for index, one in entries:
                yield from _texts(one, path if index is None else f"{path}.{index}")
        else:
            values = value if described.is_repeated else [value]
            yield path, tuple(_text(described, one) for one in values)


def _text(described: FieldDescriptor, value: Any) -> str:
    if described.enum_type is not None:
        codes: Any = described.enum_type
        return str(codes.values_by_number[value].name.removeprefix(prefix_of(codes)))
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value.hex() if isinstance(value, bytes) else str(value)


def _order(path: str) -> list[tuple[int, str]]:
    """Sort "items.10" behind "items.9": a list grows from its first entry on."""
    return [(int(step), "") if _STEP.fullmatch(step) else (-1, step) for step in path.split(".")]


def _is_below(path: str, head: str) -> bool:
    return path == head or path.startswith(f"{head}.")


def _fault_of(error: InvalidMessageError) -> Fault:
    return Fault(asked_at(error.where or ""), error.reason or "not-understood")


def asked_at(path: str) -> str:
    """Return where it is asked for what stands at `path`: an entry of a plain list has the question of its list."""
    head, _, last = path.rpartition(".")
    return head if _STEP.fullmatch(last) and _is_plain(head) else path


def _is_plain(path: str) -> bool:
    try:
        return question_of(path) is not None
    except InvalidInputError:
        return False


def _put(draft: desk_pb2.Draft, question: Question, said: tuple[str, ...]) -> None:
    *containers, name = question.path.split(".")
    message = _container(draft, containers)
    values = [_value(question, text) for text in _entries(question, said)]
    try:
        if question.descriptor.is_repeated:
            getattr(message, name).extend(values)
        else:
            setattr(message, name, values[0])
    except (ValueError, TypeError):  # beyond 32 bits
        raise InvalidInputError("the number is too large", reason="not-a-number") from None


def _container(draft: Message, steps: list[str]) -> Any:
    place: Any = draft
    for step in steps:
        if not _STEP.fullmatch(step):
            place = getattr(place, step)
            continue
        if int(step) > 300:
            raise InvalidInputError("the list is too long", reason="repeated.max_items")
        while len(place) <= int(step):
            place.add()
        place = place[int(step)]
    if hasattr(place, "SetInParent"):
        place.SetInParent()
    return place


def _entries(question: Question, said: tuple[str, ...]) -> Iterator[str]:
    for text in said:
        if len(text) > LONGEST:
            raise InvalidInputError("this is too long", reason="string.max_len")
        if question.shape in {Shape.LINES, Shape.COUNTRIES}:
            yield from (line for line in (one.strip() for one in re.split(r"[\n,;]", text)) if line)
        else:
            yield text


def _value(question: Question, text: str) -> Any:
    breaks = "\n" if question.shape is Shape.TEXT else ""
    if any(unicodedata.category(sign) in _UNPRINTABLE and sign not in breaks for sign in text):
        raise InvalidInputError("this holds signs that cannot be printed", reason="not-printable")
    read = _READERS.get(question.shape)
    return text if read is None else read(question, text)


def _yes_or_no(_question: Question, text: str) -> Any:
    return _of(_YES_NO.get(text), "not-yes-or-no")


def _number(_question: Question, text: str) -> int:
    return int(_of(text if _NUMBER.fullmatch(text) else None, "not-a-number"))


def _country(_question: Question, text: str) -> Any:
    return _of(country_code(text), "not-a-country")


def _digest(_question: Question, text: str) -> bytes:
    return bytes.fromhex(_of(text if _DIGEST.fullmatch(text) else None, "not-a-digest"))


def _code(question: Question, text: str) -> int:
    codes: Any = question.descriptor.enum_type
    if text not in question.codes:
        raise InvalidInputError("this is not in the list", reason="not-in-list")
    return int(codes.values_by_name[f"{prefix_of(codes)}{text}"].number)


def _date(_question: Question, text: str) -> str:
    """Return what three boxes say, year, month and day: a box may hold one digit where two are meant."""
    year, *rest = text.split("-")
    if not re.fullmatch("[0-9]{4}", year) or not all(re.fullmatch("[0-9]{0,2}", one) for one in rest):
        raise InvalidInputError("this is no date", reason="not-a-date")
    while rest and not rest[-1]:
        rest.pop()
    said = "-".join([year, *(one.zfill(2) for one in rest)])
    if len(rest) == 2 and not _is_in_the_calendar(said):
        raise InvalidInputError("this is no date", reason="not-a-date")
    return said


def _is_in_the_calendar(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _of(value: Any, reason: str) -> Any:
    if value is None:
        raise InvalidInputError("this cannot be read as what is asked", reason=reason)
    return value


_READERS: Final[Mapping[Shape, Callable[[Question, str], Any]]] = {
    Shape.CODE: _code,
    Shape.CODES: _code,
    Shape.YES_NO: _yes_or_no,
    Shape.NUMBER: _number,
    Shape.DATE: _date,
    Shape.PARTIAL_DATE: _date,
    Shape.COUNTRY: _country,
    Shape.COUNTRIES: _country,
    Shape.DIGEST: _digest,
}
