"""A campaign: officers at work, one fault after the other, rest, and the verdict.

    make faults SECONDS=1800 SEED=7
    python -m faults.run --seconds 120 --seed 7 --out build/faults

The seed draws faults, victims and what officers do; how processes and the machine interleave it does not. Half an
hour has at least as many faults of each kind as the table says, a shorter campaign its share of them, and at least
one; on a busy machine that takes longer. Ctrl-C ends the faults, not the campaign: it comes to rest and is judged.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

# Servers are started by fork here, and what gRPC does in a child of it ends some of them. Read when gRPC is loaded.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"

import tracepost.serving  # noqa: F401 - first, before anything else loads gRPC: it leaves TLS 1.3 only
from faults import checker
from faults.disks import unmount_below
from faults.history import HISTORY
from faults.load import Load
from faults.stage import POSTGRESQL, SQLITE, Stage, open_stage
from faults.table import FAULTS, Fault
from tracepost.protocol.errors import TracepostError

_FULL_SECONDS: Final = 1800.0
_REST_SECONDS: Final = 180.0
_BREATH_SECONDS: Final = (0.2, 1.5)


@dataclass(frozen=True)
class Campaign:
    """What is to be done.

    Args:
        folder: is made; what was there before is removed.
        seconds: at least, without the rest at the end.
        seed: of the dice.
        faults: rows to choose from.
        pace: seconds between two drafts of a node.
        broken: member → what is broken in its build.
        scale: share of the minimum counts; None: as the seconds are of half an hour.
    """

    folder: Path
    seconds: float
    seed: int
    faults: Sequence[Fault] = FAULTS
    pace: float = 0.5
    broken: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    scale: float | None = None
    rest_seconds: float = _REST_SECONDS
    store: str = SQLITE


async def run_campaign(campaign: Campaign) -> Path:
    """Run a campaign; return the folder that the checker judges."""
    unmount_below(campaign.folder)
    shutil.rmtree(campaign.folder, ignore_errors=True)
    opening = open_stage(
        campaign.folder,
        seed=campaign.seed,
        broken=campaign.broken,
        store=campaign.store,
        own_disks=any(row.needs_disk for row in campaign.faults),
    )
    async with opening as stage:
        await stage.start_all()
        load = Load(stage, campaign.seed, campaign.pace)
        async with load.working():
            await harass(stage, campaign)
            quiet = await load.come_to_rest(campaign.rest_seconds)
        _say(stage, "at rest" if quiet else "no rest")
        codes = await stage.stop_all()
        stage.history.note("", "stop", codes=codes)
    return campaign.folder


async def harass(stage: Stage, campaign: Campaign) -> None:
    """Let one fault after the other happen until the time is over and each was there often enough."""
    dice = random.Random(campaign.seed)
    ends = time.monotonic() + campaign.seconds
    enough = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, enough.set)
    for fault in plan(campaign, dice):
        if enough.is_set() or (fault is None and time.monotonic() >= ends):
            break
        row = fault or dice.choice(campaign.faults)
        await strike(stage, row, dice)
        await asyncio.sleep(dice.uniform(*_BREATH_SECONDS))
    stage.history.note("", "plan", complete=fault is None)


def plan(campaign: Campaign, dice: random.Random) -> Iterator[Fault | None]:
    """Yield what must happen in a random order, then None for ever: anything."""
    scale = campaign.seconds / _FULL_SECONDS if campaign.scale is None else campaign.scale
    due = [row for row in campaign.faults for _ in range(max(1, round(row.at_least * scale)))]
    dice.shuffle(due)
    yield from due
    while True:
        yield None


async def strike(stage: Stage, row: Fault, dice: random.Random) -> None:
    """Let a fault happen, last, and be healed; write it down."""
    began = time.monotonic()
    async with row.act(stage, dice) as whom:
        stage.history.note("", "fault", name=row.name, whom=whom)
        await asyncio.sleep(dice.uniform(*row.seconds))
    stage.history.note("", "healed", name=row.name, whom=whom)
    _say(stage, f"{row.name}: {whom} ({time.monotonic() - began:.1f} s)")


def _say(stage: Stage, words: str) -> None:
    lines = (stage.folder / HISTORY).read_bytes()
    told = Counter({"acknowledged": lines.count(b'"verb":"submit","phase":"acknowledged"')})
    sys.stdout.write(f"{time.strftime('%H:%M:%S')} {told['acknowledged']:6} acknowledged | {words}\n")
    sys.stdout.flush()


def main(arguments: Sequence[str]) -> int:
    """Run a campaign and judge it."""
    parser = argparse.ArgumentParser(prog="faults", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--store", choices=[SQLITE, POSTGRESQL], default=SQLITE)
    parser.add_argument("--out", type=Path, default=Path("build/faults"))
    parser.add_argument("--only", action="append", help="name of a fault; may be given often")
    parser.add_argument("--pace", type=float, default=0.5)
    chosen = parser.parse_args(arguments)
    seed = random.SystemRandom().randrange(1 << 31) if chosen.seed is None else chosen.seed
    rows = [row for row in FAULTS if row.on in ("", chosen.store)]
    rows = [row for row in rows if not chosen.only or row.name in chosen.only]
    words = f"seed {seed}, {chosen.seconds:.0f} seconds on {chosen.store}, {len(rows)} kinds of faults"
    sys.stdout.write(words + "\n")
    campaign = Campaign(chosen.out.resolve(), chosen.seconds, seed, rows, chosen.pace, store=chosen.store)
    try:
        asyncio.run(run_campaign(campaign))
    except TracepostError as error:
        sys.stdout.write(f"the campaign could not go on: {error}\n")
        return error.exit_code
    return checker.main([str(campaign.folder)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
