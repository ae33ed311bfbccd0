"""What a member wants a request to hold before it works on it, and what a request lacks of that (ITI 17, 21).

    find_lacking(request, entry.declarations.minimum_data)     # [Lacking(item_id="2", code=...SERIAL_NUMBER)]

A member declares it in its directory entry. It is a wish and no rule: a request that lacks something goes all
the same, and its author is warned. A code that says nothing about the fields of a request is not looked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from tracepost.wire.v1 import terms_pb2, trace_pb2, weapon_pb2


@dataclass(frozen=True, slots=True)
class Lacking:
    """That a request lacks what an addressee wants; no item: the request as a whole."""

    item_id: str
    code: int


def find_lacking(
    request: trace_pb2.TraceRequest, wanted: Iterable[terms_pb2.InformationCode | int]
) -> list[Lacking]:
    """Return what `request` lacks of the codes wanted, item by item; ammunition and packaging are no arms."""
    codes = [terms_pb2.InformationCode.Name(one) for one in dict.fromkeys(wanted)]
    return [*_lacking_as_a_whole(request, codes), *_lacking_of_items(request, codes)]


def _lacking_as_a_whole(request: trace_pb2.TraceRequest, codes: Iterable[str]) -> Iterator[Lacking]:
    for name in codes:
        has = _OF_THE_REQUEST.get(name)
        if has is not None and not has(request):
            yield Lacking("", terms_pb2.InformationCode.Value(name))


def _lacking_of_items(request: trace_pb2.TraceRequest, codes: list[str]) -> Iterator[Lacking]:
    for item in request.items:
        if item.kind in _NO_ARMS:
            continue
        for name in codes:
            has = _OF_AN_ITEM.get(name)
            if has is not None and not has(item):
                yield Lacking(item.id, terms_pb2.InformationCode.Value(name))


_NO_ARMS: Final = frozenset({weapon_pb2.ITEM_KIND_AMMUNITION, weapon_pb2.ITEM_KIND_PACKAGING})


def _marks(item: weapon_pb2.Item) -> Iterator[weapon_pb2.Mark]:
    yield from item.object.mark
    for part in item.object.part:
        yield from part.mark


def _has_mark(role: weapon_pb2.MarkRole) -> Callable[[weapon_pb2.Item], bool]:
    return lambda item: any(mark.role == role for mark in _marks(item))


def _has_photograph_of(item: weapon_pb2.Item, views: frozenset[weapon_pb2.PhotographView]) -> bool:
    return any(one.view in views for one in item.object.photograph)


def _has_serial(item: weapon_pb2.Item) -> bool:
    told = item.HasField("serial_range") or item.object.unmarked
    return told or _has_mark(weapon_pb2.MARK_ROLE_MANUFACTURER_SERIAL)(item)


def _tells_where_the_serial_is(item: weapon_pb2.Item) -> bool:
    serials = [mark for mark in _marks(item) if mark.role == weapon_pb2.MARK_ROLE_MANUFACTURER_SERIAL]
    return bool(serials) and all(mark.HasField("location") or mark.component for mark in serials)


_OF_MARKS: Final = frozenset({weapon_pb2.PHOTOGRAPH_VIEW_SERIAL, weapon_pb2.PHOTOGRAPH_VIEW_OTHER_MARK})
_OF_WEAPONS: Final = frozenset({weapon_pb2.PHOTOGRAPH_VIEW_LEFT, weapon_pb2.PHOTOGRAPH_VIEW_RIGHT})

_OF_AN_ITEM: Final[Mapping[str, Callable[[weapon_pb2.Item], bool]]] = MappingProxyType(
    {
        "INFORMATION_CODE_PHOTOGRAPH_OF_MARK": lambda item: _has_photograph_of(item, _OF_MARKS),
        "INFORMATION_CODE_PHOTOGRAPH_OF_WEAPON": lambda item: _has_photograph_of(item, _OF_WEAPONS),
        "INFORMATION_CODE_SERIAL_NUMBER": _has_serial,
        "INFORMATION_CODE_SERIAL_LOCATION": _tells_where_the_serial_is,
        "INFORMATION_CODE_MAKE": lambda item: bool(item.object.make),
        "INFORMATION_CODE_MODEL": lambda item: bool(item.object.model),
        "INFORMATION_CODE_CALIBRE": lambda item: bool(item.object.calibre or item.object.calibre_as_marked),
        "INFORMATION_CODE_COUNTRY_OF_MANUFACTURE": lambda item: bool(item.object.country_of_manufacture),
        "INFORMATION_CODE_IMPORT_MARK": _has_mark(weapon_pb2.MARK_ROLE_IMPORT),
        "INFORMATION_CODE_PROOF_MARK": _has_mark(weapon_pb2.MARK_ROLE_PROOF),
    }
)

_OF_THE_REQUEST: Final[Mapping[str, Callable[[trace_pb2.TraceRequest], bool]]] = MappingProxyType(
    {
        "INFORMATION_CODE_LEGAL_GROUND": lambda said: bool(said.legal_provision or said.ground_text),
        "INFORMATION_CODE_CIRCUMSTANCES": lambda said: said.HasField("circumstances"),
        "INFORMATION_CODE_INTENDED_USE": lambda said: bool(said.intended_use_detail),
        "INFORMATION_CODE_CONFIDENTIALITY_GUARANTEE": lambda said: said.guarantees_restrictions,
        "INFORMATION_CODE_HANDLING": lambda said: bool(said.handling_instructions),
        "INFORMATION_CODE_CONTACT": lambda said: bool(said.contacts or said.HasField("office")),
    }
)
