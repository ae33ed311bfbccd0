"""The pages for readers do what they say: every command of `docs/readers`, in one practice network."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.pages import HOUSE, Shell, follow, read_commands

FOLDER = HOUSE / "docs" / "readers"
FIRST = FOLDER / "README.md"
PAGES = sorted(page for page in FOLDER.glob("*.md") if page != FIRST)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """A shell in which the practice network of the first page runs."""
    running = Shell(tmp_path_factory.mktemp("pages"))
    try:
        *_, last = commands = read_commands(FIRST.read_text("utf-8"))
        for command in commands[:-1]:
            follow(running, FIRST, command, command.text)
        yield running
        follow(running, FIRST, last, last.text)
    finally:
        running.close()


@pytest.mark.timeout(1500)  # some have many commands, each of which starts a program
@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_every_command_of_the_page_does_what_the_page_says(shell: Shell, page: Path) -> None:
    for command in read_commands(page.read_text("utf-8")):
        follow(shell, page, command, command.text)


def test_each_reader_has_a_page_and_each_page_is_in_the_list() -> None:
    listed = FIRST.read_text("utf-8")
    assert [page.name for page in PAGES if f"]({page.name})" not in listed] == []
    readers = {
        "auditor",
        "custodian",
        "customs",
        "panel",
        "peace-operation",
        "point-of-contact",
        "printout",
        "relay-operator",
    }
    assert readers <= {page.stem for page in PAGES}
