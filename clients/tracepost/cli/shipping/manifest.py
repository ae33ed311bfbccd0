"""What a release consists of, and the signed note that vouches for it.

`manifest.json` names every file with its SHA-256. The note `RELEASE` holds three lines, under the key of those who
release (C2SP signed-note, as the heads of logs are):

    tracepost-bundle/1
    0.2.0+5f0c6a1b9d3e
    sha256 <of manifest.json, in hex>

A release is called by its version and the first twelve digits of that digest.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

from tracepost.protocol.errors import BundleError, EvidenceError
from tracepost.protocol.evidence import NoteSigner, NoteVerifier, open_note

FORMAT: Final = "tracepost-bundle/1"
_FILE_NAME = re.compile(r"wheels/[A-Za-z0-9][A-Za-z0-9_.+!-]*\.whl\Z")
_RELEASE = re.compile(r"[0-9A-Za-z.]+\+[0-9a-f]{12}\Z")
_STEP = re.compile(r"[0-9]{4}\Z")
_SHA256 = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True)
class File:
    """A file of a release: its name in the bundle, the hex SHA-256, its size in bytes."""

    name: str
    sha256: str
    size: int

    @property
    def base(self) -> str:
        """The name without the folder."""
        return self.name.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Manifest:
    """A release.

    Args:
        version: of the package.
        made: time of its sources, unix seconds; a later release has a later one.
        python: version of Python that its wheels are for, as "3.11".
        platform: system and machine that they are for, as "linux-x86_64".
        follows: release that it upgrades from in one step, without stopping the service; empty: none.
        newest_step: number of the newest step on the tables that it knows.
        post_steps: numbers of the steps that take something away which older releases use.
        files: all of it.
    """

    version: str
    made: int
    python: str
    platform: str
    follows: str
    newest_step: str
    post_steps: tuple[str, ...]
    files: tuple[File, ...]

    @property
    def release(self) -> str:
        """What the release is called."""
        return f"{self.version}+{hashlib.sha256(self.to_json()).hexdigest()[:12]}"

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(file.size for file in self.files)

    def to_json(self) -> bytes:
        """Return the text that is signed; the same manifest gives the same bytes."""
        document = {"format": FORMAT, **asdict(self)}
        return (json.dumps(document, indent=1, sort_keys=True) + "\n").encode("ascii")


def sign_manifest(manifest: Manifest, signer: NoteSigner) -> str:
    """Return the note that vouches for a release."""
    digest = hashlib.sha256(manifest.to_json()).hexdigest()
    return signer.sign(f"{FORMAT}\n{manifest.release}\nsha256 {digest}\n")


def open_manifest(note: bytes, text: bytes, keys: Iterable[NoteVerifier]) -> Manifest:
    """Return the manifest that `text` is.

    Raises:
        BundleError: steps 1 to 3 of `bundle`.
    """
    try:
        opened = open_note(note.decode("utf-8"), keys)
    except (EvidenceError, UnicodeDecodeError) as fault:
        raise refuse(1, "signature", "the release key did not sign this") from fault
    lines = opened.text.split("\n")
    if len(lines) != 4 or lines[0] != FORMAT or lines[2] != f"sha256 {hashlib.sha256(text).hexdigest()}":
        raise refuse(2, "manifest-digest", "the signature is of another manifest")
    manifest = parse_manifest(text)
    if manifest.release != lines[1]:
        raise refuse(2, "manifest-digest", "the signature is of another release")
    return manifest


def parse_manifest(text: bytes) -> Manifest:
    """Return the manifest that `text` is, signed or not; raise `BundleError` (step 3)."""
    try:
        manifest = _from_document(json.loads(text))
    except (ValueError, KeyError, TypeError) as fault:
        raise refuse(3, "manifest-form", "the manifest is not well formed") from fault
    if manifest.to_json() != text:
        raise refuse(3, "manifest-form", "the manifest is not written as it must be")
    return manifest


def _from_document(document: Mapping[str, Any]) -> Manifest:
    told = dict(document)
    if told.pop("format") != FORMAT:
        raise ValueError
    files = tuple(File(**one) for one in told.pop("files"))
    manifest = Manifest(files=files, post_steps=tuple(told.pop("post_steps")), **told)
    names = [file.name for file in files]
    steps = [manifest.newest_step, *manifest.post_steps]
    sound = (
        all(_FILE_NAME.match(file.name) and _SHA256.match(file.sha256) and file.size > 0 for file in files)
        and len(set(names)) == len(names) > 0
        and all(_STEP.match(step) for step in steps)
        and (not manifest.follows or _RELEASE.match(manifest.follows))
        and _RELEASE.match(manifest.release)
        and manifest.made > 0
    )
    if not sound:
        raise ValueError
    return manifest


def refuse(step: int, reason: str, message: str) -> BundleError:
    """Return the refusal of a numbered step of the list in `bundle`."""
    return BundleError(message, where=f"step {step}", reason=reason)
