"""Where the profile of an officer stands."""

from __future__ import annotations

import os
from pathlib import Path

ENVIRONMENT = "TRACEPOST_PROFILE"


def find_profile(given: Path | None) -> Path:
    """Return the path of the profile: the option, else the environment, else the user's own."""
    if given is not None:
        return given
    if named := os.environ.get(ENVIRONMENT):
        return Path(named)
    home = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return home / "tracepost" / "profile.toml"
