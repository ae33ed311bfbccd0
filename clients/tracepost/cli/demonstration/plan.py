"""Who takes part: fictional members, their offices and desks.

States bear user-assigned codes of ISO 3166-1 (XAA to XZZ), so that none is meant.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tracepost.protocol.errors import InvalidInputError

DOMAIN = "tracepost.example"
RELAY = "hub"


@dataclass(frozen=True, slots=True)
class DeskPlan:
    """One outward desk: its id, what it is competent for in law (names of `Competence`), whether it is the PoC."""

    desk: str
    competences: tuple[str, ...] = ()
    point_of_contact: bool = False


@dataclass(frozen=True, slots=True)
class MemberPlan:
    """One state: its id, the name of its office, its desks.

    Args:
        direct: whether other nodes can dial it; False: it only dials out, and a relay keeps its mail.
        records_since: first year that its records cover.
    """

    member: str
    name: str
    desks: tuple[DeskPlan, ...]
    direct: bool = True
    records_since: str = "1975"


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


def plans_of(members: Iterable[MemberPlan | str]) -> tuple[MemberPlan, ...]:
    """Return the plans of `members`, each given as a plan or by the id of one of `STATES`.

    Raises:
        InvalidInputError: no such state.
    """
    return tuple(one if isinstance(one, MemberPlan) else _find(one) for one in members)


def _find(member: str) -> MemberPlan:
    for plan in STATES:
        if plan.member == member:
            return plan
    raise InvalidInputError("there is no such fictional state", where=member)
