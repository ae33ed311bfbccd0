"""A whole message typed at a console, page by page as its guide leads, from what a message of the wire says.

    typist = Typist(page, GUIDES["answer"], texts_of(response, "content.response"))
    await typist.type()      # now its last page is shown, on which it is signed and sent

What a page does not ask for is not typed; lists that a guide has begun keep only what is told of.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.async_api import Page

from fakes.console import follow
from fakes.pages_written import another, errors, fill, go_on, press
from tracepost.console.forms.answers import PAGE_SIGN, Answers
from tracepost.console.forms.steps import Guide, Step, Way

_ISOLATES: Final = re.compile("[\u2066-\u2069\\s]")


@dataclass
class Typist:
    """An officer before a draft of `guide` who types what is `told`.

    Args:
        page: shows a page of the draft.
        parts: the photographs.
        scan: the paper that it is keyed in from.
    """

    page: Page
    guide: Guide
    told: Answers
    parts: Sequence[bytes] = ()
    scan: bytes = b""
    opened: set[str] = field(default_factory=set)

    async def type(self) -> None:
        """Go through the pages up to the last one."""
        ways = {
            Way.FORM: self._form,
            Way.LIST: self._list,
            Way.PHOTOGRAPHS: self._photographs,
            Way.SCAN: self._scan,
        }
        while (here := self._place())[0].way is not Way.CHECK:
            await ways[here[0].way](*here)
            assert await errors(self.page) == [], self.page.url

    def _place(self) -> tuple[Step, tuple[int, ...]]:
        _nothing, _drafts, _number, slug, *rest = urlsplit(self.page.url).path.split("/")
        numbers = tuple(int(one) for part in rest for one in part.split("-"))
        return self.guide.step(slug), numbers

    async def _form(self, _step: Step, _numbers: tuple[int, ...]) -> None:
        await answer(self.page, self.told)
        await go_on(self.page)

    async def _list(self, step: Step, numbers: tuple[int, ...]) -> None:
        path = step.path.format(*numbers)
        if step.another:
            rows = await self.page.locator('form[action$="/remove"]').count()
            await another(self.page, yes=rows < self.told.count(path))
            return
        await self._keep([self.told.first(f"{path}.{one}.item_id") for one in range(self.told.count(path))])
        ways = self.page.locator('dl a[href^="/drafts/"]')
        for way in await ways.all():
            address = str(await way.get_attribute("href"))
            if address not in self.opened:
                self.opened.add(address)
                await follow(self.page, way)
                return
        await press(self.page, "Continue")

    async def _keep(self, wanted: list[str]) -> None:
        """Take out of a list that was begun what nothing is told of."""
        rows = await self.page.locator("dl dd.govuk-summary-list__value").all_inner_texts()
        if len(rows) == len(wanted):
            return
        for index in reversed(range(len(rows))):
            if _ISOLATES.sub("", rows[index]) not in wanted:
                form = f'form[action$="/remove"]:has(input[name="index"][value="{index}"])'
                await follow(self.page, self.page.locator(f"{form} button"))

    async def _photographs(self, step: Step, numbers: tuple[int, ...]) -> None:
        path = step.path.format(*numbers)
        contents = {hashlib.sha256(one).hexdigest(): one for one in self.parts}
        for index in range(self.told.count(path)):
            await fill(self.page, {"view": self.told.first(f"{path}.{index}.view")})
            content = contents[self.told.first(f"{path}.{index}.sha256")]
            kind = self.told.first(f"{path}.{index}.media_type")
            await self._choose_file({"name": "photograph", "mimeType": kind, "buffer": content})
            await press(self.page, "Add the photograph")
            assert await errors(self.page) == []
        await press(self.page, "Continue")

    async def _scan(self, _step: Step, _numbers: tuple[int, ...]) -> None:
        await self._choose_file({"name": "scan", "mimeType": "application/pdf", "buffer": self.scan})
        await press(self.page, "Take its digest")

    async def _choose_file(self, file: Any) -> None:
        await self.page.locator('main input[type="file"]').set_input_files(file)


async def answer(page: Page, told: Answers) -> None:
    """Answer the questions of a page of which something is told, in their order; what is typed twice, twice."""
    names = await page.locator("main form [name]").evaluate_all("all => all.map(one => one.name)")
    for name in dict.fromkeys(one.removesuffix("~y") for one in names):
        said = list(told.all(name) or told.all(name.removeprefix(PAGE_SIGN)))
        boxes = page.locator(f'[name="{name}"], [name="{name}~y"]')
        if not said or not await boxes.first.is_visible():
            continue
        if await boxes.first.get_attribute("type") == "checkbox":
            for box in await boxes.all():
                await box.set_checked(await box.get_attribute("value") in said)
        else:
            await fill(page, {name: said})
