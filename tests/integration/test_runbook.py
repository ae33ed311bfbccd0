"""The runbook does what it says: every command of `deploy/README.md`, in its order, with real processes.

Changed on the way: ports of this machine that are free stand for those of the page, and where the page
tells a person to type in the shares from the paper, they come from what was printed before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.pages import HOUSE, Shell, follow, read_commands
from fakes.ports import find_port

RUNBOOK = HOUSE / "deploy" / "README.md"


def with_free_ports(page: str) -> str:
    addresses = sorted(set(re.findall(r"127\.0\.0\.1:\d+", page)))
    free = {address: f"127.0.0.1:{find_port()}" for address in addresses}
    return re.sub(r"127\.0\.0\.1:\d+", lambda found: free[found[0]], page)


class Paper:
    """What a person wrote down: the shares of the escrow of each node, as they were shown."""

    def __init__(self) -> None:
        self._shares: dict[str, list[str]] = {}

    def note(self, command: str, printed: str) -> None:
        if made := re.match(r"tracepost node init (\S+)", command):
            shown = printed[printed.index("share 1:") : printed.index("Then try them")]
            self._shares[made[1]] = [" ".join(one.split()) for one in re.split(r"share \d+:", shown)[1:]]

    def typed_in(self, command: str) -> str:
        """Return the command with the first and the last share, and the empty line, at its prompts."""
        asked = re.fullmatch(r"tracepost node escrow (\S+)", command)
        opened = re.match(r"tracepost (drill|restore) ", command)
        if not asked and not opened:
            return command
        first, *_rest, last = self._shares[asked[1] if asked else "xaa/node"]
        return f"printf '%s\\n%s\\n\\n' '{first}' '{last}' | {command}"


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    running = Shell(tmp_path)
    try:
        yield running
    finally:
        running.close()


@pytest.mark.timeout(1500)  # a hundred commands, each of which starts a program
def test_every_command_of_the_runbook_does_what_the_page_says(shell: Shell) -> None:
    paper = Paper()
    for command in read_commands(with_free_ports(RUNBOOK.read_text("utf-8"))):
        paper.note(command.text, follow(shell, RUNBOOK, command, paper.typed_in(command.text)))


def test_the_blocks_of_the_page_are_read_as_a_person_reads_them() -> None:
    page = "```console\n$ one \\\n>   two\nout …\n$ three\n```\n\n$ not this\n```\n$ nor this\n```\n"
    read = read_commands(page)
    assert [(c.text, c.printed) for c in read] == [("one \\\n  two", ["out …"]), ("three", [])]
