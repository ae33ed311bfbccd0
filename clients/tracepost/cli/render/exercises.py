"""How the screen says that a case is an exercise: by the word, in a colour that nothing else has."""

from __future__ import annotations

from rich.text import Text

from tracepost.cli.words import _

STYLE = "bold white on magenta"


def exercise_band() -> Text:
    """Return the line that stands above what is an exercise."""
    return Text(f" {_('EXERCISE')} ", style=STYLE)
