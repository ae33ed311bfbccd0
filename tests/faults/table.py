"""The faults of a campaign: a literal table of what is done, how often, and how long it lasts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from faults.act import Act
from faults.acts import (
    backups,
    clocks,
    damage,
    databases,
    disks,
    folders,
    pages,
    papers,
    processes,
    relays,
    restores,
    roads,
    twins,
)


@dataclass(frozen=True, slots=True)
class Fault:
    """A row: its name, how often it is to happen in half an hour at least, for how many seconds, and the act."""

    name: str
    at_least: int
    seconds: tuple[float, float]
    act: Act
    on: str = ""
    """The only kind of store for which it means anything; empty: any."""
    needs_disk: bool = False
    """Whether members need disks of their own for it."""


FAULTS: Final = (
    Fault("kill", 45, (0.0, 1.0), processes.kill_anywhere),
    Fault("kill at a write", 50, (0.0, 1.0), processes.kill_at_a_write),
    Fault("kill two", 5, (0.0, 2.0), processes.kill_two),
    Fault("stop and continue", 5, (1.0, 6.0), processes.stop_and_continue),
    Fault("slow disk", 5, (1.0, 4.0), processes.slow_disk),
    Fault("failing commit", 5, (1.0, 2.0), processes.failing_commit),
    Fault("partition", 5, (2.0, 8.0), roads.partition),
    Fault("partition one way", 5, (2.0, 8.0), roads.partition_one_way),
    Fault("partition of all", 5, (2.0, 6.0), roads.partition_all),
    Fault("connections reset", 5, (0.0, 0.5), roads.reset_connections),
    Fault("half-open connections", 5, (2.0, 5.0), roads.half_open),
    Fault("slow road", 5, (3.0, 8.0), roads.slow_road),
    Fault("lossy road", 5, (3.0, 8.0), roads.lossy_road),
    Fault("full disk", 5, (1.0, 4.0), disks.full_disk, on="sqlite", needs_disk=True),
    Fault("kill on a full disk", 5, (0.5, 2.0), disks.kill_on_a_full_disk, on="sqlite", needs_disk=True),
    Fault("read-only disk", 5, (0.0, 0.0), disks.read_only_disk, on="sqlite", needs_disk=True),
    Fault("bit flip in a page", 5, (0.0, 0.0), damage.damage(damage.flip_anywhere), on="sqlite"),
    Fault("bit flip in a page's head", 5, (0.0, 0.0), damage.damage(damage.flip_head_of_page), on="sqlite"),
    Fault("bit flip in a value", 5, (0.0, 0.0), damage.damage(damage.flip_in_value)),
    Fault("bit flip in a tile", 5, (0.0, 0.0), damage.damage(damage.flip_in_tile)),
    Fault("torn write", 5, (0.0, 0.0), damage.damage(damage.tear_journal), on="sqlite"),
    Fault("old backup", 5, (0.0, 0.0), backups.old_backup),
    Fault("lost disk", 5, (0.0, 0.5), restores.lost_disk),
    Fault("clock step", 5, (1.0, 4.0), clocks.clock_step),
    Fault("restart with a wrong clock", 5, (0.5, 3.0), clocks.restart_with_a_wrong_clock),
    Fault("stale trust list and revocation list", 5, (0.0, 1.0), papers.stale_papers),
    Fault("papers past their next update", 5, (1.0, 3.0), papers.overdue_papers),
    Fault("trust list past its hard expiry", 5, (0.5, 2.0), papers.ended_list),
    Fault("relay loses everything", 5, (0.0, 0.5), relays.tampered(relays.lose, "lost")),
    Fault("relay loses some", 5, (0.0, 0.5), relays.tampered(relays.lose, "lost", half=True)),
    Fault("relay turns mail round", 5, (0.0, 0.5), relays.tampered(relays.turn_round, "turned round")),
    Fault("database restarts", 5, (0.0, 2.0), databases.restart, on="postgresql"),
    Fault("database failover", 5, (0.0, 2.0), databases.fail_over, on="postgresql"),
    Fault("full disk of the database", 5, (1.0, 4.0), databases.full_disk, on="postgresql", needs_disk=True),
    Fault(
        "read-only disk of the database",
        5,
        (0.5, 2.0),
        databases.read_only_disk,
        on="postgresql",
        needs_disk=True,
    ),
    Fault(
        "bit flip in a page of the database",
        5,
        (0.0, 0.0),
        damage.damage(pages.flip_in_page),
        on="postgresql",
    ),
    Fault("torn write of the database", 5, (0.0, 1.0), pages.torn_write, on="postgresql"),
    Fault("lost end of the database's log", 5, (0.0, 0.0), pages.lost_end, on="postgresql"),
    Fault("full folder of a node", 5, (0.5, 2.0), folders.full_folder, on="postgresql", needs_disk=True),
    Fault(
        "read-only folder of a node",
        5,
        (0.5, 2.0),
        folders.read_only_folder,
        on="postgresql",
        needs_disk=True,
    ),
    Fault("standby is gone", 5, (1.0, 4.0), databases.lose_standby, on="postgresql"),
    Fault("two processes on one store", 5, (2.0, 5.0), twins.second_process),
)
"""All that a campaign does."""
