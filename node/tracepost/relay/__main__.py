"""`python -m tracepost.relay serve --config FILE` runs a relay until SIGTERM; `init` makes its folder."""

import tracepost.serving  # noqa: F401, I001 - first, before anything loads gRPC: it leaves TLS 1.3 only

import argparse
import json
import sys
from pathlib import Path

from tracepost.protocol.errors import TracepostError
from tracepost.protocol.ids import encode_b64
from tracepost.relay.bootstrap import serve_relay
from tracepost.relay.installation import init_relay


def main(arguments: list[str] | None = None) -> int:
    """Do what the command line says; return the exit code (protocol/errors.py)."""
    options = _parser().parse_args(arguments)
    if options.command == "serve":
        return serve_relay(options.config, log_path=options.log)
    try:
        application = init_relay(
            options.folder,
            member=options.member,
            domain=options.domain,
            post=options.post,
            metrics=options.metrics,
        )
    except TracepostError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    answer = {"request": encode_b64(application.request), "log_key": application.log_key}
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tracepost.relay", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser("serve", help="run the relay")
    serve.add_argument("--config", type=Path, required=True, help="relay.toml")
    serve.add_argument("--log", type=Path, default=None, help="file for log lines; stderr if not given")
    init = commands.add_parser("init", help="make a relay's folder, print what others need")
    init.add_argument("--folder", type=Path, required=True)
    for name, default in (("member", None), ("domain", None), ("post", None), ("metrics", "")):
        init.add_argument(f"--{name}", required=default is None, default=default)
    return parser


if __name__ == "__main__":
    sys.exit(main())
