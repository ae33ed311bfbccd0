"""The settings that deploy/postgresql.md asks for stand in its files, and the page says what they are for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tracepost.node.config import read_config
from tracepost.protocol.settings import Section
from tracepost.serving.storage.settings import StoreSettings

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
PAGE = (DEPLOY / "postgresql.md").read_text("utf-8")


def read(name: str) -> dict[str, Any]:
    found = yaml.safe_load((DEPLOY / "postgresql" / name).read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def test_patroni_acknowledges_what_two_servers_have_and_nothing_else() -> None:
    settings = read("patroni.yaml")["bootstrap"]["dcs"]
    assert settings["synchronous_mode"] is True
    assert settings["synchronous_mode_strict"] is True
    assert settings["maximum_lag_on_failover"] == 0
    parameters = settings["postgresql"]["parameters"]
    assert {parameters[name] for name in ("synchronous_commit", "fsync", "full_page_writes")} == {"on"}


def test_patroni_has_three_servers_and_stops_the_one_that_is_cut_off() -> None:
    settings = read("patroni.yaml")
    assert len(set(settings["etcd3"]["hosts"])) == 3
    assert settings["watchdog"]["mode"] == "required"
    assert settings["bootstrap"]["dcs"]["ttl"] >= 20
    assert all("trust" not in line and "md5" not in line for line in settings["postgresql"]["pg_hba"])
    assert {"data-checksums"} <= {one for one in settings["bootstrap"]["initdb"] if isinstance(one, str)}


def test_cloudnativepg_has_three_instances_apart_and_waits_for_a_second_one() -> None:
    cluster = read("cloudnativepg.yaml")
    assert (cluster["apiVersion"], cluster["kind"]) == ("postgresql.cnpg.io/v1", "Cluster")
    assert cluster["spec"]["instances"] == 3
    assert cluster["spec"]["affinity"]["podAntiAffinityType"] == "required"
    synchronous = cluster["spec"]["postgresql"]["synchronous"]
    assert synchronous == {"method": "any", "number": 1, "dataDurability": "required"}
    assert all(isinstance(value, str) for value in cluster["spec"]["postgresql"]["parameters"].values())


@pytest.mark.parametrize("name", ["patroni.yaml", "cloudnativepg.yaml"])
def test_no_settings_hold_a_secret(name: str) -> None:
    assert "password:" not in (DEPLOY / "postgresql" / name).read_text("utf-8")
    assert f"postgresql/{name}" in PAGE


def test_the_address_on_the_page_is_one_that_a_node_takes(tmp_path: Path) -> None:
    import tomllib

    block = PAGE.split("```toml\n")[1].split("```")[0]
    table = tomllib.loads(block) | {
        "member": "xaa",
        "domain": "tracepost.example",
        "listen": {"post": "127.0.0.1:1", "desk": "127.0.0.1:2"},
        "office": {"name": "Office"},
        "desk": [{"id": "poc", "point_of_contact": True}],
    }
    store = read_config(Section(table), tmp_path).store
    assert store.url.startswith("postgresql+psycopg://tracepost@db1.xaa.example,")
    assert store.takeover_seconds == StoreSettings().takeover_seconds
