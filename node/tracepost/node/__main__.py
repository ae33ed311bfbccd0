"""`python -m tracepost.node serve NODE.TOML [NODE.TOML …]`: the daemon without the command line around it."""

from __future__ import annotations

import sys
from pathlib import Path

import tracepost.serving  # noqa: F401 - before all others: what it sets is read when they are loaded
from tracepost.node.bootstrap.node import serve_node
from tracepost.protocol.errors import InvalidInputError


def main(arguments: list[str]) -> int:
    """Serve the node of the settings file that is named; return the exit code."""
    match arguments:
        case ["serve", *configs] if configs:
            return serve_node(*map(Path, configs))
        case _:
            sys.stderr.write("usage: python -m tracepost.node serve NODE.TOML [NODE.TOML …]\n")
            return InvalidInputError.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
