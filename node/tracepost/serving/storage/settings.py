"""Where a daemon keeps all, as its operator writes it: the section [store] of `node.toml` and `relay.toml`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from tracepost.protocol.settings import Section


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """The address of a PostgreSQL database, or empty for a file beside the settings.

    `takeover_seconds` is how long a process may be silent before another one does its part.
    """

    url: str = field(default="", repr=False)
    takeover_seconds: int = 10


OWN_FILE: Final = StoreSettings()


def read_store(store: Section) -> StoreSettings:
    """Return the settings of the section [store]; raise `ConfigurationError` naming what is wrong."""
    url = store.text("url", "")
    scheme, separator, rest = url.partition("://")
    if url and (not separator or scheme not in ("postgresql", "postgresql+psycopg")):
        raise store.refusal("url", "the address of a PostgreSQL: postgresql://…")
    seconds = store.number("takeover_seconds", OWN_FILE.takeover_seconds, least=2, most=600)
    return StoreSettings(f"postgresql+psycopg://{rest}" if url else "", seconds)
