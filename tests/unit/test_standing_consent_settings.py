"""Standing consents as the operator writes them down, and as the directory entry says them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tracepost.node.config import NodeConfig, read_config
from tracepost.node.desk_keys import generate_bundle
from tracepost.node.directory_entry import write_entry
from tracepost.protocol.errors import ConfigurationError
from tracepost.protocol.ids import NODE_DESK, DeskId
from tracepost.protocol.settings import Section
from tracepost.wire.v1 import options_pb2, terms_pb2


def config(*consents: dict[str, Any]) -> NodeConfig:
    table: dict[str, Any] = {
        "member": "xaa",
        "domain": "tracepost.example",
        "listen": {"post": "127.0.0.1:1", "desk": "127.0.0.1:2"},
        "office": {"name": "Firearms Tracing Office"},
        "desk": [{"id": "poc", "point_of_contact": True}],
        "standing_consent": list(consents),
    }
    return read_config(Section(table), Path())


def test_the_entry_says_what_the_settings_say() -> None:
    settings = config(
        {"member": "xac", "purpose": "criminal-investigation", "until": "2030-12-31", "classes": ["OBJECT"]},
        {"member": "xad"},
    )
    desks = [NODE_DESK, DeskId("poc")]
    keys = {desk: generate_bundle(desk).public.opening for desk in desks}
    entry = write_entry(settings, keys, dict.fromkeys(desks, bytes(32)), [], 1_800_000_000)
    first, second = entry.declarations.standing_consents
    assert (first.member, first.purpose) == ("xac", terms_pb2.PURPOSE_CRIMINAL_INVESTIGATION)
    assert (first.until, list(first.classes)) == ("2030-12-31", [options_pb2.SENSITIVITY_OBJECT])
    assert second.member == "xad"
    assert not second.HasField("purpose")


@pytest.mark.parametrize(
    ("row", "where"),
    [
        ({"member": "XAC"}, "standing_consent.member"),
        ({"member": "xac", "purpose": "anything"}, "standing_consent.purpose"),
        ({"member": "xac", "until": "2030-13-01"}, "standing_consent.until"),
        ({"member": "xac", "classes": ["SECRET"]}, "standing_consent.classes"),
        ({"member": "xac", "untill": "2030-01-01"}, "standing_consent.untill"),
    ],
)
def test_a_slip_of_the_pen_is_refused(row: dict[str, Any], where: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        config(row)
    assert refusal.value.where == where
