"""An officer at a console who writes: fills pages by the names of their fields and goes on."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from playwright.async_api import Locator, Page

from fakes.console import follow
from tracepost.locale.words import words_of

PICTURES = Path(os.environ.get("TRACEPOST_PICTURES", "build/console"))
REQUEST = "content.trace_request"
ITEM = f"{REQUEST}.items.0"
MARK = f"{ITEM}.object.mark"


async def fill(page: Page, said: Mapping[str, str | list[str]]) -> None:
    """Answer the questions of a page: text is typed, a code is chosen, a date is year, month and day."""
    for name, value in said.items():
        for one in [value] if isinstance(value, str) else value:
            await _answer(page, name, one)


async def _answer(page: Page, name: str, value: str) -> None:
    chosen = page.locator(f'input:is([type="radio"], [type="checkbox"])[name="{name}"][value="{value}"]')
    if await chosen.count():
        await chosen.check()
        return
    if await page.locator(f'input[name="{name}~y"]').count():
        for part, letter in zip(value.split("-"), "ymd", strict=False):
            await page.locator(f'input[name="{name}~{letter}"]').fill(part)
        return
    box = page.locator(f'[name="{name}"]')
    tag = await box.evaluate("one => one.tagName")
    await (box.select_option(value) if tag == "SELECT" else box.fill(value))


async def go_on(page: Page, said: Mapping[str, str | list[str]] | None = None) -> None:
    """Answer, press the button of the page's own form, and wait for what comes."""
    await fill(page, said or {})
    await press(page, "Save and continue")


async def another(page: Page, *, yes: bool) -> None:
    """Say on a list whether one more is to be added."""
    await page.locator(f'input[name="another"][value="{"yes" if yes else "no"}"]').check()
    await press(page, "Continue")


async def press(page: Page, words: str) -> None:
    """Press a button by its English words, in whatever language the page is, and wait for the page behind it."""
    await follow(page, page.get_by_role("button", name=await said_here(page, words), exact=True))


async def said_here(page: Page, words: str) -> str:
    """Return the words of the page's own language for the English `words`."""
    tag = await language_of(page)
    said = words_of(tag).gettext(words)
    assert (said == words) == (tag == "en"), f"{words!r} is not said in {tag}"
    return said


async def language_of(page: Page) -> str:
    return await page.locator("html").get_attribute("lang") or ""


async def picture(page: Page, name: str) -> None:
    """Keep what is shown; pages that are not in English in a folder of their language."""
    tag = await language_of(page)
    folder = PICTURES if tag == "en" else PICTURES / tag
    await page.screenshot(path=folder / f"{name}.png", full_page=True)


async def errors(page: Page) -> list[str]:
    """Return what the summary on top says."""
    return await page.locator(".govuk-error-summary__list li").all_inner_texts()


def main_of(page: Page) -> Locator:
    """Return the content of a page without its frame."""
    return page.locator("main")


async def write_request(
    page: Page, photographs: Sequence[Path], *, number: str, to: str = "xab", exercise: bool = False
) -> None:
    """Write a request of one weapon with two marks and photographs, up to its check."""
    await page.goto("/drafts")
    if exercise:
        await page.locator('input[name="exercise"]').check()
    await press(page, "Ask for a trace")
    await go_on(page, {"to": to, f"{REQUEST}.addressed_because": "MANUFACTURE"})
    await go_on(page, {f"{REQUEST}.file_number": number, f"{REQUEST}.urgency": "ROUTINE"})
    await go_on(page, {f"{ITEM}.kind": "WEAPON", f"{ITEM}.custody": "HELD"})
    await go_on(
        page,
        {
            f"{ITEM}.object.category": "ASSAULT_RIFLE",
            f"{ITEM}.object.make": "Norinco",
            f"{ITEM}.object.model": "Type 56-1",
            f"{ITEM}.object.calibre_as_marked": "7.62x39",
            f"{ITEM}.object.country_of_manufacture": "China",
        },
    )
    await go_on(
        page,
        {
            f"{MARK}.0.role": "MANUFACTURER_SERIAL",
            f"{MARK}.0.text_as_seen": "3811-B046",
            f"~{MARK}.0.text_as_seen": "3811-B046",
            f"{MARK}.0.location": "RECEIVER",
            f"{MARK}.0.legibility": "CLEAR",
            f"{MARK}.0.confidence": "CERTAIN",
            f"{MARK}.0.read_from": "WEAPON",
        },
    )
    await another(page, yes=True)
    await go_on(page, {f"{MARK}.1.role": "MAKE", f"{MARK}.1.symbol": "66 in a triangle"})
    await picture(page, "request-marks")
    await another(page, yes=False)
    for photograph in photographs:
        await fill(page, {"view": "SERIAL"})
        await page.locator('input[name="file"]').set_input_files(photograph)
        await press(page, "Add the photograph")
    await picture(page, "request-photograph")
    await press(page, "Continue")
    await another(page, yes=False)
    await go_on(
        page,
        {
            f"{REQUEST}.circumstances.found_situation": "SEIZED",
            f"{REQUEST}.circumstances.found_on": "2026-5-17",
            f"{REQUEST}.circumstances.country": "XAA",
            f"{REQUEST}.circumstances.summary": "One rifle in a parcel.",
            f"{REQUEST}.circumstances.exact_place": "Sorting hall 4, second belt",
        },
    )
    await go_on(page, {f"{REQUEST}.illicit_grounds": "NATIONAL_LAW"})
    await go_on(page, {"purpose": "CRIMINAL_INVESTIGATION", f"{REQUEST}.questions": "FIRST_RECIPIENT"})
    await go_on(
        page,
        {
            f"{REQUEST}.handling_instructions": "DO_NOT_CONTACT_OWNER",
            "~restrictions": ["NO_ONWARD_RELEASE", "NO_PUBLICATION"],
            f"{REQUEST}.guarantees_restrictions": "yes",
        },
    )
    await go_on(page, {f"{REQUEST}.office.organisation": "National tracing office"})
