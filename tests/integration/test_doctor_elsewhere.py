"""`tracepost doctor --folder` at a relay, an authority, a console: real faults, each found and told with what to do."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import structlog
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from sqlalchemy import create_engine, insert

from fakes.console import web_papers
from fakes.pki import DAY, DOMAIN
from fakes.terminal import CliRunner
from fakes.town import POC, Town, found_town
from tracepost.ca import Authority, Lifetimes, Passphrase, init_authority
from tracepost.ca.founding import RESTORED
from tracepost.cli import relay_machine
from tracepost.cli.app import app
from tracepost.console.installation import init_console, install_papers
from tracepost.node import from_outside
from tracepost.protocol.identity import Role
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


class TestConsole:
    @pytest.fixture
    def console(self, town: Town) -> Path:
        """The folder of a console of XAA, which does not run."""
        folder, listen = town.folder / "console", "127.0.0.1:1"  # where nobody listens
        node = f"127.0.0.1:{town.residents['xaa'].ports.desk}"
        init_console(
            folder, member="xaa", domain=DOMAIN, node=node, origin="https://console.example", listen=listen
        )
        authority = town.residents["xaa"].authority
        key: Any = load_pem_private_key((folder / "console.key").read_bytes(), None)
        issued = authority.issue(Role.CONSOLE, key=key)
        install_papers(folder, issued.chain_pem, authority.pem)
        return folder

    def test_a_console_that_does_not_run_and_misses_its_node_is_looked_at_line_by_line(
        self, console: Path
    ) -> None:
        found = examine(console, exit_code=5)
        assert {name for name, one in found.items() if one["level"] == "fail"} == {"process", "road to xaa"}
        for subject in (
            "settings",
            "key files",
            "disk of console",
            "certificate console expires",
            "root expires",
        ):
            assert found[subject]["level"] in {"ok", "warn"}, subject

    async def test_its_node_is_known_by_its_certificate(
        self, town: Town, console: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(from_outside, "_WITHIN_S", 120.0)  # who is dialled shares this process
        async with town.running("xaa"):
            found = await asyncio.to_thread(examine, console, 5)
            assert found["road to xaa"]["level"] == "ok"
        async with town.running("hub"):
            port = town.residents["hub"].ports.post
            path = console / "console.toml"
            own = f":{town.residents['xaa'].ports.desk}"
            path.write_text(path.read_text().replace(own, f":{port}"))
            found = await asyncio.to_thread(examine, console, 5)
        assert found["road to xaa"]["level"] == "fail"
        assert "not our node" in found["road to xaa"]["words"]

    def test_what_lacks_or_does_not_fit_is_named(self, console: Path) -> None:
        (console / "console.key").chmod(0o644)
        (console / "console.pem").write_text("no certificate")
        found = examine(console, exit_code=5)
        assert "console.key" in found["key files"]["words"]
        assert found["certificate console"]["level"] == "fail"
        (console / "console.toml").write_text("colour = 1")
        assert examine(console, exit_code=5)["settings"]["level"] == "fail"

    def test_papers_of_its_own_for_the_pages_are_looked_at_too(self, console: Path) -> None:
        path = console / "console.toml"
        path.write_text(f'{path.read_text()}\n[web]\ncertificate = "web.pem"\nkey = "web.key"\n')
        assert examine(console, exit_code=5)["certificate of the pages"]["level"] == "fail"
        (console / "web.pem").write_bytes(web_papers("console.example").chain_pem)
        assert examine(console, exit_code=5)["certificate of the pages expires"]["level"] in {"ok", "warn"}


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
