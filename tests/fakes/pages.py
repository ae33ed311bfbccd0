"""Pages whose commands are run as a person reads them, in one shell, with real processes.

A ```console block is read as a person reads it: `$ ` begins a command, `> ` goes on with it, and the
other lines are printed by it, in this order (`…` stands for anything). One shell runs all blocks, so
that variables, jobs and the folder last. A command ends with 0 unless the page shows `echo $?`.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]
TIME_LIMIT_SECONDS = 1800
POLITE_SECONDS = 15
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
        """End all that runs in it: politely first, so that what it started ends what it started."""
        with suppress(ProcessLookupError):
            os.killpg(self._bash.pid, signal.SIGTERM)
            for _ in range(POLITE_SECONDS * 10):
                time.sleep(0.1)
                self._bash.poll()  # who is dead and not waited for is there all the same
                os.killpg(self._bash.pid, 0)
            os.killpg(self._bash.pid, signal.SIGKILL)


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


def follow(shell: Shell, page: Path, command: Command, text: str) -> str:
    """Run `text`, which stands for `command` of `page`, and insist on what the page says; return what it printed."""
    printed, code = shell.run(text)
    wrong = list(differences(command, printed, code))
    assert not wrong, f"{page.name}:{command.line}: {command.text}\n{wrong}\n{printed}"
    assert "Traceback" not in printed
    return printed
