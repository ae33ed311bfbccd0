"""The second story, scene by scene, in the order in which it is played."""

from __future__ import annotations

from tracepost.cli.demonstration.channels.eyes import compare
from tracepost.cli.demonstration.channels.inside import answer, ask, enquire, write
from tracepost.cli.demonstration.channels.panel import ask_on, check_by_hand, share
from tracepost.cli.demonstration.channels.parcel import open_offices, recognise, seize
from tracepost.cli.demonstration.channels.play import ChannelScene

CHANNEL_STORY: tuple[ChannelScene, ...] = (
    open_offices,
    seize,
    recognise,
    ask,
    write,
    enquire,
    answer,
    share,
    check_by_hand,
    ask_on,
    compare,
)
