"""A console beside a member's node, and a real browser at it.

    async with running_console(town, "xaa", tmp_path / "console") as console:
        async with browsing() as browser:
            page = await console.visit(browser, officer="7")
            await page.goto("/sign-in")

The browser is Debian's Chromium (apt-get install --no-install-recommends chromium). A test without it fails, and
says so.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import ipaddress
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from playwright.async_api import Browser, BrowserContext, Locator, Page, async_playwright

from fakes.pki import DOMAIN, Issued
from fakes.ports import find_port
from fakes.town import Resident, Town
from tracepost.cli.console_pages import ConsolePages
from tracepost.console.serving import serve_console
from tracepost.console.settings import CONFIG_NAME
from tracepost.protocol.identity import Role

HOST = "localhost"
_PATIENCE_MS = 180_000
_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


@dataclass(frozen=True)
class Console:
    """A console that answers at `origin`, in `folder`, for a member of `town`."""

    town: Town
    member: str
    folder: Path
    origin: str

    @asynccontextmanager
    async def visit(
        self, browser: Browser, *, officer: str | Issued | None = None, script: bool = True, **options: Any
    ) -> AsyncIterator[BrowserContext]:
        """Give a browser's window of its own, which shows an officer's certificate if one is named."""
        issued = self.town.residents[self.member].officers[officer] if isinstance(officer, str) else officer
        papers = [] if issued is None else [certificate_of(issued, self.origin)]
        context = await browser.new_context(
            base_url=self.origin,
            ignore_https_errors=True,
            java_script_enabled=script,
            client_certificates=papers,
            **options,
        )
        context.set_default_timeout(_PATIENCE_MS)
        try:
            yield context
        finally:
            await context.close()

    async def sign_in(self, context: BrowserContext) -> Page:
        """Sign in with the certificate that the window shows; return the page that comes first."""
        page = await context.new_page()
        await page.goto("/sign-in")
        await follow(page, page.locator("form[action='/sign-in/certificate'] button"))
        assert page.url == f"{self.origin}/"
        return page


async def follow(page: Page, way: Locator) -> None:
    """Press a button or a link and wait for the page behind it, also where its address is the same."""
    async with page.expect_navigation():
        await way.click()


def certificate_of(issued: Issued, origin: str) -> Any:
    """Return what a window is told to show at `origin`."""
    return {"origin": origin, "cert": issued.chain_pem, "key": issued.key_pem}


@asynccontextmanager
async def running_console(
    town: Town, member: str, folder: Path, *, session: str = "", pages: int = 0
) -> AsyncIterator[Console]:
    """Run a console of a member in this process.

    `session` are lines of its section [session], `pages` is the port of its pages for machines, 0 for none.
    """
    resident, port = town.residents[member], find_port()
    found_console(resident, folder, port, session, pages)
    answers, stop = asyncio.Event(), asyncio.Event()
    onlooker = ConsolePages(stop.is_set) if pages else None
    serving = asyncio.create_task(
        serve_console(folder / CONFIG_NAME, stop=stop, ready=lambda _port: answers.set(), onlooker=onlooker)
    )
    ready = asyncio.create_task(answers.wait())
    await asyncio.wait({serving, ready}, return_when=asyncio.FIRST_COMPLETED)
    if serving.done():
        await serving
    try:
        yield Console(town, member, folder, f"https://{HOST}:{port}")
    finally:
        stop.set()
        await serving


def found_console(resident: Resident, folder: Path, port: int, session: str, pages: int = 0) -> None:
    """Write the folder of a console."""
    own, web = resident.authority.issue(Role.CONSOLE), web_papers(HOST)
    settings = _settings(resident.authority.member, resident.ports.desk, port, session)
    if pages:
        settings = f'metrics = "127.0.0.1:{pages}"\n{settings}'
    files = {
        "console.pem": own.chain_pem,
        "console.key": own.key_pem,
        "root.pem": resident.authority.pem,
        "web.pem": web.chain_pem,
        "web.key": web.key_pem,
        CONFIG_NAME: settings.encode(),
    }
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)


@asynccontextmanager
async def browsing() -> AsyncIterator[Browser]:
    """Run a browser without a screen."""
    path = shutil.which("chromium")
    if path is None:
        pytest.fail("there is no browser: apt-get install -y --no-install-recommends chromium")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=path, args=list(_FLAGS), timeout=_PATIENCE_MS
        )
        try:
            yield browser
        finally:
            await browser.close()


def _settings(member: str, node: int, port: int, session: str) -> str:
    return f"""
member = "{member}"
domain = "{DOMAIN}"
node = "127.0.0.1:{node}"
origin = "https://{HOST}:{port}"
listen = "127.0.0.1:{port}"
[web]
certificate = "web.pem"
key = "web.key"
[session]
{session}
"""


def web_papers(host: str) -> Issued:
    """Return a certificate for the name or address that a browser dials."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    is_name = host.replace(".", "").isalpha()
    dialled = x509.DNSName(host) if is_name else x509.IPAddress(ipaddress.ip_address(host))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([dialled]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Issued(key, certificate)
