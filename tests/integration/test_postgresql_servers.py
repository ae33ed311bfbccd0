"""The tests have a real PostgreSQL, whatever the machine has, or they fail."""

from __future__ import annotations

import pytest
from sqlalchemy.engine import make_url

from fakes import postgres
from fakes.postgres import Cluster, Databases, NoPostgresError, connect, find_wheel_binaries
from tracepost.protocol.errors import ConfigurationError
from tracepost.serving.storage import engine
from tracepost.serving.storage.engine import open_engines


def test_the_wheel_carries_a_server_for_machines_without_one() -> None:
    binaries = find_wheel_binaries()
    assert binaries is not None
    with Cluster.start(binaries) as cluster:
        url = Databases(cluster.url, "wheel").create()
        with connect(make_url(url)) as connection:
            assert connection.execute("SELECT current_database()").fetchone() == ("wheel_1",)
        folder = cluster.folder
    assert not folder.exists()


def test_a_server_that_is_named_is_the_one_used(
    databases: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = databases.create()
    monkeypatch.setenv(postgres.VARIABLE, url)
    with postgres.serve() as named:
        assert make_url(named.create()).host == make_url(url).host
    databases.drop(url)


def test_a_machine_without_any_server_fails_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    for way in ("find_machine_binaries", "find_wheel_binaries"):
        monkeypatch.setattr(postgres, way, lambda: None)
    monkeypatch.setattr(postgres, "docker_answers", lambda: False)
    monkeypatch.delenv(postgres.VARIABLE, raising=False)
    with pytest.raises(NoPostgresError), postgres.serve():
        pass


def test_a_node_without_the_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> None:
        raise ModuleNotFoundError("No module named 'psycopg'", name="psycopg")

    monkeypatch.setattr(engine, "create_engine", missing)
    with pytest.raises(ConfigurationError) as caught:
        open_engines("postgresql+psycopg://somebody@localhost/store")
    assert "tracepost[postgresql]" in caught.value.what_to_do
