"""Makes the golden vectors of the pouch: PYTHONPATH=tests python tests/vectors/pouch/generate.py

    pouches.json   files with their verdict: what is in them, or the step that refuses and why

`file` is base64. A case with `of` is the file of that name, changed: `patch` puts bytes (hex) in the place of
those at an offset, `cut` takes so many off the end, `more` puts some behind it. `us` is who reads, `now` when,
in unix seconds; `root` (PEM) is the root of xaa, `revoked` says that the certificate was, at that time. Keys are
fixed and worthless, signatures deterministic: running it twice gives the same file, and a test compares it with
what stands here. The files are made here a second time, without `tracepost.protocol.pouch`. Slots, bodies and
proofs of the envelopes are noise: what lies in a frame is judged elsewhere.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from vectors.identity.generate import NODE, STATEMENT, TIME, XAA, XAB, key_of

from tracepost.protocol.envelope import Address, Lane, Road, build_envelope
from tracepost.protocol.ids import DIRECT, MemberId
from tracepost.wire.v1.envelope_pb2 import Envelope
from tracepost.wire.v1.post_pb2 import Announcement, AttachmentRequest, Frame, Problem, Receipt
from tracepost.wire.v1.pouch_pb2 import PouchedEnvelope, PouchManifest, PouchPartKind, PouchSection

HERE = Path(__file__).resolve().parent
MAGIC = b"TRACEPOUCH\x00\x01"
FRAME, ATTACHMENT = PouchPartKind.POUCH_PART_KIND_FRAME, PouchPartKind.POUCH_PART_KIND_ATTACHMENT
DAY = 86_400
FILE = b"the ciphertext of an attachment"
Case = dict[str, Any]


def noise(name: str, length: int) -> bytes:
    """Return `length` bytes that look random and are the same every time."""
    return hashlib.shake_256(name.encode()).digest(length)


def envelope(seq: int, lane: Lane = Lane.ROUTINE) -> Envelope:
    """Return an envelope from xaa to xab."""
    address = Address(MemberId("xaa"), MemberId("xab"), TIME + 30 * DAY, lane, Road(DIRECT, 1, seq), False)
    slots, body = noise(f"slots {seq}", 2040), noise(f"body {seq}", 4096)
    header, _ = build_envelope(address, slots, body)
    return Envelope(header=header, slots=slots, body=body, proof=noise(f"proof {seq}", 40))


def id_of(one: Envelope) -> bytes:
    """Return the id of an envelope."""
    return hashlib.sha256(one.header).digest()


URGENT, FIRST, SECOND = envelope(1, Lane.URGENT), envelope(1), envelope(2)
PAPERS = Frame(
    announcements=[Announcement(member="xaa", crl=b"a revocation list")],
    receipts=[Receipt(envelope_id=noise("theirs", 32), from_member="xaa", to_member="xab", proof=b"proof")],
    receipts_stored=[noise("stored", 32)],
)
MAIL = Frame(envelopes=[URGENT, FIRST])


def der(certificate: x509.Certificate) -> bytes:
    """Return a certificate in binary."""
    return certificate.public_bytes(serialization.Encoding.DER)


def section(data: bytes, kind: int = FRAME, **more: Any) -> PouchSection:
    """Return the line for some bytes."""
    name = PouchPartKind.Name(kind)
    return PouchSection(kind=name, length=len(data), sha256=hashlib.sha256(data).digest(), **more)


def frames(*some: Frame) -> list[bytes]:
    """Return frames as they lie in a file."""
    return [one.SerializeToString(deterministic=True) for one in some]


def manifest(
    sections: Sequence[PouchSection], named: Sequence[Envelope] = (), **changed: Any
) -> PouchManifest:
    """Return what a file says of itself."""
    values: dict[str, Any] = {
        "from_member": "xaa",
        "to_member": "xab",
        "number": 3,
        "part": 1,
        "parts": 1,
        "made_at": TIME,
        "certificates": [der(NODE.sign(XAA))],
        "envelopes": [PouchedEnvelope(envelope_id=id_of(one), part=1) for one in named],
        "sections": sections,
    }
    return PouchManifest(**values | changed)


def sign(data: bytes, key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return the raw ES256 signature over a manifest."""
    algorithm = ec.ECDSA(hashes.SHA256(), deterministic_signing=True)
    r, s = decode_dss_signature(key.sign(b"tracepost/v1/pouch\x00" + data, algorithm))
    return r.to_bytes(32) + s.to_bytes(32)


def file(said: PouchManifest, *sections: bytes, signed_by: str = NODE.name) -> bytes:
    """Return a file."""
    data = said.SerializeToString(deterministic=True)
    return MAGIC + len(data).to_bytes(4) + data + sign(data, key_of(signed_by)) + b"".join(sections)


def of_frames(*some: Frame, named: Sequence[Envelope] = (URGENT, FIRST), **changed: Any) -> bytes:
    """Return a file of these frames, whose manifest names these envelopes."""
    data = frames(*some)
    return file(manifest([section(one) for one in data], named, **changed), *data)


SOUND_FRAMES = frames(PAPERS, MAIL)
SOUND = file(
    manifest(
        [*map(section, SOUND_FRAMES), section(FILE, ATTACHMENT, envelope_ids=[id_of(FIRST)])],
        (URGENT, FIRST),
        attachments_stored=[AttachmentRequest(envelope_id=noise("theirs", 32), address=noise("file", 32))],
    ),
    *SOUND_FRAMES,
    FILE,
)
BEGINNING = len(SOUND) - len(FILE) - sum(map(len, SOUND_FRAMES))


def case(name: str, data: bytes | None = None, **other: Any) -> Case:
    """Return the frame of a case: read by xab, when it was made."""
    of = {"of": "sound"} if data is None else {"file": base64.b64encode(data).decode()}
    return {"name": name, "us": "xab", "now": TIME, **of, **other}


def accepted(name: str, data: bytes | None = None, envelopes: int = 2, **other: Any) -> Case:
    """Return a case that verifies."""
    return case(name, data, verdict="accepted", envelopes=envelopes, **other)


def refused(name: str, step: int, reason: str, data: bytes | None = None, **other: Any) -> Case:
    """Return a case that `step` refuses."""
    return case(name, data, verdict="refused", step=step, reason=reason, **other)


def sound() -> Iterator[Case]:
    """What must verify."""
    yield {**accepted("sound", SOUND, attachments=1), "made_at": TIME}
    yield accepted("read 180 days later", now=TIME + 180 * DAY, attachments=1)
    yield accepted("read by a clock five minutes behind", now=TIME - 300, attachments=1)
    yield accepted("nothing in it", file(manifest([])), envelopes=0)
    second = [
        PouchedEnvelope(envelope_id=id_of(URGENT), part=1),
        PouchedEnvelope(envelope_id=id_of(SECOND), part=2),
    ]
    data = frames(Frame(envelopes=[SECOND]))
    said = manifest([section(data[0])], part=2, parts=2, envelopes=second)
    yield accepted("the second of two files", file(said, *data), envelopes=1)
    yield accepted("the certificate was revoked afterwards, by a list that is not here", attachments=1)


def damaged() -> Iterator[Case]:
    """What steps 1 to 3 refuse."""
    yield refused("empty", 1, "not-a-pouch", b"")
    yield refused("a case file", 1, "not-a-pouch", patch=[[0, b"TRACEPOST\x00".hex()]])
    yield refused("of a later version", 1, "version", patch=[[11, "02"]])
    yield refused("the name alone", 2, "length", MAGIC)
    yield refused("cut in the manifest", 2, "length", SOUND[:60])
    yield refused("cut by a byte", 2, "length", cut=1)
    yield refused("a byte more", 2, "length", more="00")
    yield refused("a manifest of 4 GiB", 2, "length", patch=[[12, "ffffffff"]])
    yield refused(
        "a manifest that is none", 3, "manifest", MAGIC + (3).to_bytes(4) + b"\xff\xff\xff" + bytes(64)
    )
    yield refused("a member in capitals", 3, "manifest", file(manifest([], from_member="XAA")))
    yield refused("no number", 3, "manifest", file(manifest([], number=0)))
    yield refused("a number beyond counting", 3, "manifest", file(manifest([], number=2**63)))
    yield refused("made at no moment", 3, "manifest", file(manifest([], made_at=2**63)))
    yield refused("file 2 of 1", 3, "manifest", file(manifest([], part=2)))
    yield refused("of 1,000 files", 3, "manifest", file(manifest([], parts=1000)))
    yield refused("no certificate", 3, "manifest", file(manifest([], certificates=[])))
    yield refused("an envelope twice", 3, "manifest", of_frames(MAIL, named=(URGENT, FIRST, FIRST)))
    short = [PouchedEnvelope(envelope_id=bytes(31), part=1)]
    yield refused("an id of 31 bytes", 3, "manifest", file(manifest([], envelopes=short)))
    first = manifest([section(FILE, ATTACHMENT), section(SOUND_FRAMES[0])])
    yield refused("an attachment before a frame", 3, "manifest", file(first, FILE, SOUND_FRAMES[0]))
    newer = section(FILE)
    newer.kind = 3  # type: ignore[assignment]
    yield refused("a part of a kind to come", 3, "manifest", file(manifest([newer]), FILE))
    odd = PouchSection(kind="POUCH_PART_KIND_FRAME", length=1, sha256=bytes(31))
    yield refused("a digest of 31 bytes", 3, "manifest", file(manifest([odd]), b"x"))


def not_theirs() -> Iterator[Case]:
    """What steps 4 to 7 refuse: whole, and not of the one that it names, or not for us."""
    statement = STATEMENT.sign(XAA)
    by_statement = manifest([], certificates=[der(statement)])
    yield refused(
        "by a statement certificate", 4, "other-signer", file(by_statement, signed_by=STATEMENT.name)
    )
    of_xab = replace(NODE, name="node of xab", names=(x509.DNSName("node.xab.tracepost.example"),))
    other = manifest([], certificates=[der(of_xab.sign(XAB))])
    yield refused(
        "by the node of another", 9, "no-root", file(other, signed_by=of_xab.name), error="identity"
    )
    run_out = replace(NODE, name="run out", dates=(TIME - 90 * DAY, TIME - DAY))
    ended = manifest([], certificates=[der(run_out.sign(XAA))])
    yield refused(
        "by a certificate that had run out",
        10,
        "expired",
        file(ended, signed_by=run_out.name),
        error="identity",
    )
    yield refused("by a revoked certificate", 12, "revoked", revoked=TIME - DAY, error="identity")
    yield refused("signed by another key", 5, "signature", file(manifest([]), signed_by="somebody"))
    yield refused("a bit of the manifest", 5, "signature", patch=[[27, "04"]])
    last = BEGINNING - 1
    yield refused("a bit of the signature", 5, "signature", patch=[[last, bytes([SOUND[last] ^ 1]).hex()]])
    yield refused("for another member", 6, "not-ours", us="xac")
    yield refused("made tomorrow", 7, "made-at", now=TIME - DAY)
    yield refused("180 days and a second old", 7, "made-at", now=TIME + 180 * DAY + 1)


def odd_inside() -> Iterator[Case]:
    """What steps 8 to 10 refuse: the maker's own, and not in order."""
    yield refused("a bit of the first frame", 8, "section", patch=[[BEGINNING, "33"]])
    yield refused("a bit of the attachment", 8, "section", patch=[[len(SOUND) - 1, "75"]])
    data = b"\xff\xff\xff"
    yield refused("a frame that is none", 9, "frame", file(manifest([section(data)]), data))
    strange = Problem(code="busy").SerializeToString()
    yield refused("another message for a frame", 9, "frame", file(manifest([section(strange)]), strange))
    missing = "an envelope is missing"
    yield refused(
        missing, 10, "envelope-missing", of_frames(Frame(envelopes=[URGENT])), envelope=id_of(FIRST).hex()
    )
    turned = of_frames(Frame(envelopes=[FIRST, URGENT]))
    yield refused("in another order", 10, "envelope-missing", turned, envelope=id_of(URGENT).hex())
    stray = of_frames(MAIL, Frame(envelopes=[SECOND]))
    yield refused("an envelope too many", 10, "envelope-stray", stray, envelope=id_of(SECOND).hex())
    late = of_frames(Frame(envelopes=[FIRST, URGENT]), named=(FIRST, URGENT))
    yield refused("urgent mail behind routine mail", 10, "lanes", late, envelope=id_of(URGENT).hex())


def write_vectors() -> str:
    """Return the text of pouches.json."""
    root = XAA.certificate.public_bytes(serialization.Encoding.PEM).decode()
    cases = [*sound(), *damaged(), *not_theirs(), *odd_inside()]
    document = {"about": (__doc__ or "").strip(), "domain": "tracepost.example", "root": root, "cases": cases}
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    (HERE / "pouches.json").write_text(write_vectors(), encoding="utf-8")
