"""The papers of a campaign that grow old: trust lists and revocation lists, of which the newest must stay in force.

archive = Archive.found(town)          # each member has trust list 2, and revocation list 2, which ends officer 8
archive.put_old("xaa")                 # an operator brings the old files
archive.put_new("xaa")
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from fakes import town as towns
from fakes.pki import DAY, DOMAIN
from fakes.town import Town
from tracepost.protocol.evidence import Head, ListedKey
from tracepost.protocol.trustlist import (
    Steward,
    TrustContent,
    encode_content,
    fingerprint_of,
    join,
    parse_list,
    sign_part,
)
from tracepost.wire.v1.post_pb2 import Announcement

NEWEST_LIST: Final = 2
REVOKED_OFFICER: Final = "8"
_OLD, _NEW = 1, 2


@dataclass(frozen=True)
class Archive:
    """Both editions of everything.

    Args:
        lists: trust lists by number. A node keeps the first one as a file, for ever; the next comes over the line.
        numbers: of lists that are issued on the way.
        listed: keys of members' logs, of members that had to begin a new one.
        editions: number → member → path → content of the files that an operator brings.
    """

    lists: Mapping[int, bytes]
    editions: Mapping[int, dict[str, dict[Path, bytes]]]
    town: Town = field(repr=False)
    steward: ec.EllipticCurvePrivateKey = field(repr=False)
    numbers: Iterator[int] = field(default_factory=lambda: count(_NEW + 1))
    listed: dict[str, tuple[ListedKey, ...]] = field(default_factory=dict)

    @classmethod
    def found(cls, town: Town) -> Archive:
        """Write both editions, and let every member begin with the old one."""
        steward = ec.generate_private_key(ec.SECP256R1())
        lists = {number: _make_list(town, number, steward) for number in (_OLD, _NEW)}
        editions = {
            number: {name: _papers(town, name, number) for name in town.residents} for number in lists
        }
        archive = cls(lists, editions, town, steward)
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

    def end_list(self, seconds: int) -> bytes:
        """Return a new trust list that is past its hard expiry after so long."""
        end = int(time.time()) + seconds
        return _make_list(
            self.town, next(self.numbers), self.steward, self.listed, next_update=end, hard_expiry=end
        )

    def renew_list(self) -> bytes:
        """Return a new trust list that lasts; it is put in place for the relay, which reads it when it starts."""
        data = _make_list(self.town, next(self.numbers), self.steward, self.listed)
        for name, resident in self.town.residents.items():
            if resident.is_relay:
                _put(self.town.place(name) / "trust.json", data)
        return data

    def log_keys(self, member: str) -> list[str]:
        """Return the keys of all logs that a member has had, the one in use last."""
        return [one.vkey for one in self._listed(member)]

    def end_log(self, member: str, head: Head, key: str) -> bytes:
        """Return a new trust list, in which the log of a member ends at `head` and another begins under `key`."""
        *earlier, last = self._listed(member)
        ended = ListedKey(last.vkey, until_size=head.size, final_root=head.root)
        self.listed[member] = (*earlier, ended, ListedKey(key))
        return self.renew_list()

    def _listed(self, member: str) -> tuple[ListedKey, ...]:
        return self.listed.get(member) or (ListedKey(self.town.residents[member].log_key),)

    def issue(self, member: str, seconds: int) -> Announcement:
        """Return a new trust list and a new revocation list of a member, both of which are overdue after so long.

        The revocation list is put in place as well: the node reads it again when it starts.
        """
        number, now = next(self.numbers), int(time.time())
        crl = _make_crl(self.town, member, number, next_update=now + seconds)
        self.editions[_NEW][member] = dict.fromkeys(self.editions[_NEW][member], crl)
        self.put_new(member)
        trust_list = _make_list(self.town, number, self.steward, self.listed, next_update=now + seconds)
        return Announcement(member=member, trust_list=trust_list, crl=crl)

    def _put(self, member: str, number: int) -> None:
        for path, data in self.editions[number][member].items():
            _put(path, data)


def _put(path: Path, data: bytes) -> None:
    draft = path.with_suffix(".new")
    draft.write_bytes(data)
    draft.replace(path)


def fingerprint_of_list(data: bytes) -> str:
    """Return the fingerprint by which a list is believed first."""
    return fingerprint_of(parse_list(data).payload)


def _make_list(
    town: Town,
    number: int,
    steward: ec.EllipticCurvePrivateKey,
    log_keys: Mapping[str, Sequence[ListedKey]] = MappingProxyType({}),
    *,
    next_update: int = 0,
    hard_expiry: int = 0,
) -> bytes:
    now = int(time.time())
    content = TrustContent(
        sequence=number,
        issued=now - 60,
        next_update=next_update or now + 30 * DAY,
        hard_expiry=hard_expiry or now + 179 * DAY,
        domain=DOMAIN,
        members=tuple(
            towns._list_member(name, one, log_keys.get(name, ())) for name, one in town.residents.items()
        ),
        stewards=(Steward.of_key("one", steward.public_key()),),
    )
    payload = encode_content(content)
    return join(payload, [sign_part(payload, "one", steward)])


def _papers(town: Town, member: str, number: int) -> dict[Path, bytes]:
    name = "own.crl" if town.residents[member].is_relay else "crl.der"
    return {town.place(member) / "keys" / name: _make_crl(town, member, number)}


def _make_crl(town: Town, member: str, number: int, *, next_update: int | None = None) -> bytes:
    resident = town.residents[member]
    ended = [resident.officers[REVOKED_OFFICER].certificate] if number != _OLD and resident.officers else []
    return resident.authority.crl(ended, number=number, next_update=next_update)


def _believe(town: Town, member: str, fingerprint: str) -> None:
    """Write the fingerprint of the first list into the settings, instead of the one that stands there."""
    path = town.place(member) / ("relay.toml" if town.residents[member].is_relay else "node.toml")
    lines = path.read_text("utf-8").splitlines()
    told = [f'fingerprint = "{fingerprint}"' if line.startswith("fingerprint") else line for line in lines]
    path.write_text("\n".join(told) + "\n", "utf-8")
