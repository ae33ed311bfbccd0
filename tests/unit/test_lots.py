"""Lots of arms: which finds they hold, and how surely."""

from __future__ import annotations

import pytest

from fakes.notices import found, lot
from tracepost.protocol.errors import InvalidMessageError
from tracepost.protocol.lots import Basis, Held, Sought, check_lots, find_matches, range_holds
from tracepost.wire.v1 import lot_pb2, terms_pb2, weapon_pb2

CERTAIN, PROBABLE, POSSIBLE = (
    terms_pb2.CONFIDENCE_CERTAIN,
    terms_pb2.CONFIDENCE_PROBABLE,
    terms_pb2.CONFIDENCE_POSSIBLE,
)


def ends(first: str, last: str) -> weapon_pb2.SerialRange:
    return weapon_pb2.SerialRange(from_serial=first, to_serial=last)


@pytest.mark.parametrize(
    ("first", "last", "serial", "held"),
    [
        ("1000", "1999", "1000", Held.YES),
        ("1000", "1999", "1999", Held.YES),
        ("1000", "1999", "0999", Held.NO),
        ("1000", "1999", "2000", Held.NO),
        ("1000", "1999", "15000", Held.NO),
        ("1000", "1999", "A1500", Held.NO),
        ("AB 998", "AB 1002", "ab-1000", Held.YES),
        ("AB0998", "AB1002", "AB998", Held.PERHAPS),
        ("AB100X", "AB200X", "AB150X", Held.YES),
        ("AB100X", "AB200X", "AB150Y", Held.NO),
        ("АБ100", "АБ200", "АБ150", Held.YES),
        ("АБ100", "АБ200", "AB150", Held.NO),
        ("1000", "1999", "15?0", Held.YES),
        ("1000", "1549", "15?0", Held.PERHAPS),
        ("1000", "1999", "2??0", Held.NO),
        ("1000", "1999", "???0", Held.PERHAPS),
        ("A1", "B9", "A5", Held.NO),
        ("A1", "B9", "b 9", Held.PERHAPS),
    ],
)
def test_a_range_holds_numbers_of_its_form(first: str, last: str, serial: str, held: Held) -> None:
    assert range_holds(ends(first, last), serial) is held


def test_a_number_alone_certainly_means_nothing() -> None:
    """Makers do not coordinate their numbers."""
    told = [lot(serials="1000:1999")]
    [alone] = find_matches(Sought.of(found("1500")), told)
    [same] = find_matches(Sought.of(found("1500", make="ZASTAVA")), told)
    [other] = find_matches(Sought.of(found("1500", make="Norinco")), told)
    assert (alone.basis, alone.confidence) == (Basis.SERIAL_IN_RANGE, PROBABLE)
    assert (same.confidence, same.differs) == (CERTAIN, ())
    assert (other.confidence, other.differs) == (POSSIBLE, ("make",))


def test_a_range_with_holes_is_never_certain() -> None:
    told = lot(serials="1000:1999")
    told.serial_ranges[0].ClearField("complete")
    [match] = find_matches(Sought.of(found("1500", make="Zastava")), [told])
    assert match.confidence == PROBABLE


def test_a_listed_number_is_found_whatever_stands_between_its_characters() -> None:
    told = lot_pb2.ArmsLot(id="7", make="Zastava", serials=["AB127"])
    [match] = find_matches(Sought.of(found("ab-12 7", make="Zastava")), [told])
    assert (match.lot_id, match.basis, match.confidence) == ("7", Basis.SERIAL_LISTED, CERTAIN)


def test_a_number_that_cannot_be_read_whole_is_never_certain() -> None:
    told = lot_pb2.ArmsLot(id="7", make="Zastava", serials=["AB127"])
    [match] = find_matches(Sought.of(found("AB1?7", make="Zastava")), [told])
    assert match.confidence == PROBABLE


def test_marks_of_parts_count_and_those_of_other_roles_do_not() -> None:
    item = weapon_pb2.Item(id="1", kind="ITEM_KIND_WEAPON")
    item.object.mark.add(role="MARK_ROLE_PROOF", text_as_seen="1500")
    assert find_matches(Sought.of(item), [lot(serials="1000:1999")]) == []
    item.object.part.add(kind="PART_KIND_SLIDE").mark.add(
        role="MARK_ROLE_MANUFACTURER_SERIAL", text_as_seen="1501"
    )
    assert [m.lot_id for m in find_matches(Sought.of(item), [lot(serials="1000:1999")])] == ["1"]


def test_ammunition_is_found_by_its_lot_and_a_crate_by_its_number() -> None:
    rounds = weapon_pb2.Item(id="1", kind="ITEM_KIND_AMMUNITION")
    rounds.ammunition.lot_number, rounds.ammunition.calibre = "LOT 5/88", "7.62x39mm"
    crate = weapon_pb2.Item(id="2", kind="ITEM_KIND_PACKAGING")
    crate.packaging.crate_number = "C-17"
    told = lot_pb2.ArmsLot(
        id="9", calibre="7.62x39mm", lot_numbers=["5-88 lot", "LOT 5-88"], crate_numbers=["c 17"]
    )
    [by_lot], [by_crate] = (find_matches(Sought.of(item), [told]) for item in (rounds, crate))
    assert (by_lot.basis, by_lot.confidence) == (Basis.LOT_NUMBER, PROBABLE)
    assert (by_crate.basis, by_crate.confidence) == (Basis.CRATE_NUMBER, POSSIBLE)


def test_the_surest_comes_first() -> None:
    told = [lot("1", serials="1000:1999", make="Norinco"), lot("2", serials="1000:1999")]
    matches = find_matches(Sought.of(found("1500", make="Zastava", model="M70")), told)
    assert [(m.lot_id, m.confidence) for m in matches] == [("2", CERTAIN), ("1", POSSIBLE)]


def test_a_series_may_go_on_under_another_letter() -> None:
    check_lots([lot(serials="A9000:B0500")])


@pytest.mark.parametrize(
    ("told", "where", "reason"),
    [
        (lot_pb2.ArmsLot(id="1", kind="ITEM_KIND_WEAPON", quantity=5), "lots.0", "nothing-to-find"),
        (lot(serials="1999:1000"), "lots.0.serial_ranges.0", "backwards"),
    ],
)
def test_a_lot_that_nothing_could_be_found_by_is_refused(
    told: lot_pb2.ArmsLot, where: str, reason: str
) -> None:
    with pytest.raises(InvalidMessageError) as caught:
        check_lots([told])
    assert (caught.value.where, caught.value.reason) == (where, reason)
