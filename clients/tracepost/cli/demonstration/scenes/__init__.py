"""The story, scene by scene, in the order in which it is played."""

from __future__ import annotations

from tracepost.cli.demonstration.play import Scene
from tracepost.cli.demonstration.scenes.answering import (
    answer_item_by_item,
    refer_with_consent,
    settle_by_a_better_photograph,
)
from tracepost.cli.demonstration.scenes.asking import acknowledge, ask, cut_the_power, open_offices
from tracepost.cli.demonstration.scenes.ending import close
from tracepost.cli.demonstration.scenes.others import ask_the_silent_one, hear_the_third_state, remind

STORY: tuple[Scene, ...] = (
    open_offices,
    ask,
    acknowledge,
    cut_the_power,
    refer_with_consent,
    answer_item_by_item,
    settle_by_a_better_photograph,
    ask_the_silent_one,
    hear_the_third_state,
    remind,
    close,
)
