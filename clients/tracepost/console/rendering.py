"""Templates: the frame, the pages, and the components of the design system."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any, Final

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, PackageLoader, PrefixLoader

from tracepost.locale.words import Words

HERE: Final = Path(__file__).parent
ASSETS: Final = HERE / "assets"
ASSETS_PATH: Final = "/assets"


@cache
def templates_of(words: Words) -> Environment:
    """Return the environment of all templates in one language: "base.html", "pages/NAME.html", the components."""
    environment = Environment(
        loader=ChoiceLoader(
            [
                FileSystemLoader(HERE / "templates"),
                PrefixLoader({"pages": FileSystemLoader(HERE / "pages")}),
                PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
            ]
        ),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["asset"] = asset_path
    environment.globals["alone"] = words.alone
    words.teach(environment)
    return environment


def asset_path(name: str) -> str:
    """Return the address of an asset; it changes with its content, so that browsers keep it for a year."""
    return f"{ASSETS_PATH}/{VERSION}/{name}"


def _version() -> str:
    digest = hashlib.sha256()
    for path in sorted(ASSETS.iterdir()):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


VERSION: Final = _version()
"""Of all assets together: scripts import one another by name."""


def render(words: Words, template: str, values: dict[str, Any]) -> str:
    """Return the page of `template` in the language of `words`."""
    return templates_of(words).get_template(template).render(values)
