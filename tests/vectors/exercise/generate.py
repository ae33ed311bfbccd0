"""Exercises and real cases, with verdicts: what comes into a case, replies in it, or is enclosed.

    python tests/vectors/exercise/generate.py

Each statement is whole, of the member `xaa` to `xab`, signed by the key whose certificate stands in
`certificate`. `case` holds what is in effect already, in order; `replies_to` what the statement replies to where
that stands elsewhere; `encloses` what it carries. The verdict is the first reason that holds.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from vectors.statement.generate import CERTIFICATES, disclose, with_group

HERE = Path(__file__).parent
Case = dict[str, Any]


def said(number: int, *, exercise: bool, thread: int = 2) -> str:
    """Return a statement in compact form."""
    return with_group(
        "PUBLIC",
        disclose("title", f"statement {number}"),
        disclose("fields", 1),
        exercise=exercise,
        jti=f"01995b1a-0000-7000-8000-{number:012d}",
        thread=f"01995b1a-0000-7000-8000-{thread:012d}",
    )


def case(
    name: str,
    verdict: str,
    statement: str,
    *,
    in_case: tuple[str, ...] = (),
    replies_to: str | None = None,
    encloses: tuple[str, ...] = (),
    header: bool | None = None,
) -> Case:
    """Return a vector; `header` is what the header of the envelope says where that is another thing."""
    return {
        "name": name,
        "verdict": verdict,
        "case": list(in_case),
        "replies_to": replies_to,
        "encloses": list(encloses),
        "header_exercise": header,
        "statement": statement,
    }


def cases() -> Iterator[Case]:
    """Yield all vectors."""
    real, practised = said(10, exercise=False), said(11, exercise=True)
    more_real, more_practised = said(20, exercise=False), said(21, exercise=True)
    yield case("a real statement opens a case", "accepted", more_real)
    yield case("an exercise opens a case", "accepted", more_practised)
    yield case("a real statement in a real case", "accepted", more_real, in_case=(real,))
    yield case("an exercise in an exercise", "accepted", more_practised, in_case=(practised,))
    yield case("a real statement in an exercise", "real-in-exercise", more_real, in_case=(practised,))
    yield case("an exercise in a real case", "exercise-in-real", more_practised, in_case=(real,))
    later = (practised, said(12, exercise=True))
    yield case("the first statement speaks for the case", "real-in-exercise", more_real, in_case=later)
    elsewhere = said(30, exercise=True, thread=3)
    yield case(
        "a real reply to an exercise of another case", "real-in-exercise", more_real, replies_to=elsewhere
    )
    elsewhere = said(31, exercise=False, thread=3)
    yield case(
        "an exercise that replies to what is real elsewhere",
        "exercise-in-real",
        more_practised,
        replies_to=elsewhere,
    )
    yield case("an exercise encloses an exercise", "accepted", more_practised, encloses=(practised,))
    yield case("a real statement encloses a real one", "accepted", more_real, encloses=(real,))
    yield case("an exercise encloses what is real", "exercise-in-real", more_practised, encloses=(real,))
    yield case("a real statement encloses an exercise", "real-in-exercise", more_real, encloses=(practised,))
    yield case(
        "one of two that it encloses is real",
        "exercise-in-real",
        more_practised,
        in_case=(practised,),
        encloses=(practised, real),
    )
    yield case("the header alone says exercise", "exercise", more_real, header=True)
    yield case("the statement alone says exercise", "exercise", more_practised, header=False)


def write_vectors() -> str:
    """Return the text of exercises.json."""
    document = {
        "about": (__doc__ or "").strip(),
        "certificate": base64.b64encode(CERTIFICATES["xaa"]).decode(),
        "cases": list(cases()),
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    (HERE / "exercises.json").write_text(write_vectors(), encoding="utf-8")
