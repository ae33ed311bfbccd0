"""What a guide through a message is made of: steps, lists of entries, questions that depend on others.

`{0}` and `{1}` in a path are the numbers of the step's list entries.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from tracepost.console.forms.answers import PAGE_SIGN, Answers
from tracepost.locale.words import later as _
from tracepost.protocol.errors import NotFoundError


class Way(enum.StrEnum):
    """How a step is shown."""

    FORM = "form"
    LIST = "list"
    PHOTOGRAPHS = "photographs"
    SCAN = "scan"
    CHECK = "check"


@dataclass(frozen=True, slots=True)
class Ask:
    """One field on a page.

    Args:
        path: of the field, with places for numbers.
        title: asked instead of the field's own word.
        hint: said below it.
        needed: the page wants it, though the schema does not.
        under: (path, code): asked where that answer holds this code, and shown below it.
        only: (path, codes): asked where that answer holds one of these; the same step is another page then.
        twice: typed twice and compared, where the role of the mark wants it.
        offers: what is chosen from instead of typed: a list that the node gives (`offering`).
        one: one alone is chosen, though the field takes several.
    """

    path: str
    title: str = ""
    hint: str = ""
    needed: bool = False
    under: tuple[str, str] | None = None
    only: tuple[str, frozenset[str]] | None = None
    twice: bool = False
    offers: str = ""
    one: bool = False


SEVERAL: Final = "~several"
"""Answer that no page asks for: "yes" in a case in which there are several other members."""
TO_WHOM: Final = Ask("to", title=_("To"), needed=True, only=(SEVERAL, frozenset({"yes"})), offers="others")
"""Asked first of what is said in a case: a member to which something was passed on is in it too."""


@dataclass(frozen=True, slots=True)
class Step:
    """One page.

    Args:
        slug: its name in the address.
        title: its heading.
        asks: what it asks for.
        lead: said below the heading.
        depth: numbers that it has: 1 for a page of an item, 2 for one of a mark of an item.
        after: the step behind it.
        way: form, list of entries, photographs, digest of a scan, check.
        entry: of a list: the step that an entry is written on, and `path` where the entries stand.
        path: of a list, of photographs, and of a scan: where its digest stands.
        beside: of a list: another one, whose entries belong to those of `path` one by one and go with them.
        another: of a list: asked before one more is added; empty: the entries are given.
        only: as of an `Ask`: the step is left out otherwise.
    """

    slug: str
    title: str
    asks: tuple[Ask, ...] = ()
    lead: str = ""
    depth: int = 0
    after: str = "check"
    way: Way = Way.FORM
    entry: str = ""
    path: str = ""
    beside: str = ""
    another: str = ""
    only: tuple[str, frozenset[str]] | None = None


@dataclass(frozen=True, slots=True)
class Guide:
    """All pages of one kind of message: its name in addresses, title, field in `desk_pb2.Content`.

    `opens`: it is said in no case, and makes one.
    """

    name: str
    title: str
    content: str
    steps: tuple[Step, ...]
    lead: str = ""
    opens: bool = False

    def step(self, slug: str) -> Step:
        """Return a step by its name; raise `NotFoundError`."""
        for one in self.steps:
            if one.slug == slug:
                return one
        raise NotFoundError(_("There is no such page."), where="step")

    def places(self, answers: Answers) -> Iterator[tuple[Step, tuple[int, ...]]]:
        """Yield every page that these answers have, in order, lists before their entries' pages."""
        yield from self._below(answers, 0, (), "")

    def _below(
        self, answers: Answers, depth: int, numbers: tuple[int, ...], under: str
    ) -> Iterator[tuple[Step, tuple[int, ...]]]:
        lists = {one.entry: one for one in self.steps if one.way is Way.LIST}
        for one in self.steps:
            if one.depth != depth or not holds(one.only, answers, numbers):
                continue
            if one.slug not in lists:
                yield one, numbers
            if one.way is Way.LIST and one.slug != under:
                entry = self.step(one.entry)
                for index in range(answers.count(one.path.format(*numbers))):
                    inner = (*numbers, index)
                    yield entry, inner
                    yield from self._below(answers, entry.depth, inner, one.slug)


def holds(condition: tuple[str, frozenset[str]] | None, answers: Answers, numbers: tuple[int, ...]) -> bool:
    """Return whether a condition of an `Ask` or `Step` is met; none is."""
    if condition is None:
        return True
    path, codes = condition
    return not codes.isdisjoint(answers.all(path.format(*numbers)))


def asked(step: Step, answers: Answers, numbers: tuple[int, ...]) -> list[Ask]:
    """Return what a step asks for, as far as the answers before it say."""
    return [one for one in step.asks if holds(one.only, answers, numbers)]


def effective(guide: Guide, answers: Answers) -> Answers:
    """Return the answers without those that another answer has made void, such as a reason for what is not urgent."""
    void, left_out = set[str](), list[str]()
    for step, numbers in guide.places(answers):
        for one in step.asks:
            under = (one.under[0], frozenset({one.under[1]})) if one.under else None
            if not holds(one.only, answers, numbers) or not holds(under, answers, numbers):
                void.add(one.path.format(*numbers))
        here = (one for one in guide.steps if one.depth == len(numbers))
        for skipped in (page for page in here if not holds(page.only, answers, numbers)):
            void.update(ask.path.format(*numbers) for ask in skipped.asks)
            for path in filter(None, (skipped.path, skipped.beside)):
                void.add(path.format(*numbers))
                left_out.append(f"{path.format(*numbers)}.")
    heads = tuple(dict.fromkeys(left_out))
    return Answers(
        {
            path: said
            for path, said in answers.values.items()
            if path.lstrip(PAGE_SIGN) not in void and not path.lstrip(PAGE_SIGN).startswith(heads)
        }
    )
