"""Somebody who sends the console's forms by hand, in the session of a browser's window: no page is drawn for it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from playwright.async_api import APIRequestContext, APIResponse, Browser, Page

from fakes.console import Console
from fakes.pki import Issued

POISON = "\"><script>window.hit=1</script><img src=x onerror='window.hit=1'>{{7*7}}"
_TOKEN = re.compile(r'name="form_token" value="([^"]+)"')
_ALONE = re.compile(r'govuk-pagination__link" href="[^"?]*(\?(?!looks|events)[a-z]+=[0-9]+)#')
"""What leads to a page of one list, while the others stay at their first; what happened grows with each look."""
_SEEN = re.compile(r'name="seen" value="([^"]+)"')
_ERRORS = re.compile(r'govuk-error-summary__list">(.*?)</ul>', re.DOTALL)

Said = Mapping[str, str | Sequence[str]]


@dataclass
class Hand:
    """Who sends them, and where to."""

    asked: APIRequestContext
    origin: str

    async def get(self, path: str) -> APIResponse:
        return await self.asked.get(self.origin + path, max_redirects=0)

    async def token(self, path: str = "/drafts") -> str:
        found = _TOKEN.search(await (await self.get(path)).text())
        assert found is not None
        return found.group(1)

    async def post(
        self, path: str, said: Said, *, token: str | None = None, origin: str | None = None
    ) -> APIResponse:
        fields = {"form_token": await self.token() if token is None else token, **said}
        head = {"content-type": "application/x-www-form-urlencoded", "origin": origin or self.origin}
        form = urlencode(fields, doseq=True)
        return await self.asked.post(self.origin + path, data=form, headers=head, max_redirects=0)

    async def begin(self, guide: str = "request", case: str = "") -> str:
        """Begin a message; return the number of its draft."""
        answer = await self.post("/drafts/begin", {"guide": guide, "case": case})
        assert answer.status == 303, await answer.text()
        return answer.headers["location"].split("/")[2]

    async def write(self, guide: str, case: str, pages: Sequence[tuple[str, Said]]) -> str:
        """Begin a message and fill its pages, in this order; return the number of its draft."""
        number = await self.begin(guide, case)
        for path, said in pages:
            answer = await self.post(f"/drafts/{number}/{path}", said)
            assert answer.status == 303, (path, errors_of(await answer.text()))
        return number

    async def check(self, number: str) -> str:
        """Return the last page of a draft, on which it can be sent."""
        text = await (await self.get(f"/drafts/{number}/check")).text()
        assert errors_of(text) == "", errors_of(text)
        return text

    async def shown(self, number: str) -> dict[str, str]:
        """Return what the button on the last page of a draft sends along: which draft and preview it shows."""
        found = _SEEN.search(await self.check(number))
        assert found is not None, "it cannot be sent"
        return {"seen": found.group(1)}

    async def send(self, number: str) -> None:
        """Send a draft as its last page shows it."""
        answer = await self.post(f"/drafts/{number}/send", await self.shown(number))
        assert answer.headers.get("location") == f"/drafts/{number}/sent", errors_of(await answer.text())

    async def upload(self, path: str, name: str, content: bytes, media: str = "image/jpeg") -> APIResponse:
        file = {"name": name, "mimeType": media, "buffer": content}
        parts: dict[str, Any] = {"form_token": await self.token(), "view": "LEFT", "file": file}
        return await self.asked.post(
            self.origin + path, multipart=parts, headers={"origin": self.origin}, max_redirects=0
        )


async def all_pages_of(asked: APIRequestContext, answer: APIResponse) -> list[APIResponse]:
    """Return a page of a case with the other pages of its lists, each list by itself."""
    found, waiting = {answer.url: answer}, [answer]
    while waiting and "/cases/" in answer.url:
        for query in _ALONE.findall(await waiting.pop().text()):
            address = answer.url.partition("?")[0] + query
            if address not in found:
                found[address] = await asked.get(address)
                assert found[address].status == answer.status, address
                waiting.append(found[address])
    return list(found.values())


def errors_of(text: str) -> str:
    """Return what the summary on top of a page says is wrong; empty for nothing."""
    found = _ERRORS.search(text)
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", "", found.group(1))).strip() if found else ""


@asynccontextmanager
async def hand_of(
    console: Console, browser: Browser, officer: str | Issued = "7", desk: str = ""
) -> AsyncIterator[tuple[Hand, Page]]:
    """Sign an officer in, at `desk` if he has several; give his hand and his window's page."""
    async with console.visit(browser, officer=officer) as window:
        page = await console.sign_in(window)
        hand = Hand(window.request, console.origin)
        if desk:
            answer = await hand.post("/desk", {"desk": desk})
            assert answer.status == 303
        yield hand, page
