"""A node as a process of the benchmark: `node_main.py NODE.TOML`; prints a line when it serves.

A file of its own, which loads nothing of the benchmark's: what is measured is the memory of a node.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tracepost.node.bootstrap.node import open_node
from tracepost.node.config import load_config
from tracepost.serving.server import Daemon, run_daemon


def main(settings: Path) -> int:
    """Run the node of `settings` until SIGTERM; return the exit code."""

    async def serve(daemon: Daemon) -> None:
        node = await open_node(load_config(settings))
        sys.stdout.write("serves\n")
        sys.stdout.flush()
        try:
            await node.serve_until(daemon.stop)
        finally:
            await node.close()

    return run_daemon("node", serve, settings.with_name("daemon.log"))


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
