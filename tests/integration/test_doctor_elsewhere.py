"""`tracepost doctor --folder` at a relay and at an authority: real faults, each found and told with what to do."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import structlog
from sqlalchemy import create_engine, insert

from fakes.pki import DAY
from fakes.terminal import CliRunner
from fakes.town import POC, Town, found_town
from tracepost.ca import Authority, Lifetimes, Passphrase, init_authority
from tracepost.ca.founding import RESTORED
from tracepost.cli import relay_machine
from tracepost.cli.app import app
from tracepost.protocol.ids import MemberId
from tracepost.relay.tables import USAGE
from tracepost.relay.usage import Side

Found = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A relay that has run once, with a member that dialled it."""
    town = found_town(tmp_path_factory.mktemp("founded") / "town", {"xaa": (POC,)}, "hub")
    asyncio.run(run_once(town))
    return town


async def run_once(town: Town) -> None:
    async with town.running("hub"):
        pass


@pytest.fixture
def town(founded: Town, tmp_path: Path) -> Town:
    return founded.copy(tmp_path / "town")


@pytest.fixture(autouse=True)
def silence() -> Iterator[None]:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    yield
    structlog.reset_defaults()


def examine(folder: Path, exit_code: int) -> Found:
    runner = CliRunner(env={"TRACEPOST_PROFILE": str(folder / "none.toml")})
    result = runner.invoke(app, ["doctor", "--json", "--folder", str(folder)])
    assert result.exit_code == exit_code, result.output
    found = json.loads(result.stdout)["findings"]
    assert all(one["remedy"] or one["level"] == "ok" for one in found), "what is not well says what to do"
    return {one["subject"]: one for one in found}


class TestRelay:
    def test_a_relay_that_does_not_run_is_looked_at_line_by_line(self, town: Town) -> None:
        found = examine(town.place("hub"), exit_code=5)
        assert found["process"]["level"] == "fail"
        for subject in (
            "settings", "key files", "disk of store", "database", "log", "certificate node expires",
            "trust list", "mail",
        ):  # fmt: skip
            assert found[subject]["level"] in {"ok", "warn"}, subject
        assert "hub.tracepost.example" in found["settings"]["words"]

    def test_keys_that_others_may_read_and_a_certificate_that_is_gone_are_failures(self, town: Town) -> None:
        keys = town.place("hub") / "keys"
        (keys / "log.key").chmod(0o644)
        (keys / "node.pem").unlink()
        found = examine(town.place("hub"), exit_code=5)
        assert "log.key" in found["key files"]["words"]
        assert (found["key files"]["level"], found["certificate node"]["level"]) == ("fail", "fail")

    def test_a_certificate_of_another_authority_is_a_failure(self, town: Town) -> None:
        other = (town.place("xaa") / "keys" / "node.pem").read_bytes()
        (town.place("hub") / "keys" / "node.pem").write_bytes(other)
        assert examine(town.place("hub"), exit_code=5)["certificate node"]["level"] == "fail"

    def test_a_store_that_forgot_is_told_before_it_serves(self, town: Town) -> None:
        folder = town.place("hub")
        for path in folder.glob("store.sqlite*"):
            path.unlink()
        assert examine(folder, exit_code=5)["database"]["level"] == "fail"

    def test_a_member_whose_quota_is_nearly_used_up_is_named(self, town: Town) -> None:
        engine = create_engine(f"sqlite:///{town.place('hub') / 'store.sqlite'}")
        with engine.begin() as connection:
            row = {"member": "xaa", "side": int(Side.SENDER), "envelopes": 19_000, "bytes": 1}
            connection.execute(insert(USAGE).values(**row))
        engine.dispose()
        told = examine(town.place("hub"), exit_code=5)["mail of xaa"]
        assert (told["level"], told["words"][:3]) == ("warn", "95%")

    def test_mail_that_ends_soon_is_told_with_its_day(self) -> None:
        from tracepost.relay.ledger import Box

        now = int(time.time())
        boxes = [Box(MemberId("xaa"), 3, 36_000, now + 2 * DAY), Box(MemberId("xab"), 1, 9, now + 90 * DAY)]
        soon, late = relay_machine._look_at_mail(boxes, now)
        assert (soon.subject, soon.level, late.level) == ("mail for xaa", "warn", "ok")


class TestAuthority:
    SECRET = Passphrase(b"a passphrase that is long")

    def found(self, folder: Path, **lifetimes: int) -> Authority:
        return init_authority(
            folder, self.SECRET, member="xaa", domain="tracepost.example", lifetimes=Lifetimes(**lifetimes)
        )

    def test_an_authority_that_is_well_is_told_line_by_line_without_its_passphrase(
        self, tmp_path: Path
    ) -> None:
        self.found(tmp_path / "ca").close()
        found = examine(tmp_path / "ca", exit_code=0)
        for subject in ("settings", "key files", "disk of authority", "database", "root expires"):
            assert found[subject]["level"] in {"ok", "warn"}, subject
        assert found["revocation list expires"]["level"] == "ok"

    def test_a_root_key_that_others_may_read_is_a_failure(self, tmp_path: Path) -> None:
        self.found(tmp_path / "ca").close()
        (tmp_path / "ca" / "root.key.pem").chmod(0o644)
        found = examine(tmp_path / "ca", exit_code=5)
        assert "root.key.pem" in found["key files"]["words"]

    def test_a_revocation_list_that_ends_and_a_certificate_without_a_successor_are_told(
        self, tmp_path: Path
    ) -> None:
        with closing(self.found(tmp_path / "ca", crl=3 * DAY, server=10 * DAY)) as authority:
            authority.issue_server()
        found = examine(tmp_path / "ca", exit_code=0)
        assert found["revocation list expires"]["level"] == "warn"
        assert "tracepost ca crl" in found["revocation list expires"]["remedy"]
        assert any(subject.startswith("certificate ") for subject in found)

    def test_a_folder_that_came_from_a_backup_is_a_failure_until_it_was_taught(self, tmp_path: Path) -> None:
        self.found(tmp_path / "ca").close()
        (tmp_path / "ca" / RESTORED).touch()
        assert examine(tmp_path / "ca", exit_code=5)["database"]["level"] == "fail"
