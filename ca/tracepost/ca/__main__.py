"""The enrolment daemon: `python -m tracepost.ca DIRECTORY --listen HOST:PORT --passphrase-file FILE [--log FILE]`."""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from pathlib import Path

from tracepost.ca import Passphrase, open_authority, passphrase_from_descriptor, passphrase_from_file
from tracepost.ca.service import serve
from tracepost.serving.pages import serve_pages
from tracepost.serving.server import Daemon, run_daemon
from tracepost.serving.telemetry import Meter
from tracepost.serving.vitals import Vitals


def main(arguments: list[str] | None = None) -> int:
    """Serve one authority until SIGTERM; return the exit code."""
    options = _parser().parse_args(arguments)

    async def run(daemon: Daemon) -> None:
        meter = Meter("ca")
        authority = open_authority(options.directory, _passphrase(options))
        vitals = Vitals(time.monotonic, meter)
        vitals.is_draining = daemon.stop.is_set
        pulse = asyncio.create_task(vitals.pulse())
        stop_pages = serve_pages(options.metrics, meter.registry, vitals) if options.metrics else _nothing
        try:
            await serve(authority, options.listen, daemon, meter=meter)
        finally:
            pulse.cancel()
            stop_pages()
            authority.close()

    return run_daemon("ca", run, options.log)


def _nothing() -> None:
    pass


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tracepost.ca", description="Serve enrolment for one authority.")
    parser.add_argument("directory", type=Path, help="directory of the authority")
    parser.add_argument("--listen", required=True, metavar="HOST:PORT", help="where applicants dial")
    parser.add_argument("--metrics", metavar="HOST:PORT", help="where Prometheus reads; off by default")
    parser.add_argument("--log", type=Path, metavar="FILE", help="file for log lines, else stderr")
    secret = parser.add_mutually_exclusive_group(required=True)
    secret.add_argument("--passphrase-file", type=Path, metavar="FILE", help="file with the passphrase")
    secret.add_argument("--passphrase-fd", type=int, metavar="N", help="open descriptor to read it from")
    return parser


def _passphrase(options: argparse.Namespace) -> Passphrase:
    if options.passphrase_file is not None:
        return passphrase_from_file(options.passphrase_file)
    return passphrase_from_descriptor(options.passphrase_fd)


if __name__ == "__main__":
    sys.exit(main())
