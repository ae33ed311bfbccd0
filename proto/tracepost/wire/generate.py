"""Generates the Python code of the wire schema, which stands in git beside the `.proto` files.

    python -m tracepost.wire.generate            writes it anew
    python -m tracepost.wire.generate --check    names what differs; exit 1 when anything does

`buf/validate/validate.proto` declares no Python package of its own: its module is kept at
`tracepost.wire.buf.validate`, because a top-level package `buf` belongs to others. Stubs of the
services are written for `grpc.aio`, the only side of gRPC that is used here.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from importlib import resources
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from tracepost.wire.stubs import service_stubs

PROTO_ROOT = Path(__file__).resolve().parents[2]
SCHEMA = Path("tracepost/wire/v1")
RULES = Path("buf/validate/validate.proto")

_HOME_OF_RULES = Path("tracepost/wire")
_DESCRIPTORS = "descriptors.bin"
_UNTYPED = "# mypy: ignore-errors\n"  # what protoc writes is not strict
_REWRITTEN_IMPORT = ("from buf.validate import", "from tracepost.wire.buf.validate import")


def generate(target: Path) -> None:
    """Write the generated files under `target`, laid out as under the proto root."""
    schema = sorted(path.relative_to(PROTO_ROOT) for path in (PROTO_ROOT / SCHEMA).glob("*.proto"))
    described = target / _DESCRIPTORS
    target.mkdir(parents=True, exist_ok=True)
    outputs = [f"--python_out={target}", f"--pyi_out={target}", f"--descriptor_set_out={described}"]
    _run_protoc(outputs, [RULES, *schema])
    served = [file for file in FileDescriptorSet.FromString(described.read_bytes()).file if file.service]
    _run_protoc([f"--grpc_python_out={target}"], [Path(file.name) for file in served])
    for file in served:
        _write(target / file.name.replace(".proto", "_pb2_grpc.pyi"), service_stubs(file))
    _move_rules(target)


def drift(fresh: Path) -> list[str]:
    """Return the files, relative to the proto root, in which git and `fresh` differ."""
    names = _generated(fresh) | _generated(PROTO_ROOT / "tracepost", PROTO_ROOT)
    return sorted(str(name) for name in names if _read(fresh / name) != _read(PROTO_ROOT / name))


def main(arguments: list[str] | None = None) -> int:
    """Write or check the generated code; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tracepost.wire.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="only compare; exit 1 on drift")
    check: bool = parser.parse_args(arguments).check
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder)
        generate(fresh)
        changed = drift(fresh)
        if not check:
            _install(fresh, changed)
    for name in changed:
        sys.stdout.write(f"{'differs' if check else 'written'}: {name}\n")
    return 1 if check and changed else 0


def _run_protoc(outputs: list[str], sources: list[Path]) -> None:
    # A tool of developers, absent from an installed node; it comes without types.
    from grpc_tools import protoc  # type: ignore[import-untyped]

    well_known = resources.files("grpc_tools") / "_proto"
    command = ["protoc", f"-I{PROTO_ROOT}", f"-I{well_known}", *outputs, *map(str, sources)]
    if protoc.main(command) != 0:
        raise SystemExit("protoc refused the schema; its message stands above")


def _move_rules(target: Path) -> None:
    home = target / _HOME_OF_RULES / RULES.parent
    home.mkdir(parents=True)
    for path in (target / RULES.parent).iterdir():
        path.rename(home / path.name)
    for path in target.rglob("*_pb2*.py*"):
        if path.name.endswith("_grpc.pyi"):
            continue  # ours, and strict
        _write(path, _UNTYPED + path.read_text(encoding="utf-8").replace(*_REWRITTEN_IMPORT))


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _generated(folder: Path, base: Path | None = None) -> set[Path]:
    return {path.relative_to(base or folder) for path in folder.rglob("*_pb2*.py*") if path.suffix != ".pyc"}


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


def _install(fresh: Path, changed: list[str]) -> None:
    for name in changed:
        destination = PROTO_ROOT / name
        if not (fresh / name).exists():
            destination.unlink()
            continue
        destination.parent.mkdir(parents=True, exist_ok=True)
        destination.write_bytes((fresh / name).read_bytes())


if __name__ == "__main__":
    raise SystemExit(main())
