"""Who is told is read anew when the settings have changed; a file that is wrong leaves in force what was."""

from __future__ import annotations

from pathlib import Path

import pytest
from structlog.testing import capture_logs

from tracepost.node.config import load_told
from tracepost.node.telling.rota import Rota
from tracepost.node.telling.settings import ToldSettings
from tracepost.serving.notices import NoticeSettings

NODE_TOML = """
member = "xaa"
domain = "tracepost.example"

[listen]
post = "127.0.0.1:7100"
desk = "127.0.0.1:7101"

[office]
name = "Firearms Tracing Office"
languages = ["en"]

[[desk]]
id = "poc"
point_of_contact = true
competences = ["LAW_ENFORCEMENT"]
"""
OLD, NEW = "old@xaa.example", "new@xaa.example"


def written(to: str) -> str:
    """Return settings by which one address is told."""
    return (
        f'{NODE_TOML}\n[notices]\nsmtp = "mail.xaa.example:25"\nsender = "post@xaa.example"\n'
        f'\n[[told.desk]]\ndesk = "poc"\n\n[[told.desk.duty]]\nto = ["{to}"]\n'
    )


def put(path: Path, text: str) -> None:
    """Write a file as editors do that put another one in its place, so that no two are taken for the same."""
    path.with_suffix(".new").write_text(text)
    path.with_suffix(".new").replace(path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "node.toml"
    path.write_text(written(OLD))
    return path


@pytest.fixture
def rota(path: Path) -> Rota:
    return Rota(*load_told(path), path, load_told)


def told(rota: Rota) -> set[str]:
    return {to for desk in rota.told.desks for duty in desk.roster.duties for to in duty.to}


def test_a_change_is_taken_when_the_file_rests(rota: Rota, path: Path) -> None:
    put(path, written(NEW))
    rota.look()
    assert told(rota) == {OLD}, "it may be half written"
    rota.look()
    assert told(rota) == {NEW}


def test_a_file_that_changes_from_look_to_look_is_left_alone(rota: Rota, path: Path) -> None:
    for number in range(5):
        put(path, written(f"{'x' * (number + 1)}@xaa.example"))
        rota.look()
        assert told(rota) == {OLD}


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "[told",
        written(NEW).replace("sender", "sendr"),
        written("nobody"),
        written(NEW).replace('desk = "poc"', 'desk = "nowhere"'),
    ],
)
def test_what_is_wrong_leaves_in_force_what_was_and_is_said_once(rota: Rota, path: Path, broken: str) -> None:
    put(path, broken)
    with capture_logs() as lines:
        for _ in range(5):
            rota.look()
    assert told(rota) == {OLD}
    ours = [(one["event"], one["log_level"]) for one in lines if one["event"].startswith("roster")]
    assert ours == [("roster-refused", "warning")]
    put(path, written(NEW))
    rota.look()
    rota.look()
    assert told(rota) == {NEW}


def test_a_file_that_is_no_text_or_is_gone_changes_nothing(rota: Rota, path: Path) -> None:
    path.write_bytes(b"\xff\xfe" + written(NEW).encode())
    rota.look()
    rota.look()
    path.unlink()
    rota.look()
    rota.look()
    assert told(rota) == {OLD}


def test_the_last_desk_that_is_told_may_go_and_come_back(rota: Rota, path: Path) -> None:
    put(path, NODE_TOML)
    rota.look()
    rota.look()
    assert rota.told.desks == ()
    put(path, written(NEW))
    rota.look()
    rota.look()
    assert told(rota) == {NEW}


def test_a_file_that_is_not_touched_is_read_once_more_and_then_no_more(path: Path) -> None:
    """It may have changed between the start of the node, which read it, and the first look."""
    read: list[Path] = []

    def count(path: Path) -> tuple[ToldSettings, NoticeSettings]:
        read.append(path)
        return load_told(path)

    before = load_told(path)
    put(path, written(NEW))
    rota = Rota(*before, path, count)
    for _ in range(5):
        rota.look()
    assert told(rota) == {NEW}
    assert read == [path]
