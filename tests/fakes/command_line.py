"""The command line as an officer of one desk uses it, in this process, with all bytes that come out of it.

    line = CommandLine(write_profile(town, "xab", "8", "poc"), tmp_path / "seen")
    said = line.run("trace", "show", case, "--json")
    said.output, said.files, said.exit_code

`VERBS` are all verbs that there are, from the tree of commands itself, and `asks_a_node` says which of them
speak to a node: those that take a profile.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pypdfium2
from click.testing import CliRunner
from typer.main import get_command

from fakes.town import Town
from tracepost.cli.app import app

_BETWEEN_WORDS: Final = re.compile(rb"(?:[\s|]|\xe2\x94[\x80-\xbf])+")
_WIDE: Final = {"COLUMNS": "300", "TERM": "dumb"}


def _walk(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Any]]:
    for name, inner in getattr(command, "commands", {}).items():
        yield from _walk(inner, (*path, name))
    if not hasattr(command, "commands"):
        yield " ".join(path), command


_TREE: Final[Any] = get_command(app)
VERBS: Final[Mapping[str, Any]] = dict(_walk(_TREE))
"""Words of a verb → its command."""


def asks_a_node(verb: str) -> bool:
    """Say whether a verb speaks to a node."""
    return any("--profile" in parameter.opts for parameter in VERBS[verb].params)


def verb_of(words: tuple[str, ...]) -> str:
    """Return the verb that a line begins with."""
    return next(verb for n in (3, 2, 1) if (verb := " ".join(words[:n])) in VERBS)


@dataclass(frozen=True)
class Said:
    """What came of one line: its words, its exit code, stdout, both streams together, and files."""

    words: tuple[str, ...]
    exit_code: int
    result: bytes
    output: bytes
    files: bytes

    @property
    def shown(self) -> bytes:
        """The output, and once more without the lines and spaces that break words in a table."""
        return self.output + b"\n" + _BETWEEN_WORDS.sub(b"", self.output)


class CommandLine:
    """One officer at a terminal. `tried` are the verbs that he used, `ran` those that ended well.

    In a word `{out}` is a new place for files.
    """

    def __init__(self, profile: Path, folder: Path) -> None:
        self.tried: set[str] = set()
        self.ran: set[str] = set()
        self._folder = folder
        self._runner = CliRunner(env={"TRACEPOST_PROFILE": str(profile), **_WIDE})
        self._lines = 0

    def run(self, *words: str) -> Said:
        """Run one line."""
        self._lines += 1
        out = self._folder / str(self._lines)
        out.mkdir(parents=True)
        given = [word.replace("{out}", str(out)) for word in words]
        result = self._runner.invoke(_TREE, given)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        self.tried.add(verb_of(words))
        if result.exit_code == 0:
            self.ran.add(verb_of(words))
        files = b"\n".join(_content(path) for path in sorted(out.rglob("*")) if path.is_file())
        return Said(
            words, result.exit_code, result.stdout_bytes, result.stdout_bytes + result.stderr_bytes, files
        )


def _content(path: Path) -> bytes:
    """Return what a file says; the text of a PDF, whose streams are packed, without the spaces that break words."""
    if path.suffix != ".pdf":
        return path.read_bytes()
    return text_of_pdf(path.read_bytes())


def text_of_pdf(content: bytes) -> bytes:
    """Return the text of a PDF, a line for each page, without the spaces that break words."""
    pages = pypdfium2.PdfDocument(content)
    return "\n".join("".join(page.get_textpage().get_text_range().split()) for page in pages).encode()


def write_profile(town: Town, member: str, officer: str, desk: str) -> Path:
    """Write an officer's profile for the command line."""
    folder = town.folder / f"profile {member} {officer}"
    folder.mkdir(exist_ok=True)
    papers, resident = town.papers(member, officer), town.residents[member]
    for name, content in (
        ("officer.pem", papers.certificate_chain),
        ("officer.key", papers.key),
        ("root.pem", papers.root),
    ):
        (folder / name).write_bytes(content)
    lines = {
        "address": f"127.0.0.1:{resident.ports.desk}",
        "member": member,
        "domain": resident.authority.domain,
        "certificate": "officer.pem",
        "key": "officer.key",
        "root": "root.pem",
        "desk": desk,
    }
    (folder / "profile.toml").write_text("".join(f'{key} = "{value}"\n' for key, value in lines.items()))
    return folder / "profile.toml"
