"""`tracepost` and `python -m tracepost.cli`."""

from __future__ import annotations

import sys

from tracepost.cli.app import build
from tracepost.cli.language import first_words
from tracepost.cli.verb import as_internal, show_error


def main() -> None:
    """Run the command line; whatever goes wrong outside a verb is told like everything else."""
    try:
        build(*first_words(sys.argv[1:]))(prog_name="tracepost")
    except Exception as fault:  # noqa: BLE001 - the last resort: a person is never shown a traceback
        error = as_internal(fault)
        show_error(error, "--json" in sys.argv)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
