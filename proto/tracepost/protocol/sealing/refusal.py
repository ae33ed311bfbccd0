"""The refusal of a numbered step; the steps stand in the docstring of the package."""

from __future__ import annotations

from tracepost.protocol.errors import SealingError


def refuse(step: int, reason: str, compartment: int | None = None) -> SealingError:
    """Return the error of `step`, for the compartment with this index where it concerns one."""
    place = "" if compartment is None else f" compartment {compartment}"
    return SealingError(where=f"step {step}{place}", reason=reason)
