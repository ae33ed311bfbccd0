"""What a request lacks of what its addressee wants."""

from __future__ import annotations

from typing import Any

import pytest

from fakes import messages as m
from tracepost.protocol.minimum import find_lacking
from tracepost.wire.v1 import terms_pb2, trace_pb2, weapon_pb2

SERIAL = terms_pb2.INFORMATION_CODE_SERIAL_NUMBER


def lacking(request: trace_pb2.TraceRequest, *codes: str) -> list[tuple[str, str]]:
    wanted = [terms_pb2.InformationCode.Value(f"INFORMATION_CODE_{code}") for code in codes]
    prefix = "INFORMATION_CODE_"
    return [
        (one.item_id, terms_pb2.InformationCode.Name(one.code).removeprefix(prefix))
        for one in find_lacking(request, wanted)
    ]


def test_what_is_there_is_not_lacking() -> None:
    assert lacking(m.request("T-1", "1", "2"), "SERIAL_NUMBER", "MAKE", "MODEL") == []


def test_what_is_lacking_is_named_for_each_item_and_for_the_whole() -> None:
    request = m.request("T-1", "1", "2")
    request.items[1].object.ClearField("make")
    assert lacking(request, "MAKE", "CALIBRE", "CIRCUMSTANCES", "CONFIDENTIALITY_GUARANTEE") == [
        ("", "CIRCUMSTANCES"),
        ("1", "CALIBRE"),
        ("2", "MAKE"),
        ("2", "CALIBRE"),
    ]


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("SERIAL_LOCATION", lambda i: setattr(i.object.mark[0], "location", 1)),
        ("CALIBRE", lambda i: setattr(i.object, "calibre_as_marked", "7,62")),
        ("COUNTRY_OF_MANUFACTURE", lambda i: setattr(i.object, "country_of_manufacture", "XAD")),
        ("IMPORT_MARK", lambda i: i.object.mark.add(role="MARK_ROLE_IMPORT")),
        ("PROOF_MARK", lambda i: i.object.part.add().mark.add(role="MARK_ROLE_PROOF")),
        ("PHOTOGRAPH_OF_MARK", lambda i: i.object.photograph.add(view="PHOTOGRAPH_VIEW_SERIAL")),
        ("PHOTOGRAPH_OF_WEAPON", lambda i: i.object.photograph.add(view="PHOTOGRAPH_VIEW_LEFT")),
    ],
)
def test_it_is_lacking_until_it_is_there(code: str, change: Any) -> None:
    request = m.request("T-1")
    assert lacking(request, code) == [("1", code)]
    change(request.items[0])
    assert lacking(request, code) == []


@pytest.mark.parametrize(
    ("code", "more"),
    [
        ("LEGAL_GROUND", {"legal_provision": "Law 7"}),
        ("INTENDED_USE", {"intended_use_detail": "trial"}),
        ("HANDLING", {"handling_instructions": ["HANDLING_INSTRUCTION_DO_NOT_ALERT"]}),
        ("CONTACT", {"office": terms_pb2.Office(organisation="Police")}),
        ("CIRCUMSTANCES", {"circumstances": trace_pb2.Circumstances(country="XAA")}),
    ],
)
def test_what_is_of_the_whole_request(code: str, more: dict[str, Any]) -> None:
    assert lacking(m.request("T-1"), code) == [("", code)]
    assert lacking(m.request("T-1", **more), code) == []


def test_an_unmarked_weapon_has_no_serial_to_give() -> None:
    request = m.request("T-1")
    request.items[0].object.ClearField("mark")
    assert lacking(request, "SERIAL_NUMBER") == [("1", "SERIAL_NUMBER")]
    request.items[0].object.unmarked = True
    assert lacking(request, "SERIAL_NUMBER") == []


def test_ammunition_is_no_weapon_and_other_codes_are_not_looked_for() -> None:
    request = m.request("T-1")
    request.items.append(weapon_pb2.Item(id="2", kind="ITEM_KIND_AMMUNITION"))
    assert lacking(request, "MODEL", "OTHER", "RESTORATION_RESULT") == []
