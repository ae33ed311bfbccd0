"""The runbook does what it says: every command of `deploy/README.md`, in its order, with real processes.

A ```console block is read as a person reads it: `$ ` begins a command, `> ` goes on with it, and the
other lines are printed by it, in this order (`…` stands for anything). One shell runs all blocks, so
that variables, jobs and the folder last. A command ends with 0 unless the page shows `echo $?`.

Changed on the way: ports of this machine that are free stand for those of the page, and where the page
tells a person to type in the shares from the paper, they come from what was printed before.
"""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

HOUSE = Path(__file__).resolve().parents[2]
RUNBOOK = HOUSE / "deploy" / "README.md"
TIME_LIMIT_SECONDS = 240
MARK = "\x1eend of a command\x1e"


@dataclass
class Command:
    """A command of the page and what the page says that it prints."""

    text: str
    line: int
    printed: list[str] = field(default_factory=list)


def read_commands(page: str) -> list[Command]:
    commands: list[Command] = []
    inside = False
    for number, line in enumerate(page.splitlines(), start=1):
        if line.startswith("```"):
            inside = line == "```console"
        elif inside and line.startswith("$ "):
            commands.append(Command(line[2:], number))
        elif inside and line.startswith(">"):
            commands[-1].text += "\n" + line[2:]
        elif inside:
            commands[-1].printed.append(line)
    return commands


def with_free_ports(page: str) -> str:
    with ExitStack() as stack:
        free = {}
        for address in sorted(set(re.findall(r"127\.0\.0\.1:\d+", page))):
            probe = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            free[address] = f"127.0.0.1:{probe.getsockname()[1]}"
    return re.sub(r"127\.0\.0\.1:\d+", lambda found: free[found[0]], page)


class Shell:
    """One bash in a folder that looks like the top of the repository."""

    def __init__(self, folder: Path) -> None:
        (folder / ".venv").mkdir()
        (folder / ".venv" / "bin").symlink_to(Path(sys.executable).parent)
        (folder / "examples").symlink_to(HOUSE / "examples")
        environment = {k: v for k, v in os.environ.items() if k not in {"COLUMNS", "TRACEPOST_PROFILE"}}
        self._bash = subprocess.Popen(
            ["bash", "--norc"],
            cwd=folder,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._watch = threading.Timer(TIME_LIMIT_SECONDS, self._end)
        self._watch.start()

    def run(self, command: str) -> tuple[str, int]:
        """Return what the command printed and its exit code."""
        assert self._bash.stdin is not None
        assert self._bash.stdout is not None
        self._bash.stdin.write(f"{command}\nprintf '%s%d\\n' '{MARK}' $?\n")
        self._bash.stdin.flush()
        printed = ""
        while True:
            line = self._bash.stdout.readline()
            assert line, f"the shell ended in: {command}\n{printed}"
            before, mark, code = line.partition(MARK)
            printed += before
            if mark:
                return printed, int(code)

    def close(self) -> None:
        self._watch.cancel()
        self._end()
        with self._bash:  # waits, and closes the pipes
            pass

    def _end(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._bash.pid, signal.SIGKILL)


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
        if not asked:
            return command
        first, *_rest, last = self._shares[asked[1]]
        return f"printf '%s\\n%s\\n\\n' '{first}' '{last}' | {command}"


def differences(command: Command, printed: str, code: int) -> Iterator[str]:
    if code != 0:
        yield f"exit code {code}"
    left = printed
    for line in command.printed:
        pattern = ".*?".join(re.escape(part) for part in re.split(r"\s*…\s*", line.strip()))
        found = re.search(rf"^[ \t]*{pattern}", left, re.MULTILINE)
        if not found:
            yield f"not printed: {line}"
        left = left[found.end() :] if found else left


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    running = Shell(tmp_path)
    try:
        yield running
    finally:
        running.close()


def test_every_command_of_the_runbook_does_what_the_page_says(shell: Shell) -> None:
    paper = Paper()
    for command in read_commands(with_free_ports(RUNBOOK.read_text("utf-8"))):
        printed, code = shell.run(paper.typed_in(command.text))
        wrong = list(differences(command, printed, code))
        assert not wrong, f"{RUNBOOK.name}:{command.line}: {command.text}\n{wrong}\n{printed}"
        assert "Traceback" not in printed
        paper.note(command.text, printed)


def test_the_blocks_of_the_page_are_read_as_a_person_reads_them() -> None:
    page = "```console\n$ one \\\n>   two\nout …\n$ three\n```\n\n$ not this\n```\n$ nor this\n```\n"
    read = read_commands(page)
    assert [(c.text, c.printed) for c in read] == [("one \\\n  two", ["out …"]), ("three", [])]
