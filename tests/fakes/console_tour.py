"""An officer who goes through a console without a browser: every link and every form of every page that he is shown.

    tour = Tour(visitor, whole_app.routes, judge)
    await tour.go(["/"])
    tour.reached                                # {("GET", "/cases/{case}"), …}

Forms go as they stand, their first choices made and their blanks filled by name; what ends something goes last.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final
from urllib.parse import parse_qsl

from starlette.routing import BaseRoute, Match, Route

from fakes.console_visits import Answer, File, Visitor

Way = tuple[str, str]
"""A method, and a path as its route writes it."""

SHOWN: Final = frozenset({200, 201, 204, 303, 422})
"""What is answered where a page was given: 422 is a form with what is wrong in it."""

_CHOSEN: Final = ("format", "guide", "kind")
"""Radio buttons of which each is sent once; of others the first."""
_LAST: Final = frozenset(
    {
        "/drafts/{draft}/delete",
        "/drafts/{draft}/remove",
        "/bulk/{result}/delete",
        "/passkeys/remove",
        "/sign-out",
    }
)
_UNTICKED: Final = "exercise"
"""The box that is left as it is: what is sought in exercises is not found in what was said in earnest."""
_MOST: Final[Mapping[str, int]] = {
    "GET": 2,
    "POST": 1,
    "GET /cases/{case}": 1000,
    "GET /cases/{case}/files": 1000,
    "GET /write/{case}": 1000,
    "GET /directory/{member}": 1000,
    "GET /inbox/{state}": 1000,
    "GET /sent/{list}": 1000,
    "GET /drafts/{draft}/{step}": 1000,
    "GET /language/{language}": 0,
}
"""How often an officer follows a link of a way, and sends a form with the same choice; 1000: wherever it leads."""
_ONCE_FOR_ALL: Final = frozenset({"/forms"})
"""Forms that one officer sends for all of them: what they answer is the same for everybody."""
_THEN: Final = "?then=check"
"""Ends the address of a page that leads on elsewhere than it does without, and is the same."""
_GROWING: Final = frozenset({"looks", "events"})
"""Lists in which each look of the officer is written down: he reads no further than their second pages."""


@dataclass(frozen=True)
class Ask:
    """What is asked for: a page, or a form with its fields, and files by the name of their field."""

    method: str
    path: str
    fields: tuple[tuple[str, str], ...] = ()
    files: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.method} {self.path} {dict(self.fields) or ''}"


Judge = Callable[[Way, Ask, Answer], None]


@dataclass
class Tour:
    """Where one officer goes.

    Args:
        visitor: who has signed in.
        routes: of the application.
        judge: is given each answer.
        blanks: what he writes into fields that are empty, by their names.
        files: what he uploads, by the path of the form; "" for any other.
    """

    visitor: Visitor
    routes: Sequence[BaseRoute]
    judge: Judge
    blanks: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, File] = field(default_factory=dict)
    left_out: frozenset[str] = frozenset()
    """Where he sends no form."""
    by_all: Counter[str] = field(default_factory=Counter)
    """What all officers have sent, where that is bounded; they share it."""
    reached: set[Way] = field(default_factory=set)
    addresses: dict[str, list[str]] = field(default_factory=dict)
    """The pages that he was given, by their route."""
    _went: Counter[str] = field(default_factory=Counter)
    _known: set[Ask] = field(default_factory=set)
    _first: deque[Ask] = field(default_factory=deque)
    _last: list[Ask] = field(default_factory=list)

    async def go(self, paths: Iterable[str]) -> None:
        """Begin at these pages, and go wherever they lead."""
        for path in paths:
            self._plan(Ask("GET", path))
        while self._first:
            await self.ask(self._first.popleft())

    async def end(self) -> None:
        """Do what ends something."""
        for one in sorted(self._last, key=lambda one: one.path == "/sign-out"):
            await self.ask(one)

    async def ask(self, ask: Ask) -> Answer:
        """Ask for one page, and remember where it leads."""
        answer = await self._answer(ask)
        route = self.route(ask)
        self.judge((ask.method, route), ask, answer)
        if answer.status in SHOWN:
            self.reached.add((ask.method, route))
            if ask.method == "GET":
                self.addresses.setdefault(route, []).append(ask.path)
        if answer.status == 303:
            self._plan(Ask("GET", answer.headers["location"]), soon=True)
        if answer.headers.get("content-type", "").startswith("text/html"):
            self._look_around(ask.path, answer)
        return answer

    async def _answer(self, ask: Ask) -> Answer:
        if ask.method == "GET":
            return await self.visitor.get(ask.path)
        fields: dict[str, list[str]] = {}
        for name, value in ask.fields:
            fields.setdefault(name, []).append(value)
        content = self.files.get(ask.path) or self.files[""]
        return await self.visitor.post(ask.path, fields, [(name, content) for name in ask.files])

    def _look_around(self, path: str, answer: Answer) -> None:
        page = Page.of(answer.text)
        for link in page.links:
            plain = link.partition("#")[0].removesuffix(_THEN)
            if plain.startswith("?"):
                plain = path.partition("?")[0] + plain
            if plain.startswith("/") and not plain.startswith("/assets/"):
                self._plan(Ask("GET", plain))
        for form in page.forms:
            for ask in form.asks(self.blanks):
                self._plan(ask)

    def _plan(self, ask: Ask, *, soon: bool = False) -> None:
        route = self.route(ask)
        way = f"{ask.method} {route}"
        chosen = f"{way} {[pair for pair in ask.fields if pair[0] in _CHOSEN]}"
        if not route or ask in self._known or self._is_left(ask) or _is_turned_twice(ask.path):
            return
        if not soon and self._went[chosen] >= _MOST.get(way, _MOST[ask.method]):
            return
        if route in _ONCE_FOR_ALL and self.by_all[chosen]:
            return
        self.by_all[chosen] += ask.method == "POST"
        self._known.add(ask)
        self._went[chosen] += 1
        if route in _LAST:
            self._last.append(ask)
        elif soon:
            self._first.appendleft(ask)
        else:
            self._first.append(ask)

    def _is_left(self, ask: Ask) -> bool:
        return ask.method == "POST" and ask.path in self.left_out

    def route(self, ask: Ask) -> str:
        """Return the path of the route that answers; empty for none."""
        scope = {"type": "http", "method": ask.method, "path": ask.path.partition("?")[0], "root_path": ""}
        return next(
            (
                one.path
                for one in self.routes
                if isinstance(one, Route) and one.matches(scope)[0] is Match.FULL
            ),
            "",
        )


def _is_turned_twice(path: str) -> bool:
    """Say whether an address leads to a page of a list that another leads to, or that grows with each look."""
    pages = [(name, int(value)) for name, value in parse_qsl(path.partition("?")[2]) if value.isdecimal()]
    return len(pages) > 1 or any(page == 1 or (name in _GROWING and page > 2) for name, page in pages)


# ── what stands on a page ────────────────────────────────────────────────────────────


@dataclass
class Form:
    """A form of a page: what goes along always, what one of several is, and where files belong."""

    method: str
    action: str
    always: list[tuple[str, str]] = field(default_factory=list)
    radios: dict[str, list[str]] = field(default_factory=dict)
    boxes: dict[str, str] = field(default_factory=dict)
    selects: dict[str, list[str]] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    files: list[str] = field(default_factory=list)

    def asks(self, blanks: Mapping[str, str]) -> Iterator[Ask]:
        """Yield the form as it can be sent: once for each button, and for each choice of some."""
        fields = [(name, value or blanks.get(name, "")) for name, value in self.always]
        fields += [(name, blanks.get(name, values[0])) for name, values in self.selects.items() if values]
        fields += self.boxes.items()
        fields += [(name, values[0]) for name, values in self.radios.items() if name not in _CHOSEN]
        chosen = [(name, one) for name in _CHOSEN for one in self.radios.get(name, ())]
        for button in self.buttons or [("", "")]:
            for choice in chosen or [("", "")]:
                said = tuple(pair for pair in (*fields, choice, button) if pair[0])
                if self.method == "get":
                    yield Ask("GET", f"{self.action}?{'&'.join('='.join(pair) for pair in said)}")
                else:
                    yield Ask("POST", self.action, said, tuple(self.files))


class Page(HTMLParser):
    """What a browser would make of a page: its links and forms."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.forms: list[Form] = []
        self._select = ""

    @classmethod
    def of(cls, text: str) -> Page:
        """Read a page."""
        page = cls()
        page.feed(text)
        page.close()
        return page

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take in one tag."""
        said = {name: value or "" for name, value in attrs}
        if tag in {"a", "img"}:
            self.links.append(said.get("href") or said.get("src") or "")
        elif tag == "form":
            self.forms.append(Form(said.get("method", "get"), said.get("action", "")))
        elif self.forms:
            self._take(self.forms[-1], tag, said)

    def _take(self, form: Form, tag: str, said: dict[str, str]) -> None:
        name, value, kind = said.get("name", ""), said.get("value", ""), said.get("type", "text")
        if tag == "select":
            self._select = name
            form.selects[name] = []
        elif tag == "option" and self._select:
            at = 0 if "selected" in said else len(form.selects[self._select])
            form.selects[self._select].insert(at, value)
        elif tag == "button" or kind == "submit":
            form.buttons += [(name, value)] if name else []
        elif tag == "textarea":
            form.always.append((name, ""))
        elif tag == "input" and name and name != "form_token":
            self._take_input(form, name, value, kind, is_checked="checked" in said)

    @staticmethod
    def _take_input(form: Form, name: str, value: str, kind: str, *, is_checked: bool) -> None:
        if kind == "file":
            form.files.append(name)
        elif kind == "radio":
            values = form.radios.setdefault(name, [])
            values.insert(0 if is_checked else len(values), value)
        elif kind == "checkbox":
            form.boxes |= {name: value} if name not in {_UNTICKED, *form.boxes} else {}
        else:
            form.always.append((name, value))
