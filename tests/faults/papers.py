"""The papers of a campaign that grow old: trust lists and revocation lists, of which the newest must stay in force.

archive = Archive.found(town)          # each member has trust list 2, and revocation list 2, which ends officer 8
archive.put_old("xaa")                 # an operator brings the old files
archive.put_new("xaa")
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from fakes import town as towns
from fakes.pki import DAY, DOMAIN
from fakes.town import Town
from tracepost.protocol.trustlist import (
    Steward,
    TrustContent,
    encode_content,
    fingerprint_of,
    join,
    parse_list,
    sign_part,
)

NEWEST_LIST: Final = 2
REVOKED_OFFICER: Final = "8"
_OLD, _NEW = 1, 2


@dataclass(frozen=True)
class Archive:
    """Both editions of everything.

    Args:
        lists: trust lists by number. A node keeps the first one as a file, for ever; the next comes over the line.
        editions: number → member → path → content of the files that an operator brings.
    """

    lists: Mapping[int, bytes]
    editions: Mapping[int, Mapping[str, Mapping[Path, bytes]]]

    @classmethod
    def found(cls, town: Town) -> Archive:
        """Write both editions, and let every member begin with the old one."""
        steward = ec.generate_private_key(ec.SECP256R1())
        lists = {number: _make_list(town, number, steward) for number in (_OLD, _NEW)}
        editions = {
            number: {name: _papers(town, name, number) for name in town.residents} for number in lists
        }
        archive = cls(lists, editions)
        fingerprint = fingerprint_of_list(lists[_OLD])
        for name in town.residents:
            _believe(town, name, fingerprint)
            (town.place(name) / "trust.json").write_bytes(lists[_OLD])
            archive.put_old(name)
        return archive

    def put_old(self, member: str) -> None:
        """Bring a member the old papers."""
        self._put(member, _OLD)

    def put_new(self, member: str) -> None:
        """Bring a member the new ones."""
        self._put(member, _NEW)

    def crl_of(self, member: str) -> bytes:
        """Return the newest revocation list of a member's authority."""
        return next(iter(self.editions[_NEW][member].values()))

    def _put(self, member: str, number: int) -> None:
        for path, data in self.editions[number][member].items():
            draft = path.with_suffix(".new")
            draft.write_bytes(data)
            draft.replace(path)


def fingerprint_of_list(data: bytes) -> str:
    """Return the fingerprint by which a list is believed first."""
    return fingerprint_of(parse_list(data).payload)


def _make_list(town: Town, number: int, steward: ec.EllipticCurvePrivateKey) -> bytes:
    now = int(time.time())
    content = TrustContent(
        sequence=number,
        issued=now - 60 + number,
        next_update=now + 30 * DAY,
        hard_expiry=now + 179 * DAY,
        domain=DOMAIN,
        members=tuple(towns._list_member(name, one) for name, one in town.residents.items()),
        stewards=(Steward.of_key("one", steward.public_key()),),
    )
    payload = encode_content(content)
    return join(payload, [sign_part(payload, "one", steward)])


def _papers(town: Town, member: str, number: int) -> dict[Path, bytes]:
    resident, place = town.residents[member], town.place(member)
    ended = [resident.officers[REVOKED_OFFICER].certificate] if number == _NEW and resident.officers else []
    crl = resident.authority.crl(ended, number=number)
    return {place / "keys" / ("own.crl" if resident.is_relay else "crl.der"): crl}


def _believe(town: Town, member: str, fingerprint: str) -> None:
    """Write the fingerprint of the first list into the settings, instead of the one that stands there."""
    path = town.place(member) / ("relay.toml" if town.residents[member].is_relay else "node.toml")
    lines = path.read_text("utf-8").splitlines()
    told = [f'fingerprint = "{fingerprint}"' if line.startswith("fingerprint") else line for line in lines]
    path.write_text("\n".join(told) + "\n", "utf-8")
