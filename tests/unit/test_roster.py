"""Who is told when: reckoned again by calendar and clock; nights, free days, clocks that are put on or back."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.settings_files import read_whole
from tracepost.node.telling.roster import DAY_MINUTES, Duty, Roster
from tracepost.node.telling.settings import NOBODY_TOLD, read_told
from tracepost.protocol.errors import ConfigurationError
from tracepost.protocol.ids import DeskId
from tracepost.protocol.settings import Section
from tracepost.serving.notices import NoticeSettings

PARIS = ZoneInfo("Europe/Paris")
SERVER = NoticeSettings(smtp="mail.example:25", sender="a@b.example")
ZONES = [
    ZoneInfo(name)
    for name in ("UTC", "Europe/Paris", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia")
]
DUTIES = st.builds(
    Duty,
    st.sampled_from([("a@b.example",), ("c@b.example", "d@b.example"), ("e@b.example",)]),
    st.frozensets(st.integers(0, 6), min_size=1),
    st.integers(0, DAY_MINUTES - 1),
    st.integers(1, DAY_MINUTES),
    st.booleans(),
    st.booleans(),
)
ROSTERS = st.builds(Roster, st.sampled_from(ZONES), st.lists(DUTIES, min_size=1, max_size=5).map(tuple))
MOMENTS = st.integers(1_700_000_000, 2_000_000_000)


def at(text: str, zone: ZoneInfo = PARIS, *, fold: int = 0) -> int:
    """Return the moment at which the clock on the wall shows this; of two the first, with `fold` the second."""
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).timestamp())


def is_there(duty: Duty, zone: ZoneInfo, moment: int) -> bool:
    """Say whether a duty lasts, as somebody would who looks at calendar and clock."""
    wall = dt.datetime.fromtimestamp(moment, zone)
    now, today, yesterday = wall.hour * 60 + wall.minute, wall.weekday(), (wall.weekday() - 1) % 7
    if duty.begins < duty.ends:
        return today in duty.days and duty.begins <= now < duty.ends
    return (today in duty.days and now >= duty.begins) or (yesterday in duty.days and now < duty.ends)


@settings(max_examples=300, deadline=None)
@given(ROSTERS, MOMENTS)
def test_only_who_is_there_is_told_of_what_is_not_urgent_and_all_of_them(roster: Roster, moment: int) -> None:
    rows = [
        d for d in roster.duties if not d.deputy and not d.urgent_only and is_there(d, roster.zone, moment)
    ]
    told = roster.told(moment, urgent=False)
    assert set(told or ()) == {address for row in rows for address in row.to}
    assert (told is None) == (not rows)


@settings(max_examples=300, deadline=None)
@given(ROSTERS, MOMENTS)
def test_of_what_is_urgent_somebody_is_told_at_every_hour(roster: Roster, moment: int) -> None:
    told = roster.told(moment, urgent=True)
    assert told
    there = [d for d in roster.duties if not d.deputy and is_there(d, roster.zone, moment)]
    if there:
        assert set(told) == {address for row in there for address in row.to}
    assert len(set(told)) == len(told)
    assert roster.passed_on(moment, (), urgent=True)


@settings(max_examples=200, deadline=None)
@given(ROSTERS, MOMENTS, st.lists(st.sampled_from(["x@b.example", "y@b.example"]), unique=True))
def test_deputies_are_told_of_what_nobody_opened_and_no_others(
    roster: Roster, moment: int, acting: list[str]
) -> None:
    told = roster.passed_on(moment, acting, urgent=True)
    rows = {address for row in roster.duties if row.deputy for address in row.to}
    assert told
    if rows or acting:
        assert set(acting) <= set(told) <= rows | set(acting)
    assert set(roster.passed_on(moment, acting, urgent=False) or ()) <= set(told)


NIGHT = Roster(PARIS, (Duty(("n@b.example",), frozenset({4}), 22 * 60, 6 * 60),))
EARLY = Roster(PARIS, (Duty(("e@b.example",), frozenset({6}), 150, 180),))


@pytest.mark.parametrize(
    ("roster", "moment", "there"),
    [
        (NIGHT, at("2026-11-20T21:59"), False),
        (NIGHT, at("2026-11-20T22:00"), True),
        (NIGHT, at("2026-11-21T05:59"), True),
        (NIGHT, at("2026-11-21T06:00"), False),
        (NIGHT, at("2026-11-20T05:00"), False),
        (EARLY, at("2026-10-25T02:30"), True),
        (EARLY, at("2026-10-25T02:30", fold=1), True),
        (EARLY, at("2026-10-25T03:00"), False),
        (EARLY, at("2026-03-29T01:59"), False),
        (EARLY, at("2026-03-29T01:59") + 60, False),
        (EARLY, at("2026-03-29T01:59") + 3600, False),
        (EARLY, at("2026-04-05T02:30"), True),
    ],
)
def test_a_night_belongs_to_the_day_on_which_it_begins_and_the_wall_clock_counts(
    roster: Roster, moment: int, *, there: bool
) -> None:
    """On 29 March 2026 no clock in Paris shows half past two; on 25 October it does twice."""
    assert (roster.told(moment, urgent=False) is not None) == there


def test_an_office_opens_at_eight_by_its_own_clock_in_summer_and_in_winter() -> None:
    office = Roster(PARIS, (Duty(("d@b.example",), frozenset({0}), 8 * 60, 18 * 60),))
    winter, summer = at("2026-03-23T08:00"), at("2026-03-30T08:00")
    assert summer - winter == 7 * 86400 - 3600
    assert [office.told(moment + off, urgent=False) is not None for moment in (winter, summer) for off in (-60, 0)] == [
        False, True, False, True
    ]  # fmt: skip


def desk(**more: Any) -> dict[str, Any]:
    return {"desk": [{"desk": "poc", "duty": [{"to": ["a@b.example"]}]} | more]}


def duty(**more: Any) -> dict[str, Any]:
    return desk(duty=[{"to": ["a@b.example"]} | more])


@pytest.mark.parametrize(
    ("section", "where"),
    [
        ([], "told"),
        ({"pager": 1}, "told.pager"),
        ({"console": "http://console.example"}, "told.console"),
        ({"console": "https://console.example/a b"}, "told.console"),
        ({"desk": {}}, "told.desk"),
        ({"desk": ["poc"]}, "told.desk"),
        (desk(desk="nowhere"), "told.desk.desk"),
        (desk(language="tlh"), "told.desk.language"),
        (desk(time_zone="Europe/Atlantis"), "told.desk.time_zone"),
        (desk(time_zone="../../etc/passwd"), "told.desk.time_zone"),
        (desk(time_zone=""), "told.desk.time_zone"),
        (desk(minutes_between=0), "told.desk.minutes_between"),
        (desk(minutes_between=True), "told.desk.minutes_between"),
        (desk(unopened_hours="4"), "told.desk.unopened_hours"),
        (desk(webhook="http://pager.example"), "told.desk.webhook"),
        (desk(webhook_secret_file="a"), "told.desk.webhook_secret_file"),
        (desk(duty=[]), "told.desk.duty"),
        (desk(colour="red"), "told.desk.colour"),
        (duty(to=[]), "told.desk.duty.to"),
        (duty(to=["a@b.example\nBcc: c@d.example"]), "told.desk.duty.to"),
        (duty(deputy=True), "told.desk.duty"),
        (duty(deputy=1), "told.desk.duty.deputy"),
        (duty(days=["someday"]), "told.desk.duty.days"),
        (duty(**{"from": "08:00"}), "told.desk.duty.from"),
        (duty(**{"from": "8", "until": "18:00"}), "told.desk.duty.from"),
        (duty(**{"from": "08:00", "until": "25:00"}), "told.desk.duty.until"),
        (duty(hours=3), "told.desk.duty.hours"),
        ({"officer": [{"number": "7", "to": "nobody"}]}, "told.officer.to"),
        ({"officer": [{"to": "a@b.example"}]}, "told.officer.number"),
        ({"desk": [*desk()["desk"], *desk()["desk"]]}, "told"),
    ],
)
def test_a_wrong_setting_is_named(section: Any, where: str) -> None:
    with pytest.raises(ConfigurationError) as refusal:
        read_whole(section, "told", lambda told: read_told(told, SERVER, [DeskId("poc")]))
    assert refusal.value.where == where


def test_who_is_told_by_mail_needs_a_mail_server() -> None:
    with pytest.raises(ConfigurationError) as refusal:
        read_told(Section(desk(), "told"), NoticeSettings(), [DeskId("poc")])
    assert refusal.value.where == "told.desk.duty.to"
    assert read_told(
        Section(desk(duty=[], webhook="https://pager.example/1"), "told"), NoticeSettings(), [DeskId("poc")]
    ).desks


def test_nothing_said_is_nobody_told() -> None:
    assert read_told(Section({}, "told"), NoticeSettings(), []) == NOBODY_TOLD
    assert NOBODY_TOLD.names == frozenset()
