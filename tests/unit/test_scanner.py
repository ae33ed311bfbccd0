"""The virus scanner: what it finds stops a file, and so does a scanner that says nothing."""

from __future__ import annotations

import hashlib
import os
import sys
import time
from pathlib import Path

import pytest

from tracepost.node.adapters.scanner import CommandScanner
from tracepost.node.config import AttachmentSettings, read_config
from tracepost.node.handlers.sealed.attached import Attached
from tracepost.node.handlers.sealed.contents import Contents
from tracepost.node.ports.statements import Scanner
from tracepost.protocol.attachment import AttachmentSealer, sealed_size
from tracepost.protocol.errors import ConfigurationError, InvalidInputError, NotFoundError, TracepostError
from tracepost.protocol.schema import Sensitivity
from tracepost.protocol.settings import Section
from tracepost.serving.storage.blobs import BlobName, Blobs
from tracepost.wire.v1 import attachment_pb2

# Exits like clamdscan: 0 nothing found, 1 found.
LOOKS = "import sys; sys.exit(b'VIRUS' in sys.stdin.buffer.read())"
STOPS = "import sys; sys.stdin.buffer.read(10); sys.exit(1)"
FAILS = "import sys; sys.stdin.buffer.read(); sys.exit(2)"
SLEEPS = "import time; time.sleep(900)"


def scanner(program: str, seconds: float = 120) -> CommandScanner:
    return CommandScanner([sys.executable, "-c", program], seconds)


def scan(program: str, content: bytes, seconds: float = 120) -> None:
    one = scanner(program, seconds).begin()
    for start in range(0, len(content), 100_000):
        one.feed(content[start : start + 100_000])
    one.finish()


def test_nothing_found() -> None:
    scan(LOOKS, os.urandom(1_000_000))


@pytest.mark.parametrize(
    ("program", "content", "kind", "reason"),
    [
        (LOOKS, b"a " * 200_000 + b"VIRUS", InvalidInputError, "malware"),
        (STOPS, bytes(5_000_000), InvalidInputError, "malware"),
        (FAILS, bytes(10), ConfigurationError, "scanner-failed"),
    ],
    ids=["found at the end", "found, and read no further", "failed"],
)
def test_a_file_is_refused(program: str, content: bytes, kind: type[TracepostError], reason: str) -> None:
    with pytest.raises(kind) as refusal:
        scan(program, content)
    assert refusal.value.reason == reason


def test_a_scanner_that_takes_too_long_is_ended_also_while_it_is_fed() -> None:
    began = time.monotonic()
    with pytest.raises(ConfigurationError) as refusal:
        scan(SLEEPS, bytes(5_000_000), seconds=0.5)
    assert refusal.value.reason == "scanner-timeout"
    assert time.monotonic() - began < 300


def test_a_scanner_that_is_not_there_refuses() -> None:
    with pytest.raises(ConfigurationError) as refusal:
        CommandScanner(["/nowhere/clamdscan"], 1).begin()
    assert refusal.value.reason == "scanner-missing"


def test_no_shell_reads_the_command(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        CommandScanner([f"{sys.executable}; touch {tmp_path}/made"], 1).begin()
    assert list(tmp_path.iterdir()) == []


def test_the_scanner_inherits_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACEPOST_SECRET", "a secret")
    program = f"import os, sys; sys.stdin.read(); open({str(tmp_path / 'env')!r}, 'w').write(repr(dict(os.environ)))"
    scan(program, b"content")
    assert "a secret" not in (tmp_path / "env").read_text()


class TestJudging:
    @staticmethod
    def attached(folder: Path, content: bytes) -> tuple[Blobs, Attached]:
        key, blobs = os.urandom(32), Blobs(folder / "blobs", 1 << 30)
        sealer = AttachmentSealer(key, len(content))
        sealed = sealer.update(content) + sealer.finish()
        address = hashlib.sha256(sealed).digest()
        with blobs.write(BlobName(address), sealed_size(len(content))) as part:
            part.append(sealed)
            part.finish()
        digest = hashlib.sha256(content).digest()
        one = Attached(address, key, len(content), digest, "text/plain", Sensitivity.OBJECT, is_shown=False)
        return blobs, one

    @pytest.mark.parametrize(
        ("chosen", "said"),
        [
            (None, attachment_pb2.SCAN_VERDICT_NOT_SCANNED),
            (scanner(LOOKS), attachment_pb2.SCAN_VERDICT_CLEAN),
        ],
        ids=["no scanner", "a scanner"],
    )
    async def test_what_is_let_through_says_whether_it_was_scanned(
        self, tmp_path: Path, chosen: Scanner | None, said: int
    ) -> None:
        blobs, one = self.attached(tmp_path, b"a page of a register\n" * 10_000)
        contents = Contents(blobs, chosen, lambda: 0)
        await contents.judge(one)
        assert contents.verdict == said
        assert b"".join(contents.pieces(one, 0)) == b"a page of a register\n" * 10_000
        contents.close()

    async def test_what_the_scanner_objects_to_is_refused_every_time(self, tmp_path: Path) -> None:
        blobs, one = self.attached(tmp_path, b"VIRUS\n" * 10_000)
        contents = Contents(blobs, scanner(LOOKS), lambda: 0)
        for _ in range(2):
            with pytest.raises(InvalidInputError) as refusal:
                await contents.judge(one)
            assert refusal.value.reason == "malware"
        contents.close()

    async def test_a_verdict_is_good_for_a_day(self, tmp_path: Path) -> None:
        blobs, one = self.attached(tmp_path, b"a page of a register\n")
        now = [1_000_000]
        contents = Contents(blobs, None, lambda: now[0])
        await contents.judge(one)
        blobs.remove(BlobName(one.address))
        await contents.judge(one)
        now[0] += 86_401
        with pytest.raises(NotFoundError):
            await contents.judge(one)
        contents.close()


TABLE = {
    "member": "xaa",
    "domain": "tracepost.example",
    "listen": {"post": "127.0.0.1:1", "desk": "127.0.0.1:2"},
    "office": {"name": "Office"},
    "desk": [{"id": "poc", "point_of_contact": True}],
}


class TestSettings:
    def test_without_a_section_nothing_is_scanned(self, tmp_path: Path) -> None:
        assert read_config(Section(TABLE), tmp_path).attachments == AttachmentSettings()

    def test_a_command_is_a_list(self, tmp_path: Path) -> None:
        table = {**TABLE, "attachments": {"scanner": ["clamdscan", "-"], "quota_mebibytes": 5}}
        assert read_config(Section(table), tmp_path).attachments == AttachmentSettings(
            5, ("clamdscan", "-"), 300
        )

    @pytest.mark.parametrize(
        "section",
        [
            {"scanner": "clamdscan -"},
            {"scanner": [""]},
            {"quota_mebibytes": 0},
            {"officer_mebibytes": -1},
            {"scanner_seconds": "5"},
            {"scan": 1},
        ],
        ids=repr,
    )
    def test_what_is_not_understood_is_refused(self, tmp_path: Path, section: dict[str, object]) -> None:
        with pytest.raises(ConfigurationError):
            read_config(Section({**TABLE, "attachments": section}), tmp_path)
