"""A node tells its operator by mail what ends: at each step on the way once, in one list, after a restart not again."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from fakes.letterbox import Letterbox, letterbox
from fakes.pki import DAY
from fakes.ports import find_port
from fakes.town import POC, found_town, until
from tracepost.node.bootstrap.node import RunningNode, open_node
from tracepost.node.config import load_config
from tracepost.node.expiring import Expiries
from tracepost.node.expiry_notices import ExpiryNotices
from tracepost.protocol.ids import MemberId
from tracepost.protocol.settings import Section
from tracepost.serving.expiry import Expiry
from tracepost.serving.notices import Notifier, read_notices

XAA = MemberId("xaa")
OPERATOR = "operator@xaa.example"


def notices_of(node: RunningNode, box: Letterbox, folder: Path, days: float) -> ExpiryNotices:
    """Return what tells, as a process that starts so many days from now would have it."""
    expiries = Expiries(XAA, node.papers, escrow_tried=lambda: int(time.time()))
    settings = read_notices(
        Section(
            {"smtp": f"127.0.0.1:{box.port}", "sender": "tracepost@xaa.example", "tls": "none"}, "notices"
        )
    )
    return ExpiryNotices(
        expiries, node._store, Notifier(settings, folder), [OPERATOR], lambda: int(time.time() + days * DAY)
    )


async def test_each_step_is_told_once_with_all_that_is_on_its_way(tmp_path: Path) -> None:
    """The certificates of this town last thirty days."""
    town = found_town(tmp_path / "town", {"xaa": (POC,)}, "hub")
    node = await open_node(load_config(town.place("xaa") / "node.toml"))
    try:
        with letterbox() as box:
            counts = []
            for days in (0, 0.1, 2, 23.5, 23.6, 25, 31, 31.2, 40):
                await notices_of(node, box, tmp_path, days).tell()
                counts.append(len(box.mails))
            assert counts == [1, 1, 1, 2, 2, 2, 3, 3, 3]
            first, _, last = (mail.get_content() for mail in box.mails)
            assert box.recipients == [[OPERATOR]] * 3
            assert "certificate statement" in first
            assert "(over)" not in first
            assert last.count("certificate desk-poc  (over)") == 1
            assert "trust list  (over)" in last
            assert "3 over" not in box.subjects[0]
            assert "over" in box.subjects[2]
    finally:
        await node.close()


async def test_at_most_one_mail_a_day_and_what_could_not_be_sent_is_sent_later(tmp_path: Path) -> None:
    town = found_town(tmp_path / "town", {"xaa": (POC,)}, "hub")
    node = await open_node(load_config(town.place("xaa") / "node.toml"))
    try:
        with letterbox() as box:
            nobody = Letterbox(find_port())
            await notices_of(node, nobody, tmp_path, 0).tell()
            telling = notices_of(node, box, tmp_path, 0)
            await telling.tell()
            assert len(box.mails) == 1
            telling._clock = lambda: int(time.time() + 0.9 * DAY)
            telling._expiries = Expiries(XAA, node.papers, escrow_tried=lambda: 1)  # one more is over now
            await telling.tell()
            assert len(box.mails) == 1
            telling._clock = lambda: int(time.time() + 1.1 * DAY)
            await telling.tell()
            assert len(box.mails) == 2
    finally:
        await node.close()


@pytest.mark.parametrize(
    ("paper", "days", "step"),
    [
        ("certificate", 31, None),
        ("certificate", 30, 30),
        ("officer", 6, 7),
        ("mandate", 0.5, 1),
        ("root", -1, 0),
        ("directory entry", 6, None),
        ("revocation list", 2, 3),
        ("trust list", -0.1, 0),
    ],
)
def test_what_renews_itself_is_told_only_when_it_did_not(paper: str, days: float, step: int | None) -> None:
    assert Expiry(paper, "", XAA, int(1000 * DAY + days * DAY)).step(1000 * DAY) == step


async def test_a_node_does_so_by_itself_if_its_settings_say_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tracepost.node.bootstrap.housekeeping._EVERY_S", 0.1)
    town = found_town(tmp_path / "town", {"xaa": (POC,)}, "hub")
    with letterbox() as box:
        with (town.place("xaa") / "node.toml").open("a") as settings:
            settings.write(
                f'\n[notices]\nsmtp = "127.0.0.1:{box.port}"\nsender = "tracepost@xaa.example"\ntls = "none"\n'
                f'to = ["{OPERATOR}"]\n'
            )
        async with town.running("xaa"):
            await until(lambda: box.mails, "the mail")
    assert box.recipients == [[OPERATOR]]
