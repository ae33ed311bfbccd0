"""The folder of a node whose store is a database elsewhere: full, or not to be written on. Mail goes on, files wait.

What a node writes there are attachments, spools of pouches, archives, and the newest head of its log. An officer
tries the first two: they are refused with a typed error, and taken when the disk takes them, with nobody's help.
"""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

from faults.stage import NODES, Stage
from tracepost.protocol.errors import QuotaError, StoreError, TracepostError, UnreachableError
from tracepost.sdk import Client
from tracepost.sdk.attachments import hand_in, prepare_file

_FILE_BYTES: Final = 20_000
_TAKEN_WITHIN_S: Final = 60.0
_LOOK_SECONDS: Final = 0.5

Try = Callable[[Client], Awaitable[object]]


@asynccontextmanager
async def full_folder(stage: Stage, dice: random.Random) -> AsyncIterator[str]:
    """There is no room for another byte in the folder of a node; then there is. Nobody starts it anew."""
    member = dice.choice(NODES)
    disk, process = stage.disks[member], stage.processes[member]
    with _files(stage, member) as tries:
        disk.fill(process.pid)
        refused = await _are_refused(stage, member, tries)
        yield f"{member} ({disk.kind}): {refused}"
        disk.empty(process.pid)
        await _judge(stage, member, "full folder", refused, tries)


@asynccontextmanager
async def read_only_folder(stage: Stage, dice: random.Random) -> AsyncIterator[str]:
    """Nobody may write in the folder of a node, which is started anew meanwhile, and serves."""
    member = dice.choice(NODES)
    disk = stage.disks[member]
    with _files(stage, member) as tries:
        await asyncio.to_thread(disk.forbid_writing)
        refused = await _are_refused(stage, member, tries)
        stage.kill(member)
        await stage.start(member)
        yield f"{member} ({disk.kind}): {refused}"
        disk.allow_writing()
        await _judge(stage, member, "read-only folder", refused, tries)


@contextmanager
def _files(stage: Stage, member: str) -> Iterator[tuple[Try, ...]]:
    """Give what an officer tries: to hand a file in, and to make a pouch; what comes of it is thrown away."""
    folder = Path(tempfile.mkdtemp(dir=stage.folder))
    peer = next(name for name in NODES if name != member)

    async def attach(client: Client) -> None:
        path = folder / "register.pdf"
        path.write_bytes(b"%PDF-1.7\n" + os.urandom(_FILE_BYTES))
        await hand_in(client, prepare_file(path))

    async def pack(client: Client) -> None:
        await client.pouches.pack(peer, Path(tempfile.mkdtemp(dir=folder)))

    try:
        yield attach, pack
    finally:
        shutil.rmtree(folder)


async def _are_refused(stage: Stage, member: str, tries: Sequence[Try]) -> str:
    """Return the reasons for which a node does nothing of it; nothing, if it did any of it."""
    reasons = [await _reason(stage, member, one) for one in tries]
    return ", ".join(reasons) if all(reasons) else ""


async def _reason(stage: Stage, member: str, attempt: Try) -> str:
    """Return why a node does not do it, once it answers at all; nothing, if it does."""
    while True:
        try:
            async with stage.client(member) as client:
                await attempt(client)
        except UnreachableError:
            await asyncio.sleep(_LOOK_SECONDS)
        except TracepostError as error:
            return f"{error.code}/{error.reason}"
        else:
            return ""


async def _judge(stage: Stage, member: str, what: str, refused: str, tries: Sequence[Try]) -> None:
    """Write down whether files were refused for the disk, and are taken now."""
    reasons = [reason.partition("/")[0] for reason in refused.split(", ")]
    if not set(reasons) <= {QuotaError.code, StoreError.code}:
        outcome = "did not say that it is the disk"
    else:
        outcome = "refused" if await _are_taken(stage, member, tries) else "does not take files again"
    stage.note_damage(member, what, outcome, refused)


async def _are_taken(stage: Stage, member: str, tries: Sequence[Try]) -> bool:
    ends = time.monotonic() + stage.patience(_TAKEN_WITHIN_S)
    while any([await _reason(stage, member, one) for one in tries]):
        if time.monotonic() > ends:
            return False
        await asyncio.sleep(_LOOK_SECONDS)
    return True
