"""The same payload by other software in the same run, and what each gives and lacks.

The programs of `peers` run in the environment of `make peers` (build/peers), never in Tracepost's own. Those that
work in one thread run twice at once, so that both cores work, as two of ours do. Rates do not compare like with like:
what each leaves out stands beside it.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from google.protobuf.json_format import MessageToJson

from bench.network import open_network
from bench.report import median
from bench.rows import CannotRunError, Measured, Part, Row, Run
from bench.sender import open_sender
from bench.workload import make_request

_PROGRAMS = Path(__file__).with_name("peers")
_PEERS = Path(__file__).parents[2] / "build" / "peers" / "bin" / "python"
_PAYLOADS = 200
_SECONDS = 4.0
_MESSAGES = 3_000

_AT_ONCE: Final = {"as2": 2, "cms": 2, "jetstream": 1}


async def measure(run: Run) -> Measured:
    """Return messages per second of ours and of each peer, in turns."""
    if not _PEERS.exists():
        raise CannotRunError("the other software is not installed: make peers")
    await asyncio.to_thread(_prepare, run.folder)
    messages = run.share(_MESSAGES)
    seconds = _SECONDS * messages / _MESSAGES
    rounds = []
    async with open_network(run.folder / "network") as network, open_sender(network) as sender:
        await sender.seal(0, messages // 8)
        await sender.deliver(messages // 8)
        for number in range(run.rounds):
            await sender.seal(1_000_000 * (number + 1), messages)
            rates = {"peers_ours_rps": messages / await sender.deliver(messages)}
            for name in _AT_ONCE:
                rates[f"peers_{name}_rps"] = await _rate_of(name, run.folder, max(seconds, 0.2))
            rounds.append(
                rates | {f"{one}_ratio": rates["peers_ours_rps"] / rates[one] for one in list(rates)[1:]}
            )
    return Measured({name: median([one[name] for one in rounds]) for name in rounds[0]}, rounds)


async def _rate_of(name: str, folder: Path, seconds: float) -> float:
    """Run a program so many times at once; return what they did together."""
    runs = [_run(name, folder, seconds) for _ in range(_AT_ONCE[name])]
    return sum(await asyncio.gather(*runs))


async def _run(name: str, folder: Path, seconds: float) -> float:
    process = await asyncio.create_subprocess_exec(
        str(_PEERS),
        str(_PROGRAMS / f"{name}.py"),
        str(folder),
        str(seconds),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await process.communicate()
    if process.returncode:
        raise CannotRunError(f"{name} does not run here: {_last_line(complained)}")
    return float(json.loads(said)["rps"])


def _last_line(text: bytes) -> str:
    lines = text.decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else "it said nothing"


def _prepare(folder: Path) -> None:
    """Write payloads, and for both ends a self-signed certificate of each kind of key."""
    payloads = [MessageToJson(make_request(number), indent=None) for number in range(_PAYLOADS)]
    (folder / "payloads.json").write_text(json.dumps(payloads), "utf-8")
    for member in ("xaa", "xab"):
        _write(folder / f"p256-{member}", member, ec.generate_private_key(ec.SECP256R1()), with_key=False)
        _write(folder / f"rsa-{member}", member, rsa.generate_private_key(65537, 2048), with_key=True)


def _write(
    path: Path, member: str, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, *, with_key: bool
) -> None:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, member)])
    now = dt.datetime.now(dt.UTC)
    host = x509.SubjectAlternativeName([x509.DNSName(f"node.{member}.tracepost.example")])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=30))
        .add_extension(host, critical=False)
        .sign(key, hashes.SHA256())
    ).public_bytes(Encoding.PEM)
    secret = key.private_bytes(Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.with_suffix(".crt").write_bytes(certificate)
    path.with_suffix(".pem").write_bytes(secret + certificate if with_key else secret)


PART = Part(
    "peers",
    "the JSON of the same requests by other software in the same rounds; programs of one thread run twice at once",
    seconds=60,
    measure=measure,
    rows=(
        Row(
            "peers_ours_rps",
            "Tracepost, sealed mail (/s)",
            gives="signed, sealed to desks, durable, signed receipt, evidence log; over mutual TLS",
        ),
        Row(
            "peers_as2_rps",
            "AS2 by pyas2lib (/s)",
            gives="signed, sealed to one key, durable, signed receipt; no log, no network here",
        ),
        Row("peers_as2_rps_ratio", "  ours to it"),
        Row(
            "peers_cms_rps",
            "OpenSSL CMS, in process (/s)",
            gives="signed, sealed to one key; not durable, no receipt, no log, no network",
        ),
        Row("peers_cms_rps_ratio", "  ours to it"),
        Row(
            "peers_jetstream_rps",
            "NATS JetStream, fsync always, 64 publishers (/s)",
            gives="durable, unsigned word of the server, over mutual TLS; not signed, not sealed, no log",
        ),
        Row("peers_jetstream_rps_ratio", "  ours to it"),
    ),
)
