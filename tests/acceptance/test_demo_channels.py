"""The second demonstration, run as the README says: who sees what."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tracepost.cli.demonstration.channels import messages

TRACEPOST = Path(sys.executable).with_name("tracepost")


def test_every_check_of_the_story_holds_and_the_owner_is_in_no_file_of_the_relay(tmp_path: Path) -> None:
    out = tmp_path / "channels"
    done = subprocess.run(
        [str(TRACEPOST), "demo", "--story", "channels", "--out", str(out), "--json"],
        capture_output=True,
        text=True,
        timeout=560,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    assert json.loads(done.stdout)["checks"] == done.stderr.count("✓") > 0
    relay = out / "network" / "members" / "hub"
    held = [path.read_bytes() for path in relay.rglob("*") if path.is_file()]
    assert held
    assert not any(messages.OWNER.encode() in data for data in held)
