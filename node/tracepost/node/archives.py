"""The archives of old cases by hand: moved, looked through, put back; for `tracepost node archive`.

The store is opened beside the processes that serve, where it is a database, and must be free where it is a file.
"""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tracepost.node.adapters.archive import ArchiveFiles
from tracepost.node.adapters.keystore import FileKeyStore
from tracepost.node.adapters.machine import read_machine_secret
from tracepost.node.adapters.sql.store import open_store
from tracepost.node.config import load_config
from tracepost.node.handlers.keeping.archiving import Archiving, require_case
from tracepost.node.installation import CONFIG_NAME
from tracepost.node.ports.store import Store
from tracepost.protocol.evidence import LogKey


async def archive_cases(folder: Path, days: int) -> int:
    """Move what was closed for so many days into files; return how many envelopes.

    Raises:
        ConfigurationError: the store is a file, and a process uses it.
        StoreError: the store or the archive folder fails.
    """
    async with _opened(folder) as (_, archiving):
        return await archiving.archive_old(days)


async def check_archives(folder: Path) -> tuple[int, list[str]]:
    """Return how many archives there are, and the names of those that are missing or damaged."""
    async with _opened(folder) as (_, archiving):
        return await archiving.check()


async def restore_case(folder: Path, case: str) -> int:
    """Put a case, named by its thread or a file number, back into the store; return how many envelopes.

    Raises:
        NotFoundError: there is no such case.
        StoreError: an archive is missing or damaged.
    """
    async with _opened(folder) as (store, archiving):
        return await archiving.restore(await store.read(lambda tx: require_case(tx, case)))


@asynccontextmanager
async def _opened(folder: Path) -> AsyncIterator[tuple[Store, Archiving]]:
    config = load_config(folder / CONFIG_NAME)
    keys = FileKeyStore(config.keys, read_machine_secret(config.keys, os.environ))
    files = ArchiveFiles(config.archive_path)
    key = LogKey.from_skey(keys.load_machine_keys("log").decode("ascii"))
    store = await open_store(config.store_url, key, archive=files)
    try:
        yield store, Archiving(store, files, lambda: int(time.time()))
    finally:
        await store.close()
