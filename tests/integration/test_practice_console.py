"""A practice network with consoles: an officer's file opens the door, and there are cases to look at."""

from __future__ import annotations

import http.client
import os
import re
import signal
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives.serialization import pkcs12

from tracepost.cli.demonstration.consoles import BROWSER_PASSPHRASE
from tracepost.console.visit import SESSION_COOKIE

_SECONDS = 240


@dataclass
class Visitor:
    """A browser without a screen or a script: it keeps cookies and shows a certificate."""

    port: int
    officer: Path
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, form: dict[str, str] | None = None) -> tuple[int, str]:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.load_cert_chain(self.officer / "officer.pem", self.officer / "officer.key")
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, context=context, timeout=60)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        headers |= {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
        connection.request(method, path, urlencode(form or {}), headers)
        answer = connection.getresponse()
        for line in answer.headers.get_all("set-cookie") or ():
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        text = answer.read().decode()
        connection.close()
        return answer.status, text


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """Give the folder of a practice network that runs, and what it printed."""
    home = tmp_path_factory.mktemp("practice")
    words = ["practice", "net", "--member", "xaa", "--member", "xab", "--console"]
    narrow = os.environ | {"COLUMNS": "40"}
    with (home / "said").open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "tracepost.cli", *words],
            cwd=home,
            env=narrow,
            stdout=said,
            stderr=said,
        )
    try:
        ends = time.monotonic() + _SECONDS
        while not (home / "net" / "profiles.json").exists():
            assert process.poll() is None, (home / "said").read_text()
            assert time.monotonic() < ends, (home / "said").read_text()
            time.sleep(0.1)
        yield home / "net", (home / "said").read_text()
        process.send_signal(signal.SIGTERM)
        assert process.wait(_SECONDS) == 0
    finally:
        process.kill()
        process.wait()


def test_an_officer_of_a_practice_network_works_at_its_console(told: tuple[Path, str]) -> None:
    folder, said = told
    first, *_ = re.findall(r"https://localhost:([0-9]+)", said)
    visitor = Visitor(int(first), folder / "xaa" / "officers" / "poc")
    status, page = visitor.ask("GET", "/sign-in")
    assert status == 200
    assert "officer 1" in page
    [token, *_] = re.findall(r'name="form_token" value="([0-9a-f]+)"', page)
    assert visitor.ask("POST", "/sign-in/certificate", {"form_token": token})[0] == 303
    assert visitor.cookies[SESSION_COOKIE]
    status, page = visitor.ask("GET", "/")
    assert status == 200
    assert "XAA-2026-0117" in page
    assert "XAA-2026-0118" in page


def test_a_path_is_not_broken_in_a_narrow_terminal(told: tuple[Path, str]) -> None:
    _folder, said = told
    for member in ("xaa", "xab"):
        assert re.search(rf"net/{member}/officers/poc/officer\.p12 *\n", said)


def test_the_file_for_the_browser_holds_key_and_certificate(told: tuple[Path, str]) -> None:
    folder, _said = told
    path = folder / "xab" / "officers" / "poc" / "officer.p12"
    key, leaf, _above = pkcs12.load_key_and_certificates(path.read_bytes(), BROWSER_PASSPHRASE.encode())
    assert key is not None
    assert leaf is not None
    assert key.public_key() == leaf.public_key()
    assert path.stat().st_mode & 0o077 == 0
