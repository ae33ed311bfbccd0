"""NATS JetStream with `sync_interval: always`: 64 publishers, each waiting for the server's word that it has stored.

TLS with certificates on both sides; the payload is neither signed nor sealed, and nobody receives it.
"""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import sys
import time
from pathlib import Path

import nats
from work import read_payloads, tell

PUBLISHERS = 64
_NAME = "node.xab.tracepost.example"
_TRIES = 100


async def main(folder: Path, seconds: float) -> None:
    """Run a server, publish for so long, and print how many a second were acknowledged."""
    port = _free_port()
    (folder / "nats.conf").write_text(
        f"""
        listen: "127.0.0.1:{port}"
        jetstream {{ store_dir: "{folder / "jetstream"}", sync_interval: always }}
        tls {{ cert_file: "{folder}/p256-xab.crt", key_file: "{folder}/p256-xab.pem",
               ca_file: "{folder}/p256-xaa.crt", verify: true }}
        """
    )
    binary = shutil.which("nats-server", path=str(Path(sys.executable).parent))
    if binary is None:
        raise SystemExit("nats-server is missing")
    server = await asyncio.create_subprocess_exec(
        binary, "-c", str(folder / "nats.conf"), stderr=asyncio.subprocess.DEVNULL
    )
    try:
        tell(await _publish(folder, port, seconds))
    finally:
        server.terminate()
        await server.wait()


async def _publish(folder: Path, port: int, seconds: float) -> float:
    context = ssl.create_default_context(cafile=str(folder / "p256-xab.crt"))
    context.load_cert_chain(folder / "p256-xaa.crt", folder / "p256-xaa.pem")
    await _listens(port)
    client = await nats.connect(f"tls://127.0.0.1:{port}", tls=context, tls_hostname=_NAME)
    stream = client.jetstream()
    await stream.add_stream(name="mail", subjects=["mail"])
    payloads, count = read_payloads(folder), 0
    begun = time.perf_counter()

    async def publish_on() -> None:
        nonlocal count
        while time.perf_counter() - begun < seconds:
            await stream.publish("mail", next(payloads), timeout=30)
            count += 1

    await asyncio.gather(*(publish_on() for _ in range(PUBLISHERS)))
    rate = count / (time.perf_counter() - begun)
    await client.close()
    return rate


async def _listens(port: int) -> None:
    for _ in range(_TRIES):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            await asyncio.sleep(0.1)
        else:
            writer.close()
            return
    raise SystemExit("the server does not listen")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), float(sys.argv[2])))
