"""The generated code in git is what the schema says."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracepost.wire import generate


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generated")
    generate.generate(folder)
    return folder


def test_generated_code_in_git_is_what_the_schema_generates(fresh: Path) -> None:
    """`python -m tracepost.wire.generate` was run after the last change of a `.proto` file."""
    assert generate.drift(fresh) == []


def test_drift_names_a_file_that_is_edited_missing_or_spare(fresh: Path, tmp_path: Path) -> None:
    """A check that cannot fail proves nothing."""
    for path in fresh.rglob("*_pb2*.py*"):
        copy = tmp_path / path.relative_to(fresh)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(path.read_bytes())
    folder = tmp_path / generate.SCHEMA
    (folder / "trace_pb2.py").write_text("# edited by hand\n")
    (folder / "share_pb2.pyi").unlink()
    (folder / "spare_pb2.py").write_text("")
    names = [str(generate.SCHEMA / name) for name in ("share_pb2.pyi", "spare_pb2.py", "trace_pb2.py")]
    assert generate.drift(tmp_path) == names


def test_nothing_imports_a_top_level_package_buf(fresh: Path) -> None:
    """A wheel must not carry `buf`, which belongs to others."""
    texts = [path.read_text(encoding="utf-8") for path in fresh.rglob("*_pb2*.py*")]
    assert texts
    assert not any("from buf." in text or "import buf" in text for text in texts)
