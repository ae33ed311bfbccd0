"""The newest head of our own log, in a file that several processes write to."""

from __future__ import annotations

from pathlib import Path

from tracepost.protocol.evidence import LogKey, Origin, generate_log_key
from tracepost.protocol.ids import MemberId
from tracepost.serving.own_head import KEPT_NAME, KeptHead, kept_heads


def test_a_process_that_is_behind_leaves_the_later_head_of_another(tmp_path: Path) -> None:
    one, other = KeptHead(tmp_path / KEPT_NAME), KeptHead(tmp_path / KEPT_NAME)
    key, next_key = (
        generate_log_key(Origin(MemberId("xaa"), "tracepost.example", epoch)) for epoch in (1, 2)
    )
    one.write(_head(key, 9))
    other.write(_head(key, 10))
    one.write(_head(key, 9))
    assert kept_heads(tmp_path) == [_head(key, 10)]
    one.write(_head(key, 11))
    assert kept_heads(tmp_path) == [_head(key, 11)]
    other.write(_head(next_key, 1))  # a log that was begun anew
    assert kept_heads(tmp_path) == [_head(next_key, 1)]


def _head(key: LogKey, size: int) -> str:
    return key.sign_checkpoint(key.origin, size, bytes([size]) * 32)
