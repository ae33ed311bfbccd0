"""A campaign: officers at work, one fault after the other, rest, and the verdict.

    make faults SECONDS=1800 SEED=7
    python -m faults.run --seconds 120 --seed 7 --out build/faults

The seed draws faults, victims and what officers do; how processes and the machine interleave it does not. Half an
hour has at least as many faults of each kind as the table says, a shorter campaign its share of them, and at least
one. They are dealt out evenly; where the machine is so busy that they would not all have their turn in time, each
lasts shorter. It ends by the clock all the same, a quarter of its time later at most, and says if a turn was missed.
Ctrl-C ends the faults, not the campaign: it comes to rest and is judged. Where it hangs, it says so, and ends.
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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

# Servers are started by fork here, and what gRPC does in a child of it ends some of them. Read when gRPC is loaded.
os.environ["GRPC_ENABLE_FORK_SUPPORT"] = "0"

import tracepost.serving  # noqa: F401 - first, before anything else loads gRPC: it leaves TLS 1.3 only
from fakes.town import until
from faults import checker
from faults.disks import unmount_below
from faults.history import HISTORY
from faults.load import Load
from faults.stage import POSTGRESQL, SQLITE, Stage, open_stage
from faults.table import FAULTS, Fault
from faults.watching import Watch
from tracepost.protocol.errors import TracepostError

_FULL_SECONDS: Final = 1800.0
_REST_SECONDS: Final = 180.0
_BREATH_SECONDS: Final = (0.2, 1.5)
_GRACE: Final = 1.25
_SHORTEST: Final = 0.1
_USUAL_SECONDS: Final = 6.0
"""What a turn takes: to begin it, to let it last, to heal it, and the breath after it."""
_DENSE, _SPARSE = 0.5, 1.0
_LONG_SECONDS: Final = 900.0


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
        in_full: whether it ends by its plan, not by the clock: each fault has its turn and its usual time.
        least_mail: so many calls to send must have been answered before it comes to rest; in full only.
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
    in_full: bool = False
    least_mail: int = 0


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
    with Watch() as watch:
        watch.step("founding")
        async with opening as stage:
            watch.call_before_the_end(stage.abandon)
            watch.step("starting")
            await stage.start_all()
            load = Load(stage, campaign.seed, campaign.pace)
            async with load.working():
                await harass(stage, campaign, watch)
                if campaign.in_full:
                    watch.step("waiting for mail")
                    await until(lambda: load.acknowledged >= campaign.least_mail, "mail to be taken")
                watch.step("coming to rest", stage.patience(campaign.rest_seconds))
                quiet = await load.come_to_rest(stage.patience(campaign.rest_seconds))
                if not quiet:
                    stage.have_all_tell()
            _say(stage, "at rest" if quiet else "no rest")
            watch.step("stopping")
            codes = await stage.stop_all()
            stage.history.note("", "stop", codes=codes)
            watch.step("copying databases")
    return campaign.folder


async def harass(stage: Stage, campaign: Campaign, watch: Watch) -> None:
    """Let one fault after the other happen until the time is over and each was there often enough."""
    dice = random.Random(campaign.seed)
    tempo: Tempo | Turns = Turns() if campaign.in_full else Tempo(campaign.seconds)
    enough = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, enough.set)
    due = plan(campaign, dice)
    done = 0
    while not enough.is_set() and not tempo.is_over(done < len(due)):
        row = due[done] if done < len(due) else dice.choice(campaign.faults)
        watch.step(row.name)
        await strike(stage, row, dice, tempo.share(len(due) - done))
        done += 1
        await asyncio.sleep(dice.uniform(*_BREATH_SECONDS) * tempo.share(len(due) - done))
    stage.history.note("", "plan", complete=done >= len(due))


def plan(campaign: Campaign, dice: random.Random) -> list[Fault]:
    """Return what must happen, each kind spread evenly: a campaign that ends early has had its share of each."""
    scale = campaign.seconds / _FULL_SECONDS if campaign.scale is None else campaign.scale
    turns = []
    for row in campaign.faults:
        count = max(1, round(row.at_least * scale))
        turns += [((number + dice.random()) / count, row) for number in range(count)]
    return [row for _, row in sorted(turns, key=lambda turn: turn[0])]


class Tempo:
    """How much of their usual time faults may take, by what they took so far."""

    def __init__(self, seconds: float) -> None:
        self._began = time.monotonic()
        self._seconds = seconds

    def is_over(self, something_is_due: bool) -> bool:
        """Say whether the time is over; what is still due may come a little later."""
        return self._passed > self._seconds * (_GRACE if something_is_due else 1.0)

    def share(self, due: int) -> float:
        """Return the share of its usual time that the next of `due` faults may take: 1 when there is time enough."""
        if due <= 0:
            return 1.0
        return min(1.0, max(_SHORTEST, (self._seconds - self._passed) / due / _USUAL_SECONDS))

    @property
    def _passed(self) -> float:
        return time.monotonic() - self._began


class Turns:
    """No hurry: everything that is due has its turn and its time, and nothing comes after it."""

    def is_over(self, something_is_due: bool) -> bool:
        """Say whether all had their turn."""
        return not something_is_due

    def share(self, due: int) -> float:
        """Return 1: nothing lasts shorter than usual."""
        del due
        return 1.0


async def strike(stage: Stage, row: Fault, dice: random.Random, share: float = 1.0) -> None:
    """Let a fault happen, last, and be healed; write it down."""
    began = time.monotonic()
    async with row.act(stage, dice) as whom:
        stage.history.note("", "fault", name=row.name, whom=whom)
        await asyncio.sleep(dice.uniform(*row.seconds) * share)
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
    parser.add_argument("--pace", type=float, help="seconds between two drafts of a node")
    parser.add_argument("--rest", type=float, default=_REST_SECONDS, help="seconds for mail to come to rest")
    chosen = parser.parse_args(arguments)
    # Stores grow with the mail, and copies of them are taken: a long campaign has less of it in a minute.
    pace = chosen.pace or (_SPARSE if chosen.seconds > _LONG_SECONDS else _DENSE)
    seed = random.SystemRandom().randrange(1 << 31) if chosen.seed is None else chosen.seed
    rows = [row for row in FAULTS if row.on in ("", chosen.store)]
    rows = [row for row in rows if not chosen.only or row.name in chosen.only]
    words = f"seed {seed}, {chosen.seconds:.0f} seconds on {chosen.store}, {len(rows)} kinds of faults"
    sys.stdout.write(words + "\n")
    out: Path = chosen.out.resolve()
    campaign = Campaign(out, chosen.seconds, seed, rows, pace, rest_seconds=chosen.rest, store=chosen.store)
    try:
        asyncio.run(run_campaign(campaign))
    except TracepostError as error:
        sys.stdout.write(f"the campaign could not go on: {error}\n")
        return error.exit_code
    return checker.main([str(campaign.folder)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
