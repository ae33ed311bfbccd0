"""Makes the golden vectors of the evidence log: python tests/vectors/evidence/generate.py

    merkle.json     roots, inclusion paths and consistency paths over named leaves
    notes.json      signed notes and checkpoints, each with its verdict; a key is a vkey, or an object
                    as in `log_keys` of the trust list
    proofs.json     serialized LogProofs, each with its verdict and the step that refuses

Bytes are base64url without padding. Keys are fixed and worthless. Running it twice gives the
same files; a test compares them with what stands here.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tracepost.protocol.envelope import Address, Lane, Road
from tracepost.protocol.evidence import (
    BlockHashes,
    CertificatePublished,
    Entry,
    Frontier,
    LogKey,
    LogLine,
    NoteSigner,
    Opened,
    Origin,
    PolicyActivated,
    Prover,
    Signed,
    Watermark,
    approvals_digest,
    custody_on,
    encode_entry,
    leaf_data,
    leaf_hash,
    make_proof,
    parse_origin,
    prepare_line,
    received_on,
    sent_on,
)
from tracepost.protocol.evidence.note import COSIGNS_AT_TIME
from tracepost.protocol.ids import EnvelopeId, MemberId, StatementDigest, encode_b64
from tracepost.wire.v1.envelope_pb2 import LogProof

HERE = Path(__file__).resolve().parent
Case = dict[str, object]
TIME = 1_790_000_000


def digest(name: str) -> bytes:
    """Return 32 bytes that stand for something with this name."""
    return hashlib.sha256(name.encode()).digest()


def signer(name: str, key_type: int = 1) -> NoteSigner:
    """Return the worthless key of this name."""
    return NoteSigner(name, Ed25519PrivateKey.from_private_bytes(digest(f"{name} {key_type}")), key_type)


ORIGIN = parse_origin("xaa.tracepost.example/log/1")
KEY = LogKey(signer(str(ORIGIN)))
OTHER = LogKey(signer("xab.tracepost.example/log/1"))
WITNESS = signer("relay.tracepost.example/witness/1", COSIGNS_AT_TIME)


# ── merkle.json ──────────────────────────────────────────────────────────────────────


def make_tree(leaves: Sequence[bytes]) -> tuple[BlockHashes, Frontier]:
    """Return the hashes and the frontier of a tree with these leaf hashes."""
    blocks, frontier = BlockHashes(lambda _level, _index: b""), Frontier()
    for leaf in leaves:
        blocks.add(frontier.append(leaf))
    return blocks, frontier


def make_merkle() -> Case:
    """Return roots and paths of trees over the leaves "entry 0", "entry 1", …"""
    blocks, _ = make_tree([leaf_hash(f"entry {number}".encode()) for number in range(300)])
    sizes = (0, 1, 2, 3, 4, 6, 7, 8, 255, 256, 257, 300)
    inclusion = [
        (0, 1),
        (0, 2),
        (2, 3),
        (4, 7),
        (6, 7),
        (254, 255),
        (255, 256),
        (256, 257),
        (17, 300),
        (299, 300),
    ]
    consistency = [(1, 2), (3, 7), (4, 7), (6, 7), (4, 8), (255, 256), (256, 300), (257, 300)]
    return {
        "about": "leaf n is the ASCII text 'entry n'",
        "roots": [{"size": size, "root": encode_b64(Prover(size, blocks).root())} for size in sizes],
        "inclusion": [
            {"index": index, "size": size, "path": _texts(Prover(size, blocks).inclusion_path(index))}
            for index, size in inclusion
        ],
        "consistency": [
            {"old": old, "new": new, "path": _texts(Prover(new, blocks).consistency_path(old))}
            for old, new in consistency
        ],
    }


def _texts(path: Sequence[bytes]) -> list[str]:
    return [encode_b64(item) for item in path]


# ── notes.json ───────────────────────────────────────────────────────────────────────


def make_notes() -> list[Case]:
    """Return checkpoints of one log, good and bad."""
    root = digest("root")
    good = KEY.sign_checkpoint(ORIGIN, 7, root)
    raw = signer(str(ORIGIN))
    encoded = base64.b64encode(root).decode()
    body = f"{ORIGIN}\n7\n{encoded}\n"
    witnessed = WITNESS.cosign(good, TIME)
    return [
        _note("a head signed by its log", good),
        _note("a head with the line of a witness", witnessed),
        _note("a line of an unknown key is ignored", good + _lines(signer("else.example").sign("x\n"))[0]),
        _note("the empty log", KEY.sign_checkpoint(ORIGIN, 0, hashlib.sha256(b"").digest())),
        _note("no signature", body, "note step 1", "no-signature"),
        _note("the empty line is missing", good.replace("\n\n", "\n"), "note step 1", "no-signature"),
        _note("the last newline is missing", good[:-1], "note step 1", "no-signature"),
        _note("a carriage return in the text", good.replace("\n7\n", "\r\n7\n"), "note step 1", "note-form"),
        _note("a tab in the text", good.replace("\n7\n", "\n7\t\n"), "note step 1", "note-form"),
        _note("two hyphens for the dash", good.replace("—", "--"), "note step 1", "signature-line"),
        _note("base64 without padding", good.replace("=\n\n", "\n\n", 1), "note step 2", "bad-signature"),
        _note("a line that is no signature", good + "garbage\n", "note step 1", "signature-line"),
        _note(
            "thirty-four signature lines", good + _lines(good)[0] * 33, "note step 1", "too-many-signatures"
        ),
        _note("a changed size", good.replace("\n7\n", "\n8\n"), "note step 2", "bad-signature"),
        _note("signed by nobody known", signer("else.example").sign(body), "note step 2", "unknown-key"),
        _note("signed by a witness only", f"{body}\n{_lines(witnessed)[1]}", "note step 2", "unknown-key"),
        _note("the time of the witness was moved", _move_time(witnessed), "note step 2", "bad-signature"),
        _note("two lines", raw.sign(f"{ORIGIN}\n7\n"), "checkpoint step 2", "head-lines"),
        _note("an extension line", raw.sign(f"{body}more\n"), "checkpoint step 2", "head-lines"),
        _note(
            "a size with a leading zero",
            raw.sign(body.replace("\n7\n", "\n07\n")),
            "checkpoint step 2",
            "head-size",
        ),
        _note(
            "a size of 2^63",
            raw.sign(body.replace("\n7\n", f"\n{1 << 63}\n")),
            "checkpoint step 2",
            "head-size",
        ),
        _note(
            "a root of 31 bytes",
            raw.sign(body.replace(encoded, base64.b64encode(root[:31]).decode())),
            "checkpoint step 2",
            "head-root",
        ),
        _note("another log's key", signer(str(OTHER.origin)).sign(body), "checkpoint step 3", "foreign-key"),
        _note(
            "an origin that names no member",
            signer("example.com/foo").sign(f"example.com/foo\n7\n{encoded}\n"),
            "checkpoint step 4",
            "origin",
        ),
        *_make_terms(root),
    ]


def _make_terms(root: bytes) -> list[Case]:
    """Return heads by keys that speak for a part of the log, as the trust list says."""
    encoded = base64.b64encode(root).decode()
    ended = {"key": KEY.vkey, "until_size": 7, "final_root": encoded}
    follower = NoteSigner(str(ORIGIN), Ed25519PrivateKey.from_private_bytes(digest("the next key")))
    begun = {"key": follower.vkey, "from_size": 7}
    between, after = follower.sign(f"{ORIGIN}\n7\n{encoded}\n"), follower.sign(f"{ORIGIN}\n8\n{encoded}\n")
    both = KEY.sign_checkpoint(ORIGIN, 7, root) + _lines(between)[0]
    followed, step = [ended, begun], "checkpoint step 5"
    other = digest("another root")
    return [
        _note("a head before the end of its key", KEY.sign_checkpoint(ORIGIN, 6, other), keys=[ended]),
        _note("the last head of an ended key", KEY.sign_checkpoint(ORIGIN, 7, root), keys=[ended]),
        _note("the first head of the key that follows", after, keys=followed),
        _note("the head between two keys signed by both", both, keys=followed),
        _note(
            "a head beyond the end of its key",
            KEY.sign_checkpoint(ORIGIN, 8, root),
            step,
            "key-ended",
            keys=followed,
        ),
        _note(
            "another last head of an ended key",
            KEY.sign_checkpoint(ORIGIN, 7, other),
            step,
            "other-final-root",
            keys=followed,
        ),
        _note(
            "a head before the beginning of its key",
            follower.sign(f"{ORIGIN}\n6\n{encoded}\n"),
            step,
            "key-not-begun",
            keys=followed,
        ),
        _note(
            "an end whose root nobody knows",
            KEY.sign_checkpoint(ORIGIN, 7, other),
            keys=[{"key": KEY.vkey, "until_size": 7}],
        ),
    ]


NOTE_KEYS = [KEY.vkey, OTHER.vkey, WITNESS.vkey, signer("example.com/foo").vkey]


def _note(
    name: str, note: str, where: str = "", reason: str = "", *, keys: Sequence[object] = NOTE_KEYS
) -> Case:
    return _verdict({"name": name, "note": note, "keys": [*keys]}, where, reason)


def _lines(note: str) -> list[str]:
    return note.rpartition("\n\n")[2].splitlines(keepends=True)


def _move_time(note: str) -> str:
    data = bytearray(base64.b64decode(note.rsplit(maxsplit=1)[-1]))
    data[11] ^= 1
    return f"{note.rpartition(' ')[0]} {base64.b64encode(data).decode()}\n"


# ── proofs.json ──────────────────────────────────────────────────────────────────────

ENVELOPE = EnvelopeId(digest("envelope"))
STATEMENT = StatementDigest(digest("statement"))
ADDRESS = Address(
    from_member=MemberId("xab"),
    to_member=MemberId("xaa"),
    deliver_by=TIME + 86400,
    lane=Lane.ROUTINE,
    road=Road("relay", 1, 12),
    exercise=False,
)
ENTRIES: dict[str, Entry] = {
    "sent/1": sent_on(ADDRESS, ENVELOPE, STATEMENT, TIME),
    "received/1": received_on(ADDRESS, ENVELOPE, STATEMENT, TIME + 5),
    "received/1, refused": received_on(
        replace(ADDRESS, lane=Lane.URGENT, road=Road("direct", 1, 12)),
        ENVELOPE,
        None,
        TIME + 5,
        verdict="refused",
        reason=b"sealed words",
    ),
    "custody/1": custody_on(ADDRESS, ENVELOPE, TIME + 2),
    "watermark/1": Watermark(
        to_member=MemberId("xaa"), via="relay", lane=Lane.ROUTINE, epoch=1, seq=12, time=TIME
    ),
    "opened/1": Opened(
        statement=STATEMENT,
        desk="poc",
        officer="7",
        action="open",
        decision=digest("decision"),
        time=TIME + 9,
        approvals=approvals_digest([digest("approval 2"), digest("approval 1")]),
    ),
    "signed/1": Signed(statement=STATEMENT, desk="poc", officer="7", decision=digest("decision"), time=TIME),
    "certificate/1": CertificatePublished(sha256=digest("der"), artefact=b"der", time=TIME),
    "policy/1": PolicyActivated(sha256=digest("policy"), artefact=b"", time=TIME),
}


def make_proofs() -> list[Case]:
    """Return one good proof of each kind of entry and a bad one for each step."""
    salts = iter(digest(f"salt {number}")[:16] for number in range(len(ENTRIES)))
    lines = [prepare_line(entry, lambda _length: next(salts)) for entry in ENTRIES.values()]
    good = _prove(lines)
    cases = [_proof(f"an entry {name}", proof) for name, proof in zip(ENTRIES, good, strict=True)]
    for name, where, reason, spoil in SPOILED:
        cases.append(_proof(name, _spoiled(good[0], spoil), f"{where}", reason))
    for name, reason, preimage in BAD_PREIMAGES:
        cases.append(_proof(name, _prove([_raw_line(preimage)])[0], "proof step 3", reason))
    for name, line in BAD_SALTS.items():
        cases.append(_proof(name, _prove([line])[0], "proof step 4", "salt-length"))
    return cases


def _prove(lines: Sequence[LogLine], key: LogKey = KEY, origin: Origin = ORIGIN) -> list[LogProof]:
    blocks, frontier = make_tree([line.leaf for line in lines])
    prover = Prover(frontier.size, blocks)
    note = key.sign_checkpoint(origin, prover.size, prover.root())
    return [make_proof(line, index, prover.inclusion_path(index), note) for index, line in enumerate(lines)]


def _raw_line(preimage: bytes, salt: bytes = digest("salt")[:16]) -> LogLine:
    return LogLine(preimage, salt, leaf_hash(leaf_data(preimage, salt)))


def _spoiled(proof: LogProof, spoil: Callable[[LogProof], None]) -> LogProof:
    copy = LogProof()
    copy.CopyFrom(proof)
    spoil(copy)
    return copy


def _flip(data: bytes, at: int = 0) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def _set_path(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[LogProof], None]:
    def spoil(proof: LogProof) -> None:
        proof.path[:] = change(list(proof.path))

    return spoil


def _set(name: str, change: Callable[[object], object]) -> Callable[[LogProof], None]:
    return lambda proof: setattr(proof, name, change(getattr(proof, name)))


SENT = encode_entry(ENTRIES["sent/1"])
HEX_ID = ENVELOPE.hex().encode()
SPOILED: list[tuple[str, str, str, Callable[[LogProof], None]]] = [
    ("no index", "proof step 1", "proof-form", lambda proof: proof.ClearField("index")),
    ("no preimage", "proof step 1", "proof-form", lambda proof: proof.ClearField("preimage")),
    ("no checkpoint", "proof step 1", "proof-form", lambda proof: proof.ClearField("checkpoint")),
    ("a path of 64 hashes", "proof step 1", "proof-form", _set_path(lambda path: [bytes(32)] * 64)),
    ("a preimage of 8,193 bytes", "proof step 1", "proof-form", _set("preimage", lambda _old: b"x" * 8193)),
    (
        "a changed head",
        "note step 2",
        "bad-signature",
        _set("checkpoint", lambda old: str(old).replace("\n9\n", "\n8\n")),
    ),
    ("another salt", "proof step 5", "wrong-root", lambda proof: setattr(proof, "salt", _flip(proof.salt))),
    (
        "another time",
        "proof step 5",
        "wrong-root",
        _set("preimage", lambda _old: SENT.replace(b"1790000000", b"1790000001")),
    ),
    ("another index", "proof step 5", "wrong-root", _set("index", lambda _old: 1)),
    ("an index outside the tree", "proof step 5", "index-outside-tree", _set("index", lambda _old: 9)),
    ("a path one hash short", "proof step 5", "path-too-short", _set_path(lambda path: path[:-1])),
    ("a path one hash long", "proof step 5", "path-too-long", _set_path(lambda path: [*path, bytes(32)])),
    (
        "a flipped bit in the path",
        "proof step 5",
        "wrong-root",
        _set_path(lambda path: [path[0], _flip(path[1]), *path[2:]]),
    ),
    (
        "a hash of 31 bytes in the path",
        "proof step 5",
        "hash-length",
        _set_path(lambda path: [path[0][:31], *path[1:]]),
    ),
]


BAD_PREIMAGES: list[tuple[str, str, bytes]] = [
    (name, "unknown-entry", preimage)
    for name, preimage in {
        "an entry that is not JSON": b"{",
        "an entry that is no object": b"[]",
        "an entry without a name": b'{"time":1}',
        "an entry whose name is a list": b'{"entry":["sent/1"]}',
        "an entry of a later version": SENT.replace(b"sent/1", b"sent/2"),
        "an entry with one key more": SENT[:-1] + b',"more":1}',
        "an entry with one key less": b'{"entry":"sent/1","id":"%s"}' % HEX_ID,
        "a lane that is neither": SENT.replace(b'"routine"', b'"slow"'),
        "a lane that is a number": SENT.replace(b'"routine"', b"1"),
        "a digest of approvals that is none": encode_entry(ENTRIES["signed/1"]).replace(
            b'"approvals":""', b'"approvals":"ab"'
        ),
        "an entry with a key twice": SENT[:-1] + b',"time":1790000000}',
        "an entry with its keys in another order": b'{"time":1790000000,' + SENT[1:-18] + b"}",
        "an entry with a space": SENT.replace(b":1790000000", b": 1790000000"),
        "a digest in capitals": SENT.replace(HEX_ID, HEX_ID.upper()),
        "a time that is a text": SENT.replace(b"1790000000", b'"1790000000"'),
        "a time that is true": SENT.replace(b"1790000000", b"true"),
        "a time with a fraction": SENT.replace(b"1790000000", b"1790000000.0"),
        "a time before 1970": SENT.replace(b"1790000000", b"-1"),
        "a number of 2^53": SENT.replace(b"1790000000", str(1 << 53).encode()),
        "a verdict that is neither": encode_entry(ENTRIES["received/1"]).replace(b'"accepted"', b'"perhaps"'),
        "an artefact of another digest": encode_entry(ENTRIES["certificate/1"]).replace(b'"ZGVy"', b'"ZGVz"'),
    }.items()
]

BAD_SALTS = {
    "a message entry without a salt": _raw_line(SENT, b""),
    "a message entry with a salt of 15 bytes": _raw_line(SENT, bytes(15)),
    "a public paper with a salt": _raw_line(encode_entry(ENTRIES["policy/1"])),
}


def _proof(name: str, proof: LogProof, where: str = "", reason: str = "") -> Case:
    data = proof.SerializeToString(deterministic=True)
    return _verdict({"name": name, "proof": encode_b64(data), "keys": [KEY.vkey]}, where, reason)


def _verdict(case: Case, where: str, reason: str) -> Case:
    if not reason:
        return {**case, "verdict": "accepted"}
    return {**case, "verdict": "refused", "where": where, "reason": reason}


# ── writing ──────────────────────────────────────────────────────────────────────────


def make_files() -> dict[str, str]:
    """Return the text of each file by name."""
    made = {"merkle.json": make_merkle(), "notes.json": make_notes(), "proofs.json": make_proofs()}
    return {name: json.dumps(value, indent=1, ensure_ascii=False) + "\n" for name, value in made.items()}


if __name__ == "__main__":
    for file_name, text in make_files().items():
        (HERE / file_name).write_text(text, encoding="utf-8")
