"""The exit codes of `tracepost`, from the table of errors, as a page of the documentation."""

from __future__ import annotations

from tracepost.locale import load
from tracepost.protocol.errors import TracepostError, all_errors

_HEAD = """# Exit codes of `tracepost`

Made from `tracepost.protocol.errors` by `python -m tracepost.cli.exits`; a test keeps it current.
With `--json` stderr has `{"error": {"code", "reason", "words", "where", "remedy", "exit_code"}}`.

| exit | when |
|---|---|
| 0 | done |
| 2 | the command line is not right (a missing argument, an unknown option) |
| 130 | interrupted from the keyboard |
"""
_TABLE = "\n| exit | code | words | what to do |\n|---|---|---|---|\n"


def exit_code_page() -> str:
    """Return the page as Markdown."""
    rows = sorted(all_errors(), key=lambda error: (error.exit_code, error.code))
    return _HEAD + _TABLE + "".join(_row(error) for error in rows)


def _row(error: type[TracepostError]) -> str:
    english = load(["en"])
    words, remedy = (english.pgettext(context, error.code) for context in ("error", "remedy"))
    return f"| {error.exit_code} | `{error.code}` | {words} | {remedy} |\n"


if __name__ == "__main__":
    print(exit_code_page(), end="")
