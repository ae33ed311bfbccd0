"""What the C core writes about refused handshakes becomes a reason."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap

import pytest

from tracepost.serving.handshakes import handshake_refusal

LINE = (
    "I1122 03:14:45.439780    7956 ssl_transport_security.cc:2563] Handshake failed with error "
    "SSL_ERROR_SSL: error:1000007d:SSL routines:OPENSSL_internal:"
)


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("PEER_DID_NOT_RETURN_A_CERTIFICATE: Invalid certificate verification context", "no-certificate"),
        ("CERTIFICATE_VERIFY_FAILED: certificate has expired", "certificate-expired"),
        ("CERTIFICATE_VERIFY_FAILED: certificate is not yet valid", "certificate-not-yet-valid"),
        ("CERTIFICATE_VERIFY_FAILED: unable to get local issuer certificate", "unknown-authority"),
        ("CERTIFICATE_VERIFY_FAILED: permitted subtree violation", "name-constraint"),
        ("CERTIFICATE_VERIFY_FAILED: something new", "certificate-refused"),
        ("NO_SHARED_CIPHER: Invalid certificate verification context", "tls-version"),
        ("SOMETHING_ELSE", "handshake"),
    ],
)
def test_a_refused_handshake_has_a_reason(words: str, reason: str) -> None:
    assert handshake_refusal(LINE + words) == reason


def test_other_lines_are_no_refusals() -> None:
    assert handshake_refusal("I1122 03:14:45.439780 7956 log.cc:1] something") is None


def test_native_lines_are_heard_and_python_still_writes_to_stderr() -> None:
    """In a process of its own: descriptor 2 of this one belongs to the test runner."""
    script = f"""
        import os, sys, threading
        from tracepost.serving.handshakes import watch_handshakes
        heard = threading.Event()
        reasons = []
        def listen(reason):
            reasons.append(reason)
            heard.set()
        with watch_handshakes(listen):
            os.write(2, b"some C library says CANARY\\n")
            os.write(2, {LINE.encode() + b"NO_SHARED_CIPHER"!r} + b"\\n")
            assert heard.wait(120)
            print("from python", file=sys.stderr)
        os.write(2, b"after\\n")
        print(*reasons)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
    )
    assert done.stdout.splitlines()[-1] == "tls-version"
    assert done.stderr.splitlines() == ["from python", "after"]
    assert "native-line" in done.stdout
    assert "CANARY" not in done.stdout + done.stderr


def test_a_daemon_that_loads_grpc_too_early_does_not_serve() -> None:
    """The variable that leaves TLS 1.3 only is read when the C core is loaded; the self-dial finds out."""
    script = """
        import grpc, asyncio
        from fakes.pki import make_root
        from fakes.serving import FakeTrust, serving
        from tracepost.protocol.errors import ConfigurationError
        async def main():
            own = make_root("xaa")
            try:
                async with serving(FakeTrust(own), own, [], ""):
                    print("serves")
            except ConfigurationError as error:
                print(error.reason)
        asyncio.run(main())
    """
    environment = {key: value for key, value in os.environ.items() if key != "GRPC_SSL_CIPHER_SUITES"}
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        env={**environment, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=240,
    )
    assert done.stdout.splitlines()[-1] == "tls-version"
