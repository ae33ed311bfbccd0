"""Sign-in by an account at a provider, in a real browser: cookies come along or stay behind as browsers have it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page

from fakes.console import browsing, follow, running_console
from fakes.pages_in_languages import told_of
from fakes.provider import NAME, running_provider
from fakes.town import POC, found_town


async def sign_in_there(page: Page, subject: str) -> None:
    """Sign in on the provider's page, which leads back."""
    await page.locator("input[name=subject]").fill(subject)
    await page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("script", [True, False])
async def test_an_officer_links_his_account_signs_out_and_comes_back_with_it(
    tmp_path: Path, *, script: bool
) -> None:
    town = found_town(tmp_path / "town", {"xaa": (POC,)}, "hub")
    with running_provider(tmp_path / "provider") as provider:
        async with (
            town.running("hub", "xaa"),
            running_console(town, "xaa", tmp_path / "console", session=provider.settings) as console,
            browsing() as browser,
        ):
            await town.unlock("xaa")
            async with console.visit(browser, officer="7", script=script) as window:
                page = await console.sign_in(window)
                await page.goto("/account")
                if script:
                    await judge(window, ["/account"])
                await page.get_by_role("button", name="Link an account").click()
                await sign_in_there(page, "account-7")
                await page.wait_for_url("**/account")
                if script:
                    await judge(window, ["/account"])
                assert "account-7" in await page.inner_text("main")
                await follow(page, page.get_by_role("button", name="Link this account to my certificate"))
                assert await page.get_by_role("button", name="Unlink this account").count() == 1
                if script:
                    await judge(window, ["/account", "/sign-in"])
                await follow(page, page.get_by_role("button", name="Sign out"))
            async with console.visit(browser, script=script) as window:
                page = await window.new_page()
                await page.goto("/sign-in")
                await page.get_by_role("button", name=f"Sign in with {NAME}").click()
                await sign_in_there(page, "account-7")
                await page.wait_for_url(f"{console.origin}/")
                assert "Officer 7" in await page.inner_text("header")
                assert "Waiting for us" in await page.inner_text("main")


async def judge(window: BrowserContext, addresses: list[str]) -> None:
    """Find no fault in pages in any language."""
    told = await told_of(window, addresses, ())
    assert len(told) == 6 * len(addresses)
    assert [(one["tag"], one["faults"]) for one in told if one["faults"] or one["status"] != 200] == []
