"""`make pictures`: takes the pictures of README.md, from the members that `make demo-console` leaves running.

    python tests/pictures.py build/console docs/pictures

The browser is Debian's Chromium. Pictures have few colours, so that the repository stays small.
"""

from __future__ import annotations

import asyncio
import io
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.async_api import Browser, BrowserContext, Page

from fakes.console import browsing, follow
from fakes.pages_written import go_on, press
from tracepost.cli.demonstration.consoles import BROWSER_PASSPHRASE

_COLOURS: Final = 32
_SIZE: Final = (1080, 860)
_PATIENCE_MS: Final = 60_000
_FILE: Final = "XAA-2026-0117"
_ACK: Final = "content.acknowledgement"
_SAID: Final = {f"{_ACK}.file_number": "XAB-2026-0042", f"{_ACK}.formal_check": "COMPLETE"}


async def take_all(network: Path, out: Path) -> None:
    """Take each picture anew.

    Args:
        network: folder of a practice network that runs and has consoles.
        out: folder of the pictures.
    """
    async with browsing() as browser, _officer(network, browser, "xab", "poc") as window:
        page = await _signed_in(window)
        await _take(page, out / "inbox.png")
        case = await page.locator("main a[href^='/cases/']", has_text=_FILE).get_attribute("href")
        assert case is not None
        await page.goto(case)
        await _take(page, out / "case.png")
        await _write_acknowledgement(page, case)
        await _take(page, out / "check.png")
        await page.goto("/language/ar?back=/")
        await _take(page, out / "inbox-ar.png")


@asynccontextmanager
async def _officer(network: Path, browser: Browser, member: str, desk: str) -> AsyncIterator[BrowserContext]:
    """Give a window that shows the certificate of an officer, as a browser does that imported his file."""
    settings = (network / member / "console" / "console.toml").read_text()
    [origin] = re.findall('^origin = "(.*)"$', settings, re.MULTILINE)
    file = network / member / "officers" / desk / "officer.p12"
    paper = {"origin": origin, "pfxPath": str(file), "passphrase": BROWSER_PASSPHRASE}
    context = await browser.new_context(
        base_url=origin,
        ignore_https_errors=True,
        client_certificates=[paper],  # type: ignore[list-item] # what one gives is what the other takes
        viewport={"width": _SIZE[0], "height": _SIZE[1]},
        locale="en",
    )
    context.set_default_timeout(_PATIENCE_MS)
    try:
        yield context
    finally:
        await context.close()


async def _signed_in(window: BrowserContext) -> Page:
    page = await window.new_page()
    await page.goto("/sign-in")
    await follow(page, page.locator("form[action='/sign-in/certificate'] button"))
    return page


async def _write_acknowledgement(page: Page, case: str) -> None:
    """Come to the last page of an acknowledgement, which says what each desk will read; it is not sent."""
    await page.goto(case.replace("/cases/", "/write/"))
    await page.locator("input[value=acknowledge]").check()
    await press(page, "Continue")
    await go_on(page, _SAID)
    assert page.url.endswith("/check"), page.url


async def _take(page: Page, path: Path) -> None:
    taken = Image.open(io.BytesIO(await page.screenshot()))
    taken.convert("RGB").quantize(_COLOURS).save(path, optimize=True)


if __name__ == "__main__":
    asyncio.run(take_all(Path(sys.argv[1]), Path(sys.argv[2])))
