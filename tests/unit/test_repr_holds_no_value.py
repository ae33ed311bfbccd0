"""What is between two steps of sending or receiving shows no value when it is printed: a debugger's log may."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from fakes.house import draft, open_street
from fakes.messages import PICTURE, SCENE, Words, rich_request
from tracepost.node.handlers.sending import preparing
from tracepost.node.post import examination

WORDS = [getattr(Words(), one.name) for one in fields(Words)] + [repr(PICTURE)[2:30], repr(SCENE)[2:30]]


async def test_no_step_of_sending_or_receiving_shows_a_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every class and the photographs are in the request; the words themselves are what is searched."""
    seen: list[str] = []
    attempt, take = preparing._try, examination._take_step

    def watch_sending(step: Any, value: Any) -> Any:
        made: Any = attempt(step, value)
        seen.extend((repr(value), repr(made)))
        return made

    def watch_receiving(step: Any, one: Any, desk: Any) -> Any:
        found = take(step, one, desk)
        seen.extend((repr(desk), repr(one) if one.digest else ""))
        return found

    monkeypatch.setattr(preparing, "_try", watch_sending)
    monkeypatch.setattr(examination, "_take_step", watch_receiving)
    async with open_street(tmp_path, "xaa", "xab") as street:
        request = draft(rich_request(), to=["xab"], parts=[PICTURE, SCENE])
        [answer] = await street["xaa"].submit(request)
        assert not answer.HasField("problem")
        await street.carry()
    assert len(seen) > 12
    assert [word for word in WORDS for text in seen if word in text] == []
    assert any(word in str(request) for word in WORDS)
