"""One statement as five readers see it, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.table import Table

from tracepost.cli.demonstration.channels import messages
from tracepost.cli.demonstration.channels.play import ChannelPlay
from tracepost.cli.render.lists import table_of
from tracepost.cli.words import _
from tracepost.wire.v1 import desk_pb2

_WHO = ("xaa/police", "xac/poc", "xac/customs", "un-panel-xyz/experts")


async def compare(play: ChannelPlay) -> None:
    """Show which words of the case each reader has before his eyes."""
    stage = play.stage
    stage.scene(_("Day 20"), _("the same case through five pairs of eyes"))
    words = {
        _("serial number"): messages.SERIAL,
        _("circumstances"): "Posted in XAA",
        _("crime number"): messages.CRIME_NUMBER,
        _("owner"): messages.OWNER,
        _("broker"): messages.BROKER,
    }
    seen = {who: await _words_seen(play, who, words.values()) for who in _WHO}
    seen[play.relay] = _words_at_relay(play, words.values())
    stage.show(_table(words, seen))
    stage.insist(
        seen["xaa/police"] == frozenset(words.values()),
        _("a law-enforcement officer who takes part sees all"),
    )
    stage.insist(
        messages.OWNER not in seen["xac/poc"] and messages.BROKER in seen["xac/poc"],
        _("a point of contact that is no police sees what it needs to judge, and no person"),
    )
    panel = seen["un-panel-xyz/experts"]
    stage.insist(
        messages.BROKER in panel and not panel & {messages.OWNER, messages.CRIME_NUMBER},
        _("the panel sees what was released to it, the broker since XAC named it, and no person"),
    )
    stage.insist(not seen["xac/customs"], _("a customs officer who is not on the case sees nothing of it"))
    stage.insist(not seen[play.relay], _("the relay's operator has not one word of it in any file"))


async def _words_seen(play: ChannelPlay, who: str, words: Iterable[str]) -> frozenset[str]:
    member, desk = who.split("/")
    async with play.party(member).at(desk) as officer:
        views = [
            await officer.show_case(one.thread)
            async for one in officer.list_cases()
            if one.thread in (play.case, play.said["panel-case"], play.said["panel-question"])
        ]
    return frozenset(word for word in words if any(_has(view, word) for view in views))


def _has(view: desk_pb2.CaseView, word: str) -> bool:
    return word.encode() in view.SerializeToString()


def _words_at_relay(play: ChannelPlay, words: Iterable[str]) -> frozenset[str]:
    assert play.network.relay is not None  # the story has one
    folder = play.network.relay.seat.folder
    held = [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]
    return frozenset(word for word in words if any(word.encode() in data for data in held))


def _table(words: Mapping[str, str], seen: Mapping[str, frozenset[str]]) -> Table:
    table = table_of(_("field"), *seen)
    for name, word in words.items():
        table.add_row(name, *(word if word in found else "–" for found in seen.values()))
    return table
