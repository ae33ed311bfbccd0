"""A release as one file, and how it is opened.

The file is a tar archive without compression (wheels are compressed): the note `RELEASE`, `manifest.json`, then the
files in the order of the manifest. Names, order and the manifest settle every byte of it. An archive for a thin line
leaves files out that its reader has from an earlier release; its note and manifest are the same.

Opening, in this order:

1. Signature: the note is signed by a key that the reader was given.
2. The note names the digest of the manifest, and the release.
3. The manifest is well formed, and written in the one way in which it can be.
4. Each file of the archive is in the manifest, once, with this size and SHA-256.
5. What the archive leaves out lies in the folder of earlier files, with this size and SHA-256.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from tracepost.cli.shipping.manifest import File, Manifest, open_manifest, refuse
from tracepost.cli.words import _
from tracepost.protocol.errors import BundleError, InvalidInputError
from tracepost.protocol.evidence import NoteVerifier

SIZE_LIMIT_BYTES: Final = 80_000_000
NOTE_NAME: Final = "RELEASE"
MANIFEST_NAME: Final = "manifest.json"
_PAPER_LIMIT_BYTES: Final = 1 << 20
_PIECE_BYTES: Final = 1 << 20

Keep = Callable[[File, Iterator[bytes]], None]
"""Takes the pieces of a file, checked while they pass: it raises before the last piece if the file is another."""


def write_bundle(
    out: Path, note: str, manifest: Manifest, folder: Path, *, without: Collection[str] = ()
) -> int:
    """Write a bundle; return its size in bytes.

    Args:
        out: the file.
        note: the signed note.
        manifest: what it is of.
        folder: where the files lie.
        without: digests of files that the reader has.

    Raises:
        InvalidInputError: it cannot be written.
        BundleError: it would be larger than a bundle may be.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with (
            out.open("wb") as stream,
            tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as tar,
        ):
            _add(tar, NOTE_NAME, note.encode("utf-8"))
            _add(tar, MANIFEST_NAME, manifest.to_json())
            for file in manifest.files:
                if file.sha256 not in without:
                    _add(tar, file.name, (folder / file.base).read_bytes())
    except OSError as fault:
        raise InvalidInputError(_("The file cannot be written."), where=str(out)) from fault
    size = out.stat().st_size
    if size > SIZE_LIMIT_BYTES:
        raise BundleError(_("The bundle is larger than 80 MB."), where=str(out), reason="too-large")
    return size


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)  # time 0, owner 0, no names: nothing of the machine that made it
    member.size = len(data)
    tar.addfile(member, io.BytesIO(data))


def read_bundle(
    path: Path, keys: Sequence[NoteVerifier], keep: Keep, earlier: Path | None = None
) -> Manifest:
    """Check a bundle, and hand every file of it to `keep`; return what it is.

    Args:
        path: the file.
        keys: of those whose releases are believed.
        keep: takes each file that the archive has.
        earlier: folder with the files of earlier releases.

    Raises:
        BundleError: a step of the list above.
    """
    with _archive(path) as tar:
        note, text = _paper(tar, NOTE_NAME), _paper(tar, MANIFEST_NAME)
        manifest = open_manifest(note, text, keys)
        missing = {file.name: file for file in manifest.files}
        while (member := tar.next()) is not None:
            file = missing.pop(member.name, None)
            if file is None or not member.isreg() or member.size != file.size:
                raise refuse(4, "stranger", f"it holds a file that is not of the release: {member.name!r}")
            stream = tar.extractfile(member)
            assert stream is not None  # of a regular file
            keep(file, _checked(file, stream))
    _require_earlier(missing.values(), earlier)
    return manifest


def peek_manifest(path: Path, keys: Sequence[NoteVerifier]) -> Manifest:
    """Return what a bundle says that it is, without reading its files; raise `BundleError` (steps 1 to 3)."""
    with _archive(path) as tar:
        return open_manifest(_paper(tar, NOTE_NAME), _paper(tar, MANIFEST_NAME), keys)


def is_whole(file: File, folder: Path) -> bool:
    """Return whether a file of a release lies in `folder`, with its size and digest."""
    path = folder / file.base
    if not path.is_file() or path.stat().st_size != file.size:
        return False
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == file.sha256


def _require_earlier(missing: Collection[File], earlier: Path | None) -> None:
    lacking = [file.base for file in missing if earlier is None or not is_whole(file, earlier)]
    if lacking:
        raise refuse(5, "files-missing", f"files are missing, here and in it: {', '.join(lacking)}")


def _checked(file: File, stream: IO[bytes]) -> Iterator[bytes]:
    digest, left = hashlib.sha256(), file.size
    while left:
        piece = stream.read(min(left, _PIECE_BYTES))
        if not piece:
            raise _cut()
        digest.update(piece)
        left -= len(piece)
        if not left and digest.hexdigest() != file.sha256:
            raise refuse(4, "file-digest", f"a file is not that of the release: {file.base}")
        yield piece


def _paper(tar: tarfile.TarFile, name: str) -> bytes:
    member = tar.next()
    if member is None or member.name != name or not member.isreg() or member.size > _PAPER_LIMIT_BYTES:
        raise refuse(1, "not-a-bundle", "the file is not a bundle")
    stream = tar.extractfile(member)
    assert stream is not None  # of a regular file
    data = stream.read()
    if len(data) != member.size:
        raise _cut()
    return data


@contextmanager
def _archive(path: Path) -> Iterator[tarfile.TarFile]:
    try:
        with tarfile.open(path, "r:") as tar:
            yield tar
    except tarfile.ReadError as fault:
        if path.stat().st_size < tarfile.BLOCKSIZE or "unexpected end" not in str(fault):
            raise refuse(1, "not-a-bundle", "the file is not a bundle") from fault
        raise _cut() from fault
    except OSError as fault:
        raise InvalidInputError(_("The file cannot be read."), where=str(path)) from fault


def _cut() -> BundleError:
    return BundleError(
        _("The file ends in the middle."),
        where="step 4",
        reason="cut",
        remedy=_("Fetch the rest of it: curl -C - or rsync --append-verify go on where they were cut."),
    )
