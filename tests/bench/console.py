"""The officers' console over a node that holds many cases: pages a second, how long a page takes, and what it weighs.

Cases come in as an officer's programs hand them in, by the SDK, and are sent to a real node of another member. Node and
console are processes of their own; officers are connections of this one, and sign in with certificates of their own.
First each officer asks for a page now and then, as people do (the figures in ms, and the goal); then for one after the
other without a pause (pages a second). Asked for are the inbox, a list, the list's second page, and a case, by turns.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import random
import re
import ssl
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import urlencode, urlsplit

from bench.network import RECEIVING, Network, open_network
from bench.processes import Child, start
from bench.report import median, percentile
from bench.rows import Measured, Part, Row, Run
from bench.workload import DESK, make_draft
from fakes.console import HOST, found_console
from fakes.pki import Issued
from fakes.ports import find_port
from tracepost.protocol.identity import Role

_CASES: Final = 100_000
_OFFICERS: Final = 50
_PAUSE_SECONDS: Final = 5.0
_TURNS: Final = 6
_BATCH: Final = 1_000
_LIMITS: Final = "pages_per_minute = 1000000\nsign_ins_per_minute = 1000"
_LINK: Final = re.compile(r'href="(/cases/[0-9a-f-]{36})"')
_NEXT: Final = re.compile(r'href="([^"]*[?&]after=[^"]*)"')
_TOKEN: Final = re.compile(r'name="form_token" value="([^"]+)"')
_ASSET: Final = re.compile(r'(?:href|src)="(/assets/[^"]+)"')


@dataclass
class Officer:
    """A browser without a screen: one connection that is kept, and the cookies that it was given."""

    origin: str
    paper: ssl.SSLContext
    cookies: dict[str, str] = field(default_factory=dict)
    reader: asyncio.StreamReader | None = None
    writer: asyncio.StreamWriter | None = None

    async def ask(self, path: str, form: dict[str, str] | None = None) -> tuple[int, bytes, int]:
        """Return status and content of an answer, and the bytes that came for it.

        A connection that the console ended while nobody asked is opened anew, as browsers do; the time for it counts.
        """
        if self.reader is not None:
            try:
                return await self._ask(path, form)
            except (asyncio.IncompleteReadError, ConnectionError):
                await self.close()
        at = urlsplit(self.origin)
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", at.port, ssl=self.paper)
        return await self._ask(path, form)

    async def _ask(self, path: str, form: dict[str, str] | None) -> tuple[int, bytes, int]:
        assert self.writer is not None
        body = urlencode(form or {}).encode()
        lines = [
            f"{'POST' if form else 'GET'} {path} HTTP/1.1",
            f"host: {urlsplit(self.origin).netloc}",
            "accept-encoding: gzip",
            f"cookie: {'; '.join(f'{name}={value}' for name, value in self.cookies.items())}",
            "content-type: application/x-www-form-urlencoded",
            f"content-length: {len(body)}",
        ]
        self.writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        return await self._answer()

    async def _answer(self) -> tuple[int, bytes, int]:
        assert self.reader is not None
        head = await self.reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        named = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        for name, value in named:
            if name == "set-cookie":
                cookie, _, kept = value.partition(";")[0].partition("=")
                self.cookies[cookie] = kept
        headers = dict(named)
        body = await self._body(headers)
        plain = gzip.decompress(body) if headers.get("content-encoding") == "gzip" else body
        return int(first.split()[1]), plain, len(head) + len(body)

    async def _body(self, headers: dict[str, str]) -> bytes:
        assert self.reader is not None
        if headers.get("transfer-encoding") != "chunked":
            return await self.reader.readexactly(int(headers.get("content-length", 0)))
        whole = b""
        while size := int(await self.reader.readline(), 16):
            whole += (await self.reader.readexactly(size + 2))[:-2]
        await self.reader.readline()
        return whole

    async def sign_in(self) -> int:
        """Sign in; return the bytes of the first page with all that belongs to it."""
        _status, page, weight = await self.ask("/sign-in")
        for asset in sorted(set(_ASSET.findall(page.decode()))):
            weight += (await self.ask(asset))[2]
        [token, *_] = _TOKEN.findall(page.decode())
        status, _page, _weight = await self.ask("/sign-in/certificate", {"form_token": token})
        assert status == 303, status
        return weight

    async def close(self) -> None:
        """End the connection."""
        if self.writer is not None:
            self.writer.close()
            with contextlib.suppress(ConnectionError, ssl.SSLError):
                await self.writer.wait_closed()


async def measure(run: Run) -> Measured:
    """Return the figures of the console over a node with many cases."""
    cases = run.share(_CASES)
    async with open_network(run.folder / "town") as network:
        for first in range(0, cases, _BATCH):
            await _hand_in(network, first, min(first + _BATCH, cases))
        async with _console(network, run.folder / "console") as (child, origin):
            officers = [_officer(network, run.folder, origin, number) for number in range(_OFFICERS)]
            first, *_others = [await one.sign_in() for one in officers]
            paths, weights = await _paths(officers[0])
            rounds = []
            for _round in range(run.rounds):
                rounds.append(
                    await _round_of(officers, paths, _PAUSE_SECONDS if run.messages > _BATCH else 0.1)
                )
            memory = child.rss_mb()
            for one in officers:
                await one.close()
    figures = {name: median([one[name] for one in rounds]) for name in rounds[0]}
    figures |= {
        "console_cases": cases,
        "console_first_page_bytes": first,
        "console_inbox_bytes": weights[0],
        "console_case_bytes": weights[-1],
        "console_memory_mb": memory,
    }
    return Measured(figures, rounds)


async def _hand_in(network: Network, first: int, end: int) -> None:
    drafts = [make_draft(number, RECEIVING) for number in range(first, end)]
    async for answer in network.sending.client.submit_many(drafts):
        assert not answer.HasField("problem"), answer.problem


@contextlib.asynccontextmanager
async def _console(network: Network, folder: Path) -> AsyncIterator[tuple[Child, str]]:
    """Run the console of the member that asks, as a process."""
    port = find_port()
    found_console(network.town.residents[network.sending.member], folder, port, _LIMITS)
    async with start(["serve-console", str(folder)]) as child:
        await child.read_line()
        yield child, f"https://{HOST}:{port}"


def _officer(network: Network, folder: Path, origin: str, number: int) -> Officer:
    authority = network.town.residents[network.sending.member].authority
    issued = authority.issue(Role.OFFICER, officer=str(1000 + number), desks=[DESK])
    return Officer(origin, _shows(issued, folder / f"officer-{number}.pem"))


def _shows(issued: Issued, path: Path) -> ssl.SSLContext:
    path.write_bytes(issued.key_pem + issued.chain_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.load_cert_chain(path)
    path.unlink()
    return context


async def _paths(officer: Officer) -> tuple[list[str], list[int]]:
    """Return what is asked for, and what each weighs after the first page: assets are kept by browsers."""
    _status, inbox, _weight = await officer.ask("/")
    cases = _LINK.findall(inbox.decode())
    _status, listed, _weight = await officer.ask("/inbox/them")
    later = [one.replace("&amp;", "&") for one in _NEXT.findall(listed.decode())][:1]
    paths = ["/", "/inbox/them", *later, cases[0]]
    answers = [await officer.ask(path) for path in paths]
    assert [status for status, _page, _weight in answers] == [200] * len(paths)
    return paths, [weight for _status, _page, weight in answers]


async def _round_of(officers: Sequence[Officer], paths: Sequence[str], pause: float) -> dict[str, float]:
    calm = await asyncio.gather(*(_work(one, paths, number, pause) for number, one in enumerate(officers)))
    began = time.perf_counter()
    busy = await asyncio.gather(*(_work(one, paths, number, 0) for number, one in enumerate(officers)))
    taken = time.perf_counter() - began
    times = [one for some in calm for one in some]
    return {
        "console_median_ms": median(times) * 1000,
        "console_p95_ms": percentile(times, 95) * 1000,
        "console_pages_per_second": sum(map(len, busy)) / taken,
    }


async def _work(officer: Officer, paths: Sequence[str], number: int, pause: float) -> list[float]:
    """Ask for some pages, with pauses as people make them; return how long each took."""
    chance, times = random.Random(number), []
    for turn in range(_TURNS):
        await asyncio.sleep(chance.uniform(0, 2 * pause))
        began = time.perf_counter()
        status, _page, _weight = await officer.ask(paths[(number + turn) % len(paths)])
        assert status == 200, status
        times.append(time.perf_counter() - began)
    return times


PART = Part(
    "console",
    "50 officers at a console of its own process, over a node with 100,000 cases (fewer in a short run)",
    seconds=600,
    measure=measure,
    rows=(
        Row("console_cases", "cases that the node holds"),
        Row("console_p95_ms", "a page for one of 50 officers who read for 5 s: 95 % within (ms)", "≤ 150"),
        Row("console_median_ms", "  median (ms)"),
        Row("console_pages_per_second", "pages a second, 50 officers without a pause"),
        Row("console_first_page_bytes", "first page with all that belongs to it (bytes)", "≤ 102,400"),
        Row("console_inbox_bytes", "later pages: the inbox (bytes)", "≤ 51,200"),
        Row("console_case_bytes", "  a case (bytes)", "≤ 51,200"),
        Row("console_memory_mb", "memory of the console (MB)"),
    ),
)
