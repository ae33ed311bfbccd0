"""Makes the golden case file: python tests/vectors/casefile/generate.py

    case.tracepost   a request, its answer, and both inside a share; real signatures and logs
    trust.json       the trust list that proves it
    expected.json    fingerprint, and what every verifier must say
    deleted.*        the same of a case of which the request was deleted

Keys are drawn anew and thrown away, so that each run makes another file: run it only when the
format changes. A test checks that what stands here still verifies: evidence does not expire.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from fakes.casefiles import NOW, World
from tracepost.protocol.casefile import CaseReport, Shown, read_casefile, verify_casefile, write_casefile
from tracepost.protocol.ids import encode_b64
from tracepost.protocol.schema import Sensitivity
from tracepost.wire.v1.share_pb2 import Share
from tracepost.wire.v1.terms_pb2 import Withheld
from tracepost.wire.v1.trace_pb2 import Acknowledgement, TraceRequest
from tracepost.wire.v1.weapon_pb2 import Item, Object, Photograph

HERE = Path(__file__).resolve().parent
PICTURE = b"not really a photograph"


def make() -> tuple[World, bytes]:
    """Return a world and the bytes of a case file in it."""
    world = World("xaa", "xab", "xac", relays=("relay",))
    asked = world.sign("xaa", ["xab"], _request())
    answered = world.sign("xab", ["xaa"], _acknowledgement(), in_reply_to=asked, at=NOW + 60)
    exhibit = world.exhibit(asked, lambda path: path != "ground_text")
    share = Share(reason="SHARE_REASON_CASE", exhibits=[exhibit, world.exhibit(answered)])
    shared = world.sign("xab", ["xac"], share, in_reply_to=answered, at=NOW + 120)
    party = world.parties["xaa"]
    crl = party.authority.crl([party.papers.certificate], revoked_at=NOW + 3600)
    case = world.case(
        world.file(
            asked,
            world.post(asked, "xab", via="relay"),
            parts=[PICTURE],
            hide=[Sensitivity.LAW_ENFORCEMENT],
        ),
        world.file(answered, world.post(answered, "xaa", at=NOW + 60)),
        world.file(shared, world.post(shared, "xac", at=NOW + 120)),
        crls=[crl],
    )
    return world, write_casefile(case)


def make_deleted() -> tuple[World, bytes]:
    """Return a world and a case file in it of which the request was deleted."""
    world = World("xaa", "xab")
    asked = world.sign("xaa", ["xab"], _request())
    answered = world.sign("xab", ["xaa"], _acknowledgement(), in_reply_to=asked, at=NOW + 60)
    case = world.case(world.file(answered, world.post(answered, "xaa", at=NOW + 60)))
    case.deletions.append(world.deletion(asked, at=NOW + 90))
    return world, write_casefile(case)


def deletions_of(report: CaseReport) -> list[list[object]]:
    """Return what the file says of deletions, for comparison."""
    return [
        [encode_b64(one.statement), one.issuer, one.jti, one.kind, one.at, one.by, one.cause]
        for one in report.deletions
    ]


def summarise(report: CaseReport) -> list[dict[str, object]]:
    """Return what the file says of each statement, for comparison."""
    return [
        {
            **_shown(one.shown),
            "answers": one.answers,
            "remarks": sorted([*one.remarks, *one.shown.remarks]),
            "receipts": [[r.member, r.entry, r.verdict, r.time] for d in one.deliveries for r in d.receipts],
            "exhibits": [{**_shown(e.shown), "dropped": list(e.dropped)} for e in one.shown.exhibits],
        }
        for one in report.statements
    ]


def _shown(shown: Shown) -> dict[str, object]:
    return {
        "digest": encode_b64(shown.digest),
        "kind": shown.kind,
        "signer": shown.signer.member,
        "signed_at": shown.signed_at,
        "proven": [shown.proven.time, shown.proven.by] if shown.proven else None,
        "classes": {count.sensitivity: [count.shown, count.total] for count in shown.classes},
        "withheld": [[one.path, one.ground] for one in shown.withheld],
    }


def _request() -> TraceRequest:
    photograph = Photograph(
        view="PHOTOGRAPH_VIEW_SERIAL",
        media_type="image/jpeg",
        sha256=hashlib.sha256(PICTURE).digest(),
        size=len(PICTURE),
    )
    item = Item(id="1", object=Object(make="Zastava", model="M70", photograph=[photograph]))
    return TraceRequest(file_number="T-1", ground_text="seized at the border", items=[item])


def _acknowledgement() -> Acknowledgement:
    held = Withheld(path="contacts", ground="WITHHOLDING_GROUND_NATIONAL_SECURITY")
    return Acknowledgement(file_number="B-9", withheld=[held])


def main() -> None:
    """Write the three files."""
    world, data = make()
    report = verify_casefile(read_casefile(data), world.trust, now=NOW + 7200)
    expected = {"fingerprint": world.fingerprint, "now": NOW + 7200, "statements": summarise(report)}
    (HERE / "case.tracepost").write_bytes(data)
    (HERE / "trust.json").write_bytes(world.trust_data)
    (HERE / "expected.json").write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")
    write_deleted()


def write_deleted() -> None:
    """Write the three files of the case with a deletion."""
    world, data = make_deleted()
    report = verify_casefile(read_casefile(data), world.trust, now=NOW + 7200)
    expected = {
        "fingerprint": world.fingerprint,
        "now": NOW + 7200,
        "statements": summarise(report),
        "deletions": deletions_of(report),
    }
    (HERE / "deleted.tracepost").write_bytes(data)
    (HERE / "deleted.trust.json").write_bytes(world.trust_data)
    (HERE / "deleted.json").write_text(json.dumps(expected, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
