"""`tracepost` and `python -m tracepost.cli`."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line; whatever goes wrong outside a verb is told like everything else."""
    gc.disable()  # what is loaded stays: to look through it for garbage again and again is a fifth of the start
    from tracepost.cli.app import build
    from tracepost.cli.language import first_words
    from tracepost.cli.verb import as_internal, show_error

    try:
        program = build(*first_words(sys.argv[1:]))
        gc.freeze()
        gc.enable()
        program(prog_name="tracepost")
    except Exception as fault:  # noqa: BLE001 - the last resort: a person is never shown a traceback
        error = as_internal(fault)
        show_error(error, "--json" in sys.argv)
        sys.exit(error.exit_code)


if __name__ == "__main__":
    main()
