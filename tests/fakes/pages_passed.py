"""An officer whose browser knows no scripts, and what his console answers him: followed, filled in, sent, kept.

    passed = Passed()
    officer = Walker(await console.sign_in("7"), passed, "drafts")
    await officer.get("/drafts")
    await officer.press("/drafts/begin", {"guide": "request"})      # the form of the page with this address
    await officer.go_through("refuse", case, {".ground": "NATIONAL_SECURITY", ".reason_text": "It is ours."}, {})

He presses only what stands on the page that he sees, chooses only what it offers, and all else goes along as it stands
there. Each page is kept in every language, once for each walk; its links and forms lead somewhere.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urlencode, urlsplit

from starlette.applications import Starlette
from starlette.routing import Match, Route
from starlette.types import ASGIApp

from fakes.console_visits import Answer, File, Visitor
from fakes.pages_in_languages import Text
from tracepost.console.forms.guides import GUIDES
from tracepost.console.forms.steps import Step, Way
from tracepost.locale import languages

Said = Mapping[str, str | Sequence[str]]
_TAGS: Final = tuple(one.bcp47 for one in languages() if one.bcp47 != "en")
_STEP: Final = re.compile(r"/drafts/([0-9a-f]{32})/([a-z-]+)(?:/[\d-]+)?")


@dataclass
class Form:
    """A form of a page: where it goes, what it sends as it stands, and what can be chosen or typed in it."""

    action: str
    method: str
    held: list[tuple[str, str]] = field(default_factory=list)
    offered: dict[str, list[str]] = field(default_factory=dict)
    typed: set[str] = field(default_factory=set)

    def knows(self, name: str) -> bool:
        """Say whether it asks for something of this name."""
        return name in self.offered or name in self.typed or f"{name}~y" in self.typed

    def filled(self, said: Said) -> dict[str, list[str]]:
        """Return what it sends when this is said in it; "" is the first that is offered."""
        sent: dict[str, list[str]] = {}
        for name, value in self.held:
            sent.setdefault(name, []).append(value)
        for name, values in said.items():
            sent |= self._answer(name, [values] if isinstance(values, str) else list(values))
        return sent

    def _answer(self, name: str, values: list[str]) -> dict[str, list[str]]:
        """Return what a question sends: a day in its three boxes, what is chosen, or what is typed."""
        assert self.knows(name), f"no {name} in {self.action}: {sorted({*self.offered, *self.typed})}"
        if f"{name}~y" in self.typed:
            return {f"{name}~{box}": [part] for box, part in zip("ymd", values[0].split("-"), strict=True)}
        choice = [one for one in self.offered.get(name, ()) if one]
        if choice and values == [""]:
            return {name: choice[:1]}
        assert name in self.typed or {*choice} >= {*values}, (name, values, choice)
        return {name: values}


class _Forms(HTMLParser):
    """Reads the forms of a page, and the addresses that its links lead to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self.links: list[str] = []
        self._select = ""
        self._area: list[str] | None = None
        self._inside = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in told:
            self.links.append(told["href"])
        elif tag == "form":
            self._inside = True
            self.found.append(Form(told["action"], told.get("method", "get").upper()))
        elif self._inside and told.get("name"):
            self._field(tag, told)
        if tag == "option" and self._select:
            self._choice(self._select, told.get("value", ""), "selected" in told)

    def _field(self, tag: str, told: Mapping[str, str]) -> None:
        form, name, value = self.found[-1], told["name"], told.get("value", "")
        kind = told.get("type", "text")
        if tag == "select":
            self._select = name
        elif tag == "textarea":
            form.typed.add(name)
            self._area = [name, ""]
        elif tag == "button":
            form.offered.setdefault(name, []).append(value)
        elif kind in ("radio", "checkbox"):
            self._choice(name, value, "checked" in told)
        elif kind == "hidden":
            form.held.append((name, value))
        elif kind != "file":
            form.typed.add(name)
            form.held.append((name, value))

    def _choice(self, name: str, value: str, is_chosen: bool) -> None:
        self.found[-1].offered.setdefault(name, []).append(value)
        if is_chosen:
            self.found[-1].held.append((name, value))

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area[1] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area is not None:
            self.found[-1].held.append((self._area[0], self._area[1].lstrip("\n")))
            self._area = None
        self._select = "" if tag == "select" else self._select
        self._inside = self._inside and tag != "form"


@dataclass
class Passed:
    """What consoles answered: each method, address and status, each page of a guide, and the pages themselves."""

    answers: set[str] = field(default_factory=set)
    steps: set[tuple[str, str]] = field(default_factory=set)
    guides: dict[str, str] = field(default_factory=dict)
    """Number of a draft → its guide."""
    texts: list[Text] = field(default_factory=list)
    kept: set[str] = field(default_factory=set)


def routes_of(app: ASGIApp) -> list[Route]:
    """Return what an application answers, in the order in which it looks."""
    assert isinstance(app, Starlette)
    return [one for one in app.routes if isinstance(one, Route)]


@dataclass
class Walker:
    """An officer at a console; `walk` is the name of what he does."""

    visitor: Visitor
    passed: Passed
    walk: str = ""
    page: Answer = field(init=False)
    path: str = ""
    once: bool = False
    """Whether a page is kept in his own language alone: what is asked for cannot be asked for again."""
    was_refused: bool = False
    """Whether a page of a guide was sent as it stood, and led to errors: on it, or on the last page."""

    async def get(self, path: str) -> Answer:
        """Ask for a page, and go on where it leads."""
        return await self._come("GET", path, lambda: self.visitor.get(path))

    async def post(self, path: str, said: Said, files: Sequence[tuple[str, File]] = ()) -> Answer:
        """Send a form that stands on no page."""
        return await self._come("POST", path, lambda: self.visitor.post(path, said, files))

    async def press(
        self, action: str, said: Said | None = None, files: Sequence[tuple[str, File]] = ()
    ) -> Answer:
        """Send the first form of this page that goes to an address ending so, with this said in it."""
        form = self.form(action, said or {})
        sent = form.filled(said or {})
        if form.method == "GET":
            return await self.get(f"{form.action}?{urlencode(sent, doseq=True)}")
        del sent["form_token"]
        return await self._come("POST", form.action, lambda: self.visitor.post(form.action, sent, files))

    def form(self, action: str, said: Said | None = None) -> Form:
        """Return the first form of this page that goes to an address ending so and in which this can be said."""
        forms = [one for one in _Forms(self.page.text).found if one.action.endswith(action)]
        assert forms, f"nothing goes to {action} on {self.path}: {self.page.words}"
        return next((one for one in forms if all(one.knows(name) for name in said or {})), forms[0])

    def links(self, part: str) -> list[str]:
        """Return where the links of this page with this part lead."""
        return [one for one in dict.fromkeys(_Forms(self.page.text).links) if part in one]

    async def _come(self, method: str, path: str, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        answer = await ask()
        name = self._name_of(method, path)
        self.passed.answers.add(f"{name} {answer.status}")
        if answer.status == 303:
            return await self.get(answer.headers["location"])
        if answer.headers.get("content-type", "").startswith("text/html"):
            self.page, self.path = answer, path
            called = f"{self.walk}: {self._called(name, path)} {answer.status}"
            await self._keep(f"{called}, with errors" if _errors(answer) else called, answer, ask)
        return answer

    def _name_of(self, method: str, path: str) -> str:
        """Return the method and path of the page that answers at an address, as its room writes it."""
        scope = {"type": "http", "method": method, "path": urlsplit(path).path, "headers": []}
        found = [one for one in routes_of(self.visitor.app) if one.matches(scope)[0] is Match.FULL]
        return f"{method} {found[0].path}" if found else f"{method} nowhere"

    def _called(self, name: str, path: str) -> str:
        """Return what a page is called: one of a draft by its guide and step."""
        found = _STEP.fullmatch(path)
        guide = self.passed.guides.get(found.group(1)) if found else None
        if found is None or guide is None:
            return name
        if found.group(2) in {one.slug for one in GUIDES[guide].steps}:
            self.passed.steps.add((guide, found.group(2)))
        return f"{name} {guide} {found.group(2)}"

    async def _keep(self, called: str, answer: Answer, ask: Callable[[], Awaitable[Answer]]) -> None:
        """Keep a page, once, and ask for it in the other languages."""
        mine = f"{called} {self.visitor.language}{' once' if self.once else ''}"
        if mine in self.passed.kept:
            return
        assert self._dead_ends(answer.text) == [], called
        self.passed.kept.add(mine)
        self.passed.texts.append((called, self.visitor.language, answer.text))
        for tag in () if self.once else _TAGS:
            self.visitor.language = tag
            told = await ask()
            assert told.status == answer.status, (called, tag, told.words)
            assert told.text != answer.text, (called, tag)
            self.passed.texts.append((called, tag, told.text))
        self.visitor.language = "en"

    def _dead_ends(self, text: str) -> list[str]:
        """Return where links and forms of a page lead, but nothing answers."""
        forms = _Forms(text)
        ways = [("GET", one) for one in forms.links if one.startswith("/")]
        ways += [(one.method, one.action) for one in forms.found]
        return [path for method, path in ways if self._name_of(method, path).endswith(" nowhere")]

    async def ask(self, method: str, path: str, body: bytes = b"", **said: str) -> Answer:
        """Ask in another way than a page does; `said` are headers."""
        return await self._come(method, path, lambda: self.visitor.ask(method, path, body, **said))

    # ------------------------------------------------------------ guides

    async def begin(self, guide: str, case: str = "") -> str:
        """Begin a message as the pages offer it; return the number of its draft."""
        await self.get(f"/write/{case}" if case else "/drafts")
        sent = self.form("/drafts/begin").filled({"guide": guide})
        del sent["form_token"]
        begun = await self.visitor.post("/drafts/begin", sent)
        self.passed.answers.add(f"POST /drafts/begin {begun.status}")
        assert begun.status == 303, begun.words
        number = begun.headers["location"].split("/")[2]
        self.passed.guides[number] = guide
        await self.get(begun.headers["location"])
        return number

    async def go_through(self, guide: str, case: str, said: Said, files: Mapping[Way, File]) -> None:
        """Write a message page by page, as `write` does, and send it."""
        await self.write(guide, case, said, files)
        await self.press("/send")
        assert self.path.endswith("/sent"), (guide, _errors(self.page))

    async def write(self, guide: str, case: str, said: Said, files: Mapping[Way, File]) -> None:
        """Write a message page by page to its last one, on which it can be sent.

        Args:
            guide: its name.
            case: in which it is said; empty for one that makes a case.
            said: what is said, by the names of the fields; a point before stands for those of the message itself.
            files: what is chosen where a file is asked for.
        """
        await self.begin(guide, case)
        head = f"content.{GUIDES[guide].content}"
        left = {re.sub(r"^(~?)\.", rf"\1{head}.", name): value for name, value in said.items()}
        been: set[str] = set()
        while (slug := _slug(self.path)) != "check":
            before = self.path
            await self._pass(GUIDES[guide].step(slug), left, been, files)
            assert self.page.status == 200, (before, left, _errors(self.page))
            assert self.path != before, (before, self.page.words)
        assert not left, (guide, f"nobody asked for {sorted(left)}")
        assert "/send" in self.page.text, (guide, _errors(self.page))

    async def _pass(
        self,
        step: Step,
        left: dict[str, str | Sequence[str]],
        been: set[str],
        files: Mapping[Way, File],
    ) -> None:
        """Do what a page asks for, and go on."""
        path = self.path
        if step.way is Way.LIST:
            entries = [one for one in self.links(f"/{step.entry}/") if one not in been]
            await (
                self.get(entries[0])
                if entries
                else self.press(path, {"another": "no"} if step.another else {})
            )
        elif step.way is Way.PHOTOGRAPHS:
            await self.press(
                f"/photograph/{path.rpartition('/')[2]}", {"view": "LEFT"}, [("file", files[step.way])]
            )
            await self.press(path)
        elif step.way is Way.SCAN:
            await self.press("/scan", {}, [("file", files[step.way])])
        else:
            been.add(path)
            await self._send_as_it_stands(path)
            form = self.form(path)
            here = {name: left.pop(name) for name in [*left] if form.knows(name)}
            await self.press(path, here)

    async def _send_as_it_stands(self, path: str) -> None:
        """Send a page on which nothing was filled in, unless one led to errors before; be there again."""
        if not self.was_refused:
            await self.press(path)
            self.was_refused = bool(_errors(self.page))
            await self.get(path)


def _slug(path: str) -> str:
    found = _STEP.fullmatch(path)
    assert found is not None, path
    return found.group(2)


def _errors(page: Answer) -> str:
    return re.sub("<[^>]*>", " ", page.text.partition("error-summary__list")[2].partition("</ul>")[0])
