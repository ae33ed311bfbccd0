"""Refusals of case files: every one names the numbered step, and where in the file it stands."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tracepost.protocol.errors import CaseFileError, InvalidInputError, InvalidMessageError, VerificationError


def refuse(step: int, reason: str, message: str) -> CaseFileError:
    """Return the refusal of a numbered step of the list in `verification`."""
    return CaseFileError(message, where=f"step {step}", reason=reason)


@contextmanager
def within(place: str) -> Iterator[None]:
    """Name `place` ("statement 3") in whatever is refused inside; the kind of the error stays."""
    try:
        yield
    except VerificationError as error:
        raise type(error)(error.message, where=f"{place}, {error.where}", reason=error.reason) from error
    except (InvalidInputError, InvalidMessageError) as error:
        raise CaseFileError(error.message, where=f"{place}, {error.where}", reason=error.reason) from error
