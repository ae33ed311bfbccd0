"""A console's pages for machines: whether it lives, whether it takes work, and what is counted there."""

from __future__ import annotations

import asyncio
import http.client
import json
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from prometheus_client.parser import text_string_to_metric_families
from structlog.testing import capture_logs

from fakes.console import HOST, found_console, running_console
from fakes.ports import find_port
from fakes.town import POC, Town, found_town, until
from tracepost.cli import console_pages
from tracepost.cli.console_pages import ConsolePages, expiries_of, tell_of_ends
from tracepost.console.serving import serve_console
from tracepost.console.settings import CONFIG_NAME, load_settings
from tracepost.protocol.errors import ConfigurationError
from tracepost.serving.expiry import DAY_S
from tracepost.serving.telemetry import SAFE_KEYS

PATIENCE_S = 60


@dataclass(frozen=True)
class Served:
    """A console of `xaa` that serves in this process."""

    town: Town
    port: int
    pages: int

    def ask(self, path: str) -> tuple[int, str]:
        """Return the status and the text of a page for machines."""
        return _fetched(http.client.HTTPConnection("127.0.0.1", self.pages, timeout=PATIENCE_S), "GET", path)

    def visit(self, method: str, path: str) -> int:
        """Return the status that a browser without a certificate gets."""
        anybody = ssl.create_default_context()
        anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
        line = http.client.HTTPSConnection(HOST, self.port, timeout=PATIENCE_S, context=anybody)
        return _fetched(line, method, path)[0]

    def figures(self) -> dict[tuple[str, str], float]:
        """Return what is counted, by name and the value of its label."""
        families = text_string_to_metric_families(self.ask("/metrics")[1])
        found = [one for family in families for one in family.samples]
        return {
            (
                one.name,
                next((one.labels[key] for key in ("code", "paper") if key in one.labels), ""),
            ): one.value
            for one in found
        }

    def is_ready(self) -> bool:
        return self.ask("/readyz") == (200, '{"state":"ready"}')

    def is_alone(self) -> bool:
        return self.ask("/readyz") == (503, '{"state":"node-away"}')


def _fetched(line: http.client.HTTPConnection, method: str, path: str) -> tuple[int, str]:
    try:
        line.request(method, path)
        answer = line.getresponse()
        return answer.status, answer.read().decode()
    finally:
        line.close()


@asynccontextmanager
async def serving(folder: Path) -> AsyncIterator[Served]:
    town, pages = found_town(folder / "town", {"xaa": [POC]}, "hub"), find_port()
    async with running_console(town, "xaa", folder / "console", pages=pages) as console:
        yield Served(town, urlsplit(console.origin).port or 0, pages)


async def test_it_takes_work_while_its_node_answers_and_lives_without_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(console_pages, "EVERY_S", 0.1)
    async with serving(tmp_path) as console:
        assert console.is_alone()
        async with console.town.running("xaa"):
            await until(console.is_ready, "its node to answer")
            await until(lambda: console.figures()["tracepost_console_ready", ""] == 1, "the figure to say so")
        await until(console.is_alone, "its node to be away")
        assert console.ask("/healthz") == (200, '{"state":"alive"}')


async def test_answers_and_refused_sign_ins_are_counted_and_nobody_is_named(tmp_path: Path) -> None:
    async with serving(tmp_path) as console:
        await until(
            lambda: ("tracepost_console_sessions", "") in console.figures(), "the first look at its node"
        )
        assert await asyncio.to_thread(console.visit, "GET", "/sign-in") == 200
        assert await asyncio.to_thread(console.visit, "POST", "/sign-in/certificate") == 403
        figures = console.figures()
        assert figures["tracepost_console_answers_total", "200"] == 1
        assert figures["tracepost_console_answers_total", "403"] == 1
        assert figures["tracepost_console_sign_ins_refused_total", ""] == 1
        assert figures["tracepost_console_sessions", ""] == 0
        assert json.loads(console.ask("/nothing")[1]) == {}


async def test_an_address_that_cannot_be_had_is_said_at_the_start(tmp_path: Path) -> None:
    async with serving(tmp_path) as console:
        settings = tmp_path / "second" / CONFIG_NAME
        found_console(console.town.residents["xaa"], settings.parent, find_port(), "", console.pages)
        stop = asyncio.Event()
        with pytest.raises(ConfigurationError) as refused:
            await serve_console(settings, stop=stop, onlooker=ConsolePages(stop.is_set))
        assert refused.value.where == "metrics"


async def test_when_its_certificates_end_is_on_the_page_and_what_ends_soon_in_the_log(tmp_path: Path) -> None:
    async with serving(tmp_path) as console:
        settings = load_settings(tmp_path / "console" / CONFIG_NAME)
        expiries = expiries_of(settings)
        assert [one.label for one in expiries] == ["certificate-console", "root", "certificate-web"]
        await until(lambda: _ends(console), "the first look")
        assert _ends(console) == {one.label: float(one.at) for one in expiries}
    web = expiries[-1]
    with capture_logs() as told:
        tell_of_ends([web], web.at - 31 * DAY_S)
        assert told == []
        tell_of_ends([web], web.at - 30 * DAY_S)
        tell_of_ends([web], web.at)
    assert [(line["event"], line["name"], line["log_level"]) for line in told] == [
        ("paper-ends", "certificate-web", "warning"),
        ("paper-ends", "certificate-web", "error"),
    ]
    assert {key for line in told for key in line} - {"log_level"} <= SAFE_KEYS.keys()


def _ends(console: Served) -> dict[str, float]:
    found = console.figures()
    name = "tracepost_console_paper_expires_timestamp_seconds"
    return {label: value for (family, label), value in found.items() if family == name}
