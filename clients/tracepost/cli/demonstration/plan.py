"""Who takes part: fictional members, their offices and desks.

States bear user-assigned codes of ISO 3166-1 (XAA to XZZ), so that none is meant.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tracepost.protocol.errors import InvalidInputError

DOMAIN = "tracepost.example"
RELAY = "hub"


@dataclass(frozen=True, slots=True)
class DeskPlan:
    """One outward desk: its id, what it is competent for in law (names of `Competence`), whether it is the PoC.

    `officers` sit at it; each has a certificate of his own.
    """

    desk: str
    competences: tuple[str, ...] = ()
    point_of_contact: bool = False
    officers: int = 1


@dataclass(frozen=True, slots=True)
class MemberPlan:
    """One member: its id, the name of its office, its desks; `member_type` as in the trust list.

    Args:
        direct: whether other nodes can dial it; False: it only dials out, and a relay keeps its mail.
        records_since: first year that its records cover.
        hosted_by: the member on whose machine its node runs; empty: its own.
        second_officer: whether criminal-justice and personal data leave only with a second officer's word.
    """

    member: str
    name: str
    desks: tuple[DeskPlan, ...]
    direct: bool = True
    records_since: str = "1975"
    member_type: str = "state"
    hosted_by: str = ""
    second_officer: bool = False


_POC = DeskPlan("poc", point_of_contact=True)
_POLICE = DeskPlan("police", ("LAW_ENFORCEMENT",))

STATES: tuple[MemberPlan, ...] = (
    MemberPlan("xaa", "Firearms Tracing Office of XAA", (_POC, _POLICE)),
    MemberPlan(
        "xab",
        "Arms Licensing Authority of XAB",
        (DeskPlan("poc", ("LICENSING",), point_of_contact=True), _POLICE),
    ),
    MemberPlan("xac", "National Police of XAC, tracing unit", (_POC, _POLICE), direct=False),
    MemberPlan("xad", "Ministry of the Interior of XAD", (_POC, _POLICE), direct=False),
)

OTHERS: tuple[MemberPlan, ...] = (
    MemberPlan(
        "un-panel-xyz",
        "Panel of Experts on XYZ",
        (DeskPlan("experts", ("PANEL",), point_of_contact=True),),
        member_type="panel",
    ),
    MemberPlan(
        "un-mission-xyz",
        "Peace operation in XYZ, arms embargo unit",
        (DeskPlan("embargo", ("PEACE_OPERATION",), point_of_contact=True),),
        member_type="peace-operation",
    ),
)
"""Members that are no states. The desk that their mail goes to is no national point of contact."""

_CUSTOMS = DeskPlan("customs", ("CUSTOMS_ENFORCEMENT",))

CHANNELS: tuple[MemberPlan, ...] = (
    MemberPlan("xaa", "National Police of XAA, tracing unit", (_POC, _POLICE, _CUSTOMS)),
    MemberPlan("xab", "National Police of XAB, tracing unit", (_POC, _POLICE, _CUSTOMS)),
    MemberPlan(
        "xac",
        "Arms Licensing Authority of XAC",
        (
            DeskPlan("poc", ("LICENSING",), point_of_contact=True, officers=2),
            _POLICE,
            _CUSTOMS,
            DeskPlan("army", ("RECORDS_CUSTODY",)),
        ),
        direct=False,
        second_officer=True,
    ),
    *OTHERS,
)
"""A network with offices of all sorts: police, a licensing authority, customs, an armoury, a panel, a mission."""


def plans_of(
    members: Iterable[MemberPlan | str], among: Iterable[MemberPlan] = (*STATES, *OTHERS)
) -> tuple[MemberPlan, ...]:
    """Return the plans of `members`, each given as a plan or by the id of one `among` some.

    Raises:
        InvalidInputError: no such member.
    """
    known = {plan.member: plan for plan in among}
    return tuple(one if isinstance(one, MemberPlan) else _find(one, known) for one in members)


def _find(member: str, known: Mapping[str, MemberPlan]) -> MemberPlan:
    if member not in known:
        raise InvalidInputError("there is no such fictional member", where=member)
    return known[member]
