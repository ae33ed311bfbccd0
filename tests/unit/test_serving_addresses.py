"""What listens is dialled on the same machine, in either form of address."""

from __future__ import annotations

import pytest

from tracepost.serving.server import dialled_address


@pytest.mark.parametrize(
    ("listens", "dialled"),
    [
        ("0.0.0.0:7100", "127.0.0.1:7100"),
        ("[::]:7100", "[::1]:7100"),
        ("[2001:db8::1]:7100", "[2001:db8::1]:7100"),
        ("post.xaa.example:7100", "post.xaa.example:7100"),
    ],
)
def test_what_listens_is_dialled_on_this_machine(listens: str, dialled: str) -> None:
    assert dialled_address(listens) == dialled
