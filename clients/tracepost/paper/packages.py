"""Packages that paper needs and that not every installation has, asked for when they are needed."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from tracepost.protocol.errors import ConfigurationError

PANGO_PACKAGES: Final = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0")
FONT_PACKAGES: Final = ("fonts-noto-core", "fonts-noto-cjk")
EXTRA: Final = "tracepost[paper]"


def need(name: str) -> Any:
    """Return the module `name`.

    Raises:
        ConfigurationError: it, or a library of the system that it loads, is not here; the remedy names the package.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as fault:
        raise _not_installed(fault.name or name) from fault
    except OSError as fault:
        raise ConfigurationError(
            "the library that lays out text is not here",
            where="Pango",
            reason="pango-missing",
            remedy=f"Install it: apt-get install {' '.join(PANGO_PACKAGES)}",
        ) from fault


def _not_installed(name: str) -> ConfigurationError:
    return ConfigurationError(
        "what makes and reads paper is not installed",
        where=name,
        reason="paper-missing",
        remedy=f"Install it: pip install '{EXTRA}'",
    )


def missing_font(letters: str) -> ConfigurationError:
    """Return the error for letters that no font has a form for, named by their block."""
    return ConfigurationError(
        f"no font here has a form for {letters}",
        where="fonts",
        reason="font-missing",
        remedy=f"Install the fonts: apt-get install {' '.join(FONT_PACKAGES)}",
    )


@contextmanager
def installed() -> Iterator[None]:
    """Tell as `need` does what an import in the body of a `with` lacks."""
    try:
        yield
    except ModuleNotFoundError as fault:
        raise _not_installed(fault.name or "") from fault
