"""The demonstration's own promises: a tick is a check, results replace results and nothing else."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from google.protobuf.message import Message
from rich.console import Console

from tracepost.cli.demo import _make_room
from tracepost.cli.demonstration import messages
from tracepost.cli.demonstration.material import read_request, request_for_one, telltales
from tracepost.cli.demonstration.plan import STATES, plans_of
from tracepost.cli.demonstration.ports import Ports
from tracepost.cli.demonstration.stage import Stage
from tracepost.protocol import schema
from tracepost.protocol.errors import ConflictError, InternalError, UnreachableError


@pytest.fixture
def shown() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def stage(shown: io.StringIO) -> Stage:
    made = Stage()
    made._console = Console(file=shown, width=60)
    return made


class TestStage:
    def test_a_tick_stands_for_a_check_that_held(self, stage: Stage, shown: io.StringIO) -> None:
        stage.insist([1], "it is there")
        assert "✓  it is there" in shown.getvalue()
        assert stage.checks == 1

    def test_what_does_not_hold_is_not_ticked_and_ends_the_story(
        self, stage: Stage, shown: io.StringIO
    ) -> None:
        with pytest.raises(InternalError) as caught:
            stage.insist([], "it is there")
        assert caught.value.where == "it is there"
        assert "✓" not in shown.getvalue()

    async def test_what_comes_late_is_waited_for(self, stage: Stage) -> None:
        answers = iter([None, None, "here"])

        async def probe() -> str | None:
            return next(answers)

        assert await stage.until(probe, "it came") == "here"

    async def test_what_never_comes_ends_the_story(self, stage: Stage, shown: io.StringIO) -> None:
        async def probe() -> None:
            return None

        with pytest.raises(UnreachableError):
            await stage.until(probe, "it came", seconds=0)
        assert "✓" not in shown.getvalue()

    def test_long_lines_go_on_below_their_words(self, stage: Stage, shown: io.StringIO) -> None:
        stage.tell("xaa/poc", "word " * 20)
        first, second = shown.getvalue().splitlines()[:2]
        assert first.startswith("xaa/poc       word")
        assert second.startswith("              word")


class TestRoom:
    def test_results_of_an_earlier_demonstration_are_replaced_and_nothing_else(self, tmp_path: Path) -> None:
        folder = _make_room(tmp_path)
        (folder / "members").mkdir()
        for name in ("case.tracepost", "trust.json", "notes.txt"):
            (tmp_path / name).touch()
        _make_room(tmp_path)
        assert sorted(path.name for path in tmp_path.iterdir()) == ["network", "notes.txt"]
        assert [path.name for path in folder.iterdir()] == [".tracepost-demonstration"]

    def test_a_folder_of_somebody_else_is_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / "network").mkdir()
        (tmp_path / "network" / "precious").touch()
        with pytest.raises(ConflictError):
            _make_room(tmp_path)
        assert (tmp_path / "network" / "precious").exists()


class TestMaterial:
    def test_the_request_has_six_weapons_and_the_handling_instruction(self) -> None:
        draft = read_request()
        schema.validate(draft)
        assert len(draft.content.trace_request.items) == 6
        assert draft.parts

    def test_a_request_for_one_item_carries_its_photographs_alone(self) -> None:
        whole = read_request()
        one = request_for_one(whole, "3", "xad")
        schema.validate(one)
        assert ([item.id for item in one.content.trace_request.items], list(one.to)) == (["3"], ["xad"])
        assert 0 < len(one.parts) < len(whole.parts)

    def test_what_must_not_be_found_at_the_relay_is_a_list_of_real_texts(self) -> None:
        assert all(len(text) > 4 for text in telltales(read_request()))

    @pytest.mark.parametrize(
        "message",
        [
            messages.answers(),
            messages.settled(),
            messages.diversion(),
            messages.redirection(),
            messages.consent_asked("A" * 43),
            messages.consent_granted("A" * 43),
            messages.better_photograph_asked(),
            messages.reminder(1),
            messages.closure([]),
            messages.acknowledgement("2026-11-22T00:00:00Z", "1", "Office", 6, "a@xaa.example"),
        ],
        ids=schema.kind_of,
    )
    def test_what_the_offices_say_keeps_the_rules(self, message: Message) -> None:
        schema.validate(message)


def test_ports_are_given_once_each() -> None:
    ports = Ports()
    assert len({ports.take() for _ in range(20)}) == 20


def test_the_states_are_fictional() -> None:
    """ISO 3166-1 leaves XAA to XZZ to its users."""
    assert all(plan.member.startswith("x") and len(plan.member) == 3 for plan in STATES)
    assert plans_of(["xab", STATES[0]]) == (STATES[1], STATES[0])
