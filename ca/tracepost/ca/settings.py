"""The settings of one authority: whose it is, and how long what it signs lives.

authority.toml     this file, written once by `tracepost ca init`
root.pem           the root certificate
root.key.pem       its key, encrypted (`keystore.py`)
authority.db       what must never be forgotten (`store.py`)
published/         what everybody may see (`publication.py`)
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from tracepost.ca.profile import Lifetimes
from tracepost.protocol.errors import ConfigurationError, InvalidInputError
from tracepost.protocol.ids import MemberId, parse_member
from tracepost.protocol.settings import Section, parse_toml
from tracepost.protocol.trustlist import MemberType

SETTINGS_FILE: Final = "authority.toml"
_DOMAIN = re.compile(r"(?=.{1,150}\Z)[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)*\Z")


@dataclass(frozen=True, slots=True)
class Settings:
    """Whose authority this is. `domain` is the DNS domain of the whole federation."""

    member: MemberId
    domain: str
    member_type: MemberType
    lifetimes: Lifetimes

    def to_toml(self) -> str:
        """Return the settings as the text of `authority.toml`."""
        lines = [
            f'member = "{self.member}"',
            f'domain = "{self.domain}"',
            f'member_type = "{self.member_type}"',
            "",
            "# How long things live, in seconds; `backdate` helps peers whose clock is slow.",
            "[lifetimes_s]",
            *(f"{name} = {seconds}" for name, seconds in asdict(self.lifetimes).items()),
        ]
        return "\n".join(lines) + "\n"


def make_settings(member: str, domain: str, member_type: str, lifetimes: Lifetimes) -> Settings:
    """Check and join the settings; raise `ConfigurationError` that names the bad one."""
    try:
        kind = MemberType(member_type)
    except ValueError:
        known = ", ".join(MemberType)
        raise ConfigurationError(f"a member type is one of {known}", where="member_type") from None
    if not _DOMAIN.match(domain):
        raise ConfigurationError("the domain is a lower-case DNS name", where="domain")
    if any(seconds < 0 for seconds in asdict(lifetimes).values()):
        raise ConfigurationError("a lifetime is not negative", where="lifetimes_s")
    try:
        return Settings(parse_member(member), domain, kind, lifetimes)
    except InvalidInputError as error:
        raise ConfigurationError(error.message, where="member") from None


def load_settings(directory: Path) -> Settings:
    """Read `authority.toml`; raise `ConfigurationError` if it is missing or says what it should not."""
    try:
        data = (directory / SETTINGS_FILE).read_bytes()
    except OSError:
        raise ConfigurationError(
            "there is no authority in this directory",
            where=SETTINGS_FILE,
            reason="no-authority",
            remedy="Make one: tracepost ca init DIRECTORY --member ID --domain DOMAIN.",
        ) from None
    settings = parse_toml(data, SETTINGS_FILE)
    member, domain, kind = (settings.text(name) for name in ("member", "domain", "member_type"))
    lifetimes = _lifetimes(settings.section("lifetimes_s"))
    settings.end()
    return make_settings(member, domain, kind, lifetimes)


def _lifetimes(section: Section) -> Lifetimes:
    standard = asdict(Lifetimes())
    return Lifetimes(**{name: section.number(name, seconds, least=0) for name, seconds in standard.items()})
