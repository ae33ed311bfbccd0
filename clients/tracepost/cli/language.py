"""Which language the command line speaks: the option, the environment, the profile, the machine; else English.

Help texts are made while the verbs are read, so this is settled before any of them: from the bare arguments.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from tracepost.cli.profile_file import find_profile
from tracepost.locale import choose

OPTION: Final = "--language"
ENVIRONMENT: Final = "TRACEPOST_LANGUAGE"
_OF_THE_MACHINE: Final = ("LC_ALL", "LC_MESSAGES", "LANG")


def chosen_language(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> str:
    """Return the tag of the language to speak.

    Args:
        arguments: what was said after the name of the program
        environment: the variables of the process
    """
    return choose(_wishes(arguments, environment))


def _wishes(arguments: Sequence[str], environment: Mapping[str, str]) -> Iterator[str]:
    yield value_of(OPTION, before_verb(arguments))
    yield environment.get(ENVIRONMENT, "")
    yield _of_profile(value_of("--profile", arguments))
    machine = next((environment[name] for name in _OF_THE_MACHINE if environment.get(name)), "")
    if machine.split(".")[0] not in ("", "C", "POSIX"):
        yield from environment.get("LANGUAGE", "").split(":")
        yield machine


def before_verb(arguments: Sequence[str]) -> Sequence[str]:
    """Return the arguments before the first verb: options of the whole program."""
    count = 0
    while count < len(arguments) and arguments[count].startswith("-"):
        count += 2 if arguments[count] == OPTION else 1
    return arguments[:count]


def first_words(arguments: Sequence[str]) -> Sequence[str]:
    """Return the first verb and the word behind it; nothing when the program as a whole is asked for something else."""
    options = before_verb(arguments)
    strange = any(option.startswith("-") and option.split("=")[0] != OPTION for option in options)
    return [] if strange else arguments[len(options) :][:2]


def value_of(option: str, arguments: Sequence[str]) -> str:
    """Return what stands behind `option` (`--option VALUE` or `--option=VALUE`), empty when it was not said."""
    for index, argument in enumerate(arguments):
        if argument == option:
            return arguments[index + 1] if index + 1 < len(arguments) else ""
        if argument.startswith(f"{option}="):
            return argument.removeprefix(f"{option}=")
    return ""


def _of_profile(named: str) -> str:
    """Return the line `language` of the profile; nothing when it has none or cannot be read (the verb tells that)."""
    try:
        said = tomllib.loads(find_profile(Path(named) if named else None).read_text("utf-8")).get(
            "language", ""
        )
    except (OSError, ValueError, RuntimeError):
        return ""
    return said if isinstance(said, str) else ""
