"""The metrics page says what is so: mail that waits, desks that are locked, who was there, what was not taken."""

from __future__ import annotations

import asyncio
import socket
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from fakes.messages import request
from fakes.town import POC, POLICE, Town, found_town, until
from tracepost.protocol.errors import ConfigurationError
from tracepost.sdk.drafts import Cover, build_draft
from tracepost.wire.v1 import terms_pb2

Labels = dict[str, str]


class Page:
    """The page of a member as it is now."""

    def __init__(self, town: Town, member: str) -> None:
        self._address = f"http://127.0.0.1:{town.residents[member].ports.metrics}/metrics"

    def read(self) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
        with urllib.request.urlopen(self._address, timeout=60) as answer:
            text = answer.read().decode()
        return {
            (sample.name, frozenset(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    async def value(self, name: str, **labels: str) -> float | None:
        found = await asyncio.to_thread(self.read)
        return found.get((f"tracepost_{name}", frozenset(labels.items())))

    async def until(self, wanted: float | None, name: str, **labels: str) -> None:
        """Wait until a series has a value, or is not there any more."""
        await self._until(lambda value: value == wanted, name, **labels)

    async def until_at_least(self, wanted: float, name: str, **labels: str) -> None:
        """Wait until something was counted, which may happen once more before one looks."""
        await self._until(lambda value: value is not None and value >= wanted, name, **labels)

    async def _until(self, holds: Callable[[float | None], bool], name: str, **labels: str) -> None:
        ends = time.monotonic() + 180
        while not holds(await self.value(name, **labels)):
            found = await self.value(name, **labels)
            assert time.monotonic() < ends, f"{name} {labels} is {found}"
            await asyncio.sleep(0.05)


@pytest.fixture
def town(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Town:
    monkeypatch.setattr("tracepost.serving.watch.EVERY_S", 0.05)
    return found_town(tmp_path / "town", {"xaa": (POC, POLICE), "xab": (POC,)}, "hub", metrics=True)


async def ask(town: Town, number: str) -> None:
    cover = Cover(
        to=("xab",),
        purpose=terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION,
        legal_basis=terms_pb2.LEGAL_BASIS_ITI,
    )
    async with town.client("xaa") as officer:
        await officer.submit(build_draft(request(number), cover))


async def test_what_waits_where_is_shown_and_goes_when_it_has_gone(town: Town) -> None:
    queue, began = {"member": "xab", "lane": "routine"}, int(time.time())
    xaa, xab, hub = (Page(town, member) for member in ("xaa", "xab", "hub"))
    async with town.running("hub", "xaa"):
        async with town.running("xab"):
            await town.meet("xaa", "xab")
        await town.unlock("xaa")
        await ask(town, "T-1")
        await xaa.until(1, "node_queue_mails", **queue, state="with-relay")
        age = await xaa.value("node_queue_oldest_seconds", **queue)
        assert age is not None
        assert 0 <= age <= time.time() - began
        assert await xaa.value("node_desk_unlocked", desk="police") == 1
        seen = await xaa.value("node_contact_timestamp_seconds", member="hub", role="relay")
        assert seen is not None
        assert began <= seen <= time.time()
        assert await xaa.value("node_paper_expires_timestamp_seconds", paper="certificate-node", member="xaa")
        assert await xaa.value("node_log_head_checked") == 1
        assert (await xaa.value("node_disk_free_bytes", place="store") or 0) > 0
        async with town.running("xab"):
            await xaa.until(None, "node_queue_mails", **queue, state="with-relay")
            await xab.until(1, "node_desk_mails_unopened", desk="poc")
            assert await xab.value("node_desk_unlocked", desk="poc") == 0
            await town.unlock("xab")
            await xab.until(0, "node_desk_mails_unopened", desk="poc")
            assert await xab.value("node_desk_unlocked", desk="poc") == 1
        assert await hub.value(
            "relay_paper_expires_timestamp_seconds", paper="certificate-node", member="hub"
        )


async def test_a_folder_in_which_nothing_can_be_written_is_shown_and_told(town: Town) -> None:
    (town.place("xaa") / "archive").symlink_to("/proc")  # nobody can make a file there, not even root
    async with town.running("hub", "xaa"):
        page = Page(town, "xaa")
        await page.until(0, "node_disk_writable", place="archive")
        assert await page.value("node_disk_writable", place="store") == 1
        await Page(town, "hub").until(1, "relay_disk_writable", place="store")
        async with town.client("xaa") as officer:
            assert [*(await officer.get_status()).unwritable] == ["archive"]


async def test_mail_that_was_not_taken_is_counted_by_what_became_of_it(town: Town) -> None:
    """Mail of a member that is blocked here comes by the relay, and is put off."""
    async with town.running("hub", "xaa", "xab"):
        await town.meet("xaa", "xab")
        await town.unlock("xaa")
        async with town.client("xab") as officer:
            await officer.post.block("xaa", "its key is said to be stolen")
        page = Page(town, "xab")
        await page.until(1, "node_members_blocked")
        await ask(town, "T-2")
        await until(lambda: town.ask("hub", "SELECT 1 FROM mail WHERE state = 0"), "the mail at the relay")
        put_off = {"member": "hub", "state": "put-off", "code": "busy"}
        await page.until_at_least(1, "node_mails_not_taken_total", **put_off)


@pytest.mark.parametrize("member", ["hub", "xaa"])
async def test_a_daemon_whose_page_has_no_port_leaves_nothing_that_listens(town: Town, member: str) -> None:
    ports = town.residents[member].ports
    taken = socket.create_server(("127.0.0.1", ports.metrics))
    with taken, pytest.raises(ConfigurationError, match="metrics address"):
        async with town.running(member):
            pass
    for port in {ports.post, ports.desk} - {0}:
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", port)
