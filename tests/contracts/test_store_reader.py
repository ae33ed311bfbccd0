"""The store read from outside: the same facts on each database, beside a node or without one."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from contracts.records import US
from tracepost.node.adapters.sql.migration import all_steps
from tracepost.node.adapters.sql.store import open_store
from tracepost.node.config import NodeConfig, OfficeSettings
from tracepost.node.from_outside import StoreReader
from tracepost.node.records.cases import AuditEvent
from tracepost.protocol.errors import StoreError
from tracepost.protocol.evidence import LogKey
from tracepost.serving.storage.settings import StoreSettings


def config_of(url: str, folder: Path) -> NodeConfig:
    config = NodeConfig(folder, US, "tracepost.example", "", "", "", OfficeSettings("Office"), ())
    return replace(config, store=StoreSettings(url)) if url.startswith("postgresql") else config


async def test_facts_are_told_while_somebody_serves_and_when_nobody_does(
    lasting_url: str, tmp_path: Path, key: LogKey
) -> None:
    config = config_of(lasting_url, tmp_path)
    store = await open_store(lasting_url, key)
    await store.write(lambda tx: tx.audit.append([AuditEvent(1, "officer-7", "look", "", "ok")]))
    with closing(StoreReader(config)) as reader:
        facts = reader.facts()
    await store.close()
    with closing(StoreReader(config)) as reader:
        assert reader.facts() == facts
    assert facts.step == facts.our_step == all_steps()[-1].number
    # The server of the tests does not sync; a file of ours is always written by way of its log.
    assert facts.durable is not lasting_url.startswith("postgresql")
    assert facts.kind == ("PostgreSQL" if lasting_url.startswith("postgresql") else "SQLite")
    assert facts.version.split(".")[0].isdigit()


def test_a_database_that_does_not_answer_is_an_error_of_ours(tmp_path: Path) -> None:
    for url in ("", "postgresql://nobody@127.0.0.1:9/none"):
        with closing(StoreReader(config_of(url, tmp_path))) as reader, pytest.raises(StoreError):
            reader.facts()
