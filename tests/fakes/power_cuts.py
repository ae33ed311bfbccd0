"""A backup or a restore that is cut off at a point, as by a power cut: in a process of its own.

    cut_off("backup", point, settings, shelf, now)
    cut_off("restore", point, backup, folder, trust_list, now, *shares)

The process of the tests is not forked for it: in a copy of one that has threads, a lock may be held for ever by
a thread that is not there.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from fakes.faults import FaultAt
from fakes.nursery import breed
from tracepost.node.backup.making import make_backup
from tracepost.node.backup.restoring import Anchor, restore_backup
from tracepost.node.config import load_config
from tracepost.node.escrow import restore_key

_CUT_OFF: Final = 9
_DEADLINE_SECONDS: Final = 300.0


def cut_off(what: str, point: str, *arguments: object) -> None:
    """Do `what` until `point` is reached; fail if it never is."""
    process = breed("fakes.power_cuts", [what, point, *map(str, arguments)], {})
    assert process.wait(_DEADLINE_SECONDS) == _CUT_OFF, f"{what} does not come to {point}"


def main(arguments: Sequence[str]) -> int:
    """Be the process."""
    what, point, *rest = arguments
    strike = FaultAt(point, 1, lambda: os._exit(_CUT_OFF))
    if what == "backup":
        settings, shelf, now = rest
        make_backup(load_config(Path(settings)), Path(shelf), now=int(now), environ={}, faults=strike)
    else:
        backup, folder, trust, now, *shares = rest
        anchor = Anchor(Path(trust).read_bytes())
        restore_backup(
            Path(backup), Path(folder), restore_key(shares), anchor=anchor, now=int(now), faults=strike
        )
    return 0
